"""The logical framework of a project: its levels, its indicators, and when it was gone over again (guide, axe 2 §2-b, 2nd step).

One row a line (tab « Cadre logique et suivi »); each line of the three upper levels carries at most one indicator.
What stands in the second column of an activity or of means is a resource, no indicator (guide's example, L617-794).
"""

import re
from datetime import date

from cdi_sync.casefile import events
from cdi_sync.model import Case, Row

LEVELS = {  # from the top down: level → how a message calls it
    "OBJECTIF_GLOBAL": "objectif global",
    "OBJECTIF_SPECIFIQUE": "objectif spécifique",
    "RESULTAT_ATTENDU": "résultat attendu",
    "ACTIVITE": "activité",
    "MOYENS": "moyens",
}
MEASURED = ("OBJECTIF_GLOBAL", "OBJECTIF_SPECIFIQUE", "RESULTAT_ATTENDU")
INDICATOR = "indicateurs_objectivement_verifiables"
_NUMBER = re.compile(r"\d(?:[\d \u00a0\u202f]*\d)?(?:[.,]\d+)?")


def has_indicator(line: Row) -> bool:
    """True for a line of the framework that carries an indicator."""
    return line["niveau"] in MEASURED and line[INDICATOR] is not None


def number_in(text: str) -> float | None:
    """The number that a cell such as « 1 200 habitants » or « 45 % » holds; None when it holds none, or several."""
    found = _NUMBER.findall(text)
    if len(found) != 1:
        return None
    return float(re.sub(r"\s", "", found[0]).replace(",", "."))


def revisions(case: Case) -> tuple[tuple[date, Row], ...]:
    """(day, row that says it) of each time the framework is gone over, past or planned, in order of date.

    The days of its own lines, and those of the meetings and actions marked « Révision du cadre logique ».
    """
    dated = [(row.day("date_revision"), row) for row in case.logframe]
    marked = [row for row in case.meetings if row.says("revision_cadre_logique") and not row.says("annulee")]
    dated += [(row.day("date"), row) for row in marked]
    done = [row for row in case.actions if is_revision(row) and row["statut"] != "ANNULEE"]
    dated += [(row.day("date_fin_reelle") or row.day("au") or row.day("du"), row) for row in done]
    known = [(day, row) for day, row in dated if day]
    return tuple(sorted(known, key=lambda pair: (pair[0], pair[1].tab, pair[1].number)))


def is_revision(action: Row) -> bool:
    """True for an action of the plan that is itself the revision of the framework."""
    return action.says("revision_cadre_logique") is True


def first_action(case: Case) -> date | None:
    """The first day of the first action of the project; revisions and the follow-up of evaluations aside."""
    mine = [
        row for row in case.actions if row["statut"] != "ANNULEE" and not is_revision(row) and not row["id_evaluation"]
    ]
    days = [row.day("date_debut_reelle") or row.day("du") for row in mine]
    return min((day for day in days if day), default=None)


def is_under_way(case: Case) -> bool:
    """True once an action has begun, until the agreement is suspended."""
    return bool(events(case, "action_commencee")) and not is_suspended(case)


def is_suspended(case: Case) -> bool:
    """True when a suspension was agreed upon, and no resumption on that day or later."""
    stopped, resumed = case.act.day("date_suspension"), case.act.day("date_reprise")
    return stopped is not None and (resumed is None or resumed < stopped)
