"""Freezes a letter into the bytes of its message, reads them back, and refuses what isn't exactly what was meant. Pure.

One sender, one recipient, text and HTML, and for a meeting its calendar object; ASCII bytes with CRLF. What is read back
is compared header by header, since the standard library has let a display name or a subject add a recipient (CVE-2024-6923).
A reminder has no List- header: it isn't a list that one leaves; the weekly report is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import SMTP, EmailPolicy
from functools import lru_cache
from typing import Any

from cdi_sync.errors import CdiError
from cdi_sync.mail.language import FRENCH, Language
from cdi_sync.mail.letters import Letter, isolated, subject_line
from cdi_sync.mail.outbox import REPORT, digest
from cdi_sync.text import ascii_address, no_encoded_word, tidy

TRIAL = "[ESSAI]"
HEADERS = (  # of each message
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "X-CDI-Key",
    "MIME-Version", "Content-Type", "Content-Language",
)  # fmt: skip
_ALWAYS = {
    "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday answer comes back
    "X-Auto-Response-Suppress": "OOF, AutoReply",  # the same for Exchange, which still tells what it couldn't deliver
}
_LISTS = (REPORT,)  # kinds of letter that one may ask not to receive any more
_STOP = "STOP"  # subject of the message that asks for it


class _Once(EmailPolicy):
    """The standard policy of mail servers, that parses the same header once: the library asks for it many times over."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _parsed(name, value)

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return _stored(name, value)


@lru_cache(maxsize=256)
def _parsed(name: str, value: str) -> Any:
    return SMTP.header_fetch_parse(name, value)


@lru_cache(maxsize=256)
def _stored(name: str, value: Any) -> tuple[str, Any]:
    return SMTP.header_store_parse(name, value)


# A header stays on one line: the library folds a long address or identifier by encoding it.
_POLICY = _Once(linesep="\r\n", max_line_length=998)
_LINE = 78  # characters of a header that isn't folded (RFC 5322, 2.1.1)
CALENDAR_FILE = "invitation.ics"


@dataclass(frozen=True)
class Meant:
    """What a message must say once read back: addresses in ASCII, names and subject as a person reads them.

    headers: those of each message whose value is a plain one, and those that some have.
    """

    sender: str
    sender_name: str
    to: str
    to_name: str
    subject: str
    sent: datetime
    headers: Mapping[str, str]
    text: str
    html: str
    calendar: bytes | None = None
    method: str = ""


def thread_of(case: str, domain: str) -> str:
    """The identifier, angle brackets included, under which mail readers gather all that is written about a case."""
    return f"<{digest(f'dossier|{case}')}@{domain}>"


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
    lang: str = FRENCH,
    reply_to: str = "",
    thread: str = "",
    calendar: bytes | None = None,
    method: str = "",
) -> bytes:
    """The message as it goes on the wire (CRLF, ASCII only): text and HTML; same arguments, same bytes.

    message_id: with its angle brackets. sent: with its offset. key: the letter's, never readable in the message.
    mailing: the kind of letter. trial: the subject says that it is one. reply_to: the address that answers go to, ""
    for the sender's. thread: what `thread_of` gives, "" for a letter of several cases or none. calendar: an
    iCalendar object whose METHOD is `method`, as a third reading of the letter and as a file joined to it. Raises CdiError
    when a header would hold a line break, when an address is no single address that can be written in ASCII, and when the
    finished bytes don't say what was meant.
    """
    answers = _address("Reply-To", reply_to) if reply_to else ""
    sender = _address("From", sender)
    meant = Meant(
        sender=sender,
        sender_name=_name("From", sender_name),
        to=_address("To", to),
        to_name=_name("To", to_name),
        subject=_subject(letter.subject, lang, trial=trial),
        sent=sent.replace(microsecond=0),
        headers=_ALWAYS
        | {
            "Message-ID": _single_line("Message-ID", message_id),
            "X-CDI-Key": digest(key)[:16],
            "Content-Language": lang,
        }
        | ({"Reply-To": answers} if answers else {})
        | ({"In-Reply-To": thread, "References": _single_line("References", thread)} if thread else {})
        | (_of_a_list(mailing, sender, answers or sender) if mailing in _LISTS else {}),
        text=letter.text,
        html=letter.html,
        calendar=calendar,
        method=method,
    )
    content = _compose(meant, key)
    refuse_if_altered(content, meant)
    return content


def _of_a_list(mailing: str, sender: str, answers: str) -> dict[str, str]:
    """The headers by which mail readers sort a letter, and offer to ask for no more of them."""
    return {
        "List-Id": f"<{mailing}.cdi.{sender.rpartition('@')[2]}>",
        "List-Unsubscribe": f"<mailto:{answers}?subject={_STOP}>",
    }


def _compose(meant: Meant, key: str) -> bytes:
    message = EmailMessage(policy=_POLICY)
    # Encoded here and set raw: Python's own folding loses spaces between encoded words.
    message.set_raw("From", _mailbox("From", meant.sender_name, meant.sender))
    message.set_raw("To", _mailbox("To", meant.to_name, meant.to))
    message.set_raw("Subject", _encoded("Subject", meant.subject))
    message["Date"] = meant.sent
    message.set_content(meant.text, cte=_lighter(meant.text))
    message.add_alternative(meant.html, subtype="html", cte=_lighter(meant.html))
    # Quoted-printable writes "=" as "=3D", base64 has no "_": no line of the text can be taken for these boundaries.
    boundary = "=_" + digest(key)
    if meant.calendar is not None:
        _put_calendar(message, meant.calendar, meant.method, boundary)
    for header, value in meant.headers.items():  # last: set_content drops every header in Content-
        message[header] = value
    message.set_boundary(boundary)
    return message.as_bytes()


def _lighter(text: str) -> str:
    """The encoding that makes the text shorter: each letter of Arabic takes six characters of quoted-printable."""
    plain = len(text.encode("ascii", "ignore"))
    other = len(text.encode()) - plain
    return "quoted-printable" if plain + 3 * other <= (plain + other) * 4 / 3 else "base64"


def _put_calendar(message: EmailMessage, calendar: bytes, method: str, boundary: str) -> None:
    """Readers that know meetings take the calendar among the readings of the letter; the others offer the file."""
    message.add_alternative(calendar, maintype="text", subtype="calendar", cte="base64",
                            params={"method": method, "charset": "utf-8"})  # fmt: skip
    message.set_boundary(f"{boundary}_1")
    message.add_attachment(calendar, maintype="application", subtype="ics", cte="base64", filename=CALENDAR_FILE)


# ----------------------------------------------------------------------------------------------- what is put in


def _subject(subject: str, lang: str, *, trial: bool) -> str:
    plain = subject_line(_single_line("Subject", subject))
    if not trial:
        return plain
    # its Latin letters mustn't turn the whole of an Arabic subject round
    return subject_line(f"{isolated(TRIAL) if Language(lang).is_right_to_left else TRIAL} {plain}")


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
    if name.isascii() and len(f"{header}: {one}") <= _LINE:
        return str(one)
    # Encoded although it may be ASCII: the library folds a long quoted name in places where it can't be read back.
    return f"{Header(name, 'utf-8', header_name=header).encode()}\n <{one.addr_spec}>"


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
    message = BytesParser(EmailMessage, policy=_POLICY).parsebytes(content)
    assert isinstance(message, EmailMessage)
    if Counter(message.keys()) != Counter({*HEADERS, *meant.headers}):
        yield "liste des en-têtes"
        return
    if _mailboxes(message, "From") != [(_solid(meant.sender_name), meant.sender)]:
        yield "From"
    if _mailboxes(message, "To") != [(_solid(meant.to_name), meant.to)]:
        yield "To"
    for header, value in {"Subject": meant.subject, **meant.headers}.items():
        if str(message[header]) != value:
            yield header
    if message["Date"].datetime != meant.sent:
        yield "Date"
    readings = message if meant.calendar is None else next(message.iter_parts())
    words = [("text/plain", _lines(meant.text)), ("text/html", _lines(meant.html))]
    if _bodies(readings)[:2] != words:
        yield "texte du courriel"
    if _calendars(message) != ([] if meant.calendar is None else [meant.calendar, meant.calendar]):
        yield "agenda du courriel"


def _mailboxes(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    return [(_solid(one.display_name), one.addr_spec) for one in message[header].addresses]


def _solid(name: str) -> str:
    """The name without its spaces: Python 3.11 reads one between the pieces of a long encoded name."""
    return "".join(name.split())


def _bodies(message: MIMEPart) -> list[tuple[str, list[str]]]:
    return [(part.get_content_type(), _lines(part.get_content())) for part in message.iter_parts()]


def _calendars(message: EmailMessage) -> list[bytes]:
    """Every part that is neither the text nor the page."""
    leaves = [part for part in message.walk() if not part.is_multipart()]
    contents = [part.get_payload(decode=True) for part in leaves[2:]]
    return [content for content in contents if isinstance(content, bytes)]


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
