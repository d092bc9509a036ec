"""Each ladder as a table of days (`tests/ladders/*.toml`): the step that is due and who hears of it."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.reminders.ladder import Reminder, step_name
from tests.registries import DECLARED
from tests.reminders.worlds import names, notices

LADDERS = Path(__file__).parent.parent / "ladders"
_KEYS = {"histoire", "jours", *DECLARED.tabs}


def _stories() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(LADDERS.glob("*.toml")):
        for reminder, stories in tomllib.loads(path.read_text(encoding="utf-8")).items():
            yield from ((reminder, story) for story in stories)


def _days() -> Iterator[Any]:
    for reminder, story in _stories():
        for day in story["jours"]:
            yield pytest.param(reminder, story, day, id=f"{reminder} {story['histoire']} {day['le']}")


@pytest.mark.parametrize(("reminder", "story", "day"), list(_days()))
def test_on_that_day_that_step_is_due_for_those_people(
    reminder: str, story: dict[str, Any], day: dict[str, Any]
) -> None:
    assert set(story) <= _KEYS
    rows = {tab: story[tab] for tab in DECLARED.tabs if tab in story}
    told = [notice for notice in notices(rows, day["le"]) if notice.reminder == reminder]
    assert {notice.step for notice in told} == set(_steps(day))
    assert names(told) == sorted(day.get("a", []) * len(_steps(day)))


def _steps(day: dict[str, Any]) -> list[str]:
    """The steps due that day: "+1 ; -45" when two ladders of the reminder speak."""
    return [step for step in day.get("etape", "").split(" ; ") if step]


@pytest.mark.parametrize("reminder", [r for r in DECLARED.reminders if r.steps], ids=lambda r: r.title)
def test_each_step_is_told_from_both_sides(reminder: Reminder) -> None:
    """For each step a story shows the day on which it comes and the day before, on which it isn't due."""
    shown = set()
    for name, story in _stories():
        days = {day["le"]: _steps(day) for day in story["jours"]} if name == reminder.id else {}
        for day, steps in days.items():
            before = days.get(day - timedelta(days=1))
            shown |= {step for step in steps if before is not None and step not in before}
            shown |= {step for step in steps if step == "immediat"}
    assert {step_name(step) for step in reminder.steps} - shown == set()


def test_every_reminder_has_its_stories() -> None:
    assert {reminder.id for reminder in DECLARED.reminders} == {reminder for reminder, _ in _stories()}


def test_no_story_speaks_of_a_day_twice() -> None:
    for reminder, story in _stories():
        days: list[date] = [day["le"] for day in story["jours"]]
        assert len(days) == len(set(days)), f"{reminder} {story['histoire']}"
