"""When a meeting is held on both clocks. In December Morocco shows universal time and France an hour more."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from cdi_sync.edges import clock
from cdi_sync.mail.hours import UNIVERSAL, at, clocks, full_day, home_zone, partner_zone, zones_of
from cdi_sync.model import Row
from tests.registries import DECLARED

MORNING = datetime(2026, 12, 3, 10, tzinfo=UTC)
HOME = "Africa/Casablanca"


def row(**cells: Any) -> Row:
    return Row("reunions", "REU-00001", 3, cells)


def shown(there: str, begins: datetime = MORNING, ends: datetime | None = None, lang: str = "fr") -> list[str]:
    told = clocks(begins, ends, HOME, there, DECLARED.languages[lang])
    return [" ".join(filter(None, (clock.day, clock.hours, clock.where, clock.offset))) for clock in told]


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ("Europe/Paris", "11:00 France UTC+1"),
        ("Africa/Dakar", "10:00 Sénégal UTC+0"),
        ("America/New_York", "05:00 États-Unis, New York UTC-5"),
        ("Asia/Kolkata", "15:30 Inde UTC+5:30"),
        ("Asia/Kathmandu", "15:45 Népal UTC+5:45"),
        (UNIVERSAL, "10:00 UTC+0"),
    ],
)
def test_the_council_s_clock_comes_first_then_the_partner_s(there: str, words: str) -> None:
    assert shown(there) == ["10:00 Maroc UTC+0", words]


def test_in_july_the_hour_of_a_partner_who_changes_clocks_is_another() -> None:
    assert shown("Europe/Paris", datetime(2027, 7, 1, 10, tzinfo=UTC)) == ["10:00 Maroc UTC+0", "12:00 France UTC+2"]


def test_another_day_there_is_told() -> None:
    assert shown("Asia/Tokyo", datetime(2026, 12, 3, 16, tzinfo=UTC))[1] == "vendredi 4 décembre 2026 01:00 Japon UTC+9"
    assert shown("America/New_York", datetime(2026, 12, 3, 3, tzinfo=UTC))[1].startswith(
        "mercredi 2 décembre 2026 22:00"
    )


def test_one_clock_is_enough_within_one_zone() -> None:
    assert shown(HOME) == ["10:00 Maroc UTC+0"]


def test_morocco_is_one_place_whichever_of_its_zones_was_typed() -> None:
    assert clocks(MORNING, None, "Africa/El_Aaiun", HOME, DECLARED.languages["fr"])[0].where == "Maroc"


def test_each_language_has_its_own_words() -> None:
    ends = datetime(2026, 12, 3, 11, 30, tzinfo=UTC)
    assert shown("Europe/Paris", ends=ends, lang="en") == [
        "10:00 – 11:30 Morocco UTC+0",
        "11:00 – 12:30 France UTC+1",
    ]
    assert shown("Europe/Paris", lang="ar") == ["10:00 المغرب UTC+0", "11:00 فرنسا UTC+1"]
    days = [full_day(date(2026, 12, 1), language) for language in DECLARED.languages.values()]
    assert days == ["mardi 1er décembre 2026", "الثلاثاء 1 دجنبر 2026", "Tuesday 1 December 2026"]


@pytest.mark.parametrize(
    ("typed", "of_partner", "country", "zone"),
    [
        ("Europe/Madrid", "Europe/Paris", "Sénégal", "Europe/Madrid"),  # typed for that meeting
        ("", "Atlantic/Canary", "Espagne", "Atlantic/Canary"),  # the partner's own
        ("Paris", "Europe/Paris", "France", "Europe/Paris"),  # no zone: the next
        ("", "", "France", "Europe/Paris"),
        ("", "", "Allemagne", "Europe/Berlin"),  # two zones that show the same hour
        ("", "", "Espagne", UNIVERSAL),  # the Canaries don't
        ("", "", "États-Unis", UNIVERSAL),
        ("", "", "Nulle part", UNIVERSAL),
        ("", "", "", UNIVERSAL),
    ],
)
def test_the_partner_s_zone_is_the_one_typed_else_its_country_s_only_one(
    typed: str, of_partner: str, country: str, zone: str
) -> None:
    partner = row(fuseau_horaire=of_partner or None, pays=country or None)
    assert partner_zone(row(fuseau_partenaire=typed or None), partner, MORNING) == zone


def test_without_a_partner_the_hour_is_universal() -> None:
    assert partner_zone(row(), None, MORNING) == UNIVERSAL


def test_hours_are_those_of_the_council() -> None:
    assert home_zone(row()) == clock.MOROCCO.key == HOME  # with the time-zone data that we depend on
    assert home_zone(row(fuseau_ct="Casablanca")) is None
    assert at(date(2026, 12, 3), time(10), HOME) == MORNING
    # before Morocco changed its rule, its clock showed an hour more
    assert at(date(2026, 7, 1), time(10), HOME) == datetime(2026, 7, 1, 9, tzinfo=UTC)


def test_zones_of_a_country() -> None:
    assert zones_of("ES") == ("Africa/Ceuta", "Atlantic/Canary", "Europe/Madrid")
    assert zones_of("ZZZ") == ()
