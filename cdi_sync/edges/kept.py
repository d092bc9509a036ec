"""What a check concluded, kept in the user's cache until anything that it depends on changes.

A file for each workbook, readable by its user alone: what the conclusions depend on as a digest, that of what follows, and
the conclusions, pickled. A file that is absent, damaged, or can't be written costs time, nothing else.
"""

import hashlib
import os
import pickle
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import platformdirs

from cdi_sync.edges.files import write_atomically
from cdi_sync.model import Finding, Layout

_SIZE = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Conclusions:
    """What a check says of a registry on one day. layouts: by tab name. warnings: of the workbook itself, in French."""

    as_of: date
    findings: tuple[Finding, ...]
    layouts: Mapping[str, Layout]
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Kept:
    """Where the conclusions of one workbook are kept, and the digest of all that makes them what they are."""

    place: Path
    key: bytes

    @classmethod
    def of(cls, workbook: Path, depends_on: Iterable[bytes]) -> "Kept":
        """depends_on: all that makes the conclusions what they are, the software aside."""
        name = hashlib.sha256(str(workbook).encode()).hexdigest()[:32]
        cache = platformdirs.user_cache_path("cdi_sync", appauthor=False)
        return cls(cache / "controles" / name, _digest([*_software(), *depends_on]))

    def load(self) -> Conclusions | None:
        """Those kept of the very same; None when there are none."""
        try:
            found = self.place.read_bytes()
        except OSError:
            return None
        head, pickled = found[: 2 * _SIZE], found[2 * _SIZE :]
        if head != self.key + _digest([pickled]):
            return None
        kept: Conclusions = pickle.loads(pickled)  # the user's own, and written whole by this very software
        return kept

    def keep(self, conclusions: Conclusions) -> None:
        """Keeps them in place of the former ones."""
        pickled = pickle.dumps(conclusions, protocol=pickle.HIGHEST_PROTOCOL)
        with suppress(OSError):
            self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self.place, self.key + _digest([pickled]) + pickled, private=True)


def _digest(parts: Iterable[bytes]) -> bytes:
    """One digest of all, in their order: parts can't be mistaken for their neighbours."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.digest()


def _software() -> Iterator[bytes]:
    """The interpreter, the libraries beside us, and each of our own files as it stands."""
    yield sys.version.encode()
    libraries = sysconfig.get_path("purelib")
    yield f"{libraries} {Path(libraries).stat().st_mtime_ns}".encode()
    yield from _stamps(Path(__file__).resolve().parent.parent, ".py")


def _stamps(folder: Path, ending: str) -> Iterator[bytes]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _stamps(Path(entry.path), ending)
        elif entry.name.endswith(ending):
            stat = entry.stat()
            yield f"{entry.path} {stat.st_size} {stat.st_mtime_ns}".encode()
