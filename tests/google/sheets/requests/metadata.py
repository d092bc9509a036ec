"""Developer metadata: created, changed and deleted, on a row, a column, a sheet or the whole spreadsheet."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.google.fields import updated
from tests.google.sheets.metadata import check_line, filtered_metadata, filters_of
from tests.google.sheets.requests.attached import kept, new_id, one_of, sheet_of
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import Json
from tests.google.wire import ApiError

MOST_CHARACTERS = 30_000  # of the keys and values on one sheet, or on the spreadsheet itself
_PLACES = ("dimensionRange", "sheetId", "spreadsheet")


def create_metadata(editing: Editing, request: Json) -> Json:
    """createDeveloperMetadata."""
    given: Json = request.get("developerMetadata") or {}
    id_ = given.get("metadataId")
    all_ = editing.book.developer_metadata
    if id_ is not None and id_ < 1:
        raise editing.refuse("Developer metadata IDs must be positive.")
    if any(each["metadataId"] == id_ for each in all_):
        raise editing.refuse(
            f"Cannot add developer metadata with ID [{id_}] because developer metadata with that ID already exists."
        )
    number = new_id(editing, id_, (each["metadataId"] for each in all_), "developer metadata")
    metadata = {"metadataId": number, **_checked(editing, given)}
    all_.append(metadata)
    _check_size(editing)
    return {"developerMetadata": metadata}


def update_metadata(editing: Editing, request: Json) -> Json:
    """updateDeveloperMetadata: all that the filters select is given the same properties."""
    given: Json = request.get("developerMetadata") or {}
    selected = _selected(editing, _filters(editing, request))
    changed: dict[int, Json] = {}
    for metadata in selected:
        after = updated(metadata, given, request.get("fields", ""), "DeveloperMetadata")
        changed[metadata["metadataId"]] = {"metadataId": metadata["metadataId"], **_checked(editing, after)}
    if not selected:  # the mask is read all the same
        updated({}, given, request.get("fields", ""), "DeveloperMetadata")
    all_ = editing.book.developer_metadata
    editing.book.developer_metadata = [changed.get(each["metadataId"], each) for each in all_]
    _check_size(editing)
    return {"developerMetadata": list(changed.values())} if changed else {}


def delete_metadata(editing: Editing, request: Json) -> Json:
    """deleteDeveloperMetadata: nothing is deleted when the filter selects nothing."""
    if request.get("dataFilter") is None:
        raise editing.refuse("Must specify a dataFilter.")
    gone = _selected(editing, [request["dataFilter"]])
    ids = {each["metadataId"] for each in gone}
    all_ = editing.book.developer_metadata
    editing.book.developer_metadata = [each for each in all_ if each["metadataId"] not in ids]
    return {"deletedDeveloperMetadata": gone} if gone else {}


def _filters(editing: Editing, request: Json) -> list[Json]:
    try:
        return filters_of(request)
    except ApiError as error:
        raise editing.refuse(error.message) from None


def _selected(editing: Editing, filters: Iterable[Json]) -> list[Json]:
    """The metadata that any of the filters selects, each once."""
    selected: dict[int, Json] = {}
    for each in filters:
        try:
            matched = filtered_metadata(editing.book, each)
        except ApiError as error:
            raise editing.refuse(error.message) from None
        selected |= {metadata["metadataId"]: metadata for metadata in matched}
    return list(selected.values())


# ----------------------------------------------------------------------------------------------- one piece of it


def _checked(editing: Editing, given: Json) -> Json:
    """A piece of metadata as it is kept, without its identifier."""
    if not given.get("metadataKey"):
        raise editing.refuse("Developer metadata must always have a key specified.")
    location = _location(editing, given.get("location") or {})
    if given.get("visibility", "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED") not in ("DOCUMENT", "PROJECT"):
        raise editing.refuse("Developer metadata must always have visibility specified.")
    names = ("metadataKey", "metadataValue", "visibility")
    told = kept({name: given[name] for name in names if name in given}, "DeveloperMetadata")
    visibility = told.pop("visibility")
    return {**told, "location": location, "visibility": visibility}


def _location(editing: Editing, given: Json) -> Json:
    """Where metadata is, as it is kept: the kind of place is told too."""
    places = [name for name in given if name in _PLACES and given[name] is not False]
    one_of(editing, "developer_metadata.location", "location", places)
    if not places:
        raise editing.refuse("Developer metadata must always have a location specified.")
    if places == ["spreadsheet"]:
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if places == ["sheetId"]:
        return {"locationType": "SHEET", "sheetId": editing.sheet(int(given["sheetId"])).id}
    line: Json = given["dimensionRange"]
    try:
        check_line(editing.book, line)
    except ApiError as error:
        raise editing.refuse(error.message) from None
    return {"locationType": line["dimension"].removesuffix("S"), "dimensionRange": kept(line, "DimensionRange")}


def _check_size(editing: Editing) -> None:
    sizes: Counter[int | None] = Counter()
    for each in editing.book.developer_metadata:
        location = each["location"]
        home = None if location.get("spreadsheet") else sheet_of(location.get("dimensionRange", location))
        sizes[home] += len(each["metadataKey"]) + len(each.get("metadataValue", ""))
    for home, size in sizes.items():
        if size > MOST_CHARACTERS:
            where = "spreadsheet" if home is None else "sheet"
            raise editing.refuse(
                f"The developer metadata of a {where} cannot exceed {MOST_CHARACTERS} characters, but has {size}."
            )


KINDS: Mapping[str, Kind] = {
    "createDeveloperMetadata": create_metadata,
    "updateDeveloperMetadata": update_metadata,
    "deleteDeveloperMetadata": delete_metadata,
}
