"""How people call things: which names are one and the same, which are near, whatever the order or the small words.

A *name key* is what is left of a name once small words, marks and word order are gone: « Ville de Lyon » and
« LYON (ville) » have the same. « Province de Séville » keeps its own: a province isn't its chief town. Between
councils of one list, whose tier is known otherwise, the *place key* drops that word too.
"""

import re
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

from cdi_sync.text import fold

NEAR = 0.75
_SMALL = frozenset(["a", "al", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "of", "the"])
_TOWN = frozenset(
    ["ville", "commune", "mairie", "municipalite", "city", "town", "municipality", "مدينة", "جماعة", "بلدية"]
)
_TIER = frozenset(["conseil", "communal", "municipal", "provincial", "prefectoral", "regional", "region", "prefecture",
                   "province", "urbaine", "rurale", "جهة", "عمالة", "اقليم", "مجلس"])  # fmt: skip
_SHORTEST = 8  # letters of a name below which one letter more may make another name


@lru_cache(maxsize=50_000)
def name_key(name: str) -> str:
    """The words that make a name, sorted; all of its words when none is left."""
    return _key(name, _SMALL | _TOWN)


@lru_cache(maxsize=50_000)
def place_key(name: str) -> str:
    """The words that make the name of a place, whatever kind of council it has."""
    return _key(name, _SMALL | _TOWN | _TIER)


def _key(name: str, left_out: frozenset[str]) -> str:
    words = re.findall(r"\w+", fold(name))
    return " ".join(sorted(word for word in words if word not in left_out) or sorted(words))


def without_a_letter(key: str) -> Iterable[str]:
    """Every text that a long enough key gives with one letter left out; digits count, and are never left out."""
    if len(key) < _SHORTEST:
        return ()
    return {key[:at] + key[at + 1 :] for at, letter in enumerate(key) if not letter.isdigit()}


def is_near_place(one: str, other: str) -> bool:
    """True when two names are those of one place, or are nearly spelled alike."""
    keys = place_key(one), place_key(other)
    return keys[0] == keys[1] or SequenceMatcher(None, *keys).ratio() >= NEAR


def nearest(
    typed: str, names: Iterable[str], most: int = 3, key_of: Callable[[str], str] = name_key
) -> tuple[str, ...]:
    """The names that a typed one may stand for, the likeliest first: same key, then holding its words, then near."""
    wanted = key_of(typed)
    if len(wanted) < 3:
        return ()
    by_key: dict[str, list[str]] = {}
    for name in names:
        by_key.setdefault(key_of(name), []).append(name)
    words = set(wanted.split())
    keys = [wanted] if wanted in by_key else []
    keys += [key for key in by_key if words <= set(key.split())]
    if len(keys) < most:
        keys += get_close_matches(wanted, by_key, n=most, cutoff=NEAR)
    return tuple(name for key in dict.fromkeys(keys) for name in by_key[key])[:most]
