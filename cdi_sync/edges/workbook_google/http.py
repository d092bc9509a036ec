"""Speaks to Google over HTTP for gspread: addresses, timeouts, the pace kept, tries that are worth another, and errors
told in French.

Durations are in seconds. A request that was refused before it was applied (429, a connection never opened, no token)
is tried again whatever it is. One whose outcome isn't known (5xx, a lost answer) is tried again only when doing it twice
comes to the same; otherwise UncertainError stops the run, and the next one looks again.
"""

import contextlib
import email.utils
import json as jsonlib
import logging
import math
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import random as any_random
from typing import IO, Any, Literal, TypeAlias
from urllib.parse import urlsplit

import gspread
import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession
from google.auth.transport.requests import Request as AuthRequest
from gspread.http_client import FileType, ParamsType
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from cdi_sync.errors import RegistryError
from cdi_sync.text import tidy

log = logging.getLogger("cdi.google")

Kind: TypeAlias = Literal["reads", "writes", "drive", "forms"]  # what a request counts as, for Google's quotas

_MINUTE = 60.0
_ANSWER = 300  # characters kept of what Google says
_LONG = 10.0  # a wait that whoever watches should hear of
_ENOUGH = 1 - 1e-6  # of a token: sums of fractions may miss the whole by a hair
_STATE_SIZE = 4096  # characters: more of them aren't a state of ours

_TOO_MANY = 429
_MAYBE_APPLIED = frozenset({408, 409, 500, 502, 503, 504})  # 409: a change that crossed another
_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_NOT_ENABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_SCOPES = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"})

# POST requests, by the end of their path
_READING = ("values:batchGetByDataFilter", "developerMetadata:search", ":getByDataFilter")
_SAME_TWICE = (
    "values:batchUpdate", "values:batchUpdateByDataFilter", "values:batchClear", "values:batchClearByDataFilter",
    ":clear",
)  # fmt: skip
_LOST = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError,
         requests.exceptions.ContentDecodingError)  # fmt: skip


# ------------------------------------------------------------------------------------------------------- settings


@dataclass(frozen=True)
class Addresses:
    """Where the services of Google are, without a final slash."""

    sheets: str = "https://sheets.googleapis.com"
    drive: str = "https://www.googleapis.com"
    forms: str = "https://forms.googleapis.com"

    def of(self, endpoint: str) -> str:
        """An address of gspread's, at these places."""
        ours = ((_GOOGLE.sheets, self.sheets), (_GOOGLE.drive, self.drive), (_GOOGLE.forms, self.forms))
        for google, here in ours:
            if endpoint.startswith(f"{google}/"):
                return here.rstrip("/") + endpoint.removeprefix(google)
        return endpoint


_GOOGLE = Addresses()


@dataclass(frozen=True)
class Patience:
    """How long Google is waited for.

    connect, read: timeouts of one try. attempts: tries of one request, the first included, those that the quota refused
    left out: a minute that is full says nothing of the next one. first, longest: bounds of the wait after the first
    failure and of any, drawn between nothing and twice the bound before. budget: all that one client (a run) may lose in
    waiting: between tries, for the pace, and in tries that came to nothing.
    """

    connect: float = 10.0
    read: float = 60.0
    attempts: int = 10
    first: float = 1.0
    longest: float = 60.0
    budget: float = 420.0

    def bound(self, failures: int) -> float:
        """The longest wait after so many failures of one request."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 60))


@dataclass
class Counts:
    """What a run asked of Google: tries by kind, those that were not the first, and seconds lost in waiting."""

    reads: int = 0
    writes: int = 0
    drive: int = 0
    forms: int = 0
    retries: int = 0
    waited: float = 0.0


# ------------------------------------------------------------------------------------------------------- errors


class UncertainError(RegistryError):
    """Nobody knows whether a write was applied; nothing of it may be repeated without looking."""


class RefusedError(RegistryError):
    """Google refuses, and would again. `status` is its HTTP status, `said` its own message."""

    def __init__(self, what: str, *, status: int, said: str, where: str, fix: str) -> None:
        super().__init__(what, where=where, why=f"Google répond {status} : {said or 'sans explication'}", fix=fix)
        self.status, self.said = status, said


class GaveUpError(RegistryError):
    """Google was waited for as long as a run may wait, in vain."""


class TooLongError(Exception):
    """A token of the pace can't be had in the time allowed."""


# ------------------------------------------------------------------------------------------------------- the pace


@dataclass(frozen=True)
class _Bucket:
    """Tokens left at a moment (seconds of the epoch)."""

    tokens: float
    at: float


class Pace:
    """A token bucket for reads and one for writes, shared by all that give the same state file.

    reads, writes: a minute. Google counts 60 a minute; a bucket holds a fifth of a minute's tokens and fills smoothly,
    so that no minute, wherever it begins, sees more than 50 + 10 requests. state: a small JSON file, under a lock while
    it is used; None keeps the buckets in memory. A state that is damaged or of the future is begun anew.
    now: seconds of the epoch, which processes share.
    """

    def __init__(
        self, reads: float = 50, writes: float = 50, *, state: Path | None = None,
        now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._rates: Mapping[str, float] = {"reads": reads / _MINUTE, "writes": writes / _MINUTE}
        self._sizes = {kind: max(1.0, rate * _MINUTE / 5) for kind, rate in self._rates.items()}
        self._state, self._now, self._sleep = state, now, sleep
        self._memory = ""
        self._lock = threading.Lock()

    def take(self, kind: Literal["reads", "writes"], *, at_most: float = math.inf) -> float:
        """Takes a token, waiting for it if need be: the seconds waited. Raises TooLongError rather than wait longer."""
        waited = 0.0
        while wait := self._due(kind):
            if waited + wait > at_most:
                raise TooLongError
            self._sleep(wait)
            waited += wait
        return waited

    def _due(self, kind: str) -> float:
        """0 when a token was taken, otherwise how long to wait before asking again."""
        if self._state is not None:
            try:
                with _held(self._state) as file:
                    told = file.read(_STATE_SIZE)
                    told, wait = self._drawn(told, kind)
                    file.seek(0)
                    file.truncate()
                    file.write(told)
                    return wait
            except OSError as error:
                log.warning("Le rythme des demandes à Google ne peut pas être partagé entre les commandes (%s).",
                            error.strerror)  # fmt: skip
                self._state = None
        with self._lock:
            self._memory, wait = self._drawn(self._memory, kind)
            return wait

    def _drawn(self, state: str, kind: str) -> tuple[str, float]:
        """The state after a token was asked for, and how long to wait: 0 when it was there."""
        now = self._now()
        buckets = {name: self._filled(_bucket(state, name), name, now) for name in self._rates}
        bucket, wait = buckets[kind], 0.0
        if bucket.tokens >= _ENOUGH:
            buckets[kind] = replace(bucket, tokens=max(0.0, bucket.tokens - 1))
        else:
            wait = math.ceil((1 - bucket.tokens) / self._rates[kind] * 1000) / 1000
        return jsonlib.dumps({name: [held.tokens, held.at] for name, held in buckets.items()}), wait

    def _filled(self, bucket: _Bucket | None, kind: str, now: float) -> _Bucket:
        """A bucket with what has come in since; a full one when there is none, or it is of the future."""
        size = self._sizes[kind]
        if bucket is None or bucket.at > now:
            return _Bucket(size, now)
        return _Bucket(min(size, bucket.tokens + (now - bucket.at) * self._rates[kind]), now)


def _bucket(state: str, kind: str) -> _Bucket | None:
    """The bucket that a state tells of, None when it can't be read."""
    try:
        tokens, at = (float(part) for part in jsonlib.loads(state)[kind])
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError):
        return None
    return _Bucket(tokens, at) if tokens >= 0 and math.isfinite(at) else None


@contextlib.contextmanager
def _held(path: Path) -> Iterator[IO[str]]:
    """A small file, open at its beginning, that no other process has open at the same time."""
    with path.open("a+", encoding="utf-8", errors="replace") as file:
        file.seek(0)
        unlock = _locked(file.fileno())
        try:
            yield file
            file.flush()
        finally:
            file.seek(0)
            unlock()


def _locked(descriptor: int) -> Callable[[], None]:
    """Waits for the lock of a file; gives what unlocks it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]  # Windows only
        return lambda: msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]  # Windows only
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return lambda: fcntl.flock(descriptor, fcntl.LOCK_UN)


# ------------------------------------------------------------------------------------------------------- a request


@dataclass(frozen=True)
class _Call:
    """What a request asks. name: for the log, without identifiers. repeatable: doing it twice comes to the same.

    where: the spreadsheet's address in a browser. is_file: the answer is a file, not JSON.
    """

    name: str
    kind: Kind
    writes: bool
    repeatable: bool
    where: str
    is_file: bool = False


def _call(method: str, endpoint: str, params: Mapping[str, Any] | None, *, marked: bool) -> _Call:
    """What a request asks, by its method and address. marked: its caller says that a batchUpdate may be repeated."""
    method, path = method.upper(), urlsplit(endpoint).path
    last = path.rpartition("/")[2]
    reading = method in ("GET", "HEAD") or (method == "POST" and last.endswith(_READING))
    parts = [part.partition(":")[0] for part in path.split("/")]
    verb = last.partition(":")[1] + last.rpartition(":")[2] if ":" in last and method == "POST" else ""
    if parts[1:3] == ["v1", "forms"]:
        # a batch bears the revision that it is for: done twice, it would be refused, not doubled
        form, noun = parts[3] if len(parts) > 3 else "", parts[4] if len(parts) > 4 else "forms"
        place = f"https://docs.google.com/forms/d/{form}/edit" if form else "Google Forms"
        return _Call(f"{method} {noun}{verb}", "forms", not reading, reading or verb == ":setPublishSettings", place)
    if not path.startswith("/v4/spreadsheets"):
        is_file = parts[-1] == "export" or (params or {}).get("alt") == "media"
        return _Call(f"{method} drive", "drive", not reading, reading or method == "PUT",
                     _place(parts[4] if parts[3:4] == ["files"] and len(parts) > 4 else "", "Google Drive"),
                     is_file)  # fmt: skip
    noun = parts[4] if len(parts) > 4 else "spreadsheets"
    is_structure = verb == ":batchUpdate" and noun == "spreadsheets"
    same_twice = reading or method == "PUT" or (method == "POST" and _is_same_twice(last)) or (is_structure and marked)
    book = parts[3] if len(parts) > 3 else ""
    return _Call(f"{method} {noun}{verb}", "reads" if reading else "writes", not reading, same_twice,
                 _place(book, "Google Sheets"))  # fmt: skip


def _is_same_twice(last: str) -> bool:
    """Whether the last part of the path of a POST names a write of values at given places."""
    return last in _SAME_TWICE[:-1] or last.endswith(_SAME_TWICE[-1])


def _place(book: str, service: str) -> str:
    return f"https://docs.google.com/spreadsheets/d/{book}" if book else service


@dataclass(frozen=True)
class _Trouble:
    """A try that came to nothing, and may be followed by another.

    what, why, fix: for the error, if there is none. lost: it may have been applied all the same. after: the wait that
    Google asks for. quota: the minute was full.
    """

    what: str
    why: str
    fix: str
    lost: bool = False
    after: float = 0.0
    quota: bool = False


class GoogleHTTP(gspread.HTTPClient):
    """gspread's client, with our addresses, timeouts, pace and tries. `counts` says what was asked so far.

    One is made for each run: the budget of its patience is for all requests together. Every error is a RegistryError.
    """

    def __init__(
        self, auth: Credentials, session: requests.Session | None = None, *, addresses: Addresses, patience: Patience,
        pace: Pace, robot: str, sleep: Callable[[float], None], now: Callable[[], float], random: Callable[[], float],
    ) -> None:  # fmt: skip
        """robot: its address, for messages. now: seconds of any clock that only goes forward. random: in [0, 1)."""
        super().__init__(auth, session or _session(auth))
        self.auth = auth
        self.set_timeout((patience.connect, patience.read))
        self.counts = Counts()
        self._addresses, self._patience, self._pace, self._robot = addresses, patience, pace, robot
        self._sleep, self._now, self._random = sleep, now, random
        self._marked = False

    @contextlib.contextmanager
    def repeatable(self) -> Iterator[None]:
        """Inside, a batchUpdate of the spreadsheet may be tried again after a lost answer: done twice, it comes to the
        same. Nothing else changes: what appends or copies is never repeated."""
        before, self._marked = self._marked, True
        try:
            yield
        finally:
            self._marked = before

    @contextlib.contextmanager
    def briefly(self, budget: float) -> Iterator[None]:
        """Inside, no more seconds than that are lost in waiting: for what can be done without."""
        before = self._patience
        self._patience = replace(before, budget=min(before.budget, self.counts.waited + budget))
        try:
            yield
        finally:
            self._patience = before

    def request(
        self, method: str, endpoint: str, params: ParamsType | None = None, data: bytes | None = None,
        json: Mapping[str, Any] | None = None, files: FileType = None,
        headers: MutableMapping[str, str] | None = None,
    ) -> requests.Response:  # fmt: skip
        """Asks Google. Raises UncertainError, RefusedError or another RegistryError."""
        call = _call(method, endpoint, params, marked=self._marked)
        sent = {"params": params, "data": data, "json": json, "files": files, "headers": headers}
        doubt, failures = False, 0
        while True:
            self._wait_for_turn(call, doubt=doubt)
            began = self._now()
            answer = self._tried(call, method, self._addresses.of(endpoint), sent)
            if isinstance(answer, requests.Response):
                return answer
            failures += 1
            self.counts.waited += max(0.0, self._now() - began)
            doubt = doubt or (answer.lost and call.writes)
            if answer.lost and not call.repeatable:
                raise _uncertain(call, answer.why)
            self._wait_after(call, answer, failures, doubt=doubt)
            self.counts.retries += 1

    # ------------------------------------------------------------------------------------------------- one try

    def _tried(self, call: _Call, method: str, url: str, sent: Mapping[str, Any]) -> requests.Response | _Trouble:
        """One try: a good answer, or what went wrong. Raises RegistryError when another would be useless."""
        setattr(self.counts, call.kind, getattr(self.counts, call.kind) + 1)
        try:
            response = self.session.request(method, url, timeout=self.timeout, **sent)
        except GoogleAuthError as error:
            log.debug("%s: no token", call.name)
            return self._without_token(error)
        except _LOST as error:
            log.debug("%s: %s", call.name, type(error).__name__)
            return _no_answer(error, call.where)
        log.debug("%s: %d", call.name, response.status_code)
        return self._judged(call, response)

    def _judged(self, call: _Call, response: requests.Response) -> requests.Response | _Trouble:
        """What an answer means."""
        status = response.status_code
        if response.ok:
            return response if _is_awaited(call, response) else _NOT_OURS
        said, reasons = _said(response)
        why = f"Google répond {status} : {said or 'sans explication'}"
        after = _seconds_asked(response)
        if status == _TOO_MANY or (status == 403 and reasons & _RATE):
            return replace(_RATE_LIMIT, why=why, after=after)
        if status in _MAYBE_APPLIED:
            return replace(_BROKEN, why=why, after=after)
        raise self._refusal(call, status, said, reasons)

    def _without_token(self, error: GoogleAuthError) -> _Trouble:
        """No token could be had, so that nothing was asked. Raises RegistryError when it is for good."""
        if isinstance(error, TransportError):
            if _TOO_MANY in error.args:
                return replace(_RATE_LIMIT, why=_short(str(error.args[0])))
            if _NOT_OURS in error.args:
                return replace(_NOT_OURS, lost=False)
            return _no_answer(error.args[0] if error.args else "", "compte du robot", lost=False)
        why = _short(str(error.args[0])) if error.args else type(error).__name__
        if isinstance(error, RefreshError) and error.retryable:
            return replace(_BROKEN, why=why, lost=False)
        raise RegistryError("Google refuse l'identité du robot.", where=self._robot or "compte du robot", why=why,
                            fix=_identity_fix(why)) from None  # fmt: skip

    def _refusal(self, call: _Call, status: int, said: str, reasons: frozenset[str]) -> RefusedError:
        reading_of = _reading_of_form if call.kind == "forms" else _reading_of
        what, fix = reading_of(status, said, reasons, self._robot or "l'adresse du robot")
        return RefusedError(what, status=status, said=said, where=call.where, fix=fix)

    # ------------------------------------------------------------------------------------------------- waiting

    def _left(self) -> float:
        return max(0.0, self._patience.budget - self.counts.waited)

    def _wait_for_turn(self, call: _Call, *, doubt: bool) -> None:
        """Takes a token of the pace; Drive and Forms have quotas of their own, that nobody reaches."""
        if call.kind in ("drive", "forms"):
            return
        try:
            self.counts.waited += self._pace.take("reads" if call.kind == "reads" else "writes", at_most=self._left())
        except TooLongError:
            raise self._given_up(call, _PACE, 0, doubt=doubt) from None

    def _wait_after(self, call: _Call, trouble: _Trouble, failures: int, *, doubt: bool) -> None:
        """Waits before another try: what Google asks for, and by chance some more, so that all don't come back at once.
        Raises RegistryError when there may be none."""
        bound = self._patience.bound(failures)
        # a quota that doesn't say when: never at once, so that tries without end are few within the budget
        asked = trouble.after or (bound / 2 if trouble.quota else 0.0)
        wait = asked + self._random() * bound
        if (failures >= self._patience.attempts and not trouble.quota) or wait > self._left():
            raise self._given_up(call, trouble, failures, doubt=doubt)
        if wait >= _LONG:
            log.info("Nouvel essai dans %.0f s (%s).", wait, trouble.why)
        self._sleep(wait)
        self.counts.waited += wait

    def _given_up(self, call: _Call, trouble: _Trouble, tries: int, *, doubt: bool) -> RegistryError:
        told = f"{trouble.why} ; {tries} essai{'s' if tries > 1 else ''}" if tries else trouble.why
        told += f", {self.counts.waited:.0f} s d'attente en tout"
        if doubt:
            return _uncertain(call, told)
        return GaveUpError(trouble.what, where=call.where, why=told, fix=trouble.fix)


def http_client(
    addresses: Addresses = _GOOGLE, patience: Patience | None = None, pace: Pace | None = None, *, robot: str = "",
    sleep: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.monotonic,
    random: Callable[[], float] = any_random,
) -> type[GoogleHTTP]:  # fmt: skip
    """A class for `http_client=` of gspread.Client. robot: its address, for messages; the rest as in GoogleHTTP."""
    kept, patient = pace or Pace(), patience or Patience()

    class Bound(GoogleHTTP):
        """GoogleHTTP with its settings; gspread gives the rest."""

        def __init__(self, auth: Credentials, session: requests.Session | None = None) -> None:
            super().__init__(auth, session, addresses=addresses, patience=patient, pace=kept, robot=robot,
                             sleep=sleep, now=now, random=random)  # fmt: skip

    return Bound


class _TokenRequest(AuthRequest):
    """Asks for tokens. A server in trouble is a TransportError, so that our waits are kept and not google-auth's own,
    which sleeps by itself; so is a page that comes in the place of a token, which it would take for one."""

    def __call__(self, *args: Any, **named: Any) -> Any:
        response = super().__call__(*args, **named)  # type: ignore[no-untyped-call]  # google-auth has no types there
        if response.status == _TOO_MANY or response.status in _MAYBE_APPLIED:
            told = f"l'adresse des identités de Google répond {response.status}"
            raise TransportError(told, response.status)  # type: ignore[no-untyped-call]  # as above
        if "json" not in response.headers.get("content-type", ""):
            raise TransportError(_NOT_OURS.why, _NOT_OURS)  # type: ignore[no-untyped-call]  # as above
        return response


def _session(auth: Credentials) -> requests.Session:
    return AuthorizedSession(auth, auth_request=_TokenRequest())  # type: ignore[no-untyped-call]  # as above


# --------------------------------------------------------------------------------------------- what answers mean


_RATE_LIMIT = _Trouble(
    "Google limite le nombre de nos demandes.", "",
    "Attendre une minute, puis relancer ; si cela dure, un autre programme se sert du même robot : lui donner le sien.",
    quota=True,
)  # fmt: skip
_BROKEN = _Trouble(
    "Google est en panne ou trop lent.", "",
    "Attendre quelques minutes, puis relancer ; l'état des services : https://www.google.com/appsstatus/dashboard/",
    lost=True,
)  # fmt: skip
_NOT_OURS = _Trouble(
    "La réponse reçue n'est pas celle de Google.", "une page web est arrivée à la place des données",
    "Vérifier qu'Internet ne demande pas de s'identifier (portail, serveur mandataire), puis relancer.",
    lost=True,
)  # fmt: skip
_CUT = _Trouble(
    "Google n'a pas répondu.", "", "Vérifier la connexion à Internet, puis relancer.", lost=True
)  # fmt: skip
_UNREACHABLE = _Trouble(
    "Google ne peut pas être joint.", "",
    "Vérifier la connexion à Internet et le serveur mandataire (proxy), puis relancer.",
)  # fmt: skip
_PACE = _Trouble(
    "Trop de demandes à Google pour une seule exécution.",
    "le rythme permis par Google ne suffit pas dans le temps que l'on se donne",
    "Attendre quelques minutes, puis relancer : l'exécution suivante reprend ce qui manque.",
)


def _uncertain(call: _Call, why: str) -> UncertainError:
    return UncertainError(
        "On ne sait pas si Google a enregistré la dernière écriture.", where=call.where, why=why,
        fix=f"Relancer plus tard : l'exécution suivante relit le {'formulaire' if call.kind == 'forms' else 'classeur'} et "
        "n'écrit que ce qui manque.",
    )  # fmt: skip


def _no_answer(error: object, where: str, *, lost: bool = True) -> _Trouble:
    """What a failed exchange means. lost: an answer that didn't come may hide something applied.

    Raises RegistryError when the other side can't be trusted, which waiting doesn't mend.
    """
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        raise RegistryError(
            "La liaison avec Google n'est pas sûre.", where=where, why="son certificat n'est pas reconnu",
            fix="Vérifier la date et l'heure de ce poste ; si le réseau inspecte les échanges, faire ajouter son "
            "certificat (variable REQUESTS_CA_BUNDLE).",
        ) from None  # fmt: skip
    if any(isinstance(cause, (NewConnectionError, ConnectTimeoutError, ProxyError)) for cause in causes):
        return replace(_UNREACHABLE, why="la connexion ne s'ouvre pas")
    if isinstance(error, str):  # said by a TransportError of ours
        return replace(_BROKEN, why=_short(str(error)), lost=False)
    too_slow = any(isinstance(cause, requests.Timeout) for cause in causes)
    return replace(_CUT, why="pas de réponse à temps" if too_slow else "la connexion a été coupée", lost=lost)


def _causes(error: object) -> Iterator[object]:
    """An error and those that it wraps, by urllib3's and requests' ways of wrapping. `__context__` isn't one: it may be
    the error of another request, that is being handled."""
    seen: list[object] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        waiting += [*one.args, getattr(one, "reason", None)]


def _is_awaited(call: _Call, response: requests.Response) -> bool:
    """Whether a good answer has the form that was asked for."""
    return call.is_file or response.status_code == 204 or "json" in response.headers.get("Content-Type", "")


def _said(response: requests.Response) -> tuple[str, frozenset[str]]:
    """Google's own message, on one line, and the reasons that it gives, in the words of either service."""
    try:
        error = response.json()["error"]
        entries = [*error.get("errors", ()), *error.get("details", ())]
        reasons = frozenset(str(entry["reason"]) for entry in entries if "reason" in entry)
        return _short(str(error.get("message", ""))), reasons
    except (ValueError, TypeError, KeyError, AttributeError):
        return "", frozenset()  # a page of some server on the way: its HTML says nothing to anybody


def _short(text: str) -> str:
    return " ".join(tidy(text).split())[:_ANSWER]


def _seconds_asked(response: requests.Response) -> float:
    """Retry-After, a number of seconds or a date to be read by the clock of the server; 0 when there is none."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        then, now = (email.utils.parsedate_to_datetime(date) for date in (told, response.headers.get("Date", "")))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0


_SERVICES = "Sur https://console.cloud.google.com, dans « API et services », "


def _reading_of(status: int, said: str, reasons: frozenset[str], robot: str) -> tuple[str, str]:
    """What failed and what to do about it, for a refusal that another try wouldn't change."""
    if status == 401:
        return (
            "Google ne reconnaît pas le robot.",
            "Créer une nouvelle clé du robot, et la mettre à la place de l'autre.",
        )
    if status == 403 and reasons & _NOT_ENABLED:
        return (
            "Le projet Google du robot n'a pas ouvert ce service.",
            f"{_where_to_enable(said)}activer « Google Sheets API » et "
            "« Google Drive API » pour le projet du robot, puis attendre cinq minutes.",
        )
    if status == 403 and reasons & _SCOPES:
        return (
            "L'identité employée n'a pas le droit de lire ou d'écrire des classeurs.",
            "Employer la clé d'un compte de service (robot), plutôt que l'identité de ce poste.",
        )
    if status == 403:
        return (
            "Le robot n'a pas accès au classeur Google.",
            f"Ouvrir le classeur, « Partager », et donner à {robot} le rôle d'éditeur.",
        )
    if status == 404:
        return (
            "Le classeur Google est introuvable.",
            "Vérifier l'identifiant du classeur (dans son adresse, entre « /d/ » et « /edit »), et que le classeur est "
            f"partagé avec {robot}.",
        )
    if status == 400 and ("Office file" in said or "not supported for this document" in said):
        return (
            "Ce fichier n'est pas un classeur Google, mais un fichier Excel déposé sur Drive.",
            "L'ouvrir, choisir « Fichier », « Enregistrer au format Google Sheets », puis employer l'identifiant du "
            "nouveau classeur.",
        )
    if status == 400 and "protected" in said:
        return (
            "Une partie du classeur est interdite au robot.",
            f"Dans « Données », « Feuilles et plages protégées », permettre à {robot} de modifier cette partie.",
        )
    return (
        "Google refuse une demande du logiciel.",
        "C'est un défaut du logiciel : transmettre ce message à qui s'en occupe.",
    )


def _reading_of_form(status: int, said: str, reasons: frozenset[str], robot: str) -> tuple[str, str]:
    """As `_reading_of`, for a form."""
    if status == 403 and reasons & _NOT_ENABLED:
        return (
            "Le projet Google du robot n'a pas ouvert les formulaires.",
            f"{_where_to_enable(said)}activer « Google Forms API » pour le projet du robot, puis attendre cinq minutes.",
        )
    if status == 403 and not reasons & _SCOPES:
        return (
            "Le robot n'a pas accès au formulaire Google.",
            f"Ouvrir le formulaire, « Ajouter des collaborateurs », et donner à {robot} le rôle d'éditeur.",
        )
    if status == 404:
        return (
            "Le formulaire Google est introuvable.",
            "Vérifier qu'il n'a pas été supprimé (Drive, « Corbeille »), et qu'il est partagé avec "
            f"{robot} comme éditeur.",
        )
    return _reading_of(status, said, reasons, robot)


def _where_to_enable(said: str) -> str:
    """The page that Google names, for this project and this service, or else the way to it."""
    page = re.search(r"https://console\.\S+", said)
    return f"Sur {page[0]} (et de même pour l'autre service), " if page else _SERVICES


def _identity_fix(why: str) -> str:
    if "iat" in why or "timeframe" in why:
        return "Mettre ce poste à l'heure, puis relancer."
    return (
        "Vérifier sur https://console.cloud.google.com, « Comptes de service », que le robot existe et qu'il est actif, "
        "puis lui créer une nouvelle clé (JSON) et la mettre à la place de l'autre."
    )
