"""The real clients, unmodified, pointed at an emulator: gspread and google-api-python-client."""

import copy
from collections.abc import Mapping
from typing import Any

import gspread
from google.auth.credentials import Credentials
from google.oauth2.credentials import Credentials as UserCredentials
from googleapiclient.discovery import build_from_document  # type: ignore[import-untyped]

from tests.google.documents import document

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com", "https://forms.googleapis.com")


def bearer(token: str = "essai") -> Credentials:
    """Credentials that carry a token as it is, and never fetch another."""
    credentials: Credentials = UserCredentials(token)  # type: ignore[no-untyped-call]  # google-auth has no types there
    return credentials


def http_client(url: str, base: type[gspread.HTTPClient] = gspread.HTTPClient) -> type[gspread.HTTPClient]:
    """A class for `http_client=` of gspread, that asks an emulator in the place of Google."""

    class ToEmulator(base):  # type: ignore[valid-type, misc]  # a class given as an argument
        """gspread's own client, with the hosts of Google replaced."""

        def request(self, method: str, endpoint: str, *args: Any, **named: Any) -> Any:
            for host in HOSTS:
                endpoint = endpoint.replace(host, url, 1) if endpoint.startswith(host) else endpoint
            return super().request(method, endpoint, *args, **named)

    return ToEmulator


def gspread_client(url: str, credentials: Credentials | None = None) -> gspread.Client:
    """gspread, speaking to the emulator at that address."""
    return gspread.Client(auth=credentials or bearer(), http_client=http_client(url))


def service(url: str, name: str, version: str, credentials: Credentials | None = None) -> Any:
    """google-api-python-client's service, ("sheets", "v4"), ("drive", "v3") or ("forms", "v1"), speaking to the emulator there."""
    told: Mapping[str, Any] = copy.deepcopy(document(f"{name}.{version}"))
    here = {**told, "rootUrl": f"{url}/", "baseUrl": f"{url}/{told['servicePath']}"}
    return build_from_document(here, credentials=credentials or bearer())
