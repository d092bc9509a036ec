"""The request to join an organisation, with its five pieces (guide, axe 2 §2-c). Pure."""

from cdi_sync.documents.common import answer, first_known, item, joined, or_one_empty, partner_cell, vote_facts
from cdi_sync.documents.facts import Facts, Pen, Said, Subject

# item of the checklist → how the request calls the piece
PIECES = {
    "PIECE_STATUT": "Statuts de l'organisation",
    "PIECE_DOMAINE": "Domaine d'intervention",
    "PIECE_ACTIVITES": "Activités menées par ses membres",
    "PIECE_INSTANCES": "Instances et personnalités qui la dirigent",
    "PIECE_DROIT": "Droit d'adhésion",
}
# what the organisation's own row tells of a piece: column of the partners tab
_TOLD = {"PIECE_DOMAINE": "domaine_intervention", "PIECE_DROIT": "droit_adhesion"}
OBJECTS = ("ADHESION_OING", "ACTE_CDI")


def membership_facts(subject: Subject, pen: Pen) -> Facts:
    """The organisation, why to join it, its five pieces, the vote, and what it costs."""
    fees = [row for row in subject.case.money if row["nature_depense"] == "ADHESION_COTISATION_OING"]
    return {
        "sigle": partner_cell(subject, "sigle", pen, "sigle de l'organisation"),
        "vocation": partner_cell(subject, "vocation_oing", pen, "vocation de l'organisation"),
        "domaine": partner_cell(subject, "domaine_intervention", pen, "domaine d'intervention de l'organisation"),
        "siege": partner_cell(subject, "siege", pen, "siège de l'organisation"),
        "droit": partner_cell(subject, "droit_adhesion", pen, "droit d'adhésion"),
        "cotisation": partner_cell(subject, "cotisation_annuelle", pen, "cotisation annuelle"),
        "adequation_domaine": answer(subject, "ADEQUATION_DOMAINE", pen, "accord du domaine avec notre statut"),
        "adequation_vocation": answer(subject, "ADEQUATION_VOCATION", pen, "accord de la vocation avec la nôtre"),
        "buts": item(subject, "OBJECTIFS_VISES", pen, "buts recherchés par l'adhésion"),
        "pieces": [
            {
                "piece": pen.say(title),
                "contenu": _content(subject, code, pen),
                "lien": _place(subject, code, pen),
            }
            for code, title in PIECES.items()
        ],
        "frais": [
            {
                "exercice": pen.cell(row, "budget.exercice", "exercice"),
                "imputation": pen.cell(row, "budget.imputation", "imputation"),
                "prevu": pen.cell(row, "budget.montant_prevu", "montant prévu"),
                "vote": pen.cell(row, "budget.montant_vote", "montant voté"),
            }
            for row in or_one_empty(fees)
        ],
        **vote_facts(subject, OBJECTS, pen),
    }


def _content(subject: Subject, code: str, pen: Pen) -> Said:
    told = item(subject, code, pen, "ce que dit la pièce")
    return first_known(told, partner_cell(subject, _TOLD[code], pen, "ce que dit la pièce")) if code in _TOLD else told


def _place(subject: Subject, code: str, pen: Pen) -> Said:
    place = joined(subject, code, pen, "adresse de la pièce")
    return (
        first_known(place, partner_cell(subject, "statut_lien", pen, "adresse des statuts"))
        if code == "PIECE_STATUT"
        else place
    )
