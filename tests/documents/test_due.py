"""Which documents a case's present step asks for, in the guide's order of things."""

from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.documents.making import due, subject_of
from tests.documents.told import TODAY
from tests.registries import DECLARED, knowledge, registry

_SEARCH = {"date_creation": "2026-01-05", "date_dossier_technique": "2026-02-01", "date_marketing": "2026-03-01",
           "date_recherche_partenaire": "2026-04-01"}  # fmt: skip
_TALKS = {**_SEARCH, "date_partenaire_trouve": "2026-05-01", "date_ouverture_negociation": "2026-06-01"}
_CALL = {"date_lancement_appel": "2026-10-01", "date_limite_appel": "2026-12-31"}


def _asked(rows: dict[str, list[dict[str, Any]]], tab: str) -> list[str]:
    seen = assess(registry(rows), knowledge(), TODAY)
    subject = subject_of(seen.registry[tab][0], seen)
    assert subject is not None
    return [document.name for document in due(DECLARED.documents.values(), subject)]


@pytest.mark.parametrize(
    ("act", "asked"),
    [
        (_SEARCH, []),
        ({**_SEARCH, **_CALL}, ["reponse_appel"]),
        ({**_SEARCH, **_CALL, "m2_decision": "2026-11-01"}, ["reponse_appel"]),
        (_TALKS, ["projet_convention"]),
        ({**_TALKS, "date_projet_convention": "2026-10-01"}, ["projet_convention"]),
        ({**_TALKS, "date_abandon": "2026-10-01"}, []),
    ],
)
def test_a_convention_asks_for_its_answer_to_a_call_then_for_its_draft(act: dict[str, Any], asked: list[str]) -> None:
    assert _asked({"actes": [act]}, "actes") == asked


@pytest.mark.parametrize(
    ("evaluation", "asked"),
    [
        ({"mode": "EXTERNE"}, []),  # its period is to be agreed first
        ({"mode": "EXTERNE", "accord_parties": True}, ["termes_de_reference"]),
        ({"mode": "INTERNE", "accord_parties": True}, []),
        ({"mode": "EXTERNE", "accord_parties": True, "p1_preparatoire_tdr": "2026-10-01"}, ["termes_de_reference"]),
        ({"mode": "EXTERNE", "accord_parties": True, "p1_preparatoire_tdr": "2026-10-01",
          "date_validation_ct": "2026-11-01", "date_validation_partenaire": "2026-11-02"}, []),
    ],
)  # fmt: skip
def test_an_external_evaluation_asks_for_its_terms_of_reference(evaluation: dict[str, Any], asked: list[str]) -> None:
    period = {"periode_convenue_debut": "2027-06-01", "periode_convenue_fin": "2027-09-01"}
    row = {"moment": "MI_PHASE", **evaluation, **(period if evaluation.get("accord_parties") else {})}
    assert _asked({"evaluations": [row]}, "evaluations") == asked
