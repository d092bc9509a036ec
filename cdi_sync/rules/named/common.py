"""What several families of checks share."""

from datetime import date, timedelta

from cdi_sync.casefile import agreement_period
from cdi_sync.model import Case
from cdi_sync.rules.outcomes import Context, NotApplicable, Subject

LOCAL_AUTHORITIES = ("COLLECTIVITE_ETRANGERE", "GROUPEMENT_CT_ETRANGER")
FINAL_RESULTS = ("ADOPTEE", "REJETEE")
ENDS = ("date_cloture", "date_resiliation", "date_retrait", "date_radiation")
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


def limit_after(subject: Subject, start: date | None, key: str, context: Context) -> date | None:
    """The last of so many days (the limit `key`) after `start`; None when either isn't known."""
    if start is None:
        return None
    limit = subject.limit(key, start, context)
    return start + timedelta(days=limit.number) if limit else None


def limit_before(subject: Subject, end: date | None, key: str, context: Context) -> date | None:
    """The last day that leaves so many days (the limit `key`) before `end`; None when either isn't known."""
    if end is None:
        return None
    limit = subject.limit(key, end, context)
    return end - timedelta(days=limit.number) if limit else None


def is_over(case: Case, day: date) -> bool:
    """True when nothing more is to be done under an agreement on that day: given up, ended, closed, left or ruled out."""
    ends = [case.act.day(key) for key in ENDS]
    period = agreement_period(case)
    return case.over or any(end and end <= day for end in ends) or bool(period and period[1] < day)


def money_is_followed(case: Case, context: Context) -> bool:
    """True when the agreement's money is kept in the registry: its module is on, or a line is there already."""
    return bool(case.money) or "finances" in context.modules
