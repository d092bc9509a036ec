"""Hands letters to a mail server by SMTP: one connection a run, opened at the first letter, always under TLS.

smtplib's own `send_message` can't tell a refused letter from a delivered one, so its steps are driven one by one:
MAIL, RCPT, `before_data` (the caller commits that the letter is being handed over), DATA, the text and its final dot.
Before `before_data` a lost connection is harmless; after it, only an answer received says what became of the letter.
Durations are in seconds. Addresses are ASCII: SMTPUTF8 isn't used.
"""

import contextlib
import os
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from cdi_sync.edges.config import SmtpSettings
from cdi_sync.edges.mail.secrets import MailError, no_tls, secret, tls_context
from cdi_sync.errors import CdiError
from cdi_sync.mail.outbox import LetterState, Outcome
from cdi_sync.text import ascii_address, tidy

LOST = "la réponse du serveur n'est pas connue : une personne doit vérifier si le courriel est arrivé"
_ANSWER = 300  # characters kept of what a server says
_GOODBYE = 5.0  # seconds left to the server to take leave
_LOSSES = 2  # connections lost in a row before the relay itself is held at fault
_LOGIN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954: the server wants another identification
_CLOSING = 421
_REFUSALS = {4: LetterState.QUEUED, 5: LetterState.FAILED}  # first digit of the answer


class RelayError(MailError):
    """The mail server can't be used at all, whatever the letter."""


class Relay:
    """The mail server of an installation, for the time of a run; a context manager that takes leave at the end.

    `trouble` says, in French, why nothing more can leave in this run; "" as long as letters may.
    """

    def __init__(self, settings: SmtpSettings, *, sender: str, folder: Path, witness: str = "") -> None:
        """folder: the one that paths of the settings are relative to. Nothing is opened yet.

        witness: who gets a copy of each letter in the same transaction, so that one answer covers both; "" for nobody.
        """
        self.trouble = ""
        self._settings, self._sender, self._folder, self._witness = settings, sender, folder, witness
        self._connection: smtplib.SMTP | None = None
        self._losses = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._connection is not None:
            _take_leave(self._connection, self._settings)
        self._drop()

    def send(self, content: bytes, to: str, before_data: Callable[[], None]) -> Outcome:
        """Hands over one letter to one person: sent, queued (not now), failed (refused), or unknown (no answer).

        before_data is called once the server has accepted every address, right before DATA. When the relay itself is
        at fault, this letter and all that follow are answered `queued` without another attempt.
        """
        if self.trouble:
            return Outcome(LetterState.QUEUED, self.trouble)
        address = ascii_address(to)
        if address is None:
            return Outcome(LetterState.FAILED, "adresse inutilisable : une seule, de la forme nom@domaine")
        try:
            refusal = self._announce(address, len(content))
        except (smtplib.SMTPException, OSError) as error:
            return self._lost(Outcome(LetterState.QUEUED, f"{_words(error)}, avant l'envoi"))
        except MailError as error:
            return self._give_up(_told(error))
        if refusal is not None:
            return refusal
        before_data()
        try:
            return self._hand_over(content)
        except (smtplib.SMTPException, OSError) as error:
            return self._lost(Outcome(LetterState.UNKNOWN, f"{LOST} ({_words(error)})"))

    def look(self, *, login: bool) -> str:
        """Connects as for a letter, then takes leave: what was found, in French. Raises MailError."""
        with contextlib.closing(_connected(self._settings, self._sender, self._folder)) as connection:
            if login:
                _log_in(connection, self._settings, self._folder)
            assert isinstance(connection.sock, ssl.SSLSocket)
            protected = connection.sock.version()
            _take_leave(connection, self._settings)
        who = f"identifié comme {self._settings.utilisateur}" if login else "sans identification"
        return f"{self._settings.serveur}:{self._settings.port} répond, {protected}, {who} ; rien n'a été envoyé"

    # ------------------------------------------------------------------------------------------- one letter

    def _announce(self, to: str, size: int) -> Outcome | None:
        """MAIL and RCPT. None when the server accepts all, otherwise what its refusal means for this letter.

        A refused audit address says nothing of the letter: it is ours to mend, and no letter leaves without its copy.
        """
        connection = self._ready()
        if 0 < (most := _largest(connection)) < size:
            return Outcome(LetterState.FAILED, _too_heavy(size, most))
        code, text = connection.docmd("MAIL", f"FROM:<{self._sender}>")
        if code // 100 == 5:
            return self._give_up(f"le serveur refuse l'expéditeur {self._sender} : {_answer(code, text)}")
        if code // 100 == 2:
            code, text = connection.docmd("RCPT", f"TO:<{to}>")
        if code // 100 != 2:
            return self._refused(code, text, otherwise=LetterState.QUEUED)
        if self._witness and self._witness.casefold() != to.casefold():
            code, text = connection.docmd("RCPT", f"TO:<{self._witness}>")
        if code // 100 != 2:
            return self._give_up(f"le serveur refuse l'adresse témoin {self._witness} : {_answer(code, text)}")
        return None

    def _hand_over(self, content: bytes) -> Outcome:
        """DATA, the text, the final dot: what the server says of the letter."""
        assert self._connection is not None and self._connection.sock is not None
        connection, sock = self._connection, self._connection.sock
        code, text = connection.docmd("DATA")
        if code != 354:
            return self._refused(code, text, otherwise=LetterState.UNKNOWN)
        sock.settimeout(self._settings.delai_final)
        connection.send(_with_final_dot(content))
        code, text = connection.getreply()
        sock.settimeout(self._settings.delai)
        if code // 100 != 2:
            return self._refused(code, text, otherwise=LetterState.UNKNOWN)
        self._losses = 0
        return Outcome(LetterState.SENT, _answer(code, text))

    def _refused(self, code: int, text: bytes, *, otherwise: LetterState) -> Outcome:
        """What an answer other than yes means for this letter: not now, never, or `otherwise` when it means nothing."""
        detail = _answer(code, text)
        if code == _CLOSING or code in _LOGIN_CODES:
            return self._give_up(f"le serveur ne prend plus de courriel : {detail}")
        if code // 100 not in _REFUSALS:
            return self._lost(Outcome(otherwise, f"réponse incompréhensible du serveur : {detail}"))
        self._losses = 0
        return Outcome(_REFUSALS[code // 100], detail)

    # ----------------------------------------------------------------------------------------- the connection

    def forget(self) -> None:
        """Leaves a conversation that was opened for a letter, before its text."""
        self._drop()

    def _ready(self) -> smtplib.SMTP:
        """An open connection in which no letter is begun: the one in use if it still answers, else a new one."""
        if self._connection is not None and not _is_alive(self._connection):
            self._drop()
        if self._connection is None:
            connection = _connected(self._settings, self._sender, self._folder)
            self._connection = connection
            if self._settings.utilisateur:
                _log_in(connection, self._settings, self._folder)
        return self._connection

    def _lost(self, outcome: Outcome) -> Outcome:
        """The connection is gone: the next letter opens another one, unless that happened to the last letter too."""
        self._drop()
        self._losses += 1
        if self._losses >= _LOSSES:
            self.trouble = f"le serveur coupe la connexion : {outcome.detail}"
        return outcome

    def _give_up(self, trouble: str) -> Outcome:
        """Nothing more leaves in this run."""
        self._drop()
        self.trouble = trouble
        return Outcome(LetterState.QUEUED, trouble)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _largest(connection: smtplib.SMTP) -> int:
    """The largest letter that the server takes, in bytes, as it says in its greetings (RFC 1870); 0 when it doesn't."""
    said = connection.esmtp_features.get("size", "")
    return int(said) if said.isascii() and said.isdigit() else 0


def _too_heavy(size: int, most: int) -> str:
    return f"le courriel pèse {-(-size // 1000)} ko et le serveur n'en prend que {most // 1000} : rien n'est parti"


def _is_alive(connection: smtplib.SMTP) -> bool:
    try:
        return connection.rset()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _take_leave(connection: smtplib.SMTP, settings: SmtpSettings) -> None:
    """QUIT. What the server answers changes nothing: each letter has had its answer."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if connection.sock is not None:
            connection.sock.settimeout(min(_GOODBYE, settings.delai))
            connection.quit()


def _with_final_dot(content: bytes) -> bytes:
    """The text with its lines that begin with a dot protected, and the line that ends it."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


# ------------------------------------------------------------------------------------- connecting, TLS, login


def _connected(settings: SmtpSettings, sender: str, folder: Path) -> smtplib.SMTP:
    """A connection under TLS, its certificate and host name verified, greetings done. Raises MailError."""
    context = tls_context(settings, folder)
    name = sender.rpartition("@")[2]  # how we introduce ourselves: looking up our own name could wait for a DNS
    try:
        with contextlib.ExitStack() as undo:
            connection = _opened(settings, name, context)
            undo.callback(connection.close)
            if settings.securite == "starttls":
                _protect(connection, context, settings)
            connection.ehlo_or_helo_if_needed()
            assert connection.sock is not None
            # a letter's last packet leaves at once, instead of waiting 40 ms for the one before to be acknowledged
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            undo.pop_all()
        return connection
    except ssl.SSLError as error:
        raise no_tls(settings, error, _words(error)) from None
    except (smtplib.SMTPException, OSError) as error:
        raise RelayError(
            "Le serveur de courrier ne répond pas.",
            where=f"{settings.serveur}:{settings.port}",
            why=_words(error),
            fix="Vérifier mail.smtp.serveur, mail.smtp.port et mail.smtp.securite, le réseau et le pare-feu.",
        ) from None


def _opened(settings: SmtpSettings, name: str, context: ssl.SSLContext) -> smtplib.SMTP:
    if settings.securite == "tls":
        return smtplib.SMTP_SSL(settings.serveur, settings.port, name, timeout=settings.delai, context=context)
    return smtplib.SMTP(settings.serveur, settings.port, name, timeout=settings.delai)


def _protect(connection: smtplib.SMTP, context: ssl.SSLContext, settings: SmtpSettings) -> None:
    """STARTTLS, or nothing: a server that doesn't offer it gets no letter and no password."""
    try:
        connection.starttls(context=context)
    except smtplib.SMTPNotSupportedError:
        raise RelayError(
            "Le serveur de courrier ne propose pas le chiffrement (STARTTLS) : rien n'est envoyé en clair.",
            where=f"{settings.serveur}:{settings.port}",
            fix="Demander à son responsable d'activer STARTTLS, ou employer son port chiffré : "
            'mail.smtp.securite = "tls", mail.smtp.port = 465.',
        ) from None
    except smtplib.SMTPResponseException as error:
        raise no_tls(settings, error, _words(error)) from None


def _log_in(connection: smtplib.SMTP, settings: SmtpSettings, folder: Path) -> None:
    """Identifies us; only ever called under TLS. The server's own words aren't kept: they may repeat the secret."""
    assert isinstance(connection.sock, ssl.SSLSocket)
    try:
        connection.login(settings.utilisateur, secret(settings, folder, os.environ))
        return
    except smtplib.SMTPAuthenticationError as error:
        why = f"réponse {error.smtp_code}"
    except smtplib.SMTPNotSupportedError:
        why = "il ne propose pas d'identification"
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        why = _words(error)
    except smtplib.SMTPException:
        why = "ses méthodes d'identification ne sont pas les nôtres"
    finally:
        connection.user = connection.password = ""
    raise RelayError(
        "Le serveur de courrier refuse l'identification.",
        where=f"mail.smtp.utilisateur : {settings.utilisateur}",
        why=why,
        fix="Vérifier mail.smtp.utilisateur et le mot de passe (fichier secret ou variable d'environnement).",
    )


# --------------------------------------------------------------------------------------------------- in words


def _answer(code: int, text: bytes) -> str:
    """What a server said, on one line."""
    return f"{code} {tidy(text.decode('utf-8', 'replace'))[:_ANSWER]}"


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _answer(error.smtp_code, said if isinstance(said, bytes) else said.encode())
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "délai dépassé"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "connexion coupée par le serveur"
    return tidy(getattr(error, "strerror", None) or str(error))[:_ANSWER]


def _told(error: CdiError) -> str:
    return " ".join(
        part for part in (error.what, f"({error.where})" if error.where else "", error.why, error.fix) if part
    )
