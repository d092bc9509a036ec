"""Checks on money (FIN, OING-07): what the budget holds, who paid what, what is spent.

A budget year is asked for from the day its budget had to be voted (LEX-15), in November of the year before. Amounts are
in dirhams. "Budget lines" are those of type BUDGET; `montant_vote` is what the council voted, `montant_prevu` what was
asked.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from cdi_sync.casefile import deliberated_on, events, first_day, main_deliberations
from cdi_sync.model import Case, Row, Severity
from cdi_sync.rules.named.action_plan import ENDED, OVER
from cdi_sync.rules.named.common import LOCAL_AUTHORITIES, NO_LIMIT, case_of, is_over, money_is_followed
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

NO_MONEY = "rien ne dit que l'acte engage des dépenses"
DUES = "ADHESION_COTISATION_OING"
BUDGET_VOTE = "budget_adoption"


def _lines(case: Case, kind: str, **cells: object) -> list[Row]:
    """The money lines of that type, with those cells."""
    mine = (row for row in case.money if row["type_ligne"] == kind)
    return [row for row in mine if all(row[key] == value for key, value in cells.items())]


def _amount(row: Row, *columns: str) -> float:
    """The first of these amounts that is filled, 0 if none."""
    return next((value for key in columns if (value := row.number_of(key)) is not None), 0)


def _vote_day(year: int, subject: Subject, context: Context) -> date | None:
    """The last day on which the budget of the next year may be voted, that year."""
    limit = subject.limit(BUDGET_VOTE, date(year, 1, 1), context)
    return date(year, *limit.numbers) if limit else None


def _budget_asked_for(subject: Subject, context: Context) -> tuple[int, date] | None:
    """(budget year, day by which it had to be voted): the latest one that had to be voted before today."""
    year = context.today.year
    for voted_in in (year, year - 1):
        day = _vote_day(voted_in, subject, context)
        if day and day < context.today:
            return voted_in + 1, day
    return None


# ------------------------------------------------------------------------------------------------- the budget


def credits_inscrits(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-01: an agreement that costs money, voted before the budget was, has a voted amount in it."""
    case = case_of(subject)
    asked = _budget_asked_for(subject, context)
    if case.act.says("implique_engagement_financier") is not True or asked is None:
        return NotApplicable(NO_MONEY if asked else NO_LIMIT)
    year, voted_by = asked
    if not any(day <= voted_by for day in _adopted_days(case)):
        return NotApplicable("l'acte n'était pas délibéré quand ce budget se votait")
    if is_over(case, date(year, 1, 1)) or (events(case, "refus_visa") and not events(case, "visa_accorde")):
        return NotApplicable(ENDED)
    lines = _lines(case, "BUDGET", exercice=year)
    if any(_amount(row, "montant_vote") > 0 for row in lines):
        return None
    facts = {"exercice": year, "echeance": voted_by}
    if lines:
        return Problem(facts, row=lines[0], column="montant_vote", text="non_vote", on=voted_by)
    return Problem(facts, on=voted_by)


def _adopted_days(case: Case) -> Iterable[date]:
    for row in main_deliberations(case):
        day = deliberated_on(case, row)
        if day and row["resultat"] == "ADOPTEE" and not row.says("opposition"):
            yield day


def natures_couvertes(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-02: an agreement's budget names each kind of expense of its form; an amount of 0 says why."""
    case = case_of(subject)
    lines = _lines(case, "BUDGET")
    if case.form is None or not lines or is_over(case, context.today):
        return NotApplicable("aucune ligne de budget n'est saisie, ou l'acte est terminé")
    names = rule.parameters["natures"][case.form]
    missing = [name for nature, name in names.items() if nature not in {row["nature_depense"] for row in lines}]
    if missing:
        return Problem({"manque": " ; ".join(missing)})
    for row in lines:
        if (
            row["nature_depense"] in names
            and _amount(row, "montant_vote", "montant_prevu") == 0
            and not row["justification"]
        ):
            return Problem({"ligne": row.id}, row=row, column="justification", text="nul")
    return None


def compte_de_dotations(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-03: a convention with a local authority, or won on a call, has its appropriation account, or says why not."""
    case = case_of(subject)
    if case.act.says("implique_engagement_financier") is not True or is_over(case, context.today):
        return NotApplicable(f"{NO_MONEY}, ou il est terminé")
    called = case.act["date_lancement_appel"] or case.act["date_limite_appel"] or case.act["programme"]
    if not called and not (case.partner and case.partner["type"] in LOCAL_AUTHORITIES):
        return NotApplicable("ni collectivité étrangère ni appel à projets")
    voted = any(row["objet"] == "CREATION_CDD" and row["resultat"] == "ADOPTEE" for row in case.deliberations)
    return None if voted or _lines(case, "CDD") or case.act["motif_sans_cdd"] else Problem()


def report_limite(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-05: what is left of an appropriation account's credits falls two years after the year they were opened."""
    row = subject.row
    opened, credits_ = row.number_of("exercice"), row.number_of("credits_ouverts")
    if row["type_ligne"] != "CDD" or opened is None or credits_ is None:
        return NotApplicable("pas un compte dont les crédits et l'exercice d'ouverture sont saisis")
    years = subject.limit(rule.limit, context.today, context)
    warning = subject.limit(rule.parameters["alerte"], context.today, context)
    if years is None or warning is None:
        return NotApplicable(NO_LIMIT)
    last = date(int(opened) + years.number, 12, 31)
    left = credits_ - _amount(row, "montant_paye") - _amount(row, "annules")
    if left <= 0 or (last - context.today).days > warning.number:
        return None
    facts = {"solde": _dirhams(left), "exercice": int(opened), "dernier_jour": last}
    if context.today > last:
        return Problem(facts, column="annules")
    return Problem(facts, severity=Severity.RECOMMANDE, column="reportes_n2", text="bientot")


def phases_budgetees(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-13: the budget has a line for the outward phase of a twinning, and one for the return."""
    case = case_of(subject)
    if case.act.says("implique_engagement_financier") is False or not money_is_followed(case, context):
        return NotApplicable("l'acte n'engage pas de dépense, ou son argent n'est pas suivi ici")
    if is_over(case, context.today):
        return NotApplicable(ENDED)
    lines = _lines(case, "BUDGET")
    names = rule.parameters["noms"]
    missing = [names[phase] for phase in names if phase not in {row["phase"] for row in lines}]
    return Problem({"manque": " ; ".join(missing)}) if missing else None


def frais_d_adhesion(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-14: dues are asked for in the budget before the vote of the council, and voted before joining, then each year.

    What the DGCT pays, with a reference or an explanation, needs no budget.
    """
    case = case_of(subject)
    if case.act.says("implique_engagement_financier") is False or not money_is_followed(case, context):
        return NotApplicable("l'acte n'engage pas de dépense, ou son argent n'est pas suivi ici")
    if is_over(case, context.today):
        return NotApplicable(ENDED)
    joined, asked = first_day(case, "adhesion"), _budget_asked_for(subject, context)
    lines = _lines(case, "BUDGET", nature_depense=DUES)
    if joined is None:
        return None if _paid_by_dgct(case, None) else _before_joining(subject, lines, context)
    if asked is None or joined > asked[1]:
        return NotApplicable("l'adhésion est postérieure au vote du budget")
    return None if _paid_by_dgct(case, asked[0]) else _as_a_member(case, lines, *asked)


def _paid_by_dgct(case: Case, year: int | None) -> bool:
    return any(
        row.says("prise_en_charge_dgct") and (row["reference"] or row["justification"])
        for row in _lines(case, "COTISATION")
        if year is None or row["exercice"] in (None, year)
    )


def _before_joining(subject: Subject, lines: Sequence[Row], context: Context) -> Verdict:
    case = case_of(subject)
    voted = [row for row in lines if _amount(row, "montant_vote") > 0]
    planned = [row for row in lines if _amount(row, "montant_prevu", "montant_vote") > 0]
    if voted or (planned and not events(case, "visa_accorde")):
        return None
    if not planned:
        return Problem()
    row = planned[0]
    year = row.number_of("exercice")
    by = _vote_day(int(year) - 1, subject, context) if year else None
    return Problem({"ligne": row.id}, row=row, column="montant_vote", text="non_vote", until=by)


def _as_a_member(case: Case, lines: Sequence[Row], year: int, voted_by: date) -> Verdict:
    mine = [row for row in lines if row["exercice"] == year]
    voted = sum(_amount(row, "montant_vote") for row in mine)
    dues = sum(_in_dirhams(row) or 0 for row in _lines(case, "COTISATION", exercice=year))
    if voted > 0 and voted >= dues:
        return None
    facts = {"exercice": year, "vote": _dirhams(voted), "cotisation": _dirhams(dues), "echeance": voted_by}
    if mine:
        return Problem(facts, row=mine[0], column="montant_vote", text="insuffisant", on=voted_by)
    return Problem(facts, text="membre", on=voted_by)


def _in_dirhams(row: Row) -> float | None:
    """The amount of a contribution or of dues; None when it is in another currency and isn't converted."""
    converted = row.number_of("montant_mad")
    if converted is not None:
        return converted
    return row.number_of("montant") if row["devise"] in (None, "MAD") else None


# ----------------------------------------------------------------------------------------- the funding plan


def cout_de_l_evaluation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-12: what an evaluation costs is in the funding plan; only a warning for one that the parties lead themselves."""
    row, case = subject.row, case_of(subject)
    external = row["mode"] == "EXTERNE"
    if case.over:
        return NotApplicable(ENDED)
    if not external and case.act.says("implique_engagement_financier") is not True:
        return NotApplicable("évaluation menée par les parties, sur un acte sans dépense")
    planned = _lines(case, "BUDGET", nature_depense="EVALUATION")
    if any(_amount(line, "montant_vote", "montant_prevu") > 0 for line in planned):
        return None
    if row.says("inclus_montage_financier") and _amount(row, "cout_prevu") > 0:
        return None
    column = "inclus_montage_financier" if not row.says("inclus_montage_financier") else "cout_prevu"
    return Problem(column=column, severity=None if external else Severity.RECOMMANDE)


def montage_equilibre(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-15: contributions add up to the cost of the project, both in dirhams, within a ten-thousandth."""
    act, case = subject.row, case_of(subject)
    lines = _lines(case, "CONTRIBUTION")
    if not lines or case.over:
        return NotApplicable("aucune contribution n'est saisie, ou l'acte est abandonné")
    cost, foreign = act.number_of("cout_global"), act["devise"] not in (None, "MAD")
    for column in ("cout_global", *(("taux_change", "date_taux") if foreign else ())):
        if act[column] is None:
            return Problem(column=column, text="cout")
    amounts = [(row, _in_dirhams(row)) for row in lines]
    if lost := [row for row, amount in amounts if amount is None]:
        return Problem({"ligne": lost[0].id}, row=lost[0], column="montant_mad", text="ligne")
    wanted = (cost or 0) * (act.number_of("taux_change") or 1 if foreign else 1)
    total = sum(amount or 0 for _, amount in amounts)
    limit = subject.limit(rule.limit, context.today, context)
    if limit is None or abs(total - wanted) <= round(wanted * limit.share, 6):
        return None
    return Problem({"total": _dirhams(total), "cout": _dirhams(wanted), "ecart": _dirhams(abs(total - wanted))})


def _dirhams(amount: float) -> str:
    """1234567.5 → "1 234 567,50 MAD", without decimals when there are none."""
    text = f"{amount:,.2f}".replace(",", " ").replace(".", ",")
    return f"{text.removesuffix(',00')} MAD"


def contribution_versee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-11: a contribution that was called is paid on its due day."""
    row = subject.row
    due = row.day("echeance")
    called = _amount(row, "montant_appele", "montant_mad", "montant")
    if row["type_ligne"] != "CONTRIBUTION" or due is None or called == 0:
        return NotApplicable("pas une contribution appelée à une échéance")
    paid = _amount(row, "montant_verse")
    if context.today <= due:
        return NotApplicable("l'échéance n'est pas passée", due)
    if paid >= called:
        return None
    facts = {"echeance": due, "retard": (context.today - due).days, "reste": _dirhams(called - paid)}
    return Problem(facts, on=due)


def cotisation_payee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """OING-07: dues are paid by their due day; two years unpaid put the membership at risk."""
    row, case = subject.row, case_of(subject)
    if not _is_owed(row):
        return NotApplicable("pas une cotisation à échéance que la collectivité paie")
    due, paid = row.day("echeance"), row.day("date_versement")
    if due is None or (paid is None and context.today <= due):
        return NotApplicable("l'échéance n'est pas passée", due)
    if paid:
        return None if paid <= due else Problem({"echeance": due, "paye": paid}, curable=False, text="tard")
    unpaid = {
        other["exercice"] or (day.year if (day := other.day("echeance")) else None)
        for other in _lines(case, "COTISATION")
        if _is_owed(other) and other["date_versement"] is None and (other.day("echeance") or due) < context.today
    }
    facts = {"echeance": due, "retard": (context.today - due).days, "exercices": len(unpaid)}
    most = subject.limit(rule.limit, context.today, context)
    return Problem(facts, text="radiation" if most and len(unpaid) >= most.number else "")


def _is_owed(row: Row) -> bool:
    return row["type_ligne"] == "COTISATION" and row["echeance"] is not None and not row.says("prise_en_charge_dgct")


# -------------------------------------------------------------------------------------------- what is spent


def decaissement_coherent(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-08: what is disbursed and what is done differ by 20 points at most."""
    row = subject.row
    spent, done = row.number_of("decaissement_pct"), row.number_of("avancement_physique_pct")
    limit = subject.limit(rule.limit, row.day("periode") or context.today, context)
    if row["type_ligne"] != "SUIVI" or spent is None or done is None or limit is None:
        return NotApplicable("pas une situation financière avec ses deux pourcentages")
    gap = round(abs(spent - done), 6)
    return Problem({"decaisse": spent, "avance": done, "ecart": gap}) if gap > limit.number else None


def depense_contenue(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-09: an action doesn't cost more than it was given; from 90 % on, one that isn't over is watched."""
    row = subject.row
    given, spent = row.number_of("budget_alloue"), row.number_of("depense")
    limit = subject.limit(rule.limit, context.today, context)
    if given is None or spent is None or limit is None:
        return NotApplicable("budget alloué ou dépense non saisis")
    facts = {"depense": _dirhams(spent), "alloue": _dirhams(given)}
    if spent > given:
        return Problem(facts)
    if given > 0 and spent >= round(given * limit.share, 6) and row["statut"] not in OVER:
        return Problem(facts, text="bientot")
    return None
