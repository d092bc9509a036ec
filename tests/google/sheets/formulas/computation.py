"""Computes a whole spreadsheet: each formula once, those it reads first, and again those that read where another spilled.

Which cells an array fills is known only once it is computed, so a formula may have read cells too early. Every reading is
noted with its time; once all is computed, the formulas that read cells filled later are computed again, with whatever
depends on them, until nothing changes. What a formula filled before tells whom its readers depend on.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property

from tests.google.sheets.areas import letters
from tests.google.sheets.formulas.evaluation import Evaluation
from tests.google.sheets.formulas.extents import Extents
from tests.google.sheets.formulas.parsing import parse
from tests.google.sheets.formulas.results import Computed, Place
from tests.google.sheets.formulas.syntax import Call, Name, Node, Reference, Rows, Span, read_reference
from tests.google.sheets.formulas.tokens import tokens
from tests.google.sheets.formulas.values import (
    CIRCULAR,
    UNREADABLE,
    Array,
    Linked,
    Range,
    Shown,
    bad_name,
    bad_reference,
    refers_to_nothing,
    with_format,
)  # fmt: skip
from tests.google.sheets.spreadsheet import Cell, Error, Formula, Sheet, Spreadsheet, Value

_MOST_ROUNDS = 50
_PLAIN = (str, float, bool)


class Computation:
    """One computation of a spreadsheet."""

    def __init__(self, book: Spreadsheet, now: datetime) -> None:
        self.book, self.now, self.locale = book, now, book.locale
        self._sheets = {sheet.id: sheet for sheet in book.sheets if "gridProperties" in sheet.properties}
        self._limits = {id_: (sheet.row_count, sheet.column_count) for id_, sheet in self._sheets.items()}
        self._formulas = {id_: dict(_formulas(sheet)) for id_, sheet in self._sheets.items()}
        self._results: dict[Place, Value | Array] = {}
        self._spills = {id_: Extents() for id_ in self._sheets}  # as they are now
        self._extents = {id_: Extents() for id_ in self._sheets}  # as they last were
        self._circular: set[Place] = set()
        self._running: list[Place] = []
        self._arrays: dict[Range, tuple[Array, int]] = {}  # with the time at which they were read
        self._time = 0
        self._spilled_at: dict[Place, int] = {}
        self._reads: dict[Place, dict[Range, int]] = {}

    def computed(self) -> Computed:
        """Computes everything."""
        order = waiting = list(self._order())
        for _ in range(_MOST_ROUNDS):
            for place in waiting:
                self._compute(place)
            stale = self._stale()
            if not stale:
                break
            for place in stale:
                del self._results[place]
                self._spills[place.sheet].drop(place)
            self._arrays.clear()
            waiting = [place for place in order if place in stale]
        return self._told(order)

    # what a formula may read

    def cell(self, place: Place) -> Value:
        """The value of a cell."""
        cells = Range(place.sheet, place.row, place.column, place.row + 1, place.column + 1)
        if (place.row, place.column) in self._formulas[place.sheet]:
            self._compute(place)
            found = self._results.get(place, CIRCULAR)
            value = found.flat[0] if isinstance(found, Array) else found
        else:
            value = self._sheets[place.sheet].cell(place.row, place.column).entered  # type: ignore[assignment]
            for area, array in self._spilled_into(cells):
                value = array.at(place.row - area.top, place.column - area.left)
        self._note(cells, self._time)
        return _dressed(value, self._sheets[place.sheet].cell(place.row, place.column))

    def array(self, cells: Range) -> Array:
        """The values of cells."""
        if cells not in self._arrays:
            within = list(self._within(cells))
            for place in within:
                self._compute(place)
            flat = self._flat(cells, within, self._spilled_into(cells))
            self._arrays[cells] = Array(cells.height, cells.width, flat), self._time
        found, time = self._arrays[cells]
        self._note(cells, time)
        return found

    def resolve(self, reference: Reference, sheet: int) -> Range | Error:
        """The cells that a reference designates, in a formula of that sheet."""
        if reference.title is not None:
            named = self.book.titled(reference.title)
            if named is None or named.id not in self._sheets:
                return bad_reference(f"Unresolved sheet name '{reference.title}'.")
            sheet = named.id
        rows, columns = self._limits[sheet]
        start, end = reference.start, reference.end or reference.start
        top, bottom = _side(start.row, end.row, rows)
        left, right = _side(start.column, end.column, columns)
        if top >= bottom or left >= right:
            return refers_to_nothing()
        return Range(sheet, top, left, bottom, right)

    def named(self, name: str) -> Range | Error:
        """The cells of a named range."""
        found = self._names.get(name.casefold())
        return bad_name(f"Unknown range name: '{name.upper()}'.") if found is None else found

    def read(self, text: str, sheet: int) -> Range | Error:
        """The cells that a text designates, in a formula of that sheet."""
        try:
            (token,) = tokens(text.strip())
        except ValueError:
            return refers_to_nothing()
        if token.kind == "reference":
            return self.resolve(read_reference(token.text), sheet)
        return self._names.get(token.text.casefold()) or refers_to_nothing()

    def limits(self, sheet: int) -> tuple[int, int]:
        """Rows and columns of a sheet's grid."""
        return self._limits[sheet]

    def index_of(self, sheet: int) -> int:
        """The rank of a sheet, from 0."""
        return [each.id for each in self.book.sheets].index(sheet)

    def formula(self, place: Place) -> str | None:
        """The formula of a cell."""
        return self._formulas[place.sheet].get((place.row, place.column))

    # the order of things

    def _order(self) -> Iterator[Place]:
        """Every formula, those that it names before it, so that long chains are no deep recursion."""
        seen: set[Place | Range] = set()
        for id_, formulas in self._formulas.items():
            for row, column in formulas:
                first = Place(id_, row, column)
                if first in seen:
                    continue
                seen.add(first)
                open_ = [(first, self._names_before(first, seen))]
                while open_:
                    place, before = open_[-1]
                    following = next(before, None)
                    if following is None:
                        open_.pop()
                        yield place
                    elif following not in seen:
                        seen.add(following)
                        open_.append((following, self._names_before(following, seen)))

    def _names_before(self, place: Place, seen: set[Place | Range]) -> Iterator[Place]:
        node = self._tree(place)
        for part in _parts(node) if node else ():
            cells = self.resolve(part, place.sheet) if isinstance(part, Reference) else self.named(part.text)
            if isinstance(cells, Range) and cells not in seen:
                seen.add(cells)
                yield from self._within(cells)

    def _within(self, cells: Range) -> Iterator[Place]:
        """The formulas in these cells."""
        formulas = self._formulas[cells.sheet]
        if len(formulas) <= cells.height * cells.width:
            for row, column in formulas:
                if cells.top <= row < cells.bottom and cells.left <= column < cells.right:
                    yield Place(cells.sheet, row, column)
            return
        for row in range(cells.top, cells.bottom):
            for column in range(cells.left, cells.right):
                if (row, column) in formulas:
                    yield Place(cells.sheet, row, column)

    def _tree(self, place: Place) -> Node | None:
        """The tree of a formula; None when it can't be read."""
        try:
            return parse(self._formulas[place.sheet][place.row, place.column])
        except ValueError:
            return None

    def _compute(self, place: Place) -> None:
        if place in self._results:
            return
        if place in self._running:
            self._circular.update(self._running[self._running.index(place) :])
            return
        self._running.append(place)
        self._reads[place] = {}
        node = self._tree(place)
        result = UNREADABLE if node is None else Evaluation(self, place).result(node)
        self._running.pop()
        if place in self._circular:
            result = CIRCULAR
        elif isinstance(result, Array):
            result = self._spilled(place, result)
        self._results[place] = result

    def _note(self, cells: Range, time: int) -> None:
        self._reads[self._running[-1]][cells] = time

    # arrays that spill

    def _spilled(self, place: Place, array: Array) -> Array | Error:
        """Spills an array from a cell, or tells why it can't."""
        area = Range(place.sheet, place.row, place.column, place.row + array.height, place.column + array.width)
        rows, columns = self._limits[place.sheet]
        for missing, lines in ((area.bottom - rows, "rows"), (area.right - columns, "columns")):
            if missing > 0:
                return bad_reference(f"Result was not automatically expanded, please insert more {lines} ({missing}).")
        obstacle = self._obstacle(place, area)
        if obstacle:
            where = f"{letters(obstacle[1])}{obstacle[0] + 1}"
            return bad_reference(f"Array result was not expanded because it would overwrite data in {where}.")
        self._time += 1
        self._spilled_at[place] = self._time
        self._spills[place.sheet].put(place, area)
        self._extents[place.sheet].put(place, area)
        return array

    def _obstacle(self, place: Place, area: Range) -> tuple[int, int] | None:
        """The first cell that stands in the way of a spill."""
        others = [
            (max(other.top, area.top), max(other.left, area.left))
            for _, other in self._spills[area.sheet].meeting(area)
        ]
        for row, cells in enumerate(self._sheets[area.sheet].rows[area.top : area.bottom], area.top):
            for column, cell in enumerate(cells[area.left : area.right], area.left):
                if cell[0] is not None and (row, column) != (place.row, place.column):
                    return min([(row, column), *others])
        return min(others, default=None)

    def _spilled_into(self, cells: Range) -> list[tuple[Range, Array]]:
        """The arrays that spill into these cells, and where."""
        for place, _ in list(self._extents[cells.sheet].meeting(cells)):
            self._compute(place)
        arrays = ((area, self._results[place]) for place, area in self._spills[cells.sheet].meeting(cells))
        return [(area, array) for area, array in arrays if isinstance(array, Array)]

    def _flat(self, cells: Range, within: Iterable[Place], spilled: Iterable[tuple[Range, Array]]) -> list[Value]:
        """The values of cells, row after row."""
        flat: list[Value] = []
        width, blanks = cells.width, [None] * cells.width
        dressed: list[tuple[int, Cell]] = []
        rows = self._sheets[cells.sheet].rows[cells.top : cells.bottom]
        for row in rows:
            part = row[cells.left : cells.right]
            for at, cell in enumerate(part):
                if cell[1] is not None:
                    dressed.append((len(flat) + at, cell))
            # formulas give way to their results further down
            flat += [float(cell[0]) if type(cell[0]) is int else cell[0] for cell in part]  # type: ignore[misc]
            if len(part) < width:
                flat += blanks[len(part) :]
        flat += blanks * (cells.height - len(rows))
        for place in within:
            found = self._results.get(place, CIRCULAR)
            value = found.flat[0] if isinstance(found, Array) else found
            flat[(place.row - cells.top) * width + place.column - cells.left] = value
        for area, array in spilled:
            left, right = max(area.left, cells.left), min(area.right, cells.right)
            for line in range(max(area.top, cells.top), min(area.bottom, cells.bottom)):
                start = (line - cells.top) * width - cells.left
                flat[start + left : start + right] = array.row(line - area.top)[left - area.left : right - area.left]
        for at, cell in dressed:
            flat[at] = _dressed(flat[at], cell)
        return flat

    def _stale(self) -> set[Place]:
        """The formulas that read cells filled later by another, and those that depend on them."""
        changed, times = self._extents, self._spilled_at
        stale: set[Place] = set()
        while True:
            verdicts: dict[tuple[Range, int], bool] = {}
            found = set()
            for place, reads in self._reads.items():
                if place in stale or place in self._circular:
                    continue
                for read in reads.items():
                    if read not in verdicts:
                        cells, time = read
                        verdicts[read] = any(times[each] > time for each, _ in changed[cells.sheet].meeting(cells))
                    if verdicts[read]:
                        found.add(place)
                        break
            if not found:
                return stale
            stale |= found
            # whatever read them read what no longer holds
            changed, times = {id_: Extents() for id_ in self._sheets}, dict.fromkeys(found, self._time + 1)
            for place in found:
                cell = Range(place.sheet, place.row, place.column, place.row + 1, place.column + 1)
                changed[place.sheet].put(place, self._extents[place.sheet].of(place) or cell)

    # the answer

    @cached_property
    def _names(self) -> Mapping[str, Range]:
        names = {}
        for named in self.book.named_ranges:
            area = named.get("range", {})
            sheet = int(area.get("sheetId", 0))
            if sheet in self._limits:
                rows, columns = self._limits[sheet]
                names[str(named["name"]).casefold()] = Range(
                    sheet, int(area.get("startRowIndex", 0)), int(area.get("startColumnIndex", 0)),
                    int(area.get("endRowIndex", rows)), int(area.get("endColumnIndex", columns)),
                )  # fmt: skip
        return names

    def _told(self, order: Iterable[Place]) -> Computed:
        told = Computed({}, {}, {})
        for place in order:
            result = self._results.get(place, CIRCULAR)  # what never settles goes round in circles
            if not isinstance(result, Array):
                self._tell(told, place, result)
                continue
            for at, value in enumerate(result.flat):
                if value is not None:
                    down, right = divmod(at, result.width)
                    self._tell(told, Place(place.sheet, place.row + down, place.column + right), value)
        return told

    def _tell(self, told: Computed, place: Place, value: Value) -> None:
        values, links, formats = told
        if type(value) in _PLAIN:
            values[place] = value  # type: ignore[index]  # still being made
            return
        if isinstance(value, Shown):
            if not _number_format(self._sheets[place.sheet].cell(place.row, place.column)):
                formats[place] = value.format  # type: ignore[index]
            value = float(value)
        elif isinstance(value, Linked):
            links[place] = value.address  # type: ignore[index]
            value = str(value)
        values[place] = value  # type: ignore[index]


def _formulas(sheet: Sheet) -> Iterator[tuple[tuple[int, int], str]]:
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            if type(cell[0]) is Formula:
                yield (row, column), cell[0].text


def _parts(node: Node) -> Iterator[Reference | Name]:
    """The references and the names of a tree."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        match part:
            case Reference() | Name():
                yield part
            case Call(_, arguments):
                waiting += arguments
            case Rows(rows):
                waiting += [each for row in rows for each in row]
            case Span(start, end):
                waiting += [start, end]


def _side(first: int | None, last: int | None, limit: int) -> tuple[int, int]:
    """Where a reference starts and ends, its last line excluded: "A2:A" goes on to the end of the grid."""
    if first is None or last is None:
        return (first if first is not None else last or 0), limit
    return min(first, last), min(max(first, last) + 1, limit)


def _number_format(cell: Cell) -> Mapping[str, str] | None:
    return cell.format.get("numberFormat") if cell.format else None


def _dressed(value: Value, cell: Cell) -> Value:
    """A number with the format of its cell; plain values, a link left behind."""
    if isinstance(value, Linked):
        return str(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        format_ = _number_format(cell)
        if format_ and format_.get("type") != "TEXT":
            return with_format(value, format_)
        return value if isinstance(value, float) else float(value)
    return value
