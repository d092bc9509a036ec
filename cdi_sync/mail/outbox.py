"""Which letters are to be made, and which may leave: notices due, less what the ledger knows, by person and day. Pure.

A letter's key says its kind, whom or what it is for, its day or week, and its revision; its Message-ID follows from
the key alone, so that the same letter always carries the same one. States:

    queued → claimed (by one copy) → data → sent | queued (refused for now, tried again later)
                                                | failed (refused for good) | unknown (no answer)
    claimed → queued (refused before its text left, or the copy's claim ran out)
    queued → held (kept back) → tried again at the next run of the same day, as if queued; or held for a person
    held, queued → expired (another day has come, it waited for two days, or it is pointless: its notices are told afresh)
    unknown → sent | queued (a witness or a person has looked); held → sent (a person says that it came before)
    sent, unknown → queued (came back for a passing reason: leaves again the next day) | failed (came back for good)
    failed → expired (its address is tried again: its notices are told afresh)
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from cdi_sync.model import Notice

NoticeKey: TypeAlias = tuple[str, str, str, str, str, str]

# kinds of letter; an urgent one leaves first
DIGEST, URGENT, INVITATION, REPORT, RECEIPT = "rappels", "immediat", "invitation", "rapport", "accuse"
REQUEST = "demande"  # what is told to who filled in a form
KINDS = (URGENT, DIGEST, INVITATION, REPORT)


class LetterState(StrEnum):
    """Where a letter stands."""

    HELD = "held"  # recorded, kept back: sending isn't switched on, address not allowed, or cap reached
    QUEUED = "queued"  # recorded, its bytes frozen, not handed over yet
    CLAIMED = "claimed"  # a copy of the program is handing it over; nothing of it has left
    DATA = "data"  # being handed to the mail server: from here on only its answer tells
    SENT = "sent"  # handed over: for the folder, the file is there
    FAILED = "failed"  # refused for good; for the folder, couldn't be written: the next run tries again
    UNKNOWN = "unknown"  # the server's answer was lost: never sent again without a person
    EXPIRED = "expired"  # held until another day, never sent; its notices are told by a fresher letter


@dataclass(frozen=True)
class Parcel:
    """One letter to one person, and the notices that it tells (none for a report)."""

    kind: str
    to: str
    key: str
    notices: tuple[Notice, ...] = ()

    @property
    def case(self) -> str:
        """The one agreement that the letter speaks of; "" for several or none."""
        cases = {notice.case for notice in self.notices}
        return cases.pop() if len(cases) == 1 else ""

    def message_id(self, domain: str) -> str:
        return f"<{digest(self.key)}@{domain}>"

    def file_name(self, day: date) -> str:
        """A plain ASCII name, never made of what staff typed but for the address's letters."""
        who = re.sub(r"[^a-z0-9]+", "-", self.to.casefold()).strip("-")[:60]
        return f"{day.isoformat()}_{self.kind}_{who}_{digest(self.key)[:8]}.eml"


def digest(key: str) -> str:
    """32 hexadecimal digits that stand for a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def notice_key(notice: Notice) -> NoticeKey:
    """What makes a notice one and the same: told once to that person."""
    return (notice.reminder, notice.case, notice.subject, notice.anchor.isoformat(), notice.step, notice.to)


def unsaid(notices: Iterable[Notice], said: Collection[NoticeKey]) -> tuple[Notice, ...]:
    """The notices that the ledger doesn't know and that somebody can receive, each once."""
    fresh = {notice_key(n): n for n in reversed(tuple(notices)) if n.to and notice_key(n) not in said}
    return tuple(reversed(fresh.values()))


def leaving(
    notices: Iterable[Notice], today: date, letters_made: Mapping[tuple[str, str, date], int], *, worked: bool
) -> tuple[Notice, ...]:
    """The notices that leave today: the urgent ones, and on a worked day those of people who had no digest yet.

    The others wait for the next worked day: nobody gets two digests a day, nor one on a day off.
    """
    had_one = {to for kind, to, day in letters_made if kind == DIGEST and day == today}
    return tuple(n for n in notices if n.urgent or (worked and n.to not in had_one))


def parcels(
    notices: Sequence[Notice], today: date, letters_made: Mapping[tuple[str, str, date], int]
) -> tuple[Parcel, ...]:
    """One digest a person, and one urgent letter apart; the most urgent notice first, in a letter and among letters.

    letters_made: letters made already, by (kind, address, day).
    """
    by_letter: dict[tuple[str, str], list[Notice]] = defaultdict(list)
    for notice in notices:
        by_letter[URGENT if notice.urgent else DIGEST, notice.to].append(notice)
    made = [
        Parcel(
            kind=kind,
            to=to,
            key=f"{kind}|{to}|{today.isoformat()}|r{letters_made.get((kind, to, today), 0) + 1}",
            notices=tuple(sorted(mine, key=_urgency)),
        )
        for (kind, to), mine in by_letter.items()
    ]
    return tuple(sorted(made, key=lambda p: (KINDS.index(p.kind), _urgency(p.notices[0]), p.to)))


def last_day_of(notices: Sequence[Notice], today: date) -> date | None:
    """The day after which a letter with these notices is pointless: the last of their deadlines, all still to come.

    None when some have passed or have no day: what they ask stays to be done. Once the deadline has passed, what was
    told before it isn't true any more, and a fresher letter says so.
    """
    days = [notice.due for notice in notices]
    return max((day for day in days if day), default=None) if all(day and day >= today for day in days) else None


def _urgency(notice: Notice) -> tuple[date, str, str, str]:
    return (notice.due or date.max, notice.reminder, notice.case, notice.subject)


@dataclass(frozen=True)
class Outcome:
    """What became of one letter in one run; detail: why, or what the server answered."""

    state: LetterState
    detail: str = ""


_WAITS = (1, 5, 15, 60)  # minutes before a refused letter is tried again; then every hour
_SPREAD = 0.2  # part of a wait by which letters refused together are spread


def next_try(key: str, attempts: int, at: datetime) -> datetime:
    """When a letter refused for now, for the nth time, may be tried again."""
    wait = _WAITS[min(attempts, len(_WAITS)) - 1]
    spread = int(digest(f"{key}|{attempts}")[:8], 16) / 0xFFFFFFFF
    return at + timedelta(minutes=wait * (1 + _SPREAD * spread))


@dataclass(frozen=True)
class Gate:
    """What may leave through a mail server. allowed: addresses, or "@domain"; room: letters left before the cap;
    refused: addresses, in lower case, that came back as unusable."""

    live: bool
    production: bool
    allowed: Collection[str]
    room: int
    refused: Collection[str] = ()

    def why_held(self, to: str) -> str:
        """Why a letter to that address may not leave, in French; "" when it may."""
        if not self.live:
            return "l'envoi n'est pas activé (mail.live)"
        if not self.production and not self._is_allowed(to):
            return "adresse non autorisée hors production (mail.destinataires_autorises)"
        if to.casefold() in self.refused:
            return "adresse revenue comme inexistante (« cdi mailbox »)"
        return "" if self.room > 0 else "plafond de ce passage atteint (mail.plafond)"

    def after(self, outcome: Outcome) -> "Gate":
        """The gate for the next letter: one that the server has answered for, or may have taken, fills a place."""
        filled = outcome.state in (LetterState.SENT, LetterState.FAILED, LetterState.UNKNOWN)
        return replace(self, room=self.room - filled)

    def _is_allowed(self, to: str) -> bool:
        names = {name.casefold() for name in self.allowed}
        _, at, domain = to.casefold().rpartition("@")
        return to.casefold() in names or f"{at}{domain}" in names
