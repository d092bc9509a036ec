"""Checks on the follow-up of an agreement (SUIV): kept up to date, complete, each problem with its remedy.

What speaks of the logical framework speaks only of the lines that exist: a council may do without it.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from cdi_sync.casefile import first_day
from cdi_sync.model import Case
from cdi_sync.rules.named.action_plan import ENDED, NO_PLAN, is_current
from cdi_sync.rules.named.common import NO_LIMIT, case_of, is_over
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold


def updates(case: Case, today: date) -> tuple[date, ...]:
    """The days, until today, on which the plan, the framework or the accounts are said to be up to date."""
    days = (
        *(row.day("mise_a_jour_le") for row in case.actions),
        *(row.day("periode") for row in case.logframe),
        *(row.day("periode") for row in case.money if row["type_ligne"] == "SUIVI"),
    )
    return tuple(sorted(day for day in days if day and day <= today))


def suivi_a_jour(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """SUIV-01: while an agreement is carried out, no more than 45 days go by without an update of its follow-up."""
    case, today = case_of(subject), context.today
    start = first_day(case, "entree_en_vigueur")
    suspended = case.act["date_suspension"] is not None and case.act["date_reprise"] is None
    if start is None or suspended or is_over(case, today):
        return NotApplicable(f"l'acte n'est pas en vigueur, est suspendu, ou {ENDED.partition(' ')[2]}")
    if not any(is_current(row) for row in case.actions):
        return NotApplicable(f"{NO_PLAN} en cours")
    limit = subject.limit(rule.limit, today, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    known = updates(case, today)
    since = max(start, known[-1]) if known else start
    last = since + timedelta(days=limit.number)
    if today <= last:
        return None
    return Problem({"depuis": since, "jours": (today - since).days}, text="" if known else "jamais")


def probleme_traite(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """SUIV-04: a problem has its measure, somebody and a day; past that day, the measure is taken."""
    row = subject.row
    if not row["problemes"]:
        return NotApplicable("aucun problème noté")
    if missing := [key for key in ("mesure", "mesure_responsable", "mesure_echeance") if row[key] is None]:
        return Problem(column=missing[0])
    due = row.day("mesure_echeance")
    if row["mesure_faite_le"] or due is None or context.today <= due:
        return None
    return Problem({"echeance": due, "retard": (context.today - due).days}, column="mesure_faite_le", text="echue")


def marche_suivi(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """SUIV-05: a contract has its day of award and the day it should end; past it, it's closed."""
    row = subject.row
    if row["type_ligne"] != "MARCHE":
        return NotApplicable("cette ligne n'est pas un marché")
    awarded, ends, closed = (row.day(key) for key in ("date_passation", "date_fin_prevue", "date_cloture"))
    if awarded is None or (ends is None and closed is None):
        return Problem(column="date_passation" if awarded is None else "date_fin_prevue")
    if closed and closed < awarded:
        return Problem({"cloture": closed, "passation": awarded}, column="date_cloture", text="ordre")
    if closed or ends is None or context.today <= ends:
        return None
    return Problem({"fin": ends, "retard": (context.today - ends).days}, column="date_cloture", text="ouvert")


def six_questions(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """SUIV-06: the lines that are followed answer, taken together, the six questions on how it is done."""
    followed = [row for row in case_of(subject).logframe if row["periode"]]
    if not followed:
        return NotApplicable("aucune ligne du cadre logique n'est suivie")
    answered = {fold(word) for row in followed for word in _words(row["questions_de_suivi"])}
    missing = [question for question in rule.parameters["questions"] if fold(question) not in answered]
    if not missing:
        return None
    facts = {"la": len(rule.parameters["questions"]) - len(missing), "manque": " ; ".join(missing)}
    return Problem(facts, row=followed[0], column="questions_de_suivi")


def _words(value: object) -> Iterable[str]:
    return (str(word).strip(" ?") for word in value) if isinstance(value, tuple) else ()
