"""`cdi doctor`: looks at each thing that an installation needs and says how to mend what is missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cdi_sync.edges import clock
from cdi_sync.edges.config import data_folder
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx import refuse_if_open
from cdi_sync.errors import CdiError, ExitCode


@dataclass(frozen=True)
class Result:
    """One thing looked at. `fix` says what to do when it isn't well."""

    what: str
    ok: bool
    detail: str
    fix: str = ""
    exit_code: ExitCode = ExitCode.FINE


def examine(settings_file: Path, today: date) -> Sequence[Result]:
    """Every check that can be made; those that need the settings are left out when these can't be read."""
    settings = _try("Réglages", lambda: f"{Installation.at(settings_file).folder}")
    clock_ = _try("Fuseaux horaires", lambda: f"heure du Maroc {clock.now():%H:%M}, UTC{clock.now():%z}")
    if not settings.ok:
        return [settings, clock_]
    return [settings, clock_, *_of_installation(Installation.at(settings_file), today)]


def _of_installation(installation: Installation, today: date) -> Iterator[Result]:
    overlaid = installation.declarations.overlaid()
    yield _try("Configuration", lambda: _configuration(installation, overlaid))
    yield _try("Classeur lisible", lambda: _workbook(installation, today))
    yield _try("Classeur libre", lambda: _free(installation))
    yield _try("Registre des courriers", lambda: f"{len(installation.store.letters())} courriel(s) enregistrés")
    yield _try("Modèles de courriel", lambda: str(len(list(data_folder("mail_templates").glob("*/*")))) + " fichiers")
    yield _mail(installation)


def _configuration(installation: Installation, overlaid: Sequence[str]) -> str:
    rulebook = installation.knowledge.rulebook
    executable = sum(rule.executable for rule in rulebook.values())
    own = f" ; fichiers propres à cette installation : {', '.join(overlaid)}" if overlaid else ""
    return f"{len(rulebook)} règles, dont {executable} vérifiées{own}"


def _workbook(installation: Installation, today: date) -> str:
    registry = installation.read(today).assessment.registry
    return f"{sum(map(len, registry.rows.values()))} lignes remplies dans {len(registry.layouts)} onglets"


def _free(installation: Installation) -> str:
    refuse_if_open(installation.workbook)
    return "personne ne l'a ouvert"


def _mail(installation: Installation) -> Result:
    mail = installation.settings.mail
    if mail.transport == "none":
        return Result("Courriels", True, "aucun : mail.transport vaut « none »")
    return Result("Courriels", True, f"fichiers .eml dans {installation.letters_folder} ; rien n'est envoyé")


def _try(what: str, look: Callable[[], str]) -> Result:
    try:
        return Result(what, True, look())
    except CdiError as error:
        detail = " ; ".join(part for part in (error.what, error.where, error.why) if part)
        return Result(what, False, detail, error.fix, error.exit_code)
