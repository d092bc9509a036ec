"""What goes over the wire: a request, an answer, and an error in Google's own form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STATUSES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip


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
    """One HTTP answer. truncated: the connection is cut in the middle of the body; dropped: nothing is answered."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=UTF-8"})
    truncated: bool = False
    dropped: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def json_response(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    body = json.dumps(data, ensure_ascii=False).encode()
    return Response(status, body, {"Content-Type": "application/json; charset=UTF-8", **(headers or {})})


class ApiError(Exception):
    """A refusal. reason: Drive's word for it ("notFound"), which gives the error Drive's form."""

    def __init__(self, code: int, message: str, *, status: str = "", reason: str = "", domain: str = "global",
                 location: str = "", details: Sequence[object] = (), headers: Mapping[str, str] | None = None) -> None:  # fmt: skip
        super().__init__(message)
        self.code, self.message, self.headers = code, message, headers or {}
        self.status = status or STATUSES.get(code, "UNKNOWN")
        self.reason, self.domain, self.location, self.details = reason, domain, location, details

    def response(self) -> Response:
        """The error as Google answers it."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.reason:
            entry = {"message": self.message, "domain": self.domain, "reason": self.reason}
            if self.location:
                entry |= {"location": self.location, "locationType": "parameter"}
            error["errors"] = [entry]
        if not self.reason or self.domain != "global":
            error["status"] = self.status
        if self.details:
            error["details"] = list(self.details)
        return json_response({"error": error}, self.code, self.headers)


def bad(message: str) -> ApiError:
    """400, as Sheets refuses what it can't do."""
    return ApiError(400, message)
