"""A sheet copied, within its spreadsheet or into another: the copy's attached objects are its own, with new identifiers."""

import copy
from collections.abc import Callable
from typing import Any

from tests.google.sheets.areas import quoted
from tests.google.sheets.defaults import new_number
from tests.google.sheets.following import SCHEMAS
from tests.google.sheets.formulas import renamed
from tests.google.sheets.sheet_ids import explicit
from tests.google.sheets.spreadsheet import Formula, Json, Row, Sheet, Spreadsheet

_IDENTIFIERS = ("filterViewId", "protectedRangeId", "chartId", "bandedRangeId", "slicerId", "metadataId")


def copied(source: Sheet, of: Spreadsheet, into: Spreadsheet, id_: int, title: str) -> Sheet:
    """The copy of a sheet, not yet among the sheets of `into`, with its names and its developer metadata put there.

    Formulas that name the sheet itself name the copy.
    """
    sheet = source.clone()
    given: set[int] = set()

    def own(item: Json, schema: str) -> Json:
        copy_: Json = _own(explicit(item, schema), source.id, id_, lambda: _noted(given))
        return copy_

    sheet.properties |= {"sheetId": id_, "title": title}
    sheet.attached = {name: [own(each, SCHEMAS[name]) for each in all_] for name, all_ in sheet.attached.items()}
    if sheet.basic_filter is not None:
        sheet.basic_filter = own(sheet.basic_filter, "BasicFilter")
    sheet.rows = [_renamed(row, source.title, title) for row in sheet.rows]
    for named in of.named_ranges.copy():
        if named["range"].get("sheetId", 0) == source.id:
            name = f"{quoted(title)}!{named['name'].rpartition('!')[2]}" if of is into else named["name"]
            _add_name(into, own(named, "NamedRange") | {"name": name, "namedRangeId": str(_noted(given))})
    for metadata in of.developer_metadata.copy():
        if _is_on(metadata.get("location", {}), source.id):
            into.developer_metadata.append(own(metadata, "DeveloperMetadata"))
    return sheet


def _add_name(book: Spreadsheet, named: Json) -> None:
    """Adds a named range, unless the spreadsheet has that name already."""
    if all(each["name"].casefold() != named["name"].casefold() for each in book.named_ranges):
        book.named_ranges.append(named)


def _noted(given: set[int]) -> int:
    number = new_number(given)
    given.add(number)
    return number


def _is_on(location: Json, sheet: int) -> bool:
    return not location.get("spreadsheet") and location.get("dimensionRange", location).get("sheetId", 0) == sheet


def _own(value: Any, old: int, new: int, fresh: Callable[[], int]) -> Any:
    """A JSON value of a sheet as its copy has it: on the copy, with identifiers of its own."""
    if isinstance(value, list):
        return [_own(each, old, new, fresh) for each in value]
    if not isinstance(value, dict):
        return copy.deepcopy(value)
    result = {name: _own(inner, old, new, fresh) for name, inner in value.items()}
    for name in result:
        if name == "sheetId" and result[name] == old:
            result[name] = new
        elif name in _IDENTIFIERS:
            result[name] = fresh()
        elif name == "tableId":
            result[name] = str(fresh())
    return result


def _renamed(row: Row, old: str, new: str) -> Row:
    return tuple(
        cell._replace(entered=renamed(cell.entered, old, new)) if isinstance(cell.entered, Formula) else cell
        for cell in row
    )
