"""Files turned into spreadsheets: CSV and TSV as if they were typed, xlsx with formulas and formats, ods by its values."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineWorkbook

from tests.google.drive.refusals import bad_request
from tests.google.drive.resource import ODS, XLSX
from tests.google.drive.spreadsheets import LOCALE, roomy_sheet
from tests.google.sheets.entering import typed
from tests.google.sheets.spreadsheet import EMPTY, LONGEST_TEXT, Cell, Entered, Formula, Sheet

_EPOCH = datetime(1899, 12, 30)
_TABULATED = {"text/csv": ",", "application/csv": ",", "text/tab-separated-values": "\t"}
CONVERTIBLE = (*_TABULATED, XLSX, ODS, "application/x-vnd.oasis.opendocument.spreadsheet")


def imported(content: bytes, mime_type: str, title: str, new_id: Callable[[], int]) -> list[Sheet]:
    """The sheets that a file becomes. title: of the only sheet of a text. Raises ApiError 400 when it can't be read."""
    if mime_type in _TABULATED:
        return [_from_text(content, _TABULATED[mime_type], title, new_id())]
    try:
        if mime_type == XLSX:
            return _from_xlsx(content, new_id)
        if mime_type in CONVERTIBLE:
            return _from_ods(content, new_id)
    except (BadZipFile, CalamineError, KeyError, ValueError, OSError):
        raise bad_request("Bad Request") from None
    raise bad_request("The requested conversion is not supported.", "convertTo")


def _from_text(content: bytes, delimiter: str, title: str, id_: int) -> Sheet:
    rows = list(csv.reader(io.StringIO(_decoded(content), newline=""), delimiter=delimiter))
    sheet = roomy_sheet(id_, title, len(rows), max(map(len, rows), default=0))
    sheet.rows = [tuple(_typed(text) for text in row) for row in rows]
    return sheet


def _decoded(content: bytes) -> str:
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _typed(text: str) -> Cell:
    if text == "":
        return EMPTY
    if len(text) > LONGEST_TEXT:
        raise bad_request("Bad Request")
    entered, number_format = typed(text, LOCALE)
    return Cell(entered, {"numberFormat": number_format} if number_format else None)


# --------------------------------------------------------------------------------------------------- workbooks


def _from_xlsx(content: bytes, new_id: Callable[[], int]) -> list[Sheet]:
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    return [_from_worksheet(worksheet, new_id()) for worksheet in workbook.worksheets]


def _from_worksheet(worksheet: Worksheet, id_: int) -> Sheet:
    sheet = roomy_sheet(id_, worksheet.title, worksheet.max_row, worksheet.max_column)
    sheet.rows = [tuple(map(_from_cell, row)) for row in worksheet.iter_rows()]
    sheet.attached["merges"] = [
        {"sheetId": id_, "startRowIndex": r.min_row - 1, "endRowIndex": r.max_row,
         "startColumnIndex": r.min_col - 1, "endColumnIndex": r.max_col}
        for r in worksheet.merged_cells.ranges
    ]  # fmt: skip
    if worksheet.sheet_state != "visible":
        sheet.properties["hidden"] = True
    if worksheet.freeze_panes:
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", str(worksheet.freeze_panes)).groups()  # type: ignore[union-attr]
        frozen = {
            "frozenRowCount": int(row) - 1,
            "frozenColumnCount": column_index_from_string(column) - 1,
        }
        sheet.properties["gridProperties"] |= {name: count for name, count in frozen.items() if count}
    return sheet


def _from_cell(cell: XlsxCell | MergedCell) -> Cell:
    if not isinstance(cell, XlsxCell):
        return EMPTY
    note = cell.comment.text if cell.comment else ""
    entered = _entered(cell.value)
    number_format = _number_format(cell.number_format, cell.value)
    text_format = {name: True for name in ("bold", "italic") if getattr(cell.font, name)}
    form: dict[str, Any] = {"numberFormat": number_format} if number_format else {}
    form |= {"textFormat": text_format} if text_format else {}
    return Cell(entered, form or None, note)


def _entered(value: object) -> Entered:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, datetime | date | time | timedelta):
        return _serial(value)
    if isinstance(value, ArrayFormula):
        return Formula(f"=ARRAYFORMULA({str(value.text).removeprefix('=')})")
    text = str(value)
    return Formula(text) if text.startswith("=") and len(text) > 1 else text or None


def _serial(value: datetime | date | time | timedelta) -> float:
    """A moment as a number of days since the end of 1899."""
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if isinstance(value, time):
        return (datetime.combine(_EPOCH, value) - _EPOCH) / timedelta(days=1)
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (moment.replace(tzinfo=None) - _EPOCH) / timedelta(days=1)


def _number_format(code: str, value: object) -> Mapping[str, str] | None:
    """The NumberFormat of Excel's code."""
    if code == "General":
        return None
    if code == "@":
        return {"type": "TEXT"}
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code.partition(";")[0]).casefold()
    has_date, has_time = bool(re.search(r"[yd]|(?<![hs:])m(?![s:])", bare)), bool(re.search(r"[hs]", bare))
    kind = "DATE_TIME" if has_date and has_time else "DATE" if has_date else "TIME" if has_time else "NUMBER"
    if kind == "NUMBER":
        kind = "PERCENT" if "%" in bare else "SCIENTIFIC" if "e+" in bare else "NUMBER"
    return {"type": kind, "pattern": code}


def _from_ods(content: bytes, new_id: Callable[[], int]) -> list[Sheet]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [
        _from_values(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), name, new_id())
        for name in workbook.sheet_names
    ]


def _from_values(rows: Sequence[Iterable[object]], title: str, id_: int) -> Sheet:
    cells = [tuple(_from_value(value) for value in row) for row in rows]
    sheet = roomy_sheet(id_, title, len(cells), max(map(len, cells), default=0))
    sheet.rows = list(cells)
    return sheet


def _from_value(value: object) -> Cell:
    kinds: Mapping[type, str] = {datetime: "DATE_TIME", date: "DATE", time: "TIME", timedelta: "TIME"}
    kind = kinds.get(type(value))
    return Cell(_entered(value), {"numberFormat": {"type": kind}} if kind else None)
