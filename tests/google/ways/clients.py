"""How each method of gspread's Client and Cell is tried."""

from collections.abc import Mapping

import gspread
from gspread.utils import ExportFormat

from tests.google.ways.desk import Desk, Way, expect, gives, then

WAYS: Mapping[str, Way] = {
    "Client.copy": then(
        lambda d: d.client.copy(d.book.id, "Copie"), lambda d: d.client.open("Copie").sheet1.acell("A2").value, "Amina"
    ),
    "Client.create": gives(lambda d: d.client.create("Neuf").title, "Neuf"),
    "Client.del_spreadsheet": then(
        lambda d: d.client.del_spreadsheet(d.book.id), lambda d: d.book.id in d.google.spreadsheets, False
    ),
    "Client.export": lambda d: expect(b"Rabat" in d.client.export(d.book.id, ExportFormat.CSV), True),
    "Client.get_file_drive_metadata": gives(lambda d: d.client.get_file_drive_metadata(d.book.id)["name"], "Suivi"),
    "Client.import_csv": then(
        lambda d: d.client.import_csv(d.book.id, "a,b\n1,2"), lambda d: d.book.sheet1.get(), [["a", "b"], ["1", "2"]]
    ),
    "Client.insert_permission": then(Desk.share, lambda d: len(d.client.list_permissions(d.book.id)), 2),
    "Client.list_permissions": gives(lambda d: [p["role"] for p in d.client.list_permissions(d.book.id)], ["owner"]),
    "Client.list_spreadsheet_files": gives(
        lambda d: d.book.id in [f["id"] for f in d.client.list_spreadsheet_files("Suivi")], True
    ),
    "Client.open": gives(lambda d: d.client.open("Suivi").title, "Suivi"),
    "Client.open_by_key": gives(lambda d: d.client.open_by_key(d.book.id).title, "Suivi"),
    "Client.open_by_url": gives(lambda d: d.client.open_by_url(d.book.url).id == d.book.id, True),
    "Client.openall": gives(lambda d: d.book.id in [book.id for book in d.client.openall("Suivi")], True),
    "Client.remove_permission": then(
        lambda d: d.client.remove_permission(d.book.id, d.share()),
        lambda d: len(d.client.list_permissions(d.book.id)),
        1,
    ),
    "Client.set_timeout": then(
        lambda d: d.client.set_timeout(7), lambda d: d.client.open_by_key(d.book.id).title, "Suivi"
    ),
    "Cell.from_address": gives(lambda d: gspread.Cell.from_address("C2", "3").numeric_value, 3),
}
