"""The number that a target or a measure holds, however people write it."""

import pytest

from cdi_sync.logframe import number_in


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3", 3),
        ("1 200 habitants", 1200),
        ("1\u202f200", 1200),
        ("45 %", 45),
        ("5,5 %", 5.5),
        ("environ 0.25", 0.25),
        ("trois centres", None),
        ("de 3 à 5", None),
        ("", None),
    ],
)
def test_a_cell_holds_one_number_or_none_that_can_be_compared(typed: str, number: float | None) -> None:
    assert number_in(typed) == number
