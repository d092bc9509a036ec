"""A sheet that is edited in any order holds what a naive model of it holds: a dictionary of cells, and lists."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.blocks import ask, book, grid, lines, rectangle, sheet_of, world
from tests.google.sheets import formulas
from tests.google.sheets.following import Lines, Relocation
from tests.google.sheets.formulas import Edit
from tests.google.sheets.references import Box, rewritten
from tests.google.sheets.spreadsheet import Cell, Formula
from tests.google.sheets.structure import restructure

ROWS, COLUMNS = 5, 4
VALUES = st.sampled_from([None, 1.0, 2.5, -3.0, "a", "B", "ab", " a  b ", True, False])


class Naive:
    """Cells by (row, column), and the lines that a range was put around, each by a name that it keeps."""

    def __init__(self, rows: list[list[Any]]) -> None:
        self.cells = {(r, c): value for r, row in enumerate(rows) for c, value in enumerate(row) if value is not None}
        self.names = {"ROWS": list(range(ROWS)), "COLUMNS": list(range(COLUMNS))}
        self.fresh = 100

    def reorder(self, dimension: str, names: list[int]) -> None:
        old, axis = self.names[dimension], 0 if dimension == "ROWS" else 1
        where = {name: at for at, name in enumerate(names)}
        moved = {}
        for place, value in self.cells.items():
            if old[place[axis]] in where:
                to = list(place)
                to[axis] = where[old[place[axis]]]
                moved[to[0], to[1]] = value
        self.cells, self.names[dimension] = moved, names

    def new(self, count: int) -> list[int]:
        self.fresh += count
        return list(range(self.fresh - count, self.fresh))

    def grid(self) -> list[list[Any]]:
        rows: list[list[Any]] = []
        for (row, column), value in sorted(self.cells.items()):
            rows += [[] for _ in range(row + 1 - len(rows))]
            rows[row] += [None] * (column - len(rows[row])) + [value]
        return rows


def _insert(naive: Naive, draw: Callable[[Any], Any]) -> dict[str, Any] | None:
    dimension = draw(st.sampled_from(["ROWS", "COLUMNS"]))
    names = naive.names[dimension]
    at, count = draw(st.integers(0, len(names))), draw(st.integers(1, 3))
    naive.reorder(dimension, names[:at] + naive.new(count) + names[at:])
    return {"insertDimension": {"range": lines(dimension, at, at + count), "inheritFromBefore": at > 0}}


def _append(naive: Naive, draw: Callable[[Any], Any]) -> dict[str, Any] | None:
    dimension, count = draw(st.sampled_from(["ROWS", "COLUMNS"])), draw(st.integers(1, 3))
    naive.reorder(dimension, naive.names[dimension] + naive.new(count))
    return {"appendDimension": {"dimension": dimension, "length": count}}


def _delete(naive: Naive, draw: Callable[[Any], Any]) -> dict[str, Any] | None:
    dimension = draw(st.sampled_from(["ROWS", "COLUMNS"]))
    names = naive.names[dimension]
    start = draw(st.integers(0, len(names) - 1))
    end = draw(st.integers(start + 1, len(names)))
    if end - start == len(names):
        return None
    naive.reorder(dimension, names[:start] + names[end:])
    return {"deleteDimension": {"range": lines(dimension, start, end)}}


def _move(naive: Naive, draw: Callable[[Any], Any]) -> dict[str, Any] | None:
    dimension = draw(st.sampled_from(["ROWS", "COLUMNS"]))
    names = naive.names[dimension]
    start = draw(st.integers(0, len(names) - 1))
    end, to = draw(st.integers(start + 1, len(names))), draw(st.integers(0, len(names)))
    moving = set(names[start:end])
    kept_before = [name for name in names[:to] if name not in moving]
    kept_after = [name for name in names[to:] if name not in moving]
    if not start < to < end:
        naive.reorder(dimension, kept_before + names[start:end] + kept_after)
    return {"moveDimension": {"source": lines(dimension, start, end), "destinationIndex": to}}


def _area(naive: Naive, draw: Callable[[Any], Any]) -> tuple[int, int, int, int]:
    top, left = (draw(st.integers(0, len(naive.names[d]) - 1)) for d in ("ROWS", "COLUMNS"))
    bottom = draw(st.integers(top + 1, len(naive.names["ROWS"])))
    return top, left, bottom, draw(st.integers(left + 1, len(naive.names["COLUMNS"])))


def _sort(naive: Naive, draw: Callable[[Any], Any]) -> dict[str, Any] | None:
    top, left, bottom, right = _area(naive, draw)
    column, is_descending = draw(st.integers(left, right - 1)), draw(st.booleans())

    def key(row: dict[int, Any]) -> tuple[Any, ...]:
        value = row[column]
        return (
            (2, value) if isinstance(value, bool) else (1, value.casefold()) if isinstance(value, str) else (0, value)
        )

    rows = [{c: naive.cells.get((r, c)) for c in range(left, right)} for r in range(top, bottom)]
    filled = sorted((row for row in rows if row[column] is not None), key=key, reverse=is_descending)
    for at, row in enumerate(filled + [row for row in rows if row[column] is None], top):
        for c, value in row.items():
            naive.cells.pop((at, c), None)
            if value is not None:
                naive.cells[at, c] = value
    order = "DESCENDING" if is_descending else "ASCENDING"
    specs = [{"dimensionIndex": column, "sortOrder": order}]
    return {"sortRange": {"range": rectangle(top, left, bottom, right), "sortSpecs": specs}}


def _replace(naive: Naive, draw: Callable[[Any], Any]) -> dict[str, Any] | None:
    top, left, bottom, right = _area(naive, draw)
    for (r, c), value in naive.cells.items():
        if isinstance(value, str) and top <= r < bottom and left <= c < right:
            naive.cells[r, c] = value.replace("b", "c")
    scope = {"range": rectangle(top, left, bottom, right), "matchCase": True}
    return {"findReplace": {"find": "b", "replacement": "c", **scope}}


def _copy(naive: Naive, draw: Callable[[Any], Any]) -> dict[str, Any] | None:
    top, left, bottom, right = _area(naive, draw)
    to_row = draw(st.integers(0, len(naive.names["ROWS"]) - (bottom - top)))
    to_column = draw(st.integers(0, len(naive.names["COLUMNS"]) - (right - left)))
    block = {(r, c): naive.cells.get((r, c)) for r in range(top, bottom) for c in range(left, right)}
    for (r, c), value in block.items():
        place = (to_row + r - top, to_column + c - left)
        naive.cells.pop(place, None)
        if value is not None:
            naive.cells[place] = value
    destination = rectangle(to_row, to_column, to_row + 1, to_column + 1)
    return {"copyPaste": {"source": rectangle(top, left, bottom, right), "destination": destination}}


def _trim(naive: Naive, draw: Callable[[Any], Any]) -> dict[str, Any] | None:
    naive.cells = {at: " ".join(v.split()) if isinstance(v, str) else v for at, v in naive.cells.items()}
    return {"trimWhitespace": {"range": {}}}


EDITS = [_insert, _append, _delete, _move, _sort, _replace, _copy, _trim]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=COLUMNS, max_size=COLUMNS), min_size=ROWS, max_size=ROWS), st.data())
def test_any_edits_give_the_grid_of_a_naive_model(rows: list[list[Any]], data: st.DataObject) -> None:
    google, naive = world(sheet_of(rows, size=(ROWS, COLUMNS)))[0], Naive(rows)
    for _ in range(data.draw(st.integers(1, 6))):
        request = data.draw(st.sampled_from(EDITS))(naive, data.draw)
        if request:
            assert isinstance(ask(google, request), list)
            assert grid(google) == naive.grid()
            sheet = book(google).sheets[0]
            assert (sheet.row_count, sheet.column_count) == (len(naive.names["ROWS"]), len(naive.names["COLUMNS"]))


def _followed(names: list[int], marked: list[int]) -> tuple[int, int] | None:
    """Where the lines that a range was put around stand, with those that came between them."""
    places = [at for at, name in enumerate(names) if name in marked]
    return (places[0], places[-1] + 1) if places else None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_ranges_follow_lines_that_come_and_go_as_in_a_naive_model(data: st.DataObject) -> None:
    naive = Naive([])
    top, left, bottom, right = _area(naive, data.draw)
    sheet = sheet_of([], size=(ROWS, COLUMNS))
    sheet.attached["protectedRanges"] = [{"protectedRangeId": 1, "range": rectangle(top, left, bottom, right)}]
    is_merge = (bottom - top) * (right - left) > 1
    sheet.attached["merges"] = [rectangle(top, left, bottom, right)] if is_merge else []
    google, start = world(sheet)
    start.named_ranges = [{"namedRangeId": "n", "name": "nom", "range": rectangle(top, left, bottom, right)}]
    marked = {"ROWS": naive.names["ROWS"][top:bottom], "COLUMNS": naive.names["COLUMNS"][left:right]}
    for _ in range(data.draw(st.integers(1, 5))):
        request = data.draw(st.sampled_from([_insert, _append, _delete]))(naive, data.draw)
        if request is None:
            continue
        ask(google, request)
        rows, columns = (_followed(naive.names[d], marked[d]) for d in ("ROWS", "COLUMNS"))
        for dimension, span in (("ROWS", rows), ("COLUMNS", columns)):
            marked[dimension] = (
                naive.names[dimension][slice(*span)] if span else []
            )  # a line that came between is marked
        expected = [rectangle(rows[0], columns[0], rows[1], columns[1])] if rows and columns else []
        # what came between two lines of the range belongs to it from then on
        spans = {"ROWS": rows, "COLUMNS": columns}
        marked = {d: naive.names[d][span[0] : span[1]] if span else [] for d, span in spans.items()}
        attached = book(google).sheets[0].attached
        assert [each["range"] for each in attached["protectedRanges"]] == expected
        assert [each["range"] for each in book(google).named_ranges] == expected
        is_one = expected and (rows[1] - rows[0]) * (columns[1] - columns[0]) == 1  # type: ignore[index]  # both are there
        if is_one:
            is_merge = False
        assert attached["merges"] == (expected if is_merge else [])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_lines_that_move_take_along_the_ranges_within_them_and_leave_the_others(data: st.DataObject) -> None:
    size = 8
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    to = data.draw(st.sampled_from([at for at in range(size + 1) if not start < at < end]))
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first + 1, size))
    moving = list(range(start, end))
    order = [n for n in range(to) if n not in moving] + moving + [n for n in range(to, size) if n not in moving]
    marked = set(range(first, last))
    kept = marked if marked <= set(moving) else marked - set(moving)  # what stays marks the range, when something does
    after = Lines(Edit(0, "ROWS", "move", start, end, to), size).after(Box(0, first, None, last, None))
    assert after == Box(0, *_spread(order, kept))


def _spread(order: list[int], kept: set[int]) -> tuple[int, None, int, None]:
    places = [at for at, name in enumerate(order) if name in kept]
    return places[0], None, places[-1] + 1, None


def test_open_sides_stay_open_and_go_with_the_last_lines_that_they_hold() -> None:
    change = Lines(Edit(0, "ROWS", "delete", 5, 10), 10)
    assert change.after(Box(0)) == Box(0)
    assert change.after(Box(0, top=7)) is None
    assert change.after(Box(0, top=4, left=1)) == Box(0, top=4, left=1)
    assert change.after(Box(0, bottom=8)) == Box(0, bottom=5)
    assert change.after(Box(1, top=7)) == Box(1, top=7)
    assert change.anchor(0, 7, 2) == (4, 2)


def test_formulas_of_all_sheets_and_those_of_rules_are_rewritten(monkeypatch: Any) -> None:
    asked = []

    def moved(formula: Formula, book: Any, sheet: int, edit: Edit) -> Formula:
        asked.append((formula.text, sheet))
        return Formula(formula.text + "'")

    monkeypatch.setattr(formulas, "moved", moved)
    condition = {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=r"}]}}
    other = sheet_of([["=a", "=a", 1.0], ["=b"]], id_=4, title="Autre")
    other.rows.append((Cell("x", validation=condition), Cell("y", validation=condition)))
    other.attached["conditionalFormats"] = [{"ranges": [rectangle(0, 0, 1, 1, sheet=4)], "booleanRule": condition}]
    google, start = world(sheet_of([]), other)
    restructure(start, Edit(0, "ROWS", "insert", 1, 3))
    assert sorted(asked) == [("=a", 4), ("=b", 4), ("=r", 4)]
    assert grid(google, 4) == [["=a'", "=a'", 1.0], ["=b'"], ["x", "y"]]
    after = {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=r'"}]}}
    assert [cell.validation for cell in start.sheets[1].rows[2]] == [after, after]
    assert start.sheets[1].attached["conditionalFormats"][0]["booleanRule"] == after


def test_references_of_a_formula_follow_a_block_and_nothing_else_changes() -> None:
    _, start = world(sheet_of([], title="A b"), sheet_of([], id_=2, title="B2"))
    after = Relocation(Box(0, 0, 0, 3, 2), 2, 4, 1).after
    for before, expected in (
        ("=A1+$B$3", "=B2!B5+'B2'!$C$7"),
        ("=SUM(A1:B2, A1:C2, A:A, 1:2)", "=SUM('B2'!B5:C6, A1:C2, A:A, 1:2)"),
        ('="A1"&LOG10(A1)&A1B&x.A1', "=\"A1\"&LOG10('B2'!B5)&A1B&x.A1"),
        ("='A b'!B1+'B2'!A1+C1", "='B2'!C5+'B2'!A1+C1"),
    ):
        assert rewritten(Formula(before), start, 0, after) == Formula(expected.replace("=B2!", "='B2'!"))
    assert rewritten(Formula("='A b'!B1"), start, 2, after) == Formula("=C5")
