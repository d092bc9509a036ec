"""The methods of `about`, who asks and what they may do, and of `drives`, the shared drives."""

from collections.abc import Mapping

from tests.google.call import Call, Handler, Json
from tests.google.drive.files import SPREADSHEET, SharedDrive, rank
from tests.google.drive.pages import page
from tests.google.drive.refusals import fields_required, not_found
from tests.google.drive.resource import EXPORTS, ODS, XLSX, is_trashed, person, quota, stamp

_LIMIT = 15 * 2**30
_LARGEST_UPLOAD = 5_242_880_000_000
_COLOURS = ["#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46"]


def about(call: Call) -> Json:
    """about.get."""
    if not call.one("fields"):
        raise fields_required()
    drive, user = call.google.drive, call.user
    owned = [file for file in drive.files.values() if file.owner == user]
    usage = sum(quota(file) for file in owned)
    limit = 0 if user in drive.without_quota else _LIMIT
    imports = ("text/csv", "text/tab-separated-values", XLSX, ODS)
    return {
        "kind": "drive#about",
        "user": person(user, user),
        "storageQuota": {
            "limit": str(limit),
            "usage": str(usage),
            "usageInDrive": str(usage),
            "usageInDriveTrash": str(sum(quota(file) for file in owned if is_trashed(drive, file))),
        },
        "importFormats": {mime: [SPREADSHEET] for mime in imports},
        "exportFormats": {SPREADSHEET: list(EXPORTS)},
        "maxImportSizes": {SPREADSHEET: "104857600"},
        "maxUploadSize": str(_LARGEST_UPLOAD),
        "appInstalled": False,
        "folderColorPalette": _COLOURS,
        "driveThemes": [],
        "canCreateDrives": False,
        "teamDriveThemes": [],
        "canCreateTeamDrives": False,
    }


def get_drive(call: Call) -> Json:
    """drives.get."""
    drive, id_ = call.google.drive, call.parameters["driveId"]
    found = drive.drives.get(id_)
    if found is None or not drive.role(drive.files[id_], call.user):
        raise not_found("Shared drive", id_, "driveId")
    return _answer(call, found)


def list_drives(call: Call) -> Json:
    """drives.list."""
    drive = call.google.drive
    known = [d for d in drive.drives.values() if drive.role(drive.files[d.id], call.user)]
    shown, more = page(call, known, 10, 100)
    return {"kind": "drive#driveList", **more, "drives": [_answer(call, d) for d in shown]}


def _answer(call: Call, shared: SharedDrive) -> Json:
    told: Json = {"kind": "drive#drive", "id": shared.id, "name": shared.name}
    if call.one("fields"):
        role = rank(call.google.drive.role(call.google.drive.files[shared.id], call.user))
        writes, organizes = role >= rank("writer"), role >= rank("organizer")
        told |= {
            "createdTime": stamp(shared.created),
            "hidden": False,
            "capabilities": {
                "canAddChildren": writes, "canComment": role >= rank("commenter"), "canCopy": True,
                "canDeleteDrive": organizes, "canDownload": True, "canEdit": writes, "canListChildren": True,
                "canManageMembers": organizes, "canReadRevisions": True, "canRename": writes,
                "canRenameDrive": organizes, "canShare": writes,
                "canDeleteChildren": organizes, "canTrashChildren": role >= rank("fileOrganizer"),
            },
            "restrictions": {
                "adminManagedRestrictions": False, "copyRequiresWriterPermission": False, "domainUsersOnly": False,
                "driveMembersOnly": False, "sharingFoldersRequiresOrganizerPermission": False,
            },
        }  # fmt: skip
    return told


HANDLERS: Mapping[str, Handler] = {
    "drive.about.get": about,
    "drive.drives.get": get_drive,
    "drive.drives.list": list_drives,
}
