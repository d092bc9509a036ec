"""The registry as a local `.xlsx`: reads its cells, and puts new bytes in place of the file (`apply_xlsx` makes them).

Never loaded and saved: python-calamine reads values, and one pass over the XML tells what it hides (error cells,
formulas never computed). A file that is open elsewhere is left alone; one that changed since it was read is not
replaced.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.edges.xlsx_parts import Package, SheetScan, open_package, scan_telling_rows
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.model import CellError, Grid, Layout, Raw

if TYPE_CHECKING:
    from cdi_sync.edges.apply_xlsx import XlsxChanges
    from cdi_sync.publish import Plan

MOST_ROWS, MOST_COLUMNS = 500_000, 1_000
UNCOMPUTED = CellError("une formule sans résultat enregistré")


@dataclass(frozen=True)
class Snapshot:
    """A workbook as it was read: its bytes, and the raw cells of every visible or hidden sheet."""

    data: bytes
    grids: Mapping[str, Grid]
    date1904: bool


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

    def changes(self, snapshot: Snapshot, plan: "Plan", layouts: Mapping[str, Layout]) -> "XlsxChanges":
        from cdi_sync.edges.apply_xlsx import XlsxChanges, apply  # the writers: not for a mere check

        titles = {name: layout.title for name, layout in layouts.items()}
        return XlsxChanges(self, snapshot, apply(snapshot, plan, titles))


def read(path: Path) -> Snapshot:
    """Reads a workbook. Raises RegistryError (not a workbook, protected, damaged, too large)."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RegistryError("Le classeur est introuvable.", where=str(path),
                            fix="Vérifier « classeur » dans settings.toml, ou le créer par « cdi init DOSSIER ».") from None  # fmt: skip
    except OSError as error:
        raise RegistryError("Le classeur ne peut pas être lu.", where=str(path), why=str(error),
                            fix="Vérifier les droits d'accès au fichier.") from None  # fmt: skip
    return read_bytes(data, str(path.name))


def read_bytes(data: bytes, name: str) -> Snapshot:
    """Reads a workbook held in memory. Raises RegistryError."""
    from python_calamine import CalamineError, load_workbook

    package = open_package(data)
    scans = {title: _bounded(package, title) for title in package.sheets}
    try:
        workbook = load_workbook(io.BytesIO(data))
        grids = {
            title: Grid(title, _raw_rows(workbook.get_sheet_by_name(title).to_python(skip_empty_area=False), scans[title]),
                        date1904=package.date1904)
            for title in package.sheets
        }  # fmt: skip
    except CalamineError as error:
        raise RegistryError("Le classeur est abîmé.", where=name, why=str(error),
                            fix="L'ouvrir dans le tableur, l'enregistrer de nouveau, puis relancer.") from None  # fmt: skip
    return Snapshot(data, grids, package.date1904)


def _bounded(package: Package, title: str) -> SheetScan:
    """What a sheet hides. Refuses a stray cell so far away that reading up to it would fill the memory."""
    found = scan_telling_rows(package, title, far=MOST_ROWS)
    if found.last_row > MOST_ROWS or found.last_col > MOST_COLUMNS:
        raise RegistryError(
            f"L'onglet « {title} » est trop grand.", where=f"ligne {found.last_row}, colonne {found.last_col}",
            why=f"au plus {MOST_ROWS} lignes et {MOST_COLUMNS} colonnes",
            fix="Supprimer la cellule isolée, loin à droite ou en bas de l'onglet.",
        )  # fmt: skip
    return found


def _raw_rows(rows: Sequence[Sequence[object]], found: SheetScan) -> Sequence[Sequence[Raw]]:
    # nearly every value is text or a number, and is taken as it is
    grid: list[list[Raw]] = [
        [None if value == "" else value if value.__class__ in _PLAIN else _raw(value) for value in row] for row in rows
    ]
    for (row, col), shown in found.errors.items():
        _put(grid, row, col, CellError(shown))
    for row, col in found.uncached:
        _put(grid, row, col, UNCOMPUTED)
    return grid


def _put(grid: list[list[Raw]], row: int, col: int, value: Raw) -> None:
    while len(grid) < row:
        grid.append([])
    line = grid[row - 1]
    line.extend([None] * (col - len(line)))
    line[col - 1] = value


_PLAIN = (str, float, int, bool)


def _raw(value: object) -> Raw:
    if value is None or isinstance(value, str | float | int | bool | date | time):
        return value
    return str(value) if not isinstance(value, timedelta) else value.total_seconds() / 86_400


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
    write_atomically(path, data)


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
    write_atomically(folder / f"{path.stem}.{stamp}{path.suffix}", data)
    for old in sorted(folder.glob(f"{path.stem}.*{path.suffix}"))[:-keep]:
        old.unlink()


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces a file in one step: readers see the old bytes or the new ones, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode if path.exists() else 0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    if hasattr(os, "O_DIRECTORY"):  # not on Windows
        folder = os.open(path.parent, os.O_DIRECTORY)
        os.fsync(folder)
        os.close(folder)


def stamp_of(now: datetime) -> str:
    """The stamp of a backup: 2026-11-23T083000."""
    return f"{now:%Y-%m-%dT%H%M%S}"
