"""Whether what was written in a tab of the staff landed where it was meant, and what it fell upon otherwise. Pure.

Google has no way to write « if nothing moved ». So a tab is read just before, and told by the answer just after: rows are
known again by what people typed in them, columns by their headers.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from cdi_sync.tables import HEADER_SEARCH

Rows: TypeAlias = Sequence[Sequence[Any]]


def fallen_upon(
    before: Rows, after: Rows, written: Collection[tuple[int, int]], *, header_row: int, shown: Collection[int]
) -> Mapping[tuple[int, int], Any]:
    """Cells, as they stand now, in which we wrote though they weren't meant → what they held, "" for nothing.

    before, after: raw rows of the tab, from its first. written: cells that were meant, by (row, column) of `before`.
    shown: the columns, of `before`, that show formulas. What can't be told is taken to have stayed in its place.
    """
    columns = _columns(before, after, header_row)
    ours = {column for _, column in written} | set(shown)
    signs = _Signs(before, after, columns, ours)
    found: dict[tuple[int, int], Any] = {}
    for row, column in written:
        meant = columns.get(column, column)
        source = row if row == header_row and meant == column else signs.source(row)
        if (source, meant) == (row, column):
            continue
        found[row, column] = "" if source is None or meant is None else _at(before, source, meant)
    return found


def _columns(before: Rows, after: Rows, header_row: int) -> Mapping[int, int | None]:
    """Position of a column now → its position before, None for a new one."""
    old = list(before[header_row - 1])
    titles = {title: position for position, title in enumerate(old, start=1) if title != ""}
    now = max(after[:HEADER_SEARCH], key=lambda row: sum(title in titles for title in row if title != ""), default=())
    if list(now) == old:
        return {position: position for position in range(1, len(old) + 1)}
    known = {position: titles.get(title) for position, title in enumerate(now, start=1)}
    # an error or a renamed header says nothing: it is where its neighbours leave it
    moved = any(source not in (None, position) for position, source in known.items())
    return known if moved else {position: position for position in range(1, max(len(now), len(old)) + 1)}


class _Signs:
    """Rows, told by what people typed in the columns in which nothing was written."""

    def __init__(self, before: Rows, after: Rows, columns: Mapping[int, int | None], ours: Collection[int]) -> None:
        self._before = [tuple(_typed(row, ours)) for row in before]
        back = {source: position for position, source in columns.items() if source is not None}
        self._after = [
            tuple(_typed([_cell(row, back.get(at, at)) for at in range(1, max(len(row), len(back)) + 1)], ours))
            for row in after
        ]

    def source(self, row: int) -> int | None:
        """Which row of before stands now in that place; the same when nothing tells, None for a row without content."""
        now = self._after[row - 1] if row <= len(self._after) else ()
        then = self._before[row - 1] if row <= len(self._before) else ()
        if now == then:
            return row
        if not now:
            return row if row > len(self._before) else None
        same = [number for number, sign in enumerate(self._before, start=1) if sign == now]
        return min(same, key=lambda number: abs(number - row), default=row)


def _typed(row: Sequence[Any], ours: Collection[int]) -> Iterator[tuple[int, Any]]:
    for position, value in enumerate(row, start=1):
        if value not in ("", None) and position not in ours:
            yield position, value


def _cell(row: Sequence[Any], position: int) -> Any:
    return row[position - 1] if position <= len(row) else ""


def _at(rows: Rows, row: int, column: int) -> Any:
    return _cell(rows[row - 1], column) if row <= len(rows) else ""


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
