"""Moves a registry into a Google spreadsheet made ready for it: every cell of the staff, numbers and journal. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from cdi_sync.edges.workbook_google.publishing import Request
from cdi_sync.edges.workbook_google.reading import EPOCH, GoogleSnapshot
from cdi_sync.model import CellError, Grid, Raw, Tab
from cdi_sync.shown import JOURNAL
from cdi_sync.tables import find_columns

_DAY, _MOMENT, _HOUR = (
    {"numberFormat": {"type": kind, "pattern": pattern}}
    for kind, pattern in (("DATE", "dd/mm/yyyy"), ("DATE_TIME", "dd/mm/yyyy hh:mm"), ("TIME", "hh:mm"))
)


def filling(target: GoogleSnapshot, source: Mapping[str, Grid], tabs: Sequence[Tab]) -> Iterator[Request]:
    """The requests that copy a registry's cells to the same rows of an empty one.

    source: title → raw cells, of a workbook that can be read as a registry. The system's columns are left to the next
    run, identifiers and the journal apart.
    """
    for tab in tabs:
        grid = next(source[t] for t in (tab.title, *tab.aliases) if t in source)
        layout, _ = find_columns(grid, tab)
        to = target.sheets[tab.title]
        rows = grid.rows[layout.header_row :]
        if len(rows) + 1 > to.rows:
            yield {"appendDimension": {"sheetId": to.id, "dimension": "ROWS", "length": len(rows) + 1 - to.rows}}
        for position, column in enumerate(tab.columns):
            at = layout.positions[column.key] - 1
            values = [row[at] if at < len(row) else None for row in rows]
            if position == 0:  # the numbers that the tab was made with would double these
                yield _column(to.id, 1, position, values + [None] * (to.rows - 1 - len(values)))
            elif not column.is_system:
                yield _column(to.id, 1, position, values)
                if column.type not in ("date", "time"):  # whose cells show days and hours already
                    yield from _moments(to.id, 1, position, values)
    if JOURNAL in source and JOURNAL in target.sheets:
        journal = source[JOURNAL].rows
        for position in range(max(map(len, journal), default=0)):
            lines = [row[position] if position < len(row) else None for row in journal]
            yield _column(target.sheets[JOURNAL].id, 0, position, lines)
            yield from _moments(target.sheets[JOURNAL].id, 0, position, lines)


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
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, datetime):
        return _number((value.date() - EPOCH).days + _of_day(value.time()))
    if isinstance(value, date):
        return _number((value - EPOCH).days)
    if isinstance(value, time):
        return _number(_of_day(value))
    if isinstance(value, int | float):
        return _number(value)
    return {"userEnteredValue": {"stringValue": value.shown if isinstance(value, CellError) else value}}


def _number(value: float) -> Mapping[str, Any]:
    return {"userEnteredValue": {"numberValue": value}}


def _of_day(value: time) -> float:
    return (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
