"""Tables: ranges with a header, typed columns and bands of colour. The names of the columns are the texts of the header."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.google.fields import parse_mask, updated
from tests.google.sheets.areas import Closed
from tests.google.sheets.defaults import new_number
from tests.google.sheets.rendering import formatted
from tests.google.sheets.requests.attached import (
    closed_area,
    everyone,
    found,
    kept,
    kept_range,
    take,
)
from tests.google.sheets.requests.bands import refuse_banded
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import EMPTY, Formula, Json, Sheet, blank_rows

Columns = Mapping[int, Json]

# the colours of a table that was given none: green, white, and a grey next to it
_ROWS = {
    "headerColorStyle": {"rgbColor": {"red": 53 / 255, "green": 104 / 255, "blue": 84 / 255}},
    "firstBandColorStyle": {"rgbColor": {"red": 1, "green": 1, "blue": 1}},
    "secondBandColorStyle": {"rgbColor": {"red": 246 / 255, "green": 248 / 255, "blue": 249 / 255}},
}


def add_table(editing: Editing, request: Json) -> Json:
    """addTable: every column gets a name, which its header shows."""
    given: Json = request.get("table") or {}
    id_ = str(given.get("tableId") or "")
    taken = {str(each["tableId"]) for _, each in everyone(editing.book, "tables")}
    if id_ in taken:
        raise editing.refuse(f"Cannot add table with id {id_}, a table with that id already exists.")
    range_ = _range(editing, given)
    table: Json = {
        "tableId": id_ or str(new_number({int(each) for each in taken if each.isdigit()})),
        "name": _checked_name(editing, str(given.get("name") or _free_name(editing))),
        "range": range_,
        "rowsProperties": kept({**_ROWS, **(given.get("rowsProperties") or {})}, "TableRowsProperties"),
    }
    refuse_banded(editing, range_)
    area = closed_area(editing.book, range_)
    columns = _by_index(editing, given.get("columnProperties") or [], area)
    table["columnProperties"] = _columns(area, _named(columns))
    area.sheet.attached["tables"].append(table)
    _show(area, table)
    grid = area.sheet.properties["gridProperties"]
    if area.top == 0 and not grid.get("frozenRowCount") and area.sheet.row_count > 1:
        grid["frozenRowCount"] = 1  # the header stays in sight
    return {"table": table}


def update_table(editing: Editing, request: Json) -> None:
    """updateTable: the list of columns is replaced as a whole; a footer that comes or goes is one row more or less."""
    given: Json = request.get("table") or {}
    fields = request.get("fields", "")
    sheet, table = _found(editing, given.get("tableId"))
    after, mask = updated(table, given, fields, "Table"), parse_mask(fields)
    after |= {"tableId": table["tableId"], "name": after.get("name") or table["name"]}
    if after["name"] != table["name"]:
        _checked_name(editing, after["name"], but=table)
    rows = kept({**_ROWS, **(after.get("rowsProperties") or {})}, "TableRowsProperties")
    range_ = _range(editing, after)
    footer = ("footerColorStyle" in rows) - ("footerColorStyle" in table.get("rowsProperties", {}))
    if footer and range_ == table["range"]:
        range_ = _range(editing, {"range": {**range_, "endRowIndex": range_["endRowIndex"] + footer}})
    refuse_banded(editing, range_, but=table)
    area = closed_area(editing.book, range_)
    replaced = not mask or "columnProperties" in mask
    columns = _by_index(editing, after.get("columnProperties") or [], area, cut=not replaced)
    if replaced and not all(column.get("columnName") for column in columns.values()):
        raise editing.refuse("Table header row cell must have a value.")
    changed = {**kept(after, "Table"), "range": range_, "rowsProperties": rows}
    changed["columnProperties"] = _columns(area, columns)
    take(sheet, "tables", table)
    area.sheet.attached["tables"].append(changed)
    _show(area, changed)


def delete_table(editing: Editing, request: Json) -> None:
    """deleteTable: its cells are emptied, and the rules of format over them go with it."""
    sheet, table = _found(editing, request.get("tableId"))
    area = closed_area(editing.book, {**table["range"], "sheetId": sheet.id})
    take(sheet, "tables", table)
    for row in area.rows:
        held = len(sheet.rows[row]) if row < len(sheet.rows) else 0
        if held > area.left:
            sheet.put(row, area.left, [EMPTY] * (min(held, area.right) - area.left))
    sheet.rows = blank_rows(sheet.rows)
    rules = []
    for rule in sheet.attached["conditionalFormats"]:
        ranges = [each for each in rule["ranges"] if not _covers(area, closed_area(editing.book, each))]
        if ranges:
            rules.append({**rule, "ranges": ranges})
    sheet.attached["conditionalFormats"] = rules


def _covers(outer: Closed, inner: Closed) -> bool:
    return (
        outer.top <= inner.top and inner.bottom <= outer.bottom
        and outer.left <= inner.left and inner.right <= outer.right
    )  # fmt: skip


def _found(editing: Editing, id_: object) -> tuple[Sheet, Json]:
    return found(editing, "tables", "tableId", id_ or "", "table")


def _range(editing: Editing, given: Json) -> Json:
    if given.get("range") is None:
        raise editing.refuse("Table.range is required.")
    return kept_range(editing, given["range"], closed=True)


def _free_name(editing: Editing) -> str:
    names, number = {each["name"].casefold() for _, each in everyone(editing.book, "tables")}, 1
    while f"table{number}" in names:
        number += 1
    return f"Table{number}"


def _checked_name(editing: Editing, name: str, but: Json | None = None) -> str:
    for _, each in everyone(editing.book, "tables"):
        if each is not but and each["name"].casefold() == name.casefold():
            raise editing.refuse(f"Cannot add table with name {name}, a table with that name already exists.")
    return name


# --------------------------------------------------------------------------------------------------------- columns


def _by_index(editing: Editing, given: Iterable[Json], area: Closed, *, cut: bool = False) -> dict[int, Json]:
    """The columns described, by their place in the table. cut: those past its last one don't count."""
    columns: dict[int, Json] = {}
    for each in given:
        at = int(each.get("columnIndex") or 0)
        if cut and at >= len(area.columns):
            continue
        if not 0 <= at < len(area.columns):
            raise editing.refuse(f"Column index {at} is outside the range of the table.")
        if at in columns:
            raise editing.refuse(f"Column index {at} is specified more than once.")
        columns[at] = _checked_column(editing, each)
    return columns


def _checked_column(editing: Editing, given: Json) -> Json:
    column = kept(given, "TableColumnProperties")
    condition = (given.get("dataValidationRule") or {}).get("condition")
    if column.get("columnType") != "DROPDOWN":
        if condition is not None:
            raise editing.refuse("Cannot set condition for non-dropdown column type.")
        return column
    if condition is None:
        raise editing.refuse("Condition must be set for dropdown column type.")
    if condition.get("type") != "ONE_OF_LIST" or not condition.get("values"):
        raise editing.refuse("The condition of a dropdown column must be ONE_OF_LIST with at least one value.")
    return column


def _named(columns: Columns) -> Columns:
    """The columns of a new table: those with a type and no name are numbered among themselves."""
    named, number = {}, 0
    for at, column in sorted(columns.items()):
        if "columnType" in column and "columnName" not in column:
            number += 1
            column = {**column, "columnName": f"Column {number}"}
        named[at] = column
    return named


def _columns(area: Closed, columns: Columns) -> list[Json]:
    """Every column of a table; one that isn't described has the name that its header shows."""
    told = []
    for at in range(len(area.columns)):
        column: dict[str, Any] = {"columnIndex": at} if at else {}
        told.append(column | {"columnName": _header(area, at)} | columns.get(at, {}))
    return told


def _header(area: Closed, at: int) -> str:
    entered = area.sheet.cell(area.top, area.left + at).entered
    shown = "" if entered is None or isinstance(entered, Formula) else formatted(entered, None, "en_US")
    return shown or f"Column {at + 1}"


def _show(area: Closed, table: Json) -> None:
    """Writes the names of the columns in the header, and makes boxes of the cells of truths."""
    sheet = area.sheet
    footer = "footerColorStyle" in table["rowsProperties"]
    for at, column in enumerate(table["columnProperties"]):
        place = area.left + at
        header = sheet.cell(area.top, place)
        if header.entered != column["columnName"]:
            sheet.put(area.top, place, [header._replace(entered=column["columnName"], runs=(), rest=None)])
        if column.get("columnType") == "BOOLEAN":
            for row in range(area.top + 1, area.bottom - footer):
                cell = sheet.cell(row, place)
                if cell.entered is None or isinstance(cell.entered, str):
                    sheet.put(row, place, [cell._replace(entered=False, runs=(), rest=None)])


KINDS: Mapping[str, Kind] = {"addTable": add_table, "updateTable": update_table, "deleteTable": delete_table}
