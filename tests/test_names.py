"""Names that are one, names that are near, names that only look so."""

import pytest

from cdi_sync.names import is_near_place, name_key, nearest, without_a_letter


@pytest.mark.parametrize("other", ["LYON", "Lyon (ville)", "ville de lyon", "Commune  de Lyon", "Mairie de Lyon"])
def test_small_words_case_and_order_do_not_make_another_name(other: str) -> None:
    assert name_key("Ville de Lyon") == name_key(other)


@pytest.mark.parametrize("other", ["Province de Séville", "Région de Séville", "Séville 2"])
def test_a_province_is_not_its_chief_town(other: str) -> None:
    assert name_key("Ville de Séville") != name_key(other)


def test_a_name_of_small_words_only_keeps_them() -> None:
    assert name_key("La Ville") == "la ville"


def test_one_letter_less_is_looked_for_in_long_names_only_and_never_a_digit() -> None:
    assert "barcelone" in without_a_letter("barcelonne")
    assert without_a_letter("lyonn") == ()
    assert "val-brune" not in without_a_letter("val-brune2")


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("Province d'Al Haouz", "Al Haouz", True), ("Région Fès-Meknès", "Fès-Meknès", True), ("Salé", "Fès", False)],
)
def test_a_place_is_near_whatever_its_tier(one: str, other: str, near: bool) -> None:
    assert is_near_place(one, other) is near


def test_names_are_proposed_the_likeliest_first() -> None:
    names = ["Métropole de Lyon", "Ville de Lyon", "Laon", "Lion-sur-Mer"]
    assert nearest("Lyon", names) == ("Ville de Lyon", "Métropole de Lyon")
    assert nearest("Lyno", ["Ville de Lyon", "Paris"]) == ("Ville de Lyon",)
    assert nearest("Ly", names) == ()
