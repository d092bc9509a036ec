"""Where an evaluation stands: its own small procedure, from the choice of its moment to the end of its recommendations.

The states are data (`config/stages/evaluation.toml`) and are walked as those of an agreement are (`procedure.replay`):
only the events differ, read here from the evaluation's row, the meetings of its agreement and the action plan. Pure.
Source: guide, axe 2 §2-b, 8th step, and annex 3.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from cdi_sync.casefile import DONE, agreement_period
from cdi_sync.law import EVERY_TIER, Law
from cdi_sync.meetings import evaluation_meetings
from cdi_sync.model import Case, Event, Row

# columns that are an event by themselves: column → kind
_OWN_EVENTS = {
    "p1_preparatoire_tdr": "tdr_rediges",
    "date_validation_ct": "tdr_valides_ct",
    "date_validation_partenaire": "tdr_valides_partenaire",
    "date_lancement_consultation": "consultation",
    "date_contrat": "contrat",
    "date_fin_collecte": "collecte_finie",
    "date_validation_copil": "rapport_valide",
    "diffusion_conseils": "diffusion_conseils",
    "diffusion_partenaires": "diffusion_partenaires",
    "diffusion_administration": "diffusion_administration",
}
# where each kind of evidence is written in the evaluation's row; the action plan holds the others
EVIDENCE: Mapping[str, str] = {
    **{kind: column for column, kind in _OWN_EVENTS.items()},
    "periode_convenue": "periode_convenue_debut",
    "cadrage": "date_reunion_cadrage",
    "restitution": "date_restitution",
    "suites_engagees": "p4_mise_en_oeuvre",
}


def evaluation_case(case: Case, evaluation: Row, today: date) -> Case:
    """The case as one of its evaluations sees it: what happened to the evaluation until today, and nothing else.

    An old act's evaluation isn't old itself: none of its states is taken for granted.
    """
    happened = tuple(e for e in _events(case, evaluation, today) if e.day is None or e.day <= today)
    return replace(case, events=happened, evaluations=(evaluation,), historical=False)


def _events(case: Case, row: Row, today: date) -> Iterator[Event]:
    begins, ends = row.day("periode_convenue_debut"), row.day("periode_convenue_fin")
    if begins and ends and row.says("accord_parties"):  # nobody types the day of that consent
        yield Event("periode_convenue", None, row, partial=f"du {begins:%d/%m/%Y} au {ends:%d/%m/%Y}")
    for column, kind in _OWN_EVENTS.items():
        if day := row.day(column):
            yield Event(kind, day, row)
    for day in evaluation_meetings(case, row, "CADRAGE", "date_reunion_cadrage", today):
        yield Event("cadrage", day, row)
    collected = row.day("date_fin_collecte") or date.min
    for day in evaluation_meetings(case, row, "RESTITUTION", "date_restitution", today):
        if day >= collected:  # those held before are the periodic ones
            yield Event("restitution", day, row)
    yield from _follow_up(recommendations(case, row), row)


def recommendations(case: Case, evaluation: Row) -> tuple[Row, ...]:
    """The lines of the action plan that follow up an evaluation."""
    return tuple(row for row in case.actions if row["id_evaluation"] == evaluation.id)


def _follow_up(followed: tuple[Row, ...], row: Row) -> Iterator[Event]:
    if begun := row.day("p4_mise_en_oeuvre"):
        yield Event("suites_engagees", begun, row)
    elif followed:
        yield Event("suites_engagees", None, followed[0])
    if followed and all(action["statut"] in DONE for action in followed):
        days = [action.day("date_fin_reelle") for action in followed if action["statut"] != "ANNULEE"]
        known = [day for day in days if day]
        yield Event("recommandations_closes", max(known) if known and len(known) == len(days) else None, followed[-1])


# -------------------------------------------------------------------------------------------------- deadlines


def due_day(case: Case, evaluation: Row, deadline: str, law: Law) -> tuple[date | None, str]:
    """The day by which the next step is expected (name in DEADLINES), and why that day; None when it isn't known."""
    expected = DEADLINES[deadline](case, evaluation, law) if deadline in DEADLINES else None
    return (expected, _WHY[deadline]) if expected else (None, "")


def _middle(case: Case, row: Row, law: Law) -> date | None:
    period = agreement_period(case)
    share = law.in_force("evaluation_mi_parcours", period[0], case.tier or EVERY_TIER) if period else None
    return period[0] + timedelta(days=int((period[1] - period[0]).days * share.share)) if period and share else None


def _shifted(column: str, key: str, sign: int) -> Callable[[Case, Row, Law], date | None]:
    """So many days (a limit of the law) before (-1) or after (1) a date of the row."""

    def expected(case: Case, row: Row, law: Law) -> date | None:
        day = row.day(column)
        limit = law.in_force(key, day, case.tier or EVERY_TIER) if day else None
        return day + timedelta(days=sign * limit.number) if day and limit else None

    return expected


DEADLINES: Mapping[str, Callable[[Case, Row, Law], date | None]] = {
    "mi_parcours": _middle,
    "tdr": _shifted("periode_convenue_debut", "evaluation_tdr", -1),
    "cadrage": lambda case, row, law: row.day("periode_convenue_debut"),
    "restitution": _shifted("date_fin_collecte", "evaluation_restitution", 1),
    "rapport": lambda case, row, law: row.day("periode_convenue_fin"),
    "recommandations": _shifted("date_validation_copil", "evaluation_recommandations", 1),
    "diffusion": _shifted("date_validation_copil", "evaluation_diffusion", 1),
}
_WHY = {
    "mi_parcours": "mi-parcours de l'acte",
    "tdr": "délai de rédaction avant la période convenue",
    "cadrage": "premier jour de la période convenue",
    "restitution": "délai de restitution après la collecte",
    "rapport": "dernier jour de la période convenue",
    "recommandations": "délai après la validation du rapport",
    "diffusion": "délai de diffusion après la validation du rapport",
}
