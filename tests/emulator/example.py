"""A stand-in for Sheets, for the tests of what surrounds it: one range of values a spreadsheet, read and written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.google.call import Call, Handler, Json
from tests.google.wire import ApiError, Request, Response
from tests.google.world import Google

BOOK = "1essai"
VALUES = f"/v4/spreadsheets/{BOOK}/values"


@dataclass
class Small(Google):
    """An emulator that holds those values, and nothing else."""

    any_token: bool = True
    no_quota: bool = True
    handlers: Mapping[str, Handler] = field(default_factory=lambda: HANDLERS)
    values: list[list[Any]] = field(default_factory=list)


def _get(call: Call) -> Json:
    if call.parameters["spreadsheetId"] != BOOK:
        raise ApiError(404, "Requested entity was not found.")
    answer: Json = {"range": "Feuille!A1:B2", "majorDimension": call.one("majorDimension", "ROWS")}
    return answer | ({"values": values} if (values := _values(call)) else {})


def _values(call: Call) -> list[list[Any]]:
    assert isinstance(call.google, Small)
    return call.google.values


def _update(call: Call) -> Json:
    _values(call)[:] = call.body["values"]
    return {"spreadsheetId": BOOK, "updatedRange": "Feuille!A1:B2"}


HANDLERS: Mapping[str, Handler] = {
    "sheets.spreadsheets.values.get": _get,
    "sheets.spreadsheets.values.update": _update,
    "sheets.spreadsheets.values.batchGet": lambda call: {"spreadsheetId": BOOK},
    "sheets.spreadsheets.values.append": lambda call: {"spreadsheetId": BOOK},
    "sheets.spreadsheets.batchUpdate": lambda call: {
        "spreadsheetId": BOOK,
        "replies": [{} for _ in call.body["requests"]],
    },
    "sheets.spreadsheets.create": lambda call: {"spreadsheetId": BOOK, "properties": call.body.get("properties", {})},
    "drive.files.list": lambda call: {"kind": "drive#fileList", "files": [{"name": "été"}]},
    "drive.files.get": lambda call: {"kind": "drive#file", "id": call.parameters["fileId"]},
    "drive.files.create": lambda call: {"kind": "drive#file", **call.body},
}


def ask(google: Google, http: str = "GET", path: str = f"{VALUES}/A1", body: bytes = b"", *, user: str = "",
        **query: str | list[str]) -> Response:  # fmt: skip
    """A request with a token."""
    asked = {name.replace("__", "$."): [text] if isinstance(text, str) else text for name, text in query.items()}
    return google.handle(Request(http, path, asked, {"authorization": f"Bearer {user or 'essai'}"}, body))
