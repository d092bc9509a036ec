"""What the body of a request says of a file, checked and put in it."""

from datetime import datetime

from tests.google.call import Call, Json
from tests.google.drive.files import SHORTCUT, File
from tests.google.drive.refusals import forbidden, invalid, not_writable

_WRITABLE = {
    "name", "description", "mimeType", "starred", "properties", "appProperties", "createdTime", "modifiedTime",
    "viewedByMeTime", "writersCanShare", "copyRequiresWriterPermission", "viewersCanCopyContent", "folderColorRgb",
    "originalFilename", "kind",
}  # fmt: skip
_AT_BIRTH = {"id", "parents", "shortcutDetails"}
_MOMENTS = ("createdTime", "modifiedTime", "viewedByMeTime")
_LONGEST_PROPERTY = 124
_CONTENT = {"name", "description", "originalFilename", "properties", "appProperties"}  # what counts as a modification


def read(call: Call, body: Json, *, creating: bool) -> Json:
    """What a body says, its nulls left out and its times read. Raises ApiError when something can't be said."""
    said = {name: value for name, value in body.items() if value is not None}
    if not creating and "parents" in said:
        raise forbidden("The parents field is not directly writable in update requests. Use the addParents and "
                        "removeParents parameters instead.", "fieldNotWritable")  # fmt: skip
    if said.keys() - _WRITABLE - (_AT_BIRTH if creating else {"trashed"}):
        raise not_writable()
    for name in ("properties", "appProperties"):
        for key, value in said.get(name, {}).items():
            if value is not None and len(key.encode()) + len(str(value).encode()) > _LONGEST_PROPERTY:
                raise invalid(name, "Properties and app properties are limited to 124 bytes of UTF-8, key and value.")
    target = said.get("shortcutDetails", {}).get("targetId")
    if bool(target) != (said.get("mimeType") == SHORTCUT):
        raise invalid("file.shortcutDetails.targetId")
    if target:
        call.google.drive.found(str(target), call.user)
    return {name: moment(name, value) if name in _MOMENTS else value for name, value in said.items()}


def apply(call: Call, file: File, said: Json) -> None:
    """Puts in a file what was said of it."""
    _apply_texts(file, said)
    if "name" in said and (book := call.google.spreadsheets.get(file.id)):
        book.properties["title"] = file.name
    if "starred" in said:
        (file.starred_by.add if said["starred"] else file.starred_by.discard)(call.user)
    file.writers_can_share = bool(said.get("writersCanShare", file.writers_can_share))
    if "viewersCanCopyContent" in said:
        file.writers_only_copy = not said["viewersCanCopyContent"]
    file.writers_only_copy = bool(said.get("copyRequiresWriterPermission", file.writers_only_copy))
    file.target = said.get("shortcutDetails", {}).get("targetId", file.target)
    file.created, file.modified = said.get("createdTime", file.created), said.get("modifiedTime", file.modified)
    if "viewedByMeTime" in said:
        file.viewed_by[call.user] = said["viewedByMeTime"]


def note(call: Call, file: File, said: Json) -> None:
    """Tells that a file was changed by what was said of it: modified by some of it, only another version by the rest."""
    if said.keys() & _CONTENT:
        call.google.drive.touched(file.id, call.user)
    elif said:
        call.google.drive.noted(file)


def _apply_texts(file: File, said: Json) -> None:
    file.name = str(said.get("name", file.name))
    file.description = str(said.get("description", file.description))
    file.original_name = str(said.get("originalFilename", file.original_name))
    file.folder_color = str(said.get("folderColorRgb", file.folder_color))
    for name, held in (("properties", file.properties), ("appProperties", file.app_properties)):
        for key, value in said.get(name, {}).items():
            if value is None:
                held.pop(key, None)
            else:
                held[key] = str(value)


def moment(name: str, text: object) -> datetime:
    """A time of RFC 3339. Raises ApiError 400."""
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise invalid(name, f'Invalid value for: Invalid format: "{text}"')
    return read
