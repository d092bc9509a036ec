"""Checks on what a council has in place for its cooperation: planning document, team, publications, channels."""

from datetime import date

from cdi_sync.casefile import events, first_day, months_after
from cdi_sync.model import Case, Row
from cdi_sync.people import is_active
from cdi_sync.rules.named.common import NO_LIMIT, case_of, is_over
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

CONCLUDED = ("signature", "phase_aller", "phase_retour", "adhesion")
NOTHING_CONCLUDED = "aucun acte conclu n'est en cours"


def _acts(subject: Subject, context: Context) -> list[Case]:
    """The council's agreements under way."""
    return [case for case in context.council_acts.get(subject.row.id, ()) if case.followed]


def document_de_planification(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-05: with an agreement under way, a planning document of six years, give or take one, covers today."""
    row = subject.row
    if not _acts(subject, context):
        return NotApplicable("aucun acte en cours")
    begins, ends = row.day("doc_periode_debut"), row.day("doc_periode_fin")
    if begins is None or ends is None:
        return Problem(column="doc_periode_debut" if begins is None else "doc_periode_fin")
    limits = [subject.limit(key, context.today, context) for key in (rule.limit, rule.parameters["tolerance"])]
    numbers = [limit.number for limit in limits if limit]
    if len(numbers) < len(limits):
        return NotApplicable(NO_LIMIT)
    years, spread = numbers
    shortest, longest = (months_after(begins, (years + more) * 12) or date.max for more in (-spread, spread))
    facts = {"debut": begins, "fin": ends, "annees": years}
    # a period ends on the eve of its anniversary: 1 January 2022 to 31 December 2027
    if not shortest.toordinal() - 1 <= ends.toordinal() <= longest.toordinal():
        return Problem(facts, column="doc_periode_fin", text="duree")
    if context.today < begins:
        return Problem(facts, column="doc_periode_debut", text="hors")
    return None if context.today <= ends else Problem(facts, column="doc_periode_fin", text="hors")


def document_la_premiere_annee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-20: the planning document is adopted within twelve months of the beginning of the term."""
    row = subject.row
    begun, adopted = row.day("mandat_debut"), row.day("doc_date_adoption")
    if begun is None:
        return NotApplicable("le début du mandat n'est pas saisi")
    limit = subject.limit(rule.limit, begun, context)
    last = months_after(begun, limit.number) if limit else None
    if last is None:
        return NotApplicable(NO_LIMIT)
    facts = {"mandat": begun, "dernier_jour": last, "adoption": adopted}
    if adopted is None or adopted < begun:  # one of the term before isn't this term's
        return Problem(facts, on=begun) if context.today > last else NotApplicable("la première année court", last)
    return None if adopted <= last else Problem(facts, curable=False, text="tard", on=begun)


def equipe_en_place(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-13: once an agreement is voted, a team exists and has somebody in office."""
    row = subject.row
    if not any(events(case, "deliberation_adoptee", *CONCLUDED) for case in _acts(subject, context)):
        return NotApplicable("aucun acte délibéré n'est en cours")
    created = row.day("equipe_date_creation")
    if created is None or created > context.today:
        return Problem()
    if any(is_active(member, context.today) for member in context.teams.get(row.id, ())):
        return None
    return Problem({"creation": created}, text="vide")


def brochure_annuelle(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COM-04: once a year is over, a brochure or letter of that year, or a later one, tells of the cooperation."""
    year = context.today.year - 1
    concluded = [first_day(case, *CONCLUDED) for case in _acts(subject, context) if not is_over(case, context.today)]
    if not any(day and day <= date(year, 12, 31) for day in concluded):
        return NotApplicable(NOTHING_CONCLUDED)
    published = subject.row.day("brochure_le")
    if published and published.year >= year:
        return None
    return Problem({"annee": year, "derniere": published}, text="ancienne" if published else "")


def page_sur_le_site(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COM-05: with an agreement concluded, the council's site has a page on its cooperation."""
    if not any(events(case, *CONCLUDED) and not is_over(case, context.today) for case in _acts(subject, context)):
        return NotApplicable(NOTHING_CONCLUDED)
    return None if subject.row["page_web"] else Problem()


# -------------------------------------------------------------------------------- communication of an agreement


def plan_de_communication(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COM-01: a communication plan is agreed on, on or before the day of the signature."""
    case = case_of(subject)
    agreed, signed = subject.row.day("date_plan_communication"), first_day(case, "signature")
    if is_over(case, context.today):
        return NotApplicable("l'acte est terminé ou abandonné")
    if agreed is None:
        return Problem()
    if signed is None or agreed <= signed:
        return None
    return Problem({"plan": agreed, "signature": signed}, curable=False, text="tard")


def points_focaux(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COM-02: each party has one focal point in office, and they are two people."""
    act, case = subject.row, case_of(subject)
    if is_over(case, context.today):
        return NotApplicable("l'acte est terminé ou abandonné")
    parties = {"collectivite": act.text("collectivite"), "partenaire": act.text("partenaire")}
    found = {party: _focal(body, party, context) for party, body in parties.items()}
    if absent := [rule.parameters["parties"][party] for party, people in found.items() if not people]:
        return Problem({"manque": " ; ".join(absent)})
    for party, people in found.items():
        if len(people) > 1:
            facts = {"partie": rule.parameters["parties"][party], "nombre": len(people)}
            return Problem(facts, text="plusieurs")
    ours, theirs = found["collectivite"][0], found["partenaire"][0]
    return Problem({"personne": ours.text("nom_prenom")}, text="meme") if _is_same(ours, theirs) else None


def _focal(body: str, party: str, context: Context) -> list[Row]:
    """Those in office; a partner's contact counts for the partner only, even when it names a council."""
    mine = [row for row in context.focal_points.get(body, ()) if is_active(row, context.today)]
    return mine if party == "partenaire" else [row for row in mine if not row["partenaire"]]


def _is_same(one: Row, other: Row) -> bool:
    """By e-mail when both have one, else by name."""
    column = "courriel_institutionnel"
    if one[column] and other[column]:
        return fold(one.text(column)) == fold(other.text(column))
    return fold(one.text("nom_prenom")) == fold(other.text("nom_prenom"))
