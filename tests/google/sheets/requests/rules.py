"""Rules of conditional format: added, replaced, moved, deleted. The first of a sheet wins."""

from collections.abc import Mapping
from typing import Any

from tests.google.sheets.requests.attached import check_rule, is_number, kept, kept_range, one_of
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import Json, Sheet

_FORMAT = {"backgroundColor", "backgroundColorStyle", "textFormat"}
_TEXT_FORMAT = {"bold", "italic", "strikethrough", "foregroundColor", "foregroundColorStyle"}
_POINTS = ("minpoint", "midpoint", "maxpoint")
_VALUED = ("NUMBER", "PERCENT", "PERCENTILE")


def add_rule(editing: Editing, request: Json) -> None:
    """addConditionalFormatRule: last when the index is past the end."""
    sheet, rule = _checked(editing, request.get("rule"))
    index = int(request.get("index") or 0)
    if index < 0:
        raise editing.refuse("index must be >= 0")
    sheet.attached["conditionalFormats"].insert(index, rule)


def update_rule(editing: Editing, request: Json) -> Json:
    """updateConditionalFormatRule: another rule in the place of one, or the same one elsewhere."""
    one_of(editing, "", "instruction", [name for name in ("rule", "newIndex") if request.get(name) is not None])
    index = int(request.get("index") or 0)
    if request.get("rule") is not None:
        sheet, rule = _checked(editing, request["rule"])
        old = _rule(editing, sheet, index)
        sheet.attached["conditionalFormats"][index] = rule
        return {"oldRule": old, "newRule": rule} | _told("newIndex", index)
    if request.get("newIndex") is None:
        raise editing.refuse("Must specify either a rule or a newIndex.")
    sheet = editing.sheet(int(request.get("sheetId") or 0))
    rule, to = _rule(editing, sheet, index), int(request["newIndex"])
    _rule(editing, sheet, to)
    rules = sheet.attached["conditionalFormats"]
    rules.insert(to, rules.pop(index))
    return {"newRule": rule} | _told("oldIndex", index) | _told("newIndex", to)


def _told(name: str, index: int) -> Json:
    return {name: index} if index else {}


def delete_rule(editing: Editing, request: Json) -> Json:
    """deleteConditionalFormatRule."""
    sheet, index = editing.sheet(int(request.get("sheetId") or 0)), int(request.get("index") or 0)
    rule = _rule(editing, sheet, index)
    del sheet.attached["conditionalFormats"][index]
    return {"rule": rule}


def _rule(editing: Editing, sheet: Sheet, index: int) -> Json:
    rules = sheet.attached["conditionalFormats"]
    if not 0 <= index < len(rules):
        raise editing.refuse(f"No conditional format on sheet: {sheet.id} at index: {index}")
    rule: Json = rules[index]
    return rule


# ------------------------------------------------------------------------------------------------------- one rule


def _checked(editing: Editing, given: Json | None) -> tuple[Sheet, Json]:
    """A rule as it is kept, and the sheet that it is on."""
    given = given or {}
    ranges = given.get("ranges") or []
    if not ranges:
        raise editing.refuse("ConditionalFormatRule.ranges is required.")
    kinds = [name for name in given if name in ("booleanRule", "gradientRule")]
    one_of(editing, "rule", "rule", kinds)
    if not kinds:
        raise editing.refuse("Must specify either a booleanRule or a gradientRule.")
    rule = kept(given, "ConditionalFormatRule")
    rule["ranges"] = [kept_range(editing, each) for each in ranges]
    if len({each.get("sheetId", 0) for each in rule["ranges"]}) > 1:
        raise editing.refuse("All ranges of a ConditionalFormatRule must be on the same sheet.")
    if "booleanRule" in given:
        _check_boolean(editing, given["booleanRule"])
    else:
        rule["gradientRule"] = _gradient(editing, rule["gradientRule"])
    return editing.sheet(int(rule["ranges"][0].get("sheetId", 0))), rule


def _check_boolean(editing: Editing, rule: Mapping[str, Any]) -> None:
    check_rule(editing, rule.get("condition") or {}, "conditional formatting")
    format_ = rule.get("format") or {}
    if not set(format_) <= _FORMAT or not set(format_.get("textFormat") or {}) <= _TEXT_FORMAT:
        raise editing.refuse(
            "ConditionalFormatRule.format only supports bold, italic, strikethrough, foreground color and background "
            "color."
        )


def _gradient(editing: Editing, rule: Json) -> Json:
    """A gradient as it is kept: its ends lose the values that they have no use for."""
    points: Json = {}
    for name in _POINTS:
        point = rule.get(name)
        if point is None and name == "midpoint":
            continue
        kind = (point or {}).get("type")
        if not point or kind is None:
            raise editing.refuse("No interpolationPointType specified.")
        if kind in _VALUED:
            value = str(point.get("value") or "")
            if not value:
                raise editing.refuse("InterpolationPoint.value is required.")
            if not is_number(value, editing.book.locale):
                raise editing.refuse(f"Invalid InterpolationPoint.value: {value}")
        elif kind != {"minpoint": "MIN", "maxpoint": "MAX"}.get(name):
            raise editing.refuse(f"Invalid InterpolationPoint.type for {name}: {kind}")
        points[name] = {at: value for at, value in point.items() if at != "value" or kind in _VALUED}
    return points


KINDS: Mapping[str, Kind] = {
    "addConditionalFormatRule": add_rule,
    "updateConditionalFormatRule": update_rule,
    "deleteConditionalFormatRule": delete_rule,
}
