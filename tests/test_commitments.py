"""The statement of commitments that goes with a draft budget: which agreements, which sums, what is left out and said."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.cli import main
from cdi_sync.commitments import StatementOfCommitments, statement
from tests.demos import lean_installation
from tests.registries import knowledge, registry

DAY = date(2026, 11, 23)
SIGNED = {"date_signature": date(2026, 3, 2), "date_entree_vigueur": date(2026, 3, 2), "duree_mois": 36}
OURS = {
    "type_ligne": "CONTRIBUTION",
    "categorie_contributeur": "CT_MAROCAINE",
    "exercice": 2027,
    "montant_mad": 100_000,
}


def stated(budget: list[dict[str, Any]], *acts: dict[str, Any], year: int = 2027) -> StatementOfCommitments:
    rows = registry({"actes": acts or [SIGNED], "budget": budget})
    found = statement(assess(rows, knowledge(), DAY), "COL-00001", year)
    assert found is not None
    return found


def test_each_agreement_is_a_line_with_what_is_owed_voted_and_missing() -> None:
    vote = {"type_ligne": "BUDGET", "exercice": 2027, "montant_vote": 60_000}
    found = stated([OURS, {**OURS, "montant_mad": 20_000}, vote])
    (line,) = found.lines
    assert (line.case, line.owed, line.voted, line.missing) == ("ACT-00001", 120_000, 60_000, 60_000)
    assert (found.council, found.owed, found.voted) == ("Fès", 120_000, 60_000)


def test_what_an_organisation_is_owed_is_in_it_unless_the_ministry_pays() -> None:
    dues = {"type_ligne": "COTISATION", "exercice": 2027, "montant": 5_000}
    member = {"forme": "ADHESION_OING", "date_adhesion": date(2024, 1, 10)}
    assert stated([dues], member).owed == 5_000
    assert stated([{**dues, "prise_en_charge_dgct": True}], member).lines == ()


@pytest.mark.parametrize(
    ("why", "act", "line"),
    [
        ("the partner pays it", SIGNED, {**OURS, "categorie_contributeur": "CT_FRANCAISE"}),
        ("it is for another year", SIGNED, {**OURS, "exercice": 2028}),
        ("nothing is signed", {}, OURS),
        ("signed tomorrow", {"date_signature": date(2026, 11, 24)}, OURS),
        ("over on the eve of the year", {**SIGNED, "date_fin": date(2026, 12, 31)}, OURS),
        ("terminated", {**SIGNED, "date_resiliation": date(2026, 11, 2)}, OURS),
    ],
)
def test_nothing_is_committed_when(why: str, act: dict[str, Any], line: dict[str, Any]) -> None:
    assert stated([line], act).lines == (), why


def test_an_agreement_that_ends_on_the_first_day_of_the_year_still_commits() -> None:
    assert stated([OURS], {**SIGNED, "date_fin": date(2027, 1, 1)}).owed == 100_000


def test_what_can_t_be_counted_is_named() -> None:
    euros = {"type_ligne": "CONTRIBUTION", "categorie_contributeur": "CT_MAROCAINE", "montant": 10_000, "devise": "EUR"}
    found = stated([{**euros, "exercice": 2027}, {**OURS, "exercice": None}])
    assert found.lines[0].unconverted == ("BUD-00001",)
    assert found.undated == ("BUD-00002",)
    assert found.owed == 0


def test_nobody_has_that_number() -> None:
    assert statement(assess(registry({}), knowledge(), DAY), "COL-00009", 2027) is None


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


def test_the_command_shows_it_records_nothing_and_knows_its_councils(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lean_installation(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    at = ("report", "--config", str(tmp_path / "settings.toml"), "--as-of", "2026-11-23", "--engagements")
    assert call(*at, "col-00001") == 0
    text = capsys.readouterr().out
    assert text.startswith("État des engagements financiers")
    assert "exercice 2027. Situation au 23/11/2026." in text
    assert call(*at, "COL-00001", "--exercice", "2026", "--json") == 0
    assert json.loads(capsys.readouterr().out)["year"] == 2026
    assert call(*at, "COL-99999") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == before
