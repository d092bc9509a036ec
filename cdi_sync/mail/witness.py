"""Settles a letter whose answer was lost, by the copy that left in the same transaction. Pure.

A copy that is there proves that the server took the letter. One that isn't proves little: it may be late, or its folder the
wrong one. So an empty look counts only once the connection is surely dead, beside a copy of another letter that is there,
and two of them are wanted, a while apart, before the letter may leave again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cdi_sync.mail.incoming import header, message_id, parsed, sender
from cdi_sync.mail.outbox import LetterState

FOUND = "retrouvé par la copie témoin"
NOT_FOUND = "absent deux fois de la copie témoin : le serveur ne l'a pas pris, il repart"
LOOKS_APART = timedelta(minutes=15)  # between the two empty looks (parametre)
CLOCKS_APART = timedelta(hours=1)  # by which the mail server's clock may be behind ours; a letter resent is a day older


@dataclass(frozen=True)
class Looked:
    """What a look at the witness says of a letter: its state from now on, and the first empty look that counted."""

    state: LetterState
    first_empty: datetime | None = None


def with_copy(witness: str) -> str:
    """What the journal notes of a letter whose text begins to leave: who gets a copy; "" for nobody."""
    return f"avec copie à {witness}" if witness else ""


def is_copy(found: bytes, letter: bytes) -> bool:
    """Whether what was found (its headers are enough) is that letter; its Message-ID alone could have been guessed."""
    one, ours = parsed(found), parsed(letter)
    if message_id(one) != message_id(ours) or sender(one) != sender(ours):
        return False
    return header(one, "Date") == header(ours, "Date") and header(ours, "Subject") in header(one, "Subject")


def is_of_this_time(arrived: datetime | None, began: datetime) -> bool:
    """Whether a copy came from that handing over, not from one of an earlier day; yes when nobody says when it came."""
    return arrived is None or arrived >= began - CLOCKS_APART


def look(
    *, found: bool, is_working: bool, lost_at: datetime, first_empty: datetime | None, settled: timedelta, now: datetime
) -> Looked:
    """What one look says. is_working: a copy of another letter was found. settled: how long a connection may live."""
    if found:
        return Looked(LetterState.SENT)
    if not is_working or now < lost_at + settled:
        return Looked(LetterState.UNKNOWN, first_empty)
    if first_empty is None or now < first_empty + LOOKS_APART:
        return Looked(LetterState.UNKNOWN, first_empty or now)
    return Looked(LetterState.QUEUED)
