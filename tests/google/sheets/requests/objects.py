"""What is attached to ranges: names, protections, rules of format, filters, bands, charts, slicers, tables, metadata."""

from collections.abc import Mapping

from tests.google.sheets.requests.editing import Kind

KINDS: Mapping[str, Kind] = {}
