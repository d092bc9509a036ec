"""Ledgers of former versions, opened by this one: nothing is forgotten, nothing leaves again, the journal begins."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from cdi_sync.edges.ledger import store as edge
from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import LetterState
from tests.edges.ledger.conftest import Place
from tests.edges.ledger.made import NOW, TODAY, at_once, by_hand, notice

STATES = [state for state in LetterState if state is not LetterState.CLAIMED]  # claims came with the third version


def former(place: Place, version: str) -> None:
    """A ledger of that version, with a letter in each state that it knew, and a notice told by the one that was sent."""
    engine = sa.create_engine(place if isinstance(place, str) else f"sqlite:///{place}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(edge.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        letters = sa.Table("letters", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(letters), [
            {"key": f"rappels|{state}@fes.example|2026-11-23|r1", "message_id": f"<{state}@fes.example>", "kind": "rappels",
             "recipient": f"{state}@fes.example", "lang": "fr", "day": TODAY, "state": str(state), "eml": "a.eml",
             "content": f"À {state}".encode()}
            for state in STATES
        ])  # fmt: skip
        n = notice("sent@fes.example")
        told = [
            n.reminder,
            n.case,
            n.subject,
            n.anchor.isoformat(),
            n.step,
            n.to,
            "rappels|sent@fes.example|2026-11-23|r1",
        ]
        connection.execute(sa.insert(sa.Table("notices", sa.MetaData(), autoload_with=connection)).values(told))
    engine.dispose()


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_its_letters_are_kept_with_their_states_and_the_journal_begins_with_them(
    version: str, empty_place: Place
) -> None:
    former(empty_place, version)
    store = Store.open(empty_place)
    assert {letter.to: (letter.state, letter.content) for letter in store.outbox.letters()} == {
        f"{state}@fes.example": (state, f"À {state}".encode()) for state in STATES
    }
    assert [letter.state for letter in store.outbox.ready(NOW)] == [LetterState.HELD, LetterState.QUEUED]
    assert len(store.outbox.said()) == 1
    assert store.journal.faults() == ()
    store.close()


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_a_change_made_afterwards_to_a_former_letter_shows(version: str, empty_place: Place) -> None:
    former(empty_place, version)
    Store.open(empty_place).close()
    by_hand(empty_place, "UPDATE letters SET state = 'sent' WHERE state = 'unknown'")
    store = Store.open(empty_place)
    assert len(store.journal.faults()) == 1
    store.close()


def test_copies_that_start_together_bring_it_up_to_date_once(empty_place: Place) -> None:
    former(empty_place, "0001")
    stores = at_once(3, lambda _: Store.open(empty_place))
    assert {len(store.outbox.letters()) for store in stores} == {len(STATES)}
    assert stores[0].journal.faults() == ()
    for store in stores:
        store.close()
