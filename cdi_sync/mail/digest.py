"""From one person's notices to the digest that the letter tells: each with its case, its day and its place. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeAlias

from cdi_sync.assessment import Knowledge
from cdi_sync.calendar import visa_day
from cdi_sync.mail.citations import citation_in
from cdi_sync.mail.language import FRENCH, Language
from cdi_sync.mail.letters import Digest, Line
from cdi_sync.mail.wording import action_in, category_in, cell_of, place_in, role_in, session_in
from cdi_sync.model import Assessment, Notice, Row
from cdi_sync.people import NAMED
from cdi_sync.publish import nth_of_twenty
from cdi_sync.report import council_in, urgency_of

LinkTo: TypeAlias = Callable[[str, str], str]  # (title of a sheet, cell) → address of that cell, "" for none
# (reminder, case, subject, anchor ISO) → the address and day of each letter that told it, whatever the step
ToldBefore: TypeAlias = Mapping[tuple[str, str, str, str], Sequence[tuple[str, date]]]

BODIES = {"organes": "type", "reunions": "type"}  # tab → column of the kind, since an agreement may have several
IN_FORCE = "vigueur"  # an agreement in force waits for nothing by itself


def no_link(sheet: str, cell: str) -> str:
    """A workbook whose cells have no address."""
    return ""


def digest_of(
    notices: Sequence[Notice],
    assessment: Assessment,
    knowledge: Knowledge,
    languages: Mapping[str, Language],
    *,
    service: str,
    workbook: str,
    link_to: LinkTo = no_link,
    told_before: ToldBefore | None = None,
) -> Digest:
    """What one person is told, in their language; notices are all theirs, the most urgent first.

    workbook: a bare file name. told_before: what letters of earlier days told.
    """
    contact = next(row for row in assessment.registry["contacts"] if row.id == notices[0].contact)
    language = languages[contact.text("langue_preferee") or FRENCH]
    councils = {notice.council for notice in notices}
    teller = _Teller(assessment, knowledge, language, link_to, told_before or {}, several_councils=len(councils) > 1)
    return Digest(
        to=notices[0].to,
        name=contact.text("nom_prenom"),
        role=role_in(contact.text("fonction_role"), knowledge.tabs, language),
        council=teller.council(notices[0].council) if len(councils) == 1 else "",
        as_of=assessment.as_of,
        service=service,
        workbook=workbook,
        lines=tuple(map(teller.line, notices)),
        lang=language.code,
    )


@dataclass(frozen=True)
class _Teller:
    """What the lines of one person's digest are told from, and how."""

    assessment: Assessment
    knowledge: Knowledge
    language: Language
    link_to: LinkTo
    told_before: ToldBefore
    several_councils: bool

    def line(self, notice: Notice) -> Line:
        left = (notice.due - self.assessment.as_of).days if notice.due else None
        name = self._name(notice)
        layouts, tabs = self.assessment.registry.layouts, self.knowledge.tabs
        return Line(
            reminder=notice.reminder,
            urgency="sans_delai" if notice.urgent else urgency_of(left),
            case=notice.case or notice.subject,
            name=f"{name} ({self.council(notice.council)})" if self.several_councils else name,
            title=self.language.gettext(notice.title),
            action=action_in(notice, self.language),
            due=notice.due,
            days_left=left,
            visa_day=self._visa_day(notice),
            source=citation_in(notice.source, self.language),
            place=place_in(notice, layouts, tabs, self.language),
            instead=self._absent(notice) if notice.in_place_of else "",
            stage=self._stage(notice),
            since=self._since(notice),
            link=self.link_to(layouts[notice.tab].title, cell_of(notice, layouts)),
            told=tuple(self._told(notice)),
        )

    def council(self, id_: str) -> str:
        rows = self.assessment.registry["collectivites"]
        return next((council_in(row, self.language) for row in rows if row.id == id_), "")

    def _name(self, notice: Notice) -> str:
        """The agreement's title, with which body or meeting of it; « Session du 01/10/2026 » for a session."""
        if notice.case:
            title = self.assessment.cases[notice.case].act.text("intitule") or notice.case
            return " · ".join(filter(None, (title, self._which(notice))))
        return session_in(self._row(notice).day("date_ouverture"), self.language)

    def _which(self, notice: Notice) -> str:
        """Which body or meeting: « Comité de pilotage »."""
        if notice.tab not in BODIES:
            return ""
        column = BODIES[notice.tab]
        return category_in(self._row(notice)[column], self.knowledge.tabs[notice.tab], column, self.language)

    def _stage(self, notice: Notice) -> str:
        """The title of the agreement's stage; "" for a council's session."""
        standing = self.assessment.standings.get(notice.case)
        return self.language.gettext(standing.stage_title) if standing and standing.stage_title else ""

    def _since(self, notice: Notice) -> date | None:
        """The day since which it waits: that of what happened, else, on the agreement's own row, that of its stage."""
        if notice.anchor <= self.assessment.as_of and notice.anchor != notice.due:
            return notice.anchor
        standing = self.assessment.standings.get(notice.case)
        waits = standing is not None and notice.tab == "actes" and standing.situation != IN_FORCE
        return standing.since if waits and standing else None

    def _told(self, notice: Notice) -> Iterator[tuple[str, date]]:
        """The functions of those who were told of it, each with the latest day, for somebody who hears of it now.

        Whoever no longer is a contact is told by the address that was written to.
        """
        key = (notice.reminder, notice.case, notice.subject, notice.anchor.isoformat())
        before = self.told_before.get(key, ())
        if any(to == notice.to for to, _ in before):
            return
        days: dict[str, date] = {}
        for to, day in before:
            role = self._roles.get(to)
            who = role_in(role, self.knowledge.tabs, self.language) if role else to
            days[who] = max(day, days.get(who, day))
        yield from sorted(days.items(), key=lambda told: (told[1], told[0]))

    @cached_property
    def _roles(self) -> Mapping[str, str]:
        contacts = reversed(list(self.assessment.registry["contacts"]))
        return {row.text("courriel_institutionnel"): row.text("fonction_role") for row in contacts}

    def _visa_day(self, notice: Notice) -> str:
        """ "7 / 20" for a visa that waits for its decision, "" for anything else."""
        if notice.tab != "visas_accords" or notice.column != "sens":
            return ""
        received = self._row(notice).day("date_reception")
        return nth_of_twenty(visa_day(received, self.assessment.as_of, self.knowledge.law)) if received else ""

    def _row(self, notice: Notice) -> Row:
        return next(row for row in self.assessment.registry[notice.tab] if row.id == notice.subject)

    def _absent(self, notice: Notice) -> str:
        """The role, in words, that nobody holds and in whose place this person is told."""
        if notice.in_place_of.startswith(f"{NAMED}."):
            title = self.knowledge.tabs[notice.tab].column(notice.in_place_of.removeprefix(f"{NAMED}.")).title
            return self.language.gettext(title)
        return role_in(notice.in_place_of, self.knowledge.tabs, self.language)
