"""An existing workbook brought to new declarations: what people put in it is found again, what is new works.

The workbook is made from older declarations, then lived in: rows, a column of the staff's own, a tab of theirs with
formulas and a chart, a note. It is read back by programs that had no part in the work.
"""

import posixpath
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.worksheet.datavalidation import DataValidation
from python_calamine import load_workbook

from cdi_sync.edges.hints import LISTS, note_text
from cdi_sync.edges.setup import hints_of
from cdi_sync.edges.workbook_xlsx.frame import CHILDREN
from cdi_sync.edges.workbook_xlsx.reading import read_bytes
from cdi_sync.edges.workbook_xlsx.schema import brought_up, check_nothing_lost, difference
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.errors import RegistryError
from cdi_sync.model import Category, Column, Owner, Tab
from cdi_sync.schema_changes import Difference, Kind
from cdi_sync.tables import letters, read_registry
from tests.registries import DECLARED
from tests.workbooks import parts_of, saved_by_libreoffice, zipped

Workbook: TypeAlias = Any  # read back by openpyxl, whose cells and checks may hold a dozen types
Worksheet: TypeAlias = Any

FORMS = (Category("JUMELAGE", "Jumelage"), Category("CONVENTION", "Convention"))
NUMBER = Column("id", "N° d'acte", "Numéro.", owner=Owner.SYSTEM, width=12)
TITLE = Column("intitule", "Intitulé", "Tel qu'il est signé.", aliases=("Titre de l'acte",), width=40)
FORM = Column("forme", "Forme", "Sa forme.", categories=FORMS, required=True)
COUNCIL = Column("collectivite", "Collectivité", "Son numéro.", type="reference", reference="collectivites")
SIGNED = Column("date_signature", "Date de signature", "Jour.", type="date", years=(1956, 2100), width=14)
STATE = Column("statut", "Statut", "Où il en est.", categories=(Category("ACTIF", "Actif"), Category("CLOS", "Clos")))
OLD_ACT = Column("historique", "Acte historique", "Oui ou Non.", type="boolean")
HOUR = Column("heure", "Heure", "Heure.", type="time")
DAYS_LEFT = Column("jours_restants", "Jours restants", "Jours.", type="integer", owner=Owner.SYSTEM)
TO_MEND = Column("a_corriger", "À corriger", "Ce qui reste à corriger.", owner=Owner.SYSTEM, width=60)
COUNCILS = Tab(
    "collectivites", "Collectivités", "Une par ligne.", "COL", "socle",
    (Column("id", "N° de collectivité", "Numéro.", owner=Owner.SYSTEM), Column("nom", "Nom", "Nom.")),
)  # fmt: skip
ACTS = Tab(
    "actes", "Actes", "Un acte par ligne.", "ACT", "socle",
    (NUMBER, TITLE, FORM, COUNCIL, SIGNED, STATE, OLD_ACT, HOUR, DAYS_LEFT, TO_MEND), aliases=("Conventions",),
)  # fmt: skip
PAPERS = Tab(
    "pieces", "Pièces d'acte", "Une par ligne.", "PIE", "socle",
    (
        Column("id", "N° de pièce", "Numéro.", owner=Owner.SYSTEM),
        Column("id_acte", "Acte", "Son numéro.", type="reference", reference="actes"),
        Column("nature", "Nature", "Nature.", categories=(Category("ANNEXE", "Annexe"),)),
    ),
)  # fmt: skip
NEW = (COUNCILS, ACTS, PAPERS)
OLD = (COUNCILS, replace(ACTS, columns=(NUMBER, replace(TITLE, title="Titre de l'acte"), FORM, COUNCIL)))
ROWS = {
    "collectivites": [{"id": "COL-00001", "nom": "Fès"}],
    "actes": [
        {"id": "ACT-00001", "intitule": "Jumelage Fès-Strasbourg", "forme": "JUMELAGE", "collectivite": "COL-00001"},
        {"id": "ACT-00002", "intitule": "=1+1", "forme": "CONVENTION", "collectivite": "Fès"},
    ],
}
OWN = "Chargé de dossier"


def lived_in(tabs: Sequence[Tab] = OLD, rows: Mapping[str, Sequence[Mapping[str, object]]] = ROWS) -> bytes:
    """A workbook made from those tabs, then used by its staff."""
    book: Workbook = openpyxl.load_workbook(BytesIO(build_workbook(tabs, rows, spare_rows=3)))
    acts: Worksheet = book[tabs[1].title]
    own = acts.max_column + 1
    for row, value in enumerate((OWN, "Mme Alaoui", 12.5, date(2026, 3, 31)), start=1):
        acts.cell(row, own, value)
    acts["B2"].comment = Comment("à vérifier", "Greffe")
    theirs = book.create_sheet("Calculs", 4)
    theirs["A1"], theirs["A2"] = f"=COUNTA('{acts.title}'!B2:B500)", f'=IF({acts.title}!B2="{acts.title}!",1,2)'
    chart = BarChart()
    chart.add_data(Reference(acts, min_col=own, min_row=1, max_row=4), titles_from_data=True)
    theirs.add_chart(chart, "C3")
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def well_formed(data: bytes) -> bool:
    """What Excel insists on: parts that exist and are registered, links that lead somewhere, elements in order."""
    parts = parts_of(data)
    types = parts["[Content_Types].xml"].decode()
    for name, part in parts.items():
        assert f'PartName="/{name}"' in types or f'Extension="{name.rpartition(".")[2]}"' in types, name
        if name.endswith(".rels"):
            links = ET.fromstring(part)
            assert len({link.get("Id") for link in links}) == len(links)
            folder = posixpath.dirname(posixpath.dirname(name))
            for link in links:
                target = link.get("Target", "")
                if link.get("TargetMode") != "External":
                    assert posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") in parts, (name, target)
        if name.startswith("xl/worksheets/sheet"):
            root = ET.fromstring(part)
            order = [CHILDREN.index(child.tag.rpartition("}")[2]) for child in root]
            assert order == sorted(order), name
            places = [cell.get("r") for cell in root.iter() if cell.tag.endswith("}c")]
            assert len(set(places)) == len(places)
            for group in (e for e in root.iter() if e.tag.endswith("}dataValidations")):
                assert int(group.get("count", "0")) == len(group)
        if name.endswith(".vml"):
            shapes = re.findall(rb'id="(_x0000_s\d+)"', part)
            assert len(set(shapes)) == len(shapes)
        if name == "xl/styles.xml":
            for group in ET.fromstring(part):
                assert group.get("count") in (None, str(len(group))), group.tag
    book = ET.fromstring(parts["xl/workbook.xml"])
    names = [(e.get("name"), e.get("localSheetId")) for e in book.iter() if e.tag.endswith("}definedName")]
    numbers = [e.get("sheetId") for e in book.iter() if e.tag.endswith("}sheet")]
    assert len(set(names)) == len(names) and len(set(numbers)) == len(numbers)
    return True


def looked_at(data: bytes, tabs: Sequence[Tab] = NEW) -> Difference:
    return difference(read_bytes(data, "essai"), tabs)


def applied(data: bytes, tabs: Sequence[Tab] = NEW, *, spare_rows: int = 3) -> bytes:
    """The workbook brought to these tabs, which it then follows, and which a second time changes nothing."""
    snapshot = read_bytes(data, "essai")
    done = brought_up(snapshot, tabs, difference(snapshot, tabs), spare_rows=spare_rows)
    assert well_formed(done)
    again = read_bytes(done, "essai")
    found = difference(again, tabs)
    assert found.is_conform, [change.detail for change in found.to_make]
    assert brought_up(again, tabs, found, spare_rows=spare_rows) is done
    read_registry(again.grids, list(tabs))
    return done


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(data))


def cells(data: bytes) -> dict[str, dict[tuple[int, int], object]]:
    """Title → (row, column) → value, formulas as text, of the cells that hold something."""
    return {
        sheet.title: {(c.row, c.column): c.value for row in sheet.iter_rows() for c in row if c.value is not None}
        for sheet in opened(data).worksheets
    }


def headers(sheet: Worksheet, row: int = 1) -> dict[str, int]:
    return {cell.value: cell.column for cell in sheet[row] if cell.value}


def check_on(sheet: Worksheet, column: int) -> DataValidation:
    """The only check on a column."""
    found = [
        c
        for c in sheet.data_validations.dataValidation
        for area in c.sqref.ranges
        if area.min_col <= column <= area.max_col
    ]
    (check,) = found
    return check


def listed(book: Workbook, name: str) -> list[object]:
    ((title, area),) = book.defined_names[name].destinations
    return [cell.value for (cell,) in book[title][area]]


# ------------------------------------------------------------------------------------------------- nothing is lost


def test_every_cell_is_found_again_at_its_place() -> None:
    before = lived_in()
    after = cells(applied(before))
    for title, held in cells(before).items():
        if title == LISTS:
            continue
        changed = {at for at, value in held.items() if after[title].get(at) != value}
        assert changed == ({(1, 2)} if title == "Actes" else set()), "the title of B only"
    assert after["Actes"][1, 2] == "Intitulé"
    assert after["Actes"][3, 2] == "=1+1"


@pytest.mark.parametrize(("place", "value"), [("B2", "autre chose"), ("E3", None), ("C1", "Autre titre")])
def test_a_result_that_lost_a_cell_is_thrown_away(place: str, value: str | None) -> None:
    before = lived_in()
    book = opened(applied(before))
    book["Actes"][place] = value
    out = BytesIO()
    book.save(out)
    with pytest.raises(RuntimeError, match=f"Actes!{place} would be lost"):
        check_nothing_lost(read_bytes(before, "essai"), out.getvalue(), looked_at(before))


def test_charts_and_the_tabs_of_the_staff_keep_their_bytes() -> None:
    before = parts_of(lived_in())
    after = parts_of(applied(zipped(before)))
    touched = {name for name in before if before[name] != after[name]}
    drawings = [name for name in before if "chart" in name or name.startswith("xl/drawings/drawing")]
    assert drawings and not touched & set(drawings)
    book = opened(zipped(before))
    # Actes, the hidden lists, and what registers tabs, styles and links
    for title in ("Collectivités", "Calculs", "Tableau de bord", "Journal"):
        part = f"xl/worksheets/sheet{book.sheetnames.index(title) + 1}.xml"
        assert part in before and part not in touched, title


def test_the_notes_of_people_stay_beside_the_new_ones() -> None:
    sheet = opened(applied(lived_in()))["Actes"]
    assert sheet["B2"].comment.text == "à vérifier"
    assert sheet["B1"].comment.text == note_text(TITLE)
    assert sheet.cell(1, headers(sheet)["Statut"]).comment.text == note_text(STATE)


def test_calamine_reads_the_result() -> None:
    book = load_workbook(BytesIO(applied(lived_in())))
    assert book.sheet_names[2:6] == ["Collectivités", "Actes", "Pièces d'acte", "Calculs"]
    assert book.get_sheet_by_name("Actes").to_python()[1][1] == "Jumelage Fès-Strasbourg"


# ------------------------------------------------------------------------------------------------------ new columns


def test_a_new_column_is_like_one_that_was_there_from_the_start() -> None:
    sheet, fresh = opened(applied(lived_in()))["Actes"], opened(build_workbook(NEW, {}, spare_rows=3))["Actes"]
    assert list(headers(sheet)) == [
        "N° d'acte", "Intitulé", "Forme", "Collectivité", OWN, "Date de signature", "Statut", "Acte historique", "Heure",
        "Jours restants", "À corriger",
    ]  # fmt: skip
    for column in ACTS.columns[4:]:
        at, there = headers(sheet)[column.title], headers(fresh)[column.title]
        assert sheet.cell(1, at).style == fresh.cell(1, there).style
        held, wanted = sheet.column_dimensions[letters(at)], fresh.column_dimensions[letters(there)]
        assert (held.width, held.hidden) == (wanted.width, wanted.hidden)
        check, model = check_on(sheet, at), check_on(fresh, there)
        assert (check.type, check.formula1, check.formula2, check.error) == (
            model.type,
            model.formula1,
            model.formula2,
            model.error,
        )
        assert str(check.sqref) == f"{letters(at)}2:{letters(at)}5000"


def test_numbered_rows_have_styled_cells_in_a_new_system_column() -> None:
    sheet = opened(applied(lived_in()))["Actes"]
    at = headers(sheet)["Jours restants"]
    # two acts and three rows in reserve; row 7 was never numbered
    assert [sheet.cell(row, at).style for row in range(2, 8)] == ["cdi_systeme_nombre"] * 5 + ["Normal"]


def test_colours_follow_a_new_column_below_its_header_after_those_of_the_staff() -> None:
    book = opened(lived_in())
    book["Actes"].insert_rows(1)  # openpyxl leaves checks and colours where they were
    book["Actes"].conditional_formatting.add("B3:B9", FormulaRule(["LEN(B3)>9"], stopIfTrue=True))  # type: ignore[no-untyped-call]  # no stubs
    out = BytesIO()
    book.save(out)
    sheet = opened(applied(out.getvalue()))["Actes"]
    at = letters(headers(sheet, row=2)["À corriger"])
    rules = {str(area.sqref): [rule.formula for rule in area.rules] for area in sheet.conditional_formatting}
    assert rules[f"{at}3:{at}5001"] == [[f'LEFT({at}3)="⛔"'], [f"LEN({at}3)>0"]]
    assert rules["B3:B9"] == [["LEN(B3)>9"]]
    # one of the staff's, two of "À corriger", two of "Jours restants"
    priorities = sorted(rule.priority for area in sheet.conditional_formatting for rule in area.rules)
    assert len(set(priorities)) == len(priorities) == 5


def test_a_style_that_the_workbook_never_had_is_brought_along() -> None:
    parts = parts_of(lived_in())
    styles = parts["xl/styles.xml"].decode()
    assert "cdi_saisie_heure" in styles
    without = re.sub(r'<cellStyle [^>]*name="cdi_saisie_heure"[^>]*/>', "", styles)
    sheet = opened(applied(zipped({**parts, "xl/styles.xml": without.encode()})))["Actes"]
    assert sheet.column_dimensions[letters(headers(sheet)["Heure"])].number_format == "hh:mm"


def test_a_header_below_a_line_that_people_added() -> None:
    book = opened(build_workbook(OLD, {}, spare_rows=0))
    book["Actes"].insert_rows(1)
    book["Actes"]["A1"] = "Registre de la commune"
    book["Collectivités"].insert_rows(1)
    out = BytesIO()
    book.save(out)
    sheet = opened(applied(out.getvalue()))["Actes"]
    at = headers(sheet, row=2)["Statut"]
    assert str(check_on(sheet, at).sqref) == f"{letters(at)}3:{letters(at)}5001"
    assert sheet.cell(2, at).comment


def test_a_column_width_that_covered_the_rest_of_the_sheet_is_cut() -> None:
    parts = parts_of(lived_in())
    name = next(name for name, part in parts.items() if b"Titre de l'acte" in part and "worksheets/" in name)
    wide = parts[name].replace(b"</cols>", b'<col min="6" max="16384" width="9" hidden="1" customWidth="1"/></cols>')
    after = parts_of(applied(zipped({**parts, name: wide})))[name].decode()
    spans = [(int(a), int(b)) for a, b in re.findall(r'<col [^>]*?min="(\d+)" max="(\d+)"', after)]
    assert spans == sorted(spans) and all(before[1] < then[0] for before, then in pairwise(spans))
    assert spans[-1][1] == 16384


def test_a_sheet_without_any_note_gets_its_first() -> None:
    book = opened(build_workbook(OLD, {}, spare_rows=0))
    for cell in book["Actes"][1]:
        cell.comment = None
    out = BytesIO()
    book.save(out)
    sheet = opened(applied(out.getvalue()))["Actes"]
    assert sheet.cell(1, headers(sheet)["Statut"]).comment.text == note_text(STATE)


# --------------------------------------------------------------------------------------------------------- new tabs


def test_a_new_tab_comes_after_the_one_declared_before_it_with_numbered_rows() -> None:
    book = opened(applied(lived_in(), spare_rows=2))
    assert book.sheetnames[3:5] == ["Actes", "Pièces d'acte"]
    sheet = book["Pièces d'acte"]
    assert [cell.value for cell in sheet["A"]] == ["N° de pièce", "PIE-00001", "PIE-00002"]
    assert sheet["A1"].style == "cdi_entete_calcul"
    assert sheet["B1"].comment.text == "Son numéro."
    assert check_on(sheet, 2).formula1 == "'Actes'!$A$2:$A$5000"
    assert listed(book, "liste_pieces_nature") == ["Annexe"]


def test_each_tab_keeps_its_own_printed_titles_when_one_is_put_in_the_middle() -> None:
    before, after = opened(lived_in()), opened(applied(lived_in()))
    for sheet in before:
        assert after[sheet.title].print_title_rows == sheet.print_title_rows, sheet.title
    assert after["Pièces d'acte"].print_title_rows == "$1:$1"


def test_the_tab_that_was_in_front_stays_in_front() -> None:
    book = opened(lived_in())
    book.active = book.sheetnames.index("Calculs")
    out = BytesIO()
    book.save(out)
    assert opened(applied(out.getvalue())).active.title == "Calculs"


def test_a_first_declared_tab_goes_before_the_others() -> None:
    assert opened(applied(lived_in(), (PAPERS, *NEW[:2]))).sheetnames[2:5] == [
        "Pièces d'acte",
        "Collectivités",
        "Actes",
    ]


def test_lists_that_were_deleted_come_back() -> None:
    book = opened(lived_in())
    del book[LISTS]
    out = BytesIO()
    book.save(out)
    after = opened(applied(out.getvalue()))
    assert listed(after, "liste_actes_forme") == ["Jumelage", "Convention"]
    assert after[LISTS].sheet_state == "hidden"


# --------------------------------------------------------------------------------------------------------- drop-downs


def grown(count: int) -> Sequence[Tab]:
    more = tuple(Category(f"F{n}", f"Forme n° {n}") for n in range(count))
    return (COUNCILS, replace(OLD[1], columns=(NUMBER, TITLE, replace(FORM, categories=(*FORMS, *more)), COUNCIL)))


def test_a_list_that_grows_runs_into_no_other() -> None:
    before = lived_in(grown(1))
    book = opened(applied(before, grown(30)))
    assert len(listed(book, "liste_actes_forme")) == 32
    assert listed(book, "liste_oui_non") == ["Oui", "Non"]
    assert check_on(book["Actes"], 3).formula1 == "liste_actes_forme"


def test_a_list_with_something_below_it_moves_where_there_is_room() -> None:
    book = opened(lived_in(grown(0)))
    ((title, area),) = book.defined_names["liste_actes_forme"].destinations
    column = area.replace("$", "")[0]
    book[title][f"{column}5"] = "note du greffe"
    out = BytesIO()
    book.save(out)
    after = opened(applied(out.getvalue(), grown(3)))
    assert len(listed(after, "liste_actes_forme")) == 5
    assert after[title][f"{column}5"].value == "note du greffe"


def test_a_list_that_shrinks_leaves_nothing_behind() -> None:
    after = opened(applied(lived_in(grown(4)), grown(0)))
    assert listed(after, "liste_actes_forme") == ["Jumelage", "Convention"]
    assert "Forme n° 3" not in [cell.value for row in after[LISTS] for cell in row]


def test_a_value_in_use_stops_everything() -> None:
    rows = {"actes": [{"id": "ACT-00001", "forme": "F0"}]}
    snapshot = read_bytes(lived_in(grown(1), rows), "essai")
    with pytest.raises(RegistryError) as refused:
        brought_up(snapshot, grown(0), difference(snapshot, grown(0)), spare_rows=0)
    assert "« Forme n° 0 »" in refused.value.why and "C2" in refused.value.why
    assert refused.value.exit_code == 3


# --------------------------------------------------------------------------------------------------- checks and types


def test_a_text_column_becomes_a_date_and_back() -> None:
    as_date = (COUNCILS, replace(OLD[1], columns=(NUMBER, TITLE, FORM, replace(COUNCIL, type="date", reference=""))))
    done = applied(lived_in(OLD, {"actes": [{"id": "ACT-00001", "intitule": "x"}]}), as_date)
    sheet = opened(done)["Actes"]
    assert check_on(sheet, 4).type == "date"
    assert sheet.column_dimensions["D"].number_format == "dd/mm/yyyy"
    back = opened(applied(done, (COUNCILS, replace(OLD[1], columns=(NUMBER, TITLE, FORM, COUNCIL)))))["Actes"]
    assert check_on(back, 4).formula1 == "'Collectivités'!$A$2:$A$5000"
    assert back.data_validations.count == len(back.data_validations.dataValidation)


def test_a_check_shared_by_several_columns_leaves_only_the_one_that_changes() -> None:
    book = opened(build_workbook(OLD, {}, spare_rows=0))
    checks = book["Actes"].data_validations
    shared = next(c for c in checks.dataValidation if str(c.sqref) == "C2:C5000")
    shared.sqref = type(shared.sqref)("C2:D5000")
    checks.dataValidation = [c for c in checks.dataValidation if not str(c.sqref).startswith("D2")]
    out = BytesIO()
    book.save(out)
    sheet = opened(applied(out.getvalue()))["Actes"]
    assert str(check_on(sheet, 3).sqref) == "C2:C5000"
    assert check_on(sheet, 4).formula1 == "'Collectivités'!$A$2:$A$5000"


def test_a_check_pasted_with_one_cell_isnt_taken_for_the_columns_own() -> None:
    book = opened(build_workbook(OLD, {}, spare_rows=0))
    checks = book["Actes"].data_validations.dataValidation
    form = next(c for c in checks if str(c.sqref) == "C2:C5000")
    council = next(c for c in checks if str(c.sqref) == "D2:D5000")
    form.sqref = type(form.sqref)("C2:C5000 B7 D5")
    council.sqref = type(council.sqref)("D2:D4 D6:D5000")
    out = BytesIO()
    book.save(out)
    assert not looked_at(out.getvalue(), OLD).to_make


def test_a_check_of_the_staff_over_the_whole_sheet_makes_room_for_a_new_column() -> None:
    book = opened(build_workbook(OLD, {}, spare_rows=0))
    theirs = DataValidation(type="textLength", operator="lessThan", formula1="50")
    theirs.add("E2:Z900")
    book["Actes"].add_data_validation(theirs)
    out = BytesIO()
    book.save(out)
    sheet = opened(applied(out.getvalue()))["Actes"]
    at = headers(sheet)["Statut"]
    assert check_on(sheet, at).formula1 == "liste_actes_statut"
    assert check_on(sheet, 20).formula1 == "50"


def test_checks_that_excel_keeps_among_extensions_are_seen_and_replaced() -> None:
    parts = parts_of(build_workbook(OLD, {}, spare_rows=0))
    name = next(name for name, part in parts.items() if b"Titre de l'acte" in part and "worksheets/" in name)
    moved = re.search(rb'<dataValidation sqref="D2:D5000"[^>]*>.*?</dataValidation>', parts[name])
    assert moved
    x14 = (
        b'<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        b'uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}">'
        b'<x14:dataValidations xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" count="1"><x14:dataValidation type="list" '
        + 'errorStyle="warning" errorTitle="Valeur à vérifier">'.encode()
        + "<x14:formula1><xm:f>'Collectivités'!$A$2:$A$5000</xm:f></x14:formula1><xm:sqref>D2:D5000</xm:sqref>".encode()
        + b"</x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
    )
    part = parts[name].replace(moved[0], b"").replace(b"</worksheet>", x14)
    data = zipped({**parts, name: part})
    assert not looked_at(data, OLD).to_make
    as_text = (COUNCILS, replace(OLD[1], columns=(*OLD[1].columns[:3], replace(COUNCIL, type="date", reference=""))))
    after = parts_of(applied(data, as_text))[name]
    assert b"x14:dataValidation" not in after
    assert b"extLst" not in after


def test_days_are_counted_from_the_workbooks_own_epoch() -> None:
    parts = parts_of(build_workbook(OLD, {}, spare_rows=0))
    root = parts["xl/workbook.xml"].replace(b"<workbookPr />", b'<workbookPr date1904="1"/>')
    assert root != parts["xl/workbook.xml"]
    sheet = opened(applied(zipped({**parts, "xl/workbook.xml": root})))["Actes"]
    # 1 January 1956 is day 20455 from 30 December 1899, and 1462 less from 1904
    assert check_on(sheet, headers(sheet)["Date de signature"]).formula1 == str(20455 - 1462)


# ------------------------------------------------------------------------------------------------------ renamed tabs


def test_formulas_checks_and_charts_follow_a_tab_that_takes_another_title() -> None:
    old = (COUNCILS, replace(ACTS, title="Conventions"), PAPERS)
    before = lived_in(old)
    done = applied(before)
    book = opened(done)
    assert "Actes" in book.sheetnames and "Conventions" not in book.sheetnames
    assert book["Calculs"]["A1"].value == "=COUNTA('Actes'!B2:B500)"
    assert book["Calculs"]["A2"].value == "=IF('Actes'!B2=\"Conventions!\",1,2)", "a text inside a formula is a text"
    assert check_on(book["Pièces d'acte"], 2).formula1 == "'Actes'!$A$2:$A$5000"
    assert book["Actes"].print_title_rows == "$1:$1"
    charts = [part.decode() for name, part in parts_of(done).items() if name.startswith("xl/charts/")]
    assert any("'Actes'!" in chart for chart in charts) and not any(
        re.search(r"Conventions'?!", chart) for chart in charts
    )


# -------------------------------------------------------------------------------------------------- other programs


@pytest.mark.libreoffice
def test_a_workbook_saved_by_libreoffice_is_brought_up_too(tmp_path: Path) -> None:
    before = saved_by_libreoffice(lived_in(), tmp_path)
    found = looked_at(before)
    assert {change.kind for change in found.changes} == {
        Kind.NEW_TAB, Kind.NEW_COLUMN, Kind.RENAMED_COLUMN, Kind.UNKNOWN_COLUMN,
    }  # fmt: skip
    done = applied(before)
    after = cells(done)
    for title, held in cells(before).items():
        lost = {at for at, value in held.items() if title != LISTS and after[title].get(at) != value}
        assert lost == ({(1, 2)} if title == "Actes" else set())
    sheet = opened(done)["Actes"]
    # openpyxl mistakes the names of LibreOffice's styles, not their look
    new, old = sheet.cell(1, headers(sheet)["Statut"]), sheet["B1"]
    assert (new.fill.start_color.rgb, new.font.b, new.font.color.rgb) == (
        old.fill.start_color.rgb,
        True,
        old.font.color.rgb,
    )


@pytest.mark.libreoffice
def test_libreoffice_finds_in_the_result_all_that_was_put_there(tmp_path: Path) -> None:
    saved = saved_by_libreoffice(applied(lived_in()), tmp_path)
    assert looked_at(saved).is_conform
    sheet = opened(saved)["Actes"]
    assert sheet.cell(1, headers(sheet)["Statut"]).comment.text.endswith(note_text(STATE))
    assert opened(saved)["Pièces d'acte"]["A2"].value == "PIE-00001"


def test_a_workbook_whose_elements_carry_a_prefix_is_brought_up_too() -> None:
    def spelled(name: str, part: bytes) -> bytes:
        if not re.fullmatch(r"xl/(worksheets/sheet\d+|styles|workbook|comments/comment\d+)\.xml", name):
            return part
        part = part.replace(b"</cols>", b'<col min="6" max="16384" width="9" customWidth="1"/></cols>')
        return re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", part).replace(b" xmlns=", b" xmlns:x=")

    before = build_workbook(OLD, ROWS, spare_rows=1)
    done = applied(zipped({name: spelled(name, part) for name, part in parts_of(before).items()}))
    assert all(
        part.count(b"<col ") + part.count(b"<c ") == 0 or b"<x:c" not in part for part in parts_of(done).values()
    )
    sheet = opened(done)["Actes"]
    assert sheet.cell(1, headers(sheet)["Statut"]).style == "cdi_entete_saisie"
    assert sheet.cell(1, headers(sheet)["Statut"]).comment.text == note_text(STATE)
    assert sheet["B2"].value == "Jumelage Fès-Strasbourg"


def by_xlsxwriter() -> bytes:
    """A registry that a program of another make wrote: no style of ours, shared texts, titles in row 1."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    bold = book.add_format({"bold": True})
    for tab in OLD:
        sheet = book.add_worksheet(tab.title)
        sheet.write_row(0, 0, [column.title for column in tab.columns], bold)
        sheet.write_row(1, 0, [f"{tab.prefix}-00001", "Fès"])
    book.close()
    return out.getvalue()


def test_a_workbook_without_any_style_or_list_of_ours_gets_them() -> None:
    done = applied(by_xlsxwriter())
    book = opened(done)
    sheet = book["Actes"]
    assert sheet.cell(1, headers(sheet)["Statut"]).style == "cdi_entete_saisie"
    assert sheet.cell(1, headers(sheet)["Statut"]).fill.start_color.rgb == "002F6DA8"
    assert listed(book, "liste_actes_forme") == ["Jumelage", "Convention"]
    assert check_on(sheet, 3).formula1 == "liste_actes_forme"
    assert sheet["B2"].value == "Fès"


# ------------------------------------------------------------------------------------------------------- any subset

DECLARED_TABS = tuple(DECLARED.tabs.values())


@st.composite
def older(draw: st.DrawFn) -> Sequence[Tab]:
    """Today's declarations as they may have been: tabs and columns fewer, elsewhere, under an alias, shorter lists."""
    tabs = draw(st.lists(st.sampled_from(DECLARED_TABS), min_size=1, max_size=4, unique_by=lambda tab: tab.name))
    return [_older_tab(draw, tab) for tab in tabs]


def _older_tab(draw: st.DrawFn, tab: Tab) -> Tab:
    first, *others = tab.columns
    kept = draw(st.lists(st.sampled_from(others), max_size=8, unique_by=lambda column: column.key))
    columns = [first, *(_older_column(draw, column) for column in kept)]
    title = draw(st.sampled_from((tab.title, *tab.aliases)))
    return replace(tab, title=title, columns=tuple(columns), keys=(), case_key="")


def _older_column(draw: st.DrawFn, column: Column) -> Column:
    title = draw(st.sampled_from((column.title, *column.aliases)))
    shorter = column.categories[draw(st.integers(0, 1)) :] if len(column.categories) > 1 else column.categories
    return replace(column, title=title, categories=shorter)


def nothing_is_lost(tabs: Sequence[Tab], text: str) -> None:
    """Brings a workbook of those tabs, that text in every cell people fill, to today's declarations."""
    rows = {
        tab.name: [{tab.columns[0].key: f"{tab.prefix}-0000{n}"} | {c.key: text for c in tab.columns[1:] if not c.is_system}
                   for n in (1, 2)]
        for tab in tabs
    }  # fmt: skip
    before = build_workbook(tabs, rows, spare_rows=1)
    after = cells(applied(before, DECLARED_TABS, spare_rows=1))
    for tab in tabs:
        title = DECLARED.tabs[tab.name].title
        below = {at: value for at, value in cells(before)[tab.title].items() if at[0] > 1}
        assert below.items() <= after[title].items()


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=9)


@settings(max_examples=2, deadline=None)
@given(tabs=older(), text=TEXTS)
def test_whatever_was_declared_before_nothing_is_lost_and_all_conforms(tabs: Sequence[Tab], text: str) -> None:
    nothing_is_lost(tabs, text)


@pytest.mark.proof
@settings(max_examples=150, deadline=None)
@given(tabs=older(), text=TEXTS)
def test_the_same_many_times(tabs: Sequence[Tab], text: str) -> None:
    nothing_is_lost(tabs, text)


# ------------------------------------------------------------------------------------------------------ modules


def visible(data: bytes) -> tuple[set[str], set[str]]:
    """The hidden tabs, and the hidden columns of the agreements tab by their title."""
    book = opened(data)
    sheet = book["Actes"]
    hidden = {
        letters(index)
        for letter, dimension in sheet.column_dimensions.items()
        if dimension.hidden
        for index in range(dimension.min or 0, (dimension.max or 0) + 1)
    }
    columns = {str(sheet.cell(1, index).value) for index in range(1, sheet.max_column + 1) if letters(index) in hidden}
    return {tab.title for tab in book.worksheets if tab.sheet_state != "visible"}, columns


@pytest.mark.parametrize(
    "by_libreoffice", [False, pytest.param(True, marks=[pytest.mark.libreoffice, pytest.mark.proof])]
)
def test_what_a_module_hid_shows_once_it_is_switched_on(by_libreoffice: bool, tmp_path: Path) -> None:
    tabs = list(DECLARED.tabs.values())
    before = build_workbook(tabs, {}, spare_rows=3, hints=hints_of(DECLARED, frozenset({"suivi"})))
    assert visible(before)[0] == {"Budget et financement", "Cadre logique et suivi", "Demandes reçues", LISTS}
    assert {"Programme", "Résultat de l'appel"} <= visible(before)[1]
    if by_libreoffice:
        before = saved_by_libreoffice(before, tmp_path)
    snapshot, hints = read_bytes(before, "essai"), hints_of(DECLARED, frozenset({"suivi", "finances", "appels"}))
    found = difference(snapshot, tabs, hints)
    assert [(change.kind, change.tab, change.column) for change in found.to_make] == [
        ("hidden_columns", "actes", "appels"),
        ("hidden_tab", "budget", ""),
    ]
    after = brought_up(snapshot, tabs, found, spare_rows=3, hints=hints)
    assert visible(after) == ({"Cadre logique et suivi", "Demandes reçues", LISTS}, set())
    assert difference(read_bytes(after, "essai"), tabs, hints).is_conform


def test_a_module_switched_off_hides_nothing_again() -> None:
    tabs = list(DECLARED.tabs.values())
    snapshot = read_bytes(build_workbook(tabs, {}, spare_rows=3, hints=hints_of(DECLARED)), "essai")
    assert difference(snapshot, tabs, hints_of(DECLARED, frozenset())).is_conform
