"""A form laid out: in each language, whole."""

import re

import pytest

from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.sheet_form import TEXTS, cell_name, lay_out, question_id, version_of
from cdi_sync.forms.words import values_of
from tests.edges.forms.filled import MINUTES, TWINNING
from tests.registries import DECLARED


@pytest.mark.parametrize("code", ["ar", "en"])
def test_every_text_of_ours_is_translated_with_its_facts(code: str) -> None:
    told = {text: DECLARED.languages[code].texts.get(("", text), ("",))[0] for text in TEXTS}
    assert all(told.values())
    assert {text: re.findall(r"{\w+}", text) for text in told} == {t: re.findall(r"{\w+}", told[t]) for t in told}


@pytest.mark.parametrize("code", ["fr", "ar", "en"])
def test_every_question_has_its_line_in_order(code: str) -> None:
    for form in (TWINNING, MINUTES):
        lines = lay_out(form, DECLARED.languages[code]).lines
        assert [line.question.key for line in lines] == list(form.questions)
        assert len({line.name for line in lines}) == len(lines)


@pytest.mark.parametrize("code", ["fr", "ar", "en"])
@pytest.mark.parametrize("form", DECLARED.forms.values(), ids=DECLARED.forms)
def test_a_drop_down_offers_the_words_of_its_language(form: Declared, code: str) -> None:
    language = DECLARED.languages[code]
    for line in lay_out(form, language).lines:
        told = values_of(form.questions[line.question.key], language)
        assert not told or line.choices == tuple(told)


def test_names_that_are_offered_may_be_left_for_another_and_categories_may_not() -> None:
    sheet = lay_out(TWINNING, DECLARED.languages["fr"], {"collectivite": ["Fès", "Fès", "Ifrane"]})
    lines = {line.question.key: line for line in sheet.lines}
    assert (lines["collectivite"].choices, lines["collectivite"].strict) == (("Fès", "Ifrane"), False)
    assert lines["partenaires.type"].strict
    assert not lines["partenaires.pays"].strict


def test_a_cell_is_named_by_its_question_for_ever() -> None:
    assert cell_name(TWINNING, "objet") == "q_" + TWINNING.id_of("objet")
    assert question_id(cell_name(TWINNING, "objet")) == TWINNING.id_of("objet")
    assert question_id("Print_Area") == ""


def test_the_version_follows_what_is_asked() -> None:
    assert version_of(TWINNING) != version_of(MINUTES)
