"""Forms at Google, from the command to the answers, by the real clients against the emulator."""

import contextlib
import json
import random
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cdi_sync.cli import cdi
from cdi_sync.cli.options import Where
from cdi_sync.edges.forms import google as google_forms
from cdi_sync.edges.forms.google import Published, Publisher, form_id, known_forms, new_responses, responses
from cdi_sync.edges.forms.google_checks import examine_forms
from cdi_sync.edges.installation import Common, Installation
from cdi_sync.edges.ledger.store import Store
from cdi_sync.edges.workbook_google.http import GaveUpError, RefusedError, UncertainError
from cdi_sync.edges.workbook_google.opening import PACE, Line
from cdi_sync.errors import ConfigError, RegistryError
from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.google_form import google_id
from cdi_sync.forms.submission import Submission
from tests.demos import lean_installation
from tests.google.call import Call
from tests.google.clock import Clock
from tests.google.forms import Form
from tests.google.quotas import Limits
from tests.google.server import serving
from tests.google.tokens import Tokens
from tests.google.wire import ApiError, Request, Response
from tests.google.world import Google
from tests.google_demo import PERSON, ROBOT
from tests.registries import DECLARED

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
JUMELAGE = DECLARED.forms["jumelage"]
ANSWERED = {
    "demandeur.nom": "Un agent", "demandeur.courriel": "agent@commune.example", "partenaires.nom": "Ville d'Exemple",
    "partenaires.pays": "Sénégal", "objet": "Échanger des expériences",
}  # fmt: skip


@dataclass(frozen=True)
class Office:
    """An installation whose forms are with Google."""

    google: Google
    at: Installation

    def cdi(self, *words: str) -> str:
        """What a command says. Raises its error."""
        told = CliRunner().invoke(
            cdi, [*words, "--config", str(self.at.folder / "settings.toml")], catch_exceptions=False
        )
        assert told.exit_code == 0, told.output
        return told.output

    def publish(self, form: Declared = JUMELAGE, lang: str = "fr") -> Published:
        """Publishes without offering rows, as the command does for forms that designate none."""
        return Publisher(self.at, None).publish(form, lang)

    def form(self, name: str = "jumelage", lang: str = "fr") -> str:
        return known_forms(self.at)[name][lang].id

    def answer(self, values: Mapping[str, Any], *, lang: str = "fr", name: str = "jumelage", editing: str = "",
               more: Mapping[str, str] | None = None) -> str:  # fmt: skip
        """Has somebody answer; questions of choice that must be answered and aren't take their first choice. more: by identifier."""
        form = self.google.forms[self.form(name, lang)]
        typed = {google_id(name, key): value for key, value in values.items()} | dict(more or {})
        for item in form.items:
            question = item.get("questionItem", {}).get("question", {})
            if question.get("required") and question["questionId"] not in typed:
                options = question.get("choiceQuestion", {}).get("options") or [{"value": "Une réponse"}]
                typed[question["questionId"]] = options[0]["value"]
        return self.google.staff.now().answer(form.id, typed, editing=editing)

    def answers(self, since: datetime | None = None) -> list[Submission]:
        return list(responses(self.at, since))

    def asked(self, method: str = "forms.*") -> int:
        return self.google.count(method)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger, made once."""
    place = tmp_path_factory.mktemp("base") / "suivi.sqlite"
    Store.open(place).close()
    return place


@pytest.fixture(scope="module")
def robot() -> tuple[Tokens, dict[str, str]]:
    """Those who give tokens, by the true time, which those who sign for them read; and the robot's key."""
    tokens = Tokens(Clock(), any_token=False)
    return tokens, tokens.new_service_account(ROBOT, "")


@pytest.fixture
def office(
    tmp_path: Path, robot: tuple[Tokens, dict[str, str]], ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The clock of the office is that of its Google."""
    google = Google(no_quota=True, clock=Clock(START))
    google.tokens, key = robot
    monkeypatch.setattr(google_forms.clock, "now", lambda: google.clock.now())
    with serving(google) as url:
        lean_installation(tmp_path, size=3)
        shutil.copy(ledger, tmp_path / "suivi.sqlite")
        (tmp_path / "robot.json").write_text(json.dumps(key | {"token_uri": f"{url}/token"}), encoding="utf-8")
        (tmp_path / "settings.toml").write_text(
            f'[google]\ncle = "robot.json"\nsheets = "{url}"\ndrive = "{url}"\nforms = "{url}"\n', encoding="utf-8"
        )
        line = Line(tmp_path / PACE, sleep=lambda seconds: google.clock.advance(seconds))
        at = Installation.at(tmp_path / "settings.toml", Common(line, DECLARED))
        monkeypatch.setattr(Where, "installation", lambda where: at)  # which would read config/ again at each command
        yield Office(google, at)
        at.close()


# ------------------------------------------------------------------------------------------------- publishing


def test_a_form_is_made_published_and_its_address_handed_out(office: Office) -> None:
    told = office.cdi("forms", "publish", "jumelage")
    form = office.google.forms[office.form()]
    assert f"À distribuer : {form.responder_uri}" in told
    assert "Les réponses ne seront pas relevées : ajouter « formulaires »" in told
    assert "« Message de confirmation » : « " + JUMELAGE.thanks in told
    assert (form.title, form.is_published, form.accepts) == (JUMELAGE.title, True, True)
    titles = [item["title"] for item in form.items if "questionItem" in item]
    assert titles == [question.title for question in JUMELAGE.questions.values()]


def test_published_again_nothing_changes(office: Office) -> None:
    office.cdi("forms", "publish", "jumelage")
    before, asked = office.google.forms[office.form()], office.asked()
    assert "Rien à changer." in office.cdi("forms", "publish", "jumelage")
    assert office.google.forms[office.form()] == before
    assert office.asked() == asked + 1  # the form, read


def test_a_dry_run_tells_and_does_nothing(office: Office) -> None:
    told = office.cdi("forms", "publish", "jumelage", "--dry-run")
    assert "ajouter la question « " + JUMELAGE.questions["objet"].title in told
    assert "Rien n'a été écrit" in told
    assert (known_forms(office.at), office.google.forms, office.asked()) == ({}, {}, 0)


def test_every_form_in_two_languages_is_made_and_again_unchanged(office: Office) -> None:
    words = ("forms", "publish", "--tous", "--langue", "fr", "--langue", "ar", "--json")
    first = json.loads(office.cdi(*words).partition("\nLes réponses")[0])
    assert len({one["url"] for one in first}) == 2 * len(DECLARED.forms) == len(office.google.forms)
    assert {one["opens"] for one in first} == {True}
    again = json.loads(office.cdi(*words).partition("\nLes réponses")[0])
    assert [(one["changes"], one["opens"]) for one in again] == [([], False)] * len(first)
    arabic = office.google.forms[office.form("jumelage", "ar")]
    assert arabic.title == DECLARED.languages["ar"].gettext(JUMELAGE.title) != JUMELAGE.title


def test_a_form_changed_after_it_was_handed_out_keeps_its_questions_and_what_was_answered(office: Office) -> None:
    office.publish()
    office.answer(ANSWERED)
    [first, *others] = JUMELAGE.sections
    renamed = {
        key: replace(q, title="De quoi s'agit-il ?") if key == "objet" else q for key, q in JUMELAGE.questions.items()
    }
    turned = tuple(
        replace(section, questions=tuple(renamed[q.key] for q in reversed(section.questions)))
        for section in (*others, first)
    )
    before = office.google.forms[office.form()]
    done = office.publish(replace(JUMELAGE, sections=turned))
    assert "modifier la question « De quoi s'agit-il ? »" in done.changes.told
    after = office.google.forms[office.form()]
    assert _questions(after) == [google_id("jumelage", q.key) for section in turned for q in section.questions]
    assert sorted(_questions(after)) == sorted(_questions(before))
    [read] = office.answers()
    assert {key: read.values[key] for key in ANSWERED} == ANSWERED


def test_a_question_that_is_asked_no_more_goes(office: Office) -> None:
    office.publish()
    sections = tuple(replace(s, questions=tuple(q for q in s.questions if q.key != "objet")) for s in JUMELAGE.sections)
    done = office.publish(replace(JUMELAGE, sections=sections))
    assert done.changes.told == (f"retirer la question « {JUMELAGE.questions['objet'].title} »",)
    assert google_id("jumelage", "objet") not in _questions(office.google.forms[office.form()])
    assert office.publish(replace(JUMELAGE, sections=sections)).changes.requests == ()


def _questions(form: Form) -> list[str]:
    """The identifiers of the questions, in order."""
    return [item["questionItem"]["question"]["questionId"] for item in form.items if "questionItem" in item]


def test_what_staff_add_by_hand_stays_and_is_told_and_what_is_answered_there_is_kept(office: Office) -> None:
    office.publish()
    added = {"itemId": "0000beef", "title": "Et le café ?", "questionItem": {
        "question": {"questionId": "0000cafe", "textQuestion": {}}}}  # fmt: skip
    office.google.staff.now().edit_form(office.form(), {"createItem": {"item": added, "location": {"index": 0}}})
    assert "Ajouté à la main, laissé tel quel : la question « Et le café ? »" in office.cdi(
        "forms", "publish", "jumelage"
    )
    assert office.google.forms[office.form()].items[0]["title"] == "Et le café ?"
    office.answer(ANSWERED, more={"0000cafe": "Sans sucre"})
    [read] = office.answers()
    assert read.unknown == {"Et le café ?": "Sans sucre"}


def test_a_form_that_a_person_made_serves_a_robot_that_may_own_none(office: Office) -> None:
    office.google.drive.without_quota.add(ROBOT)
    with pytest.raises(RegistryError, match="n'a pas créé") as told:
        office.cdi("forms", "publish", "jumelage")
    assert f"{ROBOT} comme éditeur" in told.value.fix
    assert "cdi forms publish jumelage --langue fr --dans ADRESSE" in told.value.fix
    made = office.google.staff.now(PERSON).new_form("Formulaire sans titre", shared_with=ROBOT)
    said = office.cdi(
        "forms", "publish", "jumelage", "--dans", f"https://docs.google.com/forms/d/{made}/edit#responses"
    )
    assert "Ajouté à la main, laissé tel quel : la question « sans titre »" in said
    assert office.form() == made
    assert office.google.forms[made].title == JUMELAGE.title
    assert "Rien à changer." in office.cdi("forms", "publish", "jumelage")


def test_one_google_form_is_not_given_two_forms(office: Office) -> None:
    office.publish()
    with pytest.raises(ConfigError, match="ne peut pas servir ici") as told:
        office.cdi("forms", "publish", "convention", "--dans", office.form())
    assert "« jumelage »" in told.value.why


@pytest.mark.parametrize("address", ["https://docs.google.com/forms/d/e/1FAIpQLSabcdefghijklmnopqrst/viewform",
                                     "https://forms.gle/abcdefgh", "jumelage", ""])  # fmt: skip
def test_an_address_where_one_answers_is_not_one_where_one_edits(address: str) -> None:
    with pytest.raises(ConfigError, match="n'est pas celle d'un formulaire Google que l'on modifie"):
        form_id(address)


def test_the_rows_of_the_registry_are_offered(office: Office) -> None:
    office.cdi("forms", "publish", "jumelage")
    question = google_id("jumelage", "collectivite")
    [item] = [i for i in office.google.forms[office.form()].items
              if i.get("questionItem", {}).get("question", {}).get("questionId") == question]  # fmt: skip
    options = [option["value"] for option in item["questionItem"]["question"]["choiceQuestion"]["options"]]
    assert options
    assert all(option.startswith("COL-") and " · " in option for option in options)
    office.answer(ANSWERED | {"collectivite": options[-1]})
    [read] = office.answers()
    assert read.values["collectivite"] == options[-1].split(" ")[0]


def test_a_form_edited_by_somebody_at_that_moment_is_not_written_over(office: Office) -> None:
    office.publish()
    office.google.forms[office.form()].title = "Autre titre"
    made = office.form()
    change = {"updateFormInfo": {"info": {"description": "Écrit à cet instant"}, "updateMask": "description"}}
    office.google.staff.then(lambda people: people.edit_form(made, change), before="forms.forms.batchUpdate")
    with pytest.raises(RefusedError):
        office.publish()
    assert office.google.forms[made].title == "Autre titre"
    office.publish()
    assert office.google.forms[made].title == JUMELAGE.title


@pytest.mark.parametrize("method", ["forms.forms.batchUpdate", "forms.forms.setPublishSettings"])
def test_a_lost_answer_is_made_good_by_publishing_again(office: Office, method: str) -> None:
    office.google.faults.add("dropped", method, after=True)
    if method.endswith("batchUpdate"):
        with pytest.raises(UncertainError) as told:
            office.publish()
        assert "relit le formulaire" in told.value.fix
    else:
        office.publish()  # done twice, it comes to the same
        assert office.asked(method) == 2
    again = office.publish()
    assert again.changes.requests == ()
    form = office.google.forms[office.form()]
    assert (len(office.google.forms), form.accepts) == (1, True)
    assert _questions(form) == [google_id("jumelage", key) for key in JUMELAGE.questions]


def test_forms_are_asked_with_a_token_that_reads_no_spreadsheet(office: Office) -> None:
    office.publish()
    [arrived] = [each for each in office.google.log if each.method == "forms.forms.create"]
    token = arrived.request.headers["authorization"]
    elsewhere = Request("GET", "/v4/spreadsheets/1abc", {}, {"authorization": token})
    error = office.google.handle(elsewhere).json["error"]
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


@pytest.mark.parametrize(
    ("status", "reason", "what", "fix"),
    [
        (403, "SERVICE_DISABLED", "n'a pas ouvert les formulaires", "« Google Forms API »"),
        (403, "", "Le robot n'a pas accès au formulaire Google", ROBOT),
        (404, "", "Le formulaire Google est introuvable", "« Corbeille »"),
    ],
)
def test_a_refusal_is_told_with_its_remedy(office: Office, status: int, reason: str, what: str, fix: str) -> None:
    office.publish()
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []

    def refuse(call: Call) -> Response:
        raise ApiError(status, "Refused.", details=details)

    office.google.handlers = {**office.google.handlers, "forms.forms.get": refuse}
    with pytest.raises(RefusedError, match=what) as told:
        office.publish()
    assert fix in told.value.fix
    assert told.value.where == f"https://docs.google.com/forms/d/{office.form()}/edit"


def test_the_doctor_looks_at_each_form(office: Office) -> None:
    office.publish()
    office.publish(lang="ar")
    office.publish(DECLARED.forms["convention"])
    google = office.google
    google.forms[office.form("jumelage", "ar")].accepts = False
    objet = next(at for at, item in enumerate(google.forms[office.form()].items)
                 if item["title"] == JUMELAGE.questions["objet"].title)  # fmt: skip
    google.staff.now().edit_form(office.form(), {"deleteItem": {"location": {"index": objet}}})
    told = {result.what: (result.ok, result.detail, result.fix) for result in examine_forms(office.at)}
    assert told["Formulaire jumelage (fr)"] == (
        False, f"des questions y manquent : « {JUMELAGE.questions['objet'].title} »", "cdi forms publish jumelage --langue fr"
    )  # fmt: skip
    assert told["Formulaire jumelage (ar)"][1:] == (
        "n'est pas publié, ou n'accepte plus de réponses", "cdi forms publish jumelage --langue ar",
    )  # fmt: skip
    assert told["Formulaire convention (fr)"][0]
    office.publish()
    office.publish(lang="ar")
    assert all(result.ok for result in examine_forms(office.at))
    del google.drive.files[office.form()]
    assert "introuvable" in next(each.detail for each in examine_forms(office.at) if not each.ok)


# ------------------------------------------------------------------------------------------------- answers


def test_an_answer_in_arabic_is_read_with_its_language(office: Office) -> None:
    office.publish(lang="ar")
    office.answer({**ANSWERED, "objet": "تبادل التجارب", "partenaires.pays": "السنغال"}, lang="ar")
    [read] = office.answers()
    assert (read.lang, read.values["objet"], read.values["partenaires.pays"]) == ("ar", "تبادل التجارب", "السنغال")


def test_an_answer_corrected_is_the_same_answer_later(office: Office) -> None:
    office.publish()
    name = office.answer(ANSWERED)
    [first] = office.answers()
    office.google.clock.advance(3 * 86400)
    office.answer({**ANSWERED, "objet": "Autre objet"}, editing=name)
    [second] = office.answers(office.google.clock.now() - timedelta(hours=1))
    assert second.key == first.key
    assert (second.received, second.edited - first.edited) == (first.received, timedelta(days=3))
    assert second.values["objet"] == "Autre objet"


def test_only_what_is_new_is_asked_for_and_what_was_just_sent_once_more(office: Office) -> None:
    office.publish()
    office.answer({**ANSWERED, "objet": "Ancien"})
    office.google.clock.advance(2 * 86400)
    polled = office.google.clock.now()
    office.google.clock.advance(-60)  # sent a minute before, and only shown now
    office.answer({**ANSWERED, "objet": "Tardif"})
    office.google.clock.advance(3600)
    office.answer({**ANSWERED, "objet": "Nouveau"})
    assert [read.values["objet"] for read in office.answers(polled)] == ["Tardif", "Nouveau"]
    assert [read.values["objet"] for read in office.answers(None)] == ["Ancien", "Tardif", "Nouveau"]


def test_what_was_answered_before_the_form_was_known_here_is_read(office: Office) -> None:
    office.publish()
    form, first = office.form(), office.answer(ANSWERED)
    office.google.clock.advance(2 * 86400)
    office.at.store.set_mark("formulaires google", None)
    Publisher(office.at, None).publish(JUMELAGE, "fr", within=form)
    assert [one.response for one in office.answers(office.google.clock.now())] == [first]


def test_all_pages_are_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_forms, "_PAGE", 3)
    office.publish()
    for number in range(8):
        office.google.clock.advance(60)
        office.answer({**ANSWERED, "objet": f"Objet {number}"})
    read = office.answers()
    assert [one.values["objet"] for one in read] == [f"Objet {number}" for number in range(8)]
    assert len({one.key for one in read}) == 8
    assert office.asked("forms.forms.responses.list") == 3


def test_a_minute_that_is_full_is_waited_for(office: Office) -> None:
    office.publish()
    office.answer(ANSWERED)
    office.google.quotas.unlimited, office.google.quotas.limits = False, Limits(form_lists_by_user=1)
    assert (len(office.answers()), len(office.answers())) == (1, 1)
    assert office.asked("forms.forms.responses.list") == 3  # the second was refused once


def test_a_failure_of_google_is_tried_again_then_told(office: Office) -> None:
    office.publish()
    office.answer(ANSWERED)
    office.google.faults.add(503, "forms.forms.responses.list", times=2)
    assert len(office.answers()) == 1
    office.google.faults.add(503, "forms.forms.responses.list", times=None)
    with pytest.raises(GaveUpError) as told:
        office.answers()
    assert told.value.where.startswith("https://docs.google.com/forms/d/")


def test_a_form_that_is_gone_keeps_no_other_from_being_read(office: Office) -> None:
    office.publish()
    office.publish(DECLARED.forms["convention"])
    office.answer({**ANSWERED}, name="convention")
    del office.google.drive.files[office.form("jumelage")]
    read = []
    with pytest.raises(RefusedError, match="Le formulaire Google est introuvable") as told:
        for one in responses(office.at, None):
            read.append(one)
    assert [one.form for one in read] == ["convention"]
    assert ROBOT in told.value.fix


def test_what_was_read_is_not_asked_for_again_unless_it_failed_on_the_way(office: Office) -> None:
    office.publish()
    for day in range(3):
        office.google.clock.advance(86400)
        office.answer({**ANSWERED, "objet": f"Jour {day}"})

    def read(most: int = 9) -> list[object]:
        return [one.values["objet"] for one in islice(new_responses(office.at), most)]

    assert read(most=1) == ["Jour 0"]  # stopped there
    assert read() == ["Jour 0", "Jour 1", "Jour 2"]
    office.google.clock.advance(86400)
    assert read() == ["Jour 2"]  # the latest, once more
    office.answer({**ANSWERED, "objet": "Jour 3"})
    office.google.faults.add(403, "forms.forms.responses.list")
    with pytest.raises(RefusedError):
        read()
    assert read() == ["Jour 2", "Jour 3"]


def test_a_form_whose_memory_is_lost_is_taken_up_again_by_its_address(office: Office) -> None:
    office.publish()
    form, [first] = office.form(), [office.answer(ANSWERED)]
    office.at.store.set_mark("formulaires google", None)
    done = Publisher(office.at, None).publish(JUMELAGE, "fr", within=form)
    assert (done.changes.told, done.changes.strangers, done.opens) == ((), (), False)
    assert [one.response for one in office.answers()] == [first]


def test_without_any_form_nothing_is_asked_of_google(office: Office) -> None:
    assert office.answers() == []
    assert office.asked("*") == 0


def test_what_people_type_comes_as_they_typed_it(office: Office) -> None:
    office.publish()
    hostile = {"objet": '=HYPERLINK("https://x.example")', "partenaires.nom": "<script>{{ 7*7 }}</script>\u202e",
               "intitule": "x" * 50_000}  # fmt: skip
    office.answer({**ANSWERED, **hostile})
    [read] = office.answers()
    assert {key: read.values[key] for key in hostile} == hostile


def _days_of_answers(office: Office, count: int, seed: int) -> dict[str, Submission]:
    """So many answers given and a third of them corrected, while they are read every hour and Google fails now and then.

    Gives what was kept, by key: the latest version of each.
    """
    chance, kept = random.Random(seed), dict[str, Submission]()
    langs = ("fr", "ar")
    for lang in langs:
        office.publish(lang=lang)
    office.google.faults.at_random(
        seed, 0.2, [429, 500, 503, "dropped", "truncated", "not JSON"], "forms.forms.responses.*"
    )
    country = {"fr": "Sénégal", "ar": "السنغال"}
    given: list[tuple[str, str]] = []
    while len(given) < count:
        for _ in range(chance.randint(0, 40)):
            office.google.clock.advance(chance.randint(0, 180))
            editing, lang = chance.choice(given) if given and chance.random() < 1 / 3 else ("", chance.choice(langs))
            text = chance.choice(HOSTILE) + str(chance.random())
            values = {**ANSWERED, "partenaires.pays": country[lang], "objet": text}
            name = office.answer(values, lang=lang, editing=editing)
            given += [] if editing else [(name, lang)]
        with contextlib.suppress(RegistryError):  # the next reading takes up what is missing
            for one in new_responses(office.at):
                kept[one.key] = max(one, kept.get(one.key, one), key=lambda each: each.edited)
    office.google.faults.clear()
    for one in new_responses(office.at):
        kept[one.key] = one
    return kept


HOSTILE = ("Échange ", "=1+1 ", "<script>alert(1)</script> ", "{{ config }} ", "\u202e\u2066 ", "x" * 50_000)


@pytest.mark.parametrize(
    ("count", "seed"), [(60, 1), *(pytest.param(500, seed, marks=pytest.mark.proof) for seed in (2, 3))]
)
def test_no_answer_is_lost_and_none_is_doubled_whatever_fails(office: Office, count: int, seed: int) -> None:
    kept = _days_of_answers(office, count, seed)
    objet = google_id("jumelage", "objet")
    true = {
        response: answer["answers"][objet]["textAnswers"]["answers"][0]["value"]
        for form in office.google.forms.values()
        for response, answer in form.answers.items()
    }
    assert len(kept) == len(true) >= count
    assert {one.response: one.values["objet"] for one in kept.values()} == true
