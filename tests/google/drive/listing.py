"""files.list: the files that somebody knows of, found by a query, put in order, given a page at a time."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.google.call import Call, Json
from tests.google.drive.files import File
from tests.google.drive.pages import page
from tests.google.drive.refusals import forbidden, invalid, not_found
from tests.google.drive.resource import file_json, quota, short
from tests.google.drive.search import matching
from tests.google.sheets.spreadsheet import Formula

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def list_files(call: Call) -> Json:
    """files.list."""
    drive, user = call.google.drive, call.user
    test = matching(call.one("q"), drive, user, lambda file: _words(call, file))
    found = [file for file in _candidates(call) if test(file)]
    found.sort(key=lambda file: file.modified, reverse=True)
    for key, descending in reversed(_order(call.one("orderBy"))):
        found.sort(key=lambda file, key=key: _KEYS[key](file, user), reverse=descending)  # type: ignore[misc]
    shown, more = page(call, found, 100, 1000)
    told = [file_json(drive, file, user) for file in shown]
    whole = bool(call.one("fields"))
    return {
        "kind": "drive#fileList",
        **more,
        "incompleteSearch": False,
        "files": told if whole else [short(file) for file in told],
    }


def _candidates(call: Call) -> list[File]:
    """The files of the `corpora` asked for."""
    drive, user = call.google.drive, call.user
    corpora, drive_id = call.one("corpora") or "user", call.one("driveId")
    if corpora not in ("user", "domain", "drive", "allDrives"):
        raise invalid("corpora")
    if (corpora == "drive") != bool(drive_id):
        message = "The driveId parameter must be specified if and only if corpora is set to drive."
        raise forbidden(message, "teamDriveIdRequired", "driveId")
    shared = call.flag("includeItemsFromAllDrives") or call.flag("includeTeamDriveItems")
    if drive_id and not shared:
        message = (
            "The includeItemsFromAllDrives parameter must be set to true when driveId or corpora=drive is specified."
        )
        raise forbidden(message, "includeItemsFromAllDrivesRequired", "includeItemsFromAllDrives")
    if drive_id and (drive_id not in drive.drives or not drive.role(drive.files[drive_id], user)):
        raise not_found("Shared drive", drive_id, "driveId")
    known = [file for file in drive.files.values() if drive.knows(file, user) and not drive.is_root(file)]
    if drive_id:
        return [file for file in known if file.drive_id == drive_id]
    return [file for file in known if shared or not file.drive_id]


def _words(call: Call, file: File) -> str:
    """The text inside a file, for `fullText`."""
    book = call.google.spreadsheets.get(file.id)
    if book:
        entered = (cell.entered for sheet in book.sheets for _, _, cell in sheet.cells())
        return "\n".join(str(value) for value in entered if value is not None and not isinstance(value, Formula))
    return (file.content or b"").decode("utf-8", "ignore") if file.mime_type.startswith("text/") else ""


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A name in pieces, so that "Annexe 10" comes after "Annexe 9"."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _last_opened(file: File, user: str) -> datetime:
    return max(file.modified, file.viewed_by.get(user, _NEVER))


_KEYS: Mapping[str, Callable[[File, str], Any]] = {
    "createdTime": lambda file, user: file.created,
    "folder": lambda file, user: not file.is_folder,
    "modifiedByMeTime": lambda file, user: file.modified_by.get(user, _NEVER),
    "modifiedTime": lambda file, user: file.modified,
    "name": lambda file, user: file.name.casefold(),
    "name_natural": lambda file, user: _natural(file.name),
    "quotaBytesUsed": lambda file, user: quota(file),
    "recency": _last_opened,
    "sharedWithMeTime": lambda file, user: file.shared_with.get(user, (_NEVER, ""))[0],
    "starred": lambda file, user: user not in file.starred_by,
    "viewedByMeTime": lambda file, user: file.viewed_by.get(user, _NEVER),
}


def _order(text: str) -> list[tuple[str, bool]]:
    """The keys of `orderBy`, with True where one is descending."""
    keys = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, _, direction = part.partition(" ")
        if key not in _KEYS or direction.strip() not in ("", "desc"):
            raise invalid("orderBy")
        keys.append((key, bool(direction)))
    return keys
