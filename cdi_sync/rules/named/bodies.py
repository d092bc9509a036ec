"""Checks on the bodies of an agreement: governance of a convention (GOV), committee of a twinning (JUM-17 to 19)."""

from datetime import timedelta

from cdi_sync.casefile import first_day
from cdi_sync.meetings import was_held
from cdi_sync.rules.named.action_plan import ENDED
from cdi_sync.rules.named.common import NO_LIMIT, case_of, is_over, limit_after
from cdi_sync.rules.named.monitoring import updates
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule


def organes_en_place(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GOV-01: 30 days after the entry into force, every body that is listed is set up, and there is one at least."""
    case = case_of(subject)
    start = first_day(case, "entree_en_vigueur")
    last = limit_after(subject, start, rule.limit, context)
    if is_over(case, context.today):
        return NotApplicable(ENDED)
    created = {row.id: day for row in case.bodies if (day := row.day("date_mise_en_place")) and day <= context.today}
    awaited = [row for row in case.bodies if row.id not in created]
    if not case.bodies:
        return Problem({"vigueur": start, "dernier_jour": last}, until=last, on=start)
    if awaited:
        facts = {"organe": awaited[0].id, "dernier_jour": last}
        return Problem(facts, row=awaited[0], column="date_mise_en_place", text="ligne", until=last, on=start)
    first = min(created.values())
    if last and first > last:
        return Problem({"cree": first, "dernier_jour": last}, curable=False, text="tard", on=start)
    return None


def deux_comites(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GOV-03: among the bodies there are a steering committee and a follow-up committee."""
    case = case_of(subject)
    if not case.bodies or is_over(case, context.today):
        return NotApplicable("aucun organe n'est encore inscrit, ou l'acte est terminé")
    names = rule.parameters["noms"]
    missing = [names[kind] for kind in names if kind not in {row["type"] for row in case.bodies}]
    if not missing:
        return None
    last = limit_after(subject, first_day(case, "entree_en_vigueur"), rule.limit, context)
    return Problem({"manque": " ; ".join(missing)}, until=last)


def pilotage_eclaire(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GOV-04: in the 30 days before a steering committee, the follow-up committee met or the follow-up was updated."""
    meeting, case = subject.row, case_of(subject)
    if meeting["type"] != "COPIL" or not was_held(meeting, context.today):
        return NotApplicable("pas une réunion du comité de pilotage déjà tenue")
    held = meeting.day("date")
    assert held, "a meeting that was held has a day"
    limit = subject.limit(rule.limit, held, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    since = held - timedelta(days=limit.number)
    followed = [row for row in case.meetings if row["type"] == "COSUI" and was_held(row, context.today)]
    met = [day for row in followed if (day := row.day("date"))]
    known = updates(case, context.today)
    if any(since < day <= held for day in (*met, *known)):
        return None
    if any(day > held for day in known):
        return NotApplicable("le suivi a été mis à jour depuis : son état ce jour-là n'est plus connu")
    return Problem({"reunion": held, "jours": limit.number}, on=held)


# ------------------------------------------------------------------------------------- the twinning's committee


def comite_de_jumelage(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-17: 90 days after the first phase, a twinning committee exists."""
    case = case_of(subject)
    signed = first_day(case, "phase_aller", "phase_retour")
    last = limit_after(subject, signed, rule.limit, context)
    if is_over(case, context.today) or last is None:
        return NotApplicable("aucune phase n'est encore signée, ou l'acte est terminé")
    committees = [row for row in case.bodies if row["type"] == "COMITE_JUMELAGE"]
    if any(row["date_mise_en_place"] for row in committees):
        return None
    facts = {"signature": signed, "dernier_jour": last}
    row, column = (committees[0], "date_mise_en_place") if committees else (None, "")
    return Problem(facts, row=row, column=column, until=last, on=signed)


def comite_et_voyages(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-19: a twinning committee that travels follows projects, and no more than three trips for each."""
    body = subject.row
    trips, projects = body.number_of("nb_voyages_organises"), body.number_of("nb_projets_suivis")
    most = subject.limit(rule.limit, context.today, context)
    if body["type"] != "COMITE_JUMELAGE" or not trips or projects is None or most is None:
        return NotApplicable("pas un comité de jumelage dont voyages et projets sont comptés")
    if trips <= projects * most.number:
        return None
    return Problem({"voyages": int(trips), "projets": int(projects), "limite": most.number})


def phase_retour_planifiee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-24: once the outward phase is held, the return has a planned day, and takes place within a year."""
    case = case_of(subject)
    outward = first_day(case, "phase_aller")
    if is_over(case, context.today) or outward is None:
        return NotApplicable("la phase aller n'est pas tenue, ou l'acte est terminé")
    if first_day(case, "phase_retour"):
        return None
    returns = [row for row in case.phases if row["phase"] == "RETOUR"]
    facts = {"aller": outward}
    if not any(row["date_prevue"] or row["date_effective"] for row in returns):
        return Problem(facts, row=returns[0] if returns else None, column="date_prevue" if returns else "", on=outward)
    last = limit_after(subject, outward, rule.limit, context)
    if last is None or context.today <= last:
        return None
    return Problem({**facts, "dernier_jour": last}, row=returns[0], column="date_effective", text="oubliee", on=outward)
