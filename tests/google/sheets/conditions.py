"""BooleanConditions: which types a rule may have, and how many values each wants."""

from collections.abc import Mapping
from typing import Any

_NONE, _ONE, _TWO = (0, 0), (1, 1), (2, 2)
_MANY = (1, None)
_VALUES: Mapping[str, tuple[int, int | None]] = {
    "NUMBER_GREATER": _ONE, "NUMBER_GREATER_THAN_EQ": _ONE, "NUMBER_LESS": _ONE, "NUMBER_LESS_THAN_EQ": _ONE,
    "NUMBER_EQ": _ONE, "NUMBER_NOT_EQ": _ONE, "NUMBER_BETWEEN": _TWO, "NUMBER_NOT_BETWEEN": _TWO,
    "TEXT_CONTAINS": _ONE, "TEXT_NOT_CONTAINS": _ONE, "TEXT_STARTS_WITH": _ONE, "TEXT_ENDS_WITH": _ONE, "TEXT_EQ": _ONE,
    "TEXT_IS_EMAIL": _NONE, "TEXT_IS_URL": _NONE, "DATE_EQ": _ONE, "DATE_BEFORE": _ONE, "DATE_AFTER": _ONE,
    "DATE_ON_OR_BEFORE": _ONE, "DATE_ON_OR_AFTER": _ONE, "DATE_BETWEEN": _TWO, "DATE_NOT_BETWEEN": _TWO,
    "DATE_IS_VALID": _NONE, "ONE_OF_RANGE": _ONE, "ONE_OF_LIST": _MANY, "BLANK": _NONE, "NOT_BLANK": _NONE,
    "CUSTOM_FORMULA": _ONE, "BOOLEAN": (0, 2), "TEXT_NOT_EQ": _MANY, "DATE_NOT_EQ": _MANY, "FILTER_EXPRESSION": _ONE,
}  # fmt: skip
_WORDS = {0: "no ConditionValues", 1: "exactly one ConditionValue", 2: "exactly two ConditionValues"}

# the types that only some kinds of rule take, or none but those of data sources
_ONLY: Mapping[str, set[str]] = {
    "TEXT_STARTS_WITH": {"conditional formatting", "filters"}, "TEXT_ENDS_WITH": {"conditional formatting", "filters"},
    "TEXT_IS_EMAIL": {"data validation"}, "TEXT_IS_URL": {"data validation"}, "DATE_IS_VALID": {"data validation"},
    "DATE_ON_OR_BEFORE": {"data validation"}, "DATE_ON_OR_AFTER": {"data validation"},
    "DATE_BETWEEN": {"data validation"}, "DATE_NOT_BETWEEN": {"data validation"},
    "ONE_OF_RANGE": {"data validation"}, "ONE_OF_LIST": {"data validation"}, "BOOLEAN": {"data validation"},
    "BLANK": {"conditional formatting", "filters"}, "NOT_BLANK": {"conditional formatting", "filters"},
    "TEXT_NOT_EQ": set(), "DATE_NOT_EQ": set(), "FILTER_EXPRESSION": {"filters"},
}  # fmt: skip


def check_condition(condition: Mapping[str, Any], of: str) -> None:
    """Raises ValueError, in Google's words, when a BooleanCondition is of no type, of a type that isn't for that kind of
    rule, or hasn't its number of values. of: "data validation", "conditional formatting", "filters".
    """
    kind = condition.get("type") or "CONDITION_TYPE_UNSPECIFIED"
    if kind not in _VALUES:
        raise ValueError("BooleanCondition.type is required.")
    if of not in _ONLY.get(kind, {of}):
        raise ValueError(f"ConditionType '{kind}' is not supported in {of}.")
    least, most = _VALUES[kind]
    given = len(condition.get("values") or [])
    if given < least or (most is not None and given > most):
        wanted = (
            _WORDS[least]
            if least == most
            else "at least one ConditionValue"
            if least
            else "at most two ConditionValues"
        )
        raise ValueError(f"ConditionType '{kind}' requires {wanted}, but {given} values were supplied.")
