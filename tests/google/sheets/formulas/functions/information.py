"""What kind of value a value is, and one kind made of another."""

from tests.google.sheets.formulas.functions.registry import Context, function
from tests.google.sheets.formulas.syntax import Node
from tests.google.sheets.formulas.values import (
    Array,
    FunctionError,
    Operand,
    Range,
    Shown,
    bad_value,
    not_available,
    number_in,
    shown,
)  # fmt: skip
from tests.google.sheets.rendering import formatted
from tests.google.sheets.spreadsheet import Error, Value

_MOMENTS = ("DATE", "TIME", "DATE_TIME")
_NUMBERS_OF_ERRORS = {"NULL_VALUE": 1.0, "DIVIDE_BY_ZERO": 2.0, "VALUE": 3.0, "REF": 4.0, "NAME": 5.0, "NUM": 6.0,
                      "N_A": 7.0, "ERROR": 8.0}  # fmt: skip


@function("NA")
def na() -> Error:
    return not_available("The function NA() returns an error #N/A.")


@function("ISBLANK", "raw")
def is_blank(value: Value) -> bool:
    return value is None


@function("ISNUMBER", "raw")
def is_number(value: Value) -> bool:
    return isinstance(value, float)


@function("ISTEXT", "raw")
def is_text(value: Value) -> bool:
    return isinstance(value, str)


@function("ISNONTEXT", "raw")
def is_non_text(value: Value) -> bool:
    return not isinstance(value, str)


@function("ISLOGICAL", "raw")
def is_logical(value: Value) -> bool:
    return isinstance(value, bool)


@function("ISERROR", "raw")
def is_error(value: Value) -> bool:
    return isinstance(value, Error)


@function("ISERR", "raw")
def is_err(value: Value) -> bool:
    return isinstance(value, Error) and value.kind != "N_A"


@function("ISNA", "raw")
def is_na(value: Value) -> bool:
    return isinstance(value, Error) and value.kind == "N_A"


@function("ISDATE", "raw", context=True)
def is_date(context: Context, value: Value) -> bool:
    if isinstance(value, str):
        value = number_in(value, context.locale)
    return isinstance(value, Shown) and value.format.get("type") in _MOMENTS


@function("ISEVEN", "number")
def is_even(number: float) -> bool:
    return int(number) % 2 == 0


@function("ISODD", "number")
def is_odd(number: float) -> bool:
    return int(number) % 2 == 1


@function("ISREF", "lazy")
def is_ref(context: Context, array: bool, node: Node) -> bool:
    return isinstance(context.operand(node, array), Range)


@function("ISFORMULA", "cells", context=True)
def is_formula(context: Context, cells: Range) -> bool:
    return context.formula(cells) is not None


@function("FORMULATEXT", "cells", context=True)
def formula_text(context: Context, cells: Range) -> str:
    found = context.formula(cells)
    if found is None:
        raise FunctionError(not_available("FORMULATEXT expects a cell that contains a formula."))
    return found


@function("ERROR.TYPE", "raw")
def error_type(value: Value) -> float:
    if not isinstance(value, Error):
        raise FunctionError(not_available("ERROR.TYPE parameter must be an error."))
    return _NUMBERS_OF_ERRORS[value.kind]


@function("TYPE", "any")
def type_(operand: Operand) -> float:
    if isinstance(operand, Array | Range):
        return 64.0
    if isinstance(operand, Error):
        return 16.0
    return 4.0 if isinstance(operand, bool) else 2.0 if isinstance(operand, str) else 1.0


@function("N", "value")
def n(value: Value) -> float:
    return (
        0.0 if value is None or isinstance(value, str | Error) else value if isinstance(value, float) else float(value)
    )


@function("T", "value")
def t(value: Value) -> str:
    return value if isinstance(value, str) else ""


@function("VALUE", "value", context=True)
def value_(context: Context, value: Value) -> float:
    if isinstance(value, str):
        number = number_in(value, context.locale)
        if number is None:
            raise FunctionError(bad_value(f"VALUE parameter '{value}' cannot be parsed to number."))
        return float(number)
    assert not isinstance(value, Error)
    return float(value or 0)


@function("TO_TEXT", "value", context=True)
def to_text(context: Context, value: Value) -> Value:
    if isinstance(value, Shown):
        return formatted(float(value), dict(value.format), context.locale)
    return formatted(value, None, context.locale) if isinstance(value, float) else value


@function("TO_DATE", "value")
def to_date(value: Value) -> Value:
    return shown(value, "DATE") if isinstance(value, float) else value
