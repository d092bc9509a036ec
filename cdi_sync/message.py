"""Freezes a letter into the bytes of its message, reads them back, and refuses what isn't exactly what was meant. Pure.

One sender, one recipient, text and HTML; ASCII bytes with CRLF. What is read back is compared header by header,
since the standard library has let a display name or a subject add a recipient (CVE-2024-6923).
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

from cdi_sync.errors import CdiError
from cdi_sync.letters import SUBJECT_LENGTH, Letter, cut
from cdi_sync.text import ascii_address, no_encoded_word, tidy

TRIAL = "[ESSAI]"
HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress",
    "MIME-Version", "Content-Type", "Content-Language",
)  # fmt: skip
_AUTOMATIC = "auto-generated"  # RFC 3834: no holiday answer comes back


@dataclass(frozen=True)
class Meant:
    """What a message must say once read back: addresses in ASCII, names and subject as a person reads them."""

    sender: str
    sender_name: str
    to: str
    to_name: str
    subject: str
    message_id: str
    text: str
    html: str


def to_bytes(
    letter: Letter,
    *,
    sender: str,
    sender_name: str,
    to: str,
    to_name: str,
    message_id: str,
    sent: datetime,
    key: str,
    mailing: str,
    trial: bool,
) -> bytes:
    """The message as it goes on the wire (CRLF, ASCII only): text and HTML; same arguments, same bytes.

    message_id: with its angle brackets. sent: with its offset. mailing: what mail readers may sort it by. trial: the
    subject says that it is one. Raises CdiError when a header would hold a line break, when an address is no single
    address that can be written in ASCII, and when the finished bytes don't say what was meant.
    """
    meant = Meant(
        sender=_address("From", sender),
        sender_name=_name("From", sender_name),
        to=_address("To", to),
        to_name=_name("To", to_name),
        subject=_subject(letter.subject, trial=trial),
        message_id=_single_line("Message-ID", message_id),
        text=letter.text,
        html=letter.html,
    )
    content = _compose(meant, sent, key, mailing)
    refuse_if_altered(content, meant)
    return content


def _compose(meant: Meant, sent: datetime, key: str, mailing: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    # Encoded here and set raw: Python's own folding loses spaces between encoded words.
    message.set_raw("From", _mailbox("From", meant.sender_name, meant.sender))
    message.set_raw("To", _mailbox("To", meant.to_name, meant.to))
    message.set_raw("Subject", _encoded("Subject", meant.subject))
    message["Date"] = sent
    message["Message-ID"] = meant.message_id
    message["List-Id"] = f"<{mailing}.cdi.{meant.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = _AUTOMATIC
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(meant.text, cte="quoted-printable")
    message.add_alternative(meant.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = "fr"  # last: set_content drops every header in Content-
    # Quoted-printable writes "=" as "=3D": no line of the text can be taken for this boundary.
    message.set_boundary("=_" + hashlib.sha256(key.encode()).hexdigest()[:32])
    return message.as_bytes()


# ----------------------------------------------------------------------------------------------- what is put in


def _subject(subject: str, *, trial: bool) -> str:
    plain = no_encoded_word(tidy(_single_line("Subject", subject)))
    return cut(f"{TRIAL} {plain}", SUBJECT_LENGTH) if trial else plain


def _name(header: str, name: str) -> str:
    return no_encoded_word(tidy(_single_line(header, name)))


def _address(header: str, address: str) -> str:
    usable = ascii_address(_single_line(header, address))
    if usable is None:
        raise _unusable(header, address)
    return usable


def _unusable(header: str, address: str) -> CdiError:
    return CdiError(
        f"L'adresse « {tidy(address)} » ne peut pas être utilisée.",
        where=f"en-tête {header} d'un courriel",
        why="ce n'est pas une adresse électronique unique, écrite sans accent",
        fix="Corrigez l'adresse : une seule, de la forme nom@domaine.",
    )


def _encoded(header: str, text: str) -> str:
    """The text as a header carries it: folded, in encoded words when it isn't ASCII."""
    return Header(text, header_name=header).encode()


def _mailbox(header: str, name: str, address: str) -> str:
    try:
        one = Address(name, addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:  # whatever the standard parser trips over
        raise _unusable(header, address) from error
    return str(one) if name.isascii() else f"{_encoded(header, name)}\n <{one.addr_spec}>"


def _single_line(header: str, value: str) -> str:
    if "\r" in value or "\n" in value:
        raise CdiError(
            "Un courriel n'a pas été fabriqué : un de ses en-têtes contient un retour à la ligne.",
            where=f"en-tête {header} : « {tidy(value)} »",
            why="un retour à la ligne permettrait d'ajouter des destinataires à l'insu de tous",
            fix="Supprimez ce retour à la ligne dans la cellule ou dans le réglage d'où vient ce texte.",
        )
    return value


# -------------------------------------------------------------------------------------------- what is read back


def refuse_if_altered(content: bytes, meant: Meant) -> None:
    """Raises CdiError, naming what differs, when the bytes read back as anything but what was meant."""
    try:
        differing = tuple(_differences(content, meant))
    except (LookupError, ValueError, AttributeError, MessageError):  # whatever the standard parser trips over
        differing = ("message illisible",)
    if differing:
        raise CdiError(
            "Un courriel n'a pas été fabriqué : relu, il ne dit pas ce qui était prévu.",
            where=", ".join(differing),
            why="un texte du classeur ou des réglages a été pris pour une partie du message",
            fix=f"Vérifiez le nom de la personne et l'intitulé des actes pour « {meant.to} ».",
        )


def _differences(content: bytes, meant: Meant) -> Iterator[str]:
    message = BytesParser(policy=SMTP).parsebytes(content)
    if Counter(message.keys()) != Counter(HEADERS):
        yield "liste des en-têtes"
        return
    if _mailboxes(message, "From") != [(_solid(meant.sender_name), meant.sender)]:
        yield "From"
    if _mailboxes(message, "To") != [(_solid(meant.to_name), meant.to)]:
        yield "To"
    for header, value in (("Subject", meant.subject), ("Message-ID", meant.message_id), ("Auto-Submitted", _AUTOMATIC)):
        if str(message[header]) != value:
            yield header
    if _bodies(message) != [("text/plain", _lines(meant.text)), ("text/html", _lines(meant.html))]:
        yield "texte du courriel"


def _mailboxes(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    return [(_solid(one.display_name), one.addr_spec) for one in message[header].addresses]


def _solid(name: str) -> str:
    """The name without its spaces: Python 3.11 reads one between the pieces of a long encoded name."""
    return "".join(name.split())


def _bodies(message: EmailMessage) -> list[tuple[str, list[str]]]:
    return [(part.get_content_type(), _lines(part.get_content())) for part in message.iter_parts()]


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
