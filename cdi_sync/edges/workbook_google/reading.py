"""Reads a registry kept in a Google spreadsheet: two requests, whatever the number of tabs.

The first tells of the sheets and of the columns' anchors, the second gives every cell, unformatted, dates as serial
numbers. Google says nothing of a cell's type: a number in a column that declares a date is the date it stands for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import gspread

from cdi_sync.edges.workbook_google.columns import ANCHOR
from cdi_sync.model import CellError, Column, Grid, Raw, Tab
from cdi_sync.shown import JOURNAL, quoted
from cdi_sync.tables import find_header
from cdi_sync.text import fold

FIELDS = (
    "properties(title,locale,timeZone),sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),"
    "data(columnMetadata(developerMetadata(metadataKey,metadataValue))))"
)
AS_STORED = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
EPOCH = date(1899, 12, 30)
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#ERROR!")
_LAST_SERIAL = 2_958_465  # 31/12/9999


@dataclass(frozen=True)
class Sheet:
    """What Google tells of a sheet. anchors: position of a column, from 1 → what its anchor says ("actes.etape")."""

    id: int
    title: str
    rows: int
    columns: int
    anchors: Mapping[int, str]


@dataclass(frozen=True)
class GoogleSnapshot:
    """A spreadsheet as it was read. raw: title → cells as Google gave them; grids: the same, typed as an `.xlsx` is."""

    title: str
    locale: str
    time_zone: str
    sheets: Mapping[str, Sheet]
    raw: Mapping[str, Sequence[Sequence[Any]]]
    grids: Mapping[str, Grid]


def read(http: gspread.HTTPClient, spreadsheet: str, tabs: Sequence[Tab]) -> GoogleSnapshot:
    """The whole spreadsheet. Raises RegistryError when Google can't be reached or refuses."""
    told = http.fetch_sheet_metadata(spreadsheet, params={"fields": FIELDS})
    sheets = {sheet.title: sheet for sheet in _sheets(told)}
    raw = values(http, spreadsheet, list(sheets))
    properties = told["properties"]
    return GoogleSnapshot(
        properties["title"], properties.get("locale", ""), properties.get("timeZone", ""), sheets, raw,
        {title: _grid(sheets[title], rows, tabs) for title, rows in raw.items()},
    )  # fmt: skip


def values(http: gspread.HTTPClient, spreadsheet: str, titles: Sequence[str]) -> Mapping[str, Sequence[Sequence[Any]]]:
    """The cells of whole sheets, by title, without the empty ones at the ends."""
    if not titles:
        return {}
    answer = http.values_batch_get(spreadsheet, [quoted(title) for title in titles], params=dict(AS_STORED))
    return {title: found.get("values", []) for title, found in zip(titles, answer["valueRanges"], strict=True)}


def _sheets(told: Mapping[str, Any]) -> Iterator[Sheet]:
    for sheet in told.get("sheets", ()):
        properties = sheet["properties"]
        if properties.get("sheetType", "GRID") == "GRID":
            columns = [column for data in sheet.get("data", ()) for column in data.get("columnMetadata", ())]
            size = properties["gridProperties"]
            yield Sheet(
                properties.get("sheetId", 0),
                properties["title"],
                size["rowCount"],
                size["columnCount"],
                {
                    position: said["metadataValue"]
                    for position, column in enumerate(columns, start=1)
                    for said in column.get("developerMetadata", ())
                    if said.get("metadataKey") == ANCHOR
                },
            )


# ------------------------------------------------------------------------------------------------------ cells


def _grid(sheet: Sheet, raw: Sequence[Sequence[Any]], tabs: Sequence[Tab]) -> Grid:
    rows = [[plain(value) for value in row] for row in raw]
    if sheet.title == JOURNAL:
        return Grid(sheet.title, [[_as_date(row[0]), *row[1:]] if row else [] for row in rows])
    names = {fold(name): tab for tab in tabs for name in (tab.title, *tab.aliases)}
    tab = names.get(fold(sheet.title))
    return Grid(sheet.title, rows if tab is None else _typed(rows, sheet, tab))


def plain(value: Any) -> Raw:
    """A value of Google's as any workbook gives it: numbers as floats, errors as errors, nothing for an empty text."""
    if value == "" or value is None:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    return CellError(value) if value.startswith(_ERRORS) else str(value)


def _typed(rows: list[list[Raw]], sheet: Sheet, tab: Tab) -> Sequence[Sequence[Raw]]:
    """Headers that people lost found again by their anchors, and numbers as the dates that their columns declare."""
    header = find_header(Grid(sheet.title, rows), tab)
    if header is None:
        return rows
    headers = rows[header - 1] = _with_anchored(rows[header - 1], sheet, tab)
    by_name = {fold(name): column for column in tab.columns for name in (column.title, *column.aliases)}
    dates = [
        position
        for position, title in enumerate(headers)
        if isinstance(title, str) and (column := by_name.get(fold(title))) and column.type == "date"
    ]
    for row in rows[header:]:
        for position in dates:
            if position < len(row):
                row[position] = _as_date(row[position])
    return rows


def _with_anchored(headers: Sequence[Raw], sheet: Sheet, tab: Tab) -> list[Raw]:
    """A header that no declared name tells, or an error, gives way to the title of the column anchored there."""
    by_name = {fold(name): column for column in tab.columns for name in (column.title, *column.aliases)}
    told = [by_name.get(fold(title)) if isinstance(title, str) else None for title in headers]
    told += [None] * (max(sheet.anchors, default=0) - len(told))
    found: list[Raw] = [*headers, *[None] * (len(told) - len(headers))]
    missing: dict[str, Column] = {f"{tab.name}.{c.key}": c for c in tab.columns if c not in told}
    for position, said in sheet.anchors.items():
        column = missing.get(said)
        if column is not None and told[position - 1] is None:
            found[position - 1] = column.title
    return found


def _as_date(value: Raw) -> Raw:
    if not isinstance(value, float) or not 0 < value <= _LAST_SERIAL:
        return value
    day = EPOCH + timedelta(days=int(value))
    if value == int(value):
        return day
    return datetime.combine(day, datetime.min.time()) + timedelta(seconds=round((value % 1) * 86_400))
