"""Rows and columns: inserted, appended, deleted, moved, grouped, their sizes."""

from collections.abc import Mapping

from tests.google.sheets.requests.editing import Kind

KINDS: Mapping[str, Kind] = {}
