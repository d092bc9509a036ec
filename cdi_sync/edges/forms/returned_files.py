"""A file that came back, whatever it is: a form filled in, a workbook with a responses tab, an export."""

from datetime import datetime
from pathlib import PurePath
from typing import Any, Protocol

from cdi_sync.edges.clock import MOROCCO
from cdi_sync.edges.config import Declarations
from cdi_sync.edges.forms.csv_file import read_csv
from cdi_sync.edges.forms.responses_tab import read_responses
from cdi_sync.edges.forms.sheet_reading import NotAFormError, read_form
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx.reading import read_bytes
from cdi_sync.forms.moments import Order
from cdi_sync.forms.response_rows import Rows
from cdi_sync.forms.submission import Source, Submission

TEXTS = (".csv", ".tsv", ".txt")  # how the names of exports end


class Intake(Protocol):
    """Where answers are put, each once."""

    def take(self, submission: Submission, *, at: datetime) -> bool:
        """True when the answer is new, or was edited."""


def intake_of(installation: Installation) -> Intake:
    """The intake of an installation's ledger."""
    ledger: Any = installation.store
    intake: Intake = ledger.submissions
    return intake


def read_returned(data: bytes, name: str, declared: Declarations, *, at: datetime, order: Order | None = None) -> Rows:
    """The answers of a file, told apart from others by its content, and from text by its name. Raises RegistryError."""
    if PurePath(name).suffix.casefold() in TEXTS:
        return read_csv(data, name, declared, at=at, order=order)
    try:
        return Rows(tuple(read_form(data, name, declared, source=Source.FOLDER, at=at)))
    except NotAFormError:
        found = read_responses(read_bytes(data, name).grids, declared, zone=MOROCCO, at=at)
        if not found:
            raise
        return Rows(
            tuple(one for rows in found.values() for one in rows.submissions),
            tuple(f"onglet « {title} », {told}" for title, rows in found.items() for told in rows.faults),
            tuple(f"onglet « {title} », {told}" for title, rows in found.items() for told in rows.notes),
        )
