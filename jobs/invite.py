"""The job that invites: each guest of a meeting to come is told of it once, then of what changes, or that it is off.

Steps: meetings as the workbook has them, against what each guest was told → what will have been told, left in the ledger
→ letters that still wait and say something older given up → one letter a guest, its calendar object in it, frozen and
recorded. `jobs.remind` hands them over with its own. Stopped after the second step, the next run makes the same letters.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.assessment import calendar_of
from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import ExitCode
from cdi_sync.mail.calendars import to_ics
from cdi_sync.mail.guests import Practice, meetings_of, organiser_of
from cdi_sync.mail.invitation_letter import Invitation, Names, appointment_of, invitation_of
from cdi_sync.mail.invitations import Past, Plan, Step, Told, Why, is_suspect, plan, uid_of, vanished
from cdi_sync.mail.outbox import INVITATION, LetterState
from cdi_sync.model import Assessment
from cdi_sync.people import Directory
from jobs.deliver import Delivered, Draft, Written, deliver, freeze, recover

if TYPE_CHECKING:
    from cdi_sync.edges.ledger.store import Store

MARK = "invitations"  # under which what was told of each meeting is left
_AFTER_REMINDERS = 500_000  # and before the reports


@dataclass(frozen=True)
class InviteReport(Written):
    """deferred: letters that wait for the next worked day."""

    deferred: int = 0


def invite(
    installation: Installation, reading: Reading, *, dry_run: bool = False, hand_over: bool = False, hold: str = ""
) -> InviteReport:
    """Makes the letters that guests are owed. dry_run: tells them, records and writes nothing.

    hold: why they wait for a person, in French: a ledger that is new, or older than what left, doesn't know who was
    invited. hand_over: True to deliver what waits as well; `remind` does it right after otherwise.
    """
    assessment, today = reading.assessment, reading.assessment.as_of
    if installation.settings.mail.transport == "none":
        return InviteReport()
    in_doubt = recover(installation, today) if hand_over and not dry_run else 0
    store = installation.ledger(dry_run=dry_run)
    told = _left(store)
    gone = vanished((row.id for row in assessment.registry["reunions"]), told, today)
    plans = _plans(installation, assessment, store, told)
    steps = [step for one in plans.values() for step in one.steps]
    until = _last_day_told(installation, assessment)
    leaving = [step for step in steps if step.facts.day <= until]
    wanted, deferred = tuple(step.parcel for step in leaving), len(steps) - len(leaving)
    if dry_run:
        return InviteReport(new=len(wanted), parcels=wanted, deferred=deferred)
    _leave(store, told, plans)
    suspect = _why_held(len(gone)) if is_suspect(gone, told, today, installation.declarations.practice.vanished) else ""
    writer = _Writer(installation, assessment)
    drafts = (writer.draft(step, hold=(suspect if step.why is Why.GONE else "") or hold) for step in leaving)
    frozen = freeze(drafts, installation, today, first_rank=_AFTER_REMINDERS)
    done = deliver(installation, in_doubt=in_doubt) if hand_over else Delivered()
    return InviteReport(frozen.made, done, wanted, frozen.refused, deferred)


def _plans(
    installation: Installation, assessment: Assessment, store: "Store", told: Mapping[str, Told]
) -> Mapping[str, Plan]:
    """Meeting → what to do about it."""
    practice, sender = installation.declarations.practice, installation.settings.mail.expediteur
    letters: dict[str, list[Past]] = defaultdict(list)
    for key, state in store.outbox.keys(INVITATION).items():
        past = Past.read(key, state)
        letters[past.meeting].append(past)
    return {
        meeting.id: plan(
            meeting, told.get(meeting.id), letters[meeting.id], assessment.as_of, uid=uid_of(meeting.id, sender)
        )
        for meeting in meetings_of(assessment, installation.knowledge.roles, practice, told)
    }


def _left(store: "Store") -> Mapping[str, Told]:
    return {id_: Told.from_json(data) for id_, data in (store.mark(MARK) or {}).items()}


def _leave(store: "Store", told: Mapping[str, Told], plans: Mapping[str, Plan]) -> None:
    """What will have been told, before any letter says it: a run cut short makes the same letters again."""
    after = {**told, **{id_: one.told for id_, one in plans.items() if one.told}}
    if after != told:
        store.set_mark(MARK, {id_: one.to_json() for id_, one in after.items()})
    for key in (key for one in plans.values() for key in one.obsolete):
        store.outbox.leave(key, LetterState.EXPIRED, of=(LetterState.QUEUED, LetterState.HELD), at=clock.now(),
                           detail="la réunion a changé avant que ce courriel parte")  # fmt: skip


def _last_day_told(installation: Installation, assessment: Assessment) -> date:
    """On a day off, only what couldn't wait for the next worked day leaves: meetings until then."""
    today = assessment.as_of
    calendar = calendar_of(assessment.registry, installation.knowledge, today)
    return date.max if calendar.is_worked(today) else calendar.next_worked(today)


def _why_held(count: int) -> str:
    return (f"{count} réunions à venir ont disparu du classeur à la fois : vérifier que c'est le bon classeur, "
            "puis laisser partir ces annulations ou les retenir")  # fmt: skip


class _Writer:
    """Writes the letters of one run."""

    def __init__(self, installation: Installation, assessment: Assessment) -> None:
        self._installation, self._assessment = installation, assessment
        self._practice: Practice = installation.declarations.practice

    def draft(self, step: Step, *, hold: str) -> Draft:
        mail, today = self._installation.settings.mail, self._assessment.as_of
        language = self._installation.declarations.languages[step.guest.lang]
        organiser = organiser_of(step.facts, self._people, self._practice)
        letter: Invitation = invitation_of(step, organiser, self._names, language, service=mail.service)
        appointment = appointment_of(
            step, letter, self._practice, language, service=mail.service, sender=mail.expediteur,
            stamp=clock.morning_of(today),
        )  # fmt: skip
        return Draft(
            parcel=step.parcel,
            to_name=step.guest.name,
            write=lambda: self._installation.templates.invitation(letter),
            lang=language.code,
            calendar=to_ics(appointment),
            method=appointment.method,
            last_day=step.facts.day,
            hold=hold,
        )

    @cached_property
    def _people(self) -> Directory:
        return Directory(self._assessment.registry, self._installation.knowledge.roles, self._assessment.as_of)

    @cached_property
    def _names(self) -> Names:
        registry, tabs = self._assessment.registry, self._installation.knowledge.tabs
        kinds = {category.value: category.label for category in tabs["reunions"].column("type").categories}
        bodies = {row.id: row.text("nom_fr") for row in registry["collectivites"]}
        return Names(kinds, bodies | {row.id: row.text("nom") for row in registry["partenaires"]})


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        made = invite(installation, installation.read(clock.today()), hand_over=True)
    print(f"{made.new} invitation(s) préparées, {made.delivered.sent} courriel(s) remis, {made.failed} en échec.")
    if made.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
