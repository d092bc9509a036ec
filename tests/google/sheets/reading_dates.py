"""Dates, times and durations as people type them, and the pattern that shows them as they were typed."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from tests.google.sheets.locales import Conventions
from tests.google.sheets.pattern_tokens import sections
from tests.google.sheets.showing_dates import DAY_ZERO

LAST_OF_2000S = 29  # "29" is 2029 and "30" is 1930


class Moment(NamedTuple):
    """What was read. kind: the type of its number format, "DATE", "TIME" or "DATE_TIME"."""

    serial: float
    kind: str
    pattern: str


class _Date(NamedTuple):
    day: date
    pattern: str


class _Time(NamedTuple):
    seconds: float
    pattern: str


def read(text: str, ways: Conventions, today: date) -> Moment | None:
    """The moment that a text tells in the language of the place, None when it tells none. today: for dates without year."""
    if time := _time(text, ways):
        return Moment(time.seconds / 86_400, "TIME", _or_default(time.pattern, ways.time))
    if day := _date(text, ways, today):
        return Moment(float((day.day - DAY_ZERO).days), "DATE", day.pattern)
    for space in re.finditer(" ", text):
        day = _date(text[: space.start()].rstrip(" ,"), ways, today)
        time = _time(text[space.end() :].strip(), ways) if day else None
        if day and time and time.seconds < 86_400:
            serial = (day.day - DAY_ZERO).days + time.seconds / 86_400
            pattern = f"{day.pattern} {time.pattern}"
            return Moment(serial, "DATE_TIME", _or_default(pattern, ways.date_time))
    return None


def _or_default(pattern: str, default: str) -> str:
    """The place's own writing of a pattern where it is the same but for capitals."""
    return default if pattern.lower() == default.lower() else pattern


# times


def _time(text: str, ways: Conventions) -> _Time | None:
    """A time of day, or a duration when its hours go beyond the day."""
    folded = text.casefold()
    half = next((word for word in sorted(ways.halves, key=len, reverse=True) if folded.endswith(word)), "")
    bare = text[: len(text) - len(half)].rstrip()
    match = _clock(":", "[0-9]+", "[0-5]?[0-9]", ways.decimal).fullmatch(bare)
    separator = ":"
    if match is None and ways.time_separator == ".":  # dots are of dates too: only what can be nothing else but a time
        separator = "."
        match = _clock(".", "[01]?[0-9]|2[0-3]", "[0-5][0-9]", ",").fullmatch(bare)
    if match is None or not (match[2] or half):
        return _half_first(text, ways)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    fraction = match[4] or ""
    if half and not 0 < hours <= 12:
        return None
    if half:
        hours = hours % 12 + ways.halves[half]
    pattern = _hours(match[1], "h" if half else ways.hours.lower()) + f"{separator}mm" * bool(match[2])
    pattern += f"{separator}ss" * bool(match[3]) + ("." + "0" * min(len(fraction), 3)) * bool(fraction)
    if half:
        pattern += " am/pm"
    elif hours > 23:
        pattern = "[h]" + pattern.lstrip("h")
    return _Time(hours * 3600 + minutes * 60 + seconds + float(f"0.{fraction or 0}"), pattern)


def _hours(typed: str, usual: str) -> str:
    """The token that shows hours as they were typed, as the place does where either would."""
    if len(typed) != 2:
        return "h"
    return "hh" if typed.startswith("0") else usual


@cache
def _clock(separator: str, hours: str, sixtieths: str, decimal: str) -> re.Pattern[str]:
    colon = re.escape(separator)
    seconds = rf"{colon}({sixtieths})(?:[.{re.escape(decimal)}]([0-9]+))?"
    return re.compile(rf"({hours})(?:{colon}({sixtieths})(?:{seconds})?)?")


def _half_first(text: str, ways: Conventions) -> _Time | None:
    """A time whose half of the day stands before it, where the place writes so."""
    if not ways.time.startswith("am/pm"):
        return None
    for word in ways.halves:
        rest = text[len(word) :].strip()
        if text.casefold().startswith(word) and re.fullmatch("[0-9:.]+", rest):
            time = _time(f"{rest} {word}", ways)
            return time and _Time(time.seconds, "am/pm " + time.pattern.removesuffix(" am/pm"))
    return None


# dates


def _date(text: str, ways: Conventions, today: date) -> _Date | None:
    return _by_default(text, ways) or _in_figures(text, ways, today) or _in_words(text, ways, today)


def _by_default(text: str, ways: Conventions) -> _Date | None:
    """A date exactly as the place's short pattern shows it, or its long one where that is in figures."""
    for pattern in (ways.date, ways.figured_date):
        if match := _default(pattern).fullmatch(text):
            return _made(match["y"], match["m"], match["d"], pattern)
    return None


@cache
def _default(pattern: str) -> re.Pattern[str]:
    widths = {"d": "[1-9][0-9]?", "m": "[1-9][0-9]?", "dd": "[0-9]{2}", "mm": "[0-9]{2}", "yyyy": "[0-9]{4}"}
    return re.compile(
        "".join(
            f"(?P<{token.text[0].lower()}>{widths[token.text.lower()]})"
            if token.kind == "date"
            else re.escape(token.text)
            for token in sections(pattern)[0].tokens
        )
    )


def _in_figures(text: str, ways: Conventions, today: date) -> _Date | None:
    """Two or three numbers between "/", "-" or "."; two with "." only where it isn't the decimal separator."""
    match = re.fullmatch(r"([0-9]{1,4})([-/.])([0-9]{1,4})(?:\2([0-9]{1,4}))?", text)
    if match is None:
        return None
    separator = match[2]
    parts = [part for part in match.group(1, 3, 4) if part is not None]
    if len(parts) == 2 and separator == "." and ways.decimal == ".":
        return None
    order = _order(parts, ways)
    if order is None:
        return None
    by = dict(zip(order, parts, strict=True))
    if any(len(by.get(letter, "")) > 2 for letter in "md") or len(by.get("y", "yy")) not in (2, 4):
        return None
    pattern = separator.join(_token(letter, by, ways) for letter in order)
    return _made(by.get("y", f"{today.year:04}"), by["m"], by.get("d", "1"), _or_default(pattern, ways.date))


def _order(parts: Sequence[str], ways: Conventions) -> str | None:
    """Which number is what: the year where it has four digits, else the order of the place."""
    if len(parts) == 3:
        if len(parts[0]) == 4:
            return "ymd"
        if len(parts[2]) == 4:
            return ways.date_order if ways.date_order.endswith("y") else "dmy"
        return ways.date_order
    if len(parts[0]) == 4:
        return "ym"
    if len(parts[1]) == 4:
        return "my"
    return ways.date_order.replace("y", "")


def _token(letter: str, by: dict[str, str], ways: Conventions) -> str:
    """The token that shows a part as it was typed: a leading zero anywhere in it asks for two figures."""
    if letter == "y":
        return "y" * len(by["y"])
    short = [by[part] for part in "dm" if part in by]
    if any(part.startswith("0") for part in short):
        return letter * 2
    if all(len(part) == 2 for part in short):
        widths = {token.text[0].lower(): len(token.text) for token in sections(ways.date)[0].tokens}
        return letter * widths[letter]
    return letter


def _in_words(text: str, ways: Conventions, today: date) -> _Date | None:
    """A date with its month in letters: "5 January 2020", "Jan 5, 2020", "5-Jan", "January 2020", a weekday before it."""
    found: dict[str, str] = {}
    tokens = []
    for piece in ways.words.findall(text):
        letter, token = _named(piece, found, ways)
        if letter in found or token is None:
            return None
        if letter:
            found[letter] = piece
        tokens.append(token)
    if "m" not in found or not found.keys() & {"d", "y"}:
        return None
    month, _ = ways.months[_bare(found["m"])]
    return _made(found.get("y", f"{today.year:04}"), str(month), found.get("d", "1"), "".join(tokens))


def _named(piece: str, found: Mapping[str, str], ways: Conventions) -> tuple[str, str | None]:
    """What a piece of a date is and its token in a pattern: ("d", "dd"); "" for what stands between, None for a stranger."""
    if piece.isdecimal() and len(piece) > 2:
        return "y", "y" * len(piece)
    if piece.isdecimal():
        return ("y", "yy") if "d" in found else ("d", "d" * (2 if piece.startswith("0") else 1))
    name = _bare(piece)
    if name in ways.months:
        return "m", ways.months[name][1]
    if name in ways.weekdays:
        return "weekday", ways.weekdays[name]
    if name in ("de", "del"):
        return "", f'"{piece}"'
    return "", piece if re.fullmatch(r"[\s,./-]+", piece) else None


def _bare(name: str) -> str:
    return name.casefold().removesuffix(".")


def _made(year: str, month: str, day: str, pattern: str) -> _Date | None:
    """The date of three numbers, when the calendar has it."""
    number = int(year)
    if len(year) == 2:
        number += 2000 if number <= LAST_OF_2000S else 1900
    elif len(year) != 4:
        return None
    try:
        return _Date(date(number, int(month), int(day)), pattern)
    except ValueError:
        return None
