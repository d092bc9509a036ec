"""Requests are matched to methods, and bodies refused, by Google's own discovery documents."""

import pytest

from tests.google.discovery import api
from tests.google.wire import Request

SHEETS = api("sheets.v4")


@pytest.mark.parametrize(
    ("http", "path", "method", "parameters"),
    [
        ("POST", "/v4/spreadsheets/X/values/Sheet1!A1:B2:append", "values.append", {"range": "Sheet1!A1:B2"}),
        ("POST", "/v4/spreadsheets/X/values/'Sheet1':clear", "values.clear", {"range": "'Sheet1'"}),
        ("PUT", "/v4/spreadsheets/X/values/%27a%2Fb%27!A1%3AB2", "values.update", {"range": "'a/b'!A1:B2"}),
        ("GET", "/v4/spreadsheets/X/values:batchGet", "values.batchGet", {}),
        ("POST", "/v4/spreadsheets/X:batchUpdate", "batchUpdate", {}),
    ],
)
def test_a_path_calls_one_method(http: str, path: str, method: str, parameters: dict[str, str]) -> None:
    found = SHEETS.find(Request(http, path))
    assert found
    assert (found[0].id, found[1]) == (f"sheets.spreadsheets.{method}", {"spreadsheetId": "X", **parameters})


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
            {"addSheet": {"properties": {"index": [1]}}},
            "Invalid JSON payload received. Unknown name \"index\" at 'requests[0].add_sheet.properties': Proto field is "
            "not repeating, cannot start list.",
        ),
    ],
)
def test_a_body_of_another_form_is_refused_in_googles_words(request_: dict[str, object], text: str) -> None:
    assert [f.text for f in SHEETS.faults("BatchUpdateSpreadsheetRequest", {"requests": [request_]})] == [text]
