"""A shared registry of an earlier version brought to today's declarations, while people go on typing in it.

The declared tabs are a part of the real ones, so that each registry takes a moment to make.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import gspread
import pytest

from cdi_sync.edges.config import Declarations, data_folder
from cdi_sync.edges.hints import Hints
from cdi_sync.edges.setup import hints_of
from cdi_sync.edges.workbook_google import reading
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.columns import CALC
from cdi_sync.edges.workbook_google.provisioning import provision
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.model import Category, Column, Tab
from cdi_sync.schema_changes import Difference, Kind
from cdi_sync.shown import ANOMALIES
from cdi_sync.tables import letters, read_registry
from tests.google import clients
from tests.google.server import serving
from tests.google.staff import PERSON
from tests.google.world import Google

DECLARED = Declarations(data_folder("config"))
HINTS = hints_of(DECLARED, frozenset({"suivi"}))
SPARE = 3


def part(name: str, *keys: str) -> Tab:
    tab = DECLARED.tabs[name]
    return replace(tab, columns=tuple(column for column in tab.columns if column.key in keys))


COUNCILS = part("collectivites", "id", "nom_fr", "niveau", "a_corriger")
ACTS = part(
    "actes", "id", "intitule", "forme", "collectivite", "date_creation", "etape", "jours_restants", "a_corriger"
)
NEW = (COUNCILS, ACTS, part("budget", "id", "id_acte", "a_corriger"))


def without(tab: Tab, *keys: str) -> Tab:
    return replace(tab, columns=tuple(column for column in tab.columns if column.key not in keys))


def with_column(tab: Tab, key: str, change: Callable[[Column], Column]) -> Tab:
    return replace(tab, columns=tuple(change(c) if c.key == key else c for c in tab.columns))


def fewer_values(column: Column) -> Column:
    return replace(column, categories=column.categories[:2])


def old_title(column: Column) -> Column:
    return replace(column, title=column.aliases[0])


# earlier: no budget; of acts no day of creation, no "Jours restants" (which moves "À corriger" in `_calcul`); another title
OLD = (
    replace(with_column(COUNCILS, "niveau", fewer_values), title="Conseils"),
    with_column(without(ACTS, "date_creation", "jours_restants"), "intitule", old_title),
)
TODAY = (replace(COUNCILS, aliases=("Conseils",)), *NEW[1:])


@dataclass
class Registry:
    """A spreadsheet on the emulator, and what schema makes of it."""

    google: Google
    client: gspread.Client
    book: gspread.Spreadsheet
    tabs: tuple[Tab, ...] = TODAY
    hints: Hints = HINTS

    def renewal(self) -> Any:
        workbook = GoogleWorkbook(self.client.http_client, self.book.id, {tab.name: tab for tab in self.tabs})
        return workbook.renewal(self.tabs, self.hints, spare_rows=SPARE)

    def diff(self) -> Difference:
        return self.renewal().difference  # type: ignore[no-any-return]  # of a protocol of ours

    def apply(self) -> bool:
        return self.renewal().make("")  # type: ignore[no-any-return]

    def rows(self, title: str) -> list[list[Any]]:
        """A tab as people see it."""
        return self.book.worksheet(title).get_all_values()

    def column(self, title: str, header: str) -> list[Any]:
        rows = self.rows(title)
        at = rows[0].index(header)
        return [row[at] for row in rows[1:]]

    def anchors(self, title: str) -> Mapping[int, str]:
        return reading.read(self.client.http_client, self.book.id, self.tabs).sheets[title].anchors

    def type(self, title: str, cell: str, text: str) -> None:
        self.google.staff.now().type(self.book.id, f"'{title}'!{cell}", text)

    def writes(self) -> int:
        return self.google.count("sheets.spreadsheets.batchUpdate")


@dataclass(frozen=True)
class Shared:
    google: Google
    client: gspread.Client
    url: str
    old: gspread.Spreadsheet
    new: gspread.Spreadsheet


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    google = Google(any_token=True, no_quota=True)
    with serving(google) as url:
        client = clients.gspread_client(url)
        books = []
        for tabs in (OLD, TODAY):
            book = client.create("Registre")
            provision(client.http_client, book.id, tabs, spare_rows=SPARE, hints=HINTS)
            books.append(book)
        yield Shared(google, client, url, *books)
    assert google.violations == []


def lived_in(shared: Shared, source: gspread.Spreadsheet) -> Registry:
    """A copy of a registry, in which people typed, and a column of their own."""
    shared.google.staff.leave()
    book = shared.client.copy(source.id)
    registry = Registry(shared.google, shared.client, book)
    acts = registry.rows("Actes")[0]
    people = shared.google.staff.now()
    own = letters(len(acts) + 1)
    people.insert_columns(book.id, "Actes", len(acts))  # before the last: it goes to the right below
    people.move_columns(book.id, "Actes", len(acts), len(acts) + 2)
    people.paste(book.id, f"Actes!{own}1", [["Chargé de dossier"], ["Mme Alaoui"], ["M. Bennis"]])
    title = letters(acts.index(next(t for t in acts if t in TITLES)) + 1)
    people.paste(book.id, f"Actes!{title}2", [["Jumelage Fès-Strasbourg"], ["Convention d'appui"]])
    # what the last run showed
    people.paste(book.id, f"{CALC}!A2", [["ACT-00001", "C10 Idée", "à compléter"], ["COL-00001", "rien"]])
    return registry


TITLES = {name for column in ACTS.columns if column.key == "intitule" for name in (column.title, *column.aliases)}


@pytest.fixture
def older(shared: Shared) -> Registry:
    return lived_in(shared, shared.old)


@pytest.fixture
def current(shared: Shared) -> Registry:
    registry = Registry(shared.google, shared.client, shared.client.copy(shared.new.id))
    shared.google.staff.leave()
    return registry


def kinds(found: Difference) -> list[tuple[Kind, str, str]]:
    return [(change.kind, change.tab, change.column) for change in found.changes]


OWN = (Kind.UNKNOWN_COLUMN, "actes", "Chargé de dossier")


def test_an_older_registry_is_brought_to_today_and_keeps_what_people_typed(older: Registry) -> None:
    assert kinds(older.diff()) == [
        (Kind.RENAMED_TAB, "collectivites", ""),
        (Kind.LIST, "collectivites", "niveau"),
        (Kind.RENAMED_COLUMN, "actes", "intitule"),
        (Kind.NEW_COLUMN, "actes", "date_creation"),
        (Kind.NEW_COLUMN, "actes", "jours_restants"),
        OWN,
        (Kind.NEW_TAB, "budget", ""),
    ]
    before = older.rows("Actes")
    assert older.apply()
    after = older.rows("Actes")
    assert [row[:7] for row in after[1:]] == before[1:], "the grey columns too, whose figures moved in `_calcul`"
    assert [title for title in after[0] if title not in before[0]] == [
        "Intitulé",
        "Date de création",
        "Jours restants (système)",
    ]
    assert set(older.anchors("Actes").values()) == {f"actes.{column.key}" for column in ACTS.columns}
    assert {at for at, said in older.anchors("Actes").items() if said == "actes.date_creation"} == {8}
    snapshot = reading.read(older.client.http_client, older.book.id, TODAY)
    assert set(read_registry(snapshot.grids, TODAY).layouts) == {tab.name for tab in TODAY}
    assert kinds(older.diff()) == [OWN]
    writes = older.writes()
    assert not older.apply()
    assert older.writes() == writes


@pytest.mark.proof
def test_a_new_column_is_like_one_that_was_there_from_the_start(older: Registry, current: Registry) -> None:
    older.apply()
    looks = [_cells(registry, "Date de création") for registry in (older, current)]
    assert looks[0] == looks[1]
    assert looks[0][1]["dataValidation"]["condition"]["type"] == "DATE_BETWEEN"


def _cells(registry: Registry, title: str) -> list[dict[str, Any]]:
    """CellData of a column's title and of the cell below."""
    at = letters(registry.rows("Actes")[0].index(title) + 1)
    fields = "sheets.data.rowData.values(note,dataValidation,userEnteredFormat(backgroundColorStyle,numberFormat,textFormat))"
    answer = registry.book.fetch_sheet_metadata({"ranges": f"Actes!{at}1:{at}2", "fields": fields})
    return [row["values"][0] for row in answer["sheets"][0]["data"][0]["rowData"]]


# ---------------------------------------------------------------------------------------------- what people undo


def delete_column(registry: Registry, title: str) -> None:
    at = next(n for n, shown in enumerate(registry.rows("Actes")[0], start=1) if shown.startswith(title))
    registry.google.staff.now().delete_columns(registry.book.id, "Actes", at)


@pytest.mark.parametrize(("title", "key"), [
    ("Étape", "etape"), pytest.param("Forme", "forme", marks=pytest.mark.proof),
])  # fmt: skip
def test_a_column_that_somebody_deleted_is_made_again(older: Registry, title: str, key: str) -> None:
    older.apply()
    shown = older.column("Actes", "À corriger (système)")
    delete_column(older, title)
    assert (Kind.NEW_COLUMN, "actes", key) in kinds(older.diff())
    older.apply()
    assert f"actes.{key}" in older.anchors("Actes").values()
    assert older.column("Actes", "À corriger (système)") == shown
    assert kinds(older.diff()) == [OWN]


def test_a_tab_of_the_systems_that_was_renamed_is_still_written_and_takes_its_title_again(current: Registry) -> None:
    current.google.staff.now().rename_sheet(current.book.id, ANOMALIES, "Anomalies (vieux)")
    snapshot = reading.read(current.client.http_client, current.book.id, TODAY)
    assert snapshot.sheets[ANOMALIES].title == "Anomalies (vieux)"
    assert [change.detail for change in current.diff().changes] == [
        "l'onglet « Anomalies (vieux) », rempli par le système, reprend le titre « Anomalies »"
    ]
    current.apply()
    titles = [sheet.title for sheet in current.book.worksheets()]
    assert titles.count(ANOMALIES) == 1 and "Anomalies (vieux)" not in titles
    assert current.diff().is_conform


@pytest.mark.proof
def test_a_tab_of_the_staffs_that_was_renamed_is_not_made_a_second_time(current: Registry) -> None:
    current.type("Actes", "B2", "Jumelage")
    current.google.staff.now().rename_sheet(current.book.id, "Actes", "Actes de 2026")
    assert kinds(current.diff())[0] == (Kind.RENAMED_TAB, "actes", "")
    current.apply()
    assert current.rows("Actes")[1][1] == "Jumelage"
    assert "Actes de 2026" not in [sheet.title for sheet in current.book.worksheets()]
    assert current.diff().is_conform


@pytest.mark.proof
@pytest.mark.parametrize("gone", [CALC, ANOMALIES, TODAY[2].title, "Listes"])
def test_a_tab_that_somebody_deleted_is_made_again(current: Registry, gone: str) -> None:
    current.google.staff.now().delete_sheet(current.book.id, gone)
    assert not current.diff().is_conform
    current.apply()
    assert gone in [sheet.title for sheet in current.book.worksheets()]
    assert current.rows("Actes")[0][-1] == "À corriger (système)"
    assert current.diff().is_conform


def test_titles_that_somebody_changed_or_emptied_come_back(current: Registry) -> None:
    current.type("Actes", "B1", "Titre de Mme Alaoui")
    current.google.staff.now().clear(current.book.id, "Actes!C1")
    current.type("Actes", "H1", "Mes notes")
    details = [change.detail for change in current.diff().changes]
    assert details == [
        "la colonne B « Titre de Mme Alaoui » reprend le titre « Intitulé »",
        "la colonne C sans titre reprend le titre « Forme »",
        "la colonne H « Mes notes » reprend le titre « À corriger »",
    ]
    current.apply()
    assert current.rows("Actes")[0][1:3] == ["Intitulé", "Forme *"]
    assert current.rows("Actes")[0][-1] == "À corriger (système)"
    assert current.diff().is_conform


@pytest.mark.proof
def test_what_stands_around_the_cells_is_told_and_repaired(current: Registry) -> None:
    sheet = current.book.worksheet("Actes")
    current.google.staff.now().batch(current.book.id, {"updateCells": {
        "range": {"sheetId": sheet.id, "startRowIndex": 0, "endRowIndex": 1}, "fields": "note"}})  # fmt: skip
    assert kinds(current.diff()) == [(Kind.REPAIR, "actes", "")]
    current.apply()
    assert current.diff().is_conform


# ------------------------------------------------------------------------------------------ other declarations


def declared(registry: Registry, change: Callable[[Column], Column], key: str) -> Registry:
    """The registry, and declarations in which a column of agreements is otherwise."""
    return replace(registry, tabs=(TODAY[0], with_column(ACTS, key, change), TODAY[2]))


CHANGED: dict[str, tuple[str, Callable[[Column], Column]]] = {
    "a date becomes a text": ("date_creation", lambda c: replace(c, type="string")),
    "a text becomes a number": ("intitule", lambda c: replace(c, type="integer", minimum=0)),
    "a list becomes a text": ("forme", lambda c: replace(c, type="string", categories=())),
    "a list gains a value": ("forme", lambda c: replace(c, categories=(*c.categories, Category("X", "Autre forme")))),
    "staff's becomes the system's": ("date_creation", lambda c: replace(c, owner=ACTS.columns[0].owner)),
    "the system's becomes staff's": ("jours_restants", lambda c: replace(c, owner=ACTS.columns[1].owner)),
}


SHORT = ("the system's becomes staff's",)  # the others in `make proof`


@pytest.mark.parametrize("what", [pytest.param(w, marks=() if w in SHORT else pytest.mark.proof) for w in CHANGED])
def test_a_column_declared_otherwise_is_changed_once(current: Registry, what: str) -> None:
    key, change = CHANGED[what]
    later = declared(current, change, key)
    told = {kind for kind, _, column in kinds(later.diff()) if column == key}
    assert told in ({Kind.CHECK}, {Kind.LIST})
    later.apply()
    assert later.diff().is_conform


@pytest.mark.proof
def test_columns_of_a_module_show_when_it_is_switched_on(current: Registry) -> None:
    later = declared(current, lambda c: replace(c, module="projet"), "date_creation")
    sheet, at = current.book.worksheet("Actes"), [c.key for c in ACTS.columns].index("date_creation")
    where = {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
    hidden = {"range": where, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    current.google.staff.now().batch(current.book.id, {"updateDimensionProperties": hidden})
    assert later.diff().is_conform
    later.hints = replace(HINTS, modules=frozenset({"suivi", "projet"}))
    assert kinds(later.diff()) == [(Kind.HIDDEN_COLUMNS, "actes", "projet")]
    later.apply()
    assert later.diff().is_conform


# --------------------------------------------------------------------------------------------------- refusals


def doubled(registry: Registry) -> None:
    registry.type("Actes", "G1", "Forme")


def taken(registry: Registry) -> None:
    registry.type("Actes", "G1", "Jours restants")


def pushed_down(registry: Registry) -> None:
    registry.google.staff.now().insert_rows(registry.book.id, "Actes", 1)


REFUSED = {
    doubled: (Kind.DOUBLED_COLUMN, "2 colonnes prétendent au titre « Forme »"),
    taken: (Kind.TAKEN_COLUMN, "chacune de 2 cellules (G2, G3)"),
    pushed_down: (Kind.UNREADABLE_TAB, "à la ligne 2"),
}


@pytest.mark.parametrize("undo", [pytest.param(u, marks=() if u is taken else pytest.mark.proof) for u in REFUSED])
def test_what_would_lose_something_is_refused_as_a_whole(older: Registry, undo: Callable[[Registry], None]) -> None:
    kind, said = REFUSED[undo]
    undo(older)
    writes = older.writes()
    renewal = older.renewal()
    (refusal,) = renewal.difference.refusals
    assert refusal.kind is kind and said in refusal.detail
    assert "enregistrer" not in refusal.fix
    with pytest.raises(RegistryError, match="ne peut pas être mis à jour"):
        renewal.make("")
    assert older.writes() == writes


@pytest.mark.proof
def test_a_tab_that_somebody_locked_is_told_with_what_to_do(shared: Shared) -> None:
    google, robot = shared.google, "robot@essai.example"
    client = clients.gspread_client(shared.url, clients.bearer(f"user:{robot}"))
    book = google.act(PERSON, "POST", "/v4/spreadsheets", {"properties": {"title": "Registre"}})["spreadsheetId"]
    wanted = {"type": "user", "role": "writer", "emailAddress": robot}
    google.act(PERSON, "POST", f"/drive/v3/files/{book}/permissions", wanted)
    provision(client.http_client, book, OLD, spare_rows=SPARE, hints=HINTS)
    registry = Registry(google, client, client.open_by_key(book))
    guard = {"range": {"sheetId": registry.book.worksheet("Actes").id}, "editors": {"users": [PERSON]}}
    google.staff.now(PERSON).batch(book, {"addProtectedRange": {"protectedRange": guard}})
    (refusal,) = registry.diff().refusals
    assert (refusal.kind, refusal.tab) == (Kind.PROTECTED, "actes")
    assert "Protéger des feuilles et des plages" in refusal.fix
    with pytest.raises(RegistryError, match="ne peut pas être mis à jour"):
        registry.apply()


@pytest.mark.proof
def test_a_value_that_leaves_its_list_is_refused_while_a_cell_uses_it(current: Registry) -> None:
    last = ACTS.column("forme").categories[-1].label
    current.type("Actes", "C3", last)
    later = declared(current, lambda c: replace(c, categories=c.categories[:-1]), "forme")
    (refusal,) = later.diff().refusals
    assert refusal.kind is Kind.VALUE_IN_USE and f"« {last} »" in refusal.detail and "C3" in refusal.detail


# ----------------------------------------------------------------------------------------- while people type


def test_what_is_typed_between_the_look_and_the_writing_stops_it(older: Registry) -> None:
    renewal = older.renewal()
    older.type("Actes", "B4", "Un troisième acte")
    writes = older.writes()
    with pytest.raises(BusyError, match="pendant le contrôle"):
        renewal.make("")
    assert older.writes() == writes
    older.apply()
    assert older.rows("Actes")[3][1] == "Un troisième acte"


@pytest.mark.proof
def test_a_cell_typed_just_before_the_writing_is_kept(older: Registry) -> None:
    def act(who: Any) -> None:
        who.type(older.book.id, "Actes!B4", "Un troisième acte")

    older.google.staff.then(act, before="sheets.spreadsheets.batchUpdate")
    assert older.apply()
    assert older.column("Actes", "Intitulé")[2] == "Un troisième acte"


MEANWHILE: dict[str, Callable[[Any, str], None]] = {
    "a column inserted": lambda who, book: who.insert_columns(book, "Actes", 1),
    "a column moved": lambda who, book: who.move_columns(book, "Actes", 1, 4),
    "people's own column moved": lambda who, book: who.move_columns(book, "Actes", 7, 2),
    "a row inserted above the titles": lambda who, book: who.insert_rows(book, "Actes", 1),
    "rows sorted": lambda who, book: who.sort(book, "Actes", 2),
}
LONG = (
    "a column inserted",
    "people's own column moved",
    "rows sorted",
    "a row inserted above the titles",
)  # in `make proof`


@pytest.mark.parametrize("what", [pytest.param(w, marks=pytest.mark.proof if w in LONG else ()) for w in MEANWHILE])
def test_what_moves_just_before_the_writing_loses_nothing(older: Registry, what: str) -> None:
    seen: list[list[list[str]]] = []

    def act(who: Any) -> None:
        MEANWHILE[what](who, older.book.id)
        answer = older.google.act(who.user, "GET", f"/v4/spreadsheets/{older.book.id}/values/Actes")
        seen.append(answer["values"])

    older.google.staff.then(act, before="sheets.spreadsheets.batchUpdate")
    with pytest.raises(BusyError, match="pendant la mise à jour") as told:
        older.apply()
    assert "Actes" in told.value.where
    assert "relancer" in told.value.fix
    held = _by_column(seen[0])
    now = _by_column(older.rows("Actes"))
    renamed = {"Intitulé de l'acte": "Intitulé"}
    for column in held:
        assert column in now or (renamed.get(column[0], column[0]), *column[1:]) in now, column


def _by_column(rows: list[list[str]]) -> list[tuple[str, ...]]:
    """What people filled, column by column, without the empty cells and those of the system."""
    width = max(map(len, rows))
    columns = [tuple(row[at] for row in rows if at < len(row) and row[at]) for at in range(width)]
    return [column for column in columns if (column and "(système)" not in column[0]) or "Chargé" in str(column)]
