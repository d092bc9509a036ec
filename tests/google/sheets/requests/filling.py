"""Series that go on: what autoFill writes after the cells that start them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeAlias

from tests.google.sheets.areas import Closed
from tests.google.sheets.formulas import shifted
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.ranges import dimension_of, filled
from tests.google.sheets.spreadsheet import Cell, Entered, Formula, Json

_Series: TypeAlias = Callable[[int], Entered]  # the value at a place, the first of the source being at 0
_EPOCH = date(1899, 12, 30)
_NAMES = [
    names.split()
    for names in (
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "Mon Tue Wed Thu Fri Sat Sun",
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    )
]


def auto_fill(editing: Editing, request: Json) -> None:
    """Goes on with the cells that start a series, each row or column by itself."""
    if ("range" in request) == ("sourceAndDestination" in request):
        raise editing.refuse("Must specify one area: range or sourceAndDestination.")
    if "range" in request:
        source, dimension, length = _detected(editing, editing.area(request["range"]))
    else:
        given = request["sourceAndDestination"]
        source, dimension = editing.area(given.get("source")), dimension_of(editing, given.get("dimension"))
        length = int(given.get("fillLength") or 0)
    of_rows = dimension == "ROWS"
    first, count = (source.top, source.sheet.row_count) if of_rows else (source.left, source.sheet.column_count)
    last = source.bottom if of_rows else source.right
    if first + min(length, 0) < 0 or last + max(length, 0) > count:
        raise editing.refuse(f"fillLength [{length}] goes beyond the grid.")
    is_alternate = bool(request.get("useAlternateSeries"))
    for at in source.columns if of_rows else source.rows:
        places = [(line, at) if of_rows else (at, line) for line in range(first, last)]
        cells = [source.sheet.cell(*place) for place in places]
        series = _series(cells, is_alternate)
        for n in range(length, 0) if length < 0 else range(len(cells), len(cells) + length):
            model, line = cells[n % len(cells)], first + n
            by = (n - n % len(cells)) * (1 if of_rows else 0), (n - n % len(cells)) * (0 if of_rows else 1)
            value = shifted(model.entered, *by) if isinstance(model.entered, Formula) else series(n)
            place = (line, at) if of_rows else (at, line)
            source.sheet.put(*place, [model._replace(entered=value, note="", runs=())])


def _detected(editing: Editing, area: Closed) -> tuple[Closed, str, int]:
    """(the cells of an area that start series, the way to go on, how far): those with something in them."""
    places = [(row, column) for row, column, _ in filled(area)]
    if not places:
        return Closed(area.sheet, area.top, area.left, area.top, area.left), "ROWS", 0
    bottom, right = max(row for row, _ in places) + 1, max(column for _, column in places) + 1
    if bottom < area.bottom:
        return Closed(area.sheet, area.top, area.left, bottom, area.right), "ROWS", area.bottom - bottom
    return Closed(area.sheet, area.top, area.left, area.bottom, right), "COLUMNS", area.right - right


# ------------------------------------------------------------------------------------------------------- series


def _series(cells: Sequence[Cell], is_alternate: bool) -> _Series:
    values = [cell.entered for cell in cells]
    found = None
    if all(isinstance(value, float) for value in values):
        found = _numbers([float(value) for value in values if isinstance(value, float)], cells, is_alternate)
    elif not is_alternate and all(isinstance(value, str) for value in values):
        texts = [str(value) for value in values]
        found = _names(texts) or _numbered(texts)
    return found or (lambda n: values[n % len(values)])


def _numbers(numbers: list[float], cells: Sequence[Cell], is_alternate: bool) -> _Series | None:
    """Numbers by equal steps, dates also by months. One number alone is repeated, one date goes on by a day."""
    are_dates = all(_is_date(cell) for cell in cells)
    if len(numbers) == 1:
        return (lambda n: numbers[0] + n) if are_dates != is_alternate else None
    if is_alternate:
        return None
    if are_dates and (months := _months(numbers)):
        return months
    step = _step(numbers)
    return None if step is None else (lambda n: numbers[0] + n * step)


def _is_date(cell: Cell) -> bool:
    return ((cell.format or {}).get("numberFormat") or {}).get("type") in ("DATE", "DATE_TIME")


def _months(numbers: list[float]) -> _Series | None:
    """Dates of one day of the month, so many months apart."""
    if not all(number.is_integer() for number in numbers):
        return None
    days = [_EPOCH + timedelta(number) for number in numbers]
    step = _step([12.0 * day.year + day.month for day in days])
    if not step or len({day.day for day in days}) > 1:
        return None
    start, by = days[0], int(step)

    def at(n: int) -> float:
        year, month = divmod(12 * start.year + start.month - 1 + n * by, 12)
        following = date(year + month // 11, (month + 1) % 12 + 1, 1)
        day = min(start.day, (following - timedelta(1)).day)
        return float((date(year, month + 1, day) - _EPOCH).days)

    return at


def _step(numbers: list[float]) -> float | None:
    """The step between numbers when it is the same throughout."""
    steps = [round(after - before, 9) for before, after in pairwise(numbers)]
    return steps[0] if len(set(steps)) == 1 else None


def _names(texts: list[str]) -> _Series | None:
    """Days and months by their names."""
    for names in _NAMES:
        folded = [name.casefold() for name in names]
        if all(text.casefold() in folded for text in texts):
            places = [float(folded.index(text.casefold())) for text in texts]
            step = 1 if len(places) == 1 else _step(places)
            if step is None:
                return None
            first, by = int(places[0]), int(step)
            return lambda n: _like(names[(first + n * by) % len(names)], texts[0])
    return None


def _like(name: str, model: str) -> str:
    return name.upper() if model.isupper() else name.lower() if model.islower() else name[:1].upper() + name[1:]


def _numbered(texts: list[str]) -> _Series | None:
    """Texts that end on a number, all alike before it: "Item 1", "Item 01"."""
    found = [re.fullmatch(r"(.*?)(\d+)", text, re.DOTALL) for text in texts]
    parts = [(each[1], each[2]) for each in found if each]
    if len(parts) < len(texts) or len({head for head, _ in parts}) > 1:
        return None
    step = 1 if len(parts) == 1 else _step([float(number) for _, number in parts])
    if step is None:
        return None
    head, number, by = parts[0][0], parts[0][1], int(step)
    width = len(number) if number.startswith("0") else 0
    return lambda n: f"{head}{abs(int(number) + n * by):0{width}d}"


KINDS: Mapping[str, Kind] = {"autoFill": auto_fill}
