"""spreadsheets.values as a client sees it: what is read back, what a write tells, and what is refused."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.google.sheets import values, writing
from tests.google.sheets.entering import Typed
from tests.google.sheets.formulas import Computed, Edit, Place
from tests.google.sheets.spreadsheet import Cell, Error, Formula, Sheet, Spreadsheet, Value
from tests.google.tokens import ROBOT
from tests.google.wire import Request, Response
from tests.google.world import Google


class Client:
    """Speaks of one spreadsheet to a Google of its own."""

    def __init__(self) -> None:
        self.google = Google(any_token=True, no_quota=True)
        self.changes: list[str] = []
        self.google.changed = lambda file_id, user: self.changes.append(file_id)  # type: ignore[method-assign]
        self.google.spreadsheets["b"] = Spreadsheet("b", {"locale": "en_US", "timeZone": "Etc/GMT"}, [
            a_sheet(0, "Accords"), a_sheet(1, "Mon onglet"), a_sheet(2, "Petit", 3, 2),
        ])  # fmt: skip
        self.google.drive.created("b", "Suivi", ROBOT)

    def sheet(self, at: int = 0) -> Sheet:
        return self.google.spreadsheets["b"].sheets[at]

    def send(self, http: str, path: str, body: object = None, **query: str | list[str]) -> Response:
        several = {name: value if isinstance(value, list) else [value] for name, value in query.items()}
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": "Bearer x"}
        return self.google.handle(Request(http, f"/v4/spreadsheets/b/values{path}", several, headers, sent))

    def ok(self, http: str, path: str, body: object = None, **query: str | list[str]) -> Any:
        response = self.send(http, path, body, **query)
        assert response.status == 200, response.json
        assert self.google.violations == []
        return response.json

    def refusal(self, http: str, path: str, body: object = None, **query: str | list[str]) -> str:
        """The message of a 400, that left everything as it was."""
        before = self.google.spreadsheets["b"]
        response = self.send(http, path, body, **query)
        assert (response.status, response.json["error"]["status"]) == (400, "INVALID_ARGUMENT"), response.json
        assert self.google.spreadsheets["b"] is before and self.changes == []
        return str(response.json["error"]["message"])

    def get(self, range_: str, **query: str) -> Any:
        return self.ok("GET", f"/{quote(range_, safe='')}", **query)

    def update(self, range_: str, lines: object, option: str = "RAW", **query: str) -> Any:
        return self.ok("PUT", f"/{quote(range_, safe='')}", {"values": lines}, valueInputOption=option, **query)

    def append(self, range_: str, lines: object, **query: str) -> Any:
        return self.ok("POST", f"/{quote(range_, safe='')}:append", {"values": lines}, valueInputOption="RAW", **query)


def a_sheet(id_: int, title: str, rows: int = 1000, columns: int = 26) -> Sheet:
    return Sheet({"sheetId": id_, "title": title, "gridProperties": {"rowCount": rows, "columnCount": columns}})


@pytest.fixture
def client() -> Client:
    return Client()


# ---------------------------------------------------------------------------------------------------------- reading


def test_what_is_empty_at_the_ends_is_left_out(client: Client) -> None:
    client.update("A1:C4", [["Ana", "", "x"], [], ["", "Bob", ""], [""]])
    whole = {"range": "Accords!A1:Z1000", "majorDimension": "ROWS", "values": [["Ana", "", "x"], [], ["", "Bob"]]}
    assert client.get("Accords") == whole
    assert client.get("B2:D4")["values"] == [[], ["Bob"]]
    assert client.get("A1:C4", majorDimension="COLUMNS")["values"] == [["Ana"], ["", "", "Bob"], ["x"]]
    assert client.get("A2:B2") == {"range": "Accords!A2:B2", "majorDimension": "ROWS"}


def test_a_column_that_is_empty_between_others_is_an_empty_list(client: Client) -> None:
    client.update("A1", [["Ana", "", "x"]])
    assert client.get("A1:C9", majorDimension="COLUMNS")["values"] == [["Ana"], [], ["x"]]
    assert client.get("A1:C9", majorDimension="DIMENSION_UNSPECIFIED")["majorDimension"] == "ROWS"


def test_values_are_rendered_as_asked(client: Client) -> None:
    client.update("A1", [["1", 1, 2.5, True, "=1+1"]])
    assert client.get("1:1")["values"] == [["1", "1", "2.5", "TRUE", "=1+1"]]
    assert client.get("1:1", valueRenderOption="UNFORMATTED_VALUE")["values"] == [["1", 1, 2.5, True, "=1+1"]]
    assert client.get("1:1", valueRenderOption="FORMULA")["values"] == [["1", 1, 2.5, True, "=1+1"]]
    shown = client.send("GET", "/1%3A1", valueRenderOption="UNFORMATTED_VALUE", prettyPrint="false").body.decode()
    assert '"1",1,2.5' in shown


def test_dates_are_serial_numbers_or_their_texts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tests.google.sheets.reading.formatted", lambda value, form, locale: f"<{value}|{form['type']}>"
    )
    client.sheet().put(
        0, 0, [Cell(45000.0, {"numberFormat": {"type": "DATE"}}), Cell(7.0, {"numberFormat": {"type": "NUMBER"}})]
    )
    plain = {"valueRenderOption": "UNFORMATTED_VALUE"}
    assert client.get("1:1")["values"] == [["<45000.0|DATE>", "<7.0|NUMBER>"]]
    assert client.get("1:1", **plain)["values"] == [[45000, 7]]
    assert client.get("1:1", **plain, dateTimeRenderOption="FORMATTED_STRING")["values"] == [["<45000.0|DATE>", 7]]


def test_formulas_show_what_they_come_to(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    at: dict[Place, Value] = {
        Place(0, 0, 0): 4.0,
        Place(0, 0, 1): Error("DIVIDE_BY_ZERO", "#DIV/0!"),
        Place(0, 1, 0): "",
        Place(0, 3, 2): 9.0,
    }
    monkeypatch.setattr(values, "computed", lambda call, book: Computed(at, {}, {}))
    client.sheet().put(0, 0, [Cell(Formula("=2+2")), Cell(Formula("=1/0"))])
    client.sheet().put(1, 0, [Cell(Formula('=""'))])
    assert client.get("Accords")["values"] == [["4", "#DIV/0!"], [""], [], ["", "", "9"]]  # C4: a spill
    plain = client.get("Accords", valueRenderOption="UNFORMATTED_VALUE")
    assert plain["values"] == [[4, "#DIV/0!"], [""], [], ["", "", 9]]
    assert client.get("A1:B1", valueRenderOption="FORMULA")["values"] == [["=2+2", "=1/0"]]
    assert client.get("D1:E2") == {"range": "Accords!D1:E2", "majorDimension": "ROWS"}


def test_several_ranges_come_in_the_order_asked_for(client: Client) -> None:
    client.update("A1", [["Ana"]])
    answer = client.ok("GET", ":batchGet", ranges=["Petit", "Accords!A1", "Accords!A1"])
    assert answer["spreadsheetId"] == "b"
    assert [one["range"] for one in answer["valueRanges"]] == ["Petit!A1:B3", "Accords!A1", "Accords!A1"]
    assert client.ok("GET", ":batchGet") == {"spreadsheetId": "b"}


# ---------------------------------------------------------------------------------------------------------- writing


def test_a_write_tells_what_it_touched(client: Client) -> None:
    touched = {
        "spreadsheetId": "b",
        "updatedRange": "'Mon onglet'!B2:C3",
        "updatedRows": 2,
        "updatedColumns": 2,
        "updatedCells": 4,
    }
    assert client.update("Mon onglet!B2:D9", [["a", "b"], ["c", "d"]]) == touched
    assert client.changes == ["b"]


def test_null_leaves_a_cell_and_an_empty_text_empties_it(client: Client) -> None:
    client.update("A1:B2", [["a", "b"], ["c", "d"]])
    answer = client.update("A1:D2", [[None, "", None, None], [None, None, None, "z"]])
    assert (answer["updatedRange"], answer["updatedCells"]) == ("Accords!A1:D2", 2)
    assert (answer["updatedRows"], answer["updatedColumns"]) == (2, 2)
    assert client.get("Accords")["values"] == [["a"], ["c", "d", "", "z"]]


def test_a_write_of_nothing(client: Client) -> None:
    assert client.update("C3", []) == {"spreadsheetId": "b", "updatedRange": "Accords!C3"}
    assert client.update("C3", [[]]) == {"spreadsheetId": "b", "updatedRange": "Accords!C3"}
    assert client.ok("PUT", "/C3", {}, valueInputOption="RAW") == {"spreadsheetId": "b", "updatedRange": "Accords!C3"}


def test_columns_may_be_written(client: Client) -> None:
    body = {"range": "B1", "majorDimension": "COLUMNS", "values": [["a", "b"], ["c"]]}
    answer = client.ok("PUT", "/B1", body, valueInputOption="RAW")
    assert (answer["updatedRange"], answer["updatedCells"]) == ("Accords!B1:C2", 3)
    assert client.get("B1:C2")["values"] == [["a", "c"], ["b"]]


def test_raw_text_stays_text(client: Client) -> None:
    client.update("A1", [["=1+1", "42", "TRUE", "2026-01-05", "'x"]])
    unformatted = client.get("1:1", valueRenderOption="UNFORMATTED_VALUE")["values"]
    assert unformatted == [["=1+1", "42", "TRUE", "2026-01-05", "'x"]]


def test_typed_text_goes_through_typing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def typing(text: str, locale: str, existing: Any = None) -> Typed:
        asked.append((text, locale, existing))
        return Typed(0.5, {"type": "PERCENT", "pattern": "0%"}) if text == "50%" else Typed(Formula(text))

    monkeypatch.setattr(writing, "typed", typing)
    dated = {"type": "DATE", "pattern": "dd/mm/yyyy"}
    client.sheet().put(0, 1, [Cell("", {"bold": True}), Cell(None, {"numberFormat": dated}, "une note")])
    client.update("A1", [["50%", "50%", "50%", "=A1", 3, True, ""]], option="USER_ENTERED")
    a1_, b1, c1, d1, e1, f1, g1 = client.sheet().rows[0]
    percent = {"type": "PERCENT", "pattern": "0%"}
    assert a1_ == Cell(0.5, {"numberFormat": percent})
    assert b1 == Cell(0.5, {"bold": True, "numberFormat": percent})
    assert c1 == Cell(0.5, {"numberFormat": dated}, "une note")  # the cell had a number format already
    assert (d1.entered, e1.entered, f1.entered, g1.entered) == (Formula("=A1"), 3.0, True, None)
    assert asked == [("50%", "en_US", None), ("50%", "en_US", dated), ("=A1", "en_US", None)]


def test_the_values_come_back_when_asked_for(client: Client) -> None:
    client.update("A1:A3", [["a"], ["b"], ["c"]])
    asked = {"includeValuesInResponse": "True", "responseValueRenderOption": "UNFORMATTED_VALUE"}
    answer = client.update("A1:B3", [[1]], **asked)
    assert answer["updatedRange"] == "Accords!A1"
    assert answer["updatedData"] == {"range": "Accords!A1:B3", "majorDimension": "ROWS", "values": [[1], ["b"], ["c"]]}
    assert client.update("C1", [["x", "y"]], includeValuesInResponse="true")["updatedData"]["range"] == "Accords!C1:D1"
    assert "updatedData" not in client.update("C1", [["x"]], includeValuesInResponse="False")


@pytest.mark.parametrize("query", [{}, {"valueInputOption": "INPUT_VALUE_OPTION_UNSPECIFIED"}])
def test_how_values_are_input_must_be_told(client: Client, query: dict[str, str]) -> None:
    message = "'valueInputOption' is required but not specified"
    assert client.refusal("PUT", "/A1", {"values": [["a"]]}, **query) == message
    assert client.refusal("POST", "/A1:append", {"values": [["a"]]}, **query) == message
    assert client.refusal("POST", ":batchUpdate", {"data": [], **query}) == message
    assert client.refusal("POST", ":batchUpdateByDataFilter", {"data": [], **query}) == message


@pytest.mark.parametrize(
    ("range_", "lines", "within", "to"),
    [
        ("Accords!A1:B2", [["a", "b", "c"]], "Accords!A1:B2", "column [C]"),
        ("'Mon onglet'!B2:C3", [["a"], ["b"], ["c"]], "'Mon onglet'!B2:C3", "row [4]"),
        ("A1:B2", [["a"], ["b"], ["c", "d", "e"]], "Accords!A1:B2", "row [3]"),
        ("A1:B2", [["a"], ["b", "c", "d"], ["e"]], "Accords!A1:B2", "column [C]"),
        ("Petit!A1:D1", [["a", "b", "c"]], "Petit!A1:B1", "column [C]"),  # the range is cut by the grid
        ("Petit!A:B", [["a"]] * 4, "Petit!A1:B3", "row [4]"),
    ],
)
def test_a_range_is_a_limit(client: Client, range_: str, lines: object, within: str, to: str) -> None:
    refused = client.refusal("PUT", f"/{quote(range_, safe='')}", {"values": lines}, valueInputOption="RAW")
    assert refused == f"Requested writing within range [{within}], but tried writing to {to}"


def test_one_cell_or_a_whole_sheet_is_where_to_start(client: Client) -> None:
    assert client.update("Petit!B3", [["a", "b"], ["c", "d"]])["updatedRange"] == "Petit!B3:C4"
    assert (client.sheet(2).row_count, client.sheet(2).column_count) == (4, 3)
    client.update("'Petit'", [["x"]] * 6)
    assert (client.sheet(2).row_count, client.sheet(2).column_count) == (6, 3)


def test_a_write_may_not_start_outside_the_grid(client: Client) -> None:
    refused = client.refusal("PUT", "/Petit!A4", {"values": [["a"]]}, valueInputOption="RAW")
    assert refused == "Range (Petit!A4) exceeds grid limits. Max rows: 3, max columns: 2"


def test_the_range_of_the_body_is_that_of_the_path(client: Client) -> None:
    body = {"range": "'Accords'!A1", "values": [["a"]]}
    message = "Request range[Accords!A1] does not match value's range['Accords'!A1]"
    assert client.refusal("PUT", "/Accords!A1", body, valueInputOption="RAW") == message
    assert client.refusal("POST", "/Accords!A1:append", body, valueInputOption="RAW") == message


def test_only_scalars_go_into_cells(client: Client) -> None:
    nested = client.refusal("PUT", "/A1", {"values": [["a", {"nom": "Ana"}]]}, valueInputOption="RAW")
    assert nested == (
        'Invalid values[0][1]: struct_value {\n  fields {\n    key: "nom"\n    value {\n      string_value: "Ana"\n    }\n  }\n}\n'
    )
    listed = client.refusal("PUT", "/A1", {"values": [["a"], [[1, True, None]]]}, valueInputOption="RAW")
    assert listed == (
        "Invalid values[1][0]: list_value {\n  values {\n    number_value: 1.0\n  }\n  values {\n    bool_value: true\n  }\n"
        "  values {\n    null_value: NULL_VALUE\n  }\n}\n"
    )
    flat = client.refusal("PUT", "/A1", {"values": ["a", 1]}, valueInputOption="RAW")
    kind = "type.googleapis.com/google.protobuf.ListValue"
    assert flat == f"Invalid value at 'data.values[0]' ({kind}), \"a\"\nInvalid value at 'data.values[1]' ({kind}), 1"


def test_a_cell_holds_50000_characters(client: Client) -> None:
    client.update("A1", [["x" * 50_000]])
    client.changes.clear()
    refused = client.refusal("PUT", "/A1", {"values": [["x" * 50_001]]}, valueInputOption="RAW")
    assert refused == "Your input contains more than the maximum of 50000 characters in a single cell."


def test_a_spreadsheet_holds_ten_million_cells(client: Client) -> None:
    client.sheet(1).properties["gridProperties"] |= {"rowCount": 100_000, "columnCount": 99}
    # 26,000 + 9,900,000 + 6 cells: 73,994 left, and 37,000 rows of 2 columns are 74,000
    full = "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
    body = {"values": [["x"]] * 37_000}
    assert client.refusal("PUT", "/Petit!A3", body, valueInputOption="RAW") == full
    client.update("Petit!A1", [["x"]] * 36_999)


def test_several_ranges_are_written_or_none(client: Client) -> None:
    data = [{"range": "A1:D1", "values": [["a", "b", "", "d"]]}, {"range": "Accords!A4:D4", "values": [["e", "f", "g", "h"]]},
            {"range": "Petit!A1", "majorDimension": "COLUMNS", "values": [["i", "j"]]}]  # fmt: skip
    answer = client.ok("POST", ":batchUpdate", {"valueInputOption": "RAW", "data": data})
    totals = {name: value for name, value in answer.items() if name.startswith("total")}
    assert totals == {"totalUpdatedRows": 4, "totalUpdatedColumns": 5, "totalUpdatedCells": 10, "totalUpdatedSheets": 2}
    assert [one["updatedRange"] for one in answer["responses"]] == ["Accords!A1:D1", "Accords!A4:D4", "Petit!A1:A2"]
    assert answer["responses"][0]["spreadsheetId"] == "b"
    client.changes.clear()
    for bad, message in [
        ({"range": "Nulle part!A1", "values": [["z"]]}, "Unable to parse range: Nulle part!A1"),
        ({"range": "Petit!A9", "values": [["z"]]}, "Range (Petit!A9) exceeds grid limits. Max rows: 3, max columns: 2"),
        ({"values": [["z"]]}, "Unable to parse range: "),
    ]:
        body = {"valueInputOption": "RAW", "data": [{"range": "A1", "values": [["z"]]}, bad]}
        assert client.refusal("POST", ":batchUpdate", body) == f"Invalid data[1]: {message}"
    assert client.get("A1")["values"] == [["a"]]


def test_several_ranges_come_back_when_asked_for(client: Client) -> None:
    data = [{"range": "A1:C1", "values": [[1]]}]
    body = {"valueInputOption": "RAW", "data": data, "includeValuesInResponse": True}
    [one] = client.ok("POST", ":batchUpdate", body)["responses"]
    assert one["updatedData"] == {"range": "Accords!A1:C1", "majorDimension": "ROWS", "values": [["1"]]}


# -------------------------------------------------------------------------------------------------------- appending


def test_an_empty_sheet_has_no_table(client: Client) -> None:
    answer = client.append("'Accords'", [["Ana", 3]])
    updates = {
        "spreadsheetId": "b",
        "updatedRange": "Accords!A1:B1",
        "updatedRows": 1,
        "updatedColumns": 2,
        "updatedCells": 2,
    }
    assert answer == {"spreadsheetId": "b", "updates": updates}
    assert client.append("Mon onglet!C7:D9", [["x"]])["updates"]["updatedRange"] == "'Mon onglet'!C7"


def test_a_row_with_a_gap_makes_the_next_one_slide(client: Client) -> None:
    client.append("Accords", [["a", "", "c"]])
    second = client.append("Accords", [["a", "", "c"]])
    assert (second["tableRange"], second["updates"]["updatedRange"]) == ("Accords!C1", "Accords!C2:E2")
    third = client.append("Accords", [["a", "", "c"]])
    assert (third["tableRange"], third["updates"]["updatedRange"]) == ("Accords!E2", "Accords!E3:G3")
    assert client.get("2:2")["values"] == [["", "", "a", "", "c"]]


def test_an_explicit_start_keeps_rows_in_place(client: Client) -> None:
    client.append("Accords", [["a", "", "c"]])
    second = client.append("Accords!A1", [["a", "", "c"]])
    assert (second["tableRange"], second["updates"]["updatedRange"]) == ("Accords!A1", "Accords!A2:C2")


@pytest.mark.parametrize(
    ("range_", "table", "landed"),
    [
        # two tables, A1:C2 and B4:D6 with a hole in C5
        ("Accords", "Accords!B4:D6", "Accords!B7:C7"),
        ("B4", "Accords!B4:D6", "Accords!B7:C7"),
        ("C5", "Accords!B4:D6", "Accords!B7:C7"),
        ("C5:D5", "Accords!B4:D6", "Accords!B7:C7"),
        ("B2:D4", "Accords!B4:D6", "Accords!B7:C7"),
        ("A3:G10", "Accords!B4:D6", "Accords!B7:C7"),
        ("A1", "Accords!A1:C2", "Accords!A3:B3"),
        ("1:2", "Accords!A1:C2", "Accords!A3:B3"),
        ("E4", None, "Accords!E4:F4"),
        ("A4", None, "Accords!A4:B4"),
    ],
)
def test_the_last_table_of_the_range_is_appended_to(
    client: Client, range_: str, table: str | None, landed: str
) -> None:
    client.update("A1", [["a", "b", "c"]] * 2)
    client.update("B4", [["d", "e", "f"], ["g", "", "i"], ["j", "k", "l"]])
    answer = client.append(range_, [["x", "y"]])
    assert (answer.get("tableRange"), answer["updates"]["updatedRange"]) == (table, landed)


def test_cells_that_touch_by_a_corner_are_one_table(client: Client) -> None:
    client.update("B2", [["a", None], [None, "b"]])
    assert client.append("Accords", [["x"]])["tableRange"] == "Accords!B2:C3"
    client.update("Mon onglet!C2", [[None, "a"], ["b", None]])
    assert client.append("Mon onglet", [["x"]])["tableRange"] == "'Mon onglet'!C2:D3"


def test_appending_makes_the_grid_grow(client: Client) -> None:
    client.update("Petit!A1:B3", [["a", "b"]] * 3)
    assert client.append("Petit", [["c", "d", "e"]])["updates"]["updatedRange"] == "Petit!A4:C4"
    assert (client.sheet(2).row_count, client.sheet(2).column_count) == (4, 3)


def test_appending_writes_over_what_is_below_or_inserts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.update("A1", [["a"]])
    client.update("C2", [["z"]])
    client.append("A1", [["b", "c", "d"]])
    assert client.get("Accords")["values"] == [["a"], ["b", "c", "d"]]
    edits: list[object] = []
    monkeypatch.setattr(values, "restructure", lambda book, edit: edits.append(edit))
    client.append("A1", [["e"], ["f"]], insertDataOption="INSERT_ROWS")
    assert edits == [Edit(0, "ROWS", "insert", 2, 4)]


# --------------------------------------------------------------------------------------------------------- clearing


def test_clearing_keeps_formats_and_notes(client: Client) -> None:
    client.sheet().put(
        0, 0, [Cell("a", {"bold": True}, "une note", {"strict": True}, ({"startIndex": 0},)), Cell("b"), Cell("c")]
    )
    assert client.ok("POST", "/A1%3AB:clear") == {"spreadsheetId": "b", "clearedRange": "Accords!A1:B1000"}
    assert client.sheet().rows[0] == (Cell(None, {"bold": True}, "une note", {"strict": True}), Cell(), Cell("c"))
    assert client.changes == ["b"]


def test_several_ranges_are_cleared_or_none(client: Client) -> None:
    client.update("A1", [["a", "b", "c"]])
    client.changes.clear()
    refused = client.refusal("POST", ":batchClear", {"ranges": ["A1", "Petit!A4:Z"]})
    assert refused == "Invalid range[1]: Range (Petit!A4:Z) exceeds grid limits. Max rows: 3, max columns: 2"
    assert client.get("1:1")["values"] == [["a", "b", "c"]]
    assert client.ok("POST", ":batchClear", {"ranges": "Z9"})["clearedRanges"] == ["Accords!Z9"]
    cleared = client.ok("POST", ":batchClear", {"ranges": ["A1", "Accords!C:C"]})
    assert cleared == {"spreadsheetId": "b", "clearedRanges": ["Accords!A1", "Accords!C1:C1000"]}
    assert client.get("1:1")["values"] == [["", "b"]]
