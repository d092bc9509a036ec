"""The faults planted in files and checklists. Same manner as `faults`; one agreement breaks several rules at once, a
line each, so that sound agreements stay the greater part.
"""

from datetime import timedelta
from typing import Any

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.calls import OPEN_TO, respond
from cdi_sync.demo.careers import World
from cdi_sync.demo.faults import C, J, O, fault
from cdi_sync.demo.files import line
from cdi_sync.demo.followup import evaluation
from cdi_sync.demo.shares_faults import FAULTS  # those of `faults`, `followup_faults` and `shares_faults`, and its own

__all__ = ["FAULTS"]


def _spoil(world: World, owner: Row, piece: str, *rules: str, **cells: Any) -> None:
    """Changes those cells of that line, which then breaks those rules (the item's own by default)."""
    row = line(world, owner, piece)
    row.update(cells)
    world.book.plant("pieces_clauses", row, *(rules or (piece,)))


# --------------------------------------------------------------------------------------- conventions (annex 2, COM)


@fault(C, "C55")
def clauses_absentes(world: World, d: Dossier) -> None:
    _spoil(world, d.act, "CLA-02", "CLA-02", "CONV-09", "CONV-14", present=False)  # the first of each list
    _spoil(world, d.act, "CLA-12", present=False)
    _spoil(world, d.act, "CLA-13", present=None)


@fault(C, "C70")
def clauses_muettes(world: World, d: Dossier) -> None:
    _spoil(world, d.act, "CLA-01", contenu=None)
    _spoil(world, d.act, "CLA-05", contenu="Objectifs, article 2")
    _spoil(world, d.act, "CLA-09", contenu=None)
    _spoil(world, d.act, "CLA-10", contenu="Article 8")


@fault(C, "C80", money=True)
def clauses_inexactes(world: World, d: Dossier) -> None:
    _spoil(world, d.act, "CLA-06", montant=None)
    _spoil(world, d.act, "CLA-11", contenu="Maître d'ouvrage : la collectivité ; maître d'ouvrage : le partenaire")
    _spoil(world, d.act, "CLA-14", contenu="Recours amiable, arbitrage, tribunal compétent")
    _spoil(world, d.act, "CLA-15", langue="français")


@fault(C, "C90")
def parties_mal_identifiees(world: World, d: Dossier) -> None:
    _spoil(world, d.act, "CLA-03", contenu="Délibération n° 12 du Conseil")
    d.act.update(signataire_partenaire=None, reconduction=None)
    world.book.plant("actes", d.act, "CLA-04", "CLA-07")


@fault(C, "C60")
def plan_de_communication_partiel(world: World, d: Dossier) -> None:
    d.act["date_plan_communication"] = days_before(world.today, 30)
    _spoil(world, d.act, "CANAL_MEDIAS", "COM-03", present=False)
    _spoil(world, d.act, "ASPECTS_COUVERTS", "COM-06", note=5)


@fault(C, "C70", money=True)
def compte_sans_programme(world: World, d: Dossier) -> None:
    _spoil(world, d.act, "CDD_PROGRAMME", "FIN-04", lien=None)


@fault(C, "C30")
def reponse_incomplete(world: World, d: Dossier) -> None:
    respond(world, d, days_before(world.today, OPEN_TO - 6))  # it closes in 6 days; 7 days before: yesterday
    _spoil(world, d.act, "E09", "AAP-05", present=False)


# ------------------------------------------------------------------------------------------- evaluations (annex 3)


@fault(C, "C100", followed=False)
def termes_muets(world: World, d: Dossier) -> None:
    row = evaluation(world, d, days_before(world.today, 30))
    for number in range(1, 7):
        _spoil(world, row, f"TDR-{number:02}", **({"contenu": None} if number % 2 else {"present": None}))


@fault(C, "C100", followed=False)
def dates_des_termes_impossibles(world: World, d: Dossier) -> None:
    begins = days_before(world.today, 30)
    row = evaluation(world, d, begins)
    _spoil(world, row, "TDR-07", prevue_au=begins)
    _spoil(world, row, "TDR-08", prevue_du=days_before(begins, 1))
    _spoil(world, row, "TDR-09", contenu="40 pages")
    _spoil(world, row, "TDR-10", prevue_du=None)


@fault(C, "C100", followed=False)
def evaluation_mal_payee(world: World, d: Dossier) -> None:
    row = evaluation(world, d, days_before(world.today, 120))
    payments = [paid for paid in world.book.rows["budget"] if paid.get("id_evaluation") == row["id"]]
    payments[-1]["part_pct"] = 26
    world.book.plant("budget", payments[-1], "TDR-11")
    payments[0]["date_versement"] = days_before(row["date_contrat"], 1)
    world.book.plant("budget", payments[0], "TDR-13")
    row["date_validation_partenaire"] = row["date_lancement_consultation"] + timedelta(days=1)
    world.book.plant("evaluations", row, "TDR-12")
    _spoil(world, row, "EFFICIENCE", "EVAL-01", note=None)


# ------------------------------------------------------------------------------- twinnings, memberships, officers


@fault(J, "J20")
def dossier_de_jumelage_incomplet(world: World, d: Dossier) -> None:
    _spoil(world, d.act, "POURQUOI", "JUM-01", contenu="Pour mieux nous connaître.")
    _spoil(world, d.act, "CRITERE_TAILLE", "JUM-03", note=None)
    _spoil(world, d.act, "RAPPORT_CORRESPONDANCES", "JUM-08", lien=None)


@fault(J, "J60")
def buts_convenus_apres_le_vote(world: World, d: Dossier) -> None:
    voted = (d.deliberation or {})["date_deliberation"]
    _spoil(world, d.act, "BUTS_PRIORITES", "JUM-04", date_piece=voted + timedelta(days=1))


@fault(J, "J40")
def partenaire_trop_grand(world: World, d: Dossier) -> None:
    d.partner["population"] = 5 * d.council["population"] + 1
    _spoil(world, d.act, "CRITERE_TAILLE", "JUM-03")


@fault(O, "O20")
def adequation_non_datee(world: World, d: Dossier) -> None:
    _spoil(world, d.act, "ADEQUATION_VOCATION", "OING-01", date_verification=None)
    _spoil(world, d.act, "OBJECTIFS_VISES", "OING-02", "OING-05", contenu="Voyages d'étude", commentaire=None)


@fault(O, "O40")
def demande_sans_droit_d_adhesion(world: World, d: Dossier) -> None:
    _spoil(world, d.act, "PIECE_DROIT", "OING-04", present=False)


@fault(O, "O50")
@fault(O, "O60")
def referent_hors_profil(world: World, d: Dossier) -> None:
    if world.people[d.council["id"]].get("date_fin") is None:  # nobody asks for the profile of an officer who left
        _spoil(world, d.council, "RH-01", contenu="Échelle 9")
        _spoil(world, d.council, "RH-02", note=4)
        _spoil(world, d.council, "RH-03", langue="français ; italien")
        _spoil(world, d.council, "RH-04", contenu="Brevet de technicien")
        _spoil(world, d.council, "RH-05", note=9)
