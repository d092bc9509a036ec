"""The draft of a convention: what its clauses take from the registry, and what they leave to the two parties."""

from typing import Any

import pytest

from cdi_sync.documents.convention import CODES, convention_facts
from tests.documents.told import told

_ACT: dict[str, Any] = {
    "duree_mois": 36, "reconduction": "TACITE", "preavis_reconduction_mois": 3, "cout_global": 1200000, "devise": "EUR",
    "lieu_signature": "Fès", "date_signature_prevue": "2027-02-01",
}  # fmt: skip


def _clause(code: str, **cells: Any) -> dict[str, Any]:
    return {"piece": code, **cells}


def test_a_clause_shows_the_text_typed_for_it() -> None:
    said = told(
        {"pieces_clauses": [_clause("CLA-12", contenu="Les parties modifient par avenant écrit.")]}, convention_facts
    )
    assert said["CLA_12"] == "Les parties modifient par avenant écrit."
    assert said["CLA_12_dite"] is True


@pytest.mark.parametrize("typed", ["Article 8", "Articles 4 et 5", "annexe 2", "Visas 1 à 4", "Page 3", "المادة 8"])
def test_a_clause_that_only_says_where_its_text_stands_keeps_its_proposal(typed: str) -> None:
    said = told({"pieces_clauses": [_clause("CLA-10", contenu=typed)]}, convention_facts)
    assert said["CLA_10_dite"] is False
    assert said["CLA_10"] == f"Le registre renvoie à : {typed}"


def test_a_long_text_that_cites_an_article_is_the_clause_itself() -> None:
    text = (
        "En cas de litige, les parties cherchent d'abord une issue amiable, puis un médiateur ; "
        "à défaut, l'arbitrage prévu à l'article 9 s'applique."
    )
    assert told({"pieces_clauses": [_clause("CLA-14", contenu=text)]}, convention_facts)["CLA_14_dite"] is True


def test_each_clause_without_a_text_says_where_to_type_it() -> None:
    said = told({}, convention_facts)
    assert len(CODES) == 15
    for code in CODES:
        name = code.replace("-", "_")
        assert said[name] == "[à compléter : texte de la clause — Pièces et clauses, colonne G]"
        assert said[f"{name}_dite"] is said[f"{name}_saisie"] is False


def test_the_line_that_says_something_is_taken_when_two_have_the_same_clause() -> None:
    lines = [_clause("CLA-12"), _clause("CLA-12", contenu="Par avenant.")]
    assert told({"pieces_clauses": lines}, convention_facts)["CLA_12"] == "Par avenant."


def test_a_line_of_an_evaluation_is_no_clause_of_the_agreement() -> None:
    lines = [_clause("CLA-12", contenu="Par avenant.", id_evaluation="EVA-00001")]
    assert told({"pieces_clauses": lines, "evaluations": [{}]}, convention_facts)["CLA_12_saisie"] is False


@pytest.mark.parametrize(
    ("tier", "law"),
    [
        ("REGION", "est_region"),
        ("PREFECTURE", "est_prefecture"),
        ("PROVINCE", "est_prefecture"),
        ("COMMUNE", "est_commune"),
    ],
)
def test_the_preamble_cites_the_law_of_the_council_s_tier(tier: str, law: str) -> None:
    said = told({"collectivites": [{"niveau": tier}]}, convention_facts)
    assert {name for name in ("est_region", "est_prefecture", "est_commune") if said[name]} == {law}


def test_a_grouping_has_no_law_of_its_own_here() -> None:
    said = told({"collectivites": [{"niveau": "GROUPEMENT"}]}, convention_facts)
    assert not any(said[name] for name in ("est_region", "est_prefecture", "est_commune"))
    assert "loi organique" in said["loi_organique"]


def test_duration_renewal_and_money_come_from_the_agreement() -> None:
    said = told({"actes": [_ACT]}, convention_facts)
    assert said["duree"] == "36\xa0mois"
    assert said["reconduction"] == "À son terme, elle se reconduit tacitement, sauf si une partie s'y oppose à temps."
    assert said["preavis"] == "Préavis : 3\xa0mois."
    assert said["cout_global"] == "1\u202f200\u202f000 EUR"
    assert said["date_signature"] == "1er février 2027"


def test_an_end_stands_for_a_duration_that_nobody_typed() -> None:
    assert told({"actes": [{"date_fin": "2029-12-31"}]}, convention_facts)["duree"] == "jusqu'au 31 décembre 2029"


def test_without_renewal_no_notice_is_asked() -> None:
    said = told({"actes": [{"reconduction": "AUCUNE"}]}, convention_facts)
    assert (said["reconduction"], said["a_un_preavis"]) == ("Elle prend fin à son terme, sans reconduction.", False)


def test_the_same_in_arabic_with_its_plurals() -> None:
    said = told({"actes": [_ACT]}, convention_facts, lang="ar")
    assert said["duree"] == "36 شهرًا"
    assert said["preavis"] == "أجل الإشعار: 3 أشهر."
    assert said["CLA_01"].startswith("[") and "العمود G" in said["CLA_01"]


def test_the_deliberation_is_the_last_one_adopted() -> None:
    votes = [
        {"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": "2026-02-05", "numero_point_odj": "4"},
        {"objet": "ACTE_CDI", "resultat": "REJETEE", "date_deliberation": "2026-05-05", "numero_point_odj": "7"},
        {"objet": "CREATION_CDD", "resultat": "ADOPTEE", "date_deliberation": "2026-06-05", "numero_point_odj": "9"},
    ]
    said = told({"deliberations": votes}, convention_facts)
    assert said["deliberation"] == "point n° 4, délibération du 5 février 2026"
    assert "colonne" in told({"deliberations": votes[1:]}, convention_facts)["deliberation"]


def test_who_pays_is_told_with_the_share_of_each() -> None:
    money = [
        {"type_ligne": "CONTRIBUTION", "contributeur": "La commune", "montant": 300000, "devise": "MAD",
         "modalites_mise_en_oeuvre": "Virement", "echeance": "2027-03-01"},
        {"type_ligne": "CONTRIBUTION", "categorie_contributeur": "CT_FRANCAISE", "montant": 10000, "devise": "EUR",
         "montant_mad": 100000},
        {"type_ligne": "BUDGET", "montant_prevu": 999},
    ]  # fmt: skip
    first, second = told({"budget": money}, convention_facts)["contributions"]
    assert first == {"qui": "La commune", "montant": "300\u202f000 MAD", "part": "75 %", "valorisation": "—",
                     "modalites": "Virement", "versement": "1er mars 2027"}  # fmt: skip
    # 100,000 of 400,000 dirhams
    assert (second["qui"], second["montant"], second["part"]) == ("Collectivité française", "10\u202f000 EUR", "25 %")
    assert second["modalites"] == "[à compléter : modalités — Budget et financement, colonne X, ligne BUD-00002]"


def test_no_share_is_made_up_while_one_contribution_is_unknown_in_dirhams() -> None:
    money = [{"type_ligne": "CONTRIBUTION", "montant": 10000, "devise": "EUR"},
             {"type_ligne": "CONTRIBUTION", "montant": 300000, "devise": "MAD"}]  # fmt: skip
    lines = told({"budget": money}, convention_facts)["contributions"]
    assert [line["part"] for line in lines] == [
        f"[à compléter : montant (MAD) — Budget et financement, colonne V, ligne BUD-0000{number}]" for number in (1, 2)
    ]


def test_bodies_that_were_dissolved_and_actions_given_up_are_left_out() -> None:
    rows = {
        "organes": [
            {"type": "COMITE_SUIVI", "date_fin": "2026-01-01"},
            {"type": "COMITE_PILOTAGE", "missions": "Piloter"},
        ],
        "plan_action": [
            {"quoi_activite": "Seconde", "du": "2027-05-01"},
            {"quoi_activite": "Abandonnée", "statut": "ANNULEE", "du": "2027-01-01"},
            {"quoi_activite": "Première", "du": "2027-02-01"},
        ],
    }
    said = told(rows, convention_facts)
    assert [(body["type"], body["missions"]) for body in said["organes"]] == [("Comité de pilotage", "Piloter")]
    assert [action["quoi"] for action in said["actions"]] == ["Première", "Seconde"]


def test_an_empty_table_shows_what_to_type_in_it() -> None:
    said = told({}, convention_facts)
    assert said["organes"][0]["missions"] == "[à compléter : missions — Organes de gouvernance, colonne G]"
    assert said["actions"][0]["quoi"] == "[à compléter : action — Plan d'action, colonne F]"
    assert not (said["organes_saisis"] or said["actions_saisies"] or said["contributions_saisies"])
    assert said["objectifs"] == []


def test_the_focal_point_represents_the_partner() -> None:
    rows = {"partenaires": [{"point_focal": "CON-00001"}], "contacts": [{"nom_prenom": "Ana Lima"}]}
    assert told(rows, convention_facts)["representants"] == "Ana Lima (Ville d'essai)"
    assert "colonne" in told({}, convention_facts)["representants"]


@pytest.mark.parametrize(
    "typed", ["{{ 7 * 7 }}", "{%p if x %}", "<w:b/>&amp;", "=HYPERLINK(1)", "\u202eabc", "\ue000x\ue001"]
)
def test_typed_text_stands_for_itself(typed: str) -> None:
    said = told({"pieces_clauses": [_clause("CLA-12", contenu=typed)]}, convention_facts)["CLA_12"]
    assert said == typed.strip("\u202e\ue000\ue001")


def test_the_objectives_are_those_of_the_framework_without_its_activities() -> None:
    lines = [
        {"niveau": level, "description_projet": level}
        for level in ("OBJECTIF_GLOBAL", "OBJECTIF_SPECIFIQUE", "ACTIVITE")
    ]
    said = told({"cadre_logique": lines}, convention_facts)
    assert [line["niveau"] for line in said["objectifs"]] == ["Objectif global", "Objectif spécifique"]
    assert said["objectifs_generaux"] == "OBJECTIF_GLOBAL"
