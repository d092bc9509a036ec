"""The weekly report of a small registry: to whom, once a council and week, beside the figures of the week before.

Monday 23 November 2026 is in week 48; the registry has a commune with one agreement in progress.
"""

import email
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.cli import main
from cdi_sync.edges.config import read_settings
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.errors import UnknownIdError
from cdi_sync.mail.outbox import LetterState
from jobs.report import ReportReport, preview, report
from jobs.run import run
from tests.registries import DECLARED, Rows, complete

MONDAY = date(2026, 11, 23)
FIGURES = {"en_cours", "en_retard", "decisions", "anomalies"}


def contact(role: str, name: str = "", **cells: Any) -> Mapping[str, Any]:
    """Somebody of the commune who holds that role."""
    address = f"{(name or role).casefold().replace('_', '-')}@essai.example"
    values = {"collectivite": "COL-00001", "fonction_role": _label(role), "courriel_institutionnel": address}
    return {**values, "nom_prenom": name or role.title(), **cells}


def _label(role: str) -> str:
    categories = DECLARED.tabs["contacts"].column("fonction_role").categories
    return next(category.label for category in categories if category.value == role)


def small(
    folder: Path, *contacts: Mapping[str, Any], settings: str = "", **rows: Sequence[Mapping[str, Any]]
) -> Installation:
    """An installation on those rows: a commune, an agreement in progress, those contacts."""
    typed: Rows = {"actes": [{"date_creation": date(2026, 9, 1)}], **rows, "contacts": contacts}
    folder.mkdir(exist_ok=True)
    (folder / "registre.xlsx").write_bytes(build_workbook(list(DECLARED.tabs.values()), complete(typed), spare_rows=5))
    (folder / "settings.toml").write_text(f"[registre]\nlignes_en_reserve = 5\n{settings}", encoding="utf-8")
    return Installation(folder, read_settings(folder / "settings.toml"), DECLARED)


def made(at: Installation, day: date = MONDAY, **options: Any) -> ReportReport:
    return report(at, at.read(day), **options)


def letters(at: Installation) -> list[EmailMessage]:
    files = sorted(at.letters_folder.glob("*_rapport_*.eml")) if at.letters_folder.exists() else []
    read = [email.message_from_bytes(file.read_bytes(), policy=SMTP) for file in files]
    return [message for message in read if isinstance(message, EmailMessage)]


def recipients(at: Installation) -> list[str]:
    return [one.addr_spec for message in letters(at) for one in message["To"].addresses]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


# --------------------------------------------------------------------------------------- once a council and week


def test_the_president_receives_one_page_in_the_week(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT", "Amina"))
    first = made(at)
    assert (first.new, first.delivered.sent, first.failed) == (1, 1, 0)
    (letter,) = letters(at)
    assert recipients(at) == ["amina@essai.example"]
    assert letter["Subject"].startswith("Rapport de la semaine 48 · ")
    assert letter["List-Id"] == "<rapport.cdi.collectivite.example>"
    assert "Bonjour Amina," in text_of(letter)
    assert "1 dossier en cours (première semaine)" in text_of(letter)
    (stored,) = at.store.outbox.letters()
    assert (stored.kind, stored.key) == ("rapport", "rapport|COL-00001|2026-S48|r1")
    assert stored.eml.startswith("2026-11-23_rapport_")
    assert letter["Message-ID"] == stored.message_id


@pytest.mark.parametrize("days", [0, 1, 6])
def test_a_second_run_in_the_week_makes_no_second_page(days: int, tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    made(at)
    assert made(at, MONDAY + timedelta(days=days)).new == 0
    assert len(letters(at)) == 1


def test_a_new_president_in_the_week_makes_no_second_page(tmp_path: Path) -> None:
    made(small(tmp_path, contact("PRESIDENT", "Amina")))
    at = small(tmp_path, contact("PRESIDENT", "Brahim"))
    assert made(at, MONDAY + timedelta(days=2)).new == 0
    assert recipients(at) == ["amina@essai.example"]


def test_the_next_week_stands_beside_the_figures_kept_the_week_before(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    made(at)
    made(small(tmp_path, contact("PRESIDENT"), actes=[{}, {}, {}]), MONDAY + timedelta(days=7))
    assert "3 dossiers en cours (+2, en hausse ; semaine dernière : 1)" in text_of(letters(at)[-1])


def test_the_first_figures_of_a_week_are_those_kept(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    made(at)
    grown = small(tmp_path, contact("PRESIDENT"), actes=[{}, {}, {}])
    made(grown, MONDAY + timedelta(days=2))
    kept = grown.store.figures("COL-00001", "2026-S48")
    assert kept is not None
    assert set(kept) == FIGURES
    assert kept["en_cours"] == 1


def test_the_week_that_precedes_the_first_of_a_year_is_the_fifty_third(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    made(at, date(2026, 12, 31))  # week 53 of 2026
    made(at, date(2027, 1, 4))  # week 1 of 2027
    assert "semaine dernière : 1" in text_of(letters(at)[-1])


def test_after_a_week_without_a_run_nothing_is_compared(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    made(at)
    made(at, MONDAY + timedelta(days=14))
    assert "semaine dernière" not in text_of(letters(at)[-1])


# ------------------------------------------------------------------------------------------------- who reads it


@pytest.mark.parametrize(
    ("contacts", "to"),
    [
        ([contact("DGS_DS"), contact("VICE_PRESIDENT"), contact("PRESIDENT")], ["president@essai.example"]),
        ([contact("DGS_DS"), contact("VICE_PRESIDENT")], ["vice-president@essai.example"]),
        ([contact("DGS_DS"), contact("REFERENT_CDI")], ["dgs-ds@essai.example"]),
        ([contact("PRESIDENT", "Amina"), contact("PRESIDENT", "Brahim")], ["amina@essai.example"]),
        ([contact("PRESIDENT", courriel_institutionnel=None), contact("VICE_PRESIDENT")], ["vice-president@essai.example"]),
        ([contact("PRESIDENT", actif="Non"), contact("VICE_PRESIDENT")], ["vice-president@essai.example"]),
        ([contact("PRESIDENT", date_fin=date(2026, 11, 22)), contact("DGS_DS")], ["dgs-ds@essai.example"]),
        ([contact("PRESIDENT", date_fin=MONDAY), contact("DGS_DS")], ["president@essai.example"]),
        ([contact("PRESIDENT", collectivite=None), contact("DGS_DS")], ["dgs-ds@essai.example"]),
        ([contact("REFERENT_CDI"), contact("SECRETAIRE_CONSEIL")], []),
        ([contact("WALI_GOUVERNEUR"), contact("DGCT")], []),
        ([contact("PRESIDENT", "Wali"), contact("WALI_GOUVERNEUR", "Wali")], []),  # one address, two functions
    ],
)  # fmt: skip
def test_the_page_goes_to_the_first_who_can_be_written_to(
    contacts: Sequence[Mapping[str, Any]], to: list[str], tmp_path: Path
) -> None:
    at = small(tmp_path, *contacts)
    told = made(at)
    assert recipients(at) == to
    assert told.unaddressed == (() if to else ("COL-00001",))


def test_who_reads_for_the_president_is_told_why(tmp_path: Path) -> None:
    at = small(tmp_path, contact("DGS_DS"))
    made(at)
    (letter,) = letters(at)
    assert "n'indique aucune adresse pour le président" in text_of(letter)


def test_without_anybody_the_figures_are_kept_all_the_same(tmp_path: Path) -> None:
    at = small(tmp_path)
    assert made(at).new == 0
    assert at.store.figures("COL-00001", "2026-S48") is not None


@pytest.mark.parametrize("act", [{"historique": "Oui"}, {"date_abandon": date(2026, 5, 1)}])
def test_a_council_of_old_acts_receives_nothing_and_lacks_nobody(act: Mapping[str, Any], tmp_path: Path) -> None:
    at = small(tmp_path, actes=[act])
    assert made(at) == ReportReport()
    assert at.store.figures("COL-00001", "2026-S48") is None


# -------------------------------------------------------------------------------------------- without a letter


def test_without_transport_the_figures_are_kept_and_no_letter_made(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"), settings='[mail]\ntransport = "none"\n')
    assert made(at).new == 0
    assert at.store.outbox.letters() == []
    assert at.store.figures("COL-00001", "2026-S48") is not None


def test_dry_run_tells_and_records_nothing(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    told = made(at, dry_run=True)
    assert (told.new, [parcel.to for parcel in told.parcels]) == (1, ["president@essai.example"])
    assert {path.name for path in tmp_path.iterdir()} == {"registre.xlsx", "settings.toml"}
    assert (at.store.outbox.letters(), at.store.figures("COL-00001", "2026-S48")) == ([], None)


def test_a_preview_is_the_page_and_records_nothing(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT", "Amina"))
    assert "Bonjour Amina," in preview(at, at.read(MONDAY), "COL-00001").text
    assert not (tmp_path / "suivi.sqlite").exists()
    with pytest.raises(UnknownIdError, match="COL-00009"):
        preview(at, at.read(MONDAY), "COL-00009")


def test_a_page_that_cannot_be_made_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    councils: list[Mapping[str, Any]] = [{}, {"code_hcp": "3231011"}]
    staff = [contact("PRESIDENT", "Amina"), contact("PRESIDENT", "Brahim", collectivite="COL-00002")]
    at = small(tmp_path, *staff, collectivites=councils, actes=[{}, {"collectivite": "COL-00002"}])
    monkeypatch.setattr("jobs.deliver.to_bytes", _refusing("amina@essai.example"))
    told = made(at)
    assert (told.new, told.failed, recipients(at)) == (1, 1, ["brahim@essai.example"])
    assert "amina@essai.example" in told.refused[0]


def _refusing(address: str) -> Any:
    from cdi_sync.errors import CdiError
    from cdi_sync.mail.message import to_bytes

    def refuse(letter: Any, *, to: str, **rest: Any) -> bytes:
        if to == address:
            raise CdiError("Adresse refusée.")
        return to_bytes(letter, to=to, **rest)

    return refuse


# ------------------------------------------------------------------------------------------ in the day's work


@pytest.mark.parametrize(
    ("day", "pages"),
    [
        (date(2026, 11, 23), 1),  # a Monday
        (date(2026, 11, 26), 1),  # nothing ran before
        (date(2027, 1, 11), 0),  # a Monday, Manifesto day: a holiday
        (date(2027, 1, 12), 1),
    ],
)
def test_the_day_s_work_makes_the_week_s_page_from_its_first_worked_day_on(
    day: date, pages: int, tmp_path: Path
) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    told = run(at, day)
    assert (told.weekly.new, len(letters(at))) == (pages, pages)


def test_the_day_s_work_counts_each_letter_once(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"), contact("REFERENT_CDI"),
               actes=[{"date_projet_convention": date(2026, 7, 1)}],
               visas_accords=[{"nature": "Visa", "date_envoi": date(2026, 11, 2)}])  # fmt: skip
    told = run(at, MONDAY)
    files = list(at.letters_folder.iterdir())
    assert (told.weekly.new, told.letters.new > 0) == (1, True)
    assert told.new == told.letters.delivered.sent == len(files)
    assert [letter.kind for letter in at.store.outbox.letters()][-1] == "rapport"  # reminders leave first
    again = run(at, MONDAY)
    assert (again.new, again.sync.cells) == (0, 0)


def test_a_folder_that_cannot_be_written_fails_each_letter_once(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    at.letters_folder.write_text("un fichier tient la place du dossier", encoding="utf-8")
    told = run(at, MONDAY)
    assert told.failed == len(at.store.outbox.letters(LetterState.QUEUED)) == 1


# --------------------------------------------------------------------------------------------- the command line


def call(at: Installation, *arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["report", "--config", str(at.folder / "settings.toml"), "--as-of", "2026-11-23", *arguments])
    return int(left.value.code or 0)


def test_the_command_tells_the_letters_and_the_councils_without_a_reader(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = small(tmp_path)
    assert call(at, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "letters": {"new": 0, "sent": 0, "failed": 0, "unknown": 0, "held": 0},
        "unaddressed": 1,
    }
    assert call(at) == 0
    assert "1 collectivité(s) sans destinataire" in capsys.readouterr().out


def test_the_command_shows_a_page_without_recording_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    assert call(at, "--apercu", "col-00001") == 0
    assert "Rapport de la semaine 48" in capsys.readouterr().out
    assert call(at, "--dry-run") == 0
    assert "1 rapport(s) de la semaine partiraient" in capsys.readouterr().out
    assert letters(at) == []
    assert call(at, "--apercu", "COL-9") == 2


def test_the_command_exits_4_when_a_letter_failed(tmp_path: Path) -> None:
    at = small(tmp_path, contact("PRESIDENT"))
    at.letters_folder.write_text("un fichier tient la place du dossier", encoding="utf-8")
    assert call(at) == 4
    at.letters_folder.unlink()
    assert call(at) == 0
    assert len(letters(at)) == 1
