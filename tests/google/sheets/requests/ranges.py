"""The ranges that requests name, checked against the grid, and what is read and written in them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.google.sheets.areas import Closed
from tests.google.sheets.formulas import Computed, Place, compute
from tests.google.sheets.requests.editing import Editing
from tests.google.sheets.spreadsheet import EMPTY, MOST_CELLS, MOST_COLUMNS, Cell, Formula, Json, Sheet, Value

WORDS = {"ROWS": "row", "COLUMNS": "column"}


class Lines(NamedTuple):
    """Rows or columns of a sheet, the end excluded."""

    sheet: Sheet
    dimension: str
    start: int
    end: int


def grid_of(editing: Editing, id_: object) -> Sheet:
    """The sheet of that identifier, refused when it isn't there or has no cells."""
    sheet = editing.sheet(int(str(id_ or 0)))
    if "gridProperties" not in sheet.properties:
        raise editing.refuse(f"No grid with id: {sheet.id}")
    return sheet


def count_of(sheet: Sheet, dimension: str) -> int:
    """How many rows or columns a sheet has."""
    return sheet.row_count if dimension == "ROWS" else sheet.column_count


def dimension_of(editing: Editing, dimension: object) -> str:
    """ "ROWS" or "COLUMNS", refused when it is neither."""
    if dimension not in WORDS:
        raise editing.refuse("No dimension specified.")
    return str(dimension)


def lines_of(editing: Editing, span: Json | None, *, bounded: bool = False) -> Lines:
    """The lines of a DimensionRange; a side left out is the grid's own, unless both must be there."""
    span = span or {}
    sheet, dimension = grid_of(editing, span.get("sheetId")), dimension_of(editing, span.get("dimension"))
    if bounded and (span.get("startIndex") is None or span.get("endIndex") is None):
        raise editing.refuse("DimensionRange must specify both a startIndex and an endIndex.")
    start = int(span.get("startIndex") or 0)
    end = count_of(sheet, dimension) if span.get("endIndex") is None else int(span["endIndex"])
    if start < 0 or end < 0:
        raise editing.refuse("DimensionRange indexes must be >= 0")
    if end < start:
        raise editing.refuse(f"endIndex[{end}] cannot be before startIndex[{start}]")
    return Lines(sheet, dimension, start, end)


def lines_within(editing: Editing, span: Json | None) -> Lines:
    """The lines of a DimensionRange, which must start within the grid; beyond its end there are none."""
    sheet, dimension, start, end = lines_of(editing, span)
    count = count_of(sheet, dimension)
    if start >= count:
        raise editing.refuse(f"range.startIndex is larger than current grid size ({count})")
    return Lines(sheet, dimension, start, min(end, count))


def set_property(lines: Lines, name: str, value: object) -> None:
    """Gives each of these lines a property; None takes it away."""
    sheet, dimension, start, end = lines
    properties = sheet.row_properties if dimension == "ROWS" else sheet.column_properties
    properties += [None] * (end - len(properties))
    for at in range(start, end):
        kept = {key: old for key, old in (properties[at] or {}).items() if key != name}
        properties[at] = (kept | ({name: value} if value is not None else {})) or None


def corner_of(editing: Editing, coordinate: Json | None) -> tuple[Sheet, int, int]:
    """(sheet, row, column) of a GridCoordinate, refused beyond the grid."""
    coordinate = coordinate or {}
    sheet = grid_of(editing, coordinate.get("sheetId"))
    row, column = int(coordinate.get("rowIndex") or 0), int(coordinate.get("columnIndex") or 0)
    for name, at, count in (("row", row, sheet.row_count), ("column", column, sheet.column_count)):
        if at < 0:
            raise editing.refuse(f"GridCoordinate.{name}Index[{at}] must be >= 0")
        if at >= count:
            raise editing.refuse(f"GridCoordinate.{name}Index[{at}] is after last {name} in grid[{count}]")
    return sheet, row, column


def check_growth(editing: Editing, sheet: Sheet, dimension: str, by: int) -> None:
    """Refuses so many lines more when they make the spreadsheet too big."""
    more = by * (sheet.column_count if dimension == "ROWS" else sheet.row_count)
    if editing.book.cell_count() + more > MOST_CELLS:
        raise editing.refuse(
            f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
        )
    if dimension == "COLUMNS" and sheet.column_count + by > MOST_COLUMNS:
        raise editing.refuse(
            f"This action would increase the number of columns in the sheet above the limit of {MOST_COLUMNS} columns."
        )


def grow(editing: Editing, sheet: Sheet, rows: int, columns: int) -> None:
    """Makes the grid at least that big."""
    grid = sheet.properties["gridProperties"]
    for dimension, name, wanted in (("ROWS", "rowCount", rows), ("COLUMNS", "columnCount", columns)):
        if wanted > grid[name]:
            check_growth(editing, sheet, dimension, wanted - grid[name])
            grid[name] = wanted


# ------------------------------------------------------------------------------------------------------- cells


def cells_in(area: Closed) -> list[list[Cell]]:
    """The cells of an area, row by row."""
    return [[area.sheet.cell(row, column) for column in area.columns] for row in area.rows]


def filled(area: Closed) -> Iterator[tuple[int, int, Cell]]:
    """The cells of an area in which something was entered, with their row and column."""
    for row in range(area.top, min(area.bottom, len(area.sheet.rows))):
        for column, cell in enumerate(area.sheet.rows[row][area.left : area.right], area.left):
            if cell.entered is not None:
                yield row, column, cell


def put_rows(sheet: Sheet, row: int, column: int, rows: Sequence[Sequence[Cell]]) -> None:
    """Puts rows of cells from a place on; blank cells aren't written where there is nothing yet."""
    for at, cells in enumerate(rows, row):
        if at < len(sheet.rows) or any(cell != EMPTY for cell in cells):
            sheet.put(at, column, cells)


def computed(editing: Editing) -> Computed:
    """What the formulas come to at this moment."""
    now = editing.google.clock.now().astimezone(ZoneInfo(editing.book.properties.get("timeZone", "UTC")))
    return compute(editing.book, now)


def value_of(cell: Cell, place: Place, values: Mapping[Place, Value]) -> Value:
    """What a cell comes to: a formula's result, also one that spills into it."""
    if cell.entered is None or isinstance(cell.entered, Formula):
        return values.get(place)
    return cell.entered


def values_in(editing: Editing, area: Closed) -> list[list[Value]]:
    """What the cells of an area come to, row by row."""
    values, sheet = computed(editing).values, area.sheet
    return [
        [value_of(sheet.cell(row, column), Place(sheet.id, row, column), values) for column in area.columns]
        for row in area.rows
    ]


def merges_touching(area: Closed) -> list[Json]:
    """The merged ranges of which an area holds a cell or more."""
    return [merge for merge in area.sheet.attached["merges"] if _overlaps(merge, area)]


def is_within(merge: Json, area: Closed) -> bool:
    """True when an area holds the whole of a merged range."""
    return bool(
        area.top <= merge["startRowIndex"] and merge["endRowIndex"] <= area.bottom
        and area.left <= merge["startColumnIndex"] and merge["endColumnIndex"] <= area.right
    )  # fmt: skip


def _overlaps(merge: Json, area: Closed) -> bool:
    return bool(
        merge["startRowIndex"] < area.bottom and area.top < merge["endRowIndex"]
        and merge["startColumnIndex"] < area.right and area.left < merge["endColumnIndex"]
    )  # fmt: skip


def merge_range(sheet: Sheet, top: int, left: int, bottom: int, right: int) -> Json:
    """A GridRange as answers give it: without the identifier of the first sheet, which is 0."""
    sides = {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}
    return ({"sheetId": sheet.id} if sheet.id else {}) | sides
