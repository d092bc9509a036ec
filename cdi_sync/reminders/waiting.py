"""Something that waits, as a trigger says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cdi_sync.model import Row


@dataclass(frozen=True)
class Waiting:
    """Something that waits: the row and cell it stands on, the day its ladder hangs from, the day it is due.

    facts: what the text of the reminder quotes. begins: start of the period that ends on the anchor, for steps that
    are shares of it. text: key of another text of the reminder (`action_<text>`).
    """

    row: Row
    column: str
    anchor: date
    due: date | None
    facts: Mapping[str, object] = field(default_factory=dict)
    begins: date | None = None
    text: str = ""


def is_empty(row: Row, column: str) -> bool:
    """Nothing is written in that cell, not even something that can't be read."""
    return row[column] is None and column not in row.unreadable
