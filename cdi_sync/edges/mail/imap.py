"""Reads a mailbox by IMAP, always under TLS, and changes nothing in it: opened read-only, no message is marked or moved.

People may read the same mailbox. Of each message only its beginning is fetched, so that an attachment costs nothing.
Durations are in seconds.
"""

import base64
import contextlib
import imaplib
import os
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cdi_sync.edges.config import ImapSettings
from cdi_sync.edges.mail.secrets import MailError, no_tls, secret, tls_context
from cdi_sync.text import tidy

READ = 128 * 1024  # bytes read of a message: the words come first, attachments after
_SAID = 300  # characters kept of what a server says
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UID = re.compile(rb"\bUID (\d+)")
_DATE = re.compile(rb'INTERNALDATE "\s*(\d{1,2})-(\w{3})-(\d{4}) ([\d:]{8}) ([+-]\d{4})"')


@dataclass(frozen=True)
class Place:
    """How far a folder was read. uid: of the last message read; validity: what makes that number worth something."""

    folder: str
    validity: int
    uid: int


@dataclass(frozen=True)
class Arrived:
    """A message, or its beginning. at: when the server got it, None when it doesn't say."""

    uid: int
    at: datetime | None
    content: bytes


class Inbox:
    """A mailbox, connected for the time of a run; a context manager. Every method raises MailError."""

    def __init__(self, settings: ImapSettings, *, folder: Path) -> None:
        """folder: the one that paths of the settings are relative to. Nothing is opened yet."""
        self._settings, self._folder = settings, folder
        self._connection: imaplib.IMAP4 | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                self._connection.logout()
        self._drop()

    def look(self) -> str:
        """Opens every folder that is read: what was found, in French."""
        wanted = dict.fromkeys((self._settings.boite, self._settings.temoin or self._settings.boite))
        counts = [f"« {name} » : {self._open(name)} message(s)" for name in wanted]
        return f"{self._settings.serveur}:{self._settings.port} répond ; {', '.join(counts)} ; rien n'y est modifié"

    def new(self, name: str, place: Place | None, *, since: date, most: int) -> tuple[Place, Sequence[int]]:
        """The messages that came after that place: their numbers, the oldest first, at most so many, and the place now.

        since: day before which nothing is looked for when the place isn't known, or isn't worth anything any more.
        """
        self._open(name)
        validity = self._validity()
        if place is None or (place.folder, place.validity) != (name, validity):
            place = Place(name, validity, 0)
            return place, self._search("SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}")[:most]
        # a server answers the last message to « 12:* » even when its number is 7
        return place, [uid for uid in self._search("UID", f"{place.uid + 1}:*") if uid > place.uid][:most]

    def read(self, uid: int) -> Arrived | None:
        """The beginning of a message of the folder opened last; None when it is gone."""
        return next(self._fetch(str(uid), f"BODY.PEEK[]<0.{READ}>"), None)

    def find(self, name: str, message_id: str) -> Sequence[Arrived]:
        """The headers of the messages of that folder that carry this Message-ID."""
        self._open(name)
        found = self._search("HEADER", "Message-ID", _quoted(message_id))[-5:]
        return list(self._fetch(",".join(map(str, found)), "BODY.PEEK[HEADER]")) if found else []

    # ------------------------------------------------------------------------------------------------ commands

    def _open(self, name: str) -> int:
        """How many messages it holds. Opened anew each time: only then does a server tell what came meanwhile."""
        kind, data = self._ask(lambda it: it.select(_mailbox_name(name), readonly=True))
        if kind != "OK":
            raise MailError(
                "Le dossier de courrier ne s'ouvre pas.", where=f"mail.imap : « {name} »", why=_words(data),
                fix="Vérifier mail.imap.boite et mail.imap.temoin : le nom du dossier, tel que le serveur l'écrit.",
            )  # fmt: skip
        return int(data[0] or 0)

    def _validity(self) -> int:
        _, data = self._ask(lambda it: it.response("UIDVALIDITY"))
        return int(data[0]) if data and data[0] else 0

    def _search(self, *terms: str) -> list[int]:
        kind, data = self._ask(lambda it: it.uid("SEARCH", *terms))
        if kind != "OK":
            raise self._trouble(_words(data))
        return sorted(int(number) for line in data if line for number in line.split())

    def _fetch(self, uids: str, what: str) -> Iterator[Arrived]:
        kind, data = self._ask(lambda it: it.uid("FETCH", uids, f"(UID INTERNALDATE {what})"))
        if kind != "OK":
            raise self._trouble(_words(data))
        # a message comes as (what is said before its text, its text), and perhaps more words after it
        for position, item in enumerate(data):
            if isinstance(item, tuple):
                after = data[position + 1] if position + 1 < len(data) else b""
                said = item[0] + b" " + (after if isinstance(after, bytes) else b"")
                uid = _UID.search(said)
                if uid:
                    yield Arrived(int(uid.group(1)), _moment(said), item[1])

    def _ask(self, command: Callable[[imaplib.IMAP4], tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
        try:
            return command(self._ready())
        except (imaplib.IMAP4.error, OSError, UnicodeError) as error:
            self._drop()
            raise self._trouble(_words_of(error)) from None

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.shutdown()
        self._connection = None

    def _trouble(self, why: str) -> MailError:
        return MailError(
            "La boîte aux lettres ne répond pas.", where=f"{self._settings.serveur}:{self._settings.port}", why=why,
            fix="Vérifier mail.imap.serveur, mail.imap.port et mail.imap.securite, le réseau et le pare-feu.",
        )  # fmt: skip

    # ---------------------------------------------------------------------------------------------- connecting

    def _ready(self) -> imaplib.IMAP4:
        if self._connection is None:
            self._connection = self._connected()
        return self._connection

    def _connected(self) -> imaplib.IMAP4:
        settings = self._settings
        password, context = secret(settings, self._folder, os.environ), tls_context(settings, self._folder)
        try:
            with contextlib.ExitStack() as undo:
                connection = _opened(settings, context)
                undo.callback(connection.shutdown)
                _log_in(connection, settings, password)
                undo.pop_all()
            return connection
        except ssl.SSLError as error:
            raise no_tls(settings, error, _words_of(error)) from None


def _opened(settings: ImapSettings, context: ssl.SSLContext) -> imaplib.IMAP4:
    """A connection under TLS, certificate and host name verified: nothing is ever said in the clear."""
    if settings.securite == "tls":
        return imaplib.IMAP4_SSL(settings.serveur, settings.port, ssl_context=context, timeout=settings.delai)
    connection = imaplib.IMAP4(settings.serveur, settings.port, timeout=settings.delai)
    try:
        connection.starttls(ssl_context=context)
    except BaseException as error:
        connection.shutdown()
        if isinstance(error, imaplib.IMAP4.error):
            raise MailError(
                "La boîte aux lettres ne propose pas le chiffrement (STARTTLS) : rien n'est dit en clair.",
                where=f"{settings.serveur}:{settings.port}",
                fix='Employer son port chiffré : mail.imap.securite = "tls", mail.imap.port = 993.',
            ) from None
        raise
    return connection


def _log_in(connection: imaplib.IMAP4, settings: ImapSettings, password: str) -> None:
    """Identifies us; only ever called under TLS. The server's own words aren't kept: they may repeat the secret."""
    assert isinstance(connection.sock, ssl.SSLSocket)
    try:
        connection.login(_quoted(settings.utilisateur), password)
        return
    except imaplib.IMAP4.abort:
        why = "connexion coupée par le serveur"
    except imaplib.IMAP4.error:
        why = "compte ou mot de passe refusé"
    raise MailError(
        "La boîte aux lettres refuse l'identification.",
        where=f"mail.imap.utilisateur : {settings.utilisateur}",
        why=why,
        fix="Vérifier mail.imap.utilisateur et le mot de passe (fichier secret ou variable d'environnement).",
    )


# ------------------------------------------------------------------------------------------------ words and names


def _quoted(text: str) -> str:
    """A quoted string of IMAP (RFC 3501), on one line whatever the text."""
    plain = re.sub(r"[\x00-\x1f\x7f]", "", text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mailbox_name(name: str) -> str:
    """A folder's name as servers write it: modified UTF-7 (RFC 3501, 5.1.3), quoted."""
    return _quoted(re.sub(r"&|[^\x20-\x7e]+", _shifted, name))


def _shifted(found: re.Match[str]) -> str:
    if found.group() == "&":
        return "&-"
    coded = base64.b64encode(found.group().encode("utf-16-be")).decode()
    return f"&{coded.rstrip('=').replace('/', ',')}-"


def _moment(said: bytes) -> datetime | None:
    found = _DATE.search(said)
    if found is None:
        return None
    day, month, year, hour, zone = (part.decode("ascii", "replace") for part in found.groups())
    try:
        return parsedate_to_datetime(f"{day} {month} {year} {hour} {zone}")
    except ValueError:
        return None


def _words(data: Sequence[Any]) -> str:
    return " ".join(tidy(part.decode("utf-8", "replace")) for part in data if isinstance(part, bytes))[:_SAID]


def _words_of(error: Exception) -> str:
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "délai dépassé"
    if isinstance(error, imaplib.IMAP4.abort):
        return "connexion coupée par le serveur"
    return tidy(getattr(error, "strerror", None) or str(error))[:_SAID]
