"""What the law sets alike for every level of council holds at each: stories of a commune, told again of the others."""

from collections.abc import Iterator
from typing import Any

import pytest

from cdi_sync.law import EVERY_TIER, Limit
from cdi_sync.model import Tier
from tests import test_stories as told
from tests.registries import DECLARED

LEVELS = (Tier.REGION, Tier.PREFECTURE, Tier.PROVINCE)


def _is_alike(limit: Limit) -> bool:
    """True for a number written level by level, and the same at each."""
    return all(EVERY_TIER not in dated.values and len(set(dated.values.values())) == 1 for dated in limit.history)


def _cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Stories on both sides of a number: those in which the rule is met, or not."""
    for case in told._stories():
        rule, story = case.values
        limit = DECLARED.law.limits.get(DECLARED.rulebook[rule].limit)
        if limit and _is_alike(limit) and _says_no_level(story) and story["dit"] in ("probleme", "rien"):
            yield rule, story


def _says_no_level(story: dict[str, Any]) -> bool:
    return not any("niveau" in council for council in story.get("collectivites", ()))


CASES: dict[str, list[dict[str, Any]]] = {}
for _rule, _story in _cases():
    CASES.setdefault(_rule, []).append(_story)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("rule", CASES)
def test_a_number_that_is_the_same_everywhere_holds_at_each_level(rule: str, level: Tier) -> None:
    for story in CASES[rule]:
        councils = [{**council, "niveau": str(level)} for council in story.get("collectivites", [{}])]
        told.test_story(rule, {**story, "collectivites": councils})
