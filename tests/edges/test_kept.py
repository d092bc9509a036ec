"""What a check concluded is told again without a reading, as long as nothing that it depends on has changed."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from cdi_sync.edges import installation as edge
from cdi_sync.edges.installation import Installation
from cdi_sync.model import Finding
from tests.demos import AS_OF, COMMON, lean_installation


@pytest.fixture
def readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The day of each reading of a workbook; conclusions are kept in a folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made, read = list[date](), edge.Installation.read

    def counted(installation: Installation, today: date) -> edge.Reading:
        made.append(today)
        return read(installation, today)

    monkeypatch.setattr(edge.Installation, "read", counted)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lean_installation(tmp_path / "registre", size=6).folder


def checked(folder: Path, day: date = AS_OF) -> tuple[Finding, ...]:
    return Installation.at(folder / "settings.toml", COMMON).conclusions(day).findings


def test_a_second_check_says_the_same_without_reading(folder: Path, readings: list[date]) -> None:
    first = checked(folder)
    assert first
    assert checked(folder) == first
    assert readings == [AS_OF]


def edit_a_cell(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "registre.xlsx")
    book["Actes"]["C5"] = "Ni l'une ni l'autre forme"
    book.save(folder / "registre.xlsx")


def change_the_settings(folder: Path) -> None:
    with (folder / "settings.toml").open("a", encoding="utf-8") as file:
        file.write('[interpretations]\nD-01 = "loi"\n')


def put_a_file_in_place_of_ours(folder: Path) -> None:
    (folder / "config").mkdir()
    ours = Installation.at(folder / "settings.toml", COMMON).declarations.files("roles.toml")[0]
    (folder / "config/roles.toml").write_bytes(ours.read_bytes() + b"\n")


@pytest.mark.parametrize("change", [edit_a_cell, change_the_settings, put_a_file_in_place_of_ours])
def test_what_changed_is_read_again(folder: Path, readings: list[date], change: Callable[[Path], None]) -> None:
    checked(folder)
    change(folder)
    seen = checked(folder)
    assert len(readings) == 2
    assert seen == Installation.at(folder / "settings.toml", COMMON).read(AS_OF).assessment.findings


def test_another_day_is_checked_for_itself(folder: Path, readings: list[date]) -> None:
    checked(folder)
    checked(folder, date(2027, 3, 1))
    assert readings == [AS_OF, date(2027, 3, 1)]


def test_another_version_of_the_software_checks_for_itself(
    folder: Path, readings: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(folder)
    monkeypatch.setattr("cdi_sync.edges.kept._software", lambda: [b"another"])
    checked(folder)
    assert len(readings) == 2


def test_a_file_of_the_software_that_changes_shows(tmp_path: Path) -> None:
    from cdi_sync.edges.kept import _stamps

    (tmp_path / "rules").mkdir()
    rule = tmp_path / "rules/named.py"
    rule.write_text("LIMIT = 20\n", "utf-8")
    before = list(_stamps(tmp_path, ".py"))
    os.utime(rule, ns=(1, 1))
    assert list(_stamps(tmp_path, ".py")) != before


def test_an_address_that_came_back_is_told_by_the_next_check(
    folder: Path, readings: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(folder)
    from cdi_sync.people import RefusedAddress

    monkeypatch.setattr(Installation, "refused", lambda _: {"x@commune.example": RefusedAddress(AS_OF, "5.1.1")})
    checked(folder)
    assert len(readings) == 2


def test_a_file_saved_while_it_was_read_is_read_again(
    folder: Path, readings: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = edge.Installation.read

    def saved_meanwhile(installation: Installation, today: date) -> edge.Reading:
        seen = counted(installation, today)
        edit_a_cell(folder)
        return seen

    with monkeypatch.context() as during:
        during.setattr(edge.Installation, "read", saved_meanwhile)
        checked(folder)
    checked(folder)
    assert len(readings) == 2


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"", lambda data: data[:64] + b"\x80" * 40])
def test_a_damaged_file_is_left_aside(
    tmp_path: Path, folder: Path, readings: list[date], damage: Callable[[bytes], bytes]
) -> None:
    first = checked(folder)
    (kept,) = (tmp_path / "cache/cdi_sync/controles").iterdir()
    kept.write_bytes(damage(kept.read_bytes()))
    assert checked(folder) == first
    assert len(readings) == 2


def test_only_its_user_may_read_what_is_kept(tmp_path: Path, folder: Path, readings: list[date]) -> None:
    checked(folder)
    (kept,) = (tmp_path / "cache/cdi_sync/controles").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_without_a_cache_the_check_says_the_same(
    folder: Path, readings: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = checked(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/none")
    assert checked(folder) == checked(folder) == first
    assert len(readings) == 3
