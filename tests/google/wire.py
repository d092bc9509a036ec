"""What goes over the wire: a request, an answer, and an error in Google's own form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STATUSES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip
_OLD_REASONS = {
    400: "badRequest", 401: "authError", 403: "forbidden", 404: "notFound", 409: "aborted", 429: "rateLimitExceeded",
    500: "backendError", 501: "notImplemented", 503: "backendError",
}  # fmt: skip
JSON_TYPE = "application/json; charset=UTF-8"
_NESTED = {dict, list, tuple}


@dataclass(frozen=True)
class Request:
    """One HTTP request. path: as sent, percent-encoded, without the query. headers: names in lower case."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def one(self, name: str, otherwise: str = "") -> str:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else otherwise


@dataclass(frozen=True)
class Response:
    """One HTTP answer, after so many seconds of delay.

    truncated: the connection is cut in the middle of the body; dropped: nothing is answered.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON_TYPE})
    truncated: bool = False
    dropped: bool = False
    delay: float = 0

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def json_response(data: object, status: int = 200, headers: Mapping[str, str] | None = None, *,
                  pretty: bool = True) -> Response:  # fmt: skip
    """An answer in JSON, indented as Google does unless told not to."""
    text = _indented(data) + "\n" if pretty else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Response(status, text.encode(), {"Content-Type": JSON_TYPE, **(headers or {})})


def _indented(data: object, margin: str = "\n") -> str:
    """What json.dumps does with indent=2, at the speed that it has without: lists of scalars are left to it whole."""
    if not data or not isinstance(data, (dict, list, tuple)):
        return json.dumps(data, ensure_ascii=False)
    inner = margin + "  "
    if isinstance(data, dict):
        pairs = (f"{json.dumps(str(key), ensure_ascii=False)}: {_indented(data[key], inner)}" for key in data)
        return f"{{{inner}{f',{inner}'.join(pairs)}{margin}}}"
    if not _NESTED.isdisjoint(map(type, data)):
        items = f",{inner}".join([_indented(item, inner) for item in data])
    else:
        items = json.dumps(data, ensure_ascii=False, separators=(f",{inner}", ": "))[1:-1]
    return f"[{inner}{items}{margin}]"


class ApiError(Exception):
    """A refusal. reason: Drive's word for it ("notFound"), which gives the error Drive's form, without a status unless
    one is given."""

    def __init__(self, code: int, message: str, *, status: str = "", reason: str = "", domain: str = "global",
                 location: str = "", details: Sequence[object] = (), headers: Mapping[str, str] | None = None) -> None:  # fmt: skip
        super().__init__(message)
        self.code, self.message, self.headers = code, message, headers or {}
        self.status = status or ("" if reason else STATUSES.get(code, "UNKNOWN"))
        self.reason, self.domain, self.location, self.details = reason, domain, location, details

    def response(self) -> Response:
        """The error as Google answers it."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.reason:
            entry = {"message": self.message, "domain": self.domain, "reason": self.reason}
            if self.location:
                entry |= {"location": self.location, "locationType": "parameter"}
            error["errors"] = [entry]
        if self.status:
            error["status"] = self.status
        if self.details:
            error["details"] = list(self.details)
        return json_response({"error": error}, self.code, self.headers)


def with_old_list(response: Response) -> Response:
    """An error with the list of errors that Drive always has, and Sheets for `$.xgafv=1`."""
    error = response.json.get("error")
    if not isinstance(error, dict) or "errors" in error:
        return response
    code, message = error.pop("code"), error.pop("message")
    entry = {"message": message, "domain": "global", "reason": _OLD_REASONS.get(code, "backendError")}
    if code == 400 and message.startswith(("Invalid value", "Invalid JSON")) and "details" in error:
        entry = {"message": message, "reason": "invalid"}  # what isn't of its declared form
    told = {"code": code, "message": message, "errors": [entry], **error}
    return json_response({"error": told}, response.status, response.headers)


def bad(message: str) -> ApiError:
    """400, as Sheets refuses what it can't do."""
    return ApiError(400, message)


def html_response(status: int, title: str, told: str) -> Response:
    """A page of Google's front end, which isn't JSON."""
    page = (
        f"<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error {status} ({title})!!1</title>\n"
        f"  <p><b>{status}.</b> <ins>That’s an error.</ins>\n  <p>{told}  <ins>That’s all we know.</ins>\n"
    )
    return Response(status, page.encode(), {"Content-Type": "text/html; charset=UTF-8"})
