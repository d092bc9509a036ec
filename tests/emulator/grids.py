"""Spreadsheets made from lists of rows, and what a formula comes to in one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tests.google.sheets.formulas import Computed, Place, compute
from tests.google.sheets.spreadsheet import Cell, Formula, Sheet, Spreadsheet, Value

NOON = datetime(2026, 3, 31, 12)
Rows = Sequence[Sequence[object]]


def cell(content: object) -> Cell:
    """A cell as it is; else one with that content: a text that starts with "=" is a formula."""
    if isinstance(content, Cell):
        return content
    if isinstance(content, str) and content.startswith("="):
        return Cell(Formula(content))
    return Cell(float(content) if type(content) is int else content)  # type: ignore[arg-type]  # as tests write it


def spreadsheet(sheets: Mapping[str, Rows], *, rows: int = 20, columns: int = 10, locale: str = "en_US") -> Spreadsheet:
    """A spreadsheet of such sheets, numbered from 0."""
    book = Spreadsheet("book", {"locale": locale, "timeZone": "Etc/UTC"})
    for id_, (title, lines) in enumerate(sheets.items()):
        grid = {"rowCount": rows, "columnCount": columns}
        sheet = Sheet({"sheetId": id_, "title": title, "gridProperties": grid})
        for row, line in enumerate(lines):
            sheet.put(row, 0, [cell(content) for content in line])
        book.sheets.append(sheet)
    return book


def computed(lines: Rows, *, rows: int = 20, columns: int = 10, locale: str = "en_US") -> Computed:
    """What the formulas of one sheet come to."""
    return compute(spreadsheet({"Sheet1": lines}, rows=rows, columns=columns, locale=locale), NOON)


def area(results: Computed, rows: int, columns: int, *, top: int = 0, left: int = 0) -> list[list[Value]]:
    """The results in a rectangle of the first sheet."""
    return [
        [results.values.get(Place(0, row, column)) for column in range(left, left + columns)]
        for row in range(top, top + rows)
    ]
