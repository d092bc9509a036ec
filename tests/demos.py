"""Demo installations for tests: built once a session, copied when a test changes them."""

import shutil
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cdi_sync.demo import DemoRegistry, build
from cdi_sync.edges.installation import Common, Installation
from cdi_sync.edges.setup import create_demo, hints_of
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.model import Assessment, Outcome
from tests.registries import DECLARED

AS_OF = date(2026, 11, 23)
COMMON = Common(declarations=DECLARED)  # declarations read and templates compiled once, as for several installations
SHORT, FEW = 100, 20  # agreements of a demo, below which it has that many rows in reserve


@lru_cache(maxsize=4)
def demo_registry(seed: int, size: int, as_of: date = AS_OF) -> DemoRegistry:
    """The rows and the planted faults of a demo."""
    return build(seed=seed, size=size, as_of=as_of, law=DECLARED.law, calendar=DECLARED.calendar)


@cache
def _demos() -> TemporaryDirectory[str]:
    """Where the demos are built; it goes with the process."""
    return TemporaryDirectory(prefix="cdi-demo-")


@lru_cache(maxsize=8)
def _built(seed: int, size: int, as_of: date) -> Path:
    folder, registry = Path(_demos().name) / f"{seed}-{size}-{as_of}", demo_registry(seed, size, as_of)
    settings = create_demo(folder, registry)
    if size < SHORT:  # two hundred empty rows a tab take longer than all the others
        (folder / "registre.xlsx").write_bytes(_workbook(registry, spare_rows=FEW))
        settings.write_text(settings.read_text("utf-8").replace("= 200 ", f"= {FEW} "), "utf-8")
    return folder


def _workbook(registry: DemoRegistry, *, spare_rows: int) -> bytes:
    return build_workbook(list(DECLARED.tabs.values()), registry.rows, spare_rows=spare_rows, hints=hints_of(DECLARED))


def installation(folder: Path, *, seed: int = 1, size: int = 60, as_of: date = AS_OF) -> Installation:
    """A fresh copy of a demo, in that folder, that no job has touched yet."""
    shutil.copytree(_built(seed, size, as_of), folder, dirs_exist_ok=True)
    return Installation.at(folder / "settings.toml", COMMON)


@lru_cache(maxsize=8)
def _lean_workbook(seed: int, size: int, as_of: date) -> bytes:
    return _workbook(demo_registry(seed, size, as_of), spare_rows=0)


def lean_installation(folder: Path, *, seed: int = 12, size: int = 12, as_of: date = AS_OF) -> Installation:
    """A small demo without rows in reserve, for tests that run the jobs many times."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "registre.xlsx").write_bytes(_lean_workbook(seed, size, as_of))
    (folder / "settings.toml").write_text("[registre]\nlignes_en_reserve = 0\n", encoding="utf-8")
    return Installation.at(folder / "settings.toml", COMMON)


def found(assessment: Assessment) -> Mapping[tuple[str, str], set[str]]:
    """(tab, identifier) → the rules that aren't met there."""
    rows: dict[tuple[str, str], set[str]] = {}
    for finding in assessment.findings:
        if finding.outcome is Outcome.PROBLEM:
            rows.setdefault((finding.tab, finding.id), set()).add(finding.rule)
    return rows


def planted(registry: DemoRegistry) -> Mapping[tuple[str, str], set[str]]:
    """(tab, identifier) → the rules that the generator meant to break."""
    return {(row["tab"], row["id"]): set(row["rules"]) for row in registry.expected}
