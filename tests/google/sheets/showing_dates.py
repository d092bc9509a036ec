"""Moments and durations shown by a pattern. A serial number counts days since 30 December 1899."""

from collections.abc import Sequence
from datetime import date, timedelta

from tests.google.sheets.locales import Conventions
from tests.google.sheets.pattern_tokens import Section, Token

DAY_ZERO = date(1899, 12, 30)
DAY = 86_400_000  # milliseconds


def shown(serial: float, section: Section, ways: Conventions) -> str:
    """The text of a moment. Raises OverflowError when it is out of the calendar's reach."""
    tokens = section.tokens
    durations = any(token.kind == "elapsed" for token in tokens)
    digits = max((len(token.text) for token in tokens if token.kind == "fraction"), default=0)
    milliseconds = _rounded(abs(serial) if durations else serial, digits)
    days, rest = divmod(milliseconds, DAY)
    day = DAY_ZERO if durations else DAY_ZERO + timedelta(days=days)
    halves = any(token.kind == "half" for token in tokens)
    texts = []
    for at, token in enumerate(tokens):
        match token.kind:
            case "date":
                texts.append(_part(token.text, _is_minute(tokens, at), day, rest, halves, ways))
            case "elapsed":
                texts.append(_elapsed(token.text, milliseconds, tokens[:at]))
            case "fraction":
                texts.append(ways.decimal + f"{rest % 1000:03}".ljust(len(token.text), "0")[: len(token.text)])
            case "half":
                texts.append(_half(token.text, rest // 3_600_000, ways))
            case _:
                texts.append(token.text)
    return ("-" if durations and serial < 0 else "") + "".join(texts)


def _rounded(serial: float, digits: int) -> int:
    """Milliseconds, rounded as far as the pattern shows them; seconds are cut where it shows none."""
    milliseconds = round(serial * DAY)
    step = 10 ** max(0, 3 - digits)
    return milliseconds if digits == 0 else (milliseconds + step // 2) // step * step


def _part(token: str, is_minute: bool, day: date, rest: int, halves: bool, ways: Conventions) -> str:
    letter, width = token[0].lower(), len(token)
    hour, minute, second = rest // 3_600_000, rest // 60_000 % 60, rest // 1000 % 60
    if letter == "h":
        return _padded((hour % 12 or 12) if halves else hour, width)
    if letter == "s":
        return _padded(second, width)
    if letter == "d":
        if width <= 2:
            return _padded(day.day, width)
        return ways.day(day.weekday(), "abbreviated" if width == 3 else "wide")
    if letter == "y":
        return f"{day.year % 100:02}" if width <= 2 else f"{day.year:04}"
    if is_minute:
        return _padded(minute, width)
    if width <= 2:
        return _padded(day.month, width)
    return ways.month(day.month, {3: "abbreviated", 5: "narrow"}.get(width, "wide"))


def _padded(number: int, width: int) -> str:
    return str(number).zfill(min(width, 2))


def _is_minute(tokens: Sequence[Token], at: int) -> bool:
    """True for the "m" of minutes: the token before it is of hours, or the one after it of seconds. "M" is a month."""
    if tokens[at].text not in ("m", "mm"):
        return False
    before = next((token for token in reversed(tokens[:at]) if token.kind in ("date", "elapsed")), None)
    after = next((token for token in tokens[at + 1 :] if token.kind in ("date", "elapsed")), None)
    return (before is not None and before.text[0] in "hH") or (after is not None and after.text[0] in "sS")


def _elapsed(token: str, milliseconds: int, before: Sequence[Token]) -> str:
    """Hours, minutes or seconds since the start, or what is left of them after a larger one that stands before."""
    letter = token[0].lower()
    unit = {"h": 3_600_000, "m": 60_000, "s": 1000}[letter]
    larger = {"h": "", "m": "h", "s": "hm"}[letter]
    count = milliseconds // unit
    if any(other.kind == "elapsed" and other.text[0].lower() in larger for other in before):
        count %= 60
    return str(count).zfill(len(token))


def _half(token: str, hour: int, ways: Conventions) -> str:
    if len(token) == 3 and token.lower() == "a/p":
        letter = "a" if hour < 12 else "p"
        return letter.upper() if token[0].isupper() else letter
    return ways.half(hour)
