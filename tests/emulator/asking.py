"""A Google stopped in time, that several people ask things of Drive: for the tests."""

import json
from datetime import UTC, datetime
from typing import Any

from tests.google.clock import Clock
from tests.google.drive.files import SPREADSHEET
from tests.google.wire import Request, Response
from tests.google.world import Google

AMINA, KARIM, SOFIA = "amina@essai.example", "karim@essai.example", "sofia@ailleurs.example"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Asking:
    """A Google stopped in time, that several people speak to."""

    def __init__(self) -> None:
        self.google = Google(any_token=True, no_quota=True, clock=Clock(NOW))

    def call(self, http: str, path: str, body: object = None, *, as_: str = AMINA, **query: str) -> Response:
        sent = Request(
            http, f"/drive/v3/{path}", {name: [value] for name, value in query.items()},
            {"authorization": f"Bearer user:{as_}"}, json.dumps(body).encode() if body is not None else b"",
        )  # fmt: skip
        response = self.google.handle(sent)
        assert not self.google.violations
        return response

    def make(
        self, name: str, mime_type: str = SPREADSHEET, parent: str = "root", *, as_: str = AMINA, **more: Any
    ) -> str:
        body = {"name": name, "mimeType": mime_type, "parents": [parent], **more}
        answer = self.call("POST", "files", body, as_=as_, supportsAllDrives="true")
        assert answer.status == 200, answer.json
        return str(answer.json["id"])

    def names(self, q: str = "", *, as_: str = AMINA, **query: str) -> list[str]:
        answer = self.call("GET", "files", as_=as_, q=q, **query)
        assert answer.status == 200, answer.json
        return [file["name"] for file in answer.json["files"]]

    def share(self, file_id: str, who: str, role: str = "writer", *, as_: str = AMINA, **query: str) -> Response:
        body = {"type": "user", "role": role, "emailAddress": who}
        return self.call("POST", f"files/{file_id}/permissions", body, as_=as_, **query)


def refusal(response: Response) -> tuple[int, str, str]:
    """Code, reason and message of an error, all that Drive's form asks for being there."""
    error = response.json["error"]
    assert error["code"] == response.status
    assert error["errors"][0]["message"] == error["message"]
    return response.status, error["errors"][0]["reason"], error["message"]
