"""Long lists, a page at a time."""

import base64
from collections.abc import Sequence
from typing import TypeVar

from tests.google.call import Call
from tests.google.drive.refusals import invalid
from tests.google.wire import ApiError

T = TypeVar("T")
_MARK = "~!!~"


def page_size(call: Call, otherwise: int, most: int) -> int:
    """The `pageSize` asked for. Raises ApiError 400 outside 1 to `most`."""
    text = call.one("pageSize") or str(otherwise)
    if not text.lstrip("-").isdigit():
        raise invalid("pageSize", f"Invalid value '{text}'. It is not a number.")
    size = int(text)
    if not 1 <= size <= most:
        message = f"Invalid value '{size}'. Values must be within the range: [1, {most}]"
        raise ApiError(400, message, reason="invalidParameter", location="pageSize")
    return size


def page(call: Call, items: Sequence[T], otherwise: int, most: int) -> tuple[Sequence[T], dict[str, str]]:
    """The page of a list that a call asks for, with the token of the next one when there is one."""
    size, start = page_size(call, otherwise, most), _start(call.one("pageToken"))
    more = {"nextPageToken": _token(start + size)} if start + size < len(items) else {}
    return items[start : start + size], more


def _token(start: int) -> str:
    return _MARK + base64.urlsafe_b64encode(f"from {start}".encode()).decode()


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.removeprefix(_MARK)).decode().partition(" ")
        if not token.startswith(_MARK) or word != "from":
            raise ValueError(token)
        return int(number)
    except ValueError:
        raise invalid("pageToken") from None
