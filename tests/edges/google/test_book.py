"""The registry as a Google spreadsheet, against the emulator: read, assessed, published."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gspread
import pytest

from cdi_sync.assessment import assess
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.moving import filling
from cdi_sync.edges.workbook_google.provisioning import provision
from cdi_sync.errors import BusyError
from cdi_sync.publish import plan
from cdi_sync.tables import read_registry
from tests.demos import AS_OF, lean_installation
from tests.google import clients
from tests.google.server import serving
from tests.google.world import Google
from tests.registries import DECLARED

TITLE = "Registre CDI"


@dataclass(frozen=True)
class Made:
    """A small demo, and a spreadsheet that holds the same; each test works on a copy of it."""

    google: Google
    client: gspread.Client
    at: Installation
    spreadsheet: gspread.Spreadsheet


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    google = Google(any_token=True, no_quota=True)
    with serving(google) as url:
        client = clients.gspread_client(url)
        at = lean_installation(tmp_path_factory.mktemp("demo"))
        tabs = list(at.knowledge.tabs.values())
        spreadsheet = client.create(TITLE)
        provision(client.http_client, spreadsheet.id, tabs, spare_rows=20)
        book = GoogleWorkbook(client.http_client, spreadsheet.id, at.knowledge.tabs)
        requests = list(filling(book.read(), at.book.read().grids, tabs))
        client.http_client.batch_update(spreadsheet.id, {"requests": requests})
        yield Made(google, client, at, spreadsheet)
    assert google.violations == []


class World:
    """A copy of the small demo's spreadsheet, and its jobs."""

    def __init__(self, made: Made) -> None:
        self.at, self.tabs = made.at, dict(made.at.knowledge.tabs)
        self.spreadsheet = made.client.copy(made.spreadsheet.id)
        self.book = GoogleWorkbook(made.client.http_client, self.spreadsheet.id, self.tabs)

    def assessment(self, grids: Any) -> Any:
        return assess(read_registry(grids, list(self.tabs.values())), self.at.knowledge, AS_OF)

    def publish(self) -> int:
        """Cells that a run changed."""
        snapshot = self.book.read()
        found = self.assessment(snapshot.grids)
        changes = self.book.changes(snapshot, plan(found, self.at.knowledge, spare_rows=20), found.registry.layouts)
        if changes.cells:
            changes.write("")
        return sum(map(len, changes.cells.values()))


@pytest.fixture
def google(made: Made) -> Google:
    made.google.staff.leave()
    return made.google


@pytest.fixture
def world(made: Made) -> World:
    return World(made)


def test_the_same_registry_gives_the_same_assessment(world: World) -> None:
    local = world.assessment(world.at.book.read().grids)
    shared = world.assessment(world.book.read().grids)
    assert shared.findings == local.findings
    assert shared.standings == local.standings


def test_staff_see_beside_each_row_what_the_system_knows(world: World) -> None:
    assert world.publish() > 100
    shown = world.spreadsheet.worksheet("Actes").get_all_values()
    stage = shown[0].index("Étape")
    assert all(row[stage] for row in shown[1:] if any(row[2:6]))


def test_a_cell_has_an_address_that_opens_it(world: World) -> None:
    sheet = world.spreadsheet.worksheet("Visas et accords").id
    address = f"https://docs.google.com/spreadsheets/d/{world.spreadsheet.id}/edit?gid={sheet}#gid={sheet}&range=K2"
    snapshot = world.book.read()
    assert world.book.link(snapshot, "Visas et accords", "K2") == address
    assert world.book.link(snapshot, "Autre feuille", "K2") == ""
    assert world.at.book.link(snapshot, "Visas et accords", "K2") == ""  # a file of this machine


def test_what_is_published_is_not_written_again(world: World) -> None:
    world.publish()
    assert world.publish() == 0


def test_a_run_takes_two_reads_and_one_write(world: World, google: Any) -> None:
    world.publish()
    sheet = world.spreadsheet.worksheet("Actes")
    sheet.update_acell(f"{_letter(sheet, 'Intitulé')}2", "Un autre intitulé")
    before = len(google.log)
    world.publish()
    assert [request.method for request in google.log[before:]] == [
        "sheets.spreadsheets.get", "sheets.spreadsheets.values.batchGet", "sheets.spreadsheets.batchUpdate"
    ]  # fmt: skip


def _letter(sheet: gspread.Worksheet, title: str) -> str:
    return gspread.utils.rowcol_to_a1(1, sheet.row_values(1).index(title) + 1)[:-1]


def _column(sheet: gspread.Worksheet, title: str) -> list[Any]:
    return sheet.col_values(sheet.row_values(1).index(title) + 1)


def test_text_typed_in_a_system_column_is_cleared_and_the_column_shows_again(world: World) -> None:
    world.publish()
    sheet = world.spreadsheet.worksheet("Actes")
    before, letter = _column(sheet, "Étape"), _letter(sheet, "Étape")
    sheet.update_acell(f"{letter}4", "je note ici")
    assert sheet.acell(f"{letter}1").value == "#REF!"
    world.publish()
    assert _column(sheet, "Étape") == before


def test_sorted_rows_keep_what_is_said_of_them(world: World) -> None:
    world.publish()
    sheet = world.spreadsheet.worksheet("Actes")
    before = {row[0]: row for row in sheet.get_all_values()[1:] if any(row[2:6])}
    sheet.sort((3, "des"), range=f"A2:{gspread.utils.rowcol_to_a1(40, sheet.col_count)}")
    assert {row[0]: row for row in sheet.get_all_values()[1:] if any(row[2:6])} == before
    assert world.publish() <= 2 * len(before)


def test_a_row_inserted_under_the_headers_is_numbered(world: World) -> None:
    world.publish()
    sheet = world.spreadsheet.worksheet("Actes")
    sheet.insert_rows([["", *["x"] * 3]], row=2)
    world.publish()
    ids = _column(sheet, sheet.row_values(1)[0])
    assert ids[1].startswith("ACT-")
    assert len(set(ids)) == len(ids)


def _waiting(world: World) -> tuple[gspread.Worksheet, list[list[str]]]:
    """The tab of agreements with a row that has no number yet, and what staff typed in it."""
    world.publish()
    sheet = world.spreadsheet.worksheet("Actes")
    sheet.insert_rows([["", *["à nommer"] * 3]], row=5)
    return sheet, _typed_cells(sheet)


def _typed_cells(sheet: gspread.Worksheet) -> list[list[str]]:
    """What is in the columns of the staff, row by row: the columns of the system aren't looked at."""
    return _staff_part(sheet.get_all_values())


def _staff_part(rows: list[list[str]]) -> list[list[str]]:
    ours = {at for at, title in enumerate(rows[0]) if title in OURS}
    return [row for row in ([cell for at, cell in enumerate(row) if at not in ours] for row in rows[1:]) if any(row)]


OURS = {column.title for column in DECLARED.tabs["actes"].columns if column.is_system}
BETWEEN = {
    "a row inserted above": lambda who, book: who.insert_rows(book, "Actes", 2),
    "a row deleted above": lambda who, book: who.delete_rows(book, "Actes", 2),
    "a row moved": lambda who, book: who.move_rows(book, "Actes", 3, 9),
    "rows sorted": lambda who, book: who.sort(book, "Actes", 4, descending=True),
    "a column inserted": lambda who, book: who.insert_columns(book, "Actes", 1),
    "a column moved": lambda who, book: who.move_columns(book, "Actes", 1, 6),
}


LONG = ("a row moved", "a column moved")  # in `make proof`


@pytest.mark.parametrize("what", [pytest.param(w, marks=pytest.mark.proof if w in LONG else ()) for w in BETWEEN])
def test_what_moves_just_before_the_writing_is_not_written_over(world: World, google: Any, what: str) -> None:
    sheet, _ = _waiting(world)
    after: list[list[list[str]]] = []

    def act(who: Any) -> None:
        BETWEEN[what](who, world.spreadsheet.id)
        answer = google.act(who.user, "GET", f"/v4/spreadsheets/{world.spreadsheet.id}/values/Actes")
        after.append(_staff_part(gspread.utils.fill_gaps(answer["values"])))

    google.staff.then(act, before="sheets.spreadsheets.batchUpdate")
    with contextlib.suppress(BusyError):
        world.publish()
    assert _typed_cells(sheet) == after[0]
    world.publish()
    world.publish()
    assert _typed_cells(sheet) == after[0]
    ids = [cell for cell in sheet.col_values(sheet.row_values(1).index(OWN_ID) + 1) if cell]
    assert len(set(ids)) == len(ids)
    assert world.publish() == 0


OWN_ID = DECLARED.tabs["actes"].columns[0].title


def test_a_number_copied_onto_an_empty_row_is_not_written_about_at_each_run(world: World) -> None:
    world.publish()
    sheet = world.spreadsheet.worksheet("Actes")
    sheet.update_acell("A20", sheet.acell("A2").value)
    world.publish()
    assert world.publish() == 0


@pytest.mark.parametrize("what", ["a row deleted above", "a column inserted"])
def test_what_moves_between_the_two_readings_waits_for_the_next_run(world: World, google: Any, what: str) -> None:
    sheet, _ = _waiting(world)
    readings: list[int] = []

    def is_second_reading(arrival: Any) -> bool:
        if arrival.method == "sheets.spreadsheets.values.batchGet":
            readings.append(arrival.number)
        return len(readings) == 2 and readings[-1] == arrival.number

    google.staff.then(lambda who: BETWEEN[what](who, world.spreadsheet.id), before=is_second_reading)
    before = len(google.log)
    with pytest.raises(BusyError, match="pendant le contrôle"):
        world.publish()
    written = [each for each in google.log[before:] if each.method == "sheets.spreadsheets.batchUpdate"]
    assert len(written) == 1, "the system's own tabs, and no repair"
    world.publish()
    assert "à nommer" in str(_typed_cells(sheet))
    assert world.publish() == 0


def test_a_title_typed_over_is_a_formula_again_even_where_nothing_is_shown(world: World) -> None:
    world.publish()
    sheet = world.spreadsheet.worksheet("Dérogations")
    at = _letter(sheet, "À corriger")
    assert not any(sheet.col_values(gspread.utils.a1_to_rowcol(f"{at}1")[1])[1:])
    sheet.update_acell(f"{at}1", "Mes notes")
    assert world.publish() == 1
    assert str(sheet.acell(f"{at}1", value_render_option="FORMULA").value).startswith("=ARRAYFORMULA")


def test_titles_may_go_down_a_row(world: World, google: Any) -> None:
    world.publish()
    sheet = world.spreadsheet.worksheet("Actes")
    stages = _column(sheet, "Étape")
    google.staff.now().insert_rows(world.spreadsheet.id, "Actes", 1)
    rows = sheet.get_all_values()
    at = rows[1].index("Étape")
    assert [row[at] for row in rows[1 : len(stages) + 1]] == stages
    world.publish()
    assert world.publish() == 0
