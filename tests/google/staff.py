"""The staff: what a test has people do in a spreadsheet between two requests of the program."""

from typing import TYPE_CHECKING

from tests.google.wire import Request

if TYPE_CHECKING:
    from tests.google.world import Google


class Staff:
    """People who edit, and when."""

    def __init__(self, google: "Google") -> None:
        self._google = google

    def before(self, request: Request) -> None:
        """What people do just before that request is handled."""
