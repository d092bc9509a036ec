"""What several families of checks share."""

from datetime import date, timedelta

from cdi_sync.model import Case
from cdi_sync.rules.outcomes import Context, NotApplicable, Subject

LOCAL_AUTHORITIES = ("COLLECTIVITE_ETRANGERE", "GROUPEMENT_CT_ETRANGER")
FINAL_RESULTS = ("ADOPTEE", "REJETEE")
NO_LIMIT = "aucun délai enregistré pour cette collectivité à cette date"


def case_of(subject: Subject) -> Case:
    """The agreement that the row belongs to, for checks that speak of nothing else."""
    assert subject.case is not None, "this check speaks of an agreement"
    return subject.case


def last_day(subject: Subject, column: str, key: str, context: Context) -> date | NotApplicable:
    """The last of so many days (the limit `key`) after a date of the row, once it's over; else why nothing is owed."""
    start = subject.row.day(column)
    if start is None:
        return NotApplicable("le délai n'a pas commencé : sa date n'est pas saisie")
    limit = subject.limit(key, start, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    last = start + timedelta(days=limit.number)
    return NotApplicable("le délai court encore", last) if context.today <= last else last
