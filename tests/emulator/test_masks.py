"""Masks are read in every form that Google takes, and refused in its words."""

from typing import Any

import pytest

from tests.google.colours import completed
from tests.google.discovery import api
from tests.google.fields import MaskError, answer_mask, parse_mask, select, updated
from tests.google.wire import ApiError

SHEETS, DRIVE = api("sheets.v4"), api("drive.v3")


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("*", {}),
        ("", {}),
        ("a,b", {"a": {}, "b": {}}),
        ("a.b/c", {"a": {"b": {"c": {}}}}),
        ("a,b(c,d/e),f.g", {"a": {}, "b": {"c": {}, "d": {"e": {}}}, "f": {"g": {}}}),
        ("files(*),nextPageToken", {"files": {}, "nextPageToken": {}}),
        ("next_page_token, files ( id , owners(display_name) )",
         {"nextPageToken": {}, "files": {"id": {}, "owners": {"displayName": {}}}}),
        ("a.b,a", {"a": {}}),  # all of it is more than a part
        ("a.b,a.c,", {"a": {"b": {}, "c": {}}}),
    ],
)  # fmt: skip
def test_a_mask_is_a_tree(text: str, mask: Any) -> None:
    assert parse_mask(text) == mask


@pytest.mark.parametrize("text", ["a(b", "a)b", "(a)"])
def test_parentheses_match(text: str) -> None:
    with pytest.raises(MaskError):
        parse_mask(text)


def test_an_answer_is_cut_element_by_element() -> None:
    data = {"id": "x", "sheets": [{"a": {"b": 1, "c": 2}}, {"d": 3}], "e": {"f": 4}}
    assert select(data, parse_mask("sheets.a.b,e,none")) == {"sheets": [{"a": {"b": 1}}, {}], "e": {"f": 4}}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ("sheets.nothing", "sheets.nothing"),
        ("properties, sheets.properties", " sheets.properties"),  # Sheets counts spaces
        ("nothing(a)", "nothing.a"),
    ],
)
def test_sheets_names_the_path_that_it_does_not_have(fields: str, path: str) -> None:
    with pytest.raises(ApiError, match=r"^Request contains an invalid argument\.$") as refusal:
        answer_mask(fields, "Spreadsheet", SHEETS)
    told = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    (details,) = refusal.value.response().json["error"]["details"]
    assert details["fieldViolations"] == [{"field": path, "description": told}]


def test_drive_lets_spaces_be_and_names_the_field() -> None:
    assert answer_mask("nextPageToken, files(id, name)", "FileList", DRIVE) == parse_mask(
        "nextPageToken,files(id,name)"
    )
    with pytest.raises(ApiError, match="Invalid field selection nothing") as refusal:
        answer_mask("files(nothing)", "FileList", DRIVE)
    assert (refusal.value.code, refusal.value.reason) == (400, "invalidParameter")


def test_what_a_mask_names_is_set_or_cleared_and_the_rest_stays() -> None:
    target = {"note": "a", "userEnteredFormat": {"textFormat": {"bold": True, "italic": True}, "wrapStrategy": "WRAP"}}
    source = {"note": "b", "userEnteredFormat": {"textFormat": {"italic": False}}}
    assert updated(target, source, "userEnteredFormat(textFormat.bold,wrapStrategy)", "CellData") == {
        "note": "a",
        "userEnteredFormat": {"textFormat": {"italic": True}},
    }
    assert updated(target, source, "user_entered_format.text_format", "CellData")["userEnteredFormat"] == {
        "textFormat": {"italic": False}, "wrapStrategy": "WRAP",
    }  # fmt: skip
    assert updated(target, {"note": "c"}, "*", "CellData") == {"note": "c"}
    assert target["note"] == "a"


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ("", "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"),
        ("foo", "Invalid field: foo"),
        ("userEnteredFormat.textFormat.weight", "Invalid field: user_entered_format.text_format.weight"),
    ],
)
def test_a_mask_of_an_update_is_refused_in_googles_words(mask: str, message: str) -> None:
    with pytest.raises(MaskError) as refusal:
        updated({}, {}, mask, "CellData")
    assert str(refusal.value) == message


def test_a_colour_and_its_style_go_together() -> None:
    red = {"red": 1}
    both = {"backgroundColor": red, "backgroundColorStyle": {"rgbColor": red}}
    assert updated({}, {"backgroundColor": red}, "backgroundColor", "CellFormat") == both
    assert updated({}, {"backgroundColorStyle": {"rgbColor": red}}, "backgroundColorStyle", "CellFormat") == both
    assert updated(both, {}, "backgroundColor", "CellFormat") == {}
    themed = updated(both, {"backgroundColorStyle": {"themeColor": "ACCENT5"}}, "backgroundColorStyle", "CellFormat")
    assert themed["backgroundColor"] == {"red": 1, "green": 0.42745098, "blue": 0.003921569}
    assert themed["backgroundColorStyle"] == {"themeColor": "ACCENT5"}


def test_a_colour_keeps_256_levels_cut_and_no_zeros() -> None:
    given = {"red": 0.5, "green": 0, "blue": 2}
    assert completed({"tabColor": given}, "SheetProperties")["tabColor"] == {"red": 0.49803922, "blue": 1}
