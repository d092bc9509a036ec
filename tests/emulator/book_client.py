"""A client of the emulator without HTTP, for its own tests: one spreadsheet, and what is asked about it."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.google.wire import Request, Response
from tests.google.world import Google


@dataclass
class BookClient:
    """Makes a spreadsheet and asks about it. `google` is the emulator, `id` the spreadsheet."""

    google: Google = field(default_factory=lambda: Google(any_token=True, no_quota=True))
    id: str = ""

    def __post_init__(self) -> None:
        self.id = self.id or self.send("POST", "", {"properties": {"title": "Essai"}}).json["spreadsheetId"]

    def send(self, method: str, path: str, body: object = None, **query: Any) -> Response:
        """One request below /v4/spreadsheets."""
        asked = {name: [str(each) for each in (value if isinstance(value, list) else [value])]
                 for name, value in query.items()}  # fmt: skip
        content = b"" if body is None else json.dumps(body).encode()
        request = Request(
            method, f"/v4/spreadsheets{path}", asked, {"authorization": "Bearer essai", "host": "localhost"}, content
        )
        return self.google.handle(request)

    def get(self, **query: Any) -> Any:
        """spreadsheets.get."""
        return self.send("GET", f"/{quote(self.id)}", **query).json

    def batch(self, *requests: Any, **more: Any) -> Any:
        """spreadsheets.batchUpdate: its replies, or what its error says."""
        answer = self.send("POST", f"/{quote(self.id)}:batchUpdate", {"requests": list(requests), **more}).json
        return answer["error"]["message"] if "error" in answer else answer["replies"]

    def sheets(self) -> list[Any]:
        """The properties of the sheets, in their order."""
        return [sheet["properties"] for sheet in self.get(fields="sheets.properties").get("sheets", [])]

    def cells(self, area: str, fields: str) -> list[list[Any]]:
        """Part of CellData of an area, row by row."""
        answer = self.get(ranges=area, fields=f"sheets.data.rowData.values({fields})")
        (data,) = answer["sheets"][0]["data"]
        return [row.get("values", []) for row in data.get("rowData", [])]

    def write(self, *rows: list[Any], sheet: int = 0, row: int = 0, column: int = 0) -> None:
        """Puts texts, numbers, truths and formulas in cells by updateCells."""
        data = [{"values": [{"userEnteredValue": _entered(value)} for value in each]} for each in rows]
        start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
        answer = self.batch({"updateCells": {"start": start, "rows": data, "fields": "userEnteredValue"}})
        assert answer == [{}], answer


def _entered(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"formulaValue" if value.startswith("=") else "stringValue": value}
    return {} if value is None else {"numberValue": value}


def area(top: int, bottom: int, left: int, right: int, sheet: int = 0) -> dict[str, int]:
    """A GridRange: ends excluded."""
    return {"sheetId": sheet, "startRowIndex": top, "endRowIndex": bottom,
            "startColumnIndex": left, "endColumnIndex": right}  # fmt: skip
