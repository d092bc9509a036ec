"""A season of reminders, or a year, day after day, on a registry that nobody touches: one digest a person a day, nothing lost."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from cdi_sync.assessment import assess, calendar_of
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.mail.outbox import DIGEST, notice_key
from cdi_sync.model import Notice
from jobs.remind import remind
from tests.demos import AS_OF, lean_installation


@dataclass(frozen=True)
class Lived:
    """An installation after many days, and the notices that were due on each worked day."""

    at: Installation
    due: dict[date, tuple[Notice, ...]]


def lived(folder: Path, days: int) -> Lived:
    at = lean_installation(folder, seed=3, size=14)
    reading = at.read(AS_OF)
    registry, due = reading.assessment.registry, {}
    calendar = calendar_of(registry, at.knowledge, AS_OF)
    for day in (AS_OF + timedelta(days=n) for n in range(days)):
        seen = assess(registry, at.knowledge, day)
        remind(at, Reading(reading.snapshot, seen))
        if calendar.is_worked(day):
            due[day] = tuple(notice for notice in seen.notices if notice.to)
    return Lived(at, due)


@pytest.mark.parametrize("days", [90, pytest.param(365, marks=pytest.mark.proof)])
def test_each_thing_is_said_once_in_one_digest_a_person_a_worked_day(days: int, tmp_path: Path) -> None:
    lived_through = lived(tmp_path, days)
    digests = [letter for letter in lived_through.at.store.outbox.letters() if letter.kind == DIGEST]
    told = [notice for notices in lived_through.at.store.outbox.notices_of().values() for notice in notices]
    assert len(digests) > days / 12
    assert max(Counter((letter.to, letter.day) for letter in digests).values()) == 1, "two digests in a day"
    assert [letter.day for letter in digests if letter.day not in lived_through.due] == [], "a digest on a day off"
    assert len(lived_through.at.store.outbox.said()) == len(told), "something was told twice"
    # a weekend, or a digest already sent that day, puts a notice off to the next worked day, or a later step overtakes it
    owed = {notice_key(notice) for due in lived_through.due.values() for notice in due}
    assert owed - lived_through.at.store.outbox.said() == set(), "something was lost"
