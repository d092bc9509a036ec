"""kill -9 anywhere in a day's work: the workbook opens, old or new; the next run completes; each letter once."""

import email
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from cdi_sync.edges.installation import Installation
from cdi_sync.mail.outbox import LetterState
from jobs.run import run
from tests.chaos import run_killed, seconds_of, steps_of
from tests.demos import AS_OF, COMMON, lean_installation

SEED = 20261125
SOME = 3  # moments of each kind in the ordinary suite; all of them in the long proofs


def whole(folder: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(str(folder / "registre.xlsx"))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def letters(folder: Path) -> Counter[str]:
    """Message-ID → how many files carry it."""
    files = (folder / "courriels").glob("*.eml")
    return Counter(str(email.message_from_bytes(file.read_bytes())["Message-ID"]) for file in files)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuee") / "neuve"
    lean_installation(folder, seed=5, size=6)
    return folder


@pytest.fixture(scope="module")
def reference(fresh: Path) -> Path:
    """What a run that nothing disturbs leaves."""
    folder = shutil.copytree(fresh, fresh.parent / "reference")
    run(Installation.at(folder / "settings.toml", COMMON), AS_OF)
    return folder


def assert_recovers(folder: Path, fresh: Path, reference: Path) -> None:
    """The workbook is whole, old or new; then one more run, and nothing can tell what happened."""
    before, after = whole(fresh), whole(reference)
    found = whole(folder)
    assert found in (before, _but_journal(after, found)), "the workbook is neither the old one nor the new one"
    at = Installation.at(folder / "settings.toml", COMMON)
    run(at, AS_OF)
    expected = letters(reference)
    assert letters(folder) == expected, "each letter once"
    assert {x.state for x in at.store.outbox.letters()} <= {LetterState.SENT}
    assert set(at.store.outbox.said()) == set(Installation.at(reference / "settings.toml", COMMON).store.outbox.said())
    done = whole(folder)
    assert {name: rows for name, rows in done.items() if name != "Journal"} == {
        name: rows for name, rows in after.items() if name != "Journal"
    }
    leftovers = [path.name for path in folder.rglob("*.tmp")]
    run(at, AS_OF)
    assert letters(folder) == expected, f"a third run makes nothing new {leftovers}"


def _but_journal(
    after: dict[str, list[list[object]]], found: dict[str, list[list[object]]]
) -> dict[str, list[list[object]]]:
    """The new workbook, its journal apart: it counts the letters of the run that wrote it."""
    return {**after, "Journal": found["Journal"]}


def _moments(count: int) -> Iterator[int]:
    yield from sorted(random.Random(SEED).sample(range(count), min(SOME, count)))


def test_killed_at_some_of_its_steps_a_run_is_made_good_by_the_next(fresh: Path, reference: Path) -> None:
    count = steps_of(shutil.copytree(fresh, fresh.parent / "compte"), AS_OF)
    assert count > 50
    for at in _moments(count):
        _kill_and_recover(fresh, reference, AS_OF, at=at)


def _kill_and_recover(
    fresh: Path, reference: Path, today: date, *, at: int | None = None, after: float | None = None
) -> bool:
    """True when the run was really killed."""
    folder = shutil.copytree(fresh, fresh.parent / "essai")
    try:
        killed = run_killed(folder, today, at=at, after=after) != 0
        assert killed or after is not None, f"nothing happened at step {at}"
        assert_recovers(folder, fresh, reference)
        return killed
    except AssertionError as error:
        raise AssertionError(f"killed at step {at}, after {after} s: {error}") from error
    finally:
        shutil.rmtree(folder)


@pytest.mark.proof
def test_killed_at_each_of_its_steps(fresh: Path, reference: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count = steps_of(shutil.copytree(fresh, fresh.parent / "compte-long"), AS_OF)
    for at in range(count):
        _kill_and_recover(fresh, reference, AS_OF, at=at)
    with capsys.disabled():
        print(f"\nkill -9 at each of {count} steps of a run: 0 letter doubled, 0 lost, workbook whole each time")


@pytest.mark.proof
def test_killed_at_fifty_random_moments(fresh: Path, reference: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lasts = seconds_of(shutil.copytree(fresh, fresh.parent / "duree"), AS_OF)
    chance = random.Random(SEED)
    killed = sum(_kill_and_recover(fresh, reference, AS_OF, after=chance.uniform(0, lasts)) for _ in range(50))
    with capsys.disabled():
        print(f"\nkill -9 at 50 random moments (seed {SEED}): {killed} killed before their end, 0 doubled, 0 lost")
