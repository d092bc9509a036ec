"""The time that the emulator lives in: the real one, until a test moves it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """UTC. `advance` moves it forward at once, so that no test waits for a minute to pass."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._moved = timedelta()

    def now(self) -> datetime:
        """The present moment: the real one, or a fixed one when the clock was started at it; moved by `advance`."""
        return (self._start or datetime.now(UTC)) + self._moved

    def advance(self, seconds: float) -> None:
        """Lets so many seconds pass."""
        self._moved += timedelta(seconds=seconds)
