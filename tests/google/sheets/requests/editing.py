"""A batchUpdate at work, as each kind of request sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet
from tests.google.wire import bad

if TYPE_CHECKING:
    from tests.google.world import Google


@dataclass
class Editing:
    """A spreadsheet being changed by one batchUpdate: a copy, put in place when every request has worked.

    at: the number of the request in hand, for the messages.
    """

    google: "Google"
    book: Spreadsheet
    user: str
    at: int = 0
    kind: str = ""

    def refuse(self, message: str) -> Exception:
        """The error of the request in hand, in Google's words: "Invalid requests[0].addSheet: …"."""
        return bad(f"Invalid requests[{self.at}].{self.kind}: {message}")

    def sheet(self, id_: int) -> Sheet:
        """The sheet of that identifier, or the refusal that Google gives."""
        found = self.book.sheet(id_)
        if found is None:
            raise self.refuse(f"No grid with id: {id_}")
        return found


Kind = Callable[[Editing, Json], Json | None]
