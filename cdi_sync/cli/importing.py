"""An existing list taken over: `import`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdi_sync.cli.as_json import print_json
from cdi_sync.cli.moving import take_over
from cdi_sync.cli.options import Where, cdi, common, progress

if TYPE_CHECKING:
    from cdi_sync.importing import CellFate, Import, RowFate, SheetPlan, Vocabulary


@cdi.command("import")
@click.argument("file", metavar="FICHIER", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FICHIER",
              help="Correspondance à suivre ; par défaut FICHIER.correspondance.toml, proposé la première fois.")  # fmt: skip
@click.option("--collectivite", metavar="N°", default="",
              help="Collectivité des lignes qui n'en nomment pas : numéro, code HCP ou nom.")  # fmt: skip
@click.option("--historique", is_flag=True, help="Marquer « Acte historique » les actes déjà signés.")
@click.option(
    "--apply", "apply_", is_flag=True, help="Écrire les lignes dans le registre ; sans cette option, rien n'y change."
)
@click.option("--registre", "whole", is_flag=True,
              help="FICHIER est un registre de cdi_sync : le reprendre entier dans celui-ci, qui doit être vide.")  # fmt: skip
@click.option("--suivi", "ledger", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FICHIER",
              help="Avec --registre : registre des courriers (suivi.sqlite) de l'autre installation.")  # fmt: skip
@common
def import_(
    file: Path, mapping: Path | None, collectivite: str, historique: bool, apply_: bool, whole: bool,
    ledger: Path | None, where: Where,
) -> None:  # fmt: skip
    """Reprend une liste existante (.xlsx, .csv) : propose où va chaque colonne, dit ce que devient chaque ligne.

    Avec --registre, reprend tout un registre de cdi_sync, numéros et journal compris.
    """
    if whole:
        if mapping or collectivite or historique or apply_:
            raise click.UsageError(
                "--registre reprend tout : il va sans --mapping, --collectivite, --historique ni --apply."
            )
        return take_over(file, ledger, where)
    if ledger:
        raise click.UsageError("--suivi va avec --registre.")
    from jobs.import_list import Request, import_list

    installation = where.installation()
    asked = Request(file, mapping, collectivite, historique, apply_)
    with installation.alone(), progress("Lecture de la liste"):
        report = import_list(installation, asked, where.today(), dry_run=where.dry_run)
    if where.as_json:
        return print_json(_report_json(report, file))
    words = installation.declarations.vocabulary
    for sheet in report.decided.correspondence.sheets:
        _show_sheet(sheet, words)
    _show_rows(report.decided)
    _show_end(report, file, words)


def _report_json(report: Any, file: Path) -> dict[str, object]:
    from cdi_sync.tables import letters

    decided = report.decided
    return {
        "file": file.name,
        "applied": report.applied,
        "mapping": str(report.correspondence),
        "written": {"cells": report.cells, "rows": sum(map(len, decided.additions.values())) if report.applied else 0},
        "added": {tab: len(rows) for tab, rows in decided.additions.items()},
        "sheets": [
            {"sheet": sheet.title, "header_row": sheet.header_row, "constants": sheet.constants,
             "columns": [{"letter": letters(t.column), "header": t.header, "to": t.to, "how": t.how} for t in sheet.targets]}
            for sheet in decided.correspondence.sheets
        ],
        "rows": [
            {"sheet": row.sheet, "row": row.row, "fate": row.fate, "ids": row.ids, "why": row.why,
             "cells": [{"letter": letters(c.column), "header": c.header, "text": c.text, "place": c.place, "why": c.why}
                       for c in row.cells]}
            for row in decided.rows
        ],
    }  # fmt: skip


def _show_sheet(sheet: "SheetPlan", words: "Vocabulary") -> None:
    from cdi_sync.tables import letters

    if sheet.header_row is None:
        return click.echo(f"\nFeuille « {sheet.title} » : aucun tableau reconnu.")
    click.echo(f"\nFeuille « {sheet.title} », titres à la ligne {sheet.header_row}")
    for target in sheet.targets:
        to = f"{_place(target.to, words)}  ({target.how})" if target.to else "sans correspondance"
        click.echo(f"  {letters(target.column):>3}  {target.header[:34]:34}  → {to}")
    for name, text in sheet.constants.items():
        click.echo(f"       {'toutes les lignes':34}  → {_place(name, words)} = {text}")


def _place(name: str, words: "Vocabulary") -> str:
    tab, _, key = name.partition(".")
    return f"{words.tabs[tab].title}, {words.tabs[tab].column(key).title}"


def _show_rows(decided: "Import") -> None:
    from cdi_sync.importing import Fate

    several = len({row.sheet for row in decided.rows}) > 1
    for fate, title in ((Fate.DOUBLED, "Lignes en double"), (Fate.LEFT, "Lignes laissées de côté")):
        rows = [row for row in decided.rows if row.fate is fate]
        if rows:
            click.echo(f"\n{title} : {len(rows)}")
        for row in rows:
            said = " | ".join(cell.text for cell in row.cells)
            click.echo(f"  {_line(row, several)} : {row.why}\n      {said}")
    left = [(row, cell) for row in decided.rows if row.fate is Fate.PLACED for cell in row.cells if cell.why]
    if left:
        click.echo(f"\nCellules laissées de côté dans des lignes placées : {len(left)}")
    _show_cells(left, several)


def _show_cells(left: "Sequence[tuple[RowFate, CellFate]]", several: bool) -> None:
    from cdi_sync.tables import letters

    unmapped = Counter((row.sheet, cell.column, cell.header) for row, cell in left if "sans correspondance" in cell.why)
    for (sheet, column, header), count in unmapped.items():
        where = f"feuille « {sheet} », " if several else ""
        click.echo(f"  {where}colonne {letters(column)} « {header} », sans correspondance : {count} cellule(s)")
    for row, cell in left:
        if "sans correspondance" not in cell.why:
            place = f"{_line(row, several)}, colonne {letters(cell.column)}, {row.ids[0]}"
            click.echo(f"  {place} : « {cell.text} » ; {cell.why}")


def _line(row: "RowFate", several: bool) -> str:
    return f"feuille « {row.sheet} », ligne {row.row}" if several else f"ligne {row.row}"


def _show_end(report: Any, file: Path, words: "Vocabulary") -> None:
    from cdi_sync.importing import Fate

    decided = report.decided
    counts = {fate: decided.count(fate) for fate in Fate}
    verb = "placées" if report.applied else "à placer"
    click.echo(
        f"\n{len(decided.rows)} lignes lues : {counts[Fate.PLACED]} {verb} ({len(decided.additions['actes'])} actes et "
        f"{len(decided.additions['partenaires'])} partenaires nouveaux), {counts[Fate.DOUBLED]} en double, "
        f"{counts[Fate.LEFT]} laissées de côté."
    )
    for tab, title, count in _owed(decided, words):
        click.echo(
            f"À compléter ensuite : « {title} », obligatoire, que la liste ne donne pas pour {count} ligne(s) de {tab}."
        )
    if report.applied:
        return click.echo(f"{report.cells} cellule(s) écrites dans le registre. Ensuite : « cdi run » les contrôle.")
    kept = "proposée dans" if report.proposed else "lue dans"
    click.echo(f"Correspondance {kept} {report.correspondence.name}. Rien n'a été écrit dans le registre.")
    click.echo(f"Une fois la correspondance relue : « cdi import {file} --apply ».")


def _owed(decided: "Import", words: "Vocabulary") -> Iterator[tuple[str, str, int]]:
    """(tab, column, count) of the required cells that the new rows lack."""
    for name, rows in decided.additions.items():
        for column in words.tabs[name].columns:
            count = sum(column.key not in row.cells for row in rows)
            if column.required and not column.is_system and count:
                yield words.tabs[name].title, column.title, count
