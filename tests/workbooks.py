"""Workbooks to test on: the same small registry made by several programs, and hand-written packages.

The registry has three tabs. "Actes": headers in row 1, agreements in rows 2 to 21; columns A to G are typed
by people, H to K are filled by the software, L holds formulas of the staff. "Listes": sources of the
drop-downs. "Tableau de bord": a tab that the software fills whole. Rows and columns count from 1.
"""

import os
import shutil
import struct
import subprocess
import zlib
from collections.abc import Iterable, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import ColorScaleRule, DataBarRule, FormulaRule
from openpyxl.styles import Font, NamedStyle, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

HEADERS = (
    "N°",
    "Intitulé",
    "Forme",
    "Signé le",
    "Coût",
    "Actif",
    "Note",
    "Étape",
    "Échéance",
    "Bloqué",
    "À corriger",
    "Calcul",
)
FIRST_ROW, LAST_ROW = 2, 21
SYSTEM_COLUMNS = (8, 9, 10, 11)
STYLES = ("cdi texte", "cdi alerte")

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def png(side: int = 8) -> bytes:
    """A red square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = (b"\0" + b"\xc0\x10\x10" * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def _staff_values(row: int) -> tuple[str | int | float | bool | date | None, ...]:
    """What people typed in columns A to G of a row."""
    forms = ("Jumelage", "Convention-cadre", "Adhésion OING")
    note = "réunion & suivi\nvoir « annexe »" if row % 3 else None
    return (
        f"ACT-{row:05}",
        f"Acte n° {row}",
        forms[row % 3],
        date(2020, 1, row),
        row * 1250.5,
        row % 2 == 0,
        note,
    )


def by_openpyxl() -> bytes:
    """The registry made by openpyxl: named styles, inline texts, formulas without results."""
    book = openpyxl.Workbook()
    acts = book.worksheets[0]
    acts.title = "Actes"
    for name, font in zip(STYLES, (Font(color="FF666666"), Font(bold=True)), strict=True):
        book.add_named_style(NamedStyle(name, font=font))
    acts.append(HEADERS)
    for row in range(FIRST_ROW, LAST_ROW + 1):
        acts.append([*_staff_values(row), "Préparation" if row % 2 else None])
        acts.cell(row, 8).style = STYLES[row % 2]
        acts.cell(row, 12, f"=E{row}*2")
    acts["B2"].comment = Comment("à vérifier", "Greffe")
    _openpyxl_rules(acts)
    lists, board = book.create_sheet("Listes"), book.create_sheet("Tableau de bord")
    for row, name in enumerate(("Jumelage", "Convention-cadre", "Adhésion OING"), 1):
        lists.cell(row, 1, name)
    book.defined_names["Formes"] = DefinedName("Formes", attr_text="Listes!$A$1:$A$3")
    _openpyxl_board(board, acts)
    return _saved(book)


def _openpyxl_rules(acts: Worksheet) -> None:
    listed = DataValidation(type="list", formula1="Listes!$A$1:$A$3")
    listed.add("C2:C500")
    acts.add_data_validation(listed)
    # the stubs of openpyxl leave these three functions untyped
    bars = DataBarRule("min", None, "max", None, "FF638EC6")  # type: ignore[no-untyped-call]
    scale = ColorScaleRule("min", None, "FFFFFFFF", end_type="max", end_color="FFFF0000")  # type: ignore[no-untyped-call]
    filled = FormulaRule(["LEN($K2)>0"], fill=PatternFill("solid", bgColor="FFFFCCCC"))  # type: ignore[no-untyped-call]
    acts.conditional_formatting.add("E2:E500", bars)
    acts.conditional_formatting.add("E2:E500", scale)
    acts.conditional_formatting.add("K2:K500", filled)
    acts.freeze_panes = "B2"
    acts.auto_filter.ref = "A1:L21"
    acts.row_dimensions[30].height = 33  # a row without cells: written self-closing
    acts.row_dimensions[4].hidden = True


def _openpyxl_board(board: Worksheet, acts: Worksheet) -> None:
    board["A1"], board["A2"], board["B2"] = "Tableau de bord", "Actes", 20
    board["A2"].hyperlink = "#Actes!A1"
    board.merge_cells("A1:C1")
    board.row_dimensions[1].height = 40
    board.column_dimensions["A"].width = 50
    chart = BarChart()
    chart.add_data(Reference(acts, min_col=5, min_row=1, max_row=10), titles_from_data=True)
    board.add_chart(chart, "E5")
    board.add_image(Image(BytesIO(png())), "E25")


def _saved(book: openpyxl.Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlsxwriter() -> bytes:
    """The registry made by xlsxwriter: shared and rich texts, results of formulas, sparklines."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    acts, lists, board = (book.add_worksheet(title) for title in ("Actes", "Listes", "Tableau de bord"))
    day, bold = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"bold": True})
    acts.write_row(0, 0, HEADERS, bold)
    for row in range(FIRST_ROW, LAST_ROW + 1):
        for col, value in enumerate([*_staff_values(row), "Préparation" if row % 2 else None]):
            acts.write(row - 1, col, value, day if isinstance(value, date) else None)
        acts.write_blank(row - 1, 8, None, bold)
        acts.write_formula(row - 1, 11, f"=E{row}*2", None, row * 2501.0)
    acts.write_rich_string("B3", "Acte ", bold, "important", " n° 3")
    _xlsxwriter_rules(acts)
    lists.write_column("A1", ("Jumelage", "Convention-cadre", "Adhésion OING"))
    book.define_name("Formes", "=Listes!$A$1:$A$3")
    board.merge_range("A1:C1", "Tableau de bord", bold)
    board.write_url("A2", "internal:Actes!A1", string="Actes")
    board.write_formula("B2", "=COUNTA(Actes!A2:A500)", None, 20)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Actes!$E$2:$E$10", "trendline": {"type": "linear"}})
    board.insert_chart("E5", chart)
    board.insert_image("E25", "carre.png", {"image_data": BytesIO(png())})
    book.close()
    return out.getvalue()


def _xlsxwriter_rules(acts: xlsxwriter.worksheet.Worksheet) -> None:
    acts.data_validation("C2:C500", {"validate": "list", "source": "=Listes!$A$1:$A$3"})
    acts.conditional_format("E2:E500", {"type": "data_bar", "bar_solid": True, "data_bar_2010": True})
    acts.conditional_format("D2:D500", {"type": "3_color_scale"})
    acts.conditional_format("E2:E500", {"type": "icon_set", "icon_style": "3_arrows"})
    for row in range(2, 6):
        acts.add_sparkline(f"M{row}", {"range": f"Actes!E{row}:E{row + 5}"})
    acts.write_comment("B2", "à vérifier", {"color": "#ffcc00", "visible": True})
    acts.freeze_panes(1, 1)
    acts.autofilter("A1:L21")
    acts.set_row(29, 33)
    acts.set_row(3, None, None, {"hidden": True})


def saved_by_libreoffice(data: bytes, folder: Path) -> bytes:
    """The workbook opened and saved again by LibreOffice; skips the test where it isn't installed."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice must be installed in CI")
        pytest.skip("LibreOffice isn't installed")
    source, target = folder / "classeur.xlsx", folder / "enregistre"
    source.write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(target), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (target / source.name).read_bytes()


# ---------------------------------------------------------------- hand-written packages


def zipped(parts: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    """A package with these parts, in this order."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items() if isinstance(parts, Mapping) else parts:
            archive.writestr(name, content)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """Every part of a package, in order."""
    with ZipFile(BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def sheet(rows: str, before: str = "", after: str = "") -> bytes:
    """A sheet part around the content of its grid."""
    grid = f"<sheetData>{rows}</sheetData>"
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{before}{grid}{after}</worksheet>'.encode()


def package_parts(
    sheets: Mapping[str, bytes],
    *,
    calc_chain: bool = False,
    strings: str | None = None,
    workbook: str = "{sheets}",
) -> dict[str, bytes]:
    """The parts of a minimal workbook. `workbook`: what its root holds, around the list of sheets."""
    listed = "".join(f'<sheet name="{title}" sheetId="{n}" r:id="rId{n}"/>' for n, title in enumerate(sheets, 1))
    root = workbook.format(sheets=f"<sheets>{listed}</sheets>")
    links = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
    links += [("rIdC", "calcChain", "calcChain.xml")] if calc_chain else []
    links += [("rIdT", "sharedStrings", "sharedStrings.xml")] if strings is not None else []
    types = '<Override PartName="/xl/calcChain.xml" ContentType="chain"/>' if calc_chain else ""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": _links([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{root}</workbook>',
        "xl/_rels/workbook.xml.rels": _links(links),
    }
    parts |= {"xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="A1" i="1"/></calcChain>'} if calc_chain else {}
    parts |= {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>'} if strings is not None else {}
    encoded = {name: content.encode() for name, content in parts.items()}
    return encoded | {f"xl/worksheets/sheet{n}.xml": part for n, part in enumerate(sheets.values(), 1)}


def _links(links: Iterable[tuple[str, str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"/>' for id_, kind, target in links
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{found}</Relationships>'


def one_sheet(part: bytes, *, strings: str | None = None, calc_chain: bool = False) -> bytes:
    """A workbook whose only tab, "Feuille", is this part."""
    return zipped(package_parts({"Feuille": part}, strings=strings, calc_chain=calc_chain))
