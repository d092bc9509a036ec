"""A mailbox read from Dovecot: under TLS, from where the last run left it, and nothing in it changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.edges.config import ImapSettings, read_settings
from cdi_sync.edges.mail.imap import READ, Inbox, Place, _mailbox_name
from cdi_sync.edges.mail.secrets import MailError
from tests.mail_servers import SERVICE, MailServers

LONG_AGO = date(2020, 1, 1)


def message(number: int, text: str = "Bonjour.") -> bytes:
    return f"From: a@b.example\r\nMessage-ID: <{number}@b.example>\r\nSubject: {number}\r\n\r\n{text}\r\n".encode()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("Copies témoin", '"Copies t&AOk-moin"'),
        ("R&D", '"R&-D"'),
        ("البريد", '"&BicGRAYoBjEGSgYv-"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("a\r\nLOGOUT", None),
    ],
)
def test_a_folder_is_named_as_servers_write_it(name: str, written: str | None) -> None:
    assert "\r" not in _mailbox_name(name) and "\n" not in _mailbox_name(name)
    assert written is None or _mailbox_name(name) == written


def test_a_mailbox_that_is_not_there_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDI_IMAP_PASSWORD", "x")
    settings = ImapSettings(serveur="127.0.0.1", port=1, delai=20)
    with Inbox(settings, folder=tmp_path) as inbox, pytest.raises(MailError) as told:
        inbox.look()
    assert "mail.imap.serveur" in told.value.fix


def test_no_password_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDI_IMAP_PASSWORD", raising=False)
    with Inbox(ImapSettings(serveur="127.0.0.1", port=1), folder=tmp_path) as inbox, pytest.raises(MailError) as told:
        inbox.look()
    assert "CDI_IMAP_PASSWORD" in told.value.fix


@pytest.mark.mail_servers
class TestWithDovecot:
    @pytest.fixture
    def folder(self, mail_servers: MailServers, tmp_path: Path) -> Path:
        mail_servers.settings(tmp_path)
        return tmp_path

    def inbox(self, folder: Path, **changed: Any) -> Inbox:
        settings = read_settings(folder / "settings.toml").mail.imap
        return Inbox(settings.model_copy(update=changed), folder=folder)

    @pytest.fixture
    def opened(self, folder: Path) -> Iterator[Inbox]:
        with self.inbox(folder) as inbox:
            yield inbox

    def test_what_is_new_is_read_once_and_stays_as_it_was(self, opened: Inbox, mail_servers: MailServers) -> None:
        mail_servers.drop(SERVICE, message(1))
        mail_servers.drop(SERVICE, message(2))
        place, uids = opened.new("INBOX", None, since=LONG_AGO, most=10)
        assert [opened.read(uid).content for uid in uids] == [message(1), message(2)]  # type: ignore[union-attr]
        here = Place(place.folder, place.validity, uids[-1])
        assert opened.new("INBOX", here, since=LONG_AGO, most=10) == (here, [])
        mail_servers.drop(SERVICE, message(3))
        assert len(opened.new("INBOX", here, since=LONG_AGO, most=10)[1]) == 1
        assert (
            len(opened.new("INBOX", Place("INBOX", 1, 99), since=LONG_AGO, most=2)[1]) == 2
        )  # numbered anew: from the start
        assert not [path.name for path in (mail_servers.folder / "courrier/cdi/cur").iterdir() if "S" in path.name[-3:]]

    def test_old_mail_of_other_people_is_not_looked_at(self, opened: Inbox, mail_servers: MailServers) -> None:
        mail_servers.drop(SERVICE, message(1))
        tomorrow = datetime.now(UTC).date() + timedelta(days=2)
        assert opened.new("INBOX", None, since=tomorrow, most=10)[1] == []

    def test_only_the_beginning_of_a_large_message_is_fetched(self, opened: Inbox, mail_servers: MailServers) -> None:
        mail_servers.drop(SERVICE, message(1, "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 4000))
        _, uids = opened.new("INBOX", None, since=LONG_AGO, most=10)
        read = opened.read(uids[0])
        assert read is not None and len(read.content) == READ
        assert opened.read(uids[0] + 50) is None

    def test_a_letter_is_found_by_its_message_id_with_the_time_it_came(
        self, opened: Inbox, mail_servers: MailServers
    ) -> None:
        mail_servers.drop(SERVICE, message(1))
        (found,) = opened.find("INBOX", "<1@b.example>")
        assert b"Subject: 1" in found.content and b"Bonjour" not in found.content
        assert found.at is not None and abs(datetime.now(UTC) - found.at) < timedelta(hours=1)
        assert opened.find("INBOX", '<2@b.example> "') == []

    def test_doctor_is_told_what_was_opened(self, folder: Path) -> None:
        with self.inbox(folder) as inbox:
            assert "« INBOX » : 0 message(s)" in inbox.look()
        with self.inbox(folder, temoin="Témoin") as inbox, pytest.raises(MailError, match="ne s'ouvre pas") as told:
            inbox.look()
        assert "« Témoin »" in told.value.where

    def test_a_wrong_password_is_told_nowhere(self, folder: Path) -> None:
        (folder / "boite.secret").write_text("wr0ng-secret\n", encoding="utf-8")
        with self.inbox(folder) as inbox, pytest.raises(MailError, match="identification") as told:
            inbox.look()
        assert "wr0ng" not in f"{vars(told.value)}"

    @pytest.mark.parametrize("changed", [{"autorite": None}, {"serveur": "localhost"}])
    def test_a_certificate_that_is_not_theirs_is_refused(self, folder: Path, changed: dict[str, Any]) -> None:
        with self.inbox(folder, **changed) as inbox, pytest.raises(MailError, match="certificat") as told:
            inbox.look()
        assert "mail.imap.autorite" in told.value.fix
