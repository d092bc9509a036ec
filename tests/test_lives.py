"""Whole lives (`tests/lives/*.toml`), from the first idea to the end, and every state and passage reached by one of them.

On each day that a life declares: the state, the next one, the deadline, the findings that come and go, the reminders.
Between two of them nothing may change: what time alone brings has its own day, on which nothing is typed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from tests.registries import DECLARED
from tests.states import PAGE, PASSAGES, RANGES, lived, page
from tests.walking import Life, Seen, lives, seen_by_all, walk

_LIVES = [pytest.param(life, id=life.name) for life in lives()]


@pytest.mark.parametrize("life", _LIVES)
def test_a_life_is_seen_as_it_is_told(life: Life) -> None:
    follow(seen_by_all(life.name))


@pytest.mark.proof
@pytest.mark.parametrize("life", _LIVES)
def test_no_day_of_a_life_brings_what_is_not_told(life: Life) -> None:
    follow(walk(life, every_day=True))


def follow(walked: Iterable[tuple[Mapping[str, Any] | None, Seen]]) -> None:
    before: Seen | None = None
    for day, seen in walked:
        if day is None:
            assert before and seen.shown == before.shown, f"{seen.day}: changed without being told"
        else:
            _told(day, seen, before)
        before = seen


def _told(day: Mapping[str, Any], seen: Seen, before: Seen | None) -> None:
    known = before.findings if before else frozenset()
    found = {
        "etape": seen.stage,
        "suite": seen.next_stage,
        "evaluation": seen.evaluation,
        "nouveaux": sorted(seen.findings - known),
        "leves": sorted(known - seen.findings),
    }
    expected = {
        "etape": day.get("etape", before.stage if before else ""),
        "suite": day.get("suite", before.next_stage if before else ""),
        "evaluation": day.get("evaluation", before.evaluation if before else ""),
        "nouveaux": day.get("nouveaux", []),
        "leves": day.get("leves", []),
    }
    assert found == expected, f"{day['le']} {day['fait']}"
    if "echeance" in day:
        assert seen.due == day["echeance"], f"{day['le']} {day['fait']}"
    if "rappels" in day:
        earlier = before.notices if before else frozenset()
        assert sorted({text for text, *_ in seen.notices - earlier}) == day["rappels"], f"{day['le']} {day['fait']}"


def test_a_change_that_no_day_declares_is_told() -> None:
    life = next(life for life in lives() if life.name == "commune_terme")
    silent = [day for day in life.days if day.get("etape") != "C150"]  # the term goes by without a word
    with pytest.raises(AssertionError, match="without being told"):
        follow(walk(Life(life.name, life.story, life.readings, life.base, silent)))


# ----------------------------------------------------------------------------------- states and passages reached


def test_every_state_and_every_passage_is_lived() -> None:
    states = {stage.code for machine in RANGES.values() for stage in machine.stages}
    reached = lived()
    assert {passage for passages in PASSAGES.values() for passage in passages} - set(reached) == set()
    ends = {passage.partition(">")[2] for passage in reached}
    starts = {stage.code for machine in RANGES.values() for stage in machine.stages[:1]}
    assert states - ends - starts == set()


def test_no_life_passes_where_the_catalogue_does_not() -> None:
    declared = {passage for passages in PASSAGES.values() for passage in passages}
    anywhere = {passage[2:] for passage in declared if passage.startswith("*>")}
    ways = {passage for passage in lived() if not passage.startswith(("*>", ">"))}
    strange = {way for way in ways - declared if way.partition(">")[2] not in anywhere}
    assert {way for way in strange if not _implies(way)} == set()


def _implies(way: str) -> bool:
    """True for a later proof that holds the states before it as passed: nobody typed what lies between."""
    before, _, after = way.partition(">")
    return any(
        {before, after} <= machine.ranks.keys()
        and machine.stage(after).evidence != ()
        and machine.ranks[before] < machine.ranks[after]
        for machine in RANGES.values()
    )


def test_passages_and_rules_speak_of_states_that_exist() -> None:
    for passages, machine in zip(PASSAGES.values(), RANGES.values(), strict=True):
        assert set(_ends(passages)) <= {"*", *machine.ranks}
    every = {code for machine in RANGES.values() for code in machine.ranks}
    gates = {gate for rule in DECLARED.rulebook.values() for gate in rule.gates}
    assert {code for gate in gates for code in gate.split(">")} <= {"*", *every}


def _ends(passages: Mapping[str, str]) -> Iterator[str]:
    for passage in passages:
        yield from passage.split(">")


def test_the_page_of_the_states_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
