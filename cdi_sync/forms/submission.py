"""An answer to a form, whatever way it came, and the proposal that is understood from it. Pure.

A source says which form was filled in, by what name it knows the answer (the same name again: the answer was edited), and the
values as typed; `understand` types them by the declarations of the registry; staff decide; what is accepted becomes a row.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from cdi_sync.model import Raw, Value

Typed: TypeAlias = Raw | tuple[str, ...]  # as it came; several choices of one question together


class Source(StrEnum):
    """Where an answer came from."""

    GOOGLE = "google"  # the Forms API
    TAB = "onglet"  # the tab of responses of a spreadsheet
    FOLDER = "dossier"  # a returned file, put in the folder
    MAIL = "courriel"  # a returned file, attached to a message
    CSV = "csv"  # an export

    @property
    def channel(self) -> str:
        """What names of answers are the same in: a file that is put in the folder and sent by mail is one answer."""
        return {Source.FOLDER: "fichier", Source.MAIL: "fichier", Source.TAB: "lignes", Source.CSV: "lignes"}.get(
            self, self
        )


@dataclass(frozen=True)
class Submission:
    """One answer. response: its name at the source, for ever the same; received: when it was first sent, edited: last changed.

    values: key of a question → what was typed; unanswered ones are absent. unknown: title of what no question asks → what it
    holds, kept and told, never used. lang: of the form that was filled in.
    """

    source: Source
    form: str
    response: str
    received: datetime
    edited: datetime
    values: Mapping[str, Typed]
    unknown: Mapping[str, str] = field(default_factory=dict)
    lang: str = "fr"

    @property
    def key(self) -> str:
        """Twelve hexadecimal digits that name the answer in the registry, however often it is edited."""
        name = f"{self.source.channel}|{self.form}|{self.response}"
        return hashlib.sha256(name.encode(errors="backslashreplace")).hexdigest()[:12]


class Why(StrEnum):
    """What is wrong with an answer to one question."""

    ABSENT = "absent"  # asked for, and not given
    UNREADABLE = "illisible"  # given, and not of the kind that is asked
    NOT_LISTED = "hors liste"  # none of the choices
    NOBODY = "inconnu"  # designates no row of the registry
    SEVERAL = "plusieurs"  # designates several rows
    TOO_LONG = "trop long"  # longer than a cell may be
    UNASKED = "sans objet"  # answered although its condition isn't met


@dataclass(frozen=True)
class Fault:
    """One thing to correct. read: what was typed, as shown. why_told, fix_told: in French, for staff; another language tells
    by `why` and by the type of the question's column."""

    question: str
    why: Why
    read: str
    why_told: str
    fix_told: str


@dataclass(frozen=True)
class Lookalike:
    """A row that may be the same. reasons: in French, « même collectivité », « nom proche »…"""

    tab: str
    id: str
    title: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """What is understood of an answer. values: key of a question → typed value; references as identifiers.

    faults: what to correct, in the order of the form; an answer with faults is shown, and can't be accepted yet.
    """

    submission: Submission
    values: Mapping[str, Value]
    faults: tuple[Fault, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()

    @property
    def sender(self) -> str:
        """The address that acknowledgements go to, "" when it can't be used."""
        return str(self.values.get("demandeur.courriel", ""))


# tab → row number → column → what the cell is to show; the number of the row among them
Fills: TypeAlias = Mapping[str, Mapping[int, Mapping[str, str | int | float | date]]]


@dataclass(frozen=True)
class Change:
    """What an accepted answer asks to change in a cell that staff have filled. value: typed, as the registry reads it."""

    tab: str
    id: str
    column: str
    value: Value


@dataclass(frozen=True)
class Acceptance:
    """What an accepted proposal writes, all at once. fills: rows that nobody uses, and empty cells of rows in use.

    became: the number of the row that it is now. changes: what it asks to change in cells that staff have filled, left to
    them; by_hand: the same, told to them in French.
    """

    fills: Fills
    became: str
    by_hand: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


class State(StrEnum):
    """Where a proposal stands; shown in the registry and told to who sent it."""

    TO_CORRECT = "a_corriger"  # something is missing or can't be read
    PROPOSED = "proposee"  # waits for a decision
    WAITING = "en_attente"  # staff wait for the sender
    REFUSED = "refusee"
    ACCEPTED = "acceptee"  # a numbered row
    BY_HAND = "a_reporter"  # accepted; some cells are for staff to change
