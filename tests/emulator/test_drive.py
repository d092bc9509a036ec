"""Drive's files as a program meets them: made, found, moved, followed, and refused in Drive's own form."""

import json

import pytest

from tests.emulator.asking import AMINA, KARIM, Asking, refusal
from tests.google.drive.files import FOLDER, SPREADSHEET
from tests.google.sheets.defaults import blank
from tests.google.wire import Request, Response


@pytest.fixture
def world() -> Asking:
    return Asking()


# --------------------------------------------------------------------------------------------------- files


def test_a_new_spreadsheet_is_there_for_sheets_too(world: Asking) -> None:
    answer = world.call("POST", "files", {"name": "Suivi", "mimeType": SPREADSHEET}, supportsAllDrives="True").json
    assert list(answer) == ["kind", "id", "name", "mimeType"]
    assert (answer["kind"], answer["name"], len(answer["id"])) == ("drive#file", "Suivi", 44)
    book = world.google.spreadsheets[answer["id"]]
    assert (book.id, book.properties["title"], book.properties["timeZone"]) == (answer["id"], "Suivi", "Etc/GMT")
    assert [(s.title, s.id, s.row_count, s.column_count) for s in book.sheets] == [("Sheet1", 0, 1000, 26)]


def test_drive_and_sheets_make_the_same_spreadsheet(world: Asking) -> None:
    by_drive, by_sheets = world.google.spreadsheets[world.make("Suivi")], blank("1essai", "Suivi")
    assert by_drive.properties == by_sheets.properties
    assert [sheet.properties for sheet in by_drive.sheets] == [sheet.properties for sheet in by_sheets.sheets]
    accent = by_drive.properties["spreadsheetTheme"]["themeColors"][2]
    assert accent == {
        "colorType": "ACCENT1", "color": {"rgbColor": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275}}
    }  # fmt: skip


def test_a_rename_in_drive_and_one_in_sheets_are_the_same(world: Asking) -> None:
    id_ = world.make("Suivi")
    assert world.call("PATCH", f"files/{id_}", {"name": "Suivi 2026"}).json["name"] == "Suivi 2026"
    assert world.google.spreadsheets[id_].properties["title"] == "Suivi 2026"
    world.google.drive.renamed(id_, "Suivi 2027", KARIM)
    assert world.call("GET", f"files/{id_}").json["name"] == "Suivi 2027"


def test_a_file_deleted_is_gone_for_good(world: Asking) -> None:
    id_ = world.make("Suivi")
    answer = world.call("DELETE", f"files/{id_}")
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (204, b"", "text/html")
    assert id_ not in world.google.spreadsheets
    assert refusal(world.call("GET", f"files/{id_}")) == (404, "notFound", f"File not found: {id_}.")
    entry = world.call("GET", f"files/{id_}").json["error"]["errors"][0]
    assert (entry["domain"], entry["location"], entry["locationType"]) == ("global", "fileId", "parameter")


def test_a_folder_goes_with_all_it_holds(world: Asking) -> None:
    folder = world.make("2026", FOLDER)
    inside = world.make("Suivi", parent=world.make("Mars", FOLDER, folder))
    world.call("DELETE", f"files/{folder}")
    assert world.names() == []
    assert inside not in world.google.spreadsheets


def test_a_copy_has_the_cells_and_a_name_of_its_own(world: Asking) -> None:
    id_ = world.make("Suivi")
    world.google.spreadsheets[id_].properties["locale"] = "fr_FR"
    copied = world.call("POST", f"files/{id_}/copy", {"name": None, "mimeType": SPREADSHEET}).json
    assert copied["name"] == "Copy of Suivi"
    book = world.google.spreadsheets[copied["id"]]
    assert (book.id, book.properties["title"], book.properties["locale"]) == (copied["id"], "Copy of Suivi", "fr_FR")
    assert world.google.spreadsheets[id_].properties["title"] == "Suivi"


def test_a_folder_isnt_copied(world: Asking) -> None:
    answer = world.call("POST", f"files/{world.make('2026', FOLDER)}/copy", {})
    assert refusal(answer) == (403, "cannotCopyFile", "This file cannot be copied by the user.")


def test_a_file_moves_from_its_one_folder_to_another(world: Asking) -> None:
    old, new = world.make("2025", FOLDER), world.make("2026", FOLDER)
    id_ = world.make("Suivi", parent=old)
    answer = world.call("PATCH", f"files/{id_}", {}, addParents=new)
    assert refusal(answer) == (403, "cannotAddParent", "Increasing the number of parents is not allowed")
    assert world.call("PATCH", f"files/{id_}", {}, addParents=new, removeParents=old).status == 200
    assert (world.names(f"'{old}' in parents"), world.names(f"'{new}' in parents")) == ([], ["Suivi"])
    answer = world.call("PATCH", f"files/{id_}", {"parents": [old]})
    assert refusal(answer)[:2] == (403, "fieldNotWritable")


def test_a_folder_doesnt_go_into_itself(world: Asking) -> None:
    outer = world.make("2026", FOLDER)
    inner = world.make("Mars", FOLDER, outer)
    answer = world.call("PATCH", f"files/{outer}", {}, addParents=inner, removeParents="root")
    assert refusal(answer)[:2] == (403, "cyclicMembershipsNotAllowed")


def test_the_trash_holds_files_until_they_are_taken_out(world: Asking) -> None:
    kept, thrown = world.make("Garder"), world.make("Jeter")
    world.call("PATCH", f"files/{thrown}", {"trashed": True})
    assert world.names("trashed = false") == ["Garder"]
    assert set(world.names()) == {"Garder", "Jeter"}
    world.call("PATCH", f"files/{thrown}", {"trashed": False})
    assert set(world.names("trashed = false")) == {"Garder", "Jeter"}
    assert kept in world.google.spreadsheets


def test_what_only_drive_may_set_is_refused(world: Asking) -> None:
    answer = world.call("POST", "files", {"name": "Suivi", "version": "3"})
    assert refusal(answer)[:2] == (403, "fieldNotWritable")
    assert world.names() == []


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ({"trashed": True}, {"addParents": "nowhere"}),
        ({"name": "X", "createdTime": "hier"}, {}),
        ({"name": "X", "size": "3"}, {}),
    ],
)
def test_what_is_refused_changes_nothing(world: Asking, body: dict[str, object], query: dict[str, str]) -> None:
    id_ = world.make("Suivi")
    start = world.call("GET", "changes/startPageToken").json["startPageToken"]
    assert world.call("PATCH", f"files/{id_}", body, **query).status in (400, 403, 404)
    assert world.names("trashed = false") == ["Suivi"]
    assert world.call("GET", "changes", pageToken=start).json["changes"] == []


def test_a_star_is_everyones_own(world: Asking) -> None:
    id_ = world.make("Suivi")
    world.share(id_, KARIM, "reader")
    assert world.call("PATCH", f"files/{id_}", {"starred": True}, as_=KARIM).status == 200
    assert (world.names("starred = true"), world.names("starred = true", as_=KARIM)) == ([], ["Suivi"])


def test_a_shortcut_leads_to_a_file(world: Asking) -> None:
    id_ = world.make("Suivi")
    shortcut = "application/vnd.google-apps.shortcut"
    world.make("Raccourci", shortcut, shortcutDetails={"targetId": id_})
    assert world.names(f"shortcutDetails.targetId = '{id_}'") == ["Raccourci"]
    assert world.call("POST", "files", {"name": "Vide", "mimeType": shortcut}).status == 400


def test_identifiers_made_beforehand_serve_once(world: Asking) -> None:
    made = world.call("GET", "files/generateIds", count="2").json
    assert (made["kind"], made["space"], len(set(made["ids"]))) == ("drive#generatedIds", "drive", 2)
    assert world.make("a.txt", "text/plain", id=made["ids"][0]) == made["ids"][0]
    answer = world.call("POST", "files", {"id": made["ids"][0], "mimeType": "text/plain"})
    assert refusal(answer)[:2] == (409, "fileIdInUse")


def test_an_account_without_storage_makes_folders_only(world: Asking) -> None:
    world.google.drive.without_quota.add(AMINA)
    world.make("2026", FOLDER)
    answer = world.call("POST", "files", {"name": "Suivi", "mimeType": SPREADSHEET})
    assert refusal(answer)[:2] == (403, "storageQuotaExceeded")
    assert refusal(answer)[2].startswith("Service Accounts do not have storage quota.")
    shared = world.google.drive.new_drive("Coopération", AMINA)
    assert world.make("Suivi", parent=shared.id)


# --------------------------------------------------------------------------------------------------- q


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("name = 'Suivi 2026'", ["Suivi 2026"]),
        ('name = "Suivi 2026"', ["Suivi 2026"]),
        ("name != 'Suivi 2026'", ["Dossier d'Été", "L'accord", "note.txt"]),
        ("name contains 'suiv'", ["Suivi 2026"]),
        ("name contains '2026'", ["Suivi 2026"]),
        ("name contains 'ivi'", []),
        (r"name = 'L\'accord'", ["L'accord"]),
        ("name contains 'été'", ["Dossier d'Été"]),
        (f"mimeType = '{SPREADSHEET}'", ["L'accord", "Suivi 2026"]),
        ("mimeType contains 'text/'", ["note.txt"]),
        (f"mimeType='{SPREADSHEET}' and name='L\\'accord'", ["L'accord"]),
        (f"not mimeType = '{SPREADSHEET}'", ["Dossier d'Été", "note.txt"]),
        (f"not (mimeType = '{FOLDER}' or name contains 'note')", ["L'accord", "Suivi 2026"]),
        ("name = 'x' and name = 'y' or name = 'note.txt'", ["note.txt"]),
        ("name = 'note.txt' or name = 'x' and name = 'y'", []),
        ("modifiedTime > '2026-03-02T08:59:59'", ["Dossier d'Été", "L'accord", "Suivi 2026", "note.txt"]),
        ("modifiedTime > '2026-03-02T09:00:00+00:00'", []),
        ("createdTime >= '2026-03-02T10:00:00+01:00'", ["Dossier d'Été", "L'accord", "Suivi 2026", "note.txt"]),
        ("starred = true", []),
        ("'me' in owners and trashed = false", ["Dossier d'Été", "L'accord", "Suivi 2026", "note.txt"]),
        (f"'{KARIM}' in writers", ["L'accord"]),
        ("'root' in parents", ["Dossier d'Été", "L'accord", "note.txt"]),
        ("properties has { key='dossier' and value='M-12' }", ["L'accord"]),
        ("visibility = 'limited' and name contains 'note'", ["note.txt"]),
    ],
)
def test_files_are_found_by_a_query(q: str, names: list[str]) -> None:
    world = Asking()
    folder = world.make("Dossier d'Été", FOLDER)
    world.make("Suivi 2026", parent=folder)
    world.share(world.make("L'accord", properties={"dossier": "M-12"}), KARIM)
    world.make("note.txt", "text/plain")
    assert sorted(world.names(q)) == sorted(names)
    assert world.names(f"parents in '{folder}'") == ["Suivi 2026"]


@pytest.mark.parametrize(
    "q",
    ["name", "name = Suivi", "name = 'Suivi", "nom = 'Suivi'", "name like 'x'", "(name = 'x'", "name = 'x')", "trashed = 'true'",
     "name = 'x' name = 'y'", "'x' in cousins", "modifiedTime > 'hier'", "and", "mimeType > 'a'", "visibility = 'secret'", "(" * 300],
)  # fmt: skip
def test_a_query_that_cant_be_read_is_an_invalid_value(world: Asking, q: str) -> None:
    answer = world.call("GET", "files", q=q)
    assert refusal(answer) == (400, "invalid", "Invalid Value")
    assert answer.json["error"]["errors"][0]["location"] == "q"


def test_files_come_in_order_and_in_pages(world: Asking) -> None:
    for name in ("Annexe 10", "annexe 9", "Zones"):
        world.make(name)
        world.google.clock.advance(1)
    assert world.names() == ["Zones", "annexe 9", "Annexe 10"]  # the last changed comes first
    assert world.names(orderBy="name") == ["Annexe 10", "annexe 9", "Zones"]
    assert world.names(orderBy="name_natural desc") == ["Zones", "Annexe 10", "annexe 9"]
    first = world.call("GET", "files", pageSize="2", orderBy="name").json
    assert list(first) == ["kind", "nextPageToken", "incompleteSearch", "files"]
    second = world.call("GET", "files", pageSize="2", orderBy="name", pageToken=first["nextPageToken"]).json
    assert [file["name"] for file in second["files"]] == ["Zones"]
    assert "nextPageToken" not in second


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"pageSize": "0"}, "Invalid value '0'. Values must be within the range: [1, 1000]"),
        ({"pageSize": "1001"}, "Invalid value '1001'. Values must be within the range: [1, 1000]"),
        ({"pageToken": "encore"}, "Invalid Value"),
        ({"orderBy": "colour"}, "Invalid Value"),
        ({"corpora": "everything"}, "Invalid Value"),
    ],
)
def test_a_parameter_out_of_range_is_refused(world: Asking, query: dict[str, str], message: str) -> None:
    answer = world.call("GET", "files", **query)
    assert refusal(answer)[0::2] == (400, message)
    assert answer.json["error"]["errors"][0]["location"] == next(iter(query))


# --------------------------------------------------------------------------------------------------- changes


def test_changes_tell_what_happened_since(world: Asking) -> None:
    kept, deleted = world.make("Suivi"), world.make("Brouillon")
    start = world.call("GET", "changes/startPageToken").json["startPageToken"]
    assert world.call("GET", "changes", pageToken=start).json == {
        "kind": "drive#changeList", "newStartPageToken": start, "changes": [],
    }  # fmt: skip
    world.google.changed(kept, KARIM)
    world.call("DELETE", f"files/{deleted}")
    world.make("Secret", as_=KARIM)
    world.google.changed(kept, KARIM)
    told = world.call("GET", "changes", pageToken=start).json
    assert [(c["fileId"], c["removed"], c.get("file", {}).get("name")) for c in told["changes"]] == [
        (deleted, True, None), (kept, False, "Suivi"),
    ]  # fmt: skip
    assert int(told["newStartPageToken"]) > int(start)
    first = world.call("GET", "changes", pageToken=start, pageSize="1").json
    assert len(first["changes"]) == 1
    rest = world.call("GET", "changes", pageToken=first["nextPageToken"], pageSize="1").json
    assert [c["fileId"] for c in rest["changes"]] == [kept]
    assert [
        c["fileId"] for c in world.call("GET", "changes", pageToken=start, includeRemoved="false").json["changes"]
    ] == [kept]


def test_a_file_no_longer_shared_is_told_as_removed(world: Asking) -> None:
    id_ = world.make("Suivi")
    permission = world.share(id_, KARIM).json["id"]
    start = world.call("GET", "changes/startPageToken", as_=KARIM).json["startPageToken"]
    world.call("DELETE", f"files/{id_}/permissions/{permission}")
    told = world.call("GET", "changes", pageToken=start, as_=KARIM).json["changes"]
    assert [(c["fileId"], c["removed"]) for c in told] == [(id_, True)]


@pytest.mark.parametrize(("token", "reason"), [("", "required"), ("x", "invalid"), ("99", "invalid")])
def test_changes_start_from_a_token_that_was_given(world: Asking, token: str, reason: str) -> None:
    query = {"pageToken": token} if token else {}
    assert refusal(world.call("GET", "changes", **query))[:2] == (400, reason)


@pytest.mark.parametrize("path", ["about", "files/{}/comments"])
def test_methods_without_default_fields_ask_for_them(world: Asking, path: str) -> None:
    answer = world.call("GET", path.format(world.make("Suivi")))
    assert refusal(answer) == (400, "required", "The 'fields' parameter is required for this method.")


# --------------------------------------------------------------------------------------------------- content


def upload(
    world: Asking, body: bytes, content_type: str, http: str = "POST", path: str = "files", **query: str
) -> Response:
    headers = {"authorization": f"Bearer user:{AMINA}", "content-type": content_type}
    return world.google.handle(
        Request(http, f"/upload/drive/v3/{path}", {k: [v] for k, v in query.items()}, headers, body)
    )


def related(metadata: object, content_type: str, content: bytes) -> tuple[bytes, str]:
    head = b"--cut\r\nContent-Type: application/json\r\n\r\n" + json.dumps(metadata).encode()
    body = head + b"\r\n--cut\r\nContent-Type: " + content_type.encode() + b"\r\n\r\n" + content + b"\r\n--cut--\r\n"
    return body, 'multipart/related; boundary="cut"'


def test_a_file_keeps_its_bytes(world: Asking) -> None:
    told = upload(world, *related({"name": "note.txt"}, "text/plain", b"un\r\ndeux"), uploadType="multipart").json
    assert (told["name"], told["mimeType"]) == ("note.txt", "text/plain")
    answer = world.call("GET", f"files/{told['id']}", alt="media")
    assert (answer.body, answer.headers["Content-Type"]) == (b"un\r\ndeux", "text/plain")
    upload(world, b"trois", "text/plain", "PATCH", f"files/{told['id']}", uploadType="media")
    assert world.call("GET", f"files/{told['id']}", alt="media").body == b"trois"


def test_a_csv_becomes_a_spreadsheet_when_that_is_asked(world: Asking) -> None:
    metadata = {"name": "Accords", "mimeType": SPREADSHEET}
    body, content_type = related(metadata, "text/csv", b'nom;x,"a, b"\r\nRabat,\r\n')
    told = upload(world, body, content_type, uploadType="multipart").json
    assert told["mimeType"] == SPREADSHEET
    sheet = world.google.spreadsheets[told["id"]].sheets[0]
    assert (sheet.title, sheet.row_count, sheet.column_count) == ("Accords", 1000, 26)
    assert [[cell.entered for cell in row] for row in sheet.rows] == [["nom;x", "a, b"], ["Rabat", None]]
    exported = world.call("GET", f"files/{told['id']}/export", mimeType="text/csv")
    assert exported.body == b'nom;x,"a, b"\r\nRabat,'


def test_a_spreadsheet_isnt_downloaded_and_a_text_isnt_exported(world: Asking) -> None:
    book, text = world.make("Suivi"), world.make("a.txt", "text/plain")
    assert refusal(world.call("GET", f"files/{book}", alt="media"))[:2] == (403, "fileNotDownloadable")
    assert refusal(world.call("GET", f"files/{text}/export", mimeType="text/csv"))[:2] == (403, "fileNotExportable")
    answer = world.call("GET", f"files/{book}/export", mimeType="image/png")
    assert refusal(answer) == (400, "badRequest", "The requested conversion is not supported.")
    assert refusal(world.call("GET", f"files/{book}/export"))[:2] == (400, "required")


@pytest.mark.parametrize(
    ("content_type", "target"), [("text/csv", "application/vnd.google-apps.document"), ("image/png", SPREADSHEET)]
)
def test_a_conversion_that_isnt_there_is_refused(world: Asking, content_type: str, target: str) -> None:
    body, header = related({"name": "x", "mimeType": target}, content_type, b"a")
    assert refusal(upload(world, body, header, uploadType="multipart"))[:2] == (400, "badRequest")
    assert world.names() == []


def test_a_workbook_that_cant_be_read_leaves_everything_as_it_was(world: Asking) -> None:
    id_ = world.make("Suivi")
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert upload(world, b"not a zip", xlsx, "PATCH", f"files/{id_}", uploadType="media").status == 400
    assert world.google.spreadsheets[id_].sheets[0].title == "Sheet1"
