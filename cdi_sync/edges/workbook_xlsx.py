"""The registry as a local `.xlsx`: reads its cells, and writes only what must change.

Never loaded and saved: python-calamine reads values, one pass over the XML tells what it hides (error cells,
formulas never computed), and `splice` changes single cells. A file that is open elsewhere is left alone; one that
changed since it was read is not replaced.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from cdi_sync.cells import is_blank
from cdi_sync.edges.splice import Cell, Spliced, hyperlink_formula, splice
from cdi_sync.edges.xlsx_parts import Package, SheetScan, open_package, scan_telling_rows
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.model import CellError, Grid, Raw, Registry, Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import RUNNING, Shown, ShownGrid, staff_style

MOST_ROWS, MOST_COLUMNS = 500_000, 1_000
UNCOMPUTED = CellError("une formule sans résultat enregistré")


@dataclass(frozen=True)
class Snapshot:
    """A workbook as it was read: its bytes, and the raw cells of every visible or hidden sheet."""

    data: bytes
    grids: Mapping[str, Grid]
    date1904: bool


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
        [value if value.__class__ in _PLAIN and value != "" else _raw(value) for value in row] for row in rows
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
    if value == "" or value is None:
        return None
    if isinstance(value, str | float | int | bool | date | time):
        return value
    return str(value) if not isinstance(value, timedelta) else value.total_seconds() / 86_400


# ---------------------------------------------------------------------------------------------------- writing


@dataclass(frozen=True)
class Written:
    """What a plan changed: the new bytes, and per staff tab or system tab title the cells (row, column)."""

    data: bytes
    cells: Mapping[str, Sequence[tuple[int, int]]]

    @property
    def rows(self) -> int:
        return sum(len({row for row, _ in cells}) for cells in self.cells.values())

    @property
    def count(self) -> int:
        return sum(map(len, self.cells.values()))


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
    from cdi_sync.text import fold

    real = {fold(title): title for title in snapshot.grids}
    return {
        name: next(real[fold(t)] for t in (tab.title, *tab.aliases) if fold(t) in real) for name, tab in tabs.items()
    }


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


def append_rows(
    path: Path,
    snapshot: Snapshot,
    new: Mapping[str, Mapping[int, Mapping[str, str | int | float | date]]],
    registry: Registry,
    tabs: Mapping[str, Tab],
    *,
    backups: int,
    stamp: str,
) -> int:
    """Fills rows that nobody uses, and nothing else; the only way in which cells of the staff are written. Cells written.

    new: tab name → row number → column key → value; the identifier of the row is among them. Steps: the file is read again
    and must be as it was; each row must be free (no staff cell, its own number or none); cells are spliced; the result is
    read back and may differ only by those cells; the file is replaced, after a dated copy. Raises BusyError, and
    RegistryError when a row isn't free or the result isn't what was meant; nothing is written then.
    """
    refuse_if_open(path)
    fresh = read(path)
    if fresh.data != snapshot.data:
        raise BusyError("Le classeur a changé pendant la reprise.", where=path.name,
                        fix="Rien n'a été écrit ; relancer la commande.")  # fmt: skip
    titles = sheet_titles(fresh, tabs)
    wanted = {name: dict(_appended(tabs[name], rows, registry.layouts[name].positions)) for name, rows in new.items()}
    for name, rows in new.items():
        _refuse_used(tabs[name], rows, fresh.grids[titles[name]], registry.layouts[name].positions)
    written = apply(fresh, Plan(cells=wanted), titles)
    _refuse_other_changes(fresh, read_bytes(written.data, path.name), {titles[n]: cells for n, cells in wanted.items()})
    if written.count:
        replace(path, fresh, written.data, backups=backups, stamp=stamp)
    return written.count


def _appended(
    tab: Tab, rows: Mapping[int, Mapping[str, str | int | float | date]], positions: Mapping[str, int]
) -> Iterator[tuple[tuple[int, int], Shown]]:
    id_key, columns = tab.columns[0].key, tab.by_key
    for row, values in rows.items():
        for key, value in values.items():
            if columns[key].is_system and key != id_key:
                raise ValueError(f"{tab.name}.{key} is the system's")
            style = "cdi_systeme" if key == id_key else staff_style(columns[key])
            yield (row, positions[key]), Shown(value, style)


def _refuse_used(tab: Tab, rows: Mapping[int, Mapping[str, object]], grid: Grid, positions: Mapping[str, int]) -> None:
    """Raises RegistryError when somebody typed in one of these rows, or when it bears another number."""
    id_key = tab.columns[0].key
    staff = [positions[column.key] for column in tab.columns if not column.is_system]
    for number, values in rows.items():
        cells = grid.rows[number - 1] if number <= len(grid.rows) else ()
        held = cells[positions[id_key] - 1] if positions[id_key] <= len(cells) else None
        taken = [at for at in staff if at <= len(cells) and not is_blank(cells[at - 1])]
        if taken or (not is_blank(held) and held != values[id_key]):
            raise RegistryError("Une ligne à remplir n'est pas libre.", where=f"{tab.title}, ligne {number}",
                                fix="Rien n'a été écrit ; relancer la commande.")  # fmt: skip


def _refuse_other_changes(
    before: Snapshot, after: Snapshot, wanted: Mapping[str, Mapping[tuple[int, int], Shown]]
) -> None:
    """Raises RegistryError when a cell other than the wanted ones changed, or one of them doesn't hold what was meant."""
    for title, grid in before.grids.items():
        cells, read = wanted.get(title, {}), after.grids[title].rows
        for row in range(1, max(len(grid.rows), len(read)) + 1):
            old, new = _row_of(grid.rows, row), _row_of(read, row)
            for col in range(1, max(len(old), len(new)) + 1):
                is_ours = (row, col) in cells
                meant = cells[row, col].value if is_ours else _held(old, col)
                if not _reads_as(_held(new, col), meant, before.date1904):
                    raise RegistryError(
                        "La reprise n'aurait pas donné ce qui était prévu.",
                        where=f"{title}, ligne {row}, colonne {col}",
                        fix="Rien n'a été écrit ; transmettre ce message à la personne qui a installé cdi_sync.",
                    )


def _row_of(rows: Sequence[Sequence[Raw]], row: int) -> Sequence[Raw]:
    return rows[row - 1] if row <= len(rows) else ()


def _held(cells: Sequence[Raw], col: int) -> Raw:
    return cells[col - 1] if col <= len(cells) else None


def _reads_as(found: Raw, meant: Raw, date1904: bool) -> bool:
    if found == meant or (is_blank(found) and is_blank(meant)):
        return True
    if isinstance(found, datetime):
        found = found.date()
    if isinstance(meant, datetime):
        meant = meant.date()
    if isinstance(meant, date) and isinstance(found, int | float):  # a style that the workbook lacks shows no date
        return bool(found == (meant - (date(1904, 1, 1) if date1904 else date(1899, 12, 30))).days)
    return found == meant


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
