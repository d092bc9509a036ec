"""A whole day's work while Google is busy, down or silent: it ends, nothing is done twice, and the next run leaves the registry
as one that nothing disturbed. In virtual time: waits move the emulator's clock, and nobody waits.

The registry was published on one day; the run that is disturbed is the next day's, once people inserted rows. So it reads twice,
writes numbers among the rows of the staff, brings its own tabs up to date, and writes letters.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cdi_sync.cli import cdi
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_google import opening
from cdi_sync.edges.workbook_google.access import open_client
from cdi_sync.edges.workbook_google.opening import PACE, Line
from cdi_sync.errors import CdiError, ExitCode
from jobs.run import run
from tests.demos import AS_OF
from tests.google.faults import Kind as Fault
from tests.google.world import Google
from tests.google_demo import ROBOT
from tests.kinds import Kind, both, position, served

NEXT = date(2026, 11, 24)
READ, WRITE = "sheets.spreadsheets.values.batchGet", "sheets.spreadsheets.batchUpdate"
# of that run, in order: who we are, whether anything changed, what sheets there are, their cells,
# those of the staff's tabs again, the writing
REQUESTS = ("token", "drive.files.get", "sheets.spreadsheets.get", READ, READ, WRITE)
MOST_MINUTES = 8  # seven of patience, and a last try
proof = pytest.mark.proof


@dataclass
class Time:
    """The emulator's clock, which waits move."""

    google: Google
    moved: float = 0.0

    def now(self) -> float:
        return self.google.clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self.moved += seconds
        self.google.clock.advance(seconds)

    @property
    def minutes(self) -> float:
        return self.moved / 60


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    """Every client opened by a command waits in the emulator's time."""
    google, _ = served()
    made = published().at
    monkeypatch.setattr(Installation, "knowledge", made.knowledge)  # the same for all: read and compiled once
    monkeypatch.setattr(Installation, "templates", made.templates)
    clock = Time(google)
    monkeypatch.setattr(opening, "open_client", functools.partial(open_client, random=lambda: 0.5))
    monkeypatch.setattr(
        opening, "line_of", lambda folder: Line(folder / PACE, epoch=clock.now, now=clock.now, sleep=clock.sleep)
    )
    yield clock
    google.faults.clear()
    google.staff.leave()
    google.clock.advance(-clock.moved)  # the robot's key signs by the real time
    assert google.violations == []


@cache
def published() -> Kind:
    """A registry that a run brought up to date; then two rows came."""
    kind = both()["google"].copy(Path(mkdtemp(prefix="cdi-faults-")) / "published")
    run(kind.at, AS_OF)
    kind.edit(lambda hand: hand.insert_row("Actes", 4))
    kind.edit(lambda hand: hand.type("Actes", 4, position("actes", "intitule"), "Jumelage à venir"))
    kind.edit(lambda hand: hand.insert_row("Contacts", 2))
    kind.edit(lambda hand: hand.type("Contacts", 2, position("contacts", "nom_prenom"), "Amina Essai"))
    return kind


@dataclass(frozen=True)
class Left:
    """What a run and those after it left: every cell of the spreadsheet, the lines of the journal, the letters."""

    cells: Mapping[str, Any]
    journal: list[str]
    letters: Mapping[str, bytes]

    @classmethod
    def by(cls, kind: Kind) -> "Left":
        cells = dict(kind.held)
        journal = [str(cell.entered) for _, column, cell in cells.pop("Journal") if column == 2]
        folder = kind.at.letters_folder
        return cls(cells, journal, {path.name: path.read_bytes() for path in folder.glob("*.eml")})


@cache
def quiet() -> Left:
    """What a run leaves that nothing disturbed."""
    kind = published().copy(Path(mkdtemp(prefix="cdi-faults-")) / "quiet")
    run(kind.at, NEXT)
    return Left.by(kind)


@pytest.fixture
def kind(tmp_path: Path, time: Time) -> Kind:
    quiet()
    return published().copy(tmp_path / "ici")


def typed(kind: Kind) -> Result:
    """The command of the day, as somebody types it; what stops it is told as `console.finish` tells it."""
    settings = str(kind.at.folder / "settings.toml")
    return CliRunner().invoke(cdi, ["run", "--as-of", NEXT.isoformat(), "--config", settings])


def ended(told: Result) -> ExitCode:
    """How the command ended; when it stopped, its message says what, where, why, and what to do."""
    if isinstance(told.exception, CdiError):
        error = told.exception
        assert error.what and error.where and error.why and error.fix
        return error.exit_code
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return ExitCode(told.exit_code)


def assert_all_is_well(kind: Kind) -> None:
    """The run left all that an undisturbed one leaves, the journal included, and the next one has nothing to add."""
    assert Left.by(kind) == quiet()
    assert_nothing_more(kind)


def assert_next_run_makes_up_for_it(kind: Kind) -> None:
    """All is as if nothing had happened once the next run is through, and another has nothing to add."""
    kind.google.faults.clear()
    assert ended(typed(kind)) == ExitCode.FINE
    left, wanted = Left.by(kind), quiet()
    assert left.cells == wanted.cells
    # letters are told once, by the run that made them: the journal of the run that writes may count none
    assert [_unlettered(line) for line in left.journal] == [_unlettered(line) for line in wanted.journal]
    assert left.letters == wanted.letters
    assert_nothing_more(kind)


def assert_nothing_more(kind: Kind) -> None:
    before = Left.by(kind)
    kind.google.faults.clear()
    done = run(kind.again().at, NEXT)
    assert (done.sync.cells, done.new) == (0, 0)
    assert Left.by(kind) == before


def _unlettered(line: str) -> str:
    return re.sub(r"\d+ courriel", "… courriel", line)


def test_an_undisturbed_run_asks_these_requests(kind: Kind) -> None:
    google = kind.google
    before = len(google.log)
    assert ended(typed(kind)) == ExitCode.FINE
    assert tuple(each.method for each in google.log[before:]) == REQUESTS
    assert len(quiet().letters) > 1


EVERYWHERE = [(number, after) for number in range(len(REQUESTS)) for after in (False, True)]
IN_SUITE = [(5, True)]


@pytest.mark.parametrize(
    ("number", "after"), [pytest.param(*one, marks=() if one in IN_SUITE else pytest.mark.proof) for one in EVERYWHERE]
)
@pytest.mark.parametrize("fault", ["dropped", *(pytest.param(k, marks=pytest.mark.proof) for k in ("truncated", 503))])
def test_an_answer_lost_at_any_request_is_made_up_for_by_the_same_run(
    kind: Kind, time: Time, number: int, after: bool, fault: Fault
) -> None:
    """after: the request was applied, and its answer lost."""
    kind.google.faults.add(fault, lambda arrival: arrival.method in REQUESTS, skip=number, after=after)
    assert ended(typed(kind)) == ExitCode.FINE
    assert time.minutes < 1
    assert_all_is_well(kind)


@pytest.mark.parametrize("told", [pytest.param({"Retry-After": "60"}, marks=pytest.mark.proof), {}])
def test_five_minutes_of_429_delay_the_work_and_nothing_else(kind: Kind, time: Time, told: dict[str, str]) -> None:
    over = time.now() + 300
    kind.google.faults.add(429, lambda _: time.now() < over, times=None, headers=told)
    assert ended(typed(kind)) == ExitCode.FINE
    assert 5 <= time.minutes < MOST_MINUTES
    assert_all_is_well(kind)


WHERE: Mapping[str, Callable[[Any], bool]] = {
    "from the first request on": lambda arrival: True,
    "at the reading": lambda arrival: arrival.method == READ,
    "at the writing": lambda arrival: arrival.method == WRITE,
}


@proof
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("fault", [429, 500, 503, "dropped", "truncated", "not JSON"])
@pytest.mark.parametrize("after", [False, True])
def test_what_lasts_for_ever_stops_the_run_in_time_and_the_next_one_makes_up_for_it(
    kind: Kind, time: Time, where: str, fault: Fault, after: bool
) -> None:
    kind.google.faults.add(fault, WHERE[where], times=None, after=after)
    assert ended(typed(kind)) in (ExitCode.FINE, ExitCode.WORKBOOK)  # fine when one looked, and it was applied
    assert time.minutes < MOST_MINUTES
    assert len(kind.google.log.of(WRITE)) < 1000
    assert_next_run_makes_up_for_it(kind)


@proof
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("probability", [0.3, 0.7])
def test_bursts_of_failures_by_chance_never_do_anything_twice(
    kind: Kind, time: Time, seed: int, probability: float
) -> None:
    """One request in three, or two in three, whatever it asks, applied or not."""
    kind.google.faults.at_random(seed, probability, [429, 500, 502, 503, "dropped", "truncated"])
    assert ended(typed(kind)) in (ExitCode.FINE, ExitCode.WORKBOOK)
    assert time.minutes < MOST_MINUTES
    assert_next_run_makes_up_for_it(kind)


@proof
@pytest.mark.parametrize("number", range(len(REQUESTS) - 1))
def test_a_token_that_expires_in_the_middle_is_replaced(kind: Kind, time: Time, number: int) -> None:
    """After the request of that number the token is worth nothing any more."""
    before, asked = len(kind.google.log), iter(range(100))
    kind.google.staff.then(lambda who: time.sleep(3601), after=lambda _: next(asked) == number)
    assert ended(typed(kind)) == ExitCode.FINE
    assert [each.status for each in kind.google.log[before:] if each.status != 200] == [401]
    assert_all_is_well(kind)


@proof
@pytest.mark.parametrize("number", range(1, len(REQUESTS)))
def test_access_taken_away_in_the_middle_is_told_with_its_remedy(kind: Kind, time: Time, number: int) -> None:
    kind.google.faults.add(403, lambda arrival: arrival.method in REQUESTS, times=None, skip=number)
    told = typed(kind)
    assert ended(told) == ExitCode.WORKBOOK
    assert isinstance(told.exception, CdiError)
    assert told.exception.what == "Le robot n'a pas accès au classeur Google."
    assert f"donner à {ROBOT} le rôle d'éditeur" in told.exception.fix
    assert time.minutes < 1
    assert_next_run_makes_up_for_it(kind)


@proof
@pytest.mark.parametrize("number", range(len(REQUESTS)))
def test_an_answer_that_comes_too_late_is_a_lost_one(kind: Kind, time: Time, number: int) -> None:
    """The request was applied; its answer comes after we gave up waiting for it."""
    settings = kind.at.folder / "settings.toml"
    settings.write_text(settings.read_text("utf-8").replace("delai = 600", "delai = 3"), "utf-8")
    kind.google.faults.add("delayed", lambda arrival: arrival.method in REQUESTS, skip=number, seconds=6)
    assert ended(typed(kind)) == ExitCode.FINE
    assert_all_is_well(kind)
