"""The faults planted around the procedure: action plan, bodies, follow-up, money, councils. Same manner as `faults`.

One fault may spoil several rows, each of which breaks rules of its own: a register has only so many agreements.
"""

from datetime import date, timedelta
from typing import Any

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import World
from cdi_sync.demo.cycle import action, budget_year, dues
from cdi_sync.demo.faults import C, J, O, _the, fault
from cdi_sync.demo.followup import evaluation, meeting
from cdi_sync.demo.general_faults import FAULTS  # those of the modules before, and its own
from cdi_sync.demo.projects import framework

__all__ = ["FAULTS"]


def _mine(world: World, tab: str, d: Dossier) -> list[Row]:
    return [row for row in world.book.rows[tab] if row.get("id_acte") == d.act["id"]]


def _remove(world: World, tab: str, rows: list[Row]) -> None:
    kept = [row for row in world.book.rows[tab] if not any(row is other for other in rows)]
    world.book.rows[tab][:] = kept


def _still_running(world: World, d: Dossier) -> None:
    """The agreement isn't over, its mid-term is still to come (half of its time and fifty days), and nobody forgot it."""
    start: date = d.act["date_entree_vigueur"]
    d.act.update(duree_mois=None, date_fin=world.today + (world.today - start) + timedelta(days=100))
    meeting(world, d, "COORDINATION", world.today + timedelta(days=20))


def _without_steering(world: World, d: Dossier) -> None:
    """No meeting of the two committees; those held still count for the bodies that held them."""
    for row in _mine(world, "reunions", d):
        if row["type"] in ("COPIL", "COSUI"):
            row["type"] = "COORDINATION"


# ---------------------------------------------------------------------------------------------- action plan (ACT)


@fault(C, "C90")
def plan_absent(world: World, d: Dossier) -> None:
    signed = _the(d.visa)["date_decision"] + timedelta(days=1)  # more than 60 days ago
    d.act.update(date_signature=signed, date_signature_prevue=signed)
    _remove(world, "plan_action", _mine(world, "plan_action", d))
    world.book.plant("actes", d.act, "ACT-01")


@fault(C, "C100")
def plan_mal_tenu(world: World, d: Dossier) -> None:
    _still_running(world, d)
    left = world.book.add(
        "contacts", collectivite=d.council["id"], fonction_role="RESPONSABLE_ACTION", nom_prenom="Ancien responsable",
        courriel_institutionnel="ancien@collectivite.example", actif=True, date_fin=days_before(world.today, 1),
    )  # fmt: skip
    _spoiled_action(world, d, "ACT-02", ou_lieu=None, comment_moyens=None)
    _spoiled_action(world, d, "ACT-03", date_butoir=d.act["date_entree_vigueur"] + timedelta(days=2))
    _spoiled_action(world, d, "ACT-07", au=d.act["date_entree_vigueur"])
    _spoiled_action(world, d, "ACT-07", qui_responsable=left["id"])
    _spoiled_action(world, d, "FIN-09", budget_alloue=10_000, depense=10_500)


@fault(C, "C100")
def tache_trop_fine(world: World, d: Dossier) -> None:
    _still_running(world, d)
    _spoiled_action(world, d, "ACT-04", au=d.act["date_entree_vigueur"] + timedelta(days=1))


def _spoiled_action(world: World, d: Dossier, rule: str, **cells: Any) -> Row:
    """An action from the second day to the fourth of the agreement, not over yet, with those cells."""
    start: date = d.act["date_entree_vigueur"]
    row = action(world, d, "Étude", start + timedelta(days=1), start + timedelta(days=3), statut="EN_COURS",
                 avancement_pct=100, mise_a_jour_le=days_before(world.today, 5))  # fmt: skip
    row.update(cells)
    world.book.plant("plan_action", row, rule)
    return row


@fault(C, "C100")
def cadre_logique_neglige(world: World, d: Dossier) -> None:
    _still_running(world, d)
    lines = framework(world, d.act)
    lines["OBJECTIF_SPECIFIQUE"]["description_projet"] = None
    world.book.plant("cadre_logique", lines["OBJECTIF_SPECIFIQUE"], "ACT-05", "PROJ-04")
    followed = {"periode": days_before(world.today, 25), "questions_de_suivi": "pourquoi ; qui ; quoi"}
    lines["RESULTAT_ATTENDU"].update(followed, problemes="Livraison en retard")
    world.book.plant("cadre_logique", lines["RESULTAT_ATTENDU"], "SUIV-02", "SUIV-04", "SUIV-06")
    start: date = d.act["date_entree_vigueur"]
    unmeasured = action(world, d, "Étude", start, start + timedelta(days=5), statut="TERMINEE")  # 30 days are over
    world.book.plant("plan_action", unmeasured, "ACT-06")


# ------------------------------------------------------------------------------- bodies and follow-up (GOV, SUIV)


@fault(C, "C100")
def organes_absents(world: World, d: Dossier) -> None:
    _still_running(world, d)
    _without_steering(world, d)
    for row in _mine(world, "reunions", d):
        row["id_organe"] = None
    _remove(world, "organes", _mine(world, "organes", d))
    world.book.plant("actes", d.act, "GOV-01")


@fault(C, "C100")
def organes_mal_definis(world: World, d: Dossier) -> None:
    _still_running(world, d)
    steering, other = _mine(world, "organes", d)
    steering.update(missions=None, moyens_humains=None)
    other["type"] = "COMITE_TECHNIQUE"
    world.book.plant("organes", steering, "GOV-02")
    world.book.plant("actes", d.act, "GOV-03")


@fault(C, "C100")
def pilotage_sans_donnees(world: World, d: Dossier) -> None:
    _still_running(world, d)
    _without_steering(world, d)
    for row in _mine(world, "plan_action", d):
        row["mise_a_jour_le"] = days_before(world.today, 35)
    row = meeting(world, d, "COPIL", days_before(world.today, 1))  # 34 days later
    world.book.plant("reunions", row, "GOV-04")


@fault(C, "C100")
def suivi_delaisse(world: World, d: Dossier) -> None:
    _still_running(world, d)
    _without_steering(world, d)
    for row in _mine(world, "plan_action", d):
        row.update(mise_a_jour_le=days_before(world.today, 46), statut="EN_COURS")
    world.book.plant("actes", d.act, "SUIV-01")


@fault(C, "C90")
def communication_oubliee(world: World, d: Dossier) -> None:
    d.act["date_plan_communication"] = None
    _remove(world, "contacts", [_the(d.focal)])
    world.book.plant("actes", d.act, "COM-01", "COM-02")


# ------------------------------------------------------------------------------------------------- money (FIN)


@fault(C, "C80", money=True)
def budget_oublie(world: World, d: Dossier) -> None:
    _remove(world, "budget", [row for row in _mine(world, "budget", d) if row["type_ligne"] == "BUDGET"])
    if _the(d.deliberation)["date_deliberation"] <= budget_year(world, d.council)[1]:
        world.book.plant("actes", d.act, "FIN-01")


@fault(C, "C100", money=True)
def comptes_mal_tenus(world: World, d: Dossier) -> None:
    _still_running(world, d)
    lines = {row["type_ligne"]: row for row in _mine(world, "budget", d)}
    for row in _mine(world, "budget", d):
        if row["type_ligne"] == "BUDGET":
            row["nature_depense"] = "AUTRE"
    d.act["cout_global"] += 5_000
    world.book.plant("actes", d.act, "FIN-02", "FIN-15")
    lines["CONTRIBUTION"].update(echeance=days_before(world.today, 1), montant_verse=0)
    world.book.plant("budget", lines["CONTRIBUTION"], "FIN-11")
    yesterday = days_before(world.today, 1)
    _spoiled_line(
        world, d, "FIN-08", type_ligne="SUIVI", periode=yesterday, decaissement_pct=71, avancement_physique_pct=50
    )
    _spoiled_line(world, d, "SUIV-05", type_ligne="MARCHE", reference="Marché 7",
                  date_passation=days_before(world.today, 90), date_fin_prevue=yesterday)  # fmt: skip
    opened = world.today.year - 3
    _spoiled_line(
        world, d, "FIN-05", type_ligne="CDD", exercice=opened, date_depot_dgct=date(opened, 2, 1),
        date_decision_creation=date(opened, 4, 1), ref_decision=f"Décision {opened}-7", ressources_prevues=80_000,
        ressources_disponibles=80_000, credits_ouverts=80_000, montant_paye=50_000,
    )  # fmt: skip


def _spoiled_line(world: World, d: Dossier, rule: str, **cells: Any) -> Row:
    row = world.book.add("budget", id_acte=d.act["id"], **cells)
    world.book.plant("budget", row, rule)
    return row


@fault(C, "C100", followed=False)
def evaluation_sans_budget(world: World, d: Dossier) -> None:
    row = evaluation(world, d, world.today + timedelta(days=120))
    row.update(inclus_montage_financier=False, phase_suivante_debut=world.today + timedelta(days=29))
    world.book.plant("evaluations", row, "FIN-12", "EVAL-05")


@fault(J, "J60")
@fault(O, "O30")
def frais_non_budgetes(world: World, d: Dossier) -> None:
    d.act["implique_engagement_financier"] = None
    _remove(world, "budget", _mine(world, "budget", d))
    world.book.plant("actes", d.act, "FIN-13" if d.act["forme"] == "JUMELAGE" else "FIN-14")


@fault(O, "O70")
def cotisation_impayee(world: World, d: Dossier) -> None:
    _remove(world, "budget", [row for row in _mine(world, "budget", d) if row["type_ligne"] == "COTISATION"])
    line = dues(world, d, days_before(world.today, 40), paid=None)
    world.book.plant("budget", line, "OING-07")


# --------------------------------------------------------------------------------------------- twinnings (JUM)


@fault(J, "J80")
def retour_oublie(world: World, d: Dossier) -> None:
    held = days_before(world.today, 91)
    _the(d.phase).update(date_prevue=held, date_arretee_par_president=held, date_effective=held)
    _remove(world, "phases_jumelage", [row for row in _mine(world, "phases_jumelage", d) if row["phase"] == "RETOUR"])
    _remove(world, "organes", [_the(d.body)])
    world.book.plant("actes", d.act, "JUM-17", "JUM-24")


@fault(J, "J85")
def comite_voyageur(world: World, d: Dossier) -> None:
    _the(d.body).update(date_mise_en_place=days_before(world.today, 61), date_reglement_interieur=None,
                        nb_voyages_organises=4, nb_projets_suivis=1)  # fmt: skip
    world.book.plant("organes", _the(d.body), "JUM-18", "JUM-19")


# ------------------------------------------------------------------------------------------------ councils


@fault(O, "O70")
def conseil_peu_prepare(world: World, d: Dossier) -> None:
    d.council.update(doc_periode_fin=None, doc_date_adoption=None, page_web=None)
    world.book.plant("collectivites", d.council, "GEN-05", "LEX-20", "COM-05")
    if d.act["date_adhesion"].year < world.today.year:
        d.council["brochure_le"] = None
        world.book.plant("collectivites", d.council, "COM-04")


@fault(O, "O50")
def conseil_sans_equipe(world: World, d: Dossier) -> None:
    d.council["equipe_date_creation"] = None
    world.book.plant("collectivites", d.council, "GEN-13")
    world.book.expected["collectivites", d.council["id"]].discard("GEN-15")  # no team, no question about it


@fault(J, "J60")
def equipe_sans_rattachement(world: World, d: Dossier) -> None:
    d.council["equipe_rattachement"] = None
    if d.council["equipe_date_creation"]:
        world.book.plant("collectivites", d.council, "GEN-15")
