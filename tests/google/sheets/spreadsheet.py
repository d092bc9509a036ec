"""What a spreadsheet holds: sheets, cells, the properties of rows and columns, and all that is attached to ranges.

Cells and rows are immutable, so that a copy of a whole spreadsheet costs one list a sheet: batchUpdate works on a copy
and puts it in place when every request of it has worked. Rows and columns are counted from 0.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]
MOST_CELLS = 10_000_000
MOST_COLUMNS = 18_278
LONGEST_TEXT = 50_000


class Formula(NamedTuple):
    """A formula as it was entered, "=" included, in the language of en_US whatever the locale."""

    text: str


class Error(NamedTuple):
    """An error value. kind: as the API calls it ("DIVIDE_BY_ZERO"), shown: as the cell shows it ("#DIV/0!")."""

    kind: str
    shown: str
    message: str = ""


Value: TypeAlias = str | float | bool | Error | None  # what a cell may come to; dates are serial numbers
Entered: TypeAlias = str | float | bool | Formula | None


class Cell(NamedTuple):
    """One cell. The mappings are never changed in place: a changed cell is another one."""

    entered: Entered = None
    format: Mapping[str, Any] | None = None  # userEnteredFormat
    note: str = ""
    validation: Mapping[str, Any] | None = None  # dataValidation
    runs: tuple[Mapping[str, Any], ...] = ()  # textFormatRuns
    rest: Mapping[str, Any] | None = None  # what else CellData may hold: pivotTable, chipRuns…

    @property
    def is_bare(self) -> bool:
        """True when it holds nothing at all."""
        return self == EMPTY


EMPTY = Cell()
Row: TypeAlias = tuple[Cell, ...]  # may end before the last column of its sheet

# where the JSON of a sheet keeps what is attached to its ranges
ATTACHED = ("merges", "conditionalFormats", "filterViews", "protectedRanges", "charts", "bandedRanges", "slicers",
            "rowGroups", "columnGroups", "tables")  # fmt: skip


@dataclass
class Sheet:
    """One sheet. `properties` is its SheetProperties, without `index`; `attached` its lists of attached objects."""

    properties: Json
    rows: list[Row] = field(default_factory=list)  # may end before the last row
    row_properties: list[Json | None] = field(default_factory=list)  # DimensionProperties; may end early
    column_properties: list[Json | None] = field(default_factory=list)
    attached: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in ATTACHED})
    basic_filter: Json | None = None

    @property
    def id(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def row_count(self) -> int:
        return int(self.properties["gridProperties"]["rowCount"])

    @property
    def column_count(self) -> int:
        return int(self.properties["gridProperties"]["columnCount"])

    def clone(self) -> "Sheet":
        """A copy that shares the rows, which nobody changes in place."""
        return Sheet(
            copy.deepcopy(self.properties), list(self.rows), copy.deepcopy(self.row_properties),
            copy.deepcopy(self.column_properties), copy.deepcopy(self.attached), copy.deepcopy(self.basic_filter),
        )  # fmt: skip

    def cell(self, row: int, column: int) -> Cell:
        """The cell there, an empty one when nothing was ever put there."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return EMPTY
        return self.rows[row][column]

    def put(self, row: int, column: int, cells: Sequence[Cell]) -> None:
        """Puts cells in a row from a column on."""
        while len(self.rows) <= row:
            self.rows.append(())
        old = self.rows[row]
        head = old[:column] + (EMPTY,) * (column - len(old))
        self.rows[row] = head + tuple(cells) + old[column + len(cells) :]

    def cells(self) -> Iterator[tuple[int, int, Cell]]:
        """Every cell that was ever put, in order."""
        for row, cells in enumerate(self.rows):
            for column, cell in enumerate(cells):
                yield row, column, cell

    def used_area(self) -> tuple[int, int]:
        """(rows, columns) up to the last cell with a value."""
        rows = columns = 0
        for row, column, cell in self.cells():
            if cell.entered is not None:
                rows, columns = row + 1, max(columns, column + 1)
        return rows, columns


@dataclass
class Spreadsheet:
    """A spreadsheet. `properties` is its SpreadsheetProperties; its sheets stand in the order shown."""

    id: str
    properties: Json
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: list[Json] = field(default_factory=list)
    developer_metadata: list[Json] = field(default_factory=list)

    def clone(self) -> "Spreadsheet":
        """A copy to work on."""
        return Spreadsheet(
            self.id, copy.deepcopy(self.properties), [sheet.clone() for sheet in self.sheets],
            copy.deepcopy(self.named_ranges), copy.deepcopy(self.developer_metadata),
        )  # fmt: skip

    @property
    def locale(self) -> str:
        return str(self.properties["locale"])

    def sheet(self, id_: int) -> Sheet | None:
        """The sheet of that identifier."""
        return next((sheet for sheet in self.sheets if sheet.id == id_), None)

    def titled(self, title: str) -> Sheet | None:
        """The sheet of that title, whatever the case."""
        exact = next((sheet for sheet in self.sheets if sheet.title == title), None)
        return exact or next((sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()), None)

    def cell_count(self) -> int:
        """Cells of all grids, filled or not: what Google's limit counts."""
        return sum(
            sheet.row_count * sheet.column_count for sheet in self.sheets if "gridProperties" in sheet.properties
        )


def blank_rows(rows: Iterable[Row]) -> list[Row]:
    """The rows without the empty cells at their ends, and without the empty rows at the end."""
    kept = [row[: max((at + 1 for at, cell in enumerate(row) if cell != EMPTY), default=0)] for row in rows]
    while kept and not kept[-1]:
        kept.pop()
    return kept
