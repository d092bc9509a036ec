"""Rows of a range put in another order, or thinned out."""

import random
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from tests.google.sheets.areas import Closed, letters
from tests.google.sheets.formulas import Place, shifted
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.ranges import (
    cells_in,
    computed,
    count_of,
    lines_of,
    merges_touching,
    put_rows,
    value_of,
    values_in,
)
from tests.google.sheets.spreadsheet import EMPTY, Cell, Error, Formula, Json, Value

CHANCE = random.Random()  # a test may seed it
_Cells: TypeAlias = list[list[Cell]]


def sort_range(editing: Editing, request: Json) -> None:
    """Sorts rows by some columns. A row that isn't shown stays in its place; blank cells come last in either order."""
    given = request.get("range") or {}
    top, sheet = int(given.get("startRowIndex") or 0), editing.book.sheet(int(given.get("sheetId") or 0))
    if sheet and "gridProperties" in sheet.properties and top >= sheet.row_count:
        raise editing.refuse(f"range.startRowIndex is larger than current grid size ({sheet.row_count})")
    area, specs = editing.area(given), request.get("sortSpecs") or []
    if not specs:
        raise editing.refuse("At least one sort spec must be specified.")
    _check_merges(editing, area, "sort")
    cells, values = cells_in(area), computed(editing).values
    order = [at for at, row in enumerate(area.rows) if not _is_hidden(area, row)]
    shown = list(order)
    for spec in reversed(specs):  # the least of them first, since each sort keeps the order of what it finds equal
        column = int(spec.get("dimensionIndex") or 0) - area.left
        if not 0 <= column < area.right - area.left:
            raise editing.refuse(f"sortSpecs.dimensionIndex [{column + area.left}] is outside of the range.")
        keys = [row[column] for row in cells]
        places = (Place(area.sheet.id, row, column + area.left) for row in area.rows)
        order = _sorted(order, spec, keys, [value_of(*each, values) for each in zip(keys, places, strict=True)])
    _reorder(area, cells, dict(zip(shown, order, strict=True)))


def randomize_range(editing: Editing, request: Json) -> None:
    """Puts the rows of a range in an order of chance."""
    area = editing.area(request.get("range"))
    _check_merges(editing, area, "randomize")
    order = list(range(len(area.rows)))
    CHANCE.shuffle(order)
    _reorder(area, cells_in(area), dict(enumerate(order)))


def delete_duplicates(editing: Editing, request: Json) -> Json:
    """Takes away each row of a range whose values, case aside, some row before it has; those below it move up."""
    area = editing.area(request.get("range"))
    columns = _compared(editing, area, request.get("comparisonColumns") or [])
    seen, kept = set(), []
    for at, row in enumerate(values_in(editing, area)):
        key = tuple(_sameness(row[column]) for column in columns)
        if key not in seen or all(value is None for value in row):
            seen.add(key)
            kept.append(at)
    removed = len(area.rows) - len(kept)
    if not removed:
        return {}
    _check_merges(editing, area, "remove duplicates in")
    cells = cells_in(area)
    blank = [[EMPTY] * len(area.columns)] * removed
    put_rows(area.sheet, area.top, area.left, [_carried(cells[at], to - at) for to, at in enumerate(kept)] + blank)
    return {"duplicatesRemovedCount": removed}


def _is_hidden(area: Closed, row: int) -> bool:
    properties = area.sheet.row_properties[row] if row < len(area.sheet.row_properties) else None
    return bool(properties and (properties.get("hiddenByUser") or properties.get("hiddenByFilter")))


def _check_merges(editing: Editing, area: Closed, verb: str) -> None:
    for merge in merges_touching(area):
        if merge["endRowIndex"] - merge["startRowIndex"] > 1:
            start = f"{letters(merge['startColumnIndex'])}{merge['startRowIndex'] + 1}"
            end = f"{letters(merge['endColumnIndex'] - 1)}{merge['endRowIndex']}"
            raise editing.refuse(
                f"You can't {verb} a range containing vertical merges. There is a vertical merge at {start}:{end}"
            )


def _reorder(area: Closed, cells: _Cells, sources: Mapping[int, int]) -> None:
    """Puts in each row of the area the one that comes from another; merged cells go with their row."""
    rows = [_carried(cells[at], to - at) for to, at in ((to, sources.get(to, to)) for to in range(len(cells)))]
    merges = merges_touching(area)
    put_rows(area.sheet, area.top, area.left, rows)
    targets = {at: to for to, at in sources.items()}
    for merge in merges:
        at = merge["startRowIndex"] - area.top
        merge["startRowIndex"] = targets.get(at, at) + area.top
        merge["endRowIndex"] = merge["startRowIndex"] + 1


def _carried(cells: Sequence[Cell], rows: int) -> list[Cell]:
    """Cells so many rows further, what their formulas refer to shifting with them."""
    return [
        cell._replace(entered=shifted(cell.entered, rows, 0)) if isinstance(cell.entered, Formula) else cell
        for cell in cells
    ]


# ------------------------------------------------------------------------------------------------------- orders


def _sorted(order: list[int], spec: Json, cells: Sequence[Cell], values: Sequence[Value]) -> list[int]:
    for name in ("backgroundColor", "foregroundColor"):
        wanted = _colour(spec, name)
        if wanted is not None:
            return sorted(order, key=lambda at: _cell_colour(cells[at], name) != wanted)
    filled = [at for at in order if values[at] not in (None, "")]
    filled.sort(key=lambda at: sort_key(values[at]), reverse=spec.get("sortOrder") == "DESCENDING")
    return filled + [at for at in order if values[at] in (None, "")]


def sort_key(value: Value) -> tuple[Any, ...]:
    """Numbers, dates among them, then texts, then FALSE and TRUE, then errors."""
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, float | int):
        return 0, value
    if isinstance(value, Error):
        return 3, value.shown
    return 1, *_text_key(value or "")


def _text_key(text: str) -> tuple[Any, ...]:
    """Texts as a dictionary has them: accents, then case, matter only between texts otherwise equal."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return [(_rank(c), c) for c in plain], text.casefold(), text.swapcase()


def _rank(character: str) -> int:
    return 0 if character.isspace() else 3 if character.isalpha() else 2 if character.isdigit() else 1


def _sameness(value: Value) -> object:
    if isinstance(value, str):
        return value.casefold()
    return (type(value) is bool, value)


def _compared(editing: Editing, area: Closed, spans: Sequence[Json]) -> list[int]:
    """The columns that make duplicates, counted in the area; all of them unless some are named."""
    columns: set[int] = set()
    for span in spans:
        lines = lines_of(editing, span)
        if lines.sheet is not area.sheet or lines.dimension != "COLUMNS":
            raise editing.refuse("comparisonColumns must be columns of the sheet of the range.")
        end = min(lines.end, count_of(lines.sheet, "COLUMNS"))
        if lines.start < area.left or end > area.right:
            raise editing.refuse("comparisonColumns must be within the range.")
        columns |= set(range(lines.start - area.left, end - area.left))
    return sorted(columns) or list(range(len(area.columns)))


def _cell_colour(cell: Cell, name: str) -> object:
    style = cell.format or {}
    return _colour(style if name == "backgroundColor" else style.get("textFormat") or {}, name)


def _colour(holder: Mapping[str, Any], name: str) -> object:
    """A colour in thirds of itself, None when there is none: {"red": 1} is as {"red": 1, "green": 0}."""
    style = holder.get(f"{name}Style")
    colour = (style or {}).get("rgbColor", style) if style else holder.get(name)
    if colour is None:
        return None
    if "themeColor" in colour:
        return colour["themeColor"]
    return tuple(round(float(colour.get(part) or 0), 6) for part in ("red", "green", "blue"))


KINDS: Mapping[str, Kind] = {
    "sortRange": sort_range,
    "randomizeRange": randomize_range,
    "deleteDuplicates": delete_duplicates,
}
