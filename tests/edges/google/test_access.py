"""The robot's key is looked for in three places; what is wrong with it is said, and none of it is ever shown."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.oauth2.service_account import Credentials as ServiceAccount

from cdi_sync.edges.workbook_google.access import SCOPES, address_of, credentials, http_of, open_client
from cdi_sync.edges.workbook_google.http import Addresses
from cdi_sync.errors import ConfigError, ExitCode
from tests.google.clients import bearer
from tests.google.server import serving
from tests.google.world import Google

ROBOT = "robot@essai.example"


@pytest.fixture(scope="module")
def key() -> dict[str, str]:
    return Google().tokens.new_service_account(ROBOT, "http://127.0.0.1:1")


@pytest.fixture(autouse=True)
def nobody_on_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No identity of Google's is found here, and none is looked for on the network."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "nothing"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("HOME", str(tmp_path))


def written(folder: Path, content: Any) -> Path:
    path = folder / "cle.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def refused(key: str | Path | None, environment: dict[str, str] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as stop:
        credentials(key, environment or {})
    assert stop.value.exit_code == ExitCode.USAGE
    assert stop.value.what and stop.value.where and stop.value.why and stop.value.fix
    assert stop.value.__suppress_context__ or stop.value.__context__ is None
    return stop.value


# ----------------------------------------------------------------------------------------------- where it is found


def test_a_key_file_is_read_for_two_scopes_only(tmp_path: Path, key: dict[str, str]) -> None:
    found = credentials(written(tmp_path, key), {})
    assert isinstance(found, ServiceAccount)
    assert address_of(found) == ROBOT
    assert sorted(found.scopes) == [
        "https://www.googleapis.com/auth/drive.metadata.readonly",
        "https://www.googleapis.com/auth/spreadsheets",
    ]


def test_a_key_saved_by_notepad_is_read_all_the_same(tmp_path: Path, key: dict[str, str]) -> None:
    assert address_of(credentials(written(tmp_path, "\ufeff" + json.dumps(key)), {})) == ROBOT


def test_the_variable_holds_the_key_or_its_path(tmp_path: Path, key: dict[str, str]) -> None:
    for told in (json.dumps(key), f"\n {json.dumps(key, indent=2)}\n", str(written(tmp_path, key))):
        assert address_of(credentials(None, {"CDI_GOOGLE_KEY": told})) == ROBOT


def test_the_file_that_the_settings_name_goes_before_the_variable(tmp_path: Path, key: dict[str, str]) -> None:
    other = json.dumps({**key, "client_email": "autre@essai.example"})
    assert address_of(credentials(written(tmp_path, key), {"CDI_GOOGLE_KEY": other})) == ROBOT
    assert address_of(credentials("", {"CDI_GOOGLE_KEY": other})) == "autre@essai.example"


def test_the_identity_of_this_machine_comes_last(
    tmp_path: Path, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(written(tmp_path, key)))
    found = credentials(None, {"CDI_GOOGLE_KEY": "  "})
    assert address_of(found) == ROBOT
    assert isinstance(found, ServiceAccount) and set(found.scopes) == set(SCOPES)


def test_nothing_anywhere_says_where_to_put_a_key() -> None:
    error = refused(None)
    assert error.what == "Aucune clé pour parler à Google."
    assert "CDI_GOOGLE_KEY" in error.fix


def test_a_machine_whose_identity_is_damaged_is_told_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(written(tmp_path, "{")))
    assert refused(None).what == "Aucune clé pour parler à Google."


# ----------------------------------------------------------------------------------------------- what is wrong with it


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    error = refused(tmp_path / "absente.json")
    assert (error.what, error.why) == ("La clé du robot Google ne peut pas être lue.", "ce fichier n'existe pas")
    assert error.where == str(tmp_path / "absente.json")


def test_a_folder_is_not_a_key(tmp_path: Path) -> None:
    assert refused(tmp_path).what == "La clé du robot Google ne peut pas être lue."


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "pas du JSON"),
        ("{coupé", "pas du JSON"),
        ("[" * 5000, "pas du JSON"),
        ([], "pas la clé d'un compte de service"),
        ({}, "« service_account »"),
        ({"installed": {"client_id": "1"}}, "application (OAuth)"),
        ({"type": "authorized_user", "refresh_token": "SECRET"}, "l'identité d'une personne"),
        ({"type": "service_account"}, "client_email, private_key, token_uri"),
        ({"type": "service_account", "client_email": 3, "private_key": "k", "token_uri": "u"}, "client_email"),
    ],
)
def test_what_is_not_a_key_is_told_apart(tmp_path: Path, content: Any, why: str) -> None:
    error = refused(written(tmp_path, content))
    assert error.what == "La clé du robot Google ne convient pas."
    assert why in error.why
    assert "SECRET" not in f"{error.where}{error.why}{error.fix}"


@pytest.mark.parametrize("broken", ["abc", "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n"])
def test_a_private_key_that_is_damaged(tmp_path: Path, key: dict[str, str], broken: str) -> None:
    error = refused(written(tmp_path, {**key, "private_key": broken}))
    assert "private_key" in error.why


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "cle.p12"
    path.write_bytes(b"0\x82\xff\xfe")
    assert refused(path).why == "ce n'est pas un texte"


@pytest.mark.parametrize(
    "told",
    ["/absent/cle.json", "SECRET", '{"type": "SECRET"', "-----BEGIN SECRET\n", "S\0ECRET", "SECRET" * 2000],
)
def test_the_value_of_the_variable_is_never_shown(told: str) -> None:
    error = refused(None, {"CDI_GOOGLE_KEY": told})
    assert error.where == "variable CDI_GOOGLE_KEY"
    assert told[:6] not in f"{error.what}{error.why}{error.fix}"


# ----------------------------------------------------------------------------------------------- what it opens


def test_an_address_that_is_not_known_is_empty() -> None:
    assert address_of(bearer()) == ""


def test_a_client_speaks_for_the_robot_with_no_more_than_it_needs() -> None:
    google = Google(no_quota=True)
    with serving(google) as url:
        info = google.tokens.new_service_account(ROBOT, url)
        client = open_client(credentials(None, {"CDI_GOOGLE_KEY": json.dumps(info)}), addresses=Addresses(url, url))
        assert google.count() == 0
        book = google.act(ROBOT, "POST", "/v4/spreadsheets")["spreadsheetId"]
        client.open_by_key(book).sheet1.update([["a"]], "A1")
        client.http_client.get_file_drive_metadata(book)
        assert {entry.user for entry in google.log.of("sheets.*")} == {ROBOT}
        assert http_of(client).counts.writes == 1
        assert client.http_client.timeout == (10, 60)
