"""The nasty addresses (89 to 104): what is typed in « Courriel institutionnel », what staff are told, who gets a letter."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cdi_sync.assessment import assess
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.mailbox import BadAddress, Incoming
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.mail.outbox import LetterState
from cdi_sync.model import Severity
from jobs.deliver import deliver
from jobs.remind import remind
from jobs.report import report
from jobs.withdraw import GONE, withdraw
from tests.jobs.test_deliver import AMINA, BRAHIM, again, details, states, wait, waiting
from tests.jobs.test_deliver import write as write_letter
from tests.mail.nasty import (
    FOCAL,
    KNOWN,
    OFFICER,
    TODAY,
    letters,
    numbers_held,
    on_contact,
    received,
    recipients,
    seen,
    text_of,
    world,
)  # fmt: skip
from tests.registries import DECLARED, Rows, complete, registry
from tests.relays import FakeRelay, running


@pytest.fixture
def server() -> Iterator[FakeRelay]:
    with running() as relay:
        yield relay


def test_every_nasty_address_is_held_here() -> None:
    assert numbers_held(Path(__file__)) >= set(range(89, 105))


# ------------------------------------------------------------------------------------------------ what is refused

NOON = datetime(2026, 10, 16, 12, tzinfo=UTC)
SEVERAL = "contient plusieurs adresses"
NO_ADDRESS = "n'est pas une adresse utilisable"


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        pytest.param("a@b.ma, c@d.ma", SEVERAL, id="89-comma"),
        pytest.param("a@b.ma;c@d.ma", SEVERAL, id="89-semicolon"),
        pytest.param("a@b.ma\nc@d.ma", SEVERAL, id="89-line"),
        pytest.param('"a@b.ma" <evil@x.com>', SEVERAL, id="91-quoted"),
        pytest.param("a@b.ma <evil@x.com>", SEVERAL, id="91-bare"),
        pytest.param("alice@example.org)bob@x.com", SEVERAL, id="92-parenthesis"),
        pytest.param("a@b.ma>,<evil@x.com", SEVERAL, id="92-brackets"),
        pytest.param("alice(<evil@x.com>)@b.ma", SEVERAL, id="92-comment"),
        pytest.param("a@b.ma\nRCPT TO:<e@x>", SEVERAL, id="93-line-feed"),
        pytest.param("a@b.ma>\r\nDATA", NO_ADDRESS, id="93-command"),
        pytest.param("a\x00@b.ma", NO_ADDRESS, id="93-nul"),
        pytest.param("mailto:a@b.ma?bcc=c@d.ma", SEVERAL, id="95-with-a-copy"),
        pytest.param("a@b", "n'a pas de point après le @", id="96-no-dot"),
        pytest.param("a@b..ma", NO_ADDRESS, id="96-two-dots"),
        pytest.param("root", NO_ADDRESS, id="96-no-at"),
        pytest.param("a@[127.0.0.1]", NO_ADDRESS, id="96-machine"),
        pytest.param("a@192.0.2.1", NO_ADDRESS, id="96-number"),
        pytest.param(".a@b.ma", NO_ADDRESS, id="96-first-dot"),
        pytest.param("رئيس@مثال.المغرب", "a, devant le @, des lettres que les serveurs", id="97-arabic"),
        pytest.param("réf@fes.ma", "a, devant le @, des lettres que les serveurs", id="97-accent"),
        pytest.param("а@b.ma", "a, devant le @, des lettres que les serveurs", id="97-cyrillic-a"),
        pytest.param(f"{'a' * 65}@b.ma", "a plus de 64 caractères devant le @", id="99-65"),
    ],
)
def test_what_is_not_one_plain_address_is_told_and_gets_no_letter(cell: str, why: str) -> None:
    assessment = seen(world(address=cell))
    (finding,) = on_contact(assessment)
    assert (finding.rule, finding.severity) == ("DATA-02", Severity.BLOQUANT)
    assert why in finding.message
    assert finding.fix == "Corriger l'adresse ; une seule par cellule."
    assert "\n" not in finding.message
    for to, content in letters(assessment).items():
        assert recipients(received(content)) == [to]
        assert to == FOCAL


@pytest.mark.parametrize(
    ("cell", "to"),
    [
        pytest.param("Ali <a@b.ma>", "a@b.ma", id="90-name"),
        pytest.param("El Amrani, Ali <a@b.ma>", "a@b.ma", id="90-name-with-a-comma"),
        pytest.param("علي <a@b.ma>", "a@b.ma", id="90-arabic-name"),
        pytest.param("\u00a0a@b.ma\u200f", "a@b.ma", id="94-invisible"),
        pytest.param("\u202ba@b.ma\u202c\n", "a@b.ma", id="94-embedding"),
        pytest.param("a@b.ma\x00", "a@b.ma", id="94-nul"),
        pytest.param("mailto:a@b.ma", "a@b.ma", id="95-link"),
        pytest.param("MAILTO: a@b.ma", "a@b.ma", id="95-link-in-capitals"),
        pytest.param("a@مثال.المغرب", "a@xn--mgbh0fb.xn--mgbc0a9azcg", id="98-arabic-domain"),
        pytest.param("a@Fès.example", "a@xn--fs-7ia.example", id="98-accent"),
        pytest.param(f"{'a' * 64}@b.ma", f"{'a' * 64}@b.ma", id="99-64"),
    ],
)
def test_what_is_one_address_however_it_is_written_gets_one_letter(cell: str, to: str) -> None:
    assessment = seen(world(address=cell))
    assert on_contact(assessment) == []
    written = letters(assessment)
    assert set(written) == {to, FOCAL}
    assert recipients(received(written[to])) == [to]


def test_no_line_break_ever_reaches_the_conversation_with_the_server(server: FakeRelay, tmp_path: Path) -> None:
    """93: whatever the ledger holds, an address of two lines is refused before MAIL."""
    at = waiting(tmp_path, server, AMINA, BRAHIM)
    sql = "UPDATE letters SET recipient = 'a@b.ma>' || char(10) || 'RCPT TO:<evil@x.example>' WHERE recipient = ?"
    with at.store.outbox._engine.begin() as connection:
        connection.exec_driver_sql(sql, (AMINA,))
    assert deliver(again(at, environnement="production")).sent == 1
    assert [to for _, people in server.envelopes for to in people] == [BRAHIM]
    assert server.commands.count("MAIL") == 1


# ------------------------------------------------------------------------------------------- what looks wrong


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("ggmail.com", "gmail.com"),
        ("hotmil.com", "hotmail.com"),
        ("YAHOOO.FR", "yahoo.fr"),
        ("mebara.ma", "menara.ma"),
    ],
)
def test_a_slip_in_a_well_known_domain_is_proposed_and_never_corrected(typed: str, meant: str) -> None:
    """100: the letter goes where the cell says."""
    assessment = seen(world(address=f"ali@{typed}"))
    (finding,) = on_contact(assessment)
    assert (finding.rule, finding.severity) == ("DATA-02", Severity.RECOMMANDE)
    assert f"vouliez-vous dire « ali@{meant} » ?" in finding.message
    assert f"ali@{typed.lower()}" in letters(assessment)


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "mail.com", "ymail.com", "gmx.de", "gmx.fr", "fes.ma", "interieur.gov.ma", "lyon.fr", "sdr.fr"],
)
def test_a_domain_that_may_well_be_right_raises_no_doubt(domain: str) -> None:
    """100: a known domain, or one too short for a letter to tell."""
    assert on_contact(seen(world(address=f"ali@{domain}"))) == []


@pytest.mark.parametrize("name", ["noreply", "no-reply", "No.Reply", "ne-pas-repondre", "nepasrépondre", "donotreply"])
def test_a_box_that_nobody_reads_is_told_and_written_to_all_the_same(name: str) -> None:
    """101: « noreply »; a name with an accent is refused before."""
    assessment = seen(world(address=f"{name}@fes.ma"))
    (finding,) = on_contact(assessment)
    if name.isascii():
        assert (finding.rule, finding.severity) == ("DATA-02", Severity.RECOMMANDE)
        assert "une boîte que personne ne lit" in finding.message
        assert len(letters(assessment)) == 2


def test_our_own_address_in_the_contacts_is_told() -> None:
    """101: the box that reminders leave from would write to itself."""
    rows = world(address="CDI@fes.example")
    known = replace(KNOWN, own_addresses=frozenset({"cdi@fes.example"}))
    (finding,) = on_contact(assess(registry(rows), known, TODAY))
    assert finding.severity is Severity.RECOMMANDE
    assert "l'adresse d'où partent les rappels" in finding.message
    assert on_contact(seen(rows)) == []


def two_councils(**second: object) -> Rows:
    rows = world()
    contacts = [*rows["contacts"][:1], {**rows["contacts"][0], "collectivite": "COL-00002", **second}]
    return {
        **rows,
        "collectivites": [{"nom_fr": "Fès"}, {"nom_fr": "Meknès", "code_hcp": "3161010"}],
        "actes": [{"intitule": "Premier"}, {"intitule": "Second", "collectivite": "COL-00002"}],
        "visas_accords": [
            {"nature": "VISA", "id_acte": act, "date_reception": rows["visas_accords"][0]["date_reception"]}
            for act in ("ACT-00001", "ACT-00002")
        ],
        "contacts": contacts,
        "reunions": [],
    }


def test_one_address_for_two_councils_is_told_on_both_lines_and_gets_one_letter_with_both_cases() -> None:
    """101, 124: each line says which council the other is for."""
    assessment = seen(two_councils())
    for number, other in ((1, 2), (2, 1)):
        (finding,) = on_contact(assessment, number)
        assert (finding.rule, finding.severity) == ("DATA-04", Severity.RECOMMANDE)
        assert f"CON-{other:05d}" in finding.message and f"pour COL-{other:05d}" in finding.message
    (content,) = letters(assessment).values()
    assert recipients(received(content)) == [OFFICER]
    text = text_of(received(content))
    assert "Premier (Fès)" in text and "Second (Meknès)" in text


@pytest.mark.parametrize(
    "second",
    [
        {"collectivite": "COL-00001"},
        {"actif": False},
        {"date_fin": TODAY - timedelta(days=1)},
        {"courriel_institutionnel": "autre@essai.example"},
    ],
)
def test_one_address_for_one_council_or_for_someone_who_left_raises_no_doubt(second: dict[str, object]) -> None:
    """101: a person may hold two roles, and an old line may stay."""
    assessment = seen(two_councils(**second))
    assert on_contact(assessment, 1) == on_contact(assessment, 2) == []


# -------------------------------------------------------------------------------- between the queue and the server


def installed(folder: Path, rows: Rows) -> Installation:
    """An installation on those rows whose letters wait: nothing is switched on."""
    folder.mkdir(exist_ok=True)
    write(folder, rows)
    (folder / "settings.toml").write_text(
        '[registre]\nlignes_en_reserve = 0\n[mail]\ntransport = "smtp"\n[mail.smtp]\nserveur = "127.0.0.1"\n',
        encoding="utf-8",
    )
    return Installation.at(folder / "settings.toml")


def write(folder: Path, rows: Rows) -> None:
    workbook = build_workbook(list(DECLARED.tabs.values()), complete(_labelled(rows)), spare_rows=0)
    (folder / "registre.xlsx").write_bytes(workbook)


def _labelled(rows: Rows) -> Rows:
    """Roles as people choose them in the list."""
    labels = {c.value: c.label for c in DECLARED.tabs["contacts"].column("fonction_role").categories}
    return {
        **rows,
        "contacts": [{**row, "fonction_role": labels[str(row["fonction_role"])]} for row in rows["contacts"]],
        "visas_accords": [{**row, "nature": "Visa"} for row in rows["visas_accords"]],
        "reunions": [],
    }


def test_a_letter_to_an_address_that_was_changed_meanwhile_is_cancelled_and_told_to_the_new_one(tmp_path: Path) -> None:
    """102: the old address never gets it; the same notices leave for the new one, the same day."""
    at = installed(tmp_path, world(address="ancienne@fes.example"))
    first = remind(at, at.read(TODAY))
    assert states(at)["ancienne@fes.example"] is LetterState.HELD
    at.store.outbox.hold(at.store.outbox.letters()[0].key, "une personne doit regarder", at=NOON)
    write(tmp_path, world(address="nouvelle@fes.example"))
    second = remind(at, at.read(TODAY))
    assert states(at)["ancienne@fes.example"] is LetterState.EXPIRED
    assert details(at)["ancienne@fes.example"] == GONE
    assert states(at)["nouvelle@fes.example"] is LetterState.HELD
    told = {(notice.subject, notice.step) for parcel in second.parcels for notice in parcel.notices}
    assert told == {(n.subject, n.step) for p in first.parcels for n in p.notices if p.to == "ancienne@fes.example"}
    assert {key[-1] for key in at.store.outbox.said()} == {"nouvelle@fes.example"}
    assert at.store.journal.faults() == ()
    assert remind(at, at.read(TODAY)).new == 0


def test_a_letter_to_someone_who_left_meanwhile_is_cancelled(tmp_path: Path) -> None:
    """102: « Actif : Non » stops what waits too, the weekly report included."""
    rows = world(address="presidence@fes.example")
    president = {**rows["contacts"][0], "fonction_role": "PRESIDENT"}
    at = installed(tmp_path, {**rows, "contacts": [president]})
    report(at, at.read(TODAY))
    assert states(at) == {"presidence@fes.example": LetterState.HELD}
    write(tmp_path, {**rows, "contacts": [{**president, "actif": False}]})
    report(at, at.read(TODAY))
    assert states(at) == {"presidence@fes.example": LetterState.EXPIRED}


def test_only_a_letter_that_waits_is_cancelled(server: FakeRelay, tmp_path: Path) -> None:
    """102: what was said, or may have been, stays said; a letter that isn't to a contact isn't looked at."""
    kept = [LetterState.SENT, LetterState.UNKNOWN, LetterState.FAILED, LetterState.DATA, LetterState.CLAIMED]
    at = waiting(
        tmp_path, server, "queued@fes.example", "held@fes.example", *(f"{state}@fes.example" for state in kept)
    )
    write_letter(at, "ailleurs@fes.example", kind="temoin")
    write_letter(at, OFFICER.upper())
    for state in (*kept, LetterState.HELD):
        letter = next(one for one in at.store.outbox.letters() if one.to == f"{state}@fes.example")
        at.store.outbox.leave(letter.key, state, of=(LetterState.QUEUED,), at=NOON, detail="")
    assert withdraw(at, seen(world())) == 2
    cancelled = {to for to, state in states(at).items() if state is LetterState.EXPIRED}
    assert cancelled == {"queued@fes.example", "held@fes.example"}


def test_an_address_that_the_server_refuses_fails_at_once_and_is_shown(
    server: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """103: no second try, and what the server said is kept; a refusal that comes back by mail is remembered too."""
    at = waiting(tmp_path, server, AMINA, BRAHIM)
    server.faults["RCPT"] = ["550 5.1.1 no such user"]
    assert (deliver(at).failed, states(at)[AMINA]) == (1, LetterState.FAILED)
    wait(monkeypatch, days=1)
    assert deliver(again(at)).sent == 0
    assert details(at)[AMINA] == "550 5.1.1 no such user"
    came = Incoming(key="<dsn@x>", at="2026-10-16T12:00:00+00:00", kind="retour", sender="mailer-daemon@x.example")
    bad = BadAddress(AMINA, since=came.at, status="5.1.1", detail="no such user", letter="k")
    assert at.store.mailbox.record(came, bad=bad)
    assert at.store.mailbox.bad_addresses()[AMINA].status == "5.1.1"


def test_outside_production_only_the_list_is_written_to_however_the_address_is_written(
    server: FakeRelay, tmp_path: Path
) -> None:
    """104: the end of a domain isn't the domain."""
    allowed = ["@fes.example", "ali@lyon.example"]
    people = [AMINA, "ali@lyon.example", "zoe@lyon.example", "x@autre-fes.example", "fes.example@x.example"]
    at = waiting(tmp_path, server, *people, mail={"environnement": "essai", "destinataires_autorises": allowed})
    went = deliver(at)
    assert [to for to, _ in server.taken] == [AMINA, "ali@lyon.example"]
    assert went.held == 3
    assert "mail.destinataires_autorises" in went.why[0]
