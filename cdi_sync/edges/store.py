"""The ledger on disk (SQLAlchemy Core, SQLite by default): letters, notices said, jobs done, weekly figures, and what
was last published. Moments are written as ISO 8601 text with their offset.

Each method is one transaction. Opening brings the tables to the latest version.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa

from cdi_sync.errors import CdiError
from cdi_sync.outbox import LetterState, NoticeKey, Parcel, notice_key

_HEAD = "0002"
_metadata = sa.MetaData()
_letters = sa.Table(
    "letters", _metadata,
    sa.Column("key", sa.String, primary_key=True), sa.Column("message_id", sa.String),
    sa.Column("kind", sa.String), sa.Column("recipient", sa.String), sa.Column("lang", sa.String),
    sa.Column("day", sa.Date), sa.Column("state", sa.String), sa.Column("eml", sa.String),
    sa.Column("content", sa.LargeBinary), sa.Column("rank", sa.Integer), sa.Column("detail", sa.String),
    sa.Column("made_at", sa.String), sa.Column("settled_at", sa.String),
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
_job_runs = sa.Table(
    "job_runs", _metadata,
    sa.Column("job", sa.String, primary_key=True), sa.Column("slot", sa.String, primary_key=True),
    sa.Column("finished_at", sa.String), sa.Column("outcome", sa.String),
)  # fmt: skip
_figures = sa.Table(
    "figures", _metadata,
    sa.Column("council", sa.String, primary_key=True), sa.Column("week", sa.String, primary_key=True),
    sa.Column("values", sa.String),
)  # fmt: skip


_LETTER_FIELDS = ("key", "message_id", "kind", "lang", "day", "eml", "content", "detail", "made_at", "settled_at")


# (tab, identifier) → column key → the texts of ours that the cell may show: the latest, and the one before
Published: TypeAlias = Mapping[tuple[str, str], Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class StoredLetter:
    """A letter as recorded: frozen bytes and state; `detail` says why, or what the server answered."""

    key: str
    message_id: str
    kind: str
    to: str
    lang: str
    day: date
    state: LetterState
    eml: str
    content: bytes
    detail: str
    made_at: str
    settled_at: str


class Store:
    """An open ledger. `Store.open(path)` creates it when it isn't there."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Opens or creates the ledger. Raises CdiError when the file isn't one."""
        engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(engine, "connect", _durable)
        sa.event.listen(engine, "begin", _begin)
        try:
            _bring_up_to_date(engine)
        except sa.exc.DatabaseError as error:
            raise CdiError(
                "Le registre des courriers ne s'ouvre pas.", where=path.name, why=str(error.__cause__ or error),
                fix="Vérifier les droits sur ce fichier ; s'il est abîmé, le remplacer par sa sauvegarde.",
            ) from None  # fmt: skip
        return cls(engine)

    def close(self) -> None:
        """Lets go of the file; used again, it opens anew."""
        self._engine.dispose()

    def said(self) -> frozenset[NoticeKey]:
        """Every notice that a letter carried already."""
        query = sa.select(*list(_notices.c)[:6])
        with self._engine.connect() as connection:
            return frozenset(tuple(row) for row in connection.execute(query))

    def letters_made(self) -> Mapping[tuple[str, str, date], int]:
        """How many letters each (kind, address, day) had."""
        query = sa.select(_letters.c.kind, _letters.c.recipient, _letters.c.day, sa.func.count())
        with self._engine.connect() as connection:
            found = connection.execute(query.group_by("kind", "recipient", "day"))
            return {(kind, to, day): count for kind, to, day, count in found}

    def states_of(self, stem: str) -> Sequence[LetterState]:
        """The state of each letter whose key is that stem and a revision: "rapport|COL-00001|2026-S48" and "|r1"."""
        query = sa.select(_letters.c.state).where(_letters.c.key.startswith(f"{stem}|r", autoescape=True))
        with self._engine.connect() as connection:
            return [LetterState(state) for (state,) in connection.execute(query)]

    def record(
        self, parcel: Parcel, content: bytes, *, message_id: str, lang: str, day: date, rank: int, at: datetime
    ) -> None:
        """Claims the notices and freezes the letter, before anything leaves. rank: its place in the day's order."""
        letter = {
            "key": parcel.key, "message_id": message_id, "kind": parcel.kind, "recipient": parcel.to, "lang": lang,
            "day": day, "state": LetterState.QUEUED, "eml": parcel.file_name(day), "content": content, "rank": rank,
            "detail": "", "made_at": at.isoformat(), "settled_at": "",
        }  # fmt: skip
        names = [column.name for column in _notices.c][:6]
        claims = [dict(zip(names, notice_key(n), strict=True), letter=parcel.key) for n in parcel.notices]
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_letters), letter)
            if claims:
                connection.execute(sa.insert(_notices), claims)

    def settle(self, key: str, state: LetterState, *, at: datetime, detail: str = "") -> None:
        """Records what became of a letter, and when."""
        change = sa.update(_letters).where(_letters.c.key == key)
        with self._engine.begin() as connection:
            connection.execute(change.values(state=state, detail=detail, settled_at=at.isoformat()))

    def expire_held(self, before: date, *, at: datetime) -> int:
        """Letters held since an earlier day never leave: their notices are free to be told afresh. How many."""
        old = sa.select(_letters.c.key).where(_letters.c.state == LetterState.HELD, _letters.c.day < before)
        with self._engine.begin() as connection:
            keys = [key for (key,) in connection.execute(old)]
            connection.execute(sa.delete(_notices).where(_notices.c.letter.in_(keys)))
            change = sa.update(_letters).where(_letters.c.key.in_(keys))
            connection.execute(change.values(state=LetterState.EXPIRED, settled_at=at.isoformat()))
        return len(keys)

    def letters(self, *states: LetterState) -> Sequence[StoredLetter]:
        """The letters in those states (all when none is given), by day and in the order in which they leave."""
        query = sa.select(_letters).order_by(_letters.c.day, _letters.c.rank, _letters.c.key)
        if states:
            query = query.where(_letters.c.state.in_(states))
        with self._engine.connect() as connection:
            return [StoredLetter(state=LetterState(row["state"]), to=row["recipient"],
                                 **{name: row[name] for name in _LETTER_FIELDS})
                    for row in connection.execute(query).mappings()]  # fmt: skip

    def notices_of(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Letter key → the notices it carried: {reminder, case, anchor, step}; for a session, `case` is the session."""
        query = sa.select(_notices).order_by(*list(_notices.c)[:5])
        found: dict[str, list[Mapping[str, str]]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query).mappings():
                notice = {
                    "reminder": row["reminder"],
                    "case": row["case_id"] or row["subject"],
                    "anchor": row["anchor"],
                    "step": row["step"],
                }
                found.setdefault(row["letter"], []).append(notice)
        return found

    # ------------------------------------------------------------------------------------------- jobs and figures

    def has_run(self, job: str, slot: str) -> bool:
        """True when that job has done that slot."""
        query = sa.select(_job_runs.c.job).where(_job_runs.c.job == job, _job_runs.c.slot == slot)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def record_run(self, job: str, slot: str, *, at: datetime, outcome: str) -> None:
        """Records that a job has done a slot; a second record of the same slot changes nothing."""
        row = {"job": job, "slot": slot, "finished_at": at.isoformat(), "outcome": outcome}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_job_runs).prefix_with("OR IGNORE"), row)

    def job_runs(self) -> Sequence[Mapping[str, str]]:
        """Every slot done: {job, slot, finished_at, outcome}, in order of the moment it was finished."""
        query = sa.select(_job_runs).order_by(_job_runs.c.finished_at, _job_runs.c.job)
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def latest_runs(self) -> Sequence[Mapping[str, str]]:
        """The last slot done of each job, by name: {job, slot, finished_at, outcome}."""
        return sorted({run["job"]: run for run in self.job_runs()}.values(), key=lambda run: run["job"])

    def figures(self, council: str, week: str) -> Mapping[str, int] | None:
        """The figures of a council in an ISO week such as "2026-S48"; None when none were kept."""
        query = sa.select(_figures.c["values"]).where(_figures.c.council == council, _figures.c.week == week)
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar()
            return json.loads(found) if found else None

    def keep_figures(self, council: str, week: str, values: Mapping[str, int]) -> None:
        """Keeps a council's figures of a week, the first time only: a week's figures don't change afterwards."""
        row = {"council": council, "week": week, "values": json.dumps(dict(values))}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_figures).prefix_with("OR IGNORE"), row)

    # ---------------------------------------------------------------------------------------------- the workbook

    def published(self) -> Published:
        """What runs wrote in the workbook."""
        with self._engine.connect() as connection:
            return {(tab, id_): json.loads(cells) for tab, id_, cells in connection.execute(sa.select(_published))}

    def remember_published(self, cells: Published) -> None:
        """Replaces what was remembered of the workbook."""
        rows = [{"tab": tab, "id": id_, "cells": json.dumps(shown, ensure_ascii=False)}
                for (tab, id_), shown in cells.items()]  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_published))
            if rows:
                connection.execute(sa.insert(_published), rows)


def _durable(connection: Any, _record: Any) -> None:
    """A commit must survive a power cut, and not wait for readers; it is whole, changes of tables included.

    Python's driver opens no transaction before a change of tables, so that a stop in the middle of a migration would
    leave half of it: its own way with transactions is put aside, and `_begin` opens them.
    """
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


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
