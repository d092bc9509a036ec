"""The demo: what the engine finds is what the generator planted, row by row, whatever the seed and the day."""

from collections import Counter
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from cdi_sync.assessment import assess
from cdi_sync.demo import DemoRegistry
from cdi_sync.edges.setup import create, create_demo
from cdi_sync.errors import CdiError
from cdi_sync.model import Assessment
from cdi_sync.tables import read_registry
from tests.demos import AS_OF, demo_registry, found, installation, planted
from tests.registries import DECLARED, grids, knowledge


def assert_as_planted(*, seed: int, size: int, as_of: date) -> None:
    demo = demo_registry(seed, size, as_of)
    rows = {tab: [dict(row) for row in demo.rows.get(tab, ())] for tab in DECLARED.tabs}
    _compare(demo, assess(read_registry(grids(rows), list(DECLARED.tabs.values())), knowledge(), as_of))


def _compare(demo: DemoRegistry, assessment: Assessment) -> None:
    expected, seen = planted(demo), found(assessment)
    assert {key: seen.get(key) for key in {*seen, *expected}} == {key: expected.get(key) for key in {*seen, *expected}}


def test_each_row_of_the_workbook_breaks_the_rules_planted_there_and_no_other(tmp_path: Path) -> None:
    _compare(demo_registry(10, 120), installation(tmp_path / "demo", seed=10, size=120).read(AS_OF).assessment)


@pytest.mark.proof
def test_so_does_each_row_of_the_full_workbook(tmp_path: Path) -> None:
    _compare(demo_registry(1, 703), installation(tmp_path / "demo", seed=1, size=703).read(AS_OF).assessment)


def longer(*values: object) -> list[object]:
    """The same again, kept for the long proofs."""
    each = [value if isinstance(value, tuple) else (value,) for value in values]
    return [pytest.param(*value, marks=pytest.mark.proof) for value in each]


@pytest.mark.parametrize("seed", [1, *longer(2, 3, 20261123)])
def test_at_full_size_each_row_breaks_the_rules_planted_there_and_no_other(seed: int) -> None:
    assert_as_planted(seed=seed, size=703, as_of=AS_OF)


@pytest.mark.parametrize(
    ("size", "seed"), [*product([1, 12], range(10, 16)), (150, 10), *longer(*product([150], range(11, 16)))]
)
def test_so_does_each_row_of_a_small_register(seed: int, size: int) -> None:
    assert_as_planted(seed=seed, size=size, as_of=AS_OF)


@pytest.mark.parametrize("as_of", longer(date(2028, 2, 29), date(2026, 3, 2), date(2027, 1, 4), date(2027, 8, 16)))
def test_so_does_each_row_on_other_days(as_of: date) -> None:
    assert_as_planted(seed=5, size=703, as_of=as_of)


def test_so_does_each_row_of_a_small_register_on_a_leap_day() -> None:
    assert_as_planted(seed=5, size=100, as_of=date(2028, 2, 29))


def test_every_executable_rule_is_planted_twice_at_least() -> None:
    count = Counter(rule for row in demo_registry(1, 703).expected for rule in row["rules"])
    assert {
        rule.id: count[rule.id] for rule in DECLARED.rulebook.values() if rule.executable and count[rule.id] < 2
    } == {}


def test_the_national_count_of_2018_is_kept() -> None:
    forms = Counter(act["forme"] for act in demo_registry(1, 703).rows["actes"])
    assert forms == {"JUMELAGE": 174, "CONVENTION": 284, "ADHESION_OING": 245}


def test_the_64_documented_partnerships_are_historical_and_sourced() -> None:
    old = [
        a
        for a in demo_registry(1, 703).rows["actes"]
        if a.get("historique") and "fiabilité" in (a["source_info"] or "")
    ]
    assert len(old) == 64
    assert next(a for a in old if "Florence" in a["intitule"])["annee_signature"] == 1963


def test_invented_partners_say_so() -> None:
    registry = demo_registry(1, 703)
    invented = [p for p in registry.rows["partenaires"][64:] if p["type"] != "OING"]
    assert invented
    assert all("fictive" in partner["nom"] for partner in invented)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        create_demo(tmp_path / name, demo_registry(7, 30))
    assert (tmp_path / "a" / "registre.xlsx").read_bytes() == (tmp_path / "b" / "registre.xlsx").read_bytes()


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "travail.txt").write_text("à garder", encoding="utf-8")
    with pytest.raises(CdiError, match="n'est pas une démonstration"):
        create_demo(tmp_path, demo_registry(1, 5))
    assert (tmp_path / "travail.txt").read_text(encoding="utf-8") == "à garder"


def test_a_registry_is_never_replaced(tmp_path: Path) -> None:
    create(tmp_path, {})
    before = (tmp_path / "registre.xlsx").read_bytes()
    with pytest.raises(CdiError, match="existe déjà"):
        create(tmp_path, {})
    assert (tmp_path / "registre.xlsx").read_bytes() == before


def test_a_demo_that_was_interrupted_is_built_again(tmp_path: Path) -> None:
    create_demo(tmp_path / "demo", demo_registry(1, 5))
    (tmp_path / "demo" / "settings.toml").unlink()
    (tmp_path / "demo" / "registre.xlsx").unlink()
    create_demo(tmp_path / "demo", demo_registry(1, 5))
    assert (tmp_path / "demo" / "registre.xlsx").exists()
