"""How `coverage` tries each method of the real clients: with which arguments, and what must come of it."""

from collections.abc import Mapping

from tests.google.ways import clients, spreadsheets, worksheets
from tests.google.ways.desk import Desk, Way
from tests.google.ways.methods import ARGUMENTS, PARAMETERS

GSPREAD: Mapping[str, Way] = {**clients.WAYS, **spreadsheets.WAYS, **worksheets.WAYS}

__all__ = ["ARGUMENTS", "GSPREAD", "PARAMETERS", "Desk", "Way"]
