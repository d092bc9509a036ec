"""What formulas come to, and the edits of a grid that they follow."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.google.sheets.spreadsheet import Value


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
