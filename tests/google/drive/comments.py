"""The methods of `comments`, which all but one answer only what `fields` names."""

from collections.abc import Mapping
from datetime import datetime
from html import escape

from tests.google.call import Call, Handler, Json
from tests.google.drive.files import Comment, File
from tests.google.drive.pages import page
from tests.google.drive.permissions import NOTHING
from tests.google.drive.refusals import fields_required, invalid, no_permission, not_found
from tests.google.drive.resource import person, stamp
from tests.google.wire import ApiError, Response


def list_(call: Call) -> Json:
    """comments.list: the newest first."""
    file = _file(call, "reader")
    found = [c for c in file.comments if call.flag("includeDeleted") or not c.deleted]
    if since := call.one("startModifiedTime"):
        try:
            found = [c for c in found if c.modified >= datetime.fromisoformat(since)]
        except ValueError:
            raise invalid("startModifiedTime") from None
    found.sort(key=lambda c: c.modified, reverse=True)
    shown, more = page(call, found, 20, 100)
    return {"kind": "drive#commentList", **more, "comments": [_answer(call, c) for c in shown]}


def create(call: Call) -> Json:
    """comments.create."""
    file = _file(call, "commenter")
    now, drive = call.google.clock.now(), call.google.drive
    comment = Comment(
        "AAAA" + drive.new_id()[1:8], call.user, _content(call), now, now,
        str(call.body.get("anchor") or ""), call.body.get("quotedFileContent"),
    )  # fmt: skip
    file.comments.append(comment)
    drive.noted(file)
    return _answer(call, comment)


def get(call: Call) -> Json:
    """comments.get."""
    return _answer(call, _named(call, _file(call, "reader")))


def update(call: Call) -> Json:
    """comments.update: another text, by its author."""
    file = _file(call, "commenter")
    comment = _named(call, file)
    if comment.author != call.user:
        raise no_permission()
    comment.content, comment.modified = _content(call), call.google.clock.now()
    call.google.drive.noted(file)
    return _answer(call, comment)


def delete(call: Call) -> Response:
    """comments.delete, by its author or the owner of the file."""
    file = _file(call, "reader")
    comment = _named(call, file)
    if call.user not in (comment.author, file.owner):
        raise no_permission()
    comment.deleted, comment.modified = True, call.google.clock.now()
    call.google.drive.noted(file)
    return NOTHING


def _file(call: Call, role: str) -> File:
    if not call.one("fields") and call.method != "drive.comments.delete":
        raise fields_required()
    file = call.google.drive.found(call.parameters["fileId"], call.user)
    call.google.drive.allowed(file, call.user, role)
    return file


def _content(call: Call) -> str:
    content = call.body.get("content")
    if not content:
        raise ApiError(400, "The comment content field is required.", reason="required", location="comment.content")
    return str(content)


def _named(call: Call, file: File) -> Comment:
    id_ = call.parameters["commentId"]
    found = next((c for c in file.comments if c.id == id_), None)
    if found is None or (found.deleted and not call.flag("includeDeleted")):
        raise not_found("Comment", id_, "commentId")
    return found


def _answer(call: Call, comment: Comment) -> Json:
    told: Json = {
        "kind": "drive#comment",
        "id": comment.id,
        "createdTime": stamp(comment.created),
        "modifiedTime": stamp(comment.modified),
        "deleted": comment.deleted,
        "resolved": comment.resolved,
        "replies": [],
    }
    author = person(comment.author, call.user)
    told["author"] = {name: author[name] for name in ("kind", "displayName", "me")}
    if not comment.deleted:
        told |= {"content": comment.content, "htmlContent": escape(comment.content)}
    if comment.anchor:
        told["anchor"] = comment.anchor
    if comment.quoted:
        told["quotedFileContent"] = comment.quoted
    return told


HANDLERS: Mapping[str, Handler] = {
    "drive.comments.list": list_,
    "drive.comments.create": create,
    "drive.comments.get": get,
    "drive.comments.update": update,
    "drive.comments.delete": delete,
}
