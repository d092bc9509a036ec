"""The job that speaks: invites to meetings, gathers the notices due into one letter a person, then hands all letters over.

Steps: notices due, less those that the ledger knows, less those that wait for a worked day → one letter a person,
its bytes frozen and recorded → handed over (`jobs.deliver`). A letter recorded but not handed over (the machine
stopped) leaves at the next run, as it was. What was due before a ledger began to remember goes in letters of its own,
which wait for a person (`jobs.guard`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from cdi_sync.assessment import calendar_of
from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import ExitCode
from cdi_sync.mail.breakers import Start
from cdi_sync.mail.digest import ToldBefore, digest_of
from cdi_sync.mail.outbox import Parcel, last_day_of, leaving, parcels, unsaid
from cdi_sync.model import Assessment, Notice
from jobs.answers import ready, reply_address
from jobs.deliver import Delivered, Draft, Frozen, Written, deliver, freeze, lapse, recover
from jobs.guard import refuse_shrunk, started, starting
from jobs.invite import invite
from jobs.withdraw import withdraw

_ROUNDS = 3  # at most, when another copy makes the same letters on a ledger that both share


@dataclass(frozen=True)
class RemindReport(Written):
    """deferred: notices that wait for the next worked day. unaddressed: those that nobody can receive.

    invitations: letters about meetings, among `new`; invitations_deferred: those that wait for the next worked day.
    """

    deferred: int = 0
    unaddressed: tuple[Notice, ...] = ()
    invitations: int = 0
    invitations_deferred: int = 0


def remind(
    installation: Installation, reading: Reading, *, dry_run: bool = False, checked: bool = False
) -> RemindReport:
    """Makes and delivers the letters due. dry_run: tells them, records and writes nothing.

    checked: the registry is known not to have shrunk. Raises RegistryError when the registry has shrunk since the last run.
    """
    if not checked:
        refuse_shrunk(installation, reading, dry_run=dry_run)
    assessment = reading.assessment
    in_doubt = 0 if dry_run else recover(installation, assessment.as_of)
    expired = 0 if dry_run else lapse(installation, assessment.as_of)
    if not dry_run:
        withdraw(installation, assessment)
    start = None if dry_run else starting(installation, reading)
    invited = invite(installation, reading, dry_run=dry_run, hold=start.why if start and not start.is_over else "")
    nobody = tuple(notice for notice in assessment.notices if not notice.to)
    if installation.settings.mail.transport == "none":
        return RemindReport(delivered=Delivered(unknown=in_doubt), unaddressed=nobody)
    if dry_run:
        wanted = _wanted(installation, assessment, dry_run=True)
        return RemindReport(
            new=len(wanted.parcels) + invited.new, parcels=(*wanted.parcels, *invited.parcels), deferred=wanted.deferred,
            unaddressed=nobody, invitations=invited.new, invitations_deferred=invited.deferred,
        )  # fmt: skip
    wanted, made, refused = _make(installation, reading, start)
    return RemindReport(
        new=made + invited.new, delivered=deliver(installation, in_doubt=in_doubt, expired=expired),
        parcels=(*wanted.parcels, *invited.parcels), refused=(*refused, *invited.refused), deferred=wanted.deferred,
        unaddressed=nobody, invitations=invited.new, invitations_deferred=invited.deferred,
    )  # fmt: skip


@dataclass(frozen=True)
class _Wanted:
    """The letters to make, those that wait for a person apart, and how many notices wait for the next worked day."""

    free: tuple[Parcel, ...] = ()
    held: tuple[Parcel, ...] = ()
    deferred: int = 0

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        return (*self.free, *self.held)


def _make(installation: Installation, reading: Reading, start: Start | None) -> tuple[_Wanted, int, tuple[str, ...]]:
    """Records the letters due: which, how many, what was refused.

    What another copy has told meanwhile is left out, and the rest is gathered afresh.
    """
    assessment, first, made, refused = reading.assessment, None, 0, list[str]()
    for _ in range(_ROUNDS):
        wanted = _wanted(installation, assessment, start)
        frozen = _freeze(wanted, installation, reading, start.why if start else "")
        first, made, refused = first or wanted, made + frozen.made, [*refused, *frozen.refused]
        if not frozen.overtaken:
            break
    assert first is not None
    if not first.deferred:
        started(installation, start)
    return first, made, tuple(dict.fromkeys(refused))


def _wanted(
    installation: Installation, assessment: Assessment, start: Start | None = None, *, dry_run: bool = False
) -> _Wanted:
    outbox, today = installation.ledger(dry_run=dry_run).outbox, assessment.as_of
    fresh = unsaid(assessment.notices, outbox.said())
    if not fresh:
        return _Wanted()
    made = outbox.made()
    due = leaving(fresh, today, made, worked=_is_worked(installation, assessment))
    late = [notice for notice in due if start and not start.is_over and notice.fell and notice.fell < start.before]
    held = parcels(late, today, made)
    free = parcels([notice for notice in due if notice not in late], today, _counted(made, held, today))
    return _Wanted(free, held, len(fresh) - len(due))


def _counted(
    made: Mapping[tuple[str, str, date], int], more: Sequence[Parcel], today: date
) -> Mapping[tuple[str, str, date], int]:
    """The letters made, those of today included."""
    return {**made, **{(p.kind, p.to, today): made.get((p.kind, p.to, today), 0) + 1 for p in more}}


def _freeze(wanted: _Wanted, installation: Installation, reading: Reading, why: str) -> Frozen:
    """Records those letters. why: why the late ones wait for a person."""
    subjects = {notice.subject for parcel in wanted.parcels for notice in parcel.notices}
    before = installation.store.outbox.told(subjects)
    drafts = [
        *(_draft(parcel, installation, reading, before) for parcel in wanted.free),
        *(_draft(parcel, installation, reading, before, hold=why) for parcel in wanted.held),
    ]
    return freeze(drafts, installation, reading.assessment.as_of)


def _is_worked(installation: Installation, assessment: Assessment) -> bool:
    """Whether offices work on that day, the registry's own holidays included: digests leave on worked days only."""
    calendar = calendar_of(assessment.registry, installation.knowledge, assessment.as_of)
    return calendar.is_worked(assessment.as_of)


def _draft(
    parcel: Parcel, installation: Installation, reading: Reading, before: ToldBefore, *, hold: str = ""
) -> Draft:
    digest = digest_of(
        parcel.notices, reading.assessment, installation.knowledge, installation.declarations.languages,
        service=installation.settings.mail.service, workbook=installation.book.name,
        link_to=partial(installation.book.link, reading.snapshot), told_before=before,
    )  # fmt: skip
    digest = ready(digest, parcel, installation)
    return Draft(
        parcel, digest.name, lambda: installation.templates.digest(digest), digest.lang, hold,
        last_day_of(parcel.notices, reading.assessment.as_of), reply_address(installation, parcel),
    )  # fmt: skip


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        report = remind(installation, installation.read(clock.today()))
    print(f"{report.new} courriel(s) préparés, {report.delivered.sent} remis, {report.failed} en échec.")
    if report.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
