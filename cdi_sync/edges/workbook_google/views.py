"""Filter views: « En retard », « À corriger », « Mes dossiers », found again by their title.

« Mes dossiers » filters on the person in charge, or on who must act where the registry has no such column in use. It is
made with every row that names somebody: each person opens it and ticks their own name, alone or in a copy of the view,
so what it shows is never set back.
"""

from collections.abc import Iterator

from cdi_sync.edges.hints import Hints
from cdi_sync.edges.workbook_google.found import Json, Staff, same

LATE, TO_CORRECT, MINE = "En retard", "À corriger", "Mes dossiers"
_CASES = "actes"  # the tab whose rows are cases


def views(staff: Staff, hints: Hints) -> Iterator[Json]:
    """The views of a tab that lack, or no longer show what they must."""
    held = {each.get("title"): each for each in reversed(staff.sheet.all("filterViews"))}  # the first of a title
    for title, key, condition in _wanted(staff, hints):
        view = _view(staff, title, staff.at[key], condition)
        found = held.get(title)
        if found is None:
            yield {"addFilterView": {"filter": view}}
            continue
        wrong = [] if staff.sheet.area(view["range"]) == staff.sheet.area(found.get("range")) else ["range"]
        if title != MINE and not same(view["criteria"], found.get("criteria")):
            wrong.append("criteria")
        if wrong:
            changed = {"filterViewId": found["filterViewId"], **{name: view[name] for name in wrong}}
            yield {"updateFilterView": {"filter": changed, "fields": ",".join(wrong)}}


def _wanted(staff: Staff, hints: Hints) -> Iterator[tuple[str, str, Json]]:
    """Title, key of the column, condition."""
    is_filled = {"type": "NOT_BLANK"}
    if "jours_restants" in staff.at:
        yield LATE, "jours_restants", {"type": "NUMBER_LESS", "values": [{"userEnteredValue": "0"}]}
    if "a_corriger" in staff.at:
        yield _of(staff, TO_CORRECT), "a_corriger", is_filled
    if staff.tab.name == _CASES and (key := _in_charge(staff, hints)):
        yield MINE, key, is_filled


def _of(staff: Staff, title: str) -> str:
    """A title that says its tab, but on the tab of the cases."""
    return title if staff.tab.name == _CASES else f"{title} ({staff.tab.title})"


def _in_charge(staff: Staff, hints: Hints) -> str | None:
    """The column that says who follows a case: a contact, or else whom one waits for."""
    people = (
        place.column.key
        for place in staff.places
        if place.column.reference == "contacts" and hints.shows(place.column.module)
    )
    return next(people, "responsable_suivant" if "responsable_suivant" in staff.at else None)


def _view(staff: Staff, title: str, column: int, condition: Json) -> Json:
    right = max(place.at for place in staff.places) + 1
    where = {"sheetId": staff.sheet.id, "startRowIndex": 0, "startColumnIndex": 0, "endColumnIndex": right}
    return {"title": title, "range": where, "criteria": {str(column): {"condition": condition}}}
