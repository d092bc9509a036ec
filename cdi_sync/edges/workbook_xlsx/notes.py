"""Notes on cells of a package under change: the text in one part, its box, in an old drawing language, in another."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from cdi_sync.edges.workbook_xlsx.edits import OFFICE, Draft, appended, apply_edits, prefixed, tag_name, with_child
from cdi_sync.edges.workbook_xlsx.frame import Frame, inner_text
from cdi_sync.edges.workbook_xlsx.parts import cell_name, elements

COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_BOX_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe" {spaces}>'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:59.25pt;margin-top:1.5pt;'
    'width:{width}px;height:{height}px;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto" {spaces}>'
    '<v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


@dataclass(frozen=True)
class Note:
    """A note on a cell, rows and columns from 1; width and height of its box in pixels."""

    row: int
    col: int
    text: str
    width: int
    height: int


def add_notes(draft: Draft, sheet: str, notes: Sequence[Note], author: str) -> None:
    """Puts notes on cells that have none; those that have one keep it."""
    texts = draft.linked(sheet, "comments")
    if texts is None:
        empty = f'<comments xmlns="{_MAIN}"><authors/><commentList/></comments>'
        texts = draft.add("xl/comments/comment{}.xml", empty.encode(), COMMENTS_TYPE)
        draft.link(sheet, "comments", texts)
    found = elements(draft.part(texts), texts, depth=2)
    taken = {element.attributes.get("ref") for element in found if element.path == "commentList/comment"}
    new = [note for note in notes if cell_name(note.row, note.col) not in taken]
    if new:
        _add_texts(draft, texts, new, author)
        _add_boxes(draft, _drawing(draft, sheet), new)


def _add_texts(draft: Draft, part: str, notes: Sequence[Note], author: str) -> None:
    content = draft.part(part)
    found = elements(content, part, depth=2)
    groups = {element.path: element for element in found if "/" not in element.path}
    authors = [inner_text(content, element) for element in found if element.path == "authors/author"]
    number, prefix = len(authors), tag_name(content, groups["commentList"].start).rpartition(b":")[0]
    edits = []
    if author in authors:
        number = authors.index(author)
    else:
        element = prefixed(f"<author>{escape(author)}</author>".encode(), prefix)
        edits.append(appended(content, groups["authors"].start, groups["authors"].end, element))
    new = "".join(
        f'<comment ref="{cell_name(note.row, note.col)}" authorId="{number}"><text>'
        f'<t xml:space="preserve">{escape(note.text)}</t></text></comment>'
        for note in notes
    )
    listed = groups["commentList"]
    edits.append(appended(content, listed.start, listed.end, prefixed(new.encode(), prefix)))
    draft.put(part, apply_edits(content, edits))


def _drawing(draft: Draft, sheet: str) -> str:
    """The part that holds the sheet's boxes, made when there is none."""
    held = draft.linked(sheet, "vmlDrawing")
    frame = Frame(draft.part(sheet), sheet)
    if held and frame.of("legacyDrawing"):
        ids = {link.id: link.target for link in draft.links(sheet) if link.kind == "vmlDrawing"}
        return ids.get(frame.of("legacyDrawing")[0].attribute("id") or "", held)
    number = draft.free_number("xl/drawings/vmlDrawing{}.vml")
    layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{number}"/></o:shapelayout>'
    content = f"<xml {_SPACES}>{layout}</xml>".encode()
    part = draft.add("xl/drawings/vmlDrawing{}.vml", content, VML_TYPE)
    link = draft.link(sheet, "vmlDrawing", part)
    name = f"{frame.prefix}legacyDrawing"
    draft.edit(sheet, [frame.inserted("legacyDrawing", f'<{name} xmlns:r="{OFFICE}" r:id="{link}"/>'.encode())])
    return part


def _add_boxes(draft: Draft, part: str, notes: Sequence[Note]) -> None:
    content = draft.part(part)
    numbers = [int(number) for number in re.findall(rb"_x0000_s(\d+)", content)]
    first = max([1024, *numbers]) + 1
    new = "" if b'"_x0000_t202"' in content else _BOX_TYPE.format(spaces=_SPACES)
    new += "".join(
        _BOX.format(
            number=number, width=note.width, height=note.height, row=note.row - 1, column=note.col - 1, spaces=_SPACES
        )
        for number, note in enumerate(notes, start=first)
    )
    draft.put(part, with_child(content, new.encode()))
