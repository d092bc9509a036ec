"""The job that takes over an existing list: read → correspondence → decided row by row → appended, when asked to.

The correspondence is the one given, else the one kept beside the list, else a proposal, which is kept there for people to
change. Without `apply` the registry isn't touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cdi_sync.edges import clock, files, lists
from cdi_sync.edges.installation import Installation
from cdi_sync.errors import CdiError, ConfigError
from cdi_sync.importing import (
    Correspondence,
    Import,
    Options,
    Vocabulary,
    contradiction,
    place,
    propose,
    with_council,
)
from cdi_sync.importing.vocabulary import PARTNER
from cdi_sync.model import Grid, Registry
from cdi_sync.tables import read_registry


@dataclass(frozen=True)
class ImportReport:
    """What was decided; the file of the correspondence, and whether it was made; cells written in the registry."""

    decided: Import
    correspondence: Path
    proposed: bool
    cells: int = 0
    applied: bool = False


@dataclass(frozen=True)
class Request:
    """What is asked: the list, its correspondence if one is given, whose rows they are when they don't say."""

    path: Path
    mapping: Path | None = None
    council: str = ""
    historical: bool = False
    apply: bool = False


def import_list(installation: Installation, asked: Request, today: date, *, dry_run: bool = False) -> ImportReport:
    """Decides, and writes when `asked.apply` and not dry_run. Raises CdiError, ConfigError, RegistryError or BusyError."""
    grids = lists.read_list(asked.path)
    words = installation.declarations.vocabulary
    snapshot = installation.book.read()
    registry = read_registry(snapshot.grids, list(installation.knowledge.tabs.values()))
    kept = lists.correspondence_path(asked.path)
    given = asked.mapping or (kept if kept.is_file() else None)
    plan = _given(given, grids, words) if given else propose(grids, words, council=_only_council(registry))
    if not any(sheet.to(PARTNER) for sheet in plan.sheets):
        raise _no_table(asked.path, plan)
    if asked.council:
        plan = with_council(plan, asked.council)
    if given is None and not dry_run:
        files.write_atomically(kept, lists.correspondence_text(plan, asked.path.name).encode())
    decided = place(grids, plan, registry, words, Options(today, asked.historical))
    cells = 0
    if asked.apply and not dry_run and any(decided.additions.values()):
        new = {
            name: {
                added.row: {installation.knowledge.tabs[name].columns[0].key: added.id, **added.cells} for added in rows
            }
            for name, rows in decided.additions.items()
        }
        cells = installation.book.append(
            snapshot, new, registry, installation.knowledge.tabs, files.stamp_of(clock.now())
        )
    return ImportReport(decided, given or kept, given is None, cells, asked.apply and not dry_run)


def _given(path: Path, grids: Sequence[Grid], words: Vocabulary) -> Correspondence:
    plan = lists.read_correspondence(path, words)
    if why := contradiction(plan, grids):
        raise ConfigError("La correspondance n'est pas celle de cette liste.", where=path.name, why=why,
                          fix="Corriger ce fichier, ou le supprimer pour qu'une correspondance soit proposée.")  # fmt: skip
    return plan


def _only_council(registry: Registry) -> str:
    """The number of the registry's council when it holds one only."""
    rows = registry["collectivites"]
    return rows[0].id if len(rows) == 1 and not rows[0].quarantined else ""


def _no_table(path: Path, plan: Correspondence) -> CdiError:
    read = [f"feuille « {s.title} », titres ligne {s.header_row}" for s in plan.sheets if s.header_row]
    return CdiError(
        "Aucune colonne de la liste ne donne le partenaire.", where=path.name,
        why=f"titres reconnus : {' ; '.join(read)}" if read else "aucune ligne de titres n'a été reconnue",
        fix="Donner sur une même ligne, au-dessus des données, des titres comme Partenaire, Pays, Nature, Date de signature.",
    )  # fmt: skip
