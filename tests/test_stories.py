"""Each rule told by stories (`tests/stories/*.toml`): a few rows, a day, and what the rule says of them.

`dit` is one of: probleme (a finding), bloque (not owed yet, keeps the case from going on), rien (met), inconnu,
sans objet; `combien`: of how many rows. `ligne`: the row of which `dit` is said, or several, each of which says it.
`gravite`: the severity of a problem. `arrete`: whether it would keep the case from a transition that the rule guards.
`message`: what is told, or several things, all of which are; "" when nothing is. `colonne`: where a person is sent.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.assessment import Examination, examine
from cdi_sync.rules import Evaluation, NotApplicable, Problem, Unknown
from cdi_sync.rules.engine import findings
from tests.registries import DECLARED, knowledge, registry

STORIES = Path(__file__).parent / "stories"
_KEYS = {
    "histoire",
    "le",
    "dit",
    "ligne",
    "message",
    "lectures",
    "gravite",
    "arrete",
    "combien",
    "colonne",
    *DECLARED.tabs,
}


def _stories() -> Iterator[Any]:
    for path in sorted(STORIES.glob("*.toml")):
        for rule, stories in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for story in stories:
                yield pytest.param(rule, story, id=f"{rule} {story['histoire']}")


@pytest.mark.parametrize(("rule", "story"), list(_stories()))
def test_story(rule: str, story: dict[str, Any]) -> None:
    assert set(story) <= _KEYS, f"unknown keys {set(story) - _KEYS}"
    known = knowledge(**story.get("lectures", {}))
    seen = examine(registry({tab: story[tab] for tab in DECLARED.tabs if tab in story}), known, story["le"])
    rows = _several(story.get("ligne", ""))
    assert seen.registry[known.rulebook[rule].subject], f"{rule} speaks of no row of this story"
    told = {row: [_said(e) for e in _of(seen, rule, row)] or ["sans objet"] for row in rows}
    for row, said in told.items():
        assert story["dit"] in said, row
        assert story["dit"] != "rien" or set(said) <= {"rien", "sans objet"}, row
    if "combien" in story:
        assert sum(said.count(story["dit"]) for said in told.values()) == story["combien"]
    problems = [e for row in rows for e in _of(seen, rule, row) if isinstance(e.verdict, Problem)]
    if "gravite" in story:
        assert {(e.verdict.severity or e.rule.severity) for e in problems} == {story["gravite"]}
    if "arrete" in story:
        cases = [e.subject.case for e in problems if e.subject.case]
        assert [bool(seen.verdicts.blocking(case, [known.rulebook[rule]])) for case in cases] == [story["arrete"]]
    if not {"message", "colonne"} & set(story):
        return
    found = [f for f in findings(seen.verdicts, (), known.rulebook, seen.context, known.tabs) if f.rule == rule]
    if "message" in story:
        words = " ".join(f.message for f in found)
        assert [part for part in _several(story["message"]) if part not in words] == []
        assert words == "" or story["message"] != ""
    if "colonne" in story:
        assert {f.column for f in found} == {story["colonne"]}


def _several(told: str | list[str]) -> list[str]:
    return [told] if isinstance(told, str) else told


def _of(seen: Examination, rule: str, row: str) -> list[Evaluation]:
    return [e for e in seen.verdicts.all if e.rule.id == rule and (not row or e.subject.row.id == row)]


def _said(evaluation: Evaluation) -> str:
    verdict = evaluation.verdict
    if isinstance(verdict, Problem):
        return "probleme" if evaluation.owed else "bloque"
    if isinstance(verdict, NotApplicable):
        return "sans objet"
    return "inconnu" if isinstance(verdict, Unknown) else "rien"


def test_every_evaluated_rule_has_a_story_of_each_side() -> None:
    said: dict[str, set[str]] = {}
    for case in _stories():
        rule, story = case.values
        said.setdefault(rule, set()).add(story["dit"])
    for rule in DECLARED.rulebook.checked:
        assert {"probleme", "rien"} <= said.get(rule.id, set()), rule.id


def test_every_text_of_every_rule_is_shown_by_a_story() -> None:
    """A fact that a text quotes and its check doesn't give would raise there."""
    shown: set[tuple[str, str]] = set()
    for case in _stories():
        rule, story = case.values
        if story["dit"] != "probleme":
            continue
        known = knowledge(**story.get("lectures", {}))
        seen = examine(registry({tab: story[tab] for tab in DECLARED.tabs if tab in story}), known, story["le"])
        findings(seen.verdicts, (), known.rulebook, seen.context, known.tabs)
        shown |= {(rule, e.verdict.text) for e in _of(seen, rule, "") if e.owed and isinstance(e.verdict, Problem)}
    texts = {(rule.id, text) for rule in DECLARED.rulebook.checked for text in rule.messages}
    assert texts - shown == set()


@pytest.mark.parametrize("column", ["partenaire", "collectivite"])
def test_no_rule_is_lost_when_what_an_agreement_refers_to_is_unknown(column: str) -> None:
    """The last story in which each rule is met, told again of an agreement whose partner, or council, is nobody."""
    met = {case.values[0]: case.values for case in _stories() if case.values[1]["dit"] == "rien"}
    for rule, story in met.values():
        known = knowledge(**story.get("lectures", {}))
        rows = {tab: story[tab] for tab in DECLARED.tabs if tab in story}
        rows["actes"] = [{**act, column: "XXX-99999"} for act in rows.get("actes", [{}])]
        seen = examine(registry(rows), known, story["le"])
        for found in findings(seen.verdicts, seen.problems, known.rulebook, seen.context, known.tabs):
            assert found.column in known.tabs[found.tab].by_key, (rule, story["histoire"], found.rule, found.message)
