"""What a request resembles: rows of the registry, and other requests that wait. Pure.

A row is pointed out for two reasons at least (one council and one partner, one agreement and near dates…), told with it. What
is unknown contradicts nothing, and is no reason. Nothing is concluded: staff look before they accept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.designation import Designations
from cdi_sync.forms.submission import Lookalike, Proposal
from cdi_sync.forms.understanding import linked_row, named_in
from cdi_sync.model import Registry, Row, Tab, Value
from cdi_sync.names import name_key

REQUESTS = "demandes"
_TITLES = ("intitule", "objet", "quoi_activite")
_NEAR_DAYS = 31  # parametre: between two days of one thing, as lists taken over are compared
_MOST = 5  # parametre: rows pointed out
_NEAR_NAME = 0.85  # parametre: of the letters of a partner's name; names.NEAR takes Lyon for Dijon among long lists
_NEAR_TITLE = 0.75  # parametre: share of the words of two titles that are in both


@dataclass(frozen=True)
class _Facts:
    """What tells a case from another. row: the one that it asks to complete, "" for a new one."""

    tab: str
    id: str
    title: str
    council: str
    case: str
    row: str
    partner: str
    partner_name: str
    titles: tuple[frozenset[str], ...]  # their words
    days: Mapping[str, date]


class Lookalikes:
    """The rows of a registry and the requests met so far, by what they have in common."""

    def __init__(self, registry: Registry, tabs: Mapping[str, Tab], known: Designations) -> None:
        self._registry, self._tabs, self._known = registry, tabs, known
        self._held: dict[tuple[str, str], list[_Facts]] = defaultdict(list)
        self._read: set[str] = set()

    def wait(self, row: Row, proposal: Proposal, form: Declared) -> None:
        """A request that waits: others may resemble it."""
        facts = self._of_proposal(row.id, proposal, form)
        for group in _groups(facts):
            self._held[group].append(facts)

    def of(self, row: Row, proposal: Proposal, form: Declared) -> tuple[Lookalike, ...]:
        """What a request resembles, the most alike first."""
        if form.is_new and form.tab not in self._read:
            self._read.add(form.tab)
            for held in self._registry[form.tab]:
                if not held.quarantined:
                    facts = self._of_row(held)
                    for group in _groups(facts):
                        self._held[group].append(facts)
        mine = self._of_proposal(row.id, proposal, form)
        others = {id(o): o for group in _groups(mine) for o in self._held[group] if o.id != row.id}
        told = ((tuple(_reasons(mine, other)), other) for other in others.values())
        alike = sorted(
            ((why, o) for why, o in told if len(why) > 1 or mine.row), key=lambda one: (-len(one[0]), one[1].id)
        )
        return tuple(
            Lookalike(REQUESTS if o.id.startswith(_PREFIX) else o.tab, o.id, o.title, why) for why, o in alike[:_MOST]
        )

    def _of_row(self, row: Row) -> _Facts:
        partner = self._known.row("partenaires", row.text("partenaire")) if row["partenaire"] else None
        return _facts(row.tab, row.id, row.values, row.text("partenaire"), partner.text("nom") if partner else "", "")

    def _of_proposal(self, id_: str, proposal: Proposal, form: Declared) -> _Facts:
        own = {q.column.key: proposal.values[key] for key, q in form.questions.items()
               if q.tab == form.tab and key in proposal.values}  # fmt: skip
        target = "" if form.is_new else str(own.get("id", ""))
        partner, name = str(own.get("partenaire", "")), ""
        for column, tab in form.links.items():
            if column == "partenaire":
                partner = linked_row(form, tab, proposal.values, self._tabs, self._known).id
                questions = named_in(form, self._tabs[tab])
                name = next((str(proposal.values[q.key]) for q in questions if q.key in proposal.values), "")
        if partner and (row := self._known.row("partenaires", partner)):
            name = row.text("nom")
        return _facts(form.tab, id_, own, partner, name, target)


_PREFIX = "DEM-"


def _facts(tab: str, id_: str, values: Mapping[str, Value], partner: str, partner_name: str, row: str) -> _Facts:
    titles = [str(values[key]) for key in _TITLES if values.get(key)]
    return _Facts(
        tab=tab, id=id_, title=titles[0] if titles else "", council=str(values.get("collectivite", "")),
        case=str(values.get("id_acte", "")), row=row, partner=partner, partner_name=name_key(partner_name) if partner_name else "",
        titles=tuple(frozenset(name_key(title).split()) for title in titles),
        days={key: v for key, v in values.items() if isinstance(v, date)},
    )  # fmt: skip


def _groups(facts: _Facts) -> Iterable[tuple[str, str]]:
    """What another must share with it to be compared: one council, one agreement, one row; its partner without a council."""
    if facts.row:
        return [(facts.tab, f"ligne {facts.row}")]
    owner = facts.council or facts.case
    return [(facts.tab, owner)] if owner else [(facts.tab, f"nom {facts.partner_name}")]


def _reasons(one: _Facts, other: _Facts) -> Iterator[str]:
    if one.row:
        yield "concerne la même ligne"
        return
    if one.council and one.council == other.council:
        yield "même collectivité"
    if one.case and one.case == other.case:
        yield "même acte"
    if one.partner and one.partner == other.partner:
        yield "même partenaire"
    elif one.partner_name and other.partner_name and _is_near_name(*sorted((one.partner_name, other.partner_name))):
        yield "partenaire de même nom ou de nom proche"
    if any(_is_near_title(mine, theirs) for mine in one.titles for theirs in other.titles):
        yield "intitulé ou objet proche"
    for key, day in one.days.items():
        there = other.days.get(key)
        if there and abs((day - there).days) <= _NEAR_DAYS:
            yield f"dates proches ({day:%d/%m/%Y} et {there:%d/%m/%Y})"
            return


@lru_cache(maxsize=100_000)
def _is_near_name(one: str, other: str) -> bool:
    """True for the words of the other and more, or for nearly its letters; another number is another name."""
    words = set(one.split()), set(other.split())
    if words[0] <= words[1] or words[1] <= words[0]:
        return True
    if _digits(one) != _digits(other):
        return False
    compared = SequenceMatcher(None, one, other)
    return all(ratio() >= _NEAR_NAME for ratio in (compared.real_quick_ratio, compared.quick_ratio, compared.ratio))


@lru_cache(maxsize=10_000)
def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _is_near_title(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _NEAR_TITLE * len(one | other)
