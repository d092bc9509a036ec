"""`cdi doctor` on a registry with Google: what is wrong is said with its remedy, and a run says what is misread."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cdi_sync.cli import cdi
from cdi_sync.edges.diagnosis import Result
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.setup import create_google
from cdi_sync.edges.workbook_google.diagnosis import (
    access_result,
    clock_results,
    examine_google,
    language_result,
    sharing_result,
    size_result,
    tabs_result,
)
from cdi_sync.edges.workbook_google.language import misread
from tests.google import faults
from tests.google.server import serving
from tests.google.world import Google
from tests.google_demo import PERSON, ROBOT, shared_spreadsheet

AMERICAN = {"locale": "en_US", "timeZone": "America/Los_Angeles"}


@dataclass(frozen=True)
class Shared:
    """A registry made ready and still empty; each test that changes it works on a copy."""

    google: Google
    url: str
    at: Installation

    def copied(self, folder: Path) -> Installation:
        """An installation of the same robot, whose spreadsheet is a copy."""
        book = self.at.settings.registre.google
        made = self.google.act(PERSON, "POST", f"/drive/v3/files/{book}/copy")["id"]
        self.share(made, {"type": "user", "role": "writer", "emailAddress": ROBOT})
        return self.with_spreadsheet(folder, made)

    def with_spreadsheet(self, folder: Path, spreadsheet: str) -> Installation:
        text = (self.at.folder / "settings.toml").read_text(encoding="utf-8")
        text = text.replace(self.at.settings.registre.google, spreadsheet)
        (folder / "settings.toml").write_text(text, encoding="utf-8")
        key = folder / "robot.json"
        key.write_bytes((self.at.folder / "robot.json").read_bytes())
        key.chmod(0o600)
        return Installation.at(folder / "settings.toml")

    def share(self, spreadsheet: str, permission: dict[str, str]) -> None:
        self.google.act(PERSON, "POST", f"/drive/v3/files/{spreadsheet}/permissions", permission)

    def change(self, at: Installation, *requests: dict[str, Any]) -> None:
        """Has a person change the spreadsheet."""
        self.google.act(PERSON, "POST", f"/v4/spreadsheets/{at.settings.registre.google}:batchUpdate",
                        {"requests": list(requests)})  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    google = Google(no_quota=True)
    with serving(google) as url:
        folder, book = tmp_path_factory.mktemp("google"), shared_spreadsheet(google)
        (folder / "robot.json").write_text(json.dumps(google.tokens.new_service_account(ROBOT, url)), encoding="utf-8")
        (folder / "robot.json").chmod(0o600)
        (folder / "settings.toml").write_text(
            f'[registre]\ngoogle = "{book}"\nlignes_en_reserve = 5\n'
            f'[google]\ncle = "robot.json"\nsheets = "{url}"\ndrive = "{url}"\n',
            encoding="utf-8",
        )
        create_google(folder, book, None)
        yield Shared(google, url, Installation.at(folder / "settings.toml"))
    assert google.violations == []


@pytest.fixture
def at(shared: Shared, tmp_path: Path) -> Installation:
    return shared.copied(tmp_path)


def typed(*words: str, at: Installation) -> Any:
    done = CliRunner().invoke(cdi, [*words, "--config", str(at.folder / "settings.toml"), "--json"])
    return json.loads(done.stdout), done.exit_code


def seen(at: Installation, what: str) -> Result:
    """What is found of one thing; what comes after isn't looked at."""
    return next(each for each in examine_google(at) if each.what == what)


# ------------------------------------------------------------------------------------------------ the whole


def test_a_registry_just_made_is_well_and_looking_writes_nothing(shared: Shared) -> None:
    before = len(shared.google.log)
    told, code = typed("doctor", at=shared.at)
    assert [each for each in told if not each["ok"]] == []
    assert code == 0
    assert f"({ROBOT}) est éditeur" in str(told)
    assert "09-08" in str(told)
    asked = Counter(each.method for each in shared.google.log[before:] if each.user == ROBOT)
    assert asked == {"drive.files.get": 1, "sheets.spreadsheets.get": 3, "sheets.spreadsheets.values.batchGet": 1}


def undo(shared: Shared, at: Installation) -> None:
    """What people may do to a registry by mistake: a protection, a chart and the mark of a column go."""
    book = at.settings.registre.google
    sheets = shared.google.act(PERSON, "GET", f"/v4/spreadsheets/{book}",
                               fields="sheets(properties(title),protectedRanges,charts(chartId))")["sheets"]  # fmt: skip
    of = {each["properties"]["title"]: each for each in sheets}
    guard, chart = of["Actes"]["protectedRanges"][0], of["Tableau de bord"]["charts"][0]
    mark = {"developerMetadataLookup": {"metadataKey": "cdi_colonne", "metadataValue": "actes.intitule"}}
    shared.change(
        at,
        {"deleteProtectedRange": {"protectedRangeId": guard["protectedRangeId"]}},
        {"deleteEmbeddedObject": {"objectId": chart["chartId"]}},
        {"deleteDeveloperMetadata": {"dataFilter": mark}},
    )


def test_what_people_undid_is_told_with_the_command_that_mends_it(shared: Shared, at: Installation) -> None:
    undo(shared, at)
    told, code = typed("doctor", at=at)
    wrong = {each["check"]: each for each in told if not each["ok"]}
    assert set(wrong) == {"Protections", "Présentation", "Repères des colonnes"}
    assert code == 0, "work goes on all the same"
    assert "graphiques (1)" in wrong["Présentation"]["detail"]
    assert "Actes, « Intitulé »" in wrong["Repères des colonnes"]["detail"]
    command = f"cdi init {at.folder} --google {at.settings.registre.google}"
    assert {each["fix"] for each in wrong.values()} == {command}


def test_a_tab_of_the_system_that_is_gone_is_named() -> None:
    titles = ["Tableau de bord", "Aide", "Échéancier", "Anomalies", "Journal", "_calcul", "Mes notes"]
    assert tabs_result(titles, "").ok
    told = tabs_result([*titles[:2], *titles[3:]], "cdi init")
    assert (told.ok, told.fix, told.exit_code) == (False, "cdi init", 3)
    assert "il manque : Échéancier" in told.detail


@pytest.mark.proof
def test_the_command_that_the_doctor_gives_mends_what_it_tells(shared: Shared, at: Installation) -> None:
    undo(shared, at)
    command = seen(at, "Protections").fix.split()
    assert CliRunner().invoke(cdi, command[1:]).exit_code == 0
    assert [each.what for each in examine_google(at) if not each.ok] in ([], ["Repères des colonnes"])


# ------------------------------------------------------------------------------------------------------- access


def test_a_key_that_everybody_can_read_is_told(at: Installation) -> None:
    key = at.folder / "robot.json"
    key.chmod(0o644)
    told = seen(at, "Clé du robot")
    assert (told.ok, told.fix, told.exit_code) == (False, f"chmod 600 {key}", 2)
    assert "PRIVATE KEY" not in repr(told)


def test_a_key_that_is_missing_is_told_and_nothing_is_asked(at: Installation, shared: Shared) -> None:
    (at.folder / "robot.json").unlink()
    before = len(shared.google.log)
    (told,) = examine_google(at)
    assert "n'existe pas" in told.detail
    assert len(shared.google.log) == before


def test_a_robot_that_may_only_read_is_told_which_part_to_give_it(shared: Shared, at: Installation) -> None:
    path = f"/drive/v3/files/{at.settings.registre.google}/permissions"
    held = shared.google.act(PERSON, "GET", path, fields="*")["permissions"]
    robot = next(each["id"] for each in held if each.get("emailAddress") == ROBOT)
    shared.google.act(PERSON, "PATCH", f"{path}/{robot}", {"role": "reader"})
    told = seen(at, "Accès à la feuille")
    assert not told.ok
    assert f"donner à {ROBOT} le rôle « Éditeur »" in told.fix


@pytest.mark.parametrize(("open_to", "said"), [
    ({"type": "anyone", "role": "reader"}, "toute personne qui a le lien (lecteur)"),
    ({"type": "domain", "domain": "commune.example", "role": "writer"}, "toutes les personnes de commune.example (éditeur)"),
])  # fmt: skip
def test_a_registry_open_to_all_is_told(shared: Shared, at: Installation, open_to: dict[str, str], said: str) -> None:
    shared.share(at.settings.registre.google, open_to)
    told = seen(at, "Partage")
    assert (told.ok, told.exit_code) == (False, 2)
    assert said in told.detail
    assert "« Limité »" in told.fix


def test_a_spreadsheet_that_isnt_shared_is_told_once(shared: Shared, tmp_path: Path) -> None:
    told = list(examine_google(shared.with_spreadsheet(tmp_path, "inconnu")))[-1]
    assert told.what == "Accès à la feuille"
    assert ROBOT in told.fix


def test_a_key_that_google_doesnt_know_is_told(shared: Shared, at: Installation) -> None:
    stranger = Google().tokens.new_service_account(ROBOT, shared.url)
    (at.folder / "robot.json").write_text(json.dumps(stranger), encoding="utf-8")
    told = list(examine_google(at))[-1]
    assert "refuse l'identité" in told.detail
    assert "nouvelle clé" in told.fix


def test_a_service_that_isnt_switched_on_is_told_with_its_page(
    shared: Shared, at: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "https://console.developers.google.com/apis/api/drive.googleapis.com/overview?project=123456789012"
    said = (f"Google Drive API has not been used in project 123456789012 before or it is disabled. Enable it by visiting {page} "
            "then retry.")  # fmt: skip
    monkeypatch.setitem(faults._MESSAGES, 403, (said, "accessNotConfigured"))
    shared.google.faults.add(403, "drive.files.get")
    looked = examine_google(at)
    told = next(each for each in looked if each.what == "Accès à la feuille")
    assert f"{page} " in told.fix
    assert next(looked).ok, "Sheets can be asked all the same"


FILE = {"name": "Registre", "mimeType": "application/vnd.google-apps.spreadsheet", "capabilities": {"canEdit": True}}


@pytest.mark.parametrize(("file", "fix"), [
    ({**FILE, "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}, "format Google Sheets"),
    ({**FILE, "trashed": True}, "Restaurer"),
    ({**FILE, "capabilities": {}}, "Éditeur"),
])  # fmt: skip
def test_a_file_that_cannot_be_a_registry_is_told(file: Any, fix: str) -> None:
    assert access_result(FILE, ROBOT).ok
    told = access_result(file, ROBOT)
    assert (told.ok, told.exit_code) == (False, 3)
    assert fix in told.fix


def test_a_sharing_that_the_robot_may_not_see_is_left_to_people() -> None:
    assert "vérifier dans « Partager »" in sharing_result(FILE, ROBOT).detail


def test_people_who_are_named_are_counted() -> None:
    people = [("user", "owner", PERSON), ("user", "writer", ROBOT), ("group", "reader", "service@commune.example")]
    held = [{"type": kind, "role": role, "emailAddress": who} for kind, role, who in people]
    told = sharing_result({**FILE, "permissions": held}, ROBOT)
    assert told.ok
    assert "(propriétaire : 1, lecteur : 1)" in told.detail


@pytest.mark.parametrize(("hour", "ok", "said"), [
    ((8, 1), True, "60 s d'écart"), ((8, 10), False, "en avance de 600 s"), ((7, 50), False, "en retard de 600 s"),
])  # fmt: skip
def test_a_clock_that_is_wrong_is_told(hour: tuple[int, int], ok: bool, said: str) -> None:
    now = datetime(2026, 11, 23, *hour, tzinfo=UTC)
    (told,) = clock_results("Mon, 23 Nov 2026 08:00:00 GMT", now)
    assert told.ok is ok
    assert said in told.detail
    assert list(clock_results("", now)) == []


def test_a_spreadsheet_that_is_nearly_full_is_told() -> None:
    assert size_result(7_999_999).ok
    assert not size_result(8_000_000).ok
    assert "8 000 000 cellules" in size_result(8_000_000).detail


# ---------------------------------------------------------------------------------------------------- language


@pytest.mark.parametrize(("locale", "said"), [
    ("fr_FR", ""), ("fr_MA", ""), ("ar_MA", ""), ("es_ES", ""),
    ("en_US", "le 4 mars au lieu du 3 avril"),
    ("en_GB", "« 12,5 » n'y est pas un nombre"),
    ("fr_CA", "année d'abord"),
    ("xx", "on ne sait pas"),
    ("", "on ne sait pas"),
])  # fmt: skip
def test_a_language_is_judged_by_what_it_makes_of_dates_and_numbers(locale: str, said: str) -> None:
    told = list(misread(locale, "Africa/Casablanca"))
    assert [said in str(each) for each in told] == ([True] if said else [])
    assert all("« Paramètres régionaux »" in each.fix for each in told)
    assert language_result(locale, "Africa/Casablanca").ok is not bool(said)


def test_an_hour_from_elsewhere_is_told() -> None:
    assert list(misread("fr_FR", "Africa/El_Aaiun")) == []
    (told,) = misread("fr_FR", "America/Los_Angeles")
    assert "AUJOURDHUI" in told.detail


def test_a_run_in_an_american_spreadsheet_goes_on_and_says_the_danger(shared: Shared, at: Installation) -> None:
    shared.change(at, {"updateSpreadsheetProperties": {"properties": AMERICAN, "fields": "locale,timeZone"}})
    told, code = typed("run", "--as-of", "2026-11-23", at=at)
    assert code == 0
    assert told["written"]["cells"] > 0
    assert "le 4 mars au lieu du 3 avril" in told["warnings"][0]
    assert len(told["warnings"]) == 2
    assert journal(shared, at).count("le 4 mars au lieu du 3 avril") == 1


@pytest.mark.proof
def test_the_journal_says_it_once_however_many_runs_write_there(shared: Shared, at: Installation) -> None:
    shared.change(at, {"updateSpreadsheetProperties": {"properties": AMERICAN, "fields": "locale,timeZone"}})
    for day in ("2026-11-23", "2026-11-24"):
        words = ["sync", "--config", str(at.folder / "settings.toml"), "--as-of", day]
        shown = CliRunner().invoke(cdi, words)
        assert "Attention : La langue de la feuille de calcul est « anglais (États-Unis) »" in shown.stdout
    assert journal(shared, at).count("Contrôle") == 2, "both runs wrote there"
    assert journal(shared, at).count("le 4 mars au lieu du 3 avril") == 1
    assert "choisir « France »" in seen(at, "Langue et fuseau horaire").fix


def journal(shared: Shared, at: Installation) -> str:
    return str(shared.google.act(PERSON, "GET", f"/v4/spreadsheets/{at.settings.registre.google}/values/Journal"))
