"""What `cdi doctor` says of sending by a mail server, and how it says to mend it."""

from pathlib import Path
from typing import Any

import pytest

from cdi_sync.edges.config import Declarations, ImapSettings, MailSettings, Settings
from cdi_sync.edges.diagnosis import Result, examine_mail, sender_result, sending_result
from cdi_sync.edges.installation import Installation
from tests.relays import PASSWORD, USER, FakeRelay, running


def looked_at(folder: Path, server: FakeRelay, **smtp: Any) -> dict[str, Result]:
    """What doctor finds about mail, by what it looked at."""
    mail = MailSettings(transport="smtp", expediteur=USER, smtp=server.settings(folder, **smtp))
    at = Installation(folder, Settings(mail=mail), Declarations())
    return {result.what: result for result in examine_mail(at)}


def test_a_server_that_answers_and_lets_us_in_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDI_SMTP_PASSWORD", PASSWORD)
    with running(login=True) as server:
        results = looked_at(tmp_path, server, utilisateur=USER)
        assert server.taken == []
    assert all(result.ok for result in results.values())
    assert f"identifié comme {USER}" in results["Serveur de courrier"].detail
    assert "CDI_SMTP_PASSWORD" in results["Mot de passe du serveur de courrier"].detail
    assert PASSWORD not in repr(results)


def test_a_missing_password_is_told_and_the_server_is_looked_at_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDI_SMTP_PASSWORD", raising=False)
    with running(login=True) as server:
        results = looked_at(tmp_path, server, utilisateur=USER)
    password = results["Mot de passe du serveur de courrier"]
    assert (password.ok, password.exit_code) == (False, 4)
    assert "CDI_SMTP_PASSWORD" in password.fix
    assert results["Serveur de courrier"].ok


@pytest.mark.parametrize(
    ("security", "name", "fix"),
    [("none", "127.0.0.1", 'mail.smtp.securite = "tls"'), ("starttls", "autre.example", "mail.smtp.serveur")],
)
def test_a_server_without_proper_tls_is_told_with_its_fix(security: str, name: str, fix: str, tmp_path: Path) -> None:
    with running(security=security, name=name) as server:
        result = looked_at(tmp_path, server)["Serveur de courrier"]
    assert not result.ok
    assert fix in result.fix


def test_a_server_that_refuses_the_password_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDI_SMTP_PASSWORD", "wr0ng")
    with running(login=True) as server:
        result = looked_at(tmp_path, server, utilisateur=USER)["Serveur de courrier"]
    assert not result.ok
    assert "identification" in result.detail
    assert "wr0ng" not in repr(result)


@pytest.mark.parametrize(
    ("changed", "ok", "said"),
    [
        ({"live": False}, True, "arrêté (mail.live = false)"),
        ({"live": False, "environnement": "production"}, True, "environnement production"),
        ({"live": True, "environnement": "production", "plafond": 30}, True, "tous les destinataires, au plus 30"),
        ({"live": True}, False, "personne n'est autorisé"),
        ({"live": True, "destinataires_autorises": ("a@fes.example",)}, True, "seulement a@fes.example"),
    ],
)
def test_who_the_next_run_would_write_to_is_said(changed: dict[str, Any], ok: bool, said: str) -> None:
    result = sending_result(MailSettings(transport="smtp", **changed))
    assert result.ok is ok
    assert said in result.detail
    assert ok or "mail.destinataires_autorises" in result.fix


def test_the_address_of_the_example_is_no_sender() -> None:
    assert not sender_result(MailSettings()).ok
    assert sender_result(MailSettings(expediteur=USER)).ok


# -------------------------------------------------------------------------------------------------- the mailbox


def mailbox_looked_at(folder: Path, **mail: Any) -> Result | None:
    at = Installation(folder, Settings(mail=MailSettings(**mail)), Declarations())
    return next((result for result in examine_mail(at) if result.what == "Boîte aux lettres"), None)


def test_without_a_mailbox_nothing_is_said_of_it(tmp_path: Path) -> None:
    assert mailbox_looked_at(tmp_path) is None


@pytest.mark.parametrize("key", ["temoin", "reponses"])
def test_mail_that_comes_back_and_that_nobody_reads_is_told(key: str, tmp_path: Path) -> None:
    result = mailbox_looked_at(tmp_path, **{key: "cdi@fes.example"})
    assert result is not None and not result.ok
    assert f"mail.{key}" in result.detail and "mail.imap.serveur" in result.fix


def test_a_mailbox_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDI_IMAP_PASSWORD", "x")
    result = mailbox_looked_at(tmp_path, imap=ImapSettings(serveur="127.0.0.1", port=1))
    assert result is not None and (result.ok, result.exit_code) == (False, 4)
    assert "mail.imap" in result.fix
