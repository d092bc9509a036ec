"""Which agreements sleep, on both sides of each threshold. The day is 23 November 2026; 365 days before it is
23 November 2025, 180 days before is 27 May 2026, 730 days before is 23 November 2024.
"""

from datetime import date
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.casefile import last_activity, open_cases
from cdi_sync.dashboard import SLEEPING, dashboard
from cdi_sync.dormancy import Dormant, dormant
from cdi_sync.shown import Places
from tests.registries import knowledge, registry

TODAY = date(2026, 11, 23)
KNOWN = knowledge()


def asleep(rows: dict[str, Any], **act: Any) -> Dormant | None:
    """The agreement of those rows, a convention unless told otherwise, as sleeping or not."""
    assessment = assess(registry({"actes": [{"historique": True, **act}], **rows}), KNOWN, TODAY)
    return dormant(assessment.cases["ACT-00001"], assessment.standings["ACT-00001"], KNOWN.law, TODAY)


@pytest.mark.parametrize(
    ("form", "day", "sleeps"),
    [
        ("CONVENTION", date(2025, 11, 23), False),
        ("CONVENTION", date(2025, 11, 22), True),
        ("JUMELAGE", date(2025, 11, 23), False),
        ("JUMELAGE", date(2025, 11, 22), True),
    ],
)
def test_a_signed_agreement_sleeps_after_365_days_without_activity(form: str, day: date, sleeps: bool) -> None:
    found = asleep({}, forme=form, date_signature=day)
    assert (found is not None) is sleeps
    assert found is None or (found.since, found.days) == (day, 366)


@pytest.mark.parametrize(("day", "sleeps"), [(date(2024, 11, 23), False), (date(2024, 11, 22), True)])
def test_a_membership_sleeps_after_730_days(day: date, sleeps: bool) -> None:
    assert (asleep({}, forme="ADHESION_OING", date_adhesion=day) is not None) is sleeps


@pytest.mark.parametrize(("day", "sleeps"), [(date(2026, 5, 27), False), (date(2026, 5, 26), True)])
def test_a_convention_in_force_without_body_or_action_sleeps_after_180_days(day: date, sleeps: bool) -> None:
    act = {"date_signature": day, "date_entree_vigueur": day}
    found = asleep({}, **act)
    assert (found is not None) is sleeps
    assert found is None or "sans organe ni action" in found.why
    assert asleep({"organes": [{"type": "COMITE_SUIVI"}]}, **act) is None
    assert asleep({"plan_action": [{"quoi_activite": "Échange"}]}, **act) is None


def test_what_isnt_signed_or_was_given_up_never_sleeps() -> None:
    assert asleep({}, historique=False, date_projet_convention=date(2020, 1, 1)) is None
    assert asleep({}, date_signature=date(2020, 1, 1), date_abandon=date(2021, 1, 1)) is None


def test_a_threshold_set_in_the_workbook_holds() -> None:
    rows = {"parametres": [{"cle": "dormance_activite", "valeur": "400"}]}
    seen = registry({"actes": [{"historique": True, "date_signature": date(2025, 11, 1)}], **rows})
    assessment = assess(seen, KNOWN, TODAY)
    grid = dashboard(assessment, KNOWN, Places(seen.layouts))
    first = grid[SLEEPING.first - 1]
    assert [cell.value for cell in first if cell] == ["Rien à signaler"]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ({"annee_signature": 1986}, date(1986, 12, 31)),
        ({"annee_signature": 2009, "mois_signature": 2}, date(2009, 2, 28)),
        ({"annee_signature": 2026}, TODAY),  # the year isn't over
        ({"annee_signature": 2026, "mois_signature": 12}, None),  # it hasn't begun
        ({"annee_signature": 2030}, None),
        ({"date_creation": date(2026, 1, 5), "date_avis": date(2026, 2, 5)}, date(2026, 1, 5)),  # a check isn't a step
        ({}, None),
    ],
)
def test_the_last_activity_of_an_old_act_is_the_last_day_that_it_may_be(act: Any, expected: date | None) -> None:
    assert last_activity(open_cases(registry({"actes": [act]}), TODAY)["ACT-00001"], TODAY) == expected


@pytest.mark.parametrize(
    ("tab", "row", "expected"),
    [
        ("reunions", {"date": date(2026, 3, 1)}, date(2026, 3, 1)),
        ("reunions", {"date": date(2026, 3, 1), "annulee": True}, None),
        ("reunions", {"date": date(2026, 12, 1)}, None),  # still to come
        ("plan_action", {"du": date(2026, 1, 1), "date_butoir": date(2026, 2, 1)}, None),  # only planned
        ("plan_action", {"date_debut_reelle": date(2026, 1, 9)}, date(2026, 1, 9)),
        ("evaluations", {"date_rapport_final": date(2026, 4, 9)}, date(2026, 4, 9)),
        ("evaluations", {"periode_convenue_debut": date(2026, 4, 9)}, None),
        ("organes", {"rappel_vu_le": date(2026, 4, 9)}, None),
        ("visas_accords", {"nature": "VISA", "date_envoi": date(2026, 5, 1)}, date(2026, 5, 1)),
    ],
)
def test_activity_is_what_was_done_not_what_was_planned(tab: str, row: Any, expected: date | None) -> None:
    assert last_activity(open_cases(registry({tab: [row]}), TODAY)["ACT-00001"], TODAY) == expected
