"""The timetable: its jobs, their hours, and what each tells of its work."""

from datetime import datetime, time
from pathlib import Path

import pytest

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.errors import CdiError
from cdi_sync.mail.incoming import Kind
from jobs.collect import Collected
from jobs.deliver import Delivered
from jobs.due import Ended, run_due
from jobs.retry import retry
from jobs.schedule import SCHEDULE
from tests.demos import AS_OF, lean_installation

DO = {job.name: job.do for job in SCHEDULE}


def test_each_job_has_a_name_of_its_own_which_is_its_module() -> None:
    assert [job.name for job in SCHEDULE] == sorted(
        {job.name for job in SCHEDULE}, key=["collect", "intake", "sync", "remind", "report"].index
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
    assert DO["remind"](at, AS_OF).endswith("à réessayer ou refusés")
    with pytest.raises(CdiError, match="n'ont pas pu être déposés"):
        retry(at, AS_OF)
    at.letters_folder.unlink()
    assert retry(at, AS_OF) == f"courriel(s) : {len(at.store.outbox.letters())} remis"
    assert list(at.letters_folder.glob("*.eml"))


# ------------------------------------------------------------------------------------------------- the mailbox


def test_the_mailbox_is_read_where_there_is_one_only(tmp_path: Path) -> None:
    at, now = lean_installation(tmp_path), datetime.combine(AS_OF, time(7, 40), clock.MOROCCO)
    collecting = [job for job in SCHEDULE if job.name == "collect"]
    assert run_due(at, now, jobs=collecting) == ()
    with (tmp_path / "settings.toml").open("a") as file:
        file.write('[mail.imap]\nserveur = "127.0.0.1"\nport = 1\n')
    (run,) = run_due(Installation.at(tmp_path / "settings.toml"), now, jobs=collecting)
    assert (run.job, run.slot, run.ended) == ("collect", f"{AS_OF}T07:30", Ended.DONE)
    assert run.told == "rien de nouveau"  # nothing was ever sent: nobody is asked


def test_a_letter_that_the_witness_did_not_find_leaves_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs import schedule

    left: list[Installation] = []
    monkeypatch.setattr(schedule, "collect", lambda _at: Collected(free=1, kinds={Kind.RETURNED: 1}))
    monkeypatch.setattr(schedule, "deliver", lambda at: left.append(at) or Delivered(sent=1))
    at = lean_installation(tmp_path)
    assert DO["collect"](at, AS_OF) == "1 retour(s), 1 absent(s) de la copie témoin, à renvoyer ; 1 remis"
    assert left == [at]


def test_a_new_slot_of_the_mailbox_alone_does_not_have_google_asked_for_its_holidays() -> None:
    from jobs.due import _seen_far

    seen = {_seen_far(datetime.combine(AS_OF, time(hour, 40)), SCHEDULE) for hour in (9, 10, 11)}
    assert len(seen) == 1
