"""Checks on evaluations (EVAL): agreed and planned by mid-term, then led from the terms of reference to its follow-up."""

from datetime import date, timedelta
from itertools import pairwise

from cdi_sync.casefile import agreement_period
from cdi_sync.meetings import evaluation_meetings
from cdi_sync.model import Row
from cdi_sync.rules.named.common import NO_LIMIT, case_of, last_day
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

PERIOD = ("periode_convenue_debut", "periode_convenue_fin")
FOLLOW_UP = ("horizon", "qui_responsable", "au", "statut")


def periode_convenue(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """EVAL-03: by mid-term, the period of an evaluation is fixed and agreed upon by the parties."""
    middle = _middle_passed(subject, rule, context)
    if isinstance(middle, NotApplicable):
        return middle
    lacking = [(row, _not_agreed(row)) for row in case_of(subject).evaluations]
    if any(not column for _, column in lacking):
        return None
    if not lacking:
        return Problem({"mi_parcours": middle})
    row, column = lacking[-1]
    return Problem({"mi_parcours": middle, "evaluation": row.id}, row=row, column=column, text="ligne")


def _not_agreed(evaluation: Row) -> str:
    """The first cell still to fill for its period to be agreed, "" if none."""
    empty = next((key for key in PERIOD if evaluation[key] is None), "")
    return empty or ("" if evaluation.says("accord_parties") else "accord_parties")


def evaluation_prevue(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """EVAL-04: by mid-term, one evaluation at least is planned, and its moment said."""
    middle = _middle_passed(subject, rule, context)
    if isinstance(middle, NotApplicable):
        return middle
    evaluations = case_of(subject).evaluations
    if not evaluations:
        return Problem({"mi_parcours": middle})
    if any(row["moment"] for row in evaluations):
        return None
    return Problem({"evaluation": evaluations[-1].id}, row=evaluations[-1], column="moment", text="ligne")


def _middle_passed(subject: Subject, rule: Rule, context: Context) -> date | NotApplicable:
    """The agreement's mid-term, once it's over; an old agreement that has ended is left in peace."""
    case = case_of(subject)
    period = agreement_period(case)
    if period is None:
        return NotApplicable("l'entrée en vigueur ou la durée n'est pas connue")
    start, end = period
    if case.over or (case.historical and end < context.today):
        return NotApplicable("l'acte a pris fin, ou est ancien et arrivé à son terme")
    limit = subject.limit(rule.limit, start, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    middle = start + timedelta(days=int((end - start).days * limit.share))
    return NotApplicable("la mi-parcours n'est pas passée", middle) if context.today <= middle else middle


def restitution_apres_collecte(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """EVAL-08: within 30 days of the end of the collection, a meeting presents what was found."""
    last = last_day(subject, "date_fin_collecte", rule.limit, context)
    if isinstance(last, NotApplicable):
        return last
    ended = subject.row.day("date_fin_collecte")
    assert ended is not None, "the last day is counted from it"
    facts = {"fin": ended, "dernier_jour": last}
    after = [day for day in _meetings(subject, "RESTITUTION", context) if day >= ended]
    if not after:
        return Problem(facts, on=ended)
    return (
        None if after[0] <= last else Problem({**facts, "restitution": after[0]}, curable=False, text="tard", on=ended)
    )


def cadrage_avant_collecte(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """EVAL-09: the steering committee met to approve method and schedule, on or before the first day of collection."""
    begun = subject.row.day("p2_collecte")
    if begun is None or begun > context.today:
        return NotApplicable("la collecte n'a pas commencé")
    days = _meetings(subject, "CADRAGE", context)
    if not days:
        return Problem({"collecte": begun})
    return None if days[0] <= begun else Problem({"collecte": begun, "cadrage": days[0]}, curable=False, text="tard")


def restitutions_periodiques(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """EVAL-10: from the collection to the final report, no more than 45 days go by without a restitution."""
    row = subject.row
    begun, reported = row.day("p2_collecte"), row.day("date_rapport_final") or row.day("date_validation_copil")
    if begun is None:
        return NotApplicable("la collecte n'a pas commencé")
    end = min(reported or context.today, context.today)
    if end < begun:
        return NotApplicable("la collecte n'a pas commencé, ou le rapport final la précède")
    limit = subject.limit(rule.limit, begun, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    held = [day for day in _meetings(subject, "RESTITUTION", context) if begun <= day <= end]
    far = [pair for pair in pairwise((begun, *held, end)) if (pair[1] - pair[0]).days > limit.number]
    if not far:
        return None
    since, until = far[-1]
    is_open = until == end and end != reported
    facts = {"depuis": since, "jusqu_au": until, "ecart": (until - since).days, "jours": limit.number}
    return Problem(facts, curable=is_open, text="" if is_open else "ecart", on=begun)


def recommandations_suivies(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """EVAL-11: 60 days after the report's validation, each recommendation has a horizon, someone, a date, a status."""
    last = last_day(subject, "date_validation_copil", rule.limit, context)
    if isinstance(last, NotApplicable):
        return last
    approved = subject.row.day("date_validation_copil")
    facts = {"validation": approved, "dernier_jour": last}
    mine = [row for row in case_of(subject).actions if row["id_evaluation"] == subject.row.id]
    if not mine:
        return Problem(facts, on=approved)
    for row in mine:
        if missing := [key for key in FOLLOW_UP if row[key] is None]:
            return Problem({**facts, "action": row.id}, row=row, column=missing[0], text="ligne", on=approved)
    return None


def _meetings(subject: Subject, kind: str, context: Context) -> tuple[date, ...]:
    own = {"CADRAGE": "date_reunion_cadrage", "RESTITUTION": "date_restitution"}[kind]
    return evaluation_meetings(case_of(subject), subject.row, kind, own, context.today)
