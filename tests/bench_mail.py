"""How fast letters leave: written, frozen and recorded, then handed over, beside smtplib alone with the same bytes.

Both speak under TLS over one connection, one after the other, to the same server in a process of its own. The ledger
promises that no letter leaves twice: each one costs three commits that smtplib alone doesn't make.
"""

import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.mail.letters import Digest, Line
from cdi_sync.mail.outbox import LetterState, Parcel
from jobs.deliver import Draft, deliver, freeze

DAY = date(2026, 11, 23)
LETTERS = 10_000
LINES = 5  # in each letter
USER = "cdi@fes.example"


@dataclass(frozen=True)
class Speeds:
    """Letters a second: written, frozen and recorded; handed over by us; by smtplib alone; by it, packets not held back."""

    made: float
    delivered: float
    alone: float
    prompt: float


@contextmanager
def relay(folder: Path) -> Iterator[int]:
    """A running server: its port; its authority is in the folder."""
    command = [sys.executable, "-m", "tests.relay_process", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin and server.stdout
        yield int(server.stdout.readline())
        server.stdin.close()


def installation(folder: Path, port: int) -> Installation:
    """One that sends for good through that server, without a cap."""
    (folder / "settings.toml").write_text(
        f'[mail]\ntransport = "smtp"\nlive = true\nenvironnement = "production"\nplafond = 1000000\nexpediteur = "{USER}"\n'
        f'[mail.smtp]\nserveur = "127.0.0.1"\nport = {port}\nsecurite = "tls"\nautorite = "autorite.pem"\n',
        encoding="utf-8",
    )
    return Installation.at(folder / "settings.toml")


def drafts(at: Installation, count: int) -> Iterator[Draft]:
    """Letters to as many people, each about other agreements."""
    for number in range(count):
        to = f"agent-{number}@fes.example"
        written = digest(to, number)
        yield Draft(
            Parcel("rappels", to, f"rappels|{to}|{DAY}|r1"),
            written.name,
            lambda written=written: at.templates.digest(written),  # type: ignore[misc]  # bound at each turn
        )


def digest(to: str, number: int) -> Digest:
    lines = tuple(
        Line(
            reminder="REM-VIS-02", urgency="semaine" if rank else "retard", case=f"ACT-{number * LINES + rank:05}",
            name=f"Convention de coopération n° {number}-{rank} – جماعة فاس", title="Visa en cours",
            action="Suivre la demande de visa ; la décision est attendue.", due=DAY + timedelta(rank - 1), days_left=rank - 1,
            visa_day=f"{rank + 15} / 20", source="LO 113-14, art. 118", place="onglet Visas et accords, cellule K2",
        )
        for rank in range(LINES)
    )  # fmt: skip
    return Digest(
        to, f"Agent {number}", "Référent de la coopération", "Commune de Fès", DAY, "Service", "registre.xlsx", lines
    )


def by_smtplib(folder: Path, port: int, letters: Sequence[tuple[str, bytes]], *, prompt: bool) -> None:
    """The same bytes, over one connection, by `sendmail`. prompt: as we do, without waiting to fill a packet."""
    context = ssl.create_default_context(cafile=folder / "autorite.pem")
    with smtplib.SMTP_SSL("127.0.0.1", port, context=context) as connection:
        assert connection.sock is not None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(prompt))
        for to, content in letters:
            connection.sendmail(USER, to, content)


def measure(count: int = LETTERS) -> Speeds:
    """Makes and sends so many letters in a folder of its own."""
    with tempfile.TemporaryDirectory() as name, relay(Path(name)) as port:
        at = installation(Path(name), port)
        at.templates.digest(digest("premier@fes.example", 0))  # compiled once a process
        made = seconds(lambda: freeze(drafts(at, count), at, DAY))
        letters = [(letter.to, letter.content) for letter in at.store.outbox.letters()]
        assert len(letters) == count
        for letter in at.store.outbox.letters(LetterState.HELD):  # more than usual: a person has read them
            at.store.outbox.release(letter.key, at=clock.now(), detail="")
        alone = seconds(lambda: by_smtplib(Path(name), port, letters, prompt=False))
        prompt = seconds(lambda: by_smtplib(Path(name), port, letters, prompt=True))
        delivered = seconds(lambda: deliver(at))
        assert len(at.store.outbox.letters(LetterState.SENT)) == count
        at.close()
    return Speeds(count / made, count / delivered, count / alone, count / prompt)


def seconds(action: Callable[[], object]) -> float:
    """How long it takes, by the clock."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def told(speeds: Speeds, count: int) -> str:
    """The measure in a line."""
    return (
        f"{count} letters, a second: {speeds.made:.0f} written and recorded, {speeds.delivered:.0f} handed over; smtplib alone "
        f"{speeds.alone:.0f}, without holding packets back {speeds.prompt:.0f}"
    )


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else LETTERS
    print(told(measure(number), number))
