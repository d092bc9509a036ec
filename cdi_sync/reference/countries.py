"""The countries: which one a text designates, in French, Arabic or English or by its ISO code, and which it resembles.

Names come back in French, as the registry shows them.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from cdi_sync.text import fold

FILE = Path(__file__).parent / "pays.csv"  # made from Babel by tests/countries.py
_NEAR = 0.72
_ARTICLES = ("le ", "la ", "les ", "l'", "the ")


@dataclass(frozen=True)
class Country:
    """One country: ISO 3166 code, and its names."""

    code: str
    fr: str
    ar: str
    en: str
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.code, self.fr, self.ar, self.en, *self.others)


@lru_cache(maxsize=1)
def countries() -> Sequence[Country]:
    """Every country, by its French name."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        found = [
            Country(line["code"], line["fr"], line["ar"], line["en"], tuple(filter(None, line["autres"].split("|"))))
            for line in csv.DictReader(lines)
        ]
    return sorted(found, key=lambda country: fold(country.fr))


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, str]:
    """Folded name → French name; a name that two countries share designates none."""
    table: dict[str, str] = {}
    shared: set[str] = set()
    for country in countries():
        for name in {_bare(name) for name in country.names}:
            shared |= {name} if table.setdefault(name, country.fr) != country.fr else set()
    return {name: french for name, french in table.items() if name not in shared}


def _bare(text: str) -> str:
    """Folded, hyphens as spaces, without the article: "Etats Unis" and « Les États-Unis » are one."""
    folded = " ".join(fold(text).replace("-", " ").replace(".", "").split())
    return next((folded.removeprefix(article) for article in _ARTICLES if folded.startswith(article)), folded)


def find_country(text: str) -> str | None:
    """The French name of the one country that a text designates, None when it designates none or several."""
    return _by_name().get(_bare(text))


def near_countries(text: str, most: int = 3) -> tuple[str, ...]:
    """French names of the countries that a text resembles, those whose name holds it first."""
    typed, known = _bare(text), _by_name()
    if len(typed) < 3:
        return ()
    holding = [name for name in known if typed in name.split()]
    near = get_close_matches(typed, known, n=2 * most, cutoff=_NEAR)
    return tuple(dict.fromkeys(known[name] for name in [*holding, *near]))[:most]
