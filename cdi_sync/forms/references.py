"""Rows of the registry that a form offers as choices, when a question designates one: an agreement, a council, an action. Pure.

Past `MOST_OFFERED` rows a list is longer than anybody reads: the question stays a free text, read by number or by name.
"""

from collections.abc import Mapping

from cdi_sync.forms.declaration import Declared, Question
from cdi_sync.model import Category, Registry, Row, Tab

MOST_OFFERED = 150  # parametre
LONGEST_LABEL = 120  # parametre
# Columns by which a row is recognised, for the tabs that have no names.
_RECOGNISED = {"plan_action": ("id_acte", "quoi_activite"), "evaluations": ("id_acte", "moment")}


def tab_designated(question: Question, form: Declared) -> str:
    """The tab whose row the answer designates, "" for none."""
    if question.key == "id":
        return form.tab
    return question.column.reference


def rows_offered(form: Declared, registry: Registry, tabs: Mapping[str, Tab]) -> Mapping[str, tuple[Category, ...]]:
    """Question's key → the rows that it offers: their identifiers as values, told by identifier and name.

    Questions that designate nothing, no row yet, or too many, are absent. Rows that share an identifier are never offered.
    """
    found = {}
    for question in form.questions.values():
        name = tab_designated(question, form)
        rows = [row for row in registry[name] if row.id and not row.quarantined] if name else []
        if 0 < len(rows) <= MOST_OFFERED:
            found[question.key] = tuple(Category(row.id, row_label(row, tabs[name])) for row in rows)
    return found


def row_label(row: Row, tab: Tab) -> str:
    """« ACT-00001 · Convention de… »: the identifier, then what people call the row."""
    keys = tab.names or _RECOGNISED.get(tab.name, ())
    told = [_shown(row, tab, key) for key in keys]
    label = " · ".join([row.id, *filter(None, told)])
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


def _shown(row: Row, tab: Tab, key: str) -> str:
    labels = {category.value: category.label for category in tab.column(key).categories}
    return labels.get(row.text(key), row.text(key))
