"""Number format patterns taken apart: sections between ";", and the tokens of each."""

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"? | \\(?P<escaped>.?) | _(?P<skipped>.?) | \*(?P<repeated>.?)
    | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<operator><=|>=|<>|<|>|=)\s*(?P<bound>-?[\d.]+)\s*\]
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[(?P<colour>[a-z]+\d*)\]
    | (?P<half>am/pm|a/p|am(?![a-z])|pm(?![a-z]))
    | (?P<general>general)
    | (?P<exponent>e[+-][0#?]+)
    | (?P<date>y+|m+|d+|h+|s+)
    | (?P<digit>[0#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%) | (?P<slash>/) | (?P<at>@) | (?P<end>;)
    | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a pattern. kind: "literal", "digit", "date", "elapsed", "half"…; text: what it says."""

    kind: str
    text: str


class Section(NamedTuple):
    """What stands between two ";". condition: operator and bound, None when it has none."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None = None

    @property
    def is_text(self) -> bool:
        """True when it shows a text, by "@"."""
        return any(token.kind == "at" for token in self.tokens)

    @property
    def is_date(self) -> bool:
        """True when it shows a moment or a duration: letters of dates, and no digits but those of the seconds' fraction."""
        kinds = {token.kind for token in self.tokens}
        return bool(kinds & {"date", "elapsed"}) and not kinds & {"digit", "exponent"}

    def holds(self, value: float) -> bool:
        """True when the condition of the section is met, or when it has none."""
        return self.condition is None or OPERATORS[self.condition[0]](value, self.condition[1])


@cache
def sections(pattern: str) -> tuple[Section, ...]:
    """The sections of a pattern, in order."""
    found: list[Section] = []
    tokens: list[Token] = []
    condition: tuple[str, float] | None = None
    for match in _TOKEN.finditer(pattern):
        kind, text = match.lastgroup or "", match.group(match.lastgroup or 0) or ""
        match kind:
            case "end":
                found.append(Section(_with_fractions_of_seconds(tokens), condition))
                tokens, condition = [], None
            case "bound":
                condition = (match["operator"], float(text))
            case "colour":
                continue
            case "quoted" | "escaped" | "repeated" | "currency" | "other":
                tokens.append(Token("literal", text))
            case "skipped":
                tokens.append(Token("literal", " "))
            case _:
                tokens.append(Token(kind, text))
    return (*found, Section(_with_fractions_of_seconds(tokens), condition))


def _with_fractions_of_seconds(tokens: list[Token]) -> tuple[Token, ...]:
    """The tokens, where the zeros after "s." (or "s" and whatever separates) are one token of kind "fraction"."""
    joined: list[Token] = []
    for token in tokens:
        behind = joined[-1] if joined else None
        before = joined[-2] if len(joined) > 1 else None
        if token == ("digit", "0") and behind is not None and behind.kind == "fraction":
            joined[-1] = Token("fraction", behind.text + "0")
        elif (
            token == ("digit", "0")
            and behind is not None
            and behind.kind in ("point", "comma")
            and before is not None
            and before.kind in ("date", "elapsed")
            and before.text[0] in "sS"
        ):
            joined[-1] = Token("fraction", "0")
        else:
            joined.append(token)
    return tuple(joined)
