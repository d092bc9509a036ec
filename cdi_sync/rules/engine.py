"""Evaluates the rules on the rows they speak of, and turns what isn't met into findings.

Whether a rule is met and whether it is owed yet are two questions. A rule is owed once one of its gates is passed,
once one of the events it names has happened, or always when it has its own clock. What isn't owed yet makes no
finding; asked of the next transition, it is what blocks the case.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import NamedTuple, TypeAlias

from cdi_sync.model import Case, CellProblem, Finding, Form, Outcome, Registry, Row, Severity, Tab, Tier
from cdi_sync.procedure import Machine, Replay, has_passed
from cdi_sync.rules.kinds import KINDS
from cdi_sync.rules.outcomes import Context, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import READING, Rule, Rulebook

_CASE_ROWS: Mapping[str, Callable[[Case], Sequence[Row]]] = {
    "actes": lambda case: (case.act,),
    "deliberations": lambda case: case.deliberations,
    "visas_accords": lambda case: case.visas,
    "phases_jumelage": lambda case: case.phases,
    "organes": lambda case: case.bodies,
    "plan_action": lambda case: case.actions,
    "reunions": lambda case: case.meetings,
    "evaluations": lambda case: case.evaluations,
    "pieces_clauses": lambda case: case.pieces,
    "budget": lambda case: case.money,
    "cadre_logique": lambda case: case.logframe,
}


class Evaluation(NamedTuple):
    """One rule on one row: its verdict, and whether it is owed yet; of what is met, or isn't asked, nobody asks that."""

    rule: Rule
    subject: Subject
    verdict: Verdict
    owed: bool


class Verdicts:
    """Every evaluation of a run, and what they say of a case's next transition."""

    def __init__(self, evaluations: Iterable[Evaluation], derogations: Mapping[tuple[str, str], str]) -> None:
        self.all = tuple(evaluations)
        self._derogations = derogations
        self._by_row: dict[tuple[str, str], list[Evaluation]] = {}
        self._problems: dict[tuple[str, str, str], Evaluation] = {
            (e.rule.id, e.subject.row.tab, e.subject.row.id): e for e in self.all if isinstance(e.verdict, Problem)
        }

    def derogation(self, evaluation: Evaluation) -> str:
        """The reason why this rule is waived for this row or its case, "" if it isn't."""
        subject = evaluation.subject
        own = self._derogations.get((subject.row.id, evaluation.rule.id), "")
        return own or (self._derogations.get((subject.case.id, evaluation.rule.id), "") if subject.case else "")

    def of_row(self, row: Row) -> Sequence[Evaluation]:
        """The evaluations of a row, in the order of the rules."""
        if not self._by_row:
            for evaluation in self.all:
                own = evaluation.subject.row
                self._by_row.setdefault((own.tab, own.id), []).append(evaluation)
        return self._by_row.get((row.tab, row.id), ())

    def blocking(self, case: Case, guards: Iterable[Rule]) -> tuple[str, ...]:
        """The guards that keep a case from going on: not met, still curable, binding, without derogation."""
        rows = (*case.rows(), *((case.council,) if case.council else ()))
        return self.blocking_rows(rows, guards)

    def blocking_rows(self, rows: Sequence[Row], guards: Iterable[Rule]) -> tuple[str, ...]:
        """The same, looked for on those rows alone."""
        return tuple(rule.id for rule in guards if rule.executable and self._blocks(rows, rule))

    def _blocks(self, rows: Sequence[Row], rule: Rule) -> bool:
        for row in rows:
            evaluation = self._problems.get((rule.id, row.tab, row.id))
            if evaluation is None or not isinstance(evaluation.verdict, Problem):
                continue
            severity = evaluation.verdict.severity or rule.severity
            waived = self.derogation(evaluation)
            if evaluation.verdict.curable and severity is Severity.BLOQUANT and not waived:
                return True
        return False


def check(
    cases: Mapping[str, Case],
    replays: Mapping[str, Replay],
    machines: Mapping[Form, Machine],
    rulebook: Rulebook,
    context: Context,
) -> Verdicts:
    """Evaluates every rule on every row that it speaks of: none of a case of another form, or without a known one.

    Rules of a module that is switched off aren't evaluated.
    """
    council_tier = {row.id: Tier(row.text("niveau")) for row in context.registry["collectivites"] if row["niveau"]}
    evaluations: list[Evaluation] = []
    spotless = frozenset(id_ for id_, case in cases.items() if not any(row.unreadable for row in _all_read(case)))
    alike = _alike(cases.values())
    subjects = _Subjects(alike, context.registry, council_tier)
    for rule in sorted(rulebook.checked, key=_sums_up):
        if _sums_up(rule):
            context = replace(context, open_rules=_open_rules(evaluations, context.waived))
        if rule.module and rule.module not in context.modules:
            continue
        kind, groups = KINDS[rule.kind], [group for group in alike if _asks(rule, *group, context)]
        for subject in subjects.of(rule.subject, groups):
            spotted = subject.case is None or subject.case.id not in spotless
            verdict = (_unreadable(rule, subject) if spotted else None) or kind(subject, rule, context)
            asked = isinstance(verdict, Problem | Unknown)
            owed = asked and _owed(rule, subject, verdict, replays, machines, context.today)
            evaluations.append(Evaluation(rule, subject, verdict, owed))
    return Verdicts(evaluations, context.waived)


def _sums_up(rule: Rule) -> bool:
    """True for a rule that sums up others: evaluated once they all are."""
    return "bilan" in rule.parameters


def _open_rules(
    evaluations: Iterable[Evaluation], waived: Mapping[tuple[str, str], str]
) -> Mapping[str, Sequence[str]]:
    """Identifier of a case, or of a row that belongs to none → the binding rules owed there, not met, and not waived.

    What can't be cured any more isn't open: nobody can close it.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for rule, subject, verdict, owed in evaluations:
        if not owed or not isinstance(verdict, Problem) or not verdict.curable:
            continue
        owner = subject.case.id if subject.case else subject.row.id
        binding = (verdict.severity or rule.severity) is Severity.BLOQUANT
        if binding and not waived.get((subject.row.id, rule.id)) and not waived.get((owner, rule.id)):
            found[owner].append(rule.id)
    return found


_Group: TypeAlias = tuple[Form, bool]  # cases of one form, the historical ones apart


def _alike(cases: Iterable[Case]) -> Mapping[_Group, Sequence[Case]]:
    """The cases by form, the historical ones apart; those whose form isn't known are reported elsewhere."""
    groups: dict[_Group, list[Case]] = defaultdict(list)
    for case in cases:
        if case.form:
            groups[case.form, case.historical].append(case)
    return groups


def _asks(rule: Rule, form: Form, historical: bool, context: Context) -> bool:
    """The steps of the past aren't asked of a historical act."""
    return rule.concerns(form, context.readings) and (rule.living or not historical)


def derogations(registry: Registry) -> Mapping[tuple[str, str], str]:
    """(identifier of a case or row, rule) → the reason given. One without a reason isn't honoured."""
    return {
        (row.text("id_concerne"), row.text("regle").upper()): row.text("motif")
        for row in registry["derogations"]
        if row["motif"] and not row.quarantined
    }


class _Subjects:
    """The rows that rules speak of, made once a tab and group of cases: most rules speak of the same."""

    def __init__(
        self, alike: Mapping[_Group, Sequence[Case]], registry: Registry, council_tier: Mapping[str, Tier]
    ) -> None:
        self._alike, self._registry, self._tier = alike, registry, council_tier
        self._made: dict[tuple[str, _Group], Sequence[Subject]] = {}

    def of(self, tab: str, groups: Iterable[_Group]) -> Iterator[Subject]:
        """The rows of a tab; where it speaks of cases, those of these groups of cases."""
        if tab not in _CASE_ROWS:
            return self._of_nobody(tab)
        return chain.from_iterable(self._of_group(tab, group) for group in groups)

    def _of_group(self, tab: str, group: _Group) -> Sequence[Subject]:
        if (tab, group) not in self._made:
            rows = _CASE_ROWS[tab]
            self._made[tab, group] = [
                Subject(row, case, case.tier) for case in self._alike[group] for row in rows(case)
            ]
        return self._made[tab, group]

    def _of_nobody(self, tab: str) -> Iterator[Subject]:
        for row in self._registry[tab]:
            if not row.quarantined:
                yield Subject(row, None, self._tier.get(row.id if tab == "collectivites" else row.text("collectivite")))


def _unreadable(rule: Rule, subject: Subject) -> Verdict:
    """Unknown when a cell that the rule reads can't be read; its own finding tells it already."""
    for place in rule.fields:
        tab, _, column = place.partition(".")
        for row in rows_read(subject, tab):
            if column in row.unreadable:
                return Unknown(f"« {column} » est illisible", column, row, reported=True)
    return None


def _all_read(case: Case) -> Iterator[Row]:
    """Every row that a rule on that case may read."""
    yield from case.rows()
    yield from (row for row in (case.partner, case.council) if row)


def rows_read(subject: Subject, tab: str) -> Sequence[Row]:
    """The rows of that tab that a rule looks at from there."""
    if subject.row.tab == tab:
        return (subject.row,)
    case = subject.case
    if case is None:
        return ()
    if tab == "sessions":
        own = case.session_of(subject.row) if subject.row.tab == "deliberations" else None
        return (own,) if own else tuple(case.sessions.values())
    if tab == "partenaires":
        return (case.partner,) if case.partner else ()
    if tab == "collectivites":
        return (case.council,) if case.council else ()
    return _CASE_ROWS[tab](case) if tab in _CASE_ROWS else ()


def _owed(
    rule: Rule,
    subject: Subject,
    verdict: Verdict,
    replays: Mapping[str, Replay],
    machines: Mapping[Form, Machine],
    today: date,
) -> bool:
    """Owed once one of its gates is passed or its clock has begun, and the time that its verdict leaves is over."""
    case = subject.case
    if isinstance(verdict, Problem) and (verdict.overdue or verdict.until):
        return verdict.overdue or (
            verdict.until is not None and today > verdict.until and has_begun(rule, case, replays, machines)
        )
    return has_begun(rule, case, replays, machines)


def has_begun(rule: Rule, case: Case | None, replays: Mapping[str, Replay], machines: Mapping[Form, Machine]) -> bool:
    if rule.always_due or case is None or not case.happened.keys().isdisjoint(rule.due):
        return True
    return case.form is not None and any(has_passed(g, replays[case.id], machines[case.form]) for g in rule.gates)


# -------------------------------------------------------------------------------------------------- findings


def findings(verdicts: Verdicts, problems: Iterable[CellProblem], rulebook: Rulebook, context: Context,
             tabs: Mapping[str, Tab]) -> tuple[Finding, ...]:  # fmt: skip
    """What a person must see: owed problems, unknowns that no cell problem explains, and the cell problems."""
    found = [finding for e in verdicts.all if (finding := _finding(e, verdicts, context))]
    case_of = _cases_by_row(context.registry)
    waived = derogations(context.registry)
    found += [_cell_finding(problem, rulebook, case_of, waived) for problem in problems]
    order = list(tabs)
    return tuple(sorted(found, key=lambda f: (order.index(f.tab), f.row, f.rule, f.column, f.read)))


def _finding(evaluation: Evaluation, verdicts: Verdicts, context: Context) -> Finding | None:
    verdict, rule, subject = evaluation.verdict, evaluation.rule, evaluation.subject
    if not evaluation.owed or not isinstance(verdict, Problem | Unknown):
        return None
    if isinstance(verdict, Unknown) and verdict.reported:
        return None
    row = verdict.row or subject.row
    column = verdict.column or rule.column
    return Finding(
        rule=rule.id,
        severity=(verdict.severity if isinstance(verdict, Problem) else None) or rule.severity,
        outcome=Outcome.PROBLEM if isinstance(verdict, Problem) else Outcome.UNKNOWN,
        case=subject.case.id if subject.case else "",
        tab=row.tab,
        id=row.id,
        row=row.number,
        column=column,
        read=as_read(row[column]),
        expected=rule.expected,
        message=message_of(rule, verdict),
        fix=rule.fixes.get(verdict.text, rule.fixes.get("", "")) if isinstance(verdict, Problem) else "",
        sources=sources_of(rule, subject, verdict, context),
        derogation=verdicts.derogation(evaluation),
    )


def message_of(rule: Rule, verdict: Problem | Unknown) -> str:
    """What a person is told of that verdict (French)."""
    if isinstance(verdict, Unknown):
        return f"{rule.title} : impossible à dire, {verdict.why}."
    facts = {name: as_read(value) for name, value in verdict.facts.items()}
    return rule.messages.get(verdict.text, rule.messages[""]).format(**facts)


def as_read(value: object) -> str:
    """A value as French readers write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, tuple):
        return " ; ".join(value)
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")  # never an exponent
    return str(value)


def sources_of(rule: Rule, subject: Subject, verdict: Verdict, context: Context) -> tuple[str, ...]:
    """The rule's sources; first the citation of its limit on the day that selects it; this council's law only."""
    day = (verdict.on if isinstance(verdict, Problem) else None) or context.today
    limit = subject.limit(rule.limit, day, context) if rule.limit else None
    return rule.sources_for(subject.tier, limit)


def _cases_by_row(registry: Registry) -> Mapping[tuple[str, int], str]:
    """(tab, row number) → the agreement that the row speaks of."""
    return {
        (row.tab, row.number): row.id if row.tab == "actes" else row.text("id_acte")
        for rows in registry.rows.values()
        for row in rows
    }


def _cell_finding(
    problem: CellProblem,
    rulebook: Rulebook,
    case_of: Mapping[tuple[str, int], str],
    waived: Mapping[tuple[str, str], str],
) -> Finding:
    rule = rulebook[problem.rule]
    # what can't be read can't be waived; what only looks wrong can
    derogation = "" if rule.kind == READING else waived.get((problem.id, rule.id), "")
    return Finding(
        rule=rule.id,
        severity=problem.severity or rule.severity,
        outcome=Outcome.PROBLEM,
        case=case_of.get((problem.tab, problem.row), ""),
        tab=problem.tab,
        id=problem.id,
        row=problem.row,
        column=problem.column,
        read=problem.read,
        expected=problem.expected,
        message=problem.message,
        fix=problem.fix,
        sources=rule.sources,
        derogation=derogation,
    )
