"""Cells read as ValueRange answers them: rendered, trimmed of what is empty at their ends, by rows or by columns."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from tests.google.sheets.areas import Closed, a1
from tests.google.sheets.formulas import Computed, Place, to_locale
from tests.google.sheets.rendering import formatted
from tests.google.sheets.spreadsheet import EMPTY, Cell, Error, Formula, Json, Spreadsheet, Value

_MOMENTS = ("DATE", "TIME", "DATE_TIME")
_NONE: Mapping[str, Any] = {}
_EXACT = 10.0**15  # whole numbers below are answered without a fraction


class Reader:
    """Reads a spreadsheet with one ValueRenderOption and one DateTimeRenderOption."""

    def __init__(self, book: Spreadsheet, computed: Computed, render: str, dates: str) -> None:
        self._book, self._computed = book, computed
        self._render, self._dates = render, dates
        self._texts: dict[tuple[object, ...], str] = {}

    def value_range(self, area: Closed, major: str) -> Json:
        """The ValueRange of an area. `values` is left out when nothing is there."""
        lines = self._rows(area)
        if major == "COLUMNS":
            lines = [list(line) for line in zip_longest(*lines)]
        lines = [_trimmed(line) for line in lines]
        while lines and not lines[-1]:
            lines.pop()
        return {"range": a1(area), "majorDimension": major} | ({"values": lines} if lines else {})

    def _rows(self, area: Closed) -> list[list[Any]]:
        sheet, filled = area.sheet, self._filled(area)
        last = max([len(sheet.rows), *(row + 1 for row in filled)])
        rows = []
        for row in range(area.top, min(area.bottom, last)):
            cells = sheet.rows[row][area.left : area.right] if row < len(sheet.rows) else ()
            here = filled.get(row)
            if here is None:
                rows.append([None if cell is EMPTY else self._value(cell, cell.entered, None) for cell in cells])
                continue
            cells += (EMPTY,) * (max(here) + 1 - area.left - len(cells))
            rows.append([
                self._value(cell, here.get(at, cell.entered), Place(sheet.id, row, at))
                for at, cell in enumerate(cells, area.left)
            ])  # fmt: skip
        return rows

    def _filled(self, area: Closed) -> Mapping[int, Mapping[int, Value]]:
        """What formulas come to in the area, their spills included, by row and column."""
        filled: dict[int, dict[int, Value]] = {}
        rows, columns = area.rows, area.columns
        for (sheet, row, column), value in self._computed.values.items():
            if sheet == area.sheet.id and row in rows and column in columns:
                filled.setdefault(row, {})[column] = value
        return filled

    def _value(self, cell: Cell, value: object, place: Place | None) -> Any:
        """What an answer holds for a cell, None when it is empty."""
        kind = type(value)
        if kind is str and place is None and cell.format is None:
            return value  # what most cells are
        if self._render == "FORMULA" and isinstance(cell.entered, Formula):
            return to_locale(cell.entered.text, self._book.locale)
        if value is None or kind is Formula:
            return None
        number_format = (
            (cell.format or _NONE).get("numberFormat") or (place and self._computed.formats.get(place)) or _NONE
        )
        if self._render == "FORMATTED_VALUE":
            return self._text(value, number_format)
        if isinstance(value, float):
            return self._number(value, number_format)
        return value.shown if isinstance(value, Error) else value

    def _number(self, value: float, number_format: Mapping[str, Any]) -> object:
        if self._dates == "FORMATTED_STRING" and number_format.get("type") in _MOMENTS:
            return self._text(value, number_format)
        return int(value) if value.is_integer() and abs(value) < _EXACT else value

    def _text(self, value: Any, number_format: Mapping[str, Any]) -> str:
        kind = type(value)
        key = (kind, value, number_format.get("type"), number_format.get("pattern")) if number_format else (kind, value)
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = formatted(value, dict(number_format) or None, self._book.locale)
        return text


def _trimmed(line: list[Any]) -> list[Any]:
    end = len(line)
    while end and line[end - 1] is None:
        end -= 1
    return ["" if value is None else value for value in line[:end]]
