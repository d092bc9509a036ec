"""Checks on the terms of reference of an evaluation entrusted to others (TDR, annex 3), and on what it is paid.

Days planned are those of the lines: « Prévue du » and « Prévue au ».
"""

from collections import defaultdict
from datetime import date

from cdi_sync.model import Row, Severity
from cdi_sync.rules.items import Lines, opened, ticked, unsaid
from cdi_sync.rules.named.common import case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule

MISSION, REPORTS, FEES = "TDR-07", "TDR-09", "TDR-11"  # lines that the rules of other lines read too
_PROVED_BY = {
    "SIGNATURE": "date_contrat",
    "RAPPORT_PROVISOIRE": "date_rapport_provisoire",
    "RAPPORT_FINAL": "date_rapport_final",
}


def mission_datee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """TDR-07: the mission begins and ends on days that are written, the first before the last."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    begins, ends = line.day("prevue_du"), line.day("prevue_au")
    if begins is None or ends is None:
        return Problem(row=line, column="prevue_au" if begins else "prevue_du", text="dates")
    if begins < ends:
        return None
    return Problem({"debut": begins, "fin": ends}, row=line, column="prevue_au", text="ordre")


def calendrier_de_mission(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """TDR-08: a work plan is written, and its days, when they are, stand within the mission."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    if line["contenu"] is None:
        return Problem(row=line, column="contenu")
    begins, ends = _planned(subject, rule, context, MISSION)
    for column in ("prevue_du", "prevue_au"):
        day = line.day(column)
        if day and ((begins and day < begins) or (ends and day > ends)):
            return Problem({"jour": day, "debut": begins, "fin": ends}, row=line, column=column, text="dates")
    return None


def rapports_prevus(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """TDR-09: length, language, copies and days of the reports; the provisional one first, both within the mission."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    silent = unsaid(line.text("contenu"), rule.parameters["elements"])
    first, final = line.day("prevue_du"), line.day("prevue_au")
    missing = [name for name in silent if not (name == rule.parameters["langue"] and line["langue"])]
    if missing:
        return Problem({"manque": " ; ".join(missing)}, row=line, column="contenu", text="elements")
    if first is None or final is None:
        return Problem(row=line, column="prevue_au" if first else "prevue_du", text="dates")
    if first >= final:
        return Problem({"provisoire": first, "definitif": final}, row=line, column="prevue_au", text="ordre")
    _, ends = _planned(subject, rule, context, MISSION)
    if ends is None or final <= ends:
        return None
    return Problem({"definitif": final, "fin": ends}, row=line, column="prevue_au", text="apres")


def atelier_prevu(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """TDR-10: a workshop is planned between the two reports, and was held when the steering committee approves."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    held = line.day("prevue_du")
    if held is None:
        return Problem(row=line, column="prevue_du", text="date")
    first, final = _planned(subject, rule, context, REPORTS)
    if (first and held < first) or (final and held > final):
        facts = {"jour": held, "provisoire": first, "definitif": final}
        return Problem(facts, row=line, column="prevue_du", text="hors")
    approved = subject.row.day("date_validation_copil")
    if approved is None or approved > context.today or held <= approved:
        return None
    return Problem({"jour": held, "validation": approved}, row=line, column="prevue_du", text="apres")


def honoraires(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """TDR-11: the fees are written and split into payments that make 100 %; another split than the usual one is told."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    if line.number_of("montant") is None:
        return Problem(row=line, column="montant", text="montant")
    payments = _payments(subject)
    if not payments:
        return Problem(row=line, column="montant", text="sans")
    total = sum(row.number_of("part_pct") or 0 for row in payments)
    if round(total - rule.parameters["total"], 2):
        return Problem({"somme": total}, row=payments[-1], column="part_pct", text="somme")
    shares: dict[str, float] = defaultdict(float)
    for row in payments:
        shares[row.text("fait_generateur")] += row.number_of("part_pct") or 0
    if shares == rule.parameters["usage"]:
        return None
    return Problem(row=payments[0], column="part_pct", severity=Severity.INFO, text="usage")


def termes_valides(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """TDR-12: both partners approved the terms on or before the day the consultation was launched."""
    row = subject.row
    launched = row.day("date_lancement_consultation")
    if row["mode"] == "INTERNE":
        return NotApplicable("l'évaluation n'est pas confiée à un tiers")
    if launched is None or launched > context.today:
        return NotApplicable("la consultation n'est pas lancée")
    for column, party in (("date_validation_ct", "la collectivité"), ("date_validation_partenaire", "le partenaire")):
        approved = row.day(column)
        if approved is None:
            return Problem({"lancement": launched, "partie": party}, column=column)
        if approved > launched:
            facts = {"lancement": launched, "partie": party, "validation": approved}
            return Problem(facts, curable=False, column=column, text="tard")
    return None


def paiement_du(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """TDR-13: no fee is paid before what makes it due, nor more than its part of the fees.

    The amount compared is what was paid (`montant_verse`), or the line's own when that isn't typed.
    """
    paid = [(row, day) for row in _payments(subject) if (day := row.day("date_versement")) and day <= context.today]
    if not paid:
        return NotApplicable("aucun honoraire n'est payé")
    fees = _fees(subject)
    for row, day in paid:
        problem = _too_early(subject.row, row, day) or _too_much(row, fees)
        if problem:
            return problem
    return None


def _too_early(evaluation: Row, payment: Row, day: date) -> Problem | None:
    cause = payment.text("fait_generateur")
    if not cause:
        return Problem({"paiement": day, "ligne": payment.id}, row=payment, column="fait_generateur", text="cause")
    due = evaluation.day(_PROVED_BY[cause])
    if due is None:
        return Problem({"paiement": day, "ligne": payment.id}, row=payment, column="date_versement", text="sans")
    if day >= due:
        return None
    return Problem(
        {"paiement": day, "ligne": payment.id, "jour": due}, curable=False, row=payment, column="date_versement"
    )


def _too_much(payment: Row, fees: float | None) -> Problem | None:
    amount, share = payment.number_of("montant_verse"), payment.number_of("part_pct")
    column = "montant" if amount is None else "montant_verse"
    amount = payment.number_of("montant") if amount is None else amount
    if amount is None or share is None or fees is None or amount <= round(fees * share / 100, 2):
        return None
    facts = {"ligne": payment.id, "paye": amount, "du": round(fees * share / 100, 2), "part": share}
    return Problem(facts, row=payment, column=column, text="trop")


def _payments(subject: Subject) -> list[Row]:
    """The lines of fees of this evaluation, in the order of the tab."""
    money = case_of(subject).money
    return [row for row in money if row["type_ligne"] == "HONORAIRES" and row["id_evaluation"] == subject.row.id]


def _fees(subject: Subject) -> float | None:
    lines = [row for row in case_of(subject).pieces if row["id_evaluation"] == subject.row.id and row["piece"] == FEES]
    return next((fees for line in lines if (fees := line.number_of("montant")) is not None), None)


def _planned(subject: Subject, rule: Rule, context: Context, code: str) -> tuple[date | None, date | None]:
    """The two days planned on another line of the same terms."""
    lines: Lines | NotApplicable | Unknown = opened(subject, rule, context, [code])
    if not isinstance(lines, dict):
        return None, None
    line = lines[code][0]
    return line.day("prevue_du"), line.day("prevue_au")
