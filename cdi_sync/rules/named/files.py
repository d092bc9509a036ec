"""Checks on the files of a twinning, a membership, an appropriation account and a call (JUM, OING, FIN-04, AAP-05), and
on the officer's languages (RH-03).
"""

from dataclasses import replace
from datetime import date

from cdi_sync.casefile import deliberated_on, first_day, main_deliberations
from cdi_sync.model import Case, Severity
from cdi_sync.rules.items import lacking_problem, opened
from cdi_sync.rules.named.common import case_of, limit_after, limit_before
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

# ------------------------------------------------------------------------------------------------------- twinnings


def partenaire_choisi(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-03: enough criteria are noted, size and geography among them; populations far apart are only a warning."""
    lines = opened(subject, rule, context, rule.parameters["pieces"])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    problem = lacking_problem(subject, rule, context, lines)
    if problem:
        return problem
    case = case_of(subject)
    sizes = [row.number_of("population") for row in (case.council, case.partner) if row]
    known = [size for size in sizes if size]
    limit = subject.limit(rule.limit, context.today, context)
    if len(known) < 2 or limit is None or max(known) <= limit.number * min(known):
        return None
    facts = {"ici": known[0], "la_bas": known[1], "rapport": limit.number}
    line = lines[rule.parameters["taille"]][0]
    return Problem(facts, row=line, column="note", severity=Severity.RECOMMANDE, text="taille")


def accord_sur_les_buts(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-04: actions to favour, aims and priorities are written, and agreed upon on or before the deliberation."""
    lines = opened(subject, rule, context, rule.parameters["pieces"])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    problem = lacking_problem(subject, rule, context, lines)
    if problem:
        return problem
    goals, case = lines[rule.parameters["date"]][0], case_of(subject)
    agreed = goals.day("date_piece")
    votes = [deliberated_on(case, row) for row in main_deliberations(case)]
    voted = min((day for day in votes if day), default=None)
    if agreed is None:
        return Problem(row=goals, column="date_piece", text="date")
    if voted is None or agreed <= voted:
        return None
    return Problem({"accord": agreed, "vote": voted}, curable=False, row=goals, column="date_piece", text="tard")


# ----------------------------------------------------------------------------------------------------- memberships


def adequation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """OING-01: field and vocation were compared with the council's, and when; another tier's organisation is a warning."""
    lines = opened(subject, rule, context, rule.parameters["pieces"])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    problem = lacking_problem(subject, rule, context, lines)
    if problem:
        return problem
    case = case_of(subject)
    name = fold(f"{case.partner.text('sigle')} {case.partner.text('nom')}") if case.partner else ""
    for acronym, tiers in rule.parameters["reservees"].items():
        if fold(acronym) in name and case.tier and case.tier not in tiers:
            line = lines[rule.parameters["pieces"][0]][0]
            return Problem({"sigle": acronym}, row=line, column="present", severity=Severity.RECOMMANDE, text="niveau")
    return None


def demande_complete(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """OING-04: five documents and the hierarchical way; owed as soon as the request should have left."""
    lines = opened(subject, rule, context, rule.parameters["pieces"])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    act, voted = subject.row, first_day(case_of(subject), "deliberation_adoptee")
    last = _request_last_day(voted, subject, rule, context)
    late = act["date_demande_dgct"] is None and last is not None and context.today > last
    problem = lacking_problem(subject, rule, context, lines)
    if problem:
        return replace(problem, overdue=late)
    if (act["date_demande_dgct"] or act["voie_demande"]) and act["voie_demande"] not in rule.parameters["voies"]:
        return Problem(column="voie_demande", text="voie", overdue=late)
    if not late:
        return None
    facts = {"vote": voted, "dernier_jour": last}
    return Problem(facts, column="date_demande_dgct", text="tard", on=voted, overdue=True)


def _request_last_day(voted: date | None, subject: Subject, rule: Rule, context: Context) -> date | None:
    if voted is None:
        return None
    limit = subject.limit(rule.limit, voted, context)
    return context.calendar.add_worked_days(voted, limit.number) if limit else None


# ------------------------------------------------------------------------------------- appropriation account, call


def dossier_cdd(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """FIN-04: the three documents, each with its link, are there when the file is filed, 15 days after the vote at most."""
    case = case_of(subject)
    lines = opened(subject, rule, context, rule.parameters["pieces"])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    accounts = [row for row in case.money if row["type_ligne"] == "CDD"]
    filed = min((day for row in accounts if (day := row.day("date_depot_dgct"))), default=None)
    voted = _account_voted_on(case)
    last = limit_after(subject, voted, rule.limit, context)
    if (filed is None or filed > context.today) and (last is None or context.today <= last):
        return NotApplicable("le dossier peut encore être déposé", last)
    problem = lacking_problem(subject, rule, context, lines)
    if problem:
        return problem
    if last is None or (filed and filed <= last):
        return None
    facts = {"vote": voted, "dernier_jour": last, "depot": filed}
    if filed:
        return Problem(facts, curable=False, row=accounts[0], column="date_depot_dgct", text="tard", on=voted)
    line = lines[rule.parameters["pieces"][0]][0]
    row, column = (accounts[0], "date_depot_dgct") if accounts else (line, "date_piece")
    return Problem(facts, row=row, column=column, text="depot", on=voted)


def _account_voted_on(case: Case) -> date | None:
    adopted = [row for row in case.deliberations if row["objet"] == "CREATION_CDD" and row["resultat"] == "ADOPTEE"]
    return min((day for row in adopted if (day := deliberated_on(case, row))), default=None)


def dossier_appel(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """AAP-05: the ten elements are there; owed seven days before the call closes, or once the President approved."""
    lines = opened(subject, rule, context, rule.parameters["pieces"])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    closes, approved = subject.row.day("date_limite_appel"), subject.row.day("date_validation_president")
    last = limit_before(subject, closes, rule.limit, context)
    late = (last is not None and context.today > last) or (approved is not None and approved <= context.today)
    problem = lacking_problem(subject, rule, context, lines)
    return replace(problem, on=closes, overdue=late) if problem else None


# --------------------------------------------------------------------------------------------------------- officer


def langues_maitrisees(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """RH-03: the officer has two foreign languages at least, of those that the guide names."""
    code = rule.parameters["piece"]
    lines = opened(subject, rule, context, [code])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    line = next((line for line in lines[code] if line["langue"]), lines[code][0])
    typed = line["langue"]
    spoken = {fold(name) for name in typed} if isinstance(typed, tuple) else set()
    known = spoken & {fold(name) for name in rule.parameters["langues"]}
    if len(known) >= rule.parameters["sur"]:
        return None
    return Problem({"la": len(known)}, row=line, column="langue", text="" if spoken else "vide")
