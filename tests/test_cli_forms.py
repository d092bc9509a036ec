"""`cdi forms` as the person who publishes forms meets it."""

import json
from pathlib import Path

import openpyxl
import pytest

from cdi_sync.cli import forms, main
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from tests.registries import DECLARED, complete


def call(*arguments: str) -> int:
    """Runs `cdi` in this process: its exit code."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without an installation, where our own declarations are read once for all tests."""
    monkeypatch.chdir(tmp_path)
    read = forms.declarations
    monkeypatch.setattr(forms, "declarations", lambda where: read(where) if where.config.is_file() else DECLARED)


def test_the_forms_are_listed_with_their_tab(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("forms", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(DECLARED.forms) == 7
    assert " ".join(lines[0].split()) == "jumelage Proposer un jumelage 16 questions Actes (nouvelle ligne)"
    [progress] = [line for line in lines if line.startswith("avancement")]
    assert progress.endswith("Plan d'action (ligne existante), module suivi")


def test_another_machine_reads_the_list_and_a_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("forms", "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[-1] == {
        "name": "appel", "title": "Répondre à un appel à projets", "questions": 18, "tab": "actes", "new_row": True,
        "modules": ["appels"],
    }  # fmt: skip
    assert call("forms", "show", "compte_rendu", "--langue", "ar", "--json") == 0
    by_key = {question["key"]: question for question in json.loads(capsys.readouterr().out)}
    assert by_key["lieu"]["when"] == ["mode", ["PRESENTIEL", "MIXTE"]]
    assert by_key["mode"]["choices"][0] == ["PRESENTIEL", "حضوريا"]


def test_a_form_is_shown_as_it_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("forms", "show", "Avancement") == 0
    said = capsys.readouterr().out
    assert said.startswith("Dire où en est une action\n")
    assert "- Numéro de l'action * (obligatoire)\n" in said
    assert "    À faire / En cours / Terminée / En retard / Annulée\n" in said
    assert "    Question posée seulement si « Situation de l'action » vaut : En cours / En retard.\n" in said
    assert call("forms", "show", "avancement", "--langue", "ar") == 0
    assert "- رقم العمل * (إجباري)\n" in capsys.readouterr().out


def test_a_name_that_nothing_bears_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("forms", "show", "jumelages") == 2
    assert "Vouliez-vous dire jumelage ?" in capsys.readouterr().err


def test_a_form_is_written_and_no_file_is_replaced_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("forms", "export", "jumelage", "--xlsform", "jumelage.xlsx")
    assert call(*arguments, "--dry-run") == 0
    assert not (tmp_path / "jumelage.xlsx").exists()
    assert call(*arguments, "--langues", "ar,fr") == 0
    assert "Écrit : jumelage.xlsx (Proposer un jumelage, 16 questions)" in capsys.readouterr().out
    assert openpyxl.load_workbook(tmp_path / "jumelage.xlsx")["settings"]["A2"].value == "اقتراح توأمة"

    written = (tmp_path / "jumelage.xlsx").read_bytes()
    assert call(*arguments) == 2
    assert "existe déjà" in capsys.readouterr().err
    assert (tmp_path / "jumelage.xlsx").read_bytes() == written
    assert call(*arguments, "--remplacer") == 0
    assert openpyxl.load_workbook(tmp_path / "jumelage.xlsx")["settings"]["A2"].value == "Proposer un jumelage"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--xlsform", "f.csv"), "finir par .xlsx"),
        (("--xlsform", "f.xlsx", "--langues", "fr,es"), "« es » n'est pas une langue connue"),
        (("--xlsform", "absent/f.xlsx"), "ne peut pas être écrit"),
        ((), "--xlsform"),
    ],
)
def test_what_cannot_be_written_is_told(more: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("forms", "export", "jumelage", *more) == 2
    assert told in capsys.readouterr().err


def test_the_rows_of_an_installation_are_offered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = complete({"actes": [{"intitule": "Eau potable"}, {"intitule": "Forêts"}]})
    (tmp_path / "registre.xlsx").write_bytes(build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=0))
    (tmp_path / "settings.toml").write_text("[registre]\nlignes_en_reserve = 0\n", encoding="utf-8")
    assert call("forms", "export", "compte_rendu", "--xlsform", "cr.xlsx", "--json") == 0
    assert json.loads(capsys.readouterr().out)["lists"] == {"id_acte": 2}
    choices = openpyxl.load_workbook("cr.xlsx")["choices"]
    offered = [(row[1].value, row[2].value) for row in choices if row[0].value == "lignes_id_acte"]
    assert offered == [("ACT-00001", "ACT-00001 · Eau potable"), ("ACT-00002", "ACT-00002 · Forêts")]


def test_an_installation_may_declare_a_form_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    (tmp_path / "config" / "forms").mkdir(parents=True)
    (tmp_path / "config" / "forms" / "80_essai.toml").write_text(
        'nom = "essai"\ntitre = "Essai"\npresentation = "x"\nmerci = "y"\nonglet = "reunions"\nligne = "existante"\n'
        '[[sections]]\ntitre = "Tout"\nquestions = [{ champ = "demandeur.nom" }, { champ = "demandeur.courriel" }, '
        '{ champ = "id" }]\n',
        encoding="utf-8",
    )
    assert call("forms", "list") == 0
    assert "Réunions (ligne existante)" in capsys.readouterr().out.splitlines()[-1]
