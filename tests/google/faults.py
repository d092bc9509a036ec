"""Faults on demand: what a test asks to go wrong with the next requests."""

from tests.google.wire import Request, Response


class Faults:
    """The faults still to come."""

    def before(self, request: Request) -> Response | None:
        """The fault that strikes before anything is applied."""
        return None

    def after(self, request: Request) -> Response | None:
        """The fault that strikes once all is applied."""
        return None
