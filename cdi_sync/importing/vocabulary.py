"""The words of lists made by hand: titles of columns, names of forms, lines that only add up (`config/reprise.toml`)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cdi_sync.model import Column, Form, Tab
from cdi_sync.text import fold

ACTS, PARTNERS = "actes", "partenaires"
PARTNER, COUNTRY, COUNCIL = "partenaires.nom", "partenaires.pays", "actes.collectivite"
FORM, SUBTYPE = "actes.forme", "actes.sous_type"
SIGNED, YEAR, MONTH, JOINED = (
    "actes.date_signature",
    "actes.annee_signature",
    "actes.mois_signature",
    "actes.date_adhesion",
)
DURATION = "actes.duree_mois"


def plain(text: str) -> str:
    """Folded, with what separates words made one space: two titles that differ by marks only are one."""
    return " ".join(re.findall(r"[\w%]+", fold(text)))


@dataclass(frozen=True)
class Vocabulary:
    """What lists may say, over the declared tabs. Column names are "tab.key"."""

    tabs: Mapping[str, Tab]
    titles: Mapping[str, Sequence[str]]
    forms: Mapping[str, tuple[Form, str]]  # plain text → form, subtype or ""
    totals: tuple[str, ...]

    @classmethod
    def parse(cls, data: Mapping[str, Any], tabs: Mapping[str, Tab]) -> "Vocabulary":
        """Raises KeyError or ValueError for a column, a form or a key that isn't declared."""
        for name in data["titres"]:
            tab, _, key = name.partition(".")
            tabs[tab].column(key)
        forms = {plain(text): (Form(form), "") for form, texts in data["formes"].items() for text in texts}
        subtypes = {category.value for category in tabs[ACTS].column("sous_type").categories}
        for subtype, texts in data["sous_types"].items():
            if subtype not in subtypes:
                raise ValueError(f"sous_types.{subtype}")
            forms |= {plain(text): (Form.CONVENTION, subtype) for text in texts}
        return cls(tabs, data["titres"], forms, tuple(map(plain, data["totaux"])))

    @cached_property
    def targets(self) -> Mapping[str, Column]:
        """The columns that a list may fill: those of the staff, in Actes and Partenaires, but for other references."""
        return {
            f"{name}.{column.key}": column
            for name in (ACTS, PARTNERS)
            for column in self.tabs[name].columns
            if not column.is_system and (column.type != "reference" or f"{name}.{column.key}" == COUNCIL)
        }

    @cached_property
    def by_title(self) -> Mapping[str, str]:
        """Plain title → column. The registry's own titles win over the others, and agreements over partners."""
        table: dict[str, str] = {}
        for name, column in self.targets.items():
            for title in (column.title, *column.aliases, column.key):
                table.setdefault(plain(title), name)
        partner = self.tabs[ACTS].column("partenaire")  # a list names its partner, the registry numbers it
        table |= {plain(title): PARTNER for title in (partner.title, *partner.aliases)}
        for name, titles in self.titles.items():
            for title in titles:
                table.setdefault(plain(title), name)
        return table

    def form(self, text: str) -> tuple[Form, str] | None:
        """The form, and the subtype or "", that a text is; None when it is none, or says more than a form."""
        column = self.targets[FORM]
        labels = {plain(c.label): Form(c.value) for c in column.categories}
        labels |= {plain(c.value): Form(c.value) for c in column.categories}
        known = labels.get(plain(text))
        return (known, "") if known else self.forms.get(plain(text))

    def is_total(self, text: str) -> bool:
        """True for the first text of a line that only adds up."""
        words = plain(text)
        return any(words == total or words.startswith(f"{total} ") for total in self.totals)
