"""Whatever a list holds, its import ends, and each of its cells is placed or told. Names of councils, forms, twins."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdi_sync.cells import Unreadable, is_blank, read_cell
from cdi_sync.importing import Correspondence, Options, SheetPlan, Target, place, propose
from cdi_sync.importing.parties import Councils
from cdi_sync.importing.twins import Agreement
from cdi_sync.importing.values import understand
from cdi_sync.model import CellError, Form, Grid
from tests.registries import DECLARED, registry

WORDS = DECLARED.vocabulary
TODAY = date(2026, 11, 23)

_headers = st.lists(st.sampled_from([*WORDS.by_title, "Observations", "N°", ""]), min_size=2, max_size=9)
_cells = st.one_of(
    st.none(),
    st.sampled_from(["Fès", "COL-00001", "Lyon", "France", "Senagal", "Jumelage", "2009", "mars 2009", "03/04/2009", "Total",
                     "PAR-00001", "PAR-00099", "=1+1", "néant", "Oui", "3 ans", "12 000,50", "a ; b", "é" * 40_000]),
    st.text(max_size=12),
    st.integers(-5, 60_000),
    st.floats(),
    st.booleans(),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.just(CellError("#N/A")),
)  # fmt: skip
_rows = st.lists(st.lists(_cells, max_size=10), max_size=12)


@settings(max_examples=300, deadline=None)
@given(_headers, _rows, st.lists(st.lists(_cells, max_size=4), max_size=2))
def test_every_cell_of_any_list_is_placed_or_told(
    headers: list[str], rows: list[list[Any]], above: list[list[Any]]
) -> None:
    grid = Grid("Feuille", [*above, headers, *rows])
    known = registry({"actes": [{}]})
    decided = place([grid], propose([grid], WORDS), known, WORDS, Options(TODAY, historical=True))
    told = {(row.row, cell.column): cell for row in decided.rows for cell in row.cells}
    filled = {(r, c) for r, row in enumerate(grid.rows, 1) for c, cell in enumerate(row, 1) if not is_blank(cell)}
    assert set(told) == filled
    assert all(bool(cell.place) != bool(cell.why) for cell in told.values())
    for tab, added in decided.additions.items():
        for row in added:
            for key, value in row.cells.items():
                column = DECLARED.tabs[tab].column(key)
                assert not column.is_system
                assert not isinstance(read_cell(value, column), Unreadable), (key, value)


def test_a_sheet_that_the_correspondence_leaves_out_is_told_line_by_line() -> None:
    grid = Grid("Feuille", [["Partenaire", "Pays"], ["Lyon", "France"]])
    decided = place([grid], Correspondence(()), registry({}), WORDS, Options(TODAY))
    assert [row.why for row in decided.rows] == [
        "cet onglet ne contient pas de tableau dont les titres soient connus"
    ] * 2


def test_a_column_that_a_person_struck_from_the_correspondence_is_told_too() -> None:
    grid = Grid("Feuille", [["Partenaire", "Pays", "Note"], ["Lyon", "France", "à relancer"]])
    plan = SheetPlan("Feuille", 1, (Target(1, "Partenaire", "partenaires.nom"),))
    (_, row) = place([grid], Correspondence((plan,)), registry({}), WORDS, Options(TODAY)).rows
    assert [(cell.text, cell.why) for cell in row.cells] == [
        ("Lyon", ""),
        ("France", "colonne B sans correspondance"),
        ("à relancer", "colonne C sans correspondance"),
    ]


# ------------------------------------------------------------------------------------------------------ councils

FES = [
    {"code_hcp": "3231010", "nom_fr": "Fès", "nom_ar": "فاس", "niveau": "COMMUNE"},
    {"code_hcp": "03.231", "nom_fr": "Fès", "niveau": "PREFECTURE"},
    {"code_hcp": "03", "nom_fr": "Fès-Meknès", "niveau": "REGION"},
]


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("COL-00002", "COL-00002"),
        ("03.231", "COL-00002"),
        ("Commune de Fès", "COL-00001"),
        ("PREFECTURE DE FES", "COL-00002"),
        ("Conseil de la région Fès-Meknès", "COL-00003"),
        ("فاس", "COL-00001"),
    ],
)
def test_a_council_is_known_by_number_code_or_name_and_its_tier_tells_namesakes_apart(text: str, id_: str) -> None:
    assert Councils(registry({"collectivites": FES})).find(text) == (id_, "")


def test_namesakes_are_never_chosen_between() -> None:
    id_, why = Councils(registry({"collectivites": FES})).find("Fès")
    assert id_ == ""
    assert "désigne plusieurs collectivités (COL-00001 Fès, COL-00002 Fès)" in why


# --------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("Jumelage", "Jumelage"),
        ("JUMELAGE", "Jumelage"),
        ("توأمة", "Jumelage"),
        ("Convention de partenariat", "Convention"),
        ("accord", "Convention"),
        ("اتفاقية شراكة", "Convention"),
        ("adhésion", "Adhésion à une OING"),
        ("ADHESION_OING", "Adhésion à une OING"),
    ],
)
def test_a_form_is_read_by_its_synonyms(typed: str, form: str) -> None:
    assert understand(typed, "actes.forme", "", WORDS).cells["actes.forme"] == form


@pytest.mark.parametrize("typed", ["Jumlage", "jumelage ou convention", "protocole", "?"])
def test_what_is_no_form_is_left_with_its_reason(typed: str) -> None:
    said = understand(typed, "actes.forme", "", WORDS)
    assert (dict(said.cells), bool(said.why)) == ({}, True)


def test_a_misspelt_form_is_proposed() -> None:
    assert "vouliez-vous dire « Jumelage » ?" in understand("Jumlage", "actes.forme", "", WORDS).why


@pytest.mark.parametrize(
    ("typed", "header", "months"),
    [("3 ans", "Durée", 36), ("18 mois", "Durée", 18), ("٣ سنوات", "المدة", 36), (5, "Durée (ans)", 60), ("24", "Durée en mois", 24),
     (5, "Durée", None), ("illimitée", "Durée", None), ("3 lunes", "Durée", None)],
)  # fmt: skip
def test_a_duration_needs_its_unit(typed: Any, header: str, months: int | None) -> None:
    assert understand(typed, "actes.duree_mois", header, WORDS).cells.get("actes.duree_mois") == months


# ---------------------------------------------------------------------------------------------------------- twins


def act(day: date | None = None, year: int | None = None, month: int | None = None, subject: str = "",
        form: Form | None = Form.CONVENTION) -> Agreement:  # fmt: skip
    return Agreement("COL-00001", "PAR-00001", form, day, year, month, subject)


MARCH = date(2009, 3, 12)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (act(date(2009, 4, 12)), True),  # 31 days
        (act(date(2009, 4, 13)), False),  # 32 days
        (act(year=2009), True),
        (act(year=2010), False),
        (act(year=2009, month=3), True),
        (act(year=2009, month=4), False),
        (act(MARCH, form=None), True),
        (act(MARCH, form=Form.JUMELAGE), False),
        (act(), True),
        (act(subject="Eau"), True),
    ],
)
def test_two_agreements_are_one_when_nothing_known_tells_them_apart(other: Agreement, same: bool) -> None:
    assert act(MARCH).is_same(other) is same
    assert other.is_same(act(MARCH)) is same


def test_without_a_date_the_object_tells_agreements_apart() -> None:
    assert not act(subject="Eau").is_same(act(subject="Jeunesse"))
    assert act(subject="L'eau").is_same(act(subject="EAU"))
    assert act(MARCH, subject="Eau").is_same(
        act(MARCH, subject="Jeunesse")
    )  # one day, one form: told, never added twice


@pytest.mark.parametrize(
    ("agreement", "before"),
    [(act(date(2026, 11, 22)), True), (act(TODAY), False), (act(year=2025), True), (act(year=2026), False),
     (act(year=2026, month=10), True), (act(year=2026, month=11), False), (act(), False)],
)  # fmt: skip
def test_an_old_agreement_is_known_to_be_older_than_the_day(agreement: Agreement, before: bool) -> None:
    assert agreement.is_before(TODAY) is before
