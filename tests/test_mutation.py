"""The tool that changes the rulebook to see whether a story notices: it finds what a weak story lets live."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.mutation.code import ROOT, code_mutants, files
from tests.mutation.mutants import Mutant, declared_mutants
from tests.mutation.report import Known, Outcome, known_survivors, told
from tests.mutation.trials import Index, Trial, in_children, trials
from tests.mutation.witnesses import Witness, recorded
from tests.registries import DECLARED
from tests.test_stories import test_story as tell

KINDS = "cdi_sync/rules/kinds.py"
DECLARED_MUTANTS = {mutant.name: mutant for mutant in declared_mutants(DECLARED)}
SAMPLE = """
def late(day, last, done):
    if done is None:
        return None
    if day < last and done:
        return Problem(curable=False)
    return [d for d in (day, last) if d == done]
"""


def story(name: str, rule: str, **told_: Any) -> Witness:
    return Witness(f"tests/test_stories.py::test_story[{name}]", tell, {"rule": rule, "story": told_})


def visa(name: str, today: date, says: str) -> Witness:
    """A visa asked for on 1 October 2026, whose twenty days end on the 21st."""
    asked = {"nature": "VISA", "date_reception": date(2026, 10, 1)}
    return story(name, "GEN-12", histoire=name, le=today, dit=says, visas_accords=[asked])


WEAK = visa("months later", date(2027, 3, 1), "probleme")
STRONG = visa("the day after the last", date(2026, 10, 22), "probleme")


def survivors(mutants: list[Mutant], *witnesses: Witness) -> list[Mutant]:
    index = Index(witnesses, [recorded(witness, {KINDS}, str(ROOT)) for witness in witnesses])
    return [each.mutant for each in trials(mutants, index) if not each.killed]


@pytest.fixture(autouse=True)
def nothing_of_a_mutant_stays_in_this_process() -> Iterator[None]:
    before = DECLARED.law.limits["delai_visa"]
    yield
    assert DECLARED.law.limits["delai_visa"] is before


# ---------------------------------------------------------------------------------------------- what survives


def test_a_weak_story_lets_a_limit_move_by_a_day_and_a_strong_one_does_not() -> None:
    longer = DECLARED_MUTANTS["valeur law.toml delai_visa : 20 → 21"]
    assert survivors([longer], WEAK) == [longer]
    assert survivors([longer], WEAK, STRONG) == []


def test_a_weak_story_lets_a_comparison_lose_its_last_day_and_a_strong_one_does_not() -> None:
    (mutant,) = [
        m for m in code_mutants(ROOT / KINDS) if m.change == "context.today <= last → <" and "done_before" in m.place
    ]
    sitting = {
        "sessions": [{"type": "ORDINAIRE", "date_ouverture": date(2026, 10, 20)}]
    }  # members are called 10 days before, on the 10th
    weak = story("a week before", "LEX-03", histoire="", le=date(2026, 10, 1), dit="sans objet", **sitting)
    strong = story("on the last day", "LEX-03", histoire="", le=date(2026, 10, 10), dit="sans objet", **sitting)
    assert survivors([mutant], weak) == [mutant]
    assert survivors([mutant], weak, strong) == []


def test_a_clause_without_a_story_of_its_own_lives() -> None:
    signed = {"pv_signe_president": True, "pv_signe_secretaire": True}
    vote = {"resultat": "ADOPTEE", "date_pv": date(2026, 10, 2)}
    clause = next(m for m in DECLARED_MUTANTS.values() if m.name.endswith("parametres.oui sans pv_signe_secretaire"))
    rule, today = next(iter(clause.rules)), date(2026, 12, 1)
    met = story("signed", rule, histoire="", le=today, dit="rien", deliberations=[vote | signed])
    alone = story("one hand", rule, histoire="", le=today, dit="probleme",
                  deliberations=[vote | signed | {"pv_signe_secretaire": False}])  # fmt: skip
    assert survivors([clause], met) == [clause]
    assert survivors([clause], met, alone) == []


def test_a_mutant_that_nobody_looks_at_lives_without_a_question() -> None:
    other = DECLARED_MUTANTS["valeur law.toml accuse_reception_visa : 5 → 6"]
    (alive,) = trials([other], Index([WEAK], [recorded(WEAK, (), str(ROOT))]))
    assert (alive.killed, alive.asked) == (False, 0)


def test_a_mutant_that_goes_round_for_ever_is_killed() -> None:
    def forever(_: object) -> None:
        while True:
            pass

    assert list(in_children(["mutant"], forever, patience=1)) == [("mutant", None)]


def test_a_red_witness_is_refused_before_anything_is_changed() -> None:
    wrong = visa("too early", date(2026, 10, 21), "probleme")
    with pytest.raises(AssertionError, match="red before anything is changed"):
        recorded(wrong, (), str(ROOT))


# --------------------------------------------------------------------------------------------- what is changed


def test_the_changes_of_a_function() -> None:
    assert [(m.sort, m.line, m.change) for m in code_mutants(ROOT / KINDS, SAMPLE)] == [
        ("condition", 3, "if done is None → jamais"),
        ("condition", 5, "sans day < last (and)"),
        ("condition", 5, "sans done (and)"),
        ("comparaison", 5, "day < last → <="),
        ("effet", 6, "sans curable=False"),
        ("condition", 7, "sans d == done (for)"),
        ("comparaison", 7, "d == done → !="),
    ]


def test_each_rule_law_value_and_reading_has_its_mutants() -> None:
    sorts = {(mutant.sort, rule) for mutant in DECLARED_MUTANTS.values() for rule in mutant.rules}
    for rule in DECLARED.rulebook.checked:
        assert ("gravite", rule.id) in sorts
        assert ("passage", rule.id) in sorts or not rule.gates
        assert ("clause", rule.id) in sorts or not rule.parameters
    assert {m.limit for m in DECLARED_MUTANTS.values()} - {""} == set(DECLARED.law.limits)
    assert {m.place for m in DECLARED_MUTANTS.values() if m.sort == "lecture"} == set(DECLARED.interpretations)
    assert all(mutant.line for mutant in DECLARED_MUTANTS.values()), "each is found in its file"


# ------------------------------------------------------------------------------------------------- the report


def of(killed: int, alive: int) -> list[Trial]:
    mutants = list(DECLARED_MUTANTS.values())[: killed + alive]
    return [Trial(mutant, "a story" if rank < killed else "", 1) for rank, mutant in enumerate(mutants)]


def test_a_survivor_that_nothing_accepts_makes_the_run_fail_and_is_named() -> None:
    outcome = Outcome(of(99, 1), [])
    alive = outcome.unlisted[0].mutant
    assert outcome.fails
    assert any(line.startswith(f"SURVIT {alive.file}:{alive.line} — {alive.name}") for line in told(outcome))


def test_a_survivor_that_is_accepted_does_not_count() -> None:
    trials_ = of(99, 1)
    alive = trials_[-1].mutant
    accepted = Known((alive.name[:-2] + "*",), "rien ne les distingue")
    assert (Outcome(trials_, [accepted]).score, Outcome(trials_, [accepted]).fails) == (1.0, False)


@pytest.mark.parametrize(("alive", "score"), [(5, 0.95), (6, 0.94)])
def test_the_score_counts_the_killed_among_all(alive: int, score: float) -> None:
    assert Outcome(of(100 - alive, alive), []).score == pytest.approx(score)


def test_an_acceptance_that_fits_no_survivor_any_more_is_told() -> None:
    assert Outcome(of(10, 0), [Known(("valeur law.toml visa*",), "…")]).idle == ["valeur law.toml visa*"]


def test_each_acceptance_says_why_and_fits_a_mutant() -> None:
    names = [*DECLARED_MUTANTS.values(), *(mutant for path in files() for mutant in code_mutants(path))]
    for known in known_survivors():
        assert len(known.why) > 20, known.patterns
        for pattern in known.patterns:
            assert any(Known((pattern,), "").accepts(mutant) for mutant in names), pattern
