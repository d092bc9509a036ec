"""Checks on the experience kept of a closed agreement (CAP)."""

import re

from cdi_sync.rules.named.common import NO_LIMIT, case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

PARTICIPANTS = "CAPI_PARTICIPANTS"


def capitalisation_partagee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CAP-02: at least half of those who led actions took part in the lessons drawn, by name or number."""
    case = case_of(subject)
    leaders = {row.text("qui_responsable") for row in case.actions if row["statut"] != "ANNULEE"} - {""}
    if not leaders or not case.act["date_capitalisation"]:
        return NotApplicable("aucun retour d'expérience, ou aucun responsable d'action, n'est inscrit")
    limit = subject.limit(rule.limit, context.today, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    lines = context.items.get(subject.row.id, {}).get(PARTICIPANTS, ())
    told = {fold(name) for row in lines for name in re.split(r"[;,،؛\n]", row.text("contenu"))}
    came = {id_ for id_ in leaders if fold(id_) in told or _name(id_, context) & told}
    if len(came) >= len(leaders) * limit.share:
        return None
    facts = {"la": len(came), "sur": len(leaders)}
    return Problem(facts, row=lines[0] if lines else None, column="contenu" if lines else rule.column)


def _name(contact: str, context: Context) -> set[str]:
    """A person's name as it may stand in a list whose items a comma separates: whole, or its first part."""
    name = context.people.name_of(contact)
    return {fold(name), fold(re.split(r"[,،]", name)[0])} - {""}
