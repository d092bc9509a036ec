"""The methods of `permissions`: who may see and change a file, and how a file gets another owner."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from tests.google.call import Call, Handler, Json
from tests.google.drive.files import ROLES, TYPES, File, Permission, rank
from tests.google.drive.metadata import moment
from tests.google.drive.pages import page
from tests.google.drive.refusals import (
    bad_request,
    file_not_found,
    forbidden,
    invalid,
    no_permission,
    not_found,
    not_writable,
)
from tests.google.drive.resource import permission_json
from tests.google.drive.store import Drive, Mail
from tests.google.wire import ApiError, Response

_SHORT = ("kind", "id", "type", "role", "allowFileDiscovery")
_IN_DRIVES_ONLY = ("fileOrganizer", "organizer")
_CONSUMERS = ("gmail.com", "googlemail.com")  # nobody administers them: an owner has to consent
NOTHING = Response(204, b"", {"Content-Type": "text/html"})


def all_drives(call: Call) -> bool:
    """Whether a call is made by an application that knows shared drives."""
    return call.flag("supportsAllDrives") or call.flag("supportsTeamDrives")


def file_of(call: Call) -> File:
    """The file that a call names, when whoever calls may see it. Raises ApiError 404."""
    file_id = call.parameters["fileId"]
    if not file_id:
        raise file_not_found(file_id)
    return call.google.drive.found(file_id, call.user, all_drives=all_drives(call))


def create(call: Call) -> Json:
    """permissions.create. Permission given anew to somebody replaces a lower role."""
    drive, file = call.google.drive, file_of(call)
    wanted = _wanted(call, file)
    if not drive.may_share(file, call.user):
        raise no_permission()
    old = drive.permissions(file).get(wanted.id)
    if wanted.role == "owner":
        _check_transfer(call, file, wanted)
        made = drive.hand_over(file, wanted.who)
        if call.flag("moveToNewOwnersRoot"):
            file.parent = drive.root(wanted.who).id
    elif old and rank(old.role) > rank(wanted.role):
        made = old
    else:
        if wanted.pending_owner:
            _check_owner(call, file)
        made = file.grant(wanted)
    _tell(call, drive, file, made)
    drive.noted(file)
    return _answer(call, file, made)


def _wanted(call: Call, file: File) -> Permission:
    body = call.body
    kind, role = body.get("type"), body.get("role")
    for name, value in (("type", kind), ("role", role)):
        if not value:
            message = f"The permission {name} field is required."
            raise ApiError(400, message, reason="required", location=f"permission.{name}")
    if kind not in TYPES:
        raise invalid("permission.type", "The specified type is invalid or not applicable for the given item type.")
    _check_role(file, str(kind), str(role))
    who = ""
    if kind in ("user", "group"):
        who = str(body.get("emailAddress") or "")
        if who.count("@") != 1 or who.startswith("@") or "." not in who.partition("@")[2]:
            raise _not_applicable("emailAddress")
    elif body.get("emailAddress"):
        raise _not_applicable("emailAddress")
    if kind == "domain":
        who = str(body.get("domain") or "")
        if "." not in who:
            raise _not_applicable("domain")
    return Permission(
        str(kind), str(role), who, discoverable=bool(body.get("allowFileDiscovery")) and kind in ("domain", "anyone"),
        pending_owner=_pending(body, str(kind), str(role)), expires=_expires(call, str(kind), str(role)),
    )  # fmt: skip


def _not_applicable(name: str) -> ApiError:
    message = f"The specified {name} is invalid or not applicable for the given permission type."
    return invalid(f"permission.{name}", message)


def _check_role(file: File, kind: str, role: str) -> None:
    possible = role in ROLES[1:]
    if role == "owner" and (kind != "user" or file.drive_id):
        possible = False
    if role in _IN_DRIVES_ONLY and (not file.drive_id or kind not in ("user", "group")):
        possible = False
    if not possible:
        raise invalid(
            "permission.role", "The specified role is invalid or not applicable for the given permission type."
        )


def _pending(body: Json, kind: str, role: str) -> bool:
    if not body.get("pendingOwner"):
        return False
    if kind != "user" or role != "writer":
        raise invalid("permission.pendingOwner", "A pending owner must be a user with the writer role.")
    return True


def _expires(call: Call, kind: str, role: str) -> datetime | None:
    """When a permission ends: only one of people that aren't owners does, and in the future."""
    text = call.body.get("expirationTime")
    if not text:
        return None
    if kind not in ("user", "group") or role == "owner":
        raise forbidden("Expiration dates cannot be set on this item.", "cannotSetExpiration")
    end = moment("permission.expirationTime", text)
    if end <= call.google.clock.now():
        raise forbidden("Expiration dates must be in the future.", "expirationDatesMustBeInTheFuture")
    return end


def _check_owner(call: Call, file: File) -> None:
    if file.owner != call.user:
        raise no_permission()


def _check_transfer(call: Call, file: File, new: Permission) -> None:
    """A new owner has to consent, unless both belong to one organisation."""
    if not call.flag("transferOwnership"):
        message = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
        raise forbidden(message, location="transferOwnership")
    old = file.permissions.get(new.id)
    if new.who == call.user and old and old.pending_owner:
        return
    _check_owner(call, file)
    domain = new.who.rpartition("@")[2]
    if domain != file.owner.rpartition("@")[2] or domain in _CONSUMERS:
        message = "Consent is required to transfer ownership of a file to another user."
        raise forbidden(message, "consentRequiredForOwnershipTransfer")
    if not _is_told(call):
        raise bad_request("sendNotificationEmail must be true for ownership transfers.", "sendNotificationEmail")


def _tell(call: Call, drive: Drive, file: File, made: Permission) -> None:
    """Those who get a file are told, unless the request says no."""
    if made.type not in ("user", "group"):
        return
    members = [made.who] if made.type == "user" else sorted(drive.groups.get(made.who, ()))
    for member in members:
        if member != call.user:
            file.shared_with.setdefault(member, (call.google.clock.now(), call.user))
    if _is_told(call):
        drive.mails.append(Mail(made.who, file.id, made.role, call.one("emailMessage")))


def _is_told(call: Call) -> bool:
    return call.one("sendNotificationEmail", "true").lower() != "false"


def get(call: Call) -> Json:
    """permissions.get."""
    file = file_of(call)
    call.google.drive.allowed(file, call.user, "writer")
    return _answer(call, file, _named(call, file))


def list_(call: Call) -> Json:
    """permissions.list. In My Drive all come at once unless a page size is asked for."""
    drive, file = call.google.drive, file_of(call)
    drive.allowed(file, call.user, "writer")
    shown, more = page(call, list(drive.permissions(file).values()), 100, 100)
    return {"kind": "drive#permissionList", **more, "permissions": [_answer(call, file, p) for p in shown]}


def update(call: Call) -> Json:
    """permissions.update: another role, an end, an owner to be."""
    drive, file, body = call.google.drive, file_of(call), call.body
    old = _named(call, file)
    same = {"type": old.type, "emailAddress": old.who, "domain": old.who, "id": old.id}
    writable = ("role", "expirationTime", "pendingOwner", "kind")
    if any(value != same.get(name) for name, value in body.items() if name not in writable):
        raise not_writable()
    role = str(body.get("role") or old.role)
    _check_role(file, old.type, role)
    accepts = role == "owner" and old.pending_owner and old.who == call.user
    if not accepts and not drive.may_share(file, call.user):
        raise no_permission()
    if old.role == "owner" and role != "owner":
        raise forbidden("The owner of a file cannot be removed.", "cannotRemoveOwner")
    pending = _pending({**body, "pendingOwner": body.get("pendingOwner", False)}, old.type, role)
    if role == "owner" and old.role != "owner":
        _check_transfer(call, file, replace(old, role="owner"))
        new = drive.hand_over(file, old.who)
    else:
        if pending:
            _check_owner(call, file)
        ends = None if call.flag("removeExpiration") else _expires(call, old.type, role) or old.expires
        new = file.grant(replace(old, role=role, pending_owner=pending, expires=ends, inherited=False))
    drive.noted(file)
    return _answer(call, file, new)


def delete(call: Call) -> Response:
    """permissions.delete: by who may share, or by those who give up their own."""
    drive, file = call.google.drive, file_of(call)
    old = _named(call, file)
    if old.who != call.user and not drive.may_share(file, call.user):
        raise no_permission()
    if old.role == "owner":
        raise forbidden("The owner of a file cannot be removed.", "cannotRemoveOwner")
    if old.id not in file.permissions:
        raise forbidden("Cannot delete inherited permissions.", "cannotDeleteInheritedPermission")
    viewers = frozenset(drive.viewers(file))
    del file.permissions[old.id]
    file.shared_with.pop(old.who, None)
    drive.noted(file, viewers=viewers)
    return NOTHING


def _named(call: Call, file: File) -> Permission:
    id_ = call.parameters["permissionId"]
    found = call.google.drive.permissions(file).get(id_)
    if found is None:
        raise not_found("Permission", id_, "permissionId")
    return found


def _answer(call: Call, file: File, permission: Permission) -> Json:
    told = permission_json(permission, in_shared_drive=bool(file.drive_id))
    return told if call.one("fields") else {name: told[name] for name in _SHORT if name in told}


HANDLERS: Mapping[str, Handler] = {
    "drive.permissions.create": create,
    "drive.permissions.get": get,
    "drive.permissions.list": list_,
    "drive.permissions.update": update,
    "drive.permissions.delete": delete,
}
