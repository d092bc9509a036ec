"""Checks on votes and their minutes (LEX-06 to 09)."""

from datetime import date

from cdi_sync.calendar import minutes_last_day
from cdi_sync.casefile import deliberated_on
from cdi_sync.law import InForce
from cdi_sync.rules.named.common import FINAL_RESULTS, NO_LIMIT, case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule


def quorum(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-06: without a quorum at the first two calls nothing can be voted; the third meeting is always valid.

    In a session asked for by the Wali or Governor the second meeting (next working day) is valid already.
    """
    session = case_of(subject).session_of(subject.row)
    if subject.row["resultat"] is None:
        return NotApplicable("le résultat n'est pas saisi")
    if session is None:
        return Unknown("la session n'est pas indiquée", "id_session")
    if session.says("quorum_atteint") is None:
        return Unknown("la session ne dit pas si le quorum était atteint", "id_session")
    if session.says("quorum_atteint") or subject.row["resultat"] == "SANS_QUORUM":
        return None
    call = session.number_of("rang_convocation")
    if call is None:
        return Unknown(
            "la session ne dit pas s'il s'agit de la première, deuxième ou troisième convocation", "id_session"
        )
    valid_from = 2 if session["initiative_extraordinaire"] == "WALI_GOUVERNEUR" else 3
    return None if call >= valid_from else Problem({"session": session.id, "rang": call}, text="")


def majorite(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-07: more votes for than against; at equality the President's vote decides, so either result is possible."""
    row = subject.row
    in_favour, against = row.number_of("votes_pour"), row.number_of("votes_contre")
    if row["resultat"] not in FINAL_RESULTS:
        return NotApplicable("aucun vote définitif")
    if in_favour is None or against is None:
        return Unknown("le nombre de votes n'est pas saisi", "votes_pour" if in_favour is None else "votes_contre")
    facts = {"pour": in_favour, "contre": against}
    if row["resultat"] == "ADOPTEE":
        return Problem(facts) if in_favour < against else None
    return Problem(facts, text="rejet") if in_favour > against else None


def transmission_pv(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-08: minutes sent to the authority within 10 or 15 worked days after the session closed."""
    row = subject.row
    if row["resultat"] not in (*FINAL_RESULTS, "AJOURNEE"):
        return NotApplicable("aucun résultat à transmettre")
    session = case_of(subject).session_of(row)
    closed = session.day("date_cloture") if session else None
    if closed is None:
        return Unknown("la session n'est pas indiquée ou n'a pas de date de clôture", "id_session")
    limit = subject.limit(rule.limit, closed, context)
    if limit is None or subject.tier is None:
        return NotApplicable(NO_LIMIT)
    last = minutes_last_day(subject.tier, closed, context.law, context.calendar)
    if last is None:
        return NotApplicable(NO_LIMIT)
    return _sent_by(row.day("date_transmission_pv_autorite"), last, closed, limit, context)


def _sent_by(sent: date | None, last: date, closed: date, limit: InForce, context: Context) -> Verdict:
    facts = {"cloture": closed, "dernier_jour": last, "jours": limit.number, "envoi": sent}
    if sent is None:
        return NotApplicable("le délai court encore", last) if context.today <= last else Problem(facts, on=closed)
    if sent <= last:
        return None
    late = context.calendar.worked_days_between(last, sent)
    return Problem({**facts, "retard": late}, curable=False, text="tard", on=closed)


def nouvelle_deliberation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-09: an opposition calls for a new deliberation, held after it."""
    row, case = subject.row, case_of(subject)
    if row.says("opposition") is not True:
        return NotApplicable("aucune opposition")
    opposed = row.day("date_opposition")
    others = [r for r in case.deliberations if r["objet"] == row["objet"] and r is not row and r["resultat"]]
    days = [row.day("date_nouvelle_deliberation"), *(deliberated_on(case, other) for other in others)]
    if opposed and any(day and opposed < day <= context.today for day in days):
        return None
    return Problem({"opposition": opposed}, text="" if opposed else "sans_date")
