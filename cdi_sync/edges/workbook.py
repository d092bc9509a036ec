"""What the jobs ask of a registry's workbook, whether it is a local `.xlsx` or a shared Google spreadsheet."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from cdi_sync.model import Grid, Layout, Registry, Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import ShownGrid

if TYPE_CHECKING:
    from cdi_sync.edges.hints import Hints
    from cdi_sync.schema_changes import Difference

# tab name → row number → column key → value; the identifier of the row is among them
NewRows: TypeAlias = Mapping[str, Mapping[int, Mapping[str, str | int | float | date]]]


def must_be_empty(tab: Tab, number: int, values: Mapping[str, object], registry: Registry) -> Sequence[str]:
    """The staff's columns of a row that must be empty to fill it: those of the values, of a row in use; else all."""
    in_use = any(row.number == number and row.id == values[tab.columns[0].key] for row in registry[tab.name])
    return [c.key for c in tab.columns if not c.is_system and (not in_use or c.key in values)]


class Snapshot(Protocol):
    """A workbook as it was read. grids: title of a sheet → its raw cells."""

    @property
    def grids(self) -> Mapping[str, Grid]: ...

    @property
    def warnings(self) -> Sequence[str]:
        """What of the workbook itself makes what people type mean something else, each with its remedy, in French."""
        ...


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


class Renewal(Protocol):
    """What separates a workbook as it was read from the declarations, not yet made."""

    @property
    def difference(self) -> "Difference":
        """Where it differs, told tab by tab, and what forbids making it."""
        ...

    def make(self, stamp: str, *, dry_run: bool = False) -> bool:
        """Makes it: whether something was, or with dry_run would be, written. stamp: the moment, for the name of a backup.

        Raises RegistryError when something forbids it, BusyError.
        """
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

    def link(self, snapshot: Any, title: str, cell: str) -> str:
        """The address that opens that cell, such as "K12", of the sheet of that title; "" when a cell has none.

        snapshot: one that it read.
        """
        ...

    def changes(self, snapshot: Any, plan: Plan, layouts: Mapping[str, Layout]) -> Changes:
        """What a plan would change. snapshot: one that it read. layouts: staff tab name → where its columns stand."""
        ...

    def renewal(self, tabs: Sequence[Tab], hints: "Hints", *, spare_rows: int) -> Renewal:
        """Reads it, and compares it with the declarations. Raises RegistryError.

        hints: what the looks of the tabs follow. spare_rows: numbered rows that a new tab begins with.
        """
        ...

    def append(self, snapshot: Any, new: NewRows, registry: Registry, tabs: Mapping[str, Tab], stamp: str) -> int:
        """Fills rows that nobody uses and empty cells of rows in use, all at once: how many cells.

        registry: that of the snapshot; a row that it has under the same number is in use. tabs: by name. The only way in which
        cells of the staff are written: what isn't free, or moves meanwhile, is left as it is. Raises BusyError, RegistryError.
        """
        ...

    def whole(self, snapshot: Any, tabs: Mapping[str, Tab]) -> tuple[Mapping[str, Grid], Sequence[str]]:
        """The cells to carry into another registry, and what of this one can't be carried, in words."""
        ...


def count(changes: Changes) -> int:
    """Cells that change."""
    return sum(map(len, changes.cells.values()))


def rows(changes: Changes) -> int:
    """Rows, of any sheet, in which some cell changes."""
    return sum(len({row for row, _ in cells}) for cells in changes.cells.values())
