"""What a document proposes where nobody has typed a text: shown on a pale ground, and gone once the text is there."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from cdi_sync.casefile import open_cases
from cdi_sync.documents.call import CODES as CALL
from cdi_sync.documents.convention import CODES as CONVENTION
from cdi_sync.documents.facts import Pen, Subject
from cdi_sync.documents.making import facts_of
from cdi_sync.documents.terms import CODES as TERMS
from cdi_sync.edges.documents import render
from tests.document_templates import outlines
from tests.documents.told import TODAY
from tests.registries import DECLARED, Rows, registry

_TAG = re.compile(r"\{\{ ([\w.]+) \}\}|\{%\w* (.*?) %\}")
_ITEMS = {"projet_convention": CONVENTION, "termes_de_reference": TERMS, "reponse_appel": CALL}
# what a clause, a point or an element shows without a proposal: its own cells say all of it
_WITHOUT = {"CLA-04", "TDR-07", "TDR-11"}


def _paragraphs(rows: Rows, name: str, lang: str = "fr") -> Iterator[tuple[str, bool]]:
    """(text, whether it is on the ground of proposals) of each paragraph of a document on the first agreement."""
    held, language, document = registry(rows), DECLARED.languages[lang], DECLARED.documents[name]
    case = open_cases(held, TODAY)["ACT-00001"]
    template = DECLARED.document_template(document.template, lang)
    assert template is not None
    facts = facts_of(document, Subject(case, case.act, "", TODAY, held), Pen(language, DECLARED.tabs, held.layouts))
    made = Document(io.BytesIO(render(template, facts, language).content))
    for paragraph in made.element.body.iter(qn("w:p")):
        shaded = next(paragraph.iter(qn("w:shd")), None) is not None
        yield "".join(text.text or "" for text in paragraph.iter(qn("w:t"))), shaded


def _clause(code: str, text: str) -> dict[str, Any]:
    return {"piece": code, "contenu": text}


def test_a_proposal_gives_way_to_the_text_that_was_typed() -> None:
    proposed = dict(_paragraphs({}, "projet_convention"))
    amended = next(text for text in proposed if text.startswith("Chaque partie peut proposer"))
    assert proposed[amended]
    said = dict(
        _paragraphs({"pieces_clauses": [_clause("CLA-12", "Par avenant, écrit et signé.")]}, "projet_convention")
    )
    assert amended not in said
    assert said["Par avenant, écrit et signé."] is False


def test_a_clause_keeps_its_paragraphs() -> None:
    held = {"pieces_clauses": [_clause("CLA-12", "Par avenant.\n\n  Il est signé. ")]}
    language, document = DECLARED.languages["fr"], DECLARED.documents["projet_convention"]
    read = registry(held)
    case = open_cases(read, TODAY)["ACT-00001"]
    facts = facts_of(document, Subject(case, case.act, "", TODAY, read), Pen(language, DECLARED.tabs, read.layouts))
    template = DECLARED.document_template(document.template, "fr")
    assert template is not None
    made = Document(io.BytesIO(render(template, facts, language).content))
    assert "Par avenant.\nIl est signé." in [paragraph.text for paragraph in made.paragraphs]


def test_a_clause_that_points_elsewhere_keeps_its_proposal_and_says_where() -> None:
    said = dict(_paragraphs({"pieces_clauses": [_clause("CLA-13", "Article 9")]}, "projet_convention"))
    assert any(text.startswith("L'une ou l'autre partie peut mettre fin") for text in said)
    assert said["Le registre renvoie à : Article 9"] is True


def test_a_table_without_rows_hides_once_the_clause_says_it_all() -> None:
    clause = {"pieces_clauses": [_clause("CLA-10", "Un comité de pilotage de six membres se réunit deux fois l'an.")]}
    assert "Composition" in dict(_paragraphs({}, "projet_convention"))
    assert "Composition" not in dict(_paragraphs(clause, "projet_convention"))
    assert "Composition" in dict(_paragraphs({**clause, "organes": [{"type": "COMITE_SUIVI"}]}, "projet_convention"))


@pytest.mark.parametrize(("tier", "law"), [("REGION", "111-14"), ("PROVINCE", "112-14"), ("COMMUNE", "113-14")])
def test_the_preamble_names_one_organic_law(tier: str, law: str) -> None:
    text = " ".join(text for text, _ in _paragraphs({"collectivites": [{"niveau": tier}]}, "projet_convention"))
    assert re.findall(r"11\d-14", text) == [law]


def test_the_logical_framework_is_annexed_when_the_project_has_one() -> None:
    heading = "Annexe. Cadre logique"
    assert heading not in dict(_paragraphs({}, "reponse_appel"))
    rows = {"cadre_logique": [{"niveau": "OBJECTIF_GLOBAL", "description_projet": "Vivre mieux"}]}
    assert {heading, "Vivre mieux"} <= set(dict(_paragraphs(rows, "reponse_appel")))


@pytest.mark.parametrize("name", _ITEMS)
@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_each_item_of_a_checklist_has_its_proposal(name: str, lang: str) -> None:
    outline = (Path(__file__).parents[1] / f"data/documents/{name}.{lang}.txt").read_text(encoding="utf-8")
    for code in _ITEMS[name]:
        tag = code.replace("-", "_")
        if code in _WITHOUT:
            assert f"{{%p if {tag}_saisie %}}\n{{{{ {tag} }}}}\n{{%p endif %}}" in outline, code
        else:
            block = f"{{%p if {tag}_dite %}}\n{{{{ {tag} }}}}\n{{%p else %}}\n! "
            assert block in outline, code


@pytest.mark.parametrize("name", sorted({path.name.partition(".")[0] for path in outlines()}))
def test_both_languages_show_the_same_facts_in_the_same_order(name: str) -> None:
    french, arabic = (
        _TAG.findall((Path(__file__).parents[1] / f"data/documents/{name}.{lang}.txt").read_text(encoding="utf-8"))
        for lang in ("fr", "ar")
    )
    assert french == arabic
