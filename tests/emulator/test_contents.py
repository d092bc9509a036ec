"""Blocks of cells sorted, searched, copied, cut, filled, split and merged."""

from typing import Any

import pytest

from tests.emulator.blocks import ask, book, grid, lines, rectangle, sheet_of, world
from tests.google.sheets.formulas import Computed, Place
from tests.google.sheets.requests import sorting
from tests.google.sheets.spreadsheet import Cell, Error, Formula, Value

DATE = {"numberFormat": {"type": "DATE"}}


def _sorted(values: list[Any], order: str = "ASCENDING") -> list[Any]:
    google, _ = world(sheet_of([[value] for value in values], size=(20, 1)))
    specs = [{"dimensionIndex": 0, "sortOrder": order}]
    assert ask(google, {"sortRange": {"range": rectangle(0, 0, 20, 1), "sortSpecs": specs}}) == [{}]
    return [row[0] for row in grid(google)]


def test_numbers_come_before_texts_before_booleans_and_blanks_are_last_in_either_order() -> None:
    values = [None, "b", True, 3, "A", "a", "é", False, -1, "_", "f"]
    assert _sorted(values) == [-1, 3, "_", "a", "A", "b", "é", "f", False, True]
    assert _sorted(values, "DESCENDING") == [True, False, "f", "é", "b", "A", "a", "_", 3, -1]


def test_later_columns_decide_between_equals_and_whole_cells_move() -> None:
    google, _ = world(sheet_of([["b", 1, "x"], ["a", 1, "y"], ["a", 2, "z"], ["c", 0, "end"]]))
    book(google).sheets[0].rows[1] = tuple(Cell(c.entered, note="here") for c in book(google).sheets[0].rows[1])
    specs = [{"dimensionIndex": 0}, {"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    ask(google, {"sortRange": {"range": rectangle(0, 0, 3, 2), "sortSpecs": specs}})
    assert grid(google) == [["a", 2, "x"], ["a", 1, "y"], ["b", 1, "z"], ["c", 0, "end"]]
    assert book(google).sheets[0].cell(1, 0).note == "here"


def test_a_row_that_is_hidden_stays_where_it_is() -> None:
    sheet = sheet_of([["c"], ["b"], ["a"]])
    sheet.row_properties = [None, {"hiddenByUser": True}]
    google, _ = world(sheet)
    ask(google, {"sortRange": {"range": {"startRowIndex": 0}, "sortSpecs": [{"dimensionIndex": 0}]}})
    assert grid(google) == [["a"], ["b"], ["c"]]
    ask(google, {"sortRange": {"range": {}, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]}})
    assert grid(google) == [["c"], ["b"], ["a"]]


def test_cells_of_a_colour_come_first() -> None:
    sheet = sheet_of([["a"], ["b"], ["c"]])
    sheet.rows[2] = (Cell("c", {"backgroundColorStyle": {"rgbColor": {"red": 1, "green": 0}}}),)
    google, _ = world(sheet)
    specs = [{"dimensionIndex": 0, "backgroundColor": {"red": 1}}]
    ask(google, {"sortRange": {"range": rectangle(0, 0, 3, 1), "sortSpecs": specs}})
    assert grid(google) == [["c"], ["a"], ["b"]]


def test_formulas_are_sorted_by_what_they_come_to(monkeypatch: pytest.MonkeyPatch) -> None:
    google, _ = world(sheet_of([["=1+1"], [1], ["=0"]]))
    values: dict[Place, Value] = {Place(0, 0, 0): 2.0, Place(0, 2, 0): Error("N_A", "#N/A")}
    monkeypatch.setattr("tests.google.sheets.requests.ranges.compute", lambda book, now: Computed(values, {}, {}))
    ask(google, {"sortRange": {"range": rectangle(0, 0, 3, 1), "sortSpecs": [{"dimensionIndex": 0}]}})
    assert grid(google) == [[1], ["=1+1"], ["=0"]]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"sortRange": {"range": {"startRowIndex": 8}, "sortSpecs": [{}]}},
            "range.startRowIndex is larger than current grid size (8)",
        ),
        (
            {"sortRange": {"range": {}, "sortSpecs": [{}]}},
            "You can't sort a range containing vertical merges. There is a vertical merge at A2:A3",
        ),
        (
            {"mergeCells": {"range": rectangle(2, 0, 4, 1)}},
            "You must select all cells in a merged range to merge or unmerge them.",
        ),
        (
            {"unmergeCells": {"range": rectangle(2, 0, 4, 1)}},
            "You must select all cells in a merged range to merge or unmerge them.",
        ),
        ({"mergeCells": {"range": rectangle(3, 0, 5, 1)}}, "You can't merge frozen and non-frozen rows."),
        (
            {"mergeCells": {"range": rectangle(6, 0, 7, 3)}},
            "You can't merge cells that cross the borders of an existing filter.",
        ),
        (
            {"copyPaste": {"source": rectangle(2, 0, 4, 1), "destination": rectangle(2, 3, 4, 4)}},
            "You can't perform a paste that partially intersects a merge.",
        ),
        (
            {"trimWhitespace": {"range": rectangle(8, 1, 9, 2)}},
            "Range (Feuille!B9) exceeds grid limits. Max rows: 8, max columns: 6",
        ),
        (
            {"cutPaste": {"source": rectangle(4, 0, 5, 1), "destination": {"rowIndex": 8}}},
            "GridCoordinate.rowIndex[8] is after last row in grid[8]",
        ),
        ({"trimWhitespace": {"range": rectangle(0, 0, 1, 1, sheet=9)}}, "No grid with id: 9"),
    ],
)
def test_what_cannot_be_is_refused_in_googles_words(request_: Any, message: str) -> None:
    sheet = sheet_of([["a"], ["b"]])
    sheet.properties["gridProperties"]["frozenRowCount"] = 4
    sheet.attached["merges"] = [rectangle(1, 0, 3, 1)]
    sheet.basic_filter = {"range": rectangle(5, 0, 8, 2)}
    google, before = world(sheet)
    (kind,) = request_
    assert ask(google, request_) == f"Invalid requests[0].{kind}: {message}"
    assert book(google) is before


def test_duplicates_go_whatever_their_case_and_rows_below_move_up_in_the_range_only() -> None:
    google, _ = world(sheet_of([["a", 1, "x"], ["A", 1, "y"], ["a", 2, "z"], [], ["b", 1]]))
    (reply,) = ask(google, {"deleteDuplicates": {"range": rectangle(0, 0, 6, 2)}})
    assert reply == {"deleteDuplicates": {"duplicatesRemovedCount": 1}}
    assert grid(google) == [["a", 1, "x"], ["a", 2, "y"], [None, None, "z"], ["b", 1]]
    comparison = [lines("COLUMNS", 1, 2)]
    request = {"deleteDuplicates": {"range": rectangle(0, 0, 6, 2), "comparisonColumns": comparison}}
    assert ask(google, request, request) == [
        {"deleteDuplicates": {"duplicatesRemovedCount": 1}},
        {"deleteDuplicates": {}},
    ]


def test_rows_are_put_in_an_order_of_chance() -> None:
    google, _ = world(sheet_of([[n, n] for n in range(20)], size=(20, 2)))
    sorting.CHANCE.seed(1)
    ask(google, {"randomizeRange": {"range": rectangle(0, 0, 20, 1)}})
    first = [row[0] for row in grid(google)]
    assert first != sorted(first) == list(range(20))
    assert [row[1] for row in grid(google)] == list(range(20))


def _replaced(rows: list[list[Any]], **request: Any) -> tuple[Any, list[list[Any]]]:
    google, _ = world(sheet_of(rows), sheet_of([["chat"]], id_=3, title="Autre"))
    scope = {} if request.keys() & {"range", "sheetId", "allSheets"} else {"sheetId": 0}
    replies = ask(google, {"findReplace": {**scope, **request}})
    return (replies if isinstance(replies, str) else replies[0]["findReplace"]), grid(google)


def test_what_is_found_is_replaced_and_counted() -> None:
    assert _replaced([["Chat", "chat chat"], ["x", "=chat"]], find="chat", replacement="chien", allSheets=True) == (
        {"valuesChanged": 3, "rowsChanged": 2, "sheetsChanged": 2, "occurrencesChanged": 4},
        [["chien", "chien chien"], ["x", "=chat"]],
    )
    assert _replaced(
        [["Chat", "chat"], ["=A1&chat"]], find="chat", replacement="B1", matchCase=True, includeFormulas=True
    ) == (
        {"valuesChanged": 1, "formulasChanged": 1, "rowsChanged": 2, "sheetsChanged": 1, "occurrencesChanged": 2},
        [["Chat", "B1"], ["=A1&B1"]],
    )
    assert _replaced([["ab", "abc"]], find="ab", replacement="x", matchEntireCell=True)[1] == [["x", "abc"]]
    assert _replaced([["a.b", "axb"]], find="a.b", replacement="x$1")[1] == [["x$1", "axb"]]
    assert _replaced([["ab"], ["ab"]], find="b", range=rectangle(1, 0, 2, 1))[1] == [["ab"], ["a"]]
    assert _replaced([["ab"]], find="z") == ({}, [["ab"]])


def test_groups_of_a_regular_expression_are_put_in_the_replacement() -> None:
    rows = [["Sami Alaoui", "Nora Idrissi"]]
    assert _replaced(rows, find=r"(\w+) (?<nom>A\w+)", replacement=r"$2, $10\$", searchByRegex=True)[1] == [
        ["Alaoui, Sami0$", "Nora Idrissi"]
    ]
    assert str(_replaced(rows, find="(", searchByRegex=True)[0]).startswith(
        "Invalid requests[0].findReplace: Invalid regular"
    )


def test_the_scope_of_a_search_is_one() -> None:
    assert _replaced([], find="a", allSheets=True, sheetId=0)[0] == (
        "Invalid value at 'requests[0].find_replace' (oneof), oneof field 'scope' is already set. Cannot set 'sheetId'"
    )


def test_white_space_is_trimmed_except_what_does_not_break() -> None:
    google, _ = world(sheet_of([["  a \n b ", "\u00a0c", " =1", 3, "ok", "=A1 "]]))
    assert ask(google, {"trimWhitespace": {"range": rectangle(0, 0, 1, 6)}}) == [
        {"trimWhitespace": {"cellsChangedCount": 2}}
    ]
    assert grid(google) == [["a b", "\u00a0c", "=1", 3, "ok", "=A1 "]]


def test_a_column_is_split_at_a_delimiter_given_or_found() -> None:
    rows = [["a,b;c", "old"], ["d;e"], ["f"]]
    for delimiter, expected in (
        ({"delimiterType": "COMMA"}, [["a", "b;c"], ["d;e"], ["f"]]),
        ({"delimiterType": "AUTODETECT"}, [["a,b", "c"], ["d", "e"], ["f"]]),
        ({"delimiterType": "CUSTOM", "delimiter": "b;"}, [["a,", "c"], ["d;e"], ["f"]]),
    ):
        google, _ = world(sheet_of(rows))
        ask(google, {"textToColumns": {"source": rectangle(0, 0, 3, 1), **delimiter}})
        assert grid(google) == expected


# ------------------------------------------------------------------------------------------------------- copies


def _shifted(formula: Formula, rows: int, columns: int) -> Formula:
    """In the tests of copies a formula tells how far it was carried."""
    return Formula(f"{formula.text}[{rows},{columns}]")


@pytest.fixture
def telling_shifts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pasting", "sorting", "filling"):
        monkeypatch.setattr(f"tests.google.sheets.requests.{module}.shifted", _shifted)


def _copied(source: Any, destination: Any, **more: Any) -> list[list[Any]]:
    google, _ = world(sheet_of([["a", "=x"], ["b", "c"]]))
    ask(google, {"copyPaste": {"source": source, "destination": destination, **more}})
    return grid(google)


@pytest.mark.usefixtures("telling_shifts")
def test_a_block_is_copied_whole_and_again_when_the_destination_is_so_many_times_as_big() -> None:
    assert _copied(rectangle(0, 0, 2, 2), rectangle(2, 1, 3, 2))[2:] == [[None, "a", "=x[2,1]"], [None, "b", "c"]]
    assert _copied(rectangle(0, 0, 1, 2), rectangle(2, 0, 4, 4))[2:] == [
        ["a", "=x[2,0]", "a", "=x[2,2]"],
        ["a", "=x[3,0]", "a", "=x[3,2]"],
    ]
    assert _copied(rectangle(0, 0, 2, 1), rectangle(2, 0, 5, 1))[2:] == [["a"], ["b"]]
    assert _copied(rectangle(0, 0, 2, 2), rectangle(2, 0, 3, 1), pasteOrientation="TRANSPOSE")[2:] == [
        ["a", "b"],
        ["=x[3,-1]", "c"],
    ]


@pytest.mark.parametrize(
    ("kind", "pasted"),
    [
        ("PASTE_NORMAL", Cell("new", {"bold": 1, "borders": 1}, "n", {"v": 1})),
        ("PASTE_VALUES", Cell("new", {"italic": 1, "borders": 2}, "o", {"v": 2})),
        ("PASTE_FORMULA", Cell("new", {"italic": 1, "borders": 2}, "o", {"v": 2})),
        ("PASTE_FORMAT", Cell("old", {"bold": 1, "borders": 1}, "o", {"v": 2})),
        ("PASTE_NO_BORDERS", Cell("new", {"bold": 1, "borders": 2}, "n", {"v": 1})),
        ("PASTE_DATA_VALIDATION", Cell("old", {"italic": 1, "borders": 2}, "o", {"v": 1})),
        ("PASTE_CONDITIONAL_FORMATTING", Cell("old", {"italic": 1, "borders": 2}, "o", {"v": 2})),
    ],
)
def test_only_what_is_asked_for_is_pasted(kind: str, pasted: Cell) -> None:
    sheet = sheet_of([])
    new, old = (
        Cell("new", {"bold": 1, "borders": 1}, "n", {"v": 1}),
        Cell("old", {"italic": 1, "borders": 2}, "o", {"v": 2}),
    )
    sheet.rows = [(new, old)]
    google, _ = world(sheet)
    ask(
        google,
        {"copyPaste": {"source": rectangle(0, 0, 1, 1), "destination": rectangle(0, 1, 1, 2), "pasteType": kind}},
    )
    assert book(google).sheets[0].rows == [(new, pasted)]


def test_values_are_what_formulas_come_to(monkeypatch: pytest.MonkeyPatch) -> None:
    values: dict[Place, Value] = {Place(0, 0, 0): 2.0, Place(0, 0, 1): Error("N_A", "#N/A")}
    monkeypatch.setattr("tests.google.sheets.requests.ranges.compute", lambda book, now: Computed(values, {}, {}))
    google, _ = world(sheet_of([["=1+1", "=NA()"]]))
    request = {"source": rectangle(0, 0, 1, 2), "destination": rectangle(1, 0, 2, 2), "pasteType": "PASTE_VALUES"}
    ask(google, {"copyPaste": request})
    assert grid(google)[1] == [2.0, "=#N/A"]


def test_merged_cells_and_conditional_formats_are_copied_too() -> None:
    sheet = sheet_of([["a"]])
    rule = {"booleanRule": {"condition": {"type": "BLANK"}}}
    sheet.attached |= {
        "merges": [rectangle(0, 0, 1, 2), rectangle(3, 0, 4, 2)],
        "conditionalFormats": [{"ranges": [rectangle(0, 1, 5, 2)], **rule}],
    }
    google, _ = world(sheet, sheet_of([], id_=3, title="Autre"))
    request = {"source": rectangle(0, 0, 1, 2), "destination": rectangle(3, 0, 4, 2)}
    ask(google, {"copyPaste": request}, {"copyPaste": {**request, "destination": rectangle(0, 0, 1, 1, sheet=3)}})
    first, other = book(google).sheets
    assert first.attached["merges"] == [rectangle(0, 0, 1, 2), rectangle(3, 0, 4, 2)]
    assert first.attached["conditionalFormats"][0]["ranges"] == [rectangle(0, 1, 5, 2), rectangle(3, 1, 4, 2)]
    assert other.attached["merges"] == [rectangle(0, 0, 1, 2, sheet=3)]
    assert other.attached["conditionalFormats"] == [{"ranges": [rectangle(0, 1, 1, 2, sheet=3)], **rule}]


def test_what_referred_to_cells_that_are_cut_follows_them() -> None:
    sheet = sheet_of([["a", "=A1"], ["b", '=SUM(A$1:A2)&"A1"'], ["=Autre!A1", "=A3"]])
    sheet.attached["merges"] = [rectangle(1, 0, 2, 2)]
    google, start = world(sheet, sheet_of([["=Feuille!A2+A2"]], id_=3, title="Autre"))
    start.named_ranges = [{"namedRangeId": "x", "name": "ici", "range": rectangle(0, 0, 2, 1)}]
    ask(google, {"cutPaste": {"source": rectangle(0, 0, 3, 2), "destination": {"rowIndex": 2, "columnIndex": 2}}})
    assert grid(google) == [[], [], [None, None, "a", "=C3"], [None, None, "b", "=SUM(C$3:C4)&\"A1\""],
                            [None, None, "=Autre!A1", "=C5"]]  # fmt: skip
    assert grid(google, 3) == [["=Feuille!C4+A2"]]
    assert book(google).named_ranges[0]["range"] == rectangle(2, 2, 4, 3)
    assert book(google).sheets[0].attached["merges"] == [rectangle(3, 2, 4, 4)]


def test_cells_cut_to_another_sheet_still_refer_to_their_own() -> None:
    google, _ = world(sheet_of([[1, "=A1", "=A1+D1"]]), sheet_of([["=Feuille!B1"]], id_=3, title="L'autre"))
    ask(google, {"cutPaste": {"source": rectangle(0, 1, 1, 3), "destination": {"sheetId": 3, "rowIndex": 1}}})
    assert grid(google) == [[1]]
    assert grid(google, 3) == [["=A2"], ["=Feuille!A1", "=Feuille!A1+Feuille!D1"]]


def test_data_from_outside_are_pasted_by_delimiter_or_from_tables() -> None:
    google, _ = world(sheet_of([["a"]], size=(2, 2)))
    ask(google, {"pasteData": {"coordinate": {"columnIndex": 1}, "data": 'x,"y,z"\n"1\n2",', "delimiter": ","}})
    assert grid(google) == [["a", "x", "y,z"], [None, "1\n2"]]
    html = "<p>Liste</p><table><tr><th>nom</th><td> B &amp; C </td></tr><tr><td>d<br>e</td></tr></table>"
    ask(google, {"pasteData": {"coordinate": {}, "data": html, "html": True}})
    assert grid(google) == [["Liste", "x", "y,z"], ["nom", "B & C"], ["d\ne"]]


# ------------------------------------------------------------------------------------------------------- series


@pytest.mark.parametrize(
    ("start", "is_alternate", "more"),
    [
        ([1, 3], False, [5, 7, 9]),
        ([1, 3], True, [1, 3, 1]),
        ([1, 2, 4], False, [1, 2, 4]),
        ([5], False, [5, 5, 5]),
        ([5], True, [6, 7, 8]),
        (["Lot 09"], False, ["Lot 10", "Lot 11", "Lot 12"]),
        (["Lot 9"], True, ["Lot 9"] * 3),
        (["q1", "q3"], False, ["q5", "q7", "q9"]),
        (["Fri"], False, ["Sat", "Sun", "Mon"]),
        (["JANVIER", "MARS"], False, ["MAI", "JUILLET", "SEPTEMBRE"]),
        (["a", "b"], False, ["a", "b", "a"]),
        ([True], False, [True] * 3),
    ],
)
def test_series_go_on(start: list[Any], is_alternate: bool, more: list[Any]) -> None:
    google, _ = world(sheet_of([[value] for value in start]))
    area = {"range": rectangle(0, 0, len(start) + 3, 1)}
    ask(google, {"autoFill": {**area, "useAlternateSeries": is_alternate}})
    assert [row[0] for row in grid(google)] == start + more


@pytest.mark.parametrize(
    ("start", "more"), [([45322.0], [45323.0, 45324.0]), ([45322.0, 45351.0], [45380.0, 45409.0]),
                        ([45292.0, 45323.0], [45352.0, 45383.0])]
)  # fmt: skip
def test_dates_go_on_by_days_or_by_months(start: list[float], more: list[float]) -> None:
    sheet = sheet_of([])
    sheet.rows = [tuple(Cell(value, DATE) for value in start)]
    google, _ = world(sheet)
    source = {"source": rectangle(0, 0, 1, len(start)), "dimension": "COLUMNS", "fillLength": 2}
    ask(google, {"autoFill": {"sourceAndDestination": source}})
    assert book(google).sheets[0].rows[0] == tuple(Cell(value, DATE) for value in start + more)


@pytest.mark.usefixtures("telling_shifts")
def test_series_go_back_and_formulas_shift() -> None:
    google, _ = world(sheet_of([[], [], [], [4, "=x"], [6, "=y"]]))
    source = {"source": rectangle(3, 0, 5, 2), "dimension": "ROWS", "fillLength": -3}
    ask(google, {"autoFill": {"sourceAndDestination": source}})
    assert grid(google)[:3] == [[-2, "=y[-4,0]"], [0, "=x[-2,0]"], [2, "=y[-2,0]"]]


# ------------------------------------------------------------------------------------------------------- merges


@pytest.mark.parametrize(
    ("kind", "merges", "left"),
    [
        ("MERGE_ALL", [rectangle(0, 0, 2, 2)], [["b"]]),
        ("MERGE_COLUMNS", [rectangle(0, 0, 2, 1), rectangle(0, 1, 2, 2)], [["c", "b"]]),
        ("MERGE_ROWS", [rectangle(0, 0, 1, 2), rectangle(1, 0, 2, 2)], [["b"], ["c"]]),
    ],
)
def test_merged_cells_keep_the_first_value_of_each(kind: str, merges: list[Any], left: list[list[Any]]) -> None:
    google, _ = world(sheet_of([[None, "b"], ["c", "d"]]))
    ask(google, {"mergeCells": {"range": rectangle(0, 0, 2, 2), "mergeType": kind}})
    assert (book(google).sheets[0].attached["merges"], grid(google)) == (merges, left)


def test_merging_again_replaces_what_was_merged_within_and_unmerging_takes_all_apart() -> None:
    google, _ = world(sheet_of([["a"]]))
    area = {"range": rectangle(0, 0, 2, 2)}
    ask(google, {"mergeCells": {**area, "mergeType": "MERGE_ROWS"}}, {"mergeCells": {**area, "mergeType": "MERGE_ALL"}})
    assert book(google).sheets[0].attached["merges"] == [rectangle(0, 0, 2, 2)]
    ask(google, {"unmergeCells": {"range": rectangle(0, 0, 4, 4)}})
    assert book(google).sheets[0].attached["merges"] == []
