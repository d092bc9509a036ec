"""What the evaluation of a rule says, and what it is given to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from cdi_sync.calendar import WorkCalendar
from cdi_sync.law import InForce, Law
from cdi_sync.model import Case, Registry, Row, Severity, Tier
from cdi_sync.people import Directory
from cdi_sync.programmes import Grant, Programmes


@dataclass(frozen=True)
class Problem:
    """The rule isn't met.

    facts: what the message quotes (dates come as dates). curable: False when no evidence brought later can mend it
    (a step taken late): it then never blocks. severity: lower than the rule's when only a warning.
    text: key of another text of the rule (`message_<text>`), when one doesn't fit all causes. on: the day that
    selects the value of the rule's limit, to be cited; the day of the check when it is None. until: last day on which
    it isn't owed yet: until then it makes no finding, it only keeps the case from going on. overdue: owed whatever
    transition is passed, because its own deadline is over.
    """

    facts: Mapping[str, object] = field(default_factory=dict)
    curable: bool = True
    row: Row | None = None
    column: str = ""
    severity: Severity | None = None
    text: str = ""
    on: date | None = None
    until: date | None = None
    overdue: bool = False


@dataclass(frozen=True)
class NotApplicable:
    """The rule doesn't speak of this row, or not yet: from `day`, when it is known."""

    why: str
    day: date | None = None


@dataclass(frozen=True)
class Unknown:
    """Nobody can tell. `reported`: the cause is a cell problem that has its own finding already."""

    why: str
    column: str = ""
    row: Row | None = None
    reported: bool = False


Verdict: TypeAlias = Problem | NotApplicable | Unknown | None


@dataclass(frozen=True)
class Context:
    """What every check may look at, beside its own row."""

    today: date
    law: Law
    calendar: WorkCalendar
    readings: Mapping[str, str]  # contradiction → reading chosen: {"D-01": "guide"}
    registry: Registry
    peers: Mapping[tuple[str, str], tuple[Case, ...]]  # cases of one council and one form (DATA-04)
    people: Directory
    live_councils: frozenset[str]  # councils with a case whose procedure isn't over
    focal_points: Mapping[str, tuple[Row, ...]]  # of a council or a partner, by its identifier (MEET-11)
    items: Mapping[str, Mapping[str, Sequence[Row]]]  # owner of a checklist → its lines, by item
    council_acts: Mapping[str, Sequence[Case]]  # cases of a council, by its identifier
    item_labels: Mapping[str, str]  # item of a checklist → how the tab calls it
    contacts: Mapping[str, Row]  # by identifier, those that have left included
    teams: Mapping[str, Sequence[Row]]  # officer and members of a council's team, those that have left included
    modules: frozenset[str]  # those switched on
    waived: Mapping[tuple[str, str], str]  # (identifier of a case or row, rule) → why the rule is waived there
    programmes: Programmes
    grants: Mapping[str, Grant]  # agreement → what the envelope of its programme had paid with it (COF-07)
    partner_acts: Mapping[str, Sequence[Case]]  # cases of a partner, by its identifier
    # identifier of a case, or of a row that belongs to none → the binding rules open there; empty until all the others
    # are evaluated, for the rules that sum them up
    open_rules: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Subject(NamedTuple):
    """The row that a rule is evaluated on, with its case if it belongs to one."""

    row: Row
    case: Case | None
    tier: Tier | None

    def limit(self, key: str, day: date, context: Context) -> InForce | None:
        """The value of a limit for this council's tier, in force on that day."""
        return context.law.in_force(key, day, self.tier) if self.tier else None
