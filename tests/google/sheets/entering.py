"""What typing does: the text of a cell, as a person types it, becomes a value and perhaps a number format (USER_ENTERED)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from tests.google.sheets import formulas, reading_dates
from tests.google.sheets.locales import Conventions, conventions, plain_spaces
from tests.google.sheets.spreadsheet import Entered, Formula

ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


class Typed(NamedTuple):
    """What a typed text becomes. number_format: the NumberFormat that typing gives the cell, None when it gives none."""

    entered: Entered
    number_format: dict[str, Any] | None = None


def typed(text: str, locale: str, existing: dict[str, Any] | None = None, today: date | None = None) -> Typed:
    """What a text becomes when it is typed into a cell.

    locale: of the spreadsheet, "fr_FR". existing: the number format that the cell has already: it stays, "@" keeps all
    as text, and under a percentage a bare number counts in hundredths. today: for dates without a year.
    A formula comes in the spreadsheet's own separators and leaves in those of en_US.
    """
    kind = (existing or {}).get("type")
    if text == "":
        return Typed(None)
    if kind == "TEXT":
        return Typed(text)
    if text.startswith("'"):
        return Typed(text[1:])
    if text.startswith("=") and len(text) > 1:
        return Typed(_formula(text, locale))
    ways = conventions(locale)
    plain = plain_spaces(text).strip(" ")
    found = _value(plain, ways, today or date.today())
    if found is None and plain.startswith("+") and len(plain) > 1:
        return Typed(_formula("=" + plain, locale))
    if found is None:
        return Typed(text)
    if kind is None:
        return found
    if kind == "PERCENT" and found.number_format is None and isinstance(found.entered, float):
        return Typed(float(f"{found.entered!r}e-2"))
    return Typed(found.entered)


def _formula(text: str, locale: str) -> Formula:
    """The formula of a text that starts with "=". One that can't be read is kept as it is, and shows an error."""
    try:
        return Formula(formulas.from_locale(text, locale))
    except ValueError:
        return Formula(text)


def _value(text: str, ways: Conventions, today: date) -> Typed | None:
    """The value that a text stands for, None when it is just a text."""
    word = text.upper()
    for words in (ways.booleans, ("TRUE", "FALSE")):
        if word in words:
            return Typed(word == words[0])
    if word in ERRORS:
        return Typed(Formula("=" + word))
    return next(_numbers(text, ways), None) or _moment(text, ways, today)


def _moment(text: str, ways: Conventions, today: date) -> Typed | None:
    moment = reading_dates.read(text, ways, today)
    return None if moment is None else Typed(moment.serial, {"type": moment.kind, "pattern": moment.pattern})


def _numbers(text: str, ways: Conventions) -> Iterator[Typed]:
    """The number of a text with its sign, its per cent or its currency, by whichever reading fits first."""
    sign, body = 1.0, text
    if inside := re.fullmatch(r"\(\s*(?![-+−(])(.+?)\s*\)", body):
        sign, body = -1.0, inside[1]
    elif signed := re.fullmatch(r"([-+−])(\S.*)", body):
        sign, body = 1.0 if signed[1] == "+" else -1.0, signed[2]
    if (figure := _figure(body, ways)) is not None:
        yield Typed(sign * figure.value, figure.number_format)
    if share := re.fullmatch(r"(.+?)\s*%", body):
        figure = _figure(share[1], ways)
        if figure is not None:
            pattern = "0.00%" if figure.has_decimals else "0%"
            yield Typed(sign * float(f"{figure.value!r}e-2"), {"type": "PERCENT", "pattern": pattern})
    yield from _amounts(body, sign, ways)


def _amounts(body: str, sign: float, ways: Conventions) -> Iterator[Typed]:
    """The amount of money of a text: the currency may stand on either side, and the sign after it."""
    for name in ways.currency_names:
        rest = re.fullmatch(rf"{re.escape(name)}\s*([-−]?)(.+)|(.+?)\s*{re.escape(name)}", body, re.IGNORECASE)
        figure = rest and _figure((rest[2] or rest[3]).strip(), ways)
        if rest and figure:
            if figure.is_scientific:
                continue
            pattern = ways.money(f"[${name}]", 2 if figure.has_decimals else 0)
            yield Typed((-sign if rest[1] else sign) * figure.value, {"type": "CURRENCY", "pattern": pattern})


class _Figure(NamedTuple):
    """A number without sign: what it is worth and how it was written."""

    value: float
    has_decimals: bool
    has_groups: bool
    is_scientific: bool
    number_pattern: str

    @property
    def number_format(self) -> dict[str, Any] | None:
        """The format that the way of writing gives: thousands apart, or an exponent."""
        if self.is_scientific:
            return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
        if self.has_groups:
            return {"type": "NUMBER", "pattern": self.number_pattern + (".00" if self.has_decimals else "")}
        return None


def _figure(text: str, ways: Conventions) -> _Figure | None:
    """The number that a text is in figures, with the separators of the place and in no other way."""
    group = {"’": "['’]"}.get(ways.group, re.escape(plain_spaces(ways.group)))
    others = r"\d{2}" if ways.number.startswith("#,##,") else r"\d{3}"
    match = re.fullmatch(
        rf"(?P<whole>[0-9]*|[0-9]{{1,3}}(?:{group}{others})*{group}[0-9]{{3}})"
        rf"(?:{re.escape(ways.decimal)}(?P<decimals>[0-9]*))?(?:E(?P<power>[-+]?[0-9]{{1,3}}))?",
        text.replace("−", "-"),
        re.IGNORECASE | re.ASCII,
    )
    if match is None or not (match["whole"] or match["decimals"]):
        return None
    digits = re.sub(r"\D", "", match["whole"])
    value = float(f"{digits or 0}.{match['decimals'] or 0}e{match['power'] or 0}")
    if value == float("inf"):
        return None
    return _Figure(value, bool(match["decimals"]), digits != match["whole"], match["power"] is not None, ways.number)
