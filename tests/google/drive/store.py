"""Drive: every file, the changes made to them in order, and what each person may do."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tests.google.clock import Clock
from tests.google.drive.files import (
    FOLDER,
    SPREADSHEET,
    File,
    Permission,
    SharedDrive,
    from_above,
    owner_permission,
    rank,
    stronger,
)
from tests.google.drive.refusals import file_not_found, forbidden, no_permission
from tests.google.drive.uploading import Sessions
from tests.google.wire import ApiError

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NO_QUOTA = (
    "Service Accounts do not have storage quota. Leverage shared drives "
    "(https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use OAuth delegation "
    "(http://support.google.com/a/answer/7281227) instead."
)


def _top_id(chance: random.Random) -> str:
    """An identifier for the top folder of a person or of a shared drive: shorter, and of one end."""
    return f"0A{''.join(chance.choices(_LETTERS, k=11))}Uk9PVA"


@dataclass(frozen=True)
class Change:
    """Something happened to a file. viewers: who could see it before, and may have to be told that it is gone."""

    number: int
    file_id: str
    time: datetime
    viewers: frozenset[str]


@dataclass(frozen=True)
class Mail:
    """A notification that Drive sent for a permission."""

    to: str
    file_id: str
    role: str
    message: str


class Drive:
    """The files of everybody.

    groups: the members of each group that files are shared with. without_quota: the addresses that may own nothing, as
    Google's service accounts created since 2025 may not. mails: the notifications sent.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._random = random.Random(4)  # identifiers are the same at each run
        self.files: dict[str, File] = {}
        self.drives: dict[str, SharedDrive] = {}
        self.changes: list[Change] = []
        self.groups: dict[str, set[str]] = {}
        self.without_quota: set[str] = set()
        self.mails: list[Mail] = []
        self.generated: set[str] = set()
        self.sessions = Sessions()

    # --------------------------------------------------------------------------------------- what Sheets tells Drive

    def created(self, file_id: str, name: str, user: str, mime_type: str = SPREADSHEET) -> None:
        """A file was made by somebody outside Drive. Raises ApiError 403 when that somebody may own nothing."""
        if user in self.without_quota:
            raise ApiError(403, "The caller does not have permission")
        self.add(file_id, name, mime_type, user, self.root(user).id)

    def renamed(self, file_id: str, name: str, user: str) -> None:
        """A file was given another name by somebody."""
        if file_id in self.files:
            self.files[file_id].name = name
            self.touched(file_id, user)

    def touched(self, file_id: str, user: str) -> None:
        """A file was changed by somebody."""
        file = self.files.get(file_id)
        if file:
            now = self._clock.now()
            file.modified, file.last_modified_by = now, user
            file.modified_by[user] = file.viewed_by[user] = now
            self.noted(file)

    def check(self, file_id: str, user: str, writing: bool) -> None:
        """Whether somebody may read or write a file. Raises ApiError 404 or 403, as Sheets does."""
        file = self.files.get(file_id)
        if file is None:
            raise ApiError(404, "Requested entity was not found.")
        if rank(self.role(file, user)) < rank("writer" if writing else "reader"):
            raise ApiError(403, "The caller does not have permission")

    # ----------------------------------------------------------------------------------------------- files

    def new_id(self) -> str:
        """An identifier that no file has."""
        return "1" + "".join(self._random.choices(_LETTERS, k=43))

    def new_number(self) -> int:
        """An identifier for a sheet."""
        return self._random.randrange(1, 2**31)

    def add(
        self, file_id: str, name: str, mime_type: str, user: str, parent: str, content: bytes | None = None
    ) -> File:
        """Puts a new file in a folder. In a shared drive, nobody owns it."""
        now = self._clock.now()
        drive_id = self.files[parent].drive_id if parent else ""
        owner = "" if drive_id else user
        file = File(file_id, name, mime_type, owner, parent, now, now, user, content=content, drive_id=drive_id)
        file.modified_by[user] = file.viewed_by[user] = now
        if owner:
            file.grant(owner_permission(user))
        self.files[file_id] = file
        self.noted(file, grows=False)
        return file

    def charge(self, user: str, parent: str, mime_type: str) -> None:
        """Raises ApiError 403 when a file made there would belong to somebody who may own nothing."""
        if user in self.without_quota and mime_type != FOLDER and not self.files[parent].drive_id:
            raise forbidden(NO_QUOTA, "storageQuotaExceeded")

    def noted(self, file: File, *, grows: bool = True, viewers: frozenset[str] = frozenset()) -> None:
        """Writes a change of a file down."""
        if grows:
            file.version += 1
        seen = viewers | frozenset(self.viewers(file))
        self.changes.append(Change(len(self.changes) + 1, file.id, self._clock.now(), seen))

    def remove(self, file: File) -> list[str]:
        """Deletes a file for ever, and what a folder holds. Gives the identifiers of all that went."""
        gone = [id_ for below in list(self.below(file)) for id_ in self.remove(below)]
        self.noted(file)
        del self.files[file.id]
        return [file.id, *gone]

    def below(self, folder: File) -> Iterator[File]:
        """The files of a folder."""
        return (file for file in self.files.values() if file.parent == folder.id)

    def root(self, user: str) -> File:
        """The folder "My Drive" of somebody."""
        id_ = self._root_id(user)
        if id_ not in self.files:
            now = self._clock.now()
            self.files[id_] = File(id_, "My Drive", FOLDER, user, "", now, now, user)
            self.files[id_].grant(owner_permission(user))
        return self.files[id_]

    def is_root(self, file: File) -> bool:
        """True for somebody's "My Drive", and for the top of a shared drive."""
        return not file.parent and (file.id in self.drives or file.id == self._root_id(file.owner))

    def _root_id(self, user: str) -> str:
        return _top_id(random.Random(user))

    def new_drive(self, name: str, organizer: str) -> SharedDrive:
        """A shared drive."""
        id_ = _top_id(self._random)
        drive = SharedDrive(id_, name, self._clock.now())
        top = File(id_, name, FOLDER, "", "", drive.created, drive.created, organizer, drive_id=id_)
        top.grant(Permission("user", "organizer", organizer))
        self.drives[id_], self.files[id_] = drive, top
        return drive

    # ----------------------------------------------------------------------------------------------- who may do what

    def permissions(self, file: File) -> dict[str, Permission]:
        """All the permissions of a file: its own, and those of the folders above."""
        return stronger(self._every_permission(file))

    def _every_permission(self, file: File) -> Iterator[Permission]:
        yield from file.permissions.values()
        above = self.files.get(file.parent)
        if above and (above.id in self.drives or not self.is_root(above)):
            yield from map(from_above, self._every_permission(above))

    def role(self, file: File, user: str) -> str:
        """The highest role that somebody has on a file, "" for none."""
        held = [p.role for p in self.permissions(file).values() if self._concerns(p, user)]
        return max(held, key=rank, default="")

    def knows(self, file: File, user: str) -> bool:
        """Whether a file is among those that Drive lists to somebody: shared with them, not merely open to anyone."""
        found = (p for p in self.permissions(file).values() if p.type in ("user", "group") or p.discoverable)
        return any(self._concerns(p, user) for p in found)

    def viewers(self, file: File) -> set[str]:
        """The addresses that a file is shared with."""
        return {p.who for p in self.permissions(file).values() if p.type == "user"}

    def _concerns(self, permission: Permission, user: str) -> bool:
        if permission.expires and permission.expires <= self._clock.now():
            return False
        who, user = permission.who.casefold(), user.casefold()
        if permission.type == "group":
            return user in {member.casefold() for member in self.groups.get(permission.who, ())}
        if permission.type == "domain":
            return user.rpartition("@")[2] == who
        return permission.type == "anyone" or user == who

    def found(self, file_id: str, user: str, *, all_drives: bool = True) -> File:
        """A file that somebody may read, "root" for their own folder. Raises ApiError 404."""
        file = self.root(user) if file_id == "root" else self.files.get(file_id)
        if file is None or not self.role(file, user) or (file.drive_id and not all_drives):
            raise file_not_found(file_id)
        return file

    def allowed(self, file: File, user: str, role: str) -> None:
        """Raises ApiError 403 when somebody has less than that role."""
        if rank(self.role(file, user)) < rank(role):
            raise no_permission()

    def may_destroy(self, file: File, user: str) -> bool:
        """Who may trash and delete: the owner, in a shared drive those who organise its files."""
        if self.is_root(file):
            return False
        return rank(self.role(file, user)) >= rank("fileOrganizer" if file.drive_id else "owner")

    def may_share(self, file: File, user: str) -> bool:
        """Who may give permissions."""
        role = self.role(file, user)
        return rank(role) > rank("writer") or (role == "writer" and file.writers_can_share)

    def hand_over(self, file: File, new: str) -> Permission:
        """Makes somebody the owner; the one before may still write."""
        file.grant(replace(owner_permission(file.owner), role="writer"))
        file.owner = new
        return file.grant(owner_permission(new))
