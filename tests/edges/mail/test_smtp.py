"""What a conversation with a mail server says of a letter, whatever goes wrong, and that nothing leaves in clear."""

import logging
import os
import smtplib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.edges.config import SmtpSettings
from cdi_sync.edges.mail.secrets import MailError, secret, tls_context
from cdi_sync.edges.mail.smtp import Relay, RelayError
from cdi_sync.mail.outbox import LetterState, Outcome
from tests.relays import DROP, HALFWAY, PASSWORD, TAKE_AND_DROP, TAKE_AND_WAIT, USER, FakeRelay, running

SENDER, TO = "cdi@fes.example", "samira@fes.example"
CONTENT = b"Subject: Visa\r\n\r\nBonjour,\r\n.\r\n..deux points\r\n"


@pytest.fixture
def server() -> Iterator[FakeRelay]:
    with running() as relay:
        yield relay


def relay_to(server: FakeRelay, folder: Path, **changed: Any) -> Relay:
    return Relay(server.settings(folder, **changed), sender=SENDER, folder=folder)


def send(relay: Relay, to: str = TO) -> tuple[Outcome, bool]:
    """What became of the letter, and whether it was said that it is being handed over."""
    said: list[bool] = []
    outcome = relay.send(CONTENT, to, lambda: said.append(True))
    return outcome, bool(said)


# ----------------------------------------------------------------------------------------------- the good case


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_arrives_once_with_its_very_bytes_to_one_person(security: str, tmp_path: Path) -> None:
    with running(security=security) as server, relay_to(server, tmp_path, securite=security) as relay:
        outcome, said = send(relay)
        assert (outcome, said) == (Outcome(LetterState.SENT, "250 2.0.0 accepted"), True)
    assert server.taken == [(TO, CONTENT)]
    assert server.envelopes == [(SENDER, [TO])]


def test_a_run_uses_one_connection_and_takes_leave(server: FakeRelay, tmp_path: Path) -> None:
    with relay_to(server, tmp_path) as relay:
        assert server.connections == 0
        for _ in range(3):
            assert send(relay)[0].state is LetterState.SENT
    assert server.connections == 1
    assert server.commands[-1] == "QUIT"


def test_a_run_without_letters_connects_to_nothing(server: FakeRelay, tmp_path: Path) -> None:
    with relay_to(server, tmp_path):
        pass
    assert server.connections == 0


@pytest.mark.parametrize("answer", ["421 too late", "500 what?"])
def test_what_the_server_says_on_leaving_changes_nothing(answer: str, server: FakeRelay, tmp_path: Path) -> None:
    server.faults["QUIT"] = [answer]
    with relay_to(server, tmp_path) as relay:
        assert send(relay)[0].state is LetterState.SENT
    assert relay.trouble == ""


# ----------------------------------------------------------------------------------------- answers to one letter


@pytest.mark.parametrize(
    ("step", "answer", "state"),
    [
        ("MAIL", "451 4.3.0 busy", LetterState.QUEUED),
        ("RCPT", "450 4.2.0 greylisted", LetterState.QUEUED),
        ("RCPT", "550 5.1.1 no such user", LetterState.FAILED),
        ("354", "451 4.3.0 not now", LetterState.QUEUED),
        ("354", "554 5.5.1 no", LetterState.FAILED),
        ("DATA", "452 4.3.1 disk full", LetterState.QUEUED),
        ("DATA", "554 5.6.0 refused", LetterState.FAILED),
    ],
)
def test_a_refusal_concerns_its_letter_alone(
    step: str, answer: str, state: LetterState, server: FakeRelay, tmp_path: Path
) -> None:
    server.faults[step] = [answer]
    with relay_to(server, tmp_path) as relay:
        assert send(relay) == (Outcome(state, answer), step in ("354", "DATA"))
        assert send(relay)[0].state is LetterState.SENT
    assert len(server.taken) == 1


# ------------------------------------------------------------------------------------------- lost connections


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_connection_lost_before_the_text_is_for_later(step: str, server: FakeRelay, tmp_path: Path) -> None:
    server.faults[step] = [DROP]
    with relay_to(server, tmp_path) as relay:
        outcome, said = send(relay)
        assert (outcome.state, said) == (LetterState.QUEUED, False)
        assert send(relay)[0].state is LetterState.SENT
    assert server.connections == 2


@pytest.mark.parametrize(
    ("step", "fault", "arrived"),
    [
        ("354", DROP, 0),
        ("DATA", HALFWAY, 0),
        ("DATA", DROP, 0),
        ("DATA", TAKE_AND_DROP, 1),
        ("354", "250 nonsense", 0),
        ("DATA", "354 nonsense", 0),
        ("DATA", "nonsense", 0),
    ],
)
def test_once_the_text_may_have_left_no_answer_means_unknown(
    step: str, fault: str, arrived: int, server: FakeRelay, tmp_path: Path
) -> None:
    server.faults[step] = [fault]
    with relay_to(server, tmp_path) as relay:
        outcome, said = send(relay)
        assert (outcome.state, said) == (LetterState.UNKNOWN, True)
        assert outcome.detail
        assert len(server.taken) == arrived
        assert send(relay)[0].state is LetterState.SENT


def test_an_answer_that_comes_too_late_means_unknown(server: FakeRelay, tmp_path: Path) -> None:
    server.faults["DATA"] = [TAKE_AND_WAIT]  # never answers: whatever the speed, the time runs out
    with relay_to(server, tmp_path, delai_final=0.05) as relay:
        outcome, _ = send(relay)
    assert outcome.state is LetterState.UNKNOWN
    assert "délai dépassé" in outcome.detail
    assert len(server.taken) == 1


def test_only_the_answer_that_accepts_a_letter_may_take_long(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []
    getreply = smtplib.SMTP.getreply

    def watched(connection: smtplib.SMTP) -> tuple[int, bytes]:
        assert connection.sock is not None
        waits.append(connection.sock.gettimeout())
        return getreply(connection)

    monkeypatch.setattr(smtplib.SMTP, "getreply", watched)
    with relay_to(server, tmp_path, delai=20, delai_final=70) as relay:
        send(relay)
        send(relay)
    # greeting, EHLO, STARTTLS, EHLO, then MAIL, RCPT, DATA, dot; RSET, MAIL, RCPT, DATA, dot; QUIT
    assert waits == [20] * 7 + [70] + [20] * 4 + [70] + [5]


def test_two_connections_lost_in_a_row_stop_the_run(server: FakeRelay, tmp_path: Path) -> None:
    server.faults["RCPT"] = [DROP, DROP]
    with relay_to(server, tmp_path) as relay:
        assert [send(relay)[0].state for _ in range(4)] == [LetterState.QUEUED] * 4
    assert server.connections == 2
    assert "coupe la connexion" in relay.trouble


def test_a_letter_refused_in_between_forgives_a_lost_connection(server: FakeRelay, tmp_path: Path) -> None:
    server.faults["RCPT"] = [DROP, "450 later", DROP, ""]
    with relay_to(server, tmp_path) as relay:
        states = [send(relay)[0].state for _ in range(4)]
    assert states == [LetterState.QUEUED] * 3 + [LetterState.SENT]


def test_a_letter_accepted_in_between_forgives_a_lost_connection(server: FakeRelay, tmp_path: Path) -> None:
    server.faults["RCPT"] = [DROP, "", DROP, ""]
    with relay_to(server, tmp_path) as relay:
        states = [send(relay)[0].state for _ in range(4)]
    assert states == [LetterState.QUEUED, LetterState.SENT] * 2
    assert relay.trouble == ""


def test_a_caller_that_fails_before_the_text_sends_nothing(server: FakeRelay, tmp_path: Path) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), relay_to(server, tmp_path) as relay:
        relay.send(CONTENT, TO, broken)
    assert server.taken == []
    assert "QUIT" not in server.commands


# ---------------------------------------------------------------------------------------- the relay as a whole


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("MAIL", "550 5.7.1 not your sender"),
        ("MAIL", "421 4.7.0 too many"),
        ("RCPT", "421 closing"),
        ("RCPT", "530 5.7.0 authentication required"),
        ("DATA", "421 4.3.0 going down"),
    ],
)
def test_a_server_that_does_not_want_us_gets_nothing_more(
    step: str, answer: str, server: FakeRelay, tmp_path: Path
) -> None:
    server.faults[step] = [answer]
    with relay_to(server, tmp_path) as relay:
        assert [send(relay)[0].state for _ in range(3)] == [LetterState.QUEUED] * 3
    assert server.taken == []
    assert server.commands.count("MAIL") == 1
    assert answer in relay.trouble


def test_without_starttls_nothing_leaves(tmp_path: Path) -> None:
    with running(security="none") as server, relay_to(server, tmp_path) as relay:
        assert send(relay) == (Outcome(LetterState.QUEUED, relay.trouble), False)
    assert (server.commands, server.taken) == ([], [])
    assert "STARTTLS" in relay.trouble
    assert "clair" in relay.trouble


def test_a_port_that_does_not_speak_tls_gets_nothing(tmp_path: Path) -> None:
    with running(security="none") as server, relay_to(server, tmp_path, securite="tls") as relay:
        assert send(relay) == (Outcome(LetterState.QUEUED, relay.trouble), False)
    assert server.commands == []
    assert "465 avec tls" in relay.trouble


@pytest.mark.parametrize("fault", [DROP, "421 4.7.0 enough on this connection"])
def test_a_connection_closed_between_two_letters_is_replaced(fault: str, server: FakeRelay, tmp_path: Path) -> None:
    server.faults["RSET"] = [fault]
    with relay_to(server, tmp_path) as relay:
        assert [send(relay)[0].state for _ in range(2)] == [LetterState.SENT] * 2
    assert server.connections == 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_name_is_refused(security: str, tmp_path: Path) -> None:
    with running(security=security, name="autre.example") as server:
        with relay_to(server, tmp_path, securite=security) as relay:
            assert send(relay)[0].state is LetterState.QUEUED
        assert server.commands == []
    assert "certificat" in relay.trouble


def test_a_certificate_of_an_unknown_authority_is_refused(server: FakeRelay, tmp_path: Path) -> None:
    with relay_to(server, tmp_path, autorite=None) as relay:
        assert send(relay)[0].state is LetterState.QUEUED
    assert "mail.smtp.autorite" in relay.trouble
    assert server.taken == []


def test_old_versions_of_tls_are_not_spoken(tmp_path: Path) -> None:
    context = tls_context(SmtpSettings(), tmp_path)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED


@pytest.mark.parametrize("content", [None, "pas un certificat"])
def test_an_authority_that_cannot_be_read_is_named(content: str | None, server: FakeRelay, tmp_path: Path) -> None:
    if content:
        (tmp_path / "autre.pem").write_text(content, encoding="utf-8")
    with pytest.raises(MailError) as refusal:
        relay_to(server, tmp_path, autorite=Path("autre.pem")).look(login=False)
    assert "mail.smtp.autorite" in refusal.value.where


def test_a_server_that_is_not_there_is_for_later(tmp_path: Path) -> None:
    with socket.socket() as closed:  # bound and not listening: nobody answers there
        closed.bind(("127.0.0.1", 0))
        settings = SmtpSettings(serveur="127.0.0.1", port=closed.getsockname()[1], delai=20)
        with Relay(settings, sender=SENDER, folder=tmp_path) as relay:
            assert send(relay) == (Outcome(LetterState.QUEUED, relay.trouble), False)
    assert "ne répond pas" in relay.trouble
    assert "mail.smtp.serveur" in relay.trouble


# ------------------------------------------------------------------------------------------------------ login


@pytest.fixture
def guarded() -> Iterator[FakeRelay]:
    with running(login=True) as relay:
        yield relay


def password_file(folder: Path, text: str = f"{PASSWORD}\n", mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_password_comes_from_the_secret_file(guarded: FakeRelay, tmp_path: Path) -> None:
    password_file(tmp_path)
    with relay_to(guarded, tmp_path, utilisateur=USER, mot_de_passe_fichier=Path("secret")) as relay:
        assert send(relay)[0].state is LetterState.SENT


def test_the_password_comes_from_the_environment(
    guarded: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDI_SMTP_PASSWORD", PASSWORD)
    with relay_to(guarded, tmp_path, utilisateur=USER) as relay:
        assert send(relay)[0].state is LetterState.SENT


def test_a_wrong_password_stops_the_run_and_is_told_nowhere(
    guarded: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="cdi_sync")
    monkeypatch.setenv("CDI_SMTP_PASSWORD", "wr0ng-secret")
    relay = relay_to(guarded, tmp_path, utilisateur=USER)
    with relay:
        outcome, _ = send(relay)
    assert outcome.state is LetterState.QUEUED
    assert "refuse l'identification" in relay.trouble
    assert "535" in relay.trouble
    assert guarded.taken == []
    assert "wr0ng-secret" not in repr(vars(relay)) + outcome.detail + caplog.text


def test_no_password_is_given_to_a_server_without_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDI_SMTP_PASSWORD", PASSWORD)
    with running(security="none", login=True) as server, relay_to(server, tmp_path, utilisateur=USER) as relay:
        assert send(relay)[0].state is LetterState.QUEUED
    assert "STARTTLS" in relay.trouble


def test_a_server_that_asks_for_no_login_cannot_be_logged_in_to(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDI_SMTP_PASSWORD", "x")
    with pytest.raises(RelayError, match="identification"):
        relay_to(server, tmp_path, utilisateur=USER).look(login=True)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_secret_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    password_file(tmp_path, mode=mode)
    with pytest.raises(MailError) as refusal:
        secret(SmtpSettings(mot_de_passe_fichier=Path("secret")), tmp_path, {})
    assert "chmod 600" in refusal.value.fix
    assert PASSWORD not in f"{vars(refusal.value)}"


@pytest.mark.parametrize("text", ["", "\n", "mot de passé\n"])
def test_a_secret_that_cannot_serve_is_refused_without_being_shown(text: str, tmp_path: Path) -> None:
    password_file(tmp_path, text)
    with pytest.raises(MailError) as refusal:
        secret(SmtpSettings(mot_de_passe_fichier=Path("secret")), tmp_path, {})
    assert "mail.smtp.mot_de_passe_fichier" in refusal.value.where
    assert "passé" not in f"{vars(refusal.value)}"


def test_a_missing_secret_is_named(tmp_path: Path) -> None:
    with pytest.raises(MailError) as refusal:
        secret(SmtpSettings(mot_de_passe_fichier=Path("absent")), tmp_path, {})
    assert "absent" in refusal.value.where
    with pytest.raises(MailError) as refusal:
        secret(SmtpSettings(mot_de_passe_variable="CDI_X"), tmp_path, {})
    assert "CDI_X" in refusal.value.fix


# --------------------------------------------------------------------------------------------- nasty addresses


@pytest.mark.parametrize(
    "to",
    ["", "root", "a@b", "a@b.ma, c@d.ma", "Ali <a@b.ma>", "a@b.ma>,<evil@x.com", "a@b.ma\r\nRCPT TO:<e@x.com>",
     "a@b.ma> NOTIFY=NEVER", "a@[127.0.0.1]", "رئيس@مثال.المغرب", f"{'a' * 65}@b.ma", "\x00a@b.ma"],
)  # fmt: skip
def test_what_is_not_one_address_never_reaches_the_server(to: str, server: FakeRelay, tmp_path: Path) -> None:
    with relay_to(server, tmp_path) as relay:
        outcome, said = send(relay, to)
    assert (outcome.state, said) == (LetterState.FAILED, False)
    assert server.connections == 0


def test_an_arabic_domain_reaches_the_server_in_ascii(server: FakeRelay, tmp_path: Path) -> None:
    with relay_to(server, tmp_path) as relay:
        assert send(relay, "a@مثال.المغرب")[0].state is LetterState.SENT
    assert server.envelopes == [(SENDER, ["a@xn--mgbh0fb.xn--mgbc0a9azcg"])]


# --------------------------------------------------------------------------------------------- just looking


def test_looking_tells_the_version_of_tls_and_sends_nothing(server: FakeRelay, tmp_path: Path) -> None:
    told = relay_to(server, tmp_path).look(login=False)
    assert "TLSv1." in told
    assert "sans identification" in told
    assert "MAIL" not in server.commands
