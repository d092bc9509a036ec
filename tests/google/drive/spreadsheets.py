"""Spreadsheets as Drive makes them of uploaded files, and the text that their cells show."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.google.sheets.defaults import COLUMNS, ROWS, blank, blank_sheet
from tests.google.sheets.formulas import Computed, Place, compute
from tests.google.sheets.rendering import formatted
from tests.google.sheets.spreadsheet import Formula, Sheet, Spreadsheet, Value

Json = dict[str, Any]

LOCALE = "en_US"
ZONE_OF_IMPORTS = "America/Los_Angeles"  # what a conversion sets, whatever the time zone was before


def converted(id_: str, title: str, sheets: list[Sheet]) -> Spreadsheet:
    """The spreadsheet that an uploaded file becomes."""
    book = blank(id_, title)
    return Spreadsheet(id_, {**book.properties, "timeZone": ZONE_OF_IMPORTS}, sheets)


def roomy_sheet(id_: int, title: str, rows: int, columns: int) -> Sheet:
    """An empty sheet with that much room, never smaller than a new one."""
    return blank_sheet(id_, title, max(rows, ROWS), max(columns, COLUMNS))


class Shown(NamedTuple):
    """A cell with something in it: what was entered and what it comes to."""

    row: int
    column: int
    formula: str
    value: Value
    number_format: Mapping[str, Any] | None
    text: str


def computed(book: Spreadsheet, now: datetime) -> Computed:
    """What the formulas of a spreadsheet come to."""
    return compute(book, now.astimezone(ZoneInfo(book.properties["timeZone"])))


def shown(book: Spreadsheet, sheet: Sheet, done: Computed) -> Iterator[Shown]:
    """The cells of a sheet that hold or show something, in order. done: what the formulas come to."""
    places = {(row, column) for row, column, cell in sheet.cells() if cell.entered is not None}
    places |= {(place.row, place.column) for place in done.values if place.sheet == sheet.id}
    for row, column in sorted(places):
        cell, place = sheet.cell(row, column), Place(sheet.id, row, column)
        is_formula = isinstance(cell.entered, Formula)
        value: Value = cell.entered if not isinstance(cell.entered, Formula) else None
        value = done.values.get(place, value)
        number_format = (cell.format or {}).get("numberFormat") or done.formats.get(place)
        text = formatted(value, dict(number_format) if number_format else None, book.locale)
        formula = cell.entered.text if is_formula and isinstance(cell.entered, Formula) else ""
        yield Shown(row, column, formula, value, number_format, text)


def table(book: Spreadsheet, sheet: Sheet, done: Computed) -> list[list[str]]:
    """The texts that a sheet shows, as a rectangle."""
    cells = list(shown(book, sheet, done))
    height = max((cell.row + 1 for cell in cells), default=0)
    width = max((cell.column + 1 for cell in cells), default=0)
    rows = [[""] * width for _ in range(height)]
    for cell in cells:
        rows[cell.row][cell.column] = cell.text
    return rows
