"""What waits for people: one function a trigger of `config/reminders.toml`, each saying what waits and since when.

A trigger answers for one agreement, or for one session of a council. It stops answering when the case has moved: that
is the ladder's stop condition. A cell that can't be read is told as such elsewhere, and presses nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from cdi_sync.calendar import minutes_last_day, next_usable_session, visa_day_zero, visa_last_day
from cdi_sync.casefile import DONE, agreement_period, deliberated_on, events, first_day, is_opposed, main_deliberations
from cdi_sync.law import EVERY_TIER
from cdi_sync.meetings import (
    PREPARATION,
    counted_from,
    hours_of,
    is_planned,
    next_meeting_due,
    preparation_gaps,
)
from cdi_sync.model import Case, Form, Row, Standing, Tier
from cdi_sync.phrases import Phrase
from cdi_sync.procedure import Surroundings, goes_abroad
from cdi_sync.reminders.living_triggers import TRIGGERS
from cdi_sync.reminders.waiting import Waiting, is_empty

OfCase = Callable[[Case, Standing, Surroundings], Iterator[Waiting]]
OfSession = Callable[[Row, Tier, Surroundings], Iterator[Waiting]]


# ------------------------------------------------------------------- deliberations that wait (REM-DEL-01 to 08)


def inscription_attendue(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-01: a project that is ready, waiting for a session's agenda; anchored on the next opening.

    After an opposition or observations, the reminders of their own speak instead.
    """
    if not standing.waits_for_agenda or case.tier is None or _opposed(case):
        return
    if any(observations_a_traiter(case, standing, around)):
        return
    session = next_usable_session(case.tier, around.today, around.law, around.calendar)
    if session:
        facts = {"echeance": session.agenda_last_day, "ouverture": session.opening}
        yield Waiting(case.act, "etape", session.opening, session.agenda_last_day, facts)


def session_trop_tardive(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-02: a ceremony fixed before any ordinary session can vote on it; anchored on the ceremony.

    A convention also needs its visa between the vote and the signature. A session of the council already planned
    before that day answers it.
    """
    for row, column in _ceremonies(case):
        day = row.day(column)
        if case.tier is None or day is None or day <= around.today or not _needs_a_vote(case, row, standing):
            continue
        session = next_usable_session(case.tier, around.today, around.law, around.calendar)
        if session is None:
            return
        ready = session.opening
        if row.tab == "actes":
            ready = visa_last_day(session.opening, around.law) or session.opening
        if ready > day and not _is_session_planned(case, around, before=day):
            yield Waiting(row, column, day, day, {"ceremonie": day, "ouverture": session.opening})


def _ceremonies(case: Case) -> Iterator[tuple[Row, str]]:
    """Where the date of a ceremony to come stands: the outward phase of a twinning, the signature of a convention."""
    if case.form is Form.CONVENTION and case.act["date_signature"] is None:
        yield case.act, "date_signature_prevue"
    for row in case.phases:
        if row["phase"] == "ALLER" and row["date_effective"] is None:
            columns = ("date_deplacement", "date_arretee_par_president", "date_prevue")
            yield row, next((column for column in columns if row.day(column)), "date_prevue")


def _needs_a_vote(case: Case, row: Row, standing: Standing) -> bool:
    if standing.waits_for_agenda:
        return True
    abroad = row.tab == "phases_jumelage" and goes_abroad(case)
    return abroad and not any(d["objet"] == "DELEGATION" for d in case.deliberations)


def _is_session_planned(case: Case, around: Surroundings, *, before: date) -> bool:
    council = case.act.text("collectivite")
    openings = (r.day("date_ouverture") for r in around.registry["sessions"] if r.text("collectivite") == council)
    return any(day and around.today <= day < before for day in openings)


def odj_a_communiquer(session: Row, tier: Tier, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-03: an ordinary session planned, its agenda not sent to the authority; anchored on the opening."""
    opening = session.day("date_ouverture")
    if session["type"] != "ORDINAIRE" or opening is None or opening < around.today:
        return
    limit = around.law.in_force("odj_avant_ouverture", opening, tier)
    if limit and is_empty(session, "date_odj_transmis_autorite"):
        last = opening - timedelta(days=limit.number)
        yield Waiting(session, "date_odj_transmis_autorite", opening, last, {"echeance": last, "ouverture": opening})


def membres_a_convoquer(session: Row, tier: Tier, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-04: a session planned, its members not called; anchored on the last day to call them."""
    opening = session.day("date_ouverture")
    if opening is None or opening < around.today or not is_empty(session, "date_convocation_membres"):
        return
    by_authority = session["initiative_extraordinaire"] == "WALI_GOUVERNEUR"
    key = "convocation_demande_autorite" if by_authority else "convocation_membres"
    if limit := around.law.in_force(key, opening, tier):
        last = opening - timedelta(days=limit.number)
        yield Waiting(session, "date_convocation_membres", last, last, {"echeance": last, "ouverture": opening})


def resultat_a_saisir(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-05: a session closed, the vote not written; anchored on the closing."""
    for row in case.deliberations:
        session = case.session_of(row)
        closed = session.day("date_cloture") if session else None
        if closed and closed <= around.today and is_empty(row, "resultat"):
            yield Waiting(row, "resultat", closed, None, {"cloture": closed})


def pv_a_transmettre(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-06: minutes not sent, or sent without a receipt; anchored on the last day to send them."""
    if case.tier is None:
        return
    for row in main_deliberations(case):
        session = case.session_of(row)
        closed = session.day("date_cloture") if session else None
        if closed is None or closed > around.today or row["resultat"] not in ("ADOPTEE", "REJETEE"):
            continue
        last = minutes_last_day(case.tier, closed, around.law, around.calendar)
        if last and is_empty(row, "date_transmission_pv_autorite"):
            facts = {"echeance": last, "cloture": closed}
            yield Waiting(row, "date_transmission_pv_autorite", last, last, facts, begins=closed)


def pieces_du_jumelage(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-07: a twinning voted, its three documents not sent to the ministry; anchored on the vote."""
    voted = first_day(case, "deliberation_adoptee")
    if case.form is not Form.JUMELAGE or voted is None:
        return
    columns = ("etat_detaille_depenses", "dispositions_materielles", "date_transmission_pieces_mi")
    missing = [column for column in columns if is_empty(case.act, column)]
    if missing:
        yield Waiting(case.act, missing[0], voted, None, {"deliberation": voted})


def opposition_recue(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-08: an opposition that no new vote has answered; anchored on the opposition."""
    for row in _opposed(case):
        if opposed := row.day("date_opposition"):
            yield Waiting(row, "date_nouvelle_deliberation", opposed, None, {"opposition": opposed})


def opposition_avant_session(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-DEL-08 again before each session, until the council has voted anew; anchored on its opening."""
    opposed = _opposed(case)
    if not opposed or case.tier is None:
        return
    session = next_usable_session(case.tier, around.today, around.law, around.calendar)
    for row in opposed if session else ():
        assert session is not None
        facts = {"opposition": row.day("date_opposition"), "echeance": session.agenda_last_day,
                 "ouverture": session.opening}  # fmt: skip
        yield Waiting(row, "date_nouvelle_deliberation", session.opening, session.agenda_last_day, facts)


def _opposed(case: Case) -> tuple[Row, ...]:
    """The main deliberations opposed and not voted anew since."""
    return tuple(
        row
        for row in main_deliberations(case)
        if row.says("opposition") and is_empty(row, "date_nouvelle_deliberation") and not _voted_anew(case, row)
    )


def _voted_anew(case: Case, opposed: Row) -> bool:
    since = opposed.day("date_opposition")
    days = [deliberated_on(case, row) for row in main_deliberations(case) if row is not opposed]
    return since is not None and any(day and day > since for day in days)


# ------------------------------------------------------------------------ visas and approvals (REM-VIS-01 to 06)


def accuse_attendu(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-VIS-01: a visa asked for without a date of reception; anchored on the sending."""
    for row in _undecided(case):
        sent = row.day("date_envoi")
        if sent and is_empty(row, "date_reception"):
            yield Waiting(row, "date_reception", sent, None, {"envoi": sent})


def visa_en_cours(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-VIS-02: a visa within its 20 days; anchored on their day zero."""
    yield from (waiting for waiting in _received(case, around) if waiting.due and around.today <= waiting.due)


def visa_echu(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-VIS-03: a visa past its 20 days without a decision; anchored on their day zero.

    When only an express visa counts (D-04), the text `expres` doesn't offer to record a tacit one.
    """
    text = "expres" if around.readings["D-04"] == "expres" else ""
    late = (waiting for waiting in _received(case, around) if waiting.due and around.today > waiting.due)
    yield from (replace(waiting, text=text) for waiting in late)


def _received(case: Case, around: Surroundings) -> Iterator[Waiting]:
    for row in _undecided(case):
        if received := row.day("date_reception"):
            last = visa_last_day(received, around.law)
            if last:
                facts = {"reception": received, "echeance": last}
                yield Waiting(row, "sens", visa_day_zero(received, around.law), last, facts)


def _undecided(case: Case) -> Iterator[Row]:
    for row in case.visas:
        if row["nature"] == "VISA" and is_empty(row, "sens") and not is_opposed(case, row):
            yield row


def reponse_dgct(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-VIS-04: a twinning's report sent, no agreement in principle yet; anchored on the sending."""
    sent = first_day(case, "rapport_transmis")
    if (
        case.form is Form.JUMELAGE
        and sent
        and not events(case, "accord_principe", "approbation_royale", "refus_accord")
    ):
        yield Waiting(case.act, "etape", sent, None, {"envoi": sent})


def demarche_prematuree(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-VIS-05: something is planned while the Royal approval isn't notified; anchored on the planned day."""
    if case.form is not Form.JUMELAGE or events(case, "approbation_royale"):
        return
    for row, column, day in _planned(case, around):
        if day >= around.today:
            yield Waiting(row, column, day, day, {"evenement": day})


def _planned(case: Case, around: Surroundings) -> Iterator[tuple[Row, str, date]]:
    """What is planned for a twinning: the signature, trips and ceremonies, and a vote unless the reading allows it."""
    if day := case.act.day("date_signature_prevue"):
        yield case.act, "date_signature_prevue", day
    for row in case.phases:
        for column in ("date_deplacement", "date_arretee_par_president", "date_prevue"):
            if day := row.day(column):
                yield row, column, day
                break
    for row in main_deliberations(case) if around.readings["D-02"] == "stricte" else ():
        session = case.session_of(row)
        if row.says("inscrit_odj") and session and (day := session.day("date_ouverture")):
            yield row, "id_session", day


def observations_a_traiter(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-VIS-06: a visa that came back with observations, nothing sent again since; anchored on the decision."""
    for row in case.visas:
        told = row.day("date_notification") or row.day("date_decision")
        if row["nature"] != "VISA" or row["sens"] != "OBSERVATIONS" or told is None:
            continue
        sent = (other.day("date_envoi") for other in case.visas if other["nature"] == "VISA" and other is not row)
        if not any(day and day >= told for day in sent):
            yield Waiting(row, "observations_motifs", told, None, {"decision": told})


# -------------------------------------------------------------------- coordination meetings (REM-MEET-01, 02, 04)


def reunion_due(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-MEET-01: a body that must meet again, nothing planned; anchored on the day its frequency sets."""
    for body in case.bodies if not events(case, "cloture") else ():
        since = counted_from(case, body, around.today)
        due = next_meeting_due(case, body, around.law, around.today)
        if since and due and not _is_meeting_planned(case, body, around.today):
            yield Waiting(body, "frequence_reunions", due, due, {"derniere": since, "echeance": due}, begins=since)


def _is_meeting_planned(case: Case, body: Row, today: date) -> bool:
    mine = (row for row in case.meetings if row["id_organe"] == body.id and is_planned(row))
    return any(day >= today for row in mine if (day := row.day("date")))


def reunion_a_preparer(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-MEET-02: a meeting to come, its preparation below 5 out of 5; anchored on the meeting."""
    for row in case.meetings:
        held = row.day("date")
        if held is None or held < around.today or not is_planned(row):
            continue
        gaps = {point: gap for point, gap in preparation_gaps(row).items() if gap.column not in row.unreadable}
        if gaps:
            facts = {
                "reunion": held,
                "heures": _hours(case, row),
                "score": len(PREPARATION) - len(gaps),
                "sur": len(PREPARATION),
            }
            yield Waiting(row, next(iter(gaps.values())).column, held, held, facts)


def reunion_prete(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-MEET-03: a meeting to come, well prepared; anchored on the meeting."""
    for row in case.meetings:
        held = row.day("date")
        if held and held >= around.today and is_planned(row) and not preparation_gaps(row):
            yield Waiting(row, "date", held, held, {"reunion": held, "heures": _hours(case, row), "ou": _place(row)})


def _hours(case: Case, meeting: Row) -> Phrase | str:
    """The hours of a meeting as they follow its day in a sentence."""
    hours = hours_of(meeting, case.partner)
    return Phrase(", {hours}", (("hours", hours),)) if hours else ""


PLACES = {"lieu": ", {lieu}", "plateforme": ", {plateforme}", "lien": ", {lien}"}  # each in words of its own
ALL_PLACES = "{lieu}{plateforme}{lien}"


def _place(meeting: Row) -> Phrase | str:
    """Where it is held, as it follows the hours: the room, the platform and its link."""
    named = {key: meeting.text(key) for key in PLACES}
    told = tuple((key, Phrase(text, ((key, named[key]),)) if named[key] else "") for key, text in PLACES.items())
    return Phrase(ALL_PLACES, told) if any(named.values()) else ""


def compte_rendu_attendu(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-MEET-04: a meeting held, its minutes not circulated; anchored on the meeting."""
    limit = around.law.in_force("compte_rendu_diffusion", around.today, case.tier or EVERY_TIER)
    for row in case.meetings:
        held = row.day("date")
        if held is None or held >= around.today or row.says("annulee") or not is_empty(row, "date_diffusion_cr"):
            continue
        last = held + timedelta(days=limit.number) if limit else None
        yield Waiting(row, "date_diffusion_cr", held, last, {"reunion": held, "echeance": last})


# ------------------------------------------------------------------------------- evaluations (REM-EVAL-01, 02, 04)


def periode_a_fixer(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-EVAL-01: an agreement in force near its mid-term, no evaluation period agreed; anchored on its end."""
    period = agreement_period(case)
    if case.form is not Form.CONVENTION or standing.situation != "vigueur" or period is None:
        return
    start, end = period
    agreed = any(row["periode_convenue_debut"] and row["periode_convenue_fin"] for row in case.evaluations)
    if end > around.today and not agreed:
        half = start + (end - start) // 2
        row = case.evaluations[-1] if case.evaluations else case.act
        column = "periode_convenue_debut" if case.evaluations else "duree_mois"
        yield Waiting(row, column, end, half, {"milieu": half, "fin": end}, begins=start)


def tdr_a_valider(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-EVAL-02: terms of reference not written, or not validated by both; anchored on the agreed period's start."""
    for row in case.evaluations:
        start = row.day("periode_convenue_debut")
        if start is None or row["date_rapport_final"] or row["date_validation_copil"]:
            continue
        columns = ("p1_preparatoire_tdr", "date_validation_ct", "date_validation_partenaire")
        missing = [column for column in columns if is_empty(row, column)]
        if missing:
            text = "" if missing[0] == "p1_preparatoire_tdr" else "validation"
            yield Waiting(row, missing[0], start, start, {"periode": start}, text=text)


def suites_a_decider(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-EVAL-04: a report validated, no recommendation in the action plan; anchored 30 days after the validation."""
    for row in case.evaluations:
        validated = row.day("date_validation_copil")
        limit = around.law.in_force("recommandations_delai_rappel", validated, EVERY_TIER) if validated else None
        if validated and limit and not any(a.text("id_evaluation") == row.id for a in case.actions):
            last = validated + timedelta(days=limit.number)
            yield Waiting(row, "p4_mise_en_oeuvre", last, last, {"validation": validated, "echeance": last})


def recommandation_a_terme(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-EVAL-04 for each recommendation: not closed at its term; anchored on the term."""
    for row in case.actions:
        term = row.day("au")
        if row["id_evaluation"] and term and row["statut"] not in DONE and "statut" not in row.unreadable:
            yield Waiting(row, "statut", term, term, {"echeance": term})


OF_CASES: Mapping[str, OfCase] = {
    trigger.__name__: trigger
    for trigger in (
        inscription_attendue, session_trop_tardive, resultat_a_saisir, pv_a_transmettre, pieces_du_jumelage,
        opposition_recue, opposition_avant_session, accuse_attendu, visa_en_cours, visa_echu, reponse_dgct,
        demarche_prematuree, observations_a_traiter, reunion_due, reunion_a_preparer, compte_rendu_attendu,
        periode_a_fixer, tdr_a_valider, suites_a_decider, recommandation_a_terme, reunion_prete, *TRIGGERS,
    )
}  # fmt: skip
OF_SESSIONS: Mapping[str, OfSession] = {
    trigger.__name__: trigger for trigger in (odj_a_communiquer, membres_a_convoquer)
}
