"""Checks on the budget's calendar and on what it must hold (LEX-15, LEX-16, FIN-07).

A budget year is asked for from the day its budget had to be voted, in November of the year before (LEX-15; D-16 for the
region). The other deadline of that calendar, ten days for the budget committee, has no column: nobody types when a
draft went to it.
"""

from collections.abc import Iterable
from datetime import date

from cdi_sync.casefile import deliberated_on, main_deliberations
from cdi_sync.commitments import budget_lines, is_concluded, our_contributions, voted_in
from cdi_sync.funds import dirhams, in_dirhams, money_lines, total, year_of
from cdi_sync.law import InForce
from cdi_sync.model import Case, Row, Tier
from cdi_sync.rules.named.action_plan import ENDED
from cdi_sync.rules.named.common import NO_LIMIT, case_of, is_over, money_is_followed
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule

_BUDGET_VOTE = "budget_adoption"


def vote_day(year: int, subject: Subject, context: Context) -> date | None:
    """The last day on which the budget of the next year may be voted, that year; D-16 may give the region the others' day."""
    for_all = subject.tier is Tier.REGION and context.readings["D-16"] == "commune_a_tous"
    read_for = subject._replace(tier=Tier.COMMUNE) if for_all else subject
    return _day_of(read_for.limit(_BUDGET_VOTE, date(year, 1, 1), context), year)


def _day_of(limit: InForce | None, year: int) -> date | None:
    return date(year, *limit.numbers) if limit else None


def budget_asked_for(subject: Subject, context: Context) -> tuple[int, date] | None:
    """(budget year, day by which it had to be voted): the latest one that had to be voted before today."""
    year = context.today.year
    for voted_in_year in (year, year - 1):
        day = vote_day(voted_in_year, subject, context)
        if day and day < context.today:
            return voted_in_year + 1, day
    return None


def adopted_days(case: Case) -> Iterable[date]:
    """The days on which the council adopted the agreement, without an opposition since."""
    for row in main_deliberations(case):
        day = deliberated_on(case, row)
        if day and row["resultat"] == "ADOPTEE" and not row.says("opposition"):
            yield day


# ---------------------------------------------------------------------------------------------- the calendar


def calendrier_budgetaire(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-15: the budget that the line belongs to was voted, and sent for its visa, by the last day of each.

    Days of one budget may be typed on any of the agreement's lines of that year; they are missed on the first. Of a year
    that is over, only the days typed are looked at.
    """
    row, case = subject.row, case_of(subject)
    year = row.number_of("exercice")
    if row["type_ligne"] != "BUDGET" or year is None:
        return NotApplicable("pas une ligne de budget avec son exercice")
    year = int(year)
    lines = money_lines(case, "BUDGET", exercice=year)
    voted_by = vote_day(year - 1, subject, context)
    sent_by = _day_of(subject.limit(rule.parameters["visa"], date(year - 1, 1, 1), context), year - 1)
    for column, text, last in (("date_vote_budget", "", voted_by), ("date_visa_budget", "visa", sent_by)):
        if last is None:
            return NotApplicable(NO_LIMIT)
        problem = _late_or_missing(row, lines, column, text, last, year, context)
        if problem:
            return problem
    return None


def _late_or_missing(
    row: Row, lines: list[Row], column: str, text: str, last: date, year: int, context: Context
) -> Problem | NotApplicable | None:
    """How one of the two days of a budget isn't met; not applicable while it may still come."""
    done = row.day(column)
    facts = {"exercice": year, "dernier_jour": last, "fait": done}
    if done:
        late = f"{text}_tard".lstrip("_")
        return Problem(facts, curable=False, column=column, text=late, on=last) if done > last else None
    if any(line.day(column) for line in lines):
        return None
    if context.today <= last:
        return NotApplicable("le dernier jour n'est pas passé", last)
    if year < context.today.year:
        return NotApplicable("l'exercice est clos et ce jour n'a pas été saisi")
    return Problem(facts, column=column, text=text, on=last) if row is lines[0] else None


# ----------------------------------------------------------------------------------------------- what it holds


def engagement_inscrit(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-16: what a concluded agreement commits the council to pay in the latest budget year, that budget votes.

    What an organisation is owed is FIN-14's; a convention not signed yet, FIN-01's and FIN-07's.
    """
    case = case_of(subject)
    asked = budget_asked_for(subject, context)
    if asked is None:
        return NotApplicable(NO_LIMIT)
    year, voted_by = asked
    if not is_concluded(case, voted_by):
        return NotApplicable("l'acte n'était pas conclu quand ce budget se votait")
    if is_over(case, date(year, 1, 1)):
        return NotApplicable(ENDED)
    ours = [row for row in our_contributions(case) if year_of(row) in (year, None)]
    if doubt := _unsure(ours):
        return doubt
    if not total(ours):
        return NotApplicable("aucune contribution de la collectivité n'est prévue pour cet exercice")
    return _short_of(case, year, total(ours), voted_by)


def _unsure(ours: list[Row]) -> Unknown | None:
    """Why the sum of those contributions isn't known, if it isn't."""
    for row in ours:
        if year_of(row) is None:
            return Unknown(f"l'exercice de la contribution {row.id} n'est pas saisi", "exercice", row)
        if in_dirhams(row) is None and row["montant"] is not None:
            return Unknown(f"la contribution {row.id} n'est pas convertie en dirhams", "montant_mad", row)
    return None


def _short_of(case: Case, year: int, owed: float, voted_by: date) -> Problem | None:
    """The problem of a budget that votes less than what is owed that year."""
    voted = voted_in(case, year)
    if voted >= owed:
        return None
    facts = {"exercice": year, "du": dirhams(owed), "vote": dirhams(voted), "manque": dirhams(owed - voted)}
    lines = budget_lines(case, year)
    if not lines:
        return Problem(facts, on=voted_by)
    return Problem(facts, row=lines[0], column="montant_vote", text="insuffisant", on=voted_by)


def quote_part_budgetee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-07: once a project is chosen on a call, the budget votes our part of this year, and of the next once it is due.

    Past years are no longer asked for: nothing can be voted in them. Where the plan doesn't give our part, any amount
    voted leaves it unknown.
    """
    case, act = case_of(subject), subject.row
    if act["resultat_appel"] != "RETENU" or not money_is_followed(case, context):
        return NotApplicable("l'acte ne vient pas d'un appel à projets gagné, ou son argent n'est pas suivi ici")
    if is_over(case, context.today):
        return NotApplicable(ENDED)
    ours, voted = our_contributions(case), [row for row in money_lines(case, "BUDGET") if row["montant_vote"]]
    if not ours:
        why = "la quote-part de la collectivité n'est pas au plan de financement"
        return Unknown(why) if voted else Problem(text="sans_plan")
    if doubt := _unsure(ours):
        return doubt
    asked = budget_asked_for(subject, context)
    this_year = context.today.year
    last = asked[0] if asked else this_year
    for year in sorted({year for row in ours if (year := year_of(row)) and this_year <= year <= last}):
        owed = total(row for row in ours if year_of(row) == year)
        if problem := _short_of(case, year, owed, date(year - 1, 1, 1)):
            return problem
    return None
