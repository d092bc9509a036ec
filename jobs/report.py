"""The weekly report to presidents."""

from dataclasses import dataclass
from pathlib import Path

from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading


@dataclass(frozen=True)
class ReportReport:
    """Reports made by this run."""

    new: int = 0


def report(installation: Installation, reading: Reading, *, dry_run: bool = False) -> ReportReport:
    """Makes the reports of the week."""
    return ReportReport()


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        made = report(installation, installation.read(clock.today()))
    print(f"{made.new} rapport(s) préparés.")


if __name__ == "__main__":
    finish(main)
