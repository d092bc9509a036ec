"""The terms of reference of an evaluation: its own lines, its days, and what is paid when."""

from cdi_sync.documents.terms import CODES, terms_facts
from tests.documents.told import told

_LINES = [
    {"piece": "TDR-04", "contenu": "Mesurer l'usage des pistes cyclables.", "id_evaluation": "EVA-00002"},
    {"piece": "TDR-07", "prevue_du": "2027-01-11", "prevue_au": "2027-04-30", "id_evaluation": "EVA-00002"},
    {"piece": "TDR-09", "prevue_du": "2027-03-31", "langue": "français ; arabe", "id_evaluation": "EVA-00002"},
    {"piece": "TDR-11", "montant": 120000, "id_evaluation": "EVA-00002"},
]


def test_a_point_shows_the_line_of_its_own_evaluation() -> None:
    rows = {"evaluations": [{}, {"moment": "FIN_PROJET"}], "pieces_clauses": _LINES}
    mine, other = told(rows, terms_facts, "evaluations", at=1), told(rows, terms_facts, "evaluations")
    assert mine["TDR_04"] == "Mesurer l'usage des pistes cyclables."
    assert (mine["mission_debut"], mine["mission_fin"]) == ("11 janvier 2027", "30 avril 2027")
    assert (mine["rapport_provisoire"], mine["langue_rapport"]) == ("31 mars 2027", "français, arabe")
    assert (
        mine["rapport_definitif"]
        == "[à compléter : remise du rapport définitif — Pièces et clauses, colonne L, ligne PIE-00003]"
    )
    assert (mine["honoraires"], mine["moment"]) == ("120\u202f000 MAD", "Fin de projet")
    assert not any(other[f"{code.replace('-', '_')}_saisie"] for code in CODES)
    assert other["honoraires"] == "[à compléter : montant (MAD) — Pièces et clauses, colonne J]"


def test_the_eleven_points_say_where_to_type_them() -> None:
    said = told({"evaluations": [{}]}, terms_facts, "evaluations")
    assert len(CODES) == 11
    assert {said[code.replace("-", "_")] for code in CODES} == {
        "[à compléter : texte de ce point — Pièces et clauses, colonne G]"
    }


def test_instalments_are_those_typed_for_that_evaluation() -> None:
    money = [
        {"type_ligne": "HONORAIRES", "id_evaluation": "EVA-00001", "fait_generateur": "SIGNATURE", "part_pct": 30,
         "montant_mad": 36000},
        {"type_ligne": "HONORAIRES", "id_evaluation": "EVA-00002", "fait_generateur": "RAPPORT_FINAL", "part_pct": 100},
    ]  # fmt: skip
    rows = {"evaluations": [{}, {}], "budget": money}
    said = told(rows, terms_facts, "evaluations")
    assert said["echeances_saisies"] is True
    assert said["echeances"] == [{"quand": "Signature du contrat", "part": "30 %", "montant": "36\u202f000 MAD"}]
    assert told({"evaluations": [{}]}, terms_facts, "evaluations")["echeances_saisies"] is False
