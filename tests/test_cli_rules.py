"""`cdi rules` and `cdi explain` of a row, as a person or another machine meets them."""

from pathlib import Path
from typing import Any

import pytest

from tests.demos import lean_installation
from tests.registries import DECLARED
from tests.test_cli import DAY, call, result

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def at(tmp_path: Path) -> list[str]:
    """Options that point to a demo of twelve agreements."""
    lean_installation(tmp_path)
    return ["--config", str(tmp_path / "settings.toml"), *DAY]


def printed(capsys: Capture, *arguments: str) -> str:
    assert call(*arguments) == 0
    return capsys.readouterr().out


def test_the_list_accounts_for_every_rule(capsys: Capture) -> None:
    listed = result(capsys, "rules")
    assert len(listed) == 236
    for rule in listed:
        assert rule["sources"], rule["id"]
        assert bool(rule["kind"]) == rule["executable"] == (not rule["reason"]), rule["id"]
        assert {"gates", "fields", "module", "subject", "due", "limit", "living", "readings"} <= set(rule)
    by_id = {rule["id"]: rule for rule in listed}
    assert by_id["GEN-12"]["readings"] == ["D-03", "D-04", "D-14"]
    assert by_id["GEN-12"]["gates"] == ["C75>C80"]
    assert "visas_accords.date_reception" in by_id["GEN-12"]["fields"]


def test_the_list_ends_with_its_counts(capsys: Capture) -> None:
    told = printed(capsys, "rules")
    executable = sum(rule.executable for rule in DECLARED.rulebook.values())
    assert f"236 règles, dont {executable} vérifiées par le système (✓)." in told
    assert "32 phrases du guide qu'aucun logiciel ne vérifie" in told


def test_what_no_machine_can_check_is_listed_with_its_reason_and_what_is_offered(capsys: Capture) -> None:
    listed = result(capsys, "rules", "--hors-controle")
    assert len(listed) == 32
    assert all(one["reason"] and one["instead"] and one["sources"] for one in listed)
    told = printed(capsys, "rules", "nc-10")
    assert "texte : Guide, axe 2 §2-b, 2e étape (L606-607)" in told
    assert "PROJ-09" in told


def test_a_rule_is_told_with_its_cells_its_text_its_limit_and_what_it_hangs_on(capsys: Capture) -> None:
    told = printed(capsys, "rules", "gen-12")
    assert "jumelage avec la lecture D-03:loi" in told
    assert "lit : Visas et accords, « Nature », « Envoyé le », « Reçu le », « Sens de la décision »" in told
    assert "limite : Délai du visa, 20 (jours calendaires)" in told
    assert "que faire : Saisir la décision reçue" in told
    assert "dépend de D-14 (Compter les vingt jours du visa) : lecture « lendemain »" in told
    assert "autre(s) : jour_meme" in told


def test_a_rule_is_told_under_the_readings_of_the_installation(tmp_path: Path, capsys: Capture) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[interpretations]\nD-14 = "jour_meme"\n', encoding="utf-8")
    assert "lecture « jour_meme »" in printed(capsys, "rules", "GEN-12", "--config", str(settings))


def test_a_rule_is_told_with_an_example_of_what_it_finds(capsys: Capture) -> None:
    told = printed(capsys, "rules", "LEX-02")
    assert "dit : L'ordre du jour a été communiqué le …, … jours avant l'ouverture du … : il en faut …." in told
    assert "exemple : " in told and "« L'ordre du jour a été communiqué le 13/01/2027, 19 jours avant" in told


@pytest.mark.parametrize(("typed", "meant"), [("GEN-122", "GEN-12"), ("GEN12", "GEN-12"), ("NC-99", "NC-09")])
def test_a_rule_that_nobody_knows_gets_near_ones(typed: str, meant: str, capsys: Capture) -> None:
    assert call("rules", typed) == 2
    assert meant in capsys.readouterr().err


def test_rows_of_every_kind_are_explained_and_near_numbers_offered(at: list[str], capsys: Capture) -> None:
    told = printed(capsys, "explain", "ses-00001", *at)
    assert told.startswith("SES-00001 · onglet Sessions")
    known = result(capsys, "explain", "PAR-00001", *at)
    assert (known["id"], known["tab"], known["row"], known["case"]) == ("PAR-00001", "partenaires", 2, "")
    assert {"findings", "rules"} <= set(known)
    assert call("explain", "SES-1", *at) == 2
    assert "Vouliez-vous dire SES-00001 ?" in capsys.readouterr().err
    assert call("explain", "XYZ", *at) == 2
    assert "ACT (Actes)" in capsys.readouterr().err


def test_an_agreement_in_json_has_what_every_rule_says_of_it(at: list[str], capsys: Capture) -> None:
    said: Any = result(capsys, "explain", "ACT-00010", *at)
    assert all(set(point) == {"chosen", "decides"} for point in said["readings"].values())
    assert {one["outcome"] for one in said["rules"]} <= {"fine", "problem", "not_applicable", "unknown"}
    owed = {(one["rule"], one["mend"]["row"]) for one in said["rules"] if one["owed"] and one["outcome"] == "problem"}
    assert {(f["rule"], f["row"]) for f in said["findings"] if f["outcome"] == "problem"} <= owed | {
        (f["rule"], f["row"]) for f in said["findings"] if f["rule"].startswith("DATA")
    }


def test_one_rule_on_one_row(at: list[str], capsys: Capture) -> None:
    told = printed(capsys, "rules", "LEX-01", "--sur", "SES-00001", *at)
    assert "SES-00001 (onglet Sessions, ligne 2) : " in told
    assert "cellules lues : Sessions" in told
    known = result(capsys, "rules", "LEX-01", "--sur", "SES-00001", *at)
    assert [one["rule"] for one in known] == ["LEX-01"]
    assert call("rules", "--sur", "SES-00001", *at) == 2
