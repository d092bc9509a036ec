"""Rows and columns that come, go and move: cells, properties, formulas and all that is attached to a range follow."""

from tests.google.sheets.formulas import Edit
from tests.google.sheets.spreadsheet import Spreadsheet


def restructure(book: Spreadsheet, edit: Edit) -> None:
    """Carries out an edit of the grid of one sheet, in place: its cells and its counts, then whatever refers to them.

    Every GridRange, DimensionRange and GridCoordinate of the sheet's attached objects, of the named ranges and of the
    developer metadata follows; what lay wholly in lines taken away goes with them.
    """
    raise NotImplementedError
