"""What is attached to ranges: names, protections, rules of format, filters, bands, charts, slicers, tables, metadata."""

from collections.abc import Mapping

from tests.google.sheets.requests import (
    bands,
    charts,
    filters,
    metadata,
    names,
    protection,
    rules,
    tables,
    unconnected,
)
from tests.google.sheets.requests.editing import Kind

KINDS: Mapping[str, Kind] = {
    **names.KINDS,
    **protection.KINDS,
    **rules.KINDS,
    **filters.KINDS,
    **bands.KINDS,
    **charts.KINDS,
    **tables.KINDS,
    **metadata.KINDS,
    **unconnected.KINDS,
}
