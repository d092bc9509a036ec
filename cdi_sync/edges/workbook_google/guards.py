"""Protections, as warnings: whoever writes where the software writes is asked to confirm, and is never stopped.

Ours are told by their description, which begins with "cdi_sync : ". Those of people are left as they are.
"""

from collections.abc import Iterator, Mapping, Sequence

from cdi_sync.edges.workbook_google.found import OURS, Json, Sheet, Staff, runs


def staff_guards(staff: Staff) -> Iterator[Json]:
    """The titles of a tab, and the columns that the system fills, those side by side together."""
    wanted: dict[str, Json] = {f"{OURS}ligne des titres": {"startRowIndex": 0, "endRowIndex": 1}}
    system = [(place.at, place.column) for place in staff.places if place.column.is_system]
    for first, end, columns in runs(system, lambda _: None):
        titles = ", ".join(f"« {column.title} »" for column in columns)
        wanted[f"{OURS}rempli par le système, {titles}"] = {"startColumnIndex": first, "endColumnIndex": end}
    return _guards(staff.sheet, wanted)


def system_guards(sheet: Sheet) -> Iterator[Json]:
    """The whole of a tab that the software writes."""
    return _guards(sheet, {f"{OURS}onglet rempli par le système": {}})


def new_guard(sheet_id: int) -> Json:
    """The same for a tab that is being made."""
    return _added(f"{OURS}onglet rempli par le système", {"sheetId": sheet_id})


def _guards(sheet: Sheet, wanted: Mapping[str, Json]) -> Iterator[Json]:
    """wanted: description → sides of the range. One of each description; what else is ours goes."""
    ours: dict[str, list[Json]] = {}
    for each in sheet.all("protectedRanges"):
        if str(each.get("description", "")).startswith(OURS):
            ours.setdefault(each["description"], []).append(each)
    for description, sides in wanted.items():
        where = {"sheetId": sheet.id, **sides}
        held = ours.get(description, [])
        if not held:
            yield _added(description, where)
        elif not (held[0].get("warningOnly") and sheet.area(held[0].get("range")) == sheet.area(where)):
            changed = {"protectedRangeId": held[0]["protectedRangeId"], "range": where, "warningOnly": True}
            yield {"updateProtectedRange": {"protectedRange": changed, "fields": "range,warningOnly"}}
    yield from _removed(each for text, held in ours.items() for each in held[1 if text in wanted else 0 :])


def _added(description: str, where: Json) -> Json:
    protected = {"range": where, "description": description, "warningOnly": True}
    return {"addProtectedRange": {"protectedRange": protected}}


def _removed(surplus: Iterator[Json]) -> Sequence[Json]:
    return [{"deleteProtectedRange": {"protectedRangeId": each["protectedRangeId"]}} for each in surplus]
