"""What a message that came in is taken for, and how little of it is believed."""

import pytest

from cdi_sync.mail import incoming
from cdi_sync.mail.incoming import Kind, Ours, kind_of, parsed

CDI, AMINA, LETTER = "cdi@fes.example", "amina@fes.example", "<0123@fes.example>"
OURS = Ours({LETTER: "rappels|amina"}, frozenset({CDI, "reponses@fes.example"}), answers="reponses@fes.example")


def message(*headers: str, sender: str = f"Amina <{AMINA}>", text: str = "Bonjour.") -> bytes:
    lines = [f"From: {sender}"] if sender else []
    return "\r\n".join([*lines, "Subject: Re: Visa", "Message-ID: <a@mail.example>", *headers, "", text, ""]).encode()


def kind(*headers: str, sender: str = f"Amina <{AMINA}>") -> Kind:
    return kind_of(parsed(message(*headers, sender=sender)), OURS)


@pytest.mark.parametrize(
    "header",
    [
        f"In-Reply-To: {LETTER}",
        f"References: <autre@x.example>\r\n {LETTER}",
        "To: reponses@fes.example",
        "To: Service <REPONSES+a1b2c3@Fes.Example>",
        "Delivered-To: reponses+a1b2c3@fes.example",
    ],
)
def test_a_person_who_answers_a_letter_or_writes_to_its_reply_address_is_heard(header: str) -> None:
    assert kind(header) is Kind.ANSWER
    assert kind(header, "Auto-Submitted: no") is Kind.ANSWER


@pytest.mark.parametrize(
    "header",
    [
        "X-Other: 1",
        "In-Reply-To: <inconnu@fes.example>",
        "To: reponses@autre.example",
        "To: autres+reponses@fes.example",
        "Subject: reponses@fes.example",
    ],
)
def test_what_isnt_about_us_is_left_to_people(header: str) -> None:
    assert kind(header) is Kind.OTHER


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner-email=x",
        "Auto-Submitted: auto-notified (congé)",
        "X-Autoreply: yes",
        "X-Autorespond: absent",
        "Precedence: auto_reply",
        "Precedence: Bulk",
        "Precedence: list",
        "Return-Path: <>",
        "List-Id: <tous.fes.example>",
        "X-Auto-Response-Suppress: All",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x",
    ],
)
def test_a_machine_is_never_taken_for_a_person_even_when_it_answers_a_letter(header: str) -> None:
    assert kind(f"In-Reply-To: {LETTER}", "To: reponses@fes.example", header) is Kind.AUTOMATIC


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "<>",
        "MAILER-DAEMON@relais.example",
        "Postmaster <postmaster@fes.example>",
        "noreply@fes.example",
        "no-reply+7@fes.example",
        CDI,  # our own letter that comes back to us: a loop
        "Reponses@fes.example",
        f"{AMINA}, brahim@fes.example",  # two authors: nobody knows who speaks
        "pas une adresse",
    ],
)
def test_nobody_a_daemon_or_ourselves_are_machines(sender: str) -> None:
    assert kind(f"In-Reply-To: {LETTER}", sender=sender) is Kind.AUTOMATIC


def test_a_copy_of_ours_is_told_by_its_message_id_and_its_sender() -> None:
    copy = message("Auto-Submitted: auto-generated", sender=f"CDI <{CDI}>").replace(
        b"<a@mail.example>", LETTER.encode()
    )
    assert kind_of(parsed(copy), OURS) is Kind.COPY
    forged = copy.replace(CDI.encode(), b"cdi@autre.example")
    assert kind_of(parsed(forged), OURS) is Kind.AUTOMATIC


def test_the_letter_that_is_answered_is_the_nearest_that_it_names() -> None:
    ours = Ours({LETTER: "old", "<new@fes.example>": "new"}, frozenset())
    both = parsed(message(f"References: {LETTER} <new@fes.example> <theirs@x.example>"))
    assert incoming.answered(both, ours) == "new"
    assert incoming.answered(parsed(message(f"In-Reply-To: {LETTER}", "References: <new@fes.example>")), ours) == "old"
    assert incoming.answered(parsed(message()), ours) == ""


def test_a_message_is_known_by_its_message_id_else_by_its_bytes() -> None:
    content = message()
    assert incoming.key_of(parsed(content), content) == "<a@mail.example>"
    bare = content.replace(b"Message-ID: <a@mail.example>\r\n", b"")
    assert incoming.key_of(parsed(bare), bare).startswith("sha256:")
    assert incoming.key_of(parsed(bare), bare) != incoming.key_of(parsed(bare + b"x"), bare + b"x")


NASTY = {
    "nothing": b"",
    "no header": b"\xff\xfe\x00 bonjour",
    "bad charset": message('Content-Type: text/plain; charset="nexiste-pas"'),
    "broken address": message(sender='"\\'),
    "comment without end": message("To: (((((((((((", f"In-Reply-To: {LETTER}"),
    "empty group": message("To: undisclosed-recipients:;", f"In-Reply-To: {LETTER}"),
    "bad encoded word": message("Subject: =?utf-8?q?=?= =?=?=", "From: =?x?b?!!!?= <a@b.example>"),
    "bad date": message("Date: hier"),
    "bad message id": message("Message-ID: <<>>", "In-Reply-To: <[]>"),
    "bad content type": message("Content-Type: ;;;/=;", "Content-Transfer-Encoding: plouf"),
    "no boundary": message("Content-Type: multipart/mixed"),
    "long header": message("X-A: " + "a" * 500_000, "References: " + "<x@y> " * 100_000),
    "long list": message(sender=f"{AMINA}, " * 9_000),
    "many parameters": message("Content-Type: text/plain" + "; a=b" * 9_000),
    "bare message": b"Content-Type: message/rfc822\r\n\r\n",
    "report without parts": message("Content-Type: message/delivery-status", text=""),
    "broken report": message('Content-Type: multipart/report; report-type="delivery-status"; boundary=b',
                             text="--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: \xa0;;\r\nStatus: \xff"),
    "deep": b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(60)),
    "deep messages": b"Content-Type: message/rfc822\r\n\r\n" * 1000,
}  # fmt: skip


@pytest.mark.parametrize("content", NASTY.values(), ids=NASTY)
def test_a_message_made_to_trip_us_is_read_as_something(content: bytes) -> None:
    from cdi_sync.mail import returned

    read = parsed(content)
    assert kind_of(read, OURS) in Kind
    assert incoming.key_of(read, content)
    assert not returned.read(read).returns
