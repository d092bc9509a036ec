"""Who should hear about what today: from the standing of each case to notices, one a person, a subject and a step.

A notice is due from the day of its step on (never "on" that day), so an outage loses nothing; of the steps that
have passed, only the latest one counts. A step that falls on a day off moves to the previous worked day when it
comes before a deadline, to the next one when it tells of a delay. The ledger decides what was said already.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from cdi_sync.calendar import WorkCalendar, minutes_last_day, next_usable_session, visa_last_day
from cdi_sync.casefile import main_deliberations
from cdi_sync.errors import ConfigError
from cdi_sync.model import Case, Notice, Registry, Row, Standing, Tier
from cdi_sync.procedure import Surroundings

Cite: TypeAlias = Callable[[str, Tier | None, date], str]
HALF = "moitie"  # a step half-way through the period that ends on the anchor


@dataclass(frozen=True)
class Reminder:
    """One ladder. steps: days from the anchor, or HALF; worked: the steps count worked days."""

    id: str
    title: str
    trigger: str
    steps: tuple[int | str, ...]
    worked: bool
    before_deadline: bool
    roles: tuple[str, ...]
    action: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Pending:
    """Something that waits: the row it stands on, the day its ladder hangs from, the day it is due."""

    row: Row
    column: str
    anchor: date
    due: date | None
    facts: Mapping[str, date]
    begins: date | None = None  # start of the period that ends on the anchor, for HALF


def parse_reminder(id_: str, data: Mapping[str, Any]) -> Reminder:
    """One table of `reminders.toml`. Raises ConfigError naming the reminder and the key."""
    try:
        reminder = Reminder(
            id=id_,
            title=data["titre"],
            trigger=data["declencheur"],
            steps=tuple(data["etapes"]),
            worked=data["unite"] == "jours_ouvrables",
            before_deadline=data["avant_echeance"],
            roles=tuple(data["destinataires"]),
            action=data["action"],
            rules=tuple(data["regles"]),
        )
    except KeyError as error:
        raise ConfigError(
            "Un rappel est incomplet.", where=f"reminders.toml [{id_}]", why=f"il manque {error}"
        ) from None
    if reminder.trigger not in TRIGGERS:
        raise ConfigError(f"Déclencheur inconnu : « {reminder.trigger} ».", where=f"reminders.toml [{id_}]",
                          fix=f"Déclencheurs possibles : {', '.join(TRIGGERS)}.")  # fmt: skip
    return reminder


def due_notices(
    reminders: Sequence[Reminder],
    cases: Mapping[str, Case],
    standings: Mapping[str, Standing],
    around: Surroundings,
    cite: Cite,
) -> tuple[Notice, ...]:
    """Every notice due on or before today, the ledger aside; `to` is "" when nobody holds the role.

    cite: (rule, tier of the council, day) → the text to cite. Sorted by (reminder, case, subject, e-mail).
    """
    people = _Directory(around.registry, around.today)
    notices: list[Notice] = []
    for reminder in reminders:
        for case in cases.values():
            if case.quiet:
                continue
            for pending in TRIGGERS[reminder.trigger](case, standings[case.id], around):
                step = _latest_step(reminder, pending, around)
                if step is not None:
                    notices += _notices(reminder, case, pending, step, people, cite)
    return tuple(sorted(notices, key=lambda n: (n.reminder, n.case, n.subject, n.to, n.role)))


def _latest_step(reminder: Reminder, pending: Pending, around: Surroundings) -> str | None:
    passed = [step for step in reminder.steps if _day_of(step, reminder, pending, around.calendar) <= around.today]
    if not passed:
        return None
    return passed[-1] if isinstance(passed[-1], str) else f"{passed[-1]:+d}"


def _day_of(step: int | str, reminder: Reminder, pending: Pending, calendar: WorkCalendar) -> date:
    if isinstance(step, str):
        start = pending.begins or pending.anchor
        day = start + (pending.anchor - start) / 2
    elif reminder.worked:
        day = calendar.add_worked_days(pending.anchor, step)
    else:
        day = pending.anchor + timedelta(days=step)
    return calendar.previous_worked(day) if reminder.before_deadline else calendar.next_worked(day)


def _notices(
    reminder: Reminder, case: Case, pending: Pending, step: str, people: "_Directory", cite: Cite
) -> Iterator[Notice]:
    facts = {name: f"{day:%d/%m/%Y}" for name, day in pending.facts.items()}
    for role in reminder.roles:
        for contact in people.holding(role, case) or (None,):
            yield Notice(
                reminder=reminder.id,
                case=case.id,
                subject=pending.row.id,
                anchor=pending.anchor,
                step=step,
                to=contact.text("courriel_institutionnel") if contact else "",
                contact=contact.id if contact else "",
                role=role,
                title=reminder.title,
                action=reminder.action.format(**facts),
                due=pending.due,
                actor=reminder.roles[0],
                decision=False,
                council=case.act.text("collectivite"),
                source=cite(reminder.rules[0], case.tier, pending.anchor),
                tab=pending.row.tab,
                row=pending.row.number,
                column=pending.column,
            )


class _Directory:
    """Who holds which role for which council, today. A person without a usable address isn't listed."""

    def __init__(self, registry: Registry, today: date) -> None:
        self._people: dict[tuple[str, str], list[Row]] = {}
        for row in registry["contacts"]:
            if row.quarantined or row.says("actif") is False or not row["courriel_institutionnel"]:
                continue
            if (end := row.day("date_fin")) and end < today:
                continue
            self._people.setdefault((row.text("collectivite"), row.text("fonction_role")), []).append(row)

    def holding(self, role: str, case: Case) -> Sequence[Row]:
        return self._people.get((case.act.text("collectivite"), role), ())


# -------------------------------------------------------------------------------------------------- triggers


def inscription_attendue(case: Case, standing: Standing, around: Surroundings) -> Iterator[Pending]:
    """A project that is ready, waiting for a session's agenda: anchored on the opening of the next session."""
    if not standing.waits_for_agenda or case.tier is None:
        return
    session = next_usable_session(case.tier, around.today, around.law, around.calendar)
    if session:
        facts = {"echeance": session.agenda_last_day, "ouverture": session.opening}
        yield Pending(case.act, "etape", session.opening, session.agenda_last_day, facts)


def pv_a_transmettre(case: Case, standing: Standing, around: Surroundings) -> Iterator[Pending]:
    """Minutes not sent: anchored on the last day to send them."""
    if case.tier is None:
        return
    for row in main_deliberations(case):
        session = case.session_of(row)
        closed = session.day("date_cloture") if session else None
        waits = row["resultat"] in ("ADOPTEE", "REJETEE") and "date_transmission_pv_autorite" not in row.unreadable
        if closed and closed <= around.today and waits and row["date_transmission_pv_autorite"] is None:
            last = minutes_last_day(case.tier, closed, around.law, around.calendar)
            if last:
                yield Pending(row, "date_transmission_pv_autorite", last, last, {"echeance": last}, begins=closed)


def accuse_attendu(case: Case, standing: Standing, around: Surroundings) -> Iterator[Pending]:
    """A visa asked for without a date of reception: anchored on the sending."""
    for row in _undecided(case):
        sent = row.day("date_envoi")
        if sent and row["date_reception"] is None and "date_reception" not in row.unreadable:
            yield Pending(row, "date_reception", sent, None, {"envoi": sent})


def visa_en_cours(case: Case, standing: Standing, around: Surroundings) -> Iterator[Pending]:
    """A visa within its 20 days: anchored on the reception."""
    yield from (pending for pending in _received(case, around) if pending.due and around.today <= pending.due)


def visa_echu(case: Case, standing: Standing, around: Surroundings) -> Iterator[Pending]:
    """A visa past its 20 days without a decision: anchored on the reception."""
    yield from (pending for pending in _received(case, around) if pending.due and around.today > pending.due)


def _received(case: Case, around: Surroundings) -> Iterator[Pending]:
    for row in _undecided(case):
        if received := row.day("date_reception"):
            last = visa_last_day(received, around.law)
            if last:
                yield Pending(row, "sens", received, last, {"reception": received, "echeance": last})


def _undecided(case: Case) -> Iterator[Row]:
    for row in case.visas:
        if row["nature"] == "VISA" and row["sens"] is None and "sens" not in row.unreadable:
            yield row


TRIGGERS: Mapping[str, Callable[[Case, Standing, Surroundings], Iterator[Pending]]] = {
    trigger.__name__: trigger
    for trigger in (inscription_attendue, pv_a_transmettre, accuse_attendu, visa_en_cours, visa_echu)
}
