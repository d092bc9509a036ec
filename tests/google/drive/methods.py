"""The methods of `files`, but for the list and for content that comes and goes."""

import dataclasses
import re
from collections.abc import Mapping

from tests.google.call import Call, Handler, Json
from tests.google.drive.exporting import exported
from tests.google.drive.files import FOLDER, GOOGLE, SHORTCUT, SPREADSHEET, File
from tests.google.drive.importing import imported
from tests.google.drive.listing import list_files
from tests.google.drive.metadata import apply, note, read
from tests.google.drive.permissions import NOTHING, file_of
from tests.google.drive.places import destination, move, parent_for
from tests.google.drive.refusals import bad_request, forbidden, invalid, no_permission, required
from tests.google.drive.resource import file_json, is_trashed, short
from tests.google.drive.spreadsheets import converted
from tests.google.drive.uploads import CONTINUE, V2_UPDATE, Finish, Media, continuing, taking_media
from tests.google.drive.version2 import updated as version2
from tests.google.sheets.defaults import blank
from tests.google.wire import ApiError, Response

_LARGEST_EXPORT = 10 * 2**20
_BYTES = "application/octet-stream"


def _told(call: Call, file: File) -> Json:
    told = file_json(call.google.drive, file, call.user)
    return told if call.one("fields") else short(told)


def create(call: Call, body: Json, media: Media | None) -> Json:
    """files.create: with content or without."""
    drive = call.google.drive
    said = read(call, body, creating=True)
    parent = parent_for(call, body)
    mime_type = str(body.get("mimeType") or (media.mime_type if media else _BYTES))
    drive.charge(call.user, parent.id, mime_type)
    name = str(body.get("name") or "Untitled")
    file_id = _new_id(call, body, mime_type)
    content = _content(call, file_id, name, mime_type, media)
    file = drive.add(file_id, name, mime_type, call.user, parent.id, content)
    file.original_name = name if content is not None else ""
    apply(call, file, said)
    return _told(call, file)


def _new_id(call: Call, body: Json, mime_type: str) -> str:
    drive, wanted = call.google.drive, str(body.get("id") or "")
    if not wanted:
        return drive.new_id()
    if wanted in drive.files:
        raise ApiError(409, "A file already exists with the provided ID.", reason="fileIdInUse")
    if wanted not in drive.generated or mime_type.startswith(GOOGLE):
        raise invalid("file.id", "The provided file ID is not usable.")
    return wanted


def _content(call: Call, file_id: str, name: str, mime_type: str, media: Media | None) -> bytes | None:
    """The bytes of a new file; a spreadsheet has none, and is put where Sheets finds it."""
    if mime_type == SPREADSHEET:
        book = blank(file_id, name)
        if media:
            sheets = imported(media.content, media.mime_type, name, call.google.drive.new_number)
            book = converted(file_id, name, sheets)
        call.google.spreadsheets[file_id] = book
        return None
    if mime_type.startswith(GOOGLE):
        if media:
            raise bad_request("The requested conversion is not supported.", "convertTo")
        return None
    return media.content if media else b""


def get(call: Call) -> Json | Response:
    """files.get: what is known of a file, or with alt=media its content."""
    file = file_of(call)
    if call.one("alt") != "media":
        return _told(call, file)
    if file.content is None:
        message = "Only files with binary content can be directly downloaded. Use Export with Docs Editors files."
        raise forbidden(message, "fileNotDownloadable", "alt")
    return _download(call, file, file.content)


def _download(call: Call, file: File, content: bytes) -> Response:
    headers = {"Content-Type": file.mime_type, "Content-Disposition": "attachment"}
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", call.request.headers.get("range", ""))
    if not part:
        return Response(200, content, headers)
    start, end = int(part[1]), min(int(part[2] or len(content)), len(content) - 1)
    if start >= len(content):
        return Response(416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"})
    return Response(206, content[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{len(content)}"})


def copy(call: Call) -> Json:
    """files.copy: into the same folder where whoever copies may write there, else into their own."""
    drive, body, source = call.google.drive, call.body, file_of(call)
    said = read(call, body, creating=True)
    writes = drive.role(source, call.user) in ("owner", "organizer", "fileOrganizer", "writer")
    if source.is_folder or (source.writers_only_copy and not writes):
        raise forbidden("This file cannot be copied by the user.", "cannotCopyFile")
    parent = parent_for(call, body, like=source)
    mime_type = str(body.get("mimeType") or source.mime_type)
    drive.charge(call.user, parent.id, mime_type)
    name = str(body.get("name") or f"Copy of {source.name}")
    file_id = _new_id(call, body, mime_type)
    if source.mime_type == mime_type:
        content = source.content
        if book := call.google.spreadsheets.get(source.id):
            book = book.clone()
            book.id, book.properties["title"] = file_id, name
            call.google.spreadsheets[file_id] = book
    elif source.content is not None:
        content = _content(call, file_id, name, mime_type, Media(source.mime_type, source.content))
    else:
        raise bad_request("The requested conversion is not supported.", "convertTo")
    file = drive.add(file_id, name, mime_type, call.user, parent.id, content)
    file.original_name = source.original_name
    file.description, file.target = source.description, source.target
    file.properties, file.app_properties = dict(source.properties), dict(source.app_properties)
    if call.flag("copyComments"):
        file.comments = [dataclasses.replace(comment) for comment in source.comments if not comment.deleted]
    apply(call, file, said)
    return _told(call, file)


def update(call: Call, body: Json, media: Media | None) -> Json:
    """files.update: metadata, folder, trash, content."""
    drive, file = call.google.drive, file_of(call)
    said = read(call, body, creating=False)
    own = {"starred", "viewedByMeTime", "kind"}  # what a reader too may say of a file
    if media or said.keys() - own:
        drive.allowed(file, call.user, "writer")
    asked = str(said.get("mimeType", file.mime_type))
    if asked != file.mime_type and (not media or asked.startswith(GOOGLE) or file.content is None):
        raise bad_request("Invalid MIME type provided for the uploaded content.")
    if "trashed" in said and not drive.may_destroy(file, call.user):
        raise no_permission()
    folder = destination(call, file)
    if media:
        replace_content(call, file, media, asked if "mimeType" in said else media.mime_type)
    if "trashed" in said:
        file.trashed_at = (file.trashed_at or call.google.clock.now()) if said["trashed"] else None
        file.trashed_by = call.user if said["trashed"] else ""
    if folder:
        move(call, file, folder)
    note(call, file, said)
    apply(call, file, said)
    return _told(call, file)


def replace_content(call: Call, file: File, media: Media, mime_type: str) -> None:
    """Puts other content in a file: that of a spreadsheet is wholly another one, under the same name."""
    if file.is_spreadsheet:
        sheets = imported(media.content, media.mime_type, file.name, call.google.drive.new_number)
        call.google.spreadsheets[file.id] = converted(file.id, file.name, sheets)
    elif file.content is None:
        raise bad_request("The requested conversion is not supported.", "convertTo")
    else:
        file.content, file.mime_type = media.content, mime_type
    call.google.drive.touched(file.id, call.user)


def delete(call: Call) -> Response:
    """files.delete: for ever."""
    drive, file = call.google.drive, file_of(call)
    if not drive.may_destroy(file, call.user):
        raise no_permission()
    _remove(call, file)
    return NOTHING


def _remove(call: Call, file: File) -> None:
    for id_ in call.google.drive.remove(file):
        call.google.spreadsheets.pop(id_, None)


def empty_trash(call: Call) -> Response:
    """files.emptyTrash: of whoever calls, or of a shared drive."""
    drive, drive_id = call.google.drive, call.one("driveId")
    for file in list(drive.files.values()):
        mine = file.drive_id == drive_id if drive_id else file.owner == call.user
        if mine and file.id in drive.files and is_trashed(drive, file) and drive.may_destroy(file, call.user):
            _remove(call, file)
    return NOTHING


def generate_ids(call: Call) -> Json:
    """files.generateIds: identifiers to create files with."""
    text = call.one("count", "10")
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        message = f"Invalid value '{text}'. Values must be within the range: [1, 1000]"
        raise ApiError(400, message, reason="invalidParameter", location="count")
    ids = [call.google.drive.new_id() for _ in range(int(text))]
    call.google.drive.generated.update(ids)
    return {"kind": "drive#generatedIds", "space": call.one("space", "drive"), "ids": ids}


def export(call: Call) -> Response:
    """files.export: a spreadsheet in another format."""
    drive = call.google.drive
    file = drive.found(call.parameters["fileId"], call.user)  # it has no supportsAllDrives: shared drives are known
    mime_type = call.one("mimeType")
    if not mime_type:
        raise required("mimeType")
    if not file.mime_type.startswith(GOOGLE) or file.mime_type in (FOLDER, SHORTCUT):
        raise forbidden("Export only supports Docs Editors files.", "fileNotExportable")
    book = call.google.spreadsheets.get(file.id)
    content = exported(book, mime_type, call.google.clock.now()) if book else None
    if content is None:
        raise bad_request("The requested conversion is not supported.", "convertTo")
    if len(content) > _LARGEST_EXPORT:
        raise forbidden("This file is too large to be exported.", "exportSizeLimitExceeded")
    return Response(200, content, {"Content-Type": mime_type, "Content-Disposition": "attachment"})


_FINISHES: dict[str, Finish] = {"drive.files.create": create, "drive.files.update": update}

HANDLERS: Mapping[str, Handler] = {
    **{method: taking_media(finish) for method, finish in _FINISHES.items()},
    CONTINUE: continuing(_FINISHES),
    V2_UPDATE: taking_media(version2(replace_content)),
    "drive.files.list": list_files,
    "drive.files.get": get,
    "drive.files.copy": copy,
    "drive.files.delete": delete,
    "drive.files.emptyTrash": empty_trash,
    "drive.files.generateIds": generate_ids,
    "drive.files.export": export,
}
