"""The parts of a formula once read: references, and the tree that is evaluated."""

import re
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from tests.google.sheets.areas import column_of, letters
from tests.google.sheets.spreadsheet import Value


class Corner(NamedTuple):
    """One end of a reference, from 0. A side that isn't written is None: "A" has no row, "3" no column."""

    row: int | None
    column: int | None
    is_row_fixed: bool = False
    is_column_fixed: bool = False

    def __str__(self) -> str:
        column = "" if self.column is None else "$" * self.is_column_fixed + letters(self.column)
        row = "" if self.row is None else "$" * self.is_row_fixed + str(self.row + 1)
        return column + row


class Reference(NamedTuple):
    """A reference as written. prefix: of the sheet, "!" included ("'Mon onglet'!"). end: None for one cell."""

    prefix: str
    start: Corner
    end: Corner | None = None

    def __str__(self) -> str:
        return f"{self.prefix}{self.start}" + (f":{self.end}" if self.end else "")

    @property
    def title(self) -> str | None:
        """The title of the sheet that it names, None for the sheet of the formula."""
        return title_of(self.prefix) if self.prefix else None


_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)(\d*)")


def read_reference(text: str) -> Reference:
    """A reference from its text, which the tokens have found well formed."""
    cut = text.rfind("!") + 1
    start, colon, end = text[cut:].partition(":")
    return Reference(text[:cut], _corner(start), _corner(end) if colon else None)


def title_of(prefix: str) -> str:
    """The title in what is written before a reference, "!" included."""
    name = prefix[:-1]
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def _corner(text: str) -> Corner:
    found = _CORNER.fullmatch(text)
    assert found
    first, name, second, digits = found.groups()
    # "$3": the only "$" is the row's
    row_fixed, column_fixed = (bool(first), False) if digits and not name else (bool(second), bool(first))
    return Corner(int(digits) - 1 if digits else None, column_of(name) if name else None, row_fixed, column_fixed)


@dataclass(frozen=True)
class Literal:
    """A constant; None where an argument is left out: IF(A1;;2)."""

    value: Value


@dataclass(frozen=True)
class Name:
    """The name of a range."""

    text: str


@dataclass(frozen=True)
class Call:
    """A function, or an operator by the name of its function ("ADD"), on arguments."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Rows:
    """An array literal: {1, 2; 3, 4}."""

    rows: tuple[tuple["Node", ...], ...]


@dataclass(frozen=True)
class Span:
    """A range between two expressions that give references: A1:INDEX(A:A, 5)."""

    start: "Node"
    end: "Node"


Node: TypeAlias = Literal | Reference | Name | Call | Rows | Span
