"""What a spreadsheet already holds, as furnishing looks at it, and how it is compared with what is wanted.

Indexes count from 0 and ends are excluded, as in the Sheets API. Objects are compared as Google tells them again, which
is not always as they were sent: what is empty goes, colours are rounded and told twice, ends of ranges are filled in.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, TypeAlias, TypeVar

from cdi_sync.model import Column, Tab
from cdi_sync.text import fold

Json: TypeAlias = dict[str, Any]
Area: TypeAlias = tuple[int, int, int, int, int]  # sheet, rows from and to, columns from and to

OURS = "cdi_sync : "  # how the descriptions of our protections and the marks of our rules begin
FIELDS = (
    "properties(locale,timeZone),namedRanges,"
    "sheets(properties(sheetId,title,hidden,tabColorStyle,gridProperties),"
    "conditionalFormats(ranges,booleanRule(condition,format(backgroundColorStyle,textFormat))),"
    "filterViews(filterViewId,title,range,criteria),"
    "protectedRanges(protectedRangeId,range,description,warningOnly,requestingUserCanEdit),charts(chartId,spec(title,basicChart)),"
    "data(startRow,startColumn,rowData.values(userEnteredValue,effectiveValue.stringValue,note,dataValidation,"
    "userEnteredFormat(backgroundColorStyle,horizontalAlignment,numberFormat,textFormat(bold,italic,foregroundColorStyle),"
    "verticalAlignment,wrapStrategy))))"
)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Sheet:
    """One sheet of the resource that spreadsheets.get answers."""

    resource: Json

    @property
    def id(self) -> int:
        return int(self.properties.get("sheetId") or 0)

    @property
    def title(self) -> str:
        return str(self.properties.get("title") or "")

    @property
    def properties(self) -> Json:
        return dict(self.resource.get("properties") or {})

    @property
    def grid(self) -> Json:
        return dict(self.properties.get("gridProperties") or {})

    @property
    def rows(self) -> int:
        return int(self.grid.get("rowCount") or 0)

    @property
    def columns(self) -> int:
        return int(self.grid.get("columnCount") or 0)

    def all(self, name: str) -> Sequence[Json]:
        """The objects of one kind that the sheet has: "protectedRanges", "charts"…"""
        return list(self.resource.get(name) or ())

    @cached_property
    def cells(self) -> Mapping[tuple[int, int], Json]:
        """CellData by row and column, of the rows that were read."""
        return {
            (row, column): cell
            for block in self.all("data")
            for row, data in enumerate(block.get("rowData") or (), start=int(block.get("startRow") or 0))
            for column, cell in enumerate(data.get("values") or (), start=int(block.get("startColumn") or 0))
        }

    def cell(self, row: int, column: int) -> Json:
        """CellData, {} for a bare cell."""
        return self.cells.get((row, column), {})

    def below(self, column: int) -> Sequence[Json]:
        """The cells that stand for a whole column, below its header."""
        return [self.cell(row, column) for row in sampled(self.rows)]

    def area(self, given: Mapping[str, Any] | None) -> Area:
        """A GridRange with all its sides: what is left open goes to the end of the grid."""
        at = given or {}
        bottom, right = at.get("endRowIndex"), at.get("endColumnIndex")
        return (
            int(at.get("sheetId") or 0),
            int(at.get("startRowIndex") or 0),
            self.rows if bottom is None else int(bottom),
            int(at.get("startColumnIndex") or 0),
            self.columns if right is None else int(right),
        )

    @property
    def is_furnished(self) -> bool:
        """True once we have been there: it has a protection of ours."""
        return any(str(each.get("description", "")).startswith(OURS) for each in self.all("protectedRanges"))


def sampled(rows: int) -> Sequence[int]:
    """The rows, out of so many, that stand for all: the first one below the header, one in the middle, the last."""
    return sorted({row for row in (1, rows // 2, rows - 1) if 1 <= row < rows})


@dataclass(frozen=True)
class Place:
    """A declared column where it stands in its sheet. starts: a section begins there."""

    column: Column
    at: int
    starts: bool = False


@dataclass(frozen=True)
class Staff:
    """A declared tab, its sheet, and its columns from left to right. What isn't found is left for others to lay."""

    tab: Tab
    sheet: Sheet
    places: Sequence[Place]

    @cached_property
    def at(self) -> Mapping[str, int]:
        """Column key → index."""
        return {place.column.key: place.at for place in self.places}


def sheets_of(resource: Mapping[str, Any]) -> Sequence[Sheet]:
    """The sheets that have a grid, in their order."""
    found = [Sheet(each) for each in resource.get("sheets") or ()]
    return [sheet for sheet in found if sheet.grid]


def titled(sheets: Iterable[Sheet], *titles: str) -> Sheet | None:
    """The first sheet that has one of these titles, case and accents aside."""
    wanted = {fold(title) for title in titles}
    return next((sheet for sheet in sheets if fold(sheet.title) in wanted), None)


def staff_of(sheets: Sequence[Sheet], tabs: Iterable[Tab]) -> Iterator[Staff]:
    """The declared tabs that have a sheet, by title or alias."""
    for tab in tabs:
        if sheet := titled(sheets, tab.title, *tab.aliases):
            yield Staff(tab, sheet, _places(sheet, tab))


def _places(sheet: Sheet, tab: Tab) -> Sequence[Place]:
    """The columns, by the titles and aliases that row 1 shows; a title that comes twice counts once."""
    names = {fold(name): column for column in tab.columns for name in (column.title, *column.aliases)}
    found: dict[str, Place] = {}
    section: str | None = None
    for at in range(sheet.columns):
        column = names.get(fold(_shown(sheet.cell(0, at))))
        if column is not None and column.key not in found:
            found[column.key] = Place(column, at, column.section != section)
            section = column.section
    return list(found.values())


def _shown(cell: Json) -> str:
    """The text of a cell: what its formula comes to, or what was entered."""
    value = cell.get("effectiveValue") or cell.get("userEnteredValue") or {}
    return str(value.get("stringValue") or "")


# -------------------------------------------------------------------------------------------------- comparing

_QUOTED = re.compile(r"""("[^"]*")""")


def normal(value: Any) -> Any:
    """A value without what says nothing, each colour told once in 256 levels, formulas in one spelling."""
    if isinstance(value, Mapping):
        told = {name: _inner(name, each) for name, each in value.items() if f"{name}Style" not in value}
        return {name: each for name, each in told.items() if each}
    if isinstance(value, list | tuple):
        return [normal(each) for each in value]
    if isinstance(value, str) and value.startswith("="):
        return _formula(value)
    return value


def _inner(name: str, value: Any) -> Any:
    if name == "rgbColor":
        return tuple(round(255 * float((value or {}).get(part) or 0)) for part in ("red", "green", "blue"))
    return normal(value)


def _formula(text: str) -> str:
    """A formula without quotes around tabs, dollars and spaces, its arguments parted by ";"; its texts as they are."""
    parts = _QUOTED.split(text)
    return "".join(part if part.startswith('"') else re.sub(r"[$'\s]", "", part).replace(",", ";") for part in parts)


def same(wanted: Any, found: Any) -> bool:
    """True when both say the same."""
    return bool(normal(wanted) == normal(found))


def covers(found: Any, wanted: Any) -> bool:
    """True when what is found says all that is wanted, and perhaps more."""
    return _covers(normal(found), normal(wanted))


def _covers(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_covers(found.get(name), each) for name, each in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_covers, found, wanted))
    return bool(found == wanted)


# --------------------------------------------------------------------------------------------------- requests


def colour(hexadecimal: str) -> Json:
    """A ColorStyle: "2F6DA8"."""
    parts = (("red", 0), ("green", 2), ("blue", 4))
    return {"rgbColor": {name: int(hexadecimal[at : at + 2], 16) / 255 for name, at in parts}}


def columns_range(sheet: Sheet, first: int, end: int, *, top: int = 1) -> Json:
    """Whole columns below their header, whatever the number of rows. top: 0 with the header."""
    rows = {"startRowIndex": top} if top else {}
    return {"sheetId": sheet.id, **rows, "startColumnIndex": first, "endColumnIndex": end}


def runs(items: Iterable[tuple[int, _T]], alike: Callable[[_T], object]) -> Iterator[tuple[int, int, Sequence[_T]]]:
    """Columns side by side that are alike, in one piece: first, end, what they are. items: by index, in order."""

    def piece(numbered: tuple[int, tuple[int, _T]]) -> object:
        order, (at, item) = numbered
        return at - order, alike(item)

    for _, group in groupby(enumerate(items), key=piece):
        found = [each for _, each in group]
        yield found[0][0], found[-1][0] + 1, [item for _, item in found]
