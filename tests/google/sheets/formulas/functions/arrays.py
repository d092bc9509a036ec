"""Whole arrays: filtered, sorted, made unique, turned, made up."""

from collections.abc import Callable
from functools import cmp_to_key
from itertools import zip_longest

from tests.google.sheets.formulas.functions.registry import Context, function
from tests.google.sheets.formulas.values import (
    Array,
    FunctionError,
    Operand,
    as_bool,
    bad_number,
    bad_reference,
    bad_value,
    compared,
    key,
    not_available,
)  # fmt: skip
from tests.google.sheets.spreadsheet import MOST_CELLS, Error, Value


@function("UNIQUE", "range bool? bool?")
def unique(data: Array, by_column: bool = False, exactly_once: bool = False) -> Array:
    source = data.transposed() if by_column else data
    seen: dict[object, int] = {}
    rows = list(source.rows())
    for row in rows:
        mark = tuple(map(key, row))
        seen[mark] = seen.get(mark, 0) + 1
    kept = []
    for row in rows:
        times = seen.pop(tuple(map(key, row)), 0)
        if times and not (exactly_once and times > 1):
            kept.append(row)
    if not kept:
        raise FunctionError(not_available("No unique values."))
    made = Array.of_rows(kept)
    return made.transposed() if by_column else made


@function("SORT", "range", repeats="any bool", arrays=True, context=True)
def sort(context: Context, data: Array, *keys: Operand) -> Array:
    rows = list(range(data.height))
    pairs = [keys[at : at + 2] for at in range(0, len(keys), 2)] or [(1.0, True)]
    for sorted_by, is_ascending in reversed(pairs):
        values = _sort_column(context, data, sorted_by)
        rows.sort(key=cmp_to_key(_order([values[at] for at in range(data.height)], bool(is_ascending))))
    return Array.of_rows([data.row(at) for at in rows])


def _sort_column(context: Context, data: Array, sorted_by: Operand) -> list[Value]:
    if isinstance(sorted_by, float | bool):
        if not 1 <= sorted_by < data.width + 1:
            raise FunctionError(bad_number(f"Function SORT parameter 2 value is {float(sorted_by):g}. "
                                    f"Valid values are between 1 and {data.width} inclusive."))  # fmt: skip
        return list(data.column(int(sorted_by) - 1))
    values = context.whole(sorted_by)
    if (values.height, values.width) != (data.height, 1):
        raise FunctionError(_mismatched("SORT", data.height, 1, values))
    return list(values.flat)


def _order(values: list[Value], is_ascending: bool) -> Callable[[int, int], int]:
    """Compares two places by their values."""

    def compare(one: int, other: int) -> int:
        left, right = values[one], values[other]
        if left is None or right is None:  # blanks go last both ways
            return (left is None) - (right is None)
        if isinstance(left, Error) or isinstance(right, Error):
            return isinstance(left, Error) - isinstance(right, Error)
        found = compared(left, right)
        return found if is_ascending else -found

    return compare


@function("FILTER", "range range", repeats="range", arrays=True)
def filter_(data: Array, *conditions: Array) -> Array:
    by_row = conditions[0].width == 1 and (data.height == conditions[0].height or conditions[0].height > 1)
    source = data if by_row else data.transposed()
    kept = [True] * source.height
    for condition in conditions:
        expected = (data.height, 1) if by_row else (1, data.width)
        if (condition.height, condition.width) != expected:
            raise FunctionError(_mismatched("FILTER", *expected, condition))
        kept = [so_far and _holds(value) for so_far, value in zip(kept, condition.flat, strict=True)]
    rows = [row for row, holds in zip(source.rows(), kept, strict=True) if holds]
    if not rows:
        raise FunctionError(not_available("No matches are found in FILTER evaluation."))
    made = Array.of_rows(rows)
    return made if by_row else made.transposed()


def _holds(value: Value) -> bool:
    if isinstance(value, Error):
        return False
    return bool(as_bool(value))


def _mismatched(name: str, height: int, width: int, actual: Array) -> Error:
    return not_available(
        f"{name} has mismatched range sizes. Expected row count: {height}. column count: {width}. "
        f"Actual row count: {actual.height}, column count: {actual.width}."
    )


@function("TRANSPOSE", "range")
def transpose(data: Array) -> Array:
    return data.transposed()


@function("FLATTEN", "range", repeats="range")
def flatten(*parts: Array) -> Array:
    return Array.of_column([value for part in parts for value in part.flat])


@function("SEQUENCE", "number number? number? number?")
def sequence(rows: float, columns: float = 1, start: float = 1, step: float = 1) -> Array:
    height, width = int(rows), int(columns)
    for at, count in ((1, height), (2, width)):
        if count < 1:
            raise FunctionError(bad_number(f"Function SEQUENCE parameter {at} value is {count}. "
                                    "It should be greater than or equal to 1."))  # fmt: skip
    if height * width > MOST_CELLS:
        raise FunctionError(bad_reference(f"Result of {height * width} cells exceeds the limit of {MOST_CELLS} cells."))
    return Array(height, width, [float(start + at * step) for at in range(height * width)])


@function("TOCOL", "range number?")
def to_column(data: Array, ignored: float = 0) -> Array:
    return Array.of_column(_kept(data, ignored))


@function("TOROW", "range number?")
def to_row(data: Array, ignored: float = 0) -> Array:
    kept = _kept(data, ignored)
    return Array(1, len(kept), kept)


def _kept(data: Array, ignored: float) -> list[Value]:
    without_blanks, without_errors = int(ignored) in (1, 3), int(ignored) in (2, 3)
    kept = [value for value in data.flat
            if not (without_blanks and value is None) and not (without_errors and isinstance(value, Error))]  # fmt: skip
    if not kept:
        raise FunctionError(not_available("No values are left."))
    return kept


@function("VSTACK", "range", repeats="range")
def vstack(*parts: Array) -> Array:
    width = max(part.width for part in parts)
    beyond = not_available()
    return Array.of_rows([[*row, *[beyond] * (width - len(row))] for part in parts for row in part.rows()])


@function("HSTACK", "range", repeats="range")
def hstack(*parts: Array) -> Array:
    return _transposed_stack([part.transposed() for part in parts]).transposed()


def _transposed_stack(parts: list[Array]) -> Array:
    rows = [row for part in parts for row in part.rows()]
    return Array.of_rows(list(zip(*zip_longest(*rows, fillvalue=not_available()), strict=True)))


@function("CHOOSECOLS", "range number", repeats="number")
def choose_columns(data: Array, *numbers: float) -> Array:
    return Array.of_rows([data.column(_line("CHOOSECOLS", number, data.width)) for number in numbers]).transposed()


@function("CHOOSEROWS", "range number", repeats="number")
def choose_rows(data: Array, *numbers: float) -> Array:
    return Array.of_rows([data.row(_line("CHOOSEROWS", number, data.height)) for number in numbers])


def _line(name: str, number: float, count: int) -> int:
    if not 1 <= abs(number) < count + 1:
        raise FunctionError(bad_value(f"Function {name} parameter 2 value is {number:g}. "
                               f"Valid values are between 1 and {count} inclusive."))  # fmt: skip
    return int(number) - 1 if number > 0 else count + int(number)


@function("ARRAY_CONSTRAIN", "range number number")
def array_constrain(data: Array, rows: float, columns: float) -> Array:
    if rows < 1 or columns < 1:
        raise FunctionError(bad_value("ARRAY_CONSTRAIN needs at least one row and one column."))
    return Array.of_rows([row[: int(columns)] for row in list(data.rows())[: int(rows)]])
