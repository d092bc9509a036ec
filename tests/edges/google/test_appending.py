"""Rows that are added to a Google spreadsheet, and cells filled in rows in use, while others work in it."""

from collections.abc import Callable
from typing import Any

import gspread
import pytest

from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.provisioning import provision
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.tables import read_registry
from tests.google.world import Google
from tests.registries import DECLARED

TABS = {name: DECLARED.tabs[name] for name in ("collectivites", "partenaires")}
PARTNERS = TABS["partenaires"]
COLUMNS = [column.key for column in PARTNERS.columns]
ID, NAME, TYPE, COUNTRY = (COLUMNS.index(key) for key in ("id", "nom", "type", "pays"))
HELD = (("Ville de Lyon", "France"), ("Ville de Dakar", "Sénégal"), ("Ville de Tunis", "Tunisie"))
NEW = {5: ("PAR-00004", "Ville de Gênes", "Italie"), 6: ("PAR-00005", "Ville de Porto", "Portugal"),
       7: ("PAR-00006", "Ville de Gand", "Belgique")}  # fmt: skip


class Office:
    """A registry of three partners and five numbered rows, of which the last one has lost its number."""

    def __init__(self, client: gspread.Client) -> None:
        self.spreadsheet = client.create("Registre")
        provision(client.http_client, self.spreadsheet.id, list(TABS.values()), spare_rows=5)
        self.sheet = self.spreadsheet.worksheet(PARTNERS.title)
        for row, (name, country) in enumerate(HELD, 2):
            self.put(row, NAME, name)
            self.put(row, COUNTRY, country)
        self.book = GoogleWorkbook(client.http_client, self.spreadsheet.id, TABS)
        self.snapshot = self.book.read()
        self.registry = read_registry(self.snapshot.grids, list(TABS.values()))

    def put(self, row: int, at: int, text: str) -> None:
        self.sheet.update_cell(row, at + 1, text)

    def imports(self, rows: Any = NEW) -> int:
        values = {row: {"id": id_, "nom": name, "pays": country} for row, (id_, name, country) in rows.items()}
        return self.book.append(self.snapshot, {"partenaires": values}, self.registry, self.book.tabs, "")

    def fills(self, cells: Any, rows: Any = NEW) -> int:
        """Fills cells of rows in use, and free rows, at once. cells: row → column → value."""
        values = {row: {"id": id_, "nom": name, "pays": country} for row, (id_, name, country) in rows.items()}
        return self.book.append(self.snapshot, {"partenaires": {**values, **cells}}, self.registry, self.book.tabs, "")

    def cell(self, row: int, at: int) -> Any:
        """What was entered there: a formula as it is written."""
        shown = self.sheet.get_values(value_render_option="FORMULA")
        return (shown[row - 1] + [""] * len(COLUMNS))[at]

    def rows(self) -> list[tuple[str, str, str]]:
        """What staff see of each row: number, name, country."""
        told = [row + [""] * len(COLUMNS) for row in self.sheet.get_all_values()]
        head = told[0]
        at = [head.index(PARTNERS.columns[place].title) for place in (ID, NAME, COUNTRY)]
        return [seen for row in told[1:] if any(seen := tuple(row[place] for place in at))]


@pytest.fixture
def office(client: gspread.Client) -> Office:
    return Office(client)


BEFORE = [("PAR-00001", *HELD[0]), ("PAR-00002", *HELD[1]), ("PAR-00003", *HELD[2])]
SPARE = [("PAR-00004", "", ""), ("PAR-00005", "", "")]


def test_rows_fill_the_numbered_ones_then_those_below(office: Office) -> None:
    assert office.imports() == 9, "three cells a row"
    assert office.rows() == [*BEFORE, *NEW.values()]


def test_a_text_that_looks_like_a_formula_or_a_number_stays_a_text(office: Office) -> None:
    office.imports({5: ("PAR-00004", "=1+1", "007")})
    assert office.rows()[3] == ("PAR-00004", "=1+1", "007")


def test_a_row_that_is_not_free_refuses_all(office: Office) -> None:
    with pytest.raises(RegistryError, match="n'est pas libre"):
        office.imports({**NEW, 3: ("PAR-00002", "Ville de Bari", "Italie")})
    assert office.rows() == [*BEFORE, *SPARE]


def test_what_somebody_types_before_the_writing_is_not_written_upon(office: Office, google: Google) -> None:
    google.staff.now().type(office.spreadsheet.id, f"{PARTNERS.title}!{_letter(NAME)}5", "Ville de Nice")
    with pytest.raises(BusyError, match="pendant le remplissage"):
        office.imports()
    assert office.rows() == [*BEFORE, ("PAR-00004", "Ville de Nice", ""), SPARE[1]]


def _letter(at: int) -> str:
    return gspread.utils.rowcol_to_a1(1, at + 1)[:-1]


BETWEEN: dict[str, Callable[[Any, str], None]] = {
    "a row inserted above": lambda who, book: who.insert_rows(book, PARTNERS.title, 2),
    "a row deleted above": lambda who, book: who.delete_rows(book, PARTNERS.title, 2),
    "two rows inserted above": lambda who, book: who.insert_rows(book, PARTNERS.title, 1, 2),
    "a used row moved among the free ones": lambda who, book: who.move_rows(book, PARTNERS.title, 1, 6),
    "rows sorted": lambda who, book: who.sort(book, PARTNERS.title, NAME, descending=True),
    "a column inserted": lambda who, book: who.insert_columns(book, PARTNERS.title, 1),
    "a column moved": lambda who, book: who.move_columns(book, PARTNERS.title, 1, 4),
    "a free row filled": lambda who, book: who.type(book, f"{PARTNERS.title}!{_letter(NAME)}6", "Ville de Nice"),
}


IN_SUITE = ("a row inserted above", "rows sorted", "a column moved")  # the others in `make proof`


@pytest.mark.parametrize("what", [pytest.param(w, marks=() if w in IN_SUITE else pytest.mark.proof) for w in BETWEEN])
def test_what_moves_just_before_the_writing_keeps_what_it_held_and_nothing_is_added(
    office: Office, google: Google, what: str
) -> None:
    after: list[Any] = []

    def act(who: Any) -> None:
        BETWEEN[what](who, office.spreadsheet.id)
        path = f"/v4/spreadsheets/{office.spreadsheet.id}/values/{PARTNERS.title}"
        after.append(google.act(who.user, "GET", path, valueRenderOption="FORMULA")["values"])

    google.staff.then(act, before="sheets.spreadsheets.batchUpdate")
    with pytest.raises(BusyError, match="pendant le remplissage"):
        office.imports()
    assert _filled(office.sheet.get_values(value_render_option="FORMULA")) == _filled(after[0])
    assert len(office.spreadsheet.worksheets()) == len(office.snapshot.sheets), "the hidden copy is gone"


def _filled(rows: Any) -> dict[tuple[int, int], str]:
    return {(row, at): cell for row, cells in enumerate(rows) for at, cell in enumerate(cells) if cell != ""}


def test_who_corrects_another_row_at_the_same_moment_is_not_in_the_way(office: Office, google: Google) -> None:
    cell = f"{PARTNERS.title}!{_letter(NAME)}3"
    google.staff.then(
        lambda who: who.type(office.spreadsheet.id, cell, "Dakar"), before="sheets.spreadsheets.batchUpdate"
    )
    office.imports()
    assert office.rows() == [BEFORE[0], ("PAR-00002", "Dakar", "Sénégal"), BEFORE[2], *NEW.values()]


def test_an_import_stopped_between_its_two_writings_is_cleaned_up_by_the_next(office: Office, google: Google) -> None:
    google.faults.add(403, "sheets.spreadsheets.batchUpdate", skip=1)
    with pytest.raises(gspread.exceptions.APIError):
        office.imports()
    office.snapshot = office.book.read()
    office.registry = read_registry(office.snapshot.grids, list(TABS.values()))
    office.imports({8: ("PAR-00007", "Ville de Turin", "Italie")})
    assert [row for row in office.rows() if row[1]] == [
        *BEFORE,
        *NEW.values(),
        ("PAR-00007", "Ville de Turin", "Italie"),
    ]
    assert not [sheet.title for sheet in office.spreadsheet.worksheets() if sheet.title.startswith("_reprise")]


def test_the_import_done_again_after_that_adds_each_row_once(office: Office, google: Google) -> None:
    google.staff.then(
        lambda who: who.insert_rows(office.spreadsheet.id, PARTNERS.title, 2), before="sheets.spreadsheets.batchUpdate"
    )
    with pytest.raises(BusyError):
        office.imports()
    office.snapshot = office.book.read()
    office.registry = read_registry(office.snapshot.grids, list(TABS.values()))
    office.imports({row + 1: values for row, values in NEW.items()})
    assert office.rows() == [*BEFORE, *NEW.values()]


# --------------------------------------------------------------------------------------- cells of rows in use

DAKAR = {3: {"id": "PAR-00002", "type": "AUTRE"}}


def test_an_empty_cell_of_a_row_in_use_is_filled_with_the_new_rows_and_every_other_cell_stays(office: Office) -> None:
    before = _filled(office.sheet.get_values())
    office.fills(DAKAR)
    after = _filled(office.sheet.get_values())
    assert office.rows() == [*BEFORE, *NEW.values()]
    assert after[2, TYPE] == "AUTRE"
    assert {at: cell for at, cell in after.items() if at not in before} == (
        {(2, TYPE): "AUTRE"} | {(row - 1, NAME): new[1] for row, new in NEW.items()}
        | {(row - 1, COUNTRY): new[2] for row, new in NEW.items()} | {(6, ID): "PAR-00006"}
    )  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [{"id": "PAR-00002", "type": "AUTRE", "nom": "Dakar"}, {"id": "PAR-00009", "type": "AUTRE"}],
    ids=["a cell that staff filled", "a row of another number"],
)
def test_what_staff_filled_is_never_filled_again(office: Office, values: Any) -> None:
    with pytest.raises(RegistryError, match="n'est pas libre"):
        office.fills({3: values})
    assert office.rows() == [*BEFORE, *SPARE]
    assert office.cell(3, TYPE) == ""


MEANWHILE: dict[str, Callable[[Any, str], None]] = {
    "that cell filled": lambda who, book: who.type(book, f"{PARTNERS.title}!{_letter(TYPE)}3", "À moi"),
    "another cell of that row changed": lambda who, book: who.type(
        book, f"{PARTNERS.title}!{_letter(COUNTRY)}3", "Mali"
    ),
    "rows sorted": lambda who, book: who.sort(book, PARTNERS.title, NAME, descending=True),
    "a row inserted above": lambda who, book: who.insert_rows(book, PARTNERS.title, 1),
    "that row deleted": lambda who, book: who.delete_rows(book, PARTNERS.title, 2),
    "a column moved": lambda who, book: who.move_columns(book, PARTNERS.title, 1, 4),
}


@pytest.mark.parametrize(
    "what", [pytest.param(w, marks=() if rank < 2 else pytest.mark.proof) for rank, w in enumerate(MEANWHILE)]
)
def test_a_row_in_use_that_changes_just_before_the_writing_keeps_what_it_held(
    office: Office, google: Google, what: str
) -> None:
    """And nothing of the rest stays written: neither half of an accepted request shows without the other."""
    after: list[Any] = []

    def act(who: Any) -> None:
        MEANWHILE[what](who, office.spreadsheet.id)
        path = f"/v4/spreadsheets/{office.spreadsheet.id}/values/{PARTNERS.title}"
        after.append(google.act(who.user, "GET", path, valueRenderOption="FORMULA")["values"])

    google.staff.then(act, before="sheets.spreadsheets.batchUpdate")
    with pytest.raises(BusyError, match="pendant le remplissage"):
        office.fills(DAKAR)
    assert _filled(office.sheet.get_values(value_render_option="FORMULA")) == _filled(after[0])


def test_a_formula_that_shows_nothing_is_not_an_empty_cell(office: Office) -> None:
    """It reads as nothing: without a word of its own, people would be told for ever that somebody was writing."""
    formula = f'=IF({_letter(NAME)}3="","?","")'
    office.sheet.update_acell(f"{_letter(TYPE)}3", formula)
    office.snapshot = office.book.read()
    with pytest.raises(RegistryError, match="contient une formule") as stop:
        office.fills(DAKAR)
    assert f"{PARTNERS.title}, ligne 3" in str(stop.value.where)
    assert (office.cell(3, TYPE)[:3], office.rows()) == ("=IF", [*BEFORE, *SPARE])


def test_a_formula_elsewhere_in_the_row_and_a_blank_of_spaces_are_not_in_the_way(office: Office) -> None:
    office.sheet.update_acell(f"{_letter(COUNTRY)}3", '="Séné"&"gal"')
    office.sheet.update_acell(f"{_letter(TYPE)}3", "  ")
    office.snapshot = office.book.read()
    office.fills(DAKAR)
    assert (office.cell(3, COUNTRY), office.cell(3, TYPE)) == ('="Séné"&"gal"', "AUTRE")


def test_a_formula_that_shows_nothing_beside_what_is_written_in_a_free_row_stays(office: Office) -> None:
    office.sheet.update_acell(f"{_letter(TYPE)}5", '=""')
    office.snapshot = office.book.read()
    office.imports()
    assert (office.cell(5, TYPE), office.rows()) == ('=""', [*BEFORE, *NEW.values()])
