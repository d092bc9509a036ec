"""Forms that come by mail: taken once, whatever else the message is, and only where the installation takes forms."""

from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from cdi_sync.edges.forms.mail_attachments import OTHER_SENDER
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.incoming import Kind
from jobs import collect as job
from jobs.collect import Collected, collect
from tests.edges.forms.filled import ANSWERS, FakeIntake, filled, opened_with_declarations
from tests.edges.forms.test_mail_attachments import mail
from tests.jobs.test_collect import FakeInbox

FORM = filled()
CORRECTED = filled({**ANSWERS, "objet": "corrigé"})


class Inbox(FakeInbox):
    """A mailbox that asks for no day in particular."""

    def new(self, name: str, place: job.Place | None, *, since: date, most: int) -> tuple[job.Place, list[int]]:
        place = place or job.Place(name, 7, 0)
        return place, [one.uid for one in self.messages if one.uid > place.uid][:most]


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    opened_with_declarations(monkeypatch)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Inbox:
    fake = Inbox()
    monkeypatch.setattr(job, "Inbox", fake)
    return fake


@pytest.fixture
def intake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeIntake]:
    fake = FakeIntake()
    monkeypatch.setattr(Store, "submissions", fake, raising=False)
    return fake


def taking(folder: Path, *, modules: str = '"formulaires"', mail_settings: str = "") -> Installation:
    """An installation that takes forms, and has never sent anything."""
    (folder / "settings.toml").write_text(
        f'[registre]\nmodules = [{modules}]\n[mail]\n{mail_settings}\n[mail.imap]\nserveur = "imap.example"\nutilisateur = "cdi"\n',
        encoding="utf-8",
    )
    return Installation.at(folder / "settings.toml")


def unheard(_at: Installation, _message: EmailMessage) -> str:
    raise AssertionError("a form was heard as an answer")


def test_a_form_is_taken_though_nothing_was_ever_sent(tmp_path: Path, inbox: Inbox, intake: FakeIntake) -> None:
    at = taking(tmp_path)
    inbox.add(mail(FORM))
    assert collect(at, answers=unheard) == Collected(kinds={Kind.FORM: 1})
    assert [one.values for one in intake.answers.values()] == [ANSWERS]
    (noted,) = at.store.mailbox.messages()
    assert (noted.kind, noted.sender, noted.detail) == (
        "formulaire", "amina@fes.example", "1 formulaire(s), dont 1 nouveau(x) ou corrigé(s)",
    )  # fmt: skip
    assert collect(at, answers=unheard) == Collected()


def test_a_corrected_form_updates_and_the_same_again_changes_nothing(
    tmp_path: Path, inbox: Inbox, intake: FakeIntake
) -> None:
    at = taking(tmp_path)
    for number, content in enumerate((FORM, CORRECTED, CORRECTED)):
        inbox.add(mail(content).replace(b"<1@", b"<%d@" % number))
    assert collect(at).kinds == {Kind.FORM: 3}
    (one,) = intake.answers.values()
    assert one.values["objet"] == "corrigé"
    assert sorted(noted.detail for noted in at.store.mailbox.messages()) == [
        "1 formulaire(s), dont 0 nouveau(x) ou corrigé(s)",
        "1 formulaire(s), dont 1 nouveau(x) ou corrigé(s)",
        "1 formulaire(s), dont 1 nouveau(x) ou corrigé(s)",
    ]


def test_what_a_person_must_look_at_is_told(tmp_path: Path, inbox: Inbox, intake: FakeIntake) -> None:
    at = taking(tmp_path)
    inbox.add(mail(FORM, sender="autre@lyon.example"))
    assert collect(at).for_person == (OTHER_SENDER,)
    assert len(intake.answers) == 1
    assert "à regarder" in at.store.mailbox.messages()[0].detail


def test_a_form_attached_to_a_signed_answer_counts_as_both(tmp_path: Path, inbox: Inbox, intake: FakeIntake) -> None:
    at = taking(tmp_path, mail_settings='reponses = "reponses@fes.example"')
    inbox.add(mail(FORM).replace(b"To: cdi@fes.example", b"To: reponses+abc@fes.example"))
    assert collect(at, answers=lambda *_: "noté").kinds == {Kind.ANSWER: 1}
    assert len(intake.answers) == 1
    assert at.store.mailbox.messages()[0].detail == "noté ; 1 formulaire(s), dont 1 nouveau(x) ou corrigé(s)"


def test_a_form_sent_to_the_address_of_answers_without_a_signature_is_a_form(
    tmp_path: Path, inbox: Inbox, intake: FakeIntake
) -> None:
    at = taking(tmp_path, mail_settings='reponses = "reponses@fes.example"')
    inbox.add(mail(FORM).replace(b"To: cdi@fes.example", b"To: reponses@fes.example"))
    assert collect(at, answers=unheard).kinds == {Kind.FORM: 1}


def test_without_the_module_no_attachment_is_opened(tmp_path: Path, inbox: Inbox, intake: FakeIntake) -> None:
    inbox.add(mail(FORM))
    assert collect(taking(tmp_path, modules='"suivi"')) == Collected()
    assert intake.answers == {}


def test_an_automatic_message_brings_no_form(tmp_path: Path, inbox: Inbox, intake: FakeIntake) -> None:
    inbox.add(b"Auto-Submitted: auto-generated\r\n" + mail(FORM))
    assert collect(taking(tmp_path)).kinds == {Kind.AUTOMATIC: 1}
    assert intake.answers == {}


def test_a_dry_run_tells_and_takes_nothing(tmp_path: Path, inbox: Inbox, intake: FakeIntake) -> None:
    at = taking(tmp_path)
    inbox.add(mail(FORM))
    assert collect(at, dry_run=True).kinds == {Kind.FORM: 1}
    assert intake.answers == {}


def test_a_message_whose_form_cannot_be_put_in_the_intake_is_taken_again(
    tmp_path: Path, inbox: Inbox, intake: FakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = taking(tmp_path)
    inbox.add(mail(FORM))
    with monkeypatch.context() as broken:
        broken.setattr(FakeIntake, "take", lambda *_one, **_how: 1 / 0)
        assert len(collect(at).for_person) == 1
    assert at.store.mailbox.messages() == []
    assert collect(at).kinds == {Kind.FORM: 1}
    assert len(intake.answers) == 1
