"""How each method of gspread's Spreadsheet is tried."""

from collections.abc import Mapping

from gspread.utils import ExportFormat

from tests.google.clients import bearer, gspread_client
from tests.google.ways.desk import AMINA, ROBOT, Desk, Way, expect, gives, named, protected, then, titles

_GIVEN = {"range": "B2", "values": [["Tanger"]]}


def _accept(desk: Desk) -> None:
    """Amina hands a file of hers over to the robot, who accepts."""
    amina = gspread_client(desk.url, bearer(f"user:{AMINA}"))
    hers = amina.create("De Amina")
    permission = str(amina.insert_permission(hers.id, ROBOT, "user", "writer", notify=False).json()["id"])
    hers.transfer_ownership(permission)
    desk.client.open_by_key(hers.id).accept_ownership(permission)


WAYS: Mapping[str, Way] = {
    "Spreadsheet.accept_ownership": _accept,
    "Spreadsheet.add_worksheet": then(lambda d: d.book.add_worksheet("Deux", 5, 6), titles, ["Sheet1", "Deux"]),
    "Spreadsheet.batch_update": then(
        lambda d: d.book.batch_update({"requests": [{"addSheet": {}}]}), lambda d: len(titles(d)), 2
    ),
    "Spreadsheet.del_worksheet": then(
        lambda d: d.book.del_worksheet(d.book.add_worksheet("Deux", 5, 6)), titles, ["Sheet1"]
    ),
    "Spreadsheet.del_worksheet_by_id": then(
        lambda d: d.book.del_worksheet_by_id(d.book.add_worksheet("Deux", 5, 6).id), titles, ["Sheet1"]
    ),
    "Spreadsheet.duplicate_sheet": then(
        lambda d: d.book.duplicate_sheet(d.sheet.id, new_sheet_name="Deux"),
        lambda d: d.book.worksheet("Deux").acell("A2").value,
        "Amina",
    ),
    "Spreadsheet.export": lambda d: expect(d.book.export(ExportFormat.PDF)[:5], b"%PDF-"),
    "Spreadsheet.fetch_sheet_metadata": gives(lambda d: d.book.fetch_sheet_metadata()["properties"]["title"], "Suivi"),
    "Spreadsheet.get_lastUpdateTime": lambda d: expect(d.book.get_lastUpdateTime()[-1], "Z"),
    "Spreadsheet.get_worksheet": gives(lambda d: d.book.get_worksheet(0).title, "Sheet1"),
    "Spreadsheet.get_worksheet_by_id": gives(lambda d: d.book.get_worksheet_by_id(d.sheet.id).title, "Sheet1"),
    "Spreadsheet.list_named_ranges": then(named, lambda d: [r["name"] for r in d.book.list_named_ranges()], ["noms"]),
    "Spreadsheet.list_permissions": gives(lambda d: [p["role"] for p in d.book.list_permissions()], ["owner"]),
    "Spreadsheet.list_protected_ranges": then(protected, lambda d: len(d.book.list_protected_ranges(d.sheet.id)), 1),
    "Spreadsheet.named_range": then(
        named, lambda d: [cell.value for cell in d.book.named_range("noms")], ["Nom", "Ville", "Amina", "Rabat"]
    ),
    "Spreadsheet.remove_permissions": then(
        [lambda d: d.share(), lambda d: d.book.remove_permissions(AMINA)], lambda d: len(d.book.list_permissions()), 1
    ),
    "Spreadsheet.reorder_worksheets": then(
        [lambda d: d.book.add_worksheet("Deux", 5, 6), lambda d: d.book.reorder_worksheets(d.book.worksheets()[::-1])],
        titles,
        ["Deux", "Sheet1"],
    ),
    "Spreadsheet.share": then(
        lambda d: d.book.share(AMINA, "user", "reader"), lambda d: len(d.book.list_permissions()), 2
    ),
    "Spreadsheet.transfer_ownership": lambda d: d.book.transfer_ownership(d.share()),
    "Spreadsheet.update_drive_metadata": then(
        lambda d: d.book.update_drive_metadata(), lambda d: d.book.creationTime[-1], "Z"
    ),
    "Spreadsheet.update_locale": then(lambda d: d.book.update_locale("fr_FR"), lambda d: d.book.locale, "fr_FR"),
    "Spreadsheet.update_timezone": then(
        lambda d: d.book.update_timezone("Africa/Casablanca"), lambda d: d.book.timezone, "Africa/Casablanca"
    ),
    "Spreadsheet.update_title": then(
        lambda d: d.book.update_title("Suite"), lambda d: d.client.open_by_key(d.book.id).title, "Suite"
    ),
    "Spreadsheet.values_append": then(
        lambda d: d.book.values_append("Sheet1", {"valueInputOption": "RAW"}, {"values": [["Zineb"]]}),
        lambda d: d.values("A4"),
        [["Zineb"]],
    ),
    "Spreadsheet.values_batch_clear": then(
        lambda d: d.book.values_batch_clear(body={"ranges": ["A2:C3"]}), Desk.values, [["Nom", "Ville", "Nombre"]]
    ),
    "Spreadsheet.values_batch_get": gives(
        lambda d: [r["values"] for r in d.book.values_batch_get(["A2", "B3"])["valueRanges"]], [[["Amina"]], [["Fès"]]]
    ),
    "Spreadsheet.values_batch_update": then(
        lambda d: d.book.values_batch_update({"valueInputOption": "RAW", "data": [_GIVEN]}),
        lambda d: d.values("B2"),
        [["Tanger"]],
    ),
    "Spreadsheet.values_clear": then(lambda d: d.book.values_clear("A2:C3"), Desk.values, [["Nom", "Ville", "Nombre"]]),
    "Spreadsheet.values_get": gives(lambda d: d.book.values_get("A2:B2")["values"], [["Amina", "Rabat"]]),
    "Spreadsheet.values_update": then(
        lambda d: d.book.values_update("B2", {"valueInputOption": "RAW"}, {"values": [["Tanger"]]}),
        lambda d: d.values("B2"),
        [["Tanger"]],
    ),
    "Spreadsheet.worksheet": gives(lambda d: d.book.worksheet("Sheet1").id == d.sheet.id, True),
    "Spreadsheet.worksheets": gives(titles, ["Sheet1"]),
}
