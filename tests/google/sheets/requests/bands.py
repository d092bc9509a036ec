"""Banded ranges: alternating colours. A cell is in one of them at most, and tables are banded too."""

from collections.abc import Mapping

from tests.google.fields import updated
from tests.google.sheets.requests.attached import (
    closed_area,
    everyone,
    found,
    kept,
    kept_range,
    new_id,
    sheet_of,
    take,
    touch,
)
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import Json, Sheet

_BANDED = "You cannot add alternating background colors to a range that already has alternating background colors."


def add_banding(editing: Editing, request: Json) -> Json:
    """addBanding."""
    given: Json = request.get("bandedRange") or {}
    taken = (each["bandedRangeId"] for _, each in everyone(editing.book, "bandedRanges"))
    band = _checked(editing, given)
    band = {"bandedRangeId": new_id(editing, given.get("bandedRangeId"), taken, "banded range"), **band}
    refuse_banded(editing, band["range"])
    _sheet(editing, band).attached["bandedRanges"].append(band)
    return {"bandedRange": band}


def update_banding(editing: Editing, request: Json) -> None:
    """updateBanding."""
    given: Json = request.get("bandedRange") or {}
    sheet, band = _found(editing, given.get("bandedRangeId"))
    after = updated(band, given, request.get("fields", ""), "BandedRange")
    changed = {**_checked(editing, after), "bandedRangeId": band["bandedRangeId"]}
    take(sheet, "bandedRanges", band)
    refuse_banded(editing, changed["range"])
    _sheet(editing, changed).attached["bandedRanges"].append(changed)


def delete_banding(editing: Editing, request: Json) -> None:
    """deleteBanding."""
    sheet, band = _found(editing, request.get("bandedRangeId"))
    take(sheet, "bandedRanges", band)


def refuse_banded(editing: Editing, range_: Json, but: Json | None = None) -> None:
    """Refuses a range of which a cell is in a banded range or in a table, other than one."""
    area = closed_area(editing.book, range_)
    for name in ("bandedRanges", "tables"):
        for sheet, item in everyone(editing.book, name):
            if item is not but and touch(area, closed_area(editing.book, {**item["range"], "sheetId": sheet.id})):
                raise editing.refuse(_BANDED)


def _found(editing: Editing, id_: object) -> tuple[Sheet, Json]:
    return found(editing, "bandedRanges", "bandedRangeId", id_ or 0, "banded range")


def _sheet(editing: Editing, band: Json) -> Sheet:
    return editing.sheet(sheet_of(band["range"]))


def _checked(editing: Editing, given: Json) -> Json:
    """A banded range as it is kept, all the sides of its range told."""
    if given.get("range") is None:
        raise editing.refuse("BandedRange.range is required.")
    properties = [given[name] for name in ("rowProperties", "columnProperties") if given.get(name)]
    if not properties:
        raise editing.refuse("At least one of rowProperties or columnProperties must be specified.")
    for each in properties:
        for colour in ("firstBandColor", "secondBandColor"):
            if colour not in each and f"{colour}Style" not in each:
                raise editing.refuse(f"BandingProperties.{colour} is required.")
    band = kept({name: value for name, value in given.items() if name != "bandedRangeReference"}, "BandedRange")
    return {**band, "range": kept_range(editing, given["range"], closed=True)}


KINDS: Mapping[str, Kind] = {
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
}
