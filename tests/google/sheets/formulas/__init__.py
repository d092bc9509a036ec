"""Formulas: read, evaluated over a whole spreadsheet with their spills, rewritten when rows and columns move."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from tests.google.sheets.spreadsheet import Formula, Spreadsheet, Value


class Place(NamedTuple):
    """A cell: identifier of its sheet, row and column from 0."""

    sheet: int
    row: int
    column: int


class Computed(NamedTuple):
    """What the formulas of a spreadsheet come to.

    values: every cell that a formula fills, its own and those it spills into. links: the address of cells that HYPERLINK
    fills. formats: the number format that a result brings with it (a date from TODAY), where its cell has none.
    """

    values: Mapping[Place, Value]
    links: Mapping[Place, str]
    formats: Mapping[Place, Mapping[str, str]]


class Edit(NamedTuple):
    """A change of the grid that references must follow, on one sheet, by rows or by columns ("ROWS", "COLUMNS").

    Lines `start` to `end` (excluded) are inserted ("insert"), taken away ("delete"), or moved before `to` ("move").
    """

    sheet: int
    dimension: str
    what: str
    start: int
    end: int
    to: int = 0


def compute(book: Spreadsheet, now: datetime) -> Computed:
    """Evaluates every formula of the spreadsheet. now: the moment, in the spreadsheet's own time zone."""
    return Computed({}, {}, {})


def from_locale(text: str, locale: str) -> str:
    """A formula as typed in that language's separators, in those of en_US. Raises ValueError when it can't be read."""
    return text


def to_locale(text: str, locale: str) -> str:
    """A formula of en_US in the separators of that language."""
    return text


def moved(formula: Formula, book: Spreadsheet, sheet: int, edit: Edit) -> Formula:
    """A formula of a cell of that sheet, its references following an edit; "#REF!" for what was taken away."""
    return formula


def shifted(formula: Formula, rows: int, columns: int) -> Formula:
    """A formula copied so many rows and columns further: relative references move, absolute ones stay."""
    return formula


def renamed(formula: Formula, old: str, new: str) -> Formula:
    """A formula once the sheet `old` is called `new`."""
    return formula
