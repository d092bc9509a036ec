"""Where cells stand in the XML of a sheet, those that exist and those that don't yet, found in one pass."""

from collections.abc import Iterable, Iterator

from cdi_sync.edges.workbook_xlsx.edits import Edit, apply_edits, area_name, area_of, inserted_at_end, with_attribute
from cdi_sync.edges.workbook_xlsx.parts import LAST_COLUMN, LAST_ROW, SheetWalk, element_end

Position = tuple[int, int]  # row and column, from 1


def row_element(prefix: str, row: int, attributes: str, cells: bytes) -> bytes:
    """The XML of a row. attributes: with a space before each."""
    return f'<{prefix}row r="{row}"{attributes}>'.encode() + cells + f"</{prefix}row>".encode()


class CellPlacer(SheetWalk):
    """Notes the edits that bring cells into a sheet. What a cell becomes is told by `new_cell` and `changes`."""

    def __init__(self, part: bytes, title: str, places: Iterable[Position]) -> None:
        super().__init__(part, title)
        self._ahead = sorted(places, reverse=True)  # still to come, the next one last
        self._edits: list[Edit] = []
        self._beyond: list[Position] = []  # cells that did not exist
        self._row_start = self._cell_start = -1
        self._style: str | None = None
        self._dimension: tuple[int, str] | None = None

    def new_cell(self, at: Position) -> bytes:
        """The cell of a place where there is none; b"" for none."""
        raise NotImplementedError

    def changes(self, at: Position, start: int, end: int, style: str | None) -> Iterator[Edit]:
        """What is to change of a cell that exists. style: its index in the styles, None for that of its column."""
        raise NotImplementedError

    @property
    def is_wanted(self) -> bool:
        """True inside a cell whose place was asked for."""
        return self._cell_start >= 0

    def edited(self) -> bytes:
        """The part with all edits, after `walk`; the size that the sheet declares grows with its cells."""
        return apply_edits(self.part, [*self._edits, *self._widened()])

    def before_data(self, name: str, attributes: dict[str, str]) -> None:
        if name == "dimension":
            self._dimension = self.parser.CurrentByteIndex, attributes.get("ref", "")

    def row_begins(self, attributes: dict[str, str]) -> None:
        self._row_start = self.parser.CurrentByteIndex
        self._insert(self._row_start, self._new_rows(self.row))

    def cell_begins(self, attributes: dict[str, str]) -> None:
        if not self._ahead or self._ahead[-1] > (self.row, self.col):
            return
        start = self.parser.CurrentByteIndex
        self._insert(start, self._new_cells((self.row, self.col)))
        if self._ahead and self._ahead[-1] == (self.row, self.col):
            self._cell_start, self._style = start, attributes.get("s")

    def cell_ends(self) -> None:
        if not self.is_wanted:
            return
        at, start, self._cell_start = self._ahead.pop(), self._cell_start, -1
        end = element_end(self.part, start, self.parser.CurrentByteIndex)
        self._edits += self.changes(at, start, end, self._style)

    def row_ends(self) -> None:
        if new := self._new_cells((self.row, LAST_COLUMN + 1)):
            self._edits.append(inserted_at_end(self.part, self._row_start, self.parser.CurrentByteIndex, new))

    def data_ends(self) -> None:
        if new := self._new_rows(LAST_ROW + 1):
            self._edits.append(inserted_at_end(self.part, self.data_start, self.parser.CurrentByteIndex, new))

    def _insert(self, at: int, new: bytes) -> None:
        if new:
            self._edits.append(Edit(at, at, new))

    def _new_rows(self, before: int) -> bytes:
        """The rows wanted before the row `before`, none of which exists."""
        rows = []
        while self._ahead and self._ahead[-1][0] < before:
            row = self._ahead[-1][0]
            if new := self._new_cells((row, LAST_COLUMN + 1)):
                rows.append(row_element(self.prefix, row, "", new))
        return b"".join(rows)

    def _new_cells(self, before: Position) -> bytes:
        """The cells wanted before `before`, none of which exists."""
        cells = []
        while self._ahead and self._ahead[-1] < before:
            at = self._ahead.pop()
            if new := self.new_cell(at):
                self._beyond.append(at)
                cells.append(new)
        return b"".join(cells)

    def _widened(self) -> Iterator[Edit]:
        area = area_of(self._dimension[1]) if self._dimension else None
        if self._dimension and area:
            rows, cols = [row for row, _ in self._beyond], [col for _, col in self._beyond]
            wider = min([area[0], *rows]), min([area[1], *cols]), max([area[2], *rows]), max([area[3], *cols])
            if wider != area:
                yield with_attribute(self.part, self._dimension[0], "ref", area_name(wider))
