"""Rows and columns: inserted, appended, deleted, moved, their sizes."""

from collections.abc import Mapping

from tests.google.fields import update_mask
from tests.google.sheets.formulas import Edit
from tests.google.sheets.requests import groups, shifting
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.ranges import (
    WORDS,
    Lines,
    check_growth,
    count_of,
    dimension_of,
    grid_of,
    lines_of,
    lines_within,
    set_property,
)
from tests.google.sheets.requests.resizing import auto_resize_dimensions
from tests.google.sheets.spreadsheet import Json
from tests.google.sheets.structure import inherit, restructure


def insert_dimension(editing: Editing, request: Json) -> None:
    """Blank lines, which look like the line before them or the one after."""
    sheet, dimension, start, end = lines_of(editing, request.get("range"), bounded=True)
    from_before, count = bool(request.get("inheritFromBefore")), count_of(sheet, dimension)
    if start == end:
        raise editing.refuse("range.endIndex must be greater than range.startIndex")
    if start > count:
        raise editing.refuse(f"range.startIndex is larger than current grid size ({count})")
    if start == count and not from_before:
        raise editing.refuse(
            f"range.startIndex must be less than the grid size ({count}) if inheritFromBefore is false."
        )
    if start == 0 and from_before:
        raise editing.refuse("range.startIndex must be greater than 0 if inheritFromBefore is true.")
    check_growth(editing, sheet, dimension, end - start)
    edit = Edit(sheet.id, dimension, "insert", start, end)
    restructure(editing.book, edit)
    inherit(sheet, edit, start - 1 if from_before else end)


def append_dimension(editing: Editing, request: Json) -> None:
    """Blank lines at the end of a sheet."""
    sheet = grid_of(editing, request.get("sheetId"))
    dimension, length = dimension_of(editing, request.get("dimension")), int(request.get("length") or 0)
    if length <= 0:
        raise editing.refuse("length must be greater than 0.")
    check_growth(editing, sheet, dimension, length)
    count = count_of(sheet, dimension)
    restructure(editing.book, Edit(sheet.id, dimension, "insert", count, count + length))


def delete_dimension(editing: Editing, request: Json) -> None:
    """Lines taken away; one that isn't frozen must be left."""
    sheet, dimension, start, end = lines_of(editing, request.get("range"))
    word, count = WORDS[dimension], count_of(sheet, dimension)
    if start >= count or end > count:
        raise editing.refuse(
            f"Cannot delete a {word} that doesn't exist. Tried to delete {word} index {max(start, count)} but there are "
            f"only {count} {word}s."
        )
    if end - start >= count:
        raise editing.refuse(f"You can't delete all the {word}s on the sheet.")
    frozen = int(sheet.properties["gridProperties"].get(f"frozen{word.title()}Count") or 0)
    if frozen and start <= frozen and end == count:
        raise editing.refuse(f"Sorry, it is not possible to delete all non-frozen {word}s.")
    if end > start:
        restructure(editing.book, Edit(sheet.id, dimension, "delete", start, end))


def move_dimension(editing: Editing, request: Json) -> None:
    """Lines put before another one, which is counted as it was before they left."""
    lines, to = lines_of(editing, request.get("source"), bounded=True), int(request.get("destinationIndex") or 0)
    sheet, dimension, start, end = lines
    count = count_of(sheet, dimension)
    if start >= count or end > count:
        raise editing.refuse(f"source.endIndex is larger than current grid size ({count})")
    if not 0 <= to <= count:
        raise editing.refuse(f"destinationIndex is larger than current grid size ({count})")
    if _crosses_a_merge(lines, to):
        raise editing.refuse(
            f"Sorry, it is not possible to move a {WORDS[dimension]} to a position that crosses a merged cell. Please "
            "unmerge and try again."
        )
    if not start <= to <= end:
        restructure(editing.book, Edit(sheet.id, dimension, "move", start, end, to))


def _crosses_a_merge(lines: Lines, to: int) -> bool:
    sheet, dimension, start, end = lines
    first, last = ("startRowIndex", "endRowIndex") if dimension == "ROWS" else ("startColumnIndex", "endColumnIndex")
    return any(merge[first] < edge < merge[last] for merge in sheet.attached["merges"] for edge in (start, end, to))


def update_dimension_properties(editing: Editing, request: Json) -> None:
    """The size of lines, whether they are hidden, the metadata of each."""
    if "dataSourceSheetRange" in request:
        raise editing.refuse("Data source sheets aren't supported here.")
    sheet, dimension, start, end = lines_within(editing, request.get("range"))
    given = request.get("properties") or {}
    names = set(update_mask(request.get("fields") or "", "DimensionProperties"))
    names = names or {"hiddenByUser", "pixelSize"} | ({"developerMetadata"} & given.keys())
    for name in sorted(names):
        _set_property(editing, Lines(sheet, dimension, start, end), name, given.get(name))


def _set_property(editing: Editing, lines: Lines, name: str, value: object) -> None:
    if name == "developerMetadata":
        _set_metadata(editing, lines, value)
    elif name in ("hiddenByUser", "pixelSize"):
        if name == "pixelSize" and value is not None and int(str(value)) <= 0:
            raise editing.refuse("properties.pixelSize must be greater than 0.")
        set_property(lines, name, value or None)
    else:
        raise editing.refuse(f"properties.{name} is read-only.")


def _set_metadata(editing: Editing, lines: Lines, value: object) -> None:
    """The metadata of each line are replaced; those given apply to every one of them, under numbers of their own."""
    sheet, dimension, start, end = lines
    kept = [each for each in editing.book.developer_metadata if not _is_of(each, lines)]
    taken = {int(each.get("metadataId") or 0) for each in kept}
    for at in range(start, end):
        for given in value if isinstance(value, list) else []:
            id_ = int(given.get("metadataId") or 0) or max(taken, default=0) + 1
            if id_ in taken:
                raise editing.refuse(
                    f"Cannot add developer metadata with ID [{id_}] because developer metadata with that ID already exists."
                )
            taken.add(id_)
            where = ({"sheetId": sheet.id} if sheet.id else {}) | {
                "dimension": dimension, "startIndex": at, "endIndex": at + 1,
            }  # fmt: skip
            location = {"locationType": WORDS[dimension].upper(), "dimensionRange": where}
            kept.append({**given, "metadataId": id_, "location": location})
    editing.book.developer_metadata = kept


def _is_of(metadata: Json, lines: Lines) -> bool:
    where = (metadata.get("location") or {}).get("dimensionRange") or {}
    is_there = where.get("dimension") == lines.dimension and int(where.get("sheetId") or 0) == lines.sheet.id
    return is_there and lines.start <= int(where.get("startIndex") or 0) < lines.end


KINDS: Mapping[str, Kind] = {
    "insertDimension": insert_dimension,
    "appendDimension": append_dimension,
    "deleteDimension": delete_dimension,
    "moveDimension": move_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
    **groups.KINDS,
    **shifting.KINDS,
}
