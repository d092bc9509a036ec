"""The faults planted between the need and the negotiation of a convention. Same manner as `files_faults`."""

from datetime import timedelta
from typing import Any

from cdi_sync.demo.book import Dossier, days_before
from cdi_sync.demo.careers import World
from cdi_sync.demo.faults import C, J, O, fault
from cdi_sync.demo.files_faults import FAULTS  # those of the modules before it, and its own
from cdi_sync.demo.search import line_of

__all__ = ["FAULTS"]


def _spoil(world: World, d: Dossier, piece: str, rule: str, **cells: Any) -> None:
    world.book.plant("pieces_clauses", line_of(world, d.act, piece, **cells), rule)


@fault(C, "C10")
def besoin_mal_etudie(world: World, d: Dossier) -> None:
    d.act["domaines_secondaires"] = "Culture ; Sport"
    world.book.plant("actes", d.act, "CONV-06")
    _spoil(world, d, "BESOIN_URGENCE", "CONV-03", note=None)
    _spoil(world, d, "BESOIN_ACTEURS", "CONV-04", contenu=None)
    _spoil(world, d, "BESOIN_PROJETS", "CONV-05", contenu=None)


@fault(C, "C30")
def recherche_mal_engagee(world: World, d: Dossier) -> None:
    d.act["domaine"] = "RECHERCHE_SCIENTIFIQUE"  # no council of the demo has it among its priorities
    world.book.plant("actes", d.act, "CONV-03")
    _spoil(world, d, "MKT_VOCATION", "MKT-02", present=False)
    _spoil(world, d, "SWOT_MENACES", "MKT-03", contenu=None)
    _spoil(world, d, "APPUI_DGCT", "PART-08", date_piece=None)
    _spoil(world, d, "APPUI_ASSOCIATION", "PART-09", date_piece=None)
    _spoil(world, d, "OPPORTUNITE", "PART-10", contenu=None)


@fault(C, "C40")
def marketing_trop_tard(world: World, d: Dossier) -> None:
    d.act["date_marketing"] = d.act["date_recherche_partenaire"] + timedelta(days=1)
    world.book.plant("actes", d.act, "MKT-04", "CONV-01")
    line_of(world, d.act, "BESOIN_ACTEURS", contenu="Une coopérative de femmes")
    _spoil(world, d, "BESOIN_COMPLEMENTARITE", "CONV-04", contenu=None)
    _spoil(world, d, "SWOT_CROISEMENTS", "MKT-03", note=3)
    _spoil(world, d, "CHOIX_VUES", "PART-07", note=1)


@fault(C, "C50")
def negociation_mal_preparee(world: World, d: Dossier) -> None:
    d.act["date_marketing"] = None
    world.book.plant("actes", d.act, "MKT-04", "PART-05", "CONV-01", "CONV-07")
    _spoil(world, d, "CHOIX_LANGUE", "PART-06", note=None)
    _spoil(world, d, "CHOIX_PERENNITE", "PART-07", note=None)
    _spoil(world, d, "NEGO_FINANCIER", "CONV-08", present=False)


@fault(J, "J60")
@fault(O, "O50")
def marketing_d_un_autre_mandat(world: World, d: Dossier) -> None:
    d.council["marketing_le"] = days_before(world.today, 6 * 366)
    world.book.plant("collectivites", d.council, "MKT-01")
