"""Child processes for tests: this checkout comes first on their path, wherever they run."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def run_module(module: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs `python -m MODULE` to its end."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )  # fmt: skip


def start_module(module: str, *arguments: str, cwd: Path) -> "subprocess.Popen[str]":
    """Starts `python -m MODULE`; what it says on stderr can be read line by line."""
    command: Sequence[str] = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=cwd, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
