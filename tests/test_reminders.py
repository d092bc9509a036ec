"""Who hears about what: the ladder of each reminder, on both sides of each of its steps.

The council is a commune; a step is written as the notice carries it ("-21", "+10", "moitie"). A step that comes
before a deadline moves back to a worked day, one that tells of a delay moves forward.
"""

from datetime import date
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.errors import ConfigError
from cdi_sync.model import Notice
from cdi_sync.reminders import parse_reminder
from tests.registries import Rows, knowledge, merged, registry

STAFF: Rows = {
    "contacts": [
        {"fonction_role": role, "courriel_institutionnel": f"{name}@essai.example", "collectivite": "COL-00001"}
        for role, name in (
            ("PRESIDENT", "president"),
            ("REFERENT_CDI", "referent"),
            ("SECRETAIRE_CONSEIL", "secretaire"),
        )
    ]
}
READY: Rows = {"actes": [{"date_projet_convention": date(2026, 7, 1)}]}


def minutes(closing: date, **cells: Any) -> Rows:
    """A project voted in a session closed on that day."""
    vote = {"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": closing, **cells}
    return {"sessions": [{"type": "ORDINAIRE", "date_cloture": closing}], "deliberations": [vote]}


def visa(**cells: Any) -> Rows:
    return {"visas_accords": [{"nature": "VISA", **cells}]}


def notices(rows: Rows, today: date, staff: Rows = STAFF) -> tuple[Notice, ...]:
    return assess(registry(merged(rows, staff)), knowledge(), today).notices


def heard(rows: Rows, today: date, staff: Rows = STAFF) -> set[tuple[str, str]]:
    """(reminder, step) of the notices due."""
    return {(notice.reminder, notice.step) for notice in notices(rows, today, staff)}


def said_to(rows: Rows, today: date, staff: Rows = STAFF) -> list[str]:
    """Who hears, in order; "" for a role that nobody holds."""
    return [notice.to for notice in notices(rows, today, staff)]


# ------------------------------------------------------------------------------------ the agenda (REM-DEL-01)


@pytest.mark.parametrize(
    ("today", "step"),
    [
        # the session opens on Thursday 1 October 2026
        (date(2026, 8, 16), None),
        (date(2026, 8, 17), "-45"),  # Monday
        (date(2026, 8, 31), "-45"),
        (date(2026, 9, 1), "-30"),  # Tuesday
        (date(2026, 9, 3), "-30"),
        (date(2026, 9, 4), "-25"),  # 25 days before is Sunday 6 September: the Friday before
        (date(2026, 9, 9), "-25"),
        (date(2026, 9, 10), "-21"),  # Thursday
        (date(2026, 9, 11), "-21"),  # last day to send the agenda
        (date(2026, 9, 12), None),  # too late: the next session opens on 1 February 2027
        (date(2026, 12, 17), None),
        (date(2026, 12, 18), "-45"),  # 1 February 2027 − 45 days, a Friday
    ],
)
def test_a_project_that_is_ready_is_recalled_before_the_agenda_closes(today: date, step: str | None) -> None:
    assert heard(READY, today) == ({("REM-DEL-01", step)} if step else set())


def test_the_agenda_reminder_says_what_to_do_by_when_and_where() -> None:
    notice = notices(READY, date(2026, 9, 4))[0]
    assert notice.action == (
        "Faire inscrire le point : l'ordre du jour part au plus tard le 11/09/2026 (session du 01/10/2026)."
    )
    assert (notice.anchor, notice.due) == (date(2026, 10, 1), date(2026, 9, 11))
    assert (notice.subject, notice.tab, notice.row, notice.column) == ("ACT-00001", "actes", 2, "etape")
    assert notice.title == "Délibération à inscrire à l'ordre du jour"
    assert notice.source


def test_the_agenda_reminder_goes_to_the_officer_and_to_the_secretary() -> None:
    assert said_to(READY, date(2026, 9, 4)) == ["referent@essai.example", "secretaire@essai.example"]


def test_a_project_already_on_the_agenda_is_not_recalled() -> None:
    listed = {
        "sessions": [{"type": "ORDINAIRE", "date_odj_transmis_autorite": date(2026, 9, 3)}],
        "deliberations": [{"objet": "ACTE_CDI", "inscrit_odj": True}],
    }
    assert heard(merged(READY, listed), date(2026, 9, 2)) == {("REM-DEL-01", "-30")}
    assert heard(merged(READY, listed), date(2026, 9, 4)) == set()


# ----------------------------------------------------------------------------------- the minutes (REM-DEL-06)


@pytest.mark.parametrize(
    ("today", "step"),
    [
        # closed on Friday 2 October; 15 worked days (5–9, 12–16, 19–23) end on Friday 23 October
        (date(2026, 10, 11), None),
        (date(2026, 10, 12), "moitie"),  # 21 days / 2 = 10 days after 2 October, a Monday
        (date(2026, 10, 19), "moitie"),
        (date(2026, 10, 20), "-3"),  # 22, 21, 20 October
        (date(2026, 10, 21), "-3"),
        (date(2026, 10, 22), "-1"),
        (date(2026, 10, 23), "+0"),
        (date(2026, 11, 20), "+0"),  # the last step holds until the minutes are sent
    ],
)
def test_minutes_not_sent_are_recalled_until_they_are(today: date, step: str | None) -> None:
    assert heard(minutes(date(2026, 10, 2)), today) == ({("REM-DEL-06", step)} if step else set())


def test_half_of_the_period_moves_back_to_a_worked_day() -> None:
    # closed on Thursday 1 October, last day Thursday 22 October; half is Sunday 11: the Friday before
    assert heard(minutes(date(2026, 10, 1)), date(2026, 10, 8)) == set()
    assert heard(minutes(date(2026, 10, 1)), date(2026, 10, 9)) == {("REM-DEL-06", "moitie")}


def test_worked_days_before_the_last_one_leave_holidays_out() -> None:
    # closed on Friday 30 October: 2–5, 9–13, 16, 17, 19, 20, 23, 24 November (6 and 18 are holidays) end on the 24th
    # three worked days before: 23, 20, 19 November
    late = minutes(date(2026, 10, 30))
    assert heard(late, date(2026, 11, 18)) == {("REM-DEL-06", "moitie")}
    assert heard(late, date(2026, 11, 19)) == {("REM-DEL-06", "-3")}


def test_the_minutes_reminder_speaks_of_the_deliberation_and_of_its_last_day() -> None:
    first = notices(minutes(date(2026, 10, 2)), date(2026, 10, 12))[0]
    assert (first.subject, first.tab, first.column) == ("DEL-00001", "deliberations", "date_transmission_pv_autorite")
    assert (first.anchor, first.due) == (date(2026, 10, 23), date(2026, 10, 23))
    assert first.action == (
        "Transmettre le procès-verbal contre récépissé, au plus tard le 23/10/2026, puis saisir la date."
    )
    assert said_to(minutes(date(2026, 10, 2)), date(2026, 10, 12)) == [
        "referent@essai.example",
        "secretaire@essai.example",
    ]


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


@pytest.mark.parametrize(
    ("today", "step"),
    [
        # sent on Monday 12 October
        (date(2026, 10, 16), None),
        (date(2026, 10, 17), None),  # five days after is this Saturday: the Monday after
        (date(2026, 10, 19), "+5"),
        (date(2026, 10, 21), "+5"),
        (date(2026, 10, 22), "+10"),  # Thursday
        (date(2026, 12, 1), "+10"),
    ],
)
def test_an_acknowledgement_that_does_not_come_is_asked_for(today: date, step: str | None) -> None:
    assert heard(visa(date_envoi=date(2026, 10, 12)), today) == ({("REM-VIS-01", step)} if step else set())


def test_the_acknowledgement_is_asked_of_the_officer_alone() -> None:
    sent = visa(date_envoi=date(2026, 10, 12))
    assert said_to(sent, date(2026, 10, 19)) == ["referent@essai.example"]
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


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 10, 15), None),
        (date(2026, 10, 16), ("REM-VIS-02", "+10")),  # 18 October is a Sunday: the Friday before
        (date(2026, 10, 22), ("REM-VIS-02", "+10")),
        (date(2026, 10, 23), ("REM-VIS-02", "+15")),  # Friday
        (date(2026, 10, 25), ("REM-VIS-02", "+15")),
        (date(2026, 10, 26), ("REM-VIS-02", "+18")),  # Monday
        (date(2026, 10, 27), ("REM-VIS-02", "+18")),
        (date(2026, 10, 28), ("REM-VIS-02", "+20")),  # last day
        (date(2026, 10, 29), ("REM-VIS-03", "+21")),  # over: the other reminder takes its place
        (date(2026, 11, 1), ("REM-VIS-03", "+21")),
        (date(2026, 11, 2), ("REM-VIS-03", "+25")),  # Monday
        (date(2026, 11, 8), ("REM-VIS-03", "+25")),
        (date(2026, 11, 9), ("REM-VIS-03", "+30")),  # 7 November is a Saturday: the Monday after
        (date(2027, 1, 5), ("REM-VIS-03", "+30")),
    ],
)
def test_a_visa_is_followed_within_its_twenty_days_then_after_them(
    today: date, expected: tuple[str, str] | None
) -> None:
    assert heard(RECEIVED, today) == ({expected} if expected else set())


def test_of_two_steps_moved_to_the_same_day_only_the_latest_is_said() -> None:
    # received on 12 October: 18 days after is Friday 30, 20 days after is Sunday 1 November, moved to Friday 30
    assert heard(visa(date_reception=date(2026, 10, 12)), date(2026, 10, 30)) == {("REM-VIS-02", "+20")}


def test_nobody_hears_of_a_delay_before_a_worked_day() -> None:
    # received on Saturday 10 October: last day Friday 30; 21 days after is Saturday 31, moved to Monday 2 November
    received = visa(date_reception=date(2026, 10, 10))
    assert heard(received, date(2026, 10, 30)) == {("REM-VIS-02", "+20")}
    assert heard(received, date(2026, 11, 1)) == set()
    assert heard(received, date(2026, 11, 2)) == {("REM-VIS-03", "+21")}


def test_a_delay_is_told_to_the_president_as_well() -> None:
    assert said_to(RECEIVED, date(2026, 10, 28)) == ["referent@essai.example"]
    assert said_to(RECEIVED, date(2026, 10, 29)) == ["president@essai.example", "referent@essai.example"]


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


def officer(**cells: Any) -> dict[str, Any]:
    return {
        "collectivite": "COL-00001",
        "fonction_role": "REFERENT_CDI",
        "courriel_institutionnel": "referent@essai.example",
        **cells,
    }


def test_a_notice_is_kept_when_nobody_holds_the_role() -> None:
    (notice,) = notices(RECEIVED, WAITING, staff={})
    assert (notice.to, notice.contact, notice.role) == ("", "", "REFERENT_CDI")


def test_every_person_who_holds_the_role_is_told() -> None:
    two = {"contacts": [officer(), officer(courriel_institutionnel="adjoint@essai.example")]}
    assert said_to(RECEIVED, WAITING, two) == ["adjoint@essai.example", "referent@essai.example"]


@pytest.mark.parametrize(
    "cells",
    [
        {"actif": False},
        {"date_fin": date(2026, 10, 15)},  # the day before
        {"courriel_institutionnel": None},
        {"courriel_institutionnel": "referent sans adresse"},
        {"fonction_role": "SECRETAIRE_CONSEIL"},
        {"collectivite": None},
    ],
)
def test_a_person_who_left_or_cannot_be_written_to_is_not_told(cells: dict[str, Any]) -> None:
    assert said_to(RECEIVED, WAITING, {"contacts": [officer(**cells)]}) == [""]


@pytest.mark.parametrize("cells", [{"actif": True}, {"actif": None}, {"date_fin": date(2026, 10, 16)}])
def test_a_person_in_office_is_told_up_to_the_last_day(cells: dict[str, Any]) -> None:
    assert said_to(RECEIVED, WAITING, {"contacts": [officer(**cells)]}) == ["referent@essai.example"]


def test_two_people_under_one_number_are_not_told() -> None:
    assert said_to(RECEIVED, WAITING, {"contacts": [officer(id="CON-00001"), officer(id="CON-00001")]}) == [""]


def test_the_staff_of_another_council_is_not_told() -> None:
    other = {
        "collectivites": [{}, {"code_hcp": "4441010", "nom_fr": "Autre commune"}],
        "contacts": [officer(collectivite="COL-00002")],
    }
    assert said_to(RECEIVED, WAITING, other) == [""]
    theirs: Rows = {"actes": [{"collectivite": "COL-00002"}]}
    assert said_to(merged(RECEIVED, theirs), WAITING, other) == ["referent@essai.example"]


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


def test_a_grouping_has_no_agenda_nor_minutes_to_be_reminded_of() -> None:
    grouping: Rows = {"collectivites": [{"niveau": "GROUPEMENT"}]}
    assert heard(merged(READY, grouping), date(2026, 9, 4)) == set()
    assert heard(merged(minutes(date(2026, 10, 2)), grouping), date(2026, 10, 23)) == set()


# --------------------------------------------------------------------------------------------- configuration

LADDER: dict[str, Any] = {
    "titre": "Visa en cours",
    "declencheur": "visa_en_cours",
    "etapes": [10, 15],
    "unite": "jours",
    "avant_echeance": True,
    "destinataires": ["REFERENT_CDI"],
    "action": "Suivre",
    "regles": ["GEN-12"],
}


@pytest.mark.parametrize("key", list(LADDER))
def test_a_ladder_without_one_of_its_keys_is_refused_by_name(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_reminder("REM-VIS-02", {name: value for name, value in LADDER.items() if name != key})
    assert caught.value.where == "reminders.toml [REM-VIS-02]"
    assert f"'{key}'" in caught.value.why


def test_a_ladder_with_an_unknown_trigger_is_refused_with_the_possible_ones() -> None:
    with pytest.raises(ConfigError, match="visa_perdu") as caught:
        parse_reminder("REM-VIS-02", {**LADDER, "declencheur": "visa_perdu"})
    assert "visa_en_cours" in caught.value.fix
