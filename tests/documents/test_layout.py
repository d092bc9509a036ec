"""Templates: what a page never parts, tables that read, room to sign."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from tests.document_templates import outlines, template_of

OUTLINES = [pytest.param(path, id=path.name) for path in outlines()]


@cache
def made(outline: Path) -> Any:
    return Document(str(template_of(outline)))


def by_name(name: str) -> Path:
    return next(path for path in outlines() if path.name == name)


@pytest.mark.parametrize("name", ["projet_convention", "dossier_cdd"])
@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_those_who_sign_have_equal_columns_and_room(name: str, lang: str) -> None:
    signed = made(by_name(f"{name}.{lang}.txt")).tables[-1]
    first, second = (cell.width for cell in signed.rows[0].cells)
    assert first == second
    assert signed.rows[1].height.cm == pytest.approx(3, abs=0.01)
    before = signed._tbl.getprevious()
    assert before.find(f"{qn('w:pPr')}/{qn('w:keepNext')}") is not None


@pytest.mark.parametrize("outline", OUTLINES)
def test_a_heading_and_a_signature_never_stand_alone_at_the_foot_of_a_page(outline: Path) -> None:
    paragraphs = [one for one in made(outline).paragraphs if one.text.strip() and not one.text.startswith("{%")]
    for one, after in pairwise(paragraphs):
        if one.text in ("Le Président du conseil", "رئيس المجلس") and "president" in after.text:
            assert one.paragraph_format.keep_with_next
        if one.runs[0].font.color.rgb is not None:
            assert one.paragraph_format.keep_with_next


@pytest.mark.parametrize("outline", OUTLINES)
def test_the_head_of_a_table_stays_with_its_first_row_and_columns_fill_the_page(outline: Path) -> None:
    for table in made(outline).tables:
        assert sum(cell.width.cm for cell in table.rows[0].cells) == pytest.approx(16.4, abs=0.05)
        if len(table.rows) > 1 and table.rows[0]._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None:
            assert table.rows[0].cells[0].paragraphs[0].paragraph_format.keep_with_next


@pytest.mark.parametrize("outline", [one for one in OUTLINES if ".ar." in str(one.id)])
def test_arabic_has_no_space_before_its_punctuation(outline: Path) -> None:
    assert re.findall(r".{8} [:؛،].{3}", outline.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("outline", OUTLINES)
def test_what_is_not_to_be_sent_says_that_it_is_to_be_removed(outline: Path) -> None:
    """The small lines of a letter or a contract are for the one who prepares it; minutes keep theirs."""
    small = [line for line in outline.read_text(encoding="utf-8").splitlines() if line.startswith("~ ")]
    if not outline.name.startswith("compte_rendu"):
        assert all(line.startswith(("~ (Note à supprimer.)", "~ (ملاحظة تُحذف.)")) for line in small)
