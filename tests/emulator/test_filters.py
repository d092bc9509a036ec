"""Filters by batchUpdate: the basic one with the rows that it sorts and hides, and filter views."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.emulator.book_client import BookClient, area
from tests.google.clock import Clock
from tests.google.world import Google

ALL = {"startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 3}


@pytest.fixture
def book() -> BookClient:
    google = Google(any_token=True, no_quota=True, clock=Clock(datetime(2026, 3, 31, 12, tzinfo=UTC)))
    book = BookClient(google)
    book.write(["Ville", "Montant", "Date"], ["Agadir", 5, 46100], ["Rabat", 12, 46111], ["Fès", 7, "=TODAY()"],
               ["agadir", "", ""])  # fmt: skip
    dates = {"cell": {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}},
             "fields": "userEnteredFormat.numberFormat"}  # fmt: skip
    book.batch({"repeatCell": {"range": area(1, 5, 2, 3), **dates}})
    return book


def condition(kind: str, *values: str) -> dict[str, Any]:
    return {"condition": {"type": kind, "values": [{"userEnteredValue": value} for value in values]}}


def set_filter(book: BookClient, column: int, criterion: Any, **more: Any) -> Any:
    specs = [{"columnIndex": column, "filterCriteria": criterion}]
    return book.batch({"setBasicFilter": {"filter": {"range": area(0, 5, 0, 3), "filterSpecs": specs, **more}}})


def hidden(book: BookClient) -> list[int]:
    """The rows that are hidden by the filter, counted from 1."""
    rows = book.get(ranges="A1:A5", fields="sheets.data.rowMetadata")["sheets"][0]["data"][0]["rowMetadata"]
    return [at for at, row in enumerate(rows, 1) if row.get("hiddenByFilter")]


def basic(book: BookClient) -> Any:
    return book.get(fields="sheets.basicFilter").get("sheets", [{}])[0].get("basicFilter")


def views(book: BookClient) -> Any:
    return book.get(fields="sheets.filterViews")["sheets"][0].get("filterViews", [])


# -------------------------------------------------------------------------------------------------- the basic filter


def test_a_filter_of_a_whole_sheet_tells_all_its_sides(book: BookClient) -> None:
    assert book.batch({"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}}) == [{}]
    assert basic(book) == {
        "range": {"startRowIndex": 0, "endRowIndex": 1000, "startColumnIndex": 0, "endColumnIndex": 26}
    }
    assert book.batch({"clearBasicFilter": {"sheetId": 0}}) == [{}]
    assert basic(book) is None
    assert book.batch({"clearBasicFilter": {"sheetId": 0}}) == [{}]


def test_criteria_are_told_both_ways(book: BookClient) -> None:
    set_filter(book, 0, {"hiddenValues": ["Rabat"]}, criteria={"1": {"hiddenValues": ["5"]}})
    assert basic(book) == {
        "range": ALL,
        "criteria": {"0": {"hiddenValues": ["Rabat"]}},
        "filterSpecs": [{"columnIndex": 0, "filterCriteria": {"hiddenValues": ["Rabat"]}}],
    }
    book.batch({"setBasicFilter": {"filter": {"range": area(0, 5, 0, 3), "criteria": {"1": {"hiddenValues": ["5"]}}}}})
    assert basic(book)["filterSpecs"] == [{"columnIndex": 1, "filterCriteria": {"hiddenValues": ["5"]}}]


ROWS = [
    (0, {"hiddenValues": ["Rabat"]}, [3]),
    (1, condition("NUMBER_GREATER", "6"), [2, 5]),
    (1, condition("NUMBER_BETWEEN", "5", "=MIN(B2:B4)+2"), [3, 5]),
    (1, condition("NUMBER_NOT_EQ", "5"), [2]),
    (0, condition("TEXT_CONTAINS", "GAD"), [3, 4]),
    (0, condition("TEXT_STARTS_WITH", "a"), [3, 4]),
    (1, condition("BLANK"), [2, 3, 4]),
    (1, condition("NOT_BLANK"), [5]),
    (2, condition("DATE_EQ", "2026-03-31"), [2, 3, 5]),
    (2, {"condition": {"type": "DATE_BEFORE", "values": [{"relativeDate": "TODAY"}]}}, [4, 5]),
    (2, {"condition": {"type": "DATE_AFTER", "values": [{"relativeDate": "PAST_MONTH"}]}}, [5]),
    (0, condition("CUSTOM_FORMULA", "=$B2>5"), [2, 5]),
    (0, {"visibleBackgroundColor": {"red": 1}}, [2, 3, 4, 5]),
]


@pytest.mark.parametrize(("column", "criterion", "rows"), ROWS)
def test_rows_are_hidden_by_what_they_show(book: BookClient, column: int, criterion: Any, rows: list[int]) -> None:
    assert set_filter(book, column, criterion) == [{}]
    assert hidden(book) == rows
    book.batch({"clearBasicFilter": {}})
    assert hidden(book) == []


def test_another_filter_takes_the_place_of_the_first(book: BookClient) -> None:
    set_filter(book, 0, {"hiddenValues": ["Rabat"]})
    set_filter(book, 0, {"hiddenValues": ["Fès"]})
    assert hidden(book) == [4]


def test_a_filter_sorts_the_rows_below_its_header(book: BookClient) -> None:
    sort = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    book.batch({"setBasicFilter": {"filter": {"range": area(0, 4, 0, 3), "sortSpecs": sort}}})
    assert [row[0]["formattedValue"] for row in book.cells("B1:B4", "formattedValue")] == ["Montant", "12", "7", "5"]
    assert basic(book)["sortSpecs"] == sort


def test_what_makes_no_filter_is_refused(book: BookClient) -> None:
    assert "No grid with id: 9" in book.batch({"setBasicFilter": {"filter": {"range": {"sheetId": 9}}}})
    assert "Column index 3 is outside the range of the filter." in set_filter(book, 3, {"hiddenValues": ["x"]})
    assert "is not supported in filters" in set_filter(book, 0, condition("TEXT_IS_EMAIL"))
    assert "requires exactly one ConditionValue" in set_filter(book, 0, condition("TEXT_EQ"))
    assert basic(book) is None


# ---------------------------------------------------------------------------------------------------- filter views


def add(book: BookClient, **given: Any) -> Any:
    answer = book.batch({"addFilterView": {"filter": {"range": area(0, 5, 0, 3), **given}}})
    return answer if isinstance(answer, str) else answer[0]["addFilterView"]["filter"]


def test_a_view_gets_an_identifier_and_a_title(book: BookClient) -> None:
    added = add(book, criteria={"0": {"hiddenValues": ["Rabat"]}})
    assert added == {
        "filterViewId": added["filterViewId"], "title": "Filter 1", "range": ALL,
        "criteria": {"0": {"hiddenValues": ["Rabat"]}},
        "filterSpecs": [{"columnIndex": 0, "filterCriteria": {"hiddenValues": ["Rabat"]}}],
    }  # fmt: skip
    assert add(book, filterViewId=12, title="Les miens")["filterViewId"] == 12
    assert "already exists" in add(book, filterViewId=12)
    assert [view["title"] for view in views(book)] == ["Filter 1", "Les miens"]
    assert hidden(book) == []


def test_a_view_of_a_named_range(book: BookClient) -> None:
    book.batch({"addNamedRange": {"namedRange": {"namedRangeId": "42", "name": "Villes", "range": area(0, 5, 0, 1)}}})
    added = add(book, range=None, namedRangeId="42")
    assert (added["namedRangeId"], added["range"]) == ("42", {**ALL, "endColumnIndex": 1})
    other = {"filterViewId": added["filterViewId"], "range": area(0, 5, 0, 2)}
    book.batch({"updateFilterView": {"filter": other, "fields": "range"}})
    assert views(book)[0]["range"]["endColumnIndex"] == 2
    assert "namedRangeId" not in views(book)[0]


def test_a_view_follows_its_named_range_with_all_its_sides(book: BookClient) -> None:
    book.batch({"addNamedRange": {"namedRange": {"namedRangeId": "42", "name": "Villes", "range": area(0, 5, 0, 1)}}})
    add(book, range=None, namedRangeId="42", sortSpecs=[{"dimensionIndex": 0, "sortOrder": "ASCENDING"}])
    column = {"namedRangeId": "42", "range": {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}}
    book.batch({"updateNamedRange": {"namedRange": column, "fields": "range"}})
    assert views(book)[0]["range"] == {
        "startRowIndex": 0,
        "endRowIndex": 1000,
        "startColumnIndex": 1,
        "endColumnIndex": 2,
    }
    assert views(book)[0]["sortSpecs"] == [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]


def test_an_update_changes_what_its_mask_names(book: BookClient) -> None:
    add(book, filterViewId=12, title="Avant", criteria={"0": {"hiddenValues": ["Rabat"]}})
    new = {"filterViewId": 12, "title": "Après", "criteria": {"1": {"hiddenValues": ["5"]}}}
    assert book.batch({"updateFilterView": {"filter": new, "fields": "title"}}) == [{}]
    assert (views(book)[0]["title"], views(book)[0]["criteria"]) == ("Après", {"0": {"hiddenValues": ["Rabat"]}})
    book.batch({"updateFilterView": {"filter": new, "fields": "criteria"}})
    assert views(book)[0]["filterSpecs"] == [{"columnIndex": 1, "filterCriteria": {"hiddenValues": ["5"]}}]
    book.batch({"updateFilterView": {"filter": {"filterViewId": 12}, "fields": "filterSpecs"}})
    assert views(book) == [{"filterViewId": 12, "title": "Après", "range": ALL}]


def test_a_view_is_copied_and_deleted(book: BookClient) -> None:
    added = add(book, filterViewId=12, title="Les miens")
    (answer,) = book.batch({"duplicateFilterView": {"filterId": 12}})
    copy = answer["duplicateFilterView"]["filter"]
    assert copy == {**added, "filterViewId": copy["filterViewId"], "title": "Copy of Les miens"}
    assert copy["filterViewId"] != 12
    assert book.batch({"deleteFilterView": {"filterId": 12}}) == [{}]
    assert views(book) == [copy]
    for kind in ("deleteFilterView", "duplicateFilterView"):
        assert book.batch({kind: {"filterId": 12}}) == f"Invalid requests[0].{kind}: No filter view with id: 12"
