"""Answers to forms, as recorded: each version once, and which one was accepted."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa

from cdi_sync.edges.ledger.opening import alone_on, writing
from cdi_sync.edges.ledger.tables import acceptances, submissions
from cdi_sync.forms.held import Held
from cdi_sync.forms.submission import Change, Source, Submission, Typed
from cdi_sync.model import CellError, Value


class Submissions:
    """The answers in an open ledger."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def take(self, submission: Submission, *, at: datetime) -> bool:
        """Keeps an answer: True when it is a new one, or has changed since the last time.

        Seen again, whoever else takes it at the same moment, it isn't kept twice; an older version than the last one neither.
        """
        digest, edited = _digest(submission), _moment(submission.edited)
        with writing(self._engine) as connection:
            alone_on(connection, submissions)
            known = connection.execute(
                sa.select(submissions).where(submissions.c.key == submission.key).order_by(submissions.c.version)
            ).all()
            if known and not _is_newer(known, edited, digest):
                return False
            row = {
                "key": submission.key, "version": known[-1].version + 1 if known else 1,
                "source": submission.source, "form": _ascii(submission.form), "taken_at": _moment(at),
                "edited": edited, "digest": digest, "content": json.dumps(_told_of(submission)),
            }  # fmt: skip
            connection.execute(sa.insert(submissions), row)
        return True

    def all(self) -> Sequence[Submission]:
        """The last version of each answer, in the order in which they were first taken."""
        return [one.submission for one in self.held()]

    def versions(self, key: str) -> Sequence[Submission]:
        """Every version of an answer, the oldest first."""
        query = sa.select(submissions.c.content).where(submissions.c.key == key).order_by(submissions.c.version)
        with self._engine.connect() as connection:
            return [_from_json(content) for (content,) in connection.execute(query)]

    def held(self) -> Sequence[Held]:
        """What is known of each answer, in the order in which they were first taken."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(submissions).order_by(submissions.c.version)).all()
            query = sa.select(acceptances).order_by(acceptances.c.at, acceptances.c.key)
            accepted = {row.key: (rank, row) for rank, row in enumerate(connection.execute(query).all(), start=1)}
        first = {row.key: (row.taken_at, row.key) for row in rows if row.version == 1}
        latest = {row.key: row for row in rows}
        wanted = {(key, row.version) for key, (_, row) in accepted.items()}
        of_acceptance = {row.key: row.content for row in rows if (row.key, row.version) in wanted}
        return [_held(latest[key], of_acceptance.get(key, ""), *accepted.get(key, (0, None)))
                for key in sorted(latest, key=first.__getitem__)]  # fmt: skip

    def accepting(self, key: str, version: int, became: str, changes: Iterable[Change], *, at: datetime) -> None:
        """Notes what is about to be written for an answer; noted before and not written, it is replaced."""
        row = {"key": key, "version": version, "became": became, "at": _moment(at), "changes": _changes(changes)}
        with writing(self._engine) as connection:
            alone_on(connection, acceptances)
            connection.execute(sa.delete(acceptances).where(acceptances.c.key == key))
            connection.execute(sa.insert(acceptances), row)

    def left_to_staff(self, key: str, changes: Iterable[Change]) -> None:
        """What of an accepted answer staff haven't typed yet."""
        with writing(self._engine) as connection:
            kept = sa.update(acceptances).where(acceptances.c.key == key).values(changes=_changes(changes))
            connection.execute(kept)


def _is_newer(known: Sequence[Any], edited: str, digest: str) -> bool:
    """True for what follows the last version. Sources that don't date edits send what they hold again and again: two exports
    read by turns must not make a version each time."""
    last = known[-1]
    if edited == last.edited:
        return digest not in {row.digest for row in known if row.edited == edited}
    return bool(edited > last.edited and digest != last.digest)


def _held(row: Any, accepted: str, rank: int, acceptance: Any) -> Held:
    submission = _from_json(row.content)
    if acceptance is None:
        return Held(submission, row.version)
    changes = tuple(Change(tab, id_, column, _value(told)) for tab, id_, column, told in json.loads(acceptance.changes))
    return Held(submission, row.version, _from_json(accepted) if accepted else None, acceptance.became, changes, rank)


# ------------------------------------------------------------------------------------------------------- JSON


def _told_of(one: Submission) -> Mapping[str, Any]:
    return {
        "source": one.source, "form": one.form, "response": one.response, "received": one.received.isoformat(),
        "edited": one.edited.isoformat(), "values": {key: _told(typed) for key, typed in one.values.items()},
        "unknown": dict(one.unknown), "lang": one.lang,
    }  # fmt: skip


def _digest(one: Submission) -> str:
    """Of what was answered, not of when or by which way: the same content, dated or sent anew, is the same answer."""
    told = {name: value for name, value in _told_of(one).items() if name not in ("received", "edited", "source")}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _from_json(text: str) -> Submission:
    told = json.loads(text)
    values: Mapping[str, Typed] = {key: _typed(value) for key, value in told["values"].items()}
    return Submission(
        Source(told["source"]), told["form"], told["response"], datetime.fromisoformat(told["received"]),
        datetime.fromisoformat(told["edited"]), values, told["unknown"], told["lang"],
    )  # fmt: skip


def _told(value: Typed | Value) -> Any:
    """A value as JSON: what JSON has no word for goes as {kind: text}."""
    if isinstance(value, tuple):
        return [_told(item) for item in value]
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"jour": value.isoformat()}
    if isinstance(value, time):
        return {"heure": value.isoformat()}
    if isinstance(value, CellError):
        return {"erreur": value.shown}
    return value


_KINDS: Mapping[str, Any] = {
    "moment": datetime.fromisoformat, "jour": date.fromisoformat, "heure": time.fromisoformat, "erreur": CellError,
}  # fmt: skip


def _typed(told: Any) -> Any:
    if isinstance(told, list):
        return tuple(map(_typed, told))
    if isinstance(told, dict):
        ((kind, text),) = told.items()
        return _KINDS[kind](text)
    return told


def _value(told: Any) -> Value:
    value: Value = _typed(told)
    return value


def _changes(changes: Iterable[Change]) -> str:
    return json.dumps([(c.tab, c.id, c.column, _told(c.value)) for c in changes])


def _moment(at: datetime) -> str:
    """ISO 8601 in UTC: text that sorts as time does. A moment without a zone is taken as UTC: it only orders versions."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")


def _ascii(text: str) -> str:
    return json.dumps(text)[1:-1]
