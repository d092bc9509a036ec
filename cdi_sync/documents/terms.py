"""The terms of reference of an evaluation, with the points of annex 3 (guide, axe 2 §2-b, 8th step; annex 3). Pure.

A point shows the text typed in « Pièces et clauses » on the evaluation's own lines; without one, its template proposes what it
must say.
"""

from collections.abc import Sequence

from cdi_sync.documents.common import HAND
from cdi_sync.documents.facts import Fact, Facts, Missing, Pen, Said, Subject
from cdi_sync.documents.tables import amount, clauses, line_of
from cdi_sync.model import Row

CODES = tuple(f"TDR-{number:02}" for number in range(1, 12))
# days typed on the evaluation's row: fact → column
_STEPS = {
    "date_cadrage": "date_reunion_cadrage",
    "date_collecte": "p2_collecte",
    "date_fin_collecte": "date_fin_collecte",
    "date_restitution": "date_restitution",
    "valides_ct": "date_validation_ct",
    "valides_partenaire": "date_validation_partenaire",
    "moment": "moment",
    "portee": "portee",
    "periode_debut": "periode_convenue_debut",
    "periode_fin": "periode_convenue_fin",
}
# cells of a point's line: fact → item, column, how a missing one is called
_PLANNED = {
    "mission_debut": ("TDR-07", "prevue_du", "début de la mission"),
    "mission_fin": ("TDR-07", "prevue_au", "fin de la mission"),
    "rapport_provisoire": ("TDR-09", "prevue_du", "remise du rapport provisoire"),
    "rapport_definitif": ("TDR-09", "prevue_au", "remise du rapport définitif"),
    "langue_rapport": ("TDR-09", "langue", "langue du rapport"),
    "date_atelier": ("TDR-10", "prevue_du", "date de l'atelier"),
}


def terms_facts(subject: Subject, pen: Pen) -> Facts:
    """The eleven points (TDR_01, TDR_01_dite…), the days planned, and the table `echeances` of what is paid when.

    echeances_saisies: false when nobody typed them; the template then shows the guide's usual shares.
    """
    instalments = [row for row in subject.case.money if row["type_ligne"] == "HONORAIRES" and _is_its(row, subject)]
    act = subject.case.act
    return {
        **clauses(subject, CODES, "texte de ce point", pen),
        **{name: pen.cell(subject.row, f"evaluations.{column}") for name, column in _STEPS.items()},
        **{
            name: pen.cell(line_of(subject, code), f"pieces_clauses.{column}", what)
            for name, (code, column, what) in _PLANNED.items()
        },
        "longueur_rapport": pen.missing(HAND, "nombre de pages"),
        "exemplaires_rapport": pen.missing(HAND, "nombre d'exemplaires, sur papier et en fichiers"),
        "date_signature": pen.cell(act, "actes.date_signature"),
        "honoraires": amount(line_of(subject, "TDR-11"), ("pieces_clauses.montant",), pen),
        "echeances_saisies": bool(instalments),
        "echeances": _instalments(instalments, pen),
    }


def _is_its(row: Row, subject: Subject) -> bool:
    return row.text("id_evaluation") == subject.row.id


def _instalments(rows: Sequence[Row], pen: Pen) -> Sequence[Facts]:
    return [
        {
            "quand": pen.cell(row, "budget.fait_generateur"),
            "part": _percent(pen.cell(row, "budget.part_pct")),
            "montant": amount(row, ("budget.montant_mad", "budget.montant", "budget.montant_prevu"), pen),
        }
        for row in rows
    ]


def _percent(said: Said) -> Said:
    return said if isinstance(said, Missing) else Fact(f"{said.text} %")
