"""Changes chosen cells of an .xlsx at byte offsets; every other byte of every part stays as it was.

Bytes in, bytes out. Rows and columns count from 1. A cell that already holds what is wanted isn't touched, so
a second call changes nothing, even after another program saved the file. Spreadsheets read `_x0041_` as an
escape: texts and formulas are escaped on the way in and unescaped before comparing.

A formula that fills several cells (a shared formula, an array) may be replaced only together with all its
cells, since the others would lose theirs; otherwise WorkbookError names the cell.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cdi_sync.edges.workbook_xlsx.cells import CellPlacer, Position, row_element
from cdi_sync.edges.workbook_xlsx.edits import (
    Area,
    Edit,
    apply_edits,
    area_name,
    area_of,
    rewritten,
    tag_name,
    with_attribute,
)
from cdi_sync.edges.workbook_xlsx.parts import (
    CONTENT_TYPES,
    LAST_COLUMN,
    LAST_ROW,
    TRUE,
    Element,
    Package,
    SheetWalk,
    WorkbookError,
    cell_name,
    element_end,
    elements,
    local_name,
    new_parser,
    open_package,
    relationships_part,
    run_parser,
    scan,
    tag_end,
)

LONGEST_TEXT = 32_767  # what a cell holds, in UTF-16 units, like the two below
LONGEST_FORMULA = 8_192
LONGEST_LITERAL = 255  # a text in quotes inside a formula
LINE_HEIGHT = 14.0  # points that a line of text takes


_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_BEGINS_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LITERALS = re.compile('("(?:[^"]|"")*")')
_ADDED_PREFIX = re.compile(r"_xl(?:fn|ws|l)\.", re.IGNORECASE)
# what may stand before calcPr in CT_Workbook, from the last element that is always there
_BEFORE_CALC = ("sheets", "functionGroups", "externalReferences", "definedNames")


@dataclass(frozen=True)
class Cell:
    """What a cell must hold.

    `value`: None or "" leave it empty, with its style; beside a formula it is the stored result, and None
    leaves the result open. `formula`: without "=". `style`: name of a cell style, used when the cell doesn't
    exist yet, and always in whole tabs; a name that the workbook lacks gives the default style. `wraps`: False for
    a text that runs over the next cells, which makes no row of a whole tab taller.
    """

    value: str | int | float | None
    formula: str | None = None
    style: str | None = None
    wraps: bool = True


@dataclass(frozen=True)
class Spliced:
    """`data` is the very object that came in when nothing changed. `changed`: title → cells, in order."""

    data: bytes
    changed: Mapping[str, tuple[Position, ...]]


def splice(
    data: bytes,
    cells: Mapping[str, Mapping[Position, Cell]],
    tabs: Mapping[str, Sequence[Sequence[Cell | None]]],
) -> Spliced:
    """Writes single cells of some sheets and the whole grid of others (`tabs`: rows from row 1).

    Formulas outside `cells` and `tabs` count as typed by people: when there are any, the workbook is set to
    compute everything anew when it opens. Raises WorkbookError for a file or sheet that can't be changed
    safely, ValueError for a value that no cell can hold, or a sheet named twice.
    """
    if both := cells.keys() & tabs.keys():
        raise ValueError(f"sheets given both as cells and as whole tabs: {sorted(both)}")
    package = open_package(data)
    done = {title: _splice_cells(package, title, wanted) for title, wanted in cells.items() if wanted}
    done |= {title: _splice_tab(package, title, grid) for title, grid in tabs.items()}
    changed = {title: sheet.changed for title, sheet in done.items() if sheet.changed}
    if not changed:
        return Spliced(data, {})
    parts: dict[str, bytes | None] = {package.sheets[title]: done[title].part for title in changed}
    if any(sheet.formulas_changed for sheet in done.values()):
        parts |= _without_calc_chain(package)
    if any(sheet.foreign_formulas for sheet in done.values()) or _has_formulas(package, done.keys()):
        parts |= _computed_on_load(package)
    return Spliced(rewritten(package, parts), changed)


def hyperlink_formula(target: str, text: str) -> str:
    """A link to a place of the workbook ("#Aide!A20") that shows `text`.

    A literal holds 255 characters at most: longer texts are cut and joined. ValueError when the formula
    is longer than a cell holds.
    """
    formula = f"HYPERLINK({_literal(target)},{_literal(text)})"
    _check_length(formula, LONGEST_FORMULA, "formula")
    return formula


def _literal(text: str) -> str:
    pieces, room = [""], LONGEST_LITERAL
    for letter in text:
        doubled = letter * 2 if letter == '"' else letter
        size = _units(doubled)
        if size > room:
            pieces, room = [*pieces, ""], LONGEST_LITERAL
        pieces[-1] += doubled
        room -= size
    return "&".join(f'"{piece}"' for piece in pieces)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _check_length(text: str, longest: int, kind: str) -> None:
    if _units(text) > longest:
        raise ValueError(f"a {kind} of {_units(text)} characters is longer than the {longest} a cell holds")


# ---------------------------------------------------------------------------------- what cells hold


@dataclass(frozen=True)
class _Content:
    """What a cell holds, in a form that two programs agree on. `value` of a number: 15 significant digits."""

    kind: Literal["empty", "text", "number", "other"]
    value: str = ""
    formula: str | None = None


_EMPTY = _Content("empty")


def _wanted(cell: Cell | None) -> _Content:
    if cell is None:
        return _EMPTY
    formula = None if cell.formula is None else _legal(cell.formula)
    _check_length(formula or "", LONGEST_FORMULA, "formula")
    if cell.value is None or (cell.value == "" and formula is None):
        return _Content("empty", formula=formula)
    if isinstance(cell.value, str):
        text = _legal(cell.value)
        _check_length(text, LONGEST_TEXT, "text")
        return _Content("text", text, formula)
    if isinstance(cell.value, bool) or not abs(cell.value) < float("inf"):
        raise ValueError(f"{cell.value!r} is neither a text nor a finite number")
    return _Content("number", _number(cell.value), formula)


def _legal(text: str) -> str:
    # XML readers turn every line ending into \n
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def _number(value: float) -> str:
    # LibreOffice stores 15 digits, and no sign of zero
    return f"{float(value) + 0.0:.15g}"


def _digits(value: str | int | float | None) -> str:
    # a subclass of float may have a repr of its own, as numpy's does
    return float.__repr__(value) if isinstance(value, float) else str(value)


def _is_same(found: _Content, wanted: _Content) -> bool:
    if (found.formula is None) != (wanted.formula is None):
        return False
    if wanted.formula is not None and _plain(found.formula or "") != _plain(wanted.formula):
        return False
    if wanted.formula is not None and wanted.kind == "empty":
        return True
    return (found.kind, found.value) == (wanted.kind, wanted.value)


def _plain(formula: str) -> str:
    """The formula without what saving may change: prefixes, spaces and case outside quoted texts."""
    pieces = _LITERALS.split(formula)
    return "".join(
        piece if odd % 2 else _ADDED_PREFIX.sub("", "".join(piece.split())).upper() for odd, piece in enumerate(pieces)
    )


def _found(element: bytes, package: Package) -> _Content:
    """What a `<c>` element holds."""
    kind, texts = _texts(element)
    formula, value = _unescaped(texts["f"]) if "f" in texts else None, texts.get("v")
    if kind == "inlineStr":
        return _text_content(texts.get("t", ""), formula)
    if kind == "str" and value is not None:
        return _text_content(value, formula)
    if not value:
        return _Content("empty", formula=formula)
    if kind == "s":
        return _shared_content(value, formula, package)
    return _number_content(value, formula) if kind == "n" else _Content("other", value, formula)


def _texts(element: bytes) -> tuple[str, dict[str, str]]:
    """The type of a cell, and the text under each kind of element in it; runs of rich text are joined."""
    parser, texts, inside, types = new_parser("cellule"), dict[str, str](), list[str](), list[str]()

    def starts(name: str, attributes: dict[str, str]) -> None:
        inside.append(local_name(name))
        texts.setdefault(inside[-1], "")
        types.append(attributes.get("t", "n"))

    def reads(text: str) -> None:
        if "rPh" not in inside:
            texts[inside[-1]] += text

    parser.StartElementHandler, parser.CharacterDataHandler = starts, reads
    parser.EndElementHandler = lambda _name: inside.pop()
    run_parser(parser, element, "cellule")
    return types[0], texts


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text)


def _text_content(text: str, formula: str | None) -> _Content:
    text = _legal(_unescaped(text))
    return _Content("text" if text or formula is not None else "empty", text, formula)


def _shared_content(index: str, formula: str | None, package: Package) -> _Content:
    strings = package.shared_strings
    if not index.strip().isdecimal() or int(index) >= len(strings):
        return _Content("other", index, formula)
    return _text_content(strings[int(index)], formula)


def _number_content(value: str, formula: str | None) -> _Content:
    try:
        return _Content("number", _number(float(value)), formula)
    except ValueError:
        return _Content("other", value, formula)


def cell_element(prefix: str, at: Position, cell: Cell, style: str | None) -> bytes:
    """The `<c>` element that holds a cell."""
    content, name = _wanted(cell), f"{prefix}c"
    opening = f'<{name} r="{cell_name(*at)}"' + (f' s="{style}"' if style else "")
    formula = "" if content.formula is None else f"<{prefix}f>{_encoded(content.formula)}</{prefix}f>"
    if content.kind == "empty" and not formula:
        return f"{opening}/>".encode()
    if content.kind != "text":
        number = "" if content.kind == "empty" else f"<{prefix}v>{_digits(cell.value)}</{prefix}v>"
        return f"{opening}>{formula}{number}</{name}>".encode()
    text = _encoded(content.value)
    if formula:
        return f'{opening} t="str">{formula}<{prefix}v>{text}</{prefix}v></{name}>'.encode()
    inline = f'<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>'
    return f'{opening} t="inlineStr">{inline}</{name}>'.encode()


def _encoded(text: str) -> str:
    return _BEGINS_ESCAPE.sub("_x005F_", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# ------------------------------------------------------------------------------------ single cells


@dataclass(frozen=True)
class _Sheet:
    """A sheet after the work. `foreign_formulas`: it holds formulas outside the cells that were asked for."""

    part: bytes
    changed: tuple[Position, ...] = ()
    formulas_changed: bool = False
    foreign_formulas: bool = False


def _sheet_part(package: Package, title: str) -> bytes:
    if title in package.sheets:
        return package.part(package.sheets[title])
    raise WorkbookError(
        f"L'onglet « {title} » manque dans le classeur.",
        why="il a été supprimé ou renommé",
        fix=f"redonner à l'onglet le nom « {title} », ou le reprendre d'une sauvegarde",
    )


def _splice_cells(package: Package, title: str, wanted: Mapping[Position, Cell]) -> _Sheet:
    if outside := [at for at in wanted if not (1 <= at[0] <= LAST_ROW and 1 <= at[1] <= LAST_COLUMN)]:
        raise ValueError(f"cells outside a sheet: {outside}")
    walk = _CellSplicer(package, title, wanted)
    walk.walk()
    return walk.result()


@dataclass(frozen=True)
class _Spread:
    """A formula that fills several cells, at the cell that holds its text."""

    at: Position
    shared: str | None  # the number that its cells share, None for an array
    area: str


class _CellSplicer(CellPlacer):
    """Brings the wanted cells into a sheet, keeping the style of those that exist, and looks at the formulas around."""

    def __init__(self, package: Package, title: str, wanted: Mapping[Position, Cell]) -> None:
        super().__init__(_sheet_part(package, title), title, wanted)
        self._package, self._wanted = package, wanted
        self._changed: list[Position] = []
        self._sharing: dict[str, set[Position]] = {}
        self._spreads: list[_Spread] = []
        self._formulas_changed = self._foreign_formulas = False

    def result(self) -> _Sheet:
        for spread in self._spreads:
            self._check_spread(spread)
        return _Sheet(self.edited(), tuple(self._changed), self._formulas_changed, self._foreign_formulas)

    def new_cell(self, at: Position) -> bytes:
        cell = self._wanted[at]
        if _is_same(_EMPTY, _wanted(cell)):
            return b""
        self._note(at, has_formula=cell.formula is not None)
        return cell_element(self.prefix, at, cell, _style_index(self._package, cell.style))

    def changes(self, at: Position, start: int, end: int, style: str | None) -> Iterator[Edit]:
        found, cell = _found(self.part[start:end], self._package), self._wanted[at]
        if not _is_same(found, _wanted(cell)):
            self._note(at, has_formula=found.formula is not None or cell.formula is not None)
            yield Edit(start, end, cell_element(self.prefix, at, cell, style))

    def inner_begins(self, name: str, attributes: dict[str, str]) -> None:
        if name != self.prefix + "f":
            return
        at, shared = (self.row, self.col), attributes.get("si") if attributes.get("t") == "shared" else None
        if shared is not None:
            self._sharing.setdefault(shared, set()).add(at)
        if not self.is_wanted:
            self._foreign_formulas = True
        elif "ref" in attributes:
            self._spreads.append(_Spread(at, shared, attributes["ref"]))

    def _note(self, at: Position, *, has_formula: bool) -> None:
        self._changed.append(at)
        self._formulas_changed |= has_formula

    def _check_spread(self, spread: _Spread) -> None:
        changed, area = set(self._changed), area_of(spread.area)
        if spread.at not in changed:
            return
        if spread.shared is not None and self._sharing[spread.shared] <= changed:
            return
        if spread.shared is None and area is not None and _count_inside(area, changed) == _size(area):
            return
        name = cell_name(*spread.at)
        raise WorkbookError(
            f"La cellule {name} de l'onglet « {self.title} » ne peut pas être mise à jour.",
            why=f"elle contient une formule qui remplit aussi d'autres cellules ({spread.area})",
            fix=f"effacer {name} et les autres cellules de cette formule, enregistrer, puis relancer",
        )


def _style_index(package: Package, name: str | None) -> str | None:
    index = package.named_styles.get(name) if name else None
    return None if index is None else str(index)


def _size(area: Area) -> int:
    return (area[2] - area[0] + 1) * (area[3] - area[1] + 1)


def _count_inside(area: Area, cells: Iterable[Position]) -> int:
    return sum(area[0] <= row <= area[2] and area[1] <= col <= area[3] for row, col in cells)


# ------------------------------------------------------------------------------------- whole tabs


class _TabReader(SheetWalk):
    """Reads every cell of a tab, and the rows whose height somebody chose."""

    def __init__(self, package: Package, title: str) -> None:
        super().__init__(_sheet_part(package, title), title)
        self._package, self._cell_start = package, -1
        self.contents: dict[Position, _Content] = {}
        self.heights: dict[int, str] = {}
        self._widths: dict[int, float] = {}
        self._usual_height = 15.0

    def before_data(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheetFormatPr":
            self._usual_height = float(attributes.get("defaultRowHeight", self._usual_height))
        elif name == "col" and "width" in attributes:
            columns = range(int(attributes["min"]), min(int(attributes["max"]), LAST_COLUMN) + 1)
            self._widths |= dict.fromkeys(columns, float(attributes["width"]))

    def height(self, row: int, texts: Mapping[int, str]) -> str:
        """The height attributes of a row: what somebody chose, else enough to show its wrapped texts.

        Not every program makes rows taller when it opens a workbook.
        """
        if row in self.heights:
            return self.heights[row]
        lines = max((_lines(text, self._widths.get(col, 10.0)) for col, text in texts.items()), default=1)
        needed = lines * LINE_HEIGHT
        return f' ht="{needed!r}"' if needed > self._usual_height else ""

    def row_begins(self, attributes: dict[str, str]) -> None:
        if attributes.get("customHeight") in TRUE and "ht" in attributes:
            self.heights[self.row] = f' ht="{float(attributes["ht"])!r}" customHeight="1"'

    def cell_begins(self, attributes: dict[str, str]) -> None:
        self._cell_start = self.parser.CurrentByteIndex

    def cell_ends(self) -> None:
        end = element_end(self.part, self._cell_start, self.parser.CurrentByteIndex)
        self.contents[self.row, self.col] = _found(self.part[self._cell_start : end], self._package)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a cell of that width (in characters)."""
    return sum(max(1, math.ceil(len(line) / max(width - 1, 1))) for line in text.split("\n"))


def _splice_tab(package: Package, title: str, grid: Sequence[Sequence[Cell | None]]) -> _Sheet:
    tab = _TabReader(package, title)
    tab.walk()
    cells = {(row, col): cell for row, line in enumerate(grid, 1) for col, cell in enumerate(line, 1) if cell}
    wanted = {at: content for at, cell in cells.items() if (content := _wanted(cell)) != _EMPTY}
    changed = sorted(
        at
        for at in wanted.keys() | tab.contents.keys()
        if not _is_same(tab.contents.get(at, _EMPTY), wanted.get(at, _EMPTY))
    )
    if not changed:
        return _Sheet(tab.part)
    formulas = [cell for at in changed for cell in (tab.contents.get(at), wanted.get(at)) if cell and cell.formula]
    part = apply_edits(tab.part, _tab_edits(package, tab, cells, _used(wanted.keys())))
    return _Sheet(part, tuple(changed), formulas_changed=bool(formulas))


def _used(cells: Iterable[Position]) -> Area:
    rows, cols = {row for row, _ in cells}, {col for _, col in cells}
    return (min(rows), min(cols), max(rows), max(cols)) if rows else (1, 1, 1, 1)


def _tab_edits(package: Package, tab: _TabReader, cells: Mapping[Position, Cell], used: Area) -> list[Edit]:
    edits = []
    for element in elements(tab.part, f"« {tab.title} »"):
        if element.path == "sheetData":
            edits.append(Edit(element.start, element.end, _sheet_data(package, tab, cells)))
        elif element.path == "dimension":
            edits.append(with_attribute(tab.part, element.start, "ref", area_name(used)))
        elif element.path in ("hyperlinks", "mergeCells"):
            edits.append(Edit(element.start, element.end, b""))
        elif element.path == "autoFilter":  # the rows it hid are written anew and show: what it chose goes as well
            edits.append(Edit(element.start, element.end, _bare(tab.part, element)))
    return edits


def _bare(part: bytes, element: Element) -> bytes:
    """The element with its attributes and nothing inside."""
    return part[element.start : tag_end(part, element.start)].rstrip(b"/>") + b"/>"


def _sheet_data(package: Package, tab: _TabReader, cells: Mapping[Position, Cell]) -> bytes:
    name = f"{tab.prefix}sheetData"
    rows: dict[int, list[bytes]] = {}
    texts: dict[int, dict[int, str]] = {}
    for at, cell in cells.items():
        element = cell_element(tab.prefix, at, cell, _style_index(package, cell.style))
        rows.setdefault(at[0], []).append(element)
        texts.setdefault(at[0], {})[at[1]] = str(cell.value or "") if cell.wraps else ""
    lines = [row_element(tab.prefix, row, tab.height(row, texts[row]), b"".join(line)) for row, line in rows.items()]
    return f"<{name}>".encode() + b"".join(lines) + f"</{name}>".encode()


# ---------------------------------------------------------------------------------- the other parts


def _without_calc_chain(package: Package) -> dict[str, bytes | None]:
    """The parts to write, None for the list of formulas: it no longer holds, and Excel makes it anew."""
    chain = package.linked("calcChain")
    if chain is None:
        return {}
    links = relationships_part(package.workbook)
    return {
        chain: None,
        links: _cut(package, links, lambda link: link.attributes.get("Type", "").endswith("/calcChain")),
        CONTENT_TYPES: _cut(package, CONTENT_TYPES, lambda kind: kind.attributes.get("PartName") == f"/{chain}"),
    }


def _cut(package: Package, name: str, is_cut: Callable[[Element], bool]) -> bytes:
    part = package.part(name)
    return apply_edits(part, [Edit(found.start, found.end, b"") for found in elements(part, name) if is_cut(found)])


def _has_formulas(package: Package, seen: Collection[str]) -> bool:
    """True when a sheet that wasn't looked at holds a formula."""
    return any(scan(package, title).formulas for title in package.sheets if title not in seen)


def _computed_on_load(package: Package) -> dict[str, bytes | None]:
    """The workbook part, made to ask for a full computation, unless it does already."""
    part = package.part(package.workbook)
    found = elements(part, package.workbook)
    settings = [element for element in found if element.path == "calcPr"]
    if any(element.attributes.get("fullCalcOnLoad") in TRUE for element in settings):
        return {}
    if settings:
        return {package.workbook: apply_edits(part, [with_attribute(part, settings[0].start, "fullCalcOnLoad", "1")])}
    before = [element for element in found if element.path in _BEFORE_CALC][-1]
    name = tag_name(part, before.start).replace(before.path.encode(), b"calcPr")
    return {package.workbook: apply_edits(part, [Edit(before.end, before.end, b"<" + name + b' fullCalcOnLoad="1"/>')])}
