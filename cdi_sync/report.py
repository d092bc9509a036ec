"""The Monday report to each council's president, as a value: four figures, decisions, delays, the next 30 days. Pure.

A council's *share* is what of an assessment speaks of it. The 30 days ahead include today and the thirtieth day; a
thing due today isn't late. Nobody is named here: who holds a delay is a function. Weeks are ISO weeks, "2026-S48".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from cdi_sync.calendar import iso_week
from cdi_sync.mail.citations import citation_in
from cdi_sync.mail.language import FRENCH, Language
from cdi_sync.mail.wording import action_in, role_in
from cdi_sync.model import Assessment, Case, Finding, Pending, Row, Tab
from cdi_sync.pieces import rows_in_use

DAYS_AHEAD = 30
SOON = 7  # days
DECISIONS_SHOWN = 5
HOLDERS_SHOWN = 5
COMING_SHOWN = 8
ARABIC = "ar"
_IN_FRENCH = Language(FRENCH)

IN_PROGRESS, LATE, DECISIONS, ANOMALIES = "en_cours", "en_retard", "decisions", "anomalies"
_LESS_IS_BETTER = (LATE, DECISIONS, ANOMALIES)  # how many cases there are is neither good nor bad


_T = TypeVar("_T")


@dataclass(frozen=True)
class Share:
    """What of an assessment speaks of one council. pending: each thing once, the earliest due day first."""

    council: Row
    as_of: date
    cases: Mapping[str, Case]
    in_progress: int  # cases neither historical, given up nor at their end
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    pending: tuple[Pending, ...]

    @property
    def is_alive(self) -> bool:
        """False when every case is an old act or was given up: there is nothing to report."""
        return any(case.followed for case in self.cases.values())


@dataclass(frozen=True)
class Figure:
    """One of the four numbers; `last` is last week's, None when it wasn't kept."""

    key: str
    value: int
    last: int | None

    @property
    def change(self) -> int | None:
        return None if self.last is None else self.value - self.last

    @property
    def direction(self) -> str:
        """mieux or moins_bien when the number changed and one way is better than the other, else ""."""
        if not self.change or self.key not in _LESS_IS_BETTER:
            return ""
        return "mieux" if self.change < 0 else "moins_bien"


@dataclass(frozen=True)
class Point:
    """One thing that waits. case is "" for a council's session; days_left is negative when it is late.

    others: more things of that title due that day, which this one stands for.
    """

    title: str
    action: str
    case: str
    name: str
    due: date | None
    days_left: int | None
    source: str
    others: int = 0

    @property
    def urgency(self) -> str:
        """How a letter shows it."""
        return urgency_of(self.days_left)


@dataclass(frozen=True)
class Held:
    """What is late in the hands of one function: how many things, and the one that is late since longest."""

    holder: str
    count: int
    worst: Point


@dataclass(frozen=True)
class Quality:
    """Rows that speak of the council, and how many of them no rule finds fault with."""

    rows: int
    sound: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means all; None when there is no row."""
        return self.sound * 100 // self.rows if self.rows else None


@dataclass(frozen=True)
class WeeklyReport:
    """One council's week, in the language of its reader. decisions_more, late_more and coming_more count what isn't shown."""

    council: str  # its name
    as_of: date
    week: str
    figures: tuple[Figure, ...]
    decisions: tuple[Point, ...]
    decisions_more: int
    late: tuple[Held, ...]
    late_more: int
    coming: tuple[Point, ...]
    coming_more: int
    quality: Quality

    def value_of(self, key: str) -> int:
        return next(figure.value for figure in self.figures if figure.key == key)

    @property
    def is_quiet(self) -> bool:
        """True when nothing waits and nothing changed: three lines say it."""
        waits = self.decisions or self.late or self.coming
        return not waits and all(figure.change == 0 for figure in self.figures)


def urgency_of(days_left: int | None) -> str:
    """retard, semaine or ensuite: the heading under which a letter puts what is due in so many days."""
    if days_left is None:
        return "ensuite"
    if days_left < 0:
        return "retard"
    return "semaine" if days_left <= SOON else "ensuite"


# ---------------------------------------------------------------------------------------------------- shares


def shares(assessment: Assessment, tabs: Mapping[str, Tab]) -> Mapping[str, Share]:
    """Identifier of a council → its share, in one pass over the registry. Quarantined councils have none."""
    owner = _owners(assessment, tabs)
    cases = _grouped((case.act.text("collectivite"), case) for case in assessment.cases.values())
    rows = _grouped((owner[row.tab, row.number], row) for row in rows_in_use(assessment.registry))
    findings = _grouped((owner.get((f.tab, f.row), ""), f) for f in assessment.findings)
    pending = _grouped((thing.council, thing) for thing in _each_once(assessment.pending))
    return {
        council.id: Share(
            council=council,
            as_of=assessment.as_of,
            cases={case.id: case for case in cases[council.id]},
            in_progress=sum(_is_in_progress(case, assessment) for case in cases[council.id]),
            rows=tuple(rows[council.id]),
            findings=tuple(findings[council.id]),
            pending=tuple(pending[council.id]),
        )
        for council in assessment.registry["collectivites"]
        if not council.quarantined
    }


def _grouped(pairs: Iterable[tuple[str, _T]]) -> defaultdict[str, list[_T]]:
    groups: defaultdict[str, list[_T]] = defaultdict(list)
    for key, item in pairs:
        groups[key].append(item)
    return groups


def _all_rows(assessment: Assessment) -> Iterator[Row]:
    for rows in assessment.registry.rows.values():
        yield from rows


def _owners(assessment: Assessment, tabs: Mapping[str, Tab]) -> Mapping[tuple[str, int], str]:
    """(tab, row number) → the council that the row speaks of, "" when it names none."""
    of_case = {id_: case.act.text("collectivite") for id_, case in assessment.cases.items()}

    def owner(row: Row) -> str:
        if row.tab == "collectivites":
            return row.id
        return row.text("collectivite") or of_case.get(row.text(tabs[row.tab].case_key), "")

    return {(row.tab, row.number): owner(row) for row in _all_rows(assessment)}


def _each_once(pending: Iterable[Pending]) -> Sequence[Pending]:
    """A thing told to several people, or at several steps, waits once."""
    once = {(thing.reminder, thing.case, thing.subject, thing.anchor): thing for thing in pending}
    return sorted(once.values(), key=lambda thing: (thing.due or date.max, thing.reminder, thing.case, thing.subject))


def _is_in_progress(case: Case, assessment: Assessment) -> bool:
    standing = assessment.standings.get(case.id)
    return case.followed and (standing is None or standing.situation != "arrete")


# --------------------------------------------------------------------------------------------------- figures


def figures(share: Share) -> Mapping[str, int]:
    """The four numbers of a council, by key, in the order in which they are shown."""
    return {
        IN_PROGRESS: share.in_progress,
        LATE: sum(_is_late(thing, share.as_of) for thing in share.pending),
        DECISIONS: len(_decisions(share)),
        ANOMALIES: sum(finding.is_open_blocking for finding in share.findings),
    }


def _is_late(thing: Pending, today: date) -> bool:
    return thing.due is not None and thing.due < today


def _is_ahead(day: date | None, today: date) -> bool:
    return day is not None and today <= day <= today + timedelta(days=DAYS_AHEAD)


def _decisions(share: Share) -> Sequence[Pending]:
    """What only the president can settle, unless it is due later than the days ahead."""
    last = share.as_of + timedelta(days=DAYS_AHEAD)
    return [thing for thing in share.pending if thing.decision and (thing.due is None or thing.due <= last)]


# ---------------------------------------------------------------------------------------------------- report


def weekly_report(
    share: Share,
    last_week: Mapping[str, int] | None,
    tabs: Mapping[str, Tab],
    language: Language = _IN_FRENCH,
) -> WeeklyReport:
    """A council's report of the week of its assessment, in the language of its reader.

    last_week: the figures kept then, None when there are none.
    """
    before = last_week or {}
    decisions = [_point(thing, share, language) for thing in _decisions(share)]
    late, coming = _held(share, tabs, language), _coming(share, language)
    return WeeklyReport(
        council=council_in(share.council, language) or share.council.id,
        as_of=share.as_of,
        week=iso_week(share.as_of),
        figures=tuple(Figure(key, value, before.get(key)) for key, value in figures(share).items()),
        decisions=tuple(decisions[:DECISIONS_SHOWN]),
        decisions_more=max(0, len(decisions) - DECISIONS_SHOWN),
        late=tuple(late[:HOLDERS_SHOWN]),
        late_more=sum(held.count for held in late[HOLDERS_SHOWN:]),
        coming=tuple(coming[:COMING_SHOWN]),
        coming_more=sum(1 + point.others for point in coming[COMING_SHOWN:]),
        quality=_quality(share),
    )


def council_in(council: Row, language: Language) -> str:
    """The name of a council: in Arabic when staff gave one and it is read, else in French; "" without any."""
    arabic = council.text("nom_ar") if language.code == ARABIC else ""
    return arabic or council.text("nom_fr")


def _point(thing: Pending, share: Share, language: Language, others: int = 0) -> Point:
    case = share.cases.get(thing.case)
    return Point(
        title=language.gettext(thing.title),
        action=action_in(thing, language),
        case=thing.case,
        name=case.act.text("intitule") if case else "",
        due=thing.due,
        days_left=(thing.due - share.as_of).days if thing.due else None,
        source=citation_in(thing.source, language),
        others=others,
    )


def _held(share: Share, tabs: Mapping[str, Tab], language: Language) -> Sequence[Held]:
    """What is late, by who holds it; the holder of the oldest delay first. share.pending is in order of due day."""
    late = [thing for thing in share.pending if _is_late(thing, share.as_of)]
    by_actor = _grouped((thing.actor, thing) for thing in late)
    return [
        Held(role_in(actor, tabs, language), len(things), _point(things[0], share, language))
        for actor, things in by_actor.items()
    ]


def _coming(share: Share, language: Language) -> Sequence[Point]:
    """What is due or planned in the days ahead, decisions apart, by day.

    Things of one title on one day make one point; what is planned isn't told again when it is due for something.
    """
    ahead = [thing for thing in share.pending if _is_ahead(thing.due, share.as_of) and not thing.decision]
    alike = _grouped((f"{thing.due} {thing.title}", thing) for thing in ahead)
    due = [_point(things[0], share, language, others=len(things) - 1) for things in alike.values()]
    told = {(thing.subject, thing.due) for thing in share.pending}
    planned = [point for row, point in _planned(share, language) if (row.id, point.due) not in told]
    return sorted([*due, *planned], key=lambda point: point.due or date.max)


PLANNED = {  # tab → (column of the day, title)
    "sessions": ("date_ouverture", "Session du conseil"),
    "reunions": ("date", "Réunion"),
    "actes": ("date_signature_prevue", "Signature prévue"),
    "phases_jumelage": ("date_prevue", "Cérémonie de jumelage prévue"),
}


def _planned(share: Share, language: Language) -> Iterator[tuple[Row, Point]]:
    """The sessions, meetings and ceremonies of the days ahead, those cancelled or given up apart."""
    for row in share.rows:
        column, title = PLANNED.get(row.tab, ("", ""))
        day = row.day(column) if column else None
        case = share.cases.get(row.id if row.tab == "actes" else row.text("id_acte"))
        is_over = row.says("annulee") or row["date_signature"] or row["date_effective"] or (case and not case.followed)
        if day is None or is_over or not _is_ahead(day, share.as_of):
            continue
        name = case.act.text("intitule") if case else ""
        yield row, Point(language.gettext(title), "", case.id if case else "", name, day, (day - share.as_of).days, "")


def _quality(share: Share) -> Quality:
    faulty = {(finding.tab, finding.row) for finding in share.findings if finding.is_fault}
    return Quality(rows=len(share.rows), sound=sum((row.tab, row.number) not in faulty for row in share.rows))
