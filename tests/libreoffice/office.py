"""LibreOffice at the tests' service: `Office.edit(workbook, edits)` is a person who opens, edits, saves and closes."""

import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

LONGEST = 150  # seconds for one request, the first of which starts the program
Edit = Mapping[str, Any]


def edit(do: str, tab: str, **what: Any) -> Edit:
    """One edit, as `driver.py` names them."""
    return {"do": do, "tab": tab, **what}


class Office:
    """A driver of LibreOffice, in the Python that has its `uno` module."""

    def __init__(self, python: str, program: str, folder: Path) -> None:
        driver = Path(__file__).with_name("driver.py")
        self._process = subprocess.Popen(
            [python, str(driver), program, str(folder / "profil")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip

    @classmethod
    def start(cls, folder: Path) -> "Office":
        """Skips the test where LibreOffice or its `uno` module is missing; in CI, fails."""
        program, python = shutil.which("soffice"), _python_with_uno()
        missing = "LibreOffice (soffice) is not installed" if program is None else (
            "no Python has LibreOffice's uno module (python3-uno)" if python is None else "")  # fmt: skip
        if missing and os.environ.get("CI") == "true":
            pytest.fail(missing)
        if program is None or python is None:
            pytest.skip(missing)
        return cls(python, program, folder)

    def edit(self, workbook: Path, *edits: Edit) -> None:
        """Opens the workbook, makes the edits one after the other, saves it in place, closes it."""
        assert self._ask({"path": str(workbook), "edits": edits}) == len(edits)

    def hold(self, workbook: Path) -> None:
        """Opens the workbook and leaves it open until the next request."""
        self._ask({"path": str(workbook), "hold": True})

    def release(self) -> None:
        """Closes the workbook that was left open."""
        self._ask({})

    def _ask(self, request: Mapping[str, Any]) -> int:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], LONGEST)
        assert ready, f"LibreOffice gave no answer in {LONGEST} seconds"
        line = self._process.stdout.readline()
        assert line, "LibreOffice stopped"
        answer = json.loads(line)
        assert "error" not in answer, f"{answer['error']} ({request})"
        return int(answer["done"])

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _python_with_uno() -> str | None:
    """The system's own Python, as a rule; or the one that LibreOffice brings."""
    for python in ("/usr/bin/python3", "/opt/libreoffice/program/python", sys.executable):
        if Path(python).exists() and subprocess.run([python, "-c", "import uno"], capture_output=True).returncode == 0:
            return python
    return None
