"""Spreadsheets turned into files: CSV and TSV of the first sheet, xlsx, ods, HTML in a zip, and a bare PDF."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from tests.google.drive.resource import EXPORTS
from tests.google.drive.spreadsheets import computed, shown, table
from tests.google.sheets.areas import letters
from tests.google.sheets.formulas import Computed
from tests.google.sheets.spreadsheet import Error, Sheet, Spreadsheet

_FIXED = (1980, 1, 1, 0, 0, 0)  # the date of every part of a zip: the same content makes the same bytes


def exported(book: Spreadsheet, mime_type: str, now: datetime) -> bytes | None:
    """A spreadsheet in another format, None for a format that Drive doesn't make."""
    make = _MAKERS.get(EXPORTS.get(mime_type, ""))
    return make(book, computed(book, now)) if make else None


def _csv(book: Spreadsheet, done: Computed) -> bytes:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows(table(book, book.sheets[0], done))
    return lines.getvalue().removesuffix("\r\n").encode()


def _tsv(book: Spreadsheet, done: Computed) -> bytes:
    rows = table(book, book.sheets[0], done)
    lines = ("\t".join(re.sub(r"[\t\r\n]+", " ", text) for text in row) for row in rows)
    return "\r\n".join(lines).encode()


# --------------------------------------------------------------------------------------------------- workbooks


def _xlsx(book: Spreadsheet, done: Computed) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for sheet in book.sheets:
        worksheet = workbook.create_sheet(_excel_title(sheet.title, workbook.sheetnames))
        if sheet.properties.get("hidden"):
            worksheet.sheet_state = "hidden"
        for cell in shown(book, sheet, done):
            value = cell.value.shown if isinstance(cell.value, Error) else cell.value
            if isinstance(value, str):
                value = ILLEGAL_CHARACTERS_RE.sub("", value)
            target = worksheet.cell(cell.row + 1, cell.column + 1)
            target.value = cell.formula or value
            if isinstance(value, str) and not cell.formula:
                target.data_type = "e" if isinstance(cell.value, Error) else "s"  # never taken for a formula
            if cell.number_format:
                target.number_format = _excel_code(cell.number_format)
        _dress(sheet, worksheet)
    if all(worksheet.sheet_state == "hidden" for worksheet in workbook.worksheets):
        workbook.worksheets[0].sheet_state = "visible"
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _dress(sheet: Sheet, worksheet: Worksheet) -> None:
    """Notes, merged cells and frozen lines."""
    for row, column, cell in sheet.cells():
        if cell.note:
            worksheet.cell(row + 1, column + 1).comment = Comment(cell.note, "")
    for merge in sheet.attached["merges"]:
        worksheet.merge_cells(
            start_row=merge.get("startRowIndex", 0) + 1, end_row=merge["endRowIndex"],
            start_column=merge.get("startColumnIndex", 0) + 1, end_column=merge["endColumnIndex"],
        )  # fmt: skip
    grid = sheet.properties.get("gridProperties", {})
    rows, columns = grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0)
    if rows or columns:
        worksheet.freeze_panes = f"{letters(columns)}{rows + 1}"


def _excel_title(title: str, taken: list[str]) -> str:
    """A title that Excel takes: 31 characters, none of its forbidden ones, no two alike."""
    base = re.sub(r"[\[\]:*?/\\]", "", title)[:31] or "Sheet"
    name, number = base, 1
    while name.casefold() in (other.casefold() for other in taken):
        number += 1
        name = f"{base[: 30 - len(str(number))]}{number}"
    return name


_PATTERNS = {"TEXT": "@", "NUMBER": "#,##0.00", "PERCENT": "0.00%", "CURRENCY": '"$"#,##0.00', "DATE": "m/d/yyyy",
             "TIME": "h:mm:ss am/pm", "DATE_TIME": "m/d/yyyy h:mm:ss", "SCIENTIFIC": "0.00E+00"}  # fmt: skip


def _excel_code(number_format: Mapping[str, str]) -> str:
    """Excel's code of a NumberFormat."""
    return number_format.get("pattern") or _PATTERNS.get(number_format.get("type", ""), "General")


_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"
)


def _ods(book: Spreadsheet, done: Computed) -> bytes:
    tables = "".join(_ods_table(book, sheet, done) for sheet in book.sheets)
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    return _zip({"mimetype": mime, "content.xml": _CONTENT.format(tables), "META-INF/manifest.xml": _MANIFEST})


def _ods_table(book: Spreadsheet, sheet: Sheet, done: Computed) -> str:
    cells = {(cell.row, cell.column): cell for cell in shown(book, sheet, done)}
    height, width = (max((place[side] + 1 for place in cells), default=1) for side in (0, 1))
    lines = []
    for row in range(height):
        line = []
        for column in range(width):
            cell = cells.get((row, column))
            line.append(_ods_cell(cell.value, cell.text) if cell else "<table:table-cell/>")
        lines.append(f"<table:table-row>{''.join(line)}</table:table-row>")
    return f'<table:table table:name="{escape(sheet.title)}">{"".join(lines)}</table:table>'


def _ods_cell(value: object, text: str) -> str:
    kind = 'office:value-type="string"'
    if isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, float):
        kind = f'office:value-type="float" office:value="{value!r}"'
    return f"<table:table-cell {kind}><text:p>{_xml(text)}</text:p></table:table-cell>"


def _xml(text: str) -> str:
    return escape(ILLEGAL_CHARACTERS_RE.sub("", text))


def _html(book: Spreadsheet, done: Computed) -> bytes:
    parts = {}
    for sheet in book.sheets:
        rows = ("".join(f"<td>{_xml(text)}</td>" for text in row) for row in table(book, sheet, done))
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        parts[f"{sheet.title.replace('/', '_')}.html"] = f'<meta charset="utf-8"><table>{body}</table>'
    return _zip(parts)


def _zip(parts: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED), text.encode())
    return content.getvalue()


# --------------------------------------------------------------------------------------------------- PDF

_LINES_A_PAGE = 60


def _pdf(book: Spreadsheet, done: Computed) -> bytes:
    """Every sheet as lines of text, on pages of A4."""
    pages: list[list[str]] = []
    for sheet in book.sheets:
        lines = ["   ".join(row) for row in table(book, sheet, done)] or [""]
        pages += [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)]
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for at, lines in enumerate(pages):
        stream = b"BT /F1 9 Tf 12 TL 40 800 Td " + b" ".join(_pdf_text(line) + b" Tj T*" for line in lines) + b" ET"
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * at} 0 R>>".encode(),
            b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        ]
    return _pdf_file(objects)


def _pdf_text(line: str) -> bytes:
    return b"(" + re.sub(rb"([()\\])", rb"\\\1", re.sub(r"\s", " ", line).encode("cp1252", "replace")) + b")"


def _pdf_file(objects: list[bytes]) -> bytes:
    content, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(content) + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


_MAKERS: Mapping[str, Callable[[Spreadsheet, Computed], bytes]] = {
    "csv": _csv, "tsv": _tsv, "xlsx": _xlsx, "ods": _ods, "zip": _html, "pdf": _pdf,
}  # fmt: skip
