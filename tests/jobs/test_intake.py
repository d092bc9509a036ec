"""From an answer to a numbered row: no case lost, none doubled, wherever the work stops, and staff's cells left alone."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cdi_sync.cli import cdi
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.submissions import Submissions
from cdi_sync.errors import CdiError
from cdi_sync.forms.submission import Submission
from cdi_sync.publish import plan
from jobs.intake import IntakeReport, intake
from jobs.remind import RemindReport
from jobs.report import ReportReport
from jobs.run import run
from jobs.schedule import SCHEDULE
from jobs.sync import SyncReport, sync
from tests.demos import AS_OF
from tests.forms.answers import PROGRESS, answer
from tests.forms.office import HERE, Office, memory_office, xlsx_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return memory_office(tmp_path / "ici")


# ---------------------------------------------------------------------------------------------- the whole way


def test_an_answer_lands_is_accepted_and_becomes_a_numbered_row(office: Office) -> None:
    before = len(office.rows("actes"))
    landed = office.receive(answer(collectivite=HERE))
    assert (landed.taken, landed.landed, landed.accepted) == (1, ("DEM-00001",), ())
    (request,) = office.rows("demandes")
    assert request["recue_le"] == date(2026, 11, 20)
    assert request["demandeur"] == "Amina Idrissi (amina@fes.example)"
    assert office.told().state == "À décider."
    assert "Domaine : Sport" in office.told().understood

    office.accept("DEM-00001")
    assert office.told().state == "Acceptée : sera inscrite au prochain passage."
    done = office.receive()
    (became,) = [one.became for one in done.accepted]
    (act,) = [row for row in office.rows("actes") if row.id == became]
    assert len(office.rows("actes")) == before + 1
    assert (act["forme"], act["domaine"], act["collectivite"]) == ("JUMELAGE", "SPORT", HERE)
    assert office.told().state == f"Acceptée : {became}."
    assert office.receive() == IntakeReport()  # nothing more, ever


def test_its_row_shows_what_is_understood_and_the_checklist_is_not_doubled(office: Office) -> None:
    office.receive(answer(collectivite=HERE))
    office.accept("DEM-00001")
    became = office.receive().accepted[0].became
    seen = office.at.read(AS_OF).assessment
    shown = [cell.value for cell in plan(seen, office.at.knowledge, spare_rows=0).cells["demandes"].values()]
    assert f"Acceptée : {became}." in shown
    assert any("Collectivité : COL-00001 Fès" in str(text) and "Nom : Ville de Grenade" in str(text) for text in shown)
    lines = [row for row in seen.registry["pieces_clauses"] if row["id_acte"] == became]
    assert len(lines) > 5
    assert [row["contenu"] for row in lines if row["piece"] == "POURQUOI"] == ["Une histoire commune"]


@pytest.mark.proof
def test_in_a_workbook_it_is_the_same_and_a_second_run_writes_nothing(tmp_path: Path) -> None:
    office = xlsx_office(tmp_path)
    here = office.rows("collectivites")[0].id
    office.receive(answer(collectivite=here))
    office.accept("DEM-00001")
    became = office.receive().accepted[0].became
    sync(office.at, office.at.read(AS_OF))
    lines = [row for row in office.rows("pieces_clauses") if row["id_acte"] == became]
    assert len(lines) > 5
    assert [row["contenu"] for row in lines if row["piece"] == "POURQUOI"] == ["Une histoire commune"]
    grid = office.at.book.read().grids["Demandes reçues"].rows
    at = {title: grid[0].index(title) for title in ("Ce qui a été compris", "État de la demande")}
    assert "Ville de Grenade" in str(grid[1][at["Ce qui a été compris"]])
    assert grid[1][at["État de la demande"]] == f"Acceptée : {became}."
    assert sync(office.at, office.at.read(AS_OF)).cells == 0  # nothing new, nothing written


def test_a_malformed_answer_says_what_to_correct_and_waits_for_it(office: Office) -> None:
    office.receive(answer(collectivite="Nulle part", domaine="Jardinage"))
    office.accept("DEM-00001")
    assert office.receive().accepted == ()
    told = office.told()
    assert "« Domaine » ne peut pas être lu" in told.to_complete
    assert "ne désigne aucune ligne" in told.to_complete
    assert told.state.endswith("La décision d'accepter comptera quand la réponse sera corrigée.")
    done = office.receive(answer(later=5, collectivite=HERE))
    assert (done.taken, done.landed, len(done.accepted)) == (1, (), 1)


def test_an_answer_edited_after_acceptance_is_told_and_changes_nothing(office: Office) -> None:
    office.receive(answer(collectivite=HERE))
    office.accept("DEM-00001")
    office.receive()
    before = office.rows("actes")
    done = office.receive(answer(later=9, collectivite=HERE, domaine="Culture"))
    assert (done.taken, done.cells) == (1, 0)
    assert office.rows("actes") == before
    assert "Réponse modifiée depuis l'acceptation (20/11/2026)" in office.told().state
    assert "« Domaine » : Culture" in office.told().state
    assert "Intitulé" not in office.told().state


@pytest.mark.parametrize(
    ("decision", "state", "without"),
    [("Refuser", "Refusée.", "À décider. Remplir « Motif »"), ("Attendre le demandeur", "En attente du demandeur.", "À décider. Remplir")],
)  # fmt: skip
def test_refused_or_waiting_needs_a_reason_and_nothing_is_written(
    office: Office, decision: str, state: str, without: str
) -> None:
    office.receive(answer(collectivite=HERE))
    office.type_in("demandes", "DEM-00001", decision=decision)
    assert office.told().state.startswith(without)
    office.type_in("demandes", "DEM-00001", motif="Déjà demandé")
    assert office.told().state == state
    assert office.receive() == IntakeReport()


def test_what_staff_filled_is_told_until_they_have_typed_it(office: Office) -> None:
    office.type_in("plan_action", "ACN-00001", avancement_pct=30)
    (action,) = office.rows("plan_action")
    office.receive(answer(PROGRESS, form="avancement", id=action.id, statut=None))
    office.accept("DEM-00001")
    (one,) = office.receive().accepted
    assert one.became == action.id
    assert "→ 60" in one.by_hand[0]
    assert "À reporter à la main" in office.told().state
    office.overwrite(action, "avancement_pct", 60)
    assert office.told().state == f"Acceptée : {action.id}."
    office.receive()
    office.overwrite(action, "avancement_pct", 80)  # the action went on: nothing is left of the request
    assert office.told().state == f"Acceptée : {action.id}."


def test_of_two_requests_for_one_cell_the_last_accepted_is_left_to_staff(office: Office) -> None:
    office.type_in("plan_action", "ACN-00001", avancement_pct=30)
    office.receive(
        *(
            answer(PROGRESS, form="avancement", response=f"r{pct}", statut=None, avancement_pct=pct)
            for pct in ("60", "80")
        )
    )
    for id_ in ("DEM-00001", "DEM-00002"):
        office.accept(id_)
        office.receive()
    assert office.told("DEM-00001").state == "Acceptée : ACN-00001."
    assert "30 → 80" in office.told("DEM-00002").state


def test_a_request_that_resembles_another_says_so(office: Office) -> None:
    here = HERE
    office.receive(answer(collectivite=here), answer(collectivite=here, response="r2", intitule="Fès et Grenade"))
    assert office.told("DEM-00002").resembles.startswith("DEM-00001 Jumelage entre Fès et Grenade : même collectivité")


# --------------------------------------------------------------------------------------- what may go wrong


def test_a_copied_row_or_one_whose_answer_is_unknown_does_nothing(office: Office) -> None:
    office.receive(answer(collectivite=HERE), answer(collectivite=HERE, response="r2"))
    first, second = office.rows("demandes")
    office.overwrite(second, "reponse", first.text("reponse"))
    office.accept("DEM-00001", "DEM-00002")
    done = office.receive()
    assert [one.id for one in done.accepted] == ["DEM-00001"]
    assert done.landed == ("DEM-00003",)  # the answer that lost its row gets another
    assert office.told("DEM-00002").state == "Sans effet : la réponse est déjà celle de DEM-00001. Vider cette ligne."
    office.overwrite(second, "reponse", "inconnue")
    assert office.told("DEM-00002").state.startswith("Réponse inconnue")
    assert office.receive() == IntakeReport()


def test_a_source_that_fails_is_told_and_stops_no_other(office: Office) -> None:
    here = HERE

    def broken(_: Installation) -> Iterator[Submission]:
        yield answer(collectivite=here)
        raise CdiError("Le dossier ne s'ouvre pas.", fix="Vérifier ses droits.")

    good = [answer(collectivite=here, response="r2")]
    done = intake(office.at, AS_OF, sources={"dossier": broken, "csv": lambda _: good})
    assert (done.taken, done.landed) == (2, ("DEM-00001", "DEM-00002"))
    assert done.troubles == (("dossier", "Le dossier ne s'ouvre pas. Vérifier ses droits."),)


def test_an_open_workbook_puts_the_writing_off_and_loses_nothing(office: Office) -> None:
    book: Any = office.at.book
    book.is_open = True
    done = office.receive(answer(collectivite=HERE))
    assert (done.taken, done.landed) == (1, ())
    assert "ouvert" in done.busy
    book.is_open = False
    assert office.receive().landed == ("DEM-00001",)


def test_with_the_module_off_nothing_is_asked_nor_written(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    off = replace(office.at, settings=office.at.settings.model_copy(
        update={"registre": office.at.settings.registre.model_copy(update={"modules": ("suivi",)})}))  # fmt: skip
    asked: list[Installation] = []
    assert intake(off, AS_OF, sources={"essai": lambda at: asked.append(at) or []}) == IntakeReport()  # type: ignore[func-returns-value]  # a list's append
    assert asked == []
    (job,) = [job for job in SCHEDULE if job.name == "intake"]
    assert (job.is_wanted(off), job.is_wanted(office.at)) == (False, True)


def test_a_trial_asks_no_source_and_writes_nothing(office: Office) -> None:
    office.at.store.submissions.take(answer(), at=answer().edited)
    before = office.at.book.read()
    done = intake(office.at, AS_OF, sources={"essai": lambda _: [answer(response="r2")]}, dry_run=True)
    assert (done.taken, done.landed) == (0, ("DEM-00001",))
    assert office.at.book.read() == before


def test_the_day_s_work_begins_with_what_was_received(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.at.store.submissions.take(answer(collectivite=HERE), at=answer().edited)
    monkeypatch.setattr("jobs.run.remind", lambda *_, **__: RemindReport())
    monkeypatch.setattr("jobs.run.report", lambda *_, **__: ReportReport())
    monkeypatch.setattr("jobs.run.sync", lambda *_, **__: SyncReport())
    done = run(office.at, AS_OF)
    assert done.intake.landed == ("DEM-00001",)
    assert done.reading.assessment.requests["DEM-00001"].state == "À décider."
    assert (done.told.new, done.new) == (1, 1)  # its sender


def test_the_command_tells_what_became_of_requests(tmp_path: Path) -> None:
    office = xlsx_office(tmp_path)
    here = office.rows("collectivites")[0].id
    office.at.store.submissions.take(answer(collectivite=here), at=answer().edited)
    told = CliRunner().invoke(cdi, ["intake", "--dry-run", "--config", str(office.at.folder / "settings.toml")])
    assert told.output == "Formulaires : 1 demande(s) inscrite(s).\n"


# --------------------------------------------------------------------------------------- stopped at each step


class Stopped(BaseException):
    """The machine stops."""


@dataclass
class Machine:
    """Each effect counts twice, just before and just after; the one of rank `stop` stops everything, once."""

    stop: int
    count: int = 0
    is_on: bool = False

    def tick(self) -> None:
        if self.is_on:
            self.count += 1
            if self.count == self.stop:
                raise Stopped

    def watch(self, patch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        rightly = getattr(owner, name)

        def watched(*args: Any, **kw: Any) -> Any:
            self.tick()
            result = rightly(*args, **kw)
            self.tick()
            return result

        patch.setattr(owner, name, watched)

    def work(self, office: Office, brought: Sequence[Submission]) -> None:
        """A run, and another one when it is cut short."""
        self.is_on = True
        try:
            office.receive(*brought)
        except Stopped:
            office.receive(*brought)
        self.is_on = False  # what staff do isn't stopped


def _council(office: Office) -> str:
    return office.rows("collectivites")[0].id


def _play(office: Office, stop: int) -> int:
    """Two answers land and are accepted, the machine stopping once: how many times it could have."""
    here, before, machine = _council(office), len(office.rows("actes")), Machine(stop)
    brought = (
        answer(collectivite=here),
        answer(collectivite=here, response="r2", intitule="Avec Cordoue", partenaires__nom="Cordoue"),
    )
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((Submissions, "take"), (Submissions, "accepting"), (type(office.at.book), "append")):
            machine.watch(patch, owner, name)
        machine.work(office, brought)
        assert sorted(row.id for row in office.rows("demandes")) == ["DEM-00001", "DEM-00002"]
        office.accept("DEM-00001", "DEM-00002")
        machine.work(office, brought)
    assert len(office.rows("actes")) == before + 2
    assert {row["devenue"] for row in office.rows("demandes")} == {row.id for row in office.rows("actes")[-2:]}
    assert office.receive(*brought) == IntakeReport()
    assert all(office.told(id_).state.startswith("Acceptée : ACT-") for id_ in ("DEM-00001", "DEM-00002"))
    return machine.count


@pytest.mark.parametrize(
    "stop", [2, 5, 6, 12, 15, 16]
)  # after a first answer, around the landing, around the acceptance
def test_stopped_anywhere_and_begun_again_no_case_is_lost_nor_doubled(office: Office, stop: int) -> None:
    assert _play(office, stop) >= stop


@pytest.mark.proof
def test_stopped_at_each_step_no_case_is_lost_nor_doubled(tmp_path: Path) -> None:
    steps = _play(xlsx_office(tmp_path / "jamais"), 0)
    for stop in range(1, steps + 1):
        assert _play(xlsx_office(tmp_path / str(stop)), stop) >= stop
    print(f"{steps} arrêts")


# --------------------------------------------------------------------------------------- a thousand answers


HOSTILE = ('=HYPERLINK("http://x.example","x")', "<script>alert(1)</script>", "{{ 7*7 }}{% raw %}", "x" * 50_000,
           "\u202egro.elpmaxe\u202c", "@SUM(A1)", "_x0041_", "\ud800\uffff\x00\x0b", "' OR 1=1 --", "néant")  # fmt: skip
MALFORMED: Sequence[Mapping[str, Any]] = (
    {"domaine": "Jardinage"}, {"duree_mois": "beaucoup"}, {"date_signature": "03/04/2027"}, {"collectivite": "Nulle part"},
    {"demandeur__courriel": "a@b@c"}, {"partenaires__nom": None}, {"partenaires__pays": "Atlantide"}, {"objet": "Hors sujet"},
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """What one person sent. versions: of one answer, the last one counts; is_faulty: whether that one must be corrected."""

    versions: Sequence[Submission]
    is_faulty: bool


def _sent(rng: random.Random, count: int, here: str) -> list[Sent]:
    """A third edited, a third malformed in the end, a third with hostile texts; these overlap at random."""
    found = []
    for number in range(count):
        values: dict[str, Any] = {
            "collectivite": here,
            "partenaires__nom": f"Ville {number:04d}",
            "intitule": f"Acte {number}",
        }
        if rng.random() < 1 / 3:
            values[rng.choice(["intitule", "pieces_clauses__contenu:POURQUOI"])] = rng.choice(HOSTILE)
        versions = []
        if rng.random() < 1 / 3:
            versions.append(answer(response=f"r{number}", **{**values, **rng.choice(MALFORMED)}))
        last = {**values, **(rng.choice(MALFORMED) if rng.random() < 1 / 3 else {})}
        versions.append(answer(response=f"r{number}", later=len(versions), **last))
        is_faulty = last != values or any(isinstance(v, str) and len(v) > 40_000 for v in last.values())
        found.append(Sent(versions, is_faulty))
    return found


def _flood(office: Office, seed: int, count: int) -> tuple[int, int]:
    """Answers come edited, doubled, out of order and in several goes; all are accepted: how many became rows, how many wait."""
    rng = random.Random(seed)
    sent, before = _sent(rng, count, _council(office)), {row.id for row in office.rows("actes")}
    arrivals = [version for one in sent for version in one.versions for _ in range(rng.choice([1, 1, 2]))]
    rng.shuffle(arrivals)
    for part in range(3):
        office.receive(*arrivals[part::3])
    requests = {row.text("reponse"): row for row in office.rows("demandes")}
    assert len(office.rows("demandes")) == len(requests) == count
    assert set(requests) == {one.versions[-1].key for one in sent}
    office.accept(*(row.id for row in office.rows("demandes")))
    office.receive()
    told = office.at.read(AS_OF).assessment.requests
    became = {row.text("reponse"): row.text("devenue") for row in office.rows("demandes")}
    new = {row.id for row in office.rows("actes")} - before
    for one in sent:
        key = one.versions[-1].key
        assert bool(became[key]) is not one.is_faulty, one
        assert bool(told[requests[key].id].to_complete) is one.is_faulty, one
    given = [id_ for id_ in became.values() if id_]
    assert len(given) == len(set(given)) and set(given) == new
    assert office.receive(*arrivals) == IntakeReport()
    return len(new), sum(one.is_faulty for one in sent)


def test_forty_answers_edited_doubled_malformed_or_hostile(office: Office) -> None:
    new, waiting = _flood(office, seed=9, count=40)
    assert (new + waiting, waiting > 5) == (40, True)


@pytest.mark.proof
def test_a_thousand_answers_edited_doubled_malformed_or_hostile(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"graine {seed}")
    new, waiting = _flood(xlsx_office(tmp_path / "ici"), seed, 1000)
    print(f"1000 réponses : {new} lignes, {waiting} à corriger, aucune perdue, aucune doublée")
    assert new + waiting == 1000
