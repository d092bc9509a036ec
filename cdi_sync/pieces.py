"""The files that a case must hold, item by item: which lines the « Pièces et clauses » tab owes to each case. Pure.

A checklist (annexes 1, 2 and 3, the file of a twinning, of a membership, of an appropriation account, the ten elements
of a call) is data: `config/pieces.toml`. Its lines are added when a case enters the stage that needs them, and a line
that someone deleted is added again; what is written on a line belongs to the staff.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cdi_sync.model import FORM_LETTER, Case, Category, CellProblem, Form, Registry, Row, Tab, Value
from cdi_sync.procedure import Machine, Replay
from cdi_sync.tables import IDENTITY, with_rows
from cdi_sync.text import fold

TAB = "pieces_clauses"
_GIVEN = {"id_acte", "id_evaluation", "collectivite", "piece"}  # what a line begins with
_OWNERS = {"actes": "", "evaluations": "id_evaluation", "collectivites": "collectivite"}  # column that names the owner


@dataclass(frozen=True)
class Item:
    """One thing that a file must hold. label: what the cell shows. catalogue: fields of the catalogue that it carries."""

    code: str
    label: str
    catalogue: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checklist:
    """The items of one file.

    on: the tab whose rows own it: actes, evaluations or collectivites. stages: the state of each form from which its
    lines are owed. condition: name in CONDITIONS, "" for none. module: "" when it doesn't depend on one.
    """

    code: str
    title: str
    on: str
    forms: frozenset[Form]
    stages: tuple[str, ...]
    items: tuple[Item, ...]
    condition: str = ""
    module: str = ""


def _asks_for_account(case: Case, owner: Row) -> bool:
    return any(row["objet"] == "CREATION_CDD" for row in case.deliberations) or any(
        row["type_ligne"] == "CDD" for row in case.money
    )


def _joins_fund(case: Case) -> bool:
    """True for a membership of the world fund for the development of cities, that sets conditions of its own."""
    name = fold(f"{case.partner.text('sigle')} {case.partner.text('nom')}") if case.partner else ""
    return "fmdv" in name or "fonds mondial pour le developpement des villes" in name


CONDITIONS: Mapping[str, Callable[[Case, Row], bool]] = {
    "": lambda case, owner: True,
    "cdd": _asks_for_account,
    "appel": lambda case, owner: any(owner[key] is not None for key in ("date_lancement_appel", "date_limite_appel")),
    "fmdv": lambda case, owner: _joins_fund(case),
    "externe": lambda case, owner: owner["mode"] == "EXTERNE",
    "rapport": lambda case, owner: (
        owner["date_rapport_provisoire"] is not None or owner["date_rapport_final"] is not None
    ),
}


def parse_checklist(code: str, data: Mapping[str, Any]) -> Checklist:
    """One table of `config/pieces.toml`. Raises ValueError naming what doesn't suit."""
    if data["sur"] not in _OWNERS:
        raise ValueError(f"{code}.sur : {data['sur']} ; valeurs possibles : {', '.join(_OWNERS)}")
    if data.get("si", "") not in CONDITIONS:
        raise ValueError(f"{code}.si : {data['si']} ; valeurs possibles : {', '.join(filter(None, CONDITIONS))}")
    if unknown := set(data.get("champs", {})) - set(data["pieces"]):
        raise ValueError(f"{code}.champs : aucune pièce ne s'appelle {', '.join(sorted(unknown))}")
    fields = data.get("champs", {})
    return Checklist(
        code=code,
        title=data["titre"],
        on=data["sur"],
        forms=frozenset(FORM_LETTER[letter] for letter in data["formes"]),
        stages=tuple(data["etapes"]),
        items=tuple(
            Item(item, f"{data['titre']} : {label}", tuple(fields.get(item, ())))
            for item, label in data["pieces"].items()
        ),
        condition=data.get("si", ""),
        module=data.get("module", ""),
    )


def categories(checklists: Iterable[Checklist]) -> tuple[Category, ...]:
    """The drop-down of the items, in the order of the checklists."""
    return tuple(Category(item.code, item.label) for checklist in checklists for item in checklist.items)


# ------------------------------------------------------------------------------------------- lines that are owed


def with_owed_lines(
    registry: Registry,
    cases: Mapping[str, Case],
    replays: Mapping[str, Replay],
    machines: Mapping[Form, Machine],
    checklists: Sequence[Checklist],
    tab: Tab,
) -> tuple[Registry, Mapping[str, Case]]:
    """The registry and its cases with the lines that are owed and that the tab doesn't hold yet, numbered."""
    held = {(row.text("id_acte"), _owner_of(row), row.text("piece")) for row in registry[TAB]}
    owed = dict.fromkeys(_owed(cases, replays, machines, checklists))
    missing = [line for line in owed if line not in held]
    if not missing:
        return registry, cases
    column = {"EVA": "id_evaluation", "COL": "collectivite"}
    wanted: list[Mapping[str, Value]] = []
    for act, owner, item in missing:
        line: dict[str, Value] = {"id_acte": act} if act else {}
        if owner:
            line[column[owner.partition("-")[0]]] = owner
        wanted.append({**line, "piece": item})
    grown = with_rows(registry, tab, wanted)
    added: dict[str, list[Row]] = defaultdict(list)
    for row in grown.added[TAB]:
        added[row.text("id_acte")].append(row)
    return grown, {
        id_: replace(case, pieces=(*case.pieces, *added[id_])) if id_ in added else case for id_, case in cases.items()
    }


def _owner_of(row: Row) -> str:
    return row.text("id_evaluation") or ("" if row["id_acte"] else row.text("collectivite"))


def _owed(
    cases: Mapping[str, Case],
    replays: Mapping[str, Replay],
    machines: Mapping[Form, Machine],
    checklists: Sequence[Checklist],
) -> Iterator[tuple[str, str, str]]:
    """(agreement, evaluation or council, item) of every line owed, in the order of the cases and of the checklists."""
    for case in cases.values():
        if case.form is None or not case.followed or case.id not in replays:
            continue
        for checklist in checklists:
            if case.form in checklist.forms and _entered(checklist, replays[case.id], machines[case.form]):
                for act, owner in _owners(checklist, case):
                    yield from ((act, owner, item.code) for item in checklist.items)


def _entered(checklist: Checklist, replayed: Replay, machine: Machine) -> bool:
    ranks = [machine.ranks[stage] for stage in checklist.stages if stage in machine.ranks]
    return any(rank <= replayed.reached for rank in ranks) or replayed.stage.code in checklist.stages


def _owners(checklist: Checklist, case: Case) -> Iterator[tuple[str, str]]:
    condition = CONDITIONS[checklist.condition]
    if checklist.on == "actes" and condition(case, case.act):
        yield case.id, ""
    elif checklist.on == "evaluations":
        yield from ((case.id, row.id) for row in case.evaluations if condition(case, row))
    elif checklist.on == "collectivites" and case.council and not case.council.quarantined:
        yield "", case.council.id


def rows_in_use(registry: Registry) -> Iterator[Row]:
    """The rows that people fill: all but the lines of checklists that nobody has touched yet."""
    for rows in registry.rows.values():
        yield from (row for row in rows if row.tab != TAB or not set(row.values) <= _GIVEN)


def by_owner(registry: Registry) -> Mapping[str, Mapping[str, Sequence[Row]]]:
    """Identifier of an agreement, an evaluation or a council → its lines, by item."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in registry[TAB]:
        evaluation = row.text("id_evaluation")
        # an evaluation's lines name their agreement too: without it no file uses them
        owner = evaluation or row.text("id_acte") or row.text("collectivite")
        if owner and not row.quarantined and not (evaluation and not row["id_acte"]):
            found[owner][row.text("piece")].append(row)
    return found


def orphans(registry: Registry) -> Iterator[CellProblem]:
    """The lines that no file can use: they name neither an agreement nor a council, or an evaluation without its agreement.

    A cell that couldn't be read has its own problem already.
    """
    agreement_of = {row.id: row.text("id_acte") for row in registry["evaluations"]}
    for row in registry[TAB]:
        evaluation = row.text("id_evaluation")
        attached = row["id_acte"] or (row["collectivite"] and not evaluation)
        if row.quarantined or attached or row.unreadable & {"id_acte", "id_evaluation", "collectivite"}:
            continue
        yield CellProblem(
            rule=IDENTITY, tab=TAB, id=row.id, row=row.number, column="id_acte", read="",
            expected="le numéro de l'acte, comme ACT-00001, ou celui d'une collectivité",
            message=f"Cette ligne cite l'évaluation {evaluation} sans son acte : aucun dossier ne la compte."
            if evaluation else "Cette ligne ne dit ni son acte ni sa collectivité : aucun dossier ne la compte.",
            fix=f"Écrire dans « Acte » : {agreement_of.get(evaluation) or 'le numéro de l’acte évalué'}."
            if evaluation else "Remplir « Acte », ou « Collectivité » pour une pièce du référent ; ou vider la ligne.",
        )  # fmt: skip
