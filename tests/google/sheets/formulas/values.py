"""What expressions come to: single values, arrays, ranges; how one kind is taken for another; the errors.

Inside the evaluation a blank is None. A number may carry the number format of where it comes from (`Shown`), and a text
the address that it leads to (`Linked`): both are plain numbers and texts to whatever works on them.
"""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeAlias

from tests.google.sheets.entering import typed
from tests.google.sheets.formulas.tokens import separators
from tests.google.sheets.rendering import formatted
from tests.google.sheets.spreadsheet import Error, Value

# ------------------------------------------------------------------------------------------------------ errors


def not_available(message: str = "") -> Error:
    return Error("N_A", "#N/A", message)


def bad_value(message: str) -> Error:
    return Error("VALUE", "#VALUE!", message)


def bad_reference(message: str) -> Error:
    return Error("REF", "#REF!", message)


def bad_number(message: str) -> Error:
    return Error("NUM", "#NUM!", message)


def bad_name(message: str) -> Error:
    return Error("NAME", "#NAME?", message)


def division_by_zero(function: str, parameter: int = 2) -> Error:
    return Error("DIVIDE_BY_ZERO", "#DIV/0!", f"Function {function} parameter {parameter} cannot be zero.")


def refers_to_nothing() -> Error:
    return bad_reference("Reference does not exist.")


UNREADABLE = Error("ERROR", "#ERROR!", "Formula parse error.")
CIRCULAR = bad_reference("Circular dependency detected. To resolve with iterative calculation, see File > Settings.")
NO_INTERSECTION = bad_value("An array value could not be found.")
TOO_LARGE = bad_number("Numeric value is greater than 1.79769E+308 and cannot be displayed.")
BY_SHOWN: Mapping[str, Error] = {
    error.shown: error
    for error in (
        not_available(), bad_value(""), bad_reference(""), bad_number(""), bad_name(""), Error("ERROR", "#ERROR!"),
        Error("DIVIDE_BY_ZERO", "#DIV/0!"), Error("NULL_VALUE", "#NULL!"),
    )
}  # fmt: skip


class FunctionError(Exception):
    """Ends a function with an error value."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


# ----------------------------------------------------------------------------------------------------- values


class Shown(float):
    """A number with the number format that it brings along."""

    __slots__ = ("format",)
    format: Mapping[str, str]


class Linked(str):
    """A text with the address that it leads to."""

    __slots__ = ("address",)
    address: str


def shown(number: float, kind: str, pattern: str = "") -> Shown:
    """A number with a number format: "DATE", "PERCENT"…"""
    return with_format(number, {"type": kind, "pattern": pattern} if pattern else {"type": kind})


def with_format(number: float, format_: Mapping[str, str]) -> Shown:
    """A number with that number format."""
    made = Shown(number)
    made.format = format_
    return made


def like(number: float, *sources: Value) -> float:
    """A number with the format of the first source that brings one."""
    for source in sources:
        if isinstance(source, Shown):
            return with_format(number, source.format)
    return number


class Array:
    """A rectangle of values, row after row. Never changed once made."""

    def __init__(self, height: int, width: int, flat: Sequence[Value]) -> None:
        self.height, self.width, self.flat = height, width, flat
        self._finders: dict[tuple[str, int], Finder] = {}

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[Value]]) -> "Array":
        """An array of rows of the same length."""
        return cls(len(rows), len(rows[0]) if rows else 0, [value for row in rows for value in row])

    @classmethod
    def of_column(cls, values: Sequence[Value]) -> "Array":
        return cls(len(values), 1, values)

    @cached_property
    def keys(self) -> Sequence[Hashable]:
        """The key of each of its values."""
        return [key(value) for value in self.flat]

    def rows(self) -> Iterator[Sequence[Value]]:
        for start in range(0, self.height * self.width, self.width):
            yield self.flat[start : start + self.width]

    def at(self, row: int, column: int) -> Value:
        return self.flat[row * self.width + column]

    def column(self, column: int) -> Sequence[Value]:
        return self.flat[column :: self.width]

    def row(self, row: int) -> Sequence[Value]:
        return self.flat[row * self.width : (row + 1) * self.width]

    def transposed(self) -> "Array":
        return Array(self.width, self.height, [value for column in range(self.width) for value in self.column(column)])

    def stretched(self, height: int, width: int) -> Sequence[Value]:
        """Its values over that rectangle: one row or column is repeated, and what lies beyond it is #N/A."""
        if (self.height, self.width) == (height, width):
            return self.flat
        beyond = not_available()
        rows = [list(row) * width if self.width == 1 else list(row) + [beyond] * (width - self.width)
                for row in self.rows()]  # fmt: skip
        rows = rows * height if self.height == 1 else rows + [[beyond] * width] * (height - self.height)
        return [value for row in rows for value in row]

    def column_finder(self, column: int) -> "Finder":
        """Finds values in one of its columns."""
        return self._finder("column", column)

    def row_finder(self, row: int) -> "Finder":
        """Finds values in one of its rows."""
        return self._finder("row", row)

    def finder(self) -> "Finder":
        """Finds values anywhere in it, row after row."""
        return self._finder("whole", 0)

    def _finder(self, what: str, at: int) -> "Finder":
        if (what, at) not in self._finders:
            values = self.column(at) if what == "column" else self.row(at) if what == "row" else self.flat
            self._finders[what, at] = Finder(values)
        return self._finders[what, at]


class Range(NamedTuple):
    """Cells of the grid: identifier of the sheet, rows and columns from 0, ends excluded."""

    sheet: int
    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


Operand: TypeAlias = Value | Array | Range


class Finder:
    """Finds values in a list of them, by indexes that are made once."""

    def __init__(self, values: Sequence[Value]) -> None:
        self.values = values

    @cached_property
    def positions(self) -> Mapping[Hashable, Sequence[int]]:
        """Where each value stands, by its key."""
        found: dict[Hashable, list[int]] = {}
        for at, value in enumerate(self.values):
            found.setdefault(key(value), []).append(at)
        return found

    @cached_property
    def sorted_of(self) -> Mapping[int, tuple[Sequence["float | str"], Sequence[int]]]:
        """For each rank of values, their keys as they stand and the places where they stand, blanks and errors left out."""
        found: dict[int, tuple[list[float | str], list[int]]] = {0: ([], []), 1: ([], []), 2: ([], [])}
        for at, value in enumerate(self.values):
            if value is not None and not isinstance(value, Error):
                keys, places = found[rank(value)]
                keys.append(plain(value))
                places.append(at)
        return found


def key(value: Value) -> Hashable:
    """What equal values have in common: text whatever its case, TRUE apart from 1."""
    kind = type(value)
    if kind is float:
        return value
    if kind is bool:
        return (value,)
    if isinstance(value, str):
        return value.casefold()
    return value


def rank(value: Value) -> int:
    """Numbers come before text, text before booleans."""
    return 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0


def plain(value: "float | str | bool") -> "float | str":
    """What values of one rank are compared by."""
    return value.casefold() if isinstance(value, str) else float(value)


def compared(left: Value, right: Value) -> int:
    """-1, 0 or 1 as Google orders two values that aren't errors; a blank is like the zero of the other's kind."""
    if left is None:
        left = _zero(right)
    if right is None:
        right = _zero(left)
    if left is None or right is None:
        return 0
    ranks = rank(left), rank(right)
    if ranks[0] != ranks[1]:
        return -1 if ranks[0] < ranks[1] else 1
    assert not isinstance(left, Error) and not isinstance(right, Error)
    one, other = plain(left), plain(right)
    return 0 if one == other else -1 if one < other else 1  # type: ignore[operator]  # of one rank


def _zero(other: Value) -> Value:
    return None if other is None else "" if isinstance(other, str) else False if isinstance(other, bool) else 0.0


# -------------------------------------------------------------------------------------------------- coercions

_ENGLISH_NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")


@lru_cache(maxsize=50_000)
def number_in(text: str, locale: str) -> float | None:
    """The number that a text is in that language, dates and times included; None when it is none."""
    mark = separators(locale).decimal
    digits = text if mark == "." else text.replace(".", "\0").replace(mark, ".")
    if _ENGLISH_NUMBER.fullmatch(digits):
        return float(digits)
    stripped = text.strip()
    if not stripped or stripped[0] in "='":
        return None
    entered, format_ = typed(stripped, locale)
    if isinstance(entered, bool) or not isinstance(entered, int | float):
        return None
    kept = {name: str(part) for name, part in (format_ or {}).items()}
    return with_format(float(entered), kept) if kept else float(entered)


def as_text(value: Value, locale: str) -> str:
    """A value as a text. Raises FunctionError with the error that it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, Error):
        raise FunctionError(value)
    return formatted(float(value) if isinstance(value, Shown) else value, None, locale)


def as_bool(value: Value) -> bool | None:
    """A value as a condition; None when a text is none."""
    if isinstance(value, str):
        return {"TRUE": True, "FALSE": False}.get(value.upper())
    if isinstance(value, Error):
        raise FunctionError(value)
    return bool(value)


# ------------------------------------------------------------------------------------------------------ dates

_EPOCH = date(1899, 12, 30)
_LAST = (date(9999, 12, 31) - _EPOCH).days


def day_of(serial: float) -> date:
    """The day of a serial number. Raises FunctionError outside of the calendar."""
    days = int(serial // 1)
    if not -690_000 < days <= _LAST:
        raise FunctionError(bad_number(f"{formatted(float(serial), None, 'en_US')} isn't a date."))
    return _EPOCH + timedelta(days=days)


def serial_of(day: date) -> float:
    """The serial number of a day, or of a moment."""
    days = float((date(day.year, day.month, day.day) - _EPOCH).days)
    if isinstance(day, datetime):
        days += (day - day.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(days=1)
    return days
