"""The demo's day: three forms come back, staff accept one, the day's work is done, and what it wrote is checked once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cdi_sync.demo import DemoRegistry
from cdi_sync.demo.answers import Answer, answers
from cdi_sync.edges import clock, files
from cdi_sync.edges.files import write_atomically
from cdi_sync.edges.forms.folder import RECEIVED
from cdi_sync.edges.forms.returned_files import read_returned
from cdi_sync.edges.forms.sheet_file import fill, new_mark, write_form
from cdi_sync.edges.installation import Installation
from cdi_sync.forms.lookalikes import REQUESTS
from cdi_sync.forms.sheet_form import lay_out
from cdi_sync.tables import read_registry
from jobs.intake import intake
from jobs.run import RunReport, run


@dataclass(frozen=True)
class DemoReport:
    """A demo's day. differing: rows (tab, identifier) where what is found isn't what was planted."""

    run: RunReport
    differing: frozenset[tuple[str, str]]


def demonstrate(installation: Installation, registry: DemoRegistry, today: date) -> DemoReport:
    """Does it, in a demo that was just created."""
    received = answers(registry)
    for number, answer in enumerate(received):
        _receive(installation, answer, clock.morning_of(today) + timedelta(minutes=number))
    landed = intake(installation, today).landed
    _accept(installation, [id_ for id_, answer in zip(landed, received, strict=True) if answer.is_accepted])
    done = run(installation, today)
    return DemoReport(done, frozenset(registry.differing(installation.conclusions(today).findings)))


def _receive(installation: Installation, answer: Answer, now: datetime) -> None:
    """A file as a department sends it back, kept where files that were taken are."""
    declared = installation.declarations
    blank = write_form(lay_out(declared.forms[answer.form], declared.languages[answer.lang]), new_mark())
    data = fill(blank, declared.forms[answer.form], answer.values)
    kept = installation.forms_folder / RECEIVED / answer.file
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(kept, data)
    for submission in read_returned(data, answer.file, declared, at=now).submissions:
        installation.store.submissions.take(submission, at=now)


def _accept(installation: Installation, requests: Sequence[str]) -> None:
    """Chooses « Accepter » in their rows, as staff do."""
    tabs, snapshot = installation.knowledge.tabs, installation.book.read()
    registry = read_registry(snapshot.grids, list(tabs.values()))
    choice = next(one.label for one in tabs[REQUESTS].column("decision").categories if one.value == "ACCEPTER")
    rows = {row.number: {"id": row.id, "decision": choice} for row in registry[REQUESTS] if row.id in requests}
    if rows:
        installation.book.append(snapshot, {REQUESTS: rows}, registry, tabs, files.stamp_of(clock.now()))
