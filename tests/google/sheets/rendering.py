"""What a cell shows: its value under a number format, in the spreadsheet's language (FORMATTED_VALUE)."""

from typing import Any

from tests.google.sheets.spreadsheet import Error, Value


def formatted(value: Value, number_format: dict[str, Any] | None, locale: str) -> str:
    """The text that a cell shows. number_format: NumberFormat (type, pattern), None for automatic."""
    if value is None:
        return ""
    if isinstance(value, Error):
        return value.shown
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value
