"""Each job runs alone by `python -m jobs.NAME`, on the installation of the current folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.demos import installation


@pytest.mark.parametrize("job", ["sync", "remind", "deliver", "report", "run"])
def test_a_job_runs_alone(job: str, tmp_path: Path) -> None:
    installation(tmp_path)
    told = subprocess.run(
        [sys.executable, "-m", f"jobs.{job}"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "(s)" in told.stdout


@pytest.mark.parametrize("job", ["sync", "remind", "deliver", "report", "run"])
def test_a_job_without_settings_says_what_to_do(job: str, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", f"jobs.{job}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "cdi init" in told.stderr
