"""Cells merged into one, and taken apart again."""

from collections.abc import Mapping

from tests.google.sheets.areas import Closed
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.ranges import WORDS, filled, is_within, merge_range, merges_touching
from tests.google.sheets.spreadsheet import EMPTY, Json

_PARTIAL = "You must select all cells in a merged range to merge or unmerge them."


def merge_cells(editing: Editing, request: Json) -> None:
    """One merged range, or one a column or a row. Each keeps the first value found in it, row by row, and loses the rest."""
    area, kind = editing.area(request.get("range")), request.get("mergeType", "MERGE_ALL")
    _check(editing, area)
    drop_merges(editing, area)
    if kind == "MERGE_COLUMNS":
        parts = [Closed(area.sheet, area.top, column, area.bottom, column + 1) for column in area.columns]
    elif kind == "MERGE_ROWS":
        parts = [Closed(area.sheet, row, area.left, row + 1, area.right) for row in area.rows]
    else:
        parts = [area]
    for part in parts:
        if len(part.rows) * len(part.columns) > 1:
            _empty_all_but_one(part)
            merge = merge_range(area.sheet, part.top, part.left, part.bottom, part.right)
            area.sheet.attached["merges"].append(merge)


def unmerge_cells(editing: Editing, request: Json) -> None:
    """Takes apart every merged range of an area, which must hold each of them whole."""
    drop_merges(editing, editing.area(request.get("range")))


def drop_merges(editing: Editing, area: Closed, refusal: str = _PARTIAL) -> None:
    """Takes apart the merged ranges of an area. Refused when it holds but a part of one."""
    touching = merges_touching(area)
    if not all(is_within(merge, area) for merge in touching):
        raise editing.refuse(refusal)
    area.sheet.attached["merges"] = [m for m in area.sheet.attached["merges"] if m not in touching]


def _check(editing: Editing, area: Closed) -> None:
    grid = area.sheet.properties["gridProperties"]
    for dimension, start, end in (("ROWS", area.top, area.bottom), ("COLUMNS", area.left, area.right)):
        frozen = int(grid.get(f"frozen{WORDS[dimension].title()}Count") or 0)
        if start < frozen < end:
            raise editing.refuse(f"You can't merge frozen and non-frozen {dimension.lower()}.")
    if area.sheet.basic_filter and area.sheet.basic_filter.get("range"):
        filtered = editing.area(area.sheet.basic_filter["range"])
        rows = range(max(area.top, filtered.top), min(area.bottom, filtered.bottom))
        columns = range(max(area.left, filtered.left), min(area.right, filtered.right))
        if rows and columns and (rows, columns) != (area.rows, area.columns):
            raise editing.refuse("You can't merge cells that cross the borders of an existing filter.")


def _empty_all_but_one(area: Closed) -> None:
    """Moves the first value to the corner, and empties all the other cells; their formats stay."""
    sheet = area.sheet
    found = next((cell for _, _, cell in filled(area)), EMPTY)
    for row in range(area.top, min(area.bottom, len(sheet.rows))):
        cells = sheet.rows[row][area.left : area.right]
        sheet.put(row, area.left, [cell._replace(entered=None, note="", runs=()) for cell in cells])
    if found != EMPTY:
        corner = sheet.cell(area.top, area.left)
        sheet.put(area.top, area.left, [corner._replace(entered=found.entered, note=found.note, runs=found.runs)])


KINDS: Mapping[str, Kind] = {"mergeCells": merge_cells, "unmergeCells": unmerge_cells}
