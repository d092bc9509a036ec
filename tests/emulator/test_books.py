"""Spreadsheets as a whole: made, read in part, changed in one go or not at all, and sheets copied between them."""

import re
from typing import Any

import pytest

from tests.emulator.book_client import BookClient, area
from tests.google.wire import Response


@pytest.fixture
def book() -> BookClient:
    return BookClient()


def test_a_new_spreadsheet_is_as_googles() -> None:
    made = BookClient().send("POST", "", {}).json
    assert re.fullmatch(r"[\w-]{44}", made["spreadsheetId"])
    assert made["spreadsheetUrl"] == f"https://docs.google.com/spreadsheets/d/{made['spreadsheetId']}/edit"
    told = {name: made["properties"][name] for name in ("title", "locale", "timeZone", "autoRecalc")}
    assert told == {
        "title": "Untitled spreadsheet",
        "locale": "en_US",
        "timeZone": "Etc/GMT",
        "autoRecalc": "ON_CHANGE",
    }
    assert made["properties"]["defaultFormat"]["padding"] == {"top": 2, "right": 3, "bottom": 2, "left": 3}
    assert made["properties"]["spreadsheetTheme"]["themeColors"][0] == {"colorType": "TEXT", "color": {"rgbColor": {}}}
    (sheet,) = made["sheets"]
    assert sheet == {
        "properties": {
            "sheetId": 0, "title": "Sheet1", "index": 0, "sheetType": "GRID",
            "gridProperties": {"rowCount": 1000, "columnCount": 26},
        }
    }  # fmt: skip


def test_two_spreadsheets_are_two_files() -> None:
    book = BookClient()
    other = BookClient(book.google)
    assert other.id != book.id
    book.write(["x"])
    assert other.cells("A1", "formattedValue") == []


def test_a_spreadsheet_is_made_with_what_it_is_given() -> None:
    book = BookClient()
    rows = [{"values": [{"userEnteredValue": {"stringValue": "Commune"}, "note": "nom"}]}, {"values": [{}, _number(3)]}]
    body = {
        "properties": {"title": "Jumelages", "locale": "fr_FR", "timeZone": "Africa/Casablanca"},
        "sheets": [
            {
                "properties": {"title": "Accords", "sheetId": 7, "gridProperties": {"rowCount": 5, "columnCount": 3,
                                                                                   "frozenRowCount": 1}},
                "data": [{"startRow": 1, "startColumn": 1, "rowData": rows, "columnMetadata": [{"pixelSize": 250}]}],
            },
            {"properties": {"title": "Caché", "hidden": True}},
        ],
    }  # fmt: skip
    made = book.send("POST", "", body).json
    assert made["properties"]["locale"] == "fr_FR"
    assert [sheet["properties"]["title"] for sheet in made["sheets"]] == ["Accords", "Caché"]
    assert made["sheets"][0]["properties"]["gridProperties"]["frozenRowCount"] == 1
    assert made["sheets"][1]["properties"]["hidden"] is True
    assert "data" not in made["sheets"][0]
    made_one = BookClient(book.google, made["spreadsheetId"])
    assert made_one.cells("Accords!B2:C3", "formattedValue,note") == [
        [{"formattedValue": "Commune", "note": "nom"}], [{}, {"formattedValue": "3"}],
    ]  # fmt: skip
    sizes = made_one.get(ranges="Accords", fields="sheets.data.columnMetadata")["sheets"][0]["data"][0][
        "columnMetadata"
    ]
    assert [each["pixelSize"] for each in sizes] == [100, 250, 100]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"sheets": [{"properties": {"title": "A"}}, {"properties": {"title": "a"}}]},
         'Invalid sheets[1]: A sheet with the name "a" already exists. Please enter another name.'),
        ({"sheets": [{"properties": {"gridProperties": {"rowCount": 1, "columnCount": 1}},
                      "data": [{"rowData": [{"values": [{}, {}]}]}]}]},
         "Invalid sheets[0].data[0]: Attempting to write column: 1, beyond the last requested column of: 0"),
        ({"sheets": [{"properties": {"hidden": True}}]},
         "Invalid sheets[0]: You can't hide all the sheets in a document."),
        ({"properties": {"timeZone": "Mars/Olympe"}}, "Invalid properties: Invalid time zone: Mars/Olympe"),
    ],
)  # fmt: skip
def test_a_spreadsheet_that_cannot_be_is_not_made(body: Any, message: str) -> None:
    book = BookClient()
    before = len(book.google.spreadsheets)
    answer = book.send("POST", "", body)
    assert (answer.status, answer.json["error"]["message"]) == (400, message)
    assert len(book.google.spreadsheets) == before


# --------------------------------------------------------------------------------------------------------- reading


def test_cells_come_only_when_they_are_asked_for(book: BookClient) -> None:
    book.write(["x"])
    assert "data" not in book.get()["sheets"][0]
    assert "data" not in book.get(includeGridData="true", fields="*")["sheets"][0]
    assert "data" in book.get(includeGridData="true")["sheets"][0]
    assert "data" in book.get(fields="sheets", includeGridData="false")["sheets"][0]
    assert book.get(fields="sheets.properties.title", includeGridData="true") == {
        "sheets": [{"properties": {"title": "Sheet1"}}]
    }


def test_an_empty_sheet_has_sizes_and_no_rows(book: BookClient) -> None:
    (data,) = book.get(includeGridData="true")["sheets"][0]["data"]
    assert set(data) == {"rowMetadata", "columnMetadata"}
    assert (len(data["rowMetadata"]), len(data["columnMetadata"])) == (1000, 26)
    assert (data["rowMetadata"][0], data["columnMetadata"][0]) == ({"pixelSize": 21}, {"pixelSize": 100})


def test_ranges_choose_the_sheets_and_give_one_block_each(book: BookClient) -> None:
    book.batch({"addSheet": {"properties": {"title": "Autre", "sheetId": 5}}})
    book.write([1, 2], [3, 4])
    sheets = book.get(ranges=["Sheet1!B2:C3", "Sheet1!A1"], includeGridData="true")["sheets"]
    assert [sheet["properties"]["sheetId"] for sheet in sheets] == [0]
    first, second = sheets[0]["data"]
    assert (first["startRow"], first["startColumn"], len(first["rowMetadata"])) == (1, 1, 2)
    assert [[cell["formattedValue"] for cell in row["values"]] for row in first["rowData"]] == [["4"]]
    assert "startRow" not in second and len(second["columnMetadata"]) == 1
    assert [sheet["properties"]["sheetId"] for sheet in book.get(ranges="Autre!A1")["sheets"]] == [5]


def test_data_filters_choose_as_ranges_do(book: BookClient) -> None:
    book.batch({"addSheet": {"properties": {"title": "Autre", "sheetId": 5}}})
    book.write([1, 2], [3, 4])

    def ask(*filters: dict[str, Any], **more: Any) -> Any:
        answer = book.send("POST", f"/{book.id}:getByDataFilter", {"dataFilters": list(filters), **more}).json
        return answer["sheets"]

    assert [sheet["properties"]["title"] for sheet in ask()] == ["Sheet1", "Autre"]
    (sheet,) = ask({"gridRange": area(1, 2, 0, 2)}, includeGridData=True)
    assert [cell["formattedValue"] for cell in sheet["data"][0]["rowData"][0]["values"]] == ["3", "4"]
    assert [sheet["properties"]["title"] for sheet in ask({"a1Range": "Autre!A1"})] == ["Autre"]
    assert ask({"developerMetadataLookup": {"metadataKey": "nulle part"}}) == []


def test_a_cell_tells_what_was_entered_and_what_it_shows(book: BookClient) -> None:
    book.write(["texte", 1.5, True, None, 2])
    ((text, number, truth, nothing, last),) = book.cells("A1:F1", "userEnteredValue,effectiveValue,formattedValue")
    assert text == {"userEnteredValue": {"stringValue": "texte"}, "effectiveValue": {"stringValue": "texte"},
                    "formattedValue": "texte"}  # fmt: skip
    assert number["effectiveValue"] == {"numberValue": 1.5}
    assert truth["userEnteredValue"] == {"boolValue": True} and truth["formattedValue"] == "TRUE"
    assert nothing == {}
    assert last["effectiveValue"] == {"numberValue": 2}


def test_a_cell_has_the_default_format_under_its_own(book: BookClient) -> None:
    book.write(["texte", 1, True])
    format_ = {"textFormat": {"bold": True}, "horizontalAlignment": "CENTER"}
    book.batch({"repeatCell": {"range": area(0, 1, 1, 2), "cell": {"userEnteredFormat": format_},
                                 "fields": "userEnteredFormat"}})  # fmt: skip
    ((text, number, truth),) = book.cells("A1:C1", "userEnteredFormat,effectiveFormat")
    assert "userEnteredFormat" not in text and number["userEnteredFormat"] == format_
    shown = [each["effectiveFormat"] for each in (text, number, truth)]
    assert [each["horizontalAlignment"] for each in shown] == ["LEFT", "CENTER", "CENTER"]
    assert [each["textFormat"]["bold"] for each in shown] == [False, True, False]
    assert shown[0]["textFormat"]["fontFamily"] == "Arial"
    assert shown[0]["hyperlinkDisplayType"] == "PLAIN_TEXT"


def test_a_link_of_the_format_is_the_cells(book: BookClient) -> None:
    link = {"userEnteredFormat": {"textFormat": {"link": {"uri": "https://essai.example/"}}}}
    book.write(["ici"])
    book.batch({"repeatCell": {"range": area(0, 1, 0, 1), "cell": link, "fields": "userEnteredFormat.textFormat.link"}})
    ((cell,),) = book.cells("A1", "hyperlink,effectiveFormat")
    assert cell["hyperlink"] == "https://essai.example/"
    assert cell["effectiveFormat"]["hyperlinkDisplayType"] == "LINKED"
    assert cell["effectiveFormat"]["textFormat"]["underline"] is True


# --------------------------------------------------------------------------------------------------------- changing


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        ([], "Must specify at least one request."),
        ([{}], "Invalid requests[0]: No request set."),
        ([{"addSheet": {}}, {}], "Invalid requests[1]: No request set."),
        ([{"addSheet": {}, "deleteSheet": {}}],
         "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. Cannot set 'deleteSheet'"),
        ([{"addSheet": {}}, {"addSheet": {"properties": {"title": "Sheet1"}}}],
         'Invalid requests[1].addSheet: A sheet with the name "Sheet1" already exists. Please enter another name.'),
        ([{"addDataSource": {}}], "Invalid requests[0].addDataSource: No data source specification is set."),
    ],
)  # fmt: skip
def test_a_batch_that_fails_changes_nothing(book: BookClient, requests: list[Any], message: str) -> None:
    assert book.batch(*requests) == message
    assert [sheet["title"] for sheet in book.sheets()] == ["Sheet1"]


def test_a_batch_answers_with_the_spreadsheet_when_asked(book: BookClient) -> None:
    def updated(more: dict[str, Any], **query: Any) -> Any:
        body = {"requests": [{"addSheet": {}}], "includeSpreadsheetInResponse": True, **more}
        return book.send("POST", f"/{book.id}:batchUpdate", body, **query).json["updatedSpreadsheet"]

    assert [sheet["properties"]["title"] for sheet in updated({})["sheets"]] == ["Sheet1", "Sheet2"]
    limited = updated({"responseRanges": ["Sheet2!A1:B2"], "responseIncludeGridData": True})
    assert [sheet["properties"]["title"] for sheet in limited["sheets"]] == ["Sheet2"]
    assert len(limited["sheets"][0]["data"][0]["rowMetadata"]) == 2
    masked = updated({"responseIncludeGridData": True}, fields="updatedSpreadsheet.sheets.properties.index")
    assert masked["sheets"][-1] == {"properties": {"index": 4 - 1}}


# ---------------------------------------------------------------------------------------------------------- copying


def _copy(book: BookClient, sheet: int, into: str) -> Response:
    return book.send("POST", f"/{book.id}/sheets/{sheet}:copyTo", {"destinationSpreadsheetId": into})


def test_a_sheet_is_copied_into_another_spreadsheet(book: BookClient) -> None:
    other = BookClient(book.google)
    book.write(["Salé", 3])
    first, second = (_copy(book, 0, other.id).json for _ in range(2))
    assert (first["title"], first["index"]) == ("Copy of Sheet1", 1)
    assert second["title"] == "Copy of Sheet1 1"
    assert first["sheetId"] not in (0, second["sheetId"])
    assert other.cells("Copy of Sheet1!A1:B1", "formattedValue") == [
        [{"formattedValue": "Salé"}, {"formattedValue": "3"}]
    ]


def test_a_sheet_that_is_not_there_is_not_copied(book: BookClient) -> None:
    assert _copy(book, 9, book.id).status == 400


def _number(value: float) -> dict[str, Any]:
    return {"userEnteredValue": {"numberValue": value}}
