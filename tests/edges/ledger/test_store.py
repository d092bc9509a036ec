"""The ledger: brought up to date whole or not at all, what was recorded before is kept, each slot and week once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command, op
from alembic.config import Config

from cdi_sync.edges.ledger import store as edge
from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import LetterState, Outcome, Parcel
from tests.jobs.test_deliver import NOTICE

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def upgrade(path: Path, version: str) -> None:
    """A ledger as a former version of the software left it."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(edge.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def test_a_stop_in_the_middle_of_an_upgrade_leaves_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, made = op.create_table, []

    def stops_at_the_third(name: str, *columns: Any, **options: Any) -> Any:
        made.append(name)
        if len(made) == 3:
            raise KeyboardInterrupt
        return create(name, *columns, **options)

    with monkeypatch.context() as patched:
        patched.setattr(op, "create_table", stops_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            Store.open(tmp_path / "suivi.sqlite")
    with sa.create_engine(f"sqlite:///{tmp_path / 'suivi.sqlite'}").connect() as connection:
        assert sa.inspect(connection).get_table_names() == []
    assert Store.open(tmp_path / "suivi.sqlite").outbox.letters() == []


def test_letters_of_a_former_version_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "suivi.sqlite"
    upgrade(path, "0001")
    old = {"key": "rappels|a@fes.example|2026-11-20|r1", "message_id": "<1@fes.example>", "kind": "rappels", "to": "a@fes.example",
           "lang": "fr", "day": "2026-11-20", "state": "sent", "eml": "a.eml", "content": b"x"}  # fmt: skip
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(
            sa.text("INSERT INTO letters VALUES (:key, :message_id, :kind, :to, :lang, :day, :state, :eml, :content)"),
            old,
        )
    (letter,) = Store.open(path).outbox.letters()
    assert (letter.key, letter.state, letter.content, letter.detail) == (old["key"], LetterState.SENT, b"x", "")


def test_a_slot_is_done_once_and_its_first_outcome_stays(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "suivi.sqlite")
    assert not store.has_run("sync", "2026-11-23T07:00")
    store.record_run("sync", "2026-11-23T07:00", at=NOW, outcome="12 cellule(s)")
    store.record_run("sync", "2026-11-23T07:00", at=NOW, outcome="0 cellule(s)")
    assert store.has_run("sync", "2026-11-23T07:00")
    assert [run["outcome"] for run in store.job_runs()] == ["12 cellule(s)"]


def test_a_weeks_figures_are_those_of_its_first_run(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "suivi.sqlite")
    store.keep_figures("COL-00001", "2026-S48", {"en_cours": 3})
    store.keep_figures("COL-00001", "2026-S48", {"en_cours": 9})
    assert store.figures("COL-00001", "2026-S48") == {"en_cours": 3}
    assert store.figures("COL-00001", "2026-S47") is None


def test_the_revisions_of_a_letter_are_its_own(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "suivi.sqlite")
    for council in ("COL-00001", "COL-000011", "COL_00001"):
        parcel = Parcel("rapport", "a@fes.example", f"rapport|{council}|2026-S48|r1")
        store.outbox.record(parcel, b"x", message_id=f"<{council}@x>", lang="fr", day=TODAY, rank=0, at=NOW)
    assert store.outbox.states_of("rapport|COL-00001|2026-S48") == [LetterState.QUEUED]


def test_who_was_told_of_a_thing_and_when_counts_the_letters_handed_over_alone(tmp_path: Path) -> None:
    outbox = Store.open(tmp_path / "suivi.sqlite").outbox
    days = {"sent@fes.example": date(2026, 11, 20), "first@fes.example": date(2026, 11, 13), "waits@fes.example": TODAY}
    for to, day in days.items():
        parcel = Parcel("rappels", to, f"rappels|{to}|{day}|r1", (replace(NOTICE, to=to, step=f"+{day.day}"),))
        outbox.record(parcel, b"x", message_id=f"<{to}>", lang="fr", day=day, rank=0, at=NOW)
        if to != "waits@fes.example":
            assert outbox.claim(parcel.key, "us", at=NOW, until=NOW + timedelta(minutes=1))
            assert outbox.settle(parcel.key, "us", Outcome(LetterState.SENT), at=NOW)
    told = [("first@fes.example", date(2026, 11, 13)), ("sent@fes.example", date(2026, 11, 20))]
    assert outbox.told(["VIS-00002"]) == {}
    many = [*(f"VIS-{number:05d}" for number in range(2, 1200)), "VIS-00001"]
    assert outbox.told(many) == {("REM-VIS-02", "ACT-00001", "VIS-00001", "2026-11-03"): told}
