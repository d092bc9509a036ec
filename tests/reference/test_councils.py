"""The list of councils: complete, coherent, and found by code or by name."""

from collections import Counter

import pytest

from cdi_sync.model import Tier
from cdi_sync.reference.councils import councils, named, near_codes, search

ALL = list(Tier)


def test_the_list_holds_every_council_of_the_2024_census() -> None:
    tiers = Counter(council.tier for council in councils().values())
    assert tiers[Tier.REGION] == 12
    assert tiers[Tier.PREFECTURE] + tiers[Tier.PROVINCE] == 75
    assert tiers[Tier.COMMUNE] == 1503


@pytest.mark.parametrize("tiers", [{Tier.REGION}, {Tier.PREFECTURE, Tier.PROVINCE}])
def test_the_populations_of_each_tier_add_up_to_the_country(tiers: set[Tier]) -> None:
    assert sum(council.population for council in councils().values() if council.tier in tiers) == 36_828_330


def test_every_council_stands_in_a_listed_region_and_province() -> None:
    for council in councils().values():
        assert councils()[council.region].tier is Tier.REGION
        if council.tier is Tier.COMMUNE:
            assert councils()[council.province].region == council.region


@pytest.mark.parametrize("text", ["Fès", "FES", "Commune de Fès", "3231010"])
def test_a_commune_is_found_by_its_name_or_its_code(text: str) -> None:
    assert "3231010" in [council.code for council in search(text, [Tier.COMMUNE])]


def test_a_council_is_found_by_its_arabic_name() -> None:
    assert [council.name for council in search("فاس-مكناس", ALL)] == ["Fès-Meknès"]


def test_namesakes_are_told_apart_by_their_province() -> None:
    told = [council.in_words for council in search("Ajdir", [Tier.COMMUNE])]
    assert len(told) > 1
    assert len({words.split(" ", 1)[1] for words in told}) == len(told)


def test_near_codes_and_names_are_proposed() -> None:
    assert "3231010" in [council.code for council in near_codes("3231100")]
    assert "Al Hoceima" in [council.name for council in named("Al Hocema")]
    assert near_codes("0") == named("zzzzzz") == ()
