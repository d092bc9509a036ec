"""A job done twice, or by two machines at the same time on one ledger: what one run leaves, and not a letter more."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from pathlib import Path
from threading import Barrier

import pytest

from cdi_sync.edges.installation import Common, Installation, Reading
from cdi_sync.mail.outbox import LetterState
from jobs.deliver import Written
from jobs.remind import remind
from jobs.report import report
from tests.demos import AS_OF, lean_installation

Job = Callable[[Installation, Reading], Written]
JOBS: dict[str, Job] = {"reminders": remind, "reports": report}
COMMON = Common()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A machine by itself, that did each job once."""
    at = machine(tmp_path_factory.mktemp("seule"))
    for job in JOBS.values():
        job(at, at.read(AS_OF))
    return at


def machine(folder: Path, base: str = "suivi.sqlite") -> Installation:
    lean_installation(folder)
    with (folder / "settings.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'[suivi]\nbase = "{base}"\n')
    return Installation.at(folder / "settings.toml", COMMON)


def written(*machines: Installation) -> Counter[str]:
    """Message-ID → how many files carry it, on all machines."""
    files = [path for at in machines if at.letters_folder.is_dir() for path in at.letters_folder.iterdir()]
    return Counter(str(message_from_bytes(path.read_bytes())["Message-ID"]) for path in files)


def assert_same(machines: Sequence[Installation], alone: Installation) -> None:
    ours, theirs = machines[0].store.outbox, alone.store.outbox
    assert written(*machines) == written(alone), "each letter once, whoever wrote it"
    assert {letter.key for letter in ours.letters()} == {letter.key for letter in theirs.letters()}
    assert {letter.state for letter in ours.letters()} == {LetterState.SENT}
    assert ours.said() == theirs.said()
    assert machines[0].store.journal.faults() == ()


def test_done_twice_by_one_machine(alone: Installation, tmp_path: Path) -> None:
    at = machine(tmp_path / "ici")
    reading = at.read(AS_OF)
    for job in JOBS.values():
        assert job(at, reading).new > 0
        assert (job(at, reading).new, job(at, reading).delivered.sent) == (0, 0)
    assert_same([at], alone)


def test_done_by_two_machines_at_the_same_time(
    alone: Installation, tmp_path: Path, fresh_database: Callable[[], str]
) -> None:
    base = fresh_database()
    machines = [machine(tmp_path / name, base) for name in ("une", "deux")]
    reading, start = machines[0].read(AS_OF), Barrier(2)

    def do_all(at: Installation) -> int:
        start.wait(20)
        return sum(job(at, reading).new for job in JOBS.values())

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(do_all, machines))
    assert [job(at, reading).new for job in JOBS.values() for at in machines] == [0] * 4  # and whatever was left leaves
    assert_same(machines, alone)
    for at in machines:
        at.close()
