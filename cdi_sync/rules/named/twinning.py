"""Checks on twinnings (JUM)."""

from collections.abc import Iterator
from datetime import date

from cdi_sync.casefile import MAIN_OBJECTS, deliberated_on, events, first_day, main_deliberations
from cdi_sync.model import Case, Severity
from cdi_sync.rules.named.common import LOCAL_AUTHORITIES, case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule


def aucune_demarche_avant_approbation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-09: no deliberation, delegation, trip, expense or signature before the Royal approval is notified."""
    case = case_of(subject)
    notified = first_day(case, "approbation_royale")
    early = sorted(
        (day, what, mild)
        for day, what, mild in _steps_towards(case, context)
        if day <= context.today and (notified is None or day < notified)
    )
    if not early:
        return None
    day, what, _ = early[0]
    warning = Severity.RECOMMANDE if all(mild for *_, mild in early) else None
    text = "sans" if notified is None else ""
    return Problem({"jour": day, "acte": what, "notification": notified}, curable=False, severity=warning, text=text)


def _steps_towards(case: Case, context: Context) -> Iterator[tuple[date, str, bool]]:
    """(day, what was done, whether the lenient reading of D-02 only warns of it)."""
    for row in case.deliberations:
        day = deliberated_on(case, row)
        if day and row["objet"] in MAIN_OBJECTS:
            yield day, f"délibération {row.id}", context.readings["D-02"] == "souple"
        elif day and row["objet"] == "DELEGATION":
            yield day, f"désignation de la délégation ({row.id})", False
    dated = [(row.day("date_deplacement"), f"déplacement ({row.id})") for row in case.phases]
    dated += [(row.day("date_effective"), f"phase {row.text('phase').lower()} ({row.id})") for row in case.phases]
    dated += [
        (case.act.day("date_premiere_depense"), "première dépense"),
        (case.act.day("date_signature"), "signature"),
    ]
    yield from ((day, what, False) for day, what in dated if day)


def inscrit_apres_accord(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-10: after the ministry's agreement in principle, the proposal is on the agenda of a session."""
    case = case_of(subject)
    agreements = events(case, "accord_principe")
    if not agreements:
        return Problem(text="sans_accord")
    agreed = first_day(case, "accord_principe")
    if agreed is None:
        return Unknown("l'accord de principe n'est pas daté", "date_notification", agreements[0].row)
    inscribed = [row for row in main_deliberations(case) if row.says("inscrit_odj")]
    days = [deliberated_on(case, row) for row in inscribed]
    if any(day and day >= agreed for day in days):
        return None
    if None in days:
        return Unknown("la session où le point est inscrit n'est pas datée", "id_session", inscribed[days.index(None)])
    last = main_deliberations(case)[-1:] or (None,)
    return Problem({"accord": agreed}, row=last[0], column="inscrit_odj" if last[0] else "")


def dossier_ministere(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-11: the ministry gets a copy of the minutes, the statement of costs and the practical arrangements, dated."""
    act = subject.row
    missing = [
        key
        for key in ("etat_detaille_depenses", "dispositions_materielles", "date_transmission_pieces_mi")
        if act[key] is None
    ]
    votes = [row for row in main_deliberations(case_of(subject)) if row["resultat"] == "ADOPTEE"]
    copied = any(row["lien_pv"] for row in votes)
    if not missing and copied:
        return None
    facts = {"manque": len(missing) + (not copied)}
    if missing or not votes:
        return Problem(facts, column=missing[0] if missing else "date_transmission_pieces_mi")
    return Problem(facts, row=votes[-1], column="lien_pv")


def delegation_designee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-15: for an outward phase abroad the council has named the delegation, on or before the trip."""
    row, case = subject.row, case_of(subject)
    if row["phase"] != "ALLER" or row.says("a_l_etranger") is not True:
        return NotApplicable("la phase aller n'est pas à l'étranger")
    votes = [d for d in case.deliberations if d["objet"] == "DELEGATION" and d["resultat"] == "ADOPTEE"]
    trip = row.day("date_deplacement") or row.day("date_effective")
    if not votes:
        return Problem({"voyage": trip})
    days = [day for d in votes if (day := deliberated_on(case, d))]
    if trip is None or not days or min(days) <= trip:
        return None
    return Problem({"voyage": trip, "deliberation": min(days)}, curable=False, text="tard")


def deux_collectivites(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-21: a twinning binds local authorities, here and abroad."""
    partner = case_of(subject).partner
    if partner is None:
        return NotApplicable("aucun partenaire saisi")
    return None if partner["type"] in LOCAL_AUTHORITIES else Problem({"partenaire": partner.text("nom")})
