"""Workers that make letters and hand them over, in processes of their own that are killed or frozen for real.

`python -m tests.mail_chaos` is a nursery: it has everything loaded and forks a worker when it is told to, so that a
worker shares nothing with the tests and their mail server. A worker does what `jobs.remind` does, but for reading a
workbook: notices that nobody told yet → letters, frozen → handed over. It can be made to kill itself (SIGKILL) at a
chosen moment of a letter's life, and its clock can be ahead. Waits are shortened here, in the workers, and nowhere else.
"""

import json
import os
import signal
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger import journal
from cdi_sync.edges.ledger.outbox import Outbox
from cdi_sync.edges.ledger.store import Store
from cdi_sync.edges.mail import smtp
from cdi_sync.mail.breakers import RELAY
from cdi_sync.mail.outbox import LetterState, Outcome, parcels, unsaid
from cdi_sync.model import Notice
from jobs import deliver as job
from jobs.deliver import Delivered, deliver, recover
from tests.processes import ENVIRONMENT, ROOT
from tests.relays import USER, FakeRelay

TODAY = date(2026, 11, 23)


# ------------------------------------------------------------------------------------------------ what is told


def address(number: int) -> str:
    return f"p{number:05}@fes.example"


def notice(number: int) -> Notice:
    return Notice(
        reminder="REM-VIS-02", case=f"ACT-{number:05}", subject="", anchor=date(2026, 11, 3), step="+10",
        to=address(number), contact="CON-00001", role="REFERENT_CDI", title="Visa en cours", action="Suivre", due=TODAY,
        council="COL-00001", actor="REFERENT_CDI", decision=False, source="Guide", tab="visas_accords", row=2,
        column="sens",
    )  # fmt: skip


def make(at: Installation, people: int) -> None:
    """The letters of that many people, but those that were made already. Their text is made by hand: it isn't at stake."""
    store = at.store
    fresh = unsaid(map(notice, range(people)), store.outbox.said())
    for rank, what in enumerate(parcels(fresh, TODAY, store.outbox.made())):
        name = what.message_id("fes.example")
        content = f"From: <{USER}>\r\nTo: <{what.to}>\r\nMessage-ID: {name}\r\nSubject: Visa\r\n\r\nBonjour.\r\n.\r\n"
        store.outbox.record(
            what, content.encode(), message_id=name, lang="fr", day=TODAY, rank=rank, at=clock.now()
        )  # fmt: skip


def settings(folder: Path, server: FakeRelay, base: str, **smtp_settings: Any) -> Path:
    """An installation that sends for good through that server, and records in that ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    relay = server.settings(folder, **smtp_settings).model_dump(mode="json", exclude_none=True)
    mail = {"transport": "smtp", "live": True, "environnement": "production", "expediteur": USER, "plafond": 50}
    lines = [f"[suivi]\nbase = {json.dumps(base)}", "[mail]", *map(_line, mail.items()), "[mail.smtp]"]
    path = folder / "settings.toml"
    path.write_text("\n".join([*lines, *map(_line, relay.items())]), encoding="utf-8")
    return path


def _line(item: tuple[str, object]) -> str:
    return f"{item[0]} = {json.dumps(item[1])}"


# --------------------------------------------------------------------------------------------------- a worker


@dataclass(frozen=True)
class Work:
    """What a worker does. people: how many letters there are to make, or the name of a file that says so.

    moment: of MOMENTS, at which it kills itself, "" for none. ahead: seconds by which its clock is in advance.
    ends: False to go on until it is killed. naive: hands over by `send_message` and tries again after any exception.
    claim, settled, again: seconds that stand for CLAIM, SETTLED_AFTER and the first wait; 0 for the product's own.
    """

    settings: str
    people: int | str
    moment: str = ""
    ahead: float = 0
    ends: bool = True
    naive: bool = False
    claim: float = 0
    settled: float = 0
    again: float = 0
    report: str = ""


def work(what: Work) -> None:
    _shorten(what)
    if what.moment:
        MOMENTS[what.moment]()
    at = Installation.at(Path(what.settings))
    done = _once(at, what)
    while not what.ends:
        time.sleep(0.05)
        done = _once(at, what)
    if what.report:
        Path(what.report).write_text(json.dumps(asdict(done)))


def _once(at: Installation, what: Work) -> Delivered:
    people = int(Path(what.people).read_text()) if isinstance(what.people, str) else what.people
    with at.alone():
        if what.naive:
            make(at, people)
            return _hand_over_naively(at)
        in_doubt = recover(at, TODAY)
        make(at, people)
        at.store.set_mark(RELAY, None)  # the pauses that spare a server that is down are tried elsewhere
        return deliver(at, in_doubt=in_doubt)


def _shorten(what: Work) -> None:
    now = clock.now
    if what.ahead:
        clock.now = lambda: now() + timedelta(seconds=what.ahead)  # type: ignore[assignment]
    if what.claim:
        job.CLAIM, job.SETTLED_AFTER = timedelta(seconds=what.claim), timedelta(seconds=what.settled)  # type: ignore[misc]
    if what.again:
        job.next_try = lambda _key, attempts, at: at + timedelta(seconds=what.again * attempts)  # type: ignore[assignment]


def _hand_over_naively(at: Installation) -> Delivered:
    """What most programs do: send, and send again after whatever went wrong. A claim keeps other copies away."""
    outbox, me, settings = at.store.outbox, str(os.getpid()), at.settings.mail.smtp
    context = ssl.create_default_context(cafile=at.folder / "autorite.pem")
    for letter in outbox.ready(clock.now()):
        now = clock.now()
        if not outbox.claim(letter.key, me, at=now, until=now + job.CLAIM):
            continue
        outcome, again = Outcome(LetterState.SENT), None
        try:
            with smtplib.SMTP(settings.serveur, settings.port, timeout=settings.delai_final) as connection:
                connection.starttls(context=context)
                connection.send_message(message_from_bytes(letter.content), USER, [letter.to])
        except (smtplib.SMTPException, OSError) as error:
            outcome, again = Outcome(LetterState.QUEUED, str(error)), job.next_try(letter.key, 1, clock.now())
        outbox.settle(letter.key, me, outcome, at=clock.now(), retry_at=again)
    return Delivered()


# ---------------------------------------------------------------------------------------- the moments of a death


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: Any, name: str, *, before: Callable[..., bool] | None = None,
            after: Callable[..., bool] | None = None) -> None:  # fmt: skip
    """Dies when that function is called with arguments of which `before` says so, or has returned, of which `after`."""
    function = getattr(owner, name)

    def deadly(*args: Any, **kw: Any) -> Any:
        if before is not None and before(*args):
            die()
        result = function(*args, **kw)
        if after is not None and after(*args):
            die()
        return result

    setattr(owner, name, deadly)


def _always(*_: object) -> bool:
    return True


def _event(event: str) -> Callable[..., bool]:
    return lambda *args: args[2] == event


def _command(name: str) -> Callable[..., bool]:
    return lambda _self, command, *_: command == name


def _nth(number: int) -> Callable[..., bool]:
    calls: list[object] = []
    return lambda *_: calls.append(0) or len(calls) == number  # type: ignore[func-returns-value]


def _is_text(_self: object, data: object) -> bool:
    return isinstance(data, bytes) and data.endswith(b"\r\n.\r\n")


def _in_the_middle_of_the_text() -> None:
    send = smtplib.SMTP.send

    def half(self: smtplib.SMTP, data: Any) -> None:
        if _is_text(self, data):
            send(self, data[: len(data) // 2])
            die()
        send(self, data)

    smtplib.SMTP.send = half  # type: ignore[method-assign]


MOMENTS: Mapping[str, Callable[[], None]] = {
    "recording, not committed": lambda: _around(journal, "append", before=_event(journal.RECORDED)),
    "recorded": lambda: _around(Outbox, "record", after=_always),
    "before the claim": lambda: _around(Outbox, "claim", before=_always),
    "claimed": lambda: _around(Outbox, "claim", after=_always),
    "connected": lambda: _around(smtp, "_connected", after=_always),
    "MAIL answered": lambda: _around(smtplib.SMTP, "docmd", after=_command("MAIL")),
    "RCPT answered": lambda: _around(smtplib.SMTP, "docmd", after=_command("RCPT")),
    "before begin_data": lambda: _around(Outbox, "begin_data", before=_always),
    "begin_data, not committed": lambda: _around(journal, "append", before=_event(LetterState.DATA)),
    "begin_data committed": lambda: _around(Outbox, "begin_data", after=_always),
    "DATA answered": lambda: _around(smtplib.SMTP, "docmd", after=_command("DATA")),
    "in the middle of the text": _in_the_middle_of_the_text,
    "final dot sent": lambda: _around(smtplib.SMTP, "send", after=_is_text),
    "answer read, not settled": lambda: _around(Outbox, "settle", before=_always),
    "settling, not committed": lambda: _around(journal, "append", before=_event(LetterState.SENT)),
    "settled": lambda: _around(Outbox, "settle", after=_always),
    "between two letters": lambda: _around(Outbox, "claim", before=_nth(2)),
    "QUIT answered": lambda: _around(smtp, "_take_leave", after=_always),
}


# ------------------------------------------------------------------------------------------------- the nursery


class Nursery:
    """Forks workers in a process that shares nothing with this one; a context manager that ends them all."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mail_chaos"], cwd=ROOT, env=ENVIRONMENT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._alive: set[int] = set()

    def start(self, what: Work) -> int:
        """A new worker: its process number."""
        pid = self._ask(asdict(what))
        self._alive.add(pid)
        return pid

    def end(self, pid: int) -> int:
        """Waits for a worker to end: the signal that killed it, 0 for none, 1 for an error."""
        status = self._ask({"wait": pid})
        self._alive.discard(pid)
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.end(pid)

    def _ask(self, what: Mapping[str, Any]) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *_: object) -> None:
        for pid in tuple(self._alive):
            self.kill(pid)
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


def main() -> None:
    """Answers one line at a time: the number of a new worker, or how one ended."""
    _warm_up()
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        print(os.waitpid(asked["wait"], 0)[1] if "wait" in asked else _fork(Work(**asked)), flush=True)


def _warm_up() -> None:
    """Loads what a worker would load at its first use: each of them lives a short time."""
    import psycopg  # noqa: F401
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

    clock.now()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.toml"
        path.write_text("")
        at = Installation.at(path)
        make(at, 1)
        at.close()


def _fork(what: Work) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work(what)
        except BaseException as error:
            print(f"worker: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return pid


# -------------------------------------------------------------------------------------- the server's log as witness


def accepted(server: FakeRelay) -> Sequence[str]:
    """The Message-ID of each letter that the server took, as often as it took it."""
    return [str(message_from_bytes(content)["Message-ID"]) for _, content in tuple(server.taken)]


@dataclass
class Witness:
    """Settles letters in doubt by the server's log. gap: seconds between two looks that find nothing."""

    store: Store
    server: FakeRelay
    gap: float
    settled: int = 0
    _looked: dict[str, float] = field(default_factory=dict)

    def look(self) -> int:
        """How many letters stay in doubt. Found: sent; twice not found: it never left, and may leave again."""
        doubtful = self.store.outbox.letters(LetterState.UNKNOWN)
        log = set(accepted(self.server)) if doubtful else set()
        for letter in doubtful:
            found = letter.message_id in log
            first = self._looked.setdefault(letter.key, time.monotonic())
            if found or time.monotonic() - first >= self.gap:
                self._looked.pop(letter.key)
                state = LetterState.SENT if found else LetterState.QUEUED
                self.settled += self.store.outbox.leave(
                    letter.key, state, of=(LetterState.UNKNOWN,), at=self._now(), detail="le témoin a regardé"
                )
        return len(doubtful)

    @staticmethod
    def _now() -> datetime:
        return clock.now()


if __name__ == "__main__":
    main()
