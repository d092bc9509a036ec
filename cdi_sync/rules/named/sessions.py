"""Checks on the council's sessions (LEX-01 to 05)."""

from datetime import date, timedelta

from cdi_sync.calendar import OrdinarySession, ordinary_sessions
from cdi_sync.model import Tier
from cdi_sync.rules.named.common import NO_LIMIT
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule


def notice_days(subject: Subject, rule: Rule, context: Context, opening: date) -> int | Unknown | NotApplicable:
    """How many days before the opening a session's agenda or notice is due, or why nobody can say."""
    row, key = subject.row, rule.limit
    if row["type"] == "EXTRAORDINAIRE" and rule.parameters.get("ordinaire_seulement"):
        why = "les 20 jours sont écrits pour les sessions en général et une session extraordinaire ne peut les tenir"
        return Unknown(why, rule.parameters["fait"])
    if row["type"] == "EXTRAORDINAIRE" and row["initiative_extraordinaire"] == "WALI_GOUVERNEUR":
        key = "convocation_demande_autorite"
    limit = subject.limit(key, opening, context)
    return limit.number if limit else NotApplicable(NO_LIMIT)


def session_a_sa_date(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-01: an ordinary session opens in the window that the law fixes for the tier."""
    row = subject.row
    opening = row.day("date_ouverture")
    if row["type"] != "ORDINAIRE" or opening is None:
        return NotApplicable("pas une session ordinaire datée")
    lawful = ordinary_sessions(subject.tier or "", opening.year, context.law, context.calendar)
    if not lawful:
        return NotApplicable("aucun calendrier enregistré pour cette année")
    if any(_within(opening, session) for session in lawful):
        return None
    nearest = min(lawful, key=lambda session: abs((session.opening - opening).days))
    facts = {"ouverture": opening, "attendue": nearest.opening, "au_plus_tard": nearest.opening_latest}
    return Problem(facts, text="semaine" if subject.tier is Tier.COMMUNE else "", on=opening)


def _within(day: date, session: OrdinarySession) -> bool:
    if session.tier == Tier.COMMUNE:  # « first week »: its days, whether worked or not
        return session.theoretical <= day <= max(session.window_last, session.opening_latest)
    return session.opening <= day <= session.opening_latest


def session_extraordinaire(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-05: held within the days that go with who asked for it, and not longer than 7 days."""
    row = subject.row
    if row["type"] != "EXTRAORDINAIRE":
        return NotApplicable("pas une session extraordinaire")
    opening, closed = row.day("date_ouverture"), row.day("date_cloture")
    if opening and closed and (problem := _too_long(subject, opening, closed, context)):
        return problem
    return _opened_in_time(subject, opening, context)


def _too_long(subject: Subject, opening: date, closed: date, context: Context) -> Problem | None:
    longest = subject.limit("extraordinaire_duree", opening, context)
    if longest is None:
        return None
    if subject.tier is Tier.COMMUNE:  # consecutive worked days
        length = context.calendar.worked_days_between(opening - timedelta(days=1), closed)
    else:
        length = (closed - opening).days + 1
    if length <= longest.number:
        return None
    return Problem({"duree": length, "jours": longest.number}, column="date_cloture", text="duree", on=opening)


def _opened_in_time(subject: Subject, opening: date | None, context: Context) -> Verdict:
    row = subject.row
    asked = row.day("date_demande")
    if row["initiative_extraordinaire"] is None:
        return Unknown("qui a demandé la session n'est pas saisi", "initiative_extraordinaire")
    key = {"MAJORITE_ABSOLUE": "extraordinaire_majorite", "WALI_GOUVERNEUR": "extraordinaire_autorite"}.get(
        row.text("initiative_extraordinaire")
    )
    limit = subject.limit(key, asked or opening or context.today, context) if key else None
    if limit is None:
        return None if opening else NotApplicable("la session n'a pas de date d'ouverture")
    if asked is None:
        return Unknown("la date de la demande n'est pas saisie", "date_demande")
    last = asked + timedelta(days=limit.number)
    if (opening or context.today) <= last:
        return None if opening else NotApplicable("la session peut encore s'ouvrir", last)
    facts = {"ouverture": opening, "demande": asked, "jours": limit.number, "dernier_jour": last}
    return Problem(facts, text="" if opening else "jamais", on=asked)
