"""Cells: their content, format, notes and borders; data validation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.google.colours import with_twins
from tests.google.fields import MaskError, merged, update_mask
from tests.google.sheets import celldata
from tests.google.sheets.areas import Closed
from tests.google.sheets.conditions import check_condition
from tests.google.sheets.formulas import shifted
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import EMPTY, Cell, Formula, Json, Sheet

Change = Callable[[Cell], Cell]


def update_cells(editing: Editing, request: Json) -> None:
    """updateCells: from a corner, or over a whole range, of which what the rows don't cover is cleared."""
    rows: Sequence[Json] = request.get("rows") or []
    where, start = request.get("range"), request.get("start")
    if where is not None and start is not None:
        raise editing.refuse("Only one of range and start may be set.")
    if where is not None:
        area = editing.area(where)
    elif start is not None:
        area = _from_corner(editing, start)
    else:
        raise editing.refuse("One of range or start must be set.")
    writer = Writer(editing, request.get("fields", ""))
    writer.write(area, rows, clearing=where is not None)


def _from_corner(editing: Editing, start: Json) -> Closed:
    sheet = editing.sheet(int(start.get("sheetId") or 0))
    row, column = int(start.get("rowIndex") or 0), int(start.get("columnIndex") or 0)
    for name, at, most in (("rowIndex", row, sheet.row_count), ("columnIndex", column, sheet.column_count)):
        if at < 0:
            raise editing.refuse(f"GridCoordinate.{name} must be >= 0")
        if at >= most:
            line = name.removesuffix("Index")
            raise editing.refuse(f"GridCoordinate.{name}[{at}] is after last {line} in grid[{most}]")
    return Closed(sheet, row, column, sheet.row_count, sheet.column_count)


class Writer:
    """Writes CellData by a mask."""

    def __init__(self, editing: Editing, fields: str) -> None:
        self._editing, self._locale = editing, editing.book.locale
        mask = update_mask(fields, "CellData")
        for name in mask:
            if name not in celldata.WRITABLE:
                raise MaskError(f"CellData.{name} cannot be set.")
        self._mask = with_twins(mask, "CellData")

    def write(self, area: Closed, rows: Sequence[Json], *, clearing: bool) -> None:
        """Writes rows of CellData from the corner of an area. clearing: what the rows don't cover is cleared."""
        self._check_size(area, rows)
        sheet, empty = area.sheet, self.change({})
        for at, row in enumerate(area.rows):
            given = rows[at].get("values") or [] if at < len(rows) else []
            changes = [self.change(data or {}) for data in given]
            if clearing:
                held = len(sheet.rows[row]) - area.left if row < len(sheet.rows) else 0
                changes += [empty] * (min(held, len(area.columns)) - len(changes))
            elif at >= len(rows):
                return
            _apply(sheet, row, area.left, changes)

    def _check_size(self, area: Closed, rows: Sequence[Json]) -> None:
        if len(rows) > len(area.rows):
            raise self._editing.refuse(
                f"Attempting to write row: {area.bottom}, beyond the last requested row of: {area.bottom - 1}"
            )
        if any(len(row.get("values") or []) > len(area.columns) for row in rows):
            raise self._editing.refuse(
                f"Attempting to write column: {area.right}, beyond the last requested column of: {area.right - 1}"
            )

    def change(self, data: Mapping[str, Any]) -> Change:
        """What CellData makes of a cell."""
        for name in data:
            if name in ("pivotTable", "dataSourceTable", "dataSourceFormula") and (
                not self._mask or name in self._mask
            ):
                raise self._editing.refuse(f"CellData.{name} cannot be set.")
        source = {**data, "userEnteredFormat": celldata.kept_format(data.get("userEnteredFormat"))}
        if rule := source.get("dataValidation"):
            source["dataValidation"] = checked_rule(self._editing, rule)
        new = self._cell(source)  # what is refused is refused once, whatever the cell
        if not self._mask:
            return lambda cell: new
        whole = {celldata.WRITABLE[name]: getattr(new, celldata.WRITABLE[name]) for name in self._mask}
        if "entered" in whole:  # what is entered anew takes the runs of the old text away
            whole = {"runs": (), "rest": None, **whole}
        formats = self._mask.get("userEnteredFormat")
        rules = self._mask.get("dataValidation")
        made: dict[int, Any] = {}  # cells with the same format share it

        def change(cell: Cell) -> Cell:
            changed = cell._replace(**whole)
            if formats:
                key = id(cell.format)
                if key not in made:
                    after = merged(cell.format or {}, source.get("userEnteredFormat") or {}, formats)
                    made[key] = celldata.kept_format(after)
                changed = changed._replace(format=made[key])
            if rules:
                after = merged(cell.validation or {}, source.get("dataValidation") or {}, rules)
                changed = changed._replace(validation=checked_rule(self._editing, after))
            return changed

        return change

    def _cell(self, data: Json) -> Cell:
        try:
            return celldata.cell_of(data, self._locale)
        except ValueError as error:
            raise self._editing.refuse(str(error)) from None


def _apply(sheet: Sheet, row: int, column: int, changes: Sequence[Change]) -> None:
    if changes:
        sheet.put(row, column, [change(sheet.cell(row, column + at)) for at, change in enumerate(changes)])


def repeat_cell(editing: Editing, request: Json) -> None:
    """repeatCell: the same over a whole range; a formula's references move as if it was copied."""
    area = editing.area(request.get("range") or {})
    change = Writer(editing, request.get("fields", "")).change(request.get("cell") or {})
    given = change(EMPTY).entered
    if "userEnteredValue" not in (request.get("cell") or {}):
        given = None
    for row in area.rows:
        cells = [change(area.sheet.cell(row, column)) for column in area.columns]
        if isinstance(given, Formula):
            cells = [
                cell._replace(entered=shifted(given, row - area.top, at)) if cell.entered == given else cell
                for at, cell in enumerate(cells)
            ]
        while cells and cells[-1] == EMPTY and len(cells) + area.left > len(_held(area.sheet, row)):
            cells.pop()
        if cells:
            area.sheet.put(row, area.left, cells)


def _held(sheet: Sheet, row: int) -> Sequence[Cell]:
    return sheet.rows[row] if row < len(sheet.rows) else ()


def append_cells(editing: Editing, request: Json) -> None:
    """appendCells: below the last row with data; the grid gets the rows that it lacks, but no column."""
    if table := request.get("tableId"):
        known = [
            each for sheet in editing.book.sheets for each in sheet.attached["tables"] if each.get("tableId") == table
        ]
        raise editing.refuse("Appending to a table isn't supported here." if known else f"No table with id: {table}")
    sheet = editing.sheet(int(request.get("sheetId") or 0))
    rows: Sequence[Json] = request.get("rows") or []
    writer = Writer(editing, request.get("fields", ""))
    top = sheet.used_area()[0]
    sheet.properties["gridProperties"]["rowCount"] = max(sheet.row_count, top + len(rows))
    editing.check_cells()
    writer.write(Closed(sheet, top, 0, sheet.row_count, sheet.column_count), rows, clearing=False)


# ------------------------------------------------------------------------------------------------------- borders

_FACING = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def update_borders(editing: Editing, request: Json) -> None:
    """updateBorders: an edge belongs to one of the two cells that share it, the one on which it was set last."""
    area = editing.area(request.get("range") or {})
    for row in area.rows:
        for column in area.columns:
            sides = {
                "top": request.get("top" if row == area.top else "innerHorizontal"),
                "bottom": request.get("bottom" if row == area.bottom - 1 else "innerHorizontal"),
                "left": request.get("left" if column == area.left else "innerVertical"),
                "right": request.get("right" if column == area.right - 1 else "innerVertical"),
            }
            _set_borders(area.sheet, row, column, {side: each for side, each in sides.items() if each is not None})
    beside = {
        "top": [(area.top - 1, column) for column in area.columns],
        "bottom": [(area.bottom, column) for column in area.columns],
        "left": [(row, area.left - 1) for row in area.rows],
        "right": [(row, area.right) for row in area.rows],
    }
    for side, places in beside.items():
        if request.get(side) is not None:
            for row, column in places:
                if 0 <= row < area.sheet.row_count and 0 <= column < area.sheet.column_count:
                    _set_borders(area.sheet, row, column, {_FACING[side]: {"style": "NONE"}})


def _set_borders(sheet: Sheet, row: int, column: int, sides: Mapping[str, Json]) -> None:
    cell = sheet.cell(row, column)
    held = dict((cell.format or {}).get("borders", {}))
    after = {**held, **sides}
    format_ = celldata.kept_format({**(cell.format or {}), "borders": after})
    if format_ != cell.format:
        sheet.put(row, column, [cell._replace(format=format_)])


# ---------------------------------------------------------------------------------------------------- validation


def set_data_validation(editing: Editing, request: Json) -> None:
    """setDataValidation: one rule for a whole range, or none. Rows that a filter hides are left, unless told otherwise."""
    area = editing.area(request.get("range") or {})
    rule = checked_rule(editing, request["rule"]) if request.get("rule") else None
    for row in area.rows:
        if _is_filtered(area.sheet, row) and not request.get("filteredRowsIncluded"):
            continue
        last = area.right if rule else min(area.right, len(_held(area.sheet, row)))
        columns = range(area.left, last)
        if columns:
            cells = [area.sheet.cell(row, column)._replace(validation=rule) for column in columns]
            area.sheet.put(row, area.left, cells)


def _is_filtered(sheet: Sheet, row: int) -> bool:
    properties = sheet.row_properties[row] if row < len(sheet.row_properties) else None
    return bool(properties and properties.get("hiddenByFilter"))


def checked_rule(editing: Editing, rule: Mapping[str, Any]) -> Json:
    """A DataValidationRule as Google keeps it, what is false left out."""
    try:
        check_condition(rule.get("condition") or {}, "data validation")
    except ValueError as error:
        raise editing.refuse(str(error)) from None
    return {name: value for name, value in rule.items() if value not in (None, False, "")}


KINDS: Mapping[str, Kind] = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
    "updateBorders": update_borders,
    "setDataValidation": set_data_validation,
}
