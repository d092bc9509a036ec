"""Which invitations, changes and cancellations are to be written: what meetings are now, against what each guest was told.
Pure.

Each guest of a meeting should know one thing: the meeting as it is, or that it isn't any more. What a guest knows is told
by the letters that left, whose keys say it: kind | meeting | s<sequence>-<what it says>-r<revision> | address. A letter is
written when the two differ; one that still waits and would say something older is given up. So it comes to the same
whether a meeting changed once or ten times between two letters, or came back to its first day.

The sequence grows with each change, as calendars want it; it never goes back, even when a row serves for another meeting.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from cdi_sync.mail.outbox import INVITATION, LetterState, Parcel

OFF = "annulation"  # what a cancellation says, in a key
_WAITING = (LetterState.QUEUED, LetterState.HELD)


class Why(StrEnum):
    """Why a meeting isn't to be any more."""

    CANCELLED = "annulee"  # staff said so
    POSTPONED = "reportee"  # its date was erased
    MOVED_BACK = "passee"  # its date is now one that is over
    GONE = "retiree"  # its row isn't in the workbook any more
    RELEASED = "retrait"  # it stands; that person isn't expected any more


class Change(StrEnum):
    """What a letter is for."""

    FIRST = "invitation"
    NEW = "modification"
    END = "annulation"


@dataclass(frozen=True)
class Facts:
    """A meeting as guests are told of it.

    begins, ends: in universal time, None when unknown. here, there: zones of the council and of the partner. online: the
    service of a meeting held at a distance; link: where to join it. about: the agreement's title.
    """

    day: date
    begins: datetime | None
    ends: datetime | None
    here: str
    there: str
    place: str
    online: str
    link: str
    agenda: tuple[str, ...]
    kind: str
    case: str
    about: str
    council: str
    partner: str

    @property
    def said(self) -> str:
        """Eight hexadecimal digits for what is told again when it changes: day, hours, place, link and agenda."""
        told = [self.day, self.begins, self.ends, self.place, self.online, self.link, *self.agenda]
        return hashlib.sha256("\n".join(map(str, told)).encode()).hexdigest()[:8]

    def to_json(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Facts":
        moments = {name: datetime.fromisoformat(data[name]) if data[name] else None for name in ("begins", "ends")}
        return cls(**{**data, **moments, "day": date.fromisoformat(data["day"]), "agenda": tuple(data["agenda"])})


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Guest:
    """Somebody to invite, by the address of the contacts tab."""

    to: str
    name: str
    lang: str


@dataclass(frozen=True)
class Meeting:
    """A meeting as the workbook has it now.

    facts: None when it isn't to be (`why`), or when something of it can't be read (`unsure`): nothing is concluded then.
    open: new guests may be invited. reachable: everybody of both partners who can still be written to, by address.
    """

    id: str
    facts: Facts | None = None
    why: Why | None = None
    unsure: bool = False
    open: bool = False
    guests: tuple[Guest, ...] = ()
    reachable: Mapping[str, Guest] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What was last told of a meeting, left for the next run. history: said → facts, for those that letters may cite."""

    uid: str
    sequence: int
    said: str = ""
    bodies: tuple[str, ...] = ()
    history: Mapping[str, Facts] = field(default_factory=dict)

    @property
    def facts(self) -> Facts | None:
        """The meeting as it was last told, a cancellation aside; None once it is over."""
        return list(self.history.values())[-1] if self.history else None

    def to_json(self) -> dict[str, Any]:
        history = {said: facts.to_json() for said, facts in self.history.items()}
        return {"uid": self.uid, "sequence": self.sequence, "said": self.said, "bodies": list(self.bodies),
                "history": history}  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Told":
        history = {said: Facts.from_json(facts) for said, facts in data["history"].items()}
        return cls(data["uid"], data["sequence"], data["said"], tuple(data["bodies"]), history)


@dataclass(frozen=True)
class Past:
    """A letter of the ledger about a meeting."""

    key: str
    meeting: str
    to: str
    sequence: int
    said: str
    revision: int
    state: LetterState

    @classmethod
    def read(cls, key: str, state: LetterState) -> "Past":
        """What its key says."""
        _, meeting, said, to = key.split("|", 3)
        sequence, words, revision = said.split("-")
        return cls(key, meeting, to, int(sequence[1:]), words, int(revision[1:]), state)


@dataclass(frozen=True)
class Step:
    """A letter to write. facts: the meeting that it tells, or calls off; before: as the guest knew it, if known."""

    parcel: Parcel
    guest: Guest
    change: Change
    why: Why | None
    sequence: int
    uid: str
    facts: Facts
    before: Facts | None = None


@dataclass(frozen=True)
class Plan:
    """What to do about a meeting. told: what to leave for the next run. obsolete: keys of waiting letters to give up."""

    told: Told | None
    steps: tuple[Step, ...] = ()
    obsolete: tuple[str, ...] = ()


def uid_of(meeting: str, sender: str) -> str:
    """The identifier of a meeting in calendars all over the world: rows of two councils may have the same number."""
    return f"{meeting}-{hashlib.sha256(sender.casefold().encode()).hexdigest()[:12]}@{sender.rpartition('@')[2]}"


def vanished(ids: Iterable[str], told: Mapping[str, Told], today: date) -> tuple[str, ...]:
    """Meetings to come that were told of, and whose rows aren't among `ids`."""
    known = set(ids)
    return tuple(id_ for id_, one in told.items() if id_ not in known and _is_to_come(one, today))


def is_suspect(gone: Sequence[str], told: Mapping[str, Told], today: date, limit: int) -> bool:
    """True when so many meetings went at once that the workbook itself may be the wrong one."""
    to_come = sum(_is_to_come(one, today) for one in told.values())
    return len(gone) >= limit and 2 * len(gone) > to_come


def _is_to_come(told: Told, today: date) -> bool:
    return told.said != OFF and told.facts is not None and told.facts.day >= today


# -------------------------------------------------------------------------------------------------- one meeting


def plan(meeting: Meeting, told: Told | None, letters: Sequence[Past], today: date, *, uid: str) -> Plan:
    """What to write about a meeting. letters: all that the ledger has about it.

    New guests are invited until the eve; those who were are told of what changes until the day itself. uid: the one to
    give a meeting that was never told of.
    """
    told = _forgetting(told, today)
    if meeting.unsure:
        return Plan(told)
    known = told.facts if told else None
    facts = meeting.facts if meeting.facts and meeting.facts.day >= today else None
    if facts is None:
        return _call_off(meeting, told, known, letters) if told and known else Plan(told)
    is_open = meeting.open and facts.day > today
    wanted = {guest.to: (guest, facts.said) for guest in meeting.guests if is_open or _is_expected(guest.to, letters)}
    if known is None:
        if not is_open:
            return Plan(told)
    else:  # otherwise the letters spoke of a meeting that is over
        guests = {guest.to for guest in meeting.guests}
        wanted |= {to: entry for to, entry in _to_dismiss(meeting, letters).items() if to not in guests}
    now = _now(told, facts, letters, uid)
    steps, obsolete = _steps(meeting.id, now, facts, wanted, Why.RELEASED, letters)
    if known is None:
        steps = tuple(replace(step, change=Change.FIRST, before=None) for step in steps)
    return Plan(now if steps or told else None, steps, obsolete)


def _call_off(meeting: Meeting, told: Told, known: Facts, letters: Sequence[Past]) -> Plan:
    now = told if told.said == OFF else replace(told, sequence=_top(told, letters) + 1, said=OFF)
    why = meeting.why or Why.MOVED_BACK
    return Plan(now, *_steps(meeting.id, now, known, _to_dismiss(meeting, letters), why, letters))


def _to_dismiss(meeting: Meeting, letters: Sequence[Past]) -> dict[str, tuple[Guest, str]]:
    """Everybody who was written to about that meeting and can still be: to be told that it isn't for them any more."""
    return {to: (meeting.reachable[to], OFF) for to in sorted({past.to for past in letters}) if to in meeting.reachable}


def _forgetting(told: Told | None, today: date) -> Told | None:
    """What was told, without a meeting that is over: only its sequence is kept, should the row serve again."""
    if told and told.facts and told.facts.day < today:
        return replace(told, said="", history={})
    return told


def _now(told: Told | None, facts: Facts, letters: Sequence[Past], uid: str) -> Told:
    """What will have been told: the same revision while nothing changed, else the next."""
    history = {said: old for said, old in (told.history if told else {}).items() if said != facts.said}
    top = _top(told, letters)
    if told and told.said == facts.said:
        sequence = told.sequence
    elif not told and any(past.said == facts.said and past.sequence == top for past in letters):
        sequence = top  # what was left is lost, the letters are there
    else:
        sequence = top + 1
    bodies = tuple(filter(None, (facts.council, facts.partner)))
    return Told(told.uid if told else uid, sequence, facts.said, bodies, {**history, facts.said: facts})


def _top(told: Told | None, letters: Sequence[Past]) -> int:
    """The highest sequence used so far; -1 for none. The letters count too, should what was left be lost."""
    return max([told.sequence if told else -1, *(past.sequence for past in letters)])


# ----------------------------------------------------------------------------------------------------- one guest


def _steps(
    meeting: str, now: Told, facts: Facts, wanted: Mapping[str, tuple[Guest, str]], why: Why, letters: Sequence[Past]
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The letters to write, and the keys of those to give up. wanted: address → (guest, what that guest should know)."""
    steps: list[Step] = []
    obsolete = [past.key for past in letters if past.state in _WAITING and past.to not in wanted]
    for to, (guest, said) in wanted.items():
        mine = sorted((past for past in letters if past.to == to), key=_order)
        waiting = [past for past in mine if past.state in _WAITING]
        last = _last_gone(mine)
        knows = last.said if last else OFF
        kept = waiting[-1:] if knows != said and waiting and waiting[-1].said == said else []
        obsolete += [past.key for past in waiting if past not in kept]
        if knows == said or kept:
            continue
        sequence = max(now.sequence, last.sequence + 1 if last else 0)
        revision = 1 + sum((past.sequence, past.said) == (sequence, said) for past in mine)
        steps.append(
            Step(
                parcel=Parcel(INVITATION, to, f"{INVITATION}|{meeting}|s{sequence}-{said}-r{revision}|{to}"),
                guest=guest,
                change=Change.END if said == OFF else Change.FIRST if knows == OFF else Change.NEW,
                why=why if said == OFF else None,
                sequence=sequence,
                uid=now.uid,
                facts=facts,
                before=now.history.get(knows),
            )
        )
    return tuple(steps), tuple(obsolete)


def _last_gone(mine: Sequence[Past]) -> Past | None:
    """The last letter that left, or may have: what that guest knows."""
    return next((past for past in reversed(mine) if past.state not in (*_WAITING, LetterState.EXPIRED)), None)


def _is_expected(to: str, letters: Sequence[Past]) -> bool:
    """True for somebody who was invited, or whose invitation still waits, and who wasn't told otherwise since."""
    mine = sorted((past for past in letters if past.to == to and past.state is not LetterState.EXPIRED), key=_order)
    return bool(mine) and mine[-1].said != OFF


def _order(past: Past) -> tuple[int, int]:
    return (past.sequence, past.revision)
