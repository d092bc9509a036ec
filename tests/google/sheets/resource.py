"""The Spreadsheet resource that `spreadsheets.get` and others answer: properties, sheets, and their cells when asked for."""

from collections.abc import Sequence

from tests.google.sheets.areas import Area
from tests.google.sheets.spreadsheet import Json, Sheet, Spreadsheet


def resource(book: Spreadsheet, *, areas: Sequence[Area] = (), grid_data: bool = False) -> Json:
    """The whole resource. areas: only the sheets that they touch, and of their cells only those."""
    return {
        "spreadsheetId": book.id,
        "properties": book.properties,
        "sheets": [sheet_resource(book, sheet) for sheet in book.sheets],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }


def sheet_resource(book: Spreadsheet, sheet: Sheet) -> Json:
    """One sheet, without its cells."""
    return {"properties": sheet_properties(book, sheet)}


def sheet_properties(book: Spreadsheet, sheet: Sheet) -> Json:
    """SheetProperties with the index that it has now."""
    return {**sheet.properties, "index": book.sheets.index(sheet)}
