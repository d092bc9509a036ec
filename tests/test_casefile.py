"""What a case says of its agreement: the period it runs for. The stories of the rules tell the rest."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.casefile import agreement_period, months_after, open_cases
from tests.registries import registry

START = date(2026, 1, 1)


def period(**act: Any) -> tuple[date, date] | None:
    return agreement_period(open_cases(registry({"actes": [act]}), date(2026, 11, 23))["ACT-00001"])


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ({"date_entree_vigueur": START, "duree_mois": 24}, (START, date(2028, 1, 1))),
        ({"date_entree_vigueur": START, "date_fin": date(2026, 12, 31)}, (START, date(2026, 12, 31))),
        ({"date_entree_vigueur": START, "duree_mois": 24, "date_fin": date(2026, 12, 31)}, (START, date(2026, 12, 31))),
        ({"date_entree_vigueur": START}, None),
        ({"duree_mois": 24, "date_fin": date(2026, 12, 31)}, None),
        ({"date_entree_vigueur": START, "duree_mois": 0}, None),
        ({"date_entree_vigueur": START, "date_fin": START}, None),
        ({"date_entree_vigueur": START, "duree_mois": 999_999}, None),  # past the last year of a calendar
    ],
)
def test_an_agreement_runs_from_its_entry_into_force_to_the_day_typed_or_counted(
    act: dict[str, Any], expected: tuple[date, date] | None
) -> None:
    assert period(**act) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(9999, 12, 31), 1, None),
    ],
)
def test_months_are_counted_from_day_to_day_or_to_the_end_of_a_shorter_month(
    day: date, months: int, expected: date | None
) -> None:
    assert months_after(day, months) == expected
