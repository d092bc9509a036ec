"""Letters handed to Postfix and what comes back read in Dovecot: the whole way, once each."""

from pathlib import Path

import pytest

from cdi_sync.edges import clock
from cdi_sync.edges.diagnosis import examine_mail
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.outbox import Outbox
from cdi_sync.mail.incoming import Kind
from cdi_sync.mail.outbox import LetterState
from cdi_sync.mail.witness import FOUND
from jobs.collect import collect
from jobs.deliver import deliver, recover
from tests.jobs.test_deliver import details, states, wait, write
from tests.mail_servers import AMINA, SERVICE, MailServers

pytestmark = pytest.mark.mail_servers
NOBODY = "nobody@fes.example"


def installation(folder: Path, servers: MailServers, **mail: object) -> Installation:
    return Installation.at(servers.settings(folder, **mail))


def test_a_letter_arrives_as_it_was_frozen(mail_servers: MailServers, tmp_path: Path) -> None:
    at = installation(tmp_path, mail_servers)
    write(at, AMINA, day=clock.today())
    assert deliver(at).sent == 1
    (frozen,) = (letter.content for letter in at.store.outbox.letters())
    (arrived,) = mail_servers.received(AMINA)
    assert arrived.replace(b"\r\n", b"\n").endswith(frozen.replace(b"\r\n", b"\n"))
    assert details(at)[AMINA].startswith("250 2.0.0")
    assert collect(at).in_words == "rien de nouveau"
    assert all(result.ok for result in examine_mail(at))


def test_a_letter_to_somebody_unknown_comes_back_and_the_address_is_known_to_be_bad(
    mail_servers: MailServers, tmp_path: Path
) -> None:
    at = installation(tmp_path, mail_servers)
    write(at, AMINA, day=clock.today())
    write(at, NOBODY, rank=1, day=clock.today())
    assert deliver(at).sent == 2
    mail_servers.received(SERVICE)
    done = collect(at)
    assert (done.kinds, done.refused) == ({Kind.RETURNED: 1}, 1)
    assert states(at) == {AMINA: LetterState.SENT, NOBODY: LetterState.FAILED}
    assert at.store.mailbox.bad_addresses()[NOBODY].status == "5.1.1"
    assert collect(at).kinds == {}
    assert len(mail_servers.received(SERVICE)) == 1, "the mailbox is as it was"


def test_the_audit_copy_settles_a_letter_whose_answer_was_not_recorded(
    mail_servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = installation(tmp_path, mail_servers, temoin=SERVICE)
    write(at, AMINA, day=clock.today())
    with monkeypatch.context() as cut:
        cut.setattr(Outbox, "settle", _killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(at)
    assert recover(at, clock.today()) == 1
    mail_servers.received(SERVICE)
    mail_servers.received(AMINA)
    assert collect(at).found == 1
    assert (states(at)[AMINA], details(at)[AMINA]) == (LetterState.SENT, FOUND)
    wait(monkeypatch, hours=1)
    assert deliver(at).sent == 0
    assert len(mail_servers.received(AMINA)) == 1


def _killed(*_: object, **__: object) -> bool:
    raise KeyboardInterrupt
