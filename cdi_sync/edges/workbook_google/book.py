"""The registry as a shared Google spreadsheet, safe while others type in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gspread
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL

from cdi_sync.cells import is_blank
from cdi_sync.edges.workbook_google import reading, verifying
from cdi_sync.edges.workbook_google.columns import shown_columns
from cdi_sync.edges.workbook_google.http import Counts, GoogleHTTP
from cdi_sync.edges.workbook_google.publishing import (
    Request,
    StaffWrites,
    as_looked_up,
    differing,
    lost_titles,
    put_back,
    staff_requests,
    staff_writes,
    system_requests,
)
from cdi_sync.edges.workbook_google.reading import GoogleSnapshot
from cdi_sync.edges.workbook_google.verifying import Rows
from cdi_sync.errors import BusyError
from cdi_sync.model import CellError, Layout, Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import ShownGrid, quoted
from cdi_sync.tables import letters


@dataclass(frozen=True)
class GoogleWorkbook:
    """A spreadsheet that was shared with the robot. tabs: those of the staff, by name."""

    http: gspread.HTTPClient
    spreadsheet: str
    tabs: Mapping[str, Tab]

    @property
    def name(self) -> str:
        return "registre Google"

    def read(self) -> GoogleSnapshot:
        if isinstance(self.http, GoogleHTTP):
            self.http.counts = Counts()  # a run begins with a reading, and has its patience for itself
        return reading.read(self.http, self.spreadsheet, list(self.tabs.values()))

    def changes(self, snapshot: GoogleSnapshot, plan: Plan, layouts: Mapping[str, Layout]) -> "GoogleChanges":
        plan = as_looked_up(snapshot, plan, layouts, self.tabs)
        cells = {title: list(found) for title, found in differing(snapshot, plan, layouts).items()}
        lost = lost_titles(snapshot, layouts, self.tabs)
        for title, row, at in lost:
            cells.setdefault(title, []).append((row, at))
        typed = [f"{title} {letters(at)}{row} : « {held} »" for (title, row, at), held in lost.items()
                 if not (is_blank(held) or isinstance(held, CellError))]  # fmt: skip
        return GoogleChanges(self, snapshot, plan, layouts, cells, typed)


@dataclass(frozen=True)
class GoogleChanges:
    """A plan for a spreadsheet in which people may have typed since it was read."""

    workbook: GoogleWorkbook
    snapshot: GoogleSnapshot
    plan: Plan
    layouts: Mapping[str, Layout]
    cells: Mapping[str, Sequence[tuple[int, int]]]
    typed_over: Sequence[str]

    def also(self, tabs: Mapping[str, ShownGrid]) -> "GoogleChanges":
        more = differing(self.snapshot, Plan(tabs=tabs), self.layouts)
        return replace(self, plan=replace(self.plan, tabs={**self.plan.tabs, **tabs}), cells={**self.cells, **more})

    def write(self, stamp: str) -> None:
        """One request writes all, another repairs what fell in the wrong place.

        The tabs of the staff in which it writes are read again just before, and told by the answer just after: one that
        moved meanwhile is left for the next run, and what was written in the wrong place is put back as it was.

        stamp: not used, since Google keeps the versions of a spreadsheet. Raises BusyError when tabs moved meanwhile.
        """
        wanted = staff_writes(self.snapshot, self.plan, self.layouts, self.workbook.tabs)
        before = reading.values(self.workbook.http, self.workbook.spreadsheet, list(wanted))
        moved = {title for title, rows in before.items() if rows != self.snapshot.raw[title]}
        chosen = {title: writes for title, writes in wanted.items() if title not in moved}
        requests = list(system_requests(self.snapshot, self.plan, self.layouts, self.workbook.tabs))
        for title, writes in chosen.items():
            requests += staff_requests(self.snapshot.sheets[title], writes, self.snapshot)
        if requests:
            repairs = list(self._repairs(self._sent(requests, list(chosen)), chosen, before, moved))
            if repairs:
                self._sent(repairs, [])
        if moved:
            raise BusyError("Quelqu'un écrivait dans le classeur pendant le contrôle.", where=", ".join(sorted(moved)),
                            fix="Le reste est écrit ; ces onglets seront complétés au prochain passage.")  # fmt: skip

    def _sent(self, requests: Sequence[Request], told: Sequence[str]) -> Mapping[int, Rows]:
        """Sends requests: identifier of a sheet → its rows after them, for the titles that are to be told."""
        body: dict[str, Any] = {"requests": requests}
        fields = "spreadsheetId"
        if told:
            body |= {
                "includeSpreadsheetInResponse": True,
                "responseIncludeGridData": True,
                "responseRanges": [quoted(title) for title in told],
            }
            fields = "updatedSpreadsheet(sheets(properties(sheetId),data(rowData(values(effectiveValue)))))"
        answer = self.workbook.http.request(
            "post", SPREADSHEET_BATCH_UPDATE_URL % self.workbook.spreadsheet, params={"fields": fields}, json=body
        ).json()
        sheets = answer.get("updatedSpreadsheet", {}).get("sheets", ())
        return {sheet["properties"].get("sheetId", 0): verifying.told(sheet) for sheet in sheets}

    def _repairs(
        self, after: Mapping[int, Rows], chosen: Mapping[str, StaffWrites], before: Mapping[str, Rows], moved: set[str]
    ) -> Iterator[Request]:
        """What puts back the cells in which we wrote by mistake; their tabs are noted as moved."""
        positions = {layout.title: (name, layout.positions) for name, layout in self.layouts.items()}
        for title, writes in chosen.items():
            sheet = self.snapshot.sheets[title]
            name, at = positions[title]
            shown = [at[column.key] for column in shown_columns(self.workbook.tabs[name])]
            lost = verifying.fallen_upon(
                before[title], after[sheet.id], writes.places, header_row=writes.header_row, shown=shown
            )
            if lost:
                moved.add(title)
                yield from put_back(sheet, lost)
