"""Checks on agreements already signed (PART-01 to 04): the dormant ones looked into, the guide's five columns filled.

A dormant agreement is examined on the lines of its own checklist. What is missing keeps it from the council's agenda
at once, and becomes a finding once its time is over.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from cdi_sync.calendar import next_usable_session
from cdi_sync.casefile import events
from cdi_sync.law import EVERY_TIER
from cdi_sync.living import dormante
from cdi_sync.model import ENDS, Case, Form, Row, Severity
from cdi_sync.rules.named.common import case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

ANALYSIS = ("ANALYSE_CONTENU", "ANALYSE_ENGAGEMENTS")
PROPOSAL = "PROPOSITION_CONSEIL"
_AWAKE = "l'acte n'est pas dormant"


def dormant_recense(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PART-01: each dormant agreement is listed with a state of its analysis: Oui or Non on both lines."""
    return _looked_into(subject, rule, context, "present")


def dormant_analyse(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PART-02: what the agreement holds and what was promised are written on its two lines."""
    return _looked_into(subject, rule, context, "contenu")


def _looked_into(subject: Subject, rule: Rule, context: Context, column: str) -> Verdict:
    since = _dormant_since(case_of(subject), context)
    lines = context.items.get(subject.row.id, {})
    if since is None or not any(code in lines for code in ANALYSIS):
        return NotApplicable(_AWAKE)
    lacking = {
        code: lines.get(code, ()) for code in ANALYSIS if not any(r[column] is not None for r in lines.get(code, ()))
    }
    if not lacking:
        return None
    row = next((rows[0] for rows in lacking.values() if rows), None)
    names = tuple(context.item_labels[code].partition(" : ")[2] for code in lacking)
    limit = context.law.in_force(rule.limit, since, subject.tier or EVERY_TIER)
    last = since + timedelta(days=limit.number) if limit else None
    facts = {"depuis": since, "dernier_jour": last, "pieces": names}
    # put to the council before it was looked into: the time left to look into it doesn't count any more
    left = None if events(case_of(subject), "relance_proposee") else last
    return Problem(facts, row=row, column=column if row else rule.column, on=since, until=left)


def dormant_propose(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PART-03: once looked into, the revival of a dormant agreement is put to the next session of the council."""
    since = _dormant_since(case_of(subject), context)
    lines = context.items.get(subject.row.id, {})
    if since is None or PROPOSAL not in lines:
        return NotApplicable(_AWAKE)
    analysed = [row for code in ANALYSIS for row in lines.get(code, ()) if row["contenu"] is not None]
    if {row["piece"] for row in analysed} != set(ANALYSIS):
        return NotApplicable("l'analyse n'est pas terminée")
    if any(row.says("present") for row in lines[PROPOSAL]):
        return None
    finished = max((day for row in analysed if (day := row.day("date_piece"))), default=since)
    last = _next_opening(subject, finished, context)
    facts = {"depuis": since, "analyse": finished, "session": last}
    return Problem(facts, row=lines[PROPOSAL][0], column="present", until=last)


def _next_opening(subject: Subject, since: date, context: Context) -> date:
    """The opening of the first session whose agenda could still be sent on that day; the day itself when there is none."""
    session = next_usable_session(subject.tier, since, context.law, context.calendar) if subject.tier else None
    return session.opening if session else since


def _dormant_since(case: Case, context: Context) -> date | None:
    """The day a signed agreement became dormant; None when it isn't, or is closed, or when nobody knows."""
    if events(case, "cloture", *ENDS):
        return None
    holds = dormante(case, context.law, context.today)
    return holds.since if holds else None


# ----------------------------------------------------------------------------------------- the five columns


def cinq_colonnes(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PART-04: partner, object, length, country and date of signature of each agreement signed. A warning for old acts."""
    case = case_of(subject)
    if not events(case, "signature", "phase_aller") or events(case, "abandon"):
        return NotApplicable("l'acte n'est pas signé")
    missing = dict(_empty_columns(case))
    if not missing:
        return None
    row, column = next(iter(missing.values()))
    facts = {"manque": len(missing), "colonnes": " ; ".join(missing)}
    return Problem(facts, row=row, column=column, severity=Severity.RECOMMANDE if case.historical else None)


def _empty_columns(case: Case) -> Iterator[tuple[str, tuple[Row, str]]]:
    """Each that can't be told: its name, then the cell to fill.

    The other two are there: an agreement is signed by its date, and a partner or its name that lacks has its own finding.
    """
    act, partner = case.act, case.partner
    if act["objet"] is None:
        yield "objet", (act, "objet")
    if case.form is not Form.JUMELAGE and act["duree_mois"] is None and act["date_fin"] is None:
        yield "durée", (act, "duree_mois")  # a twinning may have no end
    if partner is not None and partner["pays"] is None:
        yield "pays", (partner, "pays")
