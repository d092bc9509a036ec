"""What both kinds of workbook promise: read, assess, publish. Each test is run on a local workbook and on a Google spreadsheet.

Where the kinds differ by nature, the test says what each does, and why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from cdi_sync.cells import is_blank, shown
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_google.columns import CALC
from cdi_sync.errors import BusyError, RegistryError
from cdi_sync.model import Registry
from cdi_sync.shown import ANOMALIES, JOURNAL
from jobs.sync import SyncReport, sync
from tests.demos import AS_OF
from tests.kinds import Hand, Kind, Name, Typed, both, position
from tests.registries import DECLARED

Grids = Mapping[str, Sequence[Sequence[Any]]]


@cache
def published(name: Name) -> Kind:
    """A demo that one run brought up to date."""
    kind = both()[name].copy(Path(mkdtemp(prefix="cdi-contract-")) / name)
    publish(kind)
    return kind


@pytest.fixture(params=["xlsx", "google"])
def kind(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kind]:
    """A copy of it."""
    made = published(request.param)
    monkeypatch.setattr(Installation, "knowledge", made.at.knowledge)  # the same for all: read once
    yield made.copy(tmp_path / "ici")
    made.google.staff.leave()
    assert made.google.violations == []


def publish(kind: Kind, *, dry_run: bool = False) -> SyncReport:
    at = kind.again().at
    return sync(at, at.read(AS_OF), dry_run=dry_run)


def registry(kind: Kind) -> Registry:
    return kind.again().at.read(AS_OF).assessment.registry


def grids(kind: Kind) -> Grids:
    """What people see in each tab, by title: without the hidden tab that only one kind has."""
    read = kind.again().at.book.read().grids
    return {title: [list(row) for row in grid.rows] for title, grid in read.items() if title != CALC}


def cells(found: Grids, *, but: Sequence[str] = ()) -> dict[tuple[str, int, int], Any]:
    """(title, row, column) → what is shown there, blank cells left out."""
    return {
        (title, row, column): shown(held)
        for title, rows in found.items() if title not in but
        for row, line in enumerate(rows, start=1)
        for column, held in enumerate(line, start=1) if not is_blank(held)
    }  # fmt: skip


def differing(before: Grids, after: Grids) -> set[tuple[str, int, int]]:
    """The cells that show something else, the journal's left out."""
    one, other = cells(before, but=[JOURNAL]), cells(after, but=[JOURNAL])
    return {at for at in one.keys() | other.keys() if one.get(at) != other.get(at)}


OURS = {
    (tab.title, column) for tab in DECLARED.tabs.values()
    for column, declared in enumerate(tab.columns, start=1) if declared.is_system
}  # fmt: skip
STAFF = {tab.title for tab in DECLARED.tabs.values()}


def journal(kind: Kind) -> list[str]:
    """The lines of the journal, without its title and headers."""
    return [" | ".join(shown(cell) for cell in row[:3]) for row in grids(kind)[JOURNAL][2:] if not is_blank(row[0])]


# ---------------------------------------------------------------------------------------------------- reading

LONG = "une phrase très longue, " * 400
UNREADABLE = object()


@dataclass(frozen=True)
class ByKind:
    """What each kind reads, when they can't read the same. Google tells no types: a day is a number that looks like one."""

    xlsx: Any
    google: Any


# column of « Actes », what is typed, what is read
CASES: Sequence[tuple[str, Any, Any]] = [
    ("intitule", "Convention  d'essai ", "Convention d'essai"),
    ("intitule", "اتفاقية التوأمة", "اتفاقية التوأمة"),
    ("intitule", "=1+1", "=1+1"),
    ("intitule", "0042", "0042"),
    ("intitule", 42, "42"),
    ("intitule", "   ", None),
    ("intitule", LONG, LONG.strip()),
    ("intitule", "ligne\nsuivante", "ligne suivante"),
    ("intitule", True, "VRAI"),
    ("intitule", Typed(date(2026, 2, 1), "01/02/2026"), ByKind("01/02/2026", "46054")),
    ("cout_global", 1250000, 1250000.0),
    ("cout_global", 12.5, 12.5),
    ("cout_global", "12,5", 12.5),
    ("cout_global", "1 250 000,50", 1250000.5),
    ("cout_global", "beaucoup", UNREADABLE),
    ("cout_global", Typed("#DIV/0!", "=1/0"), UNREADABLE),
    ("cout_global", Typed(date(2026, 2, 1), "01/02/2026"), ByKind(UNREADABLE, 46054.0)),
    ("duree_mois", 36, 36),
    ("duree_mois", "36", 36),
    ("duree_mois", 36.5, UNREADABLE),
    ("date_signature", Typed(date(2026, 2, 1), "01/02/2026"), date(2026, 2, 1)),
    ("date_signature", Typed(datetime(2026, 2, 1, 10, 30), "01/02/2026 10:30"), date(2026, 2, 1)),
    ("date_signature", "1er février 2026", date(2026, 2, 1)),
    ("date_signature", "٢٠٢٦/٠٢/٢٨", date(2026, 2, 28)),
    ("date_signature", "31/02/2026", UNREADABLE),
    ("date_signature", Typed("#N/A", "=NA()"), UNREADABLE),
    ("date_signature", None, None),
    ("historique", True, True),
    ("historique", "Oui", True),
    ("historique", "non", False),
    ("historique", "peut-être", UNREADABLE),
    ("heure_limite_appel", Typed(time(10, 30), "10:30"), time(10, 30)),
    ("heure_limite_appel", "10h30", time(10, 30)),
    ("heure_limite_appel", Typed(datetime(2026, 2, 1, 10, 30), "01/02/2026 10:30"), time(10, 30)),
    ("autres_parties", "Banque; État ; ", ("Banque", "État")),
    ("lien_dossier", "https://exemple.example/dossier", "https://exemple.example/dossier"),
]  # fmt: skip


def test_every_kind_of_cell_is_read_the_same(kind: Kind) -> None:
    rows = [row.number for row in published("xlsx").at.read(AS_OF).assessment.registry["actes"]]
    placed = [(rows[number % len(rows)], *case) for number, case in enumerate(CASES)]

    def type_all(hand: Hand) -> None:
        for row, key, typed, _ in placed:
            hand.type("Actes", row, position("actes", key), typed)

    kind.edit(type_all)
    read = registry(kind)
    values = {row.number: row.values for row in read["actes"]}
    bad = {(problem.row, problem.column) for problem in read.problems if problem.tab == "actes"}
    for row, key, typed, expected in placed:
        wanted = getattr(expected, kind.name) if isinstance(expected, ByKind) else expected
        told = UNREADABLE if (row, key) in bad else values[row].get(key)
        assert told == wanted and type(told) is type(wanted), (key, typed, told)


@pytest.mark.proof
def test_headers_may_be_moved_renamed_and_joined_by_those_of_the_staff(kind: Kind) -> None:
    before, found = registry(kind), kind.again().at.read(AS_OF).assessment.findings

    def act(hand: Hand) -> None:
        hand.type("Actes", 1, position("actes", "intitule"), "العنوان")
        hand.type("Actes", 1, position("actes", "forme"), "FORMÉ  DE L’ACTE ")
        hand.move_column("Actes", position("actes", "objet"), 3)
        hand.insert_column("Actes", 5)
        hand.type("Actes", 1, 5, "Nos notes")
        hand.type("Actes", 3, 5, "à rappeler")

    kind.edit(act)
    after = kind.again().at.read(AS_OF).assessment
    assert [row.values for row in after.registry["actes"]] == [row.values for row in before["actes"]]
    assert [(one.rule, one.id) for one in after.findings] == [(one.rule, one.id) for one in found]
    publish(kind)
    assert grids(kind)["Actes"][2][4] == "à rappeler"
    assert publish(kind) == SyncReport()


def test_all_that_is_missing_is_told_at_once(kind: Kind) -> None:
    def act(hand: Hand) -> None:
        hand.rename("Visas et accords", "Brouillon")
        hand.delete_column("Sessions", position("sessions", "annee"))
        hand.type("Sessions", 1, position("sessions", "type"), "Truc")

    kind.edit(act)
    with pytest.raises(RegistryError) as stop:
        registry(kind)
    assert stop.value.fix
    told = stop.value.why.splitlines()
    assert any("Visas et accords" in line for line in told)
    assert any("Année" in line for line in told)
    # a column of a shared spreadsheet carries a mark, by which it is known whatever its title becomes
    assert any("Type de session" in line for line in told) == (kind.name == "xlsx")


@pytest.mark.proof
def test_two_rows_of_one_number_are_set_aside_and_told(kind: Kind) -> None:
    first, second = registry(kind)["actes"][:2]
    kind.type("Actes", second.number, 1, first.id)
    read = registry(kind)
    assert {p.row for p in read.problems if p.rule == "DATA-01" and p.tab == "actes"} == {first.number, second.number}
    assert [row.number for row in read["actes"] if row.quarantined] == [first.number, second.number]
    publish(kind)
    assert publish(kind) == SyncReport()


# ------------------------------------------------------------------------------------------------- publishing


def test_what_was_published_is_read_again_and_nothing_is_written_twice(kind: Kind) -> None:
    seen, held = grids(kind), kind.held
    stage, number = position("actes", "etape") - 1, [row.number for row in registry(kind)["actes"]]
    assert all(seen["Actes"][row - 1][stage] for row in number)
    assert publish(kind) == SyncReport()
    assert kind.held == held


@pytest.mark.proof
def test_only_what_changes_is_written_and_all_comes_back(kind: Kind) -> None:
    """A fault comes, then goes: system tabs grow and shrink, and no cell of the staff changes."""
    before, lines = grids(kind), journal(kind)
    row = registry(kind)["actes"][0].number
    was = before["Actes"][row - 1][position("actes", "intitule") - 1]
    place = ("Actes", row, position("actes", "duree_mois"))
    held = before["Actes"][row - 1][place[2] - 1]
    kind.type(*place, "trois ans")
    typed = grids(kind)
    report = publish(kind)
    after = grids(kind)
    changed = differing(typed, after)
    assert len(changed) > 3
    if kind.name == "google":
        assert (report.cells, report.rows) == (len(changed), len({at[:2] for at in changed}))
    else:  # a link is part of the content of a cell in a file: one that leads elsewhere counts, its text being the same
        assert len(changed) <= report.cells <= len(changed) + 10
    assert all((title, column) in OURS for title, _, column in changed if title in STAFF)
    assert "« trois ans » n'est pas un nombre" in str(after[ANOMALIES])
    assert was == after["Actes"][row - 1][position("actes", "intitule") - 1]
    kind.type(*place, held)
    publish(kind)
    assert differing(before, grids(kind)) == set()
    assert journal(kind)[2:] == lines, "the latest first"
    assert publish(kind) == SyncReport()


def test_a_new_row_is_numbered_once_and_no_other_number_changes(kind: Kind) -> None:
    """Rows that hold a number alone are spare: they are no agreement."""
    ids = [row.id for row in registry(kind)["actes"]]
    spare = [row[0] for row in grids(kind)["Actes"][1:] if row and row[0] and row[0] not in ids]
    assert len(spare) == 3
    kind.edit(lambda hand: hand.insert_row("Actes", 3))
    kind.type("Actes", 3, position("actes", "intitule"), "Jumelage à venir")
    publish(kind)
    (new,) = [row for row in registry(kind)["actes"] if row.number == 3]
    assert new.values["intitule"] == "Jumelage à venir"
    numbers = [row[0] for row in grids(kind)["Actes"][1:] if row and row[0]]
    assert len(set(numbers)) == len(numbers)
    assert [row.id for row in registry(kind)["actes"] if row.id != new.id] == ids
    assert new.id not in spare
    assert publish(kind) == SyncReport()


@pytest.mark.proof
def test_an_empty_cell_of_a_row_in_use_is_filled_only_while_it_is_empty(kind: Kind) -> None:
    """What a person accepted: once filled, it belongs to the staff, and nothing fills it again."""
    row = next(row for row in registry(kind)["actes"] if "autres_parties" not in row.values)
    place, before = ("Actes", row.number, position("actes", "autres_parties")), grids(kind)

    def fill(text: str) -> int:
        at = kind.again().at
        reading = at.read(AS_OF)
        new = {"actes": {row.number: {"id": row.id, "autres_parties": text}}}
        return at.book.append(reading.snapshot, new, reading.assessment.registry, at.knowledge.tabs, "essai")

    assert fill("=1+1") > 0
    assert differing(before, grids(kind)) == {place}
    assert cells(grids(kind))[place] == "=1+1"
    with pytest.raises(RegistryError, match="n'est pas libre"):
        fill("Autre chose")
    assert differing(before, grids(kind)) == {place}


@pytest.mark.proof
def test_lines_of_checklists_come_back_in_free_rows(kind: Kind) -> None:
    """A line that the file of an agreement must hold, and that somebody emptied, is laid again; the others stay."""
    lines = registry(kind)["pieces_clauses"]
    gone = lines[-1]
    tab = DECLARED.tabs["pieces_clauses"]
    for column, declared in enumerate(tab.columns, start=1):
        if not declared.is_system:
            kind.type(tab.title, gone.number, column, None)
    before = grids(kind)[tab.title][: gone.number - 1]
    assert publish(kind).cells > 0
    again = registry(kind)["pieces_clauses"][-1]
    assert len(registry(kind)["pieces_clauses"]) == len(lines)
    assert [again.values.get(key) for key in ("id_acte", "piece")] == [
        gone.values.get(key) for key in ("id_acte", "piece")
    ]
    assert cells({"": grids(kind)[tab.title][: gone.number - 1]}) == cells({"": before})
    assert publish(kind) == SyncReport()


@pytest.mark.proof
def test_what_is_typed_over_the_systems_cells_is_put_right_and_quoted_once(kind: Kind) -> None:
    before = grids(kind)
    row = registry(kind)["actes"][2].number
    end = len(before[ANOMALIES])
    kind.type("Actes", row, position("actes", "etape"), "je note ici")
    kind.type(ANOMALIES, 3, 2, "à moi")
    kind.type(ANOMALIES, end + 2, 2, "à moi aussi")
    report = publish(kind)
    assert differing(before, grids(kind)) == set()
    assert any("« je note ici »" in text for text in report.healed)
    assert sum("« je note ici »" in line for line in journal(kind)) == 1
    assert publish(kind) == SyncReport()


@pytest.mark.proof
def test_what_changed_since_it_was_read_is_not_written_over(kind: Kind) -> None:
    kind.edit(lambda hand: hand.insert_row("Actes", 3))
    kind.type("Actes", 3, position("actes", "intitule"), "Jumelage à venir")
    at = kind.again().at
    reading = at.read(AS_OF)
    kind.type("Actes", 4, position("actes", "objet"), "changé entre-temps")
    typed = cells(grids(kind))
    with pytest.raises(BusyError) as stop:
        sync(at, reading)
    assert stop.value.fix
    left = cells(grids(kind))
    if kind.name == "xlsx":  # a file is replaced whole, or not at all
        assert left == typed
    else:  # the tabs of the system are written all the same: nobody else writes there
        assert {
            at for at in left if at[0] == "Actes" and left[at] != typed.get(at) and (at[0], at[2]) not in OURS
        } == set()
        assert ("Actes", 3, 1) not in left
    publish(kind)
    assert cells(grids(kind))["Actes", 4, position("actes", "objet")] == "changé entre-temps"
    assert registry(kind)["actes"][1].id
    assert publish(kind) == SyncReport()


@pytest.mark.proof
def test_a_dry_run_tells_what_it_would_write_and_writes_nothing(kind: Kind) -> None:
    row = registry(kind)["actes"][0].number
    kind.type("Actes", row, position("actes", "duree_mois"), "trois ans")
    held = kind.held
    ledger = kind.at.folder / kind.at.settings.suivi.base
    known = ledger.read_bytes()
    told = publish(kind, dry_run=True)
    assert told.cells > 3
    assert (kind.held, ledger.read_bytes()) == (held, known)
    assert publish(kind) == told
