"""The folder of returned files: each is taken once, then set aside; none is lost, whatever happens in between."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cdi_sync.edges.forms import folder as module
from cdi_sync.edges.forms.folder import RECEIVED, TO_LOOK_AT, Outcome, take_folder
from cdi_sync.forms.submission import Submission
from tests.edges.forms.filled import ANSWERS, AT, FakeIntake, blank, filled
from tests.edges.forms.test_rows import LYON, table, text
from tests.registries import DECLARED

FORM = filled()
LATER = timedelta(hours=1)
CHANGED_AT = module._changed_at


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files made during a test are as old as their dates say: the hour of their making is today's."""
    monkeypatch.setattr(module, "_changed_at", lambda path: path.lstat().st_mtime)


def put(folder: Path, name: str, data: bytes, *, age: timedelta = LATER) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    moment = (AT - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def take(folder: Path, intake: FakeIntake, *, dry_run: bool = False) -> Sequence[Outcome]:
    return take_folder(folder, DECLARED, intake.take_now, at=AT, dry_run=dry_run)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_form_is_taken_and_set_aside(tmp_path: Path, intake: FakeIntake) -> None:
    put(tmp_path, "fiche.xlsx", FORM)
    assert take(tmp_path, intake) == [Outcome("fiche.xlsx", RECEIVED, changed=1)]
    assert [one.values for one in intake.answers.values()] == [ANSWERS]
    assert names(tmp_path) == ["recus/fiche.xlsx"]
    assert take(tmp_path, intake) == []


def test_the_same_again_changes_nothing_and_both_files_are_kept(tmp_path: Path, intake: FakeIntake) -> None:
    put(tmp_path, "fiche.xlsx", FORM)
    take(tmp_path, intake)
    put(tmp_path, "fiche.xlsx", FORM)
    assert take(tmp_path, intake) == [Outcome("fiche.xlsx", RECEIVED, changed=0, known=1)]
    assert names(tmp_path) == ["recus/fiche (2).xlsx", "recus/fiche.xlsx"]


def test_of_two_versions_the_later_file_counts(tmp_path: Path, intake: FakeIntake) -> None:
    put(tmp_path, "a.xlsx", filled({**ANSWERS, "objet": "corrigé"}))
    put(tmp_path, "b.xlsx", FORM, age=2 * LATER)
    assert [outcome.file for outcome in take(tmp_path, intake)] == ["b.xlsx", "a.xlsx"]
    (one,) = intake.answers.values()
    assert one.values["objet"] == "corrigé"
    assert one.edited > AT


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("vide.xlsx", blank(), "Le formulaire est vide."),
        ("coupe.xlsx", FORM[:4000], "Le classeur est incomplet."),
        ("note.pdf", b"%PDF-1.7", "Ce fichier n'est pas un classeur .xlsx."),
        ("x.csv", b"a,b\n1,2\n", "Cet export n'est celui d'aucun formulaire."),
        ("nu", b"", "Le fichier est vide."),
    ],
)
def test_what_cannot_be_taken_is_set_aside_with_its_reason(
    tmp_path: Path, intake: FakeIntake, name: str, data: bytes, told: str
) -> None:
    put(tmp_path, name, data)
    (outcome,) = take(tmp_path, intake)
    assert (outcome.went_to, outcome.told[0], intake.answers) == (TO_LOOK_AT, told, {})
    assert names(tmp_path) == sorted([f"a_regarder/{name}", f"a_regarder/{name}.txt"])
    reason = (tmp_path / TO_LOOK_AT / f"{name}.txt").read_text("utf-8")
    assert told in reason
    assert "Que faire :" in reason


def test_a_reason_never_covers_a_file(tmp_path: Path, intake: FakeIntake) -> None:
    put(tmp_path, "a_regarder/fiche.xlsx.txt", b"de quelqu'un")
    put(tmp_path, "fiche.xlsx", blank())
    take(tmp_path, intake)
    assert (tmp_path / "a_regarder/fiche.xlsx.txt").read_bytes() == b"de quelqu'un"
    assert "a_regarder/fiche (2).xlsx" in names(tmp_path)


def test_an_export_of_which_a_row_is_not_taken_is_to_look_at(tmp_path: Path, intake: FakeIntake) -> None:
    rows = table(LYON, {})
    rows[0].append("Remarque")
    rows[2].append("seule")
    put(tmp_path, "export.csv", text(rows).encode())
    (outcome,) = take(tmp_path, intake)
    assert (outcome.went_to, outcome.changed) == (TO_LOOK_AT, 1)
    assert outcome.told == (
        "1 demande(s) prise(s) en compte ; non prises en compte :",
        "ligne 3 : aucune réponse à une question du formulaire",
    )


@pytest.mark.parametrize("beside", ["~$fiche.xlsx", ".~lock.fiche.xlsx#"])
def test_a_file_that_is_open_waits(tmp_path: Path, intake: FakeIntake, beside: str) -> None:
    put(tmp_path, "fiche.xlsx", FORM)
    (tmp_path / beside).touch()
    (outcome,) = take(tmp_path, intake)
    assert (outcome.went_to, intake.answers) == ("", {})
    assert "ouvert" in outcome.told[0]
    assert (tmp_path / "fiche.xlsx").exists()


@pytest.mark.parametrize(("seconds", "waits"), [(0, True), (59, True), (60, False), (-59, True), (-86_400, False)])
def test_a_file_waits_until_it_has_not_changed_for_a_minute(
    tmp_path: Path, intake: FakeIntake, seconds: int, waits: bool
) -> None:
    put(tmp_path, "fiche.xlsx", FORM, age=timedelta(seconds=seconds))  # before 0: another machine's clock
    (outcome,) = take(tmp_path, intake)
    assert (outcome.went_to == "") is waits


@pytest.mark.parametrize("name", [".cache", "~$x.xlsx", "fiche.xlsx.part", "fiche.crdownload"])
def test_what_programs_leave_is_not_looked_at(tmp_path: Path, intake: FakeIntake, name: str) -> None:
    put(tmp_path, name, FORM)
    assert take(tmp_path, intake) == []


def test_a_copy_that_keeps_the_hour_of_its_model_waits_all_the_same(
    tmp_path: Path, intake: FakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_changed_at", CHANGED_AT)
    path = put(tmp_path, "fiche.xlsx", FORM)
    came = datetime.fromtimestamp(path.stat().st_ctime, UTC)
    (outcome,) = take_folder(tmp_path, DECLARED, intake.take_now, at=came + timedelta(seconds=1))
    assert (outcome.went_to, outcome.told) == ("", ("déposé à l'instant ; il sera lu au prochain passage",))


def test_a_link_is_not_followed(tmp_path: Path, intake: FakeIntake) -> None:
    elsewhere = put(tmp_path / "ailleurs", "secret.csv", text(table(LYON)).encode())
    folder = tmp_path / "formulaires"
    folder.mkdir()
    (folder / "lien.csv").symlink_to(elsewhere)
    os.utime(folder / "lien.csv", (0, 0), follow_symlinks=False)
    (outcome,) = take(folder, intake)
    assert (outcome.went_to, intake.answers) == (TO_LOOK_AT, {})
    assert elsewhere.exists()


def test_a_file_that_changes_while_it_is_read_waits(
    tmp_path: Path, intake: FakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "fiche.xlsx", FORM)
    read = module.content_of

    def content_then_change(one: Path) -> bytes:
        data = read(one)
        path.write_bytes(data + b"\0")
        return data

    monkeypatch.setattr(module, "content_of", content_then_change)
    assert [outcome.went_to for outcome in take(tmp_path, intake)] == [""]
    assert intake.answers == {}


def test_cut_short_before_it_is_moved_a_file_is_taken_again_and_changes_nothing(
    tmp_path: Path, intake: FakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_paths: Path) -> None:
        raise PermissionError(13, "refusé")

    put(tmp_path, "fiche.xlsx", FORM)
    with monkeypatch.context() as broken:
        broken.setattr(module, "_move", fails)
        (outcome,) = take(tmp_path, intake)
    assert (outcome.went_to, outcome.changed) == ("", 1)
    assert "il sera repris" in outcome.told[-1]
    assert take(tmp_path, intake) == [Outcome("fiche.xlsx", RECEIVED, changed=0, known=1)]


def test_when_the_intake_fails_the_file_stays(tmp_path: Path) -> None:
    def broken(_one: Submission) -> bool:
        raise RuntimeError

    put(tmp_path, "fiche.xlsx", FORM)
    with pytest.raises(RuntimeError):
        take_folder(tmp_path, DECLARED, broken, at=AT)
    assert names(tmp_path) == ["fiche.xlsx"]


def test_a_disk_without_links_is_no_trouble(
    tmp_path: Path, intake: FakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_paths: object, **_how: object) -> None:
        raise OSError(95, "non")

    monkeypatch.setattr(os, "link", no_link)
    put(tmp_path, "fiche.xlsx", FORM)
    take(tmp_path, intake)
    assert names(tmp_path) == ["recus/fiche.xlsx"]


def test_a_dry_run_only_tells(tmp_path: Path, intake: FakeIntake) -> None:
    put(tmp_path, "fiche.xlsx", FORM)
    assert take(tmp_path, intake, dry_run=True) == [Outcome("fiche.xlsx", RECEIVED, changed=1)]
    assert (names(tmp_path), intake.answers) == (["fiche.xlsx"], {})
    assert take(tmp_path / "absent", intake, dry_run=True) == ()
    assert not (tmp_path / "absent").exists()


def test_the_folder_is_made_when_it_is_not_there(tmp_path: Path, intake: FakeIntake) -> None:
    assert take(tmp_path / "formulaires", intake) == []
    assert (tmp_path / "formulaires").is_dir()
