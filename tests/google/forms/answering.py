"""Somebody fills a form in, in their browser: page after page, led on by what they choose."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from tests.google.forms.state import Form, Json, questions_of, told_time

Typed: TypeAlias = str | Sequence[str]


def respond(form: Form, now: datetime, answers: Mapping[str, Typed], *, editing: str = "") -> str:
    """Sends answers, by identifier of the question: the identifier of the response. editing: that of one sent before.

    What is answered on a page that nobody is led to is lost, as in the browser. Raises ValueError when the form takes no
    answers, when a question that must be answered isn't, and for a choice that isn't offered.
    """
    if not (form.is_published and form.accepts):
        raise ValueError("this form takes no answers")
    asked = {question["questionId"]: question for question in led_to(form, answers)}
    known = {question["questionId"] for item in form.items for question in questions_of(item)}
    if strangers := set(answers) - known:
        raise ValueError(f"no question has these identifiers: {strangers}")
    given = {id_: _values(asked[id_], typed) for id_, typed in answers.items() if id_ in asked and typed}
    if missing := [id_ for id_, question in asked.items() if question.get("required") and id_ not in given]:
        raise ValueError(f"these questions must be answered: {missing}")
    response = editing or _new_id(form)
    first = form.answers[editing]["createTime"] if editing else told_time(now)
    form.answers[response] = {
        "responseId": response, "createTime": first, "lastSubmittedTime": told_time(now),
        "answers": {id_: {"questionId": id_, "textAnswers": {"answers": [{"value": value} for value in values]}}
                    for id_, values in given.items()},
    }  # fmt: skip
    return response


def _values(question: Json, typed: Typed) -> Sequence[str]:
    values = [typed] if isinstance(typed, str) else list(typed)
    options = question.get("choiceQuestion", {}).get("options")
    if options is not None and not any(option.get("isOther") for option in options):
        offered = {option["value"] for option in options}
        if strangers := [value for value in values if value not in offered]:
            raise ValueError(f"not offered: {strangers}")
    return values


def led_to(form: Form, answers: Mapping[str, Typed]) -> Iterator[Json]:
    """The questions of the pages that one sees, by what one chooses: by identifier of the question."""
    pages: list[tuple[str, list[Json]]] = [("", [])]
    for item in form.items:
        if "pageBreakItem" in item:
            pages.append((item["itemId"], []))
        pages[-1][1].extend(questions_of(item))
    at = 0
    while at < len(pages):
        yield from pages[at][1]
        at = _next(pages, at, answers)


def _next(pages: Sequence[tuple[str, Sequence[Json]]], at: int, answers: Mapping[str, Typed]) -> int:
    """The page after that one: the last choice that leads somewhere decides."""
    to = at + 1
    for question in pages[at][1]:
        for option in question.get("choiceQuestion", {}).get("options", ()):
            if option.get("value") != answers.get(question["questionId"]):
                continue
            if section := option.get("goToSectionId"):
                to = next(number for number, (id_, _) in enumerate(pages) if id_ == section)
            elif option.get("goToAction") == "SUBMIT_FORM":
                to = len(pages)
            elif option.get("goToAction") == "NEXT_SECTION":
                to = at + 1
    return to


def _new_id(form: Form) -> str:
    return "ACYDBN" + hashlib.sha256(f"{form.id}|{len(form.answers)}".encode()).hexdigest()[:60]
