"""What waits once an agreement is voted: signing, bodies, actions, evaluations, term, dormancy, closing.

Same manner as `triggers`: one function a trigger of `config/reminders.toml`. Nothing is asked of an agreement that is
closed, but what its closing opens.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from cdi_sync.casefile import DONE, STARTED, current_end, events, first_day, months_after
from cdi_sync.law import EVERY_TIER
from cdi_sync.living import is_refused
from cdi_sync.logframe import revisions
from cdi_sync.meetings import evaluation_meetings
from cdi_sync.model import Case, Form, Row, Standing
from cdi_sync.procedure import Surroundings
from cdi_sync.reminders.waiting import Waiting, is_empty

IN_NEGOTIATION = ("C50",)
VISA_GRANTED = ("C80", "J68")
DORMANT = ("C95", "J95")


def _is_closed(case: Case) -> bool:
    return bool(events(case, "cloture"))


# ---------------------------------------------------------------------- until the signature (REM-CONV-01, 02)


def negociation_sans_suite(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CONV-01: a negotiation that has given no text yet; anchored on its opening."""
    if standing.stage in IN_NEGOTIATION and standing.since:
        yield Waiting(case.act, "date_projet_convention", standing.since, None, {"ouverture": standing.since})


def signature_a_programmer(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CONV-02: the visa given, or a twinning's papers sent, and no ceremony fixed; anchored on that day."""
    granted = (*VISA_GRANTED, "J65") if around.readings["D-03"] == "guide" else VISA_GRANTED
    if standing.stage not in granted or standing.since is None:
        return
    if case.form is Form.JUMELAGE or is_empty(case.act, "date_signature_prevue"):
        yield Waiting(case.act, "date_signature_prevue", standing.since, None, {"depuis": standing.since})


# ----------------------------------------------------------------- once in force (REM-CONV-03 to 05, REM-JUM-01, 02)


def organes_a_mettre_en_place(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CONV-03: a convention in force without any body; anchored on its entry into force."""
    yield from _missing_in_force(case, standing, "organe_cree")


def plan_d_action_a_elaborer(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CONV-04: a convention in force without any action; anchored on its entry into force."""
    yield from _missing_in_force(case, standing, "action_prevue")


def _missing_in_force(case: Case, standing: Standing, kind: str) -> Iterator[Waiting]:
    since = first_day(case, "entree_en_vigueur")
    if case.form is Form.CONVENTION and standing.situation == "vigueur" and since and not events(case, kind):
        yield Waiting(case.act, "etape", since, None, {"vigueur": since})


def cadre_logique_a_revoir(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CONV-05: a logical framework not yet gone over with the partner; anchored on the signature."""
    signed = first_day(case, "signature")
    if signed and _has_framework(case) and not _is_closed(case) and not _revisions(case, signed):
        yield Waiting(case.logframe[0], "date_revision", signed, None, {"signature": signed})


def cadre_logique_annuel(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CONV-05 again each year; anchored twelve months after the latest revision."""
    signed = first_day(case, "signature")
    done = _revisions(case, signed) if signed and _has_framework(case) and not _is_closed(case) else []
    anniversary = months_after(max(done), 12) if done else None
    if anniversary:
        facts = {"revision": max(done), "echeance": anniversary}
        yield Waiting(case.logframe[0], "date_revision", anniversary, anniversary, facts)


def _has_framework(case: Case) -> bool:
    return case.form is Form.CONVENTION and bool(case.logframe)


def _revisions(case: Case, since: date) -> list[date]:
    """The days on which the framework was revised since then: its own dates, and meetings or actions marked so."""
    return [day for day, _ in revisions(case) if day >= since]


def phase_retour_a_programmer(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-JUM-01: the outward protocol signed, no return phase fixed; anchored on the outward phase."""
    signed = first_day(case, "phase_aller")
    back = [row for row in case.phases if row["phase"] == "RETOUR"]
    fixed = any(not is_empty(row, key) for row in back for key in ("date_arretee_par_president", "date_effective"))
    if case.form is Form.JUMELAGE and signed and not fixed and not _is_closed(case):
        row = back[0] if back else next(row for row in case.phases if row["phase"] == "ALLER")
        yield Waiting(row, "date_arretee_par_president", signed, None, {"aller": signed})


def comite_a_creer(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-JUM-02: the outward protocol signed, no twinning committee; anchored on the outward phase."""
    signed = first_day(case, "phase_aller")
    has_one = any(row["type"] == "COMITE_JUMELAGE" for row in case.bodies)
    if case.form is Form.JUMELAGE and signed and not has_one and not _is_closed(case):
        yield Waiting(case.act, "etape", signed, None, {"aller": signed})


def reglement_du_comite(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-JUM-02 for its rules: a committee without any; anchored on the day it was set up."""
    for row in case.bodies:
        since = row.day("date_mise_en_place")
        lacking = row["type"] == "COMITE_JUMELAGE" and is_empty(row, "date_reglement_interieur")
        if lacking and since and row["date_fin"] is None and not _is_closed(case):
            yield Waiting(row, "date_reglement_interieur", since, None, {"comite": since})


# ------------------------------------------------------------------------ actions and measures (REM-ACT-01 to 04)


def _open_actions(case: Case) -> Iterator[Row]:
    """Actions still to be done. Recommendations have reminders of their own (REM-EVAL-04)."""
    for row in case.actions if not _is_closed(case) else ():
        if row["statut"] not in DONE and "statut" not in row.unreadable and row["id_evaluation"] is None:
            yield row


def action_a_commencer(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-ACT-01: an action about to begin; anchored on its first day. Past that day its end speaks."""
    for row in _open_actions(case):
        begins = row.day("du")
        begun = row["statut"] in STARTED or row["date_debut_reelle"] is not None
        if begins and begins >= around.today and not begun:
            yield Waiting(row, "statut", begins, begins, {"debut": begins})


def action_a_finir(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-ACT-01: an action about to end; anchored on its last day."""
    for row in _open_actions(case):
        ends = row.day("au")
        if ends and ends >= around.today:
            yield Waiting(row, "statut", ends, ends, {"echeance": ends})


def action_en_retard(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-ACT-02: an action past its last day; anchored on it."""
    for row in _open_actions(case):
        ends = row.day("au")
        if ends and ends < around.today:
            yield Waiting(row, "statut", ends, ends, {"echeance": ends})


def marge_perdue(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-ACT-03: less than a tenth of an action's length is left before its final day.

    Anchored on the first day on which it is so: when the plan itself leaves too little, its first day, else the day
    on which what is left to do has eaten the margin.
    """
    share = around.law.in_force("marge_retroplanning", around.today, case.tier or EVERY_TIER)
    for row in _open_actions(case) if share else ():
        begins, ends, final = row.day("du"), row.day("au"), row.day("date_butoir")
        if begins is None or ends is None or final is None or share is None or begins > ends:
            continue
        last_safe = final - timedelta(days=round((ends - begins).days * share.share))
        lost = begins if ends > last_safe else last_safe + timedelta(days=1)
        if lost <= around.today:
            facts = {"butoir": final, "marge": (final - max(ends, around.today)).days}
            yield Waiting(row, "date_butoir", lost, None, facts, text="" if around.today <= final else "depassee")


def mesure_a_prendre(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-ACT-04: a corrective measure not taken; anchored on its day."""
    for row in case.logframe if not _is_closed(case) else ():
        day = row.day("mesure_echeance")
        if day and is_empty(row, "mesure_faite_le"):
            yield Waiting(row, "mesure_faite_le", day, day, {"echeance": day})


# -------------------------------------------------------------------------- evaluations (REM-EVAL-03, 05, 06, 07)


def etape_d_evaluation(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-EVAL-03: the steps of an evaluation under way. The committee's framing by the first day of the agreed period,
    a meeting that presents the findings 30 days after the collection, the final report by the last day of the period.
    """
    for row in case.evaluations:
        if row["date_validation_copil"] or (row["date_contrat"] is None and row["p1_preparatoire_tdr"] is None):
            continue
        begins, ends, collected = (
            row.day(k) for k in ("periode_convenue_debut", "periode_convenue_fin", "date_fin_collecte")
        )
        framed = evaluation_meetings(case, row, "CADRAGE", "date_reunion_cadrage", around.today)
        if begins and not framed and is_empty(row, "date_reunion_cadrage") and is_empty(row, "p2_collecte"):
            yield Waiting(row, "date_reunion_cadrage", begins, begins, {"echeance": begins}, text="cadrage")
        told = evaluation_meetings(case, row, "RESTITUTION", "date_restitution", around.today)
        if collected and not any(day >= collected for day in told) and is_empty(row, "date_restitution"):
            limit = around.law.in_force("evaluation_restitution", collected, case.tier or EVERY_TIER)
            last = collected + timedelta(days=limit.number) if limit else collected
            yield Waiting(row, "date_restitution", last, last, {"echeance": last}, text="restitution")
        if ends and is_empty(row, "date_rapport_final"):
            yield Waiting(row, "date_rapport_final", ends, ends, {"echeance": ends})


def expost_a_prevoir(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-EVAL-05: a convention closed, no ex-post evaluation planned; anchored twelve months after the closing.

    A derogation on EVAL-04 with its reason gives it up.
    """
    closed = first_day(case, "cloture")
    anchor = months_after(closed, 12) if closed and case.form is Form.CONVENTION else None
    if anchor is None or any(row["moment"] == "EX_POST" for row in case.evaluations):
        return
    waived = (r for r in around.registry["derogations"] if r.text("id_concerne") == case.id and r["motif"])
    if not any(row.text("regle").upper() == "EVAL-04" for row in waived):
        yield Waiting(case.act, "date_cloture", anchor, anchor, {"cloture": closed, "echeance": anchor})


def rapport_a_diffuser(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-EVAL-06: a report validated and not sent to all three publics; anchored on the validation."""
    for row in case.evaluations:
        validated = row.day("date_validation_copil")
        columns = ("diffusion_conseils", "diffusion_partenaires", "diffusion_administration")
        missing = [column for column in columns if is_empty(row, column)]
        limit = around.law.in_force("evaluation_diffusion", validated, case.tier or EVERY_TIER) if validated else None
        if validated and missing:
            last = validated + timedelta(days=limit.number) if limit else None
            yield Waiting(row, missing[0], validated, last, {"validation": validated})


_FEES = {
    "SIGNATURE": "date_contrat",
    "RAPPORT_PROVISOIRE": "date_rapport_provisoire",
    "RAPPORT_FINAL": "date_rapport_final",
}


def honoraires_exigibles(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-EVAL-07: fees whose cause has come, not paid; anchored on the day of that cause."""
    evaluation = {row.id: row for row in case.evaluations}
    for row in case.money:
        owner = evaluation.get(row.text("id_evaluation"))
        cause = _FEES.get(row.text("fait_generateur"))
        if row["type_ligne"] != "HONORAIRES" or owner is None or cause is None or not is_empty(row, "date_versement"):
            continue
        if (since := owner.day(cause)) and since <= around.today:
            yield Waiting(row, "date_versement", since, None, {"depuis": since})


# ------------------------------------------------------------ term, dormancy, closing (REM-CONV-06, 07, REM-CAP-01)


def terme_a_decider(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CONV-06: the term comes, nothing decided; anchored on the last day to say so, notice taken off."""
    end = current_end(case)
    live = case.form is Form.CONVENTION and standing.situation == "vigueur" and not _is_closed(case)
    if end is None or not live or is_refused(case):
        return
    notice = case.act.number_of("preavis_reconduction_mois")
    last = months_after(end, -int(notice)) if notice else end
    if last:
        text = "tacite" if case.act["reconduction"] == "TACITE" else ""
        yield Waiting(case.act, "date_reconduction", last, last, {"fin": end, "echeance": last}, text=text)


def dormant_a_analyser(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CONV-07: a dormant agreement; anchored on the day it became so."""
    if standing.stage in DORMANT and standing.since:
        yield Waiting(case.act, "etape", standing.since, None, {"depuis": standing.since})


def capitalisation_a_mener(case: Case, standing: Standing, around: Surroundings) -> Iterator[Waiting]:
    """REM-CAP-01: an agreement closed, its lessons not drawn; anchored on the closing."""
    closed = first_day(case, "cloture")
    if closed and case.form is not Form.ADHESION_OING and is_empty(case.act, "date_capitalisation"):
        limit = around.law.in_force("capitalisation_apres_cloture", closed, case.tier or EVERY_TIER)
        last = closed + timedelta(days=limit.number) if limit else None
        yield Waiting(case.act, "date_capitalisation", closed, last, {"cloture": closed, "echeance": last})


TRIGGERS = (
    negociation_sans_suite, signature_a_programmer, organes_a_mettre_en_place, plan_d_action_a_elaborer,
    cadre_logique_a_revoir, cadre_logique_annuel, phase_retour_a_programmer, comite_a_creer, reglement_du_comite,
    action_a_commencer, action_a_finir, action_en_retard, marge_perdue, mesure_a_prendre, etape_d_evaluation,
    expost_a_prevoir, rapport_a_diffuser, honoraires_exigibles, terme_a_decider, dormant_a_analyser,
    capitalisation_a_mener,
)  # fmt: skip
