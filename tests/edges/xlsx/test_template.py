"""What staff find when they open the workbook for the first time, read back by programs that didn't write it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias, cast
from zipfile import ZipFile

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from cdi_sync import dashboard
from cdi_sync.edges.config import Declarations
from cdi_sync.edges.hints import LISTS, LONGEST_NOTE, Hints, note_text
from cdi_sync.edges.setup import hints_of
from cdi_sync.edges.workbook_xlsx.parts import open_package
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.model import Category, Column, Form, Grid, Owner, Raw, Tab
from cdi_sync.tables import read_registry
from tests.workbooks import saved_by_libreoffice

STYLES = {
    "cdi_titre", "cdi_sous_titre", "cdi_entete_saisie", "cdi_entete_obligatoire", "cdi_entete_systeme",
    "cdi_saisie", "cdi_saisie_date", "cdi_saisie_texte", "cdi_systeme", "cdi_systeme_date",
    "cdi_systeme_nombre", "cdi_systeme_lien", "cdi_texte", "cdi_gras", "cdi_nombre", "cdi_date", "cdi_lien",
    "cdi_phrase", "cdi_entete_nombre", "cdi_entete_calcul",
}  # fmt: skip
FORMS = (Category("JUMELAGE", "Jumelage"), Category("CONVENTION", "Convention"))
COUNCILS = Tab(
    name="collectivites",
    title="Collectivités",
    description="Une collectivité par ligne.",
    prefix="COL",
    module="socle",
    columns=(
        Column("id", "N°", "Numéro.", owner=Owner.SYSTEM, width=12),
        Column("code_hcp", "Code HCP", "Code officiel.", pattern=r"\d{2}", required=True),
        Column("nom", "Nom", "Nom."),
    ),
)
ACTS = Tab(
    name="actes",
    title="Actes",
    description="Un acte par ligne.",
    prefix="ACT",
    module="socle",
    columns=(
        Column("id", "N° d'acte", "Numéro.", owner=Owner.SYSTEM, width=12),
        Column("intitule", "Intitulé de l'acte", "Tel qu'il est signé.", width=40),
        Column("forme", "Forme", "Sa forme.", categories=FORMS, required=True),
        Column("collectivite", "Collectivité", "Son numéro.", type="reference", reference="collectivites"),
        Column("historique", "Acte historique", "Oui ou Non.", type="boolean"),
        Column("date_signature", "Date de signature", "Jour.", type="date", years=(1956, 2100), width=8),
        Column("mois", "Mois", "De 1 à 12.", type="integer", minimum=1, maximum=12),
        Column("duree", "Durée", "En mois.", type="integer", minimum=0),
        Column("part", "Part", "En pour cent.", type="number", maximum=100),
        Column("cout", "Coût", "En dirhams.", type="number"),
        Column("heure", "Heure", "Heure.", type="time"),
        Column("langues", "Langues", "Langues.", type="list"),
        Column("jours_restants", "Jours restants", "Jours.", type="integer", owner=Owner.SYSTEM),
        Column("echeance", "Échéance", "Jour.", type="date", owner=Owner.SYSTEM),
        Column("a_corriger", "À corriger", "Ce qui reste à corriger.", owner=Owner.SYSTEM, width=60),
    ),
)
TABS = (COUNCILS, ACTS)
Rows: TypeAlias = Mapping[str, Sequence[Mapping[str, object]]]
Workbook: TypeAlias = Any  # read back by openpyxl, whose cells and checks may hold a dozen types
Worksheet: TypeAlias = Any
DataValidation: TypeAlias = Any


def _opened(rows: Rows, *, spare_rows: int = 3, valid_rows: int = 50, tabs: Sequence[Tab] = TABS) -> Workbook:
    data = build_workbook(tabs, rows, spare_rows=spare_rows, valid_rows=valid_rows)
    return openpyxl.load_workbook(BytesIO(data))


def _act(**values: object) -> Workbook:
    """A workbook whose only agreement holds these values."""
    return _opened({"actes": [{"id": "ACT-00001", **values}]})


def _cell(book: Workbook, key: str, row: int = 2) -> object:
    return book["Actes"].cell(row, _place(key)).value


def _place(key: str) -> int:
    return list(ACTS.by_key).index(key) + 1


def _checks(sheet: Worksheet) -> dict[int, list[DataValidation]]:
    """Column → the checks on it."""
    found: dict[int, list[DataValidation]] = {}
    for check in sheet.data_validations.dataValidation:
        for area in check.sqref.ranges:
            found.setdefault(area.min_col, []).append(check)
    return found


def _listed(book: Workbook, name: str) -> list[object]:
    """What the cells behind a defined name hold."""
    ((title, area),) = book.defined_names[name].destinations
    assert title == LISTS
    return [cell.value for (cell,) in book[title][area]]


def _check(key: str) -> DataValidation:
    (check,) = _checks(_opened({})["Actes"])[_place(key)]
    return check


# --------------------------------------------------------------------------------------------------- the tabs


def test_the_dashboard_opens_first_and_the_lists_hide_last() -> None:
    book = _opened({})
    assert book.sheetnames == [
        "Tableau de bord", "Aide", "Collectivités", "Actes", "Échéancier", "Anomalies", "Journal", "Listes",
    ]  # fmt: skip
    assert book.active is book["Tableau de bord"]
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == ["Listes"]


def test_every_header_of_the_real_registry_is_its_title_for_two_readers() -> None:
    tabs = tuple(Declarations().tabs.values())
    data = build_workbook(tabs, {}, spare_rows=1)
    by_openpyxl = openpyxl.load_workbook(BytesIO(data))
    by_calamine = CalamineWorkbook.from_filelike(BytesIO(data))
    for tab in tabs:
        titles = [column.title for column in tab.columns]
        assert [cell.value for cell in by_openpyxl[tab.title][1]] == titles
        assert by_calamine.get_sheet_by_name(tab.title).to_python(skip_empty_area=False)[0] == titles


def test_the_registry_is_read_back_without_a_problem_and_with_its_reserve() -> None:
    rows: Rows = {
        "collectivites": [{"id": "COL-00001", "code_hcp": "01", "nom": "Commune d'Azrou"}],
        "actes": [
            {"id": "ACT-00001", "forme": "JUMELAGE", "historique": True, "date_signature": date(1963, 5, 1),
             "collectivite": "COL-00001"},
        ],
    }  # fmt: skip
    reader = CalamineWorkbook.from_filelike(BytesIO(build_workbook(TABS, rows, spare_rows=2)))
    titles = [tab.title for tab in TABS]
    sheets = {title: reader.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in titles}
    grids = {title: Grid(title, cast(list[list[Raw]], cells)) for title, cells in sheets.items()}
    registry = read_registry(grids, TABS)
    (act,) = registry["actes"]
    assert registry.problems == ()
    assert (act["forme"], act["historique"], act["date_signature"]) == ("JUMELAGE", True, date(1963, 5, 1))
    assert registry.spare["actes"] == {3: "ACT-00002", 4: "ACT-00003"}


def test_the_header_and_the_identifier_stay_in_sight_and_on_every_page() -> None:
    sheet = _opened({})["Actes"]
    assert sheet.freeze_panes == "C2"  # the number and the title: 12 + 40 characters
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.page_setup.fitToHeight == 0


def test_a_narrow_tab_prints_on_one_page_across_and_a_wide_one_repeats_its_identifiers() -> None:
    columns = tuple(Column(f"c{n}", f"Colonne {n}", "", width=40) for n in range(11))  # 440: two pages of 220
    wide = Tab("larges", "Larges", "", "LAR", "socle", columns)
    book = _opened({}, tabs=(COUNCILS, wide))
    assert book["Collectivités"].page_setup.fitToWidth == 1
    assert book["Larges"].page_setup.fitToWidth == 2
    assert book["Larges"].print_title_cols == "$A:$A"  # two columns of 40 would leave no room
    assert book["Larges"].freeze_panes == "B2"


def test_a_column_is_as_wide_as_declared_or_as_its_longest_word_needs() -> None:
    sheet = _opened({})["Actes"]
    assert sheet.column_dimensions["B"].width == 40
    assert sheet.column_dimensions["F"].width == pytest.approx(11.8)  # "signature": 9 letters × 1.2 + 1


def test_rows_show_two_lines_of_text_without_being_stretched() -> None:
    sheet = _opened({})["Actes"]
    assert (sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight) == (28, True)
    assert sheet.row_dimensions[2].height is None


def test_a_header_on_several_lines_has_a_higher_row() -> None:
    book = _opened({})
    roomy = Tab("larges", "Larges", "", "LAR", "socle", (Column("id", "N°", "", owner=Owner.SYSTEM, width=20),))
    assert _opened({}, tabs=(roomy,))["Larges"].row_dimensions[1].height == 20  # one line of 14, and 6
    assert book["Collectivités"].row_dimensions[1].height == 34  # "N° / (système)"
    assert book["Actes"].row_dimensions[1].height == 34  # "Date de / signature": two lines, and 6


# ----------------------------------------------------------------------------------- headers, notes and styles


def test_headers_tell_input_required_and_system_columns_apart() -> None:
    sheet = _opened({})["Actes"]
    shown = {key: sheet.cell(1, _place(key)) for key in ("intitule", "forme", "echeance")}
    assert [cell.style for cell in shown.values()] == [
        "cdi_entete_saisie", "cdi_entete_obligatoire", "cdi_entete_calcul",
    ]  # fmt: skip
    assert len({cell.fill.fgColor.rgb for cell in shown.values()}) == 3
    assert [cell.font.i for cell in shown.values()] == [False, False, True]  # told apart without colours too
    assert shown["echeance"].comment.text.startswith("Colonne remplie par le système : ne pas y écrire.")
    assert shown["forme"].comment.text == "Obligatoire.\nSa forme."
    assert shown["intitule"].comment.text == "Tel qu'il est signé."


def test_no_note_nor_message_of_the_real_registry_is_too_long_for_a_spreadsheet() -> None:
    book = _opened({}, tabs=tuple(Declarations().tabs.values()))
    for tab in Declarations().tabs.values():
        assert all(0 < len(cell.comment.text) <= LONGEST_NOTE for cell in book[tab.title][1])
        for check in book[tab.title].data_validations.dataValidation:
            assert max(len(check.promptTitle or ""), len(check.errorTitle or "")) <= 32
            assert max(len(check.prompt or ""), len(check.error or "")) <= 255


@pytest.mark.parametrize(("length", "whole"), [(255, True), (256, False)])
def test_a_note_too_long_is_cut_after_a_word(length: int, whole: bool) -> None:
    description = ("mot " * 64)[: length - 1] + "!"
    text = note_text(Column("c", "C", description))
    assert (text == description) is whole
    assert len(text) <= 255
    assert whole or text.endswith("mot…")


def test_every_style_that_the_writer_names_is_in_the_file() -> None:
    package = open_package(build_workbook(TABS, {}, spare_rows=0))
    assert set(package.named_styles) >= STYLES


def test_cells_typed_later_take_the_format_of_their_column() -> None:
    sheet = _opened({}, spare_rows=0)["Actes"]
    formats = {key: sheet.column_dimensions[sheet.cell(1, _place(key)).column_letter].number_format
               for key in ("intitule", "collectivite", "forme", "date_signature", "heure", "cout")}  # fmt: skip
    assert formats == {
        "intitule": "@", "collectivite": "@", "forme": "General", "date_signature": "dd/mm/yyyy",
        "heure": "hh:mm", "cout": "General",
    }  # fmt: skip


def test_system_cells_stand_ready_on_every_numbered_row_and_no_further() -> None:
    sheet = _opened({"actes": [{"id": "ACT-00001"}]}, spare_rows=2)["Actes"]
    assert sheet.max_row == 4
    for row in range(2, 5):
        styles = [sheet.cell(row, _place(key)).style for key in ("id", "jours_restants", "echeance", "a_corriger")]
        assert styles == ["cdi_systeme", "cdi_systeme_nombre", "cdi_systeme_date", "cdi_systeme_lien"]


# --------------------------------------------------------------------------------------------------- the rows


def test_the_reserve_is_numbered_after_the_highest_number_used() -> None:
    rows: Rows = {"actes": [{"id": "ACT-00007"}, {"id": "ACT-00002"}, {"id": "COL-00900"}, {"id": None}]}
    sheet = _opened(rows, spare_rows=2)["Actes"]
    assert [cell.value for cell in sheet["A"]][1:] == [
        "ACT-00007", "ACT-00002", "COL-00900", None, "ACT-00008", "ACT-00009",
    ]  # fmt: skip


def test_an_empty_registry_is_numbered_from_one_or_not_at_all() -> None:
    assert _opened({}, spare_rows=1)["Actes"]["A2"].value == "ACT-00001"
    assert _opened({}, spare_rows=0)["Actes"].max_row == 1


def test_codes_become_labels_and_booleans_become_oui_or_non() -> None:
    assert _cell(_act(forme="JUMELAGE"), "forme") == "Jumelage"
    assert _cell(_act(historique=True), "historique") == "Oui"
    assert _cell(_act(historique=False), "historique") == "Non"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("date_signature", "31/02/2026"),
        ("date_signature", "vers 1986"),
        ("forme", "Jumelge"),
        ("forme", 12.5),
        ("cout", "dix mille"),
        ("cout", 0),
        ("mois", 13),
    ],
)
def test_a_wrong_value_is_written_as_it_is(key: str, value: object) -> None:
    assert _cell(_act(**{key: value}), key) == value


def test_a_day_is_a_real_day_shown_the_french_way() -> None:
    cell = _act(date_signature=date(2026, 3, 31))["Actes"].cell(2, _place("date_signature"))
    assert (cell.value.date(), cell.number_format) == (date(2026, 3, 31), "dd/mm/yyyy")


HOSTILE = ["=1+1", '=HYPERLINK("http://exemple.ma","x")', "+1", "-1", "@SUM(A1)", "#N/A", "<b>&amp;</b>", "_x0041_"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    data = build_workbook(TABS, {"actes": [{"id": "ACT-00001", "intitule": text}]}, spare_rows=0)
    assert openpyxl.load_workbook(BytesIO(data))["Actes"]["B2"].data_type == "s"
    assert CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_name("Actes").to_python()[1][1] == text


def test_what_a_workbook_cannot_hold_is_left_out_of_the_text() -> None:
    assert _cell(_act(intitule="Pacte\x00 d'amitié\x0b"), "intitule") == "Pacte d'amitié"


@pytest.mark.parametrize("rows", [{"acte": [{"id": "ACT-00001"}]}, {"actes": [{"id": "ACT-00001", "titre": 1}]}])
def test_rows_that_nothing_declares_are_refused(rows: Rows) -> None:
    with pytest.raises(ValueError, match="undeclared"):
        build_workbook(TABS, rows, spare_rows=0)


# ------------------------------------------------------------------------------------------ drop-downs, checks


def test_every_list_of_the_real_registry_names_cells_that_hold_its_labels() -> None:
    tabs = tuple(Declarations().tabs.values())
    book = _opened({}, tabs=tabs)
    for tab in tabs:
        checks = _checks(book[tab.title])
        for index, column in enumerate(tab.columns, start=1):
            if column.categories:
                (check,) = checks[index]
                assert _listed(book, check.formula1) == [c.label for c in column.categories]
                assert (check.errorStyle, check.showErrorMessage) == ("stop", True)


def test_no_column_of_the_real_registry_has_two_checks() -> None:
    tabs = tuple(Declarations().tabs.values())
    book = _opened({}, tabs=tabs)
    for tab in tabs:
        assert all(len(checks) == 1 for checks in _checks(book[tab.title]).values())


def test_yes_or_no_is_a_list() -> None:
    assert _listed(_opened({}), _check("historique").formula1) == ["Oui", "Non"]


def test_a_reference_offers_the_numbers_of_the_other_tab_and_only_warns() -> None:
    check = _check("collectivite")
    assert (check.formula1, check.errorStyle) == ("'Collectivités'!$A$2:$A$50", "warning")
    assert "onglet Collectivités" in check.prompt


def test_countries_are_offered_in_french_and_another_text_is_only_doubted() -> None:
    tabs = Declarations().tabs
    book = openpyxl.load_workbook(BytesIO(build_workbook(list(tabs.values()), {}, spare_rows=0)))
    place = 1 + [column.key for column in tabs["partenaires"].columns].index("pays")
    (check,) = _checks(book["Partenaires"])[place]
    assert (check.type, check.errorStyle, check.formula1) == ("list", "warning", "liste_pays")
    sheet, area = next(iter(book.defined_names["liste_pays"].destinations))
    names = [cell.value for (cell,) in book[sheet][area]]
    assert {"Sénégal", "Côte d'Ivoire", "Palestine"} <= set(names)
    assert len(names) == len(set(names))


def test_a_reference_to_a_tab_left_out_is_free() -> None:
    assert _place("collectivite") not in _checks(_opened({}, tabs=(ACTS,))["Actes"])


def test_a_date_outside_the_plausible_years_is_doubted_not_refused() -> None:
    check = _check("date_signature")
    first, last = int(check.formula1), int(check.formula2)
    assert date.fromordinal(date(1899, 12, 30).toordinal() + first) == date(1956, 1, 1)
    assert date.fromordinal(date(1899, 12, 30).toordinal() + last) == date(2100, 12, 31)
    assert (check.type, check.operator, check.errorStyle) == ("date", "between", "warning")
    assert check.prompt == "Date : jj/mm/aaaa, entre 1956 et 2100."


@pytest.mark.parametrize(
    ("key", "kind", "operator", "bounds", "said"),
    [
        ("mois", "whole", "between", ("1", "12"), "Un nombre entier entre 1 et 12 est attendu."),
        ("duree", "whole", "greaterThanOrEqual", ("0", None), "Un nombre entier d'au moins 0 est attendu."),
        ("part", "decimal", "lessThanOrEqual", ("100", None), "Un nombre d'au plus 100 est attendu."),
    ],
)
def test_declared_bounds_are_kept(
    key: str, kind: str, operator: str, bounds: tuple[str, str | None], said: str
) -> None:
    check = _check(key)
    assert (check.type, check.operator, check.error) == (kind, operator, said)
    assert (check.formula1, check.formula2) == bounds


def test_a_number_without_bounds_and_a_plain_text_are_free() -> None:
    checks = _checks(_opened({})["Actes"])
    assert _place("cout") not in checks
    assert _place("intitule") not in checks


def test_an_hour_and_a_list_say_how_they_are_typed() -> None:
    assert "10:30" in _check("heure").prompt
    assert "points-virgules" in _check("langues").prompt
    assert (_check("langues").type, _check("langues").formula1) == ("textLength", "32767")  # all that a cell holds


def test_a_system_column_refuses_typing() -> None:
    check = _check("a_corriger")
    assert (check.type, check.formula1, check.errorStyle) == ("custom", "FALSE", "stop")
    assert check.error == "Colonne calculée — ne pas modifier"


@pytest.mark.parametrize(("spare_rows", "last"), [(49, 50), (50, 51)])
def test_checks_reach_the_fixed_row_or_the_last_numbered_one(spare_rows: int, last: int) -> None:
    book = _opened({}, spare_rows=spare_rows, valid_rows=50)
    (check,) = _checks(book["Actes"])[_place("collectivite")]
    assert str(check.sqref) == f"D2:D{last}"
    assert check.formula1.endswith(f"$A${last}")


def test_a_header_says_whose_it_is_on_screen_and_on_paper_while_the_cell_holds_its_title_alone() -> None:
    sheet = _opened({})["Actes"]
    cells = {key: sheet.cell(1, _place(key)) for key in ("intitule", "forme", "echeance")}
    assert [(cell.value, cell.number_format) for cell in cells.values()] == [
        ("Intitulé de l'acte", "General"), ("Forme", '@" *"'), ("Échéance", '@" (système)"'),
    ]  # fmt: skip


def test_staff_tabs_are_filtered_by_their_headers_down_to_the_last_row_under_checks() -> None:
    book = _opened({}, spare_rows=60, valid_rows=50)
    assert (book["Actes"].auto_filter.ref, book["Collectivités"].auto_filter.ref) == ("A1:O61", "A1:C61")


SECTIONED = Tab(
    name="larges", title="Larges", description="", prefix="LAR", module="socle",
    columns=(
        Column("id", "N°", "", owner=Owner.SYSTEM, section="Identification"),
        Column("nom", "Nom", "", section="Identification"),
        Column("date_a", "Envoyé le", "Jour de l'envoi.", section="Envoi"),
        Column("date_b", "Reçu le", "", section="Envoi"),
        Column("cout", "Coût", "", section="Finances"),
        Column("forme", "Forme", "", required=True, section="Finances"),
        Column("etape", "Étape", "", owner=Owner.SYSTEM, section="Suivi"),
        Column("jour_visa", "Jour du visa", "", owner=Owner.SYSTEM, section="Suivi"),
    ),
)  # fmt: skip


def test_a_section_begins_with_a_thick_edge_and_says_its_name_in_the_notes() -> None:
    sheet = _opened({}, tabs=(SECTIONED,))["Larges"]
    edges = [cell.column_letter for cell in sheet[1] if cell.border.left.style == "thick"]
    assert edges == ["A", "C", "E", "G"]
    assert sheet["C1"].comment.text == "Jour de l'envoi.\nSection : Envoi."


def test_only_a_section_that_not_every_row_needs_can_be_folded_onto_its_first_column() -> None:
    sheet = _opened({}, tabs=(SECTIONED,))["Larges"]
    levels = {letter: sheet.column_dimensions[letter].outlineLevel for letter in "ABCDEFGH"}
    assert levels == {"A": 0, "B": 0, "C": 0, "D": 1, "E": 0, "F": 0, "G": 0, "H": 0}
    assert sheet.sheet_properties.outlinePr.summaryRight is False
    assert not any(sheet.column_dimensions[letter].hidden for letter in "ABCDEFGH")


def _painted(sheet: Worksheet) -> dict[str, list[str]]:
    return {str(area.sqref): [rule.formula[0] for rule in area.rules] for area in sheet.conditional_formatting}


def test_colours_follow_what_the_system_wrote() -> None:
    late = "ISNUMBER($M2)*($M2<0)"
    assert _painted(_opened({})["Actes"]) == {
        "O2:O50": ['LEFT(O2)="⛔"', "LEN(O2)>0"],
        "M2:M50": [late, "ISNUMBER($M2)*($M2>=0)*($M2<=7)"],
        "N2:N50": [late],
        "A2:A50": [late],
    }
    assert len(list(_opened({})["Collectivités"].conditional_formatting)) == 0


def test_what_colours_tell_is_also_told_by_bold_letters_a_border_or_a_stroke() -> None:
    hints = Hints(situations={"C00": "preparation", "C90": "signe", "C100": "vigueur", "C-A": "arrete"})
    data = build_workbook((ACTS, SECTIONED), {}, spare_rows=1, valid_rows=50, hints=hints)
    book = openpyxl.load_workbook(BytesIO(data))
    rules = [rule for tab in ("Actes", "Larges") for area in book[tab].conditional_formatting for rule in area.rules]
    plain = [r.formula[0] for r in rules if not (r.dxf.font and (r.dxf.font.b or r.dxf.font.strike))]
    assert plain == ["LEN(O2)>0"]  # its text begins with a sign and a word
    alarms = [r.formula[0] for r in rules if r.dxf.border and r.dxf.border.left and r.dxf.border.left.style]
    assert set(alarms) == {"ISNUMBER($M2)*($M2<0)", 'VALUE(LEFT(H2,FIND(" ",H2)-1))>20'}


def test_a_stage_looks_like_its_situation() -> None:
    hints = Hints(situations={"C00": "preparation", "C90": "signe", "C100": "vigueur", "J85": "vigueur"})
    data = build_workbook((SECTIONED,), {}, spare_rows=1, valid_rows=50, hints=hints)
    book = openpyxl.load_workbook(BytesIO(data))
    assert _listed(book, "etapes_vigueur") == ["C100", "J85"]
    assert _painted(book["Larges"])["G2:G50"] == [
        'COUNTIF(etapes_signe,LEFT(G2,FIND(" ",G2)-1))>0', 'COUNTIF(etapes_vigueur,LEFT(G2,FIND(" ",G2)-1))>0',
    ]  # fmt: skip


# ------------------------------------------------------------------------------------- the authority of a visa

AUTHORITIES = {
    "collectivites": [{"id": "COL-00001", "niveau": "REGION"}, {"id": "COL-00002", "niveau": "COMMUNE"}],
    "actes": [{"id": "ACT-00001", "collectivite": "COL-00001"}, {"id": "ACT-00002", "collectivite": "COL-00002"}],
    "visas_accords": [
        {"id": "VIS-00001", "id_acte": "ACT-00001"},
        {"id": "VIS-00002", "id_acte": "ACT-00002"},
        {"id": "VIS-00003"},
    ],
}


def _authority_check(book: Workbook) -> DataValidation:
    tab = Declarations().tabs["visas_accords"]
    (check,) = _checks(book[tab.title])[list(tab.by_key).index("autorite") + 1]
    return check


def test_the_authorities_offered_depend_on_the_tier_and_are_never_forced() -> None:
    declared = Declarations()
    data = build_workbook(list(declared.tabs.values()), AUTHORITIES, spare_rows=1, hints=hints_of(declared))
    check = _authority_check(openpyxl.load_workbook(BytesIO(data)))
    assert (check.type, check.errorStyle, check.showErrorMessage) == ("list", "warning", True)
    assert len(check.formula1) <= 255  # what Excel takes


@pytest.mark.proof
@pytest.mark.libreoffice
def test_libreoffice_offers_a_region_other_authorities_than_a_commune(tmp_path: Path) -> None:
    """The formula of the list, asked in cells beside the rows: how many authorities, and which, row by row."""
    declared = Declarations()
    data = build_workbook(list(declared.tabs.values()), AUTHORITIES, spare_rows=1, hints=hints_of(declared))
    book = openpyxl.load_workbook(BytesIO(data))
    tab = declared.tabs["visas_accords"]
    sheet, formula = book[tab.title], _authority_check(book).formula1
    for row in (2, 3, 4):
        here = formula.replace("$B2", f"$B{row}")
        sheet.cell(row, 60).value = f"=ROWS({here})"
        for rank in range(1, 5):
            sheet.cell(row, 60 + rank).value = f'=IFERROR(INDEX({here},{rank}),"")'
    out = BytesIO()
    book.save(out)
    saved = CalamineWorkbook.from_filelike(BytesIO(saved_by_libreoffice(out.getvalue(), tmp_path)))
    rows = saved.get_sheet_by_name(tab.title).to_python(skip_empty_area=False)
    everyone = ["Ministère de l'Intérieur", "Gouverneur", "Wali", "Sa Majesté le Roi"]
    assert [row[59:64] for row in rows[1:4]] == [
        [3, "Ministère de l'Intérieur", "Wali", "Sa Majesté le Roi", ""], [4, *everyone], [4, *everyone],
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------- chart and whole file


def _charts(data: bytes) -> dict[str, str]:
    """Title → XML of the charts of the dashboard, with references written without quotes and dollars."""
    with ZipFile(BytesIO(data)) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("xl/charts/chart"))
        parts = [archive.read(name).decode().replace("$", "").replace("'", "").replace("&apos;", "") for name in names]
    return {_title(part): part for part in parts}


def _title(chart: str) -> str:
    return "".join(
        re.findall(
            r"<(?:a:)?t>([^<]*)</(?:a:)?t>", chart.partition("</c:title>" if "<c:title" in chart else "</title>")[0]
        )
    )


def _ranges(chart: str) -> list[str]:
    return re.findall(r"<(?:c:)?f>Tableau de bord!([A-Z]+\d+(?::[A-Z]+\d+)?)</(?:c:)?f>", chart)


CHARTS = {
    "Actes par forme et par situation": (dashboard.FORMS, "CDEF", 3),
    "Réponses aux demandes de visa": (dashboard.VISAS, "EFG", 3),
    "Les pays les plus fréquents": (dashboard.COUNTRIES, "CDE", 12),
    "Jumelages : les étapes atteintes": (dashboard.STAGES[Form.JUMELAGE], "C", 16),
    "Conventions : les étapes atteintes": (dashboard.STAGES[Form.CONVENTION], "C", 18),
    "Adhésions : les étapes atteintes": (dashboard.STAGES[Form.ADHESION_OING], "C", 8),
}


@pytest.mark.parametrize("title", list(CHARTS))
def test_a_chart_reads_the_headers_the_names_and_the_numbers_of_its_block(title: str) -> None:
    block, columns, rows = CHARTS[title]
    chart = _charts(build_workbook(TABS, {}, spare_rows=0))[title]
    names = f"A{block.first}:A{block.first + rows - 1}"
    wanted = [(f"{c}{block.head}", names, f"{c}{block.first}:{c}{block.first + rows - 1}") for c in columns]
    assert _ranges(chart) == [place for series in wanted for place in series]
    assert '<delete val="1"' not in chart
    assert chart.count('<delete val="0"') == 2


def test_charts_stand_beside_their_block_and_never_on_one_another() -> None:
    """A row is at least 18.2 points high, so a chart of so many rows never reaches the next one."""
    sheet: Worksheet = openpyxl.load_workbook(BytesIO(build_workbook(TABS, {}, spare_rows=0)))["Tableau de bord"]
    assert sheet.sheet_format.defaultRowHeight == pytest.approx(18.2)
    places = [(chart.anchor._from.row + 1, chart.anchor.ext.height / 12_700 / 18.2) for chart in sheet._charts]
    assert [row for row, _ in places] == [block.row for block, _, _ in CHARTS.values()]
    assert all(row + rows <= below for (row, rows), (below, _) in pairwise(places))
    assert min(chart.anchor._from.col for chart in sheet._charts) > 6  # right of column G, the last of the blocks


def test_the_shades_of_a_chart_stay_apart_in_grey() -> None:
    for chart in _charts(build_workbook(TABS, {}, spare_rows=0)).values():
        fills = re.findall(r'<spPr><a:solidFill><a:srgbClr val="(\w+)"', chart)
        greys = [0.30 * int(c[:2], 16) + 0.59 * int(c[2:4], 16) + 0.11 * int(c[4:], 16) for c in fills]
        assert greys
        assert all(before - after > 30 for before, after in pairwise(greys))


@pytest.mark.libreoffice
def test_libreoffice_keeps_the_charts_and_what_they_read(tmp_path: Path) -> None:
    data = build_workbook(TABS, {}, spare_rows=0)
    before, after = _charts(data), _charts(saved_by_libreoffice(data, tmp_path))
    assert {title: _ranges(chart) for title, chart in after.items()} == {t: _ranges(c) for t, c in before.items()}


def test_the_same_registry_gives_the_same_bytes() -> None:
    rows: Rows = {"actes": [{"id": "ACT-00001", "date_signature": date(2026, 3, 31)}]}
    assert build_workbook(TABS, rows, spare_rows=5) == build_workbook(TABS, rows, spare_rows=5)


def test_the_file_bears_no_day_of_its_own() -> None:
    data = build_workbook(TABS, {}, spare_rows=0)
    properties = openpyxl.load_workbook(BytesIO(data)).properties
    assert (properties.creator, properties.language) == ("cdi_sync", "fr-FR")
    assert f"{properties.created:%Y-%m-%d} {properties.modified:%Y-%m-%d}" == "2026-01-01 2026-01-01"
    with ZipFile(BytesIO(data)) as archive:
        assert {info.date_time[:3] for info in archive.infolist()} == {(2026, 1, 1)}


@pytest.mark.libreoffice
def test_libreoffice_keeps_checks_lists_styles_and_headers(tmp_path: Path) -> None:
    tabs = tuple(Declarations().tabs.values())
    data = build_workbook(tabs, {}, spare_rows=2, hints=hints_of(Declarations()))
    saved = saved_by_libreoffice(data, tmp_path)
    before, after = openpyxl.load_workbook(BytesIO(data)), openpyxl.load_workbook(BytesIO(saved))
    assert set(open_package(saved).named_styles) >= STYLES
    assert [cell.number_format for cell in after["Actes"][1]] == [cell.number_format for cell in before["Actes"][1]]
    assert set(after.defined_names) >= set(before.defined_names)
    for tab in tabs:
        assert [cell.value for cell in after[tab.title][1]] == [column.title for column in tab.columns]
        assert set(_checks(after[tab.title])) == set(_checks(before[tab.title]))
        assert after[tab.title].auto_filter.ref == before[tab.title].auto_filter.ref
        assert sum(map(len, _painted(after[tab.title]).values())) == sum(map(len, _painted(before[tab.title]).values()))
    assert _authority_check(after).formula1 == _authority_check(before).formula1
    assert after["Actes"].column_dimensions["D"].outlineLevel == before["Actes"].column_dimensions["D"].outlineLevel
