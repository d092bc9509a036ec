"""Every form, by every way, in French and Arabic: handed out, filled in, returned, accepted in the workbook, numbered, told.

Each test has one installation at rest. Its forms are made by the product's own commands; departments fill in what they are
handed; staff type « Accepter » in a cell; the day's work is run. What is looked at is cells and letters. `-s` tells what was.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from cdi_sync.cli import cdi
from cdi_sync.cli.options import Where
from cdi_sync.edges import clock, setup
from cdi_sync.edges.forms import folder as returned
from cdi_sync.edges.forms.google import known_forms
from cdi_sync.edges.forms.sheet_file import new_mark, write_form
from cdi_sync.edges.forms.xlsform_file import xlsform_bytes
from cdi_sync.edges.installation import Common, Installation
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.moving import filling
from cdi_sync.edges.workbook_google.opening import PACE, Line
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.forms.declaration import SENDER
from cdi_sync.forms.google_form import google_id
from cdi_sync.forms.references import tab_designated
from cdi_sync.forms.sheet_form import lay_out
from cdi_sync.forms.xlsform import xlsform
from cdi_sync.model import Grid, Registry, Row
from cdi_sync.tables import letters, read_registry
from cdi_sync.text import fold
from jobs import collect
from jobs.intake import IntakeReport, intake, tell
from jobs.run import RunReport, run
from jobs.sources import SOURCES
from tests.demos import AS_OF
from tests.edges.forms.test_mail_attachments import mail
from tests.forms.departments import (
    LANGS,
    Answered,
    answered,
    as_csv,
    as_text,
    choices_of_google,
    google_table,
    kobo_export,
    odk_export,
    page_filled,
    phone,
)  # fmt: skip
from tests.forms.office import Office, memory_office
from tests.google.clock import Clock
from tests.google.server import serving
from tests.google.tokens import Tokens
from tests.google.world import Google
from tests.google_demo import PERSON, ROBOT, shared_spreadsheet
from tests.jobs.test_collect_forms import Inbox
from tests.registries import DECLARED, complete, grids

NOW = datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
MODULES = '["suivi", "finances", "projet", "appels", "formulaires"]'
FORMS = tuple(DECLARED.forms)
IMAP = '[mail.imap]\nserveur = "imap.example"\nutilisateur = "cdi"\n'
SPARE = 2
# what the software fills in a row that it knows
_SEEN = {
    "actes": ("etape", "prochaine_etape", "controle_le"),
    "reunions": ("controle_le",),
    "plan_action": ("a_corriger", "controle_le"),
    "evaluations": ("etape", "prochaine_etape", "controle_le"),
}


@dataclass
class Department:
    """An installation, those who answer its forms, and its staff."""

    at: Installation
    accept: Callable[["Department", Sequence[Row]], None]
    answers: list[Answered] = field(default_factory=list)
    day: RunReport | None = None

    def cdi(self, *words: str) -> str:
        """What a command says; it must go well."""
        told = CliRunner().invoke(
            cdi, [*words, "--config", str(self.at.folder / "settings.toml")], catch_exceptions=False
        )
        assert told.exit_code == 0, told.output
        return told.output

    def people(self, ways: Sequence[str], forms: Sequence[str], langs: Sequence[str] = LANGS) -> list[Answered]:
        """Those who answer: one by form, way and language. A row that is there is completed by one only."""
        for way in ways:
            for form in forms:
                for lang in langs:
                    number = len(self.answers)
                    rows = {"collectivites": "COL-00001", "actes": "ACT-00001",
                            "plan_action": f"ACN-{number + 1:05}", "evaluations": f"EVA-{number + 1:05}"}  # fmt: skip
                    self.answers.append(answered(DECLARED.forms[form], way, lang, number, rows))
        return self.answers

    def by(self, way: str) -> Iterator[tuple[str, str, list[Answered]]]:
        """(form, language, who answers it) of one way."""
        for form in dict.fromkeys(one.form.name for one in self.answers):
            for lang in LANGS:
                if found := [one for one in self.answers if (one.way, one.form.name, one.lang) == (way, form, lang)]:
                    yield form, lang, found

    def work(self) -> RunReport:
        """A run of the day's work."""
        self.day = run(self.at, AS_OF)
        assert self.day.collected.trouble == "" and self.day.intake.troubles == () and self.day.busy == ""
        return self.day

    def look(self) -> "Workbook":
        """The workbook, read."""
        grids = self.at.book.read().grids
        return Workbook(read_registry(grids, list(self.at.knowledge.tabs.values())), grids)

    def letters(self) -> Mapping[str, list[EmailMessage]]:
        """Address of who answered → the letters that they were written, the oldest first."""
        found: dict[str, list[EmailMessage]] = {}
        ours = {one.address for one in self.answers}
        for stored in sorted(self.at.store.outbox.letters(), key=lambda one: (one.made_at, one.key)):
            if stored.to in ours:
                letter = message_from_bytes(stored.content, policy=default)
                assert isinstance(letter, EmailMessage)
                found.setdefault(stored.to, []).append(letter)
        return found


def rows_of(size: int) -> Mapping[str, list[dict[str, Any]]]:
    """A council, an agreement, and as many actions and evaluations as answers may speak of."""
    return complete({
        "plan_action": [{"quoi_activite": f"Former l'équipe {n}"} for n in range(1, size + 1)],
        "evaluations": [{"moment": "FIN_PROJET"}] * size,
    })  # fmt: skip


# --------------------------------------------------------------------------------------------------- local workbook


@pytest.fixture(autouse=True)
def that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW.astimezone(clock.MOROCCO))
    monkeypatch.setattr(returned, "SETTLED", returned.SETTLED * 0)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Inbox:
    fake = Inbox()
    monkeypatch.setattr(collect, "Inbox", fake)
    return fake


def type_accept(office: Department, rows: Sequence[Row]) -> None:
    """Chooses « Accepter » in a spreadsheet program, and saves."""
    path = office.at.folder / "registre.xlsx"
    book = load_workbook(path)
    sheet = book["Demandes reçues"]
    (column,) = [cell.column for cell in sheet[1] if cell.value == "Décision"]
    for row in rows:
        sheet.cell(row.number, column).value = "Accepter"
    book.save(path)


def local_office(folder: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> Department:
    folder.mkdir()
    (folder / "settings.toml").write_text(
        f"[registre]\nmodules = {MODULES}\nlignes_en_reserve = {SPARE}\n{IMAP}", encoding="utf-8"
    )
    hints = setup.hints_of(DECLARED)
    rows = rows_of(size)
    (folder / "registre.xlsx").write_bytes(
        build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=SPARE, hints=hints)
    )
    at = Installation.at(folder / "settings.toml", Common(declarations=DECLARED))
    monkeypatch.setattr(Where, "installation", lambda _: at)
    return Department(at, type_accept)


def hand_out_pages(office: Department, way: str) -> Iterator[tuple[Answered, bytes]]:
    """A page each, written by the command, filled in."""
    for form, lang, found in office.by(way):
        for one in found:
            page = office.at.folder / "a_distribuer" / f"{form}-{one.number}.xlsx"
            page.parent.mkdir(exist_ok=True)
            office.cdi("forms", "export", form, "--xlsx", str(page), "--langue", lang)
            yield one, page_filled(one, page.read_bytes())


def return_by_folder(office: Department, inbox: Inbox) -> None:
    office.at.forms_folder.mkdir(exist_ok=True)
    for one, data in hand_out_pages(office, "dossier"):
        (office.at.forms_folder / f"retour-{one.number}.xlsx").write_bytes(data)


def return_by_mail(office: Department, inbox: Inbox) -> None:
    for one, data in hand_out_pages(office, "courriel"):
        inbox.add(mail(data, sender=one.address).replace(b"<1@", b"<%d@" % one.number), at=NOW)


def return_by_phone(office: Department, way: str, export: Callable[..., bytes]) -> None:
    """An XLSForm, compiled, answered; the server's export is put in the folder."""
    for form, lang, found in office.by(way):
        made = office.at.folder / "a_distribuer" / f"{way}-{form}-{lang}.xlsx"
        made.parent.mkdir(exist_ok=True)
        langs = ",".join(sorted(LANGS, key=lambda one: one != lang))
        office.cdi("forms", "export", form, "--xlsform", str(made), "--langues", langs)
        opened = phone(DECLARED.forms[form], made.read_bytes())
        assert opened.lang == lang
        office.at.forms_folder.mkdir(exist_ok=True)
        (office.at.forms_folder / f"{way}-{form}-{lang}.csv").write_bytes(export(found, opened))


# ------------------------------------------------------------------------------------------------------- at Google


def paste_accept(google: Google) -> Callable[[Department, Sequence[Row]], None]:
    def accept(office: Department, rows: Sequence[Row]) -> None:
        book = office.at.settings.registre.google
        people = google.staff.now(PERSON)
        column = office.look().registry.layouts["demandes"].positions["decision"]
        for row in rows:
            people.type(book, f"'Demandes reçues'!{letters(column)}{row.number}", "Accepter")

    return accept


def google_office(folder: Path, google: Google, key: Mapping[str, str], url: str, size: int) -> Department:
    folder.mkdir()
    spreadsheet = shared_spreadsheet(google)
    (folder / "robot.json").write_text(json.dumps({**key, "token_uri": f"{url}/token"}), encoding="utf-8")
    (folder / "settings.toml").write_text(
        f'[registre]\ngoogle = "{spreadsheet}"\nmodules = {MODULES}\nlignes_en_reserve = {SPARE}\n'
        f'[google]\ncle = "robot.json"\nsheets = "{url}"\ndrive = "{url}"\nforms = "{url}"\ndelai = 600\n',
        encoding="utf-8",
    )
    line = Line(folder / PACE, sleep=lambda seconds: google.clock.advance(seconds))
    at = Installation.at(folder / "settings.toml", Common(line, DECLARED))
    setup.create_google(folder, spreadsheet, None)
    book = at.book
    assert isinstance(book, GoogleWorkbook)
    tabs = list(at.knowledge.tabs.values())
    book.http.batch_update(book.spreadsheet, {"requests": list(filling(book.read(), grids(rows_of(size)), tabs))})
    return Department(at, paste_accept(google))


def publish(office: Department, monkeypatch: pytest.MonkeyPatch, forms: Sequence[str], langs: Sequence[str]) -> None:
    monkeypatch.setattr(Where, "installation", lambda _: office.at)
    for form in forms:
        office.cdi("forms", "publish", form, *(word for lang in langs for word in ("--langue", lang)))


def answer_at_google(google: Google, publisher: Department, office: Department) -> None:
    """In the browser, page after page."""
    for form, lang, found in office.by("google"):
        made = google.forms[known_forms(publisher.at)[form][lang].id]
        for one in found:
            typed = one.typed(choices_of_google(one.form, made.items))
            google.staff.now(PERSON).answer(
                made.id, {google_id(form, key): as_text(value) for key, value in typed.items()}
            )


def paste_responses(google: Google, publisher: Department, office: Department) -> None:
    """The tabs that Google's forms write in the spreadsheet to which somebody linked them."""
    book, people = office.at.settings.registre.google, google.staff.now(PERSON)
    for number, (form, lang, found) in enumerate(office.by("onglet"), start=1):
        items = google.forms[known_forms(publisher.at)[form][lang].id].items
        title = f"Réponses au formulaire {number}"
        people.batch(book, {"addSheet": {"properties": {"title": title}}})
        people.paste(book, f"'{title}'!A1", google_table(found, items, "2026-11-23 08:10:00"))


def export_from_google(google: Google, publisher: Department, office: Department) -> None:
    """The « .csv » that Google gives, put in the folder."""
    office.at.forms_folder.mkdir(exist_ok=True)
    for form, lang, found in office.by("csv"):
        items = google.forms[known_forms(publisher.at)[form][lang].id].items
        rows = google_table(found, items, "2026/11/23 8:10:00 AM UTC+0")
        (office.at.forms_folder / f"{form}-{lang}.csv").write_bytes(as_csv(rows))


# ------------------------------------------------------------------------------------------------ what is looked at


@dataclass(frozen=True)
class Workbook:
    """The cells as they are. shown: (number of a row, column) → what stands there, of those that the software fills too."""

    registry: Registry
    grids: Mapping[str, Grid]

    def shown(self, row: Row, column: str) -> str:
        layout = self.registry.layouts[row.tab]
        cells, at = self.grids[layout.title].rows[row.number - 1], layout.positions[column] - 1
        return str(cells[at]) if at < len(cells) and cells[at] is not None else ""

    @property
    def requests(self) -> Mapping[str, Row]:
        """Address of who answered → the row of the request."""
        rows = self.registry["demandes"]
        found = {row.text("demandeur").partition("(")[2].rstrip(")"): row for row in rows}
        assert len(found) == len(rows)
        return found


def goes_round(office: Department) -> None:
    """Received, accepted, numbered, told; then nothing more."""
    cases = {one.address: one for one in office.answers}
    before = office.look()
    assert before.requests == {}

    first = office.work()
    seen = office.look()
    assert set(seen.requests) == set(cases)
    for address, row in seen.requests.items():
        _is_proposed(cases[address], row, seen)
    for one in cases.values():
        [letter] = office.letters()[one.address]
        _says(letter, one, seen.requests[one.address].id)
    assert first.told.new == len(cases)

    office.accept(office, list(seen.requests.values()))
    second = office.work()
    seen = office.look()
    for address, row in seen.requests.items():
        _is_the_row(cases[address], row, seen, before)
        assert seen.shown(row, "etat") == f"Acceptée : {row.text('devenue')}."
    for one in cases.values():
        [_, letter] = office.letters()[one.address]
        _says(letter, one, seen.requests[one.address].id, seen.requests[one.address].text("devenue"))
    assert second.told.new == len(cases)

    received = office.at.forms_folder / returned.RECEIVED
    for file in [*received.iterdir()] if received.is_dir() else ():  # the same files come once more
        (office.at.forms_folder / file.name).write_bytes(file.read_bytes())
    third = office.work()
    assert (third.sync.cells, third.sync.rows, third.new) == (0, 0, 0)
    assert third.intake == IntakeReport()
    assert office.look() == seen
    assert all(len(sent) == 2 for sent in office.letters().values())
    _tell(office, seen, before)


def _is_proposed(one: Answered, row: Row, seen: Workbook) -> None:
    """Nothing is to complete, each answer is understood, and no answer is to a question that isn't asked."""
    where = one.way, one.form.name, one.lang
    assert seen.shown(row, "a_completer") == "", where
    assert seen.shown(row, "etat") == "À décider.", where
    assert seen.shown(row, "formulaire") == one.form.title, where
    understood = seen.shown(row, "comprise")
    assert "Non demandé" not in understood, (where, understood)
    asked = [
        question.title for key, question in one.form.questions.items() if key in one.meant and question.tab != SENDER
    ]
    assert [title for title in asked if f"{title} : " not in understood] == [], where


def _says(letter: EmailMessage, one: Answered, number: str, became: str = "") -> None:
    """A letter in the language of the form: number of the request, title of the form, what was understood or it became."""
    where, language = (one.way, one.form.name, one.lang), DECLARED.languages[one.lang]
    body = letter.get_body(("plain",))
    assert body is not None
    subject, text = _bare(str(letter["Subject"])), _bare(body.get_content())
    verb = language.gettext("Demande acceptée" if became else "Demande reçue")
    for words in (number, verb, language.gettext(one.form.title)):
        assert _bare(words) in subject, (where, subject)
    assert _bare(number) in text and _bare(became) in text, where
    if not became:
        for key, words in one.typed({}).items():
            question = one.form.questions[key]
            if isinstance(words, str) and question.tab != SENDER and not tab_designated(question, one.form):
                assert _bare(words) in text, (where, key, text)


def _bare(text: str) -> str:
    """Without marks of direction, on one line."""
    return fold("".join(letter for letter in text if letter not in "\u2066\u2067\u2068\u2069\u200e\u200f"))


def _is_the_row(one: Answered, request: Row, seen: Workbook, before: Workbook) -> None:
    """The numbered row holds what was meant, each cell; so do its partner and its checklist. The software knows it."""
    where, tab, became = (one.way, one.form.name, one.lang), one.form.tab, request.text("devenue")
    [row] = [row for row in seen.registry[tab] if row.id == became]
    assert (row.id in {row.id for row in before.registry[tab]}) == (not one.form.is_new), where
    assert all(row[column] == value for column, value in one.form.fixed.items()), where
    owner = "id_evaluation" if tab == "evaluations" else "id_acte"
    lines = {line.text("piece"): line for line in seen.registry["pieces_clauses"] if line[owner] == row.id}
    for key, value in one.meant.items():
        question, held = one.form.questions[key], row
        if question.tab == SENDER or key == "id":
            continue
        if question.piece:
            held = lines[question.piece]
        elif question.tab == "partenaires":
            [held] = [partner for partner in seen.registry["partenaires"] if partner.id == row["partenaire"]]
        assert held[question.column.key] == value, (where, key, held[question.column.key], value)
    if tab == "actes":  # the whole checklist, beside what the answer says of it
        assert len(lines) > len({question.piece for question in one.form.questions.values()}), where
    shown = {column: seen.shown(row, column) for column in _SEEN[tab]}
    assert all(shown.values()), (where, shown)
    assert all(
        seen.shown(lines[question.piece], "controle_le") for question in one.form.questions.values() if question.piece
    )
    if tab == "plan_action":  # two cells of the plan more are filled: what is found of it changes
        [was] = [old for old in before.registry[tab] if old.id == row.id]
        assert shown["a_corriger"] != before.shown(was, "a_corriger"), where


def _tell(office: Department, seen: Workbook, before: Workbook) -> None:
    print()
    for (way, lang), count in Counter((one.way, one.lang) for one in office.answers).items():
        print(f"{way:10} {lang}  {count} formulaires : reçus, acceptés, inscrits, accusés")
    sizes = {tab: (len(before.registry[tab]), len(rows)) for tab, rows in seen.registry.rows.items()}
    grown = ", ".join(f"{tab} {was} → {now}" for tab, (was, now) in sizes.items() if now > was)
    print(f"lignes : {grown}")
    print(f"courriels aux demandeurs : {sum(map(len, office.letters().values()))}, pour {len(office.answers)} réponses")


# ------------------------------------------------------------------------------------------------------------ tests


def test_a_page_and_a_phone_s_export_in_arabic_go_round_in_a_registry_in_memory(tmp_path: Path) -> None:
    made = memory_office(tmp_path / "ici", rows_of(2)).at
    at = replace(made, declarations=DECLARED)  # the product's own forms
    at.__dict__["book"] = made.book
    staff, office = Office(at), Department(at, type_accept)
    office.people(("dossier",), ("evaluation",), ("ar",))
    page, export = office.people(("odk",), ("avancement",), ("ar",))
    at.forms_folder.mkdir()
    arabic, french = DECLARED.languages["ar"], DECLARED.languages["fr"]
    (at.forms_folder / "retour.xlsx").write_bytes(page_filled(page, write_form(lay_out(page.form, arabic), new_mark())))
    compiled = phone(export.form, xlsform_bytes(xlsform(export.form, [arabic, french], {})))
    (at.forms_folder / "export.csv").write_bytes(odk_export([export], compiled))

    for turn in range(3):
        done = intake(at, AS_OF, sources={"fichiers déposés": SOURCES["fichiers déposés"]})
        reading = at.read(AS_OF)
        told = tell(at, reading)
        assert (done.taken, len(done.landed), len(done.accepted), told.new) == (
            ((2, 2, 0, 2), (0, 0, 2, 2), (0, 0, 0, 0))[turn]
        )
        requests = office.look().requests
        for one in (page, export):
            request = requests[one.address]
            shown = reading.assessment.requests[request.id]
            assert shown.state == (f"Acceptée : {request['devenue']}." if turn else "À décider.")
            assert shown.to_complete == ""
            _says(office.letters()[one.address][-1], one, request.id, request.text("devenue"))
        if not turn:
            staff.accept(*(row.id for row in requests.values()))
    seen = office.look()
    (_, action), (evaluation, _) = seen.registry["plan_action"], seen.registry["evaluations"]
    assert all(action[key] == value for key, value in export.meant.items() if key != "id" and "." not in key)
    assert evaluation["date_rapport_final"] == page.meant["date_rapport_final"]
    notes = {
        line.text("piece"): line["note"]
        for line in seen.registry["pieces_clauses"]
        if line["id_evaluation"] == evaluation.id
    }
    assert notes == dict.fromkeys(notes, page.meant["pieces_clauses.note:IMPACT"]) and len(notes) == 6


@pytest.mark.proof
def test_every_form_by_file_mail_and_phone(tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = ("dossier", "courriel", "odk", "kobo")
    office = local_office(tmp_path / "ici", len(ways) * len(FORMS) * len(LANGS), monkeypatch)
    office.work()  # at rest
    office.people(ways, FORMS)
    return_by_folder(office, inbox)
    return_by_mail(office, inbox)
    return_by_phone(office, "odk", odk_export)
    return_by_phone(office, "kobo", kobo_export)
    goes_round(office)


@pytest.fixture
def google() -> Google:
    made = Google(no_quota=True, clock=Clock(NOW))
    made.tokens = Tokens(Clock(), any_token=False)
    return made


@pytest.mark.proof
def test_every_form_of_google_by_its_api_its_tab_and_its_export(
    tmp_path: Path, google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = google.tokens.new_service_account(ROBOT, "")
    size = 2 * len(FORMS) * len(LANGS)
    with serving(google) as url:
        mine = google_office(tmp_path / "ici", google, key, url, size)
        theirs = google_office(tmp_path / "voisin", google, key, url, size)
        mine.work()
        theirs.work()
        publish(mine, monkeypatch, FORMS, LANGS)
        mine.people(("google",), FORMS)
        answer_at_google(google, mine, mine)
        goes_round(mine)
        # a neighbour who links the same forms to a spreadsheet, and exports others
        theirs.people(("onglet", "csv"), FORMS)
        paste_responses(google, mine, theirs)
        export_from_google(google, mine, theirs)
        goes_round(theirs)
