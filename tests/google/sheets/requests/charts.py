"""Charts and slicers: added, changed, moved, deleted. A chart stands over the cells of a sheet, or is a sheet of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.google.fields import NO_FIELD, updated
from tests.google.sheets.defaults import new_number
from tests.google.sheets.requests.attached import (
    check_rule,
    everyone,
    found,
    kept,
    kept_range,
    new_id,
    one_of,
    put,
    sheet_of,
    take,
)
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import Json, Sheet
from tests.google.wire import ApiError

WIDTH, HEIGHT = 600, 371
_IDS = {"charts": "chartId", "slicers": "slicerId"}
_KINDS = (
    "basicChart", "pieChart", "bubbleChart", "candlestickChart", "orgChart", "histogramChart", "waterfallChart",
    "treemapChart", "scorecardChart",
)  # fmt: skip
_THREE_DIMENSIONAL = ("BAR", "COLUMN", "COMBO")
_DEFAULT_SPEC = {"hiddenDimensionStrategy": "SKIP_HIDDEN_ROWS_AND_COLUMNS", "fontName": "Roboto"}


# ---------------------------------------------------------------------------------------------------------- charts


def add_chart(editing: Editing, request: Json) -> Json:
    """addChart."""
    given: Json = request.get("chart") or {}
    spec = _spec(editing, given.get("spec") or {})
    chart = {"chartId": new_id(editing, given.get("chartId"), _taken(editing), "embedded object"), "spec": spec}
    sheet, chart["position"] = _placed(editing, given.get("position") or {})
    if given.get("border"):
        chart["border"] = kept(given["border"], "EmbeddedObjectBorder")
    sheet.attached["charts"].append(chart)
    return {"chart": chart}


def _taken(editing: Editing) -> Iterator[int]:
    for name, key in _IDS.items():
        yield from (item[key] for _, item in everyone(editing.book, name))


def update_chart_spec(editing: Editing, request: Json) -> None:
    """updateChartSpec: the whole of it is replaced."""
    sheet, chart = found(editing, "charts", "chartId", request.get("chartId") or 0, "chart")
    put(sheet, "charts", "chartId", {**chart, "spec": _spec(editing, request.get("spec") or {})})


def _spec(editing: Editing, given: Json) -> Json:
    """A ChartSpec as it is kept. Refused when it shows nothing, or takes its data where there is none."""
    kinds = [name for name in given if name in _KINDS]
    one_of(editing, f"{'chart.' if editing.kind == 'addChart' else ''}spec", "chart", kinds)
    if not kinds:
        raise editing.refuse(
            "One of basicChart, pieChart, bubbleChart, candelstickChart, histogramChart, or orgChart must be set on "
            "chartSpec."  # Google's own spelling
        )
    for sources in _sources(given):
        _check_sources(editing, sources)
    basic = given.get("basicChart")
    if basic is not None:
        _check_basic(editing, basic)
    return {**_DEFAULT_SPEC, **kept(given, "ChartSpec")}


def _check_basic(editing: Editing, basic: Json) -> None:
    if not basic.get("domains") and not basic.get("series"):
        raise ApiError(500, "Internal error encountered.")  # what Google answers
    kind = basic.get("chartType", "BASIC_CHART_TYPE_UNSPECIFIED")
    if kind == "BASIC_CHART_TYPE_UNSPECIFIED":
        raise editing.refuse("BasicChartSpec.chartType is required.")
    if basic.get("threeDimensional") and kind not in _THREE_DIMENSIONAL:
        raise editing.refuse(f"BasicChartSpec.threeDimensional is not supported for chart type {kind}.")
    if len(basic.get("domains") or []) > 1 and kind != "SCATTER":
        raise editing.refuse("Only a single domain is supported.")


def _sources(value: Any) -> Iterator[list[Json]]:
    """Every list of source ranges in a ChartSpec."""
    if isinstance(value, list):
        for item in value:
            yield from _sources(item)
    elif isinstance(value, dict):
        if "sourceRange" in value:
            yield (value["sourceRange"] or {}).get("sources") or []
        for inner in value.values():
            yield from _sources(inner)


def _check_sources(editing: Editing, sources: list[Json]) -> None:
    if not sources:
        raise editing.refuse("ChartSourceRange.sources is required.")
    areas = [editing.area(source) for source in sources]
    if any(len(area.rows) > 1 and len(area.columns) > 1 for area in areas):
        raise editing.refuse("Exactly one dimension of a ChartSourceRange must have a length of 1.")


# --------------------------------------------------------------------------------------------------------- slicers


def add_slicer(editing: Editing, request: Json) -> Json:
    """addSlicer."""
    given: Json = request.get("slicer") or {}
    spec = _slicer_spec(editing, given.get("spec") or {})
    slicer = {"slicerId": new_id(editing, given.get("slicerId"), _taken(editing), "embedded object"), "spec": spec}
    sheet, slicer["position"] = _over_cells(editing, given.get("position") or {})
    sheet.attached["slicers"].append(slicer)
    return {"slicer": slicer}


def update_slicer_spec(editing: Editing, request: Json) -> None:
    """updateSlicerSpec."""
    sheet, slicer = found(editing, "slicers", "slicerId", request.get("slicerId") or 0, "slicer")
    after = updated(slicer["spec"], request.get("spec") or {}, request.get("fields", ""), "SlicerSpec")
    put(sheet, "slicers", "slicerId", {**slicer, "spec": _slicer_spec(editing, after)})


def _slicer_spec(editing: Editing, given: Json) -> Json:
    """A SlicerSpec as it is kept. Its column is counted from the first one of its range."""
    if given.get("dataRange") is None:
        raise editing.refuse("SlicerSpec.dataRange is required.")
    spec = {"applyToPivotTables": True, "horizontalAlignment": "LEFT", **kept(given, "SlicerSpec")}
    spec["dataRange"] = kept_range(editing, given["dataRange"], closed=True)
    width = spec["dataRange"]["endColumnIndex"] - spec["dataRange"]["startColumnIndex"]
    if not 0 <= int(spec.get("columnIndex") or 0) < width:
        raise editing.refuse("Slicer column must be within range bounds")
    if condition := (spec.get("filterCriteria") or {}).get("condition"):
        check_rule(editing, condition, "filters")
    return spec


def _over_cells(editing: Editing, given: Json) -> tuple[Sheet, Json]:
    if given.get("newSheet") or given.get("sheetId") is not None:
        raise editing.refuse("Slicers can only be positioned on existing sheets.")
    return _placed(editing, given)


# ----------------------------------------------------------------------------------------- where an object stands


def _placed(editing: Editing, given: Json) -> tuple[Sheet, Json]:
    """The sheet that a new object is on, made when it has to be, and its position as it is kept."""
    if given.get("newSheet"):
        sheet = _object_sheet(editing, None)
        return sheet, {"sheetId": sheet.id}
    if given.get("overlayPosition") is not None:
        return _overlaid(editing, given["overlayPosition"])
    if given.get("sheetId") is not None:
        sheet = _object_sheet(editing, int(given["sheetId"]))
        return sheet, {"sheetId": sheet.id}
    raise editing.refuse("One of EmbeddedObjectPosition.overlayPosition or EmbeddedObjectPosition.sheetId must be set")


def _overlaid(editing: Editing, given: Json) -> tuple[Sheet, Json]:
    overlay: Json = {"anchorCell": {}, "widthPixels": WIDTH, "heightPixels": HEIGHT} | kept(given, "OverlayPosition")
    anchor = overlay["anchorCell"]
    sheet = editing.sheet(sheet_of(anchor))
    if "gridProperties" not in sheet.properties:
        raise editing.refuse(f"No grid with id: {sheet.id}")
    for name, most in (("rowIndex", sheet.row_count), ("columnIndex", sheet.column_count)):
        at = int(anchor.get(name) or 0)
        if at < 0:
            raise editing.refuse(f"GridCoordinate.{name} must be >= 0")
        if at >= most:
            line = name.removesuffix("Index")
            raise editing.refuse(f"GridCoordinate.{name}[{at}] is after last {line} in grid[{most}]")
    for name in ("widthPixels", "heightPixels", "offsetXPixels", "offsetYPixels"):
        if int(overlay.get(name) or 0) < 0:
            raise editing.refuse(f"OverlayPosition.{name} must be >= 0")
    return sheet, {"overlayPosition": overlay}


def _object_sheet(editing: Editing, id_: int | None) -> Sheet:
    """A new sheet for a chart, which has no grid."""
    taken = {sheet.id for sheet in editing.book.sheets}
    if id_ is not None and id_ < 0:
        raise editing.refuse("Sheet id must be non-negative.")
    if id_ in taken:
        raise editing.refuse(f"Sheet with id {id_} already exists.")
    number = 1
    while editing.book.titled(f"Chart{number}"):
        number += 1
    chosen = new_number(taken) if id_ is None else id_
    sheet = Sheet({"sheetId": chosen, "title": f"Chart{number}", "sheetType": "OBJECT"})
    editing.book.sheets.append(sheet)
    return sheet


def update_position(editing: Editing, request: Json) -> Json:
    """updateEmbeddedObjectPosition: over other cells, to another sheet, or to a sheet of its own."""
    sheet, name, item = _object(editing, request.get("objectId") or 0)
    given: Json = request.get("newPosition") or {}
    if given.get("overlayPosition") is not None:
        if not request.get("fields"):
            raise editing.refuse(NO_FIELD)
        before = item["position"].get("overlayPosition", {})
        after = updated(before, given["overlayPosition"], request["fields"], "OverlayPosition")
        home, position = _overlaid(editing, after)
    else:
        home, position = (_placed if name == "charts" else _over_cells)(editing, given)
    _take(editing, sheet, name, item)
    home.attached[name].append({**item, "position": position})
    return {"position": position}


def update_border(editing: Editing, request: Json) -> None:
    """updateEmbeddedObjectBorder: of a chart."""
    sheet, chart = found(editing, "charts", "chartId", request.get("objectId") or 0, "chart")
    after = updated(
        chart.get("border", {}), request.get("border") or {}, request.get("fields", ""), "EmbeddedObjectBorder"
    )
    put(sheet, "charts", "chartId", {**chart, "border": kept(after, "EmbeddedObjectBorder")})


def delete_object(editing: Editing, request: Json) -> None:
    """deleteEmbeddedObject: a chart that is a sheet of its own takes the sheet away."""
    _take(editing, *_object(editing, request.get("objectId") or 0))


def _object(editing: Editing, id_: int) -> tuple[Sheet, str, Json]:
    for name, key in _IDS.items():
        for sheet, item in everyone(editing.book, name):
            if item[key] == id_:
                return sheet, name, item
    raise editing.refuse(f"No embedded object with id: {id_}")


def _take(editing: Editing, sheet: Sheet, name: str, item: Json) -> None:
    take(sheet, name, item)
    if sheet.properties.get("sheetType") == "OBJECT":
        if len(editing.book.sheets) == 1:
            raise editing.refuse("You can't remove all the sheets in a document.")
        editing.book.sheets = [each for each in editing.book.sheets if each is not sheet]


KINDS: Mapping[str, Kind] = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "addSlicer": add_slicer,
    "updateSlicerSpec": update_slicer_spec,
    "updateEmbeddedObjectPosition": update_position,
    "updateEmbeddedObjectBorder": update_border,
    "deleteEmbeddedObject": delete_object,
}
