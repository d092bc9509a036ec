"""People at work in the spreadsheet while a job runs: before it, between its requests, and inside each of them.

A state machine draws what they do. What each cell should hold is kept outside: every cell of the staff carries a note
of its own, which goes where the cell goes, and which no job writes; so that a cell is known again wherever it was sorted,
moved or inserted to, and what was last put in it by somebody is what it must hold.
"""

import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from cdi_sync import publish
from cdi_sync.assessment import Knowledge, assess
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_google.access import credentials, open_client
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.columns import CALC
from cdi_sync.edges.workbook_google.http import Addresses, Pace
from cdi_sync.edges.workbook_google.moving import filling
from cdi_sync.edges.workbook_google.provisioning import provision
from cdi_sync.errors import BusyError, CdiError, RegistryError
from cdi_sync.model import Grid, Raw, Tab
from cdi_sync.publish import plan
from cdi_sync.shown import ANOMALIES, DASHBOARD, JOURNAL, SCHEDULE, Shown
from cdi_sync.tables import read_registry
from jobs.remind import remind
from jobs.run import run
from jobs.sync import sync
from tests.demos import AS_OF, demo_registry
from tests.google.fields import select
from tests.google.server import serving
from tests.google.sheets.spreadsheet import EMPTY, Cell, Formula, Sheet, Spreadsheet
from tests.google.staff import People
from tests.google.wire import Response, json_response
from tests.google.world import Google
from tests.google_demo import PERSON, ROBOT, shared_spreadsheet
from tests.registries import DECLARED, grids

SPARE = 2
KEPT_ROWS = {"collectivites": 3, "contacts": 6, "pieces_clauses": 3}  # and six of any other tab
TABS = ("actes", "deliberations", "visas_accords", "contacts", "partenaires", "pieces_clauses", "sessions")
TYPED = (
    "texte",
    " avec  espaces ",
    "31/02/2026",
    "12/03/2027",
    "12,5",
    "12",
    "oui",
    "ACT-00003",
    "COL-00001",
    "",
    "é" * 60,
)
EPOCH = date(1899, 12, 30)
Entered: TypeAlias = Any  # what a cell of the emulator was given


# ------------------------------------------------------------------------------------------------- what is made once


@dataclass(frozen=True)
class Made:
    """A small registry that a first run published. roles: note of a header → (tab, key of its column)."""

    google: Google
    at: Installation
    id: str
    spreadsheet: Spreadsheet
    computed: Any
    roles: Mapping[str, tuple[str, str]]
    sheets: Mapping[str, int]
    notes: Iterator[int]


def small_rows() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Six agreements of the demonstration, and few rows of each other tab."""
    found = demo_registry(12, 6).rows
    return {name: found.get(name, ())[: KEPT_ROWS.get(name, 6)] for name in DECLARED.tabs}


class Quick(Google):
    """Its answers aren't checked against Google's documents: other tests ask the same of it, and this takes a third."""

    def _told(self, called: Any, request: Any, answer: Any, mask: Any) -> Response:
        return json_response(answer if mask is None else select(answer, mask), pretty=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    google, patch = Quick(no_quota=True), pytest.MonkeyPatch()
    # counting by pandas takes half a run, and says nothing of rows
    patch.setattr(publish, "dashboard", lambda assessment, *_: [[Shown(len(assessment.findings))]])
    with serving(google) as url:
        folder = tmp_path_factory.mktemp("registre")
        (folder / "settings.toml").write_text(f"[registre]\nlignes_en_reserve = {SPARE}\n", encoding="utf-8")
        at = Installation.at(folder / "settings.toml")
        (folder / "robot.json").write_text(json.dumps(google.tokens.new_service_account(ROBOT, url)), encoding="utf-8")
        client = open_client(credentials(folder / "robot.json", {}), addresses=Addresses(url, url), pace=Pace(1e6, 1e6))
        id_ = shared_spreadsheet(google)
        tabs = list(at.knowledge.tabs.values())
        provision(client.http_client, id_, tabs, spare_rows=0)
        book = GoogleWorkbook(client.http_client, id_, at.knowledge.tabs)
        client.http_client.batch_update(id_, {"requests": list(filling(book.read(), grids(small_rows()), tabs))})
        made = _lean(google, at, book)
        run(made.at, AS_OF, anyway=True)
        made.at.read(AS_OF)
        yield replace(made, spreadsheet=google.spreadsheets[id_].clone(), computed=google.computations[id_])
    patch.undo()
    assert google.violations == []


def _lean(google: Google, at: Installation, book: GoogleWorkbook) -> Made:
    """Few empty rows, no help tab, one short checklist, so that a run is quick; a note on each cell of the staff."""
    lists = [each if len(each.items) < 6 else replace(each, module="aucun") for each in at.knowledge.checklists]
    at = _opened(at, at.folder, replace(at.knowledge, checklists=lists), book)
    state, notes = google.spreadsheets[book.spreadsheet], itertools.count(1)
    state.sheets[:] = [sheet for sheet in state.sheets if sheet.title != "Aide"]
    titles = {tab.title: tab for tab in at.knowledge.tabs.values()}
    roles: dict[str, tuple[str, str]] = {}
    for sheet in state.sheets:
        if sheet.title in titles:
            tab = titles[sheet.title]
            sheet.properties["gridProperties"]["rowCount"] = sheet.used_area()[0] + 3
            note_all(sheet, notes)
            roles |= {
                cell.note: (tab.name, column.key) for cell, column in zip(sheet.rows[0], tab.columns, strict=True)
            }
        else:
            sheet.properties["gridProperties"]["rowCount"] = 120
    looked_at = {
        s.id for s in state.sheets if s.title in titles and titles[s.title].name in TABS
    }  # others' titles stay
    state.developer_metadata[:] = [
        each
        for each in state.developer_metadata
        if "dimensionRange" not in each["location"] or each["location"]["dimensionRange"]["sheetId"] in looked_at
    ]
    ids = {tab.name: next(s.id for s in state.sheets if s.title == title) for title, tab in titles.items()}
    return Made(google, at, book.spreadsheet, state, None, roles, ids, notes)


def _opened(at: Installation, folder: Path, knowledge: Knowledge, book: GoogleWorkbook) -> Installation:
    opened = replace(at, folder=folder)
    opened.__dict__.update(knowledge=knowledge, book=book)
    return opened


def note_all(sheet: Sheet, notes: Iterator[int]) -> None:
    """A note of its own on each cell that has none."""
    while len(sheet.rows) < sheet.row_count:
        sheet.rows.append(())
    for at, row in enumerate(sheet.rows):
        if len(row) < sheet.column_count or not all(cell.note for cell in row):
            row += (EMPTY,) * (sheet.column_count - len(row))
            sheet.rows[at] = tuple(cell if cell.note else cell._replace(note=f"n{next(notes)}") for cell in row)


# ---------------------------------------------------------------------------------------------------- what people do


@dataclass(frozen=True)
class Act:
    """Something that somebody does. a, b, c: numbers that choose the place, whatever the size of the tab then."""

    kind: str
    tab: str
    a: int
    b: int
    c: int
    text: str


@dataclass(frozen=True)
class Place:
    """A tab of the staff as it stands: its header row and its columns, from 1."""

    sheet: Sheet
    tab: Tab
    header: int
    columns: Mapping[str, int]

    @property
    def title(self) -> str:
        return self.sheet.title

    def below(self, number: int) -> int:
        """A row under the headers, the first empty ones among them."""
        last = max(self.sheet.used_area()[0] + 1, self.header + 1)
        return self.header + 1 + number % (min(last, self.sheet.row_count) - self.header)

    def any_column(self, number: int) -> int:
        return 1 + number % self.sheet.column_count

    def staff_column(self, number: int) -> int:
        """One of the first eight columns that people fill, so that it happens in those that matter."""
        found = [at for key, at in self.columns.items() if not self.tab.by_key[key].is_system]
        return found[number % min(8, len(found))]

    def system_column(self, number: int) -> int:
        found = [at for key, at in self.columns.items() if self.tab.by_key[key].is_system and key != "id"]
        return found[number % len(found)]

    def cell(self, row: int, column: int) -> str:
        return f"'{self.title.replace(chr(39), chr(39) * 2)}'!{_letters(column)}{row}"


def _letters(index: int) -> str:
    return _letters((index - 1) // 26) + chr(65 + (index - 1) % 26) if index else ""


def _properties(place: Place, dimension: str, at: int, *, hidden: bool) -> dict[str, Any]:
    where = {"sheetId": place.sheet.id, "dimension": dimension, "startIndex": at - 1, "endIndex": at}
    return {
        "updateDimensionProperties": {"range": where, "properties": {"hiddenByUser": hidden}, "fields": "hiddenByUser"}
    }


def _row_area(place: Place, row: int) -> dict[str, Any]:
    return {"sheetId": place.sheet.id, "startRowIndex": row - 1, "endRowIndex": row,
            "startColumnIndex": 0, "endColumnIndex": place.sheet.column_count}  # fmt: skip


def _from_titles(place: Place) -> dict[str, int]:
    return {"sheetId": place.sheet.id, "startRowIndex": place.header - 1}


Done: TypeAlias = Callable[[People, str, Place, Act], object]


def types(who: People, book: str, at: Place, act: Act) -> None:
    who.type(book, at.cell(at.below(act.a), at.staff_column(act.b)), act.text)


def inserts_and_fills(who: People, book: str, at: Place, act: Act) -> None:
    row = at.below(act.a)
    who.insert_rows(book, at.title, row, 1 + act.c % 2)
    who.type(book, at.cell(row, at.staff_column(act.b)), act.text or "nouvelle")


def types_under_the_last_row(who: People, book: str, at: Place, act: Act) -> None:
    row = min(at.sheet.used_area()[0] + 1, at.sheet.row_count)
    who.type(book, at.cell(row, at.staff_column(act.b)), act.text or "dessous")


def types_a_number(who: People, book: str, at: Place, act: Act) -> None:
    who.type(book, at.cell(at.below(act.a), at.columns["id"]), f"{at.tab.prefix}-{90 + act.c:05d}")


def copies_a_row(who: People, book: str, at: Place, act: Act) -> None:
    source, target = at.below(act.a), at.below(act.b)
    who.batch(book, {"copyPaste": {"source": _row_area(at, source), "destination": _row_area(at, target),
                                   "pasteType": "PASTE_VALUES"}})  # fmt: skip


def copies_a_row_into_a_new_one(who: People, book: str, at: Place, act: Act) -> None:
    target = at.below(act.b)
    source = at.below(act.a)
    who.insert_rows(book, at.title, target)
    source += source >= target
    who.batch(book, {"copyPaste": {"source": _row_area(at, source), "destination": _row_area(at, target),
                                   "pasteType": "PASTE_VALUES"}})  # fmt: skip


def renames_a_header(who: People, book: str, at: Place, act: Act) -> None:
    key, column = list(at.columns.items())[act.b % len(at.columns)]
    declared = at.tab.by_key[key]
    if declared.is_system and key != "id":
        return
    names = (declared.title, *declared.aliases, f"Titre {act.c}")
    who.type(book, at.cell(at.header, column), names[act.c % len(names)])


def renames_the_tab(who: People, book: str, at: Place, act: Act) -> None:
    names = (at.tab.title, *at.tab.aliases)
    who.rename_sheet(book, at.title, names[act.a % len(names)])


def adds_a_column(who: People, book: str, at: Place, act: Act) -> None:
    column = at.any_column(act.a)
    who.insert_columns(book, at.title, column)
    who.type(book, at.cell(at.header, column), f"Note {act.b}")
    who.type(book, at.cell(at.below(act.c), column), act.text)


def writes_in_a_system_tab(who: People, book: str, at: Place, act: Act) -> None:
    title = (DASHBOARD, SCHEDULE, ANOMALIES, JOURNAL, CALC)[act.a % 5]
    who.type(book, f"'{title}'!{_letters(1 + act.b % 6)}{1 + act.c % 12}", act.text)


def deletes_in_a_system_tab(who: People, book: str, at: Place, act: Act) -> None:
    who.delete_rows(book, (SCHEDULE, ANOMALIES, CALC)[act.a % 3], 2 + act.b % 8)


KINDS: Mapping[str, Done] = {
    "types": types,
    "blanks a cell": lambda w, b, p, a: w.clear(b, p.cell(p.below(a.a), p.staff_column(a.b))),
    "blanks a row": lambda w, b, p, a: w.clear(
        b, p.cell(p.below(a.a), 1) + f":{_letters(p.sheet.column_count)}{p.below(a.a)}"
    ),
    "inserts rows": lambda w, b, p, a: w.insert_rows(b, p.title, p.below(a.a), 1 + a.c % 2),
    "inserts and fills": inserts_and_fills,
    "inserts under the headers": lambda w, b, p, a: w.insert_rows(b, p.title, p.header + 1),
    "inserts above the headers": lambda w, b, p, a: w.insert_rows(b, p.title, 1) if p.header < 3 else None,
    "deletes a row": lambda w, b, p, a: w.delete_rows(b, p.title, p.below(a.a)),
    "deletes the rows below": lambda w, b, p, a: w.delete_rows(b, p.title, p.below(a.a), p.sheet.row_count - p.below(a.a)),
    "moves a row": lambda w, b, p, a: w.move_rows(b, p.title, p.below(a.a), p.below(a.b)),
    "moves a column": lambda w, b, p, a: w.move_columns(b, p.title, p.any_column(a.a), p.any_column(a.b)),
    "sorts": lambda w, b, p, a: w.sort(b, p.title, p.any_column(a.a), below=p.header, descending=a.b % 2 == 1),
    "sorts by number": lambda w, b, p, a: w.sort(b, p.title, p.columns["id"], below=p.header, descending=a.b % 2 == 1),
    "hides a row": lambda w, b, p, a: w.batch(b, _properties(p, "ROWS", p.below(a.a), hidden=a.b % 3 > 0)),
    "hides a column": lambda w, b, p, a: w.batch(b, _properties(p, "COLUMNS", p.any_column(a.a), hidden=a.b % 3 > 0)),
    "filters": lambda w, b, p, a: w.batch(b, {"setBasicFilter": {"filter": {"range": _from_titles(p)}}}),
    "renames a header": renames_a_header,
    "types in a system cell": lambda w, b, p, a: w.type(b, p.cell(p.below(a.a), p.system_column(a.b)), a.text or "x"),
    "types over a system title": lambda w, b, p, a: w.type(b, p.cell(p.header, p.system_column(a.b)), a.text),
    "types a number": types_a_number,
    "copies a row": copies_a_row,
    "copies a row into a new one": copies_a_row_into_a_new_one,
    "types under the last row": types_under_the_last_row,
    "renames the tab": renames_the_tab,
    "adds a column": adds_a_column,
    "writes in a system tab": writes_in_a_system_tab,
    "deletes in a system tab": deletes_in_a_system_tab,
}  # fmt: skip


# ------------------------------------------------------------------------------------------------- what must hold


@dataclass
class World:
    """The spreadsheet, the jobs on it, and what each of its cells should hold: by its note, what people put in it last."""

    made: Made
    at: Installation
    expected: dict[str, Entered] = field(default_factory=dict)
    placed: dict[str, set[Entered]] = field(
        default_factory=dict
    )  # tab → numbers that people pasted or typed during a job
    errors: list[BaseException] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    during: int = 0  # what people did during the job
    interleavings: int = 0

    @classmethod
    def anew(cls, made: Made, folder: Path) -> "World":
        folder.mkdir(parents=True)
        shutil.copytree(made.at.folder, folder, dirs_exist_ok=True)
        world = cls(made, _opened(made.at, folder, made.at.knowledge, made.at.book))  # type: ignore[arg-type]
        made.google.staff.leave()
        made.google.spreadsheets[made.id] = made.spreadsheet.clone()
        made.google.computations[made.id] = made.computed
        made.google.changed(made.id, PERSON)
        for name in made.sheets:
            world.expected |= {cell.note: cell.entered for _, _, cell in world.sheet(name).cells()}
        return world

    @property
    def state(self) -> Spreadsheet:
        return self.made.google.spreadsheets[self.made.id]

    def sheet(self, name: str) -> Sheet:
        return next(sheet for sheet in self.state.sheets if sheet.id == self.made.sheets[name])

    def place(self, name: str) -> Place:
        """Where a tab's columns are, by the notes of their headers."""
        sheet = self.sheet(name)
        for number, row in enumerate(sheet.rows, start=1):
            found = {self.made.roles[c.note][1]: at for at, c in enumerate(row, start=1) if c.note in self.made.roles}
            if found:
                return Place(sheet, self.at.knowledge.tabs[name], number, found)
        raise AssertionError(f"{name}: no headers")

    def act(self, act: Act, who: People, when: str = "before") -> None:
        """Does it, and keeps what people's cells hold from now on."""
        name = act.tab
        note_all(self.sheet(name), self.made.notes)
        before = {cell.note: cell.entered for row in self.sheet(name).rows for cell in row}
        try:
            KINDS[act.kind](who, self.made.id, self.place(act.tab), act)
        except BaseException as error:
            self.errors.append(error)
            raise
        finally:
            self.story.append(f"{when} {act}")
        sheet, gone = self.sheet(name), set(before)
        note_all(sheet, self.made.notes)
        ids = self.place(name).columns["id"] - 1
        for row in sheet.rows:
            for at, cell in enumerate(row):
                gone.discard(cell.note)
                if cell.note not in before or before[cell.note] != cell.entered:
                    self.expected[cell.note] = cell.entered
                    if at == ids and cell.entered is not None:
                        self.placed.setdefault(name, set()).add(cell.entered)
        for note in gone:
            self.expected.pop(note, None)

    def acting(self, act: Act, when: str) -> Callable[[People], None]:
        def done(who: People) -> None:
            self.during += 1
            self.act(act, who, when)

        return done

    def job(self, kind: str, moments: Sequence[tuple[int, bool, Act]]) -> None:
        """A job, people acting before (or after) the n-th of its requests, from 1."""
        google, first = self.made.google, self.made.google.log[-1].number
        self.placed.clear()
        self.during = 0
        for number, is_after, act in moments:
            when = {"after" if is_after else "before": first + number}
            google.staff.then(self.acting(act, f"{number} {'after' if is_after else 'before'}"), user=PERSON, **when)  # type: ignore[arg-type]  # a condition under either name
        self.story.append(f"-- {kind}")
        try:
            JOBS[kind](self.at)
        except (BusyError, RegistryError) as error:
            assert_said(error)
            self.story.append(f"-- stopped: {error.what}")
        finally:
            google.staff.leave()
        assert not self.errors, self.errors
        self.interleavings += self.during > 0
        self.check_cells()

    def quiet(self) -> None:
        """The next run, with nobody about, then another one that has nothing to do."""
        self.placed.clear()
        self.story.append("-- quiet")
        sync(self.at, self.at.read(AS_OF), checked=True)
        self.check_cells()
        before = len(self.made.google.log)
        again = sync(self.at, self.at.read(AS_OF), checked=True)
        assert (again.cells, again.rows) == (0, 0)
        assert not [each for each in self.made.google.log[before:] if each.method.endswith("batchUpdate")]
        self.check_shown()

    def check_cells(self) -> None:
        """No cell of the staff changed; numbers given once, and never to a row that had one."""
        for name in self.made.sheets:
            place = self.place(name)
            self._check_rows(name, place)

    def _check_rows(self, name: str, place: Place) -> None:
        tab, ids, taken = place.tab, place.columns["id"] - 1, list[Cell]()
        if any(len(row) < place.sheet.column_count or not row[0].note for row in place.sheet.rows):  # rows added by us
            note_all(place.sheet, self.made.notes)
        system = {at - 1 for key, at in place.columns.items() if tab.by_key[key].is_system}
        declared = {at - 1 for key, at in place.columns.items() if not tab.by_key[key].is_system}
        numbers = Counter(row[ids].entered for row in place.sheet.rows[place.header :] if len(row) > ids)
        for number, row in enumerate(place.sheet.rows, start=1):
            for at, cell in enumerate(row):
                wanted = self.expected.get(cell.note)
                if cell.entered == wanted or (at in system and at != ids):
                    continue
                where = f"{place.cell(number, at + 1)}: {cell.entered!r}, not {wanted!r}"
                used = any(self.expected.get(c.note) is not None for k, c in enumerate(row) if k in declared)
                if at == ids and number > place.header:
                    assert wanted is None or not used, where
                    assert re.fullmatch(rf"{tab.prefix}-\d{{5}}", str(cell.entered)), where
                    assert numbers[cell.entered] == 1 or cell.entered in self.placed.get(name, ()), where
                else:
                    assert name == "pieces_clauses" and at in declared and number > place.header and not used, where
                taken.append(cell)
        self.expected |= {cell.note: cell.entered for cell in taken}

    def check_shown(self) -> None:
        """Beside each row, what an assessment of the cells as they stand says of it."""
        found = self.grids()
        assessment = assess(read_registry(found, list(self.at.knowledge.tabs.values())), self.at.knowledge, AS_OF)
        wanted = plan(assessment, self.at.knowledge, spare_rows=SPARE)
        values = self.made.google.computations[self.made.id][1].values
        for name in self.made.sheets:
            place, id_of = self.place(name), wanted.ids[name]
            times = Counter(id_of.values()) + Counter(assessment.registry.spare.get(name, {}).values())
            keys = {at: key for key, at in place.columns.items()}
            own = [c.key for c in place.tab.columns]
            for (row, at), shown in wanted.cells[name].items():
                key = own[at - 1]
                column = place.columns[key]
                held = values.get((place.sheet.id, row - 1, column - 1), self.entered(place.sheet, row, column))
                if key == "id" or not place.tab.by_key[key].is_system:
                    continue
                assert self.entered(place.sheet, row, column) is None, f"{place.cell(row, column)} isn't cleared"
                if row in id_of and times[id_of[row]] == 1:
                    assert _same(held, shown.value), (
                        f"{place.cell(row, column)} {id_of[row]}: {held!r}, not {shown.value!r}"
                    )
            for row, id_ in id_of.items():
                assert self.entered(place.sheet, row, place.columns["id"]) == id_, f"{place.title} {row} isn't numbered"
            for column in place.tab.columns[1:]:
                if column.is_system:
                    assert isinstance(self.entered(place.sheet, place.header, place.columns[column.key]), Formula)
            assert keys

    def entered(self, sheet: Sheet, row: int, column: int) -> Entered:
        return sheet.cell(row - 1, column - 1).entered

    def grids(self) -> Mapping[str, Grid]:
        """The cells as they stand, under the declared titles, columns in their declared order."""
        return {place.tab.title: self._grid(place) for place in map(self.place, self.made.sheets)}

    def _grid(self, place: Place) -> Grid:
        columns = place.tab.columns
        lines: list[list[Raw]] = [[None]] * (place.header - 1) + [[column.title for column in columns]]
        for number in range(place.header + 1, place.sheet.used_area()[0] + 1):
            lines.append([
                None if column.is_system and column.key != "id"
                else _raw(self.entered(place.sheet, number, place.columns[column.key]), column.type)
                for column in columns
            ])  # fmt: skip
        return Grid(place.tab.title, lines)


def _raw(entered: Entered, type_: str) -> Raw:
    """A cell as an `.xlsx` gives it."""
    if entered == "" or entered is None:
        return None
    if isinstance(entered, float | int) and not isinstance(entered, bool):
        if type_ == "date" and 0 < entered <= 2_958_465:
            day = EPOCH + timedelta(days=int(entered))
            return (
                day
                if entered == int(entered)
                else datetime.combine(day, datetime.min.time()) + timedelta(seconds=round(entered % 1 * 86_400))
            )
        return float(entered)
    return entered  # type: ignore[no-any-return]


def _same(held: Entered, shown: Entered) -> bool:
    if isinstance(shown, date):
        shown = (shown - EPOCH).days
    return (held or None) == (shown or None) if isinstance(shown, str | None) else held == shown


def assert_said(error: CdiError) -> None:
    """A stop says what and what to do, in words."""
    assert error.what.endswith(".")
    assert error.fix
    assert error.where or error.why


JOBS: Mapping[str, Callable[[Installation], object]] = {
    "sync": lambda at: sync(at, at.read(AS_OF), checked=True),
    "remind": lambda at: remind(at, at.read(AS_OF), checked=True),
    "run": lambda at: run(at, AS_OF, anyway=True),  # a small registry soon loses a fifth of its rows
}

ACTS = st.builds(
    Act, st.sampled_from(list(KINDS)), st.sampled_from(TABS), *[st.integers(0, 30)] * 3, st.sampled_from(TYPED)
)
JOB = st.sampled_from(["sync", "sync", "run", "remind"])
MOMENTS = st.tuples(st.integers(1, 5), st.booleans(), ACTS)


class Day(RuleBasedStateMachine):
    """A day of people and jobs on one registry. `made`, `folders`, `count` are given by the test."""

    made: Made
    folders: Iterator[Path]
    count: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = World.anew(self.made, next(self.folders))

    # hypothesis leaves out some of the rules of a day: whichever it keeps, people are at work during jobs
    @rule(kind=JOB, moments=st.lists(MOMENTS, min_size=1, max_size=3), is_followed=st.booleans())
    def job(self, kind: str, moments: list[tuple[int, bool, Act]], is_followed: bool) -> None:
        self.world.job(kind, moments)
        if is_followed:
            self.world.quiet()

    @rule(acts=st.lists(ACTS, min_size=1, max_size=4), kind=JOB, moments=st.lists(MOMENTS, min_size=1, max_size=2))
    def job_after_people(self, acts: list[Act], kind: str, moments: list[tuple[int, bool, Act]]) -> None:
        for act in acts:
            self.world.act(act, self.made.google.staff.now(PERSON))
        self.world.job(kind, moments)

    def teardown(self) -> None:
        self.world.quiet()
        self.count["interleavings"] += self.world.interleavings


def interleave(made: Made, folder: Path, *, examples: int, steps: int, by: int | None = None) -> int:
    """Days at random, each from the same registry: how many jobs had people at work during them.

    by: a seed; none for the same days each time.
    """
    count: Counter[str] = Counter()
    folders = (folder / str(number) for number in itertools.count())
    machine = type("DayHere", (Day,), {"made": made, "folders": folders, "count": count})
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, derandomize=by is None, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    run_state_machine_as_test(seed(by)(machine) if by is not None else machine, settings=chosen)
    return count["interleavings"]


def test_people_at_work_during_the_jobs_lose_nothing(made: Made, tmp_path: Path) -> None:
    assert interleave(made, tmp_path, examples=3, steps=6) >= 10


def test_a_tab_renamed_between_two_requests_stops_the_run_which_says_so(made: Made, tmp_path: Path) -> None:
    world = World.anew(made, tmp_path / "ici")
    world.job("sync", [(1, True, Act("renames the tab", "actes", 1, 0, 0, ""))])
    assert world.story[-1] == "-- stopped: Un onglet a été renommé ou supprimé pendant le contrôle."
    world.quiet()


def partners(kind: str) -> Act:
    return Act(kind, "partenaires", 1, 0, 0, "")


RENAMES, DELETES, INSERTS = map(partners, ("renames the tab", "deletes the rows below", "inserts under the headers"))
REFUSED, BESIDE = "Quelqu'un changeait les onglets", "Quelqu'un écrivait dans le classeur"


@pytest.mark.parametrize(("moments", "said"), [
    ([(3, True, RENAMES)], REFUSED),
    ([(3, True, DELETES)], REFUSED),
    ([(3, True, INSERTS), (4, True, RENAMES)], BESIDE),
    ([(3, True, INSERTS), (4, True, DELETES)], BESIDE),
    ([(3, True, INSERTS), (4, True, INSERTS)], BESIDE),
], ids=["renamed", "deleted", "inserted, renamed", "inserted, deleted", "inserted twice"])  # fmt: skip
def test_what_happens_just_before_a_write_or_its_repair_harms_nothing(
    made: Made, tmp_path: Path, moments: list[tuple[int, bool, Act]], said: str
) -> None:
    world = World.anew(made, tmp_path / "ici")
    world.act(Act("types under the last row", "partenaires", 0, 1, 0, "nouveau"), made.google.staff.now(PERSON))
    world.job("sync", moments)
    assert any(line.startswith(f"-- stopped: {said}") for line in world.story), world.story
    world.quiet()


def test_a_number_of_reserve_that_a_write_fell_upon_is_put_back(made: Made, tmp_path: Path) -> None:
    world = World.anew(made, tmp_path / "ici")
    world.act(Act("types under the last row", "partenaires", 0, 1, 0, "nouveau"), made.google.staff.now(PERSON))
    world.job("sync", [(3, True, Act("inserts above the headers", "partenaires", 0, 0, 0, ""))])
    assert world.story[-1].startswith("-- stopped: Quelqu'un écrivait")
    world.quiet()


@pytest.mark.proof
def test_a_thousand_interleavings(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done, by = 0, 0
    while done < 1000:
        done += interleave(made, tmp_path / str(by), examples=10, steps=10, by=by)
        by += 1
        with capsys.disabled():
            print(f"{done} interleavings, seeds 0 to {by - 1}", flush=True)
