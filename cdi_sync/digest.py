"""From one person's notices to the digest that the letter tells: each with its case, its day and its place. Pure."""

from collections.abc import Iterator, Sequence

from cdi_sync.assessment import Knowledge
from cdi_sync.calendar import visa_day
from cdi_sync.letters import Digest, Line
from cdi_sync.model import Assessment, Notice, Row
from cdi_sync.people import NAMED
from cdi_sync.publish import nth_of_twenty, place_in_words
from cdi_sync.report import urgency_of


def digest_of(
    notices: Sequence[Notice], assessment: Assessment, knowledge: Knowledge, *, service: str, workbook: str
) -> Digest:
    """What one person is told; notices are all theirs, the most urgent first. workbook: a bare file name."""
    contact = next(row for row in assessment.registry["contacts"] if row.id == notices[0].contact)
    councils = {notice.council for notice in notices}
    return Digest(
        to=notices[0].to,
        name=contact.text("nom_prenom"),
        role=role_title(knowledge, contact.text("fonction_role")),
        council=_council_name(notices[0].council, assessment) if len(councils) == 1 else "",
        as_of=assessment.as_of,
        service=service,
        workbook=workbook,
        lines=tuple(_lines(notices, assessment, knowledge, several_councils=len(councils) > 1)),
    )


def role_title(knowledge: Knowledge, role: str) -> str:
    """A role as the contacts tab names it."""
    categories = knowledge.tabs["contacts"].column("fonction_role").categories
    return next((category.label for category in categories if category.value == role), role)


def _lines(
    notices: Sequence[Notice], assessment: Assessment, knowledge: Knowledge, *, several_councils: bool
) -> Iterator[Line]:
    for notice in notices:
        left = (notice.due - assessment.as_of).days if notice.due else None
        name = _name(notice, assessment, knowledge)
        yield Line(
            reminder=notice.reminder,
            urgency="sans_delai" if notice.urgent else urgency_of(left),
            case=notice.case or notice.subject,
            name=f"{name} ({_council_name(notice.council, assessment)})" if several_councils else name,
            title=notice.title,
            action=notice.action,
            due=notice.due,
            days_left=left,
            visa_day=_visa_day(notice, assessment, knowledge),
            source=notice.source,
            place=place_in_words(notice, assessment.registry.layouts, knowledge.tabs),
            instead=_absent(notice, knowledge) if notice.in_place_of else "",
        )


def _name(notice: Notice, assessment: Assessment, knowledge: Knowledge) -> str:
    """The agreement's title, with which body or meeting of it; « Session du 01/10/2026 » for what speaks of a session."""
    if notice.case:
        title = assessment.cases[notice.case].act.text("intitule") or notice.case
        return " · ".join(filter(None, (title, _which(notice, assessment, knowledge))))
    opening = _row(notice, assessment).day("date_ouverture")
    return f"Session du {opening:%d/%m/%Y}" if opening else "Session"


def _which(notice: Notice, assessment: Assessment, knowledge: Knowledge) -> str:
    """Which body or meeting, since an agreement may have several: « Comité de pilotage »."""
    if notice.tab not in ("organes", "reunions"):
        return ""
    kind = _row(notice, assessment)["type"]
    categories = knowledge.tabs[notice.tab].column("type").categories
    return next((category.label for category in categories if category.value == kind), "")


def _visa_day(notice: Notice, assessment: Assessment, knowledge: Knowledge) -> str:
    """ "7 / 20" for a visa that waits for its decision, "" for anything else."""
    if notice.tab != "visas_accords" or notice.column != "sens":
        return ""
    received = _row(notice, assessment).day("date_reception")
    return nth_of_twenty(visa_day(received, assessment.as_of, knowledge.law)) if received else ""


def _row(notice: Notice, assessment: Assessment) -> Row:
    return next(row for row in assessment.registry[notice.tab] if row.id == notice.subject)


def _council_name(id_: str, assessment: Assessment) -> str:
    return next((row.text("nom_fr") for row in assessment.registry["collectivites"] if row.id == id_), "")


def _absent(notice: Notice, knowledge: Knowledge) -> str:
    """The role, in words, that nobody holds and in whose place this person is told."""
    if notice.in_place_of.startswith(f"{NAMED}."):
        return knowledge.tabs[notice.tab].column(notice.in_place_of.removeprefix(f"{NAMED}.")).title
    return role_title(knowledge, notice.in_place_of)
