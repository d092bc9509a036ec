"""Dates, as serial numbers that bring a date format along."""

import calendar
import math
from collections.abc import Iterable
from datetime import date, timedelta

from tests.google.sheets.formulas.functions.registry import Context, function
from tests.google.sheets.formulas.values import (
    Array,
    FunctionError,
    Shown,
    bad_number,
    bad_value,
    day_of,
    number_in,
    serial_of,
    shown,
)  # fmt: skip
from tests.google.sheets.spreadsheet import Value

_WEEKEND = "0000011"


@function("TODAY", context=True)
def today(context: Context) -> float:
    return shown(math.floor(serial_of(context.now)), "DATE")


@function("NOW", context=True)
def now(context: Context) -> float:
    return shown(serial_of(context.now), "DATE_TIME")


@function("DATE", "number number number")
def date_(year: float, month: float, day: float) -> float:
    years, months = math.floor(year), math.floor(month) - 1
    first = _first_of(years + 1900 if 0 <= years < 1900 else years, months)
    serial = serial_of(first) + math.floor(day) - 1
    if serial < 0:
        raise FunctionError(bad_number(f"DATE evaluates to an out of range value {serial:g}. "
                                "It should be greater than or equal to 0."))  # fmt: skip
    day_of(serial)
    return shown(serial, "DATE")


def _first_of(year: int, months: int) -> date:
    """The first day of the month so many months after January of a year."""
    year, month = year + months // 12, months % 12 + 1
    if not 1 <= year <= 9999:
        raise FunctionError(bad_number(f"{year} isn't a year of the calendar."))
    return date(year, month, 1)


@function("TIME", "number number number")
def time(hours: float, minutes: float, seconds: float) -> float:
    return shown((hours * 3600 + minutes * 60 + seconds) / 86_400 % 1, "TIME")


@function("DATEVALUE", "value", context=True)
def date_value(context: Context, value: Value) -> float:
    number = number_in(value, context.locale) if isinstance(value, str) else value
    if not isinstance(number, Shown):
        raise FunctionError(bad_value(f"DATEVALUE parameter '{value}' cannot be parsed to date/time."))
    return float(math.floor(number))


@function("YEAR", "number")
def year(serial: float) -> float:
    return float(day_of(serial).year)


@function("MONTH", "number")
def month(serial: float) -> float:
    return float(day_of(serial).month)


@function("DAY", "number")
def day(serial: float) -> float:
    return float(day_of(serial).day)


@function("HOUR", "number")
def hour(serial: float) -> float:
    return float(_seconds(serial) // 3600)


@function("MINUTE", "number")
def minute(serial: float) -> float:
    return float(_seconds(serial) // 60 % 60)


@function("SECOND", "number")
def second(serial: float) -> float:
    return float(_seconds(serial) % 60)


def _seconds(serial: float) -> int:
    return round(serial % 1 * 86_400) % 86_400


@function("WEEKDAY", "number number?")
def weekday(serial: float, kind: float = 1) -> float:
    at = day_of(serial).weekday()  # Monday is 0
    if kind == 1:
        return float((at + 1) % 7 + 1)
    if kind not in (2, 3):
        raise FunctionError(bad_number(f"Function WEEKDAY parameter 2 value is {kind:g}. "
                                "Valid values are between 1 and 3 inclusive."))  # fmt: skip
    return float(at + 1 if kind == 2 else at)


@function("ISOWEEKNUM", "number")
def iso_week(serial: float) -> float:
    return float(day_of(serial).isocalendar().week)


@function("WEEKNUM", "number number?")
def week(serial: float, kind: float = 1) -> float:
    if kind == 21:
        return iso_week(serial)
    starts_on = 6 if kind == 1 else 0 if kind == 2 else (int(kind) - 11) % 7  # Monday is 0
    found = day_of(serial)
    before = (date(found.year, 1, 1).weekday() - starts_on) % 7
    return float((found.timetuple().tm_yday - 1 + before) // 7 + 1)


@function("EDATE", "number number")
def edate(serial: float, months: float) -> float:
    start = day_of(serial)
    first = _first_of(start.year, start.month - 1 + math.trunc(months))
    last = calendar.monthrange(first.year, first.month)[1]
    return shown(serial_of(first.replace(day=min(start.day, last))), "DATE")


@function("EOMONTH", "number number")
def eomonth(serial: float, months: float) -> float:
    start = day_of(serial)
    first = _first_of(start.year, start.month - 1 + math.trunc(months))
    return shown(serial_of(first.replace(day=calendar.monthrange(first.year, first.month)[1])), "DATE")


@function("DAYS", "number number")
def days(end: float, start: float) -> float:
    return float(math.floor(end) - math.floor(start))


@function("DATEDIF", "number number text")
def datedif(start: float, end: float, unit: str) -> float:
    one, other = day_of(start), day_of(end)
    if other < one:
        raise FunctionError(bad_number(f"Function DATEDIF parameter 1 ({one}) should be on or before "
                                f"Function DATEDIF parameter 2 ({other})."))  # fmt: skip
    months = (other.year - one.year) * 12 + other.month - one.month - (other.day < one.day)
    match unit.upper():
        case "D":
            return float((other - one).days)
        case "M":
            return float(months)
        case "Y":
            return float(months // 12)
        case "YM":
            return float(months % 12)
        case "MD":
            first = _first_of(one.year, one.month - 1 + months)
            return float((other - first).days - one.day + 1)
        case "YD":
            anniversary = edate(serial_of(one), months // 12 * 12)
            return serial_of(other) - float(anniversary)
    raise FunctionError(bad_number(f"Function DATEDIF parameter 3 value is {unit}. It should be one of: "
                            '"Y", "M", "D", "MD", "YM", "YD".'))  # fmt: skip


@function("NETWORKDAYS", "number number range?", context=True)
def networkdays(context: Context, start: float, end: float, holidays: Array | None = None) -> float:
    return _working_days(start, end, _WEEKEND, _days(context, holidays))


@function("NETWORKDAYS.INTL", "number number value? range?", context=True)
def networkdays_intl(
    context: Context, start: float, end: float, weekend: Value = 1.0, holidays: Array | None = None
) -> float:
    return _working_days(start, end, _weekend("NETWORKDAYS.INTL", weekend), _days(context, holidays))


@function("WORKDAY", "number number range?", context=True)
def workday(context: Context, start: float, count: float, holidays: Array | None = None) -> float:
    return _workday(start, count, _WEEKEND, _days(context, holidays))


@function("WORKDAY.INTL", "number number value? range?", context=True)
def workday_intl(
    context: Context, start: float, count: float, weekend: Value = 1.0, holidays: Array | None = None
) -> float:
    return _workday(start, count, _weekend("WORKDAY.INTL", weekend), _days(context, holidays))


def _working_days(start: float, end: float, weekend: str, holidays: set[date]) -> float:
    one, other = sorted((day_of(start), day_of(end)))
    worked = sum(_is_worked(each, weekend, holidays) for each in _days_between(one, other))
    return float(worked if start <= end else -worked)


def _days_between(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=at) for at in range((last - first).days + 1))


def _workday(start: float, count: float, weekend: str, holidays: set[date]) -> float:
    found, left = day_of(start), abs(math.trunc(count))
    day_of(start + count)  # no further than the calendar
    step = timedelta(days=1 if count > 0 else -1)
    while left:
        found += step
        left -= _is_worked(found, weekend, holidays)
    return shown(serial_of(found), "DATE")


def _is_worked(each: date, weekend: str, holidays: set[date]) -> bool:
    return weekend[each.weekday()] == "0" and each not in holidays


def _weekend(name: str, value: Value) -> str:
    """Seven digits from Monday, "1" for a day of rest, out of such a text or of a number."""
    if isinstance(value, str) and len(value) == 7 and set(value) <= {"0", "1"} and "0" in value:
        return value
    number = 1 if value is None else int(value) if isinstance(value, float) else 0
    if 1 <= number <= 7:
        resting = {(number + 4) % 7, (number + 5) % 7}
    elif 11 <= number <= 17:
        resting = {(number + 2) % 7}
    else:
        raise FunctionError(bad_number(f"Function {name} parameter 3 value is {value}. It isn't a weekend."))
    return "".join("1" if at in resting else "0" for at in range(7))


def _days(context: Context, holidays: Array | None) -> set[date]:
    found = set()
    for value in holidays.flat if holidays else ():
        number = number_in(value, context.locale) if isinstance(value, str) else value
        if isinstance(number, float):
            found.add(day_of(number))
    return found


@function("YEARFRAC", "number number number?")
def yearfrac(start: float, end: float, basis: float = 0) -> float:
    one, other = sorted((day_of(start), day_of(end)))
    if basis in (2, 3):
        return (other - one).days / (360 if basis == 2 else 365)
    if basis == 1:
        years = range(one.year, other.year + 1)
        return (other - one).days / (sum(366 if calendar.isleap(each) else 365 for each in years) / len(years))
    first = min(one.day, 30)
    last = 30 if other.day == 31 and (basis == 4 or first == 30) else other.day
    return ((other.year - one.year) * 360 + (other.month - one.month) * 30 + last - first) / 360
