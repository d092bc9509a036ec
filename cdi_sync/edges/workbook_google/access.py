"""Who we are for Google: the robot's key, looked for in three places, and the client that speaks in its name.

A key is a secret: no message repeats any of it, nor the value of the variable that holds it.
"""

import json
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import random as any_random
from typing import Any

import google.auth
import gspread
import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import service_account

from cdi_sync.edges.workbook_google.http import Addresses, GoogleHTTP, Pace, Patience, http_client
from cdi_sync.errors import ConfigError

VARIABLE = "CDI_GOOGLE_KEY"
# Its content is written; of Drive, only the file's version and its last author are read.
SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
# Forms are made, and their answers read; a token for these reads no spreadsheet.
FORM_SCOPES = (
    "https://www.googleapis.com/auth/forms.body",
    "https://www.googleapis.com/auth/forms.responses.readonly",
)
_BIGGEST = 100_000  # characters: a key has some 2,400
_NEW_KEY = (
    "Sur https://console.cloud.google.com, « Comptes de service », ouvrir le robot, « Clés », « Ajouter une clé », "
    "format JSON, et employer le fichier reçu sans le modifier."
)


def credentials(key: str | Path | None, environment: Mapping[str, str], scopes: Sequence[str] = SCOPES) -> Credentials:
    """The robot's identity: by its key file; otherwise by CDI_GOOGLE_KEY, which holds a key or the path of one;
    otherwise by Google's own ways ("application default credentials").

    Nothing is asked of Google yet, so that a key that was withdrawn shows at the first request. Raises ConfigError.
    """
    if key is not None and str(key).strip():
        path = Path(key).expanduser()
        return _from_text(_read(path, where=str(path)), scopes, where=str(path))
    told = environment.get(VARIABLE, "").strip()
    if not told:
        return _of_this_machine(scopes)
    where = f"variable {VARIABLE}"
    return _from_text(told if _is_json(told) else _read(Path(told).expanduser(), where=where), scopes, where=where)


def address_of(credentials: Credentials) -> str:
    """The e-mail address that a spreadsheet is shared with; "" when it isn't known."""
    told = getattr(credentials, "service_account_email", "") or getattr(credentials, "account", "")
    return told if isinstance(told, str) and "@" in told else ""


def open_client(
    credentials: Credentials, *, addresses: Addresses | None = None, patience: Patience | None = None,
    pace: Pace | None = None, sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic, random: Callable[[], float] = any_random,
    session: requests.Session | None = None,
) -> gspread.Client:  # fmt: skip
    """gspread speaking for the robot, for one run; nothing is asked yet. The rest as in `http.GoogleHTTP`.

    session: that of an earlier client with the same credentials, whose connections and token serve again.
    """
    bound = http_client(addresses or Addresses(), patience, pace, robot=address_of(credentials),
                        sleep=sleep, now=now, random=random)  # fmt: skip
    return gspread.Client(auth=credentials, session=session, http_client=bound)


def http_of(client: gspread.Client) -> GoogleHTTP:
    """What a client of `open_client` speaks through: its counts, and `repeatable`."""
    assert isinstance(client.http_client, GoogleHTTP)
    return client.http_client


# ------------------------------------------------------------------------------------------------------- a key


def _is_json(text: str) -> bool:
    return text.startswith(("{", "["))


def _read(path: Path, *, where: str) -> str:
    """What a key file holds. `where` is what messages call it, since a variable may hold a key by mistake."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.read(_BIGGEST)
    except FileNotFoundError:
        raise _unreadable(where, "ce fichier n'existe pas") from None
    except UnicodeDecodeError:
        raise _unusable(where, "ce n'est pas un texte") from None
    except OSError as error:
        raise _unreadable(where, error.strerror or "le système refuse") from None
    except ValueError:  # a zero byte in the path
        raise _unreadable(where, "ce n'est pas le chemin d'un fichier") from None


def _from_text(text: str, scopes: Sequence[str], *, where: str) -> Credentials:
    try:
        info = json.loads(text)
    except (ValueError, RecursionError):
        raise _unusable(where, "ce n'est pas du JSON : le fichier a été coupé ou modifié") from None
    if fault := _fault(info):
        raise _unusable(where, fault)
    try:
        robot: Credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            info, scopes=scopes
        )  # google-auth has no types there
    except (ValueError, TypeError, AttributeError, GoogleAuthError):
        raise _unusable(where, "sa clé privée (private_key) est abîmée") from None
    return robot


def _fault(info: Any) -> str:
    """What keeps a JSON value from being a service account's key, in French; "" for nothing that shows."""
    if not isinstance(info, dict):
        return "ce n'est pas la clé d'un compte de service"
    if "installed" in info or "web" in info:
        return "c'est l'identifiant d'une application (OAuth), pas la clé d'un compte de service"
    if info.get("type") == "authorized_user":
        return "c'est l'identité d'une personne, pas la clé d'un compte de service"
    if info.get("type") != "service_account":
        return "ce n'est pas la clé d'un compte de service (« type » devrait être « service_account »)"
    missing = [name for name in ("client_email", "private_key", "token_uri") if not _is_text(info.get(name))]
    return f"il y manque : {', '.join(missing)}" if missing else ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _of_this_machine(scopes: Sequence[str]) -> Credentials:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # google-auth's advice on quotas of persons, in English
            found, _ = google.auth.default(scopes=scopes)
    except (GoogleAuthError, OSError, ValueError):
        raise ConfigError(
            "Aucune clé pour parler à Google.", where=f"réglages, puis variable {VARIABLE}",
            why="ni clé indiquée, ni identité de Google trouvée sur ce poste (application default credentials)",
            fix=f"Indiquer le fichier de la clé du robot dans les réglages, ou dans la variable {VARIABLE}. {_NEW_KEY}",
        ) from None  # fmt: skip
    return found


def _unreadable(where: str, why: str) -> ConfigError:
    return ConfigError("La clé du robot Google ne peut pas être lue.", where=where, why=why,
                       fix="Corriger le chemin, ou permettre de lire ce fichier.")  # fmt: skip


def _unusable(where: str, why: str) -> ConfigError:
    return ConfigError("La clé du robot Google ne convient pas.", where=where, why=why, fix=_NEW_KEY)
