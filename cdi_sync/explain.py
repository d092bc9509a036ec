"""One case told in plain French: where it stands, on what evidence, what comes next, under which texts. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from cdi_sync.assessment import Knowledge
from cdi_sync.model import Assessment, Case, Finding, Form, Outcome, Standing
from cdi_sync.publish import mark, place_in_words, visa_day_text
from cdi_sync.shown import actor_title

_FORMS = {
    Form.JUMELAGE: "jumelage",
    Form.CONVENTION: "convention ou accord de partenariat",
    Form.ADHESION_OING: "adhésion à une organisation",
}
_POINTS = {  # contradictions of the texts that matter for a form
    Form.JUMELAGE: ("D-02", "D-03"),
    Form.CONVENTION: ("D-01", "D-19"),
    Form.ADHESION_OING: ("D-01",),
}


def explanation(
    standing: Standing,
    findings: Sequence[Finding],
    assessment: Assessment,
    knowledge: Knowledge,
    interpretations: Mapping[str, Any],
) -> str:
    """Several short paragraphs, each date with its evidence, each rule with its texts."""
    case = assessment.cases[standing.id]
    parts = [
        _who(case, standing),
        _where(standing),
        _next(standing, assessment.as_of),
        _blocked(standing, case, knowledge),
        _path(standing),
        _findings(findings, assessment, knowledge),
        _readings(case, knowledge, interpretations),
    ]
    return "\n\n".join(part for part in parts if part)


def _who(case: Case, standing: Standing) -> str:
    council = case.council.text("nom_fr") if case.council else "collectivité non indiquée"
    partner = case.partner.text("nom") if case.partner else "partenaire non indiqué"
    title = case.act.text("intitule")
    form = _FORMS[standing.form] if standing.form else "acte"
    old = " Acte historique : les étapes passées ne lui sont pas demandées." if case.historical else ""
    return f"{standing.id} · {title or form}\n{form.capitalize()} entre {council} et {partner}.{old}"


def _where(standing: Standing) -> str:
    since = f", depuis le {standing.since:%d/%m/%Y}" if standing.since else ", depuis une date qui n'est pas connue"
    text = f"Étape : {standing.stage} « {standing.stage_title} »{since}."
    if day := visa_day_text(standing):
        text += f"\nVisa : jour {day} (jours calendaires, le jour de la réception non compté)."
    return text


def _next(standing: Standing, today: date) -> str:
    text = f"Prochaine étape : {standing.next_step}\nÀ qui d'agir : {actor_title(standing.actor)}."
    if standing.due and standing.days_left is not None:
        left = (
            f"dans {standing.days_left} jour(s)"
            if standing.days_left >= 0
            else f"dépassée de {-standing.days_left} jour(s)"
        )
        text += f"\nÉchéance : le {standing.due:%d/%m/%Y}, {left} ({standing.due_why})."
    return text


def _blocked(standing: Standing, case: Case, knowledge: Knowledge) -> str:
    lines = [f"Pour passer à {standing.next_stage}, il manque encore :"] if standing.blocked_by else []
    for id_ in standing.blocked_by:
        rule = knowledge.rulebook[id_]
        lines.append(f"  - {id_} : {rule.title} — {' ; '.join(rule.sources_for(case.tier))}")
    if standing.unchecked:
        lines.append(
            f"À vérifier par une personne avant {standing.next_stage} (le système ne le contrôle pas encore) :"
        )
        lines += [f"  - {id_} : {knowledge.rulebook[id_].title}" for id_ in standing.unchecked]
    return "\n".join(lines)


def _path(standing: Standing) -> str:
    lines = ["Chemin parcouru :"]
    for step in standing.path:
        when = f"{step.since:%d/%m/%Y}" if step.since else "date inconnue"
        lines.append(f"  {step.stage:5} {when:14} {step.evidence}")
    return "\n".join(lines)


def _findings(findings: Sequence[Finding], assessment: Assessment, knowledge: Knowledge) -> str:
    if not findings:
        return "Aucune anomalie sur cet acte."
    return "\n".join(["Constats :", *_finding_lines(findings, assessment, knowledge)])


def _finding_lines(findings: Sequence[Finding], assessment: Assessment, knowledge: Knowledge) -> Iterator[str]:
    for finding in findings:
        place = place_in_words(finding, assessment.registry.layouts, knowledge.tabs)
        yield f"  {mark(finding)} · {finding.rule} : {finding.message}"
        if finding.derogation:
            yield f"      dérogation : {finding.derogation}"
        elif finding.outcome is Outcome.PROBLEM:
            yield f"      que faire : {finding.fix}"
        yield f"      où : {place}"
        yield f"      textes : {' ; '.join(finding.sources)}"


def _readings(case: Case, knowledge: Knowledge, interpretations: Mapping[str, Any]) -> str:
    """Both readings of each point on which the texts disagree, the one in force first."""
    lines = ["Points où les textes divergent :"] if case.form else []
    for id_ in _POINTS.get(case.form, ()) if case.form else ():
        point, chosen = interpretations[id_], knowledge.readings[id_]
        lines.append(f"  {id_} {point['titre']} : lecture retenue « {chosen} », {point['lectures'][chosen]}")
        lines += [
            f"      autre lecture « {name} » : {text}" for name, text in point["lectures"].items() if name != chosen
        ]
    return "\n".join(lines)
