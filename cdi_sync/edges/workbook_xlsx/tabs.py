"""Tabs of a package under change: their list, their names, the names defined in the workbook.

A tab added in the middle moves those after it: what counts tabs by their place follows. A tab that is renamed is
followed by every formula, check, chart and link of the workbook, except texts inside formulas, as in Excel.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, unescape

from cdi_sync.edges.workbook_xlsx.edits import Draft, Edit, appended, prefixed, tag_name, with_attribute
from cdi_sync.edges.workbook_xlsx.frame import inner_text
from cdi_sync.edges.workbook_xlsx.parts import Element, elements, local_name

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"

_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
_LITERALS = re.compile('("(?:[^"]|"")*")')
# elements whose text is a formula, wherever they stand
_FORMULAS = re.compile(
    rb"(<(?:[\w.-]+:)?(?:f|formula|formula1|formula2|definedName|calculatedColumnFormula)(?:\s[^<>]*)?>)([^<]*)(?=</)"
)
_PLACES = re.compile(rb"""(<(?:[\w.-]+:)?hyperlink\s[^<>]*?\blocation=)("[^"]*"|'[^']*')""")
_SOURCES = re.compile(rb"""(<(?:[\w.-]+:)?worksheetSource\s[^<>]*?\bsheet=)("[^"]*"|'[^']*')""")
_ENTITIES = {"&quot;": '"', "&apos;": "'"}


def quoted(title: str) -> str:
    """A tab's title as formulas spell it: 'Plan d''action'."""
    return "'" + title.replace("'", "''") + "'"


class Tabs:
    """The list of tabs of a draft. Titles are those of the moment."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._name = draft.package.workbook
        self.parts = dict(draft.package.sheets)  # title → part, added tabs included

    def _elements(self, path: str) -> Sequence[Element]:
        found = elements(self._draft.part(self._name), self._name, depth=2)
        return [element for element in found if element.path == path]

    def titles(self) -> Sequence[str]:
        """Titles in the order of the tabs, sheets that aren't grids included."""
        return [element.attributes["name"] for element in self._elements("sheets/sheet")]

    def add(self, title: str, part: str, *, after: str | None, state: str) -> int:
        """Lists a tab that is a part of the draft already, after another or first: its place, from 0."""
        held, link = self._elements("sheets/sheet"), self._draft.link(self._name, "worksheet", part)
        place = self.titles().index(after) + 1 if after is not None else 0
        self._shift(place)
        content = self._draft.part(self._name)
        held = self._elements("sheets/sheet")
        number = max(int(element.attributes["sheetId"]) for element in held) + 1
        id_name = next(key for key in held[0].attributes if local_name(key) == "id")
        tag = tag_name(content, held[0].start).decode()
        shown = f' state="{state}"' if state != "visible" else ""
        name = escape(title, {'"': "&quot;"})
        new = f'<{tag} name="{name}" sheetId="{number}"{shown} {id_name}="{link}"/>'.encode()
        at = held[place - 1].end if place else held[0].start
        self._draft.edit(self._name, [Edit(at, at, new)])
        self.parts[title] = part
        return place

    def _shift(self, place: int) -> None:
        """Makes room: what names a tab by its place, from this one on, names the next."""
        content = self._draft.part(self._name)
        counters = [(e, "localSheetId") for e in self._elements("definedNames/definedName")]
        counters += [
            (e, name) for e in self._elements("bookViews/workbookView") for name in ("activeTab", "firstSheet")
        ]
        edits = [
            with_attribute(content, element.start, name, str(int(element.attributes[name]) + 1))
            for element, name in counters
            if name in element.attributes and int(element.attributes[name]) >= place
        ]
        self._draft.edit(self._name, edits)

    def define(self, names: Mapping[str, str], place: int | None = None) -> None:
        """Sets defined names, of the workbook or of the tab at a place. names: name → formula, without "="."""
        content = self._draft.part(self._name)
        held = {
            e.attributes["name"]: e for e in self._elements("definedNames/definedName")
            if e.attributes.get("localSheetId") == (None if place is None else str(place))
        }  # fmt: skip
        edits = [
            Edit(held[name].start, held[name].end, _renamed_text(content, held[name], lambda _, f=formula: f))  # type: ignore[misc]  # f is bound at once
            for name, formula in names.items() if name in held
        ]  # fmt: skip
        local = "" if place is None else f' localSheetId="{place}"'
        new = "".join(
            f'<definedName name="{name}"{local}>{escape(formula)}</definedName>'
            for name, formula in names.items() if name not in held
        ).encode()  # fmt: skip
        self._draft.edit(self._name, [*edits, *self._new_names(content, new)])

    def _new_names(self, content: bytes, new: bytes) -> Iterator[Edit]:
        if not new:
            return
        (sheets,), groups = self._elements("sheets"), self._elements("definedNames")
        prefix = tag_name(content, sheets.start).rpartition(b":")[0]
        if groups:
            yield appended(content, groups[0].start, groups[0].end, prefixed(new, prefix))
            return
        before = [e for name in _BEFORE_NAMES for e in self._elements(name)][-1]
        yield Edit(before.end, before.end, prefixed(b"<definedNames>" + new + b"</definedNames>", prefix))

    def show(self, title: str) -> None:
        """Makes a hidden tab visible."""
        content = self._draft.part(self._name)
        found = next(element for element in self._elements("sheets/sheet") if element.attributes["name"] == title)
        self._draft.edit(self._name, [with_attribute(content, found.start, "state", "visible")])

    def rename(self, old: str, new: str) -> None:
        """Gives a tab another title, and follows it through the workbook."""
        (sheet,) = (e for e in self._elements("sheets/sheet") if e.attributes["name"] == old)
        name = escape(new, {'"': "&quot;"})
        self._draft.edit(self._name, [with_attribute(self._draft.part(self._name), sheet.start, "name", name)])
        self.parts = {new if title == old else title: part for title, part in self.parts.items()}
        for part in self._draft.names():
            if part.endswith(".xml"):
                self._draft.put(part, _followed(self._draft.part(part), old, new))


def _renamed_text(part: bytes, element: Element, change: Callable[[str], str]) -> bytes:
    """An element that holds text only, with another text."""
    content, name = part[element.start : element.end], tag_name(part, element.start)
    opening = content[: content.index(b">")].rstrip(b"/")
    return opening + b">" + escape(change(inner_text(part, element))).encode() + b"</" + name + b">"


def _followed(part: bytes, old: str, new: str) -> bytes:
    """A part whose formulas, places and sources name the tab by its new title."""
    if not any(spelled in part for spelled in _spellings(old)):
        return part
    part = _FORMULAS.sub(lambda m: m[1] + _edited(m[2], lambda text: renamed_in_formula(text, old, new)), part)
    part = _PLACES.sub(lambda m: m[1] + _in_quotes(m[2], lambda text: renamed_in_formula(text, old, new)), part)
    return _SOURCES.sub(lambda m: m[1] + _in_quotes(m[2], lambda text: new if text == old else text), part)


def _spellings(title: str) -> Iterator[bytes]:
    doubled = escape(title.replace("'", "''"))
    yield from (doubled.encode(), doubled.replace("'", "&apos;").encode(), escape(title).encode())


def _edited(raw: bytes, change: Callable[[str], str]) -> bytes:
    text = unescape(raw.decode(), _ENTITIES)
    changed = change(text)
    return raw if changed == text else escape(changed).encode()


def _in_quotes(raw: bytes, change: Callable[[str], str]) -> bytes:
    text = unescape(raw[1:-1].decode(), _ENTITIES)
    changed = change(text)
    return raw if changed == text else f'"{escape(changed, {chr(34): "&quot;"})}"'.encode()


def renamed_in_formula(formula: str, old: str, new: str) -> str:
    """The formula with places of one tab moved to another; quoted texts inside it are left alone."""
    spelled = re.compile(rf"(?:{re.escape(quoted(old))}|(?<![\w.'!\]]){re.escape(old)})(?=!)", re.IGNORECASE)
    pieces = _LITERALS.split(formula)
    return "".join(piece if odd % 2 else spelled.sub(lambda _: quoted(new), piece) for odd, piece in enumerate(pieces))


def with_numbers(part: bytes, pattern: re.Pattern[bytes], change: Callable[[int], int]) -> bytes:
    """A part with each number that a pattern's second group finds changed; its first and third are kept."""
    return pattern.sub(lambda m: m[1] + str(change(int(m[2]))).encode() + m[3], part)
