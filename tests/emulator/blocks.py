"""For tests of a sheet's content: a spreadsheet made from rows, its requests, and its grid read back."""

import json
from collections.abc import Sequence
from typing import Any

from tests.google.sheets.spreadsheet import Cell, Entered, Formula, Sheet, Spreadsheet
from tests.google.tokens import ROBOT
from tests.google.wire import Request
from tests.google.world import Google

BOOK = "classeur-essai"


def sheet_of(
    rows: Sequence[Sequence[Any]], id_: int = 0, title: str = "Feuille", size: tuple[int, int] = (8, 6)
) -> Sheet:
    """A sheet with those values; a text that starts with "=" is a formula."""
    grid = {"rowCount": size[0], "columnCount": size[1]}
    sheet = Sheet({"sheetId": id_, "title": title, "sheetType": "GRID", "gridProperties": grid})
    sheet.rows = [tuple(Cell(_entered(value)) for value in row) for row in rows]
    return sheet


def _entered(value: Any) -> Entered:
    if isinstance(value, str) and value.startswith("="):
        return Formula(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def world(*sheets: Sheet) -> tuple[Google, Spreadsheet]:
    """A Google that holds one spreadsheet of these sheets. `book` gives it again after a request."""
    google = Google(any_token=True, no_quota=True)
    properties = {"title": "Essai", "locale": "en_US", "timeZone": "Europe/Paris", "autoRecalc": "ON_CHANGE"}
    google.spreadsheets[BOOK] = Spreadsheet(BOOK, properties, list(sheets))
    google.drive.created(BOOK, "Essai", ROBOT)
    return google, google.spreadsheets[BOOK]


def book(google: Google) -> Spreadsheet:
    """The spreadsheet as it stands."""
    return google.spreadsheets[BOOK]


def ask(google: Google, *requests: dict[str, Any]) -> Any:
    """A batchUpdate: its replies, or the message of its refusal."""
    body = json.dumps({"requests": list(requests)}).encode()
    path = f"/v4/spreadsheets/{BOOK}:batchUpdate"
    response = google.handle(Request("POST", path, headers={"authorization": "Bearer x"}, body=body))
    answer = response.json
    assert not google.violations
    return answer["replies"] if response.status == 200 else answer["error"]["message"]


def grid(google: Google, id_: int = 0) -> list[list[Any]]:
    """What was entered in a sheet, row by row, without the blank ends."""
    sheet = book(google).sheet(id_)
    assert sheet
    rows = [[_told(cell) for cell in row] for row in sheet.rows]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _told(cell: Cell) -> Any:
    return cell.entered.text if isinstance(cell.entered, Formula) else cell.entered


def rectangle(*sides: int, sheet: int = 0) -> dict[str, int]:
    """A GridRange: top, left, bottom, right; of the sheet 0 it has no sheetId, as Google answers it."""
    names = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")
    return ({"sheetId": sheet} if sheet else {}) | dict(zip(names, sides, strict=True))


def lines(dimension: str, start: int, end: int, sheet: int = 0) -> dict[str, Any]:
    """A DimensionRange."""
    place: dict[str, Any] = {"sheetId": sheet} if sheet else {}
    return place | {"dimension": dimension, "startIndex": start, "endIndex": end}
