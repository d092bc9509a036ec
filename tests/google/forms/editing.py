"""The requests of forms.batchUpdate, one function a kind: each changes a draft, which is put in place at the end."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from tests.google.discovery import api
from tests.google.fields import NO_FIELD, Mask, MaskError, merged, parse_mask, unknown_paths
from tests.google.forms.state import Form, Json, is_id, questions_of
from tests.google.wire import ApiError, bad

_ITEM_KINDS = ("questionItem", "questionGroupItem", "pageBreakItem", "textItem", "imageItem", "videoItem")
_MODELLED_ITEMS = ("questionItem", "pageBreakItem", "textItem")
_QUESTION_KINDS = ("choiceQuestion", "textQuestion", "scaleQuestion", "dateQuestion", "timeQuestion", "fileUploadQuestion",
                   "rowQuestion", "ratingQuestion")  # fmt: skip
_MODELLED_QUESTIONS = ("choiceQuestion", "textQuestion", "scaleQuestion", "dateQuestion", "timeQuestion")


class Editing:
    """A form that a batch works on. kind, at: the request at hand."""

    def __init__(self, form: Form) -> None:
        self.form = form.draft()
        self.at, self.kind = 0, ""

    def refuse(self, why: str) -> ApiError:
        """The refusal of the request at hand."""
        return bad(f"Invalid requests[{self.at}].{self.kind}: {why}")

    def index(self, location: Json | None, *, past: bool = False) -> int:
        """The index that a location names. past: it may follow the last item."""
        if location is None or (index := location.get("index", 0)) < 0:
            raise self.refuse("A location with an index is required.")
        if index >= len(self.form.items) + past:
            raise self.refuse("Index out of range.")
        return int(index)

    def mask(self, body: Json, schema: str) -> Mask:
        """The mask of an update. Raises ApiError."""
        try:
            text = body.get("updateMask") or ""
            if not text.strip():
                raise MaskError(NO_FIELD)
            mask = parse_mask(text)
        except MaskError as error:
            raise self.refuse(str(error)) from None
        for path in unknown_paths(mask, schema, api("forms.v1")):
            raise self.refuse(f"Invalid field: {path}")
        return mask


# ------------------------------------------------------------------------------------------------------ requests


def _create(editing: Editing, body: Json) -> Json:
    at = editing.index(body.get("location"), past=True)
    item = _completed(editing, body.get("item") or {}, editing.form.used_ids())
    editing.form.items.insert(at, item)
    reply: Json = {"itemId": item["itemId"]}
    ids = [question["questionId"] for question in questions_of(item)]
    return {"createItem": reply | ({"questionId": ids} if ids else {})}


def _update(editing: Editing, body: Json) -> Json:
    at, mask = editing.index(body.get("location")), editing.mask(body, "Item")
    before = editing.form.items.pop(at)
    changed = merged(before, body.get("item") or {}, mask)
    editing.form.items.insert(at, _completed(editing, changed, editing.form.used_ids()))
    return {}


def _move(editing: Editing, body: Json) -> Json:
    before, after = editing.index(body.get("originalLocation")), editing.index(body.get("newLocation"))
    editing.form.items.insert(after, editing.form.items.pop(before))
    return {}


def _delete(editing: Editing, body: Json) -> Json:
    gone = editing.form.items.pop(editing.index(body.get("location")))
    for item in editing.form.items:
        for question in questions_of(item):
            for option in question.get("choiceQuestion", {}).get("options", ()):
                if option.get("goToSectionId") == gone["itemId"]:
                    del option["goToSectionId"]
    return {}


def _update_info(editing: Editing, body: Json) -> Json:
    mask, form = editing.mask(body, "Info"), editing.form
    if "documentTitle" in mask:
        raise editing.refuse("documentTitle can't be modified.")
    info = merged({"title": form.title, "description": form.description}, body.get("info") or {}, mask)
    _one_line(editing, info.get("title", ""))
    if not info.get("title"):
        raise editing.refuse("A title is required.")
    form.title, form.description = info["title"], info.get("description", "")
    return {}


def _update_settings(editing: Editing, body: Json) -> Json:
    mask = editing.mask(body, "FormSettings")
    editing.form.settings = merged(editing.form.settings, body.get("settings") or {}, mask)
    return {}


KINDS: Mapping[str, Callable[[Editing, Json], Json]] = {
    "createItem": _create, "updateItem": _update, "moveItem": _move, "deleteItem": _delete,
    "updateFormInfo": _update_info, "updateSettings": _update_settings,
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------ an item


def _completed(editing: Editing, told: Json, used: set[str]) -> Json:
    """An item as it is kept: with its identifiers, without what says nothing. used: identifiers of the others."""
    item: Json = _spare(copy.deepcopy(told))
    kind = _only(editing, item, _ITEM_KINDS, _MODELLED_ITEMS, "item")
    _one_line(editing, item.get("title", ""))
    item["itemId"] = _id(editing, item.get("itemId", ""), used)
    if kind == "questionItem":
        question = item[kind].get("question")
        if not question:
            raise editing.refuse("A question is required.")
        if "image" in item[kind] or "grading" in question:
            raise editing.refuse("This kind of question isn't supported here.")
        question["questionId"] = _id(editing, question.get("questionId", ""), used)
        if _only(editing, question, _QUESTION_KINDS, _MODELLED_QUESTIONS, "question") == "choiceQuestion":
            _check_choice(editing, question["choiceQuestion"])
    return item


def _only(editing: Editing, told: Json, kinds: tuple[str, ...], modelled: tuple[str, ...], what: str) -> str:
    found = [kind for kind in kinds if kind in told]
    if len(found) != 1:
        raise editing.refuse(f"Exactly one kind of {what} must be set.")
    if found[0] not in modelled:
        raise editing.refuse(f"This kind of {what} isn't supported here.")
    return found[0]


def _id(editing: Editing, told: str, used: set[str]) -> str:
    """The identifier that is asked for, or a new one. Notes it as used."""
    if told and not is_id(told):
        raise editing.refuse(f"Invalid ID: {told}")
    if told in used:
        raise editing.refuse(f"Duplicate ID: {told}")
    made = told or editing.form.new_id()
    used.add(made)
    return made


def _check_choice(editing: Editing, choice: Json) -> None:
    options = choice.get("options") or []
    if choice.get("type", "CHOICE_TYPE_UNSPECIFIED") == "CHOICE_TYPE_UNSPECIFIED":
        raise editing.refuse("A type of choice is required.")
    if not options:
        raise editing.refuse("A choice question must have at least one option.")
    values = [option.get("value", "") for option in options if not option.get("isOther")]
    for value in values:
        _one_line(editing, value)
    if "" in values:
        raise editing.refuse("Option value is required.")
    if len(set(values)) < len(values):
        raise editing.refuse("Duplicate option value.")
    for option in options:
        if ("goToAction" in option or "goToSectionId" in option) and choice["type"] == "CHECKBOX":
            raise editing.refuse("Navigation isn't supported for checkboxes.")
        if option.get("goToSectionId", "") not in {"", *editing.form.sections()}:
            raise editing.refuse(f"No section has the ID {option['goToSectionId']}.")


def _one_line(editing: Editing, text: str) -> None:
    if "\n" in text or "\r" in text:
        raise editing.refuse("Displayed text cannot contain newlines.")


def _spare(value: Any) -> Any:
    """Without what is false or empty, as proto3 tells nothing of it; messages stay, even empty ones."""
    if isinstance(value, dict):
        return {name: _spare(inner) for name, inner in value.items() if inner not in (False, "", None, 0)}
    return [_spare(inner) for inner in value] if isinstance(value, list) else value
