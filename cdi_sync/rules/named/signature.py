"""Checks on signature and entry into force (CONV-13, CLA-08)."""

from cdi_sync.model import Severity
from cdi_sync.rules.named.common import case_of
from cdi_sync.rules.named.visas import visa_granted_on
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule


def signature_apres_visa(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CONV-13: signed on or after the day of the visa (D-19)."""
    signed = subject.row.day("date_signature")
    if signed is None:
        return NotApplicable("le jour de la signature n'est pas connu")
    warning = Severity.RECOMMANDE if context.readings["D-19"] == "souple" else None
    visa = visa_granted_on(case_of(subject), context)
    if visa is None:
        return Problem({"signature": signed}, curable=False, severity=warning, text="sans_visa")
    if signed >= visa:
        return None
    return Problem({"signature": signed, "visa": visa}, curable=False, severity=warning)


def vigueur_apres_visa_et_signature(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-08: in force only after the visa and the signature."""
    start = subject.row.day("date_entree_vigueur")
    if start is None:
        return NotApplicable("l'entrée en vigueur n'est pas datée")
    for day, what in (
        (subject.row.day("date_signature"), "la signature"),
        (visa_granted_on(case_of(subject), context), "le visa"),
    ):
        if day is None:
            return Problem({"vigueur": start, "quoi": what}, text="sans")
        if start < day:
            return Problem({"vigueur": start, "quoi": what, "jour": day})
    return None
