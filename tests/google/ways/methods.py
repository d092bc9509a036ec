"""The arguments with which each method of google-api-python-client is tried: those of paths by name, the rest by method."""

from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from typing import Any, TypeAlias

from googleapiclient.http import MediaIoBaseUpload  # type: ignore[import-untyped]

from tests.google.clients import service
from tests.google.ways.desk import Desk

Arguments: TypeAlias = dict[str, Any]

_CHANNEL = {"id": "essai", "type": "web_hook", "address": "https://essai.example/hook"}
_WRITTEN = {"values": [["Tanger"]]}
_AREA = {"dataFilters": [{"a1Range": "A2:B2"}]}
_QUESTION = {"question": {"questionId": "00000002", "textQuestion": {}}}
_ASKED = {"requests": [{"createItem": {
    "item": {"itemId": "00000001", "title": "Ville", "questionItem": _QUESTION}, "location": {"index": 0},
}}]}  # fmt: skip
_PUBLISHED = {"publishSettings": {"publishState": {"isPublished": True, "isAcceptingResponses": True}}}
_SHARED = {"type": "user", "role": "reader", "emailAddress": "karim@essai.example"}


@cache
def _service(url: str) -> Any:
    return service(url, "drive", "v3")


def _drive(desk: Desk) -> Any:
    return _service(desk.url)


def _comment(desk: Desk) -> str:
    made = _drive(desk).comments().create(fileId=desk.book.id, fields="id", body={"content": "À revoir"}).execute()
    return str(made["id"])


def _reply(desk: Desk) -> str:
    asked = {"fileId": desk.book.id, "commentId": desk.made["commentId"], "fields": "id", "body": {"content": "Vu"}}
    return str(_drive(desk).replies().create(**asked).execute()["id"])


def _form(desk: Desk) -> str:
    made = service(desk.url, "forms", "v1").forms().create(body={"info": {"title": "Proposer un jumelage"}}).execute()
    return str(made["formId"])


def _answered(desk: Desk) -> str:
    """A response to the form, once it asks something and is published."""
    form, forms = desk.made["formId"], service(desk.url, "forms", "v1").forms()
    forms.batchUpdate(formId=form, body=_ASKED).execute()
    forms.setPublishSettings(formId=form, body=_PUBLISHED).execute()
    return desk.google.staff.now().answer(form, {"00000002": "Rabat"})


def _shared_drive(desk: Desk) -> str:
    return str(_drive(desk).drives().create(requestId=desk.book.id, body={"name": "Coopération"}).execute()["id"])


def _metadata(desk: Desk) -> int:
    wanted = {"metadataKey": "essai", "location": {"spreadsheet": True}, "visibility": "DOCUMENT"}
    added = desk.book.batch_update({"requests": [{"createDeveloperMetadata": {"developerMetadata": wanted}}]})
    return int(added["replies"][0]["createDeveloperMetadata"]["developerMetadata"]["metadataId"])


def _once(name: str, make: Callable[[Desk], str]) -> Callable[[Desk], str]:
    """What is made once a desk."""

    def made(desk: Desk) -> str:
        if name not in desk.made:
            desk.made[name] = make(desk)
        return desk.made[name]

    return made


# in the order in which they are made: a reply wants its comment
PARAMETERS: Mapping[str, Callable[[Desk], Any]] = {
    "spreadsheetId": lambda desk: desk.book.id,
    "sheetId": lambda desk: desk.sheet.id,
    "range": lambda desk: "Sheet1!A2:B2",
    "metadataId": _metadata,
    "fileId": lambda desk: desk.book.id,
    "commentId": _once("commentId", _comment),
    "replyId": _once("replyId", _reply),
    "permissionId": _once("permissionId", Desk.share),
    "driveId": _once("driveId", _shared_drive),
    "teamDriveId": _once("driveId", _shared_drive),
    "revisionId": lambda desk: "1",
    "proposalId": lambda desk: "essai",
    "approvalId": lambda desk: "essai",
    "appId": lambda desk: "essai",
    "name": lambda desk: "essai",
    "requestId": lambda desk: desk.book.id + "-2",
    "mimeType": lambda desk: "text/csv",
    "formId": _once("formId", _form),
    "responseId": _once("responseId", _answered),
    "watchId": lambda desk: "essai",
    "pageToken": lambda desk: _drive(desk).changes().getStartPageToken().execute()["startPageToken"],
}

ARGUMENTS: Mapping[str, Callable[[Desk], Arguments]] = {
    "forms.forms.batchUpdate": lambda desk: {"body": _ASKED},
    "forms.forms.create": lambda desk: {"body": {"info": {"title": "Proposer un jumelage"}}},
    "forms.forms.setPublishSettings": lambda desk: {"body": _PUBLISHED},
    "forms.forms.watches.create": lambda desk: {"body": {"watch": {"eventType": "RESPONSES"}}},
    "forms.forms.watches.renew": lambda desk: {"body": {}},
    "sheets.spreadsheets.batchUpdate": lambda desk: {"body": {"requests": [{"addSheet": {}}]}},
    "sheets.spreadsheets.create": lambda desk: {"body": {"properties": {"title": "Neuf"}}},
    "sheets.spreadsheets.getByDataFilter": lambda desk: {"body": _AREA},
    "sheets.spreadsheets.developerMetadata.search": lambda desk: {"body": _AREA},
    "sheets.spreadsheets.sheets.copyTo": lambda desk: {"body": {"destinationSpreadsheetId": desk.book.id}},
    "sheets.spreadsheets.values.append": lambda desk: {"valueInputOption": "RAW", "body": _WRITTEN},
    "sheets.spreadsheets.values.batchClear": lambda desk: {"body": {"ranges": ["A2"]}},
    "sheets.spreadsheets.values.batchClearByDataFilter": lambda desk: {"body": _AREA},
    "sheets.spreadsheets.values.batchGet": lambda desk: {"ranges": ["A1", "B2:C3"]},
    "sheets.spreadsheets.values.batchGetByDataFilter": lambda desk: {"body": _AREA},
    "sheets.spreadsheets.values.batchUpdate": lambda desk: {
        "body": {"valueInputOption": "RAW", "data": [{"range": "B2", **_WRITTEN}]}
    },
    "sheets.spreadsheets.values.batchUpdateByDataFilter": lambda desk: {
        "body": {"valueInputOption": "RAW", "data": [{"dataFilter": {"a1Range": "B2"}, **_WRITTEN}]}
    },
    "sheets.spreadsheets.values.clear": lambda desk: {"body": {}},
    "sheets.spreadsheets.values.update": lambda desk: {
        "range": "B2", "valueInputOption": "USER_ENTERED", "body": _WRITTEN,
    },
    "drive.about.get": lambda desk: {"fields": "user,storageQuota"},
    "drive.accessproposals.resolve": lambda desk: {"body": {"action": "ACCEPT", "role": ["reader"]}},
    "drive.changes.watch": lambda desk: {"body": _CHANNEL},
    "drive.channels.stop": lambda desk: {"body": {"id": "essai", "resourceId": "essai"}},
    "drive.comments.create": lambda desk: {"fields": "id,content", "body": {"content": "À revoir"}},
    "drive.comments.get": lambda desk: {"fields": "id,content"},
    "drive.comments.list": lambda desk: {"fields": "comments(id,content)"},
    "drive.comments.update": lambda desk: {"fields": "id,content", "body": {"content": "Revu"}},
    "drive.drives.create": lambda desk: {"body": {"name": "Coopération"}},
    "drive.drives.update": lambda desk: {"body": {"name": "Partenariats"}},
    "drive.files.copy": lambda desk: {"body": {"name": "Copie"}},
    "drive.files.create": lambda desk: {
        "body": {"name": "note.txt"}, "media_body": MediaIoBaseUpload(BytesIO(b"essai"), "text/plain"),
    },
    "drive.files.list": lambda desk: {"q": "name = 'Suivi' and trashed = false"},
    "drive.files.update": lambda desk: {"body": {"name": "Suite"}},
    "drive.files.watch": lambda desk: {"body": _CHANNEL},
    "drive.permissions.create": lambda desk: {"sendNotificationEmail": False, "body": _SHARED},
    "drive.permissions.update": lambda desk: {"body": {"role": "reader"}},
    "drive.replies.create": lambda desk: {"fields": "id,content", "body": {"content": "Vu"}},
    "drive.replies.get": lambda desk: {"fields": "id,content"},
    "drive.replies.list": lambda desk: {"fields": "replies(id,content)"},
    "drive.replies.update": lambda desk: {"fields": "id,content", "body": {"content": "Vu et revu"}},
    "drive.revisions.update": lambda desk: {"body": {"keepForever": True}},
    "drive.teamdrives.create": lambda desk: {"body": {"name": "Coopération"}},
    "drive.teamdrives.update": lambda desk: {"body": {"name": "Partenariats"}},
}  # fmt: skip
