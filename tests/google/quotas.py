"""Quotas a minute, by user and by project."""

from tests.google.clock import Clock


class Quotas:
    """Counts requests. Raises ApiError 429 when a minute's share is used up."""

    def __init__(self, clock: Clock, *, unlimited: bool) -> None:
        self._clock, self._unlimited = clock, unlimited

    def count(self, method: str, user: str) -> None:
        """Counts one request of a user."""
