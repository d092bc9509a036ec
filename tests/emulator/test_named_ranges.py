"""Named ranges by batchUpdate: their names, their ranges, and what follows them."""

from typing import Any

import gspread
import pytest

from tests.emulator.book_client import BookClient, area
from tests.google.clients import gspread_client
from tests.google.world import Google

SIDES = {"startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 2, "endColumnIndex": 3}


@pytest.fixture
def book() -> BookClient:
    return BookClient()


def add(book: BookClient, name: str = "Montants", **more: Any) -> Any:
    """addNamedRange: the named range, or what the error says."""
    answer = book.batch({"addNamedRange": {"namedRange": {"name": name, "range": area(1, 4, 2, 3), **more}}})
    return answer if isinstance(answer, str) else answer[0]["addNamedRange"]["namedRange"]


def named(book: BookClient) -> Any:
    return book.get(fields="namedRanges").get("namedRanges", [])


def test_a_named_range_gets_an_identifier_and_tells_no_sheet_when_that_is_0(book: BookClient) -> None:
    added = add(book)
    assert added["namedRangeId"].isdigit()
    assert added == {"namedRangeId": added["namedRangeId"], "name": "Montants", "range": SIDES}
    assert named(book) == [added]


def test_a_range_on_another_sheet_open_and_longer_than_the_grid(book: BookClient) -> None:
    book.batch({"addSheet": {"properties": {"sheetId": 7}}})
    added = add(book, namedRangeId="42", range={"sheetId": 7, "startRowIndex": 1, "endRowIndex": 5000})
    assert added == {"namedRangeId": "42", "name": "Montants",
                     "range": {"sheetId": 7, "startRowIndex": 1, "endRowIndex": 1000}}  # fmt: skip


@pytest.mark.parametrize("name", ["", "Deux mots", "1er", "A1", "XFD12", "R1C1", "RC", "true_north", "a-b", "x" * 251])
def test_names_that_could_be_taken_for_something_else_are_refused(book: BookClient, name: str) -> None:
    assert add(book, name) == "Invalid requests[0].addNamedRange: The name given to this range is invalid."


@pytest.mark.parametrize("name", ["_1", "Année", "ABCD1", "x" * 250, "Truite"])
def test_other_names_are_taken(book: BookClient, name: str) -> None:
    assert add(book, name)["name"] == name


def test_a_name_and_an_identifier_are_given_once(book: BookClient) -> None:
    add(book, namedRangeId="42")
    assert add(book, "MONTANTS") == (
        "Invalid requests[0].addNamedRange: Cannot add named range with name MONTANTS, "
        "a named range with that name already exists."
    )
    assert add(book, "Autre", namedRangeId="42").endswith("a named range with that id already exists.")


def test_a_range_must_be_there(book: BookClient) -> None:
    assert add(book, range=None) == "Invalid requests[0].addNamedRange: NamedRange.range is required."
    assert add(book, range={"sheetId": 9}) == "Invalid requests[0].addNamedRange: No grid with id: 9"


def test_an_update_changes_what_its_mask_names(book: BookClient) -> None:
    id_ = add(book)["namedRangeId"]
    new = {"namedRangeId": id_, "name": "Sommes", "range": area(0, 1, 0, 1)}
    assert book.batch({"updateNamedRange": {"namedRange": new, "fields": "range"}}) == [{}]
    assert named(book)[0]["name"] == "Montants"
    assert named(book)[0]["range"]["endRowIndex"] == 1
    assert book.batch({"updateNamedRange": {"namedRange": new, "fields": "*"}}) == [{}]
    assert named(book)[0] == {"namedRangeId": id_, "name": "Sommes", "range": {
        "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}}  # fmt: skip


def test_an_update_needs_a_mask_and_a_range_that_is_there(book: BookClient) -> None:
    add(book, namedRangeId="42")
    update = {"namedRange": {"namedRangeId": "42", "name": "Sommes"}}
    assert "At least one field must be listed in 'fields'" in book.batch({"updateNamedRange": update})
    assert book.batch({"updateNamedRange": {**update, "fields": "nom"}}).endswith("Invalid field: nom")
    gone = {"namedRange": {"namedRangeId": "43", "name": "Sommes"}, "fields": "name"}
    assert book.batch({"updateNamedRange": gone}) == "Invalid requests[0].updateNamedRange: No NamedRange with id: 43"


def test_formulas_follow_a_new_name(book: BookClient) -> None:
    add(book, namedRangeId="42")
    book.write(["=SUM(Montants)+1", '="Montants"'])
    book.batch({"updateNamedRange": {"namedRange": {"namedRangeId": "42", "name": "Sommes"}, "fields": "name"}})
    cells = book.cells("A1:B1", "userEnteredValue")[0]
    assert [cell["userEnteredValue"]["formulaValue"] for cell in cells] == ["=SUM(Sommes)+1", '="Montants"']


def test_what_a_named_range_backs_follows_it_and_stays_after_it(book: BookClient) -> None:
    add(book, namedRangeId="42")
    book.batch({"addProtectedRange": {"protectedRange": {"namedRangeId": "42"}}})
    moved = {"namedRange": {"namedRangeId": "42", "range": area(5, 6, 0, 1)}, "fields": "range"}
    book.batch({"updateNamedRange": moved})
    (protected,) = book.get(fields="sheets.protectedRanges")["sheets"][0]["protectedRanges"]
    assert (protected["namedRangeId"], protected["range"]["startRowIndex"]) == ("42", 5)
    book.batch({"deleteNamedRange": {"namedRangeId": "42"}})
    (protected,) = book.get(fields="sheets.protectedRanges")["sheets"][0]["protectedRanges"]
    assert "namedRangeId" not in protected
    assert protected["range"]["startRowIndex"] == 5


def test_a_named_range_is_deleted_once(book: BookClient) -> None:
    add(book, namedRangeId="42")
    assert book.batch({"deleteNamedRange": {"namedRangeId": "42"}}) == [{}]
    assert named(book) == []
    gone = "Invalid requests[0].deleteNamedRange: No NamedRange with id: 42"
    assert book.batch({"deleteNamedRange": {"namedRangeId": "42"}}) == gone


def test_gspread_defines_and_deletes_names_filters_and_protections(google: Google, url: str) -> None:
    sheet = gspread_client(url).create("Essai").sheet1
    defined = sheet.define_named_range("B2:C4", "Montants")["replies"][0]["addNamedRange"]["namedRange"]
    assert sheet.spreadsheet.list_named_ranges() == [defined]
    sheet.delete_named_range(defined["namedRangeId"])
    sheet.set_basic_filter("A1:B5")
    sheet.clear_basic_filter()
    added = sheet.add_protected_range("A1:B2", description="En-tête")["replies"][0]["addProtectedRange"]
    id_ = added["protectedRange"]["protectedRangeId"]
    assert [each["protectedRangeId"] for each in sheet.spreadsheet.list_protected_ranges(sheet.id)] == [id_]
    sheet.delete_protected_range(id_)
    with pytest.raises(gspread.exceptions.APIError, match=f"No protected range with id: {id_}"):
        sheet.delete_protected_range(id_)
