"""What staff do to « Demandes reçues » by mistake: no case is doubled, nobody is told what isn't so, the day goes on."""

import copy
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cdi_sync.cli import cdi
from cdi_sync.edges import clock
from cdi_sync.errors import ExitCode, RegistryError
from cdi_sync.forms.lookalikes import REQUESTS
from cdi_sync.mail.outbox import LetterState
from jobs.deliver import deliver
from jobs.intake import tell
from jobs.sync import sync
from tests.demos import AS_OF, lean_installation
from tests.forms.answers import PROGRESS, answer
from tests.forms.office import HERE, SETTINGS, MemoryBook, Office, memory_office, xlsx_office

OTHER = {"intitule": "Jumelage entre Fès et Lyon", "partenaires__nom": "Ville de Lyon", "partenaires__pays": "France"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return memory_office(tmp_path / "ici")


@pytest.fixture
def accepted(office: Office) -> Office:
    """DEM-00001 became ACT-00002."""
    office.receive(answer(collectivite=HERE))
    office.accept("DEM-00001")
    assert [one.became for one in office.receive().accepted] == ["ACT-00002"]
    return office


def _empty(office: Office, tab: str, id_: str, *columns: str) -> None:
    (row,) = [row for row in office.rows(tab) if row.id == id_]
    for column in columns or tuple(row.values):
        office.overwrite(row, column, None)


@pytest.mark.parametrize(
    "emptied",
    [pytest.param(("devenue",), marks=pytest.mark.proof), pytest.param(("reponse",), marks=pytest.mark.proof), ()],
)
def test_a_request_whose_cells_are_emptied_does_not_become_a_second_row(
    accepted: Office, emptied: tuple[str, ...]
) -> None:
    told = tell(accepted.at, accepted.at.read(AS_OF)).new
    _empty(accepted, REQUESTS, "DEM-00001", *emptied)
    for _ in range(2):
        assert accepted.receive().accepted == ()
    (row,) = [row for row in accepted.rows(REQUESTS) if row["reponse"]]
    assert row["devenue"] == "ACT-00002"
    assert accepted.told(row.id).state == "Acceptée : ACT-00002."
    assert [act.id for act in accepted.rows("actes")] == ["ACT-00001", "ACT-00002"]
    assert (told, tell(accepted.at, accepted.at.read(AS_OF)).new) == (1, 0)  # and the sender hears of it once


def test_a_number_noted_but_never_written_and_given_to_another_row_is_not_taken_for_it(office: Office) -> None:
    office.receive(answer(collectivite=HERE))
    (held,) = office.at.store.submissions.held()
    office.at.store.submissions.accepting(held.submission.key, 1, "ACT-00002", (), at=clock.now())
    book: Any = office.at.book
    at = office.registry().layouts["actes"].positions
    office.at.book.append(
        office.at.book.read(),
        {"actes": {office.rows("actes")[0].number + 1: {"id": "ACT-00002", "forme": "Convention", "intitule": "Eau potable"}}},
        office.registry(), office.at.knowledge.tabs, "x",
    )  # fmt: skip
    assert (book.cells["Actes"][-1][at["id"] - 1], office.told().state) == ("ACT-00002", "À décider.")
    office.accept("DEM-00001")
    assert [one.became for one in office.receive().accepted] == ["ACT-00003"]


def test_a_deleted_row_whose_number_goes_to_another_request_is_not_told_as_its_own(accepted: Office) -> None:
    _empty(accepted, "actes", "ACT-00002")
    assert "n'est plus dans le registre" in accepted.told().state
    accepted.receive(
        answer(collectivite=HERE, later=9, domaine="Culture"), answer(response="r2", collectivite=HERE, **OTHER)
    )
    accepted.accept("DEM-00002")
    accepted.receive()
    assert accepted.told("DEM-00002").state == "Acceptée : ACT-00002."
    assert "n'est plus dans le registre, ou son numéro est celui d'une autre" in accepted.told().state
    (parcel,) = tell(accepted.at, accepted.at.read(AS_OF), dry_run=True).parcels
    assert accepted.rows(REQUESTS)[1]["reponse"] in parcel.key


def test_a_row_that_is_none_is_announced_to_nobody(office: Office) -> None:
    office.receive(answer(collectivite=HERE))
    office.type_in(REQUESTS, "DEM-00001", devenue="à voir avec le Président")
    assert tell(office.at, office.at.read(AS_OF), dry_run=True).new == 0
    assert "Cette ligne n'est plus dans le registre" in office.told().state


def test_a_decision_changed_after_the_acceptance_says_that_it_undoes_nothing(accepted: Office) -> None:
    (row,) = accepted.rows(REQUESTS)
    accepted.overwrite(row, "decision", "Refuser")
    accepted.overwrite(row, "motif", "Finalement non")
    assert accepted.receive().accepted == ()
    assert accepted.told().state.startswith("Acceptée : ACT-00002. Changer la décision ne défait rien")


def test_a_ledger_that_is_lost_says_what_to_put_back(office: Office) -> None:
    office.receive(answer(collectivite=HERE))
    (row,) = office.rows(REQUESTS)
    office.overwrite(row, "reponse", "0123456789ab")
    assert "remettre « Réponse », ou faire déposer de nouveau le fichier reçu" in office.told().state


class _Locked(MemoryBook):
    """A registry where a formula that shows nothing stands in the first action's degree of progress."""

    tab = "plan_action"

    def append(self, snapshot: Any, new: Any, *rest: Any) -> int:
        if self.tab in new:
            raise RegistryError("Une cellule à remplir contient une formule.", where="Plan d'action, ligne 2",
                                fix="Effacer cette formule.")  # fmt: skip
        return super().append(snapshot, new, *rest)


def test_one_that_cannot_be_written_is_told_and_stops_neither_the_others_nor_the_day(office: Office) -> None:
    office.receive(answer(PROGRESS, form="avancement", response="p1"), answer(collectivite=HERE),
                   answer(response="r2", collectivite=HERE, **OTHER))  # fmt: skip
    office.accept("DEM-00001", "DEM-00002", "DEM-00003")
    office.at.__dict__["book"] = _Locked(office.at.book.cells)  # type: ignore[attr-defined]
    done = office.receive()
    assert [one.became for one in done.accepted] == ["ACT-00002", "ACT-00003"]
    ((which, why),) = done.troubles
    assert which == "DEM-00001"
    assert why.endswith("Effacer cette formule.")
    assert office.receive().troubles == done.troubles


def test_answers_that_cannot_land_are_told_and_kept(office: Office) -> None:
    book = office.at.__dict__["book"] = _Locked(office.at.book.cells)  # type: ignore[attr-defined]
    book.tab = REQUESTS
    done = office.receive(answer(collectivite=HERE))
    assert (done.taken, done.landed, [which for which, _ in done.troubles]) == (1, (), ["Demandes reçues"])
    book.tab = ""
    assert office.receive().landed == ("DEM-00001",)
    assert office.rows(REQUESTS)[0]["recue_le"] == date(2026, 11, 20)


def _write_the_workbook(office: Office) -> None:
    """Shows in the rows of requests what the control has concluded, as the writing of the workbook does."""
    for row in office.rows(REQUESTS):
        office.overwrite(row, "comprise", office.told(row.id).understood)


@pytest.mark.parametrize("first", ["Sport", pytest.param("Jardinage", marks=pytest.mark.proof)])
def test_an_answer_changed_after_staff_have_read_it_is_shown_before_it_is_written(office: Office, first: str) -> None:
    office.receive(answer(collectivite=HERE, domaine=first))
    _write_the_workbook(office)
    office.accept("DEM-00001")
    done = office.receive(answer(later=9, collectivite=HERE, partenaires__nom="Société Écran"))
    assert (done.unread, done.accepted, done.is_news) == (("DEM-00001",), (), True)
    assert "DEM-00001" not in [one.id for one in office.receive().accepted]  # nobody could read it yet
    _write_the_workbook(office)
    assert (
        office.told().state
        == "Acceptée : sera inscrite au prochain passage. Réponse corrigée le 20/11/2026 : la relire."
    )
    assert [one.became for one in office.receive().accepted] == ["ACT-00002"]


def test_what_no_question_asks_cannot_pass_for_an_answer_that_was_understood(office: Office) -> None:
    office.receive(
        answer(collectivite=HERE, unknown={"Note\nPays : Espagne": "a\x00\x0b\u202e\ufffe\r\nDomaine : Santé\ud800"})
    )
    lines = office.told().understood.splitlines()
    assert lines[-1] == "Non demandé, « Note Pays : Espagne » : a Domaine : Santé"
    assert [line for line in lines if line.startswith("Domaine")] == ["Domaine : Sport"]


def test_what_is_shown_as_staff_read_it_is_accepted_at_once(office: Office) -> None:
    office.receive(answer(collectivite=HERE, intitule="Jumelage  entre\nFès et Grenade "))
    _write_the_workbook(office)
    office.accept("DEM-00001")
    assert (office.receive().unread, len(office.rows("actes"))) == ((), 2)


def test_a_corrected_address_is_shown_as_the_one_that_is_written_to(office: Office) -> None:
    office.receive(answer(collectivite=HERE))
    assert "courriels" not in office.told().state
    office.receive(answer(collectivite=HERE, later=3, demandeur__courriel="autre@ailleurs.example"))
    assert office.rows(REQUESTS)[0]["demandeur"] == "Amina Idrissi (amina@fes.example)"
    assert "Ses courriels partent à autre@ailleurs.example" in office.told().state


@pytest.mark.parametrize(("count", "held"), [pytest.param(2, 0, marks=pytest.mark.proof), (4, 4)])
def test_decisions_that_an_older_workbook_takes_back_are_not_announced(office: Office, count: int, held: int) -> None:
    office.receive(*(
        answer(response=f"r{n}", collectivite=HERE, intitule=f"Projet {n}", demandeur__courriel=f"p{n}@fes.example")
        for n in range(count)
    ))  # fmt: skip
    book: Any = office.at.book
    backup = copy.deepcopy(book.cells)
    office.type_in(REQUESTS, *(row.id for row in office.rows(REQUESTS)), decision="Refuser", motif="Déjà demandé")
    assert tell(office.at, office.at.read(AS_OF)).new == count
    assert deliver(office.at).sent == count
    book.cells = backup
    assert tell(office.at, office.at.read(AS_OF)).new == count
    waiting = office.at.store.outbox.letters(LetterState.HELD)
    assert [("remis d'une sauvegarde" in letter.hold) for letter in waiting] == [True] * held


@pytest.mark.proof
def test_hostile_texts_come_back_from_a_workbook_as_they_were_shown(tmp_path: Path) -> None:
    office = xlsx_office(tmp_path)
    odd = "=cmd|' /C calc'!A0 <b> \x00\x0b\u202e\u200f\ufffe ]]> & _x0041_ \r\n\t\u2028 قرار"
    unknown = {odd: odd, "=1": "@x", "a\ud800": "\ud800", **{f"q{n}": "z" * 400 for n in range(40)}}
    here = office.rows("collectivites")[0].id
    office.receive(
        answer(collectivite=here, demandeur__nom=odd, intitule=odd, partenaires__nom=f"+{odd}", unknown=unknown)
    )
    sync(office.at, office.at.read(AS_OF))
    office.accept("DEM-00001")
    done = office.receive()
    assert (done.unread, len(done.accepted)) == ((), 1)


@pytest.mark.proof
def test_a_day_whose_forms_could_not_be_read_says_so_to_programs_too(tmp_path: Path) -> None:
    lean_installation(tmp_path)
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    odd = tmp_path / "formulaires" / "jumelage.csv"
    odd.parent.mkdir()
    odd.write_text("rien,de connu\n1,2\n", encoding="utf-8")
    later = clock.now() + timedelta(minutes=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        done = CliRunner().invoke(
            cdi, ["run", "--json", "--config", str(tmp_path / "settings.toml"), "--as-of", f"{AS_OF}"]
        )
    assert done.exit_code == ExitCode.WORKBOOK, done.output
    assert "jumelage.csv" in json.loads(done.stdout)["forms"]["troubles"][0]["why"]


@pytest.mark.parametrize(
    ("address", "why"),
    [(None, "aucune adresse utilisable"), ("amina à fes", "aucune adresse"), ("no-reply@fes.example", "automate"), ("a@fes.example", "")],
)  # fmt: skip
def test_a_sender_that_cannot_be_told_is_shown_to_staff(office: Office, address: str | None, why: str) -> None:
    office.receive(answer(collectivite=HERE, demandeur__courriel=address))
    shown = office.told().state
    assert (why in shown) if why else ("prévenu" not in shown)
