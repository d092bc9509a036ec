"""Sheets as a whole: added, deleted, duplicated, their properties and those of the spreadsheet."""

from collections.abc import Mapping

from tests.google.sheets.requests.editing import Kind

KINDS: Mapping[str, Kind] = {}
