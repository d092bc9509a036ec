"""Rendering and filing: hostile text, templates of an installation's own, files that people have edited."""

import io
import sys
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from cdi_sync.documents.facts import Fact, Missing
from cdi_sync.edges.documents import file_document, file_name, is_untouched, render
from cdi_sync.errors import CdiError, ConfigError
from tests.documents.test_every_document import highlighted, text_of
from tests.registries import DECLARED

FRENCH = DECLARED.languages["fr"]
GAP = Missing("date", "Actes", "B")


def template(path: Path, *paragraphs: str, footer: str = "") -> Path:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    document.save(str(path))
    return path


def test_typed_text_stands_for_itself_whatever_it_looks_like(tmp_path: Path) -> None:
    nasty = "<w:p/> & </w:t> {{ autre }} {% for x in y %} =1+1 ]]> " + "x" * 50_000
    made = render(template(tmp_path / "m.docx", "Avant {{ texte }} après"), {"texte": Fact(nasty)}, FRENCH)
    assert text_of(made.content).strip() == f"Avant {nasty} après"


def test_lines_stay_lines_and_what_is_missing_alone_is_highlighted(tmp_path: Path) -> None:
    made = render(
        template(tmp_path / "m.docx", "{{ lignes }} : {{ trou }}, puis {{ trou }}.", footer="Pied {{ trou }}"),
        {"lignes": Fact("une\ndeux"), "trou": GAP},
        FRENCH,
    )
    assert Document(io.BytesIO(made.content)).paragraphs[0].text == (
        "une\ndeux : [à compléter : date — Actes, colonne B], puis [à compléter : date — Actes, colonne B]."
    )
    assert list(highlighted(made.content)) == ["[à compléter : date — Actes, colonne B]"] * 2
    assert made.missing == ("[à compléter : date — Actes, colonne B]",)
    assert "Pied [à compléter : date — Actes, colonne B]" in text_of(made.content)


def test_what_comes_before_lines_is_highlighted_and_the_lines_are_not(tmp_path: Path) -> None:
    made = render(
        template(tmp_path / "m.docx", "{{ trou }}{{ lignes }}"), {"lignes": Fact("\nun\ndeux"), "trou": GAP}, FRENCH
    )
    assert list(highlighted(made.content)) == ["[à compléter : date — Actes, colonne B]"]
    assert Document(io.BytesIO(made.content)).paragraphs[0].text.endswith("B]\nun\ndeux")


def test_a_highlight_keeps_the_looks_of_its_place(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph().add_run("{{ trou }}").bold = True
    document.save(str(tmp_path / "m.docx"))
    made = render(tmp_path / "m.docx", {"trou": GAP}, FRENCH)
    run = next(run for run in Document(io.BytesIO(made.content)).paragraphs[0].runs if run.text)
    assert run.bold and run.font.highlight_color is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ inconnu }}", "inconnu"),
        ("{% if %}", "Jinja"),
        ("{{ texte.__class__.__mro__ }}", "Jinja"),
        ("{{ texte * 9 }}", "Jinja"),
    ],
)
def test_a_template_that_does_not_suit_says_so_and_names_what_it_may_show(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigError) as raised:
        render(template(tmp_path / "mien.docx", text), {"texte": Fact("a"), "objet": Fact("b")}, FRENCH)
    assert raised.value.where == "documents/mien.docx"
    assert why in raised.value.why
    assert "objet, texte" in raised.value.fix


@pytest.mark.parametrize("content", [b"", b"pas un zip", b"PK\x03\x04"])
def test_a_file_that_is_no_document_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.docx").write_bytes(content)
    with pytest.raises(ConfigError, match="ne se lit pas"):
        render(tmp_path / "m.docx", {}, FRENCH)


def test_without_the_library_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docxtpl", None)
    with pytest.raises(CdiError) as raised:
        render(tmp_path / "m.docx", {}, FRENCH)
    assert "pip install 'cdi-sync[forms]'" in raised.value.fix


def test_a_document_is_written_over_itself_but_never_over_what_somebody_edited(tmp_path: Path) -> None:
    model = template(tmp_path / "m.docx", "{{ texte }}")
    folder = tmp_path / "dossiers"

    def write(text: str) -> tuple[str, bool]:
        filed = file_document(folder, "ACT-00001-rapport-fr", render(model, {"texte": Fact(text)}, FRENCH).content)
        return filed.path.name, filed.is_new

    first = "ACT-00001-rapport-fr.docx"
    assert write("un") == (first, True)
    assert write("un") == (first, False), "nothing new, nothing written"
    assert write("deux") == (first, True), "nobody had touched it"
    edited = Document(str(folder / first))
    edited.add_paragraph("À la main.")
    edited.save(str(folder / first))
    assert not is_untouched(folder / first)
    kept = (folder / first).read_bytes()
    assert write("trois") == ("ACT-00001-rapport-fr (2).docx", True)
    assert write("quatre") == ("ACT-00001-rapport-fr (2).docx", True)
    assert (folder / first).read_bytes() == kept
    assert sorted(path.name for path in folder.iterdir()) == ["ACT-00001-rapport-fr (2).docx", first]


def test_the_same_facts_make_the_same_bytes(tmp_path: Path) -> None:
    model = template(tmp_path / "m.docx", "{{ texte }}")
    facts = {"texte": Fact(FRENCH.long_day(date(2026, 3, 1)))}
    assert render(model, facts, FRENCH).content == render(model, facts, FRENCH).content


def test_a_number_that_somebody_typed_names_a_file_and_no_other_place() -> None:
    assert file_name("ACT-00042") == "ACT-00042"
    assert file_name("../../etc/ACT") == "_etc_ACT"
    assert file_name("") == "_"
