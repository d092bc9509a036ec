"""A ledger changed by another hand than the program's shows it, whatever was changed."""

import pytest

from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import LetterState, Outcome
from tests.edges.ledger.conftest import Place
from tests.edges.ledger.made import AMINA, BRAHIM, NOW, by_hand, later, notice, parcel, record


@pytest.fixture
def store(place: Place) -> Store:
    """Amina's letter was sent (entries 1, 3, 4, 5 of the journal), Brahim's waits (2) and was held (6) by a person."""
    store = Store.open(place)
    sent = record(store, parcel(AMINA, notice()))
    waits = record(store, parcel(BRAHIM))
    store.outbox.claim(sent, "a", at=NOW, until=later(minutes=15))
    store.outbox.begin_data(sent, "a", at=NOW)
    store.outbox.settle(sent, "a", Outcome(LetterState.SENT, "250 ok"), at=NOW)
    store.outbox.hold(waits, "à relire", at=NOW)
    assert store.journal.faults() == ()
    return store


_SWAP = "UPDATE journal SET seq = {} WHERE seq = {}"
TAMPERINGS = {
    "a byte of a letter": (["UPDATE letters SET content = CAST('Bonsoir.' AS {bytes}) WHERE state = 'sent'"],
                           f"le texte de la lettre « {parcel(AMINA).key} » a été modifié"),
    "an entry removed in the middle": (["DELETE FROM journal WHERE seq = 3"], "il manque l'entrée 3 du journal"),
    "the first entry removed": (["DELETE FROM journal WHERE seq = 1"], "il manque l'entrée 1 du journal"),
    "an entry removed and the others renumbered": (
        ["DELETE FROM journal WHERE seq = 3", *(_SWAP.format(n - 1, n) for n in (4, 5, 6))],
        "l'entrée 3 du journal a été modifiée"),
    "the last entry removed": (["DELETE FROM journal WHERE seq = 6"],
                               f"la lettre « {parcel(BRAHIM).key} » n'est plus dans l'état noté au journal (recorded)"),
    "two entries that changed places": ([_SWAP.format(99, 3), _SWAP.format(3, 4), _SWAP.format(4, 99)],
                                        "l'entrée 3 du journal a été modifiée"),
    "an entry's hour": (["UPDATE journal SET at = '2026-11-22T08:30:00.000000+00:00' WHERE seq = 4"],
                        "l'entrée 4 du journal a été modifiée"),
    "what the server answered": (["UPDATE journal SET detail = '550 non' WHERE seq = 5"],
                                 "l'entrée 5 du journal a été modifiée"),
    "an entry's digest": (["UPDATE journal SET digest = 'f00' WHERE seq = 6"], "l'entrée 6 du journal a été modifiée"),
    "a state": (["UPDATE letters SET state = 'sent' WHERE state = 'held'"],
                f"la lettre « {parcel(BRAHIM).key} » n'est plus dans l'état noté au journal (held)"),
    "a letter removed": (["DELETE FROM letters WHERE state = 'held'"],
                         f"la lettre « {parcel(BRAHIM).key} » a été supprimée"),
    "a letter slipped in": (
        ["UPDATE letters SET key = 'rappels|x|2026-11-23|r1' WHERE state = 'held'"],
        "la lettre « rappels|x|2026-11-23|r1 » n'est pas au journal"),
}  # fmt: skip


@pytest.mark.parametrize(("commands", "told"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_it_shows(commands: list[str], told: str, store: Store, place: Place, kind: str) -> None:
    by_hand(place, *(command.format(bytes="BLOB" if kind == "sqlite" else "BYTEA") for command in commands))
    assert told in store.journal.faults()
    store.close()


def test_the_journal_goes_on_from_where_it_is(store: Store) -> None:
    number, digest = store.journal.head()
    assert (number, digest) == (6, store.journal.of(parcel(BRAHIM).key)[-1].digest)
    record(store, parcel("omar@fes.example"))
    assert store.journal.head()[0] == 7
    store.close()
