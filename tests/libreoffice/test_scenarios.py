"""One thing that people do in LibreOffice, between two runs: nothing of theirs is lost, nothing stands on a wrong row."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from cdi_sync.edges.installation import Installation
from cdi_sync.model import Raw
from jobs.run import run
from tests.demos import AS_OF, installation
from tests.libreoffice.office import Edit, Office, edit
from tests.libreoffice.registers import (
    assert_survived,
    run_and_check,
    small_register,
    staff_rows,
    tables,
)

pytestmark = pytest.mark.libreoffice
Rows = dict[str, dict[str, dict[str, Raw]]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A small register after its first run."""
    at = small_register(tmp_path_factory.mktemp("registre") / "a")
    run(at, AS_OF)
    return at


@pytest.fixture
def at(published: Installation, tmp_path: Path) -> Installation:
    """A copy of it, which what is declared isn't read again for."""
    shutil.copytree(published.folder, tmp_path / "a")
    return Installation(tmp_path / "a", published.settings, published.declarations, published.common)


NOTHING_TYPED = {
    "sorted by title, and by a date that some rows lack": [
        edit("sort", "Actes", column="Intitulé"),
        edit("sort", "Délibérations", column="Date du procès-verbal", descending=True),
    ],
    "sorted backwards by number": [edit("sort", "Actes", column="N° d'acte", descending=True)],
    "sorted by what the system wrote": [
        edit("sort", "Actes", column="À corriger"),
        edit("sort", "Visas et accords", column="À corriger", descending=True),
    ],
    "blank rows inserted": [edit("insert_rows", "Actes", row=4, count=2), edit("insert_rows", "Contacts", row=2)],
    "headers renamed to their other names": [
        edit("rename_header", "Actes", column="Date de signature", name="Signé le"),
        edit("rename_header", "Délibérations", column="Acte", name="N° d'acte"),
        edit("rename_header", "Visas et accords", column="Limite des 20 jours", name="Échéance du visa"),
    ],
    "a column and rows hidden": [
        edit("hide_column", "Actes", column="Forme"),
        edit("hide_rows", "Actes", row=3, count=4),
    ],
    "filtered, then sorted": [
        edit("auto_filter", "Contacts", column="Rôle", text="é"),
        edit("sort", "Contacts", column="Nom et prénom", descending=True),
        edit("auto_filter", "Actes"),
    ],
    "comments and a colour, then recalculated": [
        edit("comment", "Actes", row=3, column="Étape", text="à revoir"),
        edit("colour", "Actes", row=3, column="Objet"),
        edit("comment", "Actes", row=4, column="Objet", text="voir le dossier"),
        edit("recalculate", "Actes"),
    ],
    "tabs renamed to their other names": [
        edit("rename_tab", "Actes", name="Actes de coopération"),
        edit("rename_tab", "Visas et accords", name="Visas"),
    ],
}


ALIKE = (
    "sorted backwards by number",
    "a column and rows hidden",
    "sorted by what the system wrote",
    "comments and a colour, then recalculated",
    "blank rows inserted",
    "headers renamed to their other names",
    "filtered, then sorted",
)  # for the long proofs


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param(edits, id=name, marks=[pytest.mark.proof] * (name in ALIKE))
        for name, edits in NOTHING_TYPED.items()
    ],
)
def test_every_cell_that_staff_filled_is_still_on_its_row(edits: list[Edit], at: Installation, office: Office) -> None:
    before = staff_rows(tables(at.workbook))
    office.edit(at.workbook, *edits)
    report = run_and_check(at)
    assert staff_rows(tables(at.workbook)) == before
    assert report.sync.healed == ()  # nobody is said to have typed what the system wrote


def test_grey_cells_filled_by_hand_are_put_right_and_quoted_in_the_journal(at: Installation, office: Office) -> None:
    before = staff_rows(tables(at.workbook))
    office.edit(
        at.workbook,
        edit("type", "Actes", row=3, column="Étape", text="voir Mme la Présidente"),
        edit("type", "Actes", row=4, column="À corriger", text=""),
        edit("type", "Contacts", row=5, column="Contrôlé le", text="12/03/2019"),
    )
    report = run_and_check(at)
    assert staff_rows(tables(at.workbook)) == before
    assert [text.rpartition(" : ")[2] for text in report.sync.healed] == [
        "« 12/03/2019 »",
        "« voir Mme la Présidente »",
    ]


def overwritten(rows: Rows) -> None:
    rows["actes"]["ACT-00002"]["objet"] = "Un autre objet"
    rows["actes"]["ACT-00003"]["date_fin"] = date(2027, 3, 12)
    del rows["actes"]["ACT-00004"]["intitule"]
    rows["contacts"]["CON-00002"]["nom_prenom"] = "  =somme  "


def pasted(rows: Rows) -> None:
    """PAR-00013 to 16 wait below the last row; the run of the paste numbers those beyond."""
    rows["partenaires"]["PAR-00012"] |= {"nom": "Ville collée", "pays": "Sénégal"}
    del rows["partenaires"]["PAR-00012"]["type"]
    rows["partenaires"]["PAR-00013"] = {"nom": "Autre ville", "pays": "Mali"}
    rows["partenaires"] |= {"PAR-00017": {"nom": "Une"}, "PAR-00018": {"nom": "Deux"}}


def deleted(rows: Rows) -> None:
    for id_ in ("ACT-00003", "ACT-00004"):
        del rows["actes"][id_]


def in_a_column_of_their_own(rows: Rows) -> None:
    for id_, text in (("ACT-00001", "urgent"), ("ACT-00002", "voir M. Alami")):
        rows["actes"][id_]["Mes notes"] = text


TYPED: dict[str, tuple[list[Edit], Callable[[Rows], None]]] = {
    "cells typed, overwritten and cleared": ([
        edit("type", "Actes", row=3, column="Objet", text="Un autre objet"),
        edit("type", "Actes", row=4, column="Fin de l'acte", text="12/03/2027"),
        edit("type", "Actes", row=5, column="Intitulé", text=""),
        edit("type", "Contacts", row=3, column="Nom et prénom", text="  =somme  "),
    ], overwritten),
    "blocks pasted over the last row, and further down than any number": ([
        edit("paste", "Partenaires", row=13, column="Nom", rows=[["Ville collée", "", "Sénégal"], ["Autre ville", "", "Mali"]]),
        edit("paste", "Partenaires", row=20, column="Nom", rows=[["Une", "", ""], ["Deux", "", ""]]),
    ], pasted),
    "rows deleted": ([edit("delete_rows", "Actes", row=4, count=2)], deleted),
    "a column of their own, the rows sorted": ([
        edit("add_column", "Actes", column="Mes notes", texts=["urgent", "voir M. Alami"]),
        edit("sort", "Actes", column="Objet", descending=True),
    ], in_a_column_of_their_own),
}  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "change"),
    [
        pytest.param(*told, id=name, marks=[pytest.mark.proof] * (name == "rows deleted"))
        for name, told in TYPED.items()
    ],
)
def test_what_staff_type_is_kept_and_nothing_else_changes(
    edits: list[Edit], change: Callable[[Rows], None], at: Installation, office: Office
) -> None:
    expected = staff_rows(tables(at.workbook))
    change(expected)
    office.edit(at.workbook, *edits)
    run_and_check(at)
    assert staff_rows(tables(at.workbook)) == expected


def test_rows_pasted_with_their_numbers_are_set_aside_and_no_other(at: Installation, office: Office) -> None:
    copied = tables(at.workbook)["partenaires"]
    block = [list(row[:4]) for row in copied.rows[1:3]]
    office.edit(at.workbook, edit("paste", "Partenaires", row=20, column="N° de partenaire", rows=block))
    report = run_and_check(at)
    doubled = {f.row for f in report.reading.assessment.findings if f.tab == "partenaires" and f.rule == "DATA-01"}
    assert doubled == {3, 4, 20, 21}


def test_lists_checks_and_colours_follow_the_columns_that_people_move(at: Installation, office: Office) -> None:
    before = staff_rows(tables(at.workbook))
    office.edit(
        at.workbook,
        edit("move_column", "Actes", column="Forme", before="Objet"),
        edit("move_column", "Actes", column="À corriger", before="Intitulé"),
        edit("move_column", "Visas et accords", column="N° de visa"),
    )
    assert run_and_check(at).sync.healed == ()
    assert staff_rows(tables(at.workbook)) == before
    sheet = openpyxl.load_workbook(at.workbook)["Actes"]
    letter = {cell.value: cell.column_letter for cell in sheet[1]}
    listed = next(v for v in sheet.data_validations.dataValidation if v.formula1 == "liste_actes_forme")
    assert f"{letter['Forme']}3" in listed.sqref
    orange = [area for area in sheet.conditional_formatting if f"{letter['À corriger']}3" in area.sqref]
    assert len(orange) == 1


def test_a_workbook_open_in_libreoffice_is_left_alone_until_it_is_closed(at: Installation, office: Office) -> None:
    office.edit(at.workbook, edit("type", "Actes", row=3, column="Étape", text="autre chose"))
    left, saved = tables(at.workbook), at.workbook.read_bytes()
    office.hold(at.workbook)
    assert "ouvert" in run(at, AS_OF).busy
    assert at.workbook.read_bytes() == saved
    office.release()
    assert run(at, AS_OF).sync.cells > 0
    assert_survived(left, tables(at.workbook))


@pytest.mark.proof  # LibreOffice takes long to lay out rows to repeat
def test_the_rows_repeated_in_print_and_the_chart_outlive_a_sort(tmp_path: Path, office: Office) -> None:
    at = installation(tmp_path / "demo", seed=12, size=12)
    run(at, AS_OF)
    office.edit(at.workbook, edit("sort", "Actes", column="Intitulé"), edit("auto_filter", "Contacts"))
    run_and_check(at)
    book = openpyxl.load_workbook(at.workbook)
    assert book["Actes"].print_title_rows == "$1:$1"
    assert len(book["Tableau de bord"]._charts) == 6  # type: ignore[attr-defined]  # openpyxl names no other way
