"""What a form asks: fields of the registry, in order, by sections. Declared once in `config/forms/*.toml`. Pure.

The texts are French and are the msgids of `config/langues/CODE/formulaires.po`. Identifiers follow the field's name alone, so
that a new wording or another order breaks no form already handed out.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cdi_sync.model import CORE, Column, Tab

SENDER = "demandeur"
PIECES = "pieces_clauses"
_SENDERS = {
    "nom": Column("nom", "Votre nom", "Prénom et nom de la personne qui remplit ce formulaire.", required=True),
    "courriel": Column("courriel", "Votre adresse de courriel", "Adresse à laquelle le service répondra.", type="email", required=True),
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """Asked only when another question, by its key, has one of these values."""

    question: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question. key: « colonne », « onglet.colonne », or « pieces_clauses.colonne:CODE » for a line of a checklist.

    tab: of the row that it fills; "demandeur" for who answers. column: how the answer is typed, checked and offered.
    """

    key: str
    tab: str
    column: Column
    title: str
    help: str
    required: bool
    piece: str = ""
    when: Condition | None = None

    @property
    def has_choices(self) -> bool:
        """True when the answer is one of the column's categories."""
        return bool(self.column.categories)


@dataclass(frozen=True)
class Section:
    """A page of a form. help: "" for none."""

    title: str
    help: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Declared:
    """A form. tab: where an accepted answer becomes a row; is_new: a row more, else one that its question « id » names.

    fixed: column → value that the new row bears unasked. links: column of the tab → tab whose row is found by its name, or
    added.
    """

    name: str
    title: str
    intro: str
    thanks: str
    tab: str
    is_new: bool
    sections: tuple[Section, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Key → question, in the order in which they are asked."""
        return {question.key: question for section in self.sections for question in section.questions}

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that name the form for ever."""
        return stable_id(self.name)

    def id_of(self, question: str) -> str:
        """Eight hexadecimal digits that name a question, by its key, for ever."""
        return stable_id(self.name, question)


def modules_of(form: Declared, tabs: Mapping[str, Tab]) -> frozenset[str]:
    """The modules without which its answers have no place: those of its tabs and columns, the core apart."""
    asked = [tabs[q.tab] for q in form.questions.values() if q.tab != SENDER]
    needed = {tab.module for tab in (tabs[form.tab], *asked)} | {q.column.module for q in form.questions.values()}
    return frozenset(needed - {"", CORE})


def stable_id(*names: str) -> str:
    """Eight hexadecimal digits of that name, as Google's Forms take them."""
    return hashlib.sha256("|".join(names).encode()).hexdigest()[:8]


def parse_form(data: Mapping[str, Any], tabs: Mapping[str, Tab]) -> Declared:
    """A form as declared. Raises KeyError, ValueError: in French, what doesn't fit."""
    tab, is_new = tabs[data["onglet"]], {"nouvelle": True, "existante": False}[data["ligne"]]
    links = dict(data.get("liens", {}))
    for column, linked in links.items():
        if tab.column(column).reference != linked:
            raise ValueError(f"liens : la colonne {column} ne désigne pas une ligne de {linked}")
    for column in data.get("fixes", {}):
        tab.column(column)
    sections = tuple(
        Section(one["titre"], one.get("aide", ""), tuple(_question(q, tab, tabs, links) for q in one["questions"]))
        for one in data["sections"]
    )
    form = Declared(
        data["nom"], data["titre"], data["presentation"], data["merci"], tab.name, is_new, sections,
        dict(data.get("fixes", {})), links,
    )  # fmt: skip
    for fault in _faults(form):
        raise ValueError(fault)
    return form


def _question(data: Mapping[str, Any], own: Tab, tabs: Mapping[str, Tab], links: Mapping[str, str]) -> Question:
    name, column_key = data["champ"].rpartition(".")[::2]
    if name == SENDER:
        column = _SENDERS[column_key]
    elif name in ("", *links.values(), PIECES):
        column = (tabs[name] if name else own).column(column_key)
    else:
        raise ValueError(f"champ {data['champ']} : {name} n'est ni lié, ni {PIECES}, ni {SENDER}")
    if "choix" in data:
        column = _offering(column, data["choix"], data["champ"])
    piece = data.get("piece", "")
    when = data.get("si")
    return Question(
        key=f"{data['champ']}:{piece}" if piece else data["champ"],
        tab=name or own.name,
        column=column,
        title=data.get("titre", column.title),
        help=data.get("aide", column.description),
        required=data.get("obligatoire", column.required),
        piece=piece,
        when=Condition(when["champ"], tuple(when["vaut"])) if when else None,
    )


def _offering(column: Column, values: Sequence[str], field: str) -> Column:
    """The column with only those of its choices, in that order. Raises ValueError for another value."""
    known = {category.value: category for category in column.categories}
    if strangers := [value for value in values if value not in known]:
        raise ValueError(f"champ {field} : « choix » parle d'une valeur inconnue ({', '.join(strangers)})")
    return replace(column, categories=tuple(known[value] for value in values))


def _faults(form: Declared) -> Iterator[str]:
    """What would make a form that can't be filled in, or an answer that can't be used."""
    asked: Sequence[str] = [question.key for section in form.sections for question in section.questions]
    yield from (f"champ {key} : demandé deux fois" for key in dict.fromkeys(asked) if asked.count(key) > 1)
    for needed in (f"{SENDER}.nom", f"{SENDER}.courriel", *(() if form.is_new else ("id",))):
        if needed not in asked:
            yield f"il manque la question {needed}"
    for at, key in enumerate(asked):
        question = form.questions[key]
        if question.column.is_system and key != "id":
            yield f"champ {key} : cette colonne est remplie par le logiciel"
        if (question.tab == PIECES) != bool(question.piece):
            yield f"champ {key} : « piece » va avec {PIECES}, et elle seule"
        if question.when is None:
            continue
        if question.when.question not in asked[:at]:
            yield f"champ {key} : « si » parle d'une question qui ne vient pas avant"
        else:
            known = {category.value for category in form.questions[question.when.question].column.categories}
            if strangers := [value for value in question.when.values if value not in known]:
                yield f"champ {key} : « si » parle d'une valeur inconnue ({', '.join(strangers)})"
