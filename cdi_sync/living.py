"""What shows over the state that a case has reached: ended, expired, suspended, renewed, dormant, dues late… Pure.

One function a condition of `config/stages/*.toml` (`par_dessus`), each saying since when it holds and on what evidence.
Some rest on a typed day, others on the mere passing of time: `today` and the law are always given. Days are calendar
days; a state entered by the passing of n days is entered on the day after them. Sources: guide, axe 2 §2-b, 4th step
(dormant agreements); annex 2, term and termination; §2-c (dues).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cdi_sync.casefile import (
    MONEY_ACTIVITY,
    activities,
    current_end,
    events,
    is_something_planned,
    last_activity,
    latest_signature,
    partial_signature,
)
from cdi_sync.law import EVERY_TIER, Law
from cdi_sync.model import Case, Event, Form, Row


@dataclass(frozen=True)
class Holds:
    """A condition that holds: since when (None: nobody knows) and what shows it, an event or words."""

    since: date | None
    event: Event | None = None
    words: str = ""


Condition = Callable[[Case, Law, date], Holds | None]


# ---------------------------------------------------------------------------------------------- typed decisions


def resiliee(case: Case, law: Law, today: date) -> Holds | None:
    """The terms of the termination were signed."""
    return _latest(case, "resiliation")


def retiree(case: Case, law: Law, today: date) -> Holds | None:
    """The council decided to leave the organisation."""
    return _latest(case, "retrait")


def radiee(case: Case, law: Law, today: date) -> Holds | None:
    """The organisation struck the council off."""
    return _latest(case, "radiation")


def suspendue(case: Case, law: Law, today: date) -> Holds | None:
    """A suspension was agreed, and no resumption on that day or later."""
    holds = _latest(case, "suspension")
    resumed = _latest(case, "reprise")
    over = holds and resumed and holds.since and resumed.since and resumed.since >= holds.since
    return None if over else holds


def reconduite(case: Case, law: Law, today: date) -> Holds | None:
    """A renewal was typed, and nothing has been done under it yet: the first activity leads back to execution."""
    holds = _latest(case, "reconduction")
    last = last_activity(case, today)
    return None if holds and holds.since and last and last > holds.since else holds


def _latest(case: Case, kind: str) -> Holds | None:
    found = max(events(case, kind), key=lambda event: event.day or date.min, default=None)
    return Holds(found.day, found) if found else None


# ------------------------------------------------------------------------------------------------- term, dues


def echue(case: Case, law: Law, today: date) -> Holds | None:
    """The last day of the agreement is over; a renewal, even a tacit one, is for a person to record."""
    end = current_end(case)
    if end is None or today <= end:
        return None
    return Holds(end + timedelta(days=1), words=f"terme atteint le {end:%d/%m/%Y} ({case.id})")


def echue_tacite(case: Case, law: Law, today: date) -> Holds | None:
    """Expired, and the agreement foresees a tacit renewal that nobody has refused."""
    return echue(case, law, today) if case.act["reconduction"] == "TACITE" and not is_refused(case) else None


def is_refused(case: Case) -> bool:
    """True when it was decided not to renew the agreement."""
    return bool(events(case, "non_reconduction"))


def cotisation_en_retard(case: Case, law: Law, today: date) -> Holds | None:
    """Dues whose day is over aren't paid; the oldest of them tells since when."""
    late = min(late_dues(case, today), key=lambda row: row.day("echeance") or date.max, default=None)
    day = late.day("echeance") if late else None
    if late is None or day is None:
        return None
    return Holds(day + timedelta(days=1), words=f"cotisation due le {day:%d/%m/%Y}, non versée ({late.id})")


def late_dues(case: Case, today: date) -> tuple[Row, ...]:
    """The lines of dues past their day and not paid; those that the ministry pays, and unreadable ones, aside."""
    return tuple(row for row in unpaid_dues(case, today) if (day := row.day("echeance")) and day < today)


def unpaid_dues(case: Case, today: date) -> tuple[Row, ...]:
    """The lines of dues that the council owes and that aren't paid on that day."""
    return tuple(
        row
        for row in case.money
        if row["type_ligne"] == "COTISATION"
        and row.says("prise_en_charge_dgct") is not True
        and "date_versement" not in row.unreadable
        and ((paid := row.day("date_versement")) is None or paid > today)
    )


# ------------------------------------------------------------------------------------------ dormant, inactive


def dormante(case: Case, law: Law, today: date) -> Holds | None:
    """Nothing has been done for longer than the law's threshold, and nothing is planned."""
    bare = events(case, "entree_en_vigueur") and not events(case, "organe_cree", "action_prevue", "action_commencee")
    key = "dormance_sans_organe" if case.form is Form.CONVENTION and bare else "dormance_acte"
    return _idle(case, law, today, key, last_activity(case, today), "aucune activité connue depuis")


def relance_proposee(case: Case, law: Law, today: date) -> Holds | None:
    """Dormant, and its revival was put to the council since it was last active."""
    proposed = _latest(case, "relance_proposee")
    last = last_activity(case, today)
    stale = proposed and proposed.since and last and proposed.since <= last
    return proposed if proposed and not stale and dormante(case, law, today) else None


def inactive(case: Case, law: Law, today: date) -> Holds | None:
    """A member that has taken part in nothing for longer than the threshold. Paying isn't taking part."""
    taken_part = max(activities(case, today, without=MONEY_ACTIVITY), default=None)
    return _idle(case, law, today, "inactivite_adhesion", taken_part, "aucune participation connue depuis")


def _idle(case: Case, law: Law, today: date, key: str, last: date | None, words: str) -> Holds | None:
    """Idle for more days than the threshold. Of an old act only the year may be known: then since nobody knows when."""
    limit = law.in_force(key, today, case.tier or EVERY_TIER)
    signed = latest_signature(case)
    known = max((day for day in (last, signed) if day), default=None)
    if limit is None or known is None or (today - known).days <= limit.number or is_something_planned(case, today):
        return None
    if known == last:
        return Holds(last + timedelta(days=limit.number + 1), words=f"{words} le {last:%d/%m/%Y}")
    return Holds(None, words=f"{words} la signature ({partial_signature(case.act)})")


def asleep(case: Case, law: Law, today: date) -> Holds | None:
    """A dormant agreement, or an inactive member (IND-11)."""
    return (inactive if case.form is Form.ADHESION_OING else dormante)(case, law, today)


CONDITIONS: Mapping[str, Condition] = {
    condition.__name__: condition
    for condition in (
        resiliee, retiree, radiee, suspendue, reconduite, echue, echue_tacite, cotisation_en_retard, dormante,
        relance_proposee, inactive,
    )
}  # fmt: skip
