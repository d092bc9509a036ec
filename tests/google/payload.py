"""A JSON body as Google's front end reads it, and what it says of one that it can't."""

import json
from typing import Any

from tests.google.wire import ApiError

_AROUND = 20  # characters shown on each side of the place
_TOLD = {
    "Expecting property name enclosed in double quotes": "Expected an object key or }.",
    "Illegal trailing comma before end of object": "Expected an object key or }.",
    "Expecting ':' delimiter": "Expected : between key:value pair.",
    "Unterminated string starting at": "Closing quote expected in string.",
    "Invalid \\escape": "Invalid escape sequence.",
    "Invalid \\uXXXX escape": "Illegal hex string.",
    "Extra data": "Parsing terminated before end of input.",
}


def parsed(body: bytes) -> Any:
    """What a body says. Raises ApiError 400."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ApiError(400, "Invalid JSON payload received. Encountered non UTF-8 code points.") from None
    try:
        return json.loads(text, parse_constant=_no_constant, strict=False)
    except json.JSONDecodeError as error:
        raise _refusal(text, error.pos, _told(text, error)) from None
    except _ConstantError as error:
        raise _refusal(text, text.index(error.name), "Unexpected token.") from None


class _ConstantError(Exception):
    """NaN or Infinity, which are JSON to Python only."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _no_constant(name: str) -> None:
    raise _ConstantError(name)


def _told(text: str, error: json.JSONDecodeError) -> str:
    if error.msg == "Expecting ',' delimiter":
        in_list = _innermost(text[: error.pos]) == "["
        told = "Expected , or ] after array value." if in_list else "Expected , or } after key:value pair."
    elif error.msg == "Expecting value":
        told = "Unexpected token." if error.pos < len(text) else "Expected a value."
    else:
        told = _TOLD.get(error.msg, "Unexpected token.")
    return told if error.pos < len(text) else f"Unexpected end of string. {told}"


def _innermost(text: str) -> str:
    """The bracket that is open at the end of a text that was JSON so far."""
    opened: list[str] = []
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            opened.append(character)
        elif character in "]}":
            opened.pop()
    return opened[-1] if opened else ""


def _refusal(text: str, at: int, told: str) -> ApiError:
    start = max(at - _AROUND, 0)
    shown = text[start : at + _AROUND]
    return ApiError(400, f"Invalid JSON payload received. {told}\n{shown}\n{' ' * (at - start)}^")
