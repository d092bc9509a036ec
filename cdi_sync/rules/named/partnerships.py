"""Checks that look beyond one row: twinnings and their neighbours (JUM-20, 23, 25), the nine steps (CONV-01)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cdi_sync.casefile import events
from cdi_sync.living import dormante
from cdi_sync.meetings import is_dissolved
from cdi_sync.model import Case, Form, Row
from cdi_sync.rules.named.common import case_of, is_over
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

_COMMITTEE = "COMITE_JUMELAGE"
_SIGNED = ("signature", "phase_aller", "phase_retour")


# ------------------------------------------------------------------------------------------------------ twinnings


def comite_pour_les_dormants(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-20: a dormant twinning without a committee, in a council that has one elsewhere, could be entrusted to it."""
    case = case_of(subject)
    if not _lives(case, context.today) or not dormante(case, context.law, context.today):
        return NotApplicable("pas un jumelage signé qui dort")
    if any(row["type"] == _COMMITTEE for row in case.bodies):
        return None
    neighbours = context.council_acts.get(case.council.id, ()) if case.council else ()
    committees = [row for other in neighbours for row in _committees(other, context.today)]
    if not committees:
        return NotApplicable("la collectivité n'a pas de comité de jumelage")
    return Problem({"comite": committees[0].id, "acte": committees[0].text("id_acte")})


def _committees(case: Case, today: date) -> Iterator[Row]:
    for row in case.bodies if case.form is Form.JUMELAGE else ():
        set_up = row.day("date_mise_en_place")
        if row["type"] == _COMMITTEE and set_up and set_up <= today and not is_dissolved(row, today):
            yield row


def dispositions_respectees(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-23: no binding rule among those of `bilan` is still open on the twinning or on its council.

    Open: owed, not met, curable and not waived; a family's name stands for its rules.
    """
    case = case_of(subject)
    owners = (case.id, case.council.id if case.council else "")
    found = [id_ for owner in owners for id_ in context.open_rules.get(owner, ())]
    wanted = frozenset(rule.parameters["bilan"])
    mine = list(dict.fromkeys(id_ for id_ in found if id_ in wanted or id_.partition("-")[0] in wanted))
    return Problem({"nombre": len(mine), "regles": " ; ".join(mine)}) if mine else None


def cooperation_triangulaire(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-25: a partner of the North twinned with several councils here could join them in one three-sided project."""
    act, case = subject.row, case_of(subject)
    if act["orientation_geo"] != "SUD_NORD" or not _lives(case, context.today):
        return NotApplicable("pas un jumelage Sud-Nord en vie")
    if act["autres_parties"]:
        return None
    twins = [
        other
        for other in context.partner_acts.get(act.text("partenaire"), ())
        if other.form is Form.JUMELAGE and other.act["collectivite"] != act["collectivite"]
        if _lives(other, context.today)
    ]
    if not twins:
        return None
    council = twins[0].council
    return Problem(
        {"acte": twins[0].id, "collectivite": council.text("nom_fr") if council else "une autre collectivité"}
    )


def _lives(case: Case, today: date) -> bool:
    return bool(events(case, *_SIGNED)) and not is_over(case, today)


# ------------------------------------------------------------------------------------------- the nine steps (CONV-01)


@dataclass(frozen=True)
class _Step:
    """One of the guide's steps: how it is called, when it began and was complete, the column that dates it.

    ongoing: it runs beside the others (execution, evaluation): nothing waits for its end. asked: it must be dated once a
    later one has begun.
    """

    name: str
    begun: date | None
    done: date | None
    column: str
    ongoing: bool
    asked: bool


def neuf_etapes(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CONV-01: a step begins once the one before it is complete: no day missing, none earlier than the one before."""
    case = case_of(subject)
    steps = [_step(case, step) for step in rule.parameters["etapes"]]
    begun = [(day, step) for step in steps if (day := step.begun) and day <= context.today]
    if not begun:
        return NotApplicable("aucune étape n'est datée")
    since, last = begun[-1]
    for step in steps[: steps.index(last)]:
        if step.asked and step.done is None:
            return Problem({"manque": step.name, "etape": last.name, "jour": since}, column=step.column)
    return _disorder(begun)


def _disorder(begun: Iterable[tuple[date, _Step]]) -> Problem | None:
    """A step that began before the one that it follows was done; each of these is done, but for the last."""
    before, ended = "", date.min
    for day, step in begun:
        if day < ended:
            facts = {"etape": step.name, "jour": day, "avant": before, "jour_avant": ended}
            return Problem(facts, curable=False, column=step.column, text="ordre")
        if step.done and not step.ongoing:
            before, ended = step.name, step.done
    return None


def _step(case: Case, wanted: Mapping[str, Any]) -> _Step:
    """wanted: nom; colonnes (of the agreement; the last says that it is complete), or onglet and its colonnes; exigee."""
    tab = wanted.get("onglet", "actes")
    rows = {"actes": (case.act,), "plan_action": case.actions, "evaluations": case.evaluations}[tab]
    columns = wanted["colonnes"]
    days = [day for row in rows for column in columns if (day := row.day(column))]
    done = case.act.day(columns[-1]) if tab == "actes" else max(days, default=None)
    return _Step(
        name=wanted["nom"],
        begun=min(days, default=None),
        done=done,
        column=columns[-1] if tab == "actes" else "etape",
        ongoing=tab != "actes",
        asked=wanted.get("exigee", False),
    )
