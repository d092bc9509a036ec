"""Checks on meetings and on the bodies that hold them (MEET)."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from cdi_sync.casefile import events
from cdi_sync.meetings import (
    PREPARATION,
    counted_from,
    frequency_days,
    is_dissolved,
    is_planned,
    last_meeting_of,
    preparation_gaps,
    unknown_zone,
)
from cdi_sync.model import ENDS, Row
from cdi_sync.rules.named.common import NO_LIMIT, case_of, last_day
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

NOT_PLANNED = "réunion annulée, ou sans date"


def reunion_bien_preparee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MEET-01: three days before the meeting, the five points of its preparation are all met."""
    day = _prepared_by(subject, rule, context)
    if isinstance(day, NotApplicable):
        return day
    gaps = preparation_gaps(subject.row)
    if not gaps:
        return None
    names = rule.parameters["points"]
    score = len(PREPARATION) - len(gaps)
    facts = {"reunion": day, "score": score, "sur": len(PREPARATION), "manque": ", ".join(names[p] for p in gaps)}
    curable = any(gap.why != "tard" for gap in gaps.values())
    return Problem(facts, curable=curable, column=next(iter(gaps.values())).column, on=day)


def point_prepare(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MEET-02 to 06: the rule's own `point` of the preparation is met, so many days before the meeting."""
    day = _prepared_by(subject, rule, context)
    if isinstance(day, NotApplicable):
        return day
    gap = PREPARATION[rule.parameters["point"]](subject.row)
    if gap is None:
        return None
    if gap.why == "mode":
        return Unknown("le mode de la réunion n'est pas saisi", gap.column)
    facts: dict[str, object] = {"reunion": day, "fait": subject.row[gap.column]}
    if gap.why == "fuseau":
        facts["fuseau"] = unknown_zone(subject.row.text(gap.column))
    return Problem(facts, column=gap.column, text=gap.why, on=day)


def _prepared_by(subject: Subject, rule: Rule, context: Context) -> date | NotApplicable:
    """The meeting's day, once its preparation is owed: so many days before it, that day included."""
    day = subject.row.day("date")
    if day is None or subject.row.says("annulee"):
        return NotApplicable(NOT_PLANNED)
    limit = subject.limit(rule.limit, day, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    first = day - timedelta(days=limit.number)
    return NotApplicable("la préparation n'est pas encore demandée", first) if context.today < first else day


def prochaine_date_arretee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MEET-09: the date of the next meeting is fixed, and later than this one."""
    last = _followed_by(subject, rule.limit, context)
    if isinstance(last, NotApplicable):
        return last
    day, following = subject.row.day("date"), subject.row.day("date_prochaine_reunion")
    if following is None:
        return Problem({"reunion": day}, on=day)
    return Problem({"reunion": day, "suivante": following}, text="avant", on=day) if day and following <= day else None


def compte_rendu_bref(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MEET-10: the minutes have the guide's three headings, and are not too long together."""
    last = _followed_by(subject, "reunion_suites", context)
    if isinstance(last, NotApplicable):
        return last
    day, headings = subject.row.day("date"), rule.parameters["rubriques"]
    missing = [key for key in headings if subject.row[key] is None]
    if missing:
        return Problem({"reunion": day, "manque": len(missing)}, column=missing[0], on=day)
    longest = subject.limit(rule.limit, last, context)
    length = sum(len(subject.row.text(key)) for key in headings)
    if longest is None or length <= longest.number:
        return None
    return Problem({"longueur": length, "limite": longest.number}, text="long", on=day)


def compte_rendu_diffuse(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MEET-11: the minutes were sent within 7 days, to all who were there and to the focal points."""
    last = _followed_by(subject, rule.limit, context)
    if isinstance(last, NotApplicable):
        return last
    meeting = subject.row
    day, sent = meeting.day("date"), meeting.day("date_diffusion_cr")
    facts = {"reunion": day, "dernier_jour": last, "envoi": sent}
    if sent is None:
        return Problem(facts, on=day)
    if meeting["participants_presents"] is None:
        return Unknown("les présents ne sont pas saisis", "participants_presents")
    if forgotten := _left_out(subject, context):
        return Problem({**facts, "oublies": forgotten}, column="diffusion_liste", text="liste", on=day)
    return Problem(facts, curable=False, text="tard", on=day) if sent > last else None


def _left_out(subject: Subject, context: Context) -> tuple[str, ...]:
    """Who was present, or is a focal point of either party, and doesn't stand in the list of those who were told."""
    told = {fold(name) for name in _items(subject.row, "diffusion_liste")}
    present = [name for name in _items(subject.row, "participants_presents") if fold(name) not in told]
    focal = [row.text("nom_prenom") for row in _focal_points(subject, context) if not _is_told(row, told)]
    return (*present, *(name for name in focal if fold(name) not in {fold(other) for other in present}))


def _items(row: Row, key: str) -> Iterable[str]:
    value = row[key]
    return value if isinstance(value, tuple) else ()


def _focal_points(subject: Subject, context: Context) -> Iterable[Row]:
    """Those of the council and of the partner who were in office on the day of the meeting."""
    act, held = case_of(subject).act, subject.row.day("date")
    for party in ("collectivite", "partenaire"):
        for row in context.focal_points.get(act.text(party), ()):
            left = row.day("date_fin")
            gone = left is not None and held is not None and left < held
            if row.says("actif") is not False and not gone:
                yield row


def _is_told(contact: Row, told: set[str]) -> bool:
    """By name (in either half of « Nom, Prénom »), e-mail or number."""
    halves = {fold(half) for half in re.split(r"[;,،؛]", contact.text("nom_prenom"))} - {""}
    return halves <= told or bool({fold(contact.id), fold(contact.text("courriel_institutionnel"))} & told)


def _followed_by(subject: Subject, key: str, context: Context) -> date | NotApplicable:
    """The last day for what follows a meeting, once it is over; that day still leaves time."""
    if not is_planned(subject.row):
        return NotApplicable(NOT_PLANNED)
    return last_day(subject, "date", key, context)


def organe_reuni(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MEET-12: a body meets at the frequency that the agreement gives it, with some tolerance."""
    body, case, today = subject.row, case_of(subject), context.today
    if is_dissolved(body, today) or events(case, "cloture", *ENDS):
        return NotApplicable("organe dissous, ou acte clos")
    days = frequency_days(body, context.law, today)
    if days is None:
        column = "frequence_jours" if body["frequence_reunions"] == "AUTRE" else "frequence_reunions"
        return Unknown("la fréquence de ses réunions n'est pas saisie", column)
    since = counted_from(case, body, today)
    if since is None:
        return Unknown("ni réunion tenue ni date de mise en place ne sont saisies", "date_mise_en_place")
    return _met_in_time(subject, rule, context, since, days)


def _met_in_time(subject: Subject, rule: Rule, context: Context, since: date, days: int) -> Verdict:
    tolerance = subject.limit(rule.limit, context.today, context)
    if tolerance is None:
        return NotApplicable(NO_LIMIT)
    last = since + timedelta(days=days + int(round(days * tolerance.share, 6)))
    if context.today <= last:
        return None
    facts = {"depuis": since, "jours": days, "ecoules": (context.today - since).days, "dernier_jour": last}
    has_met = last_meeting_of(case_of(subject), subject.row, context.today) is not None
    return Problem(facts, text="" if has_met else "jamais")
