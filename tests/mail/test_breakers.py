"""What stops letters: both sides of each limit, and how long a silent server is left alone."""

from datetime import date, datetime, timedelta

import pytest

from cdi_sync.mail.breakers import REFUSALS, Pause, Refusals, Start, flood, pause_after, shrunk, start_of
from cdi_sync.mail.outbox import LetterState, Outcome

NOW = datetime.fromisoformat("2026-11-23T08:30:00+00:00")
TODAY = date(2026, 11, 23)


def test_a_server_that_takes_nothing_is_left_alone_longer_each_time() -> None:
    pause, waits = None, []
    for _ in range(5):
        pause = pause_after(pause, "délai dépassé", NOW)
        waits.append((pause.until - NOW) // timedelta(minutes=1))
    assert waits == [1, 5, 15, 60, 60]
    assert pause is not None
    assert pause.since == NOW
    assert "Prochain essai à 09:30" in pause.told
    assert "cdi outbox retry" in pause.told
    assert Pause.of(pause.as_mark()) == pause
    assert Pause.of(None) is None


REFUSED, PUT_OFF = Outcome(LetterState.FAILED, "550 5.1.1 no"), Outcome(LetterState.QUEUED, "450 later")
TAKEN, OURS = Outcome(LetterState.SENT, "250 ok"), Outcome(LetterState.FAILED, "adresse inutilisable")
LOST = Outcome(LetterState.QUEUED, "connexion coupée par le serveur, avant l'envoi")


def after(*outcomes: Outcome, first: Refusals | None = None) -> Refusals:
    seen = first or Refusals()
    for outcome in outcomes:
        seen = seen.after(outcome)
    return seen


@pytest.mark.parametrize(
    ("outcomes", "stops"),
    [
        ([REFUSED] * (REFUSALS - 1), False),
        ([REFUSED] * REFUSALS, True),
        ([REFUSED, PUT_OFF, REFUSED, PUT_OFF, REFUSED], True),
        ([*[REFUSED] * (REFUSALS - 1), TAKEN, REFUSED], False),  # 4, then 0, then 1
        ([OURS] * REFUSALS, False),  # we said no, not the server
        ([LOST] * REFUSALS, False),  # counted by the connection itself
    ],
)
def test_a_server_that_refuses_every_letter_is_the_trouble_and_not_the_letters(
    outcomes: list[Outcome], stops: bool
) -> None:
    assert bool(after(*outcomes).trouble) is stops


def test_after_such_a_pause_one_refusal_more_is_enough() -> None:
    refused = pause_after(None, "le serveur refuse tous les courriels", NOW, refuses=True)
    assert after(REFUSED, first=Refusals.since(refused)).trouble
    silent = pause_after(None, "délai dépassé", NOW)
    assert not after(REFUSED, first=Refusals.since(silent)).trouble


def made(
    *counts: int, kind: str = "rappels", last: date = TODAY - timedelta(days=1)
) -> dict[tuple[str, str, date], int]:
    """That many letters on each of the days up to the last one."""
    days = [last - timedelta(days=n) for n in reversed(range(len(counts)))]
    return {(kind, f"p{n}@fes.example", day): 1 for day, count in zip(days, counts, strict=True) for n in range(count)}


@pytest.mark.parametrize(
    ("new", "before", "is_held"),
    [
        (20, made(), False),
        (21, made(), True),
        (20, made(1, 1, 1), False),
        (30, made(10, 10, 10), False),  # 3 × 10
        (31, made(10, 10, 10), True),
        (31, made(10, 10, 100), True),  # one flood doesn't become the rule: median 10
        (60, made(*[1] * 8, *[20] * 8), False),  # the last eight days only
        (61, made(*[1] * 8, *[20] * 8), True),
        (21, made(50, 50, kind="rapport"), True),  # reports say nothing of reminders
        (21, made(50, last=TODAY), True),  # nor do those of today
    ],
)
def test_more_letters_than_usual_wait_for_a_person(
    new: int, before: dict[tuple[str, str, date], int], is_held: bool
) -> None:
    why = flood(new, {"rappels", "immediat"}, before, TODAY)
    assert bool(why) is is_held
    assert not why or "cdi outbox release" in why


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [
        ({"actes": 100}, {"actes": 80}, False),  # a fifth
        ({"actes": 100}, {"actes": 79}, True),
        ({"actes": 6}, {"actes": 2}, False),  # four rows
        ({"actes": 6}, {"actes": 1}, True),
        ({"actes": 100, "contacts": 5}, {"actes": 100, "contacts": 0}, True),  # a whole tab
        ({"actes": 100, "contacts": 4}, {"actes": 100, "contacts": 0}, False),
        ({"actes": 100, "contacts": 5}, {"actes": 100, "contacts": 1}, False),
        ({}, {"actes": 3}, False),
        ({"actes": 100}, {"actes": 300}, False),
    ],
)
def test_rows_that_vanish_are_told(before: dict[str, int], now: dict[str, int], is_told: bool) -> None:
    assert bool(shrunk(before, now, {"contacts": "Contacts"})) is is_told


def test_a_new_ledger_holds_what_fell_due_before_today_and_an_older_one_what_may_have_left() -> None:
    assert start_of(TODAY, knows_letters=True, sent_on=None) is None
    assert start_of(TODAY, knows_letters=False, sent_on=None) == Start(TODAY, is_lost=False)
    yesterday = TODAY - timedelta(days=1)
    # those of the last known day may have left: what counts is the day after it
    assert start_of(TODAY, knows_letters=True, sent_on=yesterday) == Start(TODAY, is_lost=True)
    assert start_of(TODAY, knows_letters=False, sent_on=date(2026, 11, 2)) == Start(TODAY, is_lost=True)
    tomorrow = Start(TODAY + timedelta(days=1), is_lost=True)
    assert start_of(TODAY, knows_letters=False, sent_on=TODAY) == tomorrow
    assert Start.of(tomorrow.as_mark()) == tomorrow
    assert "cdi outbox release" in tomorrow.why
