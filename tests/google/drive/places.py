"""In which folder a file is: each has one parent, in somebody's My Drive or in a shared drive."""

from tests.google.call import Call, Json
from tests.google.drive.files import File, owner_permission, rank
from tests.google.drive.permissions import all_drives
from tests.google.drive.refusals import forbidden, invalid, no_permission


def parent_for(call: Call, body: Json, like: File | None = None) -> File:
    """The folder of a new file: that of `parents`, else that of the file it is a copy of, else My Drive."""
    drive, wanted = call.google.drive, body.get("parents") or []
    if len(wanted) > 1:
        raise invalid("file.parents", "The specified parents are invalid: a file has exactly one parent.")
    if wanted:
        return _folder(call, str(wanted[0]))
    above = drive.files.get(like.parent) if like else None
    if above and rank(drive.role(above, call.user)) >= rank("writer"):
        return above
    return drive.root(call.user)


def _folder(call: Call, id_: str) -> File:
    """A folder that whoever calls may put a file in."""
    drive = call.google.drive
    folder = drive.found(id_, call.user, all_drives=all_drives(call))
    if not folder.is_folder:
        raise forbidden("The specified parent is not a folder.", "parentNotAFolder")
    if rank(drive.role(folder, call.user)) < rank("writer"):
        raise forbidden("Insufficient permissions for the specified parent.", "insufficientParentPermissions")
    return folder


def destination(call: Call, file: File) -> File | None:
    """Where `addParents` and `removeParents` put a file, None when it stays. Raises ApiError when it can't go there."""
    drive = call.google.drive
    added, removed = _ids(call, "addParents"), _ids(call, "removeParents")
    if not added and not removed:
        return None
    drive.allowed(file, call.user, "writer")
    if drive.is_root(file):
        raise no_permission()
    kept = [] if file.parent in removed or not _is_seen(call, file.parent) else [file.parent]
    wanted = kept + [id_ for id_ in added if id_ not in kept]
    if len(wanted) > 1:
        raise forbidden("Increasing the number of parents is not allowed", "cannotAddParent")
    new = _folder(call, wanted[0]) if wanted else drive.root(file.owner or call.user)
    _check_no_loop(call, file, new)
    leaves = file.drive_id != new.drive_id
    if leaves and file.owner != call.user and rank(drive.role(file, call.user)) < rank("organizer"):
        raise no_permission()
    return None if new.id == file.parent else new


def move(call: Call, file: File, folder: File) -> None:
    """Puts a file in a folder."""
    file.parent = folder.id
    _settle(call, file, folder.drive_id)
    call.google.drive.noted(file)


def _ids(call: Call, name: str) -> list[str]:
    root = call.google.drive.root(call.user).id
    ids = (id_.strip() for id_ in call.one(name).split(","))
    return [root if id_ == "root" else id_ for id_ in ids if id_]


def _is_seen(call: Call, folder_id: str) -> bool:
    folder = call.google.drive.files.get(folder_id)
    return folder is not None and bool(call.google.drive.role(folder, call.user))


def _check_no_loop(call: Call, file: File, folder: File) -> None:
    above: File | None = folder
    while above:
        if above.id == file.id:
            raise forbidden(
                "A folder cannot be moved into itself or into what it holds.", "cyclicMembershipsNotAllowed"
            )
        above = call.google.drive.files.get(above.parent)


def _settle(call: Call, file: File, drive_id: str) -> None:
    """A file that comes into a shared drive is owned by nobody; one that leaves belongs to whoever takes it."""
    if file.drive_id == drive_id:
        return
    if drive_id and file.owner:
        del file.permissions[owner_permission(file.owner).id]
        file.owner = ""
    elif not drive_id:
        file.owner = call.user
        file.grant(owner_permission(call.user))
    file.drive_id = drive_id
    for below in list(call.google.drive.below(file)):
        _settle(call, below, drive_id)
