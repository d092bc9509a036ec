"""Requests by form in a shared spreadsheet: landed and accepted as in a local workbook, while others type in it."""

from pathlib import Path

import gspread
import pytest

from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.provisioning import provision
from jobs.intake import IntakeReport
from tests.forms.answers import PROGRESS, answer
from tests.forms.office import Office, memory_office
from tests.registries import DECLARED


@pytest.fixture
def office(client: gspread.Client, tmp_path: Path) -> Office:
    """A registry of one council and one action, at Google."""
    at = memory_office(tmp_path).at
    spreadsheet = client.create("Registre")
    provision(client.http_client, spreadsheet.id, list(DECLARED.tabs.values()), spare_rows=2)
    for tab, cells in (
        ("collectivites", {"nom_fr": "Fès", "niveau": "Commune"}),
        ("plan_action", {"quoi_activite": "Former dix agents", "avancement_pct": 30}),
    ):
        columns = [column.key for column in DECLARED.tabs[tab].columns]
        for key, value in cells.items():
            spreadsheet.worksheet(DECLARED.tabs[tab].title).update_cell(2, 1 + columns.index(key), value)
    at.__dict__["book"] = GoogleWorkbook(client.http_client, spreadsheet.id, DECLARED.tabs)
    return Office(at)


FORMULA = '=HYPERLINK("http://x.example")'


def test_requests_land_and_become_rows_once_and_a_formula_stays_a_text(office: Office) -> None:
    brought = answer(intitule=FORMULA), answer(PROGRESS, form="avancement", response="r2")
    assert office.receive(*brought).landed == ("DEM-00001", "DEM-00002")
    office.accept("DEM-00001", "DEM-00002")
    done = office.receive()
    assert [(one.id, one.became) for one in done.accepted] == [("DEM-00001", "ACT-00001"), ("DEM-00002", "ACN-00001")]
    assert "30 → 60" in done.accepted[1].by_hand[0]
    (act,), (action,) = office.rows("actes"), office.rows("plan_action")
    assert (act["forme"], act["partenaire"], act["intitule"]) == ("JUMELAGE", "PAR-00001", FORMULA)
    assert (action["avancement_pct"], action["statut"]) == (30, "EN_COURS")
    assert office.receive() == IntakeReport()
