"""Cells filled for somebody, in a workbook of the staff: rows of an import, requests received, what a person accepted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from cdi_sync.cells import is_blank
from cdi_sync.edges.workbook import NewRows, must_be_empty
from cdi_sync.edges.workbook_xlsx.apply import apply, sheet_titles
from cdi_sync.edges.workbook_xlsx.book import refuse_if_open, replace
from cdi_sync.edges.workbook_xlsx.parts import open_package, scan
from cdi_sync.edges.workbook_xlsx.reading import Snapshot, read, read_bytes
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.model import Grid, Raw, Registry, Tab
from cdi_sync.publish import Plan
from cdi_sync.shown import Shown, filled


def append_rows(
    path: Path,
    snapshot: Snapshot,
    new: NewRows,
    registry: Registry,
    tabs: Mapping[str, Tab],
    *,
    backups: int,
    stamp: str,
) -> int:
    """Fills rows that nobody uses and empty cells, and nothing else; the only way in which cells of the staff are written.

    new: tab name → row number → column key → value; the identifier of the row is among them. Steps: the file is read again
    and must be as it was; each row must be free (no staff cell, its own number or none), or be in use under that number with
    those cells empty; cells are spliced; the result is read back and may differ only by those cells; the file is replaced,
    after a dated copy. All or nothing. Returns the number of cells written. Raises BusyError, and RegistryError when a row or
    cell isn't free or the result isn't what was meant; nothing is written then.
    """
    refuse_if_open(path)
    fresh = read(path)
    if fresh.data != snapshot.data:
        raise BusyError("Le classeur a changé pendant le remplissage.", where=path.name,
                        fix="Rien n'a été écrit ; relancer la commande.")  # fmt: skip
    titles = sheet_titles(fresh, tabs)
    wanted = {name: filled(tabs[name], rows, registry.layouts[name].positions) for name, rows in new.items()}
    for name, rows in new.items():
        _refuse_used(tabs[name], rows, fresh.grids[titles[name]], registry)
    _refuse_silent_formulas(fresh, {titles[name]: cells for name, cells in wanted.items()})
    written = apply(fresh, Plan(cells=wanted), titles)
    _refuse_other_changes(fresh, read_bytes(written.data, path.name), {titles[n]: cells for n, cells in wanted.items()})
    cells = sum(map(len, written.cells.values()))
    if cells:
        replace(path, fresh, written.data, backups=backups, stamp=stamp)
    return cells


def _refuse_used(tab: Tab, rows: Mapping[int, Mapping[str, object]], grid: Grid, registry: Registry) -> None:
    """Raises RegistryError when somebody typed in one of these cells, or when its row bears another number."""
    id_key, positions = tab.columns[0].key, registry.layouts[tab.name].positions
    for number, values in rows.items():
        cells = grid.rows[number - 1] if number <= len(grid.rows) else ()
        held = cells[positions[id_key] - 1] if positions[id_key] <= len(cells) else None
        columns = must_be_empty(tab, number, values, registry)
        taken = [at for at in map(positions.__getitem__, columns) if at <= len(cells) and not is_blank(cells[at - 1])]
        if taken or (not is_blank(held) and held != values[id_key]):
            raise RegistryError("Une ligne à remplir n'est pas libre.", where=f"{tab.title}, ligne {number}",
                                fix="Rien n'a été écrit ; relancer la commande.")  # fmt: skip


def _refuse_silent_formulas(before: Snapshot, wanted: Mapping[str, Mapping[tuple[int, int], Shown]]) -> None:
    """Raises RegistryError when somebody keeps a formula in a cell to fill: one that shows nothing reads as an empty cell."""
    package = open_package(before.data)
    found = {title: sorted(cells.keys() & set(scan(package, title).formulas)) for title, cells in wanted.items()}
    if places := dict.fromkeys(f"{title}, ligne {row}" for title, cells in found.items() for row, _ in cells):
        raise RegistryError("Une cellule à remplir contient une formule, même si elle n'affiche rien.", where=" ; ".join(places),
                            fix="Effacer cette formule ; rien n'a été écrit.")  # fmt: skip


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
                        "Le remplissage n'aurait pas donné ce qui était prévu.",
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
