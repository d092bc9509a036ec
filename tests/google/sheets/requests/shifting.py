"""Cells inserted or taken away in the middle of a sheet: those after them, in the same columns or rows, shift."""

from collections.abc import Mapping

from tests.google.sheets.areas import Closed
from tests.google.sheets.following import Lines, follow
from tests.google.sheets.formulas import Edit
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.ranges import (
    cells_in,
    count_of,
    dimension_of,
    grow,
    is_within,
    merges_touching,
    put_rows,
)
from tests.google.sheets.spreadsheet import EMPTY, Cell, Json


def insert_range(editing: Editing, request: Json) -> None:
    """Blank cells; what was there shifts down or right, and the grid grows when it has no room for it."""
    area = editing.area(request.get("range"))
    dimension = dimension_of(editing, request.get("shiftDimension"))
    cells = _shifting(editing, area, dimension)
    blank = [[EMPTY] * (area.right - area.left)] * (area.bottom - area.top)
    if dimension == "ROWS":
        shifted = blank + _without_blank_end(cells)
        grow(editing, area.sheet, area.top + len(shifted), 0)
    else:
        shifted = [new + row for new, row in zip(blank, _without_blank_columns(cells), strict=True)]
        grow(editing, area.sheet, 0, area.left + max(map(len, shifted)))
    put_rows(area.sheet, area.top, area.left, shifted)
    _follow(editing, area, dimension, "insert")


def delete_range(editing: Editing, request: Json) -> None:
    """Cells taken away; what was after them shifts up or left."""
    area = editing.area(request.get("range"))
    dimension = dimension_of(editing, request.get("shiftDimension"))
    cells = _shifting(editing, area, dimension)
    height, width = area.bottom - area.top, area.right - area.left
    if dimension == "ROWS":
        shifted = cells[height:] + [[EMPTY] * width] * height
    else:
        shifted = [row[width:] + [EMPTY] * width for row in cells]
    put_rows(area.sheet, area.top, area.left, shifted)
    _follow(editing, area, dimension, "delete")


def _shifting(editing: Editing, area: Closed, dimension: str) -> list[list[Cell]]:
    """The cells of the area and all those after it, which shift together."""
    sheet = area.sheet
    bottom = sheet.row_count if dimension == "ROWS" else area.bottom
    right = area.right if dimension == "ROWS" else sheet.column_count
    all_ = Closed(sheet, area.top, area.left, bottom, right)
    if not all(is_within(merge, all_) for merge in merges_touching(all_)):
        raise editing.refuse("You must select all cells in a merged range to merge or unmerge them.")
    used = max(area.bottom, len(sheet.rows)) if dimension == "ROWS" else bottom
    return cells_in(Closed(sheet, area.top, area.left, used, right))


def _follow(editing: Editing, area: Closed, dimension: str, what: str) -> None:
    of_rows = dimension == "ROWS"
    start, end = (area.top, area.bottom) if of_rows else (area.left, area.right)
    across = (area.left, area.right) if of_rows else (area.top, area.bottom)
    edit = Edit(area.sheet.id, dimension, what, start, end)
    lists = ("merges", "conditionalFormats", "protectedRanges", "charts")
    follow(editing.book, Lines(edit, count_of(area.sheet, dimension), across), lists)


def _without_blank_end(cells: list[list[Cell]]) -> list[list[Cell]]:
    last = max((at + 1 for at, row in enumerate(cells) if any(cell != EMPTY for cell in row)), default=0)
    return cells[:last]


def _without_blank_columns(cells: list[list[Cell]]) -> list[list[Cell]]:
    last = max((at + 1 for row in cells for at, cell in enumerate(row) if cell != EMPTY), default=0)
    return [row[:last] for row in cells]


KINDS: Mapping[str, Kind] = {"insertRange": insert_range, "deleteRange": delete_range}
