"""What is due is done once, whatever stopped, failed or ran beside: hand-made jobs, then the real ones."""

import logging
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from cdi_sync.edges import clock
from cdi_sync.edges.clock import MOROCCO
from cdi_sync.edges.installation import Installation
from cdi_sync.errors import BusyError
from cdi_sync.slots import EachWorkedDay
from jobs.due import Ended, Memory, run_due
from jobs.schedule import Job
from tests.demos import COMMON, lean_installation


def at(text: str) -> datetime:
    """A moment in Morocco: "2026-11-23 08:30", a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=MOROCCO)


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    """An installation without a workbook: hand-made jobs need none, and the configured calendar serves."""
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    return Installation.at(tmp_path / "settings.toml", COMMON)


class Work:
    """A job that notes the days on which it was done, and first raises each of the errors given."""

    def __init__(self, name: str = "essai", *errors: BaseException, hour: time = time(8, 30)) -> None:
        self.days: list[date] = []
        self.errors = list(errors)
        self.job = Job(name, EachWorkedDay((hour,)), self._do, "travail d'essai")

    def _do(self, _installation: Installation, today: date) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.days.append(today)
        return "fait pour voir"


def ended(*runs: object) -> list[Ended]:
    return [run.ended for run in runs]  # type: ignore[attr-defined]  # JobRun


BUSY = BusyError("Le classeur est ouvert.", why="par Amina El Fassi")


# ------------------------------------------------------------------------------------------ once, and recorded


def test_a_slot_is_done_once_and_recorded(here: Installation) -> None:
    work = Work()
    (run,) = run_due(here, at("2026-11-23 08:30"), jobs=[work.job])
    assert (run.slot, run.ended, run.told) == ("2026-11-23T08:30", Ended.DONE, "fait pour voir")
    assert run_due(here, at("2026-11-23 08:31"), jobs=[work.job]) == ()
    assert work.days == [date(2026, 11, 23)]
    (row,) = here.store.job_runs()
    assert (row["job"], row["slot"], row["outcome"]) == ("essai", "2026-11-23T08:30", "fait pour voir")


def test_before_its_hour_nothing_is_done_again(here: Installation) -> None:
    work = Work()
    run_due(here, at("2026-11-20 08:30"), jobs=[work.job])
    assert run_due(here, at("2026-11-23 08:29"), jobs=[work.job]) == ()
    assert len(run_due(here, at("2026-11-23 08:30"), jobs=[work.job])) == 1


def test_a_first_installation_does_the_latest_slot_and_no_past(here: Installation) -> None:
    work = Work()
    (run,) = run_due(here, at("2026-11-22 15:00"), jobs=[work.job])  # a Sunday: Friday's slot
    assert run.slot == "2026-11-20T08:30"
    assert work.days == [date(2026, 11, 22)]


def test_an_outage_of_days_yields_one_run_of_each_job_for_its_latest_slot(here: Installation) -> None:
    first, second = Work("un"), Work("deux", hour=time(7))
    jobs = [first.job, second.job]
    run_due(here, at("2026-11-09 09:00"), jobs=jobs)
    runs = run_due(here, at("2026-11-20 09:00"), jobs=jobs)
    assert [(run.job, run.slot) for run in runs] == [("un", "2026-11-20T08:30"), ("deux", "2026-11-20T07:00")]
    assert run_due(here, at("2026-11-20 09:01"), jobs=jobs) == ()
    assert (len(first.days), len(second.days)) == (2, 2)


def test_a_clock_set_back_does_nothing_twice(here: Installation) -> None:
    work = Work()
    for now in ("2026-11-23 08:30", "2026-11-23 08:00", "2026-11-23 08:30"):
        run_due(here, at(now), jobs=[work.job])
    assert [row["slot"] for row in here.store.job_runs()] == ["2026-11-23T08:30", "2026-11-20T08:30"]
    assert len(work.days) == 2


# ---------------------------------------------------------------------------------------------------- failures


def test_a_job_put_off_is_not_recorded_and_waits_five_minutes(here: Installation) -> None:
    work, memory = Work("essai", BUSY), Memory()
    assert ended(*run_due(here, at("2026-11-23 08:30"), jobs=[work.job], memory=memory)) == [Ended.PUT_OFF]
    assert here.store.job_runs() == []
    assert run_due(here, at("2026-11-23 08:34"), jobs=[work.job], memory=memory) == ()
    assert ended(*run_due(here, at("2026-11-23 08:35"), jobs=[work.job], memory=memory)) == [Ended.DONE]


def test_a_clock_set_back_does_not_lengthen_the_wait(here: Installation) -> None:
    work, memory = Work("essai", BUSY), Memory()
    run_due(here, at("2026-11-24 08:30"), jobs=[work.job], memory=memory)
    assert ended(*run_due(here, at("2026-11-23 08:30"), jobs=[work.job], memory=memory)) == [Ended.DONE]


@pytest.mark.parametrize(
    ("error", "how"), [(BUSY, Ended.PUT_OFF), (ZeroDivisionError("contact Amina"), Ended.BROKEN)], ids=["busy", "bug"]
)
def test_a_job_that_fails_does_not_stop_the_others(error: Exception, how: Ended, here: Installation) -> None:
    bad, good = Work("mauvais", error), Work("bon")
    assert ended(*run_due(here, at("2026-11-23 08:30"), jobs=[bad.job, good.job])) == [how, Ended.DONE]


@pytest.mark.parametrize("error", [BUSY, ZeroDivisionError("contact Amina")], ids=["busy", "bug"])
def test_the_outcome_is_one_line_without_personal_data(
    error: Exception, here: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="cdi.jobs"):
        run_due(here, at("2026-11-23 08:30"), jobs=[Work("essai", error).job])
    (line,) = [record.getMessage() for record in caplog.records if "essai" in record.getMessage()]
    assert line.startswith("essai 2026-11-23T08:30 : ")
    assert "\n" not in line
    assert "Amina" not in line


class Killed(BaseException):
    """The machine stops here."""


def test_a_job_that_was_killed_is_done_again(here: Installation) -> None:
    work = Work("essai", Killed())
    with pytest.raises(Killed):
        run_due(here, at("2026-11-23 08:30"), jobs=[work.job])
    assert here.store.job_runs() == []
    assert ended(*run_due(here, at("2026-11-23 08:31"), jobs=[work.job])) == [Ended.DONE]


# ---------------------------------------------------------------------------------------------- several copies


def test_while_another_command_works_jobs_wait_for_the_next_tick(here: Installation) -> None:
    work, memory = Work(), Memory()
    with Installation.at(here.folder / "settings.toml").alone():
        assert ended(*run_due(here, at("2026-11-23 08:30"), jobs=[work.job], memory=memory)) == [Ended.WAITING]
    assert ended(*run_due(here, at("2026-11-23 08:31"), jobs=[work.job], memory=memory)) == [Ended.DONE]


def test_what_another_copy_has_just_done_is_left(here: Installation) -> None:
    other, work = Work("essai"), Work("essai")

    def overtaken(_installation: Installation, _today: date) -> str:
        here.store.record_run("essai", "2026-11-23T08:30", at=clock.now(), outcome="ailleurs")
        return "fait"

    first = Job("premier", other.job.when, overtaken, "travail pendant lequel l'autre copie finit")
    assert [run.job for run in run_due(here, at("2026-11-23 08:30"), jobs=[first, work.job])] == ["premier"]
    assert work.days == []


# ------------------------------------------------------------------------------------------------- worked days


def close(workbook: Path, day: date) -> None:
    """Adds a day off to the registry's own tab, as a person would."""
    book = openpyxl.load_workbook(workbook)
    sheet = book["Jours fériés"]
    headers = [cell.value for cell in sheet[1]]
    row = next(n for n in range(2, 1000) if sheet.cell(n, headers.index("Date") + 1).value is None)
    for header, value in (("Date", day), ("Libellé", "Fermé"), ("Nature", "Exceptionnelle"), ("Statut", "Confirmé")):
        sheet.cell(row, headers.index(header) + 1).value = value  # type: ignore[assignment]  # any cell value
    book.save(workbook)


def test_a_day_closed_in_the_registry_has_no_slot_from_the_next_tick_on(tmp_path: Path) -> None:
    lean, work, memory = lean_installation(tmp_path), Work(), Memory()
    run_due(lean, at("2026-11-20 09:00"), jobs=[work.job], memory=memory)
    close(lean.workbook, date(2026, 11, 23))
    assert run_due(lean, at("2026-11-23 09:00"), jobs=[work.job], memory=memory) == ()
    assert len(run_due(lean, at("2026-11-24 09:00"), jobs=[work.job], memory=memory)) == 1


def test_the_workbook_is_read_for_its_days_off_only_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lean, work, memory = lean_installation(tmp_path), Work(), Memory()
    read: list[date] = []
    calendar: Callable[[Installation, date], object] = Installation.calendar
    monkeypatch.setattr(Installation, "calendar", lambda self, day: read.append(day) or calendar(self, day))
    for minute in range(3):
        run_due(lean, at(f"2026-11-23 09:0{minute}"), jobs=[work.job], memory=memory)
    assert len(read) == 1
    close(lean.workbook, date(2026, 12, 24))
    run_due(lean, at("2026-11-23 09:03"), jobs=[work.job], memory=memory)
    assert len(read) == 2


def test_without_a_readable_workbook_the_configured_calendar_serves_and_it_is_said_once(
    here: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    work, memory = Work(), Memory()
    for minute in range(3):
        run_due(here, at(f"2026-11-18 09:0{minute}"), jobs=[work.job], memory=memory)  # Independence Day
    assert [row["slot"] for row in here.store.job_runs()] == ["2026-11-17T08:30"]
    assert sum("calendrier configuré seul" in record.getMessage() for record in caplog.records) == 1


# ------------------------------------------------------------------------------------------------ the real jobs


def test_the_real_jobs_do_their_slots_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lean, monday = lean_installation(tmp_path), at("2026-11-23 09:00")
    monkeypatch.setattr(clock, "now", lambda: monday)
    assert {(run.job, run.slot, run.ended) for run in run_due(lean, monday)} == {
        ("sync", "2026-11-23T07:00", Ended.DONE),
        ("remind", "2026-11-23T08:30", Ended.DONE),
        ("report", "2026-S48", Ended.DONE),
    }
    before, letters = lean.workbook.read_bytes(), sorted(lean.letters_folder.iterdir())
    assert letters
    assert run_due(lean, monday + timedelta(minutes=1)) == ()
    assert [run.slot for run in run_due(lean, at("2026-11-23 12:30"))] == ["2026-11-23T12:30"]
    assert lean.workbook.read_bytes() == before
    assert sorted(lean.letters_folder.iterdir()) == letters


def test_an_open_workbook_puts_off_the_writing_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lean, monday, memory = lean_installation(tmp_path), at("2026-11-23 09:00"), Memory()
    monkeypatch.setattr(clock, "now", lambda: monday)
    lock = tmp_path / "~$registre.xlsx"
    lock.write_bytes(b"\x05Amina")
    how = {run.job: run.ended for run in run_due(lean, monday, memory=memory)}
    assert how == {"sync": Ended.PUT_OFF, "remind": Ended.DONE, "report": Ended.DONE}
    lock.unlink()
    runs = run_due(lean, monday + timedelta(minutes=5), memory=memory)
    assert [(run.job, run.ended) for run in runs] == [("sync", Ended.DONE)]
