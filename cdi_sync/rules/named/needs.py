"""Checks on the first step, the needs and the field chosen (CONV-03 to 06), and on what a negotiation rests on (CONV-07).

Source: guide, axe 2 §2-b, 1st step (L564-582) and 5th step (L998-1013). The lines read are those of the « Projet (étapes
1 à 5) » checklist.
"""

from datetime import date

from cdi_sync.casefile import events, first_day, latest_signature, months_after
from cdi_sync.model import Case, Form, Row, Severity
from cdi_sync.rules.items import Lines, lacking_problem, unsaid
from cdi_sync.rules.named.common import NO_LIMIT, case_of, is_over
from cdi_sync.rules.named.projects import GIVEN_UP, project_lines
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

NEED, CALL = "BESOIN_ADOPTION", ("date_lancement_appel", "date_limite_appel")
_PRIORITIES = ("domaines_prioritaires", "vocation_territoriale")
_UNDER_WAY = ("signature", "phase_aller", "entree_en_vigueur")


def domaine_prioritaire(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CONV-03: the field is among the priorities of the planning document; urgency and potential noted, else a warning.

    Parameters: `mots`, how each field is recognised in what a council typed, the field's own name first.
    """
    case, field = case_of(subject), subject.row.text("domaine")
    lines = project_lines(subject, rule, context, rule.parameters["pieces"])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    if not field:
        return Problem(column="domaine", text="vide")
    if case.council is None:
        return NotApplicable("la collectivité n'est pas connue")
    typed = [entry for column in _PRIORITIES for entry in _entries(case.council, column)]
    if not typed:
        return Problem(row=case.council, column="domaines_prioritaires", text="priorites")
    words = rule.parameters["mots"].get(field)
    if words is None:
        return Unknown("un domaine « Autre » ne se compare pas aux priorités de la collectivité", "domaine")
    if unsaid(" ; ".join(typed), {words[0]: words}):
        return Problem({"domaine": words[0], "priorites": " ; ".join(typed)}, column="domaine")
    return _need_noted(subject, rule, context, lines)


def _entries(row: Row, column: str) -> tuple[str, ...]:
    typed = row[column]
    return typed if isinstance(typed, tuple) else ()


def _need_noted(subject: Subject, rule: Rule, context: Context, lines: Lines) -> Problem | None:
    """A warning only: the guide binds the field to the document, and leaves what is urgent to the council."""
    problem = lacking_problem(subject, rule, context, lines)
    if problem is None:
        return None
    return Problem(problem.facts, row=problem.row, column=problem.column, severity=Severity.RECOMMANDE, text="besoin")


def acteurs_locaux(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CONV-04: who else works on the theme is written, were it nobody; if somebody does, how to complete one another."""
    actors, together = rule.parameters["pieces"]
    lines = project_lines(subject, rule, context, [actors, together])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    named = _written(lines, actors)
    if not named:
        return _at(lines, actors)
    if _is_none(named, rule) or _written(lines, together):
        return None
    return _at(lines, together, {"acteurs": named}, "complementarite")


def domaine_deja_couvert(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CONV-05: what already exists in the field is written; "none" doesn't stand when the council has such an agreement."""
    (code,) = rule.parameters["pieces"]
    lines = project_lines(subject, rule, context, [code])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    found = _written(lines, code)
    if found and not _is_none(found, rule):
        return None
    others = _same_field(case_of(subject), context)
    if others:
        return _at(lines, code, {"actes": " ; ".join(others)}, "double")
    return None if found else _at(lines, code)


def _same_field(case: Case, context: Context) -> list[str]:
    """The twinnings and conventions of that council, in the same field, under way when this one was opened."""
    field, opened_on = case.act["domaine"], case.act.day("date_creation")
    if field is None:
        return []
    return [
        other.id
        for other in context.council_acts.get(case.act.text("collectivite"), ())
        if other.id != case.id
        and other.act["domaine"] == field
        and other.form is not Form.ADHESION_OING
        and _began_by(other, opened_on)
        and not is_over(other, context.today)
    ]


def _began_by(case: Case, day: date | None) -> bool:
    """True when that agreement was concluded by then; one of an unknown day was."""
    began = first_day(case, *_UNDER_WAY)
    return bool(events(case, *_UNDER_WAY)) and (day is None or began is None or began <= day)


def un_seul_domaine(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CONV-06: no second field before the partnership is established: so many months (the limit) after its signature."""
    case = case_of(subject)
    if is_over(case, context.today):
        return NotApplicable("l'acte est terminé ou abandonné")
    if subject.row["domaines_secondaires"] is None:
        return None
    signed = first_day(case, "signature") or latest_signature(case)
    limit = context.law.in_force(rule.limit, signed or context.today, subject.tier or "")
    if limit is None:
        return NotApplicable(NO_LIMIT)
    facts = {"signature": signed, "mois": limit.number}
    if signed is None:
        return Problem(facts)
    widened = months_after(signed, limit.number)
    if widened is None or context.today >= widened:
        return None
    return Problem({**facts, "jour": widened}, on=signed, text="signee")


# ------------------------------------------------------------------------------------ the documents of four steps


def documents_de_negociation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CONV-07: need, project and search are documented before negotiating; a missing marketing document only warns."""
    if case_of(subject).over:
        return NotApplicable(GIVEN_UP)
    missing = lacking_steps(subject, context)
    names = rule.parameters["noms"]
    binding = [step for step in missing if step != "marketing"]
    facts = {"documents": " ; ".join(names[step] for step in binding), "manque": len(binding)}
    if binding:
        row, column = missing[binding[0]]
        return Problem(facts, row=row, column=column)
    if missing:
        return Problem(column="date_marketing", severity=Severity.RECOMMANDE, text="marketing")
    return None


def lacking_steps(subject: Subject, context: Context) -> dict[str, tuple[Row, str]]:
    """Step → the cell to fill, for those of the first steps that nothing documents: need, project, marketing, search.

    The need is documented by the council's adoption of the field, ticked or dated. The answer to a call for projects
    is a search.
    """
    act = subject.row
    lines = context.items.get(act.id, {}).get(NEED, ())
    missing: dict[str, tuple[Row, str]] = {}
    if not any(line.says("present") or _is_past(line, "date_piece", context) for line in lines):
        missing["besoin"] = (lines[0], "date_piece") if lines else (act, "domaine")
    for step, column in (("projet", "date_dossier_technique"), ("marketing", "date_marketing")):
        if not _is_past(act, column, context):
            missing[step] = (act, column)
    searched = any(_is_past(act, column, context) for column in ("date_recherche_partenaire", CALL[0]))
    if not searched and act[CALL[1]] is None:
        missing["recherche"] = (act, "date_recherche_partenaire")
    return missing


def _is_past(row: Row, column: str, context: Context) -> bool:
    day = row.day(column)
    return day is not None and day <= context.today


# ------------------------------------------------------------------------------------------------------- lines


def _written(lines: Lines, code: str) -> str:
    return next((line.text("contenu") for line in lines.get(code, ()) if line["contenu"] is not None), "")


def _is_none(text: str, rule: Rule) -> bool:
    """True when what is written says that there is nothing."""
    return fold(text).startswith(tuple(fold(word) for word in rule.parameters["neant"]))


def _at(lines: Lines, code: str, facts: dict[str, object] | None = None, text: str = "") -> Problem:
    """A problem on the first line of that item, on the agreement when somebody deleted it."""
    rows = lines.get(code, ())
    return Problem(facts or {}, row=rows[0] if rows else None, column="contenu" if rows else "", text=text)
