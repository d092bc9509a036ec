"""What a reply says, in three languages, whatever the mail program that carried it; what is asked rather than guessed.

The letter went on 23 November 2026 and spoke of a visa received on 8 October 2026.
"""

from datetime import UTC, date
from email.message import EmailMessage
from typing import Any

import pytest

from cdi_sync.mail import incoming
from cdi_sync.mail.answers import (
    Asked,
    Question,
    Reading,
    Understood,
    Why,
    answer_links,
    day_sent,
    is_refused,
    read_line,
    read_reply,
)
from cdi_sync.mail.own_words import lines_of
from cdi_sync.mail.words import Verb
from cdi_sync.model import Notice
from tests.mail.replies import TODAY, parsed, raw, reply
from tests.registries import DECLARED

WORDS = DECLARED.answer_words
PREFIXES = [tab.prefix for tab in DECLARED.tabs.values()]
DONE, PUT_OFF, SEEN = Verb.DONE, Verb.PUT_OFF, Verb.SEEN


def asked(number: int = 1, row: str = "", **changed: Any) -> Asked:
    values = {"title": "Visa en cours", "not_before": date(2026, 10, 8), "waits": True}
    act = f"ACT-{number:05d}"
    return Asked("REM-VIS-02", act, row or f"VIS-{number:05d}", "2026-10-08", **(values | changed))


VISA, OTHER = asked(1), asked(2)


def read(message: EmailMessage, *lines: Asked, mark: str = "", sent: date = TODAY) -> Reading:
    return read_reply(message, lines or (VISA,), mark, WORDS, prefixes=PREFIXES, sent=sent, longest=30)


def said(text: str, *lines: Asked, **given: Any) -> list[tuple[str, Verb, date]]:
    return [(one.asked.number, one.verb, one.day) for one in read(reply(text), *lines, **given).understood]


def why(text: str, *lines: Asked, **given: Any) -> list[Why]:
    reading = read(reply(text), *lines, **given)
    assert not reading.understood
    return [question.why for question in reading.questions]


# ---------------------------------------------------------------------------------------------------- one line

DONE_ON = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("text", "verb", "day"),
    [
        ("FAIT 03/11/2026", DONE, DONE_ON),
        ("fait le 3 novembre 2026", DONE, DONE_ON),
        ("Fait le 03-11-2026, merci.", DONE, DONE_ON),
        ("C’est fait", DONE, TODAY),
        ("FAIT", DONE, TODAY),
        ("« FAIT »", DONE, TODAY),
        ("ACT-00001 : FAIT 2026-11-03", DONE, DONE_ON),
        ("fait act-1 le 3 nov. 2026", DONE, DONE_ON),
        ("REPORTER 7", PUT_OFF, date(2026, 11, 30)),
        ("Reporter de 7 jours", PUT_OFF, date(2026, 11, 30)),
        ("reporter au 30/11/2026", PUT_OFF, date(2026, 11, 30)),
        ("PRIS EN COMPTE", SEEN, TODAY),
        ("Pris en compte, cordialement", SEEN, TODAY),
        ("تم 03/11/2026", DONE, DONE_ON),
        ("\u200fتم ٠٣/١١/٢٠٢٦\u200f", DONE, DONE_ON),
        ("تمّ في 3 نونبر 2026", DONE, DONE_ON),
        ("تم", DONE, TODAY),
        ("تأجيل 7", PUT_OFF, date(2026, 11, 30)),
        ("\u2067تأجيل ٧ أيام\u2069", PUT_OFF, date(2026, 11, 30)),
        ("أخذت علما", SEEN, TODAY),
        ("اخذتُ علمًا، شكرا", SEEN, TODAY),
        ("DONE 03/11/2026", DONE, DONE_ON),
        ("Done on November 3, 2026. Thanks", DONE, DONE_ON),
        ("SNOOZE 7", PUT_OFF, date(2026, 11, 30)),
        ("postpone for 7 days", PUT_OFF, date(2026, 11, 30)),
        ("ACKNOWLEDGED", SEEN, TODAY),
    ],
)
def test_a_reply_of_one_line_is_understood(text: str, verb: Verb, day: date) -> None:
    assert said(text) == [("ACT-00001", verb, day)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Bonjour, je vous réponds demain.", Why.NOTHING),
        ("", Why.NOTHING),
        ("Pas encore fait", Why.NOTHING),
        ("FAITES", Why.NOTHING),
        ("Fait à Fès, le 3 novembre 2026", Why.BAD_DAY),
        ("fait en partie", Why.UNCLEAR),
        ("Done with the first part", Why.UNCLEAR),
        ("FAIT 03/11/26", Why.BAD_DAY),
        ("FAIT 31/02/2026", Why.BAD_DAY),
        ("FAIT mars 2026", Why.BAD_DAY),
        ("FAIT 24/11/2026", Why.FUTURE),
        ("FAIT 07/10/2026", Why.TOO_EARLY),
        ("REPORTER", Why.NO_DAYS),
        ("REPORTER 0", Why.TOO_LONG),
        ("REPORTER 31", Why.TOO_LONG),
        ("REPORTER au 22/11/2026", Why.TOO_LONG),
        ("ACT-00009 FAIT", Why.STRANGER),
        ("FAIT 03/11/2026\nREPORTER 7", Why.TWO_WAYS),
        ("FAIT 03/11/2026\nFAIT 04/11/2026", Why.TWO_WAYS),
        ("FAIT ٠٣/11/२०२६", Why.BAD_DAY),
    ],
)
def test_what_cannot_be_applied_is_asked_and_changes_nothing(text: str, reason: Why) -> None:
    assert why(text) == [reason]


def test_both_sides_of_every_limit() -> None:
    assert said("FAIT 08/10/2026") == [("ACT-00001", DONE, date(2026, 10, 8))]
    assert said("FAIT 23/11/2026") == [("ACT-00001", DONE, TODAY)]
    assert said("REPORTER 1") == [("ACT-00001", PUT_OFF, date(2026, 11, 24))]
    assert said("REPORTER 30") == [("ACT-00001", PUT_OFF, date(2026, 12, 23))]


def test_a_refused_date_is_told_with_what_it_was_compared_with() -> None:
    (question,) = read(reply("FAIT 07/10/2026")).questions
    assert question == Question(Why.TOO_EARLY, "FAIT 07/10/2026", "ACT-00001", date(2026, 10, 8))


def test_what_no_longer_waits_is_told_so() -> None:
    assert why("FAIT", asked(waits=False)) == [Why.OVER]


# ------------------------------------------------------------------------------------------------- several lines


def test_a_letter_of_several_lines_is_answered_by_number() -> None:
    both = "ACT-00001 FAIT 03/11/2026\nACT-00002 : reporter 7\n"
    assert said(both, VISA, OTHER) == [
        ("ACT-00001", DONE, DONE_ON),
        ("ACT-00002", PUT_OFF, date(2026, 11, 30)),
    ]
    assert why("FAIT 03/11/2026", VISA, OTHER) == [Why.WHICH]


def test_a_button_names_its_line_unless_the_text_names_another() -> None:
    assert said("FAIT", VISA, OTHER, mark=OTHER.mark) == [("ACT-00002", DONE, TODAY)]
    assert said("FAIT ACT-00001", VISA, OTHER, mark=OTHER.mark) == [("ACT-00001", DONE, TODAY)]


def test_two_things_of_one_case_are_done_one_by_one_but_acknowledged_together() -> None:
    minutes = asked(1, "DEL-00001")
    assert why("FAIT ACT-00001", VISA, minutes) == [Why.SEVERAL]
    assert [one.asked for one in read(reply("FAIT DEL-00001"), VISA, minutes).understood] == [minutes]
    assert [one.asked for one in read(reply("FAIT ACT-00001"), VISA, minutes, mark=minutes.mark).understood] == [
        minutes
    ]
    assert len(said("PRIS EN COMPTE ACT-00001", VISA, minutes)) == 2


def test_what_is_clear_waits_when_something_else_may_speak_of_it() -> None:
    assert why("ACT-00001 FAIT\nREPORTER plus tard", VISA, OTHER) == [Why.UNCLEAR, Why.SET_ASIDE]
    reading = read(reply("ACT-00001 FAIT\nACT-00002 REPORTER"), VISA, OTHER)
    assert [one.asked.number for one in reading.understood] == ["ACT-00001"]
    assert [(one.why, one.number) for one in reading.questions] == [(Why.NO_DAYS, "ACT-00002")]


# ------------------------------------------------------------------------------------------------- mail programs

GMAIL = "Le lun. 23 nov. 2026 à 08:30, Service CDI <cdi@fes.example> a\nécrit :\n\n> Bonjour,\n> REPORTER 7\n"
OUTLOOK = "________________________________\nDe : CDI\nEnvoyé : lundi\nÀ : Amina\nObjet : Rappel\n\nREPORTER 7\n"


@pytest.mark.parametrize(
    "text",
    [
        f"FAIT 03/11/2026\n\n{GMAIL}",
        f"{GMAIL}\nFAIT 03/11/2026\n",
        f"Bonjour,\n\nFAIT 03/11/2026\n\nCordialement,\nAmina\n\n{OUTLOOK}",
        "FAIT 03/11/2026\nDe : CDI\nEnvoyé : lundi\nREPORTER 7\n",
        "FAIT 03/11/2026\n-- \nAmina Idrissi\nREPORTER 7",
        "FAIT 03/11/2026\n\nEnvoyé de mon iPhone\nREPORTER 7",
        "FAIT 03/11/2026\n\n-----Message d'origine-----\nREPORTER 7",
        "FAIT 03/11/2026\n\nOn Mon, Nov 23, 2026 Service <cdi@fes.example> wrote:\nREPORTER 7",
        "تم 03/11/2026\n\nفي الاثنين، 23 نونبر 2026 تمت كتابة ما يلي بواسطة Service <cdi@fes.example>:\nREPORTER 7",
        "تم 03/11/2026\nمن: Service\nتاريخ الإرسال: الاثنين\nREPORTER 7",
    ],
)
def test_only_what_the_person_wrote_counts(text: str) -> None:
    assert said(text) == [("ACT-00001", DONE, DONE_ON)]


@pytest.mark.parametrize(
    "page",
    [
        "<div dir='ltr'>FAIT <b>03/11/2026</b></div><div class='gmail_quote'>Le lun. a écrit<blockquote>REPORTER 7</blockquote></div>",
        "<style>p{}</style><p>FAIT\n 03/11/2026</p><div id='divRplyFwdMsg'>De : CDI</div><p>REPORTER 7</p>",
        "<p>FAIT&nbsp;03/11/2026<br>Merci</p><script>REPORTER 7</script>",
        "<table><tr><td>FAIT 03/11/2026</td></tr></table><p>-- <br>REPORTER 7</p>",
    ],
)
def test_a_page_without_plain_text_is_read(page: str) -> None:
    reading = read(reply(html=page))
    assert [(one.verb, one.day) for one in reading.understood] == [(DONE, DONE_ON)]


def test_a_ready_subject_is_an_answer_unless_the_text_denies_it() -> None:
    pressed = reply("\n-- \nAmina", subject="FAIT ACT-00001")
    assert [(one.verb, one.day) for one in read(pressed).understood] == [(DONE, TODAY)]
    corrected = reply("FAIT 03/11/2026", subject="FAIT ACT-00001")
    assert [one.day for one in read(corrected).understood] == [DONE_ON]
    denied = read(reply("Non, pas encore.", subject="FAIT ACT-00001"))
    assert (denied.understood, [one.why for one in denied.questions]) == ((), [Why.UNCLEAR])
    ours = read(reply("Bonjour", subject="RE: FAIT ACT-00001"))
    assert [one.why for one in ours.questions] == [Why.NOTHING]


def test_a_line_far_below_is_not_looked_for() -> None:
    assert why("blabla\n" * 12 + "FAIT") == [Why.NOTHING]
    assert said("blabla\n" * 11 + "FAIT") == [("ACT-00001", DONE, TODAY)]


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        ("FAIT le 3 août 2026\r\n".encode("cp1252"), "text/plain; charset=windows-1252", "8bit"),
        ("FAIT le 3 août 2026\r\n".encode("cp1252"), "text/plain; charset=utf-8", "8bit"),
        ("FAIT le 3 août 2026\r\n".encode(), "text/plain; charset=nothing-like-that", "8bit"),
        (b"FAIT 03/08/2026\r\n", "text/plain; charset=unicode_escape", "8bit"),
        (b"FAIT 03/08/2026\r\n", "text/plain; charset=zlib", "8bit"),
        (b"FAIT 03/08/2026\r\n", "text/plain; charset=rot13", "8bit"),
        (b"FAIT 03/08/2026\x00\r\n", "text/plain; charset=idna", "8bit"),
        (b"RkFJVCAwMy8wOC8yMDI2!!!\r\n", "text/plain; charset=utf-8", "base64"),
        ("FAIT 03/08/2026".encode("utf-16"), "text/plain; charset=utf-16", "8bit"),
        (b"FAIT 03/08/2026\r\n", "text/plain; charset*=x''%ff", "8bit"),
    ],
)
def test_a_nasty_charset_is_read_all_the_same(body: bytes, content_type: str, encoding: str) -> None:
    message = raw(body, content_type, encoding=encoding)
    reading = read(message, asked(not_before=None))
    assert [one.day for one in reading.understood] == [date(2026, 8, 3)]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff", b"From: \xff\r\nSubject: =?utf-8?b?!!?=\r\n\r\nFAIT", b"Content-Type: multipart/mixed\r\n\r\nFAIT",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 3000,
        b"From: a@b.example, c@d.example\r\nDate: 99 Foo 20266\r\nMessage-ID: <\r\nTo: <<<>>>\r\n\r\nx",
    ],
)  # fmt: skip
def test_what_is_made_to_trip_its_reader_says_nothing_and_breaks_nothing(content: bytes) -> None:
    message = parsed(content)
    assert lines_of(message, WORDS) in ((), ("FAIT",), ("x",), ("ÿ",))
    assert incoming.sender(message) == ""
    assert not is_refused(message)
    assert day_sent(message, not_before=TODAY, today=TODAY, zone=UTC) == TODAY


def test_ten_megabytes_of_text_and_an_attachment_cost_no_more_than_their_beginning() -> None:
    # bytes, not time: the text is cut before it is read, and the attachment isn't read at all
    heavy = raw(
        b"FAIT 03/11/2026\r\n\r\n" + (b"De : a " * 9000 + b"\r\n> On\r\nLe \r\n") * 160, "text/plain; charset=utf-8"
    )
    assert [one.day for one in read(heavy).understood] == [DONE_ON]
    with_file = reply("FAIT 03/11/2026")
    with_file.add_attachment(b"REPORTER 7\n" * 300_000, maintype="text", subtype="plain", filename="notes.txt")
    assert [one.day for one in read(with_file).understood] == [DONE_ON]


# ------------------------------------------------------------------------------------------- who writes, and when


@pytest.mark.parametrize(
    ("results", "refused"),
    [
        ("mx.fes.example; dmarc=fail; spf=pass", True),
        ("mx.fes.example; spf=fail; dkim=none", True),
        ("mx.fes.example; spf=fail; dkim=pass", False),
        ("mx.fes.example; dmarc=pass; spf=fail", False),
        ("mx.fes.example; none", False),
        ("mx.fes.example; dmarc=none; spf=softfail", False),
        ('mx.fes.example; spf=fail smtp.mailfrom="x; dmarc=pass"', True),
        ("mx.fes.example; spf=fail (a; dkim=pass)", True),
    ],
)
def test_our_servers_verdict_on_the_sender_counts(results: str, refused: bool) -> None:
    message = reply("FAIT", Authentication_Results=results)
    assert is_refused(message) is refused
    message["Authentication-Results"] = "forged.example; dmarc=pass"  # below ours
    assert is_refused(message) is refused


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("Sun, 22 Nov 2026 23:59:00 +0000", date(2026, 11, 22)),
        ("Mon, 23 Nov 2026 00:30:00 +0200", date(2026, 11, 22)),
        ("Tue, 24 Nov 2026 10:00:00 +0000", TODAY),  # a clock that is wrong
        ("Mon, 16 Nov 2026 10:00:00 +0000", date(2026, 11, 16)),
        ("Sun, 15 Nov 2026 10:00:00 +0000", TODAY),  # mail doesn't travel so long
        ("hier", TODAY),
    ],
)
def test_a_message_is_of_the_day_that_it_says_when_that_can_be(sent: str, day: date) -> None:
    assert day_sent(reply("FAIT", sent=sent), not_before=date(2026, 11, 1), today=TODAY, zone=UTC) == day
    assert day_sent(reply("FAIT", sent=sent), not_before=TODAY, today=TODAY, zone=UTC) == TODAY  # letter of that day


# ------------------------------------------------------------------------------------------------------- buttons

NOTICE = Notice(
    reminder="REM-VIS-02", case="ACT-00001", subject="VIS-00001", anchor=date(2026, 10, 8), step="+10", to="amina@fes.example",
    contact="CON-00001", role="REFERENT_CDI", title="Visa en cours", action="Suivre", due=TODAY,
    council="COL-00001", actor="REFERENT_CDI", decision=False, source="Guide", tab="visas_accords", row=2, column="sens",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_what_a_button_writes_is_understood(lang: str) -> None:
    from urllib.parse import parse_qs, unquote, urlsplit

    links = answer_links(
        "k|r1", NOTICE, WORDS, DECLARED.languages[lang], secret=bytes(32), answers="reponses@fes.example"
    )
    read_back = []
    for label, link in links:
        assert label
        assert link.isascii()
        assert not set(link) & set(" \"'<>")
        parts = urlsplit(link)
        assert unquote(parts.path).startswith("reponses+")
        assert unquote(parts.path).endswith("@fes.example")
        message = reply("", subject=parse_qs(parts.query)["subject"][0])
        read_back += [(one.verb, one.day) for one in read(message).understood]
    assert read_back == [(DONE, TODAY), (PUT_OFF, date(2026, 11, 30)), (SEEN, TODAY)]


def test_labels_are_in_the_readers_language() -> None:
    labels = {
        lang: [label for label, _ in answer_links("k", NOTICE, WORDS, DECLARED.languages[lang], secret=bytes(32),
                                                  answers="r@fes.example")]
        for lang in ("fr", "ar", "en")
    }  # fmt: skip
    assert labels["fr"] == ["C'est fait", "Rappeler dans 7 jours", "Je m'en occupe"]
    assert labels["en"][0] == "It is done"
    assert not set(labels["ar"]) & {*labels["fr"], *labels["en"]}


def test_a_day_alone_or_a_number_alone_is_no_instruction() -> None:
    assert read_line("03/11/2026", WORDS, PREFIXES) is None
    assert read_line("ACT-00001", WORDS, PREFIXES) is None


def test_the_same_reading_twice_is_equal() -> None:
    assert read(reply("FAIT")) == Reading((Understood(VISA, DONE, TODAY),), ())
