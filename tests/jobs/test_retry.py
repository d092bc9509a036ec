"""Between the daily jobs the service hands over what was put off, when its time has come, and leaves a sick server alone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.mail.breakers import REFUSALS
from cdi_sync.mail.outbox import LetterState, Parcel
from jobs import due
from jobs.deliver import Delivered, deliver, lapse
from jobs.due import Ended, JobRun, Memory, run_due
from tests.jobs.test_deliver import AMINA, BRAHIM, again, states, wait, waiting
from tests.relays import TAKE_AND_DROP, FakeRelay, running


@pytest.fixture
def server() -> Iterator[FakeRelay]:
    with running() as relay:
        yield relay


def tick(at: Installation, memory: Memory | None = None) -> tuple[JobRun, ...]:
    """What the service does in this minute when no job is due."""
    return run_due(again(at), clock.now(), jobs=[], memory=memory)


def test_a_letter_put_off_leaves_at_the_first_tick_after_its_time_and_no_notice_is_made(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA)
    server.faults["RCPT"] = ["450 4.2.0 greylisted"]
    deliver(at)
    assert tick(at) == ()
    assert server.connections == 1
    wait(monkeypatch, minutes=1, seconds=13)
    (run,) = tick(at)
    assert (run.job, run.ended, run.told) == ("courriels", Ended.DONE, "courriel(s) : 1 remis")
    assert [to for to, _ in server.taken] == [AMINA]
    assert tick(at) == ()


def test_what_is_kept_back_until_another_run_is_not_tried_at_each_minute(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM, mail={"plafond": 1})
    deliver(at)
    assert tick(at) == ()
    assert states(at) == {AMINA: LetterState.SENT, BRAHIM: LetterState.HELD}


def test_while_another_command_works_the_letters_wait_for_the_next_tick(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA)
    with at.alone():
        assert tick(at) == ()
    assert [run.told for run in tick(at)] == ["courriel(s) : 1 remis"]


def test_a_server_that_takes_nothing_is_asked_again_after_pauses_that_grow(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM)
    server.faults["MAIL"] = ["421 4.3.2 closing"] * 3
    asked = []
    for minute in range(30):
        before = server.connections
        tick(at)
        asked += [minute] * (server.connections - before)
        wait(monkeypatch, minutes=1)
    assert asked == [0, 1, 6, 21]  # 1, 5 and 15 minutes after the one before; then it takes them
    assert [to for to, _ in server.taken] == [AMINA, BRAHIM]
    assert at.store.mark("relais") is None


def test_a_server_that_refuses_every_letter_stops_the_run_and_the_rest_waits(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"p{number}@fes.example" for number in range(REFUSALS + 3)]
    at = waiting(tmp_path, server, *people)
    server.faults["RCPT"] = ["554 5.7.1 relay access denied"] * (REFUSALS + 1)
    report = deliver(at)
    assert report.failed == len(people)
    assert "refuse tous les courriels" in report.trouble
    assert list(states(at).values()).count(LetterState.FAILED) == REFUSALS
    wait(monkeypatch, minutes=1)
    tick(at)  # one letter is enough to see that nothing has changed
    assert list(states(at).values()).count(LetterState.FAILED) == REFUSALS + 1
    wait(monkeypatch, minutes=5)
    tick(at)
    assert [to for to, _ in server.taken] == people[-2:]


def test_after_a_pause_one_letter_in_doubt_is_enough(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"p{number}@fes.example" for number in range(5)]
    at = waiting(tmp_path, server, *people)
    server.faults["DATA"] = [TAKE_AND_DROP] * 5
    assert deliver(at).unknown == 2
    wait(monkeypatch, minutes=1)
    assert deliver(again(at)).unknown == 1
    assert list(states(at).values()).count(LetterState.UNKNOWN) == 3


def test_a_folder_that_can_not_be_written_is_not_tried_every_minute(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, memory = waiting(tmp_path, server, AMINA, mail={"transport": "folder"}), Memory()
    at.letters_folder.write_text("un fichier tient la place du dossier", encoding="utf-8")
    assert [run.ended for run in tick(at, memory)] == [Ended.PUT_OFF]
    wait(monkeypatch, minutes=1)
    assert tick(at, memory) == ()
    at.letters_folder.unlink()
    wait(monkeypatch, seconds=due.RETRY_AFTER.total_seconds())
    assert [run.ended for run in tick(at, memory)] == [Ended.DONE]


def test_a_letter_that_nobody_took_for_two_days_expires_and_it_is_told(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA)
    wait(monkeypatch, hours=47)
    assert lapse(at, clock.today()) == 0
    wait(monkeypatch, hours=2)
    (run,) = tick(at)
    assert run.told == "courriel(s) : 1 périmés, leurs rappels seront redits"
    assert states(at) == {AMINA: LetterState.EXPIRED}
    assert at.store.outbox.said() == frozenset()
    assert server.taken == []


def test_a_letter_past_its_last_day_never_leaves(server: FakeRelay, tmp_path: Path) -> None:
    at, today = waiting(tmp_path, server), clock.today()
    for to, last_day in ((AMINA, today - timedelta(days=1)), (BRAHIM, today)):
        parcel = Parcel("rappels", to, f"rappels|{to}|r1")
        at.store.outbox.record(parcel, b"Subject: x\r\n\r\nx\r\n", message_id=f"<{to}>", lang="fr", day=today, rank=0,
                               at=clock.now(), last_day=last_day)  # fmt: skip
    assert deliver(at, expired=lapse(at, today)) == Delivered(sent=1, expired=1)
    assert [to for to, _ in server.taken] == [BRAHIM]
