"""Reading a workbook: what the values alone would hide, and what is refused."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from cdi_sync.edges.workbook_xlsx.reading import read, read_bytes
from cdi_sync.errors import RegistryError
from cdi_sync.model import CellError
from cdi_sync.tables import read_registry
from tests.demos import installation
from tests.registries import DECLARED


def made_by_xlsxwriter(fill: object, **options: object) -> bytes:
    """A one-sheet workbook that `fill(workbook, sheet)` wrote in."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **options})
    fill(book, book.add_worksheet("Feuille"))  # type: ignore[operator]  # a function of two arguments
    book.close()
    return buffer.getvalue()


def test_an_error_cell_is_seen_where_values_alone_show_nothing() -> None:
    data = made_by_xlsxwriter(lambda book, sheet: sheet.write_formula("B2", "=1/0", None, "#DIV/0!"))
    assert read_bytes(data, "x").grids["Feuille"].rows[1][1] == CellError("#DIV/0!")


def test_a_formula_that_was_never_computed_is_not_taken_for_an_empty_cell() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"  # type: ignore[index]  # openpyxl writes no result
    buffer = io.BytesIO()
    book.save(buffer)
    (row,) = read_bytes(buffer.getvalue(), "x").grids["Sheet"].rows
    assert isinstance(row[0], CellError)
    assert "sans résultat" in row[0].shown


def test_a_formula_with_its_result_is_its_result() -> None:
    data = made_by_xlsxwriter(lambda book, sheet: sheet.write_formula("A1", "=6*7", None, 42))
    assert read_bytes(data, "x").grids["Feuille"].rows[0][0] == 42


def test_dates_of_a_1904_workbook_are_the_days_that_people_see() -> None:
    def fill(book: xlsxwriter.Workbook, sheet: object) -> None:
        sheet.write_datetime("A1", datetime(2026, 3, 31), book.add_format({"num_format": "dd/mm/yyyy"}))  # type: ignore[attr-defined]

    snapshot = read_bytes(made_by_xlsxwriter(fill, date_1904=True), "x")
    assert snapshot.date1904
    assert snapshot.grids["Feuille"].rows[0][0] in (date(2026, 3, 31), datetime(2026, 3, 31))


def test_rows_keep_their_number_when_the_first_ones_are_empty() -> None:
    data = made_by_xlsxwriter(lambda book, sheet: sheet.write("C5", "ici"))
    rows = read_bytes(data, "x").grids["Feuille"].rows
    assert rows[4][2] == "ici"
    assert all(cell is None for row in rows[:4] for cell in row)


def test_a_stray_cell_at_the_end_of_the_sheet_is_refused_without_filling_the_memory() -> None:
    data = made_by_xlsxwriter(lambda book, sheet: sheet.write("XFD1048576", "perdue"))
    with pytest.raises(RegistryError, match="trop grand") as error:
        read_bytes(data, "x")
    assert "1048576" in error.value.where


def test_an_error_in_a_registry_is_reported_with_its_cell_and_the_row_lives_on(tmp_path: Path) -> None:
    at = installation(tmp_path)
    book = openpyxl.load_workbook(at.workbook)
    sheet = book["Actes"]
    column = [cell.value for cell in sheet[1]].index("Objet") + 1
    sheet.cell(2, column).value = "#REF!"
    sheet.cell(2, column).data_type = "e"
    book.save(at.workbook)
    registry = read_registry(read(at.workbook).grids, list(DECLARED.tabs.values()))
    (problem,) = [p for p in registry.problems if p.tab == "actes" and p.row == 2]
    assert (problem.rule, problem.column, problem.read) == ("DATA-02", "objet", "#REF!")
    assert registry["actes"][0]["intitule"] == "Jumelage Fès – Florence (Firenze)"


def test_a_workbook_that_is_missing_names_the_fix(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="introuvable") as error:
        read(tmp_path / "absent.xlsx")
    assert "cdi init" in error.value.fix


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    data = installation(tmp_path).workbook.read_bytes()
    with pytest.raises(RegistryError):
        read_bytes(data[: len(data) // 2], "registre.xlsx")


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bonjour.txt", "x")
    with pytest.raises(RegistryError):
        read_bytes(buffer.getvalue(), "x")
