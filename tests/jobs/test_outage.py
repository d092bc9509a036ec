"""The program stands still for days: once it works again every notice due is told, once, and no matter falls silent."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from email import message_from_bytes
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cdi_sync.assessment import assess
from cdi_sync.edges import clock
from cdi_sync.edges.clock import MOROCCO
from cdi_sync.edges.installation import Common, Installation, Reading
from cdi_sync.mail.outbox import LetterState, NoticeKey, notice_key
from jobs.due import run_due
from jobs.remind import remind
from jobs.run import run
from tests.demos import lean_installation

START = date(2026, 8, 10)  # a Monday; Friday 14, Thursday 20 and Friday 21 August 2026 are holidays
WORKED = (0, 1, 2, 3, 7, 8, 9)  # of the days from START on
HOURS = (time(7), time(8), time(8, 30), time(12, 30), time(18))
COMMON = Common()  # templates, compiled once

Way = Callable[[Installation, date], object]  # how a day's work is done


@cache
def _home() -> TemporaryDirectory[str]:
    """Where the registry that all days are read from is; it goes with the process."""
    return TemporaryDirectory(prefix="cdi-outage-")


@cache
def _first() -> tuple[Installation, Reading]:
    at = lean_installation(Path(_home().name), as_of=START)
    return at, at.read(START)


@cache
def reading(day: date) -> Reading:
    """What the registry says on that day; nobody touches it meanwhile."""
    at, first = _first()
    return Reading(first.snapshot, assess(first.assessment.registry, at.knowledge, day))


def on(number: int) -> date:
    return START + timedelta(days=number)


def due(number: int) -> Set[NoticeKey]:
    """The notices that are due on that day, to somebody."""
    return {notice_key(notice) for notice in reading(on(number)).assessment.notices if notice.to}


def by_remind(at: Installation, day: date) -> None:
    remind(at, reading(day))


def by_run(at: Installation, day: date) -> None:
    with at.alone():
        run(at, day)


def by_service(at: Installation, day: date) -> None:
    for hour in HOURS:
        moment = datetime.combine(day, hour, MOROCCO)
        clock.now = lambda moment=moment: moment  # type: ignore[misc]  # put back by the test's own patch
        run_due(at, moment)


def outage(folder: Path, days: int, way: Way) -> Installation:
    """Works on the first day, stands still for so many days, then works every day to the tenth."""
    lean_installation(folder, as_of=START)
    for number in (0, *range(days + 1, 10)):
        way(Installation.at(folder / "settings.toml", COMMON), on(number))
    return Installation.at(folder / "settings.toml", COMMON)


def assert_caught_up(at: Installation, days: int) -> tuple[int, int]:
    """How many notices were told, and how many that stood for a day only gave way to later ones."""
    worked = [number for number in (0, *range(days + 1, 10)) if number in WORKED]
    expected = set[NoticeKey]().union(*(due(number) for number in worked))
    assert at.store.outbox.said() == expected
    letters = at.store.outbox.letters()
    assert {letter.state for letter in letters} == {LetterState.SENT}
    told = Counter(letter.key for letter in letters)
    assert set(told.values()) == {1}
    files = Counter(str(message_from_bytes(path.read_bytes())["Message-ID"]) for path in at.letters_folder.iterdir())
    assert files == Counter(letter.message_id for letter in letters), "each letter's file, once"
    missed = set[NoticeKey]().union(*(due(number) for number in WORKED)) - expected
    _nothing_falls_silent(missed, due(next(number for number in worked if number > days)))
    assert remind(at, reading(on(9))).new == 0
    return len(expected), len(missed)


def _nothing_falls_silent(missed: Set[NoticeKey], back: Set[NoticeKey]) -> None:
    """A step that passed unseen: the same person hears of the same matter by its next step, or it waits no more."""
    waiting = {key[:4] for key in back}
    heard = {(*key[:4], key[5]) for key in back}
    silent = [key for key in missed if key[:4] in waiting and (*key[:4], key[5]) not in heard]
    assert not silent


def test_after_a_week_of_outage_every_notice_due_is_told_once(tmp_path: Path) -> None:
    assert_caught_up(outage(tmp_path / "ici", 7, by_remind), 7)


WAYS: Mapping[str, Way] = {"cdi run each day": by_run, "the service": by_service}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock is put back at the end, and what a workbook says of a day is worked out once."""
    monkeypatch.setattr(clock, "now", clock.now)
    known: dict[tuple[bytes, date], Reading] = {}
    read = Installation.read

    def remembered(at: Installation, today: date) -> Reading:
        key = (at.workbook.read_bytes(), today)
        if key not in known:
            known[key] = read(at, today)
        return known[key]

    monkeypatch.setattr(Installation, "read", remembered)
    yield


@pytest.mark.proof
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_after_an_outage_of_0_to_7_days(
    way: Way, quick: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: Sequence[str] = [
        f"{days} day(s) of outage: {told} notices told, each once; {passed} steps that passed meanwhile gave way to the "
        "next step, or their matter was over"
        for days in range(8)
        for told, passed in [assert_caught_up(outage(tmp_path / str(days), days, way), days)]
    ]
    with capsys.disabled():
        print(f"\n{next(name for name, one in WAYS.items() if one is way)}:\n" + "\n".join(lines))
