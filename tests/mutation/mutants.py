"""The mutants of what is declared: law, rules, readings. Each changes the declarations in place, for good."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cdi_sync.edges.config import Declarations, data_folder
from cdi_sync.law import EVERY_TIER, Dated, Law, Unit, Value
from cdi_sync.model import Severity
from cdi_sync.rules.rulebook import Rule, Rulebook

_DAY = timedelta(days=1)
_HUNDREDTH = 0.01
# A row that belongs to no agreement is owed what rules ask at once: their `exigible` changes nothing.
_OF_NOBODY = {"sessions", "collectivites", "contacts", "partenaires"}


@dataclass(frozen=True)
class Mutant:
    """One change, told apart by `name`, which holds no line number so that known.toml outlives edits elsewhere.

    family: of the rule, else the module or file. rules: whose stories are asked first; limit: whose askers are;
    lines: of `file`, whose executors are.
    """

    sort: str
    family: str
    file: str
    line: int
    place: str
    change: str
    apply: Callable[[], None] = field(compare=False)
    rules: frozenset[str] = frozenset()
    limit: str = ""
    lines: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.sort} {self.file} {self.place} : {self.change}"


def declared_mutants(declared: Declarations) -> Iterator[Mutant]:
    """The mutants of law.toml, of each rule that is checked, and of interpretations.toml."""
    yield from law_mutants(declared.law, declared.rulebook)
    for rule in declared.rulebook.checked:
        yield from rule_mutants(rule, declared.rulebook)
    yield from _reading_mutants(declared.interpretations)


# ------------------------------------------------------------------------------------------------------- law


def law_mutants(law: Law, rulebook: Rulebook) -> Iterator[Mutant]:
    """Each value one unit either way, each first day a day either way."""
    for key, limit in law.limits.items():
        rules = frozenset(rule.id for rule in rulebook.checked if rule.limit == key)
        line = _line("law.toml", key)
        for rank, dated in enumerate(limit.history):
            of = f"{key} {dated.since}" if len(limit.history) > 1 else key
            for other in (dated.since - _DAY, dated.since + _DAY):
                if _in_order(limit.history, rank, other):
                    changed = replace(dated, since=other)
                    yield Mutant("debut", "DROIT", "law.toml", line, of, f"{dated.since} → {other}",
                                 _law_with(law, key, rank, changed), rules, key)  # fmt: skip
            for tier, value in dated.values.items():
                unit = limit.units.get(tier, limit.units.get(EVERY_TIER))
                for near in _near(value, unit):
                    changed = replace(dated, values={**dated.values, tier: near})
                    place = of if tier == EVERY_TIER else f"{of} {tier}"
                    yield Mutant("valeur", "DROIT", "law.toml", line, place, f"{value} → {near}",
                                 _law_with(law, key, rank, changed), rules, key)  # fmt: skip


def _in_order(history: Sequence[Dated], rank: int, day: date) -> bool:
    others = [*(d.since for d in history[:rank]), day, *(d.since for d in history[rank + 1 :])]
    return others == sorted(set(others))


def _near(value: Value, unit: Unit | None) -> Iterator[Value]:
    if unit is Unit.DAY_OF_YEAR and isinstance(value, tuple):
        for step in (-_DAY, _DAY):
            day = date(2027, *value) + step  # neither a leap year nor one that tests care for
            yield (day.month, day.day)
    elif isinstance(value, tuple):
        for rank, number in enumerate(value):
            yield from ((*value[:rank], number + step, *value[rank + 1 :]) for step in (-1, 1))
    elif isinstance(value, float):
        yield from (round(value + step, 6) for step in (-_HUNDREDTH, _HUNDREDTH))
    else:
        yield from (number for number in (value - 1, value + 1) if number >= 0)


def _law_with(law: Law, key: str, rank: int, changed: Dated) -> Callable[[], None]:
    def apply() -> None:
        limit = law.limits[key]
        history = (*limit.history[:rank], changed, *limit.history[rank + 1 :])
        assert isinstance(law.limits, dict)
        law.limits[key] = replace(limit, history=history)
        law._asked.clear()

    return apply


# ----------------------------------------------------------------------------------------------------- rules


def rule_mutants(rule: Rule, rulebook: Rulebook) -> Iterator[Mutant]:
    """One rule with a gate, an event, a clause less, or another severity."""
    family = rule.id.split("-")[0]
    file = f"procedure/{family.lower()}.toml"

    def mutant(sort: str, key: str, change: str, changed: Rule) -> Mutant:
        return Mutant(sort, family, file, _line(file, rule.id, key), rule.id, change,
                      _rule_as(rulebook, changed), frozenset({rule.id}))  # fmt: skip

    for gate in rule.gates:
        rest = tuple(other for other in rule.gates if other != gate)
        yield mutant("passage", "transitions", f"sans {gate}", replace(rule, gates=rest))
    for event in rule.due if rule.subject not in _OF_NOBODY else ():
        rest = tuple(other for other in rule.due if other != event)
        yield mutant("exigible", "exigible", f"sans {event}", replace(rule, due=rest))
    other = Severity.RECOMMANDE if rule.severity is Severity.BLOQUANT else Severity.BLOQUANT
    yield mutant("gravite", "severite", f"{rule.severity} → {other}", replace(rule, severity=other))
    for change, parameters in _without_one(rule.parameters):
        yield mutant("clause", "parametres", f"parametres{change}", replace(rule, parameters=parameters))


def _rule_as(rulebook: Rulebook, changed: Rule) -> Callable[[], None]:
    def apply() -> None:
        rulebook._rules[changed.id] = changed

    return apply


def _without_one(value: Any) -> Iterator[tuple[str, Any]]:
    """The value with one thing less or changed, at any depth, and how: « .si.type sans COMITE »."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            yield f" sans {key}", {other: kept for other, kept in value.items() if other != key}
            for change, less in _without_one(held):
                yield f".{key}{change}", {**value, key: less}
    elif isinstance(value, list):
        for rank, held in enumerate(value):
            yield f" sans {held}", [*value[:rank], *value[rank + 1 :]]
            for change, less in _without_one(held) if isinstance(held, list | Mapping) else ():
                yield f".{rank}{change}", [*value[:rank], less, *value[rank + 1 :]]
    elif isinstance(value, bool):
        yield f" {value} → {not value}", not value
    elif isinstance(value, int):
        yield from ((f" {value} → {value + step}", value + step) for step in (-1, 1))


def _reading_mutants(interpretations: Mapping[str, Any]) -> Iterator[Mutant]:
    for id_, point in interpretations.items():
        for other in (reading for reading in point["lectures"] if reading != point["defaut"]):
            yield Mutant("lecture", "LECTURES", "interpretations.toml", _line("interpretations.toml", id_, "defaut"),
                         id_, f"{point['defaut']} → {other}", _default_as(point, other),
                         frozenset(point["decide"]))  # fmt: skip


def _default_as(point: dict[str, Any], reading: str) -> Callable[[], None]:
    def apply() -> None:
        point["defaut"] = reading

    return apply


# ----------------------------------------------------------------------------------------------------- lines


@cache
def _text(file: str) -> list[str]:
    path = Path(data_folder("config")) / file
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _line(file: str, table: str, key: str = "") -> int:
    """Where a key of a table stands, else where the table begins; 0 when the file has no such table."""
    lines = _text(file)
    start = next((rank for rank, line in enumerate(lines) if line == f"[{table}]"), None)
    if start is None:
        return 0
    for rank in range(start + 1, len(lines)):
        if key and re.match(rf"{key}\s*=|\[{re.escape(table)}\.{key}\]", lines[rank]):
            return rank + 1
        if lines[rank].startswith("[") and not re.match(rf"\[+{re.escape(table)}\.", lines[rank]):
            break
    return start + 1
