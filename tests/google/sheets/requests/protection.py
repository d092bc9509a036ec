"""Protected ranges: added, changed, deleted; and who may write where.

A protection is kept as its editors see it. `as_seen` is how somebody sees it, `refuse_protected` stops what it forbids.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from tests.google.fields import parse_mask, updated
from tests.google.sheets.areas import Closed
from tests.google.sheets.requests.attached import (
    closed_area,
    everyone,
    found,
    kept,
    kept_range,
    named_area,
    new_id,
    sheet_of,
    take,
    touch,
)
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet
from tests.google.wire import bad

if TYPE_CHECKING:
    from tests.google.world import Google

PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
_SOURCES = ("range", "namedRangeId", "tableId")


# ------------------------------------------------------------------------------------------------ who may do what


def owner_of(google: "Google", book: Spreadsheet) -> str:
    """The address of the owner of a spreadsheet, "" when a shared drive owns it."""
    file = google.drive.files.get(book.id)
    return file.owner if file else ""


def may_edit(protected: Json, user: str, owner: str) -> bool:
    """Whether somebody may write in a protected range, and change its protection."""
    editors = protected.get("editors") or {}
    who = user.casefold()
    if who == owner.casefold() or protected.get("warningOnly"):
        return True
    if editors.get("domainUsersCanEdit") and _domain(user) == _domain(owner):
        return True
    return who in {address.casefold() for address in (*editors.get("users", ()), *editors.get("groups", ()))}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()


def as_seen(protected: Json, user: str, owner: str) -> Json:
    """A protected range as somebody sees it: only those who may edit it are told who its editors are."""
    if may_edit(protected, user, owner):
        return {**protected, "requestingUserCanEdit": True}
    return {name: value for name, value in protected.items() if name not in ("editors", "requestingUserCanEdit")}


def refuse_protected(book: Spreadsheet, user: str, owner: str, areas: Iterable[Closed]) -> None:
    """Raises ApiError 400, without the number of the request, when somebody may not write in one of these areas."""
    areas = list(areas)
    for sheet, protected in everyone(book, "protectedRanges"):
        if not may_edit(protected, user, owner):
            limits, holes = closed_area(book, _on(sheet, protected["range"])), _holes(book, sheet, protected)
            for area in areas:
                if touch(area, limits) and not _covered(_common(area, limits), holes):
                    raise bad(PROTECTED)


def _on(sheet: Sheet, range_: Json) -> Json:
    return {**range_, "sheetId": sheet.id}


def _holes(book: Spreadsheet, sheet: Sheet, protected: Json) -> list[Closed]:
    return [closed_area(book, _on(sheet, hole)) for hole in protected.get("unprotectedRanges", ())]


def _common(one: Closed, other: Closed) -> Closed:
    return Closed(
        one.sheet, max(one.top, other.top), max(one.left, other.left),
        min(one.bottom, other.bottom), min(one.right, other.right),
    )  # fmt: skip


def _covered(area: Closed, holes: Iterable[Closed]) -> bool:
    """Whether areas cover another one together."""
    left = [area]
    for hole in holes:
        left = [piece for part in left for piece in _without(part, hole)]
    return not left


def _without(area: Closed, hole: Closed) -> Iterator[Closed]:
    """What is left of an area: at most four pieces, above, below, and on both sides of the hole."""
    if not touch(area, hole):
        yield area
        return
    inner = _common(area, hole)
    pieces = (
        (area.top, area.left, inner.top, area.right),
        (inner.bottom, area.left, area.bottom, area.right),
        (inner.top, area.left, inner.bottom, inner.left),
        (inner.top, inner.right, inner.bottom, area.right),
    )
    for top, left, bottom, right in pieces:
        if top < bottom and left < right:
            yield Closed(area.sheet, top, left, bottom, right)


# ------------------------------------------------------------------------------------------------------ the kinds


def add_protected_range(editing: Editing, request: Json) -> Json:
    """addProtectedRange. The reply has the editors that were asked for; those kept gain whoever asks and the owner."""
    given: Json = request.get("protectedRange") or {}
    protected = _checked(editing, {**given, "range": named_area(editing, given)})
    taken = (each["protectedRangeId"] for _, each in everyone(editing.book, "protectedRanges"))
    wanted = given.get("protectedRangeId")
    protected = {"protectedRangeId": new_id(editing, wanted, taken, "protected range"), **protected}
    protected["requestingUserCanEdit"] = True
    asked = {**protected, "editors": kept(given.get("editors") or {}, "Editors")}
    _sheet(editing, protected).attached["protectedRanges"].append(
        {**protected, "editors": _editors(editing, given.get("editors"))}
    )
    return {"protectedRange": asked}


def _checked(editing: Editing, given: Json) -> Json:
    """A ProtectedRange as it is kept, without its editors, that only those told by name may be given."""
    protected = kept({name: value for name, value in given.items() if name != "editors"}, "ProtectedRange")
    protected["range"] = given["range"]
    if given.get("warningOnly") and any((given.get("editors") or {}).values()):
        raise editing.refuse("ProtectedRange is warningOnly. Editors cannot be set on it.")
    if holes := given.get("unprotectedRanges"):
        if any(side != "sheetId" for side in protected["range"]):
            raise editing.refuse("Unprotected ranges are only supported on protected sheets.")
        if any(sheet_of(hole) != sheet_of(protected["range"]) for hole in holes):
            raise editing.refuse("Unprotected ranges must be on the protected sheet.")
        protected["unprotectedRanges"] = [kept_range(editing, hole) for hole in holes]
    return protected


def _editors(editing: Editing, given: Json | None) -> Json:
    """The editors that a protection keeps: without any given, all those of the spreadsheet."""
    owner = owner_of(editing.google, editing.book)
    listed = list((given or {}).get("users", ())) if given is not None else _writers(editing)
    users: dict[str, str] = {}
    for address in (*listed, editing.user, owner):
        if address:
            users.setdefault(address.casefold(), address)
    return {**kept(given or {}, "Editors"), "users": list(users.values())}


def _writers(editing: Editing) -> list[str]:
    drive = editing.google.drive
    file = drive.files.get(editing.book.id)
    permissions = drive.permissions(file).values() if file else ()
    return [each.who for each in permissions if each.type == "user" and each.role not in ("reader", "commenter")]


def _sheet(editing: Editing, protected: Json) -> Sheet:
    return editing.sheet(sheet_of(protected["range"]))


def update_protected_range(editing: Editing, request: Json) -> None:
    """updateProtectedRange."""
    given: Json = request.get("protectedRange") or {}
    sheet, protected = _found(editing, given.get("protectedRangeId"))
    fields = request.get("fields", "")
    after = updated(protected, given, fields, "ProtectedRange")
    mask = parse_mask(fields)
    if not mask or any(name in mask for name in _SOURCES):
        named = {name: given.get(name) for name in _SOURCES if not mask or name in mask}
        after = {name: value for name, value in after.items() if name not in _SOURCES} | named
        after["range"] = named_area(editing, after)
    changed = _checked(editing, {**after, "editors": given.get("editors") if not mask or "editors" in mask else None})
    editors = after.get("editors")
    if protected.get("warningOnly") and not changed.get("warningOnly") and mask and "editors" not in mask:
        editors = None  # once more than a warning, it is for all those who may write
    changed |= {"protectedRangeId": protected["protectedRangeId"], "requestingUserCanEdit": True}
    changed["editors"] = _editors(editing, editors)
    take(sheet, "protectedRanges", protected)
    _sheet(editing, changed).attached["protectedRanges"].append(changed)


def delete_protected_range(editing: Editing, request: Json) -> None:
    """deleteProtectedRange."""
    sheet, protected = _found(editing, request.get("protectedRangeId"))
    take(sheet, "protectedRanges", protected)


def _found(editing: Editing, id_: object) -> tuple[Sheet, Json]:
    sheet, protected = found(editing, "protectedRanges", "protectedRangeId", id_ or 0, "protected range")
    if not may_edit(protected, editing.user, owner_of(editing.google, editing.book)):
        raise editing.refuse(PROTECTED)
    return sheet, protected


KINDS: Mapping[str, Kind] = {
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
}
