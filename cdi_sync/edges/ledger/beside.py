"""What a small file beside the ledger remembers of it, so that an older copy put back in its place shows.

`.cdi-courriers.json` in the installation's folder: {entrees, empreinte, le}, the number and the digest of the journal's
last entry, and the day of our last letters.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cdi_sync.edges.files import write_atomically
from cdi_sync.edges.ledger.store import Store

NAME = ".cdi-courriers.json"


@dataclass(frozen=True)
class Remembered:
    """The journal's last entry as it was, and the day on which that was noted."""

    seq: int
    digest: str
    day: date


def remembered(folder: Path) -> Remembered | None:
    """What the file says; None when there is none that can be read: nothing is known then."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return Remembered(int(found["entrees"]), str(found["empreinte"]), date.fromisoformat(found["le"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(folder: Path, store: Store, today: date) -> None:
    """Notes where the journal stands, if it has moved on. An empty one makes what was noted before forgotten."""
    seq, digest = store.journal.head()
    known = remembered(folder)
    if not seq:
        (folder / NAME).unlink(missing_ok=True)
    elif known is None or (known.seq, known.digest) != (seq, digest):
        told = {"entrees": seq, "empreinte": digest, "le": today.isoformat()}
        write_atomically(folder / NAME, json.dumps(told).encode(), private=True)


def is_older(folder: Path, store: Store) -> Remembered | None:
    """What the file remembers, when this ledger doesn't hold it: it is an older copy, or another one."""
    known = remembered(folder)
    return known if known is not None and not store.journal.holds(known.seq, known.digest) else None
