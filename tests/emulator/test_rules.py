"""Rules of conditional format by batchUpdate: their order, their conditions, their gradients."""

from typing import Any

import pytest

from tests.emulator.book_client import BookClient, area

RED: dict[str, Any] = {"red": 1}


@pytest.fixture
def book() -> BookClient:
    return BookClient()


def rule(text: str = "5", kind: str = "NUMBER_GREATER", **more: Any) -> dict[str, Any]:
    """A rule that makes cells red."""
    condition = {"type": kind, "values": [{"userEnteredValue": text}]}
    return {"ranges": [area(0, 5, 0, 1)],
            "booleanRule": {"condition": condition, "format": {"backgroundColor": RED}}, **more}  # fmt: skip


def gradient(**points: Any) -> dict[str, Any]:
    given = {"minpoint": {"type": "MIN", "color": RED}, "maxpoint": {"type": "MAX", "color": {"green": 1}}} | points
    return {"ranges": [area(0, 5, 0, 1)], "gradientRule": given}


def texts(book: BookClient) -> list[str]:
    """What the conditions of the first sheet are about, in order."""
    rules = book.get(fields="sheets.conditionalFormats")["sheets"][0].get("conditionalFormats", [])
    return [each["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for each in rules]


def add(book: BookClient, given: Any, **more: Any) -> Any:
    return book.batch({"addConditionalFormatRule": {"rule": given, **more}})


def test_rules_stand_where_their_index_puts_them(book: BookClient) -> None:
    for text, index in (("1", 0), ("2", 0), ("3", 1), ("4", 99)):
        assert add(book, rule(text), index=index) == [{}]
    assert texts(book) == ["2", "3", "1", "4"]
    assert add(book, rule(), index=-1) == "Invalid requests[0].addConditionalFormatRule: index must be >= 0"


def test_a_rule_is_told_with_its_colours_both_ways(book: BookClient) -> None:
    add(book, rule())
    (told,) = book.get(fields="sheets.conditionalFormats")["sheets"][0]["conditionalFormats"]
    assert told["ranges"] == [{"startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 1}]
    assert told["booleanRule"]["format"] == {"backgroundColor": RED, "backgroundColorStyle": {"rgbColor": RED}}


def test_a_rule_takes_the_place_of_another(book: BookClient) -> None:
    add(book, rule("1"))
    add(book, rule("2"), index=1)
    (answer,) = book.batch({"updateConditionalFormatRule": {"index": 1, "rule": rule("3")}})
    told = answer["updateConditionalFormatRule"]
    assert set(told) == {"oldRule", "newRule", "newIndex"}
    assert told["oldRule"]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "2"}]
    assert told["newRule"]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "3"}]
    assert told["newIndex"] == 1
    assert texts(book) == ["1", "3"]


def test_a_rule_moves(book: BookClient) -> None:
    for at, text in enumerate("123"):
        add(book, rule(text), index=at)
    (answer,) = book.batch({"updateConditionalFormatRule": {"sheetId": 0, "index": 2, "newIndex": 1}})
    assert {name: answer["updateConditionalFormatRule"][name] for name in ("oldIndex", "newIndex")} == {
        "oldIndex": 2, "newIndex": 1}  # fmt: skip
    assert "oldRule" not in answer["updateConditionalFormatRule"]
    (answer,) = book.batch({"updateConditionalFormatRule": {"index": 0, "newIndex": 2}})
    assert "oldIndex" not in answer["updateConditionalFormatRule"]  # zeros aren't told
    assert texts(book) == ["3", "2", "1"]


def test_an_update_replaces_or_moves(book: BookClient) -> None:
    add(book, rule())
    both = book.batch({"updateConditionalFormatRule": {"rule": rule(), "newIndex": 0}})
    assert both == (
        "Invalid value at 'requests[0].update_conditional_format_rule' (oneof), "
        "oneof field 'instruction' is already set. Cannot set 'newIndex'"
    )
    assert "either a rule or a newIndex" in book.batch({"updateConditionalFormatRule": {"index": 0}})


def test_a_deleted_rule_is_told(book: BookClient) -> None:
    add(book, rule("1"))
    (answer,) = book.batch({"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    deleted = answer["deleteConditionalFormatRule"]["rule"]
    assert deleted["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "1"}]
    none = "No conditional format on sheet: 0 at index: 0"
    assert book.batch({"deleteConditionalFormatRule": {}}) == f"Invalid requests[0].deleteConditionalFormatRule: {none}"
    assert none in book.batch({"updateConditionalFormatRule": {"newIndex": 0}})


WRONG = [
    (rule(ranges=[]), "ConditionalFormatRule.ranges is required."),
    (rule(ranges=[{"sheetId": 9}]), "No grid with id: 9"),
    ({"ranges": [area(0, 1, 0, 1)]}, "Must specify either a booleanRule or a gradientRule."),
    (rule(kind="ONE_OF_LIST"), "ConditionType 'ONE_OF_LIST' is not supported in conditional formatting."),
    (rule(kind="NUMBER_BETWEEN"), "ConditionType 'NUMBER_BETWEEN' requires exactly two ConditionValues, "
                                  "but 1 values were supplied."),
    (rule("cinq"), "Invalid ConditionValue.userEnteredValue: cinq"),
    (rule("A1>0", "CUSTOM_FORMULA"), "Invalid ConditionValue.userEnteredValue: A1>0"),
    (gradient(maxpoint=None), "No interpolationPointType specified."),
    (gradient(minpoint={"color": RED}), "No interpolationPointType specified."),
    (gradient(midpoint={"type": "PERCENTILE", "color": RED}), "InterpolationPoint.value is required."),
    (gradient(midpoint={"type": "NUMBER", "value": "cinq"}), "Invalid InterpolationPoint.value: cinq"),
    (gradient(minpoint={"type": "MAX"}), "Invalid InterpolationPoint.type for minpoint: MAX"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_makes_no_rule_is_refused(book: BookClient, given: Any, message: str) -> None:
    assert add(book, given) == f"Invalid requests[0].addConditionalFormatRule: {message}"


@pytest.mark.parametrize("format_", [{"textFormat": {"fontSize": 12}}, {"numberFormat": {"type": "DATE"}}])
def test_a_rule_has_few_formats(book: BookClient, format_: Any) -> None:
    given = rule()
    given["booleanRule"]["format"] = format_
    assert "only supports bold, italic, strikethrough, foreground color and background color." in add(book, given)


def test_a_rule_is_of_one_kind(book: BookClient) -> None:
    assert add(book, rule(**gradient())) == (
        "Invalid value at 'requests[0].add_conditional_format_rule.rule' (oneof), "
        "oneof field 'rule' is already set. Cannot set 'gradientRule'"
    )


@pytest.mark.parametrize(("text", "kind"), [("=B1", "NUMBER_EQ"), ("31/12/2026", "DATE_BEFORE"), ("1,5", "NUMBER_LESS"),
                                            ("=$A1>0", "CUSTOM_FORMULA"), ("mot", "TEXT_EQ")])  # fmt: skip
def test_values_are_read_in_the_language_of_the_spreadsheet(book: BookClient, text: str, kind: str) -> None:
    book.batch({"updateSpreadsheetProperties": {"properties": {"locale": "fr_FR"}, "fields": "locale"}})
    assert add(book, rule(text, kind)) == [{}]


def test_dates_may_be_relative_to_the_day(book: BookClient) -> None:
    given = rule(kind="DATE_AFTER")
    given["booleanRule"]["condition"]["values"] = [{"relativeDate": "PAST_WEEK"}]
    assert add(book, given) == [{}]
    given["booleanRule"]["condition"]["type"] = "DATE_EQ"
    assert "does not support relative dates" in add(book, given)


def test_a_gradient_keeps_only_the_values_it_uses(book: BookClient) -> None:
    add(
        book,
        gradient(minpoint={"type": "MIN", "value": "2", "color": RED}, midpoint={"type": "PERCENT", "value": "50"}),
    )
    (told,) = book.get(fields="sheets.conditionalFormats")["sheets"][0]["conditionalFormats"]
    assert told["gradientRule"]["minpoint"] == {"type": "MIN", "color": RED, "colorStyle": {"rgbColor": RED}}
    assert told["gradientRule"]["midpoint"] == {"type": "PERCENT", "value": "50"}


def test_rules_are_on_one_sheet(book: BookClient) -> None:
    book.batch({"addSheet": {"properties": {"sheetId": 7}}})
    assert "must be on the same sheet" in add(book, rule(ranges=[area(0, 1, 0, 1), area(0, 1, 0, 1, 7)]))
    add(book, rule(ranges=[area(0, 1, 0, 1, 7)]))
    assert texts(book) == []
    assert "conditionalFormats" in book.get(fields="sheets.conditionalFormats")["sheets"][1]
