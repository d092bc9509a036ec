"""Forms attached to messages: which count, and what a person is told to look at."""

import io
from email.message import EmailMessage
from email.policy import SMTP
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from cdi_sync.edges.forms import mail_attachments as module
from cdi_sync.edges.forms.mail_attachments import OTHER_SENDER, SENT_FROM, TOO_MANY, Attached, submissions_of
from cdi_sync.forms.submission import Source
from cdi_sync.mail import incoming
from tests.edges.forms.filled import ANSWERS, AT, MINUTES, blank, filled
from tests.edges.forms.test_sheet_file import any_workbook
from tests.registries import DECLARED

FORM = filled()
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def mail(
    *attached: bytes, sender: str = "amina@fes.example", kind: tuple[str, str] = XLSX, name: str = "fiche.xlsx"
) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Message-ID"] = sender, "cdi@fes.example", "<1@fes.example>"
    message.set_content("Ci-joint le formulaire.")
    for data in attached:
        message.add_attachment(data, maintype=kind[0], subtype=kind[1], filename=name)
    return message.as_bytes()


def read(content: bytes) -> Attached:
    return submissions_of(incoming.parsed(content), DECLARED, at=AT)


def test_an_attached_form_is_an_answer() -> None:
    found = read(mail(FORM))
    (one,) = found.submissions
    assert (one.values, one.source, one.unknown, found.told) == (ANSWERS, Source.MAIL, {}, ())


@pytest.mark.parametrize(
    ("kind", "name"), [(("application", "octet-stream"), "fiche.bin"), (("application", "zip"), "x")]
)
def test_whatever_the_mail_program_calls_it(kind: tuple[str, str], name: str) -> None:
    assert len(read(mail(FORM, kind=kind, name=name)).submissions) == 1


def test_a_form_sent_from_another_address_is_told() -> None:
    found = read(mail(FORM, sender="Brahim <Brahim@lyon.example>"))
    assert [one.unknown for one in found.submissions] == [{SENT_FROM: "brahim@lyon.example"}]
    assert found.told == (OTHER_SENDER,)


def test_the_address_may_be_written_in_another_way() -> None:
    content = filled({**ANSWERS, "demandeur.courriel": " amina@FES.example\u200f"})
    assert read(mail(content, sender="AMINA@fes.example")).told == ()


def test_a_form_of_ours_that_cannot_be_used_is_told() -> None:
    assert read(mail(blank())).told == (
        "un formulaire joint n'a pas pu être pris en compte : Le formulaire est vide. aucune case de réponse n'est remplie",
    )
    assert "n'existe plus" in read(mail(filled({"id": "REU-1"}, MINUTES))).told[0]


def bomb() -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (module.LARGEST_UNPACKED + 1))
    return out.getvalue()


@pytest.mark.parametrize("data", [any_workbook(), FORM[:4000], b"PK\x03\x04", b"", b"%PDF-1.7", bomb()])
def test_any_other_attachment_is_left_to_who_reads_the_mailbox(data: bytes) -> None:
    assert not read(mail(data)).is_ours
    assert len(read(mail(data, FORM)).submissions) == 1


def test_an_attachment_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", len(FORM) - 1)
    assert not read(mail(FORM)).is_ours


def test_an_attachment_that_would_be_too_large_once_unpacked_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_UNPACKED", len(FORM))
    assert not read(mail(FORM)).is_ours


def test_beyond_so_many_attachments_a_person_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    found = read(mail(FORM, filled({**ANSWERS, "intitule": "autre"})))
    assert (len(found.submissions), found.told) == (1, (TOO_MANY,))


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n", mail(FORM)[:3000]]
)
def test_a_message_made_to_trip_the_reader_brings_nothing(content: bytes) -> None:
    assert not read(content).is_ours
