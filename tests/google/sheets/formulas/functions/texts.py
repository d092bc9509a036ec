"""Text: joined, cut, searched, replaced, written from values."""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

from tests.google.sheets.formulas.functions.aggregates import all_values
from tests.google.sheets.formulas.functions.registry import Context, function
from tests.google.sheets.formulas.values import (
    Array,
    FunctionError,
    Operand,
    as_text,
    bad_reference,
    bad_value,
    not_available,
    number_in,
)  # fmt: skip
from tests.google.sheets.rendering import formatted
from tests.google.sheets.spreadsheet import LONGEST_TEXT, Error, Value


@function("TEXT", "value text", context=True)
def text(context: Context, value: Value, pattern: str) -> Value:
    if isinstance(value, str):
        number = number_in(value, context.locale)
        value = value if number is None else number
    if isinstance(value, bool):
        return as_text(value, context.locale)
    return formatted(float(value or 0) if not isinstance(value, str | Error) else value,
                     {"type": "NUMBER", "pattern": pattern}, context.locale)  # fmt: skip


@function("CONCATENATE", "any", repeats="any", context=True)
def concatenate(context: Context, *operands: Operand) -> str:
    return _checked("".join(_texts(context, *operands)))


@function("JOIN", "text any", repeats="any", context=True)
def join(context: Context, delimiter: str, *operands: Operand) -> str:
    return _checked(delimiter.join(_texts(context, *operands)))


@function("TEXTJOIN", "text bool any", repeats="any", context=True)
def textjoin(context: Context, delimiter: str, without_blanks: bool, *operands: Operand) -> str:
    return _checked(delimiter.join(each for each in _texts(context, *operands) if each or not without_blanks))


def _texts(context: Context, *operands: Operand) -> Iterator[str]:
    return (as_text(value, context.locale) for value, _ in all_values(context, operands))


def _checked(made: str) -> str:
    _check_length(len(made))
    return made


def _check_length(length: int) -> None:
    if length > LONGEST_TEXT:
        raise FunctionError(
            bad_value(f"Text result of length {length} exceeds the limit of {LONGEST_TEXT} characters.")
        )


@function("LEFT", "text number?")
def left(source: str, count: float = 1) -> str:
    return source[: _count("LEFT", 2, count)]


@function("RIGHT", "text number?")
def right(source: str, count: float = 1) -> str:
    return source[max(0, len(source) - _count("RIGHT", 2, count)) :]


@function("MID", "text number number")
def mid(source: str, start: float, count: float) -> str:
    first = _count("MID", 2, start, least=1) - 1
    return source[first : first + _count("MID", 3, count)]


def _count(name: str, at: int, number: float, least: int = 0) -> int:
    if number < least:
        raise FunctionError(bad_value(f"Function {name} parameter {at} value is {number:g}. "
                               f"It should be greater than or equal to {least}."))  # fmt: skip
    return int(number)


@function("LEN", "text")
def len_(source: str) -> float:
    return float(len(source.encode("utf-16-le")) // 2)


@function("FIND", "text text number?")
def find(sought: str, source: str, start: float = 1) -> float:
    return _position("FIND", sought, source, source.find(sought, _count("FIND", 3, start, least=1) - 1))


@function("SEARCH", "text text number?")
def search(sought: str, source: str, start: float = 1) -> float:
    first = _count("SEARCH", 3, start, least=1) - 1
    return _position("SEARCH", sought, source, source.lower().find(sought.lower(), first))


def _position(name: str, sought: str, source: str, at: int) -> float:
    if at < 0:
        raise FunctionError(bad_value(f"In {name} evaluation, cannot find '{sought}' within '{source}'."))
    return float(at + 1)


@function("SUBSTITUTE", "text text text number?")
def substitute(source: str, old: str, new: str, which: float = 0) -> str:
    if not old:
        return source
    if not which:
        return _checked(source.replace(old, new))
    parts = source.split(old)
    at = int(which)
    return source if not 1 <= at < len(parts) else old.join(parts[:at]) + new + old.join(parts[at:])


@function("REPLACE", "text number number text")
def replace(source: str, start: float, count: float, new: str) -> str:
    first = _count("REPLACE", 2, start, least=1) - 1
    return source[:first] + new + source[first + _count("REPLACE", 3, count) :]


@function("TRIM", "text")
def trim(source: str) -> str:
    return re.sub(" +", " ", source).strip(" ")


@function("CLEAN", "text")
def clean(source: str) -> str:
    return re.sub(r"[\x00-\x1f]", "", source)


@function("UPPER", "text")
def upper(source: str) -> str:
    return source.upper()


@function("LOWER", "text")
def lower(source: str) -> str:
    return source.lower()


@function("PROPER", "text")
def proper(source: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda found: found[0].capitalize(), source)


@function("REPT", "text number")
def rept(source: str, times: float) -> str:
    count = _count("REPT", 2, times)
    _check_length(len(source) * count)
    return source * count


@function("EXACT", "text text")
def exact(one: str, other: str) -> bool:
    return one == other


@function("CHAR UNICHAR", "number")
def char(code: float) -> str:
    if not 1 <= code < 0x110000:
        raise FunctionError(bad_value(f"Function CHAR parameter 1 value {code:g} is out of range."))
    return chr(int(code))


@function("CODE UNICODE", "text")
def code(source: str) -> float:
    if not source:
        raise FunctionError(bad_value("Function CODE parameter 1 value should be non-empty."))
    return float(ord(source[0]))


@function("ENCODEURL", "text")
def encode_url(source: str) -> str:
    return quote(source, safe="-_.~")


@function("REGEXMATCH", "value text")
def regex_match(source: Value, pattern: str) -> bool:
    return bool(_pattern("REGEXMATCH", pattern).search(_text_only("REGEXMATCH", source)))


@function("REGEXEXTRACT", "value text")
def regex_extract(source: Value, pattern: str) -> Operand:
    found = _pattern("REGEXEXTRACT", pattern).search(_text_only("REGEXEXTRACT", source))
    if not found:
        raise FunctionError(not_available(f"Function REGEXEXTRACT parameter 2 value \"{pattern}\" does not match text of "
                                   f"Function REGEXEXTRACT parameter 1 value \"{source}\"."))  # fmt: skip
    groups = found.groups("")
    return Array(1, len(groups), groups) if groups else found[0]


@function("REGEXREPLACE", "value text text")
def regex_replace(source: Value, pattern: str, new: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        return re.sub(r"\\([0-9\\])|\$([0-9])", lambda mark: _group(found, mark[1] or mark[2]), new)

    return _pattern("REGEXREPLACE", pattern).sub(replaced, _text_only("REGEXREPLACE", source))


def _group(found: re.Match[str], mark: str) -> str:
    if mark == "\\":
        return mark
    return (found[int(mark)] or "") if int(mark) <= len(found.groups()) else ""


def _text_only(name: str, value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        kind = "boolean" if isinstance(value, bool) else "number"
        written = str(value).upper() if isinstance(value, bool) else f"{value:g}"
        raise FunctionError(bad_value(f"Function {name} parameter 1 expects text values. "
                               f"But '{written}' is a {kind} and cannot be coerced to a text."))  # fmt: skip
    return value


@lru_cache(maxsize=1000)
def _pattern(name: str, pattern: str) -> re.Pattern[str]:
    """A pattern of RE2, which knows neither look-around nor back-references and takes (?P<n>…) as Python does."""
    try:
        if re.search(r"(?<!\\)(?:\\\\)*(\(\?<?[=!]|\\[1-9])", pattern):
            raise re.error("RE2 has no look-around")
        return re.compile(pattern, re.ASCII)
    except re.error:
        message = f'Function {name} parameter 2 value "{pattern}" is not a valid regular expression.'
        raise FunctionError(bad_reference(message)) from None


@function("SPLIT", "text text bool? bool?", context=True)
def split(context: Context, source: str, delimiters: str, by_each: bool = True, without_empty: bool = True) -> Array:
    if not delimiters:
        raise FunctionError(bad_value("Function SPLIT parameter 2 value should be non-empty."))
    if not source:
        raise FunctionError(bad_value("Function SPLIT parameter 1 value should be non-empty."))
    between = f"[{re.escape(delimiters)}]" if by_each else re.escape(delimiters)
    parts = [part for part in re.split(between, source) if part or not without_empty]
    values: list[Value] = []
    for part in parts:
        number = number_in(part, context.locale)
        values.append(number if number is not None else part or None)
    return Array(1, len(values), values)
