"""Colours: each stands twice in the API, as a Color and as a ColorStyle, and both forms say the same."""

import struct
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from tests.google.discovery import api

Json: TypeAlias = dict[str, Any]
Theme: TypeAlias = Mapping[str, Json]  # ThemeColorType → Color


def _rgb(red: int, green: int, blue: int) -> Json:
    return {name: _shown(at) for name, at in (("red", red), ("green", green), ("blue", blue)) if at}


@cache
def _shown(level: int) -> float:
    """A level of 0 to 255 as Google shows it: the shortest number that is the same in single precision."""
    if level == 255:
        return 1
    (single,) = struct.unpack("f", struct.pack("f", level / 255))
    told = (float(f"{single:.{digits}g}") for digits in range(1, 10))
    return next(short for short in told if struct.pack("f", short) == struct.pack("f", single))


THEME: Theme = {
    "TEXT": {}, "BACKGROUND": _rgb(255, 255, 255), "ACCENT1": _rgb(66, 133, 244), "ACCENT2": _rgb(234, 67, 53),
    "ACCENT3": _rgb(251, 188, 4), "ACCENT4": _rgb(52, 168, 83), "ACCENT5": _rgb(255, 109, 1),
    "ACCENT6": _rgb(70, 189, 198), "LINK": _rgb(17, 85, 204),
}  # fmt: skip


@cache
def twins(schema: str) -> Sequence[tuple[str, str]]:
    """The pairs of properties of a schema that tell one colour: ("backgroundColor", "backgroundColorStyle")."""
    known = _properties(schema)
    return [
        (name, f"{name}Style")
        for name, kind in known.items()
        if kind.get("$ref") == "Color" and known.get(f"{name}Style", {}).get("$ref") == "ColorStyle"
    ]


def _properties(schema: str) -> Mapping[str, Json]:
    properties: Mapping[str, Json] = api("sheets.v4").schemas[schema].get("properties", {})
    return properties


@cache
def _coloured(schema: str) -> Mapping[str, str]:
    """The properties of a schema with colours somewhere in them, and their own schema (that of their elements)."""
    return _coloured_below(schema, frozenset())


def _coloured_below(schema: str, above: frozenset[str]) -> Mapping[str, str]:
    found = {}
    for name, kind in _properties(schema).items():
        inner = kind.get("items", kind).get("$ref", "")
        if inner in ("Color", "ColorStyle") or (
            inner and inner not in above and _coloured_below(inner, above | {schema, inner})
        ):
            found[name] = inner
    return found


def completed(value: Mapping[str, Any], schema: str, theme: Theme = THEME) -> Json:
    """A value of that schema of Sheets, every colour in it given both ways, as Google answers it. The style wins.

    A style that names no colour is no colour at all: that is how gspread takes the colour off a tab.
    """
    result = dict(value)
    for name, inner in _coloured(schema).items():
        if result.get(name) is not None:
            result[name] = _inner(result[name], inner, theme)
    for plain, style in twins(schema):
        if result.get(style) == {}:
            del result[style]
        if result.get(style) is not None:
            result[plain] = _plain(result[style], theme)
        elif result.get(plain) is not None:
            result[style] = {"rgbColor": result[plain]}
    return result


def _inner(value: Any, schema: str, theme: Theme) -> Any:
    if isinstance(value, list):
        return [_inner(item, schema, theme) for item in value]
    if not isinstance(value, dict):
        return value
    return _quantised(value) if schema == "Color" else completed(value, schema, theme)


def _plain(style: Json, theme: Theme) -> Json:
    if "themeColor" in style:
        return dict(theme.get(style["themeColor"], {}))
    return dict(style.get("rgbColor", {}))


def _quantised(colour: Json) -> Json:
    """A colour in the 256 levels that Google keeps, cut rather than rounded (0.5 is 127), zeros left out."""
    return _rgb(*(_level(float(colour.get(name) or 0)) for name in ("red", "green", "blue")))


def _level(share: float) -> int:
    return int(255 * min(1.0, max(0.0, share)) + 1e-4)  # what Google answered comes back as the same level


def with_twins(mask: Mapping[str, Any], schema: str) -> Mapping[str, Any]:
    """A mask that names both forms of every colour of which it names one."""
    known = _properties(schema)
    result: Json = {}
    for name, below in mask.items():
        kind = known.get(name, {})
        kind = kind.get("items", kind)
        result[name] = with_twins(below, kind["$ref"]) if below and "$ref" in kind else below
    for plain, style in twins(schema):
        if style in mask and plain not in mask:
            result[plain] = mask[style].get("rgbColor", {}) if mask[style] else {}
        elif plain in mask and style not in mask:
            result[style] = {"rgbColor": mask[plain]} if mask[plain] else {}
    return result
