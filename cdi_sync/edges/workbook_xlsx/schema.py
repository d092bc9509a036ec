"""Brings an existing .xlsx to the declarations: carries out what `schema_changes` found, in the bytes of the file.

Nothing is loaded and saved. What is new is taken from a workbook made today (`build_workbook`), piece by piece, so that
a column added later is like one that was there from the start: its header and note, its width, its check, its colours.
Styles are found by name, or copied. The result is read again before anyone may keep it: every cell that held something
holds it still, headers with a new title excepted.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cdi_sync.cells import is_blank
from cdi_sync.edges.hints import LISTS, Hints, note_text
from cdi_sync.edges.workbook_xlsx.cells import CellPlacer, Position
from cdi_sync.edges.workbook_xlsx.edits import Draft, Edit, apply_edits, area_name, area_of, with_attribute
from cdi_sync.edges.workbook_xlsx.frame import Frame, FrameEdits, Validation, columns_of, inner_text
from cdi_sync.edges.workbook_xlsx.holding import DAYS_BETWEEN_EPOCHS, holding, list_places
from cdi_sync.edges.workbook_xlsx.notes import COMMENTS_TYPE, VML_TYPE, Note, add_notes
from cdi_sync.edges.workbook_xlsx.parts import (
    TRUE,
    Element,
    Package,
    column_letters,
    elements,
    open_package,
)
from cdi_sync.edges.workbook_xlsx.reading import Snapshot, read_bytes
from cdi_sync.edges.workbook_xlsx.splice import Cell, cell_element, splice
from cdi_sync.edges.workbook_xlsx.styles import StyleCopier
from cdi_sync.edges.workbook_xlsx.tabs import SHEET_TYPE, Tabs, quoted, with_numbers
from cdi_sync.edges.workbook_xlsx.template import AUTHOR, build_workbook, note_size
from cdi_sync.model import Column, Layout, Tab
from cdi_sync.schema_changes import Change, Difference, Kind, compare, module_places, refuse
from cdi_sync.text import fold

_VALID_ROWS = 5000  # as in a new workbook
_CELL_STYLES = re.compile(rb'(<(?:c|row)\s[^<>]*?\bs=")(\d+)(")')
_COLUMN_STYLES = re.compile(rb'(<col\s[^<>]*?\bstyle=")(\d+)(")')
_LOOKS = re.compile(rb'(\bdxfId=")(\d+)(")')
_PRIORITIES = re.compile(rb'(\bpriority=")(\d+)(")')


def difference(snapshot: Snapshot, tabs: Sequence[Tab], hints: Hints | None = None) -> Difference:
    """What differs between a workbook and the declarations. Raises RegistryError when it can't be followed.

    hints: those that a workbook made today would be built with.
    """
    return compare(tabs, holding(snapshot), holding(_fresh(tabs, 0, _VALID_ROWS, hints)))


def _fresh(tabs: Sequence[Tab], spare_rows: int, valid_rows: int, hints: Hints | None) -> Snapshot:
    data = build_workbook(tabs, {}, spare_rows=spare_rows, valid_rows=valid_rows, hints=hints)
    return read_bytes(data, "modèle")


def brought_up(
    snapshot: Snapshot, tabs: Sequence[Tab], found: Difference, *, spare_rows: int, hints: Hints | None = None
) -> bytes:
    """The workbook with the differences made; the very bytes that came in when there is none.

    Raises RegistryError, with every cause, when something forbids it.
    """
    refuse(found)
    if found.is_conform:
        return snapshot.data
    longest = max((layout.last_row for layout in found.layouts.values()), default=0)
    fresh = _fresh(tabs, spare_rows, max(_VALID_ROWS, longest + spare_rows), hints)
    data = _with_lists(snapshot, found)
    work = _Work(data, snapshot, fresh, tabs, found)
    work.rename_tabs()
    work.add_tabs()
    work.change_columns()
    work.show_modules()
    result = work.data()
    check_nothing_lost(snapshot, result, found)
    return result


def check_nothing_lost(before: Snapshot, data: bytes, found: Difference) -> None:
    """Raises RuntimeError, for a bug of ours, when a cell of `before` that held something holds something else in `data`.

    Titles that change are excepted, and the hidden tab of lists.
    """
    after = read_bytes(data, "résultat").grids
    renamed = {old: _title_after(found, old) for old in before.grids}
    headers = {(found.sheets[c.tab], found.layouts[c.tab].header_row, found.layouts[c.tab].positions[c.column])
               for c in found.of(Kind.RENAMED_COLUMN)}  # fmt: skip
    for title, grid in before.grids.items():
        if title == LISTS:
            continue
        rows = after[renamed[title]].rows
        for number, row in enumerate(grid.rows, start=1):
            for index, raw in enumerate(row, start=1):
                if is_blank(raw) or (title, number, index) in headers:
                    continue
                if len(rows) < number or len(rows[number - 1]) < index or rows[number - 1][index - 1] != raw:
                    raise RuntimeError(f"{title}!{column_letters(index)}{number} would be lost")


def _title_after(found: Difference, title: str) -> str:
    return next((c.title for c in found.of(Kind.RENAMED_TAB) if found.sheets[c.tab] == title), title)


# -------------------------------------------------------------------------------------------------------- lists


def _with_lists(snapshot: Snapshot, found: Difference) -> bytes:
    """The workbook with the values and the names of its drop-down lists; a list that grows runs into nothing."""
    title = next((title for title in snapshot.grids if fold(title) == fold(LISTS)), None)
    if title is None or not found.lists:
        return snapshot.data
    package = open_package(snapshot.data)
    held, rows = list_places(package), snapshot.grids[title].rows
    cells: dict[Position, Cell] = {}
    names: dict[str, str] = {}
    free = max(map(len, rows), default=0) + 1
    for name, values in found.lists.items():
        place = held.get(name)
        if place and place[0] == title and _has_room(rows, place[1], len(values)):
            top, column, bottom, _ = place[1]
        else:
            top, column, bottom, free = 2, free, 1, free + 1
            cells[1, column] = Cell(name, style="cdi_entete_systeme")
        cells |= {(top + n, column): Cell(value, style="cdi_texte") for n, value in enumerate(values)}
        cells |= {(row, column): Cell(None) for row in range(top + len(values), bottom + 1)}
        letter = column_letters(column)
        names[name] = f"{_spelled(title)}!${letter}${top}:${letter}${top + len(values) - 1}"
    draft = Draft(open_package(splice(snapshot.data, {title: cells}, {}).data))
    Tabs(draft).define(names)
    return draft.data()


def _spelled(title: str) -> str:
    return title if title.isascii() and title.isalpha() else quoted(title)


def _has_room(rows: Sequence[Sequence[object]], area: tuple[int, int, int, int], count: int) -> bool:
    """True when the cells below a list, as far as it would grow, hold nothing."""
    top, column, bottom, _ = area
    below = rows[bottom : top - 1 + count]
    return not any(len(row) >= column and row[column - 1] not in (None, "") for row in below)


# ---------------------------------------------------------------------------------------------- tabs and columns


def _covers(element: Element, places: Collection[int]) -> bool:
    first, last = columns_of(element)
    return any(first <= place <= last for place in places)


class _Work:
    """The changes of one workbook, made one after the other in a draft."""

    def __init__(
        self, data: bytes, snapshot: Snapshot, fresh: Snapshot, tabs: Sequence[Tab], found: Difference
    ) -> None:
        self._draft, self._source = Draft(open_package(data)), open_package(fresh.data)
        self._tabs, self._found, self._date1904, self._grids = tabs, found, snapshot.date1904, snapshot.grids
        self._by_name = {tab.name: tab for tab in tabs}
        self._styles = StyleCopier(self._draft, self._source)
        self._book = Tabs(self._draft)
        self._titles = dict(found.sheets)  # tab name → the title of its sheet at the moment

    def data(self) -> bytes:
        self._styles.done()
        return self._draft.data()

    def rename_tabs(self) -> None:
        for change in self._found.of(Kind.RENAMED_TAB):
            self._book.rename(self._titles[change.tab], change.title)
            self._titles[change.tab] = change.title

    def add_tabs(self) -> None:
        """Each new tab after the declared one that comes before it; the lists, if they are gone, last."""
        new = {change.tab for change in self._found.of(Kind.NEW_TAB)}
        before = ""
        for tab in self._tabs:
            if tab.name in new:
                self._titles[tab.name] = tab.title
                self._add_tab(tab.title, after=before or self._before_first())
            before = self._titles[tab.name]
        if self._found.lists and not any(fold(title) == fold(LISTS) for title in self._book.titles()):
            self._add_tab(LISTS, after=self._book.titles()[-1])
            self._book.define(_names_defined(self._source, None))

    def _before_first(self) -> str | None:
        """The tab after which the first declared one belongs: the one before the next declared tab, or the last."""
        order = list(self._book.titles())
        places = [order.index(title) for title in self._titles.values() if title in order]
        if not places:
            return order[-1]
        return order[min(places) - 1] if min(places) else None

    def _add_tab(self, title: str, *, after: str | None) -> None:
        source, place = self._source.sheets[title], _place(self._source, title)
        content = _LOOKS.sub(
            lambda m: m[1] + str(self._styles.dxf(int(m[2]))).encode() + m[3], self._source.part(source)
        )
        for pattern in (_CELL_STYLES, _COLUMN_STYLES):
            content = with_numbers(content, pattern, self._styles.translated)
        frame = Frame(content, title)
        content = apply_edits(content, self._checks_here(frame))
        part = self._draft.add("xl/worksheets/sheet{}.xml", content, SHEET_TYPE)
        for link in self._source.relationships(source):
            self._copy_linked(part, link.id, link.kind, link.target)
        state = _sheet_element(self._source, title).get("state", "visible")
        at = self._book.add(title, part, after=after, state=state)
        self._book.define(_names_defined(self._source, place), at)

    def _copy_linked(self, sheet: str, id_: str, kind: str, target: str) -> None:
        """The notes of a new tab: their texts, or their boxes."""
        pattern, content_type = {
            "comments": ("xl/comments/comment{}.xml", COMMENTS_TYPE),
            "vmlDrawing": ("xl/drawings/vmlDrawing{}.vml", VML_TYPE),
        }[kind]
        part = self._draft.add(pattern, self._source.part(target), content_type)
        link = self._draft.link(sheet, kind, part)
        frame = Frame(self._draft.part(sheet), sheet)
        for element in frame.of("legacyDrawing"):
            if element.attribute("id") == id_:
                self._draft.edit(sheet, [with_attribute(frame.part, element.start, "r:id", link)])

    # ------------------------------------------------------------------------------------------------ columns

    def show_modules(self) -> None:
        """Shows the tabs, and the columns, of the modules that are switched on."""
        for change in self._found.of(Kind.HIDDEN_TAB):
            self._book.show(self._titles[change.tab])
        for change in self._found.of(Kind.HIDDEN_COLUMNS):
            part = self._book.parts[self._titles[change.tab]]
            tab, layout = self._by_name[change.tab], self._found.layouts[change.tab]
            frame = Frame(self._draft.part(part), change.title)
            places = module_places(tab, layout)[change.column]
            hidden = [e for e in frame.of("cols/col") if e.attributes.get("hidden") in TRUE and _covers(e, places)]
            self._draft.edit(part, [with_attribute(frame.part, e.start, "hidden", "0") for e in hidden])

    def change_columns(self) -> None:
        kinds = (Kind.NEW_COLUMN, Kind.RENAMED_COLUMN, Kind.ADOPTED_COLUMN, Kind.CHECK)
        by_tab: dict[str, list[Change]] = {}
        for change in self._found.of(*kinds):
            by_tab.setdefault(change.tab, []).append(change)
        for name, changes in by_tab.items():
            self._change_tab(self._by_name[name], changes)

    def _change_tab(self, tab: Tab, changes: Sequence[Change]) -> None:
        part, layout = self._book.parts[self._titles[tab.name]], self._found.layouts[tab.name]
        model = _Model(self._source, tab)
        spots = [self._spot(tab, layout, change) for change in changes]
        setter = _CellSetter(self._draft.part(part), tab.title, self._wanted(tab, model, layout, spots))
        setter.walk()
        frame = Frame(setter.edited(), tab.title)
        edits = FrameEdits(frame)
        for spot in spots:
            if spot.kind is not Kind.RENAMED_COLUMN:
                edits.column(spot.at, self._column_change(model, spot))
        edits.without_checks([spot.at for spot in spots if spot.kind is Kind.NEW_COLUMN])
        edits.without_our_checks([spot.at for spot in spots if spot.kind is Kind.CHECK])
        kept = {at for v in frame.validations if not v.is_ours for at in v.columns}
        for spot in spots:
            if spot.kind is not Kind.RENAMED_COLUMN and not (spot.at in kept and spot.kind is not Kind.NEW_COLUMN):
                for check in model.frame.validations:
                    if spot.model_at in check.columns:
                        edits.check(self._check_here(model.frame, check, spot.at, layout.header_row))
        highest = max((int(n) for _, n, _ in _PRIORITIES.findall(frame.part)), default=0)
        for spot in spots:
            if spot.kind is Kind.NEW_COLUMN:
                for colour in model.colours(spot.model_at):
                    edits.colour(self._colour_here(model.frame, colour, spot, layout.header_row, highest))
        self._draft.put(part, edits.made())
        notes = [_note(spot.column, layout.header_row, spot.at) for spot in spots if spot.kind is Kind.NEW_COLUMN]
        if notes:
            add_notes(self._draft, part, notes, AUTHOR)

    def _spot(self, tab: Tab, layout: Layout, change: Change) -> "_Spot":
        places = {**layout.positions, **self._found.places.get(tab.name, {})}
        column = tab.column(change.column)
        return _Spot(change.kind, column, places[column.key], list(tab.by_key).index(column.key) + 1)

    def _wanted(
        self, tab: Tab, model: "_Model", layout: Layout, spots: Sequence["_Spot"]
    ) -> Mapping[Position, "_Wanted"]:
        wanted: dict[Position, _Wanted] = {}
        for spot in spots:
            head = self._styles.translated(model.header_style(spot.model_at))
            header = layout.header_row, spot.at
            if spot.kind is Kind.NEW_COLUMN:
                wanted[header] = _Wanted(spot.column.title, head)
            elif spot.kind is Kind.RENAMED_COLUMN:
                wanted[header] = _Wanted(spot.column.title, None)
            elif tab.name in self._found.styled:
                text = wanted[header].text if header in wanted else None
                wanted[header] = _Wanted(text, head, is_restyled=True)
            if spot.column.is_system and spot.kind is not Kind.RENAMED_COLUMN:
                style = self._styles.translated(model.column_style(spot.model_at))
                wanted |= {(row, spot.at): _Wanted(None, style) for row in self._numbered(tab, layout)}
        return wanted

    def _numbered(self, tab: Tab, layout: Layout) -> Iterator[int]:
        """The rows that bear an identifier, used or in reserve."""
        at, grid = layout.positions.get(tab.columns[0].key), self._grids[self._found.sheets[tab.name]]
        for number, row in enumerate(grid.rows[layout.header_row :], start=layout.header_row + 1):
            if at is not None and len(row) >= at and not is_blank(row[at - 1]):
                yield number

    def _column_change(self, model: "_Model", spot: "_Spot") -> Callable[[bytes], bytes]:
        fresh = with_numbers(model.column(spot.model_at), _COLUMN_STYLES, self._styles.translated)
        if spot.kind is Kind.NEW_COLUMN:
            return lambda _held: fresh
        style = str(self._styles.translated(model.column_style(spot.model_at)))
        return lambda held: apply_edits(held, [with_attribute(held, 0, "style", style)]) if held else fresh

    def _check_here(self, model: Frame, check: Validation, at: int, header_row: int) -> bytes:
        """A check of the new workbook for a column of this one."""
        bottom = max(area[2] for area in check.areas)
        area = area_name((header_row + 1, at, bottom + header_row - 1, at)).encode()
        edits = [Edit(*check.areas_at, area)]
        edits += self._formula_edits(model, check)
        return _cut_out(model.part, check.element.start, check.element.end, edits)

    def _checks_here(self, frame: Frame) -> list[Edit]:
        return [edit for check in frame.validations for edit in self._formula_edits(frame, check)]

    def _formula_edits(self, frame: Frame, check: Validation) -> Iterator[Edit]:
        """What the formulas of a new workbook's check become here: places of identifiers, days since another epoch."""
        for element in frame.elements:
            if not (check.element.start < element.start and element.end <= check.element.end):
                continue
            text = inner_text(frame.part, element)
            here = self._formula_here(text, is_day=check.element.attributes.get("type") == "date")
            if here != text:
                name = element.path.rpartition("/")[2]
                escaped = here.replace("&", "&amp;").replace("<", "&lt;")
                yield Edit(element.start, element.end, f"<{name}>{escaped}</{name}>".encode())

    def _formula_here(self, formula: str, *, is_day: bool) -> str:
        if is_day and self._date1904:
            return str(int(formula) - DAYS_BETWEEN_EPOCHS)
        for name, layout in self._found.layouts.items():
            tab = self._by_name[name]
            if formula.startswith(f"{quoted(tab.title)}!") and (area := area_of(formula.rpartition("!")[2])):
                at = column_letters(layout.positions.get(tab.columns[0].key, 1))
                first = layout.header_row + 1
                return f"{quoted(self._titles[name])}!${at}${first}:${at}${area[2] + first - 2}"
        return formula

    def _colour_here(
        self, model: Frame, colour: tuple[int, int], spot: "_Spot", header_row: int, highest: int
    ) -> bytes:
        content = model.part[colour[0] : colour[1]]
        old, new = column_letters(spot.model_at), column_letters(spot.at)
        moved = re.sub(
            rb"\b%s(\d+)\b" % old.encode(), lambda m: new.encode() + str(int(m[1]) + header_row - 1).encode(), content
        )
        moved = with_numbers(moved, _LOOKS, self._styles.dxf)
        return with_numbers(moved, _PRIORITIES, lambda n: highest + n)


@dataclass(frozen=True)
class _Spot:
    """A column to change: where it stands here, and where in the new workbook."""

    kind: Kind
    column: Column
    at: int
    model_at: int


def _note(column: Column, row: int, at: int) -> Note:
    text = note_text(column)
    width, height = note_size(text)
    return Note(row, at, text, width, height)


def _cut_out(part: bytes, start: int, end: int, edits: Sequence[Edit]) -> bytes:
    """A stretch of a part, with edits given by the part's offsets."""
    return apply_edits(part[start:end], [replace(e, start=e.start - start, end=e.end - start) for e in edits])


def _sheet_element(package: Package, title: str) -> Mapping[str, str]:
    found = elements(package.part(package.workbook), package.workbook, depth=2)
    return next(e.attributes for e in found if e.path == "sheets/sheet" and e.attributes["name"] == title)


def _place(package: Package, title: str) -> int:
    found = elements(package.part(package.workbook), package.workbook, depth=2)
    return [e.attributes["name"] for e in found if e.path == "sheets/sheet"].index(title)


def _names_defined(package: Package, place: int | None) -> Mapping[str, str]:
    """The names that a workbook defines for itself, or for the tab at a place."""
    part = package.part(package.workbook)
    local = None if place is None else str(place)
    return {
        e.attributes["name"]: inner_text(part, e)
        for e in elements(part, package.workbook, depth=2)
        if e.path == "definedNames/definedName" and e.attributes.get("localSheetId") == local
    }


class _Model:
    """The sheet of a tab in the new workbook."""

    def __init__(self, source: Package, tab: Tab) -> None:
        self.frame = Frame(source.part(source.sheets[tab.title]), tab.title)
        self._columns = {
            at: e for e in self.frame.of("cols/col") for at in range(columns_of(e)[0], columns_of(e)[1] + 1)
        }

    def column(self, at: int) -> bytes:
        element = self._columns[at]
        return self.frame.part[element.start : element.end]

    def column_style(self, at: int) -> int:
        return int(self._columns[at].attributes.get("style", "0"))

    def header_style(self, at: int) -> int:
        (found,) = re.findall(rb'<c r="%s1" s="(\d+)"' % column_letters(at).encode(), self.frame.part)
        return int(found)

    def colours(self, at: int) -> Iterator[tuple[int, int]]:
        """Where the conditional formats of a column stand."""
        for element in self.frame.of("conditionalFormatting"):
            area = area_of(element.attributes.get("sqref", ""))
            if area and area[1] == area[3] == at:
                yield element.start, element.end


# ------------------------------------------------------------------------------------------------------- cells


@dataclass(frozen=True)
class _Wanted:
    """What a cell must become. text: None leaves what a cell holds. style: None keeps the one it has.

    is_restyled: a cell that exists takes the style too, whatever becomes of its text.
    """

    text: str | None
    style: int | None
    is_restyled: bool = False


class _CellSetter(CellPlacer):
    """Puts titles, and styled cells without content, into a sheet."""

    def __init__(self, part: bytes, title: str, wanted: Mapping[Position, _Wanted]) -> None:
        super().__init__(part, title, wanted)
        self._wanted = wanted

    def new_cell(self, at: Position) -> bytes:
        want = self._wanted[at]
        return cell_element(self.prefix, at, Cell(want.text), None if want.style is None else str(want.style))

    def changes(self, at: Position, start: int, end: int, style: str | None) -> Iterator[Edit]:
        want = self._wanted[at]
        if want.text is not None:
            kept = style if want.style is None else str(want.style)
            yield Edit(start, end, cell_element(self.prefix, at, Cell(want.text), kept))
        elif want.is_restyled and str(want.style) != style:
            yield with_attribute(self.part, start, "s", str(want.style))
