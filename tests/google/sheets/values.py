"""The methods of `spreadsheets.values`: read, written, appended to, cleared, by A1 notation or by DataFilter.

What writes works on a copy of the spreadsheet, put in place when all of it has worked: all is written, or nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.google.call import Call, Handler
from tests.google.sheets.areas import Area, Closed, a1, parse_a1, prefixed
from tests.google.sheets.books import book_of, computed
from tests.google.sheets.formulas import Edit
from tests.google.sheets.metadata import filtered_areas, filters_of, several
from tests.google.sheets.reading import Reader
from tests.google.sheets.requests.protection import owner_of, refuse_protected
from tests.google.sheets.spreadsheet import EMPTY, Cell, Json, Spreadsheet
from tests.google.sheets.structure import restructure
from tests.google.sheets.tables import last_table
from tests.google.sheets.writing import Writer, Written, check_room, lines_of
from tests.google.wire import ApiError, bad

# by their numbers, which a body may hold in place of the names
_DIMENSIONS = ("DIMENSION_UNSPECIFIED", "ROWS", "COLUMNS")
_RENDERS = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
_DATES = ("SERIAL_NUMBER", "FORMATTED_STRING")
_INPUTS = ("INPUT_VALUE_OPTION_UNSPECIFIED", "RAW", "USER_ENTERED")


def _choice(given: Any, names: Sequence[str], field: str = "") -> str:
    """The name of a value of an enumeration, the first one when none is given."""
    if isinstance(given, int):
        if not 0 <= given < len(names):
            raise bad(f"Invalid {field}: UNRECOGNIZED")
        return names[given]
    return str(given or names[0])


def _major(given: Any) -> str:
    name = _choice(given, _DIMENSIONS, "majorDimension")
    return "ROWS" if name == "DIMENSION_UNSPECIFIED" else name


def _input(given: Any) -> str:
    name = _choice(given, _INPUTS, "valueInputOption")
    if name == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise bad("'valueInputOption' is required but not specified")
    return name


def _reader(call: Call, book: Spreadsheet, render: Any, dates: Any) -> Reader:
    render, dates = _choice(render, _RENDERS, "valueRenderOption"), _choice(dates, _DATES, "dateTimeRenderOption")
    return Reader(book, computed(call, book), render, dates)


# ---------------------------------------------------------------------------------------------------------- reading


def get(call: Call) -> Json:
    """values.get: one range."""
    book = book_of(call)
    area = parse_a1(book, call.parameters["range"]).closed()
    return _asked(call, book).value_range(area, _major(call.one("majorDimension")))


def batch_get(call: Call) -> Json:
    """values.batchGet: several ranges, in the order asked for."""
    book = book_of(call)
    areas = [parse_a1(book, text).closed() for text in call.request.query.get("ranges", ())]
    reader, major = _asked(call, book), _major(call.one("majorDimension"))
    return _listed(book, "valueRanges", [reader.value_range(area, major) for area in areas])


def batch_get_by_data_filter(call: Call) -> Json:
    """values.batchGetByDataFilter: every range once, whatever the filters that select it, in the order of the sheets."""
    book, body = book_of(call), call.body
    reader = _reader(call, book, body.get("valueRenderOption"), body.get("dateTimeRenderOption"))
    major = _major(body.get("majorDimension"))
    found: dict[str, tuple[Closed, list[Json]]] = {}
    for data_filter, areas in _selected(book, body):
        for area in areas:
            found.setdefault(a1(area.closed()), (area.closed(), []))[1].append(_told(data_filter))
    places = {id(sheet): at for at, sheet in enumerate(book.sheets)}
    ordered = sorted(
        found.values(), key=lambda f: (places[id(f[0].sheet)], f[0].left, f[0].top, f[0].right, f[0].bottom)
    )
    return _listed(book, "valueRanges", [
        {"valueRange": reader.value_range(area, major), "dataFilters": filters} for area, filters in ordered
    ])  # fmt: skip


def _asked(call: Call, book: Spreadsheet) -> Reader:
    return _reader(call, book, call.one("valueRenderOption"), call.one("dateTimeRenderOption"))


def _selected(book: Spreadsheet, body: Json) -> list[tuple[Json, list[Area]]]:
    """The filters of a request with the areas of each."""
    return [(one, _filtered(book, one, f"Invalid dataFilter[{at}]")) for at, one in enumerate(filters_of(body))]


def _filtered(book: Spreadsheet, data_filter: Json, prefix: str) -> list[Area]:
    try:
        return filtered_areas(book, data_filter)
    except ApiError as error:
        raise prefixed(prefix, error) from None


def _told(data_filter: Json) -> Json:
    """A filter as answers repeat it: the first sheet's identifier, 0, is left out as every 0 is."""
    grid = data_filter.get("gridRange")
    if grid is None:
        return data_filter
    return {"gridRange": {name: int(value) for name, value in grid.items() if name != "sheetId" or int(value)}}


def _listed(book: Spreadsheet, name: str, entries: list[Any]) -> Json:
    return {"spreadsheetId": book.id} | ({name: entries} if entries else {})


# ---------------------------------------------------------------------------------------------------------- writing


def update(call: Call) -> Json:
    """values.update: one range."""
    book = book_of(call).clone()
    option, body = _input(call.one("valueInputOption")), call.body
    area = parse_a1(book, _one_range(call))
    written = Writer(book, option).write(area, lines_of(body, "data"), _major(body.get("majorDimension")))
    _put_in_place(call, book, [written.area])
    return {"spreadsheetId": book.id} | _answered(call, book, written, area)


def append(call: Call) -> Json:
    """values.append: below the last table of a range, or at its start when there is none."""
    book = book_of(call).clone()
    option, body, searched = _input(call.one("valueInputOption")), call.body, parse_a1(book, _one_range(call))
    lines, major, sheet = lines_of(body, "data"), _major(body.get("majorDimension")), searched.sheet
    spilled = {(place.row, place.column) for place in computed(call, book).values if place.sheet == sheet.id}
    table = last_table(searched.closed(), spilled)
    top, left = (table.bottom, table.left) if table else (searched.top or 0, searched.left or 0)
    count = max(map(len, lines), default=0) if major == "COLUMNS" else len(lines)
    told = {"tableRange": a1(table)} if table else {}
    if call.one("insertDataOption") == "INSERT_ROWS" and count:
        check_room(book, count * sheet.column_count)
        restructure(book, Edit(sheet.id, "ROWS", "insert", top, top + count))
    written = Writer(book, option).write(Area(sheet, top, left, top + 1, left + 1), lines, major)
    _put_in_place(call, book, [written.area])
    updates = {"spreadsheetId": book.id} | _answered(call, book, written, None)
    return {"spreadsheetId": book.id} | told | {"updates": updates}


def batch_update(call: Call) -> Json:
    """values.batchUpdate: several ranges, one after the other."""
    book, body = book_of(call).clone(), call.body
    writer = Writer(book, _input(body.get("valueInputOption")))
    done: list[tuple[Written, Area]] = []
    for at, data in enumerate(several(body.get("data"))):
        lines = lines_of(data, f"data[{at}]")
        try:
            area = parse_a1(book, data.get("range", ""))
            done.append((writer.write(area, lines, _major(data.get("majorDimension"))), area))
        except ApiError as error:
            raise prefixed(f"Invalid data[{at}]", error) from None
    _put_in_place(call, book, [written.area for written, _ in done])
    answers = [{"spreadsheetId": book.id} | answer for answer in _each_answered(call, book, done)]
    return _listed(book, "responses", answers) | _totals(written for written, _ in done)


def batch_update_by_data_filter(call: Call) -> Json:
    """values.batchUpdateByDataFilter: the same values in every range that a filter selects."""
    book, body = book_of(call).clone(), call.body
    writer = Writer(book, _input(body.get("valueInputOption")))
    done: list[tuple[Written, Area]] = []
    filters: list[Json] = []
    for at, data in enumerate(several(body.get("data"))):
        lines, prefix = lines_of(data, f"data[{at}]"), f"Invalid data[{at}]"
        for area in _filtered(book, data.get("dataFilter") or {}, prefix):
            try:
                done.append((writer.write(area, lines, _major(data.get("majorDimension"))), area))
            except ApiError as error:
                raise prefixed(prefix, error) from None
            filters.append(_told(data["dataFilter"]))
    _put_in_place(call, book, [written.area for written, _ in done])
    answers = [
        answer | {"dataFilter": one} for answer, one in zip(_each_answered(call, book, done), filters, strict=True)
    ]
    return _listed(book, "responses", answers) | _totals(written for written, _ in done)


def _one_range(call: Call) -> str:
    """The range of the path, which the body may repeat to the letter. Raises ApiError 400 when it tells another one."""
    in_path, in_body = call.parameters["range"], call.body.get("range")
    if in_body and in_body != in_path:
        raise bad(f"Request range[{in_path}] does not match value's range[{in_body}]")
    return in_path


def _put_in_place(call: Call, book: Spreadsheet, changed: Iterable[Closed]) -> None:
    """Raises ApiError 400 when somebody else's protection forbids what was changed."""
    refuse_protected(book, call.user, owner_of(call.google, book), changed)
    call.google.spreadsheets[book.id] = book
    call.google.changed(book.id, call.user)


def _answered(call: Call, book: Spreadsheet, written: Written, area: Area | None) -> Json:
    """UpdateValuesResponse, without its spreadsheetId. area: that was asked for, None when only the data counts."""
    answer = written.told()
    if call.flag("includeValuesInResponse"):
        reader = _reader(call, book, call.one("responseValueRenderOption"), call.one("responseDateTimeRenderOption"))
        answer["updatedData"] = reader.value_range(_asked_for(written, area), _major(call.body.get("majorDimension")))
    return answer


def _each_answered(call: Call, book: Spreadsheet, done: Sequence[tuple[Written, Area]]) -> list[Json]:
    answers, body = [written.told() for written, _ in done], call.body
    if body.get("includeValuesInResponse") in (True, "true"):
        reader = _reader(call, book, body.get("responseValueRenderOption"), body.get("responseDateTimeRenderOption"))
        for answer, (written, area) in zip(answers, done, strict=True):
            answer["updatedData"] = reader.value_range(_asked_for(written, area), "ROWS")
    return answers


def _asked_for(written: Written, area: Area | None) -> Closed:
    return written.area if area is None or area.is_cell else area.closed()


def _totals(done: Iterable[Written]) -> Json:
    """What several writes touched together: a row, a column that two of them touched counts once."""
    every = list(done)
    rows = {(id(written.area.sheet), row) for written in every for row in written.rows}
    columns = {(id(written.area.sheet), column) for written in every for column in written.columns}
    counts = {
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": sum(written.cells for written in every),
        "totalUpdatedSheets": len({sheet for sheet, _ in rows}),
    }
    return {name: count for name, count in counts.items() if count}


# --------------------------------------------------------------------------------------------------------- clearing


def clear(call: Call) -> Json:
    """values.clear: one range."""
    book = book_of(call).clone()
    area = parse_a1(book, call.parameters["range"]).closed()
    _clear(area)
    _put_in_place(call, book, [area])
    return {"spreadsheetId": book.id, "clearedRange": a1(area)}


def batch_clear(call: Call) -> Json:
    """values.batchClear: several ranges."""
    book = book_of(call).clone()
    areas = []
    for at, text in enumerate(several(call.body.get("ranges"))):
        try:
            areas.append(parse_a1(book, text))
        except ApiError as error:
            raise prefixed(f"Invalid range[{at}]", error) from None
    return _cleared(call, book, areas)


def batch_clear_by_data_filter(call: Call) -> Json:
    """values.batchClearByDataFilter: whatever the filters select."""
    book = book_of(call).clone()
    return _cleared(call, book, [area for _, areas in _selected(book, call.body) for area in areas])


def _cleared(call: Call, book: Spreadsheet, areas: Sequence[Area]) -> Json:
    closed = [area.closed() for area in areas]
    for area in closed:
        _clear(area)
    _put_in_place(call, book, closed)
    return _listed(book, "clearedRanges", [a1(area) for area in closed])


def _clear(area: Closed) -> None:
    """Empties cells of their values: formats, notes and validation stay."""
    rows = area.sheet.rows
    for at in range(area.top, min(area.bottom, len(rows))):
        row = rows[at]
        kept = tuple(cell if cell is EMPTY else _emptied(cell) for cell in row[area.left : area.right])
        rows[at] = row[: area.left] + kept + row[area.right :]


def _emptied(cell: Cell) -> Cell:
    emptied = cell._replace(entered=None, runs=())
    return EMPTY if emptied.is_bare else emptied


_METHODS = {
    "get": get, "batchGet": batch_get, "batchGetByDataFilter": batch_get_by_data_filter,
    "update": update, "append": append, "batchUpdate": batch_update,
    "batchUpdateByDataFilter": batch_update_by_data_filter,
    "clear": clear, "batchClear": batch_clear, "batchClearByDataFilter": batch_clear_by_data_filter,
}  # fmt: skip
HANDLERS: Mapping[str, Handler] = {f"sheets.spreadsheets.values.{name}": method for name, method in _METHODS.items()}
