"""None of the 236 rules and of the 32 statements of the guide that no machine can check is lost."""

import json
import re
from pathlib import Path

import pytest

from cdi_sync.edges.config import Declarations
from cdi_sync.errors import ConfigError
from tests.registries import DECLARED
from tests.said import PAGE, page

LISTED = json.loads((Path(__file__).parent / "data" / "identifiants.json").read_text(encoding="utf-8"))
STATEMENT = "source = 'Guide (L1)'\ndit = 'x'\npourquoi = 'x'\na_la_place = 'x'\nregles = []\n"


def test_the_rulebook_holds_the_236_rules_of_the_list() -> None:
    assert len(LISTED["regles"]) == 236
    assert set(DECLARED.rulebook) == set(LISTED["regles"])


def test_the_32_statements_of_the_list_are_told_with_their_lines() -> None:
    assert len(LISTED["hors_controle"]) == 32
    assert list(DECLARED.statements) == list(LISTED["hors_controle"])
    for id_, lines in LISTED["hors_controle"].items():
        told = [(int(a), int(b or a)) for a, b in re.findall(r"L(\d+)(?:-(\d+))?", DECLARED.statements[id_].source)]
        for first in re.findall(r"\d+", lines.replace("-", ",")):
            assert any(start <= int(first) <= end for start, end in told), f"{id_}: line {first} of the guide"


def test_every_rule_is_executable_or_says_why_not() -> None:
    for rule in DECLARED.rulebook.values():
        assert bool(rule.kind) != bool(rule.reason), rule.id


def test_every_statement_says_what_is_offered_in_its_place() -> None:
    for statement in DECLARED.statements.values():
        assert statement.says.endswith("."), statement.id
        assert statement.why.endswith("."), statement.id
        assert statement.instead.endswith("."), statement.id


def test_settings_and_documented_choices_are_the_nineteen_points() -> None:
    assert sorted([*DECLARED.interpretations, *DECLARED.choices]) == [f"D-{n:02}" for n in range(1, 20)]


def test_the_page_of_readings_says_what_is_declared() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(DECLARED), "make docs"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (STATEMENT.replace("dit = 'x'\n", ""), "dit"),
        (STATEMENT + "couleur = 'x'\n", "couleur"),
        (STATEMENT.replace("[]", "['GEN-99']"), "GEN-99"),
    ],
)
def test_a_faulty_statement_is_named(text: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "hors_controle.toml").write_text(f"[NC-01]\n{text}", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        _ = Declarations(tmp_path).statements
    assert error.value.where == "hors_controle.toml [NC-01]"
    assert named in error.value.why
