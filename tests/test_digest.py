"""How a notice becomes a line of a letter."""

import pytest

from cdi_sync.digest import _urgency


@pytest.mark.parametrize(
    ("days_left", "group"),
    [(None, "ensuite"), (-1, "retard"), (0, "semaine"), (7, "semaine"), (8, "ensuite")],
)
def test_a_line_stands_under_the_heading_of_its_urgency(days_left: int | None, group: str) -> None:
    assert _urgency(days_left) == group
