"""What COUNTIF and its like look for: 5, "apple", ">=5", "<>", "a*"."""

import operator
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from tests.google.sheets.formulas.values import Finder, as_bool, key, number_in, plain, rank
from tests.google.sheets.spreadsheet import Error, Value

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_FORM = re.compile(r"(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)


def wildcard(text: str) -> re.Pattern[str] | None:
    """The pattern of a text with "?" (any character) or "*" (any text), "~" before one that stands for itself."""
    if not re.search(r"[?*]", text):
        return None
    parts = re.findall(r"~[?*~]|.", text, re.DOTALL)
    pattern = "".join({"?": ".", "*": ".*"}.get(part) or re.escape(part[-1]) for part in parts)
    return re.compile(pattern, re.DOTALL | re.IGNORECASE)


def matching(finder: Finder, criterion: Value, locale: str) -> Sequence[int]:
    """Where the values that meet a criterion stand."""
    sought = _criterion(criterion, type(criterion) is bool, locale)
    if isinstance(sought, tuple):
        places = [finder.positions.get(each, ()) for each in sought]
        return places[0] if len(places) == 1 else sorted(at for each in places for at in each)
    return [at for at, value in enumerate(finder.values) if sought(value)]


@lru_cache(maxsize=10_000)
def _criterion(criterion: Value, is_bool: bool, locale: str) -> "tuple[object, ...] | Callable[[Value], bool]":
    """The keys of the values that meet it, or a test of each. is_bool tells TRUE from 1, which are equal as arguments."""
    if isinstance(criterion, Error):
        return (criterion,)
    if not isinstance(criterion, str):
        return (key(0.0 if criterion is None else criterion),)
    found = _FORM.fullmatch(criterion)
    assert found
    sign, text = found.groups()
    wanted: float | str | bool | None = number_in(text, locale)
    if wanted is None:
        wanted = as_bool(text)
    if wanted is None:
        wanted = text
    if sign in _COMPARISONS:
        return _comparison(_COMPARISONS[sign], wanted)
    if not text:
        if sign == "<>":
            return lambda value: value is not None
        return (None,) if sign else (None, "")
    keys = (key(float(wanted) if isinstance(wanted, float) else wanted), *([text.casefold()] if wanted != text else []))
    pattern = wildcard(text) if wanted == text else None
    if pattern:
        if sign == "<>":
            return lambda value: not (isinstance(value, str) and pattern.fullmatch(value))
        return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))
    if sign == "<>":
        return lambda value: key(value) not in keys
    return keys


def _comparison(compare: Callable[[Any, Any], bool], wanted: float | str | bool) -> Callable[[Value], bool]:
    kind, limit = rank(wanted), plain(wanted)

    def meets(value: Value) -> bool:
        if value is None or isinstance(value, Error) or rank(value) != kind:
            return False
        return compare(plain(value), limit)

    return meets
