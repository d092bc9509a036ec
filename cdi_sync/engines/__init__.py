"""Who wakes the jobs. An engine is only an alarm clock: what is due is decided by `jobs.due`, from the ledger."""

from collections.abc import Callable
from typing import Protocol


class Engine(Protocol):
    """An alarm clock."""

    def serve(self, tick: Callable[[], object], *, until: Callable[[], bool]) -> None:
        """Calls `tick` at once, then about every minute, never twice at a time, until `until()` is true.

        Returns when the tick in progress is over. A tick that raises is told in the log and doesn't end anything.
        """
        ...
