"""Each field of the catalogue has one answer: where it lives in the product, or why it was left out.

`make docs` writes the page; config/catalogue/ holds the fields, the answers that the columns don't give by themselves, and
the fields that each rule, reminder and indicator names.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from cdi_sync.assessment import assess
from cdi_sync.edges.config import data_folder
from cdi_sync.edges.hints import note_text
from cdi_sync.edges.ledger.store import Store
from cdi_sync.publish import plan
from cdi_sync.text import fold
from tests.catalogue import PAGE, TO_COME, Answer, Catalogue, in_use, load, page
from tests.registries import DECLARED, knowledge, registry

CATALOGUE = load(DECLARED)
LEDGER = "suivi.sqlite"
NAME_NO_FIELD = {
    *(
        "JUM-02",
        "JUM-23",
        "CONV-02",
        "AAP-08",
        "OING-06",
        "DATA-01",
        "DATA-02",
    ),  # sums of other rules, or of the reading
    *("REM-FIN-02", "IND-61"),  # an export, and every deadline
}


def without_answer(catalogue: Catalogue) -> list[str]:
    """The fields that have no answer, or several that exclude one another."""
    return [name for name in catalogue.fields if len(catalogue.answers[name].kinds) != 1]


def left_out_yet_used(catalogue: Catalogue) -> list[tuple[str, list[str]]]:
    """The fields left out or still to come, with what names them."""
    users = in_use(catalogue, DECLARED)
    return [
        (name, list(users[name]))
        for name in catalogue.fields
        if name in users and {"ecarte", "a_venir"} & set(catalogue.answers[name].kinds)
    ]


def answering(name: str, answer: Answer) -> Catalogue:
    """The catalogue with another answer for one field."""
    return replace(CATALOGUE, answers={**CATALOGUE.answers, name: answer})


# ------------------------------------------------------------------------------------------------------ answers


def test_the_fifty_entities_and_their_658_fields_are_listed() -> None:
    assert len(CATALOGUE.titles) == 50
    assert len(CATALOGUE.fields) == 658
    assert {name.partition(".")[0] for name in CATALOGUE.fields} == set(CATALOGUE.titles)
    assert all(CATALOGUE.fields.values()), "every field has a label"


def test_every_field_has_one_answer() -> None:
    assert without_answer(CATALOGUE) == []


def test_a_field_without_answer_or_with_two_is_told() -> None:
    assert "ACTES.objet" in without_answer(answering("ACTES.objet", Answer()))
    both = Answer(columns=("actes.objet",), left_out="se déduit du titre")
    assert "ACTES.objet" in without_answer(answering("ACTES.objet", both))


def test_columns_items_and_correspondences_name_fields_that_exist() -> None:
    assert CATALOGUE.strangers == []


def test_answers_lead_to_columns_and_items_that_exist_each_once() -> None:
    columns = {f"{tab.name}.{column.key}" for tab in DECLARED.tabs.values() for column in tab.columns}
    items = {item.code for checklist in DECLARED.checklists for item in checklist.items}
    for name, answer in CATALOGUE.answers.items():
        assert {*answer.columns} <= columns, name
        assert {*answer.pieces} <= items, name
        assert max(Counter([*answer.columns, *answer.pieces]).values(), default=1) == 1, name


def test_what_the_software_shows_is_where_the_answer_says(tmp_path: Path) -> None:
    places = {*_headings_of_system_tabs(), *_columns_of_the_ledger(tmp_path / LEDGER)}
    computed = {answer.computed for answer in CATALOGUE.answers.values()} - {""}
    assert computed <= places


def _headings_of_system_tabs() -> Iterator[str]:
    shown = plan(assess(registry({}), knowledge(), date(2026, 11, 23)), knowledge(), spare_rows=0)
    for title, grid in shown.tabs.items():
        for cell in (cell for row in grid for cell in row if cell and cell.style == "cdi_entete_systeme"):
            yield f"{title} › {cell.value}"


def _columns_of_the_ledger(path: Path) -> Iterator[str]:
    Store.open(path)
    with sqlite3.connect(path) as ledger:
        for table, column in ledger.execute(
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        ):
            yield f"{LEDGER} › {table}.{column}"


def test_files_of_configuration_exist_or_are_known_to_be_awaited() -> None:
    named = {answer.configured for answer in CATALOGUE.answers.values()} - {""}
    assert {name for name in named if not (data_folder("config") / name).is_file()} <= TO_COME


# ------------------------------------------------------------------------------------- what names the fields


def test_no_field_that_something_executed_names_is_left_out() -> None:
    assert left_out_yet_used(CATALOGUE) == []


def test_a_field_left_out_although_something_names_it_is_told() -> None:
    out = Answer(left_out="personne ne le lit")
    told = dict(left_out_yet_used(answering("VISAS_ACCORDS.date_reception", out)))
    users = told["VISAS_ACCORDS.date_reception"]
    assert {"GEN-12", "REM-VIS-02", "IND-20"} <= set(users), "a rule, a reminder and an indicator"
    awaited = Answer(configured="programmes-a-venir.toml")
    assert "DELIBERATIONS.resultat" in dict(left_out_yet_used(answering("DELIBERATIONS.resultat", awaited)))


def test_rules_reminders_and_indicators_name_fields_that_exist() -> None:
    reminders = {reminder.id for reminder in DECLARED.reminders}
    indicators = {f"IND-{number:02}" for number in range(1, 69)}
    rules_and_indicators = {id_ for id_ in CATALOGUE.named if not id_.startswith("REM-")}
    assert rules_and_indicators == {*DECLARED.rulebook, *indicators} - NAME_NO_FIELD
    assert reminders <= {*CATALOGUE.named} | NAME_NO_FIELD
    assert CATALOGUE.computed <= indicators
    assert {name for names in CATALOGUE.named.values() for name in names} <= set(CATALOGUE.fields)


# ------------------------------------------------------------------------------------------ the page, the tabs


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(CATALOGUE, DECLARED), "run `make docs`"


def test_the_page_says_where_a_field_lives() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert "| `date_pv` | Date du procès-verbal | Délibérations › Date du procès-verbal |  |" in lines
    assert any(line.startswith("| `accuse` |") and "« Rappel vu le » dans " in line for line in lines)
    assert any(line.startswith("| `cas` |") and "| écarté |" in line for line in lines)


def test_titles_and_aliases_are_unique_within_a_tab_and_between_tabs() -> None:
    for tab in DECLARED.tabs.values():
        names = Counter(fold(name) for column in tab.columns for name in {column.title, *column.aliases})
        assert [name for name, count in names.items() if count > 1] == [], tab.title
    tabs = Counter(fold(name) for tab in DECLARED.tabs.values() for name in {tab.title, *tab.aliases})
    assert [name for name, count in tabs.items() if count > 1] == []
    assert len(DECLARED.tabs.keys() - {"demandes"}) <= 18  # what forms bring is none of the catalogue


def test_every_description_is_a_sentence_that_fits_in_a_note() -> None:
    for tab in DECLARED.tabs.values():
        for column in tab.columns:
            assert column.description in note_text(column), f"cut in {tab.title}, {column.title}"
            assert column.description[-1:] in {".", "…"}, f"{tab.title}, {column.title}"
