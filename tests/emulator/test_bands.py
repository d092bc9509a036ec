"""Banded ranges and tables by batchUpdate: bands that don't overlap, headers that name columns."""

from typing import Any

import pytest

from tests.emulator.book_client import BookClient, area

BANDED = "You cannot add alternating background colors to a range that already has alternating background colors."
COLOURS: dict[str, Any] = {"firstBandColor": {"red": 1}, "secondBandColorStyle": {"rgbColor": {"green": 1}}}
LIST = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Ouvert"}]}}
SIDES = {"startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 3}


@pytest.fixture
def book() -> BookClient:
    book = BookClient()
    book.write(["Ville", 12, None], ["Agadir", 5, "oui"], ["Rabat", 7, None], ["Fès", 9, True])
    return book


def band(book: BookClient, **given: Any) -> Any:
    asked = {"range": area(0, 4, 0, 3), "rowProperties": COLOURS, **given}
    answer = book.batch({"addBanding": {"bandedRange": asked}})
    return answer if isinstance(answer, str) else answer[0]["addBanding"]["bandedRange"]


def table(book: BookClient, **given: Any) -> Any:
    asked = {"name": "Suivi", "range": area(0, 4, 0, 3), **given}
    answer = book.batch({"addTable": {"table": asked}})
    return answer if isinstance(answer, str) else answer[0]["addTable"]["table"]


def of_sheet(book: BookClient, name: str) -> Any:
    return book.get(fields=f"sheets.{name}")["sheets"][0].get(name, [])


def shown(book: BookClient, cells: str) -> list[str]:
    return [cell.get("formattedValue", "") for row in book.cells(cells, "formattedValue") for cell in row]


# ------------------------------------------------------------------------------------------------------------ bands


def test_a_band_is_told_with_its_colours_both_ways(book: BookClient) -> None:
    added = band(book)
    assert added == {"bandedRangeId": added["bandedRangeId"], "range": SIDES, "rowProperties": {
        "firstBandColor": {"red": 1}, "firstBandColorStyle": {"rgbColor": {"red": 1}},
        "secondBandColor": {"green": 1}, "secondBandColorStyle": {"rgbColor": {"green": 1}}}}  # fmt: skip
    assert of_sheet(book, "bandedRanges") == [added]


def test_bands_dont_overlap(book: BookClient) -> None:
    band(book, bandedRangeId=12)
    assert band(book, range=area(3, 6, 2, 4)) == f"Invalid requests[0].addBanding: {BANDED}"
    assert band(book, range=area(4, 6, 0, 3))["range"]["startRowIndex"] == 4
    assert "already exists" in band(book, range=area(9, 10, 0, 1), bandedRangeId=12)
    grown = {"bandedRange": {"bandedRangeId": 12, "range": area(0, 5, 0, 3)}, "fields": "range"}
    assert book.batch({"updateBanding": grown}) == f"Invalid requests[0].updateBanding: {BANDED}"


def test_a_band_has_a_range_and_two_colours(book: BookClient) -> None:
    assert "BandedRange.range is required." in band(book, range=None)
    assert "At least one of rowProperties or columnProperties" in band(book, rowProperties=None)
    assert "secondBandColor is required." in band(book, rowProperties={"firstBandColor": {}})


def test_a_band_is_changed_and_deleted(book: BookClient) -> None:
    band(book, bandedRangeId=12)
    header = {"bandedRangeId": 12, "rowProperties": {"headerColor": {"blue": 1}}}
    assert book.batch({"updateBanding": {"bandedRange": header, "fields": "rowProperties.headerColor"}}) == [{}]
    assert of_sheet(book, "bandedRanges")[0]["rowProperties"]["headerColorStyle"] == {"rgbColor": {"blue": 1}}
    assert of_sheet(book, "bandedRanges")[0]["rowProperties"]["firstBandColor"] == {"red": 1}
    assert book.batch({"deleteBanding": {"bandedRangeId": 12}}) == [{}]
    assert of_sheet(book, "bandedRanges") == []
    gone = "Invalid requests[0].deleteBanding: No banded range with id: 12"
    assert book.batch({"deleteBanding": {"bandedRangeId": 12}}) == gone


# ----------------------------------------------------------------------------------------------------------- tables


def test_the_columns_of_a_table_are_those_of_its_header(book: BookClient) -> None:
    added = table(book)
    assert added["range"] == SIDES
    assert added["columnProperties"] == [
        {"columnName": "Ville"}, {"columnIndex": 1, "columnName": "12"}, {"columnIndex": 2, "columnName": "Column 3"}
    ]  # fmt: skip
    assert shown(book, "A1:C1") == ["Ville", "12", "Column 3"]
    assert set(added["rowsProperties"]) == {"headerColorStyle", "firstBandColorStyle", "secondBandColorStyle"}
    assert of_sheet(book, "tables") == [added]
    assert book.sheets()[0]["gridProperties"]["frozenRowCount"] == 1


def test_columns_with_a_type_and_no_name_are_numbered(book: BookClient) -> None:
    given = [{"columnIndex": 1, "columnType": "DOUBLE"}, {"columnIndex": 2, "columnName": "État", "columnType": "DROPDOWN",
                                                          "dataValidationRule": LIST}]  # fmt: skip
    assert table(book, columnProperties=given)["columnProperties"] == [
        {"columnName": "Ville"}, {"columnIndex": 1, "columnName": "Column 1", "columnType": "DOUBLE"}, given[1]
    ]  # fmt: skip
    assert shown(book, "A1:C1") == ["Ville", "Column 1", "État"]


WRONG = [
    ({"columnProperties": [{"columnType": "DROPDOWN"}]}, "Condition must be set for dropdown column type."),
    ({"columnProperties": [{"columnType": "DATE", "dataValidationRule": LIST}]},
     "Cannot set condition for non-dropdown column type."),
    ({"columnProperties": [{"columnIndex": 3}]}, "Column index 3 is outside the range of the table."),
    ({"columnProperties": [{}, {"columnIndex": 0}]}, "Column index 0 is specified more than once."),
    ({"range": None}, "Table.range is required."),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_makes_no_table_is_refused(book: BookClient, given: Any, message: str) -> None:
    assert table(book, **given) == f"Invalid requests[0].addTable: {message}"


def test_tables_have_names_identifiers_and_cells_of_their_own(book: BookClient) -> None:
    assert table(book, tableId="t1")["tableId"] == "t1"
    assert table(book, name="Autre") == f"Invalid requests[0].addTable: {BANDED}"
    assert "a table with that name already exists." in table(book, name="suivi", range=area(9, 12, 0, 2))
    assert "a table with that id already exists." in table(book, name="Autre", range=area(9, 12, 0, 2), tableId="t1")
    assert band(book, range=area(3, 9, 0, 1)) == f"Invalid requests[0].addBanding: {BANDED}"
    assert table(book, name=None, range=area(9, 12, 0, 2))["name"] == "Table1"


def test_a_column_of_truths_has_boxes(book: BookClient) -> None:
    table(book, columnProperties=[{"columnIndex": 2, "columnName": "Lu", "columnType": "BOOLEAN"}])
    assert shown(book, "C1:C4") == ["Lu", "FALSE", "FALSE", "TRUE"]


def test_an_update_replaces_the_columns_as_a_whole(book: BookClient) -> None:
    table(book, tableId="t1", columnProperties=[{"columnIndex": 1, "columnName": "Somme", "columnType": "CURRENCY"}])
    new = {"tableId": "t1", "columnProperties": [{"columnName": "Commune", "columnType": "TEXT"}]}
    assert book.batch({"updateTable": {"table": new, "fields": "columnProperties"}}) == [{}]
    assert of_sheet(book, "tables")[0]["columnProperties"] == [
        {"columnName": "Commune", "columnType": "TEXT"}, {"columnIndex": 1, "columnName": "Somme"},
        {"columnIndex": 2, "columnName": "Column 3"},
    ]  # fmt: skip
    assert shown(book, "A1:B1") == ["Commune", "Somme"]
    new["columnProperties"] = [{"columnType": "TEXT"}]
    assert book.batch({"updateTable": {"table": new, "fields": "columnProperties"}}) == (
        "Invalid requests[0].updateTable: Table header row cell must have a value."
    )


def test_an_update_of_the_rest_keeps_the_columns(book: BookClient) -> None:
    table(book, tableId="t1", columnProperties=[{"columnIndex": 1, "columnName": "Somme", "columnType": "CURRENCY"}])
    new = {"tableId": "t1", "name": "Villes", "range": area(0, 6, 0, 2)}
    assert book.batch({"updateTable": {"table": new, "fields": "name,range"}}) == [{}]
    (told,) = of_sheet(book, "tables")
    assert (told["name"], told["range"]["endRowIndex"]) == ("Villes", 6)
    assert told["columnProperties"][1] == {"columnIndex": 1, "columnName": "Somme", "columnType": "CURRENCY"}


def test_a_footer_is_one_row_more(book: BookClient) -> None:
    table(book, tableId="t1")
    for rows, end in (({"footerColorStyle": {"rgbColor": {"red": 1}}}, 5), ({}, 4)):
        new = {"tableId": "t1", "rowsProperties": rows}
        book.batch({"updateTable": {"table": new, "fields": "rowsProperties.footerColorStyle"}})
        assert of_sheet(book, "tables")[0]["range"]["endRowIndex"] == end


def test_a_deleted_table_takes_its_cells_and_their_rules(book: BookClient) -> None:
    table(book, tableId="t1")
    book.write(["reste"], row=4)
    condition = {"type": "NOT_BLANK"}
    for cells in (area(0, 2, 0, 1), area(0, 9, 0, 1)):
        rule = {"ranges": [cells], "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}}}
        book.batch({"addConditionalFormatRule": {"rule": rule}})
    assert book.batch({"deleteTable": {"tableId": "t1"}}) == [{}]
    assert shown(book, "A1:A5")[-1:] == ["reste"]
    assert set(shown(book, "A1:C4")) <= {""}
    assert [rule["ranges"][0]["endRowIndex"] for rule in of_sheet(book, "conditionalFormats")] == [9]
    assert book.batch({"deleteTable": {"tableId": "t1"}}) == "Invalid requests[0].deleteTable: No table with id: t1"
