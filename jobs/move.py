"""The job that moves a registry house: export → another workbook, local or Google; import of a whole registry.

Steps: read → carried → the other one must be free → filled → read back: every cell, every identifier and the same
assessment, or it is told and the settings stay → the settings point to it, when asked to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cdi_sync.assessment import assess
from cdi_sync.cells import shown
from cdi_sync.edges import clock, files, setup
from cdi_sync.edges.carrying import Carried, carried, differences, occupied, unlike
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.settings_text import with_values
from cdi_sync.edges.workbook_xlsx.reading import UNCOMPUTED
from cdi_sync.errors import CdiError, RegistryError
from cdi_sync.model import Assessment, Grid, Tab
from cdi_sync.publish import Plan, plan
from cdi_sync.tables import read_registry
from jobs.sync import sync

if TYPE_CHECKING:
    from cdi_sync.edges.workbook_google.book import GoogleWorkbook

_TOLD = 20  # differences that a message shows


@dataclass(frozen=True)
class MoveReport:
    """What was carried: rows in use by tab, lines of the journal, tabs of the staff's own; `left`: what couldn't be.

    letters: those that the ledger taken along knows; None when none was. applied: written, or found written already.
    """

    rows: Mapping[str, int]
    journal: int
    own: Sequence[str]
    left: Sequence[str]
    applied: bool
    switched: bool = False
    letters: int | None = None


@dataclass(frozen=True)
class _Source:
    """A registry to carry, and what it is told on that day."""

    registry: Carried
    assessment: Assessment
    left: Sequence[str]


class Target(Protocol):
    """Where a registry goes."""

    def fitted(self, registry: Carried) -> tuple[Carried, Sequence[str]]:
        """The registry as it can be held there, and what had to change. Raises RegistryError."""
        ...

    def look(self) -> Mapping[str, Grid] | None:
        """What is there; None for nothing yet. Raises CdiError, RegistryError."""
        ...

    def fill(self, registry: Carried, day: date) -> None:
        """Writes it, `look` having found the place free. Raises CdiError, RegistryError when that went wrong."""
        ...

    def settings(self, installation: Installation) -> Mapping[tuple[str, str], str]:
        """The settings that point there."""
        ...

    def remember(self, installation: Installation) -> None:
        """What the ledger must know of what was shown there."""
        ...


def export(
    installation: Installation, target: Target, today: date, *, switch: bool = False, dry_run: bool = False
) -> MoveReport:
    """Carries the installation's registry elsewhere; the one that is there stays as it is. Raises CdiError.

    switch: the settings then point to the new one; the ledger stays, so that no letter leaves twice.
    """
    reading = installation.read(today)
    grids, left = installation.book.whole(reading.snapshot, installation.knowledge.tabs)
    typed = [f"texte tapé dans une colonne du logiciel, non repris : {text}"
             for text in sync(installation, reading, dry_run=True).healed]  # fmt: skip
    source = _Source(carried(grids, _tabs(installation)), reading.assessment, [*left, *typed])
    done = _moved(installation, source, target, dry_run=dry_run)
    if not switch or dry_run:
        return done
    file = installation.folder / "settings.toml"
    text = with_values(file.read_text(encoding="utf-8"), target.settings(installation))
    target.remember(installation)
    files.write_atomically(file, text.encode())
    return replace(done, switched=True)


def take_over(
    installation: Installation, path: Path, today: date, *, ledger: Path | None = None, dry_run: bool = False
) -> MoveReport:
    """Fills the installation's registry, which must be free, with that of a file. Raises CdiError, RegistryError.

    ledger: that of the other installation, copied when ours knows of no letter.
    """
    from cdi_sync.edges.ledger import copy as ledger_copy
    from cdi_sync.edges.workbook_xlsx.moving import left_behind
    from cdi_sync.edges.workbook_xlsx.reading import read

    tabs = installation.knowledge.tabs
    snapshot = read(path)
    registry = read_registry(snapshot.grids, list(tabs.values()))
    source = _Source(carried(snapshot.grids, list(tabs.values())), assess(registry, installation.knowledge, today),
                     list(left_behind(snapshot, tabs)))  # fmt: skip
    ours = installation.ledger_place
    if ledger and isinstance(ours, str):
        raise CdiError("Le registre des courriers d'ici est une base partagée : on ne la remplace pas par un fichier.",
                       where="settings.toml [suivi] base", fix="Relancer sans --suivi.")  # fmt: skip
    if ledger:
        ledger_copy.refuse_used(Path(ours))
    target: Target = (
        _of_google(installation, installation.settings.registre.google)
        if installation.settings.registre.google
        else XlsxTarget(installation.workbook, installation, takes_place=True)
    )
    done = _moved(installation, source, target, dry_run=dry_run)
    if ledger and not dry_run:
        done = replace(done, letters=ledger_copy.copy_ledger(ledger, Path(ours)))
    if not dry_run:
        target.remember(installation)
    return done


def _tabs(installation: Installation) -> Sequence[Tab]:
    return list(installation.knowledge.tabs.values())


def _moved(installation: Installation, source: _Source, target: Target, *, dry_run: bool) -> MoveReport:
    tabs, day = _tabs(installation), source.assessment.as_of
    _refuse_uncomputed(source.registry)
    registry, changed = target.fitted(source.registry)
    there = target.look()
    found = occupied(there, tabs) if there is not None else []
    is_done = bool(found) and _holds(there or {}, registry, tabs)
    if found and not is_done:
        raise RegistryError("La destination contient déjà quelque chose.", why=", ".join(found),
                            fix="Donner un fichier ou une feuille de calcul vide ; rien n'a été écrit.")  # fmt: skip
    if not dry_run:
        if not is_done:
            target.fill(registry, day)
        _verify(registry, source.assessment, target.look() or {}, installation)
    held = source.assessment.registry
    return MoveReport(
        rows={name: len(held[name]) - len(held.added.get(name, ())) for name in registry.tabs},
        journal=max(0, len(registry.journal) - 2),
        own=list(registry.own),
        left=[*source.left, *changed],
        applied=not dry_run,
    )


def _refuse_uncomputed(registry: Carried) -> None:
    places = [place for place, cell, _ in registry.cells if cell == UNCOMPUTED]
    if places:
        raise RegistryError("Des formules n'ont pas de résultat enregistré.", where=" ; ".join(places[:_TOLD]),
                            fix="Ouvrir le classeur, l'enregistrer, puis relancer.")  # fmt: skip


def _holds(grids: Mapping[str, Grid], registry: Carried, tabs: Sequence[Tab]) -> bool:
    """True when an earlier try, stopped after it had written, left all there."""
    try:
        read_registry(grids, tabs)
    except RegistryError:
        return False
    return next(differences(registry, carried(grids, tabs)), None) is None


def _verify(meant: Carried, before: Assessment, grids: Mapping[str, Grid], installation: Installation) -> None:
    tabs = _tabs(installation)
    after = assess(read_registry(grids, tabs), installation.knowledge, before.as_of)
    wrong = [*differences(meant, carried(grids, tabs)), *unlike(before, after)]
    if wrong:
        more = [f"et {len(wrong) - _TOLD} autres"] if len(wrong) > _TOLD else []
        raise RegistryError(
            "Le registre relu n'est pas celui qui a été repris.", why="\n".join([*wrong[:_TOLD], *more]),
            fix="Les réglages n'ont pas changé et le registre d'origine est intact. Vider la destination, puis relancer ; "
            "si cela revient, transmettre ce message à la personne qui a installé cdi_sync.",
        )  # fmt: skip


# ----------------------------------------------------------------------------------------------- the two kinds


class XlsxTarget:
    """A local file. takes_place: it is the installation's own, empty, that is replaced after a dated copy."""

    def __init__(self, path: Path, at: Installation, *, overwrite: bool = False, takes_place: bool = False) -> None:
        self.path, self._at, self._overwrite, self._takes_place = path, at, overwrite, takes_place
        self._shown: Plan | None = None
        self._assessment: Assessment | None = None

    def fitted(self, registry: Carried) -> tuple[Carried, Sequence[str]]:
        from cdi_sync.edges.workbook_xlsx.moving import fitted

        return fitted(registry, _tabs(self._at))

    def look(self) -> Mapping[str, Grid] | None:
        from cdi_sync.edges.workbook_xlsx.reading import read

        if self._assessment is not None or self._takes_place:
            return read(self.path).grids
        if not self.path.exists():
            return None
        is_own = not self._at.settings.registre.google and self.path.resolve() == self._at.workbook.resolve()
        if is_own or not self._overwrite:
            raise CdiError(
                "C'est le registre lui-même." if is_own else "Ce fichier existe déjà.", where=str(self.path),
                fix="Donner un autre nom de fichier" + ("." if is_own else ", ou --remplacer pour l'écraser."),
            )  # fmt: skip
        return None

    def fill(self, registry: Carried, day: date) -> None:
        """The system's columns and tabs are shown as a run of that day would, but add no row and no number."""
        from cdi_sync.edges.workbook_xlsx.apply import apply, sheet_titles
        from cdi_sync.edges.workbook_xlsx.book import refuse_if_open, replace
        from cdi_sync.edges.workbook_xlsx.moving import made
        from cdi_sync.edges.workbook_xlsx.reading import read, read_bytes

        knowledge, settings = self._at.knowledge, self._at.settings.registre
        hints = setup.hints_of(self._at.declarations, frozenset(settings.modules))
        empty = read_bytes(made(registry, _tabs(self._at), hints), self.path.name)
        found = self._assessment = assess(read_registry(empty.grids, _tabs(self._at)), knowledge, day)
        self._shown = _without_new_rows(plan(found, knowledge, spare_rows=0), found, knowledge.tabs)
        data = apply(empty, self._shown, sheet_titles(empty, knowledge.tabs)).data
        if self.path.exists():
            refuse_if_open(self.path)
        if self._takes_place:
            replace(self.path, read(self.path), data, backups=settings.sauvegardes, stamp=files.stamp_of(clock.now()))
        else:
            files.write_atomically(self.path, data)

    def settings(self, installation: Installation) -> Mapping[tuple[str, str], str]:
        path = self.path.resolve()
        told = path.relative_to(installation.folder) if path.is_relative_to(installation.folder) else path
        return {("registre", "classeur"): str(told), ("registre", "google"): ""}

    def remember(self, installation: Installation) -> None:
        """Our texts as they are shown there, beside those of the last run: else they would pass for somebody's."""
        if self._shown is None or self._assessment is None:
            return
        before = installation.store.published()
        cells: dict[tuple[str, str], dict[str, Sequence[str]]] = {key: dict(held) for key, held in before.items()}
        for name, wanted in self._shown.cells.items():
            registry = self._assessment.registry
            key_at = {position: key for key, position in registry.layouts[name].positions.items()}
            id_of = {row.number: row.id for row in registry[name]}
            for (row, at), cell in wanted.items():
                if row in id_of:
                    held = cells.setdefault((name, id_of[row]), {})
                    held[key_at[at]] = list(dict.fromkeys([shown(cell.value), *held.get(key_at[at], ())]))
        installation.store.remember_published(cells)


def _without_new_rows(wanted: Plan, assessment: Assessment, tabs: Mapping[str, Tab]) -> Plan:
    """The plan for the rows that are there: neither the lines that checklists owe, nor numbers, which a run writes."""
    cells = {}
    for name, found in wanted.cells.items():
        registry, tab = assessment.registry, tabs[name]
        added = {row.number for row in registry.added.get(name, ())}
        system = {registry.layouts[name].positions[column.key] for column in tab.columns[1:] if column.is_system}
        cells[name] = {at: cell for at, cell in found.items() if at[0] not in added and at[1] in system}
    return replace(wanted, cells=cells)


class GoogleTarget:
    """A spreadsheet that was shared with the robot. key: the file of its key, when the settings don't tell it."""

    def __init__(self, book: "GoogleWorkbook", at: Installation, key: Path | None = None) -> None:
        self._book, self._at, self._key = book, at, key

    def fitted(self, registry: Carried) -> tuple[Carried, Sequence[str]]:
        from cdi_sync.edges.workbook_google.moving import fitted

        return fitted(registry)

    def look(self) -> Mapping[str, Grid]:
        return self._book.read().grids

    def fill(self, registry: Carried, day: date) -> None:
        """The next run shows what the system knows."""
        from cdi_sync.edges.workbook_google.moving import requests

        self._furnish()
        wanted = list(requests(self._book.read(), registry, _tabs(self._at)))
        self._book.http.batch_update(self._book.spreadsheet, {"requests": wanted})
        self._furnish()  # the rows that came beyond those in reserve

    def _furnish(self) -> None:
        from cdi_sync.edges.workbook_google.provisioning import provision

        settings = self._at.settings.registre
        hints = setup.hints_of(self._at.declarations, frozenset(settings.modules))
        provision(
            self._book.http, self._book.spreadsheet, _tabs(self._at), spare_rows=settings.lignes_en_reserve, hints=hints
        )

    def settings(self, installation: Installation) -> Mapping[tuple[str, str], str]:
        told = {("registre", "google"): self._book.spreadsheet}
        return told | ({("google", "cle"): str(self._key.resolve())} if self._key else {})

    def remember(self, installation: Installation) -> None:
        """Nothing is shown there yet."""


def _of_google(installation: Installation, spreadsheet: str, key: Path | None = None) -> GoogleTarget:
    from cdi_sync.edges.workbook_google.opening import open_book  # gspread: not for a local file

    chosen: Any = installation.settings.google
    if key:
        chosen = chosen.model_copy(update={"cle": key.resolve()})
    book = open_book(chosen, spreadsheet, installation.folder, installation.knowledge.tabs)
    return GoogleTarget(book, installation, key)


def to_google(installation: Installation, spreadsheet: str, key: Path | None = None) -> GoogleTarget:
    """A spreadsheet as a place to export to: its identifier, or its address. Raises CdiError."""
    wanted = setup.identifier_of(spreadsheet)
    if wanted == installation.settings.registre.google:
        raise CdiError("C'est le registre lui-même.", where=wanted, fix="Donner une autre feuille de calcul.")
    return _of_google(installation, wanted, key)
