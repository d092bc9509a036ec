"""Copies of the program at work on one ledger at the same time: one of them wins, and the journal tells it in order."""

from collections import Counter
from itertools import permutations

import pytest
import sqlalchemy as sa

from cdi_sync.edges.ledger import opening
from cdi_sync.edges.ledger.journal import RECORDED, append
from cdi_sync.edges.ledger.mailbox import BadAddress, Incoming
from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import LetterState, Outcome
from tests.edges.ledger.conftest import Place
from tests.edges.ledger.made import AMINA, BRAHIM, NOW, TODAY, at_once, later, notice, parcel, record
from tests.postgres import FreshDatabase

COPIES = 4


@pytest.fixture
def copies(place: Place) -> list[Store]:
    return [Store.open(place) for _ in range(COPIES)]


def closed(copies: list[Store]) -> None:
    assert copies[0].journal.faults() == ()
    for store in copies:
        store.close()


def test_a_letter_is_claimed_by_one_copy_and_goes_through_once(copies: list[Store]) -> None:
    keys = [record(copies[0], parcel(f"p{number}@fes.example")) for number in range(6)]

    def hand_over(number: int) -> list[str]:
        outbox, mine = copies[number].outbox, f"copie {number}"
        won = [key for key in keys if outbox.claim(key, mine, at=NOW, until=later(minutes=15))]
        for key in won:
            assert outbox.begin_data(key, mine, at=NOW)
            assert outbox.settle(key, mine, Outcome(LetterState.SENT, "250 ok"), at=NOW)
        return won

    won = at_once(COPIES, hand_over)
    assert Counter(key for keys in won for key in keys) == dict.fromkeys(keys, 1)
    assert [entry.event for entry in copies[0].journal.of(keys[0])] == ["recorded", "claimed", "data", "sent"]
    assert copies[0].journal.head()[0] == 4 * len(keys)
    closed(copies)


def test_the_same_letter_is_made_once(copies: list[Store]) -> None:
    what = [parcel(f"p{number}@fes.example", notice(f"p{number}@fes.example")) for number in range(5)]

    def make(number: int) -> list[bool]:
        outbox = copies[number].outbox
        return [
            outbox.record(p, b"x", message_id=p.message_id("x"), lang="fr", day=TODAY, rank=0, at=NOW) for p in what
        ]

    made = at_once(COPIES, make)
    assert [sum(one) for one in zip(*made, strict=True)] == [1] * len(what)
    assert [letter.key for letter in copies[0].outbox.letters()] == [p.key for p in what]
    closed(copies)


def test_letters_that_share_notices_in_any_order_dont_block_one_another(copies: list[Store]) -> None:
    """Two copies may sort the same notices otherwise, as when the registry changed between them: one letter tells them."""
    for turn in range(5):
        orders = list(permutations([notice(case=f"ACT-{turn}{number}", step="+5") for number in range(3)]))

        def make(number: int, turn: int = turn, orders: list[tuple[object, ...]] = orders) -> bool:  # type: ignore[assignment]
            what = parcel(AMINA, *orders[number], revision=100 * turn + number)  # type: ignore[arg-type]
            return copies[number].outbox.record(
                what, b"x", message_id=what.message_id("x"), lang="fr", day=TODAY, rank=0, at=NOW
            )

        assert sum(at_once(COPIES, make)) == 1
    assert len(copies[0].outbox.said()) == 15
    closed(copies)


def test_a_letter_held_while_it_is_claimed_is_either_held_or_claimed(copies: list[Store]) -> None:
    for number in range(5):
        key = record(copies[0], parcel(f"p{number}@fes.example"))

        def either(copy: int, key: str = key) -> bool:
            outbox = copies[copy].outbox
            return (
                outbox.hold(key, "à relire", at=NOW) if copy else outbox.claim(key, "a", at=NOW, until=later(minutes=9))
            )

        claimed, _ = at_once(2, either)
        state = {letter.key: letter.state for letter in copies[0].outbox.letters()}[key]
        assert state is (LetterState.CLAIMED if claimed else LetterState.HELD) or (
            claimed and state is LetterState.HELD
        )
        assert copies[0].outbox.begin_data(key, "a", at=NOW) is (state is LetterState.CLAIMED)
    closed(copies)


def test_marks_slots_and_figures_written_by_all_at_once_are_those_of_one(copies: list[Store]) -> None:
    def write(number: int) -> None:
        copies[number].set_mark("lignes", number)
        copies[number].record_run("sync", "2026-11-23T07:00", at=NOW, outcome=str(number))
        copies[number].keep_figures("COL-00001", "2026-S48", {"en_cours": number})
        copies[number].remember_published({("actes", "ACT-00001"): {"etape": [str(number)]}})

    at_once(COPIES, write)
    assert copies[0].mark("lignes") in range(COPIES)
    assert len(copies[0].job_runs()) == 1
    assert copies[0].figures("COL-00001", "2026-S48") is not None
    assert len(copies[0].published()) == 1
    closed(copies)


def test_copies_that_open_a_new_ledger_together_find_the_same(empty_place: Place) -> None:
    stores = at_once(COPIES, lambda _: Store.open(empty_place))
    record(stores[0])
    assert [len(store.outbox.letters()) for store in stores] == [1] * COPIES
    closed(stores)


def test_two_messages_about_one_address_are_both_handled(copies: list[Store]) -> None:
    def handle(number: int) -> bool:
        bad = BadAddress(AMINA, "2026-11-23", "5.1.1", f"retour {number}", "k1")
        return copies[number].mailbox.record(Incoming(f"m{number}", "2026-11-23", "retour", AMINA), bad=bad)

    assert at_once(COPIES, handle) == [True] * COPIES
    assert len(copies[0].mailbox.messages()) == COPIES
    assert list(copies[0].mailbox.bad_addresses()) == [AMINA]
    closed(copies)


def test_a_copy_that_falls_asleep_in_the_middle_of_a_transaction_doesnt_stop_the_others(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a suspended machine does. On a file, everybody is on that machine."""
    monkeypatch.setattr(opening, "_ASLEEP", 200)
    base = fresh_database()
    asleep, awake = Store.open(base), Store.open(base)
    with pytest.raises(sa.exc.DBAPIError), opening.writing(asleep._engine) as connection:
        append(connection, parcel(BRAHIM).key, RECORDED, at="")  # and nothing more comes
        record(awake)
        connection.execute(sa.text("SELECT 1"))
    assert [letter.to for letter in awake.outbox.letters()] == [AMINA]
    assert asleep.journal.faults() == ()  # once awake, it works on
    asleep.close()
    awake.close()
