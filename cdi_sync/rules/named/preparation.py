"""Checks on how ready a council is (GEN-06, GEN-16) and on its programme of the year (RH-06). Their rows are councils'."""

from datetime import date, timedelta

from cdi_sync.casefile import events
from cdi_sync.living import dormante
from cdi_sync.model import Case, Form, Row
from cdi_sync.people import is_active
from cdi_sync.rules.items import unsaid
from cdi_sync.rules.named.common import NO_LIMIT, is_over
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

VOTED = ("deliberation_adoptee", "signature", "phase_aller", "phase_retour", "adhesion")
CONCLUDED = ("signature", "phase_aller", "phase_retour")


def volets_du_document(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-06: with an agreement under way, « Contenu du document » names the six things the guide expects of it."""
    row = subject.row
    if row["doc_periode_debut"] is None or not _under_way(row, context):
        return NotApplicable("aucun acte en cours, ou aucun document de planification saisi (GEN-05)")
    wanted = rule.parameters["elements"]
    held = row["doc_contenu"]
    silent = unsaid(" ; ".join(held) if isinstance(held, tuple) else "", wanted)
    if not silent:
        return None
    facts = {"la": len(wanted) - len(silent), "sur": len(wanted), "manque": " ; ".join(silent)}
    return Problem(facts, text="" if row["doc_contenu"] else "vide")


def preparation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-16: once an agreement is voted, one at most of the means is lacking: each has a rule of its own besides."""
    acts = _under_way(subject.row, context)
    if not any(events(case, *VOTED) for case in acts):
        return NotApplicable("aucun acte délibéré n'est en cours")
    means = means_of(subject.row, acts, context)
    lacking = [rule.parameters["noms"][name] for name, there in means.items() if not there]
    most = subject.limit(rule.limit, context.today, context)
    if most is None:
        return NotApplicable(NO_LIMIT)
    if len(lacking) <= most.number:
        return None
    return Problem({"la": len(means) - len(lacking), "sur": len(means), "manque": " ; ".join(lacking)})


def means_of(council: Row, acts: list[Case], context: Context) -> dict[str, bool]:
    """The means that agreements under way ask of their council, and whether it has each: its score is how many it has.

    Its territory is presented for conventions only, and money counts where it is followed.
    """
    begins, ends, created = (council.day(c) for c in ("doc_periode_debut", "doc_periode_fin", "equipe_date_creation"))
    in_office = any(is_active(member, context.today) for member in context.teams.get(council.id, ()))
    means = {
        "equipe": bool(created and created <= context.today and in_office),
        "document": bool(begins and ends and begins <= context.today <= ends),
        "deliberation": any(events(case, *VOTED) for case in acts),
    }
    money = [row for case in acts for row in case.money]
    if money or "finances" in context.modules:
        means["budget"] = any(row["type_ligne"] == "BUDGET" for row in money)
    if conventions := [case for case in acts if case.form is Form.CONVENTION]:
        means["marketing"] = any(events(case, "marketing") for case in conventions)
    return means


def programme_annuel(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """RH-06: from 1 February on, the action plans of a council's agreements hold an action of this year at least.

    Asked of councils with a convention or a twinning concluded, that isn't over and doesn't sleep.
    """
    year = context.today.year
    limit = subject.limit(rule.limit, context.today, context)
    if limit is None:
        return NotApplicable(NO_LIMIT)
    last = date(year, 1, 1) + timedelta(days=limit.number)
    acts = _under_way(subject.row, context)
    if not any(_is_alive(case, context) for case in acts):
        return NotApplicable("aucune convention ni jumelage en cours d'exécution")
    if any(_touches(action, year) for case in acts for action in case.actions):
        return None
    if context.today <= last:
        return NotApplicable("le programme de l'année peut encore être établi", last)
    return Problem({"annee": year, "dernier_jour": last})


def _is_alive(case: Case, context: Context) -> bool:
    return (
        case.form is not Form.ADHESION_OING
        and bool(events(case, *CONCLUDED))
        and not is_over(case, context.today)
        and dormante(case, context.law, context.today) is None
    )


def _touches(action: Row, year: int) -> bool:
    """True for an action that isn't cancelled and has a day of that year."""
    days = [day for key in ("du", "au") if (day := action.day(key))]
    return action["statut"] != "ANNULEE" and bool(days) and days[0].year <= year <= days[-1].year


def _under_way(council: Row, context: Context) -> list[Case]:
    return [case for case in context.council_acts.get(council.id, ()) if case.followed]
