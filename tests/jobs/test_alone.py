"""Each job runs alone by `python -m jobs.NAME`, on the installation of the current folder."""

from pathlib import Path

import pytest

from tests.demos import lean_installation
from tests.processes import run_module

JOBS = ["sync", "remind", "deliver", "report", "run", "due"]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_runs_alone(job: str, tmp_path: Path) -> None:
    lean_installation(tmp_path)
    told = run_module(f"jobs.{job}", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert "(s)" in told.stdout


@pytest.mark.parametrize("job", JOBS)
def test_a_job_without_settings_says_what_to_do(job: str, tmp_path: Path) -> None:
    told = run_module(f"jobs.{job}", cwd=tmp_path)
    assert told.returncode == 2
    assert "cdi init" in told.stderr
