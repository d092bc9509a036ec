"""What the functions that gather values have in common: which of the values they count, what they may come to."""

import math
from collections.abc import Iterator

from tests.google.sheets.formulas.functions.registry import Context
from tests.google.sheets.formulas.values import Array, FunctionError, Operand, Range, bad_value, number_in
from tests.google.sheets.spreadsheet import Error, Value


def finite(number: float) -> float:
    """The number, when it isn't too large to be one."""
    if math.isinf(number):
        raise OverflowError
    return number


def all_values(context: Context, operands: tuple[Operand, ...]) -> Iterator[tuple[Value, bool]]:
    """Every value, and whether it was given by itself rather than in a range or an array."""
    for operand in operands:
        if isinstance(operand, Array | Range):
            for value in context.whole(operand).flat:
                yield value, False
        else:
            yield operand, True


def numbers(context: Context, name: str, operands: tuple[Operand, ...]) -> Iterator[float]:
    """The numbers among the values: ranges pass over text and booleans, arguments by themselves must be numbers."""
    for at, operand in enumerate(operands):
        if isinstance(operand, Array | Range):
            for value in context.whole(operand).flat:
                if isinstance(value, Error):
                    raise FunctionError(value)
                if isinstance(value, float):
                    yield value
        else:
            yield _number(context, name, at, operand)


def _number(context: Context, name: str, at: int, value: Value) -> float:
    if isinstance(value, Error):
        raise FunctionError(value)
    if isinstance(value, str):
        number = number_in(value, context.locale)
        if number is None:
            raise FunctionError(bad_value(f"Function {name} parameter {at + 1} expects number values. "
                                   f"But '{value}' is a text and cannot be coerced to a number."))  # fmt: skip
        return number
    return value if isinstance(value, float) else float(value or 0)
