"""Who a list speaks of: the registry's council and partner that a text designates, or why none can be told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdi_sync.model import Registry, Row, Value
from cdi_sync.names import name_key, nearest, place_key
from cdi_sync.reference.councils import named
from cdi_sync.text import clean, fold

_TIER_WORDS = {
    "region": "REGION",
    "regional": "REGION",
    "prefecture": "PREFECTURE",
    "province": "PROVINCE",
    "provincial": "PROVINCE",
    "commune": "COMMUNE",
    "communal": "COMMUNE",
    "ville": "COMMUNE",
    "municipalite": "COMMUNE",
}


class Councils:
    """The registry's councils, by number, official code or name."""

    def __init__(self, registry: Registry) -> None:
        self._rows = [row for row in registry["collectivites"] if not row.quarantined]
        self._found: dict[str, tuple[str, str]] = {}  # a list repeats its councils

    def find(self, text: str) -> tuple[str, str]:
        """(identifier, "") of the one council that a text designates, or ("", why)."""
        if text not in self._found:
            self._found[text] = self._look_for(text)
        return self._found[text]

    def _look_for(self, text: str) -> tuple[str, str]:
        if not text:
            return "", "la collectivité n'est pas indiquée"
        exact = [row for row in self._rows if fold(text) in (fold(row.id), fold(row.text("code_hcp")))]
        found = exact or self._called(text)
        if len(found) == 1:
            return found[0].id, ""
        if found:
            told = ", ".join(f"{row.id} {row.text('nom_fr')}" for row in found)
            return "", f"« {text} » désigne plusieurs collectivités ({told}) : donner le numéro ou le code HCP"
        return "", f"« {text} » n'est pas dans l'onglet Collectivités{self._hint(text)} : l'y inscrire d'abord"

    def _called(self, text: str) -> Sequence[Row]:
        wanted = place_key(text)
        found = [
            row for row in self._rows if wanted in {place_key(row.text(k)) for k in ("nom_fr", "nom_ar") if row[k]}
        ]
        tiers = {tier for word, tier in _TIER_WORDS.items() if word in fold(text).split()}
        return [row for row in found if row["niveau"] in tiers] or found if len(found) > 1 else found

    def _hint(self, text: str) -> str:
        ids = {row.text(key): row.id for row in self._rows for key in ("nom_fr", "nom_ar") if row[key]}
        near = [f"{ids[name]} {name}" for name in nearest(text, ids, 2, place_key)]
        if near:
            return f" (proches : {', '.join(near)})"
        listed = [council.in_words for council in named(text)]
        return f" (liste du HCP : {', '.join(listed)})" if listed else ""


@dataclass(frozen=True)
class KnownPartner:
    """id: the row that holds the partner, "" when it is new. why: when it can't be told which one it is."""

    key: tuple[str, str]
    id: str = ""
    why: str = ""


class Partners:
    """The registry's partners, and those that the import adds, by number, or by name and country."""

    def __init__(self, registry: Registry) -> None:
        rows = [row for row in registry["partenaires"] if not row.quarantined]
        self._rows: Mapping[str, Row] = {row.id: row for row in rows}
        self._named: dict[str, list[tuple[str, str]]] = {}  # name key → (identifier, country or "")
        for row in rows:
            if row["nom"]:
                self.add(row.id, row.text("nom"), row.text("pays"))

    def add(self, id_: str, name: str, country: str) -> None:
        """Remembers a partner. Two spellings of one name are one."""
        self._named.setdefault(name_key(name), []).append((id_, country))

    def find(self, text: str, country: str) -> KnownPartner:
        """The one partner of that number, or of that name whose country doesn't contradict."""
        key = (name_key(text), country)
        if clean(text).upper() in self._rows:
            return KnownPartner(key, id=clean(text).upper())
        if re.fullmatch(r"PAR-\d+", clean(text).upper()):
            return KnownPartner(key, why=f"{clean(text)} n'est le numéro d'aucun partenaire du registre")
        named = self._named.get(key[0], [])
        same = [id_ for id_, known in named if known == country]
        compatible = same or [id_ for id_, known in named if not (known and country)]
        if len(compatible) > 1:
            return KnownPartner(
                key, why=f"« {text} » désigne plusieurs partenaires ({', '.join(compatible)}) : donner le numéro"
            )
        return KnownPartner(key, id=compatible[0] if compatible else "")

    def held(self, id_: str, key: str) -> Value | None:
        """What a row of the registry holds in a column; None when it is empty."""
        return self._rows[id_][key] if id_ in self._rows else None
