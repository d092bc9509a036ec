"""From a letter to a reply, to what staff find in the workbook, to its end; what isn't a reply of the letter's own reader.

A council's minutes are to be sent: its session was closed on 9 October 2026, the project voted that day. Letters go to the
people of the council, the secretary first.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from cdi_sync.assessment import assess
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Common, Installation
from cdi_sync.edges.ledger.mailbox import StoredAnswer
from cdi_sync.edges.ledger.outbox import StoredLetter
from cdi_sync.edges.ledger.store import Store
from cdi_sync.edges.mail.answer_key import FILE, MARK, answer_key
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.errors import ConfigError
from cdi_sync.mail import tokens
from cdi_sync.mail.outbox import RECEIPT, Parcel
from cdi_sync.model import Answer, Notice
from cdi_sync.publish import is_filled
from jobs import answers
from jobs.answers import MOST_QUESTIONS, handle
from jobs.remind import remind
from jobs.run import run
from tests.jobs.test_run import column
from tests.mail.replies import ANSWERS, parsed, reply
from tests.mail.test_answers import NOTICE
from tests.mail.test_letters import digest, line
from tests.registries import DECLARED, complete, merged
from tests.reminders.test_notices import minutes
from tests.reminders.worlds import STAFF

CLOSED, TODAY = date(2026, 10, 9), date(2026, 10, 23)
SETTINGS = f'[registre]\nlignes_en_reserve = 0\n[mail]\nreponses = "{ANSWERS}"\n'
NAMED = {"contacts": [{}, {}, {"nom_prenom": "Amina Idrissi"}]}
DAY = timedelta(days=1)


@cache
def _workbook() -> bytes:
    rows = complete(merged(minutes(CLOSED), STAFF, NAMED))
    return build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=0)


@pytest.fixture(scope="module")
def after_a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation whose letters of TODAY have left."""
    folder = tmp_path_factory.mktemp("reponses")
    (folder / "registre.xlsx").write_bytes(_workbook())
    (folder / "settings.toml").write_text(SETTINGS, "utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        on(monkeypatch, TODAY)
        installation = Installation.at(folder / "settings.toml")
        run(installation, TODAY)
        installation.close()
    return folder


COMMON = Common()


@pytest.fixture
def at(after_a_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A copy of it, on that day."""
    shutil.copytree(after_a_run, tmp_path, dirs_exist_ok=True)
    on(monkeypatch, TODAY)
    installation = Installation.at(tmp_path / "settings.toml", COMMON)
    yield installation
    installation.close()


def on(monkeypatch: pytest.MonkeyPatch, day: date, hour: int = 10) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(day.year, day.month, day.day, hour, tzinfo=clock.MOROCCO))


def letters(at: Installation, kind: str = "rappels") -> Sequence[StoredLetter]:
    return [letter for letter in at.store.outbox.letters() if letter.kind == kind]


def letter_to(at: Installation, name: str = "secretaire") -> StoredLetter:
    return next(letter for letter in letters(at) if letter.to == f"{name}@essai.example")


def reply_to(
    letter: StoredLetter, text: str, *, id_: str = "1", day: date = TODAY, sender: str = "", **headers: str
) -> EmailMessage:
    to = str(parsed(letter.content)["Reply-To"])
    return reply(text, to=to, sender=sender or letter.to, id_=id_, sent=f"{day:%d %b %Y} 10:00:00 +0000", **headers)


def told(at: Installation) -> list[StoredAnswer]:
    return list(at.store.mailbox.answers())


def receipts(at: Installation) -> list[str]:
    """The text of each acknowledgement made."""
    parts = (parsed(letter.content).get_body(("plain",)) for letter in letters(at, RECEIPT))
    return [part.get_content() for part in parts if part is not None]


def shown(at: Installation) -> object:
    return column(at.workbook, "Délibérations", "Réponses reçues")["DEL-00001"]


def heard(at: Installation, day: date) -> set[str]:
    """Who would be reminded of the minutes on that day, the ledger's past letters left out."""
    return {parcel.to.partition("@")[0] for parcel in remind(at, at.read(day), dry_run=True).parcels}


# --------------------------------------------------------------------------------------------------- the round trip


def test_from_letter_to_reply_to_proposal_to_the_date_typed(at: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert handle(at, reply_to(letter_to(at), "FAIT 21/10/2026")) == "ACT-00001 : fait le 21/10/2026, à saisir"
    run(at, TODAY)
    assert shown(at) == "Amina Idrissi, 23/10/2026 : fait le 21/10/2026 — à saisir dans « Transmis à l'autorité le »"
    (text,) = receipts(at)
    assert "Bonjour Amina Idrissi," in text
    assert "Fait le 21 octobre 2026." in text
    assert "la colonne « Transmis à l'autorité le » du classeur" in text
    assert "pendant 3 jours ouvrés" in text
    on(monkeypatch, TODAY + DAY)
    book = openpyxl.load_workbook(at.workbook)
    sheet = book["Délibérations"]
    header = [cell.value for cell in sheet[1]].index("Transmis à l'autorité le") + 1
    assert sheet.cell(2, header).value is None, "our own software never types a staff cell"
    sheet.cell(2, header).value = date(2026, 10, 21)
    book.save(at.workbook)
    run(at, TODAY + DAY)
    assert shown(at) in ("", None)


def test_a_proposal_ends_when_its_own_cell_is_filled(at: Installation) -> None:
    known = at.read(TODAY).assessment
    assert is_filled("deliberations", "DEL-00001", "resultat", known)
    assert not is_filled("deliberations", "DEL-00001", "date_transmission_pv_autorite", known)
    assert not is_filled("deliberations", "DEL-00001", "", known), "no empty cell awaited it"


def test_a_reminder_said_done_is_silent_three_worked_days_for_all_then_comes_back_once(
    at: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = {letter.to.partition("@")[0] for letter in letters(at)}
    handle(at, reply_to(letter_to(at), "FAIT 21/10/2026"))  # a Friday
    assert heard(at, date(2026, 10, 27)) == set()
    assert heard(at, date(2026, 10, 28)) >= everyone
    on(monkeypatch, date(2026, 10, 28))
    run(at, date(2026, 10, 28))
    assert shown(at), "the proposal stays as long as nothing is typed"
    assert heard(at, date(2026, 10, 28)) == set()


@pytest.mark.parametrize(
    ("text", "silent", "back"),
    [
        ("REPORTER 10", date(2026, 10, 30), date(2026, 11, 2)),
        ("PRIS EN COMPTE", date(2026, 10, 29), date(2026, 10, 30)),
    ],
)
def test_put_off_or_acknowledged_it_is_silent_for_all_until_that_day(
    at: Installation, text: str, silent: date, back: date
) -> None:
    handle(at, reply_to(letter_to(at), text))
    assert heard(at, silent) == set()
    assert "secretaire" in heard(at, back)
    run(at, TODAY)
    assert shown(at) in ("", None), "nothing is to be typed"


def test_a_later_answer_takes_the_place_of_the_same_one(at: Installation) -> None:
    handle(at, reply_to(letter_to(at), "REPORTER 20", id_="1"))
    handle(at, reply_to(letter_to(at), "REPORTER 3", id_="2"))
    assert "secretaire" in heard(at, date(2026, 10, 26))


def test_an_answer_says_nothing_of_a_new_deadline(at: Installation) -> None:
    handle(at, reply_to(letter_to(at), "REPORTER 30"))
    answer = at.answers()[0]
    other = replace(answer, anchor=answer.anchor + DAY)
    assert (answer.reminder, answer.subject, answer.tab) == ("REM-DEL-06", "DEL-00001", "deliberations")
    assert {n.to for n in _notices(at, answers=(other,))} == {n.to for n in _notices(at, answers=())} != set()
    assert _notices(at, answers=(answer,)) == []


def _notices(at: Installation, answers: tuple[Answer, ...]) -> list[Notice]:
    known = assess(at.read(TODAY).assessment.registry, at.knowledge, TODAY, answers=answers)
    return [notice for notice in known.notices if notice.reminder == "REM-DEL-06"]


# ------------------------------------------------------------------------------------------ who may answer, and once


def test_the_same_message_counts_once(at: Installation) -> None:
    message = reply_to(letter_to(at), "FAIT 21/10/2026")
    handle(at, message)
    assert handle(at, message) == "déjà traitée : rien n'est fait"
    assert (len(told(at)), len(receipts(at))) == (1, 1)


def test_stopped_before_the_message_was_recorded_nothing_is_told_twice(
    at: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = reply_to(letter_to(at), "FAIT 21/10/2026")
    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr(answers, "_record", _stop)
        handle(at, message)
    assert (told(at), len(receipts(at))) == ([], 1)
    handle(at, message)
    assert (len(told(at)), len(receipts(at))) == (1, 1)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_reply_that_is_not_of_the_letters_reader_changes_nothing_and_is_not_answered(at: Installation) -> None:
    letter = letter_to(at)
    to = str(parsed(letter.content)["Reply-To"])
    false = to.replace(to.partition("+")[2][:4], "aaaa")
    other_key = tokens.address(ANSWERS, tokens.token(bytes(32), letter.key))
    gone = tokens.address(ANSWERS, tokens.token(at.answer_key, "rappels|autre|2026-10-23|r1"))
    cases = {
        "la personne à qui": reply_to(letter, "FAIT", id_="a", sender="dgs@essai.example"),
        "signature": reply("FAIT", to=false, sender=letter.to, id_="b"),
        "signature de": reply("FAIT", to=other_key, sender=letter.to, id_="c"),
        "registre des courriers": reply("FAIT", to=gone, sender=letter.to, id_="d"),
        "ne dit pas": reply("FAIT", to=ANSWERS, sender=letter.to, id_="e"),
        "Authentication-Results": reply_to(letter, "FAIT", id_="f", Authentication_Results="mx; dmarc=fail"),
    }
    for words, message in cases.items():
        done = handle(at, message)
        assert done.startswith("à regarder : "), words
        assert words in done
    assert (told(at), receipts(at)) == ([], [])


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Return_Path": "<>"}, {"Precedence": "bulk"}])
def test_a_machine_is_never_answered(at: Installation, headers: dict[str, str]) -> None:
    assert handle(at, reply_to(letter_to(at), "FAIT", **headers)).startswith("réponse automatique")
    assert (told(at), receipts(at)) == ([], [])


def test_two_machines_that_talk_fall_silent(at: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_A_DAY", MOST_QUESTIONS + 1)
    answers_made = letter_to(at)
    for number in range(MOST_QUESTIONS + 1):  # an absence message that doesn't say that it is one, to each of ours
        handle(at, reply_to(answers_made, "Je suis absente.", id_=f"q{number}"))
        answers_made = letters(at, RECEIPT)[-1]
    assert len(receipts(at)) == MOST_QUESTIONS
    for number in range(2):
        last = handle(at, reply_to(letter_to(at), "REPORTER 7", id_=f"r{number}"))
    assert len(receipts(at)) == MOST_QUESTIONS + 1
    assert len(told(at)) == 2, "what is clear counts all the same"
    assert last.endswith("sans accusé de réception")


def test_an_acknowledgement_is_answered_like_its_letter(at: Installation) -> None:
    handle(at, reply_to(letter_to(at), "FAIT 21/10/26", id_="1"))
    (asks,) = letters(at, RECEIPT)
    assert "le jour, le mois et l'année" in receipts(at)[0]
    handle(at, reply_to(asks, "FAIT 21/10/2026", id_="2"))
    assert [(one.verb, one.value) for one in told(at)] == [("fait", "2026-10-21")]


@pytest.mark.parametrize(("age", "is_read"), [(400, True), (401, False)])
def test_a_letter_can_be_answered_for_400_days(
    at: Installation, monkeypatch: pytest.MonkeyPatch, age: int, is_read: bool
) -> None:
    on(monkeypatch, TODAY + age * DAY)
    handle(at, reply_to(letter_to(at), "FAIT 21/10/2026"))
    assert bool(told(at)) is is_read
    assert ("trop ancien" in receipts(at)[0]) is not is_read


def test_what_was_done_meanwhile_is_told_so(at: Installation) -> None:
    book = openpyxl.load_workbook(at.workbook)
    sheet = book["Délibérations"]
    headers = [cell.value for cell in sheet[1]]
    sheet.cell(2, headers.index("Transmis à l'autorité le") + 1).value = date(2026, 10, 20)
    book.save(at.workbook)
    assert handle(at, reply_to(letter_to(at), "FAIT")) == "ACT-00001 : sans effet (termine)"
    assert "Plus rien n'attend ici pour ACT-00001" in receipts(at)[0]


# --------------------------------------------------------------------------------------------------- what letters carry


def test_each_letter_has_its_own_reply_address_and_each_line_its_answers(at: Installation) -> None:
    addresses = {str(parsed(letter.content)["Reply-To"]) for letter in letters(at)}
    assert len(addresses) == len(letters(at)) > 1
    assert all(len(address.partition("@")[0]) <= 64 for address in addresses)
    (line_told,) = answers.ready(digest(line()), Parcel("rappels", NOTICE.to, "rappels|x|r1", (NOTICE,)), at).lines
    assert [label for label, _ in line_told.answers] == ["C'est fait", "Rappeler dans 7 jours", "Je m'en occupe"]
    (link,) = {link.partition("?")[0] for _, link in line_told.answers}
    token = tokens.read(at.answer_key, tokens.carried(link.removeprefix("mailto:").replace("%2B", "+"), ANSWERS))
    assert token is not None
    assert token.line


def test_without_an_address_of_answers_letters_are_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "registre.xlsx").write_bytes(_workbook())
    (tmp_path / "settings.toml").write_text("[registre]\nlignes_en_reserve = 0\n", "utf-8")
    at = Installation.at(tmp_path / "settings.toml")
    on(monkeypatch, TODAY)
    remind(at, at.read(TODAY))
    assert letters(at)
    assert not [letter for letter in letters(at) if "Reply-To" in parsed(letter.content)]
    assert not (tmp_path / FILE).exists()
    assert handle(at, reply("FAIT")).startswith("à regarder")


@pytest.mark.parametrize("address", ["a" * 32 + "@fes.example", "pas une adresse"])
def test_an_address_of_answers_that_cannot_serve_is_refused_with_the_settings(tmp_path: Path, address: str) -> None:
    (tmp_path / "settings.toml").write_text(f'[mail]\nreponses = "{address}"\n', "utf-8")
    with pytest.raises(ConfigError) as refused:
        Installation.at(tmp_path / "settings.toml")
    assert "mail.reponses" in str(refused.value.why)


# ------------------------------------------------------------------------------------------------------- the secret


def test_the_secret_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "suivi.sqlite")
    key = answer_key(tmp_path, store)
    assert len(key) == 32
    assert answer_key(tmp_path, store) == key
    if os.name == "posix":
        assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
        (tmp_path / FILE).chmod(0o644)
        with pytest.raises(ConfigError, match="clé des réponses"):
            answer_key(tmp_path, store)


@pytest.mark.parametrize("kept", ["", "00", "zz" * 32, "é"])
def test_a_damaged_secret_is_told_and_never_replaced(tmp_path: Path, kept: str) -> None:
    (tmp_path / FILE).write_text(kept, "utf-8")
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(ConfigError):
        answer_key(tmp_path, Store.open(tmp_path / "suivi.sqlite"))
    assert (tmp_path / FILE).read_text("utf-8") == kept


def test_machines_that_share_a_ledger_share_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(tmp_path / "suivi.sqlite")
    before = answer_key(tmp_path, store)
    monkeypatch.setattr(Store, "is_shared", property(lambda _self: True))
    monkeypatch.setattr(Store, "keep_mark", lambda self, name, value: _first_wins(self, name, value))
    assert answer_key(tmp_path, store) == before, "letters sent before it was shared can still be answered"
    (elsewhere := tmp_path / "autre").mkdir()
    assert answer_key(elsewhere, store) == before
    assert store.mark(MARK)


def _first_wins(store: Store, name: str, value: object) -> object:
    if store.mark(name) is None:
        store.set_mark(name, value)
    return store.mark(name)
