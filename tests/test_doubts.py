"""What looks wrong though it can be read: partners entered twice, councils that the HCP's list doesn't know as such."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.model import Finding, Severity
from tests.registries import knowledge, registry

TODAY = date(2026, 11, 23)


def found(tab: str, **rows: Any) -> list[Finding]:
    return [
        f for f in assess(registry(rows), knowledge(), TODAY).findings if f.tab == tab and f.rule.startswith("DATA")
    ]


def partners(*rows: dict[str, Any], **more: Any) -> list[Finding]:
    return found("partenaires", partenaires=list(rows), **more)


# --------------------------------------------------------------------------------------------------- partners


def test_one_partner_on_two_lines_is_told_on_both_with_the_other_line_and_what_they_share() -> None:
    first, second = partners({"nom": "Ville de Lyon"}, {"nom": "LYON"})
    assert (first.rule, first.severity, first.column) == ("DATA-04", Severity.RECOMMANDE, "nom")
    assert first.message == (
        "Ce partenaire ressemble à PAR-00002 « LYON » (ligne 3) : même nom, même pays (France)."
    )  # fmt: skip
    assert "PAR-00001 « Ville de Lyon » (ligne 2)" in second.message


def test_one_letter_more_is_told_too() -> None:
    told = partners({"nom": "Barcelone", "pays": "Espagne"}, {"nom": "Barcelonne", "pays": "Spain"})
    assert [finding.id for finding in told] == ["PAR-00001", "PAR-00002"]
    assert all("noms à une lettre près, même pays (Espagne)" in finding.message for finding in told)


@pytest.mark.parametrize(
    "other",
    [
        {"nom": "Ville de Lyon", "pays": "Belgique"},
        {"nom": "Région de Lyon"},
        {"nom": "Laon"},
        {"nom": "Lyonn"},  # short names: a letter may make another town
    ],
)
def test_what_may_well_be_another_partner_is_not_told(other: dict[str, Any]) -> None:
    assert partners({"nom": "Ville de Lyon"}, other) == []


def test_a_derogation_tells_that_two_partners_are_two() -> None:
    waived = [{"id_concerne": "PAR-00001", "regle": "DATA-04", "motif": "Deux communes homonymes"}]
    first, second = partners({"nom": "Lyon"}, {"nom": "Lyon"}, derogations=waived)
    assert (first.derogation, second.derogation) == ("Deux communes homonymes", "")


# ---------------------------------------------------------------------------------------------------- countries


def test_a_misspelt_country_is_a_warning_that_proposes_the_right_name() -> None:
    (told,) = partners({"pays": "Senagal"})
    assert (told.rule, told.severity, told.column, told.read) == ("DATA-02", Severity.RECOMMANDE, "pays", "Senagal")
    assert told.message == (
        "« Pays » illisible : « Senagal » n'est pas le nom d'un pays ; vouliez-vous dire « Sénégal » ?"
    )


@pytest.mark.parametrize("typed", ["SN", "Senegal", "السنغال", "sénégal"])
def test_a_country_in_another_language_or_by_its_code_is_read_without_a_finding(typed: str) -> None:
    read = registry({"partenaires": [{"pays": typed}]})
    assert read["partenaires"][0]["pays"] == "Sénégal"
    assert partners({"pays": typed}) == []


# ----------------------------------------------------------------------------------------------------- councils


@pytest.mark.parametrize("name", ["Fès", "FES", "Commune de Fès", "Conseil communal de Fès"])
def test_a_council_called_as_in_the_list_is_fine(name: str) -> None:
    assert found("collectivites", collectivites=[{"code_hcp": "3231010", "nom_fr": name}]) == []


def test_a_code_and_a_name_that_disagree_are_told_with_both_sides() -> None:
    (told,) = found("collectivites", collectivites=[{"code_hcp": "3231010", "nom_fr": "Al Hoceima"}])
    assert (told.rule, told.severity, told.column) == ("DATA-01", Severity.RECOMMANDE, "nom_fr")
    assert "le code 3231010 est celui de « Fès », pas de « Al Hoceima »" in told.message
    assert "vouliez-vous dire 01.051 Al Hoceima (province)" in told.message


def test_an_unknown_code_proposes_the_code_of_the_name() -> None:
    (told,) = found("collectivites", collectivites=[{"code_hcp": "3231099", "nom_fr": "Fès"}])
    assert told.column == "code_hcp"
    assert "le code 3231099 n'est pas dans la liste du HCP ; vouliez-vous dire" in told.message
    assert "3231010 Fès (commune, Fès)" in told.message


def test_a_grouping_has_no_place_in_the_list() -> None:
    row = {"code_hcp": "3231099", "nom_fr": "Groupement des oasis", "niveau": "GROUPEMENT"}
    assert found("collectivites", collectivites=[row]) == []
