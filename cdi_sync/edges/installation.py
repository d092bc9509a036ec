"""One council's (or directorate's) installation: its settings, what is asked of its registry, its workbook, its ledger."""

import contextlib
import gc
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.edges.config import Declarations, Settings, data_folder, read_settings
from cdi_sync.edges.kept import Conclusions, Kept
from cdi_sync.edges.workbook import Snapshot, Workbook
from cdi_sync.edges.workbook_xlsx.book import XlsxWorkbook
from cdi_sync.errors import AlreadyRunningError
from cdi_sync.model import Answer, Assessment

if TYPE_CHECKING:
    from cdi_sync.assessment import Knowledge
    from cdi_sync.calendar import WorkCalendar
    from cdi_sync.edges.ledger.store import Store
    from cdi_sync.edges.workbook_google.opening import Line
    from cdi_sync.forms.held import Asked, Held
    from cdi_sync.mail.letters import Templates
    from cdi_sync.people import RefusedAddress


@dataclass(frozen=True)
class Reading:
    """A workbook as read, and what was concluded from it."""

    snapshot: Snapshot
    assessment: Assessment

    @property
    def conclusions(self) -> Conclusions:
        """What a check says of it."""
        seen = self.assessment
        return Conclusions(seen.as_of, seen.findings, seen.registry.layouts, tuple(self.snapshot.warnings))


@dataclass(frozen=True)
class Common:
    """What a process reads once for all its installations. line: how they ask Google; None for each its own."""

    line: "Line | None" = None
    declarations: Declarations = field(default_factory=Declarations)

    @cached_property
    def templates(self) -> "Templates":
        """The letters' templates, compiled once."""
        from cdi_sync.mail.letters import Templates  # jinja2 and MJML: not for a mere check

        return Templates(data_folder("mail_templates"), self.declarations.languages)


@dataclass(frozen=True)
class Installation:
    """Where everything of one installation stands. `Installation.at(settings.toml)` opens it."""

    folder: Path
    settings: Settings
    declarations: Declarations
    common: Common = field(default_factory=Common)

    @classmethod
    def at(cls, settings_file: Path, common: Common | None = None) -> "Installation":
        """common: what is shared with other installations. Raises ConfigError when the settings are missing or wrong."""
        folder, common = settings_file.resolve().parent, common or Common()
        overlay = folder / "config"
        declared = Declarations(overlay) if overlay.is_dir() else common.declarations
        return cls(folder, read_settings(settings_file), declared, common)

    @property
    def workbook(self) -> Path:
        return self.folder / self.settings.registre.classeur

    @cached_property
    def book(self) -> Workbook:
        """The registry that staff edit. Raises ConfigError when Google's key isn't found."""
        if self.settings.registre.google:
            from cdi_sync.edges.workbook_google.opening import open_book  # gspread: not for a local file

            return open_book(
                self.settings.google, self.settings.registre.google, self.folder, self.knowledge.tabs, self.common.line
            )
        return XlsxWorkbook(self.workbook, self.settings.registre.sauvegardes)

    @property
    def letters_folder(self) -> Path:
        return self.folder / self.settings.mail.dossier

    @property
    def forms_folder(self) -> Path:
        """Where returned forms are put."""
        return self.folder / self.settings.formulaires.dossier

    @cached_property
    def knowledge(self) -> "Knowledge":
        from cdi_sync.assessment import Knowledge

        declared, mail = self.declarations, self.settings.mail
        readings = declared.readings(self.settings.interpretations)
        return Knowledge(
            tabs=declared.tabs,
            law=declared.law.read_with(readings),
            programmes=declared.programmes,
            calendar=declared.calendar,
            rulebook=declared.rulebook,
            machines=declared.machines,
            evaluation_machine=declared.evaluation_machine,
            reminders=declared.reminders,
            roles=declared.roles,
            readings=readings,
            checklists=declared.checklists,
            modules=frozenset(self.settings.registre.modules),
            help_texts=declared.help_texts,
            own_addresses=frozenset(filter(None, (mail.expediteur, mail.reponses, mail.temoin))),
            asked=lambda: self._asked,
        )

    @property
    def has_forms(self) -> bool:
        """True when departments fill in forms: the module is on."""
        return "formulaires" in self.settings.registre.modules

    @cached_property
    def _asked(self) -> "Asked":
        from cdi_sync.forms.held import Asked

        if not self.has_forms:
            return Asked()
        from cdi_sync.forms.understanding import labels_of  # Babel: not for a mere check

        forms, languages = self.declarations.forms, self.declarations.languages.values()
        return Asked(forms, {name: labels_of(form, languages) for name, form in forms.items()})

    @property
    def templates(self) -> "Templates":
        return self.common.templates

    @cached_property
    def store(self) -> "Store":
        from cdi_sync.edges.ledger.store import Store  # SQLAlchemy: not for a mere check

        return Store.open(self.ledger_place)

    @property
    def ledger_place(self) -> Path | str:
        """The ledger's file, or its address."""
        suivi = self.settings.suivi
        return suivi.base if suivi.is_shared else self.folder / suivi.base

    @cached_property
    def answer_key(self) -> bytes:
        """The secret that signs reply addresses, made at first need. Raises ConfigError when it can't be used."""
        from cdi_sync.edges.mail.answer_key import answer_key

        return answer_key(self.folder, self.store)

    def ledger(self, *, dry_run: bool) -> "Store":
        """The ledger; an empty one in memory when nothing may be recorded and there is none yet."""
        if dry_run and isinstance(self.ledger_place, Path) and not self.ledger_place.exists():
            from cdi_sync.edges.ledger.store import Store

            return Store.open(Path(":memory:"))
        return self.store

    def close(self) -> None:
        """Closes the ledger if it was opened."""
        if "store" in self.__dict__:
            self.store.close()

    def read(self, today: date) -> Reading:
        """Reads the workbook and assesses it for that day. Raises RegistryError."""
        with _collector_paused(), ThreadPoolExecutor(max_workers=1) as aside:
            read = aside.submit(self.book.read)  # parsing leaves the interpreter to what follows
            from cdi_sync.assessment import assess
            from cdi_sync.calendar import load_holidays
            from cdi_sync.tables import read_registry

            knowledge = self.knowledge
            load_holidays()
            snapshot = read.result()
            registry = read_registry(snapshot.grids, list(knowledge.tabs.values()))
            assessment = assess(
                registry,
                knowledge,
                today,
                refused=self.refused(),
                answers=self.answers(),
                submissions=self.submissions,
            )
            return Reading(snapshot, assessment)

    def conclusions(self, today: date) -> Conclusions:
        """What a check says on that day: of a local file, what was kept if nothing has changed. Raises RegistryError."""
        kept = self._kept(today)
        if kept is not None and (known := kept.load()):
            return known
        made = self.read(today).conclusions
        if kept is not None and kept == self._kept(today):  # else the file was saved meanwhile
            kept.keep(made)
        return made

    def _kept(self, today: date) -> Kept | None:
        """Where conclusions are kept; None for a shared spreadsheet, and for a file that can't be read."""
        if self.settings.registre.google or not self.workbook.is_file():
            return None
        around = (today, self.settings, self.refused())  # answers, by mail or by forms, make no finding
        asked = (path for pattern in ("**/*.toml", "**/*.po") for path in self.declarations.files(pattern))
        return Kept.of(
            self.workbook,
            [
                self.workbook.read_bytes(),
                repr(around).encode(),
                *(part for path in asked for part in (str(path).encode(), path.read_bytes())),
            ],
        )

    def refused(self) -> Mapping[str, "RefusedAddress"]:
        """The addresses that came back as unusable; none when no mailbox is read."""
        place = self.ledger_place
        if not self.settings.mail.imap.serveur or (isinstance(place, Path) and not place.exists()):
            return {}
        from cdi_sync.people import RefusedAddress

        bad = self.store.mailbox.bad_addresses()
        return {a: RefusedAddress(datetime.fromisoformat(b.since).date(), b.status) for a, b in bad.items()}

    def answers(self) -> tuple[Answer, ...]:
        """What people answered by mail, the oldest first; nothing when no answers are taken."""
        place = self.ledger_place
        if not self.settings.mail.reponses or (isinstance(place, Path) and not place.exists()):
            return ()
        return tuple(stored.as_answer() for stored in self.store.mailbox.answers())

    def submissions(self) -> tuple["Held", ...]:
        """What departments answered to forms, in the order in which it came; nothing when forms are off."""
        place = self.ledger_place
        if not self.has_forms or (isinstance(place, Path) and not place.exists()):
            return ()
        return tuple(self.store.submissions.held())

    def calendar(self, today: date) -> "WorkCalendar":
        """Worked days and holidays, those of the registry's own tab included. Raises RegistryError."""
        from cdi_sync.assessment import calendar_of
        from cdi_sync.tables import read_registry

        snapshot = self.book.read()
        registry = read_registry(snapshot.grids, list(self.knowledge.tabs.values()))
        return calendar_of(registry, self.knowledge, today)

    def configured_calendar(self, today: date) -> "WorkCalendar":
        """Worked days and holidays by the configuration alone."""
        from cdi_sync.calendar import build_calendar

        return build_calendar([today.year], (), self.knowledge.calendar)

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Holds the installation: a second copy raises AlreadyRunningError. The lock goes with the process."""
        return _held(self.folder / ".cdi.lock", "Une autre copie travaille déjà sur cette installation.",
                     fix="Attendre qu'elle finisse, puis relancer.")  # fmt: skip

    def serving(self) -> contextlib.AbstractContextManager[None]:
        """Holds the place of the one service of this installation; commands by hand aren't kept out."""
        return _held(self.folder / ".cdi-serve.lock", "Le service tourne déjà pour cette installation.",
                     fix="Rien à faire, sauf pour le remplacer : arrêter l'autre copie d'abord.")  # fmt: skip


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """No hunt for cycles while many values are made that have none: it takes a fifth of the time of a reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def _held(lock: Path, what: str, *, fix: str) -> Iterator[None]:
    with lock.open("a") as file:
        if not _lock(file.fileno()):
            raise AlreadyRunningError(what, where=str(lock.parent), fix=fix)
        yield


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # Windows only
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
