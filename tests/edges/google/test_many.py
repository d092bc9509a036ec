"""Many registries with Google, one robot: its quotas, in virtual time, and what becomes of each registry."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from cdi_sync.edges.workbook_google.opening import PACE, line_of
from cdi_sync.edges.workbook_google.reading import GoogleSnapshot
from cdi_sync.errors import ExitCode
from jobs.each import SILENT_IN_A_ROW, Folder, Outcome, each
from tests.demos import AS_OF, lean_installation
from tests.google.discovery import Api
from tests.google.log import Arrival
from tests.google.quotas import kind_of
from tests.google_many import Country, Member, country

FEW = SILENT_IN_A_ROW + 1
SAMPLE = 300  # of the country's registries, run over again: that costs each the same, however many there are
SLOW = 5  # requests a minute, so that the pace is what so few registries wait for


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    with country(tmp_path_factory.mktemp("pays"), FEW, pace=SLOW) as made:
        yield made
        assert made.google.violations == []


@pytest.fixture
def at(few: Country) -> Country:
    few.google.log.clear()
    few.google.faults.clear()
    return few


def outcomes(at: Country, members: Sequence[Member] = ()) -> Iterator[Outcome]:
    """Runs over all, or over those."""
    folder = Folder.at(at.folder)
    chosen = [member.name for member in members] or folder.names
    return each(replace(folder, names=chosen), AS_OF, common=at.common())


def asked(at: Country) -> Counter[str]:
    """What Google was asked: "reads", "writes", "drive", "tokens"; and "refused", for its quotas."""
    counts = Counter(kind_of(entry.method) for entry in at.google.log if entry.method != "token")
    counts["tokens"] = at.google.count("token")
    counts["refused"] = len(at.google.log.of(status=429)) + len(at.google.log.of(status=403))
    return counts


def is_whole(at: Country, member: Member) -> bool:
    """Whether a council's registry shows its own agreements, as they were typed, each with a number and a stage."""
    head, *rows = at.values(member, "Actes")
    title, stage = head.index("Intitulé"), head.index("Étape (système)")
    shown = [row for row in rows if len(row) > title and row[title]]
    numbers = {row[0] for row in shown if row[0].startswith("ACT-")}
    return (
        tuple(row[title] for row in shown) == member.titles
        and len(numbers) == len(shown)
        and all(row[stage] for row in shown)
    )


def read_registries() -> int:
    """How many registries are held in memory as they were read, those of other tests included."""
    gc.collect()
    return sum(isinstance(value, GoogleSnapshot) for value in gc.get_objects())


def check_a_first_run(at: Country) -> None:
    """Runs over all: everything is done, and in hardly more time than the pace needs."""
    began = at.minutes()
    done = list(outcomes(at))
    took, told = at.minutes() - began, asked(at)
    floor = told["reads"] / at.pace
    print(f"{len(done)} registries, {told['reads']} reads, {told['writes']} writes, {told['tokens']} tokens: {took:.1f} min, "
          f"{took / floor:.3f} of the floor at our pace, {took * 60 / told['reads']:.3f} at Google's own")  # fmt: skip
    assert [outcome.name for outcome in done] == sorted(member.name for member in at.members)
    assert {outcome.code for outcome in done} == {ExitCode.FINE}
    assert all(outcome.is_news for outcome in done)
    assert [member for member in at.members if not is_whole(at, member)] == []
    assert (told["refused"], told["writes"]) == (0, len(at.members))
    assert told["reads"] <= 3 * len(at.members)
    assert told["tokens"] <= 2 + took / 60, "the robot says who it is once for all, and again when its token is old"
    assert took <= 1.05 * floor


def check_an_unchanged_run(at: Country, members: Sequence[Member] = ()) -> None:
    """Runs over all (or those) again: nothing is written, nobody written to, nothing kept from one registry to the next."""
    at.google.log.clear()
    before, files = read_registries(), []
    for number, outcome in enumerate(outcomes(at, members)):
        assert not (outcome.is_news or outcome.trouble), outcome
        if number % 100 == 1:
            assert read_registries() <= before
            files.append(len(list(Path("/proc/self/fd").iterdir())))
    assert files[-1] <= files[0]
    assert (asked(at)["writes"], asked(at)["refused"]) == (0, 0)


def check_one_request_each(at: Country, members: Sequence[Member] = ()) -> None:
    """Runs over registries (all, or those) whose cells are kept: Drive is asked once for each, Sheets isn't."""
    at.google.log.clear()
    assert not any(outcome.trouble for outcome in outcomes(at, members))
    told = asked(at)
    assert (told["reads"], told["writes"]) == (0, 0)
    assert told["drive"] <= len(members or at.members)


def test_a_run_takes_the_time_that_the_pace_needs_and_then_has_nothing_new(at: Country) -> None:
    check_a_first_run(at)
    check_an_unchanged_run(at)
    assert not list(at.folder.glob(f"*/{PACE}"))
    assert line_of(at.folder / at.members[0].name).pace == at.folder / PACE, "a command on one of them keeps it too"


def test_unchanged_registries_cost_one_request_to_drive_each(at: Country) -> None:
    for _ in range(2):  # the first writes; the second reads what the first wrote, and keeps it
        assert not any(outcome.trouble for outcome in outcomes(at))
    check_one_request_each(at)


def _for_so_long(at: Country, member: Member, seconds: float) -> Callable[[Arrival], bool]:
    """Whether a request is about that registry, and comes within so many seconds of the first one that is."""
    until: list[float] = []

    def strikes(arrival: Arrival) -> bool:
        if member.spreadsheet not in arrival.request.path:
            return False
        until.extend([] if until else [at.now() + seconds])
        return at.now() < until[0]

    return strikes


def test_what_a_registry_waits_for_takes_nothing_from_the_patience_of_the_next(at: Country) -> None:
    waiting = at.members[:2]
    for member in waiting:  # 300 s each, of the 420 that one run may wait
        at.google.faults.add(429, _for_so_long(at, member, 300), times=None, headers={"Retry-After": "60"})
    began = at.minutes()
    assert [outcome.code for outcome in outcomes(at, waiting)] == [ExitCode.FINE] * 2
    assert at.minutes() - began > 10


def test_one_that_is_refused_to_the_robot_is_told_and_the_others_go_on(at: Country) -> None:
    at.google.faults.add(403, path=at.members[0].spreadsheet, times=None)
    lost, other = outcomes(at, at.members[:2])
    assert (lost.code, other.code) == (ExitCode.WORKBOOK, ExitCode.FINE)
    assert lost.trouble is not None
    assert "cdi-robot@essai" in lost.trouble.fix


def test_when_google_is_down_the_time_is_bounded_and_local_registries_are_done(at: Country) -> None:
    at.google.faults.add(503, lambda arrival: arrival.method != "token", times=None)
    local = lean_installation(at.folder / "zz-local", size=1)
    began = at.minutes()
    try:
        *shared, last = outcomes(at)
    finally:
        (local.folder / "settings.toml").unlink()
    assert {outcome.code for outcome in shared} == {ExitCode.WORKBOOK}
    told = [outcome.trouble.what for outcome in shared if outcome.trouble]
    assert told[SILENT_IN_A_ROW:] == ["Registre laissé pour un autre passage."]
    assert len(set(told)) == 2
    assert last.code is ExitCode.FINE
    assert at.minutes() - began <= 8 * SILENT_IN_A_ROW


@pytest.mark.proof
def test_every_council_of_the_country_in_one_run(tmp_path: Path) -> None:
    # the form of each answer is checked with the few registries above
    with patch.object(Api, "faults", lambda *_: []), country(tmp_path, 1590) as made:
        assert len(made.members) == 1590
        check_a_first_run(made)
        some = made.members[:SAMPLE]
        check_an_unchanged_run(made, some)
        check_one_request_each(made, some)
