"""Rows and columns that come, go and move: cells, properties, formulas and all that is attached to a range follow."""

from typing import TypeVar

from tests.google.sheets.following import Lines, follow
from tests.google.sheets.formulas import Edit
from tests.google.sheets.spreadsheet import EMPTY, Json, Row, Sheet, Spreadsheet

_L = TypeVar("_L", list[Row], list[Json | None], Row)


def restructure(book: Spreadsheet, edit: Edit) -> None:
    """Carries out an edit of the grid of one sheet, in place: its cells and its counts, then whatever refers to them.

    Every GridRange, DimensionRange and GridCoordinate of the sheet's attached objects, of the named ranges and of the
    developer metadata follows; what lay wholly in lines taken away goes with them. Lines inserted are blank: whoever
    inserts them gives them the looks of a neighbour (`inherit`). Nothing is refused here.
    """
    sheet = book.sheet(edit.sheet)
    assert sheet
    if edit.dimension == "ROWS":
        size = sheet.row_count
        sheet.rows = _edited(sheet.rows, edit, [()])
        sheet.row_properties = _edited(sheet.row_properties, edit, [None])
    else:
        size = sheet.column_count
        first = min(edit.start, edit.to) if edit.what == "move" else edit.start
        sheet.rows = [row if len(row) <= first else _edited(row, edit, (EMPTY,)) for row in sheet.rows]
        sheet.column_properties = _edited(sheet.column_properties, edit, [None])
    _count(sheet, edit)
    follow(book, Lines(edit, size))


def inherit(sheet: Sheet, edit: Edit, model: int) -> None:
    """Gives lines just inserted the size of another line, and its cells' formats and validations to their cells."""
    size, lines = edit.end - edit.start, range(edit.start, edit.end)
    properties = sheet.row_properties if edit.dimension == "ROWS" else sheet.column_properties
    like = properties[model] if model < len(properties) else None
    if like and "pixelSize" in like:
        properties += [None] * (edit.end - len(properties))
        properties[edit.start : edit.end] = [{"pixelSize": like["pixelSize"]} for _ in lines]
    if edit.dimension == "ROWS":
        row = _looks(sheet.rows[model]) if model < len(sheet.rows) else ()
        if row:
            sheet.rows += [()] * (edit.end - len(sheet.rows))
            sheet.rows[edit.start : edit.end] = [row] * size
        return
    for at, cells in enumerate(sheet.rows):
        if model < len(cells) and (cells[model].format or cells[model].validation):
            sheet.put(at, edit.start, _looks((cells[model],)) * size)


def _looks(row: Row) -> Row:
    if not any(cell.format or cell.validation for cell in row):
        return ()
    return tuple(EMPTY._replace(format=cell.format, validation=cell.validation) for cell in row)


def _edited(lines: _L, edit: Edit, blank: _L) -> _L:
    """The lines after an edit; they may end early, as if blank ones followed."""
    start, end, size = edit.start, edit.end, edit.end - edit.start
    if edit.what == "insert":
        return lines[:start] + blank * size + lines[start:] if start < len(lines) else lines
    if edit.what == "delete":
        return lines[:start] + lines[end:]
    if min(start, edit.to) >= len(lines):
        return lines
    lines = lines + blank * (max(end, edit.to) - len(lines))
    kept, to = lines[:start] + lines[end:], edit.to if edit.to <= start else edit.to - size
    return kept[:to] + lines[start:end] + kept[to:]


def _count(sheet: Sheet, edit: Edit) -> None:
    """How many lines there are, and how many are frozen: those inserted among the frozen ones are frozen too."""
    if edit.what == "move":
        return
    grid = sheet.properties["gridProperties"]
    name, frozen_name = (
        ("rowCount", "frozenRowCount") if edit.dimension == "ROWS" else ("columnCount", "frozenColumnCount")
    )
    frozen, size = int(grid.get(frozen_name) or 0), edit.end - edit.start
    if edit.what == "insert":
        grid[name] = int(grid[name]) + size
        frozen += size if edit.start < frozen else 0
    else:
        grid[name] = int(grid[name]) - size
        frozen -= max(0, min(edit.end, frozen) - edit.start)
    grid.pop(frozen_name, None)
    if frozen:
        grid[frozen_name] = frozen
