"""What setting a filter does to rows: it sorts those below its header once, and hides those that its criteria leave out."""

import calendar
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.google.colours import THEME
from tests.google.sheets.entering import typed
from tests.google.sheets.formulas import Place, compute, shifted
from tests.google.sheets.rendering import formatted
from tests.google.sheets.requests import contents
from tests.google.sheets.requests.attached import closed_area
from tests.google.sheets.requests.editing import Editing
from tests.google.sheets.spreadsheet import Cell, Formula, Json, Sheet, Value

_FIRST_DAY = date(1899, 12, 30)


def sort_by(editing: Editing, filter_: Json) -> None:
    """Sorts the rows below the header of a filter as it says."""
    range_ = filter_["range"]
    rows = {**range_, "startRowIndex": range_["startRowIndex"] + 1}
    if filter_.get("sortSpecs") and rows["startRowIndex"] < rows["endRowIndex"]:
        contents.KINDS["sortRange"](editing, {"range": rows, "sortSpecs": filter_["sortSpecs"]})


def show_filtered(sheet: Sheet) -> None:
    """Shows the rows that a filter hides."""
    for properties in sheet.row_properties:
        if properties:
            properties.pop("hiddenByFilter", None)


def hide_filtered(editing: Editing, sheet: Sheet) -> None:
    """Hides the rows that the basic filter of a sheet leaves out, and shows the others."""
    show_filtered(sheet)
    filter_ = sheet.basic_filter or {}
    specs = filter_.get("filterSpecs", ())
    if not specs:
        return
    area = closed_area(editing.book, {**filter_["range"], "sheetId": sheet.id})
    rows = range(area.top + 1, area.bottom)
    test = _Test(editing, sheet, rows, specs)
    for row in rows:
        if not test.shows(row):
            sheet.row_properties += [None] * (row + 1 - len(sheet.row_properties))
            sheet.row_properties[row] = {**(sheet.row_properties[row] or {}), "hiddenByFilter": True}


class _Test:
    """Tells which rows the criteria of a filter show.

    The formulas of the criteria are worked out in a copy of the spreadsheet, in columns to the right of the grid.
    """

    def __init__(self, editing: Editing, sheet: Sheet, rows: range, specs: Iterable[Json]) -> None:
        book, zone = editing.book.clone(), ZoneInfo(editing.book.properties["timeZone"])
        self._locale, self._rows, self._now = book.locale, rows, editing.google.clock.now().astimezone(zone)
        copy = book.sheet(sheet.id)
        assert copy
        self._sheet, self._scratch = copy, copy.column_count
        self._criteria = [(int(spec["columnIndex"]), spec.get("filterCriteria", {})) for spec in specs]
        self._arguments = [self._prepared(criterion.get("condition", {})) for _, criterion in self._criteria]
        self._computed = compute(book, self._now)

    def _prepared(self, condition: Json) -> list[Value | Formula]:
        """The values of a condition; a formula is put in the copy, and stands for the column that it was put in."""
        prepared: list[Value | Formula] = []
        for value in condition.get("values", ()):
            if "relativeDate" in value:
                prepared.append(float((_moment(self._now, value["relativeDate"]) - _FIRST_DAY).days))
                continue
            text = value["userEnteredValue"]
            entered = text if condition["type"].startswith("TEXT_") else typed(text, self._locale).entered
            if isinstance(entered, Formula):
                by_row = condition["type"] == "CUSTOM_FORMULA"
                for row in self._rows if by_row else self._rows[:1]:
                    self._sheet.put(row, self._scratch, [Cell(shifted(entered, row - self._rows.start, 0))])
                self._scratch += 1
            prepared.append(Formula(str(self._scratch - 1)) if isinstance(entered, Formula) else entered)
        return prepared

    def shows(self, row: int) -> bool:
        """Whether all criteria let a row be seen."""
        pairs = zip(self._criteria, self._arguments, strict=True)
        return all(self._meets(row, column, criterion, arguments) for (column, criterion), arguments in pairs)

    def _meets(self, row: int, column: int, criterion: Json, arguments: list[Value | Formula]) -> bool:
        cell, value = self._sheet.cell(row, column), self._value(row, column)
        shown = self._shown(row, column, value)
        if shown in criterion.get("hiddenValues", ()):
            return False
        format_ = cell.format or {}
        for name, colour in (
            ("visibleBackgroundColor", format_.get("backgroundColor", THEME["BACKGROUND"])),
            ("visibleForegroundColor", format_.get("textFormat", {}).get("foregroundColor", {})),
        ):
            if name in criterion and criterion[name] != colour:
                return False
        kind = criterion.get("condition", {}).get("type")
        return kind is None or _holds(kind, value, shown, [self._argument(row, kind, each) for each in arguments])

    def _argument(self, row: int, kind: str, argument: Value | Formula) -> Value:
        if isinstance(argument, Formula):
            return self._value(row if kind == "CUSTOM_FORMULA" else self._rows.start, int(argument.text))
        return argument

    def _value(self, row: int, column: int) -> Value:
        place, entered = Place(self._sheet.id, row, column), self._sheet.cell(row, column).entered
        if place in self._computed.values:
            return self._computed.values[place]
        return None if isinstance(entered, Formula) else entered

    def _shown(self, row: int, column: int, value: Value) -> str:
        own = (self._sheet.cell(row, column).format or {}).get("numberFormat")
        brought = own or self._computed.formats.get(Place(self._sheet.id, row, column))
        return formatted(value, dict(brought) if brought else None, self._locale)


def _moment(now: datetime, relative: str) -> date:
    """The day that a RelativeDate names."""
    today = now.date()
    days = {"TODAY": 0, "TOMORROW": 1, "YESTERDAY": -1, "PAST_WEEK": -7}
    if relative in days:
        return today + timedelta(days=days[relative])
    months = today.year * 12 + today.month - 1 - (1 if relative == "PAST_MONTH" else 12)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


_NUMBERS: Mapping[str, Callable[[float, list[float]], bool]] = {
    "GREATER": lambda number, given: number > given[0],
    "GREATER_THAN_EQ": lambda number, given: number >= given[0],
    "LESS": lambda number, given: number < given[0],
    "LESS_THAN_EQ": lambda number, given: number <= given[0],
    "EQ": lambda number, given: number == given[0],
    "NOT_EQ": lambda number, given: number != given[0],
    "BETWEEN": lambda number, given: min(given) <= number <= max(given),
    "NOT_BETWEEN": lambda number, given: not min(given) <= number <= max(given),
    "BEFORE": lambda number, given: number < given[0],
    "AFTER": lambda number, given: number > given[0],
}
_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "TEXT_CONTAINS": operator.contains,
    "TEXT_NOT_CONTAINS": lambda text, given: given not in text,
    "TEXT_STARTS_WITH": str.startswith,
    "TEXT_ENDS_WITH": str.endswith,
    "TEXT_EQ": operator.eq,
}


def _holds(kind: str, value: Value, shown: str, arguments: list[Value]) -> bool:
    if kind in ("BLANK", "NOT_BLANK"):
        return (shown == "") == (kind == "BLANK")
    if kind == "CUSTOM_FORMULA":
        return isinstance(arguments[0], bool | float | int) and bool(arguments[0])
    if kind in _TEXTS:
        return _TEXTS[kind](shown.casefold(), str(arguments[0] or "").casefold())
    of, _, what = kind.partition("_")
    numbers = [_number(each, of) for each in (value, *arguments)]
    if numbers[0] is None:
        return "NOT" in what
    return None not in numbers and _NUMBERS[what](numbers[0], [each for each in numbers[1:] if each is not None])


def _number(value: Any, of: str) -> float | None:
    if isinstance(value, bool) or not isinstance(value, float | int):
        return None
    return float(int(value)) if of == "DATE" else float(value)
