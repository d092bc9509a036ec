"""Checks on the funding plan of a project put to a cofinancing programme (COF): who brings which share of its cost.

A plan is the contributions of the agreement (« Budget et financement »), by category, against its whole cost, all in
dirhams. Rates are those of the day on which the file left, else of the day on which the call closes, else of today. A plan
is owed once the file left or was approved by the President, once the call is closed, or once the council has voted;
before that it only waits. That it is there, whole and converted is COF-13's question alone: while it isn't, the other
rules can't tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cdi_sync.funds import cost_of, dirhams, first_amount, in_dirhams, money_lines, percent, total, year_of
from cdi_sync.law import EVERY_TIER
from cdi_sync.model import Case, Row, Severity
from cdi_sync.rules.named.action_plan import ENDED
from cdi_sync.rules.named.common import NO_LIMIT, case_of, money_is_followed
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

EXACT = 1e-6  # shares are compared to a millionth: a centime of ten thousand dirhams
_NO_RATE = "aucun taux de ce programme n'est enregistré à cette date"


@dataclass(frozen=True)
class Plan:
    """A funding plan that can be judged. cost: above 0. day: the one that selects the rates. owed: a finding already."""

    lines: Sequence[Row]
    cost: float
    day: date
    owed: bool

    def of(self, category: str) -> list[Row]:
        """The lines of one category of contributors."""
        return [row for row in self.lines if row["categorie_contributeur"] == category]


def answers(act: Row, programme: str) -> bool:
    """True when the agreement's programme is that one, or one of its versions: FRMA, FRMA-2019-2021, « frma 2022 »."""
    return fold(act.text("programme")).startswith(fold(programme))


def plan_of(subject: Subject, rule: Rule, context: Context) -> Plan | NotApplicable | Unknown:
    """The plan that the rule judges; else why it doesn't, or can't."""
    asked = _asked(subject, rule, context)
    if asked:
        return asked
    case, act = case_of(subject), subject.row
    lines = money_lines(case, "CONTRIBUTION")
    if not lines:
        return NotApplicable("le plan de financement n'est pas encore saisi (COF-13)")
    cost = cost_of(act)
    if not cost or any(in_dirhams(row) is None for row in lines):
        return Unknown("le coût global ou une contribution manque (COF-13)", reported=True)
    return Plan(lines, cost, _rates_day(act, context), _is_owed(act, context))


def _asked(subject: Subject, rule: Rule, context: Context) -> NotApplicable | None:
    """Why the rule doesn't speak of this agreement, if it doesn't."""
    case, act, wanted = case_of(subject), subject.row, rule.parameters.get("programme", "")
    if act["programme"] is None or not answers(act, wanted):
        return NotApplicable(f"l'acte ne relève pas du programme {wanted}".rstrip() if wanted else "aucun programme")
    if act["resultat_appel"] == "REJETE" or case.over:
        return NotApplicable("le projet n'a pas été retenu" if not case.over else ENDED)
    return None if money_is_followed(case, context) else NotApplicable("l'argent de cet acte n'est pas suivi ici")


def _rates_day(act: Row, context: Context) -> date:
    return act.day("date_transmission_dossier") or act.day("date_limite_appel") or context.today


def _is_owed(act: Row, context: Context) -> bool:
    closes = act.day("date_limite_appel")
    steps = (act.day("date_validation_president"), act.day("date_transmission_dossier"))
    return any(day <= context.today for day in steps if day) or bool(closes and closes < context.today)


def _rate(key: str, plan: Plan, context: Context) -> float | None:
    """A rate of law.toml on the plan's day: a programme's are the same for every council."""
    limit = context.law.in_force(key, plan.day, EVERY_TIER)
    return limit.share if limit else None


def _told(plan: Plan, problem: Problem) -> Problem:
    """The problem, cited on the plan's day, and owed or not."""
    return replace(problem, on=plan.day, overdue=plan.owed)


# ------------------------------------------------------------------------------------------------- the shares


def share_of_cost(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """`part`: the share of the cost that each category of `noms` brings is within the rule's limit.

    `borne`: "plafond", "plancher" or "egal". `tolerance`: a limit, by how much a share may be beyond it. `lecture`: a
    contradiction under whose reading « stricte » what only the tolerance allows is a warning, told by `message_proche`.
    """
    plan = plan_of(subject, rule, context)
    if not isinstance(plan, Plan):
        return plan
    bound, tolerance = _rate(rule.limit, plan, context), _tolerance(rule, plan, context)
    if bound is None:
        return NotApplicable(_NO_RATE)
    strict = context.readings.get(rule.parameters.get("lecture", "")) == "stricte"
    for category, name in rule.parameters["noms"].items():
        brought = total(plan.of(category))
        share = brought / plan.cost
        beyond = _beyond(share, bound, rule.parameters["borne"])
        if beyond <= EXACT or (beyond <= tolerance + EXACT and not strict):
            continue
        facts = {"qui": name, "part": percent(share), "limite": percent(bound), "montant": dirhams(brought)}
        problem = _at(plan.of(category), {**facts, "cout": dirhams(plan.cost)})
        if beyond <= tolerance + EXACT:
            problem = replace(problem, severity=Severity.RECOMMANDE, text="proche")
        return _told(plan, problem)
    return None


def _tolerance(rule: Rule, plan: Plan, context: Context) -> float:
    key = rule.parameters.get("tolerance")
    return (_rate(key, plan, context) or 0) if key else 0


def _beyond(share: float, bound: float, kind: str) -> float:
    """By how much a share is on the wrong side of its bound; below 0 or 0 when it is on the right one."""
    return {"plafond": share - bound, "plancher": bound - share, "egal": abs(share - bound)}[kind]


def _at(lines: Sequence[Row], facts: dict[str, object]) -> Problem:
    """A problem on the first of those lines, on the agreement when there is none."""
    return Problem(facts, row=lines[0], column="montant_mad") if lines else Problem(facts)


def parts_egales(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-02: the two categories of `noms` bring the same, give or take the rule's limit, a share of the cost."""
    plan = plan_of(subject, rule, context)
    if not isinstance(plan, Plan):
        return plan
    margin = _rate(rule.limit, plan, context)
    if margin is None:
        return NotApplicable(_NO_RATE)
    (one, one_name), (other, other_name) = rule.parameters["noms"].items()
    first, second = total(plan.of(one)), total(plan.of(other))
    gap = abs(first - second) / plan.cost
    if gap <= margin + EXACT:
        return None
    facts = {"un": one_name, "autre": other_name, "montant_un": dirhams(first), "montant_autre": dirhams(second)}
    return _told(plan, _at([*plan.of(one), *plan.of(other)], {**facts, "ecart": percent(gap)}))


def apport_annuel(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-03: what the categories of `noms` bring in a year isn't above the rule's limit, together or each (D-09).

    Amounts without a year leave it unknown when they would break the ceiling if they fell in the fullest year.
    """
    plan = plan_of(subject, rule, context)
    if not isinstance(plan, Plan):
        return plan
    limit = context.law.in_force(rule.limit, plan.day, EVERY_TIER)
    if limit is None:
        return NotApplicable(_NO_RATE)
    names = rule.parameters["noms"]
    groups = {name: [category] for category, name in names.items()}
    if context.readings["D-09"] == "ensemble":
        groups = {rule.parameters["ensemble"]: list(names)}
    doubt: Unknown | None = None
    for name, categories in groups.items():
        lines = [row for category in categories for row in plan.of(category)]
        by_year: dict[int | None, list[Row]] = defaultdict(list)
        for row in lines:
            by_year[year_of(row)].append(row)
        undated = by_year.pop(None, [])
        for year, rows in sorted(by_year.items(), key=lambda item: item[0] or 0):
            if total(rows) > limit.number + EXACT:
                facts = {"qui": name, "exercice": year, "total": dirhams(total(rows))}
                return _told(plan, _at(rows, {**facts, "limite": dirhams(limit.number)}))
        fullest = max((total(rows) for rows in by_year.values()), default=0)
        if fullest + total(undated) > limit.number + EXACT:  # no year alone does: some are undated
            doubt = doubt or Unknown(
                f"l'exercice de la contribution {undated[0].id} n'est pas saisi", "exercice", undated[0]
            )
    return doubt


def valorisation_plafonnee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-06: what a contributor of `categorie` brings in kind isn't above the rule's limit, a share of what it brings."""
    plan = plan_of(subject, rule, context)
    if not isinstance(plan, Plan):
        return plan
    limit = _rate(rule.limit, plan, context)
    if limit is None:
        return NotApplicable(_NO_RATE)
    for rows in _by_contributor(plan.of(rule.parameters["categorie"])):
        brought, in_kind = total(rows), sum(first_amount(row, "dont_valorisation") for row in rows)
        if in_kind <= brought * (limit + EXACT):
            continue
        facts = {"qui": rows[0].text("contributeur") or rows[0].id, "valorise": dirhams(in_kind)}
        facts |= {"apport": dirhams(brought), "limite": percent(limit)}
        row = max(rows, key=lambda row: first_amount(row, "dont_valorisation"))
        return _told(plan, Problem(facts, row=row, column="dont_valorisation"))
    return None


def _by_contributor(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """The lines of each contributor; a line that names nobody stands alone."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[fold(row.text("contributeur")) or row.id].append(row)
    return groups.values()


# --------------------------------------------------------------------------------------------- the whole plan


def plan_boucle(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-13: the plan is there, every amount in dirhams, and its parts make up the whole cost, within the rule's limit."""
    asked = _asked(subject, rule, context)
    if asked:
        return asked
    case, act, day = case_of(subject), subject.row, _rates_day(subject.row, context)
    limit = context.law.in_force(rule.limit, day, EVERY_TIER)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    problem = _unfinished(case, act) or _unbalanced(case, act, limit.share)
    return replace(problem, on=day, overdue=_is_owed(act, context)) if problem else None


def _unfinished(case: Case, act: Row) -> Problem | None:
    """What keeps the shares from being counted: no contribution, no cost, an amount in another currency."""
    lines = money_lines(case, "CONTRIBUTION")
    if not lines:
        return Problem(text="absent")
    for column in ("cout_global", *(("taux_change", "date_taux") if act["devise"] not in (None, "MAD") else ())):
        if not act[column]:
            return Problem(column=column, text="cout")
    lost = next((row for row in lines if in_dirhams(row) is None), None)
    return Problem({"ligne": lost.id}, row=lost, column="montant_mad", text="ligne") if lost else None


def _unbalanced(case: Case, act: Row, margin: float) -> Problem | None:
    """How far the parts of a finished plan, whose cost is above 0, are from its cost."""
    cost, brought = cost_of(act) or 0, total(money_lines(case, "CONTRIBUTION"))
    if abs(brought - cost) <= cost * (margin + EXACT):
        return None
    facts = {"part": percent(brought / cost), "total": dirhams(brought), "cout": dirhams(cost)}
    return Problem({**facts, "ecart": dirhams(abs(brought - cost))})
