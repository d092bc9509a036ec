"""Opens the spreadsheet of an installation, by its settings."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cdi_sync.edges.config import GoogleSettings
from cdi_sync.edges.workbook_google.access import SCOPES, credentials, http_of, open_client
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.http import Addresses, GoogleHTTP, Pace, Patience
from cdi_sync.edges.workbook_google.keeping import Kept
from cdi_sync.model import Tab

PACE = ".cdi-google.json"  # beside the settings: the requests of the last minute, which all commands share
GRIDS = ".cdi-google-grilles.json.gz"  # beside the settings: the cells as they were last read


@dataclass(frozen=True)
class Line:
    """How Google is asked. Registries that are asked over one line share its pace, and each robot's connection and token.

    pace: the file that holds the pace. epoch: seconds of the epoch, for it; the rest as in `http.GoogleHTTP`.
    """

    pace: Path
    epoch: Callable[[], float] = time.time
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _robots: dict[tuple[Path | None, Sequence[str]], GoogleHTTP] = field(default_factory=dict)

    def http(self, chosen: GoogleSettings, folder: Path, scopes: Sequence[str] = SCOPES) -> GoogleHTTP:
        """What speaks to Google for one run, with a patience of its own; nothing is asked yet. Raises ConfigError."""
        key = (folder / chosen.cle).resolve() if chosen.cle else None
        known = self._robots.get((key, scopes))
        made = http_of(open_client(
            known.auth if known else credentials(key, os.environ, scopes),
            addresses=Addresses(chosen.sheets, chosen.drive, chosen.forms),
            patience=Patience(connect=chosen.delai_connexion, read=chosen.delai, attempts=chosen.essais, budget=chosen.patience),
            pace=Pace(chosen.lectures_par_minute, chosen.ecritures_par_minute, state=self.pace, now=self.epoch, sleep=self.sleep),
            sleep=self.sleep, now=self.now, session=known.session if known else None,
        ))  # fmt: skip
        self._robots.setdefault((key, scopes), made)
        return made


def line_of(folder: Path) -> Line:
    """The line of a command on one installation. folder: the installation's, or one of several in a folder that keeps a
    pace for all."""
    together = folder.parent / PACE
    return Line(together if together.exists() else folder / PACE)


def open_http(
    chosen: GoogleSettings, folder: Path, line: Line | None = None, scopes: Sequence[str] = SCOPES
) -> GoogleHTTP:
    """What speaks to Google for one run; nothing is asked yet. folder: the installation's. Raises ConfigError."""
    return (line or line_of(folder)).http(chosen, folder, scopes)


def open_book(
    chosen: GoogleSettings, spreadsheet: str, folder: Path, tabs: Mapping[str, Tab], line: Line | None = None
) -> GoogleWorkbook:
    """The registry in that spreadsheet. Raises ConfigError when the robot's key isn't found."""
    kept = Kept(folder / GRIDS, spreadsheet, chosen.relire_apres) if chosen.relire_apres else None
    return GoogleWorkbook(open_http(chosen, folder, line), spreadsheet, tabs, kept)
