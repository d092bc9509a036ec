"""The files that Drive holds, and who may do what with them.

Access comes from a file's own permissions and from those of the folders above it; in a shared drive, from its members.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

Json = dict[str, Any]

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
GOOGLE = "application/vnd.google-apps."

ROLES = (
    "",
    "reader",
    "commenter",
    "writer",
    "fileOrganizer",
    "organizer",
    "owner",
)  # each may do what those before may
TYPES = ("user", "group", "domain", "anyone")


def rank(role: str) -> int:
    """How much a role may do."""
    return ROLES.index(role)


@dataclass(frozen=True)
class Permission:
    """Who (an address, a domain, "" for anyone) has which role. inherited: it comes from a folder or a shared drive."""

    type: str
    role: str
    who: str = ""
    discoverable: bool = False
    pending_owner: bool = False
    expires: datetime | None = None
    inherited: bool = False

    @property
    def id(self) -> str:
        if self.type == "anyone":
            return "anyone" if self.discoverable else "anyoneWithLink"
        return permission_id(self.who) + ("" if self.type == "user" else "k")


def permission_id(who: str) -> str:
    """The number that Drive knows a person, a group or a domain by: the same on every file."""
    return f"{int(hashlib.sha256(who.casefold().encode()).hexdigest()[:16], 16) % 10**20:020d}"


@dataclass
class Comment:
    """A comment on a file."""

    id: str
    author: str
    content: str
    created: datetime
    modified: datetime
    anchor: str = ""
    quoted: Json | None = None
    deleted: bool = False
    resolved: bool = False


@dataclass
class File:
    """One file. content: its bytes, None for what Google keeps in forms of its own. parent: "" when it has none."""

    id: str
    name: str
    mime_type: str
    owner: str  # "" in a shared drive, which owns its files
    parent: str
    created: datetime
    modified: datetime
    last_modified_by: str
    version: int = 1
    trashed_at: datetime | None = None
    trashed_by: str = ""
    description: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    app_properties: dict[str, str] = field(default_factory=dict)
    starred_by: set[str] = field(default_factory=set)
    modified_by: dict[str, datetime] = field(default_factory=dict)  # when each person last changed it
    viewed_by: dict[str, datetime] = field(default_factory=dict)
    shared_with: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # when, and by whom
    permissions: dict[str, Permission] = field(default_factory=dict)
    writers_can_share: bool = True
    writers_only_copy: bool = False
    drive_id: str = ""
    content: bytes | None = None
    original_name: str = ""
    folder_color: str = ""
    target: str = ""  # of a shortcut
    comments: list[Comment] = field(default_factory=list)

    @property
    def is_folder(self) -> bool:
        return self.mime_type == FOLDER

    @property
    def is_spreadsheet(self) -> bool:
        return self.mime_type == SPREADSHEET

    def grant(self, permission: Permission) -> Permission:
        """Gives a permission; the one that the same people had is replaced."""
        self.permissions[permission.id] = permission
        return permission


@dataclass
class SharedDrive:
    """A shared drive. Its members' permissions are those of its root folder, whose identifier is its own."""

    id: str
    name: str
    created: datetime


def owner_permission(user: str) -> Permission:
    """What the owner of a file has."""
    return Permission("user", "owner", user)


def stronger(permissions: Iterator[Permission]) -> dict[str, Permission]:
    """One permission an identifier: the one that allows most, a file's own before those that come from above."""
    kept: dict[str, Permission] = {}
    for permission in permissions:
        old = kept.get(permission.id)
        if old is None or rank(permission.role) > rank(old.role):
            kept[permission.id] = permission
    return kept


def from_above(permission: Permission) -> Permission:
    """A permission as the files below get it: the owner of a folder may only write in the files of others."""
    role = "writer" if permission.role == "owner" else permission.role
    return replace(permission, role=role, inherited=True, pending_owner=False)
