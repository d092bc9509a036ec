"""kill -9 at each moment of a letter's life, whatever the server does: never accepted twice, never silently lost.

Each cell is one death: a worker makes three letters and hands them over, kills itself at its moment, and is started
again at once, after the time that claims and conversations may last, and hours later. Then a witness settles what is
in doubt, and one more run hands over what never left.
"""

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cdi_sync.edges.ledger import beside
from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import LetterState
from tests.mail_chaos import MOMENTS, Nursery, Witness, Work, accepted, settings
from tests.relays import DROP, TAKE_AND_DROP, TAKE_AND_WAIT, FakeRelay, running

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")

PEOPLE = 3
# What the server does the first time that it is asked; then it behaves.
SERVER = {
    "250": {},
    "4xx to RCPT": {"RCPT": ["451 4.3.0 later"]},
    "4xx to the text": {"DATA": ["452 4.2.2 full"]},
    "5xx": {"DATA": ["554 5.7.1 no"]},
    "dropped, not accepted": {"DATA": [DROP]},
    "dropped, accepted": {"DATA": [TAKE_AND_DROP]},
    "late 250": {"DATA": [TAKE_AND_WAIT]},
    "421 to QUIT": {"QUIT": ["421 4.3.2 closing"] * 9},
}
RESTARTS = (0, 20 * 60, 3 * 60 * 60)  # seconds after the death: at once; claims ran out; every wait is over
Place = Callable[[], str]  # of a ledger that knows nothing


@dataclass(frozen=True)
class Cell:
    """What a death led to. killed: it reached its moment. doubtful: letters that nobody could tell of, before the witness."""

    killed: bool
    doubtful: int
    sent: int
    refused: int


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def places(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, Place]:
    """How to have a new ledger of each kind."""
    model = tmp_path / "model.sqlite"
    Store.open(model).close()
    return {
        "SQLite": lambda: str(shutil.copy(model, tmp_path / "suivi.sqlite")),
        "PostgreSQL": lambda: str(request.getfixturevalue("fresh_database")()),
    }


def died(moment: str, answers: str, base: str, folder: Path, nursery: Nursery) -> Cell:
    """One cell of the matrix, on a ledger of its own."""
    (folder / beside.NAME).unlink(missing_ok=True)  # what is remembered of the ledger of the cell before
    with running() as server:
        server.faults.update({command: list(faults) for command, faults in SERVER[answers].items()})
        path = str(settings(folder, server, base, delai_final=0.5))
        end = nursery.end(nursery.start(Work(path, PEOPLE, moment)))
        assert end in (0, signal.SIGKILL)
        for ahead in RESTARTS:
            run(nursery, Work(path, PEOPLE, ahead=ahead))
        quiet(server)
        store = Store.open(base if "://" in base else Path(base))
        doubtful = told(store, server)
        Witness(store, server, gap=0).look()
        run(nursery, Work(path, PEOPLE, ahead=RESTARTS[-1]))
        quiet(server)
        assert told(store, server) == 0, "the witness has settled everything"
        states = Counter(letter.state for letter in store.outbox.letters())
        store.close()
        return Cell(end == signal.SIGKILL, doubtful, states[LetterState.SENT], states[LetterState.FAILED])


def run(nursery: Nursery, what: Work) -> None:
    assert nursery.end(nursery.start(what)) == 0


def quiet(server: FakeRelay) -> None:
    """Nothing is on its way any more: what dead workers had sent has come in."""
    until = time.monotonic() + 20
    while server.open and time.monotonic() < until:
        time.sleep(0.002)
    assert not server.open


def told(store: Store, server: FakeRelay) -> int:
    """Holds every letter against the server's log, and says how many are in doubt, with the reason."""
    times, letters = Counter(accepted(server)), store.outbox.letters()
    assert {letter.to for letter in letters} == {f"p{n:05}@fes.example" for n in range(PEOPLE)}, "each has a letter"
    assert len(letters) == PEOPLE
    assert set(times.values()) <= {1}, f"accepted twice: {times}"
    for letter in letters:
        taken = times[letter.message_id]
        assert letter.state in (LetterState.SENT, LetterState.FAILED, LetterState.UNKNOWN), f"left behind: {letter}"
        assert taken == 1 or letter.state is not LetterState.SENT, "said to be sent, and lost"
        assert taken == 0 or letter.state is not LetterState.FAILED, "said to be refused, and delivered"
        assert letter.detail or letter.state is not LetterState.UNKNOWN, "in doubt, and nobody is told why"
    assert store.journal.faults() == ()
    return sum(letter.state is LetterState.UNKNOWN for letter in letters)


# ------------------------------------------------------------------------------------------------- the suite's part

_SOME = [
    ("begin_data committed", "250", "SQLite"),
    ("final dot sent", "250", "PostgreSQL"),
    ("answer read, not settled", "250", "SQLite"),
    ("claimed", "dropped, accepted", "PostgreSQL"),
]


@pytest.mark.parametrize(("moment", "answers", "kind"), _SOME, ids=[", ".join(cell) for cell in _SOME])
def test_a_letter_whose_worker_dies_is_neither_doubled_nor_lost(
    moment: str, answers: str, kind: str, places: dict[str, Place], tmp_path: Path, nursery: Nursery
) -> None:
    cell = died(moment, answers, places[kind](), tmp_path / "ici", nursery)
    assert cell == Cell(killed=True, doubtful=1, sent=PEOPLE, refused=0)


# ----------------------------------------------------------------------------------------------------------- proof


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_the_whole_matrix(
    kind: str, places: dict[str, Place], tmp_path: Path, nursery: Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    cells: dict[tuple[str, str], Cell] = {}
    for moment in MOMENTS:
        for answers in SERVER:
            try:
                cells[moment, answers] = died(moment, answers, places[kind](), tmp_path / "ici", nursery)
            except AssertionError as error:
                raise AssertionError(f"{moment} × {answers}: {error}") from error
    deaths = sum(cell.killed for cell in cells.values())
    assert deaths >= 0.9 * len(cells)
    assert all(cell.sent + cell.refused == PEOPLE for cell in cells.values())
    with capsys.disabled():
        print("\n" + "\n".join(_table(kind, cells)))


def _table(kind: str, cells: dict[tuple[str, str], Cell]) -> Sequence[str]:
    """One line a moment, one column an answer: letters in doubt before the witness looked; "-": the moment didn't come."""
    lines = [
        f"kill -9, {kind}: letters in doubt (of {PEOPLE}) before the witness; after it 0 doubled, 0 lost everywhere"
    ]
    lines.append(f"{'':28}" + "".join(f"{answers:>23}" for answers in SERVER))
    for moment in MOMENTS:
        row = [cells[moment, answers] for answers in SERVER]
        lines.append(f"{moment:28}" + "".join(f"{cell.doubtful if cell.killed else '-':>23}" for cell in row))
    killed = [cell for cell in cells.values() if cell.killed]
    letters = PEOPLE * len(cells)
    return [*lines, f"{len(cells)} cells, {len(killed)} deaths, {letters} letters: "
            f"{sum(cell.sent for cell in cells.values())} accepted once, "
            f"{sum(cell.refused for cell in cells.values())} refused and told, "
            f"{sum(cell.doubtful for cell in cells.values())} in doubt until the witness settled them, "
            "0 accepted twice, 0 lost"]  # fmt: skip
