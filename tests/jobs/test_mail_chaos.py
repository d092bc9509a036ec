"""Chaos, as a proof: workers killed and frozen at random, a mail server that fails, and each letter accepted once.

Three workers share a PostgreSQL ledger, or one works on SQLite. Every few letters one of them gets SIGKILL and is
started again, or SIGSTOP for two to nine seconds. The server refuses, cuts, accepts and then cuts, accepts and says so
too late. Its own log is the witness of letters in doubt, and the judge at the end. The control does the same with what
most programs do, `send_message` and once more after any exception: the judge must find doubles, or it couldn't.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import LetterState
from tests.mail_chaos import Nursery, Witness, Work, accepted, settings
from tests.relays import DROP, TAKE_AND_DROP, TAKE_AND_WAIT, FakeRelay, running

pytestmark = [pytest.mark.proof, pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")]

SEED = int(os.environ.get("CDI_CHAOS_SEED", "20261126"))
# The server closes a connection where nothing comes for PATIENCE; a worker's claim lasts CLAIM; a conversation is held
# to be dead after SETTLED; the witness looks again after GAP. Seconds that stand for the product's minutes, in order.
PATIENCE, CLAIM, SETTLED, GAP = 2.0, 3.0, 3.5, 4.0
AGAIN = 0.3  # seconds before a letter refused for now is tried again
PACE = 60  # letters that fall due each time that the workers have nearly done with the former ones
FAULTS = {  # of each hundred such commands
    "MAIL": {DROP: 1},
    "RCPT": {"451 4.3.0 later": 5, DROP: 1},
    "DATA": {"452 4.2.2 full": 4, "554 5.7.1 no": 1, DROP: 4, TAKE_AND_DROP: 8, TAKE_AND_WAIT: 4},
    "QUIT": {"421 4.3.2 closing": 20},
}
DEADLINE = 1500.0  # seconds after which something is stuck
LETTERS, AT_MOST = (4, 40), 8.0  # a worker is struck after that many letters were taken, or so many seconds


@dataclass
class FailingRelay(FakeRelay):
    """Fails at random, by FAULTS."""

    chance: random.Random = field(default_factory=random.Random)
    done: Counter[str] = field(default_factory=Counter)

    def next_fault(self, command: str) -> str:
        drawn = self.chance.uniform(0, 100)
        for fault, share in FAULTS.get(command, {}).items():
            drawn -= share
            if drawn < 0:
                self.done[f"{command}: {fault}"] += 1
                return fault
        return ""


@dataclass
class Chaos:
    """What was done to the workers, and what came of it. doubled: letters accepted more than once."""

    messages: int
    kills: int = 0
    freezes: int = 0
    crashes: int = 0
    seconds: float = 0
    settled: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    doubled: int = 0
    lost: int = 0
    refused: int = 0

    def told(self, title: str) -> Sequence[str]:
        faults = ", ".join(f"{count} × {fault}" for fault, count in sorted(self.faults.items()))
        return [
            f"{title} (seed {SEED}): {self.messages} letters in {self.seconds:.0f} s",
            f"  {self.kills} kill -9, {self.freezes} freezes, {sum(self.faults.values())} faults of the server: {faults}",
            f"  {self.settled} in doubt, settled by the witness; {self.refused} refused for good and told",
            f"  accepted {self.accepted}, doubled {self.doubled}, lost {self.lost}",
        ]


class Tormentor(threading.Thread):
    """Keeps workers going, and kills or freezes one of them from time to time.

    In a thread of its own: one that is frozen in the middle of a transaction makes everybody wait.
    """

    def __init__(
        self, nursery: Nursery, works: Sequence[Work], chance: random.Random, chaos: Chaos, server: FakeRelay
    ) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._nursery, self._chance, self._chaos, self._over = nursery, chance, chaos, threading.Event()
        self._works = list(works)
        self._pids = [nursery.start(work) for work in works]
        self._thaw: dict[int, float] = {}  # worker → when it goes on
        self._next, self._at_latest = LETTERS[1], time.monotonic() + AT_MOST

    def run(self) -> None:
        while not self._over.wait(0.05):
            self._torment()

    def _torment(self) -> None:
        now = time.monotonic()
        for number, until in tuple(self._thaw.items()):
            if now >= until:
                self._go_on(number)
        if len(self._server.taken) < self._next and now < self._at_latest:
            return
        self._next, self._at_latest = len(self._server.taken) + self._chance.randint(*LETTERS), now + AT_MOST
        number = self._chance.randrange(len(self._pids))
        if self._chance.random() < 0.5:
            self._thaw.pop(number, None)
            self._replace(number)
        elif number not in self._thaw:
            os.kill(self._pids[number], signal.SIGSTOP)
            self._thaw[number] = now + self._chance.uniform(2, 9)
            self._chaos.freezes += 1

    def _replace(self, number: int) -> None:
        pid = self._pids[number]
        os.kill(pid, signal.SIGKILL)
        if self._nursery.end(pid) == signal.SIGKILL:
            self._chaos.kills += 1
        else:
            self._chaos.crashes += 1  # it had ended of itself: no worker may
        self._pids[number] = self._nursery.start(self._works[number])

    def _go_on(self, number: int) -> None:
        os.kill(self._pids[number], signal.SIGCONT)
        del self._thaw[number]

    def stop(self) -> None:
        self._over.set()
        self.join()
        for number in tuple(self._thaw):
            self._go_on(number)
        for pid in self._pids:
            os.kill(pid, signal.SIGKILL)
            self._chaos.crashes += self._nursery.end(pid) != signal.SIGKILL


def unleash(base: str, folder: Path, messages: int, *, workers: int, naive: bool = False) -> Chaos:
    """All the letters, through all of it, until none waits any more."""
    chaos, chance = Chaos(messages), random.Random(SEED)
    relay = FailingRelay(chance=random.Random(SEED + 1))
    due, start = folder / "due", time.monotonic()
    folder.mkdir(exist_ok=True)
    due.write_text("0")
    with running(relay=relay, patience=PATIENCE) as server, Nursery() as nursery:
        works = [
            Work(
                str(settings(folder / str(number), server, base, delai=1.5, delai_final=0.7)), str(due), ends=False,
                naive=naive, claim=CLAIM, settled=SETTLED, again=AGAIN,
            )
            for number in range(workers)
        ]  # fmt: skip
        store = Store.open(base if "://" in base else Path(base))
        witness = Witness(store, server, GAP)
        tormentor = Tormentor(nursery, works, chance, chaos, server)
        tormentor.start()
        try:
            _until_all_is_told(store, witness, due, messages)
        finally:
            tormentor.stop()
        _quiet(server)
        chaos.seconds, chaos.settled, chaos.faults = time.monotonic() - start, witness.settled, relay.done
        _judge(chaos, store, server)
        assert store.journal.faults() == ()
        store.close()
    return chaos


def _until_all_is_told(store: Store, witness: Witness, due: Path, messages: int) -> None:
    until, released = time.monotonic() + DEADLINE, 0
    while time.monotonic() < until:
        time.sleep(0.5)
        witness.look()
        states = _count(store)
        over = states[LetterState.SENT] + states[LetterState.FAILED]
        if over == messages:
            return
        if released < messages and over + states[LetterState.UNKNOWN] > released - PACE:
            released = min(messages, released + PACE)
            _write(due, released)
    raise AssertionError(f"letters still wait: {_count(store)}")


def _write(due: Path, number: int) -> None:
    """At once: a worker may be reading it."""
    new = due.with_suffix(".new")
    new.write_text(str(number))
    new.replace(due)


def _count(store: Store) -> Counter[str]:
    with store._engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT state, count(*) FROM letters GROUP BY state"))
        return Counter(dict(rows.all()))


def _quiet(server: FakeRelay) -> None:
    until = time.monotonic() + 20
    while server.open and time.monotonic() < until:
        time.sleep(0.01)


def _judge(chaos: Chaos, store: Store, server: FakeRelay) -> None:
    """Each letter against the server's log."""
    times, letters = Counter(accepted(server)), store.outbox.letters()
    assert len({letter.to for letter in letters}) == len(letters) == chaos.messages
    chaos.accepted, chaos.doubled = len(times), sum(count > 1 for count in times.values())
    chaos.refused = sum(letter.state is LetterState.FAILED for letter in letters)
    chaos.lost = sum(letter.state is LetterState.SENT and not times[letter.message_id] for letter in letters)
    assert not [letter for letter in letters if letter.state is LetterState.FAILED and times[letter.message_id]]


def _tell(capsys: pytest.CaptureFixture[str], lines: Sequence[str]) -> None:
    with capsys.disabled():
        print("\n" + "\n".join(lines))


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    Store.open(tmp_path / "suivi.sqlite").close()
    return str(tmp_path / "suivi.sqlite")


def test_three_workers_on_postgresql(
    fresh_database: Callable[[], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chaos = unleash(fresh_database(), tmp_path / "ici", 3000, workers=3)
    _tell(capsys, chaos.told("3 workers on PostgreSQL"))
    assert (chaos.doubled, chaos.lost, chaos.crashes) == (0, 0, 0)
    assert chaos.accepted + chaos.refused == chaos.messages
    assert chaos.kills > 10 and chaos.freezes > 10 and chaos.settled > 100  # else it proves nothing


def test_one_worker_on_sqlite(sqlite: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chaos = unleash(sqlite, tmp_path / "ici", 500, workers=1)
    _tell(capsys, chaos.told("1 worker on SQLite"))
    assert (chaos.doubled, chaos.lost, chaos.crashes) == (0, 0, 0)
    assert chaos.accepted + chaos.refused == chaos.messages
    assert chaos.kills > 5 and chaos.settled > 20


def test_without_the_protection_letters_are_doubled(
    fresh_database: Callable[[], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chaos = unleash(fresh_database(), tmp_path / "ici", 300, workers=3, naive=True)
    _tell(capsys, chaos.told("control: send_message, and again after any exception"))
    assert chaos.doubled > 0
