"""The job that reports: once a council and ISO week, one page to its president.

Steps: the week's figures kept, mail or no mail → last week's beside them → one letter a council, its bytes frozen and
recorded → handed over (`jobs.deliver`). Without a president to write to, the next in the hierarchy. Which day the
week's report is made is not decided here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.calendar import iso_week, week_before
from cdi_sync.console import finish
from cdi_sync.digest import role_title
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import ExitCode, UnknownIdError
from cdi_sync.letters import Addressee, Letter
from cdi_sync.model import Assessment, Row
from cdi_sync.outbox import REPORT, LetterState, Parcel
from cdi_sync.people import Directory
from cdi_sync.report import Share, figures, shares, weekly_report
from jobs.deliver import Delivered, Draft, Written, deliver, freeze, recover

if TYPE_CHECKING:
    from cdi_sync.edges.store import Store

PRESIDENT = "PRESIDENT"
_AFTER_REMINDERS = 1_000_000  # reminders are the day's first letters


@dataclass(frozen=True)
class ReportReport(Written):
    """unaddressed: identifiers of the councils where nobody can be written to."""

    unaddressed: tuple[str, ...] = ()


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
    today = assessment.as_of
    alive = [share for share in shares(assessment, installation.knowledge.tabs).values() if share.is_alive]
    if not dry_run:
        for share in alive:
            store.keep_figures(share.council.id, iso_week(today), figures(share))
    readers = _readers((share.council.id for share in alive), installation, assessment)
    nobody = tuple(share.council.id for share in alive if share.council.id not in readers)
    if installation.settings.mail.transport == "none":
        return ReportReport(unaddressed=nobody)
    wanted = list(_pages(alive, readers, store))
    made = tuple(page.parcel for page in wanted)
    if dry_run:
        return ReportReport(new=len(wanted), parcels=made, unaddressed=nobody)
    in_doubt = recover(installation, today) if hand_over else 0
    drafts = (_draft(page, installation) for page in wanted)
    refused = freeze(drafts, installation, today, first_rank=_AFTER_REMINDERS)
    return ReportReport(
        new=len(wanted) - len(refused), parcels=made, refused=refused, unaddressed=nobody,
        delivered=deliver(installation, in_doubt=in_doubt) if hand_over else Delivered(),
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
    return _letter(share, _readers([council], installation, assessment).get(council), last_week, installation)


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
        stem = f"{REPORT}|{council}|{week}"
        before = store.states_of(stem)
        if council in readers and all(state is LetterState.EXPIRED for state in before):
            reader = readers[council]
            parcel = Parcel(REPORT, reader.text("courriel_institutionnel"), f"{stem}|r{len(before) + 1}")
            yield _Page(share, reader, store.figures(council, week_before(share.as_of)), parcel)


def _draft(page: _Page, installation: Installation) -> Draft:
    return Draft(
        page.parcel,
        page.reader.text("nom_prenom"),
        lambda: _letter(page.share, page.reader, page.last_week, installation),
    )


def _letter(
    share: Share, reader: Row | None, last_week: Mapping[str, int] | None, installation: Installation
) -> Letter:
    role = reader.text("fonction_role") if reader else PRESIDENT
    addressee = Addressee(
        name=reader.text("nom_prenom") if reader else "",
        role=role_title(installation.knowledge, role),
        own=role == PRESIDENT,
        service=installation.settings.mail.service,
        workbook=installation.book.name,
    )
    return installation.templates.report(weekly_report(share, last_week, installation.knowledge.tabs), addressee)


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        made = report(installation, installation.read(clock.today()))
    print(f"{made.new} rapport(s) préparés, {made.delivered.sent} courriel(s) remis, {made.failed} en échec.")
    if made.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
