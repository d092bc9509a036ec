"""An installation whose registry is with Google, by the commands that people type."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdi_sync.cli import cdi
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_google.http import RefusedError
from cdi_sync.errors import CdiError
from cdi_sync.tables import letters
from tests.demos import AS_OF
from tests.google.server import serving
from tests.google.world import Google
from tests.google_demo import PERSON, fill, installed

DAY = "2026-11-23"


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Google, str]]:
    google = Google(no_quota=True)
    with serving(google) as url:
        yield google, url


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory, shared: tuple[Google, str]) -> Installation:
    return installed(tmp_path_factory.mktemp("google") / "ici", *shared)


def typed(*words: str, at: Installation) -> Result:
    return CliRunner().invoke(cdi, [*words, "--config", str(at.folder / "settings.toml")], catch_exceptions=False)


def test_a_day_of_work_then_nothing_new(at: Installation) -> None:
    fill(at, seed=12, size=12, as_of=AS_OF)
    first = json.loads(typed("run", "--as-of", DAY, "--json", at=at).stdout)
    assert first["written"]["cells"] > 100
    again = json.loads(typed("run", "--as-of", DAY, "--json", at=at).stdout)
    assert again["written"] == {"cells": 0, "rows": 0}


def test_what_is_typed_over_a_title_is_kept_in_the_journal(at: Installation, shared: tuple[Google, str]) -> None:
    typed("run", "--as-of", DAY, at=at)
    book = at.settings.registre.google
    tab = at.knowledge.tabs["derogations"]
    letter = letters(next(n for n, column in enumerate(tab.columns, start=1) if column.key == "a_corriger"))
    shared[0].staff.now(PERSON).type(book, f"{tab.title}!{letter}1", "Mes notes")
    typed("run", "--as-of", DAY, at=at)
    told = shared[0].act(PERSON, "GET", f"/v4/spreadsheets/{book}/values/Journal")
    assert f"{tab.title} {letter}1 : « Mes notes »" in str(told)


def test_making_it_ready_again_dresses_what_was_added_and_then_changes_nothing(at: Installation) -> None:
    again = ["init", str(at.folder), "--google", at.settings.registre.google, "--json"]
    CliRunner().invoke(cdi, again)
    assert json.loads(CliRunner().invoke(cdi, again).stdout)["requests"] == 0


def test_a_spreadsheet_that_nobody_shared_is_told_with_whom_to_share_it(at: Installation, tmp_path: Path) -> None:
    other = shutil.copytree(at.folder, tmp_path / "autre")
    settings = other / "settings.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(at.settings.registre.google, "inconnu"), "utf-8")
    with pytest.raises(RefusedError, match="introuvable") as told:
        typed("check", at=Installation.at(settings))
    assert "cdi-robot@essai.iam.gserviceaccount.com" in told.value.fix


def test_the_doctor_says_that_the_registry_is_abroad(at: Installation) -> None:
    assert "09-08" in typed("doctor", at=at).output


@pytest.mark.proof  # the whole registry, looked at four times
def test_the_schema_commands_serve_for_a_shared_registry_too(at: Installation, shared: tuple[Google, str]) -> None:
    book, people = at.settings.registre.google, shared[0].staff.now(PERSON)
    assert typed("schema", "diff", at=at).stdout == "Le classeur est conforme aux déclarations.\n"
    people.rename_sheet(book, "Anomalies", "Anomalies (vieux)")
    people.delete_columns(book, "Réunions", 3)
    told = typed("schema", "diff", at=at).stdout
    assert "« Anomalies (vieux) », rempli par le système, reprend le titre « Anomalies »" in told
    assert "nouvelle colonne" in told
    assert "Rien n'a été écrit" in typed("schema", "apply", "--dry-run", at=at).stdout
    assert "est à jour" in typed("schema", "apply", at=at).stdout
    assert json.loads(typed("schema", "diff", "--json", at=at).stdout) == []
    json.loads(typed("check", "--as-of", DAY, "--json", at=at).stdout)


def test_the_address_of_a_spreadsheet_serves_as_its_identifier(at: Installation) -> None:
    address = f"https://docs.google.com/spreadsheets/d/{at.settings.registre.google}/edit?gid=0#gid=0"
    assert CliRunner().invoke(cdi, ["init", str(at.folder), "--google", address]).exit_code == 0


@pytest.mark.parametrize(("identifier", "key", "said"), [
    ("x y", "robot.json", "identifiant"),
    ("https://example.org/d/abc", "robot.json", "identifiant"),
    ("abc", "absente.json", "clé du robot"),
])  # fmt: skip
def test_a_registry_that_could_not_be_made_leaves_no_settings(
    at: Installation, tmp_path: Path, identifier: str, key: str, said: str
) -> None:
    asked = ["init", str(tmp_path / "neuf"), "--google", identifier, "--cle", str(at.folder / key)]
    with pytest.raises(CdiError, match=said):
        CliRunner().invoke(cdi, asked, catch_exceptions=False)
    assert not (tmp_path / "neuf" / "settings.toml").exists()
