"""The emulator: everything Google would hold, and what happens to one request from its arrival to its answer.

A request is logged, may meet a fault, must carry a token, counts against the quotas, must call a known method with a
body of the declared form, and be allowed on its file. What the method answers is cut by `fields` and checked against the
discovery document too: `violations` lists what Google would never answer. One request at a time.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.google import drive, sheets
from tests.google.call import Call, Handler, Json
from tests.google.clock import Clock
from tests.google.discovery import Api, Method, api, refused
from tests.google.faults import Faults
from tests.google.fields import parse_mask, select
from tests.google.quotas import Quotas
from tests.google.sheets.spreadsheet import Spreadsheet
from tests.google.staff import Staff
from tests.google.tokens import Tokens
from tests.google.wire import ApiError, Request, Response, json_response

HANDLERS: Mapping[str, Handler] = {**sheets.HANDLERS, **drive.HANDLERS}


@dataclass(frozen=True)
class Logged:
    """One request that was answered. method: its identifier, "" when it called none; user: "" when unknown."""

    method: str
    user: str
    request: Request
    status: int


@dataclass
class Google:
    """All of it. any_token: every bearer token stands for `robot@essai.example`; no_quota: nobody is kept waiting."""

    any_token: bool = False
    no_quota: bool = False
    clock: Clock = field(default_factory=Clock)
    spreadsheets: dict[str, Spreadsheet] = field(default_factory=dict)
    log: list[Logged] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.clock, any_token=self.any_token)
        self.quotas = Quotas(self.clock, unlimited=self.no_quota)
        self.faults = Faults()
        self.drive = drive.Drive(self.clock)
        self.staff = Staff(self)
        self._lock = threading.RLock()
        self._apis: list[Api] = [api("sheets.v4"), api("drive.v3")]

    def handle(self, request: Request) -> Response:
        """Answers one request."""
        with self._lock:
            self.staff.before(request)
            method, user, response = self._answer(request)
            self.log.append(Logged(method, user, request, response.status))
            return response

    def changed(self, file_id: str, user: str) -> None:
        """A file was changed by somebody: its version, its time and the list of changes tell so."""
        self.drive.touched(file_id, user)

    def _answer(self, request: Request) -> tuple[str, str, Response]:
        method_id = user = ""
        try:
            if fault := self.faults.before(request):
                return "", "", fault
            if request.path == "/token":
                return "token", "", self.tokens.answer(request)
            user = self.tokens.user_of(request)
            called, method, parameters = self._find(request)
            method_id = method.id
            self.quotas.count(method_id, user)
            body = _body(called, method, request)
            call = Call(self, method_id, user, parameters, request, body)
            answered = HANDLERS[method_id](call)
            response = answered if isinstance(answered, Response) else self._told(called, method, request, answered)
            return method_id, user, self.faults.after(request) or response
        except ApiError as error:
            return method_id, user, error.response()

    def _find(self, request: Request) -> tuple[Api, Method, Mapping[str, str]]:
        for known in self._apis:
            if request.path.startswith(known.root) or request.path.startswith(f"/upload{known.root}"):
                found = known.find(request)
                if found and found[0].id in HANDLERS:
                    return known, *found
        raise ApiError(404, "Not found.", status="NOT_FOUND")

    def _told(self, called: Api, method: Method, request: Request, answer: Json) -> Response:
        if method.response:
            self.violations += [f"{method.id}: {fault.text}" for fault in called.faults(method.response, answer)]
        if mask := request.one("fields"):
            answer = select(answer, parse_mask(mask))
        return json_response(answer)


def _body(called: Api, method: Method, request: Request) -> Json:
    faults = list(called.query_faults(method, request.query)) if called.is_strict else []
    body: Any = {}
    if method.request and request.body and not request.path.startswith("/upload"):
        try:
            body = json.loads(request.body)
        except ValueError as error:
            raise ApiError(400, f"Invalid JSON payload received. {error}") from None
        faults += called.faults(method.request, body)
    if faults:
        raise refused(faults)
    return body if isinstance(body, dict) else {}
