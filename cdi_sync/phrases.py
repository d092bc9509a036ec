"""Values that a sentence quotes and that are words themselves: each can be told in French, or in another language. Pure.

`str` tells them in French. Names of values are in braces, as in a text of `config/reminders.toml`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrase:
    """Words of ours around values. text: in French; values: by the names that it has in braces."""

    text: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.text.format(**dict(self.values))


@dataclass(frozen=True)
class Town:
    """A town known by its time zone. name: in French."""

    zone: str
    name: str

    def __str__(self) -> str:
        return self.name
