"""How each method of gspread's Worksheet is tried."""

from collections.abc import Mapping
from typing import Any

import gspread
from gspread.utils import Dimension, ValidationConditionType

from tests.google.ways.desk import Desk, Way, gives, named, protected, then, titles

_BOLD = {"textFormat": {"bold": True}}
_GIVEN = {"range": "B2", "values": [["Tanger"]]}


def _grid(name: str) -> Way:
    return lambda desk: desk.book.sheet1._properties["gridProperties"].get(name)


def _lines(dimension: str, key: str) -> Way:
    """A property of the rows or columns of the sheet: how many lines have it."""

    def seen(desk: Desk) -> int:
        params: dict[str, Any] = {"fields": f"sheets.data.{dimension}Metadata({key})", "includeGridData": "true"}
        found = desk.book.fetch_sheet_metadata(params)["sheets"][0]["data"][0].get(f"{dimension}Metadata", [])
        return sum(key in line for line in found)

    return seen


def _bold(desk: Desk) -> list[bool]:
    params = {"fields": "sheets.data.rowData.values.userEnteredFormat.textFormat.bold", "ranges": "A1:B1"}
    row = desk.book.fetch_sheet_metadata({**params, "includeGridData": "true"})["sheets"][0]["data"][0]["rowData"][0]
    return [cell.get("userEnteredFormat", {}).get("textFormat", {}).get("bold", False) for cell in row["values"]]


def _merges(desk: Desk) -> int:
    return len(desk.book.fetch_sheet_metadata()["sheets"][0].get("merges", []))


WAYS: Mapping[str, Way] = {
    "Worksheet.acell": gives(lambda d: d.sheet.acell("B2").value, "Rabat"),
    "Worksheet.add_cols": then(lambda d: d.sheet.add_cols(2), _grid("columnCount"), 28),
    "Worksheet.add_dimension_group_columns": then(
        lambda d: d.sheet.add_dimension_group_columns(0, 2), lambda d: len(d.sheet.list_dimension_group_columns()), 1
    ),
    "Worksheet.add_dimension_group_rows": then(
        lambda d: d.sheet.add_dimension_group_rows(1, 3), lambda d: len(d.sheet.list_dimension_group_rows()), 1
    ),
    "Worksheet.add_protected_range": then(protected, lambda d: len(d.book.list_protected_ranges(d.sheet.id)), 1),
    "Worksheet.add_rows": then(lambda d: d.sheet.add_rows(2), _grid("rowCount"), 1002),
    "Worksheet.add_validation": lambda d: d.sheet.add_validation(
        "B2:B3", ValidationConditionType.one_of_list, ["Rabat", "Fès"], showCustomUi=True
    ),
    "Worksheet.append_row": then(
        lambda d: d.sheet.append_row(["Zineb", "Agadir"]), lambda d: d.values("A4:B4"), [["Zineb", "Agadir"]]
    ),
    "Worksheet.append_rows": then(
        lambda d: d.sheet.append_rows([["Zineb"], ["Omar"]]), lambda d: d.values("A4:A5"), [["Zineb"], ["Omar"]]
    ),
    "Worksheet.batch_clear": then(
        lambda d: d.sheet.batch_clear(["A2:C2", "A3:C3"]), Desk.values, [["Nom", "Ville", "Nombre"]]
    ),
    "Worksheet.batch_format": then(
        lambda d: d.sheet.batch_format([{"range": "A1", "format": _BOLD}]), _bold, [True, False]
    ),
    "Worksheet.batch_get": gives(lambda d: d.sheet.batch_get(["A2", "B3"]), [[["Amina"]], [["Fès"]]]),
    "Worksheet.batch_merge": then(lambda d: d.sheet.batch_merge([{"range": "A1:B1"}, {"range": "A5:B6"}]), _merges, 2),
    "Worksheet.batch_update": then(
        lambda d: d.sheet.batch_update([dict(_GIVEN)]), lambda d: d.values("B2"), [["Tanger"]]
    ),
    "Worksheet.cell": gives(lambda d: d.sheet.cell(2, 2).value, "Rabat"),
    "Worksheet.clear": then(lambda d: d.sheet.clear(), Desk.values, [[]]),
    "Worksheet.clear_basic_filter": then(
        [lambda d: d.sheet.set_basic_filter(), lambda d: d.sheet.clear_basic_filter()],
        lambda d: "basicFilter" in d.book.fetch_sheet_metadata()["sheets"][0],
        False,
    ),
    "Worksheet.clear_note": then(
        [lambda d: d.sheet.insert_note("B2", "vu"), lambda d: d.sheet.clear_note("B2")],
        lambda d: d.sheet.get_note("B2"),
        "",
    ),
    "Worksheet.clear_notes": then(
        [lambda d: d.sheet.insert_note("B2", "vu"), lambda d: d.sheet.clear_notes(["B2"])],
        lambda d: d.sheet.get_note("B2"),
        "",
    ),
    "Worksheet.clear_tab_color": then(
        [lambda d: d.sheet.update_tab_color("#ff0000"), lambda d: d.sheet.clear_tab_color()],
        lambda d: d.book.sheet1.get_tab_color(),
        None,
    ),
    "Worksheet.col_values": gives(lambda d: d.sheet.col_values(2), ["Ville", "Rabat", "Fès"]),
    "Worksheet.columns_auto_resize": lambda d: d.sheet.columns_auto_resize(0, 2),
    "Worksheet.copy_range": then(
        lambda d: d.sheet.copy_range("A2:B2", "E5:F5"), lambda d: d.values("E5:F5"), [["Amina", "Rabat"]]
    ),
    "Worksheet.copy_to": then(lambda d: d.sheet.copy_to(d.book.id), lambda d: len(titles(d)), 2),
    "Worksheet.cut_range": then(
        lambda d: d.sheet.cut_range("A3:C3", "E5"), lambda d: (d.values("A3:C3"), d.values("E5")), ([[]], [["Karim"]])
    ),
    "Worksheet.define_named_range": then(named, lambda d: d.values("noms"), [["Nom", "Ville"], ["Amina", "Rabat"]]),
    "Worksheet.delete_columns": then(
        lambda d: d.sheet.delete_columns(2), lambda d: d.values("A2:B2"), [["Amina", "3"]]
    ),
    "Worksheet.delete_dimension": then(
        lambda d: d.sheet.delete_dimension(Dimension.rows, 2), lambda d: d.values("A2"), [["Karim"]]
    ),
    "Worksheet.delete_dimension_group_columns": then(
        [lambda d: d.sheet.add_dimension_group_columns(0, 2), lambda d: d.sheet.delete_dimension_group_columns(0, 2)],
        lambda d: d.sheet.list_dimension_group_columns(),
        [],
    ),
    "Worksheet.delete_dimension_group_rows": then(
        [lambda d: d.sheet.add_dimension_group_rows(0, 2), lambda d: d.sheet.delete_dimension_group_rows(0, 2)],
        lambda d: d.sheet.list_dimension_group_rows(),
        [],
    ),
    "Worksheet.delete_named_range": then(
        lambda d: d.sheet.delete_named_range(named(d)), lambda d: d.book.list_named_ranges(), []
    ),
    "Worksheet.delete_protected_range": then(
        lambda d: d.sheet.delete_protected_range(protected(d)), lambda d: d.book.list_protected_ranges(d.sheet.id), []
    ),
    "Worksheet.delete_rows": then(lambda d: d.sheet.delete_rows(2), lambda d: d.values("A2"), [["Karim"]]),
    "Worksheet.duplicate": then(
        lambda d: d.sheet.duplicate(new_sheet_name="Deux"),
        lambda d: d.book.worksheet("Deux").acell("A2").value,
        "Amina",
    ),
    "Worksheet.expand": gives(lambda d: len(d.sheet.expand("A1")), 3),
    "Worksheet.find": gives(lambda d: getattr(d.sheet.find("Fès"), "address", ""), "B3"),
    "Worksheet.findall": gives(lambda d: [cell.address for cell in d.sheet.findall("Rabat")], ["B2"]),
    "Worksheet.format": then(lambda d: d.sheet.format("A1", _BOLD), _bold, [True, False]),
    "Worksheet.freeze": then(
        lambda d: d.sheet.freeze(rows=1, cols=2),
        lambda d: (d.book.sheet1.frozen_row_count, d.book.sheet1.frozen_col_count),
        (1, 2),
    ),
    "Worksheet.get": gives(lambda d: d.sheet.get("A2:B2"), [["Amina", "Rabat"]]),
    "Worksheet.get_all_cells": gives(lambda d: len(d.sheet.get_all_cells()), 26_000),
    "Worksheet.get_all_records": gives(
        lambda d: d.sheet.get_all_records()[0], {"Nom": "Amina", "Ville": "Rabat", "Nombre": 3}
    ),
    "Worksheet.get_all_values": gives(lambda d: d.sheet.get_all_values()[2], ["Karim", "Fès", "1"]),
    "Worksheet.get_note": then(lambda d: d.sheet.insert_note("B2", "vu"), lambda d: d.sheet.get_note("B2"), "vu"),
    "Worksheet.get_notes": then(lambda d: d.sheet.insert_note("B2", "vu"), lambda d: d.sheet.get_notes()[1][1], "vu"),
    "Worksheet.get_tab_color": then(
        lambda d: d.sheet.update_tab_color("#ff0000"), lambda d: d.book.sheet1.get_tab_color(), "#FF0000"
    ),
    "Worksheet.get_values": gives(lambda d: d.sheet.get_values("A2:B2"), [["Amina", "Rabat"]]),
    "Worksheet.hide": then(
        [lambda d: d.book.add_worksheet("Deux", 5, 6), lambda d: d.sheet.hide()],
        lambda d: [s.title for s in d.book.worksheets(exclude_hidden=True)],
        ["Deux"],
    ),
    "Worksheet.hide_columns": then(lambda d: d.sheet.hide_columns(0, 2), _lines("column", "hiddenByUser"), 2),
    "Worksheet.hide_gridlines": then(
        lambda d: d.sheet.hide_gridlines(), lambda d: d.book.sheet1.is_gridlines_hidden, True
    ),
    "Worksheet.hide_rows": then(lambda d: d.sheet.hide_rows(1, 3), _lines("row", "hiddenByUser"), 2),
    "Worksheet.insert_cols": then(
        lambda d: d.sheet.insert_cols([["Pays", "Maroc"]], 2),
        lambda d: d.values("A2:C2"),
        [["Amina", "Maroc", "Rabat"]],
    ),
    "Worksheet.insert_note": then(lambda d: d.sheet.insert_note("B2", "vu"), lambda d: d.sheet.get_note("B2"), "vu"),
    "Worksheet.insert_notes": then(
        lambda d: d.sheet.insert_notes({"B2": "vu", "B3": "lu"}), lambda d: d.sheet.get_note("B3"), "lu"
    ),
    "Worksheet.insert_row": then(
        lambda d: d.sheet.insert_row(["Zineb"], 2), lambda d: d.values("A2:A3"), [["Zineb"], ["Amina"]]
    ),
    "Worksheet.insert_rows": then(
        lambda d: d.sheet.insert_rows([["Zineb"], ["Omar"]], 2), lambda d: d.values("A3:A4"), [["Omar"], ["Amina"]]
    ),
    "Worksheet.list_dimension_group_columns": gives(lambda d: d.sheet.list_dimension_group_columns(), []),
    "Worksheet.list_dimension_group_rows": gives(lambda d: d.sheet.list_dimension_group_rows(), []),
    "Worksheet.merge_cells": then(lambda d: d.sheet.merge_cells("A5:B6"), _merges, 1),
    "Worksheet.range": gives(lambda d: [cell.value for cell in d.sheet.range("A2:B2")], ["Amina", "Rabat"]),
    "Worksheet.resize": then(
        lambda d: d.sheet.resize(10, 5), lambda d: (d.book.sheet1.row_count, d.book.sheet1.col_count), (10, 5)
    ),
    "Worksheet.row_values": gives(lambda d: d.sheet.row_values(2), ["Amina", "Rabat", "3"]),
    "Worksheet.rows_auto_resize": lambda d: d.sheet.rows_auto_resize(0, 2),
    "Worksheet.set_basic_filter": then(
        lambda d: d.sheet.set_basic_filter("A1:C3"),
        lambda d: "basicFilter" in d.book.fetch_sheet_metadata()["sheets"][0],
        True,
    ),
    "Worksheet.show": then(
        [lambda d: d.book.add_worksheet("Deux", 5, 6), lambda d: d.sheet.hide(), lambda d: d.sheet.show()],
        lambda d: len(d.book.worksheets(exclude_hidden=True)),
        2,
    ),
    "Worksheet.show_gridlines": then(
        [lambda d: d.sheet.hide_gridlines(), lambda d: d.sheet.show_gridlines()],
        lambda d: d.book.sheet1.is_gridlines_hidden,
        False,
    ),
    "Worksheet.sort": then(
        lambda d: d.sheet.sort((3, "asc"), range="A2:C3"), lambda d: d.values("A2:A3"), [["Karim"], ["Amina"]]
    ),
    "Worksheet.unhide_columns": then(
        [lambda d: d.sheet.hide_columns(0, 2), lambda d: d.sheet.unhide_columns(0, 2)],
        _lines("column", "hiddenByUser"),
        0,
    ),
    "Worksheet.unhide_rows": then(
        [lambda d: d.sheet.hide_rows(0, 2), lambda d: d.sheet.unhide_rows(0, 2)], _lines("row", "hiddenByUser"), 0
    ),
    "Worksheet.unmerge_cells": then(
        [lambda d: d.sheet.merge_cells("A5:B6"), lambda d: d.sheet.unmerge_cells("A5:B6")], _merges, 0
    ),
    "Worksheet.update": then(lambda d: d.sheet.update([["Tanger"]], "B2"), lambda d: d.values("B2"), [["Tanger"]]),
    "Worksheet.update_acell": then(
        lambda d: d.sheet.update_acell("B2", "Tanger"), lambda d: d.values("B2"), [["Tanger"]]
    ),
    "Worksheet.update_cell": then(
        lambda d: d.sheet.update_cell(2, 2, "Tanger"), lambda d: d.values("B2"), [["Tanger"]]
    ),
    "Worksheet.update_cells": then(
        lambda d: d.sheet.update_cells([gspread.Cell(2, 2, "Tanger")]), lambda d: d.values("B2"), [["Tanger"]]
    ),
    "Worksheet.update_index": then(
        [lambda d: d.book.add_worksheet("Deux", 5, 6), lambda d: d.sheet.update_index(2)], titles, ["Deux", "Sheet1"]
    ),
    "Worksheet.update_note": then(lambda d: d.sheet.update_note("B2", "vu"), lambda d: d.sheet.get_note("B2"), "vu"),
    "Worksheet.update_notes": then(
        lambda d: d.sheet.update_notes({"B2": "vu"}), lambda d: d.sheet.get_note("B2"), "vu"
    ),
    "Worksheet.update_tab_color": then(
        lambda d: d.sheet.update_tab_color("#00ff00"), lambda d: d.book.sheet1.tab_color, "#00FF00"
    ),
    "Worksheet.update_title": then(lambda d: d.sheet.update_title("Un"), titles, ["Un"]),
}
