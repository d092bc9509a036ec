"""The law as dated data: which number a text sets, for which council, since which day, and where it says so.

Pure: it takes parsed TOML and reads no file. A value holds from its day `depuis`, included, until the next.
`valeur`, `citation` and `unite` are each one value for every level, or a table by level in which TOUS stands
for the levels not named. Messages of `ValueError` are in French and name the key; the caller adds the file.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias, TypeVar

Value: TypeAlias = int | float | tuple[int, ...]
_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)

EVERY_TIER = "TOUS"
TIERS = ("REGION", "PREFECTURE", "PROVINCE", "COMMUNE", "GROUPEMENT")

_LIMIT_KEYS = ("titre", "unite", "counted_from", "origine", "confiance", "valeurs")
_DATED_KEYS = ("depuis", "valeur", "citation", "verified_on")


class Unit(StrEnum):
    """What a number counts; calendar days and worked days are never interchangeable."""

    CALENDAR_DAYS = "jours_calendaires"
    WORKED_DAYS = "jours_ouvrables"  # Monday to Friday, holidays excepted
    MONTHS = "mois"
    YEARS = "annees"
    NUMBER = "nombre"  # a plain count or rank
    SHARE = "part"  # between 0 and 1
    YEAR = "annee_civile"  # a year of the calendar, such as 2010
    MONTHS_OF_YEAR = "mois_de_l_annee"  # a list of months, from 1
    DAY_OF_YEAR = "mois_et_jour"  # a month and a day of it: [11, 15] is 15 November
    MONDAY_RANK = "rang_du_lundi"  # 1: first Monday of the month


class Origin(StrEnum):
    """Who set the number."""

    GUIDE = "guide"  # the guide says it
    LOI = "loi"  # an organic law says it, the guide doesn't
    PARAMETRE = "parametre"  # we chose it


class Confidence(StrEnum):
    """How sure we are that the text says so."""

    CONFIRMED = "confirme"  # read in the text
    PARTIAL = "partiel"  # read for some levels only
    TO_CHECK = "a_verifier"  # to compare with the Official Bulletin
    SETTING = "parametre"  # no text: a choice


@dataclass(frozen=True)
class Dated:
    """What a limit is worth from `since`, included; `values` and `citations` are keyed by level or TOUS."""

    since: date
    values: Mapping[str, Value]
    citations: Mapping[str, str]
    verified_on: date


@dataclass(frozen=True)
class Limit:
    """One table of law.toml; `history` is in order of date, never empty; `units` keyed by level or TOUS."""

    key: str
    title: str
    units: Mapping[str, Unit]
    counted_from: str
    origin: Origin
    confidence: Confidence
    history: tuple[Dated, ...]


@dataclass(frozen=True)
class InForce:
    """The value that holds on a day for a level, with what a finding must cite."""

    key: str
    value: Value
    unit: Unit
    citation: str
    confidence: Confidence
    origin: Origin
    since: date
    verified_on: date

    @property
    def number(self) -> int:
        """The value, when it is a whole number; raises ValueError for a share or a list."""
        if isinstance(self.value, int):
            return self.value
        raise ValueError(f"« {self.key} » vaut {self.value} : un nombre entier est attendu ici.")

    @property
    def share(self) -> float:
        """The value, when it is a share; raises ValueError for a list."""
        if isinstance(self.value, tuple):
            raise ValueError(f"« {self.key} » vaut {self.value} : une part est attendue ici.")
        return float(self.value)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The value, when it is a list of whole numbers; raises ValueError for anything else."""
        if isinstance(self.value, tuple):
            return self.value
        raise ValueError(f"« {self.key} » vaut {self.value} : une liste de nombres entiers est attendue ici.")


@dataclass(frozen=True, eq=False)
class Law:
    """Every limit, by key, and how the texts are read where they can be read in two ways (interpretations.toml).

    One law is another's equal only when it is the same: what was looked up is remembered.
    """

    limits: Mapping[str, Limit]
    readings: Mapping[str, str] = field(default_factory=dict)  # {"D-14": "jour_meme"}
    _asked: dict[tuple[str, date, str], InForce | None] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def parse(cls, data: Mapping[str, object]) -> "Law":
        """The law read from a parsed law.toml; raises ValueError (key and reason) at the first mistake."""
        return cls({key: _limit(key, table) for key, table in data.items()})

    def read_with(self, readings: Mapping[str, str]) -> "Law":
        """The same law under the readings chosen."""
        return Law(self.limits, dict(readings))

    def reads(self, point: str, reading: str) -> bool:
        """True when that reading of a point was chosen; False for a law that nobody chose readings of."""
        return self.readings.get(point) == reading

    def in_force(self, key: str, day: date, tier: str) -> InForce | None:
        """The value of `key` that holds on `day` for `tier` (TOUS: the value common to all levels).

        None when no value is recorded for that day or that level. Raises ValueError for an unknown key.
        """
        asked = (key, day, tier)
        if asked not in self._asked:
            self._asked[asked] = self._look_up(key, day, tier)
        return self._asked[asked]

    def _look_up(self, key: str, day: date, tier: str) -> InForce | None:
        limit = self.limits.get(key)
        if limit is None:
            raise ValueError(f"« {key} » : valeur inconnue ; clés connues : {', '.join(self.limits)}.")
        dated = next((d for d in reversed(limit.history) if d.since <= day), None)
        if dated is None:
            return None
        value = _for_tier(dated.values, tier)
        return None if value is None else _in_force(limit, dated, tier=tier, value=value)

    def with_parameter(
        self,
        key: str,
        typed: str,
        *,
        tier: str = "",
        since: date | None = None,
        until: date | None = None,
        source: str = "",
    ) -> "Law":
        """The law in which a parameter, one that no text fixes, has another value for a while.

        tier: "" for every level. since, until: inclusive; from the first value on, for ever, when they are None.
        Raises ValueError for an unknown key, a number that a text fixes, or a value of another kind.
        """
        limit = self.limits.get(key)
        choices = [name for name, found in self.limits.items() if found.origin is Origin.PARAMETRE]
        if limit is None or limit.origin is not Origin.PARAMETRE:
            why = "est fixé par un texte" if limit else "n'existe pas"
            raise ValueError(f"« {key} » {why} ; paramètres possibles : {', '.join(choices)}.")
        value = _typed_like(limit, typed)
        changed = replace(limit, history=_changed(limit, value, tier or EVERY_TIER, since, until, source))
        return Law({**self.limits, key: changed}, self.readings)


def _typed_like(limit: Limit, typed: str) -> int | float:
    """A number typed by staff, whole unless the limit is a share."""
    share = any(isinstance(value, float) for dated in limit.history for value in dated.values.values())
    if typed.isdigit() and not share:
        return int(typed)
    if share and re.fullmatch(r"[01]([.,]\d+)?", typed):
        return float(typed.replace(",", "."))
    raise ValueError(f"« {typed} » n'est pas {'une part, comme 0,9' if share else 'un nombre entier'}.")


def _changed(
    limit: Limit, value: int | float, tier: str, since: date | None, until: date | None, source: str
) -> tuple[Dated, ...]:
    """A limit's history with another value over a period; after it, what would have held by then."""
    start = max(since or limit.history[0].since, limit.history[0].since)
    if until and until < start:
        return limit.history
    held = _held(limit, start)
    values = {tier: value} if tier == EVERY_TIER else {**held.values, tier: value}
    changed = replace(
        held, since=start, values=values, citations={EVERY_TIER: source or "onglet Paramètres du registre"}
    )
    before = [dated for dated in limit.history if dated.since < start]
    if until is None:
        return (*before, changed)
    back = until + timedelta(days=1)
    after = [dated for dated in limit.history if dated.since > back]
    return (*before, changed, replace(_held(limit, back), since=back), *after)


def _held(limit: Limit, day: date) -> Dated:
    """What holds on a day that isn't before the first value."""
    return [dated for dated in limit.history if dated.since <= day][-1]


def _for_tier(table: Mapping[str, _T], tier: str) -> _T | None:
    return table.get(tier, table.get(EVERY_TIER))


def _in_force(limit: Limit, dated: Dated, *, tier: str, value: Value) -> InForce:
    citation, unit = _for_tier(dated.citations, tier), _for_tier(limit.units, tier)
    assert citation is not None, "refused by parse"
    assert unit is not None, "refused by parse"
    return InForce(
        key=limit.key,
        value=value,
        unit=unit,
        citation=citation,
        confidence=limit.confidence,
        origin=limit.origin,
        since=dated.since,
        verified_on=dated.verified_on,
    )


def _limit(key: str, raw: object) -> Limit:
    table = _table(raw, key)
    _check_keys(table, _LIMIT_KEYS, where=key)
    limit = Limit(
        key=key,
        title=_text(table["titre"], f"{key}.titre"),
        units=_units(table["unite"], f"{key}.unite"),
        counted_from=_text(table["counted_from"], f"{key}.counted_from"),
        origin=_choice(table["origine"], Origin, f"{key}.origine"),
        confidence=_choice(table["confiance"], Confidence, f"{key}.confiance"),
        history=_history(table["valeurs"], f"{key}.valeurs"),
    )
    for dated in limit.history:
        _check_covered(limit, dated)
    return limit


def _units(raw: object, where: str) -> Mapping[str, Unit]:
    return {tier: _choice(unit, Unit, where) for tier, unit in _by_tier(raw, where).items()}


def _history(raw: object, where: str) -> tuple[Dated, ...]:
    if not isinstance(raw, list) or not raw:
        raise ValueError(f"{where} : au moins un bloc [[{where}]] est attendu.")
    history = tuple(_dated(item, f"{where} n° {rank}") for rank, item in enumerate(raw, start=1))
    for earlier, later in pairwise(history):
        if later.since <= earlier.since:
            raise ValueError(
                f"{where} : {later.since} vient après {earlier.since} ; rangez les blocs de la date la plus "
                "ancienne à la plus récente, chaque date une seule fois."
            )
    return history


def _dated(raw: object, where: str) -> Dated:
    table = _table(raw, where)
    _check_keys(table, _DATED_KEYS, where=where)
    values = _by_tier(table["valeur"], f"{where}.valeur")
    citations = _by_tier(table["citation"], f"{where}.citation")
    return Dated(
        since=_day(table["depuis"], f"{where}.depuis"),
        values={tier: _value(value, f"{where}.valeur") for tier, value in values.items()},
        citations={tier: _text(text, f"{where}.citation") for tier, text in citations.items()},
        verified_on=_day(table["verified_on"], f"{where}.verified_on"),
    )


def _check_covered(limit: Limit, dated: Dated) -> None:
    for tier in dated.values:
        if _for_tier(dated.citations, tier) is None:
            raise ValueError(f"{limit.key}.valeurs ({dated.since}) : la citation manque pour {tier}.")
        if _for_tier(limit.units, tier) is None:
            raise ValueError(f"{limit.key}.unite : l'unité manque pour {tier}.")


def _by_tier(raw: object, where: str) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        return {EVERY_TIER: raw}
    if not raw:
        raise ValueError(f"{where} : table vide.")
    for tier in raw:
        if tier not in (*TIERS, EVERY_TIER):
            raise ValueError(
                f"{where} : niveau « {tier} » inconnu ; niveaux admis : {', '.join((*TIERS, EVERY_TIER))}."
            )
    return raw


def _check_keys(table: Mapping[str, object], expected: Iterable[str], *, where: str) -> None:
    for name in expected:
        if name not in table:
            raise ValueError(f"{where} : la clé « {name} » manque.")
    for name in table:
        if name not in expected:
            raise ValueError(f"{where} : clé « {name} » inconnue ; clés admises : {', '.join(expected)}.")


def _table(raw: object, where: str) -> Mapping[str, object]:
    if isinstance(raw, Mapping):
        return raw
    raise ValueError(f"{where} : une table est attendue, pas {raw!r}.")


def _text(raw: object, where: str) -> str:
    if isinstance(raw, str) and raw.strip():
        return raw
    raise ValueError(f"{where} : un texte non vide est attendu, pas {raw!r}.")


def _day(raw: object, where: str) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    raise ValueError(f"{where} : une date sans guillemets ni heure est attendue (2015-07-23), pas {raw!r}.")


def _value(raw: object, where: str) -> Value:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and raw >= 0:
        return raw
    if isinstance(raw, list) and raw and all(type(item) is int and item >= 0 for item in raw):
        return tuple(raw)
    raise ValueError(f"{where} : un nombre positif ou une liste de nombres entiers est attendu, pas {raw!r}.")


def _choice(raw: object, kind: type[_E], where: str) -> _E:
    for member in kind:
        if raw == member.value:
            return member
    raise ValueError(f"{where} : {raw!r} n'est pas admis ; valeurs admises : {', '.join(kind)}.")
