"""Opens the spreadsheet of an installation, by its settings."""

import os
from collections.abc import Mapping
from pathlib import Path

from cdi_sync.edges.config import GoogleSettings
from cdi_sync.edges.workbook_google.access import credentials, http_of, open_client
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.http import Addresses, GoogleHTTP, Pace, Patience
from cdi_sync.model import Tab

PACE = ".cdi-google.json"  # beside the settings: the requests of the last minute, which all commands share


def open_http(chosen: GoogleSettings, folder: Path) -> GoogleHTTP:
    """What speaks to Google for one run; nothing is asked yet. folder: the installation's. Raises ConfigError."""
    patience = Patience(connect=chosen.delai_connexion, read=chosen.delai, attempts=chosen.essais, budget=chosen.patience)
    pace = Pace(chosen.lectures_par_minute, chosen.ecritures_par_minute, state=folder / PACE)
    who = credentials(folder / chosen.cle if chosen.cle else None, os.environ)
    return http_of(open_client(who, addresses=Addresses(chosen.sheets, chosen.drive), patience=patience, pace=pace))


def open_book(chosen: GoogleSettings, spreadsheet: str, folder: Path, tabs: Mapping[str, Tab]) -> GoogleWorkbook:
    """The registry in that spreadsheet. Raises ConfigError when the robot's key isn't found."""
    return GoogleWorkbook(open_http(chosen, folder), spreadsheet, tabs)
