"""Who can be written to, and who stands in for whom."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.errors import ConfigError
from cdi_sync.model import Registry
from cdi_sync.people import Directory, RefusedAddress, parse_roles, refused_addresses
from tests.registries import DECLARED, knowledge, registry

TODAY = date(2026, 10, 16)


def directory(*contacts: dict[str, Any]) -> Directory:
    full = [{"collectivite": "COL-00001", "fonction_role": "REFERENT_CDI",
             "courriel_institutionnel": "referent@essai.example", **contact} for contact in contacts]  # fmt: skip
    return Directory(registry({"contacts": full}), DECLARED.roles, TODAY)


def holders(found: Directory, role: str = "REFERENT_CDI") -> list[str]:
    return [row.id for row in found.holding(role, "COL-00001")]


@pytest.mark.parametrize(
    "cells", [{"actif": True}, {"actif": None}, {"date_fin": TODAY}, {"date_fin": date(2026, 10, 17)}]
)
def test_a_person_in_office_is_reachable_up_to_the_last_day(cells: dict[str, Any]) -> None:
    assert holders(directory(cells)) == ["CON-00001"]


@pytest.mark.parametrize(
    "cells",
    [
        {"actif": False},
        {"date_fin": date(2026, 10, 15)},  # the day before
        {"courriel_institutionnel": None},
        {"courriel_institutionnel": "referent sans adresse"},
        {"fonction_role": "SECRETAIRE_CONSEIL"},
        {"collectivite": None},
        {"partenaire": "PAR-00001"},  # somebody of the partner
    ],
)
def test_a_person_who_left_or_cannot_be_written_to_is_not(cells: dict[str, Any]) -> None:
    assert holders(directory(cells)) == []


def test_two_people_under_one_number_are_not_reachable() -> None:
    assert holders(directory({"id": "CON-00001"}, {"id": "CON-00001"})) == []


def test_the_hierarchy_is_climbed_to_the_nearest_role_that_somebody_holds() -> None:
    found = directory({"fonction_role": "DGS_DS"}, {"fonction_role": "PRESIDENT"})
    role, people = found.climb("POINT_FOCAL", "COL-00001")
    assert (role, [row.id for row in people]) == ("DGS_DS", ["CON-00001"])


def test_a_role_that_is_told_only_what_is_shared_is_never_reached_by_climbing() -> None:
    found = directory({"fonction_role": "EVALUATEUR"}, {"fonction_role": "REFERENT_CDI"})
    assert found.climb("EVALUATEUR", "COL-00001")[0] == "REFERENT_CDI"
    assert holders(found, "EVALUATEUR") == ["CON-00001"]


def test_a_hierarchy_that_turns_in_a_circle_ends() -> None:
    assert directory().climb("DGS_DS", "COL-00001") == ("", ())


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"PRESIDENT": {"a_defaut": "ROI"}}, "PRESIDENT"),
        ({"PRESIDENT": {"envoi": "parfois"}}, "tout, partage, jamais"),
        ({"PRESIDENT": {"grade": 1}}, "a_defaut, envoi, exige"),
    ],
)
def test_a_role_that_cannot_work_is_refused_with_what_is_possible(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_roles(table)
    assert caught.value.where.startswith("roles.toml [PRESIDENT]")
    assert told in caught.value.fix


# ------------------------------------------------------------------------------------- addresses that came back

BAD = {"referent@essai.example": RefusedAddress(date(2026, 10, 12), "5.1.1")}


def contacts(*cells: dict[str, Any]) -> Registry:
    return registry({"contacts": [{"collectivite": "COL-00001", "actif": True, **each} for each in cells]})


OFFICER = {"fonction_role": "REFERENT_CDI", "courriel_institutionnel": "Referent@essai.example"}


def test_a_person_whose_address_came_back_is_not_reachable_and_the_next_one_is_told() -> None:
    both = contacts(OFFICER, {"fonction_role": "DGS_DS", "courriel_institutionnel": "dgs@essai.example"})
    assert Directory(both, DECLARED.roles, TODAY).climb("REFERENT_CDI", "COL-00001")[0] == "REFERENT_CDI"
    role, people = Directory(both, DECLARED.roles, TODAY, BAD).climb("REFERENT_CDI", "COL-00001")
    assert (role, [row.id for row in people]) == ("DGS_DS", ["CON-00002"])


def test_the_contact_is_told_at_its_address_until_it_has_another() -> None:
    (told,) = refused_addresses(contacts(OFFICER), BAD, TODAY)
    assert (told.tab, told.id, told.column) == ("contacts", "CON-00001", "courriel_institutionnel")
    assert "12/10/2026" in told.message and "5.1.1" in told.message
    assert "cdi mailbox pardonner" in told.fix
    corrected = contacts(OFFICER | {"courriel_institutionnel": "referent.cdi@essai.example"})
    assert list(refused_addresses(corrected, BAD, TODAY)) == []


def test_of_a_person_who_left_nothing_is_said() -> None:
    assert list(refused_addresses(contacts(OFFICER | {"actif": False}), BAD, TODAY)) == []


def test_the_row_shows_the_finding_and_the_council_that_nobody_can_be_reached() -> None:
    found = registry({"contacts": [{"collectivite": "COL-00001", "actif": True, **OFFICER}]})
    told = {(one.rule, one.id) for one in assess(found, knowledge(), TODAY, refused=BAD).findings}
    assert ("DATA-01", "CON-00001") in told
    assert ("DATA-01", "CON-00001") not in {(one.rule, one.id) for one in assess(found, knowledge(), TODAY).findings}
