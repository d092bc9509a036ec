"""Charts and slicers by batchUpdate: what they show, and where they stand."""

from typing import Any

import pytest

from tests.emulator.book_client import BookClient, area

OVER = {"overlayPosition": {"anchorCell": {"rowIndex": 2, "columnIndex": 3}}}


@pytest.fixture
def book() -> BookClient:
    return BookClient()


def data(left: int) -> dict[str, Any]:
    return {"sourceRange": {"sources": [area(0, 4, left, left + 1)]}}


def spec(title: str = "Montants", **basic: Any) -> dict[str, Any]:
    chart = {"chartType": "COLUMN", "domains": [{"domain": data(0)}], "series": [{"series": data(1)}]}
    return {"title": title, "basicChart": chart | basic}


def add(book: BookClient, **given: Any) -> Any:
    answer = book.batch({"addChart": {"chart": {"spec": spec(), "position": OVER, **given}}})
    return answer if isinstance(answer, str) else answer[0]["addChart"]["chart"]


def slicer(book: BookClient, **given: Any) -> Any:
    asked = {"spec": {"dataRange": area(0, 4, 1, 3), "columnIndex": 0}, "position": OVER, **given}
    answer = book.batch({"addSlicer": {"slicer": asked}})
    return answer if isinstance(answer, str) else answer[0]["addSlicer"]["slicer"]


def charts(book: BookClient, name: str = "charts") -> list[list[Any]]:
    """The charts of each sheet."""
    return [sheet.get(name, []) for sheet in book.get(fields=f"sheets(properties.title,{name})")["sheets"]]


def move(book: BookClient, id_: int, position: Any, **more: Any) -> Any:
    answer = book.batch({"updateEmbeddedObjectPosition": {"objectId": id_, "newPosition": position, **more}})
    return answer if isinstance(answer, str) else answer[0]["updateEmbeddedObjectPosition"]["position"]


def test_a_chart_over_cells_gets_an_identifier_and_a_size(book: BookClient) -> None:
    added = add(book)
    assert added["position"] == {"overlayPosition": {
        "anchorCell": {"rowIndex": 2, "columnIndex": 3}, "widthPixels": 600, "heightPixels": 371}}  # fmt: skip
    assert added["spec"]["hiddenDimensionStrategy"] == "SKIP_HIDDEN_ROWS_AND_COLUMNS"
    assert charts(book) == [[added]]
    assert add(book, chartId=12)["chartId"] == 12
    assert "already exists" in add(book, chartId=12)


def test_a_chart_on_a_sheet_of_its_own(book: BookClient) -> None:
    added = add(book, position={"newSheet": True})
    own = book.sheets()[1]
    assert own == {"sheetId": own["sheetId"], "title": "Chart1", "index": 1, "sheetType": "OBJECT"}
    assert added["position"] == {"sheetId": own["sheetId"]}
    assert charts(book) == [[], [added]]
    assert add(book, position={"sheetId": 77})["position"] == {"sheetId": 77}
    assert add(book, position={"sheetId": 77}) == "Invalid requests[0].addChart: Sheet with id 77 already exists."


NO_KIND = ("One of basicChart, pieChart, bubbleChart, candelstickChart, histogramChart, or orgChart must be set on "
           "chartSpec.")  # fmt: skip
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"spec": None}, NO_KIND),
    ({"spec": {"title": "Rien"}}, NO_KIND),
    ({"spec": spec(chartType=None)}, "BasicChartSpec.chartType is required."),
    ({"spec": spec(chartType="LINE", threeDimensional=True)},
     "BasicChartSpec.threeDimensional is not supported for chart type LINE."),
    ({"spec": spec(series=[{"series": {"sourceRange": {"sources": [{"sheetId": 9}]}}}])}, "No grid with id: 9"),
    ({"spec": spec(series=[{"series": {"sourceRange": {"sources": [area(0, 2, 0, 2)]}}}])},
     "Exactly one dimension of a ChartSourceRange must have a length of 1."),
    ({"position": None},
     "One of EmbeddedObjectPosition.overlayPosition or EmbeddedObjectPosition.sheetId must be set"),
    ({"position": {"overlayPosition": {"anchorCell": {"rowIndex": 1000}}}},
     "GridCoordinate.rowIndex[1000] is after last row in grid[1000]"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), WRONG, ids=[str(at) for at in range(len(WRONG))])
def test_what_makes_no_chart_is_refused(book: BookClient, given: dict[str, Any], message: str) -> None:
    assert add(book, **given) == f"Invalid requests[0].addChart: {message}"


def test_a_chart_without_data_is_an_error_of_googles_own(book: BookClient) -> None:
    body = {"requests": [{"addChart": {"chart": {"spec": {"basicChart": {"chartType": "BAR"}}, "position": OVER}}}]}
    assert book.send("POST", f"/{book.id}:batchUpdate", body).status == 500


def test_a_chart_is_of_one_kind(book: BookClient) -> None:
    assert "oneof field 'chart' is already set. Cannot set 'pieChart'" in add(book, spec={**spec(), "pieChart": {}})


def test_the_spec_of_a_chart_is_replaced(book: BookClient) -> None:
    add(book, chartId=12)
    assert book.batch({"updateChartSpec": {"chartId": 12, "spec": spec("Autres")}}) == [{}]
    assert charts(book)[0][0]["spec"]["title"] == "Autres"
    assert NO_KIND in book.batch({"updateChartSpec": {"chartId": 12, "spec": {"title": "Rien"}}})
    gone = "Invalid requests[0].updateChartSpec: No chart with id: 13"
    assert book.batch({"updateChartSpec": {"chartId": 13, "spec": spec()}}) == gone


def test_a_chart_moves_by_what_its_mask_names(book: BookClient) -> None:
    add(book, chartId=12)
    new = {"overlayPosition": {"anchorCell": {"columnIndex": 1}, "widthPixels": 300}}
    assert "At least one field must be listed" in move(book, 12, new)
    assert move(book, 12, new, fields="widthPixels") == {"overlayPosition": {
        "anchorCell": {"rowIndex": 2, "columnIndex": 3}, "widthPixels": 300, "heightPixels": 371}}  # fmt: skip
    assert move(book, 12, new, fields="anchorCell")["overlayPosition"]["anchorCell"] == {"columnIndex": 1}
    assert move(book, 13, new, fields="*").endswith("No embedded object with id: 13")


def test_a_chart_moves_to_other_sheets(book: BookClient) -> None:
    book.batch({"addSheet": {"properties": {"sheetId": 7, "title": "Suivi"}}})
    add(book, chartId=12)
    move(book, 12, {"overlayPosition": {"anchorCell": {"sheetId": 7}}}, fields="anchorCell")
    assert [len(each) for each in charts(book)] == [0, 1]
    own = move(book, 12, {"newSheet": True})
    assert [sheet["title"] for sheet in book.sheets()] == ["Sheet1", "Suivi", "Chart1"]
    assert own == {"sheetId": book.sheets()[2]["sheetId"]}
    back = move(book, 12, {"overlayPosition": {"anchorCell": {}}}, fields="*")
    assert back == {"overlayPosition": {"anchorCell": {}, "widthPixels": 600, "heightPixels": 371}}
    assert [len(each) for each in charts(book)] == [1, 0]  # its own sheet is gone


def test_the_border_of_a_chart(book: BookClient) -> None:
    add(book, chartId=12)
    border = {"objectId": 12, "border": {"color": {"red": 1}}, "fields": "color"}
    assert book.batch({"updateEmbeddedObjectBorder": border}) == [{}]
    assert charts(book)[0][0]["border"] == {"color": {"red": 1}, "colorStyle": {"rgbColor": {"red": 1}}}
    slicer(book, slicerId=13)
    assert "No chart with id: 13" in book.batch({"updateEmbeddedObjectBorder": {**border, "objectId": 13}})


def test_charts_and_slicers_are_deleted(book: BookClient) -> None:
    add(book, chartId=12)
    add(book, chartId=13, position={"newSheet": True})
    slicer(book, slicerId=14)
    for id_ in (12, 13, 14):
        assert book.batch({"deleteEmbeddedObject": {"objectId": id_}}) == [{}]
    assert (charts(book), charts(book, "slicers")) == ([[]], [[]])
    gone = "Invalid requests[0].deleteEmbeddedObject: No embedded object with id: 12"
    assert book.batch({"deleteEmbeddedObject": {"objectId": 12}}) == gone


def test_a_slicer_filters_pivot_tables_too_unless_told_otherwise(book: BookClient) -> None:
    added = slicer(book, slicerId=12)
    assert added["spec"] == {
        "applyToPivotTables": True, "horizontalAlignment": "LEFT", "columnIndex": 0,
        "dataRange": {"startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 1, "endColumnIndex": 3},
    }  # fmt: skip
    assert charts(book, "slicers") == [[added]]
    new = {"slicerId": 12, "spec": {"applyToPivotTables": False, "title": "Ville"}}
    assert book.batch({"updateSlicerSpec": {**new, "fields": "applyToPivotTables"}}) == [{}]
    assert charts(book, "slicers")[0][0]["spec"] == {**added["spec"], "applyToPivotTables": False}
    assert "At least one field must be listed" in book.batch({"updateSlicerSpec": new})
    assert "No slicer with id: 13" in book.batch({"updateSlicerSpec": {"slicerId": 13, "fields": "title"}})


def test_a_slicer_stands_over_cells_and_filters_a_column_of_its_range(book: BookClient) -> None:
    assert "only be positioned on existing sheets" in slicer(book, position={"newSheet": True})
    assert "SlicerSpec.dataRange is required." in slicer(book, spec={"title": "Ville"})
    outside = slicer(book, spec={"dataRange": area(0, 4, 1, 3), "columnIndex": 2})
    assert outside == "Invalid requests[0].addSlicer: Slicer column must be within range bounds"
    add(book, chartId=12)
    assert "already exists" in slicer(book, slicerId=12)
