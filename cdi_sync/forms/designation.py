"""Which row of the registry a text designates: by its number, an official code, or a name that only one row has. Pure.

Several rows or none: nothing is chosen, and the rows that it may stand for are proposed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from cdi_sync.model import Registry, Row, Tab
from cdi_sync.names import name_key, nearest, place_key
from cdi_sync.text import clean, fold

_LONGEST_NAME = 200  # characters beyond which a text names nothing
_PROPOSED = 3
_KeyOf: TypeAlias = Callable[[str], str]


@dataclass(frozen=True)
class Designated:
    """id: the one row, "" when there isn't one. among: the rows that have that name, when they are several.

    near: those that the text may stand for, as « COL-00001 Fès », the likeliest first. is_number: it is written as a number.
    """

    id: str = ""
    among: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    is_number: bool = False


class Designations:
    """The rows of a registry, by what designates them; each text is looked for once."""

    def __init__(self, registry: Registry, tabs: Mapping[str, Tab]) -> None:
        self._registry, self._tabs = registry, tabs
        self._rows: dict[str, _Named] = {}
        self._found: dict[tuple[str, str], Designated] = {}

    def find(self, tab: str, typed: str) -> Designated:
        """What a text designates in a tab."""
        if (tab, typed) not in self._found:
            self._found[tab, typed] = self._named(tab).find(typed)
        return self._found[tab, typed]

    def linked(self, tab: str, name: str, country: str) -> Designated:
        """The same, among the rows whose country doesn't contradict; "" for any."""
        found = self.find(tab, name)
        ids = [found.id] if found.id else list(found.among)
        rows = [row for id_ in ids if (row := self.row(tab, id_)) and not _contradicts(row, country)]
        same = [row for row in rows if country and row["pays"] == country] or rows
        if len(same) == 1:
            return Designated(id=same[0].id, is_number=found.is_number)
        return Designated(among=tuple(row.id for row in same), near=found.near, is_number=found.is_number)

    def row(self, tab: str, id_: str) -> Row | None:
        """The row of that number."""
        return self._named(tab).by_id.get(id_)

    def title(self, tab: str, id_: str) -> str:
        """« COL-00001 Fès »."""
        return self._named(tab).title(id_)

    def add(self, row: Row) -> None:
        """A row more, that from now on is designated as the others are; or one that has changed."""
        self._named(row.tab).add(row)
        self._found = {place: found for place, found in self._found.items() if place[0] != row.tab}

    def _named(self, tab: str) -> "_Named":
        if tab not in self._rows:
            self._rows[tab] = _Named(self._tabs[tab], self._registry[tab])
        return self._rows[tab]


def _contradicts(row: Row, country: str) -> bool:
    return bool(country and row["pays"] and row["pays"] != country)


class _Named:
    """The rows of one tab."""

    def __init__(self, tab: Tab, rows: Iterable[Row]) -> None:
        self._tab = tab
        # « Province de Fès » isn't « Fès », but may be proposed for it
        self._near_key: _KeyOf = place_key if tab.name == "collectivites" else name_key
        self.by_id: dict[str, Row] = {}
        self._coded: dict[str, set[str]] = {}
        self._exact: dict[str, set[str]] = {}
        self._called: dict[str, set[str]] = {}
        self._names: dict[str, str] | None = None  # name → number, once it is asked for
        for row in rows:
            if not row.quarantined:
                self.add(row)

    def add(self, row: Row) -> None:
        self.by_id[row.id] = row
        self._names = None
        for key in self._tab.keys:
            self._note(self._coded, fold(row.text(key)), row.id)
        for key in self._tab.names:
            self._note(self._exact, fold(row.text(key)), row.id)
            self._note(self._called, name_key(row.text(key)) if row[key] else "", row.id)

    @staticmethod
    def _note(index: dict[str, set[str]], key: str, id_: str) -> None:
        if key:
            index.setdefault(key, set()).add(id_)

    def title(self, id_: str) -> str:
        row = self.by_id.get(id_)
        names = [row.text(key) for key in self._tab.names if row[key]] if row else []
        return f"{id_} {names[0]}" if names else id_

    def find(self, typed: str) -> Designated:
        text = fold(typed)
        first = clean(typed).split(" ")[0].upper() if text else ""
        is_number = first.startswith(f"{self._tab.prefix}-")
        if first in self.by_id:
            return Designated(id=first, is_number=True)
        if is_number or not text or len(text) > _LONGEST_NAME:
            return Designated(is_number=is_number)
        for index, key in ((self._coded, text), (self._exact, text), (self._called, name_key(typed))):
            if ids := sorted(index.get(key, ())):
                return Designated(id=ids[0]) if len(ids) == 1 else Designated(among=tuple(ids), near=self._titles(ids))
        return Designated(near=self._near(typed))

    def _titles(self, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.title(id_) for id_ in ids[:_PROPOSED])

    def _near(self, typed: str) -> tuple[str, ...]:
        if self._names is None:
            self._names = {row.text(key): row.id for row in self.by_id.values() for key in self._tab.names if row[key]}
        ids = self._names
        found = nearest(typed, sorted(ids), _PROPOSED, self._near_key)
        return self._titles(tuple(dict.fromkeys(ids[name] for name in found)))
