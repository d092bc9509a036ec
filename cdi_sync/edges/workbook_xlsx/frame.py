"""What stands around the cells of a sheet part: widths and styles of columns, checks, notes, and their order.

Read without looking at the cells, by byte offsets, like all that will be edited in place.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from xml.sax.saxutils import unescape

from cdi_sync.edges.workbook_xlsx.edits import (
    Area,
    Edit,
    appended,
    apply_edits,
    area_name,
    area_of,
    prefixed,
    tag_name,
    with_attribute,
)
from cdi_sync.edges.workbook_xlsx.parts import (
    LAST_COLUMN,
    LAST_ROW,
    Element,
    WorkbookError,
    elements,
    is_self_closing,
    tag_end,
)
from cdi_sync.edges.workbook_xlsx.template import CHECK_TITLE, PROMPT_TITLE

# children of a worksheet in the order that its schema asks for
CHILDREN = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing",
    "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
    "extLst",
)  # fmt: skip
_ENTITIES = {"&quot;": '"', "&apos;": "'", "&#10;": "\n", "&#13;": "\r", "&#9;": "\t", "&#39;": "'", "&#34;": '"'}
_WHOLE = re.compile(r"\$?([A-Z]{1,3}):\$?([A-Z]{1,3})")


@dataclass(frozen=True)
class Validation:
    """A check on cells. `element` is the whole of it; `areas_at`: bytes that hold its areas, escaped."""

    element: Element
    areas: Sequence[Area]
    areas_at: tuple[int, int]
    formulas: Sequence[str]
    group: Element  # the list of checks that it belongs to

    @property
    def is_ours(self) -> bool:
        """True when it carries the words that our template gives."""
        attributes = self.element.attributes
        return attributes.get("errorTitle") == CHECK_TITLE or attributes.get("promptTitle") == PROMPT_TITLE

    def rows_in(self, column: int) -> int:
        """How many cells of a column it covers."""
        return sum(bottom - top + 1 for top, left, bottom, right in self.areas if left <= column <= right)

    @property
    def columns(self) -> Iterator[int]:
        """The columns it covers, at most those that a registry may have."""
        for _, left, _, right in self.areas:
            yield from range(left, min(right, left + 1000) + 1)


class Frame:
    """A sheet part seen without its cells; offsets are those of the whole part."""

    def __init__(self, part: bytes, title: str) -> None:
        self.part = part
        found = re.search(rb"<((?:[\w.-]+:)?)sheetData[\s/>]", part)
        if found is None:
            raise WorkbookError(f"L'onglet « {title} » est abîmé.", why="la grille (sheetData) manque",
                                fix="ouvrir le fichier dans le tableur et l'enregistrer de nouveau")  # fmt: skip
        self.prefix = found[1].decode()
        start = tag_end(part, found.start())
        end = start if is_self_closing(part, found.start()) else part.rindex(b"</" + found[1] + b"sheetData")
        hollow = part[:start] + part[end:]
        self.elements = [_moved(element, start, end - start) for element in elements(hollow, f"« {title} »", depth=6)]

    def of(self, path: str) -> Sequence[Element]:
        """The elements at a path of local names below the root ("cols/col")."""
        return [element for element in self.elements if element.path == path]

    def text(self, element: Element) -> str:
        """The text of an element that holds nothing else."""
        return inner_text(self.part, element)

    @cached_property
    def validations(self) -> Sequence[Validation]:
        """The checks, those that Excel keeps among the extensions included."""
        found = []
        for base in ("dataValidations", "extLst/ext/dataValidations"):
            for group in self.of(base):
                found += [self._validation(e, group, base) for e in self._inside(group, f"{base}/dataValidation")]
        return found

    def _inside(self, outer: Element, path: str) -> list[Element]:
        return [e for e in self.of(path) if outer.start < e.start and e.end <= outer.end]

    def _validation(self, element: Element, group: Element, base: str) -> Validation:
        path, named = f"{base}/dataValidation", element.attribute("sqref")
        if named is None:
            (holder,) = self._inside(element, f"{path}/sqref")[:1] or (element,)
            at, named = _inner(self.part, holder), self.text(holder)
        else:
            at = _attribute_at(self.part, element.start, "sqref")
        formulas = []
        for name in ("formula1", "formula2"):
            for formula in self._inside(element, f"{path}/{name}"):
                inner = self._inside(formula, f"{path}/{name}/f")
                formulas.append(self.text(inner[0] if inner else formula).strip().removeprefix("="))
        return Validation(element, tuple(filter(None, map(_area, named.split()))), at, formulas, group)

    def inserted(self, name: str, new: bytes) -> Edit:
        """Puts an element where the schema wants it among the children of the root."""
        later = set(CHILDREN[CHILDREN.index(name) + 1 :])
        after = next((element for element in self.elements if element.path in later), None)
        at = after.start if after else self.part.rindex(b"</")
        return Edit(at, at, new)

    def added_to(self, element: Element, new: bytes) -> Edit:
        """Adds at the end of an element."""
        return appended(self.part, element.start, element.end, new)


class FrameEdits:
    """Edits of what stands around the cells of one sheet, gathered, then made at once by `made()`."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._columns: dict[int, Callable[[bytes], bytes]] = {}
        self._bare: set[int] = set()  # columns that lose every check
        self._without_ours: set[int] = set()  # columns that lose ours
        self._checks: list[bytes] = []
        self._colours: list[bytes] = []

    def column(self, index: int, change: Callable[[bytes], bytes]) -> None:
        """Sets the `<col>` of a column: `change` makes it from the one that held, b"" if none, for this column only."""
        self._columns[index] = change

    def without_checks(self, columns: Collection[int]) -> None:
        """Takes every check away from these columns; other columns keep theirs."""
        self._bare |= set(columns)

    def without_our_checks(self, columns: Collection[int]) -> None:
        """Takes our checks away from these columns, and leaves those that people made."""
        self._without_ours |= set(columns)

    def check(self, new: bytes) -> None:
        """Adds a `<dataValidation>`, written without prefix."""
        self._checks.append(prefixed(new, self._prefix))

    def colour(self, new: bytes) -> None:
        """Adds a `<conditionalFormatting>`, written without prefix."""
        self._colours.append(prefixed(new, self._prefix))

    @property
    def _prefix(self) -> bytes:
        return self._frame.prefix.rstrip(":").encode()

    def made(self) -> bytes:
        """The sheet part with the edits."""
        edits = [*self._column_edits()]
        if self._colours:
            edits.append(self._frame.inserted("conditionalFormatting", b"".join(self._colours)))
        return apply_edits(self._frame.part, [*edits, *self._check_edits()])

    # ------------------------------------------------------------------------------------------- columns

    def _column_edits(self) -> Iterator[Edit]:
        if not self._columns:
            return
        groups, held, waiting = self._frame.of("cols"), self._frame.of("cols/col"), dict(sorted(self._columns.items()))
        pieces: list[tuple[int, bytes]] = []
        for element in held:
            first, last = columns_of(element)
            content = self._frame.part[element.start : element.end]
            mine = [index for index in waiting if first <= index <= last]
            for start, end in _runs(first, last, mine):
                pieces.append((start, content if not mine else _spanning(content, start, end)))
            for index in mine:
                pieces.append((index, _spanning(self._spelled(waiting.pop(index)(content)), index, index)))
        for index, change in waiting.items():
            pieces.append((index, _spanning(self._spelled(change(b"")), index, index)))
        content = b"".join(piece for _, piece in sorted(pieces, key=lambda piece: piece[0]))
        if held:
            yield Edit(held[0].start, held[-1].end, content)
            return
        name = self._frame.prefix.encode() + b"cols"
        whole = b"<" + name + b">" + content + b"</" + name + b">"
        yield Edit(groups[0].start, groups[0].end, whole) if groups else self._frame.inserted("cols", whole)

    def _spelled(self, column: bytes) -> bytes:
        """A `<col>` as this sheet spells it."""
        return (
            column if column.startswith(b"<" + self._frame.prefix.encode() + b"col") else prefixed(column, self._prefix)
        )

    # -------------------------------------------------------------------------------------------- checks

    def _check_edits(self) -> Iterator[Edit]:
        gone: dict[int, list[Validation]] = {}
        for validation in self._frame.validations:
            left = self._bare | (self._without_ours if validation.is_ours else set())
            if left & set(validation.columns):
                areas = [area for held in validation.areas for area in _less(held, left)]
                if areas:
                    yield Edit(*validation.areas_at, " ".join(map(area_name, areas)).encode())
                else:
                    gone.setdefault(validation.group.start, []).append(validation)
        groups = [*self._frame.of("dataValidations"), *self._frame.of("extLst/ext/dataValidations")]
        for group in groups:
            new = self._checks if group.path == "dataValidations" else []
            yield from self._in_group(group, gone.get(group.start, []), new)
        if self._checks and not self._frame.of("dataValidations"):
            name = self._frame.prefix.encode() + b"dataValidations"
            opening = b"<" + name + f' count="{len(self._checks)}">'.encode()
            yield self._frame.inserted("dataValidations", opening + b"".join(self._checks) + b"</" + name + b">")

    def _in_group(self, group: Element, gone: Sequence[Validation], new: Sequence[bytes]) -> Iterator[Edit]:
        if not gone and not new:
            return
        count = sum(v.group.start == group.start for v in self._frame.validations) - len(gone) + len(new)
        if not count:
            outer = self._emptied(group)
            yield Edit(outer.start, outer.end, b"")
            return
        yield from (Edit(v.element.start, v.element.end, b"") for v in gone)
        yield with_attribute(self._frame.part, group.start, "count", str(count))
        if new:
            yield self._frame.added_to(group, b"".join(new))

    def _emptied(self, group: Element) -> Element:
        """What must go with a list of checks that holds none any more: an extension without content isn't allowed."""
        around = [e for e in self._frame.elements if e.start < group.start and group.end <= e.end]
        for outer in reversed(around):
            inside = [e for e in self._frame.elements if outer.start < e.start and e.end <= outer.end
                      and e.path.count("/") == outer.path.count("/") + 1]  # fmt: skip
            if len(inside) != 1:
                break
            group = outer
        return group


def _runs(first: int, last: int, without: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The stretches from first to last that are left without some columns."""
    start = first
    for index in without:
        if start < index:
            yield start, index - 1
        start = index + 1
    if start <= last:
        yield start, last


def _spanning(content: bytes, first: int, last: int) -> bytes:
    content = apply_edits(content, [with_attribute(content, 0, "min", str(first))])
    return apply_edits(content, [with_attribute(content, 0, "max", str(last))])


def _less(area: Area, columns: Collection[int]) -> Iterator[Area]:
    top, left, bottom, right = area
    for start, end in _runs(left, right, sorted(index for index in columns if left <= index <= right)):
        yield top, start, bottom, end


def _moved(element: Element, after: int, by: int) -> Element:
    """Offsets in the whole part of an element found in one without cells."""
    start, end = (at + by if at > after or (at == after and by) else at for at in (element.start, element.end))
    return replace(element, start=start, end=end)


def inner_text(part: bytes, element: Element) -> str:
    """The text of an element that holds nothing else."""
    start, end = _inner(part, element)
    return unescape(part[start:end].decode(), _ENTITIES)


def _inner(part: bytes, element: Element) -> tuple[int, int]:
    start = tag_end(part, element.start)
    return (start, start) if is_self_closing(part, element.start) else (start, part.rindex(b"</", start, element.end))


def _attribute_at(part: bytes, start: int, name: str) -> tuple[int, int]:
    tag = part[start : tag_end(part, start)]
    found = re.match(rb"""(?:"[^"]*"|'[^']*'|[^"'])*?\s""" + name.encode() + rb"""\s*=\s*("[^"]*"|'[^']*')""", tag)
    if found is None:
        raise ValueError(f"no attribute {name} in {tag_name(part, start)!r}")
    return start + found.start(1) + 1, start + found.end(1) - 1


def _area(name: str) -> Area | None:
    if whole := _WHOLE.fullmatch(name):
        area = area_of(f"{whole[1]}1:{whole[2]}1")
        return (1, area[1], LAST_ROW, area[3]) if area else None
    return area_of(name)


def columns_of(element: Element) -> tuple[int, int]:
    """The columns that a `<col>` speaks of, first and last."""
    return int(element.attributes["min"]), min(int(element.attributes["max"]), LAST_COLUMN)
