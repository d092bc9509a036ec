"""Rows and columns come, go, move and hide, and what is attached to them follows."""

from typing import Any

import pytest

from tests.emulator.blocks import ask, book, grid, lines, rectangle, sheet_of, world
from tests.google.sheets.spreadsheet import Cell, Sheet


def _letters() -> Sheet:
    return sheet_of([["a"], ["b"], ["c"], ["d"]], size=(4, 3))


def _sheet(google: Any) -> Sheet:
    return book(google).sheets[0]


def test_lines_are_inserted_appended_and_deleted_and_the_grid_counts_them() -> None:
    google, _ = world(_letters())
    assert ask(
        google,
        {"insertDimension": {"range": lines("ROWS", 1, 3)}},
        {"appendDimension": {"dimension": "COLUMNS", "length": 2}},
        {"deleteDimension": {"range": lines("ROWS", 0, 1)}},
    ) == [{}, {}, {}]
    assert grid(google) == [[], [], ["b"], ["c"], ["d"]]
    assert (_sheet(google).row_count, _sheet(google).column_count) == (5, 5)


def test_moved_lines_are_put_before_the_one_named() -> None:
    google, _ = world(_letters())
    ask(google, {"moveDimension": {"source": lines("ROWS", 0, 2), "destinationIndex": 3}})
    assert grid(google) == [["c"], ["a"], ["b"], ["d"]]
    ask(google, {"moveDimension": {"source": lines("COLUMNS", 0, 1), "destinationIndex": 3}})
    assert grid(google)[0] == [None, None, "c"]
    ask(google, {"moveDimension": {"source": lines("COLUMNS", 2, 3), "destinationIndex": 0}})
    assert grid(google)[0] == ["c"]


def test_inserted_lines_look_like_the_neighbour_that_is_named() -> None:
    sheet = _letters()
    sheet.rows = [(Cell("a", {"bold": 1}),), (Cell("b", {"bold": 2}, "note"),)]
    sheet.row_properties = [{"pixelSize": 40}, {"pixelSize": 50, "hiddenByUser": True}]
    google, _ = world(sheet)
    ask(google, {"insertDimension": {"range": lines("ROWS", 1, 2), "inheritFromBefore": True}})
    ask(google, {"insertDimension": {"range": lines("ROWS", 2, 3)}})
    assert [row[0] for row in _sheet(google).rows[1:3]] == [Cell(None, {"bold": 1}), Cell(None, {"bold": 2})]
    assert _sheet(google).row_properties[1:3] == [{"pixelSize": 40}, {"pixelSize": 50}]
    ask(google, {"insertDimension": {"range": lines("COLUMNS", 1, 2), "inheritFromBefore": True}})
    assert _sheet(google).rows[3] == (Cell("b", {"bold": 2}, "note"), Cell(None, {"bold": 2}))


def test_frozen_lines_grow_with_those_inserted_among_them_and_shrink_with_those_deleted() -> None:
    sheet = _letters()
    sheet.properties["gridProperties"]["frozenRowCount"] = 2
    google, _ = world(sheet)
    counts = []
    for request in (
        {"insertDimension": {"range": lines("ROWS", 1, 2)}},
        {"insertDimension": {"range": lines("ROWS", 3, 4)}},
        {"deleteDimension": {"range": lines("ROWS", 2, 4)}},
        {"deleteDimension": {"range": lines("ROWS", 0, 2)}},
    ):
        ask(google, request)
        counts.append(_sheet(google).properties["gridProperties"].get("frozenRowCount"))
    assert counts == [3, 3, 2, None]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"deleteDimension": {"range": lines("ROWS", 0, 4)}}, "You can't delete all the rows on the sheet."),
        ({"deleteDimension": {"range": {"dimension": "COLUMNS"}}}, "You can't delete all the columns on the sheet."),
        (
            {"deleteDimension": {"range": lines("ROWS", 4, 5)}},
            "Cannot delete a row that doesn't exist. Tried to delete row index 4 but there are only 4 rows.",
        ),
        (
            {"deleteDimension": {"range": lines("ROWS", 1, 4)}},
            "Sorry, it is not possible to delete all non-frozen rows.",
        ),
        ({"deleteDimension": {"range": lines("ROWS", 1, 2, sheet=7)}}, "No grid with id: 7"),
        (
            {"insertDimension": {"range": lines("ROWS", 4, 5)}},
            "range.startIndex must be less than the grid size (4) if inheritFromBefore is false.",
        ),
        (
            {"insertDimension": {"range": lines("ROWS", 5, 6), "inheritFromBefore": True}},
            "range.startIndex is larger than current grid size (4)",
        ),
        ({"insertDimension": {"range": lines("ROWS", -1, 2)}}, "DimensionRange indexes must be >= 0"),
        (
            {"appendDimension": {"dimension": "ROWS", "length": 4_000_000}},
            "This action would increase the number of cells in the workbook above the limit of 10000000 cells.",
        ),
        (
            {"updateDimensionProperties": {"range": lines("ROWS", 0, 1), "properties": {"pixelSize": 3}}},
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
        ),
        (
            {"updateDimensionGroup": {"dimensionGroup": {"range": lines("ROWS", 0, 1)}, "fields": "*"}},
            "dimensionGroup.depth must be > 0",
        ),
        (
            {"moveDimension": {"source": lines("ROWS", 3, 4), "destinationIndex": 2}},
            "Sorry, it is not possible to move a row to a position that crosses a merged cell. Please unmerge and try "
            "again.",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_googles_words_and_changes_nothing(request_: Any, message: str) -> None:
    sheet = _letters()
    sheet.properties["gridProperties"]["frozenRowCount"] = 1
    sheet.attached["merges"] = [rectangle(1, 0, 3, 1)]
    google, before = world(sheet)
    (kind,) = request_
    assert ask(google, request_) == f"Invalid requests[0].{kind}: {message}"
    assert book(google) is before


def test_sizes_hiding_and_metadata_of_lines_are_set_by_the_mask() -> None:
    google, _ = world(_letters())
    metadata = [{"metadataKey": "origine", "metadataValue": "essai", "visibility": "DOCUMENT"}]
    properties = {"pixelSize": 12, "hiddenByUser": True, "developerMetadata": metadata}
    request = {"range": lines("ROWS", 1, 3), "properties": properties}
    ask(google, {"updateDimensionProperties": {**request, "fields": "hiddenByUser,developerMetadata"}})
    assert _sheet(google).row_properties == [None, {"hiddenByUser": True}, {"hiddenByUser": True}]
    ask(google, {"updateDimensionProperties": {**request, "properties": {"pixelSize": 12}, "fields": "*"}})
    assert _sheet(google).row_properties == [None, {"pixelSize": 12}, {"pixelSize": 12}]
    places = [each["location"]["dimensionRange"] for each in book(google).developer_metadata]
    assert places == [lines("ROWS", 1, 2), lines("ROWS", 2, 3)]
    ask(google, {"deleteDimension": {"range": lines("ROWS", 0, 2)}})
    assert [each["location"]["dimensionRange"] for each in book(google).developer_metadata] == [lines("ROWS", 0, 1)]


def test_a_column_is_made_as_wide_as_its_widest_text_and_an_empty_one_stays() -> None:
    google, _ = world(sheet_of([["A" * 1024, None, "x"], ["A"]]))
    ask(google, {"autoResizeDimensions": {"dimensions": lines("COLUMNS", 0, 3)}})
    wide, empty, narrow = _sheet(google).column_properties
    assert (wide, empty) == ({"pixelSize": 8691}, None)
    assert narrow and narrow["pixelSize"] < 30


def test_groups_nest_overlap_join_and_are_taken_away() -> None:
    google, _ = world(sheet_of([], size=(9, 9)))

    def groups(kind: str, start: int, end: int) -> list[tuple[int, int, int]]:
        (reply,) = ask(google, {kind: {"range": lines("COLUMNS", start, end)}})
        found = reply[kind].get("dimensionGroups", [])
        assert found == _sheet(google).attached["columnGroups"]
        return [(g["range"]["startIndex"], g["range"]["endIndex"], g["depth"]) for g in found]

    assert groups("addDimensionGroup", 1, 4) == [(1, 4, 1)]
    assert groups("addDimensionGroup", 2, 5) == [(1, 5, 1), (2, 4, 2)]
    assert groups("deleteDimensionGroup", 3, 5) == [(1, 4, 1), (2, 3, 2)]
    assert groups("deleteDimensionGroup", 1, 4) == [(2, 3, 1)]
    assert groups("deleteDimensionGroup", 2, 3) == []
    assert _sheet(google).properties["gridProperties"]["columnGroupControlAfter"] is True


def test_a_collapsed_group_hides_its_lines() -> None:
    google, _ = world(_letters())
    group = {"range": lines("ROWS", 1, 3), "depth": 1}
    ask(google, {"addDimensionGroup": {"range": lines("ROWS", 1, 3)}})
    ask(google, {"updateDimensionGroup": {"dimensionGroup": {**group, "collapsed": True}, "fields": "*"}})
    assert _sheet(google).attached["rowGroups"] == [{**group, "collapsed": True}]
    assert _sheet(google).row_properties[1:3] == [{"hiddenByUser": True}] * 2
    ask(google, {"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}})
    assert _sheet(google).row_properties[1:3] == [None, None]


def _with_attachments() -> Sheet:
    sheet = sheet_of([], size=(20, 10))
    sheet.attached |= {
        "merges": [rectangle(2, 0, 4, 2)],
        "conditionalFormats": [
            {
                "ranges": [rectangle(5, 0, 6, 1), rectangle(8, 0, 10, 1)],
                "booleanRule": {"condition": {"type": "BLANK"}},
            },
            {"ranges": [rectangle(5, 3, 6, 4)], "booleanRule": {"condition": {"type": "BLANK"}}},
        ],
        "protectedRanges": [
            {"protectedRangeId": 1, "range": {}, "unprotectedRanges": [rectangle(5, 0, 6, 1)]},
            {"protectedRangeId": 2, "range": {"startRowIndex": 4, "startColumnIndex": 1}},
        ],
        "charts": [
            {
                "chartId": 3,
                "spec": {"pieChart": {"series": {"sourceRange": {"sources": [rectangle(5, 0, 9, 1)]}}}},
                "position": {"overlayPosition": {"anchorCell": {"rowIndex": 5, "columnIndex": 2}}},
            }
        ],
        "tables": [
            {
                "tableId": "t",
                "range": rectangle(4, 2, 9, 4),
                "columnProperties": [{"columnIndex": 0, "columnName": "nom"}, {"columnIndex": 1, "columnName": "pays"}],
            }
        ],
        "rowGroups": [{"range": lines("ROWS", 4, 7), "depth": 1}],
    }
    sheet.basic_filter = {"range": rectangle(4, 1, 9, 5), "filterSpecs": [{"columnIndex": 3}], "criteria": {"3": {}}}
    return sheet


def test_what_lies_in_deleted_rows_goes_and_the_rest_follows() -> None:
    google, start = world(_with_attachments())
    start.named_ranges = [
        {"namedRangeId": "a", "name": "perdu", "range": rectangle(5, 0, 6, 1)},
        {"namedRangeId": "b", "name": "reste", "range": rectangle(0, 0, 9, 1)},
    ]
    ask(google, {"deleteDimension": {"range": lines("ROWS", 5, 6)}})
    attached = _sheet(google).attached
    assert attached["merges"] == [rectangle(2, 0, 4, 2)]
    assert [rule["ranges"] for rule in attached["conditionalFormats"]] == [[rectangle(7, 0, 9, 1)]]
    assert [p.get("unprotectedRanges") for p in attached["protectedRanges"]] == [[], None]
    (chart,) = attached["charts"]
    assert chart["spec"]["pieChart"]["series"]["sourceRange"]["sources"] == [rectangle(5, 0, 8, 1)]
    assert chart["position"]["overlayPosition"]["anchorCell"] == {"rowIndex": 5, "columnIndex": 2}
    assert attached["tables"][0]["range"] == rectangle(4, 2, 8, 4)
    assert attached["rowGroups"][0]["range"] == lines("ROWS", 4, 6)
    assert [(n["name"], n["range"]) for n in book(google).named_ranges] == [("reste", rectangle(0, 0, 8, 1))]


def test_columns_named_by_their_number_follow_too() -> None:
    google, _ = world(_with_attachments())
    ask(google, {"insertDimension": {"range": lines("COLUMNS", 3, 4)}})
    (table,), filter_ = _sheet(google).attached["tables"], _sheet(google).basic_filter
    assert [(each["columnIndex"], each["columnName"]) for each in table["columnProperties"]] == [
        (0, "nom"), (1, "Column 2"), (2, "pays"),
    ]  # fmt: skip
    assert filter_ == {"range": rectangle(4, 1, 9, 6), "filterSpecs": [{"columnIndex": 4}], "criteria": {"4": {}}}
    ask(google, {"deleteDimension": {"range": lines("COLUMNS", 4, 5)}})
    assert [each["columnName"] for each in _sheet(google).attached["tables"][0]["columnProperties"]] == [
        "nom",
        "Column 2",
    ]
    assert _sheet(google).basic_filter == {"range": rectangle(4, 1, 9, 5), "filterSpecs": [], "criteria": {}}


def test_ranges_on_another_sheet_stay() -> None:
    other = sheet_of([], id_=5, title="Autre")
    other.attached["protectedRanges"] = [{"protectedRangeId": 1, "range": rectangle(1, 0, 2, 1, sheet=5)}]
    google, _ = world(_letters(), other)
    ask(google, {"insertDimension": {"range": lines("ROWS", 0, 1)}})
    assert book(google).sheets[1].attached == other.attached


def test_cells_inserted_in_a_column_push_down_those_below_with_what_refers_to_them() -> None:
    sheet = sheet_of([["a", "x"], ["b", "y"], ["c", "z"], [None, "=A3&B3"]], size=(4, 2))
    sheet.attached["merges"] = [rectangle(2, 0, 4, 1)]
    google, _ = world(sheet)
    ask(google, {"insertRange": {"range": rectangle(1, 0, 2, 1), "shiftDimension": "ROWS"}})
    assert grid(google) == [["a", "x"], [None, "y"], ["b", "z"], ["c", "=A4&B3"]]
    assert _sheet(google).attached["merges"] == [rectangle(3, 0, 5, 1)]


def test_cells_taken_away_from_a_column_pull_up_those_below() -> None:
    google, _ = world(sheet_of([["a", "x"], ["b", "y"], ["c", "=SUM(A1:A3)"], [None, "=A2"]]))
    ask(google, {"deleteRange": {"range": rectangle(1, 0, 2, 1), "shiftDimension": "ROWS"}})
    assert grid(google) == [["a", "x"], ["c", "y"], [None, "=SUM(A1:A2)"], [None, "=#REF!"]]
    ask(google, {"deleteRange": {"range": rectangle(0, 0, 1, 1), "shiftDimension": "COLUMNS"}})
    assert grid(google)[0] == ["x"]


def test_cells_are_pushed_right_past_the_end_of_the_grid_which_grows() -> None:
    google, _ = world(sheet_of([["a", "b"]], size=(2, 2)))
    ask(google, {"insertRange": {"range": rectangle(0, 0, 1, 2), "shiftDimension": "COLUMNS"}})
    assert (grid(google), _sheet(google).column_count) == ([[None, None, "a", "b"]], 4)
