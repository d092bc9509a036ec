"""What Drive answers: files, permissions and people, as one person sees them."""

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.google.drive.files import FOLDER, File, Permission, permission_id, rank

if TYPE_CHECKING:
    from tests.google.drive.store import Drive

Json = dict[str, Any]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
EXPORTS = {
    "application/x-vnd.oasis.opendocument.spreadsheet": "ods", "text/tab-separated-values": "tsv",
    "application/pdf": "pdf", XLSX: "xlsx", "text/csv": "csv", "application/zip": "zip", ODS: "ods",
}  # fmt: skip
SHORT = ("kind", "id", "name", "mimeType")  # what is told of a file when `fields` doesn't say
QUOTA_OF_A_SPREADSHEET = 1024


def stamp(moment: datetime) -> str:
    """A moment as Drive writes it: "2026-03-02T09:00:00.000Z"."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def person(address: str, viewer: str) -> Json:
    """A User."""
    return {
        "kind": "drive#user",
        "displayName": display_name(address),
        "me": address == viewer,
        "permissionId": permission_id(address),
        "emailAddress": address,
    }


def display_name(address: str) -> str:
    """How Drive calls somebody who never said a name: a person by what stands before "@", a robot by the address."""
    return address if address.endswith("gserviceaccount.com") else address.partition("@")[0]


def file_json(drive: "Drive", file: File, user: str) -> Json:
    """A whole File."""
    role, permissions = drive.role(file, user), drive.permissions(file)
    parent = drive.files.get(file.parent)
    shared = [p for p in permissions.values() if p.role != "owner"]
    told: Json = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "description": file.description,
        "starred": user in file.starred_by,
        "trashed": is_trashed(drive, file),
        "explicitlyTrashed": file.trashed_at is not None,
        "parents": [parent.id] if parent and drive.role(parent, user) else [],
        "properties": file.properties,
        "appProperties": file.app_properties,
        "spaces": ["drive"],
        "version": str(file.version),
        "webViewLink": _view_link(file),
        "iconLink": f"https://drive-thirdparty.googleusercontent.com/16/type/{file.mime_type}",
        "hasThumbnail": False,
        "thumbnailVersion": "0",
        "viewedByMe": user in file.viewed_by,
        "createdTime": stamp(file.created),
        "modifiedTime": stamp(file.modified),
        "modifiedByMe": user in file.modified_by,
        "lastModifyingUser": person(file.last_modified_by, user),
        "ownedByMe": file.owner == user,
        "shared": bool(shared),
        "capabilities": capabilities(drive, file, user),
        "viewersCanCopyContent": not file.writers_only_copy,
        "copyRequiresWriterPermission": file.writers_only_copy,
        "writersCanShare": file.writers_can_share,
        "quotaBytesUsed": str(quota(file)),
        "isAppAuthorized": True,
        "linkShareMetadata": {"securityUpdateEligible": False, "securityUpdateEnabled": True},
        "inheritedPermissionsDisabled": False,
    }
    if file.owner:
        told["owners"] = [person(file.owner, user)]
    if drive.may_share(file, user):
        told["permissions"] = [permission_json(p, in_shared_drive=bool(file.drive_id)) for p in permissions.values()]
        told["permissionIds"] = list(permissions)
    told |= _times(file, user)
    if file.drive_id:
        told |= {"driveId": file.drive_id, "teamDriveId": file.drive_id, "hasAugmentedPermissions": False}
    if file.folder_color:
        told["folderColorRgb"] = file.folder_color
    if file.target and (target := drive.files.get(file.target)):
        told["shortcutDetails"] = {"targetId": target.id, "targetMimeType": target.mime_type}
    if file.content is not None:
        told |= _binary(file, file.content)
    if file.is_spreadsheet:
        told["size"] = str(QUOTA_OF_A_SPREADSHEET)
        if rank(role) >= rank("reader"):
            told["exportLinks"] = export_links(file)
    return {name: value for name, value in told.items() if value not in ("", [], {}) or name == "name"}


def short(told: Json) -> Json:
    """What is answered of a file when the request doesn't say which fields."""
    return {name: told[name] for name in SHORT}


def quota(file: File) -> int:
    """The bytes that count against its owner."""
    return QUOTA_OF_A_SPREADSHEET if file.is_spreadsheet else len(file.content or b"")


def export_links(file: File) -> dict[str, str]:
    """Where a browser exports a spreadsheet, by format."""
    base = f"https://docs.google.com/spreadsheets/export?id={file.id}&exportFormat="
    return {mime: base + name for mime, name in EXPORTS.items()}


def _times(file: File, user: str) -> Json:
    told: Json = {}
    if user in file.viewed_by:
        told["viewedByMeTime"] = stamp(file.viewed_by[user])
    if user in file.modified_by:
        told["modifiedByMeTime"] = stamp(file.modified_by[user])
    if user in file.shared_with:
        moment, by = file.shared_with[user]
        told |= {"sharedWithMeTime": stamp(moment), "sharingUser": person(by, user)}
    if file.trashed_at and file.drive_id:
        told |= {"trashedTime": stamp(file.trashed_at), "trashingUser": person(file.trashed_by, user)}
    return told


def _binary(file: File, content: bytes) -> Json:
    extension = file.original_name.rpartition(".")[2] if "." in file.original_name else ""
    return {
        "size": str(len(content)),
        "md5Checksum": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "sha1Checksum": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        "sha256Checksum": hashlib.sha256(content).hexdigest(),
        "originalFilename": file.original_name,
        "fileExtension": extension,
        "fullFileExtension": extension,
        "headRevisionId": f"0B{hashlib.sha256(file.id.encode() + content).hexdigest()[:44]}",
        "webContentLink": f"https://drive.google.com/uc?id={file.id}&export=download",
    }


def _view_link(file: File) -> str:
    if file.is_spreadsheet:
        return f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk"
    if file.mime_type == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    return f"https://drive.google.com/file/d/{file.id}/view?usp=drivesdk"


def is_trashed(drive: "Drive", file: File) -> bool:
    """Whether a file, or a folder above it, is in the trash."""
    above = drive.files.get(file.parent)
    return file.trashed_at is not None or (above is not None and is_trashed(drive, above))


def capabilities(drive: "Drive", file: File, user: str) -> dict[str, bool]:
    """What somebody may do with a file."""
    role = rank(drive.role(file, user))
    writes, comments, owns = role >= rank("writer"), role >= rank("commenter"), file.owner == user
    destroys, shares = drive.may_destroy(file, user), drive.may_share(file, user)
    copies = not file.is_folder and (writes or not file.writers_only_copy)
    may = {
        "canAcceptOwnership": any(p.who == user and p.pending_owner for p in file.permissions.values()),
        "canAddChildren": file.is_folder and writes,
        "canAddMyDriveParent": False,
        "canChangeCopyRequiresWriterPermission": writes,
        "canChangeSecurityUpdateEnabled": False,
        "canChangeViewersCanCopyContent": writes,
        "canComment": comments,
        "canCopy": copies,
        "canDelete": destroys,
        "canDownload": not file.is_folder and (writes or not file.writers_only_copy),
        "canEdit": writes,
        "canListChildren": file.is_folder,
        "canModifyContent": writes,
        "canModifyContentRestriction": writes,
        "canModifyLabels": False,
        "canMoveChildrenWithinDrive": file.is_folder and writes,
        "canMoveItemOutOfDrive": owns and not drive.is_root(file),
        "canMoveItemWithinDrive": writes and not drive.is_root(file),
        "canReadLabels": False,
        "canReadRevisions": writes and not file.is_folder,
        "canRemoveChildren": file.is_folder and writes,
        "canRename": writes and not drive.is_root(file),
        "canShare": shares,
        "canTrash": destroys,
        "canUntrash": destroys,
    }
    if file.drive_id:
        may |= {"canReadDrive": True, "canMoveItemWithinTeamDrive": may["canMoveItemWithinDrive"]}
    return may


def permission_json(permission: Permission, *, in_shared_drive: bool = False) -> Json:
    """A whole Permission."""
    told: Json = {"kind": "drive#permission", "id": permission.id, "type": permission.type, "role": permission.role}
    if permission.type in ("user", "group"):
        told |= {"emailAddress": permission.who, "displayName": display_name(permission.who), "deleted": False}
    if permission.type == "user":
        told["pendingOwner"] = permission.pending_owner
    if permission.type == "domain":
        told |= {"domain": permission.who, "displayName": permission.who}
    if permission.type in ("domain", "anyone"):
        told["allowFileDiscovery"] = permission.discoverable
    if permission.expires:
        told["expirationTime"] = stamp(permission.expires)
    if in_shared_drive:
        kind = "member" if permission.inherited else "file"
        told["permissionDetails"] = [
            {"permissionType": kind, "role": permission.role, "inherited": permission.inherited}
        ]
    return told
