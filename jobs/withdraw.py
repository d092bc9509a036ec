"""Letters that wait for an address that the registry doesn't hold any more: they don't leave, and are written afresh.

An address may be corrected, or a person leave, between the run that made a letter and the one that hands it over.
"""

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.mail.outbox import KINDS, LetterState
from cdi_sync.model import Assessment
from cdi_sync.people import Directory

GONE = "adresse que l'onglet Contacts ne donne plus : annulé, les rappels sont redits à qui de droit"


def withdraw(installation: Installation, assessment: Assessment) -> int:
    """Cancels the letters to contacts that nobody reachable has the address of: how many.

    Their notices are free to be told to whoever holds the role now. A letter whose text may have left isn't touched.
    """
    outbox = installation.store.outbox
    waiting = [one for one in outbox.letters(LetterState.QUEUED, LetterState.HELD) if one.kind in KINDS]
    if not waiting:
        return 0
    known = Directory(assessment.registry, installation.knowledge.roles, assessment.as_of).addresses
    now = clock.now()
    return sum(outbox.cancel(one.key, GONE, at=now) for one in waiting if one.to.casefold() not in known)
