"""The one way in which cells of the staff are written: into rows that nobody uses, and nowhere else."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cdi_sync.edges.workbook_xlsx import appending
from cdi_sync.edges.workbook_xlsx.appending import append_rows
from cdi_sync.edges.workbook_xlsx.apply import Written
from cdi_sync.edges.workbook_xlsx.reading import Snapshot, read
from cdi_sync.edges.workbook_xlsx.splice import Cell, splice
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.tables import read_registry
from tests.registries import DECLARED, complete

TABS = list(DECLARED.tabs.values())
OBJECT = 1 + [column.key for column in DECLARED.tabs["actes"].columns].index("objet")
NEW = {
    "id": "ACT-00003",
    "intitule": "=1+1",
    "forme": "Jumelage",
    "date_signature": date(1986, 5, 12),
    "duree_mois": 36,
}


@lru_cache(maxsize=1)
def _made() -> bytes:
    return build_workbook(TABS, complete({"actes": [{}, {"intitule": "Second"}]}), spare_rows=4)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "registre.xlsx"
    path.write_bytes(_made())
    return path


def append(path: Path, rows: Mapping[int, Mapping[str, Any]], snapshot: Snapshot | None = None) -> int:
    snapshot = snapshot or read(path)
    registry = read_registry(snapshot.grids, TABS)
    return append_rows(path, snapshot, {"actes": rows}, registry, DECLARED.tabs, backups=3, stamp="2026-11-23T083000")


def test_an_empty_cell_of_a_row_in_use_is_filled_and_every_other_cell_stays(book: Path) -> None:
    before = read(book)
    second = {"id": "ACT-00002", "objet": "Eau potable", "duree_mois": 36}
    assert append(book, {3: second, 4: NEW}) == 6
    acts = {row.id: row for row in read_registry(read(book).grids, TABS)["actes"]}
    assert (acts["ACT-00002"]["objet"], acts["ACT-00002"]["intitule"]) == ("Eau potable", "Second")
    assert acts["ACT-00003"]["duree_mois"] == 36
    assert acts["ACT-00001"] == {row.id: row for row in read_registry(before.grids, TABS)["actes"]}["ACT-00001"]


@pytest.mark.parametrize(
    "values",
    [{"id": "ACT-00002", "intitule": "Un autre", "objet": "Eau"}, {"id": "ACT-00009", "objet": "Eau"}],
    ids=["a cell that staff filled", "a row of another number"],
)
def test_what_staff_filled_is_never_filled_again(book: Path, values: Mapping[str, Any]) -> None:
    before = book.read_bytes()
    with pytest.raises(RegistryError, match="n'est pas libre"):
        append(book, {3: values, 4: NEW})
    assert book.read_bytes() == before


def test_a_formula_that_shows_nothing_is_not_an_empty_cell(book: Path) -> None:
    data = splice(book.read_bytes(), {"Actes": {(3, OBJECT): Cell("", '""'), (4, OBJECT): Cell("", '""')}}, {}).data
    book.write_bytes(data)
    with pytest.raises(RegistryError, match="contient une formule") as stop:
        append(book, {3: {"id": "ACT-00002", "objet": "Eau"}})
    assert "Actes, ligne 3" in str(stop.value.where)
    assert book.read_bytes() == data
    assert append(book, {4: NEW}) == 4, "one beside what is written in a free row stays, and isn't in the way"
    assert openpyxl.load_workbook(book)["Actes"].cell(4, OBJECT).value == '=""'


def test_a_free_row_is_filled_and_every_other_cell_stays(book: Path) -> None:
    before = read(book)
    assert append(book, {4: NEW}) == 4  # the number was there
    after = read(book)
    for title, grid in before.grids.items():
        for number, (old, new) in enumerate(zip(grid.rows, after.grids[title].rows, strict=True), start=1):
            assert (title, number) == ("Actes", 4) or list(old) == list(new)
    act = read_registry(after.grids, TABS)["actes"][2]
    assert (act.id, act["intitule"], act["forme"], act["duree_mois"]) == ("ACT-00003", "=1+1", "JUMELAGE", 36)
    assert act.day("date_signature") == date(1986, 5, 12)


def test_a_day_written_there_is_shown_as_a_day_and_a_formula_stays_a_text(book: Path) -> None:
    append(book, {4: NEW})
    sheet = openpyxl.load_workbook(BytesIO(book.read_bytes()))["Actes"]
    keys = [column.key for column in DECLARED.tabs["actes"].columns]
    day, title = sheet.cell(4, 1 + keys.index("date_signature")), sheet.cell(4, 1 + keys.index("intitule"))
    assert (day.is_date, day.number_format) == (True, "dd/mm/yyyy")
    assert (title.value, title.data_type) == ("=1+1", "s")


def test_a_row_below_the_reserve_gets_its_number_too(book: Path) -> None:
    assert append(book, {8: {**NEW, "id": "ACT-00007"}}) == 5
    assert read_registry(read(book).grids, TABS)["actes"][2].id == "ACT-00007"


@pytest.mark.parametrize(
    ("row", "id_"),
    [(2, "ACT-00001"), (3, "ACT-00002"), (4, "ACT-00009"), (1, "ACT-00003")],
    ids=["a used row", "a row with one cell", "another number", "the titles"],
)
def test_a_row_that_is_not_free_refuses_everything(book: Path, row: int, id_: str) -> None:
    before = book.read_bytes()
    with pytest.raises(RegistryError, match="n'est pas libre"):
        append(book, {5: {**NEW, "id": "ACT-00004"}, row: {**NEW, "id": id_}})
    assert book.read_bytes() == before
    assert not (book.parent / "sauvegardes").exists()


def test_a_file_that_changed_since_it_was_read_is_left_alone(book: Path) -> None:
    snapshot = read(book)
    other = openpyxl.load_workbook(book)
    other["Actes"]["B4"] = "Saisi entre-temps"
    other.save(book)
    before = book.read_bytes()
    with pytest.raises(BusyError, match="a changé"):
        append(book, {4: NEW}, snapshot)
    assert book.read_bytes() == before


def test_an_open_file_is_left_alone(book: Path) -> None:
    (book.parent / f"~${book.name}").write_bytes(b"\x05Amina")
    with pytest.raises(BusyError, match="ouvert"):
        append(book, {4: NEW})


def test_a_column_of_the_system_cannot_be_written_this_way(book: Path) -> None:
    with pytest.raises(ValueError, match=r"actes\.etape"):
        append(book, {4: {**NEW, "etape": "C75"}})


def test_a_result_that_changes_another_cell_is_never_kept(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rightly = appending.apply

    def wrongly(*arguments: Any) -> Written:
        done = rightly(*arguments)
        damaged = openpyxl.load_workbook(BytesIO(done.data))
        damaged["Partenaires"]["B2"] = "Autre nom"
        out = BytesIO()
        damaged.save(out)
        return Written(out.getvalue(), done.cells)

    monkeypatch.setattr(appending, "apply", wrongly)
    before = book.read_bytes()
    with pytest.raises(RegistryError, match="ce qui était prévu"):
        append(book, {4: NEW})
    assert book.read_bytes() == before
