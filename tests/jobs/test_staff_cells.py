"""Runs with people at work before and between reading and writing: what they typed stays as typed.

Eight of them in the ordinary suite, four hundred and eighty more in the long proofs.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx.reading import read
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.errors import BusyError
from cdi_sync.model import Column, Tab
from jobs.run import run
from jobs.sync import sync
from tests.conftest import EditedRuns
from tests.demos import AS_OF, demo_registry
from tests.registries import DECLARED

RUNS, MORE = 8, 480
TYPED = (
    "texte", "  avec  espaces ", "=1+1", "<b>&amp;</b>", "٢٠٢٦/٠٣/٣١", "31/02/2026", "ligne\nsuivante", 12, -3.5, True,
    date(2026, 2, 1), "é" * 300, "{{7*7}}", "\u202eretourné", None,
)  # fmt: skip
TABS = ("Actes", "Délibérations", "Visas et accords", "Contacts", "Sessions")


def staff_cells(path: Path, at: Installation) -> dict[str, list[tuple[object, ...]]]:
    """By tab: the rows of its staff columns, in the order of the declarations, wherever these columns stand."""
    snapshot = read(path)
    cells: dict[str, list[tuple[object, ...]]] = {}
    for tab in at.knowledge.tabs.values():
        rows = snapshot.grids[tab.title].rows
        kinds = [column_named(tab, header) for header in rows[0]]
        places = [kinds.index(column) for column in tab.columns if not column.is_system]
        kept = [tuple(row[i] if i < len(row) else None for i in places) for row in rows[1:]]
        cells[tab.name] = [row for row in kept if any(cell is not None for cell in row)]
    return cells


def column_named(tab: Tab, header: object) -> Column | None:
    return next((column for column in tab.columns if header in (column.title, *column.aliases)), None)


def type_somewhere(sheet: Worksheet, chance: random.Random) -> None:
    row, column = chance.randint(2, min(sheet.max_row, 40)), chance.randint(2, sheet.max_column - 3)
    cell = sheet.cell(row, column)
    cell.value = chance.choice(TYPED)
    if cell.data_type == "f":  # a person's text that looks like a formula stays a text
        cell.data_type = "s"


def insert_a_row(sheet: Worksheet, chance: random.Random) -> None:
    row = chance.randint(2, 20)
    sheet.insert_rows(row)
    sheet.cell(row, 2).value = "ligne insérée"


def delete_a_row(sheet: Worksheet, chance: random.Random) -> None:
    sheet.delete_rows(chance.randint(2, 12))


def swap_two_rows(sheet: Worksheet, chance: random.Random) -> None:
    one, other = chance.sample(range(2, 20), 2)
    for column in range(1, sheet.max_column + 1):
        first, second = sheet.cell(one, column), sheet.cell(other, column)
        first.value, second.value = second.value, first.value


def swap_two_columns(sheet: Worksheet, chance: random.Random) -> None:
    one, other = chance.sample(range(2, sheet.max_column + 1), 2)
    for row in range(1, sheet.max_row + 1):
        first, second = sheet.cell(row, one), sheet.cell(row, other)
        first.value, second.value = second.value, first.value


def sort_by_a_column(sheet: Worksheet, chance: random.Random) -> None:
    """Whole rows, as a spreadsheet sorts them: what is empty last, whichever the direction."""
    at, backwards = chance.randint(0, sheet.max_column - 1), chance.random() < 0.5
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    filled = sorted((row for row in rows if row[at] is not None), key=lambda row: str(row[at]), reverse=backwards)
    fill(sheet, 2, [*filled, *(row for row in rows if row[at] is None)])


def move_a_column(sheet: Worksheet, chance: random.Random) -> None:
    """Cut, and inserted elsewhere."""
    source, target = chance.sample(range(sheet.max_column), 2)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for row in rows:
        row.insert(target, row.pop(source))
    fill(sheet, 1, rows)


def fill(sheet: Worksheet, top: int, rows: Sequence[Sequence[Any]]) -> None:
    """Writes those rows from that one on. What begins like a formula without being ours is a text of somebody's."""
    for number, row in enumerate(rows, start=top):
        for at, value in enumerate(row, start=1):
            cell = sheet.cell(number, at)
            cell.value = value
            if cell.data_type == "f" and not str(value).startswith("=HYPERLINK("):
                cell.data_type = "s"


def rename_a_header(sheet: Worksheet, chance: random.Random) -> None:
    """To another name of the same column, or back."""
    tab = next(tab for tab in DECLARED.tabs.values() if tab.title == sheet.title)
    cell = chance.choice(sheet[1])
    column = column_named(tab, cell.value)
    if column:
        cell.value = chance.choice((column.title, *column.aliases))


def hide_a_row(sheet: Worksheet, chance: random.Random) -> None:
    sheet.row_dimensions[chance.randint(2, 12)].hidden = True


def type_in_a_system_cell(sheet: Worksheet, chance: random.Random) -> None:
    headers = [cell.value for cell in sheet[1]]  # no other name is declared for this column
    sheet.cell(chance.randint(2, 12), headers.index("À corriger") + 1).value = "vu"


def copy_a_number(sheet: Worksheet, chance: random.Random) -> None:
    sheet.cell(chance.randint(2, 12), 1).value = sheet.cell(chance.randint(2, 12), 1).value


EDITS: tuple[Callable[[Worksheet, random.Random], None], ...] = (
    type_somewhere, type_somewhere, type_somewhere, insert_a_row, delete_a_row, swap_two_rows, swap_two_columns,
    hide_a_row, type_in_a_system_cell, copy_a_number, sort_by_a_column, move_a_column, rename_a_header,
)  # fmt: skip


def people_edit(path: Path, chance: random.Random) -> None:
    book = openpyxl.load_workbook(path)
    for _ in range(chance.randint(1, 4)):
        chance.choice(EDITS)(book[chance.choice(TABS)], chance)
    book.save(path)


def small_installation(folder: Path) -> Installation:
    """A demo of five agreements with few rows in reserve, so that many runs stay quick."""
    rows = demo_registry(3, 5).rows
    (folder / "registre.xlsx").write_bytes(build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=5))
    settings = folder / "settings.toml"
    settings.write_text("[registre]\nlignes_en_reserve = 5\nsauvegardes = 0\n", encoding="utf-8")
    return Installation.at(settings)


@pytest.mark.parametrize("part", [0, pytest.param(1, marks=pytest.mark.proof)])
def test_staff_cells_stay_as_staff_typed_them(part: int, tmp_path: Path, edited_runs: EditedRuns) -> None:
    assert_cells_stay(small_installation(tmp_path), random.Random(part), runs=RUNS // 2)
    edited_runs(RUNS // 2, f"openpyxl {part}")


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(2, 14))
def test_staff_cells_stay_as_staff_typed_them_much_longer(seed: int, tmp_path: Path, edited_runs: EditedRuns) -> None:
    assert_cells_stay(small_installation(tmp_path), random.Random(seed), runs=MORE // 12)
    edited_runs(MORE // 12, f"openpyxl {seed}")


def assert_cells_stay(at: Installation, chance: random.Random, *, runs: int) -> None:
    for _ in range(runs):
        people_edit(at.workbook, chance)
        typed = staff_cells(at.workbook, at)
        if chance.random() < 0.3:
            typed = edited_while_we_work(at, chance)
        else:
            run(at, AS_OF)
        assert_kept(staff_cells(at.workbook, at), typed)


def assert_kept(now: dict[str, list[tuple[object, ...]]], typed: dict[str, list[tuple[object, ...]]]) -> None:
    """Every row stands as typed; only lines of checklists were added, below the others."""
    lines = now["pieces_clauses"][len(typed["pieces_clauses"]) :]
    assert {**now, "pieces_clauses": now["pieces_clauses"][: len(typed["pieces_clauses"])]} == typed
    kinds = {category.label for category in DECLARED.tabs["pieces_clauses"].column("piece").categories}
    assert all(line[3] in kinds and not any(line[4:]) for line in lines)


def edited_while_we_work(at: Installation, chance: random.Random) -> dict[str, list[tuple[object, ...]]]:
    """A person saves between our reading and our writing: we write nothing, and the next run starts afresh."""
    reading = at.read(AS_OF)
    people_edit(at.workbook, chance)
    typed, saved = staff_cells(at.workbook, at), at.workbook.read_bytes()
    if saved != reading.snapshot.data:  # some edits change nothing
        with pytest.raises(BusyError):
            sync(at, reading, letters_new=1)
        assert at.workbook.read_bytes() == saved
    run(at, AS_OF)
    return typed
