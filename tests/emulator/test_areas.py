"""A1 and R1C1 notation: which cells a text designates, and how answers and refusals name them."""

from collections.abc import Iterator

import pytest

from tests.google.sheets.areas import a1, grid_area, parse_a1, quoted, within_grid
from tests.google.sheets.spreadsheet import Sheet, Spreadsheet
from tests.google.wire import ApiError


def a_sheet(id_: int, title: str, rows: int = 1000, columns: int = 26) -> Sheet:
    return Sheet({"sheetId": id_, "title": title, "gridProperties": {"rowCount": rows, "columnCount": columns}})


@pytest.fixture
def book() -> Iterator[Spreadsheet]:
    titles = ("Accords", "Mon onglet", "🌵 été", "L'an 1", "a!b", "A1", "R1C1", "B", "R")
    sheets = [a_sheet(at, title) for at, title in enumerate(titles)]
    sheets.append(Sheet({"sheetId": 99, "title": "Courbe", "sheetType": "OBJECT"}))
    book = Spreadsheet("b", {"locale": "fr_FR", "timeZone": "Etc/GMT"}, sheets)
    cells = {"sheetId": 1, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}
    book.named_ranges = [{"namedRangeId": "n", "name": "Echeances", "range": cells}]
    yield book


def named(book: Spreadsheet, text: str) -> str:
    return a1(parse_a1(book, text).closed())


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        # a sheet, whole
        ("Accords", "Accords!A1:Z1000"),
        ("'Accords'", "Accords!A1:Z1000"),
        ("aCCORDS", "Accords!A1:Z1000"),
        ("'Mon onglet'", "'Mon onglet'!A1:Z1000"),
        ("Mon onglet", "'Mon onglet'!A1:Z1000"),
        ("'L''an 1'", "'L''an 1'!A1:Z1000"),
        ("a!b", "'a!b'!A1:Z1000"),
        # a sheet and cells
        ("Mon onglet!B2", "'Mon onglet'!B2"),
        ("🌵 été!A1:B2", "'🌵 été'!A1:B2"),
        ("'L''an 1'!$A$1:$B2", "'L''an 1'!A1:B2"),
        ("a!b!C3", "'a!b'!C3"),
        ("!A1", "Accords!A1"),
        ("''!A1", "Accords!A1"),
        # cells of the first sheet
        ("c3", "Accords!C3"),
        ("A1:A1", "Accords!A1"),
        ("B2:A1", "Accords!A1:B2"),
        ("B1:A2", "Accords!A1:B2"),
        # open sides, closed by the grid
        ("A:A", "Accords!A1:A1000"),
        ("C:A", "Accords!A1:C1000"),
        ("A2:A", "Accords!A2:A1000"),
        ("A5:B", "Accords!A5:B1000"),
        ("2:2", "Accords!A2:Z2"),
        ("3:1", "Accords!A1:Z3"),
        ("B3:4", "Accords!B3:Z4"),
        # an end beyond the grid is cut
        ("A1:ZZ2000", "Accords!A1:Z1000"),
        ("Y999:AB1001", "Accords!Y999:Z1000"),
        # titles that look like cells: the text is the cells, its quoted form the sheet
        ("A1", "Accords!A1"),
        ("'A1'", "'A1'!A1:Z1000"),
        ("A1!A1", "'A1'!A1"),
        ("R1C1", "Accords!A1"),
        ("R1C1!R2C2", "'R1C1'!B2"),
        ("B", "B!A1:Z1000"),
        ("R", "Accords!A1"),
        ("'R'", "'R'!A1:Z1000"),
        # named ranges, before sheets
        ("Echeances", "'Mon onglet'!A2:B4"),
        ("echeances", "'Mon onglet'!A2:B4"),
        ("'Mon onglet'!Echeances", "'Mon onglet'!A2:B4"),
        # R1C1 notation: numbers from 1, or offsets from A1 in brackets
        ("R2C3", "Accords!C2"),
        ("r1c1:r2c2", "Accords!A1:B2"),
        ("R[1]C[2]", "Accords!C2"),
        ("R[1]", "Accords!A2:Z2"),
        ("C[1]", "Accords!B1:B1000"),
        ("RC", "Accords!A1"),
        ("R3C", "Accords!A3"),
        ("R02C03", "Accords!C2"),
        ("R1C1:R3", "Accords!A1:Z3"),
        ("R1C1:C3", "Accords!A1:C1000"),
        ("R4C4:R1C1", "Accords!A1:D4"),
        ("R2", "Accords!R2"),
        ("Mon onglet!R2C1", "'Mon onglet'!A2"),
    ],
)
def test_a_text_designates_cells(book: Spreadsheet, text: str, answered: str) -> None:
    assert named(book, text) == answered


@pytest.mark.parametrize(
    "text",
    ["", "Nulle part", "'Nulle part'!A1", "Accords!", "Accords!A", "Accords!5", "ZZ", "A0", "A1:A0", "0:1", " A1",
     "A1 :B2", "Accords !A1", "'Accords '!A1", "A1:", ":A1", "A1:B2:C3", "A1,B2", "!Accords", "!!A1", "A1:R2C2",
     "R1C1:B2", "R0C1", "R1C0", "R00C1", "R[-1]C", "R2C2:R1C1", "R1C3:R1C2", "Courbe", "Courbe!A1", "$", "A$$1"],
)  # fmt: skip
def test_what_designates_nothing_is_repeated_whole(book: Spreadsheet, text: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_a1(book, text)
    assert (refusal.value.code, refusal.value.message) == (400, f"Unable to parse range: {text}")


@pytest.mark.parametrize(
    ("text", "as_named"),
    [
        ("AA1", "Accords!AA1"),
        ("A1001:B1002", "Accords!A1001:B1002"),
        ("A1001:B", "Accords!A1001:B"),
        ("AA:AB", "Accords!AA:AB"),
        ("ZZ:ZZ", "Accords!ZZ"),
        ("1001:1001", "Accords!1001"),
        ("R[1000]C", "Accords!A1001"),
        ("C[26]", "Accords!AA"),
        ("RC27", "Accords!RC27"),  # the cell of column RC
        ("Mon onglet!A2000", "'Mon onglet'!A2000"),
    ],
)
def test_a_range_may_not_start_outside_the_grid(book: Spreadsheet, text: str, as_named: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_a1(book, text)
    assert refusal.value.message == f"Range ({as_named}) exceeds grid limits. Max rows: 1000, max columns: 26"


@pytest.mark.parametrize(
    ("title", "written"),
    [("Accords", "Accords"), ("_calcul", "_calcul"), ("B", "B"), ("Feuille1", "Feuille1"), ("Mon onglet", "'Mon onglet'"),
     ("été", "'été'"), ("2026", "'2026'"), ("L'an", "'L''an'"), ("tab01", "'tab01'"), ("RC", "'RC'"), ("R2C4", "'R2C4'")],
)  # fmt: skip
def test_titles_are_quoted_when_they_could_be_read_otherwise(title: str, written: str) -> None:
    assert quoted(title) == written


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"sheetId": 7777}, "No grid with id: 7777"),
        ({"sheetId": 99}, "No grid with id: 99"),
        ({"startRowIndex": -1}, "GridRange indexes must be >= 0"),
        ({"startRowIndex": 3, "endRowIndex": 1}, "endRowIndex[1] cannot be before startRowIndex[3]"),
        ({"startColumnIndex": 3, "endColumnIndex": 2}, "endColumnIndex[2] cannot be before startColumnIndex[3]"),
        ({"startRowIndex": 1000, "startColumnIndex": 1, "endColumnIndex": 3},
         "Range (Accords!B1001:C) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ({"startRowIndex": 5, "endRowIndex": 5, "startColumnIndex": 26},
         "Range ((empty) Accords!AA6:5) exceeds grid limits. Max rows: 1000, max columns: 26"),
    ],
)  # fmt: skip
def test_a_grid_range_that_is_none(book: Spreadsheet, grid: dict[str, int], message: str) -> None:
    with pytest.raises(ApiError) as refusal:
        within_grid(grid_area(book, grid))
    assert refusal.value.message == message


def test_a_grid_range_without_cells_has_no_name(book: Spreadsheet) -> None:
    assert a1(grid_area(book, {"startRowIndex": 2, "endRowIndex": 2}).closed()) == "#REF!"
    assert a1(grid_area(book, {"endRowIndex": 2, "endColumnIndex": 20000}).closed()) == "Accords!A1:Z2"
