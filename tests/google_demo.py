"""`make google-demo`: the demonstration on a Google spreadsheet, through gspread and google-auth, against the emulator.

A secretariat makes an empty spreadsheet and shares it with the robot; the robot makes the registry of it, fills it with
the demonstration's rows, and does the work of a day three times, then that of the next day. Prints what each step asked
of Google.
"""

import json
import os
import shutil
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from cdi_sync.edges import setup
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.moving import filling
from cdi_sync.edges.workbook_xlsx.reading import read_bytes
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from jobs.run import run
from tests.demos import AS_OF, demo_registry
from tests.google.server import serving
from tests.google.world import Google

PERSON, ROBOT = "secretariat@commune.example", "cdi-robot@essai.iam.gserviceaccount.com"


def shared_spreadsheet(google: Google) -> str:
    """An empty spreadsheet that a person made and shared with the robot: its identifier."""
    made = google.act(PERSON, "POST", "/v4/spreadsheets", {"properties": {"title": "Registre CDI"}})
    wanted = {"type": "user", "role": "writer", "emailAddress": ROBOT}
    google.act(PERSON, "POST", f"/drive/v3/files/{made['spreadsheetId']}/permissions", wanted)
    return str(made["spreadsheetId"])


def installed(folder: Path, google: Google, url: str) -> Installation:
    """An installation whose registry is a new spreadsheet of that emulator, made ready and still empty."""
    spreadsheet = shared_spreadsheet(google)
    folder.mkdir(parents=True)
    (folder / "robot.json").write_text(json.dumps(google.tokens.new_service_account(ROBOT, url)), encoding="utf-8")
    (folder / "settings.toml").write_text(
        f'[registre]\ngoogle = "{spreadsheet}"\n'
        # the emulator may take minutes over a large write, on a busy machine
        f'[google]\ncle = "robot.json"\nsheets = "{url}"\ndrive = "{url}"\ndelai = 600\n',
        encoding="utf-8",
    )
    setup.create_google(folder, spreadsheet, None)
    return Installation.at(folder / "settings.toml")


def fill(at: Installation, *, seed: int, size: int, as_of: date) -> None:
    """Types the rows of a demonstration into an empty registry."""
    tabs = list(at.knowledge.tabs.values())
    hints = setup.hints_of(at.declarations)
    rows = demo_registry(seed, size, as_of).rows
    grids = read_bytes(build_workbook(tabs, rows, spare_rows=0, hints=hints), "démonstration").grids
    book = at.book
    assert isinstance(book, GoogleWorkbook)
    book.http.batch_update(book.spreadsheet, {"requests": list(filling(book.read(), grids, tabs))})


def main() -> int:
    """folder: build/google-demo. SIZE and SEED of the environment as for `make demo`."""
    folder, size, seed = Path("build/google-demo"), int(os.environ.get("SIZE", "703")), int(os.environ.get("SEED", "1"))
    shutil.rmtree(folder, ignore_errors=True)
    google = Google()
    with serving(google) as url:
        at = installed(folder, google, url)
        _tell("Mise en place du registre", google)
        fill(at, seed=seed, size=size, as_of=AS_OF)
        _tell("Lignes de la démonstration", google)
        for which, day in (
            ("Travail du jour", AS_OF), ("Travail du jour, une seconde fois", AS_OF),
            ("Travail du jour, une troisième fois", AS_OF), ("Travail du lendemain", AS_OF + timedelta(days=1)),
        ):  # fmt: skip
            done = run(Installation.at(folder / "settings.toml"), day)
            findings = len(done.reading.assessment.findings)
            told = f"{findings} constats, {done.sync.cells} cellules mises à jour, {done.new} courriels"
            _tell(f"{which} : {told} {done.busy}".rstrip(), google)
    return 0


_seen = 0


def _tell(what: str, google: Google) -> None:
    global _seen  # a script: what was told already
    asked = Counter(each.method for each in google.log[_seen:] if each.user == ROBOT)
    _seen = len(google.log)
    print(what)
    for method, times in asked.items():
        print(f"    {times} x {method}")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
