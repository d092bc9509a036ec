"""What `cdi doctor` looks at when the registry is with Google. Nothing is written there.

One request to Drive tells who may do what with the spreadsheet, four to Sheets tell what it holds and how it looks. What
Google hides from the robot is said to be unknown, never taken for well.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from gspread.urls import DRIVE_FILES_API_V3_URL

from cdi_sync.edges import clock
from cdi_sync.edges.config import GoogleSettings
from cdi_sync.edges.diagnosis import Result, attempt, failure
from cdi_sync.edges.hints import Hints
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.setup import hints_of
from cdi_sync.edges.workbook_google import furnish, reading
from cdi_sync.edges.workbook_google.access import VARIABLE, address_of, credentials
from cdi_sync.edges.workbook_google.columns import anchor
from cdi_sync.edges.workbook_google.found import Json
from cdi_sync.edges.workbook_google.http import GoogleHTTP, RefusedError
from cdi_sync.edges.workbook_google.language import called, misread
from cdi_sync.edges.workbook_google.opening import PACE, open_http
from cdi_sync.edges.workbook_google.provisioning import AFTER, BEFORE
from cdi_sync.edges.workbook_google.reading import GoogleSnapshot
from cdi_sync.errors import CdiError, ExitCode
from cdi_sync.model import Tab
from cdi_sync.tables import read_registry
from cdi_sync.text import fold

_PATIENCE = 30.0  # seconds: who asks for a diagnosis stands before the screen
_GOOGLE_A_MINUTE = 60  # requests of each kind that Google allows a robot
_MOST_CELLS = 10_000_000  # of a spreadsheet
_FULL = 0.8  # of them, from where it is time to think of it
_SKEW = timedelta(minutes=2)  # Google refuses an identity that is minutes ahead or late
_SPREADSHEET = "application/vnd.google-apps.spreadsheet"
_FIELDS = "name,mimeType,trashed,capabilities(canEdit),permissions(type,role,emailAddress,domain,deleted)"
_ROLES = {"owner": "propriétaire", "organizer": "gestionnaire", "fileOrganizer": "gestionnaire de contenu",
          "writer": "éditeur", "commenter": "commentateur", "reader": "lecteur"}  # fmt: skip
_POINTS = {  # what a request of furnishing mends: the end of its kind → words
    "DataValidation": "listes déroulantes et contrôles de saisie",
    "ConditionalFormatRule": "couleurs",
    "ProtectedRange": "protections",
    "FilterView": "vues filtrées",
    "Chart": "graphiques",
    "ChartSpec": "graphiques",
    "NamedRange": "listes",
    "Sheet": "listes",
    "Cells": "titres, notes et listes",
    "Cell": "formats des colonnes",
}


def examine_google(installation: Installation) -> Iterator[Result]:
    """Every check that can be made of a registry with Google, in the order in which things are mended."""
    chosen = installation.settings.google
    key = attempt("Clé du robot", lambda: _key(chosen, installation.folder, os.environ))
    yield _private(key, _key_file(chosen, installation.folder, os.environ))
    if not key.ok:
        return
    patient = chosen.model_copy(update={"patience": min(chosen.patience, _PATIENCE)})
    yield _pace(chosen, installation.folder / PACE)
    http = open_http(patient, installation.folder)
    robot = address_of(credentials(_chosen_key(chosen, installation.folder), os.environ)) or "l'adresse du robot"
    try:
        answer = _asked_of_drive(http, installation.settings.registre.google)
    except CdiError as error:
        yield failure("Accès à la feuille", error)
        if not (isinstance(error, RefusedError) and error.status == 403):
            return
    else:
        yield from clock_results(answer.headers.get("Date", ""), clock.now())
        yield access_result(answer.json(), robot)
        yield sharing_result(answer.json(), robot)
    yield from _of_sheets(http, installation)


# ------------------------------------------------------------------------------------------------------- the key


def _chosen_key(chosen: GoogleSettings, folder: Path) -> Path | None:
    return folder / chosen.cle if chosen.cle else None


def _key_file(chosen: GoogleSettings, folder: Path, environment: Mapping[str, str]) -> Path | None:
    """The file of the key, None when it isn't one."""
    if chosen.cle:
        return folder / chosen.cle
    told = environment.get(VARIABLE, "").strip()
    return Path(told).expanduser() if told and not told.startswith(("{", "[")) else None


def _key(chosen: GoogleSettings, folder: Path, environment: Mapping[str, str]) -> str:
    who = address_of(credentials(_chosen_key(chosen, folder), environment)) or "identité sans adresse"
    held = _key_file(chosen, folder, environment)
    if held:
        return f"{who}, lue dans {held}"
    return (
        f"{who}, lue dans la variable {VARIABLE}"
        if environment.get(VARIABLE, "").strip()
        else f"{who}, identité de ce poste"
    )


def _private(key: Result, held: Path | None) -> Result:
    """The same, unless its file can be read by all who have an account on the machine."""
    if not key.ok or held is None or os.name != "posix" or not held.stat().st_mode & 0o004:
        return key
    return Result(key.what, False, f"{key.detail}, que tous les comptes de ce poste peuvent lire : c'est un secret",
                  f"chmod 600 {held}", ExitCode.USAGE)  # fmt: skip


def clock_results(told: str, now: datetime) -> Iterator[Result]:
    """How far this machine's clock is from Google's; nothing when Google's answer bears no date. told: its header."""
    try:
        gap = now - parsedate_to_datetime(told)
    except (ValueError, TypeError):
        return
    seconds = round(abs(gap.total_seconds()))
    if abs(gap) <= _SKEW:
        yield Result("Horloge", True, f"{seconds} s d'écart avec Google")
    else:
        side = "en avance" if gap > timedelta(0) else "en retard"
        yield Result("Horloge", False, f"ce poste est {side} de {seconds} s sur Google, qui finira par refuser la clé",
                     "Mettre ce poste à l'heure : sudo timedatectl set-ntp true", ExitCode.USAGE)  # fmt: skip


def _pace(chosen: GoogleSettings, state: Path) -> Result:
    """What a run asks, beside what Google allows; and whether commands can share what they take."""
    read, write = chosen.lectures_par_minute, chosen.ecritures_par_minute
    most = max(read, write)
    told = (f"un passage demande 2 ou 3 lectures et au plus 2 écritures ; les commandes de cette installation s'en tiennent "
            f"à {read} et {write} par minute, Google en admet {_GOOGLE_A_MINUTE} et {_GOOGLE_A_MINUTE} par robot")  # fmt: skip
    if most > _GOOGLE_A_MINUTE:
        return Result("Quota", False, told, "Dans settings.toml, section [google] : lectures_par_minute = 50 et "
                      "ecritures_par_minute = 50, à moins d'avoir obtenu davantage de Google.", ExitCode.USAGE)  # fmt: skip
    if not os.access(state if state.exists() else state.parent, os.W_OK):
        alone = f"{told} ; mais {state} ne peut pas être écrit : les commandes lancées ensemble ne se partagent pas ce rythme"
        return Result(
            "Quota", False, alone, "Donner au compte de cdi le droit d'écrire dans ce dossier.", ExitCode.USAGE
        )
    return Result("Quota", True, told)


# ------------------------------------------------------------------------------------------------------- access


def _asked_of_drive(http: GoogleHTTP, spreadsheet: str) -> Any:
    wanted: Any = {"fields": _FIELDS, "supportsAllDrives": "true"}
    return http.request("get", f"{DRIVE_FILES_API_V3_URL}/{spreadsheet}", params=wanted)


def access_result(file: Mapping[str, Any], robot: str) -> Result:
    """Whether the robot may write. file: a File of Drive, with the fields that are asked above."""
    name, what = str(file.get("name", "")), "Accès à la feuille"
    if file.get("mimeType") != _SPREADSHEET:
        return Result(what, False, f"« {name} » n'est pas une feuille de calcul Google",
                      "L'ouvrir dans Drive, « Fichier », « Enregistrer au format Google Sheets », puis employer l'identifiant "
                      "de la nouvelle feuille.", ExitCode.WORKBOOK)  # fmt: skip
    if file.get("trashed"):
        return Result(what, False, f"« {name} » est dans la corbeille : Google l'effacera au bout de trente jours",
                      "Dans Drive, « Corbeille », clic droit sur la feuille, « Restaurer ».", ExitCode.WORKBOOK)  # fmt: skip
    if not (file.get("capabilities") or {}).get("canEdit"):
        return Result(what, False, f"le robot peut lire « {name} », mais pas y écrire",
                      f"Ouvrir la feuille, « Partager », et donner à {robot} le rôle « Éditeur ».",
                      ExitCode.WORKBOOK)  # fmt: skip
    return Result(what, True, f"« {name} », où le robot ({robot}) est éditeur")


def sharing_result(file: Mapping[str, Any], robot: str) -> Result:
    """Whether the spreadsheet is open to more than named people. file: as for `access_result`."""
    what, permissions = "Partage", [each for each in file.get("permissions") or () if not each.get("deleted")]
    if not permissions:
        return Result(what, True, "Google ne le montre pas au robot : vérifier dans « Partager » que « Accès général » est "
                      "« Limité »")  # fmt: skip
    wide = [_wide(each) for each in permissions if each.get("type") in ("anyone", "domain")]
    if wide:
        return Result(what, False, f"ouvert à {' et à '.join(wide)} : le registre contient des noms, des adresses et des "
                      "téléphones (loi 09-08)",
                      "Ouvrir la feuille, « Partager », « Accès général », choisir « Limité ».", ExitCode.USAGE)  # fmt: skip
    others = Counter(str(each.get("role")) for each in permissions if each.get("emailAddress") != robot)
    told = ", ".join(f"{_ROLES.get(role, role)} : {count}" for role, count in others.items())
    return Result(what, True, f"seulement des personnes et groupes nommés ({told or 'le robot seul'})")


def _wide(permission: Mapping[str, Any]) -> str:
    who = "toute personne qui a le lien"
    if permission.get("type") == "domain":
        who = f"toutes les personnes de {permission.get('domain') or 'votre organisation'}"
    return f"{who} ({_ROLES.get(str(permission.get('role')), 'accès')})"


# ------------------------------------------------------------------------------------------------ the spreadsheet


def _of_sheets(http: GoogleHTTP, installation: Installation) -> Iterator[Result]:
    """What the spreadsheet holds, its settings, and how far its looks are from what is declared."""
    spreadsheet, tabs = installation.settings.registre.google, list(installation.knowledge.tabs.values())
    mend = f"cdi init {installation.folder} --google {spreadsheet}"
    try:
        snapshot = reading.read(http, spreadsheet, tabs)
    except CdiError as error:
        yield failure("Classeur lisible", error)
        return
    yield attempt("Classeur lisible", lambda: _filled(snapshot, tabs))
    yield language_result(snapshot.locale, snapshot.time_zone)
    yield tabs_result(snapshot.sheets, mend)
    yield _anchors(snapshot, tabs, mend)
    hints = hints_of(installation.declarations, frozenset(installation.settings.registre.modules))
    try:
        missing, cells = _furniture(http, spreadsheet, tabs, hints)
    except CdiError as error:
        yield failure("Présentation", error)
        return
    yield from looks_results(missing, mend)
    yield size_result(cells)


def _filled(snapshot: GoogleSnapshot, tabs: Sequence[Tab]) -> str:
    registry = read_registry(snapshot.grids, tabs)
    return f"{sum(map(len, registry.rows.values()))} lignes remplies dans {len(registry.layouts)} onglets"


def language_result(locale: str, time_zone: str) -> Result:
    """Whether what people type is read as they mean it."""
    faults = list(misread(locale, time_zone))
    if faults:
        return Result("Langue et fuseau horaire", False, " ".join(each.detail for each in faults),
                      " ".join(each.fix for each in faults), ExitCode.USAGE)  # fmt: skip
    return Result(
        "Langue et fuseau horaire", True, f"{called(locale)} : dates jj/mm/aaaa, virgule décimale ; {time_zone}"
    )


def tabs_result(titles: Iterable[str], mend: str) -> Result:
    """Whether the tabs that the software writes are among these titles. mend: the command that makes them."""
    held = {fold(title) for title in titles}
    missing = [title for title in (*BEFORE, *AFTER) if fold(title) not in held]
    if missing:
        return Result("Onglets du système", False, f"il manque : {', '.join(missing)} (supprimés ou renommés)", mend,
                      ExitCode.WORKBOOK)  # fmt: skip
    return Result("Onglets du système", True, ", ".join((*BEFORE, *AFTER)))


def _anchors(snapshot: GoogleSnapshot, tabs: Sequence[Tab], mend: str) -> Result:
    """The marks by which a column is found again whose title somebody changes."""
    held = {said for sheet in snapshot.sheets.values() for said in sheet.anchors.values()}
    titles = {anchor(tab, column): f"{tab.title}, « {column.title} »" for tab in tabs for column in tab.columns}
    missing = [title for said, title in titles.items() if said not in held]
    if missing:
        shown = " ; ".join(missing[:5]) + (f" et {len(missing) - 5} autres" if len(missing) > 5 else "")
        return Result("Repères des colonnes", False, f"il manque {len(missing)} repère(s) sur {len(titles)} : {shown}. "
                      "Sans lui, une colonne dont on change le titre n'est plus reconnue", mend)  # fmt: skip
    return Result("Repères des colonnes", True, f"{len(titles)} colonnes, reconnues même si leur titre change")


def _furniture(http: GoogleHTTP, spreadsheet: str, tabs: Sequence[Tab], hints: Hints) -> tuple[Sequence[Json], int]:
    """The requests that would bring the looks to what is declared, and how many cells the spreadsheet has."""
    sheets = http.fetch_sheet_metadata(spreadsheet, params={"fields": furnish.PROPERTIES})
    asked: Any = {"fields": furnish.FIELDS, "ranges": furnish.ranges(sheets, tabs)}
    sizes = [(each.get("properties") or {}).get("gridProperties") or {} for each in sheets.get("sheets") or ()]
    cells = sum(int(size.get("rowCount") or 0) * int(size.get("columnCount") or 0) for size in sizes)
    return furnish.furnishing(http.fetch_sheet_metadata(spreadsheet, params=asked), tabs, hints), cells


def looks_results(missing: Sequence[Json], mend: str) -> Iterator[Result]:
    """missing: requests of furnishing. The language has a line of its own."""
    points = Counter(point for each in missing for kind in each if (point := _point(kind)))
    guards = points.pop("protections", 0)
    if guards:
        yield Result("Protections", False, f"{guards} avertissement(s) à remettre : qui tape par erreur dans les titres ou "
                     "les colonnes grises n'en est plus averti", mend)  # fmt: skip
    else:
        yield Result("Protections", True, "titres, colonnes grises et onglets du système avertissent qui y écrit")
    if points:
        told = ", ".join(f"{what} ({count})" for what, count in points.items())
        yield Result("Présentation", False, f"{points.total()} point(s) à refaire : {told}", mend)
    else:
        yield Result("Présentation", True, "listes, contrôles, couleurs, vues et graphiques sont comme déclarés")


def _point(kind: str) -> str:
    """What a request mends, in words; "" for the spreadsheet's own settings. kind: "addProtectedRange"."""
    if kind == "updateSpreadsheetProperties":
        return ""
    found = [words for end, words in _POINTS.items() if kind.endswith(end)]
    return found[0] if found else "onglets et largeurs"


def size_result(cells: int) -> Result:
    """How much of the room of a spreadsheet is taken."""
    told = f"{cells:,} cellules sur les {_MOST_CELLS:,} que Google admet".replace(",", " ")
    if cells >= _FULL * _MOST_CELLS:
        return Result("Taille", False, told, "Supprimer les lignes et colonnes vides en trop (les sélectionner, clic droit, "
                      "« Supprimer »), ou les onglets ajoutés qui ne servent plus.")  # fmt: skip
    return Result("Taille", True, told)
