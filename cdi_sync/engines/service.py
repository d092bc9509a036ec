"""The service of an installation: does what is due, minute after minute, until it is told to stop."""

import contextlib
import logging
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.engines import Engine
from cdi_sync.text import visible
from jobs.due import Memory, run_due

log = logging.getLogger("cdi.service")


@dataclass
class _Asked:
    """What the system asked for. A handler only notes it: the work in progress is never cut short."""

    stop: bool = False
    by_keyboard: bool = False

    def note(self, signum: int, _frame: FrameType | None) -> None:
        self.stop, self.by_keyboard = True, signum == signal.SIGINT


def serve(installation: Installation, engine: Engine) -> None:
    """Returns after SIGTERM, once the work in progress is over; after Ctrl-C, raises KeyboardInterrupt then.

    Raises CdiError at once when the time-zone data is stale or the ledger can't be opened, AlreadyRunningError when
    this installation is served already.
    """
    clock.now()
    memory = Memory()
    with installation.serving(), _listening() as asked:
        _ = installation.knowledge, installation.store  # what would fail at every tick fails now, while someone looks
        log.info("service démarré")
        engine.serve(lambda: run_due(installation, clock.now(), memory=memory), until=lambda: asked.stop)
        log.info("service arrêté")
    if asked.by_keyboard:
        raise KeyboardInterrupt


def log_to_stderr() -> None:
    """One line an event, at Morocco's time."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line("%(asctime)s %(message)s"))
    root = logging.getLogger("cdi")
    root.handlers, root.propagate = [handler], False
    root.setLevel(logging.INFO)


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """An event is one line: what a cell or a server put in it can't begin another."""
        return visible(super().format(record)).replace("\n", "\\n")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  # its name there
        return datetime.fromtimestamp(record.created, clock.MOROCCO).isoformat(" ", "seconds")


@contextlib.contextmanager
def _listening() -> Iterator[_Asked]:
    asked = _Asked()
    before = {number: signal.signal(number, asked.note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
