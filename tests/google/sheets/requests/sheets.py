"""Sheets as a whole: added, deleted, duplicated, their properties and those of the spreadsheet."""

import re
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from tests.google.colours import completed
from tests.google.fields import parse_mask, updated
from tests.google.sheets import defaults
from tests.google.sheets.copying import copied
from tests.google.sheets.formulas import Edit, moved, renamed
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.resource import sheet_properties
from tests.google.sheets.spreadsheet import MOST_COLUMNS, Cell, Formula, Json, Sheet
from tests.google.sheets.structure import restructure

LONGEST_TITLE = 100


def add_sheet(editing: Editing, request: Json) -> Json:
    """addSheet: at the end unless an index says where."""
    given: Json = request.get("properties") or {}
    sheet = new_sheet(editing, given)
    _insert(editing, sheet, given.get("index"))
    editing.check_cells()
    return {"properties": sheet_properties(editing.book, sheet)}


def new_sheet(editing: Editing, given: Mapping[str, Any]) -> Sheet:
    """The sheet that SheetProperties describe, with Google's defaults, not yet among the others."""
    if given.get("sheetType", "GRID") not in ("GRID", "SHEET_TYPE_UNSPECIFIED"):
        raise editing.refuse(f"Cannot add a sheet of type {given['sheetType']}.")
    id_ = _new_id(editing, given.get("sheetId"))
    title = given.get("title")
    title = _free_title(editing) if title is None else _checked_title(editing, str(title))
    sheet = defaults.blank_sheet(id_, title)
    # 0 is the same as nothing given, as in any proto3 message
    sheet.properties["gridProperties"] |= {
        name: value for name, value in (given.get("gridProperties") or {}).items() if value
    }
    _check_grid(editing, sheet)
    shown = completed({name: given[name] for name in _SHOWN if given.get(name) is not None}, "SheetProperties")
    sheet.properties |= shown
    return sheet


_SHOWN = ("hidden", "tabColor", "tabColorStyle", "rightToLeft")


def delete_sheet(editing: Editing, request: Json) -> None:
    """deleteSheet: its names and metadata go with it, and the formulas that refer to it come to #REF!."""
    book, sheet = editing.book, _sheet(editing, request.get("sheetId"))
    if len(book.sheets) == 1:
        raise editing.refuse("You can't remove all the sheets in a document.")
    if all(each is sheet or each.properties.get("hidden") for each in book.sheets):
        raise editing.refuse("You can't remove all the visible sheets in a document.")
    if "gridProperties" in sheet.properties:
        gone = Edit(sheet.id, "ROWS", "delete", 0, sheet.row_count)
        _rewrite(editing, lambda formula, on: moved(formula, book, on.id, gone), but=sheet)
    book.sheets.remove(sheet)
    book.named_ranges = [each for each in book.named_ranges if each["range"].get("sheetId", 0) != sheet.id]
    book.developer_metadata = [
        each for each in book.developer_metadata if _sheet_of(each.get("location", {})) != sheet.id
    ]


def _sheet_of(location: Json) -> int | None:
    """The sheet that developer metadata is on, or on a row or column of; None when it is on the whole spreadsheet."""
    if location.get("spreadsheet"):
        return None
    return int(location.get("dimensionRange", location).get("sheetId", 0))


def duplicate_sheet(editing: Editing, request: Json) -> Json:
    """duplicateSheet: the copy stands first unless an index says where, and is never hidden or protected."""
    book = editing.book
    source = _sheet(editing, request.get("sourceSheetId"))
    id_ = _new_id(editing, request.get("newSheetId"))
    title = request.get("newSheetName")
    title = copy_title(book, source.title) if title is None else _checked_title(editing, str(title))
    copy = copied(source, book, book, id_, title)
    copy.properties.pop("hidden", None)
    copy.attached["protectedRanges"] = []
    _insert(editing, copy, request.get("insertSheetIndex") or 0)
    editing.check_cells()
    return {"properties": sheet_properties(book, copy)}


def copy_title(book: Any, title: str) -> str:
    """The title that Google gives to a copy: "Copy of Sheet1", "Copy of Sheet1 1"…"""
    name, number = f"Copy of {title}", 0
    while book.titled(name if not number else f"{name} {number}"):
        number += 1
    return name if not number else f"{name} {number}"


def update_sheet_properties(editing: Editing, request: Json) -> None:
    """updateSheetProperties."""
    given: Json = request.get("properties") or {}
    sheet = _sheet(editing, given.get("sheetId"))
    before = sheet.properties
    after = updated(before, given, request.get("fields", ""), "SheetProperties")
    mask = parse_mask(request.get("fields", ""))
    if not mask:  # "*": the identifier names the sheet, its type is what it is, and the grid keeps its size
        after = {**after, "sheetType": after.get("sheetType", before["sheetType"])}
        after["gridProperties"] = {**_size(before), **after.get("gridProperties", {})}
    if after.get("sheetType") != before.get("sheetType"):
        raise editing.refuse("The sheetType of a sheet cannot be changed.")
    after |= {"sheetId": sheet.id}
    after.pop("index", None)
    title = str(after.get("title") or "")
    if title != sheet.title:
        _checked_title(editing, title, but=sheet)
        _rename(editing, sheet, title)
    _resize(editing, sheet, after)
    sheet.properties = after
    _check_grid(editing, sheet)
    if after.get("hidden") and all(each.properties.get("hidden") for each in editing.book.sheets):
        raise editing.refuse("You can't hide all the sheets in a document.")
    if "index" in mask or (not mask and "index" in given):
        _move(editing, sheet, given.get("index"))


def _size(properties: Json) -> Json:
    return {name: properties["gridProperties"][name] for name in ("rowCount", "columnCount")}


def _rename(editing: Editing, sheet: Sheet, title: str) -> None:
    old = sheet.title
    sheet.properties = {**sheet.properties, "title": title}
    _rewrite(editing, lambda formula, on: renamed(formula, old, title))


def _resize(editing: Editing, sheet: Sheet, after: Json) -> None:
    """Gives the grid its new size: lines taken away go as when they are deleted."""
    if "gridProperties" not in sheet.properties:
        if "gridProperties" in after:
            raise editing.refuse("Only a grid sheet has gridProperties.")
        return
    wanted = after.get("gridProperties", {})
    for dimension, name in (("ROWS", "rowCount"), ("COLUMNS", "columnCount")):
        now, new = int(sheet.properties["gridProperties"][name]), int(wanted.get(name) or 0)
        if new < 1:
            raise editing.refuse(f"gridProperties.{name} must be greater than 0.")
        if new < now:
            restructure(editing.book, Edit(sheet.id, dimension, "delete", new, now))


def _check_grid(editing: Editing, sheet: Sheet) -> None:
    grid = sheet.properties.get("gridProperties")
    if grid is None:
        return
    for name in ("rowCount", "columnCount"):
        if int(grid.get(name) or 0) < 1:
            raise editing.refuse(f"gridProperties.{name} must be greater than 0.")
    for frozen, all_, word in (
        ("frozenRowCount", "rowCount", "rows"),
        ("frozenColumnCount", "columnCount", "columns"),
    ):
        if int(grid.get(frozen) or 0) < 0:
            raise editing.refuse(f"gridProperties.{frozen} must be greater than or equal to 0.")
        if int(grid.get(frozen) or 0) >= int(grid[all_]):
            raise editing.refuse(f"You can't freeze all visible {word} on the sheet.")
    if int(grid["columnCount"]) > MOST_COLUMNS:
        raise editing.refuse(f"This action would increase the number of columns above the limit of {MOST_COLUMNS}.")
    editing.check_cells()


def _move(editing: Editing, sheet: Sheet, index: int | None) -> None:
    """Moves a sheet before the one that stands at an index now; to the end when there is none."""
    sheets = editing.book.sheets
    to = len(sheets) if index is None else _checked_index(editing, int(index))
    before = [each for each in sheets[:to] if each is not sheet]
    after = [each for each in sheets[to:] if each is not sheet]
    editing.book.sheets = [*before, sheet, *after]


def _insert(editing: Editing, sheet: Sheet, index: int | None) -> None:
    to = len(editing.book.sheets) if index is None else _checked_index(editing, int(index))
    editing.book.sheets.insert(to, sheet)


def _checked_index(editing: Editing, index: int) -> int:
    most = len(editing.book.sheets)
    if index < 0:
        raise editing.refuse("Sheet index must be non-negative.")
    if index > most:
        raise editing.refuse(f"Sheet index {index} is past the last index {most}.")
    return index


def _sheet(editing: Editing, id_: object) -> Sheet:
    found = editing.book.sheet(int(str(id_ or 0)))
    if found is None:
        raise editing.refuse(f"No sheet with id: {id_ or 0}")
    return found


def _new_id(editing: Editing, wanted: int | None) -> int:
    taken = {sheet.id for sheet in editing.book.sheets}
    if wanted is None:
        return defaults.new_number(taken)
    if int(wanted) < 0:
        raise editing.refuse("Sheet id must be non-negative.")
    if int(wanted) in taken:
        raise editing.refuse(f"Sheet with id {wanted} already exists.")
    return int(wanted)


def _free_title(editing: Editing) -> str:
    number = len(editing.book.sheets) + 1
    while editing.book.titled(f"Sheet{number}"):
        number += 1
    return f"Sheet{number}"


def _checked_title(editing: Editing, title: str, but: Sheet | None = None) -> str:
    if not title:
        raise editing.refuse("The sheet name cannot be empty.")
    if len(title) > LONGEST_TITLE:
        raise editing.refuse(f"The sheet name cannot be greater than {LONGEST_TITLE} characters.")
    if any(each is not but and each.title.casefold() == title.casefold() for each in editing.book.sheets):
        raise editing.refuse(f'A sheet with the name "{title}" already exists. Please enter another name.')
    return title


# ------------------------------------------------------------------------------------------------------ formulas


def _rewrite(editing: Editing, rewritten: Callable[[Formula, Sheet], Formula], but: Sheet | None = None) -> None:
    """Rewrites every formula of the spreadsheet: those of its cells, and those of rules and conditions."""
    for sheet in editing.book.sheets:
        if sheet is not but:

            def change(formula: Formula, on: Sheet = sheet) -> Formula:
                return rewritten(formula, on)

            sheet.rows = [tuple(_rewritten_cell(cell, change) for cell in row) for row in sheet.rows]
            sheet.attached = {name: [_in_json(each, change) for each in all_] for name, all_ in sheet.attached.items()}
            sheet.basic_filter = _in_json(sheet.basic_filter, change)


def _rewritten_cell(cell: Cell, change: Callable[[Formula], Formula]) -> Cell:
    if isinstance(cell.entered, Formula):
        cell = cell._replace(entered=change(cell.entered))
    if cell.validation:
        cell = cell._replace(validation=_in_json(cell.validation, change))
    return cell


def _in_json(value: Any, change: Callable[[Formula], Formula]) -> Any:
    """A JSON value with the formulas of its ConditionValues changed."""
    if isinstance(value, list):
        return [_in_json(each, change) for each in value]
    if isinstance(value, dict):
        return {
            name: change(Formula(inner)).text
            if name == "userEnteredValue" and isinstance(inner, str) and inner.startswith("=")
            else _in_json(inner, change)
            for name, inner in value.items()
        }
    return value


# ------------------------------------------------------------------------------------------------ the spreadsheet


def update_spreadsheet_properties(editing: Editing, request: Json) -> None:
    """updateSpreadsheetProperties. A new title is the file's name too, once the whole batch has worked."""
    given, mask = request.get("properties") or {}, request.get("fields", "")
    before = editing.book.properties
    named = parse_mask(mask)
    if "defaultFormat" in named:
        raise editing.refuse("SpreadsheetProperties.defaultFormat is read-only.")
    after = updated(before, given, mask, "SpreadsheetProperties")
    if not named:  # "*" leaves what can't be set, and what can't be without a value
        after = {**before, **{name: value for name, value in after.items() if name != "defaultFormat"}}
    check_properties(editing, after)
    editing.book.properties = after


def check_properties(editing: Editing, properties: Mapping[str, Any]) -> None:
    """Refuses SpreadsheetProperties that no spreadsheet can have."""
    if not properties.get("title"):
        raise editing.refuse("The spreadsheet title cannot be empty.")
    locale = str(properties.get("locale") or "")
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2,3}|_\d{3})?", locale):
        raise editing.refuse(f"Unsupported locale: {locale}")
    zone = str(properties.get("timeZone") or "")
    if zone not in zoneinfo.available_timezones():
        raise editing.refuse(f"Invalid time zone: {zone}")


KINDS: Mapping[str, Kind] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}
