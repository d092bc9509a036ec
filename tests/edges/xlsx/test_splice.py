"""The splicer writes what is wanted, nothing else, and nothing twice."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from cdi_sync.edges.workbook_xlsx.parts import WorkbookError, cell_name, open_package, scan
from cdi_sync.edges.workbook_xlsx.splice import Cell, Position, Spliced, hyperlink_formula, splice
from tests.workbooks import (
    MAIN,
    STYLES,
    SYSTEM_COLUMNS,
    by_openpyxl,
    by_xlsxwriter,
    one_sheet,
    package_parts,
    parts_of,
    saved_by_libreoffice,
    sheet,
    zipped,
)

# openpyxl warns of what it would lose if it saved
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

SHEET = "xl/worksheets/sheet1.xml"
STYLED = ' s="7"'
STAFF_FORMULA = '<row r="9"><c r="A9"><f>1+1</f><v>2</v></c></row>'


def _one(rows: str, cells: Mapping[Position, Cell], *, strings: str | None = None) -> Spliced:
    return splice(one_sheet(sheet(rows), strings=strings), {"Feuille": cells}, {})


def _rows(done: Spliced) -> str:
    """The content of the grid of the first sheet."""
    text = parts_of(done.data)[SHEET].decode()
    return text[text.index("<sheetData>") + len("<sheetData>") : text.index("</sheetData>")]


def _text(name: str, text: str, style: str = "") -> str:
    return f'<c r="{name}"{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _link(text: str) -> Cell:
    return Cell(text, hyperlink_formula("#Aide!A20", text))


# ----------------------------------------------------------------- where the new bytes go


@pytest.mark.parametrize(
    ("before", "at", "after"),
    [
        ("", (3, 2), f'<row r="3">{_text("B3", "oui")}</row>'),
        ('<row r="3" ht="9"/>', (3, 2), f'<row r="3" ht="9">{_text("B3", "oui")}</row>'),
        ('<row r="3"></row>', (3, 2), f'<row r="3">{_text("B3", "oui")}</row>'),
        ('<row r="3"><c r="B3" s="7"/></row>', (3, 2), f'<row r="3">{_text("B3", "oui", STYLED)}</row>'),
        ('<row r="3"><c r="B3"><v>1</v></c></row>', (3, 2), f'<row r="3">{_text("B3", "oui")}</row>'),
        (
            '<row r="3"><c r="A3"/><c r="C3"/></row>',
            (3, 2),
            f'<row r="3"><c r="A3"/>{_text("B3", "oui")}<c r="C3"/></row>',
        ),
        ('<row r="3"><c r="A3"/></row>', (3, 2), f'<row r="3"><c r="A3"/>{_text("B3", "oui")}</row>'),
        ('<row r="3"><c r="C3"/></row>', (3, 2), f'<row r="3">{_text("B3", "oui")}<c r="C3"/></row>'),
        (
            '<row r="2"/><row r="4"/>',
            (3, 2),
            f'<row r="2"/><row r="3">{_text("B3", "oui")}</row><row r="4"/>',
        ),
        ('<row r="4"/>', (3, 2), f'<row r="3">{_text("B3", "oui")}</row><row r="4"/>'),
        ('<row r="2"/>', (3, 2), f'<row r="2"/><row r="3">{_text("B3", "oui")}</row>'),
        ("<row><c/><c/><c/></row>", (1, 2), f"<row><c/>{_text('B1', 'oui')}<c/></row>"),
        ("<row/><row><c><v>1</v></c></row>", (2, 2), f"<row/><row><c><v>1</v></c>{_text('B2', 'oui')}</row>"),
        ('<row x="a>b/>"><c r="A1" y=\'/>\'/></row>', (1, 1), f'<row x="a>b/>">{_text("A1", "oui")}</row>'),
        (
            "<!--<row>--><row><!--<c/>--><c><!-- </c> --></c ></row >",
            (1, 1),
            f"<!--<row>--><row><!--<c/>-->{_text('A1', 'oui')}</row >",
        ),
    ],
)
def test_a_cell_goes_to_its_place(before: str, at: Position, after: str) -> None:
    done = _one(before, {at: Cell("oui")})
    assert _rows(done) == after
    assert done.changed == {"Feuille": (at,)}


def test_several_new_cells_and_rows_come_in_order() -> None:
    cells = {at: Cell(number) for number, at in enumerate([(3, 28), (2, 3), (3, 2), (2, 1), (1, 1), (4, 1)])}
    names = re.findall(r'r="([A-Z]+\d+)"', _rows(_one('<row r="2"><c r="B2"/></row><row r="3"/>', cells)))
    assert names == ["A1", "A2", "B2", "C2", "B3", "AB3", "A4"]


@pytest.mark.parametrize(
    ("grid", "after"),
    [
        ("<sheetData/>", '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'),
        ('<sheetData x="1" />', '<sheetData x="1" ><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'),
    ],
)
def test_a_grid_that_is_closed_opens(grid: str, after: str) -> None:
    part = f'<worksheet xmlns="{MAIN}">{grid}<pageMargins/></worksheet>'
    done = splice(one_sheet(part.encode()), {"Feuille": {(1, 1): Cell(1)}}, {})
    assert parts_of(done.data)[SHEET].decode() == part.replace(grid, after)


def test_new_elements_take_the_prefix_of_the_sheet() -> None:
    part = f'\ufeff<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"/></x:sheetData></x:worksheet>'
    cells = {(1, 1): Cell("a"), (2, 1): Cell("b", '"b"')}
    done = splice(one_sheet(part.encode()), {"Feuille": cells}, {})
    row = '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t xml:space="preserve">a</x:t></x:is></x:c></x:row>'
    row += '<x:row r="2"><x:c r="A2" t="str"><x:f>"b"</x:f><x:v>b</x:v></x:c></x:row>'
    assert parts_of(done.data)[SHEET].decode() == part.replace('<x:row r="1"/>', row)
    assert splice(done.data, {"Feuille": cells}, {}).data is done.data


# ------------------------------------------------------------------------ what is written


@pytest.mark.parametrize(
    ("cell", "element"),
    [
        (Cell(12), '<c r="A1"><v>12</v></c>'),
        (Cell(0.1), '<c r="A1"><v>0.1</v></c>'),
        (Cell("=1+1"), _text("A1", "=1+1")),
        (Cell(" <a> & b "), _text("A1", " &lt;a&gt; &amp; b ")),
        (Cell("a\r\nb\rc"), _text("A1", "a\nb\nc")),
        (Cell("a\x00\x0b\ud800\ufffeb"), _text("A1", "a����b")),
        (Cell("😀"), _text("A1", "😀")),
        (Cell("_x0041_"), _text("A1", "_x005F_x0041_")),
        (_link("a"), '<c r="A1" t="str"><f>HYPERLINK("#Aide!A20","a")</f><v>a</v></c>'),
        (Cell(3, "1<2"), '<c r="A1"><f>1&lt;2</f><v>3</v></c>'),
        (Cell(None, "A2"), '<c r="A1"><f>A2</f></c>'),
        (Cell("", "A2"), '<c r="A1" t="str"><f>A2</f><v></v></c>'),
    ],
)
def test_each_kind_of_content_has_its_element(cell: Cell, element: str) -> None:
    done = _one("<row/>", {(1, 1): cell})
    assert _rows(done) == f"<row>{element}</row>"
    assert splice(done.data, {"Feuille": {(1, 1): cell}}, {}).data is done.data


@pytest.mark.parametrize("nothing", [Cell(None), Cell("")])
def test_emptying_a_cell_keeps_its_style_and_an_absent_cell_stays_absent(nothing: Cell) -> None:
    cells = {(1, 1): nothing, (1, 2): nothing, (7, 1): nothing}
    done = _one('<row><c r="A1" s="4" t="str"><v>x</v></c></row>', cells)
    assert _rows(done) == '<row><c r="A1" s="4"/></row>'
    assert done.changed == {"Feuille": ((1, 1),)}


def test_a_named_style_serves_only_a_cell_that_does_not_exist_yet() -> None:
    data = by_openpyxl()
    written, alert = (open_package(data).named_styles[name] for name in STYLES)
    cells = {(2, col): Cell(text, style="cdi alerte") for col, text in ((8, "ici"), (9, "là"))}
    cells |= {(2, 10): Cell("!", style="?")}
    rows = _rows(splice(data, {"Actes": cells}, {}))
    assert _text("H2", "ici", f' s="{written}"') in rows
    assert _text("I2", "là", f' s="{alert}"') in rows
    assert _text("J2", "!") in rows


@pytest.mark.parametrize(("length", "fits"), [(32_767, True), (32_768, False)])
def test_a_text_may_be_as_long_as_a_cell_holds(length: int, fits: bool) -> None:
    if fits:
        assert _one("", {(1, 1): Cell("é" * length)}).changed
        return
    with pytest.raises(ValueError, match="32768 characters"):
        _one("", {(1, 1): Cell("é" * length)})


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), float("-inf")])
def test_a_value_that_no_cell_holds_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="neither a text nor a finite number"):
        _one("", {(1, 1): Cell(value)})


@pytest.mark.parametrize("at", [(0, 1), (1, 0), (1_048_577, 1), (1, 16_385)])
def test_a_place_outside_the_sheet_is_refused(at: Position) -> None:
    with pytest.raises(ValueError, match="outside a sheet"):
        _one("", {at: Cell(1)})


# ------------------------------------------------------------------ nothing new, nothing written

STRINGS = "<si><t>oui</t></si><si><r><t>ou</t></r><r><t>i</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"


@pytest.mark.parametrize(
    ("element", "cell"),
    [
        ('<c r="A1" t="s"><v>0</v></c>', Cell("oui", style="cdi texte")),
        ('<c r="A1" t="s"><v>1</v></c>', Cell("oui")),
        ('<c r="A1" t="inlineStr"><is><t>oui</t></is></c>', Cell("oui")),
        ('<c r="A1" t="inlineStr"><is><r><t>o</t></r><r><t>ui</t></r></is></c>', Cell("oui")),
        ('<c r="A1" t="inlineStr"><is><t>oui</t><rPh sb="0" eb="1"><t>x</t></rPh></is></c>', Cell("oui")),
        ('<c r="A1" t="str"><v><![CDATA[oui]]></v></c>', Cell("oui")),
        ('<c r="A1" t="str"><v>a_x000D_&#10;b</v></c>', Cell("a\r\nb")),
        ('<c r="A1" t="n"><v> 3.0 </v></c>', Cell(3)),
        ('<c r="A1"><v>0.3</v></c>', Cell(0.1 + 0.2)),
        ('<c r="A1"><v>-0</v></c>', Cell(0)),
        ('<c r="A1" s="3"/>', Cell(None)),
        ('<c r="A1" t="str"><v></v></c>', Cell("")),
        (
            '<c r="A1" t="str"><f aca="false">HYPERLINK("#Aide!A20", "oui")</f><v>oui</v></c>',
            _link("oui"),
        ),
        ('<c r="A1" t="n"><f>_xlfn.SUM(A2)</f><v>4</v></c>', Cell(4, "sum(A2)")),
        ('<c r="A1"><f>A2</f><v>4</v></c>', Cell(None, "A2")),
    ],
)
def test_a_cell_that_holds_it_already_is_not_touched(element: str, cell: Cell) -> None:
    data = one_sheet(sheet(f"<row>{element}</row>"), strings=STRINGS)
    done = splice(data, {"Feuille": {(1, 1): cell}}, {})
    assert done.data is data
    assert done.changed == {}


@pytest.mark.parametrize(
    ("element", "cell"),
    [
        ('<c r="A1" t="s"><v>0</v></c>', Cell("Oui")),
        ('<c r="A1" t="s"><v>7</v></c>', Cell("oui")),
        ('<c r="A1" t="str"><v>3</v></c>', Cell(3)),
        ('<c r="A1"><v>3</v></c>', Cell("3")),
        ('<c r="A1" t="b"><v>1</v></c>', Cell(1)),
        ('<c r="A1" t="e"><v>#N/A</v></c>', Cell("#N/A")),
        ('<c r="A1" t="e"><v>#N/A</v></c>', Cell(None)),
        ('<c r="A1"><v>abc</v></c>', Cell(1)),
        ('<c r="A1"><f>A2</f></c>', Cell(None)),
        ('<c r="A1"><f>A2</f><v>3</v></c>', Cell(3)),
        ('<c r="A1"><v>3</v></c>', Cell(3, "A2")),
        ('<c r="A1"><f>A2</f><v>3</v></c>', Cell(4, "A2")),
        ('<c r="A1"><f>A2</f><v>3</v></c>', Cell(3, "A3")),
        ('<c r="A1" t="str"><f>"a b"</f><v>a b</v></c>', Cell("a b", '"A b"')),
        ('<c r="A1" t="str"><f>"a b"</f><v>a b</v></c>', Cell("a b", '"ab"')),
        ('<c r="A1"><f>A2</f><v/></c>', Cell("", "A2")),
    ],
)
def test_another_value_kind_or_formula_is_written(element: str, cell: Cell) -> None:
    done = splice(one_sheet(sheet(f"<row>{element}</row>"), strings=STRINGS), {"Feuille": {(1, 1): cell}}, {})
    assert done.changed == {"Feuille": ((1, 1),)}
    assert splice(done.data, {"Feuille": {(1, 1): cell}}, {}).data is done.data


# ----------------------------------------------------------------------------- the dimension


@pytest.mark.parametrize(
    ("before", "at", "after"),
    [
        ('<dimension ref="B2:C4"/>', (3, 3), '<dimension ref="B2:C4"/>'),
        ('<dimension ref="B2:C4"/>', (4, 4), '<dimension ref="B2:D4"/>'),
        ('<dimension ref="B2:C4"/>', (5, 3), '<dimension ref="B2:C5"/>'),
        ('<dimension ref="B2:C4"/>', (1, 1), '<dimension ref="A1:C4"/>'),
        ("<dimension x=' ref=\"A1\"' ref = 'B2' />", (3, 3), '<dimension x=\' ref="A1"\' ref = "B2:C3" />'),
        ('<dimension ref="?"/>', (3, 3), '<dimension ref="?"/>'),
        ("", (3, 3), ""),
    ],
)
def test_the_dimension_grows_only_as_far_as_needed(before: str, at: Position, after: str) -> None:
    done = splice(one_sheet(sheet("", before=before)), {"Feuille": {at: Cell(1)}}, {})
    head = parts_of(done.data)[SHEET].decode().partition("<sheetData>")[0]
    assert head.endswith(f'<worksheet xmlns="{MAIN}">{after}')


# ------------------------------------------------------------- formulas, and what depends on them


def _linked(rows: str, cells: Mapping[Position, Cell]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    data = one_sheet(sheet(rows), calc_chain=True)
    return parts_of(data), parts_of(splice(data, {"Feuille": cells}, {}).data)


@pytest.mark.parametrize(
    ("rows", "cell"),
    [
        ("", _link("a")),
        ('<row><c r="A1"><f>A2</f><v>1</v></c></row>', Cell(1, "A3")),
        ('<row><c r="A1"><f>A2</f><v>1</v></c></row>', Cell(1)),
    ],
)
def test_a_formula_added_changed_or_removed_takes_the_calculation_chain_away(rows: str, cell: Cell) -> None:
    before, after = _linked(rows, {(1, 1): cell})
    assert [name for name in before if name not in after] == ["xl/calcChain.xml"]
    assert b"calcChain" not in b"".join(after.values())
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        cut = re.sub(rb"<(Override|Relationship) [^>]*calcChain[^>]*>", b"", before[name])
        assert after[name] == cut != before[name]


def test_the_calculation_chain_stays_when_only_values_change() -> None:
    before, after = _linked(STAFF_FORMULA, {(1, 1): Cell("a")})
    assert before["xl/calcChain.xml"] == after["xl/calcChain.xml"]
    assert before["[Content_Types].xml"] == after["[Content_Types].xml"]


SETTINGS = "<bookViews/>{{sheets}}<definedNames/>{calc}<oleSize/><extLst/>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '<calcPr fullCalcOnLoad="1"/>'),
        ("<calcPr/>", '<calcPr fullCalcOnLoad="1"/>'),
        ('<calcPr calcId="1" />', '<calcPr fullCalcOnLoad="1" calcId="1" />'),
        ('<calcPr fullCalcOnLoad="0"/>', '<calcPr fullCalcOnLoad="1"/>'),
        ('<calcPr fullCalcOnLoad="true"/>', '<calcPr fullCalcOnLoad="true"/>'),
    ],
)
def test_formulas_of_the_staff_are_computed_when_the_workbook_opens(before: str, after: str) -> None:
    data = zipped(package_parts({"Feuille": sheet(STAFF_FORMULA)}, workbook=SETTINGS.format(calc=before)))
    done = parts_of(splice(data, {"Feuille": {(1, 1): Cell(1)}}, {}).data)["xl/workbook.xml"].decode()
    assert f"</sheets><definedNames/>{after}<oleSize/>" in done


def test_staff_formulas_are_seen_in_the_sheets_that_nobody_asked_for() -> None:
    sheets = {"Feuille": sheet(""), "Calculs": sheet(STAFF_FORMULA)}
    done = splice(zipped(package_parts(sheets)), {"Feuille": {(1, 1): Cell(1)}}, {})
    assert b"fullCalcOnLoad" in parts_of(done.data)["xl/workbook.xml"]


def test_without_staff_formulas_or_without_change_nothing_is_computed_anew() -> None:
    links = {(1, 1): _link("a"), (2, 1): _link("b")}
    done = _one("", links)
    assert b"fullCalcOnLoad" not in parts_of(done.data)["xl/workbook.xml"]
    again = splice(done.data, {"Feuille": links | {(1, 1): _link("c")}}, {})
    assert b"fullCalcOnLoad" not in parts_of(again.data)["xl/workbook.xml"]
    kept = one_sheet(sheet(STAFF_FORMULA))
    assert splice(kept, {"Feuille": {(1, 1): Cell(None)}}, {}).data is kept


SHARED = (
    '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1</f><v>1</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>1</v></c></row>'
)
ARRAY = (
    '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2</f><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
)


@pytest.mark.parametrize("rows", [SHARED, ARRAY])
def test_a_formula_that_fills_other_cells_too_is_not_taken_from_them(rows: str) -> None:
    with pytest.raises(WorkbookError, match="La cellule A1 de l'onglet « Feuille »") as caught:
        _one(rows, {(1, 1): Cell("x")})
    assert "A1:A2" in caught.value.why


@pytest.mark.parametrize("rows", [SHARED, ARRAY])
def test_a_formula_that_fills_cells_goes_with_all_of_them(rows: str) -> None:
    done = _one(rows, {(1, 1): Cell("x"), (2, 1): Cell("y")})
    assert _rows(done) == f'<row r="1">{_text("A1", "x")}</row><row r="2">{_text("A2", "y")}</row>'


@pytest.mark.parametrize(("rows", "formula"), [(SHARED, "B1"), (ARRAY, "B1:B2")])
def test_a_formula_that_fills_cells_and_is_the_wanted_one_stays(rows: str, formula: str) -> None:
    assert _one(rows, {(1, 1): Cell(1, formula)}).changed == {}


def test_a_cell_that_only_repeats_a_formula_may_change() -> None:
    assert _rows(_one(SHARED, {(2, 1): Cell("y")})).endswith(f'<row r="2">{_text("A2", "y")}</row>')


def test_an_array_of_one_cell_is_a_formula_like_another() -> None:
    assert _one('<row><c r="A1"><f t="array" ref="A1">B1</f><v>1</v></c></row>', {(1, 1): Cell(2)}).changed


# -------------------------------------------------------------------------------- links


def test_a_link_doubles_its_quotes() -> None:
    assert hyperlink_formula("#A!A1", 'dit "oui".') == 'HYPERLINK("#A!A1","dit ""oui"".")'


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a" * 255, [255]),
        ("a" * 256, [255, 1]),
        ('"' * 127, [254]),
        ('"' * 128, [254, 2]),
        ("😀" * 128, [127, 1]),
    ],
)
def test_a_long_text_is_cut_into_pieces_that_a_formula_holds(text: str, pieces: list[int]) -> None:
    written = hyperlink_formula("#A!A1", text).removeprefix('HYPERLINK("#A!A1",').removesuffix(")")
    found = re.findall(r'"((?:[^"]|"")*)"(?:&|$)', written)
    assert [len(piece) for piece in found] == pieces
    assert "".join(found).replace('""', '"') == text


def test_a_link_longer_than_a_formula_is_refused() -> None:
    assert hyperlink_formula("#A!A1", "a" * 8000)
    with pytest.raises(ValueError, match="formula"):
        hyperlink_formula("#A!A1", "a" * 8192)


# ---------------------------------------------------------------------------- whole tabs

BEFORE = '<sheetPr/><dimension ref="A1:C9"/><cols><col min="1" max="1" width="50"/></cols>'
AFTER = (
    '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells><conditionalFormatting sqref="A1"/>'
    '<hyperlinks><hyperlink ref="A2" location="A!A1"/></hyperlinks><pageMargins/>'
)
Grid = list[list[Cell | None]]
GRID: Grid = [[Cell("Titre")], [], [None, Cell(3), _link("ici")]]


def _tab(rows: str) -> bytes:
    return one_sheet(sheet(rows, before=BEFORE, after=AFTER))


def test_a_tab_gets_a_new_grid_and_keeps_the_rest() -> None:
    old = '<row r="1" ht="40" customHeight="1"><c r="A1"><v>1</v></c></row><row r="3" ht="15"/>'
    done = splice(_tab(old + '<row r="9"><c r="C9"><v>2</v></c></row>'), {}, {"Feuille": GRID})
    link = '<c r="C3" t="str"><f>HYPERLINK("#Aide!A20","ici")</f><v>ici</v></c>'
    rows = f'<row r="1" ht="40.0" customHeight="1">{_text("A1", "Titre")}</row>'
    rows += f'<row r="3"><c r="B3"><v>3</v></c>{link}</row>'
    after = '<conditionalFormatting sqref="A1"/><pageMargins/>'
    part = sheet(rows, before=BEFORE.replace("A1:C9", "A1:C3"), after=after)
    assert parts_of(done.data)[SHEET] == part
    assert done.changed == {"Feuille": ((1, 1), (3, 2), (3, 3), (9, 3))}
    assert splice(done.data, {}, {"Feuille": GRID}).data is done.data


def test_a_tab_that_holds_it_already_is_not_touched_empty_cells_do_not_count() -> None:
    same = '<row r="1"><c r="A1" t="str"><v>Titre</v></c><c r="B1" s="2"/></row><row r="5"/>'
    data = _tab(same)
    grid: Grid = [[Cell("Titre"), None, Cell(None, style="x")], [None], []]
    assert splice(data, {}, {"Feuille": grid}).data is data


def test_a_filter_stays_on_a_tab_but_lets_go_of_what_it_chose() -> None:
    """The rows that it hid are written anew, visible: a filter that still chose would say what isn't so."""
    chosen = '<autoFilter ref="A2:B9"><filterColumn colId="0"><filters><filter val="x"/></filters></filterColumn></autoFilter>'
    data = one_sheet(sheet('<row r="3" hidden="1"><c r="A3"><v>1</v></c></row>', after=chosen))
    grid: Grid = [[], [], [Cell(2)]]
    part = parts_of(splice(data, {}, {"Feuille": grid}).data)[SHEET].decode()
    assert '<autoFilter ref="A2:B9"/>' in part
    assert "hidden" not in part
    assert splice(data, {}, {"Feuille": [[], [], [Cell(1)]]}).data is data  # nothing new: nothing is touched


def test_a_tab_may_be_emptied() -> None:
    done = splice(_tab('<row r="2"><c r="B2"><v>1</v></c></row>'), {}, {"Feuille": []})
    assert b'<dimension ref="A1"/>' in parts_of(done.data)[SHEET]
    assert _rows(done) == ""


def test_every_cell_of_a_tab_gets_its_named_style() -> None:
    data = by_openpyxl()
    written, alert = (open_package(data).named_styles[name] for name in STYLES)
    grid: Grid = [[Cell("T", style=STYLES[0]), Cell(None, style=STYLES[1])]]
    done = splice(data, {}, {"Tableau de bord": grid})
    part = parts_of(done.data)["xl/worksheets/sheet3.xml"].decode()
    assert f'<c r="A1" s="{written}" t="inlineStr">' in part
    assert f'<c r="B1" s="{alert}"/>' in part
    assert "<drawing " in part and "mergeCell" not in part and "hyperlink" not in part


def test_a_formula_that_leaves_a_tab_takes_the_calculation_chain_away() -> None:
    data = one_sheet(sheet(STAFF_FORMULA), calc_chain=True)
    done = parts_of(splice(data, {}, {"Feuille": [[Cell("a")]]}).data)
    assert "xl/calcChain.xml" not in done
    assert b"fullCalcOnLoad" not in done["xl/workbook.xml"]


# --------------------------------------------------------------------------------- refusals


def test_a_missing_tab_is_named() -> None:
    for cells, tabs in (({"Échéancier": {(1, 1): Cell(1)}}, {}), ({}, {"Échéancier": [[Cell(1)]]})):
        with pytest.raises(WorkbookError, match="« Échéancier » manque"):
            splice(one_sheet(sheet("")), cells, tabs)


def test_a_tab_is_either_whole_or_cell_by_cell() -> None:
    with pytest.raises(ValueError, match="Feuille"):
        splice(one_sheet(sheet("")), {"Feuille": {(1, 1): Cell(1)}}, {"Feuille": [[Cell(1)]]})


@pytest.mark.parametrize("codec", ["utf-16", "latin-1"])
def test_a_sheet_that_is_not_utf_8_is_not_written(codec: str) -> None:
    text = f'<?xml version="1.0" encoding="{codec}"?><worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    with pytest.raises(WorkbookError, match="Feuille"):
        splice(one_sheet(text.encode(codec)), {"Feuille": {(1, 1): Cell(1)}}, {})


# ------------------------------------------------------------------------------ the archive


def test_members_keep_order_dates_compression_and_attributes() -> None:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.comment = b"note"
        for number, (name, part) in enumerate(package_parts({"Feuille": sheet("")}, calc_chain=True).items()):
            info = ZipInfo(name, (1980 + number, 1, 1, 0, 0, 2 * number))
            info.compress_type, info.external_attr = (ZIP_STORED, 8)[number % 2], number << 16
            archive.writestr(info, part)
            info.external_attr = number << 16
    done = splice(out.getvalue(), {"Feuille": {(1, 1): Cell("é" * 999)}}, {})
    assert done.data != out.getvalue()
    assert _members(done.data) == _members(out.getvalue())


def _members(data: bytes) -> tuple[bytes, list[tuple[object, ...]]]:
    with ZipFile(BytesIO(data)) as archive:
        infos = archive.infolist()
        return archive.comment, [
            (info.filename, info.date_time, info.compress_type, info.external_attr, info.create_system)
            for info in infos
        ]


# --------------------------------------------------------- any cells of any workbook [properties]


@dataclass(frozen=True)
class Workbook:
    """A workbook and all that openpyxl reads in it, to compare with afterwards."""

    data: bytes
    values: dict[tuple[str, int, int], object]


def _values(data: bytes) -> dict[tuple[str, int, int], object]:
    """Non-empty values by (tab, row, column), as openpyxl sees them; stored results for formulas."""
    book = openpyxl.load_workbook(BytesIO(data), data_only=True)
    cells = [cell for tab in book.worksheets for row in tab.iter_rows() for cell in row]
    return {(c.parent.title, c.row, c.column): c.value for c in cells if c.row and c.value not in (None, "")}


def _calamine(data: bytes, title: str) -> dict[Position, object]:
    tab = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_name(title)
    rows = tab.to_python(skip_empty_area=False)
    return {(r, c): value for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value != ""}


MAKERS: dict[str, Callable[[], bytes]] = {"openpyxl": by_openpyxl, "xlsxwriter": by_xlsxwriter}
KINDS = [
    "openpyxl",
    "xlsxwriter",
    pytest.param("openpyxl, LibreOffice", marks=pytest.mark.libreoffice),
    pytest.param("xlsxwriter, LibreOffice", marks=pytest.mark.libreoffice),
]


@pytest.fixture(scope="module", params=KINDS)
def workbook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    maker, _, saver = str(request.param).partition(", ")
    data = MAKERS[maker]()
    data = saved_by_libreoffice(data, tmp_path_factory.mktemp("lo")) if saver else data
    return Workbook(data, _values(data))


# neither \r nor what programs read as an escape: their own tests stand above
_LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Co"]) | st.sampled_from("\n\t\"&<>'=")
_TEXTS = st.text(_LETTERS, min_size=1, max_size=300).filter(lambda text: "_x" not in text)
_NUMBERS = st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12).map(lambda x: float(f"{x:.12g}"))
_STYLED = st.builds(Cell, _TEXTS | _NUMBERS | st.none(), style=st.sampled_from([None, *STYLES, "?"]))
_PLACES = st.tuples(st.integers(1, 45), st.sampled_from([*SYSTEM_COLUMNS, 14, 30]))
_WANTED = st.dictionaries(_PLACES, _STYLED | _TEXTS.map(_link), min_size=1, max_size=25)
_fuzz = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def _without_cells(part: bytes, cells: Iterable[Position]) -> bytes:
    """A part made by a program, without these cells, the rows that then hold nothing, and the dimension."""
    names = "|".join(cell_name(*at) for at in cells)
    text = re.sub(rf'<c r="(?:{names})"(?:[^>]*/>|[^>]*[^/>]>.*?</c>|>.*?</c>)', "", part.decode(), flags=re.DOTALL)
    text = re.sub(r"(<row [^>]*)/>", r"\1></row>", text)
    return re.sub(r'<row r="\d+"></row>|<dimension [^>]*>', "", text).encode()


@given(wanted=_WANTED)
@_fuzz
def test_only_the_wanted_cells_change_in_any_workbook(workbook: Workbook, wanted: dict[Position, Cell]) -> None:
    done = splice(workbook.data, {"Actes": wanted}, {})
    before, after = parts_of(workbook.data), parts_of(done.data)
    part = open_package(workbook.data).sheets["Actes"]
    may_change = {
        part,
        "xl/workbook.xml",
        "xl/calcChain.xml",
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
    }
    assert {name: p for name, p in before.items() if name not in may_change} == {
        name: p for name, p in after.items() if name not in may_change
    }
    assert _without_cells(after[part], wanted) == _without_cells(before[part], wanted)
    assert splice(done.data, {"Actes": wanted}, {}).data is done.data


@given(wanted=_WANTED)
@_fuzz
def test_other_programs_read_the_wanted_values_and_all_the_others(
    workbook: Workbook, wanted: dict[Position, Cell]
) -> None:
    done = splice(workbook.data, {"Actes": wanted}, {}).data
    values = {at: cell.value for at, cell in wanted.items() if cell.value not in (None, "")}
    replaced = {("Actes", *at) for at in wanted}
    others = {key: value for key, value in workbook.values.items() if key not in replaced}
    assert _values(done) == others | {("Actes", *at): value for at, value in values.items()}
    before = _calamine(workbook.data, "Actes")
    others_read = {at: value for at, value in before.items() if at not in wanted}
    assert _calamine(done, "Actes") == others_read | values


@pytest.mark.libreoffice
@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS.keys())
def test_nothing_changes_again_after_libreoffice_saved_our_work(
    maker: Callable[[], bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    long = 'Visa : « attendu » "20 jours" & <relance>\nvoir =A1, _x0041_ ; ' * 9
    cells = {
        (2, 8): Cell("Préparation"),
        (2, 9): Cell(46_000),
        (2, 10): _link(long),
        (2, 11): Cell(long, style=STYLES[1]),
        (3, 8): Cell("=1+1"),
        (3, 9): Cell(0.1 + 0.2),
        (3, 10): _link("Aide"),
        (3, 11): Cell(None),
        (30, 8): Cell("  espaces  "),
        (60, 1): Cell("ACT-00060"),
        (60, 11): Cell("007"),
        (61, 8): Cell(-1.5e-7),
    }
    grid: Grid = [
        [Cell("Titre", style=STYLES[0])],
        [_link("x"), Cell(12), None],
        [],
        [Cell(3, "1+2")],
    ]
    tabs = {"Tableau de bord": grid}
    done = splice(maker(), {"Actes": cells}, tabs)
    saved = saved_by_libreoffice(done.data, tmp_path_factory.mktemp("lo"))
    again = splice(saved, {"Actes": cells}, tabs)
    assert again.changed == {}
    assert again.data is saved
    assert scan(open_package(saved), "Actes").formulas[3, 10] == 'HYPERLINK("#Aide!A20","Aide")'


# ------------------------------------------------------------------- any sheet, written by hand


@dataclass(frozen=True)
class Piece:
    """A stretch of a grid: a cell at a place, or anything between (`at` None)."""

    text: str
    at: Position | None = None


_NOISE = st.sampled_from(["", "", "\n  ", "<!-- <c r='A1'> > -->", "<?mso x>y?>", " <!--<row>--> "])
_BODIES = st.sampled_from(
    [
        ("", "/>"),
        (' s="2"', "/>"),
        (" x='>'", "><v>7</v></%sc>"),
        (' t="str"', "><v><![CDATA[</c>]]></v></%sc >"),
        (' t="inlineStr"', "><%sis><%st>a&gt;b</%st></%sis></%sc>"),
        ("", "><!-- </c> --></%sc>"),
        (' y="/>"', " />"),
        (' s="3"', "><%sf>A1&lt;2</%sf><%sv>1</%sv></%sc>"),
    ]
)


@st.composite
def _grids(draw: st.DrawFn) -> tuple[str, list[Piece]]:
    """A prefix, and the pieces of a grid in order."""
    prefix, row, pieces = draw(st.sampled_from(["", "x:"])), 0, list[Piece]()
    for _ in range(draw(st.integers(0, 5))):
        gap = draw(st.integers(0, 2))
        row += 1 + gap
        name = f' r="{row}"' if gap or draw(st.booleans()) else ""
        pieces.append(Piece(draw(_NOISE)))
        pieces += draw(_rows_of(prefix, row, name))
    return prefix, [*pieces, Piece(draw(_NOISE))]


@st.composite
def _rows_of(draw: st.DrawFn, prefix: str, row: int, name: str) -> list[Piece]:
    cells, col = list[Piece](), 0
    for _ in range(draw(st.integers(0, 4))):
        gap = draw(st.integers(0, 2))
        col += 1 + gap
        reference = f" r='{cell_name(row, col)}'" if gap or draw(st.booleans()) else ""
        attributes, body = draw(_BODIES)
        text = f"<{prefix}c{attributes}{reference}" + body.replace("%s", prefix).replace("<v", f"<{prefix}v")
        cells += [Piece(draw(_NOISE)), Piece(text.replace("</v", f"</{prefix}v"), (row, col))]
    if not cells and draw(st.booleans()):
        return [Piece(f'<{prefix}row{name} z="a>b"/>')]
    return [Piece(f'<{prefix}row{name} z="a>b">'), *cells, Piece(f"</{prefix}row>")]


def _part(prefix: str, pieces: Iterable[Piece]) -> bytes:
    grid = "".join(piece.text for piece in pieces)
    names = f' xmlns:x="{MAIN}"' if prefix else f' xmlns="{MAIN}"'
    data = f"<{prefix}sheetData>{grid}</{prefix}sheetData>"
    return f"<{prefix}worksheet{names}>{data}</{prefix}worksheet>".encode()


_TINY = st.dictionaries(st.tuples(st.integers(1, 15), st.integers(1, 12)), st.integers(-9, 9).map(Cell), max_size=12)


@given(grid=_grids(), wanted=_TINY)
@settings(max_examples=300, deadline=None, database=None)
def test_in_any_sheet_cells_change_and_the_rest_stays(
    grid: tuple[str, list[Piece]], wanted: dict[Position, Cell]
) -> None:
    prefix, pieces = grid
    data = one_sheet(_part(prefix, pieces))
    done = splice(data, {"Feuille": wanted}, {})
    after = parts_of(done.data)[SHEET].decode()
    ours = done.changed.get("Feuille", ())
    for at in ours:  # each stands there once, written by us
        element = f'<{prefix}c r="{cell_name(*at)}"(?: s="\\d")?><{prefix}v>-?\\d</{prefix}v></{prefix}c>'
        after, count = re.subn(element, "", after)
        assert count == 1
    after = re.sub(f'<{prefix}row r="\\d+"></{prefix}row>', "", after)
    rest = _part(prefix, [piece for piece in pieces if piece.at not in ours]).decode()
    assert _opened(prefix, after) == _opened(prefix, rest)
    assert splice(done.data, {"Feuille": wanted}, {}).data is done.data


def _opened(prefix: str, text: str) -> str:
    return re.sub(f'(<{prefix}row(?: r="\\d+")? z="a>b")/>', rf"\1></{prefix}row>", text)


@given(grid=_grids(), wanted=_TINY)
@settings(max_examples=150, deadline=None, database=None)
def test_in_any_sheet_every_number_is_read_where_it_was_wanted(
    grid: tuple[str, list[Piece]], wanted: dict[Position, Cell]
) -> None:
    done = splice(one_sheet(_part(*grid)), {"Feuille": wanted}, {}).data
    before, after = _calamine(one_sheet(_part(*grid)), "Feuille"), _calamine(done, "Feuille")
    assert after == before | {at: cell.value for at, cell in wanted.items()}


def test_a_row_of_a_system_tab_is_tall_enough_for_its_longest_text() -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Anomalies")
    sheet.column_dimensions["A"].width = 21
    sheet.sheet_format.defaultRowHeight = 15
    buffer = BytesIO()
    book.save(buffer)
    texts = ["x" * 20, "x" * 21, "un\ndeux\ntrois"]
    spliced = splice(buffer.getvalue(), {}, {"Anomalies": [[Cell(text)] for text in texts]})
    heights = openpyxl.load_workbook(BytesIO(spliced.data))["Anomalies"].row_dimensions
    assert [heights[row].height for row in (1, 2, 3)] == [None, 28, 42]


def test_a_text_that_runs_over_the_next_cells_makes_no_row_taller() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Aide").column_dimensions["A"].width = 21
    buffer = BytesIO()
    book.save(buffer)
    grid = [[Cell("x" * 200, wraps=False)], [Cell("x" * 200)]]
    done = splice(buffer.getvalue(), {}, {"Aide": grid})
    heights = openpyxl.load_workbook(BytesIO(done.data))["Aide"].row_dimensions
    assert (heights[1].height, heights[2].height) == (None, 140)  # 200 characters in lines of 20: ten of 14 points
