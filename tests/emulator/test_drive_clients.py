"""Drive as gspread and google-api-python-client use it, over HTTP."""

# mypy: disable-error-code="no-untyped-call,no-any-return"

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import gspread
import httplib2  # type: ignore[import-untyped]
import openpyxl
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build  # type: ignore[import-untyped]
from googleapiclient.errors import HttpError  # type: ignore[import-untyped]
from googleapiclient.http import MediaIoBaseDownload, MediaIoBaseUpload  # type: ignore[import-untyped]
from gspread.utils import ExportFormat

from tests.google.drive.files import FOLDER, SPREADSHEET
from tests.google.drive.resource import ODS, XLSX
from tests.google.server import serving
from tests.google.sheets.spreadsheet import Cell, Formula
from tests.google.world import Google

AMINA, KARIM, SOFIA = "amina@essai.example", "karim@essai.example", "sofia@ailleurs.example"
HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class Redirected(httplib2.Http):  # type: ignore[misc]
    """Speaks to the emulator instead of Google, as one person."""

    def __init__(self, url: str, user: str) -> None:
        super().__init__(timeout=10)
        self.redirect_codes = frozenset({301, 302, 303, 307})  # not 308: a piece of an upload that came well
        self._url, self._user = url, user

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **more: Any) -> Any:
        headers = {**(headers or {}), "authorization": f"Bearer user:{self._user}"}
        for host in HOSTS:
            uri = uri.replace(host, self._url)
        return super().request(uri, method, body, headers, **more)


class World:
    """A Google behind a port, and those who speak to it."""

    def __init__(self, google: Google, url: str) -> None:
        self.google, self.url = google, url

    def drive(self, user: str = AMINA) -> Any:
        return build("drive", "v3", http=Redirected(self.url, user), static_discovery=True, cache_discovery=False)

    def gspread(self, user: str = AMINA) -> gspread.Client:
        url = self.url

        class Client(gspread.HTTPClient):
            def request(self, method: str, endpoint: str, *args: Any, **more: Any) -> Any:
                for host in HOSTS:
                    endpoint = endpoint.replace(host, url)
                return super().request(method, endpoint, *args, **more)

        return gspread.Client(Credentials(f"user:{user}"), http_client=Client)


@pytest.fixture
def world() -> Iterator[World]:
    google = Google(any_token=True, no_quota=True)
    with serving(google) as url:
        yield World(google, url)
    assert google.violations == []


# --------------------------------------------------------------------------------------------------- gspread


def test_gspread_makes_lists_opens_and_deletes(world: World) -> None:
    client = world.gspread()
    folder = world.drive().files().create(body={"name": "2026", "mimeType": FOLDER}, fields="id").execute()["id"]
    made = client.create("Suivi", folder_id=folder)
    client.create("Autre")
    listed = client.list_spreadsheet_files(folder_id=folder)
    assert [set(file) for file in listed] == [{"id", "name", "createdTime", "modifiedTime"}]
    assert client.list_spreadsheet_files("Autre")[0]["name"] == "Autre"
    assert client.open("Suivi").id == made.id
    assert client.get_file_drive_metadata(made.id)["name"] == "Suivi"
    client.del_spreadsheet(made.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open("Suivi")
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open_by_key(made.id)


def test_gspread_may_not_open_what_belongs_to_others(world: World) -> None:
    made = world.gspread().create("Suivi")
    with pytest.raises(PermissionError):
        world.gspread(KARIM).open_by_key(made.id)


def test_gspread_shares_and_takes_back(world: World) -> None:
    book = world.gspread().create("Suivi")
    book.share(KARIM, perm_type="user", role="writer", notify=True, email_message="Bonjour")
    book.share("essai.example", perm_type="domain", role="reader")
    book.share("", perm_type="anyone", role="reader")
    told = {(p["type"], p["role"], p.get("emailAddress") or p.get("domain")) for p in book.list_permissions()}
    assert told == {
        ("user", "owner", AMINA), ("user", "writer", KARIM), ("domain", "reader", "essai.example"), ("anyone", "reader", None),
    }  # fmt: skip
    assert [(mail.to, mail.message) for mail in world.google.drive.mails] == [(KARIM, "Bonjour")]
    assert len(book.remove_permissions(KARIM)) == 1
    assert len(book.remove_permissions("essai.example", role="reader")) == 1
    assert {p["type"] for p in book.list_permissions()} == {"user", "anyone"}


def test_gspread_hands_a_spreadsheet_over(world: World) -> None:
    book = world.gspread().create("Suivi")
    book.share(SOFIA, perm_type="user", role="writer")
    permission = next(str(p["id"]) for p in book.list_permissions() if p.get("emailAddress") == SOFIA)
    book.transfer_ownership(permission)
    world.gspread(SOFIA).open_by_key(book.id).accept_ownership(permission)
    roles = {p["emailAddress"]: p["role"] for p in world.gspread(SOFIA).open_by_key(book.id).list_permissions()}
    assert roles == {SOFIA: "owner", AMINA: "writer"}


def test_gspread_copies_with_permissions_and_comments(world: World) -> None:
    client, comments = world.gspread(), world.drive().comments()
    book = client.create("Suivi")
    book.share(KARIM, perm_type="user", role="reader")
    comments.create(fileId=book.id, body={"content": "À relire"}, fields="id").execute()
    copied = client.copy(book.id, "Suivi (copie)", copy_permissions=False)
    assert copied.title == "Suivi (copie)"
    told = comments.list(fileId=copied.id, fields="comments(content,author/displayName)").execute()
    assert told == {"comments": [{"content": "À relire", "author": {"displayName": "amina"}}]}
    assert client.copy(book.id).title == "Copy of Suivi"


def test_gspread_imports_a_csv_over_a_spreadsheet(world: World) -> None:
    book = world.gspread().create("Suivi")
    answer = world.gspread().import_csv(book.id, "ville,pays\nRabat,Maroc")
    assert (answer["title"], answer["mimeType"], answer["kind"]) == ("Suivi", SPREADSHEET, "drive#file")
    assert (answer["parents"][0]["isRoot"], answer["parents"][0]["id"][-6:]) == (True, "Uk9PVA")
    assert answer["owners"][0]["picture"] == {"url": "https://lh3.googleusercontent.com/a/default-user=s64"}
    assert re.search(r"/htmlembed\?ouid=1\d{20}$", answer["embedLink"])
    assert book.id in answer["thumbnailLink"]
    assert answer["userPermission"]["etag"] != answer["etag"]
    stored = world.google.spreadsheets[book.id]
    assert [sheet.title for sheet in stored.sheets] == ["Suivi"]
    assert stored.properties["timeZone"] == "America/Los_Angeles"
    assert [[cell.entered for cell in row] for row in stored.sheets[0].rows] == [["ville", "pays"], ["Rabat", "Maroc"]]
    assert world.gspread().export(book.id, ExportFormat.CSV) == b"ville,pays\r\nRabat,Maroc"


# --------------------------------------------------------------------------------------------------- exports


def filled(world: World) -> str:
    """A spreadsheet of two sheets, with a number, a text that looks like a formula, a note and merged cells."""
    id_ = str(world.drive().files().create(body={"name": "Suivi", "mimeType": SPREADSHEET}).execute()["id"])
    sheet = world.google.spreadsheets[id_].sheets[0]
    money = {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}}
    sheet.put(0, 0, [Cell("Montant"), Cell(1250.5, money), Cell(True), Cell("é\t<b>")])
    sheet.put(2, 0, [Cell("'=1+1", note="à voir"), Cell(Formula("=B1*2"))])
    sheet.attached["merges"] = [
        {"sheetId": 0, "startRowIndex": 4, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 2}
    ]
    second = sheet.clone()
    second.properties |= {"sheetId": 7, "title": "Détail / 2026"}
    world.google.spreadsheets[id_].sheets.append(second)
    return id_


def test_an_xlsx_has_the_sheets_the_formulas_and_the_formats(world: World) -> None:
    content = world.drive().files().export(fileId=filled(world), mimeType=XLSX).execute()
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    assert workbook.sheetnames == ["Sheet1", "Détail  2026"]
    sheet = workbook["Sheet1"]
    assert [cell.value for cell in sheet[1]] == ["Montant", 1250.5, True, "é\t<b>"]
    assert (sheet["B1"].number_format, sheet["A3"].value, sheet["B3"].value) == ("#,##0.00", "'=1+1", "=B1*2")
    assert sheet["A3"].comment.text == "à voir"
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A5:B6"]


def test_a_workbook_comes_back_as_it_went(world: World) -> None:
    files = world.drive().files()
    for mime_type in (XLSX, ODS):
        content = files.export(fileId=filled(world), mimeType=mime_type).execute()
        media = MediaIoBaseUpload(io.BytesIO(content), mime_type)
        made = files.create(body={"name": "Retour", "mimeType": SPREADSHEET}, media_body=media).execute()
        sheets = world.google.spreadsheets[made["id"]].sheets
        assert len(sheets) == 2
        assert [cell.entered for cell in sheets[0].rows[0]][:3] == ["Montant", 1250.5, True]
        if mime_type == XLSX:
            assert sheets[0].cell(2, 1).entered == Formula("=B1*2")
            assert sheets[0].cell(0, 1).format == {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}}
            assert sheets[0].cell(2, 0).note == "à voir"
            assert len(sheets[0].attached["merges"]) == 1


def test_the_other_formats_are_what_they_say(world: World) -> None:
    files, id_ = world.drive().files(), filled(world)
    pdf = files.export(fileId=id_, mimeType="application/pdf").execute()
    start = int(pdf.split(b"startxref\n")[1].split(b"\n")[0])
    assert pdf.startswith(b"%PDF-1.4") and pdf[start:].startswith(b"xref") and b"Montant" in pdf
    pages = zipfile.ZipFile(io.BytesIO(files.export(fileId=id_, mimeType="application/zip").execute()))
    assert pages.namelist() == ["Sheet1.html", "Détail _ 2026.html"]
    assert "&lt;b&gt;" in pages.read("Sheet1.html").decode()
    tsv = files.export(fileId=id_, mimeType="text/tab-separated-values").execute().decode()
    assert tsv.split("\r\n")[0].startswith("Montant\t")
    assert tsv.split("\r\n")[0].endswith("é <b>")


# --------------------------------------------------------------------------------------------------- the API client


def test_a_file_tells_everything_when_asked(world: World) -> None:
    files = world.drive().files()
    made = files.create(
        body={"name": "Suivi", "mimeType": SPREADSHEET, "appProperties": {"a": "1"}}, fields="*"
    ).execute()
    assert (made["version"], made["ownedByMe"], made["shared"], made["trashed"]) == ("1", True, False, False)
    assert made["owners"][0]["emailAddress"] == made["lastModifyingUser"]["emailAddress"] == AMINA
    assert made["webViewLink"] == f"https://docs.google.com/spreadsheets/d/{made['id']}/edit?usp=drivesdk"
    assert made["parents"] == [files.get(fileId="root").execute()["id"]]
    assert (made["capabilities"]["canEdit"], made["appProperties"]) == (True, {"a": "1"})
    world.google.drive.touched(made["id"], KARIM)
    later = files.get(fileId=made["id"], fields="version,modifiedTime,lastModifyingUser(emailAddress,me)").execute()
    assert (later["version"], later["lastModifyingUser"]) == ("2", {"emailAddress": KARIM, "me": False})
    assert later["modifiedTime"] >= made["modifiedTime"]
    with pytest.raises(HttpError, match="Invalid field selection colour"):
        files.get(fileId=made["id"], fields="colour").execute()


def test_files_are_listed_page_after_page(world: World) -> None:
    files = world.drive().files()
    for number in range(5):
        files.create(body={"name": f"Suivi {number}", "mimeType": SPREADSHEET}).execute()
    request, names = files.list(q="name contains 'Suivi'", pageSize=2, fields="nextPageToken,files(name)"), []
    while request:
        answer = request.execute()
        names += [file["name"] for file in answer["files"]]
        request = files.list_next(request, answer)
    assert sorted(names) == [f"Suivi {number}" for number in range(5)]


def test_an_upload_in_pieces_ends_in_a_file(world: World) -> None:
    files, content = world.drive().files(), bytes(range(256)) * 2500
    media = MediaIoBaseUpload(io.BytesIO(content), "application/octet-stream", chunksize=256 * 1024, resumable=True)
    request, made, pieces = (
        files.create(body={"name": "a.bin"}, media_body=media, fields="id,size,md5Checksum"),
        None,
        0,
    )
    while made is None:
        _, made = request.next_chunk()
        pieces += 1
    assert (pieces, made["size"]) == (3, "640000")
    received = io.BytesIO()
    download, done = MediaIoBaseDownload(received, files.get_media(fileId=made["id"]), chunksize=300_000), False
    while not done:
        _, done = download.next_chunk()
    assert received.getvalue() == content
    media = MediaIoBaseUpload(io.BytesIO(b"court"), "text/plain", resumable=True)
    assert files.update(fileId=made["id"], media_body=media, fields="id,size").execute() == {
        "id": made["id"],
        "size": "5",
    }


def test_the_trash_is_emptied(world: World) -> None:
    files = world.drive().files()
    id_ = files.create(body={"name": "Suivi", "mimeType": SPREADSHEET}).execute()["id"]
    files.update(fileId=id_, body={"trashed": True}).execute()
    files.emptyTrash().execute()
    assert files.list().execute()["files"] == []
    assert world.google.spreadsheets == {}


def test_about_tells_who_asks(world: World) -> None:
    told = world.drive().about().get(fields="user(emailAddress,displayName),storageQuota/limit").execute()
    assert told == {"user": {"emailAddress": AMINA, "displayName": "amina"}, "storageQuota": {"limit": "16106127360"}}


def test_an_error_is_read_by_the_client(world: World) -> None:
    with pytest.raises(HttpError) as caught:
        world.drive().files().get(fileId="nothing").execute()
    assert caught.value.status_code == 404
    assert caught.value.reason == "File not found: nothing."
    assert caught.value.error_details[0]["reason"] == "notFound"
