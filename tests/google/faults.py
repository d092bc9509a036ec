"""Faults on demand: what a test asks to go wrong with requests to come.

google.faults.add(503, times=2)                                        # the next two requests
google.faults.add("dropped", "sheets.*.append", after=True)            # applied, yet never answered
google.faults.add(429, skip=3, user="robot@essai.example")             # the fourth of that user
google.faults.at_random(7, 0.05, [500, 503, "dropped"])                # one request in twenty, by seed
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from tests.google.log import Arrival, Condition, meets
from tests.google.quotas import drive_refusal, kind_of, rate_refusal
from tests.google.wire import ApiError, Response, html_response

# a status, or: no answer; half an answer; an answer late by `seconds`; a page that isn't JSON, as a good answer
Kind: TypeAlias = Literal[401, 403, 404, 429, 500, 502, 503] | Literal["dropped", "truncated", "delayed", "not JSON"]
_ONLY_AFTER = ("truncated", "delayed", "not JSON")  # they spoil the answer of what was applied


@dataclass
class Fault:
    """One fault. after: it strikes once the request is applied, otherwise instead of that. left: None for no end."""

    kind: Kind
    where: Condition = "*"
    user: str = ""
    path: str = ""
    after: bool = False
    skip: int = 0
    left: int | None = None
    seconds: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    def drawn(self, arrival: Arrival) -> "Fault | None":
        """Itself when a request is one that it waits for, which is counted."""
        if self.left == 0 or self.user not in ("", arrival.user) or self.path not in arrival.request.path:
            return None
        if not meets(arrival, self.where):
            return None
        if self.skip:
            self.skip -= 1
            return None
        if self.left is not None:
            self.left -= 1
        return self

    def answer(self, arrival: Arrival, answered: Response) -> Response:
        """What is answered in the place of the true answer."""
        if self.kind == "dropped":
            return Response(0, dropped=True)
        if self.kind == "truncated":
            return replace(answered, truncated=True)
        if self.kind == "delayed":
            return replace(answered, delay=self.seconds)
        if self.kind == "not JSON":
            return replace(html_response(200, "OK", "Sorry, unable to open the file at this time."), delay=self.seconds)
        response = _refusal(self.kind, arrival)
        return replace(response, headers={**response.headers, **self.headers}, delay=self.seconds)


@dataclass
class _Chance:
    """Faults that come by chance, always the same ones for a seed."""

    random: random.Random
    probability: float
    kinds: Sequence[Kind]
    where: Condition

    def drawn(self, arrival: Arrival) -> Fault | None:
        if not meets(arrival, self.where) or self.random.random() >= self.probability:
            return None
        kind = self.random.choice(self.kinds)
        return Fault(kind, after=kind in _ONLY_AFTER or self.random.random() < 0.5)


class Faults:
    """The faults still to come; the first that fits a request strikes it."""

    def __init__(self) -> None:
        self._coming: list[Fault | _Chance] = []

    def add(self, kind: Kind, where: Condition = "*", *, times: int | None = 1, after: bool = False, user: str = "",
            path: str = "", skip: int = 0, seconds: float = 0, headers: Mapping[str, str] | None = None) -> None:  # fmt: skip
        """Lets the next requests that fit go wrong: `times` of them, None for all, once `skip` of them have passed.

        where: a pattern of method identifiers, the number of a request, or a test of it. path: a part of the path.
        seconds: of delay before the answer. headers: added to the answer ("Retry-After").
        """
        after = after or kind in _ONLY_AFTER
        self._coming.append(Fault(kind, where, user, path, after, skip, times, seconds, headers or {}))

    def at_random(self, seed: int, probability: float, kinds: Sequence[Kind], where: Condition = "*") -> None:
        """Lets any request that fits go wrong with that probability, applied before or not as chance has it."""
        self._coming.append(_Chance(random.Random(seed), probability, kinds, where))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._coming.clear()

    def striking(self, arrival: Arrival) -> Fault | None:
        """The fault that strikes a request."""
        return next(filter(None, (source.drawn(arrival) for source in self._coming)), None)


def _refusal(code: int, arrival: Arrival) -> Response:
    """An error as Google answers it when nothing is wrong with the request itself."""
    drive = arrival.method.startswith("drive.")
    if code == 429:
        kind = kind_of(arrival.method)
        refusal = drive_refusal("user", {}) if drive else rate_refusal(kind, "user", 60, {})
        return refusal.response()
    if code == 502:
        return html_response(
            502, "Server Error", "The server encountered a temporary error and could not complete your request."
            "<p>Please try again in 30 seconds.",
        )  # fmt: skip
    message, reason = _MESSAGES[code]
    return ApiError(code, message, reason=reason if drive else "").response()


_MESSAGES = {
    401: (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        "authError",
    ),
    403: ("The caller does not have permission", "forbidden"),
    404: ("Requested entity was not found.", "notFound"),
    500: ("Internal error encountered.", "backendError"),
    503: ("The service is currently unavailable.", "backendError"),
}
