"""The emulator: everything Google would hold, and what happens to one request from its arrival to its answer.

A request must call a known method, may meet a fault, must carry a token, counts against the quotas, must have a query
and a body of the declared form, and be allowed on its file. What the method answers is checked against the discovery
document too, then cut by `fields`: `violations` lists what Google would never answer. One request at a time; all are
logged.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from tests.google import drive, forms, sheets, system
from tests.google.call import Call, Handler, Json
from tests.google.clock import Clock
from tests.google.discovery import Api, Fault, Method, api, refused
from tests.google.faults import Faults
from tests.google.fields import Mask, answer_mask, select
from tests.google.forms import Form
from tests.google.log import Arrival, Log, Logged
from tests.google.payload import parsed
from tests.google.quotas import Quotas
from tests.google.sheets.formulas import Computed
from tests.google.sheets.spreadsheet import Spreadsheet
from tests.google.staff import Staff
from tests.google.tokens import Tokens
from tests.google.wire import ApiError, Request, Response, html_response, json_response

HANDLERS: Mapping[str, Handler] = {**sheets.HANDLERS, **drive.HANDLERS, **forms.HANDLERS}


@dataclass(frozen=True)
class _Called:
    """The method that a request calls."""

    api: Api
    method: Method
    parameters: Mapping[str, str]


@dataclass
class Google:
    """All of it. any_token: every bearer token stands for `robot@essai.example`; no_quota: nobody is kept waiting."""

    any_token: bool = False
    no_quota: bool = False
    clock: Clock = field(default_factory=Clock)
    spreadsheets: dict[str, Spreadsheet] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    log: Log = field(default_factory=Log)
    violations: list[str] = field(default_factory=list)
    computations: dict[str, tuple[object, Computed]] = field(default_factory=dict)  # the latest of each spreadsheet
    handlers: Mapping[str, Handler] = field(default_factory=lambda: HANDLERS, repr=False)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.clock, any_token=self.any_token)
        self.quotas = Quotas(self.clock, unlimited=self.no_quota)
        self.faults = Faults()
        self.drive = drive.Drive(self.clock)
        self.staff = Staff(self)
        self._lock = threading.RLock()
        self._arrived = 0
        self._apis: list[Api] = [api("sheets.v4"), api("drive.v3"), *drive.apis(), api("forms.v1")]

    def handle(self, request: Request) -> Response:
        """Answers one request."""
        with self._lock:
            self._arrived += 1
            called = self._find(request)
            arrival = Arrival(self._arrived, _name(request, called), self._user(request), request)
            self.staff.before(arrival)
            response = self._answer(arrival, called)
            self.staff.after(arrival)
            sent = 0 if response.dropped else len(response.body)
            self.log.append(Logged(arrival.method, arrival.user, request, response.status, arrival.number, sent))
            return response

    def act(self, user: str, http: str, path: str, body: Json | None = None, **query: str) -> Json:
        """A request by somebody that is neither logged nor counted, and meets no fault. Raises ApiError when refused."""
        asked = Request(
            http, path, {name: [value] for name, value in query.items()}, {}, json.dumps(body or {}).encode()
        )
        with self._lock:
            called = self._find(asked)
            if called is None:
                raise ValueError(f"no method: {http} {path}?{urlencode(query)}")
            response = self._done(called, asked, user)
        told: Json = response.json if response.body else {}
        return told

    def count(self, method: str = "*", user: str = "*") -> int:
        """How many of the requests logged called such methods, by patterns ("sheets.*")."""
        return len(self.log.of(method, user))

    def changed(self, file_id: str, user: str) -> None:
        """A file was changed by somebody: its version, its time and the list of changes tell so."""
        self.drive.touched(file_id, user)

    def _user(self, request: Request) -> str:
        try:
            return "" if request.path == "/token" else self.tokens.user_of(request)
        except ApiError:
            return ""

    def _answer(self, arrival: Arrival, called: _Called | None) -> Response:
        fault = self.faults.striking(arrival)
        if fault and not fault.after:
            return fault.answer(arrival, Response())
        try:
            response = self._granted(arrival, called)
        except ApiError as error:
            response = error.response()
        old_list = called is not None and not called.api.is_strict
        response = system.dressed(arrival.request, response, old_list=old_list)
        return fault.answer(arrival, response) if fault else response

    def _granted(self, arrival: Arrival, called: _Called | None) -> Response:
        request = arrival.request
        if request.path == "/token":
            return self.tokens.answer(request)
        if called is None:
            told = f"The requested URL <code>{request.path}</code> was not found on this server."
            return html_response(404, "Not Found", told)
        system.check(request, called.method.formats)
        user = arrival.user or self.tokens.user_of(request)
        self.quotas.count(called.method.id, request.one("quotaUser") or user)
        return self._done(called, request, user)

    def _done(self, called: _Called, request: Request, user: str) -> Response:
        """What the method called answers."""
        query, faults = called.api.read_query(called.method, request.query)
        body, more = _body(called, request)
        if faults + more:
            raise refused(faults + more)
        handler = self.handlers.get(called.method.id)
        if handler is None:
            told = "Operation is not implemented, or supported, or enabled."
            raise ApiError(501, told, status="UNIMPLEMENTED")
        request = replace(request, query=query)
        fields = request.one("fields")
        mask = answer_mask(fields, called.method.response, called.api) if fields and called.method.response else None
        answer = handler(Call(self, called.method.id, user, called.parameters, request, body))
        return answer if isinstance(answer, Response) else self._told(called, request, answer, mask)

    def _find(self, request: Request) -> _Called | None:
        for known in self._apis:
            if request.path.startswith(known.root) or request.path.startswith(f"/upload{known.root}"):
                found = known.find(request)
                if found:
                    return _Called(known, *found)
        return None

    def _told(self, called: _Called, request: Request, answer: Json, mask: Mask | None) -> Response:
        if called.method.response:
            faults = called.api.faults(called.method.response, answer)
            self.violations += [f"{called.method.id}: {fault.text}" for fault in faults]
        if mask is not None:
            answer = select(answer, mask)
        return json_response(answer, pretty=not system.is_compact(request))


def _name(request: Request, called: _Called | None) -> str:
    return called.method.id if called else "token" if request.path == "/token" else ""


def _body(called: _Called, request: Request) -> tuple[Json, list[Fault]]:
    if not called.method.request or not request.body or request.path.startswith("/upload"):
        return {}, []
    try:
        said = parsed(request.body)
    except ApiError:
        if called.api.is_strict:
            raise
        raise ApiError(400, "Parse Error", reason="parseError") from None
    return called.api.read(called.method.request, said, called.method.prefix)
