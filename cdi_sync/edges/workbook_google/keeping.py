"""What Google answered to the last reading, kept beside the settings under the version that Drive told before it.

While Drive tells the same version, nobody changed the spreadsheet, and the answers stand for it. The version is asked
before the cells, never after: an edit in between costs one more reading, and is never lost. The file holds what people
typed, so that its owner alone may read it. Whatever is wrong with it, Sheets is simply read.
"""

import gzip
import json
import logging
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdi_sync.edges.files import write_atomically
from cdi_sync.edges.workbook_google.reading import AS_STORED, FIELDS, Answers

FORMAT = 1
_DAY = 86_400.0  # seconds
_FAST = 1  # of gzip's levels: registries shrink nearly as much as at the highest
log = logging.getLogger("cdi.google")


@dataclass(frozen=True)
class Kept:
    """The answers kept for one spreadsheet. path: the file; days: how long they are believed, at most.

    now: seconds of the epoch. Nothing here raises: what can't be kept, or believed, is read again.
    """

    path: Path
    spreadsheet: str
    days: float
    now: Callable[[], float] = time.time

    def of(self, version: str) -> Answers | None:
        """The answers of that version; None when they aren't there, are too old, or can't be believed."""
        try:
            held = json.loads(gzip.decompress(self.path.read_bytes()))
            age = self.now() - held["read_at"]
            is_ours = held["of"] == self._signs(version) and 0 <= age < self.days * _DAY
            return Answers(dict(held["told"]), dict(held["values"])) if is_ours else None
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error, ValueError, TypeError, LookupError, RecursionError) as error:
            log.debug("kept reading not usable: %s", type(error).__name__)
            return None

    def keep(self, version: str, answers: Answers) -> None:
        """Keeps answers that were read after Drive told that version."""
        held = {"of": self._signs(version), "read_at": self.now(), "told": answers.told, "values": answers.values}
        data = gzip.compress(json.dumps(held).encode(), compresslevel=_FAST)
        try:
            write_atomically(self.path, data, private=True)
        except OSError as error:
            log.debug("reading not kept: %s", error.strerror)

    def forget(self) -> None:
        """Drops what is kept: before a write, lest Drive be slow to tell that it changed the spreadsheet."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            log.debug("kept reading not dropped: %s", error.strerror)

    def _signs(self, version: str) -> Mapping[str, Any]:
        """What must agree, lest answers to other questions be taken for these."""
        return {"format": FORMAT, "asked": [FIELDS, AS_STORED], "spreadsheet": self.spreadsheet, "version": version}
