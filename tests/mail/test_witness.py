"""What an audit copy proves, and what its absence doesn't."""

from datetime import UTC, datetime, timedelta

import pytest

from cdi_sync.mail.outbox import LetterState
from cdi_sync.mail.witness import Looked, is_copy, is_of_this_time, look, with_copy

LOST = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
SETTLED = timedelta(minutes=15)


def looked(*, minutes: int, found: bool = False, first: int | None = None, is_working: bool = True) -> Looked:
    """A look so many minutes after the answer was lost; first: those of the first empty look."""
    return look(
        found=found, is_working=is_working, lost_at=LOST, settled=SETTLED, now=LOST + timedelta(minutes=minutes),
        first_empty=None if first is None else LOST + timedelta(minutes=first),
    )  # fmt: skip


def test_a_copy_that_is_there_settles_at_once() -> None:
    assert looked(minutes=0, found=True) == Looked(LetterState.SENT)
    assert looked(minutes=0, found=True, is_working=False) == Looked(LetterState.SENT)


@pytest.mark.parametrize(
    ("minutes", "first", "state", "counted"),
    [
        (0, None, LetterState.UNKNOWN, None),  # the connection may still live
        (14, None, LetterState.UNKNOWN, None),
        (15, None, LetterState.UNKNOWN, 15),
        (29, 15, LetterState.UNKNOWN, 15),  # fourteen minutes apart
        (30, 15, LetterState.QUEUED, None),
        (600, None, LetterState.UNKNOWN, 600),  # the first look comes late: there must be another
        (615, 600, LetterState.QUEUED, None),
    ],
)
def test_two_empty_looks_a_quarter_of_an_hour_apart_are_wanted_once_the_connection_is_dead(
    minutes: int, first: int | None, state: LetterState, counted: int | None
) -> None:
    expected = None if counted is None else LOST + timedelta(minutes=counted)
    assert looked(minutes=minutes, first=first) == Looked(state, expected)


def test_an_empty_look_says_nothing_while_no_copy_at_all_arrives() -> None:
    assert looked(minutes=60, is_working=False) == Looked(LetterState.UNKNOWN)
    assert looked(minutes=60, first=15, is_working=False).state is LetterState.UNKNOWN


COPY = b"From: CDI <cdi@fes.example>\r\nSubject: Visa\r\nDate: Mon, 23 Nov 2026 08:30:00 +0000\r\nMessage-ID: <1@fes.example>\r\n\r\n"


def test_a_copy_is_the_letter_with_what_servers_add() -> None:
    assert is_copy(b"Received: from x\r\n" + COPY.replace(b"Visa", b"[Externe] Visa"), COPY + b"Bonjour.")


@pytest.mark.parametrize("changed", [b"Visa>Rien", b"<1@><2@", b"cdi@>autre@", b"08:30>09:30"])
def test_what_only_carries_the_message_id_is_no_copy(changed: bytes) -> None:
    before, after = (b"<1@", b"<2@") if b"><" in changed else changed.split(b">")
    assert not is_copy(COPY.replace(before, after), COPY)


def test_the_copy_of_an_earlier_day_proves_nothing_of_today() -> None:
    assert is_of_this_time(LOST, LOST)
    assert is_of_this_time(LOST - timedelta(minutes=60), LOST)  # clocks may differ
    assert not is_of_this_time(LOST - timedelta(minutes=61), LOST)
    assert is_of_this_time(None, LOST)


def test_the_journal_says_to_whom_the_copy_went() -> None:
    assert with_copy("temoin@fes.example") != with_copy("autre@fes.example")
    assert with_copy("") == ""
