"""Blocks of cells copied or moved elsewhere in a spreadsheet."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tests.google.sheets.areas import Closed
from tests.google.sheets.following import Relocation, follow
from tests.google.sheets.formulas import shifted
from tests.google.sheets.references import Box, qualified
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.merging import drop_merges
from tests.google.sheets.requests.ranges import (
    cells_in,
    corner_of,
    grow,
    is_within,
    merge_range,
    merges_touching,
    put_rows,
    values_in,
)
from tests.google.sheets.spreadsheet import EMPTY, Cell, Error, Formula, Json, Sheet, Value

SPLIT = "You can't perform a paste that partially intersects a merge."
_WITH_MERGES = ("PASTE_NORMAL", "PASTE_NO_BORDERS")
_WITH_CONDITIONS = ("PASTE_NORMAL", "PASTE_NO_BORDERS", "PASTE_FORMAT", "PASTE_CONDITIONAL_FORMATTING")
_Rule: TypeAlias = dict[str, Any]


def copy_paste(editing: Editing, request: Json) -> None:
    """Copies a block, again and again when the destination is so many times as big; references shift."""
    source = editing.area(request.get("source"))
    there = editing.area(request.get("destination"), clipped=False)
    kind, is_turned = request.get("pasteType", "PASTE_NORMAL"), request.get("pasteOrientation") == "TRANSPOSE"
    height, width = len(source.rows), len(source.columns)
    if is_turned:
        height, width = width, height
    rows = len(there.rows) if len(there.rows) % height == 0 and there.rows else height
    columns = len(there.columns) if len(there.columns) % width == 0 and there.columns else width
    target = Closed(there.sheet, there.top, there.left, there.top + rows, there.left + columns)
    grow(editing, target.sheet, target.bottom, target.right)
    cells, values, merges = cells_in(source), values_in(editing, source), merges_touching(source)
    conditions = list(source.sheet.attached["conditionalFormats"])
    if kind in _WITH_MERGES:
        if not all(is_within(merge, source) for merge in merges):
            raise editing.refuse(SPLIT)
        drop_merges(editing, target, SPLIT)
    pasted = []
    for row in target.rows:
        line = []
        for column in target.columns:
            down, right = (row - target.top) % height, (column - target.left) % width
            if is_turned:
                down, right = right, down
            by = (row - source.top - down, column - source.left - right)
            line.append(paste(kind, target.sheet.cell(row, column), cells[down][right], values[down][right], *by))
        pasted.append(line)
    put_rows(target.sheet, target.top, target.left, pasted)
    for top in range(target.top, target.bottom, height):
        for left in range(target.left, target.right, width):
            if kind in _WITH_MERGES:
                target.sheet.attached["merges"] += [
                    _copied(m, source, target.sheet, top, left, is_turned) for m in merges
                ]
            if kind in _WITH_CONDITIONS:
                _copy_conditions(conditions, source, target.sheet, top, left, is_turned)


def cut_paste(editing: Editing, request: Json) -> None:
    """Moves a block: what referred to its cells follows them, and its own formulas refer to what they did."""
    source = editing.area(request.get("source"))
    sheet, top, left = corner_of(editing, request.get("destination"))
    kind, by = request.get("pasteType", "PASTE_NORMAL"), (top - source.top, left - source.left)
    target = Closed(sheet, top, left, top + len(source.rows), left + len(source.columns))
    if not all(is_within(merge, source) for merge in merges_touching(source)):
        raise editing.refuse(SPLIT)
    grow(editing, sheet, target.bottom, target.right)
    cells, values, merges = cells_in(source), values_in(editing, source), merges_touching(source)
    if source.sheet is not sheet:
        cells = [[_at_home(cell, source.sheet) for cell in row] for row in cells]
    source.sheet.attached["merges"] = [m for m in source.sheet.attached["merges"] if m not in merges]
    drop_merges(editing, target, SPLIT)
    put_rows(source.sheet, source.top, source.left, [[EMPTY] * len(source.columns)] * len(source.rows))
    pasted = [
        [
            paste(
                kind, sheet.cell(row, column), cells[row - top][column - left], values[row - top][column - left], 0, 0
            )
            for column in target.columns
        ]
        for row in target.rows
    ]
    put_rows(sheet, top, left, pasted)
    if kind in _WITH_MERGES:
        sheet.attached["merges"] += [_copied(merge, source, sheet, top, left, False) for merge in merges]
    lists = ("charts", "conditionalFormats", "protectedRanges") if source.sheet is sheet else ("charts",)
    block = Box(source.sheet.id, source.top, source.left, source.bottom, source.right)
    follow(editing.book, Relocation(block, sheet.id, *by), lists)


def paste(kind: str, old: Cell, new: Cell, value: Value, rows: int, columns: int) -> Cell:
    """A cell once another one is pasted on it, so many rows and columns further. value: what that one comes to."""
    entered = shifted(new.entered, rows, columns) if isinstance(new.entered, Formula) else new.entered
    return _PASTES.get(kind, _nothing)(old, new._replace(entered=entered), value)


def _whole(old: Cell, new: Cell, value: Value) -> Cell:
    return new


def _value(old: Cell, new: Cell, value: Value) -> Cell:
    if isinstance(value, Error):
        return old._replace(entered=Formula(f"={value.shown}"), runs=())
    return old._replace(entered=None if value == "" else value, runs=())


def _format(old: Cell, new: Cell, value: Value) -> Cell:
    return old._replace(format=new.format)


def _no_borders(old: Cell, new: Cell, value: Value) -> Cell:
    kept = {name: style for name, style in (new.format or {}).items() if name != "borders"}
    borders = (old.format or {}).get("borders")
    return new._replace(format=(kept | ({"borders": borders} if borders else {})) or None)


def _formula(old: Cell, new: Cell, value: Value) -> Cell:
    return old._replace(entered=new.entered, runs=())


def _validation(old: Cell, new: Cell, value: Value) -> Cell:
    return old._replace(validation=new.validation)


def _nothing(old: Cell, new: Cell, value: Value) -> Cell:
    return old


_PASTES: Mapping[str, Callable[[Cell, Cell, Value], Cell]] = {
    "PASTE_NORMAL": _whole,
    "PASTE_VALUES": _value,
    "PASTE_FORMAT": _format,
    "PASTE_NO_BORDERS": _no_borders,
    "PASTE_FORMULA": _formula,
    "PASTE_DATA_VALIDATION": _validation,
    "PASTE_CONDITIONAL_FORMATTING": _nothing,  # those aren't in cells
}


def _at_home(cell: Cell, sheet: Sheet) -> Cell:
    """A cell whose formula still refers to its own sheet once it is on another one."""
    return cell._replace(entered=qualified(cell.entered, sheet.title)) if isinstance(cell.entered, Formula) else cell


def _copied(place: Json, source: Closed, sheet: Sheet, top: int, left: int, is_turned: bool) -> Json:
    """A range within a block, in a copy of the block."""
    sides = (
        place["startRowIndex"] - source.top, place["startColumnIndex"] - source.left,
        place["endRowIndex"] - source.top, place["endColumnIndex"] - source.left,
    )  # fmt: skip
    first, second, third, fourth = (sides[1], sides[0], sides[3], sides[2]) if is_turned else sides
    return merge_range(sheet, top + first, left + second, top + third, left + fourth)


def _copy_conditions(rules: list[_Rule], source: Closed, sheet: Sheet, top: int, left: int, is_turned: bool) -> None:
    """Has the rules of a block hold for a copy of it: more ranges of the same rule, or a rule more on another sheet."""
    for rule in rules:
        parts = [part for each in rule.get("ranges", []) if (part := _common(each, source))]
        ranges = [_copied(part, source, sheet, top, left, is_turned) for part in parts]
        new = [each for each in ranges if each not in rule["ranges"]]
        if new and sheet is source.sheet:
            rule["ranges"] = rule["ranges"] + new
        elif new:
            sheet.attached["conditionalFormats"].append({**rule, "ranges": new})


def _common(place: Json, area: Closed) -> Json | None:
    """What a GridRange and an area have in common."""
    top, left = (
        max(int(place.get("startRowIndex") or 0), area.top),
        max(int(place.get("startColumnIndex") or 0), area.left),
    )
    bottom = min(int(place.get("endRowIndex", area.bottom)), area.bottom)
    right = min(int(place.get("endColumnIndex", area.right)), area.right)
    return merge_range(area.sheet, top, left, bottom, right) if top < bottom and left < right else None


KINDS: Mapping[str, Kind] = {"copyPaste": copy_paste, "cutPaste": cut_paste}
