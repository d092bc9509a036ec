"""Who hears about what: what a reminder says, what stops it, who is told in whose place, what silences it.

The days of each step are told by `tests/ladders`. The council is a commune; people are named by their address.
"""

from datetime import date, time, timedelta
from typing import Any

import pytest

from cdi_sync.edges import clock
from cdi_sync.mail.outbox import NoticeKey, notice_key, unsaid
from tests.registries import Rows, merged
from tests.reminders.worlds import heard, names, notices, said_to, seen

READY: Rows = {"actes": [{"date_projet_convention": date(2026, 7, 1)}]}


def minutes(closing: date, **cells: Any) -> Rows:
    """A project voted in a session closed on that day."""
    vote = {"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": closing, **cells}
    return {"sessions": [{"type": "ORDINAIRE", "date_cloture": closing}], "deliberations": [vote]}


def visa(**cells: Any) -> Rows:
    return {"visas_accords": [{"nature": "VISA", **cells}]}


# ------------------------------------------------------------------------------------ the agenda (REM-DEL-01)


def test_the_agenda_reminder_says_what_to_do_by_when_and_where() -> None:
    notice = notices(READY, date(2026, 9, 4))[0]
    assert notice.action == (
        "Faire inscrire le point : l'ordre du jour part au plus tard le 11/09/2026 (session du 01/10/2026)."
    )
    assert (notice.anchor, notice.due) == (date(2026, 10, 1), date(2026, 9, 11))
    assert (notice.subject, notice.tab, notice.row, notice.column) == ("ACT-00001", "actes", 2, "etape")
    assert notice.title == "Délibération à inscrire à l'ordre du jour"
    assert notice.source


def test_a_project_already_on_the_agenda_is_not_recalled() -> None:
    listed = {
        "sessions": [{"type": "ORDINAIRE", "date_odj_transmis_autorite": date(2026, 9, 3)}],
        "deliberations": [{"objet": "ACTE_CDI", "inscrit_odj": True}],
    }
    assert heard(merged(READY, listed), date(2026, 9, 2)) == {("REM-DEL-01", "-30")}
    assert heard(merged(READY, listed), date(2026, 9, 4)) == set()


@pytest.mark.parametrize(
    "answer",
    [
        {"visas_accords": [{"nature": "VISA", "sens": "OBSERVATIONS", "date_decision": date(2026, 7, 20)}]},
        {"deliberations": [{"opposition": True, "date_opposition": date(2026, 7, 20)}]},
    ],
    ids=["observations", "opposition"],
)
def test_what_the_authority_sent_back_has_reminders_of_its_own(answer: Rows) -> None:
    voted = {
        "sessions": [{"type": "ORDINAIRE", "date_ouverture": date(2026, 7, 6), "date_cloture": date(2026, 7, 6)}],
        "deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE", "inscrit_odj": True,
                           "date_transmission_pv_autorite": date(2026, 7, 10)}],
    }  # fmt: skip
    known = seen(merged(READY, voted, answer), date(2026, 9, 4))
    assert known.standings["ACT-00001"].stage == "C78"
    assert "REM-DEL-01" not in {notice.reminder for notice in known.notices}


# ----------------------------------------------------------------------------------- the minutes (REM-DEL-06)


def test_the_minutes_reminder_speaks_of_the_deliberation_and_of_its_last_day() -> None:
    first = notices(minutes(date(2026, 10, 2)), date(2026, 10, 12))[0]
    assert (first.subject, first.tab, first.column) == ("DEL-00001", "deliberations", "date_transmission_pv_autorite")
    assert (first.anchor, first.due) == (date(2026, 10, 23), date(2026, 10, 23))
    assert first.action == (
        "Transmettre le procès-verbal contre récépissé, au plus tard le 23/10/2026, puis saisir la date."
    )
    assert said_to(minutes(date(2026, 10, 2)), date(2026, 10, 12)) == ["referent", "secretaire"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, {("REM-DEL-06", "-3")}),
        ({"resultat": "REJETEE"}, {("REM-DEL-06", "-3")}),  # a rejection is minuted as well
        ({"resultat": "AJOURNEE"}, set()),
        ({"resultat": None}, set()),
        ({"objet": "DENOMINATION_VOIE"}, set()),
        ({"date_transmission_pv_autorite": date(2026, 10, 19)}, set()),
        ({"date_transmission_pv_autorite": "bientôt"}, set()),  # unreadable: told as such, nobody is pressed
    ],
)
def test_only_minutes_owed_and_not_sent_are_recalled(cells: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    found = heard(minutes(date(2026, 10, 2), **cells), date(2026, 10, 20))
    assert {pair for pair in found if pair[0] == "REM-DEL-06"} == expected


# --------------------------------------------------------------------------- the acknowledgement (REM-VIS-01)


def test_the_acknowledgement_is_asked_of_the_officer_alone() -> None:
    sent = visa(date_envoi=date(2026, 10, 12))
    assert said_to(sent, date(2026, 10, 19)) == ["referent"]
    assert notices(sent, date(2026, 10, 19))[0].action == (
        "Demander l'accusé de réception de la demande envoyée le 12/10/2026 : "
        "les 20 jours ne courent qu'à partir de lui."
    )


@pytest.mark.parametrize("reception", [date(2026, 10, 21), "bientôt"])
def test_no_acknowledgement_is_asked_for_once_a_reception_is_written(reception: object) -> None:
    received = visa(date_envoi=date(2026, 10, 12), date_reception=reception)
    assert heard(received, date(2026, 10, 22)) == set()


# ---------------------------------------------------------------------- the visa, then its delay (VIS-02, VIS-03)

RECEIVED = visa(date_reception=date(2026, 10, 8))  # a Thursday; 8 + 20 = 28 October, a Wednesday


def test_the_visa_reminders_tell_the_reception_and_the_last_day() -> None:
    during, after = notices(RECEIVED, date(2026, 10, 16))[0], notices(RECEIVED, date(2026, 10, 29))[0]
    assert during.action == (
        "Suivre la demande de visa reçue le 08/10/2026 ; la décision est attendue au plus tard le 28/10/2026."
    )
    assert "s'il n'y en a pas, une personne peut constater un visa tacite" in after.action
    assert {(n.anchor, n.due, n.subject) for n in (during, after)} == {
        (date(2026, 10, 8), date(2026, 10, 28), "VIS-00001")
    }


@pytest.mark.parametrize(
    "cells", [{"sens": "ACCORDE"}, {"sens": "REFUSE"}, {"sens": "presque"}, {"nature": "ACCORD_PRINCIPE_MI"}]
)
@pytest.mark.parametrize("today", [date(2026, 10, 16), date(2026, 10, 29)])
def test_a_decision_or_an_agreement_without_a_visa_period_is_not_followed(cells: dict[str, Any], today: date) -> None:
    assert heard(merged(RECEIVED, visa(**cells)), today) == set()


def test_each_visa_that_waits_has_its_own_reminder() -> None:
    both = {"visas_accords": [{"nature": "VISA", "date_reception": date(2026, 10, 8)} for _ in range(2)]}
    assert [notice.subject for notice in notices(both, date(2026, 10, 16))] == ["VIS-00001", "VIS-00002"]


# ----------------------------------------------------------------------------------------------- who is told

WAITING = date(2026, 10, 16)  # a visa reminder for the officer is due


def contact(role: str, name: str, **cells: Any) -> dict[str, Any]:
    return {
        "collectivite": "COL-00001",
        "fonction_role": role,
        "courriel_institutionnel": f"{name}@essai.example",
        **cells,
    }


def staff(*contacts: dict[str, Any]) -> Rows:
    return {"contacts": list(contacts)}


OFFICER = contact("REFERENT_CDI", "referent")
DIRECTOR, PRESIDENT = contact("DGS_DS", "dgs"), contact("PRESIDENT", "president")


def test_every_person_who_holds_the_role_is_told() -> None:
    assert said_to(RECEIVED, WAITING, staff(OFFICER, contact("REFERENT_CDI", "adjoint"))) == ["adjoint", "referent"]


@pytest.mark.parametrize(
    ("people", "told", "in_place_of"),
    [
        ([OFFICER, DIRECTOR, PRESIDENT], "referent", ""),
        ([DIRECTOR, PRESIDENT], "dgs", "REFERENT_CDI"),
        ([PRESIDENT], "president", "REFERENT_CDI"),
        ([contact("VICE_PRESIDENT", "vice")], "vice", "REFERENT_CDI"),
        ([contact("SECRETAIRE_CONSEIL", "secretaire")], "", ""),  # not above the officer: nobody can be told
        ([], "", ""),
    ],
)
def test_when_nobody_holds_the_role_the_next_in_the_hierarchy_is_told(
    people: list[dict[str, Any]], told: str, in_place_of: str
) -> None:
    (notice,) = notices(RECEIVED, WAITING, staff(*people))
    assert (notice.to.partition("@")[0], notice.in_place_of) == (told, in_place_of)


def test_a_person_told_in_ones_own_role_and_in_anothers_place_is_told_once_in_ones_own() -> None:
    # at +20 the president joins the officer, whose place nobody but the president can take
    (notice,) = notices(RECEIVED, date(2026, 10, 28), staff(PRESIDENT))
    assert (notice.to, notice.role, notice.in_place_of) == ("president@essai.example", "PRESIDENT", "")


def test_one_address_for_two_roles_is_told_once() -> None:
    box = [contact("SECRETAIRE_CONSEIL", "conseil"), contact("REFERENT_CDI", "conseil")]
    assert said_to(minutes(date(2026, 10, 2)), date(2026, 10, 12), staff(*box)) == ["conseil"]


def test_the_staff_of_another_council_is_not_told() -> None:
    other = {
        "collectivites": [{}, {"code_hcp": "4441010", "nom_fr": "Autre commune"}],
        "contacts": [contact("REFERENT_CDI", "referent", collectivite="COL-00002")],
    }
    assert said_to(RECEIVED, WAITING, other) == [""]
    theirs: Rows = {"actes": [{"collectivite": "COL-00002"}]}
    assert said_to(merged(RECEIVED, theirs), WAITING, other) == ["referent"]


# ------------------------------------------------------------------------------ authorities and foreign partners


@pytest.mark.parametrize("role", ["WALI_GOUVERNEUR", "DGCT"])
def test_the_authorities_never_receive_anything_even_under_another_role(role: str) -> None:
    authority = contact(role, "autorite")
    assert said_to(RECEIVED, WAITING, staff(authority)) == [""]
    assert said_to(RECEIVED, WAITING, staff(authority, contact("REFERENT_CDI", "autorite"), DIRECTOR)) == ["dgs"]


MEETING: Rows = {"reunions": [{"type": "COORDINATION", "date": date(2026, 10, 29), "rapporteur": "CON-00001"}]}
AFTER = date(2026, 10, 30)
ABROAD = contact("POINT_FOCAL", "etranger", collectivite=None, partenaire="PAR-00001")


def test_a_partners_note_taker_hears_of_the_minutes_that_both_wait_for() -> None:
    assert said_to(MEETING, AFTER, staff(ABROAD, OFFICER)) == ["etranger"]


def test_a_note_taker_of_another_partner_does_not() -> None:
    stranger = {**ABROAD, "partenaire": "PAR-00002"}
    world = merged(MEETING, {"partenaires": [{}, {"nom": "Autre ville"}]})
    assert said_to(world, AFTER, staff(stranger, OFFICER)) == ["referent"]


def test_a_partner_never_hears_of_what_is_not_shared() -> None:
    partner_officer = contact("REFERENT_CDI", "etranger", collectivite=None, partenaire="PAR-00001")
    assert said_to(RECEIVED, WAITING, staff(partner_officer, DIRECTOR)) == ["dgs"]
    named = merged(RECEIVED, {"actes": [{"collectivite": "COL-00001"}]})
    assert said_to(named, WAITING, staff({**partner_officer, "collectivite": "COL-00001"}, DIRECTOR)) == ["dgs"]


def test_a_meeting_without_a_note_taker_is_recalled_to_the_officer_in_their_place() -> None:
    bare: Rows = {"reunions": [{"type": "COORDINATION", "date": date(2026, 10, 29)}]}
    (notice,) = notices(bare, AFTER)
    assert (notice.to, notice.in_place_of) == ("referent@essai.example", "ligne.rapporteur")


# ---------------------------------------------------------------------- acknowledged, put off, caught up, re-armed


@pytest.mark.parametrize(
    ("today", "silent"),
    [
        (date(2026, 10, 15), True),  # the day before the reminder: nothing is due yet
        (date(2026, 10, 16), True),  # acknowledged that day
        (date(2026, 10, 22), True),  # seventh day
        (date(2026, 10, 23), False),
    ],
)
@pytest.mark.parametrize("tab", ["visas_accords", "actes"])
def test_an_acknowledgement_silences_the_row_or_the_whole_case_for_seven_days(
    tab: str, today: date, silent: bool
) -> None:
    seen_on = merged(RECEIVED, {tab: [{"rappel_vu_le": date(2026, 10, 16)}]})
    assert (notices(seen_on, today) == ()) is silent


@pytest.mark.parametrize(("today", "silent"), [(date(2026, 10, 25), True), (date(2026, 10, 26), False)])
@pytest.mark.parametrize("tab", ["visas_accords", "actes"])
def test_reminders_put_off_come_back_on_that_day_at_the_step_then_due(tab: str, today: date, silent: bool) -> None:
    put_off = merged(RECEIVED, {tab: [{"rappels_reportes_au": date(2026, 10, 26)}]})
    assert heard(put_off, today) == (set() if silent else {("REM-VIS-02", "+18")})


def test_an_acknowledgement_on_another_row_of_the_case_silences_nothing() -> None:
    other = merged(RECEIVED, {"deliberations": [{"rappel_vu_le": WAITING}]})
    assert heard(other, WAITING) == {("REM-VIS-02", "+10")}


def test_minutes_wait_from_the_day_after_the_meeting() -> None:
    def waiting(today: date) -> list[str]:
        return [item.reminder for item in seen(MEETING, today).pending if item.reminder == "REM-MEET-04"]

    assert (waiting(date(2026, 10, 29)), waiting(date(2026, 10, 30))) == ([], ["REM-MEET-04"])


def test_what_is_silenced_still_waits() -> None:
    seen_on = merged(RECEIVED, {"visas_accords": [{"rappel_vu_le": WAITING}]})
    assert [item.reminder for item in seen(seen_on, WAITING).pending] == ["REM-VIS-02"]


def test_after_an_outage_only_the_latest_step_is_told_to_all_who_joined_meanwhile() -> None:
    # down from Wednesday 2 to Wednesday 9 September: -25 (director joins) passed; -21 (president) comes on the 10th
    assert [(n.step, n.to.partition("@")[0]) for n in notices(READY, date(2026, 9, 9))] == [
        ("-25", "dgs"), ("-25", "referent"), ("-25", "secretaire"),
    ]  # fmt: skip
    assert {n.step for n in notices(READY, date(2026, 9, 10))} == {"-21"}
    assert said_to(READY, date(2026, 9, 10)) == ["dgs", "president", "referent", "secretaire"]


def test_after_six_days_without_a_run_nothing_is_lost_and_no_missed_step_is_told() -> None:
    told: dict[date, list[tuple[str, str]]] = {}
    said: set[NoticeKey] = set()
    for day in (date(2026, 8, 28) + timedelta(days=n) for n in range(15)):  # to Friday 11 September
        if date(2026, 9, 4) <= day <= date(2026, 9, 9):  # down: -25 comes on the 4th and is missed
            continue
        fresh = unsaid(notices(READY, day), said)
        said |= {notice_key(notice) for notice in fresh}
        if fresh:
            told[day] = sorted((notice.step, notice.to.partition("@")[0]) for notice in fresh)
    assert told == {
        date(2026, 8, 28): [("-45", "referent"), ("-45", "secretaire")],
        date(2026, 9, 1): [("-30", "referent"), ("-30", "secretaire")],
        # back on the 10th: the step of that day alone, to its people and to the director who should have joined at -25
        date(2026, 9, 10): [("-21", "dgs"), ("-21", "president"), ("-21", "referent"), ("-21", "secretaire")],
    }


def test_a_date_that_changes_arms_the_ladder_again() -> None:
    (before,) = notices(RECEIVED, date(2026, 10, 16))
    corrected = visa(date_reception=date(2026, 10, 6))  # two days earlier: the tenth day was the 16th
    (after,) = notices(corrected, date(2026, 10, 16))
    assert (before.step, after.step) == ("+10", "+10")
    assert after.anchor == before.anchor - timedelta(days=2)


# ------------------------------------------------------------------------------------------- who is left alone


@pytest.mark.parametrize("cells", [{"historique": True}, {"date_abandon": date(2026, 9, 1)}])
@pytest.mark.parametrize(
    ("rows", "today"),
    [
        (READY, date(2026, 9, 4)),
        (minutes(date(2026, 10, 2)), date(2026, 10, 20)),
        (visa(date_envoi=date(2026, 10, 12)), date(2026, 10, 22)),
        (RECEIVED, date(2026, 10, 16)),
        (RECEIVED, date(2026, 10, 29)),
    ],
    ids=["REM-DEL-01", "REM-DEL-06", "REM-VIS-01", "REM-VIS-02", "REM-VIS-03"],
)
def test_an_old_act_or_one_given_up_calls_for_nothing(cells: dict[str, Any], rows: Rows, today: date) -> None:
    assert heard(rows, today) != set()
    assert heard(merged(rows, {"actes": [cells]}), today) == set()


@pytest.mark.parametrize(
    "rows", [MEETING, {"evaluations": [{"periode_convenue_debut": date(2027, 1, 4)}]}], ids=["minutes", "terms"]
)
def test_an_old_act_is_still_reminded_of_its_living_meetings_and_evaluations(rows: Rows) -> None:
    old: Rows = {"actes": [{"historique": True}]}
    assert heard(merged(rows, old), AFTER) == heard(rows, AFTER) != set()


def test_a_grouping_has_no_agenda_nor_minutes_to_be_reminded_of() -> None:
    grouping: Rows = {"collectivites": [{"niveau": "GROUPEMENT"}]}
    assert heard(merged(READY, grouping), date(2026, 9, 4)) == set()
    assert heard(merged(minutes(date(2026, 10, 2)), grouping), date(2026, 10, 23)) == set()


# ------------------------------------------------------------------------------------- hours, lists, many triggers


def test_a_meetings_reminders_tell_its_hour_in_both_places() -> None:
    assert clock.MOROCCO.key == "Africa/Casablanca"  # with the time-zone data that we depend on
    remote = {"mode": "A_DISTANCE", "heure_debut": time(10), "fuseau_partenaire": "Europe/Paris"}
    bare: Rows = {"reunions": [{"type": "COORDINATION", "date": date(2026, 10, 29), **remote}]}
    told = [n.action for n in notices(bare, date(2026, 10, 22)) if n.reminder == "REM-MEET-02"]
    assert told[0].startswith(
        "Compléter la préparation de la réunion du 29/10/2026, 10:00 à Rabat (UTC+0) / 11:00 à Paris (UTC+1) :"
    )
    ready = {
        "heure_fin": time(11), "fuseau_ct": "Africa/Casablanca", "plateforme": "Visioconférence", "lien": "https://reunion.example/1",
        "ordre_du_jour": "Bilan", "date_partage_odj": date(2026, 10, 12), "moderateur": "CON-00006",
        "rapporteur": "CON-00007", "date_designation": date(2026, 10, 12),
    }  # fmt: skip
    invited = [
        n for n in notices(merged(bare, {"reunions": [ready]}), date(2026, 10, 22)) if n.reminder == "REM-MEET-03"
    ]
    assert names(invited) == ["focal", "moderateur", "rapporteur"]
    assert invited[0].action == (
        "Prendre part à la réunion du 29/10/2026, 10:00 à Rabat (UTC+0) / 11:00 à Paris (UTC+1), Visioconférence, "
        "https://reunion.example/1."
    )


def test_the_people_of_a_list_are_found_by_name_and_nobody_stands_in_for_a_stranger() -> None:
    named = [{**OFFICER, "nom_prenom": "Amal Idrissi"}, contact("MEMBRE_EQUIPE", "membre", nom_prenom="Karim Naciri")]
    ready = {
        "type": "COORDINATION", "date": date(2026, 10, 29), "mode": "PRESENTIEL", "lieu": "Salle", "heure_debut": time(10),
        "heure_fin": time(11), "ordre_du_jour": "Bilan", "date_partage_odj": date(2026, 10, 12), "moderateur": "CON-00001",
        "rapporteur": "CON-00001", "date_designation": date(2026, 10, 12), "participants_invites": ["karim naciri", "Inconnu"],
    }  # fmt: skip
    told = [n for n in notices({"reunions": [ready]}, date(2026, 10, 22), staff(*named)) if n.reminder == "REM-MEET-03"]
    assert {n.to.partition("@")[0]: n.role for n in told} == {
        "referent": "ligne.moderateur",
        "membre": "liste.participants_invites",
    }


@pytest.mark.parametrize("end", ["date_resiliation", "date_abandon"])
def test_an_agreement_that_is_over_calls_for_nothing_whatever_waits(end: str) -> None:
    late: Rows = {"plan_action": [{"statut": "EN_COURS", "au": date(2026, 10, 15), "qui_responsable": "CON-00008"}]}
    assert heard(late, date(2026, 10, 22)) == {("REM-ACT-02", "+7")}
    assert heard(merged(late, {"actes": [{end: date(2026, 10, 20)}]}), date(2026, 10, 22)) == set()
