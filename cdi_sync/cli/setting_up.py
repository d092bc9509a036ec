"""A new installation: `init` and `demo`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdi_sync.cli.as_json import print_json, run_json
from cdi_sync.cli.in_words import show_counts, show_run
from cdi_sync.cli.options import DEFAULT_SETTINGS, Day, cdi, progress

if TYPE_CHECKING:
    from cdi_sync.model import Assessment
    from jobs.demonstrate import DemoReport


@cdi.command()
@click.argument("folder", metavar="DOSSIER", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--google",
    "spreadsheet",
    metavar="IDENTIFIANT",
    default="",
    help="Fait le registre dans cette feuille de calcul Google, vide et partagée avec le robot.",
)
@click.option(
    "--cle",
    "key",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="Clé du robot Google ; sinon la variable CDI_GOOGLE_KEY.",
)
@click.option("--json", "as_json", is_flag=True, help="Résultat en JSON.")
def init(folder: Path, spreadsheet: str, key: Path | None, as_json: bool) -> None:
    """Crée un registre vide et ses réglages dans DOSSIER. Avec --google, une nouvelle fois répare le registre."""
    from cdi_sync.edges.setup import create, create_google

    if spreadsheet:
        with progress("Mise en place dans la feuille de calcul Google"):
            settings, changes = create_google(folder, spreadsheet, key)
        if as_json:
            return print_json({"created": [str(settings)], "requests": changes})
        done = f"{changes} point(s) mis en place" if changes else "rien à changer"
        click.echo(f"Registre Google : {done}. Réglages : {settings}")
        return click.echo(f"Ensuite : remplir la feuille de calcul, puis « cdi run --config {settings} ».")
    created = create(folder, {})
    if as_json:
        return print_json({"created": [str(path) for path in created]})
    click.echo("Registre créé :")
    for path in created:
        click.echo(f"  {path}")
    click.echo(f"Ensuite : remplir {created[1].name}, puis « cdi run --config {created[0]} ».")


@cdi.command()
@click.argument("folder", metavar="[DOSSIER]", type=click.Path(path_type=Path, file_okay=False), default="build/demo")
@click.option("--seed", type=int, default=1, help="Graine du tirage : même graine, même registre.")
@click.option("--size", type=click.IntRange(min=1), default=703, help="Nombre d'actes.")
@click.option("--as-of", type=Day(), default="2026-11-23", metavar="AAAA-MM-JJ", help="Jour de la démonstration.")
@click.option("--json", "as_json", is_flag=True, help="Résultat en JSON.")
def demo(folder: Path, seed: int, size: int, as_of: date, as_json: bool) -> None:
    """Construit un registre national d'exemple dans DOSSIER, puis fait le travail d'un jour."""
    from cdi_sync.demo import build
    from cdi_sync.edges.config import Declarations
    from cdi_sync.edges.installation import Installation
    from cdi_sync.edges.setup import create_demo
    from jobs.demonstrate import demonstrate

    with progress("Construction du registre d'exemple"):
        declared = Declarations()
        registry = build(seed=seed, size=size, as_of=as_of, law=declared.law, calendar=declared.calendar)
        settings = create_demo(folder, registry)
    with progress("Contrôle, écriture et courriels"):
        done = demonstrate(Installation.at(settings), registry, as_of)
    if as_json:
        return print_json(run_json(done.run))
    _demo_summary(folder, done)


def _demo_summary(folder: Path, done: "DemoReport") -> None:
    report, strange = done.run, len(done.differing)
    assessment = report.reading.assessment
    click.echo(f"\nRegistre d'exemple contrôlé au {assessment.as_of:%d/%m/%Y} : {len(assessment.cases)} actes.\n")
    show_counts(assessment)
    show_run(report)
    click.echo(
        f"Contrôlé de nouveau, une fois écrit : {strange} ligne(s) où le constat n'est pas ce qui a été semé."
        if strange else "Contrôlé de nouveau, une fois écrit : les anomalies semées, et aucune autre."
    )  # fmt: skip
    _show_requests(assessment)
    click.echo("\nOù regarder :")
    for name, what in (
        ("registre.xlsx", "le classeur : onglets Tableau de bord, Actes, Anomalies, Échéancier"),
        ("courriels/", "les rappels, un fichier .eml par personne, et les rapports des présidents"),
        ("formulaires/recus/", "les formulaires que des services ont renvoyés ; voir l'onglet Demandes reçues"),
        ("attendu.json", "les anomalies semées, ligne par ligne"),
        ("settings.toml", "les réglages"),
    ):
        click.echo(f"  {folder / name}  {what}")
    example = _telling_case(assessment)
    click.echo(
        f"\nEssayer : .venv/bin/cdi explain {example} --config {folder / DEFAULT_SETTINGS} --as-of {assessment.as_of}"
    )


def _show_requests(assessment: "Assessment") -> None:
    """The answers to forms, and what became of each."""
    if assessment.requests:
        click.echo(f"\n{len(assessment.requests)} réponses à des formulaires :")
    for number, told in assessment.requests.items():
        click.echo(f"  {number}  {told.state}")
        for text in filter(None, (told.resembles, told.to_complete)):
            click.echo("\n".join(f"             {line}" for line in text.splitlines()))


def _telling_case(assessment: Any) -> str:
    """A case worth explaining: one that waits for its visa, else any."""
    waiting = (s.id for s in assessment.standings.values() if s.visa_day is not None)
    return next(waiting, next(iter(assessment.cases), "ACT-00001"))
