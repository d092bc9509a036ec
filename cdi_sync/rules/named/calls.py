"""Checks on the answer to a call for projects (AAP). All speak of the agreement's row, where the call is entered.

Only dates are compared: the registry has the hour of the deadline but not that of the sending, so that a file sent on the
last day is in time. The days that the method is planned for are ours (`parametre`).
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from cdi_sync.casefile import answers_call, events, main_deliberations
from cdi_sync.model import Case, Row
from cdi_sync.rules.items import unsaid
from cdi_sync.rules.named.common import case_of, limit_after, limit_before, money_is_followed
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

NO_CALL = NotApplicable("l'acte ne répond pas à un appel à projets, ou son dossier n'a pas été retenu")
LAUNCHED, CLOSES, SENT = "date_lancement_appel", "date_limite_appel", "date_transmission_dossier"
BUILT, WRITTEN = "m3_construction_offre", "m4_redaction"
TEAM_MEMBER = "MEMBRE_EQUIPE"


def eligibilite_verifiee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """AAP-01: the council meets the call's criteria, and that was verified on or before the day its offer was built.

    Owed so many days after the launch, or once the offer is being built.
    """
    if _no_call(subject):
        return NO_CALL
    act = subject.row
    answer, verified = act.says("eligibilite_verifiee"), act.day("date_eligibilite")
    if answer and verified:
        begun = _begun(act)
        if begun is None or verified <= begun:
            return None
        facts = {"verifie": verified, "debut": begun}
        return Problem(facts, curable=False, column="date_eligibilite", text="tard")
    last = limit_after(subject, act.day(LAUNCHED), rule.limit, context)
    text, column = ("sans_date", "date_eligibilite") if answer else ("non" if answer is False else "", "")
    return Problem({}, column=column, text=text, on=act.day(LAUNCHED), overdue=_gone_by(context, last))


def dossier_dans_le_delai(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """AAP-02: the file was sent on or before the call's last day."""
    if _no_call(subject):
        return NO_CALL
    closes, sent = subject.row.day(CLOSES), subject.row.day(SENT)
    if closes is None:
        return NotApplicable("la date limite de l'appel n'est pas saisie")
    facts = {"limite": closes, "envoi": sent}
    if sent:
        return Problem(facts, curable=False, text="tard") if sent > closes else None
    if context.today <= closes:
        return NotApplicable("le dossier peut encore partir", closes)
    return Problem(facts)


def equipe_du_dossier(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """AAP-03: a director of services (role DGS_DS) answers for the file, and the council has a team to prepare it.

    Owed so many days after the launch, or once the offer is being built. The team is that of the contacts: who has left
    doesn't count.
    """
    if _no_call(subject):
        return NO_CALL
    act = subject.row
    late = _gone_by(context, limit_after(subject, act.day(LAUNCHED), rule.limit, context))
    if act["responsable_dossier"] is None:
        return Problem(on=act.day(LAUNCHED), overdue=late)
    director = context.contacts[act.text("responsable_dossier")]  # a number that is nobody's is unreadable
    if director["fonction_role"] != rule.parameters["role"]:
        return Problem({"responsable": director.text("nom_prenom") or director.id}, text="role", overdue=late)
    members = context.teams.get(act.text("collectivite"), ())
    if any(row["fonction_role"] == TEAM_MEMBER and not _has_left(row, context.today) for row in members):
        return None
    return Problem(text="equipe", on=act.day(LAUNCHED), overdue=late)


def _has_left(contact: Row, today: date) -> bool:
    left = contact.day("date_fin")
    return contact.says("actif") is False or (left is not None and left < today)


def methode_suivie(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """AAP-06: rules read, decision taken, offer built, proposal written, in that order, and all before the file is sent.

    The first two are planned so many days after the launch, the other two so many days before the call closes
    (`etapes`: column, name, limit, and the date that it is counted from).
    """
    if _no_call(subject):
        return NO_CALL
    act, steps = subject.row, rule.parameters["etapes"]
    dated = [(step["nom"], step["colonne"], day) for step in steps if (day := act.day(step["colonne"]))]
    for (before, _, first), (after, column, then) in pairwise(dated):
        if then < first:
            facts = {"etape": after, "jour": then, "etape_avant": before, "jour_avant": first}
            return Problem(facts, curable=False, column=column, text="ordre", overdue=then <= context.today)
    missing = [step for step in steps if act[step["colonne"]] is None]
    if not missing:
        return None
    sent = act.day(SENT)
    if sent and sent <= context.today:
        return Problem({"etape": missing[0]["nom"], "envoi": sent}, column=missing[0]["colonne"], text="envoye")
    for step in missing:
        last = _planned(step, subject, context)
        if _gone_by(context, last):
            facts = {"etape": step["nom"], "dernier_jour": last}
            return Problem(facts, column=step["colonne"], text="retard", overdue=True)
    return Problem({"etape": missing[0]["nom"]}, column=missing[0]["colonne"])


def _planned(step: dict[str, str], subject: Subject, context: Context) -> date | None:
    """The last day planned for a step of the method."""
    counted = limit_before if step["depuis"] == CLOSES else limit_after
    return counted(subject, subject.row.day(step["depuis"]), step["limite"], context)


def valide_par_le_president(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """AAP-07: the President approved the file on or before the day it was sent; owed some days before the call closes."""
    if _no_call(subject):
        return NO_CALL
    act = subject.row
    approved, sent, closes = act.day("date_validation_president"), act.day(SENT), act.day(CLOSES)
    if approved:
        if sent is None or approved <= sent:
            return None
        return Problem({"validation": approved, "envoi": sent}, curable=False, text="tard")
    if sent and sent <= context.today:
        return Problem({"envoi": sent}, text="envoye")
    last = limit_before(subject, closes, rule.limit, context)
    late = _gone_by(context, last)
    return Problem({"dernier_jour": last}, on=closes, text="retard" if late else "", overdue=late)


def procedure_du_projet_retenu(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """AAP-08: a project retained on a call has its agenda item, its deliberation, its visa and its money voted.

    The money is looked for where it is followed in the registry.
    """
    case = case_of(subject)
    if subject.row["resultat_appel"] != "RETENU" or case.over:
        return NotApplicable("aucun projet n'a été retenu à un appel")
    names = rule.parameters["etapes"]
    missing = [names[step] for step in _legal_steps_missing(case, context)]
    if not missing:
        return None
    return Problem({"la": len(names) - len(missing), "sur": len(names), "manque": " ; ".join(missing)})


def _legal_steps_missing(case: Case, context: Context) -> Sequence[str]:
    votes = main_deliberations(case)
    there = {
        "inscription": any(row.says("inscrit_odj") and row["id_session"] for row in votes),
        "deliberation": any(row["resultat"] == "ADOPTEE" and not row.says("opposition") for row in votes),
        "visa": bool(events(case, "visa_accorde")),
        "budget": not money_is_followed(case, context)
        or any(row["type_ligne"] == "BUDGET" and (row.number_of("montant_vote") or 0) > 0 for row in case.money),
    }
    return [step for step, done in there.items() if not done]


def avis_complet(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """AAP-09: what is noted of the call's notice names each of `elements`, and the call has a last day."""
    if _no_call(subject):
        return NO_CALL
    if subject.row[CLOSES] is None:
        return Problem(column=CLOSES, text="limite")
    noted = subject.row["contenu_avis"]
    silent = unsaid(" ; ".join(noted) if isinstance(noted, tuple) else "", rule.parameters["elements"])
    return Problem({"manque": " ; ".join(silent)}) if silent else None


# ------------------------------------------------------------------------------------------------------- helpers


def _no_call(subject: Subject) -> bool:
    case = case_of(subject)
    return case.over or not answers_call(case)


def _begun(act: Row) -> date | None:
    """The day on which the offer was built, or the proposal written: the earlier one."""
    return min((day for key in (BUILT, WRITTEN) if (day := act.day(key))), default=None)


def _gone_by(context: Context, last: date | None) -> bool:
    return last is not None and context.today > last
