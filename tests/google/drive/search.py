"""The language of `q`, by which files are looked for: "name contains 'suivi' and not ('me' in owners or trashed = true)".

`and` and `or` have the same weight: they are read from left to right, parentheses apart.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from tests.google.drive.files import File, rank
from tests.google.drive.refusals import file_not_found, invalid
from tests.google.drive.resource import is_trashed
from tests.google.drive.store import Drive

Test: TypeAlias = Callable[[File], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<sign><=|>=|!=|[=<>(){}])|(?P<word>[A-Za-z][\w.]*))""",
    re.DOTALL,
)
_ORDERS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
_COLLECTIONS = ("parents", "owners", "writers", "readers")
_DEEPEST = 100


def matching(query: str, drive: Drive, user: str, words_of: Callable[[File], str]) -> Test:
    """What a query asks of a file. words_of: the text inside a file. Raises ApiError 400 "Invalid Value"."""
    if not query.strip():
        return lambda file: True
    return _Parser(query, drive, user, words_of).whole()


class _Parser:
    def __init__(self, query: str, drive: Drive, user: str, words_of: Callable[[File], str]) -> None:
        self._drive, self._user, self._words_of = drive, user, words_of
        self._tokens = list(_tokens(query))
        self._at = self._depth = 0

    def whole(self) -> Test:
        found = self._either()
        if self._at < len(self._tokens):
            raise invalid("q")
        return found

    def _next(self, *expected: str) -> tuple[str, str]:
        kind, token = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if not kind or (expected and (kind == "text" or token not in expected)):
            raise invalid("q")
        self._at += 1
        return kind, token

    def _peek(self) -> str:
        kind, token = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        return "" if kind == "text" else token

    def _text(self) -> str:
        kind, token = self._next()
        if kind != "text":
            raise invalid("q")
        return token

    def _either(self) -> Test:
        left = self._one()
        while self._peek() in ("and", "or"):
            _, joined = self._next()
            left = _both(left, self._one()) if joined == "and" else _any(left, self._one())
        return left

    def _one(self) -> Test:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise invalid("q")
        try:
            if self._peek() == "not":
                self._next()
                return _negated(self._one())
            if self._peek() == "(":
                self._next()
                inner = self._either()
                self._next(")")
                return inner
            return self._term()
        finally:
            self._depth -= 1

    def _term(self) -> Test:
        kind, first = self._next()
        if kind == "text":  # 'id' in parents
            self._next("in")
            return self._member(self._next(*_COLLECTIONS)[1], first)
        if first in _COLLECTIONS:  # parents in 'id': Drive takes it too
            self._next("in")
            return self._member(first, self._text())
        if first in ("properties", "appProperties"):
            self._next("has")
            return self._property(first)
        if first in ("name", "mimeType", "fullText"):
            return self._words(first)
        if first in ("trashed", "starred", "sharedWithMe"):
            return self._flag(first)
        if first in ("modifiedTime", "createdTime", "viewedByMeTime"):
            return self._moment(first)
        if first == "visibility":
            return self._visibility()
        if first == "shortcutDetails.targetId":
            sign, target = self._next("=", "!=")[1], self._text()
            return lambda file: (file.target == target) == (sign == "=")
        raise invalid("q")

    def _words(self, name: str) -> Test:
        allowed = ("contains",) if name == "fullText" else ("=", "!=", "contains")
        sign, wanted = self._next(*allowed)[1], self._text().casefold()
        if name == "fullText":
            return lambda file: _has_words(f"{file.name}\n{file.description}\n{self._words_of(file)}", wanted)
        if name == "mimeType":
            if sign == "contains":
                return lambda file: file.mime_type.casefold().startswith(wanted)
            return lambda file: (file.mime_type.casefold() == wanted) == (sign == "=")
        if sign == "contains":
            return lambda file: _begins_a_word(file.name, wanted)
        return lambda file: (file.name.casefold() == wanted) == (sign == "=")

    def _flag(self, name: str) -> Test:
        sign, value = self._next("=", "!=")[1], self._next("true", "false")[1]
        wanted = (value == "true") == (sign == "=")
        drive, user = self._drive, self._user
        held: Mapping[str, Test] = {
            "trashed": lambda file: is_trashed(drive, file),
            "starred": lambda file: user in file.starred_by,
            "sharedWithMe": lambda file: user in file.shared_with,
        }
        return lambda file: held[name](file) == wanted

    def _moment(self, name: str) -> Test:
        order = _ORDERS[self._next(*_ORDERS)[1]]
        try:
            wanted = datetime.fromisoformat(self._text())
        except ValueError:
            raise invalid("q") from None
        wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
        user = self._user

        def holds(file: File) -> bool:
            moment = file.viewed_by.get(user) if name == "viewedByMeTime" else None
            moment = file.modified if name == "modifiedTime" else file.created if name == "createdTime" else moment
            return moment is not None and order(moment, wanted)

        return holds

    def _visibility(self) -> Test:
        sign, wanted = self._next("=", "!=")[1], self._text()
        if wanted not in ("anyoneCanFind", "anyoneWithLink", "domainCanFind", "domainWithLink", "limited"):
            raise invalid("q")
        return lambda file: (_visibility(self._drive, file) == wanted) == (sign == "=")

    def _member(self, collection: str, value: str) -> Test:
        drive = self._drive
        if collection == "parents":
            folder = drive.root(self._user).id if value == "root" else value
            if folder not in drive.files or not drive.role(drive.files[folder], self._user):
                raise file_not_found(value)
            return lambda file: file.parent == folder
        who = self._user if value == "me" else value
        if collection == "owners":
            return lambda file: file.owner.casefold() == who.casefold()
        least = rank("writer" if collection == "writers" else "reader")

        def holds(file: File) -> bool:
            held = drive.permissions(file).values()
            return any(p.who.casefold() == who.casefold() and rank(p.role) >= least for p in held)

        return holds

    def _property(self, which: str) -> Test:
        self._next("{")
        self._next("key")
        self._next("=")
        key = self._text()
        self._next("and")
        self._next("value")
        self._next("=")
        value = self._text()
        self._next("}")
        return lambda file: (file.properties if which == "properties" else file.app_properties).get(key) == value


def _tokens(query: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(query.rstrip())
    while at < end:
        found = _TOKEN.match(query, at)
        if not found:
            raise invalid("q")
        kind = str(found.lastgroup)
        text = found[kind]
        yield kind, re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if kind == "text" else text
        at = found.end()


def _both(left: Test, right: Test) -> Test:
    return lambda file: left(file) and right(file)


def _any(left: Test, right: Test) -> Test:
    return lambda file: left(file) or right(file)


def _negated(inner: Test) -> Test:
    return lambda file: not inner(file)


def _begins_a_word(name: str, wanted: str) -> bool:
    """`contains` looks for the beginning of a word of the name, not for any part of it."""
    return re.search(r"(?<!\w)" + re.escape(wanted), name.casefold()) is not None


def _has_words(text: str, wanted: str) -> bool:
    """All the words, in any order; within double quotes, one after the other."""
    text = text.casefold()
    if len(wanted) > 1 and wanted[0] == wanted[-1] == '"':
        return wanted[1:-1] in text
    return all(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in wanted.split())


def _visibility(drive: Drive, file: File) -> str:
    held = drive.permissions(file).values()
    for kind, names in (
        ("anyone", ("anyoneCanFind", "anyoneWithLink")),
        ("domain", ("domainCanFind", "domainWithLink")),
    ):
        found = [p for p in held if p.type == kind]
        if found:
            return names[0] if any(p.discoverable for p in found) else names[1]
    return "limited"
