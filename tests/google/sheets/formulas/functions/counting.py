"""Counting values, and counting or adding up those that meet criteria."""

import math
from collections.abc import Sequence

from tests.google.sheets.formulas.criteria import matching
from tests.google.sheets.formulas.functions.aggregates import all_values
from tests.google.sheets.formulas.functions.registry import Context, function
from tests.google.sheets.formulas.values import Array, FunctionError, Operand, Range, bad_value, key, like, number_in
from tests.google.sheets.spreadsheet import Error, Value


@function("COUNT", "any", repeats="any", context=True)
def count(context: Context, *operands: Operand) -> float:
    return float(sum(_is_counted(context, *each) for each in all_values(context, operands)))


def _is_counted(context: Context, value: Value, is_alone: bool) -> bool:
    if is_alone and isinstance(value, str):
        return number_in(value, context.locale) is not None
    return isinstance(value, float) or (is_alone and isinstance(value, bool))


@function("COUNTA", "any", repeats="any", context=True)
def count_a(context: Context, *operands: Operand) -> float:
    return float(sum(value is not None or is_alone for value, is_alone in all_values(context, operands)))


@function("COUNTBLANK", "any", repeats="any", context=True)
def count_blank(context: Context, *operands: Operand) -> float:
    return float(sum(value is None or value == "" for value, _ in all_values(context, operands)))


@function("COUNTUNIQUE", "any", repeats="any", context=True)
def count_unique(context: Context, *operands: Operand) -> float:
    return float(len({key(value) for value, _ in all_values(context, operands) if value is not None}))


@function("COUNTIF", "range raw", context=True)
def count_if(context: Context, data: Array, criterion: Value) -> float:
    return float(len(matching(data.finder(), criterion, context.locale)))


@function("COUNTIFS", "range raw", repeats="range raw", context=True)
def count_ifs(context: Context, *pairs: Array | Value) -> float:
    return float(len(_meeting(context, "COUNTIFS", pairs)))


@function("SUMIF", "any raw any?", context=True)
def sum_if(context: Context, tested: Operand, criterion: Value, summed: Operand = None) -> float:
    data, values = _tested_and_gathered(context, tested, summed)
    return _added([values[at] for at in matching(data.finder(), criterion, context.locale) if at < len(values)])


@function("SUMIFS", "range range raw", repeats="range raw", context=True)
def sum_ifs(context: Context, summed: Array, *pairs: Array | Value) -> float:
    return _added([summed.flat[at] for at in _meeting(context, "SUMIFS", pairs, summed)])


@function("AVERAGEIF", "any raw any?", context=True)
def average_if(context: Context, tested: Operand, criterion: Value, averaged: Operand = None) -> float:
    data, values = _tested_and_gathered(context, tested, averaged)
    chosen = [values[at] for at in matching(data.finder(), criterion, context.locale) if at < len(values)]
    return _averaged("AVERAGEIF", chosen)


@function("AVERAGEIFS", "range range raw", repeats="range raw", context=True)
def average_ifs(context: Context, averaged: Array, *pairs: Array | Value) -> float:
    return _averaged("AVERAGEIFS", [averaged.flat[at] for at in _meeting(context, "AVERAGEIFS", pairs, averaged)])


@function("MINIFS", "range range raw", repeats="range raw", context=True)
def min_ifs(context: Context, data: Array, *pairs: Array | Value) -> float:
    return min(_numbers([data.flat[at] for at in _meeting(context, "MINIFS", pairs, data)]), default=0.0)


@function("MAXIFS", "range range raw", repeats="range raw", context=True)
def max_ifs(context: Context, data: Array, *pairs: Array | Value) -> float:
    return max(_numbers([data.flat[at] for at in _meeting(context, "MAXIFS", pairs, data)]), default=0.0)


def _tested_and_gathered(context: Context, tested: Operand, gathered: Operand) -> tuple[Array, Sequence[Value]]:
    """The values tested and those taken in their places; a range to take from has the size of the one tested."""
    data = context.whole(tested)
    if gathered is None:
        return data, data.flat
    if isinstance(gathered, Range):
        rows, columns = context.limits(gathered.sheet)
        bottom, right = gathered.top + data.height, gathered.left + data.width
        gathered = gathered._replace(bottom=min(bottom, rows), right=min(right, columns))
    return data, context.whole(gathered).flat


def _meeting(
    context: Context, name: str, pairs: Sequence[Array | Value], gathered: Array | None = None
) -> Sequence[int]:
    """The places at which every range meets its criterion."""
    size = gathered
    found: set[int] | None = None
    for at in range(0, len(pairs), 2):
        data, criterion = pairs[at], pairs[at + 1]
        assert isinstance(data, Array) and not isinstance(criterion, Array)
        if size and (size.height, size.width) != (data.height, data.width):
            raise FunctionError(bad_value(f"Array arguments to {name} are of different size."))
        size = size or data
        places = matching(data.finder(), criterion, context.locale)
        found = set(places) if found is None else found.intersection(places)
    return sorted(found or ())


def _numbers(values: Sequence[Value]) -> list[float]:
    for value in values:
        if isinstance(value, Error):
            raise FunctionError(value)
    return [value for value in values if isinstance(value, float)]


def _added(values: Sequence[Value]) -> float:
    numbers = _numbers(values)
    return like(math.fsum(numbers), *numbers[:1])


def _averaged(name: str, values: Sequence[Value]) -> float:
    numbers = _numbers(values)
    if not numbers:
        message = f"Evaluation of function {name} caused a divide by zero error."
        raise FunctionError(Error("DIVIDE_BY_ZERO", "#DIV/0!", message))
    return like(math.fsum(numbers) / len(numbers), *numbers[:1])
