"""A year of reminders, day after day, on a registry that nobody touches: one digest a person a day, nothing lost."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from cdi_sync.assessment import assess, calendar_of
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.model import Notice
from cdi_sync.outbox import DIGEST, URGENT, notice_key
from jobs.remind import remind
from tests.demos import AS_OF, installation

YEAR = [AS_OF + timedelta(days=n) for n in range(365)]


@dataclass(frozen=True)
class Year:
    """An installation after a year, and the notices that were due on each day."""

    at: Installation
    due: dict[date, tuple[Notice, ...]]
    worked: dict[date, bool]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    at = installation(tmp_path_factory.mktemp("annee"), seed=3, size=40)
    reading = at.read(AS_OF)
    registry, due = reading.assessment.registry, {}
    calendar = calendar_of(registry, at.knowledge, AS_OF)
    for day in YEAR:
        seen = assess(registry, at.knowledge, day)
        due[day] = tuple(notice for notice in seen.notices if notice.to)
        remind(at, Reading(reading.snapshot, seen))
    return Year(at, due, {day: calendar.is_worked(day) for day in YEAR})


def test_nobody_gets_two_digests_a_day(year: Year) -> None:
    letters = Counter((letter.kind, letter.to, letter.day) for letter in year.at.store.letters())
    assert len(letters) > 100
    assert {key: count for key, count in letters.items() if key[0] == DIGEST and count > 1} == {}


def test_no_digest_leaves_on_a_day_off(year: Year) -> None:
    days = {letter.day for letter in year.at.store.letters() if letter.kind == DIGEST}
    assert [day for day in days if not year.worked[day]] == []


def test_each_notice_is_told_once(year: Year) -> None:
    told = [tuple(notice.values()) for notices in year.at.store.notices_of().values() for notice in notices]
    assert len(told) == sum(len(notices) for notices in year.at.store.notices_of().values())
    assert len(year.at.store.said()) == len(told)


def test_every_step_that_was_the_latest_on_a_worked_day_was_told(year: Year) -> None:
    """What a weekend, or a digest already sent that day, kept back is told the next worked day, or overtaken."""
    said = year.at.store.said()
    owed = {notice_key(n) for day in YEAR if year.worked[day] for n in year.due[day]}
    assert owed - said == set()


def test_a_letter_tells_the_most_urgent_thing_first(year: Year) -> None:
    for letter in year.at.store.letters()[:50]:
        assert letter.kind in (DIGEST, URGENT)
        assert Path(year.at.letters_folder / letter.eml).is_file()
