"""The report that a council sends about a proposal of twinning (guide, axe 2 §2-a). Pure."""

from cdi_sync.documents.common import council_cell, item, joined, or_one_empty, partner_cell, total
from cdi_sync.documents.facts import Facts, Missing, Pen, Said, Subject

# item of the checklist → how the report calls the criterion
_CRITERIA = {
    "CRITERE_TAILLE": "Taille",
    "CRITERE_GEOGRAPHIE": "Compatibilité géographique",
    "CRITERE_HISTOIRE": "Liens historiques",
    "CRITERE_PATRIMOINE": "Patrimoine culturel",
    "CRITERE_LANGUES": "Langues",
    "CRITERE_ACTIVITE": "Activité dominante",
    "CRITERE_AFFINITES": "Affinités sociologiques",
    "CRITERE_ASSOCIATIONS": "Vie associative",
}
_OTHER = "CRITERE_AUTRE"


def twinning_facts(subject: Subject, pen: Pen) -> Facts:
    """Origin, partner and its potential, affinities, criteria, letters exchanged, purposes, both phases and their cost."""
    act = subject.case.act
    return {
        "origine": _origin(subject, pen),
        "pourquoi": item(subject, "POURQUOI", pen, "raison du jumelage"),
        "type_partenaire": partner_cell(subject, "type", pen),
        "zone": partner_cell(subject, "zone_geographique", pen),
        "niveau_partenaire": partner_cell(subject, "niveau_territorial", pen, "niveau territorial du partenaire"),
        "population_partenaire": partner_cell(subject, "population", pen, "population du partenaire"),
        "superficie": partner_cell(subject, "superficie", pen, "superficie du partenaire"),
        "activite": partner_cell(subject, "activite_dominante", pen, "activité dominante du partenaire"),
        "langues": partner_cell(subject, "langues_officielles", pen, "langues officielles du partenaire"),
        "competences": partner_cell(subject, "competences_propres", pen, "compétences propres du partenaire"),
        "population": council_cell(subject, "population", pen, "population de la collectivité"),
        "potentialites": item(subject, "RAPPORT_POTENTIALITES", pen, "présentation et potentialités du partenaire"),
        "affinites": item(subject, "RAPPORT_AFFINITES", pen, "affinités avec la collectivité"),
        "correspondances": item(subject, "RAPPORT_CORRESPONDANCES", pen, "correspondances échangées"),
        "lien_correspondances": joined(
            subject, "RAPPORT_CORRESPONDANCES", pen, "adresse des copies des correspondances"
        ),
        "criteres": _criteria(subject, pen),
        "domaine": pen.cell(act, "actes.domaine", "domaine du jumelage"),
        "actions": item(subject, "ACTIONS_PRIVILEGIEES", pen, "actions que la collectivité veut privilégier"),
        "buts": item(subject, "BUTS_PRIORITES", pen, "buts et priorités des premières années"),
        "avis_exterieur": pen.cell(
            act, "actes.avis_politique_exterieure", "conformité aux orientations de la politique extérieure"
        ),
        "phases": _phases(subject, pen),
        "cout_phases": total(subject.case.phases, "phases_jumelage.cout_prevu", pen, "coût prévu des deux phases"),
    }


def _origin(subject: Subject, pen: Pen) -> Said:
    """Who proposed it: as the file tells it, else as the agreement's row does."""
    told = item(subject, "RAPPORT_ORIGINE", pen, "partie à l'origine de la proposition")
    short = pen.cell(subject.case.act, "actes.origine_proposition", "partie à l'origine de la proposition")
    return short if isinstance(told, Missing) else told


def _criteria(subject: Subject, pen: Pen) -> list[Facts]:
    lines: list[Facts] = [
        {"critere": pen.say(title), "constat": item(subject, code, pen, "constat")} for code, title in _CRITERIA.items()
    ]
    other = item(subject, _OTHER, pen, "constat")
    return lines if isinstance(other, Missing) else [*lines, {"critere": pen.say("Autre critère"), "constat": other}]


def _phases(subject: Subject, pen: Pen) -> list[Facts]:
    return [
        {
            "phase": pen.cell(row, "phases_jumelage.phase"),
            "ville": pen.cell(row, "phases_jumelage.ville_hote"),
            "date": pen.cell(row, "phases_jumelage.date_prevue"),
            "cout": pen.cell(row, "phases_jumelage.cout_prevu", "coût prévu"),
        }
        for row in or_one_empty(subject.case.phases)
    ]
