"""The charts of the dashboard, found again by their title. People may move them: only what they show is repaired."""

from collections.abc import Iterator

from cdi_sync.edges.hints import CHARTS, CHARTS_FROM, SHADES, Bars
from cdi_sync.edges.workbook_google.checks import enlarged
from cdi_sync.edges.workbook_google.found import Json, Sheet, colour, covers

_PIXELS_A_CM = 37.8
_WIDTH = 17  # centimetres


def charts(sheet: Sheet) -> Iterator[Json]:
    """The charts that lack, or no longer show what they must; room for them first."""
    yield from enlarged(sheet, rows=max(bars.block.first + bars.rows for bars in CHARTS), columns=CHARTS_FROM + 8)
    held = {(each.get("spec") or {}).get("title"): each for each in reversed(sheet.all("charts"))}
    for bars in CHARTS:
        spec, found = _spec(sheet, bars), held.get(bars.title)
        if found is None:
            yield {"addChart": {"chart": {"spec": spec, "position": {"overlayPosition": _position(sheet, bars)}}}}
        elif not covers(found["spec"], spec):
            yield {"updateChartSpec": {"chartId": found["chartId"], "spec": spec}}


def _position(sheet: Sheet, bars: Bars) -> Json:
    corner = {"sheetId": sheet.id, "rowIndex": bars.block.row - 1, "columnIndex": CHARTS_FROM - 1}
    width, height = round(_WIDTH * _PIXELS_A_CM), round(bars.height * _PIXELS_A_CM)
    return {"anchorCell": corner, "widthPixels": width, "heightPixels": height}


def _spec(sheet: Sheet, bars: Bars) -> Json:
    """Stacked bars, a series a column, named by its header. Bars that lie carry their numbers along the bottom."""
    shades = SHADES[-len(bars.columns) :] if len(bars.columns) > 1 else SHADES[1:2]
    numbers, names = ("BOTTOM_AXIS", "LEFT_AXIS") if bars.lying else ("LEFT_AXIS", "BOTTOM_AXIS")
    alone = len(bars.columns) == 1
    series = [
        {
            "series": _source(sheet, bars, column),
            "targetAxis": numbers,
            "colorStyle": colour(shade),
            **({"dataLabel": {"type": "DATA"}} if alone else {}),
        }
        for column, shade in zip(bars.columns, shades, strict=True)
    ]
    basic = {
        "chartType": "BAR" if bars.lying else "COLUMN",
        "legendPosition": "NO_LEGEND" if alone else "BOTTOM_LEGEND",
        "stackedType": "STACKED",
        "headerCount": 1,
        "axis": [{"position": names}, {"position": numbers, "title": bars.unit}],
        "domains": [{"domain": _source(sheet, bars, 1)}],
        "series": series,
    }
    return {"title": bars.title, "basicChart": basic}


def _source(sheet: Sheet, bars: Bars, column: int) -> Json:
    """A column of a block, its header first. column: from 1."""
    where = {
        "sheetId": sheet.id,
        "startRowIndex": bars.block.head - 1,
        "endRowIndex": bars.block.head + bars.rows,
        "startColumnIndex": column - 1,
        "endColumnIndex": column,
    }
    return {"sourceRange": {"sources": [where]}}
