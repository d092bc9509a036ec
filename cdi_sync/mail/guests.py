"""The meetings of a registry as their guests are to know them, and who the guests are. Pure.

Guests come from the row itself, from the body that meets, and from roles that config/invitations.toml names, with both
partners. A cell that can't be read makes its meeting unsure: it waits until someone mends the cell, since a guess would
be sent abroad.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from cdi_sync.errors import ConfigError
from cdi_sync.mail.hours import UNIVERSAL, at, home_zone, partner_zone
from cdi_sync.mail.invitations import Facts, Guest, Meeting, Told, Why
from cdi_sync.mail.language import FRENCH
from cdi_sync.model import Assessment, Case, Row
from cdi_sync.people import LISTED, NAMED, Directory, Role
from cdi_sync.text import tidy

# What an invitation rests on: none of it may be unreadable.
_READ = ("id_acte", "id_organe", "type", "date", "heure_debut", "heure_fin", "fuseau_ct", "mode", "lieu", "plateforme",
         "lien", "ordre_du_jour", "moderateur", "rapporteur", "participants_invites", "annulee")  # fmt: skip


@dataclass(frozen=True)
class Practice:
    """How a council invites: config/invitations.toml. bodies, types: type → roles of those who sit there."""

    invited: tuple[str, ...]
    organiser: str
    vanished: int
    bodies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alarm: timedelta = timedelta(0)
    alarm_of_day: timedelta = timedelta(0)


def parse_practice(data: Mapping[str, Any], roles: Mapping[str, Role]) -> Practice:
    """The tables of `invitations.toml`. Raises ConfigError for a key or a role that doesn't exist."""
    wanted = {"invites", "organisateur", "disparues", "organes", "types", "alarme"}
    if odd := wanted ^ set(data):
        raise _unusable(", ".join(sorted(odd)), f"clés attendues : {', '.join(sorted(wanted))}")
    named = [*data["invites"], data["organisateur"], *_all(data["organes"]), *_all(data["types"])]
    for role in named:
        if role not in roles and role.partition(".")[0] not in (NAMED, LISTED):
            raise _unusable(role, f"rôles possibles : {', '.join(roles)}")
    return Practice(
        invited=tuple(data["invites"]),
        organiser=data["organisateur"],
        vanished=data["disparues"],
        bodies={kind: tuple(people) for kind, people in data["organes"].items()},
        types={kind: tuple(people) for kind, people in data["types"].items()},
        alarm=timedelta(minutes=data["alarme"]["avec_heure"]),
        alarm_of_day=timedelta(minutes=data["alarme"]["sans_heure"]),
    )


def _all(table: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for people in table.values():
        yield from people


def _unusable(what: str, why: str) -> ConfigError:
    return ConfigError(f"Invitations : « {what} » n'est pas compris.", where="invitations.toml", why=why,
                       fix="Corriger ce fichier, ou supprimer votre copie : celle du logiciel servira.")  # fmt: skip


# -------------------------------------------------------------------------------------------------- the meetings


def meetings_of(
    assessment: Assessment, roles: Mapping[str, Role], practice: Practice, told: Mapping[str, Told]
) -> tuple[Meeting, ...]:
    """Every meeting of the registry as it is now, and those that were told of and aren't in it any more; by identifier.

    A meeting that is over, and that nobody was told of, isn't among them.
    """
    people = Directory(assessment.registry, roles, assessment.as_of)
    cases = {row.id: case for case in assessment.cases.values() for row in case.meetings}
    rows = {row.id: row for row in assessment.registry["reunions"]}
    found = [
        _meeting(row, cases.get(row.id), people, practice, told.get(row.id))
        for row in rows.values()
        if row.id in told or ((day := row.day("date")) and day > assessment.as_of)
    ]
    gone = [Meeting(id_, why=Why.GONE, reachable=_reachable(people, one.bodies)) for id_, one in told.items()
            if id_ not in rows]  # fmt: skip
    return tuple(sorted([*found, *gone], key=lambda meeting: meeting.id))


def _meeting(row: Row, case: Case | None, people: Directory, practice: Practice, told: Told | None) -> Meeting:
    bodies = _bodies(case) if case else ()
    reachable = _reachable(people, (*bodies, *(told.bodies if told else ())))
    if row.quarantined:
        return Meeting(row.id, unsure=True)
    if row.says("annulee"):
        return Meeting(row.id, why=Why.CANCELLED, reachable=reachable)
    if case is None or not row.unreadable.isdisjoint(_READ) or home_zone(row) is None:
        return Meeting(row.id, unsure=True)
    facts = facts_of(row, case)
    if facts is None:
        return Meeting(row.id, why=Why.POSTPONED, reachable=reachable)
    return Meeting(
        id=row.id,
        facts=facts,
        open=not case.over and bool(facts.place or facts.online or facts.link),
        guests=tuple(_guests(row, case, people, practice, bodies)),
        reachable=reachable,
    )


def facts_of(row: Row, case: Case) -> Facts | None:
    """What is told of a meeting; None without a date. An end that comes before the beginning is unknown.

    A cell is read as one line: the points of an agenda are told apart by semicolons, as in every list of the registry.
    """
    day, here, start, end = row.day("date"), home_zone(row), row["heure_debut"], row["heure_fin"]
    if day is None or here is None:
        return None
    begins = at(day, start, here) if isinstance(start, time) else None
    ends = at(day, end, here) if begins and isinstance(end, time) else None
    distant, on_site = row["mode"] == "A_DISTANCE", row["mode"] == "PRESENTIEL"
    return Facts(
        day=day,
        begins=begins,
        ends=ends if begins and ends and ends > begins else None,
        here=here,
        there=partner_zone(row, case.partner, begins or datetime.combine(day, time(12))) if begins else UNIVERSAL,
        place="" if distant else tidy(row.text("lieu")),
        online="" if on_site else tidy(row.text("plateforme")),
        link="" if on_site else tidy(row.text("lien")),
        agenda=tuple(filter(None, map(tidy, re.split(r"[;\n]", row.text("ordre_du_jour"))))),
        kind=row.text("type"),
        case=case.id,
        about=tidy(case.act.text("intitule")) or case.id,
        council=case.act.text("collectivite"),
        partner=case.partner.id if case.partner else "",
    )


# ----------------------------------------------------------------------------------------------------- the guests


def _bodies(case: Case) -> tuple[str, ...]:
    return tuple(filter(None, (case.act.text("collectivite"), case.partner.id if case.partner else "")))


def _guests(row: Row, case: Case, people: Directory, practice: Practice, bodies: tuple[str, ...]) -> Iterator[Guest]:
    """Each address once, whatever the reasons to invite it."""
    seen: set[str] = set()
    for contact in _contacts(row, case, people, practice, bodies):
        guest = guest_of(contact)
        if guest.to not in seen:
            seen.add(guest.to)
            yield guest


def _contacts(row: Row, case: Case, people: Directory, practice: Practice, bodies: tuple[str, ...]) -> Iterator[Row]:
    for role in (*practice.invited, *_seats(row, case, practice)):
        kind, _, column = role.partition(".")
        value = row[column]
        if kind == LISTED:
            yield from people.listed(value, bodies) if isinstance(value, tuple) else ()
        elif kind == NAMED:
            yield from people.named(str(value or ""), bodies)
        else:
            for body in bodies:
                yield from people.holding(role, body)
    if case.partner:
        yield from people.named(case.partner.text("point_focal"), bodies)


def _seats(row: Row, case: Case, practice: Practice) -> tuple[str, ...]:
    """The roles of those who sit in the body that meets; by the type of the meeting when the row names no body."""
    body = next((body for body in case.bodies if body.id == row["id_organe"]), None)
    if body is not None:
        return practice.bodies.get(body.text("type"), ())
    return practice.types.get(row.text("type"), ())


def _reachable(people: Directory, bodies: tuple[str, ...]) -> Mapping[str, Guest]:
    found = [guest_of(contact) for body in dict.fromkeys(bodies) for contact in people.of(body)]
    return {guest.to: guest for guest in reversed(found)}


def guest_of(contact: Row) -> Guest:
    return Guest(contact.text("courriel_institutionnel"), contact.text("nom_prenom"),
                 contact.text("langue_preferee") or FRENCH)  # fmt: skip


def organiser_of(facts: Facts, people: Directory, practice: Practice) -> Guest | None:
    """Whom a guest answers: the first, by number, who holds that role or the next in the hierarchy."""
    _, holders = people.climb(practice.organiser, facts.council)
    return guest_of(min(holders, key=lambda row: row.id)) if holders else None
