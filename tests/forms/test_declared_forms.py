"""The forms of `config/forms`: what each is for, short enough to be filled in, and nothing in them that can't be used."""

import re
from pathlib import Path

import pytest

from cdi_sync.forms.declaration import Declared, parse_form
from tests.registries import DECLARED

FORMS = DECLARED.forms
EVERY = pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
# Each form: the tab where it becomes a row, whether the row is new, what that row bears unasked.
EXPECTED = {
    "jumelage": ("actes", True, {"forme": "JUMELAGE"}),
    "convention": ("actes", True, {"forme": "CONVENTION"}),
    "adhesion": ("actes", True, {"forme": "ADHESION_OING"}),
    "compte_rendu": ("reunions", True, {}),
    "avancement": ("plan_action", False, {}),
    "evaluation": ("evaluations", False, {}),
    "appel": ("actes", True, {"forme": "CONVENTION"}),
}


def test_there_is_a_form_for_each_moment_at_which_a_department_writes() -> None:
    assert {form.name: (form.tab, form.is_new, form.fixed) for form in FORMS.values()} == EXPECTED


@EVERY
def test_a_form_is_short_and_begins_with_who_fills_it_in(form: Declared) -> None:
    assert list(form.questions)[:2] == ["demandeur.nom", "demandeur.courriel"]
    assert 9 <= len(form.questions) <= 18
    assert all(len(section.questions) <= 9 for section in form.sections)


@EVERY
def test_what_a_new_row_cannot_do_without_is_asked_or_fixed(form: Declared) -> None:
    if not form.is_new:
        return
    tab = DECLARED.tabs[form.tab]
    needed = {column.key for column in tab.columns if column.required and not column.is_system}
    mandatory = {q.key for q in form.questions.values() if q.required and q.when is None}
    assert needed <= mandatory | form.fixed.keys() | form.links.keys()
    for linked in form.links.values():
        required = {f"{linked}.{column.key}" for column in DECLARED.tabs[linked].columns if column.required}
        assert required <= mandatory


@EVERY
def test_the_words_of_a_form_are_those_of_somebody_who_has_never_seen_the_registry(form: Declared) -> None:
    for question in form.questions.values():
        # a rule's identifier, such as JUM-08, says nothing to a department
        assert not re.findall(r"\b[A-Z]+-\d\d\b", f"{question.title} {question.help}")
        assert len(question.title) <= 70
        assert len(question.help) <= 140


@EVERY
def test_a_line_of_a_checklist_is_one_that_such_a_row_is_owed(form: Declared) -> None:
    for question in form.questions.values():
        if question.piece:
            owner = next(c for c in DECLARED.checklists if question.piece in {item.code for item in c.items})
            assert owner.on == form.tab
            if form.is_new:
                assert any(one.value == form.fixed["forme"] for one in owner.forms)


def test_a_twinning_is_never_proposed_with_a_state_nor_a_membership_asked_of_one() -> None:
    for name in ("jumelage", "convention", "adhesion", "appel"):
        offered = FORMS[name].questions["partenaires.type"].column.categories
        assert "ETAT_ETRANGER" not in {choice.value for choice in offered}
    assert [c.value for c in FORMS["jumelage"].questions["partenaires.type"].column.categories] == [
        "COLLECTIVITE_ETRANGERE",
        "GROUPEMENT_CT_ETRANGER",
    ]


def test_an_evaluation_is_noted_by_the_six_criteria_with_their_reason() -> None:
    criteria = next(c for c in DECLARED.checklists if c.code == "CRITERES")
    keys = set(FORMS["evaluation"].questions)
    for item in criteria.items:
        assert {f"pieces_clauses.note:{item.code}", f"pieces_clauses.contenu:{item.code}"} <= keys


def test_a_choice_that_the_list_does_not_have_is_refused() -> None:
    asked = [
        {"champ": "demandeur.nom"},
        {"champ": "demandeur.courriel"},
        {"champ": "domaine", "choix": ["SPORT", "GOLF"]},
    ]
    data = {
        "nom": "essai", "titre": "Essai", "presentation": "", "merci": "", "onglet": "actes", "ligne": "nouvelle",
        "sections": [{"titre": "Tout", "questions": asked}],
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"domaine : « choix » parle d'une valeur inconnue \(GOLF\)"):
        parse_form(data, DECLARED.tabs)


def test_the_page_of_the_forms_tells_each_with_its_number_of_questions() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formulaires.md").read_text(encoding="utf-8")
    for form in FORMS.values():
        assert f"| `{form.name}` | {form.title} | {len(form.questions)} |" in page
