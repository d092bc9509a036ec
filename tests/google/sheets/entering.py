"""What typing does: the text of a cell, as a person types it, becomes a value and perhaps a number format (USER_ENTERED)."""

from typing import Any, NamedTuple

from tests.google.sheets.spreadsheet import Entered


class Typed(NamedTuple):
    """What a typed text becomes. number_format: the NumberFormat that typing gives the cell, None when it gives none."""

    entered: Entered
    number_format: dict[str, Any] | None = None


def typed(text: str, locale: str, existing: dict[str, Any] | None = None) -> Typed:
    """What a text becomes when it is typed into a cell.

    locale: of the spreadsheet, "fr_FR". existing: the number format that the cell has already ("@" keeps all as text).
    A formula comes in the spreadsheet's own separators and leaves in those of en_US.
    """
    return Typed(text)
