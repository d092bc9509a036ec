"""Cells filled for somebody, in a shared spreadsheet: rows of an import, requests received, what a person accepted.

Google has no way to write « if the cell is still empty ». So one request copies the rows to a hidden tab, writes upon them
and gives the copy back: what stood there at that very moment is known for sure, and is put back if it wasn't free. A row in
use must moreover be, at that moment, as it was when what it lacks was concluded from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gspread
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL

from cdi_sync.cells import is_blank
from cdi_sync.edges.carrying import COPY
from cdi_sync.edges.workbook import NewRows, must_be_empty
from cdi_sync.edges.workbook_google import reading
from cdi_sync.edges.workbook_google.publishing import Request, StaffWrites, runs, staff_requests
from cdi_sync.edges.workbook_google.reading import GoogleSnapshot, Sheet, plain
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.model import Layout, Registry, Tab
from cdi_sync.shown import filled, quoted

_COPY_IDS = 730_000_001
_FIELDS = "updatedSpreadsheet(sheets(properties(sheetId),data(startRow,rowData(values(userEnteredValue)))))"


@dataclass(frozen=True)
class _Writing:
    """What is written in one tab. copy: identifier of the hidden tab. numbers: row → the number that it must bear.

    empty: row → positions of the staff's columns that must be empty in it; all of them in a row that nobody uses.
    """

    sheet: Sheet
    layout: Layout
    writes: StaffWrites
    id_at: int  # position of the column of numbers
    staff: Sequence[int]  # positions of the staff's columns
    numbers: Mapping[int, str]
    empty: Mapping[int, Sequence[int]]
    copy: int
    title: str  # of the hidden tab

    @property
    def rows(self) -> Sequence[int]:
        """The headers, then the rows that are there to be copied."""
        return [self.layout.header_row, *(row for row in sorted(self.numbers) if row <= self.sheet.rows)]

    @property
    def width(self) -> int:
        return max(self.layout.positions.values())


def append_rows(
    http: gspread.HTTPClient, spreadsheet: str, tabs: Mapping[str, Tab], snapshot: GoogleSnapshot, new: NewRows,
    registry: Registry,
) -> int:  # fmt: skip
    """Fills rows that nobody uses and empty cells, and nothing else: how many cells. All or nothing.

    Steps: the tabs are read again and must be as they were; each row must be free (no staff cell, its own number or
    none), or be in use under that number with those cells empty; one request copies and writes; another takes the copy
    away, and puts back what stood there when the rows had moved, or one in use had changed. Raises BusyError when somebody
    was at work in these tabs, RegistryError when a row or cell isn't free; nothing stays written then.
    """
    titles = [registry.layouts[name].title for name in new]
    now = reading.values(http, spreadsheet, titles)
    if moved := [title for title in titles if now[title] != snapshot.raw[title]]:
        raise _busy(moved, "Rien n'a été écrit ; relancer la commande.")
    _send(http, spreadsheet, list(_leftovers(snapshot)), [])
    ids = iter(n for n in range(_COPY_IDS, _COPY_IDS + 1_000) if n not in {s.id for s in snapshot.sheets.values()})
    writings = [_writing(tabs[name], rows, snapshot, registry, next(ids)) for name, rows in new.items()]
    told = _send(http, spreadsheet, [each for one in writings for each in _copied_and_written(one, snapshot)], writings)
    upon = {one.copy: told[one.copy] for one in writings}
    wrong = [(one, *place) for one in writings for place in _not_as_meant(one, upon[one.copy], snapshot)]
    back = [each for one in writings for each in _put_back(one, upon[one.copy])] if wrong else []
    _send(http, spreadsheet, [*back, *({"deleteSheet": {"sheetId": one.copy}} for one in writings)], [])
    if wrong and all("formulaValue" in (_at(upon[one.copy], row, at) or {}) for one, row, at in wrong):
        places = dict.fromkeys(f"{one.layout.title}, ligne {row}" for one, row, _ in wrong)
        raise RegistryError("Une cellule à remplir contient une formule, même si elle n'affiche rien.", where=" ; ".join(places),
                            fix="Effacer cette formule ; rien n'a été écrit.")  # fmt: skip
    if wrong:
        titles = list(dict.fromkeys(one.layout.title for one, *_ in wrong))
        raise _busy(titles, "Ce qui venait d'être écrit a été retiré ; relancer la commande.")
    return sum(len(one.writes.cells) for one in writings)


def _busy(titles: Sequence[str], fix: str) -> BusyError:
    return BusyError("Quelqu'un écrivait dans le classeur pendant le remplissage.", where=", ".join(titles), fix=fix)


def _leftovers(snapshot: GoogleSnapshot) -> Iterator[Request]:
    """Hidden tabs that a filling left when it was stopped."""
    for title, sheet in snapshot.sheets.items():
        if title.startswith(COPY):
            yield {"deleteSheet": {"sheetId": sheet.id}}


def _writing(
    tab: Tab, rows: Mapping[int, Mapping[str, Any]], snapshot: GoogleSnapshot, registry: Registry, copy: int
) -> _Writing:
    """What is written in a tab. Raises RegistryError when one of its rows or cells isn't free."""
    layout = registry.layouts[tab.name]
    id_key, raw = tab.columns[0].key, snapshot.raw[layout.title]
    empty = {
        number: [layout.positions[key] for key in must_be_empty(tab, number, values, registry)]
        for number, values in rows.items()
    }
    for number, values in rows.items():
        held = plain(_at(raw, number, layout.positions[id_key]))
        taken = any(not is_blank(plain(_at(raw, number, at))) for at in empty[number])
        if taken or (not is_blank(held) and held != values[id_key]):
            raise RegistryError("Une ligne à remplir n'est pas libre.", where=f"{layout.title}, ligne {number}",
                                fix="Rien n'a été écrit ; relancer la commande.")  # fmt: skip
    staff = [layout.positions[column.key] for column in tab.columns if not column.is_system]
    cells = filled(tab, rows, layout.positions)
    return _Writing(
        snapshot.sheets[layout.title], layout, StaffWrites(cells, header_row=layout.header_row),
        layout.positions[id_key], staff, {row: str(values[id_key]) for row, values in rows.items()}, empty, copy,
        f"{COPY} {layout.title}",
    )  # fmt: skip


def _copied_and_written(one: _Writing, snapshot: GoogleSnapshot) -> Iterator[Request]:
    """A hidden tab of the same shape, so that what is copied keeps its place and its formulas their words."""
    size = {"rowCount": max(one.rows), "columnCount": one.width}
    yield {
        "addSheet": {"properties": {"sheetId": one.copy, "title": one.title, "hidden": True, "gridProperties": size}}
    }
    for run in runs(one.rows):
        where = {
            "startRowIndex": run[0] - 1,
            "endRowIndex": run[-1],
            "startColumnIndex": 0,
            "endColumnIndex": one.width,
        }
        pasted = {"source": {"sheetId": one.sheet.id, **where}, "destination": {"sheetId": one.copy, **where}}
        yield {"copyPaste": {**pasted, "pasteType": "PASTE_FORMULA"}}
    yield from staff_requests(one.sheet, one.writes, snapshot)


def _send(
    http: gspread.HTTPClient, spreadsheet: str, requests: Sequence[Request], told: Sequence[_Writing]
) -> Mapping[int, Sequence[Sequence[Mapping[str, Any]]]]:
    """Sends requests: identifier of a hidden tab → what was entered in its rows, from the first."""
    if not requests:
        return {}
    body: dict[str, Any] = {"requests": list(requests)}
    if told:
        body |= {"includeSpreadsheetInResponse": True, "responseIncludeGridData": True,
                 "responseRanges": [quoted(one.title) for one in told]}  # fmt: skip
    url, fields = SPREADSHEET_BATCH_UPDATE_URL % spreadsheet, _FIELDS if told else "spreadsheetId"
    answer = http.request("post", url, params={"fields": fields}, json=body).json()
    return {
        sheet["properties"].get("sheetId", 0): [
            [cell.get("userEnteredValue", {}) for cell in row.get("values", ())]
            for data in sheet.get("data", ()) for row in data.get("rowData", ())
        ]
        for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", ())
    }  # fmt: skip


# ----------------------------------------------------------------------------------------- what became of them


def _not_as_meant(
    one: _Writing, upon: Sequence[Sequence[Mapping[str, Any]]], snapshot: GoogleSnapshot
) -> Iterator[tuple[int, int]]:
    """The cells, (row, column), that at that moment weren't free or weren't as they were read, or headers out of place."""
    head, raw = one.layout.header_row, snapshot.raw[one.layout.title]
    yield from ((head, at) for at in (*one.staff, one.id_at) if _value(upon, head, at) != _at(raw, head, at))
    for row in one.rows[1:]:
        if _value(upon, row, one.id_at) not in ("", one.numbers[row]):
            yield row, one.id_at
        for at in one.staff:
            held = _value(upon, row, at)
            is_formula = "formulaValue" in (_at(upon, row, at) or {})  # its result isn't copied
            read = _at(raw, row, at)
            stood = is_formula or held == read
            if (row, at) in one.writes.cells or (at in one.empty[row] and not is_formula):
                stood = is_blank(plain(held))
            elif at in one.empty[row]:  # in a free row, beside what is written: it shows nothing, and stays
                stood = is_blank(plain(read))
            if not stood:
                yield row, at


def _put_back(one: _Writing, upon: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[Request]:
    for row, at in sorted(one.writes.cells):
        held = _at(upon, row, at) or {}
        start = {"sheetId": one.sheet.id, "rowIndex": row - 1, "columnIndex": at - 1}
        cell = {"userEnteredValue": held} if held else {}
        yield {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}


def _value(upon: Sequence[Sequence[Mapping[str, Any]]], row: int, at: int) -> Any:
    """What was entered in a cell, "" for nothing."""
    return next(iter((_at(upon, row, at) or {}).values()), "")


def _at(rows: Sequence[Sequence[Any]], row: int, at: int) -> Any:
    return rows[row - 1][at - 1] if row <= len(rows) and at <= len(rows[row - 1]) else ""
