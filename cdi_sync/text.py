"""Comparing and cleaning what people type: case, accents, spaces, invisible marks, digits of other scripts, addresses."""

import re
import unicodedata
from functools import lru_cache

_REMEMBERED = 50_000  # a register repeats its labels, names and numbers by the thousand
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2013": "-", "\u2014": "-", "\u2011": "-"})


@lru_cache(maxsize=_REMEMBERED)
def clean(text: str) -> str:
    """The text without invisible marks and control characters, spaces made plain and trimmed."""
    if text.isprintable():  # no mark, no odd space, no control character
        return " ".join(text.split())
    visible = text.translate(_INVISIBLE)
    spaced = "".join(" " if c.isspace() or unicodedata.category(c) in ("Zs", "Cc") else c for c in visible)
    return " ".join(spaced.split())


def tidy(text: str) -> str:
    """The text clean, and without halves of characters, which can't be written anywhere."""
    return clean(text.encode("utf-8", "ignore").decode())


def visible(text: str) -> str:
    """The text with its control characters and invisible marks spelt out: none can move, hide or fake a line.

    Line feeds stay: whoever prints lines indents or escapes them.
    """
    return "".join(c if c == "\n" or c.isprintable() else _spelt(c) for c in text)


def _spelt(char: str) -> str:
    return char if unicodedata.category(char) == "Zs" else char.encode("unicode_escape").decode()


def no_encoded_word(text: str) -> str:
    """Breaks "=?": some mail readers decode it inside a header, line breaks included."""
    return text.replace("=?", "= ?")


# Nearly every address, and nothing that the validator could refuse: it takes as long as all other cells together.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}")
LONGEST_NAME = 64  # characters before the @ (RFC 5321, 4.5.3.1.1)
_SURELY_SHORT = 60  # no part of it can be too long then


def ascii_address(text: str) -> str | None:
    """The one e-mail address that a text is, as mail servers take it: an internationalised domain becomes ASCII.

    None when it is no address, several, or one whose name or shape needs more than plain SMTP.
    """
    if len(text) <= _SURELY_SHORT and _PLAIN_ADDRESS.fullmatch(text):
        name, _, domain = text.partition("@")
        return f"{name}@{domain.lower()}"
    return _checked_address(text)


def _checked_address(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email  # slow to load

    try:
        # the demo's `.example` addresses are special-use names, hence globally_deliverable
        checked = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False, strict=True
        )
    except EmailNotValidError:
        return None
    address = checked.ascii_email or ""
    _, dot, top = address.rpartition("@")[2].rpartition(".")
    return address if dot and not top.isdigit() else None  # a@192.0.2.1 is a machine, not a domain


@lru_cache(maxsize=_REMEMBERED)
def fold(text: str) -> str:
    """A form in which two spellings of one name are equal: NFKC, no accents, no case, plain spaces and quotes."""
    if text.isascii():
        return " ".join(text.casefold().split())
    decomposed = unicodedata.normalize("NFKD", clean(text).translate(_QUOTES))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c) and c != "\u0640")
    return " ".join(unicodedata.normalize("NFKC", bare).casefold().split())


def ascii_digits(text: str) -> str | None:
    """The text with the digits of another script made ASCII; None when it mixes digits of several scripts."""
    if text.isascii():
        return text
    scripts = {ord(c) - int(unicodedata.digit(c)) for c in text if c.isdecimal()}
    if len(scripts) > 1:
        return None
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in text)
