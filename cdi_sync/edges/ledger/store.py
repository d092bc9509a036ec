"""The ledger on disk (SQLAlchemy Core; SQLite, or PostgreSQL for several machines): letters and their journal, what came
back by mail, answers to forms, jobs done, weekly figures, and what was last published.

Each method is one transaction. Opening brings the tables to the latest version.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cdi_sync.edges.ledger import tables
from cdi_sync.edges.ledger.journal import Journal
from cdi_sync.edges.ledger.mailbox import Mailbox
from cdi_sync.edges.ledger.opening import alone_on, opened, writing
from cdi_sync.edges.ledger.outbox import Outbox
from cdi_sync.edges.ledger.submissions import Submissions

# (tab, identifier) → column key → the texts of ours that the cell may show: the latest, and the one before
Published: TypeAlias = Mapping[tuple[str, str], Mapping[str, Sequence[str]]]


class Store:
    """An open ledger. `Store.open(path)` creates it when it isn't there."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, where: Path | str) -> "Store":
        """Opens or creates the ledger: a file, or a SQLAlchemy address. Raises CdiError when it can't."""
        return cls(opened(where))

    def close(self) -> None:
        """Lets go of the database; used again, it opens anew."""
        self._engine.dispose()

    @property
    def is_shared(self) -> bool:
        """True when other machines may be at work on it: the lock of an installation's folder doesn't keep them out."""
        return self._engine.dialect.name != "sqlite"

    @cached_property
    def outbox(self) -> Outbox:
        """Letters, and the notices that they told."""
        return Outbox(self._engine)

    @cached_property
    def journal(self) -> Journal:
        """What happened to letters."""
        return Journal(self._engine)

    @cached_property
    def mailbox(self) -> Mailbox:
        """What came back by mail."""
        return Mailbox(self._engine)

    @cached_property
    def submissions(self) -> Submissions:
        """Answers to forms."""
        return Submissions(self._engine)

    # ---------------------------------------------------------------------------------- left for the next run

    def mark(self, name: str) -> Any:
        """What a run left under that name; None when nothing is."""
        query = sa.select(tables.marks.c.value).where(tables.marks.c.name == name)
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else json.loads(found)

    def set_mark(self, name: str, value: Any) -> None:
        """Leaves something that JSON can hold; None removes it."""
        with writing(self._engine) as connection:
            alone_on(connection, tables.marks)
            connection.execute(sa.delete(tables.marks).where(tables.marks.c.name == name))
            if value is not None:
                connection.execute(sa.insert(tables.marks), {"name": name, "value": json.dumps(value)})

    def keep_mark(self, name: str, value: Any) -> Any:
        """Leaves something under that name unless something is there: what is there, whoever was first."""
        self._insert_once(tables.marks, {"name": name, "value": json.dumps(value)})
        return self.mark(name)

    # ------------------------------------------------------------------------------------------- jobs and figures

    def has_run(self, job: str, slot: str) -> bool:
        """True when that job has done that slot."""
        query = sa.select(tables.job_runs.c.job).where(tables.job_runs.c.job == job, tables.job_runs.c.slot == slot)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def record_run(self, job: str, slot: str, *, at: datetime, outcome: str) -> None:
        """Records that a job has done a slot; a second record of the same slot changes nothing."""
        row = {"job": job, "slot": slot, "finished_at": at.isoformat(), "outcome": outcome}
        self._insert_once(tables.job_runs, row)

    def job_runs(self) -> Sequence[Mapping[str, str]]:
        """Every slot done: {job, slot, finished_at, outcome}, in order of the moment it was finished."""
        query = sa.select(tables.job_runs).order_by(tables.job_runs.c.finished_at, tables.job_runs.c.job)
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def latest_runs(self) -> Sequence[Mapping[str, str]]:
        """The last slot done of each job, by name: {job, slot, finished_at, outcome}."""
        return sorted({run["job"]: run for run in self.job_runs()}.values(), key=lambda run: run["job"])

    def figures(self, council: str, week: str) -> Mapping[str, int] | None:
        """The figures of a council in an ISO week such as "2026-S48"; None when none were kept."""
        query = sa.select(tables.figures.c["values"]).where(
            tables.figures.c.council == council, tables.figures.c.week == week
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar()
            return json.loads(found) if found else None

    def keep_figures(self, council: str, week: str, values: Mapping[str, int]) -> None:
        """Keeps a council's figures of a week, the first time only: a week's figures don't change afterwards."""
        row = {"council": council, "week": week, "values": json.dumps(dict(values))}
        self._insert_once(tables.figures, row)

    def _insert_once(self, table: sa.Table, row: Mapping[str, str]) -> None:
        """The row, unless one of the same key is there."""
        insert = postgresql.insert if self.is_shared else sqlite.insert
        with writing(self._engine) as connection:
            connection.execute(insert(table).values(row).on_conflict_do_nothing())

    # ---------------------------------------------------------------------------------------------- the workbook

    def published(self) -> Published:
        """What runs wrote in the workbook."""
        with self._engine.connect() as connection:
            return {
                (tab, id_): json.loads(cells) for tab, id_, cells in connection.execute(sa.select(tables.published))
            }

    def remember_published(self, cells: Published) -> None:
        """Replaces what was remembered of the workbook."""
        rows = [{"tab": tab, "id": id_, "cells": json.dumps(shown, ensure_ascii=False)}
                for (tab, id_), shown in cells.items()]  # fmt: skip
        with writing(self._engine) as connection:
            alone_on(connection, tables.published)
            connection.execute(sa.delete(tables.published))
            if rows:
                connection.execute(sa.insert(tables.published), rows)
