"""The draft of a convention, with the clauses of annex 2 (guide, axe 2 §2-b, 5th step; annex 2). Pure.

A clause shows the text typed in « Pièces et clauses »; without one, its template proposes what it must say, filled with what
the registry knows.
"""

from cdi_sync.casefile import deliberated_on, main_deliberations
from cdi_sync.documents.common import HAND, council_cell, partner_cell
from cdi_sync.documents.facts import Fact, Facts, Missing, Pen, Said, Subject, typed
from cdi_sync.documents.tables import (
    actions,
    amount,
    bodies,
    clauses,
    contribution_lines,
    described,
    filled,
    framework,
    line_of,
    months,
    names_of,
    planned,
    together,
)
from cdi_sync.model import Tier

CODES = tuple(f"CLA-{number:02}" for number in range(1, 16))
_RENEWALS = {
    "TACITE": "À son terme, elle se reconduit tacitement, sauf si une partie s'y oppose à temps.",
    "EXPRESSE": "À son terme, elle n'est reconduite que si les deux parties le décident par écrit.",
    "AUCUNE": "Elle prend fin à son terme, sans reconduction.",
}
# by hand: each council writes it into the clause, no cell of its own holds it
_AGREED = {
    "engagements": "engagements de chaque partie",
    "deliberation_partenaire": "numéro et date de la délibération du partenaire",
    "delai_avenant": "délai de réponse à une proposition d'avenant",
    "preavis_annulation": "préavis d'annulation",
    "cas_annulation": "cas d'annulation",
    "arbitrage": "arbitre choisi",
    "juridiction": "juridiction compétente, dans l'un des deux pays",
    "langue_qui_prevaut": "version qui prévaut",
    "nombre_exemplaires": "nombre d'exemplaires",
}


def convention_facts(subject: Subject, pen: Pen) -> Facts:
    """The fifteen clauses (CLA_01, CLA_01_dite…), and what their proposals are filled with.

    Tables: objectifs, actions, contributions, organes. est_region, est_commune, est_prefecture: which organic law applies.
    """
    case = subject.case
    act = case.act
    return {
        **clauses(subject, CODES, "texte de la clause", pen),
        **{name: pen.missing(HAND, what) for name, what in _AGREED.items()},
        "est_region": case.tier is Tier.REGION,
        "est_prefecture": case.tier in (Tier.PREFECTURE, Tier.PROVINCE),
        "est_commune": case.tier is Tier.COMMUNE,
        "loi_organique": pen.missing(HAND, "loi organique qui régit la collectivité"),
        "legislation_partenaire": partner_cell(subject, "legislation_applicable", pen),
        "objectifs_generaux": described(subject, ("OBJECTIF_GLOBAL",), "objectifs généraux des deux collectivités", pen),
        "deliberation": _deliberation(subject, pen),
        "collectivite_type": council_cell(subject, "niveau", pen),
        "partenaire_type": partner_cell(subject, "type", pen),
        "partenaire_zone": partner_cell(subject, "zone_geographique", pen),
        "signataire_ct": pen.cell(act, "actes.signataire_ct"),
        "signataire_partenaire": pen.cell(act, "actes.signataire_partenaire"),
        "objectifs": [line for line in framework(subject, pen) if _is_aim(line)],
        "actions": actions(subject, planned(subject), pen),
        "cout_global": amount(act, ("actes.cout_global",), pen),
        "contributions": contribution_lines(subject, pen),
        "montant_convention": amount(line_of(subject, "CLA-06"), ("pieces_clauses.montant",), pen),
        "duree": _duration(subject, pen),
        **_renewal(subject, pen),
        "entree_en_vigueur": pen.cell(act, "actes.date_entree_vigueur"),
        "autres_parties": pen.cell(act, "actes.autres_parties"),
        "representants": _focal_point(subject, pen),
        "organes": bodies(subject, pen),
        **works(subject, pen),
        **filled(subject),
        "langues_collectivite": council_cell(subject, "langues_officielles", pen, "langues de la collectivité"),
        "langues_partenaire": partner_cell(subject, "langues_officielles", pen, "langues du partenaire"),
        "lieu_signature": pen.cell(act, "actes.lieu_signature"),
        "date_signature": pen.cell(act, "actes.date_signature" if act["date_signature"] else "actes.date_signature_prevue"),
    }  # fmt: skip


def works(subject: Subject, pen: Pen) -> Facts:
    """`maitre_ouvrage`, `maitre_oeuvre`: what the lines of the project's file say of them."""
    return {
        "maitre_ouvrage": _piece(subject, "PROJET_OUVRAGE", "maître d'ouvrage", pen),
        "maitre_oeuvre": _piece(subject, "PROJET_OEUVRE", "maître d'œuvre", pen),
    }


def _piece(subject: Subject, code: str, what: str, pen: Pen) -> Said:
    line = line_of(subject, code)
    return together([line.text("contenu")] if line else [], "pieces_clauses.contenu", what, pen)


def _is_aim(line: Facts) -> bool:
    return line["est_objectif"] is True


def _deliberation(subject: Subject, pen: Pen) -> Said:
    """The last deliberation on the agreement that was adopted, with its number and its day."""
    adopted = [row for row in main_deliberations(subject.case) if row["resultat"] == "ADOPTEE"]
    row = adopted[-1] if adopted else None
    number, day = pen.cell(row, "deliberations.numero_point_odj"), deliberated_on(subject.case, row) if row else None
    if day is None:
        return pen.missing("deliberations.date_deliberation", "numéro et date de la délibération")
    if isinstance(number, Missing):
        return pen.say("délibération du {jour}", jour=pen.language.long_day(day))
    return pen.say("point n° {numero}, délibération du {jour}", numero=number.text, jour=pen.language.long_day(day))


def _duration(subject: Subject, pen: Pen) -> Said:
    act = subject.case.act
    if (count := act.number_of("duree_mois")) is not None:
        return Fact(months(count, pen))
    if end := act.day("date_fin"):
        return pen.say("jusqu'au {jour}", jour=pen.language.long_day(end))
    return pen.missing("actes.duree_mois", "", act)


def _renewal(subject: Subject, pen: Pen) -> Facts:
    act = subject.case.act
    wording = _RENEWALS.get(act.text("reconduction"))
    notice = act.number_of("preavis_reconduction_mois")
    said = pen.say("Préavis : {duree}.", duree=months(notice, pen)) if notice is not None else None
    return {
        "reconduction": pen.say(wording) if wording else pen.missing("actes.reconduction", "", act),
        "preavis": said or pen.missing("actes.preavis_reconduction_mois", "préavis de reconduction, en mois", act),
        "a_un_preavis": act["reconduction"] != "AUCUNE",
    }


def _focal_point(subject: Subject, pen: Pen) -> Said:
    """Who represents the partner: its focal point, as far as anybody said."""
    partner = subject.case.partner
    name = names_of(subject).get(partner.text("point_focal"), "") if partner else ""
    if not name or partner is None:
        return pen.missing("partenaires.point_focal", "représentant de chaque partenaire", partner)
    return Fact(f"{typed(name)} ({typed(partner.text('nom'))})")
