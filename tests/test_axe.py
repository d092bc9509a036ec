"""Letters can be read by everybody: axe-core, in Chromium, light and dark, finds nothing serious.

Wants Chromium and, from npm, axe-core and puppeteer-core (in build/npm); without them these tests are skipped. axe sees no fault
of Arabic: `tests/mail/test_letter_languages.py` looks at reading direction.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.mail.test_letter_languages import KINDS, LANGUAGES, written
from tests.shots import requests_told

MODULES = Path("build/npm/node_modules").resolve()
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
HERE = bool(
    CHROMIUM and shutil.which("node") and all((MODULES / name).exists() for name in ("axe-core", "puppeteer-core"))
)
pytestmark = [pytest.mark.proof, pytest.mark.skipif(not HERE, reason="axe-core (npm) or Chromium isn't installed")]


def found(folder: Path) -> list[Any]:
    """What axe-core finds in the pages of a folder: [{page, scheme, rule, impact, nodes}]."""
    pages = sorted(map(str, folder.glob("*.html")))
    assert pages
    command = ["node", str(Path(__file__).parent / "axe.mjs"), CHROMIUM, str(MODULES), *pages]
    told: list[Any] = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=600).stdout)
    return told


def test_letters_have_no_serious_fault_of_accessibility(tmp_path: Path) -> None:
    for kind in KINDS:
        for lang in LANGUAGES:
            (tmp_path / f"{kind}-{lang}.html").write_text(written(kind, lang, 3).html, encoding="utf-8")
    for lang in LANGUAGES:
        for name, html in requests_told(lang):
            (tmp_path / f"{name}-{lang}.html").write_text(html, encoding="utf-8")
    assert [fault for fault in found(tmp_path) if fault["impact"] in ("serious", "critical")] == []


def test_a_page_with_a_fault_is_seen_in_light_and_in_dark(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html lang="fr"><head><title>x</title><style>p {color: #555; background: #fff}
    @media (prefers-color-scheme: dark) { p {background: #444} }</style></head><body><p>pâle</p><img src="a.png"></body></html>"""
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert sorted({(fault["scheme"], fault["rule"]) for fault in found(tmp_path)}) == [
        ("dark", "color-contrast"), ("dark", "image-alt"), ("light", "image-alt"),
    ]  # fmt: skip
