"""The timetable: its jobs, their hours, and what each tells of its work."""

from pathlib import Path

import pytest

from cdi_sync.errors import CdiError
from jobs.schedule import SCHEDULE
from tests.demos import AS_OF, lean_installation

DO = {job.name: job.do for job in SCHEDULE}


def test_each_job_has_a_name_of_its_own_which_is_its_module() -> None:
    assert [job.name for job in SCHEDULE] == sorted(
        {job.name for job in SCHEDULE}, key=["sync", "remind", "report"].index
    )
    assert all((Path("jobs") / f"{job.name}.py").is_file() for job in SCHEDULE)


@pytest.mark.parametrize("name", list(DO))
def test_what_a_job_tells_holds_no_address_and_no_name(name: str, tmp_path: Path) -> None:
    at = lean_installation(tmp_path)
    told = DO[name](at, AS_OF)
    names = {row.text("nom_prenom") for row in at.read(AS_OF).assessment.registry["contacts"]}
    assert told
    assert "@" not in told
    assert not any(name and name in told for name in names)


def test_letters_that_could_not_be_handed_over_are_tried_again(tmp_path: Path) -> None:
    at = lean_installation(tmp_path)
    at.letters_folder.write_text("un fichier tient la place du dossier", encoding="utf-8")
    with pytest.raises(CdiError, match="n'ont pas pu être remis"):
        DO["remind"](at, AS_OF)
    at.letters_folder.unlink()
    assert DO["remind"](at, AS_OF).endswith(f"{len(at.store.letters())} remis")
    assert list(at.letters_folder.glob("*.eml"))
