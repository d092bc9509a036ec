"""Which agreements sleep: signed or in force, and nothing done for longer than our thresholds (IND-11). Pure.

Thresholds are calendar days of law.toml, all of them `parametre`; a threshold is passed when more days than it have gone.
Source: guide, axe 3 (reactivating the agreements that were signed and left).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cdi_sync.casefile import first_day, last_activity
from cdi_sync.law import EVERY_TIER, Law
from cdi_sync.model import Case, Form, Standing

SIGNED = ("signe", "vigueur")  # situations in which an agreement may sleep


@dataclass(frozen=True)
class Dormant:
    """A sleeping agreement: since which day nothing is known to have been done, and why it counts as sleeping."""

    case: Case
    since: date
    days: int
    why: str


def dormant(case: Case, standing: Standing, law: Law, today: date) -> Dormant | None:
    """The agreement as sleeping; None when it is awake, isn't signed, or when no day of its life is known."""
    if standing.situation not in SIGNED or case.abandoned:
        return None
    return next(_reasons(case, standing, law, today), None)


def _reasons(case: Case, standing: Standing, law: Law, today: date) -> Iterator[Dormant]:
    last = last_activity(case, today)
    if last is None:
        return
    key = "dormance_adhesion" if case.form is Form.ADHESION_OING else "dormance_activite"
    if (today - last).days > _threshold(law, key, today, case):
        yield Dormant(case, last, (today - last).days, "aucune activité connue depuis ce jour")
    begun = first_day(case, "entree_en_vigueur")
    idle = case.form is Form.CONVENTION and standing.situation == "vigueur" and not case.bodies and not case.actions
    if idle and begun and (today - begun).days > _threshold(law, "dormance_sans_organe", today, case):
        yield Dormant(case, begun, (today - begun).days, "en vigueur depuis ce jour, sans organe ni action")


def _threshold(law: Law, key: str, today: date, case: Case) -> float:
    """Days; no threshold in force means that nothing sleeps."""
    limit = law.in_force(key, today, case.tier or EVERY_TIER)
    return limit.number if limit else float("inf")
