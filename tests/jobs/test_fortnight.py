"""A simulated fortnight: two copies on one installation, killed and restarted at random, and each thing done once.

The clock is made up; all else is real: jobs, ledger, letters, workbook, and the lock files, for which the two copies
contend in two threads. A kill is an exception that nothing catches, raised before or after one of the effects of a
job; as when a process dies, its locks go with it and its memory too.
"""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.edges import clock, files
from cdi_sync.edges.clock import MOROCCO
from cdi_sync.edges.config import Declarations, data_folder
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.outbox import Outbox
from cdi_sync.edges.ledger.store import Store
from cdi_sync.edges.workbook_xlsx.reading import read
from cdi_sync.errors import AlreadyRunningError
from cdi_sync.mail.letters import Templates
from cdi_sync.mail.outbox import notice_key
from jobs.due import Ended, JobRun, Memory, run_due
from jobs.run import run
from jobs.sync import sync
from tests.demos import lean_installation
from tests.jobs.test_run import cells_of, staff_cells

START = date(2026, 8, 10)  # a Monday; 14, 20 and 21 August 2026 are holidays
WORKED = [date(2026, 8, day) for day in (10, 11, 12, 13, 17, 18, 19)]
SLOTS = {
    # what was due before the installation existed: the latest slot of each job, no more
    ("sync", "2026-08-07T18:00"),
    ("remind", "2026-08-07T08:30"),
    ("report", "2026-S32"),
    ("report", "2026-S33"),
    ("report", "2026-S34"),
    *(("remind", f"{day}T08:30") for day in WORKED),
    *(("sync", f"{day}T{hour}") for day in WORKED for hour in ("07:00", "12:30", "18:00")),
}
HOURS = (timedelta(hours=7), timedelta(hours=8), timedelta(hours=8.5), timedelta(hours=12.5), timedelta(hours=18))
MINUTES = (-1, 0, 1, 6, 12)  # around each slot; at the last one nobody is killed and everybody is up


class Killed(BaseException):
    """The machine of this copy stops here."""


class Doom(threading.local):
    """How many more effects this thread lives for; None: it isn't killed."""

    left: int | None = None

    def strike(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


DOOM = Doom()


def mortal(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, before and after which a kill may come."""

    @wraps(function)
    def struck(*args: Any, **kw: Any) -> Any:
        DOOM.strike()
        result = function(*args, **kw)
        DOOM.strike()
        return result

    return struck


def once_a_file(function: Callable[[Installation, date], Any]) -> Callable[[Installation, date], Any]:
    """The same function of the workbook and the day, worked out once for the same bytes and day."""
    known: dict[tuple[bytes, date], Any] = {}

    def remembered(at: Installation, today: date) -> Any:
        key = (at.workbook.read_bytes(), today)
        if key not in known:
            known[key] = function(at, today)
        return known[key]

    return remembered


class Copy:
    """A copy of the service, that is up or down."""

    def __init__(self, at: Installation, seed: str) -> None:
        self._at, self._chance = at, random.Random(seed)
        self.kills = 0
        self.start()

    def start(self) -> None:
        self._service: Installation | None = Installation(self._at.folder, self._at.settings, self._at.declarations)
        self._memory = Memory()

    def tick(self, now: datetime, *, safe: bool) -> Sequence[JobRun]:
        """One minute of this copy's life. safe: it is up, and stays so."""
        if self._service is None and (safe or self._chance.random() < 0.4):
            self.start()
        if self._service is None:
            return ()
        DOOM.left = None if safe or self._chance.random() < 0.3 else self._chance.randrange(6)
        try:
            return run_due(self._service, now, memory=self._memory)
        except Killed:
            self.kills += 1
            self._service = None
            return ()
        finally:
            DOOM.left = None


def moments() -> Iterator[tuple[datetime, bool]]:
    """The minutes at which something may happen in a fortnight, and whether they are safe. The service is new at six."""
    yield datetime.combine(START, time(6), MOROCCO), True
    for day in range(14):
        midnight = datetime.combine(START + timedelta(days=day), time(0), MOROCCO)
        for hour in HOURS:
            for minute in MINUTES:
                yield midnight + hour + timedelta(minutes=minute), minute == MINUTES[-1]


def by_hand(at: Installation, now: datetime) -> None:
    """`cdi run`, typed by someone while the service runs."""
    try:
        with at.alone():
            run(at, now.date())
    except AlreadyRunningError:
        pass


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A demo of twelve agreements, whose effects may be cut short; what was read already isn't parsed again (speed)."""
    for name in ("record", "claim", "settle"):
        monkeypatch.setattr(Outbox, name, mortal(getattr(Outbox, name)))
    for name in ("keep_figures", "remember_published", "record_run"):
        monkeypatch.setattr(Store, name, mortal(getattr(Store, name)))
    monkeypatch.setattr(files, "write_atomically", mortal(files.write_atomically))
    monkeypatch.setattr("jobs.deliver.write_atomically", mortal(files.write_atomically))
    templates = Templates(data_folder("mail_templates"), Declarations().languages)
    monkeypatch.setattr("cdi_sync.mail.letters.Templates", lambda *_: templates)
    for name in ("read", "calendar"):
        monkeypatch.setattr(Installation, name, once_a_file(getattr(Installation, name)))
    return lean_installation(tmp_path, seed=12, as_of=START)


@pytest.mark.proof
@pytest.mark.parametrize("seed", [1])
def test_in_a_fortnight_of_kills_each_slot_is_done_once_and_each_thing_said_once(
    seed: int, world: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read(world.workbook)
    expected = _notices(world)
    copies, chance = [Copy(world, f"{seed}a"), Copy(world, f"{seed}b")], random.Random(seed)
    told: list[JobRun] = []
    with ThreadPoolExecutor(2) as threads:
        for now, safe in moments():
            monkeypatch.setattr(clock, "now", lambda now=now: now)
            for runs in threads.map(lambda copy, now=now, safe=safe: copy.tick(now, safe=safe), copies):
                told.extend(runs)
            if safe and now.date() in WORKED and chance.random() < 0.05:
                by_hand(world, now)

    assert sum(copy.kills for copy in copies) > 5  # else the test proves nothing
    assert not [run for run in told if run.ended in (Ended.BROKEN, Ended.PUT_OFF)]
    _each_slot_once(world, told)
    _each_thing_said_once(world, expected)
    _the_workbook_is_intact(world, staff_cells(before, world))


def _notices(at: Installation) -> set[tuple[str, ...]]:
    """All that there is to say on the worked days of the fortnight, from the registry alone."""
    registry = at.read(START).assessment.registry
    due = (assess(registry, at.knowledge, day).notices for day in WORKED)
    return {notice_key(notice) for notices in due for notice in notices if notice.to}


def _each_slot_once(at: Installation, told: Sequence[JobRun]) -> None:
    rows = [(row["job"], row["slot"]) for row in at.store.job_runs()]
    assert len(rows) == len(set(rows))
    assert set(rows) == SLOTS
    done = [(run.job, run.slot) for run in told if run.ended is Ended.DONE]
    assert len(done) == len(set(done))


def _each_thing_said_once(at: Installation, expected: set[tuple[str, ...]]) -> None:
    letters = at.store.outbox.letters()
    assert at.store.outbox.said() == expected
    assert {letter.state for letter in letters} == {"sent"}
    digests = [(letter.kind, letter.to, letter.day) for letter in letters if letter.kind != "invitation"]
    assert len(set(digests)) == len(digests)  # one a person and a day
    files = {path.name: path.read_bytes() for path in at.letters_folder.iterdir()}
    assert files == {letter.eml: letter.content for letter in letters}


def _the_workbook_is_intact(at: Installation, staff: object) -> None:
    last = WORKED[-1]
    assert staff_cells(read(at.workbook), at) == staff
    assert sync(at, at.read(last), dry_run=True).cells == 0
    journal = cells_of(at.workbook, "Journal")[2:]
    assert {line[0] for line in journal} == set(WORKED)
    assert {line[1] for line in journal} == {"Contrôle"}  # nothing of ours was taken for someone's typing
