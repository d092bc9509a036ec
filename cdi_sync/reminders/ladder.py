"""A ladder: the steps of a reminder as data (`config/reminders.toml`), and which of them is due on a day. Pure.

A step is due from its day on (never "on" that day), so an outage loses nothing; of the steps that have passed only
the latest counts. A step that falls on a day off moves to the previous worked day when it comes on or before the
deadline, to the next one when it tells of a delay, of what has happened, or when there is no deadline.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from cdi_sync.calendar import WorkCalendar
from cdi_sync.errors import ConfigError
from cdi_sync.people import LISTED, NAMED, Role, Sending

AT_ONCE = "immediat"  # a step that is due as soon as the thing is seen
_REQUIRED = {"titre", "declencheur", "unite", "destinataires", "action", "regles"}
_OPTIONAL = {
    "rappel",
    "etapes",
    "chaque",
    "chaque_depuis",
    "escalade",
    "porteur",
    "decision",
    "partage",
    "vivante",
    "constate",
    "urgent",
}
_UNITS = ("jours", "jours_ouvrables")

Step: TypeAlias = int | str  # days from the anchor, a share of the period such as "50 %", or AT_ONCE


@dataclass(frozen=True)
class Reminder:
    """One ladder of a reminder; a reminder may have several, anchored on different days.

    steps: in the order of time. every: one more step each so many days, counted from the anchor and up to it (0:
    none); every_since: one each so many days from the anchor on, without end. worked: steps count worked days. roles:
    those told at each step; "ligne.rapporteur" is whoever the row names there. added: people who join from a step on,
    by its name. holder: the role that holds the thing.
    decision: only the president can settle it. shared: the partner's people may hear of it. living: asked of old
    acts as well. notes: tells of what has happened, so that its steps move to the next worked day. urgent: told apart
    from the digest. actions: what to do, "" the ordinary text.
    """

    id: str
    title: str
    trigger: str
    steps: tuple[Step, ...]
    every: int
    every_since: int
    worked: bool
    roles: tuple[str, ...]
    added: Mapping[str, tuple[str, ...]]
    holder: str
    decision: bool
    shared: bool
    living: bool
    notes: bool
    urgent: bool
    actions: Mapping[str, str]
    rules: tuple[str, ...]

    def people(self, step: str) -> tuple[str, ...]:
        """The roles told at a step: those of the ladder, and those added up to it."""
        names = [step_name(s) for s in self.steps]
        if self.every_since:
            names = [name for name in self.added if int(name) <= int(step)]
        passed = names[: names.index(step) + 1] if step in names else names
        added = (role for name in passed for role in self.added.get(name, ()))
        return tuple(dict.fromkeys((*self.roles, *added)))


def step_name(step: Step) -> str:
    """How a notice carries a step: "-21", "+10", "50 %", "immediat"."""
    return step if isinstance(step, str) else f"{step:+d}"


def latest_step(
    reminder: Reminder, anchor: date, due: date | None, begins: date | None, today: date, calendar: WorkCalendar
) -> tuple[str, date] | None:
    """The latest step due on `today`, by name, and the day on which it fell; None before the first.

    begins: start of the period of the shares. A step at once fell on the anchor, if that has come.
    """
    passed = None
    for step in (*reminder.steps, *_repeated(reminder, anchor, today)):
        day = min(anchor, today) if step == AT_ONCE else _day_of(step, reminder, anchor, due, begins, calendar)
        if day <= today:
            passed = step_name(step), day
    return passed


def _repeated(reminder: Reminder, anchor: date, today: date) -> tuple[int, ...]:
    """The multiples of `every` around today, up to the anchor: the next one may have moved back to a worked day.

    Those of `every_since` from the anchor on: the last one may have moved on to a worked day, the one before it holds.
    """
    if reminder.every_since:
        last = (today - anchor).days // reminder.every_since
        return tuple(n * reminder.every_since for n in (last - 1, last) if n >= 0)
    if not reminder.every:
        return ()
    last = min((today - anchor).days // reminder.every, 0)
    return tuple(n * reminder.every for n in (last, last + 1) if n <= 0)


def _day_of(
    step: Step, reminder: Reminder, anchor: date, due: date | None, begins: date | None, calendar: WorkCalendar
) -> date:
    if isinstance(step, str):
        start = begins or anchor
        day = start + timedelta(days=(anchor - start).days * share_of(step) // 100)
    elif reminder.worked:
        day = calendar.add_worked_days(anchor, step)
    else:
        day = anchor + timedelta(days=step)
    before_deadline = due is not None and day <= due and not reminder.notes
    return calendar.previous_worked(day) if before_deadline else calendar.next_worked(day)


def share_of(step: str) -> int:
    """50 for "50 %". Raises ValueError for anything else."""
    return int(step.removesuffix("%").strip())


# ---------------------------------------------------------------------------------------------- configuration


def parse_reminder(name: str, data: Mapping[str, Any], roles: Mapping[str, Role]) -> Reminder:
    """One table of `reminders.toml`. Raises ConfigError naming the reminder, the key and the possible values."""
    where = f"reminders.toml [{name}]"
    _check_keys(data, where)
    try:
        reminder = Reminder(
            id=data.get("rappel", name),
            title=data["titre"],
            trigger=data["declencheur"],
            steps=tuple(_step(step) for step in data.get("etapes", ())),
            every=data.get("chaque", 0),
            every_since=data.get("chaque_depuis", 0),
            worked=bool(_UNITS.index(data["unite"])),
            roles=tuple(data["destinataires"]),
            added={step: tuple(people) for step, people in data.get("escalade", {}).items()},
            holder=data.get("porteur", data["destinataires"][0]),
            decision=data.get("decision", False),
            shared=data.get("partage", False),
            living=data.get("vivante", False),
            notes=data.get("constate", False),
            urgent=data.get("urgent", False),
            actions={key.removeprefix("action").removeprefix("_"): text for key, text in data.items()
                     if key.startswith("action")},
            rules=tuple(data["regles"]),
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError, IndexError) as error:
        raise ConfigError("Un rappel ne convient pas.", where=where, why=str(error),
                          fix="Étapes : nombres de jours, parts comme \"50 %\", ou \"immediat\" ; "
                          f"unite : {' ou '.join(_UNITS)}.") from None  # fmt: skip
    _check(reminder, roles, where)
    return reminder


def _step(raw: object) -> Step:
    if raw == AT_ONCE:
        return AT_ONCE
    if isinstance(raw, str):
        return f"{share_of(raw)} %"
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    raise ValueError(f"étape {raw!r}")


def _check_keys(data: Mapping[str, Any], where: str) -> None:
    if missing := _REQUIRED - set(data):
        raise ConfigError("Un rappel est incomplet.", where=where, why=f"il manque {', '.join(sorted(missing))}")
    unknown = {key for key in set(data) - _REQUIRED - _OPTIONAL if not key.startswith("action_")}
    if unknown:
        raise ConfigError(f"Clé inconnue : {', '.join(sorted(unknown))}.", where=where,
                          fix=f"Clés possibles : {', '.join(sorted(_REQUIRED | _OPTIONAL))}.")  # fmt: skip
    if not any(data.get(key) for key in ("etapes", "chaque", "chaque_depuis")):
        raise ConfigError("Un rappel est incomplet.", where=where, why="il manque etapes, chaque ou chaque_depuis")


def _check(reminder: Reminder, roles: Mapping[str, Role], where: str) -> None:
    """Roles exist and may be written to; people are added at steps of the ladder."""
    added = [role for people in reminder.added.values() for role in people]
    for role in (*reminder.roles, *added, reminder.holder):
        code = NAMED if role.startswith((f"{NAMED}.", f"{LISTED}.")) else role
        if code not in roles:
            raise ConfigError(f"Rôle inconnu : « {role} ».", where=where, fix=f"Rôles possibles : {', '.join(roles)}.")
        if roles[code].sending is Sending.NEVER:
            raise ConfigError(f"Le rôle « {role} » ne reçoit jamais d'envoi automatique.", where=where,
                              fix="Retirer ce rôle des destinataires et de l'escalade.")  # fmt: skip
    names = [step_name(step) for step in reminder.steps]
    for step in reminder.added:
        repeated = reminder.every_since and step.startswith("+") and int(step) % reminder.every_since == 0
        if step not in names and not repeated:
            raise ConfigError(f"Escalade à une étape qui n'existe pas : « {step} ».", where=where,
                              fix=f"Étapes de ce rappel : {', '.join(names)}.")  # fmt: skip
