"""A service that receives answers to forms: an installation, what its one source brings, and the hands of its staff.

`memory_office` keeps its registry in memory, small and quick; `xlsx_office` in a real workbook.
"""

import copy
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cdi_sync.cells import is_blank
from cdi_sync.edges.config import Declarations
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.store import Store
from cdi_sync.edges.workbook import NewRows, must_be_empty
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.forms.submission import Submission
from cdi_sync.model import Grid, Raw, Registry, RequestTold, Row, Tab
from cdi_sync.tables import read_registry
from jobs.intake import IntakeReport, intake
from tests.demos import AS_OF, lean_installation
from tests.forms.answers import forms
from tests.registries import DECLARED, complete, grids

SETTINGS = '[registre]\nlignes_en_reserve = 0\nmodules = ["suivi", "finances", "formulaires"]\n'
HERE = "COL-00001"  # the council of a memory office


@dataclass(frozen=True)
class Seen:
    """A registry in memory as it was read."""

    grids: Mapping[str, Grid]
    warnings: Sequence[str] = ()


@dataclass
class MemoryBook:
    """A registry in memory, that keeps to what `Workbook.append` promises. is_open: somebody has it open."""

    cells: dict[str, list[list[Raw]]]
    name: str = "registre en mémoire"
    is_open: bool = False

    def read(self) -> Seen:
        return Seen({title: Grid(title, [list(row) for row in rows]) for title, rows in self.cells.items()})

    def append(self, snapshot: Seen, new: NewRows, registry: Registry, tabs: Mapping[str, Tab], stamp: str) -> int:
        if self.is_open or any(snapshot.grids[title].rows != rows for title, rows in self.cells.items()):
            raise BusyError("Le classeur est ouvert.", fix="Le fermer.")
        for name, rows in new.items():
            for number, values in rows.items():
                self._refuse_used(tabs[name], number, values, registry)
        for name, rows in new.items():
            for number, values in rows.items():
                line = self._line(name, number, registry)
                for key, value in values.items():
                    line[registry.layouts[name].positions[key] - 1] = value
        return sum(len(values) for rows in new.values() for values in rows.values())

    def _refuse_used(self, tab: Tab, number: int, values: Mapping[str, Any], registry: Registry) -> None:
        line, at = self._line(tab.name, number, registry), registry.layouts[tab.name].positions
        columns = must_be_empty(tab, number, values, registry)
        if any(not is_blank(line[at[key] - 1]) for key in columns) or line[at["id"] - 1] not in (None, values["id"]):
            raise RegistryError("Une ligne à remplir n'est pas libre.", where=f"{tab.title}, ligne {number}")

    def _line(self, name: str, number: int, registry: Registry) -> list[Raw]:
        rows, layout = self.cells[registry.layouts[name].title], registry.layouts[name]
        while len(rows) < number:
            rows.append([None] * max(layout.positions.values()))
        return rows[number - 1]


@dataclass
class Office:
    """An installation, the answers that its source brings, and the hands of its staff."""

    at: Installation
    brought: Sequence[Submission] = field(default=())

    def receive(self, *brought: Submission) -> IntakeReport:
        """Runs the job; the source goes on bringing what it brought."""
        self.brought = brought or self.brought
        return intake(self.at, AS_OF, sources={"essai": lambda _: iter(self.brought)})

    def registry(self) -> Registry:
        return read_registry(self.at.book.read().grids, list(self.at.knowledge.tabs.values()))

    def rows(self, tab: str) -> tuple[Row, ...]:
        return self.registry()[tab]

    def type_in(self, tab: str, *ids: str, **cells: Any) -> None:
        """Fills empty cells of these rows, as a person would."""
        snapshot, registry = self.at.book.read(), self.registry()
        new = {row.number: {"id": row.id, **cells} for row in registry[tab] if row.id in ids}
        self.at.book.append(snapshot, {tab: new}, registry, self.at.knowledge.tabs, "x")

    def accept(self, *ids: str) -> None:
        self.type_in("demandes", *ids, decision="Accepter")

    def overwrite(self, row: Row, column: str, value: Raw) -> None:
        """Types over a cell of a memory office."""
        book: Any = self.at.book
        layout = self.registry().layouts[row.tab]
        book.cells[layout.title][row.number - 1][layout.positions[column] - 1] = value

    def told(self, id_: str = "DEM-00001") -> RequestTold:
        return self.at.read(AS_OF).assessment.requests[id_]


def _declared() -> Declarations:
    """What the product declares, with the forms of these tests."""
    ours = copy.copy(DECLARED)
    ours.__dict__["forms"] = forms()
    return ours


@lru_cache(maxsize=1)
def _new_ledger() -> TemporaryDirectory[str]:
    """A ledger that knows nothing: making its tables takes longer than a test."""
    folder = TemporaryDirectory(prefix="cdi-ledger-")
    Store.open(Path(folder.name) / "suivi.sqlite").close()
    return folder


def _installed(folder: Path) -> Installation:
    (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    shutil.copy(Path(_new_ledger().name) / "suivi.sqlite", folder)
    return replace(Installation.at(folder / "settings.toml"), declarations=_declared())


def memory_office(folder: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> Office:
    """A commune, Fès, with those rows besides."""
    folder.mkdir(parents=True, exist_ok=True)
    at = _installed(folder)
    held = grids(complete({"plan_action": [{"quoi_activite": "Former dix agents"}], **(rows or {})}))
    at.__dict__["book"] = MemoryBook({title: [list(row) for row in grid.rows] for title, grid in held.items()})
    return Office(at)


def xlsx_office(folder: Path) -> Office:
    """A small demo, in a workbook."""
    lean_installation(folder)
    return Office(_installed(folder))
