"""The agenda and the minutes of a meeting: both clocks, who comes, what was decided, what remains to be done."""

from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.documents.making import due, subject_of
from cdi_sync.documents.meeting import agenda_facts, minutes_facts
from tests.documents.told import TODAY, told
from tests.registries import DECLARED, knowledge, registry

_MEETING: dict[str, Any] = {
    "type": "COPIL", "date": "2026-06-16", "heure_debut": "10:00", "heure_fin": "11:30", "mode": "A_DISTANCE",
    "plateforme": "Visioconférence", "lien": "https://reunion.example/1", "ordre_du_jour": "Budget ; Calendrier",
    "moderateur": "CON-00001", "participants_invites": "CON-00001 ; Ana Lima", "participants_presents": "Nadia Alami",
}  # fmt: skip
_PEOPLE = [{"nom_prenom": "Nadia Alami"}]


def _rows(**changes: Any) -> dict[str, list[dict[str, Any]]]:
    return {"reunions": [{**_MEETING, **changes}], "contacts": _PEOPLE}


def test_the_agenda_tells_both_clocks() -> None:
    said = told(_rows(), agenda_facts, "reunions")
    assert said["date_reunion"] == "mardi 16 juin 2026"
    # in June 2026 Morocco is at UTC+1 and France at UTC+2
    assert said["heure_collectivite"] == "10:00 – 11:30 (Maroc, UTC+1)"
    assert said["heure_partenaire"] == "11:00 – 12:30 (France, UTC+2)"
    assert (said["lieu"], said["plateforme"]) == ("sans objet", "Visioconférence")


def test_a_meeting_on_site_has_one_clock_and_a_place() -> None:
    said = told(_rows(mode="PRESENTIEL", lieu=None), agenda_facts, "reunions")
    assert said["heure_partenaire"] == said["plateforme"] == said["lien"] == "sans objet"
    assert said["lieu"] == "[à compléter : lieu — Réunions, colonne L, ligne REU-00001]"


def test_a_zone_that_nobody_knows_is_asked_for() -> None:
    rows = _rows() | {"partenaires": [{"pays": "États-Unis"}]}  # a country of several clocks
    assert "fuseau du partenaire" in told(rows, agenda_facts, "reunions")["heure_partenaire"]
    assert (
        "fuseau de la collectivité"
        in told(_rows(fuseau_ct="Africa/Casa"), agenda_facts, "reunions")["heure_collectivite"]
    )


def test_points_and_guests_are_listed_by_name() -> None:
    said = told(_rows(), agenda_facts, "reunions")
    assert [(point["numero"], point["texte"]) for point in said["points"]] == [("1", "Budget"), ("2", "Calendrier")]
    assert [guest["nom"] for guest in said["invites"]] == ["Nadia Alami", "Ana Lima"]
    assert said["moderateur"] == "Nadia Alami"
    assert said["rapporteur"] == "[à compléter : rapporteur — Réunions, colonne R, ligne REU-00001]"


def test_the_agenda_recalls_the_meeting_before_of_the_same_body() -> None:
    before = {"date": "2026-03-01", "cr_decisions": "Ouvrir le compte.", "points_prochaine_reunion": "Budget"}
    other = {"date": "2026-05-01", "id_organe": "ORG-00001", "cr_decisions": "Autre organe."}
    cancelled = {"date": "2026-04-01", "annulee": True, "cr_decisions": "Rien."}
    rows = _rows() | {"organes": [{"type": "COMITE_SUIVI"}]}
    rows["reunions"] += [before, other, cancelled, {"date": "2026-07-01", "cr_decisions": "Après."}]
    said = told(rows, agenda_facts, "reunions")
    assert (said["decisions_precedentes"], said["points_reportes"]) == ("Ouvrir le compte.", "Budget")
    assert told(_rows(), agenda_facts, "reunions")["decisions_precedentes"] == "aucune réunion avant celle-ci"


def test_the_minutes_say_who_was_invited_and_did_not_come() -> None:
    assert told(_rows(), minutes_facts, "reunions")["absents"] == "Ana Lima"
    came = _rows(participants_presents="ana lima ; Nadia Alami")
    assert told(came, minutes_facts, "reunions")["absents"] == "personne"
    assert told(_rows(participants_invites=None), minutes_facts, "reunions")["absents"] == "—"
    assert "présents" in told(_rows(participants_presents=None), minutes_facts, "reunions")["absents"]


def test_the_minutes_list_the_actions_that_remain() -> None:
    plan = [
        {"quoi_activite": "Devis", "du": "2026-08-01", "qui_responsable": "CON-00001", "statut": "A_FAIRE"},
        {"quoi_activite": "Finie", "statut": "TERMINEE", "du": "2026-07-01"},
        {"quoi_activite": "Du comité", "id_organe": "ORG-00001", "statut": "EN_COURS", "du": "2026-09-01"},
    ]
    rows = _rows() | {"plan_action": plan, "organes": [{"type": "COMITE_PILOTAGE"}]}
    lines = told(rows, minutes_facts, "reunions")["actions"]
    assert (lines[0]["numero"], lines[0]["quoi"], lines[0]["qui"]) == ("ACN-00001", "Devis", "Nadia Alami")
    assert [line["quoi"] for line in lines] == ["Devis", "Du comité"]
    assert told({**rows, "plan_action": plan[1:2]}, minutes_facts, "reunions")["reste_des_actions"] is False
    # a meeting of a body looks at what that body follows
    rows["reunions"] = [{**_MEETING, "id_organe": "ORG-00001"}]
    assert [line["quoi"] for line in told(rows, minutes_facts, "reunions")["actions"]] == ["Du comité"]


def test_minutes_of_which_nothing_was_typed_say_what_is_missing() -> None:
    said = told({"reunions": [{}]}, minutes_facts, "reunions")
    for name in (
        "decisions",
        "points_ouverts",
        "actions_adoptees",
        "prochaine_date",
        "date_diffusion",
        "destinataires",
    ):
        assert said[name].startswith("[à compléter : ") and "Réunions, colonne" in said[name]
    assert said["heure_collectivite"] == "[à compléter : date — Réunions, colonne E, ligne REU-00001]"


def test_the_arabic_agenda_uses_moroccan_months_and_words() -> None:
    said = told(_rows(date="2026-07-14"), agenda_facts, "reunions", "ar")
    assert said["date_reunion"] == "الثلاثاء 14 يوليوز 2026"
    assert (said["mode"], said["type_reunion"]) == ("عن بعد", "لجنة القيادة")
    assert said["heure_collectivite"] == "10:00 – 11:30 (المغرب, UTC+1)"


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ({"date": "2026-11-24"}, ["ordre_du_jour"]),
        ({"date": "2026-11-23"}, ["ordre_du_jour"]),  # today: it may not be over
        ({"date": "2026-11-22"}, ["compte_rendu"]),
        ({"date": None}, ["ordre_du_jour"]),
        ({"date": "2026-11-24", "annulee": True}, []),
        ({"date": "2026-11-22", "annulee": True}, []),
    ],
)
def test_a_meeting_asks_for_its_agenda_then_for_its_minutes(cells: dict[str, Any], asked: list[str]) -> None:
    seen = assess(registry({"reunions": [cells]}), knowledge(), TODAY)
    subject = subject_of(seen.registry["reunions"][0], seen)
    assert subject is not None
    assert [document.name for document in due(DECLARED.documents.values(), subject)] == asked


def test_an_agenda_of_one_point_a_line_has_as_many_points() -> None:
    rows: dict[str, Any] = {
        "actes": [{"forme": "JUMELAGE"}],
        "reunions": [{"id_acte": "ACT-00001", "ordre_du_jour": "Budget\r\n\nCalendrier ; Divers"}],
    }
    points = told(rows, agenda_facts, "reunions")["points"]
    assert [(one["numero"], one["texte"]) for one in points] == [("1", "Budget"), ("2", "Calendrier"), ("3", "Divers")]
