"""The job that speaks: gathers the notices due into one letter a person, then hands the letters over.

Steps: notices due, less those that the ledger knows → one letter a person, its bytes frozen and recorded → handed
over (`jobs.deliver`). A letter recorded but not handed over (the machine stopped) leaves at the next run, as it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.config import data_folder
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.errors import CdiError, ExitCode
from cdi_sync.letters import Digest, Line, Templates
from cdi_sync.message import to_bytes
from cdi_sync.model import Assessment, Notice
from cdi_sync.outbox import Parcel, parcels, unsaid
from cdi_sync.publish import visa_day_text
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

    @property
    def failed(self) -> int:
        """Letters that couldn't be made or handed over."""
        return self.delivered.failed + len(self.refused)

    @property
    def went_wrong(self) -> bool:
        """True when a person has to look: some letter failed, or nobody knows what became of it."""
        return bool(self.failed or self.delivered.unknown)


def remind(installation: Installation, reading: Reading, *, dry_run: bool = False) -> RemindReport:
    """Makes and delivers the letters due. dry_run: tells them, records and writes nothing."""
    assessment, store = reading.assessment, installation.ledger(dry_run=dry_run)
    in_doubt = 0 if dry_run else recover(installation, assessment.as_of)
    due = unsaid(assessment.notices, store.said())
    wanted = parcels(due, assessment.as_of, store.letters_made())
    nobody = tuple(notice for notice in assessment.notices if not notice.to)
    if installation.settings.mail.transport == "none":
        return RemindReport(delivered=Delivered(unknown=in_doubt), unaddressed=nobody)
    if dry_run:
        return RemindReport(new=len(wanted), unaddressed=nobody, parcels=wanted)
    refused = _record_all(wanted, installation, assessment)
    return RemindReport(
        new=len(wanted) - len(refused), delivered=deliver(installation, in_doubt=in_doubt),
        unaddressed=nobody, parcels=wanted, refused=tuple(refused),
    )  # fmt: skip


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
    letter = templates.digest(_digest(parcel, installation, assessment))
    message_id = parcel.message_id(mail.expediteur.rpartition("@")[2])
    content = to_bytes(
        letter,
        sender=mail.expediteur,
        sender_name=mail.service,
        to=parcel.to,
        to_name=_name(parcel, assessment),
        message_id=message_id,
        sent=clock.morning_of(assessment.as_of),
        key=parcel.key,
        trial=mail.is_trial,
    )
    installation.store.record(
        parcel, content, message_id=message_id, lang=LANG, day=assessment.as_of, rank=rank, at=clock.now()
    )


def _digest(parcel: Parcel, installation: Installation, assessment: Assessment) -> Digest:
    first = parcel.notices[0]
    contact = next(row for row in assessment.registry["contacts"] if row.id == first.contact)
    council = assessment.cases[first.case].council
    return Digest(
        to=parcel.to,
        name=contact.text("nom_prenom"),
        role=_role_title(installation, first.role),
        council=council.text("nom_fr") if council else "",
        as_of=assessment.as_of,
        service=installation.settings.mail.service,
        workbook=installation.workbook.name,
        lines=tuple(_lines(parcel.notices, installation, assessment)),
    )


def _lines(notices: Sequence[Notice], installation: Installation, assessment: Assessment) -> Iterator[Line]:
    for notice in notices:
        standing = assessment.standings[notice.case]
        left = (notice.due - assessment.as_of).days if notice.due else None
        tab = installation.knowledge.tabs[notice.tab]
        yield Line(
            reminder=notice.reminder,
            urgency=_urgency(left),
            case=notice.case,
            name=assessment.cases[notice.case].act.text("intitule") or notice.case,
            title=notice.title,
            action=notice.action,
            due=notice.due,
            days_left=left,
            visa_day=visa_day_text(standing) if notice.tab == "visas_accords" else "",
            source=notice.source,
            place=f"onglet {tab.title}, ligne {notice.row}, colonne « {tab.column(notice.column).title} »",
        )


def _urgency(days_left: int | None) -> str:
    if days_left is None:
        return "ensuite"
    if days_left < 0:
        return "retard"
    return "semaine" if days_left <= 7 else "ensuite"


def _name(parcel: Parcel, assessment: Assessment) -> str:
    contact = parcel.notices[0].contact
    return next((row.text("nom_prenom") for row in assessment.registry["contacts"] if row.id == contact), "")


def _role_title(installation: Installation, role: str) -> str:
    categories = installation.knowledge.tabs["contacts"].column("fonction_role").categories
    return next((category.label for category in categories if category.value == role), role)


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
