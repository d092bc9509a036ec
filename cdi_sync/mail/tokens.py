"""Signed reply addresses: « name+TOKEN@domain », which say which letter, and which of its lines, a reply is about. Pure.

A token is 20 bytes as 32 letters and digits of base32, in lower case, read in any case: the first 6 bytes of the digest of
the letter's key (those of its Message-ID), 3 that stand for a line of it (zeros for the whole letter), and 11 (88 bits) of
an HMAC-SHA256 of both. Nothing personal is in it, and nobody without the secret of the installation can make one.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from cdi_sync.errors import ConfigError
from cdi_sync.mail.outbox import digest
from cdi_sync.text import ascii_address

SECRET_BYTES = 32
LENGTH = 32  # characters
_LETTER, _LINE, _MAC = 6, 3, 11  # bytes
_LOCAL_PART = 64  # characters before the "@", RFC 5321
LONGEST_NAME = _LOCAL_PART - 1 - LENGTH  # characters of our own address before its "@"
_PURPOSE = b"cdi-reponse|"  # the same secret signs nothing else


@dataclass(frozen=True)
class Token:
    """What a genuine token names. letter: how the letter's Message-ID begins; line: the mark of a line, "" for none."""

    letter: str
    line: str


def mark_of(reminder: str, case: str, subject: str, anchor: str) -> str:
    """What stands for a line in tokens: 6 hexadecimal digits, never all zeros."""
    return digest(f"ligne|{reminder}|{case}|{subject}|{anchor}")[: 2 * _LINE].replace("000000", "000001")


def token(secret: bytes, key: str, line: str = "") -> str:
    """The token of a letter, by its key, or of one of its lines."""
    named = bytes.fromhex(digest(key)[: 2 * _LETTER] + (line or "00" * _LINE))
    return base64.b32encode(named + _mac(secret, named)).decode().lower()


def read(secret: bytes, text: str) -> Token | None:
    """What a token names; None when it isn't one of ours."""
    try:
        raw = base64.b32decode(text.upper()) if len(text) == LENGTH and text.isascii() else b""
    except binascii.Error:
        return None
    named, mac = raw[: _LETTER + _LINE], raw[_LETTER + _LINE :]
    if not hmac.compare_digest(mac, _mac(secret, named)):
        return None
    letter, line = named[:_LETTER].hex(), named[_LETTER:].hex()
    return Token(letter, line.strip("0") and line)


def _mac(secret: bytes, named: bytes) -> bytes:
    return hmac.new(secret, _PURPOSE + named, hashlib.sha256).digest()[:_MAC]


def is_answerable(answers: str) -> bool:
    """True when tokens can be added to that address."""
    return ascii_address(answers) is not None and len(answers.rpartition("@")[0]) <= LONGEST_NAME


def address(answers: str, text: str) -> str:
    """The reply address that carries a token. Raises ConfigError when no mail server would take one so long."""
    name, _, domain = answers.rpartition("@")
    if not is_answerable(answers):
        raise ConfigError(
            "L'adresse des réponses ne convient pas.", where="settings.toml [mail] reponses",
            why=f"« {answers} » n'est pas une adresse, ou une signature de {LENGTH} signes n'y tient pas",
            fix=f"Choisir une adresse d'au plus {LONGEST_NAME} signes avant « @ ».",
        )  # fmt: skip
    return f"{name}+{text}@{domain}"


def carried(recipient: str, answers: str) -> str:
    """The token that an address carries, genuine or not; "" when it isn't one of those that we give."""
    local, _, domain = recipient.casefold().rpartition("@")
    name, _, at = answers.casefold().rpartition("@")
    return local.removeprefix(f"{name}+") if domain == at and local.startswith(f"{name}+") else ""
