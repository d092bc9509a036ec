"""The job that speaks: gathers the notices due into one letter a person, then hands the letters over.

Steps: notices due, less those that the ledger knows → one letter a person, its bytes frozen and recorded → handed
over (`jobs.deliver`). A letter recorded but not handed over (the machine stopped) leaves at the next run, as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cdi_sync.assessment import calendar_of
from cdi_sync.console import finish
from cdi_sync.digest import digest_of
from cdi_sync.edges import clock
from cdi_sync.edges.config import data_folder
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import CdiError
from cdi_sync.letters import Templates, to_bytes
from cdi_sync.model import Assessment, Notice
from cdi_sync.outbox import Parcel, leaving, parcels, unsaid
from jobs.deliver import Delivered, deliver, recover

LANG = "fr"


@dataclass(frozen=True)
class RemindReport:
    """Letters made by this run, what became of those that waited; notices that nobody can receive."""

    new: int = 0
    delivered: Delivered = field(default_factory=Delivered)
    unaddressed: tuple[Notice, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    refused: tuple[str, ...] = ()  # letters that couldn't be made, and why
    deferred: int = 0  # notices that wait for the next worked day

    @property
    def failed(self) -> int:
        """Letters that couldn't be made or handed over."""
        return self.delivered.failed + len(self.refused)


def remind(installation: Installation, reading: Reading, *, dry_run: bool = False) -> RemindReport:
    """Makes and delivers the letters due. dry_run: tells them, records and writes nothing."""
    assessment, store = reading.assessment, installation.ledger(dry_run=dry_run)
    if not dry_run:
        recover(installation, assessment.as_of)
    fresh = unsaid(assessment.notices, store.said())
    made = store.letters_made()
    due = leaving(fresh, assessment.as_of, made, worked=_is_worked(installation, assessment))
    wanted = parcels(due, assessment.as_of, made)
    nobody = tuple(notice for notice in assessment.notices if not notice.to)
    if installation.settings.mail.transport == "none":
        return RemindReport(unaddressed=nobody)
    if dry_run:
        return RemindReport(new=len(wanted), unaddressed=nobody, parcels=wanted, deferred=len(fresh) - len(due))
    refused = _record_all(wanted, installation, assessment)
    return RemindReport(
        new=len(wanted) - len(refused), delivered=deliver(installation),
        unaddressed=nobody, parcels=wanted, refused=tuple(refused), deferred=len(fresh) - len(due),
    )  # fmt: skip


def _is_worked(installation: Installation, assessment: Assessment) -> bool:
    """Whether offices work on that day, the registry's own holidays included: digests leave on worked days only."""
    calendar = calendar_of(assessment.registry, installation.knowledge, assessment.as_of)
    return calendar.is_worked(assessment.as_of)


def _record_all(wanted: Sequence[Parcel], installation: Installation, assessment: Assessment) -> Sequence[str]:
    """Freezes and records each letter; one that can't be made doesn't stop the others. What was refused, in words."""
    refused = []
    templates = Templates(data_folder("mail_templates")) if wanted else None
    for rank, parcel in enumerate(wanted):
        assert templates is not None
        try:
            _record(parcel, rank, installation, assessment, templates)
        except CdiError as error:
            refused.append(f"{parcel.to} : {error.what} {error.fix}")
    return refused


def _record(
    parcel: Parcel, rank: int, installation: Installation, assessment: Assessment, templates: Templates
) -> None:
    mail = installation.settings.mail
    digest = digest_of(
        parcel.notices, assessment, installation.knowledge, service=mail.service, workbook=installation.workbook.name
    )
    letter = templates.digest(digest)
    message_id = parcel.message_id(mail.expediteur.rpartition("@")[2])
    content = to_bytes(
        letter,
        sender=mail.expediteur,
        sender_name=mail.service,
        to=parcel.to,
        to_name=digest.name,
        message_id=message_id,
        sent=clock.morning_of(assessment.as_of),
        key=parcel.key,
    )
    installation.store.record(
        parcel, content, message_id=message_id, lang=LANG, day=assessment.as_of, rank=rank, at=clock.now()
    )


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        report = remind(installation, installation.read(clock.today()))
    print(f"{report.new} courriel(s) préparés, {report.delivered.sent} remis, {report.failed} en échec.")


if __name__ == "__main__":
    finish(main)
