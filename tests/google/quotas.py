"""Quotas a minute, by user and by project: the minutes are those of the emulator's clock.

Sheets counts reads and writes apart, Forms lists of responses too, and every request, whether it is granted or not; a batch
counts as one.
"""

from collections import Counter
from dataclasses import dataclass

from tests.google.clock import Clock
from tests.google.wire import ApiError

PROJECT = "210163281712"
_HELP = {
    "@type": "type.googleapis.com/google.rpc.Help",
    "links": [
        {
            "description": "Request a higher quota limit.",
            "url": "https://cloud.google.com/docs/quotas/help/request_increase",
        }
    ],
}
_READING = ("get", "batchGet", "getByDataFilter", "batchGetByDataFilter", "search")


@dataclass
class Limits:
    """How many requests a minute are granted."""

    reads_by_user: int = 60
    writes_by_user: int = 60
    reads_by_project: int = 300
    writes_by_project: int = 300
    drive_by_user: int = 12_000
    drive_by_project: int = 12_000
    form_reads_by_user: int = 390
    form_lists_by_user: int = 180
    form_writes_by_user: int = 150
    form_reads_by_project: int = 975
    form_lists_by_project: int = 450
    form_writes_by_project: int = 375


class Quotas:
    """Counts requests. Raises ApiError 429 when a minute's share is used up.

    limits: may be set at any time. tells_when: whether a refusal says `Retry-After`; not every recorded one does.
    """

    def __init__(self, clock: Clock, *, unlimited: bool) -> None:
        self._clock, self.unlimited = clock, unlimited
        self.limits = Limits()
        self.tells_when = True
        self._minute = 0
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, method: str, user: str) -> None:
        """Counts one request of a user. Raises ApiError, 429 for Sheets and 403 for Drive, when it is one too many."""
        if self.unlimited:
            return
        minute = int(self._clock.now().timestamp() // 60)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        kind = kind_of(method)
        for whose, who in (("user", user), ("project", "")):
            if self._counts[kind, who] >= getattr(self.limits, f"{kind}_by_{whose}"):
                raise self._refusal(kind, whose)
        self._counts[kind, user] += 1
        self._counts[kind, ""] += 1

    def used(self, kind: str, user: str = "") -> int:
        """How many of this minute's requests were counted: `kind_of` a method, of a user or of all."""
        return self._counts[kind, user]

    def _refusal(self, kind: str, whose: str) -> ApiError:
        headers = {"Retry-After": str(60 - int(self._clock.now().timestamp() % 60))} if self.tells_when else {}
        if kind == "drive":
            return drive_refusal(whose, headers)
        return rate_refusal(kind, whose, getattr(self.limits, f"{kind}_by_{whose}"), headers)


def kind_of(method: str) -> str:
    """What a method counts as: "reads", "writes", "drive", "form_reads", "form_lists" or "form_writes"."""
    if method.startswith("drive."):
        return "drive"
    if method.startswith("forms."):
        return "form_lists" if method == "forms.forms.responses.list" else f"form_{_reads_or_writes(method)}"
    return _reads_or_writes(method)


def _reads_or_writes(method: str) -> str:
    return "reads" if method.rpartition(".")[2] in _READING else "writes"


_VERBS = {"reads": "Read", "writes": "Write", "lists": "Expensive read"}


def rate_refusal(kind: str, whose: str, limit: int, headers: dict[str, str]) -> ApiError:
    """The 429 of Sheets and of Forms. kind: as `kind_of` says; whose: "user" or "project"."""
    verb = _VERBS[kind.removeprefix("form_")]
    service = "forms.googleapis.com" if kind.startswith("form_") else "sheets.googleapis.com"
    by_user = whose == "user"
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "quota_limit": f"{verb.title().replace(' ', '')}RequestsPerMinutePer{'User' if by_user else 'Project'}",
            "quota_limit_value": str(limit),
            "quota_location": "global",
            "quota_metric": f"{service}/{verb.lower().replace(' ', '_')}_requests",
            "quota_unit": f"1/min/{{project}}{'/{user}' if by_user else ''}",
            "consumer": f"projects/{PROJECT}",
            "service": service,
        },
    }
    message = (
        f"Quota exceeded for quota metric '{verb} requests' and limit '{verb} requests per minute"
        f"{' per user' if by_user else ''}' of service '{service}' for consumer 'project_number:{PROJECT}'."
    )
    return ApiError(429, message, details=[info, _HELP], headers=headers)


def drive_refusal(whose: str, headers: dict[str, str]) -> ApiError:
    """The 403 of Drive. whose: "user" or "project"."""
    if whose == "user":
        return ApiError(
            403, "User Rate Limit Exceeded", reason="userRateLimitExceeded", domain="usageLimits", headers=headers
        )
    return ApiError(403, "Rate Limit Exceeded", reason="rateLimitExceeded", domain="usageLimits", headers=headers)
