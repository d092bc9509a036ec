"""Headers, number formats, widths, frozen and hidden parts of the tabs.

What keeps the meaning of a tab is repaired each time: notes, colours and marks of the headers, number formats, the frozen
header. What is people's comfort is set once, when a column or a tab is new, and is theirs afterwards: widths, hidden
columns and tabs of modules that are off, folded sections, frozen columns, the colour of a tab.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cdi_sync.edges.hints import (
    AFTER_STAFF,
    BEFORE_STAFF,
    INK,
    INPUT_BLUE,
    REQUIRED_BLUE,
    REQUIRED_MARK,
    SYSTEM_GREY,
    SYSTEM_HEAD,
    SYSTEM_MARK,
    Hints,
    SystemTab,
    kept_in_sight,
    note_text,
    width_of,
)
from cdi_sync.edges.workbook_google.found import (
    Json,
    Place,
    Sheet,
    Staff,
    colour,
    columns_range,
    covers,
    runs,
    same,
)
from cdi_sync.model import Column
from cdi_sync.shown import staff_style

SYSTEM_TABS: Mapping[str, SystemTab] = {tab.name: tab for tab in (*BEFORE_STAFF, *AFTER_STAFF)}

_HEADER_FIELDS = (
    "note,userEnteredFormat(backgroundColorStyle,borders.left,horizontalAlignment,numberFormat,textFormat,"
    "verticalAlignment,wrapStrategy)"
)
_DAY: Json = {"type": "DATE", "pattern": "dd/mm/yyyy"}
_HOUR: Json = {"type": "TIME", "pattern": "hh:mm"}
_WHOLE: Json = {"type": "NUMBER", "pattern": "#,##0"}
_TEXT: Json = {"type": "TEXT"}
_LEAST, _PIXELS, _PADDING = 30, 7, 5  # narrowest column, and what a character and the margins take, in pixels


def staff_looks(staff: Staff, hints: Hints) -> Iterator[Json]:
    """How a tab of staff must look, as far as it doesn't."""
    fresh = [place for place in staff.places if _is_fresh(staff.sheet.cell(0, place.at))]
    yield from _tab(staff, hints, is_fresh=bool(staff.places) and len(fresh) == len(staff.places))
    yield from _headers(staff)
    yield from _columns(staff)
    yield from _sizes(staff.sheet, fresh)
    yield from _hidden(staff.sheet, fresh, hints)


def _is_fresh(header: Json) -> bool:
    """True for a header that was never furnished."""
    return not header.get("note") and not (header.get("userEnteredFormat") or {}).get("backgroundColorStyle")


# ---------------------------------------------------------------------------------------------------- headers


def _headers(staff: Staff) -> Iterator[Json]:
    wrong = [(place.at, place) for place in staff.places if not _is_header(staff.sheet.cell(0, place.at), place)]
    for first, _, places in runs(wrong, lambda _: None):
        values = [_header(place) for place in places]
        start = {"sheetId": staff.sheet.id, "rowIndex": 0, "columnIndex": first}
        yield {"updateCells": {"start": start, "rows": [{"values": values}], "fields": _HEADER_FIELDS}}


def _is_header(cell: Json, place: Place) -> bool:
    """True when a cell looks as a header must. An edge may be told by the cell beside, so edges aren't compared."""
    wanted = _header(place)
    looks = {name: each for name, each in wanted["userEnteredFormat"].items() if name != "borders"}
    return covers(cell.get("userEnteredFormat"), looks) and same(wanted["note"], cell.get("note"))


def _header(place: Place) -> Json:
    """CellData of a header, but for its title: what the mark adds is only shown, by the number format."""
    column = place.column
    ground = SYSTEM_HEAD if column.is_system else REQUIRED_BLUE if column.required else INPUT_BLUE
    mark = SYSTEM_MARK if column.is_system else REQUIRED_MARK if column.required else ""
    ink = colour(INK if column.is_system else "FFFFFF")
    look: Json = {
        "backgroundColorStyle": colour(ground),
        "horizontalAlignment": "LEFT",
        "textFormat": {"bold": True, "italic": column.is_system, "foregroundColorStyle": ink},
        "verticalAlignment": "MIDDLE",
        "wrapStrategy": "WRAP",
    }
    if mark:
        look["numberFormat"] = {"type": "TEXT", "pattern": f'@"{mark}"'}
    if place.starts:
        look["borders"] = {"left": {"style": "SOLID_THICK", "colorStyle": colour(INK)}}
    return {"note": note_text(column), "userEnteredFormat": look}


# --------------------------------------------------------------------------------------------- cells of columns


def _columns(staff: Staff) -> Iterator[Json]:
    """The formats of whole columns, those side by side together."""
    wrong = [
        (place.at, look)
        for place in staff.places
        for look in [_look(place.column, is_number=place.column is staff.tab.columns[0])]
        if not all(covers(cell.get("userEnteredFormat"), look) for cell in staff.sheet.below(place.at))
    ]
    for first, end, looks in runs(wrong, repr):
        look = looks[0]
        fields = f"userEnteredFormat({','.join(sorted(look))})"
        where = columns_range(staff.sheet, first, end)
        yield {"repeatCell": {"range": where, "cell": {"userEnteredFormat": look}, "fields": fields}}


def _look(column: Column, *, is_number: bool) -> Json:
    """The format of a column's cells. Of staff's, the colours and letters are their own business.

    is_number: it holds the numbers of the rows.
    """
    look: Json = {"verticalAlignment": "TOP", "wrapStrategy": "WRAP"}
    if number_format := _TEXT if is_number else _number_format(column):
        look["numberFormat"] = number_format
    if column.is_system:
        if column.type == "date":  # on the right, it would touch the text of the next column
            look["horizontalAlignment"] = "LEFT"
        look["backgroundColorStyle"] = colour(SYSTEM_GREY)
        look["textFormat"] = {"italic": True, "foregroundColorStyle": colour(INK)}
    return look


def _number_format(column: Column) -> Mapping[str, Any]:
    if column.type == "date":
        return _DAY
    if column.type == "time":
        return _HOUR
    if column.is_system:  # a formula fills it: what it comes to must not be taken for text
        return _WHOLE if column.type == "integer" else {}
    return _TEXT if staff_style(column) == "cdi_saisie_texte" else {}


# --------------------------------------------------------------------------------------------- what is set once


def _tab(staff: Staff, hints: Hints, *, is_fresh: bool) -> Iterator[Json]:
    sheet = staff.sheet
    wanted: Json = {"gridProperties": {"frozenRowCount": 1}}
    if is_fresh:
        wanted["gridProperties"]["frozenColumnCount"] = min(kept_in_sight(staff.tab), sheet.columns - 1)
        wanted["tabColorStyle"] = colour(INPUT_BLUE)
        if not hints.shows(staff.tab.module):
            wanted["hidden"] = True
        yield from _folds(staff)
    yield from _properties(sheet, wanted)


def _properties(sheet: Sheet, wanted: Json) -> Iterator[Json]:
    if not covers(sheet.properties, wanted):
        grid = [f"gridProperties.{name}" for name in sorted(wanted.get("gridProperties", {}))]
        fields = ",".join([*grid, *(name for name in wanted if name != "gridProperties")])
        properties = {"sheetId": sheet.id, **wanted}
        yield {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _folds(staff: Staff) -> Iterator[Json]:
    """Sections that not every row needs can be folded onto their first column."""
    sections: dict[str, list[Place]] = {}
    for place in staff.places:
        sections.setdefault(place.column.section, []).append(place)
    for places in sections.values():
        first, last = places[0].at, places[-1].at
        is_one_piece = last - first + 1 == len(places)
        is_needed = first == 0 or any(place.column.required or place.column.is_system for place in places)
        if is_one_piece and not is_needed and last > first:
            yield {"addDimensionGroup": {"range": _lines(staff.sheet, first + 1, last + 1)}}


def _lines(sheet: Sheet, first: int, end: int) -> Json:
    return {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": first, "endIndex": end}


def _pixels(characters: float) -> int:
    return max(_LEAST, round(characters * _PIXELS) + _PADDING)


def _sizes(sheet: Sheet, fresh: list[Place]) -> Iterator[Json]:
    sized = [(place.at, _pixels(width_of(place.column))) for place in fresh]
    yield from _resized(sheet, sized)


def _resized(sheet: Sheet, sized: list[tuple[int, int]]) -> Iterator[Json]:
    for first, end, pixels in runs(sized, lambda each: each):
        yield _dimension(sheet, first, end, {"pixelSize": pixels[0]})


def _dimension(sheet: Sheet, first: int, end: int, properties: Json) -> Json:
    fields = ",".join(properties)
    return {
        "updateDimensionProperties": {"range": _lines(sheet, first, end), "properties": properties, "fields": fields}
    }


def _hidden(sheet: Sheet, fresh: list[Place], hints: Hints) -> Iterator[Json]:
    off = [(place.at, place) for place in fresh if not hints.shows(place.column.module)]
    for first, end, _ in runs(off, lambda _: None):
        yield _dimension(sheet, first, end, {"hiddenByUser": True})


# ------------------------------------------------------------------------------------------------ system tabs


def system_looks(sheet: Sheet) -> Iterator[Json]:
    """The looks of a tab that the software writes, set once."""
    if sheet.is_furnished:
        return
    declared = SYSTEM_TABS.get(sheet.title)
    if declared is None:  # a tab of figures or lists, for nobody to read
        yield from _properties(sheet, {"hidden": True})
        return
    rows = int(declared.frozen[1:]) - 1
    grid = {"frozenRowCount": rows} if rows < sheet.rows else {}
    yield from _properties(sheet, {"gridProperties": grid, "tabColorStyle": colour(SYSTEM_HEAD)})
    yield from _resized(sheet, [(at, _pixels(width)) for at, width in enumerate(declared.widths[: sheet.columns])])
