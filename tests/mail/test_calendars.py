"""What a calendar reads in an invitation: parsed again by a library, and compared value by value."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from cdi_sync.errors import CdiError
from cdi_sync.mail import message
from cdi_sync.mail.calendars import Appointment, Method, to_ics
from cdi_sync.mail.message import CALENDAR_FILE, Meant, refuse_if_altered
from tests.mail.test_message import mime, received

SENT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
BEGINS = datetime(2026, 12, 3, 10, tzinfo=UTC)


def appointment(**changed: Any) -> Appointment:
    values: dict[str, Any] = {
        "uid": "REU-00001-0123456789ab@fes.example", "sequence": 2, "method": Method.REQUEST, "stamp": SENT,
        "summary": "Comité de pilotage · Fès – Strasbourg", "description": "Budget 2027 ; missions\nDivers, etc.",
        "location": "Salle du conseil, Fès", "link": "https://visio.example/fes", "day": date(2026, 12, 3),
        "begins": BEGINS, "ends": BEGINS + timedelta(minutes=90), "organiser": ("cdi@fes.example", "Service, Fès"),
        "guest": ("anna@strasbourg.example", "Anna Weber"), "alarm": timedelta(hours=1),
    }  # fmt: skip
    return Appointment(**(values | changed))


def read(ics: bytes) -> Any:
    """The one event of a calendar."""
    (event,) = Calendar.from_ical(ics).walk("VEVENT")
    return event


def test_a_meeting_is_read_again_as_it_was_written() -> None:
    ics = to_ics(appointment())
    calendar, event = Calendar.from_ical(ics), read(ics)
    assert (calendar["METHOD"], calendar["VERSION"], calendar["CALSCALE"]) == ("REQUEST", "2.0", "GREGORIAN")
    assert event["UID"] == "REU-00001-0123456789ab@fes.example"
    assert (event["SEQUENCE"], event["STATUS"], event["TRANSP"]) == (2, "CONFIRMED", "OPAQUE")
    assert event["DTSTAMP"].dt == SENT
    assert event["DTSTART"].dt == BEGINS
    assert event["DTEND"].dt == datetime(2026, 12, 3, 11, 30, tzinfo=UTC)
    assert event["SUMMARY"] == "Comité de pilotage · Fès – Strasbourg"
    assert event["DESCRIPTION"] == "Budget 2027 ; missions\nDivers, etc."
    assert event["LOCATION"] == "Salle du conseil, Fès"
    assert event["URL"] == "https://visio.example/fes"
    (alarm,) = event.walk("VALARM")
    assert (alarm["ACTION"], alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(hours=-1))
    assert alarm["DESCRIPTION"] == event["SUMMARY"]


def test_hours_are_universal_and_need_no_definition_of_a_zone() -> None:
    lines = to_ics(appointment()).decode().split("\r\n")
    assert "DTSTART:20261203T100000Z" in lines
    assert "DTEND:20261203T113000Z" in lines
    assert not [line for line in lines if "TZID" in line or "VTIMEZONE" in line]


def test_the_one_guest_and_the_service_are_named_and_nobody_else() -> None:
    event = read(to_ics(appointment()))
    assert event["ORGANIZER"] == "mailto:cdi@fes.example"
    assert event["ORGANIZER"].params["CN"] == "Service, Fès"
    assert event["ATTENDEE"] == "mailto:anna@strasbourg.example"
    parameters = {name: str(value) for name, value in event["ATTENDEE"].params.items()}
    assert parameters == {"CN": "Anna Weber", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}


def test_without_an_hour_the_meeting_takes_the_day_and_leaves_it_free() -> None:
    ics = to_ics(appointment(begins=None, ends=None, alarm=timedelta(hours=15)))
    assert b"DTSTART;VALUE=DATE:20261203\r\n" in ics
    assert b"DTEND;VALUE=DATE:20261204\r\n" in ics
    assert b"TRANSP:TRANSPARENT\r\n" in ics
    (alarm,) = read(ics).walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(hours=-15)  # the day before, at nine


def test_an_end_that_nobody_knows_is_not_made_up() -> None:
    assert "DTEND" not in read(to_ics(appointment(ends=None)))


def test_a_cancellation_takes_the_same_meeting_off_and_rings_no_more() -> None:
    ics = to_ics(appointment(method=Method.CANCEL, sequence=3))
    event = read(ics)
    assert Calendar.from_ical(ics)["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"]) == ("REU-00001-0123456789ab@fes.example", 3)
    assert event["STATUS"] == "CANCELLED"
    assert event["DTSTART"].dt == BEGINS
    assert event.walk("VALARM") == []


def test_lines_are_short_and_end_as_the_standard_says() -> None:
    ics = to_ics(appointment(description="جدول الأعمال " * 60, summary="é" * 200))
    assert ics.endswith(b"END:VCALENDAR\r\n")
    assert max(map(len, ics.split(b"\r\n"))) <= 75
    assert b"\n" not in ics.replace(b"\r\n", b"")


_TYPED = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60)


@given(_TYPED, _TYPED, st.lists(_TYPED, max_size=3))
def test_what_staff_typed_stays_where_it_was_put(summary: str, name: str, agenda: list[str]) -> None:
    """Whatever is typed, the event has the same properties; texts come back whole."""
    one = appointment(summary=summary, description="\n".join(agenda), guest=("anna@strasbourg.example", name))
    plain = replace(
        one, summary="x", description="x" if one.description else "", guest=(one.guest[0], "x" * bool(name))
    )
    event = read(to_ics(one))
    assert list(event) == list(read(to_ics(plain)))
    assert event["ATTENDEE"] == "mailto:anna@strasbourg.example"
    assert event["SUMMARY"] == summary
    assert event.get("DESCRIPTION", "") == one.description


@pytest.mark.parametrize(
    "hostile", ["x\r\nATTENDEE:mailto:eve@mal.example", "x\nMETHOD:PUBLISH", 'a";CN="b', "a;b:c,d"]
)
def test_a_typed_line_break_or_quote_adds_nothing(hostile: str) -> None:
    event = read(to_ics(appointment(summary=hostile, location=hostile, guest=("anna@strasbourg.example", hostile))))
    assert event["ATTENDEE"] == "mailto:anna@strasbourg.example"
    assert "METHOD" not in event
    assert set(event["ATTENDEE"].params) == {"CN", "ROLE", "PARTSTAT", "RSVP"}


# --------------------------------------------------------------------------------------------------- the message


def invitation(**changed: Any) -> bytes:
    return mime(calendar=to_ics(appointment()), method="REQUEST", **changed)


def test_the_meeting_is_a_reading_of_the_letter_and_a_file_joined_to_it() -> None:
    message = received(invitation())
    assert message.get_content_type() == "multipart/mixed"
    readings, joined = message.iter_parts()
    assert readings.get_content_type() == "multipart/alternative"
    types = [part.get_content_type() for part in readings.iter_parts()]
    assert types == ["text/plain", "text/html", "text/calendar"]
    calendar = list(readings.iter_parts())[-1]
    assert (calendar.get_param("method"), calendar.get_content_charset()) == ("REQUEST", "utf-8")
    assert calendar.get_payload(decode=True) == to_ics(appointment())
    assert (joined.get_content_type(), joined.get_filename()) == ("application/ics", CALENDAR_FILE)
    assert joined.get_payload(decode=True) == to_ics(appointment())
    assert message.get_body(("plain",)) is not None
    assert invitation() == invitation()
    assert invitation().isascii()
    assert readings.get_boundary() != message.get_boundary()


def test_a_calendar_that_was_altered_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = invitation()
    written = b64encode(b"BEGIN:VCALENDAR")
    altered = content.replace(written, b64encode(b"BEGIN:VCALENDAS"), 1)
    assert content.count(written) == 2
    meant = _meant(monkeypatch)
    refuse_if_altered(content, meant)
    with pytest.raises(CdiError) as error:
        refuse_if_altered(altered, meant)
    assert error.value.where == "agenda du courriel"
    with pytest.raises(CdiError):
        refuse_if_altered(content, replace(meant, calendar=None))


def _meant(monkeypatch: pytest.MonkeyPatch) -> Meant:
    """What the invitation was meant to say."""
    seen: list[Meant] = []
    with monkeypatch.context() as watched:
        watched.setattr(message, "refuse_if_altered", lambda _content, meant: seen.append(meant))
        invitation()
    return seen[0]
