"""The job that reports: once a council and ISO week, one page to its president.

Steps: the week's figures kept, mail or no mail → last week's beside them → one letter a council, its bytes frozen and
recorded → handed over (`jobs.deliver`). Without a president to write to, the next in the hierarchy. Which day the
week's report is made is not decided here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.assessment import calendar_of
from cdi_sync.calendar import iso_week, week_before
from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import ExitCode, UnknownIdError
from cdi_sync.mail.language import FRENCH
from cdi_sync.mail.letters import Addressee, Letter
from cdi_sync.mail.outbox import REPORT, LetterState, Parcel
from cdi_sync.mail.wording import role_in
from cdi_sync.model import Assessment, Row
from cdi_sync.people import Directory
from cdi_sync.report import Share, figures, shares, weekly_report
from jobs.deliver import Delivered, Draft, Written, deliver, freeze, lapse, recover
from jobs.guard import refuse_shrunk, starting
from jobs.withdraw import withdraw

if TYPE_CHECKING:
    from cdi_sync.edges.ledger.store import Store

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
    installation: Installation,
    reading: Reading,
    *,
    dry_run: bool = False,
    hand_over: bool = True,
    checked: bool = False,
) -> ReportReport:
    """Makes the reports of the assessment's week that weren't made yet, and delivers what waits.

    dry_run: tells them, records and writes nothing. hand_over: False when another job delivers right after. checked:
    the registry is known not to have shrunk. Raises RegistryError when the registry has shrunk since the last run.
    """
    if not checked:
        refuse_shrunk(installation, reading, dry_run=dry_run)
    assessment, store = reading.assessment, installation.ledger(dry_run=dry_run)
    today = assessment.as_of
    alive = [share for share in shares(assessment, installation.knowledge.tabs).values() if share.is_alive]
    if not dry_run:
        for share in alive:
            store.keep_figures(share.council.id, iso_week(today), figures(share))
        withdraw(installation, assessment)
    readers = _readers((share.council.id for share in alive), installation, assessment)
    nobody = tuple(share.council.id for share in alive if share.council.id not in readers)
    if installation.settings.mail.transport == "none":
        return ReportReport(unaddressed=nobody)
    wanted = list(_pages(alive, readers, store))
    made = tuple(page.parcel for page in wanted)
    if dry_run:
        return ReportReport(new=len(wanted), parcels=made, unaddressed=nobody)
    in_doubt = recover(installation, today) if hand_over else 0
    expired = lapse(installation, today) if hand_over else 0
    hold = _why_held(installation, reading)
    drafts = [replace(_draft(page, installation), hold=hold, last_day=_end_of_week(today)) for page in wanted]
    frozen = freeze(drafts, installation, today, first_rank=_AFTER_REMINDERS)
    return ReportReport(
        new=frozen.made, parcels=made, refused=frozen.refused, unaddressed=nobody,
        delivered=deliver(installation, in_doubt=in_doubt, expired=expired) if hand_over else Delivered(),
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
    people = Directory(assessment.registry, installation.knowledge.roles, assessment.as_of, assessment.refused)
    found = {council: people.climb(PRESIDENT, council)[1] for council in councils}
    return {council: min(rows, key=lambda row: row.id) for council, rows in found.items() if rows}


# ------------------------------------------------------------------------------------------------ the letters


def _pages(alive: Sequence[Share], readers: Mapping[str, Row], store: "Store") -> Iterator[_Page]:
    """The reports that weren't made yet. A council has one a week, whoever reads it."""
    for share in alive:
        council, week = share.council.id, iso_week(share.as_of)
        stem = f"{REPORT}|{council}|{week}"
        before = store.outbox.states_of(stem)
        if council in readers and all(state is LetterState.EXPIRED for state in before):
            reader = readers[council]
            parcel = Parcel(REPORT, reader.text("courriel_institutionnel"), f"{stem}|r{len(before) + 1}")
            yield _Page(share, reader, store.figures(council, week_before(share.as_of)), parcel)


def _draft(page: _Page, installation: Installation) -> Draft:
    return Draft(
        page.parcel,
        page.reader.text("nom_prenom"),
        lambda: _letter(page.share, page.reader, page.last_week, installation),
        _language_of(page.reader),
    )


def _letter(
    share: Share, reader: Row | None, last_week: Mapping[str, int] | None, installation: Installation
) -> Letter:
    role = reader.text("fonction_role") if reader else PRESIDENT
    language = installation.declarations.languages[_language_of(reader)]
    tabs = installation.knowledge.tabs
    addressee = Addressee(
        name=reader.text("nom_prenom") if reader else "",
        role=role_in(role, tabs, language),
        own=role == PRESIDENT,
        service=installation.settings.mail.service,
        workbook=installation.book.name,
        lang=language.code,
    )
    return installation.templates.report(weekly_report(share, last_week, tabs, language), addressee)


def _why_held(installation: Installation, reading: Reading) -> str:
    """Why this week's reports wait for a person: they may have left already, and the ledger wouldn't know."""
    today = reading.assessment.as_of
    start = starting(installation, reading)
    calendar = calendar_of(reading.assessment.registry, installation.knowledge, today)
    fell = calendar.next_worked(today - timedelta(days=today.weekday()))
    return start.why if start and fell < start.before else ""


def _end_of_week(today: date) -> date:
    """The Sunday of that ISO week: the next week has its own report."""
    return today + timedelta(days=6 - today.weekday())


def _language_of(reader: Row | None) -> str:
    return reader.text("langue_preferee") or FRENCH if reader else FRENCH


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
