"""What only warns between the need and the negotiation of a convention: it is told, and keeps nothing from going on."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.model import Assessment, Severity
from tests.registries import knowledge, registry

TODAY = date(2026, 11, 23)
FOUND = {
    "domaine": "SANTE", "date_creation": date(2026, 1, 5), "date_dossier_technique": date(2026, 3, 2),
    "date_recherche_partenaire": date(2026, 4, 1), "date_partenaire_trouve": date(2026, 6, 1),
}  # fmt: skip
READY = [
    {"piece": code, "present": True}
    for code in ("BESOIN_ADOPTION", "NEGO_JURIDIQUE", "NEGO_TECHNIQUE", "NEGO_FINANCIER")
]
COUNCIL = {"domaines_prioritaires": ["Santé"]}


def seen(*, act: dict[str, Any], lines: list[dict[str, Any]]) -> Assessment:
    return assess(registry({"collectivites": [COUNCIL], "actes": [act], "pieces_clauses": lines}), knowledge(), TODAY)


def severity(assessment: Assessment, rule: str) -> Severity:
    return next(finding.severity for finding in assessment.findings if finding.rule == rule)


def test_without_a_marketing_document_a_negotiation_may_begin() -> None:
    assert "CONV-07" not in seen(act=FOUND, lines=READY).standings["ACT-00001"].blocked_by
    begun = seen(act={**FOUND, "date_ouverture_negociation": date(2026, 7, 1)}, lines=READY)
    assert severity(begun, "CONV-07") is Severity.RECOMMANDE


def test_without_the_need_adopted_it_may_not() -> None:
    assert "CONV-07" in seen(act=FOUND, lines=READY[1:]).standings["ACT-00001"].blocked_by


@pytest.mark.parametrize(("field", "expected"), [("SANTE", Severity.RECOMMANDE), ("SPORT", Severity.BLOQUANT)])
def test_a_need_without_notes_is_a_warning_and_a_field_out_of_the_priorities_is_not(
    field: str, expected: Severity
) -> None:
    assert severity(seen(act={**FOUND, "domaine": field}, lines=READY), "CONV-03") is expected
