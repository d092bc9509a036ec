"""What the documents on a small registry say, fact by fact; what is missing stands in brackets."""

from collections.abc import Callable
from datetime import date
from typing import Any

from cdi_sync.casefile import open_cases
from cdi_sync.documents.facts import CLOSE, OPEN, Facts, Pen, Subject, as_context
from tests.registries import DECLARED, Rows, registry

TODAY = date(2026, 11, 23)
_MARKS = dict.fromkeys(
    [ord(OPEN), ord(CLOSE), 0x200E, 0x2066, 0x2067, 0x2068, 0x2069]
)  # how they are laid out in Arabic


def told(rows: Rows, make: Callable[[Subject, Pen], Facts], tab: str = "actes", lang: str = "fr", at: int = 0) -> Any:
    """The facts of a document on the row of that tab at that place, as its template gets them."""
    held, language = registry(rows), DECLARED.languages[lang]
    row = held[tab][at]
    case = open_cases(held, TODAY)[row.id if tab == "actes" else row.text("id_acte")]
    subject = Subject(case, row, "", TODAY, held)
    return _bare(as_context(make(subject, Pen(language, DECLARED.tabs, held.layouts)), language))


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_bare(part) for part in value]
    return value.translate(_MARKS) if isinstance(value, str) else value
