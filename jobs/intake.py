"""The job that receives: answers to forms become rows of « Demandes reçues », and those that staff accept, numbered rows.

Steps: every source → answers kept in the ledger, each version once → those that no row bears land in the tab → the workbook is
read again → what staff have accepted is written, with the number that it became. The workbook's own cells (`reponse`,
`devenue`) say what is done, so that a run stopped anywhere and begun again loses no case and doubles none: each of the two
writings is whole or isn't. A source that fails is told and stops nothing; a workbook in use puts the writing off.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from pathlib import Path

from cdi_sync.cells import is_blank
from cdi_sync.console import finish, in_one_line
from cdi_sync.edges import clock, files
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.edges.workbook import Snapshot
from cdi_sync.errors import BusyError, CdiError, RegistryError
from cdi_sync.forms import telling
from cdi_sync.forms.accepting import BECAME, Accepting, merged
from cdi_sync.forms.declaration import SENDER, Declared
from cdi_sync.forms.held import Held
from cdi_sync.forms.lookalikes import REQUESTS
from cdi_sync.forms.requests import Request, requests_of, shown_of, to_settle, to_write
from cdi_sync.forms.submission import Acceptance, Submission
from cdi_sync.forms.understanding import read_of
from cdi_sync.model import Registry, Tab, Value
from cdi_sync.tables import read_registry, with_rows
from cdi_sync.text import tidy
from jobs.acknowledge import AcknowledgeReport, acknowledge
from jobs.sources import SOURCES, TakeFrom

_UNDERSTOOD = "comprise"  # the column that shows what was understood
log = logging.getLogger("cdi.jobs")


@dataclass(frozen=True)
class Accepted:
    """A request that became a row. by_hand: what it left to staff, in French."""

    id: str
    became: str
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True)
class IntakeReport:
    """What was received. taken: answers new or edited; landed: numbers of their rows; cells: written.

    unread: numbers of those accepted whose answer has changed since their row showed it: staff are to read it first.
    troubles: (source or number of a request, why it failed, in French). busy: why nothing could be written, in French.
    """

    taken: int = 0
    landed: tuple[str, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    cells: int = 0
    unread: tuple[str, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()
    busy: str = ""

    @property
    def is_news(self) -> bool:
        """True when the workbook has something else to show."""
        return bool(self.taken or self.landed or self.accepted or self.unread)

    @property
    def trouble(self) -> str:
        """What couldn't be read or written, in French; "" for nothing."""
        return " ".join([*(f"{name} : {why}" for name, why in self.troubles), *filter(None, [self.busy])])

    @property
    def in_words(self) -> str:
        """What was done, in French, without names or addresses."""
        counts = (
            (self.taken, "réponse(s) reçue(s) ou modifiée(s)"), (len(self.landed), "demande(s) inscrite(s)"),
            (len(self.accepted), "demande(s) devenue(s) des lignes du registre"),
            (len(self.unread), "demande(s) acceptée(s) à relire, la réponse ayant changé"),
        )  # fmt: skip
        return ", ".join(f"{count} {what}" for count, what in counts if count) or "rien de nouveau"


def intake(
    installation: Installation, today: date, *, sources: Mapping[str, TakeFrom] = SOURCES, dry_run: bool = False
) -> IntakeReport:
    """Takes in what every source brings. Nothing when forms are off. Raises RegistryError when the workbook can't be read.

    dry_run: no source is asked, since some are emptied by being read; tells what would be written of what is known.
    """
    if not installation.has_forms:
        return IntakeReport()
    report = IntakeReport() if dry_run else _taken(installation, sources)
    held = installation.ledger(dry_run=dry_run).submissions.held()
    if not held:  # nobody ever filled in a form: the workbook needn't be read
        return report
    desk = _Desk(installation, held, dry_run=dry_run)
    try:
        landed, cells = desk.land()
        report = replace(report, landed=landed, cells=cells)
        accepted, cells = desk.accept()
        report = replace(report, accepted=accepted, cells=report.cells + cells)
    except BusyError as error:
        report = replace(report, busy=f"{error.what.rstrip('.')}. {error.fix}")
    return replace(report, unread=desk.unread, troubles=(*report.troubles, *desk.troubles))


def tell(
    installation: Installation, reading: Reading, *, dry_run: bool = False, hand_over: bool = False
) -> AcknowledgeReport:  # fmt: skip
    """Tells senders what became of their requests, as they stand in that workbook. Nothing when forms are off."""
    if not installation.has_forms:
        return AcknowledgeReport()
    seen, knowledge = reading.assessment, installation.knowledge
    if not (held := installation.ledger(dry_run=dry_run).submissions.held()):
        return AcknowledgeReport()
    requests = requests_of(seen.registry, held, knowledge.asked(), knowledge.tabs)
    # of a row that is gone, or was never there, nothing is announced
    known = [telling.Request(one.row, one.proposal, one.state) for one in requests if one.proposal and not one.is_gone]
    return acknowledge(installation, seen, known, seen.as_of, dry_run=dry_run, hand_over=hand_over)


def _taken(installation: Installation, sources: Mapping[str, TakeFrom]) -> IntakeReport:
    before, troubles = _versions(installation), []
    for name, source in sources.items():
        try:
            for submission in source(installation):
                installation.store.submissions.take(submission, at=clock.now())
        except Exception as error:  # the others' answers wait for nobody
            if not isinstance(error, CdiError):
                log.exception("formulaires, %s", name)
            troubles.append((name, _in_words(error)))
    return IntakeReport(taken=_versions(installation) - before, troubles=tuple(troubles))


def _in_words(error: Exception) -> str:
    """What failed, where, why, and what to do about it, in French, on one line."""
    if not isinstance(error, CdiError):
        return in_one_line(error)
    told = (error.what, f"Où : {error.where}." if error.where else "", error.why.replace("\n", " ; "), error.fix)
    return " ".join(filter(None, told))


def _versions(installation: Installation) -> int:
    """How many versions of answers are kept: a source may keep them itself, as one that empties a folder does."""
    return sum(one.version for one in installation.store.submissions.held())


class _Desk:
    """The workbook of an installation, and the answers that it is to hold."""

    def __init__(self, installation: Installation, held: Sequence[Held], *, dry_run: bool) -> None:
        self._installation, self._held, self._dry_run = installation, held, dry_run
        self._knowledge = installation.knowledge
        self._tabs: Mapping[str, Tab] = self._knowledge.tabs
        self._snapshot, self._registry = self._read()
        self.troubles: list[tuple[str, str]] = []
        self.unread: tuple[str, ...] = ()

    def _read(self) -> tuple[Snapshot, Registry]:
        snapshot = self._installation.book.read()
        return snapshot, read_registry(snapshot.grids, list(self._tabs.values()))

    # ---------------------------------------------------------------------------------------------- landing

    def land(self) -> tuple[tuple[str, ...], int]:
        """Adds the answers that no row bears: the numbers that they get, and how many cells were written."""
        there = {row.text("reponse") for row in self._registry[REQUESTS]}
        missing = [one.submission for one in self._held if one.submission.key not in there]
        if not missing:
            return (), 0
        tab = self._tabs[REQUESTS]
        grown = with_rows(self._registry, tab, [self._row(submission) for submission in missing])
        rows = grown.added[REQUESTS]
        try:
            cells = self._append({REQUESTS: {r.number: {"id": r.id, **_cells(r.values)} for r in rows}})
        except RegistryError as error:  # nothing was written; reminders and what is accepted wait for no answer
            self.troubles.append((tab.title, _in_words(error)))
            return (), 0
        if not self._dry_run:
            self._snapshot, self._registry = self._read()
        return tuple(row.id for row in rows), cells

    def _row(self, submission: Submission) -> Mapping[str, Value]:
        form = self._knowledge.asked().forms.get(submission.form)
        received = submission.received if submission.received.tzinfo else submission.received.replace(tzinfo=UTC)
        told: dict[str, Value] = {
            "reponse": submission.key,
            "recue_le": received.astimezone(clock.MOROCCO).date(),
            "demandeur": _sender(submission),
            "formulaire": form.title if form else "",
        }
        return {key: value for key, value in told.items() if value}

    # -------------------------------------------------------------------------------------------- accepting

    def accept(self) -> tuple[tuple[Accepted, ...], int]:
        """Writes what staff have accepted: what each request became, and how many cells were written."""
        if not self._dry_run:
            for key, left in to_settle(self._registry, self._held):
                self._installation.store.submissions.left_to_staff(key, left)
        found = to_write(self._registry, self._held, self._knowledge.asked(), self._tabs)
        again = self._numbered_again([one for one in found if one.became and not one.row[BECAME]])
        ready = [one for one in found if one.is_acceptable]
        now = shown_of(ready, self._registry, self._tabs)
        self.unread = tuple(one.row.id for one in ready if self._has_changed(one, now[one.row.id].understood))
        done, cells = self._accept([one.row.id for one in ready if one.row.id not in self.unread], found)
        return done, again + cells

    def _has_changed(self, one: Request, now: str) -> bool:
        """True when its row shows another answer than the one to accept: it was corrected once staff had read it, or by somebody
        else. A row that shows nothing yet hides nothing."""
        layout = self._registry.layouts[REQUESTS]
        line = self._snapshot.grids[layout.title].rows[one.row.number - 1]
        at = layout.positions.get(_UNDERSTOOD, 0)
        read = line[at - 1] if 0 < at <= len(line) else None
        return not is_blank(read) and tidy(str(read)) != tidy(now)

    def _numbered_again(self, lost: Sequence[Request]) -> int:
        """Writes the number of the row that a request became where somebody emptied that cell, or the whole line."""
        if not lost:
            return 0
        try:
            cells = self._append({REQUESTS: {one.row.number: {"id": one.row.id, BECAME: one.became} for one in lost}})
        except RegistryError as error:
            self.troubles.append((self._tabs[REQUESTS].title, _in_words(error)))
            return 0
        if not self._dry_run:
            self._snapshot, self._registry = self._read()
        return cells

    def _accept(self, ids: Sequence[str], found: Sequence[Request]) -> tuple[tuple[Accepted, ...], int]:
        """All at once; one by one when one of them can't be written, which is told and stops no other."""
        ready = [one for one in found if one.row.id in ids and one.is_acceptable]
        desk = Accepting(self._registry, self._tabs)
        done = [(one, made) for one in ready if one.proposal and one.form and (made := _accepted(desk, one, one.form))]
        if not done:
            return (), 0
        if not self._dry_run:
            self._note(done)
        try:
            cells = self._append(merged(made for _, made in done))
        except RegistryError as error:
            if len(done) > 1:
                return self._one_by_one([one.row.id for one, _ in done])
            self.troubles.append((done[0][0].row.id, _in_words(error)))
            return (), 0
        return tuple(Accepted(one.row.id, made.became, made.by_hand) for one, made in done), cells

    def _one_by_one(self, ids: Sequence[str]) -> tuple[tuple[Accepted, ...], int]:
        accepted, cells = list[Accepted](), 0
        for id_ in ids:
            self._snapshot, self._registry = self._read()
            found = to_write(self._registry, self._held, self._knowledge.asked(), self._tabs)
            done, written = self._accept([id_], found)
            accepted += done
            cells += written
        return tuple(accepted), cells

    def _note(self, done: Sequence[tuple[Request, Acceptance]]) -> None:
        """What is about to be written: stopped just after it is, we still know which version of the answer it was."""
        versions = {one.submission.key: one.version for one in self._held}
        for one, made in done:
            key = one.row.text("reponse")
            self._installation.store.submissions.accepting(
                key, versions[key], made.became, made.changes, at=clock.now()
            )

    def _append(self, fills: Mapping[str, Mapping[int, Mapping[str, str | int | float | date]]]) -> int:
        if self._dry_run:
            return sum(len(cells) for rows in fills.values() for cells in rows.values())
        stamp = files.stamp_of(clock.now())
        return self._installation.book.append(self._snapshot, fills, self._registry, self._tabs, stamp)


def _accepted(desk: Accepting, one: Request, form: Declared) -> Acceptance | None:
    """What accepting it writes; None when what was accepted just before makes it ambiguous: its row will say so."""
    assert one.proposal is not None
    try:
        return desk.accept(one.proposal, one.row, form)
    except ValueError:
        return None


def _sender(submission: Submission) -> str:
    """« Name (address) », as typed."""
    name, address = (read_of(submission.values.get(f"{SENDER}.{key}")) for key in ("nom", "courriel"))
    return f"{name} ({address})" if name and address else name or address


def _cells(values: Mapping[str, Value]) -> Mapping[str, str | int | float | date]:
    return {key: value for key, value in values.items() if isinstance(value, str | int | float | date)}


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        done = intake(installation, clock.today())
        tell(installation, installation.read(clock.today()), hand_over=True)
    print(f"{done.in_words}. {done.busy}".rstrip())


if __name__ == "__main__":
    finish(main)
