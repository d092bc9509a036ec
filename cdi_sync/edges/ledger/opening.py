"""Opens the ledger's database, SQLite or PostgreSQL, and brings its tables to the latest version."""

import sqlite3
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cdi_sync.errors import CdiError

_HEAD = "0004"
_ASLEEP = 60_000  # milliseconds: a copy that sleeps in the middle of a transaction doesn't keep the others from theirs
_PATIENCE = 30  # seconds that a copy waits for another one
_LOCK = 0x0CD1  # any number: copies that start together bring the tables up to date one after the other


def opened(where: Path | str) -> sa.Engine:
    """The database of that file, or at that SQLAlchemy address (a str with "://"), created and brought up to date.

    Raises CdiError when it isn't a ledger, or can't be reached.
    """
    address = where if isinstance(where, str) else f"sqlite:///{where}"
    name = where.name if isinstance(where, Path) else sa.engine.make_url(where).render_as_string(hide_password=True)
    try:
        engine = sa.create_engine(address, pool_pre_ping=not address.startswith("sqlite"))
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _durable)
            sa.event.listen(engine, "begin", _begin)
        else:
            sa.event.listen(engine, "connect", _awake)
        _bring_up_to_date(engine)
    except (sa.exc.DatabaseError, sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise CdiError(
            "Le registre des courriers ne s'ouvre pas.", where=name, why=str(error.__cause__ or error).strip(),
            fix="Vérifier l'adresse, les droits et que le serveur de base de données tourne ; si le fichier est abîmé, "
            "le remplacer par sa sauvegarde.",
        ) from None  # fmt: skip
    return engine


def _durable(connection: Any, _record: Any) -> None:
    """A commit must survive a power cut, and not wait for readers; it is whole, changes of tables included.

    Python's driver opens no transaction before a change of tables, so that a stop in the middle of a migration would
    leave half of it: its own way with transactions is put aside, and `_begin` opens them.
    """
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=30000")  # milliseconds
    _let_readers_in(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _let_readers_in(connection: Any) -> None:
    """Readers don't wait for a writer, nor it for them. That change alone is refused at once, not made to wait, when another
    copy opens the file at the same moment."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _awake(connection: Any, _record: Any) -> None:
    """The server undoes what a suspended machine had begun, so that its locks go."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", (str(_ASLEEP),))
    connection.commit()


def _begin(connection: sa.Connection) -> None:
    # a writer from its first word on: one that reads first and writes then would be refused instead of waiting
    options = connection.get_execution_options()
    writes = options.get("writes", False)
    if writes:
        wait = "PRAGMA synchronous=FULL" if options.get("durable", True) else "PRAGMA synchronous=NORMAL"
        connection.exec_driver_sql(wait)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def writing(engine: sa.Engine, *, durable: bool = True) -> AbstractContextManager[sa.Connection]:
    """A transaction that changes something; it waits for the one before it.

    durable: False when it may be undone by a power cut, with all that follows it: a file of SQLite then isn't waited for.
    Whoever else looks sees it at once in any case, and a killed process doesn't undo it.
    """
    return engine.execution_options(writes=True, durable=durable).begin()


def alone_on(connection: sa.Connection, table: sa.Table) -> None:
    """Nobody else who asks for it writes in that table until the transaction ends: for what is taken out and put in again."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        lock = sa.text("SELECT pg_advisory_xact_lock(:lock, hashtext(:table))")
        connection.execute(lock, {"lock": _LOCK, "table": table.name})


def _bring_up_to_date(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _version(connection) == _HEAD:
            return
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None
