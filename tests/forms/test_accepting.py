"""An accepted request becomes a row, or completes the one that it names; what staff typed is never among what is written."""

from collections.abc import Mapping
from typing import Any

import pytest

from cdi_sync.forms.accepting import Accepting, accept
from cdi_sync.forms.submission import Acceptance, Typed
from cdi_sync.model import Registry, Row
from tests.forms.answers import PROGRESS, TWINNING, answer, forms, read
from tests.registries import DECLARED, registry

REQUEST = Row("demandes", "DEM-00001", 2, {})


def accepted(
    held: Registry, values: Mapping[str, Typed] = TWINNING, form: str = "jumelage", **changed: Typed
) -> Acceptance:
    return accept(read(answer(values, form=form, **changed), held), REQUEST, forms()[form], held, DECLARED.tabs)


def with_action(**cells: Any) -> Registry:
    return registry({"plan_action": [{"quoi_activite": "Former dix agents", **cells}]})


def test_a_new_case_brings_its_row_its_partner_and_the_lines_of_its_checklist() -> None:
    made = accepted(registry({}))
    assert made.became == "ACT-00002"
    assert made.fills == {
        "partenaires": {3: {"id": "PAR-00002", "nom": "Ville de Grenade", "pays": "Espagne"}},
        "actes": {3: {"id": "ACT-00002", "forme": "Jumelage", "collectivite": "COL-00001", "partenaire": "PAR-00002",
                      "intitule": "Jumelage entre Fès et Grenade", "domaine": "Sport"}},
        "pieces_clauses": {2: {"id": "PIE-00001", "id_acte": "ACT-00002", "contenu": "Une histoire commune",
                               "piece": "Jumelage : pourquoi voulons-nous ce jumelage ?"}},
        "demandes": {2: {"id": "DEM-00001", "devenue": "ACT-00002"}},
    }  # fmt: skip


def test_a_partner_that_is_there_is_taken_and_only_its_empty_cells_are_filled() -> None:
    there = registry({"partenaires": [{"nom": "Grenade", "pays": None}]})
    made = accepted(there)
    assert made.fills["partenaires"] == {2: {"id": "PAR-00001", "pays": "Espagne"}}
    assert made.fills["actes"][3]["partenaire"] == "PAR-00001"


def test_empty_cells_of_the_row_are_filled_and_filled_ones_left_to_staff() -> None:
    held = with_action(avancement_pct=30)
    made = accepted(held, PROGRESS, "avancement")
    assert made.fills == {
        "plan_action": {2: {"id": "ACN-00001", "statut": "En cours"}},
        "demandes": {2: {"id": "DEM-00001", "devenue": "ACN-00001"}},
    }
    assert made.by_hand == ("« Avancement (%) » (ACN-00001, Plan d'action, ligne 2) : 30 → 60",)
    assert [(c.id, c.column, c.value) for c in made.changes] == [("ACN-00001", "avancement_pct", 60)]


def test_a_cell_that_holds_the_same_or_something_unreadable_is_left() -> None:
    assert accepted(with_action(avancement_pct=60), PROGRESS, "avancement").by_hand == ()
    unreadable = accepted(with_action(avancement_pct="soixante"), PROGRESS, "avancement")
    assert "illisible → 60" in unreadable.by_hand[0]
    assert "avancement_pct" not in unreadable.fills["plan_action"][2]


def test_a_proposal_with_faults_is_refused() -> None:
    held = registry({})
    with pytest.raises(ValueError, match="faults"):
        accepted(held, domaine="Jardinage")


def test_of_two_requests_accepted_together_the_second_finds_the_partner_of_the_first() -> None:
    held = registry({})
    desk, form = Accepting(held, DECLARED.tabs), forms()["jumelage"]
    first = desk.accept(read(answer(), held), REQUEST, form)
    second = desk.accept(read(answer(response="r2"), held), Row("demandes", "DEM-00002", 3, {}), form)
    assert (first.became, second.became) == ("ACT-00002", "ACT-00003")
    assert second.fills["actes"][4]["partenaire"] == "PAR-00002"
    assert "partenaires" not in second.fills


def test_of_two_requests_that_fill_one_cell_the_second_is_left_to_staff() -> None:
    held = with_action()
    desk, form = Accepting(held, DECLARED.tabs), forms()["avancement"]
    desk.accept(read(answer(PROGRESS, form="avancement"), held), REQUEST, form)
    later = read(answer(PROGRESS, form="avancement", response="r2", avancement_pct="80"), held)
    second = desk.accept(later, Row("demandes", "DEM-00002", 3, {}), form)
    assert second.by_hand == ("« Avancement (%) » (ACN-00001, Plan d'action, ligne 2) : 60 → 80",)
    assert list(second.fills) == ["demandes"]
