"""Evaluates the tree of one formula: operands, intersection outside of array formulas, functions mapped over arrays."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain, repeat
from typing import Protocol

from tests.google.sheets.formulas.functions.registry import FUNCTIONS, SINGLE, Function
from tests.google.sheets.formulas.results import Place
from tests.google.sheets.formulas.syntax import Call, Literal, Name, Node, Reference, Rows, Span
from tests.google.sheets.formulas.values import (
    NO_INTERSECTION,
    TOO_LARGE,
    Array,
    FunctionError,
    Operand,
    Range,
    Shown,
    as_bool,
    as_text,
    bad_name,
    bad_reference,
    bad_value,
    not_available,
    number_in,
)  # fmt: skip
from tests.google.sheets.spreadsheet import Error, Value


class Grid(Protocol):
    """The spreadsheet around a formula."""

    locale: str
    now: datetime

    def cell(self, place: Place) -> Value:
        """The value of a cell."""

    def array(self, cells: Range) -> Array:
        """The values of cells."""

    def resolve(self, reference: Reference, sheet: int) -> Range | Error:
        """The cells that a reference designates, in a formula of that sheet."""

    def named(self, name: str) -> Range | Error:
        """The cells of a named range."""

    def read(self, text: str, sheet: int) -> Range | Error:
        """The cells that a text designates, in a formula of that sheet."""

    def limits(self, sheet: int) -> tuple[int, int]:
        """Rows and columns of a sheet's grid."""

    def index_of(self, sheet: int) -> int:
        """The rank of a sheet, from 0."""

    def formula(self, place: Place) -> str | None:
        """The formula of a cell."""


class Evaluation:
    """The evaluation of the formula of one cell."""

    def __init__(self, grid: Grid, place: Place) -> None:
        self.grid, self.place = grid, place
        self.locale, self.now = grid.locale, grid.now

    def result(self, node: Node) -> Value | Array:
        """What the cell gets: one value, or an array that spills."""
        found = self.operand(node, False)
        if isinstance(found, Range):
            return self.single(found) if self.is_direct(node) else _unwrapped(self.whole(found))
        return _unwrapped(found) if isinstance(found, Array) else found

    # what a function may ask

    def operand(self, node: Node, array: bool) -> Operand:
        """What a tree comes to. array: ranges are worked on as a whole."""
        try:
            match node:
                case Literal(value):
                    return value
                case Reference():
                    return self.grid.resolve(node, self.place.sheet)
                case Call(name, arguments):
                    return self._call(name, arguments, array)
                case Name(text):
                    return self.grid.named(text)
                case Span(start, end):
                    return self._span(self.operand(start, array), self.operand(end, array))
                case Rows(rows):
                    return self._rows(rows, array)
        except FunctionError as failed:
            return failed.error
        except OverflowError:
            return TOO_LARGE

    def is_direct(self, node: Node) -> bool:
        """True for cells named outright, which give one value outside of array formulas."""
        return isinstance(node, Reference | Name | Span)

    def single(self, operand: Operand) -> Value:
        """One value: of a range, where it crosses the row or the column of the formula; of an array, its first."""
        if isinstance(operand, Range):
            return self._crossing(operand)
        if isinstance(operand, Array):
            return operand.flat[0] if operand.flat else None
        return operand

    def whole(self, operand: Operand) -> Array:
        """All the values."""
        if isinstance(operand, Array):
            return operand
        return self.grid.array(operand) if isinstance(operand, Range) else Array(1, 1, [operand])

    def reference(self, text: str) -> Range | Error:
        return self.grid.read(text, self.place.sheet)

    def limits(self, sheet: int) -> tuple[int, int]:
        return self.grid.limits(sheet)

    def index_of(self, sheet: int) -> int:
        return self.grid.index_of(sheet)

    def formula(self, cells: Range) -> str | None:
        return self.grid.formula(Place(cells.sheet, cells.top, cells.left))

    # parts of the tree

    def _crossing(self, cells: Range) -> Value:
        row, column = cells.top, cells.left
        if cells.height > 1:
            row = self.place.row
        if cells.width > 1:
            column = self.place.column
        if (cells.height > 1 and cells.width > 1) or not (
            cells.top <= row < cells.bottom and cells.left <= column < cells.right
        ):
            return NO_INTERSECTION
        return self.grid.cell(Place(cells.sheet, row, column))

    def _span(self, start: Operand, end: Operand) -> Operand:
        for side in (start, end):
            if isinstance(side, Error):
                return side
        if not isinstance(start, Range) or not isinstance(end, Range) or start.sheet != end.sheet:
            return not_available("Argument must be a range.")
        return Range(
            start.sheet, min(start.top, end.top), min(start.left, end.left),
            max(start.bottom, end.bottom), max(start.right, end.right),
        )  # fmt: skip

    def _rows(self, rows: Sequence[Sequence[Node]], array: bool) -> Operand:
        flat: list[Value] = []
        width = None
        for nodes in rows:
            blocks = [self._block(node, array) for node in nodes]
            blocks = [block for block in blocks if block.flat] or blocks[:1]
            for at, block in enumerate(blocks):
                if block.height != blocks[0].height:
                    return bad_value(
                        f"Function ARRAY_ROW parameter {at + 1} has mismatched row size. "
                        f"Expected: {blocks[0].height}. Actual: {block.height}."
                    )
            if width not in (None, sum(block.width for block in blocks)):
                return bad_value("In ARRAY_LITERAL, an Array Literal was missing values for one or more rows.")
            width = sum(block.width for block in blocks)
            if len(blocks) == 1:
                flat += blocks[0].flat
            else:
                flat += chain.from_iterable(chain.from_iterable(zip(*(block.rows() for block in blocks), strict=True)))
        return Array(len(flat) // width if width else 0, width or 0, flat)

    def _block(self, node: Node, array: bool) -> Array:
        found = self.operand(node, array)
        # an error of the whole part is the error of the whole literal, one among others stays where it is
        if isinstance(found, Error) and isinstance(node, Call):
            raise FunctionError(found)
        return self.whole(found)

    # functions

    def _call(self, name: str, nodes: Sequence[Node], array: bool) -> Operand:
        function = FUNCTIONS.get(name)
        if function is None:
            raise FunctionError(bad_name(f"Unknown function: '{name}'."))
        _check_count(function, len(nodes))
        array = array or function.arrays
        if function.is_lazy:
            return function.body(self, array, *nodes)  # type: ignore[no-any-return]  # bodies are declared by their kinds
        kinds = [function.kind(at) for at in range(len(nodes))]
        body = function.body
        if function.context:
            plain_body = body
            body = lambda *arguments: plain_body(self, *arguments)  # noqa: E731
        arguments = [self._argument(kind, node, array) for kind, node in zip(kinds, nodes, strict=True)]
        if array and any(isinstance(a, Array) and kind in SINGLE for kind, a in zip(kinds, arguments, strict=True)):
            return self._mapped(function, body, kinds, arguments)
        ready = []
        for at, (kind, argument) in enumerate(zip(kinds, arguments, strict=True)):
            if kind in SINGLE:
                argument = self._coerced(function.name, at, kind, self.single(argument))
                if isinstance(argument, Error) and kind != "raw":
                    return argument
            ready.append(argument)
        return body(*ready)  # type: ignore[no-any-return]

    def _argument(self, kind: str, node: Node, array: bool) -> Operand:
        found = self.operand(node, array)
        if kind == "any":
            return found
        if kind == "range":
            if isinstance(found, Error):
                raise FunctionError(found)
            return self.whole(found)
        if kind == "cells":
            if isinstance(found, Error):
                raise FunctionError(found)
            if not isinstance(found, Range):
                raise FunctionError(not_available("Argument must be a range."))
            return found
        return self.whole(found) if array and isinstance(found, Range) else found

    def _mapped(
        self, function: Function, body: Callable[..., Operand], kinds: Sequence[str], arguments: Sequence[Operand]
    ) -> Operand:
        mapped = [a for kind, a in zip(kinds, arguments, strict=True) if kind in SINGLE and isinstance(a, Array)]
        if function.bulk and mapped == arguments[:1]:
            others = [
                self._coerced(function.name, at, kind, self.single(argument)) if kind in SINGLE else argument
                for at, (kind, argument) in enumerate(zip(kinds, arguments, strict=True))
                if at
            ]
            if not any(isinstance(other, Error) for other in others):
                return Array(mapped[0].height, mapped[0].width, function.bulk(self, mapped[0], *others))
        height, width = max(a.height for a in mapped), max(a.width for a in mapped)
        columns: list[Iterable[Value | Array | Range]] = []
        can_fail = False
        for at, (kind, argument) in enumerate(zip(kinds, arguments, strict=True)):
            if kind not in SINGLE:
                columns.append(repeat(argument, height * width))
                continue
            if isinstance(argument, Array):
                values: Sequence[Value] = argument.stretched(height, width)
                if kind not in ("value", "raw"):
                    values = [self._coerced(function.name, at, kind, value) for value in values]
            else:
                values = [self._coerced(function.name, at, kind, self.single(argument))] * (height * width)
            can_fail = can_fail or (kind != "raw" and Error in set(map(type, values)))
            columns.append(values)
        return Array(height, width, [self._applied(body, row, can_fail) for row in zip(*columns, strict=True)])

    def _applied(self, body: Callable[..., Operand], arguments: Sequence[Operand], can_fail: bool) -> Value:
        if can_fail:
            for argument in arguments:
                if type(argument) is Error:
                    return argument
        try:
            found = body(*arguments)
        except FunctionError as failed:
            return failed.error
        except OverflowError:
            return TOO_LARGE
        return self.single(found)

    def _coerced(self, name: str, at: int, kind: str, value: Value) -> Value:
        if kind == "number":
            if type(value) is float or isinstance(value, Shown | Error):
                return value
            if isinstance(value, str):
                number = number_in(value, self.locale)
                return _not_a("number", name, at, value) if number is None else number
            return float(value or 0)
        if kind == "text" and not isinstance(value, Error):
            return as_text(value, self.locale)
        if kind == "bool" and not isinstance(value, Error):
            truth = as_bool(value)
            return _not_a("boolean", name, at, str(value)) if truth is None else truth
        return value


def _not_a(wanted: str, name: str, at: int, value: str) -> Error:
    return bad_value(f"Function {name} parameter {at + 1} expects {wanted} values. "
                     f"But '{value}' is a text and cannot be coerced to a {wanted}.")  # fmt: skip


def _check_count(function: Function, count: int) -> None:
    least, most = function.least, function.most
    start = len(function.kinds)
    if count > start and len(function.repeats) == 2 and (count - start) % 2:
        raise FunctionError(
            not_available(f"{function.name} expects all arguments after position {start} to be in pairs.")
        )
    if count >= least and (most is None or count <= most):
        return
    if most is None:
        expected = f"at least {least}"
    else:
        expected = str(least) if least == most else f"between {least} and {most}"
    plural = "argument" if expected.endswith(" 1") or expected == "1" else "arguments"
    got = f"{count} argument" + "s" * (count != 1)
    raise FunctionError(not_available(
        f"Wrong number of arguments to {function.name}. Expected {expected} {plural}, but got {got}."
    ))  # fmt: skip


def _unwrapped(array: Array) -> Value | Array:
    """An array of one value is that value."""
    if not array.flat:
        return bad_reference("Reference does not exist.")
    return array.flat[0] if len(array.flat) == 1 else array
