"""What guests of a meeting are to be told, given what they were told; the day is Monday 23 November 2026.

Letters are told in a few words: `left("a", 0, A)` is the letter of sequence 0 that told Amina of the meeting A.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdi_sync.mail.invitations import (
    OFF,
    Change,
    Facts,
    Guest,
    Meeting,
    Past,
    Plan,
    Step,
    Told,
    Why,
    is_suspect,
    plan,
    uid_of,
    vanished,
)
from cdi_sync.mail.outbox import LetterState

TODAY = date(2026, 11, 23)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
UID = "REU-00001-0123456789ab@fes.example"


def facts(day: date = date(2026, 12, 3), **changed: Any) -> Facts:
    """A steering committee at ten, on that day."""
    begins = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    values: dict[str, Any] = {
        "day": day, "begins": begins, "ends": begins + timedelta(hours=1), "here": "Africa/Casablanca",
        "there": "Europe/Paris", "place": "Salle du conseil", "online": "", "link": "", "agenda": ("Budget",),
        "kind": "COPIL", "case": "ACT-00001", "about": "Acte d'essai", "council": "COL-00001", "partner": "PAR-00001",
    }  # fmt: skip
    return Facts(**(values | changed))


A, B = facts(), facts(date(2026, 12, 10))
PEOPLE = {f"{name}@essai.example": Guest(f"{name}@essai.example", name.title(), "fr") for name in "abc"}


def guests(names: str) -> tuple[Guest, ...]:
    return tuple(PEOPLE[f"{name}@essai.example"] for name in names)


def meeting(now: Facts | None = A, names: str = "ab", **changed: Any) -> Meeting:
    values: dict[str, Any] = {"facts": now, "open": True, "guests": guests(names), "reachable": PEOPLE}
    return Meeting("REU-00001", **(values | changed))


def left(name: str, sequence: int, said: Facts | str, state: LetterState = LetterState.SENT, revision: int = 1) -> Past:
    words = said if isinstance(said, str) else said.said
    to = f"{name}@essai.example"
    return Past.read(f"invitation|REU-00001|s{sequence}-{words}-r{revision}|{to}", state)


def told(*history: Facts, sequence: int = 0, said: str = "") -> Told:
    by_said = {one.said: one for one in history}
    return Told(UID, sequence, said or history[-1].said, ("COL-00001", "PAR-00001"), by_said)


def planned(now: Meeting, before: Told | None = None, letters: Sequence[Past] = (), today: date = TODAY) -> Plan:
    return plan(now, before, letters, today, uid=UID)


def words(step: Step) -> tuple[str, str, int]:
    return (step.guest.name, step.change, step.sequence)


# ----------------------------------------------------------------------------------------------- the invitation


def test_each_guest_is_invited_once() -> None:
    first = planned(meeting())
    assert [words(step) for step in first.steps] == [("A", "invitation", 0), ("B", "invitation", 0)]
    assert [step.parcel.key for step in first.steps] == [
        f"invitation|REU-00001|s0-{A.said}-r1|a@essai.example",
        f"invitation|REU-00001|s0-{A.said}-r1|b@essai.example",
    ]
    again = planned(meeting(), first.told, [left("a", 0, A), left("b", 0, A)])
    assert (again.steps, again.obsolete, again.told) == ((), (), first.told)


@pytest.mark.parametrize(
    ("day", "count"), [(YESTERDAY, 0), (TODAY, 0), (TOMORROW, 2)], ids=["yesterday", "today", "tomorrow"]
)
def test_until_the_eve_and_never_after(day: date, count: int) -> None:
    assert len(planned(meeting(facts(day))).steps) == count


def test_nobody_is_invited_while_nobody_knows_where_or_when_something_cannot_be_read() -> None:
    assert planned(meeting(open=False)) == Plan(None)
    assert planned(meeting(unsure=True)) == Plan(None)
    assert planned(meeting(names="")) == Plan(None)


def test_a_guest_added_later_gets_the_current_meeting_at_its_current_sequence() -> None:
    after = planned(meeting(B, "abc"), told(A, B, sequence=1), [left("a", 1, B), left("b", 1, B)])
    assert [words(step) for step in after.steps] == [("C", "invitation", 1)]
    assert after.steps[0].facts == B
    assert after.steps[0].before is None


def test_the_letters_alone_tell_when_what_was_left_is_lost() -> None:
    lost = planned(meeting(), None, [left("a", 3, A)])
    assert [words(step) for step in lost.steps] == [("B", "invitation", 3)]
    moved = planned(meeting(B, "a"), None, [left("a", 3, A)])
    assert [(step.sequence, step.before) for step in moved.steps] == [(4, None)]


def test_an_identifier_is_of_one_meeting_of_one_service() -> None:
    ours = uid_of("REU-00001", "cdi@fes.example")
    assert ours.startswith("REU-00001-")
    assert ours.endswith("@fes.example")
    assert ours == uid_of("REU-00001", "CDI@fes.example".replace("CDI", "cdi"))
    assert len({ours, uid_of("REU-00002", "cdi@fes.example"), uid_of("REU-00001", "rabat@fes.example")}) == 3


# --------------------------------------------------------------------------------------------------- the changes


@pytest.mark.parametrize(
    "change",
    [
        {"day": date(2026, 12, 4)},
        {"begins": datetime(2026, 12, 3, 11, tzinfo=UTC)},
        {"begins": None},
        {"ends": None},
        {"place": "Rabat"},
        {"online": "Jitsi"},
        {"link": "https://visio.example/1"},
        {"agenda": ("Budget", "Divers")},
        {"agenda": ()},
    ],
)
def test_a_change_of_what_guests_rely_on_is_told_with_the_next_sequence(change: dict[str, Any]) -> None:
    after = planned(meeting(replace(A, **change)), told(A), [left("a", 0, A), left("b", 0, A)])
    assert [words(step) for step in after.steps] == [("A", "modification", 1), ("B", "modification", 1)]
    assert {step.before for step in after.steps} == {A}
    assert {step.uid for step in after.steps} == {UID}


@pytest.mark.parametrize("change", [{"kind": "COSUI"}, {"about": "Autre"}, {"there": "UTC"}, {"case": "ACT-00002"}])
def test_another_title_is_no_change(change: dict[str, Any]) -> None:
    assert not planned(meeting(replace(A, **change), "a"), told(A), [left("a", 0, A)]).steps


def test_moved_away_and_back_between_two_letters_is_no_change() -> None:
    away = planned(meeting(B, "a"), told(A), [left("a", 0, A)])
    assert away.told is not None
    assert away.told.sequence == 1
    back = planned(meeting(A, "a"), away.told, [left("a", 0, A), left("a", 1, B, LetterState.QUEUED)])
    assert back.steps == ()
    assert back.obsolete == (left("a", 1, B).key,)


def test_moved_away_told_and_back_is_told_as_two_changes() -> None:
    letters = [left("a", 0, A), left("a", 1, B)]
    back = planned(meeting(A, "a"), told(A, B, sequence=1), letters)
    assert [words(step) for step in back.steps] == [("A", "modification", 2)]
    assert back.steps[0].before == B
    assert not planned(meeting(A, "a"), back.told, [*letters, left("a", 2, A)]).steps


def test_a_letter_that_waits_gives_way_to_a_fresher_one() -> None:
    after = planned(meeting(B, "a"), told(A), [left("a", 0, A, LetterState.HELD)])
    assert after.obsolete == (left("a", 0, A).key,)
    assert [words(step) for step in after.steps] == [("A", "invitation", 1)]  # the first that leaves


def test_a_letter_that_waits_and_says_what_is_true_is_left_to_wait() -> None:
    after = planned(meeting(A, "a"), told(A), [left("a", 0, A, LetterState.QUEUED)])
    assert (after.steps, after.obsolete) == ((), ())


def test_a_letter_that_expired_is_made_again_under_another_key() -> None:
    after = planned(meeting(A, "a"), told(A), [left("a", 0, A, LetterState.EXPIRED)])
    assert [step.parcel.key for step in after.steps] == [left("a", 0, A, revision=2).key]


@pytest.mark.parametrize("state", [LetterState.UNKNOWN, LetterState.DATA, LetterState.CLAIMED, LetterState.FAILED])
def test_a_letter_in_doubt_or_refused_is_never_made_again(state: LetterState) -> None:
    assert not planned(meeting(A, "a"), told(A), [left("a", 0, A, state)]).steps


def test_on_the_day_itself_those_who_were_invited_are_told_and_nobody_else_is() -> None:
    today, later = facts(TODAY), facts(TODAY, place="Salle B")
    after = planned(meeting(later, "ab"), told(today), [left("a", 0, today)])
    assert [words(step) for step in after.steps] == [("A", "modification", 1)]


def test_an_invitation_that_still_waits_never_tells_a_day_that_was_moved() -> None:
    """The mail server was away; the meeting is now today, when nobody new is invited any more."""
    today, waiting = facts(TODAY), left("a", 0, A, LetterState.QUEUED)
    after = planned(meeting(today, "a"), told(A), [waiting])
    assert (after.obsolete, [words(step) for step in after.steps]) == ((waiting.key,), [("A", "invitation", 1)])
    gone = planned(meeting(A, "", reachable={}), told(A), [waiting])
    assert (gone.obsolete, gone.steps) == ((waiting.key,), ())


def test_an_agreement_that_is_over_invites_nobody_new_and_still_tells_its_guests() -> None:
    after = planned(meeting(B, "abc", open=False), told(A), [left("a", 0, A)])
    assert [words(step) for step in after.steps] == [("A", "modification", 1)]


def test_nothing_is_concluded_from_what_cannot_be_read() -> None:
    after = planned(Meeting("REU-00001", unsure=True), told(A), [left("a", 0, A)])
    assert after == Plan(told(A))


# --------------------------------------------------------------------------------------------- the cancellations


@pytest.mark.parametrize("why", [Why.CANCELLED, Why.POSTPONED, Why.GONE])
def test_a_meeting_called_off_is_told_once_to_those_who_were_invited(why: Why) -> None:
    off = meeting(None, "", why=why)
    letters = [left("a", 0, A), left("b", 0, A, LetterState.EXPIRED)]
    after = planned(off, told(A), letters)
    assert [words(step) for step in after.steps] == [("A", "annulation", 1)]
    assert (after.steps[0].why, after.steps[0].facts) == (why, A)
    assert not planned(off, after.told, [*letters, left("a", 1, OFF)]).steps


def test_a_meeting_that_nobody_was_told_of_is_called_off_in_silence() -> None:
    assert planned(meeting(None, "", why=Why.CANCELLED)) == Plan(None)
    waiting = left("a", 0, A, LetterState.QUEUED)
    after = planned(meeting(None, "", why=Why.CANCELLED), told(A), [waiting])
    assert (after.steps, after.obsolete) == ((), (waiting.key,))


def test_a_meeting_moved_to_a_day_that_is_over_is_called_off() -> None:
    after = planned(meeting(facts(YESTERDAY), "a"), told(A), [left("a", 0, A)])
    assert [(step.change, step.why, step.facts) for step in after.steps] == [(Change.END, Why.MOVED_BACK, A)]


def test_a_meeting_that_was_held_is_neither_changed_nor_called_off() -> None:
    held = facts(YESTERDAY)
    for now in (meeting(None, "", why=Why.CANCELLED), meeting(replace(held, place="Rabat"), "a")):
        after = planned(now, told(held, sequence=4), [left("a", 4, held)])
        assert after.steps == ()
        assert after.told is not None
        assert (after.told.sequence, after.told.facts) == (4, None)


def test_a_meeting_called_off_then_held_after_all_is_an_invitation_anew() -> None:
    off = told(A, sequence=1, said=OFF)
    after = planned(meeting(A, "a"), off, [left("a", 0, A), left("a", 1, OFF)])
    assert [words(step) for step in after.steps] == [("A", "invitation", 2)]


def test_the_row_of_a_meeting_that_was_held_serves_again_with_the_sequence_going_on() -> None:
    held = facts(YESTERDAY)
    after = planned(meeting(A, "ab"), told(held, sequence=4), [left("a", 4, held), left("c", 4, held)])
    assert [words(step) for step in after.steps] == [("A", "invitation", 5), ("B", "invitation", 5)]


def test_somebody_no_longer_expected_is_told_so_once_while_reachable() -> None:
    letters = [left("a", 0, A), left("b", 0, A)]
    after = planned(meeting(A, "a"), told(A), letters)
    assert [words(step) for step in after.steps] == [("B", "annulation", 1)]
    assert after.steps[0].why is Why.RELEASED
    assert not planned(meeting(A, "a"), after.told, [*letters, left("b", 1, OFF)]).steps
    assert not planned(meeting(A, "a", reachable={}), told(A), letters).steps
    back = planned(meeting(A, "ab"), after.told, [*letters, left("b", 1, OFF)])
    assert [words(step) for step in back.steps] == [("B", "invitation", 2)]


def test_a_held_cancellation_is_given_up_when_the_meeting_comes_back() -> None:
    waiting = left("a", 1, OFF, LetterState.HELD)
    after = planned(meeting(A, "a"), told(A, sequence=1, said=OFF), [left("a", 0, A), waiting])
    assert (after.steps, after.obsolete) == ((), (waiting.key,))


@pytest.mark.parametrize(
    ("gone", "of", "suspect"), [(2, 2, False), (3, 3, True), (3, 6, False), (3, 5, True), (4, 6, True)]
)
def test_many_meetings_gone_at_once_are_suspect(gone: int, of: int, suspect: bool) -> None:
    known = {f"REU-{n:05}": told(A) for n in range(of)} | {"REU-90000": told(facts(YESTERDAY))}
    missing = vanished(list(known)[gone:], known, TODAY)
    assert len(missing) == gone
    assert is_suspect(missing, known, TODAY, 3) is suspect


def test_a_meeting_called_off_already_is_not_missed() -> None:
    assert vanished([], {"REU-00001": told(A, said=OFF), "REU-00002": told(facts(YESTERDAY))}, TODAY) == ()
    assert vanished([], {"REU-00001": told(facts(TODAY))}, TODAY) == ("REU-00001",)


# ------------------------------------------------------------------------------------------- whatever happens

_STATES = st.sampled_from(
    [None, facts(), facts(place="Rabat"), facts(date(2026, 12, 10)), facts(agenda=()), facts(TODAY)]
)
_FATES = st.sampled_from([LetterState.SENT, LetterState.QUEUED, LetterState.EXPIRED, LetterState.UNKNOWN])


@given(st.lists(st.tuples(_STATES, st.sets(st.sampled_from("abc")), _FATES), min_size=1, max_size=8))
def test_in_the_end_each_guest_knows_what_is_true(days: list[tuple[Facts | None, set[str], LetterState]]) -> None:
    """Whatever changes and whatever becomes of letters: settled, the last word that each guest got is the truth; the
    sequence of what a guest gets only grows; and a second look has nothing to add."""
    before: Told | None = None
    letters: dict[str, Past] = {}
    for now, names, fate in [*days, (days[-1][0], days[-1][1], LetterState.SENT)]:
        one = meeting(now, "".join(sorted(names)), why=None if now else Why.CANCELLED)
        done = planned(one, before, list(letters.values()))
        before = done.told
        for key in done.obsolete:
            assert letters[key].state is LetterState.QUEUED
            letters[key] = replace(letters[key], state=LetterState.EXPIRED)
        for step in done.steps:
            assert step.parcel.key not in letters
            letters[step.parcel.key] = Past.read(step.parcel.key, fate)
    assert before == (None if before is None else Told.from_json(before.to_json()))
    letters = {key: replace(one, state=LetterState.SENT) if one.state is LetterState.QUEUED else one
               for key, one in letters.items()}  # fmt: skip
    for name in "abc":
        got = [one for one in letters.values() if one.to[0] == name and one.state is not LetterState.EXPIRED]
        got.sort(key=lambda one: (one.sequence, one.revision))
        last = got[-1].said if got else OFF
        assert all(one.said != two.said and one.sequence < two.sequence for one, two in pairwise(got))
        truth, expected = days[-1][0], name in days[-1][1]
        if truth is not None and expected and (truth.day > TODAY or last != OFF):
            assert last == truth.said
        elif truth is None or not expected:
            assert last == OFF
