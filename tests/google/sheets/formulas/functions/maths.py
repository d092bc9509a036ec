"""Numbers: rounded, added up, averaged, ranked."""

import math
import statistics
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from tests.google.sheets.formulas.functions.aggregates import finite, numbers
from tests.google.sheets.formulas.functions.registry import Context, function
from tests.google.sheets.formulas.values import (
    Array,
    FunctionError,
    Operand,
    bad_number,
    bad_value,
    division_by_zero,
    like,
    not_available,
)  # fmt: skip
from tests.google.sheets.spreadsheet import Error


def _rounded(number: float, places: float, how: str) -> float:
    """A number rounded as it is written in decimal, so that 2.675 is halfway."""
    try:
        step = Decimal(1).scaleb(-int(places))
        exact = Decimal(repr(float(number)))
        return like(float((exact / step).quantize(Decimal(1), rounding=how) * step), number)
    except ArithmeticError:  # more digits than there are: nothing to round
        return number


@function("ROUND", "number number?")
def round_(number: float, places: float = 0) -> float:
    return _rounded(number, places, ROUND_HALF_UP)


@function("ROUNDUP", "number number?")
def round_up(number: float, places: float = 0) -> float:
    return _rounded(number, places, ROUND_FLOOR if number < 0 else ROUND_CEILING)


@function("ROUNDDOWN TRUNC", "number number?")
def round_down(number: float, places: float = 0) -> float:
    return _rounded(number, places, ROUND_CEILING if number < 0 else ROUND_FLOOR)


@function("INT", "number")
def int_(number: float) -> float:
    return like(float(math.floor(number)), number)


@function("ABS", "number")
def absolute(number: float) -> float:
    return like(abs(number), number)


@function("SIGN", "number")
def sign(number: float) -> float:
    return float((number > 0) - (number < 0))


@function("MOD", "number number")
def mod(number: float, divisor: float) -> float:
    if divisor == 0:
        raise FunctionError(division_by_zero("MOD"))
    return number % divisor


@function("QUOTIENT", "number number")
def quotient(number: float, divisor: float) -> float:
    if divisor == 0:
        raise FunctionError(division_by_zero("QUOTIENT"))
    return float(math.trunc(number / divisor))


@function("CEILING", "number number?")
def ceiling(number: float, factor: float = 1) -> float:
    return like(_multiple(number, factor, math.ceil), number)


@function("FLOOR", "number number?")
def floor(number: float, factor: float = 1) -> float:
    return like(_multiple(number, factor, math.floor), number)


def _multiple(number: float, factor: float, whole: Callable[[float], int]) -> float:
    return float(whole(number / factor) * factor) if factor else 0.0


@function("SQRT", "number")
def sqrt(number: float) -> float:
    if number < 0:
        raise FunctionError(
            bad_number("Function SQRT parameter 1 value is negative. It should be greater than or equal to zero.")
        )
    return math.sqrt(number)


@function("EXP", "number")
def exp(number: float) -> float:
    return math.exp(number)


@function("LN", "number")
def ln(number: float) -> float:
    return _log("LN", number, math.e)


@function("LOG10", "number")
def log10(number: float) -> float:
    return _log("LOG10", number, 10)


@function("LOG", "number number?")
def log(number: float, base: float = 10) -> float:
    return _log("LOG", number, base)


def _log(name: str, number: float, base: float) -> float:
    if number <= 0:
        raise FunctionError(
            bad_number(f"Function {name} parameter 1 value is {number:g}. It should be greater than 0.")
        )
    if base <= 0:
        raise FunctionError(bad_number(f"Function {name} parameter 2 value is {base:g}. It should be greater than 0."))
    if base == 1:
        raise FunctionError(division_by_zero(name))
    return math.log10(number) if base == 10 else math.log(number) / math.log(base)


@function("PI")
def pi() -> float:
    return math.pi


@function("SUM", "any", repeats="any", context=True)
def sum_(context: Context, *operands: Operand) -> float:
    added = list(numbers(context, "SUM", operands))
    return like(finite(math.fsum(added)), *added[:1])


@function("PRODUCT", "any", repeats="any", context=True)
def product(context: Context, *operands: Operand) -> float:
    return finite(math.prod(numbers(context, "PRODUCT", operands), start=1.0))


@function("AVERAGE", "any", repeats="any", context=True)
def average(context: Context, *operands: Operand) -> float:
    counted = list(numbers(context, "AVERAGE", operands))
    if not counted:
        raise FunctionError(
            Error("DIVIDE_BY_ZERO", "#DIV/0!", "Evaluation of function AVERAGE caused a divide by zero error.")
        )
    return like(math.fsum(counted) / len(counted), *counted[:1])


@function("MEDIAN", "any", repeats="any", context=True)
def median(context: Context, *operands: Operand) -> float:
    counted = list(numbers(context, "MEDIAN", operands))
    if not counted:
        raise FunctionError(bad_number("MEDIAN has no valid input data."))
    return like(statistics.median(counted), *counted[:1])


@function("MIN", "any", repeats="any", context=True)
def min_(context: Context, *operands: Operand) -> float:
    return min(numbers(context, "MIN", operands), default=0.0)


@function("MAX", "any", repeats="any", context=True)
def max_(context: Context, *operands: Operand) -> float:
    return max(numbers(context, "MAX", operands), default=0.0)


@function("LARGE", "any number", context=True)
def large(context: Context, data: Operand, rank: float) -> float:
    return _ranked("LARGE", sorted(numbers(context, "LARGE", (data,)), reverse=True), rank)


@function("SMALL", "any number", context=True)
def small(context: Context, data: Operand, rank: float) -> float:
    return _ranked("SMALL", sorted(numbers(context, "SMALL", (data,))), rank)


def _ranked(name: str, ordered: Sequence[float], rank: float) -> float:
    if not 1 <= rank < len(ordered) + 1:
        raise FunctionError(bad_number(f"Function {name} parameter 2 value {rank:g} is out of range."))
    return ordered[int(rank) - 1]


@function("SUMPRODUCT", "range", repeats="range", arrays=True)
def sum_product(first: Array, *others: Array) -> float:
    for other in others:
        if (other.height, other.width) != (first.height, first.width):
            raise FunctionError(bad_value(
                f"SUMPRODUCT has mismatched range sizes. Expected row count: {first.height}, column count: {first.width}. "
                f"Actual row count: {other.height}, column count: {other.width}."
            ))  # fmt: skip
    total = []
    for values in zip(first.flat, *(other.flat for other in others), strict=True):
        for value in values:
            if isinstance(value, Error):
                raise FunctionError(value)
        total.append(math.prod(value if isinstance(value, float) else 0.0 for value in values))
    return finite(math.fsum(total))


@function("RANK", "number range bool?")
def rank(number: float, data: Array, is_ascending: bool = False) -> float:
    counted = [value for value in data.flat if isinstance(value, float)]
    if number not in counted:
        raise FunctionError(not_available("RANK has no valid input data."))
    return 1.0 + sum(value < number if is_ascending else value > number for value in counted)
