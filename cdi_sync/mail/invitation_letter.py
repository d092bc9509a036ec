"""The words of an invitation, a change or a cancellation: what its letter tells, and what the guest's calendar shows. Pure.

What is called off is told as the guest knew it, so that it is found again in a diary.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cdi_sync.mail.calendars import Appointment, Method
from cdi_sync.mail.guests import Practice
from cdi_sync.mail.hours import Clock, clocks, full_day
from cdi_sync.mail.invitations import Change, Facts, Guest, Step
from cdi_sync.mail.language import Language


@dataclass(frozen=True)
class Shift:
    """What changed: its label, and as it was; before: "" when it is too long to repeat, or was empty."""

    label: str
    before: str = ""


@dataclass(frozen=True)
class Invitation:
    """What one guest is told of a meeting, in the guest's language.

    change: invitation, modification or annulation; why: of a cancellation, as Why has it, else "". kind: of meeting, in
    words. when: day and hours in one line. clocks: empty when the hour isn't known. organiser: (name, address), or
    ("", "") when nobody can be answered.
    """

    meeting: str
    name: str
    lang: str
    service: str
    council: str
    partner: str
    change: str
    why: str
    kind: str
    case: str
    about: str
    day: str
    when: str
    clocks: tuple[Clock, ...]
    place: str
    online: str
    link: str
    agenda: tuple[str, ...]
    organiser: tuple[str, str]
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True)
class Names:
    """What the registry calls things, in French. kinds: of meetings, by code; bodies: councils and partners, by number."""

    kinds: Mapping[str, str]
    bodies: Mapping[str, str]


def invitation_of(step: Step, organiser: Guest | None, names: Names, language: Language, *, service: str) -> Invitation:
    """What that letter tells."""
    facts = step.facts
    shown = _clocks(facts, language)
    return Invitation(
        meeting=step.parcel.key.split("|")[1],
        name=step.guest.name,
        lang=language.code,
        service=service,
        council=names.bodies.get(facts.council, ""),
        partner=names.bodies.get(facts.partner, ""),
        change=step.change,
        why=step.why or "",
        kind=_kind(facts, names, language),
        case=facts.case,
        about=facts.about,
        day=full_day(facts.day, language),
        when=_when(facts, language),
        clocks=shown,
        place=facts.place,
        online=facts.online,
        link=facts.link,
        agenda=facts.agenda,
        organiser=(organiser.name, organiser.to) if organiser else ("", ""),
        shifts=tuple(_shifts(step.before, facts, language)) if step.before else (),
    )


def _kind(facts: Facts, names: Names, language: Language) -> str:
    return language.gettext(names.kinds.get(facts.kind, "Réunion"))


def _clocks(facts: Facts, language: Language) -> tuple[Clock, ...]:
    return clocks(facts.begins, facts.ends, facts.here, facts.there, language) if facts.begins else ()


def _when(facts: Facts, language: Language) -> str:
    """« jeudi 3 décembre 2026, 10:00 – 11:30 »: by the council's clock."""
    shown = _clocks(facts, language)
    comma = "، " if language.is_right_to_left else ", "
    return comma.join([full_day(facts.day, language), *([shown[0].hours] if shown else [])])


def _shifts(before: Facts, facts: Facts, language: Language) -> Iterator[Shift]:
    if (before.day, before.begins, before.ends) != (facts.day, facts.begins, facts.ends):
        yield Shift(language.gettext("Date et heure"), _when(before, language))
    if before.place != facts.place:
        yield Shift(language.gettext("Lieu"), before.place)
    if (before.online, before.link) != (facts.online, facts.link):
        yield Shift(language.gettext("En ligne"), before.online)
    if before.agenda != facts.agenda:
        yield Shift(language.gettext("Ordre du jour"))


# ------------------------------------------------------------------------------------------------ the calendar


def appointment_of(
    step: Step, invitation: Invitation, practice: Practice, language: Language, *, service: str, sender: str,
    stamp: datetime,
) -> Appointment:  # fmt: skip
    """The same meeting for the guest's calendar. stamp: when the letter was written."""
    facts = step.facts
    place = " · ".join(filter(None, (facts.place, facts.online)))
    return Appointment(
        uid=step.uid,
        sequence=step.sequence,
        method=Method.CANCEL if step.change is Change.END else Method.REQUEST,
        stamp=stamp,
        summary=f"{invitation.kind} · {facts.about}",
        description="\n".join(_description(invitation, language)),
        location=place,
        link=facts.link if facts.link.startswith(("https://", "http://")) else "",
        day=facts.day,
        begins=facts.begins,
        ends=facts.ends,
        organiser=(sender, service),
        guest=(step.guest.to, step.guest.name),
        alarm=(practice.alarm if facts.begins else practice.alarm_of_day) or None,
    )


def _description(invitation: Invitation, language: Language) -> Iterator[str]:
    yield f"{invitation.kind} · {invitation.about} ({invitation.case})"
    for clock in invitation.clocks:
        where = " ".join(filter(None, (clock.where, f"({clock.offset})" if clock.where else clock.offset)))
        yield ", ".join(filter(None, (clock.day, f"{clock.hours} {where}")))
    yield from filter(None, (invitation.place, invitation.online, invitation.link))
    if invitation.agenda:
        yield f"{language.gettext('Ordre du jour')}{language.gettext(' : ')}" + " ; ".join(invitation.agenda)
    name, address = invitation.organiser
    if address:
        yield f"{language.gettext('Réponse à')}{language.gettext(' : ')}{name} <{address}>"
