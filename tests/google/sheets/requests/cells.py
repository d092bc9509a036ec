"""Cells: their content, format, notes and borders; data validation."""

from collections.abc import Mapping

from tests.google.sheets.requests.editing import Kind

KINDS: Mapping[str, Kind] = {}
