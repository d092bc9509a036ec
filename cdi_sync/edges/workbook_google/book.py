"""The registry as a shared Google spreadsheet, safe while others type in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gspread

from cdi_sync.edges.workbook_google import reading
from cdi_sync.edges.workbook_google.publishing import (
    StaffWrites,
    as_looked_up,
    differing,
    staff_requests,
    staff_writes,
    system_requests,
)
from cdi_sync.edges.workbook_google.reading import GoogleSnapshot
from cdi_sync.errors import BusyError
from cdi_sync.model import Layout, Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import ShownGrid


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
        return reading.read(self.http, self.spreadsheet, list(self.tabs.values()))

    def changes(self, snapshot: GoogleSnapshot, plan: Plan, layouts: Mapping[str, Layout]) -> "GoogleChanges":
        plan = as_looked_up(plan, layouts, self.tabs)
        return GoogleChanges(self, snapshot, plan, layouts, differing(snapshot, plan, layouts))


@dataclass(frozen=True)
class GoogleChanges:
    """A plan for a spreadsheet in which people may have typed since it was read."""

    workbook: GoogleWorkbook
    snapshot: GoogleSnapshot
    plan: Plan
    layouts: Mapping[str, Layout]
    cells: Mapping[str, Sequence[tuple[int, int]]]

    def also(self, tabs: Mapping[str, ShownGrid]) -> "GoogleChanges":
        more = differing(self.snapshot, Plan(tabs=tabs), self.layouts)
        return replace(self, plan=replace(self.plan, tabs={**self.plan.tabs, **tabs}), cells={**self.cells, **more})

    def write(self, stamp: str) -> None:
        """One request writes all. The tabs of the staff in which it writes are read again just before, and told by the
        answer just after: what moved meanwhile is left for the next run, and what landed wrong is put right.

        stamp: not used, since Google keeps the versions of a spreadsheet. Raises BusyError when tabs moved meanwhile.
        """
        wanted = staff_writes(self.snapshot, self.plan, self.layouts, self.workbook.tabs)
        moved = self._moved(wanted)
        requests = [
            *system_requests(self.snapshot, self.plan, self.layouts, self.workbook.tabs),
            *(
                request
                for title, writes in wanted.items()
                if title not in moved
                for request in staff_requests(self.snapshot.sheets[title], writes, self.snapshot)
            ),
        ]
        if requests:
            self.workbook.http.batch_update(self.workbook.spreadsheet, {"requests": requests})
        if moved:
            raise BusyError("Quelqu'un écrivait dans le classeur pendant le contrôle.", where=", ".join(sorted(moved)),
                            fix="Le reste est écrit ; ces onglets seront complétés au prochain passage.")  # fmt: skip

    def _moved(self, wanted: Mapping[str, StaffWrites]) -> set[str]:
        """The tabs to be written in where a row that counts isn't as it was read."""
        now = reading.values(self.workbook.http, self.workbook.spreadsheet, list(wanted))
        return {title for title, rows in now.items() if _trimmed(rows) != _trimmed(self.snapshot.raw[title])}


def _trimmed(rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    return [list(row) for row in rows]
