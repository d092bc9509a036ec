"""Checks on the third and fourth steps: what the territory has to show (MKT), and the search for a partner (PART-05 to 10).

Source: guide, axe 2 §2-b, 3rd step (L763-842) and 4th step, second case (L851-904). A search is that of a new partner
unless a call for projects is dated on the agreement.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from cdi_sync.casefile import events, months_after
from cdi_sync.law import EVERY_TIER
from cdi_sync.model import Case, Form, Row
from cdi_sync.rules.items import counted, items_there, label, opened
from cdi_sync.rules.named.common import case_of, last_day
from cdi_sync.rules.named.needs import CALL, lacking_steps
from cdi_sync.rules.named.projects import GIVEN_UP
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule

_SEARCH = "date_recherche_partenaire"
_BEYOND_THE_TERRITORY = (
    "recherche_partenaire", "partenaire_trouve", "negociation", "projet_convention", "deliberation_adoptee",
    "signature", "entree_en_vigueur",
)  # fmt: skip  # events of the fourth step and after
_FOUND = _BEYOND_THE_TERRITORY[1:]

# ----------------------------------------------------------------------------------------------- the territory


def marketing_recent(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MKT-01: with an agreement under way, past its third step if it is a convention, a document younger than a term.

    The document is the one dated on the council's line; none there, the latest dated on one of its agreements.
    """
    cases = context.council_acts.get(subject.row.id, ())
    if not any(_asks_for_marketing(case) for case in cases):
        return NotApplicable("aucun acte en cours n'en est à la recherche d'un partenaire")
    dated = [(row, column, day) for row, column, day in _documents(subject.row, cases) if day <= context.today]
    if not dated:
        blurred = next((case.act for case in cases if "date_marketing" in case.act.unreadable), None)
        if blurred:
            return Unknown("la date du document est illisible", "date_marketing", blurred, reported=True)
        return Problem(column="marketing_le")
    row, column, day = max(dated, key=lambda found: found[2])
    limit = context.law.in_force(rule.limit, context.today, subject.tier or EVERY_TIER)
    assert limit, "MKT-01 has its limit in law.toml"
    last = months_after(day, limit.number * 12)
    if last is None or context.today < last:
        return None
    return Problem({"jour": day, "annees": limit.number}, row=row, column=column, text="ancien")


def _asks_for_marketing(case: Case) -> bool:
    return case.followed and (case.form is not Form.CONVENTION or bool(events(case, *_BEYOND_THE_TERRITORY)))


def _documents(council: Row, cases: Sequence[Case]) -> list[tuple[Row, str, date]]:
    own = council.day("marketing_le")
    if own:
        return [(council, "marketing_le", own)]
    return [(case.act, "date_marketing", day) for case in cases if (day := case.act.day("date_marketing"))]


def analyse_du_territoire(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MKT-03: strengths, weaknesses, opportunities and threats are written; the questions that cross them are answered."""
    quadrants = items_there(subject, rule, context)
    if quadrants is not None:
        return quadrants
    crossed = counted(subject, rule, context)
    if not isinstance(crossed, Problem):
        return crossed
    return replace(crossed, facts={"la": 0, **crossed.facts}, text="questions")


def marketing_avant_recherche(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """MKT-04: the document that presents the territory is dated on or before the day a new partner is looked for."""
    begun = _new_search(subject, context)
    if isinstance(begun, NotApplicable):
        return begun
    dated = subject.row.day("date_marketing")
    if dated is None:
        return Problem({"recherche": begun})
    if dated <= begun:
        return None
    return Problem({"recherche": begun, "marketing": dated}, curable=False, text="tard")


# -------------------------------------------------------------------------------------------------- the search


def _new_search(subject: Subject, context: Context) -> date | NotApplicable:
    """The day a new partner began to be looked for, or why no such search is under the rule."""
    begun = subject.row.day(_SEARCH)
    if case_of(subject).over:
        return NotApplicable(GIVEN_UP)
    if any(subject.row[column] is not None for column in CALL):
        return NotApplicable("le partenaire vient d'un appel à projets")
    if begun is None:
        return NotApplicable("aucune recherche de partenaire n'est datée")
    return begun if begun <= context.today else NotApplicable("la recherche n'est pas ouverte", begun)


def recherche_preparee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PART-05: need, project and marketing are documented when a new partner is looked for."""
    begun = _new_search(subject, context)
    if isinstance(begun, NotApplicable):
        return begun
    missing = lacking_steps(subject, context)
    if not missing:
        return None
    row, column = next(iter(missing.values()))
    names = rule.parameters["noms"]
    facts = {"recherche": begun, "la": len(names) - len(missing), "sur": len(names)}
    return Problem({**facts, "documents": " ; ".join(names[step] for step in missing)}, row=row, column=column)


def partenaires_compares(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PART-06: enough criteria are noted, as in `pieces`, of a partner that was looked for."""
    begun = _new_search(subject, context)
    return begun if isinstance(begun, NotApplicable) else items_there(subject, rule, context)


def relation_durable(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PART-07: lasting relations and shared views are noted, from 0 to `note_max`; a note below the limit is justified.

    The justification is what is written on the line, in « Contenu ou article » or « Commentaire ».
    """
    codes, highest = rule.parameters["pieces"], rule.parameters["note_max"]
    lines = opened(subject, rule, context, codes)
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    lowest = context.law.in_force(rule.limit, context.today, subject.tier or EVERY_TIER)
    assert lowest, "PART-07 has its limit in law.toml"
    found = {code: best for code in codes if (best := _best(lines.get(code, ()), highest))}
    if absent := [code for code in codes if code not in found]:
        first = next((row for code in absent for row in lines.get(code, ())), None)
        facts = {"pieces": " ; ".join(label(code, context) for code in absent), "note_max": highest}
        return Problem(facts, row=first, column="note" if first else "")
    for code, (note, line) in found.items():
        if note < lowest.number and not (line["contenu"] or line["commentaire"]):
            facts = {"piece": label(code, context), "note": note, "seuil": lowest.number, "note_max": highest}
            return Problem(facts, row=line, column="contenu", text="faible")
    return None


def _best(lines: Sequence[Row], highest: float) -> tuple[float, Row] | None:
    noted = [(note, line) for line in lines if (note := line.number_of("note")) is not None and note <= highest]
    return max(noted, key=lambda each: each[0], default=None)


def appui_recherche(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PART-08 to 10: a search that has found nobody so many days (the limit) after it began turned to others for help.

    Parameters: `piece`, the line of that help; `rempli`, the column of it that tells it. A call for projects is no
    exception: the guide's advice stands in that case too.
    """
    case = case_of(subject)
    if case.over:
        return NotApplicable(GIVEN_UP)
    if events(case, *_FOUND):
        return NotApplicable("le partenaire est trouvé")
    last = last_day(subject, _SEARCH, rule.limit, context)
    if isinstance(last, NotApplicable):
        return last
    code, column = rule.parameters["piece"], rule.parameters["rempli"]
    lines = opened(subject, rule, context, [code])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    if any(line[column] is not None for line in lines[code]):
        return None
    facts = {"recherche": subject.row.day(_SEARCH), "dernier_jour": last}
    return Problem(facts, row=lines[code][0], column=column, on=subject.row.day(_SEARCH))
