"""What names a place of the grid follows when cells move: attached objects, names, metadata, formulas.

A change (`Lines`, `Relocation`) tells where a rectangle is afterwards. Objects are walked by the schemas of the discovery
document, so that every GridRange, DimensionRange and GridCoordinate in them follows, wherever it stands.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeAlias

from tests.google.discovery import api
from tests.google.sheets import formulas, references
from tests.google.sheets.formulas import Edit
from tests.google.sheets.references import Box
from tests.google.sheets.spreadsheet import Cell, Formula, Json, Sheet, Spreadsheet

Span: TypeAlias = tuple[int | None, int | None]  # lines, the end excluded; None where it is open

SCHEMAS: Mapping[str, str] = {
    "merges": "GridRange", "conditionalFormats": "ConditionalFormatRule", "filterViews": "FilterView",
    "protectedRanges": "ProtectedRange", "charts": "EmbeddedChart", "bandedRanges": "BandedRange", "slicers": "Slicer",
    "rowGroups": "DimensionGroup", "columnGroups": "DimensionGroup", "tables": "Table",
}  # fmt: skip


class Change(Protocol):
    """Cells that change place."""

    def after(self, box: Box) -> Box | None:
        """Where a rectangle is afterwards, None when it is no more."""

    def anchor(self, sheet: int, row: int, column: int) -> tuple[int, int]:
        """Where what stands over a cell stands afterwards, even when that cell is no more."""

    def rewritten(self, formula: Formula, book: Spreadsheet, sheet: int) -> Formula:
        """A formula of that sheet afterwards."""


@dataclass(frozen=True)
class Lines:
    """Rows or columns that come, go or move. size: how many there were; across: only between these lines of the others."""

    edit: Edit
    size: int
    across: tuple[int, int] | None = None

    def after(self, box: Box) -> Box | None:
        if box.sheet != self.edit.sheet:
            return box
        rows, columns = (box.top, box.bottom), (box.left, box.right)
        along, other = (rows, columns) if self._of_rows else (columns, rows)
        if self.across and not _is_within(other, self.across):
            return box
        span = self.span(along)
        if span is None:
            return None
        (top, bottom), (left, right) = (span, columns) if self._of_rows else (rows, span)
        return Box(box.sheet, top, left, bottom, right)

    def anchor(self, sheet: int, row: int, column: int) -> tuple[int, int]:
        after = self.after(Box(sheet, row, column, row + 1, column + 1))
        if after:
            return after.top or 0, after.left or 0
        last = self.size - (self.edit.end - self.edit.start) - 1
        line = max(0, min(self.edit.start, last))
        return (line, column) if self._of_rows else (row, line)

    def rewritten(self, formula: Formula, book: Spreadsheet, sheet: int) -> Formula:
        if self.across:
            return references.rewritten(formula, book, sheet, self.after)
        return formulas.moved(formula, book, sheet, self.edit)

    @property
    def _of_rows(self) -> bool:
        return self.edit.dimension == "ROWS"

    def span(self, lines: Span) -> Span | None:
        """Lines afterwards. Those that move are taken away, then put back: a range around both places keeps its size."""
        if lines == (None, None):
            return lines
        what, first, last, to = self.edit.what, self.edit.start, self.edit.end, self.edit.to
        if what == "insert":
            return _inserted(lines, first, last - first)
        kept = _deleted(lines, first, last)
        end = self.size - (last - first) if kept[1] is None else kept[1]
        if (kept[0] or 0) < end:
            return (
                kept if what == "delete" else _inserted(kept, to if to <= first else to - (last - first), last - first)
            )
        if what == "delete":
            return None
        by = (to if to <= first else to - (last - first)) - first
        return (lines[0] or 0) + by, None if lines[1] is None else lines[1] + by


@dataclass(frozen=True)
class Relocation:
    """A block of cells, all sides known, that is moved by so many rows and columns, perhaps to another sheet."""

    block: Box
    sheet: int
    rows: int
    columns: int

    def after(self, box: Box) -> Box | None:
        _, top, left, bottom, right = self.block
        inside = _is_within((box.top, box.bottom), (top or 0, bottom or 0))
        inside = inside and _is_within((box.left, box.right), (left or 0, right or 0))
        if box.sheet != self.block.sheet or not inside:
            return box
        assert box.top is not None and box.left is not None and box.bottom is not None and box.right is not None
        return Box(self.sheet, box.top + self.rows, box.left + self.columns, box.bottom + self.rows,
                   box.right + self.columns)  # fmt: skip

    def anchor(self, sheet: int, row: int, column: int) -> tuple[int, int]:
        return row, column  # what stands over cells isn't cut with them

    def rewritten(self, formula: Formula, book: Spreadsheet, sheet: int) -> Formula:
        return references.rewritten(formula, book, sheet, self.after)


def _inserted(lines: Span, at: int, count: int) -> Span:
    start, end = lines
    return (
        start + count if start is not None and start >= at else start,
        end + count if end is not None and end > at else end,
    )


def _deleted(lines: Span, first: int, last: int) -> Span:
    start, end = (None if side is None else side - max(0, min(side, last) - first) for side in lines)
    return start, end


def _is_within(lines: Span, limits: tuple[int, int]) -> bool:
    start, end = lines
    return start is not None and end is not None and limits[0] <= start and end <= limits[1]


# ------------------------------------------------------------------------------------------------------ everything


def follow(book: Spreadsheet, change: Change, lists: Iterable[str] | None = None) -> None:
    """Has everything in a spreadsheet follow a change of place. lists: those of the attached objects, all by default."""
    names = list(SCHEMAS if lists is None else lists)
    for sheet in book.sheets:
        walk = _Walk(book, change, sheet.id)
        for name in names:
            objects = (walk.object(item, SCHEMAS[name]) for item in sheet.attached[name])
            sheet.attached[name] = [item for item in objects if item is not None and not _is_one_cell(name, item)]
        if lists is None and sheet.basic_filter:
            sheet.basic_filter = walk.object(sheet.basic_filter, "BasicFilter")
        _follow_cells(sheet, walk)
    walk = _Walk(book, change, -1)
    book.named_ranges = [named for item in book.named_ranges if (named := walk.object(item, "NamedRange"))]
    if lists is None:
        found = (walk.object(item, "DeveloperMetadata") for item in book.developer_metadata)
        book.developer_metadata = [item for item in found if item]


def _follow_cells(sheet: Sheet, walk: "_Walk") -> None:
    for at, row in enumerate(sheet.rows):
        # by position, which is quicker over a whole sheet: what is entered, the validation, the rest
        marked = [n for n, cell in enumerate(row) if cell[0].__class__ is Formula or cell[3] or cell[5]]
        if marked:
            cells = list(row)
            for column in marked:
                cells[column] = walk.cell(cells[column])
            sheet.rows[at] = tuple(cells)


def _is_one_cell(name: str, item: Json) -> bool:
    """True for a merge that merges nothing any more."""
    return name == "merges" and (
        item["endRowIndex"] - item["startRowIndex"] == item["endColumnIndex"] - item["startColumnIndex"] == 1
    )


class _Walk:
    """Copies objects of a sheet, all that names a place replaced by where it is afterwards."""

    def __init__(self, book: Spreadsheet, change: Change, sheet: int) -> None:
        self._book, self._change, self._sheet = book, change, sheet
        self._texts: dict[str, Formula] = {}
        self._shared: dict[int, tuple[object, Any]] = {}  # by identity, since thousands of cells share one validation

    def object(self, item: Json, schema: str) -> Json | None:
        """The object afterwards; None when the range that it is about is no more."""
        if schema == "GridRange":
            return self._grid_range(item)
        if schema == "DimensionRange":
            return self._dimension_range(item)
        if schema == "GridCoordinate":
            return self._coordinate(item)
        if schema == "ConditionValue":
            return self._condition_value(item)
        after = dict(item)
        for name, (inner, is_list) in placed(schema).items():
            if name not in item:
                continue
            if is_list:
                kept = [it for each in item[name] if (it := self.object(each, inner)) is not None]
                if not kept and item[name] and name == "ranges":
                    return None
                after[name] = kept
            else:
                value = self.object(item[name], inner)
                if value is None:
                    return None
                after[name] = value
        if schema in _COLUMNS:
            _COLUMNS[schema](item, after, self._column)
        return after

    def cell(self, cell: Cell) -> Cell:
        """A cell afterwards: its formula, and the ranges of its validation and of its pivot table."""
        if isinstance(cell.entered, Formula):
            cell = cell._replace(entered=self._formula(cell.entered))
        if cell.validation:
            cell = cell._replace(validation=self._once(cell.validation, "DataValidationRule"))
        if cell.rest:
            cell = cell._replace(rest=self._once(cell.rest, "CellData"))
        return cell

    def _once(self, item: Mapping[str, Any], schema: str) -> Any:
        known = self._shared.get(id(item))
        if known is None:  # the item is kept with its copy, so that no other may take its identity
            known = self._shared[id(item)] = (item, self.object(dict(item), schema))
        return known[1]

    def _formula(self, formula: Formula) -> Formula:
        if formula.text not in self._texts:
            self._texts[formula.text] = self._change.rewritten(formula, self._book, self._sheet)
        return self._texts[formula.text]

    def _grid_range(self, item: Json) -> Json | None:
        sides = (_index(item, name) for name in _SIDES)
        after = self._change.after(Box(_sheet_of(item), *sides))
        if after is None:
            return None
        kept = {name: value for name, value in zip(_SIDES, after[1:], strict=True) if value is not None}
        return _on_sheet(item, after.sheet) | kept

    def _dimension_range(self, item: Json) -> Json | None:
        start, end = _index(item, "startIndex"), _index(item, "endIndex")
        of_rows = item.get("dimension") == "ROWS"
        sheet = _sheet_of(item)
        box = Box(sheet, top=start, bottom=end) if of_rows else Box(sheet, left=start, right=end)
        after = self._change.after(box)
        if after is None:
            return None
        span = (after.top, after.bottom) if of_rows else (after.left, after.right)
        kept = {name: at for name, at in zip(("startIndex", "endIndex"), span, strict=True) if at is not None}
        return {**item, **kept}

    def _coordinate(self, item: Json) -> Json:
        row, column = int(item.get("rowIndex") or 0), int(item.get("columnIndex") or 0)
        row, column = self._change.anchor(_sheet_of(item), row, column)
        return {**item, "rowIndex": row, "columnIndex": column}

    def _condition_value(self, item: Json) -> Json:
        text = item.get("userEnteredValue", "")
        return {**item, "userEnteredValue": self._formula(Formula(text)).text} if text.startswith("=") else item

    def _column(self, column: int) -> int | None:
        after = self._change.after(Box(self._sheet, left=column, right=column + 1))
        return None if after is None else after.left


_SIDES = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")


def _index(item: Json, name: str) -> int | None:
    return None if item.get(name) is None else int(item[name])


def _sheet_of(item: Json) -> int:
    return int(item.get("sheetId") or 0)


def _on_sheet(item: Json, sheet: int) -> Json:
    return {"sheetId": sheet} if sheet or "sheetId" in item else {}


@cache
def placed(schema: str) -> Mapping[str, tuple[str, bool]]:
    """The properties of a schema in which a place may stand: name → (schema, whether a list of them)."""
    return {name: found for name, found in _members(schema) if _names_places(found[0], frozenset({schema}))}


def _members(schema: str) -> Iterator[tuple[str, tuple[str, bool]]]:
    for name, declared in api("sheets.v4").schemas[schema].get("properties", {}).items():
        is_list = declared.get("type") == "array"
        inner = (declared["items"] if is_list else declared).get("$ref")
        if inner:
            yield name, (inner, is_list)


def _names_places(schema: str, above: frozenset[str]) -> bool:
    if schema in ("GridRange", "DimensionRange", "GridCoordinate", "ConditionValue"):
        return True
    return any(inner not in above and _names_places(inner, above | {inner}) for _, (inner, _) in _members(schema))


# ------------------------------------------------------------------------------- columns that are named by their number


Column: TypeAlias = Callable[[int], int | None]  # where a column of the sheet is afterwards


def _follow_filter(before: Json, after: Json, column: Column) -> None:
    """The columns of a filter: by number in `criteria`, `filterSpecs` and `sortSpecs`."""
    if "criteria" in before:
        moved = {column(int(at)): criterion for at, criterion in before["criteria"].items()}
        after["criteria"] = {str(at): criterion for at, criterion in moved.items() if at is not None}
    for name, index in (("filterSpecs", "columnIndex"), ("sortSpecs", "dimensionIndex")):
        if name in before:
            found = [(spec, column(int(spec.get(index) or 0))) for spec in after[name]]
            after[name] = [{**spec, index: at} for spec, at in found if at is not None]


def _follow_table(before: Json, after: Json, column: Column) -> None:
    """The columns of a table, counted from its own first one; one inserted among them gets a name."""
    left, new_left = (int(item["range"].get("startColumnIndex") or 0) for item in (before, after))
    if "columnProperties" not in before or "endColumnIndex" not in after["range"]:
        return
    found = {column(left + int(each.get("columnIndex") or 0)): each for each in before["columnProperties"]}
    width = int(after["range"]["endColumnIndex"]) - new_left
    after["columnProperties"] = [
        {**found.get(new_left + at, {"columnName": f"Column {at + 1}"}), "columnIndex": at} for at in range(width)
    ]


def _follow_slicer(before: Json, after: Json, column: Column) -> None:
    """The column that a slicer filters by, counted from the first one of its range; none when it is taken away."""
    if "dataRange" not in before or "columnIndex" not in before:
        return
    left, new_left = (int(item["dataRange"].get("startColumnIndex") or 0) for item in (before, after))
    moved = column(left + int(before["columnIndex"]))
    del after["columnIndex"]
    if moved is not None:
        after["columnIndex"] = moved - new_left


_COLUMNS = {"FilterView": _follow_filter, "BasicFilter": _follow_filter, "Table": _follow_table,
            "SlicerSpec": _follow_slicer}  # fmt: skip
