"""A form as a Google Form: where a condition leads, what changes when it is declared anew, what an answer says."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cdi_sync.cells import read_cell
from cdi_sync.forms.declaration import Declared, parse_form
from cdi_sync.forms.google_form import (
    Difference,
    GoogleForm,
    difference,
    google_form,
    google_id,
    question_ids,
    submission_of,
    titles_of,
)
from cdi_sync.forms.references import rows_offered
from cdi_sync.forms.submission import Source
from cdi_sync.reference.countries import countries
from tests.google.forms.answering import led_to
from tests.google.forms.editing import KINDS, Editing
from tests.google.forms.state import Form
from tests.registries import DECLARED, registry

FRENCH, ARABIC = DECLARED.languages["fr"], DECLARED.languages["ar"]
SENDER = [{"champ": "demandeur.nom"}, {"champ": "demandeur.courriel"}]
LIEU = DECLARED.tabs["reunions"].column("lieu").title
FACE_TO_FACE = {"champ": "mode", "vaut": ["PRESENTIEL", "MIXTE"]}
AT_A_DISTANCE = {"champ": "mode", "vaut": ["A_DISTANCE"]}


def declared(*sections: Sequence[Mapping[str, Any]], tab: str = "reunions") -> Declared:
    """A form of these sections, the sender asked last."""
    told = [{"titre": f"Partie {number}", "questions": list(each)} for number, each in enumerate(sections, start=1)]
    data = {"nom": "essai", "titre": "Essai", "presentation": "", "merci": "", "onglet": tab, "ligne": "nouvelle"}
    return parse_form({**data, "sections": [*told, {"titre": "Vous", "questions": SENDER}]}, DECLARED.tabs)


def asked(form: Declared) -> dict[str, dict[str, Any]]:
    """What is asked, item by key of the question."""
    keys = question_ids(form)
    items = google_form(form, FRENCH, {}).items
    return {keys[i["questionItem"]["question"]["questionId"]]: i for i in items if "questionItem" in i}


def heads(form: Declared) -> list[tuple[str, str]]:
    """Title and description of each page."""
    items = google_form(form, FRENCH, {}).items
    return [(i["title"], i.get("description", "")) for i in items if "questionItem" not in i]


def ways(form: Declared, key: str) -> dict[str, str]:
    """Where each choice of a question leads: the key of the first question of the page, or the action."""
    items = google_form(form, FRENCH, {}).items
    first = {
        item["itemId"]: question_ids(form)[items[at + 1]["questionItem"]["question"]["questionId"]]
        for at, item in enumerate(items)
        if "pageBreakItem" in item
    }
    options = asked(form)[key]["questionItem"]["question"]["choiceQuestion"]["options"]
    return {o["value"]: first.get(o.get("goToSectionId", ""), o.get("goToAction", "")) for o in options}


# ------------------------------------------------------------------------------------------------- conditions


def test_a_choice_leads_to_the_questions_that_hang_on_it_or_past_them() -> None:
    form = declared([{"champ": "mode"}, {"champ": "lieu", "si": FACE_TO_FACE}, {"champ": "ordre_du_jour"}])
    labels = [category.label for category in form.questions["mode"].column.categories]
    assert list(ways(form, "mode")) == labels
    assert set(ways(form, "mode").values()) == {"lieu", "ordre_du_jour"}
    [face] = [c.label for c in form.questions["mode"].column.categories if c.value == "PRESENTIEL"]
    [distance] = [c.label for c in form.questions["mode"].column.categories if c.value == "A_DISTANCE"]
    assert (ways(form, "mode")[face], ways(form, "mode")[distance]) == ("lieu", "ordre_du_jour")
    assert [title for title, _ in heads(form)] == ["Partie 1", "Partie 1", "Partie 1", "Vous"]
    assert heads(form)[1][1].startswith("Question posée seulement si « ")


def test_a_choice_leads_past_the_last_questions_to_the_next_section() -> None:
    form = declared([{"champ": "mode"}], [{"champ": "lieu", "si": FACE_TO_FACE}])
    assert set(ways(form, "mode").values()) == {"lieu", "demandeur.nom"}


def test_past_the_very_last_questions_the_form_is_sent() -> None:
    questions = [*SENDER, {"champ": "mode"}, {"champ": "lieu", "si": FACE_TO_FACE}]
    data = {
        "nom": "essai",
        "titre": "Essai",
        "presentation": "",
        "merci": "",
        "onglet": "reunions",
        "ligne": "nouvelle",
    }
    form = parse_form({**data, "sections": [{"titre": "Tout", "questions": questions}]}, DECLARED.tabs)
    assert set(ways(form, "mode").values()) == {"lieu", "SUBMIT_FORM"}


def test_a_second_condition_on_a_choice_is_told_and_nobody_is_held_to_answer() -> None:
    form = declared([{"champ": "mode"}, {"champ": "lieu", "si": FACE_TO_FACE, "obligatoire": True},
                     {"champ": "plateforme", "si": AT_A_DISTANCE, "obligatoire": True}])  # fmt: skip
    platform = asked(form)["plateforme"]
    assert "Question posée seulement si « " in platform["description"]
    assert "required" not in platform["questionItem"]["question"]
    assert set(ways(form, "mode").values()) == {"lieu", "plateforme"}


def test_questions_that_concern_the_same_choices_and_more_follow_those_that_concern_fewer() -> None:
    everywhere = {"champ": "mode", "vaut": ["PRESENTIEL", "MIXTE", "A_DISTANCE"]}
    form = declared([{"champ": "mode"}, {"champ": "lieu", "si": FACE_TO_FACE}, {"champ": "plateforme", "si": everywhere},
                     {"champ": "ordre_du_jour"}])  # fmt: skip
    labels = {category.value: category.label for category in form.questions["mode"].column.categories}
    assert ways(form, "mode") == {
        labels["PRESENTIEL"]: "lieu", labels["MIXTE"]: "lieu", labels["A_DISTANCE"]: "plateforme",
    }  # fmt: skip


def _forms_with_conditions() -> list[Declared]:
    modes = [c.value for c in DECLARED.tabs["reunions"].column("mode").categories]
    made = [form for form in DECLARED.forms.values() if any(q.when for q in form.questions.values())]
    for seed in range(30):
        chance = random.Random(seed)
        questions: list[dict[str, Any]] = []
        for key in ("lieu", "plateforme", "ordre_du_jour", "type", "participants_presents"):
            values = chance.sample(modes, chance.randint(1, len(modes)))
            questions.append(
                {"champ": key, **({"si": {"champ": "mode", "vaut": values}} if chance.random() < 0.7 else {})}
            )
        made.append(declared([{"champ": "date"}, {"champ": "mode"}, *questions]))
    return made


@pytest.mark.parametrize("form", _forms_with_conditions(), ids=lambda form: form.name)
def test_whatever_one_chooses_one_sees_what_concerns_one_and_is_told_of_the_rest(form: Declared) -> None:
    wanted = google_form(form, FRENCH, {})
    google = there(wanted)
    told = {key for key, item in asked(form).items() if "Question posée seulement si" in item.get("description", "")}
    choosers = {q.when.question for q in form.questions.values() if q.when}
    for chooser in choosers:
        for choice in form.questions[chooser].column.categories:
            seen = [
                question["questionId"] for question in led_to(google, {google_id(form.name, chooser): choice.label})
            ]
            concerned = [
                key for key, q in form.questions.items()
                if key in told or q.when is None or q.when.question != chooser or choice.value in q.when.values
            ]  # fmt: skip
            assert [question_ids(form)[id_] for id_ in seen] == concerned


def test_a_condition_on_a_choice_of_an_earlier_page_is_told() -> None:
    form = declared([{"champ": "mode"}], [{"champ": "ordre_du_jour"}, {"champ": "lieu", "si": FACE_TO_FACE}])
    assert "Question posée seulement si « " in asked(form)["lieu"]["description"]
    assert set(ways(form, "mode").values()) == {""}


@pytest.mark.parametrize("must", [True, False])
def test_what_hangs_on_a_choice_must_be_answered_only_when_the_choice_must_be(must: bool) -> None:
    form = declared(
        [{"champ": "mode", "obligatoire": must}, {"champ": "lieu", "si": FACE_TO_FACE, "obligatoire": True}]
    )
    assert asked(form)["lieu"]["questionItem"]["question"].get("required", False) is must


def test_who_does_not_see_a_choice_does_not_see_what_hangs_on_it() -> None:
    held = {"champ": "type", "si": FACE_TO_FACE}
    kind = DECLARED.tabs["reunions"].column("type").categories[0].value
    form = declared([{"champ": "mode"}, held, {"champ": "lieu", "si": {"champ": "type", "vaut": [kind]}},
                     {"champ": "ordre_du_jour"}])  # fmt: skip
    assert set(ways(form, "mode").values()) == {"type", "ordre_du_jour"}
    assert set(ways(form, "type").values()) == {"lieu", "ordre_du_jour"}


# ------------------------------------------------------------------------------------------------- how it is answered


def test_each_kind_of_column_is_asked_in_its_own_way() -> None:
    form = declared(
        [{"champ": key} for key in ("date", "heure_debut", "mode", "type", "points_tous_abordes", "ordre_du_jour")]
    )
    kinds = {}
    for key, item in asked(form).items():
        question = item["questionItem"]["question"]
        kinds[key] = next(
            f"{name} {question[name].get('type', '')}".strip() for name in question if name.endswith("Question")
        )
    assert kinds == {
        "date": "dateQuestion", "heure_debut": "timeQuestion", "mode": "choiceQuestion RADIO", "type": "choiceQuestion DROP_DOWN",
        "points_tous_abordes": "choiceQuestion RADIO", "ordre_du_jour": "textQuestion", "demandeur.nom": "textQuestion",
        "demandeur.courriel": "textQuestion",
    }  # fmt: skip
    assert asked(form)["date"]["questionItem"]["question"]["dateQuestion"] == {"includeYear": True}
    assert "comme service@commune.example" in asked(form)["demandeur.courriel"]["description"]


def test_yes_and_no_are_asked_in_arabic() -> None:
    items = google_form(declared([{"champ": "points_tous_abordes"}]), ARABIC, {}).items
    [options] = [i["questionItem"]["question"]["choiceQuestion"]["options"] for i in items
                 if "choiceQuestion" in i.get("questionItem", {}).get("question", {})]  # fmt: skip
    assert [option["value"] for option in options] == ["نعم", "لا"]


def test_rows_of_the_registry_are_a_list_and_one_that_is_chosen_is_told_by_its_number() -> None:
    rows = {"collectivites": [{"id": "COL-00001", "nom_fr": "Commune de l'Exemple"}, {"id": "COL-00002"}]}
    form = DECLARED.forms["jumelage"]
    offers = rows_offered(form, registry(rows), DECLARED.tabs)
    assert [c.value for c in offers["collectivite"]] == ["COL-00001", "COL-00002"]
    [question] = [i["questionItem"]["question"] for i in google_form(form, FRENCH, offers).items
                  if i.get("title") == form.questions["collectivite"].title]  # fmt: skip
    assert question["choiceQuestion"]["type"] == "DROP_DOWN"
    for option, id_ in zip(question["choiceQuestion"]["options"], ("COL-00001", "COL-00002"), strict=True):
        read = submission_of(form, "fr", response(**{f"_{question['questionId']}": [option["value"]]}), {})
        assert read.values == {"collectivite": id_}


@pytest.mark.parametrize(("lang", "country"), [("fr", "Sénégal"), ("ar", "السنغال")])
def test_countries_are_a_list_in_the_language_of_the_form(lang: str, country: str) -> None:
    form = DECLARED.forms["jumelage"]
    asked = (
        i.get("questionItem", {}).get("question", {}) for i in google_form(form, DECLARED.languages[lang], {}).items
    )
    [question] = [each for each in asked if each.get("questionId") == google_id("jumelage", "partenaires.pays")]
    options = [option["value"] for option in question["choiceQuestion"]["options"]]
    assert country in options
    assert {read_cell(option, form.questions["partenaires.pays"].column) for option in options} == {
        read_cell(one.code, form.questions["partenaires.pays"].column) for one in countries()
    }


# ------------------------------------------------------------------------------------------------- what differs


def brought(form: Form, found: Difference) -> Form:
    """The form once those requests are done, as Google does them."""
    editing = Editing(form)
    for editing.at, request in enumerate(found.requests):
        [(editing.kind, body)] = json.loads(json.dumps(request)).items()
        KINDS[editing.kind](editing, body)
    return editing.form


def there(wanted: GoogleForm) -> Form:
    return brought(Form("1", "Essai", "Essai"), difference(wanted, {"info": {"title": "Essai"}}, ()))


def made(*wanted: GoogleForm) -> set[str]:
    return {item["itemId"] for each in wanted for item in each.items}


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
@pytest.mark.parametrize("name", DECLARED.forms)
def test_every_form_can_be_made_and_then_there_is_nothing_to_do(name: str, lang: str) -> None:
    wanted = google_form(DECLARED.forms[name], DECLARED.languages[lang], {})
    form = there(wanted)
    assert [item["itemId"] for item in form.items] == [item["itemId"] for item in wanted.items]
    assert form.title == wanted.title
    assert form.description == wanted.description
    assert difference(wanted, form.resource(), made(wanted)) == Difference((), (), ())


def test_another_wording_and_another_order_keep_every_identifier() -> None:
    before = declared([{"champ": "mode"}, {"champ": "lieu"}, {"champ": "ordre_du_jour"}])
    after = declared(
        [{"champ": "ordre_du_jour", "titre": "De quoi a-t-on parlé ?"}, {"champ": "mode"}, {"champ": "lieu"}]
    )
    old, new = google_form(before, FRENCH, {}), google_form(after, FRENCH, {})
    found = difference(new, there(old).resource(), made(old))
    form = brought(there(old), found)
    assert question_ids(before) == question_ids(after)
    assert {kind for request in found.requests for kind in request} <= {
        "moveItem",
        "updateItem",
        "createItem",
        "deleteItem",
    }
    asked_now = [i["questionItem"]["question"]["questionId"] for i in form.items if "questionItem" in i]
    assert asked_now[:3] == [google_id("essai", key) for key in ("ordre_du_jour", "mode", "lieu")]
    assert "modifier la question « De quoi a-t-on parlé ? »" in found.told


def test_what_others_added_stays_where_it_was_and_is_told() -> None:
    old = google_form(declared([{"champ": "mode"}, {"champ": "lieu"}]), FRENCH, {})
    new = google_form(declared([{"champ": "lieu"}, {"champ": "ordre_du_jour"}]), FRENCH, {})
    form = there(old)
    place = next(at for at, item in enumerate(form.items) if item["title"] == LIEU)
    form.items.insert(place + 1, {"itemId": "0000beef", "title": "Et le café ?", "questionItem": {
        "question": {"questionId": "0000cafe", "textQuestion": {}}}})  # fmt: skip
    found = difference(new, form.resource(), made(old))
    after = brought(form, found)
    titles = [item["title"] for item in after.items]
    assert titles.index("Et le café ?") == titles.index(LIEU) + 1
    assert found.strangers == ("la question « Et le café ? »",)
    mode = DECLARED.tabs["reunions"].column("mode").title
    assert [told for told in found.told if told.startswith("retirer la question")] == [
        f"retirer la question « {mode} »"
    ]
    assert difference(new, after.resource(), made(old, new)).requests == ()


def test_a_choice_undone_by_hand_is_made_again() -> None:
    wanted = google_form(DECLARED.forms["compte_rendu"], FRENCH, {})
    form = there(wanted)
    for item in form.items:
        for option in item.get("questionItem", {}).get("question", {}).get("choiceQuestion", {}).get("options", ()):
            option.pop("goToSectionId", None)
    found = difference(wanted, form.resource(), made(wanted))
    assert found.told
    assert brought(form, found).items == there(wanted).items


@pytest.mark.parametrize("seed", range(40))
def test_whatever_was_there_one_batch_brings_it_and_a_second_finds_nothing(seed: int) -> None:
    chance = random.Random(seed)
    whole = DECLARED.forms["compte_rendu"]

    def some(share: float) -> GoogleForm:
        kept = [[q for q in s.questions if chance.random() < share or q.key == "mode"] for s in whole.sections]
        for questions in kept:
            chance.shuffle(questions)
        sections = [replace(s, questions=tuple(q)) for s, q in zip(whole.sections, kept, strict=True) if q]
        chance.shuffle(sections)
        return google_form(replace(whole, sections=tuple(sections)), chance.choice([FRENCH, ARABIC]), {})

    old, new = some(0.7), some(0.7)
    form = there(old)
    for number in range(chance.randint(0, 4)):
        stranger = {"itemId": f"0000ab0{number}", "title": f"Ajout {number}", "textItem": {}}
        form.items.insert(chance.randint(0, len(form.items)), stranger)
    after = brought(form, difference(new, form.resource(), made(old)))
    ours = [item for item in after.items if item["itemId"] in made(new)]
    assert [item["itemId"] for item in ours] == [item["itemId"] for item in new.items]
    left = difference(new, after.resource(), made(old, new))
    assert (left.requests, left.told) == ((), ())
    assert {i["itemId"] for i in after.items} - made(new) == {i["itemId"] for i in form.items} - made(old)


# ------------------------------------------------------------------------------------------------- answers


def response(**answers: Any) -> dict[str, Any]:
    return {"responseId": "ACYDBN1", "createTime": "2026-11-23T08:00:00.123456789Z", "lastSubmittedTime": "2026-11-23T09:00:00Z",
            "answers": {id_[1:]: {"questionId": id_[1:], "textAnswers": {"answers": [{"value": text} for text in texts]}}
                        for id_, texts in answers.items()}}  # fmt: skip


def test_an_answer_is_told_by_the_keys_of_questions_as_it_was_typed() -> None:
    form = DECLARED.forms["jumelage"]
    told = {f"_{google_id('jumelage', key)}": [text] for key, text in (
        ("collectivite", "COL-00003 · Commune de Fès · Médina"), ("objet", '=HYPERLINK("x")\u202e'), ("partenaires.pays", "Sénégal"),
    )}  # fmt: skip
    read = submission_of(form, "ar", response(**told), {})
    assert read.values == {"collectivite": "COL-00003", "objet": '=HYPERLINK("x")\u202e', "partenaires.pays": "Sénégal"}
    assert (read.source, read.lang, read.response) == (Source.GOOGLE, "ar", "ACYDBN1")
    assert (read.received, read.edited) == (
        datetime(2026, 11, 23, 8, 0, 0, 123456, UTC), datetime(2026, 11, 23, 9, tzinfo=UTC),
    )  # fmt: skip


def test_what_no_question_asks_is_kept_by_its_title() -> None:
    titles = titles_of({"items": [
        {"title": "Le café", "questionItem": {"question": {"questionId": "0000cafe", "textQuestion": {}}}},
        {"title": "Notes", "questionGroupItem": {"questions": [{"questionId": "0000beef", "rowQuestion": {"title": "Accueil"}}]}},
    ]})  # fmt: skip
    read = submission_of(
        DECLARED.forms["jumelage"], "fr", response(_0000cafe=["a", "b"], _0000beef=["4"], _0000dead=["?"]), titles
    )
    assert read.unknown == {"Le café": "a ; b", "Notes : Accueil": "4", "0000dead": "?"}
    assert read.values == {}


def test_a_file_that_was_added_is_told_by_its_address() -> None:
    answer = {**response(), "answers": {"0000cafe": {"questionId": "0000cafe", "fileUploadAnswers": {"answers": [
        {"fileId": "1abc", "fileName": "rapport.pdf"}]}}}}  # fmt: skip
    read = submission_of(DECLARED.forms["jumelage"], "fr", answer, {})
    assert read.unknown == {"0000cafe": "rapport.pdf (https://drive.google.com/file/d/1abc)"}
