"""Cells written by masks, formatted, bordered, and given rules, as batchUpdate does it."""

from typing import Any

import pytest

from tests.emulator.book_client import BookClient, area


@pytest.fixture
def book() -> BookClient:
    return BookClient()


def _shown(book: BookClient, where: str) -> list[list[str]]:
    return [[cell.get("formattedValue", "") for cell in row] for row in book.cells(where, "formattedValue")]


def _values(*rows: list[Any]) -> list[Any]:
    return [{"values": [{"userEnteredValue": {"stringValue": text}} if text else {} for text in row]} for row in rows]


# ------------------------------------------------------------------------------------------------------- updateCells


def test_a_range_is_cleared_where_the_rows_do_not_cover_it(book: BookClient) -> None:
    book.write(["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"])
    rows = _values(["A"])
    book.batch({"updateCells": {"range": area(0, 2, 0, 2), "rows": rows, "fields": "userEnteredValue"}})
    assert _shown(book, "A1:C3") == [["A", "", "c"], ["", "", "f"], ["g", "h", "i"]]


def test_from_a_corner_nothing_else_is_touched(book: BookClient) -> None:
    book.write(["a", "b", "c"], ["d", "e", "f"])
    book.write(["X"], ["Y", "Z"], column=1)
    assert _shown(book, "A1:C2") == [["a", "X", "c"], ["d", "Y", "Z"]]


def test_only_what_the_mask_names_is_written(book: BookClient) -> None:
    book.write(["a"])
    data = {"userEnteredValue": {"stringValue": "b"}, "note": "n", "userEnteredFormat": {"wrapStrategy": "WRAP"}}
    write = {"start": {"sheetId": 0}, "rows": [{"values": [data]}]}
    book.batch({"updateCells": {**write, "fields": "note,userEnteredFormat.wrapStrategy"}})
    assert book.cells("A1", "userEnteredValue,note,userEnteredFormat") == [[
        {"userEnteredValue": {"stringValue": "a"}, "note": "n", "userEnteredFormat": {"wrapStrategy": "WRAP"}}
    ]]  # fmt: skip
    book.batch({"updateCells": {"start": {"sheetId": 0}, "rows": [{"values": [{}]}], "fields": "note"}})
    assert book.cells("A1", "note,userEnteredFormat") == [[{"userEnteredFormat": {"wrapStrategy": "WRAP"}}]]
    book.batch({"updateCells": {"range": area(0, 1, 0, 1), "fields": "*"}})
    assert book.cells("A1", "note") == []


def test_values_keep_their_kinds(book: BookClient) -> None:
    data = [
        {"stringValue": "00123"},
        {"numberValue": 5},
        {"boolValue": True},
        {"stringValue": "=1+1"},
        {"stringValue": ""},
    ]
    rows = [{"values": [{"userEnteredValue": each} for each in data]}]
    book.batch({"updateCells": {"start": {"sheetId": 0}, "rows": rows, "fields": "userEnteredValue"}})
    (cells,) = book.cells("A1:E1", "userEnteredValue")
    assert [cell["userEnteredValue"] for cell in cells] == data[:4]
    book.write(["=1+1"])
    assert book.cells("A1", "userEnteredValue")[0][0] == {"userEnteredValue": {"formulaValue": "=1+1"}}


def test_runs_start_at_the_beginning_and_go_with_the_text(book: BookClient) -> None:
    bold = {"startIndex": 3, "format": {"bold": True}}
    cell = {"userEnteredValue": {"stringValue": "un mot"}, "textFormatRuns": [bold]}
    write = {"start": {"sheetId": 0}, "rows": [{"values": [cell]}], "fields": "userEnteredValue,textFormatRuns"}
    book.batch({"updateCells": write})
    assert book.cells("A1", "textFormatRuns") == [[{"textFormatRuns": [{"format": {}}, bold]}]]
    book.write(["autre"])
    assert book.cells("A1", "textFormatRuns,formattedValue") == [[{"formattedValue": "autre"}]]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"start": {"sheetId": 0, "columnIndex": 25}, "rows": _values(["a", "b"]), "fields": "*"},
         "Attempting to write column: 26, beyond the last requested column of: 25"),
        ({"range": area(0, 1, 0, 1), "rows": _values(["a"], ["b"]), "fields": "*"},
         "Attempting to write row: 1, beyond the last requested row of: 0"),
        ({"range": area(0, 1, 0, 1), "rows": []},
         "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"),
        ({"start": {"sheetId": 4}, "fields": "*"}, "No grid with id: 4"),
        ({"start": {"sheetId": 0}, "rows": _values(["a" * 50_001]), "fields": "userEnteredValue"},
         "Your input contains more than the maximum of 50000 characters in a single cell."),
    ],
)  # fmt: skip
def test_cells_that_cannot_be_written_are_refused(book: BookClient, request_: Any, message: str) -> None:
    assert book.batch({"updateCells": request_}) == f"Invalid requests[0].updateCells: {message}"


@pytest.mark.parametrize(
    "data",
    [
        {"pivotTable": {}},
        {"userEnteredValue": {"errorValue": {"type": "N_A"}}},
        {"userEnteredValue": {"formulaValue": "1"}},
    ],
)
def test_what_no_client_may_set_is_refused(book: BookClient, data: Any) -> None:
    answer = book.batch({"updateCells": {"start": {"sheetId": 0}, "rows": [{"values": [data]}], "fields": "*"}})
    assert answer.startswith("Invalid requests[0].updateCells: ")


# -------------------------------------------------------------------------------------------- repeatCell, appendCells


def test_a_format_is_repeated_and_what_it_does_not_say_is_cleared(book: BookClient) -> None:
    def repeat(format_: Any, fields: str) -> None:
        cell = {"userEnteredFormat": format_}
        assert book.batch({"repeatCell": {"range": area(0, 2, 0, 2), "cell": cell, "fields": fields}}) == [{}]

    repeat({"backgroundColor": {"green": 1}, "textFormat": {"bold": True, "fontSize": 12}}, "userEnteredFormat")
    repeat({"textFormat": {"italic": True}}, "userEnteredFormat(textFormat(bold,italic),horizontalAlignment)")
    cells = book.cells("A1:C3", "userEnteredFormat")
    assert [len(row) for row in cells] == [2, 2]
    assert cells[1][1]["userEnteredFormat"] == {
        "backgroundColor": {"green": 1}, "backgroundColorStyle": {"rgbColor": {"green": 1}},
        "textFormat": {"fontSize": 12, "italic": True},
    }  # fmt: skip


def test_a_value_is_repeated_and_the_rest_of_the_cell_stays(book: BookClient) -> None:
    book.batch({"repeatCell": {"range": area(0, 1, 0, 2), "cell": {"note": "n"}, "fields": "note"}})
    value = {"userEnteredValue": {"numberValue": 7}}
    book.batch({"repeatCell": {"range": area(0, 1, 0, 2), "cell": value, "fields": "userEnteredValue"}})
    assert book.cells("A1:B1", "note,formattedValue") == [[{"note": "n", "formattedValue": "7"}] * 2]


def test_cells_are_appended_below_the_last_row_with_data(book: BookClient) -> None:
    properties = {"sheetId": 3, "gridProperties": {"rowCount": 2, "columnCount": 2}}
    book.batch({"addSheet": {"properties": properties}})
    book.write(["a"], sheet=3)
    book.batch({"appendCells": {"sheetId": 3, "rows": _values(["b", "c"], ["d"], ["e"]), "fields": "*"}})
    assert _shown(book, "Sheet2!A1:B4") == [["a"], ["b", "c"], ["d"], ["e"]]
    assert book.sheets()[1]["gridProperties"] == {"rowCount": 4, "columnCount": 2}
    wide = book.batch({"appendCells": {"sheetId": 3, "rows": _values(["f", "g", "h"]), "fields": "*"}})
    assert wide.endswith(".appendCells: Attempting to write column: 2, beyond the last requested column of: 1")


# ------------------------------------------------------------------------------------------------------------ borders

SOLID = {"style": "SOLID"}
DRAWN = {"style": "SOLID", "width": 1, "color": {}, "colorStyle": {"rgbColor": {}}}


def _borders(book: BookClient, where: str) -> list[list[Any]]:
    return [
        [cell.get("userEnteredFormat", {}).get("borders", {}) for cell in row]
        for row in book.cells(where, "userEnteredFormat.borders")
    ]


def test_borders_are_drawn_around_and_within(book: BookClient) -> None:
    book.batch({"updateBorders": {"range": area(1, 3, 1, 3), "top": SOLID, "innerVertical": SOLID}})
    assert _borders(book, "B2:C3") == [
        [{"top": DRAWN, "right": DRAWN}, {"top": DRAWN, "left": DRAWN}], [{"right": DRAWN}, {"left": DRAWN}],
    ]  # fmt: skip


def test_an_edge_belongs_to_the_cell_on_which_it_was_set_last(book: BookClient) -> None:
    book.batch({"updateBorders": {"range": area(0, 1, 0, 1), "bottom": SOLID, "top": SOLID}})
    book.batch({"updateBorders": {"range": area(1, 2, 0, 1), "top": {"style": "DOUBLE"}}})
    above, below = _borders(book, "A1:A2")
    assert above == [{"top": DRAWN}]
    assert (below[0]["top"]["style"], below[0]["top"]["width"]) == ("DOUBLE", 3)


def test_borders_are_taken_away(book: BookClient) -> None:
    book.batch({"updateBorders": {"range": area(0, 1, 0, 1), "bottom": SOLID}})
    book.batch({"updateBorders": {"range": area(0, 1, 0, 1), "bottom": {"style": "NONE"}}})
    assert book.cells("A1", "userEnteredFormat") == []


# --------------------------------------------------------------------------------------------------------- validation


def _rule(kind: str, *values: str, **more: Any) -> dict[str, Any]:
    condition = {"type": kind} | ({"values": [{"userEnteredValue": value} for value in values]} if values else {})
    return {"condition": condition, **more}


def test_a_rule_is_set_on_a_whole_range_and_taken_away(book: BookClient) -> None:
    rule = _rule("ONE_OF_LIST", "oui", "non", strict=True, showCustomUi=True)
    book.batch({"setDataValidation": {"range": area(1, 3, 1, 2), "rule": rule}})
    cells = book.cells("B2:B4", "dataValidation")
    assert cells == [[{"dataValidation": rule}], [{"dataValidation": rule}]]
    book.batch({"setDataValidation": {"range": area(2, 3, 0, 5)}})
    assert book.cells("B2:B4", "dataValidation") == [[{"dataValidation": rule}]]


def test_what_a_rule_does_not_ask_isnt_told(book: BookClient) -> None:
    rule = _rule("BOOLEAN", strict=False)
    book.batch({"setDataValidation": {"range": area(0, 1, 0, 1), "rule": rule}})
    assert book.cells("A1", "dataValidation") == [[{"dataValidation": {"condition": {"type": "BOOLEAN"}}}]]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (_rule("ONE_OF_RANGE", "=A1:A2", "=A3"),
         "ConditionType 'ONE_OF_RANGE' requires exactly one ConditionValue, but 2 values were supplied."),
        (_rule("NUMBER_BETWEEN", "1"),
         "ConditionType 'NUMBER_BETWEEN' requires exactly two ConditionValues, but 1 values were supplied."),
        (_rule("TEXT_STARTS_WITH", "a"), "ConditionType 'TEXT_STARTS_WITH' is not supported in data validation."),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused(book: BookClient, rule: Any, message: str) -> None:
    request = {"setDataValidation": {"range": area(0, 1, 0, 1), "rule": rule}}
    assert book.batch(request) == f"Invalid requests[0].setDataValidation: {message}"
