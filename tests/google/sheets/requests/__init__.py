"""The kinds of request of batchUpdate. Each is one function `(editing, request) -> reply or None`, by its name in the API."""

from collections.abc import Mapping

from tests.google.sheets.requests import cells, contents, dimensions, objects, sheets
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.guarding import guarded

KINDS: Mapping[str, Kind] = guarded(
    {**sheets.KINDS, **cells.KINDS, **dimensions.KINDS, **contents.KINDS, **objects.KINDS}
)

__all__ = ["KINDS", "Editing", "Kind"]
