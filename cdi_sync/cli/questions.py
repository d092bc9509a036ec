"""What one asks of an installation: `status`, `explain`, `rules`, `outbox`, `doctor`."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdi_sync.cli.as_json import explain_json, print_json, rule_json
from cdi_sync.cli.in_words import show_counts, show_rule, show_state
from cdi_sync.cli.options import Where, cdi, common
from cdi_sync.errors import ExitCode, UnknownIdError

if TYPE_CHECKING:
    from cdi_sync.edges.installation import Reading


@cdi.command()
@common
def status(where: Where) -> None:
    """Dit où en sont le registre, les courriels et le service, en quelques lignes."""
    from cdi_sync.indicators import by_form_and_situation, cases_frame, waiting

    installation = where.installation()
    ledger = installation.ledger(dry_run=True)  # asked only: an installation that never ran has none yet
    letters, jobs = Counter(str(letter.state) for letter in ledger.letters()), ledger.latest_runs()
    assessment = installation.read(where.today()).assessment
    frame = cases_frame(assessment)
    if where.as_json:
        return print_json({
            "as_of": assessment.as_of,
            "cases": by_form_and_situation(frame),
            "waiting": waiting(frame),
            "findings": len(assessment.findings),
            "blocking": sum(f.is_open_blocking for f in assessment.findings),
            "letters": letters,
            "jobs": jobs,
        })  # fmt: skip
    click.echo(f"Registre {installation.book.name}, situation au {assessment.as_of:%d/%m/%Y}\n")
    show_counts(assessment)
    show_state(letters, jobs)


@cdi.command()
@click.argument("id_", metavar="N°")
@common
def explain(id_: str, where: Where) -> None:
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
        return print_json(explain_json(standing, mine, reading))
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
def rules(id_: str | None, where: Where) -> None:
    """Liste les règles de la procédure, ou en détaille une."""
    from cdi_sync.edges.config import Declarations

    overlay = where.config.resolve().parent / "config" if where.config.is_file() else None
    rulebook = Declarations(overlay).rulebook
    if id_ and id_.upper() not in rulebook:
        raise UnknownIdError(f"Aucune règle ne s'appelle « {id_} ».", fix="La liste : « cdi rules ».")
    chosen = [rulebook[id_.upper()]] if id_ else list(rulebook.values())
    if where.as_json:
        return print_json([rule_json(rule) for rule in chosen])
    for rule in chosen:
        mark = "✓" if rule.executable else "·"
        click.echo(f"{mark} {rule.id:8} {rule.severity:10} {rule.title}")
        if id_:
            show_rule(rule)
    if not id_:
        executable = sum(rule.executable for rule in chosen)
        click.echo(f"\n{len(chosen)} règles, dont {executable} vérifiées par le système (✓).")


@cdi.command()
@common
def outbox(where: Where) -> None:
    """Liste les courriels préparés et ce qu'ils sont devenus."""
    installation = where.installation()
    notices = installation.store.notices_of()
    letters = installation.store.letters()
    if where.as_json:
        return print_json([
            {"key": x.key, "message_id": x.message_id, "to": x.to, "lang": x.lang, "kind": x.kind, "state": x.state,
             "notices": notices.get(x.key, []), "eml": str(Path(installation.settings.mail.dossier) / x.eml)}
            for x in letters
        ])  # fmt: skip
    for letter in letters:
        detail = f"\n    {letter.detail}" if letter.detail and letter.state != "sent" else ""
        click.echo(
            f"{letter.day:%d/%m/%Y}  {letter.state:7}  {letter.to:45}  {len(notices.get(letter.key, []))} rappel(s)  {letter.eml}{detail}"
        )
    click.echo(f"{len(letters)} courriel(s) enregistrés." if letters else "Aucun courriel enregistré.")


@cdi.command()
@common
def doctor(where: Where) -> None:
    """Vérifie l'installation : réglages, classeur, courriels, fuseaux horaires."""
    from cdi_sync.edges.diagnosis import examine

    results = examine(where.config, where.today())
    if where.as_json:
        print_json([{"check": r.what, "ok": r.ok, "detail": r.detail, "fix": r.fix} for r in results])
    else:
        for result in results:
            click.echo(f"{'✓' if result.ok else '✗'} {result.what} : {result.detail}")
            if result.fix and not result.ok:
                click.echo(f"    → {result.fix}")
    failed = [result for result in results if not result.ok]
    if failed:
        raise SystemExit(next((result.exit_code for result in failed if result.exit_code), ExitCode.FINE))
