"""What a file of `config/forms` may say, what stops it, and names that no rewording changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.edges.config import Declarations
from cdi_sync.errors import ConfigError
from cdi_sync.forms.declaration import Declared, modules_of, parse_form
from tests.registries import DECLARED

Change = Callable[[dict[str, Any]], object]


def data() -> dict[str, Any]:
    """A small form that stands."""
    return {
        "nom": "essai", "titre": "Essai", "presentation": "À lire.", "merci": "Merci.", "onglet": "actes",
        "ligne": "nouvelle", "fixes": {"forme": "CONVENTION"}, "liens": {"partenaire": "partenaires"},
        "sections": [
            {"titre": "Qui ?", "questions": [{"champ": "demandeur.nom"}, {"champ": "demandeur.courriel"}]},
            {
                "titre": "Quoi ?",
                "questions": [
                    {"champ": "partenaires.nom"},
                    {"champ": "sous_type", "choix": ["AVENANT", "MEMORANDUM"]},
                    {"champ": "objet", "titre": "Objet ?", "aide": "", "si": {"champ": "sous_type", "vaut": ["AVENANT"]}},
                    {"champ": "pieces_clauses.contenu", "piece": "POURQUOI"},
                ],
            },
        ],
    }  # fmt: skip


def form(change: Change = lambda told: None) -> Declared:
    told = data()
    change(told)
    return parse_form(told, DECLARED.tabs)


def asks(*questions: dict[str, Any]) -> Change:
    return lambda told: told["sections"][1]["questions"].extend(questions)


def test_a_question_takes_from_its_column_what_the_form_does_not_say() -> None:
    declared = form()
    assert list(declared.questions) == [
        "demandeur.nom", "demandeur.courriel", "partenaires.nom", "sous_type", "objet", "pieces_clauses.contenu:POURQUOI",
    ]  # fmt: skip
    partner, purpose = declared.questions["partenaires.nom"], declared.questions["objet"]
    assert (partner.title, partner.required, partner.tab) == ("Nom", True, "partenaires")
    assert partner.help == DECLARED.tabs["partenaires"].column("nom").description
    assert (purpose.title, purpose.help, purpose.required, purpose.tab) == ("Objet ?", "", False, "actes")


def test_a_form_may_offer_some_choices_of_a_list_and_leaves_the_list_alone() -> None:
    offered = form().questions["sous_type"].column.categories
    assert [choice.value for choice in offered] == ["AVENANT", "MEMORANDUM"]
    assert len(DECLARED.tabs["actes"].column("sous_type").categories) == 7


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (asks({"champ": "objet"}), "champ objet : demandé deux fois"),
        (asks({"champ": "contacts.nom_prenom"}), "contacts n'est ni lié"),
        (asks({"champ": "etape"}), "etape : cette colonne est remplie par le logiciel"),
        (asks({"champ": "pieces_clauses.contenu"}), "« piece » va avec pieces_clauses"),
        (asks({"champ": "intitule", "piece": "POURQUOI"}), "« piece » va avec pieces_clauses"),
        (asks({"champ": "domaine", "choix": ["GOLF"]}), r"« choix » parle d'une valeur inconnue \(GOLF\)"),
        (asks({"champ": "domaine", "si": {"champ": "intitule", "vaut": ["x"]}}), "ne vient pas avant"),
        (asks({"champ": "domaine", "si": {"champ": "sous_type", "vaut": ["GOLF"]}}), r"valeur inconnue \(GOLF\)"),
        # a condition on a choice that the form doesn't offer would never be met
        (asks({"champ": "domaine", "si": {"champ": "sous_type", "vaut": ["PACTE_AMITIE"]}}), "PACTE_AMITIE"),
        (lambda told: told["sections"].pop(0), "il manque la question demandeur.nom"),
        (lambda told: told.update(ligne="existante"), "il manque la question id"),
        (lambda told: told.update(liens={"partenaire": "contacts"}), "ne désigne pas une ligne de contacts"),
    ],
)
def test_a_form_that_could_not_be_used_is_refused_with_its_reason(change: Change, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        form(change)


@pytest.mark.parametrize("change", [asks({"champ": "absente"}), lambda told: told.update(onglet="absent"),
                                    lambda told: told.update(ligne="autre"), lambda told: told.update(fixes={"x": "y"})])  # fmt: skip
def test_a_name_that_is_not_the_registrys_is_refused(change: Change) -> None:
    with pytest.raises(KeyError):
        form(change)


def test_a_file_that_does_not_suit_is_named(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "90_essai.toml").write_text('nom = "essai"\nonglet = "actes"\nligne = "jamais"\n', "utf-8")
    with pytest.raises(ConfigError) as error:
        _ = Declarations(tmp_path).forms
    assert error.value.where == "forms/90_essai.toml"
    assert "jamais" in error.value.why


def test_names_stay_whatever_is_reworded_or_moved() -> None:
    """A form that was handed out would break: these are what Google keeps."""
    jumelage = DECLARED.forms["jumelage"]
    assert (jumelage.id, jumelage.id_of("objet")) == ("6fda4769", "82bea497")

    def reworded(told: dict[str, Any]) -> None:
        told["titre"] = "Autre titre"
        told["sections"].reverse()

    before, after = form(), form(reworded)
    assert before.id == after.id
    assert {key: before.id_of(key) for key in before.questions} == {key: after.id_of(key) for key in after.questions}
    assert len({before.id_of(key) for key in before.questions}) == len(before.questions)


def test_a_form_needs_the_modules_of_what_it_fills() -> None:
    assert modules_of(form(), DECLARED.tabs) == frozenset()
    assert modules_of(form(asks({"champ": "programme"})), DECLARED.tabs) == {"appels"}
    assert modules_of(DECLARED.forms["compte_rendu"], DECLARED.tabs) == {"suivi"}
    assert modules_of(DECLARED.forms["evaluation"], DECLARED.tabs) == {"suivi"}
