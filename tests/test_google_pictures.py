"""What the pictures of the Google registry carry over from what Google tells."""

import io
from typing import Any

from openpyxl import load_workbook

from tests.google_pictures import Picture, as_xlsx


def rgb(code: str) -> dict[str, Any]:
    return {
        "rgbColor": {name: int(code[at : at + 2], 16) / 255 for name, at in (("red", 0), ("green", 2), ("blue", 4))}
    }


def one_sheet(values: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    grid = {"rowCount": 3, "columnCount": 3, "frozenRowCount": 1, "frozenColumnCount": 2}
    block = {
        "rowData": [{"values": values}],
        "columnMetadata": [{"pixelSize": 110}, {"pixelSize": 60, "hiddenByUser": True}],
    }
    sheet = {"properties": {"sheetId": 7, "title": "Actes", "gridProperties": grid}, "data": [block], **more}
    return {"sheets": [sheet]}


def opened(resource: dict[str, Any]) -> Any:
    return load_workbook(io.BytesIO(as_xlsx(resource, [Picture("x", "Actes", "A1:C3")])))["Actes"]


def test_values_letters_colours_notes_and_lines_are_carried_over() -> None:
    look = {"textFormat": {"bold": True, "foregroundColorStyle": rgb("FFFFFF")}, "backgroundColorStyle": rgb("2F6DA8"),
            "numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}, "wrapStrategy": "WRAP"}  # fmt: skip
    sheet = opened(one_sheet([{"effectiveValue": {"numberValue": 46349}, "effectiveFormat": look, "note": "Date : jj/mm/aaaa"},
                              {"effectiveValue": {"stringValue": "=1+1"}}]))  # fmt: skip
    cell = sheet["A1"]
    assert f"{cell.value:%d/%m/%Y}" == "23/11/2026"
    assert (cell.font.b, cell.font.color.rgb, cell.fill.fgColor.rgb) == (True, "00FFFFFF", "002F6DA8")
    assert cell.comment.text == "Date : jj/mm/aaaa"
    assert (sheet["B1"].value, sheet["B1"].data_type) == ("=1+1", "s"), "a text is never a formula"
    assert sheet.freeze_panes == "C2"
    assert sheet.column_dimensions["A"].width > 15
    assert sheet.column_dimensions["B"].hidden


def test_colour_rules_and_drop_downs_are_carried_over() -> None:
    formula = '=AND(LEFT($A2;1)="a;b";N("cdi_sync : x")=0)'
    rule = {"ranges": [{"sheetId": 7, "startRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}],
            "booleanRule": {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]},
                            "format": {"backgroundColorStyle": rgb("FCE4CC"), "textFormat": {"bold": True}}}}  # fmt: skip
    listed = {
        "condition": {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Listes!$A$2:$A$5"}]},
        "strict": True,
    }
    sheet = opened(one_sheet([{"dataValidation": listed}], conditionalFormats=[rule]))
    (area,) = sheet.conditional_formatting
    assert str(area.sqref) == "A2"
    assert area.rules[0].formula == ['AND(LEFT($A2,1)="a;b",N("cdi_sync : x")=0)']
    assert area.rules[0].dxf.fill.bgColor.rgb == "00FCE4CC"
    (check,) = sheet.data_validations.dataValidation
    assert (check.formula1, str(check.sqref)) == ("Listes!$A$2:$A$5", "A1")
