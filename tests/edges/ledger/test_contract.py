"""What every ledger keeps to, SQLite or PostgreSQL: letters through their states, mailbox, marks, jobs and figures."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from cdi_sync.edges.ledger.mailbox import BadAddress, Incoming, StoredAnswer
from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import LetterState, Outcome, notice_key
from tests.edges.ledger.conftest import Place
from tests.edges.ledger.made import AMINA, BRAHIM, NOW, SAMIRA, TODAY, later, notice, only, parcel, record

HELD, QUEUED, CLAIMED, DATA = LetterState.HELD, LetterState.QUEUED, LetterState.CLAIMED, LetterState.DATA
SENT, FAILED, UNKNOWN, EXPIRED = LetterState.SENT, LetterState.FAILED, LetterState.UNKNOWN, LetterState.EXPIRED
TOMORROW = TODAY + timedelta(days=1)
SAID_YES, PUT_OFF = Outcome(SENT, "250 ok"), Outcome(QUEUED, "451 plus tard")


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    store = Store.open(place)
    yield store
    assert store.journal.faults() == ()  # whatever happened, the journal tells it
    store.close()


def claim(store: Store, key: str, owner: str = "a", *, minutes: float = 0) -> bool:
    return store.outbox.claim(key, owner, at=later(minutes=minutes), until=later(minutes=minutes + 15))


def through(store: Store, outcome: Outcome, key: str | None = None) -> str:
    """Records a letter and takes it through its conversation, up to that outcome."""
    key = key or record(store)
    assert claim(store, key)
    assert store.outbox.begin_data(key, "a", at=NOW)
    assert store.outbox.settle(key, "a", outcome, at=NOW)
    return key


def events(store: Store, key: str) -> list[str]:
    return [entry.event for entry in store.journal.of(key)]


# ----------------------------------------------------------------------------------------------------- recording


def test_a_letter_is_found_again_as_it_was_frozen(store: Store) -> None:
    content = bytes(range(256)) * 20
    what = parcel(AMINA, notice())
    key = record(store, what, content, last_day=TOMORROW)
    letter = only(store)
    assert (letter.key, letter.to, letter.kind, letter.lang, letter.content) == (key, AMINA, "rappels", "fr", content)
    assert (letter.state, letter.day, letter.last_day, letter.eml) == (QUEUED, TODAY, TOMORROW, what.file_name(TODAY))
    assert (letter.message_id, letter.attempts, letter.hold) == (what.message_id("fes.example"), 0, "")
    assert store.outbox.said() == {notice_key(notice())}
    assert store.outbox.made() == {("rappels", AMINA, TODAY): 1}
    assert store.outbox.notices_of() == {
        key: [{"reminder": "REM-VIS-02", "case": "ACT-00001", "anchor": "2026-11-03", "step": "+10"}]
    }


def test_the_same_letter_is_recorded_once(store: Store) -> None:
    record(store)
    assert not store.outbox.record(parcel(), b"autre", message_id="<2@x>", lang="fr", day=TODAY, rank=0, at=NOW)
    assert only(store).content == b"Bonjour.\r\n"


def test_a_letter_one_of_whose_notices_was_told_leaves_no_trace(store: Store) -> None:
    record(store, parcel(AMINA, notice()))
    told_too = parcel(AMINA, notice(case="ACT-00002"), notice(), revision=2)
    assert not store.outbox.record(told_too, b"x", message_id="<2@x>", lang="fr", day=TODAY, rank=0, at=NOW)
    assert only(store).key == parcel().key
    assert store.outbox.said() == {notice_key(notice())}


def test_letters_leave_by_day_then_by_rank(store: Store) -> None:
    record(store, parcel(AMINA), rank=2)
    record(store, parcel(BRAHIM), rank=1)
    record(store, parcel(SAMIRA, day=TODAY - timedelta(days=1)), day=TODAY - timedelta(days=1), rank=9)
    assert [letter.to for letter in store.outbox.ready(NOW)] == [SAMIRA, BRAHIM, AMINA]


def test_a_letter_held_for_a_person_is_not_ready_until_it_is_released(store: Store) -> None:
    key = record(store, hold="à relire")
    assert (only(store).state, only(store).hold, store.outbox.ready(NOW)) == (HELD, "à relire", [])
    assert store.outbox.release(key, at=NOW, detail="relue")
    assert [letter.key for letter in store.outbox.ready(NOW)] == [key]
    assert events(store, key) == ["recorded", "held", "queued"]


# ----------------------------------------------------------------------------------------------- handing it over


def test_a_letter_goes_from_claimed_to_data_to_sent(store: Store) -> None:
    key = through(store, SAID_YES)
    assert (only(store).state, only(store).detail) == (SENT, "250 ok")
    assert events(store, key) == ["recorded", "claimed", "data", "sent"]
    assert store.outbox.ready(later(days=9)) == []


def test_only_one_copy_holds_a_letter(store: Store) -> None:
    key = record(store)
    assert claim(store, key, "a")
    assert not claim(store, key, "b")
    assert store.outbox.ready(NOW) == []


def test_a_claim_that_ran_out_is_free_for_another_and_lost_to_its_owner(store: Store) -> None:
    key = record(store)
    assert claim(store, key, "a")
    assert not claim(store, key, "b", minutes=14.99)
    assert [letter.key for letter in store.outbox.ready(later(minutes=15))] == [key]
    assert claim(store, key, "b", minutes=15)
    assert not store.outbox.begin_data(key, "a", at=later(minutes=16))
    assert not store.outbox.settle(key, "a", PUT_OFF, at=later(minutes=16))
    assert store.outbox.begin_data(key, "b", at=later(minutes=16))


def test_a_claim_that_ran_out_doesnt_let_the_text_leave_even_if_nobody_took_it(store: Store) -> None:
    key = record(store)
    claim(store, key, "a")
    assert not store.outbox.begin_data(key, "a", at=later(minutes=15))
    assert only(store).state is CLAIMED


def test_the_text_begins_once(store: Store) -> None:
    key = record(store)
    claim(store, key)
    assert store.outbox.begin_data(key, "a", at=NOW)
    assert not store.outbox.begin_data(key, "a", at=NOW)
    assert not claim(store, key, "b", minutes=999)  # no claim frees a letter whose text was leaving
    assert store.outbox.ready(later(days=9)) == []


def test_a_letter_put_off_waits_for_its_hour(store: Store) -> None:
    key = record(store)
    claim(store, key)
    assert store.outbox.settle(key, "a", PUT_OFF, at=NOW, retry_at=later(minutes=5))
    assert (only(store).attempts, store.outbox.ready(later(minutes=4))) == (1, [])
    assert [letter.key for letter in store.outbox.ready(later(minutes=5))] == [key]


@pytest.mark.parametrize("state", [SENT, FAILED, UNKNOWN])
def test_what_is_settled_stays_so(state: LetterState, store: Store) -> None:
    key = through(store, Outcome(state, "dit"))
    assert not claim(store, key, "b")
    assert not store.outbox.settle(key, "a", SAID_YES, at=NOW)
    assert not store.outbox.begin_data(key, "a", at=NOW)
    assert store.outbox.expire(later(days=99).date(), at=NOW) == 0
    assert only(store).state is state


# ------------------------------------------------------------------------------------------ afterwards, and aside


def test_conversations_cut_short_are_those_that_began_long_enough_ago(store: Store) -> None:
    key = record(store)
    claim(store, key)
    store.outbox.begin_data(key, "a", at=later(minutes=1))
    assert store.outbox.cut_short(NOW) == []
    assert [letter.key for letter in store.outbox.cut_short(later(minutes=1))] == [key]


@pytest.mark.parametrize(("seen", "ready"), [(SENT, 0), (QUEUED, 1)])
def test_a_witness_settles_a_letter_in_doubt(seen: LetterState, ready: int, store: Store) -> None:
    key = through(store, Outcome(UNKNOWN, "sans réponse"))
    assert not store.outbox.leave(key, seen, of=(DATA,), at=NOW, detail="")
    assert store.outbox.leave(key, seen, of=(UNKNOWN,), at=NOW, detail="copie témoin")
    assert (only(store).state, len(store.outbox.ready(NOW))) == (seen, ready)
    assert not store.outbox.leave(key, seen, of=(UNKNOWN,), at=NOW, detail="encore")


def test_a_person_holds_only_what_waits(store: Store) -> None:
    key = record(store)
    assert store.outbox.hold(key, "à relire", at=NOW)
    assert store.outbox.ready(NOW) == []
    assert store.outbox.release(key, at=NOW, detail="")
    claim(store, key)
    assert not store.outbox.hold(key, "trop tard", at=NOW)


def test_what_was_refused_for_good_leaves_again_when_released(store: Store) -> None:
    key = through(store, Outcome(FAILED, "550 inconnu"))
    assert store.outbox.release(key, at=NOW, detail="adresse corrigée")
    assert [letter.key for letter in store.outbox.ready(NOW)] == [key]


@pytest.mark.parametrize("state", [SENT, UNKNOWN])
def test_what_left_or_may_have_left_is_never_released(state: LetterState, store: Store) -> None:
    key = through(store, Outcome(state, ""))
    assert not store.outbox.release(key, at=NOW, detail="")
    assert only(store).state is state


def test_a_release_lets_go_at_once_what_waited_for_its_next_try(store: Store) -> None:
    key = record(store)
    claim(store, key)
    store.outbox.settle(key, "a", PUT_OFF, at=NOW, retry_at=later(hours=1))
    assert store.outbox.release(key, at=NOW, detail="")
    assert [letter.key for letter in store.outbox.ready(NOW)] == [key]


def test_a_letter_kept_back_until_another_day_expires_and_frees_its_notices(store: Store) -> None:
    key = record(store, parcel(AMINA, notice()))
    store.outbox.leave(key, HELD, of=(QUEUED,), at=NOW, detail="plafond")
    assert store.outbox.expire(TODAY, at=NOW) == 0
    assert store.outbox.expire(TOMORROW, at=later(days=1)) == 1
    assert (only(store).state, store.outbox.said()) == (EXPIRED, frozenset())
    record(store, parcel(AMINA, notice(), day=TOMORROW), day=TOMORROW)


def test_a_letter_past_its_last_day_expires_unless_it_waits_for_a_person(store: Store) -> None:
    record(store, parcel(AMINA), last_day=TODAY)
    record(store, parcel(BRAHIM), last_day=TODAY, hold="à relire")
    record(store, parcel(SAMIRA), last_day=TOMORROW)
    assert (store.outbox.expire_late(TODAY, at=NOW), store.outbox.expire_late(TOMORROW, at=NOW)) == (0, 1)
    assert {letter.to: letter.state for letter in store.outbox.letters()} == {
        AMINA: EXPIRED, BRAHIM: HELD, SAMIRA: QUEUED,
    }  # fmt: skip


def test_what_waits_for_a_person_doesnt_expire_with_the_day(store: Store) -> None:
    record(store, hold="à relire")
    assert store.outbox.expire(TOMORROW, at=NOW) == 0


def test_an_expired_letter_is_never_claimed(store: Store) -> None:
    key = record(store, last_day=TODAY)
    store.outbox.expire_late(TOMORROW, at=NOW)
    assert not claim(store, key)


# ---------------------------------------------------------------------------------- what came back, marks, jobs


def answer(number: int = 1, **changed: str) -> StoredAnswer:
    values = {
        "id": f"m1#{number}", "reminder": "REM-VIS-02", "case_id": "ACT-00001", "subject": "VIS-00001", "tab": "actes",
        "anchor": "2026-11-03", "column": "x", "sender": AMINA, "at": "2026-11-23T09:00", "verb": "fait",
        "value": "2026-11-20", "message": "m1",
    }  # fmt: skip
    return StoredAnswer(**(values | changed))


def test_a_message_is_handled_once_with_all_that_follows_from_it(store: Store) -> None:
    message = Incoming("m1", "2026-11-23T09:00", "reponse", AMINA, "k1", "FAIT")
    assert store.mailbox.record(message, told=[answer(1), answer(2)])
    assert not store.mailbox.record(message, told=[answer(3)])
    assert (store.mailbox.handled(), store.mailbox.messages()) == ({"m1"}, [message])
    assert store.mailbox.answers() == [answer(1), answer(2)]


def test_a_message_whose_answers_cant_be_kept_isnt_handled(store: Store) -> None:
    store.mailbox.record(Incoming("m1", "2026-11-23T09:00", "reponse", AMINA), told=[answer(1)])
    clash = answer(1, message="m2")
    assert not store.mailbox.record(Incoming("m2", "2026-11-23T09:01", "reponse", AMINA), told=[clash])
    assert store.mailbox.handled() == {"m1"}


def test_an_unusable_address_is_known_until_it_is_forgiven(store: Store) -> None:
    first = BadAddress(AMINA, "2026-11-23", "5.1.1", "inconnue", "k1")
    again = BadAddress(AMINA, "2026-11-24", "5.2.1", "fermée", "k2")
    store.mailbox.record(Incoming("m1", "2026-11-23T09:00", "retour", "mailer@fes.example"), bad=first)
    store.mailbox.record(Incoming("m2", "2026-11-24T09:00", "retour", "mailer@fes.example"), bad=again)
    assert store.mailbox.bad_addresses() == {AMINA: again}
    assert (store.mailbox.forgive(AMINA.upper()), store.mailbox.forgive(AMINA)) == (True, False)
    assert store.mailbox.bad_addresses() == {}


def test_a_mark_is_replaced_and_removed(store: Store) -> None:
    assert store.mark("lignes") is None
    for value in ({"actes": 12}, {"actes": 13, "é": [1, None]}):
        store.set_mark("lignes", value)
        assert store.mark("lignes") == value
    store.set_mark("lignes", None)
    assert store.mark("lignes") is None


def test_a_slot_and_a_weeks_figures_are_recorded_once(store: Store) -> None:
    for outcome, count in (("12 cellule(s)", 3), ("0 cellule(s)", 9)):
        store.record_run("sync", "2026-11-23T07:00", at=NOW, outcome=outcome)
        store.keep_figures("COL-00001", "2026-S48", {"en_cours": count})
    assert store.has_run("sync", "2026-11-23T07:00") and not store.has_run("sync", "2026-11-24T07:00")
    assert [run["outcome"] for run in store.job_runs()] == ["12 cellule(s)"]
    assert store.figures("COL-00001", "2026-S48") == {"en_cours": 3}


def test_what_was_published_is_replaced_as_a_whole(store: Store) -> None:
    store.remember_published({("actes", "ACT-00001"): {"etape": ["A00", "A10"]}})
    store.remember_published({("actes", "ACT-00002"): {"etape": ["É"]}})
    assert store.published() == {("actes", "ACT-00002"): {"etape": ["É"]}}


def test_a_ledger_is_found_again_as_it_was_left(store: Store, place: Place) -> None:
    through(store, SAID_YES)
    before: Callable[[Store], object] = lambda s: (s.outbox.letters(), s.journal.head())  # noqa: E731
    again = Store.open(place)
    assert before(again) == before(store)
    again.close()
