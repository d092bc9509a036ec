"""CellData as the API has it, and cells as they are kept here, one made of the other."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from tests.google.colours import completed
from tests.google.sheets.formulas import from_locale, to_locale
from tests.google.sheets.spreadsheet import LONGEST_TEXT, Cell, Entered, Error, Formula, Json, Value

# what a client may set on a cell, and where it is kept; no mask may name anything else of CellData
WRITABLE = {
    "userEnteredValue": "entered", "userEnteredFormat": "format", "note": "note", "dataValidation": "validation",
    "textFormatRuns": "runs", "chipRuns": "rest",
}  # fmt: skip
TOO_LONG = f"Your input contains more than the maximum of {LONGEST_TEXT} characters in a single cell."
_WIDTHS = {"SOLID": 1, "SOLID_MEDIUM": 2, "SOLID_THICK": 3, "DOTTED": 1, "DASHED": 1, "DOUBLE": 3}


def extended_value(value: Value | Formula, locale: str) -> Json:
    """The ExtendedValue of something entered, or of what it comes to; {} for nothing."""
    if value is None:
        return {}
    if isinstance(value, Formula):
        return {"formulaValue": to_locale(value.text, locale)}
    if isinstance(value, Error):
        return {"errorValue": {"type": value.kind} | ({"message": value.message} if value.message else {})}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    return {"numberValue": int(value) if float(value).is_integer() and abs(value) < 1e15 else value}


def entered(value: Mapping[str, Any], locale: str) -> Entered:
    """What an ExtendedValue enters in a cell. Raises ValueError, in Google's words."""
    given = {name: inner for name, inner in value.items() if inner is not None}
    if "errorValue" in given:
        raise ValueError("ExtendedValue.errorValue is read-only.")
    if "formulaValue" in given:
        return _formula(str(given["formulaValue"]), locale)
    if "boolValue" in given:
        return given["boolValue"] in (True, "true")
    if "numberValue" in given:
        return float(given["numberValue"])
    text = str(given.get("stringValue", ""))
    if len(text) > LONGEST_TEXT:
        raise ValueError(TOO_LONG)
    return text or None


def _formula(text: str, locale: str) -> Entered:
    if len(text) > LONGEST_TEXT:
        raise ValueError(TOO_LONG)
    if not text.startswith("="):
        raise ValueError(f"ExtendedValue.formulaValue must begin with '=': {text}")
    try:
        return Formula(from_locale(text, locale))
    except ValueError:
        return Formula(text)  # it shows #ERROR!


def told(cell: Cell, locale: str) -> Json:
    """The part of CellData that was set on a cell, without what comes of it."""
    answer: Json = {}
    if cell.entered is not None:
        answer["userEnteredValue"] = extended_value(cell.entered, locale)
    if cell.format:
        answer["userEnteredFormat"] = dict(cell.format)
    if cell.note:
        answer["note"] = cell.note
    if cell.runs:
        answer["textFormatRuns"] = [dict(run) for run in cell.runs]
    if cell.validation:
        answer["dataValidation"] = dict(cell.validation)
    return answer | dict(cell.rest or {})


def cell_of(data: Mapping[str, Any], locale: str) -> Cell:
    """The cell that CellData describes. Raises ValueError, in Google's words."""
    format_ = data.get("userEnteredFormat")
    rest = {name: data[name] for name in ("chipRuns",) if data.get(name)}
    return Cell(
        entered(data.get("userEnteredValue") or {}, locale),
        kept_format(format_),
        data.get("note") or "",
        data.get("dataValidation") or None,
        tuple(_runs(data.get("textFormatRuns") or [])),
        rest or None,
    )


def kept_format(format_: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A CellFormat as it is kept: one and the same object for all the cells that have it. None for no format at all."""
    return _kept(json.dumps(format_, sort_keys=True)) or None if format_ else None


@lru_cache(10_000)
def _kept(text: str) -> Json:
    return _normalised(json.loads(text))


def _normalised(format_: Mapping[str, Any]) -> Json:
    """A CellFormat as Google tells it: colours both ways, borders with their widths, nothing for what says nothing."""
    result = {name: value for name, value in completed(format_, "CellFormat").items() if value is not None}
    if "borders" in result:
        kept = {side: border(each) for side, each in result["borders"].items() if each}
        result["borders"] = {side: each for side, each in kept.items() if each}
        if not result["borders"]:
            del result["borders"]
    return {name: value for name, value in result.items() if value != {} or "Color" in name}


def border(given: Mapping[str, Any]) -> Json | None:
    """A Border as Google tells it, None for one that isn't drawn."""
    style = given.get("style", "STYLE_UNSPECIFIED")
    if style in ("NONE", "STYLE_UNSPECIFIED"):
        return None
    colours = completed({"color": {}, **given} if "colorStyle" not in given else given, "Border")
    return {**colours, "style": style, "width": _WIDTHS[style]}


def _runs(runs: list[Json]) -> list[Json]:
    """Runs in order, the first from the beginning of the text."""
    ordered = sorted(runs, key=lambda run: int(run.get("startIndex") or 0))
    if ordered and int(ordered[0].get("startIndex") or 0):
        ordered.insert(0, {"format": {}})
    return [
        ({"startIndex": run["startIndex"]} if run.get("startIndex") else {})
        | {"format": completed(run.get("format") or {}, "TextFormat")}
        for run in ordered
    ]
