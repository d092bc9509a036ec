"""Conditions: what depends on what is true, or on what is an error."""

from collections.abc import Callable, Iterator

from tests.google.sheets.formulas.functions.aggregates import all_values
from tests.google.sheets.formulas.functions.registry import Context, function
from tests.google.sheets.formulas.syntax import Node
from tests.google.sheets.formulas.values import (
    Array,
    FunctionError,
    Operand,
    Range,
    as_bool,
    bad_value,
    key,
    not_available,
)
from tests.google.sheets.spreadsheet import Error, Value


@function("ARRAYFORMULA", "lazy")
def array_formula(context: Context, array: bool, node: Node) -> Operand:
    found = context.operand(node, True)
    return context.whole(found) if isinstance(found, Range) else found


@function("IF", "lazy lazy lazy?")
def if_(context: Context, array: bool, test: Node, *branches: Node) -> Operand:
    tested = _tested(context, array, test)
    if not isinstance(tested, Array):
        truth = _truth("IF", 1, tested)
        if isinstance(truth, Error):
            return truth
        return context.operand(branches[0], array) if truth else _otherwise(context, array, branches)
    chosen = [context.whole(context.operand(branches[0], True)), context.whole(_otherwise(context, True, branches))]
    (tests, yes, no), height, width = _aligned([tested, *chosen])
    return Array(height, width, [
        one if test is True else other if test is False else _pick(test, one, other)
        for test, one, other in zip(tests, yes, no, strict=True)
    ])  # fmt: skip


def _otherwise(context: Context, array: bool, branches: tuple[Node, ...]) -> Operand:
    return context.operand(branches[1], array) if len(branches) > 1 else False


def _pick(test: Value, yes: Value, no: Value) -> Value:
    truth = _truth("IF", 1, test)
    return truth if isinstance(truth, Error) else yes if truth else no


def _aligned(arrays: list[Array]) -> tuple[list[list[Value]], int, int]:
    height, width = max(each.height for each in arrays), max(each.width for each in arrays)
    return [list(each.stretched(height, width)) for each in arrays], height, width


def _tested(context: Context, array: bool, node: Node) -> Value | Array:
    """A condition: one value, or an array where arrays are worked on."""
    found = context.operand(node, array)
    if array and isinstance(found, Array | Range):
        return context.whole(found)
    return context.single(found)


def _truth(name: str, at: int, value: Value) -> bool | Error:
    if isinstance(value, Error):
        return value
    truth = as_bool(value)
    if truth is None:
        return bad_value(f"Function {name} parameter {at} expects boolean values. "
                         f"But '{value}' is a text and cannot be coerced to a boolean.")  # fmt: skip
    return truth


@function("IFS", repeats="lazy lazy")
def ifs(context: Context, array: bool, *nodes: Node) -> Operand:
    pairs = [nodes[at : at + 2] for at in range(0, len(nodes), 2)]
    for at, (test, then) in enumerate(pairs):
        tested = _tested(context, array, test)
        if isinstance(tested, Array):
            return _ifs_of_arrays(context, pairs[at:])
        truth = _truth("IFS", 2 * at + 1, tested)
        if isinstance(truth, Error):
            return truth
        if truth:
            return context.operand(then, array)
    return not_available("No match.")


def _ifs_of_arrays(context: Context, pairs: list[tuple[Node, ...]]) -> Array:
    parts = [context.whole(context.operand(node, True)) for pair in pairs for node in pair]
    lists, height, width = _aligned(parts)
    chosen = []
    for values in zip(*lists, strict=True):
        found: Value = not_available("No match.")
        for at in range(0, len(values), 2):
            truth = _truth("IFS", at + 1, values[at])
            if truth:
                found = truth if isinstance(truth, Error) else values[at + 1]
                break
        chosen.append(found)
    return Array(height, width, chosen)


@function("SWITCH", "lazy lazy lazy", repeats="lazy")
def switch(context: Context, array: bool, subject: Node, *nodes: Node) -> Operand:
    tested = _tested(context, array, subject)
    parts = [context.operand(node, array) for node in nodes]
    if not isinstance(tested, Array):
        return _switched(context, tested, parts)
    lists, height, width = _aligned([tested, *map(context.whole, parts)])
    return Array(height, width, [
        context.single(_switched(context, value, list(rest))) for value, *rest in zip(*lists, strict=True)
    ])  # fmt: skip


def _switched(context: Context, value: Value, parts: list[Operand]) -> Operand:
    if isinstance(value, Error):
        return value
    for at in range(0, len(parts) - 1, 2):
        case = context.single(parts[at])
        if not isinstance(case, Error) and key(case) == key(value):
            return parts[at + 1]
    return parts[-1] if len(parts) % 2 else not_available("No match for switch.")


@function("IFERROR", "lazy lazy?")
def if_error(context: Context, array: bool, node: Node, *otherwise: Node) -> Operand:
    return _unless(context, array, lambda value: isinstance(value, Error), node, *otherwise)


@function("IFNA", "lazy lazy?")
def if_na(context: Context, array: bool, node: Node, *otherwise: Node) -> Operand:
    return _unless(context, array, lambda value: isinstance(value, Error) and value.kind == "N_A", node, *otherwise)


def _unless(
    context: Context, array: bool, fails: Callable[[Value], bool], node: Node, otherwise: Node | None = None
) -> Operand:
    def instead() -> Operand:
        return None if otherwise is None else context.operand(otherwise, array)

    found = context.operand(node, array)
    if isinstance(found, Range):
        found = context.single(found) if context.is_direct(node) and not array else context.whole(found)
    if not isinstance(found, Array):
        return instead() if fails(found) else found
    failing = [at for at, value in enumerate(found.flat) if type(value) is Error and fails(value)]
    if not failing:
        return found
    (values, others), height, width = _aligned([found, context.whole(instead())])
    if (height, width) != (found.height, found.width):
        failing = [at for at, value in enumerate(values) if fails(value)]
    for at in failing:
        values[at] = others[at]
    return Array(height, width, values)


@function("AND", "any", repeats="any", context=True)
def and_(context: Context, *operands: Operand) -> bool:
    return all(list(_truths(context, "AND", operands)))


@function("OR", "any", repeats="any", context=True)
def or_(context: Context, *operands: Operand) -> bool:
    return any(list(_truths(context, "OR", operands)))


@function("XOR", "any", repeats="any", context=True)
def xor(context: Context, *operands: Operand) -> bool:
    return sum(_truths(context, "XOR", operands)) % 2 == 1


@function("NOT", "bool")
def not_(value: bool) -> bool:
    return not value


@function("TRUE")
def true() -> bool:
    return True


@function("FALSE")
def false() -> bool:
    return False


def _truths(context: Context, name: str, operands: tuple[Operand, ...]) -> Iterator[bool]:
    """The conditions among values; ranges pass over text and blanks."""
    for at, operand in enumerate(operands):
        for value, is_alone in all_values(context, (operand,)):
            if not is_alone and (value is None or isinstance(value, str)):
                continue
            truth = _truth(name, at + 1, value)
            if isinstance(truth, Error):
                raise FunctionError(truth)
            yield truth
