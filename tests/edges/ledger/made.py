"""Letters, moments and hands for tests of the ledger."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import sqlalchemy as sa

from cdi_sync.edges.ledger.outbox import StoredLetter
from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import Parcel
from cdi_sync.model import Notice

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
AMINA, BRAHIM, SAMIRA = "amina@fes.example", "brahim@fes.example", "samira@tanger.example"
T = TypeVar("T")


def later(**how_long: float) -> datetime:
    return NOW + timedelta(**how_long)


def notice(to: str = AMINA, *, case: str = "ACT-00001", step: str = "+10") -> Notice:
    return Notice(
        reminder="REM-VIS-02", case=case, subject="VIS-00001", anchor=date(2026, 11, 3), step=step, to=to,
        contact="CON-00001", role="REFERENT_CDI", title="Visa en cours", action="Suivre", due=TODAY,
        council="COL-00001", actor="REFERENT_CDI", decision=False, source="Guide", tab="visas_accords", row=2,
        column="sens",
    )  # fmt: skip


def parcel(to: str = AMINA, *notices: Notice, revision: int = 1, day: date = TODAY) -> Parcel:
    return Parcel("rappels", to, f"rappels|{to}|{day}|r{revision}", notices)


def record(store: Store, what: Parcel | None = None, content: bytes = b"Bonjour.\r\n", *, day: date = TODAY,
           last_day: date | None = None, hold: str = "", rank: int = 0) -> str:  # fmt: skip
    """Records a letter, and gives its key."""
    letter = what or parcel()
    assert store.outbox.record(letter, content, message_id=letter.message_id("fes.example"), lang="fr", day=day,
                               rank=rank, at=NOW, last_day=last_day, hold=hold)  # fmt: skip
    return letter.key


def only(store: Store) -> StoredLetter:
    (letter,) = store.outbox.letters()
    return letter


def by_hand(place: Path | str, *commands: str) -> None:
    """Changes the database behind the program's back."""
    engine = sa.create_engine(place if isinstance(place, str) else f"sqlite:///{place}")
    with engine.begin() as connection:
        for command in commands:
            connection.exec_driver_sql(command)
    engine.dispose()


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """Does the same thing in so many threads that begin together."""
    start = Barrier(count)

    def begun(number: int) -> T:
        start.wait(20)
        return work(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begun, range(count)))
