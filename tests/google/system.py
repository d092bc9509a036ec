"""The parameters that every method takes: `alt`, `prettyPrint`, `$.xgafv`, `callback`. Of most of them, the first counts."""

import json
import re
from collections.abc import Collection
from dataclasses import replace

from tests.google.wire import Request, Response, bad, with_old_list

_NAME = re.compile(r"[A-Za-z0-9_$.\[\]]+")
_FORMATS = ("json", "media", "proto")


def first(request: Request, name: str) -> str:
    """The first value of a parameter, "" when it isn't there."""
    return next(iter(request.query.get(name, ())), "")


def check(request: Request, formats: Collection[str] = ("json",)) -> None:
    """Raises ApiError 400 for a value that Google doesn't take, before anything else is looked at.

    formats: those that the method called can answer in.
    """
    version = request.one("$.xgafv", "2")
    if version not in ("1", "2"):
        raise bad(f"Invalid query parameters. Invalid value '{version}' for system query parameter : $.xgafv")
    format_ = first(request, "alt")
    if format_ and format_.lower() not in _FORMATS:
        raise bad(f"Invalid value \"{format_}\" for query parameter 'alt'")
    if format_ and format_.lower() not in formats:
        raise bad(f'Unsupported alt type "{format_.lower()}" for non byte stream request.')
    if (name := _callback(request)) and not _NAME.fullmatch(name):
        raise bad(
            f"Invalid JSONP callback name: '{name}'; only alphabet, number, '_', '$', '.', '[' and ']' are allowed."
        )


def is_compact(request: Request) -> bool:
    """Whether a good answer comes without indentation. Errors are always indented."""
    return first(request, "prettyPrint").lower() in ("false", "0")


def dressed(request: Request, response: Response, *, old_list: bool) -> Response:
    """The answer as those parameters want it. old_list: errors have the list of errors whatever they say."""
    if response.dropped or not response.headers.get("Content-Type", "").startswith("application/json"):
        return response
    if response.status >= 400 and (old_list or request.one("$.xgafv") == "1"):
        response = with_old_list(response)
    if name := _callback(request):
        called = json.dumps(name, ensure_ascii=False)[1:-1].encode()
        headers = {**response.headers, "Content-Type": "text/javascript; charset=UTF-8"}
        body = b"// API callback\n" + called + b"(" + response.body + b");"
        return replace(response, status=200, headers=headers, body=body)
    return response


def _callback(request: Request) -> str:
    if request.method != "GET" or first(request, "alt").lower() not in ("", "json"):
        return ""
    return first(request, "callback")
