"""`python -m tests.document_templates`: builds the templates of `config/documents/` from the outlines of tests/data/documents.

An outline is a text, one block a line; `{{ name }}` and `{%p if … %}` are docxtpl's, and stay as they are:

    # title          ## heading          > block at the end of the line          ^ centred line
    - item           ~ small note        --- new page                            | cell | cell |   rows of a table, its head first
    |- cell | cell |   a table without a head          |= cell | cell |   signatures: equal columns, room to sign under the names
    ! proposed text  !- item of one         both on a pale ground: a person keeps, changes or removes them
    {%p … %}         a line of its own   anything else: a paragraph              **bold** inside any of them

What belongs together stays on one page: a heading and what follows, a signature and its name, the rows of a short table.
Every document has its number and page in its foot. Arabic is laid out from right to left: paragraphs, runs and tables.
"""

import io
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from cdi_sync.edges.config import data_folder

OUTLINES = Path(__file__).parent / "data/documents"
TEMPLATES = data_folder("config") / "documents"
_FONTS = {"fr": "Calibri", "ar": "Arial"}  # the Arabic one is on any desk
_PAGE = {"fr": "{{ numero }} — page ", "ar": "{{ numero }} — الصفحة "}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PROPOSED = "FFF6D6"  # the ground of a proposal, paler than what is missing
_INK = RGBColor(0x1F, 0x3A, 0x5F)


class Sheet:
    """One template being laid out."""

    def __init__(self, lang: str) -> None:
        self.lang, self.rtl = lang, lang == "ar"
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.3)
        section.top_margin = section.bottom_margin = Cm(2)
        properties = self.document.core_properties
        properties.author = properties.comments = properties.title = ""
        properties.language = lang
        self._style()
        foot = section.footer.paragraphs[0]
        self.write(foot, _PAGE[lang], size=8)
        self._page_number(foot)
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _style(self) -> None:
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = _FONTS[self.lang], Pt(11)
        fonts = style.element.rPr.rFonts
        for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(name), _FONTS[self.lang])
        _set(style.element.rPr, "w:szCs", val="24")
        _set(style.element.rPr, "w:lang", val="fr-FR", bidi="ar-MA")
        style.paragraph_format.space_after = Pt(6)

    def paragraph(self, text: str, *, where: Any = None, style: str | None = None, align: int | None = None,
                  size: float | None = None, bold: bool = False, ink: bool = False, keep: bool = False,
                  proposed: bool = False) -> None:  # fmt: skip
        made = (where or self.document).add_paragraph(style=style)
        self.set_up(made)
        if align is not None:
            made.alignment = align
        introduces = text.endswith(":") and "{" not in text  # the table or the list that follows
        made.paragraph_format.keep_with_next = keep or introduces or None
        self.write(made, text, size=size, bold=bold, ink=ink)
        for run in made.runs if proposed else ():
            _set(run._r.get_or_add_rPr(), "w:shd", val="clear", color="auto", fill=_PROPOSED)

    def set_up(self, paragraph: Any) -> None:
        if self.rtl:
            _set(paragraph._p.get_or_add_pPr(), "w:bidi")

    def write(
        self, paragraph: Any, text: str, *, size: float | None = None, bold: bool = False, ink: bool = False
    ) -> None:
        for at, part in enumerate(re.split(r"\*\*", text)):
            if not part:
                continue
            run = paragraph.add_run(part)
            run.bold = bold or at % 2 == 1 or None
            run.font.color.rgb = _INK if ink else None
            run.font.size = Pt(size) if size else None
            if self.rtl:
                properties = run._r.get_or_add_rPr()
                if run.bold:
                    _set(properties, "w:bCs")
                if size:
                    _set(properties, "w:szCs", val=str(int(size * 2)))
                _set(properties, "w:rtl")

    def _page_number(self, paragraph: Any) -> None:
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        run = OxmlElement("w:r")
        looks = OxmlElement("w:rPr")
        _set(looks, "w:sz", val="16")
        _set(looks, "w:szCs", val="16")
        text = OxmlElement("w:t")
        text.text = "1"
        run.extend([looks, text])
        field.append(run)
        paragraph._p.append(field)
        self.set_up(paragraph)

    def table(self, rows: Sequence[str]) -> None:
        kind, rows = _kind(rows)
        cells = [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in rows]
        columns = max(map(len, cells))
        made = self.document.add_table(rows=0, cols=columns)
        made.style, made.autofit = "Table Grid", False
        widths = [_ACROSS / columns] * columns if kind == _SIGNED else _widths(cells)
        for at, width in enumerate(widths):
            made.columns[at].width = Cm(width)
        loops = [found[1] for row in cells if (found := _LOOP.search(row[0]))]
        is_short = all(name in _FEW for name in loops)
        if self.rtl:
            _set(made._tbl.tblPr, "w:bidiVisual")
        for number, row in enumerate(cells):
            line = made.add_row()
            own = line.cells
            for at, text in enumerate(row):
                cell = own[at]
                cell.width = Cm(widths[at])
                self.set_up(cell.paragraphs[0])
                layout = cell.paragraphs[0].paragraph_format
                layout.space_before = layout.space_after = Pt(2)
                is_head = number == 0 and kind != _HEADLESS
                layout.keep_with_next = (is_head or (is_short and number < len(cells) - 1)) or None
                self.write(cell.paragraphs[0], text, size=10, bold=is_head)
                if is_head:
                    _set(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill="DCE6F1")
            if kind == _SIGNED and number > 0:
                line.height, line.height_rule = Cm(3), WD_ROW_HEIGHT_RULE.AT_LEAST
            if number == 0 and columns > 1 and not kind:
                _set(line._tr.get_or_add_trPr(), "w:tblHeader")
            if not row[0].startswith("{%"):
                _set(line._tr.get_or_add_trPr(), "w:cantSplit")
        self.document.add_paragraph().paragraph_format.space_after = Pt(2)

    def page_break(self) -> None:
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


_RANKS = ("N°", "الرقم")
_ACROSS = 16.4  # centimetres between the margins
_HEADLESS, _SIGNED = "-", "="
_LOOP = re.compile(r"for ligne in (\w+)")
_FEW = ("criteres", "depenses", "echeances", "frais", "jointes", "phases", "pieces")  # rows that always fit on one page


def _kind(rows: Sequence[str]) -> tuple[str, list[str]]:
    """What the first row says after its bar, "" for nothing, and the rows without it."""
    mark = rows[0][1:2] if rows[0][1:2] in (_HEADLESS, _SIGNED) else ""
    return mark, [f"|{rows[0][1 + len(mark) :]}", *rows[1:]]


def _widths(cells: Sequence[Sequence[str]]) -> list[float]:
    """The columns of a table, in centimetres: a rank is narrow, the rest share what is left, a rubric less than what it says."""
    head = cells[0]
    is_id = any("numero" in row[0] for row in cells)  # « ACN-00012 » is wider than a rank
    narrow = (2.6 if is_id else 1.4) if head[0] in _RANKS else 0
    if len(head) == 2:
        return [5.4, _ACROSS - 5.4]
    rest = (_ACROSS - narrow) / (len(head) - bool(narrow))
    return [narrow or rest, *[rest] * (len(head) - 1)]


def _set(parent: Any, tag: str, **attributes: str) -> None:
    """Gives an element a property, at a place where Word takes it."""
    child = OxmlElement(tag)
    for name, value in attributes.items():
        child.set(qn(f"w:{name}"), value)
    if tag == "w:bidi":  # before alignment, spacing and style's followers
        after = [parent.find(qn(name)) for name in ("w:spacing", "w:ind", "w:jc", "w:rPr")]
        first = next((found for found in after if found is not None), None)
        if first is not None:
            return first.addprevious(child)
    if tag == "w:bidiVisual":
        first = parent.find(qn("w:tblStyle"))
        return first.addnext(child) if first is not None else parent.insert(0, child)
    if tag == "w:bCs":
        found = parent.find(qn("w:b"))
        return found.addnext(child) if found is not None else parent.insert(0, child)
    if tag == "w:szCs":
        found = parent.find(qn("w:sz"))
        if found is not None:
            return found.addnext(child)
    parent.append(child)
    return None


def blocks(outline: str) -> Iterator[tuple[str, list[str]]]:
    """The blocks of an outline: (mark, its lines); the rows of a table are one."""
    lines = [line.strip() for line in outline.splitlines() if line.strip()]
    for is_table, group in groupby(lines, key=lambda line: line.startswith("|")):
        if is_table:
            yield "|", list(group)
            continue
        for line in group:
            mark, _, rest = line.partition(" ")
            yield (mark, [rest]) if mark in _LAID else ("", [line])


_LAID: dict[str, dict[str, Any]] = {
    "#": {"align": WD_ALIGN_PARAGRAPH.CENTER, "size": 16, "bold": True, "ink": True, "keep": True},
    "##": {"size": 12.5, "bold": True, "ink": True, "keep": True},
    ">": {"align": WD_ALIGN_PARAGRAPH.RIGHT},
    "^": {"align": WD_ALIGN_PARAGRAPH.CENTER},
    "-": {"style": "List Bullet"},
    "~": {"size": 9},
    "!": {"proposed": True},
    "!-": {"style": "List Bullet", "proposed": True},
    "---": {},
}


def _goes_with(mark: str, text: str, then: str, after: str) -> bool:
    """True for a paragraph that must not be parted from the next: the lines of a signature and the sentence before, those of a form."""
    if then == "|" and after.startswith(f"|{_SIGNED}"):  # where and when it is signed
        return True
    if mark == ">" or (mark == "" and then == ">"):
        return then in (">", "", "~") and not after.startswith("{%")
    if mark or then:
        return False
    return bool((_DATED.match(text) and _LABELLED.match(after)) or (_DOTTED.match(text) and _DOTTED.match(after)))


_LABELLED = re.compile(r"[^{}]{1,60}: ?\{\{")
_DATED = re.compile(
    _LABELLED.pattern + r" (?:date|prochaine_date|mission_|rapport_)"
)  # « Envoyé le : {{ date_diffusion }} »
_DOTTED = re.compile(r"…")


def build(outline: Path) -> bytes:
    """The template of one outline, the same bytes each time."""
    sheet = Sheet(outline.suffixes[-2].strip("."))
    laid = list(blocks(outline.read_text(encoding="utf-8")))
    for (mark, lines), (then, after) in pairwise([*laid, ("", [""])]):
        if mark == "|":
            sheet.table(lines)
        elif mark == "---":
            sheet.page_break()
        else:
            looks = _LAID.get(mark, {})
            sheet.paragraph(
                lines[0], **looks | {"keep": looks.get("keep", False) or _goes_with(mark, lines[0], then, after[0])}
            )
    return settled(sheet.document)


def settled(document: Any) -> bytes:
    """Its bytes, without the hour at which it was made."""
    raw, kept = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as out:
        for name in made.namelist():
            out.writestr(zipfile.ZipInfo(name, _EPOCH), made.read(name), zipfile.ZIP_DEFLATED)
    return kept.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """The XML of a document, part by part."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in sorted(opened.namelist())}


def outlines() -> list[Path]:
    return sorted(OUTLINES.glob("*.txt"))


def template_of(outline: Path) -> Path:
    return TEMPLATES / f"{outline.name.removesuffix('.txt')}.docx"


def main() -> None:
    """Writes the templates that differ, or those named."""
    TEMPLATES.mkdir(exist_ok=True)
    for outline in outlines():
        target = template_of(outline)
        if sys.argv[1:] and not any(outline.name.startswith(name) for name in sys.argv[1:]):
            continue
        if not target.exists() or parts(target.read_bytes()) != parts(build(outline)):
            target.write_bytes(build(outline))
            print(target)


if __name__ == "__main__":
    main()
