"""The answer to a call for projects: its ten elements, its budget and its logical framework."""

from cdi_sync.documents.call import CODES, call_facts
from tests.documents.told import told


def test_the_ten_elements_show_what_was_typed_or_where_to_type_it() -> None:
    said = told({"pieces_clauses": [{"piece": "E02", "contenu": "Les 4 000 élèves."}]}, call_facts)
    assert len(CODES) == 10
    assert (said["E02"], said["E02_dite"]) == ("Les 4 000 élèves.", True)
    assert said["E01"] == "[à compléter : texte de cet élément — Pièces et clauses, colonne G]"


def test_the_call_s_own_terms_come_from_the_agreement() -> None:
    act = {"programme": "FRMA", "lanceur_appel": "DGCT", "date_limite_appel": "2027-01-15", "heure_limite_appel": "16:00",
           "responsable_dossier": "CON-00001", "partenaires_locaux": "Université ; Association"}  # fmt: skip
    said = told({"actes": [act], "contacts": [{"nom_prenom": "Nadia Alami"}]}, call_facts)
    assert (said["programme"], said["date_limite"], said["heure_limite"]) == ("FRMA", "15 janvier 2027", "16:00")
    assert (said["responsable_dossier"], said["partenaires_locaux"]) == ("Nadia Alami", "Université, Association")
    assert said["date_validation"] == "[à compléter : validé par le Président le — Actes, colonne CU, ligne ACT-00001]"


def test_the_budget_adds_up_when_all_is_known_in_dirhams() -> None:
    money = [{"type_ligne": "CONTRIBUTION", "montant_mad": 300000, "dont_valorisation": 50000},
             {"type_ligne": "CONTRIBUTION", "montant": 100000, "devise": "MAD"}]  # fmt: skip
    said = told({"budget": money}, call_facts)
    assert said["total_contributions"] == "400\u202f000 MAD"
    assert [(line["part"], line["valorisation"]) for line in said["budget"]] == [("75 %", "50\u202f000"), ("25 %", "—")]
    unknown = [*money, {"type_ligne": "CONTRIBUTION", "montant": 5, "devise": "EUR"}]
    assert told({"budget": unknown}, call_facts)["total_contributions"].startswith("[à compléter : montant (MAD)")


def test_the_logical_framework_gives_objectives_results_and_its_own_table() -> None:
    lines = [
        {"niveau": "OBJECTIF_GLOBAL", "description_projet": "Vivre mieux"},
        {"niveau": "OBJECTIF_SPECIFIQUE", "description_projet": "Se déplacer à vélo", "hypotheses": "Budget voté"},
        {"niveau": "RESULTAT_ATTENDU", "description_projet": "10 km de pistes"},
    ]
    said = told({"cadre_logique": lines}, call_facts)
    assert (said["objectifs"], said["resultats"]) == ("Vivre mieux ; Se déplacer à vélo", "10 km de pistes")
    assert [line["niveau"] for line in said["cadre_logique"]] == [
        "Objectif global",
        "Objectif spécifique",
        "Résultat attendu",
    ]
    # a global objective asks for no hypothesis
    assert [line["hypotheses"] for line in said["cadre_logique"]][:2] == ["—", "Budget voté"]
    assert told({}, call_facts)["cadre_logique"] == []


def test_the_steps_are_those_of_the_plan_each_once() -> None:
    plan = [{"grande_etape": "Travaux", "du": "2027-03-01"}, {"grande_etape": "Études", "du": "2027-01-01"},
            {"grande_etape": "Travaux", "du": "2027-04-01"}]  # fmt: skip
    assert told({"plan_action": plan}, call_facts)["etapes"] == "Études ; Travaux"
