"""Named cell styles of a workbook, read by name, and copied from another one when they are missing.

Programs renumber formats each time they save, and forget the styles that no cell wears: only names last.
"""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from cdi_sync.edges.workbook_xlsx.edits import Draft, Edit, appended, apply_edits, prefixed, tag_name, with_attribute
from cdi_sync.edges.workbook_xlsx.parts import Element, Package, elements

_OWN = {"numFmtId": "numFmts/numFmt", "fontId": "fonts/font", "fillId": "fills/fill", "borderId": "borders/border"}
_FIRST_OWN_FORMAT = 164  # number formats below are the program's own, the same everywhere
# children of a stylesheet in the order that its schema asks for
_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)


def style_names(package: Package) -> Sequence[str]:
    """The named style of each entry of `cellXfs`, "" for one without."""
    part = package.linked("styles")
    return _Styles(package.part(part), part).names if part else ()


class _Styles:
    """A styles part, by offsets."""

    def __init__(self, part: bytes, where: str) -> None:
        self.part = part
        self.elements = elements(part, where, depth=2)
        styles = {s.attributes.get("xfId"): s.attributes.get("name", "") for s in self.of("cellStyles/cellStyle")}
        self.names = [styles.get(xf.attributes.get("xfId", "0"), "") for xf in self.of("cellXfs/xf")]

    def of(self, path: str) -> Sequence[Element]:
        return [element for element in self.elements if element.path == path]

    def bytes_of(self, element: Element) -> bytes:
        return self.part[element.start : element.end]


class StyleCopier:
    """Indexes, in a draft, of what another workbook's cells wear; what the draft lacks is added to it.

    Nothing is added before it is asked for; `done()` must be called once all has been asked.
    """

    def __init__(self, draft: Draft, source: Package) -> None:
        self._draft = draft
        self._name = draft.package.linked("styles") or ""
        self._held = _Styles(draft.part(self._name), self._name)
        source_name = source.linked("styles") or ""
        self._source = _Styles(source.part(source_name), source_name)
        self._added: dict[str, list[bytes]] = {}
        self._found: dict[str, int] = {}
        self._dxfs: dict[int, int] = {}
        self._new_formats: dict[str, int] = {}  # code → number, of those added

    def index(self, style: str) -> int:
        """The entry of `cellXfs` that wears a named style plainly; 0 for a style that nobody knows."""
        if style not in self._found:
            self._found[style] = self._index(style)
        return self._found[style]

    def translated(self, source_index: int) -> int:
        """The entry here for an entry of the source, through the name of its style."""
        names = self._source.names
        return self.index(names[source_index]) if source_index < len(names) else 0

    def dxf(self, source_index: int) -> int:
        """The entry here for a conditional look of the source: one that is the same, or a new one."""
        if source_index not in self._dxfs:
            wanted = self._source.bytes_of(self._source.of("dxfs/dxf")[source_index])
            held = [self._held.bytes_of(dxf) for dxf in self._held.of("dxfs/dxf")] + self._added.get("dxfs", [])
            place = held.index(wanted) if wanted in held else self._add("dxfs", "dxfs/dxf", wanted)
            self._dxfs[source_index] = place
        return self._dxfs[source_index]

    def _index(self, style: str) -> int:
        if style in self._held.names and style:
            return self._held.names.index(style)
        declared = {s.attributes.get("name"): s for s in self._source.of("cellStyles/cellStyle")}
        if style not in declared or style == "Normal":
            return 0
        base = self._base(style, declared[style])
        xf = self._source.of("cellXfs/xf")[self._source.names.index(style)]
        return self._add("cellXfs", "cellXfs/xf", self._adapted(xf, base))

    def _base(self, style: str, declared: Element) -> int:
        """The entry of `cellStyleXfs` behind a style, added with its name when the workbook lacks it."""
        held = {s.attributes.get("name"): s for s in self._held.of("cellStyles/cellStyle")}
        if style in held:
            return int(held[style].attributes["xfId"])
        xf = self._source.of("cellStyleXfs/xf")[int(declared.attributes["xfId"])]
        base = self._add("cellStyleXfs", "cellStyleXfs/xf", self._adapted(xf, None))
        self._add("cellStyles", "cellStyles/cellStyle", f'<cellStyle name="{style}" xfId="{base}"/>'.encode())
        return base

    def _adapted(self, xf: Element, base: int | None) -> bytes:
        """An entry with its font, fill, border and number format by their numbers here."""
        content = self._source.bytes_of(xf)
        edits = [] if base is None else [with_attribute(content, 0, "xfId", str(base))]
        for attribute, path in _OWN.items():
            if attribute in xf.attributes:
                edits.append(with_attribute(content, 0, attribute, str(self._own(path, int(xf.attributes[attribute])))))
        return apply_edits(content, edits)

    def _own(self, path: str, number: int) -> int:
        if path == "numFmts/numFmt":
            return self._number_format(number)
        group = path.partition("/")[0]
        wanted = self._source.bytes_of(self._source.of(path)[number])
        added, held = self._added.get(group, []), len(self._held.of(path))
        return held + added.index(wanted) if wanted in added else self._add(group, path, wanted)

    def _number_format(self, number: int) -> int:
        if number < _FIRST_OWN_FORMAT:
            return number
        codes = {int(f.attributes["numFmtId"]): f.attributes["formatCode"] for f in self._source.of("numFmts/numFmt")}
        held = {f.attributes["formatCode"]: int(f.attributes["numFmtId"]) for f in self._held.of("numFmts/numFmt")}
        held |= self._new_formats
        if codes[number] not in held:
            new = max([_FIRST_OWN_FORMAT - 1, *held.values()]) + 1
            self._add(
                "numFmts",
                "numFmts/numFmt",
                f'<numFmt numFmtId="{new}" formatCode={quoteattr(codes[number])}/>'.encode(),
            )
            self._new_formats[codes[number]] = new
            return new
        return held[codes[number]]

    def _add(self, group: str, path: str, new: bytes) -> int:
        added = self._added.setdefault(group, [])
        added.append(new)
        return len(self._held.of(path)) + len(added) - 1

    def done(self) -> None:
        """Writes what was added into the draft."""
        edits: list[Edit] = []
        groups: Mapping[str, Element] = {e.path: e for e in self._held.elements if "/" not in e.path}
        prefix = (
            tag_name(self._held.part, self._held.elements[0].start).rpartition(b":")[0] if self._held.elements else b""
        )
        for group, new in self._added.items():
            content = b"".join(prefixed(element, prefix) for element in new)
            if group in groups:
                start, end = groups[group].start, groups[group].end
                edits.append(appended(self._held.part, start, end, content))
                known = sum(e.path.startswith(f"{group}/") for e in self._held.elements)
                edits.append(with_attribute(self._held.part, start, "count", str(known + len(new))))
            else:
                name = (prefix + b":" if prefix else b"") + group.encode()
                whole = b"<" + name + f' count="{len(new)}">'.encode() + content + b"</" + name + b">"
                edits.append(self._placed(group, whole))
        if edits:
            self._draft.put(self._name, apply_edits(self._held.part, edits))

    def _placed(self, group: str, whole: bytes) -> Edit:
        later = set(_ORDER[_ORDER.index(group) + 1 :])
        after = next((e.start for e in self._held.elements if e.path in later), self._held.part.rindex(b"</"))
        return Edit(after, after, whole)
