"""The daily work: `check`, `sync`, `remind`, `report`, `run`."""

import click

from cdi_sync.cli.as_json import finding_json, letters_json, print_json, run_json
from cdi_sync.cli.in_words import show_findings, show_healed, show_letters, show_reports, show_run
from cdi_sync.cli.options import Where, cdi, common, progress
from cdi_sync.errors import ExitCode


@cdi.command()
@common
def check(where: Where) -> None:
    """Contrôle chaque ligne et dit ce qui ne va pas. N'écrit rien. Code 1 s'il reste une anomalie bloquante."""
    installation = where.installation()
    with progress("Contrôle"):
        reading = installation.read(where.today())
    assessment = reading.assessment
    if where.as_json:
        print_json({"as_of": assessment.as_of, "findings": [finding_json(f, reading) for f in assessment.findings]})
    else:
        show_findings(assessment.findings, installation, reading)
    if any(finding.is_open_blocking for finding in assessment.findings):
        raise SystemExit(ExitCode.BLOCKING_FINDINGS)


@cdi.command()
@common
def sync(where: Where) -> None:
    """Écrit dans le classeur l'étape, la prochaine étape et les anomalies de chaque ligne."""
    from jobs.sync import sync as write

    installation = where.installation()
    with installation.alone(), progress("Contrôle et écriture"):
        report = write(installation, installation.read(where.today()), dry_run=where.dry_run)
    if where.as_json:
        return print_json({"written": {"cells": report.cells, "rows": report.rows}, "healed": report.healed})
    click.echo(f"{report.cells} cellule(s) mises à jour sur {report.rows} ligne(s).")
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
@common
def report(apercu: str | None, where: Where) -> None:
    """Prépare les rapports de la semaine, un par collectivité, pour son président."""
    from jobs.report import preview
    from jobs.report import report as speak

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


@cdi.command()
@common
def run(where: Where) -> None:
    """Fait tout le travail du jour : contrôle, rapports de la semaine, rappels, écriture dans le classeur."""
    from jobs.run import run as run_jobs

    installation = where.installation()
    with installation.alone(), progress("Travail du jour"):
        report = run_jobs(installation, where.today(), dry_run=where.dry_run)
    if where.as_json:
        print_json(run_json(report))
        if report.busy:
            click.echo(report.busy, err=True)
    else:
        show_run(report, dry_run=where.dry_run)
    if report.went_wrong:
        raise SystemExit(ExitCode.MAIL)
    if report.busy:
        raise SystemExit(ExitCode.WORKBOOK)
