"""Moments as exports write them: what is read, and what can be read two ways is not."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cdi_sync.forms.moments import Order, is_ambiguous, order_of, read_day, read_moment
from cdi_sync.model import Raw

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")  # one hour ahead of UTC in November


def utc(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 3, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026/11/03 10:15:30 AM UTC+1", utc(9, 15, 30)),
        ("2026/11/03 12:15:30 AM GMT", utc(0, 15, 30)),
        ("2026/11/03 12:15:30 PM GMT-2", utc(14, 15, 30)),
        ("2026/11/03 4:05:07 PM CET", utc(15, 5, 7)),
        ("2026-11-03T10:15:30.123Z", utc(10, 15, 30)),
        ("2026-11-03T10:15:30.000+01:00", utc(9, 15, 30)),
        ("2026-11-03 10:15", utc(9, 15)),
        ("٢٠٢٦/١١/٠٣ ١٠:١٥:٣٠ ص", utc(9, 15, 30)),
        ("٢٠٢٦/١١/٠٣ ٠١:١٥:٣٠ م", utc(12, 15, 30)),
        (datetime(2026, 11, 3, 10, 15), utc(9, 15)),
        (46329.5, utc(11)),  # 3 November 2026, noon, in Paris
        (date(2026, 11, 3), datetime(2026, 11, 2, 23, tzinfo=UTC)),
        ("03/11/2026 10:15:00", None),  # 3 November, or 11 March
        ("23/10/2026 10:15:00", datetime(2026, 10, 23, 8, 15, tzinfo=UTC)),
        ("2026/11/03 10:15:30 AM XYZ", None),
        ("2026/11/03 13:15:30 PM", None),
        ("31/02/2026 10:15", None),
        ("hier", None),
        (True, None),
        (12, None),
        (None, None),
        ("1" * 50_000, None),
    ],
)
def test_a_moment_is_read_in_its_zone_or_not_at_all(typed: Raw, read: datetime | None) -> None:
    assert read_moment(typed, zone=PARIS) == read


def test_a_serial_number_of_1904_is_the_same_moment() -> None:
    assert read_moment(46329.5 - 1462, zone=PARIS, date1904=True) == utc(11)


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["03/04/2026 10:00", "23/04/2026 10:00"], Order.DAY),
        (["03/04/2026 10:00", "4/23/2026 10:00"], Order.MONTH),
        (["03/04/2026 10:00"], None),
        (["05/12/2026 10:00"], Order.MONTH),  # 5 December is still to come
        (["23/04/2026 10:00", "4/23/2026 10:00"], None),
        (["2026-04-03"], None),
        (["24/11/2026 01:00"], Order.DAY),  # tomorrow: clocks and zones aside
        ([], None),
    ],
)
def test_the_order_is_what_the_export_itself_shows(days: list[str], order: Order | None) -> None:
    assert order_of(days, at=AT) == order


def test_a_day_that_needs_the_order_waits_for_it() -> None:
    assert read_day("03/04/2026", None) is None
    assert read_day("03/04/2026", Order.DAY) == date(2026, 4, 3)
    assert read_day("03/04/2026", Order.MONTH) == date(2026, 3, 4)
    assert read_day("04/04/2026", None) == date(2026, 4, 4)
    assert [is_ambiguous(day) for day in ("03/04/2026", "04/04/2026", "13/04/2026", "2026-04-03")] == [
        True, False, False, False,
    ]  # fmt: skip
