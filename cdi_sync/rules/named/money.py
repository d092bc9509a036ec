"""Checks on money (FIN, OING-07): what the budget holds, who paid what, what is spent.

A budget year is asked for from the day its budget had to be voted (LEX-15), in November of the year before. Amounts are
in dirhams. `montant_vote` is what the council voted, `montant_prevu` what was asked.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from cdi_sync.casefile import events, first_day
from cdi_sync.funds import cost_of, dirhams, first_amount, in_dirhams, money_lines, total, year_of
from cdi_sync.model import Case, Row, Severity
from cdi_sync.rules.named.accounts import balance, reads_the_law
from cdi_sync.rules.named.action_plan import ENDED, OVER
from cdi_sync.rules.named.budgets import adopted_days, budget_asked_for, vote_day
from cdi_sync.rules.named.common import LOCAL_AUTHORITIES, NO_LIMIT, case_of, is_over, money_is_followed
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

NO_MONEY = "rien ne dit que l'acte engage des dépenses"
DUES = "ADHESION_COTISATION_OING"


# ------------------------------------------------------------------------------------------------- the budget


def credits_inscrits(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-01: an agreement that costs money, voted before the budget was, has a voted amount in it."""
    case = case_of(subject)
    asked = budget_asked_for(subject, context)
    if case.act.says("implique_engagement_financier") is not True or asked is None:
        return NotApplicable(NO_MONEY if asked else NO_LIMIT)
    year, voted_by = asked
    if not any(day <= voted_by for day in adopted_days(case)):
        return NotApplicable("l'acte n'était pas délibéré quand ce budget se votait")
    if is_over(case, date(year, 1, 1)) or (events(case, "refus_visa") and not events(case, "visa_accorde")):
        return NotApplicable(ENDED)
    lines = money_lines(case, "BUDGET", exercice=year)
    if any(first_amount(row, "montant_vote") > 0 for row in lines):
        return None
    facts = {"exercice": year, "echeance": voted_by}
    if lines:
        return Problem(facts, row=lines[0], column="montant_vote", text="non_vote", on=voted_by)
    return Problem(facts, on=voted_by)


def natures_couvertes(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-02: an agreement's budget names each kind of expense of its form; an amount of 0 says why."""
    case = case_of(subject)
    lines = money_lines(case, "BUDGET")
    if not lines or is_over(case, context.today):
        return NotApplicable("aucune ligne de budget n'est saisie, ou l'acte est terminé")
    names = rule.parameters["natures"][case.form or ""]
    missing = [name for nature, name in names.items() if nature not in {row["nature_depense"] for row in lines}]
    if missing:
        return Problem({"manque": " ; ".join(missing)})
    for row in lines:
        if (
            row["nature_depense"] in names
            and first_amount(row, "montant_vote", "montant_prevu") == 0
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
    return None if voted or money_lines(case, "CDD") or case.act["motif_sans_cdd"] else Problem()


def report_limite(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-05: what is left of an appropriation account's credits falls two years after the year they were opened."""
    kept = balance(subject, rule, context)
    if subject.row["type_ligne"] != "CDD" or kept is None:
        return NotApplicable(
            "pas un compte dont le solde se calcule : crédits, exercice d'ouverture, niveau de la collectivité"
        )
    if reads_the_law(context):
        return NotApplicable("la lecture retenue (D-06) limite le report à un an : LEX-14 le dit")
    if not kept.is_told(context.today):
        return None
    facts = {"solde": dirhams(kept.left), "exercice": subject.row["exercice"], "dernier_jour": kept.last}
    if context.today > kept.last:
        return Problem(facts, column="annules")
    return Problem(facts, severity=Severity.RECOMMANDE, column="reportes_n2", text="bientot")


def phases_budgetees(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-13: the budget has a line for the outward phase of a twinning, and one for the return."""
    case = case_of(subject)
    if case.act.says("implique_engagement_financier") is False or not money_is_followed(case, context):
        return NotApplicable("l'acte n'engage pas de dépense, ou son argent n'est pas suivi ici")
    if is_over(case, context.today):
        return NotApplicable(ENDED)
    lines = money_lines(case, "BUDGET")
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
    joined, asked = first_day(case, "adhesion"), budget_asked_for(subject, context)
    lines = money_lines(case, "BUDGET", nature_depense=DUES)
    if joined is None:
        return None if _paid_by_dgct(case, None) else _before_joining(subject, lines, context)
    if asked is None or joined > asked[1]:
        return NotApplicable("l'adhésion est postérieure au vote du budget")
    return None if _paid_by_dgct(case, asked[0]) else _as_a_member(case, lines, *asked)


def _paid_by_dgct(case: Case, year: int | None) -> bool:
    return any(
        row.says("prise_en_charge_dgct") and (row["reference"] or row["justification"])
        for row in money_lines(case, "COTISATION")
        if year is None or row["exercice"] in (None, year)
    )


def _before_joining(subject: Subject, lines: Sequence[Row], context: Context) -> Verdict:
    case = case_of(subject)
    voted = [row for row in lines if first_amount(row, "montant_vote") > 0]
    planned = [row for row in lines if first_amount(row, "montant_prevu", "montant_vote") > 0]
    if voted or (planned and not events(case, "visa_accorde")):
        return None
    if not planned:
        return Problem()
    row = planned[0]
    year = row.number_of("exercice")
    by = vote_day(int(year) - 1, subject, context) if year else None
    return Problem({"ligne": row.id}, row=row, column="montant_vote", text="non_vote", until=by)


def _as_a_member(case: Case, lines: Sequence[Row], year: int, voted_by: date) -> Verdict:
    mine = [row for row in lines if row["exercice"] == year]
    voted = sum(first_amount(row, "montant_vote") for row in mine)
    dues = sum(in_dirhams(row) or 0 for row in money_lines(case, "COTISATION", exercice=year))
    if voted > 0 and voted >= dues:
        return None
    facts = {"exercice": year, "vote": dirhams(voted), "cotisation": dirhams(dues), "echeance": voted_by}
    if mine:
        return Problem(facts, row=mine[0], column="montant_vote", text="insuffisant", on=voted_by)
    return Problem(facts, text="membre", on=voted_by)


# ----------------------------------------------------------------------------------------- the funding plan


def cout_de_l_evaluation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-12: what an evaluation costs is in the funding plan; only a warning for one that the parties lead themselves."""
    row, case = subject.row, case_of(subject)
    external = row["mode"] == "EXTERNE"
    if case.over:
        return NotApplicable(ENDED)
    if not external and case.act.says("implique_engagement_financier") is not True:
        return NotApplicable("évaluation menée par les parties, sur un acte sans dépense")
    planned = money_lines(case, "BUDGET", nature_depense="EVALUATION")
    if any(first_amount(line, "montant_vote", "montant_prevu") > 0 for line in planned):
        return None
    if row.says("inclus_montage_financier") and first_amount(row, "cout_prevu") > 0:
        return None
    column = "inclus_montage_financier" if not row.says("inclus_montage_financier") else "cout_prevu"
    return Problem(column=column, severity=None if external else Severity.RECOMMANDE)


def montage_equilibre(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-15: contributions add up to the cost of the project, both in dirhams, within a ten-thousandth."""
    act, case = subject.row, case_of(subject)
    lines = money_lines(case, "CONTRIBUTION")
    if not lines or case.over:
        return NotApplicable("aucune contribution n'est saisie, ou l'acte est abandonné")
    foreign = act["devise"] not in (None, "MAD")
    for column in ("cout_global", *(("taux_change", "date_taux") if foreign else ())):
        if act[column] is None:
            return Problem(column=column, text="cout")
    if lost := [row for row in lines if in_dirhams(row) is None]:
        return Problem({"ligne": lost[0].id}, row=lost[0], column="montant_mad", text="ligne")
    wanted, brought = cost_of(act) or 0, total(lines)
    limit = subject.limit(rule.limit, context.today, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    if abs(brought - wanted) <= round(wanted * limit.share, 6):
        return None
    return Problem({"total": dirhams(brought), "cout": dirhams(wanted), "ecart": dirhams(abs(brought - wanted))})


def contribution_versee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-11: a contribution that was called is paid on its due day."""
    row = subject.row
    due = row.day("echeance")
    called = first_amount(row, "montant_appele", "montant_mad", "montant")
    if row["type_ligne"] != "CONTRIBUTION" or due is None or called == 0:
        return NotApplicable("pas une contribution appelée à une échéance")
    paid = first_amount(row, "montant_verse")
    if context.today <= due:
        return NotApplicable("l'échéance n'est pas passée", due)
    if paid >= called:
        return None
    facts = {"echeance": due, "retard": (context.today - due).days, "reste": dirhams(called - paid)}
    return Problem(facts, on=due)


def cotisation_payee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """OING-07: dues are paid by their due day; two years unpaid put the membership at risk."""
    row, case = subject.row, case_of(subject)
    due, paid = _due_day(row), row.day("date_versement")
    if due is None:
        return NotApplicable("pas une cotisation à échéance que la collectivité paie")
    if paid:
        return None if paid <= due else Problem({"echeance": due, "paye": paid}, text="tard")
    if context.today <= due:
        return NotApplicable("l'échéance n'est pas passée", due)
    unpaid = {year_of(other) for other in case.money if _is_unpaid(other, context.today)}
    facts = {"echeance": due, "retard": (context.today - due).days, "exercices": len(unpaid)}
    most = subject.limit(rule.limit, context.today, context)
    return Problem(facts, text="radiation" if most and len(unpaid) >= most.number else "")


def _due_day(row: Row) -> date | None:
    """The day by which the council pays those dues; None for any other line."""
    ours = row["type_ligne"] == "COTISATION" and not row.says("prise_en_charge_dgct")
    return row.day("echeance") if ours else None


def _is_unpaid(row: Row, today: date) -> bool:
    due = _due_day(row)
    return due is not None and due < today and row["date_versement"] is None


# -------------------------------------------------------------------------------------------- what is spent


def decaissement_coherent(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-08: what is disbursed and what is done differ by 20 points at most."""
    row = subject.row
    spent, done = row.number_of("decaissement_pct"), row.number_of("avancement_physique_pct")
    limit = subject.limit(rule.limit, context.today, context)
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
    facts = {"depense": dirhams(spent), "alloue": dirhams(given)}
    if spent > given:
        return Problem(facts)
    if given > 0 and spent >= round(given * limit.share, 6) and row["statut"] not in OVER:
        return Problem(facts, text="bientot")
    return None


def ratio_annuel(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-10: an agreement in force that costs money had, in the last year, one ratio of efficiency at least.

    A line of type SUIVI holds them, dated by « Situation au », else by the end of its « Exercice ».
    """
    case, today = case_of(subject), context.today
    start, limit = first_day(case, "entree_en_vigueur"), subject.limit(rule.limit, today, context)
    if case.act.says("implique_engagement_financier") is not True:
        return NotApplicable(NO_MONEY)
    if start is None or limit is None or is_over(case, today):
        return NotApplicable("l'acte n'est pas en vigueur, ou il est terminé")
    held = [row for row in money_lines(case, "SUIVI") if any(row[key] is not None for key in rule.parameters["ratios"])]
    measured = [day for row in held if (day := _as_of(row, today)) and day <= today]
    since = max((start, *measured))
    last = since + timedelta(days=limit.number)
    if today <= last:
        return None if measured else NotApplicable("la première année n'est pas finie", last)
    return Problem({"depuis": since, "jours": (today - since).days}, text="ancien" if measured else "")


def _as_of(row: Row, today: date) -> date | None:
    """The day at which a financial situation was drawn up; that of a year under way is of today."""
    year = row.number_of("exercice")
    end = date(int(year), 12, 31) if year else None
    return row.day("periode") or (today if end and end.year == today.year else end)
