"""What gspread makes of spreadsheets, sheets and cells, unmodified, over HTTP."""

from collections.abc import Iterator
from typing import Any

import gspread
import pytest
from google.oauth2.credentials import Credentials
from gspread.utils import ValidationConditionType

from tests.google.server import serving
from tests.google.world import Google

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


@pytest.fixture
def client() -> Iterator[gspread.Client]:
    google = Google(any_token=True, no_quota=True)
    with serving(google) as url:

        class Here(gspread.HTTPClient):
            def request(self, method: str, endpoint: str, *more: Any, **named: Any) -> Any:
                for host in HOSTS:
                    endpoint = endpoint.replace(host, url)
                return super().request(method, endpoint, *more, **named)

        yield gspread.Client(Credentials(token="essai"), http_client=Here)  # type: ignore[no-untyped-call]
    assert google.violations == []


@pytest.fixture
def book(client: gspread.Client) -> gspread.Spreadsheet:
    body = {"properties": {"title": "Registre"}}
    made = client.http_client.request("post", f"{HOSTS[0]}/v4/spreadsheets", json=body)
    return client.open_by_key(made.json()["spreadsheetId"])


def test_sheets_come_move_and_go(book: gspread.Spreadsheet) -> None:
    added = book.add_worksheet("Accords", rows=5, cols=3, index=0)
    assert (added.row_count, added.col_count, added.index) == (5, 3, 0)
    copy = book.duplicate_sheet(added.id, insert_sheet_index=2, new_sheet_name="Copie")
    assert [sheet.title for sheet in book.worksheets()] == ["Accords", "Sheet1", "Copie"]
    book.reorder_worksheets([copy, added, book.worksheet("Sheet1")])
    assert [sheet.title for sheet in book.worksheets()] == ["Copie", "Accords", "Sheet1"]
    book.worksheet("Sheet1").update_index(0)
    assert book.sheet1.title == "Sheet1"
    book.del_worksheet(copy)
    assert [sheet.title for sheet in book.worksheets()] == ["Sheet1", "Accords"]
    with pytest.raises(gspread.exceptions.APIError, match="already exists"):
        book.add_worksheet("Accords", 1, 1)


def test_a_sheet_has_its_looks(book: gspread.Spreadsheet) -> None:
    sheet = book.sheet1
    sheet.freeze(rows=2, cols=1)
    sheet.update_tab_color("#ff7f7f")
    sheet.hide_gridlines()
    with pytest.raises(gspread.exceptions.APIError, match="hide all the sheets"):
        sheet.hide()
    again = book.sheet1
    assert (again.frozen_row_count, again.frozen_col_count, again.is_gridlines_hidden) == (2, 1, True)
    assert again.get_tab_color() == "#FF7F7F"
    sheet.clear_tab_color()
    sheet.freeze(0, 0)
    again = book.sheet1
    assert (again.get_tab_color(), again.frozen_row_count) == (None, 0)


def test_notes_formats_and_rules_are_read_back(book: gspread.Spreadsheet) -> None:
    sheet = book.sheet1
    assert sheet.get_note("B2") == ""
    sheet.update_notes({"A1": "un", "B2": "deux"})
    assert (sheet.get_note("B2"), sheet.get_notes()) == ("deux", [["un"], ["", "deux"]])
    sheet.clear_note("B2")
    assert sheet.get_notes() == [["un"]]
    sheet.format(["A1:B1", "A3"], {"textFormat": {"bold": True}})
    sheet.add_validation("C1:C2", ValidationConditionType.one_of_list, ["oui", "non"], showCustomUi=True)
    fields = "sheets.data.rowData.values(userEnteredFormat.textFormat.bold,dataValidation.condition.type)"
    (data,) = book.fetch_sheet_metadata({"fields": fields, "ranges": "A1:C3"})["sheets"][0]["data"]
    bold, rule = (
        {"userEnteredFormat": {"textFormat": {"bold": True}}},
        {"dataValidation": {"condition": {"type": "ONE_OF_LIST"}}},
    )
    assert data["rowData"] == [{"values": [bold, bold, rule]}, {"values": [{}, {}, rule]}, {"values": [bold]}]


def test_a_spreadsheet_is_renamed_with_its_file(client: gspread.Client, book: gspread.Spreadsheet) -> None:
    book.update_title("Registre 2026")
    book.update_timezone("Africa/Casablanca")
    book.update_locale("fr_FR")
    again = client.open_by_key(book.id)
    assert (again.title, again.timezone, again.locale) == ("Registre 2026", "Africa/Casablanca", "fr_FR")
    file = client.http_client.request("get", f"{HOSTS[1]}/drive/v3/files/{book.id}", params={"fields": "name"})
    assert file.json() == {"name": "Registre 2026"}


def test_a_sheet_is_copied_elsewhere(book: gspread.Spreadsheet) -> None:
    told = book.sheet1.copy_to(book.id)
    assert (told["title"], told["index"]) == ("Copy of Sheet1", 1)
