"""What one asks of an installation: `status`, `explain`, `doctor`."""

from collections import Counter

import click

from cdi_sync.cli.as_json import explain_json, judgement_json, print_json, readings_json, row_json
from cdi_sync.cli.in_words import show_counts, show_state, show_stopped
from cdi_sync.cli.options import Where, cdi, common
from cdi_sync.errors import ExitCode


@cdi.command()
@common
def status(where: Where) -> None:
    """Dit où en sont le registre, les courriels et le service, en quelques lignes."""
    from cdi_sync.edges import clock
    from cdi_sync.edges.diagnosis import what_stops
    from cdi_sync.indicators import by_form_and_situation, cases_frame, waiting

    installation = where.installation()
    ledger = installation.ledger(dry_run=True)  # asked only: an installation that never ran has none yet
    letters, jobs = Counter(str(letter.state) for letter in ledger.outbox.letters()), ledger.latest_runs()
    assessment = installation.read(where.today()).assessment
    frame, stopped = cases_frame(assessment), what_stops(ledger, clock.now())
    if where.as_json:
        return print_json({
            "as_of": assessment.as_of,
            "cases": by_form_and_situation(frame),
            "waiting": waiting(frame),
            "findings": len(assessment.findings),
            "blocking": sum(f.is_open_blocking for f in assessment.findings),
            "letters": letters,
            "jobs": jobs,
            "stopped": stopped,
        })  # fmt: skip
    click.echo(f"Registre {installation.book.name}, situation au {assessment.as_of:%d/%m/%Y}\n")
    show_counts(assessment)
    show_state(letters, jobs)
    show_stopped(stopped)


@cdi.command()
@click.argument("id_", metavar="N°")
@common
def explain(id_: str, where: Where) -> None:
    """Explique un acte (où il en est, ce qui suit, ce qui bloque, selon quel texte) ou une ligne d'un autre onglet."""
    from cdi_sync.cli.finding_rows import find_row
    from cdi_sync.explain import case_judgements, case_of_row, explanation, readings_told, row_explanation

    installation = where.installation()
    reading, knowledge = installation.read(where.today()), installation.knowledge
    assessment, interpretations = reading.assessment, installation.declarations.interpretations
    wanted = id_.upper()
    if standing := assessment.standings.get(wanted):
        mine = [f for f in assessment.findings if f.case == wanted]
        if where.as_json:
            case = assessment.cases[wanted]
            said = case_judgements(case, assessment)
            decides = readings_told(said, case, case.tier, knowledge, interpretations)
            return print_json(
                explain_json(standing, mine)
                | {"rules": [judgement_json(one) for one in said], "readings": readings_json(decides, knowledge)}
            )
        return click.echo(explanation(standing, mine, assessment, knowledge, interpretations))
    row = find_row(wanted, reading, knowledge)
    mine = [f for f in assessment.findings if (f.tab, f.row) == (row.tab, row.number)]
    if where.as_json:
        owner = case_of_row(row, assessment, knowledge)
        return print_json(row_json(row, owner.id if owner else "", mine, assessment.judge(row)))
    click.echo(row_explanation(row, mine, assessment, knowledge, interpretations))


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
