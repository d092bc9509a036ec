"""Letters as recorded, from frozen to settled: each change of state is one transaction, told in the journal with it.

A letter is handed over in two steps that only one copy of the program can take. `claim` makes it that copy's for a
while; `begin_data` says that its text is leaving, provided that the claim still holds. A claim that ran out frees the
letter: nothing had left. Once its text was leaving, only an answer received, a witness or a person moves it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from cdi_sync.edges.ledger import journal
from cdi_sync.edges.ledger.opening import writing
from cdi_sync.edges.ledger.tables import letters, notices
from cdi_sync.errors import CdiError
from cdi_sync.mail.outbox import LetterState, NoticeKey, Outcome, Parcel, notice_key

_FREE = (LetterState.QUEUED, LetterState.HELD)
_BY_HAND = (LetterState.HELD, LetterState.FAILED, LetterState.UNKNOWN)  # states that a person's word ends
PATIENCE = timedelta(hours=48)  # parametre: a letter that couldn't be handed over for so long is void
_AT_ONCE = 500  # values of one question: every database takes as many


@dataclass(frozen=True)
class StoredLetter:
    """A letter as recorded: frozen bytes and state.

    detail: why it is in that state, or what the server answered. hold: why it waits for a person, "" when it doesn't.
    attempts: how often it was refused for now; retry_at: when it may be tried again, "" for at once. last_day: after
    it the letter is pointless. thread: the Message-ID that its own refers to, "" for none.
    """

    key: str
    message_id: str
    kind: str
    to: str
    lang: str
    day: date
    state: LetterState
    eml: str
    content: bytes
    detail: str
    made_at: str
    settled_at: str
    attempts: int
    retry_at: str
    last_day: date | None
    hold: str
    thread: str


_FIELDS = [name for name in StoredLetter.__dataclass_fields__ if name not in ("to", "state")]


class Outbox:
    """The letters of an open ledger, and the notices that they told."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # --------------------------------------------------------------------------------------------- what is known

    def said(self) -> frozenset[NoticeKey]:
        """Every notice that a letter carried already."""
        query = sa.select(*list(notices.c)[:6])
        with self._engine.connect() as connection:
            return frozenset(tuple(row) for row in connection.execute(query))

    def made(self) -> Mapping[tuple[str, str, date], int]:
        """How many letters each (kind, address, day) had."""
        query = sa.select(letters.c.kind, letters.c.recipient, letters.c.day, sa.func.count())
        with self._engine.connect() as connection:
            found = connection.execute(query.group_by("kind", "recipient", "day"))
            return {(kind, to, day): count for kind, to, day, count in found}

    def states_of(self, stem: str) -> Sequence[LetterState]:
        """The state of each letter whose key is that stem and a revision: "rapport|COL-00001|2026-S48" and "|r1"."""
        query = sa.select(letters.c.state).where(letters.c.key.startswith(f"{stem}|r", autoescape=True))
        with self._engine.connect() as connection:
            return [LetterState(state) for (state,) in connection.execute(query)]

    def keys(self, kind: str) -> Mapping[str, LetterState]:
        """Key of each letter of that kind → its state."""
        query = sa.select(letters.c.key, letters.c.state).where(letters.c.kind == kind)
        with self._engine.connect() as connection:
            return {key: LetterState(state) for key, state in connection.execute(query)}

    def letters(self, *states: LetterState) -> Sequence[StoredLetter]:
        """The letters in those states (all when none is given), by day and in the order in which they leave."""
        query = sa.select(letters)
        return self._found(query.where(letters.c.state.in_(states)) if states else query)

    def ready(self, now: datetime, *, again: bool = False) -> Sequence[StoredLetter]:
        """The letters that wait for nobody, and whose next try has come, in the order in which they leave.

        again: without those that are kept back until another run of the day.
        """
        return self._found(sa.select(letters).where(_ready(now, again=again)))

    def is_waiting(self, now: datetime) -> bool:
        """True when a letter may be handed over, or tried again, between two runs."""
        with self._engine.connect() as connection:
            return (
                connection.execute(sa.select(letters.c.key).where(_ready(now, again=True)).limit(1)).first() is not None
            )

    def for_a_person(self) -> Mapping[str, int]:
        """Why letters wait for a person, in French → how many do."""
        query = sa.select(letters.c.hold, sa.func.count()).where(
            (letters.c.state == LetterState.HELD) & (letters.c.hold != "")
        )
        with self._engine.connect() as connection:
            return {row.hold: row[1] for row in connection.execute(query.group_by(letters.c.hold))}

    def message_ids(self) -> Mapping[str, str]:
        """Message-ID → the key of that letter."""
        with self._engine.connect() as connection:
            return {
                row.message_id: row.key for row in connection.execute(sa.select(letters.c.message_id, letters.c.key))
            }

    def first_day(self) -> date | None:
        """The day of the oldest letter; None when there is none."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(sa.func.min(letters.c.day))).scalar()

    def sent_last(self, most: int) -> Sequence[StoredLetter]:
        """The letters handed over last, the latest first, at most so many."""
        query = sa.select(letters).where(letters.c.state == LetterState.SENT)
        return sorted(self._found(query.where(letters.c.key.in_(
            sa.select(letters.c.key).where(letters.c.state == LetterState.SENT)
            .order_by(letters.c.settled_at.desc()).limit(most)
        ))), key=lambda letter: letter.settled_at, reverse=True)  # fmt: skip

    def letter(self, key: str) -> StoredLetter:
        """That letter. Raises KeyError when there is none."""
        found = self._found(sa.select(letters).where(letters.c.key == key))
        if not found:
            raise KeyError(key)
        return found[0]

    def _found(self, query: sa.Select[tuple[object, ...]]) -> Sequence[StoredLetter]:
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(letters.c.day, letters.c.rank, letters.c.key)).mappings()
            return [_stored(row) for row in rows]

    def told(self, subjects: Collection[str]) -> Mapping[tuple[str, str, str, str], Sequence[tuple[str, date]]]:
        """(reminder, case, subject, anchor) → the address and day of each letter handed over that told it, by day.

        subjects: identifiers of the rows asked about.
        """
        what = (notices.c.reminder, notices.c.case_id, notices.c.subject, notices.c.anchor)
        query = sa.select(*what, letters.c.recipient, letters.c.day).join(letters, letters.c.key == notices.c.letter)
        query = query.where(letters.c.state == LetterState.SENT).order_by(letters.c.day, letters.c.recipient)
        found: dict[tuple[str, str, str, str], list[tuple[str, date]]] = defaultdict(list)
        asked = sorted(set(subjects))
        with self._engine.connect() as connection:
            for start in range(0, len(asked), _AT_ONCE):
                some = query.where(notices.c.subject.in_(asked[start : start + _AT_ONCE]))
                for reminder, case, subject, anchor, to, day in connection.execute(some):
                    found[reminder, case, subject, anchor].append((to, day))
        return found

    def named(self, beginning: str) -> StoredLetter | None:
        """The letter whose Message-ID begins so, after its angle bracket; None when there is none, or several."""
        query = sa.select(letters).where(letters.c.message_id.startswith(f"<{beginning}", autoescape=True))
        found = self._found(query)
        return found[0] if len(found) == 1 else None

    def told_by(self, key: str) -> Sequence[NoticeKey]:
        """The notices that a letter carried."""
        query = sa.select(*list(notices.c)[:6]).where(notices.c.letter == key)
        with self._engine.connect() as connection:
            return sorted(tuple(row) for row in connection.execute(query))

    def notices_of(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Letter key → the notices it carried: {reminder, case, anchor, step}; for a session, `case` is the session."""
        return self._notices(sa.select(notices))

    def _notices(self, query: sa.Select[tuple[object, ...]]) -> Mapping[str, Sequence[Mapping[str, str]]]:
        found: dict[str, list[Mapping[str, str]]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query.order_by(*list(notices.c)[:5])).mappings():
                notice = {
                    "reminder": row["reminder"],
                    "case": row["case_id"] or row["subject"],
                    "anchor": row["anchor"],
                    "step": row["step"],
                }
                found.setdefault(row["letter"], []).append(notice)
        return found

    def notices_about(self, id_: str) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """As notices_of, for those that speak of that agreement or row."""
        return self._notices(sa.select(notices).where((notices.c.case_id == id_) | (notices.c.subject == id_)))

    # -------------------------------------------------------------------------------------------- making a letter

    def record(
        self,
        parcel: Parcel,
        content: bytes,
        *,
        message_id: str,
        lang: str,
        day: date,
        rank: int,
        at: datetime,
        last_day: date | None = None,
        hold: str = "",
        thread: str = "",
    ) -> bool:
        """Claims the notices and freezes the letter, before anything leaves. rank: its place in the day's order.

        hold: why it waits for a person, in French. False when another copy has just made it, or told one of its
        notices: nothing is recorded then.
        """
        letter = {
            "key": parcel.key, "message_id": message_id, "kind": parcel.kind, "recipient": parcel.to, "lang": lang,
            "day": day, "state": LetterState.HELD if hold else LetterState.QUEUED, "eml": parcel.file_name(day),
            "content": content, "rank": rank, "detail": hold, "made_at": _moment(at), "settled_at": "", "owner": "",
            "lease_until": "", "attempts": 0, "retry_at": "", "last_day": last_day, "hold": hold, "thread": thread,
        }  # fmt: skip
        names = [column.name for column in notices.c][:6]
        told = sorted(map(notice_key, parcel.notices))  # in one order for all, or two copies could block one another
        claims = [dict(zip(names, key, strict=True), letter=parcel.key) for key in told]
        try:
            with writing(self._engine) as connection:
                connection.execute(sa.insert(letters), letter)
                if claims:
                    connection.execute(sa.insert(notices), claims)
                frozen = journal.content_digest(content)
                journal.append(connection, parcel.key, journal.RECORDED, at=_moment(at), detail=frozen)
                if hold:
                    journal.append(connection, parcel.key, LetterState.HELD, at=_moment(at), detail=hold)
        except sa.exc.IntegrityError:
            return False
        return True

    # --------------------------------------------------------------------------------------------- handing it over

    def claim(self, key: str, owner: str, *, at: datetime, until: datetime) -> bool:
        """Makes a letter that is ready this copy's until that moment. False when another one has it."""
        free = letters.c.state.in_(_FREE) | (
            (letters.c.state == LetterState.CLAIMED) & (letters.c.lease_until <= _moment(at))
        )
        # A power cut may undo it: nothing has left by then, and `begin_data` waits for the disk.
        with writing(self._engine, durable=False) as connection:
            return _changed(connection, (letters.c.key == key) & free, key, LetterState.CLAIMED, at, "",
                            {"owner": owner, "lease_until": _moment(until)})  # fmt: skip

    def begin_data(self, key: str, owner: str, *, at: datetime, detail: str = "") -> bool:
        """From this commit on only an answer may say that the letter can be sent again. False: the claim was lost.

        detail: who gets a copy in the same transaction, as `mail.witness` words it.
        """
        mine = (letters.c.state == LetterState.CLAIMED) & (letters.c.owner == owner)
        held = mine & (letters.c.lease_until > _moment(at))
        return self._move((letters.c.key == key) & held, key, LetterState.DATA, at=at, detail=detail)

    def settle(self, key: str, owner: str, outcome: Outcome, *, at: datetime, retry_at: datetime | None = None) -> bool:
        """Records what became of a letter that this copy held, and when it may be tried again. False: not its any more."""
        mine = letters.c.state.in_((LetterState.CLAIMED, LetterState.DATA)) & (letters.c.owner == owner)
        more = letters.c.attempts + (1 if retry_at else 0)
        return self._move((letters.c.key == key) & mine, key, outcome.state, at=at, detail=outcome.detail, owner="",
                          lease_until="", attempts=more, retry_at=_moment(retry_at) if retry_at else "")  # fmt: skip

    def leave(self, key: str, state: LetterState, *, of: Collection[LetterState], at: datetime, detail: str) -> bool:
        """Moves a letter that nobody is handing over. of: the states in which it may be; False when it isn't."""
        return self._move((letters.c.key == key) & letters.c.state.in_(of), key, state, at=at, detail=detail,
                          owner="", lease_until="")  # fmt: skip

    def hold(self, key: str, why: str, *, at: datetime) -> bool:
        """Keeps a letter back for a person. False when it is no longer waiting."""
        return self._move((letters.c.key == key) & letters.c.state.in_(_FREE), key, LetterState.HELD, at=at,
                          detail=why, hold=why)  # fmt: skip

    def cancel(self, key: str, why: str, *, at: datetime) -> bool:
        """A letter that waits, even for a person, is void: its notices are free to be told afresh. False otherwise."""
        waits = (letters.c.key == key) & letters.c.state.in_(_FREE)
        with writing(self._engine) as connection:
            changed = _changed(connection, waits, key, LetterState.EXPIRED, at, why, {"hold": ""})
            if changed:
                connection.execute(sa.delete(notices).where(notices.c.letter == key))
        return changed

    def release(self, key: str, *, at: datetime, detail: str) -> bool:
        """Lets a letter go that was held, or refused for good, or that may be tried again at once. False otherwise."""
        may = letters.c.state.in_((*_FREE, LetterState.FAILED))
        return self._move((letters.c.key == key) & may, key, LetterState.QUEUED, at=at, detail=detail, hold="",
                          retry_at="", attempts=0)  # fmt: skip

    def came_back(
        self, key: str, state: LetterState, *, at: datetime, detail: str, retry_at: datetime | None = None
    ) -> bool:
        """A server gave a letter back: it is refused for good, or leaves again later. False when it hadn't left."""
        left = letters.c.state.in_((LetterState.SENT, LetterState.UNKNOWN, LetterState.DATA))
        again = _moment(retry_at) if retry_at else ""
        return self._move((letters.c.key == key) & left, key, state, at=at, detail=detail, owner="", lease_until="",
                          retry_at=again)  # fmt: skip

    def tell_afresh(self, key: str, *, at: datetime, detail: str) -> bool:
        """A letter refused for good is void, and its notices are free to be told by another. False otherwise."""
        return self._expire(key, at, detail, of=(LetterState.FAILED,))

    def cut_short(self, before: datetime) -> Sequence[StoredLetter]:
        """Letters whose text was leaving at that moment or earlier, and whose end nobody recorded."""
        late = (letters.c.state == LetterState.DATA) & (letters.c.settled_at <= _moment(before))
        return self._found(sa.select(letters).where(late))

    def expire(self, today: date, *, at: datetime) -> int:
        """Letters kept back since an earlier day never leave: how many.

        Their notices are free to be told afresh. Those that wait for a person stay.
        """
        of_another_day = (letters.c.state == LetterState.HELD) & (letters.c.hold == "") & (letters.c.day < today)
        with self._engine.connect() as connection:
            keys = [key for (key,) in connection.execute(sa.select(letters.c.key).where(of_another_day))]
        return sum(self._expire(key, at, "") for key in keys)

    def expire_late(self, today: date, *, at: datetime) -> int:
        """Letters that nobody could hand over for PATIENCE, or whose last day has passed, never leave: how many.

        Their notices are free to be told afresh. Those that wait for a person stay.
        """
        waits = letters.c.state.in_(_FREE) & (letters.c.hold == "")
        old = (letters.c.state == LetterState.QUEUED) & (letters.c.made_at <= _moment(at - PATIENCE))
        query = sa.select(letters.c.key, letters.c.made_at, letters.c.last_day).where(
            waits & (old | (letters.c.last_day < today))
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).all()
            void = {key: "sans objet : son dernier jour est passé" if last_day and last_day < today
                    else "n'a pas pu être remis en 48 heures"
                    for key, made_at, last_day in found
                    if (last_day and last_day < today)
                    or _waits_since(connection, key, made_at) <= _moment(at - PATIENCE)}  # fmt: skip
        return sum(self._expire(key, at, why) for key, why in void.items())

    def _expire(self, key: str, at: datetime, why: str, *, of: Collection[LetterState] = _FREE) -> bool:
        with writing(self._engine) as connection:
            waits = (letters.c.key == key) & letters.c.state.in_(of) & (letters.c.hold == "")
            changed = _changed(connection, waits, key, LetterState.EXPIRED, at, why, {})
            if changed:
                connection.execute(sa.delete(notices).where(notices.c.letter == key))
        return changed

    def _move(
        self,
        which: sa.ColumnElement[bool],
        key: str,
        state: LetterState,
        *,
        at: datetime,
        detail: str,
        **values: object,
    ) -> bool:
        with writing(self._engine) as connection:
            return _changed(connection, which, key, state, at, detail, values)


def _changed(
    connection: sa.Connection, which: sa.ColumnElement[bool], key: str, state: LetterState, at: datetime, detail: str,
    values: Mapping[str, object],
) -> bool:  # fmt: skip
    change = sa.update(letters).where(which)
    done = connection.execute(change.values(state=state, detail=detail, settled_at=_moment(at), **values))
    if done.rowcount:
        journal.append(connection, key, state, at=_moment(at), detail=detail)
    return bool(done.rowcount)


def _stored(row: sa.RowMapping) -> StoredLetter:
    """A row as it is, even where another hand has been at it: a text in place of bytes. Raises CdiError for a state that isn't."""
    content, state = row["content"], row["state"]
    if state not in set(LetterState):
        raise CdiError("Le registre des courriers a été modifié par une autre main.", where=f"lettre « {row['key']} »",
                       why=f"l'état « {state} » n'existe pas", fix="Remettre le registre d'une sauvegarde.")  # fmt: skip
    values = {name: row[name] for name in _FIELDS} | {
        "content": content.encode() if isinstance(content, str) else content
    }
    return StoredLetter(state=LetterState(state), to=row["recipient"], **values)


def _ready(now: datetime, *, again: bool) -> sa.ColumnElement[bool]:
    states = (LetterState.QUEUED,) if again else _FREE
    may = letters.c.state.in_(states) & (letters.c.hold == "") & (letters.c.retry_at <= _moment(now))
    return may | ((letters.c.state == LetterState.CLAIMED) & (letters.c.lease_until <= _moment(now)))


def _waits_since(connection: sa.Connection, key: str, made_at: str) -> str:
    """Since when a letter waits for the mail server: since a person let it go, else since it was made."""
    since, before = made_at, ""
    for entry in journal.entries(connection, key):
        if entry.event == LetterState.QUEUED and before in _BY_HAND:
            since = entry.at
        before = entry.event
    return since


def _moment(at: datetime) -> str:
    """ISO 8601 in UTC: text that sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
