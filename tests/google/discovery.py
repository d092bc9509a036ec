"""Google's discovery documents: which method a request calls, what it says by them, and what it may not say.

The documents come from google-api-python-client. They hold no semantics: names, types and enumerations only.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote

from tests.google.documents import document
from tests.google.schemas import Fault, Json, Reading, camel, snake
from tests.google.wire import ApiError, Request

__all__ = ["Api", "Fault", "Method", "api", "refused"]

_FIRST_COUNTS = ("alt", "callback", "fields", "prettyPrint")  # of the other parameters, the last


@dataclass(frozen=True)
class Method:
    """One method of an API. pattern: of its path below the root, one group a path parameter.

    formats: what `alt` may ask for. prefix: the field of its request that the body is ("data").
    """

    id: str
    http: str
    pattern: re.Pattern[str]
    names: Sequence[str]
    parameters: Mapping[str, Json]
    request: str
    response: str
    formats: Sequence[str] = ("json",)
    prefix: str = ""


class Api:
    """One discovery document. is_strict: it refuses what it doesn't know, in queries and bodies, as Drive doesn't."""

    def __init__(self, document: Json) -> None:
        self.schemas: Mapping[str, Json] = document["schemas"]
        self.package = f"google.apps.{document['name']}.{document['version']}"
        self.is_strict = document["name"] != "drive"
        self.root = f"/{document['servicePath']}"
        self._common: Mapping[str, Json] = document.get("parameters", {})
        # a fixed word ("files/trash") goes before what would take it for an identifier
        self.methods = sorted(_methods(document), key=lambda method: "(" in method.pattern.pattern)
        self._match = lru_cache(4096)(self._matched)

    def find(self, request: Request) -> tuple[Method, dict[str, str]] | None:
        """The method that a request calls, with its path parameters decoded."""
        found = self._match(request.method, request.path)
        return (found[0], dict(found[1])) if found else None

    def _matched(self, http: str, path: str) -> tuple[Method, Mapping[str, str]] | None:
        below = path.removeprefix("/upload").removeprefix(self.root)
        for method in self.methods:
            if method.http == http and (found := method.pattern.fullmatch(below)):
                return method, {name: unquote(value) for name, value in zip(method.names, found.groups(), strict=True)}
        return None

    def faults(self, schema: str, body: object) -> list[Fault]:
        """Where an answer isn't of that schema to the letter: what Google would never say."""
        reading = Reading(self.schemas, self.package, knows_all=True, exact=True)
        reading.root(body, schema, "")
        return reading.faults

    def read(self, schema: str, body: object, prefix: str = "") -> tuple[Any, list[Fault]]:
        """A body as proto3 JSON understands it, names in camelCase and values of their types, and what is wrong in it."""
        reading = Reading(self.schemas, self.package, knows_all=self.is_strict)
        return reading.root(body, schema, prefix), reading.faults

    def read_query(
        self, method: Method, query: Mapping[str, Sequence[str]]
    ) -> tuple[dict[str, list[str]], list[Fault]]:
        """The parameters of a query, each by its own name and with values of its type, and what is wrong in them."""
        reading = Reading(self.schemas, self.package, knows_all=self.is_strict)
        known: dict[str, list[str]] = {}
        for said, values in query.items():
            name = said if said in method.parameters or said in self._common else camel(said)
            schema = method.parameters.get(name)
            if schema is None:
                if name in self._common:
                    known[name] = list(values)[:1] if name in _FIRST_COUNTS else list(values)
                elif self.is_strict:
                    reading.faults.append(_unbound(said))
                else:
                    known[said] = list(values)
                continue
            read = [reading.parameter(value, schema, snake(name)) for value in values]
            known.setdefault(name, []).extend(read)
        return known, reading.faults


def _unbound(name: str) -> Fault:
    return Fault(
        "",
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message.",
    )


def _methods(resource: Json) -> Iterator[Method]:
    for method in resource.get("methods", {}).values():
        path = method.get("flatPath", method["path"])
        names = re.findall(r"\{\+?(\w+)\}", path)
        pattern = "".join(
            r"([^/]+?)" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\+?\w+\})", path)
        )
        request = method.get("request", {}).get("$ref", "")
        yield Method(
            method["id"], method["httpMethod"], re.compile(pattern), names, method.get("parameters", {}),
            request, method.get("response", {}).get("$ref", ""),
            ("json", "media") if method.get("supportsMediaDownload") else ("json",), _PREFIXES.get(request, ""),
        )  # fmt: skip
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


# where the body of a method is one field of its request rather than the whole of it: what messages call it
_PREFIXES = {"ValueRange": "data", "Spreadsheet": "spreadsheet"}


@cache
def api(name: str) -> Api:
    """The document of that name: "sheets.v4", "drive.v3"."""
    return Api(document(name))


def refused(faults: Sequence[Fault]) -> ApiError:
    """The 400 that tells every fault of a request."""
    violations = [{"field": f.field, "description": f.text} if f.field else {"description": f.text} for f in faults]
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]
    return ApiError(400, "\n".join(fault.text for fault in faults), details=details)
