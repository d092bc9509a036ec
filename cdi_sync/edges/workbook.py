"""What the jobs ask of a registry's workbook, whether it is a local `.xlsx` or a shared Google spreadsheet."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cdi_sync.model import Grid, Layout
from cdi_sync.publish import Plan
from cdi_sync.shown import ShownGrid


class Snapshot(Protocol):
    """A workbook as it was read. grids: title of a sheet → its raw cells."""

    @property
    def grids(self) -> Mapping[str, Grid]: ...


class Changes(Protocol):
    """What separates a workbook as it was read from a plan, not yet written."""

    @property
    def cells(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """Title of a sheet → the cells (row, column), from 1, whose content changes; sheets without any left out."""
        ...

    @property
    def typed_over(self) -> Sequence[str]:
        """Titles that somebody typed over those of the system's columns, each with its place, and that go."""
        ...

    def also(self, tabs: Mapping[str, ShownGrid]) -> "Changes":
        """The same, and these system tabs by title."""
        ...

    def write(self, stamp: str) -> None:
        """Writes them. stamp: the moment, for the name of a backup. Raises BusyError, RegistryError."""
        ...


class Workbook(Protocol):
    """A registry's workbook."""

    @property
    def name(self) -> str:
        """As people call it."""
        ...

    def read(self) -> Snapshot:
        """Reads it whole. Raises RegistryError."""
        ...

    def changes(self, snapshot: Any, plan: Plan, layouts: Mapping[str, Layout]) -> Changes:
        """What a plan would change. snapshot: one that it read. layouts: staff tab name → where its columns stand."""
        ...


def count(changes: Changes) -> int:
    """Cells that change."""
    return sum(map(len, changes.cells.values()))


def rows(changes: Changes) -> int:
    """Rows, of any sheet, in which some cell changes."""
    return sum(len({row for row, _ in cells}) for cells in changes.cells.values())
