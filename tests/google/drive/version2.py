"""The answer of Drive v2 to new content, which gspread's import_csv asks for: the same file, in the words of v2."""

import base64
import hashlib
from collections.abc import Callable

from tests.google.call import Call, Json
from tests.google.drive.files import File, permission_id
from tests.google.drive.permissions import file_of
from tests.google.drive.refusals import bad_request, not_writable
from tests.google.drive.resource import export_links, file_json, person, quota, stamp
from tests.google.drive.store import Drive
from tests.google.drive.uploads import Finish, Media
from tests.google.wire import ApiError

_FILES = "https://www.googleapis.com/drive/v2/files"
_NO_PICTURE = "https://lh3.googleusercontent.com/a/default-user=s64"


def updated(replace_content: Callable[[Call, File, Media, str], None]) -> Finish:
    """files.update of v2, for content only (and a title)."""

    def finish(call: Call, body: Json, media: Media | None) -> Json:
        drive, file = call.google.drive, file_of(call)
        drive.allowed(file, call.user, "writer")
        if media is None:  # of Drive v2, only uploads are there
            raise bad_request("Bad Request")
        if body.keys() - {"title", "mimeType", "kind"}:
            raise not_writable()
        before, file.name = file.name, str(body.get("title") or file.name)
        try:
            replace_content(call, file, media, media.mime_type)
        except ApiError:
            file.name = before
            raise
        return _resource(drive, file, call.user)

    return finish


def _resource(drive: Drive, file: File, user: str) -> Json:
    """The file as v2 tells it."""
    v3, link = file_json(drive, file, user), f"{_FILES}/{file.id}"
    etag = f'"{base64.b64encode(str(int(file.modified.timestamp() * 1000)).encode()).decode().rstrip("=")}"'
    role = drive.role(file, user)
    told: Json = {
        "kind": "drive#file",
        "id": file.id,
        "etag": etag,
        "selfLink": link,
        "title": file.name,
        "mimeType": file.mime_type,
        "alternateLink": v3["webViewLink"],
        "iconLink": v3["iconLink"],
        "labels": {
            "starred": v3["starred"], "hidden": False, "trashed": v3["trashed"], "restricted": file.writers_only_copy,
            "viewed": v3["viewedByMe"],
        },
        "explicitlyTrashed": v3["explicitlyTrashed"],
        "createdDate": stamp(file.created),
        "modifiedDate": stamp(file.modified),
        "modifiedByMeDate": v3.get("modifiedByMeTime", stamp(file.modified)),
        "lastViewedByMeDate": v3.get("viewedByMeTime", stamp(file.modified)),
        "markedViewedByMeDate": "1970-01-01T00:00:00.000Z",
        "version": v3["version"],
        "fileSize": v3["size"],
        "quotaBytesUsed": str(quota(file)),
        "parents": [_parent(drive, id_, link) for id_ in v3.get("parents", ())],
        "userPermission": {
            "kind": "drive#permission", "id": "me", "type": "user", "etag": _digest(f"{file.id} {role}"),
            "pendingOwner": False,
            "role": role if role in ("owner", "writer", "reader") else "writer", "selfLink": f"{link}/permissions/me",
        },
        "lastModifyingUser": _person(file.last_modified_by, user),
        "lastModifyingUserName": person(file.last_modified_by, user)["displayName"],
        "editable": True,
        "copyable": v3["capabilities"]["canCopy"],
        "writersCanShare": file.writers_can_share,
        "shared": v3["shared"],
        "appDataContents": False,
        "copyRequiresWriterPermission": file.writers_only_copy,
        "spaces": ["drive"],
        "capabilities": {"canEdit": True, "canCopy": v3["capabilities"]["canCopy"]},
    }  # fmt: skip
    if file.owner:
        told |= {
            "owners": [_person(file.owner, user)],
            "ownerNames": [person(file.owner, user)["displayName"]],
        }
    if file.is_spreadsheet:
        told["exportLinks"] = export_links(file)
        told["embedLink"] = f"https://docs.google.com/spreadsheets/d/{file.id}/htmlembed?ouid=1{permission_id(user)}"
        told["thumbnailLink"] = f"https://docs.google.com/feeds/vt?gd=true&id={file.id}&v=1&sz=s220"
    return told


def _parent(drive: Drive, id_: str, link: str) -> Json:
    return {
        "kind": "drive#parentReference", "id": id_, "selfLink": f"{link}/parents/{id_}",
        "parentLink": f"{_FILES}/{id_}", "isRoot": drive.is_root(drive.files[id_]),
    }  # fmt: skip


def _person(address: str, viewer: str) -> Json:
    v3 = person(address, viewer)
    return {
        "kind": "drive#user", "displayName": v3["displayName"], "isAuthenticatedUser": v3["me"],
        "permissionId": v3["permissionId"], "emailAddress": address, "picture": {"url": _NO_PICTURE},
    }  # fmt: skip


def _digest(text: str) -> str:
    """An etag, with its quotes."""
    digest = base64.urlsafe_b64encode(hashlib.sha1(text.encode(), usedforsecurity=False).digest())
    return f'"{digest.decode().rstrip("=")}"'
