"""The check on progress (SUIV-03): actions against their calendar, results against their targets (guide, L1131-1134)."""

from collections.abc import Iterable
from datetime import date

from cdi_sync.logframe import is_under_way, number_in
from cdi_sync.model import Case, Row
from cdi_sync.rules.named.common import case_of, is_over, limit_after
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule


def avancement_au_calendrier(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """SUIV-03: no action lags behind its calendar, no result behind its target once its actions are over.

    An action is expected to progress evenly from « Du » to « Au », 100 % from then on; it is compared on the day of its
    last update. Gaps are in points of percentage; more than the limit is a problem. The follow-up of an evaluation has
    its own rule (EVAL-11).
    """
    case, today = case_of(subject), context.today
    limit = subject.limit(rule.limit, today, context)
    if limit is None or is_over(case, today) or not is_under_way(case):
        return NotApplicable("aucune action n'a commencé, ou l'acte est suspendu ou terminé")
    followed = [row for row in case.actions if row["statut"] != "ANNULEE" and not row["id_evaluation"]]
    for row in followed:
        begun = row.day("date_debut_reelle") or row.day("du")
        told = limit_after(subject, begun, rule.parameters["releve"], context)
        if _progress(row) is None and told and told < today:
            return Problem({"action": row.id, "debut": begun}, row=row, column="avancement_pct", text="sans")
    gaps = [(gap, row) for row in followed if (gap := _gap(row, today)) and gap > limit.number]
    if gaps:
        gap, row = max(gaps, key=lambda pair: pair[0])
        real = round(_progress(row) or 0)
        facts = {"action": row.id, "reel": real, "prevu": real + gap, "ecart": gap, "nombre": len(gaps)}
        return Problem(facts, row=row, column="avancement_pct")
    return _short_result(case, followed, limit.number)


def _progress(action: Row) -> float | None:
    """How much of an action is done, in per cent; None when nobody has said."""
    if action["statut"] == "TERMINEE":
        return 100
    return (
        action.number_of("avancement_pct") if action["statut"] != "A_FAIRE" else action.number_of("avancement_pct") or 0
    )


def _gap(action: Row, today: date) -> int | None:
    """How many points an action lags behind its calendar; None when its dates or its progress aren't known."""
    begins, ends, done, told = (
        *(action.day(key) for key in ("du", "au")),
        _progress(action),
        action.day("mise_a_jour_le"),
    )
    if begins is None or ends is None or done is None or ends < begins or today < begins:
        return None
    seen = min(told, today) if told and begins <= told and today <= ends else today
    expected = 100 if seen >= ends else 100 * (seen - begins).days / (ends - begins).days
    return round(expected) - round(done)


def _short_result(case: Case, actions: Iterable[Row], most: int) -> Problem | None:
    """The first result whose actions are all over and whose indicator is further from its target than allowed."""
    serving: dict[str, list[Row]] = {}
    for action in actions:
        serving.setdefault(action.text("id_resultat_attendu"), []).append(action)
    for line in case.logframe:
        mine = serving.get(line.id, ())
        base, target, value = (number_in(line.text(key)) for key in ("donnee_de_base", "cible", "valeur_courante"))
        if (
            not mine
            or any(row["statut"] != "TERMINEE" for row in mine)
            or base is None
            or target is None
            or value is None
        ):
            continue
        reached = 100 * (value - base) / (target - base) if target != base else 100
        if 100 - reached > most:
            facts = {
                "resultat": line.id,
                "valeur": line["valeur_courante"],
                "cible": line["cible"],
                "atteint": round(reached),
            }
            return Problem(facts, row=line, column="valeur_courante", text="resultat")
    return None
