"""The job that writes: reads the workbook, assesses it, and writes beside each row where it stands.

Steps: read → assess → change the system cells that differ → one line in the journal if anything changed → replace
the file if it is still as it was read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cdi_sync.cells import is_blank, shown
from cdi_sync.console import finish
from cdi_sync.edges import clock, files
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.edges.ledger.store import Published
from cdi_sync.edges.workbook import Changes, count, rows
from cdi_sync.model import CellError, Raw, Tab
from cdi_sync.publish import Plan, journal, plan
from cdi_sync.shown import JOURNAL
from cdi_sync.tables import letters
from jobs.guard import refuse_shrunk


@dataclass(frozen=True)
class SyncReport:
    """What was written: cells and rows changed, and the text that was found in system cells."""

    cells: int = 0
    rows: int = 0
    healed: tuple[str, ...] = ()


def sync(
    installation: Installation, reading: Reading, *, dry_run: bool = False, letters_new: int = 0, invitations: int = 0,
    checked: bool = False,
) -> SyncReport:  # fmt: skip
    """Brings the workbook's system cells and tabs up to date.

    Raises BusyError when it is open or has changed, RegistryError when it has lost many rows since the last run.
    letters_new: letters made by the same run, for the journal; invitations: those among them about meetings.
    dry_run: computes, writes nothing. checked: the registry is known not to have shrunk.
    """
    knowledge, assessment, snapshot = installation.knowledge, reading.assessment, reading.snapshot
    wanted = plan(assessment, knowledge, spare_rows=installation.settings.registre.lignes_en_reserve)
    titles = {name: layout.title for name, layout in assessment.registry.layouts.items()}
    changes = installation.book.changes(snapshot, wanted, assessment.registry.layouts)
    if not changes.cells and not letters_new:
        return SyncReport()
    if not checked:
        refuse_shrunk(installation, reading, dry_run=dry_run)
    before = installation.ledger(dry_run=dry_run).published()
    healed = (*_healed(reading, changes, titles, knowledge.tabs, before), *changes.typed_over)
    cells = count(changes)
    made = f"{letters_new} courriel(s)" + (f", dont {invitations} sur des réunions" if invitations else "")
    line = f"{cells} cellule(s) mises à jour, {made}, {len(assessment.findings)} constat(s)"
    lines = _journal_lines(reading)
    told = {str(line[-1]) for line in lines}  # a warning lasts until somebody mends its cause: once is enough
    new = [(assessment.as_of, "Texte effacé", text) for text in healed]
    new += [(assessment.as_of, "Réglages", text) for text in snapshot.warnings if text not in told]
    new.append((assessment.as_of, "Contrôle", line))
    if not dry_run:
        installation.store.remember_published(_published(wanted, reading, titles, knowledge.tabs, before))
        changes.also({JOURNAL: journal(lines, new)}).write(files.stamp_of(clock.now()))
    return SyncReport(cells=cells, rows=rows(changes), healed=healed)


def _journal_lines(reading: Reading) -> Sequence[Sequence[str | date]]:
    """The lines that the journal holds already, below its title and its headers."""
    grid = reading.snapshot.grids.get(JOURNAL)
    rows = grid.rows[2:] if grid else ()
    return [
        [cell if isinstance(cell, date) else shown(cell) for cell in row[:3]]
        for row in rows
        if not all(map(is_blank, row))
    ]


def _healed(
    reading: Reading, changes: Changes, titles: Mapping[str, str], tabs: Mapping[str, Tab], before: Published
) -> Iterator[str]:
    """What someone typed in a system cell, now replaced."""
    for name in tabs:
        column_at, id_of = _places(reading, name)
        held_rows = reading.snapshot.grids[titles[name]].rows
        for row, col in changes.cells.get(titles[name], ()):
            held = _held(held_rows, row, col)
            if _is_typed(held, before.get((name, id_of.get(row, "")), {}).get(column_at[col])):
                yield f"{titles[name]} {letters(col)}{row} : « {shown(held)} »"


def _published(
    wanted: Plan, reading: Reading, titles: Mapping[str, str], tabs: Mapping[str, Tab], before: Published
) -> Published:
    """What is ours in each system cell, whether or not the file gets replaced: what it will show, and what it shows.

    Remembered first: were we stopped just after the file is replaced, our own text would pass for someone's.
    """
    remembered: dict[tuple[str, str], dict[str, Sequence[str]]] = {}
    for name in tabs:
        column_at, id_of = _places(reading, name)
        held_rows = reading.snapshot.grids[titles[name]].rows
        for (row, col), cell in wanted.cells[name].items():
            if row in id_of:
                key, held = (name, id_of[row]), _held(held_rows, row, col)
                kept = [] if _is_typed(held, before.get(key, {}).get(column_at[col])) else [shown(held)]
                remembered.setdefault(key, {})[column_at[col]] = list(dict.fromkeys([shown(cell.value), *kept]))
    return remembered


def _places(reading: Reading, name: str) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """In a tab as read: position → column key, row number → identifier."""
    registry = reading.assessment.registry
    column_at = {position: key for key, position in registry.layouts[name].positions.items()}
    return column_at, {row.number: row.id for row in registry[name]}


def _held(rows: Sequence[Sequence[Raw]], row: int, col: int) -> Raw:
    return rows[row - 1][col - 1] if row <= len(rows) and col <= len(rows[row - 1]) else None


def _is_typed(held: Raw, ours: Sequence[str] | None) -> bool:
    """True for what isn't ours. ours: None when nothing is remembered of the cell, which accuses nobody."""
    if ours is None or is_blank(held) or isinstance(held, CellError):  # our own link, whose text a program dropped
        return False
    return shown(held) not in ours


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        report = sync(installation, installation.read(clock.today()))
    print(f"{report.cells} cellule(s) mises à jour.")


if __name__ == "__main__":
    finish(main)
