"""The ledger of another installation taken along, so that no letter leaves twice."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from cdi_sync.edges.ledger.store import Store
from cdi_sync.errors import CdiError


def refuse_used(path: Path) -> None:
    """Raises CdiError when a ledger knows of any letter: it isn't replaced."""
    if not path.exists():
        return
    store = Store.open(path)
    if store.outbox.letters() or store.outbox.said():
        raise CdiError("Le registre des courriers de cette installation n'est pas vide.", where=path.name,
                       why="le remplacer ferait oublier les courriers déjà faits ici",
                       fix="Relancer sans --suivi, ou dans une installation neuve.")  # fmt: skip


def copy_ledger(source: Path, target: Path) -> int:
    """Copies a ledger over an unused one, brought to today's tables: how many letters it knows. Raises CdiError.

    The other one is only read, what its last transactions left beside it included.
    """
    refuse_used(target)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "suivi.sqlite"
        _backup(source, copy)
        count = len(Store.open(copy).outbox.letters())
        _backup(copy, target)
    return count


def _backup(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as held,
            closing(sqlite3.connect(target)) as new,
        ):
            held.backup(new)
    except sqlite3.DatabaseError as error:
        raise CdiError("Ce registre des courriers ne peut pas être copié.", where=source.name, why=str(error),
                       fix="Donner le fichier suivi.sqlite de l'autre installation.") from None  # fmt: skip
