"""What a person is told of a reply, in French, Arabic and English: the same facts in the text and in the page."""

import re
from datetime import date
from html import unescape

import pytest

from cdi_sync.mail.answers import Acknowledgement, Question, Taken, Why
from cdi_sync.mail.letters import Letter
from tests.mail.test_letters import FOLDER, TEMPLATES
from tests.registries import DECLARED

DAY = date(2026, 11, 3)
LANGUAGES = ("fr", "ar", "en")
DONE = Taken("ACT-00012", "Procès-verbal à transmettre", "fait", DAY, "Transmis à l'autorité le")
EVERY_QUESTION = tuple(Question(why, "FAIT 1", "ACT-00007", DAY) for why in Why)


def receipt(*taken: Taken, questions: tuple[Question, ...] = (), lang: str = "fr", days: int = 3) -> Letter:
    examples = ("FAIT 23/11/2026 ACT-00012", "REPORTER 7 ACT-00012")
    told = Acknowledgement("Amina Idrissi", "Service", taken, questions, days, days, days, examples, lang)
    return TEMPLATES.receipt(told)


def words(letter: Letter) -> str:
    """The page's text, spaces made plain."""
    page = re.sub(r"<(style|title|head)\b.*?</\1>", " ", letter.html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_date_understood_is_told_with_what_happens_next() -> None:
    letter = receipt(DONE)
    assert letter.subject == "ACT-00012 · Votre réponse est notée"
    for said in ("Fait le 3 novembre 2026.", "« Transmis à l'autorité le »", "pendant 3 jours ouvrés"):
        assert said in letter.text
        assert said in words(letter)
    assert "Par exemple" not in letter.text


def test_one_day_of_silence_is_singular() -> None:
    assert "pendant 1 jour ouvré," in receipt(DONE, days=1).text
    assert "for 1 worked day," in receipt(DONE, days=1, lang="en").text


def test_what_was_not_understood_is_quoted_with_its_reason_and_how_to_write_it() -> None:
    letter = receipt(questions=(Question(Why.BAD_DAY, "FAIT 03/11/26", "ACT-00012"),))
    assert letter.subject == "ACT-00012 · Votre réponse n'a rien changé"
    for said in ("« FAIT 03/11/26 »", "le jour, le mois et l'année", "FAIT 23/11/2026 ACT-00012"):
        assert said in letter.text
        assert said in words(letter)


def test_how_to_write_is_not_told_when_nothing_waits() -> None:
    assert "Par exemple" not in receipt(questions=(Question(Why.OVER, "FAIT", "ACT-00012"),)).text


def test_hostile_words_quoted_back_stay_words() -> None:
    hostile = 'FAIT <b onclick="x">{{ 7*7 }}\u202e\r\nBcc: x@y.example'
    letter = receipt(questions=(Question(Why.UNCLEAR, hostile),))
    assert "<b onclick" not in letter.html
    assert "{{ 7*7 }}" in letter.text
    assert "\u202e" not in letter.text + letter.html
    assert "\nBcc" not in letter.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_its_sentence_of_its_own(lang: str) -> None:
    texts = {receipt(questions=(Question(why, "", "ACT-00007", DAY),), lang=lang).text for why in Why}
    assert len(texts) == len(Why)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_nothing_stays_in_french(lang: str) -> None:
    taken = [
        Taken("ACT-00012", "Titre", verb, DAY, column)
        for verb in ("fait", "reporter", "vu")
        for column in ("", "Colonne")
    ]
    french = receipt(*taken, questions=EVERY_QUESTION)
    letter = receipt(*taken, questions=EVERY_QUESTION, lang=lang)
    same = {line.strip() for line in french.text.splitlines()} & {line.strip() for line in letter.text.splitlines()}
    known = {"", "Service", "--", "* « FAIT 1 »", "FAIT 23/11/2026 ACT-00012", "REPORTER 7 ACT-00012"}
    assert {line for line in same if line not in known and not line.startswith("* Titre")} == set()
    assert f'dir="{"rtl" if lang == "ar" else "ltr"}"' in letter.html


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_every_sentence_of_the_templates_is_translated_with_its_values(lang: str) -> None:
    language = DECLARED.languages[lang]
    source = (FOLDER / "reponse" / "phrases.txt").read_text("utf-8") + (FOLDER / "reponse" / "objet.txt").read_text(
        "utf-8"
    )
    plain = re.findall(r'_\("([^"]+)"\)', source)
    blocks = re.findall(r"{% trans [^%]*%}(.*?)(?:{% pluralize count %}.*?)?{% endtrans %}", source)
    assert len(plain) > 15
    assert len(blocks) > 8
    for text in (*plain, *(re.sub(r"{{ (\w+) }}", r"%(\1)s", block) for block in blocks)):
        forms = language.texts.get(("", text))
        assert forms, text
        for form in forms:
            assert set(re.findall(r"%\((\w+)\)s", form)) <= set(re.findall(r"%\((\w+)\)s", text)), form


@pytest.mark.parametrize("days", [0, 1, 2, 3, 11, 100])
def test_arabic_counts_in_its_six_forms(days: int) -> None:
    question = Question(Why.TOO_LONG, "FAIT")
    text = receipt(DONE, questions=(question,), lang="ar", days=days).text
    assert ("%(" not in text) and (str(days) in text or days < 3)
