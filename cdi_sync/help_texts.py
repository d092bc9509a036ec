"""What the help tells beside the declarations: an example of each rule, and the words of the field in three languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdi_sync.rules.rulebook import Example

ORIGINS = {
    "loi": "texte arabe des lois organiques",
    "administration": "portail ou circulaire de l'administration",
    "usage": "usage courant, à faire relire",
}


@dataclass(frozen=True)
class Term:
    """A word of the field. origine: where its Arabic was read, of ORIGINS."""

    fr: str
    ar: str
    en: str
    origine: str


@dataclass(frozen=True)
class HelpTexts:
    """examples: rule → a case that it finds fault with. glossary: in the catalogue's order."""

    examples: Mapping[str, Example] = field(default_factory=dict)
    glossary: Sequence[Term] = ()
