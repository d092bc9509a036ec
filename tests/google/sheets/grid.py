"""GridData: the cells of an area with all that they hold and show, and the sizes of its rows and columns."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from tests.google.colours import THEME
from tests.google.sheets.areas import Closed
from tests.google.sheets.celldata import extended_value, told
from tests.google.sheets.defaults import COLUMN_PIXELS, ROW_PIXELS
from tests.google.sheets.formulas import Computed, Place
from tests.google.sheets.rendering import formatted
from tests.google.sheets.sheet_ids import answered
from tests.google.sheets.spreadsheet import Cell, Error, Formula, Json, Row, Sheet, Spreadsheet, Value


class Grids:
    """Makes the GridData of areas of one spreadsheet. wanted: the fields of CellData that are asked for, None for all,
    () for no cell.
    """

    def __init__(self, book: Spreadsheet, computed: Computed, wanted: Container[str] | None = None) -> None:
        self._book, self._computed, self._wanted = book, computed, wanted
        self._formats: dict[tuple[object, ...], Json] = {}
        self._spilled: dict[tuple[int, int], int] = {}  # the last column of a row that formulas fill
        for place in computed.values:
            row = place.sheet, place.row
            self._spilled[row] = max(self._spilled.get(row, -1), place.column)

    def data(self, area: Closed) -> Json:
        """The GridData of an area. What ends past the grid is cut; rows, and cells, stop at the last that holds anything."""
        sheet = area.sheet
        rows = range(area.top, min(area.bottom, sheet.row_count))
        columns = range(area.left, min(area.right, sheet.column_count))
        answer: Json = {}
        if area.top:
            answer["startRow"] = area.top
        if area.left:
            answer["startColumn"] = area.left
        data = [] if self._wanted == () else [self._row(sheet, row, columns) for row in rows]
        while data and not data[-1]:
            data.pop()
        if data:
            answer["rowData"] = data
        if rows:
            answer["rowMetadata"] = _lines(self._book, sheet.id, "ROWS", rows, sheet.row_properties, ROW_PIXELS)
        if columns:
            properties = sheet.column_properties
            answer["columnMetadata"] = _lines(self._book, sheet.id, "COLUMNS", columns, properties, COLUMN_PIXELS)
        return answer

    def _row(self, sheet: Sheet, row: int, columns: range) -> Json:
        held = sheet.rows[row] if row < len(sheet.rows) else ()
        last = min(max(len(held) - 1, self._spilled.get((sheet.id, row), -1)), columns.stop - 1)
        while last >= columns.start and self._is_bare(held, sheet, row, last):
            last -= 1
        cells = [self._cell(sheet, row, column) for column in range(columns.start, last + 1)]
        return {"values": cells} if cells else {}

    def _is_bare(self, held: Row, sheet: Sheet, row: int, column: int) -> bool:
        is_held = column < len(held) and not held[column].is_bare
        return not is_held and Place(sheet.id, row, column) not in self._computed.values

    def _cell(self, sheet: Sheet, row: int, column: int) -> Json:
        cell, place = sheet.cell(row, column), Place(sheet.id, row, column)
        is_filled = place in self._computed.values
        if cell.is_bare and not is_filled:
            return {}
        value = (
            self._computed.values[place] if is_filled else None if isinstance(cell.entered, Formula) else cell.entered
        )
        brought = self._computed.formats.get(place)
        link = self._computed.links.get(place) or _link_of(cell)
        answer = told(cell, self._book.locale)
        if value is not None:
            answer["effectiveValue"] = extended_value(value, self._book.locale)
            if self._wants("formattedValue"):
                number_format = (cell.format or {}).get("numberFormat") or brought
                shown = formatted(value, dict(number_format) if number_format else None, self._book.locale)
                answer["formattedValue"] = shown
        if self._wants("effectiveFormat") and (value is not None or cell.format):
            answer["effectiveFormat"] = self._format(cell, value, brought, is_link=bool(link))
        if link:
            answer["hyperlink"] = link
        return answer if self._wanted is None else {name: each for name, each in answer.items() if name in self._wanted}

    def _wants(self, name: str) -> bool:
        return self._wanted is None or name in self._wanted

    def _format(self, cell: Cell, value: Value, brought: Mapping[str, str] | None, *, is_link: bool) -> Json:
        alignment = None if value is None else _alignment(value)
        key = id(cell.format), alignment, tuple((brought or {}).items()), is_link
        if key not in self._formats:
            self._formats[key] = _effective_format(self._book, cell.format, alignment, brought, is_link)
        return self._formats[key]


def _link_of(cell: Cell) -> str:
    """The address that the format of a whole cell leads to."""
    for text_format in ((cell.format or {}).get("textFormat", {}), *(run.get("format", {}) for run in cell.runs)):
        if "link" in text_format:
            return str(text_format["link"].get("uri", ""))
    return ""


def _effective_format(
    book: Spreadsheet,
    entered: Mapping[str, Any] | None,
    alignment: str | None,
    brought: Mapping[str, str] | None,
    is_link: bool,
) -> Json:
    """The format that a cell shows: the spreadsheet's own, with what was set on the cell over it.

    brought: the number format that a formula's result has. Conditional formats and bands aren't in it.
    """
    base = dict(book.properties["defaultFormat"])
    base["textFormat"] = {**base["textFormat"], "fontFamily": book.properties["spreadsheetTheme"]["primaryFontFamily"]}
    if brought:
        base["numberFormat"] = dict(brought)
    if alignment:
        base["horizontalAlignment"] = alignment
    if is_link:
        blue = dict(THEME["LINK"])
        base["textFormat"] |= {
            "underline": True, "foregroundColor": blue, "foregroundColorStyle": {"themeColor": "LINK"},
        }  # fmt: skip
    base["hyperlinkDisplayType"] = "LINKED" if is_link else "PLAIN_TEXT"
    for name, inner in (entered or {}).items():
        base[name] = {**base[name], **inner} if name in ("textFormat", "padding") and name in base else inner
    return base


def _alignment(value: Value) -> str:
    if isinstance(value, bool | Error):
        return "CENTER"
    return "RIGHT" if isinstance(value, float | int) else "LEFT"


def _lines(
    book: Spreadsheet, sheet: int, dimension: str, lines: range, properties: Sequence[Json | None], pixels: int
) -> list[Json]:
    """DimensionProperties of rows or columns, each with its size and the developer metadata set on it."""
    metadata: dict[int, list[Json]] = {}
    for each in book.developer_metadata:
        where = each.get("location", {}).get("dimensionRange", {})
        if where.get("sheetId", 0) == sheet and where.get("dimension") == dimension:
            metadata.setdefault(where.get("startIndex", 0), []).append(answered(each, "DeveloperMetadata"))
    answer = []
    for line in lines:
        own = (properties[line] if line < len(properties) else None) or {}
        shown = {name: value for name, value in own.items() if value is not False}
        answer.append(
            {"pixelSize": pixels, **shown} | ({"developerMetadata": metadata[line]} if line in metadata else {})
        )
    return answer
