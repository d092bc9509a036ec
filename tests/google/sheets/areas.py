"""Areas of a sheet, as A1 notation and GridRange name them: rows and columns from 0, ends excluded, None where open.

A text designates cells in A1 or else in R1C1 notation, then a named range, then a whole sheet: what looks like a cell is
one, whatever the sheets are called. The sheet of a named range may stand before its name. A range may end beyond the
grid, which cuts it; it may not start there.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet
from tests.google.wire import ApiError, bad


@dataclass(frozen=True)
class Area:
    """A rectangle of a sheet; None is an open side. `closed` puts the grid's own limits there."""

    sheet: Sheet
    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None

    def closed(self, *, clipped: bool = True) -> "Closed":
        """The rectangle; an open side is the grid's own. clipped: so is one beyond it."""
        rows, columns = self.sheet.row_count, self.sheet.column_count
        bottom, right = rows if self.bottom is None else self.bottom, columns if self.right is None else self.right
        if clipped:
            bottom, right = min(bottom, rows), min(right, columns)
        return Closed(self.sheet, self.top or 0, self.left or 0, bottom, right)

    @property
    def is_open(self) -> bool:
        """True for a whole sheet."""
        return self.top is self.left is self.bottom is self.right is None

    @property
    def is_cell(self) -> bool:
        """True for one cell."""
        if self.top is None or self.left is None:
            return False
        return (self.bottom, self.right) == (self.top + 1, self.left + 1)


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
    """A sheet's title as Google writes it before "!": quoted unless it is a plain word that can't be taken for cells."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", title, re.ASCII) and _sides(title) is None
    return title if plain else "'" + title.replace("'", "''") + "'"


def a1(area: Closed) -> str:
    """The area as answers name it: "Sheet1!A1:B2", "'Mon onglet'!A1"; "#REF!" when it holds no cell."""
    if not area.rows or not area.columns:
        return "#REF!"
    start = f"{letters(area.left)}{area.top + 1}"
    end = f"{letters(area.right - 1)}{area.bottom}"
    return f"{quoted(area.sheet.title)}!{start if start == end else f'{start}:{end}'}"


def parse_a1(book: Spreadsheet, text: str) -> Area:
    """The area that A1 notation designates.

    Raises ApiError 400: "Unable to parse range: …", or "Range (…) exceeds grid limits…" when it starts outside the grid.
    """
    area = _designated(book, text)
    if area is None:
        raise bad(f"Unable to parse range: {text}")
    return within_grid(area)


def within_grid(area: Area) -> Area:
    """The same area. Raises ApiError 400 when it starts outside the grid of its sheet."""
    rows, columns = area.sheet.row_count, area.sheet.column_count
    if (area.top or 0) >= rows or (area.left or 0) >= columns:
        raise bad(f"Range ({_as_written(area)}) exceeds grid limits. Max rows: {rows}, max columns: {columns}")
    return area


def grid_area(book: Spreadsheet, grid_range: Json) -> Area:
    """The area of a GridRange. Raises ApiError 400 when its sheet isn't there, or its indexes make no range."""
    id_ = int(grid_range.get("sheetId") or 0)
    sheet = book.sheet(id_)
    if sheet is None or not has_grid(sheet):
        raise bad(f"No grid with id: {id_}")
    names = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")
    top, left, bottom, right = (None if grid_range.get(name) is None else int(grid_range[name]) for name in names)
    if any(side is not None and side < 0 for side in (top, left, bottom, right)):
        raise bad("GridRange indexes must be >= 0")
    for axis, start, end in (("Row", top, bottom), ("Column", left, right)):
        if start is not None and end is not None and end < start:
            raise bad(f"end{axis}Index[{end}] cannot be before start{axis}Index[{start}]")
    return Area(sheet, top, left, bottom, right)


def grid_range(area: Area) -> Json:
    """The GridRange of an area, open sides left out."""
    sides = {"startRowIndex": area.top, "endRowIndex": area.bottom,
             "startColumnIndex": area.left, "endColumnIndex": area.right}  # fmt: skip
    return {"sheetId": area.sheet.id} | {name: side for name, side in sides.items() if side is not None}


def has_grid(sheet: Sheet) -> bool:
    """False for a sheet that is one chart, which no range can name."""
    return "gridProperties" in sheet.properties


def prefixed(prefix: str, error: ApiError) -> ApiError:
    """A refusal of one element of a list, told as Google does: "Invalid data[0]: Unable to parse range: …"."""
    return ApiError(error.code, f"{prefix}: {error.message}", status=error.status)


# -------------------------------------------------------------------------------------------------- the notations

_A1 = re.compile(r"(?:\$?([A-Za-z]{1,3}))?(?:\$?([0-9]+))?")
_R1C1 = re.compile(r"(R(?:([0-9]+)|\[([0-9]+)\])?)?(C(?:([0-9]+)|\[([0-9]+)\])?)?", re.IGNORECASE)


class _Index(NamedTuple):
    """One coordinate of a corner, from 0. written: the number as R1C1 notation has it, bracketed: whether in brackets."""

    at: int
    written: int | None = None
    bracketed: bool = False


class _Corner(NamedTuple):
    """One half of a range; None on the axis that it leaves open."""

    row: _Index | None
    column: _Index | None


class _Sides(NamedTuple):
    top: int | None
    left: int | None
    bottom: int | None
    right: int | None


def _designated(book: Spreadsheet, text: str) -> Area | None:
    title, bang, cells = text.rpartition("!")
    if bang:
        sheet = _first(book) if title in ("", "''") else _titled(book, title)
        if sheet and (sides := _sides(cells)):
            return Area(sheet, *sides)
        if sheet and (named := _named(book, cells)) and named.sheet is sheet:
            return named
    elif sides := _sides(text):
        first = _first(book)
        return Area(first, *sides) if first else None
    elif named := _named(book, text):
        return named
    whole = _titled(book, text)  # also a title with a bang of its own
    return Area(whole) if whole else None


def _named(book: Spreadsheet, name: str) -> Area | None:
    found = next((n["range"] for n in book.named_ranges if n["name"].casefold() == name.casefold()), None)
    return grid_area(book, found) if found else None


def _first(book: Spreadsheet) -> Sheet | None:
    return book.sheets[0] if has_grid(book.sheets[0]) else None


def _titled(book: Spreadsheet, title: str) -> Sheet | None:
    if len(title) > 1 and title[0] == title[-1] == "'":
        title = title[1:-1].replace("''", "'")
    sheet = book.titled(title)
    return sheet if sheet and has_grid(sheet) else None


def _sides(text: str) -> _Sides | None:
    """The sides of a range of cells in either notation, None when it is in neither. Both halves are in the same one."""
    halves = text.split(":")
    if len(halves) > 2:
        return None
    corners = [_a1_corner(half) for half in halves]
    # a lone column or row is no range: "A" is a sheet, "A:A" a column
    if all(corners) and (len(halves) == 2 or None not in corners[0]):  # type: ignore[operator]  # all are there
        return _between(corners[0], corners[-1])
    corners = [_r1c1_corner(half) for half in halves]
    return _between(corners[0], corners[-1]) if all(corners) else None


def _a1_corner(text: str) -> _Corner | None:
    found = _A1.fullmatch(text)
    if not text or not found or (found[2] and int(found[2]) == 0):
        return None
    row, column = (_Index(int(found[2]) - 1) if found[2] else None), (_Index(column_of(found[1])) if found[1] else None)
    return _Corner(row, column)


def _r1c1_corner(text: str) -> _Corner | None:
    """R2C3 counts from 1, R[1]C[2] from A1, a letter alone is the first; "R2" leaves the columns open."""
    found = _R1C1.fullmatch(text)
    if not text or not found or "0" in {(found[n] or "1").lstrip("0") or "0" for n in (2, 5)}:
        return None
    row, column = _r1c1_index(found[1], found[2], found[3]), _r1c1_index(found[4], found[5], found[6])
    if row is None and (column is None or column.written is None):
        row = _Index(0)
    if column is None and (row is None or row.written is None):
        column = _Index(0)
    return _Corner(row, column)


def _r1c1_index(letter: str | None, absolute: str | None, offset: str | None) -> _Index | None:
    if absolute:
        return _Index(int(absolute) - 1, int(absolute))
    if offset:
        return _Index(int(offset), int(offset), bracketed=True)
    return _Index(0) if letter else None


def _between(first: _Corner | None, last: _Corner | None) -> _Sides | None:
    assert first and last
    rows, columns = _span(first.row, last.row), _span(first.column, last.column)
    if rows is None or columns is None:
        return None
    return _Sides(rows[0], columns[0], rows[1], columns[1])


def _span(first: _Index | None, last: _Index | None) -> tuple[int | None, int | None] | None:
    """From one coordinate to the other, in either order. None: reversed in the one way that Google doesn't read."""
    if first is None or last is None:
        return (first.at if first else None), (last.at + 1 if last else None)
    same_kind = None not in (first.written, last.written) and first.bracketed == last.bracketed
    if same_kind and first.written == (last.written or 0) + 1:
        return None  # the end that R1C1 excludes falls on the start: "R2C2:R1C1", where "R3C3:R1C1" is read
    return min(first.at, last.at), max(first.at, last.at) + 1


def _as_written(area: Area) -> str:
    """A range that the grid doesn't hold, as its refusal names it: only the sides that were given ("Sheet1!A1001:B")."""

    def corner(column: int | None, row: int | None) -> str:
        return ("" if column is None else letters(column)) + ("" if row is None else str(row))

    start = corner(area.left, None if area.top is None else area.top + 1)
    end = corner(None if area.right is None else area.right - 1, area.bottom)
    empty = (area.top is not None and area.top == area.bottom) or (area.left is not None and area.left == area.right)
    return f"{'(empty) ' if empty else ''}{quoted(area.sheet.title)}!{start if start == end else f'{start}:{end}'}"
