"""The ledger on disk (SQLAlchemy Core, SQLite by default): letters, notices said, and what we last published.

Each method is one transaction. Opening brings the tables to the latest version.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cdi_sync.errors import CdiError
from cdi_sync.outbox import LetterState, NoticeKey, Parcel, notice_key

_HEAD = "0001"
_metadata = sa.MetaData()
_letters = sa.Table(
    "letters", _metadata,
    sa.Column("key", sa.String, primary_key=True), sa.Column("message_id", sa.String),
    sa.Column("kind", sa.String), sa.Column("recipient", sa.String), sa.Column("lang", sa.String),
    sa.Column("day", sa.Date), sa.Column("state", sa.String), sa.Column("eml", sa.String),
    sa.Column("content", sa.LargeBinary),
)  # fmt: skip
_notices = sa.Table(
    "notices", _metadata,
    *(sa.Column(name, sa.String, primary_key=True)
      for name in ("reminder", "case_id", "subject", "anchor", "step", "recipient")),
    sa.Column("letter", sa.String),
)  # fmt: skip
_published = sa.Table(
    "published", _metadata,
    sa.Column("tab", sa.String, primary_key=True), sa.Column("id", sa.String, primary_key=True),
    sa.Column("cells", sa.String),
)  # fmt: skip


@dataclass(frozen=True)
class StoredLetter:
    """A letter as recorded: frozen bytes and state."""

    key: str
    message_id: str
    kind: str
    to: str
    lang: str
    day: date
    state: LetterState
    eml: str
    content: bytes


class Store:
    """An open ledger. `Store.open(path)` creates it when it isn't there."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Opens or creates the ledger. Raises CdiError when the file isn't one."""
        engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(engine, "connect", _durable)
        try:
            _bring_up_to_date(engine)
        except sa.exc.DatabaseError as error:
            raise CdiError(
                "Le registre des courriers ne s'ouvre pas.", where=path.name, why=str(error.__cause__ or error),
                fix="Vérifier les droits sur ce fichier ; s'il est abîmé, le remplacer par sa sauvegarde.",
            ) from None  # fmt: skip
        return cls(engine)

    def said(self) -> frozenset[NoticeKey]:
        """Every notice that a letter carried already."""
        query = sa.select(*list(_notices.c)[:6])
        with self._engine.connect() as connection:
            return frozenset(tuple(row) for row in connection.execute(query))

    def letters_made(self) -> Mapping[tuple[str, date], int]:
        """How many letters each (address, day) had."""
        query = sa.select(_letters.c.recipient, _letters.c.day, sa.func.count()).group_by("recipient", "day")
        with self._engine.connect() as connection:
            return {(to, day): count for to, day, count in connection.execute(query)}

    def record(self, parcel: Parcel, content: bytes, *, message_id: str, lang: str, day: date, eml: str) -> None:
        """Claims the notices and freezes the letter, before anything leaves."""
        letter = {
            "key": parcel.key, "message_id": message_id, "kind": parcel.key.split("|")[0], "recipient": parcel.to,
            "lang": lang, "day": day, "state": LetterState.QUEUED, "eml": eml, "content": content,
        }  # fmt: skip
        names = [column.name for column in _notices.c][:6]
        claims = [dict(zip(names, notice_key(n), strict=True), letter=parcel.key) for n in parcel.notices]
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_letters), letter)
            connection.execute(sa.insert(_notices), claims)

    def settle(self, key: str, state: LetterState) -> None:
        """Records what became of a letter."""
        with self._engine.begin() as connection:
            connection.execute(sa.update(_letters).where(_letters.c.key == key).values(state=state))

    def letters(self, *states: LetterState) -> Sequence[StoredLetter]:
        """The letters in those states (all when none is given), in order of key."""
        query = sa.select(_letters).order_by(_letters.c.day, _letters.c.key)
        if states:
            query = query.where(_letters.c.state.in_(states))
        with self._engine.connect() as connection:
            return [StoredLetter(state=LetterState(row["state"]), to=row["recipient"],
                                 **{k: row[k] for k in ("key", "message_id", "kind", "lang", "day", "eml", "content")})
                    for row in connection.execute(query).mappings()]  # fmt: skip

    def notices_of(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Letter key → the notices it carried: {reminder, case, anchor, step}."""
        query = sa.select(_notices).order_by(*list(_notices.c)[:5])
        found: dict[str, list[Mapping[str, str]]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query).mappings():
                notice = {
                    "reminder": row["reminder"],
                    "case": row["case_id"],
                    "anchor": row["anchor"],
                    "step": row["step"],
                }
                found.setdefault(row["letter"], []).append(notice)
        return found

    def published(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """What the last run wrote: (tab, identifier) → column key → text shown."""
        with self._engine.connect() as connection:
            return {(tab, id_): json.loads(cells) for tab, id_, cells in connection.execute(sa.select(_published))}

    def remember_published(self, cells: Mapping[tuple[str, str], Mapping[str, str]]) -> None:
        """Replaces what was remembered of the workbook."""
        rows = [{"tab": tab, "id": id_, "cells": json.dumps(shown, ensure_ascii=False)}
                for (tab, id_), shown in cells.items()]  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_published))
            if rows:
                connection.execute(sa.insert(_published), rows)


def _durable(connection: Any, _record: Any) -> None:
    """A commit must survive a power cut, and not wait for readers."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _bring_up_to_date(engine: sa.Engine) -> None:
    with engine.begin() as connection:
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
