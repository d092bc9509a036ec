"""A new or older ledger, too many letters, a registry that shrank: nothing leaves before a person has looked."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cdi_sync.cli import main
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Common, Installation, Reading
from cdi_sync.edges.ledger.beside import NAME
from cdi_sync.errors import RegistryError
from cdi_sync.mail import breakers
from cdi_sync.mail.outbox import LetterState, unsaid
from cdi_sync.model import Grid, Notice
from cdi_sync.shown import JOURNAL
from jobs import guard
from jobs.deliver import deliver
from jobs.remind import remind
from jobs.report import report
from jobs.retry import is_time
from jobs.run import run
from jobs.sync import sync
from tests.demos import AS_OF, lean_installation
from tests.jobs.test_deliver import settings
from tests.relays import FakeRelay, running

COMMON = Common()  # the templates, compiled once
TOMORROW = AS_OF + timedelta(days=1)


@pytest.fixture
def server() -> Iterator[FakeRelay]:
    with running() as relay:
        yield relay


@pytest.fixture
def at(server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A small registry whose letters leave through a server; any number of them is usual. It is half past eight on that day."""
    monkeypatch.setattr(breakers, "FEW", 1000)
    monkeypatch.setattr(clock, "now", lambda: clock.morning_of(AS_OF))
    lean_installation(tmp_path)
    return Installation.at(settings(tmp_path, server), COMMON)


@cache
def reading_of(day: date) -> Reading:
    """What that registry says on a day, read once for all."""
    with TemporaryDirectory() as folder:
        return lean_installation(Path(folder)).read(day)


def again(at: Installation, **mail: object) -> Installation:
    """The same installation as the next run opens it, some settings changed."""
    return replace(at, settings=at.settings.model_copy(update={"mail": at.settings.mail.model_copy(update=mail)}))


def late_and_new(reading: Reading) -> tuple[set[Notice], set[Notice]]:
    """The notices that somebody can receive: those that fell due before, and those of the day."""
    due = unsaid(reading.assessment.notices, ())
    assert all(notice.fell for notice in due)
    late = {notice for notice in due if notice.fell and notice.fell < reading.assessment.as_of}
    return late, set(due) - late


def of_today(reading: Reading, day: date) -> Reading:
    """The same, one in two of its notices falling due on that day."""
    told = reading.assessment.told
    notices = tuple(replace(n, fell=day) if i % 2 else n for i, n in enumerate(told.notices))
    return Reading(reading.snapshot, replace(reading.assessment, tell=lambda: replace(told, notices=notices)))


def carried(at: Installation, *states: LetterState) -> int:
    keys = {letter.key for letter in at.store.outbox.letters(*states)}
    return sum(len(told) for key, told in at.store.outbox.notices_of().items() if key in keys)


# ------------------------------------------------------------------------------------------------- a new ledger


def test_on_a_new_ledger_what_was_already_due_waits_and_what_falls_due_from_now_on_leaves(
    at: Installation, server: FakeRelay
) -> None:
    reading = of_today(reading_of(AS_OF), AS_OF)
    late, new = late_and_new(reading)
    first = remind(at, reading)
    assert (carried(at, LetterState.HELD), carried(at, LetterState.SENT)) == (len(late), len(new))
    assert late
    assert new
    assert first.delivered.held == len(at.store.outbox.letters(LetterState.HELD))
    assert "cdi outbox release --tous" in first.delivered.why[0]
    assert not first.went_wrong
    taken = len(server.taken)
    second = remind(again(at), of_today(reading_of(TOMORROW), TOMORROW))
    assert second.delivered.sent == second.new == len(server.taken) - taken  # nothing new is held
    assert second.delivered.held == first.delivered.held


def test_a_run_cut_short_on_a_new_ledger_does_not_let_the_rest_of_the_past_leave(
    at: Installation, server: FakeRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, record, calls = reading_of(AS_OF), type(at.store.outbox).record, list[str]()

    def dies(*args: object, **kw: object) -> bool:
        calls.append("")
        if len(calls) == 3:
            raise KeyboardInterrupt
        return record(*args, **kw)  # type: ignore[arg-type]  # as called

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(type(at.store.outbox), "record", dies)
        remind(at, reading)
    remind(again(at), reading_of(AS_OF))
    assert carried(at, LetterState.SENT) == len(late_and_new(reading)[1])
    assert carried(at, LetterState.HELD) > 2


def test_the_reports_of_a_week_begun_wait_and_those_of_its_first_day_leave(at: Installation, server: FakeRelay) -> None:
    wednesday, monday = AS_OF + timedelta(days=2), AS_OF + timedelta(days=7)
    held = report(at, reading_of(wednesday))
    assert held.delivered.held == held.new > 0
    assert server.taken == []
    made = report(at, reading_of(monday))
    assert made.delivered.sent == made.new > 0


def test_the_folder_holds_nothing(at: Installation) -> None:
    made = remind(again(at, transport="folder"), reading_of(AS_OF))
    assert made.delivered.sent == made.new > 0
    assert not (at.folder / NAME).exists()


# ------------------------------------------------------------------------------------------------ an older ledger


@pytest.fixture
def known(at: Installation) -> Installation:
    """An installation that has sent for long."""
    at.store.set_mark(guard.START, breakers.Start(date(2020, 1, 1), is_lost=False, is_over=True).as_mark())
    return at


def test_after_a_backup_is_put_back_nothing_leaves_again_by_itself(
    known: Installation, server: FakeRelay, tmp_path: Path
) -> None:
    remind(known, reading_of(AS_OF - timedelta(days=7)))
    known.close()
    kept = tmp_path / "sauvegarde.sqlite"
    shutil.copy(tmp_path / "suivi.sqlite", kept)
    later = again(known)
    remind(later, reading_of(AS_OF))
    later.close()
    taken = len(server.taken)
    shutil.copy(kept, tmp_path / "suivi.sqlite")
    back = again(known)
    assert not is_time(back, clock.now())
    assert "plus ancien" in deliver(back).trouble  # nobody has compared yet
    made = remind(back, reading_of(AS_OF))
    assert made.new > 0
    assert made.delivered.sent == 0
    assert made.delivered.held == made.new
    assert "sauvegarde remise" in made.delivered.why[0]
    assert len(server.taken) == taken
    assert remind(again(known), reading_of(AS_OF)).new == 0


def test_letters_that_waited_in_the_copy_may_have_left_and_wait_too(
    known: Installation, server: FakeRelay, tmp_path: Path
) -> None:
    known.close()  # as long as a connection is open, the file isn't whole
    first = again(known, live=False)
    assert remind(first, reading_of(AS_OF)).delivered.held > 0
    first.close()
    kept = tmp_path / "sauvegarde.sqlite"
    shutil.copy(tmp_path / "suivi.sqlite", kept)
    later = again(known)
    assert remind(later, reading_of(AS_OF)).delivered.sent > 0
    later.close()
    shutil.copy(kept, tmp_path / "suivi.sqlite")
    taken = len(server.taken)
    assert remind(again(known), reading_of(AS_OF)).delivered.sent == 0
    assert len(server.taken) == taken


def test_the_journal_of_the_workbook_remembers_letters_that_the_ledger_does_not_know(
    known: Installation, server: FakeRelay
) -> None:
    reading = reading_of(AS_OF)
    line = [AS_OF - timedelta(days=1), "Contrôle", "12 cellule(s) mises à jour, 3 courriel(s), 4 constat(s)"]
    grid = Grid(JOURNAL, [["Journal"], ["Date", "Événement", "Détail"], line])  # type: ignore[list-item]  # a date
    told = replace(reading.snapshot, grids={**reading.snapshot.grids, JOURNAL: grid})
    late, new = late_and_new(reading)
    remind(known, Reading(told, reading.assessment))
    assert (carried(known, LetterState.HELD), carried(known, LetterState.SENT)) == (len(late), len(new))
    assert late


@pytest.mark.parametrize("content", ["", "{", "[]", '{"entrees": "x"}'])
def test_a_file_beside_that_can_not_be_read_accuses_nobody(content: str, known: Installation) -> None:
    (known.folder / NAME).write_text(content, encoding="utf-8")
    assert remind(known, reading_of(AS_OF)).delivered.held == 0


# --------------------------------------------------------------------------------------------- more than usual


def test_more_letters_than_usual_all_wait_until_a_person_lets_them_go(
    known: Installation, server: FakeRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakers, "FEW", 2)
    monkeypatch.setattr("jobs.deliver.FEW", 2)
    made = remind(known, reading_of(AS_OF))
    assert made.delivered.held == made.new - made.invitations > 2  # two invitations are no flood
    assert "plus que d'habitude" in made.delivered.why[0]
    assert len(server.taken) == made.invitations
    with pytest.raises(SystemExit):
        main(["outbox", "release", "--tous", "--config", str(known.folder / "settings.toml")])
    assert deliver(again(known)).sent == made.new - made.invitations


# ------------------------------------------------------------------------------------------ a registry that shrank


def test_a_registry_that_lost_many_rows_stops_everything_until_a_person_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = lean_installation(tmp_path)
    rows = {tab: len(found) for tab, found in reading_of(AS_OF).assessment.registry.rows.items()}
    at.store.set_mark(guard.ROWS, {**rows, "actes": rows["actes"] + sum(rows.values())})
    before, where = (
        at.workbook.read_bytes(),
        ["--config", str(tmp_path / "settings.toml"), "--as-of", AS_OF.isoformat()],
    )
    for job in (remind, report, sync):
        with pytest.raises(RegistryError):
            job(at, reading_of(AS_OF))
    with pytest.raises(SystemExit) as left:
        main(["run", *where])
    assert left.value.code == 3
    assert "--malgre-tout" in capsys.readouterr().err
    assert at.workbook.read_bytes() == before
    assert at.store.outbox.letters() == []
    done = run(replace(at, common=COMMON), AS_OF, anyway=True)
    assert done.letters.delivered.sent > 0
    assert done.sync.cells > 0
    assert at.store.mark(guard.ROWS) == rows


def test_a_dry_run_does_not_make_the_loss_forgotten(tmp_path: Path) -> None:
    at = lean_installation(tmp_path)
    at.store.set_mark(guard.ROWS, {"actes": 10_000})
    reading = reading_of(AS_OF)
    guard.refuse_shrunk(at, reading, dry_run=True, anyway=True)
    with pytest.raises(RegistryError):
        guard.refuse_shrunk(at, reading)


# ---------------------------------------------------------------------------------------------- two copies at once


def test_what_another_copy_has_just_told_is_left_out_and_the_rest_is_told(
    at: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other copy makes the same person's letter, with one notice less, between our reading and our recording."""
    folder, reading = again(at, transport="folder"), reading_of(AS_OF)
    urgent = [replace(notice, urgent=True) for notice in unsaid(reading.assessment.notices, ())]
    assessment = replace(reading.assessment, tell=lambda: replace(reading.assessment.told, notices=tuple(urgent)))
    mine = Reading(reading.snapshot, assessment)
    other = replace(assessment, tell=lambda: replace(reading.assessment.told, notices=tuple(urgent[1:])))
    freeze, calls = type(at.store.outbox).record, list[int]()

    def overtaken(*args: object, **kw: object) -> bool:
        calls.append(1)
        if len(calls) == 1:
            remind(again(folder, transport="folder"), Reading(reading.snapshot, other))
        return freeze(*args, **kw)  # type: ignore[arg-type]  # as called

    monkeypatch.setattr(type(at.store.outbox), "record", overtaken)
    made = remind(folder, mine)
    assert made.new == 1
    assert made.refused == ()
    assert len(at.store.outbox.said()) == len(urgent)
