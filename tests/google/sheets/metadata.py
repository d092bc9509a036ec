"""Developer metadata: looked up, searched for, and resolved to the places that a DataFilter designates.

They are kept in `Spreadsheet.developer_metadata` as the API's own JSON. Those of the whole spreadsheet are no area.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.google.call import Call, Handler
from tests.google.discovery import Fault, refused
from tests.google.sheets.areas import Area, grid_area, has_grid, parse_a1, prefixed, within_grid
from tests.google.sheets.sheet_ids import answered
from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet
from tests.google.wire import ApiError, bad

_FILTERS = ("developerMetadataLookup", "a1Range", "gridRange")
_UNSPECIFIED = ""
_TYPES = (_UNSPECIFIED, "ROW", "COLUMN", "SHEET", "SPREADSHEET")
_STRATEGIES = (_UNSPECIFIED, "EXACT_LOCATION", "INTERSECTING_LOCATION")
_VISIBILITIES = (_UNSPECIFIED, "DOCUMENT", "PROJECT")
_PLACES = ("spreadsheet", "sheetId", "dimensionRange")  # what a DeveloperMetadataLocation may name


def matching(book: Spreadsheet, lookup: Json) -> list[Json]:
    """The metadata that a DeveloperMetadataLookup selects. Raises ApiError 400 when it contradicts itself."""
    place, location = _checked(book, lookup)
    return [metadata for metadata in book.developer_metadata if _matches(book, metadata, lookup, place, location)]


def area_of_metadata(book: Spreadsheet, metadata: Json) -> Area | None:
    """The row, the column or the sheet of a piece of metadata, None for one of the whole spreadsheet."""
    return _area(book, metadata.get("location") or {})


def metadata_within(book: Spreadsheet, area: Area) -> list[Json]:
    """The metadata of the rows, columns and sheets that an area touches."""
    return [m for m in book.developer_metadata if (place := area_of_metadata(book, m)) and _touch(place, area)]


def filtered_metadata(book: Spreadsheet, data_filter: Json) -> list[Json]:
    """The metadata that a DataFilter selects: by a lookup, or by the cells that it names."""
    if "developerMetadataLookup" in data_filter:
        return matching(book, _only(data_filter))
    return [metadata for area in filtered_areas(book, data_filter) for metadata in metadata_within(book, area)]


def filtered_areas(book: Spreadsheet, data_filter: Json) -> list[Area]:
    """The areas that a DataFilter selects. Raises ApiError 400, without the number of the filter in its list."""
    criterion = _only(data_filter)
    if "a1Range" in data_filter:
        return [parse_a1(book, criterion)]
    if "gridRange" in data_filter:
        return [within_grid(grid_area(book, criterion))]
    areas = [area_of_metadata(book, metadata) for metadata in matching(book, criterion)]
    return list({_sides(area): area for area in areas if area}.values())


def filters_of(body: Json) -> list[Json]:
    """The DataFilters of a request. Raises ApiError 400 when there is none."""
    filters = several(body.get("dataFilters"))
    if not filters:
        raise bad("Must specify at least one dataFilter.")
    return filters


def several(given: Any) -> list[Any]:
    """A repeated field of a body, where one element may stand for a list of one."""
    return given if isinstance(given, list) else [] if given is None else [given]


def _only(data_filter: Json) -> Any:
    given = [name for name in _FILTERS if data_filter.get(name) is not None]
    if not given:
        raise bad("dataFilter.filter must be specified.")
    if len(given) > 1:
        raise bad(f"Invalid value (oneof), oneof field 'filter' is already set. Cannot set '{given[1]}'")
    return data_filter[given[0]]


# ------------------------------------------------------------------------------------------------------ the lookup


def _checked(book: Spreadsheet, lookup: Json) -> tuple[str, Area | None]:
    """(what the lookup's location names, "" for nothing; its area), once the lookup's parts are found to agree."""
    type_ = _named(lookup.get("locationType"), _TYPES)
    strategy = _named(lookup.get("locationMatchingStrategy"), _STRATEGIES)
    location = lookup.get("metadataLocation") or {}
    place = next((name for name in _PLACES if name in location), "")
    of_all = place == "spreadsheet" and bool(location["spreadsheet"])
    if type_ == "SPREADSHEET" and place and not of_all:
        raise bad(f"Cannot limit by location type of SPREADSHEET for the location {place}")
    if strategy == "EXACT_LOCATION" and type_:
        raise bad("The locationMatchingStrategy was specified as EXACT_LOCATION, but a locationType was also specified: "
                  "lookups cannot limit by a location type when matching an exact location.")  # fmt: skip
    if strategy and not place:
        raise bad("A locationMatchingStrategy was specified, but no metadataLocation was specified: lookups must always "
                  "specify a metadataLocation when specifying a locationMatchingStrategy.")  # fmt: skip
    if strategy == "INTERSECTING_LOCATION" and of_all:
        raise bad(
            "DeveloperMetadataLookup.spreadsheet is true, but locationMatchingStrategy was specified as INTERSECTING."
        )
    if place == "dimensionRange":
        check_line(book, location["dimensionRange"])
    elif place == "sheetId":
        _sheet(book, location["sheetId"])
    return place, _area(book, location)


def _named(given: Any, names: Sequence[str]) -> str:
    """The name of a value of an enumeration, which a body may give by its number; "" when it is unspecified."""
    if isinstance(given, int):
        if not 0 <= given < len(names):
            raise ApiError(500, "Internal error encountered.")
        return names[given]
    return given if given in names else _UNSPECIFIED


def check_line(book: Spreadsheet, span: Json) -> None:
    """Raises ApiError 400 when a DimensionRange isn't one row or one column of a sheet."""
    start, end = span.get("startIndex"), span.get("endIndex")
    if start is None or end is None:
        raise bad("DimensionRange must specify both a startIndex and an endIndex.")
    if int(end) - int(start) != 1:
        raise bad("DimensionRange must represent a single row or column.")
    if int(start) < 0:
        raise bad("DimensionRange indexes must be >= 0")
    sheet = _sheet(book, span.get("sheetId", 0))
    dimension = span.get("dimension", "")
    if dimension not in ("ROWS", "COLUMNS"):
        raise bad("No dimension specified")
    count = sheet.row_count if dimension == "ROWS" else sheet.column_count
    if int(start) >= count:
        raise bad(f"DimensionRange startIndex [{start}] is after the last {dimension} index [{count - 1}] "
                  f"of the sheet [{sheet.id}].")  # fmt: skip


def _matches(book: Spreadsheet, metadata: Json, lookup: Json, place: str, location: Area | None) -> bool:
    for name in ("metadataId", "metadataKey", "metadataValue"):
        if lookup.get(name) is not None and str(lookup[name]) != str(metadata.get(name, "")):
            return False
    visibility, type_ = _named(lookup.get("visibility"), _VISIBILITIES), _named(lookup.get("locationType"), _TYPES)
    if visibility not in (_UNSPECIFIED, metadata.get("visibility")):
        return False
    if type_ not in (_UNSPECIFIED, metadata["location"].get("locationType")):
        return False
    if not place:
        return True
    area = area_of_metadata(book, metadata)
    if area is None or location is None:
        return area is location  # the spreadsheet's own metadata touches no other place
    if _named(lookup.get("locationMatchingStrategy"), _STRATEGIES) == "EXACT_LOCATION":
        return _sides(area) == _sides(location)
    return _touch(area, location)


def _area(book: Spreadsheet, location: Json) -> Area | None:
    span = location.get("dimensionRange")
    if span is None:
        sheet = book.sheet(int(location["sheetId"])) if "sheetId" in location else None
        return Area(sheet) if sheet else None
    sheet, start, end = book.sheet(int(span.get("sheetId", 0))), int(span.get("startIndex", 0)), int(span["endIndex"])
    if sheet is None:
        return None
    return Area(sheet, top=start, bottom=end) if span["dimension"] == "ROWS" else Area(sheet, left=start, right=end)


def _sides(area: Area) -> tuple[int, int | None, int | None, int | None, int | None]:
    return area.sheet.id, area.top, area.left, area.bottom, area.right


def _touch(one: Area, other: Area) -> bool:
    """Whether two areas share a cell."""
    if one.sheet is not other.sheet:
        return False
    if not has_grid(one.sheet):
        return True
    a, b = one.closed(), other.closed()
    return a.top < b.bottom and b.top < a.bottom and a.left < b.right and b.left < a.right


def _sheet(book: Spreadsheet, id_: object) -> Sheet:
    sheet = book.sheet(int(str(id_)))
    if sheet is None:
        raise bad(f"No grid with id: {id_}")
    return sheet


# ----------------------------------------------------------------------------------------------------- the methods


def _book(call: Call) -> Spreadsheet:
    from tests.google.sheets.books import book_of  # batchUpdate, which is there, needs the lookups of this module

    return book_of(call)


def get(call: Call) -> Json:
    """developerMetadata.get: one, by its identifier."""
    book, id_ = _book(call), call.parameters["metadataId"]
    if not id_.lstrip("-").isdigit():
        raise refused([Fault("metadata_id", f"Invalid value at 'metadata_id' (TYPE_INT32), \"{id_}\"")])
    for metadata in book.developer_metadata:
        if metadata["metadataId"] == int(id_):
            return answered(metadata, "DeveloperMetadata")
    raise ApiError(404, f"No developer metadata with ID {id_}", status="NOT_FOUND")


def search(call: Call) -> Json:
    """developerMetadata.search: those that any filter selects, each with all the filters that do."""
    book = _book(call)
    found: dict[int, list[Json]] = {}
    for at, data_filter in enumerate(filters_of(call.body)):
        try:
            selected = filtered_metadata(book, data_filter)
        except ApiError as error:
            raise prefixed(f"Invalid dataFilter[{at}]", error) from None
        for metadata in selected:
            found.setdefault(metadata["metadataId"], []).append(data_filter)
    matched = [
        {"developerMetadata": answered(metadata, "DeveloperMetadata"), "dataFilters": found[metadata["metadataId"]]}
        for metadata in book.developer_metadata
        if metadata["metadataId"] in found
    ]
    return {"matchedDeveloperMetadata": matched} if matched else {}


HANDLERS: Mapping[str, Handler] = {
    "sheets.spreadsheets.developerMetadata.get": get,
    "sheets.spreadsheets.developerMetadata.search": search,
}
