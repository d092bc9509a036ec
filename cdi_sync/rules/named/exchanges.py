"""Check on exchanges with foreign local authorities (LEX-12): the State's agent consents before they take place."""

from cdi_sync.casefile import GRANTED
from cdi_sync.model import Severity
from cdi_sync.rules.named.action_plan import OVER
from cdi_sync.rules.named.common import case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule


def accord_avant_echange(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-12: an exchange has a consent dated on or before its first day: the Governor's, or the Wali's for a commune.

    A consent of another authority is a warning. Regions need none; nor does anybody with the guide's reading of D-17.
    """
    row, case = subject.row, case_of(subject)
    authority = rule.parameters["autorites"].get(subject.tier)
    if row["type_echange"] is None or (row["statut"] == OVER[1] and not row["date_debut_reelle"]):
        return NotApplicable("cette action n'est pas un échange avec l'étranger, ou elle est annulée")
    if context.readings["D-17"] == "guide":
        return NotApplicable("avec la lecture retenue de D-17, aucun accord n'est demandé")
    if authority is None:
        return NotApplicable("la loi ne le demande pas à ce niveau")
    begins = row.day("date_debut_reelle") or row.day("du")
    if begins is None:
        return NotApplicable("l'échange n'a pas de date")
    asked = [visa for visa in case.visas if visa["nature"] == "ACCORD_ECHANGE"]
    granted = [visa for visa in asked if visa["sens"] in GRANTED]
    days = {visa.id: visa.day("date_decision") or visa.day("date_notification") for visa in granted}
    names, facts = rule.parameters["noms"], {"echange": begins, "autorite": rule.parameters["noms"][authority]}
    if in_time := [visa for visa in granted if (day := days[visa.id]) and day <= begins]:
        if any(visa["autorite"] in (None, authority) for visa in in_time):
            return None
        other = names.get(in_time[0].text("autorite"), "une autre autorité")
        return Problem(
            {**facts, "lue": other}, row=in_time[0], column="autorite", severity=Severity.RECOMMANDE, text="autre"
        )
    if context.today < begins:
        return NotApplicable("l'accord peut encore arriver avant l'échange", begins)
    known = [day for day in days.values() if day]
    if known:
        return Problem({**facts, "accord": min(known)}, curable=False, text="tard")
    return Problem(facts, row=granted[0], column="date_decision", text="sans_date") if granted else Problem(facts)
