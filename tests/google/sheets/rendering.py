"""What a cell shows: its value under a number format, in the spreadsheet's language (FORMATTED_VALUE)."""

from typing import Any

from tests.google.sheets import showing_dates, showing_numbers
from tests.google.sheets.locales import Conventions, conventions
from tests.google.sheets.pattern_tokens import Section, sections
from tests.google.sheets.spreadsheet import Error, Value

NO_SECTION = "########"  # where a pattern has no section for a number


def formatted(value: Value, number_format: dict[str, Any] | None, locale: str) -> str:
    """The text that a cell shows. number_format: NumberFormat (type, pattern), None for automatic."""
    ways = conventions(locale)
    if value is None:
        return ""
    if isinstance(value, Error):
        return value.shown
    if isinstance(value, bool):
        return ways.booleans[0 if value else 1]
    pattern = _pattern(number_format, ways)
    if isinstance(value, str):
        return value if pattern is None else _text(value, sections(pattern))
    return showing_numbers.automatic(value, ways) if pattern is None else _number(value, sections(pattern), ways)


def effective_number_format(value: Value, number_format: dict[str, Any] | None, locale: str) -> dict[str, Any] | None:
    """The number format that a cell shows itself by: the pattern of its type where it has none. None for automatic."""
    if not number_format:
        return None
    pattern = _pattern(number_format, conventions(locale))
    return number_format if pattern is None else {**number_format, "pattern": pattern}


def _pattern(number_format: dict[str, Any] | None, ways: Conventions) -> str | None:
    if not number_format:
        return None
    return number_format.get("pattern") or ways.default(str(number_format.get("type")))


def _text(value: str, parts: tuple[Section, ...]) -> str:
    """A text by the section that is for texts: the fourth one, or the last when it has "@"."""
    section = parts[3] if len(parts) > 3 else parts[-1] if parts[-1].is_text else None
    if section is None:
        return value
    return "".join(value if token.kind == "at" else token.text for token in section.tokens)


def _number(value: float, parts: tuple[Section, ...], ways: Conventions) -> str:
    section, is_signed = _section(value, parts)
    if section is None:
        return NO_SECTION
    if section.is_date:
        try:
            return showing_dates.shown(value, section, ways)
        except OverflowError:  # a year that the calendar hasn't
            return showing_numbers.automatic(value, ways)
    sign = "-" if value < 0 and is_signed else ""
    if section.is_text or any(token.kind == "general" for token in section.tokens):
        number = showing_numbers.automatic(value if section.is_text else abs(value), ways)
        shown = "".join(number if token.kind in ("at", "general") else token.text for token in section.tokens)
        return shown if section.is_text else sign + shown
    return sign + showing_numbers.shown(value, section, ways)


def _section(value: float, parts: tuple[Section, ...]) -> tuple[Section | None, bool]:
    """The section that shows a number, and whether it leaves the minus sign to us."""
    parts = parts[:-1] if len(parts) > 1 and (len(parts) > 3 or parts[-1].is_text) else parts
    if any(part.condition for part in parts):
        section = next((part for part in parts if part.holds(value)), None)
        return section, section is None or not _only_negative(section)
    if len(parts) > 2 and value == 0:
        return parts[2], False
    if len(parts) > 1 and value < 0:
        return parts[1], False
    return parts[0], True


def _only_negative(section: Section) -> bool:
    """True when the condition of the section lets negative numbers alone through: its pattern tells their sign."""
    if section.condition is None:
        return False
    sign, bound = section.condition
    return (sign == "<" and bound <= 0) or (sign in ("<=", "=") and bound < 0)
