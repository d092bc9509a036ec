"""Reads a registry kept in a Google spreadsheet: two requests, whatever the number of tabs.

The first tells of the sheets and of the columns' anchors, the second gives every cell, unformatted, dates as serial
numbers. Google says nothing of a cell's type: a number in a column that declares a date is the date it stands for.
Drive tells in one request more, beforehand, which version of the spreadsheet stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import gspread
from gspread.urls import DRIVE_FILES_API_V3_URL

from cdi_sync.edges.workbook_google.columns import ANCHOR, CALC, TAB_ANCHOR
from cdi_sync.edges.workbook_google.http import RefusedError
from cdi_sync.edges.workbook_google.language import misread
from cdi_sync.errors import BusyError
from cdi_sync.model import CellError, Column, Grid, Raw, Tab
from cdi_sync.shown import ANOMALIES, DASHBOARD, HELP, JOURNAL, SCHEDULE, quoted
from cdi_sync.tables import find_header
from cdi_sync.text import fold

Rows: TypeAlias = Sequence[Sequence[Any]]
FIELDS = (
    "properties(title,locale,timeZone),sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),"
    "developerMetadata(metadataKey,metadataValue),data(columnMetadata(developerMetadata(metadataKey,metadataValue))))"
)
AS_STORED = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
EPOCH = date(1899, 12, 30)
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#ERROR!")
SYSTEM_TITLES = (DASHBOARD, HELP, SCHEDULE, ANOMALIES, JOURNAL, CALC)
_LAST_SERIAL = 2_958_465  # 31/12/9999


@dataclass(frozen=True)
class Sheet:
    """What Google tells of a sheet. title: as people see it.

    anchors: position of a column, from 1 → what its anchor says ("actes.etape"). anchor: which tab of ours it was made
    as, whatever its title became: the name of a declared tab, the title of one of the system's.
    """

    id: int
    title: str
    rows: int
    columns: int
    anchors: Mapping[int, str]
    anchor: str = ""


@dataclass(frozen=True)
class Answers:
    """What Google answers to the two requests of a reading, as it came: told of the sheets, and title → its cells."""

    told: Mapping[str, Any]
    values: Mapping[str, Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class GoogleSnapshot:
    """A spreadsheet as it was read. raw: title → cells as Google gave them; grids: the same, typed as an `.xlsx` is.

    A tab of the system's that somebody renamed is found under its own title.
    """

    title: str
    locale: str
    time_zone: str
    sheets: Mapping[str, Sheet]
    raw: Mapping[str, Sequence[Sequence[Any]]]
    grids: Mapping[str, Grid]

    @property
    def warnings(self) -> Sequence[str]:
        """What its language and its hour make of what people type."""
        return [str(each) for each in misread(self.locale, self.time_zone)]


def read(http: gspread.HTTPClient, spreadsheet: str, tabs: Sequence[Tab]) -> GoogleSnapshot:
    """The whole spreadsheet. Raises RegistryError when Google can't be reached or refuses."""
    return snapshot(ask(http, spreadsheet), tabs)


def ask(http: gspread.HTTPClient, spreadsheet: str) -> Answers:
    """Asks for the whole spreadsheet. Raises RegistryError when Google can't be reached or refuses."""
    told = http.fetch_sheet_metadata(spreadsheet, params={"fields": FIELDS})
    return Answers(told, values(http, spreadsheet, [sheet.title for sheet in _sheets(told)]))


def snapshot(answers: Answers, tabs: Sequence[Tab]) -> GoogleSnapshot:
    """What answers say of a spreadsheet, for the tabs declared."""
    sheets = _by_title(list(_sheets(answers.told)))
    raw = {title: answers.values[sheet.title] for title, sheet in sheets.items()}
    properties = answers.told["properties"]
    return GoogleSnapshot(
        properties["title"], properties.get("locale", ""), properties.get("timeZone", ""), sheets, raw,
        typed(sheets, raw, tabs),
    )  # fmt: skip


def typed(
    sheets: Mapping[str, Sheet], raw: Mapping[str, Sequence[Sequence[Any]]], tabs: Sequence[Tab]
) -> Mapping[str, Grid]:
    """Cells as Google gave them, by title, as any workbook gives them: dates are what the tabs' columns declare."""
    return {title: _grid(sheets[title], rows, tabs) for title, rows in raw.items()}


def _by_title(sheets: Sequence[Sheet]) -> Mapping[str, Sheet]:
    """Sheets by their titles, those of the system's tabs that were renamed by the title that they had."""
    taken = {fold(sheet.title) for sheet in sheets}
    found: dict[str, Sheet] = {}
    for sheet in sheets:
        is_lost = sheet.anchor in SYSTEM_TITLES and fold(sheet.anchor) not in taken
        title = sheet.anchor if is_lost and sheet.anchor not in found else sheet.title
        found[title] = sheet
    return found


def version(http: gspread.HTTPClient, spreadsheet: str) -> str:
    """The version of a spreadsheet, by Drive: it grows with every change of any cell, ours too.

    Raises RegistryError when Drive can't be reached or refuses, and RefusedError, one of them, when it isn't enabled.
    """
    asked: Any = {"fields": "version", "supportsAllDrives": "true"}
    return str(http.request("get", f"{DRIVE_FILES_API_V3_URL}/{spreadsheet}", params=asked).json()["version"])


def values(http: gspread.HTTPClient, spreadsheet: str, titles: Sequence[str]) -> Mapping[str, Sequence[Sequence[Any]]]:
    """The cells of whole sheets, by title, without the empty ones at the ends. Raises BusyError when one isn't there."""
    if not titles:
        return {}
    try:
        answer = http.values_batch_get(spreadsheet, [quoted(title) for title in titles], params=dict(AS_STORED))
    except RefusedError as error:
        if error.status == 400 and "Unable to parse range" in error.said:  # Google's words for a title unknown to it
            raise BusyError("Un onglet a été renommé ou supprimé pendant le contrôle.", why=error.why,
                            fix="Le classeur n'a pas été touché ; relancer, ou attendre le prochain passage.") from None  # fmt: skip
        raise
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
                _anchor(sheet),
            )


def _anchor(sheet: Mapping[str, Any]) -> str:
    said = {each.get("metadataKey"): each for each in reversed(sheet.get("developerMetadata", ()))}
    return str(said.get(TAB_ANCHOR, {}).get("metadataValue", ""))


# ------------------------------------------------------------------------------------------------------ cells


def _grid(sheet: Sheet, raw: Sequence[Sequence[Any]], tabs: Sequence[Tab]) -> Grid:
    rows = [[plain(value) for value in row] for row in raw]
    if JOURNAL in (sheet.title, sheet.anchor):
        return Grid(sheet.title, [[as_date(row[0]), *row[1:]] if row else [] for row in rows])
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
        if isinstance(title, str) and (column := by_name.get(fold(title))) and column.type in ("date", "time")
    ]
    for row in rows[header:]:
        for position in dates:
            if position < len(row):
                row[position] = as_date(row[position])
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


def as_date(value: Raw) -> Raw:
    """The day or moment that a serial number stands for; anything else as it is."""
    if not isinstance(value, float) or not 0 < value <= _LAST_SERIAL:
        return value
    day = EPOCH + timedelta(days=int(value))
    if value == int(value):
        return day
    return datetime.combine(day, datetime.min.time()) + timedelta(seconds=round((value % 1) * 86_400))
