"""The bytes of a letter: one sender, one recipient, what was written and nothing else, whatever staff typed."""

import email
import hashlib
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdi_sync.errors import CdiError
from cdi_sync.mail.letters import Letter
from cdi_sync.mail.message import HEADERS, Meant, refuse_if_altered, thread_of, to_bytes
from tests.mail.test_letters import letter, line

SENT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def mime(written: Letter | None = None, **changed: Any) -> bytes:
    values: dict[str, Any] = {
        "sender": "cdi@fes.example",
        "sender_name": "Service de la coopération",
        "to": "samira@fes.example",
        "to_name": "Samira El Amrani",
        "message_id": "<0123456789abcdef0123456789abcdef@fes.example>",
        "sent": SENT,
        "key": "rappels|samira@fes.example|2026-11-24|r1",
        "mailing": "rappels",
        "trial": False,
    }
    return to_bytes(written or letter(line()), **(values | changed))


def received(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def test_the_same_letter_is_the_same_bytes_and_another_key_another_boundary() -> None:
    assert mime() == mime()
    assert received(mime()).get_boundary() != received(mime(key="autre")).get_boundary()


def test_what_is_received_is_what_was_written() -> None:
    written = letter(line(name="جماعة فاس ." * 300), line(name=".", action="From là."), name="Zoé")
    message = received(mime(written))
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and page is not None
    assert text.get_content() == written.text.replace("\n", "\r\n")
    assert page.get_content().replace("\r\n", "\n").rstrip("\n") == written.html.rstrip("\n")
    assert message["Subject"] == written.subject


def test_the_headers_are_those_of_an_automatic_message_to_one_person() -> None:
    message = received(mime())
    headers = {name: str(value) for name, value in message.items() if name != "Content-Type"}
    assert headers == {
        "From": "Service de la coopération <cdi@fes.example>",
        "To": "Samira El Amrani <samira@fes.example>",
        "Subject": "ACT-00042 · Visa en cours (au plus tard le 3 déc.)",
        "Date": "Tue, 24 Nov 2026 08:00:00 +0000",
        "Message-ID": "<0123456789abcdef0123456789abcdef@fes.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "X-CDI-Key": "5985885a7cd7c01b",
        "Content-Language": "fr",
        "MIME-Version": "1.0",
    }
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_bytes_are_ascii_in_short_lines() -> None:
    content = mime(letter(line(name="جماعة فاس " * 200)), to_name="سميرة", sender_name="مصلحة التعاون")
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) < 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_each_part_takes_the_encoding_that_makes_it_shorter() -> None:
    def encodings(written: Letter) -> list[str]:
        return [str(part["Content-Transfer-Encoding"]) for part in received(mime(written)).iter_parts()]

    assert encodings(letter(line())) == ["quoted-printable", "quoted-printable"]
    assert encodings(Letter("Visa", "تأشيرة " * 40, "<p>page</p>" + "تأشيرة " * 400)) == ["base64", "base64"]
    # "é" takes 6 characters quoted: 80 + 10 x 6 = 140 against 4/3 x 100 = 133, and 82 + 9 x 6 = 136 against 4/3 x 100
    # = 133; with 8 of them, 84 + 8 x 6 = 132
    assert encodings(Letter("Visa", "x" * 84 + "é" * 8, "x" * 82 + "é" * 9)) == ["quoted-printable", "base64"]


def test_no_space_is_lost_in_a_subject_that_takes_several_lines() -> None:
    written = letter(line(title="0000¡¡¡𐀀𐀀𐀀𐀀𐀀 ¡"))  # Python's own folding loses this space
    assert received(mime(written))["Subject"] == written.subject


@pytest.mark.parametrize(
    "name", ["سميرة العمراني", 'El Amrani, "Samira" <x@y.example>', "Zoé, <x@y.example>; Bcc: x", "Zoé =?x?=", ""]
)
def test_a_display_name_never_makes_a_second_recipient(name: str) -> None:
    addresses = received(mime(to_name=name))["To"].addresses
    shown = name.replace("=?", "= ?")
    assert [(one.display_name, one.addr_spec) for one in addresses] == [(shown, "samira@fes.example")]


@pytest.mark.parametrize("mark", [",", '"', "(", ".", "\\", "@"])
@pytest.mark.parametrize("length", [60, 80, 2000])
def test_a_long_name_with_marks_arrives_whole(mark: str, length: int) -> None:
    name = f"Directeur{mark} " + "a" * length
    (one,) = received(mime(to_name=name, sender_name=name))["To"].addresses
    assert ("".join(one.display_name.split()), one.addr_spec) == ("".join(name.split()), "samira@fes.example")


def test_a_long_arabic_display_name_arrives_whole() -> None:
    name = "سميرة العمراني بنت عبد الله " * 5 + "ختام"
    # Read with the older reader: in Python 3.11, the newer one puts spaces between the pieces of a name.
    raw = email.message_from_bytes(mime(to_name=name))["To"]
    assert str(make_header(decode_header(raw))) == f"{name} <samira@fes.example>"


@pytest.mark.parametrize("field", ["sender", "sender_name", "to", "to_name", "message_id"])
@pytest.mark.parametrize("break_", ["\r", "\n", "\r\n"])
def test_a_header_with_a_line_break_is_refused(field: str, break_: str) -> None:
    with pytest.raises(CdiError) as refusal:
        changed: dict[str, Any] = {field: f"a@b.example{break_}Bcc: c@d.example"}
        mime(**changed)
    assert "retour à la ligne" in refusal.value.what
    assert "Bcc: c@d.example" in refusal.value.where
    assert refusal.value.fix


def test_a_subject_with_a_line_break_is_refused() -> None:
    with pytest.raises(CdiError, match="retour à la ligne"):
        mime(Letter("Visa\nBcc: x@y.example", "texte\n", "<p>page</p>\n"))


@pytest.mark.parametrize("address", ["réf@fes.example", "", "a", "a@", "a@b.example, c@d.example", "a b@c.example"])
def test_an_address_that_is_not_one_ascii_address_is_refused(address: str) -> None:
    with pytest.raises(CdiError) as refusal:
        mime(to=address)
    assert refusal.value.where == "en-tête To d'un courriel"


_TYPED = st.text(st.characters(codec="utf-8"), max_size=150)


@given(_TYPED, _TYPED)
def test_whatever_is_typed_the_message_reads_back_with_the_same_subject(title: str, name: str) -> None:
    written = letter(line(title=title, name=name), name=name)
    single_line = " ".join(name.replace("\r", "").replace("\n", "").split())
    message = received(mime(written, to_name=single_line))
    assert message["Subject"] == written.subject
    assert [one.addr_spec for one in message["To"].addresses] == ["samira@fes.example"]
    assert set(message.keys()) == set(received(mime()).keys())
    assert len(written.subject) <= 120


# ------------------------------------------------------------------------------------ what staff typed


def test_an_encoded_word_in_a_cell_stays_text() -> None:
    trap = "=?utf-8?q?a=0ABcc=3A_pirate=40mal.example?="
    content = mime(letter(line(title=trap)), to_name=trap, sender_name=trap)
    message = received(content)
    assert set(message.keys()) == set(received(mime()).keys())
    assert "= ?utf-8?q?a=0ABcc" in message["Subject"]
    assert b"\nBcc" not in content


def test_an_encoded_word_in_a_ready_made_subject_stays_text() -> None:
    message = received(mime(Letter("=?utf-8?q?a=0ABcc=3A_x?=", "texte\n", "<p>page</p>\n")))
    assert message["Subject"] == "= ?utf-8?q?a=0ABcc=3A_x?="


def test_a_line_break_in_a_cell_adds_no_header() -> None:
    trap = "Visa\r\nBcc: pirate@mal.example"
    written = letter(line(title=trap, name=trap))
    message = received(mime(written))
    assert message["Bcc"] is None
    assert message["Subject"] == written.subject


@pytest.mark.parametrize("mark", ["\u202e", "\u202b", "\u2066", "\u2067", "\u200f"])
def test_a_mark_that_turns_the_reading_direction_leaves_the_name(mark: str) -> None:
    assert mark not in str(received(mime(to_name=f"Samira{mark}"))["To"])


def test_half_a_character_stops_no_letter() -> None:
    assert mime(letter(line(name="Fès\ud83d – Strasbourg", title="Visa\udc00")), to_name="Samira\ud83d")


@pytest.mark.parametrize(
    "cell",
    [
        "a@b.ma, c@d.ma",
        "a@b.ma;c@d.ma",
        "Ali <a@b.ma>",
        '"a@b.ma" <evil@x.com>',
        "alice@example.org)bob@x.com",
        "a@b.ma>,<evil@x.com",
        "a@b.ma>\x00",
        "\u200fa@b.ma",
        "mailto:a@b.ma",
        "a@b",
        "a@b..ma",
        "root",
        "a@[127.0.0.1]",
        "رئيس@مثال.المغرب",
        f"{'a' * 65}@b.ma",
        "a@b.ma\nRCPT TO:<e@x>",
    ],
)
def test_what_is_not_one_plain_address_makes_no_letter(cell: str) -> None:
    for field in ("to", "sender"):
        changed: dict[str, Any] = {field: cell}
        with pytest.raises(CdiError):
            mime(**changed)


def test_the_longest_local_part_is_accepted() -> None:
    assert received(mime(to=f"{'a' * 64}@b.ma"))["To"].addresses[0].username == "a" * 64


def test_an_arabic_domain_is_written_in_ascii() -> None:
    assert received(mime(to="a@مثال.المغرب"))["To"].addresses[0].addr_spec == "a@xn--mgbh0fb.xn--mgbc0a9azcg"


# ------------------------------------------------------------------------------------- threads, answers, lists

LONG = "cooperation-decentralisee-internationale.direction-generale.region-de-fes-meknes.example"  # 85 characters


def test_all_that_is_written_about_a_case_makes_one_thread() -> None:
    root = thread_of("ACT-00042", "fes.example")
    for key in ("rappels|samira@fes.example|2026-11-24|r1", "rappels|samira@fes.example|2026-12-01|r1"):
        message = received(mime(key=key, thread=root))
        assert (message["In-Reply-To"], message["References"]) == (root, root)
    assert root == thread_of("ACT-00042", "fes.example")
    assert root not in (thread_of("ACT-00043", "fes.example"), thread_of("ACT-00042", "oujda.example"))
    assert "ACT" not in root


def test_a_letter_of_several_cases_belongs_to_no_thread() -> None:
    message = received(mime())
    assert message["In-Reply-To"] is None and message["References"] is None


def test_answers_go_where_they_are_wanted() -> None:
    assert received(mime(reply_to="reponses+abc.123@fes.example"))["Reply-To"] == "reponses+abc.123@fes.example"
    assert received(mime())["Reply-To"] is None


def test_only_the_weekly_report_can_be_declined() -> None:
    report = received(mime(mailing="rapport", reply_to="reponses@fes.example"))
    assert report["List-Unsubscribe"] == "<mailto:reponses@fes.example?subject=STOP>"
    assert received(mime(mailing="rapport"))["List-Unsubscribe"] == "<mailto:cdi@fes.example?subject=STOP>"
    for kind in ("rappels", "immediat"):
        message = received(mime(mailing=kind, reply_to="reponses@fes.example"))
        assert message["List-Unsubscribe"] is None and message["List-Id"] is None


def test_the_key_can_be_looked_up_but_not_read() -> None:
    key = "rappels|samira@fes.example|2026-11-24|r1"
    assert received(mime(key=key))["X-CDI-Key"] == hashlib.sha256(key.encode()).hexdigest()[:16]
    assert received(mime(key=f"{key}x"))["X-CDI-Key"] != received(mime(key=key))["X-CDI-Key"]


def test_long_addresses_and_identifiers_stay_whole() -> None:
    answers, root = f"{'reponses' * 7}@{LONG}", thread_of("ACT-00042", LONG)
    content = mime(sender=f"cdi@{LONG}", message_id=root, thread=root, reply_to=answers, mailing="rapport")
    message = received(content)
    assert message["Reply-To"] == answers
    assert message["List-Unsubscribe"] == f"<mailto:{answers}?subject=STOP>"
    assert message["References"] == message["In-Reply-To"] == message["Message-ID"] == root
    assert f"References: {root}\r\n".encode() in content  # what a mail reader that decodes nothing takes


@pytest.mark.parametrize("field", ["thread", "reply_to"])
def test_a_line_break_among_them_is_refused(field: str) -> None:
    changed: dict[str, Any] = {field: "<a@b.example>\r\nBcc: c@d.example"}
    with pytest.raises(CdiError, match="retour à la ligne"):
        mime(**changed)


# ---------------------------------------------------------------------------------------------------- on trial


def test_outside_production_the_subject_says_so() -> None:
    written = letter(line())
    assert received(mime(written, trial=True))["Subject"] == f"[ESSAI] {written.subject}"


def test_a_subject_in_arabic_is_read_from_the_right_and_keeps_its_fences() -> None:
    written = letter(line(), lang="ar")
    assert written.subject.startswith("\u2068ACT-00042\u2069 · ")
    assert received(mime(written, lang="ar"))["Subject"] == written.subject
    # the first letter that isn't fenced is Arabic, on trial as well
    assert received(mime(written, lang="ar", trial=True))["Subject"] == f"\u2068[ESSAI]\u2069 {written.subject}"


@pytest.mark.parametrize(
    ("subject", "kept"),
    [
        ("\u2068ACT-1\u2069 · visa", "\u2068ACT-1\u2069 · visa"),
        ("\u2068ACT-1 · visa", "ACT-1 · visa"),
        ("ACT-1\u2069 · visa", "ACT-1 · visa"),
        ("\u2068a\u2068b\u2069\u2069", "ab"),
        ("x" * 100 + "\u2068" + "y" * 40 + "\u2069", "x" * 100 + "\u2068" + "y" * 17 + "…\u2069"),
        ("\u2067x\u2069\u202ey", "xy"),
    ],
)
def test_a_fence_of_a_subject_is_always_closed(subject: str, kept: str) -> None:
    assert received(mime(Letter(subject, "texte\n", "<p>page</p>\n")))["Subject"] == kept


def test_a_long_subject_on_trial_keeps_120_characters() -> None:
    subject = received(mime(Letter("Visa " * 40, "texte\n", "<p>page</p>\n"), trial=True))["Subject"]
    assert len(subject) <= 120
    assert subject.startswith("[ESSAI] Visa")


# ------------------------------------------------------------------------------------------------ read back


MEANT = Meant(
    sender="cdi@fes.example",
    sender_name="Coopération",
    to="samira@fes.example",
    to_name="Samira",
    subject="Visa",
    sent=SENT,
    headers={
        "Message-ID": "<1@fes.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "X-CDI-Key": "5985885a7cd7c01b",
        "Content-Language": "fr",
    },
    text="texte\n",
    html="<p>page</p>\n",
)


def plain() -> bytes:
    """What MEANT is as bytes."""
    return mime(Letter("Visa", "texte\n", "<p>page</p>\n"), sender_name="Coopération", to_name="Samira",
                message_id="<1@fes.example>")  # fmt: skip


def test_what_was_meant_is_accepted() -> None:
    assert set(received(plain()).keys()) == set(HEADERS)
    refuse_if_altered(plain(), MEANT)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (b"To: ", b"Bcc: evil@x.example\r\nTo: ", "liste des en-têtes"),
        (b"To: ", b"To: evil@x.example\r\nTo: ", "liste des en-têtes"),
        (b"Auto-Submitted: auto-generated\r\n", b"", "liste des en-têtes"),
        (b"samira@fes.example>", b"samira@fes.example>, evil@x.example", "To"),
        (b"samira@fes.example", b"evil@fes.example", "To"),
        (b"To: Samira", b"To: Amina", "To"),
        (b"<cdi@fes.example>", b"<cdi@x.example>", "From"),
        (b"Subject: Visa", b"Subject: Autre", "Subject"),
        (b"<1@fes.example>", b"<2@fes.example>", "Message-ID"),
        (b"auto-generated", b"no", "Auto-Submitted"),
        (b"OOF, AutoReply", b"All", "X-Auto-Response-Suppress"),
        (b"X-CDI-Key: 5", b"X-CDI-Key: 6", "X-CDI-Key"),
        (b"Content-Language: fr", b"Content-Language: ar", "Content-Language"),
        (b"08:00:00", b"08:00:01", "Date"),
        (b"To: ", b"Reply-To: evil@x.example\r\nTo: ", "liste des en-têtes"),
        (b"To: ", b"List-Unsubscribe: <mailto:a@b.example>\r\nTo: ", "liste des en-têtes"),
        (b"texte", b"autre", "texte du courriel"),
        (b"page", b"autre", "texte du courriel"),
        (b"text/html", b"text/calendar", "texte du courriel"),
        (b"multipart/alternative", b"text/plain", "texte du courriel"),
        (b"From: ", b"From: \x00<<", "From"),
    ],
)
def test_a_message_that_says_something_else_is_refused(before: bytes, after: bytes, named: str) -> None:
    altered = plain().replace(before, after, 1)
    assert altered != plain()
    with pytest.raises(CdiError) as refusal:
        refuse_if_altered(altered, MEANT)
    assert refusal.value.where == named
    assert "samira@fes.example" in refusal.value.fix


def test_an_encoded_word_that_slipped_through_is_caught_when_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    trap = "=?utf-8?q?a=0ABcc=3A_evil=40x?="
    for module in ("letters", "message"):
        monkeypatch.setattr(f"cdi_sync.mail.{module}.no_encoded_word", lambda text: text)
    for changed in ({"to_name": trap}, {"sender_name": trap}, {"written": Letter(trap, "texte\n", "<p>page</p>\n")}):
        values: dict[str, Any] = dict(changed)
        with pytest.raises(CdiError, match="relu"):
            mime(**values)
