"""A form in French, Arabic and English: the same questions, whole in each language, and answers that mean the same."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from cdi_sync.cells import read_cell
from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.words import CHOICE, FIXED, choices_of, texts_of, values_of, worded
from tests.registries import DECLARED

FORMS = DECLARED.forms
CATALOGUES = Path(__file__).parents[2] / "config" / "langues"
EVERY = pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
TRANSLATED = pytest.mark.parametrize("lang", ["ar", "en"])
# What an Arabic text may hold in Latin letters: numbers of the registry, codes, initials, addresses; and facts.
LATIN = re.compile(r"\{\w+\}|[A-Z]{2,5}(?:-\d+)?|https://|\S+@\S+\.example")


@cache
def messages(lang: str) -> tuple[Message, ...]:
    with (CATALOGUES / lang / "formulaires.po").open("rb") as file:
        return tuple(message for message in read_po(file, abort_invalid=True) if message.id)


def shown() -> Iterator[tuple[str, str]]:
    """(context, French text) of all that forms say."""
    yield from (("", text) for text in FIXED)
    for form in FORMS.values():
        yield from (("", text) for text in texts_of(form))
        for question in form.questions.values():
            if question.column.type != "boolean":
                yield from ((CHOICE, choice.label) for choice in choices_of(question))


@TRANSLATED
def test_every_text_of_a_form_is_translated(lang: str) -> None:
    known = {(message.context or "", message.id): message.string for message in messages(lang) if not message.fuzzy}
    here, elsewhere = DECLARED.languages[lang].texts, set()
    for context, text in shown():
        if (context, text) not in known:
            elsewhere.add((context, text))
            # another catalogue may say it, as long as it means the same: « Comité de pilotage »
            assert here.get((context, text)) or here.get(("", text)), text
        else:
            assert known[context, text], text
    assert len(elsewhere) <= 8


@TRANSLATED
def test_no_translation_is_left_of_a_text_that_is_gone(lang: str) -> None:
    assert {(message.context or "", message.id) for message in messages(lang)} - set(shown()) == set()


@TRANSLATED
def test_a_text_means_the_same_in_every_catalogue(lang: str) -> None:
    for path in (CATALOGUES / lang).glob("*.po"):
        with path.open("rb") as file:
            others = {(one.context or "", one.id): one.string for one in read_po(file) if isinstance(one.id, str)}
        for message in messages(lang):
            assert others.get((message.context or "", message.id), message.string) == message.string, path.name


@TRANSLATED
def test_a_translation_keeps_the_facts_of_its_text(lang: str) -> None:
    for message in messages(lang):
        assert set(re.findall(r"\{\w+\}", message.string)) == set(re.findall(r"\{\w+\}", message.id))


def test_what_is_arabic_is_written_as_arabic_is() -> None:
    for message in messages("ar"):
        text = message.string
        bare = LATIN.sub("0", text)
        assert not re.search(r"[A-Za-zÀ-ÿ]", bare), text
        assert re.search(r"[\u0600-\u06ff]", bare), message.id
        assert not re.search(r"[?,;\"'’]", bare), text  # ؟ ، ؛ and « »
        assert not re.search(r" [:؟،؛.!]|[«] | [»]|  |[\u00a0\u202f]", bare), text  # no space before, as in French
        assert not re.search(r"[،؛؟](?=[^\s»،])", text), text
        assert text == text.strip()
        assert message.id.endswith("?") == text.endswith("؟")
        assert message.id.endswith(".") == text.endswith(".")


def test_what_is_english_has_no_french_space_before_its_signs() -> None:
    for message in messages("en"):
        assert not re.search(r" [:?;!]|[«»]", message.string), message.string
        assert message.id.endswith("?") == message.string.endswith("?")


@EVERY
@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_a_form_asks_the_same_in_every_language(form: Declared, lang: str) -> None:
    told = worded(form, DECLARED.languages[lang])
    assert (told.id, told.tab, told.fixed, told.links) == (form.id, form.tab, form.fixed, form.links)
    assert list(told.questions) == list(form.questions)
    for key, question in form.questions.items():
        other = told.questions[key]
        assert (other.required, other.when, other.piece, other.column.key) == (
            question.required, question.when, question.piece, question.column.key,
        )  # fmt: skip
        assert [c.value for c in other.column.categories] == [c.value for c in question.column.categories]
        assert bool(other.help) == bool(question.help)


def test_a_form_in_arabic_is_told_in_arabic_down_to_its_choices() -> None:
    told = worded(FORMS["avancement"], DECLARED.languages["ar"])
    assert told.title == "الإخبار بتقدم عمل من مخطط العمل"
    assert told.sections[1].title == "أين وصل؟"
    labels = {choice.value: choice.label for choice in told.questions["statut"].column.categories}
    assert labels["EN_RETARD"] == "متأخر"  # and not « النقط المتأخرة », which is what a letter says of a list
    assert labels["TERMINEE"] == "منجز"


@EVERY
@TRANSLATED
def test_no_text_of_a_form_stays_in_french(form: Declared, lang: str) -> None:
    same = set(texts_of(worded(form, DECLARED.languages[lang]))) & set(texts_of(form))
    assert same <= ({"Impact", "Programme"} if lang == "en" else set())


def test_a_form_in_french_is_the_form() -> None:
    french = DECLARED.languages["fr"]
    for form in FORMS.values():
        assert list(texts_of(worded(form, french))) == list(texts_of(form))


@EVERY
@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_an_answer_chosen_in_any_language_reads_as_the_same_value(form: Declared, lang: str) -> None:
    for question in form.questions.values():
        values = values_of(question, DECLARED.languages[lang])
        assert len(values) == len(choices_of(question)), question.key  # no two choices have one name
        for value in values.values():
            read = read_cell(value, question.column)
            assert read == ({"OUI": True, "NON": False}[value] if question.column.type == "boolean" else value)


def test_the_choices_of_a_boolean_are_yes_and_no() -> None:
    question = FORMS["convention"].questions["implique_engagement_financier"]
    assert values_of(question, DECLARED.languages["ar"]) == {"نعم": "OUI", "لا": "NON"}
    assert values_of(FORMS["convention"].questions["objet"], DECLARED.languages["ar"]) == {}


@pytest.mark.parametrize(
    ("lang", "people"),
    [
        ("fr", ("Mme A. (présidente)", "M. B. (directeur)")),
        ("ar", ("السيدة أ (رئيسة)", "السيد ب (مدير)")),
        ("en", ("Ms A. (president)", "Mr B. (director)")),
    ],
)
def test_whoever_follows_the_example_of_a_list_is_read_as_meant(lang: str, people: tuple[str, ...]) -> None:
    question = worded(FORMS["compte_rendu"], DECLARED.languages[lang]).questions["participants_presents"]
    example = question.help.rpartition(": ")[2].removesuffix(".")
    assert read_cell(example, question.column) == people
