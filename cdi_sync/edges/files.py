"""Files that a reader never finds half written, and the stamps of their copies."""

import os
import tempfile
from datetime import datetime
from pathlib import Path


def write_atomically(path: Path, data: bytes, *, private: bool = False) -> None:
    """Replaces a file in one step: readers see the old bytes or the new ones, never a part.

    private: only its owner may read it.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o600 if private else path.stat().st_mode if path.exists() else 0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    if hasattr(os, "O_DIRECTORY"):  # not on Windows
        folder = os.open(path.parent, os.O_DIRECTORY)
        os.fsync(folder)
        os.close(folder)


def stamp_of(now: datetime) -> str:
    """The stamp of a backup: 2026-11-23T083000."""
    return f"{now:%Y-%m-%dT%H%M%S}"
