"""Kills a run, for real: a child process works on an installation and sends itself SIGKILL at a chosen moment.

A *moment* is just before or just after the n-th step of a run that the disk can see: a write, an fsync, a rename, a
commit of the ledger. What the parent then finds is what a power cut would have left (short of the disk's own cache).
"""

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cdi_sync.edges.installation import Installation
from jobs.run import run

FINISHED = 0


class _Clockwork:
    """Counts the steps of this process and kills it at one of them. at: 2n before the n-th step, 2n+1 after it."""

    def __init__(self, at: int | None) -> None:
        self.at, self.count = at, 0

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            result = step(*args, **kwargs)
            self.tick()
            return result

        return counted

    def tick(self) -> None:
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def install(self) -> None:
        """Puts itself around every step that the disk can see."""
        os.fsync = self.around(os.fsync)
        Path.replace = self.around(Path.replace)  # type: ignore[method-assign]
        Path.unlink = self.around(Path.unlink)  # type: ignore[method-assign]
        tempfile.mkstemp = self.around(tempfile.mkstemp)
        opened = os.fdopen

        def fdopen(*args: Any, **kwargs: Any) -> Any:
            file = opened(*args, **kwargs)
            return _Half(file, self)

        os.fdopen = fdopen  # type: ignore[assignment]
        sa.event.listen(sa.Engine, "commit", lambda _connection: self.tick())
        commit = sa.engine.default.DefaultDialect.do_commit

        def do_commit(dialect: Any, connection: Any) -> None:
            commit(dialect, connection)
            self.tick()

        sa.engine.default.DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


class _Half:
    """A file that writes its content in two halves, so that a kill can fall between them."""

    def __init__(self, file: Any, clockwork: _Clockwork) -> None:
        self._file, self._clockwork = file, clockwork

    def write(self, data: bytes) -> None:
        middle = len(data) // 2
        for part in (data[:middle], data[middle:]):
            self._file.write(part)
            self._file.flush()
            self._clockwork.tick()

    def __enter__(self) -> "_Half":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def run_killed(folder: Path, today: date, *, at: int | None = None, after: float | None = None) -> int:
    """Runs a day's work in a child process, killed at that step or after so many seconds: its signal, 0 if it ended."""
    child = os.fork()
    if child == 0:
        _work(folder, today, at)
    if after is not None:
        timer = threading.Timer(after, os.kill, (child, signal.SIGKILL))
        timer.start()
        _, status = os.waitpid(child, 0)
        timer.cancel()
    else:
        _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else FINISHED


def steps_of(folder: Path, today: date) -> int:
    """How many moments a whole run has."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        clockwork = _work(folder, today, None, leave=False)
        os.write(writing, str(clockwork.count).encode())
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 32)
    os.close(reading)
    os.waitpid(child, 0)
    return int(told)


def _work(folder: Path, today: date, at: int | None, *, leave: bool = True) -> _Clockwork:
    clockwork = _Clockwork(at)
    clockwork.install()
    try:
        installation = Installation.at(folder / "settings.toml")
        with installation.alone():
            run(installation, today)
    except BaseException as error:
        print(error, file=sys.stderr)
        os._exit(1)
    if leave:
        os._exit(0)
    return clockwork


def seconds_of(folder: Path, today: date) -> float:
    """How long a whole run takes here and now."""
    start = time.perf_counter()
    assert run_killed(folder, today) == FINISHED
    return time.perf_counter() - start
