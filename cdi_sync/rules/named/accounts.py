"""Checks on appropriation accounts (« compte de dépenses sur dotations », CDD): FIN-06, LEX-14. Amounts are in dirhams.

One line of type CDD an account and year of opening: what was opened that year, carried over, paid, cancelled, opened again.
The guide lets credits be carried over for two years, cancelled, then opened again; the organic laws carry what is left to
the next year only, then enter it among the receipts of the second part of the budget (D-06). Nothing is ever cancelled
by the software: it says what the account shows.
"""

from datetime import date

from cdi_sync.funds import dirhams, first_amount
from cdi_sync.model import Row, Severity
from cdi_sync.rules.named.common import NO_LIMIT
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

NO_ACCOUNT = "cette ligne n'est pas un compte de dépenses sur dotations"
_ENOUGH = 0.005  # half a centime: amounts are typed to the centime


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
    if again > cancelled + _ENOUGH:
        return Problem(facts, column="reouverts", text="trop")
    opened = row.number_of("exercice")
    years = subject.limit(rule.limit, context.today, context)
    if reads_the_law(context) or not cancelled or opened is None or years is None:
        return NotApplicable("aucun crédit annulé que l'on puisse rouvrir") if not again else None
    year = int(opened) + years.number + 1
    if cancelled - again <= _ENOUGH or context.today.year > year:
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
    if spent > (received or 0) + _ENOUGH:
        return Problem(facts, column="ressources_disponibles", text="depasse")
    return _carried_too_much(row) or (_excess(subject, rule, context) if reads_the_law(context) else None)


def _carried_too_much(row: Row) -> Problem | None:
    """What is carried to a year can't be more than what the year before had."""
    had = row.number_of("credits_ouverts")
    for column, year in (("reportes_n1", "n+1"), ("reportes_n2", "n+2")):
        carried = row.number_of(column)
        if carried is None:
            continue
        if had is not None and carried > had + _ENOUGH:
            facts = {"reporte": dirhams(carried), "annee": year, "avant": dirhams(had)}
            return Problem(facts, column=column, text="report")
        had = carried
    return None


def _excess(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """Under the law's reading: nothing is carried to n+2; what is left then goes to the receipts of that budget."""
    row = subject.row
    opened, credits_ = row.number_of("exercice"), row.number_of("credits_ouverts")
    years = subject.limit(rule.limit, context.today, context)
    warning = subject.limit(rule.parameters["alerte"], context.today, context)
    if years is None or warning is None:
        return NotApplicable(NO_LIMIT)
    if carried := first_amount(row, "reportes_n2"):
        return Problem({"reporte": dirhams(carried)}, column="reportes_n2", text="second_report")
    if opened is None or credits_ is None:
        return None
    last = date(int(opened) + years.number, 12, 31)
    left = credits_ - first_amount(row, "montant_paye") - first_amount(row, "annules")
    if left <= _ENOUGH or (last - context.today).days > warning.number:
        return None
    facts = {"solde": dirhams(left), "dernier_jour": last, "recettes": last.year + 1}
    if context.today > last:
        return Problem(facts, column="annules", text="excedent")
    return Problem(facts, column="annules", severity=Severity.RECOMMANDE, text="bientot")
