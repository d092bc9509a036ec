"""Checks on appropriation accounts (« compte de dépenses sur dotations », CDD): FIN-06, LEX-14. Amounts are in dirhams.

One line of type CDD an account and year of opening: what was opened that year, carried over, paid, cancelled, opened again.
The guide lets credits be carried over for two years, cancelled, then opened again; the organic laws carry what is left to
the next year only, then enter it among the receipts of the second part of the budget (D-06). Nothing is ever cancelled
by the software: it says what the account shows.
"""

from datetime import date
from typing import NamedTuple

from cdi_sync.funds import dirhams, first_amount
from cdi_sync.model import Row, Severity
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

NO_ACCOUNT = "cette ligne n'est pas un compte de dépenses sur dotations"


class Balance(NamedTuple):
    """What is left of the credits of an account, the last day to use it, and the last day before it is worth a warning."""

    left: float
    last: date
    alert: int  # days before the last one

    def is_told(self, today: date) -> bool:
        """True when something is left and its last day is near, or over."""
        return self.left > 0 and (self.last - today).days <= self.alert


def balance(subject: Subject, rule: Rule, context: Context) -> Balance | None:
    """The balance of an account under the rule's limit; None when it can't be told."""
    row = subject.row
    opened, credits_ = row.number_of("exercice"), row.number_of("credits_ouverts")
    years = subject.limit(rule.limit, context.today, context)
    warning = subject.limit(rule.parameters["alerte"], context.today, context)
    if opened is None or credits_ is None or years is None:
        return None
    left = to_the_centime(credits_ - first_amount(row, "montant_paye") - first_amount(row, "annules"))
    return Balance(left, date(int(opened) + years.number, 12, 31), warning.number if warning else 0)


def to_the_centime(amount: float) -> float:
    """A difference of amounts, rid of what binary fractions add to it."""
    return round(amount, 2)


def spent_on(row: Row) -> float:
    """What was spent on the account: what was paid, or ordered to be when that is more."""
    return max(first_amount(row, "montant_paye"), first_amount(row, "montant_ordonnance"))


def reads_the_law(context: Context) -> bool:
    """True under the reading of D-06 that follows the organic laws."""
    return context.readings["D-06"] == "loi"


def credit_rouvert(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-06: what was cancelled at the close of the second year may be opened again the year after, and no more than it.

    An information, as long as that year lasts. Under the law's reading nothing is opened again.
    """
    row = subject.row
    if row["type_ligne"] != "CDD":
        return NotApplicable(NO_ACCOUNT)
    cancelled, again = first_amount(row, "annules"), first_amount(row, "reouverts")
    facts = {"annule": dirhams(cancelled), "rouvert": dirhams(again), "reste": dirhams(cancelled - again)}
    if again and reads_the_law(context):
        return Problem(facts, column="reouverts", text="loi")
    if to_the_centime(again - cancelled) > 0:
        return Problem(facts, column="reouverts", text="trop")
    opened = row.number_of("exercice")
    years = subject.limit(rule.limit, context.today, context)
    if reads_the_law(context) or not cancelled or opened is None or years is None:
        return NotApplicable("aucun crédit annulé que l'on puisse rouvrir") if not again else None
    year = int(opened) + years.number + 1
    if to_the_centime(cancelled - again) == 0 or context.today.year > year:
        return None
    return Problem({**facts, "exercice": year})


def compte_conforme(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-14: an account is created by a decision, spends no more than it has received, carries over no more than is left."""
    row = subject.row
    if row["type_ligne"] != "CDD":
        return NotApplicable(NO_ACCOUNT)
    spent, received = spent_on(row), row.number_of("ressources_disponibles")
    facts = {"depense": dirhams(spent), "ressources": dirhams(received or 0)}
    if spent or first_amount(row, "credits_ouverts"):
        for column in ("ref_decision", "date_decision_creation"):
            if row[column] is None:
                return Problem(facts, column=column)
    if spent and received is None:
        return Problem(facts, column="ressources_disponibles", text="sans_ressources")
    if to_the_centime(spent - (received or 0)) > 0:
        return Problem(facts, column="ressources_disponibles", text="depasse")
    return _carried_too_much(row) or (_excess(subject, rule, context) if reads_the_law(context) else None)


def _carried_too_much(row: Row) -> Problem | None:
    """What is carried to a year can't be more than what the year before had."""
    had = row.number_of("credits_ouverts")
    for column, year in (("reportes_n1", "n+1"), ("reportes_n2", "n+2")):
        carried = row.number_of(column)
        if carried is None:
            continue
        if had is not None and to_the_centime(carried - had) > 0:
            facts = {"reporte": dirhams(carried), "annee": year, "avant": dirhams(had)}
            return Problem(facts, column=column, text="report")
        had = carried
    return None


def _excess(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """Under the law's reading: nothing is carried to n+2; what is left then goes to the receipts of that budget."""
    if carried := first_amount(subject.row, "reportes_n2"):
        return Problem({"reporte": dirhams(carried)}, column="reportes_n2", text="second_report")
    kept = balance(subject, rule, context)
    if kept is None or not kept.is_told(context.today):
        return None
    facts = {"solde": dirhams(kept.left), "dernier_jour": kept.last, "recettes": kept.last.year + 1}
    if context.today > kept.last:
        return Problem(facts, column="annules", text="excedent")
    return Problem(facts, column="annules", severity=Severity.RECOMMANDE, text="bientot")
