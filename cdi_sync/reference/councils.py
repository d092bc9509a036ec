"""Morocco's councils by HCP code: 12 regions, 75 prefectures and provinces, 1,503 communes, of the 2024 census.

Codes are written as the HCP writes them: "01", "01.511", "10510901".
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from cdi_sync.model import Tier
from cdi_sync.names import nearest, place_key
from cdi_sync.text import fold

FILE = Path(__file__).parent / "collectivites.csv"
TIER_NAMES = {Tier.REGION: "région", Tier.PREFECTURE: "préfecture", Tier.PROVINCE: "province", Tier.COMMUNE: "commune"}


@dataclass(frozen=True)
class Council:
    """One council. `region`, `province`: HCP codes, "" where there is none. `name_ar`: "" where the list has none."""

    code: str
    name: str
    name_ar: str
    tier: Tier
    region: str
    province: str
    population: int

    @property
    def in_words(self) -> str:
        """Its code, name and tier, and what tells it from its namesakes: « 10510901 Abdelghaya Souahel (commune, Al Hoceima) »."""
        above = councils().get(self.province) if self.tier is Tier.COMMUNE else None
        return f"{self.code} {self.name} ({TIER_NAMES[self.tier]}{f', {above.name}' if above else ''})"


@lru_cache(maxsize=1)
def councils() -> Mapping[str, Council]:
    """Every council by its code, in the order of the list: regions, prefectures and provinces, communes."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {
            line["code"]: Council(line["code"], line["nom"], line["nom_ar"], Tier(line["niveau"]), line["region"],
                                  line["province"], int(line["population"]))
            for line in csv.DictReader(lines)
        }  # fmt: skip


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, Sequence[Council]]:
    found: dict[str, list[Council]] = {}
    for council in councils().values():
        for name in filter(None, (council.name, council.name_ar)):
            found.setdefault(name, []).append(council)
    return found


def named(text: str, most: int = 3) -> tuple[Council, ...]:
    """The councils that a name may stand for, the likeliest first."""
    return tuple(dict.fromkeys(c for name in nearest(text, _by_name(), most, place_key) for c in _by_name()[name]))[
        :most
    ]


def near_codes(code: str, most: int = 3) -> tuple[Council, ...]:
    """The councils whose code is nearly that one, the nearest first."""
    digits = {known.replace(".", ""): known for known in councils()}
    near = get_close_matches(code.replace(".", ""), digits, n=most, cutoff=0.8)
    return tuple(councils()[digits[known]] for known in near)


def search(text: str, tiers: Sequence[Tier]) -> tuple[Council, ...]:
    """The councils of those tiers whose code begins with a text, or whose name holds all of its words."""
    wanted, begun = set(place_key(text).split()), fold(text)
    return tuple(
        council
        for council in councils().values()
        if council.tier in tiers
        and (not begun or council.code.startswith(begun) or any(map(wanted.issubset, _words(council))))
    )


def _words(council: Council) -> Sequence[set[str]]:
    return [set(place_key(name).split()) for name in (council.name, council.name_ar) if name]
