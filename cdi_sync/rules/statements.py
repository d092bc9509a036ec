"""What the guide says beside the 236 rules: statements that no machine can check, and points settled without a setting.

Data: `config/hors_controle.toml` and `config/choix_documentes.toml`, in our own words. Pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cdi_sync.errors import ConfigError


@dataclass(frozen=True)
class Statement:
    """A sentence of the guide that no machine can check: what it says, why not, and what is offered in its place.

    source: where the guide says it. rules: those of the catalogue that come near it.
    """

    id: str
    source: str
    says: str
    why: str
    instead: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A point on which the software has chosen without leaving a setting: what it chose, why, the rules concerned."""

    id: str
    title: str
    chosen: str
    why: str
    rules: tuple[str, ...]


def parse_statement(id_: str, data: Mapping[str, Any], known: Collection[str]) -> Statement:
    """One table of hors_controle.toml. known: the rules. Raises ConfigError naming the table."""
    _check(data, ("source", "dit", "pourquoi", "a_la_place", "regles"), known, f"hors_controle.toml [{id_}]")
    return Statement(id_, data["source"], data["dit"], data["pourquoi"], data["a_la_place"], tuple(data["regles"]))


def parse_choice(id_: str, data: Mapping[str, Any], known: Collection[str]) -> Choice:
    """One table of choix_documentes.toml. known: the rules. Raises ConfigError naming the table."""
    _check(data, ("titre", "choix", "pourquoi", "regles"), known, f"choix_documentes.toml [{id_}]")
    return Choice(id_, data["titre"], data["choix"], data["pourquoi"], tuple(data["regles"]))


def _check(data: Mapping[str, Any], keys: tuple[str, ...], known: Collection[str], where: str) -> None:
    missing = [key for key in keys if not data.get(key) and key != "regles"]
    strangers = [key for key in data if key not in keys]
    unknown = [rule for rule in data.get("regles", ()) if rule not in known]
    if missing or strangers or unknown:
        raise ConfigError(
            "Cette déclaration ne convient pas.",
            where=where,
            why=f"à revoir : {', '.join([*missing, *strangers, *unknown])}",
            fix=f"Clés attendues : {', '.join(keys)} ; « regles » nomme des règles qui existent.",
        )
