"""A spreadsheet made of the resource that `spreadsheets.create` is given: what it leaves out is as Google makes it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tests.google.colours import completed
from tests.google.fields import MaskError
from tests.google.sheets.areas import Closed
from tests.google.sheets.defaults import blank, default_properties
from tests.google.sheets.requests import KINDS, Editing
from tests.google.sheets.requests.cells import Writer
from tests.google.sheets.requests.sheets import check_properties, new_sheet
from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet
from tests.google.wire import bad

if TYPE_CHECKING:
    from tests.google.world import Google

# what Sheet holds, the kind of request that adds one, and what that request calls it
_ADDED = {
    "conditionalFormats": ("addConditionalFormatRule", "rule"), "filterViews": ("addFilterView", "filter"),
    "protectedRanges": ("addProtectedRange", "protectedRange"), "charts": ("addChart", "chart"),
    "bandedRanges": ("addBanding", "bandedRange"), "slicers": ("addSlicer", "slicer"), "tables": ("addTable", "table"),
    "developerMetadata": ("createDeveloperMetadata", "developerMetadata"),
}  # fmt: skip


def created(google: "Google", user: str, id_: str, body: Mapping[str, Any]) -> Spreadsheet:
    """The spreadsheet that a resource describes. Raises ApiError 400 when it describes none."""
    book = blank(id_)
    editing = Editing(google, book, user, part="properties")
    given = {name: value for name, value in (body.get("properties") or {}).items() if value is not None}
    given.pop("defaultFormat", None)  # read-only
    book.properties = completed({**default_properties("Untitled spreadsheet"), **given}, "SpreadsheetProperties")
    check_properties(editing, book.properties)
    if sheets := body.get("sheets") or []:
        book.sheets = []
        _add_sheets(editing, sheets)
    for at, named in enumerate(body.get("namedRanges") or []):
        _run(editing, f"namedRanges[{at}]", "addNamedRange", {"namedRange": named})
    for at, each in enumerate(body.get("developerMetadata") or []):
        _run(editing, f"developerMetadata[{at}]", "createDeveloperMetadata", {"developerMetadata": each})
    for name in ("dataSources", "comments"):
        if body.get(name):
            raise bad(f"Invalid {name}: A spreadsheet cannot be created with {name}.")
    return editing.book


def _add_sheets(editing: Editing, sheets: Sequence[Json]) -> None:
    for at, given in enumerate(sheets):
        editing.part = f"sheets[{at}]"
        properties = {name: value for name, value in (given.get("properties") or {}).items() if name != "hidden"}
        sheet = new_sheet(editing, properties)
        editing.book.sheets.append(sheet)
        for number, block in enumerate(given.get("data") or []):
            editing.part = f"sheets[{at}].data[{number}]"
            _put_data(editing, sheet, block)
    editing.check_cells()
    for at, given in enumerate(sheets):
        sheet = editing.book.sheets[at]
        for kind, request in _requests(sheet, given):
            _run(editing, f"sheets[{at}]", kind, request)
        if (given.get("properties") or {}).get("hidden"):
            sheet.properties["hidden"] = True
    if all(sheet.properties.get("hidden") for sheet in editing.book.sheets):
        raise editing.refuse("You can't hide all the sheets in a document.")


def _put_data(editing: Editing, sheet: Sheet, block: Json) -> None:
    """Puts a GridData in a sheet: its cells, and the properties of its rows and columns."""
    top, left = int(block.get("startRow") or 0), int(block.get("startColumn") or 0)
    area = Closed(sheet, top, left, sheet.row_count, sheet.column_count)
    Writer(editing, "*").write(area, block.get("rowData") or [], clearing=False)
    for name, start, held in (
        ("rowMetadata", top, sheet.row_properties),
        ("columnMetadata", left, sheet.column_properties),
    ):
        for at, properties in enumerate(block.get(name) or []):
            held.extend([None] * (start + at + 1 - len(held)))
            held[start + at] = properties


def _requests(sheet: Sheet, given: Json) -> Iterator[tuple[str, Json]]:
    """The requests that add what a Sheet has attached to it."""
    for merge in given.get("merges") or []:
        yield "mergeCells", {"range": {**merge, "sheetId": sheet.id}, "mergeType": "MERGE_ALL"}
    if given.get("basicFilter"):
        yield "setBasicFilter", {"filter": given["basicFilter"]}
    for name in ("rowGroups", "columnGroups"):
        for group in given.get(name) or []:
            yield "addDimensionGroup", {"range": {**group.get("range", {}), "sheetId": sheet.id}}
    for name, (kind, field) in _ADDED.items():
        for each in given.get(name) or []:
            yield kind, {field: each}


def _run(editing: Editing, part: str, kind: str, request: Json) -> None:
    editing.part, editing.kind = part, kind
    try:
        KINDS[kind](editing, request)
    except MaskError as error:
        raise editing.refuse(str(error)) from None
