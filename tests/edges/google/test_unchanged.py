"""While Drive tells the same version, nobody changed the registry: Sheets isn't read, and no edit is ever missed."""

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.edges import clock
from cdi_sync.edges.clock import MOROCCO
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.http import GoogleHTTP
from cdi_sync.edges.workbook_google.keeping import Kept
from cdi_sync.edges.workbook_google.opening import GRIDS
from cdi_sync.edges.workbook_google.provisioning import provision
from cdi_sync.edges.workbook_google.reading import Answers, GoogleSnapshot
from cdi_sync.slots import EachWorkedDay
from cdi_sync.tables import letters
from jobs.due import Ended, Memory, run_due
from jobs.run import RunReport, run
from jobs.schedule import SCHEDULE, Job
from tests.demos import AS_OF
from tests.google.server import serving
from tests.google.world import Google
from tests.google_demo import PERSON, ROBOT, fill, shared_spreadsheet

VERSION, SHEETS, CELLS, WRITE = (
    "drive.files.get", "sheets.spreadsheets.get", "sheets.spreadsheets.values.batchGet", "sheets.spreadsheets.batchUpdate"
)  # fmt: skip
READ = {VERSION: 1, SHEETS: 1, CELLS: 1}


@dataclass
class Here:
    """A registry with Google, up to date, whose cells aren't kept yet; and what the robot asked since last counted."""

    google: Google
    at: Installation
    counted: int = 0

    @property
    def id(self) -> str:
        return self.at.settings.registre.google

    @property
    def kept(self) -> Path:
        return self.at.folder / GRIDS

    def asked(self) -> dict[str, int]:
        new, self.counted = self.google.log[self.counted :], len(self.google.log)
        return dict(Counter(each.method for each in new if each.user == ROBOT))

    def run(self, day: date = AS_OF) -> RunReport:
        """A run as a new process would do it."""
        return run(Installation.at(self.at.folder / "settings.toml"), day)

    def read(self) -> GoogleSnapshot:
        """The registry as a new process would read it."""
        snapshot = Installation.at(self.at.folder / "settings.toml").book.read()
        assert isinstance(snapshot, GoogleSnapshot)
        return snapshot

    def type(self, tab: str, column: str, row: int, text: str) -> None:
        """A person types into a cell."""
        self.google.staff.now(PERSON).type(self.id, self.cell(tab, column, row), text)

    def cell(self, tab: str, column: str, row: int) -> str:
        declared = self.at.knowledge.tabs[tab]
        position = next(n for n, each in enumerate(declared.columns, start=1) if each.key == column)
        return f"{declared.title}!{letters(position)}{row}"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Google, Installation]]:
    google = Google(no_quota=True)
    with serving(google) as url:
        at = _lean(tmp_path_factory.mktemp("google"), google, url)
        fill(at, seed=12, size=12, as_of=AS_OF)
        run(at, AS_OF)
        yield google, at
    assert google.violations == []


def _lean(folder: Path, google: Google, url: str) -> Installation:
    """An empty registry without looks nor rows in reserve, which take long to make and to write."""
    book = shared_spreadsheet(google)
    (folder / "robot.json").write_text(json.dumps(google.tokens.new_service_account(ROBOT, url)), encoding="utf-8")
    (folder / "settings.toml").write_text(
        f'[registre]\ngoogle = "{book}"\nlignes_en_reserve = 0\n'
        f'[google]\ncle = "robot.json"\nsheets = "{url}"\ndrive = "{url}"\n',
        encoding="utf-8",
    )
    at = Installation.at(folder / "settings.toml")
    assert isinstance(at.book, GoogleWorkbook)
    provision(at.book.http, book, list(at.knowledge.tabs.values()), spare_rows=20)
    return at


@pytest.fixture
def here(original: tuple[Google, Installation], tmp_path: Path) -> Iterator[Here]:
    google, at = original
    before = at.settings.registre.google
    book = google.act(PERSON, "POST", f"/drive/v3/files/{before}/copy")["id"]
    robot = {"type": "user", "role": "writer", "emailAddress": ROBOT}
    google.act(PERSON, "POST", f"/drive/v3/files/{book}/permissions", robot)
    yield Here(google, _elsewhere(at, tmp_path / "copie", book=book), len(google.log))
    google.faults.clear()
    google.staff.leave()


def _elsewhere(at: Installation, folder: Path, *, book: str = "") -> Installation:
    """A second installation, by a copy of its folder; of another spreadsheet if one is given."""
    shutil.copytree(at.folder, folder)
    settings = folder / "settings.toml"
    told = settings.read_text("utf-8")
    settings.write_text(told.replace(at.settings.registre.google, book or at.settings.registre.google), "utf-8")
    return Installation.at(settings)


# ---------------------------------------------------------------------------------------------------- requests


def test_a_run_takes_at_most_three_reads_and_two_writes_and_one_request_when_nothing_changed(here: Here) -> None:
    here.type("actes", "intitule", 2, "Un autre intitulé")
    here.type("actes", "id", 4, "")  # a number to be written by the robot
    assert here.run().sync.cells > 0
    first = here.asked()
    assert first.pop(VERSION) == 1
    assert first.pop(SHEETS) + first.pop(CELLS) <= 3
    assert first.pop(WRITE) <= 2
    assert not first
    here.read()  # our own write changed the version, and nobody knows what came with it
    assert here.asked() == READ
    assert here.run().sync.cells == 0
    assert here.asked() == {VERSION: 1}
    tomorrow = AS_OF + timedelta(days=1)
    assert here.run(tomorrow).sync.cells > 0
    assert here.asked() == {VERSION: 1, WRITE: 1}, "a new day is assessed without reading Sheets"
    shown = here.google.act(PERSON, "GET", f"/v4/spreadsheets/{here.id}/values/Journal")
    assert f"{tomorrow:%d/%m/%Y}" in str(shown)


def test_a_new_day_that_numbers_a_row_reads_its_tab_again_before_writing(here: Here) -> None:
    here.type("actes", "id", 4, "")
    here.read()  # kept, and nothing written
    here.asked()
    here.run()
    assert here.asked() == {VERSION: 1, CELLS: 1, WRITE: 1}
    told = here.google.act(PERSON, "GET", f"/v4/spreadsheets/{here.id}/values/{here.cell('actes', 'id', 4)}")
    assert told["values"][0][0].startswith("ACT-")


def test_the_kept_cells_are_those_of_sheets_to_the_last(here: Here) -> None:
    fresh = here.read()
    here.asked()
    assert here.read() == fresh
    assert here.asked() == {VERSION: 1}


# -------------------------------------------------------------------------------------------------- nothing missed


SHOWN = ("before", SHEETS), ("after", CELLS)  # the others are in `make proof`


def test_an_edit_is_seen_by_the_next_reading(here: Here) -> None:
    here.read()
    here.type("actes", "intitule", 2, "Un titre tout neuf")
    here.asked()
    assert "Un titre tout neuf" in str(here.read().grids["Actes"])
    assert here.asked() == READ


@pytest.mark.parametrize(("when", "method"), [
    pytest.param(when, method, marks=() if (when, method) in SHOWN else pytest.mark.proof)
    for when in ("before", "after") for method in (VERSION, SHEETS, CELLS)
])  # fmt: skip
def test_an_edit_during_a_reading_is_seen_then_or_by_the_next(here: Here, method: str, when: Any) -> None:
    def act(who: Any) -> None:
        who.type(here.id, here.cell("actes", "intitule", 2), "Tapé entre deux demandes")

    here.google.staff.then(act, user=PERSON, **{when: method})
    here.read()
    assert "Tapé entre deux demandes" in str(here.read().grids["Actes"])
    here.asked()
    assert "Tapé entre deux demandes" in str(here.read().grids["Actes"])
    assert here.asked() == {VERSION: 1}


def test_what_was_kept_is_dropped_before_a_write_even_one_whose_answer_is_lost(here: Here) -> None:
    here.type("actes", "id", 4, "")
    here.read()
    assert here.kept.exists()
    here.google.faults.add("dropped", WRITE, after=True)
    here.run()
    assert not here.kept.exists()
    assert here.run().sync.cells == 0


@pytest.mark.proof
def test_rows_that_drive_has_not_told_of_yet_are_not_written_over(here: Here) -> None:
    """Drive may be late: the cells kept are then old, which the reading before the write shows."""
    here.type("actes", "id", 4, "")
    here.read()
    file = here.google.drive.files[here.id]
    late = file.version
    here.google.staff.now(PERSON).insert_rows(here.id, "Actes", 2)
    file.version = late
    done = here.run()
    assert "Quelqu'un écrivait" in done.busy
    assert not here.kept.exists()
    here.run()
    rows = here.google.act(PERSON, "GET", f"/v4/spreadsheets/{here.id}/values/Actes!A2:A12")["values"]
    numbers = [row[0] for row in rows if row]
    assert len(numbers) == len(set(numbers))
    assert here.run().sync.cells == 0


def test_two_installations_of_one_spreadsheet_see_what_the_other_wrote(here: Here, tmp_path: Path) -> None:
    other = Here(here.google, _elsewhere(here.at, tmp_path / "autre"))
    other.read()
    here.type("actes", "id", 4, "")
    here.run()
    here.asked()
    assert str(other.read().grids["Actes"].rows[3][0]).startswith("ACT-")
    assert here.asked() == READ
    assert other.run().sync.cells == 0
    assert here.asked() == {VERSION: 1}


# -------------------------------------------------------------------------------------------- what can't be believed

ANSWERS = Answers({"properties": {"title": "Registre"}}, {"Actes": [["Numéro", 1, 2.5, True, "é"], []]})


def _kept(folder: Path, spreadsheet: str = "classeur", *, days: float = 7, at: float = 1e9) -> Kept:
    return Kept(folder / "grilles.json.gz", spreadsheet, days, now=lambda: at)


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flipped(data: bytes) -> bytes:
    return data[:-6] + bytes([data[-6] ^ 1]) + data[-5:]


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "cut short": _cut,
    "a bit changed": _flipped,
    "empty": lambda _: b"",
    "something else": lambda _: b"PK\x03\x04 an archive",
    "not JSON": lambda _: gzip.compress(b"{"),
    "no text": lambda _: gzip.compress(b"\xff\xfe"),
    "another form": lambda _: gzip.compress(b"[1, 2]"),
    "nested without end": lambda _: gzip.compress(b"[" * 100_000),
    "of another form of ours": lambda data: gzip.compress(json.dumps(_with(data, format=0)).encode()),
    "answers to other questions": lambda data: gzip.compress(json.dumps(_with(data, asked=["title"])).encode()),
}


def _with(data: bytes, **signs: object) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(gzip.decompress(data))
    return {**held, "of": {**held["of"], **signs}}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_file_that_cannot_be_believed_is_as_none(tmp_path: Path, how: str) -> None:
    kept = _kept(tmp_path)
    kept.keep("7", ANSWERS)
    assert kept.of("7") == ANSWERS
    kept.path.write_bytes(DAMAGED[how](kept.path.read_bytes()))
    assert kept.of("7") is None
    kept.keep("7", ANSWERS)
    assert kept.of("7") == ANSWERS


def test_answers_stand_for_their_spreadsheet_and_version_only(tmp_path: Path) -> None:
    _kept(tmp_path).keep("7", ANSWERS)
    assert _kept(tmp_path).of("8") is None
    assert _kept(tmp_path).of("6") is None
    assert _kept(tmp_path, "un autre").of("7") is None


def test_answers_are_believed_for_some_days_and_never_from_the_future(tmp_path: Path) -> None:
    day = 86_400
    _kept(tmp_path).keep("7", ANSWERS)
    assert _kept(tmp_path, at=1e9 + 7 * day - 1).of("7") == ANSWERS
    assert _kept(tmp_path, at=1e9 + 7 * day).of("7") is None
    assert _kept(tmp_path, at=1e9 - 1).of("7") is None


def test_what_people_typed_is_kept_for_the_owner_of_the_folder_alone(tmp_path: Path) -> None:
    kept = _kept(tmp_path)
    kept.path.write_bytes(b"")
    kept.path.chmod(0o644)
    kept.keep("7", ANSWERS)
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [kept.path.name]


def test_a_folder_in_which_nothing_can_be_kept_stops_nobody(tmp_path: Path) -> None:
    kept = _kept(tmp_path / "absent")
    kept.keep("7", ANSWERS)
    kept.forget()
    assert kept.of("7") is None
    (tmp_path / "grilles.json.gz").mkdir()
    taken = _kept(tmp_path)
    taken.keep("7", ANSWERS)
    taken.forget()
    assert taken.of("7") is None


def test_a_damaged_file_costs_one_reading(here: Here) -> None:
    here.read()
    here.kept.write_bytes(_cut(here.kept.read_bytes()))
    here.asked()
    here.read()
    assert here.asked() == READ


def test_the_settings_may_have_the_registry_read_each_time(here: Here) -> None:
    settings = here.at.folder / "settings.toml"
    settings.write_text(settings.read_text("utf-8").replace("[google]", "[google]\nrelire_apres = 0"), "utf-8")
    here.read()
    assert here.asked() == {SHEETS: 1, CELLS: 1}
    assert not here.kept.exists()


# ----------------------------------------------------------------------------------------- when Drive doesn't tell


@pytest.mark.parametrize("fault", [403, pytest.param(404, marks=pytest.mark.proof)])
def test_a_drive_that_refuses_costs_a_reading_and_nothing_else(here: Here, fault: Any) -> None:
    here.read()
    here.google.faults.add(fault, VERSION, times=None)
    here.asked()
    assert "Actes" in here.read().grids
    assert here.asked() == READ
    here.google.faults.clear()
    here.read()
    assert here.asked() == {VERSION: 1}, "what was kept before still stands"


def _unhurried(here: Here) -> tuple[GoogleWorkbook, list[float]]:
    """The workbook, and the waits that it would have had."""
    book, waits = here.at.book, list[float]()
    assert isinstance(book, GoogleWorkbook)
    assert isinstance(book.http, GoogleHTTP)
    book.http._sleep, book.http._random = waits.append, lambda: 1.0
    return book, waits


def test_a_drive_that_is_down_is_not_waited_for_long(here: Here) -> None:
    book, waits = _unhurried(here)
    here.google.faults.add(503, VERSION, times=None)
    assert "Actes" in book.read().grids
    asked = here.asked()
    assert (asked[SHEETS], asked[CELLS]) == (1, 1)
    assert 2 <= asked[VERSION] <= 6
    assert sum(waits) <= 30
    assert not here.kept.exists(), "nobody knows of which version these cells are"


@pytest.mark.proof
def test_a_connection_lost_once_is_tried_again(here: Here) -> None:
    here.read()
    book, _ = _unhurried(here)
    here.google.faults.add("dropped", VERSION)
    here.asked()
    book.read()
    assert here.asked() == {VERSION: 2}


# ------------------------------------------------------------------------------------------------- the scheduled service


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOROCCO)


def _served(here: Here, now: str, memory: Memory, *hours: int) -> list[tuple[str, Ended]]:
    """A tick of the service, whose only job is at those hours and asks nothing of Google."""
    job = Job("essai", EachWorkedDay(tuple(time(hour) for hour in hours)), lambda *_: "fait", "travail d'essai")
    return [(done.slot, done.ended) for done in run_due(here.at, _at(now), jobs=[job], memory=memory)]


def test_a_tick_asks_google_only_when_some_job_has_a_new_slot(here: Here) -> None:
    memory = Memory()
    assert _served(here, "2026-11-23 08:00", memory, 8, 12) == [("2026-11-23T08:00", Ended.DONE)]
    assert here.asked() == READ
    for now in ("2026-11-23 08:01", "2026-11-23 11:59"):
        assert _served(here, now, memory, 8, 12) == []
        assert here.asked() == {}
    assert _served(here, "2026-11-23 12:00", memory, 8, 12) == [("2026-11-23T12:00", Ended.DONE)]
    assert here.asked() == {VERSION: 1}
    for now in ("2026-11-23 12:01", "2026-11-24 00:00", "2026-11-24 07:59"):
        assert _served(here, now, memory, 8, 12) == []
        assert here.asked() == {}


def test_a_day_closed_in_the_registry_just_before_its_slot_has_none(here: Here) -> None:
    memory = Memory()
    _served(here, "2026-11-23 08:00", memory, 8)
    for column, text in (
        ("date", "24/11/2026"),
        ("libelle", "Fermé"),
        ("nature", "Exceptionnelle"),
        ("statut", "Confirmé"),
    ):
        here.type("jours_feries", column, 2, text)
    here.asked()
    assert _served(here, "2026-11-24 08:00", memory, 8) == []
    assert here.asked() == READ
    assert _served(here, "2026-11-24 08:01", memory, 8) == []
    assert here.asked() == {}
    assert _served(here, "2026-11-25 08:00", memory, 8) == [("2026-11-25T08:00", Ended.DONE)]


def test_a_day_opened_again_has_its_next_slot(here: Here) -> None:
    memory = Memory()
    for column, text in (
        ("date", "24/11/2026"),
        ("libelle", "Fermé"),
        ("nature", "Exceptionnelle"),
        ("statut", "Confirmé"),
    ):
        here.type("jours_feries", column, 2, text)
    _served(here, "2026-11-23 12:00", memory, 8, 12)
    assert _served(here, "2026-11-24 08:00", memory, 8, 12) == []
    for column in ("date", "libelle", "nature", "statut"):
        here.type("jours_feries", column, 2, "")
    assert _served(here, "2026-11-24 12:00", memory, 8, 12) == [("2026-11-24T12:00", Ended.DONE)]


def test_while_google_is_out_of_reach_it_is_asked_every_five_minutes(here: Here) -> None:
    here.google.faults.add(404, "sheets.*", times=None)
    memory = Memory()
    _served(here, "2026-11-23 08:00", memory, 8)
    here.asked()
    for now in ("2026-11-23 08:01", "2026-11-23 08:04"):
        _served(here, now, memory, 8)
        assert here.asked() == {}
    here.google.faults.clear()
    _served(here, "2026-11-23 08:05", memory, 8)
    assert here.asked() == READ


@pytest.mark.proof
def test_a_day_of_the_service_reads_the_cells_once_after_it_wrote(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    here.run()
    here.asked()
    for now in ("2026-11-24 07:00", "2026-11-24 08:30", "2026-11-24 12:30", "2026-11-24 18:00"):
        monkeypatch.setattr(clock, "now", lambda now=now: _at(now))
        assert {done.ended for done in run_due(here.at, _at(now), jobs=SCHEDULE, memory=memory)} == {Ended.DONE}
    asked = here.asked()
    assert (asked[SHEETS], asked[CELLS], asked[WRITE]) == (1, 1, 1)
