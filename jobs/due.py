"""Does what is due: the latest slot of each job of the schedule, unless the ledger says that it is done.

Asked every minute or once a week, the answer is the same: after an outage each job is done once, for its latest
slot, and a new installation doesn't replay its past. A slot is recorded after its effects, which the ledger of
letters and the workbook make harmless to repeat: work cut short is done again. Letters that the mail server put off
are tried again in between, when their time has come (`jobs.retry`).
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cdi_sync.calendar import WorkCalendar
from cdi_sync.console import finish, in_one_line
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.errors import AlreadyRunningError, CdiError, RegistryError
from cdi_sync.slots import EachMinutes, EveryDay, latest_slot
from jobs.retry import RETRY, is_time, retry
from jobs.schedule import SCHEDULE, Job

RETRY_AFTER = timedelta(minutes=5)
_DAYS_OFF = "jours fériés"
log = logging.getLogger("cdi.jobs")


class Ended(StrEnum):
    """How a slot's work ended, in the words of the log."""

    DONE = "fait"  # recorded: never again
    PUT_OFF = "remis à plus tard"  # the workbook is open, the disk full…: tried again in five minutes
    BROKEN = "erreur du logiciel"  # a bug of ours: tried again in five minutes, as its cause may be in the data
    WAITING = "attend son tour"  # another command holds the installation: tried again at the next tick


@dataclass(frozen=True)
class JobRun:
    """A job, the slot that was due, and what came of it (told without names or addresses)."""

    job: str
    slot: str
    ended: Ended
    told: str = ""


@dataclass
class Memory:
    """What a service keeps in mind from tick to tick. Losing it costs one reading and one early attempt."""

    tried: dict[str, datetime] = field(default_factory=dict)  # job, or _DAYS_OFF → its last attempt that didn't succeed
    calendar: WorkCalendar | None = None
    read_from: tuple[object, ...] | None = None  # what was seen when the calendar was read
    is_told: bool = False  # that the workbook can't be read


def run_due(
    installation: Installation, now: datetime, *, jobs: Sequence[Job] = SCHEDULE, memory: Memory | None = None
) -> tuple[JobRun, ...]:
    """Does each job's latest slot at or before `now` (Morocco's time) that isn't done yet; says what came of each.

    A job that fails doesn't stop the others, and waits for RETRY_AFTER if `memory` is kept. Raises CdiError when
    the ledger or the configuration can't be read.
    """
    memory = memory or Memory()
    waiting = list(_waiting(installation, now, jobs, memory))
    letters = not _rests(RETRY, now, memory) and is_time(installation, now)
    if not waiting and not letters:
        return ()
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(installation.alone())
        except AlreadyRunningError:
            return tuple(_tell(JobRun(job.name, slot, Ended.WAITING)) for job, slot in waiting)
        done = [_attempt(job, slot, installation, now, memory) for job, slot in waiting
                if not installation.store.has_run(job.name, slot)]  # fmt: skip  # another copy may have just done it
        return (*done, *_retry(installation, now, memory))


def _waiting(
    installation: Installation, now: datetime, jobs: Sequence[Job], memory: Memory
) -> Iterator[tuple[Job, str]]:
    wanted = [job for job in jobs if job.is_wanted(installation)]
    calendar = _calendar(installation, now, wanted, memory)
    for job in wanted:
        slot = latest_slot(job.when, now, calendar)
        if slot and not _rests(job.name, now, memory) and not installation.store.has_run(job.name, slot):
            yield job, slot


def _rests(what: str, now: datetime, memory: Memory) -> bool:
    last = memory.tried.get(what)
    return last is not None and timedelta(0) <= now - last < RETRY_AFTER  # negative: the clock was set back


def _attempt(job: Job, slot: str, installation: Installation, now: datetime, memory: Memory) -> JobRun:
    try:
        told = job.do(installation, now.date())
        installation.store.record_run(job.name, slot, at=clock.now(), outcome=told)
    except Exception as error:
        memory.tried[job.name] = now
        ended = Ended.PUT_OFF if isinstance(error, CdiError) else Ended.BROKEN
        return _tell(JobRun(job.name, slot, ended, in_one_line(error)))
    memory.tried.pop(job.name, None)
    return _tell(JobRun(job.name, slot, Ended.DONE, told))


def _retry(installation: Installation, now: datetime, memory: Memory) -> Iterator[JobRun]:
    """Hands over the letters whose time has come, those that a job has just handed over aside."""
    if _rests(RETRY, now, memory) or not is_time(installation, now):
        return
    slot = f"{now:%Y-%m-%dT%H:%M}"
    try:
        yield _tell(JobRun(RETRY, slot, Ended.DONE, retry(installation, now.date())))
    except Exception as error:
        memory.tried[RETRY] = now
        ended = Ended.PUT_OFF if isinstance(error, CdiError) else Ended.BROKEN
        yield _tell(JobRun(RETRY, slot, ended, in_one_line(error)))


def _tell(run: JobRun) -> JobRun:
    level = logging.ERROR if run.ended is Ended.BROKEN else logging.INFO
    log.log(level, "%s %s : %s", run.job, run.slot, " — ".join(filter(None, (run.ended, run.told))))
    return run


# ------------------------------------------------------------------------------------------------- worked days


def _calendar(installation: Installation, now: datetime, jobs: Sequence[Job], memory: Memory) -> WorkCalendar:
    """The registry's calendar, read again when it may have changed; the configured one if it can't be read."""
    today, is_far = now.date(), bool(installation.settings.registre.google)
    seen = _seen_far(now, jobs) if is_far else _seen(installation, today)
    if memory.calendar is not None and memory.read_from == seen:
        return memory.calendar
    if is_far and _rests(_DAYS_OFF, now, memory):  # an outage is waited out for minutes: not at every tick
        return installation.configured_calendar(today)
    try:
        memory.calendar, memory.read_from, memory.is_told = installation.calendar(today), seen, False
    except RegistryError as error:
        if not memory.is_told:
            log.warning("jours fériés du classeur inconnus, calendrier configuré seul — %s", in_one_line(error))
        memory.calendar, memory.read_from, memory.is_told = None, None, True
        memory.tried[_DAYS_OFF] = now
    return memory.calendar or installation.configured_calendar(today)


def _seen_far(now: datetime, jobs: Sequence[Job]) -> tuple[object, ...]:
    """When a registry with Google is asked for its holidays: each time that some job has a new slot, worked day or not.

    The day may have been opened or closed meanwhile. Drive then tells in one request whether anything changed.
    """
    of_worked_days = (job.when for job in jobs if not isinstance(job.when, EachMinutes))
    return now.year, *(latest_slot(when, now, EveryDay()) for when in of_worked_days)


def _seen(installation: Installation, today: date) -> tuple[object, ...] | None:
    """What tells that the registry's own holidays may have changed: the file."""
    try:
        found = installation.workbook.stat()
    except OSError:
        return None
    return today.year, found.st_mtime_ns, found.st_size


def main() -> None:
    """All that is due in the installation of the current folder, once."""
    runs = run_due(Installation.at(Path("settings.toml")), clock.now())
    for run in runs:
        print(f"{run.job} {run.slot} : {run.ended} {run.told}".rstrip())
    print(f"{len(runs)} travail(s) de l'horaire.")


if __name__ == "__main__":
    finish(main)
