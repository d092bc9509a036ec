"""Operators, by the functions that they are: ADD for +, EQ for =, CONCAT for &."""

from tests.google.sheets.formulas.functions.aggregates import finite
from tests.google.sheets.formulas.functions.registry import Context, bulk, function
from tests.google.sheets.formulas.values import (
    Array,
    FunctionError,
    Shown,
    bad_number,
    compared,
    division_by_zero,
    key,
    like,
    shown,
)  # fmt: skip
from tests.google.sheets.spreadsheet import Error, Value

_MOMENTS = ("DATE", "TIME", "DATE_TIME")


@function("ADD", "number number")
def add(left: float, right: float) -> float:
    return like(finite(left + right), left, right)


@function("MINUS", "number number")
def minus(left: float, right: float) -> float:
    if isinstance(left, Shown) and isinstance(right, Shown) and left.format.get("type") in _MOMENTS:
        return left - right  # two dates are so many days apart
    return like(finite(left - right), left, right)


@function("MULTIPLY", "number number")
def multiply(left: float, right: float) -> float:
    return finite(left * right)


@function("DIVIDE", "number number")
def divide(left: float, right: float) -> float:
    if right == 0:
        raise FunctionError(division_by_zero("DIVIDE"))
    return finite(left / right)


@function("POW POWER", "number number")
def power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        raise FunctionError(division_by_zero("POWER"))
    raised: float | complex = float(base) ** exponent
    if isinstance(raised, complex):
        raise FunctionError(bad_number(f"POWER({base:g},{exponent:g}) evaluates to an imaginary number."))
    return raised


@function("UMINUS", "number")
def negative(number: float) -> float:
    return like(-number, number)


@function("UPLUS", "value")
def positive(value: Value) -> Value:
    return value


@function("UNARY_PERCENT", "number")
def percent(number: float) -> float:
    return shown(number / 100, "PERCENT")


@function("CONCAT", "text text")
def concat(left: str, right: str) -> str:
    return left + right


@function("EQ", "value value")
def equal(left: Value, right: Value) -> bool:
    if left is None or right is None:
        return compared(left, right) == 0
    return key(left) == key(right)


@bulk("EQ")
def equals(context: Context, array: Array, other: Value) -> list[Value]:
    wanted, is_zero = key(other), compared(None, other) == 0
    return [
        value if type(value) is Error else each == wanted or (value is None and is_zero)
        for value, each in zip(array.flat, array.keys, strict=True)
    ]


@function("NE", "value value")
def different(left: Value, right: Value) -> bool:
    return not equal(left, right)


@function("LT", "value value")
def less(left: Value, right: Value) -> bool:
    return compared(left, right) < 0


@function("LTE", "value value")
def at_most(left: Value, right: Value) -> bool:
    return compared(left, right) <= 0


@function("GT", "value value")
def greater(left: Value, right: Value) -> bool:
    return compared(left, right) > 0


@function("GTE", "value value")
def at_least(left: Value, right: Value) -> bool:
    return compared(left, right) >= 0
