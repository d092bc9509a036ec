"""What a delivery report says of a letter, whom it is believed about, and what follows."""

import pytest

from cdi_sync.mail.incoming import Kind, Ours, kind_of, parsed
from cdi_sync.mail.returned import Follow, Return, follows, read

AMINA, LETTER, SUBJECT = "amina@fes.example", "<0123@fes.example>", "ACT-00001 : visa à demander"


def report(
    to: str = f"rfc822; {AMINA}", action: str = "failed", status: str = "5.1.1", said: str = "smtp; 550 5.1.1 no such user",
    *, returned: str = "message/rfc822", message_id: str = LETTER, subject: str = "=?utf-8?q?ACT-00001_=3A_visa_=C3=A0_demander?=",
    more: str = "", sender: str = "MAILER-DAEMON@relais.example",
) -> bytes:  # fmt: skip
    """A delivery report as Postfix writes one; returned: how it carries the letter, "" when it doesn't."""
    lines = [
        f"From: {sender}", "Message-ID: <retour-1@relais.example>", "MIME-Version: 1.0", "Subject: Undelivered Mail",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "",
        "--b", "Content-Type: text/plain", "", "Sorry.",
        "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; relais.example", "",
        f"Final-Recipient: {to}", *([more] if more else []), f"Action: {action}", f"Status: {status}",
        f"Diagnostic-Code: {said}",
    ]  # fmt: skip
    if returned:
        lines += ["", "--b", f"Content-Type: {returned}", "", "From: cdi@fes.example", f"Subject: {subject}",
                  f"Message-ID: {message_id}", "", "Bonjour."]  # fmt: skip
    return "\r\n".join([*lines, "--b--", ""]).encode()


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_tells_the_letter_the_person_and_why(returned: str) -> None:
    read_ = read(parsed(report(returned=returned)))
    assert (read_.message_id, read_.subject) == (LETTER, SUBJECT)
    assert read_.about(SUBJECT, AMINA) == Return(AMINA, "failed", "5.1.1", "550 5.1.1 no such user")


def test_a_report_is_one_whoever_signs_it() -> None:
    assert kind_of(parsed(report(sender="amina@fes.example")), Ours({}, frozenset())) is Kind.RETURNED


def test_it_is_believed_about_the_person_that_the_letter_was_for_only() -> None:
    assert read(parsed(report())).about(SUBJECT, "president@fes.example") is None
    assert read(parsed(report(to="rfc822; president@fes.example"))).about(SUBJECT, AMINA) is None
    assert read(parsed(report(to=f"x400; {AMINA}"))).about(SUBJECT, AMINA) is None
    assert read(parsed(report(to=f"RFC822;  <{AMINA.upper()}> "))).about(SUBJECT, AMINA.upper()) is not None


def test_an_address_that_was_forwarded_is_told_under_the_name_that_we_wrote_to() -> None:
    found = read(parsed(report(to="rfc822; amina@ailleurs.example", more=f"Original-Recipient: rfc822;{AMINA}")))
    assert found.about(SUBJECT, AMINA)


@pytest.mark.parametrize("changed", [{"subject": "ACT-00002 : visa"}, {"subject": ""}, {"returned": ""}])
def test_a_report_that_does_not_know_the_subject_of_the_letter_is_not_believed(changed: dict[str, str]) -> None:
    """A Message-ID can be worked out by who knows how it is made; the subject only by who saw the letter."""
    assert read(parsed(report(**changed))).about(SUBJECT, AMINA) is None


def test_a_label_put_before_the_subject_on_the_way_changes_nothing() -> None:
    assert read(parsed(report(subject="=?utf-8?q?=5BExterne=5D_ACT-00001_=3A_visa_=C3=A0_demander?="))).about(
        SUBJECT, AMINA
    )


def test_of_several_people_each_is_told_apart() -> None:
    two = report(
        said="smtp; 550\r\n\r\nFinal-Recipient: rfc822; temoin@fes.example\r\nAction: delivered\r\nStatus: 2.1.5"
    )
    said = {one.to: one.action for one in read(parsed(two)).returns}
    assert said == {AMINA: "failed", "temoin@fes.example": "delivered"}


@pytest.mark.parametrize(
    ("status", "said", "understood"),
    [
        ("5.1.1", "smtp; 550", "5.1.1"),
        ("5.1.10 (null MX)", "smtp; 556", "5.1.10"),
        ("5.0.0", "smtp; 550 5.1.1 <amina>: unknown", "5.1.1"),  # what the server said is more precise
        ("", "smtp; 552 5.2.2 full", "5.2.2"),
        ("5.0.0", "smtp; 550 10.5.1.1 said no", "5.0.0"),  # an address of a machine, not a code
        ("", "smtp; no", ""),
        ("abc", "", ""),
    ],
)
def test_the_code_is_the_most_precise_that_is_given(status: str, said: str, understood: str) -> None:
    assert read(parsed(report(status=status, said=said))).returns[0].status == understood


@pytest.mark.parametrize(
    ("action", "status", "before", "follow"),
    [
        ("failed", "5.1.1", 0, Follow.BAD_ADDRESS),
        ("failed", "5.1.2", 0, Follow.BAD_ADDRESS),
        ("failed", "5.1.10", 0, Follow.BAD_ADDRESS),
        ("failed", "5.2.1", 0, Follow.BAD_ADDRESS),
        ("failed", "5.1.8", 0, Follow.PERSON),  # our own address is refused, not theirs
        ("failed", "5.1.7", 0, Follow.PERSON),
        ("failed", "5.2.2", 0, Follow.TRY_AGAIN),
        ("failed", "5.2.2", 1, Follow.TRY_AGAIN),
        ("failed", "5.2.2", 2, Follow.PERSON),  # the third time
        ("failed", "5.7.1", 0, Follow.TRY_AGAIN),
        ("failed", "5.7.1", 2, Follow.PERSON),
        ("failed", "5.3.4", 0, Follow.PERSON),
        ("failed", "", 0, Follow.PERSON),
        ("failed", "4.4.7", 0, Follow.NOTHING),
        ("delayed", "4.4.1", 0, Follow.NOTHING),
        ("delayed", "5.1.1", 0, Follow.NOTHING),
        ("delivered", "2.1.5", 0, Follow.NOTHING),
        ("relayed", "2.0.0", 0, Follow.NOTHING),
        ("", "5.1.1", 0, Follow.NOTHING),
    ],
)
def test_what_follows_depends_on_the_code(action: str, status: str, before: int, follow: Follow) -> None:
    assert follows(Return(AMINA, action, status), before=before) is follow


def test_a_report_forwarded_by_a_person_is_no_report() -> None:

    forwarded = b"From: amina@fes.example\r\nContent-Type: message/rfc822\r\n\r\n" + report()
    assert kind_of(parsed(forwarded), Ours({}, frozenset())) is Kind.OTHER
    assert read(parsed(forwarded)).returns == ()
