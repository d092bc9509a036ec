"""Arrays that spill into the cells beside and below their formula, and those who read them there."""

from tests.emulator.grids import NOON, Rows, area, computed, spreadsheet
from tests.google.sheets.formulas import Place, compute
from tests.google.sheets.spreadsheet import Error, Value


def _error(value: Value) -> tuple[str, str]:
    assert isinstance(value, Error)
    return value.shown, value.message


def test_an_array_fills_its_neighbours() -> None:
    assert area(computed([["={1,2;3,4}"]]), 2, 3) == [[1.0, 2.0, None], [3.0, 4.0, None]]


def test_a_header_and_its_column() -> None:
    lines: Rows = [
        ["id", '={"status";ARRAYFORMULA(IF(A2:A="";;IFNA(VLOOKUP(A2:A;calc!A:B;2;0))))}'],
        ["a"], ["b"], [None], ["c"],
    ]  # fmt: skip
    book = spreadsheet({"main": lines, "calc": [["id", "status"], ["c", "late"], ["A", "open"]]})
    results = compute(book, NOON)
    assert [row[0] for row in area(results, 6, 1, left=1)] == ["status", "open", None, None, "late", None]


def test_operators_and_functions_map_over_rows_and_columns() -> None:
    results = computed([['=ARRAYFORMULA({1;2}*{10,20}&"!")']])
    assert area(results, 2, 2) == [["10!", "20!"], ["20!", "40!"]]


def test_a_value_missing_on_one_side_is_not_available() -> None:
    column = [row[0] for row in area(computed([["=ARRAYFORMULA({1;2;3}+{1;2})"]]), 3, 1)]
    assert column[:2] == [2.0, 4.0]
    assert _error(column[2])[0] == "#N/A"


def test_one_error_among_values_stays_in_its_place() -> None:
    column = [row[0] for row in area(computed([["=ARRAYFORMULA(1/{1;0;2})"]]), 3, 1)]
    assert (column[0], column[2]) == (1.0, 0.5)
    assert _error(column[1])[0] == "#DIV/0!"


def test_the_first_cell_in_the_way_is_named() -> None:
    results = computed([["={1,2;3,4}"], [None, "mine"]])
    assert _error(results.values[Place(0, 0, 0)]) == (
        "#REF!",
        "Array result was not expanded because it would overwrite data in B2.",
    )
    assert Place(0, 0, 1) not in results.values


def test_another_formula_or_what_it_fills_is_in_the_way_too() -> None:
    results = computed([["={1;2;3}"], [None], ['=IF(TRUE,"")']])
    assert "A3" in _error(results.values[Place(0, 0, 0)])[1]
    results = computed([[None, "={1;2}"], ["={3,4}"]])
    assert [row[0] for row in area(results, 2, 1, left=1)] == [1.0, 2.0]
    assert "B2" in _error(results.values[Place(0, 1, 0)])[1]


def test_an_array_past_the_end_of_the_grid_asks_for_lines() -> None:
    results = computed([["=SEQUENCE(32)"]], rows=20)
    assert _error(results.values[Place(0, 0, 0)]) == (
        "#REF!",
        "Result was not automatically expanded, please insert more rows (12).",
    )
    results = computed([["=SEQUENCE(1,12)"]], columns=10)
    assert "insert more columns (2)" in _error(results.values[Place(0, 0, 0)])[1]


def test_whoever_reads_filled_cells_gets_them_wherever_it_stands() -> None:
    lines = [["=SUM(C1:C9)", "=C3", "=SEQUENCE(3)", "=SUM(A1:B1)", '=COUNTIF(C1:C9,">1")']]
    assert area(computed(lines), 1, 5) == [[6.0, 3.0, 1.0, 9.0, 2.0]]


def test_arrays_that_depend_on_arrays_further_on() -> None:
    lines = [["=ARRAYFORMULA(B1:B3*2)", "=ARRAYFORMULA(C1:C3+1)", "=SEQUENCE(3)"]]
    assert area(computed(lines), 3, 3) == [[4.0, 2.0, 1.0], [6.0, 3.0, 2.0], [8.0, 4.0, 3.0]]


def test_the_size_of_an_array_may_depend_on_another() -> None:
    lines = [["=SEQUENCE(COUNT(C1:C9))", None, "=SEQUENCE(4)", '=FILTER(A1:A9,A1:A9>2)']]  # fmt: skip
    assert [row[3] for row in area(computed(lines), 3, 4)] == [3.0, 4.0, None]


def test_an_array_that_reads_where_it_spills_is_circular() -> None:
    results = computed([["=ARRAYFORMULA(A2:A4+1)"]])
    assert "Circular" in _error(results.values[Place(0, 0, 0)])[1]


def test_lookup_results_may_be_whole_rows() -> None:
    results = computed([["a", 1, 2, '=XLOOKUP("b",A1:A2,B1:C2)'], ["b", 3, 4, '=INDEX(B1:C2,1,0)']])  # fmt: skip
    assert area(results, 2, 2, left=3) == [[3.0, 4.0], [1.0, 2.0]]


def test_sorting_filtering_and_turning() -> None:
    lines: Rows = [["b", 2, "=SORT(A1:B3,2,FALSE)"], ["a", 3], ["c", 1], ["=TRANSPOSE(A1:B2)"], [], ["=UNIQUE({1;2;1})"],
             [], ['=SPLIT("a,b",",")']]  # fmt: skip
    results = computed(lines)
    assert area(results, 3, 2, left=2) == [["a", 3.0], ["b", 2.0], ["c", 1.0]]
    assert area(results, 2, 2, top=3) == [["b", "a"], [2.0, 3.0]]
    assert area(results, 2, 1, top=5) == [[1.0], [2.0]]
    assert area(results, 1, 2, top=7) == [["a", "b"]]


def test_conditions_of_every_kind_map() -> None:
    lines: Rows = [[1, '=ARRAYFORMULA(IFS(A1:A3=1,"one",A1:A3=2,"two",TRUE,"more"))'], [2], [3],
             ['=ARRAYFORMULA(SWITCH({1,2},1,"a","b"))'], ["=ARRAYFORMULA(IFERROR({1,2}/{0,1},-1))"],
             ["=ARRAYFORMULA(ROW(A5:A6))"], [], ["=ARRAYFORMULA(COUNTIF({1,1,2},{1,2}))"]]  # fmt: skip
    results = computed(lines)
    assert [row[0] for row in area(results, 3, 1, left=1)] == ["one", "two", "more"]
    assert area(results, 2, 2, top=3) == [["a", "b"], [-1.0, 2.0]]
    assert area(results, 2, 1, top=5) == [[5.0], [6.0]]
    assert area(results, 1, 2, top=7) == [[2.0, 1.0]]


def test_cells_read_before_and_after_they_are_filled() -> None:
    lines = [["=SUM(D1:D5)", None, "=SEQUENCE(3,2)", None, "=SUM(D1:D5)", "=E1+D2"]]
    assert area(computed(lines), 1, 6) == [[12.0, None, 1.0, 2.0, 12.0, 16.0]]


def test_many_arrays_of_one_row() -> None:
    lines = [[f"{at},{at + 1}", '=SPLIT(A1,",")'.replace("1", str(at + 1)), None, f"=SUM(B{at + 1}:C{at + 1})"]
             for at in range(10)]  # fmt: skip
    lines.append(["=SUM(B1:C10)"])
    results = computed(lines)
    assert [row[0] for row in area(results, 10, 1, left=3)] == [2.0 * at + 1 for at in range(10)]
    assert results.values[Place(0, 10, 0)] == 100.0
