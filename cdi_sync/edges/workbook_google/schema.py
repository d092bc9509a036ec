"""Brings a shared registry to the declarations: carries out what `schema_changes` found, while people type in it.

One write changes tabs, columns and titles, a second one gives them their looks. Nothing that people filled can be lost:
a new column is inserted and filled by the same write, so that its title falls on no other; the tabs concerned are read
again just before; the whole is read again after, and a title that fell upon another column is put back.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import gspread

from cdi_sync.cells import is_blank, shown
from cdi_sync.edges.hints import LISTS, Hints
from cdi_sync.edges.workbook_google import furnish, holding, provisioning, reading
from cdi_sync.edges.workbook_google.columns import (
    ANCHOR,
    CALC,
    anchor,
    calc_width,
    header_formula,
    shown_columns,
)
from cdi_sync.edges.workbook_google.found import Json, Sheet, same, sheets_of
from cdi_sync.edges.workbook_google.publishing import Request, entered, put_back
from cdi_sync.edges.workbook_google.reading import SYSTEM_TITLES, GoogleSnapshot, plain
from cdi_sync.errors import BusyError
from cdi_sync.model import CellError, Column, Raw, Tab
from cdi_sync.schema_changes import Change, Difference, Kind, compare, module_places, refuse
from cdi_sync.tables import letters
from cdi_sync.text import fold

_SLOT = re.compile(r"[;,]\s*(\d+)\s*[;,]\s*FALSE", re.IGNORECASE)
_REPAIR = (
    "ce qui entoure les cellules (formules des titres gris, notes, formats, contrôles, avertissements, couleurs, vues) est "
    "remis comme il doit être"
)
_MOST_NAMED = 5  # cells named in a message
_SAVED = ", puis enregistrer"  # what a refusal says of a file, and a shared spreadsheet doesn't need


@dataclass(frozen=True)
class GoogleRenewal:
    """What separates a spreadsheet from the declarations. hints: what the looks follow."""

    http: gspread.HTTPClient
    spreadsheet: str
    looked: "Looked"
    hints: Hints
    spare_rows: int
    difference: Difference

    def make(self, stamp: str, *, dry_run: bool = False) -> bool:
        """stamp: not used, since Google keeps the versions of a spreadsheet."""
        refuse(self.difference)
        if self.difference.is_conform or dry_run:
            return not self.difference.is_conform
        bring_up(self.http, self.spreadsheet, self.looked, self.difference, self.hints, spare_rows=self.spare_rows)
        return True


def renewal(
    http: gspread.HTTPClient, spreadsheet: str, tabs: Sequence[Tab], hints: Hints, *, spare_rows: int
) -> GoogleRenewal:
    """Looks at a spreadsheet, in four requests. Raises RegistryError."""
    looked = look(http, spreadsheet, tabs)
    return GoogleRenewal(http, spreadsheet, looked, hints, spare_rows, difference(looked, hints))


@dataclass(frozen=True)
class Looked:
    """A spreadsheet as it is looked at. tabs: the declared ones, each with the title that somebody may have given it.

    told: what stands around the cells, the answer of spreadsheets.get with `furnish.FIELDS`; outline: that with
    `holding.FIELDS`.
    """

    snapshot: GoogleSnapshot
    outline: Mapping[str, Any]
    told: Mapping[str, Any]
    declared: Sequence[Tab]
    tabs: Sequence[Tab]


def look(http: gspread.HTTPClient, spreadsheet: str, declared: Sequence[Tab]) -> Looked:
    """All that is compared, in four requests. Raises RegistryError."""
    snapshot = reading.read(http, spreadsheet, declared)
    tabs = provisioning.with_renamed(snapshot, declared)
    snapshot = replace(snapshot, grids=reading.typed(snapshot.sheets, snapshot.raw, tabs))
    outline = http.fetch_sheet_metadata(spreadsheet, params={"fields": holding.FIELDS})
    told = provisioning.around(http, spreadsheet, outline, tabs)
    return Looked(snapshot, outline, told, declared, tabs)


# ------------------------------------------------------------------------------------------------ what differs


def difference(looked: Looked, hints: Hints) -> Difference:
    """What differs between a spreadsheet and the declarations. Pure."""
    held = holding.holding(looked.snapshot, looked.outline, looked.told)
    found = compare(looked.tabs, held, holding.declared(looked.tabs, hints))
    found = replace(found, changes=[_of_google(c) for c in found.changes if c.kind is not Kind.PROTECTED])
    # what is locked is told below, of all that is to be made and as Google's menus call it
    found = _with(found, [*_system_tabs(looked), *_titles(looked, found)])
    found = _with(found, _repairs(looked, found, hints))
    return _with(found, _forbidden(found, [title for title, sheet in held.sheets.items() if sheet.is_protected]))


def _with(found: Difference, more: Sequence[Change] | Iterator[Change]) -> Difference:
    return replace(found, changes=[*found.changes, *more])


def _of_google(change: Change) -> Change:
    return replace(change, fix=change.fix.replace(_SAVED, ""))


def _system_tabs(looked: Looked) -> Iterator[Change]:
    """The tabs of the system's that lack, or that somebody renamed."""
    for title in SYSTEM_TITLES:
        sheet = next((s for t, s in looked.snapshot.sheets.items() if fold(t) == fold(title)), None)
        if sheet is None:
            yield Change(Kind.NEW_TAB, title, title, "", "l'onglet rempli par le système manque, il est refait")
        elif fold(sheet.title) != fold(title):
            detail = f"l'onglet « {sheet.title} », rempli par le système, reprend le titre « {title} »"
            yield Change(Kind.RENAMED_TAB, title, title, "", detail)


def _titles(looked: Looked, found: Difference) -> Iterator[Change]:
    """The columns that only their anchor tells, since somebody changed their title."""
    for tab in looked.tabs:
        for column, at, raw in _lost_titles(looked, found, tab):
            was = f"« {shown(raw)} »" if not is_blank(raw) else "sans titre"
            detail = f"la colonne {letters(at)} {was} reprend le titre « {column.title} »"
            yield Change(Kind.RENAMED_COLUMN, tab.name, tab.title, column.key, detail)


def _lost_titles(looked: Looked, found: Difference, tab: Tab) -> Iterator[tuple[Column, int, Raw]]:
    if tab.name not in found.layouts:
        return
    title, layout = found.sheets[tab.name], found.layouts[tab.name]
    row = _row(looked.snapshot.raw[title], layout.header_row)
    read = _row(looked.snapshot.grids[title].rows, layout.header_row)
    for column in tab.columns:
        at = layout.positions.get(column.key)
        raw = None if at is None else plain(_at(row, at))
        if at is not None and raw != _at(read, at) and not isinstance(raw, CellError):
            yield column, at, raw


def _repairs(looked: Looked, found: Difference, hints: Hints) -> Iterator[Change]:
    """What isn't as it must be around the cells, told once a tab, and not where more is told already."""
    told = {change.title for change in found.to_make}
    titles: dict[int | None, str] = {sheet.id: title for title, sheet in looked.snapshot.sheets.items()}
    declared = {found.sheets[tab.name]: tab for tab in looked.tabs if tab.name in found.sheets}
    requests = [*_structure(looked, found, 0), *furnish.furnishing(looked.told, looked.tabs, hints)]
    wrong = dict.fromkeys(titles.get(_sheet_of(request), "") for request in requests)
    shown_titles = {title: declared[title].title if title in declared else title for title in wrong}
    seen = [title for title in wrong if shown_titles[title] not in (*told, "", CALC, LISTS)]
    if wrong and not seen and not told and not found.lists:
        seen = [next(iter(wrong))]  # of the whole, or of a tab that nobody reads
    for title in seen:
        name = declared[title].name if title in declared else title
        yield Change(Kind.REPAIR, name, shown_titles[title] or "Classeur", "", _REPAIR)


def _sheet_of(request: Any) -> int | None:
    """The sheet that a request is about, None for one that names none, as of the whole spreadsheet."""
    inner = request.values() if isinstance(request, Mapping) else request if isinstance(request, list) else ()
    if isinstance(request, Mapping) and "sheetId" in request:
        return int(request["sheetId"])
    return next((found for each in inner if (found := _sheet_of(each)) is not None), None)


def _forbidden(found: Difference, locked: Sequence[str]) -> Iterator[Change]:
    """Refusals of what can only be done where the titles are in row 1, and where the robot may write."""
    for name in dict.fromkeys(change.tab for change in found.to_make):
        title = next(change.title for change in found.to_make if change.tab == name)
        row = found.layouts[name].header_row if name in found.layouts else 1
        if row > 1:
            yield Change(
                Kind.UNREADABLE_TAB, name, title, "", f"ses titres sont à la ligne {row}, et doivent être à la première",
                "supprimer les lignes au-dessus des titres, ou les déplacer plus bas",
            )  # fmt: skip
        if found.sheets.get(name, title) in locked:
            yield Change(
                Kind.PROTECTED, name, title, "", "l'onglet, ou une partie, est protégé contre le robot",
                "dans « Données », « Protéger des feuilles et des plages », ôter cette protection ou y admettre le robot",
            )  # fmt: skip


# ---------------------------------------------------------------------------------------------- what is changed


def bring_up(
    http: gspread.HTTPClient, spreadsheet: str, looked: Looked, found: Difference, hints: Hints, *, spare_rows: int
) -> None:
    """Makes a difference that nothing forbids.

    Raises RegistryError when Google refuses, BusyError when somebody was typing: before, and nothing is written; while it
    was written, and what differs is told.
    """
    requests = list(_structure(looked, found, spare_rows))
    if requests:
        _refuse_moved(http, spreadsheet, looked, requests)
        provisioning.send(http, spreadsheet, requests)
    after = reading.read(http, spreadsheet, looked.declared)
    fallen = list(_fallen(looked, found, after)) if requests else []
    provisioning.send(http, spreadsheet, fallen)
    provisioning.dress(http, spreadsheet, looked.declared, hints)
    changed = list(differing(looked, found, after))
    if fallen or changed:
        named = ", ".join(changed[:_MOST_NAMED]) + ("…" if len(changed) > _MOST_NAMED else "")
        raise BusyError("Quelqu'un écrivait dans le classeur pendant la mise à jour.", where=named,
                        fix="Rien de ce qui a été saisi n'a été effacé ; relancer « cdi schema diff », puis « cdi schema apply » "
                        "s'il reste quelque chose à faire.")  # fmt: skip


def _refuse_moved(http: gspread.HTTPClient, spreadsheet: str, looked: Looked, requests: Sequence[Request]) -> None:
    """Reads again the tabs that will be written in. Raises BusyError when one of them changed."""
    touched = set(map(_sheet_of, requests))
    theirs = {sheet.title: title for title, sheet in looked.snapshot.sheets.items()
              if sheet.id in touched and title not in (*SYSTEM_TITLES, LISTS)}  # fmt: skip
    now = reading.values(http, spreadsheet, list(theirs))
    moved = [title for title, rows in now.items() if rows != looked.snapshot.raw[theirs[title]]]
    if moved:
        raise BusyError("Quelqu'un écrivait dans le classeur pendant le contrôle.", where=", ".join(sorted(moved)),
                        fix="Rien n'a été écrit ; relancer la commande.")  # fmt: skip


def _structure(looked: Looked, found: Difference, spare_rows: int) -> Iterator[Request]:
    """The requests, in order, that lay tabs, columns, titles, formulas and anchors; none when all are there."""
    snapshot, aliases = looked.snapshot, {tab.name: tab.aliases for tab in looked.declared}
    yield from provisioning.laid_settings(snapshot)
    for change in found.of(Kind.RENAMED_TAB):
        title = found.sheets.get(change.tab)
        if title and fold(title) in map(fold, aliases[change.tab]):
            yield provisioning.renamed(snapshot.sheets[title], change.title)
    yield from provisioning.laid_tabs(snapshot, looked.declared, spare_rows)
    sheets = {sheet.id: sheet for sheet in sheets_of(looked.told)}
    for tab in looked.tabs:
        if tab.name in found.layouts and tab.columns[0].key in found.layouts[tab.name].positions:
            yield from _tab(looked, found, tab, sheets[snapshot.sheets[found.sheets[tab.name]].id])
    yield from _moved_slots(looked, found, sheets)


def _tab(looked: Looked, found: Difference, tab: Tab, sheet: Sheet) -> Iterator[Request]:
    """A tab: what shows again, checks that go, new columns, then titles and anchors."""
    layout = found.layouts[tab.name]
    changes = {change.column: change.kind for change in found.changes if change.tab == tab.name and change.column}
    for change in found.of(Kind.HIDDEN_TAB):
        if change.tab == tab.name:
            yield {"updateSheetProperties": {"properties": {"sheetId": sheet.id, "hidden": False}, "fields": "hidden"}}
    for module, places in module_places(tab, layout).items():
        if changes.get(module) is Kind.HIDDEN_COLUMNS:
            for at in sorted(places):
                yield _shown_again(sheet, at - 1)
    if layout.header_row > 1:
        return
    for column in tab.columns:
        if changes.get(column.key) is Kind.CHECK:
            yield _freed(sheet, layout.positions[column.key] - 1, column)
    new = found.places.get(tab.name, {})
    for key, at in sorted(new.items(), key=lambda pair: pair[1]):
        yield from _new_column(sheet, at - 1, _column_edge(sheet, new, at))
        yield provisioning.column_anchor(sheet.id, at - 1, tab, tab.column(key))
    titles = {**_headers(looked, found, tab, sheet), **{at: _title(looked, found, tab, key) for key, at in new.items()}}
    for at, value in sorted(titles.items()):
        start = {"sheetId": sheet.id, "rowIndex": 0, "columnIndex": at - 1}
        cell = {"userEnteredValue": value}
        yield {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}
    yield from _anchors(looked, found, tab, sheet)


def _column_edge(sheet: Sheet, new: Mapping[str, int], at: int) -> int:
    """The columns that a sheet has when those before `at` were inserted."""
    return sheet.columns + sum(other < at for other in new.values())


def _new_column(sheet: Sheet, position: int, columns: int) -> Iterator[Request]:
    """A bare column at a position from 0, in a sheet of so many columns, which looks like none of its neighbours."""
    if position > columns:
        yield {"appendDimension": {"sheetId": sheet.id, "dimension": "COLUMNS", "length": position - columns}}
    lines = {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": position, "endIndex": position + 1}
    # from the one before, as the only way to insert at the end of a sheet
    yield {"insertDimension": {"range": lines, "inheritFromBefore": True}}
    whole = {"sheetId": sheet.id, "startColumnIndex": position, "endColumnIndex": position + 1}
    yield {"updateCells": {"range": whole, "fields": "userEnteredFormat,dataValidation,note"}}
    yield _shown_again(sheet, position)


def _shown_again(sheet: Sheet, position: int) -> Request:
    lines = {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": position, "endIndex": position + 1}
    asked = {"range": lines, "properties": {"hiddenByUser": False}, "fields": "hiddenByUser"}
    return {"updateDimensionProperties": asked}


def _freed(sheet: Sheet, position: int, column: Column) -> Request:
    """Takes from a column the check and the format that it had, for those that are declared to be laid."""
    whole = {"sheetId": sheet.id, "startRowIndex": 1, "startColumnIndex": position, "endColumnIndex": position + 1}
    was_computed = all(map(holding.is_computed, sheet.below(position)))
    look = "userEnteredFormat" if was_computed and not column.is_system else "userEnteredFormat.numberFormat"
    return {"repeatCell": {"range": whole, "cell": {}, "fields": f"dataValidation,{look}"}}


def _headers(looked: Looked, found: Difference, tab: Tab, sheet: Sheet) -> Mapping[int, Json]:
    """Position from 1 → what a title that isn't as it must be becomes."""
    layout, titled = found.layouts[tab.name], {at for _, at, _ in _lost_titles(looked, found, tab)}
    read = _row(looked.snapshot.grids[found.sheets[tab.name]].rows, 1)
    wanted: dict[int, Json] = {}
    for column in tab.columns:
        at = layout.positions.get(column.key)
        if at is None:
            continue
        held, value = sheet.cell(0, at - 1).get("userEnteredValue") or {}, _title(looked, found, tab, column.key)
        is_text = "stringValue" in value
        is_right = same(value, held) if not is_text else CALC not in str(held.get("formulaValue", ""))
        is_named = at not in titled and fold(str(_at(read, at) or "")) == fold(column.title)
        if not (is_right and (is_named or not is_text)):
            wanted[at] = value
    return wanted


def _title(looked: Looked, found: Difference, tab: Tab, key: str) -> Json:
    """What the header of a column holds: the formula of one of the system's, or its title."""
    column, shown_here = tab.column(key), shown_columns(tab)
    if column not in shown_here:
        return {"stringValue": column.title}
    ids = found.layouts[tab.name].positions[tab.columns[0].key]
    slot = shown_here.index(column) + 2
    return {"formulaValue": header_formula(column, slot, row=1, id_position=ids, width=calc_width(looked.tabs))}


def _anchors(looked: Looked, found: Difference, tab: Tab, sheet: Sheet) -> Iterator[Request]:
    """An anchor for each column that stands, and none where another column bears its title."""
    held = looked.snapshot.sheets[found.sheets[tab.name]].anchors
    new = found.places.get(tab.name, {})
    positions = found.layouts[tab.name].positions
    for at, said in held.items():
        key = said.removeprefix(f"{tab.name}.")
        if said.startswith(f"{tab.name}.") and (key in new or positions.get(key, at) != at):
            yield _without_anchor(sheet, at - 1 + sum(place <= at for place in new.values()), said)
    for column in tab.columns:
        at = positions.get(column.key, 0)
        if at and held.get(at) != anchor(tab, column):
            if at in held:
                yield _without_anchor(sheet, at - 1, held[at])
            yield provisioning.column_anchor(sheet.id, at - 1, tab, column)


def _without_anchor(sheet: Sheet, position: int, said: str) -> Request:
    where = {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": position, "endIndex": position + 1}
    lookup = {"metadataKey": ANCHOR, "metadataValue": said, "metadataLocation": {"dimensionRange": where},
              "locationMatchingStrategy": "EXACT_LOCATION"}  # fmt: skip
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}}


# ------------------------------------------------------------------------------------- the figures of `_calcul`


def _moved_slots(looked: Looked, found: Difference, sheets: Mapping[int, Sheet]) -> Iterator[Request]:
    """`_calcul` with its columns in their new order, so that the titles' new formulas show what the old ones did."""
    calc, raw = looked.snapshot.sheets.get(CALC), looked.snapshot.raw.get(CALC, ())
    if calc is None:
        return
    moves = {tab.prefix: slots for tab in looked.tabs if (slots := _slots(looked, found, tab, sheets))}
    rows: dict[int, Sequence[Any]] = {}
    for number, row in enumerate(raw[1:], start=1):
        olds = moves.get(str(_at(row, 1)).rpartition("-")[0])
        if olds:
            rows[number] = [_at(row, old) if old else "" for old in olds]
    width = calc_width(looked.tabs) - 1
    for _, run in groupby(enumerate(sorted(rows)), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        lines = [{"values": [_cell(value) for value in [*rows[n], *[""] * (width - len(rows[n]))]]} for n in numbers]
        start = {"sheetId": calc.id, "rowIndex": numbers[0], "columnIndex": 1}
        yield {"updateCells": {"start": start, "rows": lines, "fields": "userEnteredValue"}}


def _slots(looked: Looked, found: Difference, tab: Tab, sheets: Mapping[int, Sheet]) -> Sequence[int]:
    """For each slot from 2, the one whose figures it takes over, 0 for none; () when nothing moves."""
    if tab.name not in found.layouts:
        return ()
    positions = found.layouts[tab.name].positions
    sheet = sheets[looked.snapshot.sheets[found.sheets[tab.name]].id]
    old = [_old_slot(sheet, positions.get(column.key, 0)) for column in shown_columns(tab)]
    return old if any(slot not in (0, new) for new, slot in enumerate(old, start=2)) else ()


def _old_slot(sheet: Sheet, at: int) -> int:
    entered_here = (sheet.cell(0, at - 1).get("userEnteredValue") or {}) if at else {}
    found = _SLOT.search(str(entered_here.get("formulaValue", "")))
    return int(found[1]) if found else 0


def _cell(value: Any) -> Json:
    made = entered(value)
    return {"userEnteredValue": made} if made else {}


# ------------------------------------------------------------------------------------------- what came of it


def differing(looked: Looked, found: Difference, after: GoogleSnapshot) -> Iterator[str]:
    """The cells that held something, and don't hold it any more: « Actes C4 ». Pure.

    What the system fills, and titles that change, are left out. Cells are looked for where new columns left them.
    """
    by_id = {sheet.id: title for title, sheet in after.sheets.items()}
    names = {title: name for name, title in found.sheets.items()}
    tabs = {tab.name: tab for tab in looked.tabs}
    for title, sheet in looked.snapshot.sheets.items():
        if title in SYSTEM_TITLES or fold(title) == fold(LISTS):
            continue
        rows = after.raw[by_id[sheet.id]] if sheet.id in by_id else ()
        name = names.get(title, "")
        ours, headers, new = _exempt(looked, found, tabs[name]) if name else (set[int](), set[int](), list[int]())
        for number, row in enumerate(looked.snapshot.raw[title], start=1):
            for at, value in enumerate(row, start=1):
                if value in ("", None) or at in ours or (number == 1 and at in headers):
                    continue
                if _at(_row(rows, number), _place_after(at, new)) != value:
                    yield f"{title} {letters(at)}{number}"


def _exempt(looked: Looked, found: Difference, tab: Tab) -> tuple[set[int], set[int], list[int]]:
    """Of a tab: the columns that the system fills, those whose title changes, where new ones were inserted."""
    positions = found.layouts[tab.name].positions
    ours = {positions[column.key] for column in shown_columns(tab) if column.key in positions}
    headers = {positions[c.column] for c in found.of(Kind.RENAMED_COLUMN) if c.tab == tab.name}
    return ours, headers, sorted(found.places.get(tab.name, {}).values())


def _place_after(at: int, new: Sequence[int]) -> int:
    """Where a column stands once others were inserted, from left to right, at those places."""
    for place in new:
        at += place <= at
    return at


def _fallen(looked: Looked, found: Difference, after: GoogleSnapshot) -> Iterator[Request]:
    """What puts back the cells upon which our titles fell, in tabs that moved while we were writing.

    Anchors travel with their columns, and tell where each stands now.
    """
    here = {sheet.id: title for title, sheet in after.sheets.items()}
    sheets = {sheet.id: sheet for sheet in sheets_of(looked.told)}
    for tab in looked.tabs:
        if tab.name not in found.layouts or tab.columns[0].key not in found.layouts[tab.name].positions:
            continue
        title = found.sheets[tab.name]
        before = looked.snapshot.sheets[title]
        written = _headers(looked, found, tab, sheets[before.id])
        if not written or before.id not in here or found.layouts[tab.name].header_row > 1:
            continue
        old, rows = looked.snapshot.raw[title], after.raw[here[before.id]]
        now = after.sheets[here[before.id]]
        new = set(found.places.get(tab.name, {}).values())
        if (source := _row_before(old, rows, {*written, *new})) != 1:
            put = {(1, at): _at(_row(old, source), at) if source else "" for at in {*written, *new}}
            yield from put_back(before, put)
            continue
        stands = {said: at for at, said in now.anchors.items()}
        keys = {at: anchor(tab, tab.column(key)) for key, at in found.layouts[tab.name].positions.items()}
        for at in written:
            if stands.get(keys[at], at) != at:
                yield from _title_before(looked, found, tab, at, now, rows)


def _row_before(old: reading.Rows, rows: reading.Rows, written: set[int]) -> int:
    """Which row, from 1, stands first now, told by the cells in which nothing was written; 0 for a new one."""
    first = {
        at: value for at, value in enumerate(_row(rows, 1), start=1) if at not in written and value not in ("", None)
    }
    if not first:
        return (
            0 if any(_at(_row(old, 1), at) != "" for at in range(1, len(_row(old, 1)) + 1) if at not in written) else 1
        )
    # only what people typed is looked at, and a row that was sorted is whole
    same_as = (n for n, row in enumerate(old, start=1) if n > 1 and all(_at(row, at) == v for at, v in first.items()))
    return next(same_as, 1)


def _title_before(
    looked: Looked, found: Difference, tab: Tab, at: int, now: reading.Sheet, rows: reading.Rows
) -> Iterator[Request]:
    """Puts back the title of the column that stands at `at`, upon which another one's fell."""
    title = found.sheets[tab.name]
    before, old = looked.snapshot.sheets[title], looked.snapshot.raw[title]
    said = now.anchors.get(at, "")
    key = said.removeprefix(f"{tab.name}.")
    if key in {column.key for column in shown_columns(tab)}:
        start = {"sheetId": before.id, "rowIndex": 0, "columnIndex": at - 1}
        cell = {"userEnteredValue": _title(looked, found, tab, key)}
        yield {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}
        return
    theirs = [place for place, held in before.anchors.items() if held == said] if said else [
        place for place in range(1, max(map(len, old), default=0) + 1)
        if place not in before.anchors and _below(old, place) == _below(rows, at)
    ]  # fmt: skip
    yield from put_back(before, {(1, at): _at(_row(old, 1), theirs[0]) if theirs else ""})


def _below(rows: reading.Rows, at: int) -> Sequence[Any]:
    """What a column holds below its title, without the empty cells at its end."""
    cells = [_at(row, at) for row in rows[1:]]
    while cells and cells[-1] in ("", None):
        cells.pop()
    return cells


def _row(rows: Sequence[Sequence[Any]], number: int) -> Sequence[Any]:
    return rows[number - 1] if 0 < number <= len(rows) else ()


def _at(row: Sequence[Any], position: int) -> Any:
    return row[position - 1] if position <= len(row) else ""
