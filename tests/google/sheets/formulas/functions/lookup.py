"""Looking values up: exactly, by wildcards, or in sorted lists."""

from bisect import bisect_left, bisect_right

from tests.google.sheets.formulas.criteria import wildcard
from tests.google.sheets.formulas.functions.registry import Context, bulk, function
from tests.google.sheets.formulas.syntax import Node
from tests.google.sheets.formulas.values import (
    Array,
    Finder,
    FunctionError,
    Operand,
    Range,
    as_text,
    bad_number,
    bad_reference,
    bad_value,
    key,
    not_available,
    plain,
    rank,
)  # fmt: skip
from tests.google.sheets.spreadsheet import Error, Value


@function("VLOOKUP", "value range number bool?", context=True)
def vlookup(context: Context, sought: Value, table: Array, index: float, is_sorted: bool = True) -> Value:
    if index < 1:
        raise FunctionError(bad_value(f"Function VLOOKUP parameter 3 value is {index:g}. "
                               "It should be greater than or equal to 1."))  # fmt: skip
    if index >= table.width + 1:
        raise FunctionError(bad_reference("VLOOKUP evaluates to an out of bounds range."))
    finder = table.column_finder(0)
    at = last_up_to(finder, sought) if is_sorted else exact(finder, sought)
    if at is None:
        raise FunctionError(_missing(context, "VLOOKUP", sought))
    return table.at(at, int(index) - 1)


@bulk("VLOOKUP")
def vlookups(context: Context, sought: Array, table: Array, index: float, is_sorted: bool = True) -> list[Value]:
    """Looks each value up by one index of the table."""
    positions, result = table.column_finder(0).positions, table.column(max(0, min(int(index), table.width) - 1))
    found: list[Value] = []
    for value, each in zip(sought.flat, sought.keys, strict=True):
        if type(value) is Error:
            found.append(value)
        elif is_sorted or not 1 <= index < table.width + 1 or (isinstance(each, str) and ("*" in each or "?" in each)):
            try:
                found.append(vlookup(context, value, table, index, is_sorted))
            except FunctionError as error:
                found.append(error.error)
        elif value is not None and each in positions:
            found.append(result[positions[each][0]])
        else:
            found.append(_missing(context, "VLOOKUP", value))
    return found


@function("HLOOKUP", "value range number bool?", context=True)
def hlookup(context: Context, sought: Value, table: Array, index: float, is_sorted: bool = True) -> Value:
    if index < 1:
        raise FunctionError(bad_value(f"Function HLOOKUP parameter 3 value is {index:g}. "
                               "It should be greater than or equal to 1."))  # fmt: skip
    if index >= table.height + 1:
        raise FunctionError(bad_reference("HLOOKUP evaluates to an out of bounds range."))
    finder = table.row_finder(0)
    at = last_up_to(finder, sought) if is_sorted else exact(finder, sought)
    if at is None:
        raise FunctionError(_missing(context, "HLOOKUP", sought))
    return table.at(int(index) - 1, at)


@function("LOOKUP", "value range range?", context=True)
def lookup(context: Context, sought: Value, searched: Array, result: Array | None = None) -> Value:
    if result is None:
        by_row = searched.height >= searched.width
        result = Array.of_column(searched.column(searched.width - 1) if by_row else searched.row(searched.height - 1))
        searched = Array.of_column(searched.column(0) if by_row else searched.row(0))
    at = last_up_to(searched.finder(), sought)
    if at is None or at >= len(result.flat):
        raise FunctionError(_missing(context, "LOOKUP", sought))
    return result.flat[at]


@function("MATCH", "value range number?", context=True)
def match(context: Context, sought: Value, searched: Array, kind: float = 1) -> float:
    if min(searched.height, searched.width) > 1:
        raise FunctionError(not_available("MATCH range must be a single row or a single column."))
    finder = searched.finder()
    at = (
        exact(finder, sought)
        if kind == 0
        else last_up_to(finder, sought)
        if kind > 0
        else _last_down_to(finder, sought)
    )
    if at is None:
        raise FunctionError(_missing(context, "MATCH", sought))
    return float(at + 1)


@function("XMATCH", "value range number? number?", context=True)
def xmatch(context: Context, sought: Value, searched: Array, mode: float = 0, order: float = 1) -> float:
    at = _xfound(searched.finder(), sought, mode, order)
    if at is None:
        raise FunctionError(_missing(context, "XMATCH", sought))
    return float(at + 1)


@function("XLOOKUP", "value range range any? number? number?", context=True)
def xlookup(
    context: Context, sought: Value, searched: Array, result: Array, missing: Operand = None, mode: float = 0,
    order: float = 1,
) -> Operand:  # fmt: skip
    if min(searched.height, searched.width) != 1:
        raise FunctionError(bad_value("XLOOKUP lookup_range should be a single row or column."))
    by_row = searched.width == 1
    if (searched.height != result.height) if by_row else (searched.width != result.width):
        raise FunctionError(bad_value("Array arguments to XLOOKUP are of different size."))
    at = _xfound(searched.finder(), sought, mode, order)
    if at is None:
        return _missing(context, "XLOOKUP", sought) if missing is None else missing
    if by_row:
        return Array(1, result.width, result.row(at))
    return Array.of_column(result.column(at))


@function("INDEX", "any number? number?", arrays=True, context=True)
def index(context: Context, operand: Operand, row: float = 0, column: float = 0) -> Operand:
    if isinstance(operand, Error):
        raise FunctionError(operand)
    source = operand if isinstance(operand, Range) else context.whole(operand)
    if column == 0 and source.height == 1 and source.width > 1:  # one number counts along a single row too
        row, column = column, row
    for at, number, most in ((2, row, source.height), (3, column, source.width)):
        if not 0 <= number < most + 1:
            raise FunctionError(bad_number(f"Function INDEX parameter {at} value is {number:g}. "
                                    f"Valid values are between 0 and {most} inclusive."))  # fmt: skip
    rows = range(int(row) - 1, int(row)) if row >= 1 else range(source.height)
    columns = range(int(column) - 1, int(column)) if column >= 1 else range(source.width)
    if isinstance(source, Range):
        top, left = source.top, source.left
        return Range(source.sheet, top + rows.start, left + columns.start, top + rows.stop, left + columns.stop)
    return Array(len(rows), len(columns), [source.at(r, c) for r in rows for c in columns])


@function("CHOOSE", "lazy lazy", repeats="lazy")
def choose(context: Context, array: bool, *nodes: Node) -> Operand:
    which = context.operand(nodes[0], array)
    parts = nodes[1:]

    def one(value: Value) -> Operand:
        if isinstance(value, Error):
            return value
        number = value if isinstance(value, float) else 0.0
        if not 1 <= number < len(parts) + 1:
            return bad_number(f"Function CHOOSE parameter 1 value is {number:g}. "
                              f"Valid values are between 1 and {len(parts)} inclusive.")  # fmt: skip
        return context.operand(parts[int(number) - 1], array)

    if array and isinstance(which, Array | Range):
        chosen = context.whole(which)
        return Array(chosen.height, chosen.width, [context.single(one(value)) for value in chosen.flat])
    return one(context.single(which))


def _missing(context: Context, name: str, sought: Value) -> Error:
    return not_available(f"Did not find value '{as_text(sought, context.locale)}' in {name} evaluation.")


def exact(finder: Finder, sought: Value) -> int | None:
    """The first place of a value, "?" and "*" in it standing for any text."""
    if sought is None:
        return None
    if isinstance(sought, str) and ("*" in sought or "?" in sought):
        pattern = wildcard(sought)
        return next((at for at, value in enumerate(finder.values)
                     if isinstance(value, str) and pattern and pattern.fullmatch(value)), None)  # fmt: skip
    places = finder.positions.get(key(sought))
    return places[0] if places else None


def last_up_to(finder: Finder, sought: Value) -> int | None:
    """In an ascending list, the last place of a value that isn't greater."""
    if sought is None or isinstance(sought, Error):
        return None
    keys, places = finder.sorted_of[rank(sought)]
    at = bisect_right(keys, plain(sought))
    return places[at - 1] if at else None


def _last_down_to(finder: Finder, sought: Value) -> int | None:
    """In a descending list, the last place of a value that isn't smaller."""
    if sought is None or isinstance(sought, Error):
        return None
    keys, places = finder.sorted_of[rank(sought)]
    backwards = keys[::-1]
    at = len(keys) - bisect_left(backwards, plain(sought))
    return places[at - 1] if at else None


def _xfound(finder: Finder, sought: Value, mode: float, order: float) -> int | None:
    """As XLOOKUP finds: 0 exactly, -1 or the next smaller, 1 or the next greater, 2 by wildcards; -1 from the end."""
    if mode == 2:
        return exact(finder, sought)
    places = finder.positions.get(key(sought)) if sought is not None else None
    if places:
        return places[-1 if order < 0 else 0]
    if mode == 0 or sought is None or isinstance(sought, Error):
        return None
    keys, stand = finder.sorted_of[rank(sought)]
    limit = plain(sought)
    if mode < 0:
        below = [each for each in zip(keys, stand, strict=True) if each[0] < limit]  # type: ignore[operator]
        return max(below)[1] if below else None
    above = [each for each in zip(keys, stand, strict=True) if each[0] > limit]  # type: ignore[operator]
    return min(above)[1] if above else None
