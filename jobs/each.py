"""The day's work of many registries, one after the other: each has its own installation, in a sub-folder of one folder.

A registry is opened, worked on under its own lock and let go before the next, so that a thousand of them take no more
memory than one. What fails there is told, and the others go on. Those that are with Google share one line: its quotas
are counted by robot, so the pace is kept in the folder of all, while each registry has its own patience.
"""

import logging
import traceback
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.console import in_one_line
from cdi_sync.edges.config import Settings, read_settings
from cdi_sync.edges.installation import Common, Installation
from cdi_sync.errors import CdiError, ConfigError, ExitCode
from jobs.run import RunReport, run

if TYPE_CHECKING:
    from cdi_sync.edges.workbook_google.opening import Line

log = logging.getLogger("cdi.jobs")

SETTINGS = "settings.toml"
SILENT_IN_A_ROW = 3  # registries for which Google was waited for in vain, before the others are left for another day
GRAVITY = (
    ExitCode.FINE,
    ExitCode.BUSY,
    ExitCode.WORKBOOK,
    ExitCode.USAGE,
    ExitCode.MAIL,
    ExitCode.BUG,
)  # the last is worst


@dataclass(frozen=True)
class Figures:
    """What a run did, in numbers: rows read, findings, cells and rows written, and letters as `run --json` counts them."""

    rows: int = 0
    findings: int = 0
    cells: int = 0
    rows_written: int = 0
    new: int = 0
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    held: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Trouble:
    """What went wrong, in French, as `CdiError` tells it."""

    what: str
    where: str = ""
    why: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one registry. name: of its sub-folder. Holds nothing of what was read."""

    name: str
    figures: Figures = Figures()
    code: ExitCode = ExitCode.FINE
    trouble: Trouble | None = None

    @property
    def is_news(self) -> bool:
        """True when something was written, or some letter made or handed over."""
        did = self.figures
        return any((did.cells, did.new, did.sent))


@dataclass(frozen=True)
class Folder:
    """A folder of installations. names: its direct sub-folders that hold settings; others: those that hold none.

    twins: name → the other installations of the same registry, which would write to the same people twice.
    """

    path: Path
    names: Sequence[str]
    others: Sequence[str]
    twins: Mapping[str, Sequence[str]]
    has_google: bool

    @classmethod
    def at(cls, path: Path) -> "Folder":
        """Looks at a folder, opens no registry. Raises ConfigError when it holds no installation."""
        if not path.is_dir():
            raise ConfigError("Ce dossier n'existe pas.", where=str(path), fix="Vérifier le chemin donné à --each.")
        path = path.resolve()
        found = sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))
        names = [child.name for child in found if (child / SETTINGS).is_file()]
        if not names:
            raise ConfigError(
                "Aucune installation dans ce dossier.", where=str(path),
                why=f"aucun de ses sous-dossiers directs n'a de fichier {SETTINGS}",
                fix=f"Créer chaque installation par « cdi init {path}/NOM », ou indiquer le dossier qui les contient.",
            )  # fmt: skip
        settings = {name: read for name in names if (read := _settings(path / name))}
        others = [child.name for child in found if child.name not in names]
        is_google = any(read.registre.google for read in settings.values())
        return cls(path, names, others, _twins(path, settings), is_google)


def each(folder: Folder, today: date, *, dry_run: bool = False, common: Common | None = None) -> Iterator[Outcome]:
    """Does the whole day's work of each registry in turn, by name; yields what became of it when it is over.

    common: what they share; by default one line to Google, whose pace is kept in the folder. Only what concerns them all
    raises CdiError.
    """
    common = common or Common(_line(folder) if folder.has_google else None)
    silent = 0
    for name in folder.names:
        if name in folder.twins:
            yield _refused(name, folder.twins[name])
            continue
        outcome, unheard = _one(folder.path / name, today, common, dry_run=dry_run, is_silent=silent >= SILENT_IN_A_ROW)
        silent = silent if unheard is None else (silent + 1 if unheard else 0)
        yield outcome


def gravest(outcomes: Sequence[Outcome]) -> ExitCode:
    """The code that the shell is told for all of them: a bug first, then a letter that someone must look at, settings,
    a workbook, and last a copy that works already."""
    return max((outcome.code for outcome in outcomes), key=GRAVITY.index, default=ExitCode.FINE)


def total(outcomes: Sequence[Outcome]) -> Figures:
    return sum((outcome.figures for outcome in outcomes), Figures())


# ------------------------------------------------------------------------------------------------- one registry


def _one(place: Path, today: date, common: Common, *, dry_run: bool, is_silent: bool) -> tuple[Outcome, bool | None]:
    """What became of a registry; and whether Google was waited for in vain, None where it wasn't asked."""
    name = place.name
    is_google = False
    try:
        installation = Installation.at(place / SETTINGS, common)
        is_google = bool(installation.settings.registre.google)
        if is_google and is_silent:
            return Outcome(name, code=ExitCode.WORKBOOK, trouble=_SILENT), None
        try:
            with installation.alone():
                return _told(name, run(installation, today, dry_run=dry_run)), False if is_google else None
        finally:
            installation.close()
    except CdiError as error:
        trouble = Trouble(error.what, error.where, error.why, error.fix)
        return Outcome(name, code=error.exit_code, trouble=trouble), _is_silence(error) if is_google else None
    except Exception as error:
        # told as text: the error itself would keep what was read
        log.error("%s : %s", name, in_one_line(error))
        why = "".join(traceback.format_exception(error)).rstrip()
        return Outcome(name, code=ExitCode.BUG, trouble=replace(_BUG, where=str(place), why=why)), None


def _told(name: str, report: RunReport) -> Outcome:
    """A run in numbers, and what a person has to look at."""
    went, assessment = report.letters.delivered, report.reading.assessment
    figures = Figures(
        rows=sum(map(len, assessment.registry.rows.values())), findings=len(assessment.findings),
        cells=report.sync.cells, rows_written=report.sync.rows,
        new=report.new, sent=went.sent, failed=report.failed, unknown=went.unknown, held=went.held,
    )  # fmt: skip
    if report.went_wrong:
        fix = f"« cdi outbox --config {name}/{SETTINGS} » dit pourquoi."
        told = f"{figures.failed} courriel(s) en échec, {figures.unknown} dont l'issue n'est pas connue."
        why = " ".join(
            filter(
                None,
                (
                    went.trouble,
                    *report.letters.refused,
                    *report.weekly.refused,
                    *report.collected.for_person,
                    report.collected.trouble,
                    report.busy,
                    report.intake.trouble,
                ),
            )
        )
        return Outcome(name, figures, ExitCode.MAIL, Trouble(told, why=why, fix=fix))
    if report.busy:
        return Outcome(name, figures, ExitCode.WORKBOOK, Trouble("Classeur non modifié.", why=report.busy))
    if report.intake.trouble:
        return Outcome(
            name,
            figures,
            ExitCode.WORKBOOK,
            Trouble("Des réponses à des formulaires attendent.", why=report.intake.trouble),
        )
    return Outcome(name, figures)


def _is_silence(error: CdiError) -> bool:
    """Whether Google was waited for to the end, rather than refused."""
    from cdi_sync.edges.workbook_google.http import GaveUpError, UncertainError  # gspread: not for local files

    return isinstance(error, GaveUpError | UncertainError)


_SILENT = Trouble(
    "Registre laissé pour un autre passage.", where="Google",
    why=f"Google n'a pas répondu à temps pour {SILENT_IN_A_ROW} registres de suite",
    fix="Relancer plus tard la même commande : ce qui est fait ne sera pas refait.",
)  # fmt: skip
_BUG = Trouble(
    "Erreur du logiciel, pas de votre fait. Rien n'a été perdu.",
    fix="Transmettre ces lignes à la personne qui a installé cdi_sync.",
)


# ----------------------------------------------------------------------------------------------------- the folder


def _line(folder: Folder) -> "Line":
    from cdi_sync.edges.workbook_google.opening import PACE, Line  # gspread: not for local files

    return Line(folder.path / PACE)


def _settings(place: Path) -> Settings | None:
    """None when they don't do, which is told when their turn comes."""
    try:
        return read_settings(place / SETTINGS)
    except CdiError:
        return None


def _twins(folder: Path, settings: Mapping[str, Settings]) -> Mapping[str, Sequence[str]]:
    """Installation → the others whose registry is the same spreadsheet or file."""
    sharing: dict[object, list[str]] = defaultdict(list)
    for name, read in settings.items():
        chosen = read.registre
        sharing[chosen.google or (folder / name / chosen.classeur).resolve()].append(name)
    return {
        name: [other for other in names if other != name]
        for names in sharing.values()
        if len(names) > 1
        for name in names
    }


def _refused(name: str, twins: Sequence[str]) -> Outcome:
    trouble = Trouble(
        "Deux installations pour un seul registre : rien n'a été fait.", where=f"{name}/{SETTINGS}",
        why=f"le même registre est aussi celui de {', '.join(f'« {twin} »' for twin in twins)}, et chacune écrirait aux mêmes personnes",
        fix="Garder celle qui tient la base des courriels (suivi.sqlite) à jour, et sortir l'autre de ce dossier.",
    )  # fmt: skip
    return Outcome(name, code=ExitCode.USAGE, trouble=trouble)
