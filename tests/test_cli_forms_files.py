"""`cdi forms export --xlsx` and `cdi forms receive`: blank forms handed out, filled ones received."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest

from cdi_sync import tables
from cdi_sync.cli import main
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.store import Store
from tests.edges.forms.filled import ANSWERS, FakeIntake, filled, opened_with_declarations
from tests.edges.forms.test_rows import LYON, table, text
from tests.edges.forms.test_sheet_file import page_of, texts
from tests.registries import registry

Capture = pytest.CaptureFixture[str]


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


def result(capsys: Capture, *arguments: str) -> Any:
    assert call(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def read_part(path: Path, name: str) -> bytes:
    with ZipFile(path) as archive:
        return archive.read(name)


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    opened_with_declarations(monkeypatch)


@pytest.fixture
def bare(tmp_path: Path) -> list[str]:
    """Options that point to an installation without a registry."""
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    return ["--config", str(tmp_path / "settings.toml")]


@pytest.fixture
def intake(monkeypatch: pytest.MonkeyPatch) -> FakeIntake:
    fake = FakeIntake()
    monkeypatch.setattr(Store, "submissions", fake, raising=False)
    return fake


def test_a_blank_form_offers_the_councils_of_the_registry(
    tmp_path: Path, bare: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = registry({"collectivites": [{"nom_fr": "Fès"}, {"nom_fr": "=Rabat"}]})
    monkeypatch.setattr(Installation, "book", SimpleNamespace(read=lambda: SimpleNamespace(grids={})))
    monkeypatch.setattr(tables, "read_registry", lambda *_: rows)
    target = tmp_path / "jumelage.xlsx"
    assert call("forms", "export", "jumelage", "--xlsx", str(target), *bare) == 0
    told = capsys.readouterr()
    assert ("Proposer un jumelage" in told.out, told.err) == (True, "")
    columns = list(page_of(target.read_bytes(), "Listes").iter_cols(values_only=True))
    assert ["COL-00001 · Fès", "COL-00002 · =Rabat"] in [
        [cell for cell in column if cell is not None] for column in columns
    ]
    assert b"<f>" not in read_part(target, "xl/worksheets/sheet2.xml")


def test_two_blank_forms_are_two_answers_once_filled(tmp_path: Path, bare: list[str], capsys: Capture) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        assert call("forms", "export", "jumelage", "--xlsx", str(tmp_path / name), "--langue", "ar", *bare) == 0
        blank = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(filled(data=blank))
    assert "Les listes du registre ne sont pas proposées" in capsys.readouterr().err
    told = result(capsys, "forms", "receive", str(tmp_path / "a.xlsx"), str(tmp_path / "b.xlsx"), "--dry-run", *bare)
    assert len({answer["key"] for one in told for answer in one["answers"]}) == 2
    assert {answer["lang"] for one in told for answer in one["answers"]} == {"ar"}


@pytest.mark.parametrize(("name", "told"), [("inconnu", "cdi forms list"), ("jumelage", "existe déjà")])
def test_an_unknown_form_or_a_file_that_is_there_is_refused(
    tmp_path: Path, bare: list[str], capsys: Capture, name: str, told: str
) -> None:
    target = tmp_path / "la.xlsx"
    target.write_bytes(b"des reponses")
    assert call("forms", "export", name, "--xlsx", str(target), *bare) == 2
    assert told in capsys.readouterr().err
    assert target.read_bytes() == b"des reponses"


def test_a_dry_run_of_export_writes_nothing(tmp_path: Path, bare: list[str], capsys: Capture) -> None:
    told = result(capsys, "forms", "export", "jumelage", "--xlsx", str(tmp_path / "x.xlsx"), "--dry-run", *bare)
    assert (told["form"], told["written"], (tmp_path / "x.xlsx").exists()) == ("jumelage", False, False)


def test_receiving_takes_each_answer_once(tmp_path: Path, bare: list[str], intake: FakeIntake, capsys: Capture) -> None:
    (tmp_path / "fiche.xlsx").write_bytes(filled())
    (tmp_path / "export.csv").write_text(text(table(LYON)), encoding="utf-8")
    files = [str(tmp_path / "fiche.xlsx"), str(tmp_path / "export.csv")]
    assert call("forms", "receive", *files, *bare) == 0
    assert capsys.readouterr().out.splitlines() == [
        "fiche.xlsx : 1 réponse(s), dont 1 nouvelle(s) ou corrigée(s).",
        "export.csv : 1 réponse(s), dont 1 nouvelle(s) ou corrigée(s).",
    ]
    again = result(capsys, "forms", "receive", *files, *bare)
    assert [answer["changed"] for one in again for answer in one["answers"]] == [False, False]
    assert len(intake.answers) == 2


def test_a_dry_run_of_receive_shows_what_was_typed_made_visible(
    tmp_path: Path, bare: list[str], intake: FakeIntake, capsys: Capture
) -> None:
    (tmp_path / "fiche.xlsx").write_bytes(filled({**ANSWERS, "intitule": "a\u202eb", "objet": "x" * 3000}))
    assert call("forms", "receive", str(tmp_path / "fiche.xlsx"), "--dry-run", *bare) == 0
    told = capsys.readouterr().out
    assert ": Ville de Lyon\n" in told
    assert "\u202e" not in told
    assert max(map(len, told.splitlines())) < 200
    assert intake.answers == {}


def test_a_file_that_cannot_be_taken_says_why(tmp_path: Path, bare: list[str], capsys: Capture) -> None:
    (tmp_path / "x.csv").write_text(text(table(LYON, sent="03/04/2026 10:00")), encoding="utf-8")
    assert call("forms", "receive", str(tmp_path / "x.csv"), "--dry-run", *bare) == 3
    assert "--dates jj/mm" in capsys.readouterr().err
    assert call("forms", "receive", str(tmp_path / "x.csv"), "--dry-run", "--dates", "jj/mm", *bare) == 0


def test_a_form_handed_out_says_all_in_its_language(tmp_path: Path, bare: list[str]) -> None:
    target = tmp_path / "x.xlsx"
    assert call("forms", "export", "jumelage", "--xlsx", str(target), "--langue", "en", *bare) == 0
    assert {"Question", "Your answer", "Help"} <= set(texts(target.read_bytes(), "Form"))
