"""All that the rules say of one row, in words: met or not, since when, on which cells. For whoever asks why. Pure.

A finding tells only what a person must mend; here is what is met, what isn't asked and why, and what is still to come.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from cdi_sync.model import CellRead, Form, Judgement, Row, Said, Tab, Value
from cdi_sync.procedure import EVENT_WORDS, Machine, Replay, has_passed
from cdi_sync.rules.engine import Evaluation, Verdicts, as_read, message_of, rows_read, sources_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown
from cdi_sync.rules.rulebook import Rule

LAST_DAYS = ("dernier_jour", "echeance")  # facts that name the last day on which a thing is in time
UNREADABLE = "(illisible)"


def judgements(
    row: Row,
    verdicts: Verdicts,
    replays: Mapping[str, Replay],
    machines: Mapping[Form, Machine],
    context: Context,
    tabs: Mapping[str, Tab],
) -> tuple[Judgement, ...]:
    """What every rule evaluated on that row says of it, in the order of the rules."""
    return tuple(_judgement(e, verdicts, replays, machines, context, tabs) for e in verdicts.of_row(row))


def _judgement(
    evaluation: Evaluation,
    verdicts: Verdicts,
    replays: Mapping[str, Replay],
    machines: Mapping[Form, Machine],
    context: Context,
    tabs: Mapping[str, Tab],
) -> Judgement:
    rule, subject, verdict = evaluation.rule, evaluation.subject, evaluation.verdict
    since, since_why = _since(evaluation, replays, machines) if evaluation.owed else (None, "")
    row = subject.row
    return Judgement(
        rule=rule.id,
        said=_said(evaluation),
        tab=row.tab,
        id=row.id,
        row=row.number,
        why=_why(evaluation),
        mend=_mend(evaluation, tabs),
        fix=rule.fixes.get(verdict.text, rule.fixes.get("", "")) if isinstance(verdict, Problem) else "",
        owed=evaluation.owed,
        since=since,
        since_why=since_why,
        day=verdict.day if isinstance(verdict, NotApplicable) else None,
        sources=sources_of(rule, subject, verdict, context),
        cells=tuple(_cells(rule, subject, tabs)),
        derogation=verdicts.derogation(evaluation),
    )


def _said(evaluation: Evaluation) -> Said:
    kinds = {Problem: Said.PROBLEM, NotApplicable: Said.NOT_APPLICABLE, Unknown: Said.UNKNOWN}
    return kinds.get(type(evaluation.verdict), Said.FINE)


def _why(evaluation: Evaluation) -> str:
    verdict = evaluation.verdict
    if isinstance(verdict, NotApplicable):
        return verdict.why
    return message_of(evaluation.rule, verdict) if isinstance(verdict, Problem | Unknown) else ""


def _mend(evaluation: Evaluation, tabs: Mapping[str, Tab]) -> CellRead | None:
    verdict = evaluation.verdict
    if not isinstance(verdict, Problem | Unknown):
        return None
    row = verdict.row or evaluation.subject.row
    return cell_read(row, verdict.column or evaluation.rule.column, tabs)


# ------------------------------------------------------------------------------------------------- since when


def _since(
    evaluation: Evaluation, replays: Mapping[str, Replay], machines: Mapping[Form, Machine]
) -> tuple[date | None, str]:
    """The first day from which something is owed, and what made it so; no day when nothing dates it."""
    verdict = evaluation.verdict
    if isinstance(verdict, Problem):
        if verdict.until:
            return verdict.until + timedelta(days=1), "délai échu"
        last = next((day for name in LAST_DAYS if isinstance(day := verdict.facts.get(name), date)), None)
        if last:
            return last + timedelta(days=1), "délai échu"
    begun = [*_events_that_owe(evaluation), *_gates_passed(evaluation, replays, machines)]
    return min(begun, default=(None, ""), key=lambda one: one[0] or date.max)


def _events_that_owe(evaluation: Evaluation) -> Iterator[tuple[date, str]]:
    case = evaluation.subject.case
    for kind in evaluation.rule.due if case else ():
        for event in case.happened.get(kind, ()) if case else ():
            if event.day:
                yield event.day, EVENT_WORDS[kind]


def _gates_passed(
    evaluation: Evaluation, replays: Mapping[str, Replay], machines: Mapping[Form, Machine]
) -> Iterator[tuple[date, str]]:
    case = evaluation.subject.case
    if case is None or case.form is None:
        return
    machine, replayed = machines[case.form], replays[case.id]
    for gate in evaluation.rule.gates:
        end = gate.partition(">")[2]
        if has_passed(gate, replayed, machine):
            for step in replayed.path:
                if step.since and machine.ranks[step.stage] >= machine.ranks[end]:
                    yield step.since, f"étape {step.stage} atteinte"
                    break


# ---------------------------------------------------------------------------------------------- the cells read


def _cells(rule: Rule, subject: Subject, tabs: Mapping[str, Tab]) -> Iterator[CellRead]:
    """The cells that the rule looks at from there, row by row."""
    by_row: dict[tuple[str, int], list[CellRead]] = {}
    for place in rule.fields:
        tab, _, column = place.partition(".")
        for row in rows_read(subject, tab):
            by_row.setdefault((tab, row.number), []).append(cell_read(row, column, tabs))
    for cells in by_row.values():
        yield from cells


def cell_read(row: Row, column: str, tabs: Mapping[str, Tab]) -> CellRead:
    """A cell, and what it holds in the staff's words."""
    holds = UNREADABLE if column in row.unreadable else _in_words(row[column], tabs[row.tab], column)
    return CellRead(row.tab, row.number, column, holds)


def _in_words(value: Value | None, tab: Tab, column: str) -> str:
    labels = {category.value: category.label for category in tab.column(column).categories}
    return labels.get(value, "") if isinstance(value, str) and value in labels else as_read(value)
