"""A day's work on a local workbook: what is written, what is said, once, and what is never touched."""

import email
import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from python_calamine import CalamineWorkbook

from cdi_sync.dashboard import FORMS, SIGNED_ACTS
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx.apply import sheet_titles
from cdi_sync.edges.workbook_xlsx.book import replace
from cdi_sync.edges.workbook_xlsx.reading import Snapshot, read
from cdi_sync.errors import BusyError
from cdi_sync.mail.outbox import LetterState
from cdi_sync.model import Assessment
from cdi_sync.publish import mark
from jobs.remind import remind
from jobs.run import run
from jobs.sync import sync
from tests.demos import AS_OF, COMMON, FEW, installation


def cells_of(path: Path, title: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(title).to_python(skip_empty_area=False)


def column(path: Path, title: str, header: str) -> dict[str, object]:
    """Identifier → what that column shows."""
    rows = cells_of(path, title)
    at = rows[0].index(header)
    return {str(row[0]): row[at] for row in rows[1:] if row[0]}


def staff_cells(snapshot: Snapshot, at: Installation) -> dict[str, list[list[object]]]:
    """Every cell of every staff column, as read."""
    titles = sheet_titles(snapshot, at.knowledge.tabs)
    cells: dict[str, list[list[object]]] = {}
    for name, tab in at.knowledge.tabs.items():
        rows = snapshot.grids[titles[name]].rows
        system = {rows[0].index(c.title) for c in tab.columns if c.is_system}
        kept = [[cell for i, cell in enumerate(row) if i not in system] for row in rows]
        cells[name] = [trimmed for row in kept if (trimmed := _trim(row))]
    return cells


def _trim(row: Sequence[object]) -> list[object]:
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return cells


# ------------------------------------------------------------------------------------------- what is written


def test_each_agreement_gets_its_stage_its_next_step_and_who_acts(tmp_path: Path) -> None:
    at = installation(tmp_path)
    reading = at.read(AS_OF)
    run(at, AS_OF)
    stages = column(at.workbook, "Actes", "Étape")
    actors = column(at.workbook, "Actes", "À qui d'agir")
    for id_, standing in reading.assessment.standings.items():
        assert stages[id_] == f"{standing.stage} · {standing.stage_title}"
        assert actors[id_]


def test_a_finding_stands_beside_its_row_and_leads_to_its_rule(tmp_path: Path) -> None:
    at = installation(tmp_path)
    finding = next(f for f in at.read(AS_OF).assessment.findings if f.tab == "actes")
    run(at, AS_OF)
    sheet = openpyxl.load_workbook(at.workbook)["Actes"]
    headers = [cell.value for cell in sheet[1]]
    cell = sheet.cell(finding.row, headers.index("À corriger") + 1)
    assert str(cell.value).startswith('=HYPERLINK("#Aide!A')
    target = str(cell.value).split("#Aide!")[1].split('"')[0]
    assert openpyxl.load_workbook(at.workbook, data_only=True)["Aide"][target].value == finding.rule
    told = str(column(at.workbook, "Actes", "À corriger")[finding.id]).splitlines()[0]
    whole = f"{mark(finding)} · {finding.rule} : {finding.message}"
    assert whole.startswith(told.removesuffix("…"))


def test_every_anomaly_has_its_line_with_a_link_to_its_cell(tmp_path: Path) -> None:
    at = installation(tmp_path)
    report = run(at, AS_OF)
    lines = cells_of(at.workbook, "Anomalies")[2:]
    assert len(lines) == len(report.reading.assessment.findings)
    links = openpyxl.load_workbook(at.workbook)["Anomalies"]
    assert all("HYPERLINK" in str(links.cell(row, 4).value) for row in range(3, 3 + len(lines)))


def test_the_dashboard_counts_by_form_and_lists_the_signed_acts_in_five_columns(tmp_path: Path) -> None:
    at = installation(tmp_path, size=150)
    run(at, AS_OF)
    rows = cells_of(at.workbook, "Tableau de bord")
    counts = rows[FORMS.first - 1 : FORMS.last]
    assert rows[FORMS.head - 1][2:7] == ["En préparation", "Signés", "En vigueur", "Arrêtés", "Total"]
    assert [sum(row[2:6]) for row in counts] == [row[6] for row in counts]  # type: ignore[arg-type]  # numbers
    assert counts[-1][6] == 150
    assert rows[SIGNED_ACTS.head - 1][:5] == list(SIGNED_ACTS.titles)


def test_numbered_rows_wait_below_the_last_one(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, AS_OF)
    rows = cells_of(at.workbook, "Actes")
    used = [number for number, row in enumerate(rows, start=1) if any(cell != "" for cell in row[1:])]
    assert [row[0] for row in rows[used[-1] :]] == [f"ACT-{n:05d}" for n in range(used[-1], used[-1] + FEW)]


# ------------------------------------------------------------------------------- nothing new, nothing written


def test_a_second_run_leaves_every_byte_and_makes_no_letter(tmp_path: Path) -> None:
    at = installation(tmp_path)
    assert run(at, AS_OF).letters.new > 0
    before, letters = at.workbook.read_bytes(), sorted(at.letters_folder.iterdir())
    again = run(Installation.at(tmp_path / "settings.toml", COMMON), AS_OF)
    assert at.workbook.read_bytes() == before
    assert (again.sync.cells, again.letters.new) == (0, 0)
    assert sorted(at.letters_folder.iterdir()) == letters


def test_the_workbook_stays_the_same_when_everything_remembered_of_it_is_lost(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, AS_OF)
    before = at.workbook.read_bytes()
    at.store.remember_published({})
    shutil.rmtree(tmp_path / "sauvegardes")
    again = run(Installation.at(tmp_path / "settings.toml", COMMON), AS_OF)
    assert at.workbook.read_bytes() == before
    assert again.letters.new == 0


def test_a_new_day_changes_the_day_of_control_and_what_depends_on_it(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, AS_OF)
    run(at, AS_OF + timedelta(days=1))
    days = [day for id_, day in column(at.workbook, "Actes", "Contrôlé le").items() if day]
    assert set(days) == {AS_OF + timedelta(days=1)}


def test_dry_run_changes_nothing_and_records_nothing(tmp_path: Path) -> None:
    at = installation(tmp_path)
    before = at.workbook.read_bytes()
    report = run(at, AS_OF, dry_run=True)
    assert report.letters.parcels
    assert at.workbook.read_bytes() == before
    assert not at.letters_folder.exists()
    assert at.store.outbox.letters() == []


# ------------------------------------------------------------------------------------------- edits by people


def edit(path: Path, title: str, row: int, header: str, value: object) -> None:
    """Types a value as a person would, in openpyxl, which drops cached results as some programs do."""
    book = openpyxl.load_workbook(path)
    sheet = book[title]
    headers = [cell.value for cell in sheet[1]]
    sheet.cell(row, headers.index(header) + 1).value = value  # type: ignore[assignment]  # any cell value
    book.save(path)


def test_text_typed_in_a_system_cell_is_replaced_and_kept_in_the_journal(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, AS_OF)
    stage = column(at.workbook, "Actes", "Étape")["ACT-00001"]
    edit(at.workbook, "Actes", 2, "Étape", "à voir avec M. le Président")
    report = run(at, AS_OF)
    assert column(at.workbook, "Actes", "Étape")["ACT-00001"] == stage
    assert any("à voir avec M. le Président" in text for text in report.sync.healed)
    assert any("à voir avec M. le Président" in str(line[2]) for line in cells_of(at.workbook, "Journal"))


def test_a_row_typed_without_a_number_gets_the_next_one(tmp_path: Path) -> None:
    at = installation(tmp_path)
    last = max(number for number, row in enumerate(cells_of(at.workbook, "Contacts"), start=1) if row[0])
    edit(at.workbook, "Contacts", last + 5, "Nom et prénom", "Nouvelle personne")
    run(at, AS_OF)
    names = column(at.workbook, "Contacts", "Nom et prénom")
    assert [id_ for id_, name in names.items() if name == "Nouvelle personne"]


def test_clearing_a_row_empties_its_system_cells(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, AS_OF)
    book = openpyxl.load_workbook(at.workbook)
    sheet = book["Actes"]
    system = {column.title for column in at.knowledge.tabs["actes"].columns if column.is_system}
    for cell, header in zip(sheet[5], sheet[1], strict=True):
        if header.value not in system:
            cell.value = None
    book.save(at.workbook)
    run(at, AS_OF)
    assert all(cell == "" for cell in cells_of(at.workbook, "Actes")[4][1:])


def test_once_the_decision_is_typed_the_reminder_stops(tmp_path: Path) -> None:
    at = installation(tmp_path)
    notice = next(n for n in at.read(AS_OF).assessment.notices if n.reminder == "REM-VIS-03")
    edit(at.workbook, "Visas et accords", notice.row, "Sens de la décision", "Accordé")
    edit(at.workbook, "Visas et accords", notice.row, "Décision le", AS_OF)
    assert notice.subject not in {n.subject for n in at.read(AS_OF).assessment.notices}


@pytest.mark.parametrize("lock", ["~$registre.xlsx", ".~lock.registre.xlsx#"])
def test_an_open_workbook_is_left_alone_and_the_letters_still_leave(lock: str, tmp_path: Path) -> None:
    at = installation(tmp_path)
    holder = b"\x05Amina" if lock.startswith("~$") else b",amina,poste3,23.11.2026 08:00,file:///x;"
    (tmp_path / lock).write_bytes(holder)
    before = at.workbook.read_bytes()
    report = run(at, AS_OF)
    assert "mina" in report.busy
    assert at.workbook.read_bytes() == before
    assert report.letters.delivered.sent > 0
    (tmp_path / lock).unlink()
    assert run(at, AS_OF).sync.cells > 0


def test_a_workbook_that_changed_since_it_was_read_is_not_replaced(tmp_path: Path) -> None:
    at = installation(tmp_path)
    reading = at.read(AS_OF)
    edit(at.workbook, "Actes", 2, "Objet", "saisi entre-temps")
    with pytest.raises(BusyError, match="a changé"):
        sync(at, reading)
    assert column(at.workbook, "Actes", "Objet")["ACT-00001"] == "saisi entre-temps"


def test_a_dated_copy_is_kept_before_each_change(tmp_path: Path) -> None:
    at = installation(tmp_path)
    before = at.workbook.read_bytes()
    run(at, AS_OF)
    assert [copy.read_bytes() for copy in (tmp_path / "sauvegardes").iterdir()] == [before]


# ---------------------------------------------------------------------------------------------------- letters


def test_each_person_gets_one_letter_that_says_what_to_do_and_where(tmp_path: Path) -> None:
    at = installation(tmp_path)
    report = run(at, AS_OF)
    files = sorted(at.letters_folder.glob("*_rappels_*.eml"))
    letters = [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]  # type: ignore[attr-defined]
    urgent = list(at.letters_folder.glob("*_immediat_*.eml"))  # told apart from the digest
    assert (
        len({letter["To"] for letter in letters})
        == len(letters)
        == report.letters.new - report.letters.invitations - len(urgent)
    )
    assessment = report.reading.assessment
    french = {
        p.text("courriel_institutionnel") for p in assessment.registry["contacts"] if p["langue_preferee"] == "fr"
    }
    notice = next(n for n in assessment.notices if n.reminder == "REM-VIS-02" and n.to in french)
    mine = next(letter for letter in letters if notice.to in letter["To"])
    text = mine.get_body(("plain",)).get_content()
    assert notice.case in text
    assert "Visas et accords" in text
    assert "/ 20" in text.replace("\u202f", " ").replace("\xa0", " ") or "sur 20" in text


def test_the_same_notice_is_said_once_whatever_happens_to_the_files(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, AS_OF)
    shutil.rmtree(at.letters_folder)
    assert run(at, AS_OF).letters.new == 0
    assert not at.letters_folder.exists()


def test_a_letter_recorded_when_the_machine_stopped_leaves_at_the_next_run_as_it_was(tmp_path: Path) -> None:
    at = installation(tmp_path)
    at.letters_folder.write_text("un fichier tient la place du dossier", encoding="utf-8")
    assert remind(at, at.read(AS_OF)).failed > 0
    frozen = {x.key: x.content for x in at.store.outbox.letters(LetterState.QUEUED)}
    at.letters_folder.unlink()
    report = remind(at, at.read(AS_OF))
    assert (report.new, report.delivered.sent) == (0, len(frozen))
    assert {
        x.key: (at.letters_folder / x.eml).read_bytes() for x in at.store.outbox.letters(LetterState.SENT)
    } == frozen


def test_a_week_without_a_run_loses_nothing_and_says_each_thing_once(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, AS_OF)
    later = run(at, AS_OF + timedelta(days=7))
    said = [(n.reminder, n.subject, n.to) for parcel in later.letters.parcels for n in parcel.notices]
    assert len(said) == len(set(said)) > 0


# -------------------------------------------------------------------------------------------------- LibreOffice


def resave(path: Path, work: Path) -> None:
    """Opens and saves a workbook in LibreOffice."""
    out = work / "lo"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{work}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
         "--outdir", str(out), str(path)], check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    shutil.copy(out / path.name, path)


needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None and os.environ.get("CI") != "true", reason="LibreOffice (soffice) is not installed"
)


@pytest.mark.proof
@pytest.mark.libreoffice
@needs_libreoffice
def test_after_libreoffice_saved_the_file_a_run_writes_nothing(tmp_path: Path) -> None:
    at = installation(tmp_path / "demo", size=20)
    run(at, AS_OF)
    before = read(at.workbook)
    resave(at.workbook, tmp_path)
    saved = at.workbook.read_bytes()
    report = run(at, AS_OF)
    after = read(at.workbook)
    assert report.sync.cells == 0
    assert at.workbook.read_bytes() == saved
    assert staff_cells(after, at) == staff_cells(before, at)
    assert report.letters.new == 0


@pytest.mark.proof
@pytest.mark.libreoffice
@needs_libreoffice
def test_a_new_day_after_libreoffice_saved_the_file_is_written_as_on_ours(tmp_path: Path) -> None:
    ours, theirs = (installation(tmp_path / name, size=20) for name in "ab")
    tomorrow: date = AS_OF + timedelta(days=1)
    for at in (ours, theirs):
        run(at, AS_OF)
    resave(theirs.workbook, tmp_path)
    run(ours, tomorrow)
    run(theirs, tomorrow)
    for title in ("Actes", "Visas et accords", "Anomalies", "Échéancier", "Tableau de bord"):
        assert cells_of(theirs.workbook, title) == cells_of(ours.workbook, title)


def test_a_workbook_that_counts_from_1904_gets_the_same_days(tmp_path: Path) -> None:
    ours, theirs = installation(tmp_path / "a"), installation(tmp_path / "b")
    book = openpyxl.load_workbook(theirs.workbook)
    book.epoch = CALENDAR_MAC_1904
    book.save(theirs.workbook)
    run(ours, AS_OF)
    run(theirs, AS_OF)
    for header in ("Contrôlé le", "Échéance", "Depuis"):
        assert column(theirs.workbook, "Actes", header) == column(ours.workbook, "Actes", header)


# ---------------------------------------------------------------------------------- what the system tabs hold


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, Assessment]:
    """A demo large enough to show every kind of line, after a run."""
    at = installation(tmp_path_factory.mktemp("ran"), size=150)
    return at, run(at, AS_OF).reading.assessment


def test_the_gravest_anomalies_come_first_and_those_with_a_derogation_last(
    ran: tuple[Installation, Assessment],
) -> None:
    at, _ = ran
    marks = [str(line[0]) for line in cells_of(at.workbook, "Anomalies")[2:]]
    order = ["⛔ Bloquant", "⚠ À vérifier", "ℹ À savoir", "？ À compléter", "Dérogation"]
    ranks = [next(i for i, start in enumerate(order) if mark.startswith(start)) for mark in marks]
    assert ranks == sorted(ranks)
    assert {0, 1, 2, 3, 4} == set(ranks)


def test_the_schedule_lists_running_deadlines_by_date_and_no_old_act(ran: tuple[Installation, Assessment]) -> None:
    at, assessment = ran
    lines = cells_of(at.workbook, "Échéancier")[2:]
    assert [line[1] for line in lines] == sorted(line[1] for line in lines)  # type: ignore[type-var]  # dates
    assert all((line[0] == "En retard") is (float(str(line[2])) < 0) for line in lines)
    assert {"En retard", "Dans les 7 jours", "Dans les 30 jours"} <= {line[0] for line in lines}
    shown = {str(line[4]) for line in lines}
    assert shown == {s.id for s in assessment.standings.values() if s.due and assessment.cases[s.id].followed}


def test_two_findings_of_a_row_are_told_and_a_third_is_announced(tmp_path: Path) -> None:
    at = installation(tmp_path)
    book = openpyxl.load_workbook(at.workbook)
    sheet = book["Actes"]
    headers = [cell.value for cell in sheet[1]]
    for header in ("Date de création", "Date de l'avis", "Date de signature"):
        sheet.cell(2, headers.index(header) + 1).value = "32/13/2026"
    book.save(at.workbook)
    run(at, AS_OF)
    told = str(column(at.workbook, "Actes", "À corriger")["ACT-00001"])
    assert told.count("DATA-02") == 2
    assert told.endswith("… et 1 autre : onglet Anomalies")
    assert [len(line) <= 100 for line in told.splitlines()] == [True, True]  # what the row shows


def test_the_journal_keeps_its_lines_the_latest_first(tmp_path: Path) -> None:
    at = installation(tmp_path)
    for days in range(3):
        run(at, AS_OF + timedelta(days=days))
    lines = cells_of(at.workbook, "Journal")[2:]
    assert [line[0] for line in lines] == [AS_OF + timedelta(days=2), AS_OF + timedelta(days=1), AS_OF]
    assert all("cellule(s) mises à jour" in str(line[2]) for line in lines)


def test_letters_alone_leave_a_line_in_the_journal(tmp_path: Path) -> None:
    at = installation(tmp_path)
    sync(at, at.read(AS_OF))
    report = run(at, AS_OF)
    assert report.sync.cells == 0
    assert f"{report.new} courriel(s)" in str(cells_of(at.workbook, "Journal")[2][2])


def test_links_whose_text_another_program_dropped_are_written_again_without_accusing_anyone(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, AS_OF)
    before = column(at.workbook, "Actes", "À corriger")
    edit(at.workbook, "Actes", 2, "Objet", "précisé")  # openpyxl drops every cached result
    report = run(at, AS_OF)
    assert report.sync.healed == ()
    after = column(at.workbook, "Actes", "À corriger")
    assert {id_: text for id_, text in after.items() if id_ != "ACT-00001"} == {
        id_: text for id_, text in before.items() if id_ != "ACT-00001"
    }


def test_only_the_last_copies_are_kept(tmp_path: Path) -> None:
    at = installation(tmp_path)
    for number in range(4):
        replace(
            at.workbook,
            read(at.workbook),
            at.workbook.read_bytes(),
            backups=2,
            stamp=f"2026-11-2{number}",
        )
    assert sorted(p.name for p in (tmp_path / "sauvegardes").iterdir()) == [
        "registre.2026-11-22.xlsx",
        "registre.2026-11-23.xlsx",
    ]
