"""The writing is cut short: what we wrote ourselves never passes for what someone typed."""

from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from cdi_sync.edges import files
from cdi_sync.publish import place_in_words
from jobs.sync import sync
from tests.demos import AS_OF, lean_installation
from tests.jobs.test_run import cells_of, edit
from tests.jobs.test_staff_cells import small_installation


class Killed(BaseException):
    """The machine stops here."""


@pytest.mark.parametrize("when", ["before the file is replaced", "after the file is replaced"])
def test_after_a_stop_in_the_middle_our_own_text_is_not_taken_for_typing(
    when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = lean_installation(tmp_path)
    sync(at, at.read(AS_OF))
    tomorrow, later = AS_OF + timedelta(days=1), AS_OF + timedelta(days=2)
    write = files.write_atomically

    def stopped(path: Path, data: bytes) -> None:
        if path != at.workbook or when.startswith("after"):
            write(path, data)
        if path == at.workbook:
            raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(files, "write_atomically", stopped)
        sync(at, at.read(tomorrow))
    assert sync(at, at.read(later)).healed == ()
    assert {line[1] for line in cells_of(at.workbook, "Journal")[2:]} == {"Contrôle"}


def test_a_number_copied_from_a_reserve_row_is_reported_until_someone_chooses(tmp_path: Path) -> None:
    at = small_installation(tmp_path)
    last = max(row for row, line in enumerate(cells_of(at.workbook, "Partenaires"), start=1) if any(line[1:]))
    copied = str(cells_of(at.workbook, "Partenaires")[last][0])  # the first of the reserve
    edit(at.workbook, "Partenaires", last, "N° de partenaire", copied)
    sync(at, at.read(AS_OF))
    lines = cells_of(at.workbook, "Partenaires")
    assert [lines[last - 1][0], lines[last][0]] == [copied, copied]
    assert f"{copied} sert aussi ligne {last + 1}" in str(lines[last - 1][lines[0].index("À corriger")])
    assert sync(at, at.read(AS_OF)).cells == 0


def test_links_lead_to_the_tab_by_the_name_that_people_gave_it(tmp_path: Path) -> None:
    at = small_installation(tmp_path)
    book = openpyxl.load_workbook(at.workbook)
    book["Actes"].title = "Actes de coopération"
    book.save(at.workbook)
    edit(at.workbook, "Actes de coopération", 2, "Date de signature", "31/02/2026")
    edit(at.workbook, "Actes de coopération", 2, "Étape", "signé")
    reading = at.read(AS_OF)
    sync(at, reading)
    links = [str(line[3].value) for line in openpyxl.load_workbook(at.workbook)["Anomalies"].iter_rows(min_row=3)]
    places = [link for link in links if "Actes" in link]
    assert places
    assert all(link.startswith("=HYPERLINK(\"#'Actes de coopération'!") for link in places)
    finding = next(f for f in reading.assessment.findings if f.tab == "actes")
    said = place_in_words(finding, reading.assessment.registry.layouts, at.knowledge.tabs)
    assert said.startswith("onglet Actes de coopération, cellule ")
