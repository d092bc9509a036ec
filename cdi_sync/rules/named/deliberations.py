"""Checks on votes and their minutes (LEX-06 to 09)."""

from collections.abc import Mapping
from datetime import date, timedelta

from cdi_sync.calendar import minutes_last_day
from cdi_sync.casefile import deliberated_on
from cdi_sync.law import InForce
from cdi_sync.rules.named.common import FINAL_RESULTS, NO_LIMIT, case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule


def quorum(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-06: without a quorum at the first calls nothing can be voted, until the meeting that is valid whoever comes.

    It comes sooner in a session asked for by the Wali or Governor.
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
    opening, asked = session.day("date_ouverture"), session["initiative_extraordinaire"] == "WALI_GOUVERNEUR"
    key = "quorum_rang_demande_autorite" if asked else "quorum_rang_sans_condition"
    valid_from = subject.limit(key, opening or context.today, context)
    if valid_from is None:
        return NotApplicable(NO_LIMIT)
    if call >= valid_from.number:
        return None
    facts = {"session": session.id, "rang": call}
    if asked:
        return Problem(facts, text="demandee")
    if opening is None:
        return Problem(facts)
    text, days = _next_call(int(call), subject, opening, context)
    return Problem({**facts, **days}, text=text)


def _next_call(call: int, subject: Subject, day: date, context: Context) -> tuple[str, Mapping[str, date | int]]:
    """The text that tells when the law places the meeting after one held on `day` without a quorum, and its facts."""
    if call > 1:
        wait = subject.limit("quorum_troisieme_reunion", day, context)
        assert wait is not None, "it's of the same day as the rank"
        return "deuxieme", {"apres": context.calendar.add_worked_days(day, wait.number), "jours": wait.number}
    window = subject.limit("quorum_deuxieme_convocation", day, context)
    assert window is not None, "it's of the same day as the rank"
    first, last = (day + timedelta(days=days) for days in window.numbers)
    return "premiere", {"du": first, "au": last}


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
    last = minutes_last_day(subject.tier or "", closed, context.law, context.calendar)
    if last is None:
        return NotApplicable(NO_LIMIT)
    limit = subject.limit(rule.limit, closed, context)
    assert limit is not None, "the last day is counted with it"
    return _sent_by(row.day("date_transmission_pv_autorite"), last, closed, limit, context)


def _sent_by(sent: date | None, last: date, closed: date, limit: InForce | None, context: Context) -> Verdict:
    facts = {"cloture": closed, "dernier_jour": last, "jours": limit.number if limit else None, "envoi": sent}
    if sent is None:
        return NotApplicable("le délai court encore", last) if context.today <= last else Problem(facts, on=closed)
    if sent <= last:
        return None
    late = context.calendar.worked_days_between(last, sent)
    return Problem({**facts, "retard": late}, curable=False, text="tard", on=closed)


def nouvelle_deliberation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-09: an opposition calls for a new deliberation, held after it; one that came too late is told as such.

    For want of the day on which the authority received the minutes, the day they were sent.
    """
    row, case = subject.row, case_of(subject)
    if row.says("opposition") is not True:
        return NotApplicable("aucune opposition")
    opposed = row.day("date_opposition")
    others = [r for r in case.deliberations if r["objet"] == row["objet"] and r is not row and r["resultat"]]
    days = [row.day("date_nouvelle_deliberation"), *(deliberated_on(case, other) for other in others)]
    if opposed is None:
        return Problem(text="sans_date")
    if any(day and opposed < day <= context.today for day in days):
        return None
    sent = row.day("date_transmission_pv_autorite")
    if sent is None or (limit := subject.limit(rule.limit, sent, context)) is None:
        return Problem({"opposition": opposed})
    last = context.calendar.add_worked_days(sent, limit.number)
    facts = {"opposition": opposed, "dernier_jour": last, "jours": limit.number, "envoi": sent}
    return Problem(facts, text="hors_delai" if opposed > last else "")
