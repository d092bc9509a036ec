"""A registry that moves house: `export`; `import --registre` shows its report with the same words."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdi_sync.cli.as_json import print_json
from cdi_sync.cli.options import Where, cdi, common, progress

if TYPE_CHECKING:
    from jobs.move import MoveReport

_NO_LEDGER = (
    "Attention : le registre des courriers (suivi.sqlite) de l'autre installation n'est pas dans ce fichier. Sans lui, "
    "des rappels qu'elle a déjà envoyés partiront de nouveau d'ici. Pour l'emporter : --suivi CHEMIN/suivi.sqlite."
)


@cdi.command()
@click.argument("file", metavar="[FICHIER.xlsx]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--google", "spreadsheet", metavar="IDENTIFIANT", default="",
              help="Vers cette feuille de calcul Google, vide et partagée avec le robot.")  # fmt: skip
@click.option("--cle", "key", type=click.Path(path_type=Path), metavar="FICHIER",
              help="Clé du robot Google ; sinon celle des réglages, ou la variable CDI_GOOGLE_KEY.")  # fmt: skip
@click.option("--remplacer", "overwrite", is_flag=True, help="Écraser FICHIER.xlsx s'il existe.")
@click.option("--basculer", "switch", is_flag=True, help="Les réglages désignent ensuite le nouveau registre.")
@common
def export(file: Path | None, spreadsheet: str, key: Path | None, overwrite: bool, switch: bool, where: Where) -> None:
    """Copie tout le registre dans un classeur .xlsx ou une feuille de calcul Google, puis relit la copie."""
    from jobs.move import XlsxTarget, to_google
    from jobs.move import export as move

    if bool(file) == bool(spreadsheet):
        raise click.UsageError("Donner soit un fichier, soit --google IDENTIFIANT.")
    if file and file.suffix.lower() != ".xlsx":
        raise click.UsageError("Le fichier doit finir par .xlsx.")
    installation = where.installation()
    with installation.alone(), progress("Copie du registre"):
        target = (
            XlsxTarget(file.resolve(), installation, overwrite=overwrite)
            if file
            else to_google(installation, spreadsheet, key)
        )
        report = move(installation, target, where.today(), switch=switch, dry_run=where.dry_run)
    told = str(file) if file else "la feuille de calcul Google"
    if where.as_json:
        return print_json(_report_json(report, told))
    show_moved(report, f"Registre copié dans {told}")
    if report.switched:
        click.echo(f"Les réglages désignent maintenant {told}. L'ancien registre est resté tel quel : le ranger, pour que "
                   "personne n'y écrive plus. Les courriers déjà faits restent connus.")  # fmt: skip
    elif report.applied:
        click.echo("Les réglages n'ont pas changé ; --basculer les fait désigner la copie.")


def take_over(file: Path, ledger: Path | None, where: Where) -> None:
    """`cdi import FICHIER --registre`."""
    from jobs.move import take_over as job

    installation = where.installation()
    with installation.alone(), progress("Reprise du registre"):
        report = job(installation, file, where.today(), ledger=ledger, dry_run=where.dry_run)
    if where.as_json:
        return print_json({**_report_json(report, installation.book.name), "letters": report.letters})
    show_moved(report, f"{file.name} repris dans {installation.book.name}")
    if ledger is None:
        click.echo(_NO_LEDGER)
    elif report.letters is not None:
        click.echo(f"Registre des courriers repris : {report.letters} courriel(s) déjà faits.")
    if report.applied:
        click.echo("Ensuite : « cdi run » contrôle et complète.")


def _report_json(report: "MoveReport", told: str) -> dict[str, object]:
    return {
        "to": told, "applied": report.applied, "switched": report.switched, "rows": dict(report.rows),
        "journal": report.journal, "own_tabs": list(report.own), "left": list(report.left),
    }  # fmt: skip


def show_moved(report: "MoveReport", done: str) -> None:
    """What was carried, then all that wasn't."""
    rows = f"{sum(report.rows.values())} ligne(s), {report.journal} ligne(s) de journal"
    own = f", {len(report.own)} onglet(s) à vous" if report.own else ""
    click.echo(f"{done if report.applied else 'À copier'} : {rows}{own}.")
    if report.applied:
        click.echo("Relu : mêmes cellules, mêmes numéros, mêmes constats.")
    else:
        click.echo("Rien n'a été écrit (--dry-run).")
    if report.left:
        click.echo("\nNe suit pas, ou change :")
    for line in report.left:
        click.echo(f"  {line}")
