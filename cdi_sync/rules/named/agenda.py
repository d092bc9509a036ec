"""Check on what the authority may still change in an agenda (LEX-04)."""

from datetime import timedelta

from cdi_sync.rules.named.common import NO_LIMIT
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule


def odj_encore_ouvert(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-04: during the eight days that follow the reception of an agenda, points may be added or opposed.

    It is told while it lasts, the last day included, and when the members were called before it was over.
    """
    row = subject.row
    sent = row.day("date_odj_transmis_autorite")
    if row["type"] == "EXTRAORDINAIRE":
        return NotApplicable("une session extraordinaire se tient sur un ordre du jour déterminé")
    if sent is None or sent > context.today:
        return NotApplicable("l'ordre du jour n'est pas transmis")
    limit = subject.limit(rule.limit, sent, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    last = sent + timedelta(days=limit.number)
    return Problem({"envoi": sent, "dernier_jour": last}, on=sent) if context.today <= last else None
