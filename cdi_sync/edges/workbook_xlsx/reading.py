"""Reads the cells of a local `.xlsx`.

Never loaded and saved: python-calamine reads values, and one pass over the XML tells what it hides (error cells,
formulas never computed).
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.edges.workbook_xlsx.parts import Package, SheetScan, open_package, scan_telling_rows
from cdi_sync.errors import RegistryError
from cdi_sync.model import CellError, Grid, Raw

if TYPE_CHECKING:
    pass

MOST_ROWS, MOST_COLUMNS = 500_000, 1_000
UNCOMPUTED = CellError("une formule sans résultat enregistré")


@dataclass(frozen=True)
class Snapshot:
    """A workbook as it was read: its bytes, and the raw cells of every visible or hidden sheet."""

    data: bytes
    grids: Mapping[str, Grid]
    date1904: bool

    @property
    def warnings(self) -> Sequence[str]:
        """None: what people type in a file is read by their own program."""
        return ()


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
