"""The job that reports: once a council and ISO week, one page to its president.

Steps: the week's figures kept, mail or no mail → last week's beside them → one letter a council, its bytes frozen and
recorded → handed over (`jobs.deliver`). Without a president to write to, the vice-president, then the director of
services; nobody else. Which day the week's report is made is not decided here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.config import data_folder
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import CdiError, UnknownIdError
from cdi_sync.letters import Addressee, Letter, Templates, to_bytes
from cdi_sync.model import Assessment, Row
from cdi_sync.outbox import REPORT, Parcel
from cdi_sync.people import Directory
from cdi_sync.report import Share, figures, iso_week, shares, week_before, weekly_report
from jobs.deliver import Delivered, deliver, recover

if TYPE_CHECKING:
    from cdi_sync.edges.store import Store

LANG = "fr"
PRESIDENT = "PRESIDENT"
_AFTER_REMINDERS = 1_000_000  # reminders are the day's first letters


@dataclass(frozen=True)
class ReportReport:
    """Reports made by this run, what became of the letters that waited; councils where nobody can be written to."""

    new: int = 0
    delivered: Delivered = field(default_factory=Delivered)
    unaddressed: tuple[str, ...] = ()  # identifiers of the councils
    parcels: tuple[Parcel, ...] = ()
    refused: tuple[str, ...] = ()  # reports that couldn't be made, and why

    @property
    def failed(self) -> int:
        """Letters that couldn't be made or handed over."""
        return self.delivered.failed + len(self.refused)


@dataclass(frozen=True)
class _Page:
    """One council's report to make: whom it goes to, and last week's figures."""

    share: Share
    reader: Row
    last_week: Mapping[str, int] | None
    parcel: Parcel


def report(
    installation: Installation, reading: Reading, *, dry_run: bool = False, hand_over: bool = True
) -> ReportReport:
    """Makes the reports of the assessment's week that weren't made yet, and delivers what waits.

    dry_run: tells them, records and writes nothing. hand_over: False when another job delivers right after.
    """
    assessment, store = reading.assessment, installation.ledger(dry_run=dry_run)
    alive = [share for share in shares(assessment, installation.knowledge.tabs).values() if share.is_alive]
    if not dry_run:
        for share in alive:
            store.keep_figures(share.council.id, iso_week(assessment.as_of), figures(share))
    readers = _readers((share.council.id for share in alive), installation, assessment)
    nobody = tuple(share.council.id for share in alive if share.council.id not in readers)
    if installation.settings.mail.transport == "none":
        return ReportReport(unaddressed=nobody)
    wanted = list(_pages(alive, readers, store))
    if dry_run:
        return ReportReport(new=len(wanted), unaddressed=nobody, parcels=tuple(page.parcel for page in wanted))
    if hand_over:
        recover(installation, assessment.as_of)
    refused = _record_all(wanted, installation)
    return ReportReport(
        new=len(wanted) - len(refused), delivered=deliver(installation) if hand_over else Delivered(),
        unaddressed=nobody, parcels=tuple(page.parcel for page in wanted), refused=tuple(refused),
    )  # fmt: skip


def preview(installation: Installation, reading: Reading, council: str) -> Letter:
    """The report of a council as it would be made today, for a person to read; nothing is recorded.

    Raises UnknownIdError when no council has that number.
    """
    assessment = reading.assessment
    share = shares(assessment, installation.knowledge.tabs).get(council)
    if share is None:
        raise UnknownIdError(f"Aucune collectivité ne porte le numéro « {council} ».",
                             fix="Les numéros sont en colonne A de l'onglet Collectivités, comme COL-00001.")  # fmt: skip
    last_week = installation.ledger(dry_run=True).figures(council, week_before(assessment.as_of))
    return _letter(
        share, _readers([council], installation, assessment).get(council), last_week, installation, _templates()
    )


# ----------------------------------------------------------------------------------------------- who reads it


def _readers(councils: Iterable[str], installation: Installation, assessment: Assessment) -> Mapping[str, Row]:
    """Council → the contact to write to: the president, or the next in the hierarchy; the first by number."""
    people = Directory(assessment.registry, installation.knowledge.roles, assessment.as_of)
    found = {council: people.climb(PRESIDENT, council)[1] for council in councils}
    return {council: min(rows, key=lambda row: row.id) for council, rows in found.items() if rows}


# ------------------------------------------------------------------------------------------------ the letters


def _pages(alive: Sequence[Share], readers: Mapping[str, Row], store: "Store") -> Iterator[_Page]:
    """The reports that weren't made yet. A council has one a week, whoever reads it."""
    for share in alive:
        council, week = share.council.id, iso_week(share.as_of)
        key = f"{REPORT}|{council}|{week}"
        if council in readers and not store.has_letter(key):
            reader = readers[council]
            parcel = Parcel(REPORT, reader.text("courriel_institutionnel"), key)
            yield _Page(share, reader, store.figures(council, week_before(share.as_of)), parcel)


def _record_all(wanted: Sequence[_Page], installation: Installation) -> Sequence[str]:
    """Freezes and records each report; one that can't be made doesn't stop the others. What was refused, in words."""
    refused = []
    templates = _templates() if wanted else None
    for rank, page in enumerate(wanted, start=_AFTER_REMINDERS):
        assert templates is not None
        try:
            _record(page, rank, installation, templates)
        except CdiError as error:
            refused.append(f"{page.parcel.to} : {error.what} {error.fix}")
    return refused


def _record(page: _Page, rank: int, installation: Installation, templates: Templates) -> None:
    mail, day = installation.settings.mail, page.share.as_of
    message_id = page.parcel.message_id(mail.expediteur.rpartition("@")[2])
    content = to_bytes(
        _letter(page.share, page.reader, page.last_week, installation, templates),
        sender=mail.expediteur,
        sender_name=mail.service,
        to=page.parcel.to,
        to_name=page.reader.text("nom_prenom"),
        message_id=message_id,
        sent=clock.morning_of(day),
        key=page.parcel.key,
        mailing=REPORT,
    )
    installation.store.record(
        page.parcel, content, message_id=message_id, lang=LANG, day=day, rank=rank, at=clock.now()
    )


def _letter(
    share: Share,
    reader: Row | None,
    last_week: Mapping[str, int] | None,
    installation: Installation,
    templates: Templates,
) -> Letter:
    tabs = installation.knowledge.tabs
    role = reader.text("fonction_role") if reader else PRESIDENT
    titles = {category.value: category.label for category in tabs["contacts"].column("fonction_role").categories}
    addressee = Addressee(
        name=reader.text("nom_prenom") if reader else "",
        role=titles.get(role, role),
        own=role == PRESIDENT,
        service=installation.settings.mail.service,
        workbook=installation.workbook.name,
    )
    return templates.report(weekly_report(share, last_week, tabs), addressee)


def _templates() -> Templates:
    return Templates(data_folder("mail_templates"))


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        made = report(installation, installation.read(clock.today()))
    print(f"{made.new} rapport(s) préparés, {made.delivered.sent} courriel(s) remis, {made.failed} en échec.")


if __name__ == "__main__":
    finish(main)
