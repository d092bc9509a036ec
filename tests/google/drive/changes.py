"""The methods of `changes`: what has happened to files since a moment that a page token stands for."""

from collections.abc import Mapping

from tests.google.call import Call, Handler, Json
from tests.google.drive.pages import page_size
from tests.google.drive.refusals import invalid, required
from tests.google.drive.resource import file_json, short, stamp
from tests.google.drive.store import Change


def start_page_token(call: Call) -> Json:
    """changes.getStartPageToken: the number that the next change will have."""
    return {"kind": "drive#startPageToken", "startPageToken": str(len(call.google.drive.changes) + 1)}


def list_(call: Call) -> Json:
    """changes.list: the last change of each file that whoever calls can see, or could see before."""
    drive = call.google.drive
    size, start = page_size(call, 100, 1000), _start(call)
    last: dict[str, Change] = {}
    for change in drive.changes[start - 1 :]:
        last.pop(change.file_id, None)
        last[change.file_id] = change
    told: list[Json] = []
    following = 0
    for change in last.values():
        entry = _entry(call, change, start)
        if entry is None:
            continue
        if len(told) == size:
            following = change.number
            break
        told.append(entry)
    more = {"nextPageToken": str(following)} if following else {"newStartPageToken": str(len(drive.changes) + 1)}
    return {"kind": "drive#changeList", **more, "changes": told}


def _start(call: Call) -> int:
    token = call.one("pageToken")
    if not token:
        raise required("pageToken")
    if not token.isdigit() or not 1 <= int(token) <= len(call.google.drive.changes) + 1:
        raise invalid("pageToken")
    return int(token)


def _entry(call: Call, change: Change, start: int) -> Json | None:
    """A change as somebody is told of it; None when it is no concern of theirs."""
    drive, user = call.google.drive, call.user
    file = drive.files.get(change.file_id)
    entry: Json = {"kind": "drive#change", "type": "file", "changeType": "file", "time": stamp(change.time)}
    entry["fileId"] = change.file_id
    if file and drive.knows(file, user):
        if file.drive_id and not (call.flag("includeItemsFromAllDrives") or call.flag("includeTeamDriveItems")):
            return None
        told = file_json(drive, file, user)
        return entry | {"removed": False, "file": told if call.one("fields") else short(told)}
    was_seen = any(user in c.viewers for c in drive.changes[start - 1 :] if c.file_id == change.file_id)
    if was_seen and call.one("includeRemoved", "true").lower() != "false":
        return entry | {"removed": True}
    return None


HANDLERS: Mapping[str, Handler] = {"drive.changes.getStartPageToken": start_page_token, "drive.changes.list": list_}
