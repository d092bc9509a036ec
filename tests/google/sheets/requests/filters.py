"""Filters: the one that a sheet shows to everybody, and the views that people keep beside it."""

from collections.abc import Mapping
from typing import Any

from tests.google.fields import parse_mask, updated
from tests.google.sheets.requests.attached import (
    check_rule,
    everyone,
    found,
    kept,
    kept_range,
    named_area,
    new_id,
    put,
    sheet_of,
    take,
)
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.hiding import hide_filtered, show_filtered, sort_by
from tests.google.sheets.spreadsheet import Json, Sheet

_SOURCES = ("range", "namedRangeId", "tableId")
_CRITERIA = ("criteria", "filterSpecs")


def set_basic_filter(editing: Editing, request: Json) -> None:
    """setBasicFilter: it takes the place of the one that the sheet had; it sorts once, and hides rows."""
    given: Json = request.get("filter") or {}
    filter_ = _checked(editing, given, "BasicFilter", named_area(editing, given))
    sheet = editing.sheet(sheet_of(filter_["range"]))
    sheet.basic_filter = filter_
    sort_by(editing, filter_)
    hide_filtered(editing, sheet)


def clear_basic_filter(editing: Editing, request: Json) -> None:
    """clearBasicFilter: nothing happens when the sheet has none."""
    sheet = editing.sheet(int(request.get("sheetId") or 0))
    sheet.basic_filter = None
    show_filtered(sheet)


# --------------------------------------------------------------------------------------------------- filter views


def add_filter_view(editing: Editing, request: Json) -> Json:
    """addFilterView."""
    given: Json = request.get("filter") or {}
    view = _checked(editing, given, "FilterView", named_area(editing, given))
    return {"filter": _add(editing, {**view, "title": str(given.get("title") or _free_title(editing))})}


def _add(editing: Editing, view: Json) -> Json:
    taken = (each["filterViewId"] for _, each in everyone(editing.book, "filterViews"))
    view = {**view, "filterViewId": new_id(editing, view.get("filterViewId"), taken, "filter view")}
    editing.sheet(sheet_of(view["range"])).attached["filterViews"].append(view)
    return view


def _free_title(editing: Editing) -> str:
    titles, number = {each.get("title") for _, each in everyone(editing.book, "filterViews")}, 1
    while f"Filter {number}" in titles:
        number += 1
    return f"Filter {number}"


def update_filter_view(editing: Editing, request: Json) -> None:
    """updateFilterView."""
    given: Json = request.get("filter") or {}
    sheet, view = _view(editing, given.get("filterViewId"))
    fields = request.get("fields", "")
    after, mask = updated(view, given, fields, "FilterView"), parse_mask(fields)
    range_ = view["range"]
    for group in (_SOURCES, _CRITERIA):  # what says the same in several ways is told by what the mask names
        if named := [name for name in group if not mask or name in mask]:
            said = {name: after[name] for name in named if name in after}
            after = {name: value for name, value in after.items() if name not in group} | said
            range_ = named_area(editing, after) if group is _SOURCES else range_
    changed = _checked(editing, after, "FilterView", range_)
    changed |= {"filterViewId": view["filterViewId"], "title": after.get("title") or view["title"]}
    home = editing.sheet(sheet_of(changed["range"]))
    if home is sheet:
        put(sheet, "filterViews", "filterViewId", changed)
    else:
        take(sheet, "filterViews", view)
        home.attached["filterViews"].append(changed)


def delete_filter_view(editing: Editing, request: Json) -> None:
    """deleteFilterView."""
    sheet, view = _view(editing, request.get("filterId"))
    take(sheet, "filterViews", view)


def duplicate_filter_view(editing: Editing, request: Json) -> Json:
    """duplicateFilterView."""
    _, view = _view(editing, request.get("filterId"))
    copy = {name: value for name, value in view.items() if name != "filterViewId"}
    return {"filter": _add(editing, {**copy, "title": f"Copy of {view['title']}"})}


def _view(editing: Editing, id_: object) -> tuple[Sheet, Json]:
    return found(editing, "filterViews", "filterViewId", id_ or 0, "filter view")


# ------------------------------------------------------------------------------------------------------ one filter


def _checked(editing: Editing, given: Mapping[str, Any], schema: str, range_: Json) -> Json:
    """A filter as it is kept: all the sides of its range, its criteria told both ways."""
    filter_ = kept({name: value for name, value in given.items() if name != "range"}, schema)
    filter_["range"] = kept_range(editing, range_, closed=True)
    criteria = _criteria(editing, filter_)
    for column, criterion in criteria.items():
        _check_column(editing, filter_, column)
        if "condition" in criterion:
            check_rule(editing, criterion["condition"], "filters")
    for spec in filter_.get("sortSpecs", ()):
        _check_column(editing, filter_, int(spec.get("dimensionIndex") or 0))
    filter_ = {name: value for name, value in filter_.items() if name not in _CRITERIA}
    if criteria:
        filter_["criteria"] = {str(column): criterion for column, criterion in criteria.items()}
        filter_["filterSpecs"] = [
            {"columnIndex": column, "filterCriteria": criterion} for column, criterion in criteria.items()
        ]
    return filter_


def _criteria(editing: Editing, filter_: Json) -> dict[int, Json]:
    """The criteria by column. The list of them wins over the map."""
    if "filterSpecs" in filter_:
        said = {int(spec.get("columnIndex") or 0): spec.get("filterCriteria") or {} for spec in filter_["filterSpecs"]}
    else:
        try:
            said = {int(column): criterion for column, criterion in (filter_.get("criteria") or {}).items()}
        except ValueError as error:
            raise editing.refuse(f"Invalid column index in criteria: {error}") from None
    return dict(sorted(said.items()))


def _check_column(editing: Editing, filter_: Json, column: int) -> None:
    range_ = filter_["range"]
    if not range_["startColumnIndex"] <= column < range_["endColumnIndex"]:
        raise editing.refuse(f"Column index {column} is outside the range of the filter.")


KINDS: Mapping[str, Kind] = {
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "updateFilterView": update_filter_view,
    "deleteFilterView": delete_filter_view,
    "duplicateFilterView": duplicate_filter_view,
}
