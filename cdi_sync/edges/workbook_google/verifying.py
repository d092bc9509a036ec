"""Whether what was written in a tab of the staff landed where it was meant, and what it fell upon otherwise. Pure.

Google has no way to write « if nothing moved ». So a tab is read just before, and told by the answer just after: rows are
known again by all that they hold but what was just written in that place, columns by their headers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, TypeAlias

from cdi_sync.tables import HEADER_SEARCH

Rows: TypeAlias = Sequence[Sequence[Any]]
Lost: TypeAlias = Mapping[tuple[int, int], Any]
_Sign: TypeAlias = tuple[tuple[int, Any], ...]


@dataclass(frozen=True)
class Landing:
    """A tab after a write. lost: cells, as they stand now, that don't hold what they should → what, "" for nothing.

    is_beside: something was written where it wasn't meant. header_row, shown: where its titles are now, and its columns
    that show formulas.
    """

    lost: Lost
    is_beside: bool
    header_row: int
    shown: Collection[int]


def landing(
    before: Rows,
    after: Rows,
    written: Collection[tuple[int, int]],
    *,
    header_row: int,
    shown: Collection[int],
    pending: Lost | None = None,
) -> Landing:
    """What became of a write.

    before, after: raw rows of the tab, from its first. written: cells that were meant, by (row, column) of `before`.
    shown: the columns, of `before`, that show formulas. pending: the cells of `before` that this write was to put right →
    what they should hold; none when it wrote what is new. Whether the write was done doesn't matter, since what is there
    tells. What can't be told is taken to have stayed in its place.
    """
    titles_at, columns = _columns(before, after, header_row, written, shown)
    back = {source: position for position, source in columns.items() if source is not None}
    sources = _sources(before, after, back, written, shown)
    owed = dict(pending or {})
    lost: dict[tuple[int, int], Any] = {}
    for row, column in written:
        if (row, column) in owed and _at(after, row, column) != owed[row, column]:
            continue  # not done, or somebody typed there since
        meant = columns.get(column, column)
        source = row if row == header_row and meant == column else sources.get(row, row)
        if source is None or meant is None:
            lost[row, column] = ""
        elif (source, meant) != (row, column):
            lost[row, column] = owed.get((source, meant), _at(before, source, meant))
    is_beside = bool(lost)
    places = {source: row for row, source in sources.items() if source is not None}
    for (row, column), value in owed.items():
        to_row, to_column = places.get(row), back.get(column, column)
        if to_row is not None and _at(after, to_row, to_column) == _at(before, row, column):
            lost[to_row, to_column] = value
    left = {place: value for place, value in lost.items() if _at(after, *place) != value}
    return Landing(left, is_beside, titles_at, {back.get(column, column) for column in shown})


def _columns(
    before: Rows, after: Rows, header_row: int, written: Collection[tuple[int, int]], shown: Collection[int]
) -> tuple[int, Mapping[int, int | None]]:
    """The row of titles now; position of a column now → its position before, None for a new one.

    A column is known by its title, unless one was just written there. Others are where their neighbours leave them: when
    columns came between, those are new whose titles are people's. What is left shows an error and is ours, or was covered.
    """
    old = list(before[header_row - 1])
    titles = {
        title: position for position, title in enumerate(old, start=1)
        if title != "" and not _is_error(title) and old.count(title) == 1
    }  # fmt: skip
    top = dict(enumerate(after[:HEADER_SEARCH], start=1))
    at = max(top, key=lambda number: sum(title in titles for title in top[number]), default=header_row)
    width_before = max([*map(len, before), *(column for _, column in written)])
    width = max(map(len, after), default=0)
    now = {position: _cell(top.get(at, ()), position) for position in range(1, width + 1)}
    covered = {column for row, column in written if row == header_row and column in now}
    broken = {position for position, title in now.items() if _is_error(title)} - covered
    by_source = {
        titles[title]: position for position, title in now.items() if title in titles and position not in covered
    }
    known = {position: source for source, position in by_source.items()}
    known |= _in_gaps(known, width, width_before, covered | broken)
    for vague, may_be in ((broken, set(shown)), (covered, set(range(1, width_before + 1)))):
        unknown, free = sorted(vague - set(known)), sorted(may_be - set(known.values()))
        known |= dict(zip(unknown, free, strict=False)) if len(unknown) <= len(free) else {}
    return at, {position: known.get(position) for position in now}


def _in_gaps(known: Mapping[int, int], last: int, last_before: int, vague: Collection[int]) -> dict[int, int]:
    """Columns between two that are known: those that were there, when there are as many, vague ones first."""
    found, taken = dict[int, int](), set(known.values())
    ends = [(0, 0), *sorted(known.items()), (last + 1, last_before + 1)]
    for (left, source), (right, end) in pairwise(ends):
        there = [position for position in range(source + 1, end) if position not in taken]
        run = list(range(left + 1, right))
        for chosen in (run, [position for position in run if position in vague]):
            if chosen and len(chosen) == len(there):
                found |= dict(zip(chosen, there, strict=True))
                break
    return found


def _sources(
    before: Rows,
    after: Rows,
    back: Mapping[int, int],
    written: Collection[tuple[int, int]],
    shown: Collection[int],
) -> Mapping[int, int | None]:
    """Row now → the row of `before` that it is, None for a new one.

    back: position of a column before → its position now. A row is known by what it holds; one that nothing tells, by
    those around it, which it can't have left alone, or by the number that the tab lacks.
    """
    ours: dict[int, set[int]] = defaultdict(set)
    for row, column in written:
        ours[row].add(column)
    width = max([*map(len, before), *back, 0])
    signs: dict[int, _Sign] = {}
    left_out: dict[int, frozenset[int]] = {}
    for number, held in enumerate(after, start=1):
        left_out[number] = frozenset(
            at for at in range(1, width + 1) if at in shown or back.get(at, at) in ours[number]
        )
        signs[number] = _sign([_cell(held, back.get(at, at)) for at in range(1, width + 1)], left_out[number])
    known = _by_content(before, signs, left_out)
    known |= _by_neighbours(known, signs, len(before))
    known |= _of_reserve(before, known, {n: left_out[n] for n, sign in signs.items() if ours[n] and not sign})
    taken = set(known.values())
    # what nothing tells stayed in its place, but an empty row is new
    return {n: known.get(n, n if sign and n not in taken else None) for n, sign in signs.items()}


def _by_content(before: Rows, signs: Mapping[int, _Sign], left_out: Mapping[int, frozenset[int]]) -> dict[int, int]:
    """Rows that hold what one of before held, the nearest of those that do."""
    bearing = {without: _bearing(before, without) for without in set(left_out.values())}
    known: dict[int, int] = {}
    taken: set[int] = set()
    for number, sign in signs.items():
        same = [row for row in bearing[left_out[number]].get(sign, ()) if row not in taken] if sign else ()
        if same:
            known[number] = min(same, key=lambda row: abs(row - number))
            taken.add(known[number])
    return known


def _bearing(rows: Rows, without: Collection[int]) -> Mapping[_Sign, Sequence[int]]:
    found: dict[_Sign, list[int]] = defaultdict(list)
    for number, row in enumerate(rows, start=1):
        found[_sign(row, without)].append(number)
    return found


def _by_neighbours(known: Mapping[int, int], signs: Iterable[int], last: int) -> dict[int, int]:
    """Rows that nothing tells: as many as were between the same two rows, they are these. last: of the rows before.

    Under the last row that is known, they are those that were, and empty ones as many as it takes.
    """
    taken, found = set(known.values()), dict[int, int]()
    unknown = [number for number in signs if number not in known]
    for _, run in groupby(enumerate(unknown), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        above = known.get(numbers[0] - 1, 0)
        end = known.get(numbers[-1] + 1, last + 1)
        there = [row for row in range(above + 1, end) if row not in taken]
        if numbers[-1] + 1 not in known:
            there += range(max(last, above) + 1, max(last, above) + 1 + len(numbers) - len(there))
        if len(there) == len(numbers) and (above or numbers[0] == 1):
            found |= dict(zip(numbers, there, strict=True))
    return found


def _of_reserve(before: Rows, known: Mapping[int, int], empty: Mapping[int, frozenset[int]]) -> dict[int, int]:
    """Rows that hold only what we wrote, taken for those that held only a number there, whichever it is.

    empty: such rows → the columns that tell nothing of them. When there are more, the last ones, since rows that are
    inserted push the others down, and the first ones are new.
    """
    taken, lost = set(known.values()), [number for number in empty if number not in known]
    free = [
        row for row, held in enumerate(before, start=1)
        if lost and row not in taken and _sign(held, ()) and not _sign(held, empty[lost[0]])
    ]  # fmt: skip
    return dict(zip(lost[-len(free) :], free, strict=False)) if free else {}


def _sign(row: Sequence[Any], without: Collection[int]) -> _Sign:
    """What a row holds, by column."""
    return tuple(
        (position, value)
        for position, value in enumerate(row, start=1)
        if value not in ("", None) and position not in without
    )


def _cell(row: Sequence[Any], position: int) -> Any:
    return row[position - 1] if position <= len(row) else ""


def _at(rows: Rows, row: int, column: int) -> Any:
    return _cell(rows[row - 1], column) if row <= len(rows) else ""


def _is_error(title: Any) -> bool:
    return isinstance(title, str) and title.startswith("#")


def told(sheet: Mapping[str, Any]) -> Rows:
    """The rows of a sheet in an answer to a write, as the values of a read are."""
    return [
        [_value(cell.get("effectiveValue")) for cell in row.get("values", ())]
        for data in sheet.get("data", ())
        for row in data.get("rowData", ())
    ]


def _value(value: Mapping[str, Any] | None) -> Any:
    if not value:
        return ""
    kind, held = next(iter(value.items()))
    return "#ERROR!" if kind == "errorValue" else held
