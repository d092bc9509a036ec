"""A batchUpdate at work, as each kind of request sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.google.sheets.areas import Closed, grid_area, within_grid
from tests.google.sheets.spreadsheet import MOST_CELLS, Json, Sheet, Spreadsheet
from tests.google.wire import ApiError, bad

if TYPE_CHECKING:
    from tests.google.world import Google


@dataclass
class Editing:
    """A spreadsheet being changed by one batchUpdate: a copy, put in place when every request has worked.

    at: the number of the request in hand, for the messages. part: what stands there instead, in a spreadsheet being
    created ("sheets[0].data[0]").
    """

    google: "Google"
    book: Spreadsheet
    user: str
    at: int = 0
    kind: str = ""
    part: str = ""

    def refuse(self, message: str) -> Exception:
        """The error of the request in hand, in Google's words: "Invalid requests[0].addSheet: …"."""
        return bad(f"Invalid {self.part or f'requests[{self.at}].{self.kind}'}: {message}")

    def sheet(self, id_: int) -> Sheet:
        """The sheet of that identifier, or the refusal that Google gives."""
        found = self.book.sheet(id_)
        if found is None:
            raise self.refuse(f"No grid with id: {id_}")
        return found

    def area(self, grid_range: Json | None, *, clipped: bool = True) -> Closed:
        """The cells of a GridRange, refused when it starts outside the grid or makes no range.

        clipped: what ends past the grid is cut off.
        """
        try:
            area = within_grid(grid_area(self.book, grid_range or {}))
        except ApiError as error:
            raise self.refuse(error.message) from None
        return area.closed(clipped=clipped)

    def check_cells(self) -> None:
        """Refuses a spreadsheet that has grown past Google's limit."""
        if self.book.cell_count() > MOST_CELLS:
            raise self.refuse(
                f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
            )


Kind = Callable[[Editing, Json], Json | None]
