"""Imports go one way, and the core touches nothing of the world."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted([*(ROOT / "cdi_sync").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")])
EDGES = {"edges", "engines", "demo"}
OUTSIDE = {
    "os",
    "time",
    "smtplib",
    "imaplib",
    "socket",
    "subprocess",
    "gspread",
    "google",
    "apscheduler",
    "sqlalchemy",
    "openpyxl",
    "python_calamine",
}
LEAVES = {"model", "errors", "text"}  # what everything may import


def _layer(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "jobs":
        return "jobs"
    if parts[1] in ("cli", "console", "__main__"):
        return "cli"
    return parts[1] if len(parts) > 2 and parts[1] in EDGES else "core"


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _of(imported: set[str], *prefixes: str) -> set[str]:
    return {name for name in imported for prefix in prefixes if name == prefix or name.startswith(f"{prefix}.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    imported, layer = _imports(path), _layer(path)
    if layer != "cli":
        if layer not in ("jobs", "engines"):
            assert not _of(imported, "jobs"), "only the command line, the engines and the jobs import jobs"
        assert not _of(imported, "cdi_sync.cli"), "nothing imports the command line"
    if layer in ("jobs", "edges"):
        assert not _of(imported, "cdi_sync.engines"), "a job doesn't know what wakes it"
    if layer != "engines":
        assert not _of(imported, "apscheduler"), "only the engines know APScheduler"
    if layer in ("core", "demo"):
        assert not _of(imported, "cdi_sync.edges", "cdi_sync.engines"), "the core knows no edge"
        assert not _of(imported, *OUTSIDE), "the core touches nothing of the world"
    if layer == "demo":
        assert not _of(imported, "cdi_sync.rules", "cdi_sync.assessment"), "the demo never asks the engine"
    if layer == "core":
        assert not _of(imported, "cdi_sync.demo")


@pytest.mark.parametrize(
    "path", [p for p in MODULES if _layer(p) in ("core", "demo")], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_core_never_asks_what_day_it_is(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ("today", "now", "utcnow"), f"line {node.lineno}"


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_the_nouns_depend_on_nothing_of_ours(name: str) -> None:
    assert not _of(_imports(ROOT / "cdi_sync" / f"{name}.py"), "cdi_sync", "jobs")


def test_only_indicators_import_pandas_and_only_letters_and_documents_import_jinja() -> None:
    for path in MODULES:
        imported = _imports(path)
        assert not _of(imported, "pandas") or path.name == "indicators.py", path
        assert not _of(imported, "jinja2") or path.name in ("letters.py", "sandbox.py", "documents.py"), path
        assert not _of(imported, "docx", "docxtpl") or path == ROOT / "cdi_sync/edges/documents.py", path
