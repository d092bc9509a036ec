"""One registry a council, each in a spreadsheet of its own and with an installation of its own, against the emulator.

A first registry is made ready and filled; the others are copies in which a person typed the council's own name, code and
agreements, the second of which has no number yet. Time is the emulator's: waiting moves it, and so does each request.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from cdi_sync.edges import setup
from cdi_sync.edges.installation import Common, Installation
from cdi_sync.edges.workbook_google.opening import PACE, Line
from cdi_sync.reference.councils import Council, councils
from cdi_sync.shown import quoted
from cdi_sync.tables import letters
from jobs.run import run
from tests.demos import AS_OF
from tests.google.clock import Clock
from tests.google.server import answering
from tests.google.wire import Request, Response
from tests.google.world import Google
from tests.google_demo import PERSON, ROBOT, fill, shared_spreadsheet

START = datetime(2026, 11, 23, 5, 0, 20, tzinfo=UTC)
LATENCY = 0.3  # seconds that each request takes


@dataclass(frozen=True)
class Member:
    """A council, its spreadsheet, and the titles of its agreements, by row from 2. name: its installation's sub-folder."""

    council: Council
    spreadsheet: str
    titles: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.council.code


@dataclass
class Country:
    """Registries of many councils. folder: that of the installations."""

    google: Google
    url: str
    folder: Path
    pace: int
    members: list[Member] = field(default_factory=list)

    def now(self) -> float:
        return self.google.clock.now().timestamp()

    def common(self) -> Common:
        """What a run over all shares, its waits being the emulator's time."""
        return Common(Line(self.folder / PACE, epoch=self.now, now=self.now, sleep=self.google.clock.advance))

    def minutes(self) -> float:
        """Minutes gone by, of the emulator's time."""
        return (self.google.clock.now() - START).total_seconds() / 60

    def values(self, member: Member, area: str) -> list[list[str]]:
        """What people see in that area."""
        path = f"/v4/spreadsheets/{member.spreadsheet}/values/{area}"
        found: list[list[str]] = self.google.act(PERSON, "GET", path).get("values", [])
        return found


@contextmanager
def country(folder: Path, size: int, *, pace: int = 50) -> Iterator[Country]:
    """So many councils, the first of the HCP's list. Google's quotas are on; google-auth lives in the same time.

    pace: reads, and writes, that the installations allow themselves a minute.
    """
    google = Google(clock=Clock(START), no_quota=True)

    def utcnow() -> datetime:
        return google.clock.now().replace(tzinfo=None)

    with answering(_slow(google)) as url, patch("google.auth._helpers.utcnow", utcnow):
        made = Country(google, url, folder / "registres", pace)
        made.folder.mkdir(parents=True)
        (folder / "robot.json").write_text(json.dumps(google.tokens.new_service_account(ROBOT, url)), encoding="utf-8")
        first = _first(made, folder / "modele")
        for number, council in enumerate(islice(councils().values(), size)):
            made.members.append(_copied(made, first, council, number))
        google.quotas.unlimited = False
        google.log.clear()
        yield made


def _slow(google: Google) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        google.clock.advance(LATENCY)
        return google.handle(request)

    return answer


def _first(made: Country, folder: Path) -> Installation:
    """The registry that the others are copies of: made ready, filled, worked on once (the help tab is long to write)."""
    spreadsheet = shared_spreadsheet(made.google)
    _settle(made, folder, spreadsheet, pace=300)  # before quotas are on: its waits would be real
    setup.create_google(folder, spreadsheet, None)
    at = Installation.at(folder / "settings.toml")
    fill(at, seed=12, size=1, as_of=AS_OF)
    run(at, AS_OF)
    return at


def _settle(made: Country, folder: Path, spreadsheet: str, *, pace: int) -> None:
    folder.mkdir()
    (folder / "settings.toml").write_text(
        f'[registre]\ngoogle = "{spreadsheet}"\nlignes_en_reserve = 0\n'
        f'[google]\ncle = "{made.folder.parent / "robot.json"}"\nsheets = "{made.url}"\ndrive = "{made.url}"\n'
        f"lectures_par_minute = {pace}\necritures_par_minute = {pace}\n",
        encoding="utf-8",
    )


def _copied(made: Country, first: Installation, council: Council, number: int) -> Member:
    act = made.google.act
    source = first.settings.registre.google
    copy = act(PERSON, "POST", f"/drive/v3/files/{source}/copy", {"name": f"Registre de {council.name}"})["id"]
    share = {"type": "user", "role": "writer", "emailAddress": ROBOT}
    act(PERSON, "POST", f"/drive/v3/files/{copy}/permissions", share)
    titles = tuple(f"Convention {n} de {council.name} ({council.code})" for n in range(1, 2 + number % 2))
    cells = {
        ("collectivites", "nom_fr", 2): council.name,
        ("collectivites", "code_hcp", 2): council.code,
        **{("actes", "intitule", row): title for row, title in enumerate(titles, start=2)},
        **{("actes", key, 3): value for key, value in _SECOND.items() if len(titles) > 1},
    }
    data = [{"range": _place(first, *at), "values": [[value]]} for at, value in cells.items()]
    body = {"valueInputOption": "RAW", "data": data}
    act(PERSON, "POST", f"/v4/spreadsheets/{copy}/values:batchUpdate", body)
    _settle(made, made.folder / council.code, copy, pace=made.pace)
    return Member(council, copy, titles)


_SECOND = {"forme": "Convention", "collectivite": "COL-00001", "partenaire": "PAR-00001"}


def _place(at: Installation, tab: str, key: str, row: int) -> str:
    keys = [column.key for column in at.knowledge.tabs[tab].columns]
    return f"{quoted(at.knowledge.tabs[tab].title)}!{letters(keys.index(key) + 1)}{row}"
