"""Fixtures of the tests that use an emulator. Whatever it answers must be what Google's documents allow."""

from collections.abc import Iterator
from typing import Any

import gspread
import pytest

from tests.google import clients
from tests.google.server import serving
from tests.google.world import Google


@pytest.fixture(autouse=True)
def nothing_that_google_would_not_say(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every answer of every emulator of the test has the form that the discovery documents declare."""
    made: list[Google] = []
    start = Google.__post_init__

    def noted(emulator: Google) -> None:
        start(emulator)
        made.append(emulator)

    monkeypatch.setattr(Google, "__post_init__", noted)
    yield
    assert [violation for emulator in made for violation in emulator.violations] == []


@pytest.fixture
def google() -> Google:
    """An emulator for which every token is good and nobody is kept waiting."""
    return Google(any_token=True, no_quota=True)


@pytest.fixture
def url(google: Google) -> Iterator[str]:
    """The address where that emulator is served."""
    with serving(google) as address:
        yield address


@pytest.fixture
def client(url: str) -> gspread.Client:
    """gspread, speaking to it."""
    return clients.gspread_client(url)


@pytest.fixture
def service(url: str) -> Any:
    """google-api-python-client's service for Sheets, speaking to it."""
    return clients.service(url, "sheets", "v4")


@pytest.fixture
def drive_service(url: str) -> Any:
    """google-api-python-client's service for Drive, speaking to it."""
    return clients.service(url, "drive", "v3")
