"""What is known of mail addresses in general: the domains that many people use, the boxes that nobody reads."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from cdi_sync.text import fold

FILE = Path(__file__).parent / "messageries.toml"
_SHORTEST = 7  # letters of a domain below which another letter may well make another domain


@lru_cache(maxsize=1)
def _known() -> Mapping[str, Sequence[str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=10_000)
def meant_domain(domain: str) -> str:
    """The well-known domain that one letter more, less, other or out of place has made this one; "" when none."""
    typed, known = domain.casefold(), _known()["domaines"]
    if typed in known:
        return ""
    return next((name for name in known if len(name) >= _SHORTEST and _is_a_slip(typed, name)), "")


def _is_a_slip(typed: str, name: str) -> bool:
    """True when one keystroke apart: a letter added, left out, replaced, or swapped with the next."""
    if abs(len(typed) - len(name)) > 1:
        return False
    at = next((i for i, (one, other) in enumerate(zip(typed, name, strict=False)) if one != other), len(name))
    one, other = typed[at:], name[at:]
    return one[1:] == other or one == other[1:] or one[1:] == other[1:] or (
        one[:2] == other[1::-1] and one[2:] == other[2:]
    )  # fmt: skip


def is_unread(address: str) -> bool:
    """True for an address whose name says that nobody reads what comes: noreply, mailer-daemon…"""
    name = address.partition("@")[0].partition("+")[0]
    return re.sub("[^a-z]", "", fold(name)) in _known()["sans_lecteur"]
