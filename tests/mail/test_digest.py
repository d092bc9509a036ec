"""How notices become the lines of a letter: the case, its day, its place, and why this person is told."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

import pytest

from cdi_sync.edges import clock
from cdi_sync.mail.digest import digest_of
from cdi_sync.mail.letters import Digest, Line
from cdi_sync.report import urgency_of
from tests.registries import DECLARED, Rows, knowledge, merged
from tests.reminders.worlds import STAFF, seen

RECEIVED: Rows = {"visas_accords": [{"nature": "VISA", "date_reception": date(2026, 10, 8)}]}
SESSION: Rows = {"sessions": [{"type": "ORDINAIRE", "date_ouverture": date(2026, 10, 1)}]}


def digest(to: str, rows: Rows, today: date, staff: Rows = STAFF) -> Digest:
    known = seen(rows, today, staff)
    mine = [notice for notice in known.notices if notice.to == f"{to}@essai.example"]
    return digest_of(mine, known, knowledge(), DECLARED.languages, service="Service", workbook="registre.xlsx")


def officers(*councils: str) -> Rows:
    staff: Sequence[dict[str, Any]] = [
        {"fonction_role": "REFERENT_CDI", "courriel_institutionnel": "referent@essai.example", "collectivite": council}
        for council in councils
    ]
    return {"contacts": staff}


@pytest.mark.parametrize(
    ("days_left", "group"),
    [(None, "ensuite"), (-1, "retard"), (0, "semaine"), (7, "semaine"), (8, "ensuite")],
)
def test_a_line_stands_under_the_heading_of_its_urgency(days_left: int | None, group: str) -> None:
    assert urgency_of(days_left) == group


def test_a_line_names_case_action_last_day_text_and_cell() -> None:
    (line,) = digest("referent", RECEIVED, date(2026, 10, 16)).lines
    assert (line.case, line.name, line.title) == ("ACT-00001", "Acte d'essai", "Visa en cours")
    assert "reçue le 08/10/2026" in line.action
    assert (line.due, line.days_left) == (date(2026, 10, 28), 12)
    assert line.source.startswith("Guide, axe 1 §2-d ; LO 113-14")
    assert line.place == "onglet Visas et accords, cellule K2 (Sens de la décision)"
    assert line.instead == ""


@pytest.mark.parametrize(
    ("today", "day"),
    [(date(2026, 10, 16), "8 / 20"), (date(2026, 10, 28), "20 / 20"), (date(2026, 10, 29), "21 / 20")],
)
def test_a_visa_that_waits_tells_its_day(today: date, day: str) -> None:
    (line,) = digest("referent", RECEIVED, today).lines
    assert line.visa_day == day


def test_what_is_no_visa_tells_none() -> None:
    (line, *_) = digest("secretaire", SESSION, date(2026, 9, 10)).lines
    assert line.visa_day == ""


def test_two_bodies_of_one_agreement_are_told_apart() -> None:
    bodies: Rows = {
        "organes": [
            {"type": kind, "frequence_reunions": "TRIMESTRIELLE", "date_mise_en_place": date(2026, 7, 1)}
            for kind in ("COMITE_PILOTAGE", "COMITE_SUIVI")
        ]
    }
    names = [line.name for line in digest("focal", bodies, date(2026, 9, 15)).lines]
    assert names == ["Acte d'essai · Comité de pilotage", "Acte d'essai · Comité de suivi"]


def test_a_session_is_named_by_its_day() -> None:
    (line, *_) = digest("secretaire", SESSION, date(2026, 9, 10)).lines
    assert (line.case, line.name) == ("SES-00001", "Session du 01/10/2026")


def test_a_person_told_in_anothers_place_reads_whose() -> None:
    nobody: Rows = {"contacts": [c for c in STAFF["contacts"] if c["fonction_role"] != "REFERENT_CDI"]}
    (line,) = digest("dgs", RECEIVED, date(2026, 10, 16), nobody).lines
    assert line.instead == "Référent de la coopération"


def test_the_place_of_somebody_whom_the_row_should_name_is_told_by_its_column() -> None:
    meeting: Rows = {"reunions": [{"type": "COORDINATION", "date": date(2026, 10, 29)}]}
    (line,) = digest("referent", meeting, date(2026, 10, 30)).lines
    assert line.instead == "Rapporteur"


def test_a_person_of_several_councils_reads_which_one_each_line_speaks_of() -> None:
    two = merged(RECEIVED, {"visas_accords": [{}, {"id_acte": "ACT-00002", **RECEIVED["visas_accords"][0]}],
                            "collectivites": [{}, {"code_hcp": "4441010", "nom_fr": "Autre commune"}],
                            "actes": [{}, {"collectivite": "COL-00002", "intitule": "Second acte"}]})  # fmt: skip
    both = digest("referent", two, date(2026, 10, 16), officers("COL-00001", "COL-00002"))
    assert both.council == ""
    assert [line.name for line in both.lines] == ["Acte d'essai (Fès)", "Second acte (Autre commune)"]
    one = digest("referent", RECEIVED, date(2026, 10, 16))
    assert (one.council, one.lines[0].name) == ("Fès", "Acte d'essai")


def test_what_cannot_wait_stands_under_a_heading_of_its_own() -> None:
    early: Rows = {
        "actes": [{"forme": "JUMELAGE"}],
        "phases_jumelage": [{"phase": "ALLER", "date_prevue": date(2027, 1, 4)}],
    }
    (line,) = digest("referent", early, date(2026, 10, 16)).lines
    assert line.urgency == "sans_delai"


# ------------------------------------------------------------------------------------- in the reader's language


def speaking(code: str) -> Rows:
    return {"contacts": [{**person, "langue_preferee": code} for person in STAFF["contacts"]]}


def test_each_reads_in_the_language_of_the_contacts_tab() -> None:
    arabic = digest("referent", RECEIVED, date(2026, 10, 16), speaking("ar"))
    assert (arabic.lang, arabic.role) == ("ar", "المكلف بالتعاون اللامركزي الدولي")
    (line,) = arabic.lines
    assert (line.title, line.stage) == ("تأشيرة في طور الدراسة", "الحاجة محددة")
    assert "8 أكتوبر 2026" in line.action
    assert line.place == "الورقة «Visas et accords»، العمود «Sens de la décision»، الخلية K2"
    assert line.source == "الدليل، المحور 1، البند 2-د؛ القانون التنظيمي رقم 113.14، المادة 118"
    english = digest("referent", RECEIVED, date(2026, 10, 16), speaking("en"))
    assert (english.lang, english.lines[0].title) == ("en", "Visa in progress")
    assert english.lines[0].place == "sheet “Visas et accords”, column “Sens de la décision”, cell K2"


def test_a_session_and_a_body_are_named_in_that_language() -> None:
    (line, *_) = digest("secretaire", SESSION, date(2026, 9, 10), speaking("ar")).lines
    assert line.name == "دورة 1 أكتوبر 2026"
    bodies: Rows = {
        "organes": [
            {"type": "COMITE_SUIVI", "frequence_reunions": "TRIMESTRIELLE", "date_mise_en_place": date(2026, 7, 1)}
        ]
    }
    (line,) = digest("focal", bodies, date(2026, 9, 15), speaking("en")).lines
    assert line.name == "Acte d'essai · Monitoring committee"


def test_a_council_has_its_arabic_name_where_staff_gave_one() -> None:
    named = merged(RECEIVED, {"collectivites": [{"nom_ar": "جماعة فاس"}]})
    assert digest("referent", named, date(2026, 10, 16), speaking("ar")).council == "جماعة فاس"
    assert digest("referent", named, date(2026, 10, 16), speaking("en")).council == "Fès"
    assert digest("referent", RECEIVED, date(2026, 10, 16), speaking("ar")).council == "Fès"


def test_hours_and_place_of_a_meeting_are_told_in_that_language() -> None:
    assert clock.MOROCCO.key == "Africa/Casablanca"  # with the time-zone data that we depend on
    meeting: Rows = {
        "reunions": [{"type": "COPIL", "mode": "A_DISTANCE", "plateforme": "Salle {1}", "lien": "https://visio.example/fes",
                      "date": date(2026, 10, 30), "heure_debut": time(10), "heure_fin": time(11),
                      "fuseau_ct": "Africa/Casablanca", "fuseau_partenaire": "Europe/Paris",
                      "ordre_du_jour": "Bilan", "date_partage_odj": date(2026, 10, 1), "moderateur": "CON-00006",
                      "rapporteur": "CON-00007", "date_designation": date(2026, 10, 1)}]
    }  # fmt: skip
    lines = digest("focal", meeting, date(2026, 10, 29), speaking("ar")).lines
    (action,) = [line.action for line in lines if line.reminder == "REM-MEET-03"]
    hours = "10:00 في الرباط (UTC+0) / 11:00 في باريس (UTC+1)"
    assert (
        action == f"يرجى المشاركة في اجتماع 30 أكتوبر 2026، {hours}، عبر Salle {{1}}، الرابط https://visio.example/fes."
    )


# ----------------------------------------------------------------- since when, where, and who was told before


def test_what_happened_tells_since_when_it_waits() -> None:
    (line,) = digest("referent", RECEIVED, date(2026, 10, 16)).lines
    assert line.since == date(2026, 10, 8)


def test_a_deadline_to_come_tells_since_when_its_agreement_has_been_at_its_stage() -> None:
    ready: Rows = {"actes": [{"date_projet_convention": date(2026, 6, 1)}]}
    (line,) = [x for x in digest("referent", ready, date(2026, 9, 1)).lines if x.reminder == "REM-DEL-01"]
    assert (line.stage, line.since) == ("Projet de convention prêt", date(2026, 6, 1))
    assert digest("secretaire", SESSION, date(2026, 9, 10)).lines[0].since is None
    meeting: Rows = {"reunions": [{"type": "COPIL", "date": date(2026, 9, 4)}]}
    lines = digest("referent", merged(ready, meeting), date(2026, 9, 1)).lines
    assert [line.since for line in lines if line.reminder == "REM-MEET-02"] == [None]  # the meeting isn't the agreement


def test_what_is_late_since_its_own_deadline_does_not_tell_it_twice() -> None:
    late: Rows = {"plan_action": [{"qui_responsable": "CON-00008", "au": date(2026, 10, 1)}]}
    (line,) = [x for x in digest("responsable", late, date(2026, 10, 16)).lines if x.reminder == "REM-ACT-02"]
    assert (line.due, line.since) == (date(2026, 10, 1), None)


def test_an_agreement_in_force_waits_for_nothing_by_itself() -> None:
    ending: Rows = {
        "deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": date(2026, 5, 5),
                           "date_transmission_pv_autorite": date(2026, 5, 12)}],
        "visas_accords": [{"nature": "VISA", "date_reception": date(2026, 5, 20), "sens": "ACCORDE",
                           "date_decision": date(2026, 6, 1)}],
        "actes": [{"date_signature": date(2026, 7, 1), "date_entree_vigueur": date(2026, 7, 6),
                   "date_fin": date(2027, 2, 26)}],
    }  # fmt: skip
    (line,) = [x for x in digest("president", ending, date(2026, 11, 27)).lines if x.reminder == "REM-CONV-06"]
    assert (line.stage, line.since) == ("Convention en vigueur", None)


def told(to: str, before: Sequence[tuple[str, date]], link: str = "") -> Line:
    known = seen(RECEIVED, date(2026, 10, 28))
    mine = [notice for notice in known.notices if notice.to == to]
    key = ("REM-VIS-02", "ACT-00001", "VIS-00001", "2026-10-08")
    return digest_of(mine, known, knowledge(), DECLARED.languages, service="", workbook="",
                     told_before={key: before}, link_to=lambda sheet, cell: f"{link}{sheet}!{cell}").lines[0]  # fmt: skip


BEFORE = [("referent@essai.example", date(2026, 10, 23)), ("referent@essai.example", date(2026, 10, 16)),
          ("partie@essai.example", date(2026, 10, 16))]  # fmt: skip


def test_an_escalation_says_who_was_told_and_when() -> None:
    line = told("president@essai.example", BEFORE)
    assert line.told == (
        ("partie@essai.example", date(2026, 10, 16)),
        ("Référent de la coopération", date(2026, 10, 23)),
    )


def test_somebody_who_was_told_already_does_not_read_it_again() -> None:
    assert told("referent@essai.example", BEFORE).told == ()


def test_a_line_leads_to_its_cell() -> None:
    assert told("referent@essai.example", (), link="https://essai.example/").link == (
        "https://essai.example/Visas et accords!K2"
    )
