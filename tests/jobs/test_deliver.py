"""What becomes of letters that wait: by SMTP, once each, kept back when they may not leave; in doubt, never again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from cdi_sync.cli import main
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.mail.smtp import LOST, Relay
from cdi_sync.mail import breakers, message
from cdi_sync.mail.breakers import Start
from cdi_sync.mail.letters import Letter
from cdi_sync.mail.message import Meant, to_bytes
from cdi_sync.mail.outbox import URGENT, LetterState, Parcel
from cdi_sync.model import Notice
from jobs import deliver as job
from jobs.deliver import Delivered, deliver, recover
from jobs.guard import START
from jobs.remind import remind
from tests.demos import AS_OF, installation
from tests.relays import DROP, HALFWAY, PASSWORD, TAKE_AND_DROP, TAKE_AND_WAIT, USER, FakeRelay, running

TODAY = date(2026, 11, 23)
AMINA, BRAHIM, SAMIRA = "amina@fes.example", "brahim@fes.example", "samira@tanger.example"
NOTICE = Notice(
    reminder="REM-VIS-02", case="ACT-00001", subject="VIS-00001", anchor=date(2026, 11, 3), step="+10", to=AMINA,
    contact="CON-00001", role="REFERENT_CDI", title="Visa en cours", action="Suivre", due=TODAY,
    council="COL-00001", actor="REFERENT_CDI", decision=False, source="Guide", tab="visas_accords", row=2, column="sens",
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[FakeRelay]:
    with running() as relay:
        yield relay


NOTHING: Mapping[str, object] = MappingProxyType({})


def settings(
    folder: Path, server: FakeRelay, *, mail: Mapping[str, object] = NOTHING, smtp: Mapping[str, object] = NOTHING
) -> Path:
    """Writes `settings.toml` of an installation that sends for good through that server."""
    relay = server.settings(folder, **smtp).model_dump(mode="json", exclude_none=True)
    values = {"transport": "smtp", "live": True, "environnement": "production", "expediteur": USER, **mail}
    lines = ["[mail]", *map(_line, values.items()), "[mail.smtp]", *map(_line, relay.items())]
    path = folder / "settings.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _line(item: tuple[str, object]) -> str:
    return f"{item[0]} = {json.dumps(item[1], ensure_ascii=False)}"


def waiting(folder: Path, server: FakeRelay, *to: str, **changed: Any) -> Installation:
    """An installation with one letter to each of these people, in that order."""
    at = Installation.at(settings(folder, server, **changed))
    for rank, address in enumerate(to):
        write(at, address, rank=rank)
    return at


def write(at: Installation, to: str, *, rank: int = 0, day: date = TODAY, kind: str = "rappels") -> None:
    parcel = Parcel(kind, to, f"{kind}|{to}|{day}|r1", (replace(NOTICE, to=to, urgent=kind == URGENT),))
    content = to_bytes(
        Letter("Visa", "Bonjour.\n", "<p>Bonjour.</p>\n"), sender=USER, sender_name="CDI", to=to, to_name="", key=parcel.key,
        message_id=parcel.message_id("fes.example"), sent=datetime(2026, 11, 23, 8, tzinfo=UTC), mailing=kind,
        trial=at.settings.mail.is_trial,
    )  # fmt: skip
    at.store.outbox.record(
        parcel,
        content,
        message_id=parcel.message_id("fes.example"),
        lang="fr",
        day=day,
        rank=rank,
        at=datetime.now(UTC),
    )


def again(at: Installation, **mail: object) -> Installation:
    """The same installation as the next run opens it, some settings changed."""
    changed = at.settings.mail.model_copy(update=mail)
    return Installation(at.folder, at.settings.model_copy(update={"mail": changed}), at.declarations)


def wait(monkeypatch: pytest.MonkeyPatch, **how_long: float) -> None:
    """The clock of this process, moved on."""
    now = clock.now() + timedelta(**how_long)
    monkeypatch.setattr(clock, "now", lambda: now)


def accustomed(at: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The installation whose ledger isn't new, and where many letters are nothing unusual."""
    at.store.set_mark(START, Start(date(2020, 1, 1), is_lost=False, is_over=True).as_mark())
    monkeypatch.setattr(breakers, "FEW", 1000)
    return at


def states(at: Installation) -> dict[str, LetterState]:
    return {letter.to: letter.state for letter in at.store.outbox.letters()}


def details(at: Installation) -> dict[str, str]:
    return {letter.to: letter.detail for letter in at.store.outbox.letters()}


# ------------------------------------------------------------------------------------------------ once and whole


def test_each_letter_leaves_once_with_its_frozen_bytes(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM)
    frozen = {letter.to: letter.content for letter in at.store.outbox.letters()}
    assert deliver(at) == Delivered(sent=2)
    assert dict(server.taken) == frozen
    assert states(at) == {AMINA: LetterState.SENT, BRAHIM: LetterState.SENT}
    assert not at.letters_folder.exists()


def test_a_second_run_hands_nothing_over(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA)
    deliver(at)
    assert deliver(again(at)) == Delivered()
    assert (len(server.taken), server.connections) == (1, 1)


def test_the_most_urgent_letter_leaves_first(server: FakeRelay, tmp_path: Path) -> None:
    at = Installation.at(settings(tmp_path, server))
    write(at, BRAHIM, rank=1)
    write(at, AMINA, rank=0, kind=URGENT)
    write(at, SAMIRA, rank=2)
    deliver(at)
    assert [to for to, _ in server.taken] == [AMINA, BRAHIM, SAMIRA]


def test_that_a_letter_is_being_handed_over_is_recorded_before_its_text_leaves(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA)
    seen: list[tuple[LetterState, int]] = []
    send = Relay._hand_over

    def watched(relay: Relay, content: bytes) -> Any:
        seen.append((states(again(at))[AMINA], len(server.taken)))  # read by another connection: it is committed
        return send(relay, content)

    monkeypatch.setattr(Relay, "_hand_over", watched)
    deliver(at)
    assert seen == [(LetterState.DATA, 0)]


# ------------------------------------------------------------------------------------------------- refusals


def test_a_letter_put_off_by_the_server_is_tried_again_a_little_later(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM)
    server.faults["RCPT"] = ["450 4.2.0 greylisted"]
    assert deliver(at) == Delivered(sent=1, failed=1)
    assert states(at) == {AMINA: LetterState.QUEUED, BRAHIM: LetterState.SENT}
    assert details(at)[AMINA] == "450 4.2.0 greylisted"
    assert deliver(again(at)) == Delivered()
    wait(monkeypatch, minutes=1, seconds=13)
    assert deliver(again(at)) == Delivered(sent=1)
    assert [to for to, _ in server.taken] == [BRAHIM, AMINA]


def test_a_letter_refused_for_good_is_not_tried_again(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA)
    server.faults["RCPT"] = ["550 5.1.1 no such user"]
    assert deliver(at) == Delivered(failed=1)
    assert (states(at), details(at)) == ({AMINA: LetterState.FAILED}, {AMINA: "550 5.1.1 no such user"})
    assert deliver(again(at)) == Delivered()
    assert server.taken == []


def test_without_starttls_everything_waits_and_the_reason_is_told(tmp_path: Path) -> None:
    with running(security="none") as server:
        at = waiting(tmp_path, server, AMINA, BRAHIM)
        report = deliver(at)
        assert server.commands == []
    assert report == Delivered(failed=2, trouble=report.trouble)
    assert "STARTTLS" in report.trouble
    assert states(at) == {AMINA: LetterState.QUEUED, BRAHIM: LetterState.QUEUED}
    assert {report.trouble.startswith(detail.rstrip(".")) for detail in details(at).values()} == {True}


def test_a_wrong_password_leaves_everything_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDI_SMTP_PASSWORD", "wr0ng-secret")
    with running(login=True) as server:
        at = waiting(tmp_path, server, AMINA, BRAHIM, smtp={"utilisateur": USER})
        report = deliver(at)
        assert (report.failed, server.connections, server.taken) == (2, 1, [])
        assert "wr0ng-secret" not in f"{report}{details(at)}{at.settings!r}"
        monkeypatch.setenv("CDI_SMTP_PASSWORD", PASSWORD)
        wait(monkeypatch, minutes=1)
        assert deliver(again(at)) == Delivered(sent=2)


# ------------------------------------------------------------------------------------------------------ in doubt


@pytest.mark.parametrize("fault", [HALFWAY, DROP, TAKE_AND_DROP])
def test_a_letter_in_doubt_is_never_sent_again(fault: str, server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM)
    server.faults["DATA"] = [fault]
    assert deliver(at) == Delivered(sent=1, unknown=1)
    taken = list(server.taken)
    for days in range(3):
        recover(again(at), TODAY + timedelta(days=days))
        assert deliver(again(at)) == Delivered()
    assert states(at) == {AMINA: LetterState.UNKNOWN, BRAHIM: LetterState.SENT}
    assert LOST in details(at)[AMINA]
    assert server.taken == taken


def test_an_answer_that_comes_too_late_leaves_the_letter_in_doubt(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA, smtp={"delai_final": 0.05})
    server.faults["DATA"] = [TAKE_AND_WAIT]
    assert deliver(at) == Delivered(unknown=1)
    assert deliver(again(at)) == Delivered()
    assert len(server.taken) == 1


def test_a_connection_lost_before_the_text_leaves_no_doubt(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA)
    server.faults["RCPT"] = [DROP]
    assert deliver(at) == Delivered(failed=1)
    wait(monkeypatch, minutes=2)
    assert deliver(again(at)) == Delivered(sent=1)
    assert len(server.taken) == 1


def test_what_the_server_answers_to_quit_changes_nothing(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA)
    server.faults["QUIT"] = ["421 4.3.0 going down"]
    assert deliver(at) == Delivered(sent=1)
    assert states(at) == {AMINA: LetterState.SENT}


@pytest.mark.parametrize("taken", [0, 1])
def test_a_run_that_dies_during_the_text_leaves_its_letter_in_doubt(
    taken: int, server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM)
    send = Relay._hand_over

    def dies(relay: Relay, content: bytes) -> Any:
        if taken:
            send(relay, content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Relay, "_hand_over", dies)
        deliver(at)
    assert states(at) == {AMINA: LetterState.DATA, BRAHIM: LetterState.QUEUED}
    later = again(at)
    assert deliver(later, in_doubt=recover(later, TODAY)) == Delivered(sent=1, unknown=1)
    assert states(at) == {AMINA: LetterState.UNKNOWN, BRAHIM: LetterState.SENT}
    assert [to for to, _ in server.taken] == [AMINA] * taken + [BRAHIM]


KILLED = """
import os, signal, sys
from pathlib import Path
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.mail.smtp import Relay
from jobs.deliver import deliver
send = Relay._hand_over
def dies(relay, content):
    if sys.argv[2] == "after": send(relay, content)
    os.kill(os.getpid(), signal.SIGKILL)
Relay._hand_over = dies
deliver(Installation.at(Path(sys.argv[1])))
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(("moment", "taken"), [("before", 0), ("after", 1)])
def test_a_killed_process_leaves_its_letter_in_doubt(
    moment: str, taken: int, server: FakeRelay, tmp_path: Path
) -> None:
    at = waiting(tmp_path, server, AMINA)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "settings.toml"), moment],
        cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert len(server.taken) == taken
    later = again(at)
    assert deliver(later, in_doubt=recover(later, TODAY)) == Delivered(unknown=1)
    assert len(server.taken) == taken


def test_a_letter_found_in_doubt_is_counted_in_the_run_that_finds_it_only(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA)
    at.store.outbox.leave(
        at.store.outbox.letters()[0].key, LetterState.DATA, of=(LetterState.QUEUED,), at=datetime.now(UTC), detail=""
    )
    assert [recover(again(at), TODAY) for _ in range(2)] == [1, 0]
    assert details(at) == {AMINA: LOST}


# -------------------------------------------------------------------------------------------------- kept back


def test_nothing_leaves_as_long_as_sending_is_not_switched_on(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM, mail={"live": False})
    assert deliver(at) == Delivered(held=2, why=("l'envoi n'est pas activé (mail.live)",))
    assert server.connections == 0
    assert states(at) == {AMINA: LetterState.HELD, BRAHIM: LetterState.HELD}
    assert set(details(at).values()) == {"l'envoi n'est pas activé (mail.live)"}


def test_letters_kept_back_leave_the_same_day_once_they_may(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA, mail={"live": False})
    deliver(at)
    recover(at, TODAY)
    assert deliver(again(at, live=True)) == Delivered(sent=1)


def test_outside_production_only_allowed_people_are_written_to(server: FakeRelay, tmp_path: Path) -> None:
    allowed = ["BRAHIM@fes.example", "@tanger.example"]
    at = waiting(tmp_path, server, AMINA, BRAHIM, SAMIRA,
                 mail={"environnement": "essai", "destinataires_autorises": allowed})  # fmt: skip
    report = deliver(at)
    assert (report.sent, report.held) == (2, 1)
    assert "mail.destinataires_autorises" in report.why[0]
    assert [to for to, _ in server.taken] == [BRAHIM, SAMIRA]
    subjects = {BytesParser(policy=SMTP).parsebytes(content)["Subject"] for _, content in server.taken}
    assert subjects == {"[ESSAI] Visa"}


def test_the_cap_keeps_the_least_urgent_back_until_the_next_run_of_the_day(server: FakeRelay, tmp_path: Path) -> None:
    people = [f"p{number}@fes.example" for number in range(5)]
    at = waiting(tmp_path, server, *people, mail={"plafond": 2})
    cap = ("plafond de ce passage atteint (mail.plafond)",)
    assert deliver(at) == Delivered(sent=2, held=3, why=cap)
    assert deliver(again(at)) == Delivered(sent=2, held=1, why=cap)
    assert deliver(again(at)) == Delivered(sent=1)
    assert [to for to, _ in server.taken] == people


def test_letters_kept_back_until_another_day_expire_and_their_notices_are_told_afresh(
    server: FakeRelay, tmp_path: Path
) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM, mail={"plafond": 1})
    deliver(at)
    assert len(at.store.outbox.said()) == 2
    tomorrow = again(at)
    recover(tomorrow, TODAY + timedelta(days=1))
    assert states(at) == {AMINA: LetterState.SENT, BRAHIM: LetterState.EXPIRED}
    assert {key[-1] for key in at.store.outbox.said()} == {AMINA}
    assert deliver(tomorrow) == Delivered()
    assert len(server.taken) == 1


# ---------------------------------------------------------------------------------------------- the folder, none


def test_a_folder_takes_what_was_kept_back(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA, BRAHIM, mail={"live": False})
    deliver(at)
    assert deliver(again(at, transport="folder")) == Delivered(sent=2)
    assert len(list(at.letters_folder.iterdir())) == 2
    assert server.connections == 0


def test_without_a_transport_nothing_moves(server: FakeRelay, tmp_path: Path) -> None:
    at = waiting(tmp_path, server, AMINA)
    assert deliver(again(at, transport="none")) == Delivered()
    assert states(at) == {AMINA: LetterState.QUEUED}


# ------------------------------------------------------------------------------------------------- whole commands


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Installation]:
    """A demo whose letters leave through a server, as any number of them did for long."""

    def made(server: FakeRelay, **changed: Any) -> Installation:
        installation(tmp_path)
        return accustomed(Installation.at(settings(tmp_path, server, **changed)), monkeypatch)

    return made


def test_remind_counts_and_exits_4_when_a_letter_is_in_doubt(
    server: FakeRelay, demo: Callable[..., Installation], capsys: pytest.CaptureFixture[str]
) -> None:
    at = demo(server)
    where = ["--config", str(at.folder / "settings.toml"), "--as-of", AS_OF.isoformat()]
    server.faults["DATA"] = [TAKE_AND_DROP]
    assert call("remind", *where, "--json") == 4
    letters = json.loads(capsys.readouterr().out)["letters"]
    assert letters == {"new": letters["new"], "sent": letters["new"] - 1, "failed": 0, "unknown": 1, "held": 0}
    assert len(server.taken) == letters["new"] > 2
    assert call("outbox", *where) == 0
    assert capsys.readouterr().out.count(LOST) == 1
    assert call("remind", *where, "--json") == 0
    assert len(server.taken) == letters["new"]


def test_remind_tells_what_is_kept_back_and_the_next_day_writes_it_afresh(
    server: FakeRelay, demo: Callable[..., Installation], capsys: pytest.CaptureFixture[str]
) -> None:
    at = demo(server, mail={"live": False})
    first = remind(at, at.read(AS_OF))
    assert first.delivered == Delivered(held=first.new, why=("l'envoi n'est pas activé (mail.live)",))
    assert not first.went_wrong
    where = ["--config", str(at.folder / "settings.toml"), "--as-of", AS_OF.isoformat()]
    assert call("remind", *where) == 0
    assert f"{first.new} courriel(s) retenus : l'envoi n'est pas activé (mail.live)." in capsys.readouterr().out
    live = again(at, live=True)
    tomorrow = AS_OF + timedelta(days=1)
    told = remind(live, live.read(tomorrow))
    assert told.delivered.sent == told.new > 0
    said = {(n.subject, n.to) for parcel in first.parcels for n in parcel.notices}
    assert said & {(n.subject, n.to) for parcel in told.parcels for n in parcel.notices}
    dates = {BytesParser(policy=SMTP).parsebytes(content)["Date"].datetime.date() for _, content in server.taken}
    assert dates == {tomorrow}


def test_a_letter_that_reads_back_otherwise_is_refused_and_the_others_go_on(
    server: FakeRelay, demo: Callable[..., Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = demo(server)
    reading = at.read(AS_OF)
    victim = next(notice.to for notice in reading.assessment.notices if notice.to)
    compose = message._compose

    def injected(meant: Meant, *rest: Any) -> bytes:
        content = compose(meant, *rest)
        return b"Bcc: evil@x.example\r\n" + content if meant.to == victim else content

    monkeypatch.setattr(message, "_compose", injected)
    report = remind(at, reading)
    assert len(report.refused) == report.failed > 0  # an urgent letter goes apart from the digest
    assert all(victim in refused for refused in report.refused)
    assert report.delivered.sent == report.new == len(server.taken) > 1
    assert victim not in {to for to, _ in server.taken}
    assert victim not in {key[-1] for key in at.store.outbox.said()}


@pytest.mark.parametrize(("fault", "code"), [("550 5.1.1 no such user", 4), ("", None)])
def test_the_job_alone_exits_4_when_a_letter_failed(
    fault: str, code: int | None, server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = Installation.at(settings(tmp_path, server))
    write(at, AMINA, day=clock.today())
    server.faults["RCPT"] = [fault]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        job.main()
        raise SystemExit
    assert left.value.code == code


def test_run_says_where_to_read_why_a_letter_failed(
    server: FakeRelay, demo: Callable[..., Installation], capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--config", str(demo(server).folder / "settings.toml"), "--as-of", AS_OF.isoformat()]
    server.faults["RCPT"] = ["550 5.1.1 no such user"]
    assert call("run", *where) == 4
    assert "1 en échec (voir « cdi outbox »)." in capsys.readouterr().out
    call("outbox", *where)
    assert "    550 5.1.1 no such user\n" in capsys.readouterr().out


def test_doctor_looks_at_the_mail_server_and_sends_nothing(
    server: FakeRelay, demo: Callable[..., Installation], capsys: pytest.CaptureFixture[str]
) -> None:
    at = demo(server)
    assert call("doctor", "--config", str(at.folder / "settings.toml"), "--as-of", AS_OF.isoformat()) == 0
    told = capsys.readouterr().out
    assert "✓ Serveur de courrier : 127.0.0.1" in told
    assert "✓ Envoi : activé, en production : tous les destinataires, au plus 200 courriels" in told
    assert "MAIL" not in server.commands
