"""The nouns: what the registry declares, what a row holds, what a run finds and proposes.

Everything here is a frozen value. Keys and codes are the guide's French words in ASCII (`date_signature`,
`JUMELAGE`, `C75`); texts meant for people are French. Row numbers are those of the sheet, from 1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | date | time | tuple[str, ...]


class Tier(StrEnum):
    """Level of decentralisation of a council; it selects the organic law that applies."""

    REGION = "REGION"  # organic law 111-14
    PREFECTURE = "PREFECTURE"  # organic law 112-14
    PROVINCE = "PROVINCE"  # organic law 112-14
    COMMUNE = "COMMUNE"  # organic law 113-14
    GROUPEMENT = "GROUPEMENT"  # a grouping of councils: no session calendar of its own here


class Form(StrEnum):
    """The three forms of cooperation that the guide knows."""

    JUMELAGE = "JUMELAGE"  # twinning: waits for the Royal approval
    CONVENTION = "CONVENTION"  # convention or partnership agreement: waits for a visa
    ADHESION_OING = "ADHESION_OING"  # membership of an organisation of local governments


FORM_LETTER = {"J": Form.JUMELAGE, "C": Form.CONVENTION, "O": Form.ADHESION_OING}


class Severity(StrEnum):
    """How strongly the text binds."""

    BLOQUANT = "BLOQUANT"  # a duty or a prohibition
    RECOMMANDE = "RECOMMANDE"  # advice of the guide, or a warning of ours
    INFO = "INFO"  # worth knowing


class Outcome(StrEnum):
    """What a finding says: the rule isn't met, or nobody can tell yet."""

    PROBLEM = "problem"
    UNKNOWN = "unknown"


# ---------------------------------------------------------------------------------------------- declarations


class Owner(StrEnum):
    """Who fills a column."""

    STAFF = "staff"  # never changed nor cleared by the software
    SYSTEM = "system"  # rewritten by each run


CORE = "socle"  # the module that is always on


@dataclass(frozen=True)
class Category:
    """One value of a drop-down list: `value` in the code, `label` in the cell."""

    value: str
    label: str


@dataclass(
    frozen=True, eq=False
)  # compared, and kept in caches, by identity: hashing its lists would cost more than reading
class Column:
    """One declared column (Table Schema v2 field, plus our `cdi` key).

    type: string, email, url, date, time, integer, number, boolean, list or reference.
    format: what a string must be: "country", or "" for any text.
    years: plausible years of a date, inclusive.
    reference: name of the tab whose rows it designates, by identifier or by one of that tab's `keys`.
    module: hidden until that module is switched on; "" when it shows with its tab.
    has_lines: a text whose line breaks mean something (paragraphs of a clause, points of an agenda); elsewhere they are spaces.
    """

    key: str
    title: str
    description: str
    type: str = "string"
    format: str = ""
    owner: Owner = Owner.STAFF
    catalogue: str = ""
    aliases: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    required: bool = False
    reference: str = ""
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    years: tuple[int, int] = (2000, 2100)
    width: float = 18
    section: str = ""
    module: str = ""
    has_lines: bool = False

    @property
    def is_system(self) -> bool:
        return self.owner is Owner.SYSTEM


@dataclass(frozen=True)
class Tab:
    """One declared staff tab. `columns[0]` is always the identifier, filled in advance by the system."""

    name: str
    title: str
    description: str
    prefix: str
    module: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = ()  # other columns that also designate a row (an official code)
    names: tuple[str, ...] = ()  # columns by which people call a row; they propose it, and never designate it
    case_key: str = ""  # column that says which agreement a row belongs to
    aliases: tuple[str, ...] = ()

    def column(self, key: str) -> Column:
        """The column of that key. KeyError if there is none."""
        return self.by_key[key]

    @property
    def by_key(self) -> Mapping[str, Column]:
        return {column.key: column for column in self.columns}


# --------------------------------------------------------------------------------------------- what was read


@dataclass(frozen=True)
class CellError:
    """A cell that shows an error (#N/A…) or a formula whose result was never computed."""

    shown: str


Raw: TypeAlias = str | float | int | bool | date | time | CellError | None


@dataclass(frozen=True)
class Grid:
    """Raw cells of one tab, as any workbook gives them.

    rows: every row from the first of the sheet, each a sequence of raw cells (may be ragged).
    date1904: serial numbers count from 1904-01-01 instead of 1899-12-30.
    """

    title: str
    rows: Sequence[Sequence[Raw]]
    date1904: bool = False


@dataclass(frozen=True)
class Layout:
    """Where the declared columns of a tab stand in the sheet: column key → index from 1.

    title: the sheet's own, which may be another name of the tab.
    """

    header_row: int
    positions: Mapping[str, int]
    last_row: int = 0
    title: str = ""


@dataclass(frozen=True)
class CellProblem:
    """A cell, or a row's identity, that can't be used or looks wrong; the row lives on without it.

    severity: lower than the rule's when only a warning.
    """

    rule: str  # DATA-01 (identity, reference), DATA-02 (unreadable value) or DATA-04 (likely double)
    tab: str
    id: str
    row: int
    column: str
    read: str
    expected: str
    message: str
    fix: str
    severity: Severity | None = None


@dataclass(frozen=True)
class Row:
    """One typed row. `row["date_pv"]` is the value, or None when the cell is empty or unreadable.

    unreadable: keys of cells that hold something that couldn't be read (already reported).
    """

    tab: str
    id: str
    number: int
    values: Mapping[str, Value]
    unreadable: frozenset[str] = frozenset()
    quarantined: bool = False  # its identifier is doubled: nothing may be concluded from it

    def __getitem__(self, key: str) -> Value | None:
        return self.values.get(key)

    def text(self, key: str) -> str:
        """The value as text, "" if none."""
        value = self.values.get(key)
        return "" if value is None else str(value)

    def day(self, key: str) -> date | None:
        """The value if it is a date."""
        value = self.values.get(key)
        return value if isinstance(value, date) else None

    def number_of(self, key: str) -> float | None:
        """The value if it is a number."""
        value = self.values.get(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def says(self, key: str) -> bool | None:
        """The value if it is Oui or Non."""
        value = self.values.get(key)
        return value if isinstance(value, bool) else None


@dataclass(frozen=True)
class Registry:
    """All that was read, typed: rows by tab name in the order of their identifiers, and what couldn't be read.

    spare: numbered rows not used yet, by tab: row number → identifier.
    newly_numbered: used rows that had no identifier, and the one they are given: row number → identifier, by tab.
    added: rows that a run adds (the lines of a checklist), by tab; they are among `rows` too.
    last_noted: last unused row in which someone wrote outside the declared columns, by tab: no row is added above it.
    """

    rows: Mapping[str, tuple[Row, ...]]
    layouts: Mapping[str, Layout]
    problems: tuple[CellProblem, ...] = ()
    spare: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    newly_numbered: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    added: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    last_noted: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, tab: str) -> tuple[Row, ...]:
        return self.rows.get(tab, ())


# ------------------------------------------------------------------------------------------------- the case


@dataclass(frozen=True)
class Event:
    """Something that happened to a case. `day` is None when the registry doesn't say when."""

    kind: str
    day: date | None
    row: Row
    partial: str = ""  # "1986" or "2009-12": all that is known of the day of an old act


ENDS = ("abandon", "resiliation", "retrait", "radiation")  # events after which an agreement binds nobody


@dataclass(frozen=True)
class Case:
    """One agreement with all the rows that speak of it."""

    act: Row
    form: Form | None
    council: Row | None
    tier: Tier | None
    partner: Row | None
    historical: bool
    deliberations: tuple[Row, ...] = ()
    sessions: Mapping[str, Row] = field(default_factory=dict)  # by identifier: those of its deliberations
    visas: tuple[Row, ...] = ()
    phases: tuple[Row, ...] = ()
    bodies: tuple[Row, ...] = ()
    actions: tuple[Row, ...] = ()
    meetings: tuple[Row, ...] = ()
    evaluations: tuple[Row, ...] = ()
    pieces: tuple[Row, ...] = ()  # lines of its checklists, those of its evaluations included
    money: tuple[Row, ...] = ()  # lines of the budget tab
    logframe: tuple[Row, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def id(self) -> str:
        return self.act.id

    @cached_property
    def happened(self) -> Mapping[str, tuple[Event, ...]]:
        """Its events, by kind."""
        by_kind: dict[str, list[Event]] = {}
        for event in self.events:
            by_kind.setdefault(event.kind, []).append(event)
        return {kind: tuple(group) for kind, group in by_kind.items()}

    @cached_property
    def over(self) -> bool:
        """True when the agreement was given up, terminated or left: nobody is reminded of anything."""
        return not self.happened.keys().isdisjoint(ENDS)

    @cached_property
    def followed(self) -> bool:
        """False for an old act and for one that is over: nothing more of the procedure is asked."""
        return not (self.historical or self.over)

    def session_of(self, deliberation: Row) -> Row | None:
        return self.sessions.get(deliberation.text("id_session"))

    def rows(self) -> tuple[Row, ...]:
        """Every row that speaks of this case, the agreement first."""
        return (
            self.act,
            *self.deliberations,
            *self.sessions.values(),
            *self.visas,
            *self.phases,
            *self.bodies,
            *self.actions,
            *self.meetings,
            *self.evaluations,
            *self.pieces,
            *self.money,
            *self.logframe,
        )


# ------------------------------------------------------------------------------------------------- findings


@dataclass(frozen=True)
class Finding:
    """A rule that isn't met, or can't be told, at one cell. Sorted by (tab, row, rule) in an Assessment."""

    rule: str
    severity: Severity
    outcome: Outcome
    case: str  # "" when the row belongs to no agreement
    tab: str
    id: str
    row: int
    column: str
    read: str
    expected: str
    message: str
    fix: str
    sources: tuple[str, ...]
    derogation: str = ""  # the reason given in the derogations tab; it then no longer blocks

    @property
    def is_fault(self) -> bool:
        """True for a problem worth mending: no derogation explains it, and it isn't a mere information."""
        return self.outcome is Outcome.PROBLEM and not self.derogation and self.severity is not Severity.INFO

    @property
    def is_open_blocking(self) -> bool:
        return self.severity is Severity.BLOQUANT and self.outcome is Outcome.PROBLEM and not self.derogation


class Said(StrEnum):
    """What a rule says of a row."""

    FINE = "fine"  # met
    PROBLEM = "problem"
    NOT_APPLICABLE = "not_applicable"  # it doesn't speak of that row, or not yet
    UNKNOWN = "unknown"  # nobody can tell


@dataclass(frozen=True)
class CellRead:
    """A cell that a rule looks at, and what it holds in the staff's words; "" when it is empty."""

    tab: str
    row: int
    column: str
    holds: str


@dataclass(frozen=True)
class Judgement:
    """What one rule says of one row, whether or not anybody has something to mend.

    tab, id, row: of the row that it speaks of. mend: the cell to mend (a problem, or what can't be told). owed: a person
    must act; a problem that isn't owed yet only keeps the case from going on. since: the first day from which it is owed,
    and since_why in words. day: the one that what isn't asked hangs on, when it is known.
    """

    rule: str
    said: Said
    tab: str
    id: str
    row: int
    why: str = ""
    mend: CellRead | None = None
    fix: str = ""
    owed: bool = False
    since: date | None = None
    since_why: str = ""
    day: date | None = None
    sources: tuple[str, ...] = ()
    cells: tuple[CellRead, ...] = ()
    derogation: str = ""


@dataclass(frozen=True)
class Step:
    """One state that a case has entered, and on what evidence."""

    stage: str
    since: date | None
    evidence: str


@dataclass(frozen=True)
class Standing:
    """Where a case stands. Days are calendar days; `visa_day` is n of 20, from the day after reception."""

    id: str
    form: Form | None
    stage: str
    stage_title: str
    since: date | None
    next_stage: str
    next_step: str
    actor: str
    due: date | None
    due_why: str
    days_left: int | None
    visa_day: int | None
    blocked_by: tuple[str, ...]
    unchecked: tuple[str, ...]  # guards of the next transition whose rule isn't executable yet
    path: tuple[Step, ...]
    situation: str = ""  # preparation, signe, vigueur or arrete
    deadline: str = ""  # which deadline runs: odj, session, pv, visa or none

    @property
    def waits_for_agenda(self) -> bool:
        """True when the next step is to be put on the agenda of a session."""
        return self.deadline == "odj"


@dataclass(frozen=True)
class Pending:
    """Something that waits for people, whether or not anybody is to be told today.

    case: the agreement, "" when it speaks of a council's session. anchor: the day its ladder hangs from.
    actor: the role that holds it. decision: only the president can settle it. wording, facts: the action before its
    facts were put in, for those who read it in another language.
    """

    reminder: str
    case: str
    council: str  # identifier of the council
    subject: str  # identifier of the row it speaks of: the agreement, a deliberation, a visa, a meeting
    anchor: date
    due: date | None
    title: str
    action: str
    actor: str
    decision: bool
    source: str
    tab: str
    row: int
    column: str
    wording: str = ""
    facts: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Notice(Pending):
    """A pending thing told to one person; (reminder, case, subject, anchor, step, to) is told once.

    in_place_of: the role that nobody holds, when it is told to the next in the hierarchy. urgent: told at once, apart
    from the digest. fell: the day on which its step fell due.
    """

    step: str
    to: str  # e-mail address, "" when nobody can be told
    contact: str  # identifier of the contact
    role: str
    in_place_of: str = ""
    urgent: bool = False
    fell: date | None = None


@dataclass(frozen=True)
class Told:
    """Everything that waits, and the notices that are due, the ledger aside."""

    pending: tuple[Pending, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class Answer:
    """What a person answered by mail to one reminder of one row, under the anchor that it had.

    column: the empty cell where staff will write that it is done, "" for none. verb: fait, reporter or vu. who: the address
    it came from. on: the day it came. day: the day done, or the day on which reminders come back.
    """

    reminder: str
    subject: str  # identifier of the row
    anchor: date
    tab: str
    column: str
    verb: str
    who: str
    on: date
    day: date


@dataclass(frozen=True)
class RequestTold:
    """What a row of « Demandes reçues » shows: what is understood, what is to complete, what it resembles, where it stands."""

    understood: str
    to_complete: str
    resembles: str
    state: str


@dataclass(frozen=True)
class Assessment:
    """All that a run knows, for one `as_of`."""

    as_of: date
    registry: Registry
    cases: Mapping[str, Case]
    findings: tuple[Finding, ...]
    standings: Mapping[str, Standing]
    evaluations: Mapping[str, Standing]  # where each evaluation stands, by its identifier
    tell: Callable[[], Told] = field(compare=False)  # asked once, and not by a mere check
    judge: Callable[[Row], Sequence[Judgement]] = field(compare=False)  # all that the rules say of a row
    refused: frozenset[str] = frozenset()  # addresses, in lower case, that came back as unusable
    answers: tuple[Answer, ...] = ()  # what people answered by mail, the oldest first
    ask: Callable[[], Mapping[str, RequestTold]] = field(default=dict, compare=False)  # not by a mere check

    @cached_property
    def requests(self) -> Mapping[str, RequestTold]:
        """What the rows of « Demandes reçues » show, by their number."""
        return self.ask()

    @cached_property
    def told(self) -> Told:
        """What waits, and who is to hear of it."""
        return self.tell()

    @property
    def pending(self) -> tuple[Pending, ...]:
        """Everything that waits, the earliest due day first."""
        return self.told.pending

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is due to be told, the ledger aside."""
        return self.told.notices
