"""The programmes that cofinance projects through calls: what is known of each version, and where it is said. Pure.

Data of `config/programmes.toml`, which an installation may overlay. A fact that isn't there is unknown: None. Periods
include both their days. Amounts of the Moroccan envelope are in dirhams. Source: guide, axe 2 §2-b, 4e étape, cas 3.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from cdi_sync.law import Confidence
from cdi_sync.model import Case
from cdi_sync.text import fold

T = TypeVar("T")
_PROGRAMME_KEYS = {"titre", "noms", "pilote", "composantes", "organes", "versions"}
_VERSION_FACTS: Mapping[str, tuple[type, ...]] = {
    "debut": (date,), "fin": (date,), "enveloppe_ma": (int, float), "enveloppe_partenaire": (int, float),
    "devise_partenaire": (str,), "part_ma": (int, float),
}  # fmt: skip
_VERSION_KEYS = {*_VERSION_FACTS, "regles", "thematiques"}


@dataclass(frozen=True)
class Fact(Generic[T]):
    """Something known, who says it, and how sure that is."""

    value: T
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Themes:
    """The themes of a version from a day on. names: empty when nobody has entered them; count: how many there are."""

    since: date
    count: int | None
    names: tuple[str, ...]
    source: str
    confidence: Confidence

    def include(self, typed: str) -> bool:
        """True when one of them is so called, whole or by what stands before its colon; accents and case don't count."""
        wanted = _words(typed)
        return any(wanted in (_words(name), _words(name.partition(":")[0])) for name in self.names)


@dataclass(frozen=True)
class Version:
    """One edition of a programme. ends: None while it is open. rules: those whose rates hold for it."""

    label: str
    begins: Fact[date]
    ends: Fact[date] | None = None
    home_envelope: Fact[float] | None = None  # dirhams
    partner_envelope: Fact[float] | None = None  # in partner_currency
    partner_currency: Fact[str] | None = None
    home_share: Fact[float] | None = None  # of each grant, what the Moroccan envelope pays: between 0 and 1
    rules: tuple[str, ...] = ()
    themes: tuple[Themes, ...] = ()  # in order of their days

    def covers(self, day: date) -> bool:
        """True from its first day to its last, both included."""
        return self.begins.value <= day and (self.ends is None or day <= self.ends.value)

    def themes_on(self, day: date) -> Themes | None:
        """The themes that held on that day; None when nothing is known of them."""
        return next((themes for themes in reversed(self.themes) if themes.since <= day), None)


@dataclass(frozen=True)
class Programme:
    """A programme. names: what the « Programme » column may hold to designate it."""

    code: str
    title: str
    names: tuple[str, ...]
    versions: tuple[Version, ...]  # in order of their first days
    lead: Fact[str] | None = None
    components: Fact[list[str]] | None = None
    bodies: Fact[list[str]] | None = None


class Asked(NamedTuple):
    """What a cell designates: a programme, and the one version that it names, if any."""

    programme: Programme
    version: Version | None

    def on(self, day: date) -> Version | None:
        """The version named if it holds on that day; else, of those that hold, the one that began last."""
        candidates = [self.version] if self.version else self.programme.versions
        return next((version for version in reversed(candidates) if version.covers(day)), None)


class Grant(NamedTuple):
    """A subsidy granted: under which version, and what the Moroccan envelope has paid with it and those before it."""

    version: Version
    paid: float  # dirhams
    envelope: float  # dirhams


@dataclass(frozen=True, eq=False)
class Programmes:
    """Every programme, by code."""

    by_code: Mapping[str, Programme] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Programmes":
        """The programmes of a parsed programmes.toml. Raises ValueError naming the key that doesn't suit."""
        return cls({code: _programme(code, table) for code, table in data.items()})

    def read(self, typed: str) -> Asked | None:
        """What « Programme » designates: "FRMA", "Frma 2019-2021", "Fonds africain"…; None for another programme."""
        words = f"{_words(typed)} "
        for programme in self.by_code.values():
            for name in sorted(programme.names, key=len, reverse=True):
                if words.startswith(f"{_words(name)} "):
                    rest = words.removeprefix(f"{_words(name)} ").strip()
                    version = next((v for v in programme.versions if rest == _words(v.label)), None)
                    return Asked(programme, version)
        return None


def granted(cases: Iterable[Case], programmes: Programmes) -> Mapping[str, Grant]:
    """Agreement → its grant, for those retained under a version whose Moroccan envelope is known.

    Grants add up by the day of their result, then by identifier. The version is that of the day the file was sent.
    """
    by_version: dict[Version, list[tuple[date, str, float]]] = defaultdict(list)
    for case in cases:
        act = case.act
        asked = programmes.read(act.text("programme")) if act["programme"] else None
        sent, amount = act.day("date_transmission_dossier"), act.number_of("subvention_accordee")
        version = asked.on(sent) if asked and sent else None
        if amount and version and version.home_envelope and version.home_share and act["resultat_appel"] == "RETENU":
            day = act.day("date_resultat_appel") or date.max
            by_version[version].append((day, case.id, amount * version.home_share.value))
    found: dict[str, Grant] = {}
    for version, grants in by_version.items():
        assert version.home_envelope, "only versions whose envelope is known are added up"
        paid = 0.0
        for _, id_, amount in sorted(grants):
            paid += amount
            found[id_] = Grant(version, paid, version.home_envelope.value)
    return found


# ------------------------------------------------------------------------------------------------------ parsing


def _words(text: str) -> str:
    """Folded, with nothing but words: "FRMA-2019-2021" and « frma 2019 2021 » are one."""
    return " ".join(re.findall(r"\w+", fold(text)))


def _programme(code: str, table: Mapping[str, Any]) -> Programme:
    _check_keys(table, _PROGRAMME_KEYS, {"titre", "noms", "versions"}, code)
    versions = [_version(label, data, f"{code}.versions.{label}") for label, data in table["versions"].items()]
    return Programme(
        code=code,
        title=table["titre"],
        names=tuple(table["noms"]),
        versions=tuple(sorted(versions, key=lambda version: version.begins.value)),
        lead=_fact(table, "pilote", (str,), code),
        components=_fact(table, "composantes", (list,), code),
        bodies=_fact(table, "organes", (list,), code),
    )


def _version(label: str, table: Mapping[str, Any], where: str) -> Version:
    _check_keys(table, _VERSION_KEYS, {"debut"}, where)
    facts = {key: _fact(table, key, kinds, where) for key, kinds in _VERSION_FACTS.items()}
    begins, ends = facts["debut"], facts["fin"]
    assert begins, "debut is one of the keys that are asked for"
    if ends and ends.value < begins.value:
        raise ValueError(f"{where} : la fin précède le début.")
    themes = [_themes(item, f"{where}.thematiques") for item in table.get("thematiques", ())]
    return Version(
        label=label,
        begins=begins,
        ends=ends,
        home_envelope=facts["enveloppe_ma"],
        partner_envelope=facts["enveloppe_partenaire"],
        partner_currency=facts["devise_partenaire"],
        home_share=facts["part_ma"],
        rules=tuple(table.get("regles", ())),
        themes=tuple(sorted(themes, key=lambda item: item.since)),
    )


def _fact(table: Mapping[str, Any], key: str, kinds: tuple[type, ...], where: str) -> Fact[Any] | None:
    if key not in table:
        return None
    fact = table[key]
    if not isinstance(fact, Mapping):
        raise ValueError(f"{where}.{key} : écrire {{ valeur = …, source = « … », confiance = « … » }}.")
    _check_keys(fact, {"valeur", "source", "confiance"}, {"valeur", "source", "confiance"}, f"{where}.{key}")
    if not isinstance(fact["valeur"], kinds) or isinstance(fact["valeur"], bool | datetime):
        raise ValueError(f"{where}.{key} : {fact['valeur']!r} n'est pas une valeur de ce genre.")
    return Fact(fact["valeur"], fact["source"], _confidence(fact["confiance"], f"{where}.{key}"))


def _themes(table: Mapping[str, Any], where: str) -> Themes:
    _check_keys(table, {"depuis", "nombre", "liste", "source", "confiance"}, {"depuis", "source", "confiance"}, where)
    names, count = tuple(table.get("liste", ())), table.get("nombre")
    if names and count is not None and len(names) != count:
        raise ValueError(f"{where} : la liste a {len(names)} thèmes, nombre dit {count}.")
    return Themes(table["depuis"], count, names, table["source"], _confidence(table["confiance"], where))


def _confidence(raw: object, where: str) -> Confidence:
    if not isinstance(raw, str) or raw not in (Confidence.CONFIRMED, Confidence.TO_CHECK):
        raise ValueError(f"{where} : confiance = {raw!r} ; valeurs admises : confirme, a_verifier.")
    return Confidence(raw)


def _check_keys(table: Mapping[str, Any], allowed: set[str], needed: set[str], where: str) -> None:
    if missing := needed - set(table):
        raise ValueError(f"{where} : il manque {', '.join(sorted(missing))}.")
    if unknown := set(table) - allowed:
        raise ValueError(f"{where} : clé inconnue {', '.join(sorted(unknown))}.")
