"""Formulas: read, evaluated over a whole spreadsheet with their spills, rewritten when rows and columns move.

Written here because the libraries that evaluate formulas (`formulas`, `pycel`) know Excel's only — no open range, no array
literal of expressions, no ARRAYFORMULA, none of Google's messages — under licences stricter than ours.
"""

from datetime import datetime

from tests.google.sheets.formulas import functions as functions
from tests.google.sheets.formulas.computation import Computation
from tests.google.sheets.formulas.following import moved, renamed, shifted
from tests.google.sheets.formulas.parsing import parse
from tests.google.sheets.formulas.results import Computed, Edit, Place
from tests.google.sheets.formulas.tokens import ENGLISH, separators, translated
from tests.google.sheets.spreadsheet import Spreadsheet

__all__ = ["Computed", "Edit", "Place", "compute", "from_locale", "moved", "renamed", "shifted", "to_locale"]


def compute(book: Spreadsheet, now: datetime) -> Computed:
    """Evaluates every formula of the spreadsheet. now: the moment, in the spreadsheet's own time zone."""
    return Computation(book, now).computed()


def from_locale(text: str, locale: str) -> str:
    """A formula as typed in that language's separators, in those of en_US. Raises ValueError when it can't be read."""
    english = "=" + translated(text[1:], separators(locale), ENGLISH)
    parse(english)
    return english


def to_locale(text: str, locale: str) -> str:
    """A formula of en_US in the separators of that language; one that can't be read stays as it is."""
    try:
        return "=" + translated(text[1:], ENGLISH, separators(locale))
    except ValueError:
        return text
