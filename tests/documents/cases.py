"""Subjects for documents: a case of each form in which every cell is filled, and one of which nothing is known.

The full one is made from the declarations: a cell of each column holds something of its type, a line of « Pièces et clauses »
something for each item. So a document that asks the registry for one more column needs nothing here.
"""

from datetime import date, time
from functools import cache
from typing import Any

from cdi_sync.assessment import assess
from cdi_sync.documents.declaration import Declared, On
from cdi_sync.documents.facts import Subject
from cdi_sync.documents.making import subject_of
from cdi_sync.model import Assessment, Column, Row, Tab
from tests.registries import DECLARED, knowledge, registry

TODAY = date(2026, 11, 23)
_IDS = {tab.name: f"{tab.prefix}-00001" for tab in DECLARED.tabs.values()}
_COUNCIL = {"code_hcp": "3231010", "niveau": "COMMUNE", "nom_fr": "Fès", "nom_ar": "فاس", "province_code": "03.231",
            "region_code": "03"}  # fmt: skip
TABS = {On.ACT: "actes", On.EVALUATION: "evaluations", On.MEETING: "reunions"}


@cache
def full(form: str) -> Assessment:
    """Everything is typed."""
    rows = {name: [_row(tab)] for name, tab in DECLARED.tabs.items() if name not in ("derogations", "parametres")}
    rows["collectivites"][0] |= _COUNCIL
    rows["partenaires"][0] |= {"nom": "Ville d'essai", "pays": "France", "langues_officielles": ["français", "arabe"]}
    rows["actes"][0] |= {"forme": form, "voie_rapport": "SOUS_COUVERT_GOUVERNEUR"}
    rows["reunions"][0] |= {"fuseau_ct": "Africa/Casablanca", "fuseau_partenaire": "Europe/Paris"}
    rows["plan_action"][0] |= {"id_evaluation": None}
    rows["organes"][0] |= {"date_fin": None}
    rows["pieces_clauses"] = [
        {**_row(DECLARED.tabs["pieces_clauses"]), "id": f"PIE-{number:05d}", "piece": item.code, **_owner(checklist.on)}
        for number, (checklist, item) in enumerate(
            ((checklist, item) for checklist in DECLARED.checklists for item in checklist.items), start=1
        )
    ]
    roles = DECLARED.tabs["contacts"].column("fonction_role").categories
    rows["contacts"] = [
        {**_row(DECLARED.tabs["contacts"]), "id": f"CON-{number:05d}", "fonction_role": role.value, "partenaire": None,
         "actif": True, "date_fin": date(2030, 1, 1)}
        for number, role in enumerate(roles, start=1)
    ]  # fmt: skip
    rows["deliberations"] = _each("deliberations", "objet")
    rows["budget"] = _each("budget", "type_ligne") + _each("budget", "nature_depense", type_ligne="BUDGET")
    rows["phases_jumelage"] = _each("phases_jumelage", "phase")
    for name in ("deliberations", "budget", "phases_jumelage"):
        for number, row in enumerate(rows[name], start=1):
            row["id"] = f"{DECLARED.tabs[name].prefix}-{number:05d}"
    return assess(registry(rows), knowledge(), TODAY)


def _owner(on: str) -> dict[str, Any]:
    return {"id_acte": _IDS["actes"] if on != "collectivites" else None,
            "id_evaluation": _IDS["evaluations"] if on == "evaluations" else None}  # fmt: skip


def _each(tab: str, column: str, **cells: Any) -> list[dict[str, Any]]:
    """A row for each value that a column takes."""
    return [
        {**_row(DECLARED.tabs[tab]), column: one.value, **cells} for one in DECLARED.tabs[tab].column(column).categories
    ]


def _row(tab: Tab) -> dict[str, Any]:
    return {column.key: _value(column) for column in tab.columns if not column.is_system} | {
        "id": f"{tab.prefix}-00001"
    }


def _value(column: Column) -> Any:
    if column.reference:
        return _IDS[column.reference]
    if column.categories:
        return column.categories[0].value
    made = {
        "date": date(2026, 3, 1),
        "time": time(9, 30),
        "integer": int(column.minimum or 1),
        "number": column.minimum if column.minimum and column.minimum > 1 else 1.0,
        "boolean": True,
        "list": ["premier", "second"],
        "email": "personne@collectivite.example",
        "url": "https://collectivite.example/piece",
    }.get(column.type)
    if column.type in ("integer", "number") and (column.maximum is None or column.maximum >= 12345):
        made = 12345
    if column.format == "country":
        return "France"
    return f"Texte de {column.key}" if made is None else made


@cache
def empty(form: str) -> Assessment:
    """An agreement, one of its evaluations and of its meetings, without anything else."""
    rows: dict[str, list[dict[str, Any]]] = {
        "collectivites": [{"nom_fr": None, "niveau": None, "code_hcp": None}],
        "partenaires": [{"nom": None, "type": None, "pays": None}],
        "actes": [{"forme": form, "collectivite": None, "partenaire": None, "intitule": None}],
        "evaluations": [{}],
        "reunions": [{}],
    }
    return assess(registry(rows), knowledge(), TODAY)


def subject(document: Declared, form: str, seen: Assessment) -> Subject:
    """The row of an assessment that a document speaks of."""
    found = subject_of(first(seen, TABS[document.on]), seen)
    assert found is not None
    return found


def first(seen: Assessment, tab: str) -> Row:
    return seen.registry[tab][0]
