"""Cuts a formula into tokens that keep its text, so that it can be written again with only what must change changed."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import babel
import babel.numbers


class Token(NamedTuple):
    """A piece of a formula. kind: "space", "string", "error", "function", "reference", "name", "number" or "sign"."""

    kind: str
    text: str


class Separators(NamedTuple):
    """What a language writes: between the digits, between arguments, between the columns of an array."""

    decimal: str
    argument: str
    column: str


ENGLISH = Separators(".", ",", ",")
_COMMA = Separators(",", ";", "\\")

_SHEET = r"(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!"
_END = r"(?![\w.(!])"
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_REFERENCE = (
    rf"(?:{_SHEET})?(?:"
    rf"{_CELL}:(?:{_CELL}|\$?[A-Za-z]{{1,3}}|\$?[1-9]\d*){_END}"  # A1:B2, A2:A, A2:5
    rf"|\$?[A-Za-z]{{1,3}}:(?:{_CELL}|\$?[A-Za-z]{{1,3}}){_END}"  # A:B, A:B5
    rf"|\$?[1-9]\d*:(?:{_CELL}|\$?[1-9]\d*){_END}"  # 1:3
    rf"|{_CELL}{_END})"
)


@cache
def _pattern(decimal: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    parts = {
        "space": r"\s+",
        "string": r'"(?:[^"]|"")*"',
        "error": rf"(?:{_SHEET})?#REF!|#N/A|#(?:DIV/0|VALUE|NAME|NUM|NULL|ERROR)!|#NAME\?",
        "reference": _REFERENCE,
        "function": r"[^\W\d][\w.]*(?=\()",
        "name": r"[^\W\d][\w.]*",
        "number": rf"(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?",
        "sign": r"<=|>=|<>|[-+*/^&=<>%(){},;:\\]",
    }
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in parts.items()))


def tokens(text: str, decimal: str = ".") -> Iterator[Token]:
    """The tokens of a formula without its "=". Raises ValueError at what is none."""
    pattern, at = _pattern(decimal), 0
    while at < len(text):
        found = pattern.match(text, at)
        if not found:
            raise ValueError(f"can't be read from {text[at:]!r}")
        at = found.end()
        yield Token(str(found.lastgroup), found.group())


@cache
def separators(locale: str) -> Separators:
    """What the language of a spreadsheet writes."""
    try:
        point = babel.numbers.get_decimal_symbol(babel.Locale.parse(locale))
    except (ValueError, babel.UnknownLocaleError):
        return ENGLISH
    return _COMMA if point == "," else ENGLISH


def translated(text: str, source: Separators, target: Separators) -> str:
    """The tokens of a formula, without its "=", written with other separators. Raises ValueError."""
    written: list[str] = []
    inside: list[str] = []  # the brackets that are open
    for kind, piece in tokens(text, source.decimal):
        in_braces = bool(inside) and inside[-1] == "{"
        if kind == "number":
            piece = piece.replace(source.decimal, target.decimal)
        elif kind == "sign":
            if piece in "({":
                inside.append(piece)
            elif piece in ")}":
                if not inside or inside.pop() + piece not in ("()", "{}"):
                    raise ValueError("brackets don't match")
            elif piece in (",", ";", "\\"):
                piece = _separator(piece, source, target, in_braces=in_braces)
        written.append(piece)
    return "".join(written)


def _separator(piece: str, source: Separators, target: Separators, *, in_braces: bool) -> str:
    if in_braces and piece == source.column:
        return target.column
    if in_braces and piece == ";":
        return ";"
    if not in_braces and piece in (source.argument, ";"):  # ";" is understood in every language
        return target.argument
    raise ValueError(f"{piece!r} separates nothing here")
