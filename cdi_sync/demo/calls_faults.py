"""The faults planted in answers to calls and in cofinancing programmes. Same manner as `faults`; one agreement breaks
several rules at once. In comments: L, the launch; the steps of `calls` count from it.
"""

from datetime import date, timedelta

from cdi_sync.demo.book import Dossier, days_before
from cdi_sync.demo.calls import AFRICAN, FRENCH, respond, win
from cdi_sync.demo.careers import World
from cdi_sync.demo.faults import C, _the, fault
from cdi_sync.demo.search import line_of
from cdi_sync.demo.search_faults import FAULTS  # those of `faults`, `followup_faults` and `files_faults`, and its own
from cdi_sync.demo.shares import propose
from cdi_sync.demo.shares_faults import latest_budget

__all__ = ["FAULTS"]

_THIRD_CALL = date(2021, 1, 20)  # of the third tranche of the French programme: its twelve themes are known


@fault(C, "C30")
def appel_mal_engage(world: World, d: Dossier) -> None:
    respond(world, d, days_before(world.today, 20))  # the proposal, on L + 20, is of today
    d.act.update(
        eligibilite_verifiee=False, responsable_dossier=None, partenaires_locaux=None, contenu_avis="objectifs ; formulaires",
        m4_redaction=d.act["m3_construction_offre"] - timedelta(days=1),
    )  # fmt: skip
    world.book.plant("actes", d.act, "AAP-01", "AAP-03", "AAP-04", "AAP-06", "AAP-09")


@fault(C, "C30")
def dossier_envoye_trop_tard(world: World, d: Dossier) -> None:
    respond(world, d, days_before(world.today, 60), FRENCH)  # its last version ended in 2024; no funding plan
    sent = d.act["date_limite_appel"] + timedelta(days=1)
    d.act.update(date_transmission_dossier=sent, date_validation_president=sent + timedelta(days=1))
    world.book.plant("actes", d.act, "AAP-02", "AAP-07", "COF-13", "COF-15")


@fault(C, "C30")
def subvention_hors_programme(world: World, d: Dossier) -> None:
    respond(world, d, _THIRD_CALL, FRENCH)
    before = {"date_creation": 60, "date_dossier_technique": 40, "date_marketing": 20, "date_recherche_partenaire": 2}
    d.act.update({column: days_before(_THIRD_CALL, days) for column, days in before.items()})
    line_of(world, d.act, "BESOIN_ADOPTION", date_piece=days_before(_THIRD_CALL, 50))
    for piece in ("CHOIX_PERENNITE", "CHOIX_VUES"):
        line_of(world, d.act, piece, note=2)
    win(d.act, _THIRD_CALL, subvention_accordee=40_000_000, date_resultat_appel=days_before(world.today, 1))
    d.act["thematique_visee"] = "Astronomie"
    world.book.plant("actes", d.act, "COF-07", "COF-08", "COF-13")  # half of it is more than the envelope holds


@fault(C, "C90", money=True)
def projet_retenu_sans_ordre_du_jour(world: World, d: Dossier) -> None:
    launched = days_before(d.act["date_partenaire_trouve"], 50)
    respond(world, d, launched, AFRICAN)
    win(d.act, launched)
    ours = propose(world, d, AFRICAN)["CT_MAROCAINE"]["montant"]
    latest_budget(world, d)["montant_vote"] = ours
    d.partner["zone_geographique"] = "AMERIQUES"
    _the(d.deliberation)["inscrit_odj"] = False
    world.book.plant("deliberations", _the(d.deliberation), "GEN-07", "LEX-13")
    world.book.plant("actes", d.act, "AAP-08", "COF-12")
