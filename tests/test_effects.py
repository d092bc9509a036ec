"""What each rule does when it isn't met, beside what the catalogue says of it (tests/data/effets.toml).

A story tells a severity or a gate no better than the declaration does: these are held by this second list, taken from the
catalogue and not from config/. `[ecarts]` of the file says where the two differ and why.
"""

import tomllib
from pathlib import Path

import pytest

from cdi_sync.model import Severity
from tests.registries import DECLARED

EFFECTS = tomllib.loads((Path(__file__).parent / "data" / "effets.toml").read_text(encoding="utf-8"))
_SEVERITIES = {
    "BLOQUE": Severity.BLOQUANT,
    "ROUGE": Severity.BLOQUANT,
    "ORANGE": Severity.RECOMMANDE,
    "INFORMATION": Severity.INFO,
}


def effect(rule: str) -> tuple[Severity, set[str]]:
    """The severity of a rule and the transitions that it keeps a case from, by the catalogue and what departs from it."""
    said = EFFECTS["ecarts"].get(rule, {}).get("effet") or EFFECTS["effets"][rule]
    word, _, gates = said.partition(" : ")
    return _SEVERITIES[word], set(gates.split(", ")) if gates else set()


@pytest.mark.parametrize("rule", list(EFFECTS["effets"]))
def test_a_rule_does_what_the_catalogue_says(rule: str) -> None:
    declared = DECLARED.rulebook[rule]
    assert (declared.severity, set(declared.gates)) == effect(rule)
    assert len(declared.gates) == len(set(declared.gates))


def test_every_rule_is_in_the_catalogue_and_what_departs_from_it_says_why() -> None:
    assert set(DECLARED.rulebook) == set(EFFECTS["effets"])
    for rule, departure in EFFECTS["ecarts"].items():
        assert departure["effet"] != EFFECTS["effets"][rule], f"{rule} doesn't differ any more"
        assert departure["pourquoi"], rule


@pytest.mark.parametrize("point", list(EFFECTS["lectures"]))
def test_a_point_that_the_texts_leave_open_is_read_by_default_as_decided(point: str) -> None:
    assert DECLARED.readings({})[point] == EFFECTS["lectures"][point]


def test_every_open_point_has_its_default() -> None:
    assert set(DECLARED.interpretations) == set(EFFECTS["lectures"])
