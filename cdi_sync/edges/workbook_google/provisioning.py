"""Turns a spreadsheet of the council's into a registry: tabs, headers, numbers, anchors. Never creates a file.

Run again, it adds what is missing and multiplies nothing; a filled cell of the staff is never touched.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import gspread

from cdi_sync.cells import is_blank
from cdi_sync.edges.hints import Hints
from cdi_sync.edges.workbook_google import furnish, reading
from cdi_sync.edges.workbook_google.columns import (
    ANCHOR,
    CALC,
    CALC_HEAD,
    TAB_ANCHOR,
    anchor,
    calc_width,
    header_formula,
    shown_columns,
)
from cdi_sync.edges.workbook_google.publishing import Request
from cdi_sync.edges.workbook_google.reading import GoogleSnapshot, Sheet
from cdi_sync.errors import CdiError
from cdi_sync.model import Column, Tab
from cdi_sync.shown import ANOMALIES, DASHBOARD, HELP, JOURNAL, SCHEDULE
from cdi_sync.tables import make_id
from cdi_sync.text import fold

BEFORE, AFTER = (DASHBOARD, HELP), (SCHEDULE, ANOMALIES, JOURNAL, CALC)
_COLUMNS_OF_SYSTEM_TABS = 26


def provision(
    http: gspread.HTTPClient, spreadsheet: str, tabs: Sequence[Tab], *, spare_rows: int, hints: Hints | None = None
) -> int:
    """Brings a spreadsheet to what is declared: how many things were changed. Raises CdiError, RegistryError.

    spare_rows: numbered rows that an empty tab begins with. An empty spreadsheet's first sheet, if nothing is in it,
    makes room. hints: what the looks follow; without it none are given.
    """
    found = reading.read(http, spreadsheet, tabs)
    refuse_foreign(found, tabs)
    laid = send(http, spreadsheet, [*laid_settings(found), *laid_tabs(found, tabs, spare_rows)])
    if hints is None:
        return laid
    return laid + dress(http, spreadsheet, tabs, hints)


def dress(http: gspread.HTTPClient, spreadsheet: str, tabs: Sequence[Tab], hints: Hints) -> int:
    """Gives the tabs that are there their looks, checks and guards: how many things were changed. Raises RegistryError."""
    sheets = http.fetch_sheet_metadata(spreadsheet, params={"fields": furnish.PROPERTIES})
    return send(http, spreadsheet, furnish.furnishing(around(http, spreadsheet, sheets, tabs), tabs, hints))


def around(
    http: gspread.HTTPClient, spreadsheet: str, outline: Mapping[str, Any], tabs: Sequence[Tab]
) -> Mapping[str, Any]:
    """What stands around the cells, as `furnish` looks at it. outline: an answer with `furnish.PROPERTIES` in it."""
    asked: Any = {"fields": furnish.FIELDS, "ranges": furnish.ranges(outline, tabs)}
    told: Mapping[str, Any] = http.fetch_sheet_metadata(spreadsheet, params=asked)
    return told


def send(http: gspread.HTTPClient, spreadsheet: str, requests: Sequence[Request]) -> int:
    """Sends them in one write, if any: how many there are."""
    if requests:
        http.batch_update(spreadsheet, {"requests": list(requests)})
    return len(requests)


def laid_settings(found: GoogleSnapshot) -> Iterator[Request]:
    if (found.locale, found.time_zone) != (furnish.LOCALE, furnish.TIME_ZONE):
        yield {
            "updateSpreadsheetProperties": {
                "properties": {"locale": furnish.LOCALE, "timeZone": furnish.TIME_ZONE},
                "fields": "locale,timeZone",
            }
        }


def laid_tabs(found: GoogleSnapshot, tabs: Sequence[Tab], spare_rows: int) -> Iterator[Request]:
    """The tabs that lack, those that people renamed under their titles again, and what each will be known by."""
    held = {fold(title): sheet for title, sheet in found.sheets.items()}
    here = {tab.name: tab for tab in with_renamed(found, tabs)}
    width = calc_width(tabs)
    ids = iter(_free_ids({sheet.id for sheet in found.sheets.values()}))
    calc, made = held.get(CALC), 0
    if calc and calc.columns < width:  # first, as a formula that names columns beyond the edge loses them
        yield {"appendDimension": {"sheetId": calc.id, "dimension": "COLUMNS", "length": width - calc.columns}}
    for index, (title, tab) in enumerate(wanted_tabs(tabs)):
        names = (title, *(here[tab.name].aliases if tab else ()))
        sheet = next((held[fold(name)] for name in names if fold(name) in held), None)
        if sheet is None:
            made += 1
            yield from _new_tab(next(ids), index, title, tab, width, spare_rows)
            continue
        if fold(sheet.title) not in map(fold, (title, *(tab.aliases if tab else ()))):
            yield renamed(sheet, title)
        if not sheet.anchor:
            yield tab_anchor(sheet.id, title, tab)
    known = {fold(title) for title, _ in wanted_tabs(tabs)}
    for title, sheet in found.sheets.items():
        if made and not found.raw[title] and fold(title) not in known and len(found.sheets) == 1:
            yield {"deleteSheet": {"sheetId": sheet.id}}


def with_renamed(found: GoogleSnapshot, tabs: Sequence[Tab]) -> Sequence[Tab]:
    """The tabs, each with the title that somebody gave it among its other names, when it is found under none of them."""
    titles = {fold(title) for title in found.sheets}
    known = {fold(name) for tab in tabs for name in (tab.title, *tab.aliases)}
    lost = {sheet.anchor: title for title, sheet in found.sheets.items() if fold(title) not in known}
    return [
        replace(tab, aliases=(*tab.aliases, lost[tab.name]))
        if tab.name in lost and not titles & {fold(name) for name in (tab.title, *tab.aliases)}
        else tab
        for tab in tabs
    ]


def wanted_tabs(tabs: Sequence[Tab]) -> Sequence[tuple[str, Tab | None]]:
    """Every tab that a registry has, in order: title, and what is declared of it, None for one of the system's."""
    before, after = ([(title, None) for title in titles] for titles in (BEFORE, AFTER))
    return [*before, *((tab.title, tab) for tab in tabs), *after]


def renamed(sheet: Sheet, title: str) -> Request:
    """The request that gives a sheet a title."""
    return {"updateSheetProperties": {"properties": {"sheetId": sheet.id, "title": title}, "fields": "title"}}


def tab_anchor(id_: int, title: str, tab: Tab | None) -> Request:
    """The request that makes a sheet known whatever its title becomes."""
    said = {"metadataKey": TAB_ANCHOR, "metadataValue": tab.name if tab else title, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**said, "location": {"sheetId": id_}}}}


def column_anchor(id_: int, position: int, tab: Tab, column: Column) -> Request:
    """The request that makes a column known whatever its title becomes. position: from 0."""
    where = {"sheetId": id_, "dimension": "COLUMNS", "startIndex": position, "endIndex": position + 1}
    said = {"metadataKey": ANCHOR, "metadataValue": anchor(tab, column), "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**said, "location": {"dimensionRange": where}}}}


def _free_ids(taken: set[int]) -> Iterator[int]:
    number = 100
    while True:
        number += 1
        if number not in taken:
            yield number


def _new_tab(id_: int, index: int, title: str, tab: Tab | None, width: int, spare_rows: int) -> Iterator[Request]:
    columns = len(tab.columns) if tab else width if title == CALC else _COLUMNS_OF_SYSTEM_TABS
    rows = 1 + spare_rows + 100 if tab else 1000
    size = {"rowCount": rows, "columnCount": columns, "frozenRowCount": 1 if tab or title == CALC else 2}
    properties = {"sheetId": id_, "title": title, "index": index, "gridProperties": size}
    yield {"addSheet": {"properties": {**properties, "hidden": True} if title == CALC else properties}}
    yield tab_anchor(id_, title, tab)
    if title == CALC:
        yield _row(id_, [{"stringValue": CALC_HEAD}, *({"stringValue": f"Colonne {n}"} for n in range(1, width))])
    if tab is None:
        return
    slots = {column.key: slot for slot, column in enumerate(shown_columns(tab), start=2)}
    yield _row(
        id_,
        [
            {"formulaValue": header_formula(column, slots[column.key], row=1, id_position=1, width=width)}
            if column.key in slots
            else {"stringValue": column.title}
            for column in tab.columns
        ],
    )
    numbers = [{"values": [_value({"stringValue": make_id(tab, n)})]} for n in range(1, spare_rows + 1)]
    if numbers:
        start = {"sheetId": id_, "rowIndex": 1, "columnIndex": 0}
        yield {"updateCells": {"start": start, "rows": numbers, "fields": "userEnteredValue"}}
    for position, column in enumerate(tab.columns):
        yield column_anchor(id_, position, tab, column)


def _row(sheet: int, values: Sequence[Mapping[str, Any]]) -> Request:
    start = {"sheetId": sheet, "rowIndex": 0, "columnIndex": 0}
    return {
        "updateCells": {"start": start, "rows": [{"values": list(map(_value, values))}], "fields": "userEnteredValue"}
    }


def _value(entered: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"userEnteredValue": entered}


def refuse_foreign(found: GoogleSnapshot, tabs: Sequence[Tab]) -> None:
    """Raises CdiError for a spreadsheet that holds something else than a registry."""
    known = {fold(name) for tab in tabs for name in (tab.title, *tab.aliases)}
    known |= {fold(title) for title in (*BEFORE, *AFTER)}
    strangers = [
        title for title, rows in found.raw.items()
        if fold(title) not in known and any(not is_blank(cell) for row in rows for cell in row)
    ]  # fmt: skip
    if strangers and not any(fold(title) in known for title in found.sheets):
        raise CdiError("Cette feuille de calcul contient déjà autre chose.", where=", ".join(strangers),
                       fix="Donner l'identifiant d'une feuille de calcul vide.")  # fmt: skip
