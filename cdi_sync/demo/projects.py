"""The project of a clean convention: the field adopted, the technical file, the logical framework and its indicators.

Nothing here draws a number: what other modules draw stays as it was. Old acts keep no project.
"""

from datetime import date, timedelta
from typing import Any

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import World

_ITEMS = (
    "PROJET_MONTAGE",
    "PROJET_OUVRAGE",
    "PROJET_PARTENAIRES",
    "PROJET_SYNTHESE",
    "PROJET_BUDGET",
    "PROJET_SOMMAIRE",
)
_OVER = ("C-A", "C160")
_IN_EXECUTION = ("C100", "C110", "C115", "C151")
_COST = 800_000
_SMART = "spécifique ; mesurable ; accessible ; raisonnable ; temporel"
_ASKED = {"comment": "Relevé du service", "quand": "Fin de chaque année", "smart": _SMART}
_LINES: tuple[dict[str, Any], ...] = (  # from the top down, each one under the one before
    {
        "niveau": "OBJECTIF_GLOBAL", "description_projet": "Un territoire où l'on vit mieux", "nature_indicateur": "QUALITATIF",
        "indicateurs_objectivement_verifiables": "Avis des habitants", "sources_moyens_verification": "Enquête annuelle",
        "combien": "Une majorité satisfaite", "donnee_de_base": "Avis partagés", "cible": "Avis favorables", **_ASKED,
    },
    {
        "niveau": "OBJECTIF_SPECIFIQUE", "description_projet": "Des services plus proches", "nature_indicateur": "QUANTITATIF",
        "indicateurs_objectivement_verifiables": "Usagers accueillis", "sources_moyens_verification": "Registre d'accueil",
        "hypotheses": "Les usagers sont informés", "unite": "usagers", "combien": "Mille usagers", "donnee_de_base": "200",
        "cible": "1000", **_ASKED,
    },
    {
        "niveau": "RESULTAT_ATTENDU", "description_projet": "Trois centres équipés", "nature_indicateur": "QUANTITATIF",
        "indicateurs_objectivement_verifiables": "Centres équipés", "sources_moyens_verification": "Procès-verbaux de réception",
        "hypotheses": "Le matériel est livré à temps", "unite": "centres", "combien": "Trois centres", "donnee_de_base": "0",
        "cible": "3", **_ASKED,
    },
    {
        "niveau": "ACTIVITE", "description_projet": "Équiper les centres et former leurs équipes",
        "indicateurs_objectivement_verifiables": "Deux formateurs, du matériel", "sources_moyens_verification": "Factures, coûts du projet",
        "hypotheses": "Les équipes sont disponibles",
    },
    {
        "niveau": "MOYENS", "description_projet": "Budget commun et personnel des deux parties",
        "indicateurs_objectivement_verifiables": "Crédits ouverts", "sources_moyens_verification": "Décompte annuel",
        "hypotheses": "Les crédits sont votés",
    },
)  # fmt: skip


def formulate(world: World, dossier: Dossier, stage: str) -> None:
    """The project of a convention from the day of its technical file on."""
    act = dossier.act
    filed: date | None = act.get("date_dossier_technique")
    if act["forme"] != "CONVENTION" or stage in _OVER or act.get("historique") or filed is None:
        return
    _add(world, act, "BESOIN_ADOPTION", present=True, date_piece=days_before(filed, 20))
    for piece in _ITEMS:
        _add(world, act, piece, present=True, **({"contenu": "28 pages"} if piece == "PROJET_SOMMAIRE" else {}))
    if act.get("cout_global") is None:
        act.update(cout_global=_COST, devise="MAD")
    _gone_over(world, act, _framework(world, act), stage)


def framework(world: World, act: Row) -> dict[str, Row]:
    """Level → the line of that agreement's framework, from the top down."""
    return {row["niveau"]: row for row in world.book.rows["cadre_logique"] if row["id_acte"] == act["id"]}


def _add(world: World, act: Row, piece: str, **cells: Any) -> None:
    world.book.add("pieces_clauses", id_acte=act["id"], piece=piece, **cells)


def _framework(world: World, act: Row) -> dict[str, Row]:
    lines: list[Row] = []
    for cells in _LINES:
        parent = lines[-1]["id"] if lines else None
        lines.append(world.book.add("cadre_logique", id_acte=act["id"], id_parent=parent, **cells))
    return {row["niveau"]: row for row in lines}


def _gone_over(world: World, act: Row, lines: dict[str, Row], stage: str) -> None:
    """Revised with the partner on the day of the signature, then in time; measured once actions are over."""
    signed: date | None = act.get("date_signature")
    if signed is None:
        return
    lines["ACTIVITE"]["date_revision"] = signed
    if stage in _IN_EXECUTION:
        ago = 10 + int(act["id"].rpartition("-")[2]) % 180
        lines["OBJECTIF_GLOBAL"]["date_revision"] = max(signed, days_before(world.today, ago))
    over = [row for row in world.book.rows["plan_action"] if row["id_acte"] == act["id"] and _is_over(row)]
    for row in over:
        row["id_resultat_attendu"] = lines["RESULTAT_ATTENDU"]["id"]
    if over:
        ended = max(row.get("date_fin_reelle") or row["au"] for row in over)
        lines["RESULTAT_ATTENDU"].update(valeur_courante="3", date_mesure=min(ended + timedelta(days=5), world.today))


def _is_over(action: Row) -> bool:
    return action["statut"] == "TERMINEE" and not action.get("id_evaluation")
