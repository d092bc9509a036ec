"""Which country a text designates, and which ones are proposed for a text that designates none."""

import pytest

from cdi_sync.reference.countries import FILE, countries, find_country, near_countries
from tests.countries import LEFT_OUT, text


def test_the_list_is_the_one_that_babel_gives() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "python -m tests.countries writes it anew"


def test_every_name_and_code_designates_its_own_country() -> None:
    assert len(countries()) > 240
    for country in countries():
        for name in country.names:
            assert find_country(name) == country.fr, name


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("Sénégal", "Sénégal"),
        ("SENEGAL", "Sénégal"),
        ("SN", "Sénégal"),
        ("السنغال", "Sénégal"),
        ("Spain", "Espagne"),
        ("Etats Unis", "États-Unis"),
        ("Les Pays-Bas", "Pays-Bas"),
        ("Côte d\N{RIGHT SINGLE QUOTATION MARK}Ivoire", "Côte d'Ivoire"),
        ("U.S.A.", "États-Unis"),
        ("فلسطين", "Palestine"),
    ],
)
def test_a_country_is_read_in_three_languages_and_by_its_code(typed: str, country: str) -> None:
    assert find_country(typed) == country


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("Senagal", ("Sénégal",)),
        ("Espange", ("Espagne",)),
        ("Congo", ("Congo-Brazzaville", "Congo-Kinshasa")),  # two countries: never guessed
        ("Corée", ("Corée du Nord", "Corée du Sud")),
        ("Cote dIvoire", ("Côte d'Ivoire",)),
    ],
)
def test_what_designates_no_country_or_several_is_proposed(typed: str, proposed: tuple[str, ...]) -> None:
    assert find_country(typed) is None
    assert set(near_countries(typed)) == set(proposed)


@pytest.mark.parametrize("typed", ["zzzzzz", "x", "", "?", "12"])
def test_what_resembles_nothing_proposes_nothing(typed: str) -> None:
    assert find_country(typed) is None
    assert near_countries(typed) == ()


def test_groups_and_reserved_codes_are_no_countries() -> None:
    assert not LEFT_OUT & {country.code for country in countries()}
    assert find_country("Union européenne") is None
