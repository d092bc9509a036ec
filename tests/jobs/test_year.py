"""A year of reminders, day after day, on a registry that nobody touches: one digest a person a day, nothing lost."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cdi_sync.assessment import assess, calendar_of
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.model import Notice
from cdi_sync.outbox import DIGEST, notice_key
from jobs.remind import remind
from tests.demos import AS_OF, lean_installation

YEAR = [AS_OF + timedelta(days=n) for n in range(365)]


@dataclass(frozen=True)
class Year:
    """An installation after a year, and the notices that were due on each worked day."""

    at: Installation
    due: dict[date, tuple[Notice, ...]]


def lived(folder: Path) -> Year:
    at = lean_installation(folder, seed=3, size=14)
    reading = at.read(AS_OF)
    registry, due = reading.assessment.registry, {}
    calendar = calendar_of(registry, at.knowledge, AS_OF)
    for day in YEAR:
        seen = assess(registry, at.knowledge, day)
        remind(at, Reading(reading.snapshot, seen))
        if calendar.is_worked(day):
            due[day] = tuple(notice for notice in seen.notices if notice.to)
    return Year(at, due)


def test_in_a_year_each_thing_is_said_once_in_one_digest_a_person_a_worked_day(tmp_path: Path) -> None:
    year = lived(tmp_path)
    digests = [letter for letter in year.at.store.letters() if letter.kind == DIGEST]
    told = [notice for notices in year.at.store.notices_of().values() for notice in notices]
    assert len(digests) > 30
    assert max(Counter((letter.to, letter.day) for letter in digests).values()) == 1, "two digests in a day"
    assert [letter.day for letter in digests if letter.day not in year.due] == [], "a digest on a day off"
    assert len(year.at.store.said()) == len(told), "something was told twice"
    # a weekend, or a digest already sent that day, puts a notice off to the next worked day, or a later step overtakes it
    owed = {notice_key(notice) for due in year.due.values() for notice in due}
    assert owed - year.at.store.said() == set(), "something was lost"
