"""Google's discovery documents: which method a request calls, and whether bodies have the declared form, both ways.

The documents come from google-api-python-client. They hold no semantics: names, types and enumerations only.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.google.wire import ApiError, Request

Json = dict[str, Any]

_EVERYWHERE = {"alt", "fields", "key", "prettyPrint", "quotaUser", "access_token", "oauth_token", "$.xgafv", "callback",
               "upload_protocol", "uploadType", "userIp"}  # fmt: skip
_INTEGERS = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}
_LONG = {"int64": "TYPE_INT64", "uint64": "TYPE_UINT64"}


@dataclass(frozen=True)
class Method:
    """One method of an API. pattern: of its path below the root, one group a path parameter."""

    id: str
    http: str
    pattern: re.Pattern[str]
    names: Sequence[str]
    parameters: Mapping[str, Json]
    request: str
    response: str


class Api:
    """One discovery document. is_strict: it refuses query parameters that it doesn't know, as Drive doesn't."""

    def __init__(self, document: Json) -> None:
        self.schemas: Mapping[str, Json] = document["schemas"]
        self.package = f"google.apps.{document['name']}.{document['version']}"
        self.is_strict = document["name"] != "drive"
        self.root = f"/{document['servicePath']}"
        # a method with a verb (":append") is tried before the one that would take the verb for a part of a value
        self.methods = sorted(_methods(document), key=lambda m: (":" not in m.pattern.pattern, m.id))

    def find(self, request: Request) -> tuple[Method, dict[str, str]] | None:
        """The method that a request calls, with its path parameters decoded."""
        below = request.path.removeprefix("/upload").removeprefix(self.root)
        for method in self.methods:
            if method.http == request.method and (found := method.pattern.fullmatch(below)):
                return method, {name: unquote(value) for name, value in zip(method.names, found.groups(), strict=True)}
        return None

    def faults(self, schema: str, body: object) -> list["Fault"]:
        """Where a body isn't of that schema: what Google would refuse in a request, and never answer."""
        return list(_Check(self).of(body, {"$ref": schema}, ""))

    def query_faults(self, method: Method, query: Mapping[str, Sequence[str]]) -> Iterator["Fault"]:
        """Parameters that the method doesn't declare, and values that aren't of its enumerations."""
        for name, values in query.items():
            if name not in method.parameters:
                if name not in _EVERYWHERE:
                    yield Fault("", f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                                f"Field '{name}' could not be found in request message.")  # fmt: skip
                continue
            allowed = method.parameters[name].get("enum")
            for value in values:
                if allowed and value not in allowed:
                    field = _snake(name)
                    type_ = f"type.googleapis.com/{self.package}.{_enum_name(name)}"
                    yield Fault(field, f"Invalid value at '{field}' ({type_}), \"{value}\"")


def _methods(resource: Json) -> Iterator[Method]:
    for method in resource.get("methods", {}).values():
        path = method.get("flatPath", method["path"])
        names = re.findall(r"\{\+?(\w+)\}", path)
        pattern = "".join(
            r"([^/]+?)" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\+?\w+\})", path)
        )
        yield Method(
            method["id"], method["httpMethod"], re.compile(pattern), names, method.get("parameters", {}),
            method.get("request", {}).get("$ref", ""), method.get("response", {}).get("$ref", ""),
        )  # fmt: skip
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


@cache
def api(name: str) -> Api:
    """The document of that name: "sheets.v4", "drive.v3"."""
    import googleapiclient

    folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    return Api(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


# ------------------------------------------------------------------------------------------------------ bodies


@dataclass(frozen=True)
class Fault:
    """Where a body isn't as declared, in Google's words. field: "requests[0].add_sheet"."""

    field: str
    text: str


def refused(faults: Sequence[Fault]) -> ApiError:
    """The 400 that tells every fault of a body."""
    violations = [{"field": f.field, "description": f.text} if f.field else {"description": f.text} for f in faults]
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]
    return ApiError(400, "\n".join(fault.text for fault in faults), details=details)


class _Check:
    def __init__(self, api: Api) -> None:
        self._api = api

    def of(self, value: object, schema: Json, path: str) -> Iterator[Fault]:
        if "$ref" in schema:
            yield from self._object(value, self._api.schemas[schema["$ref"]], path)
        elif schema.get("type") == "array":
            yield from self._list(value, schema["items"], path)
        elif schema.get("type") == "object":
            yield from self._object(value, schema, path)
        elif schema.get("type") != "any" and value is not None:
            yield from self._scalar(value, schema, path)

    def _object(self, value: object, schema: Json, path: str) -> Iterator[Fault]:
        if value is None or schema.get("type") == "any":
            return
        if not isinstance(value, dict):
            yield _unfit(path, value, "an object")
            return
        known, every = schema.get("properties", {}), schema.get("additionalProperties")
        for key, inner in value.items():
            at = f"{path}.{_snake(key)}" if path else _snake(key)
            if key in known:
                yield from self.of(inner, known[key], at)
            elif _camel(key) in known:  # proto3 JSON takes the original names too
                yield from self.of(inner, known[_camel(key)], at)
            elif every is not None:
                yield from self.of(inner, every, at)
            else:
                where = f" at '{path}'" if path else ""
                yield Fault(path, f'Invalid JSON payload received. Unknown name "{key}"{where}: Cannot find field.')

    def _list(self, value: object, items: Json, path: str) -> Iterator[Fault]:
        if value is None:
            return
        if not isinstance(value, list):  # proto3 JSON: one element stands for a list of one when it is an object
            yield from self.of(value, items, path)
            return
        for at, item in enumerate(value):
            yield from self.of(item, items, f"{path}[{at}]")

    def _scalar(self, value: object, schema: Json, path: str) -> Iterator[Fault]:
        kind, form = schema.get("type"), schema.get("format", "")
        if isinstance(value, list):
            name = path.rpartition(".")[2]
            parent = path.rpartition(".")[0]
            where = f" at '{parent}'" if parent else ""
            yield Fault(path, f'Invalid JSON payload received. Unknown name "{name}"{where}: Proto field is not repeating, '
                        "cannot start list.")  # fmt: skip
        elif isinstance(value, dict):
            yield _unfit(path, value, "a scalar")
        elif kind == "string" and "enum" in schema:
            if value not in schema["enum"] and not (isinstance(value, int) and not isinstance(value, bool)):
                type_ = f"type.googleapis.com/{self._api.package}.{self._enum_of(path, schema)}"
                yield _invalid(path, type_, value)
        elif kind == "string" and form in _LONG:
            if not re.fullmatch(r"-?\d+", str(value)) or isinstance(value, bool):
                yield _invalid(path, _LONG[form], value)
        elif kind == "string":
            if not isinstance(value, str):
                yield _invalid(path, "TYPE_STRING", value)
        elif kind == "boolean":
            if not isinstance(value, bool) and value not in ("true", "false"):
                yield _invalid(path, "TYPE_BOOL", value)
        elif kind == "integer":
            low, high = _INTEGERS.get(form, _INTEGERS["int32"])
            number = _as_number(value)
            if number is None or number != int(number) or not low <= number <= high:
                yield _invalid(path, f"TYPE_{form.upper() or 'INT32'}", value)
        elif kind == "number" and _as_number(value) is None:
            yield _invalid(path, f"TYPE_{form.upper() or 'DOUBLE'}", value)

    def _enum_of(self, path: str, schema: Json) -> str:
        return _enum_name(path.rpartition(".")[2].partition("[")[0])


def _as_number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # text and numbers alike
    except (TypeError, ValueError):
        return None


def _invalid(path: str, type_: str, value: object) -> Fault:
    return Fault(path, f"Invalid value at '{path}' ({type_}), {json.dumps(value, ensure_ascii=False)}")


def _unfit(path: str, value: object, wanted: str) -> Fault:
    name, parent = path.rpartition(".")[2], path.rpartition(".")[0]
    where = f" at '{parent}'" if parent else ""
    if isinstance(value, dict):
        return Fault(
            path, f"Invalid value{where or ' at ' + repr(path)} ({wanted}), Starting an object on a scalar field."
        )
    if isinstance(value, list):
        return Fault(path, f'Invalid JSON payload received. Unknown name "{name}"{where}: Proto field is not repeating, '
                     "cannot start list.")  # fmt: skip
    return Fault(path, f"Invalid value at '{path}' ({wanted}), {json.dumps(value, ensure_ascii=False)}")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m[1].lower(), name)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def _enum_name(name: str) -> str:
    text = _camel(name)
    return text[:1].upper() + text[1:]
