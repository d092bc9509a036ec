"""From ladders to notices: what waits on every case and session, and who hears of it at the step that is due. Pure.

One notice a person, a subject and a step. When nobody holds a role, the next in the hierarchy is told in its place.
A row whose reminder was acknowledged, or put off, tells nothing for a while; on an agreement this covers every row
of the case.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeAlias

from cdi_sync.errors import ConfigError
from cdi_sync.law import EVERY_TIER, Law
from cdi_sync.model import Case, Notice, Pending, Row, Standing, Tier, Told
from cdi_sync.people import LISTED, NAMED, Directory
from cdi_sync.procedure import Surroundings
from cdi_sync.reminders.answered import Answers, back_on
from cdi_sync.reminders.ladder import Reminder, latest_step
from cdi_sync.reminders.triggers import OF_CASES, OF_SESSIONS
from cdi_sync.reminders.waiting import Waiting

Cite: TypeAlias = Callable[[str, Tier | None, date], str]
ACKNOWLEDGED, PUT_OFF = "rappel_vu_le", "rappels_reportes_au"
_AGAIN = "repris"
_NOBODY: Answers = MappingProxyType({})


@dataclass(frozen=True)
class _Found:
    """What waits, with where it belongs. case: None for a session."""

    waiting: Waiting
    case: Case | None
    tier: Tier | None
    council: str


def due_notices(
    reminders: Sequence[Reminder],
    cases: Mapping[str, Case],
    standings: Mapping[str, Standing],
    around: Surroundings,
    people: Directory,
    cite: Cite,
    answers: Answers = _NOBODY,
) -> Told:
    """Everything that waits on `around.today`, and who is to hear of it; `to` is "" when nobody can be told.

    cite: (rule, tier of the council, day) → the text to cite. answers: what people answered, each to one reminder of a
    row. Both sorted by (due day, reminder, case, subject),
    notices then by address.
    """
    pending: list[Pending] = []
    notices: list[Notice] = []
    for reminder in reminders:
        for found in _waiting(reminder, cases, standings, around):
            item = _pending(reminder, found, cite)
            pending.append(item)
            back = back_on(answers.get((reminder.id, item.subject, item.anchor), {}), around.law, around.calendar)
            if not _is_quiet(found, back, around.today, around.law):
                notices += _notices(item, reminder, found, people, around, back)
    return Told(tuple(sorted(pending, key=_order)), tuple(sorted(notices, key=lambda n: (*_order(n), n.to, n.role))))


def _order(item: Pending) -> tuple[date, str, str, str]:
    return (item.due or date.max, item.reminder, item.case, item.subject)


def _waiting(
    reminder: Reminder, cases: Mapping[str, Case], standings: Mapping[str, Standing], around: Surroundings
) -> Iterator[_Found]:
    if reminder.trigger in OF_SESSIONS:
        yield from _waiting_sessions(reminder, around)
        return
    trigger = OF_CASES[reminder.trigger]
    for case in cases.values():
        if case.over or (case.historical and not reminder.living):
            continue
        for waiting in trigger(case, standings[case.id], around):
            yield _Found(waiting, case, case.tier, case.act.text("collectivite"))


def _waiting_sessions(reminder: Reminder, around: Surroundings) -> Iterator[_Found]:
    tiers = {row.id: Tier(row.text("niveau")) for row in around.registry["collectivites"] if row["niveau"]}
    for session in around.registry["sessions"]:
        council = session.text("collectivite")
        if session.quarantined or council not in tiers:
            continue
        for waiting in OF_SESSIONS[reminder.trigger](session, tiers[council], around):
            yield _Found(waiting, None, tiers[council], council)


def _pending(reminder: Reminder, found: _Found, cite: Cite) -> Pending:
    waiting = found.waiting
    facts = {name: f"{fact:%d/%m/%Y}" if isinstance(fact, date) else fact for name, fact in waiting.facts.items()}
    return Pending(
        reminder=reminder.id,
        case=found.case.id if found.case else "",
        council=found.council,
        subject=waiting.row.id,
        anchor=waiting.anchor,
        due=waiting.due,
        title=reminder.title,
        action=reminder.actions[waiting.text].format(**facts),
        actor=reminder.holder,
        decision=reminder.decision,
        source=cite(reminder.rules[0], found.tier, waiting.anchor),
        tab=waiting.row.tab,
        row=waiting.row.number,
        column=waiting.column,
        wording=reminder.actions[waiting.text],
        facts=tuple(waiting.facts.items()),
    )


def _is_quiet(found: _Found, back: date | None, today: date, law: Law) -> bool:
    """True while the row, or its agreement, was put off or acknowledged a short while ago. back: after an answer."""
    if back is not None and today < back:
        return True
    rows = [found.waiting.row, *([found.case.act] if found.case else [])]
    return any(_is_put_off(row, today) or _is_acknowledged(row, today, law) for row in rows)


def _is_put_off(row: Row, today: date) -> bool:
    until = row.day(PUT_OFF)
    return until is not None and today < until


def _is_acknowledged(row: Row, today: date, law: Law) -> bool:
    seen = row.day(ACKNOWLEDGED)
    pause = law.in_force("rappel_vu_pause", today, EVERY_TIER)
    return seen is not None and pause is not None and seen <= today < seen + timedelta(days=pause.number)


# ------------------------------------------------------------------------------------------------------ people


def _notices(
    item: Pending, reminder: Reminder, found: _Found, people: Directory, around: Surroundings, back: date | None
) -> Iterator[Notice]:
    """back: the day on which the reminder speaks again after an answer; it does, even at a step told before."""
    waiting = found.waiting
    latest = latest_step(reminder, waiting.anchor, waiting.due, waiting.begins, around.today, around.calendar)
    if latest is None:
        return
    step, fell = latest
    told: dict[str, Notice] = {}
    for role in reminder.people(step):
        held_as, contacts = _who(role, reminder, found, people)
        for contact in contacts or (None,):
            notice = Notice(
                **vars(item),
                step=f"{step} {_AGAIN} {back.isoformat()}" if back else step,
                to=contact.text("courriel_institutionnel") if contact else "",
                contact=contact.id if contact else "",
                role=held_as or role,
                in_place_of=role if contact and held_as != role else "",
                urgent=reminder.urgent,
                fell=fell,
            )
            # one address may hold several roles: it is told once, in its own role rather than in another's place
            if notice.to not in told or (told[notice.to].in_place_of and not notice.in_place_of):
                told[notice.to] = notice
    if any(told):  # somebody is told: a role that nobody at all can stand for is in the findings
        told.pop("", None)
    yield from told.values()


def _who(role: str, reminder: Reminder, found: _Found, people: Directory) -> tuple[str, tuple[Row, ...]]:
    """(the role in which they are told, the people): holders, else the next in the hierarchy."""
    partner = found.case.partner.id if found.case and found.case.partner and reminder.shared else ""
    bodies = tuple(filter(None, (found.council, partner)))
    if role.startswith(f"{LISTED}."):  # those who aren't contacts can't be written to, and nobody stands in for them
        value = found.waiting.row[role.removeprefix(f"{LISTED}.")]
        return role, people.listed(value, bodies) if isinstance(value, tuple) else ()
    if role.startswith(f"{NAMED}."):
        named = people.named(found.waiting.row.text(role.removeprefix(f"{NAMED}.")), bodies)
        return (role, named) if named else people.climb(people.roles[NAMED].instead, found.council)
    held_as, contacts = people.climb(role, found.council)
    return held_as, (*contacts, *people.holding(role, partner))


def check_triggers(reminders: Sequence[Reminder]) -> None:
    """Raises ConfigError when a ladder names a trigger that doesn't exist."""
    for reminder in reminders:
        if reminder.trigger not in {*OF_CASES, *OF_SESSIONS}:
            raise ConfigError(f"Déclencheur inconnu : « {reminder.trigger} ».", where=f"reminders.toml [{reminder.id}]",
                              fix=f"Déclencheurs possibles : {', '.join([*OF_CASES, *OF_SESSIONS])}.")  # fmt: skip
