"""Every method of the real clients is tried; gspread's all work, and Google's own are answered as Google answers."""

import pytest

from tests.google import coverage, ways
from tests.google.world import Google


def test_every_way_is_one_of_a_method_that_exists() -> None:
    assert set(ways.GSPREAD) <= set(coverage.gspread_methods())
    assert set(ways.ARGUMENTS) <= {
        method for document in ("sheets.v4", "drive.v3", "forms.v1") for method in coverage.api_methods(document)
    }


def test_every_method_of_gspread_works(google: Google, url: str) -> None:
    outcomes = coverage.gspread_outcomes(google, url)
    assert len(outcomes) >= 150
    others = [outcome for outcome in outcomes if outcome.told != coverage.WORKS]
    assert not others, "\n" + coverage.table(others)


@pytest.mark.parametrize(("document", "count"), [("sheets.v4", 17), ("drive.v3", 64), ("forms.v1", 10)])
def test_every_method_of_an_api_is_answered(document: str, count: int, google: Google, url: str) -> None:
    outcomes = coverage.api_outcomes(google, url, document)
    assert len(outcomes) == count
    allowed = (coverage.WORKS,) if document == "sheets.v4" else (coverage.WORKS, "refused: ")
    others = [outcome for outcome in outcomes if not outcome.told.startswith(allowed)]
    assert not others, "\n" + coverage.table(others)
