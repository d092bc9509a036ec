"""The registry as a shared Google spreadsheet, safe while others type in it."""

import contextlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import gspread
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL

from cdi_sync.cells import is_blank
from cdi_sync.edges.workbook import NewRows
from cdi_sync.edges.workbook_google import reading, verifying
from cdi_sync.edges.workbook_google.columns import shown_columns
from cdi_sync.edges.workbook_google.http import Counts, GoogleHTTP, RefusedError, UncertainError
from cdi_sync.edges.workbook_google.keeping import Kept
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
from cdi_sync.edges.workbook_google.reading import Answers, GoogleSnapshot
from cdi_sync.edges.workbook_google.verifying import Landing, Rows, landing
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.model import CellError, Grid, Layout, Registry, Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import ShownGrid, quoted
from cdi_sync.tables import letters

if TYPE_CHECKING:
    from cdi_sync.edges.hints import Hints
    from cdi_sync.edges.workbook_google.schema import GoogleRenewal

_PATIENCE = 30.0  # seconds lost at most in asking for a version, which can be done without
log = logging.getLogger("cdi.google")
REPAIRS = 3  # a second one only when rows moved between a write and its repair


@dataclass(frozen=True)
class GoogleWorkbook:
    """A spreadsheet that was shared with the robot. tabs: those of the staff, by name.

    kept: the last reading, which stands for the spreadsheet while Drive tells the same version; None to read each time.
    """

    http: gspread.HTTPClient
    spreadsheet: str
    tabs: Mapping[str, Tab]
    kept: Kept | None = None

    @property
    def name(self) -> str:
        return "registre Google"

    def read(self) -> GoogleSnapshot:
        if isinstance(self.http, GoogleHTTP):
            self.http.counts = Counts()  # a run begins with a reading, and has its patience for itself
        return reading.snapshot(self._answers(), list(self.tabs.values()))

    def link(self, snapshot: GoogleSnapshot, title: str, cell: str) -> str:
        if title not in snapshot.sheets:
            return ""
        sheet = snapshot.sheets[title].id
        # twice: one for the browser that loads the page, one for the page that is open already
        return f"https://docs.google.com/spreadsheets/d/{self.spreadsheet}/edit?gid={sheet}#gid={sheet}&range={cell}"

    def _answers(self) -> Answers:
        """What was kept, if it still stands; otherwise what Google answers, kept for the next time."""
        version = self._version() if self.kept else ""
        found = self.kept.of(version) if self.kept and version else None
        if found is None:
            found = reading.ask(self.http, self.spreadsheet)
            if self.kept and version:
                self.kept.keep(version, found)
        return found

    def _version(self) -> str:
        """Empty when Drive doesn't tell, which costs a reading and nothing else."""
        try:
            if isinstance(self.http, GoogleHTTP):
                with self.http.briefly(_PATIENCE):
                    return reading.version(self.http, self.spreadsheet)
            return reading.version(self.http, self.spreadsheet)
        except RegistryError as error:
            log.info("Drive ne dit pas si le classeur a changé : il est relu (%s).", error.why)
            return ""

    def forget(self) -> None:
        """Before a write, whatever comes of it: the cells that were read are no longer those that stand."""
        if self.kept:
            self.kept.forget()

    def changes(self, snapshot: GoogleSnapshot, plan: Plan, layouts: Mapping[str, Layout]) -> "GoogleChanges":
        plan = as_looked_up(snapshot, plan, layouts, self.tabs)
        cells = {title: list(found) for title, found in differing(snapshot, plan, layouts).items()}
        lost = lost_titles(snapshot, layouts, self.tabs)
        for title, row, at in lost:
            cells.setdefault(title, []).append((row, at))
        typed = [f"{title} {letters(at)}{row} : « {held} »" for (title, row, at), held in lost.items()
                 if not (is_blank(held) or isinstance(held, CellError))]  # fmt: skip
        return GoogleChanges(self, snapshot, plan, layouts, cells, typed)

    def renewal(self, tabs: Sequence[Tab], hints: "Hints", *, spare_rows: int) -> "GoogleRenewal":
        from cdi_sync.edges.workbook_google.schema import renewal  # what makes tabs: not for a mere run

        self.forget()
        self.forget()
        return renewal(self.http, self.spreadsheet, tabs, hints, spare_rows=spare_rows)

    def whole(self, snapshot: GoogleSnapshot, tabs: Mapping[str, Tab]) -> tuple[Mapping[str, Grid], Sequence[str]]:
        from cdi_sync.edges.workbook_google.details import detailed  # only to move house

        return detailed(self.http, self.spreadsheet, snapshot, tabs)

    def append(
        self, snapshot: GoogleSnapshot, new: NewRows, registry: Registry, tabs: Mapping[str, Tab], stamp: str
    ) -> int:
        from cdi_sync.edges.workbook_google.appending import append_rows  # only for an import

        self.forget()
        self.forget()
        return append_rows(self.http, self.spreadsheet, tabs, snapshot, new, registry)


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
        """One request writes all, another puts right what fell in the wrong place.

        The tabs of the staff in which it writes are read again just before, and told by the answer just after: one that
        moved meanwhile is left for the next run, and what was written in the wrong place is put back as it was. When the
        answer is lost, the spreadsheet tells.

        stamp: not used, since Google keeps the versions of a spreadsheet. Raises BusyError when tabs moved meanwhile,
        UncertainError when nobody knows what was written, RegistryError.
        """
        self.workbook.forget()
        wanted = staff_writes(self.snapshot, self.plan, self.layouts, self.workbook.tabs)
        before = reading.values(self.workbook.http, self.workbook.spreadsheet, list(wanted))
        moved = {title for title, rows in before.items() if rows != self.snapshot.raw[title]}
        chosen = {title: writes for title, writes in wanted.items() if title not in moved}
        requests = list(system_requests(self.snapshot, self.plan, self.layouts, self.workbook.tabs))
        for title, writes in chosen.items():
            requests += staff_requests(self.snapshot.sheets[title], writes, self.snapshot)
        if requests:
            self._settle(self._written(requests, list(chosen)), chosen, before, moved)
        if moved:
            raise BusyError("Quelqu'un écrivait dans le classeur pendant le contrôle.", where=", ".join(sorted(moved)),
                            fix="Le reste est écrit ; ces onglets seront complétés au prochain passage.")  # fmt: skip

    def _written(self, requests: Sequence[Request], told: Sequence[str]) -> Mapping[int, Rows]:
        """Sends the requests of a plan: identifier of a sheet → its rows after them, for the titles that are to be told.

        Each request puts a given content in given cells, and the last answer tells where it landed: done twice, it comes to
        the same, so that a lost answer is followed by another try. Rows added at the end are the exception: one looks
        first whether they came. Google applies all the requests of a batch, or none. Raises BusyError when it refused all
        since a tab or rows aren't there any more.
        """
        grows = any("appendDimension" in request for request in requests)
        try:
            return self._sent(requests, told, repeatable=not grows)
        except RefusedError as error:
            if self._looked(error).sheets == self.snapshot.sheets:
                raise
            raise BusyError("Quelqu'un changeait les onglets ou les lignes du classeur pendant le contrôle.", why=error.why,
                            fix="Rien n'a été écrit ; le prochain passage le fera.") from None  # fmt: skip
        except UncertainError as lost:
            there = self._looked(lost)
            if self._is_applied(there, told):
                return _rows(there)
            if not grows:
                raise
        return self._sent(requests, told, repeatable=True)  # what is lost again leaves empty rows at the end, at worst

    def _looked(self, error: RegistryError) -> GoogleSnapshot:
        """The spreadsheet as it stands, within the patience of the same run. Raises `error` when it can't be known."""
        try:
            return reading.read(self.workbook.http, self.workbook.spreadsheet, list(self.workbook.tabs.values()))
        except (RegistryError, BusyError):
            raise error from None

    def _is_applied(self, there: GoogleSnapshot, told: Sequence[str]) -> bool:
        """Whether the plan was written, by the tabs in which nobody else writes; by those of the staff when it has no other."""
        tabs = self.workbook.tabs
        if list(system_requests(self.snapshot, self.plan, self.layouts, tabs)):
            return not list(system_requests(there, self.plan, self.layouts, tabs))
        return not set(told) & set(staff_writes(there, self.plan, self.layouts, tabs))

    def _sent(self, requests: Sequence[Request], told: Sequence[str], *, repeatable: bool) -> Mapping[int, Rows]:
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
        http = self.workbook.http
        with http.repeatable() if repeatable and isinstance(http, GoogleHTTP) else contextlib.nullcontext():
            answer = http.request(
                "post", SPREADSHEET_BATCH_UPDATE_URL % self.workbook.spreadsheet, params={"fields": fields}, json=body
            ).json()
        sheets = answer.get("updatedSpreadsheet", {}).get("sheets", ())
        return {sheet["properties"].get("sheetId", 0): verifying.told(sheet) for sheet in sheets}

    def _settle(
        self, after: Mapping[int, Rows], chosen: Mapping[str, StaffWrites], before: Mapping[str, Rows], moved: set[str]
    ) -> None:
        """Puts back the cells in which we wrote by mistake; their tabs are noted as moved.

        What is put back may fall beside as well, when somebody moves rows again at that moment: it is looked at too. When
        that is refused, or its answer lost, it isn't sent again as it was, since its rows may have gone elsewhere: one looks
        where things stand. Raises BusyError, which names the cells, when some can't be put back.
        """
        found = self._landings(after, chosen, before, moved)
        titles = {title: title for title in chosen}
        for _ in range(REPAIRS):
            moved |= {title for title, each in found.items() if each.is_beside}
            found = {title: each for title, each in found.items() if each.lost}
            if not found:
                return
            sheets = {title: self.snapshot.sheets[title].id for title in found}
            repairs = [r for title, each in found.items() for r in put_back(self.snapshot.sheets[title], each.lost)]
            try:
                again = self._sent(repairs, [titles[title] for title in found], repeatable=False)
            except RegistryError as error:
                try:
                    there = self._looked(error)
                except RegistryError:
                    raise _left(found, titles) from error
                now = {sheet.id: title for title, sheet in there.sheets.items()}
                titles = {title: now.get(self.snapshot.sheets[title].id, title) for title in titles}
                after = _rows(there)
                found = self._landings(after, chosen, before, moved)
                continue
            found = {
                title: landing(after[sheets[title]], again[sheets[title]], each.lost,
                               header_row=each.header_row, shown=each.shown, pending=each.lost)
                for title, each in found.items()
            }  # fmt: skip
            after = again
        if any(each.lost for each in found.values()):
            raise _left(found, titles)

    def _landings(
        self, after: Mapping[int, Rows], chosen: Mapping[str, StaffWrites], before: Mapping[str, Rows], moved: set[str]
    ) -> dict[str, Landing]:
        """What became of the plan in each tab of the staff; one that was deleted meanwhile is noted as moved."""
        positions = {layout.title: (name, layout.positions) for name, layout in self.layouts.items()}
        found = {}
        for title, writes in chosen.items():
            rows = after.get(self.snapshot.sheets[title].id)
            if rows is None:
                moved.add(title)
                continue
            name, at = positions[title]
            shown = {at[column.key] for column in shown_columns(self.workbook.tabs[name])}
            found[title] = landing(before[title], rows, writes.places, header_row=writes.header_row, shown=shown)
        return found


def _rows(there: GoogleSnapshot) -> Mapping[int, Rows]:
    """Identifier of a sheet, whatever it is called now → its rows."""
    return {sheet.id: there.raw[title] for title, sheet in there.sheets.items()}


def _left(found: Mapping[str, Landing], titles: Mapping[str, str]) -> BusyError:
    """What to say of cells that couldn't be put back."""
    cells = [
        f"{titles[title]} {letters(at)}{row} : " + (f"« {value} »" if value != "" else "vide")
        for title, each in found.items()
        for (row, at), value in sorted(each.lost.items())
    ]
    return BusyError("Des cellules où le logiciel a écrit par erreur n'ont pas pu être remises comme elles étaient.",
                     where="\n".join(cells), why="Les lignes changeaient de place, ou Google ne répondait plus.",
                     fix="Les remettre à la main, ou par « Fichier », « Historique des versions ».")  # fmt: skip
