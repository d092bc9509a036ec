"""Service accounts and refresh tokens are exchanged for bearer tokens that end, and that allow what their scopes say."""

# mypy: disable-error-code="no-untyped-call"

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from google.auth import crypt, jwt
from google.auth.api_key import Credentials as ApiKey
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession
from google.auth.transport.requests import Request as AuthRequest
from google.oauth2.credentials import Credentials
from google.oauth2.service_account import Credentials as ServiceAccount
from gspread.exceptions import APIError

from tests.google.clients import gspread_client
from tests.google.clock import Clock
from tests.google.server import serving
from tests.google.tokens import AUDIENCE, JWT_BEARER
from tests.google.wire import Request, Response
from tests.google.world import Google

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EMAIL = "robot@essai.example"
DRIVE = "https://www.googleapis.com/auth/drive"
SHEETS_READ = "https://www.googleapis.com/auth/spreadsheets.readonly"


class World:
    """A Google stopped in time, with one service account."""

    def __init__(self) -> None:
        self.google = Google(clock=Clock(NOW), no_quota=True)
        self.info = self.google.tokens.new_service_account(EMAIL, "http://127.0.0.1:1")
        self.claims = {
            "iss": EMAIL,
            "aud": AUDIENCE,
            "scope": DRIVE,
            "iat": NOW.timestamp(),
            "exp": NOW.timestamp() + 3600,
        }

    def exchange(self, info: dict[str, str] | None = None, /, **claims: Any) -> Response:
        signer = crypt.RSASigner.from_service_account_info(info or self.info)
        assertion = jwt.encode(signer, self.claims | claims)
        return self.post(grant_type=JWT_BEARER, assertion=assertion.decode())

    def post(self, **form: str) -> Response:
        return self.google.handle(Request("POST", "/token", body=urlencode(form).encode()))

    def get(self, token: str, path: str = "/drive/v3/files") -> Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return self.google.handle(Request("GET", path, headers=headers))


@pytest.fixture(scope="module")
def shared() -> World:
    return World()


def test_a_service_account_of_google_auth_works_over_http() -> None:
    google = Google(no_quota=True)
    with serving(google) as url:
        info = google.tokens.new_service_account(EMAIL, url)
        credentials = ServiceAccount.from_service_account_info(json.loads(json.dumps(info)), scopes=[DRIVE])
        session = AuthorizedSession(credentials)
        assert session.get(f"{url}/drive/v3/files").json()["files"] == []
        first = credentials.token
        google.clock.advance(3601)
        assert session.get(f"{url}/drive/v3/files").status_code == 200  # google-auth renews it when told 401
        assert credentials.token != first
        assert [logged.status for logged in google.log if logged.method != "token"] == [200, 401, 200]


def test_an_account_deleted_at_google_is_told_by_google_auth() -> None:
    google, elsewhere = Google(), Google()
    with serving(google) as url:
        info = elsewhere.tokens.new_service_account(EMAIL, url)
        credentials = ServiceAccount.from_service_account_info(info, scopes=[DRIVE])
        with pytest.raises(RefreshError, match="Invalid grant: account not found"):
            credentials.refresh(AuthRequest(requests.Session()))


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"iss": "nobody@essai.example"}, "invalid_grant", "Invalid grant: account not found"),
        ({"aud": "https://elsewhere.example/"}, "invalid_grant", "Invalid JWT: Failed audience check."),
        ({"exp": NOW.timestamp() - 301}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"iat": NOW.timestamp() + 301}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"exp": NOW.timestamp() + 3601}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"scope": ""}, "invalid_scope", "Empty or missing scope not allowed."),
        ({"scope": "nonsense"}, "invalid_scope", "Invalid OAuth scope or ID token audience provided."),
        ({"sub": "boss@essai.example"}, "unauthorized_client", "Client is unauthorized to retrieve access tokens"),
    ],
)
def test_an_assertion_is_refused_in_googles_words(
    shared: World, claims: dict[str, Any], error: str, description: str
) -> None:
    answer = shared.exchange(**claims)
    assert answer.status == (401 if error == "unauthorized_client" else 400)
    assert answer.json["error"] == error
    assert answer.json["error_description"].startswith(description)


@pytest.mark.parametrize("claims", [{"aud": "http://127.0.0.1:1/token"}, {"exp": NOW.timestamp() - 299}])
def test_the_emulators_own_audience_and_a_clock_a_little_late_are_accepted(
    shared: World, claims: dict[str, Any]
) -> None:
    assert shared.exchange(**claims).json.keys() == {"access_token", "expires_in", "token_type"}


def test_a_key_that_isnt_the_accounts_doesnt_sign_for_it(shared: World) -> None:
    other = Google().tokens.new_service_account(EMAIL, "http://127.0.0.1:1")
    refusal = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    assert shared.exchange(other).json == refusal
    assert shared.exchange(other | {"private_key_id": shared.info["private_key_id"]}).json == refusal


def test_other_grants_are_refused(shared: World) -> None:
    assert shared.post(grant_type="password").json["error"] == "unsupported_grant_type"
    assert shared.post(grant_type=JWT_BEARER, assertion="a.b").json["error"] == "invalid_grant"


def test_a_token_ends_after_an_hour() -> None:
    world = World()
    token = world.exchange().json["access_token"]
    world.google.clock.advance(3599)
    assert world.get(token).status == 200
    world.google.clock.advance(1)
    answer = world.get(token)
    assert answer.status == 401
    assert answer.json["error"]["status"] == "UNAUTHENTICATED"
    assert answer.json["error"]["errors"][0]["reason"] == "authError"
    assert answer.json["error"]["details"][0]["reason"] == "ACCESS_TOKEN_EXPIRED"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_request_without_credentials_is_told_so_in_the_form_of_its_api(shared: World) -> None:
    drive, sheets = (
        shared.google.handle(Request(http, path)).json["error"]
        for http, path in (("DELETE", "/drive/v3/files/X"), ("POST", "/v4/spreadsheets/X:batchUpdate"))
    )
    assert drive["message"] == sheets["message"]
    assert drive["message"].startswith("Request is missing required authentication credential. Expected OAuth 2")
    assert drive["errors"][0] == {
        "message": "Login Required.", "domain": "global", "reason": "required",
        "location": "Authorization", "locationType": "header",
    }  # fmt: skip
    assert "errors" not in sheets
    assert sheets["details"][0]["metadata"] == {
        "service": "sheets.googleapis.com", "method": "google.apps.sheets.v4.SpreadsheetsService.BatchUpdateSpreadsheet",
    }  # fmt: skip


def test_a_reader_without_a_name_needs_a_key(shared: World) -> None:
    drive, sheets = (shared.get("", path).json["error"] for path in ("/drive/v3/files", "/v4/spreadsheets/X"))
    assert drive["message"] == sheets["message"]
    assert sheets["message"].startswith("Method doesn't allow unregistered callers")
    assert (sheets["code"], sheets["status"], "errors" in sheets) == (403, "PERMISSION_DENIED", False)
    assert (drive["status"], drive["errors"][0]["reason"]) == ("PERMISSION_DENIED", "forbidden")


def test_a_key_reads_what_is_open_to_anyone_and_writes_nothing() -> None:
    google = Google(any_token=True, no_quota=True)
    with serving(google) as url:
        book = gspread_client(url).create("Suivi")
        book.sheet1.update([["Rabat"]], "A1")
        reader = gspread_client(url, ApiKey("AIzaEssai"))
        with pytest.raises(PermissionError):
            reader.open_by_key(book.id)
        book.share("", "anyone", "writer")
        sheet = reader.open_by_key(book.id).sheet1
        assert sheet.get_all_values() == [["Rabat"]]
        with pytest.raises(APIError, match="API keys are not supported by this API") as refused:
            sheet.update([["Fès"]], "A1")
    assert refused.value.code == 401
    parameter = {"key": ["AIzaEssai"]}
    assert google.handle(Request("GET", f"/drive/v3/files/{book.id}", parameter)).json["name"] == "Suivi"
    assert google.handle(Request("GET", "/drive/v3/about", {**parameter, "fields": ["user"]})).status == 401


def test_a_token_nobody_gave_out_is_invalid(shared: World) -> None:
    answer = shared.get("ya29.nonsense", "/v4/spreadsheets/X")
    assert (answer.status, answer.json["error"]["details"][0]["reason"]) == (401, "ACCESS_TOKEN_TYPE_UNSUPPORTED")


def test_scopes_that_dont_allow_a_method_are_insufficient(shared: World) -> None:
    token = shared.exchange(scope=SHEETS_READ).json["access_token"]
    answer = shared.get(token)
    assert answer.status == 403
    error = answer.json["error"]
    assert error["message"] == "Request had insufficient authentication scopes."
    assert error["status"] == "PERMISSION_DENIED"
    assert error["errors"][0]["reason"] == "insufficientPermissions"
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert error["details"][0]["metadata"]["method"] == "google.apps.drive.v3.DriveFiles.List"
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_a_person_s_refresh_token_is_exchanged_until_it_is_revoked() -> None:
    google = Google(no_quota=True)
    with serving(google) as url:
        token = google.tokens.new_refresh_token("amina@essai.example", "app", "secret", [DRIVE])
        credentials = Credentials(
            None, refresh_token=token, token_uri=f"{url}/token", client_id="app", client_secret="secret"
        )
        credentials.refresh(AuthRequest(requests.Session()))
        about = AuthorizedSession(credentials).get(f"{url}/drive/v3/files")
        assert (about.status_code, google.log[-1].user) == (200, "amina@essai.example")
        google.tokens.new_refresh_token("karim@essai.example", "app", "secret", [DRIVE])
        google.tokens.revoke(token)
        with pytest.raises(RefreshError, match="Token has been expired or revoked"):
            credentials.refresh(AuthRequest(requests.Session()))


def test_any_token_stands_for_the_robot_or_for_the_person_it_names() -> None:
    google = Google(any_token=True, no_quota=True)
    for token in ("whatever", "user:amina@essai.example"):
        google.handle(Request("GET", "/drive/v3/files", headers={"authorization": f"Bearer {token}"}))
    assert [logged.user for logged in google.log] == ["robot@essai.example", "amina@essai.example"]
