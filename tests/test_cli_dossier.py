"""`cdi dossier` as a person or another machine meets it."""

import json
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from cdi_sync.edges.documents import file_document
from cdi_sync.edges.setup import hints_of
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.errors import CdiError
from tests.registries import DECLARED, complete
from tests.test_cli import DAY, call

_ROWS = {
    "actes": [
        {"forme": "JUMELAGE", "intitule": "Jumelage d'essai", "date_creation": "2026-03-02"},
        {"forme": "ADHESION_OING", "date_creation": "2026-03-02", "date_verification": "2026-03-03"},
        {"forme": "CONVENTION", "date_creation": "2026-03-02", "date_abandon": "2026-04-02"},
        {"forme": None},
    ],
    "evaluations": [{"id_acte": "ACT-00003"}],
    "pieces_clauses": [{"piece": "POURQUOI", "contenu": "{{ rien }} <b>Nos jeunes</b>"}],
}


@pytest.fixture(scope="module")
def workbook() -> bytes:
    rows = complete(_ROWS)
    return build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=1, hints=hints_of(DECLARED))


@pytest.fixture
def at(tmp_path: Path, workbook: bytes) -> list[str]:
    """Options that point to three agreements that have just begun."""
    (tmp_path / "registre.xlsx").write_bytes(workbook)
    (tmp_path / "settings.toml").write_text("[registre]\nlignes_en_reserve = 1\n", encoding="utf-8")
    return ["--config", str(tmp_path / "settings.toml"), *DAY]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.docx"))


def test_it_writes_what_the_present_step_asks_for_and_leaves_what_somebody_edited(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "dossiers/ACT-00001"
    arabic, french = "ACT-00001-rapport_jumelage-ar.docx", "ACT-00001-rapport_jumelage-fr.docx"
    assert call("dossier", "act-00001", *at) == 0
    assert files(there) == [arabic, french]
    document = Document(str(there / french))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Jumelage d'essai (ACT-00001)" in text
    assert "{{ rien }} <b>Nos jeunes</b>" in text
    out = capsys.readouterr().out
    assert "Rapport sur une proposition de jumelage (fr)" in out and "passage(s) surligné(s)" in out
    document.add_paragraph("À la main.")
    document.save(str(there / french))
    assert call("dossier", "ACT-00001", "--langue", "fr", "-o", str(there), *at) == 0
    assert files(there) == [arabic, "ACT-00001-rapport_jumelage-fr (2).docx", french]
    assert f"{french} a été modifié par quelqu'un : il est laissé tel quel" in capsys.readouterr().out


def test_json_tells_each_file_and_what_it_lacks_and_a_dry_run_writes_none(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("dossier", "ACT-00002", "--document", "lettre_transmission", "--langue", "fr", "--dry-run", "--json", *at)
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["document"], told["lang"], told["new"], told["kept"]) == ("lettre_transmission", "fr", True, None)
    assert "[à compléter : adresse du procès-verbal — Délibérations, colonne Q]" in told["missing"]
    assert not (tmp_path / "dossiers").exists()


def test_a_step_that_asks_for_nothing_says_so(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("dossier", "ACT-00003", *at) == 0
    assert "« Projet de convention abandonné » ne demande aucun document" in capsys.readouterr().out
    assert files(tmp_path / "dossiers") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ACT-00004"], "Aucun document ne se fait sur ACT-00004"),
        (["ACT-00001", "--document", "dossier_cdd"], "Possibles : rapport_jumelage"),
        ([], "Indiquer un numéro"),
    ],
)
def test_what_cannot_be_written_says_why(
    at: list[str], arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("dossier", *arguments, *at) == 2
    assert said in capsys.readouterr().err


def test_an_installation_puts_its_own_template_in_place_of_ours(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "config/documents/rapport_jumelage.fr.docx"
    own.parent.mkdir(parents=True)
    document = Document()
    document.add_paragraph("Notre modèle : {{ intitule }}")
    document.save(str(own))
    call("dossier", "ACT-00001", "--langue", "fr", *at)
    (name,) = files(tmp_path / "dossiers")
    assert Document(str(tmp_path / "dossiers/ACT-00001" / name)).paragraphs[0].text == "Notre modèle : Jumelage d'essai"
    document.add_paragraph("{{ titre_perdu }}")
    document.save(str(own))
    assert call("dossier", "ACT-00001", "--langue", "fr", *at) == 2
    err = capsys.readouterr().err
    assert "documents/rapport_jumelage.fr.docx" in err and "titre_perdu" in err and "intitule" in err


def test_the_list_tells_the_steps_of_each_document(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    call("dossier", "--liste", *at)
    assert "J10 Rapport détaillé prêt" in capsys.readouterr().out
    call("dossier", "--liste", "--json", *at)
    told: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert {one["document"] for one in told} == set(DECLARED.documents)
    assert all(one["languages"] == ["fr", "ar"] for one in told)


def test_a_folder_that_cannot_be_written_is_told_and_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Une note.", encoding="utf-8")
    with pytest.raises(CdiError) as told:
        file_document(tmp_path / "note.txt/ici", "ACT-00001-rapport_jumelage-fr", b"")
    assert "Un document n'a pas pu être écrit." in str(told.value)
    assert "Fermer le document s'il est ouvert" in str(told.value.fix)
    assert str(told.value.where).endswith("ACT-00001-rapport_jumelage-fr.docx")


def test_a_template_that_does_not_suit_leaves_no_half_of_a_file(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "config/documents/rapport_jumelage.ar.docx"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"illisible")
    assert call("dossier", "ACT-00001", *at) == 2
    assert "documents/rapport_jumelage.ar.docx" in capsys.readouterr().err
    assert files(tmp_path / "dossiers") == []
