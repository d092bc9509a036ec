"""The command line: reads options, calls a job or the core, prints for a person or as JSON.

Nothing is decided here. Heavy imports stay inside the commands, so that `--help` is quick. Messages go to stderr,
results to stdout; `--json` prints the contract's shapes and nothing else.
"""

import json as json_
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from cdi_sync import __version__
from cdi_sync.console import finish
from cdi_sync.errors import ExitCode, UnknownIdError

if TYPE_CHECKING:
    from cdi_sync.edges.installation import Installation, Reading
    from cdi_sync.model import Finding, Standing

DEFAULT_SETTINGS = "settings.toml"


class _Day(click.ParamType[date]):
    name = "AAAA-MM-JJ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"« {value} » n'est pas une date ; écrire par exemple 2026-11-23.", param, ctx)


def common(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command on an installation takes; hands it the options as `where`."""

    @click.option("--config", type=click.Path(path_type=Path), default=DEFAULT_SETTINGS, metavar="FICHIER",
                  help="Réglages de l'installation (settings.toml du dossier courant par défaut).")  # fmt: skip
    @click.option("--as-of", type=_Day(), metavar="AAAA-MM-JJ", help="Contrôler comme si l'on était ce jour-là.")
    @click.option("--json", "as_json", is_flag=True, help="Résultat en JSON, pour une autre machine.")
    @click.option("--lang", type=click.Choice(["fr"]), default="fr", help="Langue des messages.")
    @click.option("--dry-run", is_flag=True, help="Montrer ce qui serait fait, sans rien écrire ni enregistrer.")
    @wraps(command)
    def with_options(
        *args: Any, config: Path, as_of: date | None, as_json: bool, lang: str, dry_run: bool, **kw: Any
    ) -> None:
        command(*args, where=_Where(config, as_of, as_json, dry_run), **kw)

    return with_options


class _Where:
    """Common options, and what they lead to."""

    def __init__(self, config: Path, as_of: date | None, as_json: bool, dry_run: bool) -> None:
        self.config, self._as_of, self.as_json, self.dry_run = config, as_of, as_json, dry_run

    def installation(self) -> "Installation":
        from cdi_sync.edges.installation import Installation

        return Installation.at(self.config)

    def today(self) -> date:
        from cdi_sync.edges import clock

        return self._as_of or clock.today()


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="cdi")
def cdi() -> None:
    """Suit les actes de coopération décentralisée tenus dans un classeur partagé.

    Pour commencer : « cdi init DOSSIER » crée un registre vide, « cdi demo » un registre d'exemple.
    """


# ------------------------------------------------------------------------------------------ a new installation


@cdi.command()
@click.argument("folder", metavar="DOSSIER", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Résultat en JSON.")
def init(folder: Path, as_json: bool) -> None:
    """Crée un registre vide et ses réglages dans DOSSIER."""
    from cdi_sync.edges.setup import create

    created = create(folder, {})
    if as_json:
        return _print_json({"created": [str(path) for path in created]})
    click.echo("Registre créé :")
    for path in created:
        click.echo(f"  {path}")
    click.echo(f"Ensuite : remplir {created[1].name}, puis « cdi run --config {created[0]} ».")


@cdi.command()
@click.argument("folder", metavar="[DOSSIER]", type=click.Path(path_type=Path, file_okay=False), default="build/demo")
@click.option("--seed", type=int, default=1, help="Graine du tirage : même graine, même registre.")
@click.option("--size", type=click.IntRange(min=1), default=703, help="Nombre d'actes.")
@click.option("--as-of", type=_Day(), default="2026-11-23", metavar="AAAA-MM-JJ", help="Jour de la démonstration.")
@click.option("--json", "as_json", is_flag=True, help="Résultat en JSON.")
def demo(folder: Path, seed: int, size: int, as_of: date, as_json: bool) -> None:
    """Construit un registre national d'exemple dans DOSSIER, puis fait le travail d'un jour."""
    from cdi_sync.demo import build
    from cdi_sync.edges.config import Declarations
    from cdi_sync.edges.installation import Installation
    from cdi_sync.edges.setup import create_demo
    from jobs.run import run as run_jobs

    with _progress("Construction du registre d'exemple"):
        declared = Declarations()
        registry = build(seed=seed, size=size, as_of=as_of, law=declared.law, calendar=declared.calendar)
        settings = create_demo(folder, registry)
    with _progress("Contrôle, écriture et courriels"):
        report = run_jobs(Installation.at(settings), as_of)
    if as_json:
        return _print_json(_run_json(report))
    _demo_summary(folder, report)


def _demo_summary(folder: Path, report: Any) -> None:
    assessment = report.reading.assessment
    click.echo(f"\nRegistre d'exemple contrôlé au {assessment.as_of:%d/%m/%Y} : {len(assessment.cases)} actes.\n")
    _show_counts(assessment)
    _show_run(report)
    click.echo("\nOù regarder :")
    for name, what in (
        ("registre.xlsx", "le classeur : onglets Tableau de bord, Actes, Anomalies, Échéancier"),
        ("courriels/", "les rappels, un fichier .eml par personne"),
        ("attendu.json", "les anomalies semées, ligne par ligne"),
        ("settings.toml", "les réglages"),
    ):
        click.echo(f"  {folder / name}  {what}")
    example = _telling_case(assessment)
    click.echo(
        f"\nEssayer : .venv/bin/cdi explain {example} --config {folder / DEFAULT_SETTINGS} --as-of {assessment.as_of}"
    )


def _telling_case(assessment: Any) -> str:
    """A case worth explaining: one that waits for its visa, else any."""
    waiting = (s.id for s in assessment.standings.values() if s.visa_day is not None)
    return next(waiting, next(iter(assessment.cases), "ACT-00001"))


# ------------------------------------------------------------------------------------------------- daily work


@cdi.command()
@common
def check(where: _Where) -> None:
    """Contrôle chaque ligne et dit ce qui ne va pas. N'écrit rien. Code 1 s'il reste une anomalie bloquante."""
    installation = where.installation()
    with _progress("Contrôle"):
        reading = installation.read(where.today())
    assessment = reading.assessment
    if where.as_json:
        _print_json({"as_of": assessment.as_of, "findings": [_finding_json(f, reading) for f in assessment.findings]})
    else:
        _show_findings(assessment.findings, installation, reading)
    if any(finding.is_open_blocking for finding in assessment.findings):
        raise SystemExit(ExitCode.BLOCKING_FINDINGS)


@cdi.command()
@common
def sync(where: _Where) -> None:
    """Écrit dans le classeur l'étape, la prochaine étape et les anomalies de chaque ligne."""
    from jobs.sync import sync as write

    installation = where.installation()
    with installation.alone(), _progress("Contrôle et écriture"):
        report = write(installation, installation.read(where.today()), dry_run=where.dry_run)
    if where.as_json:
        return _print_json({"written": {"cells": report.cells, "rows": report.rows}, "healed": report.healed})
    click.echo(f"{report.cells} cellule(s) mises à jour sur {report.rows} ligne(s).")
    _show_healed(report.healed)


@cdi.command()
@common
def remind(where: _Where) -> None:
    """Prépare les rappels dus, un courriel par personne."""
    from jobs.remind import remind as speak

    installation = where.installation()
    with installation.alone(), _progress("Rappels"):
        report = speak(installation, installation.read(where.today()), dry_run=where.dry_run)
    if where.as_json:
        _print_json({"letters": _letters_json(report), "unaddressed": len(report.unaddressed)})
    else:
        _show_letters(report, dry_run=where.dry_run)
    if report.failed:
        raise SystemExit(ExitCode.MAIL)


@cdi.command()
@common
def run(where: _Where) -> None:
    """Fait tout le travail du jour : contrôle, rappels, écriture dans le classeur."""
    from jobs.run import run as run_jobs

    installation = where.installation()
    with installation.alone(), _progress("Travail du jour"):
        report = run_jobs(installation, where.today(), dry_run=where.dry_run)
    if where.as_json:
        _print_json(_run_json(report))
        if report.busy:
            click.echo(report.busy, err=True)
    else:
        _show_run(report, dry_run=where.dry_run)
    if report.letters.failed:
        raise SystemExit(ExitCode.MAIL)
    if report.busy:
        raise SystemExit(ExitCode.WORKBOOK)


# --------------------------------------------------------------------------------------------------- questions


@cdi.command()
@common
def status(where: _Where) -> None:
    """Dit où en est le registre, en quelques lignes."""
    from cdi_sync.indicators import by_form_and_situation, cases_frame, waiting

    installation = where.installation()
    assessment = installation.read(where.today()).assessment
    frame = cases_frame(assessment)
    if where.as_json:
        return _print_json({
            "as_of": assessment.as_of,
            "cases": by_form_and_situation(frame),
            "waiting": waiting(frame),
            "findings": len(assessment.findings),
            "blocking": sum(f.is_open_blocking for f in assessment.findings),
        })  # fmt: skip
    click.echo(f"Registre {installation.workbook.name}, situation au {assessment.as_of:%d/%m/%Y}\n")
    _show_counts(assessment)


@cdi.command()
@click.argument("id_", metavar="N°")
@common
def explain(id_: str, where: _Where) -> None:
    """Explique un acte : où il en est, depuis quand, ce qui suit, ce qui bloque, et selon quel texte."""
    from cdi_sync.explain import explanation

    installation = where.installation()
    reading = installation.read(where.today())
    wanted = id_.upper()
    standing = reading.assessment.standings.get(wanted)
    if standing is None:
        raise _unknown_act(wanted, reading)
    mine = [f for f in reading.assessment.findings if f.case == wanted]
    if where.as_json:
        return _print_json(_explain_json(standing, mine, reading))
    click.echo(explanation(standing, mine, reading.assessment, installation.knowledge,
                           installation.declarations.interpretations))  # fmt: skip


def _unknown_act(id_: str, reading: "Reading") -> UnknownIdError:
    from difflib import get_close_matches

    if id_ in reading.assessment.cases:
        return UnknownIdError(f"La forme de {id_} n'est pas remplie : son étape ne peut pas être dite.",
                              fix="Choisir la forme dans l'onglet Actes.")  # fmt: skip
    near = get_close_matches(id_, list(reading.assessment.cases), n=1, cutoff=0.5)
    fix = f"Vouliez-vous dire {near[0]} ?" if near else "Les numéros sont en colonne A de l'onglet Actes."
    return UnknownIdError(f"Aucun acte ne porte le numéro « {id_} ».", fix=fix)


@cdi.command()
@click.argument("id_", metavar="[RÈGLE]", required=False)
@common
def rules(id_: str | None, where: _Where) -> None:
    """Liste les règles de la procédure, ou en détaille une."""
    from cdi_sync.edges.config import Declarations

    overlay = where.config.resolve().parent / "config" if where.config.is_file() else None
    rulebook = Declarations(overlay).rulebook
    if id_ and id_.upper() not in rulebook:
        raise UnknownIdError(f"Aucune règle ne s'appelle « {id_} ».", fix="La liste : « cdi rules ».")
    chosen = [rulebook[id_.upper()]] if id_ else list(rulebook.values())
    if where.as_json:
        return _print_json([_rule_json(rule) for rule in chosen])
    for rule in chosen:
        mark = "✓" if rule.executable else "·"
        click.echo(f"{mark} {rule.id:8} {rule.severity:10} {rule.title}")
        if id_:
            _show_rule(rule)
    if not id_:
        executable = sum(rule.executable for rule in chosen)
        click.echo(f"\n{len(chosen)} règles, dont {executable} vérifiées par le système (✓).")


@cdi.command()
@common
def outbox(where: _Where) -> None:
    """Liste les courriels préparés et ce qu'ils sont devenus."""
    installation = where.installation()
    notices = installation.store.notices_of()
    letters = installation.store.letters()
    if where.as_json:
        return _print_json([
            {"key": x.key, "message_id": x.message_id, "to": x.to, "lang": x.lang, "kind": x.kind, "state": x.state,
             "notices": notices.get(x.key, []), "eml": str(Path(installation.settings.mail.dossier) / x.eml)}
            for x in letters
        ])  # fmt: skip
    for letter in letters:
        click.echo(
            f"{letter.day:%d/%m/%Y}  {letter.state:7}  {letter.to:45}  {len(notices.get(letter.key, []))} rappel(s)  {letter.eml}"
        )
    click.echo(f"{len(letters)} courriel(s) enregistrés." if letters else "Aucun courriel enregistré.")


@cdi.command()
@common
def schema(where: _Where) -> None:
    """Décrit les onglets et les colonnes du registre."""
    from cdi_sync.edges.config import Declarations

    positions: dict[str, int] = {}
    if where.config.is_file():
        installation = where.installation()
        tabs = installation.declarations.tabs
        if installation.workbook.is_file():
            layouts = installation.read(where.today()).assessment.registry.layouts
            positions = {name: layout.header_row for name, layout in layouts.items()}
    else:
        tabs = Declarations().tabs
    described = [
        {"tab": tab.name, "title": tab.title, "header_row": positions.get(tab.name, 1),
         "columns": [{"key": c.key, "title": c.title, "catalogue": c.catalogue, "type": c.type, "owner": c.owner}
                     for c in tab.columns]}
        for tab in tabs.values()
    ]  # fmt: skip
    if where.as_json:
        return _print_json(described)
    for tab in tabs.values():
        click.echo(f"\n{tab.title} ({tab.prefix})")
        for column in tab.columns:
            click.echo(f"  {column.title:40} {column.type:10} {'système' if column.is_system else 'à remplir'}")


@cdi.command()
@common
def doctor(where: _Where) -> None:
    """Vérifie l'installation : réglages, classeur, courriels, fuseaux horaires."""
    from cdi_sync.edges.diagnosis import examine

    results = examine(where.config, where.today())
    if where.as_json:
        _print_json([{"check": r.what, "ok": r.ok, "detail": r.detail, "fix": r.fix} for r in results])
    else:
        for result in results:
            click.echo(f"{'✓' if result.ok else '✗'} {result.what} : {result.detail}")
            if result.fix and not result.ok:
                click.echo(f"    → {result.fix}")
    failed = [result for result in results if not result.ok]
    if failed:
        raise SystemExit(failed[0].exit_code)


# ------------------------------------------------------------------------------------------------------- JSON


def _print_json(value: object) -> None:
    click.echo(json_.dumps(value, ensure_ascii=False, indent=2, default=_as_json))


def _as_json(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value)}")


def _finding_json(finding: "Finding", reading: "Reading") -> dict[str, object]:
    names = ("rule", "severity", "outcome", "case", "tab", "id", "row", "column", "read", "expected", "message", "fix",
             "sources", "derogation")  # fmt: skip
    return {name: getattr(finding, name) for name in names}


def _explain_json(standing: "Standing", findings: Sequence["Finding"], reading: "Reading") -> dict[str, object]:
    return {
        "id": standing.id,
        "form": standing.form,
        "stage": standing.stage,
        "since": standing.since,
        "next_step": standing.next_step,
        "actor": standing.actor,
        "due": standing.due,
        "days_left": standing.days_left,
        "visa_day": standing.visa_day,
        "blocked_by": standing.blocked_by,
        "unchecked": standing.unchecked,
        "path": [{"stage": s.stage, "since": s.since, "evidence": s.evidence} for s in standing.path],
        "findings": [_finding_json(finding, reading) for finding in findings],
    }


def _rule_json(rule: Any) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": rule.severity,
        "kind": rule.kind,
        "applies_to": sorted(rule.forms),
        "executable": rule.executable,
        "reason": rule.reason,
        "sources": rule.sources,
    }


def _letters_json(report: Any) -> dict[str, int]:
    return {"new": report.new, "sent": report.sent, "failed": report.failed, "unknown": 0, "held": 0}


def _run_json(report: Any) -> dict[str, object]:
    assessment = report.reading.assessment
    return {
        "as_of": assessment.as_of,
        "rows": sum(map(len, assessment.registry.rows.values())),
        "findings": len(assessment.findings),
        "written": {"cells": report.sync.cells, "rows": report.sync.rows},
        "letters": _letters_json(report.letters),
    }


# ------------------------------------------------------------------------------------------- words for a person


def _show_counts(assessment: Any) -> None:
    from cdi_sync.indicators import by_form_and_situation, cases_frame, waiting
    from cdi_sync.model import Form
    from cdi_sync.procedure import SITUATIONS
    from cdi_sync.publish import FORM_TITLES

    frame = cases_frame(assessment)
    counts = by_form_and_situation(frame)
    click.echo(f"{'':14}{'préparation':>13}{'signés':>10}{'en vigueur':>13}{'arrêtés':>10}{'total':>8}")
    for form in Form:
        cells = [counts[form][key] for key in (*SITUATIONS, "total")]
        click.echo(
            f"{FORM_TITLES[form]:14}" + "".join(f"{n:>{w}}" for n, w in zip(cells, (13, 10, 13, 10, 8), strict=True))
        )
    waits = waiting(frame)
    blocking = sum(finding.is_open_blocking for finding in assessment.findings)
    click.echo(
        f"\n{waits['odj']} délibération(s) à inscrire, {waits['pv']} procès-verbal(aux) à transmettre, "
        f"{waits['visa']} visa(s) en cours, {waits['visa_echu']} visa(s) au-delà des 20 jours, "
        f"{waits['trente_jours']} échéance(s) sous 30 jours."
    )
    click.echo(f"{blocking} anomalie(s) bloquante(s) sur {len(assessment.findings)} constat(s).")


def _show_run(report: Any, *, dry_run: bool = False) -> None:
    click.echo(f"{report.sync.cells} cellule(s) mises à jour sur {report.sync.rows} ligne(s) du classeur.")
    if report.busy:
        click.echo(f"Classeur non modifié : {report.busy}")
    _show_healed(report.sync.healed)
    _show_letters(report.letters, dry_run=dry_run)


def _show_letters(report: Any, *, dry_run: bool) -> None:
    if dry_run:
        for parcel in report.parcels:
            click.echo(f"  {parcel.to} : {len(parcel.notices)} rappel(s)")
        click.echo(f"{len(report.parcels)} courriel(s) partiraient ; rien n'a été écrit.")
        return
    click.echo(f"{report.new} courriel(s) préparés, {report.sent} déposés, {report.failed} en échec.")
    for text in report.refused:
        click.echo(f"Courriel impossible : {text}")
    if report.unaddressed:
        click.echo(
            f"{len(report.unaddressed)} rappel(s) sans destinataire : personne n'a ce rôle dans l'onglet Contacts."
        )


def _show_healed(healed: Iterable[str]) -> None:
    for text in healed:
        click.echo(f"Texte saisi dans une colonne du système, effacé et noté au Journal : {text}")


def _show_findings(findings: Sequence["Finding"], installation: "Installation", reading: "Reading") -> None:
    from cdi_sync.publish import mark, place_in_words

    for finding in findings:
        if finding.derogation:
            continue
        where = place_in_words(finding, reading.assessment.registry.layouts, installation.knowledge.tabs)
        click.echo(f"{mark(finding)}  {finding.rule}  {finding.id}  {where}\n    {finding.message} {finding.fix}")
    blocking = sum(finding.is_open_blocking for finding in findings)
    click.echo(
        f"{len(findings)} constat(s), dont {blocking} anomalie(s) bloquante(s)." if findings else "Aucune anomalie."
    )


def _show_rule(rule: Any) -> None:
    click.echo(f"    s'applique à : {', '.join(sorted(rule.forms))}")
    click.echo(f"    textes : {' ; '.join(rule.sources)}")
    if rule.gates:
        click.echo(f"    demandée pour passer : {', '.join(rule.gates)}")
    click.echo(f"    attendu : {rule.expected}" if rule.executable else f"    non vérifiée : {rule.reason}")


def _progress(what: str) -> Any:
    """A bar while a person is looking; nothing in a pipe."""
    import contextlib

    if not sys.stderr.isatty():
        return contextlib.nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(f"{what}…")


# ---------------------------------------------------------------------------------------------------- the end


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs `cdi` and exits with its code."""
    finish(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> None:
    try:
        cdi.main(args=list(arguments) if arguments else None, standalone_mode=False)
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(ExitCode.USAGE) from None
