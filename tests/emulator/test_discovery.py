"""Requests are matched to methods, read and refused by Google's own discovery documents."""

import json
from typing import Any

import pytest

from tests.emulator.example import BOOK, VALUES, Small, ask
from tests.google.discovery import api
from tests.google.wire import Request

SHEETS, DRIVE = api("sheets.v4"), api("drive.v3")
TOKEN = {"authorization": "Bearer essai"}
BATCH = f"/v4/spreadsheets/{BOOK}:batchUpdate"


def refusal(body: object, path: str = BATCH, http: str = "POST", **query: str) -> str:
    """What the emulator says of a body."""
    answer = ask(Small(), http, path, body if isinstance(body, bytes) else json.dumps(body).encode(), **query)
    error = answer.json["error"]
    assert (answer.status, error["status"]) == (400, "INVALID_ARGUMENT")
    return str(error["message"])


@pytest.mark.parametrize(
    ("http", "path", "method", "parameters"),
    [
        ("POST", "/v4/spreadsheets/X/values/Sheet1!A1:B2:append", "values.append", {"range": "Sheet1!A1:B2"}),
        ("POST", "/v4/spreadsheets/X/values/'Sheet1':clear", "values.clear", {"range": "'Sheet1'"}),
        ("PUT", "/v4/spreadsheets/X/values/%27a%2Fb%27!A1%3AB2", "values.update", {"range": "'a/b'!A1:B2"}),
        ("GET", "/v4/spreadsheets/X/values:batchGet", "values.batchGet", {}),
        ("POST", "/v4/spreadsheets/X:batchUpdate", "batchUpdate", {}),
        ("POST", "/v4/spreadsheets/X/sheets/7:copyTo", "sheets.copyTo", {"sheetId": "7"}),
    ],
)
def test_a_path_calls_one_method(http: str, path: str, method: str, parameters: dict[str, str]) -> None:
    found = SHEETS.find(Request(http, path))
    assert found
    assert (found[0].id, found[1]) == (f"sheets.spreadsheets.{method}", {"spreadsheetId": "X", **parameters})


@pytest.mark.parametrize(
    ("http", "path", "method"),
    [
        ("GET", "files/generateIds", "files.generateIds"),
        ("DELETE", "files/trash", "files.emptyTrash"),
        ("GET", "changes/startPageToken", "changes.getStartPageToken"),
        ("GET", "files/X", "files.get"),
        ("GET", "files/X/export", "files.export"),
    ],
)
def test_a_fixed_word_in_a_path_goes_before_an_identifier(http: str, path: str, method: str) -> None:
    found = DRIVE.find(Request(http, f"/drive/v3/{path}"))
    assert found
    assert found[0].id == f"drive.{method}"


@pytest.mark.parametrize(
    ("http", "path"), [("GET", "/v4/nothing"), ("GET", "/"), ("DELETE", f"/v4/spreadsheets/{BOOK}")]
)
def test_what_is_not_there_is_a_page_of_the_front_end(http: str, path: str) -> None:
    answer = ask(Small(), http, path)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=UTF-8")
    assert path.encode() in answer.body


def test_a_method_of_google_that_is_not_modelled_is_refused_as_such() -> None:
    error = ask(Small(), "POST", f"/v4/spreadsheets/{BOOK}/developerMetadata:search", b"{}").json["error"]
    assert (error["code"], error["status"]) == (501, "UNIMPLEMENTED")


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (
            {"addSheet": {"foo": 1}},
            "Invalid JSON payload received. Unknown name \"foo\" at 'requests[0].add_sheet': Cannot find field.",
        ),
        (
            {"addSheet": {"properties": {"sheetId": "abc"}}},
            "Invalid value at 'requests[0].add_sheet.properties.sheet_id' (TYPE_INT32), \"abc\"",
        ),
        (
            {"addSheet": {"properties": {"sheetId": 1.5}}},
            "Invalid value at 'requests[0].add_sheet.properties.sheet_id' (TYPE_INT32), 1.5",
        ),
        (
            {"addSheet": {"properties": {"sheetId": 2**31}}},
            "Invalid value at 'requests[0].add_sheet.properties.sheet_id' (TYPE_INT32), 2147483648",
        ),
        (
            {"addSheet": {"properties": {"title": 5}}},
            "Invalid value at 'requests[0].add_sheet.properties.title' (TYPE_STRING), 5",
        ),
        (
            {"addSheet": {"properties": {"hidden": "perhaps"}}},
            "Invalid value at 'requests[0].add_sheet.properties.hidden' (TYPE_BOOL), \"perhaps\"",
        ),
        (
            {"addSheet": {"properties": {"sheetType": "PAPER"}}},
            "Invalid value at 'requests[0].add_sheet.properties.sheet_type' "
            '(type.googleapis.com/google.apps.sheets.v4.SheetType), "PAPER"',
        ),
        (
            {"addSheet": {"properties": {"index": [1]}}},
            "Invalid JSON payload received. Unknown name \"index\" at 'requests[0].add_sheet.properties': Proto field is "
            "not repeating, cannot start list.",
        ),
        (
            {"addSheet": {"properties": {"title": {"a": 1}}}},
            "Invalid value at 'requests[0].add_sheet.properties' (title), Starting an object on a scalar field",
        ),
        (
            {"addSheet": {"properties": "Feuille"}},
            "Invalid value at 'requests[0].add_sheet.properties' "
            '(type.googleapis.com/google.apps.sheets.v4.SheetProperties), "Feuille"',
        ),
        (
            "addSheet",
            "Invalid value at 'requests[0]' "
            '(type.googleapis.com/google.apps.sheets.v4.BatchUpdateSpreadsheetRequest.Request), "addSheet"',
        ),
        (
            {"addSheet": {}, "deleteSheet": {}},
            "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. Cannot set 'deleteSheet'",
        ),
        (
            {"sortRange": {"range": {"startRowIndex": "x"}}},
            "Invalid value at 'requests[0].sort_range.range.start_row_index.value' (TYPE_INT32), \"x\"",
        ),
        (
            {"updateCells": {"rows": [{"values": [{"userEnteredFormat": {"textFormat": {"fontSize": True}}}]}]}},
            "Invalid value at 'requests[0].update_cells.rows[0].values[0].user_entered_format.text_format.font_size' "
            "(TYPE_INT32), true",
        ),
        (
            {"setBasicFilter": {"filter": {"criteria": {"0": {"visible": 1}}}}},
            'Invalid JSON payload received. Unknown name "visible" at '
            "'requests[0].set_basic_filter.filter.criteria[0].value': Cannot find field.",
        ),
        (
            {"setBasicFilter": {"filter": {"criteria": []}}},
            "Invalid value at 'requests[0].set_basic_filter.filter' (Map), Cannot bind a list to map for field 'criteria'.",
        ),
    ],
)
def test_a_body_of_another_form_is_refused_in_googles_words(request_: object, text: str) -> None:
    assert refusal({"requests": [request_]}) == text


def test_all_faults_of_a_body_are_told_together_with_their_places() -> None:
    body = {"requests": [{"addSheet": {"properties": {"title": 5, "colour": 1}}}], "more": 1}
    answer = ask(Small(), "POST", BATCH, json.dumps(body).encode())
    error = answer.json["error"]
    texts = [
        "Invalid value at 'requests[0].add_sheet.properties.title' (TYPE_STRING), 5",
        "Invalid JSON payload received. Unknown name \"colour\" at 'requests[0].add_sheet.properties': Cannot find field.",
        'Invalid JSON payload received. Unknown name "more": Cannot find field.',
    ]
    assert error["message"] == "\n".join(texts)
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [
                {"field": "requests[0].add_sheet.properties.title", "description": texts[0]},
                {"field": "requests[0].add_sheet.properties", "description": texts[1]},
                {"description": texts[2]},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"values": "B7"}, "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"B7\""),
        ({"values": ["x"]}, "Invalid value at 'data.values[0]' (type.googleapis.com/google.protobuf.ListValue), \"x\""),
        ({"value": []}, "Invalid JSON payload received. Unknown name \"value\" at 'data': Cannot find field."),
        ([], 'Invalid JSON payload received. Unknown name "data": Proto field is not repeating, cannot start list.'),
    ],
)
def test_values_are_the_data_of_their_request(body: object, text: str) -> None:
    assert refusal(body, f"{VALUES}/A1", "PUT", valueInputOption="RAW") == text


@pytest.mark.parametrize("body", [[], "requests", 1])
def test_a_body_is_an_object(body: object) -> None:
    assert refusal(body) == 'Invalid JSON payload received. Unknown name "": Root element must be a message.'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"not json", "Unexpected token.\nnot json\n^"),
        (b'{"requests": NaN}', 'Unexpected token.\n{"requests": NaN}\n             ^'),
        (b'{"requests": [1 2]}', 'Expected , or ] after array value.\n{"requests": [1 2]}\n                ^'),
        (b'{"a": 1 "b": 2}', 'Expected , or } after key:value pair.\n{"a": 1 "b": 2}\n        ^'),
        (b'{"a" 1}', 'Expected : between key:value pair.\n{"a" 1}\n     ^'),
        (b'{"a": 1} more', 'Parsing terminated before end of input.\n{"a": 1} more\n         ^'),
        (b'{"a": ', 'Unexpected end of string. Expected a value.\n{"a": \n      ^'),
    ],
)
def test_a_body_that_is_not_json_is_shown_at_the_place(body: bytes, told: str) -> None:
    assert refusal(body).startswith(f"Invalid JSON payload received. {told}")


def test_a_text_may_hold_a_line_break_as_it_is() -> None:
    google = Small()
    assert ask(google, "PUT", f"{VALUES}/A1", b'{"values": [["a\nb"]]}').status == 200
    assert google.values == [["a\nb"]]


def test_twenty_characters_are_shown_on_each_side() -> None:
    body = b'{"' + b"a" * 40 + b'": ?' + b" " * 40 + b"}"
    assert refusal(body) == "\n".join(
        ["Invalid JSON payload received. Unexpected token.", "a" * 17 + '": ?' + " " * 19, " " * 20 + "^"]
    )


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"add_sheet": {"properties": {"sheet_id": 7}}}, {"addSheet": {"properties": {"sheetId": 7}}}),
        ({"addSheet": {"properties": {"sheetId": "7"}}}, {"addSheet": {"properties": {"sheetId": 7}}}),
        ({"addSheet": {"properties": {"sheetId": 7.0}}}, {"addSheet": {"properties": {"sheetId": 7}}}),
        ({"addSheet": {"properties": {"sheetType": "grid"}}}, {"addSheet": {"properties": {"sheetType": "GRID"}}}),
        ({"addSheet": {"properties": {"sheetType": 1}}}, {"addSheet": {"properties": {"sheetType": "GRID"}}}),
        ({"addSheet": {"properties": {"hidden": "true"}}}, {"addSheet": {"properties": {"hidden": True}}}),
        ({"addSheet": {"properties": {"title": None}}}, {"addSheet": {"properties": {}}}),
        ({"addSheet": None, "deleteSheet": {"sheetId": 1}}, {"deleteSheet": {"sheetId": 1}}),
        (
            {"sortRange": {"sortSpecs": {"dimensionIndex": 1}}},
            {"sortRange": {"sortSpecs": [{"dimensionIndex": 1}]}},
        ),
    ],
)
def test_what_google_understands_reaches_the_method_in_one_form(said: dict[str, Any], read: dict[str, Any]) -> None:
    body, faults = SHEETS.read("BatchUpdateSpreadsheetRequest", {"requests": [said]})
    assert (body, faults) == ({"requests": [read]}, [])


def test_values_are_left_as_they_are() -> None:
    values = [["a", None, 1.5, True], [], [{"b": 1}]]
    assert SHEETS.read("ValueRange", {"values": values}, "data") == ({"values": values}, [])


# ---------------------------------------------------------------------------------------------------- queries


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (
            {"majorDimension": "DIAGONAL"},
            "Invalid value at 'major_dimension' (type.googleapis.com/google.apps.sheets.v4.Dimension), \"DIAGONAL\"",
        ),
        (
            {"valueRenderOption": "PLAIN"},
            "Invalid value at 'value_render_option' (type.googleapis.com/google.apps.sheets.v4.ValueRenderOption), "
            '"PLAIN"',
        ),
        (
            {"dateTimeRenderOption": "ISO"},
            "Invalid value at 'date_time_render_option' "
            '(type.googleapis.com/google.apps.sheets.v4.DateTimeRenderOption), "ISO"',
        ),
        (
            {"colour": "red"},
            'Invalid JSON payload received. Unknown name "colour": Cannot bind query parameter. '
            "Field 'colour' could not be found in request message.",
        ),
        ({"alt": "xml"}, "Invalid value \"xml\" for query parameter 'alt'"),
        ({"alt": "media"}, 'Unsupported alt type "media" for non byte stream request.'),
        ({"$.xgafv": "3"}, "Invalid query parameters. Invalid value '3' for system query parameter : $.xgafv"),
        (
            {"callback": "a b"},
            "Invalid JSONP callback name: 'a b'; only alphabet, number, '_', '$', '.', '[' and ']' are allowed.",
        ),
    ],
)
def test_a_parameter_of_another_form_is_refused(query: dict[str, str], text: str) -> None:
    answer = Small().handle(Request("GET", f"{VALUES}/A1", {name: [said] for name, said in query.items()}, TOKEN))
    assert text in answer.body.decode().replace('\\"', '"')
    assert b'"code": 400' in answer.body


def test_parameters_are_read_as_google_reads_them() -> None:
    assert ask(Small(), major_dimension="columns").json["majorDimension"] == "COLUMNS"
    assert ask(Small(), majorDimension=["ROWS", "COLUMNS"], quotaUser="a", key="k").json["majorDimension"] == "COLUMNS"
    method = next(method for method in SHEETS.methods if method.id == "sheets.spreadsheets.get")
    read = SHEETS.read_query(method, {"include_grid_data": ["1"], "ranges": ["A1", "B2"], "fields": ["a", "b"]})
    assert read == ({"includeGridData": ["true"], "ranges": ["A1", "B2"], "fields": ["a"]}, [])
    read = SHEETS.read_query(method, {"includeGridData": ["perhaps"]})
    assert [fault.text for fault in read[1]] == ["Invalid value at 'include_grid_data' (TYPE_BOOL), \"perhaps\""]


def test_drive_passes_over_what_it_does_not_know_but_not_a_bad_number() -> None:
    google = Small()
    assert ask(google, path="/drive/v3/files/X", includeItemsFromAllDrives="true", colour="red").status == 200
    body = json.dumps({"name": "a", "title": "b"}).encode()
    assert ask(google, "POST", "/drive/v3/files", body).json == {"kind": "drive#file", "name": "a"}
    error = ask(google, "POST", "/drive/v3/files", b"{").json["error"]
    assert (error["message"], error["errors"][0]["reason"]) == ("Parse Error", "parseError")
    shortcut = {"shortcutDetails": {"targetId": "X"}}
    assert ask(google, "POST", "/drive/v3/files", json.dumps(shortcut).encode()).json == {
        "kind": "drive#file",
        **shortcut,
    }
    error = ask(google, path="/drive/v3/files", pageSize="many").json["error"]
    assert error["message"] == "Invalid value at 'page_size' (TYPE_INT32), \"many\""
    assert error["errors"] == [{"message": error["message"], "reason": "invalid"}]


# ---------------------------------------------------------------------------------------------------- answers


def test_an_answer_is_indented_unless_told_not_to() -> None:
    google = Small(values=[["é", 1, None], []])
    data = {"range": "Feuille!A1:B2", "majorDimension": "ROWS", "values": google.values}
    assert ask(google).body.decode() == json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    assert ask(google, prettyPrint="false").body.decode() == json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def test_the_old_form_of_errors_has_a_list() -> None:
    assert "errors" not in ask(Small(), path="/v4/spreadsheets/none/values/A1").json["error"]
    error = ask(Small(), path="/v4/spreadsheets/none/values/A1", __xgafv="1").json["error"]
    assert error["errors"] == [{"message": error["message"], "domain": "global", "reason": "notFound"}]
    assert "errors" in ask(Small(), path="/v4/spreadsheets/none/values/A1", __xgafv=["2", "1"]).json["error"]
    typed = ask(Small(), majorDimension="DIAGONAL", __xgafv="1").json["error"]
    assert typed["errors"] == [{"message": typed["message"], "reason": "invalid"}]
    drive = ask(Small(), path="/drive/v3/files", alt="media").json["error"]
    assert drive["errors"] == [{"message": drive["message"], "domain": "global", "reason": "badRequest"}]
    assert list(error) == ["code", "message", "errors", "status"]


def test_a_script_gets_its_answer_as_a_call() -> None:
    answer = ask(Small(), path="/v4/spreadsheets/none/values/A1", callback="told")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/javascript; charset=UTF-8")
    assert answer.body.startswith(b"// API callback\ntold({") and answer.body.endswith(b"}\n);")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"spreadsheetId": 1}, "Invalid value at 'spreadsheet_id' (TYPE_STRING), 1"),
        ({"spreadsheetUri": "a"}, 'Invalid JSON payload received. Unknown name "spreadsheetUri": Cannot find field.'),
        ({"spreadsheetId": None}, "Invalid value at 'spreadsheet_id' (nothing at all), null"),
        ({"sheets": {}}, "Invalid value at 'sheets' (a list), {}"),
        (
            {"sheets": [{"properties": {"sheetType": "grid"}}]},
            "Invalid value at 'sheets[0].properties.sheet_type' "
            '(type.googleapis.com/google.apps.sheets.v4.SheetType), "grid"',
        ),
        (
            {"sheets": [{"properties": {"sheet_id": 1}}]},
            "Invalid JSON payload received. Unknown name \"sheet_id\" at 'sheets[0].properties': Cannot find field.",
        ),
    ],
)
def test_the_emulator_may_not_say_what_google_never_says(answer: dict[str, Any], text: str) -> None:
    assert [fault.text for fault in SHEETS.faults("Spreadsheet", answer)] == [text]


def test_what_google_never_says_is_noted() -> None:
    google = Small(handlers={"sheets.spreadsheets.values.get": lambda call: {"rnage": "A1"}})
    ask(google)
    assert google.violations == [
        'sheets.spreadsheets.values.get: Invalid JSON payload received. Unknown name "rnage": Cannot find field.'
    ]
    google.violations.clear()  # the fixture that looks at every test finds none
