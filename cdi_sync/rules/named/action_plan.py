"""Checks on the action plan (ACT): drawn up, planned backwards, readable, led by an objective, consistent."""

from datetime import date

from cdi_sync.casefile import agreement_period, events, first_day
from cdi_sync.model import Case, Row
from cdi_sync.people import is_active
from cdi_sync.rules.named.common import case_of, is_over, limit_after
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

PLANNED = ("grande_etape", "du", "au")
OVER = ("TERMINEE", "ANNULEE")
NO_PLAN = "l'acte n'a pas de plan d'action"
ENDED = "l'acte est terminé ou abandonné"


def is_current(action: Row) -> bool:
    """True for an action that is neither finished nor cancelled."""
    return action["statut"] not in OVER


def plan_action_etabli(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """ACT-01: 60 days after the signature the plan holds at least one action with its dates and its main step."""
    case = case_of(subject)
    signed = first_day(case, "signature")
    last = limit_after(subject, signed, rule.limit, context)
    if is_over(case, context.today):
        return NotApplicable(ENDED)
    lacking = [(row, [key for key in PLANNED if row[key] is None]) for row in case.actions]
    if any(not missing for _, missing in lacking):
        return None
    if not lacking:
        return Problem(until=last, on=signed)
    row, missing = lacking[0]
    return Problem({"action": row.id}, row=row, column=missing[0], text="ligne", until=last, on=signed)


def retro_planning(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """ACT-03: an action ends by its own deadline, and begins once the one it waits for is over."""
    row, case = subject.row, case_of(subject)
    begins, ends, deadline = row.day("du"), row.day("au"), row.day("date_butoir")
    before = next((other for other in case.actions if other.id == row.text("id_predecesseur")), None)
    if not is_current(row) or is_over(case, context.today) or not (deadline or before):
        return NotApplicable("action ou acte terminés, ou ni date butoir ni action précédente")
    if ends and deadline and ends > deadline:
        facts = {"fin": ends, "butoir": deadline, "jours": (ends - deadline).days}
        return Problem(facts, column="au")
    if before is None:
        return None
    waited = before.day("au")
    if begins and waited and waited > begins:
        return Problem({"precedente": before.id, "fin": waited, "debut": begins}, column="du", text="suite")
    return None


def plan_action_lisible(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """ACT-04: no more than 40 current actions, none of which lasts less than two days: else group some."""
    case = case_of(subject)
    current = [row for row in case.actions if is_current(row)]
    if not current or is_over(case, context.today):
        return NotApplicable("aucune action en cours, ou acte terminé")
    most = subject.limit(rule.limit, context.today, context)
    shortest = subject.limit(rule.parameters["duree"], context.today, context)
    if most and len(current) > most.number:
        return Problem({"nombre": len(current), "limite": most.number})
    short = [row for row in current if shortest and (_days(row) or shortest.number) < shortest.number]
    if not short:
        return None
    return Problem({"action": short[0].id, "nombre": len(short)}, row=short[0], column="au", text="courte")


def _days(action: Row) -> int | None:
    """How many days an action lasts, its first and its last included."""
    begins, ends = action.day("du"), action.day("au")
    return (ends - begins).days + 1 if begins and ends and begins <= ends else None


def objectif_avant_plan(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """ACT-05: where a logical framework is kept, a specific objective is written before actions are."""
    case = case_of(subject)
    if not case.logframe or not case.actions or is_over(case, context.today):
        return NotApplicable("pas de cadre logique, pas encore d'action, ou acte terminé")
    goals = [row for row in case.logframe if row["niveau"] == "OBJECTIF_SPECIFIQUE"]
    if any(row["description_projet"] for row in goals):
        return None
    return (
        Problem(row=goals[0], column="description_projet") if goals else Problem(row=case.logframe[0], column="niveau")
    )


def resultat_mesure(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """ACT-06: 30 days after a finished action, the result it serves is named and its indicator measured."""
    row, case = subject.row, case_of(subject)
    ended = row.day("date_fin_reelle") or row.day("au")
    if not case.logframe or row["statut"] != "TERMINEE" or row["id_evaluation"]:
        return NotApplicable("pas de cadre logique, action en cours, ou suite d'une évaluation")
    last = limit_after(subject, ended, rule.limit, context)
    if last and context.today <= last:
        return NotApplicable("le délai court encore", last)
    result = next((line for line in case.logframe if line.id == row.text("id_resultat_attendu")), None)
    if result is None:
        return Problem(on=ended)
    missing = [key for key in ("valeur_courante", "date_mesure") if result[key] is None]
    return Problem({"resultat": result.id}, row=result, column=missing[0], text="mesure", on=ended) if missing else None


def dates_coherentes(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """ACT-07: an action begins before it ends, lies within the agreement, and is led by somebody still in office.

    The recommendations of an evaluation may belong to the phase that follows the agreement.
    """
    row, case = subject.row, case_of(subject)
    begins, ends = row.day("du"), row.day("au")
    if row["statut"] == "ANNULEE" or case.over:
        return NotApplicable("action annulée ou acte abandonné")
    if begins and ends and ends < begins:
        return Problem({"debut": begins, "fin": ends}, column="au")
    if not row["id_evaluation"] and (outside := _outside(case, begins, ends)):
        return outside
    leader = context.contacts.get(row.text("qui_responsable"))
    if is_current(row) and leader and not is_active(leader, context.today):
        return Problem({"responsable": leader.text("nom_prenom")}, column="qui_responsable", text="parti")
    return None


def _outside(case: Case, begins: date | None, ends: date | None) -> Problem | None:
    """Why an action lies outside the agreement, that runs from its signature (or its entry into force) to its end."""
    period = agreement_period(case)
    first = min((event.day for event in events(case, "signature", "entree_en_vigueur") if event.day), default=None)
    if begins and first and begins < first:
        return Problem({"debut": begins, "depuis": first}, column="du", text="avant")
    if ends and period and ends > period[1]:
        return Problem({"fin": ends, "terme": period[1]}, column="au", text="apres")
    return None
