"""Where cells are: their rows and columns, and references made from numbers and texts."""

from tests.google.sheets.areas import letters, quoted
from tests.google.sheets.formulas.functions.registry import Context, function
from tests.google.sheets.formulas.syntax import Node
from tests.google.sheets.formulas.values import (
    Array,
    FunctionError,
    Linked,
    Operand,
    Range,
    as_text,
    bad_reference,
    bad_value,
    not_available,
    refers_to_nothing,
)  # fmt: skip
from tests.google.sheets.spreadsheet import Error, Value


@function("ROW", "lazy?")
def row(context: Context, array: bool, node: Node | None = None) -> Operand:
    cells = _cells(context, array, node)
    if not array:
        return float(cells.top + 1)
    return Array.of_column([float(at + 1) for at in range(cells.top, cells.bottom)])


@function("COLUMN", "lazy?")
def column(context: Context, array: bool, node: Node | None = None) -> Operand:
    cells = _cells(context, array, node)
    if not array:
        return float(cells.left + 1)
    return Array(1, cells.width, [float(at + 1) for at in range(cells.left, cells.right)])


def _cells(context: Context, array: bool, node: Node | None) -> Range:
    if node is None:
        sheet, top, left = context.place
        return Range(sheet, top, left, top + 1, left + 1)
    found = context.operand(node, array)
    if isinstance(found, Error):
        raise FunctionError(found)
    if not isinstance(found, Range):
        raise FunctionError(not_available("Argument must be a range."))
    return found


@function("ROWS", "any", context=True)
def rows(context: Context, operand: Operand) -> float:
    return float(operand.height if isinstance(operand, Range) else _whole(context, operand).height)


@function("COLUMNS", "any", context=True)
def columns(context: Context, operand: Operand) -> float:
    return float(operand.width if isinstance(operand, Range) else _whole(context, operand).width)


def _whole(context: Context, operand: Operand) -> Array:
    if isinstance(operand, Error):
        raise FunctionError(operand)
    return context.whole(operand)


@function("SHEET", "cells?", context=True)
def sheet(context: Context, cells: Range | None = None) -> float:
    return float(context.index_of(cells.sheet if cells else context.place.sheet) + 1)


@function("ADDRESS", "number number number? bool? text?")
def address(row: float, column: float, mode: float = 1, is_a1: bool = True, title: str = "") -> str:
    if row < 1 or column < 1:
        raise FunctionError(bad_value("Function ADDRESS parameter value should be greater than or equal to 1."))
    row_fixed, column_fixed = mode in (1, 2), mode in (1, 3)
    if is_a1:
        cell = "$" * column_fixed + letters(int(column) - 1) + "$" * row_fixed + str(int(row))
    else:
        parts = (("R", row_fixed, row), ("C", column_fixed, column))
        cell = "".join(f"{name}{int(at)}" if fixed else f"{name}[{int(at)}]" for name, fixed, at in parts)
    return f"{quoted(title)}!{cell}" if title else cell


@function("INDIRECT", "text bool?", context=True)
def indirect(context: Context, text: str, is_a1: bool = True) -> Range:
    found = context.reference(text) if is_a1 else refers_to_nothing()
    if isinstance(found, Error):
        raise FunctionError(bad_reference(
            f"Function INDIRECT parameter 1 value is '{text}'. It is not a valid cell/range reference."
        ))  # fmt: skip
    return found


@function("OFFSET", "cells number number number? number?", context=True)
def offset(
    context: Context, cells: Range, rows: float, columns: float, height: float | None = None, width: float | None = None
) -> Range:
    top, left = cells.top + int(rows), cells.left + int(columns)
    bottom = top + (cells.height if not height else int(height))
    right = left + (cells.width if not width else int(width))
    most_rows, most_columns = context.limits(cells.sheet)
    if top < 0 or left < 0 or bottom > most_rows or right > most_columns:
        raise FunctionError(bad_reference("Function OFFSET evaluates to an out of bounds range."))
    if bottom <= top or right <= left:
        raise FunctionError(bad_reference("Function OFFSET evaluates to an empty range."))
    return Range(cells.sheet, top, left, bottom, right)


@function("HYPERLINK", "text value?", context=True)
def hyperlink(context: Context, target: str, label: Value = None) -> str:
    made = Linked(target if label is None else as_text(label, context.locale))
    made.address = target
    return made
