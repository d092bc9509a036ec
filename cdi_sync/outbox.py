"""Which letters are to be made: notices due, less what the ledger knows, gathered by person and day. Pure.

A letter's key is kind, recipient, local day and revision; its Message-ID follows from the key alone, so that the
same letter always carries the same one. States: queued → sent | failed.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from cdi_sync.model import Notice

NoticeKey: TypeAlias = tuple[str, str, str, str, str, str]


class LetterState(StrEnum):
    """Where a letter stands."""

    QUEUED = "queued"  # recorded, its bytes frozen, not delivered yet
    SENT = "sent"  # handed over: for the folder, the file is there
    FAILED = "failed"  # couldn't be handed over; the next run tries again


@dataclass(frozen=True)
class Parcel:
    """The notices that make one letter to one person."""

    key: str
    to: str
    notices: tuple[Notice, ...]

    def message_id(self, domain: str) -> str:
        return f"<{digest(self.key)}@{domain}>"

    @property
    def file_name(self) -> str:
        """A plain ASCII name, never made of what staff typed but for the address's letters."""
        kind, to, day, _ = self.key.split("|")
        who = re.sub(r"[^a-z0-9]+", "-", to.casefold()).strip("-")[:60]
        return f"{day}_{kind}_{who}_{digest(self.key)[:8]}.eml"


def digest(key: str) -> str:
    """32 hexadecimal digits that stand for a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def notice_key(notice: Notice) -> NoticeKey:
    """What makes a notice one and the same: told once to that person."""
    return (notice.reminder, notice.case, notice.subject, notice.anchor.isoformat(), notice.step, notice.to)


def unsaid(notices: Iterable[Notice], said: Collection[NoticeKey]) -> tuple[Notice, ...]:
    """The notices that the ledger doesn't know and that somebody can receive."""
    return tuple(notice for notice in notices if notice.to and notice_key(notice) not in said)


def parcels(notices: Sequence[Notice], today: date, letters_made: Mapping[tuple[str, date], int]) -> tuple[Parcel, ...]:
    """One parcel a person, the most urgent notice first. letters_made: digests made already, by (address, day)."""
    by_person: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_person[notice.to].append(notice)
    return tuple(
        Parcel(
            key=f"rappels|{to}|{today.isoformat()}|r{letters_made.get((to, today), 0) + 1}",
            to=to,
            notices=tuple(sorted(mine, key=lambda n: (n.due or date.max, n.reminder, n.case, n.subject))),
        )
        for to, mine in sorted(by_person.items())
    )
