"""The procedure's rules: data in `config/procedure/`, checked by the small functions of `kinds` and `named`.

`check(cases, registry, rulebook, today)` evaluates every executable rule on every row that it speaks of. Each
evaluation has one of four outcomes: None (fine), `Problem`, `NotApplicable` (with the reason, or the day from which
it applies) and `Unknown` (with the reason).
"""

from cdi_sync.rules.engine import Evaluation, Verdicts, check, findings
from cdi_sync.rules.outcomes import NotApplicable, Problem, Unknown
from cdi_sync.rules.rulebook import Rule, Rulebook

__all__ = [
    "Evaluation", "NotApplicable", "Problem", "Rule", "Rulebook", "Unknown", "Verdicts", "check", "findings",
]  # fmt: skip
