"""What a JSON value says by a schema of a discovery document: proto3 JSON, read as Google's servers read it.

They take a name in either spelling, a number as text, one value for a list of one, an enumeration in small letters;
handlers only ever see camelCase and values of the declared types. What can't be read is told as a `Fault`, all the
faults of a body together, each by its place in snake_case: "requests[0].add_sheet".
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

_RANGES = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1), "int64": (-(2**63), 2**63 - 1),
           "uint64": (0, 2**64 - 1)}  # fmt: skip
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_WRITTEN = {"string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float, str)}  # in answers
_ROW = {list}  # google.protobuf.ListValue: whatever it holds is the method's to judge
_INFINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}

# kinds of message of which only one may be there, with the name of the choice
_CHOICES = {"Request": "kind", "Response": "kind", "ColorStyle": "kind", "ExtendedValue": "value",
            "DataFilter": "filter"}  # fmt: skip
# messages that the document names without where they are declared
_MESSAGES = {
    "Request": "google.apps.sheets.v4.BatchUpdateSpreadsheetRequest.Request",
    "Response": "google.apps.sheets.v4.BatchUpdateSpreadsheetResponse.Response",
    "Color": "google.type.Color", "TimeOfDay": "google.type.TimeOfDay", "Interval": "google.type.Interval",
}  # fmt: skip
# numbers that tell "not there" from 0: messages name the value within
_WRAPPED = {"GridRange": ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"), "Color": ("alpha",)}
# enumerations whose name isn't that of their first value
_ENUMS = {
    "INPUT_VALUE_OPTION_UNSPECIFIED": "ValueInputOption", "FORMATTED_VALUE": "ValueRenderOption",
    "SERIAL_NUMBER": "DateTimeRenderOption", "OVERWRITE": "InsertDataOption", "MERGE_ALL": "MergeType",
    "PASTE_NORMAL": "PasteType", "NORMAL": "PasteOrientation", "HORIZONTAL": "PivotValueLayout",
    "DEFAULT_VIEW_WINDOW_MODE": "ViewWindowMode",
    "PIE_CHART_LEGEND_POSITION_UNSPECIFIED": "PieChartSpec.PieChartLegendPosition",
    "BUBBLE_CHART_LEGEND_POSITION_UNSPECIFIED": "BubbleChartSpec.BubbleChartLegendPosition",
    "HISTOGRAM_CHART_LEGEND_POSITION_UNSPECIFIED": "HistogramChartSpec.HistogramChartLegendPosition",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """Where a request isn't as declared, in Google's words. field: the place, "" for the whole."""

    field: str
    text: str


class _UnreadableError(Exception):
    """A scalar that isn't of its type."""


_NOTHING = object()  # what a null, or a value that can't be read, comes to


class Reading:
    """One reading. knows_all: a name that the schema doesn't have is a fault; otherwise it is passed over.

    exact: nothing is taken but what Google itself writes; for answers.
    """

    def __init__(self, schemas: Mapping[str, Json], package: str, *, knows_all: bool, exact: bool = False) -> None:
        self._schemas, self._package, self._knows_all, self._exact = schemas, package, knows_all, exact
        self.faults: list[Fault] = []

    def root(self, body: object, schema: str, prefix: str) -> Any:
        """The body of a request. prefix: the field of the request that it is."""
        if not isinstance(body, dict):
            if prefix and not isinstance(body, list):
                self._invalid(prefix, self._message(schema), body)
            elif prefix:
                self._unknown("", prefix, "Proto field is not repeating, cannot start list.")
            else:
                self._unknown("", "", "Root element must be a message.")
            return {}
        return self._object(body, self._schemas[schema], schema, prefix)

    def parameter(self, value: str, schema: Json, place: str) -> str:
        """One value of a query parameter, in the spelling that handlers know."""
        read = self._scalar(value, schema, place, place, "")
        return json.dumps(read) if isinstance(read, bool) else value if read is _NOTHING else str(read)

    # -------------------------------------------------------------------------------------------------- structures

    def _value(self, value: object, schema: Json, parent: str, name: str, owner: str) -> Any:
        """The value of a field. parent: the place of the message that it is of; owner: the kind of that message."""
        place = f"{parent}.{snake(name)}" if parent else snake(name)
        if schema.get("type") == "any":
            return value
        if value is None:
            if self._exact:
                self._invalid(place, "nothing at all", value)
            return _NOTHING
        if schema.get("type") == "array":
            return self._list(value, schema["items"], parent, name, place, owner)
        if isinstance(value, list | tuple):
            if "additionalProperties" in schema:
                self._invalid(parent, "Map", f"Cannot bind a list to map for field '{snake(name)}'.", told=True)
            else:
                self._unknown(parent, name, "Proto field is not repeating, cannot start list.")
            return _NOTHING
        if "$ref" in schema or "properties" in schema:
            return self._message_value(value, schema, place)
        if "additionalProperties" in schema:
            return self._map(value, schema["additionalProperties"], place)
        return self._scalar_value(value, schema, parent, name, place, owner)

    def _message_value(self, value: object, schema: Json, place: str) -> Any:
        kind = schema.get("$ref", "")
        if isinstance(value, dict):
            return self._object(value, self._schemas[kind] if kind else schema, kind, place)
        self._invalid(place, self._message(kind), value)
        return _NOTHING

    def _object(self, value: Json, schema: Json, kind: str, place: str) -> Json:
        known: Mapping[str, Json] = schema.get("properties", {})
        choice, chosen = _CHOICES.get(kind), ""
        result: Json = {}
        for name, inner in value.items():
            real = name if self._exact or name in known else camel(name)
            if real not in known:
                if self._knows_all:
                    self._unknown(place, name, "Cannot find field.")
                continue
            read = self._value(inner, known[real], place, real, kind)
            if read is _NOTHING:
                continue
            if choice and chosen:
                told = f"oneof field '{choice}' is already set. Cannot set '{name}'"
                self._invalid(place, "oneof", told, told=True)
                continue
            chosen = real
            result[real] = read
        return result

    def _map(self, value: object, schema: Json, place: str) -> Any:
        if not isinstance(value, dict):
            self._invalid(place, "Map", value)
            return _NOTHING
        result = {}
        for at, (key, inner) in enumerate(value.items()):
            read = self._value(inner, schema, f"{place}[{at}]", "value", "")
            if read is not _NOTHING:
                result[key] = read
        return result

    def _list(self, value: object, items: Json, parent: str, name: str, place: str, owner: str) -> Any:
        """A list, or one value that stands for a list of one."""
        if not isinstance(value, list | tuple):
            if self._exact:
                self._invalid(place, "a list", value)
            read = self._item(value, items, parent, name, place, owner)
            return _NOTHING if read is _NOTHING else [read]
        if items.get("type") == "any" or (items.get("type") == "array" and _ROW.issuperset(map(type, value))):
            return value
        result = []
        for at, item in enumerate(value):
            if isinstance(item, list | tuple) and items.get("type") != "array":  # a list in a list: more of the same
                result += self._list(item, items, parent, name, f"{place}[{at}]", owner)
                continue
            read = self._item(item, items, parent, name, f"{place}[{at}]", owner)
            if read is not _NOTHING:
                result.append(read)
        return result

    def _item(self, value: object, items: Json, parent: str, name: str, place: str, owner: str) -> Any:
        if value is None:
            return _NOTHING
        if items.get("type") == "array":
            if not isinstance(value, list | tuple):
                self._invalid(place, "type.googleapis.com/google.protobuf.ListValue", value)
                return _NOTHING
            return value
        if "$ref" in items or "properties" in items:
            return self._message_value(value, items, place)
        return self._scalar_value(value, items, parent, name, place, owner)

    # ----------------------------------------------------------------------------------------------------- scalars

    def _scalar_value(self, value: object, schema: Json, parent: str, name: str, place: str, owner: str) -> Any:
        wrapped = name in _WRAPPED.get(owner, ())
        if isinstance(value, dict):
            self._invalid(parent, snake(name), "Starting an object on a scalar field", told=True)
            return _NOTHING
        return self._scalar(value, schema, f"{place}.value" if wrapped else place, name, owner)

    def _scalar(self, value: object, schema: Json, place: str, name: str, owner: str) -> Any:
        kind, form = schema.get("type"), schema.get("format", "")
        try:
            if self._exact and type(value) not in _WRITTEN[str(kind)]:
                raise _UnreadableError
            if "enum" in schema and self._exact and value not in schema["enum"]:
                raise _UnreadableError
            if "enum" in schema:
                return _enum(value, tuple(schema["enum"]))
            if kind == "boolean":
                return _boolean(value)
            if kind == "integer" or form in ("int64", "uint64"):
                number = _integer(value, form or "int32")
                return str(number) if kind == "string" else number
            if kind == "number":
                return _number(value)
            if not isinstance(value, str):
                raise _UnreadableError
            return value
        except _UnreadableError:
            self._invalid(place, self._type(schema, name), value)
            return _NOTHING

    def _type(self, schema: Json, name: str) -> str:
        if "enum" in schema:
            return f"type.googleapis.com/{self._package}.{enum_name(schema['enum'], name)}"
        form = schema.get("format", "")
        default = {"integer": "int32", "number": "double", "boolean": "bool"}.get(schema["type"], "string")
        return f"TYPE_{(form if form in (*_RANGES, 'float', 'double') else default).upper()}"

    # ------------------------------------------------------------------------------------------------------ faults

    def _message(self, kind: str) -> str:
        return f"type.googleapis.com/{_MESSAGES.get(kind, f'{self._package}.{kind}')}"

    def _unknown(self, place: str, name: str, why: str) -> None:
        where = f" at '{place}'" if place else ""
        self.faults.append(Fault(place, f'Invalid JSON payload received. Unknown name "{name}"{where}: {why}'))

    def _invalid(self, place: str, type_: str, value: object, *, told: bool = False) -> None:
        """told: the value is what Google says of it, rather than the value itself."""
        where = f" at '{place}'" if place else ""
        shown = value if told else json.dumps(value, ensure_ascii=False)
        self.faults.append(Fault(place, f"Invalid value{where} ({type_}), {shown}"))


def _enum(value: object, names: Sequence[str]) -> str:
    if isinstance(value, str):
        for name in (value, value.upper().replace("-", "_")):
            if name in names:
                return name
    number = _integer(value, "int32")
    if not 0 <= number < len(names):
        raise _UnreadableError
    return names[number]


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in (*_TRUE, *_FALSE):
        return value.lower() in _TRUE
    raise _UnreadableError


def _integer(value: object, form: str) -> int:
    if isinstance(value, str) and not re.fullmatch(r"-?\d+", value, re.ASCII):
        raise _UnreadableError
    if not isinstance(value, str | int | float) or isinstance(value, bool) or value in _INFINITE.values():
        raise _UnreadableError
    low, high = _RANGES[form]
    number = int(value)
    if (isinstance(value, float) and number != value) or not low <= number <= high:
        raise _UnreadableError
    return number


def _number(value: object) -> float:
    if isinstance(value, str):
        if value in _INFINITE:
            return _INFINITE[value]
        if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", value, re.ASCII):
            raise _UnreadableError
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _UnreadableError
    return value


def enum_name(names: Sequence[str], field: str) -> str:
    """The name of an enumeration in Google's messages, by its values and by the field that holds it."""
    first = names[0]
    if first in _ENUMS:
        return _ENUMS[first]
    for end in ("_UNSPECIFIED", "_UNDEFINED"):
        if first.endswith(end) and first != end[1:]:
            return "".join(part.capitalize() for part in first.removesuffix(end).split("_"))
    return camel(field)[:1].upper() + camel(field)[1:]


@cache
def snake(name: str) -> str:
    """A name as Google's messages write it: "addSheet" → "add_sheet"."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m[1].lower(), name)


@cache
def camel(name: str) -> str:
    """A name as JSON has it: "add_sheet" → "addSheet"."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
