"""The faults planted in projects and their logical frameworks. Same manner as `faults`; each spoils several rows."""

from datetime import timedelta

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import World
from cdi_sync.demo.cycle_faults import FAULTS  # those of the modules before, and its own
from cdi_sync.demo.faults import C, fault
from cdi_sync.demo.files import line
from cdi_sync.demo.followup import evaluation
from cdi_sync.demo.projects import framework

__all__ = ["FAULTS"]


def _spoil(world: World, tab: str, row: Row, *rules: str, **cells: object) -> None:
    row.update(cells)
    world.book.plant(tab, row, *rules)


@fault(C, "C20")
def dossier_de_projet_bacle(world: World, d: Dossier) -> None:
    _spoil(world, "pieces_clauses", line(world, d.act, "BESOIN_ADOPTION"), "PROJ-01", date_piece=None)
    _spoil(world, "actes", d.act, "PROJ-02", cout_global=None)
    _spoil(world, "pieces_clauses", line(world, d.act, "PROJET_SYNTHESE"), "PROJ-07", present=False)
    _spoil(world, "pieces_clauses", line(world, d.act, "PROJET_SOMMAIRE"), "PROJ-09", present=None)
    annex = world.book.add("pieces_clauses", id_acte=d.act["id"], piece="AUTRE", present=True)
    world.book.plant("pieces_clauses", annex, "PROJ-10")


@fault(C, "C30")
def projet_sans_cadre_logique(world: World, d: Dossier) -> None:
    rows = world.book.rows["cadre_logique"]
    rows[:] = [row for row in rows if row["id_acte"] != d.act["id"]]
    world.book.plant("actes", d.act, "PROJ-03", "PROJ-07", "PROJ-13")
    adopted = d.act["date_dossier_technique"] + timedelta(days=1)
    _spoil(world, "pieces_clauses", line(world, d.act, "BESOIN_ADOPTION"), "PROJ-01", date_piece=adopted)
    _spoil(world, "pieces_clauses", line(world, d.act, "PROJET_SOMMAIRE"), "PROJ-09", contenu="64 pages")


@fault(C, "C55")
def cadre_logique_mal_construit(world: World, d: Dossier) -> None:
    lines = framework(world, d.act)
    _spoil(
        world, "cadre_logique", lines["OBJECTIF_GLOBAL"], "PROJ-13", nature_indicateur=None, unite="avis", cible="60 %"
    )
    _spoil(world, "cadre_logique", lines["OBJECTIF_SPECIFIQUE"], "PROJ-04", hypotheses=None)
    _spoil(world, "cadre_logique", lines["RESULTAT_ATTENDU"], "PROJ-05", "PROJ-06", "PROJ-08", combien=None,
           smart="spécifique ; mesurable", id_parent=None)  # fmt: skip
    rows = world.book.rows["cadre_logique"]
    rows[:] = [row for row in rows if row is not lines["MOYENS"]]
    world.book.plant("cadre_logique", lines["OBJECTIF_GLOBAL"], "PROJ-03")  # told on the first line


@fault(C, "C110")
def projet_hors_de_son_cadre(world: World, d: Dossier) -> None:
    lines = framework(world, d.act)
    for row in lines.values():
        row["date_revision"] = None
    world.book.plant("actes", d.act, "PROJ-12")
    world.book.plant("cadre_logique", lines["OBJECTIF_GLOBAL"], "PROJ-11")  # in force for nearly two years
    # begun 60 days ago for 80 days, last recorded 20 days ago at most: half of it was to be done
    own = [
        row for row in world.book.rows["plan_action"] if row["id_acte"] == d.act["id"] and row["statut"] == "EN_COURS"
    ]
    _spoil(world, "plan_action", own[0], "SUIV-03", avancement_pct=20)


@fault(C, "C100", followed=False)
def objectifs_de_depart_oublies(world: World, d: Dossier) -> None:
    evaluation(world, d, days_before(world.today, 30))
    _spoil(world, "cadre_logique", framework(world, d.act)["RESULTAT_ATTENDU"], "EVAL-02", donnee_de_base=None)
