"""What a plan says, put into the cells of a workbook held in memory: only those that differ are spliced in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cdi_sync.edges.workbook_xlsx.reading import Snapshot
from cdi_sync.edges.workbook_xlsx.splice import Cell, Spliced, hyperlink_formula, splice
from cdi_sync.model import Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import RUNNING, Shown, ShownGrid
from cdi_sync.text import fold


@dataclass(frozen=True)
class Written:
    """What a plan changed: the new bytes, and per title of a sheet the cells (row, column)."""

    data: bytes
    cells: Mapping[str, Sequence[tuple[int, int]]]


def apply(snapshot: Snapshot, plan: Plan, titles: Mapping[str, str]) -> Written:
    """Changes, in memory, what differs from a plan. titles: staff tab name → title of its sheet."""
    epoch = date(1904, 1, 1) if snapshot.date1904 else date(1899, 12, 30)
    spliced: Spliced = splice(
        snapshot.data,
        {titles[tab]: {at: _cell(shown, epoch) for at, shown in cells.items()} for tab, cells in plan.cells.items()},
        {title: _grid(grid, epoch) for title, grid in plan.tabs.items() if title in snapshot.grids},
    )
    return Written(spliced.data, {title: cells for title, cells in spliced.changed.items() if cells})


def _grid(grid: ShownGrid, epoch: date) -> Sequence[Sequence[Cell | None]]:
    return [[None if shown is None else _cell(shown, epoch) for shown in row] for row in grid]


def _cell(shown: Shown, epoch: date) -> Cell:
    value, style, wraps = shown.value, shown.style or None, shown.style not in RUNNING
    if isinstance(value, date):
        return Cell((value - epoch).days, style=style)
    if shown.link and isinstance(value, str):
        return Cell(value, hyperlink_formula(f"#{shown.link}", value), style, wraps)
    return Cell(value, style=style, wraps=wraps)


def sheet_titles(snapshot: Snapshot, tabs: Mapping[str, Tab]) -> Mapping[str, str]:
    """Staff tab name → the title its sheet really has."""
    real = {fold(title): title for title in snapshot.grids}
    return {
        name: next(real[fold(t)] for t in (tab.title, *tab.aliases) if fold(t) in real) for name, tab in tabs.items()
    }
