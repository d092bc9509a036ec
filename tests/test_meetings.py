"""What reminders ask of meetings and bodies beyond the rules, whose stories tell the rest."""

from datetime import date, time
from typing import Any

import pytest

from cdi_sync.casefile import open_cases
from cdi_sync.edges import clock  # with the time-zone data that we depend on
from cdi_sync.meetings import (
    Gap,
    frequency_days,
    hours_in_words,
    last_meeting_of,
    next_meeting_due,
    preparation_gaps,
    was_held,
)
from cdi_sync.model import Case
from tests import test_stories as told
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


# ------------------------------------------------------------------------------------- hours, in both places


def hours(day: date, hour: time | str | None, zone: str = "Europe/Paris", **cells: Any) -> str:
    assert clock.MOROCCO.key == "Africa/Casablanca"
    told = {"mode": "A_DISTANCE", "fuseau_partenaire": zone, **cells}
    opened = case({"type": "COPIL", "date": day, "heure_debut": hour, **told})
    return hours_in_words(opened.meetings[0], opened.partner)


@pytest.mark.parametrize(
    ("day", "hour", "zone", "words"),
    [
        # Morocco is at UTC+0 all year since 20 September 2026; France goes back to UTC+1 on 25 October 2026
        (date(2026, 10, 24), time(10), "Europe/Paris", "10:00 à Rabat (UTC+0) / 12:00 à Paris (UTC+2)"),
        (date(2026, 10, 26), time(10), "Europe/Paris", "10:00 à Rabat (UTC+0) / 11:00 à Paris (UTC+1)"),
        # and forward on 28 March 2027, at 1:00 UTC
        (date(2027, 3, 28), time(0, 30), "Europe/Paris", "00:30 à Rabat (UTC+0) / 01:30 à Paris (UTC+1)"),
        (date(2027, 3, 28), time(1, 30), "Europe/Paris", "01:30 à Rabat (UTC+0) / 03:30 à Paris (UTC+2)"),
        # New York goes back to UTC-5 on 1 November 2026
        (date(2026, 10, 31), time(2), "America/New_York",
         "02:00 à Rabat (UTC+0) / 22:00 à New York (UTC-4), la veille"),
        (date(2026, 11, 2), time(15), "America/New_York", "15:00 à Rabat (UTC+0) / 10:00 à New York (UTC-5)"),
        (date(2026, 11, 2), time(18), "Asia/Kolkata", "18:00 à Rabat (UTC+0) / 23:30 à Kolkata (UTC+5:30)"),
        (date(2026, 11, 2), time(20), "Asia/Tokyo",
         "20:00 à Rabat (UTC+0) / 05:00 à Tokyo (UTC+9), le lendemain"),
        # the day before the change Morocco was still at UTC+1
        (date(2026, 9, 19), time(10), "Europe/Paris", "10:00 à Rabat (UTC+1) / 11:00 à Paris (UTC+2)"),
        (date(2026, 9, 21), time(10), "Europe/Paris", "10:00 à Rabat (UTC+0) / 12:00 à Paris (UTC+2)"),
    ],
)  # fmt: skip
def test_hours_are_told_in_both_places_with_their_offset(day: date, hour: time, zone: str, words: str) -> None:
    assert hours(day, hour, zone) == words


def test_a_zone_that_no_one_knows_is_told_and_does_not_stop_anything() -> None:
    day = date(2026, 11, 2)
    assert hours(day, time(10), "Europe/Pari") == (
        "10:00 à Rabat (UTC+0) / fuseau « Europe/Pari » inconnu (peut-être Europe/Paris ?)"
    )
    assert hours(day, time(10), "heure d'été") == "10:00 à Rabat (UTC+0) / fuseau « heure d'été » inconnu"
    assert hours(day, time(10), "../etc") == "10:00 à Rabat (UTC+0) / fuseau « ../etc » inconnu"
    assert hours(day, time(10), fuseau_ct="Maroc").startswith("10:00, fuseau « Maroc » inconnu")


def test_hours_are_told_once_on_site_and_not_at_all_when_nobody_typed_them() -> None:
    day = date(2026, 11, 2)
    assert hours(day, time(10), mode="PRESENTIEL") == "10:00 à Rabat (UTC+0)"
    assert hours(day, time(10), "") == "10:00 à Rabat (UTC+0)"
    assert (hours(day, None), hours(day, "vers midi")) == ("", "")


def test_the_zone_of_the_partner_stands_in_for_that_of_the_meeting() -> None:
    rows = {
        "partenaires": [{"fuseau_horaire": "Europe/Paris"}],
        "reunions": [{"date": date(2026, 11, 2), "heure_debut": time(10), "mode": "MIXTE"}],
    }
    opened = open_cases(registry(rows), TODAY)["ACT-00001"]
    assert hours_in_words(opened.meetings[0], opened.partner) == "10:00 à Rabat (UTC+0) / 11:00 à Paris (UTC+1)"


@pytest.mark.parametrize(("length", "said"), [(6000, "rien"), (6001, "probleme")])
def test_minutes_of_six_thousand_characters_are_short_enough(length: int, said: str) -> None:
    minutes = {"cr_decisions": "x" * (length - 10), "cr_points_ouverts": "néant", "cr_plan_actions": "néant"}
    told.test_story("MEET-10", {"le": TODAY, "dit": said, "reunions": [{"date": HELD, **minutes}]})
