"""Registries at random, sound and absurd: nothing crashes, and the order of rows and tabs changes nothing that people read.

A row is told by its number; where rows stand (« ligne 12 ») isn't compared. The suite makes 25 registries, the proofs 1,000.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdi_sync.assessment import assess
from cdi_sync.model import CellError, Column, Grid, Tab
from cdi_sync.pieces import TAB as PIECES
from cdi_sync.publish import plan
from cdi_sync.tables import read_registry
from tests.registries import DECLARED, grids, knowledge

KNOWN = knowledge()
TABS = list(DECLARED.tabs.values())
TODAY = date(2026, 11, 23)
_PLACE = re.compile(r"lignes? [\d, et]+|'row', \d+")
_NUMBER = re.compile(r"[A-Z]{3}-\d{5}")
_ABSURD = ("", "  ", "n'importe quoi", "31/02/2026", "03/04/05", "#REF!", "=1+1", "-1", "1e99", "٣/١٢/٢٠٢٦", "ACT-99999",
           "Oui", "néant", "x" * 400, 0, -1, 1e308, 45_000.5, True, CellError("#N/A"))  # fmt: skip

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def registry_at_random(chance: random.Random) -> Rows:
    """Tab → rows, each with its number. Most cells hold what their column asks for, some anything at all."""
    counts = {tab.name: chance.choice((0, 1, 2, 3)) for tab in TABS}
    counts |= {"collectivites": 2, "partenaires": 2, "actes": chance.randint(1, 3), PIECES: chance.choice((0, 2, 8))}
    absurd = chance.choice((0, 0.02, 0.3))
    filled = chance.choice((0.2, 0.5, 0.9))
    return {tab.name: [_row(tab, number, counts, chance, filled, absurd) for number in range(1, counts[tab.name] + 1)]
            for tab in TABS}  # fmt: skip


def _row(
    tab: Tab, number: int, counts: Mapping[str, int], chance: random.Random, filled: float, absurd: float
) -> dict[str, Any]:
    row: dict[str, Any] = {"id": f"{tab.prefix}-{number:05d}"}
    for column in tab.columns:
        if column.is_system:
            continue
        if column.key == tab.case_key or column.required or chance.random() < filled:
            strange = chance.random() < absurd
            row[column.key] = chance.choice(_ABSURD) if strange else _value(column, counts, chance)
    return row


def _value(column: Column, counts: Mapping[str, int], chance: random.Random) -> Any:
    """Something that the column may hold."""
    if column.categories:
        return chance.choice(column.categories).label
    if column.reference:
        prefix = DECLARED.tabs[column.reference].prefix
        return f"{prefix}-{chance.randint(1, max(1, counts[column.reference])):05d}"
    if column.format == "country":
        return chance.choice(("France", "Sénégal", "Espagne"))
    match column.type:
        case "date":
            return TODAY + timedelta(days=chance.randint(-900, 200))
        case "time":
            return time(chance.randint(8, 18), 30)
        case "boolean":
            return chance.choice(("Oui", "Non"))
        case "integer" | "number":
            return chance.choice((0, 1, 2, 5, 12, 60, 100, 250_000))
        case "url":
            return "https://exemple.example/piece.pdf"
        case "email":
            return "service@fes.example"
        case _:
            return chance.choice(("Ville d'essai", "Texte", "A ; B ; C", "2026", "néant"))


def shuffled(rows: Rows, chance: random.Random) -> Rows:
    """The same rows in another order, the tabs too."""
    return {name: chance.sample(list(rows[name]), len(rows[name])) for name in chance.sample(list(rows), len(rows))}


def seen(rows: Rows, *, published: bool = False) -> Mapping[str, Any]:
    """All that an assessment says; where rows stand, and the numbers given to lines that checklists add, left out."""
    sheets = grids({name: rows.get(name, ()) for name in DECLARED.tabs})
    ordered: dict[str, Grid] = {DECLARED.tabs[name].title: sheets[DECLARED.tabs[name].title] for name in rows}
    told = assess(read_registry(ordered, TABS), KNOWN, TODAY)
    if published:
        plan(told, KNOWN, spare_rows=1)
    typed = {str(row["id"]) for lines in rows.values() for row in lines}

    def words(value: object) -> str:
        text = _PLACE.sub("ligne", str(value))
        return _NUMBER.sub(lambda number: number[0] if number[0] in typed else "nouvelle", text)

    return {
        "findings": Counter(words(sorted(asdict(finding).items())) for finding in told.findings),
        "standings": {id_: words(sorted(asdict(standing).items())) for id_, standing in told.standings.items()},
        "notices": Counter(words(sorted(asdict(notice).items())) for notice in told.notices),
    }


def holds_in_any_order(chance: random.Random) -> None:
    rows = registry_at_random(chance)
    first, other = seen(rows, published=True), seen(shuffled(rows, chance))
    for part, told in first.items():
        assert told == other[part]


_SLOW = {
    "derandomize": True,
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}


@settings(max_examples=25, **_SLOW)
@given(st.randoms(use_true_random=True))
def test_any_registry_is_assessed_and_the_order_of_its_rows_and_tabs_is_nothing(chance: random.Random) -> None:
    holds_in_any_order(chance)


@pytest.mark.proof
@settings(max_examples=1_000, **_SLOW)
@given(st.randoms(use_true_random=True))
def test_a_thousand_registries(chance: random.Random) -> None:
    holds_in_any_order(chance)
