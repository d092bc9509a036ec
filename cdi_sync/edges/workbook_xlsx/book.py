"""The registry as a local `.xlsx`: reads it, and puts new bytes in place of the file (`apply` makes them).

A file that is open elsewhere is left alone; one that changed since it was read is not replaced.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.edges import files
from cdi_sync.edges.workbook import NewRows
from cdi_sync.edges.workbook_xlsx.reading import Snapshot, read
from cdi_sync.errors import BusyError
from cdi_sync.model import Grid, Layout, Registry, Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import ShownGrid

if TYPE_CHECKING:
    from cdi_sync.edges.hints import Hints
    from cdi_sync.edges.workbook_xlsx.apply import Written
    from cdi_sync.schema_changes import Difference


@dataclass(frozen=True)
class XlsxWorkbook:
    """The registry as a local file. backups: how many dated copies are kept."""

    path: Path
    backups: int

    @property
    def name(self) -> str:
        return self.path.name

    def read(self) -> Snapshot:
        return read(self.path)

    def link(self, snapshot: Snapshot, title: str, cell: str) -> str:
        return ""  # mail readers refuse to open files

    def changes(self, snapshot: Snapshot, plan: Plan, layouts: Mapping[str, Layout]) -> "XlsxChanges":
        from cdi_sync.edges.workbook_xlsx.apply import apply  # the writers: not for a mere check

        titles = {name: layout.title for name, layout in layouts.items()}
        return XlsxChanges(self, snapshot, apply(snapshot, plan, titles))

    def append(self, snapshot: Snapshot, new: NewRows, registry: Registry, tabs: Mapping[str, Tab], stamp: str) -> int:
        from cdi_sync.edges.workbook_xlsx.appending import append_rows

        return append_rows(self.path, snapshot, new, registry, tabs, backups=self.backups, stamp=stamp)

    def whole(self, snapshot: Snapshot, tabs: Mapping[str, Tab]) -> tuple[Mapping[str, Grid], Sequence[str]]:
        from cdi_sync.edges.workbook_xlsx.moving import left_behind

        return snapshot.grids, list(left_behind(snapshot, tabs))

    def renewal(self, tabs: Sequence[Tab], hints: "Hints", *, spare_rows: int) -> "XlsxRenewal":
        from cdi_sync.edges.workbook_xlsx.schema import difference

        snapshot = self.read()
        return XlsxRenewal(self, snapshot, tabs, hints, spare_rows, difference(snapshot, tabs, hints))


@dataclass(frozen=True)
class XlsxRenewal:
    """What separates a workbook from the declarations; its file must still be as it was read."""

    workbook: XlsxWorkbook
    snapshot: Snapshot
    tabs: Sequence[Tab]
    hints: "Hints"
    spare_rows: int
    difference: "Difference"

    def make(self, stamp: str, *, dry_run: bool = False) -> bool:
        from cdi_sync.edges.workbook_xlsx.schema import brought_up

        data = brought_up(self.snapshot, self.tabs, self.difference, spare_rows=self.spare_rows, hints=self.hints)
        is_new = data != self.snapshot.data
        if is_new and not dry_run:
            replace(self.workbook.path, self.snapshot, data, backups=self.workbook.backups, stamp=stamp)
        return is_new


@dataclass(frozen=True)
class XlsxChanges:
    """New bytes for a workbook that must still be as it was read."""

    workbook: XlsxWorkbook
    snapshot: Snapshot
    written: "Written"

    @property
    def cells(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        return self.written.cells

    @property
    def typed_over(self) -> Sequence[str]:
        return ()  # a title of a local workbook is text, which stays as it is typed

    def also(self, tabs: Mapping[str, ShownGrid]) -> "XlsxChanges":
        from cdi_sync.edges.workbook_xlsx.apply import Written, apply

        more = apply(replaced(self.snapshot, data=self.written.data), Plan(tabs=tabs), {})
        return XlsxChanges(self.workbook, self.snapshot, Written(more.data, {**self.cells, **more.cells}))

    def write(self, stamp: str) -> None:
        replace(self.workbook.path, self.snapshot, self.written.data, backups=self.workbook.backups, stamp=stamp)


# --------------------------------------------------------------------------------------------------- the file


def replace(path: Path, snapshot: Snapshot, data: bytes, *, backups: int, stamp: str) -> None:
    """Puts new bytes in place of a workbook that is still as it was read, atomically, after a dated copy.

    Raises BusyError when it is open in a spreadsheet program, or changed since.
    """
    refuse_if_open(path)
    if hashlib.sha256(path.read_bytes()).digest() != hashlib.sha256(snapshot.data).digest():
        raise BusyError("Le classeur a changé pendant le contrôle.", where=path.name,
                        fix="Rien n'a été écrit ; relancer la commande.")  # fmt: skip
    if backups:
        _back_up(path, snapshot.data, backups, stamp)
    files.write_atomically(path, data)


def refuse_if_open(path: Path) -> None:
    """Raises BusyError when Excel or LibreOffice holds the workbook."""
    for lock in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if lock.exists():
            raise BusyError(
                "Le classeur est ouvert.", where=path.name, why=f"par {_holder(lock)}",
                fix="Le fermer, puis relancer ; si personne ne l'a ouvert, supprimer le fichier de verrou "
                f"« {lock.name} » qu'un arrêt brutal a laissé.",
            )  # fmt: skip


def _holder(lock: Path) -> str:
    """The name that the spreadsheet program left in its lock file."""
    try:
        content = lock.read_bytes()
    except OSError:
        return "quelqu'un"
    if lock.name.startswith("~$"):  # its first byte is the length of the name
        return (
            content[1 : 1 + content[0]].decode("utf-8", "replace").strip("\0 ") or "quelqu'un"
            if content
            else "quelqu'un"
        )
    fields = content.decode("utf-8", "replace").strip(",;").split(",")
    return " ".join(field for field in fields[:3] if field) or "quelqu'un"


def _back_up(path: Path, data: bytes, keep: int, stamp: str) -> None:
    folder = path.parent / "sauvegardes"
    folder.mkdir(exist_ok=True)
    files.write_atomically(folder / f"{path.stem}.{stamp}{path.suffix}", data)
    for old in sorted(folder.glob(f"{path.stem}.*{path.suffix}"))[:-keep]:
        old.unlink()
