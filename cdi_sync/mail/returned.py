"""Letters that came back: what a delivery report (RFC 3464) says of them, and what follows. Pure.

A report is a text that anybody can write. It is believed only about a letter of ours, told by its Message-ID and its
subject, to the very person it was for: a forged one would otherwise silence somebody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum

from cdi_sync.mail.incoming import TRIPS, header, ids, parsed, parts
from cdi_sync.text import tidy

TRIES = 3  # times that a letter may come back for a passing reason before a person is told (parametre)
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_DETAIL = 300  # characters kept of what a server says
# RFC 3463: the address doesn't exist (5.1.x but for the sender's own faults), the mailbox is closed, the person moved
_BAD = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1"})
_PASSING = frozenset({"5.2.2", "5.7.1"})  # mailbox full; refused by a filter


class Follow(StrEnum):
    """What follows from a return."""

    NOTHING = "rien"  # delivered, relayed, or still being tried by the servers
    BAD_ADDRESS = "adresse refusée"  # nobody is there: the address isn't used any more
    TRY_AGAIN = "à réessayer"  # full mailbox, filter: the same letter leaves again the next day
    PERSON = "à regarder"  # refused for good for another reason: a person looks


@dataclass(frozen=True)
class Return:
    """What a report says of one recipient. to: in lower case; status: as "5.1.1", "" when it gives none."""

    to: str
    action: str
    status: str
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """A delivery report. message_id, subject: those of the message that it returns, "" when it returns none."""

    message_id: str
    subject: str
    returns: tuple[Return, ...]

    def about(self, letter_subject: str, to: str) -> Return | None:
        """What it says of that letter to that person; None when it isn't that letter that it returns.

        A server on the way may have put a label before the subject.
        """
        if not letter_subject or letter_subject not in self.subject:
            return None
        return next((one for one in self.returns if one.to == to.casefold()), None)


def read(message: EmailMessage) -> Report:
    """The report in a message; one that says nothing when it can't be read."""
    returned = _returned(message)
    return Report(
        message_id=next(iter(ids(returned, "Message-ID")), ""),
        subject=header(returned, "Subject"),
        returns=tuple(_returns(message)),
    )


def follows(one: Return, *, before: int) -> Follow:
    """What follows from a return. before: how often that letter came back already."""
    if one.action != "failed" or one.status[:1] == "4":
        return Follow.NOTHING
    if one.status in _BAD:
        return Follow.BAD_ADDRESS
    if one.status in _PASSING:
        return Follow.TRY_AGAIN if before + 1 < TRIES else Follow.PERSON
    return Follow.PERSON


def _returns(message: EmailMessage) -> Iterator[Return]:
    for part in parts(message):
        if part.get_content_type() == "message/delivery-status":
            for fields in _groups(part):
                if to := (_typed(fields, "Original-Recipient") or _typed(fields, "Final-Recipient")):
                    yield Return(to, header(fields, "Action").casefold(), _status(fields), _detail(fields))


def _groups(part: EmailMessage) -> Iterator[EmailMessage]:
    """The groups of fields: one of the whole report, then one a recipient. The parser makes a message of each."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (group for group in payload if isinstance(group, EmailMessage))


def _typed(fields: EmailMessage, name: str) -> str:
    """An address written "rfc822; name@domain", in lower case; "" when it is of another kind."""
    kind, semicolon, address = header(fields, name).partition(";")
    if not semicolon or kind.strip().casefold() not in ("rfc822", "utf-8"):
        return ""
    return address.strip().strip("<>").casefold()


def _status(fields: EmailMessage) -> str:
    """The code; that of the server's own words when the report has none, or one that says nothing ("5.0.0")."""
    found = _STATUS.match(header(fields, "Status"))
    if found is None or found.group().endswith(".0.0"):
        found = _STATUS.search(_detail(fields)) or found
    return found.group() if found else ""


def _detail(fields: EmailMessage) -> str:
    _, _, said = header(fields, "Diagnostic-Code").partition(";")
    return tidy(said)[:_DETAIL]


def _returned(message: EmailMessage) -> EmailMessage:
    """The message that a report returns, or its headers alone; an empty one when there is none."""
    for part in parts(message):
        if part.get_content_type() == "text/rfc822-headers":
            try:
                return parsed(part.get_content().encode("utf-8", "replace"))
            except TRIPS:
                break
        if part.get_content_type() in ("message/rfc822", "message/global"):
            payload = part.get_payload()
            if isinstance(payload, list) and payload and isinstance(payload[0], EmailMessage):
                return payload[0]
    return parsed(b"")
