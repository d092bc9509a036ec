"""`cdi schema`, `schema diff`, `schema apply` as whoever looks after an installation meets them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cdi_sync.cli import main
from cdi_sync.edges.setup import hints_of
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.model import Tab
from tests.demos import AS_OF, demo_registry
from tests.registries import DECLARED

CONFORM = "Le classeur est conforme aux déclarations.\n"


def call(*arguments: str) -> int:
    """Runs `cdi` in this process: its exit code."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


def older(tabs: Mapping[str, Tab]) -> list[Tab]:
    """What an earlier version declared: no "Dérogations", no column of references of visas, another title."""
    kept = {name: tab for name, tab in tabs.items() if name != "derogations"}
    acts = kept["actes"]
    kept["actes"] = replace(
        acts,
        columns=tuple(
            replace(c, title=c.aliases[0]) if c.key == "intitule" else c for c in acts.columns if c.key != "domaine"
        ),
    )
    return list(kept.values())


def an_older_workbook() -> bytes:
    rows = {
        name: [{key: value for key, value in row.items() if (name, key) != ("actes", "domaine")} for row in rows]
        for name, rows in demo_registry(1, 12).rows.items()
        if name != "derogations"
    }
    return build_workbook(older(DECLARED.tabs), rows, spare_rows=2, hints=hints_of(DECLARED))


OLDER = an_older_workbook()


@pytest.fixture
def at(tmp_path: Path) -> list[str]:
    """Options that point to an installation whose workbook an earlier version made."""
    (tmp_path / "registre.xlsx").write_bytes(OLDER)
    (tmp_path / "settings.toml").write_text("[registre]\nlignes_en_reserve = 2\n", encoding="utf-8")
    return ["--config", str(tmp_path / "settings.toml")]


def test_other_commands_say_how_to_mend_a_workbook_that_lacks_something(
    at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("check", *at) == 3
    told = capsys.readouterr().err
    assert "la colonne « Domaine » manque" in told
    assert "« cdi schema diff »" in told and "« cdi schema apply »" in told


def test_a_doubled_header_isnt_something_that_apply_would_mend(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book: Any = openpyxl.load_workbook(BytesIO(OLDER))
    sheet = book["Actes"]
    sheet.cell(1, sheet.max_column + 1, "Forme")
    book.save(tmp_path / "registre.xlsx")
    assert call("check", *at) == 3
    assert "schema apply" not in capsys.readouterr().err


def test_diff_tells_what_would_change_and_writes_nothing(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("schema", "diff", *at) == 0
    told = capsys.readouterr().out
    assert "Actes\n" in told
    assert "prend le titre « Intitulé »" in told
    assert "nouvelle colonne « Domaine »" in told
    assert "Dérogations\n  nouvel onglet de 8 colonnes" in told
    assert told.endswith("Pour le faire : « cdi schema apply ».\n")
    assert (tmp_path / "registre.xlsx").read_bytes() == OLDER
    assert sorted(path.name for path in tmp_path.iterdir()) == ["registre.xlsx", "settings.toml"]


def test_diff_as_json_has_the_keys_of_the_contract(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema", "diff", *at, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(c["kind"], c["tab"], c["column"], c["blocking"]) for c in told] == [
        ("renamed_column", "actes", "intitule", False),
        ("new_column", "actes", "domaine", False),
        ("new_tab", "derogations", "", False),
    ]
    assert all(set(change) == {"kind", "tab", "column", "detail", "blocking"} for change in told)


def test_apply_then_all_is_well(at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema", "apply", *at) == 0
    assert capsys.readouterr().out.endswith("Le registre est à jour (registre.xlsx).\n")
    (backup,) = (tmp_path / "sauvegardes").iterdir()
    assert backup.read_bytes() == OLDER
    done = (tmp_path / "registre.xlsx").read_bytes()
    call("schema", "diff", *at)
    assert capsys.readouterr().out == CONFORM
    assert call("schema", "apply", *at) == 0
    assert capsys.readouterr().out == CONFORM
    assert (tmp_path / "registre.xlsx").read_bytes() == done
    assert len(list((tmp_path / "sauvegardes").iterdir())) == 1
    assert call("check", *at, "--as-of", str(AS_OF)) in (0, 1)
    assert call("run", *at, "--as-of", str(AS_OF)) == 0
    assert call("schema", *at) == 0


def test_a_dry_run_tells_and_writes_nothing(at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema", "apply", *at, "--dry-run") == 0
    told = capsys.readouterr().out
    assert "nouvelle colonne « Domaine »" in told
    assert told.endswith("Rien n'a été écrit (--dry-run).\n")
    assert (tmp_path / "registre.xlsx").read_bytes() == OLDER
    assert not (tmp_path / "sauvegardes").exists()


def test_an_open_workbook_is_left_alone(at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".~lock.registre.xlsx#").write_text(",Mme Alaoui,poste-4,25.11.2026 10:00,file:///;", encoding="utf-8")
    assert call("schema", "apply", *at) == 3
    told = capsys.readouterr()
    assert "Mme Alaoui" in told.err
    assert "est à jour" not in told.out
    assert (tmp_path / "registre.xlsx").read_bytes() == OLDER


def test_what_forbids_applying_is_told_at_once_with_its_remedy(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book: Any = openpyxl.load_workbook(BytesIO(OLDER))
    sheet = book["Actes"]
    sheet.cell(1, sheet.max_column + 1, "Forme")
    book["Sessions"]["A1"], book["Sessions"]["B1"] = "Notes", None
    for cell in book["Sessions"][1]:
        cell.value = "Notes" if cell.column == 1 else None
    book.save(tmp_path / "registre.xlsx")
    before = (tmp_path / "registre.xlsx").read_bytes()
    assert call("schema", "diff", *at) == 0
    told = capsys.readouterr().out
    assert "À régler avant « cdi schema apply » :" in told
    assert "Pour le faire" not in told
    assert call("schema", "apply", *at) == 3
    refused = capsys.readouterr().err
    assert "Actes : 2 colonnes prétendent au titre « Forme »" in refused
    assert "Sessions : un onglet de ce nom existe" in refused
    assert refused.count("→") == 2
    assert (tmp_path / "registre.xlsx").read_bytes() == before


def test_options_go_after_the_whole_command(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema", *at, "diff") == 2
    assert "après « schema diff »" in capsys.readouterr().err


def test_a_workbook_just_created_conforms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("init", str(tmp_path / "neuf")) == 0
    capsys.readouterr()
    assert call("schema", "diff", "--config", str(tmp_path / "neuf" / "settings.toml")) == 0
    assert capsys.readouterr().out == CONFORM
