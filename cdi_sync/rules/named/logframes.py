"""Checks on the logical framework and its indicators (PROJ, EVAL-02): complete, linked, measurable, gone over again.

Guide, axe 2 §2-b, 2nd, 7th and 8th steps. A council may do without a framework: PROJ-03 recommends one, and what speaks
of its lines speaks only of those that exist.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from cdi_sync.casefile import agreement_period, first_day, months_after
from cdi_sync.logframe import LEVELS, first_action, has_indicator, is_under_way, revisions
from cdi_sync.model import Case, Row
from cdi_sync.rules.named.action_plan import ENDED
from cdi_sync.rules.named.common import case_of, is_over, limit_after
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

NO_FRAMEWORK = "l'acte n'a pas de cadre logique"
NO_INDICATOR = "cette ligne ne porte pas d'indicateur"
_PARENT = {"OBJECTIF_SPECIFIQUE": "OBJECTIF_GLOBAL", "RESULTAT_ATTENDU": "OBJECTIF_SPECIFIQUE",
           "ACTIVITE": "RESULTAT_ATTENDU"}  # fmt: skip
_CHILD = {"OBJECTIF_SPECIFIQUE": "RESULTAT_ATTENDU", "RESULTAT_ATTENDU": "ACTIVITE"}
_SHOWN = 3  # lines that a message names; the others are counted
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


# --------------------------------------------------------------------------------------------- the framework itself


def cadre_logique_etabli(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-03: the framework has a line at least at each of its five levels."""
    case = case_of(subject)
    if is_over(case, context.today):
        return NotApplicable(ENDED)
    if not case.logframe:
        return Problem()
    there = {row["niveau"] for row in case.logframe}
    missing = [name for level, name in LEVELS.items() if level not in there]
    if not missing:
        return None
    return Problem({"manque": " ; ".join(missing)}, row=case.logframe[0], column="niveau", text="niveaux")


def cadre_logique_rempli(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-04: no cell of the matrix is empty, but the one that the guide doesn't use (assumptions of a global aim).

    Facts: vides, sur, taux (per cent, rounded down), lignes (their numbers).
    """
    case = case_of(subject)
    if not case.logframe or is_over(case, context.today):
        return NotApplicable(f"{NO_FRAMEWORK}, ou {ENDED}")
    cells = [(row, column) for row in case.logframe for column in _used_cells(row, rule)]
    empty = [(row, column) for row, column in cells if row[column] is None]
    if not empty:
        return None
    facts = {"vides": len(empty), "sur": len(cells), "taux": 100 * (len(cells) - len(empty)) // len(cells)}
    first, column = empty[0]
    return Problem({**facts, "lignes": _named(row for row, _ in empty)}, row=first, column=column)


def _used_cells(line: Row, rule: Rule) -> list[str]:
    unused = rule.parameters["inutiles"].get(line.text("niveau"), ())
    return [column for column in rule.parameters["remplis"] if column not in unused]


def cadre_logique_enchaine(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-08: no line without a parent of the level above, no result without activity, no specific aim without result."""
    case = case_of(subject)
    if not case.logframe or is_over(case, context.today):
        return NotApplicable(f"{NO_FRAMEWORK}, ou {ENDED}")
    by_id = {row.id: row for row in case.logframe}
    levels = {row["niveau"] for row in case.logframe}
    linked = [row for row in case.logframe if _PARENT.get(row.text("niveau")) in levels]
    if orphans := [row for row in linked if not row["id_parent"]]:
        return Problem({"nombre": len(orphans), "lignes": _named(orphans)}, row=orphans[0], column="id_parent")
    for row in linked:
        parent, wanted = by_id.get(row.text("id_parent")), _PARENT[row.text("niveau")]
        if parent is None or parent["niveau"] != wanted:
            facts = {"ligne": row.id, "parent": row["id_parent"], "niveau": LEVELS[wanted]}
            return Problem(facts, row=row, column="id_parent", text="niveau")
    served = {(row.text("id_parent"), row["niveau"]) for row in case.logframe}
    bare = [row for row in case.logframe if (need := _CHILD.get(row.text("niveau"))) and (row.id, need) not in served]
    if not bare:
        return None
    facts = {
        "ligne": bare[0].id,
        "niveau": LEVELS[bare[0].text("niveau")],
        "suite": LEVELS[_CHILD[bare[0].text("niveau")]],
    }
    return Problem({**facts, "nombre": len(bare)}, row=bare[0], column="niveau", text="suite")


def _named(rows: Iterable[Row]) -> str:
    """The identifiers of the first few lines, each once, and how many are left: « CAD-00002, CAD-00003 et 4 autres »."""
    ids = list(dict.fromkeys(row.id for row in rows))
    left = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" et {left} autre{'s' if left > 1 else ''}" if left > 0 else "")


# -------------------------------------------------------------------------------------------------- its revisions


def revision_annuelle(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-11: while the project is carried out, its framework was revised within the last twelve months.

    Never revised, it counts from the entry into force. The day of the anniversary is still in time.
    """
    case, today = case_of(subject), context.today
    if not case.logframe or not is_under_way(case) or is_over(case, today):
        return NotApplicable(f"{NO_FRAMEWORK}, ou sa mise en œuvre n'est pas en cours")
    done = [day for day, _ in revisions(case) if day <= today]
    since = max([*done, *filter(None, [first_day(case, "entree_en_vigueur")])], default=date.min)
    limit = subject.limit(rule.limit, since, context)  # none so long ago
    last = months_after(since, limit.number) if limit else None
    if last is None:
        return NotApplicable("ni révision ni entrée en vigueur ne sont datées, ou aucun délai n'est enregistré")
    if today <= last:
        return None if done else NotApplicable("le délai court encore", last)
    facts = {"depuis": since, "dernier_jour": last}
    return Problem(facts, row=case.logframe[0], column="date_revision", text="" if done else "jamais", on=since)


def revision_avant_execution(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-12: between signature and first action, a day is planned to go over the framework with the partner.

    Owed 60 days after the signature, at once when an action has begun. Without a framework there is nothing to go
    over: the guide only recommends one (PROJ-03).
    """
    case, signed = case_of(subject), first_day(case_of(subject), "signature")
    if not case.logframe or signed is None or is_over(case, context.today):
        return NotApplicable(f"{NO_FRAMEWORK}, n'est pas signé, ou est terminé")
    begins = first_action(case) or date.max  # no action yet
    later = [(day, row) for day, row in revisions(case) if day >= signed]
    in_time = [row for day, row in later if day <= begins]
    if in_time:
        if not all(_is_without_partner(row, case, context) for row in in_time):
            return None
        alone = in_time[0]
        return Problem({"reunion": alone.day("date")}, row=alone, column="participants_invites", text="seul")
    if later:
        day, row = later[0]
        facts = {"revision": day, "debut": begins}
        return Problem(facts, curable=begins > context.today, row=row, column=_DAY_OF[row.tab], text="tard")
    last = limit_after(subject, signed, rule.limit, context) if begins > context.today else None
    return Problem({"signature": signed}, until=last, on=signed)


_DAY_OF = {"cadre_logique": "date_revision", "reunions": "date", "plan_action": "au"}


def _is_without_partner(row: Row, case: Case, context: Context) -> bool:
    """True for a meeting to which only people of the council are known to be invited, or nobody at all."""
    if row.tab != "reunions":
        return False
    council = case.council.id if case.council else ""
    ours = (*context.teams.get(council, ()), *context.focal_points.get(council, ()))
    names = {fold(person.text("nom_prenom")) for person in ours} | {fold(person.id) for person in ours}
    return all(fold(name) in names for name in _people(row))


def _people(meeting: Row) -> Iterator[str]:
    for column in ("participants_invites", "participants_presents"):
        value = meeting[column]
        yield from (str(name) for name in value) if isinstance(value, tuple) else ()


# ------------------------------------------------------------------------------------------------- its indicators


def indicateur_smart(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-06: the five qualities are ticked; a unit and a number bear out the second, a time within the project the last.

    A qualitative indicator is measured in words. What it costs to measure is for a person to judge.
    """
    line = subject.row
    if not has_indicator(line):
        return NotApplicable(NO_INDICATOR)
    ticked = {fold(word) for word in line["smart"]} if isinstance(line["smart"], tuple) else set()
    missing = [quality for quality in rule.parameters["qualites"] if fold(quality) not in ticked]
    if missing:
        return Problem({"la": 5 - len(missing), "manque": " ; ".join(missing)}, column="smart")
    measured = (
        line["cible"] is not None if line["nature_indicateur"] == "QUALITATIF" else _is_a_number(line.text("cible"))
    )
    if not measured:
        return Problem({"cible": line.text("cible") or "(vide)"}, column="cible", text="mesure")
    if line["unite"] is None and line["nature_indicateur"] != "QUALITATIF":
        return Problem(column="unite", text="unite")
    return _out_of_time(line, case_of(subject))


def _is_a_number(text: str) -> bool:
    return re.search(r"\d", text) is not None


def _out_of_time(line: Row, case: Case) -> Problem | None:
    """« Quand ? » is answered, and one of the years that it names, if any, is of the project."""
    told, period = line.text("quand"), agreement_period(case)
    if not told:
        return Problem(column="quand", text="quand")
    years = [int(year) for year in _YEAR.findall(told)]
    if not years or period is None or any(period[0].year <= year <= period[1].year for year in years):
        return None
    return Problem({"quand": told, "debut": period[0], "fin": period[1]}, column="quand", text="temps")


def deux_natures(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-13: one indicator at least is quantitative, and one qualitative."""
    case = case_of(subject)
    if is_over(case, context.today):
        return NotApplicable(ENDED)
    natures = rule.parameters["natures"]
    lines = [row for row in case.logframe if has_indicator(row)]
    missing = [natures[nature] for nature in natures if all(row["nature_indicateur"] != nature for row in lines)]
    if not missing:
        return None
    first = lines[0] if lines else None
    return Problem({"manque": " ni ".join(missing)}, row=first, column="nature_indicateur" if first else rule.column)


def objectifs_de_depart(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """EVAL-02: once an evaluation has begun, each indicator has its starting value and its target."""
    line = subject.row
    begun = _evaluation_begun(case_of(subject), context.today) if has_indicator(line) else NotApplicable(NO_INDICATOR)
    if isinstance(begun, NotApplicable):
        return begun
    names = rule.parameters["cellules"]
    missing = [column for column in names if line[column] is None]
    if not missing:
        return None
    facts = {"evaluation": begun, "manque": " et ".join(names[column] for column in missing)}
    return Problem(facts, column=missing[0])


def _evaluation_begun(case: Case, today: date) -> date | NotApplicable:
    """The first day of the first evaluation, once it has come: terms of reference, agreed period or collection."""
    columns = ("p1_preparatoire_tdr", "periode_convenue_debut", "p2_collecte")
    days = [day for row in case.evaluations for column in columns if (day := row.day(column))]
    first = min(days, default=None)
    if first is None:
        return NotApplicable("aucune évaluation n'est datée")
    return first if first <= today else NotApplicable("l'évaluation n'a pas commencé", first)
