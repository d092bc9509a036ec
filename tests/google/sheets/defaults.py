"""What a new spreadsheet and a new sheet hold before anybody touches them, and the identifiers they are given."""

import secrets
import string
from collections.abc import Container

from tests.google.colours import THEME
from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet

ROWS, COLUMNS = 1000, 26
ROW_PIXELS, COLUMN_PIXELS = 21, 100
_LETTERS = string.ascii_letters + string.digits + "-_"


def default_format() -> Json:
    """The format of a cell that nobody formatted."""
    white = THEME["BACKGROUND"]
    return {
        "backgroundColor": dict(white),
        "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
        "verticalAlignment": "BOTTOM",
        "wrapStrategy": "OVERFLOW_CELL",
        "textFormat": {
            "foregroundColor": {}, "fontFamily": "arial,sans,sans-serif", "fontSize": 10, "bold": False,
            "italic": False, "strikethrough": False, "underline": False, "foregroundColorStyle": {"rgbColor": {}},
        },
        "backgroundColorStyle": {"rgbColor": dict(white)},
    }  # fmt: skip


def default_properties(title: str) -> Json:
    """The SpreadsheetProperties of a new spreadsheet."""
    return {
        "title": title,
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": "Etc/GMT",
        "defaultFormat": default_format(),
        "spreadsheetTheme": {
            "primaryFontFamily": "Arial",
            "themeColors": [{"colorType": name, "color": {"rgbColor": dict(rgb)}} for name, rgb in THEME.items()],
        },
    }


def blank_sheet(id_: int, title: str, rows: int = ROWS, columns: int = COLUMNS) -> Sheet:
    """An empty sheet."""
    grid = {"rowCount": rows, "columnCount": columns}
    return Sheet({"sheetId": id_, "title": title, "sheetType": "GRID", "gridProperties": grid})


def blank(id_: str, title: str = "Untitled spreadsheet") -> Spreadsheet:
    """A new spreadsheet, with its one empty sheet."""
    return Spreadsheet(id_, default_properties(title), [blank_sheet(0, "Sheet1")])


def new_file_id(taken: Container[str]) -> str:
    """An identifier for a file, in the form of Google's."""
    while (id_ := "1" + "".join(secrets.choice(_LETTERS) for _ in range(43))) in taken:
        pass
    return id_


def new_number(taken: Container[int]) -> int:
    """An identifier for a sheet, or for what is attached to one."""
    while (id_ := secrets.randbelow(2**31 - 1) + 1) in taken:
        pass
    return id_
