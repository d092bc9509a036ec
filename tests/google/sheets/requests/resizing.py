"""Rows and columns made as big as what their cells show."""

from math import ceil

from tests.google.sheets.formulas import Place
from tests.google.sheets.rendering import formatted
from tests.google.sheets.requests.editing import Editing
from tests.google.sheets.requests.ranges import Lines, computed, lines_within, set_property, value_of
from tests.google.sheets.spreadsheet import Json

# widths of " " to "~" in Arial, in thousandths of the font's size
_WIDTHS = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
]  # fmt: skip
_PIXELS_A_POINT = 1.272  # a column of 1,024 "A" in 10 points was measured at 8,691 pixels in 2023, 9,483 in 2022
_MARGIN = 3
_LINE_PIXELS = 15  # what each line of text after the first adds to a row


def auto_resize_dimensions(editing: Editing, request: Json) -> None:
    """Columns as wide as their widest text, rows as high as their highest; lines without any stay as they are."""
    if "dataSourceSheetDimensions" in request:
        raise editing.refuse("Data source sheets aren't supported here.")
    lines = lines_within(editing, request.get("dimensions"))
    sizes: dict[int, int] = {}
    for row, column, text, points in _texts(editing, lines):
        if lines.dimension == "ROWS":
            sizes[row] = max(sizes.get(row, 0), ceil(points * 2.1) + _LINE_PIXELS * text.count("\n"))
        else:
            sizes[column] = max(sizes.get(column, 0), _width(text, points))
    for at in range(lines.start, lines.end):
        one = Lines(lines.sheet, lines.dimension, at, at + 1)
        if at in sizes:
            set_property(one, "pixelSize", sizes[at])
        elif lines.dimension == "ROWS":
            set_property(one, "pixelSize", None)


def _texts(editing: Editing, lines: Lines) -> list[tuple[int, int, str, float]]:
    """(row, column, what it shows, size of its font) of the cells of these lines that show something."""
    sheet, dimension, start, end = lines
    values, locale = computed(editing).values, editing.book.locale
    texts = []
    for row, column, cell in sheet.cells():
        if start <= (row if dimension == "ROWS" else column) < end:
            style = cell.format or {}
            text = formatted(value_of(cell, Place(sheet.id, row, column), values), style.get("numberFormat"), locale)
            if text:
                texts.append((row, column, text, float((style.get("textFormat") or {}).get("fontSize") or 10)))
    return texts


def _width(text: str, points: float) -> int:
    units = max(sum(_WIDTHS[ord(c) - 32] if " " <= c <= "~" else 556 for c in line) for line in text.split("\n"))
    return ceil(units / 1000 * points * _PIXELS_A_POINT) + _MARGIN
