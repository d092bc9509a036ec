"""Values written into cells: as they are (RAW) or as if typed (USER_ENTERED), within the range asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tests.google.discovery import Fault, refused
from tests.google.sheets.areas import Area, Closed, a1, letters
from tests.google.sheets.entering import Typed, typed
from tests.google.sheets.spreadsheet import (
    EMPTY,
    LONGEST_TEXT,
    MOST_CELLS,
    MOST_COLUMNS,
    Cell,
    Json,
    Sheet,
    Spreadsheet,
)
from tests.google.wire import bad


@dataclass(frozen=True)
class Written:
    """What a write touched. area: the rectangle of the data, nulls included; rows, columns: those that it changed."""

    area: Closed
    rows: frozenset[int]
    columns: frozenset[int]
    cells: int

    def told(self) -> Json:
        """The counts as UpdateValuesResponse has them: those that are 0 are left out."""
        counts = {"updatedRows": len(self.rows), "updatedColumns": len(self.columns), "updatedCells": self.cells}
        return {"updatedRange": a1(self.area)} | {name: count for name, count in counts.items() if count}


class Writer:
    """Writes into a spreadsheet with one ValueInputOption. Whoever calls gives a copy, dropped when a write is refused."""

    def __init__(self, book: Spreadsheet, option: str) -> None:
        self._book, self._is_typed = book, option == "USER_ENTERED"
        self._typed: dict[tuple[object, ...], Typed] = {}

    def write(self, area: Area, lines: Sequence[Sequence[Any]], major: str) -> Written:
        """Writes lines of values from the start of an area on. None leaves a cell as it is, "" empties it.

        One cell, or a whole sheet, says where to start: the grid grows when the values don't fit. Any other range is
        a limit. Raises ApiError 400 for values beyond it, and for values that no cell can hold.
        """
        check_values(lines)
        rows = list(zip_longest(*lines)) if major == "COLUMNS" else lines
        start, width = area.closed(), max(map(len, rows), default=0)
        if not (area.is_cell or area.is_open):
            _check_fits(start, lines, by_columns=major == "COLUMNS")
        top, left = start.top, start.left
        grow(self._book, area.sheet, top + len(rows), left + width)
        columns: set[int] = set()
        changed: set[int] = set()
        cells = 0
        for row, values in enumerate(rows, top):
            given = [column for column, value in enumerate(values, left) if value is not None]
            if given:
                self._put(area.sheet, row, left, values)
                changed.add(row)
                columns.update(given)
                cells += len(given)
        rectangle = Closed(area.sheet, top, left, top + max(len(rows), 1), left + max(width, 1))
        return Written(rectangle, frozenset(changed), frozenset(columns), cells)

    def _put(self, sheet: Sheet, row: int, left: int, values: Sequence[Any]) -> None:
        old = sheet.rows[row][left : left + len(values)] if row < len(sheet.rows) else ()
        cells = list(old) + [EMPTY] * (len(values) - len(old))
        for at, value in enumerate(values):
            if value is None:
                continue
            if type(value) is not str:
                cells[at] = _holding(cells[at], value if type(value) is bool else float(value))
            elif value and self._is_typed:
                cells[at] = self._with_typed(cells[at], value)
            else:
                cells[at] = _holding(cells[at], value or None)
        sheet.put(row, left, cells)

    def _with_typed(self, cell: Cell, text: str) -> Cell:
        existing = (cell.format or {}).get("numberFormat")
        new = self._as_typed(text, existing)
        if new.number_format and not existing:
            cell = cell._replace(format={**(cell.format or {}), "numberFormat": new.number_format})
        return _holding(cell, new.entered)

    def _as_typed(self, text: str, existing: Mapping[str, Any] | None) -> Typed:
        key = (text, existing and existing.get("type"), existing and existing.get("pattern"))
        if key not in self._typed:
            self._typed[key] = typed(text, self._book.locale, dict(existing) if existing else None)
        return self._typed[key]


def _holding(cell: Cell, entered: Any) -> Cell:
    """A cell with another content: its format, note and validation stay, the formats of parts of its text don't."""
    return Cell(entered) if cell is EMPTY or cell[1:] == EMPTY[1:] else cell._replace(entered=entered, runs=())


def grow(book: Spreadsheet, sheet: Sheet, rows: int, columns: int) -> None:
    """Makes a grid at least so large. Raises ApiError 400 beyond what a spreadsheet holds."""
    grid = sheet.properties["gridProperties"]
    rows, columns = max(rows, sheet.row_count), max(columns, sheet.column_count)
    check_room(book, rows * columns - sheet.row_count * sheet.column_count)
    if columns > max(MOST_COLUMNS, sheet.column_count):
        raise bad("This action would increase the number of columns in the sheet above the limit of "
                  f"{MOST_COLUMNS} columns.")  # fmt: skip
    grid["rowCount"], grid["columnCount"] = rows, columns


def check_room(book: Spreadsheet, more: int) -> None:
    """Raises ApiError 400 when so many cells more are too many for a spreadsheet."""
    if more and book.cell_count() + more > MOST_CELLS:
        raise bad("This action would increase the number of cells in the workbook above the limit of "
                  f"{MOST_CELLS} cells.")  # fmt: skip


def lines_of(body: Json, path: str) -> list[list[Any]]:
    """The values of a ValueRange. path: of the message in the request, for the refusal of what isn't a list of lists."""
    values = body.get("values")
    if values is None:
        return []
    kind = "type.googleapis.com/google.protobuf.ListValue"
    if not isinstance(values, list):
        raise refused([Fault(f"{path}.values", f"Invalid value at '{path}.values' ({kind}), {_quoted(values)}")])
    faults = [Fault(f"{path}.values[{at}]", f"Invalid value at '{path}.values[{at}]' ({kind}), {_quoted(line)}")
              for at, line in enumerate(values) if not isinstance(line, list)]  # fmt: skip
    if faults:
        raise refused(faults)
    return values


def check_values(lines: Sequence[Sequence[Any]]) -> None:
    """Raises ApiError 400 when a value is no scalar, or a text too long."""
    for at, line in enumerate(lines):
        for place, value in enumerate(line):
            kind = type(value)
            if kind is str:
                if len(value) > LONGEST_TEXT:
                    raise bad(
                        f"Your input contains more than the maximum of {LONGEST_TEXT} characters in a single cell."
                    )
            elif kind is dict or kind is list:
                raise bad(f"Invalid values[{at}][{place}]: {_as_proto(value)}")


def _check_fits(area: Closed, lines: Sequence[Sequence[Any]], *, by_columns: bool) -> None:
    """Raises ApiError 400, naming the first row or column beyond the area that the values would reach."""
    row, column = f"row [{area.bottom + 1}]", f"column [{letters(area.right)}]"
    beyond = ""
    most, longest = (area.columns, area.rows) if by_columns else (area.rows, area.columns)
    if any(len(line) > len(longest) for line in lines[: len(most)]):
        beyond = row if by_columns else column
    elif len(lines) > len(most):
        beyond = column if by_columns else row
    if beyond:
        raise bad(f"Requested writing within range [{a1(area)}], but tried writing to {beyond}")


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _as_proto(value: Any, indent: str = "") -> str:
    """A JSON value as protocol buffers print a google.protobuf.Value."""
    within = indent + "  "
    if isinstance(value, dict):
        fields = "".join(
            f"{within}fields {{\n{within}  key: {_escaped(key)}\n{within}  value {{\n"
            f"{_as_proto(inner, within + '    ')}{within}  }}\n{within}}}\n"
            for key, inner in value.items()
        )
        return f"{indent}struct_value {{\n{fields}{indent}}}\n"
    if isinstance(value, list):
        values = "".join(f"{within}values {{\n{_as_proto(inner, within + '  ')}{within}}}\n" for inner in value)
        return f"{indent}list_value {{\n{values}{indent}}}\n"
    if value is None:
        return f"{indent}null_value: NULL_VALUE\n"
    if isinstance(value, bool):
        return f"{indent}bool_value: {str(value).lower()}\n"
    return (
        f"{indent}string_value: {_escaped(value)}\n"
        if isinstance(value, str)
        else f"{indent}number_value: {float(value)}\n"
    )


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
