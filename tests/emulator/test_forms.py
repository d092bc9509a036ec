"""Forms of the emulator: made, edited, published, answered and read by Google's own client, as Google documents it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from googleapiclient.errors import HttpError  # type: ignore[import-untyped]

from tests.google import clients
from tests.google.clock import Clock
from tests.google.quotas import Limits
from tests.google.server import serving
from tests.google.wire import Request
from tests.google.world import Google

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NAME, KIND, WHO, END = "00000011", "00000012", "00000013", "00000014"  # questions
OPEN = {"publishSettings": {"publishState": {"isPublished": True, "isAcceptingResponses": True}}}


@pytest.fixture
def google() -> Google:
    return Google(any_token=True, no_quota=True, clock=Clock(START))


@pytest.fixture
def forms(url: str) -> Any:
    return clients.service(url, "forms", "v1").forms()


def text(id_: str, title: str, *, required: bool = False) -> dict[str, Any]:
    question = {"questionId": id_, "required": required, "textQuestion": {}}
    return {"itemId": f"1{id_[1:]}", "title": title, "questionItem": {"question": question}}


def choice(id_: str, title: str, *options: Any, type_: str = "RADIO") -> dict[str, Any]:
    told = [option if isinstance(option, dict) else {"value": option} for option in options]
    question = {"questionId": id_, "choiceQuestion": {"type": type_, "options": told}}
    return {"itemId": f"1{id_[1:]}", "title": title, "questionItem": {"question": question}}


def page(id_: str, title: str) -> dict[str, Any]:
    return {"itemId": id_, "title": title, "pageBreakItem": {}}


def create(*items: dict[str, Any]) -> dict[str, Any]:
    """Items after one another, made from the last to the first, so that what one leads to is there before it."""
    requests = [{"createItem": {"item": item, "location": {"index": 0}}} for item in reversed(items)]
    return {"requests": requests, "includeFormInResponse": True}


def made(forms: Any, *items: dict[str, Any], published: bool = True) -> str:
    form = str(forms.create(body={"info": {"title": "Proposer un jumelage"}}).execute()["formId"])
    if items:
        forms.batchUpdate(formId=form, body=create(*items)).execute()
    if published:
        forms.setPublishSettings(formId=form, body=OPEN).execute()
    return form


def told(forms: Any, form: str, **query: Any) -> list[dict[str, str]]:
    """What was answered, question → text, in no order."""
    listed = forms.responses().list(formId=form, **query).execute().get("responses", [])
    return [
        {id_: answer["textAnswers"]["answers"][0]["value"] for id_, answer in response["answers"].items()}
        for response in listed
    ]


def refusal(request: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as error:
        request.execute()
    return error.value.status_code, error.value.reason


def test_a_form_made_by_the_api_takes_no_answers_until_it_is_published(google: Google, forms: Any) -> None:
    form = made(forms, text(NAME, "Nom"), published=False)
    assert forms.get(formId=form).execute()["publishSettings"] == {
        "publishState": {"isPublished": False, "isAcceptingResponses": False}
    }
    with pytest.raises(ValueError, match="takes no answers"):
        google.staff.now().answer(form, {NAME: "Fès"})
    forms.setPublishSettings(formId=form, body=OPEN).execute()
    google.staff.now().answer(form, {NAME: "Fès"})
    assert told(forms, form) == [{NAME: "Fès"}]


def test_only_the_title_can_be_given_when_a_form_is_made(forms: Any) -> None:
    status, why = refusal(forms.create(body={"info": {"title": "Un", "description": "Deux"}}))
    assert (status, why[:32]) == (400, "Only info.title can be set when ")


def test_a_name_that_google_does_not_know_is_refused(forms: Any) -> None:
    form = made(forms)
    item = {"title": "Nom", "questionItem": {"question": {"textQuestion": {"pattern": ".*"}}}}
    status, why = refusal(forms.batchUpdate(formId=form, body=create(item)))
    assert status == 400
    assert "Unknown name \"pattern\" at 'requests[0].create_item.item.question_item.question.text_question'" in why


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (text("Z0000099", "Nom"), "Invalid ID"),
        (text("80000099", "Nom"), "Invalid ID"),
        (text("00000099", "Nom\net prénom"), "Displayed text cannot contain newlines"),
        (choice("00000099", "Forme"), "at least one option"),
        (choice("00000099", "Forme", "Une", "Une"), "Duplicate option"),
        (choice("00000099", "Forme", ""), "Option value is required"),
        (choice("00000099", "Forme", {"value": "Une", "goToSectionId": "0000abcd"}), "No section has the ID"),
        (choice("00000099", "Forme", {"value": "Une", "goToAction": "SUBMIT_FORM"}, type_="CHECKBOX"), "checkboxes"),
        ({"title": "Rien"}, "Exactly one kind of item"),
        (text(NAME, "Nom"), "Duplicate ID"),
    ],
)
def test_an_item_that_google_would_refuse_is_refused_and_nothing_of_its_batch_is_done(
    item: dict[str, Any], why: str, forms: Any
) -> None:
    form = made(forms, text(NAME, "Nom"))
    status, said = refusal(forms.batchUpdate(formId=form, body=create(item, page("0000abce", "Suite"))))
    assert status == 400
    assert why in said
    assert [each["title"] for each in forms.get(formId=form).execute()["items"]] == ["Nom"]


def test_items_are_changed_moved_and_deleted_by_their_place(forms: Any) -> None:
    form = made(forms, text(NAME, "Nom"), text(WHO, "Qui"), page("0000abcd", "Suite"), text(END, "Fin"))
    at = [{"index": index} for index in range(4)]
    renamed = {"title": "Nom de la collectivité", "questionItem": {"question": {"textQuestion": {"paragraph": True}}}}
    requests = [
        {"updateItem": {"item": renamed, "location": at[0], "updateMask": "title,questionItem.question.textQuestion"}},
        {"moveItem": {"originalLocation": at[3], "newLocation": at[1]}},
        {"deleteItem": {"location": at[3]}},
        {"updateFormInfo": {"info": {"description": "Présentation"}, "updateMask": "description"}},
    ]
    answer = forms.batchUpdate(formId=form, body={"requests": requests, "includeFormInResponse": True}).execute()
    items = answer["form"]["items"]
    assert [item["title"] for item in items] == ["Nom de la collectivité", "Fin", "Qui"]
    assert items[0]["questionItem"]["question"] == {"questionId": NAME, "textQuestion": {"paragraph": True}}
    assert answer["form"]["info"]["description"] == "Présentation"


def test_a_write_on_an_older_form_than_the_one_that_is_there_is_refused(forms: Any) -> None:
    form = made(forms, text(NAME, "Nom"))
    before = forms.get(formId=form).execute()["revisionId"]
    body = create(text(WHO, "Qui")) | {"writeControl": {"requiredRevisionId": before}}
    forms.batchUpdate(formId=form, body=body).execute()
    status, why = refusal(forms.batchUpdate(formId=form, body=body))
    assert (status, "revision" in why) == (400, True)


def test_one_is_led_by_what_one_chooses(google: Google, forms: Any) -> None:
    form = made(
        forms,
        choice(KIND, "Forme", {"value": "Jumelage", "goToSectionId": "0000abcd"},
               {"value": "Convention", "goToAction": "SUBMIT_FORM"}),
        page("0000abcd", "Jumelage"), text(WHO, "Avec qui ?", required=True),
    )  # fmt: skip
    person = google.staff.now()
    with pytest.raises(ValueError, match="must be answered"):
        person.answer(form, {KIND: "Jumelage"})
    with pytest.raises(ValueError, match="not offered"):
        person.answer(form, {KIND: "Autre"})
    person.answer(form, {KIND: "Convention", WHO: "jamais vu"})
    assert told(forms, form) == [{KIND: "Convention"}]


def test_an_answer_sent_again_keeps_its_identifier_and_has_a_later_time(google: Google, forms: Any) -> None:
    form = made(forms, text(NAME, "Nom"))
    first = google.staff.now().answer(form, {NAME: "Fes"})
    google.clock.advance(3600)
    assert google.staff.now().answer(form, {NAME: "Fès"}, editing=first) == first
    [response] = forms.responses().list(formId=form).execute()["responses"]
    assert (response["createTime"], response["lastSubmittedTime"]) == (
        "2026-11-23T08:00:00.000000Z", "2026-11-23T09:00:00.000000Z",
    )  # fmt: skip
    alone = forms.responses().get(formId=form, responseId=first).execute()
    assert alone == {"formId": form, **response}


def test_answers_are_filtered_by_the_time_when_they_were_last_sent(google: Google, forms: Any) -> None:
    form = made(forms, text(NAME, "Nom"))
    first = google.staff.now().answer(form, {NAME: "Un"})
    google.clock.advance(60)
    google.staff.now().answer(form, {NAME: "Deux"})
    after = "timestamp > 2026-11-23T08:01:00Z"
    assert told(forms, form, filter=after) == []
    assert told(forms, form, filter="timestamp >= 2026-11-23T08:01:00Z") == [{NAME: "Deux"}]
    google.clock.advance(60)
    google.staff.now().answer(form, {NAME: "Un, corrigé"}, editing=first)
    assert told(forms, form, filter=after) == [{NAME: "Un, corrigé"}]
    assert refusal(forms.responses().list(formId=form, filter="timestamp > hier"))[0] == 400


def test_answers_come_by_pages(google: Google, forms: Any) -> None:
    form = made(forms, text(NAME, "Nom"))
    for number in range(5):
        google.staff.now().answer(form, {NAME: str(number)})
    seen, token, sizes = [], None, []
    while token is None or token:
        answer = forms.responses().list(formId=form, pageSize=2, pageToken=token).execute()
        sizes.append(len(answer["responses"]))
        seen += [r["answers"][NAME]["textAnswers"]["answers"][0]["value"] for r in answer["responses"]]
        token = answer.get("nextPageToken", "")
    assert (sizes, sorted(seen)) == ([2, 2, 1], list("01234"))
    other = forms.responses().list(formId=form, pageSize=2).execute()["nextPageToken"]
    bound = {"filter": "timestamp > 2026-01-01T00:00:00Z", "pageToken": other}
    assert refusal(forms.responses().list(formId=form, **bound))[0] == 400


def test_a_form_is_for_those_it_is_shared_with(google: Google, forms: Any, url: str) -> None:
    form = made(forms, text(NAME, "Nom"))
    other = clients.service(url, "forms", "v1", clients.bearer("user:karim@essai.example")).forms()
    assert refusal(other.get(formId=form)) == (403, "The caller does not have permission")
    assert refusal(forms.get(formId="1inconnu")) == (404, "Requested entity was not found.")


def test_lists_of_answers_have_a_quota_of_their_own() -> None:
    google = Google(any_token=True, clock=Clock(START))
    google.quotas.limits = Limits(form_lists_by_user=1)
    with serving(google) as url:
        forms = clients.service(url, "forms", "v1").forms()
        form = made(forms)
        for expected in (200, 429):
            asked = Request("GET", f"/v1/forms/{form}/responses", {}, {"authorization": "Bearer essai"})
            answer = google.handle(asked)
            assert answer.status == expected
    assert (
        "'Expensive read requests per minute per user' of service 'forms.googleapis.com'"
        in answer.json["error"]["message"]
    )


def test_a_token_without_the_scope_of_forms_is_refused() -> None:
    google = Google(clock=Clock(START))
    token = google.tokens.new_token("a@essai.example", ["https://www.googleapis.com/auth/spreadsheets"])
    asked = Request("GET", "/v1/forms/1abc", {}, {"authorization": f"Bearer {token}"})
    error = google.handle(asked).json["error"]
    assert (error["code"], error["details"][0]["reason"]) == (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    assert error["details"][0]["metadata"]["method"] == "google.apps.forms.v1.FormsService.GetForm"
