"""The secret that signs reply addresses: one an installation, made at first need, and kept as passwords are.

On this machine it is a file that only its owner reads; on a shared ledger, a mark that every machine finds there. Lost, or
replaced, the letters sent before can't be answered by mail any more; nothing else is lost.
"""

import os
import secrets
from pathlib import Path

from cdi_sync.edges.files import write_atomically
from cdi_sync.edges.ledger.store import Store
from cdi_sync.errors import ConfigError
from cdi_sync.mail.tokens import SECRET_BYTES

FILE = ".cdi-cle"
MARK = "clé des réponses"


def answer_key(folder: Path, store: Store) -> bytes:
    """The secret, made when there is none. Raises ConfigError when what is kept isn't one, or can be read by others."""
    if not store.is_shared:
        return _in_file(folder / FILE)
    kept = store.mark(MARK) or store.keep_mark(MARK, _made(folder / FILE).hex())  # of before it was shared
    return bytes.fromhex(str(kept))


def _made(file: Path) -> bytes:
    return _in_file(file) if file.exists() else secrets.token_bytes(SECRET_BYTES)


def _in_file(file: Path) -> bytes:
    if not file.exists():
        write_atomically(file, secrets.token_bytes(SECRET_BYTES).hex().encode(), private=True)
    try:
        key = bytes.fromhex(file.read_text("ascii"))
    except (ValueError, OSError):
        key = b""
    if len(key) != SECRET_BYTES:
        raise _unusable(file, "ce n'est pas la clé que le logiciel y a écrite")
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise _unusable(file, "d'autres que son propriétaire peuvent la lire", fix=f"Lancer « chmod 600 {file.name} ».")
    return key


def _unusable(file: Path, why: str, *, fix: str = "") -> ConfigError:
    return ConfigError(
        "La clé des réponses par courriel ne peut pas servir.", where=str(file), why=why,
        fix=fix or "La remettre d'une sauvegarde ; ou supprimer ce fichier : les courriels déjà partis ne pourront plus "
        "recevoir de réponse, les suivants oui.",
    )  # fmt: skip
