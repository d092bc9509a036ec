"""Which documents there are, on what, at which steps and in which languages, as `config/documents.toml` declares them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cdi_sync.documents.facts import Subject
from cdi_sync.model import FORM_LETTER, Form
from cdi_sync.pieces import CONDITIONS
from cdi_sync.text import fold

BEFORE, AFTER = "AVANT", "APRES"  # the two steps of a meeting


class On(StrEnum):
    """What a document speaks of."""

    ACT = "acte"
    EVALUATION = "evaluation"
    MEETING = "reunion"


class Arabic(StrEnum):
    """When a document is written in Arabic as well, without being asked for it."""

    NEVER = "jamais"
    ADMINISTRATION = "administration"  # always: it goes to the administration
    PARTNER = "partenaire"  # when the partner's official languages hold Arabic


@dataclass(frozen=True)
class Declared:
    """A document. stages: codes of the states that ask for it (AVANT, APRES for a meeting). forms: of the agreement.

    condition: name in CONDITIONS of `pieces`, "" for none. template: name of its files in `config/documents`, without
    language. sources: where the texts speak of it.
    """

    name: str
    title: str
    on: On
    forms: frozenset[Form]
    stages: tuple[str, ...]
    template: str
    arabic: Arabic
    sources: tuple[str, ...]
    condition: str = ""

    def suits(self, subject: Subject) -> bool:
        """True when it can speak of that row: its kind, and the form of its agreement."""
        return self.on == kind_of(subject) and subject.case.form in self.forms

    def is_due(self, subject: Subject) -> bool:
        """True when the present step of that row asks for it."""
        asked = self.suits(subject) and subject.stage in self.stages
        return asked and CONDITIONS[self.condition](subject.case, subject.row)

    def languages(self, subject: Subject) -> tuple[str, ...]:
        """The languages in which it is written unasked, French first."""
        return ("fr", "ar") if _IN_ARABIC[self.arabic](subject) else ("fr",)


def kind_of(subject: Subject) -> On:
    """What the row of a subject is."""
    return {"evaluations": On.EVALUATION, "reunions": On.MEETING}.get(subject.row.tab, On.ACT)


def _speaks_arabic(subject: Subject) -> bool:
    tongues = subject.case.partner["langues_officielles"] if subject.case.partner else None
    return any("arab" in fold(tongue) or "عرب" in tongue for tongue in (tongues if isinstance(tongues, tuple) else ()))


_IN_ARABIC: Mapping[Arabic, Callable[[Subject], bool]] = {
    Arabic.NEVER: lambda subject: False,
    Arabic.ADMINISTRATION: lambda subject: True,
    Arabic.PARTNER: _speaks_arabic,
}


def parse_document(data: Mapping[str, Any], stages: Iterable[str]) -> Declared:
    """A table of `config/documents.toml`. stages: the codes that exist. Raises KeyError, ValueError: in French, what doesn't suit."""
    wanted: Sequence[str] = data["etapes"]
    known = {BEFORE, AFTER, *stages}
    if strangers := [code for code in wanted if code not in known]:
        raise ValueError(f"etapes : inconnues, {', '.join(strangers)}")
    if data.get("si", "") not in CONDITIONS:
        raise ValueError(f"si : {data['si']} ; valeurs possibles : {', '.join(filter(None, CONDITIONS))}")
    return Declared(
        name=data["nom"],
        title=data["titre"],
        on=On(data["sur"]),
        forms=frozenset(FORM_LETTER[letter] for letter in data["formes"]),
        stages=tuple(wanted),
        template=data.get("modele", data["nom"]),
        arabic=Arabic(data["arabe"]),
        sources=tuple(data["sources"]),
        condition=data.get("si", ""),
    )
