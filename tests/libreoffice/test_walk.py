"""Whole days of people at work in LibreOffice, a run after each: four in the ordinary suite, sixty in the long proofs."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conftest import EditedRuns
from tests.libreoffice.office import Edit, Office, edit
from tests.libreoffice.registers import Table, run_and_check, small_register, tables

pytestmark = pytest.mark.libreoffice
RUNS, MORE, WALKS = 4, 60, 6
TABS = ("actes", "deliberations", "visas_accords", "contacts", "sessions", "partenaires")
TYPED = (
    "texte", "  avec  espaces ", "=1+1", "<b>&amp;</b>", "٢٠٢٦/٠٣/٣١", "31/02/2026", "12/03/2027", "12,5", "12", "oui",
    "1/2", "ACT-00003", "é" * 300, "{{7*7}}", "",
)  # fmt: skip


class Person:
    """Chooses edits at random, on the file as it stands. Each tab keeps its titles in row 1."""

    def __init__(self, chance: random.Random, found: Mapping[str, Table]) -> None:
        self.chance, self.table = chance, found[chance.choice(TABS)]
        self.title, self.last = self.table.title, len(self.table.rows) + 1

    def edits(self) -> list[Edit]:
        return self.chance.choice(KINDS)(self)

    def row(self) -> int:
        return self.chance.randint(2, self.last)

    def column(self) -> str:
        return self.table.titles[self.chance.randrange(1, len(self.table.titles))]

    def text(self) -> str:
        return self.chance.choice(TYPED)

    def sorts(self) -> list[Edit]:
        return [edit("sort", self.title, column=self.column(), descending=self.chance.random() < 0.5)]

    def types(self) -> list[Edit]:
        return [edit("type", self.title, row=self.row(), column=self.column(), text=self.text()) for _ in range(3)]

    def inserts(self) -> list[Edit]:
        at = self.row()
        return [
            edit("insert_rows", self.title, row=at, count=self.chance.randint(1, 3)),
            edit("type", self.title, row=at, column=self.column(), text=self.text()),
        ]

    def deletes(self) -> list[Edit]:
        return [edit("delete_rows", self.title, row=self.row(), count=self.chance.randint(1, 2))]

    def pastes(self) -> list[Edit]:
        """Four rows of five columns, beginning anywhere, the rows below the last one included."""
        left = self.chance.randrange(1, len(self.table.titles) - 5)
        rows = [[self.chance.choice(("", "collé", 3.5, "COL-00001")) for _ in range(5)] for _ in range(4)]
        return [edit("paste", self.title, row=self.row() + 2, column=self.table.titles[left], rows=rows)]

    def copies_rows(self) -> list[Edit]:
        """Rows pasted elsewhere with their numbers."""
        source = self.chance.choice(self.table.rows)[:4]
        if not all(cell is None or isinstance(cell, str) for cell in source):
            return []
        block = [[cell or "" for cell in source]]
        return [edit("paste", self.title, row=self.row(), column=self.table.titles[0], rows=block)]

    def renames_a_header(self) -> list[Edit]:
        at = self.chance.randrange(len(self.table.titles))
        column = self.table.tab.by_key.get(self.table.keys[at])
        names = [column.title, *column.aliases] if column else []
        return (
            [edit("rename_header", self.title, column=self.table.titles[at], name=self.chance.choice(names))]
            if names
            else []
        )

    def moves_a_column(self) -> list[Edit]:
        column, before = self.chance.sample(self.table.titles, 2)
        return [edit("move_column", self.title, column=column, before=self.chance.choice((before, "")))]

    def hides(self) -> list[Edit]:
        return [edit("hide_column", self.title, column=self.column()), edit("hide_rows", self.title, row=self.row())]

    def filters(self) -> list[Edit]:
        chosen = {"column": self.column(), "text": self.chance.choice("aeé1")} if self.chance.random() < 0.7 else {}
        return [edit("auto_filter", self.title, **chosen)]

    def adds_a_column(self) -> list[Edit]:
        title = f"Note {self.chance.randrange(1000)}"
        return (
            [] if title in self.table.titles else [edit("add_column", self.title, column=title, texts=["a", "", "b"])]
        )

    def marks(self) -> list[Edit]:
        at = {"row": self.row(), "column": self.column()}
        return [edit("comment", self.title, text="à revoir", **at), edit("colour", self.title, **at)]

    def types_in_a_grey_cell(self) -> list[Edit]:
        grey = [
            t
            for t, key in zip(self.table.titles, self.table.keys, strict=True)
            if self.table.is_system(key) and key != "id"
        ]
        return [edit("type", self.title, row=self.row(), column=self.chance.choice(grey), text=self.text())]

    def renames_the_tab(self) -> list[Edit]:
        tab = self.table.tab
        return [edit("rename_tab", self.title, name=self.chance.choice((tab.title, *tab.aliases)))]


KINDS: tuple[Callable[[Person], list[Edit]], ...] = (
    Person.sorts, Person.sorts, Person.types, Person.types, Person.inserts, Person.deletes, Person.pastes,
    Person.copies_rows, Person.renames_a_header, Person.moves_a_column, Person.hides, Person.filters,
    Person.adds_a_column, Person.marks, Person.types_in_a_grey_cell, Person.renames_the_tab,
)  # fmt: skip


def test_after_each_day_of_edits_all_stands_where_it_should(
    tmp_path: Path, office: Office, edited_runs: EditedRuns
) -> None:
    walk(tmp_path, office, seed=0, days=RUNS)
    edited_runs(RUNS, "LibreOffice 0")


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(1, WALKS + 1))
def test_after_each_of_many_days_of_edits_all_stands_where_it_should(
    seed: int, tmp_path: Path, office: Office, edited_runs: EditedRuns
) -> None:
    walk(tmp_path, office, seed=seed, days=MORE // WALKS)
    edited_runs(MORE // WALKS, f"LibreOffice {seed}")


def walk(folder: Path, office: Office, *, seed: int, days: int) -> None:
    """Edits and runs, in turns. Up to four kinds of edit before a run, each on a tab of its own."""
    chance, at = random.Random(seed), small_register(folder / "a")
    for day in range(days):
        found, made = tables(at.workbook), dict[str, list[Edit]]()
        for _ in range(chance.randint(2, 4)):
            person = Person(chance, found)
            made.setdefault(person.title, person.edits())
        edits = [one for several in made.values() for one in several]
        office.edit(at.workbook, *edits)
        try:
            run_and_check(at)
        except AssertionError as error:
            error.add_note(f"seed {seed}, day {day}: {edits}")
            raise
