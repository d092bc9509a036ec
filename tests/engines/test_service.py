"""The service as a process: one a folder, stopped cleanly, on a clock that isn't today's."""

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cdi_sync.cli import main
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from tests.demos import lean_installation
from tests.processes import run_module, start_module

FRIDAY = "2026-11-20T06:55"
PATIENCE = 120  # seconds, for a machine at work on something else


_started: list["subprocess.Popen[str]"] = []


@pytest.fixture(autouse=True)
def _nothing_outlives_its_test() -> Iterator[None]:
    yield
    while _started:
        _started.pop().kill()


def serving(at: Installation, start: str = FRIDAY, speed: float = 0) -> "subprocess.Popen[str]":
    """The service of that installation, its clock set to `start`; it is killed if it outlives our patience."""
    process = start_module("tests.engines.moved_clock", start, str(speed), "serve", cwd=at.folder)
    _started.append(process)
    watch = threading.Timer(PATIENCE, process.kill)
    watch.daemon = True
    watch.start()
    return process


def lines_until(process: "subprocess.Popen[str]", pattern: str) -> Iterator[str]:
    """What the service says, up to the line that matches."""
    assert process.stderr
    for line in process.stderr:
        yield line
        if re.search(pattern, line):
            return


def stopped(process: "subprocess.Popen[str]", signum: int = signal.SIGTERM) -> tuple[int, str]:
    """Its exit code, and what it still had to say."""
    process.send_signal(signum)
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_works_at_once_and_a_signal_ends_it_cleanly(signum: int, code: int, tmp_path: Path) -> None:
    at = lean_installation(tmp_path)
    process = serving(at)
    list(lines_until(process, "remind .*: fait"))
    assert stopped(process, signum)[0] == code
    assert {row["job"] for row in at.store.job_runs()} >= {"sync", "remind"}
    with at.serving(), at.alone():
        pass  # both places are free again


def test_a_second_copy_leaves_with_75_and_says_why_while_commands_by_hand_are_let_in(tmp_path: Path) -> None:
    at = lean_installation(tmp_path)
    with at.serving():
        second = run_module("cdi_sync", "serve", cwd=tmp_path)
        by_hand = run_module("cdi_sync", "run", "--as-of", "2026-11-23", cwd=tmp_path)
    assert second.returncode == 75
    assert "Le service tourne déjà" in second.stderr
    assert "Que faire" in second.stderr
    assert by_hand.returncode == 0


def test_a_service_killed_outright_leaves_its_place_and_the_next_one_finishes_the_work(tmp_path: Path) -> None:
    at = lean_installation(tmp_path)
    first = serving(at)
    list(lines_until(first, "démarré"))
    first.kill()
    first.communicate(timeout=PATIENCE)
    second = serving(at)
    list(lines_until(second, "report .*: fait"))
    assert stopped(second)[0] == 0
    assert {row["job"] for row in at.store.job_runs()} == {"sync", "remind", "report"}
    files = {path.name: path.read_bytes() for path in at.letters_folder.glob("*.eml")}
    assert files == {letter.eml: letter.content for letter in at.store.outbox.letters()}


def test_days_go_by_and_each_slot_is_done_in_its_turn(tmp_path: Path) -> None:
    """From Friday to Tuesday on a clock 12 hours a second fast; however slow the machine, no slot comes twice."""
    at = lean_installation(tmp_path)
    process = serving(at, speed=12 * 3600)
    said = list(lines_until(process, r"remind 2026-11-2[4-9].*: fait"))
    code, rest = stopped(process)
    assert code == 0
    done = re.findall(r"(sync|remind|report) (\S+) : fait", "".join(said) + rest)
    assert len(done) == len(set(done))
    assert not {slot for _, slot in done if slot.startswith(("2026-11-21", "2026-11-22"))}  # a week-end
    assert sorted(done) == sorted((row["job"], row["slot"]) for row in at.store.job_runs())
    files = {path.name: path.read_bytes() for path in at.letters_folder.glob("*.eml")}
    assert files == {letter.eml: letter.content for letter in at.store.outbox.letters()}


def test_each_event_is_one_line_at_moroccos_time_without_personal_data(tmp_path: Path) -> None:
    at = lean_installation(tmp_path)
    process = serving(at)
    said = [*lines_until(process, "report .*: fait"), *stopped(process)[1].splitlines(keepends=True)]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+]00:00 \S", line) for line in said)
    assert "@" not in "".join(said)


def test_stale_time_zone_data_refuses_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = lean_installation(tmp_path)
    monkeypatch.setattr(clock, "MOROCCO", ZoneInfo("Africa/Lagos"))  # UTC+1 in December, as old data has Morocco
    with pytest.raises(SystemExit) as left:
        main(["serve", "--config", str(at.folder / "settings.toml")])
    assert left.value.code == 2
    assert "tzdata" in capsys.readouterr().err
    assert not at.letters_folder.exists()


def test_without_settings_it_says_what_to_do(tmp_path: Path) -> None:
    told = run_module("cdi_sync", "serve", cwd=tmp_path)
    assert told.returncode == 2
    assert "cdi init" in told.stderr
