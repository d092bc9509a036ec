"""The methods on whole spreadsheets: create, get, getByDataFilter, batchUpdate, and copying a sheet elsewhere."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.google.call import Call, Handler, Json
from tests.google.sheets.formulas import Computed, compute
from tests.google.sheets.requests import KINDS, Editing
from tests.google.sheets.resource import resource
from tests.google.sheets.spreadsheet import Spreadsheet
from tests.google.wire import ApiError, bad


def book_of(call: Call) -> Spreadsheet:
    """The spreadsheet that a call names, when whoever calls may see it. Raises ApiError 403 or 404."""
    book = call.google.spreadsheets.get(call.parameters["spreadsheetId"])
    if book is None:
        raise ApiError(404, "Requested entity was not found.")
    return book


def computed(call: Call, book: Spreadsheet) -> Computed:
    """What its formulas come to at this moment."""
    now: datetime = call.google.clock.now().astimezone(ZoneInfo(book.properties["timeZone"]))
    return compute(book, now)


def batch_update(call: Call) -> Json:
    """spreadsheets.batchUpdate: every request, or none of them."""
    book = book_of(call)
    requests = call.body.get("requests") or []
    if not requests:
        raise bad("Must specify at least one request.")
    editing = Editing(call.google, book.clone(), call.user)
    replies = []
    for at, request in enumerate(requests):
        (kind, body), *others = request.items() or [("", {})]
        editing.at, editing.kind = at, kind
        if others or kind not in KINDS:
            raise bad(f"Invalid requests[{at}]: No request set." if not kind else f"Invalid requests[{at}].{kind}: "
                      "This kind of request isn't supported here.")  # fmt: skip
        reply = KINDS[kind](editing, body)
        replies.append({kind: reply} if reply is not None else {})
    call.google.spreadsheets[book.id] = editing.book
    call.google.changed(book.id, call.user)
    answer: Json = {"spreadsheetId": book.id, "replies": replies}
    if call.body.get("includeSpreadsheetInResponse"):
        answer["updatedSpreadsheet"] = resource(editing.book, grid_data=bool(call.body.get("responseIncludeGridData")))
    return answer


HANDLERS: Mapping[str, Handler] = {"sheets.spreadsheets.batchUpdate": batch_update}
