"""A meeting as calendars exchange it: an iCalendar object for one guest, to add, change or take off (RFC 5545, 5546). Pure.

Hours are written in universal time. Morocco's clock changed its rule on 20 September 2026: a program whose own data is
older reads « Africa/Casablanca » by its old rule, whatever definition of the zone comes with the event (the large ones
know the name and look no further). Universal time is the same moment for all, and needs no definition.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

PRODUCT = "-//cdi_sync//cdi_sync//FR"


class Method(StrEnum):
    """What a calendar is asked to do."""

    REQUEST = "REQUEST"  # add the meeting, or change the one it has
    CANCEL = "CANCEL"  # take it off


@dataclass(frozen=True)
class Appointment:
    """One meeting for one guest.

    sequence: grows with each change. stamp: when it was written. begins, ends: in universal time; without `begins` it
    takes the whole of `day`. alarm: how long before it begins; None for none. guest and organiser: (address, name).
    """

    uid: str
    sequence: int
    method: Method
    stamp: datetime
    summary: str
    description: str
    location: str
    link: str
    day: date
    begins: datetime | None
    ends: datetime | None
    organiser: tuple[str, str]
    guest: tuple[str, str]
    alarm: timedelta | None


def to_ics(one: Appointment) -> bytes:
    """The iCalendar object (CRLF, UTF-8, folded): same arguments, same bytes."""
    from icalendar import Calendar  # slow to load

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", one.method.value)
    calendar.add_component(_event(one))
    return bytes(calendar.to_ical())


def _event(one: Appointment) -> Any:
    from icalendar import Event

    event, cancelled = Event(), one.method is Method.CANCEL
    event.add("uid", one.uid)
    event.add("sequence", one.sequence)
    event.add("dtstamp", one.stamp.astimezone(UTC))
    _put_hours(event, one)
    event.add("summary", one.summary)
    for name, value in (("description", one.description), ("location", one.location), ("url", one.link)):
        if value:
            event.add(name, value)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("organizer", _person(*one.organiser))
    # Nothing reads what a calendar answers by itself: the letter says whom to answer.
    event.add("attendee", _person(*one.guest, role="REQ-PARTICIPANT", partstat="NEEDS-ACTION", rsvp="FALSE"))
    if one.alarm and not cancelled:
        event.add_component(_alarm(one.alarm, one.summary))
    return event


def _put_hours(event: Any, one: Appointment) -> None:
    if one.begins is None:
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))  # the day after the last one
        event.add("transp", "TRANSPARENT")  # the hour isn't known: the day stays free for other things
        return
    event.add("dtstart", one.begins.astimezone(UTC))
    if one.ends:
        event.add("dtend", one.ends.astimezone(UTC))
    event.add("transp", "OPAQUE")


def _person(address: str, name: str, **parameters: str) -> Any:
    from icalendar import vCalAddress, vText

    person = vCalAddress(f"mailto:{address}")
    for parameter, value in {"cn": name.replace('"', "'"), **parameters}.items():
        if value:
            person.params[parameter] = vText(value)
    return person


def _alarm(before: timedelta, text: str) -> Any:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", -before)
    return alarm
