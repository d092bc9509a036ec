"""The whole day's work, once: what came back by mail and by forms, read, assess, letters, then the workbook.

A busy workbook defers the writing only; a mailbox that doesn't answer is told, and stops nothing.
The week's reports are recorded before the reminders are, and leave with them, last.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from cdi_sync.assessment import calendar_of
from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import BusyError, ExitCode
from jobs.acknowledge import AcknowledgeReport
from jobs.collect import Collected, collected_or_trouble
from jobs.guard import refuse_shrunk
from jobs.intake import IntakeReport, intake, tell
from jobs.remind import RemindReport, remind
from jobs.report import ReportReport, report
from jobs.sync import SyncReport, sync


@dataclass(frozen=True)
class RunReport:
    """What a run read, said and wrote; `busy` says why the workbook was left alone."""

    reading: Reading
    letters: RemindReport
    sync: SyncReport
    weekly: ReportReport
    busy: str = ""
    collected: Collected = field(default_factory=Collected)
    intake: IntakeReport = field(default_factory=IntakeReport)
    told: AcknowledgeReport = field(default_factory=AcknowledgeReport)

    @property
    def new(self) -> int:
        """Letters made: reminders, reports, and those to who filled in a form."""
        return self.letters.new + self.weekly.new + self.told.new

    @property
    def failed(self) -> int:
        """Letters that couldn't be made or handed over."""
        return self.letters.failed + self.weekly.failed + self.told.failed

    @property
    def went_wrong(self) -> bool:
        """True when a person has to look at some letter."""
        return self.letters.went_wrong or self.weekly.went_wrong or self.collected.went_wrong or self.told.went_wrong


def run(installation: Installation, today: date, *, dry_run: bool = False, anyway: bool = False) -> RunReport:
    """Everything that is due on that day. Raises RegistryError when the workbook can't be read, or has lost many rows.

    anyway: a person has looked at the rows that are gone, and goes on.
    """
    collected = Collected() if dry_run else collected_or_trouble(installation)
    received = intake(installation, today, dry_run=dry_run)
    reading = installation.read(today)
    refuse_shrunk(installation, reading, dry_run=dry_run, anyway=anyway)
    told = tell(installation, reading, dry_run=dry_run)
    weekly = ReportReport()
    if _is_report_due(installation, reading):
        weekly = report(installation, reading, dry_run=dry_run, hand_over=False, checked=True)
    letters = remind(installation, reading, dry_run=dry_run, checked=True)
    try:
        written = sync(
            installation, reading, dry_run=dry_run, letters_new=letters.new + weekly.new + told.new,
            invitations=letters.invitations, checked=True,
        )  # fmt: skip
    except BusyError as error:
        busy = f"{error.what.rstrip('.')} {error.why}".rstrip() + f". {error.fix}"
        return RunReport(reading, letters, SyncReport(), weekly, busy, collected, received, told)
    return RunReport(reading, letters, written, weekly, collected=collected, intake=received, told=told)


def _is_report_due(installation: Installation, reading: Reading) -> bool:
    """From the first worked day of the week on; a report that was made already isn't made again."""
    today = reading.assessment.as_of
    monday = today - timedelta(days=today.weekday())
    calendar = calendar_of(reading.assessment.registry, installation.knowledge, today)
    return calendar.next_worked(monday) <= today


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        done = run(installation, clock.today())
    print(f"{done.sync.cells} cellule(s) mises à jour, {done.new} courriel(s) préparés. {done.busy}".rstrip())
    if done.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
