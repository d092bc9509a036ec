"""Moves a registry into a Google spreadsheet made ready for it: every cell of the staff, numbers and journal. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from cdi_sync.cells import is_blank, shown
from cdi_sync.edges.carrying import Carried, CarriedTab, carried, is_lone_year, serial
from cdi_sync.edges.workbook_google.publishing import Request
from cdi_sync.edges.workbook_google.reading import GoogleSnapshot, Sheet
from cdi_sync.model import CellError, Column, Grid, Raw, Tab
from cdi_sync.shown import JOURNAL
from cdi_sync.tables import find_columns
from cdi_sync.text import fold

_OWN_TABS = 720_000_001  # identifiers of the tabs that the staff added

_DAY, _MOMENT, _HOUR = (
    {"numberFormat": {"type": kind, "pattern": pattern}}
    for kind, pattern in (("DATE", "dd/mm/yyyy"), ("DATE_TIME", "dd/mm/yyyy hh:mm"), ("TIME", "hh:mm"))
)


def filling(target: GoogleSnapshot, source: Mapping[str, Grid], tabs: Sequence[Tab]) -> Iterator[Request]:
    """The requests that copy a registry's cells to the same rows of an empty one.

    source: title → raw cells, of a workbook that can be read as a registry. The system's columns are left to the next
    run, identifiers and the journal apart.
    """
    return requests(target, fitted(carried(source, tabs))[0], tabs)


def requests(target: GoogleSnapshot, registry: Carried, tabs: Sequence[Tab]) -> Iterator[Request]:
    """The requests that fill an empty registry, columns that the staff added after all those that are there."""
    names = {fold(title): title for title in target.sheets}
    for tab in tabs:
        one = registry.tabs[tab.name]
        title = next(names[fold(name)] for name in (tab.title, *tab.aliases) if fold(name) in names)
        yield from _filled(target.sheets[title], target.grids[title], one)
    if registry.journal and JOURNAL in target.sheets:
        sheet, held = target.sheets[JOURNAL], len(target.grids[JOURNAL].rows)
        yield from _room(sheet, len(registry.journal), 1)
        for position in range(max(map(len, registry.journal))):
            lines = [row[position] if position < len(row) else None for row in registry.journal]
            yield _column(sheet.id, 0, position, lines + [None] * (held - len(lines)))
            yield from _moments(sheet.id, 0, position, lines)
    taken = {sheet.id for sheet in target.sheets.values()}
    ids = iter(number for number in range(_OWN_TABS, _OWN_TABS + 10_000) if number not in taken)
    for title, rows in registry.own.items():
        yield from _own_tab(next(ids), names.get(fold(title)), target, title, rows)


def _filled(sheet: Sheet, held: Grid, one: CarriedTab) -> Iterator[Request]:
    layout, _ = find_columns(held, one.tab)
    start, rows = layout.header_row, one.rows
    beyond = max(len(held.rows[start - 1]), *layout.positions.values())
    yield from _room(sheet, start + len(rows), beyond + len(one.added))
    for index, column in enumerate(one.tab.columns):
        position, values = layout.positions[column.key] - 1, [row[index] for row in rows]
        if index == 0:  # the numbers that the tab was made with would double these
            yield _column(sheet.id, start, position, values + [None] * (len(held.rows) - start - len(values)))
        elif not column.is_system:
            yield _column(sheet.id, start, position, values)
    for index, title in enumerate(one.added):
        values = [title, *(row[len(one.tab.columns) + index] for row in rows)]
        yield _column(sheet.id, start - 1, beyond + index, values)
        yield from _moments(sheet.id, start - 1, beyond + index, values)


def _own_tab(
    new_id: int, held: str | None, target: GoogleSnapshot, title: str, rows: Sequence[Sequence[Raw]]
) -> Iterator[Request]:
    """A tab that the staff added, with its values; one that is there already is empty."""
    id_, width = new_id, max(map(len, rows))
    if held is None:
        size = {"rowCount": max(len(rows), 100), "columnCount": max(width, 26)}
        yield {"addSheet": {"properties": {"sheetId": id_, "title": title, "gridProperties": size}}}
    else:
        id_ = target.sheets[held].id
        yield from _room(target.sheets[held], len(rows), width)
    lines = [{"values": [_cell(value) for value in row]} for row in rows]
    start = {"sheetId": id_, "rowIndex": 0, "columnIndex": 0}
    yield {"updateCells": {"start": start, "rows": lines, "fields": "userEnteredValue"}}
    for position in range(width):
        yield from _moments(id_, 0, position, [row[position] if position < len(row) else None for row in rows])


def _room(sheet: Sheet, rows: int, columns: int) -> Iterator[Request]:
    for dimension, lack in (("ROWS", rows - sheet.rows), ("COLUMNS", columns - sheet.columns)):
        if lack > 0:
            yield {"appendDimension": {"sheetId": sheet.id, "dimension": dimension, "length": lack}}


# ------------------------------------------------------------------------------------- what Google can't hold


def fitted(registry: Carried) -> tuple[Carried, Sequence[str]]:
    """A registry as Google can hold it and give it back, and what had to change, in words.

    Google's answers don't tell a day from a number: in a column that isn't made for days, one is written as the text
    that the checks read anyway; a lone year in a column of days is, too.
    """
    told = [f"{place} : {_as_text(cell)} devient du texte" for place, cell, column in registry.cells
            if _is_lost(cell, column)]  # fmt: skip
    return registry.each(lambda cell, column: _as_text(cell) if _is_lost(cell, column) else cell), told


def _is_lost(cell: Raw, column: Column | None) -> bool:
    if column is None or column.is_system:
        return False
    if isinstance(cell, date):
        return column.type != "date"
    return (isinstance(cell, time) and column.type != "time") or is_lone_year(cell, column)


def _as_text(cell: Raw) -> str:
    if isinstance(cell, datetime) and cell.time() != time():
        return f"{cell:%d/%m/%Y %H:%M}"
    return shown(cell)


# ------------------------------------------------------------------------------------------------------ cells


def _column(sheet: int, row: int, column: int, values: Sequence[Raw]) -> Request:
    start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
    rows = [{"values": [_cell(value)]} for value in values]
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def _moments(sheet: int, row: int, column: int, values: Sequence[Raw]) -> Iterator[Request]:
    """The looks of days and hours, where their column isn't made for any: they would show as numbers."""
    for number, value in enumerate(values, start=row):
        if isinstance(value, date | time):
            look = _MOMENT if isinstance(value, datetime) else _DAY if isinstance(value, date) else _HOUR
            start = {"sheetId": sheet, "rowIndex": number, "columnIndex": column}
            cell = {"userEnteredFormat": look}
            fields = "userEnteredFormat.numberFormat"
            yield {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": fields}}


def _cell(value: Raw) -> Mapping[str, Any]:
    if is_blank(value):
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if (number := serial(value)) is not None:
        return {"userEnteredValue": {"numberValue": number}}
    return {"userEnteredValue": {"stringValue": value.shown if isinstance(value, CellError) else value}}
