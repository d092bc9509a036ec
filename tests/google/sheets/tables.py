"""The tables that append looks for: blocks of filled cells with empty cells all around them."""

from collections.abc import Collection

from tests.google.sheets.areas import Closed
from tests.google.sheets.spreadsheet import Sheet


def last_table(area: Closed, spilled: Collection[tuple[int, int]] = ()) -> Closed | None:
    """The last table that an area touches: the one of its last filled cell, or the one whose gap it lies in.

    spilled: the cells, by row and column, that formulas of other cells fill.
    """
    cells = _Filled(area.sheet, spilled)
    for row in reversed(range(area.top, min(area.bottom, cells.height))):
        for column in reversed(range(area.left, min(area.right, cells.width))):
            if cells.at(row, column):
                return cells.block(row, column)
    tables = cells.blocks() if area.top < cells.height and area.left < cells.width else []
    around = [t for t in tables if t.top < area.bottom and area.top < t.bottom
              and t.left < area.right and area.left < t.right]  # fmt: skip
    return max(around, key=lambda table: (table.bottom, table.right), default=None)


class _Filled:
    def __init__(self, sheet: Sheet, spilled: Collection[tuple[int, int]]) -> None:
        self._sheet, self._spilled = sheet, spilled
        self.height = max([len(sheet.rows), *(row + 1 for row, _ in spilled)])
        self.width = max([0, *map(len, sheet.rows), *(column + 1 for _, column in spilled)])

    def at(self, row: int, column: int) -> bool:
        if row < 0 or column < 0:
            return False
        return self._sheet.cell(row, column).entered is not None or (row, column) in self._spilled

    def block(self, row: int, column: int) -> Closed:
        """The table of a filled cell: as far as filled cells touch it, by a side or a corner."""
        top, left, bottom, right = row, column, row + 1, column + 1
        before = None
        while before != (top, left, bottom, right):
            before = top, left, bottom, right
            while self._in_row(top - 1, left, right):
                top -= 1
            while self._in_row(bottom, left, right):
                bottom += 1
            while self._in_column(left - 1, top, bottom):
                left -= 1
            while self._in_column(right, top, bottom):
                right += 1
        return Closed(self._sheet, top, left, bottom, right)

    def blocks(self) -> list[Closed]:
        """Every table of the sheet."""
        found: list[Closed] = []
        seen: set[tuple[int, int]] = set()
        for row in range(self.height):
            for column in range(self.width):
                if (row, column) not in seen and self.at(row, column):
                    table = self.block(row, column)
                    found.append(table)
                    seen.update((r, c) for r in table.rows for c in table.columns)
        return found

    def _in_row(self, row: int, left: int, right: int) -> bool:
        return any(self.at(row, column) for column in range(left, right))

    def _in_column(self, column: int, top: int, bottom: int) -> bool:
        # a row further both ways: the corners
        return any(self.at(row, column) for row in range(top - 1, bottom + 1))
