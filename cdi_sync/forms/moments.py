"""Moments as exports and responses tabs write them, and which of a day and a month comes first in them. Pure.

Nothing is guessed: what can be read two ways is read once the same export shows which is meant (a part above 12, or a moment
that would be still to come), and not otherwise.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum

from cdi_sync.model import Raw
from cdi_sync.text import ascii_digits, clean


class Order(StrEnum):
    """What comes first in 03/04/2026."""

    DAY = "jj/mm"
    MONTH = "mm/jj"


_ZONES = {"z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "cet": 1, "cest": 2}  # hours ahead of UTC
_DAY = r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})"
_DATE = re.compile(_DAY)
_MOMENT = re.compile(
    _DAY + r"(?:[ ,t،]+(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)? ?"
    r"(am|pm|a\.m\.|p\.m\.|ص|م)? ?(?:([a-z]{1,5})?([+\-−]\d{1,2}(?::?\d{2})?)?)?)?"
)
_SERIALS = (20_000, 80_000)  # days of a workbook, from 1954 to 2119
_SOON = timedelta(days=1)  # clocks and time zones aside


def order_of(texts: Iterable[str], *, at: datetime) -> Order | None:
    """Which comes first in all of them; None when nothing tells, or when they contradict one another."""
    possible = {Order.DAY, Order.MONTH}
    for text in texts:
        if (parts := _numbers(text)) is not None:
            possible &= {order for order in Order if _could_be(parts, order, (at + _SOON).date())}
    return possible.pop() if len(possible) == 1 else None


def is_ambiguous(text: str) -> bool:
    """True for a day that can be read two ways."""
    parts = _numbers(text)
    return parts is not None and parts[0] != parts[1] and all(_day(parts, order) is not None for order in Order)


def _numbers(text: str) -> tuple[int, int, int] | None:
    """The three numbers of a day whose year comes last."""
    found = _MOMENT.fullmatch(_plain(text))
    if found is None or len(found[1]) > 2 or len(found[3]) != 4:
        return None
    return int(found[1]), int(found[2]), int(found[3])


def _could_be(parts: tuple[int, int, int], order: Order, latest: date) -> bool:
    day = _day(parts, order)
    return day is not None and day <= latest


def _day(parts: tuple[int, int, int], order: Order) -> date | None:
    day, month = parts[:2] if order is Order.DAY else parts[1::-1]
    try:
        return date(parts[2], month, day)
    except ValueError:
        return None


def _plain(text: str) -> str:
    digits = ascii_digits(clean(text))
    return "" if digits is None else digits.casefold()


def read_day(text: str, order: Order | None) -> date | None:
    """The day of a text made of numbers; None for any other, and for one that the order is needed to read."""
    found = _DATE.fullmatch(_plain(text))
    return _day_of(found, order) if found else None


def _day_of(found: re.Match[str], order: Order | None) -> date | None:
    first, second, third = found[1], found[2], found[3]
    if len(first) == 4 and len(third) <= 2:
        return _day((int(third), int(second), int(first)), Order.DAY)
    if len(first) > 2 or len(third) != 4:
        return None
    parts = int(first), int(second), int(third)
    if order is None:
        possible = {day for one in Order if (day := _day(parts, one)) is not None}
        return possible.pop() if len(possible) == 1 else None
    return _day(parts, order)


def read_moment(raw: Raw, *, zone: tzinfo, order: Order | None = None, date1904: bool = False) -> datetime | None:
    """The moment of a cell, in UTC; None when it isn't one, or can't be told. zone: of those that bear none."""
    if isinstance(raw, datetime):
        return _in_utc(raw, zone)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if not _SERIALS[0] <= raw <= _SERIALS[1]:
            return None
        epoch = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)
        return _in_utc(epoch + timedelta(seconds=round(raw * 86_400)), zone)
    if isinstance(raw, date):
        return _in_utc(datetime.combine(raw, datetime.min.time()), zone)
    return _from_text(raw, zone, order) if isinstance(raw, str) else None


def _from_text(text: str, zone: tzinfo, order: Order | None) -> datetime | None:
    found = _MOMENT.fullmatch(_plain(text))
    day = _day_of(found, order) if found else None
    if found is None or day is None:
        return None
    hour, minute, second = int(found[4] or 0), int(found[5] or 0), int(found[6] or 0)
    if half := found[7]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in ("pm", "p.m.", "م") else 0)
    own = _zone(found[8], found[9]) if found[8] or found[9] else zone
    if own is None or hour > 23 or minute > 59 or second > 59:
        return None
    return _in_utc(datetime(day.year, day.month, day.day, hour, minute, second), own)


def _zone(name: str | None, ahead: str | None) -> tzinfo | None:
    """UTC+1, +01:00, Z, CET; None for a name that isn't known, or that has a shift of its own besides."""
    if (name and name not in _ZONES) or (name and ahead and _ZONES[name]):
        return None
    if not ahead:
        return timezone(timedelta(hours=_ZONES[name or "utc"]))
    sign, digits = (1 if ahead[0] == "+" else -1), ahead[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    return timezone(sign * timedelta(hours=hours, minutes=minutes)) if hours < 24 and minutes < 60 else None


def _in_utc(moment: datetime, zone: tzinfo) -> datetime | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
