"""The requests that came, in order: what a test counts, and which of them something is to happen to."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

from tests.google.wire import Request


@dataclass(frozen=True)
class Arrival:
    """A request that came in. number: from 1, since the emulator began. method: its identifier, "" when it calls none;
    user: "" when unknown."""

    number: int
    method: str
    user: str
    request: Request


# a pattern of method identifiers ("sheets.*.batchUpdate"), the number of a request, or a test of one's own
Condition: TypeAlias = str | int | Callable[[Arrival], bool]


def meets(arrival: Arrival, condition: Condition) -> bool:
    """Whether a request is one of those that a condition means."""
    if isinstance(condition, str):
        return fnmatchcase(arrival.method, condition)
    if isinstance(condition, int):
        return arrival.number == condition
    return condition(arrival)


@dataclass(frozen=True)
class Logged:
    """One request that was answered, with the bytes of its body and of the answer's; status 0: nothing was answered."""

    method: str
    user: str
    request: Request
    status: int
    number: int = 0
    sent: int = 0

    @property
    def received(self) -> int:
        """Bytes of the request's body."""
        return len(self.request.body)

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, values in self.request.query.items() for value in values)
        where = self.request.path + (f"?{query}" if query else "")
        return (
            f"{self.number:4} {self.status} {self.method or '-':45} {self.user or '-':25} "
            f"{self.received:>8} → {self.sent:>8}  {self.request.method} {where}"
        )


class Log(list[Logged]):
    """Every request answered, until `clear` is called."""

    def of(self, method: str = "*", user: str = "*", status: int = 0) -> "Log":
        """Those whose method and user fit the patterns, of that status only unless it is 0."""
        return Log(
            entry for entry in self
            if fnmatchcase(entry.method, method) and fnmatchcase(entry.user, user) and status in (0, entry.status)
        )  # fmt: skip

    @property
    def received(self) -> int:
        """Bytes of all bodies that came in."""
        return sum(entry.received for entry in self)

    @property
    def sent(self) -> int:
        """Bytes of all bodies that went out."""
        return sum(entry.sent for entry in self)

    def dump(self) -> str:
        """One line a request, for people to read."""
        return "\n".join(map(str, self))
