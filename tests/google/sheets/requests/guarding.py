"""What protections forbid to a batchUpdate: which cells each kind of request writes, and on which sheets it acts as a whole.

A range that makes no sense is left for the request itself to refuse.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.google.sheets.areas import Area, Closed, grid_area, has_grid
from tests.google.sheets.requests.attached import everyone, found, sheet_of
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.protection import PROTECTED, may_edit, owner_of, refuse_protected
from tests.google.sheets.spreadsheet import Formula, Json, Sheet, Spreadsheet
from tests.google.wire import ApiError

Areas = Iterator[Closed]


def guarded(kinds: Mapping[str, Kind]) -> Mapping[str, Kind]:
    """The same kinds, each refused when a protection forbids what it asks."""
    return {name: _guarded(kind) for name, kind in kinds.items()}


def _guarded(kind: Kind) -> Kind:
    def carried_out(editing: Editing, request: Json) -> Json | None:
        refuse_forbidden(editing, request)
        return kind(editing, request)

    return carried_out


def refuse_forbidden(editing: Editing, request: Json) -> None:
    """Refuses the request in hand when somebody else's protection forbids it."""
    book, user = editing.book, editing.user
    if not any(sheet.attached["protectedRanges"] for sheet in book.sheets):
        return
    owner, kind = owner_of(editing.google, book), editing.kind
    foreign = [(sheet, each) for sheet, each in everyone(book, "protectedRanges") if not may_edit(each, user, owner)]
    if not foreign:
        return
    try:
        refuse_protected(book, user, owner, _written(editing, request))
    except ApiError as error:
        raise editing.refuse(error.message) from None
    wholly = _sheets(kind, request)
    for sheet, each in foreign:
        if sheet.id in wholly and (kind == "deleteSheet" or _is_whole(each)):
            raise editing.refuse(PROTECTED)
        if kind == "insertDimension" and _splits(book, sheet, each, request.get("range") or {}):
            raise editing.refuse(PROTECTED)


def _is_whole(protected: Json) -> bool:
    """True for the protection of a whole sheet."""
    return not any(side != "sheetId" for side in protected["range"])


def _splits(book: Spreadsheet, sheet: Sheet, protected: Json, span: Json) -> bool:
    """Whether lines inserted there come within a protected range."""
    if sheet_of(span) != sheet.id:
        return False
    area = grid_area(book, {**protected["range"], "sheetId": sheet.id}).closed()
    lines = area.columns if span.get("dimension") == "COLUMNS" else area.rows
    return lines.start < int(span.get("startIndex") or 0) < lines.stop


def _sheets(kind: str, request: Json) -> set[int]:
    """The sheets on which a request acts as a whole."""
    if kind in ("deleteSheet", "appendDimension", "clearBasicFilter"):
        return {int(request.get("sheetId") or 0)}
    if kind in ("insertDimension", "updateDimensionProperties", "addDimensionGroup", "deleteDimensionGroup",
                "updateDimensionGroup", "autoResizeDimensions"):  # fmt: skip
        span = request.get("range") or request.get("dimensions") or (request.get("dimensionGroup") or {}).get("range")
        return {sheet_of(span or {})}
    if kind == "updateSheetProperties":
        return {int((request.get("properties") or {}).get("sheetId") or 0)}
    return set()


# ------------------------------------------------------------------------------------------------- cells written


def _written(editing: Editing, request: Json) -> Areas:
    """The cells that a request writes."""
    cells = _CELLS.get(editing.kind)
    return cells(editing, request) if cells else iter(())


def _area(book: Spreadsheet, grid_range: Json | None) -> Areas:
    try:
        yield grid_area(book, grid_range or {}).closed()
    except ApiError:
        return


def _ranges(*names: str) -> Callable[[Editing, Json], Areas]:
    """The areas of the GridRanges at these places of a request ("rule.ranges")."""

    def areas(editing: Editing, request: Json) -> Areas:
        for name in names:
            value: Any = request
            for part in name.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            for each in value if isinstance(value, list) else [value] if value is not None else []:
                yield from _area(editing.book, each)

    return areas


def _from_corner(editing: Editing, corner: Json, height: int, width: int) -> Areas:
    row, column = int(corner.get("rowIndex") or 0), int(corner.get("columnIndex") or 0)
    yield from _area(editing.book, {
        "sheetId": sheet_of(corner), "startRowIndex": row, "endRowIndex": row + height,
        "startColumnIndex": column, "endColumnIndex": column + width,
    })  # fmt: skip


def _update_cells(editing: Editing, request: Json) -> Areas:
    if request.get("range") is not None:
        yield from _area(editing.book, request["range"])
    elif request.get("start") is not None:
        rows = [len(row.get("values") or []) for row in request.get("rows") or []]
        yield from _from_corner(editing, request["start"], len(rows), max(rows, default=0))


def _append_cells(editing: Editing, request: Json) -> Areas:
    if request.get("tableId"):
        table = found(editing, "tables", "tableId", request["tableId"], "table")[1]
        yield from _area(editing.book, table["range"])
        return
    sheet = editing.book.sheet(int(request.get("sheetId") or 0))
    if sheet and has_grid(sheet):
        top = sheet.used_area()[0]
        yield Closed(sheet, top, 0, max(sheet.row_count, top + 1), sheet.column_count)


def _paste_data(editing: Editing, request: Json) -> Areas:
    lines = str(request.get("data") or "").splitlines()
    separator = request.get("delimiter") or "\t"
    width = max((len(line.split(separator)) for line in lines), default=1)
    yield from _from_corner(editing, request.get("coordinate") or {}, max(1, len(lines)), width)


def _cut_paste(editing: Editing, request: Json) -> Areas:
    for source in _area(editing.book, request.get("source")):
        yield source
        yield from _from_corner(editing, request.get("destination") or {}, len(source.rows), len(source.columns))


def _copy_paste(editing: Editing, request: Json) -> Areas:
    for source in _area(editing.book, request.get("source")):
        for target in _area(editing.book, request.get("destination")):
            height, width = max(len(source.rows), len(target.rows)), max(len(source.columns), len(target.columns))
            yield Closed(target.sheet, target.top, target.left, target.top + height, target.left + width)


def _auto_fill(editing: Editing, request: Json) -> Areas:
    yield from _ranges("range")(editing, request)
    filled: Json = request.get("sourceAndDestination") or {}
    length = int(filled.get("fillLength") or 0)
    for source in _area(editing.book, filled.get("source")) if filled else ():
        top, bottom, left, right = source.top, source.bottom, source.left, source.right
        if filled.get("dimension") == "ROWS":
            top, bottom = (bottom, bottom + length) if length > 0 else (top + length, top)
        else:
            left, right = (right, right + length) if length > 0 else (left + length, left)
        yield Closed(source.sheet, top, left, bottom, right)


def _lines(name: str) -> Callable[[Editing, Json], Areas]:
    """The lines of a DimensionRange."""

    def areas(editing: Editing, request: Json) -> Areas:
        span: Json = request.get(name) or {}
        sheet = editing.book.sheet(sheet_of(span))
        if sheet and has_grid(sheet):
            start, end = span.get("startIndex"), span.get("endIndex")
            of_columns = span.get("dimension") == "COLUMNS"
            yield (Area(sheet, left=start, right=end) if of_columns else Area(sheet, top=start, bottom=end)).closed()

    return areas


def _shifted(editing: Editing, request: Json) -> Areas:
    """The cells that insertRange and deleteRange move: to the end of the sheet."""
    for area in _area(editing.book, request.get("range")):
        sheet = area.sheet
        if request.get("shiftDimension") == "COLUMNS":
            yield Closed(sheet, area.top, area.left, area.bottom, sheet.column_count)
        else:
            yield Closed(sheet, area.top, area.left, sheet.row_count, area.right)


def _find_replace(editing: Editing, request: Json) -> Areas:
    """The cells where what is looked for stands."""
    book, find = editing.book, str(request.get("find") or "")
    if request.get("range") is not None:
        areas = list(_area(book, request["range"]))
    else:
        chosen = book.sheets if request.get("allSheets") else [editing.sheet(int(request.get("sheetId") or 0))]
        areas = [Area(sheet).closed() for sheet in chosen if has_grid(sheet)]
    try:
        sought = re.compile(find if request.get("searchByRegex") else re.escape(find), re.IGNORECASE)
    except re.error:
        return
    for area in areas:
        for row, column, cell in area.sheet.cells():
            entered = cell.entered.text if isinstance(cell.entered, Formula) else cell.entered
            inside = row in area.rows and column in area.columns
            if inside and entered is not None and sought.search(str(entered)):
                yield Closed(area.sheet, row, column, row + 1, column + 1)


_CELLS: Mapping[str, Callable[[Editing, Json], Areas]] = {
    **dict.fromkeys(
        ("repeatCell", "mergeCells", "unmergeCells", "updateBorders", "setDataValidation", "sortRange",
         "randomizeRange", "trimWhitespace", "deleteDuplicates"), _ranges("range"),
    ),
    "updateCells": _update_cells,
    "appendCells": _append_cells,
    "pasteData": _paste_data,
    "cutPaste": _cut_paste,
    "copyPaste": _copy_paste,
    "autoFill": _auto_fill,
    "textToColumns": _ranges("source"),
    "findReplace": _find_replace,
    "insertRange": _shifted,
    "deleteRange": _shifted,
    "deleteDimension": _lines("range"),
    "moveDimension": _lines("source"),
    "setBasicFilter": _ranges("filter.range"),
    "addBanding": _ranges("bandedRange.range"),
    "addTable": _ranges("table.range"),
    "addConditionalFormatRule": _ranges("rule.ranges"),
    "updateConditionalFormatRule": _ranges("rule.ranges"),
}  # fmt: skip
