"""Tests called as functions, and what each looks at: lines of the files that are changed, limits of the law."""

import io
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from types import FrameType
from typing import Any

import pytest

from cdi_sync.calendar import ordinary_sessions
from cdi_sync.law import InForce, Law
from cdi_sync.model import Registry
from cdi_sync.rules.rulebook import READING, Rule, Rulebook

STORY = "test_story"
FILES = (
    "tests/test_stories.py",
    "tests/test_levels.py",
    "tests/test_effects.py",
    "tests/test_law.py",
    "tests/test_calendar.py",
    "tests/test_procedure.py",
    "tests/test_assessment.py",
    "tests/test_meetings.py",
    "tests/test_pieces.py",
    "tests/reminders/test_ladders.py",
)
# The whole book at once: what they say of a rule its own story says, for a hundredth of the time.
_WHOLE = ("test_every_text_of_every_rule", "test_no_rule_is_lost", "test_every_evaluated_rule")
_OF_RULES = ("tests/test_effects.py",)

Seen = tuple[frozenset[tuple[str, int]], frozenset[str]]  # (file, line) executed; limits asked for
NOTHING_SEEN: Seen = (frozenset(), frozenset())


@dataclass(frozen=True)
class Witness:
    """A test without fixtures. rule: whose story it is, "" for another test."""

    id: str
    test: Callable[..., object]
    given: Mapping[str, Any]

    @cached_property
    def rule(self) -> str:
        return str(self.given["rule"]) if f"::{STORY}[" in self.id else ""

    @cached_property
    def of_rules(self) -> bool:
        """True when it looks at what is declared of a rule beside its stories."""
        return self.id.startswith(_OF_RULES)

    def turns_red(self) -> bool:
        """True when the test fails or crashes."""
        try:
            with alone(self.rule):
                self.test(**self.given)
        except (Exception, pytest.fail.Exception):
            return True
        return False


@contextmanager
def alone(rule: str) -> Iterator[None]:
    """That rule is the only one evaluated, unless it sums up the others; all of them for ""."""
    if not rule:
        yield
        return
    whole = Rulebook.checked
    Rulebook.checked = property(lambda self: _checked(self, rule))  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Rulebook.checked = whole  # type: ignore[method-assign]


def _checked(rulebook: Rulebook, rule: str) -> tuple[Rule, ...]:
    """That rule alone, or all of them for one that sums them up."""
    only = rulebook[rule]
    summed = (
        [r for r in rulebook.values() if r.executable and r.kind != READING] if "bilan" in only.parameters else [only]
    )
    return tuple(summed)


class _Collector:
    """Keeps what pytest collects."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)


def collect(files: Sequence[str] = FILES) -> Sequence[Witness]:
    """The tests of those files that need no fixture, stories first."""
    collector = _Collector()
    with redirect_stdout(io.StringIO()) as said:
        code = pytest.main(["--collect-only", "-qq", *files], plugins=[collector])
    assert code == 0, said.getvalue()
    found = [
        Witness(item.nodeid, item.obj, item.callspec.params if hasattr(item, "callspec") else {})
        for item in collector.items
        if isinstance(item, pytest.Function) and _needs_nothing(item)
    ]
    _read_once(witness for witness in found if witness.rule)
    return sorted(found, key=lambda witness: not witness.rule)


def _read_once(stories: Iterable[Witness]) -> None:
    """A story's registry is read once, and given again each time: no mutant changes how cells are read."""
    for module in {sys.modules[story.test.__module__] for story in stories}:
        module.registry = _remembering(module.registry)  # type: ignore[attr-defined]


def _remembering(registry: Callable[[Any], Registry]) -> Callable[[Any], Registry]:
    known: dict[str, Registry] = {}

    def remembered(rows: Any) -> Registry:
        key = repr(rows)
        if key not in known:
            known[key] = registry(rows)
        return known[key]

    return remembered


def _needs_nothing(item: pytest.Function) -> bool:
    given = item.callspec.params if hasattr(item, "callspec") else {}
    return set(item.fixturenames) <= set(given) and not item.name.startswith(_WHOLE) and item.cls is None


def recorded(witness: Witness, files: Collection[str], root: str) -> Seen:
    """What a witness looks at. `files`: paths from `root`, whose executed lines are noted."""
    lines: set[tuple[str, int]] = set()
    asked: set[str] = set()
    whole, wanted = Law.in_force, {f"{root}/{name}": name for name in files}

    def in_force(law: Law, key: str, day: Any, tier: str) -> InForce | None:
        asked.add(key)
        return whole(law, key, day, tier)

    def line(frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            lines.add((wanted[frame.f_code.co_filename], frame.f_lineno))
        return line

    def call(frame: FrameType, event: str, _: object) -> Any:
        return line if frame.f_code.co_filename in wanted else None

    ordinary_sessions.cache_clear()  # what is remembered of one witness would hide what the next asks
    Law.in_force = in_force  # type: ignore[method-assign, assignment]
    sys.settrace(call)
    try:
        red = witness.turns_red()
    finally:
        sys.settrace(None)
        Law.in_force = whole  # type: ignore[method-assign]
    assert not red, f"red before anything is changed: {witness.id}"
    return frozenset(lines), frozenset(asked)
