"""`cdi outbox`: what a person sees of the letters, and decides of them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cdi_sync.cli import main
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.mail.outbox import LetterState, digest
from jobs.deliver import deliver
from tests.jobs.test_deliver import AMINA, BRAHIM, SAMIRA, TODAY, states, wait, waiting
from tests.relays import TAKE_AND_DROP, FakeRelay, running


@pytest.fixture
def server() -> Iterator[FakeRelay]:
    with running() as relay:
        yield relay


@pytest.fixture
def at(server: FakeRelay, tmp_path: Path) -> Installation:
    """An installation with a letter to Amina and one to Brahim, that wait."""
    return waiting(tmp_path, server, AMINA, BRAHIM)


def call(at: Installation, *arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["outbox", *arguments, "--config", str(at.folder / "settings.toml")])
    return int(left.value.code or 0)


def told(at: Installation, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert call(at, *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def number(at: Installation, to: str) -> str:
    """What `cdi outbox list` calls the letter to that person."""
    return digest(next(letter.key for letter in at.store.outbox.letters() if letter.to == to))[:8]


def test_alone_it_lists_as_it_always_did(at: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    letters = told(at, capsys)
    assert [letter["to"] for letter in letters] == [AMINA, BRAHIM]
    assert letters == told(at, capsys, "list")
    assert set(letters[0]) == {"key", "message_id", "to", "lang", "kind", "state", "notices", "eml"}
    call(at)
    shown = capsys.readouterr().out
    assert number(at, AMINA) in shown
    assert "à remettre" in shown
    assert "2 courriel(s) enregistrés." in shown


def test_one_state_only(at: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    call(at, "hold", number(at, AMINA))
    capsys.readouterr()
    assert [letter["to"] for letter in told(at, capsys, "list", "--etat", "retenu")] == [AMINA]
    assert [letter["to"] for letter in told(at, capsys, "list", "--etat", "attente")] == [BRAHIM]
    assert call(at, "list", "--etat", "perdus") == 2


def test_options_before_the_sub_command_are_refused_and_not_lost(
    at: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["outbox", "--config", str(at.folder / "settings.toml"), "list"])
    assert left.value.code == 2
    assert "après « outbox list »" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["number", "short", "key", "message_id", "eml", "path"])
def test_a_letter_is_shown_by_any_of_its_names(how: str, at: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    letter = at.store.outbox.letters()[0]
    names = {"number": digest(letter.key)[:8], "short": digest(letter.key)[:4].upper(), "key": letter.key,
             "message_id": letter.message_id, "eml": letter.eml, "path": f"courriels/{letter.eml}"}  # fmt: skip
    shown = told(at, capsys, "show", names[how])
    assert (shown["to"], shown["state"]) == (AMINA, "queued")
    assert "Objet : Visa" in shown["text"]
    assert "Bonjour." in shown["text"]
    assert [entry["event"] for entry in shown["history"]] == ["recorded"]


@pytest.mark.parametrize(
    ("name", "says"), [("zzz", "Aucun courriel"), ("rappels|", "plusieurs courriels (2)"), ("", "Aucun")]
)
def test_a_name_that_names_none_or_several_is_refused(
    name: str, says: str, at: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(at, "show", name) == 2
    assert says in capsys.readouterr().err


def test_a_letter_held_by_hand_stays_until_it_is_released(
    at: Installation, server: FakeRelay, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(at, capsys, "hold", number(at, AMINA), "--motif", "adresse à vérifier")["keys"]
    report = deliver(at)
    assert (report.sent, report.held, report.why) == (1, 1, ("adresse à vérifier",))
    at.store.outbox.expire(TODAY + timedelta(days=1), at=clock.now())  # of another day by now, and yet it waits
    assert states(at)[AMINA] is LetterState.HELD
    call(at, "release", "--tous")
    assert "1 courriel(s) à remettre." in capsys.readouterr().out
    assert deliver(at).sent == 1
    assert [to for to, _ in server.taken] == [BRAHIM, AMINA]


def test_what_can_not_be_decided_is_refused_with_the_reason(
    at: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(at)
    for arguments in (["hold", number(at, AMINA)], ["release", number(at, AMINA)], ["retry", number(at, AMINA)],
                      ["settle", number(at, AMINA), "perdu", "--par", "Omar"]):  # fmt: skip
        assert call(at, *arguments) == 2
        assert "dans l'état « remis »" in capsys.readouterr().err
    for arguments in (["hold"], ["release"], ["release", "--tous", "abc"], ["settle", number(at, AMINA), "recu"],
                      ["settle", number(at, AMINA), "perdu", "--par", "  "]):  # fmt: skip
        assert call(at, *arguments) == 2
    assert states(at) == {AMINA: LetterState.SENT, BRAHIM: LetterState.SENT}


def test_dry_run_changes_nothing(at: Installation, server: FakeRelay, capsys: pytest.CaptureFixture[str]) -> None:
    before = at.store.journal.head()
    for arguments in (["hold", "--tous"], ["retry"]):
        assert call(at, *arguments, "--dry-run") == 0
        assert "(--dry-run)" in capsys.readouterr().out
    assert at.store.journal.head() == before
    assert server.connections == 0


def test_a_letter_in_doubt_leaves_again_only_once_a_person_says_that_it_was_lost(
    at: Installation, server: FakeRelay, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults["DATA"] = [TAKE_AND_DROP, TAKE_AND_DROP]
    deliver(at)
    server.taken.clear()
    at.store.set_mark("relais", None)
    told(at, capsys, "settle", number(at, AMINA), "recu", "--par", "Omar  Idrissi")
    told(at, capsys, "settle", number(at, BRAHIM), "lost", "--par", "Omar Idrissi")
    assert states(at) == {AMINA: LetterState.SENT, BRAHIM: LetterState.QUEUED}
    deliver(at)
    assert [to for to, _ in server.taken] == [BRAHIM]
    history = told(at, capsys, "show", number(at, AMINA))["history"]
    assert history[-1]["detail"] == "reçu, dit Omar Idrissi"
    assert at.store.journal.faults() == ()


def test_retry_tries_at_once_what_waits_and_the_refused_ones_that_are_named(
    at: Installation, server: FakeRelay, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults["RCPT"] = ["450 4.2.0 greylisted", "550 5.1.1 no such user"]
    deliver(at)
    assert told(at, capsys, "retry")["sent"] == 1
    assert states(at) == {AMINA: LetterState.SENT, BRAHIM: LetterState.FAILED}
    assert told(at, capsys, "retry", number(at, BRAHIM))["sent"] == 1
    assert [to for to, _ in server.taken] == [AMINA, BRAHIM]


def test_retry_does_not_wait_for_the_end_of_a_pause(at: Installation, server: FakeRelay) -> None:
    server.faults["MAIL"] = ["421 4.3.2 closing"]
    assert "Prochain essai" in deliver(at).trouble
    connections = server.connections
    assert deliver(at).failed == 2
    assert server.connections == connections  # it is left alone
    assert call(at, "retry") == 0
    assert len(server.taken) == 2
    assert at.store.mark("relais") is None


# ---------------------------------------------------------------------------------------------------------- proof


def test_proof_tells_who_was_told_what_when_and_the_servers_answer(
    at: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(at)
    for id_ in ("ACT-00001", "vis-00001"):
        found = told(at, capsys, "proof", id_)
        assert (found["whole"], found["faults"]) == (True, [])
        assert [letter["to"] for letter in found["letters"]] == [AMINA, BRAHIM]
        assert [entry["event"] for entry in found["letters"][0]["history"]] == ["recorded", "claimed", "data", "sent"]
        assert found["letters"][0]["history"][-1]["detail"].startswith("250")
        assert found["letters"][0]["notices"][0]["reminder"] == "REM-VIS-02"
    call(at, "proof", "ACT-00001")
    shown = capsys.readouterr().out
    assert "remis : 250" in shown
    assert f"Le journal est entier : {at.store.journal.head()[0]} entrée(s)" in shown
    assert [letter["to"] for letter in told(at, capsys, "proof", number(at, BRAHIM))["letters"]] == [BRAHIM]


TAMPERINGS = {
    "an entry changed": ("UPDATE journal SET detail = '250 ok' WHERE event = 'sent'", "a été modifiée"),
    "an entry removed": ("DELETE FROM journal WHERE event = 'data'", "il manque l'entrée"),
    "the last entries removed": ("DELETE FROM journal WHERE seq > 4", "ne contient plus l'entrée"),
    "a letter and its entries removed": (
        f"DELETE FROM journal WHERE seq > 4; DELETE FROM notices WHERE recipient = '{BRAHIM}'; "
        f"DELETE FROM letters WHERE recipient = '{BRAHIM}'", "ne contient plus l'entrée"),
    "a text changed": ("UPDATE letters SET content = content || 'x'", "le texte de la lettre"),
    "a state changed": ("UPDATE letters SET state = 'failed'", "n'est plus dans l'état"),
    "a recipient changed": (f"UPDATE letters SET recipient = '{SAMIRA}' WHERE recipient = '{AMINA}'", "le destinataire"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_shows_and_exits_4(what: str, at: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    deliver(at)
    statements, says = TAMPERINGS[what]
    with sa.create_engine(f"sqlite:///{at.folder / 'suivi.sqlite'}").begin() as connection:
        for statement in statements.split("; "):
            connection.execute(sa.text(statement))
    assert call(at, "proof", "ACT-00001") == 4
    shown = capsys.readouterr().out
    assert "ATTENTION" in shown
    assert says in shown
    assert call(at, "proof", "ACT-00001", "--json") == 4
    assert json.loads(capsys.readouterr().out)["whole"] is False


# ------------------------------------------------------------------------------------------------- what ran out


def test_a_letter_that_waited_for_two_days_expires_and_what_a_person_let_go_begins_anew(
    at: Installation, server: FakeRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(monkeypatch, hours=49)
    call(at, "hold", number(at, BRAHIM))
    call(at, "release", number(at, BRAHIM))
    assert at.store.outbox.expire_late(clock.today(), at=clock.now()) == 1
    assert states(at) == {AMINA: LetterState.EXPIRED, BRAHIM: LetterState.QUEUED}
    assert {key[-1] for key in at.store.outbox.said()} == {BRAHIM}  # Amina's notice is free to be told afresh
    wait(monkeypatch, hours=47)
    assert at.store.outbox.expire_late(clock.today(), at=clock.now()) == 0
