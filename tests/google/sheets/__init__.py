"""Sheets: spreadsheets, their cells and all that is set on them, by the methods of the v4 API."""

from collections.abc import Mapping

from tests.google.call import Handler
from tests.google.sheets import books, metadata, values

HANDLERS: Mapping[str, Handler] = {**books.HANDLERS, **values.HANDLERS, **metadata.HANDLERS}
