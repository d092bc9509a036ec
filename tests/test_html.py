"""The letters' HTML is correct and accessible: html-validate finds nothing to say.

Two of its rules are off (`html-validate.json`): old mail readers want the attributes that HTML has deprecated, and
MJML gives its frame the role of an article. html-validate comes from npm; without it these tests are skipped.
"""

import json
import os
import shutil
import subprocess
from itertools import product
from pathlib import Path

import pytest

from jobs.run import run
from tests.demos import AS_OF, installation
from tests.mail.test_letter_languages import KINDS, LANGUAGES, written
from tests.shots import fullest, page_of, requests_told

LOCAL = Path("build/npm/node_modules/.bin/html-validate")
PROGRAM = shutil.which("html-validate") or (str(LOCAL.resolve()) if LOCAL.exists() else "")
pytestmark = [
    pytest.mark.html_validate,
    pytest.mark.skipif(not PROGRAM and os.environ.get("CI") != "true", reason="html-validate (npm) isn't installed"),
]


def faults(folder: Path) -> list[str]:
    """What html-validate finds in the pages of a folder, as "file: rule: message"."""
    told = folder / "told.json"
    rules = Path(__file__).parent / "html-validate.json"
    pages = sorted(map(str, folder.glob("*.html")))
    command = [PROGRAM, "--config", str(rules), "--formatter", f"json={told}", *pages]
    subprocess.run(command, check=False, capture_output=True, timeout=120)
    found = json.loads(told.read_text(encoding="utf-8"))
    assert len(pages) > 0
    return [f"{Path(page['filePath']).name}: {m['ruleId']}: {m['message']}" for page in found for m in page["messages"]]


def test_the_fullest_letter_of_each_kind_is_correct_html(tmp_path: Path) -> None:
    at = installation(tmp_path / "demo", size=150)
    run(at, AS_OF)
    for kind, content in fullest(at):
        (tmp_path / f"{kind}.html").write_text(page_of(content), encoding="utf-8")
    assert faults(tmp_path) == []


def test_letters_are_correct_html_in_each_language(tmp_path: Path) -> None:
    for kind, lang, count in product(KINDS, LANGUAGES, (0, 3)):
        (tmp_path / f"{kind}-{lang}-{count}.html").write_text(written(kind, lang, count).html, encoding="utf-8")
    for lang in LANGUAGES:
        for name, html in requests_told(lang):
            (tmp_path / f"{name}-{lang}.html").write_text(html, encoding="utf-8")
    assert faults(tmp_path) == []


def test_a_page_with_a_fault_is_seen(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "<!DOCTYPE html><html><body><p><div>x</p><img src=a></body></html>", encoding="utf-8"
    )
    assert any("element-permitted-content" in fault or "close-order" in fault for fault in faults(tmp_path))
