"""The alarm clock of one machine: APScheduler, in the process of the service.

It remembers nothing: the ledger does. Its defaults would skip a late tick in silence; here none is, and what
couldn't start is told in the log.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from cdi_sync.console import in_one_line
from cdi_sync.edges.clock import MOROCCO

TICK = timedelta(minutes=1)
LOOK = 0.2  # seconds between two looks at whether to stop
log = logging.getLogger("cdi.engine")


class InProcess:
    """An Engine for one machine. every: the time between two ticks, TICK when not given."""

    def __init__(self, *, every: timedelta | None = None) -> None:
        self._every = every or TICK

    def serve(self, tick: Callable[[], object], *, until: Callable[[], bool]) -> None:
        """As Engine.serve. Raises RuntimeError if APScheduler's own thread dies, so that the service is restarted."""
        scheduler = self._scheduler(tick)
        scheduler.start()
        try:
            while not until():
                if not scheduler._thread.is_alive():  # no public name; a dead alarm clock would ring for nobody
                    raise RuntimeError("APScheduler's thread has died")
                time.sleep(LOOK)
        finally:
            scheduler.shutdown(wait=True)

    def _scheduler(self, tick: Callable[[], object]) -> BackgroundScheduler:
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)  # the same events, in English: told by _tell
        scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone=MOROCCO,
        )
        scheduler.add_listener(_tell, EVENT_JOB_MISSED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
        trigger = IntervalTrigger(seconds=self._every.total_seconds(), timezone=MOROCCO)
        scheduler.add_job(tick, trigger, id="tick", next_run_time=datetime.now(MOROCCO))
        return scheduler


def _tell(event: Any) -> None:
    if event.code == EVENT_JOB_MAX_INSTANCES:
        log.info("le passage précédent n'est pas fini : celui-ci est laissé")
    elif event.code == EVENT_JOB_MISSED:
        log.warning("un passage n'a pas pu démarrer à l'heure ; le suivant fera ce qui est dû")
    else:
        log.error("passage interrompu — %s", in_one_line(event.exception))
