"""The faults planted after an agreement is in force: meetings, bodies and evaluations. Same manner as `faults`.

An evaluation fault starts from a convention without any follow-up (`followed=False`), so that no other meeting or
evaluation can repair it. In comments: D, the first day of the agreed period; the steps of `followup` count from it.
"""

from datetime import date, timedelta
from typing import Any

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import World
from cdi_sync.demo.faults import FAULTS, C, J, fault
from cdi_sync.demo.followup import evaluation, meeting

__all__ = ["FAULTS"]

ON_SITE = {"mode": "PRESENTIEL", "plateforme": None, "lien": None}
REMOTE = {"mode": "A_DISTANCE", "lieu": None, "fuseau_ct": "Africa/Casablanca", "fuseau_partenaire": "Europe/Paris"}


# ------------------------------------------------------------------------------------------- meetings (MEET 01-06)


def _spoiled_meeting(world: World, d: Dossier, days: int, rules: tuple[str, ...], **cells: Any) -> Row:
    """A coordination meeting so many days from today (before today if negative), with those cells."""
    row = meeting(world, d, "COORDINATION", world.today + timedelta(days=days))
    row.update(cells)
    world.book.plant("reunions", row, *rules)
    return row


@fault(C, "C100")
def reunion_mal_preparee(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, 3, ("MEET-01", "MEET-02", "MEET-06"), **ON_SITE, lieu=None, rapporteur=None)


@fault(J, "J85")
def reunion_sans_lieu(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, 7, ("MEET-02",), **ON_SITE, lieu=None)


@fault(C, "C100")
def reunion_sans_lien(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, 7, ("MEET-03",), **REMOTE, plateforme="Visioconférence", lien=None)


@fault(J, "J85")
def reunion_aux_heures_inversees(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, 6, ("MEET-04",), heure_fin="09:30")


@fault(C, "C100")
def ordre_du_jour_non_partage(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, 5, ("MEET-05",), date_partage_odj=None)


@fault(J, "J85")
def ordre_du_jour_partage_en_seance(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, -20, ("MEET-01", "MEET-05"), date_partage_odj=days_before(world.today, 20))


@fault(C, "C100")
def reunion_sans_moderateur(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, 5, ("MEET-06",), moderateur=None)


# ------------------------------------------------------------------------------------------- meetings (MEET 07-12)


@fault(C, "C100")
def points_laisses_de_cote(world: World, d: Dossier) -> None:
    nothing = {"points_tous_abordes": False, "points_prochaine_reunion": None}
    _spoiled_meeting(world, d, -2, ("MEET-07", "MEET-08"), **nothing)


@fault(J, "J85")
def points_suivants_non_fixes(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, -2, ("MEET-08",), points_prochaine_reunion=None)


@fault(J, "J85")
def date_suivante_non_arretee(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, -2, ("MEET-09",), date_prochaine_reunion=None)


@fault(C, "C100")
def date_suivante_deja_passee(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, -9, ("MEET-09",), date_prochaine_reunion=days_before(world.today, 9))


@fault(C, "C100")
def compte_rendu_sans_decisions(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, -2, ("MEET-10",), cr_decisions=None)


@fault(J, "J85")
def compte_rendu_trop_long(world: World, d: Dossier) -> None:
    _spoiled_meeting(
        world, d, -15, ("MEET-10",), cr_plan_actions="Point détaillé. " * 400
    )  # 16 x 400 = 6 400 characters


@fault(C, "C100")
def compte_rendu_non_diffuse(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, -8, ("MEET-11",), date_diffusion_cr=None, diffusion_liste=None)


@fault(J, "J85")
def compte_rendu_tardif(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, -30, ("MEET-11",), date_diffusion_cr=days_before(world.today, 22))


@fault(C, "C100")
def destinataire_oublie(world: World, d: Dossier) -> None:
    _spoiled_meeting(world, d, -10, ("MEET-11",), participants_presents="Référent de la coopération ; Trésorier")


@fault(C, "C100")
def organe_en_retard(world: World, d: Dossier) -> None:
    body = _body(world, d, "MENSUELLE", days_before(world.today, 300))
    meeting(world, d, "COSUI", days_before(world.today, 34), body)  # 30 days and a tenth: 33
    world.book.plant("organes", body, "MEET-12")


@fault(C, "C100")
def organe_jamais_reuni(world: World, d: Dossier) -> None:
    body = _body(world, d, "TRIMESTRIELLE", days_before(world.today, 101))  # 91 days and a tenth: 100
    world.book.plant("organes", body, "MEET-12")


def _body(world: World, d: Dossier, frequency: str, since: date) -> Row:
    return world.book.add("organes", id_acte=d.act["id"], type="COMITE_TECHNIQUE", date_mise_en_place=since,
                          composition="Techniciens", missions="Suivre le projet", frequence_reunions=frequency,
                          moyens_logistiques="Salle", moyens_humains="Un technicien", moyens_budgetaires="Ligne CDI")  # fmt: skip


# --------------------------------------------------------------------------------- evaluations, mid-term (EVAL 03-04)


def _past_its_middle(world: World, d: Dossier) -> None:
    """The agreement ends in 20 days; in force for 47 days at least, it's past its mid-term."""
    d.act.update(duree_mois=None, date_fin=world.today + timedelta(days=20))


@fault(C, "C100", followed=False)
def mi_parcours_sans_evaluation(world: World, d: Dossier) -> None:
    _past_its_middle(world, d)
    meeting(world, d, "COORDINATION", world.today + timedelta(days=9))
    world.book.plant("actes", d.act, "EVAL-03", "EVAL-04")


@fault(C, "C100", followed=False)
def periode_sans_accord(world: World, d: Dossier) -> None:
    _past_its_middle(world, d)
    _spoiled_evaluation(world, d, 120, ("EVAL-03",), accord_parties=False)


@fault(C, "C100", followed=False)
def evaluation_sans_moment(world: World, d: Dossier) -> None:
    _past_its_middle(world, d)
    _spoiled_evaluation(world, d, 120, ("EVAL-04",), moment=None)


# --------------------------------------------------------------------------------- evaluations, conduct (EVAL 06-10)


def _spoiled_evaluation(world: World, d: Dossier, begins: int, rules: tuple[str, ...], **cells: Any) -> Row:
    """An evaluation whose agreed period begins so many days from today, with those cells."""
    row = evaluation(world, d, world.today + timedelta(days=begins))
    row.update(cells)
    world.book.plant("evaluations", row, *rules)
    return row


def _without_restitutions(world: World, d: Dossier) -> None:
    meetings = world.book.rows["reunions"]
    held = ("RESTITUTION", "CADRAGE")
    meetings[:] = [row for row in meetings if row["id_acte"] != d.act["id"] or row["type"] not in held]


@fault(C, "C100", followed=False)
def collecte_sans_termes_de_reference(world: World, d: Dossier) -> None:
    _spoiled_evaluation(world, d, -30, ("EVAL-06", "EVAL-07"), p1_preparatoire_tdr=None)


@fault(C, "C100", followed=False)
def suites_avant_validation(world: World, d: Dossier) -> None:
    # validated on D + 95, 25 days ago
    _spoiled_evaluation(world, d, -120, ("EVAL-06",), p4_mise_en_oeuvre=days_before(world.today, 26))


@fault(C, "C100", followed=False)
def termes_de_reference_absents(world: World, d: Dossier) -> None:
    _spoiled_evaluation(world, d, 89, ("EVAL-07",), p1_preparatoire_tdr=None)  # D - 90: yesterday


@fault(C, "C100", followed=False)
def termes_de_reference_tardifs(world: World, d: Dossier) -> None:
    _spoiled_evaluation(world, d, -30, ("EVAL-07",), p1_preparatoire_tdr=days_before(world.today, 30 + 89))


@fault(C, "C100", followed=False)
def restitution_absente(world: World, d: Dossier) -> None:
    # collection over on D + 40, 31 days ago; a first restitution on D + 35, 36 days ago, was during it
    _spoiled_evaluation(world, d, -71, ("EVAL-08",), date_restitution=None)


@fault(C, "C100", followed=False)
def restitution_tardive(world: World, d: Dossier) -> None:
    _spoiled_evaluation(
        world, d, -120, ("EVAL-08",), date_restitution=days_before(world.today, 120 - 71)
    )  # D + 40 + 31


@fault(C, "C100", followed=False)
def collecte_sans_cadrage(world: World, d: Dossier) -> None:
    _spoiled_evaluation(world, d, -30, ("EVAL-09",), date_reunion_cadrage=None)


@fault(C, "C100", followed=False)
def cadrage_tardif(world: World, d: Dossier) -> None:
    _spoiled_evaluation(
        world, d, -30, ("EVAL-09",), date_reunion_cadrage=days_before(world.today, 30 - 6)
    )  # D + 5, + 1


@fault(C, "C100", followed=False)
def restitution_oubliee_en_cours(world: World, d: Dossier) -> None:
    _spoiled_evaluation(world, d, -51, ("EVAL-10",))  # collection since D + 5: 46 days
    _without_restitutions(world, d)


@fault(C, "C100", followed=False)
def restitutions_espacees(world: World, d: Dossier) -> None:
    _spoiled_evaluation(world, d, -120, ("EVAL-10",))  # from D + 5 to D + 60: 55 days
    _without_restitutions(world, d)


# ------------------------------------------------------------------------------ evaluations, what follows (EVAL 11-12)


@fault(C, "C100", followed=False)
def recommandations_oubliees(world: World, d: Dossier) -> None:
    row = _spoiled_evaluation(world, d, -156, ("EVAL-11",))  # validated on D + 95, 61 days ago
    actions = world.book.rows["plan_action"]
    actions[:] = [action for action in actions if action.get("id_evaluation") != row["id"]]


@fault(C, "C100", followed=False)
def recommandation_sans_horizon(world: World, d: Dossier) -> None:
    evaluation(world, d, days_before(world.today, 200))
    action = world.book.rows["plan_action"][-1]
    action["horizon"] = None
    world.book.plant("plan_action", action, "EVAL-11")


@fault(C, "C100", followed=False)
def rapport_non_diffuse(world: World, d: Dossier) -> None:
    _spoiled_evaluation(world, d, -126, ("EVAL-12",), diffusion_administration=None)  # validated on D + 95, 31 days ago


# --------------------------------------------------------------- dormant agreements, what is kept of the closed (PART, CAP)


def _line(world: World, d: Dossier, code: str) -> Row:
    return next(r for r in world.book.rows["pieces_clauses"] if (r.get("id_acte"), r["piece"]) == (d.act["id"], code))


@fault(C, "C95")
@fault(J, "J95")
def dormant_ni_recense_ni_analyse(world: World, d: Dossier) -> None:
    # dormant for 160 days at least: 700 - 6 (vote, phases) - 365, or 180; past 60 and 91
    row = _line(world, d, "ANALYSE_ENGAGEMENTS")
    row.update(present=None, contenu=None, date_piece=None)
    world.book.plant("pieces_clauses", row, "PART-01", "PART-02")


@fault(J, "J95")
@fault(C, "C95")
def dormant_jamais_propose(world: World, d: Dossier) -> None:
    # looked into 300 days ago: a session of every council has opened since
    for code in ("ANALYSE_CONTENU", "ANALYSE_ENGAGEMENTS"):
        _line(world, d, code)["date_piece"] = days_before(world.today, 300)
    world.book.plant("pieces_clauses", _line(world, d, "PROPOSITION_CONSEIL"), "PART-03")


@fault(C, "C100")
@fault(J, "J80")
def signe_sans_objet(world: World, d: Dossier) -> None:
    d.act["objet"] = None
    world.book.plant("actes", d.act, "PART-04")


@fault(C, "C120")
@fault(J, "J99")
def clos_sans_capitalisation(world: World, d: Dossier) -> None:
    d.act["date_cloture"] = days_before(world.today, 91)
    world.book.plant("actes", d.act, "CAP-01")


@fault(C, "C140")
@fault(C, "C140")
def capitalisation_entre_soi(world: World, d: Dossier) -> None:
    row = _line(world, d, "CAPI_PARTICIPANTS")
    row["contenu"] = "Cabinet de conseil"
    world.book.plant("pieces_clauses", row, "CAP-02")


@fault(C, "C140")
@fault(C, "C140")
def capitalisation_sans_lecons(world: World, d: Dossier) -> None:
    row = _line(world, d, "CAPI_LECONS")
    row["contenu"] = None
    world.book.plant("pieces_clauses", row, "CAP-03")
