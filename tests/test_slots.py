"""When each job is due: both sides of every slot, through week-ends, holidays, year's ends and changes of offset."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cdi_sync.calendar import HolidayChange, WorkCalendar, build_calendar
from cdi_sync.edges.clock import MOROCCO
from cdi_sync.slots import EachMinutes, EachWorkedDay, FirstWorkedDayOfWeek, latest_slot
from tests.registries import DECLARED

CALENDAR = build_calendar([2026], (), DECLARED.calendar)
SYNC = EachWorkedDay((time(7), time(12, 30), time(18)))
REMIND = EachWorkedDay((time(8, 30),))
REPORT = FirstWorkedDayOfWeek(time(8))


def at(text: str) -> datetime:
    """A moment in Morocco, as the clock on the wall shows it: "2026-11-23 08:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=MOROCCO)


def off(*days: str, calendar: WorkCalendar = CALENDAR) -> WorkCalendar:
    """The calendar with these days off as well."""
    return calendar.changed_by(
        [HolidayChange(date.fromisoformat(d), "Fermé", "EXCEPTIONNEL", "CONFIRME") for d in days]
    )


@pytest.mark.parametrize(
    ("now", "slot"),
    [  # 2026-11-23 is a Monday, 2026-11-20 the Friday before
        ("2026-11-23 00:00:00", "2026-11-20T18:00"),
        ("2026-11-23 06:59:59", "2026-11-20T18:00"),
        ("2026-11-23 07:00:00", "2026-11-23T07:00"),
        ("2026-11-23 12:29:59", "2026-11-23T07:00"),
        ("2026-11-23 12:30:00", "2026-11-23T12:30"),
        ("2026-11-23 17:59:59", "2026-11-23T12:30"),
        ("2026-11-23 18:00:00", "2026-11-23T18:00"),
        ("2026-11-23 23:59:59", "2026-11-23T18:00"),
        ("2026-11-24 00:00:00", "2026-11-23T18:00"),
        # a week-end makes none of its own
        ("2026-11-21 08:00:00", "2026-11-20T18:00"),
        ("2026-11-22 23:59:59", "2026-11-20T18:00"),
        # Wednesday 18 November 2026 is Independence Day
        ("2026-11-18 12:00:00", "2026-11-17T18:00"),
        ("2026-11-19 06:59:59", "2026-11-17T18:00"),
        ("2026-11-19 07:00:00", "2026-11-19T07:00"),
        # Friday 1 January 2027 is a holiday, then a week-end
        ("2026-12-31 18:00:00", "2026-12-31T18:00"),
        ("2027-01-03 23:59:59", "2026-12-31T18:00"),
        ("2027-01-04 07:00:00", "2027-01-04T07:00"),
    ],
)
def test_a_worked_day_has_its_slots_and_no_other_day_has_any(now: str, slot: str) -> None:
    assert latest_slot(SYNC, at(now), CALENDAR) == slot


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-11-23 07:59:59", "2026-S47"),
        ("2026-11-23 08:00:00", "2026-S48"),
        ("2026-11-29 23:59:59", "2026-S48"),
        ("2026-11-30 07:59:59", "2026-S48"),
        ("2026-11-30 08:00:00", "2026-S49"),
        # 11 January, Independence Manifesto, is a Monday in 2027: Tuesday is the first worked day
        ("2027-01-11 23:59:59", "2027-S01"),
        ("2027-01-12 07:59:59", "2027-S01"),
        ("2027-01-12 08:00:00", "2027-S02"),
        # the week of 1 January 2027 belongs to 2026: 28 December to 3 January is its 53rd
        ("2026-12-28 08:00:00", "2026-S53"),
        ("2027-01-04 07:59:59", "2026-S53"),
        ("2027-01-04 08:00:00", "2027-S01"),
    ],
)
def test_a_week_has_one_slot_on_its_first_worked_day(now: str, slot: str) -> None:
    assert latest_slot(REPORT, at(now), CALENDAR) == slot


def test_a_week_without_a_worked_day_has_no_report() -> None:
    closed = off("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27")
    assert latest_slot(REPORT, at("2026-11-29 12:00"), closed) == "2026-S47"
    assert latest_slot(REPORT, at("2026-11-30 08:00"), closed) == "2026-S49"


@pytest.mark.parametrize("when", [SYNC, REPORT], ids=["worked days", "weeks"])
def test_a_day_that_the_registry_closes_moves_what_was_due_on_it(when: EachWorkedDay | FirstWorkedDayOfWeek) -> None:
    closed = off("2026-11-23")
    assert latest_slot(when, at("2026-11-23 20:00"), closed) == latest_slot(when, at("2026-11-22 20:00"), closed)
    assert latest_slot(when, at("2026-11-24 08:00"), closed) in ("2026-11-24T07:00", "2026-S48")


def test_what_is_older_than_fourteen_days_is_not_made_up_for() -> None:
    first = date(2026, 11, 24)
    closed = off(*(str(first + timedelta(days=n)) for n in range(30)))
    assert latest_slot(REMIND, at("2026-12-07 23:59"), closed) == "2026-11-23T08:30"  # 14 days later
    assert latest_slot(REMIND, at("2026-12-08 00:00"), closed) is None


@pytest.mark.parametrize(
    ("day", "transition"),
    [("2026-09-20", "to UTC+0"), ("2026-02-15", "back, for Ramadan"), ("2026-03-22", "forward again")],
)
def test_a_change_of_offset_neither_doubles_nor_loses_a_slot(day: str, transition: str) -> None:
    """All three are Sundays; slots are counted instant after instant, from the worked day before to the one after."""
    sunday = date.fromisoformat(day)
    before, after = CALENDAR.previous_worked(sunday), CALENDAR.next_worked(sunday)  # in March, Aïd comes before
    instant = datetime.combine(before, time(0), ZoneInfo("UTC"))
    seen: list[str | None] = []
    while instant.date() <= after:
        slot = latest_slot(SYNC, instant.astimezone(MOROCCO), CALENDAR)
        if not seen or seen[-1] != slot:
            seen.append(slot)
        instant += timedelta(minutes=5)
    assert seen[1:] == [f"{worked}T{hour}" for worked in (before, after) for hour in ("07:00", "12:30", "18:00")]
    assert len(seen) == len(set(seen))


def test_slots_fall_at_the_same_hour_on_the_wall_before_and_after_the_change() -> None:
    before, after = datetime.fromisoformat("2026-09-18T07:30+00:00"), datetime.fromisoformat("2026-09-21T08:30+00:00")
    for instant in (before, after):  # 08:30 in Morocco: UTC+1, then UTC+0
        late, early = instant.astimezone(MOROCCO), (instant - timedelta(seconds=1)).astimezone(MOROCCO)
        assert latest_slot(REMIND, late, CALENDAR) == f"{late.date()}T08:30"
        assert latest_slot(REMIND, early, CALENDAR) != f"{late.date()}T08:30"


def test_hours_are_put_in_order() -> None:
    assert latest_slot(EachWorkedDay((time(18), time(7))), at("2026-11-23 19:00"), CALENDAR) == "2026-11-23T18:00"


@pytest.mark.parametrize("hour", [time(1), time(2, 30), time(4)])
def test_no_job_may_be_due_where_the_clock_changes(hour: time) -> None:
    with pytest.raises(ValueError, match="aucun travail"):
        EachWorkedDay((time(7), hour))
    with pytest.raises(ValueError, match="aucun travail"):
        FirstWorkedDayOfWeek(hour)


@pytest.mark.parametrize("hour", [time(0, 59), time(4, 1)])
def test_the_hours_around_are_allowed(hour: time) -> None:
    assert EachWorkedDay((hour,)).hours == (hour,)


# ------------------------------------------------------------------------------------------- every so many minutes


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-11-23 08:14", "2026-11-23T08:00"),
        ("2026-11-23 08:15", "2026-11-23T08:15"),
        ("2026-11-23 23:59", "2026-11-23T23:45"),
        ("2026-11-24 00:00", "2026-11-24T00:00"),
        ("2026-11-22 12:31", "2026-11-22T12:30"),  # a Sunday: mail comes in on any day
        ("2026-11-23 01:00", "2026-11-23T00:45"),  # hours that a change of offset may double
        ("2026-11-23 04:14", "2026-11-23T00:45"),
        ("2026-11-23 04:15", "2026-11-23T04:15"),
    ],
)
def test_a_slot_comes_every_quarter_of_an_hour_but_in_the_hours_that_may_come_twice(now: str, slot: str) -> None:
    assert latest_slot(EachMinutes(15), at(now), CALENDAR) == slot
