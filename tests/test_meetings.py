"""What reminders ask of meetings and bodies beyond the rules, whose stories tell the rest."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.casefile import open_cases
from cdi_sync.meetings import Gap, frequency_days, last_meeting_of, next_meeting_due, preparation_gaps, was_held
from cdi_sync.model import Case
from tests.registries import DECLARED, registry

TODAY = date(2027, 4, 1)
HELD = date(2027, 3, 1)


def case(*meetings: dict[str, Any], **body: Any) -> Case:
    """A convention with one body, and those meetings of it."""
    rows = {"organes": [body], "reunions": [{"id_organe": "ORG-00001", **meeting} for meeting in meetings]}
    return open_cases(registry(rows), TODAY)["ACT-00001"]


def due(*meetings: dict[str, Any], **body: Any) -> date | None:
    opened = case(*meetings, **body)
    return next_meeting_due(opened, opened.bodies[0], DECLARED.law, TODAY)


@pytest.mark.parametrize(
    ("meeting", "held"),
    [
        ({"date": date(2027, 3, 31)}, True),
        ({"date": TODAY}, False),
        ({"date": HELD, "annulee": False}, True),
        ({"date": HELD, "annulee": True}, False),
        ({}, False),
    ],
)
def test_a_meeting_was_held_once_its_day_is_over_unless_cancelled(meeting: dict[str, Any], held: bool) -> None:
    assert was_held(case({"type": "COPIL", **meeting}).meetings[0], TODAY) is held


def test_the_next_meeting_is_due_one_frequency_after_the_last_without_tolerance() -> None:
    assert due({"date": HELD}, frequence_reunions="MENSUELLE") == date(2027, 3, 31)  # 1 March + 30 days
    assert due({"date": HELD}, frequence_reunions="AUTRE", frequence_jours=10) == date(2027, 3, 11)


def test_before_any_meeting_it_is_due_one_frequency_after_the_body_was_set_up() -> None:
    assert due(frequence_reunions="ANNUELLE", date_mise_en_place=date(2026, 6, 1)) == date(2027, 6, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"frequence_reunions": "MENSUELLE", "date_fin": TODAY},  # dissolved
        {"frequence_reunions": "AUTRE"},
        {"date_mise_en_place": HELD},
    ],
)
def test_nothing_is_due_of_a_dissolved_body_or_without_a_frequency(body: dict[str, Any]) -> None:
    assert due({"date": HELD}, **body) is None


def test_nothing_is_due_of_a_body_that_neither_met_nor_was_set_up() -> None:
    assert due(frequence_reunions="MENSUELLE") is None


def test_the_last_meeting_is_the_latest_one_held_whatever_the_order_of_the_rows() -> None:
    opened = case({"date": HELD}, {"date": date(2026, 3, 1)}, {"date": date(2027, 5, 1)}, frequence_reunions="ANNUELLE")
    last = last_meeting_of(opened, opened.bodies[0], TODAY)
    assert last is not None and last.day("date") == HELD
    assert frequency_days(opened.bodies[0], DECLARED.law, TODAY) == 365


def test_the_gaps_of_a_meeting_come_in_the_order_of_the_guide() -> None:
    (meeting,) = case({"date": HELD, "mode": "A_DISTANCE", "date_designation": HELD}).meetings
    assert dict(preparation_gaps(meeting)) == {
        "plateforme": Gap("plateforme"),
        "heures": Gap("heure_debut"),
        "ordre_du_jour": Gap("ordre_du_jour"),
        "animateurs": Gap("moderateur"),
    }
    assert list(preparation_gaps(case({"date": HELD}).meetings[0])) == [
        "lieu",
        "plateforme",
        "heures",
        "ordre_du_jour",
        "animateurs",
    ]
