"""Changes to the bytes of a package: edits inside a part, parts replaced, added, registered and linked.

Whatever isn't edited is copied byte for byte. Offsets are those that the functions of `xlsx_parts` give.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cdi_sync.edges.workbook_xlsx.parts import (
    CONTENT_TYPES,
    Package,
    Relationship,
    cell_name,
    column_index,
    elements,
    is_self_closing,
    relationships_part,
    tag_end,
)

# top, left, bottom, right, all included
Area = tuple[int, int, int, int]

RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


@dataclass(frozen=True)
class Edit:
    """Bytes to put in place of those from `start` to `end`."""

    start: int
    end: int
    new: bytes


def apply_edits(part: bytes, edits: Iterable[Edit]) -> bytes:
    """The part with these edits, given in any order; those inserted at one place keep theirs."""
    pieces, at = list[bytes](), 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += part[at : edit.start], edit.new
        at = edit.end
    return b"".join([*pieces, part[at:]])


def inserted_at_end(part: bytes, start: int, end_event: int, new: bytes) -> Edit:
    """Adds `new` at the end of the element that starts at `start`, opening it up if it is self-closing.

    end_event: the offset that expat gives at the element's end, that of its closing tag.
    """
    if not is_self_closing(part, start):
        return Edit(end_event, end_event, new)
    end, name = tag_end(part, start), tag_name(part, start)
    return Edit(end - 2, end, b">" + new + b"</" + name + b">")


def appended(part: bytes, start: int, end: int, new: bytes) -> Edit:
    """Adds `new` at the end of the element that takes the bytes from `start` to `end`."""
    return inserted_at_end(part, start, part.rindex(b"<", start, end), new)


def tag_name(part: bytes, start: int) -> bytes:
    """The name of the start tag at `start`, prefix included."""
    return part[start + 1 : tag_end(part, start)].rstrip(b"/>").split(maxsplit=1)[0]


def with_attribute(part: bytes, start: int, name: str, value: str) -> Edit:
    """Sets an attribute of the start tag at `start`; `value` needs no escaping."""
    tag = part[start : tag_end(part, start)]
    found = re.match(rf"""(?:"[^"]*"|'[^']*'|[^"'])*?\s{name}\s*=\s*("[^"]*"|'[^']*')""".encode(), tag)
    if found:
        return Edit(start + found.start(1), start + found.end(1), f'"{value}"'.encode())
    after = start + 1 + len(tag_name(part, start))
    return Edit(after, after, f' {name}="{value}"'.encode())


def prefixed(content: bytes, prefix: bytes) -> bytes:
    """Elements that carry no prefix, under the prefix of the part they go to."""
    return re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1" + prefix + b":", content) if prefix else content


def area_of(name: str) -> Area | None:
    """From "A1:C3" to (1, 1, 3, 3); None for what isn't a plain area."""
    found = _RANGE.fullmatch(name)
    if found is None:
        return None
    left, top, right, bottom = found.groups()
    return int(top), column_index(left), int(bottom or top), column_index(right or left)


def area_name(area: Area) -> str:
    """From (1, 1, 3, 3) to "A1:C3"."""
    first, last = cell_name(*area[:2]), cell_name(*area[2:])
    return first if first == last else f"{first}:{last}"


# ------------------------------------------------------------------------------------------- whole packages


def rewritten(package: Package, parts: Mapping[str, bytes | None]) -> bytes:
    """The package with some parts replaced, left out (None) or, when it lacks them, added at the end."""
    out = BytesIO()
    known = {info.filename for info in package.archive.infolist()}
    with ZipFile(out, "w") as archive:
        archive.comment = package.archive.comment
        for info in package.archive.infolist():
            name = info.filename
            content = parts[name] if name in parts else package.part(name)
            if content is not None:
                _write(archive, info, content)
        for name, content in parts.items():
            if name not in known and content is not None:
                _write(archive, _like_others(package, name), content)
    return out.getvalue()


def _like_others(package: Package, name: str) -> ZipInfo:
    """A member for a new part, dated as the workbook's main part is, so that the same work gives the same bytes."""
    main = package.archive.getinfo(package.workbook)
    info = ZipInfo(name, main.date_time)
    info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, main.create_system, main.external_attr
    return info


def _write(archive: ZipFile, like: ZipInfo, content: bytes) -> None:
    info = ZipInfo(like.filename, like.date_time)
    info.compress_type, info.comment = like.compress_type, like.comment
    info.create_system, info.internal_attr = like.create_system, like.internal_attr
    info.external_attr = like.external_attr
    archive.writestr(info, content)
    info.external_attr = like.external_attr  # zipfile gives permissions to a member that has none


class Draft:
    """A package under change: parts as they will be. `package` is the one it started from."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._parts: dict[str, bytes] = {}
        self._known = {name.lower() for name in package.archive.namelist()}

    def part(self, name: str) -> bytes:
        """A part as it stands; WorkbookError when it is missing."""
        return self._parts[name] if name in self._parts else self.package.part(name)

    def put(self, name: str, content: bytes) -> None:
        """Replaces a part, if that changes anything."""
        if name not in self._parts and name.lower() in self._known and self.package.part(name) == content:
            return
        self._parts[name] = content

    def edit(self, name: str, edits: Iterable[Edit]) -> None:
        self.put(name, apply_edits(self.part(name), edits))

    def add(self, pattern: str, content: bytes, content_type: str) -> str:
        """Adds a part under the first free name of a pattern ("xl/worksheets/sheet{}.xml"), and registers it: its name."""
        name = pattern.format(self.free_number(pattern))
        self._known.add(name.lower())
        self._parts[name] = content
        self._register(name, content_type)
        return name

    def free_number(self, pattern: str) -> int:
        """The number of the next part of that pattern."""
        return next(n for n in count(1) if pattern.format(n).lower() not in self._known)

    def _register(self, name: str, content_type: str) -> None:
        part, extension = self.part(CONTENT_TYPES), name.rpartition(".")[2]
        defaults = [found.attributes for found in elements(part, CONTENT_TYPES) if found.path == "Default"]
        usual = next((d.get("ContentType") for d in defaults if d.get("Extension", "").lower() == extension), None)
        if usual == content_type:
            return
        prefix = _prefix(part, "Types")
        if usual is None and extension == "vml":
            new = f'<{prefix}Default Extension="{extension}" ContentType="{content_type}"/>'
        else:
            new = f'<{prefix}Override PartName={quoteattr("/" + name)} ContentType="{content_type}"/>'
        self.put(CONTENT_TYPES, with_child(part, new.encode()))

    def links(self, part: str) -> tuple[Relationship, ...]:
        """The links of a part as they stand; for parts of the package the draft started from, or added to it."""
        name = relationships_part(part)
        if name not in self._parts:
            return self.package.relationships(part)
        return _links(self._parts[name], part)

    def linked(self, part: str, kind: str) -> str | None:
        """The part that a part links to under a kind, if any."""
        return next((link.target for link in self.links(part) if link.kind == kind and link.target), None)

    def link(self, part: str, kind: str, target: str) -> str:
        """Links a part to another: the new link's id."""
        name, taken = relationships_part(part), {link.id for link in self.links(part)}
        number = 1
        while f"rId{number}" in taken:
            number += 1
        where = posixpath.relpath(target, posixpath.dirname(part))
        held = name in self._parts or name.lower() in self._known
        content = self.part(name) if held else f'<Relationships xmlns="{RELATIONSHIPS}"></Relationships>'.encode()
        prefix = _prefix(content, "Relationships")
        new = f'<{prefix}Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target={quoteattr(where)}/>'
        self._known.add(name.lower())
        self._parts[name] = with_child(content, new.encode())
        return f"rId{number}"

    def names(self) -> Sequence[str]:
        """The names of all parts, added ones last."""
        held = self.package.archive.namelist()
        return [*held, *(name for name in self._parts if name not in set(held))]

    def data(self) -> bytes:
        """The package's bytes; the very object it came from when nothing changed."""
        return rewritten(self.package, self._parts) if self._parts else self.package.data


def _links(content: bytes, part: str) -> tuple[Relationship, ...]:
    found = []
    for element in elements(content, part):
        kind = element.attributes.get("Type", "").rpartition("/")[2]
        target = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), element.attributes.get("Target", "")))
        outside = element.attributes.get("TargetMode") == "External"
        found.append(Relationship(element.attributes.get("Id", ""), kind, "" if outside else target.lstrip("/")))
    return tuple(found)


def _prefix(part: bytes, root: str) -> str:
    found = re.search(rb"<([A-Za-z_][\w.-]*:)?" + root.encode() + rb"[\s/>]", part)
    return (found[1] or b"").decode() if found else ""


def with_child(part: bytes, new: bytes) -> bytes:
    """A small part with an element added at the end of its root."""
    start = _root_start(part)
    end = len(part) if is_self_closing(part, start) else part.rindex(b"</")
    return apply_edits(part, [inserted_at_end(part, start, end, new)])


def _root_start(part: bytes) -> int:
    """The offset of the root's start tag, after declarations and comments."""
    found = re.compile(rb"<[A-Za-z_]").search(re.sub(rb"<!--.*?-->", lambda m: b" " * len(m[0]), part, flags=re.DOTALL))
    if found is None:
        raise ValueError("a part without a root element")
    return found.start()
