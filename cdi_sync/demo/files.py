"""The files of clean agreements: each checklist that their stage has opened, with complete lines once a rule asks it.

Lines hold only the cells that somebody or a rule reads. An old act owes none: half of the sound agreements that are
signed are marked so, as most of those counted in 2018 were.
"""

from datetime import date, timedelta
from typing import Any

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import CONVENTION_STAGES, MEMBERSHIP_STAGES, SYNTHETIC, TWINNING_STAGES, World

_SIGNED = ("C90", "C100", "O70", "J80", "J85")
_OVER = ("C-A", "J-A", "C160", "O90", "O91")  # nothing more is asked of them
_FEES = 120000
_PAYMENTS = (("SIGNATURE", 25, "date_contrat"), ("RAPPORT_PROVISOIRE", 50, "date_rapport_provisoire"),
             ("RAPPORT_FINAL", 25, "date_rapport_final"))  # fmt: skip
_CLAUSES: dict[str, dict[str, Any]] = {
    "CLA-01": {"contenu": "Loi organique et droit du partenaire, visas 1 à 4"}, "CLA-02": {}, "CLA-03": {}, "CLA-04": {},
    "CLA-05": {"contenu": "Objectifs, article 2 ; calendrier, annexe 1 ; engagements, article 4"},
    "CLA-06": {}, "CLA-07": {}, "CLA-08": {}, "CLA-09": {"contenu": "Directeur de la coopération"},
    "CLA-10": {"contenu": "Article 8 : missions et composition des comités"},
    "CLA-11": {"contenu": "Maître d'ouvrage : la collectivité ; maître d'œuvre : son service technique"},
    "CLA-12": {}, "CLA-13": {}, "CLA-14": {"contenu": "Recours amiable, arbitrage, puis tribunaux du Maroc"},
    "CLA-15": {"langue": "arabe ; français"},
}  # fmt: skip
_CHANNELS = ("CANAL_TEMPS_REEL", "CANAL_GRAND_PUBLIC", "CANAL_MEDIAS")
ACCOUNT = ("CDD_DEMANDE", "CDD_PROGRAMME", "CDD_PV")
_NOTED = ("CRITERE_TAILLE", "CRITERE_GEOGRAPHIE", "CRITERE_HISTOIRE", "CRITERE_PATRIMOINE", "CRITERE_LANGUES")
_NOT_NOTED = ("CRITERE_ACTIVITE", "CRITERE_AFFINITES", "CRITERE_ASSOCIATIONS", "CRITERE_AUTRE")
_REPORT = ("RAPPORT_ORIGINE", "RAPPORT_POTENTIALITES", "RAPPORT_AFFINITES", "RAPPORT_CORRESPONDANCES")
_SUITED = ("ADEQUATION_DOMAINE", "ADEQUATION_VOCATION")
_DOCUMENTS = ("PIECE_STATUT", "PIECE_DOMAINE", "PIECE_ACTIVITES", "PIECE_INSTANCES", "PIECE_DROIT")
_OFFICER: dict[str, dict[str, Any]] = {
    "RH-01": {"contenu": "Échelle 11"}, "RH-02": {"note": 7}, "RH-03": {"langue": "français ; anglais"},
    "RH-04": {"contenu": "Master"}, "RH-05": {"note": 13},
}  # fmt: skip
_CRITERIA = ("PERTINENCE", "COHERENCE", "EFFICACITE", "EFFICIENCE", "DURABILITE", "IMPACT")
_WHY = (
    "Les deux villes vivent du même métier : former ensemble leurs jeunes et rapprocher écoles, ports et associations."
)


def age(dossier: Dossier, stage: str, today: date) -> None:
    """Marks one signed agreement in two as an old act, taken over without its past steps."""
    if stage in _SIGNED and int(dossier.act["id"].rpartition("-")[2]) % 2 == 0:
        dossier.act.update(historique=True, historique_motif=SYNTHETIC, historique_par="Reprise des actes anciens",
                           historique_le=days_before(today, 30))  # fmt: skip


def keep(world: World, dossier: Dossier, stage: str) -> None:
    """The lines that an agreement at that stage owes, and those of its council."""
    act = dossier.act
    if act.get("historique") or stage in _OVER:
        return
    fill = {"CONVENTION": _convention, "JUMELAGE": _twinning, "ADHESION_OING": _membership}[act["forme"]]
    if fill(world, dossier, stage) and dossier.council["id"] not in world.profiled:
        world.profiled.add(dossier.council["id"])
        for piece, cells in _OFFICER.items():
            world.book.add("pieces_clauses", collectivite=dossier.council["id"], piece=piece, **cells)


def line(world: World, owner: Row, piece: str) -> Row:
    """The line of an agreement, an evaluation or a council for that item."""
    column = {"ACT": "id_acte", "EVA": "id_evaluation", "COL": "collectivite"}[owner["id"][:3]]
    rows = reversed(world.book.rows["pieces_clauses"])
    return next(row for row in rows if row.get(column) == owner["id"] and row["piece"] == piece)


def _add(world: World, act: Row, piece: str, **cells: Any) -> Row:
    return world.book.add("pieces_clauses", id_acte=act["id"], piece=piece, **cells)


# ------------------------------------------------------------------------------------------------ by form of act


def _convention(world: World, dossier: Dossier, stage: str) -> bool:
    """Annex 2 and communication from the negotiation on; True once the council has voted."""
    act, rank = dossier.act, CONVENTION_STAGES.index
    if rank(stage) < rank("C50"):
        return False
    ready = rank(stage) >= rank("C55")
    if ready:
        act.update(signataire_ct="Président du Conseil", signataire_partenaire="Représentant légal du partenaire")
    seen = {"present": True, "verifie_par": "Référent", "date_verification": act["date_avis"]} if ready else {}
    for piece, cells in _CLAUSES.items():
        _add(world, act, piece, **({} if piece == "CLA-03" else seen), **(cells if ready else {}))
    if ready:
        line(world, act, "CLA-06")["montant"] = sum(_contributions(world, act)) or 500_000
    for piece in _CHANNELS:
        _add(world, act, piece, present=True)
    _add(world, act, "ASPECTS_COUVERTS", note=7)
    if rank("C85") <= rank(stage) < rank("C-R"):
        held = (dossier.deliberation or {})["date_deliberation"]
        cited = f"Délibérations n° 12 du {held:%d/%m/%Y} et n° 45 du {days_before(held, 20):%d/%m/%Y}"
        line(world, act, "CLA-03").update(**seen, contenu=cited)
    _account(world, dossier, filed=stage != "C70-pv")
    return rank(stage) >= rank("C70")


def _contributions(world: World, act: Row) -> list[float]:
    """What the lines of the budget tab already contribute to that agreement, in dirhams."""
    rows = [row for row in world.book.rows["budget"] if row.get("id_acte") == act["id"]]
    return [row["montant_mad"] for row in rows if row["type_ligne"] == "CONTRIBUTION" and row.get("montant_mad")]


def _account(world: World, dossier: Dossier, *, filed: bool) -> None:
    """The file of the appropriation account, when the council voted one."""
    rows = world.book.rows["deliberations"]
    voted = [r for r in rows[-3:] if r["id_acte"] == dossier.act["id"] and r["objet"] == "CREATION_CDD"]
    if not voted:
        return
    for piece in ACCOUNT:
        _add(world, dossier.act, piece, **({"present": True, "lien": "Dossier du compte, cote 7"} if filed else {}))
    if filed:
        day = voted[0]["date_deliberation"] + timedelta(days=10)
        accounts = [
            r for r in world.book.rows["budget"] if r.get("id_acte") == dossier.act["id"] and r["type_ligne"] == "CDD"
        ]
        (accounts or [world.book.add("budget", id_acte=dossier.act["id"], type_ligne="CDD")])[0]["date_depot_dgct"] = (
            day
        )


def _twinning(world: World, dossier: Dossier, stage: str) -> bool:
    """The file of a twinning; True once the council has voted."""
    act, ready = dossier.act, stage != "J00"
    day = act.get("date_rapport_pret")
    _add(world, act, "POURQUOI", contenu=_WHY if ready else None)
    for piece in (*_NOTED, *_NOT_NOTED):
        _add(world, act, piece, note=2 if ready and piece in _NOTED else None)
    _add(world, act, "ACTIONS_PRIVILEGIEES", contenu="Formation et échanges d'élèves" if ready else None)
    _add(world, act, "BUTS_PRIORITES", contenu="Trois premières années" if ready else None, date_piece=day)
    for piece in _REPORT:
        _add(world, act, piece, **({"present": True, "lien": "Rapport, dossier 12"} if ready else {}))
    return stage in TWINNING_STAGES[TWINNING_STAGES.index("J60") : TWINNING_STAGES.index("J-R")]


def _membership(world: World, dossier: Dossier, stage: str) -> bool:
    """The file of a membership; True once the council has voted."""
    act, voted = dossier.act, MEMBERSHIP_STAGES.index(stage) >= MEMBERSHIP_STAGES.index("O30")
    suited = {"present": True, "date_verification": act["date_verification"]} if stage != "O00" else {}
    for piece in _SUITED:
        _add(world, act, piece, **suited)
    aim = {"present": True, "contenu": "Réseau de villes", "commentaire": "Apprendre de villes semblables"}
    _add(world, act, "OBJECTIFS_VISES", **(aim if suited else {}))
    for piece in _DOCUMENTS:
        _add(world, act, piece, present=True if voted else None)
    return voted


# --------------------------------------------------------------------------------------------------- evaluations


def keep_terms(world: World, dossier: Dossier, evaluation: Row) -> None:
    """Annex 3 of an evaluation entrusted to others, its payments, and the six criteria once a report has come."""
    if dossier.act.get("historique"):
        return
    begins: date = evaluation["periode_convenue_debut"]
    launched = evaluation["date_lancement_consultation"] is not None
    planned: dict[str, dict[str, Any]] = {f"TDR-{n:02}": {"contenu": f"Page {n}"} for n in (1, 2, 3, 4, 5, 6, 8)}
    planned["TDR-07"] = {"prevue_du": begins, "prevue_au": begins + timedelta(days=90)}
    planned["TDR-09"] = {"contenu": "40 pages, 5 exemplaires : 3 sur papier, 2 électroniques", "langue": "français",
                         "prevue_du": begins + timedelta(days=70), "prevue_au": begins + timedelta(days=85)}  # fmt: skip
    planned["TDR-10"] = {"prevue_du": begins + timedelta(days=78)}
    planned["TDR-11"] = {"montant": _FEES}
    own = {"id_evaluation": evaluation["id"]}
    for piece in sorted(planned):
        _add(world, dossier.act, piece, **own, **({"present": True, **planned[piece]} if launched else {}))
    if launched:
        _pay(world, dossier.act, evaluation)
    if evaluation["date_rapport_provisoire"]:
        for piece in _CRITERIA:
            _add(world, dossier.act, piece, **own, note=4, contenu="Chapitre 3 du rapport")


def _pay(world: World, act: Row, evaluation: Row) -> None:
    for cause, share, column in _PAYMENTS:
        due = evaluation[column]
        paid = due + timedelta(days=5) if due and due + timedelta(days=5) <= world.today else None
        world.book.add("budget", type_ligne="HONORAIRES", id_acte=act["id"], id_evaluation=evaluation["id"],
                       fait_generateur=cause, part_pct=share, montant=_FEES * share // 100, date_versement=paid)  # fmt: skip
