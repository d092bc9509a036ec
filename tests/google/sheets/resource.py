"""The Spreadsheet resource that `spreadsheets.get` and others answer: properties, sheets, and their cells when asked for."""

from collections.abc import Container, Iterable, Sequence

from tests.google.sheets.areas import Area
from tests.google.sheets.formulas import Computed
from tests.google.sheets.grid import Grids
from tests.google.sheets.sheet_ids import answered
from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet

# as Google orders what a sheet has
_BEFORE_FILTER = ("merges", "conditionalFormats", "filterViews", "protectedRanges")
_AFTER_FILTER = ("charts", "bandedRanges")
_LAST = ("rowGroups", "columnGroups", "slicers", "tables")

NOTHING_COMPUTED = Computed({}, {}, {})


def resource(
    book: Spreadsheet, *, areas: Sequence[Area] = (), grid_data: bool = False, computed: Computed = NOTHING_COMPUTED,
    wanted: Container[str] | None = None,
) -> Json:  # fmt: skip
    """The whole resource. areas: only the sheets that they touch, and of their cells only those. computed: what the
    formulas come to, for the cells. wanted: the fields of CellData that are asked for, None for all, () for no cell.
    """
    answer: Json = {"spreadsheetId": book.id, "properties": book.properties}
    touched = {area.sheet.id for area in areas}
    grids = Grids(book, computed, wanted)
    answer["sheets"] = [
        _sheet_with_cells(book, sheet, [area for area in areas if area.sheet.id == sheet.id], grids)
        if grid_data
        else sheet_resource(book, sheet)
        for sheet in book.sheets
        if not areas or sheet.id in touched
    ]
    if book.named_ranges:
        answer["namedRanges"] = [answered(named, "NamedRange") for named in book.named_ranges]
    answer["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
    if whole := [each for each in book.developer_metadata if each.get("location", {}).get("spreadsheet")]:
        answer["developerMetadata"] = whole
    return answer


def sheet_resource(book: Spreadsheet, sheet: Sheet) -> Json:
    """One sheet, without its cells."""
    answer: Json = {"properties": sheet_properties(book, sheet)}
    answer |= _attached(sheet, _BEFORE_FILTER)
    if sheet.basic_filter is not None:
        answer["basicFilter"] = sheet.basic_filter
    answer |= _attached(sheet, _AFTER_FILTER)
    if of_sheet := [each for each in book.developer_metadata if _is_of_sheet(each.get("location", {}), sheet)]:
        answer["developerMetadata"] = of_sheet
    return answered(answer | _attached(sheet, _LAST), "Sheet")


def _is_of_sheet(location: Json, sheet: Sheet) -> bool:
    return location.get("locationType") == "SHEET" and location.get("sheetId", 0) == sheet.id


def _attached(sheet: Sheet, names: Iterable[str]) -> Json:
    return {name: sheet.attached[name] for name in names if sheet.attached.get(name)}


def _sheet_with_cells(book: Spreadsheet, sheet: Sheet, areas: Sequence[Area], grids: Grids) -> Json:
    answer = sheet_resource(book, sheet)
    if "gridProperties" in sheet.properties:
        blocks = [grids.data(area.closed()) for area in areas or [Area(sheet)]]
        answer = {"properties": answer.pop("properties"), "data": blocks, **answer}
    return answer


def sheet_properties(book: Spreadsheet, sheet: Sheet) -> Json:
    """SheetProperties with the index that it has now; what is false or zero isn't told, but the identifier is."""
    index = next(at for at, each in enumerate(book.sheets) if each is sheet)
    told = {"sheetId": sheet.id, "title": sheet.title, "index": index, **sheet.properties}
    if "gridProperties" in told:
        told["gridProperties"] = {name: value for name, value in told["gridProperties"].items() if value}
    return {name: value for name, value in told.items() if value is not False}
