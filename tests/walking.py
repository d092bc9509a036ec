"""Whole lives of agreements (`tests/lives/*.toml`), walked day by day: what people type, then what is seen.

A life begins with a council and its people (`chez`, of `socle.toml`), and goes on by days. Each day says what is typed:
rows by tab and identifier, laid over what they held; lines of checklists by item (`pieces`), those of the evaluation
with `pieces_evaluation`. tests/test_lives.py asserts what each day declares; tests/tell_lives.py writes it again.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from cdi_sync.assessment import assess
from cdi_sync.model import Assessment, Finding, Outcome, Registry
from tests.registries import DECLARED, knowledge, registry

LIVES = Path(__file__).parent / "lives"
ACT, EVALUATION = "ACT-00001", "EVA-00001"
_TYPED = {*DECLARED.tabs, "pieces", "pieces_evaluation"}
KEYS = {"le", "fait", *_TYPED, "etape", "suite", "echeance", "evaluation", "nouveaux", "leves", "rappels"}


@dataclass(frozen=True)
class Seen:
    """What is seen of a life on one day. findings: rule, with « ? » when nobody can tell, « (dérogation) » when waived."""

    day: date
    assessment: Assessment

    @property
    def stage(self) -> str:
        return self.assessment.standings[ACT].stage

    @property
    def next_stage(self) -> str:
        return self.assessment.standings[ACT].next_stage

    @property
    def due(self) -> date | None:
        return self.assessment.standings[ACT].due

    @property
    def evaluation(self) -> str:
        """The state of the evaluation, "" when there is none."""
        standing = self.assessment.evaluations.get(EVALUATION)
        return standing.stage if standing else ""

    @cached_property
    def findings(self) -> frozenset[str]:
        return frozenset(_told(finding) for finding in self.assessment.findings)

    @property
    def notices(self) -> frozenset[tuple[str, str, str, date]]:
        """What is due to be told, as « REM-VIS-02 +10 REFERENT_CDI », with what it speaks of."""
        return frozenset(
            (f"{n.reminder} {n.step} {n.role}", n.subject, n.to, n.anchor) for n in self.assessment.notices
        )

    @property
    def shown(self) -> tuple[str, str, frozenset[str]]:
        """What may change only on a day that the life declares."""
        return self.stage, self.evaluation, self.findings


def _told(finding: Finding) -> str:
    if finding.derogation:
        return f"{finding.rule} (dérogation)"
    return finding.rule if finding.outcome is Outcome.PROBLEM else f"{finding.rule} ?"


@dataclass(frozen=True)
class Life:
    """One file: its name, the sentence that tells it, the readings chosen, its days in order."""

    name: str
    story: str
    readings: Mapping[str, str]
    base: Mapping[str, Mapping[str, Any]]
    days: Sequence[Mapping[str, Any]]


def lives() -> Sequence[Life]:
    return [read(path) for path in sorted(LIVES.glob("*.toml")) if path.stem != "socle"]


def read(path: Path) -> Life:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    base = tomllib.loads((LIVES / "socle.toml").read_text(encoding="utf-8"))
    days = told["jours"]
    assert [day["le"] for day in days] == sorted({day["le"] for day in days}), f"{path.name}: days in order, each once"
    strangers = {key for day in days for key in day} - KEYS
    assert not strangers, f"{path.name}: unknown keys {strangers}"
    return Life(path.stem, told["histoire"], told.get("lectures", {}), base[told["chez"]], days)


def registries(life: Life) -> Iterator[tuple[Mapping[str, Any], Registry]]:
    """Each day of a life with the registry as it stands once that day's rows are typed."""
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    _type(rows, life.base)
    for day in life.days:
        _type(rows, {key: value for key, value in day.items() if key in _TYPED})
        filled = {tab: [{**cells, "id": id_} for id_, cells in table.items()] for tab, table in rows.items()}
        yield day, registry(filled)


def _type(rows: dict[str, dict[str, dict[str, Any]]], typed: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    for tab, table in typed.items():
        for id_, cells in table.items():
            if tab in ("pieces", "pieces_evaluation"):
                _type_item(rows.setdefault("pieces_clauses", {}), tab, id_, cells)
            else:
                rows.setdefault(tab, {}).setdefault(id_, {}).update(cells)


def _type_item(lines: dict[str, dict[str, Any]], key: str, item: str, cells: Mapping[str, Any]) -> None:
    """An item already there is found again by its code; annex 1 belongs to the council."""
    evaluation = {"id_evaluation": EVALUATION} if key == "pieces_evaluation" else {}
    line = next((line for line in lines.values() if line["piece"] == item), None)
    if line is None:
        owner: dict[str, Any] = {"collectivite": "COL-00001", "id_acte": None} if item.startswith("RH-") else evaluation
        line = lines[f"PIE-{len(lines) + 1:05d}"] = {"piece": item, **owner}
    line.update(cells)


def walk(life: Life, *, every_day: bool = False) -> Iterator[tuple[Mapping[str, Any] | None, Seen]]:
    """What is seen of a life: on each day it declares (given first), and between them (None).

    Between two of them every day is looked at, or else the last one alone: what time changes and nobody declares
    is still there on that day.
    """
    known = knowledge(**life.readings)
    walked = list(registries(life))
    for number, (day, held) in enumerate(walked):
        yield day, Seen(day["le"], assess(held, known, day["le"]))
        following = walked[number + 1][0]["le"] if number + 1 < len(walked) else day["le"]
        between = range(1, (following - day["le"]).days)
        for gone in between if every_day else between[-1:]:
            today = day["le"] + timedelta(days=gone)
            yield None, Seen(today, assess(held, known, today))


@cache
def seen_by_all(name: str) -> Sequence[tuple[Mapping[str, Any] | None, Seen]]:
    """The walk of a life by its name, without every day between; made once for all the tests."""
    return tuple(walk(read(LIVES / f"{name}.toml")))


def passages(life: Life) -> Iterator[tuple[str, str]]:
    """Each change of state of a life, of the agreement and of its evaluation: (before, after)."""
    stage = evaluation = ""
    for _, seen in seen_by_all(life.name):
        for before, after in ((stage, seen.stage), (evaluation, seen.evaluation)):
            if before != after:
                yield before, after
        stage, evaluation = seen.stage, seen.evaluation
