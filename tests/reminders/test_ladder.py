"""A ladder as it is written in `reminders.toml`: what is refused, and who joins at which step."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.calendar import build_calendar
from cdi_sync.errors import ConfigError
from cdi_sync.reminders import Reminder, parse_reminder
from cdi_sync.reminders.ladder import latest_step
from cdi_sync.reminders.notices import check_triggers
from tests.registries import DECLARED

LADDER: dict[str, Any] = {
    "titre": "Visa en cours",
    "declencheur": "visa_en_cours",
    "etapes": [10, 15, 20],
    "unite": "jours",
    "destinataires": ["REFERENT_CDI"],
    "escalade": {"+15": ["DGS_DS"], "+20": ["PRESIDENT"]},
    "action": "Suivre",
    "regles": ["GEN-12"],
}


def ladder(**changed: Any) -> Reminder:
    return parse_reminder("REM-VIS-02", {**LADDER, **changed}, DECLARED.roles)


@pytest.mark.parametrize("key", ["titre", "declencheur", "etapes", "unite", "destinataires", "action", "regles"])
def test_a_ladder_without_one_of_its_keys_is_refused_by_name(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_reminder("REM-VIS-02", {name: value for name, value in LADDER.items() if name != key}, DECLARED.roles)
    assert caught.value.where == "reminders.toml [REM-VIS-02]"
    assert key in caught.value.why


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"unite": "semaines"}, "jours_ouvrables"),
        ({"etapes": ["bientôt"]}, '"50 %"'),
        ({"etapes": [True]}, '"50 %"'),
        ({"destinataires": ["MAIRE"]}, "REFERENT_CDI"),
        ({"destinataires": []}, '"50 %"'),
        ({"escalade": {"+15": ["WALI_GOUVERNEUR"]}}, "Retirer ce rôle"),
        ({"destinataires": ["DGCT"]}, "Retirer ce rôle"),
        ({"escalade": {"+16": ["PRESIDENT"]}}, "+10, +15, +20"),
        ({"couleur": "rouge"}, "escalade"),
    ],
)
def test_a_ladder_that_cannot_work_is_refused_with_what_is_possible(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ladder(**changed)
    assert caught.value.where.startswith("reminders.toml [REM-VIS-02]")
    assert told in caught.value.fix


def test_an_unknown_trigger_is_refused_with_the_possible_ones() -> None:
    with pytest.raises(ConfigError, match="visa_perdu") as caught:
        check_triggers([ladder(declencheur="visa_perdu")])
    assert "visa_en_cours" in caught.value.fix


@pytest.mark.parametrize(
    ("step", "people"),
    [
        ("+10", ("REFERENT_CDI",)),
        ("+15", ("REFERENT_CDI", "DGS_DS")),
        ("+20", ("REFERENT_CDI", "DGS_DS", "PRESIDENT")),
    ],
)
def test_escalation_adds_people_and_removes_nobody(step: str, people: tuple[str, ...]) -> None:
    assert ladder().people(step) == people


@pytest.mark.parametrize(
    ("today", "step"),
    [
        # the anchor is Sunday 13 December 2026: each of its Sundays moves back to the Friday before
        (date(2026, 11, 26), "-21"),
        (date(2026, 11, 27), "-14"),
        (date(2026, 12, 3), "-14"),
        (date(2026, 12, 4), "-7"),
        (date(2026, 12, 10), "-7"),
        (date(2026, 12, 11), "+0"),
        (date(2026, 12, 30), "+0"),  # nothing more after the anchor
    ],
)
def test_a_ladder_that_repeats_goes_by_weeks_up_to_its_anchor(today: date, step: str) -> None:
    weekly = parse_reminder("REM", {**LADDER, "chaque": 7, "etapes": [], "escalade": {}}, DECLARED.roles)
    anchor, calendar = date(2026, 12, 13), build_calendar((2026,), (), DECLARED.calendar)
    found = latest_step(weekly, anchor, anchor, None, today, calendar)
    assert (found and found[0]) == step


def test_no_ladder_of_ours_writes_to_an_authority() -> None:
    for reminder in DECLARED.reminders:
        everyone = {*reminder.roles, *(role for added in reminder.added.values() for role in added)}
        assert not everyone & {"WALI_GOUVERNEUR", "DGCT"}, reminder.id
