"""APScheduler as an alarm clock: it rings at once, again and again, never twice at a time, and stops cleanly."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from cdi_sync.engines.in_process import InProcess
from cdi_sync.errors import CdiError

OFTEN = timedelta(seconds=0.1)
PATIENCE = 30  # seconds, for a machine at work on something else


class Ticks:
    """A tick that counts itself; `enough` is true from the n-th on, or when patience is over."""

    def __init__(self, n: int, then: Callable[[int], None] = lambda _: None) -> None:
        self.count, self._n, self._then = 0, n, then
        self._end = time.monotonic() + PATIENCE

    def __call__(self) -> None:
        self.count += 1
        self._then(self.count)

    def enough(self) -> bool:
        return self.count >= self._n or time.monotonic() > self._end


def test_it_ticks_at_once() -> None:
    ticks = Ticks(1)
    InProcess(every=timedelta(hours=1)).serve(ticks, until=ticks.enough)
    assert ticks.count == 1


def test_it_ticks_again_and_again() -> None:
    ticks = Ticks(3)
    InProcess(every=OFTEN).serve(ticks, until=ticks.enough)
    assert ticks.count >= 3


def test_a_tick_in_progress_ends_before_the_service_does() -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        time.sleep(0.5)
        ended.set()

    InProcess(every=timedelta(hours=1)).serve(slow, until=begun.is_set)
    assert ended.is_set()


def test_two_ticks_never_overlap_and_the_one_left_out_is_told(caplog: pytest.LogCaptureFixture) -> None:
    inside, most, release = [0], [0], threading.Event()

    def slow(_count: int) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        release.wait(PATIENCE)
        inside[0] -= 1

    def skipped() -> bool:
        if "n'est pas fini" in caplog.text:
            release.set()
        return ticks.enough()

    ticks = Ticks(2, slow)
    with caplog.at_level(logging.INFO, logger="cdi.engine"):
        InProcess(every=OFTEN).serve(ticks, until=skipped)
    assert most == [1]
    assert "n'est pas fini" in caplog.text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ZeroDivisionError("contact Amina"), "ZeroDivisionError"),
        (CdiError("La base est abîmée.", why="Amina"), "La base"),
    ],
)
def test_a_tick_that_fails_is_told_in_a_line_without_data_and_the_next_one_comes(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fails_once(count: int) -> None:
        if count == 1:
            raise error

    ticks = Ticks(2, fails_once)
    with caplog.at_level(logging.INFO):
        InProcess(every=OFTEN).serve(ticks, until=ticks.enough)
    assert ticks.count >= 2
    (line,) = [record.getMessage() for record in caplog.records if record.name == "cdi.engine"
               and record.levelno == logging.ERROR]  # fmt: skip
    assert told in line
    assert "Amina" not in caplog.text


def test_it_never_gives_up_on_a_late_tick_and_remembers_nothing() -> None:
    scheduler = InProcess()._scheduler(lambda: None)
    scheduler.start(paused=True)
    try:
        (job,) = scheduler.get_jobs()
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
        assert str(scheduler.timezone) == "Africa/Casablanca"
        assert job.trigger.interval == timedelta(minutes=1)
    finally:
        scheduler.shutdown()


def test_if_its_own_thread_dies_the_service_ends_in_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apscheduler.schedulers.blocking.BlockingScheduler._main_loop", lambda self: None)
    with pytest.raises(RuntimeError, match="thread"):
        InProcess().serve(lambda: None, until=lambda: False)
