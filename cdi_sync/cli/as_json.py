"""What commands print with `--json`: the shapes that outside programs rely on, and nothing else."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cdi_sync.assessment import Knowledge
    from cdi_sync.commitments import StatementOfCommitments
    from cdi_sync.model import Finding, Judgement, Row, Standing
    from cdi_sync.rules import Rule
    from cdi_sync.rules.statements import Statement
    from jobs.each import Figures, Folder, Outcome


def print_json(value: object) -> None:
    told = json.dumps(value, ensure_ascii=False, indent=2, default=_as_json)
    click.echo(_INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", told))


# What a terminal may obey, or not show, and that JSON lets stand in a text: the C1 controls, marks of direction.
_INVISIBLE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def _as_json(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value)}")


def finding_json(finding: "Finding") -> dict[str, object]:
    names = ("rule", "severity", "outcome", "case", "tab", "id", "row", "column", "read", "expected", "message", "fix",
             "sources", "derogation")  # fmt: skip
    return {name: getattr(finding, name) for name in names}


def explain_json(standing: "Standing", findings: Sequence["Finding"]) -> dict[str, object]:
    return {
        "id": standing.id,
        "form": standing.form,
        "stage": standing.stage,
        "since": standing.since,
        "next_step": standing.next_step,
        "actor": standing.actor,
        "due": standing.due,
        "days_left": standing.days_left,
        "visa_day": standing.visa_day,
        "blocked_by": standing.blocked_by,
        "unchecked": standing.unchecked,
        "path": [{"stage": s.stage, "since": s.since, "evidence": s.evidence} for s in standing.path],
        "findings": [finding_json(finding) for finding in findings],
    }


def rule_json(rule: "Rule", points: Sequence[str]) -> dict[str, object]:
    """points: the contradictions whose reading changes what it says."""
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "kind": rule.kind,
        "applies_to": sorted(rule.forms),
        "executable": rule.executable,
        "reason": rule.reason,
        "sources": rule.sources,
        "gates": rule.gates,
        "due": rule.due,
        "subject": rule.subject,
        "fields": rule.fields,
        "limit": rule.limit,
        "module": rule.module,
        "living": rule.living,
        "readings": points,
    }


def statement_json(statement: "Statement") -> dict[str, object]:
    return {
        "id": statement.id,
        "executable": False,
        "says": statement.says,
        "reason": statement.why,
        "instead": statement.instead,
        "rules": statement.rules,
        "sources": [statement.source],
    }


def judgement_json(judgement: "Judgement") -> dict[str, object]:
    """What a rule says of a row; `outcome`: fine, problem, not_applicable or unknown."""
    return {
        "rule": judgement.rule,
        "outcome": judgement.said,
        "tab": judgement.tab,
        "id": judgement.id,
        "row": judgement.row,
        "owed": judgement.owed,
        "since": judgement.since,
        "since_why": judgement.since_why,
        "day": judgement.day,
        "why": judgement.why,
        "fix": judgement.fix,
        "mend": asdict(judgement.mend) if judgement.mend else None,
        "cells": [asdict(cell) for cell in judgement.cells],
        "sources": judgement.sources,
        "derogation": judgement.derogation,
    }


def readings_json(decides: Mapping[str, Sequence[str]], knowledge: "Knowledge") -> dict[str, object]:
    """Point on which the texts disagree → the reading chosen, and what it decides of this agreement."""
    return {id_: {"chosen": knowledge.readings[id_], "decides": told} for id_, told in decides.items()}


def row_json(row: "Row", case: str, findings: Sequence["Finding"], said: Sequence["Judgement"]) -> dict[str, object]:
    """What `explain` says of a row that isn't an agreement with a stage."""
    return {
        "id": row.id,
        "tab": row.tab,
        "row": row.number,
        "case": case,
        "findings": [finding_json(finding) for finding in findings],
        "rules": [judgement_json(one) for one in said],
    }


def letters_json(report: Any) -> dict[str, int]:
    went = report.delivered
    return {
        "new": report.new,
        "sent": went.sent,
        "failed": report.failed,
        "unknown": went.unknown,
        "held": went.held,
    }


def run_json(report: Any) -> dict[str, object]:
    assessment = report.reading.assessment
    return {
        "as_of": assessment.as_of,
        "rows": sum(map(len, assessment.registry.rows.values())),
        "findings": len(assessment.findings),
        "written": {"cells": report.sync.cells, "rows": report.sync.rows},
        "letters": letters_json(report.letters) | {"new": report.new, "failed": report.failed},
        "mailbox": collected_json(report.collected),
        "forms": received_json(report.intake),
        "warnings": list(report.reading.snapshot.warnings),
    }


def collected_json(done: Any) -> dict[str, object]:
    """What came back by mail. messages: how many new ones, by kind."""
    return {
        "messages": dict(done.kinds), "refused": done.refused, "again": done.again, "found": done.found, "free": done.free,
        "in_doubt": done.in_doubt, "for_person": list(done.for_person), "trouble": done.trouble,
    }  # fmt: skip


def received_json(done: Any) -> dict[str, object]:
    """What departments answered to forms, and what became of it."""
    return {
        "taken": done.taken, "landed": list(done.landed),
        "accepted": [{"id": one.id, "became": one.became, "by_hand": list(one.by_hand)} for one in done.accepted],
        "cells": done.cells, "unread": list(done.unread), "troubles": [{"source": name, "why": why} for name, why in done.troubles],
        "busy": done.busy,
    }  # fmt: skip


def each_json(outcomes: Sequence["Outcome"], folder: "Folder", today: date) -> dict[str, object]:
    """One object a registry, and totals. remaining: those whose turn hadn't come when it was interrupted."""
    from jobs.each import gravest, total

    news = [outcome for outcome in outcomes if outcome.trouble is None and outcome.is_news]
    failed = [outcome for outcome in outcomes if outcome.trouble is not None]
    return {
        "as_of": today,
        "registries": [_outcome_json(outcome) for outcome in outcomes],
        "ignored": folder.others,
        "totals": {
            "registries": len(folder.names),
            "done": len(news),
            "unchanged": len(outcomes) - len(news) - len(failed),
            "failed": len(failed),
            "remaining": len(folder.names) - len(outcomes),
            "exit_code": gravest(outcomes),
            **_figures_json(total(outcomes)),
        },
    }


def _outcome_json(outcome: "Outcome") -> dict[str, object]:
    error = asdict(outcome.trouble) if outcome.trouble else None
    return {"folder": outcome.name, "exit_code": outcome.code, **_figures_json(outcome.figures), "error": error}


def _figures_json(figures: "Figures") -> dict[str, object]:
    letters = {name: getattr(figures, name) for name in ("new", "sent", "failed", "unknown", "held")}
    return {"rows": figures.rows, "findings": figures.findings,
            "written": {"cells": figures.cells, "rows": figures.rows_written}, "letters": letters}  # fmt: skip


def commitments_json(statement: "StatementOfCommitments") -> dict[str, object]:
    """The commitments of a council for a budget year; amounts in dirhams."""
    lines = [asdict(line) | {"owed": line.owed, "missing": line.missing} for line in statement.lines]
    return asdict(statement) | {"lines": lines, "owed": statement.owed, "voted": statement.voted}
