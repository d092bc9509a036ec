"""Checks on visas and consents (LEX-10, 11, 13)."""

from datetime import date

from cdi_sync.calendar import visa_last_day
from cdi_sync.casefile import events, granted_under, is_opposed
from cdi_sync.model import Case, Tier
from cdi_sync.rules.named.common import FINAL_RESULTS, LOCAL_AUTHORITIES, NO_LIMIT, case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule


def autorite_du_visa(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-10: the visa comes from the authority that the chosen reading of D-01 designates."""
    row = subject.row
    if row["nature"] != "VISA" or row["autorite"] is None:
        return NotApplicable("pas une demande de visa adressée à une autorité")
    expected = rule.parameters[context.readings["D-01"]].get(subject.tier)
    if expected is None:
        return NotApplicable("aucune autorité n'est désignée pour ce niveau")
    if row["autorite"] == expected:
        return None
    return Problem(
        {"autorite": rule.parameters["noms"][row.text("autorite")], "attendue": rule.parameters["noms"][expected]}
    )


def visa_tacite(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-11: silence after 20 days lets a person record a tacit visa, with proof of reception; never earlier.

    When only an express visa counts (D-04), none is offered, and one on file is a problem.
    """
    row = subject.row
    received = row.day("date_reception")
    if row["nature"] != "VISA":
        return NotApplicable("cette ligne n'est pas une demande de visa")
    if row["sens"] not in (None, "TACITE"):
        return None
    if context.readings["D-04"] == "expres":
        return Problem(text="expres") if row["sens"] else NotApplicable("seul un visa exprès est retenu (D-04)")
    if row["sens"] is None and is_opposed(case_of(subject), row):
        return NotApplicable("l'autorité s'est opposée à la délibération")
    if row["sens"] == "TACITE" and (received is None or row["ref_accuse"] is None):
        return Problem(column="date_reception" if received is None else "ref_accuse", text="sans_preuve")
    last = visa_last_day(received, context.law) if received else None
    if last is None:
        return NotApplicable("aucune réception datée" if received is None else NO_LIMIT)
    if row["sens"] == "TACITE":
        return _recorded(row.day("date_decision"), last, context)
    if row["date_decision"]:
        return Unknown("une décision est datée mais son sens n'est pas saisi", "sens")
    if context.today <= last:
        return NotApplicable("les 20 jours courent", last)
    if row["ref_accuse"] is None:
        return Unknown("sans référence de l'accusé de réception, le silence ne prouve rien", "ref_accuse")
    text = "" if _is_local_authority(case_of(subject), subject.tier) else "finances"
    return Problem({"reception": received, "echeance": last}, column="sens", text=text, on=received)


def _recorded(day: date | None, last: date, context: Context) -> Verdict:
    """A tacit visa on file: recorded after the 20 days, and dated."""
    if (day or context.today) <= last:
        return Problem({"echeance": last}, text="trop_tot", column="date_decision")
    return None if day else Unknown("le constat du visa tacite n'est pas daté", "date_decision")


def _is_local_authority(case: Case, tier: Tier | None) -> bool:
    """Articles 109 and 118 name foreign local authorities only; article 115 (regions) adds other actors."""
    return tier is Tier.REGION or bool(case.partner and case.partner["type"] in LOCAL_AUTHORITIES)


def accord_autorites_publiques(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-13: only points on the agenda are voted; an actor that is no local authority needs the authorities' consent."""
    case = case_of(subject)
    for row in case.deliberations:
        if row["resultat"] in FINAL_RESULTS and row.says("inscrit_odj") is not True:
            return Problem({"deliberation": row.id}, row=row, column="inscrit_odj", text="odj")
    concluded = events(case, "signature", "adhesion")
    kind, partner = (case.partner["type"], case.partner.text("nom")) if case.partner else (None, "")
    if not concluded or kind in (None, *LOCAL_AUTHORITIES):
        return NotApplicable("aucun accord à demander pour l'instant")
    consents = [r for r in case.visas if r["nature"] == "ACCORD_AUTORITES_PUBLIQUES" and r["sens"] == "ACCORDE"]
    if not consents:
        return Problem({"partenaire": partner})
    given = min((day for r in consents if (day := r.day("date_decision"))), default=None)
    day = concluded[0].day
    if given is None or day is None or given <= day:
        return None
    return Problem({"partenaire": partner, "accord": given, "acte": day}, curable=False, text="tard")


def visa_granted_on(case: Case, context: Context) -> date | None:
    """The day of the first visa granted: its decision, or the end of the 20 days when silence was recorded."""
    days, visas = [], granted_under(context.readings)
    for row in case.visas:
        if row["nature"] == "VISA" and row["sens"] in visas:
            received = row.day("date_reception")
            days.append(row.day("date_decision") or (visa_last_day(received, context.law) if received else None))
    return min((day for day in days if day), default=None)
