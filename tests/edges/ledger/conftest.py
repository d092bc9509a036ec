"""A ledger of each kind: what a test of this folder asks of one it asks of both."""

import shutil
from pathlib import Path
from typing import TypeAlias

import pytest

from cdi_sync.edges.ledger.store import Store

Place: TypeAlias = Path | str  # what Store.open takes


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def new_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file ledger that knows nothing: making its tables takes longer than a test."""
    path = tmp_path_factory.mktemp("ledger") / "suivi.sqlite"
    Store.open(path).close()
    return path


@pytest.fixture
def place(kind: str, new_ledger: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Where a test's own ledger is."""
    if kind == "sqlite":
        return Path(shutil.copy(new_ledger, tmp_path))
    return str(request.getfixturevalue("fresh_database")())


@pytest.fixture
def empty_place(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """The same, before any ledger was made there."""
    if kind == "sqlite":
        return tmp_path / "suivi.sqlite"
    return str(request.getfixturevalue("fresh_database")(empty=True))
