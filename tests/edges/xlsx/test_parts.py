"""What a package says about itself, what it is refused for, and what a scan sees."""

from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import pytest

from cdi_sync.edges.workbook_xlsx import parts
from cdi_sync.edges.workbook_xlsx.parts import (
    WorkbookError,
    cell_name,
    column_index,
    column_letters,
    open_package,
    scan,
)
from tests.workbooks import MAIN, OFFICE, by_openpyxl, by_xlsxwriter, one_sheet, package_parts, sheet, zipped

EMPTY = sheet("")


def _refusal(data: bytes) -> WorkbookError:
    with pytest.raises(WorkbookError) as caught:
        open_package(data)
    assert caught.value.what and caught.value.why and caught.value.fix
    return caught.value


# ------------------------------------------------------------------------------ names of cells


@pytest.mark.parametrize(
    ("index", "letters"),
    [
        (1, "A"),
        (5, "E"),
        (26, "Z"),
        (27, "AA"),
        (52, "AZ"),
        (53, "BA"),
        (702, "ZZ"),
        (703, "AAA"),
        (16384, "XFD"),
    ],
)
def test_columns_have_letters_and_numbers(index: int, letters: str) -> None:
    assert column_letters(index) == letters
    assert column_index(letters) == index


def test_a_cell_is_named_by_column_then_row() -> None:
    assert cell_name(20, 28) == "AB20"


@pytest.mark.parametrize("letters", ["", "a", "A1", "É"])
def test_what_is_no_column_name_is_refused(letters: str) -> None:
    with pytest.raises(ValueError, match="name of a column"):
        column_index(letters)


def test_columns_count_from_one() -> None:
    with pytest.raises(ValueError, match="count from 1"):
        column_letters(0)


# ---------------------------------------------------------------------------------- refusals


def test_a_file_under_a_password_is_told_from_an_old_xls() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert "mot de passe" in _refusal(ole + "EncryptedPackage".encode("utf-16-le")).why
    assert ".xls" in _refusal(ole + "Workbook".encode("utf-16-le")).why


def test_what_is_no_zip_is_refused() -> None:
    assert "n'est pas un classeur" in _refusal(b"<html>une page</html>").what
    assert "vide" in _refusal(b"").what


@pytest.mark.parametrize("kept", [30, 200, 700])
def test_a_truncated_file_is_said_to_be_incomplete(kept: int) -> None:
    assert "incomplet" in _refusal(one_sheet(EMPTY)[:kept]).what


def test_a_damaged_part_is_named() -> None:
    data = bytearray(one_sheet(EMPTY))
    with ZipFile(BytesIO(data)) as archive:
        start = archive.getinfo("xl/workbook.xml").header_offset
    data[start + 50 : start + 60] = bytes(10)
    assert "xl/workbook.xml" in _refusal(bytes(data)).why


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"},
            "OpenDocument",
        ),
        ({"xl/workbook.bin": b"\x83\x01"}, ".xlsb"),
        ({"word/document.xml": b"<a/>"}, "workbook.xml"),
    ],
)
def test_other_formats_are_named(parts: dict[str, bytes], why: str) -> None:
    assert why in _refusal(zipped(parts)).why


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "xl\\evil.xml", "c:evil", "xl/../../evil"])
def test_members_that_reach_outside_are_refused(name: str) -> None:
    assert "nom dangereux" in _refusal(zipped(package_parts({"Feuille": EMPTY}) | {name: b""})).why


def test_two_dots_inside_a_name_are_harmless() -> None:
    assert open_package(zipped(package_parts({"Feuille": EMPTY}) | {"xl/media/a..b.png": b""})).sheets


def test_a_member_given_twice_is_refused() -> None:
    parts = [*package_parts({"Feuille": EMPTY}).items(), ("xl/workbook.xml", b"<workbook/>")]
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(parts)
    assert "en double" in _refusal(data).why


def _claims(**sizes: int) -> list[ZipInfo]:
    info = ZipInfo("xl/a.xml")
    info.compress_type, info.file_size, info.compress_size = ZIP_STORED, sizes["size"], sizes["packed"]
    return [info]


@pytest.mark.parametrize(
    ("size", "packed", "refused"),
    [
        (parts.LARGEST_PACKAGE, 1 << 29, False),
        (parts.LARGEST_PACKAGE + 1, 1 << 29, True),
        (parts.LARGEST_UNSUSPECTED, 1, False),
        (parts.LARGEST_UNSUSPECTED + 1, 1, True),
        (60_000_000, 300_000, False),  # 60,000,000 / 300,000 = 200
        (60_000_001, 300_000, True),
    ],
)
def test_a_bomb_is_known_by_its_size_or_its_ratio(size: int, packed: int, refused: bool) -> None:
    claims = _claims(size=size, packed=packed)
    if not refused:
        parts._refuse_harmful(claims)
        return
    with pytest.raises(WorkbookError, match="refusé"):
        parts._refuse_harmful(claims)


def test_a_real_bomb_is_refused_before_it_unfolds() -> None:
    bomb = zipped(package_parts({"Feuille": EMPTY}) | {"xl/media/zeros.bin": bytes(51 << 20)})
    assert "démesuré" in _refusal(bomb).why


def test_a_document_type_is_refused_wherever_it_is_read() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY b "c">]>'
    parts = package_parts({"Feuille": laughs + EMPTY.removeprefix(b'<?xml version="1.0"?>')})
    with pytest.raises(WorkbookError) as caught:
        scan(open_package(zipped(parts)), "Feuille")
    assert "entités" in caught.value.why
    assert "entités" in _refusal(zipped(parts | {"xl/workbook.xml": laughs + parts["xl/workbook.xml"]})).why


@pytest.mark.parametrize(
    ("codec", "declaration"),
    [
        ("utf-16", ""),
        ("utf-16-le", ""),
        ("utf-16", '<?xml version="1.0" encoding="utf-16"?>'),
        ("latin-1", '<?xml version="1.0" encoding="ISO-8859-1"?>'),
    ],
)
def test_only_utf_8_is_read(codec: str, declaration: str) -> None:
    text = f'{declaration}<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    with pytest.raises(WorkbookError, match="Feuille"):
        scan(open_package(one_sheet(text.encode(codec))), "Feuille")


def test_a_sheet_without_its_part_is_refused() -> None:
    parts = package_parts({"Feuille": EMPTY})
    del parts["xl/worksheets/sheet1.xml"]
    assert "« Feuille »" in _refusal(zipped(parts)).why


# ------------------------------------------------------------------------------- the package


def test_tabs_come_in_order_with_their_parts() -> None:
    for make in (by_openpyxl, by_xlsxwriter):
        assert list(open_package(make()).sheets) == ["Actes", "Listes", "Tableau de bord"]


@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "../xl/WorkSheets/Sheet1.xml"]
)
def test_targets_may_be_absolute_relative_or_spelled_otherwise(target: str) -> None:
    parts = package_parts({"Feuille": EMPTY})
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = parts[name].replace(b"worksheets/sheet1.xml", target.encode())
    assert open_package(zipped(parts)).sheets == {"Feuille": "xl/worksheets/sheet1.xml"}


def test_chart_sheets_are_no_tabs() -> None:
    parts = package_parts({"Feuille": EMPTY, "Graphe": EMPTY})
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = parts[name].replace(b'worksheet" Target="worksheets/sheet2', b'chartsheet" Target="worksheets/sheet2')
    assert list(open_package(zipped(parts)).sheets) == ["Feuille"]


@pytest.mark.parametrize(("written", "found"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_the_calendar_of_1904_is_seen(written: str, found: bool) -> None:
    parts = package_parts({"Feuille": EMPTY}, workbook=f'<workbookPr date1904="{written}"/>{{sheets}}')
    assert open_package(zipped(parts)).date1904 is found
    assert not open_package(one_sheet(EMPTY)).date1904


def test_a_named_style_leads_to_its_first_plain_format() -> None:
    styles = (
        f'<styleSheet xmlns="{MAIN}"><cellXfs><xf xfId="0"/><xf xfId="2"/><xf xfId="1"/>'
        '<xf xfId="2" applyFont="1"/></cellXfs>'
        '<cellStyles><cellStyle name="Normal" xfId="0"/><cellStyle name="cdi texte" xfId="2"/>'
        '<cellStyle name="inutilisé" xfId="9"/></cellStyles></styleSheet>'
    )
    parts = package_parts({"Feuille": EMPTY}) | {"xl/styles.xml": styles.encode()}
    name = "xl/_rels/workbook.xml.rels"
    link = f'<Relationship Id="rIdS" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    parts[name] = parts[name].replace(b"</Relationships>", link.encode())
    assert open_package(zipped(parts)).named_styles == {"Normal": 0, "cdi texte": 1}


def test_shared_texts_join_their_runs_and_drop_readings() -> None:
    strings = (
        "<si><t>a</t></si><si><r><rPr><b/></rPr><t>Acte </t></r>"
        "<r><t xml:space='preserve'>rouge &amp; noir</t></r></si>"
        "<si><t>課</t><rPh sb='0' eb='1'><t>カ</t></rPh><phoneticPr fontId='1'/></si><si/><si><t/></si>"
    )
    package = open_package(one_sheet(EMPTY, strings=strings))
    assert list(package.shared_strings) == ["a", "Acte rouge & noir", "課", "", ""]
    assert list(open_package(one_sheet(EMPTY)).shared_strings) == []


# ---------------------------------------------------------------------------------- the scan

ROWS = (
    '<row r="2"><c r="B2" t="e"><v>#N/A</v></c><c r="C2"><f>1+1</f><v>2</v></c>'
    '<c r="D2"><f>NOW()</f></c></row>'
    '<row r="4" hidden="1"><c r="A4" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B4"><f/><v/></c></row>'
    '<row r="5" hidden="0"><c r="A5" t="str"><f>""</f><v></v></c>'
    '<c r="B5"><f t="shared" si="0"/><v>3</v></c></row>'
    '<row r="9"><c r="A9" s="1"/><c r="Z9"><v/></c></row>'
)


def _scan(rows: str) -> parts.SheetScan:
    return scan(open_package(one_sheet(sheet(rows))), "Feuille")


def test_a_scan_tells_errors_formulas_and_results_never_stored() -> None:
    seen = _scan(ROWS)
    assert seen.errors == {(2, 2): "#N/A", (4, 1): "#DIV/0!"}
    assert seen.formulas == {
        (2, 3): "1+1",
        (2, 4): "NOW()",
        (4, 1): "1/0",
        (4, 2): None,
        (5, 1): '""',
        (5, 2): None,
    }
    assert seen.uncached == {(2, 4), (4, 2)}


def test_only_cells_that_hold_something_set_the_last_row_and_column() -> None:
    assert (_scan(ROWS).last_row, _scan(ROWS).last_col) == (5, 4)
    assert (_scan("").last_row, _scan("").last_col) == (0, 0)


FULL_SHEETS = {
    "plain": sheet(ROWS),
    "rows that tell nothing": sheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
        + ROWS
        + '<row r="12"><c r="A12"><v>7</v></c></row>'
    ),
    "a comment": sheet('<!-- <row r="1"> -->' + ROWS),
    "cdata": sheet('<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[<f>]]></t></is></c></row>' + ROWS),
    "no numbers": sheet('<row><c><f>1</f></c></row><row hidden="true"><c t="e"><v>#REF!</v></c></row>'),
    "single quotes": sheet("<row r='1'><c r='A1' t='e'><v>#REF!</v></c></row>"),
    "closed rows": sheet(
        '<row r="1"/><row r="2" hidden="1"/><row r="3"><c r="B3"><f>1</f><v>1</v></c></row><row r="7"/>'
    ),
    "far column": sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'),
    "empty": sheet(""),
}


@pytest.mark.parametrize("name", FULL_SHEETS)
def test_looking_only_at_telling_rows_tells_the_same(name: str) -> None:
    package = open_package(one_sheet(FULL_SHEETS[name]))
    full, quick = scan(package, "Feuille"), parts.scan_telling_rows(package, "Feuille", far=500)
    assert (quick.errors, quick.uncached) == (full.errors, full.uncached)
    assert full.last_col < 703 or quick.last_col == full.last_col


def test_a_far_row_is_seen_though_it_tells_nothing() -> None:
    package = open_package(one_sheet(sheet('<row r="1"/><row r="900"><c r="A900"><v>1</v></c></row>')))
    assert parts.scan_telling_rows(package, "Feuille", far=500).last_row == 900


def test_a_prefix_changes_nothing() -> None:
    plain = sheet(ROWS).decode()
    prefixed = plain.replace("</", "\0").replace("<", "<x:").replace("\0", "</x:")
    part = prefixed.replace("<x:?xml", "<?xml").replace(" xmlns=", " xmlns:x=").encode()
    assert scan(open_package(one_sheet(part)), "Feuille") == _scan(ROWS)


def test_rows_and_cells_without_a_name_follow_the_one_before() -> None:
    seen = _scan('<row r="3"><c r="B3"/><c><f>A1</f><v>1</v></c></row><row><c><f>A2</f><v>1</v></c></row>')
    assert seen.formulas == {(3, 3): "A1", (4, 1): "A2"}


def test_brackets_in_attributes_comments_and_cdata_fool_nobody() -> None:
    seen = _scan('<!-- <row r="8"> --><row r="3" x="a>b"><c r="A3" t=\'str\'><f><![CDATA[1<2]]></f><v>a</v></c></row>')
    assert (seen.formulas, seen.last_row) == ({(3, 1): "1<2"}, 3)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ('<row r="2"/><row r="2"/>', "la ligne 2"),
        ('<row r="3"/><row r="2"/>', "la ligne 2"),
        ('<row r="0"/>', "la ligne 0"),
        ('<row r="x"/>', "la ligne x"),
        ('<row r="1048577"/>', "la ligne 1048577"),
        ('<row r="1"><c r="B1"/><c r="A1"/></row>', "la cellule A1"),
        ('<row r="1"><c r="B2"/></row>', "la cellule B2"),
        ('<row r="1"><c r="XFE1"/></row>', "la cellule XFE1"),
        ('<row r="1"><c r="12"/></row>', "la cellule 12"),
    ],
)
def test_rows_or_cells_out_of_order_are_refused(rows: str, why: str) -> None:
    with pytest.raises(WorkbookError) as caught:
        _scan(rows)
    assert why in caught.value.why and "« Feuille »" in caught.value.what


@pytest.mark.parametrize("rows", ['<row r="1048576"/>', '<row r="1"><c r="XFD1"/></row>'])
def test_the_last_row_and_column_are_fine(rows: str) -> None:
    assert _scan(rows).last_row == 0


def test_a_sheet_without_a_grid_or_with_broken_xml_is_refused() -> None:
    for part in (f'<worksheet xmlns="{MAIN}"/>'.encode(), sheet("<row>")):
        with pytest.raises(WorkbookError, match="Feuille"):
            scan(open_package(one_sheet(part)), "Feuille")


@pytest.mark.parametrize("make", [by_openpyxl, by_xlsxwriter])
def test_real_workbooks_are_scanned(make: Callable[[], bytes]) -> None:
    seen = scan(open_package(make()), "Actes")
    assert (seen.last_row, seen.last_col) == (21, 12)
    assert seen.formulas[2, 12] == "E2*2"
    assert ((2, 12) in seen.uncached) == (make is by_openpyxl)
