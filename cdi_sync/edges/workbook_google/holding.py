"""Describes what a shared registry holds, and what a new one would, as `schema_changes` compares them. Pure.

A column is looked at by its header and a few rows that stand for the others (`found.sampled`). Styles have no names at
Google: they are told from formats, and a header is ours by its anchor, its formula or its colour.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from cdi_sync.edges.hints import (
    LISTS,
    SYSTEM_GREY,
    SYSTEM_HEAD,
    Hints,
    lists_of,
)
from cdi_sync.edges.workbook_google.checks import HOUR, WHOLE, WORDS, Lists, rule
from cdi_sync.edges.workbook_google.columns import CALC
from cdi_sync.edges.workbook_google.found import Json, Place, Sheet, Staff, colour, normal, sheets_of
from cdi_sync.edges.workbook_google.reading import EPOCH, GoogleSnapshot
from cdi_sync.model import Column, Grid, Tab
from cdi_sync.schema_changes import SYSTEM_HEADERS, Check, Holding
from cdi_sync.schema_changes import Sheet as Held
from cdi_sync.shown import staff_style
from cdi_sync.tables import letters
from cdi_sync.text import clean, fold

_TYPED = "cdi_entete_saisie"
_COMPUTED = "cdi_calcul"
_STYLES = {"TEXT": "cdi_saisie_texte", "DATE": "cdi_saisie_date", "TIME": "cdi_saisie_heure"}
_OPERATORS = {
    "NUMBER_GREATER_THAN_EQ": "greaterThanOrEqual", "NUMBER_LESS_THAN_EQ": "lessThanOrEqual", "NUMBER_BETWEEN": "between",
    "DATE_BETWEEN": "between",
}  # fmt: skip
_PLACE = re.compile(r"=?(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]+)\$?\d*(?::.*)?")
_DAY = re.compile(r"=DATE\((\d+)[;,](\d+)[;,](\d+)\)")


FIELDS = "sheets(properties,data(columnMetadata(hiddenByUser)))"  # those of `outline`


def holding(snapshot: GoogleSnapshot, outline: Mapping[str, Any], told: Mapping[str, Any]) -> Holding:
    """What a spreadsheet holds.

    outline, told: the answers of spreadsheets.get with `FIELDS`, and with `furnish.FIELDS` and its ranges.
    """
    hidden = {sheet.id: frozenset(_hidden(sheet)) for sheet in map(Sheet, outline.get("sheets") or ())}
    by_id = {sheet.id: sheet for sheet in sheets_of(told)}
    named = _list_columns(snapshot)
    return Holding(
        sheets={
            title: _sheet(snapshot, title, by_id[sheet.id], hidden.get(sheet.id, frozenset()), named)
            for title, sheet in snapshot.sheets.items() if sheet.id in by_id
        },
        lists={name: values for _, name, values in _lists(snapshot)},
        other_tabs=[sheet.title for sheet in map(Sheet, outline.get("sheets") or ()) if not sheet.grid],
    )  # fmt: skip


def _hidden(sheet: Sheet) -> Iterator[int]:
    """The columns, from 1, that don't show."""
    for block in sheet.all("data"):
        for at, column in enumerate(block.get("columnMetadata") or (), start=1):
            if column.get("hiddenByUser"):
                yield at


def declared(tabs: Sequence[Tab], hints: Hints) -> Holding:
    """What a spreadsheet made today would hold."""
    offered = lists_of(tabs, hints)
    lists = Lists(tabs, hints, None, set())
    staff = {tab.name: Staff(tab, _bare(tab), [Place(c, at) for at, c in enumerate(tab.columns)]) for tab in tabs}
    named = {(fold(LISTS), letters(at)): name for at, name in enumerate(offered, start=1)}
    return Holding({tab.title: _new_sheet(tab, lists, staff, hints, named) for tab in tabs}, offered)


def _bare(tab: Tab) -> Sheet:
    grid = {"rowCount": 1, "columnCount": len(tab.columns)}
    return Sheet({"properties": {"title": tab.title, "gridProperties": grid}})


def _new_sheet(
    tab: Tab, lists: Lists, staff: Mapping[str, Staff], hints: Hints, named: Mapping[tuple[str, str], str]
) -> Held:
    numbered = list(enumerate(tab.columns, start=1))
    rules = {at: rule(tab, column, lists, staff) for at, column in numbered}
    return Held(
        grid=Grid(tab.title, [[column.title for column in tab.columns]]),
        checks={at: [as_check(each, named)] for at, each in rules.items() if each},
        column_styles={at: _style_of(column) for at, column in numbered},
        header_styles={},
        used=frozenset(),
        is_hidden=not hints.shows(tab.module),
        hidden_columns=frozenset(at for at, column in numbered if not hints.shows(column.module)),
    )


def _style_of(column: Column) -> str:
    if column.is_system:
        return _COMPUTED
    style = staff_style(column)
    return style if style in _STYLES.values() else ""


# ------------------------------------------------------------------------------------------------------ sheets


def _sheet(
    snapshot: GoogleSnapshot, title: str, sheet: Sheet, hidden: frozenset[int], named: Mapping[tuple[str, str], str]
) -> Held:
    columns = range(1, sheet.columns + 1)
    anchors = snapshot.sheets[title].anchors
    checks = {at: list(_checks(sheet, at, named)) for at in columns}
    return Held(
        grid=snapshot.grids[title],
        checks={at: found for at, found in checks.items() if found},
        column_styles={at: _cells_style(sheet, at) for at in columns},
        header_styles={(1, at): _header_style(sheet.cell(0, at - 1), anchors.get(at, "")) for at in columns},
        used=frozenset(
            at for row in snapshot.raw[title] for at, value in enumerate(row, start=1) if value not in ("", None)
        ),
        is_protected=any(map(_locks, sheet.all("protectedRanges"))),
        is_hidden=bool(sheet.properties.get("hidden")),
        hidden_columns=hidden,
    )


def _locks(protection: Json) -> bool:
    """True when the robot may not write there."""
    return not protection.get("warningOnly") and not protection.get("requestingUserCanEdit")


def _header_style(cell: Json, anchored: str) -> str:
    """The name that a header's style would have in an .xlsx, "" for one that isn't ours.

    Colours alone prove nothing: a column that people insert takes those of its neighbour.
    """
    ground = normal((cell.get("userEnteredFormat") or {}).get("backgroundColorStyle"))
    entered = str((cell.get("userEnteredValue") or {}).get("formulaValue", ""))
    is_grey = ground == normal(colour(SYSTEM_HEAD)) or anchored.endswith(".id")
    if CALC in entered or (anchored and is_grey):
        return SYSTEM_HEADERS[0]
    return _TYPED if anchored else ""


def _cells_style(sheet: Sheet, at: int) -> str:
    """The style on which the rows that stand for a column agree."""
    found = {_cell_style(cell) for cell in sheet.below(at - 1)}
    return found.pop() if len(found) == 1 else ""


def is_computed(cell: Json) -> bool:
    """True for a cell that looks like those that the system fills."""
    ground = (cell.get("userEnteredFormat") or {}).get("backgroundColorStyle")
    return bool(normal(ground) == normal(colour(SYSTEM_GREY)))


def _cell_style(cell: Json) -> str:
    look = cell.get("userEnteredFormat") or {}
    if is_computed(cell):
        return _COMPUTED
    return _STYLES.get((look.get("numberFormat") or {}).get("type", ""), "")


# ------------------------------------------------------------------------------------------------------ checks


def _checks(sheet: Sheet, at: int, named: Mapping[tuple[str, str], str]) -> Iterator[Check]:
    """The checks of a column, that on most of the rows looked at first."""
    rules = [as_check(cell["dataValidation"], named) for cell in sheet.below(at - 1) if cell.get("dataValidation")]
    for check, _ in Counter(rules).most_common():
        yield check


def as_check(given: Json, named: Mapping[tuple[str, str], str]) -> Check:
    """A DataValidationRule as `schema_changes` compares it. named: (folded title, column's letter) → name of a list."""
    condition, words = given.get("condition") or {}, str(given.get("inputMessage", ""))
    kind = str(condition.get("type", ""))
    values = [str(each.get("userEnteredValue", "")) for each in condition.get("values") or ()]
    is_ours = words.startswith(WORDS)
    if kind == "ONE_OF_RANGE":
        return Check("list", (_offered(values[0] if values else "", named),), is_ours=is_ours)
    if kind not in _OPERATORS:
        return Check(kind, tuple(values), is_ours=is_ours)
    name = "date" if kind == "DATE_BETWEEN" else "whole" if words.startswith(WHOLE) else "decimal"
    if words.startswith(HOUR):
        name = "time"
    return Check(name, tuple(map(_plain, values)), _OPERATORS[kind], is_ours)


def _offered(place: str, named: Mapping[tuple[str, str], str]) -> str:
    """The name of the list that stands there, or the folded title of a tab and "!"."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return place
    title = fold((found[1] or found[2]).replace("''", "'"))
    return named.get((title, found[3]), f"{title}!")


def _plain(value: str) -> str:
    """A bound as a number of at most five decimals: a day by its serial number, a fraction worked out."""
    if day := _DAY.fullmatch(value.replace(" ", "")):
        year, month, number = map(int, day.groups())
        return str((EPOCH.replace(year, month, number) - EPOCH).days)
    try:
        return f"{float(Fraction(value.lstrip('='))):.5f}".rstrip("0").rstrip(".")
    except (ValueError, ZeroDivisionError):
        return value


# ------------------------------------------------------------------------------------------------------- lists


def _lists(snapshot: GoogleSnapshot) -> Iterator[tuple[int, str, Sequence[str]]]:
    """The columns of the tab of lists: position from 1, name, values."""
    title = next((title for title in snapshot.grids if fold(title) == fold(LISTS)), None)
    rows = snapshot.grids[title].rows if title else ()
    for at, name in enumerate(rows[0] if rows else (), start=1):
        if isinstance(name, str):
            values = [clean(str(row[at - 1])) if len(row) >= at and row[at - 1] is not None else "" for row in rows[1:]]
            while values and not values[-1]:
                values.pop()
            yield at, name, values


def _list_columns(snapshot: GoogleSnapshot) -> Mapping[tuple[str, str], str]:
    return {(fold(LISTS), letters(at)): name for at, name, _ in _lists(snapshot)}
