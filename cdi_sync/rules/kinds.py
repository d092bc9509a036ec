"""The kinds of check: each one pure function `(subject, rule, context) -> verdict`, named in a rule's `controle`.

The parameters of a kind stand in the rule's `parametres`; columns are named as the registry declares them. A rule
that no kind expresses has a function of its own in `named`.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from cdi_sync.casefile import MAIN_OBJECTS, deliberated_on
from cdi_sync.model import Case, Row
from cdi_sync.rules.items import counted, items_there, states
from cdi_sync.rules.named import CHECKS
from cdi_sync.rules.named.cofinancing import share_of_cost
from cdi_sync.rules.named.common import last_day
from cdi_sync.rules.named.sessions import notice_days
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule


def complete(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """All is there: `remplis` filled, `oui` answered Oui (or `sinon` filled), `parmi` in a list, one of `une_de`.

    `si`: the rule speaks only of rows where those columns hold one of those values, or anything for ["*"]; `sauf`:
    never of rows where one of them does. `apres`: a date of the row; all is owed so many days (the limit) after it.
    """
    row, wanted = subject.row, rule.parameters
    spared = any(row[key] in values for key, values in wanted.get("sauf", {}).items())
    if spared or not _matches(row, wanted.get("si", {})):
        return NotApplicable("cette ligne n'est pas concernée")
    last = last_day(subject, wanted["apres"], rule.limit, context) if "apres" in wanted else None
    if isinstance(last, NotApplicable):
        return last
    missing = _missing(row, wanted)
    if not missing:
        return None
    since = row.day(wanted["apres"]) if "apres" in wanted else None
    return Problem({"manque": len(missing), "depuis": since, "dernier_jour": last}, column=missing[0], on=since)


def _missing(row: Row, wanted: Mapping[str, Any]) -> list[str]:
    missing = [key for key in wanted.get("remplis", ()) if row[key] is None]
    if not (wanted.get("sinon") and row[wanted["sinon"]]):
        missing += [key for key in wanted.get("oui", ()) if row.says(key) is not True]
    missing += [key for key, values in wanted.get("parmi", {}).items() if row[key] not in values]
    either = wanted.get("une_de", ())
    if either and not any(row[key] for key in either):
        missing.append(either[0])
    return missing


def exists(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """The case has a row of `onglet` matching `ou`, with `avec` and every column of `remplis` filled.

    When a row matches `ou` but lacks the rest, the problem stands on that row, at the first column to mend, and is
    told by `message_ligne`.
    """
    assert subject.case is not None
    wanted = rule.parameters
    candidates = [row for row in _rows(subject.case, wanted["onglet"]) if _matches(row, wanted["ou"])]
    if any(not _lacks(row, wanted) for row in candidates):
        return None
    if not candidates:
        return Problem()
    nearest = candidates[-1]
    return Problem({"ligne": nearest.id}, row=nearest, column=_lacks(nearest, wanted)[0], text="ligne")


def _lacks(row: Row, wanted: Mapping[str, Mapping[str, list[object]]]) -> list[str]:
    lacking = [key for key, values in wanted.get("avec", {}).items() if row[key] not in values]
    return lacking + [key for key in wanted.get("remplis", ()) if row[key] is None]


def _matches(row: Row, wanted: Mapping[str, list[object]]) -> bool:
    return all(row[key] is not None if values == ["*"] else row[key] in values for key, values in wanted.items())


def _rows(case: Case, tab: str) -> tuple[Row, ...]:
    return {
        "deliberations": case.deliberations, "visas_accords": case.visas, "phases_jumelage": case.phases,
        "organes": case.bodies, "plan_action": case.actions, "reunions": case.meetings,
        "evaluations": case.evaluations, "budget": case.money, "cadre_logique": case.logframe,
    }[tab]  # fmt: skip


def done_before(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """`fait` stands at least so many calendar days (the rule's limit) before `reference`.

    Nothing is owed while the last day isn't over; a step taken late can no longer be mended. `si`: as in `complete`.
    """
    row = subject.row
    if not _matches(row, rule.parameters.get("si", {})):
        return NotApplicable("cette ligne n'est pas concernée")
    reference, done = row.day(rule.parameters["reference"]), row.day(rule.parameters["fait"])
    if reference is None:
        return NotApplicable("la date n'est pas fixée")
    days = notice_days(subject, rule, context, reference)
    if not isinstance(days, int):
        return days
    last = reference - timedelta(days=days)
    facts = {"dernier_jour": last, "reference": reference, "jours": days, "fait": done}
    if done is None:
        return (
            NotApplicable("le dernier jour n'est pas passé", last)
            if context.today <= last
            else Problem(facts, on=reference)
        )
    if done <= last:
        return None
    return Problem({**facts, "ecart": (reference - done).days}, curable=False, text="tard", on=reference)


def at_least(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """The number in `champ`, when there is one, isn't below the rule's limit."""
    value = subject.row.number_of(rule.parameters["champ"])
    limit = subject.limit(rule.limit, context.today, context)
    if value is None or limit is None:
        return NotApplicable("aucune valeur saisie")
    return Problem({"lu": value, "limite": limit.number}) if value < limit.number else None


def in_order(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """`avant`, a date of the agreement, isn't later than the first deliberation on it."""
    assert subject.case is not None
    before = subject.case.act.day(rule.parameters["avant"])
    after = _first_deliberation(subject.case)
    if before is None:
        return Problem({"apres": after}, column=rule.parameters["avant"])
    if after is None or before <= after:
        return None
    return Problem({"avant": before, "apres": after}, curable=False, column=rule.parameters["avant"], text="tard")


def in_sequence(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """In each of `suites` no date is earlier than the one before it; `exige`: what must be filled once a step began.

    Empty cells of a sequence are passed over. `noms`: how the message calls each column.
    """
    row, wanted = subject.row, rule.parameters
    dated = {key: day for key in wanted["noms"] if (day := row.day(key))}
    if not dated:
        return NotApplicable("aucune étape n'est datée")
    for begun, needed in wanted.get("exige", {}).items():
        if begun in dated and dated[begun] <= context.today and row[needed] is None:
            return Problem({"etape": wanted["noms"][begun], "jour": dated[begun]}, column=needed)
    for sequence in wanted["suites"]:
        for earlier, later in pairwise(key for key in sequence if key in dated):
            if dated[later] < dated[earlier]:
                facts = {"etape": wanted["noms"][later], "jour": dated[later]}
                facts |= {"etape_avant": wanted["noms"][earlier], "jour_avant": dated[earlier]}
                return Problem(facts, curable=False, column=later, text="ordre")
    return None


def _first_deliberation(case: Case) -> date | None:
    days = [deliberated_on(case, row) for row in case.deliberations if row["objet"] in MAIN_OBJECTS]
    return min((day for day in days if day), default=None)


KINDS: Mapping[str, Callable[[Subject, Rule, Context], Verdict]] = {
    "complet": complete,
    "existe": exists,
    "pieces": items_there,
    "enonce": states,
    "compte": counted,
    "fait_avant": done_before,
    "au_moins": at_least,
    "dans_l_ordre": in_order,
    "en_suite": in_sequence,
    "part": share_of_cost,
    **CHECKS,
}
