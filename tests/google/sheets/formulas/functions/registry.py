"""How the functions of formulas are declared: a name, the kinds of their parameters, what they do.

Kinds of parameters. Single values, for which arrays are mapped one value at a time where arrays are worked on:
"number", "text", "bool" (taken for that, or an error), "value" (anything but an error), "raw" (errors too). Whole ones:
"range" (an Array), "any" (as it comes: value, Array or Range), "cells" (a Range), "lazy" (the tree, not evaluated).
A kind that ends in "?" may be left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from tests.google.sheets.formulas.results import Place
from tests.google.sheets.formulas.syntax import Node
from tests.google.sheets.formulas.values import Array, Operand, Range
from tests.google.sheets.spreadsheet import Error, Value

SINGLE = frozenset({"number", "text", "bool", "value", "raw"})


class Context(Protocol):
    """What a function may ask of the formula that calls it."""

    locale: str
    now: datetime
    place: Place

    def operand(self, node: Node, array: bool) -> Operand:
        """What a tree comes to."""

    def single(self, operand: Operand) -> Value:
        """One value of it: where a range crosses the row or column of the formula."""

    def whole(self, operand: Operand) -> Array:
        """All its values."""

    def is_direct(self, node: Node) -> bool:
        """True for cells named outright, which give one value outside of array formulas."""

    def reference(self, text: str) -> Range | Error:
        """The cells that a text designates."""

    def limits(self, sheet: int) -> tuple[int, int]:
        """Rows and columns of a sheet's grid."""

    def index_of(self, sheet: int) -> int:
        """The rank of a sheet, from 0."""

    def formula(self, cells: Range) -> str | None:
        """The formula in the first of these cells."""


@dataclass(frozen=True)
class Function:
    """A function. repeats: kinds of the group of parameters that may come again; arrays: its arguments are worked on as
    arrays wherever it stands; context: it takes the Context first; lazy functions also get whether arrays are worked on.
    bulk: does at once what the body would do for each value of the first argument, when that alone is an array."""

    name: str
    kinds: Sequence[str]
    least: int
    repeats: Sequence[str]
    arrays: bool
    context: bool
    body: Callable[..., Any]
    bulk: Callable[..., Sequence[Value]] | None = None

    @property
    def is_lazy(self) -> bool:
        """True when it takes trees."""
        return "lazy" in (*self.kinds, *self.repeats)

    @property
    def most(self) -> int | None:
        return None if self.repeats else len(self.kinds)

    def kind(self, at: int) -> str:
        """The kind of the argument there."""
        if at < len(self.kinds):
            return self.kinds[at]
        return self.repeats[(at - len(self.kinds)) % len(self.repeats)]


FUNCTIONS: dict[str, Function] = {}

Body = TypeVar("Body", bound=Callable[..., Any])


def function(
    name: str, kinds: str = "", *, repeats: str = "", arrays: bool = False, context: bool = False
) -> Callable[[Body], Body]:
    """Declares a function by the kinds of its parameters; several names are the same function."""

    def declared(body: Body) -> Body:
        words = kinds.split()
        for each in name.split():
            FUNCTIONS[each] = Function(
                each, [word.rstrip("?") for word in words], sum(not word.endswith("?") for word in words),
                repeats.split(), arrays, context, body,
            )  # fmt: skip
        return body

    return declared


def bulk(name: str) -> Callable[[Body], Body]:
    """Declares the faster way of a function to work on a whole array in place of its first argument."""

    def declared(body: Body) -> Body:
        FUNCTIONS[name] = replace(FUNCTIONS[name], bulk=body)
        return body

    return declared
