"""The methods of Forms. Watches aren't there."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from tests.google.call import Call, Handler, Json
from tests.google.forms.editing import KINDS, Editing
from tests.google.forms.state import FORM, Form
from tests.google.wire import ApiError, bad

_MOST = 5000
_FILTER = re.compile(r"timestamp (>=?) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)")


def form_of(call: Call, *, writing: bool) -> Form:
    """The form that a call names, when whoever calls may do that with it. Raises ApiError 403 or 404."""
    id_ = call.parameters["formId"]
    call.google.drive.check(id_, call.user, writing)
    found = call.google.forms.get(id_)
    if found is None:  # a file of another kind
        raise ApiError(404, "Requested entity was not found.")
    return found


def create(call: Call) -> Json:
    """forms.create: an empty form of whoever calls, which takes no answers until it is published."""
    info = call.body.get("info") or {}
    if set(call.body) - {"info"} or set(info) - {"title", "documentTitle"}:
        raise bad("Only info.title can be set when creating a form. To add items and change settings, use batchUpdate.")
    if not info.get("title"):
        raise bad("Invalid form: info.title is required.")
    id_ = call.google.drive.new_id()
    published = call.one("unpublished") == "false"  # unsaid: unpublished, as Google announced for 30 June 2026
    form = Form(
        id_, info["title"], info.get("documentTitle") or info["title"], is_published=published, accepts=published
    )
    call.google.drive.created(id_, form.document_title, call.user, FORM)
    call.google.forms[id_] = form
    return form.resource()


def get(call: Call) -> Json:
    """forms.get."""
    return form_of(call, writing=False).resource()


def batch_update(call: Call) -> Json:
    """forms.batchUpdate: every request, or none of them."""
    form = form_of(call, writing=True)
    control = call.body.get("writeControl") or {}
    if control.get("requiredRevisionId", form.revision_id) != form.revision_id:
        raise bad("The required revision ID does not match the latest revision of the form.")
    if "targetRevisionId" in control:
        raise bad("targetRevisionId isn't supported here.")
    requests = call.body.get("requests") or []
    if not requests:
        raise bad("Must specify at least one request.")
    editing, replies = Editing(form), []
    for at, request in enumerate(requests):
        if len(request) != 1:
            raise bad(f"Invalid requests[{at}]: No request set.")
        [(editing.kind, body)] = request.items()
        editing.at = at
        replies.append(KINDS[editing.kind](editing, body))
    after = editing.form
    after.revision += 1
    call.google.forms[form.id] = after
    call.google.changed(form.id, call.user)
    answer: Json = {"replies": replies, "writeControl": {"requiredRevisionId": after.revision_id}}
    return answer | ({"form": after.resource()} if call.body.get("includeFormInResponse") else {})


def set_publish_settings(call: Call) -> Json:
    """forms.setPublishSettings."""
    form = form_of(call, writing=True)
    if call.body.get("updateMask", "*") not in ("*", "publishState", "publish_state"):
        raise bad("Invalid update mask.")
    state = (call.body.get("publishSettings") or {}).get("publishState") or {}
    published, accepts = bool(state.get("isPublished")), bool(state.get("isAcceptingResponses"))
    if accepts and not published:
        raise bad("is_accepting_responses can't be true when is_published is false.")
    form.is_published, form.accepts = published, accepts
    call.google.changed(form.id, call.user)
    return {"formId": form.id, "publishSettings": form.publish_settings()}


# ------------------------------------------------------------------------------------------------------ responses


def get_response(call: Call) -> Json:
    """forms.responses.get."""
    form = form_of(call, writing=False)
    answer = form.answers.get(call.parameters["responseId"])
    if answer is None:
        raise ApiError(404, "Requested entity was not found.")
    return {"formId": form.id, **answer}


def list_responses(call: Call) -> Json:
    """forms.responses.list: in no order that anybody may rely on."""
    form, filter_ = form_of(call, writing=False), call.one("filter")
    size = int(call.one("pageSize") or 0)
    if size < 0:
        raise bad("Invalid page size.")
    size = min(size or _MOST, _MOST)
    begins = _offset(call.one("pageToken"), filter_)
    known = [form.answers[id_] for id_ in sorted(form.answers) if _passes(form.answers[id_], filter_)]
    page, more = known[begins : begins + size], len(known) > begins + size
    answer: Json = {"responses": page} if page else {}
    return answer | ({"nextPageToken": _token(begins + size, filter_)} if more else {})


def _passes(answer: Json, filter_: str) -> bool:
    if not filter_:
        return True
    read = _FILTER.fullmatch(filter_.strip())
    if read is None:
        raise bad(f"Invalid filter: {filter_}")
    submitted, bound = _moment(answer["lastSubmittedTime"]), _moment(read[2])
    return submitted > bound or (read[1] == ">=" and submitted == bound)


def _moment(text: str) -> datetime:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    try:
        return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}").replace(tzinfo=UTC)
    except ValueError:
        raise bad(f"Invalid timestamp: {text}") from None


def _token(offset: int, filter_: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, filter_]).encode()).decode()


def _offset(token: str, filter_: str) -> int:
    """Where a page begins. Raises ApiError when its token is of another question."""
    if not token:
        return 0
    try:
        offset, asked = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        raise bad("Invalid page token.") from None
    if asked != filter_:
        raise bad("The page token is of a request with another filter.")
    return int(offset)


HANDLERS: Mapping[str, Handler] = {
    "forms.forms.create": create,
    "forms.forms.get": get,
    "forms.forms.batchUpdate": batch_update,
    "forms.forms.setPublishSettings": set_publish_settings,
    "forms.forms.responses.get": get_response,
    "forms.forms.responses.list": list_responses,
}
