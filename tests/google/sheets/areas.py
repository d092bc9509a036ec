"""Areas of a sheet, as A1 notation and GridRange name them: rows and columns from 0, ends excluded, None where open."""

import re
from dataclasses import dataclass

from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet
from tests.google.wire import bad


@dataclass(frozen=True)
class Area:
    """A rectangle of a sheet; None is an open side. `closed` puts the grid's own limits there."""

    sheet: Sheet
    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None

    def closed(self) -> "Closed":
        """The rectangle within the grid."""
        return Closed(
            self.sheet, self.top or 0, self.left or 0,
            self.sheet.row_count if self.bottom is None else self.bottom,
            self.sheet.column_count if self.right is None else self.right,
        )  # fmt: skip


@dataclass(frozen=True)
class Closed:
    """A rectangle of a sheet, all sides known."""

    sheet: Sheet
    top: int
    left: int
    bottom: int
    right: int

    @property
    def rows(self) -> range:
        return range(self.top, self.bottom)

    @property
    def columns(self) -> range:
        return range(self.left, self.right)


def letters(column: int) -> str:
    """Letters of a column counted from 0: 0 → "A", 27 → "AB"."""
    name, left = "", column + 1
    while left:
        left, rest = divmod(left - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_of(name: str) -> int:
    """Column counted from 0 of some letters."""
    index = 0
    for letter in name.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted(title: str) -> str:
    """A sheet's title as Google writes it before "!": quoted unless it is a plain word."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", title, re.ASCII) and not re.fullmatch(r"[A-Za-z]{1,3}\d+", title)
    return title if plain else "'" + title.replace("'", "''") + "'"


def a1(area: Closed) -> str:
    """The area as answers name it: "Sheet1!A1:B2", "'Mon onglet'!A1"."""
    start = f"{letters(area.left)}{area.top + 1}"
    end = f"{letters(area.right - 1)}{area.bottom}"
    return f"{quoted(area.sheet.title)}!{start if start == end else f'{start}:{end}'}"


_CELL = r"\$?([A-Za-z]{0,3})\$?(\d*)"
_RANGE = re.compile(rf"{_CELL}(?::{_CELL})?")


def parse_a1(book: Spreadsheet, text: str) -> Area:
    """The area that A1 notation designates. Raises ApiError 400 "Unable to parse range: …"."""
    raise NotImplementedError  # the whole of it: quoted titles, open ranges, whole rows and columns, named ranges, R1C1


def grid_area(book: Spreadsheet, grid_range: Json) -> Area:
    """The area of a GridRange. Raises ApiError 400 when its sheet isn't there."""
    id_ = int(grid_range.get("sheetId", 0))
    sheet = book.sheet(id_)
    if sheet is None:
        raise bad(f"No grid with id: {id_}")
    names = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")
    return Area(sheet, *(None if grid_range.get(name) is None else int(grid_range[name]) for name in names))


def grid_range(area: Area) -> Json:
    """The GridRange of an area, open sides left out."""
    sides = {"startRowIndex": area.top, "endRowIndex": area.bottom,
             "startColumnIndex": area.left, "endColumnIndex": area.right}  # fmt: skip
    return {"sheetId": area.sheet.id} | {name: side for name, side in sides.items() if side is not None}
