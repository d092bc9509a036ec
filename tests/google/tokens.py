"""The token endpoint: a service account's signed assertion, or a refresh token, is exchanged for a bearer token.

A bearer token stands for one user, carries scopes, and lives an hour of the emulator's clock.
"""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.google.clock import Clock
from tests.google.discovery import Method, api
from tests.google.documents import document
from tests.google.wire import ApiError, Request, Response, json_response

ROBOT = "robot@essai.example"
AUDIENCE = "https://oauth2.googleapis.com/token"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = timedelta(seconds=3600)
SKEW = timedelta(minutes=5)  # how far a client's clock may be from ours

_ANY = "user:"  # with any_token, "user:someone@essai.example" stands for that person
_REALM = 'Bearer realm="https://accounts.google.com/"'
_SEE = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
NOBODY = ""  # the user of a request with an API key
_UNREGISTERED = (
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API consumer identity to call this API."
)
_KEY_REFUSED = (
    "API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that "
    "assert a principal. See https://cloud.google.com/docs/authentication"
)
_WITH_A_KEY = (
    "sheets.spreadsheets.get", "sheets.spreadsheets.values.get", "sheets.spreadsheets.values.batchGet",
    "drive.files.get", "drive.files.list", "drive.files.export",
)  # fmt: skip
_APIS = {"sheets": "sheets.v4", "drive": "drive.v3", "forms": "forms.v1"}


@dataclass(frozen=True)
class Grant:
    """What a bearer token gives: to whom, for which scopes, until when."""

    user: str
    scopes: frozenset[str]
    expires: datetime


@dataclass(frozen=True)
class _Account:
    keys: Mapping[str, bytes]  # public keys in PEM, by identifier
    token_uri: str


@dataclass(frozen=True)
class _Consent:
    user: str
    client_id: str
    client_secret: str
    scopes: frozenset[str]


class TokenError(Exception):
    """A refusal of the token endpoint, which has a form of its own."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status

    def response(self) -> Response:
        return json_response({"error": self.error, "error_description": self.description}, self.status)


class CredentialError(ApiError):
    """A refusal of the credentials of a request: Drive adds to it the list of errors that Sheets leaves out."""

    def __init__(self, code: int, message: str, *, method: Method | None, why: str, challenge: str,
                 drive: Mapping[str, str]) -> None:  # fmt: skip
        service = method.id.partition(".")[0] if method else "drive"
        info: dict[str, object] = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": why,
                                   "domain": "googleapis.com"}  # fmt: skip
        if method:
            info["metadata"] = {"service": f"{service}.googleapis.com", "method": _rpc_name(method.id)}
        super().__init__(code, message, details=[info], headers={"WWW-Authenticate": challenge})
        self._errors = [dict(drive)] if service == "drive" else None

    def response(self) -> Response:
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self._errors:
            error["errors"] = self._errors
        return json_response(
            {"error": error | {"status": self.status, "details": self.details}}, self.code, self.headers
        )


class Tokens:
    """The accounts known, and the bearer tokens given out.

    With any_token, every token stands for one user, whatever its scopes.
    """

    def __init__(self, clock: Clock, *, any_token: bool) -> None:
        self._clock, self._any = clock, any_token
        self._accounts: dict[str, _Account] = {}
        self._consents: dict[str, _Consent] = {}
        self._grants: dict[str, Grant] = {}

    # ------------------------------------------------------------------------------------------ what a test sets up

    def register(self, service_account_info: Mapping[str, str]) -> None:
        """Makes a service account known by what its JSON file holds."""
        private = serialization.load_pem_private_key(service_account_info["private_key"].encode(), None)
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        email = service_account_info["client_email"]
        old = self._accounts.get(email)
        keys = {**(old.keys if old else {}), service_account_info["private_key_id"]: public}
        self._accounts[email] = _Account(keys, service_account_info.get("token_uri", AUDIENCE))

    def new_service_account(self, email: str, url: str) -> dict[str, str]:
        """Creates a service account. url: of the emulator. Gives what its JSON file holds."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        info = {
            "type": "service_account",
            "project_id": "essai",
            "private_key_id": secrets.token_hex(20),
            "private_key": pem.decode(),
            "client_email": email,
            "client_id": str(10**20 + secrets.randbelow(10**20)),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": f"{url}/token",
            "universe_domain": "googleapis.com",
        }
        self.register(info)
        return info

    def new_refresh_token(self, user: str, client_id: str, client_secret: str, scopes: Sequence[str]) -> str:
        """What a person gets by consenting to an application."""
        token = "1//" + secrets.token_urlsafe(40)
        self._consents[token] = _Consent(user, client_id, client_secret, frozenset(scopes))
        return token

    def revoke(self, token: str) -> None:
        """Makes a refresh token or a bearer token worthless."""
        self._consents.pop(token, None)
        self._grants.pop(token, None)

    def new_token(self, user: str, scopes: Sequence[str]) -> str:
        """A bearer token without the exchange."""
        token = "ya29." + secrets.token_urlsafe(60)
        self._grants[token] = Grant(user, frozenset(scopes), self._clock.now() + LIFETIME)
        return token

    # ------------------------------------------------------------------------------------------ the token endpoint

    def answer(self, request: Request) -> Response:
        """POST /token."""
        form = {name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        try:
            if request.method != "POST":
                raise TokenError("invalid_request", "Bad Request", 404)
            user, scopes = self._granted(form, request)
        except TokenError as error:
            return error.response()
        token = self.new_token(user, sorted(scopes))
        told = {"access_token": token, "expires_in": int(LIFETIME.total_seconds()) - 1, "token_type": "Bearer"}
        if form["grant_type"] == "refresh_token":
            told["scope"] = " ".join(sorted(scopes))
        return json_response(told)

    def _granted(self, form: Mapping[str, str], request: Request) -> tuple[str, frozenset[str]]:
        kind = form.get("grant_type", "")
        if kind == JWT_BEARER:
            return self._by_assertion(form.get("assertion", ""), request)
        if kind == "refresh_token":
            return self._by_refresh_token(form)
        raise TokenError("unsupported_grant_type", f"Invalid grant_type: {kind}")

    def _by_assertion(self, assertion: str, request: Request) -> tuple[str, frozenset[str]]:
        if not assertion:
            raise TokenError("invalid_request", "Required parameter is missing: assertion")
        try:
            header, claims = (_json(part) for part in assertion.split(".")[:2])
        except ValueError:
            raise TokenError("invalid_grant", "Invalid JWT") from None
        account = self._accounts.get(str(claims.get("iss", "")))
        if account is None:
            raise TokenError("invalid_grant", "Invalid grant: account not found")
        if not _is_signed(assertion, header, account.keys):
            raise TokenError("invalid_grant", "Invalid JWT Signature.")
        here = f"http://{request.headers.get('host', '')}/token"
        if claims.get("aud") not in (AUDIENCE, account.token_uri, here):
            raise TokenError("invalid_grant", "Invalid JWT: Failed audience check.")
        self._check_times(claims)
        if claims.get("sub", claims["iss"]) != claims["iss"]:
            raise TokenError("unauthorized_client", "Client is unauthorized to retrieve access tokens using this method, "
                             "or client not authorized for any of the scopes requested.", 401)  # fmt: skip
        return str(claims["iss"]), _scopes_named(str(claims.get("scope") or ""))

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now().timestamp()
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int | float) or not isinstance(expires, int | float):
            raise TokenError("invalid_grant", "Invalid JWT: Token must contain iat and exp values.")
        skew = SKEW.total_seconds()
        if expires - issued > LIFETIME.total_seconds() or issued > now + skew or expires < now - skew:
            raise TokenError("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
                             "reasonable timeframe. Check your iat and exp values in the JWT claim.")  # fmt: skip

    def _by_refresh_token(self, form: Mapping[str, str]) -> tuple[str, frozenset[str]]:
        clients = {consent.client_id: consent.client_secret for consent in self._consents.values()}
        client = form.get("client_id", "")
        if client not in clients:
            raise TokenError("invalid_client", "The OAuth client was not found.", 401)
        if clients[client] != form.get("client_secret", ""):
            raise TokenError("invalid_client", "Unauthorized", 401)
        consent = self._consents.get(form.get("refresh_token", ""))
        if consent is None or consent.client_id != client:
            raise TokenError("invalid_grant", "Token has been expired or revoked.")
        wanted = _scopes_named(form["scope"]) if form.get("scope") else consent.scopes
        if not wanted <= consent.scopes:
            raise TokenError("invalid_scope", "Bad Request")
        return consent.user, wanted

    # ------------------------------------------------------------------------------------------ the other requests

    def user_of(self, request: Request) -> str:
        """Whose token a request carries, NOBODY's when it has but an API key (any key is good), and only reads.

        Raises ApiError 401, or 403 when the scopes of the token don't allow the method called.
        """
        method = _method(request)
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip() if kind.lower() == "bearer" else request.one("access_token")
        if not token:
            return _without_token(request, method)
        if self._any:
            return token.removeprefix(_ANY) if token.startswith(_ANY) else ROBOT
        grant = self._grants.get(token)
        if grant is None or grant.expires <= self._clock.now():
            why = "ACCESS_TOKEN_EXPIRED" if grant else "ACCESS_TOKEN_TYPE_UNSUPPORTED"
            raise CredentialError(
                401, f"Request had invalid authentication credentials. {_SEE}", method=method, why=why,
                challenge=f'{_REALM}, error="invalid_token"',
                drive=_entry("Invalid Credentials", "authError", header=True),
            )  # fmt: skip
        if method:
            self.check_scope(token, method)
        return grant.user

    def check_scope(self, token: str, method: Method) -> None:
        """Raises ApiError 403 when none of the scopes that allow a method is among those of a token."""
        grant, allowed = self._grants.get(token), _allowing().get(method.id)
        if self._any or grant is None or allowed is None or grant.scopes & set(allowed):
            return
        raise CredentialError(
            403, "Request had insufficient authentication scopes.", method=method,
            why="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            challenge=f'{_REALM}, error="insufficient_scope", scope="{" ".join(allowed)}"',
            drive=_entry("Insufficient Permission", "insufficientPermissions"),
        )  # fmt: skip


def _without_token(request: Request, method: Method | None) -> str:
    key = request.one("key") or request.headers.get("x-goog-api-key", "")
    if method and method.id in _WITH_A_KEY:
        if key:
            return NOBODY
        raise ApiError(403, _UNREGISTERED, status="PERMISSION_DENIED",
                       reason="forbidden" if method.id.startswith("drive") else "")  # fmt: skip
    raise CredentialError(
        401, _KEY_REFUSED if key else f"Request is missing required authentication credential. {_SEE}", method=method,
        why="CREDENTIALS_MISSING", challenge=_REALM, drive=_entry("Login Required.", "required", header=True),
    )  # fmt: skip


def _entry(message: str, reason: str, *, header: bool = False) -> dict[str, str]:
    entry = {"message": message, "domain": "global", "reason": reason}
    return entry | ({"location": "Authorization", "locationType": "header"} if header else {})


def _is_signed(assertion: str, header: Mapping[str, Any], keys: Mapping[str, bytes]) -> bool:
    """Whether one of the keys, the one that the header names if it does, made the signature."""
    kid = header.get("kid")
    signed, _, signature = assertion.rpartition(".")
    if header.get("alg") != "RS256":
        return False
    return any(_verifies(key, signed, signature) for name, key in keys.items() if kid in (None, name))


def _verifies(key: bytes, signed: str, signature: str) -> bool:
    public = serialization.load_pem_public_key(key)
    if not isinstance(public, rsa.RSAPublicKey):
        return False
    try:
        public.verify(_bytes(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _json(part: str) -> Mapping[str, Any]:
    """A part of an assertion. Raises ValueError."""
    told = json.loads(_bytes(part))
    if not isinstance(told, dict):
        raise ValueError(part)
    return told


def _scopes_named(text: str) -> frozenset[str]:
    if not text.split():
        raise TokenError("invalid_scope", "Empty or missing scope not allowed.")
    known = {scope for scopes in _allowing().values() for scope in scopes}
    if not any(scope in known for scope in text.split()):
        raise TokenError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    return frozenset(text.split())


def _method(request: Request) -> Method | None:
    """The method that a request calls, if one is known by the discovery documents."""
    for name in _APIS.values():
        known = api(name)
        if request.path.startswith((known.root, f"/upload{known.root}")) and (found := known.find(request)):
            return found[0]
    return None


@cache
def _allowing() -> Mapping[str, Sequence[str]]:
    """The scopes any of which allows a method, by the identifier of the method."""
    allowing: dict[str, Sequence[str]] = {}

    def walk(resource: Mapping[str, Any]) -> None:
        for method in resource.get("methods", {}).values():
            allowing[method["id"]] = method.get("scopes", ())
        for inner in resource.get("resources", {}).values():
            walk(inner)

    for name in _APIS.values():
        walk(document(name))
    return allowing


_SHEETS_RPC = {
    "spreadsheets.create": "CreateSpreadsheet", "spreadsheets.get": "GetSpreadsheet",
    "spreadsheets.getByDataFilter": "GetSpreadsheetByDataFilter", "spreadsheets.batchUpdate": "BatchUpdateSpreadsheet",
    "values.get": "GetValues", "values.update": "UpdateValues", "values.append": "AppendValues",
    "values.clear": "ClearValues", "values.batchGet": "BatchGetValues", "values.batchUpdate": "BatchUpdateValues",
    "values.batchClear": "BatchClearValues", "values.batchGetByDataFilter": "BatchGetValuesByDataFilter",
    "values.batchUpdateByDataFilter": "BatchUpdateValuesByDataFilter",
    "values.batchClearByDataFilter": "BatchClearValuesByDataFilter", "sheets.copyTo": "CopySheetTo",
    "developerMetadata.get": "GetDeveloperMetadata", "developerMetadata.search": "SearchDeveloperMetadata",
}  # fmt: skip
_FORMS_RPC = {
    "forms.create": "CreateForm", "forms.get": "GetForm", "forms.batchUpdate": "BatchUpdateForm",
    "forms.setPublishSettings": "SetPublishSettings", "responses.get": "GetFormResponse",
    "responses.list": "ListFormResponses", "watches.create": "CreateWatch", "watches.delete": "DeleteWatch",
    "watches.list": "ListWatches", "watches.renew": "RenewWatch",
}  # fmt: skip


def _rpc_name(method: str) -> str:
    """The name that error details give a method: "google.apps.drive.v3.DriveFiles.Create"."""
    service, *_, resource, verb = method.split(".")
    if service == "sheets":
        return f"google.apps.sheets.v4.SpreadsheetsService.{_SHEETS_RPC[f'{resource}.{verb}']}"
    if service == "forms":
        return f"google.apps.forms.v1.FormsService.{_FORMS_RPC[f'{resource}.{verb}']}"
    return f"google.apps.drive.v3.Drive{resource[0].upper()}{resource[1:]}.{verb[0].upper()}{verb[1:]}"
