"""The command line as a person or another machine meets it: results, errors that name the fix, exit codes, JSON."""

import fcntl
import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.cli import main
from cdi_sync.edges.installation import Installation
from tests.demos import installation

DAY = ["--as-of", "2026-11-23"]


def call(*arguments: str) -> int:
    """Runs `cdi` in this process: its exit code."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


@pytest.fixture
def at(tmp_path: Path) -> list[str]:
    """Options that point to a demo of sixty agreements."""
    installation(tmp_path)
    return ["--config", str(tmp_path / "settings.toml"), *DAY]


def result(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


# ------------------------------------------------------------------------------------------------------- JSON


def test_check_lists_findings_with_the_keys_of_the_contract(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    told = result(capsys, "check", *at)
    assert told["as_of"] == "2026-11-23"
    keys = {
        "rule",
        "severity",
        "outcome",
        "case",
        "tab",
        "id",
        "row",
        "column",
        "read",
        "expected",
        "message",
        "fix",
        "sources",
    }
    assert all(keys <= set(finding) for finding in told["findings"])
    assert {finding["outcome"] for finding in told["findings"]} <= {"problem", "unknown"}
    assert [f["tab"] for f in told["findings"]] == [f["tab"] for f in result(capsys, "check", *at)["findings"]]


def test_check_finds_exactly_what_attendu_says(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = json.loads((tmp_path / "attendu.json").read_text(encoding="utf-8"))
    seen: dict[tuple[str, str], set[str]] = {}
    for finding in result(capsys, "check", *at)["findings"]:
        if finding["outcome"] == "problem":
            seen.setdefault((finding["tab"], finding["id"]), set()).add(finding["rule"])
    assert seen == {(row["tab"], row["id"]): set(row["rules"]) for row in planted["rows"]}
    assert planted["as_of"] == "2026-11-23"


def test_run_tells_what_it_wrote_and_sent(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    told = result(capsys, "run", *at)
    assert set(told) == {"as_of", "rows", "findings", "written", "letters", "mailbox", "forms", "warnings"}
    assert told["written"]["cells"] > 0
    assert set(told["letters"]) == {"new", "sent", "failed", "unknown", "held"}
    assert result(capsys, "run", *at)["written"] == {"cells": 0, "rows": 0}


def test_outbox_lists_each_letter_with_its_notices_and_its_file(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result(capsys, "run", *at)
    letters = result(capsys, "outbox", *at)
    assert letters
    for letter in letters:
        assert set(letter) == {"key", "message_id", "to", "lang", "kind", "state", "notices", "eml"}
        assert letter["state"] == "sent"
        assert all(set(notice) == {"reminder", "case", "anchor", "step"} for notice in letter["notices"])
        assert letter["message_id"] in (tmp_path / letter["eml"]).read_text(encoding="utf-8")


def test_schema_names_tabs_columns_and_catalogue_fields(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    tabs = {tab["tab"]: tab for tab in result(capsys, "schema", *at)}
    assert len(tabs) == 19
    assert tabs["actes"]["header_row"] == 1
    column = next(c for c in tabs["deliberations"]["columns"] if c["key"] == "date_pv")
    assert column == {
        "key": "date_pv",
        "title": column["title"],
        "catalogue": "DELIBERATIONS.date_pv",
        "type": "date",
        "owner": "staff",
    }


def test_rules_lists_the_236_rules_and_says_why_some_are_not_verified(capsys: pytest.CaptureFixture[str]) -> None:
    rules = result(capsys, "rules")
    assert len(rules) == 236
    contract = {"id", "severity", "kind", "applies_to", "executable", "reason", "sources"}
    assert all(contract <= set(rule) for rule in rules)
    assert sum(rule["executable"] for rule in rules) >= 25
    assert all(rule["executable"] or rule["reason"] for rule in rules)
    assert all(rule["sources"] for rule in rules)


def test_explain_tells_stage_due_day_and_what_blocks(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    waiting = waits_for_its_visa(at, capsys)
    keys = {
        "id",
        "form",
        "stage",
        "since",
        "next_step",
        "actor",
        "due",
        "days_left",
        "visa_day",
        "blocked_by",
        "path",
        "findings",
    }
    assert keys <= set(waiting)
    assert waiting["days_left"] == 20 - waiting["visa_day"]
    assert "GEN-10" in waiting["blocked_by"]
    assert waiting["path"][-1]["stage"] == waiting["stage"]


def waits_for_its_visa(at: list[str], capsys: pytest.CaptureFixture[str], form: str = "") -> Any:
    """What `explain` says of an agreement, of that form, that waits for its visa."""
    standings = Installation.at(Path(at[1])).read(date(2026, 11, 23)).assessment.standings.values()
    id_ = next(s.id for s in standings if s.visa_day is not None and form in ("", s.form))
    return result(capsys, "explain", id_, *at)


# -------------------------------------------------------------------------------------------- words for people


def test_explain_speaks_french_and_cites_its_texts(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    waiting = waits_for_its_visa(at, capsys)
    assert call("explain", waiting["id"], *at) == 0
    told = capsys.readouterr().out
    assert f"jour {waiting['visa_day']} / 20" in told
    assert "À qui d'agir" in told
    assert "GEN-10" in told
    assert "Guide" in told
    assert "lecture retenue" in told
    assert "autre lecture" in told


def test_check_exits_1_while_a_blocking_finding_stands(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", *at) == 1
    assert "anomalie(s) bloquante(s)" in capsys.readouterr().out


def test_an_empty_registry_has_nothing_to_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("init", str(tmp_path / "neuf")) == 0
    at = ["--config", str(tmp_path / "neuf" / "settings.toml"), *DAY]
    for command in ("check", "run", "sync", "remind", "report", "status", "doctor", "outbox"):
        assert call(command, *at) == 0, command
    assert "Aucune anomalie" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "sync", "remind", "report", "run", "status", "outbox"])
def test_a_missing_settings_file_names_the_fix(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(command, "--config", str(tmp_path / "absent.toml")) == 2
    assert "cdi init" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ('[mail]\ntransport = "pigeon"\n', "mail.transport"),
        ("[registre]\nclasseurs = 'x'\n", "registre.classeurs"),
        ("[registre]\nlignes_en_reserve = -1\n", "registre.lignes_en_reserve"),
        ('[interpretations]\nD-01 = "autre"\n', "D-01"),
        ("[mail\n", "settings.toml"),
    ],
)
def test_a_wrong_setting_is_named(
    settings: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installation(tmp_path)
    (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    assert call("check", "--config", str(tmp_path / "settings.toml"), *DAY) == 2
    assert named in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "0"),
        (b"pas un classeur", "classeur"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "mot de passe"),
    ],
)
def test_a_file_that_is_no_workbook_exits_3(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installation(tmp_path)
    (tmp_path / "registre.xlsx").write_bytes(content)
    assert call("run", "--config", str(tmp_path / "settings.toml"), *DAY) == 3
    told = capsys.readouterr().err
    assert "Erreur" in told
    assert "Que faire" in told
    assert said in told or content == b""
    assert (tmp_path / "registre.xlsx").read_bytes() == content


def test_an_unknown_act_names_the_nearest_one(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("explain", "ACT-0012", *at) == 2
    assert "ACT-00012" in capsys.readouterr().err


def test_a_wrong_day_is_refused_with_an_example(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "--config", at[1], "--as-of", "23/11/2026") == 2
    assert "2026-11-23" in capsys.readouterr().err


def test_a_second_copy_exits_75(at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / ".cdi.lock").open("a") as held:
        fcntl.flock(held.fileno(), fcntl.LOCK_EX)
        assert call("run", *at) == 75
    assert "Une autre copie" in capsys.readouterr().err
    assert call("run", *at) == 0


def test_an_open_workbook_exits_3_from_run_and_names_who(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".~lock.registre.xlsx#").write_text(",amina,poste3,;", encoding="utf-8")
    assert call("run", *at) == 3
    assert "amina" in capsys.readouterr().out


def test_doctor_names_what_is_wrong_and_the_fix(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "registre.xlsx").unlink()
    assert call("doctor", *at) == 3
    told = capsys.readouterr().out
    assert "✗ Classeur lisible" in told
    assert "→" in told


def test_dry_run_leaves_no_trace(at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert call("run", *at, "--dry-run") == 0
    assert "rien n'a été écrit" in capsys.readouterr().out
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != ".cdi.lock"} == before


def test_a_bug_of_ours_exits_70_and_says_so(
    at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cdi_sync.assessment.assess", broken)
    assert call("check", *at) == 70
    assert "pas de votre fait" in capsys.readouterr().err


def test_the_command_answers_as_a_module_too() -> None:
    told = subprocess.run([sys.executable, "-m", "cdi_sync", "--help"], capture_output=True, text=True, check=True)
    for command in (
        "init",
        "demo",
        "doctor",
        "check",
        "sync",
        "remind",
        "report",
        "run",
        "serve",
        "status",
        "explain",
        "rules",
        "outbox",
        "schema",
    ):
        assert command in told.stdout


def test_explain_names_each_reading_once_and_says_which_is_in_force(
    at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = waits_for_its_visa(at, capsys, "CONVENTION")
    call("explain", waiting["id"], *at)
    told = capsys.readouterr().out
    assert told.count("lecture retenue « guide », le ministère de l'Intérieur") == 1
    assert told.count("autre lecture « loi » : le ministère de l'Intérieur pour les régions") == 1
    assert "autre lecture « guide »" not in told


def test_status_tells_the_letters_and_the_last_slot_of_each_job(
    at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    call("remind", *at)
    store = Installation.at(Path(at[1])).store
    made = len(store.outbox.letters())
    capsys.readouterr()
    for slot in ("2026-11-20T18:00", "2026-11-23T07:00"):
        store.record_run(
            "sync", slot, at=datetime.fromisoformat(f"{slot}:30+00:00"), outcome="3 cellule(s) mises à jour"
        )
    known = result(capsys, "status", *at)
    assert known["letters"] == {"sent": made}
    assert [(job["job"], job["slot"]) for job in known["jobs"]] == [("sync", "2026-11-23T07:00")]
    call("status", *at)
    told = capsys.readouterr().out
    assert f"Courriels : {made} remis." in told
    assert "Service, sync : créneau 2026-11-23T07:00, fini le 2026-11-23T07:00" in told


# -------------------------------------------------------------------------------------------- reference lists


def test_a_reference_list_is_shown_and_searched(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema", "liste", "communes", "fes") == 0
    assert "3231010 Fès (commune, Fès)" in capsys.readouterr().out
    provinces = result(capsys, "schema", "liste", "provinces")
    assert len(provinces) == 75
    assert set(provinces[0]) == {"code", "name", "name_ar", "tier", "region", "province", "population"}
    assert call("schema", "liste", "pays", "senagal") == 0
    assert "SN  Sénégal" in capsys.readouterr().out
