"""What a request resembles is pointed out, with reasons, and nothing else is."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.forms.designation import Designations
from cdi_sync.forms.lookalikes import Lookalikes
from cdi_sync.forms.submission import Lookalike, Typed
from cdi_sync.model import Registry, Row
from tests.forms.answers import PROGRESS, answer, forms, read
from tests.registries import DECLARED, registry


def _registry() -> Registry:
    act: dict[str, Any] = {
        "forme": "JUMELAGE",
        "intitule": "Jumelage entre Fès et Lyon",
        "date_signature": date(2020, 5, 4),
    }
    return registry(
        {
            "collectivites": [{"nom_fr": "Fès"}, {"nom_fr": "Tanger", "code_hcp": "2"}],
            "partenaires": [{"nom": "Ville de Lyon", "pays": "France"}, {"nom": "Metz", "pays": "France"}],
            "actes": [act, {**act, "collectivite": "COL-00002"}, {"partenaire": "PAR-00002", "intitule": "Eau"}],
            "plan_action": [{"quoi_activite": "Former dix agents"}],
        }
    )


HELD = _registry()


def alike(*, others: tuple[dict[str, Typed], ...] = (), **changed: Typed) -> tuple[Lookalike, ...]:
    desk = Lookalikes(HELD, DECLARED.tabs, Designations(HELD, DECLARED.tabs))
    for number, values in enumerate(others, start=2):
        row = Row("demandes", f"DEM-{number:05d}", number, {})
        desk.wait(row, read(answer(**values), HELD), forms()["jumelage"])
    return desk.of(Row("demandes", "DEM-00001", 1, {}), read(answer(**changed), HELD), forms()["jumelage"])


@pytest.mark.parametrize("name", ["Lyon", "Ville de Lyon", "PAR-00001", "Métropole de Lyon", "Lyonn"])
def test_one_council_and_one_partner_or_nearly_are_pointed_out(name: str) -> None:
    (one,) = alike(partenaires__nom=name, partenaires__pays="France", intitule="Échanges")
    assert (one.tab, one.id, one.title) == ("actes", "ACT-00001", "Jumelage entre Fès et Lyon")
    assert one.reasons[0] == "même collectivité"
    assert "partenaire" in one.reasons[1]


def test_another_council_another_partner_or_nothing_in_common_is_not() -> None:
    assert alike(partenaires__nom="Nantes", intitule="Échanges") == ()
    assert alike(partenaires__nom="Nantes", intitule="Coopération de Fès avec Nantes") == ()


def test_near_dates_and_near_titles_are_reasons_too() -> None:
    (one,) = alike(partenaires__nom="Lyon", partenaires__pays="France", date_signature="20 mai 2020",
                   intitule="Jumelage Fès Lyon")  # fmt: skip
    assert one.reasons == ("même collectivité", "même partenaire", "intitulé ou objet proche",
                           "dates proches (20/05/2020 et 04/05/2020)")  # fmt: skip
    (other,) = alike(
        partenaires__nom="Lyon", partenaires__pays="France", date_signature="20 juin 2021", intitule="Autre"
    )
    assert other.reasons == ("même collectivité", "même partenaire")


def test_another_request_that_waits_is_pointed_out_before_the_partner_is_known() -> None:
    (one,) = alike(others=({}, {"collectivite": "Tanger"}, {"partenaires__nom": "Cordoue", "intitule": "Autre"}))
    assert (one.tab, one.id, one.reasons) == (
        "demandes", "DEM-00002", ("même collectivité", "partenaire de même nom ou de nom proche", "intitulé ou objet proche"),
    )  # fmt: skip


def test_two_answers_about_one_row_are_told_of_each_other() -> None:
    form, desk = forms()["avancement"], Lookalikes(HELD, DECLARED.tabs, Designations(HELD, DECLARED.tabs))
    first, second = Row("demandes", "DEM-00001", 2, {}), Row("demandes", "DEM-00002", 3, {})
    desk.wait(first, read(answer(PROGRESS, form="avancement"), HELD), form)
    (one,) = desk.of(second, read(answer(PROGRESS, form="avancement", response="r2"), HELD), form)
    assert (one.id, one.reasons) == ("DEM-00001", ("concerne la même ligne",))
