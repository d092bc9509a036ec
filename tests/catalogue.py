"""`make docs`: where each field of the catalogue lives in the product, or why it was left out; writes docs/champs-du-catalogue.md.

The fields are in config/catalogue/champs.toml, 658 of them: a cell of the catalogue may name several, separated by commas,
and what stands in brackets (values, details) isn't counted. An answer comes from the `catalogue` key of the columns, from
`champs` in pieces.toml, and from config/catalogue/correspondances.toml. tests/test_catalogue.py keeps the page true.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cdi_sync.edges.config import Declarations, data_folder, read_toml
from cdi_sync.model import Column, Tab
from cdi_sync.pieces import TAB as PIECES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "champs-du-catalogue.md"
TO_COME: frozenset[str] = frozenset()  # files of config/ that the registry waits for
KINDS = {
    "lieu": "dans une colonne ou une pièce",
    "calcule": "montrés par le logiciel",
    "configuration": "dans un fichier de configuration",
    "a_venir": "dans un fichier de configuration à venir",
    "ecarte": "écartés",
}
_EVERY_TAB = ("a_corriger", "controle_le")
_ANSWERS = {"colonnes", "pieces", "calcule", "configuration", "ecarte", "note"}


@dataclass(frozen=True)
class Answer:
    """Where one field lives. columns: "tab.column"; pieces: codes of items; the others are alone, "" when they don't apply."""

    columns: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    computed: str = ""
    configured: str = ""
    left_out: str = ""
    note: str = ""

    @property
    def kinds(self) -> Sequence[str]:
        """Its kinds, of KINDS: a good answer has exactly one."""
        to_come = bool(self.configured) and not (data_folder("config") / self.configured).is_file()
        said = {
            "lieu": bool(self.columns or self.pieces),
            "calcule": bool(self.computed),
            "configuration": bool(self.configured) and not to_come,
            "a_venir": to_come,
            "ecarte": bool(self.left_out),
        }
        return [kind for kind, is_said in said.items() if is_said]


@dataclass(frozen=True)
class Catalogue:
    """titles: entity → French title. fields: "ENTITE.champ" → label, in order. answers: for the fields that have one.

    strangers: what the columns, the items and the correspondences call fields and that the catalogue doesn't know.
    named: id of a rule, reminder or indicator → the fields it names. computed: indicators given today.
    """

    titles: Mapping[str, str]
    fields: Mapping[str, str]
    answers: Mapping[str, Answer]
    strangers: Sequence[str] = ()
    named: Mapping[str, Sequence[str]] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()


def load(declared: Declarations) -> Catalogue:
    """The catalogue's fields and what the product says of each."""
    folder = data_folder("config") / "catalogue"
    entities, named = read_toml(folder / "champs.toml"), read_toml(folder / "champs_par_regle.toml")
    fields = {f"{name}.{key}": label for name, entity in entities.items() for key, label in entity["champs"].items()}
    told = read_toml(folder / "correspondances.toml")
    told_by_field = {f"{name}.{key}": answer for name, answers in told.items() for key, answer in answers.items()}
    columns, pieces = _columns_by_field(declared.tabs), _pieces_by_field(declared)
    spoken_of = dict.fromkeys([*fields, *columns, *pieces, *told_by_field])
    answers = {
        name: _answer(columns.get(name, ()), pieces.get(name, ()), told_by_field.get(name, {})) for name in spoken_of
    }
    return Catalogue(
        titles={name: entity["titre"] for name, entity in entities.items()},
        fields=fields,
        answers=answers,
        strangers=[name for name in spoken_of if name not in fields],
        named={**named["regles"], **named["rappels"], **named["indicateurs"]},
        computed=frozenset(named["calcules"]) | _cited_indicators(),
    )


def _columns_by_field(tabs: Mapping[str, Tab]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for tab in tabs.values():
        for column in tab.columns:
            if column.catalogue:
                found[column.catalogue].append(f"{tab.name}.{column.key}")
    return found


def _pieces_by_field(declared: Declarations) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for item in (item for checklist in declared.checklists for item in checklist.items):
        for name in item.catalogue:
            found[name].append(item.code)
    return found


def _answer(columns: Sequence[str], pieces: Sequence[str], told: Mapping[str, Any]) -> Answer:
    assert set(told) <= _ANSWERS, f"clé inconnue : {set(told) - _ANSWERS}"
    return Answer(
        columns=(*columns, *told.get("colonnes", ())),
        pieces=(*pieces, *told.get("pieces", ())),
        computed=told.get("calcule", ""),
        configured=told.get("configuration", ""),
        left_out=told.get("ecarte", ""),
        note=told.get("note", ""),
    )


def _cited_indicators() -> frozenset[str]:
    """Those that the program or its settings call by number."""
    files = [*(ROOT / "cdi_sync").rglob("*.py"), *(ROOT / "jobs").rglob("*.py"), *(ROOT / "config").glob("*.toml")]
    return frozenset(id_ for path in files for id_ in re.findall(r"IND-\d\d", path.read_text(encoding="utf-8")))


def in_use(catalogue: Catalogue, declared: Declarations) -> Mapping[str, Sequence[str]]:
    """Field → what names it among the executable rules, the reminders with their rules, and the indicators given today."""
    rules = {rule.id: (rule.id,) for rule in declared.rulebook.values() if rule.executable}
    reminders = {reminder.id: (reminder.id, *reminder.rules) for reminder in declared.reminders}
    indicators = {id_: (id_,) for id_ in catalogue.computed}
    users: dict[str, list[str]] = defaultdict(list)
    for user, ids in {**rules, **reminders, **indicators}.items():
        for name in dict.fromkeys(name for id_ in ids for name in catalogue.named.get(id_, ())):
            users[name].append(user)
    return users


# ------------------------------------------------------------------------------------------------------ the page


def page(catalogue: Catalogue, declared: Declarations) -> str:
    """The whole page, in Markdown."""
    return "\n".join([*_head(catalogue), *_entities(catalogue, declared), *_added(declared.tabs)]) + "\n"


def _head(catalogue: Catalogue) -> Iterator[str]:
    counts = Counter(kind for name in catalogue.fields for kind in catalogue.answers[name].kinds)
    yield "# Les champs du catalogue, et où ils vivent"
    yield ""
    yield (
        f"Le catalogue de la coopération décrit {len(catalogue.titles)} entités et {len(catalogue.fields)} champs. "
        "Cette page dit, pour chacun, dans quel onglet et quelle colonne du registre il vit, quelle pièce le porte, "
        "où le logiciel le montre, ou pourquoi il est écarté. Aucun champ que nomme une règle vérifiée, un rappel ou un "
        "indicateur donné aujourd'hui n'est écarté."
    )
    yield ""
    yield (
        "Une ligne du catalogue peut nommer plusieurs champs, séparés par des virgules : chacun compte pour un. Ce qui est "
        "entre parenthèses (valeurs possibles, détails) ne compte pas et suit son champ. "
        "Page écrite par `make docs` ; ne pas la modifier à la main."
    )
    yield ""
    yield "| Où vivent les champs | Nombre |"
    yield "|---|---:|"
    for kind, words in KINDS.items():
        if counts[kind]:
            yield f"| {words} | {counts[kind]} |"
    yield from ("", "## Les champs, entité par entité")


def _entities(catalogue: Catalogue, declared: Declarations) -> Iterator[str]:
    items = {item.code: item.label for checklist in declared.checklists for item in checklist.items}
    for entity, title in catalogue.titles.items():
        yield from ("", f"### {entity}", "", title, "")
        yield from ("| Champ | Libellé | Où il vit | Remarque |", "|---|---|---|---|")
        for name, label in catalogue.fields.items():
            if name.startswith(f"{entity}."):
                answer = catalogue.answers[name]
                where = " ; ".join(_where(answer, declared.tabs, items))
                yield f"| `{name.partition('.')[2]}` | {label} | {where} | {answer.left_out or answer.note} |"


def _where(answer: Answer, tabs: Mapping[str, Tab], items: Mapping[str, str]) -> Iterator[str]:
    by_title: dict[str, list[str]] = defaultdict(list)
    for tab, column in (_column(place, tabs) for place in answer.columns):
        by_title[column.title].append(tab.title)
    for title, found in by_title.items():
        yield f"{found[0]} › {title}" if len(found) == 1 else f"« {title} » dans {len(found)} onglets"
    for code in answer.pieces:
        yield f"{tabs[PIECES].title} : {items[code]}"
    if answer.computed:
        yield f"calculé : {answer.computed}"
    if answer.configured:
        yield f"configuration : {answer.configured}{' (à venir)' if 'a_venir' in answer.kinds else ''}"
    if answer.left_out:
        yield "écarté"


def _column(place: str, tabs: Mapping[str, Tab]) -> tuple[Tab, Column]:
    tab, _, key = place.partition(".")
    return tabs[tab], tabs[tab].column(key)


def _added(tabs: Mapping[str, Tab]) -> Iterator[str]:
    ours = [(tab, c) for tab in tabs.values() for c in tab.columns if not c.catalogue and c.key not in _EVERY_TAB]
    yield from ("", "## Les colonnes ajoutées", "")
    yield (
        f"{len(ours)} colonnes ne viennent pas du catalogue : numéros d'ordre, dates et réponses qui manquaient pour vérifier "
        "une règle, reprise des actes anciens, suivi rempli par le système. S'y ajoutent « À corriger » et « Contrôlé le », "
        "dans chaque onglet."
    )
    yield from ("", "| Onglet | Colonne | À quoi elle sert |", "|---|---|---|")
    for tab, column in ours:
        yield f"| {tab.title} | {column.title} | {column.description} |"


def main() -> None:
    declared = Declarations()
    PAGE.write_text(page(load(declared), declared), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} est à jour.")


if __name__ == "__main__":
    main()
