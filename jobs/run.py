"""The whole day's work, once: read, assess, letters, then the workbook. A busy workbook defers the writing only."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import BusyError, ExitCode
from jobs.remind import RemindReport, remind
from jobs.sync import SyncReport, sync


@dataclass(frozen=True)
class RunReport:
    """What a run read, said and wrote; `busy` says why the workbook was left alone."""

    reading: Reading
    letters: RemindReport
    sync: SyncReport
    busy: str = ""


def run(installation: Installation, today: date, *, dry_run: bool = False) -> RunReport:
    """Everything that is due on that day. Raises RegistryError when the workbook can't be read."""
    reading = installation.read(today)
    letters = remind(installation, reading, dry_run=dry_run)
    try:
        written = sync(installation, reading, dry_run=dry_run, letters_new=letters.new)
    except BusyError as error:
        busy = " ".join(part for part in (error.what, error.why, error.fix) if part)
        return RunReport(reading, letters, SyncReport(), busy)
    return RunReport(reading, letters, written)


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        report = run(installation, clock.today())
    print(
        f"{report.sync.cells} cellule(s) mises à jour, {report.letters.new} courriel(s) préparés. {report.busy}".rstrip()
    )
    if report.letters.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
