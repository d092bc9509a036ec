"""The job that speaks: gathers the notices due into one letter a person, then hands the letters over.

Steps: notices due, less those that the ledger knows, less those that wait for a worked day → one letter a person,
its bytes frozen and recorded → handed over (`jobs.deliver`). A letter recorded but not handed over (the machine
stopped) leaves at the next run, as it was.
"""

from dataclasses import dataclass
from pathlib import Path

from cdi_sync.assessment import calendar_of
from cdi_sync.console import finish
from cdi_sync.digest import digest_of
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import ExitCode
from cdi_sync.model import Assessment, Notice
from cdi_sync.outbox import Parcel, leaving, parcels, unsaid
from jobs.deliver import Delivered, Draft, Written, deliver, freeze, recover


@dataclass(frozen=True)
class RemindReport(Written):
    """deferred: notices that wait for the next worked day. unaddressed: those that nobody can receive."""

    deferred: int = 0
    unaddressed: tuple[Notice, ...] = ()


def remind(installation: Installation, reading: Reading, *, dry_run: bool = False) -> RemindReport:
    """Makes and delivers the letters due. dry_run: tells them, records and writes nothing."""
    assessment, store = reading.assessment, installation.ledger(dry_run=dry_run)
    today = assessment.as_of
    in_doubt = 0 if dry_run else recover(installation, today)
    fresh, made = unsaid(assessment.notices, store.said()), store.letters_made()
    due = leaving(fresh, today, made, worked=_is_worked(installation, assessment))
    wanted, deferred = parcels(due, today, made), len(fresh) - len(due)
    nobody = tuple(notice for notice in assessment.notices if not notice.to)
    if installation.settings.mail.transport == "none":
        return RemindReport(delivered=Delivered(unknown=in_doubt), unaddressed=nobody)
    if dry_run:
        return RemindReport(new=len(wanted), parcels=wanted, deferred=deferred, unaddressed=nobody)
    refused = freeze((_draft(parcel, installation, assessment) for parcel in wanted), installation, today)
    return RemindReport(
        new=len(wanted) - len(refused), delivered=deliver(installation, in_doubt=in_doubt), parcels=wanted,
        refused=refused, deferred=deferred, unaddressed=nobody,
    )  # fmt: skip


def _is_worked(installation: Installation, assessment: Assessment) -> bool:
    """Whether offices work on that day, the registry's own holidays included: digests leave on worked days only."""
    calendar = calendar_of(assessment.registry, installation.knowledge, assessment.as_of)
    return calendar.is_worked(assessment.as_of)


def _draft(parcel: Parcel, installation: Installation, assessment: Assessment) -> Draft:
    digest = digest_of(
        parcel.notices, assessment, installation.knowledge,
        service=installation.settings.mail.service, workbook=installation.book.name,
    )  # fmt: skip
    return Draft(parcel, digest.name, lambda: installation.templates.digest(digest))


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        report = remind(installation, installation.read(clock.today()))
    print(f"{report.new} courriel(s) préparés, {report.delivered.sent} remis, {report.failed} en échec.")
    if report.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
