"""The answer to a call for projects, with its ten elements (guide, axe 2 §2-b, 4th step, third case). Pure.

An element shows the text typed in « Pièces et clauses »; without one, its template says what it must tell, filled with what the
registry knows. Who pays what is a table, and so is the logical framework when the project has one.
"""

from cdi_sync.documents.convention import works
from cdi_sync.documents.facts import Fact, Facts, Pen, Said, Subject
from cdi_sync.documents.tables import (
    DIRHAM,
    actions,
    amount,
    bodies,
    clauses,
    contribution_lines,
    contributions,
    described,
    filled,
    framework,
    line_of,
    person,
    planned,
    together,
    total_in_dirhams,
)

CODES = tuple(f"E{number:02}" for number in range(1, 11))
_NEEDS = ("BESOIN_URGENCE", "BESOIN_POTENTIEL")
# cells of the agreement: fact → column
_CELLS = {
    "lanceur_appel": "lanceur_appel",
    "programme": "programme",
    "thematique_visee": "thematique_visee",
    "date_limite": "date_limite_appel",
    "heure_limite": "heure_limite_appel",
    "date_eligibilite": "date_eligibilite",
    "date_validation": "date_validation_president",
    "partenaires_locaux": "partenaires_locaux",
}


def call_facts(subject: Subject, pen: Pen) -> Facts:
    """The ten elements (E01, E01_dite…), the call's own terms, and the tables budget, actions, organes, cadre_logique."""
    act, rows = subject.case.act, planned(subject)
    needs = [line_of(subject, code) for code in _NEEDS]
    return {
        **clauses(subject, CODES, "texte de cet élément", pen),
        **{name: pen.cell(act, f"actes.{column}") for name, column in _CELLS.items()},
        **works(subject, pen),
        **filled(subject),
        "responsable_dossier": person(subject, pen, act, "actes.responsable_dossier"),
        "cout_global": amount(act, ("actes.cout_global",), pen),
        "besoin": together(
            [row.text("contenu") for row in needs if row], "pieces_clauses.contenu", "besoin constaté", pen
        ),
        "objectifs": described(subject, ("OBJECTIF_GLOBAL", "OBJECTIF_SPECIFIQUE"), "objectifs du projet", pen),
        "resultats": described(subject, ("RESULTAT_ATTENDU",), "résultats attendus", pen),
        "etapes": together(
            [row.text("grande_etape") for row in rows], "plan_action.grande_etape", "étapes du projet", pen
        ),
        "actions": actions(subject, rows, pen),
        "budget": contribution_lines(subject, pen),
        "total_contributions": _total(subject, pen),
        "organes": bodies(subject, pen),
        "cadre_logique": framework(subject, pen),
    }


def _total(subject: Subject, pen: Pen) -> Said:
    total = total_in_dirhams(contributions(subject))
    return (
        pen.missing("budget.montant_mad")
        if total is None
        else Fact(f"{pen.number(total)} {pen.language.gettext(DIRHAM)}")
    )
