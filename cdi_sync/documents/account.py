"""The file for the creation of an appropriation account, in three pieces: request, programme of use, minutes (guide, axe 2 §1-e). Pure."""

from cdi_sync.documents.common import ACCOUNT, article, holder, item, or_one_empty, total, vote_facts
from cdi_sync.documents.facts import Facts, Pen, Subject
from cdi_sync.documents.tables import amount

OBJECTS = ("CREATION_CDD",)


def account_facts(subject: Subject, pen: Pen) -> Facts:
    """Why an account, its expected resources, the operations planned year by year, and the vote that creates it."""
    case = subject.case
    account = next((row for row in case.money if row["type_ligne"] == "CDD"), None)
    operations = [row for row in case.money if row["type_ligne"] == "BUDGET"]
    contributions = [row for row in case.money if row["type_ligne"] == "CONTRIBUTION"]
    return {
        "motif": item(subject, "CDD_DEMANDE", pen, "motif de la demande"),
        "programme": item(subject, "CDD_PROGRAMME", pen, "programme d'emploi"),
        "article_compte": article(subject, ACCOUNT, pen),
        "cout_global": amount(case.act, ("actes.cout_global",), pen),
        "exercice": pen.cell(account, "budget.exercice", "premier exercice du compte"),
        "ressources": pen.cell(account, "budget.ressources_prevues", "ressources prévues sur le compte"),
        "recettes": [
            {
                "contributeur": pen.cell(row, "budget.contributeur", "contributeur"),
                "montant": pen.cell(row, "budget.montant_mad", "montant en dirhams"),
                "calendrier": pen.cell(row, "budget.calendrier_versement", "calendrier de versement"),
            }
            for row in or_one_empty(contributions)
        ],
        "total_recettes": total(contributions, "budget.montant_mad", pen, "total des ressources"),
        "operations": [
            {
                "exercice": pen.cell(row, "budget.exercice", "exercice"),
                "nature": pen.cell(row, "budget.nature_depense", "nature de la dépense"),
                "montant": pen.cell(row, "budget.montant_prevu", "montant prévu"),
            }
            for row in or_one_empty(operations)
        ],
        "total_operations": total(operations, "budget.montant_prevu", pen, "total des dépenses"),
        "secretaire": holder(subject, "SECRETAIRE_CONSEIL", pen, "nom du secrétaire du conseil"),
        **vote_facts(subject, OBJECTS, pen),
    }
