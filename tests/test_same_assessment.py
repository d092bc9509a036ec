"""The same registry gives the same assessment, byte for byte as JSON, whether it is a local workbook or a Google spreadsheet."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Any

import pytest
from click.testing import CliRunner

from cdi_sync.cli import cdi
from cdi_sync.cli.as_json import explain_json
from cdi_sync.edges.installation import Reading
from tests.demos import AS_OF
from tests.kinds import Kind, both

LATER = date(2027, 3, 1)  # other limits are over, other letters due


def printed(kind: Kind, *words: str) -> str:
    """What a command prints."""
    asked = [*words, "--config", str(kind.at.folder / "settings.toml"), "--as-of", AS_OF.isoformat(), "--json"]
    return CliRunner().invoke(cdi, asked, catch_exceptions=False).stdout


def lines(reading: Reading) -> Iterator[str]:
    """All that was concluded, a JSON text each: standings as `explain --json` gives them, findings, notices, rows."""
    assessment = reading.assessment
    for id_, standing in assessment.standings.items():
        mine = [finding for finding in assessment.findings if finding.case == id_]
        yield _json(explain_json(standing, mine))
        yield _json(dataclasses.asdict(standing))
    for one in (*assessment.findings, *assessment.notices):
        yield _json(dataclasses.asdict(one))
    for name in assessment.registry.rows:
        yield from (_json([name, row.number, row.id, row.values]) for row in assessment.registry[name])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Enum):
        return value.name
    return sorted(value) if isinstance(value, frozenset | set) else repr(value)


def same(kinds: Mapping[Any, Kind], as_of: date = AS_OF) -> int:
    """Asserts that both conclude the same: how many things they conclude."""
    local, shared = (list(lines(kinds[name].again().at.read(as_of))) for name in ("xlsx", "google"))
    for one, other in zip(local, shared, strict=False):  # one at a time, so that a difference can be read
        assert one == other
    assert local == shared
    return len(local)


@pytest.mark.parametrize("as_of", [AS_OF, pytest.param(LATER, marks=pytest.mark.proof)])
def test_a_small_registry(as_of: date) -> None:
    assert same(both(), as_of) > 300


def test_what_check_and_explain_print() -> None:
    local, shared = (both()[name] for name in ("xlsx", "google"))
    said = printed(local, "check")
    assert json.loads(said)["findings"]
    assert printed(shared, "check") == said
    assert printed(shared, "explain", "ACT-00003") == printed(local, "explain", "ACT-00003")


@pytest.mark.proof
@pytest.mark.parametrize(("seed", "size"), [(1, 703), (2, 120), (3, 120), (4, 120)])
def test_a_registry_of_national_size(seed: int, size: int) -> None:
    """Every kind of fault that is planted, each many times."""
    kinds = both(seed=seed, size=size)
    assert same(kinds) > 10 * size
    assert same(kinds, LATER) > 10 * size
    assert printed(kinds["google"], "check") == printed(kinds["xlsx"], "check")
