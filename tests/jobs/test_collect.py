"""What follows from each message that comes in, and from the copies of letters whose answer was lost."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from cdi_sync.edges import clock
from cdi_sync.edges.config import ImapSettings
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.mailbox import BadAddress, Incoming
from cdi_sync.edges.mail.imap import Arrived, Place
from cdi_sync.edges.mail.secrets import MailError
from cdi_sync.mail.incoming import Kind
from cdi_sync.mail.outbox import LetterState
from cdi_sync.mail.witness import FOUND, NOT_FOUND
from cdi_sync.model import Assessment
from jobs import collect as job
from jobs.collect import Collected, collect, pardon
from jobs.deliver import deliver, recover
from jobs.report import report
from tests.demos import AS_OF, lean_installation
from tests.jobs import test_deliver
from tests.jobs.test_deliver import AMINA, BRAHIM, NOTICE, TODAY, USER, again, details, states, wait, waiting, write
from tests.mail.test_returned import report as delivery_report
from tests.relays import DROP, TAKE_AND_DROP, FakeRelay, running

WITNESS = "temoin@fes.example"
SUBJECT = "Visa"


class FakeInbox:
    """A mailbox in memory, and the moments at which its messages came; broken: it doesn't answer."""

    def __init__(self) -> None:
        self.messages: list[Arrived] = []
        self.broken = False
        self.reads: list[int] = []

    def __call__(self, _settings: ImapSettings, *, folder: Path) -> "FakeInbox":
        if self.broken:
            raise MailError("La boîte aux lettres ne répond pas.")
        return self

    def __enter__(self) -> "FakeInbox":
        return self

    def __exit__(self, *_error: object) -> None: ...

    def add(self, content: bytes, *, at: datetime | None = None) -> None:
        self.messages.append(Arrived(len(self.messages) + 1, at or clock.now(), content))

    def new(self, name: str, place: Place | None, *, since: date, most: int) -> tuple[Place, Sequence[int]]:
        assert since <= TODAY
        place = place or Place(name, 7, 0)
        return place, [one.uid for one in self.messages if one.uid > place.uid][:most]

    def read(self, uid: int) -> Arrived:
        self.reads.append(uid)
        return self.messages[uid - 1]

    def find(self, name: str, message_id: str) -> list[Arrived]:
        return [one for one in self.messages if f"Message-ID: {message_id}".encode() in one.content]


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> FakeInbox:
    fake = FakeInbox()
    monkeypatch.setattr(job, "Inbox", fake)
    return fake


@pytest.fixture
def server() -> Iterator[FakeRelay]:
    with running() as relay:
        yield relay


def reading(folder: Path, server: FakeRelay, *to: str, **mail: object) -> Installation:
    """An installation with a mailbox, and one letter to each of these people, handed over."""
    at = waiting(folder, server, *to, mail=mail)
    at = again(at, imap=ImapSettings(serveur="imap.example", utilisateur="cdi"))
    deliver(at)
    return at


def message_id(at: Installation, to: str) -> str:
    return next(letter.message_id for letter in at.store.outbox.letters() if letter.to == to)


def returned(at: Installation, to: str = AMINA, *, number: int = 1, **changed: str) -> bytes:
    """The report that a server makes of the letter to that person."""
    values = {"to": f"rfc822; {to}", "message_id": message_id(at, AMINA), "subject": SUBJECT, **changed}
    return delivery_report(**values).replace(b"<retour-1@", b"<retour-%d@" % number)  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------------------- bad addresses


def test_an_address_that_does_not_exist_is_not_used_any_more(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path
) -> None:
    at = reading(tmp_path, server, AMINA, BRAHIM)
    inbox.add(returned(at))
    assert collect(at) == Collected(kinds={Kind.RETURNED: 1}, refused=1)
    assert states(at) == {AMINA: LetterState.FAILED, BRAHIM: LetterState.SENT}
    assert details(at)[AMINA] == "revenu : 5.1.1 550 5.1.1 no such user"
    assert [bad.status for bad in at.store.mailbox.bad_addresses().values()] == ["5.1.1"]
    assert at.refused().keys() == {AMINA}
    assert at.store.journal.faults() == ()
    assert again(at, imap=ImapSettings()).refused() == {}


def test_a_message_is_handled_once(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(returned(at))
    collect(at)
    inbox.add(returned(at))  # the same again, under another number
    assert collect(at) == Collected()
    assert inbox.reads == [1, 2]
    assert len(at.store.mailbox.messages()) == 1
    inbox.add(returned(at, number=2))  # another report of the same
    assert collect(at) == Collected(kinds={Kind.RETURNED: 1})


@pytest.mark.parametrize(
    "changed",
    [
        {"to": f"rfc822; {BRAHIM}"},  # about somebody whom that letter wasn't for
        {"message_id": "<0000@fes.example>"},  # about no letter of ours
        {"subject": "Autre chose"},  # its sender hasn't seen the letter
        {"returned": ""},
    ],
)
def test_a_forged_report_changes_nothing(
    changed: dict[str, str], server: FakeRelay, inbox: FakeInbox, tmp_path: Path
) -> None:
    at = reading(tmp_path, server, AMINA, BRAHIM)
    inbox.add(returned(at, **changed))
    assert collect(at) == Collected(kinds={Kind.RETURNED: 1})
    assert set(states(at).values()) == {LetterState.SENT}
    assert at.store.mailbox.bad_addresses() == {}
    assert "rien n'est changé" in at.store.mailbox.messages()[0].detail


def test_a_letter_that_never_left_cannot_come_back(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = again(waiting(tmp_path, server, AMINA), imap=ImapSettings(serveur="imap.example"))
    inbox.add(returned(at))
    collect(at)
    assert states(at) == {AMINA: LetterState.QUEUED}
    assert at.store.mailbox.bad_addresses() == {}


def test_a_letter_to_an_address_that_came_back_is_kept(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(returned(at))
    collect(at)
    monkeypatch.setattr(test_deliver, "NOTICE", replace(NOTICE, step="+15"))
    write(at, AMINA, kind="immediat")
    kept = deliver(at)
    assert (kept.held, kept.why) == (1, ("adresse revenue comme inexistante (« cdi mailbox »)",))
    assert len(server.taken) == 1


def test_a_pardoned_address_is_told_afresh(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(returned(at))
    collect(at)
    assert len(at.store.outbox.said()) == 1
    assert pardon(at, AMINA.upper())
    assert at.store.mailbox.bad_addresses() == {}
    assert states(at) == {AMINA: LetterState.EXPIRED}
    assert at.store.outbox.said() == frozenset()
    assert not pardon(at, AMINA)
    inbox.add(returned(at, number=2))  # an old report that comes late
    assert collect(at) == Collected(kinds={Kind.RETURNED: 1})
    assert at.store.mailbox.bad_addresses() == {}


# ------------------------------------------------------------------------------------------ returns that may pass


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1"])
def test_a_full_mailbox_is_tried_again_the_next_day_three_times_in_all(
    status: str, server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reading(tmp_path, server, AMINA)
    for number in (1, 2):
        inbox.add(returned(at, status=status, number=number))
        assert collect(at) == Collected(kinds={Kind.RETURNED: 1}, again=1)
        assert deliver(at).sent == 0, "not on the same day"
        wait(monkeypatch, days=1)
        assert deliver(at).sent == 1
    inbox.add(returned(at, status=status, number=3))
    third = collect(at)
    assert (third.again, third.refused, len(third.for_person)) == (0, 0, 1)
    assert states(at) == {AMINA: LetterState.FAILED}
    assert at.store.mailbox.bad_addresses() == {}
    assert len(server.taken) == 3


def test_a_report_read_twice_by_a_run_that_was_cut_short_moves_nothing_more(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(returned(at, status="5.2.2"))
    with monkeypatch.context() as cut:
        cut.setattr(type(at.store.mailbox), "record", _killed)
        with pytest.raises(KeyboardInterrupt):
            collect(at)
    assert states(at) == {AMINA: LetterState.QUEUED}
    assert collect(at).again == 0
    assert [entry.event for entry in at.store.journal.of(at.store.outbox.letters()[0].key)].count("queued") == 1


def _killed(*_: object, **__: object) -> bool:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "changed", [{"action": "delayed", "status": "4.4.1"}, {"status": "4.2.2"}, {"action": "delivered"}]
)
def test_a_server_that_still_tries_changes_nothing(
    changed: dict[str, str], server: FakeRelay, inbox: FakeInbox, tmp_path: Path
) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(returned(at, **changed))
    assert collect(at) == Collected(kinds={Kind.RETURNED: 1})
    assert states(at) == {AMINA: LetterState.SENT}


# ------------------------------------------------------------------------------------------------------- answers


def answer(at: Installation, *more: str, number: int = 1) -> bytes:
    return "\r\n".join([f"From: {AMINA}", f"Message-ID: <r{number}@x.example>", f"In-Reply-To: {message_id(at, AMINA)}",
                        *more, "", "FAIT", ""]).encode()  # fmt: skip


def test_a_persons_answer_is_handed_over_and_noted(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at, heard = reading(tmp_path, server, AMINA), list[str]()

    def hear(_at: Installation, message: EmailMessage) -> str:
        heard.append(message.get_content().strip())
        return "noté"

    inbox.add(answer(at))
    assert collect(at, answers=hear) == Collected(kinds={Kind.ANSWER: 1})
    assert heard == ["FAIT"]
    (noted,) = at.store.mailbox.messages()
    assert (noted.kind, noted.sender, noted.letter, noted.detail) == (
        "reponse",
        AMINA,
        at.store.outbox.letters()[0].key,
        "noté",
    )


def test_an_answer_that_nothing_reads_waits_for_a_person(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(answer(at))
    collect(at)
    assert (
        at.store.mailbox.messages()[0].detail
        == "à regarder : les réponses par courriel ne sont pas activées (mail.reponses)"
    )


def test_an_answer_that_breaks_us_is_taken_again_and_stops_no_other(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(answer(at, "Subject: casse"))
    inbox.add(answer(at, number=2))

    def hear(_at: Installation, message: EmailMessage) -> str:
        if message["Subject"]:
            raise ZeroDivisionError
        return "noté"

    monkeypatch.setattr(job, "MOST", 1)  # it holds up no other, not even in the next runs
    assert len(collect(at, answers=hear).for_person) == 1
    assert len(collect(at, answers=hear).for_person) == 1
    assert [noted.key for noted in at.store.mailbox.messages()] == ["<r2@x.example>"]
    assert collect(at, answers=lambda *_: "noté") == Collected(kinds={Kind.ANSWER: 1})
    assert len(at.store.mailbox.messages()) == 2
    assert collect(at) == Collected()


def test_an_automatic_answer_is_noted_and_never_heard(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(answer(at, "Auto-Submitted: auto-replied"))

    def hear(_at: Installation, _message: EmailMessage) -> str:
        raise AssertionError("a machine was heard")

    assert collect(at, answers=hear) == Collected(kinds={Kind.AUTOMATIC: 1})
    assert deliver(at).sent == 0
    assert len(server.taken) == 1


def test_a_dry_run_tells_and_records_nothing(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.add(returned(at))
    assert collect(at, dry_run=True) == Collected(kinds={Kind.RETURNED: 1})
    assert states(at) == {AMINA: LetterState.SENT}
    assert at.store.mailbox.messages() == []
    assert collect(at).refused == 1


# --------------------------------------------------------------------------------------------------- the witness


def doubtful(folder: Path, server: FakeRelay, inbox: FakeInbox, *, fault: str) -> Installation:
    """Brahim's letter and its copy have left; then Amina's, whose answer was lost."""
    at = reading(folder, server, BRAHIM, temoin=WITNESS)
    inbox.add(server.taken[0][1])
    write(at, AMINA, rank=1)
    server.faults["DATA"] = [fault]
    deliver(at)
    assert states(at)[AMINA] is LetterState.UNKNOWN
    return at


def test_each_letter_leaves_with_its_copy_in_one_transaction(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path
) -> None:
    reading(tmp_path, server, AMINA, WITNESS, temoin=WITNESS)
    assert server.envelopes == [(USER, [AMINA, WITNESS]), (USER, [WITNESS])]


def test_a_lost_answer_is_settled_by_the_copy(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = doubtful(tmp_path, server, inbox, fault=TAKE_AND_DROP)
    inbox.add(server.taken[1][1])
    done = collect(at)
    assert (done.found, done.in_doubt, done.kinds) == (1, 0, {Kind.COPY: 2})
    assert (states(at)[AMINA], details(at)[AMINA]) == (LetterState.SENT, FOUND)
    assert deliver(at).sent == 0


def test_a_letter_without_a_copy_leaves_again_after_two_looks(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = doubtful(tmp_path, server, inbox, fault=DROP)
    for minutes in (0, 16, 5):
        wait(monkeypatch, minutes=minutes)
        assert collect(at).in_doubt == 1
        assert deliver(at).sent == 0
    wait(monkeypatch, minutes=11)
    assert collect(at).free == 1
    assert details(at)[AMINA] == NOT_FOUND
    assert deliver(at).sent == 1
    assert [to for to, _ in server.taken] == [BRAHIM, AMINA]
    assert at.store.mark("copies cherchées") is None


def after_looks(at: Installation, monkeypatch: pytest.MonkeyPatch) -> LetterState:
    """The state of Amina's letter once it was looked for all day."""
    for _ in range(4):
        wait(monkeypatch, minutes=20)
        collect(at)
        deliver(at)
    return states(at)[AMINA]


def test_where_no_copy_at_all_is_found_their_absence_says_nothing(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = doubtful(tmp_path, server, inbox, fault=TAKE_AND_DROP)
    inbox.messages.clear()  # the wrong folder, or copies that don't arrive
    assert after_looks(at, monkeypatch) is LetterState.UNKNOWN
    assert len(server.taken) == 2


def test_a_letter_that_left_without_a_copy_waits_for_a_person(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reading(tmp_path, server, BRAHIM)
    write(at, AMINA, rank=1)
    server.faults["DATA"] = [TAKE_AND_DROP]
    deliver(at)
    later = again(at, temoin=WITNESS)  # switched on since
    write(later, "omar@fes.example", rank=2)
    deliver(later)
    inbox.add(server.taken[-1][1])
    assert after_looks(later, monkeypatch) is LetterState.UNKNOWN
    assert len(server.taken) == 3


def test_something_that_bears_the_message_id_is_not_a_copy(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = doubtful(tmp_path, server, inbox, fault=DROP)
    inbox.add(f"From: {USER}\r\nSubject: Bonjour\r\nMessage-ID: {message_id(at, AMINA)}\r\n\r\n".encode())
    assert collect(at).found == 0
    assert states(at)[AMINA] is LetterState.UNKNOWN


def test_the_copy_of_an_earlier_day_does_not_settle_the_letter_sent_again(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reading(tmp_path, server, AMINA, temoin=WITNESS)
    inbox.add(server.taken[0][1])
    inbox.add(returned(at, status="5.2.2"))
    collect(at)
    wait(monkeypatch, days=1)
    server.faults["DATA"] = [DROP]
    deliver(at)
    assert collect(at).in_doubt == 1
    assert states(at) == {AMINA: LetterState.UNKNOWN}


def test_a_conversation_cut_short_is_settled_by_the_copy_too(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA, mail={"temoin": WITNESS})
    at = again(at, imap=ImapSettings(serveur="imap.example"))
    with monkeypatch.context() as cut:
        cut.setattr(type(at.store.outbox), "settle", _killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(at)
    assert states(at) == {AMINA: LetterState.DATA}
    inbox.add(server.taken[0][1])
    assert collect(at).found == 0, "it may still be going on"
    wait(monkeypatch, minutes=15)
    assert collect(at).found == 1
    assert recover(at, TODAY) == 0


def test_a_refused_audit_address_holds_every_letter_and_blames_nobody(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM, mail={"temoin": WITNESS})
    server.faults["RCPT"] = ["", "550 5.1.1 unknown"]
    done = deliver(at)
    assert WITNESS in done.trouble
    assert set(states(at).values()) == {LetterState.QUEUED}
    assert server.taken == []
    wait(monkeypatch, minutes=2)  # the server is left alone for a minute
    assert deliver(again(at)).sent == 2


def test_an_audit_copy_that_comes_back_is_told_and_blames_nobody(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path
) -> None:
    at = reading(tmp_path, server, AMINA, temoin=WITNESS)
    inbox.add(returned(at, WITNESS))
    assert "mail.temoin" in collect(at).for_person[0]
    assert states(at) == {AMINA: LetterState.SENT}
    assert at.store.mailbox.bad_addresses() == {}


def test_a_lost_letter_that_comes_back_was_taken(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = doubtful(tmp_path, server, inbox, fault=TAKE_AND_DROP)
    inbox.add(returned(at))
    assert collect(at).refused == 1
    assert states(at)[AMINA] is LetterState.FAILED


# ------------------------------------------------------------------------------------------------- a day's work


def test_the_next_in_the_hierarchy_hears_what_a_refused_address_would_have(tmp_path: Path) -> None:
    at = lean_installation(tmp_path)
    before = at.read(AS_OF).assessment
    to = next(notice.to for notice in before.notices if notice.to)
    with (tmp_path / "settings.toml").open("a") as file:
        file.write('[mail.imap]\nserveur = "imap.example"\n')
    at = Installation.at(tmp_path / "settings.toml")
    note = Incoming("<1@x.example>", "2026-11-20T09:00:00+00:00", Kind.RETURNED, "")
    at.store.mailbox.record(note, bad=BadAddress(to.casefold(), note.at, "5.1.1", "", "rappels"))
    reading = at.read(AS_OF)
    after = reading.assessment
    assert to not in {notice.to for notice in after.notices}
    assert _subjects(before) == _subjects(after)
    assert [f.read for f in after.findings if "5.1.1" in f.message] == [to]
    assert after.refused == {to.casefold()}
    president = report(at, reading, dry_run=True).parcels[0].to
    other = replace(after, refused=frozenset({president}))
    assert president not in {
        parcel.to for parcel in report(at, replace(reading, assessment=other), dry_run=True).parcels
    }


def _subjects(assessment: Assessment) -> set[tuple[str, str, str]]:
    return {(notice.reminder, notice.case, notice.subject) for notice in assessment.notices}


def test_without_a_mailbox_nothing_is_asked(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    inbox.broken = True
    assert collect(waiting(tmp_path, server, AMINA)) == Collected()


def test_a_mailbox_that_does_not_answer_stops_nothing_else(server: FakeRelay, inbox: FakeInbox, tmp_path: Path) -> None:
    at = reading(tmp_path, server, AMINA)
    inbox.broken = True
    with pytest.raises(MailError):
        collect(at)
    assert "ne répond pas" in job.collected_or_trouble(at).trouble


def test_a_flood_is_read_in_several_runs(
    server: FakeRelay, inbox: FakeInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reading(tmp_path, server, AMINA)
    monkeypatch.setattr(job, "MOST", 2)
    for number in range(5):
        inbox.add(answer(at, number=number))
    assert [sum(collect(at).kinds.values()) for _ in range(4)] == [2, 2, 1, 0]
    assert datetime.now(UTC) - timedelta(days=1) < datetime.fromisoformat(at.store.mailbox.messages()[0].at)
