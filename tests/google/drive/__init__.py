"""Drive: files, who may see them, and what has changed."""

from collections.abc import Mapping

from tests.google.call import Handler
from tests.google.clock import Clock

HANDLERS: Mapping[str, Handler] = {}


class Drive:
    """The files."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def touched(self, file_id: str, user: str) -> None:
        """A file was changed by somebody."""
