"""Tells those who filled in a form what became of it: received, corrected, accepted, refused, awaited.

Called by the job that takes answers in, after they have landed and after a person's decisions. Steps: requests as the
workbook has them, against what each sender was told (`forms.telling`) → letters that still wait and say something older
given up → one letter a request, frozen and recorded. Run again, it writes nothing. It follows what stands: an accepted
request is told once its row is in the workbook, so that no number is announced that isn't there.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.store import Store
from cdi_sync.forms.telling import Due, News, NextStep, Plan, Request, announcement, plan
from cdi_sync.mail.breakers import Start, start_of
from cdi_sync.mail.language import FRENCH, Language
from cdi_sync.mail.outbox import REQUEST, LetterState
from cdi_sync.mail.wording import role_in
from cdi_sync.model import Assessment
from cdi_sync.people import Sending
from jobs.deliver import Delivered, Draft, Written, deliver, freeze, lapse, recover
from jobs.guard import START

_AFTER_INVITATIONS = 600_000  # the place of the first among the day's letters
_MANY = 3  # parametre: decisions taken back at once
_OUT_OF_DATE = "la demande a changé avant que ce courriel parte"


@dataclass(frozen=True)
class AcknowledgeReport(Written):
    """deferred: letters for another day, their reader having had enough. kept: number of a request → why its sender isn't
    told, in French."""

    deferred: int = 0
    kept: Mapping[str, str] = field(default_factory=dict)


def acknowledge(
    installation: Installation,
    assessment: Assessment,
    requests: Sequence[Request],
    today: date,
    *,
    dry_run: bool = False,
    hand_over: bool = False,
    hold: str = "",
) -> AcknowledgeReport:
    """Makes the letters that senders are owed. dry_run: tells them, records and writes nothing.

    assessment: of the workbook in which the requests' rows were read. hold: why all of them wait for a person, in French.
    hand_over: True to deliver what waits as well; otherwise it leaves with the next letters.
    """
    if installation.settings.mail.transport == "none":
        return AcknowledgeReport()
    in_doubt = expired = 0
    if hand_over and not dry_run:
        in_doubt, expired = recover(installation, today), lapse(installation, today)
    start = None if dry_run else _start(installation, today)
    found = _plan(installation, assessment, requests, today, installation.ledger(dry_run=dry_run), start)
    wanted = tuple(due.parcel for due in found.due)
    if dry_run:
        return AcknowledgeReport(len(wanted), parcels=wanted, deferred=found.deferred, kept=found.kept)
    for key in found.obsolete:
        installation.store.outbox.leave(key, LetterState.EXPIRED, of=(LetterState.QUEUED, LetterState.HELD),
                                        at=clock.now(), detail=_OUT_OF_DATE)  # fmt: skip
    writer = _Writer(installation, assessment, today)
    taken_back = _taken_back(found)
    drafts = [
        writer.draft(
            due, hold=hold or (start.why if start and due.hold else taken_back if due.news is News.REOPENED else "")
        )
        for due in found.due
    ]
    frozen = freeze(drafts, installation, today, first_rank=_AFTER_INVITATIONS)
    done = deliver(installation, in_doubt=in_doubt, expired=expired) if hand_over else Delivered()
    return AcknowledgeReport(frozen.made, done, wanted, frozen.refused, found.deferred, found.kept)


def _plan(
    installation: Installation, assessment: Assessment, requests: Sequence[Request], today: date, store: Store,
    start: Start | None,
) -> Plan:  # fmt: skip
    made = Counter[str]()
    for (kind, to, day), count in store.outbox.made().items():
        if (kind, day) == (REQUEST, today):
            made[to] += count
    return plan(
        requests, store.outbox.keys(REQUEST), installation.declarations.acknowledging, made=made,
        never=_never(installation, assessment, store), before=start.before if start else None,
    )  # fmt: skip


def _taken_back(found: Plan) -> str:
    """Why letters that announce decisions taken back wait for a person: staff take one back, an older workbook all of them."""
    count = sum(due.news is News.REOPENED for due in found.due)
    if count < _MANY:
        return ""
    return f"{count} demandes déjà décidées ne le sont plus : le classeur a-t-il été remis d'une sauvegarde ?"


def _never(installation: Installation, assessment: Assessment, store: Store) -> frozenset[str]:
    """Addresses that nothing is sent to: ours, those of roles that are never written to, those that came back."""
    never = {code for code, role in installation.knowledge.roles.items() if role.sending is Sending.NEVER}
    contacts = assessment.registry["contacts"]
    barred = {row.text("courriel_institutionnel") for row in contacts if row["fonction_role"] in never}
    return frozenset(filter(None, (*installation.knowledge.own_addresses, *barred, *store.mailbox.bad_addresses())))


def _start(installation: Installation, today: date) -> Start | None:
    """What is known of the ledger's beginning. These letters may be the first of a new one, which mustn't pass for an old
    one after them: reminders long due would leave all at once."""
    if installation.settings.mail.transport != "smtp":
        return None
    store = installation.store
    known = Start.of(store.mark(START))
    if known is None and (known := start_of(today, knows_letters=store.journal.head()[0] > 0, sent_on=None)):
        store.set_mark(START, known.as_mark())
    return known


class _Writer:
    """Writes the letters of one run."""

    def __init__(self, installation: Installation, assessment: Assessment, today: date) -> None:
        self._installation, self._assessment, self._today = installation, assessment, today

    def draft(self, due: Due, *, hold: str) -> Draft:
        declared, answer = self._installation.declarations, due.request.proposal.submission
        language = declared.languages.get(answer.lang) or declared.languages[FRENCH]
        told = announcement(
            due, declared.forms[answer.form], declared.acknowledging, language,
            service=self._installation.settings.mail.service, today=self._today, naming=self._naming(language),
            step=self._step(due, language),
        )  # fmt: skip
        return Draft(due.parcel, told.name, lambda: self._installation.templates.request(told), language.code, hold)

    def _step(self, due: Due, language: Language) -> NextStep | None:
        """Where the row that the request became stands; None when no procedure follows it."""
        became = due.request.row.text("devenue")
        standing = self._assessment.standings.get(became) or self._assessment.evaluations.get(became)
        if standing is None or standing.next_step == "":
            return None
        is_told = language.code == FRENCH or ("", standing.next_step) in language.texts
        return NextStep(
            stage=language.gettext(standing.stage_title),
            todo=language.gettext(standing.next_step) if is_told else "",
            actor=role_in(standing.actor, self._installation.knowledge.tabs, language) if standing.actor != "—" else "",
            due=standing.due,
        )

    def _naming(self, language: Language) -> Callable[[str], str]:
        own = f"_{language.code}"
        return lambda id_: next(
            (
                name
                for key, name in sorted(self._names.get(id_, {}).items(), key=lambda one: not one[0].endswith(own))
                if name
            ),
            "",
        )

    @cached_property
    def _names(self) -> Mapping[str, Mapping[str, str]]:
        """Identifier of a row → column by which people call it → that name."""
        tabs, registry = self._installation.knowledge.tabs, self._assessment.registry
        return {
            row.id: {key: row.text(key) for key in tab.names}
            for tab in tabs.values() if tab.names for row in registry[tab.name]
        }  # fmt: skip
