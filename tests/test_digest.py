"""How notices become the lines of a letter: the case, its day, its place, and why this person is told."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from cdi_sync.digest import digest_of
from cdi_sync.letters import Digest
from cdi_sync.report import urgency_of
from tests.registries import Rows, knowledge, merged
from tests.reminders.worlds import STAFF, seen

RECEIVED: Rows = {"visas_accords": [{"nature": "VISA", "date_reception": date(2026, 10, 8)}]}
SESSION: Rows = {"sessions": [{"type": "ORDINAIRE", "date_ouverture": date(2026, 10, 1)}]}


def digest(to: str, rows: Rows, today: date, staff: Rows = STAFF) -> Digest:
    known = seen(rows, today, staff)
    mine = [notice for notice in known.notices if notice.to == f"{to}@essai.example"]
    return digest_of(mine, known, knowledge(), service="Service", workbook="registre.xlsx")


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
