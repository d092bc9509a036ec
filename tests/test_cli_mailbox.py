"""`cdi collect` and `cdi mailbox`: what came back by mail, and an address that is tried again."""

import json
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.cli import main
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.mailbox import BadAddress, Incoming
from cdi_sync.mail.incoming import Kind
from jobs import collect as job
from jobs.collect import Collected

AMINA = "amina@fes.example"


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


@pytest.fixture
def at(tmp_path: Path) -> list[str]:
    """Options that point to an installation with a mailbox, to which a letter to Amina came back."""
    settings = tmp_path / "settings.toml"
    settings.write_text('[mail.imap]\nserveur = "imap.example"\n', encoding="utf-8")
    store = Installation.at(settings).store
    message = Incoming("<1@relais.example>", "2026-11-23T09:15:00+00:00", Kind.RETURNED, "mailer-daemon@relais.example")
    bad = BadAddress(AMINA, "2026-11-23T09:15:00+00:00", "5.1.1", "550 no such user", "rappels|amina")
    assert store.mailbox.record(message, bad=bad)
    store.close()
    return ["--config", str(settings)]


def result(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert call(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_mailbox_shows_what_came_and_which_addresses_are_refused(
    at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("mailbox", *at) == 0
    told = capsys.readouterr().out
    assert "1 adresse(s) refusée(s)" in told
    assert f"{AMINA}  depuis le 23/11/2026, code 5.1.1" in told
    assert "2026-11-23 09:15  retour" in told
    assert [one["address"] for one in result(capsys, "mailbox", *at)["refused"]] == [AMINA]


def test_a_pardoned_address_is_refused_no_more(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("mailbox", "pardonner", "Amina@fes.example", *at, "--dry-run") == 0
    assert "serait employée" in capsys.readouterr().out
    assert len(result(capsys, "mailbox", *at)["refused"]) == 1
    assert call("mailbox", "pardonner", "Amina@fes.example", *at) == 0
    assert "dès les prochains rappels" in capsys.readouterr().out
    assert result(capsys, "mailbox", *at)["refused"] == []
    assert call("mailbox", "pardonner", AMINA, *at) == 2
    assert "cdi mailbox" in capsys.readouterr().err


def test_collect_tells_what_is_new_and_what_a_person_has_to_look_at(
    at: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Collected(kinds={Kind.RETURNED: 2}, refused=1, for_person=("un courriel est revenu pour de bon",))
    monkeypatch.setattr(job, "collect", lambda _at, *, dry_run: done)
    assert call("collect", *at) == 4
    told = capsys.readouterr()
    assert told.out == "Boîte aux lettres : 2 retour(s), 1 adresse(s) refusée(s).\n"
    assert "revenu pour de bon" in told.err
    assert call("collect", *at, "--json") == 4
    assert json.loads(capsys.readouterr().out)["messages"] == {"retour": 2}


def test_collect_without_a_mailbox_says_where_to_name_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    assert call("collect", "--config", str(tmp_path / "settings.toml")) == 2
    assert "mail.imap.serveur" in capsys.readouterr().err
