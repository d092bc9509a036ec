"""Developer metadata and data filters: what a lookup selects, and the cells read and written through it."""

import json
from typing import Any

import pytest

from tests.google.sheets.spreadsheet import Sheet, Spreadsheet
from tests.google.tokens import ROBOT
from tests.google.wire import Request, Response
from tests.google.world import Google

Json = dict[str, Any]


def a_sheet(id_: int, title: str) -> Sheet:
    return Sheet({"sheetId": id_, "title": title, "gridProperties": {"rowCount": 1000, "columnCount": 26}})


def line(dimension: str, at: int, sheet: int = 0) -> Json:
    return {"sheetId": sheet, "dimension": dimension, "startIndex": at, "endIndex": at + 1}


def metadata(id_: int, key: str, location: Json, value: str = "", visibility: str = "DOCUMENT") -> Json:
    kinds = {"sheetId": "SHEET", "spreadsheet": "SPREADSHEET"}
    [place] = location
    kind = kinds.get(place) or location[place]["dimension"].removesuffix("S")
    told = {
        "metadataId": id_,
        "metadataKey": key,
        "location": {"locationType": kind, **location},
        "visibility": visibility,
    }
    return told | ({"metadataValue": value} if value else {})


class Client:
    """Row 3, column B and the sheet of `Accords` carry metadata, and so do row 1 of `Suivi` and the spreadsheet."""

    def __init__(self) -> None:
        self.google = Google(any_token=True, no_quota=True)
        self.book = Spreadsheet(
            "b", {"locale": "en_US", "timeZone": "Etc/GMT"}, [a_sheet(0, "Accords"), a_sheet(5, "Suivi")]
        )
        self.book.developer_metadata = [
            metadata(1, "dossier", {"dimensionRange": line("ROWS", 2)}, "c-17"),
            metadata(2, "statut", {"dimensionRange": line("COLUMNS", 1)}),
            metadata(3, "registre", {"sheetId": 0}, visibility="PROJECT"),
            metadata(4, "dossier", {"dimensionRange": line("ROWS", 0, 5)}, "c-18"),
            metadata(5, "version", {"spreadsheet": True}),
        ]
        self.google.spreadsheets["b"] = self.book
        self.google.drive.created("b", "Suivi", ROBOT)

    def send(self, http: str, path: str, body: object = None) -> Response:
        sent = b"" if body is None else json.dumps(body).encode()
        return self.google.handle(Request(http, f"/v4/spreadsheets/b/{path}", {}, {"authorization": "Bearer x"}, sent))

    def ok(self, path: str, body: object) -> Any:
        response = self.send("POST", path, body)
        assert response.status == 200, response.json
        assert self.google.violations == []
        return response.json

    def refusal(self, path: str, body: object) -> str:
        response = self.send("POST", path, body)
        assert response.status == 400, response.json
        return str(response.json["error"]["message"])

    def found(self, *filters: Json) -> list[int]:
        """Identifiers of the metadata that some filters select."""
        matched = self.ok("developerMetadata:search", {"dataFilters": filters}).get("matchedDeveloperMetadata", [])
        return [one["developerMetadata"]["metadataId"] for one in matched]

    def looked_up(self, **lookup: object) -> list[int]:
        return self.found({"developerMetadataLookup": lookup})


@pytest.fixture
def client() -> Client:
    return Client()


def test_one_is_read_by_its_identifier(client: Client) -> None:
    on_sheet_0 = {"dimension": "ROWS", "startIndex": 2, "endIndex": 3}  # which Google doesn't name
    location = {"locationType": "ROW", "dimensionRange": on_sheet_0}
    assert client.send("GET", "developerMetadata/1").json == {**client.book.developer_metadata[0], "location": location}
    missing = client.send("GET", "developerMetadata/77").json["error"]
    assert (missing["code"], missing["status"]) == (404, "NOT_FOUND")
    assert missing["message"] == "No developer metadata with ID 77"
    assert client.send("GET", "developerMetadata/x").status == 400


def test_a_lookup_selects_by_what_it_names(client: Client) -> None:
    assert client.looked_up() == [1, 2, 3, 4, 5]
    assert client.looked_up(metadataKey="dossier") == [1, 4]
    assert client.looked_up(metadataKey="dossier", metadataValue="c-18") == [4]
    assert client.looked_up(metadataValue="") == [2, 3, 5]
    assert client.looked_up(metadataId=2) == [2]
    assert client.looked_up(visibility="PROJECT") == [3]
    assert client.looked_up(locationType="ROW") == [1, 4]
    assert client.looked_up(locationType=1, visibility=0) == [1, 4]
    assert client.looked_up(locationType="SPREADSHEET") == [5]
    assert client.looked_up(metadataId=2, metadataKey="dossier") == []


def test_a_lookup_selects_by_place(client: Client) -> None:
    row, sheet = {"dimensionRange": line("ROWS", 2)}, {"sheetId": 0}
    assert client.looked_up(metadataLocation=row) == [1, 2, 3]
    assert client.looked_up(metadataLocation=row, locationMatchingStrategy="INTERSECTING_LOCATION") == [1, 2, 3]
    assert client.looked_up(metadataLocation=row, locationMatchingStrategy="EXACT_LOCATION") == [1]
    assert client.looked_up(metadataLocation={"dimensionRange": line("ROWS", 8)}) == [2, 3]
    assert client.looked_up(metadataLocation=sheet) == [1, 2, 3]
    assert client.looked_up(metadataLocation=sheet, locationMatchingStrategy="EXACT_LOCATION") == [3]
    assert client.looked_up(metadataLocation=sheet, locationType="COLUMN") == [2]
    assert client.looked_up(metadataLocation={"spreadsheet": True}) == [5]


def test_cells_select_the_metadata_around_them(client: Client) -> None:
    assert client.found({"a1Range": "Accords!C3:D3"}) == [1, 3]
    assert client.found({"gridRange": {"sheetId": 5}}) == [4]
    assert client.found({"a1Range": "B9"}) == [2, 3]
    assert client.found({"a1Range": "A9"}) == [3]


def test_each_tells_all_the_filters_that_select_it(client: Client) -> None:
    by_key, by_id = (
        {"developerMetadataLookup": {"metadataKey": "dossier"}},
        {"developerMetadataLookup": {"metadataId": 4}},
    )
    matched = client.ok("developerMetadata:search", {"dataFilters": [by_id, by_key]})["matchedDeveloperMetadata"]
    assert [one["dataFilters"] for one in matched] == [[by_key], [by_id, by_key]]
    assert (
        client.ok("developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": {"metadataId": 99}}]}) == {}
    )


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        ({"locationType": "SPREADSHEET", "metadataLocation": {"sheetId": 0}},
         "Cannot limit by location type of SPREADSHEET for the location sheetId"),
        ({"locationMatchingStrategy": "EXACT_LOCATION", "locationType": "ROW", "metadataLocation": {"sheetId": 0}},
         "The locationMatchingStrategy was specified as EXACT_LOCATION, but a locationType was also specified: "
         "lookups cannot limit by a location type when matching an exact location."),
        ({"locationMatchingStrategy": "EXACT_LOCATION"},
         "A locationMatchingStrategy was specified, but no metadataLocation was specified: lookups must always "
         "specify a metadataLocation when specifying a locationMatchingStrategy."),
        ({"locationMatchingStrategy": "INTERSECTING_LOCATION", "metadataLocation": {"spreadsheet": True}},
         "DeveloperMetadataLookup.spreadsheet is true, but locationMatchingStrategy was specified as INTERSECTING."),
        ({"metadataLocation": {"sheetId": 8}}, "No grid with id: 8"),
        ({"metadataLocation": {"dimensionRange": {"dimension": "ROWS", "startIndex": 1}}},
         "DimensionRange must specify both a startIndex and an endIndex."),
        ({"metadataLocation": {"dimensionRange": {"dimension": "ROWS", "startIndex": 1, "endIndex": 3}}},
         "DimensionRange must represent a single row or column."),
        ({"metadataLocation": {"dimensionRange": {"startIndex": 1, "endIndex": 2}}}, "No dimension specified"),
        ({"metadataLocation": {"dimensionRange": line("COLUMNS", 26)}},
         "DimensionRange startIndex [26] is after the last COLUMNS index [25] of the sheet [0]."),
    ],
)  # fmt: skip
def test_a_lookup_may_not_contradict_itself(client: Client, lookup: Json, message: str) -> None:
    body = {"dataFilters": [{"a1Range": "A1"}, {"developerMetadataLookup": lookup}]}
    assert client.refusal("values:batchGetByDataFilter", body) == f"Invalid dataFilter[1]: {message}"


def test_filters_must_be_there(client: Client) -> None:
    for path in ("values:batchGetByDataFilter", "values:batchClearByDataFilter", "developerMetadata:search"):
        assert client.refusal(path, {}) == "Must specify at least one dataFilter."
        assert (
            client.refusal(path, {"dataFilters": [{}]}) == "Invalid dataFilter[0]: dataFilter.filter must be specified."
        )
        unknown = {"dataFilters": [{"a1Range": "Nulle part"}]}
        assert client.refusal(path, unknown) == "Invalid dataFilter[0]: Unable to parse range: Nulle part"


def test_ranges_are_read_once_each_in_the_order_of_the_sheets(client: Client) -> None:
    client.book.sheets[0].put(2, 0, [])
    written = {"valueInputOption": "RAW", "data": [{"range": "Accords!A3:B3", "values": [["c-17", "visé"]]}]}
    client.ok("values:batchUpdate", written)
    by_key, row = (
        {"developerMetadataLookup": {"metadataKey": "dossier"}},
        {"gridRange": {"sheetId": 0, "startRowIndex": 2, "endRowIndex": 3}},
    )
    column = {"a1Range": "Accords!A2:A"}
    answer = client.ok("values:batchGetByDataFilter", {"dataFilters": [by_key, column, row], "majorDimension": "ROWS"})
    assert answer["spreadsheetId"] == "b"
    assert [(one["valueRange"]["range"], one["dataFilters"]) for one in answer["valueRanges"]] == [
        ("Accords!A2:A1000", [column]),
        ("Accords!A3:Z3", [by_key, {"gridRange": {"startRowIndex": 2, "endRowIndex": 3}}]),
        ("Suivi!A1:Z1", [by_key]),
    ]
    assert answer["valueRanges"][1]["valueRange"]["values"] == [["c-17", "visé"]]
    client.google.spreadsheets["b"].developer_metadata.append(metadata(6, "dossier", {"sheetId": 5}))
    client.google.spreadsheets["b"].developer_metadata.append(metadata(7, "dossier", {"sheetId": 5}))
    ranges = client.ok("values:batchGetByDataFilter", {"dataFilters": [by_key]})["valueRanges"]
    assert [one["dataFilters"] for one in ranges] == [[by_key]] * 3  # two pieces on the same sheet: read once
    nothing = {"developerMetadataLookup": {"metadataKey": "absent"}}
    assert client.ok("values:batchGetByDataFilter", {"dataFilters": [nothing]}) == {"spreadsheetId": "b"}
    empty = {"gridRange": {"startRowIndex": 4, "endRowIndex": 4}}
    [none] = client.ok("values:batchGetByDataFilter", {"dataFilters": [empty]})["valueRanges"]
    assert none["valueRange"] == {"range": "#REF!", "majorDimension": "ROWS"}


def test_values_are_written_wherever_a_filter_leads(client: Client) -> None:
    by_key = {"developerMetadataLookup": {"metadataKey": "dossier"}}
    body = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "data": [{"dataFilter": by_key, "values": [["x", None, "z"]]}],
    }
    answer = client.ok("values:batchUpdateByDataFilter", body)
    first = {"updatedRange": "Accords!A3:C3", "updatedRows": 1, "updatedColumns": 2, "updatedCells": 2, "dataFilter": by_key,
             "updatedData": {"range": "Accords!A3:Z3", "majorDimension": "ROWS", "values": [["x", "", "z"]]}}  # fmt: skip
    assert answer["responses"][0] == first
    assert answer["responses"][1]["updatedRange"] == "Suivi!A1:C1"
    totals = {name: value for name, value in answer.items() if name.startswith("total")}
    assert totals == {"totalUpdatedRows": 2, "totalUpdatedColumns": 4, "totalUpdatedCells": 4, "totalUpdatedSheets": 2}
    body["data"] = [{"dataFilter": by_key, "values": [["x"], ["y"]]}]
    message = "Invalid data[0]: Requested writing within range [Accords!A3:Z3], but tried writing to row [4]"
    assert client.refusal("values:batchUpdateByDataFilter", body) == message


def test_values_are_cleared_wherever_a_filter_leads(client: Client) -> None:
    written = {"valueInputOption": "RAW", "data": [{"range": "Accords!A2:B3", "values": [["a", "b"], ["c", "d"]]}]}
    client.ok("values:batchUpdate", written)
    by_id = {"developerMetadataLookup": {"metadataId": 2}}
    cleared = client.ok("values:batchClearByDataFilter", {"dataFilters": [by_id]})
    assert cleared == {"spreadsheetId": "b", "clearedRanges": ["Accords!B1:B1000"]}
    assert client.send("GET", "values/A2%3AB3").json["values"] == [["a"], ["c"]]
