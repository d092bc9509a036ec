"""What happened to letters, in an order that can't be changed unseen: each entry's digest covers the one before it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from cdi_sync.edges.ledger.tables import journal, letters

START = "0" * 64  # what stands before the first entry
RECORDED = "recorded"  # the event that begins a letter; its detail is the digest of the frozen bytes


@dataclass(frozen=True)
class Entry:
    """One thing that happened. event: a state, or `recorded`; detail: why, or what the server answered."""

    seq: int
    at: str
    letter: str
    event: str
    detail: str
    digest: str


def append(connection: sa.Connection, letter: str, event: str, *, at: str, detail: str = "") -> None:
    """Adds an entry, in the transaction of what it tells."""
    if connection.dialect.name == "postgresql":  # one at a time, or two entries would follow the same one
        connection.execute(sa.text("LOCK TABLE journal IN EXCLUSIVE MODE"))
    last = connection.execute(_LAST).first()
    seq, before = (last.seq + 1, last.digest) if last else (1, START)
    digest = _digest(before, seq, at, letter, event, detail)
    connection.execute(
        sa.insert(journal),
        {"seq": seq, "at": at, "letter": letter, "event": event, "detail": detail, "digest": digest},
    )


_LAST = sa.select(journal.c.seq, journal.c.digest).order_by(journal.c.seq.desc()).limit(1)


def _digest(before: str, *told: object) -> str:
    return hashlib.sha256("\x1f".join([before, *map(str, told)]).encode()).hexdigest()


def entries(connection: sa.Connection, letter: str) -> Sequence[Entry]:
    """What happened to a letter, in order."""
    query = sa.select(journal).where(journal.c.letter == letter).order_by(journal.c.seq)
    return [Entry(**row) for row in connection.execute(query).mappings()]


class Journal:
    """The entries of an open ledger."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def of(self, letter: str) -> Sequence[Entry]:
        """What happened to a letter, in order."""
        with self._engine.connect() as connection:
            return entries(connection, letter)

    def head(self) -> tuple[int, str]:
        """Number and digest of the last entry; (0, START) when there is none."""
        with self._engine.connect() as connection:
            last = connection.execute(_LAST).first()
        return (last.seq, last.digest) if last else (0, START)

    def holds(self, seq: int, digest: str) -> bool:
        """True when the entry of that number is there, as it was: what a former head says of this journal."""
        if seq == 0:
            return True
        query = sa.select(journal.c.digest).where(journal.c.seq == seq)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar() == digest

    def faults(self) -> Sequence[str]:
        """What shows that entries or letters were changed by another hand, in French; () when nothing does."""
        entries, told = self._entries(sa.select(journal)), list[str]()
        before, latest = START, dict[str, Entry]()
        for expected, entry in enumerate(entries, start=1):
            if entry.seq != expected:
                told.append(f"il manque l'entrée {expected} du journal")
                break
            if entry.digest != _digest(before, entry.seq, entry.at, entry.letter, entry.event, entry.detail):
                told.append(f"l'entrée {entry.seq} du journal a été modifiée")
                break
            before = entry.digest
            latest[entry.letter] = entry
        return (*told, *self._letters_that_differ(latest, self._frozen(entries)))

    def _letters_that_differ(self, latest: Mapping[str, Entry], frozen: Mapping[str, str]) -> Sequence[str]:
        told, query = list[str](), sa.select(letters.c.key, letters.c.state, letters.c.content)
        with self._engine.connect() as connection:
            found = {row.key: row for row in connection.execute(query)}
        for key, entry in latest.items():
            if key not in found:
                told.append(f"la lettre « {key} » a été supprimée")
            elif entry.event != found[key].state and (entry.event, found[key].state) != (RECORDED, "queued"):
                told.append(f"la lettre « {key} » n'est plus dans l'état noté au journal ({entry.event})")
        told += [f"la lettre « {key} » n'est pas au journal" for key in found if key not in frozen]
        for key, digest in frozen.items():
            if key in found and content_digest(found[key].content) != digest:
                told.append(f"le texte de la lettre « {key} » a été modifié")
        return told

    @staticmethod
    def _frozen(entries: Sequence[Entry]) -> Mapping[str, str]:
        return {entry.letter: entry.detail for entry in entries if entry.event == RECORDED}

    def _entries(self, query: sa.Select[tuple[object, ...]]) -> Sequence[Entry]:
        with self._engine.connect() as connection:
            return [Entry(**row) for row in connection.execute(query.order_by(journal.c.seq)).mappings()]


def content_digest(content: bytes | str) -> str:
    """What the journal keeps of a letter's bytes; of a text, which only another hand can have put there, as of its bytes."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
