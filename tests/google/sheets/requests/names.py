"""Named ranges: added, changed, deleted."""

import re
from collections.abc import Mapping

from tests.google.fields import updated
from tests.google.sheets.defaults import new_number
from tests.google.sheets.formulas.tokens import Token, tokens
from tests.google.sheets.requests.attached import (
    closed_area,
    everyone,
    kept_range,
    named_range,
    put,
    sheet_of,
    take,
    told_range,
)
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import Cell, Formula, Json

LONGEST_NAME = 250
_NAME = re.compile(r"[^\W\d]\w*")
_CELL = re.compile(r"[A-Z]{1,3}\d+|(R\d*)?(C\d*)?", re.IGNORECASE)  # what A1 and R1C1 notation would read


def add_named_range(editing: Editing, request: Json) -> Json:
    """addNamedRange."""
    given: Json = request.get("namedRange") or {}
    named = {
        "namedRangeId": _new_id(editing, str(given.get("namedRangeId") or "")),
        "name": _checked_name(editing, str(given.get("name") or "")),
        "range": _range(editing, given),
    }
    editing.book.named_ranges.append(named)
    return {"namedRange": named}


def _new_id(editing: Editing, wanted: str) -> str:
    taken = {str(named["namedRangeId"]) for named in editing.book.named_ranges}
    if wanted in taken:
        raise editing.refuse(f"Cannot add named range with id {wanted}, a named range with that id already exists.")
    return wanted or str(new_number({int(id_) for id_ in taken if id_.isdigit()}))


def _checked_name(editing: Editing, name: str, but: Json | None = None) -> str:
    if not _NAME.fullmatch(name) or _CELL.fullmatch(name) or len(name) > LONGEST_NAME:
        raise editing.refuse("The name given to this range is invalid.")
    if name.casefold().startswith(("true", "false")):
        raise editing.refuse("The name given to this range is invalid.")
    for named in editing.book.named_ranges:
        if named is not but and named["name"].casefold() == name.casefold():
            raise editing.refuse(
                f"Cannot add named range with name {name}, a named range with that name already exists."
            )
    return name


def _range(editing: Editing, given: Json) -> Json:
    if given.get("range") is None:
        raise editing.refuse("NamedRange.range is required.")
    return kept_range(editing, given["range"])


def update_named_range(editing: Editing, request: Json) -> None:
    """updateNamedRange: formulas, protections and filter views follow."""
    given: Json = request.get("namedRange") or {}
    named = named_range(editing, str(given.get("namedRangeId") or ""))
    after = updated(named, given, request.get("fields", ""), "NamedRange")
    after["namedRangeId"] = named["namedRangeId"]
    if after.get("name") != named["name"]:
        _checked_name(editing, str(after.get("name") or ""), but=named)
        _rename(editing, named["name"], after["name"])
    if after.get("range") != named["range"]:
        after["range"] = _range(editing, after)
        _move_backed(editing, named["namedRangeId"], after["range"])
    editing.book.named_ranges = [after if each is named else each for each in editing.book.named_ranges]


def _rename(editing: Editing, old: str, new: str) -> None:
    """Has the formulas that use a name use another one."""

    def rewritten(token: Token) -> str:
        return new if token.kind == "name" and token.text.casefold() == old.casefold() else token.text

    def renamed(cell: Cell) -> Cell:
        if not isinstance(cell.entered, Formula) or old.casefold() not in cell.entered.text.casefold():
            return cell
        try:
            text = "=" + "".join(rewritten(token) for token in tokens(cell.entered.text[1:]))
        except ValueError:  # what can't be read uses no name
            return cell
        return cell._replace(entered=Formula(text))

    for sheet in editing.book.sheets:
        sheet.rows = [tuple(renamed(cell) for cell in row) for row in sheet.rows]


_BACKED = {"protectedRanges": "protectedRangeId", "filterViews": "filterViewId"}  # what a named range may back


def _move_backed(editing: Editing, id_: str, range_: Json) -> None:
    """Gives its new range to what a named range backs."""
    home = editing.sheet(sheet_of(range_))
    closed = told_range(closed_area(editing.book, range_))
    for name in _BACKED:
        for sheet, item in list(everyone(editing.book, name)):
            if item.get("namedRangeId") == id_:
                take(sheet, name, item)
                home.attached[name].append({**item, "range": closed if name == "filterViews" else dict(range_)})


def delete_named_range(editing: Editing, request: Json) -> None:
    """deleteNamedRange: what it backed keeps its range."""
    named = named_range(editing, str(request.get("namedRangeId") or ""))
    editing.book.named_ranges = [each for each in editing.book.named_ranges if each is not named]
    for name, key in _BACKED.items():
        for sheet, item in list(everyone(editing.book, name)):
            if item.get("namedRangeId") == named["namedRangeId"]:
                put(sheet, name, key, {at: value for at, value in item.items() if at != "namedRangeId"})


KINDS: Mapping[str, Kind] = {
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
}
