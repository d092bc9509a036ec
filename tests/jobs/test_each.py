"""The day's work of many registries in one command, as whoever looks after them meets it."""

import gc
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import jobs.each
from cdi_sync.cli import cdi
from cdi_sync.edges.installation import Common, Installation, Reading
from cdi_sync.errors import ConfigError, ExitCode
from jobs.each import Folder, Outcome, each, gravest
from tests.demos import AS_OF, lean_installation

DAY = "2026-11-23"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two registries that no job has touched, and a sub-folder of something else."""
    folder = tmp_path_factory.mktemp("registres")
    lean_installation(folder / "azrou", size=1)
    lean_installation(folder / "fes", size=4)
    (folder / "notes").mkdir()
    return folder


@pytest.fixture
def folder(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "registres")


def typed(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(cdi, ["run", "--each", str(folder), "--as-of", DAY, *more], catch_exceptions=False)


def state(folder: Path) -> Mapping[str, bytes]:
    """What each file holds, the lock's left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".cdi.lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_each_registry_is_done_once_then_nothing_is_new(folder: Path) -> None:
    told = typed(folder)
    assert told.exit_code == ExitCode.FINE
    assert told.stdout.splitlines()[0].startswith("azrou : ")
    assert "2 registre(s) : 2 faits, 0 sans rien de nouveau, 0 en échec" in told.stdout
    assert "Sous-dossiers sans settings.toml, laissés de côté : notes." in told.stdout
    letters = [path.name for path in folder.rglob("*.eml")]
    assert letters
    again = typed(folder)
    assert "2 registre(s) : 0 faits, 2 sans rien de nouveau, 0 en échec" in again.stdout
    assert [path.name for path in folder.rglob("*.eml")] == letters


def test_what_fails_is_told_with_its_folder_and_its_remedy_and_the_others_go_on(folder: Path) -> None:
    (folder / "bad").mkdir()
    (folder / "bad" / "settings.toml").write_text("[registre]\nclasseurs = 'x'\n", encoding="utf-8")
    (folder / "absent").mkdir()
    (folder / "absent" / "settings.toml").write_text("", encoding="utf-8")
    with Installation.at(folder / "azrou" / "settings.toml").alone():
        told = typed(folder)
    assert told.exit_code == ExitCode.USAGE
    assert "4 registre(s) : 1 faits, 0 sans rien de nouveau, 3 en échec" in told.stdout
    assert "En échec : absent, azrou, bad." in told.stdout
    assert "bad : Des réglages ne conviennent pas." in told.stderr
    assert "registre.classeurs : clé inconnue" in told.stderr
    assert "azrou : Une autre copie travaille déjà" in told.stderr
    assert told.stderr.count("Que faire : ") == 3


def test_json_has_one_object_a_registry_and_totals(folder: Path) -> None:
    (folder / "absent").mkdir()
    (folder / "absent" / "settings.toml").write_text("", encoding="utf-8")
    answer = typed(folder, "--json")
    told: dict[str, Any] = json.loads(answer.stdout)
    assert answer.exit_code == told["totals"]["exit_code"] == ExitCode.WORKBOOK
    absent, azrou, fes = told["registries"]
    assert set(absent["error"]) == {"what", "where", "why", "fix"}
    assert (azrou["folder"], azrou["exit_code"], azrou["error"]) == ("azrou", 0, None)
    assert told["ignored"] == ["notes"]
    totals = told["totals"]
    assert [totals[key] for key in ("registries", "done", "unchanged", "failed", "remaining")] == [3, 2, 0, 1, 0]
    assert totals["written"]["cells"] == azrou["written"]["cells"] + fes["written"]["cells"] > 0
    assert totals["letters"]["sent"] == azrou["letters"]["sent"] + fes["letters"]["sent"]
    assert set(azrou["letters"]) == {"new", "sent", "failed", "unknown", "held"}


def test_a_dry_run_says_what_would_be_done_and_does_nothing(folder: Path) -> None:
    before = state(folder)
    told = typed(folder, "--dry-run")
    assert "2 registre(s) : 2 à compléter" in told.stdout
    assert "Rien n'a été écrit." in told.stdout
    assert state(folder) == before


def test_two_installations_of_one_registry_are_both_left_alone(folder: Path) -> None:
    shutil.copy(folder / "fes" / "settings.toml", folder / "notes")
    with (folder / "notes" / "settings.toml").open("a", encoding="utf-8") as settings:
        settings.write("classeur = '../fes/registre.xlsx'\n")
    before = state(folder / "fes")
    told = typed(folder)
    assert told.exit_code == ExitCode.USAGE
    assert "fes : Deux installations pour un seul registre" in told.stderr
    assert "aussi celui de « fes »" in told.stderr
    assert "1 faits, 0 sans rien de nouveau, 2 en échec" in told.stdout
    assert state(folder / "fes") == before


def test_a_defect_of_ours_in_one_leaves_the_others_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(at: Installation, *rest: Any, **named: Any) -> Any:
        if at.folder.name == "azrou":
            raise ZeroDivisionError
        return run(at, *rest, **named)

    run = jobs.each.run
    monkeypatch.setattr(jobs.each, "run", broken)
    told = typed(folder)
    assert told.exit_code == ExitCode.BUG
    assert "azrou : Erreur du logiciel, pas de votre fait." in told.stderr
    assert "ZeroDivisionError" in told.stderr
    assert "1 faits, 0 sans rien de nouveau, 1 en échec" in told.stdout


def test_what_was_done_before_an_interruption_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **named: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs.each, "run", interrupted)
    told = CliRunner().invoke(cdi, ["run", "--each", str(folder), "--as-of", DAY])
    assert "2 registre(s) : 0 faits, 0 sans rien de nouveau, 0 en échec, 2 dont le tour n'est pas venu" in told.stdout


def test_a_folder_without_installations_says_how_to_make_them(folder: Path) -> None:
    with pytest.raises(ConfigError, match="Aucune installation") as told:
        typed(folder / "notes")
    assert "cdi init" in told.value.fix
    with pytest.raises(ConfigError, match="n'existe pas"):
        typed(folder / "nulle-part")


def test_each_and_config_do_not_go_together(folder: Path) -> None:
    with pytest.raises(ConfigError, match="ne vont pas ensemble"):
        typed(folder, "--config", "settings.toml")


def test_nothing_of_a_registry_is_kept_after_it(folder: Path) -> None:
    (folder / "fes" / "registre.xlsx").write_bytes(b"")  # an error that would keep what it was raised from
    before = held()
    for _ in each(Folder.at(folder), AS_OF):
        opened = [file.readlink() for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
        assert not [path for path in opened if path.is_relative_to(folder)]
        assert held() <= before


def held() -> int:
    """How many registries are in memory, those of other tests included."""
    gc.collect()
    return sum(isinstance(value, Reading | Installation) for value in gc.get_objects())


def test_what_configuration_declares_is_read_once_for_all_but_those_that_replace_some(folder: Path) -> None:
    (folder / "fes" / "config").mkdir()
    common = Common()
    azrou, fes = (Installation.at(folder / name / "settings.toml", common) for name in ("azrou", "fes"))
    assert azrou.declarations is common.declarations
    assert fes.declarations is not common.declarations


@pytest.mark.parametrize(("codes", "worst"), [
    ((), 0), ((0, 75), 75), ((75, 3), 3), ((3, 2, 0), 2), ((2, 4), 4), ((70, 4), 70),
])  # fmt: skip
def test_the_gravest_code_is_told(codes: tuple[int, ...], worst: int) -> None:
    assert gravest([Outcome("x", code=ExitCode(code)) for code in codes]) == worst
