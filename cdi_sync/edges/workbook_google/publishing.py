"""What a plan changes in a Google spreadsheet, and the requests that change it. Pure.

Most of what the system knows goes into tabs that belong to it: `_calcul`, and the system tabs, rewritten in place where
they differ. In a tab of the staff it writes three things only: numbers of rows that have none, the first cells of rows
that it adds, and repairs of its own columns, whose headers are formulas.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any, TypeAlias

from cdi_sync.cells import is_blank
from cdi_sync.edges.workbook_google.columns import CALC, CALC_HEAD, calc_width, header_formula, shown_columns
from cdi_sync.edges.workbook_google.reading import EPOCH, GoogleSnapshot, Sheet, plain
from cdi_sync.edges.workbook_google.styles import cell_format
from cdi_sync.model import CellError, Grid, Layout, Raw, Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import Shown, ShownGrid

LONGEST = 50_000  # characters of a cell
Request: TypeAlias = Mapping[str, Any]
Cells: TypeAlias = Mapping[tuple[int, int], Shown]
_VALUE, _VALUE_AND_FORMAT = "userEnteredValue", "userEnteredValue,userEnteredFormat"


@dataclass(frozen=True)
class StaffWrites:
    """What is written in one tab of the staff. cells: numbers and first cells of new rows, by (row, column).

    cleared: cells of the system's columns in which something was typed. headers: position of a system column whose
    formula is written again → the formula.
    """

    cells: Cells = field(default_factory=dict)
    cleared: Sequence[tuple[int, int]] = ()
    headers: Mapping[int, str] = field(default_factory=dict)
    header_row: int = 1

    @property
    def places(self) -> Sequence[tuple[int, int]]:
        """Every cell that is written, by (row, column)."""
        return [*self.cells, *self.cleared, *((self.header_row, at) for at in self.headers)]

    def __bool__(self) -> bool:
        return bool(self.places)


def as_looked_up(snapshot: GoogleSnapshot, plan: Plan, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab]) -> Plan:
    """The plan as a look-up by identifier can show it: rows that share one show what the first in use of them does."""
    cells = {name: dict(found) for name, found in plan.cells.items()}
    for name, ids in plan.ids.items():
        positions, grid = layouts[name].positions, snapshot.grids[layouts[name].title]
        own = [positions[column.key] for column in shown_columns(tabs[name])]
        id_at = positions[tabs[name].columns[0].key]
        first: dict[str, int] = {}
        for row in sorted(ids):
            first.setdefault(ids[row], row)
        for row in {row for row, _ in cells[name]}:
            written = cells[name].get((row, id_at))
            source = first.get(ids.get(row) or str(written.value if written else _held(grid, row, id_at)), row)
            for at in own if source != row else ():
                if (row, at) in cells[name]:
                    cells[name][row, at] = cells[name][source, at]
    return replace(plan, cells=cells)


def lost_titles(
    snapshot: GoogleSnapshot, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab]
) -> Mapping[tuple[str, int, int], Raw]:
    """Titles of the system's columns that aren't shown: (title of the sheet, row, column) → what stands there."""
    found: dict[tuple[str, int, int], Raw] = {}
    for name, layout in layouts.items():
        raw = snapshot.raw[layout.title][layout.header_row - 1]
        for column in shown_columns(tabs[name]):
            at = layout.positions[column.key]
            held = plain(raw[at - 1]) if at <= len(raw) else None
            if held != _held(snapshot.grids[layout.title], layout.header_row, at):
                found[layout.title, layout.header_row, at] = held
    return found


def differing(
    snapshot: GoogleSnapshot, plan: Plan, layouts: Mapping[str, Layout]
) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Title of a sheet → the cells whose content a plan changes, sheets without any left out."""
    found: dict[str, Sequence[tuple[int, int]]] = {}
    for name, cells in plan.cells.items():
        grid = snapshot.grids[layouts[name].title]
        found[grid.title] = [at for at, shown in sorted(cells.items()) if not _holds(_held(grid, *at), shown)]
    for title, wanted in plan.tabs.items():
        if title in snapshot.grids:
            found[title] = [at for row in _differing_rows(snapshot.grids[title], wanted) for at in row.cells]
    return {title: cells for title, cells in found.items() if cells}


def staff_writes(
    snapshot: GoogleSnapshot, plan: Plan, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab]
) -> Mapping[str, StaffWrites]:
    """Title of a tab of the staff → what is to be written in it, tabs without anything left out."""
    width = calc_width(list(tabs.values()))
    shown_now = _looked_up(snapshot)
    lost = lost_titles(snapshot, layouts, tabs)
    found = {}
    for name, cells in plan.cells.items():
        tab, layout, grid = tabs[name], layouts[name], snapshot.grids[layouts[name].title]
        own = {layout.positions[column.key]: slot for slot, column in enumerate(shown_columns(tab), start=2)}
        literal = {at: shown for at, shown in cells.items() if at[1] not in own and not _holds(_held(grid, *at), shown)}
        ids = layout.positions[tab.columns[0].key]
        broken = {at for at, slot in own.items() if _is_broken(grid, layout, at, slot, ids, shown_now)}
        broken |= {at for title, _, at in lost if title == layout.title}
        by_position = {layout.positions[column.key]: column for column in tab.columns}
        writes = StaffWrites(
            literal,
            [(row, at) for row in range(layout.header_row + 1, len(grid.rows) + 1) for at in sorted(broken)
             if not is_blank(_held(grid, row, at))],
            {at: header_formula(by_position[at], own[at], row=layout.header_row, id_position=ids, width=width)
             for at in sorted(broken)},
            layout.header_row,
        )  # fmt: skip
        if writes:
            found[layout.title] = writes
    return found


def _looked_up(snapshot: GoogleSnapshot) -> Mapping[str, Sequence[Raw]]:
    """Identifier → the row of `_calcul` as it was read."""
    grid = snapshot.grids.get(CALC)
    return {str(row[0]): row for row in (grid.rows[1:] if grid else ()) if row and row[0] is not None}


def _is_broken(
    grid: Grid, layout: Layout, at: int, slot: int, ids: int, shown_now: Mapping[str, Sequence[Raw]]
) -> bool:
    """True when a column doesn't show what `_calcul` holds: something was typed in it."""
    for row in range(layout.header_row + 1, len(grid.rows) + 1):
        known = shown_now.get(str(_held(grid, row, ids)), ())
        meant = known[slot - 1] if slot <= len(known) else None
        held = _held(grid, row, at)
        if not (held == meant or (is_blank(held) and is_blank(meant)) or _number(held) == _number(meant) is not None):
            return True
    return False


# ---------------------------------------------------------------------------------------------------- requests


def system_requests(
    snapshot: GoogleSnapshot, plan: Plan, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab]
) -> Iterator[Request]:
    """The requests that bring the system's own tabs up to date; none when they are."""
    if CALC in snapshot.sheets:
        grid = calc_grid(snapshot, plan, layouts, tabs)
        yield from _tab_requests(snapshot, CALC, grid, with_format=False)
    for title, grid in plan.tabs.items():
        if title in snapshot.sheets:
            yield from _tab_requests(snapshot, title, grid, with_format=True)


def calc_grid(
    snapshot: GoogleSnapshot, plan: Plan, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab]
) -> ShownGrid:
    """`_calcul` as it should be: each identifier keeps the row that it has, so that little changes."""
    wanted = dict(_calc_rows(plan, layouts, tabs))
    held = snapshot.grids.get(CALC, Grid(CALC, ())).rows[1:]
    kept = [str(row[0]) if row and str(row[0]) in wanted else None for row in held]
    new = iter([id_ for id_ in wanted if id_ not in set(kept)])
    order = [id_ or next(new, None) for id_ in kept] + list(new)
    head = [Shown(CALC_HEAD), *(Shown(f"Colonne {slot}") for slot in range(1, calc_width(list(tabs.values()))))]
    return [head, *([] if id_ is None else [Shown(id_), *wanted[id_]] for id_ in order)]


def _calc_rows(
    plan: Plan, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab]
) -> Iterator[tuple[str, Sequence[Shown]]]:
    """Identifier → what its system columns show, for the rows that show anything."""
    for name, cells in plan.cells.items():
        layout, tab = layouts[name], tabs[name]
        own = [layout.positions[column.key] for column in shown_columns(tab)]
        ids = plan.ids[name]
        for row in sorted({row for row, at in cells if at in own}):
            values = [cells.get((row, at), Shown(None)) for at in own]
            if row in ids and any(not is_blank(shown.value) for shown in values):
                yield ids[row], values


@dataclass(frozen=True)
class _Row:
    """A row that differs: its number, what it should be, and the cells that change."""

    number: int
    shown: Sequence[Shown | None]
    cells: Sequence[tuple[int, int]]


def _differing_rows(held: Grid, wanted: ShownGrid) -> Iterator[_Row]:
    for number in range(1, max(len(held.rows), len(wanted)) + 1):
        shown = wanted[number - 1] if number <= len(wanted) else ()
        now = held.rows[number - 1] if number <= len(held.rows) else ()
        cells = [
            (number, at)
            for at in range(1, max(len(now), len(shown)) + 1)
            if not _holds(_held(held, number, at), (shown[at - 1] if at <= len(shown) else None) or Shown(None))
        ]
        if cells:
            yield _Row(number, shown, cells)


def _tab_requests(snapshot: GoogleSnapshot, title: str, grid: ShownGrid, *, with_format: bool) -> Iterator[Request]:
    """Runs of neighbouring rows that differ, each written whole; what stands beyond the end is cleared."""
    sheet, held = snapshot.sheets[title], snapshot.grids[title]
    rows = list(_differing_rows(held, grid))
    if not rows:
        return
    width = max(
        [
            1,
            *(len(row) for row in grid),
            *(len(held.rows[row.number - 1]) for row in rows if row.number <= len(held.rows)),
        ]
    )
    yield from _room(sheet, max(row.number for row in rows), width)
    for run in runs([row.number for row in rows]):
        chosen = {row.number: row.shown for row in rows}
        lines = [
            {"values": [_cell(shown, snapshot, with_format=with_format) for shown in _padded(chosen[number], width)]}
            for number in run
        ]
        yield _update(sheet, run[0], 1, lines, _VALUE_AND_FORMAT if with_format else _VALUE)


def staff_requests(sheet: Sheet, writes: StaffWrites, snapshot: GoogleSnapshot) -> Iterator[Request]:
    """The requests that write in a tab of the staff: each names the cells that it changes, and no other."""
    if writes.cells:
        last = max(row for row, _ in writes.cells)
        yield from _room(sheet, last, 1)
        if last > sheet.rows:
            yield _as_above(sheet, last)
    for row, at in writes.cleared:
        yield _update(sheet, row, at, [{"values": [{}]}], _VALUE)
    by_column: dict[int, dict[int, Shown]] = {}
    for (row, at), shown in writes.cells.items():
        by_column.setdefault(at, {})[row] = shown
    for at, column in sorted(by_column.items()):
        for run in runs(sorted(column)):
            lines = [{"values": [_cell(column[row], snapshot, with_format=False)]} for row in run]
            yield _update(sheet, run[0], at, lines, _VALUE)
    for at, formula in writes.headers.items():
        cell = {"userEnteredValue": {"formulaValue": formula}}
        yield _update(sheet, writes.header_row, at, [{"values": [cell]}], _VALUE)


def put_back(sheet: Sheet, cells: Mapping[tuple[int, int], Any]) -> Iterator[Request]:
    """The requests that write raw values again, "" to empty a cell."""
    for (row, at), value in sorted(cells.items()):
        held = entered(value)
        yield _update(sheet, row, at, [{"values": [{"userEnteredValue": held} if held else {}]}], _VALUE)


def _room(sheet: Sheet, rows: int, columns: int) -> Iterator[Request]:
    """Rows and columns added at the end, when the sheet is too small."""
    for dimension, lack in (("ROWS", rows - sheet.rows), ("COLUMNS", columns - sheet.columns)):
        if lack > 0:
            yield {"appendDimension": {"sheetId": sheet.id, "dimension": dimension, "length": lack}}


def _as_above(sheet: Sheet, last: int) -> Request:
    """New rows at the end of a tab of the staff look, and check what is typed, like the one above them."""
    whole = {"sheetId": sheet.id, "startColumnIndex": 0, "endColumnIndex": sheet.columns}
    source = {**whole, "startRowIndex": sheet.rows - 1, "endRowIndex": sheet.rows}
    target = {**whole, "startRowIndex": sheet.rows, "endRowIndex": last}
    return {"copyPaste": {"source": source, "destination": target, "pasteType": "PASTE_FORMAT"}}


def _update(sheet: Sheet, row: int, column: int, rows: Sequence[Mapping[str, Any]], fields: str) -> Request:
    start = {"sheetId": sheet.id, "rowIndex": row - 1, "columnIndex": column - 1}
    return {"updateCells": {"start": start, "rows": rows, "fields": fields}}


def runs(numbers: Iterable[int]) -> Iterator[Sequence[int]]:
    """Neighbouring numbers together: 1 2 3 7 8 → (1 2 3) (7 8)."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        yield [number for _, number in run]


def _padded(shown: Sequence[Shown | None], width: int) -> Sequence[Shown | None]:
    return [*shown, *[None] * (width - len(shown))]


def _cell(shown: Shown | None, snapshot: GoogleSnapshot, *, with_format: bool) -> Mapping[str, Any]:
    made: dict[str, Any] = {}
    if shown is None:
        return made
    if (value := entered(shown.value)) is not None:
        made["userEnteredValue"] = value
    if with_format and (value is not None or shown.style):
        made["userEnteredFormat"] = cell_format(shown.style, _address(shown.link, snapshot))
    return made


def entered(value: str | int | float | date | None) -> Mapping[str, Any] | None:
    """An ExtendedValue, None for an empty cell."""
    if is_blank(value):
        return None
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, date):
        return {"numberValue": (value - EPOCH).days}
    if isinstance(value, int | float):
        return {"numberValue": value}
    return {"stringValue": _fitting(str(value))}


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _address(link: str, snapshot: GoogleSnapshot) -> str:
    """A place of the workbook, "Aide!A20", as an address inside the spreadsheet."""
    title, _, cell = link.rpartition("!")
    sheet = snapshot.sheets.get(title.strip("'").replace("''", "'"))
    return f"#gid={sheet.id}&range={cell}" if sheet else ""


# ------------------------------------------------------------------------------------------------------ cells


def _held(grid: Grid, row: int, column: int) -> Raw:
    cells = grid.rows[row - 1] if row <= len(grid.rows) else ()
    return cells[column - 1] if column <= len(cells) else None


def _holds(held: Raw, shown: Shown) -> bool:
    """True when a cell shows that content already."""
    if is_blank(held) or is_blank(shown.value):
        return is_blank(held) and is_blank(shown.value)
    if isinstance(held, CellError):
        return False
    if isinstance(shown.value, str):
        return held == _fitting(shown.value)
    return _number(held) == _number(shown.value)


def _number(value: Raw) -> float | None:
    if isinstance(value, date):
        return float((value - EPOCH).days) if type(value) is date else None
    return float(value) if isinstance(value, int | float) else None
