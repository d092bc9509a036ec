"""One Case per agreement: gathers the rows that speak of it and tells what happened, in one vocabulary of events.

An event's day is the day on which the act took effect; None when the registry doesn't give it. Planned dates make
no event: an entry into force still to come, or any date after `today`, has not happened.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date

from cdi_sync.meetings import is_planned
from cdi_sync.model import Case, Event, Form, Registry, Row, Tier

MAIN_OBJECTS = ("ACTE_CDI", "ADHESION_OING", "PROJET_CONVENTION")  # deliberations on the agreement itself
GRANTED = ("ACCORDE", "TACITE")
DONE = ("TERMINEE", "ANNULEE")  # an action that asks for nothing more
STARTED = ("EN_COURS", "TERMINEE")
FINAL_MOMENTS = ("FIN_PROJET", "EX_POST")  # evaluations that look at the whole agreement

# dates of the agreements tab that are an event by themselves: column → kind
_ACT_EVENTS = {
    "date_creation": "creation",
    "date_rapport_pret": "rapport_pret",
    "date_envoi_rapport": "rapport_transmis",
    "date_reception_dgct": "reception_dgct",
    "date_transmission_pieces_mi": "transmission_pieces_mi",
    "date_dossier_technique": "dossier_technique",
    "date_marketing": "marketing",
    "date_recherche_partenaire": "recherche_partenaire",
    "m2_decision": "reponse_decidee",
    "date_transmission_dossier": "reponse_transmise",
    "date_partenaire_trouve": "partenaire_trouve",
    "date_ouverture_negociation": "negociation",
    "date_projet_convention": "projet_convention",
    "date_verification": "adequation",
    "date_demande_dgct": "demande_dgct",
    "date_candidature": "candidature",
    "date_adhesion": "adhesion",
    "date_entree_vigueur": "entree_en_vigueur",
    "date_abandon": "abandon",
    "date_premiere_depense": "premiere_depense",
    "date_suspension": "suspension",
    "date_reprise": "reprise",
    "date_reconduction": "reconduction",
    "date_non_reconduction": "non_reconduction",
    "date_cloture": "cloture",
    "date_capitalisation": "capitalisation",
    "date_resiliation": "resiliation",
}
# what a call brings about, unless the file was turned down: the case is then back where it was looking for a partner
_CALL_EVENTS = {
    "m3_construction_offre": "offre_construite",
    "m4_redaction": "proposition_redigee",
}
# where each kind of evidence is written: tab, column, and what else its row says
EVIDENCE: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    **{kind: ("actes", column, {}) for column, kind in _ACT_EVENTS.items()},
    **{kind: ("actes", column, {}) for column, kind in _CALL_EVENTS.items()},
    "appel_retenu": ("actes", "resultat_appel", {}),
    "signature": ("actes", "date_signature", {}),
    "signature_prevue": ("actes", "date_signature_prevue", {}),
    "inscription_odj": ("deliberations", "inscrit_odj", {}),
    "deliberation_adoptee": ("deliberations", "resultat", {}),
    "transmission_pv": ("deliberations", "date_transmission_pv_autorite", {}),
    "delegation_designee": ("deliberations", "resultat", {"objet": "DELEGATION"}),
    "visa_recu": ("visas_accords", "date_reception", {"nature": "VISA"}),
    "visa_accorde": ("visas_accords", "sens", {"nature": "VISA"}),
    "accord_principe": ("visas_accords", "sens", {"nature": "ACCORD_PRINCIPE_MI"}),
    "approbation_royale": ("visas_accords", "sens", {"nature": "APPROBATION_ROYALE"}),
    "date_arretee": ("phases_jumelage", "date_arretee_par_president", {"phase": "ALLER"}),
    "phase_aller": ("phases_jumelage", "date_effective", {"phase": "ALLER"}),
    "phase_retour": ("phases_jumelage", "date_effective", {"phase": "RETOUR"}),
}
_MEMBER_EVENTS = {  # asked of memberships alone
    "date_refus_candidature": "refus_candidature",
    "date_retrait": "retrait",
    "date_radiation": "radiation",
}
_CALL_RESULTS = {"RETENU": "appel_retenu", "REJETE": "appel_rejete"}
_VISA_REFUSALS = {"REFUSE": "refus_visa", "OBSERVATIONS": "observations"}


def open_cases(registry: Registry, today: date, visas: Collection[str] = GRANTED) -> Mapping[str, Case]:
    """Identifier → Case, for every agreement whose identifier is its own. Quarantined rows belong to no case.

    visas: the decisions that count as a visa granted (`granted_under` a reading of D-04).
    """
    council = {row.id: row for row in registry["collectivites"]}
    partner = {row.id: row for row in registry["partenaires"]}
    session = {row.id: row for row in registry["sessions"] if not row.quarantined}
    of_case = {tab: _by_case(registry, tab) for tab in _CASE_TABS}
    cases = {}
    for act in registry["actes"]:
        if act.quarantined:
            continue
        mine = {tab: rows.get(act.id, ()) for tab, rows in of_case.items()}
        held_in = [d.text("id_session") for d in mine["deliberations"]]
        case = _gather(
            act,
            council=council.get(act.text("collectivite")),
            partner=partner.get(act.text("partenaire")),
            sessions={id_: session[id_] for id_ in held_in if id_ in session},
            rows=mine,
        )
        happened = tuple(event for event in events_of(case, visas) if event.day is None or event.day <= today)
        cases[act.id] = replace(case, events=happened)
    return cases


_CASE_TABS = (
    "deliberations",
    "visas_accords",
    "phases_jumelage",
    "organes",
    "plan_action",
    "reunions",
    "evaluations",
    "pieces_clauses",
    "budget",
    "cadre_logique",
)


def _by_case(registry: Registry, tab: str) -> Mapping[str, tuple[Row, ...]]:
    gathered: dict[str, list[Row]] = defaultdict(list)
    for row in registry[tab]:
        if not row.quarantined and row["id_acte"]:
            gathered[row.text("id_acte")].append(row)
    return {case: tuple(rows) for case, rows in gathered.items()}


def _gather(
    act: Row,
    *,
    council: Row | None,
    partner: Row | None,
    sessions: Mapping[str, Row],
    rows: Mapping[str, tuple[Row, ...]],
) -> Case:
    return Case(
        act=act,
        form=Form(act.text("forme")) if act["forme"] else None,
        council=council,
        tier=Tier(council.text("niveau")) if council and council["niveau"] else None,
        partner=partner,
        historical=act.says("historique") is True,
        deliberations=rows["deliberations"],
        sessions=sessions,
        visas=rows["visas_accords"],
        phases=rows["phases_jumelage"],
        bodies=rows["organes"],
        actions=rows["plan_action"],
        meetings=rows["reunions"],
        evaluations=rows["evaluations"],
        pieces=rows["pieces_clauses"],
        money=rows["budget"],
        logframe=rows["cadre_logique"],
    )


# ---------------------------------------------------------------------------------------------------- events


def granted_under(readings: Mapping[str, str]) -> tuple[str, ...]:
    """The decisions that count as a visa granted: an express one, and silence unless D-04 leaves it out."""
    return ("ACCORDE",) if readings.get("D-04") == "expres" else GRANTED


def engages_nothing(case: Case) -> bool:
    """True of an agreement that is said to cost the council nothing."""
    return case.act.says("implique_engagement_financier") is False


def events_of(case: Case, visas: Collection[str] = GRANTED) -> tuple[Event, ...]:
    """What the rows of a case say has happened (also what is dated in the future), in the order of the rows."""
    return (
        *_act_events(case),
        *(event for row in case.deliberations for event in _deliberation_events(case, row)),
        *(event for row in case.visas for event in _visa_events(row, visas)),
        *(event for row in case.phases for event in _phase_events(row)),
        *(event for row in case.bodies for event in _body_events(row)),
        *(event for row in case.actions for event in _action_events(row)),
        *(event for row in case.evaluations for event in _evaluation_events(case, row)),
        *(event for row in case.pieces for event in _piece_events(row)),
    )


def _act_events(case: Case) -> Iterator[Event]:
    act = case.act
    own = _MEMBER_EVENTS if case.form is Form.ADHESION_OING else {}
    if case.form is Form.CONVENTION and act["resultat_appel"] != "REJETE":
        own = _CALL_EVENTS
    for column, kind in {**_ACT_EVENTS, **own}.items():
        if day := act.day(column):
            yield Event(kind, day, act)
    if result := _CALL_RESULTS.get(act.text("resultat_appel")):
        yield Event(result, act.day("date_resultat_appel"), act)
    if act["date_signature_prevue"] and act["lieu_signature"]:
        yield Event("signature_prevue", None, act)
    if signed := act.day("date_signature"):
        yield Event("signature", signed, act)
    elif partial := partial_signature(act):
        yield Event("signature", None, act, partial)


def answers_call(case: Case) -> bool:
    """True when the agreement answers a call for projects, and its file wasn't turned down."""
    act = case.act
    return bool(act["date_lancement_appel"] or act["date_limite_appel"]) and act["resultat_appel"] != "REJETE"


def partial_signature(act: Row) -> str:
    """All that is known of the day of signature of an old act: "2009-12", "1986", or ""."""
    year, month = act.number_of("annee_signature"), act.number_of("mois_signature")
    if year is None:
        return ""
    return f"{year:.0f}-{month:02.0f}" if month else f"{year:.0f}"


def _deliberation_events(case: Case, row: Row) -> Iterator[Event]:
    session = case.session_of(row)
    held = deliberated_on(case, row)
    if row["objet"] == "DELEGATION" and row["resultat"] == "ADOPTEE":
        yield Event("delegation_designee", held, row)
    if row["objet"] == "RETRAIT" and row["resultat"] == "ADOPTEE":
        yield Event("retrait", held, row)
    if row["objet"] not in MAIN_OBJECTS:
        return
    if row.says("inscrit_odj") and session:
        yield Event("inscription_odj", session.day("date_odj_transmis_autorite"), row)
    if row["resultat"] == "ADOPTEE":
        yield Event("deliberation_adoptee", held, row)
    elif row["resultat"] == "REJETEE":
        yield Event("rejet", held, row)
    if sent := row.day("date_transmission_pv_autorite"):
        yield Event("transmission_pv", sent, row)
    if row.says("opposition"):
        yield Event("opposition", row.day("date_opposition"), row)


def deliberated_on(case: Case, deliberation: Row) -> date | None:
    """The day of a deliberation: its own date, else the day its session opened."""
    session = case.session_of(deliberation)
    return deliberation.day("date_deliberation") or (session.day("date_ouverture") if session else None)


def _visa_events(row: Row, visas: Collection[str]) -> Iterator[Event]:
    nature, sense = row["nature"], row["sens"]
    decided = row.day("date_decision")
    notified = row.day("date_notification")
    if nature == "VISA":
        if received := row.day("date_reception"):
            yield Event("visa_recu", received, row)
        if sense in visas:
            yield Event("visa_accorde", decided, row)
        elif sense in _VISA_REFUSALS:
            yield Event(_VISA_REFUSALS[str(sense)], decided, row)
    elif nature in ("ACCORD_PRINCIPE_MI", "APPROBATION_ROYALE"):
        if sense == "REFUSE":
            yield Event("refus_accord", notified or decided, row)
        elif sense == "ACCORDE" and nature == "ACCORD_PRINCIPE_MI":
            yield Event("accord_principe", notified or decided, row)
        elif sense == "ACCORDE" and notified:  # the Royal approval counts from its notification
            yield Event("approbation_royale", notified, row)


def _phase_events(row: Row) -> Iterator[Event]:
    outward = row["phase"] == "ALLER"
    if outward and (fixed := row.day("date_arretee_par_president")):
        # the day fixed is that of the ceremony, often still to come: that it is fixed has already happened
        yield Event("date_arretee", None, row, partial=f"pour le {fixed:%d/%m/%Y}")
    if (held := row.day("date_effective")) and row.says("protocole_signe"):
        yield Event("phase_aller" if outward else "phase_retour", held, row)


def _body_events(row: Row) -> Iterator[Event]:
    if set_up := row.day("date_mise_en_place"):
        yield Event("organe_cree", set_up, row)
        if row["type"] == "COMITE_JUMELAGE":
            yield Event("comite_cree", set_up, row)


def _action_events(row: Row) -> Iterator[Event]:
    if row["statut"] == "ANNULEE":
        return
    planned = row.day("du")
    yield Event("action_prevue", None, row, partial=f"prévue le {planned:%d/%m/%Y}" if planned else "")
    if row["date_debut_reelle"] or row["statut"] in STARTED:
        yield Event("action_commencee", row.day("date_debut_reelle"), row)


def _evaluation_events(case: Case, row: Row) -> Iterator[Event]:
    """The report that closes an agreement: at its end, later, or validated once it's closed."""
    validated, closed = row.day("date_validation_copil"), case.act.day("date_cloture")
    final = row["moment"] in FINAL_MOMENTS or (validated and closed and validated >= closed)
    if validated and final:
        yield Event("evaluation_finale", validated, row)


def _piece_events(row: Row) -> Iterator[Event]:
    if row["piece"] == "PROPOSITION_CONSEIL" and row.says("present"):
        yield Event("relance_proposee", row.day("date_piece"), row)


# ------------------------------------------------------------------------------------------------- activity

# dates that show something was done: tab → columns
_DONE_ON = {
    "plan_action": ("mise_a_jour_le", "date_debut_reelle", "date_fin_reelle"),
    "evaluations": (
        "p1_preparatoire_tdr", "date_validation_ct", "date_validation_partenaire", "date_lancement_consultation",
        "date_contrat", "date_reunion_cadrage", "p2_collecte", "date_fin_collecte", "date_restitution",
        "date_rapport_provisoire", "date_rapport_final", "date_validation_copil", "p4_mise_en_oeuvre",
        "diffusion_conseils", "diffusion_partenaires", "diffusion_administration",
    ),
    "phases_jumelage": ("date_deplacement", "date_effective"),
    "cadre_logique": ("date_revision", "date_mesure", "mesure_faite_le"),
    "budget": ("date_versement",),
}  # fmt: skip
MONEY_ACTIVITY = frozenset({"budget"})
_NO_ACTIVITY = ("relance_proposee",)  # to propose that a dormant agreement be revived doesn't revive it


def last_activity(case: Case, today: date) -> date | None:
    """The latest known day, today included, on which something was done under an agreement; None when nobody knows.

    Its own milestones, meetings held, actions started, finished or brought up to date, payments, steps of its
    evaluations, phases, revisions of its logical framework. What is only planned doesn't count, nor does a partial date.
    """
    return max(activities(case, today), default=None)


def activities(case: Case, today: date, *, without: frozenset[str] = frozenset()) -> Iterator[date]:
    """The known days, until today, on which something was done; `without`: tabs left aside."""
    days = [event.day for event in case.events if event.kind not in _NO_ACTIVITY]
    days += [row.day("date") for row in case.meetings if is_planned(row)]
    rows = (*case.actions, *case.evaluations, *case.phases, *case.logframe, *case.money)
    days += [row.day(column) for row in rows if row.tab not in without for column in _DONE_ON[row.tab]]
    days += [row.day("au") for row in case.actions if row["statut"] == "TERMINEE"]
    days += [row.day("du") for row in case.actions if row["statut"] in STARTED]
    yield from (day for day in days if day and day <= today)


def is_something_planned(case: Case, today: date) -> bool:
    """True when a meeting, an action, an evaluation or the entry into force is still to come."""
    to_come = [case.act.day("date_entree_vigueur")]
    to_come += [row.day("date") for row in case.meetings if is_planned(row)]
    to_come += [row.day("au") or row.day("du") for row in case.actions if row["statut"] not in DONE]
    to_come += [row.day("periode_convenue_fin") for row in case.evaluations if not row["date_validation_copil"]]
    return any(day and day >= today for day in to_come)


def latest_signature(case: Case) -> date | None:
    """The last day on which an old act may have been signed, when only its year or month is known."""
    year, month = case.act.number_of("annee_signature"), case.act.number_of("mois_signature")
    if case.act["date_signature"] or year is None:
        return None
    last_month = int(month) if month else 12
    return date(int(year), last_month, monthrange(int(year), last_month)[1])


# ----------------------------------------------------------------------------------------------- looked up


def main_deliberations(case: Case) -> tuple[Row, ...]:
    """The deliberations on the agreement itself, in the order of the rows."""
    return tuple(row for row in case.deliberations if row["objet"] in MAIN_OBJECTS)


def is_opposed(case: Case, visa: Row) -> bool:
    """True for a request whose deliberation the authority opposed: its 20 days no longer lead to anything.

    A request that doesn't name its deliberation follows the opposition dated on or after its reception.
    """
    named, received = visa.text("id_deliberation"), visa.day("date_reception")
    opposed = [row for row in main_deliberations(case) if row.says("opposition")]
    if named:
        return any(row.id == named for row in opposed)
    return any(received and (day := row.day("date_opposition")) and received <= day for row in opposed)


def events(case: Case, *kinds: str) -> tuple[Event, ...]:
    """The events of those kinds that have happened, in the order of the rows."""
    if len(kinds) == 1:
        return case.happened.get(kinds[0], ())
    return tuple(event for event in case.events if event.kind in kinds)


def first_day(case: Case, *kinds: str) -> date | None:
    """The earliest known day of those kinds of event."""
    return min((event.day for event in events(case, *kinds) if event.day), default=None)


def agreement_period(case: Case) -> tuple[date, date] | None:
    """(entry into force, end) of an agreement; None when either isn't known, or when it would end before it begins.

    The end is the day typed, else the same day of the month so many months (`duree_mois`) after the entry into force,
    or the month's last day when it has no such day.
    """
    start = case.act.day("date_entree_vigueur")
    months = case.act.number_of("duree_mois")
    if start is None:
        return None
    end = case.act.day("date_fin") or (months_after(start, int(months)) if months else None)
    return (start, end) if end and start < end else None


def current_end(case: Case) -> date | None:
    """The last day of an agreement as it now stands; None when it isn't known.

    The day typed, else counted from the entry into force. After a renewal only an end typed anew, later than the
    renewal, is known: nobody but the parties can say how long they renewed it for.
    """
    period = agreement_period(case)
    end = case.act.day("date_fin") or (period[1] if period else None)
    renewed = first_day(case, "reconduction")
    if renewed is None:
        return end
    typed = case.act.day("date_fin")
    return typed if typed and typed > renewed else None


def months_after(day: date, months: int) -> date | None:
    """The same day of the month so many months later, the month's last if it is shorter; None past the year 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
