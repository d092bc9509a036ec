"""The words by which reminders are answered, in each language, as `config/reponses.toml` lists them. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cdi_sync.errors import ConfigError
from cdi_sync.text import fold


class Verb(StrEnum):
    """What an answer says, as the ledger keeps it."""

    DONE = "fait"  # the thing is done, on a day
    PUT_OFF = "reporter"  # reminders are put off until a day
    SEEN = "vu"  # somebody takes care of it


_LISTS = (*Verb, "liaison", "jours", "politesse", "negation", "coupure", "auteur", "auteur_dedans", "entete")


@dataclass(frozen=True)
class Words:
    """Each list folded, the longest first. buttons: verb → language → the word that buttons write, as it is spelt."""

    verbs: tuple[tuple[str, Verb], ...]
    links: tuple[str, ...]
    days: tuple[str, ...]
    polite: tuple[str, ...]
    negations: frozenset[str]
    cuts: tuple[str, ...]
    authors: tuple[str, ...]
    authors_inside: tuple[str, ...]
    headers: frozenset[str]
    buttons: Mapping[Verb, Mapping[str, str]]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Words":
        """The tables of `config/reponses.toml`. Raises ConfigError naming the table that doesn't suit."""
        for name in _LISTS:
            if not _is_list(data.get(name)):
                raise ConfigError(
                    "Les mots des réponses ne conviennent pas.", where=f"reponses.toml [{name}]",
                    why="il faut, pour chaque langue, une liste de mots",
                    fix="Reprendre la forme des autres listes, ou supprimer votre copie de ce fichier.",
                )  # fmt: skip
        verbs = {word: verb for verb in Verb for word in _folded(data[verb])}
        return cls(
            verbs=tuple(sorted(verbs.items(), key=lambda item: -len(item[0]))),
            links=_folded(data["liaison"]),
            days=_folded(data["jours"]),
            polite=_folded(data["politesse"]),
            negations=frozenset(_folded(data["negation"])),
            cuts=_folded(data["coupure"]),
            authors=_folded(data["auteur"]),
            authors_inside=_folded(data["auteur_dedans"]),
            headers=frozenset(_folded(data["entete"])),
            buttons={verb: {code: words[0] for code, words in data[verb].items()} for verb in Verb},
        )

    def is_header(self, folded: str) -> bool:
        """True for « De : … » and its like, as mail readers write them above what is answered."""
        name, colon, _ = folded.strip("* >").partition(":")
        return bool(colon) and name.strip("* ") in self.headers

    def is_author(self, folded: str) -> bool:
        """True for « Le …, … a écrit : » and its like."""
        return folded.endswith(":") and (
            folded.rstrip(": ").endswith(self.authors) or any(words in folded for words in self.authors_inside)
        )

    def denies(self, folded: str) -> bool:
        """True when a word of it says no, or only in part."""
        return any(
            word in self.negations or word.startswith("n'") for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]*)?", folded)
        )


def _is_list(table: Any) -> bool:
    return isinstance(table, Mapping) and all(
        isinstance(words, list) and all(isinstance(word, str) for word in words) for words in table.values()
    )


def _folded(table: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(sorted(set(_all(table)), key=lambda word: (-len(word), word)))


def _all(table: Mapping[str, list[str]]) -> Iterator[str]:
    for words in table.values():
        yield from map(fold, words)
