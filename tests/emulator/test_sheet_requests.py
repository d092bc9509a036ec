"""Sheets added, deleted, duplicated, and their properties, as batchUpdate changes them."""

from typing import Any

import pytest

from tests.emulator.book_client import BookClient, area


@pytest.fixture
def book() -> BookClient:
    return BookClient()


def _titles(book: BookClient) -> list[str]:
    return [sheet["title"] for sheet in book.sheets()]


def _update(book: BookClient, fields: str, **properties: Any) -> Any:
    return book.batch({"updateSheetProperties": {"properties": {"sheetId": 0, **properties}, "fields": fields}})


# ----------------------------------------------------------------------------------------------------------- adding


def test_a_sheet_is_added_with_googles_defaults(book: BookClient) -> None:
    (reply,) = book.batch({"addSheet": {}})
    properties = reply["addSheet"]["properties"]
    assert properties.pop("sheetId") > 0
    assert properties == {
        "title": "Sheet2", "index": 1, "sheetType": "GRID", "gridProperties": {"rowCount": 1000, "columnCount": 26},
    }  # fmt: skip


def test_a_sheet_described_as_without_rows_or_columns_has_googles_own(book: BookClient) -> None:
    # proto3 doesn't tell 0 from nothing: https://github.com/tidyverse/googlesheets4/issues/70
    given = {"gridProperties": {"rowCount": 0, "columnCount": 0}}
    (reply,) = book.batch({"addSheet": {"properties": given}})
    assert reply["addSheet"]["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}
    made = book.send("POST", "", {"sheets": [{"properties": given}]}).json
    assert made["sheets"][0]["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}


def test_a_sheet_is_added_as_it_is_described(book: BookClient) -> None:
    given = {"sheetId": 12, "title": "Visas", "index": 0, "gridProperties": {"rowCount": 3, "columnCount": 2,
             "frozenRowCount": 1, "hideGridlines": True}, "tabColorStyle": {"rgbColor": {"green": 1}},
             "hidden": False, "rightToLeft": True}  # fmt: skip
    (reply,) = book.batch({"addSheet": {"properties": given}})
    told = reply["addSheet"]["properties"]
    assert told == {
        "sheetId": 12, "title": "Visas", "index": 0, "sheetType": "GRID", "rightToLeft": True,
        "gridProperties": {"rowCount": 3, "columnCount": 2, "frozenRowCount": 1, "hideGridlines": True},
        "tabColor": {"green": 1}, "tabColorStyle": {"rgbColor": {"green": 1}},
    }  # fmt: skip
    assert _titles(book) == ["Visas", "Sheet1"]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"title": "SHEET1"}, 'A sheet with the name "SHEET1" already exists. Please enter another name.'),
        ({"title": ""}, "The sheet name cannot be empty."),
        ({"title": "a" * 101}, "The sheet name cannot be greater than 100 characters."),
        ({"sheetId": 0}, "Sheet with id 0 already exists."),
        ({"sheetId": -1}, "Sheet id must be non-negative."),
        ({"gridProperties": {"rowCount": 1, "frozenRowCount": 1}}, "You can't freeze all visible rows on the sheet."),
        ({"gridProperties": {"rowCount": 1_000_000, "columnCount": 10}},
         "This action would increase the number of cells in the workbook above the limit of 10000000 cells."),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_is_refused(book: BookClient, properties: Any, message: str) -> None:
    assert book.batch({"addSheet": {"properties": properties}}) == f"Invalid requests[0].addSheet: {message}"


# --------------------------------------------------------------------------------------------------------- deleting


def test_a_sheet_is_deleted_but_never_the_last_that_shows(book: BookClient) -> None:
    refused = "Invalid requests[0].deleteSheet: "
    assert book.batch({"deleteSheet": {"sheetId": 0}}) == refused + "You can't remove all the sheets in a document."
    book.batch({"addSheet": {"properties": {"sheetId": 5, "hidden": True}}})
    assert book.batch({"deleteSheet": {"sheetId": 0}}) == (
        refused + "You can't remove all the visible sheets in a document."
    )
    assert book.batch({"deleteSheet": {"sheetId": 8}}) == refused + "No sheet with id: 8"
    assert book.batch({"deleteSheet": {"sheetId": 5}}) == [{}]
    assert _titles(book) == ["Sheet1"]


# ------------------------------------------------------------------------------------------------------- duplicating


def test_a_duplicate_stands_first_and_shows(book: BookClient) -> None:
    book.write(["x"])
    book.batch({"addSheet": {"properties": {"title": "Fin"}}})
    _update(book, "hidden,tabColor", hidden=True, tabColor={"red": 1})
    (reply,) = book.batch({"duplicateSheet": {"sourceSheetId": 0}})
    properties = reply["duplicateSheet"]["properties"]
    assert (properties["title"], properties["index"], "hidden" in properties) == ("Copy of Sheet1", 0, False)
    assert properties["tabColor"] == {"red": 1}
    assert book.cells("Copy of Sheet1!A1", "formattedValue") == [[{"formattedValue": "x"}]]


def test_a_duplicate_takes_the_place_the_name_and_the_identifier_asked_for(book: BookClient) -> None:
    wanted = {"sourceSheetId": 0, "insertSheetIndex": 1, "newSheetId": 44, "newSheetName": "Modèle"}
    (reply,) = book.batch({"duplicateSheet": wanted})
    properties = reply["duplicateSheet"]["properties"]
    assert (properties["sheetId"], properties["title"], properties["index"]) == (44, "Modèle", 1)
    assert (
        book.batch({"duplicateSheet": wanted}) == "Invalid requests[0].duplicateSheet: Sheet with id 44 already exists."
    )


def test_what_is_attached_to_a_duplicate_is_its_own(book: BookClient) -> None:
    held = book.google.spreadsheets[book.id]
    where = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    held.sheets[0].attached |= {
        "merges": [where], "filterViews": [{"filterViewId": 9, "title": "Vue", "range": where}],
        "protectedRanges": [{"protectedRangeId": 3, "range": where}],
    }  # fmt: skip
    held.named_ranges.append({"namedRangeId": "n", "name": "Prix", "range": where})
    held.developer_metadata.append(
        {"metadataId": 4, "metadataKey": "k", "location": {"locationType": "SHEET", "sheetId": 0}}
    )
    columns = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    book.batch({"addDimensionGroup": {"range": columns}})
    book.batch({"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 6, "newSheetName": "Double"}})
    told = book.get()
    copy, source = told["sheets"]
    assert [sheet["columnGroups"][0]["range"].get("sheetId") for sheet in told["sheets"]] == [6, None]
    there = {**where, "sheetId": 6}
    assert (copy["merges"], source["merges"]) == ([there], [where])
    assert (copy["filterViews"][0]["range"], source["filterViews"][0]["filterViewId"]) == (there, 9)
    assert copy["filterViews"][0]["filterViewId"] != 9
    assert "protectedRanges" not in copy
    assert [(each["name"], each["range"].get("sheetId")) for each in told["namedRanges"]] == [
        ("Prix", None),
        ("Double!Prix", 6),
    ]
    assert copy["developerMetadata"][0]["metadataId"] != 4
    book.batch({"deleteSheet": {"sheetId": 0}})
    assert [each["name"] for each in book.get()["namedRanges"]] == ["Double!Prix"]


def test_a_range_on_sheet_0_is_told_without_its_sheet(book: BookClient) -> None:
    held = book.google.spreadsheets[book.id]
    held.named_ranges.append({"namedRangeId": "n", "name": "Prix", "range": area(0, 2, 0, 1)})
    held.sheets[0].basic_filter = {"range": area(0, 9, 0, 2)}
    told = book.get(fields="namedRanges.range,sheets(properties.sheetId,basicFilter)")
    assert told == {
        "sheets": [
            {
                "properties": {"sheetId": 0},
                "basicFilter": {
                    "range": {"startRowIndex": 0, "endRowIndex": 9, "startColumnIndex": 0, "endColumnIndex": 2}
                },
            }
        ],
        "namedRanges": [{"range": {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}}],
    }


# -------------------------------------------------------------------------------------------------------- properties


def test_only_the_properties_that_the_mask_names_change(book: BookClient) -> None:
    _update(book, "gridProperties.frozenRowCount,tabColor", title="Non", tabColor={"blue": 1},
            gridProperties={"frozenRowCount": 2, "rowCount": 3})  # fmt: skip
    (sheet,) = book.sheets()
    assert sheet["title"] == "Sheet1"
    assert sheet["gridProperties"] == {"rowCount": 1000, "columnCount": 26, "frozenRowCount": 2}
    assert sheet["tabColorStyle"] == {"rgbColor": {"blue": 1}}
    _update(book, "gridProperties.frozenRowCount,tabColorStyle", gridProperties={"frozenRowCount": 0})
    (sheet,) = book.sheets()
    assert sheet["gridProperties"] == {"rowCount": 1000, "columnCount": 26}
    assert "tabColor" not in sheet and "tabColorStyle" not in sheet


@pytest.mark.parametrize(("index", "order"), [(0, "CAB"), (1, "ACB"), (2, "ABC"), (3, "ABC"), (None, "ABC")])
def test_a_sheet_is_moved_before_the_one_at_an_index(book: BookClient, index: int | None, order: str) -> None:
    book.batch(
        {"addSheet": {"properties": {"title": "B", "sheetId": 1}}},
        {"addSheet": {"properties": {"title": "C", "sheetId": 2}}},
    )
    _update(book, "title", title="A")
    given = {"sheetId": 2} | ({"index": index} if index is not None else {})
    assert book.batch({"updateSheetProperties": {"properties": given, "fields": "index"}}) == [{}]
    assert "".join(_titles(book)) == order


def test_a_move_counts_the_places_of_before_it(book: BookClient) -> None:
    book.batch({"addSheet": {"properties": {"title": "B"}}}, {"addSheet": {"properties": {"title": "C"}}})
    _update(book, "index", index=2)
    assert _titles(book) == ["B", "Sheet1", "C"]


@pytest.mark.parametrize(
    ("fields", "properties", "message"),
    [
        ("hidden", {"hidden": True}, "You can't hide all the sheets in a document."),
        ("title", {}, "The sheet name cannot be empty."),
        ("", {"title": "x"}, "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"),
        ("name", {"title": "x"}, "Invalid field: name"),
        ("title", {"sheetId": 3, "title": "x"}, "No sheet with id: 3"),
        ("gridProperties.frozenColumnCount", {"gridProperties": {"frozenColumnCount": 26}},
         "You can't freeze all visible columns on the sheet."),
    ],
)  # fmt: skip
def test_properties_that_cannot_be_are_refused(book: BookClient, fields: str, properties: Any, message: str) -> None:
    assert _update(book, fields, **properties) == f"Invalid requests[0].updateSheetProperties: {message}"


def test_a_style_without_a_colour_takes_it_off_the_tab(book: BookClient) -> None:
    _update(book, "tabColorStyle", tabColorStyle={"rgbColor": {"red": 1}})
    _update(book, "tabColorStyle", tabColorStyle={"rgbColor": None})
    assert not {"tabColor", "tabColorStyle"} & set(book.sheets()[0])
    _update(book, "tabColorStyle", tabColorStyle={"rgbColor": {}})
    assert book.sheets()[0]["tabColor"] == {}


def test_a_sheet_may_be_called_as_it_is(book: BookClient) -> None:
    assert _update(book, "title", title="sheet1") == [{}]
    assert _titles(book) == ["sheet1"]


def test_a_grid_grows_and_shrinks(book: BookClient) -> None:
    _update(book, "gridProperties(rowCount,columnCount)", gridProperties={"rowCount": 1500, "columnCount": 30})
    book.write(["loin"], row=1400, column=28)
    _update(book, "gridProperties(rowCount,columnCount)", gridProperties={"rowCount": 10, "columnCount": 5})
    assert book.sheets()[0]["gridProperties"] == {"rowCount": 10, "columnCount": 5}
    _update(book, "gridProperties(rowCount,columnCount)", gridProperties={"rowCount": 1500, "columnCount": 30})
    assert book.cells("Sheet1", "formattedValue") == []


# --------------------------------------------------------------------------------------------------- the spreadsheet


def test_the_spreadsheet_has_other_properties(book: BookClient) -> None:
    given = {"title": "Registre", "locale": "fr_FR", "timeZone": "Africa/Casablanca"}
    book.batch({"updateSpreadsheetProperties": {"properties": given, "fields": "title,locale,timeZone"}})
    told = book.get(fields="properties(title,locale,timeZone,autoRecalc)")["properties"]
    assert told == {**given, "autoRecalc": "ON_CHANGE"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("timeZone", "Casablanca", "Invalid time zone: Casablanca"),
        ("locale", "français", "Unsupported locale: français"),
        ("defaultFormat", {}, "SpreadsheetProperties.defaultFormat is read-only."),
    ],
)
def test_properties_that_no_spreadsheet_has_are_refused(book: BookClient, name: str, value: Any, message: str) -> None:
    request = {"updateSpreadsheetProperties": {"properties": {name: value}, "fields": name}}
    assert book.batch(request) == f"Invalid requests[0].updateSpreadsheetProperties: {message}"


def test_formulas_follow_the_name_of_a_sheet_and_its_end(book: BookClient) -> None:
    book.batch({"addSheet": {"properties": {"title": "Total", "sheetId": 1}}})
    book.write([2])
    book.write(["=Sheet1!A1*3"], sheet=1)
    _update(book, "title", title="Mes accords")
    ((cell,),) = book.cells("Total!A1", "userEnteredValue,formattedValue")
    assert cell == {"userEnteredValue": {"formulaValue": "='Mes accords'!A1*3"}, "formattedValue": "6"}
    book.batch({"deleteSheet": {"sheetId": 0}})
    assert book.cells("Total!A1", "formattedValue") == [[{"formattedValue": "#REF!"}]]


def test_ranges_past_the_grid_are_named_as_they_were_asked_for(book: BookClient) -> None:
    def format_(**sides: int) -> Any:
        return book.batch({"repeatCell": {"range": {"sheetId": 0, **sides}, "cell": {}, "fields": "note"}})

    told = "Invalid requests[0].repeatCell: Range ({}) exceeds grid limits. Max rows: 1000, max columns: 26"
    columns = {"startColumnIndex": 0, "endColumnIndex": 2}
    assert format_(startRowIndex=1000, **columns) == told.format("Sheet1!A1001:B")
    assert format_(startRowIndex=1000, endRowIndex=1001, **columns) == told.format("Sheet1!A1001:B1001")
    assert format_(startRowIndex=0, endRowIndex=2, startColumnIndex=26) == told.format("Sheet1!AA1:2")
    assert format_(startRowIndex=999, endRowIndex=1003, **columns) == [{}]
    assert format_(startRowIndex=3, endRowIndex=3) == [{}]
    assert format_(startRowIndex=3, endRowIndex=2) == (
        "Invalid requests[0].repeatCell: endRowIndex[2] cannot be before startRowIndex[3]"
    )
    assert book.batch({"repeatCell": {"range": area(0, 1, 0, 1, 9), "cell": {}, "fields": "note"}}) == (
        "Invalid requests[0].repeatCell: No grid with id: 9"
    )
