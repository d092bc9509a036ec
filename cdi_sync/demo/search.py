"""What leads a sound convention to its partner: the need, the territory, the search, the team that negotiates.

The lines of « Projet (étapes 1 à 5) » are filled as far as the agreement has come; an old act owes none. Nothing here is drawn
by chance: what was drawn before stands.
"""

from datetime import date
from typing import Any

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import CONVENTION_STAGES, World

_OVER = ("C-A", "C160")  # nothing more is asked of them
_PRIORITIES = {
    "SPORT": "Sport pour tous", "SOCIAL": "Action sociale", "CULTURE": "Culture et patrimoine", "TOURISME": "Tourisme rural",
    "ENVIRONNEMENT": "Environnement", "EAU_POTABLE": "Accès à l'eau potable", "EMPLOI": "Emploi des jeunes", "SANTE": "Santé",
    "DEVELOPPEMENT_ECONOMIQUE_LOCAL": "Développement économique local", "DEVELOPPEMENT_RURAL": "Développement rural",
    "RENFORCEMENT_CAPACITES_RH": "Formation et ressources humaines",
}  # fmt: skip
_EXISTING = "Vu avec les services : les projets en cours visent d'autres quartiers"
_TERRITORY = ("MKT_ATOUTS", "MKT_VOCATION", "MKT_INCITATIONS", "MKT_INFRASTRUCTURES", "MKT_PROGRAMMES")
_ANALYSIS = {
    "SWOT_FORCES": "Jeunes formés, foncier disponible", "SWOT_FAIBLESSES": "Peu de liaisons",
    "SWOT_OPPORTUNITES": "Ligne ferroviaire en projet", "SWOT_MENACES": "Sécheresses répétées",
}  # fmt: skip
_CRITERIA = ("CHOIX_ECHELLE", "CHOIX_COMPETENCES", "CHOIX_TAILLE", "CHOIX_LANGUE")
_TEAM = {
    "NEGO_JURIDIQUE": "Chef du service juridique", "NEGO_TECHNIQUE": "Ingénieur en chef", "NEGO_FINANCIER": "Chef du budget",
}  # fmt: skip


def prepare(world: World, dossier: Dossier, stage: str) -> None:
    """The council's document of territorial marketing, and the first five steps of a convention at that stage."""
    act, council = dossier.act, dossier.council
    council.setdefault("marketing_le", days_before(world.today, 400 + int(council["id"][-3:])))
    if act["forme"] != "CONVENTION" or act.get("historique") or stage in _OVER:
        return
    _prioritise(council, _PRIORITIES[act["domaine"]])
    rank = CONVENTION_STAGES.index(stage)
    _need(world, act)
    if rank >= CONVENTION_STAGES.index("C10"):
        line_of(world, act, "BESOIN_ADOPTION", present=True, date_piece=days_before(act["date_dossier_technique"], 5))
    if rank >= CONVENTION_STAGES.index("C20"):
        _territory(world, act)
    if stage == "C30":
        _ask_for_help(world, act)
    if rank >= CONVENTION_STAGES.index("C40"):
        for piece in (*_CRITERIA, "CHOIX_PERENNITE", "CHOIX_VUES"):
            line_of(world, act, piece, note=2)
    if rank >= CONVENTION_STAGES.index("C50"):
        for piece, title in _TEAM.items():
            line_of(world, act, piece, present=True, contenu=title)


def line_of(world: World, act: Row, piece: str, **cells: Any) -> Row:
    """The agreement's line for that item, the one it has or a new one, with those cells."""
    mine = (
        r for r in world.book.rows["pieces_clauses"][-120:] if r.get("id_acte") == act["id"] and r["piece"] == piece
    )
    row = next(mine, None) or world.book.add("pieces_clauses", id_acte=act["id"], piece=piece)
    row.update(cells)
    return row


def _prioritise(council: Row, field: str) -> None:
    """The planning document holds whatever field an agreement of the council chose."""
    fields = [name for name in (council.get("domaines_prioritaires") or "").split(" ; ") if name]
    if field not in fields:
        council["domaines_prioritaires"] = " ; ".join([*fields, field])


def _need(world: World, act: Row) -> None:
    line_of(world, act, "BESOIN_URGENCE", note=4, contenu=act["objet"])
    line_of(world, act, "BESOIN_POTENTIEL", note=3)
    alone = int(act["id"].rpartition("-")[2]) % 2 == 0
    line_of(world, act, "BESOIN_ACTEURS", contenu="Aucun" if alone else "Deux associations de quartier")
    line_of(world, act, "BESOIN_COMPLEMENTARITE", contenu=None if alone else "Elles forment, la collectivité équipe")
    line_of(world, act, "BESOIN_PROJETS", contenu=_EXISTING)


def _territory(world: World, act: Row) -> None:
    for piece in _TERRITORY:
        line_of(world, act, piece, present=True)
    for piece, text in _ANALYSIS.items():
        line_of(world, act, piece, contenu=text)
    line_of(world, act, "SWOT_CROISEMENTS", note=4)


def _ask_for_help(world: World, act: Row) -> None:
    """A search that lasts: more than sixty days already."""
    begun: date = act["date_recherche_partenaire"]
    asked = min(date.fromordinal(begun.toordinal() + 20), world.today)
    line_of(world, act, "APPUI_DGCT", date_piece=asked)
    line_of(world, act, "APPUI_ASSOCIATION", date_piece=asked)
    line_of(world, act, "OPPORTUNITE", contenu="Rencontre annuelle d'un réseau de villes")
