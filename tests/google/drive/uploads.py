"""Uploads: content alone, content with its metadata, or content in pieces; and the one method of Drive v2 still in use.

The discovery document of Drive v3 doesn't list the PUT by which an upload in pieces goes on; `APIS` adds it.
"""

import base64
import email
import email.policy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlencode

from tests.google.call import Call, Handler, Json
from tests.google.discovery import Api, api, refused
from tests.google.documents import document
from tests.google.drive.refusals import bad_request, required
from tests.google.drive.uploading import Session
from tests.google.wire import ApiError, Response

CONTINUE = "drive.uploads.continue"
V2_UPDATE = "drive.v2.files.update"


@dataclass(frozen=True)
class Media:
    """The content of a file on its way."""

    mime_type: str
    content: bytes


Finish: TypeAlias = Callable[[Call, Json, Media | None], Json]


def taking_media(finish: Finish) -> Handler:
    """A method that takes content too, by each of the three protocols. finish: (call, metadata, content) → answer."""

    def handler(call: Call) -> Json | Response:
        request = call.request
        if not request.path.startswith("/upload/"):
            return finish(call, call.body, None)
        kind = call.one("uploadType")
        if kind == "media":
            return finish(call, {}, Media(_type(request.headers.get("content-type", "")), request.body))
        if kind == "multipart":
            return finish(call, *_parts(request.headers.get("content-type", ""), request.body))
        if kind == "resumable":
            return _begin(call)
        raise bad_request("Bad Request")

    return handler


def _type(header: str) -> str:
    return header.partition(";")[0].strip().lower() or "application/octet-stream"


def _json(content: bytes) -> Json:
    try:
        body: Any = json.loads(content or b"{}")
    except ValueError:
        raise _parse_error() from None
    if not isinstance(body, dict):
        raise _parse_error()
    if faults := [fault for fault in api("drive.v3").faults("File", body) if "Unknown name" not in fault.text]:
        raise refused(faults)
    return body


def _parse_error() -> ApiError:
    return ApiError(400, "Parse Error", reason="parseError")


def _parts(header: str, body: bytes) -> tuple[Json, Media]:
    """The metadata and the content of a multipart/related body."""
    boundary = re.search(r'boundary="?([^";]+)"?', header)
    if not header.startswith("multipart/") or not boundary:
        raise bad_request("Missing multipart boundary")
    pieces = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary[1].encode()) + rb"(?:--)?[ \t]*(?:\r?\n|$)", body)
    if len(pieces) < 4:
        raise bad_request("Malformed multipart body.")
    (_, metadata), (type_, content) = map(_part, pieces[1:3])
    return _json(metadata), Media(type_, content)


def _part(piece: bytes) -> tuple[str, bytes]:
    head, _, content = re.sub(rb"^(?=\r?\n)", b"X-None: ", piece).replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
    headers = email.message_from_bytes(head, policy=email.policy.default)
    if headers.get("Content-Transfer-Encoding", "").lower() == "base64":
        content = base64.b64decode(content)
    return _type(str(headers.get("Content-Type", ""))), content


# --------------------------------------------------------------------------------------------------- in pieces


def _begin(call: Call) -> Response:
    """The answer to the first request of an upload in pieces: where the pieces go."""
    headers = call.request.headers
    total = headers.get("x-upload-content-length", "")
    session = Session(
        call.method, call.user, call.parameters.get("fileId", ""), _json(call.request.body),
        _type(headers.get("x-upload-content-type", "")), int(total) if total.isdigit() else None,
    )  # fmt: skip
    id_ = call.google.drive.sessions.open(session)
    query = urlencode({**call.request.query, "upload_id": [id_]}, doseq=True)
    where = f"http://{headers.get('host', '127.0.0.1')}{call.request.path}?{query}"
    return Response(200, b"", {"Location": where, "X-GUploader-UploadID": id_})


def continuing(finishes: dict[str, Finish]) -> Handler:
    """The PUT of a piece. finishes: what the uploads end in, by method."""

    def handler(call: Call) -> Json | Response:
        sessions, id_ = call.google.drive.sessions, call.one("upload_id")
        session = sessions.get(id_)
        if not id_:
            raise required("upload_id")
        if session is None:
            raise ApiError(404, "Not Found", reason="notFound")
        if not _take(session, call.request.headers.get("content-range", ""), call.request.body):
            had = len(session.received)
            return Response(308, b"", {"Range": f"bytes=0-{had - 1}"} if had else {})
        sessions.close(id_)
        parameters = {"fileId": session.file_id} if session.file_id else {}
        whole = replace(call, method=session.method, user=session.user, parameters=parameters)
        return finishes[session.method](whole, session.metadata, Media(session.content_type, bytes(session.received)))

    return handler


def _take(session: Session, content_range: str, piece: bytes) -> bool:
    """Adds a piece to what has come. True when all has."""
    if not content_range:
        session.received[:] = piece
        return True
    found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", content_range)
    if not found:
        raise bad_request("Failed to parse Content-Range header.")
    start, end, total = found.groups()
    if total != "*":
        session.total = int(total)
    if start is not None:
        if int(start) > len(session.received) or int(end) - int(start) + 1 != len(piece):
            raise bad_request("Invalid request.  The number of bytes uploaded is required to be equal or greater than "
                              "262144, except for the final request (it's recommended to be the exact multiple of "
                              "262144).  The received request contained a gap.")  # fmt: skip
        session.received[int(start) :] = piece
    return session.total is not None and len(session.received) >= session.total


# --------------------------------------------------------------------------------------------------- documents


@cache
def apis() -> tuple[Api, Api]:
    """What the discovery document of Drive v3 doesn't say: pieces of uploads, and an update by Drive v2."""
    v2, v3 = document("drive.v2"), document("drive.v3")
    update = v2["resources"]["files"]["methods"]["update"] | {"id": V2_UPDATE, "request": {}}
    pieces = {
        "new": {"id": CONTINUE, "httpMethod": "PUT", "path": "files", "response": {"$ref": "File"}},
        "old": {"id": CONTINUE, "httpMethod": "PUT", "path": "files/{fileId}", "response": {"$ref": "File"}},
    }
    return (
        Api({**v3, "resources": {}, "methods": pieces}),
        Api({**v2, "resources": {}, "methods": {"update": update}}),
    )
