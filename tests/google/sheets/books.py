"""The methods on whole spreadsheets: create, get, getByDataFilter, batchUpdate, and copying a sheet elsewhere."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.google.call import Call, Handler, Json
from tests.google.discovery import Fault, refused
from tests.google.fields import Mask, MaskError, parse_mask
from tests.google.sheets import metadata
from tests.google.sheets.areas import Area, parse_a1
from tests.google.sheets.copying import copied
from tests.google.sheets.creating import created
from tests.google.sheets.defaults import new_file_id, new_number
from tests.google.sheets.formulas import Computed, compute
from tests.google.sheets.requests import KINDS, Editing
from tests.google.sheets.requests.protection import as_seen, owner_of
from tests.google.sheets.requests.sheets import copy_title
from tests.google.sheets.resource import NOTHING_COMPUTED, resource, sheet_properties
from tests.google.sheets.sheet_ids import answered
from tests.google.sheets.spreadsheet import Spreadsheet
from tests.google.wire import ApiError, bad

# the methods that change nothing in the spreadsheet that they name
_READS = ("get", "getByDataFilter", "batchGet", "batchGetByDataFilter", "search", "copyTo")


def book_of(call: Call) -> Spreadsheet:
    """The spreadsheet that a call names, when whoever calls may do that with it. Raises ApiError 403 or 404."""
    return _allowed(call, call.parameters["spreadsheetId"], writing=call.method.rpartition(".")[2] not in _READS)


def _allowed(call: Call, id_: str, *, writing: bool) -> Spreadsheet:
    call.google.drive.check(id_, call.user, writing)
    book = call.google.spreadsheets.get(id_)
    if book is None:  # a file of another kind
        raise ApiError(400, "This operation is not supported for this document", status="FAILED_PRECONDITION")
    return book


def computed(call: Call, book: Spreadsheet) -> Computed:
    """What its formulas come to: evaluated anew when something changed, or on another day, as Google does by default."""
    now: datetime = call.google.clock.now().astimezone(ZoneInfo(book.properties["timeZone"]))
    names = tuple(map(repr, book.named_ranges))
    sheets = tuple((s.title, str(s.properties.get("gridProperties")), tuple(s.rows)) for s in book.sheets)
    state = (now.date(), book.locale, names, sheets)
    known = call.google.computations.get(book.id)
    found = known[1] if known and known[0] == state else compute(book, now)
    call.google.computations[book.id] = (state, found)  # rows that are the same objects compare at once
    return found


def create(call: Call) -> Json:
    """spreadsheets.create: a file in the root folder of whoever calls."""
    book = created(call.google, call.user, new_file_id(call.google.spreadsheets), call.body)
    call.google.drive.created(book.id, book.properties["title"], call.user)
    call.google.spreadsheets[book.id] = book
    return _told(call, book, ())


def get(call: Call) -> Json:
    """spreadsheets.get."""
    book = book_of(call)
    areas = [parse_a1(book, text) for text in call.request.query.get("ranges", ())]
    return _told(call, book, areas, cells=call.flag("includeGridData"))


def get_by_data_filter(call: Call) -> Json:
    """spreadsheets.getByDataFilter: without filters, all of it."""
    book = book_of(call)
    filters: Sequence[Json] = call.body.get("dataFilters") or []
    areas = [area for each in filters for area in metadata.filtered_areas(book, each)]
    answer = _told(call, book, areas, cells=bool(call.body.get("includeGridData")))
    return {**answer, "sheets": []} if filters and not areas else answer


def _told(
    call: Call, book: Spreadsheet, areas: Sequence[Area], *, cells: bool = False, above: Sequence[str] = ()
) -> Json:
    """The resource that a call asks for. cells: asked for, which counts only without a mask. above: where the mask, if
    there is one, finds the resource in the answer.
    """
    wanted: Mask | None = {}
    if call.one("fields"):
        data = _below(call.one("fields"), (*above, "sheets", "data"))
        cells, wanted = data is not None, data and _within(data, ("rowData", "values"))
    results = computed(call, book) if cells and wanted is not None else NOTHING_COMPUTED
    # a mask with no field below `values` asks for all of them; one that doesn't reach there, for no cell at all
    asked = () if wanted is None else wanted or None
    told = resource(book, areas=areas, grid_data=cells, computed=results, wanted=asked)
    owner = owner_of(call.google, book)
    for sheet in told["sheets"]:
        if "protectedRanges" in sheet:
            sheet["protectedRanges"] = [as_seen(each, call.user, owner) for each in sheet["protectedRanges"]]
    return told


def _below(fields: str, path: Sequence[str]) -> Mask | None:
    """What a mask has below a path, None when it doesn't reach there: "*" alone reaches no cells."""
    try:
        mask = parse_mask(fields)
    except MaskError:
        return None  # refused when the answer is cut
    return _within(mask, path) if mask else None


def _within(mask: Mask, path: Sequence[str]) -> Mask | None:
    for name in path:
        if not mask:
            return mask
        if name not in mask:
            return None
        mask = mask[name]
    return mask


def batch_update(call: Call) -> Json:
    """spreadsheets.batchUpdate: every request, or none of them."""
    book = book_of(call)
    requests = [_only_kind(at, request or {}) for at, request in enumerate(call.body.get("requests") or [])]
    if not requests:
        raise bad("Must specify at least one request.")
    editing = Editing(call.google, book.clone(), call.user)
    replies: list[Json] = []
    for at, (kind, body) in enumerate(requests):
        editing.at, editing.kind = at, kind
        if kind not in KINDS:
            raise _unmodelled(editing)
        try:
            reply = KINDS[kind](editing, body)
        except MaskError as error:
            raise editing.refuse(str(error)) from None
        replies.append(answered({kind: reply}, "Response") if reply is not None else {})
    after = editing.book
    answer: Json = {"spreadsheetId": book.id, "replies": replies}
    if call.body.get("includeSpreadsheetInResponse"):
        areas = [parse_a1(after, text) for text in call.body.get("responseRanges") or []]
        cells = bool(call.body.get("responseIncludeGridData"))
        answer["updatedSpreadsheet"] = _told(call, after, areas, cells=cells, above=("updatedSpreadsheet",))
    call.google.spreadsheets[book.id] = after
    call.google.changed(book.id, call.user)
    if after.properties["title"] != book.properties["title"]:
        call.google.drive.renamed(book.id, after.properties["title"], call.user)
    return answer


def _only_kind(at: int, request: Json) -> tuple[str, Json]:
    """The one kind that a request is of. Raises ApiError 400 when it is of none, or of several."""
    kinds = [(kind, body) for kind, body in request.items() if body is not None]
    if not kinds:
        raise bad(f"Invalid requests[{at}]: No request set.")
    if len(kinds) > 1:
        field, second = f"requests[{at}]", kinds[1][0]
        text = f"Invalid value at '{field}' (oneof), oneof field 'kind' is already set. Cannot set '{second}'"
        raise refused([Fault(field, text)])
    return kinds[0]


def _unmodelled(editing: Editing) -> Exception:
    return editing.refuse("This kind of request isn't supported here.")


def copy_to(call: Call) -> Json:
    """spreadsheets.sheets.copyTo: the copy stands last in the other spreadsheet."""
    book = book_of(call)
    id_ = int(call.parameters["sheetId"]) if call.parameters["sheetId"].lstrip("-").isdigit() else -1
    source = book.sheet(id_)
    target_id = call.body.get("destinationSpreadsheetId") or ""
    if not target_id:
        raise bad("Must specify a destinationSpreadsheetId.")
    target = _allowed(call, target_id, writing=True).clone()
    if source is None:
        raise bad(f"The sheet ({call.parameters['sheetId']}) does not exist.")
    number = new_number({sheet.id for sheet in target.sheets})
    copy = copied(source, target if target.id == book.id else book, target, number, copy_title(target, source.title))
    copy.properties.pop("hidden", None)
    target.sheets.append(copy)
    editing = Editing(call.google, target, call.user, part="destinationSpreadsheetId")
    editing.check_cells()
    call.google.spreadsheets[target.id] = target
    call.google.changed(target.id, call.user)
    return sheet_properties(target, copy)


HANDLERS: Mapping[str, Handler] = {
    "sheets.spreadsheets.create": create,
    "sheets.spreadsheets.get": get,
    "sheets.spreadsheets.getByDataFilter": get_by_data_filter,
    "sheets.spreadsheets.batchUpdate": batch_update,
    "sheets.spreadsheets.sheets.copyTo": copy_to,
}
