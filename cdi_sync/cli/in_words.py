"""What commands print for a person, in French."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cdi_sync.commitments import StatementOfCommitments
    from cdi_sync.edges.installation import Installation
    from cdi_sync.edges.kept import Conclusions
    from jobs.each import Folder, Outcome


def show_counts(assessment: Any) -> None:
    from cdi_sync.indicators import by_form_and_situation, cases_frame, waiting
    from cdi_sync.model import Form
    from cdi_sync.procedure import SITUATIONS
    from cdi_sync.shown import FORM_TITLES

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


_STATES = {
    "queued": "à remettre", "held": "retenus", "claimed": "pris en charge",
    "data": "en cours de remise", "sent": "remis", "failed": "en échec",
    "unknown": "d'issue inconnue", "expired": "périmés",
}  # fmt: skip


def show_state(letters: Mapping[str, int], jobs: Sequence[Mapping[str, str]]) -> None:
    """The letters by state, and the last slot that the service did of each job."""
    told = [f"{letters[state]} {words}" for state, words in _STATES.items() if letters.get(state)]
    click.echo(f"Courriels : {', '.join(told) or 'aucun'}.")
    for job in jobs:
        click.echo(
            f"Service, {job['job']} : créneau {job['slot']}, fini le {job['finished_at'][:16]} ; {job['outcome']}."
        )


def show_stopped(stopped: Iterable[str]) -> None:
    """What keeps letters from leaving, and how to go on."""
    for why in stopped:
        click.echo(f"Envoi retenu : {why}.")


def show_run(report: Any, *, dry_run: bool = False) -> None:
    click.echo(f"{report.sync.cells} cellule(s) mises à jour sur {report.sync.rows} ligne(s) du classeur.")
    if report.busy:
        click.echo(f"Classeur non modifié : {report.busy}")
    show_warnings(report.reading.snapshot.warnings)
    show_healed(report.sync.healed)
    _show_reminders(report.letters, dry_run=dry_run)
    _show_weekly(report.weekly, dry_run=dry_run)
    show_collected(report.collected)
    show_received(report.intake)
    if not dry_run:
        show_delivered(report.letters.delivered, report.failed)


def show_received(done: Any) -> None:
    """What departments answered to forms; nothing when nothing came."""
    if done.is_news:
        click.echo(f"Formulaires : {done.in_words}.")
    for one in done.accepted:
        click.echo(f"  {one.id} → {one.became}")
        for told in one.by_hand:
            click.echo(f"    à reporter à la main, la cellule étant remplie : {told}")
    for number in done.unread:
        click.echo(f"  {number} : la réponse a changé depuis qu'elle a été montrée. La relire une fois le classeur à jour "
                   "(« cdi sync ») ; elle sera inscrite ensuite, sauf autre décision.")  # fmt: skip
    for name, why in done.troubles:
        click.echo(f"Formulaires, {name} : {why}", err=True)
    if done.busy:
        click.echo(f"Formulaires : {done.busy}", err=True)


def show_collected(done: Any) -> None:
    """What came back by mail; nothing when nothing did."""
    if done.kinds or done.found or done.free:
        click.echo(f"Boîte aux lettres : {done.in_words}.")
    if done.trouble:
        click.echo(f"Boîte aux lettres non relevée : {done.trouble}", err=True)
    for line in done.for_person:
        click.echo(f"À regarder : {line}.", err=True)


def show_outcome(outcome: "Outcome", *, dry_run: bool) -> None:
    """One registry among many: what was done there; what went wrong, on stderr; nothing where nothing was new."""
    did = outcome.figures
    if outcome.is_news:
        would = "à mettre à jour" if dry_run else "mises à jour"
        told = f"{outcome.name} : {did.cells} cellule(s) {would}, {did.new} courriel(s)"
        click.echo(f"{told} à préparer." if dry_run else f"{told} préparés, {did.sent} remis.")
    if outcome.trouble is None:
        return
    click.echo(f"{outcome.name} : {outcome.trouble.what}", err=True)
    for label, text in (
        ("Où", outcome.trouble.where),
        ("Pourquoi", outcome.trouble.why),
        ("Que faire", outcome.trouble.fix),
    ):
        if text:
            click.echo(f"  {label} : {text}".replace("\n", "\n    "), err=True)


def show_each(outcomes: Sequence["Outcome"], folder: "Folder", *, seconds: float, dry_run: bool) -> None:
    """What became of all the registries of a folder."""
    failed = [outcome.name for outcome in outcomes if outcome.trouble]
    news = sum(outcome.is_news for outcome in outcomes if not outcome.trouble)
    left = len(folder.names) - len(outcomes)
    click.echo(
        f"{len(folder.names)} registre(s) : {news} {'à compléter' if dry_run else 'faits'}, "
        f"{len(outcomes) - news - len(failed)} sans rien de nouveau, {len(failed)} en échec"
        + (f", {left} dont le tour n'est pas venu" if left else "")
        + f" ; {seconds / 60:.0f} minute(s)."
    )
    if failed:
        click.echo(f"En échec : {', '.join(failed)}.")
    if folder.others:
        click.echo(f"Sous-dossiers sans settings.toml, laissés de côté : {', '.join(folder.others)}.")
    if dry_run:
        click.echo("Rien n'a été écrit.")


def show_letters(report: Any, *, dry_run: bool) -> None:
    _show_reminders(report, dry_run=dry_run)
    if not dry_run:
        show_delivered(report.delivered, report.failed)


def show_reports(report: Any, *, dry_run: bool) -> None:
    _show_weekly(report, dry_run=dry_run)
    if not dry_run:
        show_delivered(report.delivered, report.failed)


def _show_reminders(report: Any, *, dry_run: bool) -> None:
    if dry_run:
        for parcel in report.parcels:
            told = f"{len(parcel.notices)} rappel(s)" if parcel.notices else "une réunion"
            click.echo(f"  {parcel.to} : {told}")
        click.echo(f"{len(report.parcels)} courriel(s) partiraient ; rien n'a été écrit.")
        return
    click.echo(f"{report.new - report.invitations} courriel(s) de rappel préparés.")
    if report.invitations:
        click.echo(
            f"{report.invitations} courriel(s) d'invitation à une réunion, de changement ou d'annulation préparés."
        )
    if report.invitations_deferred:
        click.echo(f"{report.invitations_deferred} courriel(s) sur des réunions partiront le prochain jour ouvrable.")
    if report.deferred:
        click.echo(
            f"{report.deferred} rappel(s) partiront le prochain jour ouvrable : un courriel par personne et par jour."
        )
    for text in report.refused:
        click.echo(f"Courriel impossible : {text}")
    if report.unaddressed:
        click.echo(
            f"{len(report.unaddressed)} rappel(s) sans destinataire : personne n'a ce rôle dans l'onglet Contacts."
        )


def _show_weekly(report: Any, *, dry_run: bool) -> None:
    if dry_run:
        click.echo(f"{report.new} rapport(s) de la semaine partiraient ; rien n'a été écrit.")
    else:
        click.echo(f"{report.new} rapport(s) de la semaine préparés, un par collectivité.")
    for text in report.refused:
        click.echo(f"Rapport impossible : {text}")
    if report.unaddressed:
        click.echo(
            f"{len(report.unaddressed)} collectivité(s) sans destinataire pour le rapport : l'onglet Contacts n'y donne "
            f"l'adresse ni du président, ni du vice-président, ni du directeur des services."
        )


def show_delivered(went: Any, failed: int) -> None:
    why = " (voir « cdi outbox »)" if went.failed else ""
    click.echo(f"{went.sent} courriel(s) remis, {failed} en échec{why}.")
    if went.trouble:
        click.echo(f"Envoi arrêté, le reste attend : {went.trouble}")
    if went.expired:
        click.echo(
            f"{went.expired} courriel(s) périmés avant d'avoir pu partir ; ce qui reste à dire est redit dans un courriel plus frais."
        )
    if went.held:
        click.echo(f"{went.held} courriel(s) retenus : {' ; '.join(went.why)}.")
    if went.unknown:
        click.echo(f"{went.unknown} courriel(s) dont l'issue n'est pas connue : voir « cdi outbox ».")


def show_warnings(warnings: Iterable[str]) -> None:
    for text in warnings:
        click.echo(f"Attention : {text}")


def show_healed(healed: Iterable[str]) -> None:
    for text in healed:
        click.echo(f"Texte saisi dans une colonne du système, effacé et noté au Journal : {text}")


def show_findings(seen: "Conclusions", installation: "Installation") -> None:
    from cdi_sync.publish import mark, place_in_words

    for finding in seen.findings:
        if finding.derogation:
            continue
        where = place_in_words(finding, seen.layouts, installation.knowledge.tabs)
        click.echo(f"{mark(finding)}  {finding.rule}  {finding.id}  {where}\n    {finding.message} {finding.fix}")
    count, blocking = len(seen.findings), sum(finding.is_open_blocking for finding in seen.findings)
    click.echo(f"{count} constat(s), dont {blocking} anomalie(s) bloquante(s)." if count else "Aucune anomalie.")


def show_commitments(statement: "StatementOfCommitments") -> None:
    """The statement of commitments, as it can be joined to a draft budget."""
    from cdi_sync.funds import dirhams

    click.echo("État des engagements financiers résultant des conventions et contrats conclus par la collectivité")
    click.echo(f"{statement.council}, exercice {statement.year}. Situation au {statement.as_of:%d/%m/%Y}.\n")
    for line in statement.lines:
        click.echo(f"{line.case}  {line.title}" + (f" ({line.partner})" if line.partner not in line.title else ""))
        amounts = [f"engagé {dirhams(line.owed)}", f"voté {dirhams(line.voted)}"]
        click.echo(
            "    " + ", ".join([*amounts, f"reste à inscrire {dirhams(line.missing)}"] if line.missing else amounts)
        )
        for row in line.unconverted:
            click.echo(f"    La ligne {row} n'est pas convertie en dirhams : elle n'est pas comptée.")
    if not statement.lines:
        click.echo("Aucun engagement pour cet exercice.")
    click.echo(f"\nTotal engagé : {dirhams(statement.owed)} ; voté : {dirhams(statement.voted)}.")
    for row in statement.undated:
        click.echo(f"La contribution {row} n'a ni exercice ni échéance : elle n'est dans aucun état.")
