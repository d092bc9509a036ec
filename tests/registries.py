"""Small registries for tests: a few rows in a few words, read exactly as those of a workbook are.

`registry({"actes": [{...}]})` fills in what every story shares: a commune, a foreign town, one agreement between
them. A row's identifier follows from its place (DEL-00001…) unless given; `id_acte` and `id_session` point to the
first agreement and the first session unless given.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from cdi_sync.assessment import Knowledge
from cdi_sync.edges.config import Declarations
from cdi_sync.law import Law
from cdi_sync.model import Grid, Raw, Registry, Tab
from cdi_sync.tables import read_registry

DECLARED = Declarations()
MODULES = frozenset({"suivi", "finances", "projet", "appels"})
Rows = Mapping[str, Sequence[Mapping[str, Any]]]

_COUNCIL = {"code_hcp": "3231010", "nom_fr": "Fès", "niveau": "COMMUNE"}
_PARTNER = {"nom": "Ville d'essai", "type": "COLLECTIVITE_ETRANGERE", "pays": "France"}
_ACT = {"collectivite": "COL-00001", "partenaire": "PAR-00001", "forme": "CONVENTION", "intitule": "Acte d'essai"}


@cache
def law_under(readings: tuple[tuple[str, str], ...]) -> Law:
    """The law under those readings; one for all, since what was looked up of it is remembered."""
    return DECLARED.law.read_with(dict(readings))


def knowledge(**readings: str) -> Knowledge:
    """What the product asks of a registry, with the readings given ({"D_03": "loi"}) and the defaults elsewhere."""
    chosen = DECLARED.readings({name.replace("_", "-"): reading for name, reading in readings.items()})
    return Knowledge(
        tabs=DECLARED.tabs,
        law=law_under(tuple(chosen.items())),
        programmes=DECLARED.programmes,
        calendar=DECLARED.calendar,
        rulebook=DECLARED.rulebook,
        machines=DECLARED.machines,
        evaluation_machine=DECLARED.evaluation_machine,
        reminders=DECLARED.reminders,
        roles=DECLARED.roles,
        readings=chosen,
        checklists=DECLARED.checklists,
        modules=MODULES,
        help_texts=DECLARED.help_texts,
    )


def complete(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """The rows with identifiers, references and the three rows that every story needs."""
    full = {name: [dict(row) for row in rows.get(name, ())] for name in DECLARED.tabs}
    full["collectivites"] = [{**_COUNCIL, **row} for row in full["collectivites"] or [{}]]
    full["partenaires"] = [{**_PARTNER, **row} for row in full["partenaires"] or [{}]]
    full["actes"] = [{**_ACT, **row} for row in full["actes"] or [{}]]
    for name, tab in DECLARED.tabs.items():
        for number, row in enumerate(full[name], start=1):
            row.setdefault("id", f"{tab.prefix}-{number:05d}")
            if tab.case_key:
                row.setdefault(tab.case_key, "ACT-00001")
            if name == "deliberations" and full["sessions"]:
                row.setdefault("id_session", "SES-00001")
            if name == "sessions":
                row.setdefault("collectivite", "COL-00001")
    return full


def merged(*parts: Rows) -> Rows:
    """The rows of several parts laid over each other, row by row; the later part wins in each cell."""
    laid: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for name, rows in part.items():
            table = laid.setdefault(name, [])
            table += [{} for _ in range(len(rows) - len(table))]
            for row, cells in zip(table, rows, strict=False):
                row.update(cells)
    return laid


def grids(rows: Rows) -> dict[str, Grid]:
    """The sheets that hold those rows, headers first, as a workbook gives them."""
    return {tab.title: _grid(tab, rows[name]) for name, tab in DECLARED.tabs.items()}


def _grid(tab: Tab, rows: Sequence[Mapping[str, Any]]) -> Grid:
    for row in rows:
        strangers = set(row) - set(tab.by_key)
        assert not strangers, f"{tab.name} has no column {strangers}"
    lines: list[list[Raw]] = [[column.title for column in tab.columns]]
    lines += [[_typed(row.get(column.key)) for column in tab.columns] for row in rows]
    return Grid(tab.title, lines)


def _typed(value: Any) -> Raw:
    """A value as a person types it: Oui or Non, words separated by semicolons."""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    return " ; ".join(value) if isinstance(value, list) else value


def registry(rows: Rows) -> Registry:
    """Those rows, read."""
    return read_registry(grids(complete(rows)), list(DECLARED.tabs.values()))
