"""What a document says of a case: each fact is a text, or something that nobody has typed yet and where to type it. Pure.

A fact that is missing is never made up: it shows between two marks, which `edges/documents.py` turns into a highlight.
Typed text is data: it is cleaned here, and stands for itself whatever it looks like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypeAlias
from unicodedata import bidirectional

from babel.dates import format_time
from babel.numbers import format_decimal

from cdi_sync.mail.language import Language
from cdi_sync.model import Case, Column, Layout, Registry, Row, Tab, Value
from cdi_sync.reference.countries import countries
from cdi_sync.tables import letters
from cdi_sync.text import tidy

OPEN, CLOSE = "\ue000", "\ue001"  # marks around what is to be completed; no typed text keeps them
_UNWRITABLE = dict.fromkeys([ord(OPEN), ord(CLOSE), 0xFFFE, 0xFFFF])  # the last two: no XML holds them
_LRM = "\u200e"  # an invisible letter that reads rightwards
_YEARS = ("exercice", "annee", "annee_signature")  # numbers that are written without spaces
TO_COMPLETE = "à compléter : {what}"
TO_COMPLETE_AT = "à compléter : {what} — {tab}, colonne {column}"
TO_COMPLETE_ON = "à compléter : {what} — {tab}, colonne {column}, ligne {id}"


@dataclass(frozen=True)
class Fact:
    """A finished text; lines are separated by line feeds."""

    text: str


@dataclass(frozen=True)
class Missing:
    """Something nobody has typed. what: in the document's language.

    tab, column: title and letters, "" for what is written by hand. id: of its row, "" when there is no row yet.
    """

    what: str
    tab: str = ""
    column: str = ""
    id: str = ""


Said: TypeAlias = Fact | Missing
Facts: TypeAlias = Mapping[str, "Said | bool | Sequence[Facts]"]


@dataclass(frozen=True)
class Subject:
    """What a document speaks of. row: the agreement, one of its evaluations or of its meetings. stage: the state of that row."""

    case: Case
    row: Row
    stage: str
    today: date
    registry: Registry
    stage_title: str = ""


@dataclass(frozen=True)
class Pen:
    """Writes facts in one language, as the registry's columns are typed. layouts: where people have the columns."""

    language: Language
    tabs: Mapping[str, Tab]
    layouts: Mapping[str, Layout]

    def say(self, text: str, **values: object) -> Fact:
        """Words of ours, translated. text: a msgid of `documents.po`, with the names of values in braces."""
        return Fact(self.language.gettext(text).format(**values))

    def cell(self, row: Row | None, place: str, what: str = "") -> Said:
        """What a cell says, or what is missing there. place: « onglet.colonne ». what: in French, the column's title without it."""
        tab, _, key = place.partition(".")
        value = row[key] if row else None
        if value in (None, "", ()):
            return self.missing(place, what, row)
        return Fact(self.write(value, self.tabs[tab].column(key)))

    def missing(self, place: str, what: str = "", row: Row | None = None) -> Missing:
        """A cell that is owed. place: « onglet.colonne », "" for what is written by hand. what: as for `cell`."""
        if not place:
            return Missing(self.language.gettext(what))
        name, _, key = place.partition(".")
        tab, layout = self.tabs[name], self.layouts.get(name)
        column = tab.column(key)
        at = layout.positions.get(key) if layout else None
        title = layout.title if layout and layout.title else tab.title
        return Missing(
            self.language.gettext(what or lowered(column.title)),
            title,
            letters(at) if at else "",
            row.id if row else "",
        )

    def write(self, value: Value, column: Column) -> str:
        """A value as that language writes it."""
        if isinstance(value, bool):
            return self.language.gettext("Oui" if value else "Non")
        if isinstance(value, date):
            return self.language.long_day(value)
        if isinstance(value, time):
            return str(format_time(value, "HH:mm", locale=self.language.locale))
        if isinstance(value, int | float):
            return f"{value:.0f}" if column.key in _YEARS else self.number(value)
        if isinstance(value, tuple):
            return self.join([typed(part) for part in value])
        label = next((category.label for category in column.categories if category.value == value), "")
        if label:
            return self.language.gettext(label)
        return self._country(value) if column.format == "country" else typed(value)

    def _country(self, name: str) -> str:
        """A country as cells name it, in French, or as that language does."""
        known = next((country for country in countries() if country.fr == name), None)
        return known.ar if known and known.ar and self.language.is_right_to_left else typed(name)

    def number(self, value: float) -> str:
        """« 1 234,5 »."""
        return str(format_decimal(value, locale=self.language.locale))

    def join(self, parts: Sequence[str]) -> str:
        """The parts of a list, in one line."""
        return ("، " if self.language.is_right_to_left else ", ").join(parts)


def typed(text: str) -> str:
    """Text that somebody typed, without what moves, hides or can't be written; its lines stay."""
    return "\n".join(tidy(line.translate(_UNWRITABLE)) for line in text.splitlines())


def lowered(title: str) -> str:
    """A title inside a sentence: « date du procès-verbal », but « CDD »."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def shown(said: Said, language: Language) -> str:
    """A fact as its template gets it; what is missing stands between the marks."""
    if isinstance(said, Fact):
        text = said.text.translate(_UNWRITABLE)  # numbers of rows come here as they were typed
        return isolated(text) if language.is_right_to_left else text
    text = TO_COMPLETE_ON if said.column and said.id else TO_COMPLETE_AT if said.column else TO_COMPLETE
    told = language.gettext(text).format(what=said.what, tab=said.tab, column=said.column, id=said.id)
    return f"{OPEN}[{told.translate(_UNWRITABLE)}]{CLOSE}"


def isolated(text: str) -> str:
    """Text of a document in Arabic: a line without Arabic keeps its own direction, down to its last full stop."""
    return "\n".join(
        f"{_LRM}{line}{_LRM}" if any(c.isalpha() for c in line) and not _reads_leftwards(line) else line
        for line in text.split("\n")
    )


def _reads_leftwards(text: str) -> bool:
    return any(bidirectional(c) in ("R", "AL") for c in text)


def as_context(facts: Facts, language: Language) -> dict[str, Any]:
    """The facts as a template gets them: texts, booleans, lists of the same."""
    return {name: _given(said, language) for name, said in facts.items()}


def _given(said: "Said | bool | Sequence[Facts]", language: Language) -> Any:
    if isinstance(said, bool):
        return said
    if isinstance(said, Fact | Missing):
        return shown(said, language)
    return [as_context(line, language) for line in said]
