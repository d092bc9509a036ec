"""The functions of formulas, by subject. Importing this package declares them all."""

from tests.google.sheets.formulas.functions import (
    arrays,
    counting,
    dates,
    information,
    logic,
    lookup,
    maths,
    operators,
    places,
    texts,
)  # fmt: skip

__all__ = [
    "arrays", "counting", "dates", "information", "logic", "lookup", "maths", "operators", "places", "texts",
]  # fmt: skip
