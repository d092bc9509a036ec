"""When a job is due: the slots of its timetable. Pure.

Days and hours are Morocco's, as a clock on the wall shows them. A slot is known by its local day and hour
("2026-11-23T08:30"), or by its ISO week ("2026-S48"), never by an instant: were Morocco to change its offset again,
a slot would still be done once. No hour lies from 01:00 to 04:00, where a change skips an hour or shows it twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from cdi_sync.calendar import iso_week

LOOK_BACK = 14  # days: a slot missed for longer isn't made up for
_UNSAFE = (time(1), time(4))  # both included


@dataclass(frozen=True)
class Slot:
    """One time at which a job is due. name: what the ledger keeps; at: local day and hour, without zone."""

    name: str
    at: datetime


class Days(Protocol):
    """What timetables ask of a calendar."""

    def is_worked(self, day: date) -> bool: ...

    def next_worked(self, day: date) -> date: ...


class EveryDay:
    """As if no day were ever off: a slot by it is one that could be due, were the true calendar to change."""

    def is_worked(self, _day: date) -> bool:
        return True

    def next_worked(self, day: date) -> date:
        return day


class When(Protocol):
    """A timetable."""

    def on(self, day: date, calendar: Days) -> Sequence[Slot]:
        """The slots of that day, in order."""
        ...


@dataclass(frozen=True)
class EachWorkedDay:
    """Every worked day, at each of these local hours; they are put in order. Raises ValueError for an unsafe hour."""

    hours: tuple[time, ...]

    def __post_init__(self) -> None:
        for hour in self.hours:
            _refuse_unsafe(hour)

    def on(self, day: date, calendar: Days) -> Sequence[Slot]:
        if not calendar.is_worked(day):
            return ()
        moments = [datetime.combine(day, hour) for hour in sorted(self.hours)]
        return [Slot(moment.isoformat(timespec="minutes"), moment) for moment in moments]


@dataclass(frozen=True)
class FirstWorkedDayOfWeek:
    """The first worked day of each ISO week, at that local hour. Raises ValueError for an unsafe hour."""

    hour: time

    def __post_init__(self) -> None:
        _refuse_unsafe(self.hour)

    def on(self, day: date, calendar: Days) -> Sequence[Slot]:
        monday = day - timedelta(days=day.weekday())
        if calendar.next_worked(monday) != day:
            return ()
        return [Slot(iso_week(day), datetime.combine(day, self.hour))]


@dataclass(frozen=True)
class EachMinutes:
    """Every day, worked or not, at each of so many minutes from midnight on; never at an unsafe hour."""

    minutes: int

    def on(self, day: date, calendar: Days) -> Sequence[Slot]:
        midnight = datetime.combine(day, time())
        moments = [midnight + timedelta(minutes=minute) for minute in range(0, 24 * 60, self.minutes)]
        return [
            Slot(moment.isoformat(timespec="minutes"), moment) for moment in moments if not _is_unsafe(moment.time())
        ]


def latest_slot(when: When, now: datetime, calendar: Days) -> str | None:
    """The name of the latest slot at or before `now` (Morocco's time); None when the last 14 days had none."""
    wall = now.replace(tzinfo=None)
    for days in range(LOOK_BACK + 1):
        past = [slot.name for slot in when.on(wall.date() - timedelta(days=days), calendar) if slot.at <= wall]
        if past:
            return past[-1]
    return None


def _is_unsafe(hour: time) -> bool:
    return _UNSAFE[0] <= hour <= _UNSAFE[1]


def _refuse_unsafe(hour: time) -> None:
    first, last = _UNSAFE
    if _is_unsafe(hour):
        raise ValueError(f"{hour:%H:%M} : aucun travail n'est prévu de {first:%H:%M} à {last:%H:%M}.")
