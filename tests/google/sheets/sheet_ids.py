"""The identifier of their sheet in ranges and coordinates: Google leaves it out of what it answers when it is 0."""

from collections.abc import Callable
from typing import Any

from tests.google.sheets.following import placed
from tests.google.sheets.spreadsheet import Json

_NAMING_THEIR_SHEET = ("GridRange", "DimensionRange", "GridCoordinate")


def answered(item: Json, schema: str) -> Json:
    """An object of that schema as Google answers it: the ranges in it that are on sheet 0 don't name their sheet."""
    return _with_places(item, schema, lambda place: {k: v for k, v in place.items() if k != "sheetId" or v})


def explicit(item: Json, schema: str) -> Json:
    """The object with the sheet of every range in it named, 0 included."""
    return _with_places(item, schema, lambda place: {"sheetId": 0, **place})


def _with_places(item: Json, schema: str, change: Callable[[Json], Json]) -> Json:
    if schema in _NAMING_THEIR_SHEET:
        return change(item)
    result = dict(item)
    for name, (inner, is_list) in placed(schema).items():
        value: Any = item.get(name)
        if value is not None:
            each = [_with_places(one, inner, change) for one in (value if is_list else [value])]
            result[name] = each if is_list else each[0]
    return result
