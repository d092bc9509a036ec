"""What came back by mail, as recorded: messages handled, unusable addresses, what people answered."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import sqlalchemy as sa

from cdi_sync.edges.ledger.opening import alone_on, writing
from cdi_sync.edges.ledger.tables import addresses, answers, incoming
from cdi_sync.model import Answer


@dataclass(frozen=True)
class Incoming:
    """A message that came in and was handled. key: its Message-ID, or a digest of it when it has none.

    kind: retour (a delivery report), reponse, formulaire, automatique, temoin or inconnu. letter: key of the letter that it speaks
    of, "" when it names none.
    """

    key: str
    at: str
    kind: str
    sender: str
    letter: str = ""
    detail: str = ""


@dataclass(frozen=True)
class BadAddress:
    """An address that a mail server said to be unusable. status: its code, as "5.1.1"; letter: the one that came back."""

    address: str
    since: str
    status: str
    detail: str
    letter: str


@dataclass(frozen=True)
class StoredAnswer:
    """One instruction of an answer, to one notice.

    column: where staff will write that it is done, "" when no empty cell awaits it. verb: fait, reporter or vu. value:
    the day it was done, or until which reminders are put off (ISO); for `vu`, the day it came.
    """

    id: str
    reminder: str
    case_id: str
    subject: str
    anchor: str
    tab: str
    column: str
    sender: str
    at: str
    verb: str
    value: str
    message: str

    def as_answer(self) -> Answer:
        """The same, its days as days."""
        return Answer(
            self.reminder, self.subject, date.fromisoformat(self.anchor), self.tab, self.column, self.verb, self.sender,
            datetime.fromisoformat(self.at).date(), date.fromisoformat(self.value),
        )  # fmt: skip


class Mailbox:
    """What came back, in an open ledger."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def handled(self) -> frozenset[str]:
        """Keys of the messages that were handled."""
        with self._engine.connect() as connection:
            return frozenset(connection.execute(sa.select(incoming.c.key)).scalars())

    def record(self, message: Incoming, *, bad: BadAddress | None = None, told: Sequence[StoredAnswer] = ()) -> bool:
        """A message with all that follows from it, in one transaction. False when it was handled already."""
        try:
            with writing(self._engine) as connection:
                connection.execute(sa.insert(incoming), asdict(message))
                if bad is not None:
                    alone_on(connection, addresses)
                    connection.execute(sa.delete(addresses).where(addresses.c.address == bad.address))
                    connection.execute(sa.insert(addresses), asdict(bad))
                if told:
                    connection.execute(sa.insert(answers), [asdict(answer) for answer in told])
        except sa.exc.IntegrityError:
            return False
        return True

    def messages(self) -> Sequence[Incoming]:
        """Every message handled, the oldest first."""
        query = sa.select(incoming).order_by(incoming.c.at, incoming.c.key)
        with self._engine.connect() as connection:
            return [Incoming(**row) for row in connection.execute(query).mappings()]

    def bad_addresses(self) -> Mapping[str, BadAddress]:
        """The addresses that came back as unusable, by address in lower case."""
        with self._engine.connect() as connection:
            found = [BadAddress(**row) for row in connection.execute(sa.select(addresses)).mappings()]
        return {bad.address: bad for bad in found}

    def forgive(self, address: str) -> bool:
        """That address is tried again. False when nothing was said against it."""
        with writing(self._engine) as connection:
            gone = sa.delete(addresses).where(addresses.c.address == address.casefold())
            return bool(connection.execute(gone).rowcount)

    def answers(self) -> Sequence[StoredAnswer]:
        """What people answered, the oldest first."""
        query = sa.select(answers).order_by(answers.c.at, answers.c.id)
        with self._engine.connect() as connection:
            return [StoredAnswer(**row) for row in connection.execute(query).mappings()]
