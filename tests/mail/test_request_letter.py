"""What the sender of a form reads, in French, Arabic and English: the same facts in the text and in the page, light, and
harmless whatever was typed. The day is 24 November 2026.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import product
from typing import Any

import pytest

from cdi_sync.forms.declaration import Question, Section
from cdi_sync.forms.submission import Fault, Source, State, Why
from cdi_sync.forms.telling import CORRECTIONS, FACTS, Announcement, NextStep, Request, announcement, in_words, plan
from cdi_sync.mail.letters import HTML_BYTES, Letter
from cdi_sync.mail.outbox import LetterState
from cdi_sync.model import Category, Column
from tests.forms.requests import FORM, accepted, awaited, faults, refused, request
from tests.mail.test_letter_languages import Said, translated, words
from tests.mail.test_letters import TEMPLATES, Page
from tests.mail.test_message import mime
from tests.registries import DECLARED

TODAY = date(2026, 11, 24)
LANGUAGES = ("fr", "ar", "en")
NAMES = {"COL-00001": "Commune de Fès"}
STEP = NextStep("Idée de jumelage proposée", "Préparer le rapport détaillé.", "Service CDI", date(2026, 12, 31))


def told(
    one: Request, before: Request | None = None, *, step: NextStep | None = None, form: Any = FORM
) -> Announcement:
    """What the letter about a request says, another one having left before."""
    settings: dict[str, Any] = {"made": {}, "never": ()}
    left = plan([before], {}, DECLARED.acknowledging, **settings).due if before else ()
    letters = {due.parcel.key: LetterState.SENT for due in left}
    (due,) = plan([one], letters, DECLARED.acknowledging, **settings).due
    language = DECLARED.languages[one.proposal.submission.lang]
    return announcement(due, form, DECLARED.acknowledging, language, service="Service", today=TODAY,
                        naming=lambda id_: NAMES.get(id_, ""), step=step)  # fmt: skip


def letter(one: Request, before: Request | None = None, **more: Any) -> Letter:
    return TEMPLATES.request(told(one, before, **more))


def assert_says(made: Letter, *said: str) -> None:
    for text in (made.text, Page(made.html).text):
        plain = " ".join(
            text.replace("\u2068", "").replace("\u2069", "").split()
        ).casefold()  # the text has titles in capitals
        assert [one for one in said if one.casefold() not in plain] == []


EVERY_FAULT = faults(*Why)
CHANGED = {"objet": "Autre chose"}
ALL: dict[str, tuple[Any, ...]] = {  # name → the request and the one told before, by language
    "recue": (request, {}, None),
    "incomplete": (request, {"state": State.TO_CORRECT, "found": EVERY_FAULT, "unknown": {"Colonne": "x"}}, None),
    "fichier": (request, {"state": State.TO_CORRECT, "found": EVERY_FAULT, "source": Source.MAIL}, None),
    "csv": (request, {"state": State.TO_CORRECT, "found": EVERY_FAULT, "source": Source.CSV}, None),
    "corrigee": (request, {"typed": CHANGED}, request),
    "corrigee_incomplete": (request, {"typed": CHANGED, "state": State.TO_CORRECT, "found": EVERY_FAULT}, request),
    "complete": (request, {}, lambda **more: request(state=State.TO_CORRECT, found=EVERY_FAULT, **more)),
    "devenue_incomplete": (request, {"state": State.TO_CORRECT, "found": EVERY_FAULT}, request),
    "rouverte": (request, {}, refused),
    "acceptee": (accepted, {}, request),
    "a_reporter": (accepted, {"state": State.BY_HAND}, request),
    "acceptee_corrigee": (accepted, {"typed": CHANGED}, accepted),
    "refusee": (refused, {}, request),
    "refusee_corrigee": (refused, {"typed": CHANGED}, refused),
    "attendue": (awaited, {}, request),
    "attendue_corrigee": (awaited, {"typed": CHANGED}, awaited),
    "acceptee_aussitot": (accepted, {}, None),
}


@cache
def written(name: str, lang: str) -> Letter:
    make, more, before = ALL[name]
    steps = {
        code: NextStep(say(STEP.stage), say(STEP.todo), "X" if code == "fr" else "", STEP.due)
        for code in LANGUAGES
        for say in [DECLARED.languages[code].gettext]
    }
    step = steps[lang] if name.startswith("accept") else None
    return letter(make(**more, lang=lang), before(lang=lang) if before else None, step=step)


# ------------------------------------------------------------------------------------------------------- what it says


def test_a_request_received_is_told_with_its_number_what_was_understood_and_what_comes_next() -> None:
    made = letter(request())
    assert made.subject == "DEM-00001 · Demande reçue · Proposer un jumelage"
    assert_says(
        made, "Bonjour Salma Bennani,", "Votre demande est reçue sous le numéro DEM-00001.",
        "Commune de Fès (COL-00001)", "Ville de Gand", "Échanges culturels et patrimoine",
        "vous répond au plus tard le 9 décembre 2026.",  # 24 November + 15 days
    )  # fmt: skip
    assert "corriger" not in made.text
    assert "salma@fes.example" not in made.text


def test_what_is_wrong_is_told_with_what_was_typed_and_how_to_correct_it() -> None:
    made = letter(request(state=State.TO_CORRECT, found=faults(Why.UNREADABLE)))
    assert made.subject == "DEM-00001 · Demande reçue, à compléter · Proposer un jumelage"
    assert_says(
        made, FORM.questions["collectivite"].title, "Vous avez écrit : « bientôt ».", "Ce qui manque : collectivite.",
        "Comment corriger collectivite.", "rouvrez votre réponse par le lien du formulaire",
        "Le service l'étudie dans les 15 jours qui suivent leur arrivée.",
    )  # fmt: skip
    assert "au plus tard" not in made.text


def test_an_accepted_request_is_told_with_its_new_number_and_next_step() -> None:
    made = letter(accepted(), request(), step=STEP)
    assert made.subject == "DEM-00001 · Demande acceptée · Proposer un jumelage"
    assert_says(
        made, "Elle porte maintenant le numéro ACT-00001", "Étape : Idée de jumelage proposée",
        "Prochaine étape : Préparer le rapport détaillé.", "À qui d'agir : Service CDI", "Au plus tard le 31 décembre 2026.",
    )  # fmt: skip
    assert "Ville de Gand" not in made.text, "what was understood was told before"
    assert "Ville de Gand" in letter(accepted()).text


def test_a_refusal_and_a_question_are_told_with_what_staff_wrote() -> None:
    assert_says(letter(refused(), request()), "est refusée.", "Motif", "Le partenaire a déjà un jumelage.")
    made = letter(awaited(), request())
    assert made.subject == "DEM-00001 · Le service attend votre réponse · Proposer un jumelage"
    assert_says(made, "Merci de joindre la lettre du maire de Gand.", "Dès que votre réponse arrive")


def test_what_no_question_asks_is_told_and_said_not_to_be_used() -> None:
    assert_says(letter(request(unknown={"Téléphone": "06"})), "n'a pas servi : Téléphone.")


def test_a_corrected_answer_after_a_decision_says_who_decides_now() -> None:
    assert_says(letter(accepted(typed=CHANGED), accepted()), "Votre correction a été prise en compte",
                "déjà acceptée sous le numéro ACT-00001")  # fmt: skip
    assert_says(letter(refused(typed=CHANGED), refused()), "qui décide de la reprendre")
    made = letter(awaited(typed=CHANGED), awaited())
    assert_says(made, "étudie cette correction et vous répond au plus tard le 9 décembre 2026.")


@pytest.mark.parametrize(
    ("value", "french", "arabic"),
    [
        (True, "Oui", "نعم"),
        (date(2027, 3, 1), "1er mars 2027", "1 مارس 2027"),
        (2026, "2026", "2026"),
        (3.0, "3", "3"),
        (1234567.5, "1\u202f234\u202f567,5", "1.234.567,5"),
        (("Eau", "Culture"), "Eau ; Culture", "Eau؛ Culture"),
        ("COL-00001", "Commune de Fès (COL-00001)", "Commune de Fès (COL-00001)"),
        ("COL-00009", "COL-00009", "COL-00009"),
    ],
)
def test_a_value_is_told_as_people_write_it(value: Any, french: str, arabic: str) -> None:
    question = FORM.questions["collectivite"]
    for lang, expected in (("fr", french), ("ar", arabic)):
        assert in_words(value, question, DECLARED.languages[lang], lambda id_: NAMES.get(id_, "")) == expected


def test_a_country_is_told_in_the_senders_language() -> None:
    for lang, name in (("fr", "Belgique"), ("ar", "بلجيكا"), ("en", "Belgium")):
        assert_says(letter(request(lang=lang)), name)


# -------------------------------------------------------------------------------------------------------- languages


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_text_and_page_say_the_same_words_and_are_light(name: str, lang: str) -> None:
    made = written(name, lang)
    assert words("".join(Said(made.html).pieces)) == words(made.text)
    assert len(made.html.encode()) < HTML_BYTES / 2
    assert f'dir="{"rtl" if lang == "ar" else "ltr"}"' in made.html


@pytest.mark.parametrize("name", ALL)
def test_what_is_not_arabic_in_an_arabic_letter_is_fenced_off(name: str) -> None:
    made = written(name, "ar")
    assert re.findall(r"[A-Za-z]+", "".join(Said(made.html).outside)) == []
    assert re.findall(r"[A-Za-z]+", re.sub(r"\u2068[^\u2068\u2069]*\u2069", "", made.text + made.subject)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_turn_has_its_own_subject_or_sentence(lang: str) -> None:
    openings = {(written(name, lang).subject, tuple(written(name, lang).text.splitlines()[4:])) for name in ALL}
    assert len(openings) == len(ALL)


def kinds() -> Iterator[tuple[str, Question]]:
    """Each type of column, a country, and a list of choices."""
    for type_ in ("string", "email", "url", "date", "time", "integer", "number", "boolean", "list", "reference"):
        column = Column("c", "Question", "", type=type_)
        yield type_, Question(type_, FORM.tab, column, "Question", "", required=False)
    country = Column("c", "Question", "", format="country")
    yield "pays", Question("pays", FORM.tab, country, "Question", "", required=False)
    listed = Column("c", "Question", "", categories=tuple(Category(str(n), f"Choix {n}") for n in range(40)))
    yield "choix", Question("choix", FORM.tab, listed, "Question", "", required=False)


KINDS = dict(kinds())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_how_to_correct_follows_what_is_wrong_and_the_kind_of_the_question(lang: str) -> None:
    """In French too, when understanding gives no sentence of its own."""
    form = _form(*KINDS.values())
    unreadable = [Fault(name, Why.UNREADABLE, "?", "", "") for name in KINDS]
    each = [letter(request(state=State.TO_CORRECT, found=(fault,), lang=lang), form=form).text for fault in unreadable]
    assert len(set(each)) == len(KINDS) - 2, "numbers are asked for alike, and so are a text and a name"
    for name, text in zip(KINDS, each, strict=True):
        assert (("Choix 0" in text) and ("28" in text)) is (name == "choix")  # 40 choices, 12 shown
    why = [letter(request(state=State.TO_CORRECT, found=(Fault("string", why, "?", "", ""),), lang=lang), form=form).text
           for why in Why]  # fmt: skip
    assert len(set(why)) == len(Why)


def test_another_language_never_quotes_the_french_of_the_staff() -> None:
    for lang, shows in (("fr", True), ("ar", False), ("en", False)):
        text = written("incomplete", lang).text
        assert ("Ce qui manque" in text, "Comment corriger" in text) == (shows, shows)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_the_first_step_of_each_procedure_is_told_in_that_language(lang: str) -> None:
    texts = DECLARED.languages[lang].texts
    for machine in DECLARED.machines.values():
        assert ("", machine.stages[0].todo) in texts
        assert ("", machine.stages[0].title) in texts


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_no_translation_is_left_of_a_sentence_that_is_gone(lang: str) -> None:
    from tests.mail.test_letter_languages import sentences, templates

    first = {(machine.stages[0].todo,) for machine in DECLARED.machines.values()}
    known = sentences(templates("demande")) | first | {("Oui",), ("Non",)}
    assert set(translated(lang, "demandes.po")) - known == set()


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_translation_has_the_places_of_the_french_sentence(lang: str) -> None:
    for sentence, forms in translated(lang, "demandes.po").items():
        for form in forms:
            wanted, found = (set(re.findall(r"%\((\w+)\)s", text)) for text in (sentence[0], form))
            assert found - {"n"} == wanted - {"n"}, form
            assert lang == "en" or not re.search(r"[A-Za-z]", re.sub(r"%\(\w+\)s", "", form)), form


# ------------------------------------------------------------------------------------------------------------ hostile


def _form(*questions: Question) -> Any:
    from dataclasses import replace

    return replace(FORM, sections=(Section("", "", questions),))


HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="x">', "{{ 7*7 }}{% for a in b %}", "=HYPERLINK(\"https://x.example\")",
    "\u202egnp.exe\u2066", "a\r\nBcc: c@d.example\r\n\r\nSuite", "=?utf-8?B?QmNjOg==?=", "\ud800\x00\x1b[31m", "]]>&#8238;",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_typed_stays_text_everywhere(text: str) -> None:
    values = {"demandeur.nom": text, "objet": text, "partenaires.nom": text}
    fault = Fault("objet", Why.UNREADABLE, text, text, text)
    for one in (
        request(state=State.TO_CORRECT, values=values, found=(fault,), unknown={text: text}),
        request(state=State.TO_CORRECT, values=values, found=(fault,), unknown={text: text}, lang="ar"),
        refused(motif=text, values=values),
        accepted(became=text, values=values),
    ):
        made = letter(one)
        page = Page(made.html)
        assert {"script", "img", "a"} & page.tags == set()
        assert not any(name.startswith("on") for name, _ in page.attributes)
        assert "\n" not in made.subject and "\r" not in made.text
        assert not re.search("[\u202a-\u202e\u2066\u2067\ud800-\udfff\x00\x1b]", made.text + made.html + made.subject)
        assert made.text.count("\u2068") == made.text.count("\u2069")
        assert "Bcc" not in {
            line.partition(":")[0] for line in mime(made).decode("ascii").split("\r\n\r\n")[0].splitlines()
        }


@pytest.mark.parametrize("lang", ["fr", "ar", pytest.param("en", marks=pytest.mark.proof)])
def test_fifty_thousand_characters_everywhere_make_a_light_letter(lang: str) -> None:
    long = "ملاحظة " * 7_000
    questions = [Question(f"q{n}", FORM.tab, Column("c", long, ""), long[:200], "", required=False) for n in range(90)]
    values = {one.key: long for one in questions} | {"demandeur.nom": long}
    found = tuple(Fault(one.key, Why.TOO_LONG, long, long, long) for one in questions)
    unknown = {f"{n} {long}": long for n in range(90)}
    for one in (
        request(state=State.TO_CORRECT, values=values, found=found, unknown=unknown, lang=lang),
        awaited(motif=long, values=values, found=found, unknown=unknown, lang=lang),
    ):
        made = letter(one, form=_form(*questions))
        assert len(made.html.encode()) < HTML_BYTES
        assert len(mime(made, lang=lang)) < 100_000
        assert made.html.count("<strong>") >= CORRECTIONS
        assert str(90 - FACTS) in made.text and str(90 - CORRECTIONS) in made.text


def test_a_letter_never_asks_a_machine_to_answer() -> None:
    head = mime(letter(request())).split(b"\r\n\r\n")[0].decode("ascii")
    assert "Auto-Submitted: auto-generated" in head
    assert "X-Auto-Response-Suppress: OOF, AutoReply" in head
    assert "List-" not in head


def test_an_announcement_is_one_for_every_pair_of_state_and_language() -> None:
    for name, lang in product(ALL, LANGUAGES):
        assert "%(" not in written(name, lang).text
        assert "None" not in written(name, lang).text
