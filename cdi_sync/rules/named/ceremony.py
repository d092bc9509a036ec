"""Checks on a twinning's first meetings, its ceremony and the streets named after it (JUM-05, 12, 13, LEX-17)."""

from datetime import date, timedelta

from cdi_sync.calendar import WorkCalendar, visa_last_day
from cdi_sync.casefile import deliberated_on
from cdi_sync.model import Row, Severity, Tier
from cdi_sync.rules.named.common import NO_LIMIT, case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

NATIONAL = "NATIONAL"


def rencontre_preliminaire(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-05: at least one preliminary meeting with the partner has been held, today included."""
    met = [
        row for row in case_of(subject).meetings if row["type"] == "PRELIMINAIRE" and row.says("annulee") is not True
    ]
    days = [day for row in met if (day := row.day("date"))]
    if any(day <= context.today for day in days):
        return None
    if days:
        return NotApplicable("la rencontre préliminaire est fixée", min(days))
    return Problem(row=met[0], column="date", text="sans_date") if met else Problem()


def signature_un_jour_de_fete(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-12: a ceremony to come is on a national day, give or take three, or goes with an event that somebody names.

    The partner's own national days aren't in the calendar: its name on the agreement's line is enough.
    """
    row, act = subject.row, case_of(subject).act
    fixed = row.day("date_arretee_par_president")
    if fixed is None:
        return NotApplicable("la date de la cérémonie n'est pas arrêtée")
    if row["date_effective"] or fixed < context.today:
        return NotApplicable("la cérémonie a eu lieu : il n'y a plus de date à choisir")
    limit = subject.limit(rule.limit, fixed, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    named = act["evenement_national_coincidence"] or row["coincidence_evenement"] == "MANIFESTATION_CULTURELLE"
    if named or _national_day_near(fixed, limit.number, context.calendar):
        return None
    facts = {"jour": fixed, "ecart": limit.number}
    return Problem(facts, text="fete" if row["coincidence_evenement"] == "FETE_NATIONALE" else "")


def _national_day_near(day: date, spread: int, calendar: WorkCalendar) -> bool:
    around = (calendar.holiday(day + timedelta(days=shift)) for shift in range(-spread, spread + 1))
    return any(holiday and holiday.nature == NATIONAL for holiday in around)


# ------------------------------------------------------------------------------------------------- names of streets


def denomination_deliberee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-13: before a street gets the partner's name, the council has adopted it and its file has left for the ministry.

    The day of the ceremony is still in time. Without a day for it nothing is late yet.
    """
    row = subject.row
    if row["objet"] != "DENOMINATION_VOIE":
        return NotApplicable("cette délibération ne nomme pas de voie")
    held = row.day("date_pose_plaque")
    if held is None:
        return NotApplicable("la cérémonie de dénomination n'est pas fixée")
    voted, sent = deliberated_on(case_of(subject), row), row.day("date_dossier_admin_centrale")
    facts = {"ceremonie": held, "vote": voted, "dossier": sent}
    if subject.limit(rule.limit, held, context) is None:
        return NotApplicable("la cérémonie précède les lois organiques de 2015")
    if row["resultat"] == "ADOPTEE" and voted and voted > held:
        return Problem(facts, curable=False, column="date_deliberation", text="vote_tard", on=held)
    if sent and sent > held:
        return Problem(facts, curable=False, text="tard", on=held)
    if row["resultat"] == "ADOPTEE" and sent:
        return None
    if context.today <= held:
        return NotApplicable("la cérémonie n'est pas passée", held)
    if row["resultat"] != "ADOPTEE":
        return Problem(facts, column="resultat", text="vote", on=held)
    return Problem(facts, on=held)


def denomination_visee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-17: a commune's name for a street has the Governor's visa before the plate is put up.

    Twenty days of silence are told, and recorded by a person, as for the other visas (LEX-11): this is only a warning.
    """
    row = subject.row
    if row["objet"] != "DENOMINATION_VOIE" or row["resultat"] != "ADOPTEE":
        return NotApplicable("aucune dénomination de voie adoptée")
    if subject.tier is not Tier.COMMUNE:
        return NotApplicable("la loi ne le demande qu'aux communes")
    given, held = row.day("date_visa_denomination"), row.day("date_pose_plaque")
    voted = deliberated_on(case_of(subject), row)
    reference = held or voted
    if reference and subject.limit(rule.limit, reference, context) is None:
        return NotApplicable("cette dénomination précède la loi organique de 2015")
    facts: dict[str, object] = {"pose": held, "visa": given}
    if given:
        return Problem(facts, curable=False, text="tard", on=held) if held and given > held else None
    if held and held < context.today:
        return Problem(facts, column="date_visa_denomination", on=held)
    return _silence(row, facts, context)


def _silence(row: Row, facts: dict[str, object], context: Context) -> Verdict:
    sent = row.day("date_transmission_pv_autorite")
    last = visa_last_day(sent, context.law) if sent else None
    if last is None or context.today <= last:
        return NotApplicable(
            "le visa peut encore arriver avant la pose de la plaque", last or row.day("date_pose_plaque")
        )
    return Problem({**facts, "envoi": sent, "echeance": last}, severity=Severity.RECOMMANDE, text="silence", on=sent)
