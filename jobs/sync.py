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
from cdi_sync.edges import clock, workbook_xlsx
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.edges.workbook_xlsx import Written
from cdi_sync.model import CellError, Tab
from cdi_sync.publish import JOURNAL, Plan, journal, plan
from cdi_sync.tables import letters


@dataclass(frozen=True)
class SyncReport:
    """What was written: cells and rows changed, and the text that was found in system cells."""

    cells: int = 0
    rows: int = 0
    healed: tuple[str, ...] = ()


def sync(installation: Installation, reading: Reading, *, dry_run: bool = False, letters_new: int = 0) -> SyncReport:
    """Brings the workbook's system cells and tabs up to date. Raises BusyError when it is open or has changed.

    letters_new: letters made by the same run, for the journal. dry_run: computes, writes nothing.
    """
    knowledge, assessment, snapshot = installation.knowledge, reading.assessment, reading.snapshot
    wanted = plan(assessment, knowledge, spare_rows=installation.settings.registre.lignes_en_reserve)
    titles = workbook_xlsx.sheet_titles(snapshot, knowledge.tabs)
    written = workbook_xlsx.apply(snapshot, wanted, titles)
    if not written.cells and not letters_new:
        return SyncReport()
    healed = tuple(_healed(installation, reading, written, titles, dry_run=dry_run))
    line = f"{written.count} cellule(s) mises à jour, {letters_new} courriel(s), {len(assessment.findings)} constat(s)"
    new = [(assessment.as_of, "Texte effacé", text) for text in healed] + [(assessment.as_of, "Contrôle", line)]
    final = workbook_xlsx.apply(
        workbook_xlsx.Snapshot(written.data, snapshot.grids, snapshot.date1904),
        Plan(tabs={JOURNAL: journal(_journal_lines(reading), new)}),
        titles,
    )
    if not dry_run:
        workbook_xlsx.replace(installation.workbook, snapshot, final.data,
                              backups=installation.settings.registre.sauvegardes,
                              stamp=workbook_xlsx.stamp_of(clock.now()))  # fmt: skip
        installation.store.remember_published(_published(wanted, reading, knowledge.tabs))
    return SyncReport(cells=written.count, rows=written.rows, healed=healed)


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
    installation: Installation, reading: Reading, written: Written, titles: Mapping[str, str], *, dry_run: bool
) -> Iterator[str]:
    """What someone typed in a system cell, now replaced: it isn't what the last run had written there."""
    before = installation.ledger(dry_run=dry_run).published()
    for name, tab in installation.knowledge.tabs.items():
        layout = reading.assessment.registry.layouts[name]
        column_at = {position: key for key, position in layout.positions.items()}
        id_of = {row.number: row.id for row in reading.assessment.registry[name]}
        rows = reading.snapshot.grids[titles[name]].rows
        for row, col in written.cells.get(titles[name], ()):
            remembered = before.get((name, id_of.get(row, "")), {})
            held = rows[row - 1][col - 1] if row <= len(rows) and col <= len(rows[row - 1]) else None
            if isinstance(held, CellError):  # our own link, whose cached text another program dropped
                continue
            if column_at[col] in remembered and not is_blank(held) and shown(held) != remembered[column_at[col]]:
                yield f"{tab.title} {letters(col)}{row} : « {shown(held)} »"


def _published(wanted: Plan, reading: Reading, tabs: Mapping[str, Tab]) -> Mapping[tuple[str, str], Mapping[str, str]]:
    registry = reading.assessment.registry
    remembered: dict[tuple[str, str], dict[str, str]] = {}
    for name in tabs:
        column_at = {position: key for key, position in registry.layouts[name].positions.items()}
        id_of = {row.number: row.id for row in registry[name]}
        for (row, col), cell in wanted.cells[name].items():
            if row in id_of:
                remembered.setdefault((name, id_of[row]), {})[column_at[col]] = shown(cell.value)
    return remembered


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        report = sync(installation, installation.read(clock.today()))
    print(f"{report.cells} cellule(s) mises à jour.")


if __name__ == "__main__":
    finish(main)
