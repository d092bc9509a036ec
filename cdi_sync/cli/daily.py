"""The daily work: `check`, `sync`, `remind`, `report`, `run`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from cdi_sync.cli.as_json import commitments_json, each_json, finding_json, letters_json, print_json, run_json
from cdi_sync.cli.in_words import (
    show_commitments,
    show_each,
    show_findings,
    show_healed,
    show_letters,
    show_outcome,
    show_reports,
    show_run,
    show_warnings,
)
from cdi_sync.cli.options import Where, cdi, common, progress
from cdi_sync.errors import ConfigError, ExitCode, UnknownIdError

if TYPE_CHECKING:
    from jobs.each import Outcome


@cdi.command()
@common
def check(where: Where) -> None:
    """Contrôle chaque ligne et dit ce qui ne va pas. N'écrit rien. Code 1 s'il reste une anomalie bloquante."""
    installation = where.installation()
    with progress("Contrôle"):
        seen = installation.conclusions(where.today())
    if where.as_json:
        findings = [finding_json(finding) for finding in seen.findings]
        print_json({"as_of": seen.as_of, "findings": findings, "warnings": list(seen.warnings)})
    else:
        show_warnings(seen.warnings)
        show_findings(seen, installation)
    if any(finding.is_open_blocking for finding in seen.findings):
        raise SystemExit(ExitCode.BLOCKING_FINDINGS)


@cdi.command()
@common
def sync(where: Where) -> None:
    """Écrit dans le classeur l'étape, la prochaine étape et les anomalies de chaque ligne."""
    from jobs.sync import sync as write

    installation = where.installation()
    with installation.alone(), progress("Contrôle et écriture"):
        reading = installation.read(where.today())
        report = write(installation, reading, dry_run=where.dry_run)
    warnings = list(reading.snapshot.warnings)
    if where.as_json:
        written = {"cells": report.cells, "rows": report.rows}
        return print_json({"written": written, "healed": report.healed, "warnings": warnings})
    click.echo(f"{report.cells} cellule(s) mises à jour sur {report.rows} ligne(s).")
    show_warnings(warnings)
    show_healed(report.healed)


@cdi.command()
@common
def remind(where: Where) -> None:
    """Prépare les rappels dus, un courriel par personne."""
    from jobs.remind import remind as speak

    installation = where.installation()
    with installation.alone(), progress("Rappels"):
        report = speak(installation, installation.read(where.today()), dry_run=where.dry_run)
    if where.as_json:
        print_json({"letters": letters_json(report), "unaddressed": len(report.unaddressed)})
    else:
        show_letters(report, dry_run=where.dry_run)
    if report.went_wrong:
        raise SystemExit(ExitCode.MAIL)


@cdi.command()
@click.option("--apercu", metavar="COL-…", help="Afficher le rapport d'une collectivité, sans rien enregistrer.")
@click.option("--engagements", metavar="COL-…",
              help="Afficher l'état des engagements financiers à joindre au projet de budget d'une collectivité.")  # fmt: skip
@click.option("--exercice", type=click.IntRange(1990, 2100), metavar="ANNÉE",
              help="Exercice de cet état ; l'année prochaine par défaut.")  # fmt: skip
@common
def report(apercu: str | None, engagements: str | None, exercice: int | None, where: Where) -> None:
    """Prépare les rapports de la semaine, un par collectivité, pour son président."""
    from jobs.report import preview
    from jobs.report import report as speak

    if engagements:
        return _commitments(engagements.upper(), exercice or where.today().year + 1, where)
    installation = where.installation()
    if apercu:
        return click.echo(preview(installation, installation.read(where.today()), apercu.upper()).text)
    with installation.alone(), progress("Rapports de la semaine"):
        made = speak(installation, installation.read(where.today()), dry_run=where.dry_run)
    if where.as_json:
        print_json({"letters": letters_json(made), "unaddressed": len(made.unaddressed)})
    else:
        show_reports(made, dry_run=where.dry_run)
    if made.failed or made.delivered.unknown:
        raise SystemExit(ExitCode.MAIL)


def _commitments(council: str, year: int, where: Where) -> None:
    """The statement of a council's commitments for a budget year (LEX-16); nothing is recorded."""
    from cdi_sync.commitments import statement

    found = statement(where.installation().read(where.today()).assessment, council, year)
    if found is None:
        raise UnknownIdError(f"Aucune collectivité ne porte le numéro « {council} ».",
                             fix="Les numéros sont en colonne A de l'onglet Collectivités, comme COL-00001.")  # fmt: skip
    if where.as_json:
        print_json(commitments_json(found))
    else:
        show_commitments(found)


@cdi.command()
@click.option("--each", "folder", type=click.Path(path_type=Path), metavar="DOSSIER",
              help="Le faire pour chaque installation des sous-dossiers de DOSSIER, l'une après l'autre.")  # fmt: skip
@click.option(
    "--malgre-tout", "anyway", is_flag=True, help="Continuer alors que le classeur a perdu beaucoup de lignes."
)
@common
def run(folder: Path | None, anyway: bool, where: Where) -> None:
    """Fait tout le travail du jour : contrôle, rapports de la semaine, rappels, écriture dans le classeur."""
    from jobs.run import run as run_jobs

    if folder is not None:
        if anyway:
            raise ConfigError("--each et --malgre-tout ne vont pas ensemble.", where="options de « cdi run »",
                              fix="Le dire du seul registre concerné : cdi run --config DOSSIER/settings.toml --malgre-tout.")  # fmt: skip
        return _run_each(folder, where)
    installation = where.installation()
    with installation.alone(), progress("Travail du jour"):
        report = run_jobs(installation, where.today(), dry_run=where.dry_run, anyway=anyway)
    if where.as_json:
        print_json(run_json(report))
        if report.busy:
            click.echo(report.busy, err=True)
    else:
        show_run(report, dry_run=where.dry_run)
    if report.went_wrong:
        raise SystemExit(ExitCode.MAIL)
    if report.busy or report.intake.trouble:
        raise SystemExit(ExitCode.WORKBOOK)


def _run_each(path: Path, where: Where) -> None:
    """The day's work of each installation in a folder; what was done is told even when it is interrupted."""
    from jobs.each import Folder, each, gravest

    if click.get_current_context().get_parameter_source("config") is ParameterSource.COMMANDLINE:
        raise ConfigError("--each et --config ne vont pas ensemble.", where="options de « cdi run »",
                          fix="Avec --each, chaque sous-dossier a ses propres réglages : ôter --config.")  # fmt: skip
    folder, today = Folder.at(path), where.today()
    outcomes, began, done = each(folder, today, dry_run=where.dry_run), time.monotonic(), list["Outcome"]()
    try:
        for number, name in enumerate(folder.names, start=1):
            with progress(f"Travail du jour, {number}/{len(folder.names)} : {name}"):
                done.append(next(outcomes))
            if not where.as_json:
                show_outcome(done[-1], dry_run=where.dry_run)
    finally:
        if where.as_json:
            print_json(each_json(done, folder, today))
        else:
            show_each(done, folder, seconds=time.monotonic() - began, dry_run=where.dry_run)
    if code := gravest(done):
        raise SystemExit(code)
