"""A registry that moves house: from a local workbook to Google and back, and a whole one taken over."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from cdi_sync.cli import cdi
from cdi_sync.cli.as_json import finding_json
from cdi_sync.edges import setup
from cdi_sync.edges.carrying import carried, differences
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx.reading import read
from cdi_sync.edges.workbook_xlsx.splice import Cell, splice
from cdi_sync.errors import CdiError, RegistryError
from tests.demos import AS_OF, lean_installation
from tests.google.server import serving
from tests.google.world import Google
from tests.google_demo import PERSON, ROBOT, installed, shared_spreadsheet

OWN_TAB, OWN_COLUMN = "Nos courriers : 2026", "Suivi interne"
CARRIED_JOURNAL = [AS_OF, "Texte effacé", "Actes K4 : « je note ici »"]


def typed(at: Installation, *words: object) -> Any:
    """What a command prints as JSON. Raises what it raises."""
    asked = [*map(str, words), "--config", str(at.folder / "settings.toml"), "--as-of", AS_OF.isoformat(), "--json"]
    done = CliRunner().invoke(cdi, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def again(at: Installation) -> Installation:
    return Installation.at(at.folder / "settings.toml")


def held(at: Installation) -> Any:
    return carried(again(at).book.read().grids, list(at.knowledge.tabs.values()))


def told(at: Installation) -> str:
    """The assessment of an installation's registry, as JSON."""
    reading = again(at).read(AS_OF)
    found = [finding_json(finding) for finding in reading.assessment.findings]
    standings = {id_: repr(standing) for id_, standing in reading.assessment.standings.items()}
    return json.dumps([found, standings], ensure_ascii=False, default=str, sort_keys=True)


def with_their_own(at: Installation) -> Installation:
    """What staff add to a registry: a column, a tab, a note, a formula, a year in the place of a day; and a past."""
    path = at.folder / "registre.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Actes"]
    at_end = sheet.max_column + 1
    for row, value in enumerate([OWN_COLUMN, "relancé", AS_OF, 12.5, True, None, "=pas une formule"], 1):
        cell = sheet.cell(row, at_end, value)
        cell.data_type = "s" if isinstance(value, str) else cell.data_type
    sheet.cell(3, at_end).comment = openpyxl.comments.Comment("à revoir", "Amina")
    signed = next(cell.column for cell in sheet[1] if str(cell.value).startswith("Date de signature"))
    sheet.cell(4, signed).value = 2009
    sheet.cell(4, signed).number_format = "General"
    other = book.create_sheet("Courriers")
    for line in (["Reçu le", "Objet"], [AS_OF, "Demande d'avis"], [None, 3]):
        other.append(line)
    for line in (["Date", "Événement", "Détail"], CARRIED_JOURNAL):
        book["Journal"].append(line)
    book.save(path)
    path.write_bytes(splice(path.read_bytes(), {"Courriers": {(5, 2): Cell(7, "3+4")}}, {}).data)
    return at


@pytest.fixture(scope="module")
def google() -> Iterator[tuple[Google, str]]:
    google = Google(no_quota=True)
    with serving(google) as url:
        yield google, url
    assert google.violations == []


def ready(at: Installation, google: tuple[Google, str]) -> Installation:
    """The installation with what it needs to speak to Google."""
    key = google[0].tokens.new_service_account(ROBOT, google[1])
    (at.folder / "robot.json").write_text(json.dumps(key), encoding="utf-8")
    settings = at.folder / "settings.toml"
    more = f'[google]\ncle = "robot.json"\nsheets = "{google[1]}"\ndrive = "{google[1]}"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    return again(at)


# ------------------------------------------------------------------------------------- from a local file to Google


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, google: tuple[Google, str]) -> dict[str, Any]:
    """A local registry moved to Google, its looks aside: what it was, and what was told."""
    at = with_their_own(ready(lean_installation(tmp_path_factory.mktemp("ici"), size=4), google))
    local, findings, data = held(at), told(at), (at.folder / "registre.xlsx").read_bytes()
    spreadsheet = shared_spreadsheet(google[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setup, "hints_of", lambda *_: None)
        moved = typed(at, "export", "--google", spreadsheet, "--basculer")
    return {"at": again(at), "local": local, "findings": findings, "data": data, "moved": moved, "id": spreadsheet}


def test_google_holds_what_staff_typed_the_same_numbers_and_journal_and_is_told_the_same(house: Any) -> None:
    shared = held(house["at"])
    assert [line for line in differences(house["local"], shared) if "« 2009 » au lieu de « 2009" not in line] == []
    assert list(shared.journal[2]) == CARRIED_JOURNAL
    assert shared.tabs["actes"].added == [OWN_COLUMN]
    assert shared.own["Courriers"][1][1] == "Demande d'avis"
    assert told(house["at"]) == house["findings"]


@pytest.mark.proof
def test_a_registry_that_moved_looks_as_one_made_there(tmp_path: Path, google: tuple[Google, str]) -> None:
    at = ready(lean_installation(tmp_path / "ici", size=4), google)
    spreadsheet = shared_spreadsheet(google[0])
    typed(at, "export", "--google", spreadsheet, "--basculer")
    again_made = CliRunner().invoke(cdi, ["init", str(at.folder), "--google", spreadsheet, "--json"])
    assert json.loads(again_made.stdout)["requests"] == 0


def test_the_settings_point_to_google_and_the_file_stays_as_it_was(house: Any) -> None:
    assert house["at"].settings.registre.google == house["id"]
    assert (house["at"].folder / "registre.xlsx").read_bytes() == house["data"]
    assert house["moved"]["switched"]


def test_what_does_not_follow_is_told(house: Any) -> None:
    left = "\n".join(house["moved"]["left"])
    assert "Courriers : 1 formule(s), dont la valeur seule est reprise (B5)" in left
    assert "la note n'est pas reprise" in left
    assert "2009 devient du texte" in left


def test_a_spreadsheet_that_holds_anything_is_refused_and_left_alone(
    at: Installation, google: tuple[Google, str]
) -> None:
    other, at = shared_spreadsheet(google[0]), ready(at, google)
    google[0].staff.now(PERSON).type(other, "Sheet1!C3", "budget")
    before = google[0].act(PERSON, "GET", f"/v4/spreadsheets/{other}")
    with pytest.raises(RegistryError, match="contient déjà") as refused:
        typed(at, "export", "--google", other, "--basculer")
    assert refused.value.why == "Sheet1 (1 cellule(s))"
    assert google[0].act(PERSON, "GET", f"/v4/spreadsheets/{other}") == before
    assert again(at).settings.registre.google == ""


@pytest.mark.proof
def test_the_way_back_to_a_file_gives_the_same_registry(house: Any, tmp_path: Path) -> None:
    typed(house["at"], "export", tmp_path / "retour.xlsx")
    back = carried(read(tmp_path / "retour.xlsx").grids, list(house["at"].knowledge.tabs.values()))
    assert [line for line in differences(house["local"], back) if "« 2009 » au lieu de « 2009" not in line] == []
    at_end = [row[-1] for row in back.tabs["actes"].rows[:6]]
    assert at_end == ["relancé", AS_OF, 12.5, True, None, "=pas une formule"], "days are days again"
    assert list(back.own["Courriers"][1]) == [AS_OF, "Demande d'avis"]
    (tmp_path / "settings.toml").write_text('[registre]\nclasseur = "retour.xlsx"\n', encoding="utf-8")
    assert told(Installation.at(tmp_path / "settings.toml")) == house["findings"]


@pytest.mark.proof
def test_a_list_goes_into_google_in_its_free_rows(house: Any, tmp_path: Path) -> None:
    listed = tmp_path / "liste.csv"
    text = "Partenaire;Pays;Nature;Date de signature\nVille de Gênes;Italie;Jumelage;03/04/2009\n"
    listed.write_text(text, encoding="utf-8")
    before = {row[0] for row in held(house["at"]).tabs["actes"].rows}
    council = held(house["at"]).tabs["collectivites"].rows[0][0]
    typed(house["at"], "import", listed, "--collectivite", council, "--apply")
    after = held(house["at"])
    assert "Ville de Gênes" in [row[1] for row in after.tabs["partenaires"].rows]
    assert len({row[0] for row in after.tabs["actes"].rows} - before) == 1
    told_again = typed(house["at"], "import", listed, "--collectivite", council, "--apply")
    assert told_again["added"] == {"actes": 0, "partenaires": 0}


# ------------------------------------------------------------------------------------------------- local files


@pytest.fixture
def at(tmp_path: Path) -> Installation:
    return lean_installation(tmp_path / "ici", size=2)


def test_an_export_never_takes_the_place_of_a_file_unless_asked_to(at: Installation, tmp_path: Path) -> None:
    target = tmp_path / "copie.xlsx"
    target.write_text("à garder", encoding="utf-8")
    with pytest.raises(CdiError, match="existe déjà"):
        typed(at, "export", target)
    with pytest.raises(CdiError, match="le registre lui-même"):
        typed(at, "export", at.workbook, "--remplacer")
    assert target.read_text(encoding="utf-8") == "à garder"
    assert typed(at, "export", target, "--remplacer", "--dry-run")["applied"] is False
    assert target.read_text(encoding="utf-8") == "à garder"


def test_a_formula_without_a_result_is_refused_before_anything_is_written(at: Installation, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(at.workbook)
    book["Actes"]["B2"] = "=1+1"
    book.save(at.workbook)
    with pytest.raises(RegistryError, match="pas de résultat") as refused:
        typed(at, "export", tmp_path / "copie.xlsx")
    assert "Actes" in refused.value.where
    assert not (tmp_path / "copie.xlsx").exists()


def empty(folder: Path) -> Installation:
    assert CliRunner().invoke(cdi, ["init", str(folder)]).exit_code == 0
    return Installation.at(folder / "settings.toml")


@pytest.mark.proof
def test_a_whole_registry_is_taken_over_with_its_numbers_and_journal(at: Installation, tmp_path: Path) -> None:
    new = empty(tmp_path / "neuf")
    typed(new, "import", with_their_own(at).workbook, "--registre")
    assert list(differences(held(at), held(new))) == []
    assert told(new) == told(at)
    assert (new.folder / "sauvegardes").is_dir(), "the empty one was kept"


@pytest.mark.proof
def test_with_the_ledger_nothing_that_was_sent_is_sent_again(tmp_path: Path) -> None:
    at, new = lean_installation(tmp_path / "ici"), empty(tmp_path / "neuf")
    made = typed(at, "run")["letters"]["new"]
    done = typed(new, "import", at.workbook, "--registre", "--suivi", at.folder / "suivi.sqlite")
    assert done["letters"] == made > 0
    assert typed(new, "run")["letters"]["new"] == 0
    assert "Texte effacé" not in str(held(new).journal), "our own texts don't pass for somebody's"


def test_a_registry_in_use_takes_no_other_over(at: Installation, tmp_path: Path) -> None:
    other = lean_installation(tmp_path / "autre", size=3)
    before = other.workbook.read_bytes()
    with pytest.raises(RegistryError, match="contient déjà"):
        typed(other, "import", at.workbook, "--registre")
    assert other.workbook.read_bytes() == before


def test_a_file_that_is_no_registry_is_told_what_it_lacks(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "autre.xlsx")
    with pytest.raises(RegistryError) as refused:
        typed(empty(tmp_path / "neuf"), "import", tmp_path / "autre.xlsx", "--registre")
    assert "Onglet « Actes » : introuvable" in refused.value.why


# ---------------------------------------------------------------------------------------------- the whole way


@pytest.mark.proof
def test_there_and_back_with_days_of_work_between_sends_nothing_twice(
    tmp_path: Path, google: tuple[Google, str]
) -> None:
    at = with_their_own(ready(lean_installation(tmp_path / "ici"), google))
    first = typed(at, "run")
    assert first["letters"]["new"] > 0
    local, findings = held(at), told(at)
    typed(at, "export", "--google", shared_spreadsheet(google[0]), "--basculer")
    assert typed(at, "run")["letters"]["new"] == 0
    assert typed(at, "run")["written"] == {"cells": 0, "rows": 0}
    typed(at, "export", tmp_path / "retour.xlsx", "--basculer")
    assert again(at).workbook == tmp_path / "retour.xlsx"
    again_at_home = typed(at, "run")
    assert again_at_home["letters"]["new"] == 0
    changed = [line for line in differences(local, held(at)) if "2009" not in line and "Journal" not in line]
    assert changed == []
    assert told(at) == findings
    assert str(CARRIED_JOURNAL[2]) in str(held(at).journal)
    assert str(held(at).journal).count("Texte effacé") == 1


@pytest.mark.proof
def test_a_whole_registry_is_taken_over_into_google_and_a_stopped_try_is_finished_by_the_next(
    tmp_path: Path, google: tuple[Google, str]
) -> None:
    at = with_their_own(lean_installation(tmp_path / "ici", size=4))
    shared = installed(tmp_path / "neuf", *google)
    google[0].faults.add(403, "sheets.spreadsheets.get", skip=5)  # the reading that verifies
    with pytest.raises(CdiError):
        typed(shared, "import", at.workbook, "--registre")
    google[0].faults.clear()
    writes = google[0].count("sheets.spreadsheets.batchUpdate")
    assert typed(shared, "import", at.workbook, "--registre")["applied"]
    assert google[0].count("sheets.spreadsheets.batchUpdate") == writes, "all was there already"
    assert told(shared) == told(at)
    assert [line for line in differences(held(at), held(shared)) if "2009" not in line] == []
