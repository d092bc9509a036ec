"""Counts the runs made on a workbook that people had edited, and says at the end how many, and from which seeds."""

import os
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import settings

from tests.mail_servers import mail_servers, started_mail_servers  # noqa: F401  # fixtures
from tests.postgres import fresh_database as fresh_database
from tests.postgres import postgres_server as postgres_server

os.environ["XDG_CACHE_HOME"] = (
    os.devnull + "/none"
)  # nothing is kept from one check to the next, but where a test asks for it

settings.register_profile("here", deadline=None)  # no test depends on speed
settings.load_profile("here")

EditedRuns: TypeAlias = Callable[[int, str], None]
_EDITED = "edited runs"


@pytest.fixture
def edited_runs(record_property: Callable[[str, object], None]) -> EditedRuns:
    """Notes that so many runs were made, from that seed."""

    def note(count: int, seed: str) -> None:
        record_property(_EDITED, (count, seed))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    properties = [
        value
        for report in terminalreporter.stats.get("passed", ())
        for name, value in report.user_properties
        if name == _EDITED
    ]
    if properties:
        seeds = ", ".join(seed for _, seed in properties)
        terminalreporter.write_line(f"{sum(count for count, _ in properties)} runs after edits (seeds: {seeds})")
