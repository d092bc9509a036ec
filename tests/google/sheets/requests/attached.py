"""What the kinds about attached objects share: how they are kept, found and numbered.

Objects are kept as Google answers them: proto3 JSON, where what is false, zero, empty or unspecified isn't told, but for
the fields that tell "not there" from zero. So a range of the sheet 0 has no `sheetId`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tests.google.colours import completed
from tests.google.discovery import Fault, api, refused
from tests.google.sheets.areas import Area, Closed, grid_area
from tests.google.sheets.conditions import check_condition
from tests.google.sheets.defaults import new_number
from tests.google.sheets.requests.editing import Editing
from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet

_SIDES = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")

# the scalar fields of which zero, or false, is told
_TELLING: Mapping[str, frozenset[str]] = {
    "GridRange": frozenset(_SIDES),
    "DimensionRange": frozenset({"startIndex", "endIndex"}),
    "SortSpec": frozenset({"dimensionIndex"}),
    "SlicerSpec": frozenset({"columnIndex", "applyToPivotTables"}),
    "EmbeddedObjectPosition": frozenset({"sheetId"}),
    "DeveloperMetadataLocation": frozenset({"sheetId"}),
    "BasicChartSpec": frozenset({"headerCount"}),
    "ChartAxisViewWindowOptions": frozenset({"viewWindowMin", "viewWindowMax"}),
    "TextFormat": frozenset({"bold", "italic", "strikethrough", "underline"}),
    "Color": frozenset({"alpha"}),
}  # fmt: skip

Refuse = Callable[[str], Exception]


# --------------------------------------------------------------------------------------------- as they are kept


def kept(value: Mapping[str, Any], schema: str) -> Json:
    """A value of that schema of Sheets as Google keeps it, every colour in it told both ways."""
    return _told(completed(value, schema), schema)


def _told(value: Mapping[str, Any], schema: str) -> Json:
    known = api("sheets.v4").schemas[schema].get("properties", {})
    telling = _TELLING.get(schema, frozenset())
    result: Json = {}
    for name, inner in value.items():
        told = _inner(inner, known.get(name, {}))
        if name in telling or not _is_default(told, known.get(name, {})):
            result[name] = told
    return result


def _inner(value: Any, kind: Json) -> Any:
    if isinstance(value, list):
        return [_inner(item, kind.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in kind:
        return _told(value, kind["$ref"])
    each = kind.get("additionalProperties", {})
    return {key: _inner(item, each) for key, item in value.items()}


def _is_default(value: Any, kind: Json) -> bool:
    if isinstance(value, dict):
        return not value and "additionalProperties" in kind
    return value in (None, "", False, 0, []) or (isinstance(value, str) and value == kind.get("enum", [None])[0])


def kept_range(editing: Editing, given: Json | None, *, closed: bool = False) -> Json:
    """A GridRange as Google keeps it, its ends within the grid. closed: all its sides are told."""
    area = editing.area(given or {})
    return told_range(area, () if closed else [side for side in _SIDES if (given or {}).get(side) is None])


def told_range(area: Closed, but: Iterable[str] = ()) -> Json:
    """The GridRange of an area, but for some of its sides."""
    sides = dict(zip(_SIDES, (area.top, area.bottom, area.left, area.right), strict=True))
    sheet = {"sheetId": area.sheet.id} if area.sheet.id else {}
    return sheet | {name: at for name, at in sides.items() if name not in but}


def sheet_of(given: Mapping[str, Any]) -> int:
    """The identifier of the sheet that a GridRange, a GridCoordinate or a DimensionRange is on."""
    return int(given.get("sheetId") or 0)


def closed_area(book: Spreadsheet, grid_range: Json) -> Closed:
    """The cells of a GridRange that is kept."""
    area: Area = grid_area(book, grid_range)
    return area.closed()


def touch(one: Closed, other: Closed) -> bool:
    """Whether two areas share a cell."""
    return (
        one.sheet is other.sheet
        and max(one.top, other.top) < min(one.bottom, other.bottom)
        and max(one.left, other.left) < min(one.right, other.right)
    )


# ------------------------------------------------------------------------------------------ found and numbered


def everyone(book: Spreadsheet, name: str) -> Iterator[tuple[Sheet, Json]]:
    """Every object of a list of attached objects, with its sheet."""
    for sheet in book.sheets:
        for item in sheet.attached[name]:
            yield sheet, item


def found(editing: Editing, name: str, key: str, id_: Any, what: str) -> tuple[Sheet, Json]:
    """The object of that identifier and its sheet, or the refusal that Google gives. what: "protected range"."""
    for sheet, item in everyone(editing.book, name):
        if item[key] == id_:
            return sheet, item
    raise editing.refuse(f"No {what} with id: {id_}")


def new_id(editing: Editing, wanted: int | None, taken: Iterable[int], what: str) -> int:
    """The identifier that a new object gets: the one asked for, when nothing has it, or a new one."""
    used = set(taken)
    if not wanted:
        return new_number(used)
    if wanted < 0:
        raise editing.refuse(f"Invalid {what} id: {wanted}. Ids must be positive.")
    if wanted in used:
        raise editing.refuse(f"Cannot add {what} with id {wanted}, a {what} with that id already exists.")
    return wanted


def put(sheet: Sheet, name: str, key: str, item: Json) -> None:
    """Puts an object in the place of the one that has its identifier."""
    sheet.attached[name] = [item if each[key] == item[key] else each for each in sheet.attached[name]]


def take(sheet: Sheet, name: str, item: Json) -> None:
    """Takes an object away."""
    sheet.attached[name] = [each for each in sheet.attached[name] if each is not item]


# ------------------------------------------------------------------------------------------------ common checks


def named_area(editing: Editing, given: Json) -> Json:
    """The range of an object that is backed by a range, a named range or a table: of one of them, as it is kept."""
    sources = [name for name in ("range", "namedRangeId", "tableId") if given.get(name) not in (None, "")]
    if len(sources) > 1:
        raise editing.refuse(f"Only one of {' and '.join(sources)} may be set.")
    if sources == ["namedRangeId"]:
        return dict(named_range(editing, given["namedRangeId"])["range"])
    if sources == ["tableId"]:
        return dict(found(editing, "tables", "tableId", given["tableId"], "table")[1]["range"])
    if not sources:
        raise editing.refuse("One of range, namedRangeId or tableId must be set.")
    return kept_range(editing, given["range"])


def named_range(editing: Editing, id_: str) -> Json:
    """The named range of that identifier."""
    for named in editing.book.named_ranges:
        if named["namedRangeId"] == id_:
            return named
    raise editing.refuse(f"No NamedRange with id: {id_}")


def one_of(editing: Editing, place: str, choice: str, given: Iterable[str]) -> None:
    """Refuses what sets several fields of which only one may be there. place: below the request, "rule"."""
    set_ = list(given)
    if len(set_) > 1:
        where = f"requests[{editing.at}].{_snake(editing.kind)}{f'.{place}' if place else ''}"
        told = f"oneof field '{choice}' is already set. Cannot set '{set_[1]}'"
        raise refused([Fault(where, f"Invalid value at '{where}' (oneof), {told}")])


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


_RELATIVE = ("DATE_BEFORE", "DATE_AFTER", "DATE_ON_OR_BEFORE", "DATE_ON_OR_AFTER")


def check_rule(editing: Editing, condition: Mapping[str, Any], of: str) -> None:
    """Refuses a BooleanCondition that this kind of rule can't have. of: "conditional formatting" or "filters"."""
    try:
        check_condition(condition, of)
    except ValueError as error:
        raise editing.refuse(str(error)) from None
    kind = condition["type"]
    for value in condition.get("values") or []:
        relative = value.get("relativeDate", "RELATIVE_DATE_UNSPECIFIED") != "RELATIVE_DATE_UNSPECIFIED"
        if relative and kind not in _RELATIVE:
            raise editing.refuse(f"ConditionType '{kind}' does not support relative dates.")
        text = str(value.get("userEnteredValue", ""))
        if not relative and not text:
            raise editing.refuse("ConditionValue.userEnteredValue is required.")
        if kind == "CUSTOM_FORMULA" and text[:1] not in ("=", "+"):
            raise editing.refuse(f"Invalid ConditionValue.userEnteredValue: {text}")
        if not relative and kind.startswith(("NUMBER_", "DATE_")) and not is_number(text, editing.book.locale):
            raise editing.refuse(f"Invalid ConditionValue.userEnteredValue: {text}")


def is_number(text: str, locale: str) -> bool:
    """Whether a text, typed in a cell, is a number, a date or a formula."""
    from tests.google.sheets.entering import typed
    from tests.google.sheets.spreadsheet import Formula

    try:
        entered = typed(text, locale).entered
    except ValueError:
        return False
    return isinstance(entered, float | int | Formula) and not isinstance(entered, bool)
